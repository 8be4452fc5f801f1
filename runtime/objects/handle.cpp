// SPDX-License-Identifier: MIT
#include "runtime/objects/handle.h"

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/context.h"
#include "runtime/objects/future.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Handle* self_handle(Value v) { return as<Handle>(v); }

void fill(Handle* handle, Object* loop, Value callback, Tuple* args, Object* context, uint32_t flags) {
  handle->extra = flags;
  handle->callback = callback;
  handle->args = args;
  handle->context = context;
  handle->loop = loop;
}

void trace_handle(Object* self, Marker& marker) {
  auto handle = static_cast<Handle*>(self);
  marker.mark(handle->callback);
  marker.mark_pointer(handle->args);
  marker.mark(handle->context);
  marker.mark(handle->loop);
}

// Handle(callback, args, loop, context=None)
Value handle_new(Thread& t, Value* args, size_t) {
  Value tuple = TRY(to_tuple(t, args[2]));
  auto handle = static_cast<Handle*>(allocate_object(t, as<Type>(args[0])));
  Object* context = is_context(args[4]) ? args[4].object : context_snapshot(t);
  fill(handle, args[3].is_object() ? args[3].object : nullptr, args[1], as<Tuple>(tuple), context, 0);
  return Value::of_object(handle);
}

// TimerHandle(when, callback, args, loop, context=None)
Value timer_handle_new(Thread& t, Value* args, size_t) {
  double when = 0;
  if (!to_double(t, args[1], when)) return Value::raised();
  Value tuple = TRY(to_tuple(t, args[3]));
  auto handle = static_cast<TimerHandle*>(allocate_object(t, as<Type>(args[0])));
  Object* context = is_context(args[5]) ? args[5].object : context_snapshot(t);
  fill(handle, args[4].is_object() ? args[4].object : nullptr, args[2], as<Tuple>(tuple), context, kHandleIsTimer);
  handle->when = when;
  return Value::of_object(handle);
}

Value handle_cancel_row(Thread&, Value* args, size_t) {
  handle_cancel(self_handle(args[0]));
  return Value::none();
}

Value handle_cancelled(Thread&, Value* args, size_t) { return Value::of_bool(self_handle(args[0])->is_cancelled()); }

Value handle_run(Thread& t, Value* args, size_t) { return run_handle(t, self_handle(args[0])); }

Value handle_repr(Thread& t, Value self) {
  return call(t, TRY(asyncio_function(t, "format_helpers", "_handle_repr")), {self});
}

// A sleep's timer has its future as its callback; seen from outside it is a call of a function with it.
Value handle_callback(Thread& t, Value self) {
  Value callback = self_handle(self)->callback;
  return is_future(callback) ? asyncio_function(t, "tasks", "_set_result_unless_cancelled") : callback;
}
Value handle_args(Thread& t, Value self) {
  Handle* handle = self_handle(self);
  if (handle->is_cancelled()) return Value::none();
  if (is_future(handle->callback)) return Value::of_object(make_tuple(t, {handle->callback, Value::none()}));
  return Value::of_object(handle->args ? handle->args : t.interpreter->empty_tuple);
}
Value handle_loop(Thread&, Value self) {
  Object* loop = self_handle(self)->loop;
  return loop ? Value::of_object(loop) : Value::none();
}
Value handle_get_context(Thread& t, Value* args, size_t) {
  Handle* handle = self_handle(args[0]);
  Context* context = full_context(t, handle->context);
  handle->context = context;
  return Value::of_object(context);
}
Value handle_context(Thread& t, Value self) { return handle_get_context(t, &self, 1); }
Value handle_is_cancelled(Thread&, Value self) { return Value::of_bool(self_handle(self)->is_cancelled()); }
Value handle_source_traceback(Thread&, Value) { return Value::none(); }

double when_of(Value v) { return as<TimerHandle>(v)->when; }
Value timer_when(Thread&, Value* args, size_t) { return Value::of_float(when_of(args[0])); }
Value timer_when_attribute(Thread&, Value self) { return Value::of_float(when_of(self)); }
Value timer_is_scheduled(Thread&, Value self) { return Value::of_bool(as<TimerHandle>(self)->extra & kHandleScheduled); }
Value timer_future(Thread&, Value self) { return is_future(self_handle(self)->callback) ? self_handle(self)->callback : Value::none(); }
Value timer_hash(Thread&, Value self) { return Value::of_int(hash_double(when_of(self))); }

bool is_timer(Value v) { return v.is_object() && type_of(v.object)->layout == &timer_handle_layout; }

Value timer_equal(Thread& t, Value a, Value b) {
  auto x = as<TimerHandle>(a), y = as<TimerHandle>(b);
  if (x->when != y->when || x->is_cancelled() != y->is_cancelled()) return Value::of_bool(false);
  if (!TRY(equal_values(t, x->callback, y->callback)).is_true()) return Value::of_bool(false);
  return equal_values(t, TRY(handle_args(t, a)), TRY(handle_args(t, b)));
}

Value timer_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_timer(a) || !is_timer(b)) return t.interpreter->not_implemented;
  switch (op) {
    case CompareOp::Lt: return Value::of_bool(when_of(a) < when_of(b));
    case CompareOp::Gt: return Value::of_bool(when_of(a) > when_of(b));
    case CompareOp::Le: return when_of(a) < when_of(b) ? Value::of_bool(true) : timer_equal(t, a, b);
    case CompareOp::Ge: return when_of(a) > when_of(b) ? Value::of_bool(true) : timer_equal(t, a, b);
    case CompareOp::Eq: return timer_equal(t, a, b);
    case CompareOp::Ne: return Value::of_bool(!TRY(timer_equal(t, a, b)).is_true());
  }
  MINI_UNREACHABLE();
}

constexpr NativeRow handle_methods[] = {
    {"__new__", handle_new, "(cls, callback, args, loop, context=None)", "A callback that a loop will run.", Binding::Static},
    {"cancel", handle_cancel_row, "(self)", "The callback will not run."},
    {"cancelled", handle_cancelled, "(self)", "True when it was cancelled."},
    {"get_context", handle_get_context, "(self)", "The context that the callback runs in."},
    {"_run", handle_run, "(self)", "Runs the callback now."},
};
constexpr AttributeRow handle_attributes[] = {
    {"_callback", handle_callback, nullptr, "The callable; None once cancelled."},
    {"_args", handle_args, nullptr, "Its arguments; None once cancelled."},
    {"_loop", handle_loop, nullptr, "The loop."},
    {"_context", handle_context, nullptr, "The context that the callback runs in."},
    {"_cancelled", handle_is_cancelled, nullptr, "True when it was cancelled."},
    {"_source_traceback", handle_source_traceback, nullptr, "None: where it was made is not recorded."},
};
constexpr NativeRow timer_handle_methods[] = {
    {"__new__", timer_handle_new, "(cls, when, callback, args, loop, context=None)", "A callback that a loop will run later.",
     Binding::Static},
    {"when", timer_when, "(self)", "When it is due, in the loop's time."},
};
constexpr AttributeRow timer_handle_attributes[] = {
    {"_future", timer_future, nullptr, "What a sleep waits for; None in other timers."},
    {"_when", timer_when_attribute, nullptr, "When it is due, in the loop's time."},
    {"_scheduled", timer_is_scheduled, nullptr, "True while the loop waits for it."},
};

}  // namespace

Handle* make_handle(Thread& t, Object* loop, Value callback, Tuple* args, Object* context) {
  auto handle = t.heap->make<Handle>(async_state(t).handle_shape);
  fill(handle, loop, callback, args, context, 0);
  return handle;
}

TimerHandle* make_timer_handle(Thread& t, Object* loop, double when, Value callback, Tuple* args, Object* context) {
  auto handle = t.heap->make<TimerHandle>(async_state(t).timer_handle_shape);
  fill(handle, loop, callback, args, context, kHandleIsTimer);
  handle->when = when;
  return handle;
}

void handle_cancel(Handle* handle) {
  if (handle->is_cancelled()) return;
  if (handle->extra & kHandleScheduled) timer_was_cancelled(handle);
  handle->extra |= kHandleCancelled;
  handle->callback = Value::none();
  handle->args = nullptr;
  handle->context = nullptr;
}

Value run_handle(Thread& t, Handle* handle) {
  if (is_future(handle->callback)) {   // the timer of sleep()
    auto future = as<Future>(handle->callback);
    return future_is_done(future) ? Value::none() : future_set_result(t, future, Value::none());
  }
  ContextScope scope(t);
  TRY(scope.enter(handle->context));
  Tuple* args = handle->args;
  Value result = args ? call(t, handle->callback, args->items, args->length) : call(t, handle->callback);
  handle->context = scope.leave();
  return result.is_raised() ? result : Value::none();
}

const Layout handle_layout = {
    .name = "Handle", .module = "asyncio", .kind = Kind::Native, .size = sizeof(Handle), .flags = kSubclassable,
    .base = nullptr, .trace = trace_handle, .finalize = nullptr, .ops = {.repr = handle_repr},
    .methods = handle_methods, .method_count = std::size(handle_methods),
    .attributes = handle_attributes, .attribute_count = std::size(handle_attributes),
    .help = "A callback that waits for its turn in an event loop."};

const Layout timer_handle_layout = {
    .name = "TimerHandle", .module = "asyncio", .kind = Kind::Native, .size = sizeof(TimerHandle), .flags = kSubclassable,
    .base = &handle_layout, .trace = trace_handle, .finalize = nullptr,
    .ops = {.repr = handle_repr, .hash = timer_hash, .compare = timer_compare},
    .methods = timer_handle_methods, .method_count = std::size(timer_handle_methods),
    .attributes = timer_handle_attributes, .attribute_count = std::size(timer_handle_attributes),
    .help = "A callback that waits for its time in an event loop."};

}  // namespace mini
