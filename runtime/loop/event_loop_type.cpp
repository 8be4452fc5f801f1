// SPDX-License-Identifier: MIT
// The event loop as scripts see it: `_asyncio.EventLoop`, the base of asyncio's loop classes. The methods that are coroutines or
// rarely called are written in Mini (lib/asyncio/base_events.mini).
#include <algorithm>
#include <cmath>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/loop/event_loop.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/context.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

EventLoop* self_loop(Value v) { return as<EventLoop>(v); }
LoopState& state_of(Value v) { return *as<EventLoop>(v)->state; }

bool overrides(Thread& t, Type* type, const char* name) {
  Str* interned = intern(t, name);
  return !type_lookup(type, interned).is_same(type_lookup(native_type(t, event_loop_layout), interned));
}

// The class may name another poller than the system's: `_poller = 'libuv'`.
std::unique_ptr<Poller> poller_for(Thread& t, Type* type) {
  Value wanted = type_lookup(type, intern(t, "_poller"));
  std::unique_ptr<Poller> poller;
  if (is_kind(wanted, Kind::Str) && equals(as<Str>(wanted), "libuv")) poller = make_libuv_poller();
  return poller ? std::move(poller) : make_poller();
}

Value loop_new(Thread& t, Value* args, size_t) {
  auto type = as<Type>(args[0]);
  auto loop = static_cast<EventLoop*>(allocate_object(t, type));
  loop->state = nullptr;
  (void)async_state(t);
  loop->state = new LoopState(*t.interpreter->clock, poller_for(t, type));
  note_finalizer(loop);
  loop->state->has_own_call_soon = overrides(t, type, "call_soon");
  for (const char* name : {"call_later", "call_at", "time", "create_future"}) loop->state->has_own_timers |= overrides(t, type, name);
  loop->state->has_own_create_task = overrides(t, type, "create_task");
  return Value::of_object(loop);
}

Value loop_init(Thread&, Value*, size_t) { return Value::none(); }

void trace_loop(Object* self, Marker& marker) {
  if (LoopState* state = static_cast<EventLoop*>(self)->state) state->trace(marker);
}

void finalize_loop(Object* self, Heap&) {
  delete static_cast<EventLoop*>(self)->state;
  static_cast<EventLoop*>(self)->state = nullptr;
}

// In debug mode: mistakes that would only show when the callback runs, and calls from a wrong thread.
Value check_callback(Thread& t, const LoopState& state, Value callback, const char* method, bool checks_thread) {
  if (checks_thread && state.thread_id && state.thread_id != t.id)
    return raise(t, ErrorType::RuntimeError, "Non-thread-safe operation invoked on an event loop other than the current one");
  if (is_coroutine(t, callback)) return raise(t, ErrorType::TypeError, "coroutines cannot be used with {}()", method);
  if (is_callable(t, callback)) return Value::none();
  Str* text = to_repr(t, callback);
  if (!text) return Value::raised();
  return raise(t, ErrorType::TypeError, "a callable object was expected by {}(), got {}", method, to_utf8(text));
}

Object* context_argument(Thread& t, Value context) { return is_context(context) ? context.object : context_snapshot(t); }

Tuple* argument_tuple(Thread& t, const Value* args, size_t count) { return count ? make_tuple(t, args, count) : nullptr; }

// Outside of debug mode: works, because it wakes the loop, but is reported.
Value note_thread(Thread& t, Value loop, const char* what) {
  LoopState& state = state_of(loop);
  if (MINI_LIKELY(!state.is_foreign_to(t))) return Value::none();
  TRY(warn_wrong_thread(t, loop.object, what));
  state.wake();
  return Value::none();
}

Value add_ready_handle(Thread& t, Value* args, size_t argc) {
  LoopState& state = state_of(args[0]);
  Handle* handle = make_handle(t, args[0].object, args[1], argument_tuple(t, args + 3, argc - 3), context_argument(t, args[2]));
  state.ready.push({handle, nullptr, nullptr, ReadyKind::Handle});
  return Value::of_object(handle);
}

// call_soon(self, callback, *args, context=None)
Value loop_call_soon(Thread& t, Value* args, size_t argc) {
  LoopState& state = state_of(args[0]);
  if (MINI_UNLIKELY(state.is_closed)) return raise_loop_closed(t);
  if (MINI_UNLIKELY(state.is_debug)) TRY(check_callback(t, state, args[1], "call_soon", true));
  TRY(note_thread(t, args[0], "call_soon()"));
  return add_ready_handle(t, args, argc);
}

Value loop_call_soon_threadsafe(Thread& t, Value* args, size_t argc) {
  LoopState& state = state_of(args[0]);
  if (state.is_closed) return raise_loop_closed(t);
  if (state.is_debug) TRY(check_callback(t, state, args[1], "call_soon_threadsafe", false));
  Value handle = add_ready_handle(t, args, argc);
  state.wake();
  return handle;
}

Value add_timer(Thread& t, Value* args, size_t argc, double when) {
  LoopState& state = state_of(args[0]);
  Tuple* callback_args = argument_tuple(t, args + 4, argc - 4);
  TimerHandle* timer = make_timer_handle(t, args[0].object, when, args[2], callback_args, context_argument(t, args[3]));
  state.timers.push(timer);
  return Value::of_object(timer);
}

Value time_argument(Thread& t, Value v, const char* name, double& out) {
  if (v.is_none()) return raise(t, ErrorType::TypeError, "{} must not be None", name);
  if (!to_double(t, v, out)) return Value::raised();
  if (std::isnan(out)) return raise(t, ErrorType::ValueError, "Invalid value NaN (not a number)");
  return Value::none();
}

// call_later(self, delay, callback, *args, context=None)
Value loop_call_later(Thread& t, Value* args, size_t argc) {
  LoopState& state = state_of(args[0]);
  double delay = 0;
  TRY(time_argument(t, args[1], "delay", delay));
  if (state.is_closed) return raise_loop_closed(t);
  if (state.is_debug) TRY(check_callback(t, state, args[2], "call_later", true));
  TRY(note_thread(t, args[0], "call_later()"));
  return add_timer(t, args, argc, state.now() + delay);
}

// call_at(self, when, callback, *args, context=None)
Value loop_call_at(Thread& t, Value* args, size_t argc) {
  LoopState& state = state_of(args[0]);
  double when = 0;
  if (args[1].is_none()) return raise(t, ErrorType::TypeError, "when cannot be None");
  TRY(time_argument(t, args[1], "when", when));
  if (state.is_closed) return raise_loop_closed(t);
  if (state.is_debug) TRY(check_callback(t, state, args[2], "call_at", true));
  TRY(note_thread(t, args[0], "call_at()"));
  return add_timer(t, args, argc, when);
}

Value loop_time(Thread&, Value* args, size_t) { return Value::of_float(state_of(args[0]).now()); }
Value loop_run_forever_row(Thread& t, Value* args, size_t) { return loop_run_forever(t, self_loop(args[0])); }
Value loop_run_once_row(Thread& t, Value* args, size_t) { return loop_run_once(t, self_loop(args[0])); }
Value loop_close_row(Thread& t, Value* args, size_t) { return loop_close(t, self_loop(args[0])); }
Value loop_is_running(Thread&, Value* args, size_t) { return Value::of_bool(state_of(args[0]).thread_id != 0); }
Value loop_is_closed(Thread&, Value* args, size_t) { return Value::of_bool(state_of(args[0]).is_closed); }

Value loop_stop(Thread&, Value* args, size_t) {
  state_of(args[0]).is_stopping = true;
  return Value::none();
}

Value loop_check_closed(Thread& t, Value* args, size_t) {
  return state_of(args[0]).is_closed ? raise_loop_closed(t) : Value::none();
}

Value loop_check_running(Thread& t, Value* args, size_t) {
  if (state_of(args[0]).thread_id) return raise(t, ErrorType::RuntimeError, "This event loop is already running");
  if (t.running_loop_object.is_object())
    return raise(t, ErrorType::RuntimeError, "Cannot run the event loop while another loop is running");
  return Value::none();
}

Value loop_create_future(Thread& t, Value* args, size_t) { return Value::of_object(make_future(t, args[0].object)); }

// create_task(self, coro, *, name=None, context=None)
Value loop_create_task_row(Thread& t, Value* args, size_t) {
  LoopState& state = state_of(args[0]);
  if (state.is_closed) return raise_loop_closed(t);
  TRY(note_thread(t, args[0], "create_task()"));
  Value name = args[2].is_empty() ? Value::none() : args[2];
  if (MINI_LIKELY(state.task_factory.is_none())) return make_task(t, args[0].object, args[1], context_argument(t, args[3]), name);
  Value factory_args[] = {args[0], args[1], args[3]};
  bool has_context = !args[3].is_empty() && !args[3].is_none();
  Tuple* keywords = has_context ? make_tuple(t, {str_value(intern(t, "context"))}) : nullptr;
  Value task = TRY(call(t, state.task_factory, factory_args, 2, keywords));
  if (!name.is_none()) {
    Value set_name = TRY(get_attribute_or_empty(t, task, intern(t, "set_name")));
    if (!set_name.is_empty()) TRY(call(t, set_name, {name}));
  }
  return task;
}

Value loop_set_task_factory(Thread& t, Value* args, size_t) {
  if (!args[1].is_none() && !is_callable(t, args[1])) return raise(t, ErrorType::TypeError, "task factory must be a callable or None");
  state_of(args[0]).task_factory = args[1];
  return Value::none();
}

Value loop_get_task_factory(Thread&, Value* args, size_t) { return state_of(args[0]).task_factory; }
Value loop_get_debug(Thread&, Value* args, size_t) { return Value::of_bool(state_of(args[0]).is_debug); }

Value loop_set_debug(Thread& t, Value* args, size_t) {
  state_of(args[0]).is_debug = TRY(truth(t, args[1])).is_true();
  return Value::none();
}

// The descriptor that `v` is or that its fileno() gives; false after raising.
bool descriptor_of(Thread& t, Value v, int& out) {
  int64_t number = -1;
  Value candidate = v;
  if (!is_integer(v)) {
    candidate = get_attribute_or_empty(t, v, intern(t, "fileno"));
    if (candidate.is_raised()) return false;
    candidate = candidate.is_empty() ? Value::none() : call(t, candidate);
    if (candidate.is_raised()) return false;
  }
  if (!is_integer(candidate) || !fits_int64(candidate, number)) {
    if (Str* text = to_repr(t, v)) (void)raise(t, ErrorType::ValueError, "Invalid file object: {}", to_utf8(text));
    return false;
  }
  if (number < 0 || number > INT32_MAX) {
    (void)raise(t, ErrorType::ValueError, "Invalid file descriptor: {}", number);
    return false;
  }
  out = static_cast<int>(number);
  return true;
}

// add_reader(self, fd, callback, *args)
template <PollFlags which>
Value loop_add_watch(Thread& t, Value* args, size_t argc) {
  int fd = -1;
  LoopState& state = state_of(args[0]);
  if (state.is_closed) return raise_loop_closed(t);
  if (!descriptor_of(t, args[1], fd)) return Value::raised();
  Handle* handle = make_handle(t, args[0].object, args[2], argument_tuple(t, args + 3, argc - 3), context_snapshot(t));
  return state.add_watch(t, fd, which, handle);
}

template <PollFlags which>
Value loop_add_public_watch(Thread& t, Value* args, size_t argc) {
  TRY(loop_add_watch<which>(t, args, argc));
  return Value::none();
}

template <PollFlags which>
Value loop_remove_watch(Thread& t, Value* args, size_t) {
  int fd = -1;
  if (state_of(args[0]).is_closed) return Value::of_bool(false);
  if (!descriptor_of(t, args[1], fd)) return Value::raised();
  return state_of(args[0]).remove_watch(t, fd, which);
}

Value loop_add_callback(Thread&, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Native)) return Value::none();
  auto handle = as<Handle>(args[1]);
  if (!handle->is_cancelled()) state_of(args[0]).ready.push({handle, nullptr, nullptr, ReadyKind::Handle});
  state_of(args[0]).wake();
  return Value::none();
}

// Tasks of this loop that are not done, oldest first.
Value loop_tasks(Thread& t, Value* args, size_t) {
  List* list = make_list(t);
  for (Task* task = state_of(args[0]).first_task; task; task = task->next_task) list_push(t, list, Value::of_object(task));
  for (uint64_t i = 0; i < list->length / 2; ++i) std::swap(list->items[i], list->items[list->length - 1 - i]);
  return Value::of_object(list);
}

Value loop_current_task(Thread&, Value* args, size_t) {
  Task* task = state_of(args[0]).current_task;
  return task ? Value::of_object(task) : Value::none();
}

// For people who look inside: how much waits for what.
Value loop_counts(Thread& t, Value* args, size_t) {
  LoopState& state = state_of(args[0]);
  auto count = [](size_t n) { return Value::of_int(static_cast<int64_t>(n)); };
  return Value::of_object(make_tuple(t, {count(state.ready.size()), count(state.timers.size()), count(state.watched_count)}));
}

Value get_slow_duration(Thread&, Value self) { return Value::of_float(state_of(self).slow_callback_duration); }
Value set_slow_duration(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::AttributeError, "cannot delete attribute");
  LoopState& state = state_of(self);
  if (!to_double(t, v, state.slow_callback_duration)) return Value::raised();
  state.watched.limit_ns = static_cast<int64_t>(std::clamp(state.slow_callback_duration, 0.0, 1e9) * 1e9);
  return Value::none();
}
Value get_current_handle(Thread&, Value self) {
  Object* handle = state_of(self).current_handle;
  return handle ? Value::of_object(handle) : Value::none();
}
Value get_debug_attribute(Thread&, Value self) { return Value::of_bool(state_of(self).is_debug); }
Value get_closed_attribute(Thread&, Value self) { return Value::of_bool(state_of(self).is_closed); }
Value get_stopping_attribute(Thread&, Value self) { return Value::of_bool(state_of(self).is_stopping); }
Value get_thread_id(Thread&, Value self) {
  uint64_t id = state_of(self).thread_id;
  return id ? Value::of_int(static_cast<int64_t>(id)) : Value::none();
}

Value get_poller_name(Thread& t, Value self) {
  LoopState& state = state_of(self);
  return state.poller ? str_value(make_str(t, state.poller->name())) : Value::none();
}

constexpr NativeRow loop_methods[] = {
    {"__new__", loop_new, "(cls, *args, **kwargs)", "A new loop.", Binding::Static},
    {"__init__", loop_init, "(self)", "Nothing more to prepare."},
    {"call_soon", loop_call_soon, "(self, callback, /, *args, context=None)", "Calls callback(*args) at the loop's next turn."},
    {"call_soon_threadsafe", loop_call_soon_threadsafe, "(self, callback, /, *args, context=None)",
     "The same, from any thread: ends the loop's wait."},
    {"call_later", loop_call_later, "(self, delay, callback, /, *args, context=None)", "Calls callback(*args) after delay seconds."},
    {"call_at", loop_call_at, "(self, when, callback, /, *args, context=None)", "Calls callback(*args) at that time of the loop."},
    {"time", loop_time, "(self)", "The loop's clock, in seconds."},
    {"run_forever", loop_run_forever_row, "(self)", "Runs until stop() is called."},
    {"_run_once", loop_run_once_row, "(self)", "One turn of the loop."},
    {"stop", loop_stop, "(self)", "Ends run_forever after the turn that is under way."},
    {"_close", loop_close_row, "(self)", "Drops everything that waits; see BaseEventLoop.close."},
    {"is_running", loop_is_running, "(self)", "True while it runs."},
    {"is_closed", loop_is_closed, "(self)", "True once closed."},
    {"_check_closed", loop_check_closed, "(self)", "Raises RuntimeError when it is closed."},
    {"_check_running", loop_check_running, "(self)", "Raises RuntimeError when it, or another loop of this thread, runs."},
    {"create_future", loop_create_future, "(self)", "A new Future of this loop."},
    {"create_task", loop_create_task_row, "(self, coro, *, name=None, context=None)", "Schedules a coroutine as a Task."},
    {"set_task_factory", loop_set_task_factory, "(self, factory)", "Calls factory(loop, coro) in place of Task; None: Task again."},
    {"get_task_factory", loop_get_task_factory, "(self)", "The task factory, or None."},
    {"get_debug", loop_get_debug, "(self)", "True in debug mode."},
    {"set_debug", loop_set_debug, "(self, enabled)", "Turns debug mode on or off."},
    {"add_reader", loop_add_public_watch<kPollRead>, "(self, fd, callback, /, *args)", "Calls callback(*args) whenever fd can be read."},
    {"add_writer", loop_add_public_watch<kPollWrite>, "(self, fd, callback, /, *args)", "Calls callback(*args) whenever fd can be written."},
    {"remove_reader", loop_remove_watch<kPollRead>, "(self, fd)", "Ends add_reader; True when there was one."},
    {"remove_writer", loop_remove_watch<kPollWrite>, "(self, fd)", "Ends add_writer; True when there was one."},
    {"_add_reader", loop_add_watch<kPollRead>, "(self, fd, callback, /, *args)", "add_reader that returns the Handle."},
    {"_add_writer", loop_add_watch<kPollWrite>, "(self, fd, callback, /, *args)", "add_writer that returns the Handle."},
    {"_remove_reader", loop_remove_watch<kPollRead>, "(self, fd)", "remove_reader."},
    {"_remove_writer", loop_remove_watch<kPollWrite>, "(self, fd)", "remove_writer."},
    {"_add_callback", loop_add_callback, "(self, handle)", "Puts a Handle into the ready queue."},
    {"_tasks", loop_tasks, "(self)", "The tasks that are not done."},
    {"_current_task", loop_current_task, "(self)", "The task that runs now, or None."},
    {"_counts", loop_counts, "(self)", "Numbers of ready callbacks, timers and watched descriptors."},
};

constexpr AttributeRow loop_attributes[] = {
    {"slow_callback_duration", get_slow_duration, set_slow_duration, "Debug mode warns of callbacks that take longer, in seconds."},
    {"_current_handle", get_current_handle, nullptr, "In debug mode: the Handle that runs now."},
    {"_debug", get_debug_attribute, nullptr, "True in debug mode."},
    {"_closed", get_closed_attribute, nullptr, "True once closed."},
    {"_stopping", get_stopping_attribute, nullptr, "True once stop() was called."},
    {"_poller_name", get_poller_name, nullptr, "What waits for descriptors: 'epoll', 'libuv'; None once closed."},
    {"_thread_id", get_thread_id, nullptr, "The thread that runs it, or None."},
};

}  // namespace

const Layout event_loop_layout = {
    .name = "EventLoop", .module = "_asyncio", .kind = Kind::Native, .size = sizeof(EventLoop), .flags = kSubclassable,
    .base = nullptr, .trace = trace_loop, .finalize = finalize_loop, .ops = {},
    .methods = loop_methods, .method_count = std::size(loop_methods),
    .attributes = loop_attributes, .attribute_count = std::size(loop_attributes),
    .help = "Runs callbacks when their turn, their time or their descriptor has come."};

}  // namespace mini
