// SPDX-License-Identifier: MIT
// Module objects. Importing is builtins/import.cpp's.
#include "runtime/objects/module.h"

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

void set_special_names(Thread& t, Dict* d, Str* name) {
  dict_set(t, d, names(t).name, str_value(name));
  dict_set(t, d, names(t).doc, Value::none());
  dict_set(t, d, names(t).package, Value::none());
  dict_set(t, d, names(t).loader, Value::none());
  dict_set(t, d, names(t).spec, Value::none());
}

void module_trace(Object* self, Marker& marker) {
  auto m = static_cast<Module*>(self);
  marker.mark_pointer(m->namespace_);
  marker.mark_pointer(m->name);
}

Value module_new(Thread& t, Value* args, size_t) {
  auto m = static_cast<Module*>(allocate_object(t, as<Type>(args[0])));
  m->namespace_ = nullptr;
  m->name = t.interpreter->empty_str;
  m->namespace_ = make_dict(t);
  return Value::of_object(m);
}

Value module_init(Thread& t, Value* args, size_t) {
  auto m = as<Module>(args[0]);
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "module() argument 'name' must be str, not {}", argument_type_name(t, args[1]));
  m->name = as<Str>(args[1]);
  set_special_names(t, m->namespace_, m->name);
  if (!args[2].is_empty()) dict_set(t, m->namespace_, names(t).doc, args[2]);
  return Value::none();
}

Value module_repr(Thread& t, Value self) {
  auto m = as<Module>(self);
  Value name = dict_get(m->namespace_, names(t).name);
  Value file = dict_get(m->namespace_, names(t).file);
  std::string shown = is_kind(name, Kind::Str) ? to_utf8(as<Str>(name)) : "?";
  if (is_kind(file, Kind::Str)) return str_value(make_str(t, fmt::format("<module '{}' from '{}'>", shown, to_utf8(as<Str>(file)))));
  bool is_builtin = m->flags & kFrozenBySelf;
  return str_value(make_str(t, fmt::format("<module '{}'{}>", shown, is_builtin ? " (built-in)" : "")));
}

Value module_get_attribute(Thread& t, Value self, Str* name) {
  auto m = as<Module>(self);
  Value v = dict_get(m->namespace_, name);
  if (!v.is_empty()) return v;
  v = generic_get_attribute(t, self, name);
  if (!v.is_empty()) return v;
  Value hook = dict_get(m->namespace_, names(t).getattr);
  return hook.is_empty() ? hook : call(t, hook, {str_value(name)});
}

Value module_set_attribute(Thread& t, Value self, Str* name, Value v) {
  auto m = as<Module>(self);
  Value in_class = type_lookup(type_of(t, self), name);
  if (!in_class.is_empty() && in_class.is_object() && in_class.object->shape->type->ops.descriptor_set)
    return generic_set_attribute(t, self, name, v);
  if (!v.is_empty()) {
    dict_set(t, m->namespace_, name, v);
    return Value::none();
  }
  if (dict_delete(t, m->namespace_, name)) return Value::none();
  return raise(t, ErrorType::AttributeError, "'{}' object has no attribute '{}'", type_name(t, self), to_utf8(name));   // reading names the module
}

Value module_get_dict(Thread&, Value self) { return Value::of_object(as<Module>(self)->namespace_); }

Value module_dir(Thread& t, Value* args, size_t) {
  auto m = as<Module>(args[0]);
  Value hook = dict_get(m->namespace_, names(t).dir);
  if (!hook.is_empty()) return call(t, hook, {});
  return call_method(t, Value::of_object(types(t).list), names(t).call, {Value::of_object(m->namespace_)});
}

const NativeRow kMethods[] = {
    {"__new__", module_new, "(cls, /, *args, **kwargs)", "", Binding::Static},
    {"__init__", module_init, "(self, name, doc=None)", ""},
    {"__dir__", module_dir, "(self, /)", ""},
};
const AttributeRow kAttributes[] = {{"__dict__", module_get_dict, readonly_member, ""}};

}  // namespace

Module* make_module(Thread& t, Str* name) {
  auto m = t.heap->make<Module>(types(t).module->root_shape);
  m->namespace_ = nullptr;
  m->name = name;
  m->namespace_ = make_dict(t);
  m->flags |= kFrozenBySelf;   // made by the interpreter, not by a script: shown as built-in if it has no file
  set_special_names(t, m->namespace_, name);
  return m;
}

void module_set(Thread& t, Module* m, const char* name, Value v) { dict_set(t, m->namespace_, intern(t, name), v); }

Type* module_add_type(Thread& t, Module* m, const Layout& layout) {
  Type* type = native_type(t, layout);
  module_set(t, m, layout.name, Value::of_object(type));
  return type;
}

const Layout module_layout = {
    .name = "module", .module = "builtins", .kind = Kind::Module, .size = sizeof(Module), .flags = kSubclassable, .trace = module_trace,
    .ops = {.repr = module_repr, .get_attribute = module_get_attribute, .set_attribute = module_set_attribute},
    .methods = kMethods, .method_count = std::size(kMethods), .attributes = kAttributes, .attribute_count = std::size(kAttributes),
    .help = "Create a module object."};

}  // namespace mini
