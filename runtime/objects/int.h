// SPDX-License-Identifier: MIT
// int: 64-bit values live in the Value itself; larger ones, and instances of subclasses of int, are BigInt objects of 64-bit
// limbs (int_limbs.h). Results come back to 64 bits when they fit. bool is a subclass of int whose two instances are tagged values.
#pragma once

#include <string>
#include <string_view>

#include "runtime/object.h"

namespace mini {

using Limb = uint64_t;

// The magnitude and, in the header, its length and sign. Limbs lie behind the object; those of an instance of a subclass, where
// attributes may lie, in a buffer of their own.
struct BigInt : Object {
  Limb* limbs;   // least significant first; the last one is not zero
  size_t length() const { return extra; }
  bool is_negative() const { return flags & kFrozenBySelf; }
};

struct FloatObject : Object {   // an instance of a subclass of float
  double number;
};

extern const Layout int__layout, bool__layout, float__layout;

// Is v an int of any kind (bool and subclasses included)?
inline bool is_integer(Value v) { return v.is_int() || v.is_bool() || is_kind(v, Kind::Int); }
inline bool is_floating(Value v) { return v.is_float() || is_kind(v, Kind::Float); }
inline double float_value(Value v) { return v.is_float() ? v.number : static_cast<FloatObject*>(v.object)->number; }
// sum = a + b for two ints, or for a float and either. False: they are something else, or too large together.
inline bool add_plain(Value a, Value b, Value& sum) {
  int64_t n;
  if (a.is_int() && b.is_int() && !__builtin_add_overflow(a.integer, b.integer, &n)) {
    sum = Value::of_int(n);
    return true;
  }
  if (!a.is_float() || !(b.is_float() || b.is_int())) return false;
  sum = Value::of_float(a.number + (b.is_float() ? b.number : static_cast<double>(b.integer)));
  return true;
}
// The value of an integer Value when it fits 64 bits.
bool fits_int64(Value v, int64_t& out);
// The same without a sign: false for negative values and those of more than 64 bits.
bool fits_uint64(Value v, uint64_t& out);
bool is_negative_int(Value v);
uint64_t int_magnitude_bits(Value v);                // bit_length
Value make_int_u64(Thread& t, uint64_t n);
Value make_int_i128(Thread& t, __int128 n);
Value make_int_from_double(Thread& t, double d);     // d is integral and finite
// The magnitude as bytes, most significant first, without leading zeros; and back.
std::string int_magnitude_bytes(Value v);
Value make_int_of_bytes(Thread& t, std::string_view magnitude, bool is_negative);
// __index__ of v as 64 bits, for an argument of a function. False after raising (TypeError "'x' object cannot be interpreted as an
// integer", or OverflowError "Python int too large to convert to C ssize_t").
bool to_index(Thread& t, Value v, int64_t& out);
// The same for an argument that CPython keeps in 32 bits.
bool to_small_index(Thread& t, Value v, int64_t& out);
// As to_index for lengths and counts of items: what is too large is "cannot fit 'int' into an index-sized integer".
bool to_length(Thread& t, Value v, int64_t& out);
// As to_length for positions in a sequence: a huge value is an IndexError.
bool to_position(Thread& t, Value v, int64_t& out);
// As to_index, but huge values are clamped to the ends of the range (slices, counts).
bool to_index_clamped(Thread& t, Value v, int64_t& out);
// __index__ of v as an int Value of any size.
Value int_from_value(Thread& t, Value v);     // what int(v) gives: numbers, texts, __int__, __index__, __trunc__
Value to_integer(Thread& t, Value v);
// float(v) for numbers (int, float, __float__, __index__). False after raising.
bool to_double(Thread& t, Value v, double& out);
std::string int_to_text(Value v, int base = 10);
// int(text, base); Empty when the text is no number (nothing raised).
Value parse_int(Thread& t, std::string_view text, int base);
bool parse_double(std::string_view text, double& out);   // whole text, Python's rules
std::string double_repr(double d);                       // shortest round trip, Python's form
int64_t hash_double(double d);

// The slow paths of arithmetic on numbers: any mix of int, bool, float. NotImplemented for other operands.
Value int_binary(Thread& t, BinaryOp op, Value a, Value b);
Value float_binary(Thread& t, BinaryOp op, Value a, Value b);
Value number_compare(Thread& t, CompareOp op, Value a, Value b);
// pow(base, exponent, modulus) of ints.
Value int_pow_mod(Thread& t, Value base, Value exponent, Value modulus);
// round(v, digits); digits None: to an int, half to even.
Value int_round(Thread& t, Value v, Value digits);
Value float_round(Thread& t, Value v, Value digits);
// str(v) of an int, with the limit on the number of digits; null after raising.
Str* int_to_str(Thread& t, Value v);

}  // namespace mini
