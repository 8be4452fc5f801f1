// SPDX-License-Identifier: MIT
// What a script may change of classes and of their instances as a whole: `__bases__` of a class, `__dict__` of an instance.
#include <algorithm>

#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/objects/weakref.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// --- __dict__ and __weakref__ of instances ---

// Of a class or a module that also has a plain class among its own classes' bases: those keep their names elsewhere.
bool keeps_names_itself(Value self) { return is_type_object(self) || is_kind(self, Kind::Module) || !attribute_store(self.object); }

Value instance_get_dict(Thread& t, Value self) {
  if (is_type_object(self)) return make_mapping_proxy(t, Value::of_object(as<Type>(self)->attributes));
  if (is_kind(self, Kind::Module)) return Value::of_object(as<Module>(self)->namespace_);
  if (!attribute_store(self.object)) return raise(t, ErrorType::AttributeError, "'{}' object has no attribute '__dict__'", type_name(t, self));
  return Value::of_object(attribute_dict(t, self.object));
}

Value instance_set_dict(Thread& t, Value self, Value v) {
  if (keeps_names_itself(self)) {
    const char* of = is_type_object(self) ? "type" : is_kind(self, Kind::Module) ? "module" : type_name(t, self);
    return raise(t, ErrorType::AttributeError, "attribute '__dict__' of '{}' objects is not writable", of);
  }
  if (v.is_empty()) {
    if (!(type_of(t, self)->type_flags & kTypeIsScript)) return raise_text(t, ErrorType::TypeError, "cannot delete __dict__");
    v = Value::of_object(make_dict(t));
  }
  if (!is_kind(v, Kind::Dict))
    return raise(t, ErrorType::TypeError, "__dict__ must be set to a dictionary, not a '{}'", type_name(t, v));
  replace_attribute_dict(t, self.object, as<Dict>(v));
  return Value::none();
}

Value instance_get_weakref(Thread& t, Value self) {
  Value found = Value::none();
  t.heap->for_each_weak([&](WeakReference* r) {
    if (r->target == self.object && found.is_none()) found = Value::of_object(r);
  });
  return found;
}

// --- __bases__ ---

Value check_new_bases(Thread& t, Type* type, Value v) {
  std::string name = type_name(type);
  if (!(type->type_flags & kTypeIsScript))
    return raise(t, ErrorType::TypeError, "cannot set '__bases__' attribute of immutable type '{}'", name);
  if (v.is_empty()) return raise(t, ErrorType::TypeError, "cannot delete '__bases__' attribute of immutable type '{}'", name);
  if (!is_kind(v, Kind::Tuple)) return raise(t, ErrorType::TypeError, "can only assign tuple to {}.__bases__, not {}", name, type_name(t, v));
  auto bases = as<Tuple>(v);
  if (bases->length == 0) return raise(t, ErrorType::TypeError, "can only assign non-empty tuple to {}.__bases__, not ()", name);
  for (uint64_t i = 0; i < bases->length; ++i) {
    if (!is_type_object(bases->items[i]))
      return raise(t, ErrorType::TypeError, "{}.__bases__ must be tuple of classes, not '{}'", name, type_name(t, bases->items[i]));
    if (is_subtype(as<Type>(bases->items[i]), type)) return raise_text(t, ErrorType::TypeError, "a __bases__ item causes an inheritance cycle");
  }
  TRY(check_bases(t, bases));
  // Objects that exist must fit: the same native part, and attributes in the same place.
  Type* before = solid_base(type->bases);
  Type* after = solid_base(bases);
  bool are_alike = before->layout == after->layout && (before->type_flags & kTypeIsScript) == (after->type_flags & kTypeIsScript);
  if (!are_alike)
    return raise(t, ErrorType::TypeError, "__bases__ assignment: '{}' deallocator differs from '{}'", type_name(after), type_name(before));
  if ((before->type_flags & kTypeHasSlotsOnly) != (after->type_flags & kTypeHasSlotsOnly))
    return raise(t, ErrorType::TypeError, "__bases__ assignment: '{}' object layout differs from '{}'", type_name(after), type_name(before));
  return Value::none();
}

// New orders of a class and of all below it; what was is noted for the case that a later one contradicts itself.
Value renew_orders(Thread& t, Type* type, ValueList& changed) {
  std::vector<Value> order;
  if (!linearise(type, type->bases, order)) return raise_no_order(t, type->bases, order);
  changed.push(Value::of_object(type));
  changed.push(Value::of_object(type->mro));
  type->mro = make_tuple(t, order.data(), order.size());
  for (Type* sub : *type->subclasses) TRY(renew_orders(t, sub, changed));
  return Value::none();
}

}  // namespace

Value set_bases(Thread& t, Value self, Value v) {
  auto type = as<Type>(self);
  TRY(check_new_bases(t, type, v));
  Tuple* before = type->bases;
  type->bases = as<Tuple>(v);
  ValueList changed(t);
  if (renew_orders(t, type, changed).is_raised()) {
    type->bases = before;
    for (size_t i = changed.size(); i > 0; i -= 2) as<Type>(changed[i - 2])->mro = as<Tuple>(changed[i - 1]);
    return Value::raised();
  }
  for (uint64_t i = 0; i < before->length; ++i) std::erase(*as<Type>(before->items[i])->subclasses, type);
  for (uint64_t i = 0; i < type->bases->length; ++i) as<Type>(type->bases->items[i])->subclasses->push_back(type);
  type_changed(type, names(t).new_);   // any special name: all of them may come from elsewhere now
  return Value::none();
}

Value readonly_member(Thread& t, Value, Value) { return raise_text(t, ErrorType::AttributeError, "readonly attribute"); }

const AttributeRow kInstanceDict = {"__dict__", instance_get_dict, instance_set_dict, "dictionary for instance variables (if defined)"};
const AttributeRow kInstanceWeakref = {"__weakref__", instance_get_weakref, nullptr, "list of weak references to the object (if defined)"};

}  // namespace mini
