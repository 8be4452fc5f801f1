// SPDX-License-Identifier: MIT
#pragma once

// One loaded piece of program text: a file, a `-c` string, or a line typed at the prompt.
//
// The text is valid UTF-8 and is followed by a NUL byte, which the scanner uses as its sentinel; it contains no other
// NUL. Everything after this stage talks about the text in byte offsets (Span); lines and columns are computed from
// the line table only when somebody wants to see them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mini {

class Diagnostics;

// A half-open range of byte offsets into the text of a Source.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Where a span lies, in the convention of CPython's co_positions(): lines count from 1, columns are 0-based UTF-8 byte
// offsets into their line.
struct LineRange {
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t end_line = 0;
  uint32_t end_column = 0;
};

class Source {
 public:
  // `text` must be valid UTF-8 without NUL bytes; use load() for bytes from outside.
  Source(std::string name, std::string text);

  // Checks and decodes bytes as Python does: a byte order mark is skipped, a PEP 263 coding line may name utf-8, ascii or
  // latin-1. On bad bytes it records the syntax error and returns false; `out` keeps the
  // name and what the error's place refers to.
  static bool load(std::string name, std::string_view bytes, Source& out, Diagnostics& diagnostics);
  // The same for text that is UTF-8 and nothing else.
  static bool load_text(std::string name, std::string_view text, Source& out, Diagnostics& diagnostics);

  // The expression of an f-string's field, in parentheses and as a text of its own, for an error inside it.
  Source fragment(Span span) const;

  // What decides where CPython shows a mistake: whether the text came as bytes that name no encoding, whether it was read
  // line by line from the file that is run, and whether it is less than a program: then its last line is taken as it is.
  void set_streamed() { is_streamed_ = true; }
  void set_part() { is_part_ = true; }
  bool is_part() const { return is_part_; }
  bool has_byte_columns() const { return has_byte_columns_; }
  bool is_streamed() const { return is_streamed_; }
  bool is_fragment() const { return is_fragment_; }
  // The line of the whole text that a fragment begins in, and what the columns of its further lines are short of.
  uint32_t first_line() const { return first_line_; }
  int64_t column_shift() const { return column_shift_; }

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  const char* begin() const { return text_.c_str(); }
  uint32_t size() const { return static_cast<uint32_t>(text_.size()); }

  uint32_t line_count() const { return static_cast<uint32_t>(line_starts_.size()); }
  // The 1-based line that holds byte `offset`; the end of the text belongs to the last line.
  uint32_t line_at(uint32_t offset) const;
  // The same, quick when the answer is line `near` or the next one.
  uint32_t line_at(uint32_t offset, uint32_t near) const;
  // The 0-based byte column of `offset` in its line.
  uint32_t column_at(uint32_t offset) const;
  // The byte offset at which a 1-based line starts.
  uint32_t line_start(uint32_t line) const;
  // The text of a 1-based line without its line end; empty when there is no such line.
  std::string_view line_text(uint32_t line) const;
  LineRange range(Span span, uint32_t near = 1) const;
  std::string_view text_of(Span span) const;

 private:
  void find_lines();

  std::string name_;
  std::string text_;
  std::vector<uint32_t> line_starts_;
  uint32_t first_line_ = 1;
  int64_t column_shift_ = 0;
  bool has_byte_columns_ = false;
  bool is_streamed_ = false;
  bool is_fragment_ = false;
  bool is_part_ = false;
};

// How many code points `utf8` holds; a byte column turns into a character column with this.
uint32_t count_characters(std::string_view utf8);

}  // namespace mini
