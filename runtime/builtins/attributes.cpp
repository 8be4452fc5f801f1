// SPDX-License-Identifier: MIT
// Built-in functions about objects and their attributes: callable delattr dir getattr hasattr isinstance issubclass setattr vars.
#include "runtime/builtins/builtins.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// An attribute's name as the attribute protocol wants it: interned. Null after raising.
Str* attribute_name(Thread& t, Value v) {
  if (MINI_LIKELY(is_kind(v, Kind::Str))) return as<Str>(v)->is_interned() ? as<Str>(v) : intern(t, as<Str>(v));
  (void)raise(t, ErrorType::TypeError, "attribute name must be string, not '{}'", type_name(t, v));
  return nullptr;
}

Value builtin_getattr(Thread& t, Value* args, size_t) {
  Str* name = attribute_name(t, args[1]);
  if (!name) return Value::raised();
  if (args[2].is_empty()) return get_attribute(t, args[0], name);
  Value v = TRY(get_attribute_or_empty(t, args[0], name));
  return v.is_empty() ? args[2] : v;
}

Value builtin_hasattr(Thread& t, Value* args, size_t) {
  Str* name = attribute_name(t, args[1]);
  if (!name) return Value::raised();
  return Value::of_bool(!TRY(get_attribute_or_empty(t, args[0], name)).is_empty());
}

Value builtin_setattr(Thread& t, Value* args, size_t) {
  Str* name = attribute_name(t, args[1]);
  if (!name) return Value::raised();
  TRY(set_attribute(t, args[0], name, args[2]));
  return Value::none();
}

Value builtin_delattr(Thread& t, Value* args, size_t) {
  Str* name = attribute_name(t, args[1]);
  if (!name) return Value::raised();
  TRY(set_attribute(t, args[0], name, Value::empty()));
  return Value::none();
}

Value builtin_callable(Thread& t, Value* args, size_t) { return Value::of_bool(is_callable(t, args[0])); }
Value builtin_isinstance(Thread& t, Value* args, size_t) { return is_instance(t, args[0], args[1]); }
Value builtin_issubclass(Thread& t, Value* args, size_t) { return is_subclass(t, args[0], args[1]); }

Value builtin_vars(Thread& t, Value* args, size_t) {
  if (args[0].is_empty()) return frame_locals(t, t.frame);
  Value d = TRY(get_attribute_or_empty(t, args[0], names(t).dict));
  return d.is_empty() ? raise_text(t, ErrorType::TypeError, "vars() argument must have __dict__ attribute") : d;
}

// --- dir ---

Value sorted_keys(Thread& t, Value keys) {
  Value list = TRY(to_list(t, keys));
  TRY(sort_list(t, as<List>(list), Value::none(), false));
  return list;
}

}  // namespace

Value names_of(Thread& t, Value v) {
  if (is_kind(v, Kind::Module)) {
    Value function = dict_get(as<Module>(v)->namespace_, names(t).dir);
    if (!function.is_empty()) return sorted_keys(t, TRY(call(t, function)));
  }
  Type* owner = nullptr;
  Value method = type_lookup(type_of(t, v), names(t).dir, &owner);
  bool is_own = !method.is_empty() && owner && owner != types(t).object && owner != types(t).type;
  return sorted_keys(t, is_own ? TRY(call_special(t, v, names(t).dir)) : TRY(default_names(t, v)));
}

namespace {

Value builtin_dir(Thread& t, Value* args, size_t) {
  if (!args[0].is_empty()) return names_of(t, args[0]);
  Value space = TRY(frame_locals(t, t.frame));
  return sorted_keys(t, is_exact(space, Kind::Dict) ? space : TRY(call_method(t, space, intern(t, "keys"))));
}

const NativeRow kAttributeFunctions[] = {
    {"callable", builtin_callable, "(obj, /)",
     "Return whether the object is callable (i.e., some kind of function).\n\nNote that classes are callable, as are instances of classes "
     "with a\n__call__() method."},
    {"delattr", builtin_delattr, "(obj, name, /)",
     "Deletes the named attribute from the given object.\n\ndelattr(x, 'y') is equivalent to ``del x.y``"},
    {"dir", builtin_dir, "(object=None, /)",
     "dir([object]) -> list of strings\n\nIf called without an argument, return the names in the current scope."},
    {"getattr", builtin_getattr, "(object, name, default=None, /)",
     "getattr(object, name[, default]) -> value\n\nGet a named attribute from an object; getattr(x, 'y') is equivalent to x.y.\nWhen a "
     "default argument is given, it is returned when the attribute doesn't\nexist; without it, an exception is raised in that case."},
    {"hasattr", builtin_hasattr, "(obj, name, /)",
     "Return whether the object has an attribute with the given name.\n\nThis is done by calling getattr(obj, name) and catching "
     "AttributeError."},
    {"isinstance", builtin_isinstance, "(obj, class_or_tuple, /)",
     "Return whether an object is an instance of a class or of a subclass thereof."},
    {"issubclass", builtin_issubclass, "(cls, class_or_tuple, /)",
     "Return whether 'cls' is derived from another class or is the same class."},
    {"setattr", builtin_setattr, "(obj, name, value, /)",
     "Sets the named attribute on the given object to the specified value.\n\nsetattr(x, 'y', v) is equivalent to ``x.y = v``"},
    {"vars", builtin_vars, "(object=None, /)",
     "vars([object]) -> dictionary\n\nWithout arguments, equivalent to locals().\nWith an argument, equivalent to object.__dict__."},
};

}  // namespace

std::span<const NativeRow> attribute_functions() { return kAttributeFunctions; }

}  // namespace mini
