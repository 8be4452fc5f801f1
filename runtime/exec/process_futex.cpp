// SPDX-License-Identifier: MIT
#include "runtime/exec/process_futex.h"

#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/objects/int.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

constexpr int64_t kNap = 250'000'000;
constexpr double kLongestTimeout = 9e9;   // seconds; nanoseconds of it fit

std::atomic<uint32_t> known_pid{0};

}  // namespace

uint32_t own_pid() {
  uint32_t pid = known_pid.load(std::memory_order_relaxed);
  if (pid) return pid;
  [[maybe_unused]] static const int forks = pthread_atfork(nullptr, nullptr, [] { known_pid = 0; });
  pid = static_cast<uint32_t>(getpid());
  known_pid = pid;
  return pid;
}

bool process_deadline(Thread& t, Value timeout, int64_t& deadline_ns) {
  deadline_ns = kNever;
  if (timeout.is_empty() || timeout.is_none()) return true;
  double seconds;
  if (!to_double(t, timeout, seconds)) return false;
  if (seconds <= 0) deadline_ns = 0;
  else if (seconds < kLongestTimeout) deadline_ns = system_clock().monotonic_ns() + static_cast<int64_t>(seconds * 1e9);
  return true;
}

bool process_deadline(Thread& t, Value block, Value timeout, int64_t& deadline_ns) {
  if (!block.is_empty()) {
    Value blocks = truth(t, block);
    if (blocks.is_raised()) return false;
    if (!blocks.is_true()) {
      deadline_ns = 0;
      return true;
    }
  }
  return process_deadline(t, timeout, deadline_ns);
}

Value wait_for_word(Thread& t, SharedWord& word, uint32_t expected, int64_t deadline_ns) {
  int64_t nap = kNap;
  if (deadline_ns != kNever) nap = std::min(nap, deadline_ns ? deadline_ns - system_clock().monotonic_ns() : 0);
  if (nap <= 0) return Value::of_bool(true);
  TRY(interruptibly_without_gil(t, [&] {
    timespec limit{nap / 1'000'000'000, nap % 1'000'000'000};
    (void)syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAIT, expected, &limit, nullptr, 0);
  }));
  return Value::of_bool(false);
}

void wake_waiters(SharedWord& word, int count) {
  (void)syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAKE, count, nullptr, nullptr, 0);
}

// A process that has ended but that its parent has not asked about yet still has its number.
bool process_was_killed(uint32_t pid) {
  if (pid == 0 || pid == kLeft || pid == own_pid()) return false;
  int fd = static_cast<int>(syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0));
  if (fd < 0) return errno == ESRCH;
  pollfd ended{fd, POLLIN, 0};
  bool has_ended = poll(&ended, 1, 0) > 0;
  close(fd);
  return has_ended;
}

Taken take_process_lock(Thread& t, SharedWord& word, int64_t deadline_ns) {
  uint32_t mine = own_pid(), seen = 0;
  if (word.compare_exchange_strong(seen, mine, std::memory_order_acquire)) return Taken::Yes;
  if (deadline_ns == 0) return Taken::No;
  mine |= kLockHasWaiters;   // there may be more
  for (bool has_slept = false;;) {
    seen = word.load(std::memory_order_relaxed);
    if (seen == 0) {
      if (word.compare_exchange_strong(seen, mine, std::memory_order_acquire)) return Taken::Yes;
      continue;
    }
    if (has_slept && process_was_killed(seen & ~kLockHasWaiters)) {
      if (word.compare_exchange_strong(seen, mine, std::memory_order_acquire)) return Taken::FromKilled;
      continue;
    }
    if (!(seen & kLockHasWaiters) && !word.compare_exchange_strong(seen, seen | kLockHasWaiters)) continue;
    Value is_late = wait_for_word(t, word, seen | kLockHasWaiters, deadline_ns);
    if (is_late.is_raised()) return Taken::Raised;
    if (is_late.is_true()) return Taken::No;
    has_slept = true;
  }
}

void free_process_lock(SharedWord& word) {
  if (word.exchange(0, std::memory_order_release) & kLockHasWaiters) wake_waiters(word, 1);
}

}  // namespace mini
