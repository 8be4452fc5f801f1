// SPDX-License-Identifier: MIT
// See text_search.h. A wide haystack may meet a narrow needle, which is then widened for the search; a wide needle is
// never in a narrow haystack, because strings are wide only when they must be.

#include "runtime/objects/text_search.h"

#include <algorithm>
#include <cstring>
#include <cwchar>
#include <string>

namespace mini {

namespace {

static_assert(sizeof(wchar_t) == sizeof(char32_t), "wide text is searched with wmemchr");

std::u32string widen(const Str* s) {
  if (s->is_wide()) return std::u32string(s->wide(), s->length);
  return std::u32string(s->narrow(), s->narrow() + s->length);
}

int64_t find_wide(std::u32string_view haystack, std::u32string_view needle, size_t begin, size_t end) {
  if (needle.size() > end - begin) return -1;
  if (needle.empty()) return static_cast<int64_t>(begin);
  size_t last = end - needle.size();
  for (size_t i = begin; i <= last; ++i) {
    const wchar_t* start = reinterpret_cast<const wchar_t*>(haystack.data() + i);
    const wchar_t* found = std::wmemchr(start, static_cast<wchar_t>(needle[0]), last - i + 1);
    if (found == nullptr) return -1;
    i += static_cast<size_t>(found - start);
    if (haystack.compare(i, needle.size(), needle) == 0) return static_cast<int64_t>(i);
  }
  return -1;
}

int64_t rfind_wide(std::u32string_view haystack, std::u32string_view needle, size_t begin, size_t end) {
  if (needle.size() > end - begin) return -1;
  for (size_t i = end - needle.size() + 1; i-- > begin;) {
    if (haystack.compare(i, needle.size(), needle) == 0) return static_cast<int64_t>(i);
  }
  return -1;
}

}  // namespace

int64_t find_bytes(std::string_view haystack, std::string_view needle, size_t begin, size_t end) {
  if (begin > end || needle.size() > end - begin) return -1;
  if (needle.empty()) return static_cast<int64_t>(begin);
  const char *at = haystack.data() + begin, *stop = haystack.data() + end - needle.size() + 1;
  // Where the first character mostly tells, this is quicker than a search that prepares itself for all needles.
  constexpr int kTries = 12;
  for (int tries = 0; tries < kTries; ++tries, ++at) {
    if (at == stop) return -1;
    at = static_cast<const char*>(std::memchr(at, needle[0], static_cast<size_t>(stop - at)));
    if (at == nullptr) return -1;
    if (std::memcmp(at + 1, needle.data() + 1, needle.size() - 1) == 0) return at - haystack.data();
  }
  auto found = static_cast<const char*>(memmem(at, static_cast<size_t>(haystack.data() + end - at), needle.data(), needle.size()));
  return found == nullptr ? -1 : found - haystack.data();
}

int64_t rfind_bytes(std::string_view haystack, std::string_view needle, size_t begin, size_t end) {
  if (begin > end || needle.size() > end - begin) return -1;
  if (needle.empty()) return static_cast<int64_t>(end);
  size_t last = needle.size() - 1;
  for (size_t limit = end; limit - begin > last;) {   // the needle's last character, then all of it
    const void* found = memrchr(haystack.data() + begin + last, needle[last], limit - begin - last);
    if (found == nullptr) return -1;
    size_t at = static_cast<size_t>(static_cast<const char*>(found) - haystack.data()) - last;
    if (std::memcmp(haystack.data() + at, needle.data(), last) == 0) return static_cast<int64_t>(at);
    limit = at + last;
  }
  return -1;
}

size_t count_bytes(std::string_view haystack, std::string_view needle, size_t begin, size_t end, size_t limit) {
  if (begin > end) return 0;
  if (needle.empty()) return std::min(end - begin + 1, limit);
  size_t count = 0;
  if (needle.size() == 1 && limit == SIZE_MAX) {
    return static_cast<size_t>(std::count(haystack.begin() + static_cast<ptrdiff_t>(begin), haystack.begin() + static_cast<ptrdiff_t>(end), needle[0]));
  }
  while (count < limit) {
    int64_t at = find_bytes(haystack, needle, begin, end);
    if (at < 0) break;
    ++count;
    begin = static_cast<size_t>(at) + needle.size();
  }
  return count;
}

int64_t find_text(const Str* haystack, const Str* needle, size_t begin, size_t end) {
  if (begin > end) return -1;
  if (!haystack->is_wide()) {
    if (needle->is_wide()) return -1;
    return find_bytes(narrow_view(haystack), narrow_view(needle), begin, end);
  }
  if (needle->is_wide()) return find_wide(wide_view(haystack), wide_view(needle), begin, end);
  return find_wide(wide_view(haystack), widen(needle), begin, end);
}

int64_t rfind_text(const Str* haystack, const Str* needle, size_t begin, size_t end) {
  if (begin > end) return -1;
  if (!haystack->is_wide()) {
    if (needle->is_wide()) return -1;
    return rfind_bytes(narrow_view(haystack), narrow_view(needle), begin, end);
  }
  return rfind_wide(wide_view(haystack), widen(needle), begin, end);
}

size_t count_text(const Str* haystack, const Str* needle, size_t begin, size_t end, size_t limit) {
  if (begin > end) return 0;
  if (needle->length == 0) return std::min(end - begin + 1, limit);
  if (!haystack->is_wide()) {
    if (needle->is_wide()) return 0;
    return count_bytes(narrow_view(haystack), narrow_view(needle), begin, end, limit);
  }
  std::u32string sought = widen(needle);
  size_t count = 0;
  while (count < limit) {
    int64_t at = find_wide(wide_view(haystack), sought, begin, end);
    if (at < 0) break;
    ++count;
    begin = static_cast<size_t>(at) + sought.size();
  }
  return count;
}

}  // namespace mini
