// SPDX-License-Identifier: MIT
// _asyncio: the native part of asyncio. The package itself is runtime/lib/asyncio/*.mini.
#include <cmath>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/loop/event_loop.h"
#include "runtime/loop/loop_report.h"
#include "runtime/loop/stream_reader.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/context.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/future.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/task.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value none_if_empty(Value v) { return v.is_empty() ? Value::none() : v; }

Value running_loop(Thread& t) {
  if (t.running_loop_object.is_object()) return t.running_loop_object;
  return raise(t, ErrorType::RuntimeError, "no running event loop");
}

Value get_running_loop(Thread& t, Value*, size_t) { return running_loop(t); }
Value get_running_loop_or_none(Thread& t, Value*, size_t) { return none_if_empty(t.running_loop_object); }

Value set_running_loop(Thread& t, Value* args, size_t) {
  t.running_loop_object = args[0].is_none() ? Value::empty() : args[0];
  return Value::none();
}

// current_task(loop=None)
Value current_task(Thread& t, Value* args, size_t) {
  Value loop = none_if_empty(args[0]);
  if (loop.is_none()) loop = TRY(running_loop(t));
  if (loop.is_object() && is_event_loop(loop.object)) {
    Task* task = loop_state(loop.object).current_task;
    return task ? Value::of_object(task) : Value::none();
  }
  return none_if_empty(TRY(dict_get_item(t, async_state(t).foreign_current, loop)));
}

// create_task(coro, *, name=None, context=None)
Value create_task(Thread& t, Value* args, size_t) {
  Value loop = TRY(running_loop(t));
  bool is_plain = args[1].is_empty() && args[2].is_empty();
  if (is_plain) return loop_create_task(t, loop.object, args[0]);
  Value name = none_if_empty(args[1]), context = none_if_empty(args[2]);
  Value create = TRY(get_attribute(t, loop, "create_task"));
  Value call_args[] = {args[0], context};
  Tuple* keywords = context.is_none() ? nullptr : make_tuple(t, {str_value(intern(t, "context"))});
  Value task = TRY(call(t, create, call_args, 1, keywords));
  if (!name.is_none()) TRY(call_method(t, task, intern(t, "set_name"), {name}));
  return task;
}

// ensure_future(coro_or_future, *, loop=None)
Value ensure_future_row(Thread& t, Value* args, size_t) {
  return ensure_future(t, args[0], args[1].is_object() ? args[1].object : nullptr);
}

// gather(*coros_or_futures, return_exceptions=False)
Value gather_row(Thread& t, Value* args, size_t argc) {
  bool returns_exceptions = !args[0].is_empty() && TRY(truth(t, args[0])).is_true();
  return gather(t, args + 1, argc - 1, returns_exceptions);
}

Value set_result_unless_cancelled(Thread& t, Value* args, size_t) {
  if (args[0].is_object() && is_plain_future(args[0].object)) {
    auto f = as<Future>(args[0]);
    if (future_state(f) == FutureState::Cancelled) return Value::none();
    if (future_is_done(f)) return raise_invalid_state(t, "invalid state");
    return future_set_result(t, f, args[1]);
  }
  if (TRY(truth(t, TRY(call_method(t, args[0], intern(t, "cancelled"))))).is_true()) return Value::none();
  return call_method(t, args[0], intern(t, "set_result"), {args[1]});
}

// _release_waiter(waiter, *args): sets the result None unless it is done.
Value release_waiter(Thread& t, Value* args, size_t) {
  if (args[0].is_object() && is_plain_future(args[0].object)) {
    auto f = as<Future>(args[0]);
    return future_is_done(f) ? Value::none() : future_set_result(t, f, Value::none());
  }
  if (TRY(truth(t, TRY(call_method(t, args[0], intern(t, "done"))))).is_true()) return Value::none();
  return call_method(t, args[0], intern(t, "set_result"), {Value::none()});
}

// (qualified name, state, file, line where it was defined, line where it is) of a coroutine or generator; None for others.
Value coroutine_info(Thread& t, Value* args, size_t) {
  if (!is_generator_like(args[0])) return Value::none();
  constexpr const char* states[] = {"created", "running", "suspended", "closed"};
  auto g = as<Generator>(args[0]);
  Code* code = g->code;
  int64_t line = code->first_line;
  if (g->state != GeneratorState::Created) ensure_frame(t, g);
  if (g->frame && g->state != GeneratorState::Created) {
    size_t at = static_cast<size_t>(g->frame->ip - code->instructions.data());
    if (at > 0) --at;
    if (at < code->ranges.size()) line = code->ranges[at].line;
  }
  return Value::of_object(make_tuple(t, {str_value(generator_qualified_name(g)), str_value(intern(t, states[static_cast<int>(g->state)])),
                                         str_value(code->file_name), Value::of_int(code->first_line), Value::of_int(line)}));
}

// _start_sleep(delay): the timer of a sleep on the running loop, which completes the timer's `_future`. None where the loop wants to see
// the calls that asyncio.sleep makes.
Value start_sleep(Thread& t, Value* args, size_t) {
  Value loop = TRY(running_loop(t));
  if (!is_event_loop(loop.object)) return Value::none();
  LoopState& state = loop_state(loop.object);
  double delay;
  bool is_plain = !state.has_own_timers && !state.is_debug && !state.is_closed && (args[0].is_int() || args[0].is_float());
  if (!is_plain || !to_double(t, args[0], delay) || std::isnan(delay)) return Value::none();
  Future* future = make_future(t, loop.object);
  TimerHandle* timer = make_timer_handle(t, loop.object, state.now() + delay, Value::of_object(future), nullptr, nullptr);
  state.timers.push(timer);
  return Value::of_object(timer);
}

// _loop_report(loop): what the loop has before it, as text.
Value loop_report_row(Thread& t, Value* args, size_t) {
  return str_value(make_str(t, args[0].is_object() ? loop_report(args[0].object) : ""));
}

Value task_origin_row(Thread& t, Value* args, size_t) {
  if (!is_future(args[0]) || !(args[0].object->extra & kFutureIsTask)) return Value::none();
  std::string place = task_origin(t, as<Task>(args[0]));
  return place.empty() ? Value::none() : str_value(make_str(t, place));
}

Value task_tree_row(Thread& t, Value* args, size_t) {
  return str_value(make_str(t, args[0].is_object() ? task_tree(args[0].object, "") : ""));
}

// _mark_awaitable(function): generators that the generator function makes may be awaited (types.coroutine).
Value mark_awaitable(Thread& t, Value* args, size_t) {
  bool is_generator_function = is_kind(args[0], Kind::Function) && (as<Function>(args[0])->code->code_flags & kCodeGenerator);
  if (!is_generator_function) return raise(t, ErrorType::TypeError, "a generator function is expected, not {}", type_name(t, args[0]));
  args[0].object->flags |= kFrozenBySelf;
  return args[0];
}

// Tasks of `loop` that are not done; of loops that are not ours too.
Value all_tasks(Thread& t, Value* args, size_t) {
  if (args[0].is_object() && is_event_loop(args[0].object)) return call_method(t, args[0], intern(t, "_tasks"));
  List* list = make_list(t);
  for (Task* task = async_state(t).foreign_tasks; task; task = task->next_task)
    if (Value::of_object(task->loop).is_same(args[0])) list_push(t, list, Value::of_object(task));
  return Value::of_object(list);
}

// Third parties' tasks, which make themselves known.
Value register_foreign(Thread& t, Value* args, size_t) {
  list_push(t, as<List>(async_state(t).task_types), args[0]);
  return Value::none();
}

Value unregister_foreign(Thread& t, Value* args, size_t) {
  auto list = as<List>(async_state(t).task_types);
  for (uint64_t i = 0; i < list->length; ++i) {
    if (!list->items[i].is_same(args[0])) continue;
    store(list, list->items[i], list->items[list->length - 1]);
    --list->length;
    break;
  }
  return Value::none();
}

Value foreign_tasks(Thread& t, Value*, size_t) { return to_list(t, async_state(t).task_types); }

Value raise_task_mismatch(Thread& t, const char* format, Value task, Value current) {
  Str* mine = to_repr(t, task);
  if (!mine) return Value::raised();
  Str* other = to_repr(t, current);
  if (!other) return Value::raised();
  return raise_text(t, ErrorType::RuntimeError, fmt::format(fmt::runtime(format), to_utf8(mine), to_utf8(other)));
}

// _enter_task(loop, task) and _leave_task(loop, task), for tasks of third parties.
Value enter_task_row(Thread& t, Value* args, size_t) {
  Value current = TRY(current_task(t, args, 1));
  if (!current.is_none())
    return raise_task_mismatch(t, "Cannot enter into task {} while another task {} is being executed.", args[1], current);
  if (is_event_loop(args[0].object) && is_future(args[1])) {
    loop_state(args[0].object).current_task = as<Task>(args[1]);
    return Value::none();
  }
  return dict_set_item(t, async_state(t).foreign_current, args[0], args[1]);
}

Value leave_task_row(Thread& t, Value* args, size_t) {
  Value current = TRY(current_task(t, args, 1));
  if (!current.is_same(args[1]))
    return raise_task_mismatch(t, "Leaving task {} does not match the current task {}.", args[1], current);
  if (is_event_loop(args[0].object)) {
    loop_state(args[0].object).current_task = nullptr;
    return Value::none();
  }
  TRY(dict_delete_item(t, async_state(t).foreign_current, args[0]));
  return Value::none();
}

// The awaitable of sleep(0): yields None once.
struct BareYield : Object {};   // `extra`: 1 once it yielded

Value bare_yield_next(Thread&, Value self) {
  if (self.object->extra) return Value::empty();
  self.object->extra = 1;
  return Value::none();
}

const Layout bare_yield_layout = {
    .name = "BareYield", .module = "_asyncio", .kind = Kind::Native, .size = sizeof(BareYield), .flags = kNoInstantiation,
    .ops = {.iterate = iterate_self, .next = bare_yield_next, .await = iterate_self},
    .help = "Gives the loop one turn."};

Value bare_yield(Thread& t, Value*, size_t) {
  auto made = t.heap->make<BareYield>(async_state(t).bare_yield_shape);
  made->extra = 0;
  return Value::of_object(made);
}

constexpr NativeRow functions[] = {
    {"get_running_loop", get_running_loop, "()", "The loop that runs on this thread; RuntimeError when none does."},
    {"_get_running_loop", get_running_loop_or_none, "()", "The loop that runs on this thread, or None."},
    {"_set_running_loop", set_running_loop, "(loop, /)", "Makes `loop` the one that runs on this thread."},
    {"current_task", current_task, "(loop=None)", "The task that runs now, or None."},
    {"create_task", create_task, "(coro, *, name=None, context=None)", "Schedules a coroutine as a Task of the running loop."},
    {"ensure_future", ensure_future_row, "(coro_or_future, *, loop=None)", "A Future for anything that can be awaited."},
    {"gather", gather_row, "(*coros_or_futures, return_exceptions=False)", "A future for the list of all results."},
    {"_set_result_unless_cancelled", set_result_unless_cancelled, "(fut, result, /)", "fut.set_result(result) unless cancelled."},
    {"_release_waiter", release_waiter, "(waiter, /, *args)", "waiter.set_result(None) unless done."},
    {"_coroutine_info", coroutine_info, "(coro, /)", "Where a coroutine is, for its repr."},
    {"_start_sleep", start_sleep, "(delay, /)", "The timer of a sleep on the running loop, or None."},
    {"_loop_report", loop_report_row, "(loop, /)", "Tasks, ready callbacks, timers and descriptors of a loop, as text."},
    {"_task_origin", task_origin_row, "(task, /)", "Where the task's coroutine was made, or None."},
    {"_task_tree", task_tree_row, "(loop, /)", "The tasks of a loop that are not done, as text: below each what it awaits."},
    {"_mark_awaitable", mark_awaitable, "(function, /)", "Lets the generators of a generator function be awaited."},
    {"_all_tasks", all_tasks, "(loop, /)", "The tasks of a loop that are not done."},
    {"_foreign_tasks", foreign_tasks, "()", "What _register_task was given."},
    {"_register_task", register_foreign, "(task)", "Makes a third party's task known."},
    {"_unregister_task", unregister_foreign, "(task)", "Undoes _register_task."},
    {"_enter_task", enter_task_row, "(loop, task)", "Says that `task` runs now."},
    {"_leave_task", leave_task_row, "(loop, task)", "Undoes _enter_task."},
    {"_bare_yield", bare_yield, "()", "An awaitable that gives the loop one turn."},
};

Value setup(Thread& t, Module* m) {
  AsyncState& state = async_state(t);
  state.bare_yield_shape = native_type(t, bare_yield_layout)->root_shape;
  for (const Layout* layout : {&future_layout, &task_layout, &handle_layout, &timer_handle_layout, &event_loop_layout,
                               &gathering_future_layout, &stream_reader_layout})
    module_add_type(t, m, *layout);
  module_set(t, m, "_has_libuv", Value::of_bool(has_libuv()));
  module_set(t, m, "CancelledError", Value::of_object(state.cancelled_error));
  module_set(t, m, "InvalidStateError", Value::of_object(state.invalid_state_error));
  return Value::none();
}

}  // namespace

extern const NativeModule asyncio_module;
const NativeModule asyncio_module = {
    .name = "_asyncio", .functions = functions, .function_count = std::size(functions), .setup = setup,
    .help = "The native part of asyncio."};

}  // namespace mini
