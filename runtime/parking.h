// SPDX-License-Identifier: MIT
// Parking: how script-level locks, joins, conditions and queues wait. A WaitList belongs to the thing waited for and is
// guarded by the GIL: no OS mutex, and a woken thread goes straight to the GIL's queue.
//
//   parked thread                      another thread (holds the GIL)
//   park(t, lock->waiters, ...)        changes what is waited for
//     gives the GIL, sleeps            wake_one(lock->waiters)
//   returns Woken, holds the GIL
//
// Being woken promises nothing: another thread may have come first, so callers look at their condition again.
//
// When every thread of the interpreter is parked, only time can go on: a virtual clock jumps to the first deadline. Where there is
// no deadline at all it is a deadlock: the main thread's wait ends with a DeadlockError (thread_report.h has its text), unless a
// signal handler of the script could still change something, or the host may (Options::reports_deadlocks).
#pragma once

#include <cstddef>

#include "runtime/clock.h"
#include "runtime/thread.h"

namespace mini {

// One waiting thread; lies on its native stack.
struct ParkedThread {
  Thread* thread;
  ParkedThread* next = nullptr;
  ParkedThread* previous = nullptr;
  bool is_woken = false;
  bool is_impatient = false;   // was woken before and came too late
};

struct WaitList {
  ParkedThread* first = nullptr;
  ParkedThread* last = nullptr;
  bool is_empty() const { return first == nullptr; }
};

enum class ParkOutcome : uint8_t { Woken, TimedOut, Raised };

// What a thread waits for; for reports.
struct Waiting {
  BlockReason reason;
  Object* subject = nullptr;   // a lock, a queue ...; for a join the Thread object
};

// Blocks until woken or the deadline (monotonic). Raised: a signal handler or an asynchronous exception ended the wait.
// `goes_first`: stands in front of those that wait already (for one that was woken and found the lock taken again).
ParkOutcome park(Thread& t, WaitList& list, Waiting what, int64_t deadline_ns = kNever, bool goes_first = false);
// The same in two steps, for conditions: a thread that enrolled is woken even if the wake comes before it waits.
class Enrolment {
 public:
  Enrolment(Thread& t, WaitList& list);
  ~Enrolment();
  Enrolment(const Enrolment&) = delete;
  Enrolment& operator=(const Enrolment&) = delete;
  ParkOutcome wait(Waiting what, int64_t deadline_ns);

 private:
  WaitList& list_;
  ParkedThread waiter_;
};
// Wakes the thread that waits longest; null when there is none.
Thread* wake_one(WaitList& list);
size_t wake_all(WaitList& list);

// Now plus `seconds`, kept inside the range of the clock.
int64_t deadline_after(Thread& t, double seconds);
// Sleeps; None, or Raised when a signal handler raised.
Value sleep_until(Thread& t, int64_t deadline_ns);
// `t` has nothing to do before the deadline but does not park, because it watches descriptors: where all others are parked, a virtual
// clock jumps to the first deadline.
void skip_idle_time(Thread& t, int64_t deadline_ns);
// `t` is about to end, and wakes nobody any more: the others may all be parked now.
void settle_before_end(Thread& t);

}  // namespace mini
