// SPDX-License-Identifier: MIT
// Sources of chance: the system's, and one that repeats (xoshiro256** seeded through splitmix64). Guarded by the GIL of the
// interpreter that owns the source.
#include "runtime/rand.h"

#include <sys/random.h>

#include <bit>
#include <cstring>

namespace mini {
namespace {

class SystemRandom final : public RandomSource {
 public:
  void fill(void* bytes, size_t count) override {
    auto* p = static_cast<uint8_t*>(bytes);
    while (count > 0) {
      // getrandom fails only when interrupted: the pool is ready long before a program runs.
      ssize_t n = getrandom(p, count, 0);
      if (n > 0) { p += n; count -= static_cast<size_t>(n); }
    }
  }
};

class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) {
    for (uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }
  void fill(void* bytes, size_t count) override {
    auto* p = static_cast<uint8_t*>(bytes);
    while (count > 0) {
      uint64_t word = next();
      size_t n = count < sizeof word ? count : sizeof word;
      std::memcpy(p, &word, n);
      p += n;
      count -= n;
    }
  }

 private:
  uint64_t next() {
    uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  uint64_t state_[4];
};

}  // namespace

std::unique_ptr<RandomSource> system_random() { return std::make_unique<SystemRandom>(); }
std::unique_ptr<RandomSource> seeded_random(uint64_t seed) { return std::make_unique<SeededRandom>(seed); }

}  // namespace mini
