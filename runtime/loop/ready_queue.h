// SPDX-License-Identifier: MIT
// ReadyQueue: the callbacks whose turn has come, first in, first out. A ring buffer in malloc'd memory; the loop's `trace` marks
// what is in it. Guarded by the GIL.
#pragma once

#include <cstddef>

#include "runtime/objects/schedule.h"

namespace mini {

class Marker;

class ReadyQueue {
 public:
  ReadyQueue() = default;
  ~ReadyQueue();
  ReadyQueue(const ReadyQueue&) = delete;
  ReadyQueue& operator=(const ReadyQueue&) = delete;

  bool is_empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  void push(const ReadyItem& item) {
    if (count_ == capacity_) grow();
    items_[(head_ + count_++) & (capacity_ - 1)] = item;
  }
  ReadyItem pop() {
    const ReadyItem& first = items_[head_];
    head_ = (head_ + 1) & (capacity_ - 1);
    --count_;
    return first;
  }
  const ReadyItem& operator[](size_t i) const { return items_[(head_ + i) & (capacity_ - 1)]; }
  // Drops everything; gives memory back after a crowd has passed.
  void clear();
  void trim();
  void trace(Marker& marker) const;

 private:
  void grow();
  void resize(size_t capacity);
  ReadyItem* items_ = nullptr;
  size_t capacity_ = 0;      // a power of two
  size_t head_ = 0;
  size_t count_ = 0;
};

}  // namespace mini
