// SPDX-License-Identifier: MIT
#include "runtime/loop/ready_queue.h"

#include <cstdlib>

#include "runtime/heap.h"

namespace mini {

namespace {
constexpr size_t kFirstCapacity = 16;
constexpr size_t kTrimAbove = 4096;
}

ReadyQueue::~ReadyQueue() { free(items_); }

void ReadyQueue::resize(size_t capacity) {
  auto items = static_cast<ReadyItem*>(must_malloc(capacity * sizeof(ReadyItem)));
  for (size_t i = 0; i < count_; ++i) items[i] = (*this)[i];
  free(items_);
  items_ = items;
  capacity_ = capacity;
  head_ = 0;
}

void ReadyQueue::grow() { resize(capacity_ ? capacity_ * 2 : kFirstCapacity); }

void ReadyQueue::clear() {
  free(items_);
  items_ = nullptr;
  capacity_ = head_ = count_ = 0;
}

void ReadyQueue::trim() {
  if (capacity_ > kTrimAbove && count_ < capacity_ / 8) resize(capacity_ / 4);
}

void ReadyQueue::trace(Marker& marker) const {
  for (size_t i = 0; i < count_; ++i) {
    const ReadyItem& item = (*this)[i];
    marker.mark(item.target);
    marker.mark(item.argument);
    marker.mark(item.context);
  }
}

}  // namespace mini
