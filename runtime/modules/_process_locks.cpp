// SPDX-License-Identifier: MIT
// _process_locks: Lock, RecursiveLock, Semaphore and Flag in memory that processes share. multiprocessing.synchronize is written on top.
//
// Each is a handle: its state lies in a cell (_shared_cells), and any number of handles in any number of processes may stand for the same
// state. Taking a free lock is one atomic operation on it.
#include <atomic>
#include <mutex>

#include "runtime/errors.h"
#include "runtime/exec/process_futex.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"
#include "runtime/signals.h"

namespace mini {
namespace {

// --- States, as they lie in cells ---

struct LockState {
  SharedWord word;         // see process_futex.h
  uint32_t depth;          // how often a recursive lock was taken; its holder's alone
  std::atomic<uint64_t> thread;   // of the holder's process, which has it; its holder writes it
};

struct SemaphoreState {
  SharedWord value;
  SharedWord waiting;      // who sleep on `value`; too many when some of them were killed
  SharedWord limit;
};

struct FlagState {
  SharedWord is_set;
};

// --- Handles ---

template <class State> struct Handle : Object {
  Value cell;
  State* state;
};

struct LockHandle : Handle<LockState> {
  LockHandle *next, *previous;   // all of this process
};
using SemaphoreHandle = Handle<SemaphoreState>;
using FlagHandle = Handle<FlagState>;

template <class T> void trace_handle(Object* self, Marker& marker) { marker.mark(static_cast<T*>(self)->cell); }

// Handle(cell).
template <class T, class State> Value make_handle(Thread& t, Value* args) {
  if (!is_kind(args[1], Kind::ByteArray) || as<ByteArray>(args[1])->length < sizeof(State) || !as<ByteArray>(args[1])->exports)
    return raise_text(t, ErrorType::TypeError, "a cell is expected");
  auto* handle = static_cast<T*>(allocate_object(t, as<Type>(args[0])));
  handle->cell = args[1];
  handle->state = reinterpret_cast<State*>(as<ByteArray>(args[1])->data);
  return Value::of_object(handle);
}

template <class T> auto& state_of(Value* args) { return *as<T>(args[0])->state; }

// --- Locks ---

struct LockHandles {
  std::mutex mutex;
  LockHandle* first = nullptr;
};

LockHandles& lock_handles() {
  static LockHandles* of_process = new LockHandles;   // used by finalizers at the very end
  return *of_process;
}

// The process ends by itself: its locks stay taken, as nobody killed it.
void leave_locks() {
  LockHandles& all = lock_handles();
  std::lock_guard guard(all.mutex);
  for (LockHandle* handle = all.first; handle; handle = handle->next) {
    SharedWord& word = handle->state->word;
    uint32_t seen = word.load();
    while ((seen & ~kLockHasWaiters) == own_pid() && !word.compare_exchange_weak(seen, (seen & kLockHasWaiters) | kLeft)) {
    }
  }
}

Value lock_new(Thread& t, Value* args, size_t) {
  Value made = TRY(make_handle<LockHandle, LockState>(t, args));
  auto* handle = as<LockHandle>(made);
  note_finalizer(handle);
  LockHandles& all = lock_handles();
  std::lock_guard guard(all.mutex);
  handle->previous = nullptr;
  handle->next = all.first;
  if (all.first) all.first->previous = handle;
  all.first = handle;
  return made;
}

void lock_finalize(Object* self, Heap&) {
  auto* handle = static_cast<LockHandle*>(self);
  if (!handle->state) return;
  LockHandles& all = lock_handles();
  std::lock_guard guard(all.mutex);
  (handle->previous ? handle->previous->next : all.first) = handle->next;
  if (handle->next) handle->next->previous = handle->previous;
}

bool is_mine(const Thread& t, const LockState& state) {
  return lock_holder(state.word) == own_pid() && state.thread.load(std::memory_order_relaxed) == t.id;
}

Value take(Thread& t, LockState& state, int64_t deadline_ns) {
  switch (take_process_lock(t, state.word, deadline_ns)) {
    case Taken::Raised: return Value::raised();
    case Taken::No: return Value::of_bool(false);
    case Taken::Yes:
    case Taken::FromKilled: break;
  }
  state.thread.store(t.id, std::memory_order_relaxed);
  state.depth = 1;
  return Value::of_bool(true);
}

Value lock_acquire(Thread& t, Value* args, size_t) {
  int64_t deadline_ns;
  if (!process_deadline(t, args[1], args[2], deadline_ns)) return Value::raised();
  return take(t, state_of<LockHandle>(args), deadline_ns);
}

Value lock_enter(Thread& t, Value* args, size_t) { return take(t, state_of<LockHandle>(args), kNever); }

Value lock_release(Thread& t, Value* args, size_t) {
  LockState& state = state_of<LockHandle>(args);
  if (lock_holder(state.word) == 0) return raise_text(t, ErrorType::ValueError, "semaphore or lock released too many times");
  state.thread.store(0, std::memory_order_relaxed);
  free_process_lock(state.word);
  return Value::none();
}

Value recursive_take(Thread& t, LockState& state, int64_t deadline_ns) {
  if (!is_mine(t, state)) return take(t, state, deadline_ns);
  ++state.depth;
  return Value::of_bool(true);
}

Value recursive_acquire(Thread& t, Value* args, size_t) {
  int64_t deadline_ns;
  if (!process_deadline(t, args[1], args[2], deadline_ns)) return Value::raised();
  return recursive_take(t, state_of<LockHandle>(args), deadline_ns);
}

Value recursive_enter(Thread& t, Value* args, size_t) { return recursive_take(t, state_of<LockHandle>(args), kNever); }

Value recursive_release(Thread& t, Value* args, size_t) {
  LockState& state = state_of<LockHandle>(args);
  if (!is_mine(t, state)) return raise_text(t, ErrorType::AssertionError, "attempt to release recursive lock not owned by thread");
  if (--state.depth) return Value::none();
  state.thread.store(0, std::memory_order_relaxed);
  free_process_lock(state.word);
  return Value::none();
}

Value lock_is_mine(Thread& t, Value* args, size_t) { return Value::of_bool(is_mine(t, state_of<LockHandle>(args))); }
Value lock_depth(Thread&, Value* args, size_t) { return Value::of_int(state_of<LockHandle>(args).depth); }

// 0: nobody; -1: a process that ended.
Value lock_owner(Thread&, Value* args, size_t) {
  uint32_t pid = lock_holder(state_of<LockHandle>(args).word);
  return Value::of_int(pid == kLeft ? -1 : static_cast<int64_t>(pid));
}

constexpr NativeRow lock_methods[] = {
    {"__new__", lock_new, "(cls, cell)", "", Binding::Static},
    {"acquire", lock_acquire, "(self, block=True, timeout=None)", "Take the lock; False when it was not free in time."},
    {"release", lock_release, "(self)", "Free the lock, whoever has it."},
    {"__enter__", lock_enter, "(self)", "Take the lock."},
    {"__exit__", lock_release, "(self, *exc_info)", "Free the lock."},
    {"_is_mine", lock_is_mine, "(self)", "Does this thread have it?"},
    {"_depth", lock_depth, "(self)", "How often its holder took it."},
    {"_owner", lock_owner, "(self)", "The process that has it, or 0."},
};

constexpr NativeRow recursive_methods[] = {
    {"__new__", lock_new, "(cls, cell)", "", Binding::Static},
    {"acquire", recursive_acquire, "(self, block=True, timeout=None)", "Take the lock once more; False when it was not free in time."},
    {"release", recursive_release, "(self)", "Take back one acquire()."},
    {"__enter__", recursive_enter, "(self)", "Take the lock."},
    {"__exit__", recursive_release, "(self, *exc_info)", "Take back one acquire()."},
    {"_is_mine", lock_is_mine, "(self)", "Does this thread have it?"},
    {"_depth", lock_depth, "(self)", "How often its holder took it."},
    {"_owner", lock_owner, "(self)", "The process that has it, or 0."},
};

const Layout lock_layout_shared = {
    .name = "Lock", .module = "_process_locks", .kind = Kind::Native, .size = sizeof(LockHandle), .flags = kSubclassable,
    .base = nullptr, .trace = trace_handle<LockHandle>, .finalize = lock_finalize, .ops = {},
    .methods = lock_methods, .method_count = std::size(lock_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "A lock between processes."};

const Layout recursive_lock_layout_shared = {
    .name = "RecursiveLock", .module = "_process_locks", .kind = Kind::Native, .size = sizeof(LockHandle), .flags = kSubclassable,
    .base = nullptr, .trace = trace_handle<LockHandle>, .finalize = lock_finalize, .ops = {},
    .methods = recursive_methods, .method_count = std::size(recursive_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "A lock between processes that its thread may take again."};

// --- Semaphores ---

Value semaphore_new(Thread& t, Value* args, size_t) { return make_handle<SemaphoreHandle, SemaphoreState>(t, args); }

// begin(value, limit): for a new one.
Value semaphore_begin(Thread& t, Value* args, size_t) {
  SemaphoreState& state = state_of<SemaphoreHandle>(args);
  int64_t value, limit;
  if (!to_index(t, args[1], value) || !to_index(t, args[2], limit)) return Value::raised();
  if (value < 0 || value > limit || limit > INT32_MAX) return raise_os_error(t, EINVAL);
  state.limit = static_cast<uint32_t>(limit);
  state.value = static_cast<uint32_t>(value);
  return Value::none();
}

bool try_lower(SharedWord& value) {
  uint32_t seen = value.load(std::memory_order_relaxed);
  while (seen)
    if (value.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire)) return true;
  return false;
}

Value lower(Thread& t, SemaphoreState& state, int64_t deadline_ns) {
  while (!try_lower(state.value)) {
    if (deadline_ns == 0) return Value::of_bool(false);
    state.waiting.fetch_add(1);
    Value is_late = wait_for_word(t, state.value, 0, deadline_ns);
    state.waiting.fetch_sub(1);
    if (TRY(is_late).is_true()) return Value::of_bool(try_lower(state.value));
  }
  return Value::of_bool(true);
}

Value semaphore_acquire(Thread& t, Value* args, size_t) {
  int64_t deadline_ns;
  if (!process_deadline(t, args[1], args[2], deadline_ns)) return Value::raised();
  return lower(t, state_of<SemaphoreHandle>(args), deadline_ns);
}

Value semaphore_enter(Thread& t, Value* args, size_t) { return lower(t, state_of<SemaphoreHandle>(args), kNever); }

Value semaphore_release(Thread& t, Value* args, size_t) {
  SemaphoreState& state = state_of<SemaphoreHandle>(args);
  uint32_t seen = state.value.load(std::memory_order_relaxed), limit = state.limit.load(std::memory_order_relaxed);
  do {
    if (seen >= limit) return raise_text(t, ErrorType::ValueError, "semaphore or lock released too many times");
  } while (!state.value.compare_exchange_weak(seen, seen + 1));
  if (state.waiting.load()) wake_waiters(state.value, 1);
  return Value::none();
}

Value semaphore_value(Thread&, Value* args, size_t) { return Value::of_int(state_of<SemaphoreHandle>(args).value.load()); }
Value semaphore_limit(Thread&, Value* args, size_t) { return Value::of_int(state_of<SemaphoreHandle>(args).limit.load()); }

constexpr NativeRow semaphore_methods[] = {
    {"__new__", semaphore_new, "(cls, cell)", "", Binding::Static},
    {"_begin", semaphore_begin, "(self, value, limit)", "Set both numbers of a new one."},
    {"acquire", semaphore_acquire, "(self, block=True, timeout=None)", "Lower the value when it is above zero; False when it was not in time."},
    {"release", semaphore_release, "(self)", "Raise the value."},
    {"__enter__", semaphore_enter, "(self)", "Lower the value."},
    {"__exit__", semaphore_release, "(self, *exc_info)", "Raise the value."},
    {"get_value", semaphore_value, "(self)", "The value."},
    {"_limit", semaphore_limit, "(self)", "The highest value that it may have."},
};

const Layout semaphore_layout_shared = {
    .name = "Semaphore", .module = "_process_locks", .kind = Kind::Native, .size = sizeof(SemaphoreHandle), .flags = kSubclassable,
    .base = nullptr, .trace = trace_handle<SemaphoreHandle>, .finalize = nullptr, .ops = {},
    .methods = semaphore_methods, .method_count = std::size(semaphore_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "A counter between processes."};

// --- Flags ---

Value flag_new(Thread& t, Value* args, size_t) { return make_handle<FlagHandle, FlagState>(t, args); }
Value flag_is_set(Thread&, Value* args, size_t) { return Value::of_bool(state_of<FlagHandle>(args).is_set.load() != 0); }

Value flag_set(Thread&, Value* args, size_t) {
  FlagState& state = state_of<FlagHandle>(args);
  if (!state.is_set.exchange(1)) wake_waiters(state.is_set, INT32_MAX);
  return Value::none();
}

Value flag_clear(Thread&, Value* args, size_t) {
  state_of<FlagHandle>(args).is_set = 0;
  return Value::none();
}

Value flag_wait(Thread& t, Value* args, size_t) {
  FlagState& state = state_of<FlagHandle>(args);
  int64_t deadline_ns;
  if (!process_deadline(t, args[1], deadline_ns)) return Value::raised();
  while (!state.is_set.load())
    if (TRY(wait_for_word(t, state.is_set, 0, deadline_ns)).is_true()) return Value::of_bool(state.is_set.load() != 0);
  return Value::of_bool(true);
}

constexpr NativeRow flag_methods[] = {
    {"__new__", flag_new, "(cls, cell)", "", Binding::Static},
    {"is_set", flag_is_set, "(self)", "Is it set?"},
    {"set", flag_set, "(self)", "Set it and wake everybody up."},
    {"clear", flag_clear, "(self)", "From now on, wait() waits."},
    {"wait", flag_wait, "(self, timeout=None)", "Wait until it is set; False when it was not in time."},
};

const Layout flag_layout_shared = {
    .name = "Flag", .module = "_process_locks", .kind = Kind::Native, .size = sizeof(FlagHandle), .flags = kSubclassable,
    .base = nullptr, .trace = trace_handle<FlagHandle>, .finalize = nullptr, .ops = {},
    .methods = flag_methods, .method_count = std::size(flag_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "A flag between processes."};

Value process_locks_setup(Thread& t, Module* m) {
  for (const Layout* layout : {&lock_layout_shared, &recursive_lock_layout_shared, &semaphore_layout_shared, &flag_layout_shared})
    module_add_type(t, m, *layout);
  t.interpreter->at_close.push_back([](Interpreter& closing) {
    if (handles_signals(*closing.main_thread)) leave_locks();
  });
  return Value::none();
}

}  // namespace

extern const NativeModule process_locks_module;
const NativeModule process_locks_module = {"_process_locks", nullptr, 0, process_locks_setup, "Locks between processes, for multiprocessing."};

}  // namespace mini
