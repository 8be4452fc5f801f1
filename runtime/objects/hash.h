// SPDX-License-Identifier: MIT
// Hash functions that scripts can see, equal to CPython's: SipHash-1-3 with a zero key for str and bytes (CPython under
// PYTHONHASHSEED=0), and numbers modulo the prime 2^61 - 1, so that equal ints and floats have equal hashes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/value.h"

namespace mini {

// An address in CPython, which in Debian's 3.11 is always this one: sets with None in them are in the same order.
constexpr int64_t kNoneHash = 612812;

inline constexpr int kHashBits = 61;
inline constexpr uint64_t kHashModulus = (uint64_t{1} << kHashBits) - 1;
inline constexpr int64_t kHashInfinity = 314159;

uint64_t siphash13(const void* data, size_t length);
// Hash of the bytes of a str or bytes object: never -1, and 0 when there are none.
int64_t hash_bytes(const void* data, size_t length);
// Hash of a small int, which nearly always is the int itself.
int64_t hash_large_int64(int64_t n);
inline int64_t hash_int64(int64_t n) {
  constexpr auto kOwn = static_cast<int64_t>(kHashModulus);
  return MINI_LIKELY(n < kOwn && n >= 0) ? n : hash_large_int64(n);
}
// Hash of any int object (bool, big, subclass).
int64_t hash_integer(Value v);

}  // namespace mini
