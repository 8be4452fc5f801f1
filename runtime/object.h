// SPDX-License-Identifier: MIT
// Object: the 16-byte header of everything on the heap. Type: a class, built in or written in a script.
//
// The header's first word is the object's Shape, which knows the Type and, for objects with attributes, at
// which slot each attribute lives. One compare of that word answers both "which class" and "which attributes",
// and that is what inline caches test.
//
// Two small numbers make the common checks cheap:
//   kind   the native layout. A script subclass of list has Kind::List too, so casts look at `kind`.
//   exact  equals `kind` when the type is the built-in itself, Kind::Instance when it is a subclass, so fast
//          paths that must respect overridden methods look at `exact`.
// Types that no fast path needs to know share Kind::Native; tell them apart by `type_of(o)->layout`.
//
// Everything here is guarded by the GIL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/value.h"

namespace mini {

class Heap;
class Marker;
struct Code;
struct Dict;
struct Interpreter;
struct NativeFunction;
struct Shape;
struct Str;
struct Thread;
struct Tuple;
struct Type;

enum class Kind : uint8_t {
  Free,  // a cell that holds no object
#define MINI_KIND(name) name,
#include "runtime/kinds.def"
#undef MINI_KIND
};

enum ObjectFlags : uint8_t {
  kNeedsFinalizing = 1, // the layout's `finalize` runs when the object dies; set by note_finalizer()
  kHasDel = 2,          // the class defines __del__: the object is revived once to run it
  kHasWeakReferences = 4,
  kFrozenBySelf = 8,    // for the object's own use (a str that is interned, a function that is a coroutine ...)
  kRemembered = 16,     // the heap's: old, and may refer to young objects
  kGrown = 32,          // the heap's: a list or dict that is old, and whose items from `young_from` on may be young
  kIsLarge = 64,        // the heap's: lies outside of the blocks
};

struct Object {
  Shape* shape;
  Kind kind;
  Kind exact;
  uint8_t mark;     // the heap's: 0 while young, then its epoch
  uint8_t flags;    // ObjectFlags
  uint32_t extra;   // for the concrete struct
};
static_assert(sizeof(Object) == 16);

enum class BinaryOp : uint8_t {
#define MINI_BINARY_OPERATOR(enumerator, name, symbol) enumerator,
#include "runtime/operators.def"
};
enum class CompareOp : uint8_t {
#define MINI_COMPARE_OPERATOR(enumerator, name, symbol, mirrored) enumerator,
#include "runtime/operators.def"
};
enum class UnaryOp : uint8_t {
#define MINI_UNARY_OPERATOR(enumerator, name, symbol) enumerator,
#include "runtime/operators.def"
};
inline constexpr int kBinaryOpCount = static_cast<int>(BinaryOp::DivMod) + 1;
inline constexpr int kCompareOpCount = static_cast<int>(CompareOp::Ge) + 1;
inline constexpr int kUnaryOpCount = static_cast<int>(UnaryOp::Abs) + 1;

// What a type can do. A null entry means "cannot". Script classes get entries that look up the special
// method (`__add__` ...); built-in types point at native functions, which are exposed as special methods too.
// Every function returns Raised after raising on `t`.
struct TypeOps {
  Value (*repr)(Thread& t, Value self) = nullptr;
  Value (*str)(Thread& t, Value self) = nullptr;
  Value (*hash)(Thread& t, Value self) = nullptr;                              // -> Int; null: unhashable
  Value (*compare)(Thread& t, CompareOp op, Value a, Value b) = nullptr;       // -> any value, or NotImplemented
  Value (*truth)(Thread& t, Value self) = nullptr;                             // -> Bool
  Value (*length)(Thread& t, Value self) = nullptr;                            // -> Int
  Value (*contains)(Thread& t, Value self, Value item) = nullptr;              // -> Bool
  Value (*get_item)(Thread& t, Value self, Value key) = nullptr;
  Value (*set_item)(Thread& t, Value self, Value key, Value value) = nullptr;  // value Empty: delete; -> None
  Value (*iterate)(Thread& t, Value self) = nullptr;
  Value (*next)(Thread& t, Value self) = nullptr;                              // -> item, or Empty at the end (no StopIteration)
  Value (*next_pair)(Thread& t, Value self, Value* out) = nullptr;             // the next item as out[0], out[1]: None; False: ask `next`; else as that
  // args[0..argc) positional, then one value per name in `keyword_names` (null: none).
  Value (*call)(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) = nullptr;
  Value (*get_attribute)(Thread& t, Value self, Str* name) = nullptr;          // Empty: no such attribute (nothing raised)
  Value (*set_attribute)(Thread& t, Value self, Str* name, Value value) = nullptr;  // value Empty: delete; -> None
  Value (*descriptor_get)(Thread& t, Value self, Value instance, Value owner) = nullptr;  // instance Empty: through the class
  Value (*descriptor_set)(Thread& t, Value self, Value instance, Value value) = nullptr;  // value Empty: delete; -> None
  Value (*unary)(Thread& t, UnaryOp op, Value self) = nullptr;
  Value (*binary)(Thread& t, BinaryOp op, Value a, Value b) = nullptr;         // either side may be of this type; or NotImplemented
  Value (*inplace)(Thread& t, BinaryOp op, Value a, Value b) = nullptr;        // null or NotImplemented: use binary
  Value (*index)(Thread& t, Value self) = nullptr;                             // __index__ -> int
  Value (*await)(Thread& t, Value self) = nullptr;                             // __await__ -> iterator
  Value (*async_iterate)(Thread& t, Value self) = nullptr;                     // __aiter__
  Value (*async_next)(Thread& t, Value self) = nullptr;                        // __anext__ -> awaitable
};

// A native function. Arguments are already bound to the parameters of its signature, in order; an optional one
// that was not given is Empty. `*args` values come last, their number being argc minus the fixed parameters; a
// `**kwargs` parameter, if any, is one dict in front of them (after the fixed ones).
using NativeFn = Value (*)(Thread& t, Value* args, size_t argc);

// How a native table row binds. Plain rows are methods (self first) in types and functions in modules.
enum class Binding : uint8_t { Plain, Static, Class };

// One row of a table that ends each type's or module's file.
struct NativeRow {
  const char* name;
  NativeFn function;
  // Parameters in Python's notation: "(self, index=-1, /)", "(iterable, /, *, key=None, reverse=False)",
  // "(*args, sep=' ')". Default texts are for help only: the native sees Empty and decides.
  const char* signature;
  const char* help = "";
  Binding binding = Binding::Plain;
};

// A computed attribute: `obj.name`.
struct AttributeRow {
  const char* name;
  Value (*get)(Thread& t, Value self);
  Value (*set)(Thread& t, Value self, Value value) = nullptr;  // null: read-only; value Empty: delete
  const char* help = "";
};

enum LayoutFlags : uint8_t {
  kSubclassable = 1,
  kHasAttributes = 2,   // instances of the built-in itself take arbitrary attributes (functions, exceptions)
  kNoInstantiation = 4, // calling the type raises "cannot create 'x' instances"
  kWatchesOrder = 8,    // iterating over the dict notices any change of its keys, though their number may be the same again
};

// The static description of a built-in type: one constexpr table at the end of its file.
struct Layout {
  const char* name;
  const char* module;                       // "builtins" or the module that exports it
  Kind kind;
  uint32_t size;                            // of the C++ struct
  uint8_t flags = 0;                            // LayoutFlags
  const Layout* base = nullptr;                       // null: object
  void (*trace)(Object* self, Marker& marker) = nullptr;   // marks everything the native fields reach; null: nothing
  void (*finalize)(Object* self, Heap& heap) = nullptr;    // frees memory outside the heap; no script code, no allocation
  TypeOps ops = {};                              // null entries are inherited from base
  const NativeRow* methods = nullptr; size_t method_count = 0;
  const AttributeRow* attributes = nullptr; size_t attribute_count = 0;
  const char* help = "";
};

enum TypeFlags : uint32_t {
  kTypeIsScript = 1,          // made by a class statement or type()
  kTypeHasCaches = 2,         // some inline cache depends on this type or a subclass
  kTypeIsException = 4,
  kTypeHasErrorFields = 2048, // an exception whose arguments fill attributes (OSError.errno ...), by itself or a base
  kTypeHasGetattr = 8,        // __getattr__ or __getattribute__ overridden
  kTypeHasSetattr = 16,
  kTypeHasDel = 32,
  kTypePlainNew = 64,         // __new__ is object's: instances can be made directly
  kTypeHasSlotsOnly = 128,    // __slots__ without __dict__ all the way up
  kTypeAbstract = 256,        // has __abstractmethods__
  kTypeAddsSlots = 1024,      // its own __slots__ name attributes
  kTypeRefinesNative = 512,   // a built-in subclass of a built-in (defaultdict): `exact` is Instance as for script subclasses
};

// How a call of a class makes an instance, when neither its metaclass nor a script's __new__ has a say.
enum class Making : uint8_t {
  Slow,         // ask the whole protocol
  Plain,        // nothing but an empty instance
  Init,         // an empty instance, then init_function
  Native,       // native_new
  NativeInit,   // native_new, then native_init
  NativeScript, // native_new, then init_function
  Error,        // an exception that keeps its arguments and nothing else
  ErrorScript,  // ... then init_function
};

struct Type : Object {
  const Layout* layout;       // native layout of the instances (that of the nearest built-in base)
  Str* name;
  Str* qualified_name;
  Tuple* bases;
  Tuple* mro;
  Dict* attributes;           // the class's own namespace
  Type* metatype() const;
  Shape* root_shape;          // shape of an instance without attributes
  TypeOps ops;                // resolved: own special methods, or inherited
  uint32_t type_flags;        // TypeFlags
  uint32_t slots_offset;      // byte offset of the AttributeStore in instances; 0: no attributes
  uint32_t expected_slots;    // attributes that instances usually get: room is made inline
  std::vector<Type*>* subclasses;   // direct ones, not kept alive by this list
  Interpreter* interpreter;
  char* utf8_name;            // for messages; null until asked
  Value init_function;        // __init__ when it is a plain script function, else Empty
  Making making;              // what follows is known for this generation of lookups
  uint32_t making_generation;
  NativeFunction* native_new;
  NativeFunction* native_init;
};

// Where an object with attributes keeps them, at type->slots_offset bytes from its start.
struct AttributeStore {
  Value* slots;               // inline room behind the object, or malloc'd when it outgrew that
  uint32_t capacity;
  uint32_t is_outside;        // slots are malloc'd
};

// An object of a class that derives from no built-in but object.
struct Instance : Object {
  AttributeStore store;
};

Type* type_of(const Object* o);                 // shape.h has the inline bodies
Type* type_of(Thread& t, Value v);              // also for ints, None ...
const char* type_name(Thread& t, Value v);      // for messages
const char* argument_type_name(Thread& t, Value v);   // the same in complaints about an argument, where None is itself

template <class T>
T* as(Value v) { return static_cast<T*>(v.object); }
inline bool is_kind(Value v, Kind kind) { return v.is_object() && v.object->kind == kind; }
inline bool is_exact(Value v, Kind kind) { return v.is_object() && v.object->exact == kind; }

}  // namespace mini
