// SPDX-License-Identifier: MIT
// The operators of ints. 64-bit values use the compiler's overflow builtins and __int128; larger ones are limbs (int_limbs.h), and
// results are written where they stay.
//
// Hostile sizes: results that would need more memory than the heap allows raise MemoryError before any work is done, and Ctrl-C ends
// whatever takes long.

#include <bit>
#include <cmath>
#include <cstring>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/int_limbs.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/sequence.h"

namespace mini {

namespace {

// Powers beyond this many bits take minutes to print and seconds for a multiplication; they raise MemoryError instead.
constexpr uint64_t kMaxPowerBits = uint64_t{1} << 27;

mp_size_t size(size_t length) { return static_cast<mp_size_t>(length); }

Value raise_zero_division(Thread& t, const char* text) { return raise(t, ErrorType::ZeroDivisionError, "{}", text); }

// Runs `work`, which goes over so many limbs once: only where they fill megabytes does that take long.
template <class Work> Value pass_over(Thread& t, size_t length, Work&& work) { return interruptibly_if_long(t, length * sizeof(Limb), work); }

// Of at most one limb.
__int128 small_value(const LimbView& x) {
  __int128 magnitude = x.length ? x.limbs[0] : 0;
  return x.is_negative ? -magnitude : magnitude;
}

// a + b, or a - b.
Value add(Thread& t, Value a, Value b, bool is_minus) {
  IntOperand x(a), y(b);
  LimbView longer = *x, shorter = *y;
  shorter.is_negative ^= is_minus;
  if (longer.length <= 1 && shorter.length <= 1) return make_int_i128(t, small_value(longer) + small_value(shorter));
  if (longer.length < shorter.length) std::swap(longer, shorter);
  if (longer.is_negative == shorter.is_negative) {
    BigInt* sum = new_big_int(t, longer.length + 1);
    if (!sum) return Value::raised();
    TRY(pass_over(t, longer.length, [&] {
      sum->limbs[longer.length] = mpn_add(sum->limbs, longer.limbs, size(longer.length), shorter.limbs, size(shorter.length));
    }));
    return finish_int(t, sum, longer.length + 1, longer.is_negative);
  }
  if (compare_limbs(longer, shorter) < 0) std::swap(longer, shorter);
  BigInt* difference = new_big_int(t, longer.length);
  if (!difference) return Value::raised();
  TRY(pass_over(t, longer.length, [&] {
    (void)mpn_sub(difference->limbs, longer.limbs, size(longer.length), shorter.limbs, size(shorter.length));
  }));
  return finish_int(t, difference, longer.length, longer.is_negative);
}

Value multiply(Thread& t, Value a, Value b) {
  if (!a.is_object() && !b.is_object()) return make_int_i128(t, static_cast<__int128>(a.integer) * b.integer);
  IntOperand x(a), y(b);
  if (x.is_zero() || y.is_zero()) return Value::of_int(0);
  size_t length = x->length + y->length;
  if (length == 2) {
    auto wide = static_cast<unsigned __int128>(x->limbs[0]) * y->limbs[0];
    Limb limbs[] = {static_cast<Limb>(wide), static_cast<Limb>(wide >> 64)};
    return make_int(t, limbs, 2, x->is_negative != y->is_negative);
  }
  BigInt* product = new_big_int(t, length);
  if (!product) return Value::raised();
  TRY(multiply_limbs(t, product->limbs, *x, *y));
  return finish_int(t, product, length, x->is_negative != y->is_negative);
}

// x divided by a single limb, rounded towards minus infinity; either result may be unwanted (null).
Value divide_by_limb(Thread& t, const LimbView& x, const LimbView& y, Value* quotient, Value* remainder) {
  Limb divisor = y.limbs[0], rest = 0;
  bool is_negative = x.is_negative != y.is_negative;
  if (quotient) {
    BigInt* q = new_big_int(t, x.length + 1);
    if (!q) return Value::raised();
    TRY(compute(t, x.length, [&] { rest = mpn_divrem_1(q->limbs, 0, x.limbs, size(x.length), divisor); }));
    q->limbs[x.length] = rest && is_negative ? mpn_add_1(q->limbs, q->limbs, size(x.length), 1) : 0;
    *quotient = TRY(finish_int(t, q, x.length + 1, is_negative));
  } else {
    TRY(compute(t, x.length, [&] { rest = mpn_mod_1(x.limbs, size(x.length), divisor); }));
  }
  if (rest && is_negative) rest = divisor - rest;
  if (remainder) *remainder = TRY(make_int(t, &rest, 1, y.is_negative));
  return Value::none();
}

// A dividend that is smaller than the divisor.
Value divide_by_larger(Thread& t, const LimbView& x, const LimbView& y, Value* quotient, Value* remainder) {
  bool is_rounded = x.length != 0 && x.is_negative != y.is_negative;
  if (quotient) *quotient = Value::of_int(is_rounded ? -1 : 0);
  if (!remainder) return Value::none();
  if (!is_rounded) {
    *remainder = TRY(make_int(t, x));
    return Value::none();
  }
  BigInt* rest = new_big_int(t, y.length);
  if (!rest) return Value::raised();
  (void)mpn_sub(rest->limbs, y.limbs, size(y.length), x.limbs, size(x.length));
  *remainder = TRY(finish_int(t, rest, y.length, y.is_negative));
  return Value::none();
}

// Quotient and remainder rounded towards minus infinity; either result may be unwanted (null).
Value floor_divide(Thread& t, Value a, Value b, Value* quotient, Value* remainder) {
  if (!a.is_object() && !b.is_object()) {
    __int128 x = a.integer, y = b.integer, q = x / y, r = x % y;
    if (r != 0 && (r < 0) != (y < 0)) { --q; r += y; }
    if (remainder != nullptr) *remainder = Value::of_int(static_cast<int64_t>(r));
    if (quotient != nullptr) *quotient = TRY(make_int_i128(t, q));
    return Value::none();
  }
  IntOperand x(a), y(b);
  if (compare_limbs(*x, *y) < 0) return divide_by_larger(t, *x, *y, quotient, remainder);
  if (y->length == 1) return divide_by_limb(t, *x, *y, quotient, remainder);
  size_t length = x->length - y->length + 1;
  bool is_negative = x->is_negative != y->is_negative;
  LimbRoom spare(quotient && remainder ? 0 : quotient ? y->length : length);   // for the result that is not wanted
  BigInt *q = nullptr, *r = nullptr;
  if (!has_room(t, x->length) || !spare.is_ready()) return raise_memory(t);
  if (quotient && !(q = new_big_int(t, length + 1))) return Value::raised();
  if (remainder && !(r = new_big_int(t, y->length))) return Value::raised();
  Limb* rest = r ? r->limbs : *spare;
  Limb* digits = q ? q->limbs : *spare;
  TRY(compute(t, x->length, [&] { mpn_tdiv_qr(digits, rest, 0, x->limbs, size(x->length), y->limbs, size(y->length)); }));
  bool is_rounded = is_negative && trimmed(rest, y->length) != 0;
  if (is_rounded && r) (void)mpn_sub_n(rest, y->limbs, rest, size(y->length));
  if (q) {
    q->limbs[length] = is_rounded ? mpn_add_1(q->limbs, q->limbs, size(length), 1) : 0;
    *quotient = TRY(finish_int(t, q, length + 1, is_negative));
  }
  if (r) *remainder = TRY(finish_int(t, r, y->length, y->is_negative));
  return Value::none();
}

// value / 2^shift as a double, rounded once, half to even; the lowest bit of value is sticky.
double rounded_double(unsigned __int128 value, int64_t shift) {
  int width = 0;
  for (unsigned __int128 rest = value; rest != 0; rest >>= 1) ++width;
  int drop = width - 53;
  if (-shift + drop < -1074) drop = static_cast<int>(-1074 + shift);   // what a subnormal has
  if (drop <= 0) return std::ldexp(static_cast<double>(static_cast<uint64_t>(value)), static_cast<int>(-shift));
  unsigned __int128 half = static_cast<unsigned __int128>(1) << (drop - 1);
  unsigned __int128 tail = value & ((half << 1) - 1);
  uint64_t mantissa = static_cast<uint64_t>(value >> drop);
  if (tail > half || (tail == half && (mantissa & 1))) ++mantissa;
  return std::ldexp(static_cast<double>(mantissa), static_cast<int>(drop - shift));
}

// a / b rounded once: the quotient is computed with at least 55 significant bits and a sticky one.
Value true_divide(Thread& t, Value a, Value b) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (!a.is_object() && !b.is_object() && a.integer >= -kExact && a.integer <= kExact && b.integer >= -kExact &&
      b.integer <= kExact) {
    return Value::of_float(static_cast<double>(a.integer) / static_cast<double>(b.integer));
  }
  if (is_zero_int(a)) return Value::of_float(is_negative_int(b) ? -0.0 : 0.0);
  int64_t a_bits = static_cast<int64_t>(int_magnitude_bits(a)), b_bits = static_cast<int64_t>(int_magnitude_bits(b));
  bool is_negative = is_negative_int(a) != is_negative_int(b);
  if (a_bits - b_bits > 1025) return raise(t, ErrorType::OverflowError, "integer division result too large for a float");
  if (a_bits - b_bits < -1080) return Value::of_float(is_negative ? -0.0 : 0.0);
  // quotient = (a << shift) / b has 64 or 65 bits, fewer when the result is subnormal; both ways nothing is rounded twice.
  // A negative shift drops bits of a: that some were set is all that matters of them.
  int64_t shift = std::min<int64_t>(64 - (a_bits - b_bits), 1074 + 2);   // two bits below the smallest subnormal
  IntOperand x(a), y(b);
  size_t length = shift < 0 ? x->length : x->length + limbs_of_bits(static_cast<uint64_t>(shift)) + 1;
  LimbRoom numerator(length), rest(y->length);
  if (!has_room(t, length + y->length) || !numerator.is_ready() || !rest.is_ready()) return raise_memory(t);
  bool is_inexact = false;
  if (shift < 0) {
    is_inexact = shift_limbs_right(*numerator, *x, static_cast<uint64_t>(-shift));
    length = trimmed(*numerator, x->length - static_cast<uint64_t>(-shift) / kLimbBits);
  } else {
    length = shift_limbs_left(*numerator, *x, static_cast<uint64_t>(shift));
  }
  unsigned __int128 quotient = 0;
  if (length >= y->length) {
    LimbRoom digits(length - y->length + 1);   // three at most
    TRY(compute(t, length, [&] { mpn_tdiv_qr(*digits, *rest, 0, *numerator, size(length), y->limbs, size(y->length)); }));
    is_inexact |= trimmed(*rest, y->length) != 0;
    for (size_t i = trimmed(*digits, length - y->length + 1); i-- > 0;) quotient = quotient << kLimbBits | digits[i];
  } else {
    is_inexact = true;
  }
  double result = rounded_double(quotient | (is_inexact ? 1 : 0), shift);
  if (std::isinf(result)) return raise(t, ErrorType::OverflowError, "integer division result too large for a float");
  return Value::of_float(is_negative ? -result : result);
}

bool power_of_two_exponent(const LimbView& n, uint64_t& out) {
  if (n.length == 0 || !std::has_single_bit(n.limbs[n.length - 1]) || trimmed(n.limbs, n.length - 1) != 0) return false;
  out = (n.length - 1) * kLimbBits + static_cast<uint64_t>(std::countr_zero(n.limbs[n.length - 1]));
  return true;
}

// Squares and multiplies, going down the bits of the exponent; two buffers take turns.
Value power_big(Thread& t, Value base, uint64_t exponent) {
  IntOperand x(base);
  uint64_t two_exponent;
  if (power_of_two_exponent(*x, two_exponent)) {
    unsigned __int128 bits = static_cast<unsigned __int128>(two_exponent) * exponent;
    if (bits > (uint64_t{1} << 40)) return raise_memory(t);
    Value result = TRY(int_shift_left(t, Value::of_int(1), static_cast<uint64_t>(bits)));
    return x->is_negative && (exponent & 1) ? int_negate(t, result) : result;
  }
  unsigned __int128 least = static_cast<unsigned __int128>(int_magnitude_bits(base) - 1) * exponent;
  if (least > kMaxPowerBits) return raise_memory(t);
  size_t room = limbs_of_bits(int_magnitude_bits(base) * exponent) + x->length + 1;
  if (!has_room(t, 3 * room)) return raise_memory(t);
  LimbRoom first(room), second(room);
  if (!first.is_ready() || !second.is_ready()) return raise_memory(t);
  Limb *now = *first, *next = *second;
  size_t length = x->length;
  memcpy(now, x->limbs, length * sizeof(Limb));
  for (unsigned i = static_cast<unsigned>(std::bit_width(exponent)) - 1; i-- > 0;) {
    TRY(multiply_limbs(t, next, {now, length, false}, {now, length, false}));
    length = trimmed(next, 2 * length);
    std::swap(now, next);
    if (exponent >> i & 1) {
      TRY(multiply_limbs(t, next, {now, length, false}, *x));
      length = trimmed(next, length + x->length);
      std::swap(now, next);
    }
    TRY(t.poll());
  }
  return make_int(t, now, length, x->is_negative && (exponent & 1));
}

Value power(Thread& t, Value a, Value b) {
  if (is_negative_int(b)) {
    double x, y;
    if (!int_to_double(a, x) || !int_to_double(b, y)) {
      return raise(t, ErrorType::OverflowError, "int too large to convert to float");
    }
    return float_power(t, x, y);
  }
  int64_t small_base, exponent;
  bool has_small_base = fits_int64(a, small_base);
  if (!fits_int64(b, exponent)) {
    if (!has_small_base || small_base < -1 || small_base > 1) return raise_memory(t);
    exponent = is_negative_int(a) ? static_cast<int64_t>(IntOperand(b)->limbs[0] & 1) + 2 : 2;
  }
  if (exponent == 0) return Value::of_int(1);
  if (!has_small_base) return power_big(t, a, static_cast<uint64_t>(exponent));
  if (small_base == 0 || small_base == 1) return Value::of_int(small_base);
  if (small_base == -1) return Value::of_int(exponent & 1 ? -1 : 1);
  int64_t result = 1, square = small_base;
  for (uint64_t rest = static_cast<uint64_t>(exponent);;) {
    if ((rest & 1) && __builtin_mul_overflow(result, square, &result)) break;
    rest >>= 1;
    if (rest == 0) return Value::of_int(result);
    if (__builtin_mul_overflow(square, square, &square)) break;
  }
  return power_big(t, Value::of_int(small_base), static_cast<uint64_t>(exponent));
}

Value shift_left(Thread& t, Value a, Value b) {
  if (is_negative_int(b)) return raise(t, ErrorType::ValueError, "negative shift count");
  if (is_zero_int(a)) return Value::of_int(0);
  int64_t count;
  if (!fits_int64(b, count)) {
    // CPython counts in digits of 30 bits, of which there may be a quarter as many as there are addresses.
    constexpr double kMostBits = 30.0 * (static_cast<double>(INT64_MAX) / 4);
    double bits;
    return int_to_double(b, bits) && bits < kMostBits ? raise_memory(t) : raise(t, ErrorType::OverflowError, "too many digits in integer");
  }
  return int_shift_left(t, a, static_cast<uint64_t>(count));
}

// Rounds towards minus infinity, as two's complement does.
Value shift_right(Thread& t, Value a, Value b) {
  if (is_negative_int(b)) return raise(t, ErrorType::ValueError, "negative shift count");
  int64_t count;
  if (!fits_int64(b, count) || static_cast<uint64_t>(count) >= int_magnitude_bits(a)) return Value::of_int(is_negative_int(a) ? -1 : 0);
  if (!a.is_object()) return Value::of_int(a.integer >> (count > 63 ? 63 : count));
  IntOperand x(a);
  size_t length = x->length - static_cast<uint64_t>(count) / kLimbBits;
  BigInt* result = new_big_int(t, length + 1);
  if (!result) return Value::raised();
  bool is_inexact = false;
  TRY(pass_over(t, length, [&] { is_inexact = shift_limbs_right(result->limbs, *x, static_cast<uint64_t>(count)); }));
  result->limbs[length] = x->is_negative && is_inexact ? mpn_add_1(result->limbs, result->limbs, size(length), 1) : 0;
  return finish_int(t, result, length + 1, x->is_negative);
}

Limb combine(BinaryOp op, Limb a, Limb b) { return op == BinaryOp::And ? a & b : op == BinaryOp::Or ? a | b : a ^ b; }

// Reads the limbs of a number as two's complement has them, from the lowest on.
class Complement {
 public:
  explicit Complement(const LimbView& n) : n_(n), mask_(n.is_negative ? ~Limb{0} : 0), carry_(n.is_negative) {}
  Limb next() {
    Limb limb = ((at_ < n_.length ? n_.limbs[at_] : 0) ^ mask_) + carry_;
    ++at_;
    carry_ = carry_ && limb == 0;
    return limb;
  }

 private:
  LimbView n_;
  Limb mask_, carry_;
  size_t at_ = 0;
};

// Both are not negative, and a is not shorter than b.
size_t combine_positive(BinaryOp op, Limb* to, const LimbView& a, const LimbView& b) {
  if (b.length != 0) {
    if (op == BinaryOp::And) mpn_and_n(to, a.limbs, b.limbs, size(b.length));
    else if (op == BinaryOp::Or) mpn_ior_n(to, a.limbs, b.limbs, size(b.length));
    else mpn_xor_n(to, a.limbs, b.limbs, size(b.length));
  }
  if (op == BinaryOp::And) return b.length;
  memcpy(to + b.length, a.limbs + b.length, (a.length - b.length) * sizeof(Limb));
  return a.length;
}

Value bitwise(Thread& t, BinaryOp op, Value a, Value b) {
  if (!a.is_object() && !b.is_object()) {
    int64_t result = op == BinaryOp::And ? a.integer & b.integer : op == BinaryOp::Or ? a.integer | b.integer : a.integer ^ b.integer;
    return a.is_bool() && b.is_bool() ? Value::of_bool(result != 0) : Value::of_int(result);
  }
  IntOperand x(a), y(b);
  const LimbView &longer = x->length < y->length ? *y : *x, &shorter = x->length < y->length ? *x : *y;
  bool is_and_positive = op == BinaryOp::And && (!longer.is_negative && !shorter.is_negative);
  BigInt* result = new_big_int(t, is_and_positive ? shorter.length + 1 : longer.length + 1);
  if (!result) return Value::raised();
  Limb* limbs = result->limbs;
  if (!longer.is_negative && !shorter.is_negative) return finish_int(t, result, combine_positive(op, limbs, longer, shorter), false);
  size_t length = longer.length + 1;
  Complement p(longer), q(shorter);
  for (size_t i = 0; i < length; ++i) limbs[i] = combine(op, p.next(), q.next());
  bool is_negative = limbs[length - 1] >> (kLimbBits - 1);
  if (is_negative) mpn_neg(limbs, limbs, size(length));
  return finish_int(t, result, length, is_negative);
}

// Fast ways of the commonest operations on 64-bit operands; Empty when they overflow or are not among them.
Value small_binary(BinaryOp op, int64_t a, int64_t b) {
  int64_t result;
  switch (op) {
    case BinaryOp::Add: if (!__builtin_add_overflow(a, b, &result)) return Value::of_int(result); break;
    case BinaryOp::Sub: if (!__builtin_sub_overflow(a, b, &result)) return Value::of_int(result); break;
    case BinaryOp::Mul: if (!__builtin_mul_overflow(a, b, &result)) return Value::of_int(result); break;
    case BinaryOp::FloorDiv:
      if (b == 0 || (a == INT64_MIN && b == -1)) break;
      result = a / b;
      return Value::of_int(result - (a % b != 0 && (a < 0) != (b < 0)));
    case BinaryOp::Mod:
      if (b == 0 || b == -1) break;
      result = a % b;
      return Value::of_int(result != 0 && (result < 0) != (b < 0) ? result + b : result);
    default: break;
  }
  return Value::empty();
}

Value integer_binary(Thread& t, BinaryOp op, Value a, Value b) {
  switch (op) {
    case BinaryOp::Add: return add(t, a, b, false);
    case BinaryOp::Sub: return add(t, a, b, true);
    case BinaryOp::Mul: return multiply(t, a, b);
    case BinaryOp::TrueDiv: return is_zero_int(b) ? raise_zero_division(t, "division by zero") : true_divide(t, a, b);
    case BinaryOp::FloorDiv: {
      if (is_zero_int(b)) return raise_zero_division(t, "integer division or modulo by zero");
      Value quotient = Value::none();
      TRY(floor_divide(t, a, b, &quotient, nullptr));
      return quotient;
    }
    case BinaryOp::Mod: {
      if (is_zero_int(b)) return raise_zero_division(t, "integer modulo by zero");
      Value remainder = Value::none();
      TRY(floor_divide(t, a, b, nullptr, &remainder));
      return remainder;
    }
    case BinaryOp::DivMod: {
      if (is_zero_int(b)) return raise_zero_division(t, "integer division or modulo by zero");
      Value quotient = Value::none(), remainder = Value::none();
      TRY(floor_divide(t, a, b, &quotient, &remainder));
      return Value::of_object(make_tuple(t, {quotient, remainder}));
    }
    case BinaryOp::Pow: return power(t, a, b);
    case BinaryOp::LShift: return shift_left(t, a, b);
    case BinaryOp::RShift: return shift_right(t, a, b);
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Xor: return bitwise(t, op, a, b);
    case BinaryOp::MatMul: break;
  }
  return t.interpreter->not_implemented;
}

}  // namespace

Value int_negate(Thread& t, Value v) {
  if (!v.is_object() && v.integer != INT64_MIN) return Value::of_int(-v.integer);
  IntOperand x(v);
  return make_int(t, x->limbs, x->length, !x->is_negative);
}

Value int_shift_left(Thread& t, Value v, uint64_t count) {
  if (!v.is_object()) {
    int64_t i = v.integer;
    if (i == 0) return Value::of_int(0);
    if (count < 63 && (i << count) >> count == i) return Value::of_int(i << count);
  }
  if (count > uint64_t{1} << 40) return raise_memory(t);
  IntOperand x(v);
  if (x.is_zero()) return Value::of_int(0);
  BigInt* result = new_big_int(t, x->length + count / kLimbBits + 1);
  if (!result) return Value::raised();
  size_t length = 0;
  TRY(pass_over(t, result->length(), [&] { length = shift_limbs_left(result->limbs, *x, count); }));
  return finish_int(t, result, length, x->is_negative);
}

Value int_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (a.is_int() && b.is_int()) {
    Value result = small_binary(op, a.integer, b.integer);
    if (!result.is_empty()) return result;
    return integer_binary(t, op, a, b);
  }
  if (is_integer(a) && is_integer(b)) return integer_binary(t, op, a, b);
  if (is_floating(a) || is_floating(b)) return float_binary(t, op, a, b);
  return t.interpreter->not_implemented;
}

}  // namespace mini
