// SPDX-License-Identifier: MIT
#include "interp/source.h"

#include <algorithm>
#include <cstdio>

#include "interp/diagnostics.h"

namespace mini {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

enum class Encoding { Utf8, Ascii, Latin1, Unknown };

struct Utf8Error {
  size_t position;
  const char* reason;
};

bool is_continuation(std::string_view bytes, size_t at) {
  return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0) == 0x80;
}

// The length of the well-formed sequence at `at`, or 0.
size_t sequence_length(std::string_view bytes, size_t at) {
  unsigned char first = static_cast<unsigned char>(bytes[at]);
  unsigned char second = at + 1 < bytes.size() ? static_cast<unsigned char>(bytes[at + 1]) : 0;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !is_continuation(bytes, at + 1)) return 0;
  if (first < 0xE0) return 2;
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  if (!is_continuation(bytes, at + 2)) return 0;
  if (first < 0xF0) return 3;
  return is_continuation(bytes, at + 3) ? 4 : 0;
}

// The first place where `bytes` is no UTF-8, with Python's reason; true when there is one.
bool find_utf8_error(std::string_view bytes, Utf8Error& error) {
  for (size_t at = 0; at < bytes.size();) {
    size_t length = sequence_length(bytes, at);
    if (length == 0) {
      unsigned char first = static_cast<unsigned char>(bytes[at]);
      bool is_start = first >= 0xC2 && first <= 0xF4;
      error = {at, !is_start ? "invalid start byte" : at + 1 >= bytes.size() ? "unexpected end of data" : "invalid continuation byte"};
      return true;
    }
    at += length;
  }
  return false;
}

std::string hex_byte(char byte) {
  char digits[8];
  std::snprintf(digits, sizeof digits, "0x%02x", static_cast<unsigned char>(byte));
  return digits;
}

std::string latin1_to_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (char c : bytes) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

// The name in a PEP 263 comment such as `# -*- coding: latin-1 -*-`, or an empty one.
std::string coding_in_line(std::string_view line) {
  size_t start = line.find_first_not_of(" \t\f");
  if (start == std::string_view::npos || line[start] != '#') return "";
  for (size_t at = line.find("coding", start); at != std::string_view::npos; at = line.find("coding", at + 1)) {
    size_t next = at + 6;
    if (next >= line.size() || (line[next] != ':' && line[next] != '=')) continue;
    next = line.find_first_not_of(" \t", next + 1);
    if (next == std::string_view::npos) return "";
    size_t end = next;
    while (end < line.size() && (std::isalnum(static_cast<unsigned char>(line[end])) || line[end] == '-' || line[end] == '_' || line[end] == '.')) ++end;
    return std::string(line.substr(next, end - next));
  }
  return "";
}

std::string declared_coding(std::string_view bytes) {
  for (int line = 0; line < 2 && !bytes.empty(); ++line) {
    size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    std::string_view text = bytes.substr(0, end);
    std::string name = coding_in_line(text);
    if (!name.empty()) return name;
    size_t first = text.find_first_not_of(" \t\f");
    if (first != std::string_view::npos && text[first] != '#') return "";
    bytes.remove_prefix(std::min(bytes.size(), end + (bytes.substr(end).starts_with("\r\n") ? 2 : 1)));
  }
  return "";
}

Encoding encoding_named(std::string name) {
  for (char& c : name) c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (name.empty() || name == "utf-8" || name == "utf8" || name.starts_with("utf-8-")) return Encoding::Utf8;
  if (name == "ascii" || name == "us-ascii") return Encoding::Ascii;
  if (name == "latin-1" || name == "latin1" || name == "iso-8859-1" || name == "iso-latin-1" || name.starts_with("iso-8859-1-")) return Encoding::Latin1;
  return Encoding::Unknown;
}

bool fail_without_place(Diagnostics& diagnostics, std::string message) {
  Diagnostic error;
  error.message = std::move(message);
  error.has_location = false;
  return diagnostics.add(std::move(error));
}

bool fail_at_byte(Diagnostics& diagnostics, const char* codec, std::string_view bytes, size_t position, const char* reason) {
  return fail_without_place(diagnostics, std::string("(unicode error) '") + codec + "' codec can't decode byte " + hex_byte(bytes[position]) +
                                             " in position " + std::to_string(position) + ": " + reason);
}

bool is_file(const std::string& name) { return !name.starts_with('<'); }

// A file that says nothing about its encoding should be UTF-8: name the line, which an editor finds, not the byte.
bool fail_not_utf8(Diagnostics& diagnostics, const std::string& name, std::string_view bytes, size_t position) {
  auto line = 1 + std::count(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(position), '\n');
  return fail_without_place(diagnostics, "Non-UTF-8 code starting with '\\x" + hex_byte(bytes[position]).substr(2) + "' in file " + name +
                                             " on line " + std::to_string(line) +
                                             ", but no encoding declared; see https://peps.python.org/pep-0263/ for details");
}

// At the first NUL byte, with the line up to it; without its text where that is none (a binary file).
bool fail_at_nul(Diagnostics& diagnostics, Source& source, std::string_view before) {
  Utf8Error error;
  bool is_text = !find_utf8_error(before, error);
  auto lines = static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  source = Source(source.name(), is_text ? std::string(before) : std::string(lines, '\n'));
  uint32_t end = source.size();
  return diagnostics.syntax_error(Span{end, end}, "source code cannot contain null bytes");
}

bool decode(std::string_view bytes, Encoding encoding, std::string& text, Diagnostics& diagnostics) {
  if (encoding == Encoding::Latin1) {
    text = latin1_to_utf8(bytes);
    return true;
  }
  if (encoding == Encoding::Ascii) {
    auto bad = std::find_if(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (bad != bytes.end()) return fail_at_byte(diagnostics, "ascii", bytes, static_cast<size_t>(bad - bytes.begin()), "ordinal not in range(128)");
  }
  Utf8Error error;
  if (find_utf8_error(bytes, error)) return fail_at_byte(diagnostics, "utf-8", bytes, error.position, error.reason);
  text = bytes;
  return true;
}

}  // namespace

Source::Source(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) { find_lines(); }

bool Source::load(std::string name, std::string_view bytes, Source& out, Diagnostics& diagnostics) {
  out = Source(std::move(name), "");
  if (bytes.size() >= UINT32_MAX) return fail_without_place(diagnostics, "source code is longer than 4 GiB");
  if (size_t nul = bytes.find('\0'); nul != std::string_view::npos) return fail_at_nul(diagnostics, out, bytes.substr(0, nul));
  bool has_mark = bytes.starts_with(kByteOrderMark);
  if (has_mark) bytes.remove_prefix(kByteOrderMark.size());
  std::string coding = declared_coding(bytes);
  Encoding encoding = encoding_named(coding);
  if (encoding == Encoding::Unknown) return fail_without_place(diagnostics, "unknown encoding: " + coding);
  if (has_mark && encoding != Encoding::Utf8) return fail_without_place(diagnostics, "encoding problem: " + coding + " with BOM");
  Utf8Error error;
  if (coding.empty() && is_file(out.name_) && find_utf8_error(bytes, error)) return fail_not_utf8(diagnostics, out.name_, bytes, error.position);
  std::string text;
  if (!decode(bytes, encoding, text, diagnostics)) return false;
  out = Source(out.name_, std::move(text));
  out.has_byte_columns_ = !has_mark && coding.empty();
  return true;
}

bool Source::load_text(std::string name, std::string_view text, Source& out, Diagnostics& diagnostics) {
  out = Source(std::move(name), "");
  if (text.size() >= UINT32_MAX) return fail_without_place(diagnostics, "source code is longer than 4 GiB");
  if (size_t nul = text.find('\0'); nul != std::string_view::npos) return fail_at_nul(diagnostics, out, text.substr(0, nul));
  std::string good;
  if (!decode(text, Encoding::Utf8, good, diagnostics)) return false;
  out = Source(out.name_, std::move(good));
  return true;
}

// Columns are short of what stands before the field in its line, unless that line ends with the field's brace.
Source Source::fragment(Span span) const {
  std::string_view expression = text_of(span);
  Source alone(name_, "(" + std::string(expression) + ")");
  size_t first_text = expression.find_first_not_of(" \t\f");
  bool begins_on_next_line = first_text != std::string_view::npos && expression[first_text] == '\n';
  alone.first_line_ = first_line_ + line_at(span.begin) - 1;
  alone.column_shift_ = begins_on_next_line ? 0 : column_at(span.begin - 1);
  alone.has_byte_columns_ = true;
  alone.is_fragment_ = true;
  return alone;
}

void Source::find_lines() {
  line_starts_.assign(1, 0);
  for (uint32_t at = 0; at < size(); ++at) {
    bool is_end = text_[at] == '\n' || (text_[at] == '\r' && text_[at + 1] != '\n');
    if (is_end) line_starts_.push_back(at + 1);
  }
}

uint32_t Source::line_at(uint32_t offset) const {
  auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<uint32_t>(after - line_starts_.begin());
}

uint32_t Source::line_at(uint32_t offset, uint32_t near) const {
  for (uint32_t line : {near, near + 1}) {
    bool is_in_line = line >= 1 && line < line_count() && line_starts_[line - 1] <= offset && offset < line_starts_[line];
    if (is_in_line) return line;
  }
  return line_at(offset);
}

uint32_t Source::line_start(uint32_t line) const { return line == 0 || line > line_count() ? size() : line_starts_[line - 1]; }

uint32_t Source::column_at(uint32_t offset) const { return offset - line_start(line_at(offset)); }

std::string_view Source::line_text(uint32_t line) const {
  if (line == 0 || line > line_count()) return {};
  uint32_t end = line < line_count() ? line_starts_[line] : size();
  std::string_view text = std::string_view(text_).substr(line_start(line), end - line_start(line));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

LineRange Source::range(Span span, uint32_t near) const {
  uint32_t line = line_at(span.begin, near);
  uint32_t end_line = line_at(span.end, line);
  return {line, span.begin - line_start(line), end_line, span.end - line_start(end_line)};
}

std::string_view Source::text_of(Span span) const { return std::string_view(text_).substr(span.begin, span.end - span.begin); }

uint32_t count_characters(std::string_view utf8) {
  return static_cast<uint32_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace mini
