// SPDX-License-Identifier: MIT
// The heap's blocks, marking and sweeping.
//
// Small objects live in cells of 64 KiB blocks, one cell size to a block, inside one region of reserved address space; so an
// arbitrary word is checked for "points into a live cell" with a subtraction and a division. Larger objects are malloc'd and
// kept in a sorted table. A free cell has Kind::Free and links to the next one.
//
// Invariant of the register stacks: everything below the innermost frame's window end is scanned, everything above is wiped at
// each collection. A stale register can keep an object alive for a while, but it can never dangle.
#include "runtime/heap.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"

namespace mini {

void assertion_failed(const char* file, int line, const char* condition, const char* sentence) {
  fprintf(stderr, "mini: %s:%d: %s (%s)\n", file, line, sentence, condition);
  abort();
}

namespace {

constexpr size_t kBlockSize = 64 * 1024;
constexpr size_t kRegionSize = size_t{64} << 30;   // address space only; less when the process is not given that much
constexpr size_t kLeastRegion = size_t{64} << 20;
constexpr size_t kMaxCell = 8192;
constexpr size_t kMinThreshold = size_t{4} << 20;   // about what the caches near a core hold
constexpr size_t kSmallHeap = size_t{32} << 20;      // below, twice as much as lives may be allocated between collections
constexpr size_t kKeptUnused = size_t{32} << 20;    // empty blocks that are not given back to the system
constexpr size_t kWipedByHand = 32 * 1024;         // of a register stack; what lies above is given back
constexpr size_t kGrowthBlocks = 32;               // committed at once: a huge page
constexpr size_t kSmallBlocks = 64;                // a heap up to here gets ordinary pages

struct FreeCell {
  FreeCell* next;
  Kind kind;        // Kind::Free, where an Object has its kind
};
static_assert(offsetof(FreeCell, kind) == offsetof(Object, kind));

struct Block {
  uint32_t cell_size;       // 0: the block is unused
  uint32_t cell_count;      // handed out so far; of the newest block of each size that is known only after count_bumped
  uint32_t live;            // after the last sweep
  char* cells() { return reinterpret_cast<char*>(this) + 64; }
};
static_assert(sizeof(Block) <= 64);

// Cell sizes: steps of 16 up to 512, then four steps for each doubling.
constexpr int kStepClasses = 32;
constexpr int kClassCount = kStepClasses + 16;

size_t class_size(int size_class) {
  if (size_class < kStepClasses) return (size_class + 1) * 16;
  int step = size_class - kStepClasses;
  size_t base = size_t{512} << (step / 4);
  return base + base / 4 * (step % 4 + 1);
}

int class_of(size_t bytes) {
  if (bytes <= 512) return static_cast<int>((bytes + 15) / 16) - 1;
  int size_class = kStepClasses;
  while (class_size(size_class) < bytes) ++size_class;
  return size_class;
}

}  // namespace

struct HeapImpl {
  char* region = nullptr;
  size_t region_size = 0;
  size_t block_count = 0;              // ever committed
  std::vector<Block*> unused;
  FreeCell* free_cells[kClassCount] = {};
  char* bump[kClassCount] = {};        // fresh room in the newest block of each class
  char* bump_end[kClassCount] = {};
  std::vector<std::pair<Object*, size_t>> large;   // sorted by address when `large_sorted`
  bool large_sorted = true;
  size_t threshold = kMinThreshold;
  std::vector<std::function<void(Marker&)>> roots;
  std::vector<Object*> with_del;       // live objects whose class has __del__
  std::vector<Object*> generators;     // live ones that are watched
  std::vector<WeakReference*> weak;    // live weak references
  bool is_collecting = false;

  Block* block(size_t i) { return reinterpret_cast<Block*>(region + i * kBlockSize); }
};

namespace {

Block* bump_block(HeapImpl& h, int size_class) {
  return reinterpret_cast<Block*>((reinterpret_cast<uintptr_t>(h.bump_end[size_class]) - 1) & ~(kBlockSize - 1));
}

// Cells that were never handed out are no cells for who walks the blocks; their memory stays untouched.
void count_bumped(HeapImpl& h, int size_class) {
  if (!h.bump_end[size_class]) return;
  Block* b = bump_block(h, size_class);
  b->cell_count = static_cast<uint32_t>(static_cast<size_t>(h.bump[size_class] - b->cells()) / b->cell_size);
}

void count_bumped(HeapImpl& h) {
  for (int c = 0; c < kClassCount; ++c) count_bumped(h, c);
}

Block* new_block(HeapImpl& h, int size_class) {
  count_bumped(h, size_class);
  if (h.unused.empty()) {
    char* at = h.region + h.block_count * kBlockSize;
    if ((h.block_count + kGrowthBlocks) * kBlockSize > h.region_size ||
        mprotect(at, kGrowthBlocks * kBlockSize, PROT_READ | PROT_WRITE) != 0) {
      fprintf(stderr, "mini: out of memory\n");
      abort();
    }
    if (h.block_count >= kSmallBlocks) madvise(at, kGrowthBlocks * kBlockSize, MADV_HUGEPAGE);
    for (size_t i = kGrowthBlocks; i-- > 0;) {
      Block* b = reinterpret_cast<Block*>(at + i * kBlockSize);
      b->cell_size = 0;
      h.unused.push_back(b);
    }
    h.block_count += kGrowthBlocks;
  }
  Block* b = h.unused.back();
  h.unused.pop_back();
  b->cell_size = static_cast<uint32_t>(class_size(size_class));
  b->cell_count = 0;
  b->live = 0;
  h.bump[size_class] = b->cells();
  h.bump_end[size_class] = b->cells() + (kBlockSize - 64) / b->cell_size * b->cell_size;
  return b;
}

void finalize(Object* o, Heap& heap) {
  Type* type = o->shape->type;
  if (type->layout->finalize) type->layout->finalize(o, heap);
  if (AttributeStore* store = attribute_store(o); store && store->is_outside) {
    heap.account(-static_cast<ptrdiff_t>(store->capacity * sizeof(Value)));
    free(store->slots);
    store->is_outside = 0;
  }
}

// Classes die last, because dying objects still ask them; and all of them at once, because a class asks its own class.
void finalize_types(const std::vector<Object*>& types, Heap& heap) {
  std::vector<void (*)(Object*, Heap&)> finalizers;
  for (Object* o : types) finalizers.push_back(o->shape->type->layout->finalize);
  for (size_t i = 0; i < types.size(); ++i) finalizers[i](types[i], heap);
}

}  // namespace

Heap::Heap(Interpreter& interpreter) : interpreter_(interpreter), impl_(new HeapImpl) {
  void* at = MAP_FAILED;
  size_t size = kRegionSize;
  for (; size >= kLeastRegion; size /= 2) {
    at = mmap(nullptr, size + kGrowthBlocks * kBlockSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at != MAP_FAILED) break;
  }
  impl_->region_size = size;
  if (at == MAP_FAILED) {
    fprintf(stderr, "mini: cannot reserve address space for the heap\n");
    abort();
  }
  auto address = reinterpret_cast<uintptr_t>(at);
  impl_->region = reinterpret_cast<char*>((address + kGrowthBlocks * kBlockSize - 1) & ~(kGrowthBlocks * kBlockSize - 1));
}

// When the process ends anyway, only what closes something (files, sockets) is finalised: natives.
Heap::~Heap() {
  bool frees_all = !interpreter_.options.ends_process;
  count_bumped(*impl_);
  std::vector<Object*> types;
  for_each_object([&](Object* o) {
    if (o->kind == Kind::Type) types.push_back(o);
    else if (o->flags & kHasFinalizer && (frees_all || o->kind == Kind::Native)) finalize(o, *this);
  });
  if (frees_all) {
    finalize_types(types, *this);
    for (auto& [o, size] : impl_->large) free(o);
  }
  munmap(impl_->region, impl_->region_size);
  delete impl_;
}

// From a fresh block, or malloc'd when it is large.
__attribute__((noinline)) Object* Heap::allocate_slowly(size_t bytes) {
  HeapImpl& h = *impl_;
  if (bytes <= kMaxCell) {
    int c = class_of(bytes);
    if (FreeCell* cell = h.free_cells[c]) {
      h.free_cells[c] = cell->next;
      return reinterpret_cast<Object*>(cell);
    }
    if (h.bump[c] == h.bump_end[c]) new_block(h, c);
    auto o = reinterpret_cast<Object*>(h.bump[c]);
    h.bump[c] += class_size(c);
    return o;
  }
  auto o = static_cast<Object*>(malloc(bytes));
  if (!o) {
    fprintf(stderr, "mini: out of memory\n");
    abort();
  }
  h.large.emplace_back(o, bytes);
  h.large_sorted = false;
  return o;
}

void Heap::set_kinds(Shape* shape) {
  Type* type = shape->type;
  shape->kind = type->layout->kind;
  shape->exact = type->type_flags & (kTypeIsScript | kTypeRefinesNative) ? Kind::Instance : shape->kind;
}

void* Heap::allocate(size_t bytes, Shape* shape) {
  stats_.bytes_since += bytes;
  if (MINI_UNLIKELY(stats_.bytes_since >= impl_->threshold || stress_) && disabled_ == 0) collect();
  ++stats_.allocations;
  size_t c = (bytes - 1) / 16;
  HeapImpl& h = *impl_;
  Object* o;
  if (MINI_UNLIKELY(c >= kStepClasses)) {
    o = allocate_slowly(bytes);
  } else if (FreeCell* cell = h.free_cells[c]) {
    h.free_cells[c] = cell->next;
    o = reinterpret_cast<Object*>(cell);
  } else if (MINI_LIKELY(h.bump[c] != h.bump_end[c])) {
    o = reinterpret_cast<Object*>(h.bump[c]);
    h.bump[c] += (c + 1) * 16;
  } else {
    o = allocate_slowly(bytes);
  }
  o->shape = shape;
  o->mark = 0;
  o->flags = 0;
  o->extra = 0;
  if (MINI_LIKELY(shape != nullptr)) {
    if (MINI_UNLIKELY(shape->kind == Kind::Free)) set_kinds(shape);
    o->kind = shape->kind;
    o->exact = shape->exact;
  } else {
    o->kind = o->exact = Kind::Type;   // the first types, before any shape exists
  }
  return o;
}

void Heap::account(ptrdiff_t bytes) {
  if (bytes > 0) stats_.bytes_since += static_cast<size_t>(bytes);
  stats_.bytes_outside += static_cast<uint64_t>(bytes);
}

bool Heap::can_allocate(size_t bytes) const {
  constexpr size_t kNeverRefused = size_t{1} << 20;   // asking the system takes longer than most uses
  if (MINI_LIKELY(bytes <= kNeverRefused)) return true;
  static const size_t memory = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  if (bytes > memory) return false;
  rlimit limit;   // of address space, part of which the heap has taken
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  return limit.rlim_cur > impl_->region_size && bytes <= (limit.rlim_cur - impl_->region_size) / 2;
}

void Heap::add_root(std::function<void(Marker&)> trace) { impl_->roots.push_back(std::move(trace)); }
void Heap::watch_del(Object* o) { impl_->with_del.push_back(o); }
void Heap::watch_generator(Object* generator) { impl_->generators.push_back(generator); }
void Heap::watch_weak(WeakReference* reference) { impl_->weak.push_back(reference); }

Object* Heap::find_object(const void* address) const {
  auto at = reinterpret_cast<const char*>(address);
  HeapImpl& h = *impl_;
  if (at >= h.region && at < h.region + h.block_count * kBlockSize) {
    Block* b = h.block(static_cast<size_t>(at - h.region) / kBlockSize);
    if (b->cell_size == 0 || at < b->cells()) return nullptr;
    size_t i = static_cast<size_t>(at - b->cells()) / b->cell_size;
    if (i >= b->cell_count) return nullptr;
    auto o = reinterpret_cast<Object*>(b->cells() + i * b->cell_size);
    return o->kind == Kind::Free ? nullptr : o;
  }
  if (h.large.empty()) return nullptr;
  auto it = std::upper_bound(h.large.begin(), h.large.end(), at,
                             [](const char* a, const auto& entry) { return a < reinterpret_cast<char*>(entry.first); });
  if (it == h.large.begin()) return nullptr;
  --it;
  return at < reinterpret_cast<char*>(it->first) + it->second ? it->first : nullptr;
}

void Heap::for_each_object(const std::function<void(Object*)>& visit) {
  count_bumped(*impl_);
  for (size_t i = 0; i < impl_->block_count; ++i) {
    Block* b = impl_->block(i);
    if (b->cell_size == 0) continue;
    for (uint32_t c = 0; c < b->cell_count; ++c) {
      auto o = reinterpret_cast<Object*>(b->cells() + size_t{c} * b->cell_size);
      if (o->kind != Kind::Free) visit(o);
    }
  }
  for (auto& entry : impl_->large) visit(entry.first);
}

// --- Marking ---

void Marker::push(Object* o) {
  MINI_ASSERT(o->kind != Kind::Free, "nothing that is reachable was freed");
  o->mark = 1;
  stack_.push_back(o);
}

void Marker::drain() {
  while (!stack_.empty()) {
    Object* o = stack_.back();
    stack_.pop_back();
    if (!o->shape) continue;
    Type* type = o->shape->type;
    mark(type);
    if (type->layout->trace) type->layout->trace(o, *this);
    if (AttributeStore* store = attribute_store(o); store && store->slots)
      mark(store->slots, o->shape->is_dictionary ? 1 : o->shape->count);
  }
}

namespace {

// Reads every word of a native stack: the one place where memory is read that the language says nothing about.
__attribute__((no_sanitize("address", "thread"), noinline)) void scan_native_stack(Heap& heap, Marker& marker, const char* from,
                                                                                  const char* to) {
  auto word = reinterpret_cast<void* const*>(reinterpret_cast<uintptr_t>(from) & ~uintptr_t{7});
  for (; reinterpret_cast<const char*>(word) < to; ++word) {
    if (Object* o = heap.find_object(*word)) marker.mark(o);
  }
}

void mark_frame(Marker& marker, Frame* f) {
  marker.mark_pointer(f->code);
  marker.mark_pointer(f->function);
  marker.mark_pointer(f->globals);
  if (f->code->code_flags & (kCodeUsesNamespace | kCodeIsModule)) {
    marker.mark_pointer(f->locals);
    marker.mark(f->locals_value);
  }
  if (f->flags & kFrameHeap) marker.mark_pointer(f->generator);
  if (f->flags & (kFrameHeap | kFrameConstructor)) marker.mark(f->entry_handled);
  marker.mark(f->registers, f->code->register_count);
}

Value* register_top(Thread& t) {
  Frame* f = t.frame;
  if (!f) return t.registers;
  return f->flags & kFrameHeap ? f->next_registers : f->registers + f->code->register_count;
}

void wipe_free_registers(Thread& t) {
  if (!t.registers) return;
  auto top = reinterpret_cast<char*>(register_top(t));
  auto limit = reinterpret_cast<char*>(t.registers_limit);
  auto page = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(top) + kWipedByHand + 4095) & ~uintptr_t{4095});
  memset(top, 0, static_cast<size_t>(std::min(page, limit) - top));
  if (page < limit) madvise(page, static_cast<size_t>(limit - page), MADV_DONTNEED);
}

}  // namespace

bool generator_has_finalizer(Object* generator);   // objects/generator.cpp

void mark_thread(Thread& t, Marker& marker) {
  for (Frame* f = t.frame; f; f = f->previous) mark_frame(marker, f);
  marker.mark(t.exception);
  marker.mark(t.handled);
  marker.mark(t.async_exception);
  marker.mark(t.thread_object);
  marker.mark(t.thread_handle);
  marker.mark(t.context);
  marker.mark(t.asyncgen_firstiter);
  marker.mark(t.asyncgen_finalizer);
  marker.mark(t.running_loop_object);
  marker.mark_pointer(t.callee);
}

void Heap::mark_roots(Marker& marker) {
  Interpreter& i = interpreter_;
  auto names = reinterpret_cast<Object**>(&i.names);
  for (size_t n = 0; n < sizeof(Names) / sizeof(Object*); ++n) marker.mark(names[n]);
  auto types = reinterpret_cast<Object**>(&i.types);
  for (size_t n = 0; n < sizeof(BuiltinTypes) / sizeof(Object*); ++n) marker.mark(types[n]);
  for (Type* type : i.error_types) marker.mark_pointer(type);
  for (auto& [layout, type] : i.native_types) marker.mark_pointer(type);
  for (Str* s : i.ascii_strs) marker.mark_pointer(s);
  marker.mark(i.not_implemented);
  marker.mark(i.ellipsis);
  marker.mark_pointer(i.empty_tuple);
  marker.mark_pointer(i.empty_str);
  marker.mark_pointer(i.builtins);
  marker.mark_pointer(i.modules);
  marker.mark_pointer(i.sys);
  marker.mark_pointer(i.main_globals);
  for (auto& root : impl_->roots) root(marker);
  for (Object* o : pending_del_) marker.mark(o);
  for (auto& [reference, callback] : pending_weak_) marker.mark(reference), marker.mark(callback);
  for (Thread* t = i.threads; t; t = t->next_thread) {
    mark_thread(*t, marker);
    for (ValueList* list = t->value_lists; list; list = list->previous_) marker.mark(list->values_.data(), list->values_.size());
    if (t->native_stack_top) scan_native_stack(*this, marker, t->native_stack_top, t->native_stack_base);
  }
}

__attribute__((noinline)) void Heap::mark_own_stack(Marker& marker) {
  __builtin_unwind_init();     // puts the callee-saved registers into this frame, above `word`
  void* volatile word = nullptr;
  auto here = reinterpret_cast<const char*>(const_cast<void**>(&word));
  if (Thread* t = current_thread(); t && t->native_stack_base) scan_native_stack(*this, marker, here, t->native_stack_base);
}

// Objects with __del__ that nothing reaches any more live on until it has run; weak references to dead objects are cleared.
void Heap::find_dead(Marker& marker) {
  auto& del = impl_->with_del;
  size_t kept = 0;
  std::vector<Object*> revived;
  for (Object* o : del) {
    if (o->mark) del[kept++] = o;
    else revived.push_back(o);
  }
  del.resize(kept);
  kept = 0;
  for (Object* o : impl_->generators) {
    if (!generator_has_finalizer(o)) continue;   // it is over, or will never have anything to do
    if (o->mark) impl_->generators[kept++] = o;
    else revived.push_back(o);
  }
  impl_->generators.resize(kept);
  auto& weak = impl_->weak;
  auto clear_dead = [&](bool is_final) {
    size_t live = 0;
    for (WeakReference* r : weak) {
      if (is_final && !r->mark) continue;            // the reference itself dies
      if (r->target && !r->target->mark) {
        r->target = nullptr;
        if (r->mark && !r->callback.is_none()) {
          pending_weak_.emplace_back(r, r->callback);
          marker.mark(r->callback);
        }
      }
      weak[live++] = r;
    }
    weak.resize(live);
  };
  clear_dead(false);
  for (Object* o : revived) {
    marker.mark(o);
    pending_del_.push_back(o);
  }
  marker.drain();
  clear_dead(true);
  marker.drain();
  if (!pending_del_.empty() || !pending_weak_.empty())
    if (Thread* t = current_thread()) t->attention.fetch_or(kCollect);
}

void Heap::sweep() {
  HeapImpl& h = *impl_;
  std::vector<Object*> dead_types;
  auto is_dead = [&](Object* o) {
    if (o->mark) {
      o->mark = 0;
      return false;
    }
    if (o->kind == Kind::Type) {
      dead_types.push_back(o);
      return false;
    }
    if (o->flags & kHasFinalizer) finalize(o, *this);
    return true;
  };
  for (int c = 0; c < kClassCount; ++c) h.free_cells[c] = nullptr;
  stats_.bytes_live = 0;
  stats_.objects_live = 0;
  for (size_t i = 0; i < h.block_count; ++i) {
    Block* b = h.block(i);
    if (b->cell_size == 0) continue;
    int c = class_of(b->cell_size);
    FreeCell* before = h.free_cells[c];
    uint32_t live = 0;
    char* at = b->cells();
    for (uint32_t n = 0; n < b->cell_count; ++n, at += b->cell_size) {
      auto o = reinterpret_cast<Object*>(at);
      if (o->kind != Kind::Free && !is_dead(o)) {
        ++live;
        continue;
      }
#if MINI_DEBUG
      memset(at, 0xdd, b->cell_size);    // poisoned: a use after free shows at once
#endif
      auto cell = reinterpret_cast<FreeCell*>(at);
      cell->kind = Kind::Free;
      cell->next = h.free_cells[c];
      h.free_cells[c] = cell;
    }
    b->live = live;
    stats_.objects_live += live;
    stats_.bytes_live += size_t{live} * b->cell_size;
    if (live == 0) {
      h.free_cells[c] = before;
      if (h.bump_end[c] && bump_block(h, c) == b) h.bump[c] = h.bump_end[c] = nullptr;
      b->cell_size = 0;
      h.unused.push_back(b);
    }
  }
  size_t kept = 0;
  for (auto& entry : h.large) {
    if (is_dead(entry.first)) {
      free(entry.first);
    } else {
      stats_.bytes_live += entry.second;
      h.large[kept++] = entry;
    }
  }
  h.large.resize(kept);
  finalize_types(dead_types, *this);
  for (Object* o : dead_types) {
    auto cell = reinterpret_cast<FreeCell*>(o);
    Block* b = h.block(static_cast<size_t>(reinterpret_cast<char*>(o) - h.region) / kBlockSize);
    int c = class_of(b->cell_size);
    cell->kind = Kind::Free;
    cell->next = h.free_cells[c];
    h.free_cells[c] = cell;
  }
}

// Whole blocks that nobody uses go back to the system when they are many.
void Heap::release_unused_blocks() {
  auto& unused = impl_->unused;
  if (unused.size() * kBlockSize <= kKeptUnused) return;
  for (size_t i = 0; i < unused.size() - kKeptUnused / kBlockSize; ++i) {   // those at the end are used next
    Block* b = unused[i];
    if (b->live == UINT32_MAX) continue;   // already given back
    madvise(b, kBlockSize, MADV_DONTNEED);
    b->cell_size = 0;
    b->live = UINT32_MAX;
  }
}

void Heap::collect() {
  HeapImpl& h = *impl_;
  if (h.is_collecting || disabled_ > 0) return;
  h.is_collecting = true;
  int64_t begin = interpreter_.clock->monotonic_ns();
  count_bumped(h);
  if (!h.large_sorted) {
    std::sort(h.large.begin(), h.large.end());
    h.large_sorted = true;
  }
  for (Thread* t = interpreter_.threads; t; t = t->next_thread) wipe_free_registers(*t);
  Marker marker(*this);
  mark_roots(marker);
  mark_own_stack(marker);
  marker.drain();
  find_dead(marker);
  for (auto hook : sweep_hooks_) hook(interpreter_);
  sweep();
  release_unused_blocks();
  ++stats_.collections;
  stats_.bytes_since = 0;
  size_t live = stats_.bytes_live + stats_.bytes_outside;
  h.threshold = std::max(kMinThreshold, live < kSmallHeap ? 2 * live : live);
  uint64_t pause = static_cast<uint64_t>(interpreter_.clock->monotonic_ns() - begin);
  stats_.pause_total_ns += pause;
  stats_.pause_max_ns = std::max(stats_.pause_max_ns, pause);
  h.is_collecting = false;
}

// Runs __del__ methods and weak reference callbacks that the last collection found due. Their errors cannot be passed on.
void Heap::run_pending(Thread& t) {
  t.attention.fetch_and(~kCollect);   // else what runs here would be interrupted to run the rest
  while (!pending_weak_.empty()) {
    auto [reference, callback] = pending_weak_.back();
    pending_weak_.pop_back();
    if (call(t, callback, {Value::of_object(reference)}).is_raised()) report_unraisable(t, "weak reference callback");
  }
  while (!pending_del_.empty()) {
    Value o = Value::of_object(pending_del_.back());
    pending_del_.pop_back();
    if (call_special(t, o, names(t).del).is_raised()) report_unraisable(t, "__del__");
  }
}

void Heap::run_last_finalizers(Thread& t) {
  run_pending(t);
  // Finalizers may make further objects that have some, but not for ever.
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds && !(impl_->with_del.empty() && impl_->generators.empty()); ++round) {
    std::vector<Object*> due = std::move(impl_->generators);
    std::erase_if(due, [](Object* o) { return !generator_has_finalizer(o); });
    std::reverse(due.begin(), due.end());
    due.insert(due.end(), impl_->with_del.rbegin(), impl_->with_del.rend());
    impl_->generators.clear();
    impl_->with_del.clear();
    pending_del_ = std::move(due);   // the last one goes first: objects in the order of their making, then generators
    run_pending(t);
  }
}

ValueList::ValueList(Thread& t) : thread_(t), previous_(t.value_lists) { t.value_lists = this; }
ValueList::~ValueList() { thread_.value_lists = previous_; }

}  // namespace mini
