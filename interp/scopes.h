// SPDX-License-Identifier: MIT
// Scopes: which names of a program are local, captured, free or global, decided over the tree before any code is made.
//
// Every function, lambda, class body, comprehension and generator expression has a Scope of its own, with CPython's rules. But
// list, set and dict comprehensions get no code of their own: their `unit` is the scope whose Code they are compiled
// into, and only a name that crosses from one unit to another needs a cell. Names are kept mangled (`__x` in a class).
//
// The pass also finds what CPython reports from its symbol table or compiler without looking at types of targets:
// misplaced global, nonlocal, return, yield, await, break, continue. It needs no GIL.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "interp/arena.h"
#include "interp/ast.h"
#include "interp/diagnostics.h"
#include "interp/doubts.h"

namespace mini {

struct Scope;

enum class ScopeKind : uint8_t { Module, Class, Function, Lambda, Comprehension, Generator };

enum SymbolFlags : uint16_t {
  kSymbolUsed = 1,
  kSymbolAssigned = 2,
  kSymbolParameter = 4,
  kSymbolGlobal = 8,         // declared `global`
  kSymbolNonlocal = 16,      // declared `nonlocal`
  kSymbolAnnotated = 32,
  kSymbolIteration = 64,     // loop variable of a comprehension
  kSymbolRebound = 128,      // assigned or deleted, not only a parameter
};

// How code of a scope gets at a name.
enum class Reach : uint8_t {
  Local,      // a register of the same unit (of this scope, or of one that a comprehension stands in)
  Free,       // the cell of another unit
  Global,     // declared global, or bound nowhere around a function
  Namespace,  // the dict of a class body or module, then globals, then builtins
};

struct Symbol {
  Identifier name;
  Scope* scope;
  uint16_t flags;
  Reach reach;
  bool is_captured;          // another unit reaches this binding: its register holds a cell
  Symbol* binding;           // Local, Free: where the name is bound (maybe itself)
  uint32_t flow_index;       // number among all bindings of the unit
  uint32_t register_number;  // set by the compiler
  bool is_bound_here() const {
    return (flags & (kSymbolAssigned | kSymbolParameter)) && !(flags & (kSymbolGlobal | kSymbolNonlocal));
  }
};

struct Scope {
  ScopeKind kind;
  Identifier name;              // of the function or class; none for others
  const void* node;
  Span span;
  Scope* parent;
  Scope* unit;
  Identifier private_class;     // class that mangles names here, or none
  std::vector<Symbol*> symbols;          // in order of first appearance
  std::vector<Symbol*> bindings;         // those bound here, in order of first binding; parameters first
  std::unordered_map<const char*, Symbol*> by_name;
  std::vector<Scope*> children;
  Symbol* class_cell = nullptr; // of a class: what `__class__` of its methods means
  bool is_async = false;        // coroutine or asynchronous generator expression; a comprehension that awaits
  bool has_yield = false;
  bool has_annotations = false; // Module, Class: some name is annotated
  // Facts about a whole unit:
  std::vector<Symbol*> free;    // bindings of other units that it captures
  uint32_t flow_count = 0;
  bool has_walrus = false;
  bool has_deletions = false;   // `del name` or `except ... as name`
  bool reads_all_locals = false;   // calls locals(), eval() ... by name

  bool is_function() const { return kind != ScopeKind::Module && kind != ScopeKind::Class; }
  bool is_comprehension() const { return kind == ScopeKind::Comprehension || kind == ScopeKind::Generator; }
  Symbol* find(Identifier mangled) const;
};

class Scopes {
 public:
  explicit Scopes(Arena& arena) : arena_(arena) {}
  Scopes(const Scopes&) = delete;
  Scopes& operator=(const Scopes&) = delete;

  // Builds and resolves everything. False after recording an error.
  bool build(const ast::Module& module, Span whole, Diagnostics& diagnostics);
  Scope* root() const { return root_; }
  // The scope that a FunctionDef, Lambda, ClassDef or comprehension opens.
  Scope* of(const void* node) const { return by_node_.at(node); }
  // `__x` inside class C becomes `_C__x`.
  Identifier mangle(const Scope* scope, Identifier name) const;
  Identifier identifier(std::string_view name) const { return arena_.intern(name); }
  // The symbol for a name as written in `scope`.
  Symbol* lookup(const Scope* scope, Identifier name) const { return scope->find(mangle(scope, name)); }
  // What a warning is due for.
  const std::vector<Doubt>& doubts() const { return doubts_.found(); }
  bool has_future_annotations() const { return has_future_annotations_; }

 private:
  friend class ScopeBuilder;
  Arena& arena_;
  std::deque<Scope> scopes_;
  std::deque<Symbol> symbols_;
  std::unordered_map<const void*, Scope*> by_node_;
  Scope* root_ = nullptr;
  Doubts doubts_;
  bool has_future_annotations_ = false;
};

// Does the expression contain `:=`, outside of lambdas?
bool contains_walrus(const ast::Expr* expr);

// One line per scope, one per name: for --dump=scopes and tests.
std::string dump_scopes(const Scopes& scopes);

}  // namespace mini
