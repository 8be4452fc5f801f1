// SPDX-License-Identifier: MIT
// The attribute protocol: data descriptors of the class, then the object's own attributes, then the rest of the class.
// https://docs.python.org/3/howto/descriptor.html
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

const TypeOps* ops_of(Value v) { return v.is_object() ? &v.object->shape->type->ops : nullptr; }

Value bind(Thread& t, Value descriptor, Value instance, Value owner) {
  const TypeOps* ops = ops_of(descriptor);
  return ops && ops->descriptor_get ? ops->descriptor_get(t, descriptor, instance, owner) : descriptor;
}

bool is_data_descriptor(Value v) {
  const TypeOps* ops = ops_of(v);
  return ops && ops->descriptor_set;
}

// One with __set__ alone is read like any value of a class: what the object itself has comes first.
bool goes_before_own(Value v) { return is_data_descriptor(v) && ops_of(v)->descriptor_get; }

}  // namespace

Value generic_get_attribute(Thread& t, Value object, Str* name) {
  Type* type = type_of(t, object);
  Value in_class = type_lookup(type, name);
  if (!in_class.is_empty() && goes_before_own(in_class)) return bind(t, in_class, object, Value::of_object(type));
  if (object.is_object()) {
    Value own = get_own_attribute(object.object, name);
    if (!own.is_empty()) return own;
  }
  if (in_class.is_empty()) return in_class;
  return bind(t, in_class, object, Value::of_object(type));
}

Value generic_set_attribute(Thread& t, Value object, Str* name, Value v) {
  Type* type = type_of(t, object);
  Value in_class = type_lookup(type, name);
  if (!in_class.is_empty() && is_data_descriptor(in_class))
    return in_class.object->shape->type->ops.descriptor_set(t, in_class, object, v);
  bool takes_attributes = object.is_object() && attribute_store(object.object) && !(type->type_flags & kTypeHasSlotsOnly);
  if (!takes_attributes) {
    if (in_class.is_empty()) return raise_no_attribute(t, object, name);
    return raise(t, ErrorType::AttributeError, "'{}' object attribute '{}' is read-only", type_name(type), to_utf8(name));
  }
  if (!v.is_empty()) {
    set_own_attribute(t, object.object, name, v);
    return Value::none();
  }
  if (delete_own_attribute(t, object.object, name)) return Value::none();
  if (is_kind(object, Kind::Module)) return raise(t, ErrorType::AttributeError, "'{}' object has no attribute '{}'", type_name(type), to_utf8(name));
  return raise_no_attribute(t, object, name);
}

Value get_attribute_or_empty(Thread& t, Value object, Str* name) {
  if (!name->is_interned()) name = intern(t, name);
  Value v = type_of(t, object)->ops.get_attribute(t, object, name);
  if (v.is_raised() && exception_matches(t, ErrorType::AttributeError)) {
    (void)take_exception(t);
    return Value::empty();
  }
  return v;
}

Value get_attribute(Thread& t, Value object, Str* name) {
  if (!name->is_interned()) name = intern(t, name);
  Value v = type_of(t, object)->ops.get_attribute(t, object, name);
  return v.is_empty() ? raise_no_attribute(t, object, name) : v;
}

Value get_attribute(Thread& t, Value object, const char* name) { return get_attribute(t, object, intern(t, name)); }

Value set_attribute(Thread& t, Value object, Str* name, Value v) {
  if (!name->is_interned()) name = intern(t, name);
  return type_of(t, object)->ops.set_attribute(t, object, name, v);
}

// --- Attributes of classes: the metaclass's data descriptors, then the class and its bases, then the metaclass ---

Value type_get_attribute(Thread& t, Value self, Str* name) {
  auto type = as<Type>(self);
  Type* metatype = type_of(t, self);
  Value in_meta = type_lookup(metatype, name);
  if (!in_meta.is_empty() && goes_before_own(in_meta)) return bind(t, in_meta, self, Value::of_object(metatype));
  Value own = type_lookup(type, name);
  if (!own.is_empty()) return bind(t, own, Value::empty(), self);
  if (in_meta.is_empty()) return in_meta;
  return bind(t, in_meta, self, Value::of_object(metatype));
}

Value type_set_attribute_slot(Thread& t, Value self, Str* name, Value v) {
  Value in_meta = type_lookup(type_of(t, self), name);
  if (!in_meta.is_empty() && is_data_descriptor(in_meta))
    return in_meta.object->shape->type->ops.descriptor_set(t, in_meta, self, v);
  return set_type_attribute(t, as<Type>(self), name, v);
}

// --- Computed attributes of built-in types ---

namespace {

Value attribute_descriptor_get(Thread& t, Value self, Value instance, Value) {
  if (instance.is_empty()) return self;
  auto d = as<AttributeDescriptor>(self);
  if (!is_subtype(type_of(t, instance), d->owner))
    return raise(t, ErrorType::TypeError, "descriptor '{}' for '{}' objects doesn't apply to a '{}' object", d->row->name,
                 type_name(d->owner), type_name(t, instance));
  return d->row->get(t, instance);
}

Value attribute_descriptor_set(Thread& t, Value self, Value instance, Value v) {
  auto d = as<AttributeDescriptor>(self);
  if (!d->row->set) {
    if (d->row->get && strcmp(d->row->name, "__class__") != 0)
      return raise(t, ErrorType::AttributeError, "attribute '{}' of '{}' objects is not writable", d->row->name, type_name(d->owner));
    return raise(t, ErrorType::AttributeError, "readonly attribute");
  }
  return d->row->set(t, instance, v);
}

Value attribute_descriptor_repr(Thread& t, Value self) {
  auto d = as<AttributeDescriptor>(self);
  return str_value(make_str(t, fmt::format("<attribute '{}' of '{}' objects>", d->row->name, type_name(d->owner))));
}

Value attribute_descriptor_name(Thread& t, Value self) { return str_value(make_str(t, as<AttributeDescriptor>(self)->row->name)); }
Value attribute_descriptor_doc(Thread& t, Value self) { return str_value(make_str(t, as<AttributeDescriptor>(self)->row->help)); }
Value attribute_descriptor_qualname(Thread& t, Value self) {
  auto d = as<AttributeDescriptor>(self);
  return str_value(make_str(t, to_utf8(d->owner->qualified_name) + "." + d->row->name));
}
Value attribute_descriptor_class(Thread&, Value self) { return Value::of_object(as<AttributeDescriptor>(self)->owner); }

void attribute_descriptor_trace(Object* self, Marker& marker) {
  marker.mark_pointer(static_cast<AttributeDescriptor*>(self)->owner);
}

const AttributeRow kAttributeDescriptorAttributes[] = {
    {"__name__", attribute_descriptor_name, nullptr, ""},
    {"__qualname__", attribute_descriptor_qualname, nullptr, ""},
    {"__doc__", attribute_descriptor_doc, nullptr, ""},
    {"__objclass__", attribute_descriptor_class, nullptr, ""},
};

// --- Members: names in __slots__ ---

Value raise_wrong_owner(Thread& t, std::string_view name, Type* owner, Value instance) {
  return raise(t, ErrorType::TypeError, "descriptor '{}' for '{}' objects doesn't apply to a '{}' object", name, type_name(owner),
               type_name(t, instance));
}

Value member_get(Thread& t, Value self, Value instance, Value) {
  if (instance.is_empty()) return self;
  auto d = as<MemberDescriptor>(self);
  if (!is_subtype(type_of(t, instance), d->owner)) return raise_wrong_owner(t, to_utf8(d->name), d->owner, instance);
  Value v = get_own_attribute(instance.object, d->name);
  if (v.is_empty() && d->extra & kMemberAbsentIsNone) return Value::none();
  return v.is_empty() ? raise_no_attribute(t, instance, d->name) : v;
}

Value member_set(Thread& t, Value self, Value instance, Value v) {
  auto d = as<MemberDescriptor>(self);
  if (!is_subtype(type_of(t, instance), d->owner)) return raise_wrong_owner(t, to_utf8(d->name), d->owner, instance);
  if (d->extra & kMemberReadOnly) return readonly_member(t, instance, v);
  if (!v.is_empty()) {
    set_own_attribute(t, instance.object, d->name, v);
    return Value::none();
  }
  bool is_deleted = delete_own_attribute(t, instance.object, d->name);
  return is_deleted || d->extra & kMemberAbsentIsNone ? Value::none() : raise(t, ErrorType::AttributeError, "{}", to_utf8(d->name));
}

Value member_repr(Thread& t, Value self) {
  auto d = as<MemberDescriptor>(self);
  return str_value(make_str(t, fmt::format("<member '{}' of '{}' objects>", to_utf8(d->name), type_name(d->owner))));
}

Value member_name(Thread&, Value self) { return str_value(as<MemberDescriptor>(self)->name); }
Value member_class(Thread&, Value self) { return Value::of_object(as<MemberDescriptor>(self)->owner); }
Value member_qualname(Thread& t, Value self) {
  auto d = as<MemberDescriptor>(self);
  return str_value(make_str(t, to_utf8(d->owner->qualified_name) + "." + to_utf8(d->name)));
}
Value member_doc(Thread&, Value) { return Value::none(); }

const AttributeRow kMemberAttributes[] = {
    {"__name__", member_name, readonly_member, ""},
    {"__qualname__", member_qualname, nullptr, ""},
    {"__objclass__", member_class, readonly_member, ""},
    {"__doc__", member_doc, nullptr, ""},
};

void member_trace(Object* self, Marker& marker) {
  auto d = static_cast<MemberDescriptor*>(self);
  marker.mark_pointer(d->name);
  marker.mark_pointer(d->owner);
}

// --- Mapping proxies: the read-only __dict__ of classes ---

Value proxied(Value self) { return as<MappingProxy>(self)->mapping; }

Value proxy_repr(Thread& t, Value self) {
  Str* inner = to_repr(t, proxied(self));
  if (!inner) return Value::raised();
  return str_value(make_str(t, "mappingproxy(" + to_utf8(inner) + ")"));
}
Value proxy_str(Thread& t, Value self) {
  Str* inner = to_str(t, proxied(self));
  return inner ? str_value(inner) : Value::raised();
}
Value proxy_length(Thread& t, Value self) { return length_of(t, proxied(self)); }
Value proxy_get_item(Thread& t, Value self, Value key) { return get_item(t, proxied(self), key); }
Value proxy_contains(Thread& t, Value self, Value key) { return contains(t, proxied(self), key); }
Value proxy_iterate(Thread& t, Value self) { return type_of(t, proxied(self))->ops.iterate(t, proxied(self)); }
Value proxy_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (b.is_object() && b.object->shape->type->layout == &mapping_proxy_layout) b = proxied(b);
  return compare_values(t, op, proxied(a), b);
}
Value proxy_binary(Thread& t, BinaryOp op, Value a, Value b) {
  auto inner = [&](Value v) { return v.is_object() && v.object->shape->type->layout == &mapping_proxy_layout ? proxied(v) : v; };
  return op == BinaryOp::Or ? binary_operation(t, op, inner(a), inner(b)) : t.interpreter->not_implemented;
}
void proxy_trace(Object* self, Marker& marker) { marker.mark(static_cast<MappingProxy*>(self)->mapping); }

Value proxy_new(Thread& t, Value* args, size_t) {
  bool is_mapping = type_of(t, args[1])->ops.get_item && !is_kind(args[1], Kind::List) && !is_kind(args[1], Kind::Tuple) && !is_type_object(args[1]);
  if (!is_mapping) return raise(t, ErrorType::TypeError, "mappingproxy() argument must be a mapping, not {}", type_name(t, args[1]));
  return make_mapping_proxy(t, args[1]);
}
Value proxy_reversed(Thread& t, Value* args, size_t) { return call_special(t, proxied(args[0]), names(t).reversed); }
Value proxy_get(Thread& t, Value* args, size_t) {
  return call_method(t, proxied(args[0]), intern(t, "get"), {args[1], args[2].is_empty() ? Value::none() : args[2]});
}
Value proxy_keys(Thread& t, Value* args, size_t) { return call_method(t, proxied(args[0]), names(t).keys); }
Value proxy_values(Thread& t, Value* args, size_t) { return call_method(t, proxied(args[0]), names(t).values); }
Value proxy_items(Thread& t, Value* args, size_t) { return call_method(t, proxied(args[0]), names(t).items); }
Value proxy_copy(Thread& t, Value* args, size_t) { return call_method(t, proxied(args[0]), names(t).copy); }

const NativeRow kProxyMethods[] = {
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
    {"__new__", proxy_new, "(cls, mapping, /)", "", Binding::Static},
    {"get", proxy_get, "(self, key, default=None, /)", "Return the value for key if key is in the mapping, else default."},
    {"keys", proxy_keys, "(self, /)", ""},
    {"values", proxy_values, "(self, /)", ""},
    {"items", proxy_items, "(self, /)", ""},
    {"copy", proxy_copy, "(self, /)", ""},
    {"__reversed__", proxy_reversed, "(self, /)", "Return a reverse iterator over the keys."},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
};

}  // namespace

Value make_attribute_descriptor(Thread& t, const AttributeRow& row, Type* owner) {
  auto d = t.heap->make<AttributeDescriptor>(native_type(t, attribute_descriptor_layout)->root_shape);
  d->row = &row;
  d->owner = owner;
  return Value::of_object(d);
}

Value make_member_descriptor(Thread& t, Str* name, Type* owner) {
  auto d = t.heap->make<MemberDescriptor>(native_type(t, member_descriptor_layout)->root_shape);
  d->name = name;
  d->owner = owner;
  d->extra = 0;
  return Value::of_object(d);
}

Value make_mapping_proxy(Thread& t, Value mapping) {
  auto p = t.heap->make<MappingProxy>(native_type(t, mapping_proxy_layout)->root_shape);
  p->mapping = mapping;
  return Value::of_object(p);
}

const Layout attribute_descriptor_layout = {
    .name = "getset_descriptor", .module = "builtins", .kind = Kind::Native, .size = sizeof(AttributeDescriptor), .flags = kNoInstantiation,
    .trace = attribute_descriptor_trace,
    .ops = {.repr = attribute_descriptor_repr, .descriptor_get = attribute_descriptor_get, .descriptor_set = attribute_descriptor_set},
    .attributes = kAttributeDescriptorAttributes, .attribute_count = std::size(kAttributeDescriptorAttributes)};

const Layout member_descriptor_layout = {
    .name = "member_descriptor", .module = "builtins", .kind = Kind::Native, .size = sizeof(MemberDescriptor), .flags = kNoInstantiation,
    .trace = member_trace, .ops = {.repr = member_repr, .descriptor_get = member_get, .descriptor_set = member_set},
    .attributes = kMemberAttributes, .attribute_count = std::size(kMemberAttributes)};

const Layout mapping_proxy_layout = {
    .name = "mappingproxy", .module = "builtins", .kind = Kind::Native, .size = sizeof(MappingProxy), .trace = proxy_trace,
    .ops = {.repr = proxy_repr, .str = proxy_str, .compare = proxy_compare, .length = proxy_length, .contains = proxy_contains, .get_item = proxy_get_item,
            .iterate = proxy_iterate, .binary = proxy_binary},
    .methods = kProxyMethods, .method_count = std::size(kProxyMethods)};

}  // namespace mini
