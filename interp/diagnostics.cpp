// SPDX-License-Identifier: MIT
#include "interp/diagnostics.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

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

// A line of the file that the source was read from, with its end.
bool read_line_of_file(const std::string& name, uint32_t line, std::string& text) {
  struct stat facts;
  bool is_file = !name.starts_with('<') && stat(name.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
  std::ifstream file;
  if (is_file) file.open(name, std::ios::binary);
  if (!file.is_open()) return false;
  std::stringstream bytes;
  bytes << file.rdbuf();
  Source source(name, "");
  Diagnostics ignored;
  if (!Source::load(name, bytes.str(), source, ignored) || line > source.line_count()) return false;
  text = std::string(source.line_text(line)) + (line < source.line_count() ? "\n" : "");
  return true;
}

DiagnosticPlace late_place(const Source& source, const Diagnostic& diagnostic) {
  Span span = diagnostic.span;
  LineRange range = source.range({span.begin, std::max(span.begin, span.end)});
  DiagnosticPlace place;
  place.line = range.line;
  place.column = static_cast<int32_t>(range.column) + 1;
  place.end_line = diagnostic.has_end ? range.end_line : range.line;
  place.end_column = static_cast<int32_t>(range.end_column) + 1;
  place.has_text = false;
  place.has_end = diagnostic.has_end;
  return place;
}

DiagnosticPlace scanned_place(const Source& source, Span span, bool has_byte_columns) {
  DiagnosticPlace place;
  auto column_in = [&](uint32_t line, uint32_t offset) {
    std::string_view text = source.line_text(line);
    uint32_t bytes = std::min<uint32_t>(offset - source.line_start(line), static_cast<uint32_t>(text.size()));
    return static_cast<int32_t>(has_byte_columns ? bytes : count_characters(text.substr(0, bytes))) + 1;
  };
  uint32_t end = std::max(span.begin, span.end), end_line = shown_line(source, end);
  place.line = shown_line(source, span.begin);
  place.column = column_in(place.line, span.begin);
  place.end_column = column_in(std::max(place.line, end_line), end);
  place.text = source.line_text(place.line);
  place.end_line = std::max(place.line, end_line) + source.first_line() - 1;
  place.line += source.first_line() - 1;
  return place;
}

}  // namespace

DiagnosticPlace place_of(const Source& source, const Diagnostic& diagnostic) {
  DiagnosticPlace place;
  if (!diagnostic.has_location) return place;
  if (diagnostic.place) place = *diagnostic.place;
  else if (diagnostic.is_late) place = late_place(source, diagnostic);
  else place = scanned_place(source, diagnostic.span, diagnostic.has_byte_columns);
  bool may_be_in_file = diagnostic.is_late || diagnostic.is_text_of_file;
  if (may_be_in_file && read_line_of_file(source.name(), place.line, place.text)) place.has_text = true;
  return place;
}

std::string format_diagnostic(const Source& source, const Diagnostic& diagnostic) {
  std::string message = std::string(diagnostic_kind_name(diagnostic.kind)) + ": " + diagnostic.message + "\n";
  if (diagnostic.kind == DiagnosticKind::RecursionError) return message;
  if (!diagnostic.has_location) return "  File \"" + source.name() + "\"\n" + message;
  DiagnosticPlace place = place_of(source, diagnostic);
  std::string text = "  File \"" + source.name() + "\", line " + std::to_string(place.line) + "\n";
  std::string_view line = place.has_text ? std::string_view(place.text) : source.line_text(place.line);
  while (line.ends_with('\n')) line.remove_suffix(1);
  size_t blanks = std::min(line.find_first_not_of(" \t\f"), line.size());
  line.remove_prefix(blanks);
  text += "    " + std::string(line) + "\n";
  if (place.column > static_cast<int32_t>(blanks)) {
    auto column = static_cast<size_t>(place.column);
    size_t end = place.end_line > place.line ? blanks + count_characters(line) + 1 : static_cast<size_t>(std::max(place.end_column, 0));
    text += std::string(4 + column - 1 - blanks, ' ') + std::string(std::max(end, column + 1) - column, '^') + "\n";
  }
  return text + message;
}

}  // namespace mini
