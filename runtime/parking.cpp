// SPDX-License-Identifier: MIT
#include "runtime/parking.h"

#include <algorithm>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/str.h"
#include "runtime/signals.h"
#include "runtime/thread_report.h"

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

void begin_parked(Thread& t, Waiting what, int64_t deadline_ns) {
  t.blocked = what.reason;
  t.waits_for = what.subject;
  t.waits_until = deadline_ns;
  t.is_parked = true;
  ++t.interpreter->parked_count;
}

void end_parked(Thread& t) {
  if (!t.is_parked) return;
  t.is_parked = false;
  t.waits_for = nullptr;
  --t.interpreter->parked_count;
}

// The earliest deadline among the parked threads.
int64_t first_deadline(const Interpreter& i) {
  int64_t first = kNever;
  for (Thread* t = i.threads; t; t = t->next_thread) {
    if (t->is_parked) first = std::min(first, t->waits_until);
  }
  return first;
}

// The others that have waited long enough then are woken; `self` looks at the time by itself.
void jump_to(Thread& self, int64_t ns) {
  self.interpreter->clock->jump_to(ns);
  for (Thread* t = self.interpreter->threads; t; t = t->next_thread) {
    if (t != &self && t->is_parked && t->waits_until <= ns) Gil::poke(*t);
  }
}

// Somebody has a signal to handle, an exception to raise: not all is over yet.
bool anyone_has_attention(const Interpreter& i) {
  for (Thread* t = i.threads; t; t = t->next_thread) {
    if (t->attention.load() & (kSignal | kAsyncException | kTerminate)) return true;
  }
  return false;
}

bool is_deadlock(Thread& t) {
  Interpreter& i = *t.interpreter;
  return i.parked_count == i.thread_count && i.options.reports_deadlocks && first_deadline(i) == kNever && !i.is_closing &&
         !anyone_has_attention(i) && !script_handles_signals(t);
}

// In the main thread, which is told if it is another one. Raised when it is this one.
Value raise_deadlock(Thread& t) {
  Value error = TRY(call(t, Value::of_object(error_type(t, ErrorType::DeadlockError)), {str_value(make_str(t, deadlock_report(*t.interpreter)))}));
  Thread& main = *t.interpreter->main_thread;
  if (&main == &t) return raise_value(t, error);
  main.async_exception = error;
  main.attention.fetch_or(kAsyncException);
  Gil::poke(main);
  return Value::none();
}

// Every thread waits: lets time jump, or raises DeadlockError, but not before the collector had its say: a finaliser may set an
// event, a generator that nobody reaches frees a lock in its `finally`.
Value settle_standstill(Thread& t, bool& was_collected) {
  Interpreter& i = *t.interpreter;
  if (int64_t first = first_deadline(i); first != kNever) {
    if (i.clock->can_jump()) jump_to(t, first);
    return Value::none();
  }
  if (!is_deadlock(t)) return Value::none();
  if (was_collected) return raise_deadlock(t);
  was_collected = true;
  Waiting what = {t.blocked, t.waits_for};
  end_parked(t);
  t.heap->collect_for_script();
  Value served = t.poll();
  begin_parked(t, what, kNever);
  TRY(served);
  return i.parked_count == i.thread_count ? settle_standstill(t, was_collected) : Value::none();
}

// The waiter is linked; afterwards it is not.
ParkOutcome wait_linked(WaitList& list, ParkedThread& waiter, Waiting what, int64_t deadline_ns) {
  Thread& t = *waiter.thread;
  Interpreter& i = *t.interpreter;
  bool was_collected = false;
  while (!waiter.is_woken) {
    begin_parked(t, what, deadline_ns);
    Value settled = Value::none();
    if (MINI_UNLIKELY(i.parked_count == i.thread_count)) settled = settle_standstill(t, was_collected);
    ParkEnd end = ParkEnd::Poked;
    if (!settled.is_raised() && !waiter.is_woken) end = i.gil->park(t, deadline_ns, what.reason == BlockReason::Lock);
    end_parked(t);
    if (waiter.is_woken && !settled.is_raised()) break;
    if (settled.is_raised() || (t.needs_attention() && t.serve_attention().is_raised())) {
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

ParkOutcome park(Thread& t, WaitList& list, Waiting what, int64_t deadline_ns, bool goes_first) {
  ParkedThread waiter{.thread = &t, .is_impatient = goes_first};
  link_waiter(list, waiter, goes_first);
  return wait_linked(list, waiter, what, deadline_ns);
}

Enrolment::Enrolment(Thread& t, WaitList& list) : list_(list), waiter_{.thread = &t} { link_waiter(list, waiter_, false); }

Enrolment::~Enrolment() {
  if (waiter_.thread) {
    if (!waiter_.is_woken) unlink_waiter(list_, waiter_);
    else wake_one(list_);   // never waited: the wake goes to the next
  }
}

ParkOutcome Enrolment::wait(Waiting what, int64_t deadline_ns) {
  ParkOutcome outcome = wait_linked(list_, waiter_, what, deadline_ns);
  waiter_.thread = nullptr;
  return outcome;
}

Thread* wake_one(WaitList& list) {
  ParkedThread* waiter = list.first;
  if (!waiter) return nullptr;
  unlink_waiter(list, *waiter);
  waiter->is_woken = true;
  Thread* thread = waiter->thread;
  end_parked(*thread);
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
  if (park(t, nobody_wakes, {BlockReason::Sleep}, deadline_ns) == ParkOutcome::Raised) return Value::raised();
  return Value::none();
}

void skip_idle_time(Thread& t, int64_t deadline_ns) {
  Interpreter& i = *t.interpreter;
  if (!i.clock->can_jump() || i.parked_count + 1 != i.thread_count) return;
  int64_t first = std::min(deadline_ns, first_deadline(i));
  if (first != kNever) jump_to(t, first);
}

void settle_before_end(Thread& t) {
  Interpreter& i = *t.interpreter;
  if (i.parked_count + 1 != i.thread_count) return;
  bool was_collected = false;
  begin_parked(t, {BlockReason::None}, kNever);
  if (settle_standstill(t, was_collected).is_raised()) (void)take_exception(t);
  end_parked(t);
}

}  // namespace mini
