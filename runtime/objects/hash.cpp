// SPDX-License-Identifier: MIT
// SipHash-1-3: one mixing round for each 8-byte word, three at the end. The key is zero, so the four state words start
// as the algorithm's constants. Little-endian words, as on every machine we build for.

#include "runtime/objects/hash.h"

#include <bit>
#include <cstring>

namespace mini {

namespace {

static_assert(std::endian::native == std::endian::little, "word loads below assume little-endian");

struct SipState {
  uint64_t v0 = 0x736f6d6570736575, v1 = 0x646f72616e646f6d, v2 = 0x6c7967656e657261, v3 = 0x7465646279746573;

  void round() {
    v0 += v1; v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0; v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1; v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2; v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  void absorb(uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

}  // namespace

uint64_t siphash13(const void* data, size_t length) {
  const uint8_t* p = static_cast<const uint8_t*>(data);
  SipState state;
  size_t left = length;
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    state.absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(length) << 56;
  for (size_t i = 0; i < left; ++i) last |= static_cast<uint64_t>(p[i]) << (8 * i);
  state.absorb(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  return (state.v0 ^ state.v1) ^ (state.v2 ^ state.v3);
}

int64_t hash_bytes(const void* data, size_t length) {
  if (length == 0) return 0;
  int64_t hash = static_cast<int64_t>(siphash13(data, length));
  return hash == -1 ? -2 : hash;
}

}  // namespace mini
