// SPDX-License-Identifier: MIT
// What heap.cpp (cells and blocks) and collector.cpp (marking and sweeping) share.
//
// Small objects live in cells of 64 KiB blocks, one cell size to a block, inside one region of reserved address space; so an
// arbitrary word is checked for "points into a live cell" with a subtraction and a division. Larger objects are malloc'd and
// kept in a sorted table. A free cell has Kind::Free and links to the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <unordered_map>
#include <vector>

#include "runtime/heap.h"

namespace mini {

inline constexpr size_t kLeastNursery = size_t{1} << 20;   // allocated between collections: half of what a core's own cache holds
inline constexpr size_t kLeastGrowth = size_t{8} << 20;    // of what lives, between whole collections

inline size_t class_size(int size_class) {
  if (size_class < kStepClasses) return static_cast<size_t>(size_class + 1) * 16;
  int step = size_class - kStepClasses;
  size_t base = size_t{512} << (step / 4);
  return base + base / 4 * static_cast<size_t>(step % 4 + 1);
}

inline int class_of(size_t bytes) {
  if (bytes <= 512) return static_cast<int>((bytes + 15) / 16) - 1;
  int size_class = kStepClasses;
  while (class_size(size_class) < bytes) ++size_class;
  return size_class;
}

// Objects that every collection has to look at. Those before `old` were alive at the last one: a small collection skips them.
template <class T>
struct Watched {
  std::vector<T> all;
  size_t old = 0;
};

struct HeapImpl {
  explicit HeapImpl(Cells& cells) : free_cells(cells.free_cells), bump(cells.bump), bump_end(cells.bump_end) {}

  char* region = nullptr;
  size_t region_size = 0;
  size_t block_count = 0;              // ever committed
  std::vector<Block*> unused;
  size_t emptied = 0;                  // so many of these, at the end, were in use before the last small collection: they are used first
  std::vector<bool> given_back;        // by number: blocks whose memory the system has. Noting it in the block would take a page again
  std::vector<Block*> kept_aside;      // unused ones for the time when there are no others
  FreeCell* (&free_cells)[kClassCount];            // these three are the heap's Cells
  char* (&bump)[kClassCount];
  char* (&bump_end)[kClassCount];
  char* bump_before[kClassCount] = {};             // where `bump` stood after the last collection
  std::vector<Block*> available[kClassCount];      // swept, with enough free cells to be worth while
  std::vector<Block*> touched;
  std::vector<std::pair<Object*, size_t>> large;   // sorted by address when `large_sorted`
  bool large_sorted = true;
  size_t small_bytes_live = 0;         // without the large ones
  size_t small_objects_live = 0;
  size_t nursery = kLeastNursery;      // Cells::threshold, but under stress
  size_t whole_at = kLeastGrowth;      // when more bytes live after a small collection, the next one is whole
  bool is_whole_due = false;
  uint8_t epoch = 1;                   // Object::mark of what is old
  unsigned stress_count = 0;
  std::unique_ptr<std::map<std::string, uint64_t>> made_by_type;   // null: not counted
  std::vector<Object*> remembered;     // old objects that may refer to young ones
  std::vector<Object*> grown;          // old lists and dicts that young objects were added to
  std::vector<Object*> rescanned;      // old objects whose writes are not noted: each small collection traces them
  std::vector<Object*> in_use;         // seen on native stacks or running: native code may write to them without a note
  std::vector<std::function<void(Marker&)>> roots;
  Watched<Object*> with_del;           // live objects whose class has __del__
  Watched<Object*> generators;         // live ones that are watched
  Watched<WeakReference*> weak;        // live weak references
  std::unordered_map<Object*, WeakReference*> shared_weak;   // those without a callback, by target
  bool is_collecting = false;
  void* spare = malloc(kSpare);        // for the collector's own tables when there is no other memory; nobody touches it before
  static constexpr size_t kSpare = size_t{4} << 20;

  size_t number_of(const Block* b) const { return static_cast<size_t>(reinterpret_cast<const char*>(b) - region) / kBlockSize; }
  Block* block(size_t i) { return reinterpret_cast<Block*>(region + i * kBlockSize); }
  Block* bump_block(int size_class) {
    return bump_end[size_class] ? Block::of(bump_end[size_class] - 1) : nullptr;
  }
  void touch(Block* b) {
    if (b->is_touched) return;
    b->is_touched = true;
    touched.push_back(b);
  }
  void keep_aside();                   // as many of the unused blocks as should be
  void count_bumped();                 // brings every Block::cell_count up to date
};

bool generator_has_finalizer(Object* generator);   // objects/generator.cpp
[[noreturn]] void end_without_memory();
void finalize_object(Object* o, Heap& heap);
// Classes die last, because dying objects still ask them; and all of them at once, because a class asks its own class.
void finalize_types(const std::vector<Object*>& types, Heap& heap);

}  // namespace mini
