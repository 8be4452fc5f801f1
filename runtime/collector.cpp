// SPDX-License-Identifier: MIT
// The collector: marking, sweeping and when to do which.
//
// Generations without moving anything (sticky marks). What survives a collection keeps its mark and is old from then on; what is
// new has mark 0. A small collection starts from the roots and from old objects that may refer to young ones, never enters
// another old object, and sweeps only the blocks that cells were handed out from. Everything old stays. A whole collection
// begins a new epoch: marks of the epoch before count for nothing, so there is nothing to erase.
//
// Which old objects refer to young ones?
// - Kinds in notes_writes() go through store() or note_write() whenever they are written; those put them into `remembered`.
// - All others are traced again in each small collection (`rescanned`).
// - A generator writes to its registers while it runs, and is noted when it stops.
// - Native code fills an object that it has just made without telling anyone. Such an object is on its stack when a collection
//   happens meanwhile, so what is found there is remembered for the next one (`in_use`); the same goes for running generators.
// - Classes, code and interned strings die in whole collections only: a small one marks the young ones.
// Under --gc=stress each small collection is checked: tracing everything marked must find nothing unmarked.
//
// Invariant of the register stacks: everything below the innermost frame's window end is scanned, everything above is wiped at
// each collection. A stale register can keep an object alive for a while, but it can never dangle.
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/code.h"
#include "runtime/frame.h"
#include "runtime/heap_impl.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"
#include "runtime/stack_marking.h"
#include "runtime/thread.h"

namespace mini {

namespace {

constexpr size_t kSmallNursery = size_t{8} << 20, kLargestNursery = size_t{64} << 20;
constexpr size_t kSmallHeap = size_t{32} << 20;     // below, a heap may triple between whole collections, above double
constexpr size_t kKeptUnused = size_t{32} << 20;    // empty blocks, and as much of large buffers, that are not given back to the system
constexpr size_t kWipedByHand = 32 * 1024;          // of a register stack; what lies above is given back
constexpr size_t kSweepAhead = 1024;                // bytes; cells are read from memory before they are needed
#if MINI_DEBUG
constexpr bool kPoisons = true;                     // freed cells are written over
#else
constexpr bool kPoisons = false;
#endif
constexpr unsigned kStressRounds = 16;              // under stress, every so many collections are whole

// Kinds whose objects never change once they are made, or whose every write is noted.
constexpr bool notes_writes(Kind kind) {
  switch (kind) {
    case Kind::Instance: case Kind::Int: case Kind::Float: case Kind::Str: case Kind::Bytes: case Kind::ByteArray: case Kind::List:
    case Kind::Tuple: case Kind::Dict: case Kind::Set: case Kind::FrozenSet: case Kind::Range: case Kind::Slice: case Kind::Cell:
    case Kind::Code: case Kind::Function: case Kind::NativeFunction: case Kind::BoundMethod: case Kind::Generator: case Kind::Coroutine:
    case Kind::AsyncGenerator: case Kind::Future:
      return true;
    default: return false;
  }
}

}  // namespace

void remember(Object* owner) {
  owner->flags |= kRemembered;
  type_of(owner)->interpreter->heap->impl().remembered.push_back(owner);
}

void remember_growth(Object* owner, uint64_t& young_from, uint64_t index) {
  if (owner->flags & kRemembered) return;
  if (owner->flags & kGrown) {
    young_from = std::min(young_from, index);
    return;
  }
  owner->flags |= kGrown;
  young_from = index;
  type_of(owner)->interpreter->heap->impl().grown.push_back(owner);
}

// --- Marking ---

void Marker::push(Object* o) {
  MINI_ASSERT(o->kind != Kind::Free, "nothing that is reachable was freed");
  if (MINI_UNLIKELY(is_check_)) return listed_ ? listed_->push_back(o) : complain(o);
  o->mark = epoch_;
  if (MINI_LIKELY(!(o->flags & kIsLarge))) Block::of(o)->is_marked = true;
  if (!notes_writes(o->kind)) heap_.impl().rescanned.push_back(o);
  stack_.push_back(o);
}

void Marker::mark_in_use(Object* o) {
  mark(o);
  heap_.impl().in_use.push_back(o);
}

void Marker::trace(Object* o) {
  if (!o->shape) return;
  traced_ = o;
  ++objects_;
  Type* type = o->shape->type;
  mark(type);
  if (type->layout->trace) type->layout->trace(o, *this);
  if (AttributeStore* store = attribute_store(o); store && store->slots)
    mark(store->slots, o->shape->count);
}

// What was added to a list or dict since the last collection.
void Marker::trace_growth(Object* o) {
  traced_ = o;
  ++objects_;
  if (o->kind == Kind::List) {
    auto list = static_cast<List*>(o);
    uint64_t from = std::min(list->young_from, list->length);
    mark(list->items + from, list->length - from);
  } else {
    auto d = static_cast<Dict*>(o);
    dict_mark_entries(d, *this, static_cast<uint32_t>(std::min<uint64_t>(d->young_from, d->used)));
  }
}

bool Marker::forgets() const { return heap_.forgets_; }

void Marker::drain() {
  while (!stack_.empty()) {
    Object* o = stack_.back();
    stack_.pop_back();
    trace(o);
  }
}

// A write that nobody noted: the young object would have been freed although `traced_` refers to it.
void Marker::complain(Object* o) {
  fprintf(stderr, "mini: an old '%s' object refers to a young '%s' object, but the write was not noted\n", type_of(traced_)->layout->name,
          type_of(o)->layout->name);
  abort();
}

namespace {

// Reads every word of a native stack: the one place where memory is read that the language says nothing about.
__attribute__((no_sanitize("address", "thread"), noinline)) void scan_native_stack(Heap& heap, Marker& marker, const char* from,
                                                                                  const char* to) {
  auto word = reinterpret_cast<void* const*>(reinterpret_cast<uintptr_t>(from) & ~uintptr_t{7});
  for (; reinterpret_cast<const char*>(word) < to; ++word) {
    if (Object* o = heap.find_object(*word)) marker.mark_in_use(o);
  }
}

void mark_frame(Marker& marker, Frame* f, uint32_t live) {
  marker.mark_pointer(f->code);
  marker.mark_pointer(f->function);
  marker.mark_pointer(f->globals);
  if (f->code->code_flags & (kCodeUsesNamespace | kCodeIsModule)) {
    marker.mark_pointer(f->locals);
    marker.mark(f->locals_value);
  }
  if (f->flags & kFrameHeap) marker.mark_in_use(reinterpret_cast<Object*>(f->generator));
  if (f->flags & (kFrameHeap | kFrameConstructor | kFrameAwaited)) marker.mark(f->entry_handled);
  marker.mark(f->registers, live);
}

// With `forgets`, temporaries that no instruction reads any more are emptied first: what a script has let go of is then gone.
void mark_frames(Thread& t, Marker& marker, bool forgets) {
  Value* limit = nullptr;   // where the window of the next frame inside begins
  for (Frame* f = t.frame; f; f = f->previous) {
    uint32_t live = f->code->register_count;
    if (forgets && !(f->flags & kFrameHeap)) {
      Value* end = f->registers + live;
      live = live_registers(f->code, f->ip);
      if (limit && limit < end) end = limit;
      for (Value* r = f->registers + live; r < end; ++r) *r = Value::none();
      limit = f->registers;
    }
    mark_frame(marker, f, live);
  }
}

Value* register_top(Thread& t) {
  Frame* f = t.frame;
  if (!f) return t.registers;
  return f->flags & kFrameHeap ? f->next_registers : f->registers + f->code->register_count;
}

}  // namespace

void wipe_free_registers(Thread& t) {
  if (!t.registers) return;
  auto top = reinterpret_cast<char*>(register_top(t));
  auto limit = reinterpret_cast<char*>(t.registers_limit);
  auto page = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(top) + kWipedByHand + 4095) & ~uintptr_t{4095});
  memset(top, 0, static_cast<size_t>(std::min(page, limit) - top));
  if (page < limit) madvise(page, static_cast<size_t>(limit - page), MADV_DONTNEED);
}

void mark_frame_chain(Frame* innermost, Marker& marker) {
  for (Frame* f = innermost; f; f = f->previous) mark_frame(marker, f, f->code->register_count);
}

void mark_native_stack(Heap& heap, Marker& marker, const char* from, const char* to) { scan_native_stack(heap, marker, from, to); }

void mark_thread(Thread& t, Marker& marker, bool forgets) {
  mark_frames(t, marker, forgets);
  for (Object* o : t.observed_frames) marker.mark(o);
  marker.mark(t.exception);
  marker.mark(t.handled);
  marker.mark(t.settled);
  marker.mark(t.settled_traceback);
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
  marker.mark_pointer(i.main_code);
  if (marker.is_small()) {
    for (Type* type : i.all_types) marker.mark_pointer(type);
    for (Code* code = i.all_code; code && code->mark != marker.epoch(); code = code->next_code) marker.mark_pointer(code);
  }
  for (auto& root : impl_->roots) root(marker);
  for (Object* o : pending_del_) marker.mark(o);
  for (auto& [reference, callback] : pending_weak_) marker.mark(reference), marker.mark(callback);
  for (Thread* t = i.threads; t; t = t->next_thread) {
    mark_thread(*t, marker, forgets_);
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
  auto is_marked = [&](const Object* o) { return o->mark == marker.epoch(); };
  std::vector<Object*> revived;
  auto find_due = [&](Watched<Object*>& watched, auto is_over) {
    size_t kept = marker.is_small() ? watched.old : 0;
    for (size_t i = kept; i < watched.all.size(); ++i) {
      Object* o = watched.all[i];
      if (is_over(o)) continue;
      if (is_marked(o)) watched.all[kept++] = o;
      else revived.push_back(o);
    }
    watched.all.resize(kept);
    watched.old = kept;
  };
  find_due(impl_->with_del, [](Object*) { return false; });
  find_due(impl_->generators, [](Object* o) { return !generator_has_finalizer(o); });   // it will never have anything to do
  auto& weak = impl_->weak;
  auto clear_dead = [&](bool is_final) {
    size_t kept = marker.is_small() ? weak.old : 0;
    for (size_t i = kept; i < weak.all.size(); ++i) {
      WeakReference* r = weak.all[i];
      if (is_final && !is_marked(r)) continue;            // the reference itself dies
      if (r->target && !is_marked(r->target)) {
        r->target = nullptr;
        if (is_marked(r) && !r->callback.is_none()) {
          pending_weak_.emplace_back(r, r->callback);
          marker.mark(r->callback);
        }
      }
      weak.all[kept++] = r;
    }
    weak.all.resize(kept);
    if (is_final) weak.old = kept;
  };
  clear_dead(false);
  // The last one is finalised first: so they die in the order of their making.
  std::reverse(revived.begin(), revived.end());
  for (Object* o : revived) {
    marker.mark(o);
    pending_del_.push_back(o);
  }
  marker.drain();
  clear_dead(true);
  std::erase_if(impl_->shared_weak, [&](auto& entry) { return !entry.second || !is_marked(entry.second) || !entry.second->target; });
  marker.drain();
  if (!pending_del_.empty() || !pending_weak_.empty())
    if (Thread* t = current_thread()) t->attention.fetch_or(kCollect);
}

bool Heap::is_dying(const Object* o) const { return o->mark != impl_->epoch; }

// --- Sweeping ---

namespace {

void free_cell(Object* o, [[maybe_unused]] size_t size, FreeCell*& list) {
#if MINI_DEBUG
  memset(static_cast<void*>(o), 0xdd, size);    // poisoned: a use after free shows at once
#endif
  auto cell = reinterpret_cast<FreeCell*>(o);
  cell->kind = Kind::Free;
  cell->next = list;
  list = cell;
}

}  // namespace

void Heap::bury(Object* o, std::vector<Object*>& dead_types) {
  if (o->kind == Kind::Type) dead_types.push_back(o);
  else if (o->flags & kNeedsFinalizing) finalize_object(o, *this);
}

// Links the free cells of a block; how many live is the result.
uint32_t Heap::sweep_cells(Block* b, FreeCell*& free, std::vector<Object*>& dead_types) {
  uint32_t live = 0;
  const uint8_t epoch = impl_->epoch;
  const size_t size = b->cell_size;
  char* at = b->cells() + size_t{b->cell_count} * size;
  for (uint32_t n = b->cell_count; n > 0; --n) {   // backwards, so that cells are handed out upwards
    at -= size;
    __builtin_prefetch(at - kSweepAhead);
    auto o = reinterpret_cast<Object*>(at);
    if (o->kind != Kind::Free) {
      if (o->mark == epoch) {
        ++live;
        continue;
      }
      if (MINI_UNLIKELY(o->kind == Kind::Type || o->flags & kNeedsFinalizing)) bury(o, dead_types);
      if (MINI_UNLIKELY(o->kind == Kind::Type)) continue;   // its cell is freed later
    }
    free_cell(o, size, free);
  }
  return live;
}

// Nothing in the block lives. Its cells are not linked: the next ones are cut from it anew.
void Heap::bury_all(Block* b, std::vector<Object*>& dead_types) {
  const size_t size = b->cell_size;
  char* end = b->cells() + size_t{b->cell_count} * size;
  for (char* at = b->cells(); at < end; at += size) {
    __builtin_prefetch(at + kSweepAhead);
    auto o = reinterpret_cast<Object*>(at);
    if (o->kind != Kind::Free) bury(o, dead_types);
  }
}

void Heap::sweep_block(Block* b, bool is_whole, std::vector<Object*>& dead_types) {
  HeapImpl& h = *impl_;
  int c = class_of(b->cell_size);
  if (b->is_available) std::erase(h.available[c], b);   // it was touched for its fresh room
  b->is_available = b->is_touched = false;
  FreeCell* free = nullptr;
  uint32_t live = 0;
  if (b->is_marked || (!is_whole && b->live > 0) || kPoisons) live = sweep_cells(b, free, dead_types);
  else if (b->has_finalizers) bury_all(b, dead_types);
  b->is_marked = false;
  h.small_objects_live += live;
  h.small_objects_live -= b->live;
  h.small_bytes_live += size_t{live} * b->cell_size;
  h.small_bytes_live -= size_t{b->live} * b->cell_size;
  b->live = live;
  bool is_newest = h.bump_block(c) == b;
  if (live == 0) {
    if (is_newest) h.bump[c] = h.bump_end[c] = h.bump_before[c] = nullptr;
    b->cell_size = 0;
    h.unused.push_back(b);
    ++h.emptied;
    return;
  }
  b->free = free;
  bool is_worth_while = (b->cell_count - live) * 8 >= b->cell_count;
  if (!free || !is_worth_while) return;
  b->is_available = true;
  h.available[c].push_back(b);
}

// All blocks, or those that cells were handed out from since the last collection.
void Heap::sweep(bool is_whole) {
  HeapImpl& h = *impl_;
  std::vector<Object*> dead_types;
  for (int c = 0; c < kClassCount; ++c) {
    h.free_cells[c] = nullptr;
    if (is_whole) {
      for (Block* b : h.available[c]) b->is_available = false;
      h.available[c].clear();
    }
    if (!is_whole && h.bump[c] != h.bump_before[c]) h.touch(h.bump_block(c));
  }
  if (is_whole) {
    for (size_t i = 0; i < h.block_count; ++i)
      if (Block* b = h.block(i); b->cell_size) sweep_block(b, is_whole, dead_types);
    h.emptied = 0;
  } else {
    h.emptied = 0;
    for (Block* b : h.touched) sweep_block(b, is_whole, dead_types);
  }
  h.touched.clear();
  std::copy(h.bump, h.bump + kClassCount, h.bump_before);
  size_t kept = 0, large_bytes = 0;
  for (auto& entry : h.large) {
    if (is_dying(entry.first)) {
      bury(entry.first, dead_types);
      free(entry.first);
    } else {
      large_bytes += entry.second;
      h.large[kept++] = entry;
    }
  }
  h.large.resize(kept);
  stats_.objects_live = h.small_objects_live + kept;
  stats_.bytes_live = h.small_bytes_live + large_bytes;
  finalize_types(dead_types, *this);
  for (Object* o : dead_types) {   // their cells are used again after the next sweep
    Block* b = h.block(static_cast<size_t>(reinterpret_cast<char*>(o) - h.region) / kBlockSize);
    FreeCell* none = nullptr;
    free_cell(o, b->cell_size, none);
  }
}

// Whole blocks that nobody uses go back to the system when they are more than what the program will soon use again.
void Heap::release_unused_blocks() {
  impl_->keep_aside();
  auto& unused = impl_->unused;
  size_t live = stats_.bytes_live + stats_.bytes_outside;
  size_t may_grow = std::max(kKeptUnused, impl_->whole_at - live), kept = may_grow / kBlockSize;
  buffers_.release(may_grow);
  for (size_t i = 0; i + kept < unused.size(); ++i) {   // those at the end are used next
    Block* b = unused[i];
    auto is_given_back = impl_->given_back[impl_->number_of(b)];
    if (is_given_back) continue;
    madvise(b, kBlockSize, MADV_DONTNEED);
    is_given_back = true;
  }
}

// --- Collections ---

void Heap::collect() { collect(true); }

void Heap::collect_for_script() {
  forgets_ = true;
  collect(true);
  forgets_ = false;
}

// --- What an object refers to ---

void Heap::referents_of(Object* o, std::vector<Object*>& out) {
  out.clear();
  constexpr uint8_t kNoEpoch = 255;   // so that every object counts as unmarked
  Marker lister(*this, kNoEpoch);
  lister.listed_ = &out;
  lister.trace(o);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
}

// Enough was allocated. What lived after the last collection decides whether the old objects are looked at too: buffers of new
// objects that are dead by now are no reason.
void Heap::collect_when_due(size_t bytes) {
  HeapImpl& h = *impl_;
  stats_.bytes_since -= bytes - weight(bytes);
  if (stats_.bytes_since < cells_.threshold) return;
  collect(stress_ ? ++h.stress_count % kStressRounds == 0 : h.is_whole_due);
}

size_t Heap::weight_of_large(size_t bytes) const {
  constexpr size_t kMayWait = size_t{8} << 20;
  return impl_->nursery < kMayWait ? bytes / (kMayWait / impl_->nursery) : bytes;
}

// Everything that is marked must refer to marked objects only.
void Heap::check_marks() {
  Marker check(*this, impl_->epoch);
  for_each_object([&](Object* o) {
    if (o->mark == impl_->epoch) check.trace(o);
  });
}

// --- Counts by type ---

void Heap::count_types() { impl_->made_by_type = std::make_unique<std::map<std::string, uint64_t>>(); }

std::map<std::string, uint64_t> Heap::made_by_type() {
  if (!impl_->made_by_type) return {};
  collect(false);   // counts what is young
  return *impl_->made_by_type;
}

// What was made since the last collection is in the blocks touched since then, unmarked.
void Heap::count_young() {
  HeapImpl& h = *impl_;
  std::unordered_map<Type*, uint64_t> found;
  auto count = [&](Object* o) {
    if (o->kind != Kind::Free && o->mark == 0 && o->shape) ++found[o->shape->type];
  };
  for (int c = 0; c < kClassCount; ++c)
    if (h.bump[c] != h.bump_before[c]) h.touch(h.bump_block(c));
  for (Block* b : h.touched)
    for (uint32_t i = 0; i < b->cell_count; ++i) count(reinterpret_cast<Object*>(b->cells() + size_t{i} * b->cell_size));
  for (auto& [o, size] : h.large) count(o);
  for (auto& [type, made] : found) (*h.made_by_type)[short_type_name(type)] += made;
}

// Small collections are to cost little against the work between them: what they looked at says what they cost. But garbage takes no
// more room than a part of what lives.
void Heap::tune_nursery(const Marker& marker) {
  constexpr size_t kBytesPerObject = 64, kBytesPerPlace = 16, kShare = 16;
  size_t work = marker.objects_ * kBytesPerObject + marker.places_ * kBytesPerPlace;
  size_t most = std::clamp((stats_.bytes_live + stats_.bytes_outside) / 2, kSmallNursery, kLargestNursery);
  size_t& threshold = impl_->nursery;
  if (work > threshold / kShare) threshold = std::min(threshold * 2, most);
  else if (work < threshold / (4 * kShare)) threshold = std::max(threshold / 2, kLeastNursery);
  cells_.threshold = stress_ ? 0 : threshold;
}

// Under stress each allocation is one too many.
void Heap::set_stress(bool on) {
  stress_ = on;
  cells_.threshold = on ? 0 : impl_->nursery;
}

void Heap::set_limit(size_t bytes) {
  limit_ = bytes;
  enforce_limit(true);
}

// Garbage does not count, so a small collection that ends beyond the limit is followed by a whole one. The closer the limit, the
// sooner the next look.
void Heap::enforce_limit(bool was_whole) {
  if (limit_ == 0) return;
  size_t live = stats_.bytes_live + stats_.bytes_outside;
  if (live > limit_ && !was_whole) return collect(true);
  if (live > limit_)
    if (Thread* t = current_thread()) t->attention.fetch_or(kMemoryLimit);
  if (stress_) return;
  size_t room = live < limit_ ? (limit_ - live) / 2 : 0;
  cells_.threshold = std::min(impl_->nursery, std::max(room, kLeastNursery / 4));
}

void Heap::collect(bool is_whole) {
  HeapImpl& h = *impl_;
  if (h.is_collecting || disabled_ > 0) return;
  h.is_collecting = true;
  h.count_bumped();
  if (MINI_UNLIKELY(h.made_by_type != nullptr)) count_young();
  int64_t begin = interpreter_.clock->monotonic_ns();
  if (!h.large_sorted) {
    std::sort(h.large.begin(), h.large.end());
    h.large_sorted = true;
  }
  for (Thread* t = interpreter_.threads; t; t = t->next_thread) wipe_free_registers(*t);
  std::erase_if(h.grown, [](Object* o) {
    o->flags &= static_cast<uint8_t>(~kGrown);
    return o->flags & kRemembered;   // looked at as a whole
  });
  for (Object* o : h.remembered) o->flags &= static_cast<uint8_t>(~kRemembered);
  if (is_whole) {
    h.epoch = h.epoch == 1 ? 2 : 1;
    h.rescanned.clear();
  }
  Marker marker(*this, h.epoch, !is_whole);
  if (!is_whole) {
    for (Object* o : h.remembered) marker.trace(o);
    for (Object* o : h.grown) marker.trace_growth(o);
    for (size_t i = 0, count = h.rescanned.size(); i < count; ++i) marker.trace(h.rescanned[i]);
  }
  h.remembered.clear();
  h.grown.clear();
  mark_roots(marker);
  mark_own_stack(marker);
  marker.drain();
  find_dead(marker);
  for (auto hook : is_whole ? sweep_hooks_ : small_sweep_hooks_) hook(interpreter_);
  if (stress_ && !is_whole) check_marks();
  for (Object* o : h.in_use)
    if (!(o->flags & kRemembered)) remember(o);
  h.in_use.clear();
  sweep(is_whole);
  ++(is_whole ? stats_.collections : stats_.small_collections);
  stats_.bytes_since = 0;
  size_t live = stats_.bytes_live + stats_.bytes_outside;
  if (is_whole) {
    h.whole_at = live + std::max(kLeastGrowth, live < kSmallHeap ? 2 * live : live);
    release_unused_blocks();
  } else {
    tune_nursery(marker);
  }
  h.is_whole_due = live >= h.whole_at;
  uint64_t pause = static_cast<uint64_t>(interpreter_.clock->monotonic_ns() - begin);
  stats_.pause_total_ns += pause;
  stats_.pause_max_ns = std::max(stats_.pause_max_ns, pause);
  h.is_collecting = false;
  enforce_limit(is_whole);
}

}  // namespace mini
