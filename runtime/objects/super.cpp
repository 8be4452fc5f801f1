// SPDX-License-Identifier: MIT
// super: looks attributes up in the method resolution order behind a class.
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

namespace {

// The class in whose order super() looks: that of an instance, or a class itself for class methods. A proxy may only claim its
// class by __class__. Null when it has nothing to do with `after`.
Type* super_start(Thread& t, Type* after, Value self) {
  if (is_type_object(self) && is_subtype(as<Type>(self), after)) return as<Type>(self);
  Type* type = type_of(t, self);
  if (is_subtype(type, after)) return type;
  Value claimed = get_attribute_or_empty(t, self, names(t).class_);
  if (claimed.is_raised()) (void)take_exception(t);
  return is_type_object(claimed) && is_subtype(as<Type>(claimed), after) ? as<Type>(claimed) : nullptr;
}

}  // namespace

Value super_lookup(Thread& t, Type* after, Value self, Str* name, Type** start_of) {
  Type* start = super_start(t, after, self);
  if (!start) start = type_of(t, self);
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
  if (!super_start(t, as<Type>(cls), self)) return raise(t, ErrorType::TypeError, "super(type, obj): obj must be an instance or subtype of type");
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
  return Value::of_object(s);
}

Value super_init(Thread& t, Value* args, size_t) {
  auto s = as<Super>(args[0]);
  if (args[1].is_empty()) {
    // The compiler turns `super()` in a method into an instruction, so this call stands elsewhere.
    bool has_parameters = t.frame && t.frame->function && t.frame->code->positional_count > 0;
    return raise_text(t, ErrorType::RuntimeError, has_parameters ? "super(): __class__ cell not found" : "super(): no arguments");
  }
  if (!is_type_object(args[1])) return raise(t, ErrorType::TypeError, "super() argument 1 must be a type, not {}", type_name(t, args[1]));
  Value self = args[2].is_none() ? Value::empty() : args[2];
  if (!self.is_empty()) TRY(check_super(t, args[1], self));
  note_write(s);
  s->cls = as<Type>(args[1]);
  s->self = self;
  return Value::none();
}

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
  if (instance.is_empty() || !s->self.is_empty() || !s->cls) return self;
  Value own_type = Value::of_object(type_of(t, self));
  if (own_type.object != types(t).super) return call(t, own_type, {Value::of_object(s->cls), instance});
  TRY(check_super(t, Value::of_object(s->cls), instance));
  return make_super(t, s->cls, instance);
}

Value super_repr(Thread& t, Value self) {
  auto s = as<Super>(self);
  std::string about = s->self.is_empty() ? "NULL" : fmt::format("<{} object>", type_name(t, s->self));
  return str_value(make_str(t, fmt::format("<super: <class '{}'>, {}>", s->cls ? type_name(s->cls) : "NULL", about)));
}

Value super_this_class(Thread&, Value self) {
  auto s = as<Super>(self);
  return s->cls ? Value::of_object(s->cls) : Value::none();
}
Value super_self(Thread&, Value self) {
  Value v = as<Super>(self)->self;
  return v.is_empty() ? Value::none() : v;
}
Value super_self_class(Thread& t, Value self) {
  auto s = as<Super>(self);
  if (s->self.is_empty()) return Value::none();
  bool is_class = is_type_object(s->self) && is_subtype(as<Type>(s->self), s->cls);
  return is_class ? s->self : Value::of_object(type_of(t, s->self));
}

const NativeRow kSuperMethods[] = {
    {"__new__", super_new, "(cls, /, *args, **kwargs)", "", Binding::Static},
    {"__init__", super_init, "(self, type=None, obj=None, /)", ""},
};
const AttributeRow kSuperAttributes[] = {
    {"__thisclass__", super_this_class, readonly_member, "the class invoking super()"},
    {"__self__", super_self, readonly_member, "the instance invoking super(); may be None"},
    {"__self_class__", super_self_class, readonly_member, "the type of the instance invoking super(); may be None"},
};

}  // namespace

Value make_super(Thread& t, Type* cls, Value self) {
  auto s = t.heap->make<Super>(types(t).super->root_shape);
  s->cls = cls;
  s->self = self;
  return Value::of_object(s);
}

const Layout super_layout = {
    .name = "super", .module = "builtins", .kind = Kind::Super, .size = sizeof(Super), .flags = kSubclassable, .trace = super_trace,
    .ops = {.repr = super_repr, .get_attribute = super_get_attribute, .descriptor_get = super_get},
    .methods = kSuperMethods, .method_count = std::size(kSuperMethods),
    .attributes = kSuperAttributes, .attribute_count = std::size(kSuperAttributes)};

}  // namespace mini
