// SPDX-License-Identifier: MIT
// Callables: script functions, native functions, bound methods; the cells that closures share; and the wrappers property,
// staticmethod, classmethod.
#pragma once

#include "runtime/code.h"
#include "runtime/object.h"

namespace mini {

struct Cell : Object {
  Value value;                // Empty: unbound
};

struct Function : Object {
  Code* code;
  Dict* globals;
  Cell** closure;             // code->captures.size() of them, behind the object
  uint32_t closure_count;
  Tuple* defaults;            // for the last positional parameters; null: none
  Dict* keyword_defaults;     // null: none
  Value name, qualified_name, doc, module, annotations;
  AttributeStore store;       // func.attr = ...
};

struct NativeParameter {
  Str* name;
  enum Form : uint8_t { PositionalOnly, Positional, KeywordOnly, VarArgs, VarKeywords } form;
  bool is_required;
};

struct NativeFunction : Object {
  NativeFn function;
  const NativeRow* row;
  Str* name;
  Type* owner;                // the type whose method it is, or null
  Value self;                 // bound receiver (module functions, class methods); Empty: none
  Value module;               // name of the module, or None
  const void* data;           // for wrappers of TypeOps
  NativeParameter* parameters;
  uint32_t parameter_count;   // without *args and **kwargs
  uint32_t required_count, positional_count, positional_only_count;
  bool has_var_args, has_var_keywords;
  uint8_t slot_form;          // SlotForm of native_function.cpp: worded as CPython's slot wrappers are
  bool makes_objects;         // the __new__ of a type: the class that it is given must fit
  uint8_t door;               // NativeDoor
  uint32_t plain_count;       // with exactly so many positional arguments there is nothing to bind; kNeverPlain: there always is
};

inline constexpr uint32_t kNeverPlain = UINT32_MAX;

// Natives that the VM runs itself, so that they need no native stack: resuming generators.
enum class NativeDoor : uint8_t { None, GeneratorSend, GeneratorNext, BuiltinNext };

// In the flags of a bound method: its native function takes objects like `self`.
inline constexpr uint8_t kReceiverFits = kFrozenBySelf;

struct BoundMethod : Object {
  Value function;
  Value self;
};

struct Property : Object {
  Value getter, setter, deleter, doc;
  Value name;                 // as __set_name__ told it, for messages; Empty: not told
};

struct MethodWrapper : Object {  // staticmethod, classmethod
  Value function;
  AttributeStore store;
};

extern const Layout cell_layout, function_layout, bound_method_layout, property_layout,
    static_method_layout, class_method_layout, super_layout, code_layout;

// As in CPython, what a native is to a script depends on where it stands: in a module, as a method of a type or as one of its operators; and the
// same for those bound to an object, whose Kind is BoundMethod. bound_native passes for native_function (type(), __class__).
extern const Layout native_function_layout, method_descriptor_layout, wrapper_descriptor_layout, bound_native_layout, method_wrapper_layout;

Cell* make_cell(Thread& t, Value v);
Function* make_function(Thread& t, Code* code, Dict* globals);   // closure cells unset
Value make_bound_method(Thread& t, Value function, Value self);
NativeFunction* make_native_function(Thread& t, const NativeRow& row, Type* owner, Value module_name);
// To be called again after giving it another name.
void set_slot_form(NativeFunction* f);
// Calls a native with arguments that are not bound to its parameters yet.
Value call_native(Thread& t, NativeFunction* f, const Value* args, size_t argc, Tuple* keyword_names);
/// Does what stands in a class become a method of its object as it is? Natives only of objects of their own type: they trust that.
bool is_method_for(Thread& t, Value function, Value receiver);
/// As call_native for a method that was bound before, args[0] being the object; only errors differ.
Value call_bound_native(Thread& t, NativeFunction* f, const Value* args, size_t argc, Tuple* keyword_names);
void set_native_door(NativeFunction* f, NativeDoor door);
bool is_callable(Thread& t, Value v);

}  // namespace mini
