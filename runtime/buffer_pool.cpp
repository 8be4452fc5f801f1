// SPDX-License-Identifier: MIT
#include "runtime/buffer_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "runtime/value.h"

namespace mini {

BufferPool::~BufferPool() {
  for (char* chunk : chunks_) free(chunk);
  release(0);
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

constexpr size_t kPage = 4096;

// Large tables are filled from end to end soon: a few huge pages are got faster than thousands of small ones.
void* with_huge_pages(void* buffer, size_t bytes) {
  constexpr uintptr_t kHugePage = size_t{2} << 20;
  if (bytes < 2 * kHugePage) return buffer;
  uintptr_t begin = (reinterpret_cast<uintptr_t>(buffer) + kHugePage - 1) & ~(kHugePage - 1);
  uintptr_t end = (reinterpret_cast<uintptr_t>(buffer) + bytes) & ~(kHugePage - 1);
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  return buffer;
}

}  // namespace

size_t BufferPool::mapped_size(size_t bytes) {
  return (bytes + kPage - 1) & ~(kPage - 1);
}

// One of the same size, else a smaller one that grows: either way its pages are had already. What is much larger waits for its like.
void* BufferPool::take_mapped(size_t bytes) {
  bytes = mapped_size(bytes);
  size_t best = waiting_.size();
  for (size_t i = 0; i < waiting_.size(); ++i) {
    if (waiting_[i].bytes > bytes + bytes / 8) continue;
    if (best == waiting_.size() || waiting_[i].bytes > waiting_[best].bytes) best = i;
    if (waiting_[i].bytes == bytes) {
      best = i;
      break;
    }
  }
  if (best < waiting_.size()) {
    Mapped found = waiting_[best];
    void* at = found.bytes == bytes ? found.at : mremap(found.at, found.bytes, bytes, MREMAP_MAYMOVE);
    if (at != MAP_FAILED) {
      waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(best));
      waiting_bytes_ -= found.bytes;
      return at;
    }
  }
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? nullptr : with_huge_pages(at, bytes);
}

namespace {

// When the process's address space ends, malloc may still have room that a mapping cannot get. Mapped buffers begin a page, these do not.
bool is_mapped_address(void* buffer) { return reinterpret_cast<uintptr_t>(buffer) % kPage == 0; }

void* take_unmapped(size_t bytes) {
  auto whole = static_cast<char*>(malloc(bytes + 32));
  if (!whole) return nullptr;
  char* buffer = whole + 16;
  if (is_mapped_address(buffer)) buffer += 16;
  reinterpret_cast<void**>(buffer)[-1] = whole;
  return buffer;
}

}  // namespace

void BufferPool::give_mapped(void* buffer, size_t bytes) {
  if (!is_mapped_address(buffer)) return free(static_cast<void**>(buffer)[-1]);
  bytes = mapped_size(bytes);
  if (bytes > kMostWaiting) {
    munmap(buffer, bytes);
    return;
  }
  waiting_.push_back({buffer, bytes});
  waiting_bytes_ += bytes;
  release(kMostWaiting);
}

void BufferPool::release(size_t most) {
  size_t count = 0;
  for (; waiting_bytes_ > most; ++count) {
    munmap(waiting_[count].at, waiting_[count].bytes);
    waiting_bytes_ -= waiting_[count].bytes;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count));
}

void* BufferPool::take(size_t bytes) {
  if (bytes > kLargestSmall) {
    void* buffer = bytes < kLeastMapped ? malloc(bytes) : take_mapped(bytes);
    if (MINI_LIKELY(buffer != nullptr)) return buffer;
    if (waiting_.empty()) return bytes < kLeastMapped ? nullptr : take_unmapped(bytes);
    release(0);
    return take(bytes);
  }
  size_t n = place(bytes);
  Free* first = free_[n];
  if (!first) return carve(n);
  free_[n] = first->next;
  return first;
}

void BufferPool::give(void* buffer, size_t bytes) {
  if (!buffer) return;
  if (bytes > kLargestSmall) return bytes < kLeastMapped ? free(buffer) : give_mapped(buffer, bytes);
  auto cell = static_cast<Free*>(buffer);
  size_t n = place(bytes);
  cell->next = free_[n];
  free_[n] = cell;
}

void* BufferPool::resize(void* buffer, size_t before, size_t after) {
  if (!buffer) return take(after);
  bool was_small = before <= kLargestSmall, is_small = after <= kLargestSmall;
  bool was_mapped = before >= kLeastMapped, is_mapped = after >= kLeastMapped;
  if (was_small && is_small && place(before) == place(after)) return buffer;
  if (was_mapped && is_mapped && is_mapped_address(buffer)) {   // moves pages, which advice for parts would hinder
    void* at = mapped_size(before) == mapped_size(after) ? buffer : mremap(buffer, mapped_size(before), mapped_size(after), MREMAP_MAYMOVE);
    if (at != MAP_FAILED) return at;
  }
  if (!was_small && !is_small && !was_mapped && !is_mapped) return realloc(buffer, after);
  void* other = take(after);
  if (!other) return nullptr;
  memcpy(other, buffer, std::min(before, after));
  give(buffer, before);
  return other;
}

}  // namespace mini
