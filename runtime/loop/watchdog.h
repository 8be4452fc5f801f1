// SPDX-License-Identifier: MIT
// The watchdog notices callbacks that block their event loop. One helper thread of the process looks at every running loop fifty times
// a second; where the same callback still runs after `limit_ns` it sets kLoopBlocked on the loop's thread, which notes the line that it
// is at (Thread::slow_place) at its next attention check or when it comes back from outside. The loop reports it when the callback is over.
//
// So an ordinary callback costs two stores and no look at the clock. The helper thread never takes a GIL.
#pragma once

#include <atomic>
#include <cstdint>

namespace mini {

struct Thread;

struct WatchedLoop {
  std::atomic<uint64_t> callback{0};       // raised when a callback begins and when it ends: odd while one runs
  std::atomic<uint64_t> slow_callback{0};  // the one that takes too long
  std::atomic<int64_t> slow_since_ns{0};   // when it was seen first, on the system's clock
  std::atomic<int64_t> limit_ns{100'000'000};
  Thread* thread = nullptr;                // while it is watched

  // Only the loop's thread writes `callback`.
  void begin_callback() { callback.store(callback.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  // True when it was too slow.
  bool end_callback() {
    uint64_t number = callback.load(std::memory_order_relaxed);
    callback.store(number + 1, std::memory_order_relaxed);
    return slow_callback.load(std::memory_order_relaxed) == number;
  }

  // The watchdog's own.
  uint64_t seen_callback = 0;
  int64_t seen_ns = 0;
  WatchedLoop* next = nullptr;
};

// From here on, until unwatch_loop, the thread `t` runs the loop.
void watch_loop(Thread& t, WatchedLoop& loop);
void unwatch_loop(WatchedLoop& loop);

}  // namespace mini
