// SPDX-License-Identifier: MIT
// _traceback: what traceback.mini needs from inside: the calls under way, and the marks under a line.
#include <algorithm>

#include "runtime/carets.h"
#include "runtime/errors.h"
#include "runtime/frame.h"
#include "runtime/interpreter.h"
#include "runtime/objects/function.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/thread_report.h"

namespace mini {

namespace {

// (file, line, name, end line, column, end column) of each call under way, outermost first, without the caller's own.
Value traceback_stack(Thread& t, Value*, size_t) {
  ValueList calls(t);
  for (Frame* f = t.frame; f; f = f->previous) {
    auto at = static_cast<size_t>(f->ip - f->code->instructions.data());
    SourceRange r{};
    if (at && at - 1 < f->code->ranges.size()) r = f->code->ranges[at - 1];
    calls.push(Value::of_object(make_tuple(t, {str_value(f->code->file_name), Value::of_int(r.line), str_value(f->code->name),
                                               Value::of_int(r.end_line), Value::of_int(r.column), Value::of_int(r.end_column)})));
  }
  List* list = make_list(t, calls.size());
  for (size_t i = calls.size(); i > 1; --i) list_push(t, list, calls[i - 1]);
  return Value::of_object(list);
}

// The marks under a source line, "" for none: carets(line, column, end column, whether the range ends on this line).
Value traceback_carets(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str) || !args[1].is_int() || !args[2].is_int()) return raise_text(t, ErrorType::TypeError, "a line and two columns are needed");
  std::string line = to_utf8(as<Str>(args[0]));
  size_t indent = std::min(line.find_first_not_of(" \t\f"), line.size());
  size_t begin = byte_of_column(line, static_cast<size_t>(args[1].integer)), end = byte_of_column(line, static_cast<size_t>(args[2].integer));
  return str_value(make_str(t, caret_line(line, indent, begin, end, args[3].is_true())));
}

// (file, line) of where a coroutine was made, or None.
Value traceback_origin(Thread& t, Value* args, size_t) {
  Str* file;
  uint32_t line;
  bool is_known = is_generator_like(args[0]) && find_place(*t.interpreter, place_of(*t.interpreter, as<Generator>(args[0])->created_at), file, line);
  return is_known ? Value::of_object(make_tuple(t, {str_value(file), Value::of_int(line)})) : Value::none();
}

const NativeRow kFunctions[] = {
    {"origin", traceback_origin, "(coro, /)", "(file, line) of where a coroutine was made, or None."},
    {"carets", traceback_carets, "(line, column, end_column, is_whole, /)", "The marks under the failing part of a line."},
    {"stack", traceback_stack, "()", "The calls under way, outermost first."},
};

}  // namespace

extern const NativeModule traceback_module;
const NativeModule traceback_module = {"_traceback", kFunctions, std::size(kFunctions), nullptr, "For the traceback module."};

}  // namespace mini
