// SPDX-License-Identifier: MIT
// Character properties on utf8proc. ASCII answers come first everywhere, since nearly all characters are ASCII.

#include "runtime/objects/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "runtime/objects/unicode_tables.h"

namespace mini {

namespace {

template <size_t N>
bool is_in(const UnicodeRange (&ranges)[N], char32_t c) {
  const UnicodeRange* end = ranges + N;
  const UnicodeRange* found = std::lower_bound(ranges, end, c, [](const UnicodeRange& r, char32_t x) { return r.last < x; });
  return found != end && found->first <= c;
}

utf8proc_category_t category(char32_t c) {
  utf8proc_category_t found = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return c > 0xFF && is_in(kUnassigned, c) ? UTF8PROC_CATEGORY_CN : found;
}

// Does the category belong to the set of bits?
constexpr uint32_t bit(utf8proc_category_t c) { return 1u << c; }
constexpr uint32_t kCasedLetters = bit(UTF8PROC_CATEGORY_LU) | bit(UTF8PROC_CATEGORY_LL) | bit(UTF8PROC_CATEGORY_LT);
constexpr uint32_t kLetters = kCasedLetters | bit(UTF8PROC_CATEGORY_LM) | bit(UTF8PROC_CATEGORY_LO);
constexpr uint32_t kStarts = kLetters | bit(UTF8PROC_CATEGORY_NL);
constexpr uint32_t kParts = kStarts | bit(UTF8PROC_CATEGORY_MN) | bit(UTF8PROC_CATEGORY_MC) | bit(UTF8PROC_CATEGORY_ND) |
                            bit(UTF8PROC_CATEGORY_PC);
constexpr uint32_t kNotPrintable = bit(UTF8PROC_CATEGORY_CN) | bit(UTF8PROC_CATEGORY_CC) | bit(UTF8PROC_CATEGORY_CF) |
                                   bit(UTF8PROC_CATEGORY_CS) | bit(UTF8PROC_CATEGORY_CO) | bit(UTF8PROC_CATEGORY_ZL) |
                                   bit(UTF8PROC_CATEGORY_ZP) | bit(UTF8PROC_CATEGORY_ZS);
constexpr uint32_t kIgnorable = bit(UTF8PROC_CATEGORY_MN) | bit(UTF8PROC_CATEGORY_ME) | bit(UTF8PROC_CATEGORY_CF) |
                                bit(UTF8PROC_CATEGORY_LM) | bit(UTF8PROC_CATEGORY_SK);
bool is_any(char32_t c, uint32_t set) { return bit(category(c)) & set; }

bool is_ascii_upper(char32_t c) { return c >= 'A' && c <= 'Z'; }
bool is_ascii_lower(char32_t c) { return c >= 'a' && c <= 'z'; }

const SpecialCase* special_case(char32_t c) {
  const SpecialCase* end = std::end(kSpecialCases);
  const SpecialCase* found = std::lower_bound(kSpecialCases, end, c, [](const SpecialCase& s, char32_t x) { return s.from < x; });
  return found != end && found->from == c ? found : nullptr;
}

int copy_mapping(const char32_t (&from)[3], char32_t (&out)[3]) {
  int count = 0;
  while (count < 3 && from[count] != 0) {
    out[count] = from[count];
    ++count;
  }
  return count;
}

}  // namespace

const char* unicode_category(char32_t c) {
  static constexpr const char* kNames[] = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps",
                                           "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"};
  return kNames[category(c)];
}

bool unicode_is_alpha(char32_t c) { return c < 128 ? is_ascii_upper(c) || is_ascii_lower(c) : is_any(c, kLetters); }
bool unicode_is_decimal(char32_t c) { return unicode_decimal(c) >= 0; }
bool unicode_is_digit(char32_t c) { return unicode_is_decimal(c) || is_in(kDigitsOnly, c); }
bool unicode_is_numeric(char32_t c) { return unicode_is_digit(c) || is_in(kNumericOnly, c); }

int unicode_decimal(char32_t c) {
  if (c < 128) return c >= '0' && c <= '9' ? static_cast<int>(c - '0') : -1;
  const char32_t* after = std::upper_bound(std::begin(kDecimalZeros), std::end(kDecimalZeros), c);
  int value = static_cast<int>(c - after[-1]);
  return value < 10 ? value : -1;
}

bool unicode_is_upper(char32_t c) {
  if (c < 128) return is_ascii_upper(c);
  return category(c) == UTF8PROC_CATEGORY_LU || is_in(kOtherUpper, c);
}

bool unicode_is_lower(char32_t c) {
  if (c < 128) return is_ascii_lower(c);
  return category(c) == UTF8PROC_CATEGORY_LL || is_in(kOtherLower, c);
}

bool unicode_is_title(char32_t c) { return c >= 128 && category(c) == UTF8PROC_CATEGORY_LT; }
bool unicode_is_cased(char32_t c) { return unicode_is_upper(c) || unicode_is_lower(c) || unicode_is_title(c); }

bool unicode_is_case_ignorable(char32_t c) {
  switch (c) {
    case '\'': case '.': case ':': case 0xB7: case 0x387: case 0x55F: case 0x5F4: case 0x2018: case 0x2019: case 0x2024:
    case 0x2027: case 0xFE13: case 0xFE52: case 0xFE55: case 0xFF07: case 0xFF0E: case 0xFF1A: return true;
    default: return is_any(c, kIgnorable);
  }
}

bool unicode_is_printable(char32_t c) {
  if (c < 128) return c >= 32 && c < 127;
  return !is_any(c, kNotPrintable);
}

bool unicode_is_identifier_start(char32_t c) {
  if (c < 128) return is_ascii_upper(c) || is_ascii_lower(c) || c == '_';
  return is_any(c, kStarts) ? !is_in(kStartLess, c) : is_in(kStartMore, c);
}

bool unicode_is_identifier_part(char32_t c) {
  if (c < 128) return is_ascii_upper(c) || is_ascii_lower(c) || c == '_' || (c >= '0' && c <= '9');
  return is_any(c, kParts) ? !is_in(kPartLess, c) : is_in(kPartMore, c);
}

int unicode_to_upper(char32_t c, char32_t (&out)[3]) {
  if (c < 128) {
    out[0] = is_ascii_lower(c) ? c - 32 : c;
    return 1;
  }
  if (const SpecialCase* special = special_case(c)) return copy_mapping(special->upper, out);
  out[0] = is_in(kUnassigned, c) ? c : static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
  return 1;
}

int unicode_to_title(char32_t c, char32_t (&out)[3]) {
  if (c < 128) {
    out[0] = is_ascii_lower(c) ? c - 32 : c;
    return 1;
  }
  if (const SpecialCase* special = special_case(c)) return copy_mapping(special->title, out);
  out[0] = is_in(kUnassigned, c) ? c : static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c)));
  return 1;
}

int unicode_to_lower(char32_t c, char32_t (&out)[3]) {
  if (c == 0x130) {   // the one character with a longer lower case
    out[0] = 'i';
    out[1] = 0x307;
    return 2;
  }
  if (c < 128) out[0] = is_ascii_upper(c) ? c + 32 : c;
  else out[0] = is_in(kUnassigned, c) ? c : static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  return 1;
}

int unicode_to_folded(char32_t c, char32_t (&out)[3]) {
  if (c < 128) {
    out[0] = is_ascii_upper(c) ? c + 32 : c;
    return 1;
  }
  out[0] = c;
  if (is_in(kUnassigned, c)) return 1;
  utf8proc_int32_t folded[8];
  int boundary = 0;
  utf8proc_ssize_t count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), folded, 8, UTF8PROC_CASEFOLD, &boundary);
  if (count < 1 || count > 3) return 1;
  for (int i = 0; i < count; ++i) out[i] = static_cast<char32_t>(folded[i]);
  return static_cast<int>(count);
}

}  // namespace mini
