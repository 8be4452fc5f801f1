// SPDX-License-Identifier: MIT
#include "interp/unicode_ident.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace mini {

namespace {

// Unicode's Other_ID_Start and Other_ID_Continue: letters and digits by tradition, not by category.
constexpr int32_t kOtherStart[] = {0x1885, 0x1886, 0x2118, 0x212E};
constexpr int32_t kOtherContinue[] = {0x00B7, 0x0387, 0x1369, 0x136A, 0x136B, 0x136C, 0x136D, 0x136E, 0x136F, 0x1370, 0x1371, 0x19DA};

// Letters whose NFKC form is no identifier (XID leaves them out of ID), the first group only at the start of a name.
constexpr int32_t kNotAtStart[] = {0x0E33, 0x0EB3, 0xFF9E, 0xFF9F};
constexpr int32_t kNever[] = {0x037A, 0x309B, 0x309C, 0xFC5E, 0xFC5F, 0xFC60, 0xFC61, 0xFC62, 0xFC63, 0xFDFA,
                              0xFDFB, 0xFE70, 0xFE72, 0xFE74, 0xFE76, 0xFE78, 0xFE7A, 0xFE7C, 0xFE7E};

template <size_t N>
bool contains(const int32_t (&table)[N], int32_t code_point) {
  return std::binary_search(std::begin(table), std::end(table), code_point);
}

bool is_letter(int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
      return !contains(kNever, code_point);
    default:
      return contains(kOtherStart, code_point);
  }
}

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_ascii_identifier_continue(char c) { return is_ascii_letter(c) || (c >= '0' && c <= '9'); }

}  // namespace

bool is_identifier_start(int32_t code_point) {
  return code_point == '_' || (is_letter(code_point) && !contains(kNotAtStart, code_point));
}

bool is_identifier_continue(int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return is_letter(code_point) || contains(kOtherContinue, code_point);
  }
}

int32_t decode_character(std::string_view utf8, size_t& length) {
  utf8proc_int32_t code_point = -1;
  utf8proc_ssize_t taken = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()), &code_point);
  length = taken > 0 ? static_cast<size_t>(taken) : 1;
  return code_point;
}

size_t identifier_length(std::string_view utf8) {
  size_t at = !utf8.empty() && is_ascii_letter(utf8[0]) ? 1 : 0;
  while (at > 0 && at < utf8.size() && is_ascii_identifier_continue(utf8[at])) ++at;
  while (at < utf8.size()) {
    size_t length = 0;
    int32_t code_point = decode_character(utf8.substr(at), length);
    if (!(at == 0 ? is_identifier_start(code_point) : is_identifier_continue(code_point))) break;
    at += length;
  }
  return at;
}

std::string normalize_identifier(std::string_view utf8) {
  utf8proc_uint8_t* result = nullptr;
  auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
  utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()), &result, options);
  if (length < 0) return std::string(utf8);
  std::string normal(reinterpret_cast<char*>(result), static_cast<size_t>(length));
  std::free(result);
  return normal;
}

bool is_printable(int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    case UTF8PROC_CATEGORY_ZS:
      return code_point == ' ';
    default:
      return true;
  }
}

}  // namespace mini
