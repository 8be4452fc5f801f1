// SPDX-License-Identifier: MIT
// BufferPool: memory that objects own outside the heap's cells: items of lists, tables of dicts and sets, slots that outgrew
// their object. Small buffers come from free lists by size, so taking and giving one back is a few instructions and has no
// header; larger ones are malloc'd. Those from 1 MiB on are mapped: they grow without being copied, and a few that were given back are
// kept for the next one, because pages that the process has are had sooner than new ones. Who gives a buffer back says how large
// it is. Under the GIL, one pool for each heap.
#pragma once

#include <cstddef>
#include <vector>

namespace mini {

class BufferPool {
 public:
  BufferPool() = default;
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  void* take(size_t bytes);                                  // null: no memory (large ones only)
  void give(void* buffer, size_t bytes);                     // null is fine
  void* resize(void* buffer, size_t before, size_t after);   // keeps what is there; null: no memory, nothing changed
  void release(size_t most);                                 // of the mapped ones that wait for use so many bytes are enough

 private:
  static constexpr size_t kStep = 16;
  static constexpr size_t kLargestSmall = 2048;
  static constexpr size_t kChunk = 64 * 1024;
  static constexpr size_t kLeastMapped = size_t{1} << 20;
  static constexpr size_t kMostWaiting = size_t{64} << 20;
  struct Mapped { void* at; size_t bytes; };
  struct Free { Free* next; };
  static size_t place(size_t bytes) { return (bytes + kStep - 1) / kStep; }
  static size_t mapped_size(size_t bytes);
  void* carve(size_t place);
  void* take_mapped(size_t bytes);
  void give_mapped(void* buffer, size_t bytes);
  Free* free_[kLargestSmall / kStep + 1] = {};
  char* fresh_ = nullptr;        // what is left of the newest chunk
  char* fresh_end_ = nullptr;
  std::vector<char*> chunks_;
  std::vector<Mapped> waiting_;  // the oldest first
  size_t waiting_bytes_ = 0;
};

}  // namespace mini
