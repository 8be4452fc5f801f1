// SPDX-License-Identifier: MIT
// What the files about numbers share: int Values as LibTomMath numbers without copying, and conversions between int
// and float that round correctly.
#pragma once

#include <string>

#include "runtime/objects/int.h"
#include "runtime/objects/str.h"

namespace mini {

// A read-only mp_int for any int Value. 64-bit ones are laid out on the stack, so nothing is allocated.
class IntOperand {
 public:
  explicit IntOperand(Value v);
  IntOperand(const IntOperand&) = delete;
  IntOperand& operator=(const IntOperand&) = delete;
  const mp_int* operator*() const { return number_; }
  const mp_int* operator->() const { return number_; }
  bool is_zero() const { return number_->used == 0; }
  bool is_negative() const { return number_->sign == MP_NEG; }

 private:
  mp_digit digits_[2];
  mp_int local_;
  const mp_int* number_;
};

// A number to compute with. Its digits come from the interpreter's spare ones and go back there: most results are short-lived.
struct IntScratch {
  IntScratch();
  ~IntScratch();
  IntScratch(const IntScratch&) = delete;
  IntScratch& operator=(const IntScratch&) = delete;
  mp_int* operator*() { return &number; }
  mp_int number;
  bool is_ready;
};

// The Value of a computed number: a plain Int when it fits, else a BigInt with a copy of the digits.
Value take_int(Thread& t, IntScratch& scratch);
// An instance of `cls` (int or a subclass) with the value of `v`.
Value int_of_type(Thread& t, Type* cls, Value v);
// The plain int (no subclass, no bool) with the value of `v`.
Value plain_int(Thread& t, Value v);

uint64_t int_magnitude_bits(Value v);          // bit_length
bool is_negative_int(Value v);
Value int_negate(Thread& t, Value v);
Value int_shift_left(Thread& t, Value v, uint64_t count);
// Nearest double, ties to even. False when it is out of range (nothing raised).
bool int_to_double(Value v, double& out);
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
