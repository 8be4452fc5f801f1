// SPDX-License-Identifier: MIT
// Classes: making them, looking attributes up through the method resolution order, and the generic attribute protocol.
#pragma once

#include "runtime/object.h"

namespace mini {

extern const Layout object_layout, type_layout, none_layout, not_implemented_layout, ellipsis_layout;

// Attribute of a class or its bases by interned name; Empty when absent. No descriptors are applied.
Value type_lookup(Type* type, Str* interned);
// The same, and where it was found: the class that has it.
Value type_lookup(Type* type, Str* interned, Type** owner);
// What a script is told of the type: methods of natives that are bound pass for natives.
Type* seen_type(Thread& t, Value v);
bool is_subtype(Type* type, Type* base);
inline bool is_type_object(Value v) { return is_kind(v, Kind::Type); }

// obj.name, obj.name = v, del obj.name with everything that Python's protocol asks for.
Value get_attribute(Thread& t, Value object, Str* name);                 // AttributeError when absent
Value get_attribute_or_empty(Thread& t, Value object, Str* name);        // Empty when absent
Value get_attribute(Thread& t, Value object, const char* name);
Value set_attribute(Thread& t, Value object, Str* name, Value v);        // v Empty: delete
// object.__getattribute__ and object.__setattr__.
Value generic_get_attribute(Thread& t, Value object, Str* name);         // Empty when absent
Value generic_set_attribute(Thread& t, Value object, Str* name, Value v);

// type(name, bases, namespace, **keywords): the whole of class creation.
Value make_class(Thread& t, Type* metatype, Str* name, Tuple* bases, Dict* attributes, Dict* keywords);
// The same without calling __set_name__ and __init_subclass__: for classes that were complete once and come from elsewhere.
// The most derived of `metatype` and the metaclasses of the bases; null after raising.
Type* most_derived_metatype(Thread& t, Type* metatype, Tuple* bases);
Value make_class_unhooked(Thread& t, Type* metatype, Str* name, Tuple* bases, Dict* attributes);
// Stores an attribute on a class and keeps ops, subclasses and inline caches right.
Value set_type_attribute(Thread& t, Type* type, Str* name, Value v);
// How a call of `type` makes an instance.
Making making_of(Thread& t, Type* type);
// A plain new instance of a script class (no __new__, no __init__).
Value make_instance(Thread& t, Type* type);
// Room for an object of `type` (a built-in or a subclass of one): the native struct, attribute store, inline slots and `extra`
// bytes, whose address is given. Native fields are uninitialised; the attribute store is empty.
Object* allocate_object(Thread& t, Type* type, size_t extra = 0, void** extra_bytes = nullptr);

// The operations of Python, for natives. All return Raised after raising.
Value binary_operation(Thread& t, BinaryOp op, Value a, Value b);
Value inplace_operation(Thread& t, BinaryOp op, Value a, Value b);
Value unary_operation(Thread& t, UnaryOp op, Value a);
// The rest of `a op b` after a's own method returned NotImplemented: its __add__, or in an augmented assignment its __iadd__.
Value binary_after_left(Thread& t, BinaryOp op, Value a, Value b, bool is_augmented, bool was_inplace);
Value compare_after_left(Thread& t, CompareOp op, Value a, Value b, bool right_was_asked);
Value compare_values(Thread& t, CompareOp op, Value a, Value b);         // any value
void seal_type(Type* type);   // a class of the library that is a native one elsewhere: its attributes cannot be set any more
Value equal_values(Thread& t, Value a, Value b);                         // Bool; identity first, as containers compare
Value truth(Thread& t, Value v);                                         // Bool
Value length_of(Thread& t, Value v);                                     // Int
Value default_names(Thread& t, Value v);                                 // a dict whose keys object.__dir__ (type's, module's) tells
Value get_item(Thread& t, Value object, Value key);
Value get_slice(Thread& t, Value object, Value start, Value stop);   // object[start:stop]
Value set_item(Thread& t, Value object, Value key, Value value);         // value Empty: delete
Value contains(Thread& t, Value container, Value item);                  // Bool
Value is_instance(Thread& t, Value v, Value class_or_tuple);             // Bool
Value is_subclass(Thread& t, Value v, Value class_or_tuple);             // Bool
bool is_plain_instance_of(Value v, Type* type);                          // no __instancecheck__

// The class's name without its module: its __name__, and what most reprs begin with. (type_name, for messages, has the
// module of native classes in front, as CPython's messages do.)
const char* short_type_name(Type* type);
const char* short_type_name(Thread& t, Value v);

}  // namespace mini
