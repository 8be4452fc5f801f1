// SPDX-License-Identifier: MIT
// Slow paths of iteration and unpacking. What a loop keeps in its three registers is described at GET_ITER in opcodes.def.
#include "interp/ops.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Value op_get_iter(Thread& t, Value iterable, Value* state, int mode) {
  bool is_made = mode == 1 && type_of(t, iterable)->ops.next;
  Value it = is_made ? iterable : TRY(get_iterator(t, iterable));
  state[0] = it;
  state[1] = Value::of_int(0);
  return Value::none();
}

Value op_get_iter_object(Thread& t, Value iterable, int mode) {
  bool is_plain = iterable.is_object() && (iterable.object->exact == Kind::List || iterable.object->exact == Kind::Tuple || iterable.object->exact == Kind::Range);
  if (mode == 1 && is_plain) return iterable;
  return get_iterator(t, iterable);
}

Value op_char_at(Thread& t, const Str* s, uint64_t i) { return str_value(make_str_char(t, s->at(i))); }

Value op_iter_next(Thread& t, Value* state) {
  auto next = state[0].object->shape->type->ops.next;
  if (!next) return raise(t, ErrorType::TypeError, "'{}' object is not an iterator", type_name(t, state[0]));
  return end_on_stop_iteration(t, next(t, state[0]));
}

namespace {

Value raise_not_iterable(Thread& t, Value v) {
  return raise(t, ErrorType::TypeError, "cannot unpack non-iterable {} object", type_name(t, v));
}

}  // namespace

Value op_unpack(Thread& t, Value v, Value* out, size_t count) {
  if (!is_iterable(t, v)) return raise_not_iterable(t, v);
  ValueList items(t);
  Iteration it(t, v);
  Value more = TRY(it.give([&](const Value& item) {
    if (items.size() == count) return false;
    items.push(item);
    return true;
  }));
  if (!more.is_empty()) return raise(t, ErrorType::ValueError, "too many values to unpack (expected {})", count);
  if (items.size() < count)
    return raise(t, ErrorType::ValueError, "not enough values to unpack (expected {}, got {})", count, items.size());
  for (size_t i = 0; i < count; ++i) out[i] = items[i];
  return Value::none();
}

Value op_unpack_star(Thread& t, Value v, Value* out, size_t before, size_t after) {
  if (!is_iterable(t, v)) return raise_not_iterable(t, v);
  ValueList items(t);
  Iteration it(t, v);
  TRY(it.give([&](const Value& item) {
    items.push(item);
    return true;
  }));
  if (items.size() < before + after)
    return raise(t, ErrorType::ValueError, "not enough values to unpack (expected at least {}, got {})", before + after, items.size());
  size_t middle = items.size() - before - after;
  List* rest = make_list(t, items.data() + before, middle);
  for (size_t i = 0; i < before; ++i) out[i] = items[i];
  out[before] = Value::of_object(rest);
  for (size_t i = 0; i < after; ++i) out[before + 1 + i] = items[before + middle + i];
  return Value::none();
}

}  // namespace mini
