// SPDX-License-Identifier: MIT
#include "runtime/objects/lock.h"

#include <cmath>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

constexpr double kTimeoutMax = 9223372036.0;   // threading.TIMEOUT_MAX

bool seconds_of(Thread& t, Value v, double& out) {
  if (!to_double(t, v, out)) return false;
  if (std::isnan(out)) {
    (void)raise(t, ErrorType::ValueError, "Invalid value NaN (not a number)");
    return false;
  }
  return true;
}

}  // namespace

bool lock_deadline(Thread& t, Value blocking, Value timeout, int64_t& deadline_ns) {
  bool is_blocking = true;
  if (!blocking.is_empty()) {
    Value v = truth(t, blocking);
    if (v.is_raised()) return false;
    is_blocking = v.is_true();
  }
  double seconds = -1;
  if (!timeout.is_empty() && !seconds_of(t, timeout, seconds)) return false;
  const char* complaint = nullptr;
  if (!is_blocking && seconds != -1) complaint = "can't specify a timeout for a non-blocking call";
  else if (seconds < 0 && seconds != -1) complaint = "timeout value must be positive";
  if (complaint) {
    (void)raise_text(t, ErrorType::ValueError, complaint);
    return false;
  }
  if (seconds > kTimeoutMax) {
    (void)raise(t, ErrorType::OverflowError, "timestamp too large to convert to C _PyTime_t");
    return false;
  }
  deadline_ns = !is_blocking || seconds == 0 ? 0 : seconds < 0 ? kNever : deadline_after(t, seconds);
  return true;
}

bool wait_deadline(Thread& t, Value timeout, int64_t& deadline_ns) {
  deadline_ns = kNever;
  if (timeout.is_empty() || timeout.is_none()) return true;
  double seconds;
  if (!seconds_of(t, timeout, seconds)) return false;
  if (seconds > kTimeoutMax) {
    (void)raise(t, ErrorType::OverflowError, "timestamp too large to convert to C _PyTime_t");
    return false;
  }
  deadline_ns = seconds <= 0 ? 0 : deadline_after(t, seconds);
  return true;
}

// --- Lock ---

Lock* make_lock(Thread& t) {
  auto* lock = t.heap->make<Lock>(native_type(t, lock_layout)->root_shape);
  lock->is_locked = false;
  lock->heir = nullptr;
  lock->owner = 0;
  lock->taken_at = {};
  lock->waiters = {};
  return lock;
}

Value lock_take(Thread& t, Lock* lock, int64_t deadline_ns) {
  bool was_late = false;
  while (MINI_UNLIKELY(lock->is_locked)) {
    if (deadline_ns == 0) return Value::of_bool(false);
    ParkOutcome outcome = park(t, lock->waiters, {BlockReason::Lock, lock}, deadline_ns, was_late);
    if (lock->heir == &t) {
      lock->heir = nullptr;
      lock->owner = t.id;
      lock->taken_at = t.place();
      if (outcome != ParkOutcome::Raised) return Value::of_bool(true);
      lock_free(lock);
    }
    if (outcome == ParkOutcome::Raised) return Value::raised();
    if (outcome == ParkOutcome::TimedOut) return Value::of_bool(false);
    was_late = true;
  }
  lock->is_locked = true;
  lock->owner = t.id;
  lock->taken_at = t.place();
  return Value::of_bool(true);
}

void lock_free(Lock* lock) {
  ParkedThread* first = lock->waiters.first;
  if (MINI_LIKELY(!first)) {
    lock->is_locked = false;
    return;
  }
  // Handed over: stays locked.
  if (first->is_impatient) lock->heir = first->thread;
  else lock->is_locked = false;
  wake_one(lock->waiters);
}

// --- RLock ---

Value recursive_lock_take(Thread& t, RecursiveLock* lock, int64_t deadline_ns) {
  if (lock->owner == t.id) {
    ++lock->count;
    return Value::of_bool(true);
  }
  bool was_late = false;
  while (lock->owner != 0) {
    if (deadline_ns == 0) return Value::of_bool(false);
    ParkOutcome outcome = park(t, lock->waiters, {BlockReason::Lock, lock}, deadline_ns, was_late);
    if (lock->heir == &t) {
      lock->heir = nullptr;
      lock->count = 1;
      lock->taken_at = t.place();
      if (outcome != ParkOutcome::Raised) return Value::of_bool(true);
      recursive_lock_free(lock);
    }
    if (outcome == ParkOutcome::Raised) return Value::raised();
    if (outcome == ParkOutcome::TimedOut) return Value::of_bool(false);
    was_late = true;
  }
  lock->owner = t.id;
  lock->count = 1;
  lock->taken_at = t.place();
  return Value::of_bool(true);
}

void recursive_lock_free(RecursiveLock* lock) {
  lock->count = 0;
  lock->owner = 0;
  ParkedThread* first = lock->waiters.first;
  if (!first) return;
  if (first->is_impatient) {
    lock->heir = first->thread;
    lock->owner = first->thread->id;
  }
  wake_one(lock->waiters);
}

namespace {

Lock* lock_of(Value v) { return as<Lock>(v); }
RecursiveLock* recursive_of(Value v) { return as<RecursiveLock>(v); }

Value lock_acquire(Thread& t, Value* args, size_t) {
  if (args[1].is_empty() && args[2].is_empty()) return lock_take(t, lock_of(args[0]), kNever);
  int64_t deadline;
  if (!lock_deadline(t, args[1], args[2], deadline)) return Value::raised();
  return lock_take(t, lock_of(args[0]), deadline);
}

Value lock_enter(Thread& t, Value* args, size_t) { return lock_take(t, lock_of(args[0]), kNever); }

Value lock_release(Thread& t, Value* args, size_t) {
  Lock* lock = lock_of(args[0]);
  if (!lock->is_locked) return raise(t, ErrorType::RuntimeError, "release unlocked lock");
  lock_free(lock);
  return Value::none();
}

Value lock_locked(Thread&, Value* args, size_t) { return Value::of_bool(lock_of(args[0])->is_locked); }

Value lock_repr(Thread& t, Value self) {
  return str_value(make_str(t, fmt::format("<{} _thread.lock object at {:#x}>", lock_of(self)->is_locked ? "locked" : "unlocked",
                                           reinterpret_cast<uintptr_t>(self.object))));
}

Value lock_at_fork(Thread&, Value*, size_t) { return Value::none(); }

constexpr NativeRow lock_methods[] = {
    {"acquire", lock_acquire, "(self, blocking=True, timeout=-1)", "Takes the lock; False when that was not possible in time."},
    {"release", lock_release, "(self)", "Frees the lock; any thread may."},
    {"locked", lock_locked, "(self)", "Is it taken?"},
    {"acquire_lock", lock_acquire, "(self, blocking=True, timeout=-1)", "As acquire."},
    {"release_lock", lock_release, "(self)", "As release."},
    {"locked_lock", lock_locked, "(self)", "As locked."},
    {"__enter__", lock_enter, "(self)", ""},
    {"__exit__", lock_release, "(self, *args)", ""},
    {"_at_fork_reinit", lock_at_fork, "(self)", ""},
};

Value recursive_new(Thread& t, Value* args, size_t) {
  auto* lock = static_cast<RecursiveLock*>(allocate_object(t, as<Type>(args[0])));
  lock->owner = lock->count = 0;
  lock->heir = nullptr;
  lock->taken_at = {};
  lock->waiters = {};
  return Value::of_object(lock);
}

Value recursive_acquire(Thread& t, Value* args, size_t) {
  int64_t deadline;
  if (!lock_deadline(t, args[1], args[2], deadline)) return Value::raised();
  return recursive_lock_take(t, recursive_of(args[0]), deadline);
}

Value recursive_enter(Thread& t, Value* args, size_t) { return recursive_lock_take(t, recursive_of(args[0]), kNever); }

Value recursive_release(Thread& t, Value* args, size_t) {
  RecursiveLock* lock = recursive_of(args[0]);
  if (lock->owner != t.id) return raise(t, ErrorType::RuntimeError, "cannot release un-acquired lock");
  if (lock->count > 1) --lock->count;
  else recursive_lock_free(lock);
  return Value::none();
}

Value recursive_is_owned(Thread& t, Value* args, size_t) { return Value::of_bool(recursive_of(args[0])->owner == t.id); }

// For conditions: frees it whatever the count, and takes it back with that count.
Value recursive_release_save(Thread& t, Value* args, size_t) {
  RecursiveLock* lock = recursive_of(args[0]);
  if (lock->owner == 0) return raise(t, ErrorType::RuntimeError, "cannot release un-acquired lock");
  Value state = Value::of_object(make_tuple(t, {Value::of_int(static_cast<int64_t>(lock->count)), Value::of_int(static_cast<int64_t>(lock->owner))}));
  recursive_lock_free(lock);
  return state;
}

Value recursive_acquire_restore(Thread& t, Value* args, size_t) {
  Value state = TRY(to_tuple(t, args[1]));
  TRY(recursive_lock_take(t, recursive_of(args[0]), kNever));
  recursive_of(args[0])->count = static_cast<uint64_t>(as<Tuple>(state)->items[0].integer);
  return Value::none();
}

Value recursive_repr(Thread& t, Value self) {
  RecursiveLock* lock = recursive_of(self);
  return str_value(make_str(t, fmt::format("<{} {} object owner={} count={} at {:#x}>", lock->count ? "locked" : "unlocked",
                                           "_thread.RLock", lock->owner, lock->count, reinterpret_cast<uintptr_t>(lock))));
}

constexpr NativeRow recursive_methods[] = {
    {"__new__", recursive_new, "(cls, *args, **kwargs)", "", Binding::Static},
    {"acquire", recursive_acquire, "(self, blocking=True, timeout=-1)", "Takes the lock, again if the thread has it."},
    {"release", recursive_release, "(self)", "Undoes one acquire of this thread."},
    {"__enter__", recursive_enter, "(self)", ""},
    {"__exit__", recursive_release, "(self, *args)", ""},
    {"_is_owned", recursive_is_owned, "(self)", "Does this thread have it?"},
    {"_release_save", recursive_release_save, "(self)", ""},
    {"_acquire_restore", recursive_acquire_restore, "(self, state, /)", ""},
    {"_at_fork_reinit", lock_at_fork, "(self)", ""},
};

// --- Condition ---

bool is_lock(Thread& t, Value v) { return v.is_object() && type_of(t, v) == native_type(t, lock_layout); }
bool is_recursive_lock(Value v) { return v.is_object() && type_of(v.object)->layout == &recursive_lock_layout; }

Condition* condition_of(Value v) { return as<Condition>(v); }

Value condition_new(Thread& t, Value* args, size_t) {
  auto* c = static_cast<Condition*>(allocate_object(t, as<Type>(args[0])));
  c->lock = Value::none();
  c->waiters = {};
  c->waiting = 0;
  return Value::of_object(c);
}

Value condition_init(Thread& t, Value* args, size_t) {
  Value lock = args[1];
  if (lock.is_empty() || lock.is_none()) {
    Value new_args[1] = {Value::of_object(native_type(t, recursive_lock_layout))};
    lock = TRY(recursive_new(t, new_args, 1));
  }
  store(args[0].object, condition_of(args[0])->lock, lock);
  return Value::none();
}

// Does this thread hold the condition's lock?
Value lock_is_owned(Thread& t, Value lock) {
  if (is_lock(t, lock)) return Value::of_bool(lock_of(lock)->is_locked);
  if (is_recursive_lock(lock)) return Value::of_bool(recursive_of(lock)->owner == t.id);
  Value answer = get_attribute_or_empty(t, lock, intern(t, "_is_owned"));
  if (answer.is_raised()) return answer;
  if (!answer.is_empty()) return truth(t, TRY(call(t, answer)));
  // A lock that can be taken was not ours.
  Value taken = TRY(call_method(t, lock, intern(t, "acquire"), {Value::of_bool(false)}));
  if (!TRY(truth(t, taken)).is_true()) return Value::of_bool(true);
  TRY(call_method(t, lock, intern(t, "release")));
  return Value::of_bool(false);
}

Value release_whole(Thread& t, Value lock) {
  if (is_lock(t, lock)) {
    lock_free(lock_of(lock));
    return Value::none();
  }
  if (is_recursive_lock(lock)) return recursive_release_save(t, &lock, 1);
  Value method = TRY(get_attribute_or_empty(t, lock, intern(t, "_release_save")));
  if (!method.is_empty()) return call(t, method);
  return call_method(t, lock, intern(t, "release"));
}

Value take_back(Thread& t, Value lock, Value state) {
  if (is_lock(t, lock)) return lock_take(t, lock_of(lock), kNever);
  if (is_recursive_lock(lock)) {
    Value args[2] = {lock, state};
    return recursive_acquire_restore(t, args, 2);
  }
  Value method = TRY(get_attribute_or_empty(t, lock, intern(t, "_acquire_restore")));
  if (!method.is_empty()) return call(t, method, {state});
  return call_method(t, lock, intern(t, "acquire"));
}

Value condition_wait(Thread& t, Value* args, size_t) {
  Condition* c = condition_of(args[0]);
  int64_t deadline;
  if (!wait_deadline(t, args[1], deadline)) return Value::raised();
  Value lock = c->lock;
  if (!TRY(lock_is_owned(t, lock)).is_true()) return raise(t, ErrorType::RuntimeError, "cannot wait on un-acquired lock");
  ParkOutcome outcome;
  Value state;
  {
    Enrolment enrolment(t, c->waiters);
    ++c->waiting;
    state = release_whole(t, lock);
    outcome = state.is_raised() ? ParkOutcome::Raised : enrolment.wait({BlockReason::Wait, c}, deadline);
    --c->waiting;
  }
  if (state.is_raised()) return state;
  // The lock is taken back in any case, also when a signal handler raises once more meanwhile.
  Value failure = outcome == ParkOutcome::Raised ? take_exception(t) : Value::empty();
  while (take_back(t, lock, state).is_raised()) {
    Value next = take_exception(t);
    bool gives_up = is_instance_of_error(t, next, ErrorType::DeadlockError);   // whoever has the lock will never free it
    if (gives_up || (!is_lock(t, lock) && !is_recursive_lock(lock))) return raise_value(t, next);
    failure = next;
  }
  if (!failure.is_empty()) return raise_value(t, failure);
  return Value::of_bool(outcome == ParkOutcome::Woken);
}

Value condition_wait_for(Thread& t, Value* args, size_t) {
  int64_t deadline;
  if (!wait_deadline(t, args[2], deadline)) return Value::raised();
  for (;;) {
    Value result = TRY(call(t, args[1]));
    if (TRY(truth(t, result)).is_true()) return result;
    Value left = Value::none();
    if (deadline != kNever) {
      double seconds = static_cast<double>(deadline - t.interpreter->clock->monotonic_ns()) / 1e9;
      if (deadline == 0 || seconds <= 0) return result;
      left = Value::of_float(seconds);
    }
    Value wait_args[2] = {args[0], left};
    TRY(condition_wait(t, wait_args, 2));
  }
}

Value condition_notify(Thread& t, Value* args, size_t) {
  Condition* c = condition_of(args[0]);
  int64_t count = 1;
  if (!args[1].is_empty() && !to_index(t, args[1], count)) return Value::raised();
  if (!TRY(lock_is_owned(t, c->lock)).is_true()) return raise(t, ErrorType::RuntimeError, "cannot notify on un-acquired lock");
  while (count-- > 0 && wake_one(c->waiters)) {}
  return Value::none();
}

Value condition_notify_all(Thread& t, Value* args, size_t) {
  Value notify_args[2] = {args[0], Value::of_int(INT64_MAX)};
  return condition_notify(t, notify_args, 2);
}

Value condition_acquire(Thread& t, Value* args, size_t) {
  Value lock = condition_of(args[0])->lock;
  Value lock_args[3] = {lock, args[1], args[2]};
  if (is_lock(t, lock)) return lock_acquire(t, lock_args, 3);
  if (is_recursive_lock(lock)) return recursive_acquire(t, lock_args, 3);
  Value method = TRY(get_attribute(t, lock, "acquire"));
  size_t argc = args[1].is_empty() ? 0 : args[2].is_empty() ? 1 : 2;
  return call(t, method, lock_args + 1, argc);
}

Value condition_release(Thread& t, Value* args, size_t) {
  Value lock = condition_of(args[0])->lock;
  if (is_lock(t, lock)) return lock_release(t, &lock, 1);
  if (is_recursive_lock(lock)) return recursive_release(t, &lock, 1);
  return call_method(t, lock, intern(t, "release"));
}

Value condition_enter(Thread& t, Value* args, size_t) {
  Value lock = condition_of(args[0])->lock;
  if (is_lock(t, lock)) return lock_take(t, lock_of(lock), kNever);
  if (is_recursive_lock(lock)) return recursive_lock_take(t, recursive_of(lock), kNever);
  return call_method(t, lock, names(t).enter);
}

Value condition_is_owned(Thread& t, Value* args, size_t) { return lock_is_owned(t, condition_of(args[0])->lock); }

Value condition_repr(Thread& t, Value self) {
  Str* shown = to_repr(t, condition_of(self)->lock);
  if (!shown) return Value::raised();
  return str_value(make_str(t, fmt::format("<Condition({}, {})>", to_utf8(shown), condition_of(self)->waiting)));
}

void condition_trace(Object* o, Marker& marker) { marker.mark(static_cast<Condition*>(o)->lock); }

constexpr NativeRow condition_methods[] = {
    {"__new__", condition_new, "(cls, *args, **kwargs)", "", Binding::Static},
    {"__init__", condition_init, "(self, lock=None)", "Waiting for a change of what the lock guards."},
    {"acquire", condition_acquire, "(self, blocking=True, timeout=-1)", "Takes the lock."},
    {"release", condition_release, "(self)", "Frees the lock."},
    {"wait", condition_wait, "(self, timeout=None)", "Frees the lock, waits for a notify, takes the lock again."},
    {"wait_for", condition_wait_for, "(self, predicate, timeout=None)", "Waits until predicate() is true and gives its value."},
    {"notify", condition_notify, "(self, n=1)", "Wakes n waiting threads."},
    {"notify_all", condition_notify_all, "(self)", "Wakes all waiting threads."},
    {"notifyAll", condition_notify_all, "(self)", "As notify_all."},
    {"_is_owned", condition_is_owned, "(self)", ""},
    {"_at_fork_reinit", lock_at_fork, "(self)", ""},
    {"__enter__", condition_enter, "(self)", ""},
    {"__exit__", condition_release, "(self, *args)", ""},
};

// --- Event ---

Event* event_of(Value v) { return as<Event>(v); }

Value event_new(Thread& t, Value* args, size_t) {
  auto* e = static_cast<Event*>(allocate_object(t, as<Type>(args[0])));
  e->is_set = false;
  e->waiters = {};
  return Value::of_object(e);
}

Value event_is_set(Thread&, Value* args, size_t) { return Value::of_bool(event_of(args[0])->is_set); }

Value event_set(Thread&, Value* args, size_t) {
  event_of(args[0])->is_set = true;
  wake_all(event_of(args[0])->waiters);
  return Value::none();
}

Value event_clear(Thread&, Value* args, size_t) {
  event_of(args[0])->is_set = false;
  return Value::none();
}

Value event_wait(Thread& t, Value* args, size_t) {
  Event* e = event_of(args[0]);
  if (e->is_set) return Value::of_bool(true);
  int64_t deadline;
  if (!wait_deadline(t, args[1], deadline)) return Value::raised();
  if (deadline == 0) return Value::of_bool(false);
  ParkOutcome outcome = park(t, e->waiters, {BlockReason::Wait, e}, deadline);
  if (outcome == ParkOutcome::Raised) return Value::raised();
  return Value::of_bool(outcome == ParkOutcome::Woken || e->is_set);
}

Value event_repr(Thread& t, Value self) {
  return str_value(make_str(t, fmt::format("<threading.{} at {:#x}: {}>", type_name(t, self), reinterpret_cast<uintptr_t>(self.object),
                                           event_of(self)->is_set ? "set" : "unset")));
}

constexpr NativeRow event_methods[] = {
    {"__new__", event_new, "(cls, *args, **kwargs)", "", Binding::Static},
    {"is_set", event_is_set, "(self)", "Was it set?"},
    {"isSet", event_is_set, "(self)", "As is_set."},
    {"set", event_set, "(self)", "Sets it and wakes all that wait."},
    {"clear", event_clear, "(self)", "Unsets it."},
    {"wait", event_wait, "(self, timeout=None)", "Waits until it is set; False when that was not in time."},
    {"_at_fork_reinit", lock_at_fork, "(self)", ""},
};

// --- Semaphore ---

Semaphore* semaphore_of(Value v) { return as<Semaphore>(v); }

Value semaphore_new(Thread& t, Value* args, size_t) {
  auto* s = static_cast<Semaphore*>(allocate_object(t, as<Type>(args[0])));
  s->value = s->initial = 1;
  s->is_bounded = type_of(s)->layout == &bounded_semaphore_layout;
  s->waiters = {};
  return Value::of_object(s);
}

Value semaphore_init(Thread& t, Value* args, size_t) {
  int64_t value = 1;
  if (!args[1].is_empty() && !to_index(t, args[1], value)) return Value::raised();
  if (value < 0) return raise(t, ErrorType::ValueError, "semaphore initial value must be >= 0");
  semaphore_of(args[0])->value = semaphore_of(args[0])->initial = value;
  return Value::none();
}

Value semaphore_acquire(Thread& t, Value* args, size_t) {
  Semaphore* s = semaphore_of(args[0]);
  bool is_blocking = args[1].is_empty() || TRY(truth(t, args[1])).is_true();
  bool has_timeout = !args[2].is_empty() && !args[2].is_none();
  if (!is_blocking && has_timeout) return raise(t, ErrorType::ValueError, "can't specify timeout for non-blocking acquire");
  int64_t deadline;
  if (!wait_deadline(t, args[2], deadline)) return Value::raised();
  while (s->value == 0) {
    if (!is_blocking || deadline == 0) return Value::of_bool(false);
    ParkOutcome outcome = park(t, s->waiters, {BlockReason::Wait, s}, deadline);
    if (outcome == ParkOutcome::Raised) return Value::raised();
    if (outcome == ParkOutcome::TimedOut && s->value == 0) return Value::of_bool(false);
  }
  --s->value;
  return Value::of_bool(true);
}

Value semaphore_enter(Thread& t, Value* args, size_t) {
  Value acquire_args[3] = {args[0], Value::empty(), Value::empty()};
  return semaphore_acquire(t, acquire_args, 3);
}

Value semaphore_release(Thread& t, Value* args, size_t) {
  Semaphore* s = semaphore_of(args[0]);
  int64_t count = 1;
  if (!args[1].is_empty() && !to_index(t, args[1], count)) return Value::raised();
  if (count < 1) return raise(t, ErrorType::ValueError, "n must be one or more");
  if (s->is_bounded && s->value + count > s->initial) return raise(t, ErrorType::ValueError, "Semaphore released too many times");
  s->value += count;
  while (count-- > 0 && wake_one(s->waiters)) {}
  return Value::none();
}

Value semaphore_exit(Thread& t, Value* args, size_t) {
  Value release_args[2] = {args[0], Value::empty()};
  return semaphore_release(t, release_args, 2);
}

Value semaphore_value_get(Thread&, Value self) { return Value::of_int(semaphore_of(self)->value); }

Value semaphore_repr(Thread& t, Value self) {
  Semaphore* s = semaphore_of(self);
  std::string value = fmt::format("value={}", s->value);
  if (s->is_bounded) value += fmt::format("/{}", s->initial);
  return str_value(make_str(t, fmt::format("<threading.{} at {:#x}: {}>", type_name(t, self), reinterpret_cast<uintptr_t>(s), value)));
}

constexpr NativeRow semaphore_methods[] = {
    {"__new__", semaphore_new, "(cls, *args, **kwargs)", "", Binding::Static},
    {"__init__", semaphore_init, "(self, value=1)", "A counter that acquire lowers and release raises."},
    {"acquire", semaphore_acquire, "(self, blocking=True, timeout=None)", "Takes one; waits while there is none."},
    {"release", semaphore_release, "(self, n=1)", "Gives n back."},
    {"__enter__", semaphore_enter, "(self)", ""},
    {"__exit__", semaphore_exit, "(self, *args)", ""},
};
constexpr AttributeRow semaphore_attributes[] = {{"_value", semaphore_value_get, nullptr, "How many are left."}};

}  // namespace

const Layout lock_layout = {
    .name = "lock", .module = "_thread", .kind = Kind::Native, .size = sizeof(Lock), .flags = kNoInstantiation, .base = nullptr,
    .trace = nullptr, .finalize = nullptr, .ops = {.repr = lock_repr}, .methods = lock_methods, .method_count = std::size(lock_methods),
    .attributes = nullptr, .attribute_count = 0, .help = "A lock."};
const Layout recursive_lock_layout = {
    .name = "RLock", .module = "_thread", .kind = Kind::Native, .size = sizeof(RecursiveLock), .flags = kSubclassable, .base = nullptr,
    .trace = nullptr, .finalize = nullptr, .ops = {.repr = recursive_repr},
    .methods = recursive_methods, .method_count = std::size(recursive_methods),
    .attributes = nullptr, .attribute_count = 0, .help = "A lock that its owner may take again."};
const Layout condition_layout = {
    .name = "Condition", .module = "threading", .kind = Kind::Native, .size = sizeof(Condition), .flags = kSubclassable,
    .base = nullptr, .trace = condition_trace, .finalize = nullptr, .ops = {.repr = condition_repr},
    .methods = condition_methods, .method_count = std::size(condition_methods),
    .attributes = nullptr, .attribute_count = 0, .help = "A condition variable."};
const Layout event_layout = {
    .name = "Event", .module = "threading", .kind = Kind::Native, .size = sizeof(Event), .flags = kSubclassable, .base = nullptr,
    .trace = nullptr, .finalize = nullptr, .ops = {.repr = event_repr},
    .methods = event_methods, .method_count = std::size(event_methods),
    .attributes = nullptr, .attribute_count = 0, .help = "A flag that threads wait for."};
const Layout semaphore_layout = {
    .name = "Semaphore", .module = "threading", .kind = Kind::Native, .size = sizeof(Semaphore), .flags = kSubclassable,
    .base = nullptr, .trace = nullptr, .finalize = nullptr, .ops = {.repr = semaphore_repr},
    .methods = semaphore_methods, .method_count = std::size(semaphore_methods),
    .attributes = semaphore_attributes, .attribute_count = std::size(semaphore_attributes), .help = "A counter of permits."};
const Layout bounded_semaphore_layout = {
    .name = "BoundedSemaphore", .module = "threading", .kind = Kind::Native, .size = sizeof(Semaphore), .flags = kSubclassable,
    .base = &semaphore_layout, .trace = nullptr, .finalize = nullptr, .ops = {}, .methods = nullptr, .method_count = 0,
    .attributes = nullptr, .attribute_count = 0, .help = "A semaphore that is never raised above its first value."};

}  // namespace mini
