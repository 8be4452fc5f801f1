// SPDX-License-Identifier: MIT
// _dis: the native half of the dis module, which shows Mini's own bytecode. runtime/lib/dis.mini has the rest.
#include "runtime/calls.h"
#include "runtime/code.h"
#include "runtime/interpreter.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

Value require_code(Thread& t, Value v) {
  if (is_kind(v, Kind::Code)) return v;
  return raise(t, ErrorType::TypeError, "expected a code object, not {}", type_name(t, v));
}

Value dis_text(Thread& t, Value* args, size_t) {
  Value code = TRY(require_code(t, args[0]));
  bool with_nested = args[1].is_empty() || TRY(truth(t, args[1])).is_true();
  return str_value(make_str(t, code_text(as<Code>(code), with_nested)));
}

// [(opcode name, operands as text, line, end line, column, end column)], one tuple for each instruction.
Value dis_instructions(Thread& t, Value* args, size_t) {
  auto code = as<Code>(TRY(require_code(t, args[0])));
  List* out = make_list(t, code->instructions.size());
  for (uint32_t i = 0; i < code->instructions.size(); ++i) {
    std::string text = instruction_text(code, i);
    size_t space = text.find(' ');
    std::string operands = space == std::string::npos ? "" : text.substr(space + 1);
    const SourceRange& range = code->ranges[i];
    Value row[6] = {str_value(intern(t, text.substr(0, space))), str_value(make_str(t, operands)), Value::of_int(range.line),
                    Value::of_int(range.end_line), Value::of_int(range.column), Value::of_int(range.end_column)};
    list_push(t, out, Value::of_object(make_tuple(t, row, 6)));
  }
  return Value::of_object(out);
}

// The code objects that stand in another one.
Value dis_nested(Thread& t, Value* args, size_t) {
  auto code = as<Code>(TRY(require_code(t, args[0])));
  List* out = make_list(t);
  for (Value v : code->constants)
    if (is_kind(v, Kind::Code) && !(as<Code>(v)->code_flags & kCodeInline)) list_push(t, out, v);
  return Value::of_object(out);
}

// Source text compiled as a module, not as exec() would: names of globals are looked up in one dict.
Value dis_compile(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str) || !is_kind(args[1], Kind::Str)) return raise_text(t, ErrorType::TypeError, "expected text and a file name");
  return compile(t, to_utf8(as<Str>(args[0])), to_utf8(as<Str>(args[1])), CompileMode::File);
}

constexpr NativeRow kFunctions[] = {
    {"text", dis_text, "(code, nested=True, /)", "The listing of a code object."},
    {"instructions", dis_instructions, "(code, /)", "(name, operands, line, end line, column, end column) of each instruction."},
    {"nested", dis_nested, "(code, /)", "The code objects that stand in another one."},
    {"compile", dis_compile, "(text, file_name, /)", "Source text compiled as a module."},
};

}  // namespace

extern const NativeModule dis_native_module;
const NativeModule dis_native_module = {
    .name = "_dis", .functions = kFunctions, .function_count = std::size(kFunctions), .setup = nullptr, .help = "Native half of dis."};

}  // namespace mini
