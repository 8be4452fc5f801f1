// SPDX-License-Identifier: MIT
// Context variables: values that belong to a task or a callback and not to a thread.
//
// A ContextMap is an immutable list of bindings; setting a variable makes a new one. `Thread::context` holds what is current:
//
//   Empty        no variable was ever set
//   ContextMap   a snapshot that nobody else can see: callbacks and tasks start with one, for free
//   Context      a script-visible object, entered; it takes the place of a snapshot at the first `set`
//
// So scheduling a callback copies one pointer, and a Context object is made only when somebody can tell the difference.
#pragma once

#include "runtime/object.h"

namespace mini {

struct ContextVariable;

struct ContextBinding {
  ContextVariable* variable;
  Value value;
};

struct ContextMap : Object {
  uint64_t count;
  ContextBinding* bindings;      // behind the object, in the order of first setting
};

struct Context : Object {        // `extra` is kIsFullContext
  ContextMap* map;               // null: no bindings
  bool is_entered;
};

struct ContextVariable : Object {
  Str* name;
  Value default_value;           // Empty: none
  ContextMap* cached_map;        // the map that `cached` was looked up in
  Value cached;                  // Empty: not bound there
};

struct ContextToken : Object {
  ContextVariable* variable;
  Context* context;              // where the variable was set
  Value old;                     // Empty: it was not bound
  bool is_used;
};

inline constexpr uint32_t kIsFullContext = 1;

extern const Layout context_map_layout, context_layout, context_variable_layout, context_token_layout;

// The current bindings as a ContextMap or null: what a callback keeps to run with later.
Object* context_snapshot(Thread& t);
// contextvars.copy_context().
Context* copy_context(Thread& t);
// The Context object for a kept context (null, a ContextMap or a Context already).
Context* full_context(Thread& t, Object* kept);
bool is_context(Value v);
Value context_get(Thread& t, ContextVariable* variable);                  // Empty: not bound and no default
Value context_set(Thread& t, ContextVariable* variable, Value v);         // -> token

// Runs a piece of code in a kept context. Lives on the native stack.
class ContextScope {
 public:
  explicit ContextScope(Thread& t) : thread_(t) {}
  // None, or Raised when the Context is already entered. Pair each success with `leave`.
  Value enter(Object* kept);
  // Back to the old context; returns what the code left behind, to be kept for the next time.
  Object* leave();

 private:
  Thread& thread_;
  Value outer_ = Value::empty();
};

}  // namespace mini
