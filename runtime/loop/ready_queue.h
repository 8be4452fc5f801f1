// SPDX-License-Identifier: MIT
// ReadyQueue: the callbacks whose turn has come, first in, first out. A chain of malloc'd pieces, each of which is free as soon as its
// callbacks have run: a crowd of a hundred thousand needs its room once. The loop's `trace` marks what is in it. Guarded by the GIL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

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
  // An item without a context: one with is pushed as a handle.
  void push(const ReadyItem& item) {
    if (MINI_UNLIKELY(end_ == limit_)) add_piece();
    *end_++ = {reinterpret_cast<uintptr_t>(item.target) | static_cast<uintptr_t>(item.kind), item.argument};
    ++count_;
  }
  ReadyItem pop() {
    ReadyItem item = next_++->item();
    if (--count_ == 0) begin_anew();
    else if (MINI_UNLIKELY(next_ == next_limit_)) drop_piece();
    return item;
  }
  // Drops everything.
  void clear();
  // In their order.
  void for_each(const std::function<void(const ReadyItem&)>& visit) const;
  void trace(Marker& marker) const;
  size_t piece_count() const;

 private:
  // An item in half the room: the kind lies in the low bits of the target's address.
  struct Slot {
    uintptr_t target_and_kind;
    Object* argument;
    static constexpr uintptr_t kKinds = 7;
    ReadyItem item() const {
      return {reinterpret_cast<Object*>(target_and_kind & ~kKinds), argument, nullptr, static_cast<ReadyKind>(target_and_kind & kKinds)};
    }
  };
  static constexpr size_t kItems = 511;   // with the link, 8 KB
  struct Piece {
    Piece* later;
    Slot items[kItems];
  };
  void add_piece();
  void drop_piece();
  // It is empty, so there is one piece.
  void begin_anew() { next_ = end_ = first_->items; }
  Piece* first_ = nullptr;          // `next_` is in it
  Piece* last_ = nullptr;           // `end_` is in it, or behind it
  Piece* kept_ = nullptr;           // a free one, so that a queue that never gets empty does not ask for each
  Slot* next_ = nullptr;       // the next to run
  Slot* next_limit_ = nullptr;
  Slot* end_ = nullptr;        // where the next one goes
  Slot* limit_ = nullptr;
  size_t count_ = 0;
};

}  // namespace mini
