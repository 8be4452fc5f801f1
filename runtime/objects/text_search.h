// SPDX-License-Identifier: MIT
// Finding text in text. Narrow text goes to the C library (memchr, memmem: vectorised, linear); wide text is scanned for
// the first character of what is sought.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/objects/str.h"

namespace mini {

// Position of the first (last) occurrence inside [begin, end), or -1. An empty needle is found at begin (end).
int64_t find_bytes(std::string_view haystack, std::string_view needle, size_t begin, size_t end);
int64_t rfind_bytes(std::string_view haystack, std::string_view needle, size_t begin, size_t end);
// Occurrences that do not overlap, at most `limit`.
size_t count_bytes(std::string_view haystack, std::string_view needle, size_t begin, size_t end, size_t limit = SIZE_MAX);

int64_t find_text(const Str* haystack, const Str* needle, size_t begin, size_t end);
int64_t rfind_text(const Str* haystack, const Str* needle, size_t begin, size_t end);
size_t count_text(const Str* haystack, const Str* needle, size_t begin, size_t end, size_t limit = SIZE_MAX);

inline std::string_view narrow_view(const Str* s) { return {reinterpret_cast<const char*>(s->narrow()), s->length}; }
inline std::u32string_view wide_view(const Str* s) { return {s->wide(), s->length}; }

}  // namespace mini
