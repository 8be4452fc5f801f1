// SPDX-License-Identifier: MIT
// Powers modulo a number, greatest common divisors and square roots of ints. The first two are algorithms that GMP has for
// numbers of its own (`mpz`) only: operands are shown to it where they lie, results are copied.
//
// The trap: work that Ctrl-C leaves gives back all that GMP allocated in it. So a Number is begun and written inside of one such piece of
// work, and only its end makes it one that is to be freed.

#include <bit>
#include <numeric>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/int_limbs.h"
#include "runtime/objects/int_parts.h"

namespace mini {

namespace {

// A number of GMP's own that `make` writes. Freed at the end of the scope.
class Number {
 public:
  Number() = default;
  ~Number() {
    if (is_made_) mpz_clear(number_);
  }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  mpz_ptr operator*() { return number_; }
  // work(number) computes on so many limbs. None or Raised.
  template <class Work> Value make(Thread& t, size_t length, Work&& work) {
    TRY(compute(t, length, [&] {
      mpz_init(number_);
      work(static_cast<mpz_ptr>(number_));
    }));
    is_made_ = true;
    return Value::none();
  }

 private:
  mpz_t number_;
  bool is_made_ = false;
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

// A power takes as long as products of so many limbs.
size_t work_of_power(const LimbView& exponent, const LimbView& modulus) {
  return exponent.length * modulus.length * modulus.length;
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
  Number result;
  bool is_invertible = true;
  TRY(result.make(t, std::max(x->length, work_of_power(*n, *y)), [&](mpz_ptr number) {
    mpz_mod(number, *shown_base, *positive);
    if (n->is_negative) is_invertible = mpz_invert(number, number, *positive);
    if (is_invertible) mpz_powm(number, number, *positive_exponent, *positive);
    if (y->is_negative && mpz_sgn(number) != 0) mpz_sub(number, number, *positive);
  }));
  if (!is_invertible) return raise(t, ErrorType::ValueError, "base is not invertible for the given modulus");
  return take_number(t, *result);
}

Value int_gcd(Thread& t, Value a, Value b) {
  if (!a.is_object() && !b.is_object() && a.integer != INT64_MIN && b.integer != INT64_MIN) {
    return Value::of_int(std::gcd(a.integer, b.integer));
  }
  IntOperand x(a), y(b);
  if (!has_room(t, x->length + y->length)) return raise_memory(t);
  Number result;
  Shown shown(*x), other(*y);
  TRY(result.make(t, std::min(x->length, y->length), [&](mpz_ptr number) { mpz_gcd(number, *shown, *other); }));
  return take_number(t, *result);
}

Value int_square_root(Thread& t, Value v) {
  IntOperand n(v);
  if (n.is_zero()) return Value::of_int(0);
  size_t length = (n->length + 1) / 2;
  if (!has_room(t, n->length)) return raise_memory(t);
  BigInt* root = new_big_int(t, length);
  if (!root) return Value::raised();
  TRY(compute(t, n->length, [&] { (void)mpn_sqrtrem(root->limbs, nullptr, n->limbs, static_cast<mp_size_t>(n->length)); }));
  return finish_int(t, root, length, false);
}

}  // namespace mini
