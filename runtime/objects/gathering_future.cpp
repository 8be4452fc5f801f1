// SPDX-License-Identifier: MIT
// gather(): a future for the results of many. Its children know it as a callback, so no closure is needed for each.
#include <algorithm>
#include <vector>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/context.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/future_parts.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/task.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

GatheringFuture* self_gathering(Value v) { return as<GatheringFuture>(v); }

void trace_gathering(Object* self, Marker& marker) {
  trace_future(self, marker);
  marker.mark_pointer(static_cast<GatheringFuture*>(self)->children);
}

// A child's result as it appears in the list: exceptions are values when return_exceptions is on.
Value child_value(Thread& t, Value child) {
  if (!is_future(child)) return call(t, TRY(asyncio_function(t, "tasks", "_gathered_value")), {child});
  auto f = as<Future>(child);
  if (future_state(f) == FutureState::Cancelled) {
    Value message = f->value.is_none() || f->value.is_empty() ? str_value(t.interpreter->empty_str) : f->value;
    return call(t, Value::of_object(async_state(t).cancelled_error), {message});
  }
  f->extra &= ~kFutureIsUnretrieved;
  return f->value;
}

Value finish(Thread& t, GatheringFuture* outer) {
  List* results = make_list(t, outer->children->length);
  for (uint64_t i = 0; i < outer->children->length; ++i) list_push(t, results, TRY(child_value(t, outer->children->items[i])));
  if (outer->is_cancel_requested) {
    // The request reached at least one child, so the outcome is a cancellation in any case; its message is the last child's.
    Value last = outer->children->items[outer->children->length - 1];
    Value error = is_future(last) ? make_cancelled_error(t, as<Future>(last)) : call(t, Value::of_object(async_state(t).cancelled_error));
    return future_set_exception(t, outer, TRY(error));
  }
  return future_set_result(t, outer, Value::of_object(results));
}

Value cancel_child(Thread& t, Value child, Value message) {
  if (is_future(child)) return future_cancel(t, as<Future>(child), message);
  return truth(t, TRY(call_method(t, child, intern(t, "cancel"))));
}

Value gathering_children(Thread&, Value self) { return Value::of_object(self_gathering(self)->children); }

Value gathering_repr(Thread& t, Value self) { return future_layout.ops.repr(t, self); }

constexpr NativeRow gathering_methods[] = {
    {"cancel", gathering_cancel, "(self, msg=None)", "Cancels all children that are not done."},
};
constexpr AttributeRow gathering_attributes[] = {
    {"_children", gathering_children, nullptr, "The futures that it waits for."},
};

GatheringFuture* make_gathering(Thread& t, size_t count, bool returns_exceptions) {
  auto outer = make_native<GatheringFuture>(t, gathering_future_layout);
  outer->extra = kFutureIsGathering;
  init_future(outer, nullptr);
  outer->children = nullptr;
  outer->finished_count = outer->child_count = 0;
  outer->returns_exceptions = returns_exceptions;
  outer->is_cancel_requested = false;
  outer->children = make_tuple(t, count);
  note_write(outer);
  return outer;
}

// Somebody else's future: it only knows script callbacks.
Value add_foreign_child(Thread& t, GatheringFuture* outer, Value child) {
  Value callback = make_future_call(t, Value::of_object(outer));
  return call_method(t, child, intern(t, "add_done_callback"), {callback});
}

// Surely no two are the same: things that are compared by identity, at different addresses.
bool are_different(const Value* awaitables, size_t count) {
  std::vector<const Object*> sorted;
  sorted.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    Value v = awaitables[i];
    bool has_identity = is_kind(v, Kind::Coroutine) || (v.is_object() && is_plain_future(v.object));
    if (!has_identity) return false;
    sorted.push_back(v.object);
  }
  if (!std::is_sorted(sorted.begin(), sorted.end())) std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

Value loop_of(Thread& t, Value future) {
  if (is_future(future)) return Value::of_object(as<Future>(future)->loop);
  return call(t, TRY(asyncio_function(t, "futures", "_get_loop")), {future});
}

}  // namespace

Value gathering_cancel(Thread& t, Value* args, size_t) {
  GatheringFuture* outer = self_gathering(args[0]);
  if (future_is_done(outer)) return Value::of_bool(false);
  bool reached_any = false;
  for (uint64_t i = 0; i < outer->children->length; ++i)
    reached_any |= TRY(cancel_child(t, outer->children->items[i], args[1].is_empty() ? Value::none() : args[1])).is_true();
  if (reached_any) outer->is_cancel_requested = true;
  return Value::of_bool(reached_any);
}

Value gather_child_done(Thread& t, GatheringFuture* outer, Future* child) {
  ++outer->finished_count;
  if (future_is_done(outer)) {
    child->extra &= ~kFutureIsUnretrieved;
    return Value::none();
  }
  if (!outer->returns_exceptions) {
    if (future_state(child) == FutureState::Cancelled)
      return future_set_exception(t, outer, TRY(make_cancelled_error(t, child)));
    if (future_has_exception(child)) {
      child->extra &= ~kFutureIsUnretrieved;
      return future_set_exception(t, outer, child->value);
    }
  }
  return outer->finished_count == outer->child_count ? finish(t, outer) : Value::none();
}

Value gather(Thread& t, const Value* awaitables, size_t count, bool returns_exceptions) {
  if (count == 0) {
    Value loop = TRY(default_event_loop(t));
    Value outer = TRY(call_method(t, loop, intern(t, "create_future")));
    TRY(call_method(t, outer, intern(t, "set_result"), {Value::of_object(make_list(t))}));
    return outer;
  }
  GatheringFuture* outer = make_gathering(t, count, returns_exceptions);
  Dict* seen = are_different(awaitables, count) ? nullptr : make_dict(t, count);   // the same awaitable given twice is awaited once
  Object* loop = nullptr;
  for (size_t i = 0; i < count; ++i) {
    Value child = seen ? TRY(dict_get_item(t, seen, awaitables[i])) : Value::empty();
    if (child.is_empty()) {
      child = TRY(ensure_future(t, awaitables[i], loop));
      if (!loop) {
        outer->loop = loop = TRY(loop_of(t, child)).object;
        note_write(outer);
      }
      if (is_future(child) && !child.is_same(awaitables[i])) as<Future>(child)->extra |= kTaskIsQuiet;
      ++outer->child_count;
      if (seen) TRY(dict_set_item(t, seen, awaitables[i], child));
      if (is_plain_future(child.object)) TRY(future_add_callback(t, as<Future>(child), Value::of_object(outer), nullptr));
      else TRY(add_foreign_child(t, outer, child));
    }
    store(outer->children, outer->children->items[i], child);
  }
  return Value::of_object(outer);
}

const Layout gathering_future_layout = {
    .name = "_GatheringFuture", .module = "asyncio.tasks", .kind = Kind::Future, .size = sizeof(GatheringFuture),
    .flags = kNoInstantiation, .base = &future_layout, .trace = trace_gathering, .finalize = nullptr,
    .ops = {.repr = gathering_repr}, .methods = gathering_methods, .method_count = std::size(gathering_methods),
    .attributes = gathering_attributes, .attribute_count = std::size(gathering_attributes),
    .help = "A future for the results of several others."};

}  // namespace mini
