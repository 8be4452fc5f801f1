// SPDX-License-Identifier: MIT
// Making ints from limbs, and the few things about limbs that GMP leaves to its callers.
#include "runtime/objects/int_limbs.h"

#include <cstring>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

constexpr size_t kMostLimbs = (size_t{1} << 31) / sizeof(Limb);   // 2 GiB
constexpr size_t kWithTemporaries = 6;   // GMP's largest products take up to five times their size beside it

bool fits_int64_limbs(const Limb* limbs, size_t length, bool is_negative, int64_t& out) {
  if (length > 1) return false;
  Limb magnitude = length ? limbs[0] : 0;
  if (magnitude > static_cast<Limb>(INT64_MAX) + (is_negative ? 1 : 0)) return false;
  out = static_cast<int64_t>(is_negative ? ~magnitude + 1 : magnitude);
  return true;
}

void set_number(BigInt* big, Limb* limbs, size_t length, bool is_negative) {
  big->limbs = limbs;
  big->extra = static_cast<uint32_t>(length);
  if (is_negative) big->flags |= kFrozenBySelf;
}

}  // namespace

bool has_room(Thread& t, size_t length) {
  return length <= kMostLimbs && t.heap->can_allocate(length * sizeof(Limb) * kWithTemporaries);
}

BigInt* new_big_int(Thread& t, size_t length) {
  constexpr size_t kNeverRefused = 1000;
  if (length > kNeverRefused && !has_room(t, length)) {
    (void)raise_memory(t);
    return nullptr;
  }
  BigInt* big = t.heap->make<BigInt>(types(t).int_->root_shape, length * sizeof(Limb));
  set_number(big, reinterpret_cast<Limb*>(big + 1), length, false);
  return big;
}

Value finish_int(Thread& t, BigInt* big, size_t length, bool is_negative) {
  length = trimmed(big->limbs, length);
  int64_t small;
  if (fits_int64_limbs(big->limbs, length, is_negative, small)) return Value::of_int(small);
  constexpr size_t kWorthCopying = 64;
  if (big->length() > kWorthCopying && length < big->length() / 2) return make_int(t, big->limbs, length, is_negative);
  set_number(big, big->limbs, length, is_negative);
  return Value::of_object(big);
}

Value make_int(Thread& t, const Limb* limbs, size_t length, bool is_negative) {
  length = trimmed(limbs, length);
  int64_t small;
  if (fits_int64_limbs(limbs, length, is_negative, small)) return Value::of_int(small);
  BigInt* big = new_big_int(t, length);
  if (!big) return Value::raised();
  memcpy(big->limbs, limbs, length * sizeof(Limb));
  return finish_int(t, big, length, is_negative);
}

Value int_of_type(Thread& t, Type* cls, Value v) {
  if (cls == types(t).int_) return plain_int(t, v);
  IntOperand n(v);
  BigInt* big = static_cast<BigInt*>(allocate_object(t, cls));
  auto limbs = static_cast<Limb*>(t.heap->take_buffer(std::max<size_t>(n->length, 1) * sizeof(Limb)));
  if (n->length) memcpy(limbs, n->limbs, n->length * sizeof(Limb));
  set_number(big, limbs, n->length, n->is_negative);
  note_finalizer(big);
  return Value::of_object(big);
}

int compare_limbs(const LimbView& a, const LimbView& b) {
  if (a.length != b.length) return a.length < b.length ? -1 : 1;
  int order = a.length ? mpn_cmp(a.limbs, b.limbs, static_cast<mp_size_t>(a.length)) : 0;
  return order < 0 ? -1 : order > 0;
}

Value multiply_limbs(Thread& t, Limb* to, const LimbView& a, const LimbView& b) {
  if (a.length < b.length) return multiply_limbs(t, to, b, a);
  return compute(t, a.length, [&] {
    if (a.limbs == b.limbs && a.length == b.length) mpn_sqr(to, a.limbs, static_cast<mp_size_t>(a.length));
    else mpn_mul(to, a.limbs, static_cast<mp_size_t>(a.length), b.limbs, static_cast<mp_size_t>(b.length));
  });
}

bool has_low_bits(const LimbView& a, uint64_t count) {
  size_t whole = std::min<size_t>(count / kLimbBits, a.length);
  for (size_t i = 0; i < whole; ++i) {
    if (a.limbs[i]) return true;
  }
  return whole < a.length && (a.limbs[whole] & ((Limb{1} << count % kLimbBits) - 1));
}

bool shift_limbs_right(Limb* to, const LimbView& a, uint64_t count) {
  size_t skip = count / kLimbBits;
  unsigned bits = count % kLimbBits;
  if (skip >= a.length) {
    to[0] = 0;
    return a.length != 0;
  }
  if (bits) mpn_rshift(to, a.limbs + skip, static_cast<mp_size_t>(a.length - skip), bits);
  else memmove(to, a.limbs + skip, (a.length - skip) * sizeof(Limb));
  return has_low_bits(a, count);
}

size_t shift_limbs_left(Limb* to, const LimbView& a, uint64_t count) {
  size_t skip = count / kLimbBits;
  unsigned bits = count % kLimbBits;
  if (bits) to[skip + a.length] = mpn_lshift(to + skip, a.limbs, static_cast<mp_size_t>(a.length), bits);
  else memmove(to + skip, a.limbs, a.length * sizeof(Limb));
  memset(to, 0, skip * sizeof(Limb));
  return trimmed(to, skip + a.length + (bits ? 1 : 0));
}

}  // namespace mini
