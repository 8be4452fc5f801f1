// SPDX-License-Identifier: MIT
// Long division as taught at school (Knuth, The Art of Computer Programming 4.3.1, algorithm D) on LibTomMath's 60-bit digits,
// without allocating. Larger numbers go to LibTomMath, whose division grows more slowly with their length.
#include "runtime/objects/int_divide.h"

#include <cstdint>
#include <cstring>

namespace mini {

namespace {

using Wide = unsigned __int128;

constexpr int kMostDigits = 128;   // of the dividend
constexpr int kDigitBits = MP_DIGIT_BIT;
constexpr mp_digit kMask = MP_MASK;

// to[0 .. count] = from[0 .. count) << shift
void shift_left(mp_digit* to, const mp_digit* from, int count, int shift) {
  mp_digit carry = 0;
  for (int i = 0; i < count; ++i) {
    to[i] = (from[i] << shift | carry) & kMask;
    carry = shift ? from[i] >> (kDigitBits - shift) : 0;
  }
  to[count] = carry;
}

// u -= v * factor, where u has one digit more than v; true when that went below zero (u is then too large by one turn).
bool subtract_multiple(mp_digit* u, const mp_digit* v, int n, mp_digit factor) {
  Wide carry = 0;
  mp_digit borrow = 0;
  for (int i = 0; i <= n; ++i) {
    Wide product = (i < n ? static_cast<Wide>(factor) * v[i] : 0) + carry;
    carry = product >> kDigitBits;
    mp_digit digit = u[i] - (static_cast<mp_digit>(product) & kMask) - borrow;
    borrow = digit >> 63;
    u[i] = digit & kMask;
  }
  return borrow != 0;
}

void add_back(mp_digit* u, const mp_digit* v, int n) {
  mp_digit carry = 0;
  for (int i = 0; i < n; ++i) {
    mp_digit digit = u[i] + v[i] + carry;
    u[i] = digit & kMask;
    carry = digit >> kDigitBits;
  }
  u[n] = (u[n] + carry) & kMask;
}

// The next digit of the quotient, or one more: the two leading digits by the leading one of v, corrected by the second.
mp_digit estimate(const mp_digit* u, const mp_digit* v, int n) {
  Wide leading = static_cast<Wide>(u[n]) << kDigitBits | u[n - 1];
  Wide guess = u[n] >= v[n - 1] ? kMask : leading / v[n - 1];
  Wide rest = leading - guess * v[n - 1];
  while (rest <= kMask && guess * v[n - 2] > (rest << kDigitBits | u[n - 2])) {
    --guess;
    rest += v[n - 1];
  }
  return static_cast<mp_digit>(guess);
}

void set_result(mp_int* number, int used, mp_sign sign) {
  number->used = used;
  mp_clamp(number);
  number->sign = number->used ? sign : MP_ZPOS;
}

// A divisor of one digit. Gives the remainder.
mp_digit divide_short(const mp_int* a, mp_digit divisor, mp_digit* quotient) {
  Wide rest = 0;
  for (int i = a->used; i-- > 0;) {
    rest = rest << kDigitBits | a->dp[i];
    quotient[i] = static_cast<mp_digit>(rest / divisor);
    rest %= divisor;
  }
  return static_cast<mp_digit>(rest);
}

}  // namespace

mp_err divide_numbers(const mp_int* a, const mp_int* b, mp_int* quotient, mp_int* remainder) {
  int n = b->used, m = a->used - n;
  if (a->used > kMostDigits || m < 0) return mp_div(a, b, quotient, remainder);
  if (mp_err failed = mp_grow(quotient, a->used); failed != MP_OKAY) return failed;
  if (mp_err failed = mp_grow(remainder, n); failed != MP_OKAY) return failed;
  mp_sign sign = a->sign == b->sign ? MP_ZPOS : MP_NEG;
  if (n == 1) {
    remainder->dp[0] = divide_short(a, b->dp[0], quotient->dp);
    set_result(quotient, a->used, sign);
    set_result(remainder, 1, a->sign);
    return MP_OKAY;
  }
  mp_digit u[kMostDigits + 1], v[kMostDigits + 1];
  int shift = __builtin_clzll(b->dp[n - 1]) - (64 - kDigitBits);   // the leading bit of v becomes the highest of its digit
  shift_left(u, a->dp, a->used, shift);
  shift_left(v, b->dp, n, shift);
  for (int i = m; i >= 0; --i) {
    mp_digit digit = estimate(u + i, v, n);
    if (subtract_multiple(u + i, v, n, digit)) {
      --digit;
      add_back(u + i, v, n);
    }
    quotient->dp[i] = digit;
  }
  for (int i = 0; i < n; ++i) remainder->dp[i] = u[i] >> shift | (shift ? u[i + 1] << (kDigitBits - shift) & kMask : 0);
  set_result(quotient, m + 1, sign);
  set_result(remainder, n, a->sign);
  return MP_OKAY;
}

}  // namespace mini
