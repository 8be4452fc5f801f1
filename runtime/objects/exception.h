// SPDX-License-Identifier: MIT
// Exceptions and tracebacks. All exception classes share one struct; the extra attributes of some (OSError.errno,
// StopIteration.value, SyntaxError.lineno ...) are ordinary attributes in the store, set when the object is made.
#pragma once

#include "runtime/object.h"
#include "runtime/code.h"

namespace mini {

struct Frame;

struct Traceback : Object {
  Traceback* next;             // towards the place that raised; null: last
  Code* code;
  uint32_t instruction;        // index into code->ranges
  Dict* globals;
};

struct Exception : Object {
  Tuple* args;
  Value cause, context;        // None when absent
  Traceback* traceback;        // outermost first; null: none
  bool suppress_context;
  AttributeStore store;
};

extern const Layout base_exception_layout, traceback_layout;

// A new exception of a built-in or script class, without running its __init__.
Exception* make_exception(Thread& t, Type* type, Tuple* args);
inline bool is_exception(Value v) { return is_kind(v, Kind::Exception); }

}  // namespace mini
