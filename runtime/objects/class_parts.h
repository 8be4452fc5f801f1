// SPDX-License-Identifier: MIT
// What the files that make up the class system share: type.cpp (lookup), class_create.cpp (making classes and instances), attribute.cpp
// (the attribute protocol), special_methods.cpp (TypeOps <-> `__names__`). Besides them only the VM's
// slow paths of attributes include this.
#pragma once

#include <vector>

#include "runtime/object.h"
#include "runtime/objects/type.h"

namespace mini {

const char* type_name(Type* type);
Value type_module(Thread& t, Type* type);
// A class whose lookups or special methods may differ now: resolves ops of it and its subclasses again, clears caches.
// `name` was set or deleted in `type`: its caches are stale, and when the name is special so are the TypeOps below it.
void type_changed(Type* type, const Str* name);
bool is_special_name(const Str* name);                       // __like_this__
// C3 order of a class with these bases, itself first; empty when there is none.
std::vector<Value> linearise(Type* self, Tuple* bases);
// The base whose native layout instances have.
Type* solid_base(Tuple* bases);

// special_methods.cpp
void resolve_ops(Type* type);                                // script classes: from the special methods in the MRO
void expose_ops(Thread& t, Type* type);                      // built-in types: special methods from TypeOps
Value script_unary(Thread& t, UnaryOp op, Value self);       // the ops.unary of classes that define __neg__ and the like
Value make_attribute_descriptor(Thread& t, const AttributeRow& row, Type* owner);
Value make_member_descriptor(Thread& t, Str* name, Type* owner);
extern const Layout attribute_descriptor_layout, member_descriptor_layout, mapping_proxy_layout;

struct AttributeDescriptor : Object {
  const AttributeRow* row;
  Type* owner;
};
struct MemberDescriptor : Object {      // from __slots__
  Str* name;
  Type* owner;
};
struct MappingProxy : Object {
  Value mapping;
};
Value make_mapping_proxy(Thread& t, Value mapping);
Value make_union_type(Thread& t, Value a, Value b);          // X | Y; NotImplemented when either is no type

// attribute.cpp
Value type_get_attribute(Thread& t, Value self, Str* name);
Value type_set_attribute_slot(Thread& t, Value self, Str* name, Value v);

// class_create.cpp
Value instance_get_dict(Thread& t, Value self);
Value instance_set_dict(Thread& t, Value self, Value v);
Value instance_get_weak_references(Thread& t, Value self);
Value instantiate(Thread& t, Type* type, Value* args, size_t argc, Tuple* keyword_names);

Type* declare_native_type(Thread& t, const Layout& layout);
void complete_native_type(Thread& t, Type* type);

// The collector, before it sweeps: forgets dead classes, code and shapes.
void prune_dead_types_and_code(Interpreter& interpreter);
void forget_dead_dicts(Interpreter& interpreter);

}  // namespace mini
