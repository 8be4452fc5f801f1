// SPDX-License-Identifier: MIT
// _traceback: what traceback.mini needs from inside: the calls under way.
#include "runtime/frame.h"
#include "runtime/interpreter.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

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

const NativeRow kFunctions[] = {
    {"stack", traceback_stack, "()", "The calls under way, outermost first."},
};

}  // namespace

extern const NativeModule traceback_module;
const NativeModule traceback_module = {"_traceback", kFunctions, std::size(kFunctions), nullptr, "For the traceback module."};

}  // namespace mini
