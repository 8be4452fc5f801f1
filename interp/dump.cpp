// SPDX-License-Identifier: MIT
//
// See dump.h. Each stage has its own printer beside it; here they are only called in the way of a program.

#include "interp/dump.h"

#include <stdio.h>

#include "interp/arena.h"
#include "interp/disasm.h"
#include "interp/parser.h"
#include "interp/scopes.h"
#include "runtime/calls.h"
#include "runtime/code.h"
#include "runtime/errors.h"

namespace mini {
namespace {

int fail(const Source& source, const Diagnostics& diagnostics) {
  fputs(format_diagnostic(source, diagnostics.first()).c_str(), stderr);
  return 1;
}

int print_text(const std::string& text) {
  fwrite(text.data(), 1, text.size(), stdout);
  if (!text.empty() && text.back() != '\n') fputc('\n', stdout);
  return 0;
}

int dump_tree(DumpStage stage, const Source& source) {
  Arena arena;
  Diagnostics diagnostics;
  ParseResult result = parse(source, arena, ParseMode::File, diagnostics);
  if (!result.ok()) return fail(source, diagnostics);
  if (stage == DumpStage::Ast) return print_text(ast::dump_ast(*result.module));
  Scopes scopes(arena);
  if (!scopes.build(*result.module, {0, source.size()}, diagnostics)) return fail(source, diagnostics);
  return print_text(dump_scopes(scopes));
}

int dump_code(Thread& t, const std::string& name, const std::string& bytes) {
  Value code = compile(t, bytes, name, CompileMode::File);
  if (code.is_raised()) {
    print_exception(t, take_exception(t));
    return 1;
  }
  return print_text(disassemble(*static_cast<Code*>(code.object)));
}

}  // namespace

int dump_program(Thread& t, DumpStage stage, const std::string& name, const std::string& bytes) {
  if (stage == DumpStage::Code) return dump_code(t, name, bytes);
  Diagnostics diagnostics;
  Source source(name, "");
  if (!Source::load(name, bytes, source, diagnostics)) return fail(source, diagnostics);
  return stage == DumpStage::Tokens ? print_text(dump_tokens(source)) : dump_tree(stage, source);
}

}  // namespace mini
