// SPDX-License-Identifier: MIT
#include "runtime/parking.h"

#include "runtime/gil.h"
#include "runtime/interpreter.h"

namespace mini {
namespace {

void link_waiter(WaitList& list, ParkedThread& waiter, bool goes_first) {
  if (goes_first) {
    waiter.next = list.first;
    (list.first ? list.first->previous : list.last) = &waiter;
    list.first = &waiter;
  } else {
    waiter.previous = list.last;
    (list.last ? list.last->next : list.first) = &waiter;
    list.last = &waiter;
  }
}

void unlink_waiter(WaitList& list, ParkedThread& waiter) {
  (waiter.previous ? waiter.previous->next : list.first) = waiter.next;
  (waiter.next ? waiter.next->previous : list.last) = waiter.previous;
}

}  // namespace

namespace {

// The waiter is linked; afterwards it is not.
ParkOutcome wait_linked(WaitList& list, ParkedThread& waiter, BlockReason reason, int64_t deadline_ns) {
  Thread& t = *waiter.thread;
  while (!waiter.is_woken) {
    t.blocked = reason;
    ParkEnd end = t.interpreter->gil->park(t, deadline_ns, reason == BlockReason::Lock);
    if (waiter.is_woken) break;
    if (t.needs_attention() && t.serve_attention().is_raised()) {
      // Handlers ran script code: a wake may have come meanwhile, and must not be lost for the others.
      if (waiter.is_woken) wake_one(list);
      else unlink_waiter(list, waiter);
      return ParkOutcome::Raised;
    }
    if (!waiter.is_woken && end == ParkEnd::DeadlinePassed) {
      unlink_waiter(list, waiter);
      return ParkOutcome::TimedOut;
    }
  }
  return ParkOutcome::Woken;
}

}  // namespace

ParkOutcome park(Thread& t, WaitList& list, BlockReason reason, int64_t deadline_ns, bool goes_first) {
  ParkedThread waiter{.thread = &t, .is_impatient = goes_first};
  link_waiter(list, waiter, goes_first);
  return wait_linked(list, waiter, reason, deadline_ns);
}

Enrolment::Enrolment(Thread& t, WaitList& list) : list_(list), waiter_{.thread = &t} { link_waiter(list, waiter_, false); }

Enrolment::~Enrolment() {
  if (waiter_.thread) {
    if (!waiter_.is_woken) unlink_waiter(list_, waiter_);
    else wake_one(list_);   // never waited: the wake goes to the next
  }
}

ParkOutcome Enrolment::wait(BlockReason reason, int64_t deadline_ns) {
  ParkOutcome outcome = wait_linked(list_, waiter_, reason, deadline_ns);
  waiter_.thread = nullptr;
  return outcome;
}

Thread* wake_one(WaitList& list) {
  ParkedThread* waiter = list.first;
  if (!waiter) return nullptr;
  unlink_waiter(list, *waiter);
  waiter->is_woken = true;
  Thread* thread = waiter->thread;
  thread->interpreter->gil->unpark(*thread);
  return thread;
}

size_t wake_all(WaitList& list) {
  size_t count = 0;
  while (wake_one(list)) ++count;
  return count;
}

int64_t deadline_after(Thread& t, double seconds) {
  int64_t now = t.interpreter->clock->monotonic_ns();
  double wanted = seconds * 1e9;
  if (wanted >= static_cast<double>(kNever - now)) return kNever;
  return now + static_cast<int64_t>(wanted);
}

Value sleep_until(Thread& t, int64_t deadline_ns) {
  WaitList nobody_wakes;
  if (park(t, nobody_wakes, BlockReason::Sleep, deadline_ns) == ParkOutcome::Raised) return Value::raised();
  return Value::none();
}

}  // namespace mini
