// SPDX-License-Identifier: MIT
// RandomSource: the only door through which chance enters. `--seed=N` puts a repeatable source in its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace mini {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(void* bytes, size_t count) = 0;
};

std::unique_ptr<RandomSource> system_random();
std::unique_ptr<RandomSource> seeded_random(uint64_t seed);

}  // namespace mini
