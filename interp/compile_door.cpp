// SPDX-License-Identifier: MIT
// See compile_door.h. The heap does not collect while a compilation runs: its values lie in plain vectors. They are
// few, and all of them are reachable from the code in the end.

#include "interp/compile_door.h"

#include "interp/arena.h"
#include "interp/compiler.h"
#include "interp/disasm.h"
#include "interp/scopes.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/thread.h"

namespace mini {

namespace {

ParseMode parse_mode(CompileMode mode) {
  switch (mode) {
    case CompileMode::Eval: return ParseMode::Eval;
    case CompileMode::Single:
    case CompileMode::Prompt: return ParseMode::Single;
    default: return ParseMode::File;
  }
}

// Less than a program.
bool is_part(CompileMode mode) { return parse_mode(mode) != ParseMode::File; }

ErrorType error_of(DiagnosticKind kind) {
  switch (kind) {
    case DiagnosticKind::IndentationError: return ErrorType::IndentationError;
    case DiagnosticKind::TabError: return ErrorType::TabError;
    case DiagnosticKind::RecursionError: return ErrorType::RecursionError;
    case DiagnosticKind::SyntaxError: break;
  }
  return ErrorType::SyntaxError;
}

Code* compile_parsed(Thread& t, const Source& source, Arena& arena, const ast::Module& module, CompileMode mode, Diagnostics& diagnostics,
                     std::vector<Doubt>* doubts = nullptr) {
  Scopes scopes(arena);
  if (!scopes.build(module, {0, source.size()}, diagnostics)) return nullptr;
  if (doubts) *doubts = scopes.doubts();
  t.heap->disable();
  Code* code = compile_tree(t, source, module, scopes, mode, diagnostics);
  t.heap->enable();
  if (!code && diagnostics.has_error()) diagnostics.mark_late();
  return code;
}

}  // namespace

namespace {

// SyntaxWarnings, which a filter may turn into exceptions.
Value warn_of(Thread& t, const Source& source, const std::vector<Doubt>& doubts) {
  Value warnings = TRY(import_module(t, "warnings"));
  Value file = str_value(make_str(t, source.name()));
  for (const Doubt& doubt : doubts) {
    Value text = str_value(make_str(t, doubt.text));
    Value category = Value::of_object(error_type(t, ErrorType::SyntaxWarning));
    Value line = Value::of_int(source.line_at(doubt.span.begin));
    Value warned = call_method(t, warnings, intern(t, "warn_explicit"), {text, category, file, line});
    if (!warned.is_raised()) continue;
    if (!exception_matches(t, ErrorType::SyntaxWarning)) return warned;
    (void)take_exception(t);   // the error tells the place
    Diagnostic error = {.message = doubt.text, .span = doubt.span, .is_late = true};
    return raise_diagnostic(t, source, error);
  }
  return Value::none();
}

}  // namespace

Value raise_diagnostic(Thread& t, const Source& source, const Diagnostic& diagnostic) {
  ErrorType type = error_of(diagnostic.kind);
  if (type == ErrorType::RecursionError) return raise_text(t, type, diagnostic.message);
  Value file = str_value(make_str(t, source.name()));
  Value message = str_value(make_str(t, diagnostic.message));
  Value details[6] = {file, Value::of_int(0), Value::of_int(-1), Value::none(), Value::none(), Value::none()};
  if (diagnostic.has_location) {
    DiagnosticPlace place = place_of(source, diagnostic);
    details[1] = Value::of_int(place.line);
    details[2] = Value::of_int(place.column);
    if (place.has_text) details[3] = str_value(make_str(t, place.text));
    details[4] = Value::of_int(place.end_line);
    if (place.has_end) details[5] = Value::of_int(place.end_column);
  }
  Value arguments = Value::of_object(make_tuple(t, details, diagnostic.has_location ? 6 : 4));
  Value exception = TRY(call(t, Value::of_object(error_type(t, type)), {message, arguments}));
  if (diagnostic.is_without_arguments) as<Exception>(exception)->args = make_tuple(t, {message});
  return raise_value(t, exception);
}

Value compile_module(Thread& t, const Source& source, Arena& arena, const ast::Module& module, CompileMode mode) {
  Diagnostics diagnostics;
  std::vector<Doubt> doubts;
  Code* code = compile_parsed(t, source, arena, module, mode, diagnostics, &doubts);
  if (!code) return raise_diagnostic(t, source, diagnostics.first());
  if (!doubts.empty()) TRY(warn_of(t, source, doubts));
  return Value::of_object(code);
}

Value compile_source(Thread& t, const Source& source, CompileMode mode) {
  Arena arena;
  Diagnostics diagnostics;
  ParseResult parsed = parse(source, arena, parse_mode(mode), diagnostics);
  if (mode == CompileMode::Prompt && parsed.status == ParseStatus::Incomplete) return raise_text(t, ErrorType::SyntaxError, "incomplete input");
  // A block that the prompt would wait to be ended by a blank line is whole where no more lines come.
  bool is_whole = parsed.ok() || (parsed.module && !diagnostics.has_error());
  if (!is_whole) return raise_diagnostic(t, source, diagnostics.first());
  if (mode == CompileMode::Prompt) mode = CompileMode::Single;
  return compile_module(t, source, arena, *parsed.module, mode);
}

namespace {

// The file that is run is no text: the error has no place.
Value raise_unreadable(Thread& t, std::string message) {
  constexpr std::string_view kUnknown = "unknown encoding: ";
  if (message.starts_with(kUnknown)) message = "encoding problem: " + message.substr(kUnknown.size());
  return raise_text(t, ErrorType::SyntaxError, message);
}

}  // namespace

Value compile(Thread& t, std::string_view text, std::string_view file_name, CompileMode mode, SourceForm form) {
  Diagnostics diagnostics;
  Source source(std::string(file_name), "");
  bool is_good = form == SourceForm::Text ? Source::load_text(std::string(file_name), text, source, diagnostics)
                                          : Source::load(std::string(file_name), text, source, diagnostics);
  if (!is_good && form == SourceForm::File && !diagnostics.first().has_location) return raise_unreadable(t, diagnostics.first().message);
  if (!is_good) return raise_diagnostic(t, source, diagnostics.first());
  if (form == SourceForm::File) source.set_streamed();
  if (is_part(mode)) source.set_part();
  return compile_source(t, source, mode);
}

Value tree_text(Thread& t, std::string_view text, std::string_view file_name, CompileMode mode) {
  Arena arena;
  Diagnostics diagnostics;
  Source source(std::string(file_name), "");
  if (!Source::load_text(std::string(file_name), text, source, diagnostics)) return raise_diagnostic(t, source, diagnostics.first());
  if (is_part(mode)) source.set_part();
  ParseResult parsed = parse(source, arena, parse_mode(mode), diagnostics);
  bool is_whole = parsed.ok() || (parsed.module && !diagnostics.has_error());
  if (!is_whole) return raise_diagnostic(t, source, diagnostics.first());
  return str_value(make_str(t, ast::dump_ast(*parsed.module, &source)));
}

std::string dump_scopes(const Source& source, Diagnostics& diagnostics) {
  Arena arena;
  ParseResult parsed = parse(source, arena, ParseMode::File, diagnostics);
  if (!parsed.ok()) return "";
  Scopes scopes(arena);
  return scopes.build(*parsed.module, {0, source.size()}, diagnostics) ? dump_scopes(scopes) : "";
}

std::string dump_code(Thread& t, const Source& source, Diagnostics& diagnostics) {
  Arena arena;
  ParseResult parsed = parse(source, arena, ParseMode::File, diagnostics);
  if (!parsed.ok()) return "";
  Code* code = compile_parsed(t, source, arena, *parsed.module, CompileMode::File, diagnostics);
  return code ? disassemble(*code) : "";
}

}  // namespace mini
