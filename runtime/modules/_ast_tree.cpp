// SPDX-License-Identifier: MIT
// _ast_tree: the tree of a program as text, from which the ast module makes objects.
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

Value ast_tree_text(Thread& t, Value* args, size_t) {
  std::string text;
  std::string_view view;
  if (is_kind(args[0], Kind::Str)) text = to_utf8(as<Str>(args[0]));
  else if (bytes_view(args[0], view)) text = view;
  else return raise(t, ErrorType::TypeError, "compile() arg 1 must be a string, bytes or AST object");
  if (text.find('\0') != std::string::npos) return raise_text(t, ErrorType::SyntaxError, "source code string cannot contain null bytes");
  if (!is_kind(args[1], Kind::Str) || !is_kind(args[2], Kind::Str))
    return raise(t, ErrorType::TypeError, "the file name and the mode must be str");
  std::string mode = to_utf8(as<Str>(args[2]));
  if (mode == "exec") return tree_text(t, text, to_utf8(as<Str>(args[1])), CompileMode::Exec);
  if (mode == "eval") return tree_text(t, text, to_utf8(as<Str>(args[1])), CompileMode::Eval);
  if (mode == "single") return tree_text(t, text, to_utf8(as<Str>(args[1])), CompileMode::Single);
  return raise_text(t, ErrorType::ValueError, "compile() mode must be 'exec', 'eval' or 'single'");
}

const NativeRow kFunctions[] = {
    {"tree_text", ast_tree_text, "(source, filename, mode, /)", "The tree of source text: calls of node classes, with positions."},
};

}  // namespace

extern const NativeModule ast_tree_module;
const NativeModule ast_tree_module = {"_ast_tree", kFunctions, std::size(kFunctions), nullptr, "The tree of a program as text."};

}  // namespace mini
