// SPDX-License-Identifier: MIT
// TimerHeap: the timers that are not due yet, earliest first.
//
// A cancelled timer lets go of its callback at once, but its entry stays in the heap until it comes to the top, or until more than half
// of a large heap is cancelled: then all of them go at once. The next collection makes the entry forget the timer itself. Timers with the same deadline come out in the order in which CPython's heapq gives them out: the moves below
// are the same as its moves, because a script can see that order.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/objects/handle.h"

namespace mini {

class Marker;

class TimerHeap {
 public:
  bool is_empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  double first_deadline() const { return entries_.front().when; }
  void push(TimerHandle* timer);
  // Null: a cancelled one that was forgotten.
  TimerHandle* pop();
  // A timer in the heap was cancelled.
  void count_cancelled() { ++cancelled_count_; }
  // Removes cancelled timers from the top, or all of them when there are many.
  void drop_cancelled();
  void clear();
  void trace(Marker& marker);
  std::vector<TimerHandle*> in_order() const;   // those that are not cancelled, for reports

 private:
  struct Entry {
    double when;
    TimerHandle* timer;              // null: cancelled and forgotten
    bool is_cancelled() const { return !timer || timer->is_cancelled(); }
  };
  static void leave(const Entry& entry) {
    if (entry.timer) entry.timer->extra &= ~kHandleScheduled;
  }
  void sift_towards_top(size_t start, size_t position);
  void sift_from(size_t position);
  void rebuild_without_cancelled();
  std::vector<Entry> entries_;
  size_t cancelled_count_ = 0;
};

}  // namespace mini
