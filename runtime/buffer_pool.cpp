// SPDX-License-Identifier: MIT
#include "runtime/buffer_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace mini {

BufferPool::~BufferPool() {
  for (char* chunk : chunks_) free(chunk);
}

// From the newest chunk. What is left of the one before is lost when it is too small: at most kLargestSmall of kChunk bytes.
void* BufferPool::carve(size_t place) {
  size_t bytes = place * kStep;
  if (static_cast<size_t>(fresh_end_ - fresh_) < bytes) {
    fresh_ = static_cast<char*>(malloc(kChunk));
    if (!fresh_) {
      fresh_end_ = nullptr;
      return nullptr;
    }
    fresh_end_ = fresh_ + kChunk;
    chunks_.push_back(fresh_);
  }
  void* buffer = fresh_;
  fresh_ += bytes;
  return buffer;
}

namespace {

// Large tables are filled from end to end soon: a few huge pages are got faster than thousands of small ones.
void* with_huge_pages(void* buffer, size_t bytes) {
  constexpr uintptr_t kHugePage = size_t{2} << 20;
  if (!buffer || bytes < 2 * kHugePage) return buffer;
  uintptr_t begin = (reinterpret_cast<uintptr_t>(buffer) + kHugePage - 1) & ~(kHugePage - 1);
  uintptr_t end = (reinterpret_cast<uintptr_t>(buffer) + bytes) & ~(kHugePage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  return buffer;
}

}  // namespace

void* BufferPool::take(size_t bytes) {
  if (bytes > kLargestSmall) return with_huge_pages(malloc(bytes), bytes);
  size_t n = place(bytes);
  Free* first = free_[n];
  if (!first) return carve(n);
  free_[n] = first->next;
  return first;
}

void BufferPool::give(void* buffer, size_t bytes) {
  if (!buffer) return;
  if (bytes > kLargestSmall) return free(buffer);
  auto cell = static_cast<Free*>(buffer);
  size_t n = place(bytes);
  cell->next = free_[n];
  free_[n] = cell;
}

void* BufferPool::resize(void* buffer, size_t before, size_t after) {
  if (!buffer) return take(after);
  if (before > kLargestSmall && after > kLargestSmall) return realloc(buffer, after);   // moves pages, which advice for parts would hinder
  if (before <= kLargestSmall && after <= kLargestSmall && place(before) == place(after)) return buffer;
  void* other = take(after);
  if (!other) return nullptr;
  memcpy(other, buffer, std::min(before, after));
  give(buffer, before);
  return other;
}

}  // namespace mini
