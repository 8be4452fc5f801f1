// SPDX-License-Identifier: MIT
// math. Functions of one float are rows around the C library, with Python's rule for errors: a NaN out of numbers is a domain
// error, an infinity out of finite ones a range error (or a domain error, at poles). gamma, lgamma, hypot, dist and fsum
// are computed here, because their last digits are CPython's own.

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Value raise_domain(Thread& t) { return raise(t, ErrorType::ValueError, "math domain error"); }
Value raise_range(Thread& t) { return raise(t, ErrorType::OverflowError, "math range error"); }

// What an infinite result of a finite argument means.
enum class Pole : uint8_t { Domain, Range };

template <double (*Function)(double), Pole pole>
Value apply(Thread& t, Value* args, size_t) {
  double x;
  if (!to_double(t, args[0], x)) return Value::raised();
  double result = Function(x);
  if (std::isnan(result) && !std::isnan(x)) return raise_domain(t);
  if (std::isinf(result) && std::isfinite(x)) return pole == Pole::Range ? raise_range(t) : raise_domain(t);
  return Value::of_float(result);
}

// Two floats. False after raising.
bool read_pair(Thread& t, Value* args, double& x, double& y) { return to_double(t, args[0], x) && to_double(t, args[1], y); }

Value math_atan2(Thread& t, Value* args, size_t) {
  double y, x;
  return read_pair(t, args, y, x) ? Value::of_float(std::atan2(y, x)) : Value::raised();
}
Value math_copysign(Thread& t, Value* args, size_t) {
  double x, y;
  return read_pair(t, args, x, y) ? Value::of_float(std::copysign(x, y)) : Value::raised();
}
Value math_nextafter(Thread& t, Value* args, size_t) {
  double x, y;
  return read_pair(t, args, x, y) ? Value::of_float(std::nextafter(x, y)) : Value::raised();
}

Value math_fmod(Thread& t, Value* args, size_t) {
  double x, y;
  if (!read_pair(t, args, x, y)) return Value::raised();
  double result = std::isinf(y) && std::isfinite(x) ? x : std::fmod(x, y);
  return std::isnan(result) && !std::isnan(x) && !std::isnan(y) ? raise_domain(t) : Value::of_float(result);
}

Value math_remainder(Thread& t, Value* args, size_t) {
  double x, y;
  if (!read_pair(t, args, x, y)) return Value::raised();
  double result = std::remainder(x, y);
  return std::isnan(result) && !std::isnan(x) && !std::isnan(y) ? raise_domain(t) : Value::of_float(result);
}

Value math_pow(Thread& t, Value* args, size_t) {
  double x, y;
  if (!read_pair(t, args, x, y)) return Value::raised();
  double result = std::pow(x, y);
  if (!std::isfinite(x) || !std::isfinite(y) || std::isfinite(result)) return Value::of_float(result);
  return std::isnan(result) || x == 0 ? raise_domain(t) : raise_range(t);
}

Value math_fabs(Thread& t, Value* args, size_t) {
  double x;
  return to_double(t, args[0], x) ? Value::of_float(std::fabs(x)) : Value::raised();
}
Value math_degrees(Thread& t, Value* args, size_t) {
  double x;
  return to_double(t, args[0], x) ? Value::of_float(x * (180.0 / std::numbers::pi)) : Value::raised();
}
Value math_radians(Thread& t, Value* args, size_t) {
  double x;
  return to_double(t, args[0], x) ? Value::of_float(x * (std::numbers::pi / 180.0)) : Value::raised();
}
Value math_isnan(Thread& t, Value* args, size_t) {
  double x;
  return to_double(t, args[0], x) ? Value::of_bool(std::isnan(x)) : Value::raised();
}
Value math_isinf(Thread& t, Value* args, size_t) {
  double x;
  return to_double(t, args[0], x) ? Value::of_bool(std::isinf(x)) : Value::raised();
}
Value math_isfinite(Thread& t, Value* args, size_t) {
  double x;
  return to_double(t, args[0], x) ? Value::of_bool(std::isfinite(x)) : Value::raised();
}

Value math_ulp(Thread& t, Value* args, size_t) {
  double x;
  if (!to_double(t, args[0], x)) return Value::raised();
  x = std::fabs(x);
  if (!std::isfinite(x)) return Value::of_float(x);
  double next = std::nextafter(x, kInfinity);
  return Value::of_float(std::isinf(next) ? x - std::nextafter(x, -kInfinity) : next - x);
}

Value math_isclose(Thread& t, Value* args, size_t) {
  double x, y, relative = 1e-9, absolute = 0;
  if (!read_pair(t, args, x, y)) return Value::raised();
  if (!args[2].is_empty() && !to_double(t, args[2], relative)) return Value::raised();
  if (!args[3].is_empty() && !to_double(t, args[3], absolute)) return Value::raised();
  if (relative < 0 || absolute < 0) return raise(t, ErrorType::ValueError, "tolerances must be non-negative");
  if (x == y) return Value::of_bool(true);
  if (std::isinf(x) || std::isinf(y)) return Value::of_bool(false);
  double difference = std::fabs(x - y);
  return Value::of_bool(difference <= std::fabs(relative * y) || difference <= std::fabs(relative * x) || difference <= absolute);
}

Value pair_of(Thread& t, Value a, Value b) { return Value::of_object(make_tuple(t, {a, b})); }

Value math_frexp(Thread& t, Value* args, size_t) {
  double x;
  if (!to_double(t, args[0], x)) return Value::raised();
  int exponent = 0;
  double fraction = std::isfinite(x) ? std::frexp(x, &exponent) : x;
  return pair_of(t, Value::of_float(fraction), Value::of_int(exponent));
}

Value math_modf(Thread& t, Value* args, size_t) {
  double x, whole;
  if (!to_double(t, args[0], x)) return Value::raised();
  double fraction = std::modf(x, &whole);
  return pair_of(t, Value::of_float(fraction), Value::of_float(whole));
}

Value math_ldexp(Thread& t, Value* args, size_t) {
  double x;
  if (!to_double(t, args[0], x)) return Value::raised();
  if (!is_integer(args[1])) return raise(t, ErrorType::TypeError, "Expected an int as second argument to ldexp.");
  int64_t exponent;
  if (!fits_int64(args[1], exponent)) exponent = is_negative_int(args[1]) ? INT64_MIN : INT64_MAX;
  if (x == 0 || !std::isfinite(x)) return Value::of_float(x);
  double result = std::ldexp(x, static_cast<int>(std::clamp<int64_t>(exponent, -100000, 100000)));
  return std::isinf(result) ? raise_range(t) : Value::of_float(result);
}

// floor, ceil, trunc: the special method wins over conversion to float.
Value math_floor(Thread& t, Value* args, size_t) {
  if (args[0].is_int()) return args[0];
  if (!args[0].is_float()) {
    Value result = TRY(call_special(t, args[0], names(t).floor));
    if (!result.is_empty()) return result;
  }
  double x;
  return to_double(t, args[0], x) ? float_to_int(t, std::floor(x)) : Value::raised();
}

Value math_ceil(Thread& t, Value* args, size_t) {
  if (args[0].is_int()) return args[0];
  if (!args[0].is_float()) {
    Value result = TRY(call_special(t, args[0], names(t).ceil));
    if (!result.is_empty()) return result;
  }
  double x;
  return to_double(t, args[0], x) ? float_to_int(t, std::ceil(x)) : Value::raised();
}

Value math_trunc(Thread& t, Value* args, size_t) {
  if (args[0].is_int()) return args[0];
  if (args[0].is_float()) return float_to_int(t, args[0].number);
  Value result = TRY(call_special(t, args[0], names(t).trunc));
  if (!result.is_empty()) return result;
  return raise(t, ErrorType::TypeError, "type {} doesn't define __trunc__ method", type_name(t, args[0]));
}

// A logarithm of any number; big ints are split so that they need not fit a double.
Value logarithm(Thread& t, Value v, double (*function)(double)) {
  double x;
  if (is_kind(v, Kind::Int) && !is_negative_int(v) && !int_to_double(v, x)) {
    int64_t exponent;
    double fraction = int_fraction(v, exponent);
    return Value::of_float(function(fraction) + function(2.0) * static_cast<double>(exponent));
  }
  if (is_kind(v, Kind::Int) && is_negative_int(v)) return raise_domain(t);
  if (!to_double(t, v, x)) return Value::raised();
  if (std::isnan(x)) return Value::of_float(x);
  return x <= 0 ? raise_domain(t) : Value::of_float(function(x));
}

Value math_log(Thread& t, Value* args, size_t) {
  Value top = TRY(logarithm(t, args[0], std::log));
  if (args[1].is_empty()) return top;
  Value base = TRY(logarithm(t, args[1], std::log));
  if (base.number == 0) return raise(t, ErrorType::ZeroDivisionError, "float division by zero");
  return Value::of_float(top.number / base.number);
}
Value math_log2(Thread& t, Value* args, size_t) { return logarithm(t, args[0], std::log2); }
Value math_log10(Thread& t, Value* args, size_t) { return logarithm(t, args[0], std::log10); }

// ---- gamma: Lanczos' approximation with 13 terms

constexpr int kLanczosTerms = 13;
constexpr double kLanczosG = 6.024680040776729583740234375;
constexpr double kLanczosGMinusHalf = 5.524680040776729583740234375;
constexpr double kLanczosNumerator[kLanczosTerms] = {
    23531376880.410759688572007674451636754734846804940, 42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843, 17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708, 1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801, 31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768, 186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024, 210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408};
constexpr double kLanczosDenominator[kLanczosTerms] = {
    0.0, 39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0, 2637558.0, 357423.0, 32670.0, 1925.0, 66.0, 1.0};

double lanczos_sum(double x) {
  double top = 0, bottom = 0;
  if (x < 5) {
    for (int i = kLanczosTerms; i-- > 0;) {
      top = top * x + kLanczosNumerator[i];
      bottom = bottom * x + kLanczosDenominator[i];
    }
  } else {   // the same polynomials in 1/x, which do not overflow
    for (int i = 0; i < kLanczosTerms; ++i) {
      top = top / x + kLanczosNumerator[i];
      bottom = bottom / x + kLanczosDenominator[i];
    }
  }
  return top / bottom;
}

// sin(pi * x) for x >= 0, exact at multiples of a half.
double sin_pi(double x) {
  double y = std::fmod(x, 2.0);
  int octant = static_cast<int>(std::round(2.0 * y));
  switch (octant) {
    case 0: return std::sin(std::numbers::pi * y);
    case 1: return std::cos(std::numbers::pi * (y - 0.5));
    case 2: return std::sin(std::numbers::pi * (1.0 - y));
    case 3: return -std::cos(std::numbers::pi * (y - 1.5));
    default: return std::sin(std::numbers::pi * (y - 2.0));
  }
}

double gamma_beyond_tables(double x) {
  double size = std::fabs(x);
  double y = size + kLanczosGMinusHalf;
  // The rounding error of y, which the power below would magnify.
  double error = size > kLanczosGMinusHalf ? (y - size) - kLanczosGMinusHalf : (y - kLanczosGMinusHalf) - size;
  error = error * kLanczosG / y;
  double result;
  if (x < 0) {
    result = -std::numbers::pi / sin_pi(size) / size * std::exp(y) / lanczos_sum(size);
    result -= error * result;
    if (size < 140.0) {
      result /= std::pow(y, size - 0.5);
    } else {
      double root = std::pow(y, size / 2.0 - 0.25);
      result /= root;
      result /= root;
    }
  } else {
    result = lanczos_sum(size) / std::exp(y);
    result += error * result;
    if (size < 140.0) {
      result *= std::pow(y, size - 0.5);
    } else {
      double root = std::pow(y, size / 2.0 - 0.25);
      result *= root;
      result *= root;
    }
  }
  return result;
}

Value math_gamma(Thread& t, Value* args, size_t) {
  double x;
  if (!to_double(t, args[0], x)) return Value::raised();
  if (std::isnan(x) || x == kInfinity) return Value::of_float(x);
  if (x == 0 || x == -kInfinity) return raise_domain(t);
  if (x == std::floor(x)) {
    if (x < 0) return raise_domain(t);
    if (x <= 23) {
      double product = 1;
      for (double factor = 2; factor < x; ++factor) product *= factor;
      return Value::of_float(product);
    }
  }
  double size = std::fabs(x);
  if (size < 1e-20) {
    double result = 1.0 / x;
    return std::isinf(result) ? raise_range(t) : Value::of_float(result);
  }
  if (size > 200.0) {
    if (x >= 0) return raise_range(t);
    return Value::of_float(0.0 / sin_pi(x < 0 ? -x : x) * -1.0);
  }
  double result = gamma_beyond_tables(x);
  return std::isinf(result) ? raise_range(t) : Value::of_float(result);
}

Value math_lgamma(Thread& t, Value* args, size_t) {
  constexpr double kLogPi = 1.144729885849400174143427351353058711647;
  double x;
  if (!to_double(t, args[0], x)) return Value::raised();
  if (std::isnan(x)) return Value::of_float(x);
  if (std::isinf(x)) return Value::of_float(kInfinity);
  if (x == std::floor(x) && x <= 2) return x <= 0 ? raise_domain(t) : Value::of_float(0.0);
  double size = std::fabs(x);
  if (size < 1e-20) return Value::of_float(-std::log(size));
  double result = std::log(lanczos_sum(size)) - kLanczosG;
  result += (size - 0.5) * (std::log(size + kLanczosG - 0.5) - 1);
  if (x < 0) result = kLogPi - std::log(std::fabs(sin_pi(size))) - std::log(size) - result;
  return std::isinf(result) ? raise_range(t) : Value::of_float(result);
}

// ---- sums

// A sum of doubles kept exactly: `parts` do not overlap and grow in magnitude.
class ExactSum {
 public:
  // False when the sum left the range of double.
  bool add(double x) {
    size_t kept = 0;
    for (double part : parts_) {
      if (std::fabs(x) < std::fabs(part)) std::swap(x, part);
      double high = x + part, low = part - (high - x);
      if (low != 0) parts_[kept++] = low;
      x = high;
    }
    parts_.resize(kept);
    if (!std::isfinite(x)) return false;
    parts_.push_back(x);
    return true;
  }

  double rounded() const {
    size_t n = parts_.size();
    if (n == 0) return 0.0;
    double high = parts_[--n], low = 0;
    while (n > 0) {
      double x = high, y = parts_[--n];
      high = x + y;
      low = y - (high - x);
      if (low != 0) break;
    }
    // The rest decides a tie: when it points the same way as `low`, round away.
    if (n > 0 && ((low < 0 && parts_[n - 1] < 0) || (low > 0 && parts_[n - 1] > 0))) {
      double twice = low * 2, up = high + twice;
      if (twice == up - high) high = up;
    }
    return high;
  }

 private:
  std::vector<double> parts_;
};

Value math_fsum(Thread& t, Value* args, size_t) {
  ExactSum sum;
  double special = 0, infinite = 0;
  for (Iteration it(t, args[0]);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) break;
    double x;
    if (!to_double(t, item, x)) return Value::raised();
    if (!std::isfinite(x)) {
      if (std::isinf(x)) infinite += x;
      special += x;
    } else if (!sum.add(x)) {
      return raise(t, ErrorType::OverflowError, "intermediate overflow in fsum");
    }
  }
  if (special != 0 || std::isnan(special)) {
    if (std::isnan(infinite)) return raise(t, ErrorType::ValueError, "-inf + inf in fsum");
    return Value::of_float(special);
  }
  return Value::of_float(sum.rounded());
}

// Adds products to 1.0 and keeps what rounding loses, in three pots: squares of high halves, mixed ones, low ones.
struct NormSum {
  void add(double x, double& lost) {
    double before = sum;
    sum += x;
    lost += (before - sum) + x;
  }
  // +x*x or -x*x, by halves of 26 bits whose products are exact.
  void add_square(double x, double sign) {
    double scaled = x * 134217729.0;   // 2^27 + 1
    double high = scaled - (scaled - x), low = x - high;
    add(sign * (high * high), high_lost);
    add(sign * (2.0 * high * low), mixed_lost);
    if (sign > 0) low_lost += low * low;
    else add(-low * low, low_lost);
  }
  double value() const { return sum - 1.0 + (high_lost + mixed_lost + low_lost); }
  double sum = 1.0, high_lost = 0, mixed_lost = 0, low_lost = 0;
};

// The length of a vector of magnitudes, nearly correctly rounded.
double vector_norm(const std::vector<double>& vector) {
  double largest = 0;
  bool has_nan = false;
  for (double x : vector) {
    if (std::isnan(x)) has_nan = true;
    else largest = std::max(largest, x);
  }
  if (std::isinf(largest)) return largest;
  if (has_nan) return kNan;
  if (largest == 0 || vector.size() <= 1) return largest;
  int exponent;
  (void)std::frexp(largest, &exponent);
  if (exponent < -1023) {   // the scale would overflow: divide instead
    NormSum sum;
    for (double x : vector) sum.add((x / largest) * (x / largest), sum.high_lost);
    return largest * std::sqrt(sum.value());
  }
  double scale = std::ldexp(1.0, -exponent);
  NormSum sum;
  for (double x : vector) sum.add_square(x * scale, 1);
  double root = std::sqrt(sum.value());
  sum.add_square(root, -1);   // what the root misses, for one step of Newton
  return (root + sum.value() / (2.0 * root)) / scale;
}

Value math_hypot(Thread& t, Value* args, size_t argc) {
  std::vector<double> vector(argc);
  for (size_t i = 0; i < argc; ++i) {
    if (!to_double(t, args[i], vector[i])) return Value::raised();
    vector[i] = std::fabs(vector[i]);
  }
  return Value::of_float(vector_norm(vector));
}

Value math_dist(Thread& t, Value* args, size_t) {
  Value p = TRY(to_tuple(t, args[0])), q = TRY(to_tuple(t, args[1]));
  size_t length = as<Tuple>(p)->length;
  if (length != as<Tuple>(q)->length) return raise(t, ErrorType::ValueError, "both points must have the same number of dimensions");
  std::vector<double> vector(length);
  for (size_t i = 0; i < length; ++i) {
    double x, y;
    if (!to_double(t, as<Tuple>(p)->items[i], x) || !to_double(t, as<Tuple>(q)->items[i], y)) return Value::raised();
    vector[i] = std::fabs(x - y);
  }
  return Value::of_float(vector_norm(vector));
}

Value math_prod(Thread& t, Value* args, size_t) {
  Value product = args[1].is_empty() ? Value::of_int(1) : args[1];
  auto multiply = [&](const Value& item) {
    int64_t n;
    if (product.is_float() && item.is_float()) product = Value::of_float(product.number * item.number);
    else if (product.is_int() && item.is_int() && !__builtin_mul_overflow(product.integer, item.integer, &n)) product = Value::of_int(n);
    else return false;
    return true;
  };
  for (Iteration it(t, args[0]);;) {
    Value item = TRY(it.give(multiply));
    if (item.is_empty()) return product;
    product = TRY(binary_operation(t, BinaryOp::Mul, product, item));
  }
}

// ---- integers

Value math_gcd(Thread& t, Value* args, size_t argc) {
  Value result = Value::of_int(0);
  for (size_t i = 0; i < argc; ++i) {
    Value next = TRY(to_integer(t, args[i]));
    result = TRY(int_gcd(t, result, next));
  }
  return result;
}

Value math_lcm(Thread& t, Value* args, size_t argc) {
  Value result = Value::of_int(1);
  for (size_t i = 0; i < argc; ++i) {
    Value next = TRY(to_integer(t, args[i]));
    if (is_zero_int(next) || is_zero_int(result)) {
      result = Value::of_int(0);
      continue;
    }
    Value rest = TRY(int_binary(t, BinaryOp::FloorDiv, next, TRY(int_gcd(t, result, next))));
    Value product = TRY(int_binary(t, BinaryOp::Mul, result, rest));
    result = is_negative_int(product) ? TRY(int_negate(t, product)) : product;
  }
  return result;
}

Value math_isqrt(Thread& t, Value* args, size_t) {
  Value n = TRY(to_integer(t, args[0]));
  if (is_negative_int(n)) return raise(t, ErrorType::ValueError, "isqrt() argument must be nonnegative");
  if (!n.is_object()) {
    int64_t root = static_cast<int64_t>(std::sqrt(static_cast<double>(n.integer)));
    while (static_cast<__int128>(root) * root > n.integer) --root;
    while (static_cast<__int128>(root + 1) * (root + 1) <= n.integer) ++root;
    return Value::of_int(root);
  }
  return int_square_root(t, n);
}

// The product of low, low + 1, ... high, by halves so that the factors stay of similar size.
Value product_of_range(Thread& t, Value low, int64_t count) {
  if (count == 0) return Value::of_int(1);
  if (count <= 8) {
    Value product = low;
    for (int64_t i = 1; i < count; ++i) {
      product = TRY(int_binary(t, BinaryOp::Mul, product, TRY(int_binary(t, BinaryOp::Add, low, Value::of_int(i)))));
    }
    return product;
  }
  TRY(t.poll());
  int64_t half = count / 2;
  Value first = TRY(product_of_range(t, low, half));
  Value second = TRY(product_of_range(t, TRY(int_binary(t, BinaryOp::Add, low, Value::of_int(half))), count - half));
  return int_binary(t, BinaryOp::Mul, first, second);
}

constexpr double kMaxProductBits = 134217728;   // as for powers: beyond, multiplying takes many seconds

Value math_factorial(Thread& t, Value* args, size_t) {
  Value n = TRY(to_integer(t, args[0]));
  if (is_negative_int(n)) return raise(t, ErrorType::ValueError, "factorial() not defined for negative values");
  int64_t count;
  if (!fits_int64(n, count)) return raise(t, ErrorType::OverflowError, "factorial() argument should not exceed {}", INT64_MAX);
  if (static_cast<double>(count) * std::log2(static_cast<double>(count) + 1) > kMaxProductBits) return raise_memory(t);
  return product_of_range(t, Value::of_int(1), count);
}

// Reads n and k of perm and comb, both not negative. Raised, or None.
Value read_choice(Thread& t, Value* args, Value& n, Value& k) {
  n = TRY(to_integer(t, args[0]));
  k = TRY(to_integer(t, args[1]));
  if (is_negative_int(n)) return raise(t, ErrorType::ValueError, "n must be a non-negative integer");
  if (is_negative_int(k)) return raise(t, ErrorType::ValueError, "k must be a non-negative integer");
  return Value::none();
}

bool is_product_too_large(Value n, int64_t count) {
  return static_cast<double>(count) * static_cast<double>(int_magnitude_bits(n)) > kMaxProductBits * 2;
}

// n * (n - 1) * ... : `count` factors.
Value falling_product(Thread& t, Value n, int64_t count) {
  if (is_product_too_large(n, count)) return raise_memory(t);
  Value low = TRY(int_binary(t, BinaryOp::Sub, n, Value::of_int(count - 1)));
  return product_of_range(t, low, count);
}

Value math_perm(Thread& t, Value* args, size_t argc) {
  if (args[1].is_empty() || args[1].is_none()) return math_factorial(t, args, argc);
  Value n = Value::none(), k = Value::none();
  TRY(read_choice(t, args, n, k));
  if (TRY(number_compare(t, CompareOp::Lt, n, k)).is_true()) return Value::of_int(0);
  int64_t count;
  if (!fits_int64(k, count)) return raise(t, ErrorType::OverflowError, "k must not exceed {}", INT64_MAX);
  return falling_product(t, n, count);
}

Value math_comb(Thread& t, Value* args, size_t) {
  Value n = Value::none(), k = Value::none();
  TRY(read_choice(t, args, n, k));
  if (TRY(number_compare(t, CompareOp::Lt, n, k)).is_true()) return Value::of_int(0);
  Value rest = TRY(int_binary(t, BinaryOp::Sub, n, k));
  if (TRY(number_compare(t, CompareOp::Lt, rest, k)).is_true()) k = rest;
  int64_t count;
  if (!fits_int64(k, count)) return raise(t, ErrorType::OverflowError, "min(n - k, k) must not exceed {}", INT64_MAX);
  Value top = TRY(falling_product(t, n, count));
  return int_binary(t, BinaryOp::FloorDiv, top, TRY(product_of_range(t, Value::of_int(1), count)));
}

Value math_setup(Thread& t, Module* m) {
  module_set(t, m, "pi", Value::of_float(std::numbers::pi));
  module_set(t, m, "e", Value::of_float(std::numbers::e));
  module_set(t, m, "tau", Value::of_float(2 * std::numbers::pi));
  module_set(t, m, "inf", Value::of_float(kInfinity));
  module_set(t, m, "nan", Value::of_float(kNan));
  return Value::none();
}

#define MINI_FLOAT_ROW(name, pole, help) {#name, apply<std::name, Pole::pole>, "(x, /)", help}
const NativeRow kMathFunctions[] = {
    MINI_FLOAT_ROW(acos, Domain, "Arc cosine, in radians."),
    MINI_FLOAT_ROW(acosh, Domain, "Inverse hyperbolic cosine."),
    MINI_FLOAT_ROW(asin, Domain, "Arc sine, in radians."),
    MINI_FLOAT_ROW(asinh, Domain, "Inverse hyperbolic sine."),
    MINI_FLOAT_ROW(atan, Domain, "Arc tangent, in radians."),
    {"atan2", math_atan2, "(y, x, /)", "Arc tangent of y/x, with the right quadrant."},
    MINI_FLOAT_ROW(atanh, Domain, "Inverse hyperbolic tangent."),
    MINI_FLOAT_ROW(cbrt, Domain, "Cube root."),
    {"ceil", math_ceil, "(x, /)", "The smallest int that is not below x."},
    {"comb", math_comb, "(n, k, /)", "Ways to choose k of n, without order."},
    {"copysign", math_copysign, "(x, y, /)", "The size of x with the sign of y."},
    MINI_FLOAT_ROW(cos, Domain, "Cosine of x radians."),
    MINI_FLOAT_ROW(cosh, Range, "Hyperbolic cosine."),
    {"degrees", math_degrees, "(x, /)", "Radians to degrees."},
    {"dist", math_dist, "(p, q, /)", "Distance of two points."},
    MINI_FLOAT_ROW(erf, Domain, "Error function."),
    MINI_FLOAT_ROW(erfc, Domain, "Complementary error function."),
    MINI_FLOAT_ROW(exp, Range, "e to the power x."),
    MINI_FLOAT_ROW(exp2, Range, "2 to the power x."),
    MINI_FLOAT_ROW(expm1, Range, "exp(x) - 1, exact for small x."),
    {"fabs", math_fabs, "(x, /)", "Absolute value as a float."},
    {"factorial", math_factorial, "(n, /)", "Product of 1 to n."},
    {"floor", math_floor, "(x, /)", "The largest int that is not above x."},
    {"fmod", math_fmod, "(x, y, /)", "Remainder with the sign of x."},
    {"frexp", math_frexp, "(x, /)", "Mantissa and exponent."},
    {"fsum", math_fsum, "(seq, /)", "Sum of floats, rounded once."},
    {"gamma", math_gamma, "(x, /)", "Gamma function."},
    {"gcd", math_gcd, "(*integers)", "Greatest common divisor."},
    {"hypot", math_hypot, "(*coordinates)", "Length of a vector."},
    {"isclose", math_isclose, "(a, b, *, rel_tol=1e-09, abs_tol=0.0)", "Whether two numbers nearly agree."},
    {"isfinite", math_isfinite, "(x, /)", "Whether x is neither infinite nor NaN."},
    {"isinf", math_isinf, "(x, /)", "Whether x is infinite."},
    {"isnan", math_isnan, "(x, /)", "Whether x is NaN."},
    {"isqrt", math_isqrt, "(n, /)", "Integer part of the square root."},
    {"lcm", math_lcm, "(*integers)", "Least common multiple."},
    {"ldexp", math_ldexp, "(x, i, /)", "x * 2**i."},
    {"lgamma", math_lgamma, "(x, /)", "Logarithm of the absolute gamma function."},
    {"log", math_log, "(x, base=None, /)", "Logarithm; natural without a base."},
    {"log10", math_log10, "(x, /)", "Logarithm with base 10."},
    MINI_FLOAT_ROW(log1p, Domain, "log(1 + x), exact for small x."),
    {"log2", math_log2, "(x, /)", "Logarithm with base 2."},
    {"modf", math_modf, "(x, /)", "Fraction and whole part, both as floats."},
    {"nextafter", math_nextafter, "(x, y, /)", "The next float from x towards y."},
    {"perm", math_perm, "(n, k=None, /)", "Ways to choose k of n, in order."},
    {"pow", math_pow, "(x, y, /)", "x to the power y, as floats."},
    {"prod", math_prod, "(iterable, /, *, start=1)", "Product of the items."},
    {"radians", math_radians, "(x, /)", "Degrees to radians."},
    {"remainder", math_remainder, "(x, y, /)", "Difference from the closest multiple of y."},
    MINI_FLOAT_ROW(sin, Domain, "Sine of x radians."),
    MINI_FLOAT_ROW(sinh, Range, "Hyperbolic sine."),
    MINI_FLOAT_ROW(sqrt, Domain, "Square root."),
    MINI_FLOAT_ROW(tan, Domain, "Tangent of x radians."),
    MINI_FLOAT_ROW(tanh, Domain, "Hyperbolic tangent."),
    {"trunc", math_trunc, "(x, /)", "The int towards zero."},
    {"ulp", math_ulp, "(x, /)", "Value of the least significant bit of x."},
};
#undef MINI_FLOAT_ROW

}  // namespace

extern const NativeModule math_module;
const NativeModule math_module = {"math", kMathFunctions, std::size(kMathFunctions), math_setup, "Mathematical functions."};

}  // namespace mini
