// SPDX-License-Identifier: MIT
// Exceptions on their way: finding a handler, building the traceback, leaving frames; and the slow paths of raise and except.
#include "interp/ops.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/profiler.h"
#include "runtime/shape.h"

namespace mini {

namespace {

uint32_t instruction_index(Frame* f) { return static_cast<uint32_t>(f->ip - f->code->instructions.data()) - 1; }

// An entry for `code`, which is the frame's own or that of a comprehension in it; the frame stays with its own entry.
void prepend_traceback(Thread& t, Frame* f, Code* code, uint32_t index) {
  Traceback* tb = make_traceback(t, code, f->globals, index);
  Traceback*& first = as<Exception>(t.exception)->traceback;
  tb->next = first;
  if (code == f->code) {
    tb->frame = f;
    tb->function = f->function;
  }
  if (first && !first->outer) first->outer = tb;
  first = tb;
}

// The exception leaves the frame: its traceback entry keeps the locals.
void leave_frame(Thread& t, Frame* f) {
  Traceback* tb = as<Exception>(t.exception)->traceback;
  if (tb && tb->frame == f && tb->saved.is_empty()) tb->saved = keep_locals(t, f);
  if (MINI_UNLIKELY(f->flags & kFrameObserved)) end_observed_frame(t, f);
}

const ExceptionRange* find_handler(Code* code, uint32_t index) {
  for (const ExceptionRange& range : code->handlers)
    if (index >= range.begin && index < range.end) return &range;
  return nullptr;
}

// A comprehension that awaits is a coroutine of its own in CPython: what is thrown into it goes the way of what leaves a delegate, and it
// is closed before its surroundings see a GeneratorExit.
// Its `async for` catches everything to look for the end, so what left that keeps its way.
void leave_thrown_comprehension(Thread& t, Frame* f, uint32_t index, const InlineRange& range) {
  if (!f->generator || f->generator->throw_mark != static_cast<uint32_t>(t.active_throw)) return;
  const ExceptionRange* handler = find_handler(f->code, index);
  bool is_caught = handler && handler->handler >= range.begin && handler->handler < range.end;
  if (t.exception.is_same(t.settled) && exception_matches(t, ErrorType::GeneratorExit)) as<Exception>(t.exception)->traceback = nullptr;
  else {
    if (is_caught) op_settle(t, t.exception);
    op_forget_way(t, f);
  }
}

// One entry for the frame, and one for each comprehension that it is in.
void add_traceback(Thread& t, Frame* f, uint32_t index) {
  Code* code = f->code;
  uint32_t shown = index;
  for (auto range = code->inline_ranges.rbegin(); range != code->inline_ranges.rend(); ++range) {
    if (index < range->begin || index >= range->end) continue;
    prepend_traceback(t, f, as<Code>(code->constants[range->constant]), shown - range->begin);
    shown = range->call;
    if (MINI_UNLIKELY(t.active_throw)) leave_thrown_comprehension(t, f, index, *range);
  }
  prepend_traceback(t, f, code, shown);
}

}  // namespace

bool unwind(Thread& t, bool keep_traceback) {
  // The interpreter is being closed: what runs ends here, whatever it would catch. Nobody can go on in a `finally` for ever.
  bool is_stopped = t.attention.load(std::memory_order_relaxed) & kTerminate;
  for (;;) {
    Frame* f = t.frame;
    uint32_t index = instruction_index(f);
    if (!keep_traceback) add_traceback(t, f, index);
    keep_traceback = false;
    if (const ExceptionRange* handler = is_stopped ? nullptr : find_handler(f->code, index)) {
      if (MINI_UNLIKELY(t.active_throw)) op_settle(t, t.exception);
      f->registers[handler->exception_register] = take_exception(t);
      f->ip = f->code->instructions.data() + handler->handler;
      return true;
    }
    leave_frame(t, f);
    bool is_entry = f->flags & kFrameEntry;
    Frame* previous = f->previous;
    if (f->flags & kFrameHeap) close_generator_frame(t, f);
    else if (f->flags & kFrameAwaited) op_leave_awaited(t);
    t.frame = previous;
    if (MINI_UNLIKELY(t.profiler)) profiler_sync(t);
    if (is_entry) return false;
  }
}

void add_unstarted_traceback(Thread& t, Frame* f) { add_traceback(t, f, kUnstarted); }

Value op_raise_from(Thread& t, Value exception, Value cause) {
  bool is_class = is_exception_class(cause);
  if (is_class) cause = TRY(call(t, cause, {}));
  if (!cause.is_none() && !is_exception(cause)) return raise(t, ErrorType::TypeError, "exception causes must derive from BaseException");
  (void)raise_value(t, exception);
  // raise_value may have raised a TypeError instead; then that one flies.
  Value flying = t.exception;
  bool is_wanted = is_exception(exception) ? flying.is_same(exception)
                                           : is_type_object(exception) && is_subtype(type_of(t, flying), as<Type>(exception));
  if (is_wanted) {
    as<Exception>(flying)->cause = cause;
    as<Exception>(flying)->suppress_context = true;
  }
  return Value::raised();
}

Value op_raise_again(Thread& t) {
  if (!is_exception(t.handled)) return raise(t, ErrorType::RuntimeError, "No active exception to reraise");
  t.exception = t.handled;
  return Value::none();
}

int op_exception_matches(Thread& t, Value exception, Value classes) {
  auto matches = [&](Value v) { return is_subtype(type_of(t, exception), as<Type>(v)); };
  bool is_tuple = is_kind(classes, Kind::Tuple);
  size_t count = is_tuple ? as<Tuple>(classes)->length : 1;
  const Value* list = is_tuple ? as<Tuple>(classes)->items : &classes;
  for (size_t i = 0; i < count; ++i)
    if (!is_exception_class(list[i])) {
      (void)raise(t, ErrorType::TypeError, "catching classes that do not inherit from BaseException is not allowed");
      return -1;
    }
  for (size_t i = 0; i < count; ++i)
    if (matches(list[i])) return 1;
  return 0;
}

void op_exception_info(Thread& t, Value exception, Value* out) {
  auto e = as<Exception>(exception);
  out[0] = Value::of_object(type_of(t, exception));
  out[1] = exception;
  out[2] = e->traceback ? Value::of_object(e->traceback) : Value::none();
}

// --- except* ---

Value op_split_group(Thread& t, Value group, Value classes, Value* out) {
  if (group.is_none()) {
    out[0] = out[1] = Value::none();
    return Value::none();
  }
  bool is_tuple = is_kind(classes, Kind::Tuple);
  size_t count = is_tuple ? as<Tuple>(classes)->length : 1;
  const Value* list = is_tuple ? as<Tuple>(classes)->items : &classes;
  for (size_t i = 0; i < count; ++i) {
    if (!is_exception_class(list[i]))
      return raise(t, ErrorType::TypeError, "catching classes that do not inherit from BaseException is not allowed");
    if (is_subtype(as<Type>(list[i]), error_type(t, ErrorType::BaseExceptionGroup)))
      return raise(t, ErrorType::TypeError, "catching ExceptionGroup with except* is not allowed. Use except instead.");
  }
  auto matches = [&](Value e) -> Value { return Value::of_bool(op_exception_matches(t, e, classes) == 1); };
  if (!is_exception_group(t, group)) {   // a plain exception is caught as a group of one
    if (!matches(group).is_true()) {
      out[0] = Value::none();
      out[1] = group;
      return Value::none();
    }
    Value cls = Value::of_object(error_type(t, ErrorType::BaseExceptionGroup));
    Value members = Value::of_object(make_tuple(t, {group}));
    Value made = TRY(call(t, cls, {str_value(t.interpreter->empty_str), members}));
    out[0] = made;
    out[1] = Value::none();
    return Value::none();
  }
  TRY(split_group(t, group, out, matches));
  if (out[0].is_none()) out[1] = group;
  return Value::none();
}

namespace {

// Parts of a group have what is written on the group itself, as derive_group() makes them.
bool is_part_of_group(Thread& t, Value e, Value original) {
  if (e.is_same(original)) return true;
  if (!is_exception_group(t, original) || !is_exception_group(t, e)) return false;
  auto part = as<Exception>(e), whole = as<Exception>(original);
  return part->traceback == whole->traceback && part->context.is_same(whole->context) && part->cause.is_same(whole->cause);
}

}  // namespace

// What remains to be raised behind all except* clauses. Parts of the original that nobody handled are put together again; what
// clauses raised themselves joins them in a new group.
Value op_join_group(Thread& t, Value raised, Value original) {
  auto list = as<List>(raised);
  ValueList fresh(t), unhandled(t);
  for (uint64_t i = 0; i < list->length; ++i) {
    Value e = list->items[i];
    if (e.is_none()) continue;
    (is_part_of_group(t, e, original) ? unhandled : fresh).push(e);
  }
  if (fresh.size() == 0 && unhandled.size() == 0) return Value::none();
  Value rest = Value::empty();
  if (unhandled.size() == 1 && !is_exception_group(t, original)) {
    rest = unhandled[0];
  } else if (unhandled.size()) {
    // Keep the members of the original that some part still has, in the original's shape.
    std::vector<Object*> leaves;
    std::function<void(Value)> collect = [&](Value e) {
      if (!is_exception_group(t, e)) return leaves.push_back(e.object);
      auto members = as<Tuple>(group_members(t, e));
      for (uint64_t i = 0; i < members->length; ++i) collect(members->items[i]);
    };
    for (Value e : unhandled) collect(e);
    Value parts[2];
    TRY(split_group(t, original, parts, [&](Value e) {
      return Value::of_bool(!is_exception_group(t, e) && std::find(leaves.begin(), leaves.end(), e.object) != leaves.end());
    }));
    rest = parts[0];
  }
  if (fresh.size() == 0) return rest;
  if (!rest.is_empty()) fresh.push(rest);
  if (fresh.size() == 1 && !is_exception_group(t, original)) return fresh[0];
  Value cls = Value::of_object(error_type(t, ErrorType::BaseExceptionGroup));
  Value members = Value::of_object(make_list(t, fresh.data(), fresh.size()));
  return call(t, cls, {str_value(t.interpreter->empty_str), members});
}

}  // namespace mini
