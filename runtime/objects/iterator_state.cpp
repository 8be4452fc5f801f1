// SPDX-License-Identifier: MIT
#include "runtime/objects/iterator_state.h"

#include <algorithm>

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/shape.h"

namespace mini {

Value reduced_iterator(Thread& t, Value source, Value position) {
  Value iter = dict_get(t.interpreter->builtins, intern(t, "iter"));
  Value arguments = Value::of_object(make_tuple(t, {source}));
  return Value::of_object(position.is_empty() ? make_tuple(t, {iter, arguments}) : make_tuple(t, {iter, arguments, position}));
}

Value reduced_object(Thread& t, Value self, std::initializer_list<Value> args, Value state) {
  Value type = Value::of_object(self.object->shape->type);
  Value arguments = Value::of_object(make_tuple(t, args.begin(), args.size()));
  return Value::of_object(state.is_empty() ? make_tuple(t, {type, arguments}) : make_tuple(t, {type, arguments, state}));
}

bool given_position(Thread& t, Value v, int64_t least, int64_t most, int64_t& out) {
  if (!is_integer(v)) return (void)raise_text(t, ErrorType::TypeError, "an integer is required"), false;
  if (!to_index(t, v, out)) return false;
  out = std::clamp(out, least, std::max(least, most));
  return true;
}

}  // namespace mini
