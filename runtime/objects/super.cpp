// SPDX-License-Identifier: MIT
// super: looks attributes up in the method resolution order behind a class; and code objects as scripts see them, and unions of
// types (`int | str`).
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/super.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Value super_lookup(Thread& t, Type* after, Value self, Str* name, Type** start_of) {
  // `self` is an instance, or a class for class methods.
  Type* start = type_of(t, self);
  if (is_type_object(self) && is_subtype(as<Type>(self), after)) start = as<Type>(self);
  *start_of = start;
  bool is_behind = false;
  for (uint64_t i = 0; i < start->mro->length; ++i) {
    auto type = as<Type>(start->mro->items[i]);
    if (is_behind) {
      Value v = dict_get(type->attributes, name);
      if (!v.is_empty()) return v;
    }
    is_behind |= type == after;
  }
  return Value::empty();
}

Value check_super(Thread& t, Value cls, Value self) {
  if (!is_type_object(cls)) return raise(t, ErrorType::TypeError, "super() argument 1 must be a type, not {}", type_name(t, cls));
  bool is_ok = is_subtype(type_of(t, self), as<Type>(cls)) || (is_type_object(self) && is_subtype(as<Type>(self), as<Type>(cls)));
  if (!is_ok) return raise(t, ErrorType::TypeError, "super(type, obj): obj must be an instance or subtype of type");
  return Value::none();
}

namespace {

void super_trace(Object* o, Marker& marker) {
  auto s = static_cast<Super*>(o);
  marker.mark_pointer(s->cls);
  marker.mark(s->self);
}

Value super_new(Thread& t, Value* args, size_t) {
  auto s = static_cast<Super*>(allocate_object(t, as<Type>(args[0])));
  s->cls = nullptr;
  s->self = Value::empty();
  if (args[1].is_empty()) {
    // The compiler turns `super()` in a method into an instruction, so this call stands elsewhere.
    bool has_parameters = t.frame && t.frame->function && t.frame->code->positional_count > 0;
    return raise_text(t, ErrorType::RuntimeError, has_parameters ? "super(): __class__ cell not found" : "super(): no arguments");
  }
  if (!is_type_object(args[1])) return raise(t, ErrorType::TypeError, "super() argument 1 must be a type, not {}", type_name(t, args[1]));
  if (!args[2].is_empty() && !args[2].is_none()) {
    TRY(check_super(t, args[1], args[2]));
    s->self = args[2];
  }
  s->cls = as<Type>(args[1]);
  return Value::of_object(s);
}
Value super_init(Thread&, Value*, size_t) { return Value::none(); }

Value super_get_attribute(Thread& t, Value self, Str* name) {
  auto s = as<Super>(self);
  if (!s->self.is_empty() && name != names(t).class_) {
    Type* start;
    Value v = super_lookup(t, s->cls, s->self, name, &start);
    if (!v.is_empty()) {
      const TypeOps& ops = type_of(t, v)->ops;
      if (!ops.descriptor_get) return v;
      bool through_class = is_type_object(s->self) && start == s->self.object;
      return ops.descriptor_get(t, v, through_class ? Value::empty() : s->self, Value::of_object(start));
    }
  }
  return generic_get_attribute(t, self, name);
}

Value super_get(Thread& t, Value self, Value instance, Value) {
  auto s = as<Super>(self);
  if (instance.is_empty() || !s->self.is_empty()) return self;
  TRY(check_super(t, Value::of_object(s->cls), instance));
  return make_super(t, s->cls, instance);
}

Value super_repr(Thread& t, Value self) {
  auto s = as<Super>(self);
  std::string about = s->self.is_empty() ? "NULL" : fmt::format("<{} object>", type_name(t, s->self));
  return str_value(make_str(t, fmt::format("<super: <class '{}'>, {}>", type_name(s->cls), about)));
}

Value super_this_class(Thread&, Value self) { return Value::of_object(as<Super>(self)->cls); }
Value super_self(Thread&, Value self) {
  Value v = as<Super>(self)->self;
  return v.is_empty() ? Value::none() : v;
}

Value super_self_class(Thread& t, Value self) {
  auto s = as<Super>(self);
  if (s->self.is_empty()) return Value::none();
  bool is_class = is_type_object(s->self) && s->cls && is_subtype(as<Type>(s->self), s->cls);
  return is_class ? s->self : Value::of_object(type_of(t, s->self));
}

const NativeRow kSuperMethods[] = {
    {"__new__", super_new, "(cls, type=None, obj=None, /)", "", Binding::Static},
    {"__init__", super_init, "(self, /, *args, **kwargs)", ""},
};
const AttributeRow kSuperAttributes[] = {
    {"__thisclass__", super_this_class, nullptr, "the class invoking super()"},
    {"__self__", super_self, nullptr, "the instance invoking super(); may be None"},
    {"__self_class__", super_self_class, nullptr, "the type of the instance invoking super(); may be None"},
};

// --- code ---

void code_trace(Object* o, Marker& marker) {
  auto c = static_cast<Code*>(o);
  marker.mark(c->constants.data(), c->constants.size());
  for (auto& cache : c->caches) marker.mark_pointer(cache.name);
  for (auto list : {&c->variable_names, &c->cell_names, &c->free_names})
    for (Str* s : *list) marker.mark_pointer(s);
  marker.mark_pointer(c->name);
  marker.mark_pointer(c->qualified_name);
  marker.mark_pointer(c->file_name);
  marker.mark_pointer(c->docstring);
}

void code_finalize(Object* o, Heap&) {
  auto c = static_cast<Code*>(o);
  c->instructions.~vector();
  c->constants.~vector();
  c->caches.~vector();
  c->ranges.~vector();
  c->handlers.~vector();
  c->inline_ranges.~vector();
  c->captures.~vector();
  c->variable_names.~vector();
  c->cell_names.~vector();
  c->free_names.~vector();
  c->cell_registers.~vector();
}

Value code_repr(Thread& t, Value self) {
  auto c = as<Code>(self);
  return str_value(make_str(t, fmt::format("<code object {} at 0x{:x}, file \"{}\", line {}>", to_utf8(c->name), self.bits,
                                           to_utf8(c->file_name), c->first_line)));
}
Value text_or_empty(Thread& t, Str* s) { return str_value(s ? s : t.interpreter->empty_str); }
Value code_name(Thread& t, Value self) { return text_or_empty(t, as<Code>(self)->name); }
Value code_qualname(Thread& t, Value self) { return text_or_empty(t, as<Code>(self)->qualified_name); }
Value code_filename(Thread& t, Value self) { return text_or_empty(t, as<Code>(self)->file_name); }
Value code_first_line(Thread&, Value self) { return Value::of_int(as<Code>(self)->first_line); }
Value code_argcount(Thread&, Value self) { return Value::of_int(as<Code>(self)->positional_count); }
Value code_positional_only(Thread&, Value self) { return Value::of_int(as<Code>(self)->positional_only_count); }
Value code_keyword_only(Thread&, Value self) { return Value::of_int(as<Code>(self)->keyword_only_count); }
Value code_flags(Thread&, Value self) {
  uint32_t mine = as<Code>(self)->code_flags, flags = 3;   // OPTIMIZED | NEWLOCALS; then as inspect names them
  if (mine & kCodeVarArgs) flags |= 4;
  if (mine & kCodeVarKeywords) flags |= 8;
  if (mine & kCodeNested) flags |= 16;
  if (mine & kCodeGenerator) flags |= 32;
  if (mine & kCodeCoroutine) flags |= 128;
  if (mine & kCodeAsyncGenerator) flags |= 512;
  return Value::of_int(flags);
}
Value names_tuple(Thread& t, const std::vector<Str*>& list) {
  Tuple* tuple = make_tuple(t, list.size());
  for (size_t i = 0; i < list.size(); ++i) tuple->items[i] = str_value(list[i]);
  return Value::of_object(tuple);
}
// Without the variable in which the runtime keeps what locals() gives.
Value code_varnames(Thread& t, Value self) {
  std::vector<Str*> shown;
  for (Str* name : as<Code>(self)->variable_names)
    if (!equals(name, ".locals")) shown.push_back(name);
  return names_tuple(t, shown);
}
Value code_freevars(Thread& t, Value self) { return names_tuple(t, as<Code>(self)->free_names); }
Value code_cellvars(Thread& t, Value self) { return names_tuple(t, as<Code>(self)->cell_names); }
Value code_nlocals(Thread& t, Value self) { return Value::of_int(static_cast<int64_t>(as<Tuple>(code_varnames(t, self))->length)); }
Value code_consts(Thread& t, Value self) {
  auto& list = as<Code>(self)->constants;
  return Value::of_object(make_tuple(t, list.data(), list.size()));
}

const AttributeRow kCodeAttributes[] = {
    {"co_name", code_name, nullptr, ""}, {"co_qualname", code_qualname, nullptr, ""}, {"co_filename", code_filename, nullptr, ""},
    {"co_firstlineno", code_first_line, nullptr, ""}, {"co_argcount", code_argcount, nullptr, ""},
    {"co_posonlyargcount", code_positional_only, nullptr, ""}, {"co_kwonlyargcount", code_keyword_only, nullptr, ""},
    {"co_flags", code_flags, nullptr, ""}, {"co_varnames", code_varnames, nullptr, ""}, {"co_freevars", code_freevars, nullptr, ""},
    {"co_cellvars", code_cellvars, nullptr, ""}, {"co_nlocals", code_nlocals, nullptr, ""}, {"co_consts", code_consts, nullptr, ""},
};

// --- unions of types ---

struct UnionType : Object {
  Tuple* members;
};

extern const Layout union_layout;

bool can_be_member(Thread& t, Value v) {
  if (v.is_none() || is_type_object(v)) return true;
  if (v.is_object() && v.object->shape->type->type_flags & kTypeIsScript) return false;   // its own __ror__ is asked
  return v.is_object() && (v.object->shape->type->layout == &union_layout || !get_attribute_or_empty(t, v, intern(t, "__origin__")).is_empty());
}

void add_members(Thread& t, ValueList& list, Value v) {
  if (v.is_object() && v.object->shape->type->layout == &union_layout) {
    Tuple* inner = as<UnionType>(v)->members;
    for (uint64_t i = 0; i < inner->length; ++i) add_members(t, list, inner->items[i]);
    return;
  }
  if (v.is_none()) v = Value::of_object(types(t).none);
  for (Value other : list)
    if (other.is_same(v)) return;
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
    for (uint64_t j = 0; j < y->length; ++j) is_found |= x->items[i].is_same(y->items[j]);
    is_equal = is_found;
  }
  return Value::of_bool(is_equal == (op == CompareOp::Eq));
}

Value union_hash(Thread&, Value self) {
  int64_t h = 0;
  Tuple* members = as<UnionType>(self)->members;
  for (uint64_t i = 0; i < members->length; ++i) h ^= static_cast<int64_t>(members->items[i].bits >> 4);
  return Value::of_int(h == -1 ? -2 : h);
}
Value union_binary(Thread& t, BinaryOp op, Value a, Value b) {
  return op == BinaryOp::Or ? make_union_type(t, a, b) : t.interpreter->not_implemented;
}
Value union_args(Thread&, Value self) { return Value::of_object(as<UnionType>(self)->members); }
const AttributeRow kUnionAttributes[] = {{"__args__", union_args, nullptr, ""}};

const Layout union_layout = {
    .name = "UnionType", .module = "types", .kind = Kind::Native, .size = sizeof(UnionType), .flags = kNoInstantiation, .trace = union_trace,
    .ops = {.repr = union_repr, .hash = union_hash, .compare = union_compare, .binary = union_binary},
    .attributes = kUnionAttributes, .attribute_count = 1};

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

Value make_super(Thread& t, Type* cls, Value self) {
  auto s = t.heap->make<Super>(types(t).super->root_shape);
  s->cls = cls;
  s->self = self;
  return Value::of_object(s);
}

Code* make_code(Thread& t) {
  auto raw = t.heap->allocate(sizeof(Code), types(t).code->root_shape);
  Object header = *static_cast<Object*>(raw);
  auto c = new (raw) Code();
  static_cast<Object&>(*c) = header;
  c->flags |= kHasFinalizer;
  c->next_code = t.interpreter->all_code;
  t.interpreter->all_code = c;
  return c;
}

const Layout super_layout = {
    .name = "super", .module = "builtins", .kind = Kind::Super, .size = sizeof(Super), .flags = kSubclassable, .trace = super_trace,
    .ops = {.repr = super_repr, .get_attribute = super_get_attribute, .descriptor_get = super_get},
    .methods = kSuperMethods, .method_count = std::size(kSuperMethods),
    .attributes = kSuperAttributes, .attribute_count = std::size(kSuperAttributes)};

const Layout code_layout = {
    .name = "code", .module = "builtins", .kind = Kind::Code, .size = sizeof(Code), .flags = kNoInstantiation, .trace = code_trace,
    .finalize = code_finalize, .ops = {.repr = code_repr},
    .attributes = kCodeAttributes, .attribute_count = std::size(kCodeAttributes)};

}  // namespace mini
