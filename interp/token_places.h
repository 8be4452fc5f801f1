// SPDX-License-Identifier: MIT
#pragma once

// Where in a text an error is shown. CPython finds the place, and the text it shows, from how far its tokenizer had read when
// the error was raised; programs see the outcome in the attributes of a SyntaxError, so the same figures are worked out here.

#include "interp/diagnostics.h"
#include "interp/source.h"

namespace mini {

// Lines and columns count from 1; columns are bytes. A column of 0 or less means that there is nothing to point at.
struct TextPlace {
  uint32_t line = 0;
  int64_t column = 0;
  uint32_t end_line = 0;
  int64_t end_column = 0;
  uint32_t reached = 0;     // the line that had been read
  uint32_t text_line = 0;   // where the text that is shown begins
};

class TokenPlaces {
 public:
  explicit TokenPlaces(const Source& source) : source_(source) {}

  TextPlace of(Span span) const;
  TextPlace at_end() const;
  // Of an INDENT or DEDENT in front of the token at `offset`.
  TextPlace behind_blanks(uint32_t offset) const;
  // Of the error that ended the tokens.
  TextPlace of_problem(const Diagnostic& error, uint32_t text_line) const;
  // As a program sees it.
  DiagnosticPlace shown(TextPlace place) const;

 private:
  bool has_end(uint32_t line) const { return !source_.is_part() || line < source_.line_count(); }
  int64_t length_with_end(uint32_t line) const { return static_cast<int64_t>(source_.line_text(line).size()) + has_end(line); }

  const Source& source_;
};

}  // namespace mini
