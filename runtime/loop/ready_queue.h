// SPDX-License-Identifier: MIT
// ReadyQueue: the callbacks whose turn has come, first in, first out. A chain of malloc'd pieces, each of which is free as soon as its
// callbacks have run: a crowd of a hundred thousand needs its room once. The loop's `trace` marks what is in it. Guarded by the GIL.
#pragma once

#include <cstddef>
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
  void push(const ReadyItem& item) {
    if (MINI_UNLIKELY(end_ == limit_)) add_piece();
    *end_++ = item;
    ++count_;
  }
  ReadyItem pop() {
    ReadyItem item = *next_++;
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
  static constexpr size_t kItems = 255;   // with the link, 8 KB
  struct Piece {
    Piece* later;
    ReadyItem items[kItems];
  };
  void add_piece();
  void drop_piece();
  // It is empty, so there is one piece.
  void begin_anew() { next_ = end_ = first_->items; }
  Piece* first_ = nullptr;          // `next_` is in it
  Piece* last_ = nullptr;           // `end_` is in it, or behind it
  Piece* kept_ = nullptr;           // a free one, so that a queue that never gets empty does not ask for each
  ReadyItem* next_ = nullptr;       // the next to run
  ReadyItem* next_limit_ = nullptr;
  ReadyItem* end_ = nullptr;        // where the next one goes
  ReadyItem* limit_ = nullptr;
  size_t count_ = 0;
};

}  // namespace mini
