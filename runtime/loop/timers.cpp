// SPDX-License-Identifier: MIT
#include "runtime/loop/timers.h"

#include <algorithm>

#include "runtime/heap.h"

namespace mini {

namespace {
constexpr size_t kRebuildAbove = 100;   // smaller heaps are never rebuilt, as in CPython
}

void TimerHeap::push(TimerHandle* timer) {
  timer->extra |= kHandleScheduled;
  entries_.push_back({timer->when, timer});
  sift_towards_top(0, entries_.size() - 1);
}

TimerHandle* TimerHeap::pop() {
  Entry top = entries_.front();
  Entry last = entries_.back();
  entries_.pop_back();
  if (!entries_.empty()) {
    entries_.front() = last;
    sift_from(0);
  }
  leave(top);
  return top.timer;
}

// Moves the entry at `position` up until its parent is not later; stops at `start`.
void TimerHeap::sift_towards_top(size_t start, size_t position) {
  Entry moved = entries_[position];
  while (position > start) {
    size_t parent = (position - 1) / 2;
    if (!(moved.when < entries_[parent].when)) break;
    entries_[position] = entries_[parent];
    position = parent;
  }
  entries_[position] = moved;
}

// Restores the order below `position`: the earlier child moves up all the way down to a leaf, then the entry moves up from there.
void TimerHeap::sift_from(size_t position) {
  size_t start = position;
  size_t count = entries_.size();
  Entry moved = entries_[position];
  for (size_t child = 2 * position + 1; child < count; child = 2 * position + 1) {
    size_t right = child + 1;
    if (right < count && !(entries_[child].when < entries_[right].when)) child = right;
    entries_[position] = entries_[child];
    position = child;
  }
  entries_[position] = moved;
  sift_towards_top(start, position);
}

void TimerHeap::rebuild_without_cancelled() {
  size_t kept = 0;
  for (const Entry& entry : entries_) {
    if (entry.is_cancelled()) leave(entry);
    else entries_[kept++] = entry;
  }
  entries_.resize(kept);
  entries_.shrink_to_fit();
  for (size_t i = kept / 2; i-- > 0;) sift_from(i);
  cancelled_count_ = 0;
}

void TimerHeap::drop_cancelled() {
  if (entries_.size() > kRebuildAbove && cancelled_count_ * 2 > entries_.size()) return rebuild_without_cancelled();
  while (!entries_.empty() && entries_.front().is_cancelled()) {
    --cancelled_count_;
    pop();
  }
}

void TimerHeap::clear() {
  for (Entry& entry : entries_) leave(entry);
  entries_ = {};
  cancelled_count_ = 0;
}

void TimerHeap::trace(Marker& marker) {
  for (Entry& entry : entries_) {
    if (entry.is_cancelled()) {
      leave(entry);
      entry.timer = nullptr;
    }
    marker.mark_pointer(entry.timer);
  }
}

std::vector<TimerHandle*> TimerHeap::in_order() const {
  std::vector<TimerHandle*> timers;
  for (const Entry& entry : entries_) {
    if (!entry.is_cancelled()) timers.push_back(entry.timer);
  }
  std::stable_sort(timers.begin(), timers.end(), [](const TimerHandle* a, const TimerHandle* b) { return a->when < b->when; });
  return timers;
}

}  // namespace mini
