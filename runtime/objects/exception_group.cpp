// SPDX-License-Identifier: MIT
// See exception_group.h. Groups are exceptions with the own attributes `message` and `exceptions`; their constructor is in
// exception.cpp. The caller holds the GIL.
#include "runtime/objects/exception_group.h"

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {


bool is_tuple_of_classes(Value v) {
  if (!is_kind(v, Kind::Tuple) || as<Tuple>(v)->length == 0) return false;
  for (uint64_t i = 0; i < as<Tuple>(v)->length; ++i) {
    if (!is_exception_class(as<Tuple>(v)->items[i])) return false;
  }
  return true;
}

// The condition of split and subgroup: a class, a tuple of classes, or a function.
Value matches_condition(Thread& t, Value condition, Value e) {
  if (is_exception_class(condition)) return Value::of_bool(is_subtype(type_of(t, e), as<Type>(condition)));
  if (is_kind(condition, Kind::Tuple)) {
    for (uint64_t i = 0; i < as<Tuple>(condition)->length; ++i) {
      if (is_subtype(type_of(t, e), as<Type>(as<Tuple>(condition)->items[i]))) return Value::of_bool(true);
    }
    return Value::of_bool(false);
  }
  Value verdict = TRY(call(t, condition, {e}));
  return truth(t, verdict);
}

Value split_by(Thread& t, Value group, Value condition, Value* out) {
  bool is_usable = is_exception_class(condition) || is_tuple_of_classes(condition) ||
                   (type_of(t, condition)->ops.call && !is_type_object(condition));
  if (!is_usable) return raise(t, ErrorType::TypeError, "expected a function, exception type or tuple of exception types");
  return split_group(t, group, out, [&](Value e) { return matches_condition(t, condition, e); });
}

Value group_split(Thread& t, Value* args, size_t) {
  Value parts[2];
  TRY(split_by(t, args[0], args[1], parts));
  return Value::of_object(make_tuple(t, {parts[0], parts[1]}));
}

Value group_subgroup(Thread& t, Value* args, size_t) {
  Value parts[2];
  TRY(split_by(t, args[0], args[1], parts));
  return parts[0];
}

Value group_derive(Thread& t, Value* args, size_t) {
  Value message = get_own_attribute(args[0].object, intern(t, "message"));
  return call(t, Value::of_object(error_type(t, ErrorType::BaseExceptionGroup)), {message, args[1]});
}

const NativeRow kGroupMethods[] = {
    {"derive", group_derive, "(self, excs, /)", "A group with the same message and these members."},
    {"split", group_split, "(self, condition, /)", "The groups of members that match and that do not, each or None."},
    {"subgroup", group_subgroup, "(self, condition, /)", "The group of the members that match, or None."},
};

const NativeRow kSubscript = {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class};

}  // namespace

bool is_exception_group(Thread& t, Value e) { return is_exception(e) && is_instance_of_error(t, e, ErrorType::BaseExceptionGroup); }

Value group_members(Thread& t, Value group) { return get_own_attribute(group.object, intern(t, "exceptions")); }

Value derive_group(Thread& t, Value group, ValueList& members) {
  List* list = make_list(t, members.data(), members.size());
  Value made = TRY(call_method(t, group, intern(t, "derive"), {Value::of_object(list)}));
  if (!is_exception_group(t, made)) return raise(t, ErrorType::TypeError, "derive must return an instance of BaseExceptionGroup");
  auto from = as<Exception>(group);
  auto to = as<Exception>(made);
  to->cause = from->cause;
  to->context = from->context;
  to->traceback = from->traceback;
  to->suppress_context = true;   // setting a cause does that, even none
  Value notes = get_own_attribute(from, names(t).notes);
  if (is_kind(notes, Kind::List)) set_own_attribute(t, to, names(t).notes, TRY(to_list(t, notes)));
  return made;
}

Value split_group(Thread& t, Value group, Value* out, const std::function<Value(Value)>& matches) {
  Value whole = TRY(matches(group));
  out[0] = whole.is_true() ? group : Value::none();
  out[1] = whole.is_true() ? Value::none() : group;
  if (whole.is_true() || !is_exception_group(t, group)) return Value::none();
  if (t.native_stack_is_low()) return raise_recursion(t, " in exceptiongroup_split_recursive");
  ValueList in(t), rest(t);
  auto members = as<Tuple>(group_members(t, group));
  for (uint64_t i = 0; i < members->length; ++i) {
    Value parts[2];
    TRY(split_group(t, members->items[i], parts, matches));
    if (!parts[0].is_none()) in.push(parts[0]);
    if (!parts[1].is_none()) rest.push(parts[1]);
  }
  out[0] = in.size() ? TRY(derive_group(t, group, in)) : Value::none();
  out[1] = rest.size() ? TRY(derive_group(t, group, rest)) : Value::none();
  return Value::none();
}

void add_group_methods(Thread& t, Type* type) {
  Value module = str_value(intern(t, "builtins"));
  for (const NativeRow& row : kGroupMethods) {
    dict_set(t, type->attributes, intern(t, row.name), Value::of_object(make_native_function(t, row, type, module)));
  }
  auto subscript = static_cast<MethodWrapper*>(allocate_object(t, native_type(t, class_method_layout)));
  subscript->function = Value::of_object(make_native_function(t, kSubscript, type, module));
  dict_set(t, type->attributes, intern(t, kSubscript.name), Value::of_object(subscript));
}

}  // namespace mini
