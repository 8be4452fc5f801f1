// SPDX-License-Identifier: MIT
// ints as values: from and to C++ numbers and bytes, comparing, hashing, indices. Operators are in int_arithmetic.cpp, text in
// int_text.cpp, the type's table in int_type.cpp.

#include "runtime/objects/int.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int_limbs.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

uint64_t magnitude(int64_t i) { return i < 0 ? ~static_cast<uint64_t>(i) + 1 : static_cast<uint64_t>(i); }

}  // namespace

bool fits_int64(Value v, int64_t& out) {
  if (!v.is_object()) {
    out = v.integer;
    return true;
  }
  IntOperand n(v);
  if (n->length > 1) return false;
  uint64_t value = n.is_zero() ? 0 : n->limbs[0];
  if (value > static_cast<uint64_t>(INT64_MAX) + (n->is_negative ? 1 : 0)) return false;
  out = static_cast<int64_t>(n->is_negative ? ~value + 1 : value);
  return true;
}

bool fits_uint64(Value v, uint64_t& out) {
  IntOperand n(v);
  if (n->is_negative || n->length > 1) return false;
  out = n.is_zero() ? 0 : n->limbs[0];
  return true;
}

Value make_int_u64(Thread& t, uint64_t n) {
  if (n <= INT64_MAX) return Value::of_int(static_cast<int64_t>(n));
  return make_int(t, &n, 1, false);
}

Value make_int_i128(Thread& t, __int128 n) {
  if (n >= INT64_MIN && n <= INT64_MAX) return Value::of_int(static_cast<int64_t>(n));
  unsigned __int128 value = n < 0 ? -static_cast<unsigned __int128>(n) : static_cast<unsigned __int128>(n);
  Limb limbs[2] = {static_cast<Limb>(value), static_cast<Limb>(value >> kLimbBits)};
  return make_int(t, limbs, 2, n < 0);
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
  IntOperand n(v);
  return make_int(t, *n);
}

bool is_negative_int(Value v) { return v.is_object() ? static_cast<BigInt*>(v.object)->is_negative() : v.integer < 0; }
bool is_number(Thread& t, Value v) {
  if (is_integer(v) || is_floating(v)) return true;
  Type* type = type_of(t, v);
  return type->ops.index || !type_lookup(type, intern(t, "__int__")).is_empty() || !type_lookup(type, intern(t, "__float__")).is_empty();
}
bool is_zero_int(Value v) { return v.is_object() ? static_cast<BigInt*>(v.object)->length() == 0 : v.integer == 0; }

uint64_t int_magnitude_bits(Value v) {
  if (!v.is_object()) return static_cast<uint64_t>(std::bit_width(magnitude(v.integer)));
  auto n = static_cast<BigInt*>(v.object);
  if (n->length() == 0) return 0;
  return (n->length() - 1) * kLimbBits + static_cast<uint64_t>(std::bit_width(n->limbs[n->length() - 1]));
}

std::string int_magnitude_bytes(Value v) {
  IntOperand n(v);
  std::string out((int_magnitude_bits(v) + 7) / 8, '\0');
  for (size_t i = 0; i < out.size(); ++i) out[out.size() - 1 - i] = static_cast<char>(n->limbs[i / 8] >> i % 8 * 8);
  return out;
}

Value make_int_of_bytes(Thread& t, std::string_view bytes, bool is_negative) {
  size_t length = (bytes.size() + sizeof(Limb) - 1) / sizeof(Limb);
  if (!has_room(t, length)) return raise_memory(t);
  LimbRoom limbs(length);
  if (!limbs.is_ready()) return raise_memory(t);
  mpn_zero(*limbs, static_cast<mp_size_t>(length));
  for (size_t i = 0; i < bytes.size(); ++i) {
    limbs[i / 8] |= static_cast<Limb>(static_cast<uint8_t>(bytes[bytes.size() - 1 - i])) << i % 8 * 8;
  }
  return make_int(t, *limbs, length, is_negative);
}

namespace {

// The `count` bits (64 at most) of a magnitude from bit `at` on.
uint64_t bits_from(const LimbView& n, uint64_t at) {
  size_t i = at / kLimbBits;
  unsigned bit = at % kLimbBits;
  uint64_t low = n.limbs[i] >> bit;
  return bit && i + 1 < n.length ? low | n.limbs[i + 1] << (kLimbBits - bit) : low;
}

// The top 64 bits, the lowest of them made sticky: it is far below the rounding position. They stand `drop` bits up.
uint64_t top_bits(Value v, uint64_t& drop) {
  IntOperand n(v);
  uint64_t bits = int_magnitude_bits(v);
  drop = bits > kLimbBits ? bits - kLimbBits : 0;
  uint64_t top = bits ? bits_from(*n, drop) : 0;
  return has_low_bits(*n, drop) ? top | 1 : top;
}

}  // namespace

double int_fraction(Value v, int64_t& exponent) {
  uint64_t drop;
  uint64_t top = top_bits(v, drop);
  exponent = static_cast<int64_t>(int_magnitude_bits(v));
  double fraction = std::ldexp(static_cast<double>(top), static_cast<int>(static_cast<int64_t>(drop) - exponent));
  if (fraction != 1.0) return fraction;
  ++exponent;   // rounding carried into the next power of two
  return 0.5;
}

bool int_to_double(Value v, double& out) {
  if (!v.is_object()) {
    out = static_cast<double>(v.integer);
    return true;
  }
  if (int_magnitude_bits(v) > 1024) return false;
  uint64_t drop;
  uint64_t top = top_bits(v, drop);
  double result = std::ldexp(static_cast<double>(top), static_cast<int>(drop));
  if (std::isinf(result)) return false;
  out = is_negative_int(v) ? -result : result;
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
  // Equal after rounding: a double of this size is its leading 53 bits, so what the int has below them decides.
  IntOperand n(v);
  uint64_t below = static_cast<uint64_t>(bits - 53);
  uint64_t mantissa = static_cast<uint64_t>(std::ldexp(std::frexp(std::fabs(d), &exponent), 53));
  uint64_t leading = bits_from(*n, below);
  if (leading == mantissa && !has_low_bits(*n, below)) return 0;
  return (leading < mantissa) != is_negative ? -1 : 1;
}

int64_t hash_large_int64(int64_t n) {
  uint64_t rest = magnitude(n) % kHashModulus;
  int64_t hash = n < 0 ? -static_cast<int64_t>(rest) : static_cast<int64_t>(rest);
  return hash == -1 ? -2 : hash;
}

int64_t hash_integer(Value v) {
  if (!v.is_object()) return hash_int64(v.integer);
  IntOperand n(v);
  // 2^64 is 8 modulo 2^61 - 1, and multiplying by 8 is a rotation.
  static_assert(kHashBits == 61);
  uint64_t rest = 0;
  for (size_t i = n->length; i-- > 0;) {
    rest = ((rest << 3) & kHashModulus) + (rest >> 58) + (n->limbs[i] & kHashModulus) + (n->limbs[i] >> 61);
    rest = (rest & kHashModulus) + (rest >> 61);
  }
  if (rest >= kHashModulus) rest -= kHashModulus;
  int64_t hash = n->is_negative ? -static_cast<int64_t>(rest) : static_cast<int64_t>(rest);
  return hash == -1 ? -2 : hash;
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
  if (x->is_negative != y->is_negative) return x->is_negative ? -1 : 1;
  int order = compare_limbs(*x, *y);
  return x->is_negative ? -order : order;
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

bool to_index_clamped(Thread& t, Value v, int64_t& out) {
  if (MINI_LIKELY(v.is_int())) {
    out = v.integer;
    return true;
  }
  Value i = to_integer(t, v);
  if (i.is_raised()) return false;
  if (!fits_int64(i, out)) out = is_negative_int(i) ? INT64_MIN : INT64_MAX;
  return true;
}

namespace {

// False after raising; `fits` tells whether it is because of the size.
bool index_of(Thread& t, Value v, int64_t& out, bool& fits) {
  fits = true;
  if (MINI_LIKELY(v.is_int())) {
    out = v.integer;
    return true;
  }
  Value i = to_integer(t, v);
  if (i.is_raised()) return false;
  fits = fits_int64(i, out);
  return fits;
}

bool index_or_raise(Thread& t, Value v, int64_t& out, ErrorType error) {
  bool fits;
  if (index_of(t, v, out, fits)) return true;
  if (!fits) (void)raise(t, error, "cannot fit '{}' into an index-sized integer", type_name(t, v));
  return false;
}

}  // namespace

bool to_length(Thread& t, Value v, int64_t& out) { return index_or_raise(t, v, out, ErrorType::OverflowError); }
bool to_position(Thread& t, Value v, int64_t& out) { return index_or_raise(t, v, out, ErrorType::IndexError); }

bool to_index(Thread& t, Value v, int64_t& out) {
  bool fits;
  if (index_of(t, v, out, fits)) return true;
  if (!fits) (void)raise_text(t, ErrorType::OverflowError, "Python int too large to convert to C ssize_t");
  return false;
}

bool to_small_index(Thread& t, Value v, int64_t& out) {
  bool fits;
  if (!index_of(t, v, out, fits) && fits) return false;
  if (fits && out == static_cast<int32_t>(out)) return true;
  (void)raise_text(t, ErrorType::OverflowError, "Python int too large to convert to C int");
  return false;
}

}  // namespace mini
