// SPDX-License-Identifier: MIT
#include "runtime/loop/ready_queue.h"

#include <cstdlib>
#include <utility>

#include "runtime/heap.h"

namespace mini {

ReadyQueue::~ReadyQueue() { clear(); }

void ReadyQueue::add_piece() {
  Piece* piece = kept_ ? std::exchange(kept_, nullptr) : static_cast<Piece*>(must_malloc(sizeof(Piece)));
  piece->later = nullptr;
  if (last_) last_->later = piece;
  last_ = piece;
  end_ = piece->items;
  limit_ = piece->items + kItems;
  if (first_) return;
  first_ = piece;
  next_ = piece->items;
  next_limit_ = limit_;
}

// All of the first piece was taken, and there is another one: else the queue would be empty.
void ReadyQueue::drop_piece() {
  Piece* piece = first_;
  first_ = piece->later;
  next_ = first_->items;
  next_limit_ = next_ + kItems;
  if (!kept_) kept_ = piece;
  else free(piece);
}

void ReadyQueue::clear() {
  free(kept_);
  for (Piece* piece = first_; piece;) free(std::exchange(piece, piece->later));
  first_ = last_ = kept_ = nullptr;
  next_ = next_limit_ = end_ = limit_ = nullptr;
  count_ = 0;
}

void ReadyQueue::for_each(const std::function<void(const ReadyItem&)>& visit) const {
  const Slot* at = next_;
  for (const Piece* piece = first_; piece; piece = piece->later) {
    const Slot* limit = piece == last_ ? end_ : piece->items + kItems;
    for (; at != limit; ++at) visit(at->item());
    if (piece->later) at = piece->later->items;
  }
}

void ReadyQueue::trace(Marker& marker) const {
  for_each([&](const ReadyItem& item) {
    marker.mark(item.target);
    marker.mark(item.argument);
  });
}

size_t ReadyQueue::piece_count() const {
  size_t count = kept_ != nullptr;
  for (const Piece* piece = first_; piece; piece = piece->later) ++count;
  return count;
}

}  // namespace mini
