// SPDX-License-Identifier: MIT
// What the files about numbers share: conversions between int and float that round correctly, and between both and text. Limbs
// are in int_limbs.h.
#pragma once

#include <string>

#include "runtime/objects/int.h"
#include "runtime/objects/str.h"

namespace mini {

// An instance of `cls` (int or a subclass) with the value of `v`.
Value int_of_type(Thread& t, Type* cls, Value v);
// The plain int (no subclass, no bool) with the value of `v`.
Value plain_int(Thread& t, Value v);

// Whether v is a number, or can be made one by __index__, __int__ or __float__.
bool is_number(Thread& t, Value v);
bool is_zero_int(Value v);
Value int_negate(Thread& t, Value v);
Value int_shift_left(Thread& t, Value v, uint64_t count);
Value int_gcd(Thread& t, Value a, Value b);    // not negative
Value int_square_root(Thread& t, Value v);     // rounded down; v is not negative
// Nearest double, ties to even. False when it is out of range (nothing raised).
bool int_to_double(Value v, double& out);
// v = result * 2^exponent with 0.5 <= result < 1, rounded to a double; v is positive.
double int_fraction(Value v, int64_t& exponent);
// -1, 0, 1 as the int is below, equal to or above the float, exactly; 2: d is not a number.
int compare_int_double(Value v, double d);
Value float_of_type(Thread& t, Type* cls, double d);

// Decimal text with the interpreter's limit on the number of digits. False after raising ValueError.
bool int_decimal_text(Thread& t, Value v, std::string& out);
// The text of `s` with Unicode decimal digits and spaces replaced by ASCII ones; other characters become '?'.
std::string numeric_ascii(const Str* s);
// int(v) and float(v) for text: str, bytes, bytearray. Empty when v is no text.
Value int_from_text(Thread& t, Value v, int64_t base);
Value float_from_text(Thread& t, Value v);

// Shortest digits that read back as `d` (finite, not zero): d = 0.DIGITS * 10^point. Returns how many digits.
int shortest_digits(double d, char (&digits)[32], int& point);
std::string format_double(double d, char code, int precision, bool alternate, bool always_point);

// Arithmetic of floats with Python's signs and errors.
Value float_power(Thread& t, double a, double b);
// As Python rounds: half to even on the exact binary value.
Value float_to_int(Thread& t, double d);       // int(d); raises for nan and infinity

}  // namespace mini
