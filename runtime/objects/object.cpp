// SPDX-License-Identifier: MIT
// `object`, from which every class derives, and the types of None, NotImplemented and Ellipsis.
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

namespace {

// What dir() finds in a class, of whatever kind: a `__class__` may be anything that has a __dict__, and perhaps __bases__.
Value add_class_names(Thread& t, Dict* all, Value cls) {
  if (t.native_stack_is_low()) return raise_recursion(t);
  if (is_type_object(cls)) {
    Tuple* mro = as<Type>(cls)->mro;
    for (uint64_t i = mro->length; i-- > 0;) TRY(dict_update_with(t, all, Value::of_object(as<Type>(mro->items[i])->attributes)));
    return Value::none();
  }
  Value own = TRY(get_attribute_or_empty(t, cls, names(t).dict));
  if (!own.is_empty()) TRY(dict_update_with(t, all, own));
  Value bases = TRY(get_attribute_or_empty(t, cls, intern(t, "__bases__")));
  if (bases.is_empty()) return bases;
  int64_t length = TRY(length_of(t, bases)).integer;
  for (int64_t i = 0; i < length; ++i) TRY(add_class_names(t, all, TRY(get_item(t, bases, Value::of_int(i)))));
  return Value::none();
}

}  // namespace

Value default_names(Thread& t, Value v) {
  Dict* all = make_dict(t);
  Value own = Value::empty();
  if (!is_type_object(v)) own = TRY(get_attribute_or_empty(t, v, names(t).dict));
  if (is_kind(own, Kind::Dict)) TRY(dict_update_with(t, all, own));
  if (is_kind(v, Kind::Module)) return Value::of_object(all);
  Value cls = is_type_object(v) ? v : TRY(get_attribute_or_empty(t, v, names(t).class_));
  if (!cls.is_empty()) TRY(add_class_names(t, all, cls));
  return Value::of_object(all);
}

namespace {

// object.__new__ refuses arguments unless one of __new__ and __init__ is the script's own.
Value object_new(Thread& t, Value* args, size_t argc) {
  auto type = as<Type>(args[0]);
  bool has_arguments = argc > 2 || as<Dict>(args[1])->count;
  if (has_arguments) {
    Type* owner_of_new = nullptr;
    Type* owner_of_init = nullptr;
    (void)type_lookup(type, names(t).new_, &owner_of_new);
    (void)type_lookup(type, names(t).init, &owner_of_init);
    if (owner_of_new != types(t).object)
      return raise(t, ErrorType::TypeError, "object.__new__() takes exactly one argument (the type to instantiate)");
    if (owner_of_init == types(t).object) return raise(t, ErrorType::TypeError, "{}() takes no arguments", type_name(type));
  }
  if (type->type_flags & kTypeAbstract) return raise_abstract(t, type);
  if (type->layout != &object_layout)
    return raise(t, ErrorType::TypeError, "object.__new__({}) is not safe, use {}.__new__()", type_name(type), type->layout->name);
  return make_instance(t, type);
}

Value object_init(Thread& t, Value* args, size_t argc) {
  bool has_arguments = argc > 2 || as<Dict>(args[1])->count;
  if (!has_arguments) return Value::none();
  Type* type = type_of(t, args[0]);
  Type* owner_of_new = nullptr;
  Type* owner_of_init = nullptr;
  (void)type_lookup(type, names(t).new_, &owner_of_new);
  (void)type_lookup(type, names(t).init, &owner_of_init);
  if (owner_of_init != types(t).object)
    return raise(t, ErrorType::TypeError, "object.__init__() takes exactly one argument (the instance to initialize)");
  if (owner_of_new == types(t).object)
    return raise(t, ErrorType::TypeError, "{}.__init__() takes exactly one argument (the instance to initialize)", type_name(type));
  return Value::none();
}

Value object_repr(Thread& t, Value self) {
  Type* type = type_of(t, self);
  Value module = type_module(t, type);
  std::string name = to_utf8(type->qualified_name);
  if (is_kind(module, Kind::Str) && !equals(as<Str>(module), "builtins")) name = to_utf8(as<Str>(module)) + "." + name;
  return str_value(make_str(t, fmt::format("<{} object at 0x{:x}>", name, self.bits)));
}
Value object_str(Thread& t, Value self) { return type_of(t, self)->ops.repr(t, self); }
Value object_hash(Thread&, Value self) {
  uint64_t bits = self.bits;
  return Value::of_int(static_cast<int64_t>(bits >> 4 | bits << 60));
}
Value object_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (op == CompareOp::Eq && a.is_same(b)) return Value::of_bool(true);
  if (op == CompareOp::Ne) {   // the opposite of what == says
    Value v = TRY(type_of(t, a)->ops.compare(t, CompareOp::Eq, a, b));
    if (v.is_same(t.interpreter->not_implemented)) return v;
    v = TRY(truth(t, v));
    return Value::of_bool(!v.is_true());
  }
  return t.interpreter->not_implemented;
}

Value object_get_class(Thread& t, Value self) { return Value::of_object(type_of(t, self)); }

// obj.__class__ = Other: only between script classes of the same layout.
Value object_set_class(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::TypeError, "can't delete __class__ attribute");
  if (!is_type_object(v))
    return raise(t, ErrorType::TypeError, "__class__ must be set to a class, not '{}' object", type_name(t, v));
  Type* from = type_of(t, self);
  auto to = as<Type>(v);
  if (!self.is_object() || !(from->type_flags & kTypeIsScript) || !(to->type_flags & kTypeIsScript))
    return raise(t, ErrorType::TypeError, "__class__ assignment only supported for mutable types or ModuleType subclasses");
  if (from->layout != to->layout || from->slots_offset != to->slots_offset)
    return raise(t, ErrorType::TypeError, "__class__ assignment: '{}' object layout differs from '{}'", type_name(to), type_name(from));
  move_to_class(self.object, to);
  return Value::none();
}

Value object_format(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "__format__() argument must be str, not {}", argument_type_name(t, args[1]));
  if (as<Str>(args[1])->length)
    return raise(t, ErrorType::TypeError, "unsupported format string passed to {}.__format__", type_name(t, args[0]));
  Str* s = to_str(t, args[0]);
  return s ? str_value(s) : Value::raised();
}

Value object_dir(Thread& t, Value* args, size_t) {
  Value list = TRY(to_list(t, TRY(default_names(t, args[0]))));
  TRY(sort_list(t, as<List>(list), Value::none(), false));
  return list;
}

Value object_init_subclass(Thread& t, Value* args, size_t) {
  if (as<Dict>(args[1])->count) return raise(t, ErrorType::TypeError, "{}.__init_subclass__() takes no keyword arguments", type_name(as<Type>(args[0])));
  return Value::none();
}

Value object_getstate(Thread& t, Value* args, size_t) {
  Value module = TRY(import_module(t, "copyreg"));
  Value f = TRY(get_attribute(t, module, "_default_state"));
  return call(t, f, {args[0]});
}

Value object_subclasshook(Thread& t, Value*, size_t) { return t.interpreter->not_implemented; }

Value object_sizeof(Thread& t, Value* args, size_t) { return Value::of_int(type_of(t, args[0])->layout->size); }

// copyreg's protocol, as far as copying and sending need it: (class, state).
Value object_reduce(Thread& t, Value* args, size_t) {
  Value module = TRY(import_module(t, "copyreg"));
  Value f = TRY(get_attribute(t, module, "_reduce_object"));
  return call(t, f, {args[0]});
}

const NativeRow kObjectMethods[] = {
    {"__new__", object_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", object_init, "(self, /, *args, **kwargs)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"__format__", object_format, "(self, format_spec, /)", "Default object formatter."},
    {"__dir__", object_dir, "(self, /)", "Default dir() implementation."},
    {"__init_subclass__", object_init_subclass, "(cls, /, **kwargs)", "This method is called when a class is subclassed.", Binding::Class},
    {"__subclasshook__", object_subclasshook, "(cls, subclass, /)", "Abstract classes can override this to customize issubclass().", Binding::Class},
    {"__sizeof__", object_sizeof, "(self, /)", "Size of object in memory, in bytes."},
    {"__getstate__", object_getstate, "(self, /)", "Helper for pickle."},
    {"__reduce__", object_reduce, "(self, /)", "Helper for pickle."},
    {"__reduce_ex__", object_reduce, "(self, protocol, /)", "Helper for pickle."},
};

const AttributeRow kObjectAttributes[] = {
    {"__class__", object_get_class, object_set_class, "the object's class"},
};

Value none_repr(Thread& t, Value) { return str_value(intern(t, "None")); }
Value none_truth(Thread&, Value) { return Value::of_bool(false); }
Value none_hash(Thread&, Value) { return Value::of_int(kNoneHash); }
Value none_new(Thread&, Value*, size_t) { return Value::none(); }
Value none_or(Thread& t, BinaryOp op, Value a, Value b) {
  return op == BinaryOp::Or ? make_union_type(t, a, b) : t.interpreter->not_implemented;
}
Value not_implemented_repr(Thread& t, Value) { return str_value(intern(t, "NotImplemented")); }
Value not_implemented_truth(Thread&, Value) { return Value::of_bool(true); }
Value not_implemented_new(Thread& t, Value*, size_t) { return t.interpreter->not_implemented; }
Value ellipsis_repr(Thread& t, Value) { return str_value(intern(t, "Ellipsis")); }
Value ellipsis_new(Thread& t, Value*, size_t) { return t.interpreter->ellipsis; }

const NativeRow kNoneMethods[] = {{"__new__", none_new, "(cls, /)", "", Binding::Static}};
const NativeRow kNotImplementedMethods[] = {{"__new__", not_implemented_new, "(cls, /)", "", Binding::Static}};
const NativeRow kEllipsisMethods[] = {{"__new__", ellipsis_new, "(cls, /)", "", Binding::Static}};

}  // namespace

const Layout object_layout = {
    .name = "object", .module = "builtins", .kind = Kind::Instance, .size = sizeof(Object), .flags = kSubclassable,
    .ops = {.repr = object_repr, .str = object_str, .hash = object_hash, .compare = object_compare,
            .get_attribute = generic_get_attribute, .set_attribute = generic_set_attribute},
    .methods = kObjectMethods, .method_count = std::size(kObjectMethods),
    .attributes = kObjectAttributes, .attribute_count = std::size(kObjectAttributes),
    .help = "The base class of the class hierarchy."};

const Layout none_layout = {
    .name = "NoneType", .module = "builtins", .kind = Kind::Native, .size = sizeof(Object),
    .ops = {.repr = none_repr, .hash = none_hash, .truth = none_truth, .binary = none_or},
    .methods = kNoneMethods, .method_count = 1};

const Layout not_implemented_layout = {
    .name = "NotImplementedType", .module = "builtins", .kind = Kind::Native, .size = sizeof(Object),
    .ops = {.repr = not_implemented_repr, .truth = not_implemented_truth},
    .methods = kNotImplementedMethods, .method_count = 1};

const Layout ellipsis_layout = {
    .name = "ellipsis", .module = "builtins", .kind = Kind::Native, .size = sizeof(Object), .ops = {.repr = ellipsis_repr},
    .methods = kEllipsisMethods, .method_count = 1};

}  // namespace mini
