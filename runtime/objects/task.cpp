// SPDX-License-Identifier: MIT
#include "runtime/objects/task.h"

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/thread_report.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/context.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/future_parts.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/schedule.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Task* self_task(Value v) { return as<Task>(v); }
Value object_or_none(Object* o) { return o ? Value::of_object(o) : Value::none(); }

std::string repr_text(Thread& t, Value v) {
  Str* text = to_repr(t, v);
  if (text) return to_utf8(text);
  (void)take_exception(t);
  return "<unprintable>";
}

Value schedule_step(Thread& t, Task* task, Object* exception) {
  return schedule(t, task->loop, {task, exception, nullptr, ReadyKind::TaskStep});
}

// The next step raises RuntimeError(message) at the point where the coroutine waits.
template <class... Args>
Value schedule_error(Thread& t, Task* task, fmt::format_string<Args...> text, Args&&... args) {
  Value message = str_value(make_str(t, fmt::format(text, std::forward<Args>(args)...)));
  Value error = TRY(call(t, Value::of_object(error_type(t, ErrorType::RuntimeError)), {message}));
  return schedule_step(t, task, error.object);
}

// Resumes the coroutine, whatever it is: a script coroutine or generator, or an object with `send` and `throw`.
Resumption resume_coroutine(Thread& t, Task* task, Value exception) {
  Value coroutine = Value::of_object(task->coroutine);
  if (MINI_LIKELY(is_generator_like(coroutine))) {
    auto generator = as<Generator>(coroutine);
    return exception.is_empty() ? resume(t, generator, Value::none()) : resume_raising(t, generator, exception);
  }
  Value sent = exception.is_empty() ? call_method(t, coroutine, names(t).send, {Value::none()})
                                    : call_method(t, coroutine, names(t).throw_, {exception});
  if (!sent.is_raised()) return {Outcome::Yielded, sent};
  if (!exception_matches(t, ErrorType::StopIteration)) return {Outcome::Raised, sent};
  Value value = get_attribute(t, take_exception(t), names(t).value);
  return {value.is_raised() ? Outcome::Raised : Outcome::Returned, value};
}

Value finish_with_result(Thread& t, Task* task, Value result) {
  unregister_task(t, task);
  if (task->extra & kTaskMustCancel) {   // cancel() was called during the last step
    task->extra &= ~kTaskMustCancel;
    return future_set_cancelled(t, task, task->value.is_empty() ? Value::none() : task->value);
  }
  return future_set_result(t, task, result);
}

Value finish_with_exception(Thread& t, Task* task) {
  Value exception = take_exception(t);
  unregister_task(t, task);
  if (is_cancelled_error(t, exception)) return future_set_cancelled(t, task, Value::none(), exception.object);
  TRY(future_set_exception(t, task, exception));
  bool leaves_loop = is_instance_of_error(t, exception, ErrorType::KeyboardInterrupt) ||
                     is_instance_of_error(t, exception, ErrorType::SystemExit);
  return leaves_loop ? raise_value(t, exception) : Value::none();
}

// The task waits: cancel the future at once if a cancellation came during the step.
Value start_waiting(Thread& t, Task* task, Object* waiter, bool is_ours) {
  task->waiter = waiter;
  note_write(task);
  if (task->place) task->extra |= kTaskWaitedAgain;
  else note_waiting(t, task);
  if (!(task->extra & kTaskMustCancel)) return Value::none();
  Value message = task->value.is_empty() ? Value::none() : task->value;
  Value cancelled;
  if (is_ours) {
    cancelled = TRY(future_cancel(t, static_cast<Future*>(waiter), message));
  } else {
    cancelled = TRY(truth(t, TRY(call_method(t, Value::of_object(waiter), intern(t, "cancel")))));
  }
  if (cancelled.is_true()) task->extra &= ~kTaskMustCancel;
  return Value::none();
}

// For futures that are not ours, or whose class has methods of its own. The wake-up enters the task's context itself, so it is given
// an empty one.
Value add_wakeup_by_method(Thread& t, Task* task, Value future) {
  Value method = TRY(get_attribute(t, future, "add_done_callback"));
  Value args[] = {make_future_call(t, Value::of_object(task)), Value::of_object(full_context(t, nullptr))};
  return call(t, method, args, 1, make_tuple(t, {str_value(intern(t, "context"))}));
}

Value wait_for_future(Thread& t, Task* task, Future* future) {
  Value shown = Value::of_object(future);
  if (future->loop != task->loop)
    return schedule_error(t, task, "Task {} got Future {} attached to a different loop", repr_text(t, Value::of_object(task)),
                          repr_text(t, shown));
  if (!(future->extra & kFutureIsAwaited))
    return schedule_error(t, task, "yield was used instead of yield from in task {} with {}",
                          repr_text(t, Value::of_object(task)), repr_text(t, shown));
  if (future == task) return schedule_error(t, task, "Task cannot await on itself: {}", repr_text(t, shown));
  future->extra &= ~kFutureIsAwaited;
  if (is_plain_future(future)) {
    TRY(future_add_callback(t, future, Value::of_object(task), nullptr));
  } else {
    TRY(add_wakeup_by_method(t, task, shown));
  }
  return start_waiting(t, task, future, true);
}

// Yielded something that is no Future of ours: maybe somebody else's, else a mistake.
Value handle_other_yield(Thread& t, Task* task, Value yielded) {
  Value self = Value::of_object(task);
  Value blocking = TRY(get_attribute_or_empty(t, yielded, intern(t, "_asyncio_future_blocking")));
  if (!blocking.is_empty() && !blocking.is_none()) {
    Value loop = TRY(call(t, TRY(asyncio_function(t, "futures", "_get_loop")), {yielded}));
    if (!loop.is_same(Value::of_object(task->loop)))
      return schedule_error(t, task, "Task {} got Future {} attached to a different loop", repr_text(t, self),
                            repr_text(t, yielded));
    if (!TRY(truth(t, blocking)).is_true())
      return schedule_error(t, task, "yield was used instead of yield from in task {} with {}", repr_text(t, self),
                            repr_text(t, yielded));
    TRY(set_attribute(t, yielded, intern(t, "_asyncio_future_blocking"), Value::of_bool(false)));
    TRY(add_wakeup_by_method(t, task, yielded));
    return start_waiting(t, task, yielded.object, false);
  }
  if (is_kind(yielded, Kind::Generator))
    return schedule_error(t, task, "yield was used instead of yield from for generator in task {} with {}", repr_text(t, self),
                          repr_text(t, yielded));
  return schedule_error(t, task, "Task got bad yield: {}", repr_text(t, yielded));
}

Value handle_outcome(Thread& t, Task* task, const Resumption& resumption) {
  switch (resumption.outcome) {
    case Outcome::Returned: return finish_with_result(t, task, resumption.value);
    case Outcome::Raised: return finish_with_exception(t, task);
    case Outcome::Yielded: break;
  }
  if (resumption.value.is_none()) return schedule_step(t, task, nullptr);
  if (is_future(resumption.value)) return wait_for_future(t, task, as<Future>(resumption.value));
  return handle_other_yield(t, task, resumption.value);
}

void trace_task(Object* self, Marker& marker) {
  trace_future(self, marker);
  auto task = static_cast<Task*>(self);
  marker.mark(task->coroutine);
  marker.mark(task->waiter);
  marker.mark(task->task_context);
  marker.mark_pointer(task->name);
}

void init_task(Task* task) {
  task->extra = kFutureIsTask;
  init_future(task, nullptr);
  task->coroutine = task->waiter = task->task_context = nullptr;
  task->name = nullptr;
  task->number = task->cancel_requests = task->place = 0;
  task->next_task = task->previous_task = nullptr;
}

// Binds a task to its coroutine and schedules its first step.
Value start_task(Thread& t, Task* task, Object* loop, Value coroutine, Object* context, Value name) {
  task->loop = loop;
  task->coroutine = coroutine.object;
  task->task_context = context;
  note_write(task);
  if (name.is_none()) {
    task->number = async_state(t).next_task_number++;
  } else {
    task->name = to_str(t, name);
    note_write(task);
    if (!task->name) return Value::raised();
  }
  TRY(schedule_step(t, task, nullptr));
  register_task(t, task);
  return Value::of_object(task);
}

Value raise_not_coroutine(Thread& t, Value v) {
  return raise(t, ErrorType::TypeError, "a coroutine was expected, got {}", repr_text(t, v));
}

// What scripts call

Value task_new(Thread& t, Value* args, size_t) {
  auto task = static_cast<Task*>(allocate_object(t, as<Type>(args[0])));
  init_task(task);
  return Value::of_object(task);
}

// __init__(self, coro, *, loop=None, name=None, context=None)
Value task_init(Thread& t, Value* args, size_t) {
  Task* task = self_task(args[0]);
  if (task->coroutine) return raise(t, ErrorType::RuntimeError, "a task cannot be initialised twice");
  Value loop = args[2];
  if (loop.is_empty() || loop.is_none()) loop = TRY(default_event_loop(t));
  if (!loop.is_object()) return raise(t, ErrorType::TypeError, "an event loop is required, not '{}'", type_name(t, loop));
  if (!is_coroutine(t, args[1])) return raise_not_coroutine(t, args[1]);
  Object* context = is_context(args[4]) ? args[4].object : context_snapshot(t);
  TRY(start_task(t, task, loop.object, args[1], context, args[3].is_empty() ? Value::none() : args[3]));
  return Value::none();
}

Value task_cancel_row(Thread& t, Value* args, size_t) {
  return task_cancel(t, self_task(args[0]), args[1].is_empty() ? Value::none() : args[1]);
}

Value task_cancelling(Thread&, Value* args, size_t) { return Value::of_int(self_task(args[0])->cancel_requests); }

Value task_uncancel(Thread&, Value* args, size_t) {
  Task* task = self_task(args[0]);
  if (task->cancel_requests > 0) --task->cancel_requests;
  return Value::of_int(task->cancel_requests);
}

Value task_get_name(Thread& t, Value* args, size_t) { return task_name(t, self_task(args[0])); }

Value task_set_name(Thread& t, Value* args, size_t) {
  Str* name = to_str(t, args[1]);
  if (!name) return Value::raised();
  self_task(args[0])->name = name;
  note_write(args[0].object);
  return Value::none();
}

Value task_get_coro(Thread&, Value* args, size_t) { return object_or_none(self_task(args[0])->coroutine); }

Value task_get_context(Thread& t, Value* args, size_t) {
  Task* task = self_task(args[0]);
  Context* context = full_context(t, task->task_context);
  task->task_context = context;
  note_write(task);
  return Value::of_object(context);
}

Value task_set_result(Thread& t, Value*, size_t) {
  return raise(t, ErrorType::RuntimeError, "Task does not support set_result operation");
}

Value task_set_exception(Thread& t, Value*, size_t) {
  return raise(t, ErrorType::RuntimeError, "Task does not support set_exception operation");
}

Value task_get_stack(Thread& t, Value* args, size_t) {
  return call(t, TRY(asyncio_function(t, "base_tasks", "_task_get_stack")), {args[0], args[1].is_empty() ? Value::none() : args[1]});
}

Value task_print_stack(Thread& t, Value* args, size_t) {
  Value print = TRY(asyncio_function(t, "base_tasks", "_task_print_stack"));
  return call(t, print, {args[0], args[1].is_empty() ? Value::none() : args[1], args[2].is_empty() ? Value::none() : args[2]});
}

Value task_repr(Thread& t, Value self) {
  ReprGuard guard(t, self.object);
  if (guard.is_recursive()) return str_value(make_str(t, "..."));
  return call(t, TRY(asyncio_function(t, "base_tasks", "_task_repr")), {self});
}

Value task_coroutine(Thread&, Value self) { return object_or_none(self_task(self)->coroutine); }
Value task_waiter(Thread&, Value self) { return object_or_none(self_task(self)->waiter); }
Value task_must_cancel(Thread&, Value self) { return Value::of_bool(self_task(self)->extra & kTaskMustCancel); }
Value task_log_destroy(Thread&, Value self) { return Value::of_bool(!(self_task(self)->extra & kTaskIsQuiet)); }
Value task_set_log_destroy(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::AttributeError, "cannot delete attribute");
  uint32_t& flags = self_task(self)->extra;
  flags = TRY(truth(t, v)).is_true() ? flags & ~kTaskIsQuiet : flags | kTaskIsQuiet;
  return Value::none();
}

constexpr NativeRow task_methods[] = {
    {"__new__", task_new, "(cls, *args, **kwargs)", "A new task.", Binding::Static},
    {"__init__", task_init, "(self, coro, *, loop=None, name=None, context=None)", "Schedules the coroutine on the loop."},
    {"cancel", task_cancel_row, "(self, msg=None)", "Asks the task to stop: CancelledError is raised in its coroutine."},
    {"cancelling", task_cancelling, "(self)", "How many times it was asked to cancel."},
    {"uncancel", task_uncancel, "(self)", "Takes one request to cancel back; returns how many remain."},
    {"get_name", task_get_name, "(self)", "The task's name."},
    {"set_name", task_set_name, "(self, value, /)", "Names the task."},
    {"get_coro", task_get_coro, "(self)", "The coroutine that it runs."},
    {"get_context", task_get_context, "(self)", "The context that it runs in."},
    {"set_result", task_set_result, "(self, result, /)", "Refused: a task's result comes from its coroutine."},
    {"set_exception", task_set_exception, "(self, exception, /)", "Refused: a task's exception comes from its coroutine."},
    {"get_stack", task_get_stack, "(self, *, limit=None)", "The frames where it is suspended."},
    {"print_stack", task_print_stack, "(self, *, limit=None, file=None)", "Prints where it is suspended."},
};

constexpr AttributeRow task_attributes[] = {
    {"_coro", task_coroutine, nullptr, "The coroutine that it runs."},
    {"_fut_waiter", task_waiter, nullptr, "The future that it waits for, or None."},
    {"_must_cancel", task_must_cancel, nullptr, "True when the next step raises CancelledError."},
    {"_log_destroy_pending", task_log_destroy, task_set_log_destroy, "Report it when it is destroyed while pending."},
};

// FutureCall

struct FutureCall : Object {
  Future* target;
  Object* exception;            // for a Task's next step
};

void trace_call(Object* self, Marker& marker) {
  marker.mark_pointer(static_cast<FutureCall*>(self)->target);
  marker.mark(static_cast<FutureCall*>(self)->exception);
}

Value run_call(Thread& t, Value self, Value* args, size_t argc, Tuple*) {
  auto c = as<FutureCall>(self);
  if (argc > 0 && (c->target->extra & kFutureIsGathering)) {
    if (!is_future(args[0])) return raise(t, ErrorType::TypeError, "a Future is expected");
    return gather_child_done(t, static_cast<GatheringFuture*>(c->target), as<Future>(args[0]));
  }
  auto task = static_cast<Task*>(c->target);
  if (argc > 0) return task_wakeup(t, task, args[0]);
  return task_step(t, task, c->exception ? Value::of_object(c->exception) : Value::empty());
}

Value compare_calls(Thread& t, CompareOp op, Value a, Value b) {
  bool are_calls = is_kind(a, Kind::Native) && is_kind(b, Kind::Native) && type_of(a.object) == type_of(b.object);
  if (!are_calls || (op != CompareOp::Eq && op != CompareOp::Ne)) return t.interpreter->not_implemented;
  return Value::of_bool((as<FutureCall>(a)->target == as<FutureCall>(b)->target) == (op == CompareOp::Eq));
}

Value call_qualname(Thread& t, Value self) {
  bool is_gather = as<FutureCall>(self)->target->extra & kFutureIsGathering;
  return str_value(make_str(t, is_gather ? "gather.<locals>._done_callback" : "Task.task_wakeup"));
}

Value call_self(Thread&, Value self) { return Value::of_object(as<FutureCall>(self)->target); }

constexpr AttributeRow call_attributes[] = {
    {"__qualname__", call_qualname, nullptr, "The name that shows in reprs."},
    {"__self__", call_self, nullptr, "The task."},
};

}  // namespace

Value make_task(Thread& t, Object* loop, Value coroutine, Object* context, Value name) {
  if (!is_coroutine(t, coroutine)) return raise_not_coroutine(t, coroutine);
  auto task = t.heap->make<Task>(async_state(t).task_shape);
  init_task(task);
  return start_task(t, task, loop, coroutine, context, name);
}

Value task_step(Thread& t, Task* task, Value exception) {
  if (future_is_done(task))
    return raise_invalid_state(t, fmt::format("__step(): already done: {} {}", repr_text(t, Value::of_object(task)),
                                              exception.is_empty() ? "None" : repr_text(t, exception)));
  if (MINI_UNLIKELY(task->extra & kTaskMustCancel)) {
    if (exception.is_empty() || !is_cancelled_error(t, exception)) exception = TRY(make_cancelled_error(t, task));
    task->extra &= ~kTaskMustCancel;
  }
  task->waiter = nullptr;
  TRY(enter_task(t, task));
  ContextScope scope(t);
  Value entered = scope.enter(task->task_context);
  if (entered.is_raised()) {
    leave_task(t, task);
    return entered;
  }
  Resumption resumption = resume_coroutine(t, task, exception);
  task->task_context = scope.leave();
  note_write(task);
  Value result = handle_outcome(t, task, resumption);
  leave_task(t, task);
  return result;
}

Value task_wakeup(Thread& t, Task* task, Value future) {
  if (MINI_LIKELY(future.is_object() && is_plain_future(future.object))) {
    auto f = as<Future>(future);
    if (MINI_LIKELY(future_state(f) == FutureState::Finished && !future_has_exception(f)))
      return task_step(t, task, Value::empty());
    if (!future_take_result(t, f).is_raised()) return task_step(t, task, Value::empty());
  } else if (!call_method(t, future, names(t).result).is_raised()) {
    return task_step(t, task, Value::empty());
  }
  return task_step(t, task, take_exception(t));
}

Value task_cancel(Thread& t, Task* task, Value message) {
  task->extra &= ~kFutureIsUnretrieved;
  if (future_is_done(task)) return Value::of_bool(false);
  ++task->cancel_requests;
  if (task->waiter) {
    Value waiter = Value::of_object(task->waiter);
    Value was_cancelled = is_future(waiter) ? TRY(future_cancel(t, as<Future>(waiter), message))
                                            : TRY(truth(t, TRY(call_method(t, waiter, intern(t, "cancel")))));
    // `waiter` stays: it may be a task that ignores the request, and is then cancelled again.
    if (was_cancelled.is_true()) return was_cancelled;
  }
  task->extra |= kTaskMustCancel;
  store(task, task->value, message);
  return Value::of_bool(true);
}

std::string task_origin(Thread& t, const Task* task) {
  Value coroutine = object_or_none(task->coroutine);
  if (!is_generator_like(coroutine)) return "";
  CodePlace place = place_of(*t.interpreter, as<Generator>(coroutine)->created_at);
  return !place.code || is_library(place.code) ? "" : place_text(place.code, place.ip);   // a server's own lines say nothing
}

Value task_name(Thread& t, Task* task) {
  if (!task->name) {
    task->name = make_str(t, fmt::format("Task-{}", task->number));
    note_write(task);
  }
  return str_value(task->name);
}

bool is_coroutine(Thread& t, Value v) {
  if (is_kind(v, Kind::Coroutine) || is_kind(v, Kind::Generator)) return true;
  if (!v.is_object()) return false;
  Value test = asyncio_function(t, "coroutines", "iscoroutine");
  if (!test.is_raised()) test = call(t, test, {v});
  if (test.is_raised()) (void)take_exception(t);
  return test.is_true();
}

Value run_future_item(Thread& t, const ReadyItem& item) {
  switch (item.kind) {
    case ReadyKind::TaskStep:
      return task_step(t, static_cast<Task*>(item.target), item.argument ? Value::of_object(item.argument) : Value::empty());
    case ReadyKind::TaskWakeup: return task_wakeup(t, static_cast<Task*>(item.target), Value::of_object(item.argument));
    case ReadyKind::GatherChild:
      return gather_child_done(t, static_cast<GatheringFuture*>(item.target), static_cast<Future*>(item.argument));
    case ReadyKind::Callback: {
      ContextScope scope(t);
      TRY(scope.enter(item.context));
      Value result = call(t, Value::of_object(item.target), {Value::of_object(item.argument)});
      scope.leave();
      return result;
    }
    case ReadyKind::Handle: break;
  }
  MINI_UNREACHABLE();
}

Value make_future_call(Thread& t, Value target, Object* exception) {
  auto c = make_native<FutureCall>(t, future_call_layout);
  c->target = as<Future>(target);
  c->exception = exception;
  return Value::of_object(c);
}

const Layout task_layout = {
    .name = "Task", .module = "_asyncio", .kind = Kind::Future, .size = sizeof(Task), .flags = kSubclassable,
    .base = &future_layout, .trace = trace_task, .finalize = nullptr, .ops = {.repr = task_repr},
    .methods = task_methods, .method_count = std::size(task_methods),
    .attributes = task_attributes, .attribute_count = std::size(task_attributes),
    .help = "A coroutine that runs on an event loop."};

const Layout future_call_layout = {
    .name = "TaskStepMethWrapper", .module = "_asyncio", .kind = Kind::Native, .size = sizeof(FutureCall), .flags = kNoInstantiation,
    .base = nullptr, .trace = trace_call, .finalize = nullptr, .ops = {.compare = compare_calls, .call = run_call},
    .methods = nullptr, .method_count = 0, .attributes = call_attributes, .attribute_count = std::size(call_attributes),
    .help = "Continues a task."};

}  // namespace mini
