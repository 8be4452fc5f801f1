// SPDX-License-Identifier: MIT
// Clock: the only door through which time enters. Tests put a fake in its place that jumps to the next deadline.
#pragma once

#include <cstdint>

namespace mini {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t monotonic_ns() = 0;
  virtual int64_t wall_ns() = 0;      // since 1970, UTC
};

Clock& system_clock();

}  // namespace mini
