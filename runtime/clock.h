// SPDX-License-Identifier: MIT
// Clock: the only door through which time enters, waiting for a time included. Tests put a fake in its place that jumps
// to the next deadline when every thread waits.
#pragma once

#include <atomic>
#include <cstdint>

namespace mini {

inline constexpr int64_t kNever = INT64_MAX;   // the deadline that does not come

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t monotonic_ns() = 0;
  virtual int64_t wall_ns() = 0;      // since 1970, UTC
  virtual int64_t process_cpu_ns();   // processor time of the process, of the calling thread
  virtual int64_t thread_cpu_ns();
  // Blocks the calling OS thread while `word` holds `expected`, until the deadline (monotonic) at most. May return early
  // for no reason, and does so when a signal arrives: the caller looks at its condition again.
  virtual void wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns);
  // Ends a wait on `word`. Async-signal-safe in the system clock.
  virtual void wake(std::atomic<uint32_t>& word);
  // Every thread waits, and nothing happens before this time: a clock that can jumps there. False: time must pass by itself.
  virtual bool jump_to(int64_t) { return false; }
  virtual bool can_jump() const { return false; }
};

Clock& system_clock();
// The system's clock, which skips the time in which every thread waits (--clock=virtual).
Clock& virtual_clock();

}  // namespace mini
