// SPDX-License-Identifier: MIT
// Powers modulo a number, greatest common divisors and square roots of ints. The first two are algorithms that GMP has for
// numbers of its own (`mpz`) only: operands are shown to it where they lie, results are copied.
//
// A power that would take long is worked out in parts of the exponent, and attention is tested between them.

#include <bit>
#include <numeric>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/int_limbs.h"
#include "runtime/objects/int_parts.h"

namespace mini {

namespace {

// Products of limbs in one part of a long power: a tenth of a second or two.
constexpr size_t kWorkOfPart = size_t{1} << 26;
constexpr size_t kLeastPart = 8;   // bits

// A number of GMP's own. Freed at the end of the scope.
class Number {
 public:
  Number() { mpz_init(number_); }
  ~Number() { mpz_clear(number_); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  mpz_ptr operator*() { return number_; }

 private:
  mpz_t number_;
};

// A view as GMP sees numbers, without copying.
class Shown {
 public:
  Shown(const LimbView& v, bool is_negative) {
    mp_size_t length = static_cast<mp_size_t>(v.length);
    mpz_roinit_n(number_, v.limbs, is_negative ? -length : length);
  }
  explicit Shown(const LimbView& v) : Shown(v, v.is_negative) {}
  mpz_srcptr operator*() const { return number_; }

 private:
  mpz_t number_;
};

Value take_number(Thread& t, mpz_srcptr n) { return make_int(t, mpz_limbs_read(n), mpz_size(n), mpz_sgn(n) < 0); }

template <class Narrow, class Wide>
int64_t power_of_narrow(int64_t base, int64_t exponent, int64_t modulus) {
  Wide m = static_cast<Wide>(modulus), factor = static_cast<Wide>(base), result = 1 % m;
  for (auto rest = static_cast<uint64_t>(exponent); rest; rest >>= 1) {
    if (rest & 1) result = static_cast<Narrow>(result * factor % m);
    factor = static_cast<Narrow>(factor * factor % m);
  }
  return static_cast<int64_t>(result);
}

Value small_power(int64_t base, int64_t exponent, int64_t modulus) {
  int64_t positive = modulus < 0 ? -modulus : modulus, rest = base % positive;
  if (rest < 0) rest += positive;
  int64_t result = positive <= UINT32_MAX ? power_of_narrow<uint32_t, uint64_t>(rest, exponent, positive)
                                          : power_of_narrow<uint64_t, unsigned __int128>(rest, exponent, positive);
  return Value::of_int(modulus < 0 && result ? result + modulus : result);
}

// base^exponent mod modulus; exponent and modulus are positive. With the exponent e = h * 2^k + l that is
// (base^h)^(2^k) * base^l, and so on for h.
Value power_modulo(Thread& t, mpz_ptr result, mpz_srcptr base, mpz_srcptr exponent, mpz_srcptr modulus) {
  size_t length = mpz_size(modulus), bits = mpz_sizeinbase(exponent, 2);
  size_t part = std::max(kWorkOfPart / (length * length), kLeastPart);
  if (bits <= part) {
    mpz_powm(result, base, exponent, modulus);
    return Value::none();
  }
  Number digit, factor, radix;
  mpz_setbit(*radix, part);
  size_t at = (bits - 1) / part * part;
  mpz_tdiv_q_2exp(*digit, exponent, at);
  mpz_powm(result, base, *digit, modulus);
  while (at > 0) {
    TRY(t.poll());
    at -= part;
    mpz_powm(result, result, *radix, modulus);
    mpz_tdiv_q_2exp(*digit, exponent, at);
    mpz_tdiv_r_2exp(*digit, *digit, part);
    mpz_powm(*factor, base, *digit, modulus);
    mpz_mul(result, result, *factor);
    mpz_mod(result, result, modulus);
  }
  return Value::none();
}

}  // namespace

Value int_pow_mod(Thread& t, Value base, Value exponent, Value modulus) {
  if (is_zero_int(modulus)) return raise(t, ErrorType::ValueError, "pow() 3rd argument cannot be 0");
  int64_t b, e, m;
  if (fits_int64(base, b) && fits_int64(exponent, e) && fits_int64(modulus, m) && e >= 0 && m != INT64_MIN) return small_power(b, e, m);
  IntOperand x(base), n(exponent), y(modulus);
  if (y->length == 1 && y->limbs[0] == 1) return Value::of_int(0);
  if (!has_room(t, x->length + n->length + 4 * y->length)) return raise_memory(t);
  Shown shown_base(*x), positive_exponent(*n, false), positive(*y, false);
  Number result, reduced;
  mpz_mod(*reduced, *shown_base, *positive);
  if (n->is_negative && !mpz_invert(*reduced, *reduced, *positive)) {
    return raise(t, ErrorType::ValueError, "base is not invertible for the given modulus");
  }
  TRY(power_modulo(t, *result, *reduced, *positive_exponent, *positive));
  if (y->is_negative && mpz_sgn(*result) != 0) mpz_sub(*result, *result, *positive);
  return take_number(t, *result);
}

Value int_gcd(Thread& t, Value a, Value b) {
  if (!a.is_object() && !b.is_object() && a.integer != INT64_MIN && b.integer != INT64_MIN) {
    return Value::of_int(std::gcd(a.integer, b.integer));
  }
  IntOperand x(a), y(b);
  if (!has_room(t, x->length + y->length)) return raise_memory(t);
  Number result;
  mpz_gcd(*result, *Shown(*x), *Shown(*y));
  return take_number(t, *result);
}

Value int_square_root(Thread& t, Value v) {
  IntOperand n(v);
  if (n.is_zero()) return Value::of_int(0);
  size_t length = (n->length + 1) / 2;
  if (!has_room(t, n->length)) return raise_memory(t);
  BigInt* root = new_big_int(t, length);
  if (!root) return Value::raised();
  (void)mpn_sqrtrem(root->limbs, nullptr, n->limbs, static_cast<mp_size_t>(n->length));
  return finish_int(t, root, length, false);
}

}  // namespace mini
