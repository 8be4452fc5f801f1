// SPDX-License-Identifier: MIT
// Keeps the state of an object that works outside of the GIL (a hash, a compressor) to one thread at a time.
#pragma once

#include <mutex>

#include "runtime/gil.h"

namespace mini {

// Input from this size on is worked on outside of the GIL, as in CPython.
inline constexpr size_t kReleaseFromBytes = 2048;

// Locks on construction. A thread that has to wait gives the GIL up first, so that the one inside can come back.
class NativeLock {
 public:
  NativeLock(Thread& t, std::mutex& mutex) : mutex_(mutex) {
    if (mutex_.try_lock()) return;
    ReleaseGil released(t, BlockReason::Lock);
    mutex_.lock();
  }
  ~NativeLock() { mutex_.unlock(); }
  NativeLock(const NativeLock&) = delete;
  NativeLock& operator=(const NativeLock&) = delete;

 private:
  std::mutex& mutex_;
};

}  // namespace mini
