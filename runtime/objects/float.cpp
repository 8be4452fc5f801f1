// SPDX-License-Identifier: MIT
// float: arithmetic with Python's signs and errors, text, rounding, hashing, and the type. Plain floats are tagged
// values; only instances of subclasses are objects (FloatObject).
//
// All text comes from <charconv>, which is exact: shortest digits for repr, correctly rounded ones for a precision.

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/format_spec.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"

namespace mini {

int shortest_digits(double d, char (&digits)[32], int& point) {
  char buffer[40];
  char* end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(d), std::chars_format::scientific).ptr;
  char* mark = static_cast<char*>(std::memchr(buffer, 'e', static_cast<size_t>(end - buffer)));
  int count = 0;
  for (char* p = buffer; p < mark; ++p) {
    if (*p != '.') digits[count++] = *p;
  }
  int exponent = 0;
  std::from_chars(mark[1] == '+' ? mark + 2 : mark + 1, end, exponent);
  point = exponent + 1;
  return count;
}

namespace {

// Joins digits and point in Python's repr form.
std::string repr_digits(bool is_negative, const char* digits, int count, int point, bool always_point) {
  std::string out;
  if (is_negative) out.push_back('-');
  if (point > 16 || point < -3) {
    out.push_back(digits[0]);
    if (count > 1) out.append(".").append(digits + 1, static_cast<size_t>(count - 1));
    int exponent = point - 1;
    out.append(exponent < 0 ? "e-" : "e+");
    if (std::abs(exponent) < 10) out.push_back('0');
    out.append(std::to_string(std::abs(exponent)));
  } else if (point <= 0) {
    out.append("0.").append(static_cast<size_t>(-point), '0').append(digits, static_cast<size_t>(count));
  } else if (count <= point) {
    out.append(digits, static_cast<size_t>(count)).append(static_cast<size_t>(point - count), '0');
    if (always_point) out.append(".0");
  } else {
    out.append(digits, static_cast<size_t>(point)).append(".").append(digits + point, static_cast<size_t>(count - point));
  }
  return out;
}

constexpr int kMostPlaces = 17;
constexpr uint64_t power_of_ten(int n) { return n == 0 ? 1 : 10 * power_of_ten(n - 1); }

// |d| times ten to the power of `places`, rounded to even as decimal notation asks. A double is mantissa times a power of two, so that
// this is one product of 128 bits. False where it does not fit.
bool scale_exactly(double d, int places, uint64_t& out) {
  if (places < 0 || places > kMostPlaces || !(std::fabs(d) < 0x1p62)) return false;
  int exponent;
  auto mantissa = static_cast<uint64_t>(std::ldexp(std::frexp(std::fabs(d), &exponent), 53));
  exponent -= 53;
  unsigned __int128 product = static_cast<unsigned __int128>(mantissa) * power_of_ten(places);
  if (exponent < -127) {   // far below half of the last place
    out = 0;
    return true;
  }
  unsigned __int128 whole = exponent < 0 ? product >> -exponent : product << exponent;
  if (exponent > 9 || whole >> 63) return false;
  out = static_cast<uint64_t>(whole);
  if (exponent >= 0) return true;
  unsigned __int128 rest = product - (whole << -exponent), half = static_cast<unsigned __int128>(1) << (-exponent - 1);
  if (rest > half || (rest == half && out & 1)) ++out;
  return true;
}

// Fixed notation of a number that scale_exactly takes: the digits in `out`, whose end is returned.
char* write_fixed(bool is_negative, uint64_t scaled, int places, char* out) {
  char digits[24];
  auto count = static_cast<int>(std::to_chars(digits, digits + sizeof digits, scaled).ptr - digits);
  if (is_negative) *out++ = '-';
  int whole = std::max(count - places, 0);
  if (whole == 0) *out++ = '0';
  out = std::copy_n(digits, whole, out);
  if (places == 0) return out;
  *out++ = '.';
  out = std::fill_n(out, std::max(places - count, 0), '0');
  return std::copy_n(digits + whole, count - whole, out);
}

std::string chars_of(double d, std::chars_format format, int precision) {
  uint64_t scaled;
  char few[512];
  if (format == std::chars_format::fixed && scale_exactly(d, precision, scaled))
    return {few, write_fixed(std::signbit(d), scaled, precision, few)};
  size_t room = static_cast<size_t>(precision) + 340;
  if (room <= sizeof few) return {few, std::to_chars(few, few + sizeof few, d, format, precision).ptr};
  std::string out(room, '\0');
  out.resize(static_cast<size_t>(std::to_chars(out.data(), out.data() + out.size(), d, format, precision).ptr - out.data()));
  return out;
}

int exponent_of(const std::string& scientific) {
  size_t mark = scientific.rfind('e');
  return std::atoi(scientific.c_str() + mark + 1);
}

// %g: the style depends on the exponent after rounding; without `alternate` trailing zeros go. When a ".0" may have to
// be added, it counts as a digit.
std::string general_text(double d, int precision, bool alternate, bool always_point) {
  if (precision == 0) precision = 1;
  std::string text = chars_of(d, std::chars_format::scientific, precision - 1);
  int exponent = exponent_of(text);
  bool is_scientific = exponent < -4 || exponent >= precision - (always_point ? 1 : 0);
  if (!is_scientific) text = chars_of(d, std::chars_format::fixed, precision - 1 - exponent);
  size_t mark = is_scientific ? text.rfind('e') : text.size();
  std::string tail = text.substr(mark);
  text.resize(mark);
  bool has_point = text.find('.') != std::string::npos;
  if (alternate) {
    if (!has_point) text.push_back('.');
  } else if (has_point) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text + tail;
}

}  // namespace

std::string format_double(double d, char code, int precision, bool alternate, bool always_point) {
  bool is_upper = code >= 'A' && code <= 'Z';
  std::string out;
  if (std::isnan(d)) {
    out = "nan";
  } else if (std::isinf(d)) {
    out = d < 0 ? "-inf" : "inf";
  } else if (code == 'r') {
    char digits[32];
    int point = 1, count = 1;
    if (d == 0) digits[0] = '0';
    else count = shortest_digits(d, digits, point);
    out = repr_digits(std::signbit(d), digits, count, point, always_point);
    if (alternate && out.find('.') == std::string::npos) {
      size_t mark = out.find('e');
      out.insert(mark == std::string::npos ? out.size() : mark, ".");
    }
  } else if ((code | 0x20) == 'g') {
    out = general_text(d, precision, alternate, always_point);
    if (always_point && out.find_first_of(".e") == std::string::npos) out.append(".0");
  } else {
    bool is_fixed = (code | 0x20) == 'f';
    out = chars_of(d, is_fixed ? std::chars_format::fixed : std::chars_format::scientific, precision);
    if (alternate && precision == 0) out.insert(is_fixed ? out.size() : out.rfind('e'), ".");
  }
  if (is_upper) {
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return out;
}

std::string double_repr(double d) { return format_double(d, 'r', 0, false, true); }

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Removes underscores, which must stand between digits.
bool drop_underscores(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out.push_back(text[i]);
    } else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])) {
      return false;
    }
  }
  return true;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace

bool parse_double(std::string_view text, double& out) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string cleaned;
  if (text.find('_') != std::string_view::npos) {
    if (!drop_underscores(text, cleaned)) return false;
    text = cleaned;
  }
  bool is_negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    is_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  if (!is_digit(text[0]) && text[0] != '.') {
    if (equals_ignoring_case(text, "nan")) out = std::numeric_limits<double>::quiet_NaN();
    else if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) out = HUGE_VAL;
    else return false;
    if (is_negative) out = -out;
    return true;
  }
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end != text.data() + text.size()) return false;
  if (error == std::errc::result_out_of_range) out = std::strtod(std::string(text).c_str(), nullptr);
  else if (error != std::errc{}) return false;
  if (is_negative) out = -out;
  return true;
}

int64_t hash_double(double d) {
  if (!std::isfinite(d)) return std::isnan(d) ? 0 : d > 0 ? kHashInfinity : -kHashInfinity;
  int exponent;
  double rest = std::fabs(std::frexp(d, &exponent));
  uint64_t sum = 0;
  while (rest != 0) {   // 28 bits of the mantissa at a time, each step a rotation modulo 2^61 - 1
    sum = ((sum << 28) & kHashModulus) | sum >> (kHashBits - 28);
    rest *= 268435456.0;
    exponent -= 28;
    uint64_t part = static_cast<uint64_t>(rest);
    rest -= static_cast<double>(part);
    sum += part;
    if (sum >= kHashModulus) sum -= kHashModulus;
  }
  int turn = exponent >= 0 ? exponent % kHashBits : kHashBits - 1 - ((-1 - exponent) % kHashBits);
  if (turn != 0) sum = ((sum << turn) & kHashModulus) | sum >> (kHashBits - turn);
  int64_t hash = d < 0 ? -static_cast<int64_t>(sum) : static_cast<int64_t>(sum);
  return hash == -1 ? -2 : hash;
}

bool to_double(Thread& t, Value v, double& out) {
  if (v.is_float()) { out = v.number; return true; }
  if (v.is_int() || v.is_bool()) { out = static_cast<double>(v.integer); return true; }
  if (is_floating(v)) { out = float_value(v); return true; }
  Value number = v;
  if (!v.is_int() && !v.is_bool() && !is_exact(v, Kind::Int)) {
    Value result = call_special(t, v, names(t).float_);
    if (result.is_raised()) return false;
    if (!result.is_empty()) {
      if (is_floating(result)) { out = float_value(result); return true; }
      (void)raise(t, ErrorType::TypeError, "{}.__float__ returned non-float (type {})", type_name(t, v), type_name(t, result));
      return false;
    }
    if (type_of(t, v)->ops.index == nullptr) {
      (void)raise(t, ErrorType::TypeError, "must be real number, not {}", type_name(t, v));
      return false;
    }
    number = to_integer(t, v);
    if (number.is_raised()) return false;
  }
  if (int_to_double(number, out)) return true;
  (void)raise(t, ErrorType::OverflowError, "int too large to convert to float");
  return false;
}

Value float_to_int(Thread& t, double d) {
  if (std::isnan(d)) return raise(t, ErrorType::ValueError, "cannot convert float NaN to integer");
  if (std::isinf(d)) return raise(t, ErrorType::OverflowError, "cannot convert float infinity to integer");
  return make_int_from_double(t, std::trunc(d));
}

namespace {

Value raise_zero_division(Thread& t, const char* text) { return raise(t, ErrorType::ZeroDivisionError, "{}", text); }

// The remainder with the sign of `b`.
double float_modulo(double a, double b) {
  double remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(0.0, b);
  return (b < 0) != (remainder < 0) ? remainder + b : remainder;
}

double float_floor_divide(double a, double b, double* modulo) {
  double remainder = std::fmod(a, b), quotient = (a - remainder) / b;
  if (remainder != 0) {
    if ((b < 0) != (remainder < 0)) { remainder += b; quotient -= 1; }
  } else {
    remainder = std::copysign(0.0, b);
  }
  if (modulo != nullptr) *modulo = remainder;
  if (quotient == 0) return std::copysign(0.0, a / b);
  double floor = std::floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

Value raise_range_error(Thread& t) {
  Tuple* args = make_tuple(t, {Value::of_int(ERANGE), str_value(make_str(t, std::strerror(ERANGE)))});
  return raise_value(t, Value::of_object(make_exception(t, error_type(t, ErrorType::OverflowError), args)));
}

bool is_odd_integer(double d) { return std::fmod(std::fabs(d), 2.0) == 1.0; }

}  // namespace

Value float_power(Thread& t, double a, double b) {
  if (b == 0 || a == 1) return Value::of_float(1.0);
  if (std::isnan(a)) return Value::of_float(a);
  if (std::isnan(b)) return Value::of_float(b);
  if (std::isinf(b)) {
    double size = std::fabs(a);
    if (size == 1) return Value::of_float(1.0);
    return Value::of_float((b > 0) == (size > 1) ? HUGE_VAL : 0.0);
  }
  if (std::isinf(a)) {
    bool is_odd = is_odd_integer(b);
    if (b > 0) return Value::of_float(is_odd ? a : HUGE_VAL);
    return Value::of_float(is_odd ? std::copysign(0.0, a) : 0.0);
  }
  if (a == 0) {
    if (b < 0) return raise_zero_division(t, "0.0 cannot be raised to a negative power");
    return Value::of_float(is_odd_integer(b) ? a : 0.0);
  }
  if (a < 0 && b != std::floor(b)) {
    return raise(t, ErrorType::ValueError, "negative number cannot be raised to a fractional power (no complex numbers)");
  }
  double result = std::pow(a, b);
  if (std::isinf(result)) return raise_range_error(t);
  return Value::of_float(result);
}

bool is_float_operation(BinaryOp op) {
  switch (op) {
    case BinaryOp::Add: case BinaryOp::Sub: case BinaryOp::Mul: case BinaryOp::TrueDiv: case BinaryOp::FloorDiv: case BinaryOp::Mod:
    case BinaryOp::DivMod: case BinaryOp::Pow: return true;
    default: return false;
  }
}

namespace {

// An operand beside a float: of an int its value, whatever a subclass's __float__ says.
bool operand_to_double(Thread& t, Value v, double& out) {
  if (is_floating(v)) out = float_value(v);
  else if (!int_to_double(v, out)) return (void)raise(t, ErrorType::OverflowError, "int too large to convert to float"), false;
  return true;
}

}  // namespace

Value float_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if ((!is_floating(a) && !is_integer(a)) || (!is_floating(b) && !is_integer(b))) return t.interpreter->not_implemented;
  if (!is_float_operation(op)) return t.interpreter->not_implemented;
  double x, y;
  if (!operand_to_double(t, a, x) || !operand_to_double(t, b, y)) return Value::raised();
  switch (op) {
    case BinaryOp::Add: return Value::of_float(x + y);
    case BinaryOp::Sub: return Value::of_float(x - y);
    case BinaryOp::Mul: return Value::of_float(x * y);
    case BinaryOp::TrueDiv: return y == 0 ? raise_zero_division(t, "float division by zero") : Value::of_float(x / y);
    case BinaryOp::FloorDiv:
      return y == 0 ? raise_zero_division(t, "float floor division by zero") : Value::of_float(float_floor_divide(x, y, nullptr));
    case BinaryOp::Mod: return y == 0 ? raise_zero_division(t, "float modulo") : Value::of_float(float_modulo(x, y));
    case BinaryOp::DivMod: {
      if (y == 0) return raise_zero_division(t, "float divmod()");
      double modulo, quotient = float_floor_divide(x, y, &modulo);
      return Value::of_object(make_tuple(t, {Value::of_float(quotient), Value::of_float(modulo)}));
    }
    case BinaryOp::Pow: return float_power(t, x, y);
    default: return t.interpreter->not_implemented;
  }
}

namespace {

// The integral |d| rounded half to even at the decimal place -digits (digits < 0), as digits and an exponent.
double round_integral_part(double d, int64_t digits) {
  double whole = std::trunc(std::fabs(d));
  bool has_fraction = whole != std::fabs(d);
  std::string text = chars_of(whole, std::chars_format::fixed, 0);
  int64_t keep = static_cast<int64_t>(text.size()) + digits;
  if (keep < 0) return std::copysign(0.0, d);
  std::string kept = keep == 0 ? "0" : text.substr(0, static_cast<size_t>(keep));
  std::string dropped = text.substr(static_cast<size_t>(keep));
  bool is_tie = !has_fraction && dropped[0] == '5' && dropped.find_first_not_of('0', 1) == std::string::npos;
  bool rounds_up = is_tie ? (kept.back() - '0') % 2 == 1 : dropped[0] >= '5';
  if (rounds_up) {
    size_t i = kept.size();
    while (i > 0 && kept[i - 1] == '9') kept[--i] = '0';
    if (i > 0) ++kept[i - 1];
    else kept.insert(kept.begin(), '1');
  }
  kept.append("e").append(std::to_string(-digits));
  return std::copysign(std::strtod(kept.c_str(), nullptr), d);
}

}  // namespace

Value float_round(Thread& t, Value v, Value digits) {
  double d = float_value(v);
  if (digits.is_none() || digits.is_empty()) {
    if (!std::isfinite(d)) return float_to_int(t, d);
    return make_int_from_double(t, std::nearbyint(d));   // the rounding mode is always to nearest even
  }
  int64_t places;
  if (!to_index_clamped(t, digits, places)) return Value::raised();
  if (!std::isfinite(d) || d == 0 || places > 323) return Value::of_float(d);
  if (places < -308) return Value::of_float(std::copysign(0.0, d));
  double result;
  uint64_t scaled;
  if (places >= 0 && places <= kMostPlaces && scale_exactly(d, static_cast<int>(places), scaled) && scaled < uint64_t{1} << 53)
    result = std::copysign(static_cast<double>(scaled) / static_cast<double>(power_of_ten(static_cast<int>(places))), d);   // one rounding
  else if (places < 0) result = round_integral_part(d, places);
  else result = std::strtod(chars_of(d, std::chars_format::fixed, static_cast<int>(places)).c_str(), nullptr);
  if (std::isinf(result)) return raise(t, ErrorType::OverflowError, "rounded value too large to represent");
  return Value::of_float(result);
}

Value float_of_type(Thread& t, Type* cls, double d) {
  if (cls == types(t).float_) return Value::of_float(d);
  FloatObject* made = static_cast<FloatObject*>(allocate_object(t, cls));
  made->number = d;
  return Value::of_object(made);
}

Value float_from_text(Thread& t, Value v) {
  std::string scratch;
  std::string_view text;
  if (is_kind(v, Kind::Str)) {
    Str* s = as<Str>(v);
    if (!s->is_ascii()) scratch = numeric_ascii(s);
    text = s->is_ascii() ? utf8_view(s, scratch) : std::string_view(scratch);
  } else if (!bytes_view(v, text)) {
    return Value::empty();
  }
  double d;
  if (parse_double(text, d)) return Value::of_float(d);
  Str* shown = to_repr(t, v);
  if (shown == nullptr) return raise_without_text(t, ErrorType::ValueError);
  return raise(t, ErrorType::ValueError, "could not convert string to float: {}", to_utf8(shown));
}

namespace {

Value float_new(Thread& t, Value* args, size_t) {
  Type* cls = as<Type>(args[0]);
  Value source = args[1];
  if (source.is_empty()) return float_of_type(t, cls, 0.0);
  // A subclass of str or bytes that tells what number it is, is asked for that.
  Type* type = type_of(t, source);
  bool tells_number = (type->type_flags & kTypeIsScript) && (type->ops.index || !type_lookup(type, names(t).float_).is_empty());
  Value result = tells_number ? Value::empty() : float_from_text(t, source);
  if (result.is_empty()) {
    double d;
    if (!is_integer(source) && !is_floating(source) && type->ops.index == nullptr && type_lookup(type, names(t).float_).is_empty()) {
      return raise(t, ErrorType::TypeError, "float() argument must be a string or a real number, not '{}'", type_name(t, source));
    }
    // A subclass of float may define __float__ itself.
    if (is_kind(source, Kind::Float) && source.object->exact != Kind::Float) {
      Value converted = TRY(call_special(t, source, names(t).float_));
      if (!is_floating(converted)) {
        return raise(t, ErrorType::TypeError, "{}.__float__ returned non-float (type {})", type_name(t, source), type_name(t, converted));
      }
      source = converted;
    }
    if (!to_double(t, source, d)) return Value::raised();
    result = Value::of_float(d);
  }
  if (result.is_raised()) return result;
  return float_of_type(t, cls, result.number);
}

Value float_repr(Thread& t, Value self) { return str_value(make_str(t, double_repr(float_value(self)))); }
Value float_hash(Thread&, Value self) { return Value::of_int(hash_double(float_value(self))); }
Value float_truth(Thread&, Value self) { return Value::of_bool(float_value(self) != 0); }

Value float_unary(Thread& t, UnaryOp op, Value self) {
  double d = float_value(self);
  switch (op) {
    case UnaryOp::Neg: return Value::of_float(-d);
    case UnaryOp::Pos: return Value::of_float(d);
    case UnaryOp::Abs: return Value::of_float(std::fabs(d));
    case UnaryOp::Invert: break;
  }
  return raise(t, ErrorType::TypeError, "bad operand type for unary ~: '{}'", type_name(t, self));
}

Value float_as_integer_ratio(Thread& t, Value* args, size_t) {
  double d = float_value(args[0]);
  if (std::isinf(d)) return raise(t, ErrorType::OverflowError, "cannot convert Infinity to integer ratio");
  if (std::isnan(d)) return raise(t, ErrorType::ValueError, "cannot convert NaN to integer ratio");
  int exponent;
  double fraction = std::frexp(d, &exponent);
  while (fraction != std::floor(fraction)) {
    fraction *= 2;
    --exponent;
  }
  Value numerator = make_int_from_double(t, fraction), denominator = Value::of_int(1);
  if (exponent > 0) numerator = TRY(int_shift_left(t, numerator, static_cast<uint64_t>(exponent)));
  else denominator = TRY(int_shift_left(t, denominator, static_cast<uint64_t>(-exponent)));
  return Value::of_object(make_tuple(t, {numerator, denominator}));
}

Value float_conjugate(Thread&, Value* args, size_t) { return Value::of_float(float_value(args[0])); }
Value float_is_integer(Thread&, Value* args, size_t) {
  double d = float_value(args[0]);
  return Value::of_bool(std::isfinite(d) && std::floor(d) == d);
}
Value float_int(Thread& t, Value* args, size_t) { return float_to_int(t, float_value(args[0])); }
Value float_floor(Thread& t, Value* args, size_t) { return float_to_int(t, std::floor(float_value(args[0]))); }
Value float_ceil(Thread& t, Value* args, size_t) { return float_to_int(t, std::ceil(float_value(args[0]))); }
Value float_round_method(Thread& t, Value* args, size_t) { return float_round(t, args[0], args[1].is_empty() ? Value::none() : args[1]); }
Value float_getnewargs(Thread& t, Value* args, size_t) {
  return Value::of_object(make_tuple(t, {Value::of_float(float_value(args[0]))}));
}
Value float_getformat(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "__getformat__() argument must be str, not {}", argument_type_name(t, args[1]));
  if (!equals(as<Str>(args[1]), "double") && !equals(as<Str>(args[1]), "float")) {
    return raise(t, ErrorType::ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
  }
  return str_value(make_str(t, "IEEE, little-endian"));
}
Value float_format_method(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "__format__() argument must be str, not {}", argument_type_name(t, args[1]));
  if (as<Str>(args[1])->length != 0) return format_float_value(t, args[0], as<Str>(args[1]));
  Str* s = to_str(t, args[0]);
  return s == nullptr ? Value::raised() : str_value(s);
}

Value float_hex(Thread& t, Value* args, size_t) {
  double d = float_value(args[0]);
  if (!std::isfinite(d)) return float_repr(t, args[0]);
  if (d == 0) return str_value(make_str(t, std::signbit(d) ? "-0x0.0p+0" : "0x0.0p+0"));
  int exponent;
  double fraction = std::frexp(std::fabs(d), &exponent);
  int shift = 1 - std::max(-1021 - exponent, 0);
  fraction = std::ldexp(fraction, shift);
  exponent -= shift;
  std::string out = d < 0 ? "-0x" : "0x";
  out.push_back(static_cast<char>('0' + static_cast<int>(fraction)));
  out.push_back('.');
  fraction -= static_cast<int>(fraction);
  for (int i = 0; i < 13; ++i) {
    fraction *= 16;
    out.push_back("0123456789abcdef"[static_cast<int>(fraction)]);
    fraction -= static_cast<int>(fraction);
  }
  out.append(exponent < 0 ? "p-" : "p+").append(std::to_string(std::abs(exponent)));
  return str_value(make_str(t, out));
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Reads [0x]H[.H][p[+-]D]. The digits go to `digits` without leading zeros; value = 0.DIGITS(16) * 2^exponent.
struct HexFloat {
  std::string digits;
  int64_t exponent = 0;
  bool is_negative = false;
};

bool read_hex_float(std::string_view text, HexFloat& out) {
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) out.is_negative = text[i++] == '-';
  if (i + 1 < text.size() && text[i] == '0' && (text[i + 1] | 0x20) == 'x') i += 2;
  int64_t point = 0;
  bool has_point = false, has_digit = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !has_point) { has_point = true; continue; }
    if (hex_digit(text[i]) < 0) break;
    has_digit = true;
    if (!out.digits.empty() || text[i] != '0') {
      out.digits.push_back(text[i]);
      if (!has_point) point += 4;
    } else if (has_point) {
      point -= 4;
    }
  }
  if (!has_digit) return false;
  int64_t exponent = 0;
  if (i < text.size() && (text[i] | 0x20) == 'p') {
    bool is_negative = false;
    if (++i < text.size() && (text[i] == '-' || text[i] == '+')) is_negative = text[i++] == '-';
    if (i == text.size()) return false;
    for (; i < text.size() && is_digit(text[i]); ++i) {
      if (exponent < INT64_MAX / 100) exponent = exponent * 10 + (text[i] - '0');
    }
    if (is_negative) exponent = -exponent;
  }
  out.exponent = exponent + point;
  return i == text.size();
}

// The double nearest to 0.DIGITS * 2**exponent, halves to even; inf when it is too large. The C library's strtod rounds such text wrongly
// where it becomes subnormal.
double hex_value(const HexFloat& hex) {
  if (hex.digits.empty()) return 0.0;
  constexpr size_t kDigits = 15;   // 60 bits, and one for what is behind them
  uint64_t mantissa = 0;
  for (size_t i = 0; i < kDigits; ++i) mantissa = mantissa << 4 | (i < hex.digits.size() ? hex_digit(hex.digits[i]) : 0);
  bool has_more = hex.digits.size() > kDigits && hex.digits.find_first_not_of('0', kDigits) != std::string::npos;
  int64_t exponent = std::clamp<int64_t>(hex.exponent, -1000000, 1000000) - 4 * static_cast<int64_t>(kDigits);
  mantissa = mantissa << 1 | has_more;
  exponent -= 1;
  constexpr int64_t kLeastExponent = -1074;
  int64_t last = std::max<int64_t>(exponent + std::bit_width(mantissa) - 53, kLeastExponent);
  int64_t dropped = last - exponent;
  if (dropped > 62) return 0.0;
  if (dropped > 0) {
    uint64_t rest = mantissa & ((uint64_t{1} << dropped) - 1), half = uint64_t{1} << (dropped - 1);
    mantissa >>= dropped;
    mantissa += rest > half || (rest == half && (mantissa & 1));
    exponent = last;
  }
  return std::ldexp(static_cast<double>(mantissa), static_cast<int>(exponent));
}

Value float_fromhex(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise_text(t, ErrorType::TypeError, "bad argument type for built-in operation");
  if (!check_encodable(t, as<Str>(args[1]))) return Value::raised();
  std::string scratch;
  std::string_view text = utf8_view(as<Str>(args[1]), scratch);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  HexFloat hex;
  double d;
  size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+');
  if (text.size() > sign && !is_digit(text[sign]) && text[sign] != '.' && hex_digit(text[sign]) < 0 && parse_double(text, d)) {
    // nan, inf
  } else if (!read_hex_float(text, hex)) {
    return raise(t, ErrorType::ValueError, "invalid hexadecimal floating-point string");
  } else {
    d = hex_value(hex);
    if (std::isinf(d)) return raise(t, ErrorType::OverflowError, "hexadecimal value too large to represent as a float");
    if (hex.is_negative) d = -d;
  }
  Value result = Value::of_float(d);
  if (as<Type>(args[0]) == types(t).float_) return result;
  return call(t, args[0], {result});
}

Value float_get_real(Thread&, Value self) { return Value::of_float(float_value(self)); }
Value float_get_imag(Thread&, Value) { return Value::of_float(0.0); }

const NativeRow kFloatMethods[] = {
    {"__new__", float_new, "(cls, x=0, /)", "Make a float from a number or text.", Binding::Static},
    {"as_integer_ratio", float_as_integer_ratio, "(self, /)", "The exact value as a pair of ints."},
    {"conjugate", float_conjugate, "(self, /)", "The number itself."},
    {"fromhex", float_fromhex, "(cls, string, /)", "Read hexadecimal text as hex() writes it.", Binding::Class},
    {"hex", float_hex, "(self, /)", "The exact value as hexadecimal text."},
    {"is_integer", float_is_integer, "(self, /)", "Whether the value is a whole number."},
    {"__ceil__", float_ceil, "(self, /)", "The smallest int that is not below."},
    {"__float__", float_conjugate, "(self, /)", "float(self)"},
    {"__floor__", float_floor, "(self, /)", "The largest int that is not above."},
    {"__format__", float_format_method, "(self, format_spec, /)", "Format as the specification says."},
    {"__getformat__", float_getformat, "(cls, typestr, /)", "How floats are kept in memory.", Binding::Class},
    {"__getnewargs__", float_getnewargs, "(self, /)", "Arguments that make an equal float."},
    {"__int__", float_int, "(self, /)", "int(self)"},
    {"__round__", float_round_method, "(self, ndigits=None, /)", "round(self, ndigits)"},
    {"__trunc__", float_int, "(self, /)", "The int towards zero."},
};

const AttributeRow kFloatAttributes[] = {
    {"real", float_get_real, nullptr, "The number itself."},
    {"imag", float_get_imag, nullptr, "Always 0.0."},
};

}  // namespace

const Layout float__layout = {
    .name = "float", .module = "builtins", .kind = Kind::Float, .size = sizeof(FloatObject), .flags = kSubclassable,
    .base = nullptr, .trace = nullptr, .finalize = nullptr,
    .ops = {.repr = float_repr, .hash = float_hash, .compare = number_compare, .truth = float_truth,
            .unary = float_unary, .binary = float_binary},
    .methods = kFloatMethods, .method_count = std::size(kFloatMethods),
    .attributes = kFloatAttributes, .attribute_count = std::size(kFloatAttributes),
    .help = "float(x=0, /)\n--\n\nConvert a string or number to a floating point number, if possible."};

}  // namespace mini
