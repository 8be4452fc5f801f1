// SPDX-License-Identifier: MIT
#include "runtime/exec/shared_queue.h"

#include <algorithm>

#include "runtime/gil.h"
#include "runtime/interpreter.h"

namespace mini {

namespace {

// Everybody looks again: those who wait for items and those who wait for room are never many.
void poke_waiting(SharedQueue& queue) {
  for (Thread* t : queue.waiting) Gil::poke(*t);
}

// Runs `attempt` with the mutex until it succeeds. A thread enrols before it parks and a poke is not lost in between,
// so no change goes unseen.
template <class Attempt> QueueOutcome wait_for(Thread& t, SharedQueue& queue, int64_t deadline_ns, Attempt attempt) {
  bool is_enrolled = false;
  for (;;) {
    bool is_over = deadline_ns != kNever && t.interpreter->clock->monotonic_ns() >= deadline_ns;
    bool is_done;
    {
      std::lock_guard guard(queue.mutex);
      is_done = attempt();
      if (is_enrolled && (is_done || is_over)) std::erase(queue.waiting, &t);
      if (is_done) poke_waiting(queue);
      if (!is_done && !is_over && !is_enrolled) queue.waiting.push_back(&t);
    }
    if (is_done) return QueueOutcome::Done;
    if (is_over) return QueueOutcome::TimedOut;
    is_enrolled = true;
    t.blocked = BlockReason::Wait;
    t.interpreter->gil->park(t, deadline_ns, false);
    if (!t.poll().is_raised()) continue;
    std::lock_guard guard(queue.mutex);
    std::erase(queue.waiting, &t);
    return QueueOutcome::Raised;
  }
}

}  // namespace

QueueOutcome queue_put(Thread& t, SharedQueue& queue, QueueItem item, int64_t deadline_ns) {
  return wait_for(t, queue, deadline_ns, [&] {
    if (queue.is_full()) return false;
    queue.items.push_back(std::move(item));
    return true;
  });
}

QueueOutcome queue_get(Thread& t, SharedQueue& queue, QueueItem& item, int64_t deadline_ns) {
  return wait_for(t, queue, deadline_ns, [&] {
    if (queue.items.empty()) return false;
    item = std::move(queue.items.front());
    queue.items.pop_front();
    return true;
  });
}

}  // namespace mini
