// SPDX-License-Identifier: MIT
// The heap's blocks and cells: how memory is handed out. How it comes back is in collector.cpp.
#include "runtime/heap.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/heap_impl.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"

namespace mini {

void run_out_of_memory() { throw std::bad_alloc(); }

void* must_malloc(size_t bytes) {
  void* memory = malloc(bytes);
  if (!memory) run_out_of_memory();
  return memory;
}

void end_without_memory() {
  fprintf(stderr, "mini: out of memory\n");
  abort();
}

void assertion_failed(const char* file, int line, const char* condition, const char* sentence) {
  fprintf(stderr, "mini: %s:%d: %s (%s)\n", file, line, sentence, condition);
  abort();
}

namespace {

constexpr size_t kRegionSize = size_t{64} << 30;   // address space only; less when the process is not given that much
constexpr size_t kLeastRegion = size_t{64} << 20;
constexpr size_t kMaxCell = 8192;
constexpr size_t kGrowthBlocks = 32;               // committed at once: a huge page
constexpr size_t kSmallBlocks = 64;                // a heap up to here gets ordinary pages

}  // namespace

void HeapImpl::keep_aside() {
  constexpr size_t kAside = 8;
  while (kept_aside.size() < kAside && unused.size() > kAside) {
    kept_aside.push_back(unused.back());
    unused.pop_back();
  }
}

// Cells that were never handed out are no cells for who walks the blocks; their memory stays untouched.
void HeapImpl::count_bumped() {
  for (int c = 0; c < kClassCount; ++c)
    if (Block* b = bump_block(c)) b->cell_count = static_cast<uint32_t>(static_cast<size_t>(bump[c] - b->cells()) / b->cell_size);
}

namespace {

Block* new_block(HeapImpl& h, int size_class) {
  if (Block* full = h.bump_block(size_class)) {
    full->cell_count = static_cast<uint32_t>((kBlockSize - 64) / full->cell_size);
    if (h.bump[size_class] != h.bump_before[size_class]) h.touch(full);   // its last room was handed out since the last collection
  }
  if (h.unused.empty()) {
    char* at = h.region + h.block_count * kBlockSize;
    if ((h.block_count + kGrowthBlocks) * kBlockSize > h.region_size ||
        mprotect(at, kGrowthBlocks * kBlockSize, PROT_READ | PROT_WRITE) != 0) {
      // Those kept aside are for what raises the MemoryError and handles it.
      h.unused.swap(h.kept_aside);
      h.is_whole_due = true;
      if (h.unused.empty()) end_without_memory();
      run_out_of_memory();
    }
    if (h.block_count >= kSmallBlocks) madvise(at, kGrowthBlocks * kBlockSize, MADV_HUGEPAGE);
    for (size_t i = kGrowthBlocks; i-- > 0;) h.unused.push_back(reinterpret_cast<Block*>(at + i * kBlockSize));   // zeros, as they come
    h.block_count += kGrowthBlocks;
    h.given_back.resize(h.block_count);
    h.keep_aside();
  }
  Block* b = h.unused.back();
  h.unused.pop_back();
  if (h.emptied > 0) --h.emptied;
  h.given_back[h.number_of(b)] = false;
  b->cell_size = static_cast<uint32_t>(class_size(size_class));
  b->cell_count = 0;
  b->live = 0;
  b->is_touched = b->is_available = b->has_finalizers = b->is_marked = false;
  b->free = nullptr;
  h.touch(b);
  h.bump[size_class] = h.bump_before[size_class] = b->cells();
  h.bump_end[size_class] = b->cells() + (kBlockSize - 64) / b->cell_size * b->cell_size;
  return b;
}

}  // namespace

void finalize_object(Object* o, Heap& heap) {
  Type* type = o->shape->type;
  if (type->layout->finalize) type->layout->finalize(o, heap);
  if (AttributeStore* store = attribute_store(o); store && store->is_outside) {
    heap.account(-static_cast<ptrdiff_t>(store->capacity * sizeof(Value)));
    free(store->slots);
    store->is_outside = 0;
  }
}

void finalize_types(const std::vector<Object*>& types, Heap& heap) {
  std::vector<void (*)(Object*, Heap&)> finalizers;
  for (Object* o : types) finalizers.push_back(o->shape->type->layout->finalize);
  for (size_t i = 0; i < types.size(); ++i) finalizers[i](types[i], heap);
}

Heap::Heap(Interpreter& interpreter) : interpreter_(interpreter), impl_(new HeapImpl(cells_)) {
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
  rlimit limit;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) fit_reservation(limit.rlim_cur);
}

void Heap::fit_reservation(size_t address_space) {
  constexpr size_t kStep = kGrowthBlocks * kBlockSize;
  size_t kept = std::max(impl_->block_count * kBlockSize, address_space / 2 / kStep * kStep);
  if (kept >= impl_->region_size) return;
  munmap(impl_->region + kept, impl_->region_size - kept);
  impl_->region_size = kept;
}

void Heap::recover(int disabled_depth) {
  disabled_ = disabled_depth;
  impl_->is_collecting = false;
  free(impl_->spare);
  impl_->spare = nullptr;
  try {
    collect();
    buffers_.release(0);
  } catch (const std::bad_alloc&) {   // not even the collector's list of what is to be traced has room: the next collection begins anew
    impl_->is_collecting = false;
    impl_->is_whole_due = true;
  }
  impl_->spare = malloc(HeapImpl::kSpare);
  // What the failing code held is let go of only when the exception has been handled: soon after, look again.
  constexpr size_t kSoon = size_t{64} << 10;
  impl_->is_whole_due = true;
  stats_.bytes_since = std::max(stats_.bytes_since, cells_.threshold > kSoon ? cells_.threshold - kSoon : 0);
}

// When the process ends anyway, only what closes something (files, sockets) is finalised: natives.
Heap::~Heap() {
  bool frees_all = !interpreter_.options.ends_process;
  impl_->count_bumped();
  std::vector<Object*> types;
  for_each_object([&](Object* o) {
    if (o->kind == Kind::Type) types.push_back(o);
    else if (o->flags & kNeedsFinalizing && (frees_all || o->kind == Kind::Native)) finalize_object(o, *this);
  });
  if (frees_all) {
    finalize_types(types, *this);
    for (auto& [o, size] : impl_->large) free(o);
  }
  munmap(impl_->region, impl_->region_size);
  free(impl_->spare);
  delete impl_;
}

__attribute__((noinline)) Object* Heap::allocate_slowly(size_t bytes, Shape* shape) {
  Object* o = take_cell(bytes);
  set_header(o, shape);
  if (bytes > kMaxCell) o->flags |= kIsLarge;
  return o;
}

// From a fresh block, or malloc'd when it is large.
Object* Heap::take_cell(size_t bytes) {
  HeapImpl& h = *impl_;
  if (bytes <= kMaxCell) {
    int c = class_of(bytes);
    if (FreeCell* cell = h.free_cells[c]) {
      h.free_cells[c] = cell->next;
      return reinterpret_cast<Object*>(cell);
    }
    if (h.emptied == 0 && !h.available[c].empty()) {
      Block* b = h.available[c].back();
      h.available[c].pop_back();
      b->is_available = false;
      h.touch(b);
      FreeCell* cell = b->free;
      h.free_cells[c] = cell->next;
      return reinterpret_cast<Object*>(cell);
    }
    if (h.bump[c] == h.bump_end[c]) new_block(h, c);
    auto o = reinterpret_cast<Object*>(h.bump[c]);
    h.bump[c] += class_size(c);
    return o;
  }
  auto o = static_cast<Object*>(malloc(bytes));
  if (!o) {   // what nobody uses any more may be enough
    collect();
    buffers_.release(0);
    o = static_cast<Object*>(malloc(bytes));
  }
  if (!o) run_out_of_memory();
  h.large.emplace_back(o, bytes);
  h.large_sorted = false;
  return o;
}

void* Heap::give_away(Object* large) {
  std::erase_if(impl_->large, [&](auto& entry) { return entry.first == large; });
  return large;
}

void set_kinds(Shape* shape) {
  Type* type = shape->type;
  shape->kind = type->layout->kind;
  shape->exact = type->type_flags & (kTypeIsScript | kTypeRefinesNative) ? Kind::Instance : shape->kind;
}

bool Heap::can_allocate(size_t bytes) const {
  constexpr size_t kNeverRefused = size_t{1} << 20;   // asking the system takes longer than most uses
  if (MINI_LIKELY(bytes <= kNeverRefused)) return true;
  static const size_t memory = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  if (bytes > memory || (limit_ != 0 && stats_.bytes_live + bytes > limit_)) return false;
  rlimit limit;   // of address space, part of which the heap has taken
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  return limit.rlim_cur > impl_->region_size && bytes <= (limit.rlim_cur - impl_->region_size) / 2;
}

void Heap::add_root(std::function<void(Marker&)> trace) { impl_->roots.push_back(std::move(trace)); }
void Heap::watch_del(Object* o) { impl_->with_del.all.push_back(o); }

bool Heap::watches_any(bool (*wanted)(const Object*)) const { return std::any_of(impl_->with_del.all.begin(), impl_->with_del.all.end(), wanted); }
void Heap::watch_generator(Object* generator) { impl_->generators.all.push_back(generator); }
void Heap::watch_weak(WeakReference* reference) { impl_->weak.all.push_back(reference); }

WeakReference*& Heap::shared_weak(Object* target) { return impl_->shared_weak[target]; }

void Heap::for_each_weak(const std::function<void(WeakReference*)>& visit) const {
  for (WeakReference* r : impl_->weak.all) visit(r);
}

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
  impl_->count_bumped();
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

void report_unraisable_in(Thread& t, Value object);   // objects/unraisable.cpp
Value type_lookup(Type* type, Str* interned);         // objects/type.cpp

// Runs __del__ methods and weak reference callbacks that the last collection found due. Their errors cannot be passed on.
void Heap::run_pending(Thread& t) {
  t.attention.fetch_and(~kCollect);   // else what runs here would be interrupted to run the rest
  while (!pending_weak_.empty()) {
    auto [reference, callback] = pending_weak_.back();
    pending_weak_.pop_back();
    if (call(t, callback, {Value::of_object(reference)}).is_raised()) report_unraisable_in(t, callback);
  }
  while (!pending_del_.empty()) {
    Value o = Value::of_object(pending_del_.back());
    pending_del_.pop_back();
    if (call_special(t, o, names(t).del).is_raised()) report_unraisable_in(t, type_lookup(type_of(t, o), names(t).del));
  }
}

void Heap::run_last_finalizers(Thread& t) {
  run_pending(t);
  // Finalizers may make further objects that have some, but not for ever.
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds && !(impl_->with_del.all.empty() && impl_->generators.all.empty()); ++round) {
    std::vector<Object*> due = std::move(impl_->generators.all);
    std::erase_if(due, [](Object* o) { return !generator_has_finalizer(o); });
    std::reverse(due.begin(), due.end());
    due.insert(due.end(), impl_->with_del.all.rbegin(), impl_->with_del.all.rend());
    impl_->generators = {};
    impl_->with_del = {};
    pending_del_ = std::move(due);   // the last one goes first: objects in the order of their making, then generators
    run_pending(t);
  }
}

ValueList::ValueList(Thread& t) : thread_(t), previous_(t.value_lists) { t.value_lists = this; }
ValueList::~ValueList() { thread_.value_lists = previous_; }

}  // namespace mini
