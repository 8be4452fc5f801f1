// SPDX-License-Identifier: MIT
// Interpreter: everything that one running interpreter owns. There is no global mutable state: any number of
// Interpreters live in one process, each with its own heap, GIL, types, modules and threads.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/clock.h"
#include "runtime/code.h"
#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/object.h"
#include "runtime/rand.h"
#include "runtime/sched_hook.h"
#include "runtime/thread.h"

namespace mini {

struct Module;

struct Names {
#define MINI_NAME(identifier, text) Str* identifier;
#include "runtime/names.def"
#undef MINI_NAME
};

// The special methods of operators, each list in the order of its enum.
struct OperatorNames {
  Str* binary[kBinaryOpCount];      // __add__
  Str* reflected[kBinaryOpCount];   // __radd__
  Str* inplace[kBinaryOpCount];     // __iadd__; null for divmod
  Str* compare[kCompareOpCount];
  Str* unary[kUnaryOpCount];
};

// The built-in types that native code names: types.object, types.list ... one for each row of types.def.
struct BuiltinTypes {
#define MINI_TYPE(identifier) Type* identifier = nullptr;
#include "runtime/types.def"
#undef MINI_TYPE
};

struct Options {
  std::string executable;               // path of the running binary, for workers
  std::string program;                  // "mini" for messages
  std::vector<std::string> arguments;   // sys.argv
  std::vector<std::string> search_path; // sys.path
  std::vector<std::string> warning_options; // sys.warnoptions
  GilMode gil_mode = GilMode::Fair;
  double switch_interval = 0.005;       // seconds
  uint64_t switch_every = 0;            // 0: off; N: give the GIL up at every Nth attention check (tests)
  bool gc_stress = false;
  bool has_seed = false;
  uint64_t seed = 0;
  bool is_interactive = false;
  bool ends_process = false;            // the process ends with this interpreter: its memory need not be freed
  size_t memory_limit = 0;              // bytes that its objects may take; 0: as many as there are
  const Thread* host = nullptr;         // the calling OS thread is this thread of another interpreter
  Clock* clock = nullptr;               // tests: in place of the system's
  SchedHook* sched_hook = nullptr;      // tests: decides who runs next
  bool reports_deadlocks = false;       // a DeadlockError when every thread waits for another one; the host has no threads of its own
};

struct Interpreter {
  explicit Interpreter(Options options);
  ~Interpreter();

  Options options;
  std::unique_ptr<Heap> heap;
  std::unique_ptr<Gil> gil;
  Clock* clock;
  std::unique_ptr<RandomSource> random;
  SchedHook* sched_hook = nullptr;

  Names names;
  OperatorNames operator_names;
  BuiltinTypes types;
  Type* error_types[128];                // by ErrorType
  Shape* tag_shapes[8];                  // by Tag: shapes of int, float, bool, NoneType
  Value not_implemented, ellipsis;
  Tuple* empty_tuple;
  Str* empty_str;
  Str* ascii_strs[128];                  // one-character strings
  Dict* builtins = nullptr;              // namespace of the builtins module
  Dict* modules = nullptr;               // sys.modules
  Module* sys = nullptr;
  Code* all_code = nullptr;              // linked by next_code, for cache clearing
  Thread* main_thread = nullptr;
  Thread* threads = nullptr;             // all of this interpreter
  uint64_t next_thread_id = 1;
  size_t thread_count = 0, parked_count = 0;   // of them; parked: Thread::is_parked
  std::vector<void*> spare_stacks;       // register stacks and frame arrays of threads that ended
  std::vector<InlineCache*> young_builtin_caches;   // that name a dict by address which a small collection may free
  std::vector<Type*> all_types;          // live ones; the collector drops dead ones
  struct LookupEntry { Type* type; Str* name; Value value; Type* owner; uint32_t generation; };
  std::vector<LookupEntry> lookup_cache;      // type_lookup's memory
  struct SharedCache { CacheEntry entry; Str* name; CacheUse use; uint32_t generation; };
  std::vector<SharedCache> shared_caches;     // what inline caches learned, by shape and name: ops_attr.cpp
  uint32_t lookup_generation = 1;             // what both remember is good for one generation
  void forget_lookups() { ++lookup_generation; }   // at any change of a class and any collection
  std::unordered_map<const Layout*, Type*> native_types;   // types of modules, made on first use; they live as long as this
  std::pair<const Layout*, Type*> recent_native_types[128] = {};   // by the layout's address
  struct StringTable;
  std::unique_ptr<StringTable> interned;
  std::unordered_map<std::string, void*> module_state;     // state that a native module keeps; see module_state.h
  std::vector<void (*)(Interpreter&)> at_close;
  Dict* main_globals = nullptr;          // namespace of __main__
  Code* main_code = nullptr;             // its code, which reports name to the end
  int64_t unstarted_coroutines = 0;      // made and not begun: those that tasks will begin, and those that nobody awaits
  struct AsyncState* async_state = nullptr;   // asyncio, made on first use: objects/async_state.h
  bool is_closing = false;
  std::shared_ptr<struct InterpreterFamily> family;   // made on first use: exec/interpreter_family.h
  int64_t family_id = 0;                 // the first one of a family is 0
  struct VmCounts* vm_counts = nullptr;  // --stats: what the VM counts (interp/vm_counts.h); not owned
  int max_str_digits = 4300;             // sys.set_int_max_str_digits; 0: no limit
};

inline Names& names(Thread& t) { return t.interpreter->names; }
inline OperatorNames& operator_names(Thread& t) { return t.interpreter->operator_names; }
inline BuiltinTypes& types(Thread& t) { return t.interpreter->types; }

// The Type for a Layout, made with its bases on first use.
Type* native_type(Interpreter& interpreter, const Layout& layout);
inline Type* native_type(Thread& t, const Layout& layout) { return native_type(*t.interpreter, layout); }

// A new object of a native type that is not itself a variable-size one.
template <class T> T* make_native(Thread& t, const Layout& layout, size_t extra = 0) {
  return t.heap->make<T>(native_type(t, layout)->root_shape, extra);
}

// Functions that the command line uses.
Value run_main_file(Thread& t, const std::string& path);       // as __main__
Value run_main_text(Thread& t, std::string_view text, std::string_view file_name);
Value run_main_module(Thread& t, const std::string& name);     // -m
// Imports by dotted name and returns the last module of it.
Value import_module(Thread& t, std::string_view name);
// Ends the run as Python does: joins non-daemon threads, runs atexit functions, flushes stdout. `outcome` is what the
// script ended with (Raised: prints the traceback, or takes SystemExit's code). Returns the exit status; 130-like
// results for signals are 128 + n.
int finish(Thread& t, Value outcome);

}  // namespace mini
