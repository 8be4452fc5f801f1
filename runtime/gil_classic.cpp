// SPDX-License-Identifier: MIT
// Classic mode: CPython's algorithm, kept to show the convoy effect.
//
// A thread that wants the GIL waits for the switch interval. When the GIL did not change hands meanwhile, it sets the drop
// request, and waits again. The holder answers at its next attention check: it gives the GIL up, wakes one waiter and,
// since it was asked, waits until some other thread has taken it. Nobody is chosen: whoever comes first takes it, and a
// thread that comes back from a system call waits a whole interval like everybody. That is the convoy.
#include <algorithm>

#include "runtime/gil_impl.h"
#include "runtime/interpreter.h"

namespace mini {

void Gil::Impl::classic_take(GilThread& s) {
  std::unique_lock guard(mutex);
  int64_t began = 0;
  for (;;) {
    if (closer && closer != s.thread) {
      guard.unlock();
      block_for_ever();
    }
    waiting.fetch_add(1);
    Thread* nobody = nullptr;
    if (holder.compare_exchange_strong(nobody, s.thread)) {
      waiting.fetch_sub(1);
      break;
    }
    int64_t now = clock->monotonic_ns();
    if (began == 0) began = now;
    uint64_t saved_number = switch_number;
    int64_t deadline = now + interval_ns.load(std::memory_order_relaxed);
    s.place = GilThread::Place::Queued;
    classic_queue.push_back(&s);
    guard.unlock();
    while (!(s.word.load() & kGranted) && clock->monotonic_ns() < deadline) {
      uint32_t word = s.word.fetch_or(kSleeping) | kSleeping;
      if (word & kGranted) break;
      clock->wait(s.word, word, deadline);
    }
    guard.lock();
    bool timed_out = s.place == GilThread::Place::Queued;
    s.word.fetch_and(~(kGranted | kSleeping));
    if (timed_out) {
      size_t index = 0;
      for (GilThread* q = classic_queue.first; q != &s; q = q->next) ++index;
      classic_queue.remove(index);
      s.place = GilThread::Place::Elsewhere;
      Thread* current = holder.load();
      if (current && switch_number == saved_number) current->attention.fetch_or(kWantGil);
    }
    waiting.fetch_sub(1);
  }
  // Taken. A thread that dropped the GIL on request waits for this moment.
  if (last_holder != s.thread) {
    last_holder = s.thread;
    ++switch_number;
  }
  for (GilThread* other = attached; other; other = other->next_attached) {
    if (!other->wants_switch) continue;
    other->wants_switch = false;
    wake(*other);
  }
  if (began != 0) {
    ++s.stats.waits;
    auto waited = static_cast<uint64_t>(clock->monotonic_ns() - began);
    s.stats.wait_ns += waited;
    s.stats.wait_times.add(static_cast<int64_t>(waited));
    s.stats.longest_wait_ns = std::max(s.stats.longest_wait_ns, waited);
  }
}

void Gil::Impl::classic_give(GilThread& s, bool is_dropping) {
  std::unique_lock guard(mutex);
  last_holder = s.thread;
  if (is_dropping) s.thread->attention.fetch_and(~kWantGil);
  if (holder.load() == s.thread) holder.store(nullptr);
  GilThread* first = nullptr;
  bool must_wait = false;
  if (!classic_queue.is_empty()) {
    first = classic_queue.remove(0);
    first->place = GilThread::Place::Elsewhere;
    must_wait = s.wants_switch = is_dropping && !closer;
    if (!is_dropping) ++s.stats.voluntary_switches;
  }
  guard.unlock();
  if (first) wake(*first);
  if (!must_wait) return;
  while (!(s.word.load() & kGranted)) {
    uint32_t word = s.word.fetch_or(kSleeping) | kSleeping;
    if (word & kGranted) break;
    clock->wait(s.word, word, kNever);
  }
  s.word.fetch_and(~(kGranted | kSleeping));
}

}  // namespace mini
