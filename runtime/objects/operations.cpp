// SPDX-License-Identifier: MIT
// Python's operations on any values, for natives and for the VM's slow paths: operators with one operand, comparison, truth, length,
// items, membership, isinstance and issubclass. Operators with two operands are in binary_operators.cpp.
#include <string>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

const char* const kCompareSymbols[] = {
#define MINI_COMPARE_OPERATOR(enumerator, name, symbol, mirrored) symbol,
#include "runtime/operators.def"
};
const CompareOp kMirrored[] = {
#define MINI_COMPARE_OPERATOR(enumerator, name, symbol, mirrored) CompareOp::mirrored,
#include "runtime/operators.def"
};
const char* const kUnarySymbols[] = {
#define MINI_UNARY_OPERATOR(enumerator, name, symbol) symbol,
#include "runtime/operators.def"
};

bool is_not_implemented(Thread& t, Value v) { return v.is_same(t.interpreter->not_implemented); }

}  // namespace

Value unary_operation(Thread& t, UnaryOp op, Value a) {
  Type* type = type_of(t, a);
  if (!type->ops.unary) return raise_bad_operand(t, op, a);
  Value v = type->ops.unary(t, op, a);
  return type->ops.unary != script_unary && is_not_implemented(t, v) ? raise_bad_operand(t, op, a) : v;
}

Value raise_bad_operand(Thread& t, UnaryOp op, Value a) {
  return raise(t, ErrorType::TypeError, "bad operand type for {}: '{}'", kUnarySymbols[static_cast<int>(op)], type_name(t, a));
}

Value compare_values(Thread& t, CompareOp op, Value a, Value b) {
  if (MINI_UNLIKELY(t.native_stack_is_low())) return raise_recursion(t, " in comparison");
  Type* ta = type_of(t, a);
  Type* tb = type_of(t, b);
  bool b_first = ta != tb && is_subtype(tb, ta) && tb->ops.compare;
  if (b_first) {
    Value v = tb->ops.compare(t, kMirrored[static_cast<int>(op)], b, a);
    if (!is_not_implemented(t, v)) return v;
  }
  // Ints and floats share their function; int's own knows nothing of floats, so a class derived from float is asked.
  bool defers = ta->layout->kind == Kind::Int && tb->layout->kind == Kind::Float && ta->ops.compare != tb->ops.compare && !(ta->type_flags & kTypeIsScript);
  if (ta->ops.compare && !defers) {
    Value v = ta->ops.compare(t, op, a, b);
    if (!is_not_implemented(t, v)) return v;
  }
  return compare_after_left(t, op, a, b, b_first);
}

Value compare_after_left(Thread& t, CompareOp op, Value a, Value b, bool right_was_asked) {
  Type* tb = type_of(t, b);
  if (!right_was_asked && tb->ops.compare) {
    Value v = tb->ops.compare(t, kMirrored[static_cast<int>(op)], b, a);
    if (!is_not_implemented(t, v)) return v;
  }
  if (op == CompareOp::Eq) return Value::of_bool(a.is_same(b));
  if (op == CompareOp::Ne) return Value::of_bool(!a.is_same(b));
  return raise(t, ErrorType::TypeError, "'{}' not supported between instances of '{}' and '{}'", kCompareSymbols[static_cast<int>(op)],
               type_name(t, a), type_name(t, b));
}

Value equal_values(Thread& t, Value a, Value b) {
  if (a.is_same(b)) return Value::of_bool(true);
  if (a.is_int() && b.is_int()) return Value::of_bool(false);
  if (is_exact(a, Kind::Str) && is_exact(b, Kind::Str)) return Value::of_bool(equals(as<Str>(a), as<Str>(b)));
  Value v = TRY(compare_values(t, CompareOp::Eq, a, b));
  return v.is_bool() ? v : truth(t, v);
}

Value truth(Thread& t, Value v) {
  switch (v.tag) {
    case Tag::Bool: return v;
    case Tag::None: return Value::of_bool(false);
    case Tag::Int: return Value::of_bool(v.integer != 0);
    case Tag::Float: return Value::of_bool(v.number != 0);
    default: break;
  }
  const TypeOps& ops = type_of(t, v)->ops;
  if (ops.truth) return ops.truth(t, v);
  if (!ops.length) return Value::of_bool(true);
  Value n = TRY(ops.length(t, v));
  return Value::of_bool(n.integer != 0);
}

Value length_of(Thread& t, Value v) {
  const TypeOps& ops = type_of(t, v)->ops;
  if (!ops.length) return raise(t, ErrorType::TypeError, "object of type '{}' has no len()", type_name(t, v));
  return ops.length(t, v);
}

Value get_item(Thread& t, Value object, Value key) {
  const TypeOps& ops = type_of(t, object)->ops;
  if (ops.get_item) return ops.get_item(t, object, key);
  if (is_type_object(object)) {
    if (object.object == types(t).type) {   // its __class_getitem__ would be that of every metaclass
      Value args[2] = {object, key};
      return class_get_item(t, args, 2);
    }
    Value method = get_attribute_or_empty(t, object, names(t).class_getitem);
    if (!method.is_empty()) return TRY(method), call(t, method, {key});
    return raise(t, ErrorType::TypeError, "type '{}' is not subscriptable", type_name(as<Type>(object)));
  }
  return raise(t, ErrorType::TypeError, "'{}' object is not subscriptable", type_name(t, object));
}

// The built-in sequences need no slice object between.
Value get_slice(Thread& t, Value object, Value start, Value stop) {
  auto is_plain = [](Value v) { return v.is_int() || v.is_none(); };
  if (object.is_object() && is_plain(start) && is_plain(stop)) {
    int64_t from = start.is_int() ? start.integer : 0, to = stop.is_int() ? stop.integer : INT64_MAX;
    auto count_in = [&](uint64_t length) { return slice_adjust(static_cast<int64_t>(length), from, to, 1); };
    switch (object.object->exact) {
      case Kind::List: {
        int64_t count = count_in(as<List>(object)->length);
        return Value::of_object(list_part(t, as<List>(object), from, count));
      }
      case Kind::Tuple: {
        int64_t count = count_in(as<Tuple>(object)->length);
        return Value::of_object(tuple_part(t, as<Tuple>(object), from, count));
      }
      case Kind::Str: {
        int64_t count = count_in(as<Str>(object)->length);
        return str_value(substring(t, as<Str>(object), static_cast<size_t>(from), static_cast<size_t>(from + count)));
      }
      default: break;
    }
  }
  return get_item(t, object, make_slice(t, start, stop, Value::none()));
}

// CPython has two texts for deletion: types with a sequence protocol use the shorter one for an index.
Value raise_no_item_assignment(Thread& t, Value object, Value key, bool is_deletion) {
  Type* type = type_of(t, object);
  bool has_sequence_protocol = type->type_flags & kTypeIsScript || type->ops.length;
  bool is_index = is_integer(key) || type_of(t, key)->ops.index;
  const char* deletion = has_sequence_protocol && is_index ? "doesn't support item deletion" : "does not support item deletion";
  return raise(t, ErrorType::TypeError, "'{}' object {}", type_name(t, object), is_deletion ? deletion : "does not support item assignment");
}

Value set_item(Thread& t, Value object, Value key, Value value) {
  const TypeOps& ops = type_of(t, object)->ops;
  if (ops.set_item) return ops.set_item(t, object, key, value);
  return raise_no_item_assignment(t, object, key, value.is_empty());
}

Value contains(Thread& t, Value container, Value item) {
  const TypeOps& ops = type_of(t, container)->ops;
  if (ops.contains) return ops.contains(t, container, item);
  if (!is_iterable(t, container)) return raise(t, ErrorType::TypeError, "argument of type '{}' is not iterable", type_name(t, container));
  Iteration it(t, container);
  if (it.has_failed() && exception_matches(t, ErrorType::TypeError)) {   // whatever was wrong
    (void)take_exception(t);
    return raise(t, ErrorType::TypeError, "argument of type '{}' is not iterable", type_name(t, container));
  }
  for (;;) {
    Value v = TRY(it.next());
    if (v.is_empty()) return Value::of_bool(false);
    if (TRY(equal_values(t, v, item)).is_true()) return Value::of_bool(true);
  }
}

namespace {

// Does the class answer by itself, as every class does that has no metaclass of its own?
bool uses_plain_check(Thread& t, Value cls) { return is_type_object(cls) && cls.object->shape->type == types(t).type; }

// One of a tuple, a union or a single class: `check` answers for a single class.
template <class Check>
Value any_of(Thread& t, Value classes, const char* what, Check check) {
  if (is_kind(classes, Kind::Tuple)) {
    if (t.native_stack_is_low()) return raise_recursion(t, std::string(" in ") + what);
    auto tuple = as<Tuple>(classes);
    for (uint64_t i = 0; i < tuple->length; ++i)
      if (TRY(any_of(t, tuple->items[i], what, check)).is_true()) return Value::of_bool(true);
    return Value::of_bool(false);
  }
  return check(classes);
}

Value union_members(Thread& t, Value v) {   // a tuple, or Empty when v is no union
  if (!v.is_object() || is_type_object(v)) return Value::empty();
  if (strcmp(short_type_name(t, v), "UnionType") != 0) return Value::empty();
  return get_attribute_or_empty(t, v, intern(t, "__args__"));
}

}  // namespace

namespace {

// What stands for classes without being one says so by __bases__, a tuple. Empty: it does not.
Value claimed_bases(Thread& t, Value v) {
  Value bases = TRY(get_attribute_or_empty(t, v, intern(t, "__bases__")));
  return is_kind(bases, Kind::Tuple) ? bases : Value::empty();
}

Value is_below_by_bases(Thread& t, Value v, Value cls) {
  if (t.native_stack_is_low()) return raise_recursion(t, " in __subclasscheck__");
  if (v.is_same(cls)) return Value::of_bool(true);
  Value bases = TRY(claimed_bases(t, v));
  if (bases.is_empty()) return Value::of_bool(false);
  for (uint64_t i = 0; i < as<Tuple>(bases)->length; ++i)
    if (TRY(is_below_by_bases(t, as<Tuple>(bases)->items[i], cls)).is_true()) return Value::of_bool(true);
  return Value::of_bool(false);
}

}  // namespace

Value is_instance(Thread& t, Value v, Value classes) {
  return any_of(t, classes, "__instancecheck__", [&](Value cls) -> Value {
    Type* type = seen_type(t, v);
    if (cls.is_object() && type == cls.object) return Value::of_bool(true);
    if (uses_plain_check(t, cls)) {
      if (is_subtype(type, as<Type>(cls))) return Value::of_bool(true);
      Type* owner = nullptr;   // of __class__: a property of the script's may claim another class
      bool may_claim = type->type_flags & kTypeHasGetattr || (type->type_flags & kTypeIsScript && !type_lookup(type, names(t).class_, &owner).is_empty() &&
                                                              owner->type_flags & kTypeIsScript);
      if (!may_claim) return Value::of_bool(false);
      Value claimed = TRY(get_attribute_or_empty(t, v, names(t).class_));
      return Value::of_bool(is_type_object(claimed) && is_subtype(as<Type>(claimed), as<Type>(cls)));
    }
    Value members = union_members(t, cls);
    if (is_kind(members, Kind::Tuple)) {
      for (uint64_t i = 0; i < as<Tuple>(members)->length; ++i) {
        Value m = as<Tuple>(members)->items[i];
        if (TRY(is_instance(t, v, m.is_none() ? Value::of_object(types(t).none) : m)).is_true()) return Value::of_bool(true);
      }
      return Value::of_bool(false);
    }
    Value answer = call_special(t, cls, names(t).instancecheck, {v});
    if (answer.is_empty()) {
      if (TRY(claimed_bases(t, cls)).is_empty())
        return raise(t, ErrorType::TypeError, "isinstance() arg 2 must be a type, a tuple of types, or a union");
      Value own = TRY(get_attribute_or_empty(t, v, names(t).class_));
      return own.is_empty() ? Value::of_bool(false) : is_below_by_bases(t, own, cls);
    }
    return truth(t, TRY(answer));
  });
}

Value is_subclass(Thread& t, Value v, Value classes) {
  return any_of(t, classes, "__subclasscheck__", [&](Value cls) -> Value {
    if (uses_plain_check(t, cls)) {
      if (is_type_object(v)) return Value::of_bool(is_subtype(as<Type>(v), as<Type>(cls)));
      if (TRY(claimed_bases(t, v)).is_empty()) return raise(t, ErrorType::TypeError, "issubclass() arg 1 must be a class");
      return is_below_by_bases(t, v, cls);
    }
    Value members = union_members(t, cls);
    if (is_kind(members, Kind::Tuple)) {
      for (uint64_t i = 0; i < as<Tuple>(members)->length; ++i)
        if (TRY(is_subclass(t, v, as<Tuple>(members)->items[i])).is_true()) return Value::of_bool(true);
      return Value::of_bool(false);
    }
    Value answer = call_special(t, cls, names(t).subclasscheck, {v});
    if (answer.is_empty()) {
      if (TRY(claimed_bases(t, v)).is_empty()) return raise(t, ErrorType::TypeError, "issubclass() arg 1 must be a class");
      if (TRY(claimed_bases(t, cls)).is_empty())
        return raise(t, ErrorType::TypeError, "issubclass() arg 2 must be a class, a tuple of classes, or a union");
      return is_below_by_bases(t, v, cls);
    }
    return truth(t, TRY(answer));
  });
}

}  // namespace mini
