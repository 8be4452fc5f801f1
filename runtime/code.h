// SPDX-License-Identifier: MIT
// Code: one compiled function, class body or module. It is the only hand-over between the front end and the VM,
// and immutable once the assembler has finished it, but for the inline caches beside it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/object.h"

namespace mini {

// Fixed width: 8 bytes. `a`, `b`, `c` mean what opcodes.def says. Register and constant operands are stored
// pre-scaled by 16 (a byte offset into the window), so a handler adds and loads. `b` and `c` together are one 32-bit
// operand where the list says so.
struct Instruction {
  uint8_t op;
  uint8_t x;
  uint16_t a;
  union {
    struct { uint16_t b, c; };
    uint32_t wide;
    int32_t signed_wide;
  };
};
static_assert(sizeof(Instruction) == 8);

inline constexpr uint32_t kRegisterScale = 16;
inline constexpr uint32_t kMaxRegisters = 4096;

struct SourceRange {
  uint32_t line, end_line;      // 1-based
  uint16_t column, end_column;  // 0-based, in code points; 65535: unknown
};

// An instruction range [begin, end) that is protected: a raise inside stores the exception in `exception_register`
// and goes to `handler`. Inner ranges come first.
struct ExceptionRange {
  uint32_t begin, end, handler;
  uint32_t exception_register;
};

// A comprehension runs in the frame around it, and a traceback still shows it as a call: its instructions are [begin, end), the
// call stands at `call`, and the constant is a Code that has its name and its part of the ranges. Outer ones come first.
struct InlineRange {
  uint32_t begin, end, call, constant;
};

// Where a nested function finds its free variables when it is made: a cell in the maker's register, or one of the
// maker's own free variables.
struct Capture {
  bool from_register;
  uint32_t index;
};

enum class CacheKind : uint8_t {
  None, Slot, SlotAdd, Method, SuperMethod, ClassData, Property, NativeAttribute, TupleItem, ModuleAttribute, Global, Builtin
};

// What a site wants of an attribute: its value, a place to store to, something to call.
enum class CacheUse : uint8_t { Get, Set, Method };

// What a site knows about objects of one shape.
struct CacheEntry {
  Shape* shape;          // matches: the entry is good. null: empty
  union {
    Object* object;      // function, getter, dict that holds the entry
    Shape* next_shape;   // SlotAdd: the shape after the store
    const void* row;     // NativeAttribute
  };
  union {
    struct {
      uint32_t index;    // slot or dict entry
      uint32_t version;  // Builtin: keys_version of the globals (`object`) that do not have the name
    };
    Object* holder;      // SuperMethod: the class behind which the search began
  };
  uint16_t store_offset; // of the AttributeStore
  CacheKind kind;
};

// An inline cache: the entry of the shape that was new last, and of the one before. `name` is fixed by the compiler; the rest is
// filled by the VM at run time.
struct InlineCache : CacheEntry {
  CacheEntry other;
  Str* name;
};

enum CodeFlags : uint32_t {
  kCodeVarArgs = 1,        // has *args
  kCodeVarKeywords = 2,    // has **kwargs
  kCodeGenerator = 4,
  kCodeCoroutine = 8,
  kCodeAsyncGenerator = 16,
  kCodeUsesNamespace = 32, // class body, or exec with separate locals: names live in frame.locals
  kCodeIsModule = 64,
  kCodeSimple = 128,       // only positional parameters, no generator: the fast call path
  kCodeHasCells = 256,
  kCodeNested = 512,
  kCodeInline = 1024,      // stands for a part of another code and is never run
};

struct Code : Object {
  std::vector<Instruction> instructions;
  std::vector<Value> constants;
  std::vector<InlineCache> caches;
  std::vector<SourceRange> ranges;              // one for each instruction
  std::vector<ExceptionRange> handlers;
  std::vector<InlineRange> inline_ranges;
  std::vector<Capture> captures;                // one for each free variable
  // Parameters are the first registers, in the order: positional-only, positional or keyword, keyword-only, *args, **kwargs.
  std::vector<Str*> variable_names;             // names of the first registers: parameters, then other locals
  std::vector<Str*> cell_names, free_names;     // for locals(), messages and dis
  std::vector<uint32_t> cell_registers;         // the register that holds each cell
  uint32_t register_count;
  uint32_t positional_only_count, positional_count, keyword_only_count;   // positional_count includes positional-only
  uint32_t first_line;
  uint32_t code_flags;
  Str* name;
  Str* qualified_name;
  Str* file_name;
  Str* docstring;                               // null: none
  Code* next_code;                              // all code of the interpreter, to clear caches
  // The number of registers that parameters take.
  uint32_t parameter_count() const {
    return positional_count + keyword_only_count + !!(code_flags & kCodeVarArgs) + !!(code_flags & kCodeVarKeywords);
  }
};

Code* make_code(Thread& t);   // empty, registered for cache clearing; fill before the next allocation

}  // namespace mini
