// SPDX-License-Identifier: MIT
#include "interp/token_places.h"

#include <algorithm>

namespace mini {

TextPlace TokenPlaces::of(Span span) const {
  LineRange range = source_.range(span);
  return {range.line, range.column + 1, range.end_line, range.end_column + 1, range.end_line, range.line};
}

TextPlace TokenPlaces::at_end() const {
  if (source_.size() == 0) return {};
  uint32_t line = source_.line_count();
  if (line > 1 && source_.line_text(line).empty()) --line;
  return {line, source_.is_streamed() ? 0 : length_with_end(line), line, -1, line, line};
}

TextPlace TokenPlaces::behind_blanks(uint32_t offset) const {
  uint32_t line = source_.line_at(offset);
  return {line, offset - source_.line_start(line), line, -1, line, line};
}

TextPlace TokenPlaces::of_problem(const Diagnostic& error, uint32_t text_line) const {
  uint32_t line = source_.line_at(error.span.begin);
  switch (error.problem) {
    case TextProblem::Dedent: return {line, length_with_end(line), line, -1, line, line};
    case TextProblem::JoinedLine: return {line, int64_t{error.span.begin} + 1 - source_.line_start(text_line), line, 0, line, text_line};
    case TextProblem::JoinedEnd: return at_end();
    default: return {line, 1, line, 0, line, line};
  }
}

namespace {

// As many characters as `column` bytes begin, for a column that counts from 1.
int64_t characters_to(std::string_view text, int64_t column) {
  if (column <= 0) return column;
  auto bytes = std::min<size_t>(static_cast<size_t>(column), text.size() + 1);
  int64_t beyond = static_cast<int64_t>(bytes - std::min(bytes, text.size()));
  return count_characters(text.substr(0, bytes)) + beyond;
}

}  // namespace

DiagnosticPlace TokenPlaces::shown(TextPlace place) const {
  DiagnosticPlace shown;
  bool is_current = place.reached <= place.line;
  for (uint32_t line = is_current ? place.text_line : place.line; line <= place.line && line > 0; ++line) {
    shown.text += source_.line_text(line);
    if (line < place.line || (is_current && has_end(line))) shown.text += '\n';
  }
  int64_t shift = source_.column_shift();
  if (place.line > 1) place.column -= shift;
  if (place.end_line > 1) place.end_column -= shift;
  if (!source_.has_byte_columns()) {
    place.column = characters_to(shown.text, place.column);
    place.end_column = characters_to(shown.text, place.end_column);
  }
  uint32_t lines_before = source_.first_line() - 1;
  shown.line = place.line + lines_before;
  shown.column = static_cast<int32_t>(place.column);
  shown.end_line = place.end_line + lines_before;
  shown.end_column = static_cast<int32_t>(place.end_column);
  return shown;
}

}  // namespace mini
