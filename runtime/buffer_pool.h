// SPDX-License-Identifier: MIT
// BufferPool: memory that objects own outside the heap's cells: items of lists, tables of dicts and sets, slots that outgrew
// their object. Small buffers come from free lists by size, so taking and giving one back is a few instructions and has no
// header; large ones are malloc'd. Who gives a buffer back says how large it is. Under the GIL, one pool for each heap.
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

 private:
  static constexpr size_t kStep = 16;
  static constexpr size_t kLargestSmall = 2048;
  static constexpr size_t kChunk = 64 * 1024;
  struct Free { Free* next; };
  static size_t place(size_t bytes) { return (bytes + kStep - 1) / kStep; }
  void* carve(size_t place);
  Free* free_[kLargestSmall / kStep + 1] = {};
  char* fresh_ = nullptr;        // what is left of the newest chunk
  char* fresh_end_ = nullptr;
  std::vector<char*> chunks_;
};

}  // namespace mini
