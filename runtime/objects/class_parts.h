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
// C3 order of a class with these bases, itself first. False when there is none: `order` then holds the heads of what could not be merged.
bool linearise(Type* self, Tuple* bases, std::vector<Value>& order);
// The base whose native layout instances have.
Type* solid_base(Tuple* bases);

// special_methods.cpp
void resolve_ops(Type* type);                                // script classes: from the special methods in the MRO
void expose_ops(Thread& t, Type* type);                      // built-in types: special methods from TypeOps
// The entries in TypeOps of classes that define __neg__, __lt__, __add__, __iadd__ and the like; those with two operands: binary_operators.cpp.
Value script_unary(Thread& t, UnaryOp op, Value self);
Value script_compare(Thread& t, CompareOp op, Value a, Value b);
Value script_binary(Thread& t, BinaryOp op, Value a, Value b);
Value script_inplace(Thread& t, BinaryOp op, Value a, Value b);
void* native_entry(Type* type, size_t offset);               // the TypeOps entry that built-in classes in the MRO give
// Operators that a built-in type's `binary` really supports, a bit for each; the rest are not shown as methods.
uint32_t supported_operators(const Layout* layout, bool is_inplace);
bool is_sequence_layout(const Layout* layout);               // str, bytes, bytearray, list, tuple
bool is_row_layout(const Layout* layout);                    // whose `+` and `*` are those of a sequence: deque and array too
// class_change.cpp: attributes that all instances of a class have, and assignment to a class's __bases__.
extern const AttributeRow kInstanceDict, kInstanceWeakref;
Value set_bases(Thread& t, Value self, Value bases);
Value check_bases(Thread& t, Tuple* bases);                  // TypeError: cannot derive from these
// TypeError: the bases contradict each other; `heads` are those that linearise() could not put in an order.
Value raise_no_order(Thread& t, Tuple* bases, const std::vector<Value>& heads);
bool native_takes_references(const Layout* layout);          // weak ones, to instances of the built-in itself (weakref.cpp)
// The `set` of attributes that CPython keeps as members of a struct: refuses.
Value readonly_member(Thread& t, Value self, Value v);

Value make_attribute_descriptor(Thread& t, const AttributeRow& row, Type* owner);
Value make_member_descriptor(Thread& t, Str* name, Type* owner);
extern const Layout attribute_descriptor_layout, member_descriptor_layout, mapping_proxy_layout;

struct AttributeDescriptor : Object {
  const AttributeRow* row;
  Type* owner;
};
enum MemberFlags : uint32_t { kMemberAbsentIsNone = 1, kMemberReadOnly = 2 };   // in a member's `extra`
struct MemberDescriptor : Object {      // from __slots__, or a field of an exception
  Str* name;
  Type* owner;
};
struct MappingProxy : Object {
  Value mapping;
};
Value make_mapping_proxy(Thread& t, Value mapping);
// Type variables among the arguments of an alias or a union, each once; and the arguments with these replaced by a subscription of `self`.
Tuple* type_parameters(Thread& t, Tuple* arguments);
Value substitute_parameters(Thread& t, Value self, Tuple* arguments, Value key);
Value make_union_type(Thread& t, Value a, Value b);          // X | Y; NotImplemented when either is no type

// attribute.cpp
Value type_get_attribute(Thread& t, Value self, Str* name);
Value type_set_attribute_slot(Thread& t, Value self, Str* name, Value v);

Value instantiate(Thread& t, Type* type, Value* args, size_t argc, Tuple* keyword_names);

Value raise_abstract(Thread& t, Type* type);                 // TypeError: the class has abstract methods

Type* declare_native_type(Thread& t, const Layout& layout);
void complete_native_type(Thread& t, Type* type);

// The collector, before it sweeps: forgets dead classes, code and shapes.
void prune_dead_types_and_code(Interpreter& interpreter);
void forget_dead_dicts(Interpreter& interpreter);

}  // namespace mini
