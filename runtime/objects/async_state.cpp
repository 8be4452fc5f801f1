// SPDX-License-Identifier: MIT
#include "runtime/objects/async_state.h"

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/future.h"
#include "runtime/objects/handle.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/task.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Type* make_error_class(Thread& t, const char* name, ErrorType base, const char* help) {
  Dict* attributes = make_dict(t);
  dict_set(t, attributes, names(t).module, str_value(intern(t, "asyncio.exceptions")));
  dict_set(t, attributes, names(t).doc, str_value(make_str(t, help)));
  Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, base))});
  Value made = make_class(t, types(t).type, intern(t, name), bases, attributes, nullptr);
  MINI_ASSERT(!made.is_raised(), "asyncio's exceptions can always be made");
  return as<Type>(made);
}

void trace_state(AsyncState& state, Marker& marker) {
  marker.mark_pointer(state.cancelled_error);
  marker.mark_pointer(state.invalid_state_error);
  marker.mark_pointer(state.foreign_current);
  marker.mark(state.task_types);
  for (Task* task = state.foreign_tasks; task; task = task->next_task) marker.mark_pointer(task);
}

}  // namespace

AsyncState& async_state(Thread& t) {
  Interpreter& interpreter = *t.interpreter;
  if (MINI_LIKELY(interpreter.async_state != nullptr)) return *interpreter.async_state;
  auto state = new AsyncState;
  interpreter.async_state = state;
  t.heap->add_root([&interpreter](Marker& marker) {
    if (interpreter.async_state) trace_state(*interpreter.async_state, marker);
  });
  interpreter.at_close.push_back([](Interpreter& closing) {
    delete closing.async_state;
    closing.async_state = nullptr;
  });
  state->cancelled_error =
      make_error_class(t, "CancelledError", ErrorType::BaseException, "The Future or Task was cancelled.");
  state->invalid_state_error =
      make_error_class(t, "InvalidStateError", ErrorType::Exception, "The operation is not allowed in this state.");
  state->future_shape = native_type(t, future_layout)->root_shape;
  state->task_shape = native_type(t, task_layout)->root_shape;
  state->handle_shape = native_type(t, handle_layout)->root_shape;
  state->timer_handle_shape = native_type(t, timer_handle_layout)->root_shape;
  state->foreign_current = make_dict(t);
  state->task_types = Value::of_object(make_list(t));
  return *state;
}

Value asyncio_function(Thread& t, const char* module, const char* name) {
  Value m = TRY(import_module(t, std::string("asyncio.") + module));
  return get_attribute(t, m, name);
}

Value default_event_loop(Thread& t) {
  if (t.running_loop_object.is_object()) return t.running_loop_object;
  return call(t, TRY(asyncio_function(t, "events", "get_event_loop")));
}

Value raise_invalid_state(Thread& t, std::string_view message) {
  Value type = Value::of_object(async_state(t).invalid_state_error);
  Value text = str_value(make_str(t, message));
  return raise_value(t, TRY(call(t, type, {text})));
}

}  // namespace mini
