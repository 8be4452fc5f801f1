// SPDX-License-Identifier: MIT
// Script functions, bound methods, cells, and the wrappers property, staticmethod and classmethod.
#include "runtime/objects/generator.h"
#include "runtime/objects/function.h"

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Cell* make_cell(Thread& t, Value v) {
  auto c = t.heap->make<Cell>(types(t).cell->root_shape);
  c->value = v;
  return c;
}

Function* make_function(Thread& t, Code* code, Dict* globals) {
  size_t count = code->captures.size();
  auto f = t.heap->make<Function>(types(t).function->root_shape, count * sizeof(Cell*));
  f->code = code;
  f->globals = globals;
  f->closure = reinterpret_cast<Cell**>(f + 1);
  f->closure_count = static_cast<uint32_t>(count);
  for (size_t i = 0; i < count; ++i) f->closure[i] = nullptr;
  f->defaults = nullptr;
  f->keyword_defaults = nullptr;
  f->name = str_value(code->name);
  f->qualified_name = str_value(code->qualified_name);
  f->doc = code->docstring ? str_value(code->docstring) : Value::none();
  f->module = dict_get(globals, names(t).name);
  if (f->module.is_empty()) f->module = Value::none();
  f->annotations = Value::empty();
  f->store = {nullptr, 0, 0};
  return f;
}

namespace {

Type* bound_type(Thread& t, Value function) {
  if (!is_kind(function, Kind::NativeFunction)) return types(t).bound_method;
  return type_of(function.object) == types(t).wrapper_descriptor ? types(t).method_wrapper : types(t).bound_native;
}

}  // namespace

Value make_bound_method(Thread& t, Value function, Value self) {
  auto m = t.heap->make<BoundMethod>(bound_type(t, function)->root_shape);
  m->function = function;
  m->self = self;
  return Value::of_object(m);
}

bool is_callable(Thread& t, Value v) { return type_of(t, v)->ops.call != nullptr; }

namespace {

// --- function ---

void function_trace(Object* self, Marker& marker) {
  auto f = static_cast<Function*>(self);
  marker.mark_pointer(f->code);
  marker.mark_pointer(f->globals);
  for (uint32_t i = 0; i < f->closure_count; ++i) marker.mark_pointer(f->closure[i]);
  marker.mark_pointer(f->defaults);
  marker.mark_pointer(f->keyword_defaults);
  marker.mark(f->name);
  marker.mark(f->qualified_name);
  marker.mark(f->doc);
  marker.mark(f->module);
  marker.mark(f->annotations);
}

Value function_repr(Thread& t, Value self) {
  std::string name = to_utf8(as<Str>(as<Function>(self)->qualified_name));
  return str_value(make_str(t, fmt::format("<function {} at 0x{:x}>", name, self.bits)));
}

Value function_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  return call(t, self, args, argc, keyword_names);
}

Value function_descriptor_get(Thread& t, Value self, Value instance, Value) {
  return instance.is_empty() || (instance.is_none() && false) ? self : make_bound_method(t, self, instance);
}

Value set_text(Thread& t, Value& field, Value self, Value v, const char* name) {
  if (!is_kind(v, Kind::Str)) return raise(t, ErrorType::TypeError, "{} must be set to a string object", name);
  store(self.object, field, v);
  return Value::none();
}

Value function_get_name(Thread&, Value self) { return as<Function>(self)->name; }
Value function_set_name(Thread& t, Value self, Value v) { return set_text(t, as<Function>(self)->name, self, v, "__name__"); }
Value function_get_qualname(Thread&, Value self) { return as<Function>(self)->qualified_name; }
Value function_set_qualname(Thread& t, Value self, Value v) { return set_text(t, as<Function>(self)->qualified_name, self, v, "__qualname__"); }
Value function_get_doc(Thread&, Value self) { return as<Function>(self)->doc; }
Value function_set_doc(Thread&, Value self, Value v) {
  store(self.object, as<Function>(self)->doc, v.is_empty() ? Value::none() : v);
  return Value::none();
}
Value function_get_module(Thread&, Value self) { return as<Function>(self)->module; }
Value function_set_module(Thread&, Value self, Value v) {
  store(self.object, as<Function>(self)->module, v.is_empty() ? Value::none() : v);
  return Value::none();
}
Value function_get_annotations(Thread& t, Value self) {
  auto f = as<Function>(self);
  if (f->annotations.is_empty()) store(f, f->annotations, Value::of_object(make_dict(t)));
  return f->annotations;
}
Value function_set_annotations(Thread& t, Value self, Value v) {
  if (!v.is_empty() && !is_kind(v, Kind::Dict) && !v.is_none())
    return raise(t, ErrorType::TypeError, "__annotations__ must be set to a dict object");
  store(self.object, as<Function>(self)->annotations, v.is_none() ? Value::empty() : v);
  return Value::none();
}
Value function_get_defaults(Thread&, Value self) {
  auto f = as<Function>(self);
  return f->defaults ? Value::of_object(f->defaults) : Value::none();
}
Value function_set_defaults(Thread& t, Value self, Value v) {
  if (!v.is_empty() && !v.is_none() && !is_kind(v, Kind::Tuple))
    return raise(t, ErrorType::TypeError, "__defaults__ must be set to a tuple object");
  as<Function>(self)->defaults = is_kind(v, Kind::Tuple) ? as<Tuple>(v) : nullptr;
  note_write(self.object);
  return Value::none();
}
Value function_get_keyword_defaults(Thread&, Value self) {
  auto f = as<Function>(self);
  return f->keyword_defaults ? Value::of_object(f->keyword_defaults) : Value::none();
}
Value function_set_keyword_defaults(Thread& t, Value self, Value v) {
  if (!v.is_empty() && !v.is_none() && !is_kind(v, Kind::Dict))
    return raise(t, ErrorType::TypeError, "__kwdefaults__ must be set to a dict object");
  as<Function>(self)->keyword_defaults = is_kind(v, Kind::Dict) ? as<Dict>(v) : nullptr;
  note_write(self.object);
  return Value::none();
}
Value function_get_code(Thread&, Value self) { return Value::of_object(as<Function>(self)->code); }
Value function_set_code(Thread& t, Value self, Value v) {
  if (!is_kind(v, Kind::Code)) return raise(t, ErrorType::TypeError, "__code__ must be set to a code object");
  auto f = as<Function>(self);
  if (as<Code>(v)->captures.size() != f->closure_count)
    return raise(t, ErrorType::ValueError, "{}() requires a code object with {} free vars, not {}", to_utf8(as<Str>(f->name)),
                 f->closure_count, as<Code>(v)->captures.size());
  unpack_frames_of(t, f);
  f->code = as<Code>(v);
  note_write(f);
  return Value::none();
}
// The dict, as CPython gives it: that of the module which the globals name, or what they name when it is a dict.
Value function_get_builtins(Thread& t, Value self) {
  Value named = dict_get(as<Function>(self)->globals, names(t).builtins);
  if (is_kind(named, Kind::Dict)) return named;
  return Value::of_object(t.interpreter->builtins);
}
Value function_get_globals(Thread&, Value self) { return Value::of_object(as<Function>(self)->globals); }
Value function_get_closure(Thread& t, Value self) {
  auto f = as<Function>(self);
  if (f->closure_count == 0) return Value::none();
  Tuple* cells = make_tuple(t, f->closure_count);
  for (uint32_t i = 0; i < f->closure_count; ++i) cells->items[i] = Value::of_object(f->closure[i]);
  return Value::of_object(cells);
}

// FunctionType(code, globals, name, argdefs, closure).
Value function_new(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Code)) return raise(t, ErrorType::TypeError, "function() argument 'code' must be code, not {}", type_name(t, args[1]));
  if (!is_kind(args[2], Kind::Dict)) return raise(t, ErrorType::TypeError, "function() argument 'globals' must be dict, not {}", type_name(t, args[2]));
  auto given = [&](int i) { return !args[i].is_empty() && !args[i].is_none(); };
  if (given(3) && !is_kind(args[3], Kind::Str)) return raise_text(t, ErrorType::TypeError, "arg 3 (name) must be None or string");
  if (given(4) && !is_kind(args[4], Kind::Tuple)) return raise_text(t, ErrorType::TypeError, "arg 4 (defaults) must be None or tuple");
  auto code = as<Code>(args[1]);
  if (given(5) && !is_kind(args[5], Kind::Tuple)) return raise_text(t, ErrorType::TypeError, "arg 5 (closure) must be None or tuple");
  if (!given(5) && !code->free_names.empty()) return raise_text(t, ErrorType::TypeError, "arg 5 (closure) must be tuple");
  uint64_t cells = given(5) ? as<Tuple>(args[5])->length : 0;
  if (cells != code->free_names.size())
    return raise(t, ErrorType::ValueError, "{} requires closure of length {}, not {}", to_utf8(code->name), code->free_names.size(), cells);
  for (uint64_t i = 0; i < cells; ++i)
    if (!is_kind(as<Tuple>(args[5])->items[i], Kind::Cell))
      return raise(t, ErrorType::TypeError, "arg 5 (closure) expected cell, found {}", type_name(t, as<Tuple>(args[5])->items[i]));
  Function* f = make_function(t, code, as<Dict>(args[2]));
  for (uint64_t i = 0; i < cells; ++i) f->closure[i] = as<Cell>(as<Tuple>(args[5])->items[i]);
  if (given(3)) f->name = args[3];
  if (given(4)) f->defaults = as<Tuple>(args[4]);
  return Value::of_object(f);
}

const NativeRow kFunctionMethods[] = {
    {"__new__", function_new, "(cls, code, globals, name=None, argdefs=None, closure=None)", "Create a function object.", Binding::Static},
};

Value function_builtins(Thread& t, Value self) {
  Value own = dict_get(as<Function>(self)->globals, names(t).builtins);
  if (is_kind(own, Kind::Module)) return Value::of_object(as<Module>(own)->namespace_);
  return is_kind(own, Kind::Dict) ? own : Value::of_object(t.interpreter->builtins);
}

const AttributeRow kFunctionAttributes[] = {
    {"__builtins__", function_builtins, readonly_member, ""},
    {"__name__", function_get_name, function_set_name, ""},
    {"__qualname__", function_get_qualname, function_set_qualname, ""},
    {"__doc__", function_get_doc, function_set_doc, ""},
    {"__module__", function_get_module, function_set_module, ""},
    {"__annotations__", function_get_annotations, function_set_annotations, ""},
    {"__defaults__", function_get_defaults, function_set_defaults, ""},
    {"__kwdefaults__", function_get_keyword_defaults, function_set_keyword_defaults, ""},
    {"__code__", function_get_code, function_set_code, ""},
    {"__globals__", function_get_globals, nullptr, ""},
    {"__builtins__", function_get_builtins, nullptr, ""},
    {"__closure__", function_get_closure, nullptr, ""},
};

// --- bound method ---

void bound_method_trace(Object* self, Marker& marker) {
  auto m = static_cast<BoundMethod*>(self);
  marker.mark(m->function);
  marker.mark(m->self);
}

Value bound_method_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  auto m = as<BoundMethod>(self);
  size_t total = argc + (keyword_names ? keyword_names->length : 0);
  constexpr size_t kOnStack = 12;
  if (total < kOnStack) {
    Value all[kOnStack];
    all[0] = m->self;
    std::copy_n(args, total, all + 1);
    return call(t, m->function, all, argc + 1, keyword_names);
  }
  ValueList all(t);
  all.push(m->self);
  for (size_t i = 0; i < total; ++i) all.push(args[i]);
  return call(t, m->function, all.data(), argc + 1, keyword_names);
}

Value bound_method_repr(Thread& t, Value self) {
  auto m = as<BoundMethod>(self);
  if (is_kind(m->function, Kind::NativeFunction)) {
    auto f = as<NativeFunction>(m->function);
    std::string what = type_of(m) == types(t).method_wrapper ? fmt::format("method-wrapper '{}'", to_utf8(f->name)) : fmt::format("built-in method {}", to_utf8(f->name));
    return str_value(make_str(t, fmt::format("<{} of {} object at 0x{:x}>", what, type_name(t, m->self), m->self.bits)));
  }
  Value name = get_attribute_or_empty(t, m->function, names(t).qualname);
  Str* shown = to_repr(t, m->self);
  if (!shown) return Value::raised();
  return str_value(make_str(t, fmt::format("<bound method {} of {}>", is_kind(name, Kind::Str) ? to_utf8(as<Str>(name)) : "?", to_utf8(shown))));
}

Value bound_method_hash(Thread& t, Value self) {
  auto m = as<BoundMethod>(self);
  int64_t a = static_cast<int64_t>(m->self.bits >> 4), b;
  if (!hash_value(t, m->function, b)) return Value::raised();
  int64_t h = a ^ b;
  return Value::of_int(h == -1 ? -2 : h);
}

Value bound_method_compare(Thread& t, CompareOp op, Value a, Value b) {
  if ((op != CompareOp::Eq && op != CompareOp::Ne) || !is_kind(b, Kind::BoundMethod)) return t.interpreter->not_implemented;
  auto x = as<BoundMethod>(a);
  auto y = as<BoundMethod>(b);
  bool is_equal = x->self.is_same(y->self) && x->function.is_same(y->function);
  return Value::of_bool(is_equal == (op == CompareOp::Eq));
}

Value bound_method_get_function(Thread&, Value self) { return as<BoundMethod>(self)->function; }
Value bound_method_get_self(Thread&, Value self) { return as<BoundMethod>(self)->self; }
Value bound_native_class(Thread& t, Value) { return Value::of_object(types(t).native_function); }

// Of the class of what it is bound to, or of the class that it is bound to.
Value bound_native_qualname(Thread& t, Value self) {
  auto m = as<BoundMethod>(self);
  Value cls = is_type_object(m->self) ? m->self : Value::of_object(type_of(t, m->self));
  Value shown = TRY(get_attribute(t, cls, names(t).qualname));
  if (!is_kind(shown, Kind::Str)) return raise_text(t, ErrorType::TypeError, "<method>.__class__.__qualname__ is not a unicode object");
  return str_value(make_str(t, to_utf8(as<Str>(shown)) + "." + to_utf8(as<NativeFunction>(m->function)->name)));
}

// Everything else is asked of the function.
Value bound_method_get_attribute(Thread& t, Value self, Str* name) {
  Value v = generic_get_attribute(t, self, name);
  if (!v.is_empty() && name != names(t).doc && name != names(t).module) return v;
  return get_attribute_or_empty(t, as<BoundMethod>(self)->function, name);
}

Value bound_method_new(Thread& t, Value* args, size_t) {
  if (!is_callable(t, args[1])) return raise(t, ErrorType::TypeError, "first argument must be callable");
  if (args[2].is_none()) return raise(t, ErrorType::TypeError, "self must not be None");
  return make_bound_method(t, args[1], args[2]);
}

const NativeRow kBoundMethodMethods[] = {{"__new__", bound_method_new, "(cls, function, instance, /)", "", Binding::Static}};

const AttributeRow kBoundMethodAttributes[] = {
    {"__func__", bound_method_get_function, nullptr, "the function (or other callable) implementing a method"},
    {"__self__", bound_method_get_self, nullptr, "the instance to which a method is bound"},
};

const AttributeRow kBoundNativeAttributes[] = {
    {"__class__", bound_native_class, nullptr, ""},
    {"__qualname__", bound_native_qualname, nullptr, ""},
    {"__self__", bound_method_get_self, nullptr, ""},
};

// The first two are of natives alone.
constexpr size_t kNotOfWrappers = 2;

// --- cell ---

void cell_trace(Object* self, Marker& marker) { marker.mark(static_cast<Cell*>(self)->value); }
Value cell_new(Thread& t, Value* args, size_t) { return Value::of_object(make_cell(t, args[1])); }
Value cell_get(Thread& t, Value self) {
  Value v = as<Cell>(self)->value;
  return v.is_empty() ? raise(t, ErrorType::ValueError, "Cell is empty") : v;
}
Value cell_set(Thread&, Value self, Value v) {
  store(self.object, as<Cell>(self)->value, v);
  return Value::none();
}
Value cell_repr(Thread& t, Value self) {
  Value v = as<Cell>(self)->value;
  if (v.is_empty()) return str_value(make_str(t, fmt::format("<cell at 0x{:x}: empty>", self.bits)));
  return str_value(make_str(t, fmt::format("<cell at 0x{:x}: {} object at 0x{:x}>", self.bits, type_name(t, v), v.bits)));
}
const AttributeRow kCellAttributes[] = {{"cell_contents", cell_get, cell_set, ""}};
const NativeRow kCellMethods[] = {{"__new__", cell_new, "(cls, contents=None, /)", "", Binding::Static}};

// --- property ---

void property_trace(Object* self, Marker& marker) {
  auto p = static_cast<Property*>(self);
  marker.mark(p->getter);
  marker.mark(p->setter);
  marker.mark(p->deleter);
  marker.mark(p->doc);
  marker.mark(p->name);
}

Value property_new(Thread& t, Value* args, size_t) {
  auto p = static_cast<Property*>(allocate_object(t, as<Type>(args[0])));
  p->getter = p->setter = p->deleter = p->doc = Value::none();
  p->name = Value::empty();
  return Value::of_object(p);
}

Value property_init(Thread& t, Value* args, size_t) {
  auto p = as<Property>(args[0]);
  auto or_none = [](Value v) { return v.is_empty() ? Value::none() : v; };
  store(p, p->getter, or_none(args[1]));
  store(p, p->setter, or_none(args[2]));
  store(p, p->deleter, or_none(args[3]));
  store(p, p->doc, or_none(args[4]));
  if (p->doc.is_none() && !p->getter.is_none()) {
    Value doc = TRY(get_attribute_or_empty(t, p->getter, names(t).doc));
    store(p, p->doc, or_none(doc));
  }
  // In a class derived from property the class's own text would hide the property's.
  if (p->exact != Kind::Property && !p->doc.is_none()) return set_attribute(t, args[0], names(t).doc, p->doc);
  return Value::none();
}

Value raise_property(Thread& t, Value self, Value instance, const char* what) {
  Value name = as<Property>(self)->name;
  std::string type = type_name(t, instance);
  Value qualname = str_value(type_of(t, instance)->qualified_name);
  type = to_utf8(as<Str>(qualname));
  if (!is_kind(name, Kind::Str)) return raise(t, ErrorType::AttributeError, "property of '{}' object has no {}", type, what);
  return raise(t, ErrorType::AttributeError, "property '{}' of '{}' object has no {}", to_utf8(as<Str>(name)), type, what);
}

Value property_get(Thread& t, Value self, Value instance, Value) {
  if (instance.is_empty()) return self;
  auto p = as<Property>(self);
  if (p->getter.is_none()) return raise_property(t, self, instance, "getter");
  return call(t, p->getter, {instance});
}

Value property_set(Thread& t, Value self, Value instance, Value v) {
  auto p = as<Property>(self);
  if (v.is_empty()) {
    if (p->deleter.is_none()) return raise_property(t, self, instance, "deleter");
    TRY(call(t, p->deleter, {instance}));
    return Value::none();
  }
  if (p->setter.is_none()) return raise_property(t, self, instance, "setter");
  TRY(call(t, p->setter, {instance, v}));
  return Value::none();
}

Value copy_property(Thread& t, Value self, int which, Value f) {
  auto p = as<Property>(self);
  Value parts[4] = {p->getter, p->setter, p->deleter, p->doc};
  if (!f.is_none()) parts[which] = f;
  // A text that came from the getter goes with it; one that was given stays.
  Value from_getter = p->getter.is_none() ? Value::empty() : TRY(get_attribute_or_empty(t, p->getter, names(t).doc));
  if (which == 0 && from_getter.is_same(p->doc)) parts[3] = Value::none();
  Value made = TRY(call(t, Value::of_object(type_of(t, self)), parts, 4));
  if (is_kind(made, Kind::Property)) store(made.object, as<Property>(made)->name, p->name);
  return made;
}

Value property_getter(Thread& t, Value* args, size_t) { return copy_property(t, args[0], 0, args[1]); }
Value property_setter(Thread& t, Value* args, size_t) { return copy_property(t, args[0], 1, args[1]); }
Value property_deleter(Thread& t, Value* args, size_t) { return copy_property(t, args[0], 2, args[1]); }
Value property_set_name(Thread&, Value* args, size_t) {
  store(args[0].object, as<Property>(args[0])->name, args[2]);
  return Value::none();
}

Value property_fget(Thread&, Value self) { return as<Property>(self)->getter; }
Value property_fset(Thread&, Value self) { return as<Property>(self)->setter; }
Value property_fdel(Thread&, Value self) { return as<Property>(self)->deleter; }
Value property_doc(Thread&, Value self) { return as<Property>(self)->doc; }
Value property_set_doc(Thread&, Value self, Value v) {
  store(self.object, as<Property>(self)->doc, v.is_empty() ? Value::none() : v);
  return Value::none();
}
Value property_is_abstract(Thread& t, Value self) {
  auto p = as<Property>(self);
  for (Value f : {p->getter, p->setter, p->deleter}) {
    if (f.is_none()) continue;
    Value v = TRY(get_attribute_or_empty(t, f, names(t).isabstractmethod));
    if (!v.is_empty() && TRY(truth(t, v)).is_true()) return Value::of_bool(true);
  }
  return Value::of_bool(false);
}

const NativeRow kPropertyMethods[] = {
    {"__new__", property_new, "(cls, /, *args, **kwargs)", "", Binding::Static},
    {"__init__", property_init, "(self, /, fget=None, fset=None, fdel=None, doc=None)", ""},
    {"getter", property_getter, "(self, function, /)", "Descriptor to obtain a copy of the property with a different getter."},
    {"setter", property_setter, "(self, function, /)", "Descriptor to obtain a copy of the property with a different setter."},
    {"deleter", property_deleter, "(self, function, /)", "Descriptor to obtain a copy of the property with a different deleter."},
    {"__set_name__", property_set_name, "(self, owner, name, /)", ""},
};

const AttributeRow kPropertyAttributes[] = {
    {"fget", property_fget, readonly_member, ""}, {"fset", property_fset, readonly_member, ""}, {"fdel", property_fdel, readonly_member, ""},
    {"__doc__", property_doc, property_set_doc, ""}, {"__isabstractmethod__", property_is_abstract, nullptr, ""},
};

// --- staticmethod and classmethod ---

void wrapper_trace(Object* self, Marker& marker) { marker.mark(static_cast<MethodWrapper*>(self)->function); }

Value wrapper_new(Thread& t, Value* args, size_t) {
  auto w = static_cast<MethodWrapper*>(allocate_object(t, as<Type>(args[0])));
  w->function = Value::none();
  return Value::of_object(w);
}

Value wrapper_init(Thread& t, Value* args, size_t) {
  auto w = as<MethodWrapper>(args[0]);
  store(w, w->function, args[1]);
  for (Str* name : {names(t).module, names(t).name, names(t).qualname, names(t).doc, names(t).annotations}) {
    Value v = TRY(get_attribute_or_empty(t, args[1], name));
    if (!v.is_empty()) set_own_attribute(t, w, name, v);
  }
  return Value::none();
}

Value static_method_get(Thread&, Value self, Value, Value) { return as<MethodWrapper>(self)->function; }
Value static_method_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  return call(t, as<MethodWrapper>(self)->function, args, argc, keyword_names);
}
Value class_method_get(Thread& t, Value self, Value instance, Value owner) {
  Value cls = owner.is_empty() ? Value::of_object(type_of(t, instance)) : owner;
  Value f = as<MethodWrapper>(self)->function;
  if (!is_kind(f, Kind::Function) && !is_kind(f, Kind::NativeFunction)) {
    const TypeOps& ops = type_of(t, f)->ops;
    if (ops.descriptor_get) return ops.descriptor_get(t, f, cls, cls);
  }
  return make_bound_method(t, f, cls);
}

Value wrapper_repr(Thread& t, Value self) {
  Str* inner = to_repr(t, as<MethodWrapper>(self)->function);
  if (!inner) return Value::raised();
  return str_value(make_str(t, fmt::format("<{}({})>", type_name(t, self), to_utf8(inner))));
}
Value wrapper_function(Thread&, Value self) { return as<MethodWrapper>(self)->function; }
Value wrapper_is_abstract(Thread& t, Value self) {
  Value v = TRY(get_attribute_or_empty(t, as<MethodWrapper>(self)->function, names(t).isabstractmethod));
  return v.is_empty() ? Value::of_bool(false) : truth(t, v);
}

const NativeRow kWrapperMethods[] = {
    {"__new__", wrapper_new, "(cls, /, *args, **kwargs)", "", Binding::Static},
    {"__init__", wrapper_init, "(self, function, /)", ""},
};
const AttributeRow kWrapperAttributes[] = {
    {"__func__", wrapper_function, readonly_member, ""},
    {"__wrapped__", wrapper_function, readonly_member, ""},
    {"__isabstractmethod__", wrapper_is_abstract, nullptr, ""},
};

}  // namespace

const Layout function_layout = {
    .name = "function", .module = "builtins", .kind = Kind::Function, .size = sizeof(Function), .flags = kHasAttributes,
    .trace = function_trace, .ops = {.repr = function_repr, .call = function_call, .descriptor_get = function_descriptor_get},
    .methods = kFunctionMethods, .method_count = std::size(kFunctionMethods),
    .attributes = kFunctionAttributes, .attribute_count = std::size(kFunctionAttributes)};

const Layout bound_method_layout = {
    .name = "method", .module = "builtins", .kind = Kind::BoundMethod, .size = sizeof(BoundMethod), .trace = bound_method_trace,
    .ops = {.repr = bound_method_repr, .hash = bound_method_hash, .compare = bound_method_compare, .call = bound_method_call,
            .get_attribute = bound_method_get_attribute},
    .methods = kBoundMethodMethods, .method_count = std::size(kBoundMethodMethods),
    .attributes = kBoundMethodAttributes, .attribute_count = std::size(kBoundMethodAttributes)};

namespace {

constexpr Layout bound_layout(const char* name, const AttributeRow* attributes, size_t count) {
  return {.name = name, .module = "builtins", .kind = Kind::BoundMethod, .size = sizeof(BoundMethod), .flags = kNoInstantiation,
          .trace = bound_method_trace,
          .ops = {.repr = bound_method_repr, .hash = bound_method_hash, .compare = bound_method_compare, .call = bound_method_call,
                  .get_attribute = bound_method_get_attribute},
          .attributes = attributes, .attribute_count = count};
}

}  // namespace

const Layout bound_native_layout = bound_layout("builtin_function_or_method", kBoundNativeAttributes, std::size(kBoundNativeAttributes));
const Layout method_wrapper_layout =
    bound_layout("method-wrapper", kBoundNativeAttributes + kNotOfWrappers, std::size(kBoundNativeAttributes) - kNotOfWrappers);

const Layout cell_layout = {
    .name = "cell", .module = "builtins", .kind = Kind::Cell, .size = sizeof(Cell), .trace = cell_trace, .ops = {.repr = cell_repr},
    .methods = kCellMethods, .method_count = 1, .attributes = kCellAttributes, .attribute_count = std::size(kCellAttributes)};

const Layout property_layout = {
    .name = "property", .module = "builtins", .kind = Kind::Property, .size = sizeof(Property), .flags = kSubclassable,
    .trace = property_trace, .ops = {.descriptor_get = property_get, .descriptor_set = property_set},
    .methods = kPropertyMethods, .method_count = std::size(kPropertyMethods),
    .attributes = kPropertyAttributes, .attribute_count = std::size(kPropertyAttributes),
    .help = "Property attribute."};

const Layout static_method_layout = {
    .name = "staticmethod", .module = "builtins", .kind = Kind::StaticMethod, .size = sizeof(MethodWrapper), .flags = kSubclassable | kHasAttributes,
    .trace = wrapper_trace, .ops = {.repr = wrapper_repr, .call = static_method_call, .descriptor_get = static_method_get},
    .methods = kWrapperMethods, .method_count = std::size(kWrapperMethods),
    .attributes = kWrapperAttributes, .attribute_count = std::size(kWrapperAttributes)};

const Layout class_method_layout = {
    .name = "classmethod", .module = "builtins", .kind = Kind::ClassMethod, .size = sizeof(MethodWrapper), .flags = kSubclassable | kHasAttributes,
    .trace = wrapper_trace, .ops = {.repr = wrapper_repr, .descriptor_get = class_method_get},
    .methods = kWrapperMethods, .method_count = std::size(kWrapperMethods),
    .attributes = kWrapperAttributes, .attribute_count = std::size(kWrapperAttributes)};

}  // namespace mini
