// SPDX-License-Identifier: MIT
// Unions of types: `int | str`.
#include <iterator>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

extern const Layout generic_alias_layout;

namespace {

struct UnionType : Object {
  Tuple* members;
};

extern const Layout union_layout;

bool can_be_member(Thread& t, Value v) {
  if (v.is_none() || is_type_object(v)) return true;
  bool is_native = v.is_object() && (!(v.object->shape->type->type_flags & kTypeIsScript) || is_subtype(type_of(t, v), native_type(t, generic_alias_layout)));
  if (!is_native) return false;   // its own __ror__ is asked
  return v.object->shape->type->layout == &union_layout || !get_attribute_or_empty(t, v, intern(t, "__origin__")).is_empty();
}

void add_members(Thread& t, ValueList& list, Value v) {
  if (v.is_object() && v.object->shape->type->layout == &union_layout) {
    Tuple* inner = as<UnionType>(v)->members;
    for (uint64_t i = 0; i < inner->length; ++i) add_members(t, list, inner->items[i]);
    return;
  }
  if (v.is_none()) v = Value::of_object(types(t).none);
  for (Value other : list) {
    Value same = equal_values(t, other, v);
    if (same.is_raised()) (void)take_exception(t);
    if (same.is_true()) return;
  }
  list.push(v);
}

void union_trace(Object* o, Marker& marker) { marker.mark_pointer(static_cast<UnionType*>(o)->members); }

Value union_repr(Thread& t, Value self) {
  Tuple* members = as<UnionType>(self)->members;
  std::string text;
  for (uint64_t i = 0; i < members->length; ++i) {
    Value m = members->items[i];
    if (i) text += " | ";
    if (is_type_object(m) && m.object == types(t).none) text += "None";
    else if (is_type_object(m)) {
      Value module = type_module(t, as<Type>(m));
      if (is_kind(module, Kind::Str) && !equals(as<Str>(module), "builtins")) text += to_utf8(as<Str>(module)) + ".";
      text += to_utf8(as<Type>(m)->qualified_name);
    } else {
      Str* s = to_repr(t, m);
      if (!s) return Value::raised();
      text += to_utf8(s);
    }
  }
  return str_value(make_str(t, text));
}

Value union_compare(Thread& t, CompareOp op, Value a, Value b) {
  if ((op != CompareOp::Eq && op != CompareOp::Ne) || !b.is_object() || b.object->shape->type->layout != &union_layout)
    return t.interpreter->not_implemented;
  Tuple* x = as<UnionType>(a)->members;
  Tuple* y = as<UnionType>(b)->members;
  bool is_equal = x->length == y->length;
  for (uint64_t i = 0; is_equal && i < x->length; ++i) {
    bool is_found = false;
    for (uint64_t j = 0; j < y->length && !is_found; ++j) is_found = TRY(equal_values(t, x->items[i], y->items[j])).is_true();
    is_equal = is_found;
  }
  return Value::of_bool(is_equal == (op == CompareOp::Eq));
}

Value union_hash(Thread& t, Value self) {
  int64_t h = 0;
  Tuple* members = as<UnionType>(self)->members;
  for (uint64_t i = 0; i < members->length; ++i) {
    int64_t one;
    if (!hash_value(t, members->items[i], one)) return Value::raised();
    h ^= one;
  }
  return Value::of_int(h == -1 ? -2 : h);
}
Value union_get_item(Thread& t, Value self, Value key) {
  auto replaced = as<Tuple>(TRY(substitute_parameters(t, self, as<UnionType>(self)->members, key)));
  Value made = replaced->items[0];
  for (uint64_t i = 1; i < replaced->length; ++i) made = TRY(binary_operation(t, BinaryOp::Or, made, replaced->items[i]));
  return made;
}
Value union_binary(Thread& t, BinaryOp op, Value a, Value b) {
  return op == BinaryOp::Or ? make_union_type(t, a, b) : t.interpreter->not_implemented;
}
Value union_args(Thread&, Value self) { return Value::of_object(as<UnionType>(self)->members); }
Value union_parameters(Thread& t, Value self) { return Value::of_object(type_parameters(t, as<UnionType>(self)->members)); }
const AttributeRow kUnionAttributes[] = {{"__args__", union_args, nullptr, ""},
                                         {"__parameters__", union_parameters, nullptr, "Type variables in the types.UnionType."}};

const Layout union_layout = {
    .name = "UnionType", .module = "types", .kind = Kind::Native, .size = sizeof(UnionType), .flags = kNoInstantiation, .trace = union_trace,
    .ops = {.repr = union_repr, .hash = union_hash, .compare = union_compare, .get_item = union_get_item, .binary = union_binary},
    .attributes = kUnionAttributes, .attribute_count = std::size(kUnionAttributes)};

}  // namespace

Value make_union_type(Thread& t, Value a, Value b) {
  if (!can_be_member(t, a) || !can_be_member(t, b) || (a.is_none() && b.is_none())) return t.interpreter->not_implemented;
  ValueList list(t);
  add_members(t, list, a);
  add_members(t, list, b);
  if (list.size() == 1) return list[0];
  auto u = t.heap->make<UnionType>(native_type(t, union_layout)->root_shape);
  u->members = t.interpreter->empty_tuple;
  u->members = make_tuple(t, list.data(), list.size());
  return Value::of_object(u);
}

}  // namespace mini
