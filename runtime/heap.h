// SPDX-License-Identifier: MIT
// Heap: allocation, marking, sweeping. Mark and sweep, in two generations, not moving; one heap for each Interpreter.
//
// Roots are: every Thread's registers and frames (precise), every Thread's native stack (conservative: a word that
// points into a live cell keeps it alive, so native code holds Values in plain locals and nobody can forget a
// root), the Interpreter's tables, and ValueLists (below) for values that native code keeps in malloc'd memory.
// A std::vector<Value> is NOT scanned: use ValueList.
//
// Rules for natives:
// - Initialise every field of a new object before the next allocation.
// - Buffers come from `take_buffer`, or are malloc'd and reported with `account`; the layout's `finalize` gives them back.
// - Store into objects through `store`; after copying values into one by other means, call `note_write`.
// All of it runs under the GIL; that is why there are no locks here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/buffer_pool.h"
#include "runtime/object.h"
#include "runtime/shape.h"

namespace mini {

// What allocation does when the system gives no more memory: throws std::bad_alloc, the only C++ exception here. run() (interp/vm.h) makes a
// MemoryError of it in the innermost script frame. What is asked for by a script in one piece is better refused by `can_allocate` before.
[[noreturn]] void run_out_of_memory();
// malloc() that does so instead of giving null.
void* must_malloc(size_t bytes);

struct HeapStats {
  uint64_t collections, small_collections, allocations, bytes_live, bytes_since, objects_live;
  uint64_t bytes_outside;   // what objects own outside the heap
  uint64_t pause_total_ns, pause_max_ns;
};

class Marker {
 public:
  void mark(Object* o) { if (o && o->mark != epoch_) push(o); }
  void mark(Value v) { if (v.is_object()) mark(v.object); }
  void mark(const Value* values, size_t count) {
    count_places(count);
    size_t i = 0;
    for (; i + kAhead < count; ++i) mark_with_prefetch(values[i], values[i + kAhead]);
    for (; i < count; ++i) mark(values[i]);
  }
  // `later` is marked soon: the header of its object is read from memory meanwhile.
  static constexpr size_t kAhead = 8;
  void mark_with_prefetch(Value v, const Value& later) {
    if (later.is_object()) __builtin_prefetch(later.object);
    mark(v);
  }
  // What looking at that many values costs decides how often small collections may come.
  void count_places(size_t count) { places_ += count; }
  template <class T> void mark_pointer(T* o) { mark(reinterpret_cast<Object*>(o)); }
  // The object may be in the middle of being filled by native code.
  void mark_in_use(Object* o);
  // A small collection: what is old is marked already, and stays.
  bool is_small() const { return is_small_; }
  // Temporaries that no instruction reads any more are to be emptied (Heap::collect_for_script).
  bool forgets() const;
  uint8_t epoch() const { return epoch_; }

 private:
  friend class Heap;
  Marker(Heap& heap, uint8_t epoch, bool is_small) : heap_(heap), epoch_(epoch), is_small_(is_small) {}
  Marker(Heap& heap, uint8_t epoch) : heap_(heap), epoch_(epoch), is_check_(true) {}
  void push(Object* o);
  void trace(Object* o);
  void trace_growth(Object* o);
  void drain();
  void complain(Object* o);
  std::vector<Object*>* listed_ = nullptr;   // only lists what it is told of
  Heap& heap_;
  uint8_t epoch_;
  bool is_small_ = false;
  bool is_check_ = false;
  Object* traced_ = nullptr;       // for complain()
  uint64_t objects_ = 0, places_ = 0;   // traced, and values looked at in their tables
  std::vector<Object*> stack_;
};

// weakref.ref: points at an object without keeping it alive. The heap clears `target` when the object dies.
struct WeakReference : Object {
  Object* target;       // null: dead
  Value callback;       // None: no callback
  int64_t hash;         // of the target, kept once asked; -1: unknown
};

struct HeapImpl;   // blocks: heap_impl.h

inline constexpr size_t kBlockSize = 64 * 1024;

struct FreeCell;

// The head of a block of cells, at a multiple of kBlockSize.
struct Block {
  uint32_t cell_size;       // 0: the block is unused
  uint32_t cell_count;      // handed out so far; of the newest block of each size that is known only after count_bumped
  uint32_t live;            // after the last sweep
  bool is_touched;          // cells were handed out since the last collection: in HeapImpl::touched
  bool is_available;        // waits in HeapImpl::available
  bool has_finalizers;      // one of its objects has, or had
  bool is_marked;           // this collection marked one of its objects
  FreeCell* free;           // while it is available
  char* cells() { return reinterpret_cast<char*>(this) + 64; }
  static Block* of(const void* cell) { return reinterpret_cast<Block*>(reinterpret_cast<uintptr_t>(cell) & ~(kBlockSize - 1)); }
};
static_assert(sizeof(Block) <= 64);

struct FreeCell {
  FreeCell* next;
  Kind kind;        // Kind::Free, where an Object has its kind
};
static_assert(offsetof(FreeCell, kind) == offsetof(Object, kind));

// Cell sizes: steps of 16 up to 512, then four steps for each doubling.
inline constexpr int kStepClasses = 32;
inline constexpr int kClassCount = kStepClasses + 16;

// What `allocate` needs at once.
struct Cells {
  FreeCell* free_cells[kClassCount] = {};          // of the block in use
  char* bump[kClassCount] = {};                    // fresh room in the newest block of each class
  char* bump_end[kClassCount] = {};
  size_t threshold = size_t{1} << 20;              // bytes allocated until the next collection
};

class Heap {
 public:
  friend class Marker;
  explicit Heap(Interpreter& interpreter);
  ~Heap();

  // A cell of `bytes` (rounded up) with its header set; the rest is uninitialised. Never null: see
  // run_out_of_memory(). May collect.
  void* allocate(size_t bytes, Shape* shape) {
    stats_.bytes_since += bytes;
    if (MINI_UNLIKELY(stats_.bytes_since >= cells_.threshold)) collect_when_due(bytes);
    ++stats_.allocations;
    size_t c = (bytes - 1) / 16;
    Object* o;
    if (FreeCell* cell = MINI_LIKELY(c < kStepClasses) ? cells_.free_cells[c] : nullptr) {
      cells_.free_cells[c] = cell->next;
      __builtin_prefetch(cell->next);   // the next one of this size
      o = reinterpret_cast<Object*>(cell);
    } else if (MINI_LIKELY(c < kStepClasses && cells_.bump[c] != cells_.bump_end[c])) {
      o = reinterpret_cast<Object*>(cells_.bump[c]);
      cells_.bump[c] += (c + 1) * 16;
    } else {
      return allocate_slowly(bytes, shape);
    }
    set_header(o, shape);
    return o;
  }
  // A new object of the built-in struct T, plus `extra` bytes behind it.
  template <class T> T* make(Shape* shape, size_t extra = 0) { return static_cast<T*>(allocate(sizeof(T) + extra, shape)); }

  // Memory that objects own outside the heap: counts towards the next collection. `bytes` may be negative.
  void account(ptrdiff_t bytes) {
    if (bytes > 0) stats_.bytes_since += weight(static_cast<size_t>(bytes));
    stats_.bytes_outside += static_cast<uint64_t>(bytes);
  }
  // Memory for buffers of objects, accounted for. The layout's `finalize` gives it back.
  void* take_buffer(size_t bytes) {
    void* buffer = buffers_.take(bytes);
    if (MINI_UNLIKELY(!buffer)) run_out_of_memory();
    account(static_cast<ptrdiff_t>(bytes));
    return buffer;
  }
  void give_buffer(void* buffer, size_t bytes) {
    account(-static_cast<ptrdiff_t>(bytes));
    buffers_.give(buffer, bytes);
  }
  // The same for buffers that an object has for a time: those that come back do not bring the next collection nearer.
  void return_buffer(void* buffer, size_t bytes) {
    stats_.bytes_since -= bytes < stats_.bytes_since ? bytes : stats_.bytes_since;
    give_buffer(buffer, bytes);
  }
  void* resize_buffer(void* buffer, size_t before, size_t after) {
    void* resized = buffers_.resize(buffer, before, after);
    if (MINI_UNLIKELY(!resized)) run_out_of_memory();
    account(static_cast<ptrdiff_t>(after) - static_cast<ptrdiff_t>(before));
    return resized;
  }
  // False when `bytes` is so large that asking for it must end in MemoryError.
  bool can_allocate(size_t bytes) const;
  // For a process that may have so many bytes of address space: at most half of them stay reserved for the heap.
  void fit_reservation(size_t address_space);

  void collect();                       // everything, now
  // The same for gc.collect(): every frame is at an exact place, so that what a script has let go of is found, dead temporaries or not.
  void collect_for_script();
  void set_stress(bool on);
  // Beyond so many bytes of live objects and what they own, the running thread gets a MemoryError; 0: no limit.
  void set_limit(size_t bytes);
  bool is_stress() const { return stress_; }
  void disable() { ++disabled_; }       // nestable
  void enable() { --disabled_; }
  int disabled_depth() const { return disabled_; }
  // After a std::bad_alloc, which may have gone through who would have enabled: collects, with memory that was kept for this moment.
  void recover(int disabled_depth);
  const HeapStats& stats() const { return stats_; }
  // Counts objects by the names of their types from now on; each collection becomes slower.
  void count_types();
  std::map<std::string, uint64_t> made_by_type();
  HeapImpl& impl() { return *impl_; }   // for the collector's own files
  // Calls back for every live object; for gc.get_objects and the tests.
  void for_each_object(const std::function<void(Object*)>& visit);

  // Extra roots, called in each collection.
  void add_root(std::function<void(Marker&)> trace);
  // Nobody refers to the object any more, no list of the heap's has it and there is nothing to finalise: if it is young, as large as it was
  // made and small, its cell is free at once. Old ones are left to the collector.
  void give_cell(Object* o, size_t bytes) {
    if (o->mark != 0) return;
    auto cell = reinterpret_cast<FreeCell*>(o);
    FreeCell*& first = cells_.free_cells[(bytes - 1) / 16];
    cell->kind = Kind::Free;
    cell->next = first;
    first = cell;
    stats_.bytes_since -= bytes < stats_.bytes_since ? bytes : stats_.bytes_since;
  }
  // A large object's cell leaves the heap, which is being closed: the caller frees it. Nothing is finalised.
  void* give_away(Object* large);
  // The object whose cell contains this address, or null. The heart of conservative scanning.
  Object* find_object(const void* address) const;

  // Objects whose class has __del__, and weak references, are told to the heap when they are made.
  void watch_del(Object* o);
  bool watches_any(bool (*wanted)(const Object*)) const;   // among those
  void watch_weak(WeakReference* reference);
  // The objects that `o` refers to directly, its class among them, each once. Outside of collections only.
  void referents_of(Object* o, std::vector<Object*>& out);
  // The reference without a callback that `weakref.ref` gives everybody who asks for one to `target`; null: none yet.
  WeakReference*& shared_weak(Object* target);
  void for_each_weak(const std::function<void(WeakReference*)>& visit) const;   // in the order in which they were made
  // Generators that may have something to do or to say when nothing reaches them any more: coroutines that nobody awaited,
  // generators that are suspended inside a `try`.
  void watch_generator(Object* generator);
  // Runs the __del__ methods and weak reference callbacks that a collection found due; called when attention is served.
  void run_pending(Thread& t);
  bool has_pending() const { return !pending_del_.empty() || !pending_weak_.empty(); }
  // The program ends: runs the __del__ methods of everything that still lives.
  void run_last_finalizers(Thread& t);
  // Called in each whole or each small collection when marks are complete and nothing is freed yet: weak tables drop what dies.
  void add_sweep_hook(void (*hook)(Interpreter&)) { sweep_hooks_.push_back(hook); }
  void add_small_sweep_hook(void (*hook)(Interpreter&)) { small_sweep_hooks_.push_back(hook); }
  // For sweep hooks: nothing reaches the object.
  bool is_dying(const Object* o) const;

 private:
  friend class Marker;
  void collect_when_due(size_t bytes);
  void collect(bool is_whole);
  void check_marks();
  void count_young();
  void tune_nursery(const Marker& marker);
  void mark_roots(Marker& marker);
  void mark_own_stack(Marker& marker);
  void find_dead(Marker& marker);
  void bury(Object* o, std::vector<Object*>& dead_types);
  void bury_all(Block* b, std::vector<Object*>& dead_types);
  uint32_t sweep_cells(Block* b, FreeCell*& free, std::vector<Object*>& dead_types);
  void sweep_block(Block* b, bool is_whole, std::vector<Object*>& dead_types);
  void sweep(bool is_whole);
  void release_unused_blocks();
  void enforce_limit(bool was_whole);
  Object* allocate_slowly(size_t bytes, Shape* shape);
  Object* take_cell(size_t bytes);
  // What so many bytes count towards the next collection. A large table alone would bring it about, which then finds the table's owner in
  // use, and it would be old before its time. Pages of large buffers are used again anyway, so some may wait.
  size_t weight(size_t bytes) const { return MINI_LIKELY(bytes < kLargePiece) ? bytes : weight_of_large(bytes); }
  size_t weight_of_large(size_t bytes) const;
  static constexpr size_t kLargePiece = size_t{256} << 10;
  Interpreter& interpreter_;
  Cells cells_;
  HeapImpl* impl_;
  BufferPool buffers_;
  HeapStats stats_{};
  std::vector<void (*)(Interpreter&)> sweep_hooks_, small_sweep_hooks_;
  std::vector<Object*> pending_del_;
  std::vector<std::pair<Object*, Value>> pending_weak_;
  bool forgets_ = false;    // a script asked for this collection
  bool stress_ = false;
  int disabled_ = 0;
  size_t limit_ = 0;
};

// From now on the layout's `finalize` is called when the object dies. Blocks without such objects are swept without a look at their cells.
inline void note_finalizer(Object* o) {
  o->flags |= kNeedsFinalizing;
  if (!(o->flags & kIsLarge)) Block::of(o)->has_finalizers = true;
}

// Old objects that are written to are remembered until the next collection; see collector.cpp.
void remember(Object* owner);
// The same for a list or dict to which a young object was added as item number `index`, behind all others: only what was added is looked at.
// Who moves items of such an object towards the front calls forget_growth().
void remember_growth(Object* owner, uint64_t& young_from, uint64_t index);
inline void forget_growth(Object* owner, uint64_t& young_from) {
  if (MINI_UNLIKELY(owner->flags & kGrown)) young_from = 0;
}

// After values were copied into `owner` without store(): lists that are extended, sorted ...
inline void note_write(Object* owner) {
  if (MINI_UNLIKELY(owner->mark != 0) && !(owner->flags & kRemembered)) remember(owner);
}

inline bool is_young(Value v) { return v.is_object() && v.object->mark == 0; }

// Every write of one Value into an object goes through here.
inline void store(Object* owner, Value& slot, Value v) {
  slot.tag = v.tag;
  slot.bits = v.bits;
  if (MINI_UNLIKELY(owner->mark != 0) && v.is_object() && v.object->mark == 0 && !(owner->flags & kRemembered)) remember(owner);
}

// A growable array of Values in malloc'd memory that the collector knows: for natives that gather values.
// Lives on the native stack of the thread that made it, strictly nested.
class ValueList {
 public:
  explicit ValueList(Thread& t);
  ~ValueList();
  ValueList(const ValueList&) = delete;
  ValueList& operator=(const ValueList&) = delete;
  void push(Value v) { values_.push_back(v); }
  Value& operator[](size_t i) { return values_[i]; }
  Value* data() { return values_.data(); }
  size_t size() const { return values_.size(); }
  void clear() { values_.clear(); }
  void pop() { values_.pop_back(); }
  void resize(size_t n) { values_.resize(n, Value::none()); }
  Value* begin() { return values_.data(); }
  Value* end() { return values_.data() + values_.size(); }
  Value& back() { return values_.back(); }

 private:
  friend class Heap;
  Thread& thread_;
  ValueList* previous_;
  std::vector<Value> values_;
};

}  // namespace mini
