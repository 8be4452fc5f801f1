// SPDX-License-Identifier: MIT
// int arithmetic. 64-bit values use the compiler's overflow builtins and __int128; larger ones LibTomMath, whose digits have
// 60 bits. The type's table is in int_type.cpp, text in int_text.cpp.
//
// Hostile sizes: results that would need more memory than the heap allows raise MemoryError before any work is
// done, and powers poll for attention between multiplications.

#include "runtime/objects/int.h"
#include "runtime/objects/int_divide.h"

#include <bit>
#include <cmath>
#include <cstdlib>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

static_assert(MP_DIGIT_BIT == 60, "the code below takes LibTomMath's digits to have 60 bits");

// Powers beyond this many bits take LibTomMath many seconds; they raise MemoryError instead.
constexpr uint64_t kMaxPowerBits = uint64_t{1} << 27;

uint64_t magnitude(int64_t i) { return i < 0 ? ~static_cast<uint64_t>(i) + 1 : static_cast<uint64_t>(i); }

bool mp_fits_int64(const mp_int& n, int64_t& out) {
  if (n.used > 2) return false;
  uint64_t low = n.used > 0 ? n.dp[0] : 0, high = n.used > 1 ? n.dp[1] : 0;
  bool is_negative = n.sign == MP_NEG;
  if (high > 8 || (high == 8 && (low != 0 || !is_negative))) return false;
  uint64_t value = low | high << MP_DIGIT_BIT;
  out = static_cast<int64_t>(is_negative ? ~value + 1 : value);
  return true;
}

void set_digits(mp_int& n, unsigned __int128 value) {
  for (n.used = 0; value != 0; value >>= MP_DIGIT_BIT) n.dp[n.used++] = static_cast<uint64_t>(value) & MP_MASK;
}

constexpr size_t kSpareNumbers = 8;
constexpr int kMostSpareDigits = 64;

// Gives `big` a copy of the digits.
Value set_number(Thread& t, BigInt* big, const mp_int& number) {
  // Zero has no digits, but its buffer has a place for one: the pool keeps its list of free buffers inside them.
  int room = std::max(number.used, 1);
  size_t bytes = static_cast<size_t>(room) * sizeof(mp_digit);
  auto digits = static_cast<mp_digit*>(t.heap->take_buffer(bytes));
  if (!digits) return raise_memory(t);
  digits[0] = 0;
  if (number.used) memcpy(digits, number.dp, static_cast<size_t>(number.used) * sizeof(mp_digit));
  big->number.dp = digits;
  big->number.used = number.used;
  big->number.alloc = room;
  big->number.sign = number.sign;
  big->flags |= kHasFinalizer;
  return Value::of_object(big);
}

Value big_int(Thread& t, const mp_int& number) { return set_number(t, t.heap->make<BigInt>(types(t).int_->root_shape), number); }

}  // namespace

IntScratch::IntScratch() {
  auto& spare = current_thread()->interpreter->spare_digits;
  is_ready = true;
  if (spare.empty()) {
    is_ready = mp_init_size(&number, 16) == MP_OKAY;
    return;
  }
  number.used = 0;
  number.alloc = spare.back().capacity;
  number.sign = MP_ZPOS;
  number.dp = static_cast<mp_digit*>(spare.back().digits);
  spare.pop_back();
}

IntScratch::~IntScratch() {
  auto& spare = current_thread()->interpreter->spare_digits;
  if (!is_ready || number.alloc > kMostSpareDigits || spare.size() >= kSpareNumbers) {
    mp_clear(&number);
    return;
  }
  memset(number.dp, 0, static_cast<size_t>(number.alloc) * sizeof(mp_digit));
  spare.push_back({number.dp, number.alloc});
}

IntOperand::IntOperand(Value v) {
  if (v.is_object()) {
    number_ = &static_cast<BigInt*>(v.object)->number;
    return;
  }
  local_.dp = digits_;
  local_.alloc = 2;
  local_.sign = v.integer < 0 ? MP_NEG : MP_ZPOS;
  set_digits(local_, magnitude(v.integer));
  number_ = &local_;
}

Value take_int(Thread& t, IntScratch& scratch) {
  int64_t small;
  if (mp_fits_int64(scratch.number, small)) return Value::of_int(small);
  return big_int(t, scratch.number);
}

bool fits_int64(Value v, int64_t& out) {
  if (!v.is_object()) {
    out = v.integer;
    return true;
  }
  return mp_fits_int64(static_cast<BigInt*>(v.object)->number, out);
}

Value make_int(Thread& t, const mp_int& number) {
  int64_t small;
  if (mp_fits_int64(number, small)) return Value::of_int(small);
  return big_int(t, number);
}

Value make_int_u64(Thread& t, uint64_t n) {
  if (n <= INT64_MAX) return Value::of_int(static_cast<int64_t>(n));
  return make_int_i128(t, static_cast<__int128>(n));
}

Value make_int_i128(Thread& t, __int128 n) {
  if (n >= INT64_MIN && n <= INT64_MAX) return Value::of_int(static_cast<int64_t>(n));
  mp_digit digits[3];
  mp_int number;
  number.dp = digits;
  number.alloc = 3;
  number.sign = n < 0 ? MP_NEG : MP_ZPOS;
  set_digits(number, n < 0 ? -static_cast<unsigned __int128>(n) : static_cast<unsigned __int128>(n));
  return big_int(t, number);
}

Value make_int_from_double(Thread& t, double d) {
  if (d >= -0x1p63 && d < 0x1p63) return Value::of_int(static_cast<int64_t>(d));
  int exponent;
  double fraction = std::frexp(d, &exponent);
  Value mantissa = Value::of_int(static_cast<int64_t>(std::ldexp(fraction, 53)));
  return int_shift_left(t, mantissa, static_cast<uint64_t>(exponent - 53));
}

Value plain_int(Thread& t, Value v) {
  if (v.is_int()) return v;
  if (v.is_bool()) return Value::of_int(v.integer);
  if (v.object->exact == Kind::Int) return v;
  return make_int(t, static_cast<BigInt*>(v.object)->number);
}

Value int_of_type(Thread& t, Type* cls, Value v) {
  if (cls == types(t).int_) return plain_int(t, v);
  IntOperand operand(v);
  BigInt* big = static_cast<BigInt*>(allocate_object(t, cls));
  big->number = {};
  return set_number(t, big, **operand);
}

bool is_negative_int(Value v) {
  return v.is_object() ? static_cast<BigInt*>(v.object)->number.sign == MP_NEG : v.integer < 0;
}

uint64_t int_magnitude_bits(Value v) {
  if (!v.is_object()) return static_cast<uint64_t>(std::bit_width(magnitude(v.integer)));
  const mp_int& n = static_cast<BigInt*>(v.object)->number;
  if (n.used == 0) return 0;
  return static_cast<uint64_t>(n.used - 1) * MP_DIGIT_BIT + static_cast<uint64_t>(std::bit_width(n.dp[n.used - 1]));
}

bool int_to_double(Value v, double& out) {
  if (!v.is_object()) {
    out = static_cast<double>(v.integer);
    return true;
  }
  const mp_int& n = static_cast<BigInt*>(v.object)->number;
  uint64_t bits = int_magnitude_bits(v);
  if (bits > 1024) return false;
  // The top 64 bits, the lowest of them made sticky: it is far below the rounding position.
  uint64_t top = 0;
  bool is_sticky = false;
  int64_t drop = static_cast<int64_t>(bits) - 64;
  for (int i = 0; i < n.used; ++i) {
    int64_t at = static_cast<int64_t>(i) * MP_DIGIT_BIT - drop;   // where the digit's lowest bit goes in `top`
    uint64_t digit = n.dp[i];
    if (at >= 64) continue;
    if (at >= 0) {
      top |= digit << at;
    } else if (at > -64) {
      top |= digit >> -at;
      if (digit & ((uint64_t{1} << -at) - 1)) is_sticky = true;
    } else if (digit != 0) {
      is_sticky = true;
    }
  }
  double magnitude_value = drop <= 0 ? std::ldexp(static_cast<double>(top), static_cast<int>(drop))
                                     : std::ldexp(static_cast<double>(top | (is_sticky ? 1 : 0)), static_cast<int>(drop));
  if (std::isinf(magnitude_value)) return false;
  out = n.sign == MP_NEG ? -magnitude_value : magnitude_value;
  return true;
}

int compare_int_double(Value v, double d) {
  if (std::isnan(d)) return 2;
  if (std::isinf(d)) return d > 0 ? -1 : 1;
  int64_t i;
  if (fits_int64(v, i)) {
    if (d >= 0x1p63) return -1;
    if (d < -0x1p63) return 1;
    int64_t whole = static_cast<int64_t>(d);
    if (i != whole) return i < whole ? -1 : 1;
    double rest = d - static_cast<double>(whole);
    return rest > 0 ? -1 : rest < 0 ? 1 : 0;
  }
  // A big int is no less than 2^63 in magnitude, where doubles are integral: compare by length, then exactly.
  bool is_negative = is_negative_int(v);
  if (is_negative != (d < 0)) return is_negative ? -1 : 1;
  int exponent;
  (void)std::frexp(d, &exponent);
  int64_t bits = static_cast<int64_t>(int_magnitude_bits(v));
  if (bits != exponent) return (bits < exponent) != is_negative ? -1 : 1;
  double nearest;
  if (!int_to_double(v, nearest)) return is_negative ? -1 : 1;
  if (nearest != d) return nearest < d ? -1 : 1;
  // Equal after rounding: the difference is in the bits that rounding dropped.
  const mp_int& n = static_cast<BigInt*>(v.object)->number;
  int64_t mantissa = static_cast<int64_t>(std::ldexp(std::frexp(std::fabs(d), &exponent), 53));
  IntOperand base(Value::of_int(mantissa));
  IntScratch exact;
  if (mp_mul_2d(*base, exponent - 53, *exact) != MP_OKAY) return 0;
  mp_ord order = mp_cmp_mag(&n, *exact);
  if (order == MP_EQ) return 0;
  return (order == MP_LT) != is_negative ? -1 : 1;
}

int64_t hash_int64(int64_t n) {
  uint64_t rest = magnitude(n) % kHashModulus;
  int64_t hash = n < 0 ? -static_cast<int64_t>(rest) : static_cast<int64_t>(rest);
  return hash == -1 ? -2 : hash;
}

int64_t hash_integer(Value v) {
  if (!v.is_object()) return hash_int64(v.integer);
  const mp_int& n = static_cast<BigInt*>(v.object)->number;
  uint64_t sum = 0;
  for (int i = n.used; i-- > 0;) {
    // sum * 2^60 modulo 2^61 - 1 is a rotation.
    sum = ((sum << MP_DIGIT_BIT) & kHashModulus) | sum >> (kHashBits - MP_DIGIT_BIT);
    sum += n.dp[i];
    if (sum >= kHashModulus) sum -= kHashModulus;
  }
  int64_t hash = n.sign == MP_NEG ? -static_cast<int64_t>(sum) : static_cast<int64_t>(sum);
  return hash == -1 ? -2 : hash;
}

namespace {

Value raise_zero_division(Thread& t, const char* text) { return raise(t, ErrorType::ZeroDivisionError, "{}", text); }

bool has_room(Thread& t, uint64_t bits) { return bits / 8 < (uint64_t{1} << 31) && t.heap->can_allocate(bits / 8); }

using MpBinary = mp_err (*)(const mp_int*, const mp_int*, mp_int*);

Value apply(Thread& t, MpBinary function, Value a, Value b) {
  IntOperand x(a), y(b);
  IntScratch result;
  if (!result.is_ready || function(*x, *y, *result) != MP_OKAY) return raise_memory(t);
  return take_int(t, result);
}

Value multiply(Thread& t, Value a, Value b) {
  if (!a.is_object() && !b.is_object()) return make_int_i128(t, static_cast<__int128>(a.integer) * b.integer);
  if (!has_room(t, int_magnitude_bits(a) + int_magnitude_bits(b))) return raise_memory(t);
  return apply(t, mp_mul, a, b);
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
  IntScratch q, r;
  if (!q.is_ready || !r.is_ready || divide_numbers(*x, *y, *q, *r) != MP_OKAY) return raise_memory(t);
  if (r.number.used != 0 && r.number.sign != y->sign) {
    if (mp_sub_d(*q, 1, *q) != MP_OKAY || mp_add(*r, *y, *r) != MP_OKAY) return raise_memory(t);
  }
  if (quotient != nullptr) *quotient = TRY(take_int(t, q));
  if (remainder != nullptr) *remainder = TRY(take_int(t, r));
  return Value::none();
}

bool is_zero(Value v) { return v.is_object() ? static_cast<BigInt*>(v.object)->number.used == 0 : v.integer == 0; }

// a / b rounded once: the quotient is computed with at least 55 significant bits and a sticky one.
Value true_divide(Thread& t, Value a, Value b) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (!a.is_object() && !b.is_object() && a.integer >= -kExact && a.integer <= kExact && b.integer >= -kExact &&
      b.integer <= kExact) {
    return Value::of_float(static_cast<double>(a.integer) / static_cast<double>(b.integer));
  }
  if (is_zero(a)) return Value::of_float(is_negative_int(b) ? -0.0 : 0.0);
  int64_t a_bits = static_cast<int64_t>(int_magnitude_bits(a)), b_bits = static_cast<int64_t>(int_magnitude_bits(b));
  bool is_negative = is_negative_int(a) != is_negative_int(b);
  if (a_bits - b_bits > 1025) return raise(t, ErrorType::OverflowError, "integer division result too large for a float");
  if (a_bits - b_bits < -1080) return Value::of_float(is_negative ? -0.0 : 0.0);
  // quotient = (a << shift) / b has 64 or 65 bits, fewer when the result is subnormal; both ways nothing is rounded twice.
  int64_t shift = 64 - (a_bits - b_bits);
  int64_t lowest = -1074 - 2;                       // two bits below the smallest subnormal
  if (-shift < lowest) shift = -lowest;
  IntOperand x(a), y(b);
  IntScratch numerator, denominator, quotient, rest;
  if (mp_abs(*x, *numerator) != MP_OKAY || mp_abs(*y, *denominator) != MP_OKAY) return raise_memory(t);
  mp_err failed = shift >= 0 ? mp_mul_2d(*numerator, static_cast<int>(shift), *numerator)
                             : mp_mul_2d(*denominator, static_cast<int>(-shift), *denominator);
  if (failed != MP_OKAY || mp_div(*numerator, *denominator, *quotient, *rest) != MP_OKAY) return raise_memory(t);
  unsigned __int128 bits = 0;
  for (int i = quotient.number.used; i-- > 0;) bits = bits << MP_DIGIT_BIT | quotient.number.dp[i];
  if (rest.number.used != 0) bits |= 1;
  // Round to 53 bits, or to what a subnormal has, by hand: half to even.
  int width = 0;
  for (unsigned __int128 b2 = bits; b2 != 0; b2 >>= 1) ++width;
  int drop = width - 53;
  if (-shift + drop < -1074) drop = static_cast<int>(-1074 + shift);
  uint64_t mantissa;
  if (drop > 0) {
    unsigned __int128 half = static_cast<unsigned __int128>(1) << (drop - 1);
    unsigned __int128 tail = bits & ((half << 1) - 1);
    mantissa = static_cast<uint64_t>(bits >> drop);
    if (tail > half || (tail == half && (mantissa & 1))) ++mantissa;
  } else {
    mantissa = static_cast<uint64_t>(bits);
    drop = 0;
  }
  double result = std::ldexp(static_cast<double>(mantissa), static_cast<int>(drop - shift));
  if (std::isinf(result)) return raise(t, ErrorType::OverflowError, "integer division result too large for a float");
  return Value::of_float(is_negative ? -result : result);
}

bool power_of_two_exponent(const mp_int* n, uint64_t& out) {
  if (n->used == 0) return false;
  for (int i = 0; i + 1 < n->used; ++i) {
    if (n->dp[i] != 0) return false;
  }
  uint64_t top = n->dp[n->used - 1];
  if (!std::has_single_bit(top)) return false;
  out = static_cast<uint64_t>(n->used - 1) * MP_DIGIT_BIT + static_cast<uint64_t>(std::countr_zero(top));
  return true;
}

Value power_big(Thread& t, Value base, uint64_t exponent) {
  IntOperand x(base);
  uint64_t two_exponent;
  if (power_of_two_exponent(*x, two_exponent)) {
    unsigned __int128 bits = static_cast<unsigned __int128>(two_exponent) * exponent;
    if (bits > (uint64_t{1} << 40)) return raise_memory(t);
    Value result = TRY(int_shift_left(t, Value::of_int(1), static_cast<uint64_t>(bits)));
    return x.is_negative() && (exponent & 1) ? int_negate(t, result) : result;
  }
  unsigned __int128 bits = static_cast<unsigned __int128>(int_magnitude_bits(base) - 1) * exponent;
  if (bits > kMaxPowerBits || !has_room(t, static_cast<uint64_t>(bits) * 3)) return raise_memory(t);
  IntScratch result;
  if (!result.is_ready || mp_copy(*x, *result) != MP_OKAY) return raise_memory(t);
  for (int i = std::bit_width(exponent) - 1; i-- > 0;) {
    if (mp_sqr(*result, *result) != MP_OKAY) return raise_memory(t);
    if ((exponent >> i & 1) && mp_mul(*result, *x, *result) != MP_OKAY) return raise_memory(t);
    TRY(t.poll());
  }
  return take_int(t, result);
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
    exponent = is_negative_int(a) ? static_cast<int64_t>(IntOperand(b)->dp[0] & 1) + 2 : 2;
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
  if (is_zero(a)) return Value::of_int(0);
  int64_t count;
  if (!fits_int64(b, count)) return raise(t, ErrorType::OverflowError, "too many digits in integer");
  return int_shift_left(t, a, static_cast<uint64_t>(count));
}

Value shift_right(Thread& t, Value a, Value b) {
  if (is_negative_int(b)) return raise(t, ErrorType::ValueError, "negative shift count");
  int64_t count;
  if (!fits_int64(b, count) || count > INT32_MAX) return Value::of_int(is_negative_int(a) ? -1 : 0);
  if (!a.is_object()) return Value::of_int(a.integer >> (count > 63 ? 63 : count));
  IntOperand x(a);
  IntScratch result;
  if (!result.is_ready || mp_signed_rsh(*x, static_cast<int>(count), *result) != MP_OKAY) return raise_memory(t);
  return take_int(t, result);
}

Value bitwise(Thread& t, BinaryOp op, Value a, Value b) {
  if (!a.is_object() && !b.is_object()) {
    int64_t result = op == BinaryOp::And ? a.integer & b.integer : op == BinaryOp::Or ? a.integer | b.integer : a.integer ^ b.integer;
    return a.is_bool() && b.is_bool() ? Value::of_bool(result != 0) : Value::of_int(result);
  }
  return apply(t, op == BinaryOp::And ? mp_and : op == BinaryOp::Or ? mp_or : mp_xor, a, b);
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
    case BinaryOp::Add: return apply(t, mp_add, a, b);
    case BinaryOp::Sub: return apply(t, mp_sub, a, b);
    case BinaryOp::Mul: return multiply(t, a, b);
    case BinaryOp::TrueDiv: return is_zero(b) ? raise_zero_division(t, "division by zero") : true_divide(t, a, b);
    case BinaryOp::FloorDiv: {
      if (is_zero(b)) return raise_zero_division(t, "integer division or modulo by zero");
      Value quotient = Value::none();
      TRY(floor_divide(t, a, b, &quotient, nullptr));
      return quotient;
    }
    case BinaryOp::Mod: {
      if (is_zero(b)) return raise_zero_division(t, "integer modulo by zero");
      Value remainder = Value::none();
      TRY(floor_divide(t, a, b, nullptr, &remainder));
      return remainder;
    }
    case BinaryOp::DivMod: {
      if (is_zero(b)) return raise_zero_division(t, "integer division or modulo by zero");
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
  IntScratch result;
  if (!result.is_ready || mp_neg(*x, *result) != MP_OKAY) return raise_memory(t);
  return take_int(t, result);
}

Value int_shift_left(Thread& t, Value v, uint64_t count) {
  if (!v.is_object()) {
    int64_t i = v.integer;
    if (i == 0) return Value::of_int(0);
    if (count < 63 && (i << count) >> count == i) return Value::of_int(i << count);
  }
  if (count > INT32_MAX || !has_room(t, int_magnitude_bits(v) + count)) return raise_memory(t);
  IntOperand x(v);
  IntScratch result;
  if (!result.is_ready || mp_mul_2d(*x, static_cast<int>(count), *result) != MP_OKAY) return raise_memory(t);
  return take_int(t, result);
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

Value int_pow_mod(Thread& t, Value base, Value exponent, Value modulus) {
  if (!is_integer(base) || !is_integer(exponent) || !is_integer(modulus)) {
    return raise(t, ErrorType::TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
  }
  if (is_zero(modulus)) return raise(t, ErrorType::ValueError, "pow() 3rd argument cannot be 0");
  IntOperand x(base), e(exponent), m(modulus);
  IntScratch absolute, result, positive;
  if (mp_abs(*m, *absolute) != MP_OKAY || mp_mod(*x, *absolute, *result) != MP_OKAY || mp_abs(*e, *positive) != MP_OKAY) {
    return raise_memory(t);
  }
  bool is_one = absolute.number.used == 1 && absolute.number.dp[0] == 1;
  if (is_one) return Value::of_int(0);
  if (e.is_negative() && mp_invmod(*result, *absolute, *result) != MP_OKAY) {
    return raise(t, ErrorType::ValueError, "base is not invertible for the given modulus");
  }
  if (mp_exptmod(*result, *positive, *absolute, *result) != MP_OKAY) return raise_memory(t);
  if (m.is_negative() && result.number.used != 0 && mp_add(*result, *m, *result) != MP_OKAY) return raise_memory(t);
  return take_int(t, result);
}

namespace {

bool order_matches(CompareOp op, int order) {
  switch (op) {
    case CompareOp::Lt: return order < 0;
    case CompareOp::Le: return order <= 0;
    case CompareOp::Eq: return order == 0;
    case CompareOp::Ne: return order != 0;
    case CompareOp::Gt: return order > 0;
    case CompareOp::Ge: return order >= 0;
  }
  return false;
}

int compare_integers(Value a, Value b) {
  if (!a.is_object() && !b.is_object()) return a.integer < b.integer ? -1 : a.integer > b.integer;
  IntOperand x(a), y(b);
  mp_ord order = mp_cmp(*x, *y);
  return order == MP_LT ? -1 : order == MP_GT;
}

}  // namespace

Value number_compare(Thread& t, CompareOp op, Value a, Value b) {
  bool a_is_int = is_integer(a), b_is_int = is_integer(b);
  if (a_is_int && b_is_int) return Value::of_bool(order_matches(op, compare_integers(a, b)));
  if ((!a_is_int && !is_floating(a)) || (!b_is_int && !is_floating(b))) return t.interpreter->not_implemented;
  int order;
  if (a_is_int) {
    order = compare_int_double(a, float_value(b));
  } else if (b_is_int) {
    order = compare_int_double(b, float_value(a));
    if (order != 2) order = -order;
  } else {
    double x = float_value(a), y = float_value(b);
    order = x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
  }
  if (order == 2) return Value::of_bool(op == CompareOp::Ne);   // a NaN is unequal to everything and unordered
  return Value::of_bool(order_matches(op, order));
}

Value to_integer(Thread& t, Value v) {
  if (v.is_int()) return v;
  if (is_integer(v)) return v.is_bool() ? Value::of_int(v.integer) : v;
  Type* type = type_of(t, v);
  if (type->ops.index == nullptr) {
    return raise(t, ErrorType::TypeError, "'{}' object cannot be interpreted as an integer", type_name(t, v));
  }
  Value result = TRY(type->ops.index(t, v));
  if (!is_integer(result)) {
    return raise(t, ErrorType::TypeError, "__index__ returned non-int (type {})", type_name(t, result));
  }
  return result;
}

namespace {

bool index_of(Thread& t, Value v, int64_t& out, ErrorType error, bool clamps) {
  if (MINI_LIKELY(v.is_int())) {
    out = v.integer;
    return true;
  }
  Value i = to_integer(t, v);
  if (i.is_raised()) return false;
  if (fits_int64(i, out)) return true;
  if (!clamps) {
    (void)raise(t, error, "cannot fit '{}' into an index-sized integer", type_name(t, v));
    return false;
  }
  out = is_negative_int(i) ? INT64_MIN : INT64_MAX;
  return true;
}

}  // namespace

bool to_index(Thread& t, Value v, int64_t& out) { return index_of(t, v, out, ErrorType::OverflowError, false); }
bool to_position(Thread& t, Value v, int64_t& out) { return index_of(t, v, out, ErrorType::IndexError, false); }
bool to_index_clamped(Thread& t, Value v, int64_t& out) { return index_of(t, v, out, ErrorType::OverflowError, true); }

}  // namespace mini
