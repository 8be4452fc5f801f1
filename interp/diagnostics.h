// SPDX-License-Identifier: MIT
#pragma once

// Syntax errors as data. Each stage of the front end records what it finds here; nothing in the front end prints or exits. As
// in Python only the first error counts: later stages see has_error() and stop.

#include <optional>
#include <string>

#include "interp/source.h"

namespace mini {

enum class DiagnosticKind : uint8_t { SyntaxError, IndentationError, TabError, RecursionError };

const char* diagnostic_kind_name(DiagnosticKind kind);

// What keeps the tokens of a text from being made to its end. None is an error of its own; the others count only when nothing
// before them is wrong.
enum class TextProblem : uint8_t { None, Dedent, Tabs, TooDeep, JoinedLine, JoinedEnd };

// What a SyntaxError object says about its place, the attributes lineno, offset, end_lineno, end_offset and text of Python:
// lines and columns count from 1, columns in characters.
struct DiagnosticPlace {
  uint32_t line = 0;
  int32_t column = 0;
  uint32_t end_line = 0;
  int32_t end_column = 0;
  std::string text;  // the source line
  bool has_text = true;
  bool has_end = true;
};

struct Diagnostic {
  DiagnosticKind kind = DiagnosticKind::SyntaxError;
  std::string message;
  // An empty span gets one caret, at its place.
  Span span = {};
  // False for an error in bytes that are no text (bad UTF-8, NUL): there is no line to show.
  bool has_location = true;
  // The input ended too early inside a bracket, a string or a line joined by a backslash: more lines could make it right.
  bool is_unfinished = false;
  TextProblem problem = TextProblem::None;
  // Known already where the place cannot be worked out from the span.
  std::optional<DiagnosticPlace> place = {};
  // Its columns count bytes, as CPython's do for this error.
  bool has_byte_columns = false;
  // CPython gives no end for it.
  bool has_end = true;
  // Known only after the exception object was made: its args hold the message alone.
  bool is_without_arguments = false;
  // Found in the tree, when the text is gone: the line is read again if it came from a file, and columns are bytes.
  bool is_late = false;
  // The line that is shown is read from the file, if there is one of the source's name.
  bool is_text_of_file = false;
};

class Diagnostics {
 public:
  bool has_error() const { return first_.has_value(); }
  // Only valid when has_error().
  const Diagnostic& first() const { return *first_; }
  // Records an error unless there is one already. Always returns false, so `return diagnostics.add(...)` reads well.
  bool add(DiagnosticKind kind, Span span, std::string message);
  bool add(Diagnostic diagnostic);
  bool syntax_error(Span span, std::string message);
  void clear() { first_.reset(); }
  // What is recorded was found in the tree.
  void mark_late() { first_->is_late = true; }
  void mark_without_arguments() { first_->is_without_arguments = true; }

 private:
  std::optional<Diagnostic> first_;
};

DiagnosticPlace place_of(const Source& source, const Diagnostic& diagnostic);

// The error as CPython prints it on stderr: file and line, the line without leading blanks, carets, kind and message;
// every line ends in a newline.
std::string format_diagnostic(const Source& source, const Diagnostic& diagnostic);

}  // namespace mini
