// SPDX-License-Identifier: MIT
// Properties of characters, as Python defines them on top of Unicode's. utf8proc has the data; the few properties that
// it lacks (numeric values, special casing, identifier exceptions) are tables in unicode_tables.h.
#pragma once

#include <cstdint>

namespace mini {

inline bool unicode_is_space(char32_t c) {
  constexpr uint64_t kAsciiSpaces = 0x1F0003E00;   // a bit for each: 9 to 13, 28 to 32
  if (c < 128) return c <= ' ' && kAsciiSpaces >> c & 1;
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}
inline bool unicode_is_line_break(char32_t c) {
  if (c < 128) return (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E);
  return c == 0x85 || c == 0x2028 || c == 0x2029;
}
bool unicode_is_alpha(char32_t c);
bool unicode_is_decimal(char32_t c);
bool unicode_is_digit(char32_t c);
bool unicode_is_numeric(char32_t c);
bool unicode_is_upper(char32_t c);
bool unicode_is_lower(char32_t c);
bool unicode_is_title(char32_t c);
bool unicode_is_cased(char32_t c);
bool unicode_is_case_ignorable(char32_t c);
bool unicode_is_printable(char32_t c);
bool unicode_is_identifier_start(char32_t c);
bool unicode_is_identifier_part(char32_t c);
// The general category as its two letters: "Lu".
const char* unicode_category(char32_t c);
// Value of a decimal digit, or -1.
int unicode_decimal(char32_t c);

// Full case mappings: one to three characters. They return how many.
int unicode_to_upper(char32_t c, char32_t (&out)[3]);
int unicode_to_lower(char32_t c, char32_t (&out)[3]);
int unicode_to_title(char32_t c, char32_t (&out)[3]);
int unicode_to_folded(char32_t c, char32_t (&out)[3]);

}  // namespace mini
