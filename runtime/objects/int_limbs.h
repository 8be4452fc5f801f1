// SPDX-License-Identifier: MIT
// Big integers as arrays of 64-bit limbs, least significant first, and what the files about ints need to compute on them.
//
// The arithmetic is GMP's, but of GMP only the layer below its numbers is used (`mpn_...`), which works on arrays that the
// caller owns. Limbs so lie in our own objects, results are written where they stay, and operands of 64 bits are one limb on
// the native stack: most operations allocate nothing but their result. Numbers of GMP's own (`mpz_...`) appear for a moment
// where only they know the algorithm (int_modular.cpp).
//
// The trap: GMP ends the process when it gets no memory for its temporaries. So who computes with sizes that a script
// chose makes room by new_big_int or asks has_room first; both count what GMP takes beside the result.
// Nothing tells GMP at work to stop either: what may take long runs in `compute`, which Ctrl-C leaves (interruptible.h).
#pragma once

#include <gmp.h>

#include <cstdlib>
#include <type_traits>

#include "runtime/heap.h"
#include "runtime/interruptible.h"
#include "runtime/objects/int.h"

namespace mini {

static_assert(std::is_same_v<mp_limb_t, Limb> && GMP_NUMB_BITS == 64, "GMP's limbs are ours, with all their bits");

inline constexpr unsigned kLimbBits = 64;
// Work on more limbs takes milliseconds: other threads run meanwhile, and Ctrl-C ends it.
inline constexpr size_t kLongWork = size_t{1} << 13;

inline size_t limbs_of_bits(uint64_t bits) { return static_cast<size_t>((bits + kLimbBits - 1) / kLimbBits); }

// The length without leading zeros.
inline size_t trimmed(const Limb* limbs, size_t length) {
  while (length > 0 && limbs[length - 1] == 0) --length;
  return length;
}

// A number to read; limbs[length - 1] is not zero. Copied field by field: a wide load of what was just written by halves waits (value.h).
struct LimbView {
  const Limb* limbs;
  size_t length;
  bool is_negative;
  LimbView() = default;
  LimbView(const Limb* at, size_t count, bool negative) : limbs(at), length(count), is_negative(negative) {}
  LimbView(const LimbView& other) : limbs(other.limbs), length(other.length), is_negative(other.is_negative) {}
  LimbView& operator=(const LimbView& other) {
    limbs = other.limbs;
    length = other.length;
    is_negative = other.is_negative;
    return *this;
  }
};

// The limbs of any int Value. Those of a 64-bit one are laid out here.
class IntOperand {
 public:
  explicit IntOperand(Value v) : owner_(v.is_object() ? v.object : nullptr) {
    if (owner_) {
      auto big = static_cast<BigInt*>(owner_);
      view_ = {big->limbs, big->length(), big->is_negative()};
      return;
    }
    local_ = v.integer < 0 ? ~static_cast<Limb>(v.integer) + 1 : static_cast<Limb>(v.integer);
    view_ = {&local_, local_ != 0, v.integer < 0};
  }
  // An instance of a subclass has its limbs outside the heap, so the pointer to them would not keep it alive.
  ~IntOperand() { __asm__ volatile("" : : "r"(owner_)); }
  IntOperand(const IntOperand&) = delete;
  IntOperand& operator=(const IntOperand&) = delete;
  const LimbView& operator*() const { return view_; }
  const LimbView* operator->() const { return &view_; }
  bool is_zero() const { return view_.length == 0; }

 private:
  Object* owner_;
  Limb local_;
  LimbView view_;
};

// Room for limbs that are no result: on the native stack when they are few.
class LimbRoom {
 public:
  explicit LimbRoom(size_t count) : limbs_(count <= kLocal ? local_ : static_cast<Limb*>(malloc(count * sizeof(Limb)))) {}
  ~LimbRoom() {
    if (limbs_ != local_) free(limbs_);
  }
  LimbRoom(const LimbRoom&) = delete;
  LimbRoom& operator=(const LimbRoom&) = delete;
  bool is_ready() const { return limbs_ != nullptr; }
  Limb* operator*() { return limbs_; }
  Limb& operator[](size_t i) { return limbs_[i]; }

 private:
  static constexpr size_t kLocal = 48;
  Limb local_[kLocal];
  Limb* limbs_;
};

// May a result of this many limbs be computed? Reserves nothing.
bool has_room(Thread& t, size_t length);

// A BigInt with room for so many limbs: fill it, then hand it to finish_int. Null after raising MemoryError.
BigInt* new_big_int(Thread& t, size_t length);
// The Value of a number whose limbs are written: an Int when it fits. Leading zeros may be there.
Value finish_int(Thread& t, BigInt* big, size_t length, bool is_negative);
// The same for limbs that lie elsewhere.
Value make_int(Thread& t, const Limb* limbs, size_t length, bool is_negative);
inline Value make_int(Thread& t, const LimbView& v) { return make_int(t, v.limbs, v.length, v.is_negative); }

// Runs `work`, which calls GMP on numbers of so many limbs. See interruptible.h for what it may do.
template <class Work> Value compute(Thread& t, size_t length, Work&& work) {
  if (length > kLongWork) return interruptibly_without_gil(t, work);
  work();
  return Value::none();
}

// -1, 0, 1: the order of two magnitudes.
int compare_limbs(const LimbView& a, const LimbView& b);
// to[0 .. a.length + b.length) = |a| * |b|; neither is zero, and `to` is apart from both. Raised when Ctrl-C ended it.
Value multiply_limbs(Thread& t, Limb* to, const LimbView& a, const LimbView& b);
// to = |a| >> count, where to has a.length - count / 64 limbs (at least one). Gives whether bits that are set were dropped.
bool shift_limbs_right(Limb* to, const LimbView& a, uint64_t count);
// to = |a| << count, where to has a.length + count / 64 + 1 limbs; gives the length.
size_t shift_limbs_left(Limb* to, const LimbView& a, uint64_t count);
// Is any of the lowest `count` bits set?
bool has_low_bits(const LimbView& a, uint64_t count);

}  // namespace mini
