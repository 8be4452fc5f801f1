// SPDX-License-Identifier: MIT
#include "interp/diagnostics.h"

#include <algorithm>

namespace mini {

const char* diagnostic_kind_name(DiagnosticKind kind) {
  switch (kind) {
    case DiagnosticKind::SyntaxError: return "SyntaxError";
    case DiagnosticKind::IndentationError: return "IndentationError";
    case DiagnosticKind::TabError: return "TabError";
    case DiagnosticKind::RecursionError: return "RecursionError";
  }
  return "SyntaxError";
}

bool Diagnostics::add(Diagnostic diagnostic) {
  if (!first_) first_ = std::move(diagnostic);
  return false;
}

bool Diagnostics::add(DiagnosticKind kind, Span span, std::string message) {
  Diagnostic diagnostic;
  diagnostic.kind = kind;
  diagnostic.span = span;
  diagnostic.message = std::move(message);
  return add(std::move(diagnostic));
}

bool Diagnostics::syntax_error(Span span, std::string message) { return add(DiagnosticKind::SyntaxError, span, std::move(message)); }

namespace {

// The last line that has text before `offset`: an error at the very end is shown there, not on the empty line after it.
uint32_t shown_line(const Source& source, uint32_t offset) {
  uint32_t line = source.line_at(offset);
  while (line > 1 && line == source.line_count() && source.line_text(line).empty()) --line;
  return line;
}

}  // namespace

DiagnosticPlace place_of(const Source& source, const Diagnostic& diagnostic) {
  DiagnosticPlace place;
  if (!diagnostic.has_location) return place;
  auto column_in = [&](uint32_t line, uint32_t offset) {
    std::string_view text = source.line_text(line);
    uint32_t bytes = std::min<uint32_t>(offset - source.line_start(line), static_cast<uint32_t>(text.size()));
    return count_characters(text.substr(0, bytes)) + 1;
  };
  place.line = shown_line(source, diagnostic.span.begin);
  place.column = column_in(place.line, diagnostic.span.begin);
  place.end_line = std::max(place.line, shown_line(source, std::max(diagnostic.span.begin, diagnostic.span.end)));
  place.end_column = column_in(place.end_line, std::max(diagnostic.span.begin, diagnostic.span.end));
  place.text = std::string(source.line_text(place.line)) + "\n";
  return place;
}

std::string format_diagnostic(const Source& source, const Diagnostic& diagnostic) {
  std::string message = std::string(diagnostic_kind_name(diagnostic.kind)) + ": " + diagnostic.message + "\n";
  if (diagnostic.kind == DiagnosticKind::RecursionError) return message;
  if (!diagnostic.has_location) return "  File \"" + source.name() + "\"\n" + message;
  DiagnosticPlace place = place_of(source, diagnostic);
  std::string text = "  File \"" + source.name() + "\", line " + std::to_string(place.line) + "\n";
  std::string_view line = source.line_text(place.line);
  size_t blanks = std::min(line.find_first_not_of(" \t\f"), line.size());
  line.remove_prefix(blanks);
  text += "    " + std::string(line) + "\n";
  if (place.column > blanks) {
    size_t end = place.end_line > place.line ? blanks + count_characters(line) + 1 : place.end_column;
    text += std::string(4 + place.column - 1 - blanks, ' ') + std::string(std::max<size_t>(end, place.column + 1) - place.column, '^') + "\n";
  }
  return text + message;
}

}  // namespace mini
