// SPDX-License-Identifier: MIT
// Exceptions and tracebacks. All exception classes share one struct; the extra attributes of some (OSError.errno,
// StopIteration.value, SyntaxError.lineno ...) are ordinary attributes in the store, set when the object is made.
#pragma once

#include "runtime/object.h"
#include "runtime/code.h"

namespace mini {

struct Frame;
struct Function;

struct Traceback : Object {
  Traceback* next;             // towards the place that raised; null: last
  Code* code;
  uint32_t instruction;        // index into code->ranges; kUnstarted: none ran yet
  Dict* globals;
  Traceback* outer;            // the entry of the caller, once it has one
  Frame* frame;                // may be over; see frame_object.h
  Function* function;          // null for modules, class bodies and exec
  Value saved;                 // what is kept of the locals when the frame was left (frame_object.h), else Empty
  Object* frame_object;        // tb_frame once it was asked for
};

inline constexpr uint32_t kUnstarted = UINT32_MAX;
// What the entry marks; no columns where it marks no part of its line.
SourceRange traceback_range(const Traceback* tb);

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
inline bool is_exception_class(Value v) { return is_kind(v, Kind::Type) && as<Type>(v)->layout == &base_exception_layout; }

}  // namespace mini
