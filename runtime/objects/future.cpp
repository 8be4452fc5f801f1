// SPDX-License-Identifier: MIT
#include "runtime/objects/future.h"

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/context.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/future_parts.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/schedule.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/task.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

Value object_or_none(Object* o) { return o ? Value::of_object(o) : Value::none(); }

Value schedule_callback(Thread& t, Future* f, Value callback, Object* context) {
  Object* target = callback.is_object() ? callback.object : nullptr;
  if (!target) return raise(t, ErrorType::TypeError, "'{}' object is not callable", type_name(t, callback));
  ReadyKind kind = ReadyKind::Callback;
  if (target->kind == Kind::Future) kind = target->extra & kFutureIsTask ? ReadyKind::TaskWakeup : ReadyKind::GatherChild;
  return schedule(t, f->loop, {target, f, context, kind});
}

// The future leaves Pending, and its callbacks are scheduled.
Value finish(Thread& t, Future* f, FutureState state, Object* spare) {
  Object* callbacks = f->callbacks;
  bool has_many = f->extra & kFutureHasMany;
  f->extra = (f->extra & ~(kFutureStateMask | kFutureHasMany)) | static_cast<uint32_t>(state);
  f->spare = spare;
  note_write(f);
  if (!callbacks) return Value::none();
  if (!has_many) return schedule_callback(t, f, Value::of_object(callbacks), nullptr);
  auto list = static_cast<List*>(callbacks);
  for (uint64_t i = 0; i + 1 < list->length; i += 2) {
    Value context = list->items[i + 1];
    TRY(schedule_callback(t, f, list->items[i], context.is_object() ? context.object : nullptr));
  }
  return Value::none();
}

bool check_initialised(Thread& t, const Future* f) {
  if (MINI_LIKELY(f->loop != nullptr)) return true;
  (void)raise(t, ErrorType::RuntimeError, "Future object is not initialized.");
  return false;
}

Value check_pending(Thread& t, const Future* f) {
  if (!check_initialised(t, f)) return Value::raised();
  return future_is_done(f) ? raise_invalid_state(t, "invalid state") : Value::none();
}

// What scripts call

Future* self_future(Value v) { return as<Future>(v); }

Value future_new(Thread& t, Value* args, size_t) {
  auto f = static_cast<Future*>(allocate_object(t, as<Type>(args[0])));
  init_future(f, nullptr);
  return Value::of_object(f);
}

// __init__(self, *, loop=None)
Value future_init(Thread& t, Value* args, size_t) {
  Value loop = args[1];
  if (loop.is_empty() || loop.is_none()) loop = TRY(default_event_loop(t));
  if (!loop.is_object()) return raise(t, ErrorType::TypeError, "an event loop is required, not '{}'", type_name(t, loop));
  init_future(self_future(args[0]), loop.object);
  return Value::none();
}

Value future_result_row(Thread& t, Value* args, size_t) {
  if (!check_initialised(t, self_future(args[0]))) return Value::raised();
  return future_take_result(t, self_future(args[0]));
}

Value future_exception_row(Thread& t, Value* args, size_t) {
  if (!check_initialised(t, self_future(args[0]))) return Value::raised();
  return future_exception(t, self_future(args[0]));
}

Value future_set_result_row(Thread& t, Value* args, size_t) {
  TRY(check_pending(t, self_future(args[0])));
  return future_set_result(t, self_future(args[0]), args[1]);
}

Value future_set_exception_row(Thread& t, Value* args, size_t) {
  TRY(check_pending(t, self_future(args[0])));
  Value exception = args[1];
  if (is_type_object(exception)) exception = TRY(call(t, exception));
  if (!is_exception(exception)) return raise(t, ErrorType::TypeError, "invalid exception object");
  if (type_of(exception.object) == error_type(t, ErrorType::StopIteration))
    return raise(t, ErrorType::TypeError, "StopIteration interacts badly with generators and cannot be raised into a Future");
  return future_set_exception(t, self_future(args[0]), exception);
}

Value future_cancel_row(Thread& t, Value* args, size_t) {
  Future* f = self_future(args[0]);
  if (!check_initialised(t, f)) return Value::raised();
  f->extra &= ~kFutureIsUnretrieved;
  if (future_is_done(f)) return Value::of_bool(false);
  TRY(future_set_cancelled(t, f, args[1].is_empty() ? Value::none() : args[1]));
  return Value::of_bool(true);
}

Value future_cancelled(Thread&, Value* args, size_t) {
  return Value::of_bool(future_state(self_future(args[0])) == FutureState::Cancelled);
}

Value future_done(Thread&, Value* args, size_t) { return Value::of_bool(future_is_done(self_future(args[0]))); }

Value future_get_loop(Thread& t, Value* args, size_t) {
  if (!check_initialised(t, self_future(args[0]))) return Value::raised();
  return Value::of_object(self_future(args[0])->loop);
}

// add_done_callback(self, fn, *, context=None)
Value future_add_done_callback(Thread& t, Value* args, size_t) {
  Future* f = self_future(args[0]);
  if (!check_initialised(t, f)) return Value::raised();
  Object* context = is_context(args[2]) ? args[2].object : context_snapshot(t);
  if (is_future(args[1])) return raise(t, ErrorType::TypeError, "'{}' object is not callable", type_name(t, args[1]));
  return future_add_callback(t, f, args[1], context);
}

// Comparing may run script code that changes the callbacks, so it works on a copy.
Value future_remove_done_callback(Thread& t, Value* args, size_t) {
  Future* f = self_future(args[0]);
  if (!future_has_callbacks(f)) return Value::of_int(0);
  ValueList all(t);
  for_each_callback(f, [&](Value callback, Object* context) {
    all.push(callback);
    all.push(object_or_none(context));
  });
  ValueList kept(t);
  int64_t removed = 0;
  for (size_t i = 0; i + 1 < all.size(); i += 2) {
    if (TRY(equal_values(t, all[i], args[1])).is_true()) {
      ++removed;
    } else {
      kept.push(all[i]);
      kept.push(all[i + 1]);
    }
  }
  if (!removed || future_is_done(f)) return Value::of_int(removed);
  f->extra &= ~kFutureHasMany;
  f->callbacks = nullptr;
  for (size_t i = 0; i + 1 < kept.size(); i += 2)
    TRY(future_add_callback(t, f, kept[i], kept[i + 1].is_object() ? kept[i + 1].object : nullptr));
  return Value::of_int(removed);
}

Value future_make_cancelled_error(Thread& t, Value* args, size_t) { return make_cancelled_error(t, self_future(args[0])); }

// Runs when nobody can reach the future any more: an exception that nobody asked for must not vanish.
Value future_del(Thread& t, Value* args, size_t) {
  Future* f = self_future(args[0]);
  if (!(f->extra & kFutureIsUnretrieved) || !f->loop) return Value::none();
  f->extra &= ~kFutureIsUnretrieved;
  Dict* context = make_dict(t);
  Str* text = make_str(t, fmt::format("{} exception was never retrieved", short_type_name(t, args[0])));
  dict_set(t, context, intern(t, "message"), str_value(text));
  dict_set(t, context, intern(t, "exception"), f->value);
  dict_set(t, context, intern(t, "future"), args[0]);
  if (f->extra & kFutureIsTask) {
    std::string place = task_origin(t, static_cast<Task*>(f));
    if (!place.empty()) dict_set(t, context, intern(t, "created_at"), str_value(make_str(t, place)));
  }
  return call_method(t, Value::of_object(f->loop), intern(t, "call_exception_handler"), {Value::of_object(context)});
}

Value future_repr(Thread& t, Value self) {
  ReprGuard guard(t, self.object);
  if (guard.is_recursive()) return str_value(make_str(t, "..."));
  return call(t, TRY(asyncio_function(t, "base_futures", "_future_repr")), {self});
}

// Attributes that asyncio's own Python code and debuggers use.

Value future_state_text(Thread& t, Value self) {
  constexpr const char* texts[] = {"PENDING", "CANCELLED", "FINISHED"};
  return str_value(intern(t, texts[static_cast<int>(future_state(self_future(self)))]));
}

Value future_result_attribute(Thread&, Value self) {
  Future* f = self_future(self);
  return future_state(f) == FutureState::Finished && !future_has_exception(f) ? f->value : Value::none();
}

Value future_exception_attribute(Thread&, Value self) {
  return future_has_exception(self_future(self)) ? self_future(self)->value : Value::none();
}

Value future_loop(Thread&, Value self) { return object_or_none(self_future(self)->loop); }

// The message of the last cancellation, also of one that was survived; None when there is none.
Value cancel_message(Future* f) {
  if (future_has_exception(f)) {
    bool has_message = f->spare && f->spare->kind == Kind::Tuple;
    return has_message ? static_cast<Tuple*>(f->spare)->items[1] : Value::none();
  }
  if (future_state(f) == FutureState::Finished) return object_or_none(f->spare);
  return f->value.is_empty() ? Value::none() : f->value;
}

// The traceback that the exception had when it was set: raising it again and again must not lengthen it.
Traceback* first_traceback(Future* f) {
  if (!f->spare || f->spare->kind == Kind::Traceback) return static_cast<Traceback*>(f->spare);
  Value first = static_cast<Tuple*>(f->spare)->items[0];
  return first.is_object() ? as<Traceback>(first) : nullptr;
}

Value future_cancel_message(Thread&, Value self) { return cancel_message(self_future(self)); }

Value future_blocking(Thread&, Value self) { return Value::of_bool(self_future(self)->extra & kFutureIsAwaited); }

Value future_set_blocking(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::AttributeError, "cannot delete attribute");
  uint32_t& flags = self_future(self)->extra;
  flags = TRY(truth(t, v)).is_true() ? flags | kFutureIsAwaited : flags & ~kFutureIsAwaited;
  return Value::none();
}

Value future_log_traceback(Thread&, Value self) { return Value::of_bool(self_future(self)->extra & kFutureIsUnretrieved); }

Value future_set_log_traceback(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::AttributeError, "cannot delete attribute");
  if (TRY(truth(t, v)).is_true()) return raise(t, ErrorType::ValueError, "_log_traceback can only be set to False");
  self_future(self)->extra &= ~kFutureIsUnretrieved;
  return Value::none();
}

// A callback as scripts see it: natives that wait show as what they are.
Value visible_callback(Thread& t, Value callback) { return is_future(callback) ? make_future_call(t, callback) : callback; }

Value future_callbacks(Thread& t, Value self) {
  Future* f = self_future(self);
  if (!future_has_callbacks(f)) return Value::none();
  List* list = make_list(t);
  for_each_callback(f, [&](Value callback, Object* context) {
    Value shown = visible_callback(t, callback);
    list_push(t, list, Value::of_object(make_tuple(t, {shown, Value::of_object(full_context(t, context))})));
  });
  return Value::of_object(list);
}

Value none_attribute(Thread&, Value) { return Value::none(); }

// The iterator behind `await future` and `yield from future`, for whoever drives a coroutine by hand; the VM itself does
// not use it.
struct FutureIterator : Object {
  Future* future;               // null: exhausted
};

void trace_iterator(Object* self, Marker& marker) { marker.mark_pointer(static_cast<FutureIterator*>(self)->future); }

Value future_iterate(Thread& t, Value self) {
  if (!check_initialised(t, self_future(self))) return Value::raised();
  auto it = make_native<FutureIterator>(t, future_iterator_layout);
  it->future = self_future(self);
  it->extra = 0;                // 1: it yielded the future already
  return Value::of_object(it);
}

Value iterator_send_none(Thread& t, Value self) {
  auto it = as<FutureIterator>(self);
  Future* f = it->future;
  if (!f) return Value::empty();
  if (!future_is_done(f)) {
    if (it->extra) return raise(t, ErrorType::RuntimeError, "await wasn't used with future");
    it->extra = 1;
    future_mark_awaited(f);
    return Value::of_object(f);
  }
  it->future = nullptr;
  Value result = TRY(future_take_result(t, f));
  return result.is_none() ? Value::empty() : raise_with_argument(t, ErrorType::StopIteration, result);
}

Value future_iterator_send(Thread& t, Value* args, size_t) {
  Value item = TRY(iterator_send_none(t, args[0]));
  return item.is_empty() ? raise_no_arguments(t, ErrorType::StopIteration) : item;
}

// throw(self, type, value=None, traceback=None)
Value future_iterator_throw(Thread& t, Value* args, size_t) {
  as<FutureIterator>(args[0])->future = nullptr;
  bool has_value = !args[2].is_empty() && !args[2].is_none();
  if (is_exception(args[1])) return raise_value(t, args[1]);
  if (!is_type_object(args[1])) return raise(t, ErrorType::TypeError, "exceptions must be classes deriving BaseException or instances of such a class");
  if (has_value && is_exception(args[2])) return raise_value(t, args[2]);
  return raise_value(t, TRY(has_value ? call(t, args[1], {args[2]}) : call(t, args[1])));
}

Value future_iterator_close(Thread&, Value* args, size_t) {
  as<FutureIterator>(args[0])->future = nullptr;
  return Value::none();
}

constexpr NativeRow future_iterator_methods[] = {
    {"send", future_iterator_send, "(self, value, /)", "Continues; the value is ignored."},
    {"throw", future_iterator_throw, "(self, type, value=None, traceback=None, /)", "Raises an exception here."},
    {"close", future_iterator_close, "(self, /)", "Ends the iteration."},
};

constexpr NativeRow future_methods[] = {
    {"__new__", future_new, "(cls, *args, **kwargs)", "A new, pending future.", Binding::Static},
    {"__init__", future_init, "(self, *, loop=None)", "Binds the future to a loop."},
    {"__del__", future_del, "(self)", "Reports an exception that nobody asked for."},
    {"result", future_result_row, "(self)", "The result; raises the exception instead if there is one."},
    {"exception", future_exception_row, "(self)", "The exception, or None."},
    {"set_result", future_set_result_row, "(self, result, /)", "Marks the future done with a result."},
    {"set_exception", future_set_exception_row, "(self, exception, /)", "Marks the future done with an exception."},
    {"add_done_callback", future_add_done_callback, "(self, fn, /, *, context=None)", "Calls fn(future) once it is done."},
    {"remove_done_callback", future_remove_done_callback, "(self, fn, /)", "Removes all of fn; returns how many."},
    {"cancel", future_cancel_row, "(self, msg=None)", "Cancels the future; False when it is done already."},
    {"cancelled", future_cancelled, "(self)", "True when it was cancelled."},
    {"done", future_done, "(self)", "True when it has a result, an exception or was cancelled."},
    {"get_loop", future_get_loop, "(self)", "The loop that it is bound to."},
    {"_make_cancelled_error", future_make_cancelled_error, "(self)", "The CancelledError to raise."},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "Future[int], for annotations.", Binding::Class},
};

constexpr AttributeRow future_attributes[] = {
    {"_state", future_state_text, nullptr, "PENDING, CANCELLED or FINISHED."},
    {"_result", future_result_attribute, nullptr, "The result, or None."},
    {"_exception", future_exception_attribute, nullptr, "The exception, or None."},
    {"_loop", future_loop, nullptr, "The loop."},
    {"_callbacks", future_callbacks, nullptr, "Pairs of callback and context, or None."},
    {"_cancel_message", future_cancel_message, nullptr, "The message given to cancel()."},
    {"_asyncio_future_blocking", future_blocking, future_set_blocking, "Set by `await`, cleared by the task."},
    {"_log_traceback", future_log_traceback, future_set_log_traceback, "True until somebody asks for the exception."},
    {"_source_traceback", none_attribute, nullptr, "None: where it was made is not recorded."},
};


}  // namespace

void trace_future(Object* self, Marker& marker) {
  auto f = static_cast<Future*>(self);
  marker.mark(f->loop);
  marker.mark(f->value);
  marker.mark(f->callbacks);   // or `spare`
}

bool is_plain_future(const Object* o) { return o->kind == Kind::Future && !(type_of(o)->type_flags & kTypeIsScript); }

void init_future(Future* f, Object* loop) {
  f->extra &= kFutureIsTask | kFutureIsGathering;
  f->loop = loop;
  f->value = Value::empty();
  f->callbacks = nullptr;
  note_write(f);
}

bool future_has_callbacks(const Future* f) { return !future_is_done(f) && f->callbacks; }

void for_each_callback(const Future* f, const std::function<void(Value, Object*)>& visit) {
  if (!future_has_callbacks(f)) return;
  if (!(f->extra & kFutureHasMany)) return visit(Value::of_object(f->callbacks), nullptr);
  auto list = static_cast<const List*>(f->callbacks);
  for (uint64_t i = 0; i + 1 < list->length; i += 2) {
    Value context = list->items[i + 1];
    visit(list->items[i], context.is_object() ? context.object : nullptr);
  }
}

Value first_callback(const Future* f) {
  if (!future_has_callbacks(f)) return Value::empty();
  bool has_many = f->extra & kFutureHasMany;
  return has_many ? static_cast<const List*>(f->callbacks)->items[0] : Value::of_object(f->callbacks);
}

Future* make_future(Thread& t, Object* loop) {
  auto f = t.heap->make<Future>(async_state(t).future_shape);
  f->extra = 0;
  init_future(f, loop);
  return f;
}

Value future_take_result(Thread& t, Future* f) {
  switch (future_state(f)) {
    case FutureState::Pending: return raise_invalid_state(t, "Result is not set.");
    case FutureState::Cancelled: return raise_value(t, TRY(make_cancelled_error(t, f)));
    case FutureState::Finished: break;
  }
  if (MINI_LIKELY(!future_has_exception(f))) return f->value;
  f->extra &= ~kFutureIsUnretrieved;
  as<Exception>(f->value)->traceback = first_traceback(f);
  return raise_value(t, f->value);
}

Value future_exception(Thread& t, Future* f) {
  switch (future_state(f)) {
    case FutureState::Pending: return raise_invalid_state(t, "Exception is not set.");
    case FutureState::Cancelled: return raise_value(t, TRY(make_cancelled_error(t, f)));
    case FutureState::Finished: break;
  }
  f->extra &= ~kFutureIsUnretrieved;
  return future_has_exception(f) ? f->value : Value::none();
}

Value future_set_result(Thread& t, Future* f, Value result) {
  Object* message = f->value.is_object() ? f->value.object : nullptr;
  store(f, f->value, result);
  return finish(t, f, FutureState::Finished, message);
}

Value future_set_exception(Thread& t, Future* f, Value exception) {
  Traceback* traceback = as<Exception>(exception)->traceback;
  bool has_message = !f->value.is_empty() && !f->value.is_none();
  Object* spare = has_message ? static_cast<Object*>(make_tuple(t, {object_or_none(traceback), f->value})) : traceback;
  store(f, f->value, exception);
  f->extra |= kFutureHasException | kFutureIsUnretrieved;
  t.heap->watch_del(f);
  if (!f->callbacks) async_state(t).has_new_failure = true;   // nobody waits for it now
  return finish(t, f, FutureState::Finished, spare);
}

Value future_set_cancelled(Thread& t, Future* f, Value message, Object* error) {
  store(f, f->value, message);
  return finish(t, f, FutureState::Cancelled, error);
}

Value future_cancel(Thread& t, Future* f, Value message) {
  if (is_plain_future(f)) {
    Value args[] = {Value::of_object(f), message};
    if (f->extra & kFutureIsTask) return task_cancel(t, static_cast<Task*>(f), message);
    if (f->extra & kFutureIsGathering) return gathering_cancel(t, args, 2);
    return future_cancel_row(t, args, 2);
  }
  // A subclass may have its own.
  Value method = TRY(get_attribute(t, Value::of_object(f), "cancel"));
  if (message.is_none() || message.is_empty()) return truth(t, TRY(call(t, method)));
  Tuple* keyword = make_tuple(t, {str_value(intern(t, "msg"))});
  return truth(t, TRY(call(t, method, &message, 0, keyword)));
}

Value future_add_callback(Thread& t, Future* f, Value callback, Object* context) {
  if (future_is_done(f)) return schedule_callback(t, f, callback, context);
  if (MINI_LIKELY(!f->callbacks && !context && callback.is_object())) {
    f->callbacks = callback.object;
    note_write(f);
    return Value::none();
  }
  if (!(f->extra & kFutureHasMany)) {
    List* list = make_list(t, 4);
    if (f->callbacks) {
      list_push(t, list, Value::of_object(f->callbacks));
      list_push(t, list, Value::none());
    }
    f->callbacks = list;
    note_write(f);
    f->extra |= kFutureHasMany;
  }
  auto list = static_cast<List*>(f->callbacks);
  list_push(t, list, callback);
  list_push(t, list, object_or_none(context));
  return Value::none();
}

bool is_cancelled_error(Thread& t, Value exception) {
  return is_exception(exception) && is_subtype(type_of(exception.object), async_state(t).cancelled_error);
}

Value make_cancelled_error(Thread& t, Future* f) {
  if (future_state(f) == FutureState::Cancelled && f->spare) {
    Value saved = Value::of_object(f->spare);
    f->spare = nullptr;
    return saved;
  }
  Value type = Value::of_object(async_state(t).cancelled_error);
  Value message = cancel_message(f);
  return message.is_none() ? call(t, type) : call(t, type, {message});
}

Value ensure_future(Thread& t, Value awaitable, Object* loop) {
  if (is_future(awaitable)) {
    if (loop && loop != as<Future>(awaitable)->loop)
      return raise(t, ErrorType::ValueError, "The future belongs to a different loop than the one specified as the loop argument");
    return awaitable;
  }
  bool is_plain = is_kind(awaitable, Kind::Coroutine) || is_kind(awaitable, Kind::Generator);
  if (!is_plain) {
    Value slow = TRY(asyncio_function(t, "tasks", "_ensure_future_of_other"));
    return call(t, slow, {awaitable, object_or_none(loop)});
  }
  Value chosen = loop ? Value::of_object(loop) : default_event_loop(t);
  Value task = chosen.is_raised() ? chosen : loop_create_task(t, chosen.object, awaitable);
  if (!task.is_raised() || !exception_matches(t, ErrorType::RuntimeError)) return task;
  Value error = take_exception(t);
  TRY(generator_close(t, as<Generator>(awaitable)));
  return raise_value(t, error);
}

const Layout future_layout = {
    .name = "Future", .module = "_asyncio", .kind = Kind::Future, .size = sizeof(Future), .flags = kSubclassable,
    .base = nullptr, .trace = trace_future, .finalize = nullptr,
    .ops = {.repr = future_repr, .iterate = future_iterate, .await = future_iterate},
    .methods = future_methods, .method_count = std::size(future_methods),
    .attributes = future_attributes, .attribute_count = std::size(future_attributes),
    .help = "A result that will be there later."};

const Layout future_iterator_layout = {
    .name = "FutureIter", .module = "_asyncio", .kind = Kind::Native, .size = sizeof(FutureIterator), .flags = kNoInstantiation,
    .base = nullptr, .trace = trace_iterator, .finalize = nullptr,
    .ops = {.iterate = iterate_self, .next = iterator_send_none},
    .methods = future_iterator_methods, .method_count = std::size(future_iterator_methods),
    .attributes = nullptr, .attribute_count = 0,
    .help = "What `await future` runs."};

}  // namespace mini
