// SPDX-License-Identifier: MIT
// The system's clock: clock_gettime and futexes. Nothing here needs the GIL.
#include "runtime/clock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace mini {
namespace {

int64_t read_clock(clockid_t id) {
  timespec now;
  clock_gettime(id, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  int64_t monotonic_ns() override { return read_clock(CLOCK_MONOTONIC); }
  int64_t wall_ns() override { return read_clock(CLOCK_REALTIME); }
};

// Real time plus what was skipped so far. Waits that began before a jump are ended by whoever made it jump.
class VirtualClock final : public Clock {
 public:
  int64_t monotonic_ns() override { return read_clock(CLOCK_MONOTONIC) + skipped_; }
  int64_t wall_ns() override { return read_clock(CLOCK_REALTIME) + skipped_; }
  void wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) override {
    Clock::wait(word, expected, deadline_ns == kNever ? kNever : deadline_ns - skipped_);
  }
  bool jump_to(int64_t ns) override {
    int64_t ahead = ns - monotonic_ns();
    if (ahead > 0) skipped_ += ahead;
    return true;
  }
  bool can_jump() const override { return true; }

 private:
  std::atomic<int64_t> skipped_{0};
};

}  // namespace

int64_t Clock::process_cpu_ns() { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }
int64_t Clock::thread_cpu_ns() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

void Clock::wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) {
  // The bitset form takes an absolute time, so an early return does not lengthen the wait.
  timespec deadline;
  if (deadline_ns != kNever) {
    if (deadline_ns < 0) deadline_ns = 0;
    deadline = {deadline_ns / 1000000000, deadline_ns % 1000000000};
  }
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAIT_BITSET_PRIVATE, expected,
          deadline_ns == kNever ? nullptr : &deadline, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void Clock::wake(std::atomic<uint32_t>& word) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

Clock& system_clock() {
  static SystemClock& clock = *new SystemClock;   // for ever: threads may still ask it while the process ends
  return clock;
}

Clock& virtual_clock() {
  static VirtualClock& clock = *new VirtualClock;   // for ever, too
  return clock;
}

}  // namespace mini
