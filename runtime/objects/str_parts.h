// SPDX-License-Identifier: MIT
// What the str*.cpp files share: making strings whose characters are filled in afterwards, building text piece by piece,
// and the functions that the table of the type refers to.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/str.h"

namespace mini {

inline constexpr char32_t kMaxCodePoint = 0x10FFFF;

// A new exact str with uninitialised characters. `flags`: kStrWide, kStrAscii. Null after raising MemoryError.
Str* allocate_str(Thread& t, size_t length, uint32_t flags);
inline uint8_t* narrow_chars(Str* s) { return static_cast<uint8_t*>(const_cast<void*>(s->data)); }
inline char32_t* wide_chars(Str* s) { return static_cast<char32_t*>(const_cast<void*>(s->data)); }
// A str of type `cls` (str or a subclass) with the text of `s`.
Value str_of_type(Thread& t, Type* cls, Str* s);

bool is_ascii_chars(const uint8_t* chars, size_t length);
// Decodes one character; invalid bytes become lone surrogates U+DC80..U+DCFF, encoded surrogates are taken as they are.
char32_t decode_lenient(const uint8_t*& p, const uint8_t* end);
void append_utf8(std::string& out, char32_t c);

// Gathers text of unknown length. Starts with one byte for each character and widens on demand.
class StrBuilder {
 public:
  void add(char32_t c) {
    if (!is_wide_) {
      if (c < 256) { narrow_.push_back(static_cast<char>(c)); return; }
      widen();
    }
    wide_.push_back(c);
  }
  void add(const Str* s) { add(s, 0, s->length); }
  void add(const Str* s, size_t begin, size_t end);
  void add_latin1(std::string_view chars);
  void add_utf8(std::string_view text);
  void fill(char32_t c, size_t count);
  void reserve(size_t n) { narrow_.reserve(n); }
  size_t length() const { return is_wide_ ? wide_.size() : narrow_.size(); }
  Str* finish(Thread& t);

 private:
  void widen();
  bool is_wide_ = false;
  fmt::basic_memory_buffer<char, 256> narrow_;   // short texts need no allocation
  std::u32string wide_;
};

// The text of repr(s), quotes included.
Str* str_repr_text(Thread& t, const Str* s);
// ascii(): the same text with everything beyond ASCII escaped.
Str* escape_non_ascii(Thread& t, Str* s);

// `s[begin:end]` as methods take them: None and negative positions count as in slices. False after raising.
bool clamp_range(Thread& t, Value begin, Value end, size_t length, int64_t& out_begin, int64_t& out_end);

// Entries of str's TypeOps (str_ops.cpp).
Value str_repr(Thread& t, Value self);
Value str_str(Thread& t, Value self);
Value str_hash(Thread& t, Value self);
Value str_compare(Thread& t, CompareOp op, Value a, Value b);
Value str_truth(Thread& t, Value self);
Value str_length(Thread& t, Value self);
Value str_contains(Thread& t, Value self, Value item);
Value str_get_item(Thread& t, Value self, Value key);
Value str_iterate(Thread& t, Value self);
Value str_binary(Thread& t, BinaryOp op, Value a, Value b);

// Method rows by theme; str_methods.cpp joins them into the type's table.
#define MINI_STR_NATIVE(name) Value name(Thread& t, Value* args, size_t argc)
// str_case.cpp
MINI_STR_NATIVE(str_capitalize); MINI_STR_NATIVE(str_casefold); MINI_STR_NATIVE(str_lower); MINI_STR_NATIVE(str_upper);
MINI_STR_NATIVE(str_title); MINI_STR_NATIVE(str_swapcase);
MINI_STR_NATIVE(str_isalnum); MINI_STR_NATIVE(str_isalpha); MINI_STR_NATIVE(str_isascii); MINI_STR_NATIVE(str_isdecimal);
MINI_STR_NATIVE(str_isdigit); MINI_STR_NATIVE(str_isidentifier); MINI_STR_NATIVE(str_islower);
MINI_STR_NATIVE(str_isnumeric); MINI_STR_NATIVE(str_isprintable); MINI_STR_NATIVE(str_isspace);
MINI_STR_NATIVE(str_istitle); MINI_STR_NATIVE(str_isupper);
// str_split.cpp
MINI_STR_NATIVE(str_split); MINI_STR_NATIVE(str_rsplit); MINI_STR_NATIVE(str_splitlines); MINI_STR_NATIVE(str_partition);
MINI_STR_NATIVE(str_rpartition); MINI_STR_NATIVE(str_join);
// str_format.cpp
MINI_STR_NATIVE(str_format); MINI_STR_NATIVE(str_format_map);
// codecs.cpp
MINI_STR_NATIVE(str_encode);
#undef MINI_STR_NATIVE

}  // namespace mini
