// SPDX-License-Identifier: MIT
// Two characters are equal for IGNORECASE when the full upper case forms of their lower case forms are: that joins 'k' and the
// Kelvin sign, both sigmas, and 'i' with dotted and dotless ones. utf8proc has no such classes, so they are gathered once
// for the process, a constant table of a few thousand entries.
#include "runtime/modules/re_case.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>

#include "runtime/objects/unicode.h"

namespace mini {

namespace {

constexpr char32_t kLastCased = 0x1E943;

// The full upper case form of a character's simple lower case form, as one number (21 bits for each character).
uint64_t class_of(char32_t c) {
  char32_t upper[3];
  auto lower = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  int count = unicode_to_upper(lower, upper);
  uint64_t key = 0;
  for (int i = 0; i < count; ++i) key = key << 21 | upper[i];
  return key;
}

struct Cased {
  uint64_t key;
  char32_t c;
};

struct CaseTable {
  std::vector<Cased> by_key;         // of classes with two members or more
  std::vector<char32_t> characters;  // the same ones, ascending
};

CaseTable make_table() {
  std::vector<Cased> all;
  for (char32_t c = 'A'; c <= kLastCased; ++c) {
    uint64_t key = class_of(c);
    if (key != c || utf8proc_tolower(static_cast<utf8proc_int32_t>(c)) != static_cast<utf8proc_int32_t>(c)) all.push_back({key, c});
  }
  std::sort(all.begin(), all.end(), [](Cased a, Cased b) { return a.key != b.key ? a.key < b.key : a.c < b.c; });
  CaseTable table;
  for (size_t i = 0; i < all.size();) {
    size_t end = i;
    while (end < all.size() && all[end].key == all[i].key) ++end;
    bool is_alone = end - i == 1;
    for (; i < end; ++i) {
      if (is_alone) continue;
      table.by_key.push_back(all[i]);
      table.characters.push_back(all[i].c);
    }
  }
  std::sort(table.characters.begin(), table.characters.end());
  return table;
}

const CaseTable& table() {
  static const CaseTable made = make_table();
  return made;
}

}  // namespace

std::vector<char32_t> case_variants(char32_t c) {
  std::vector<char32_t> out;
  uint64_t key = class_of(c);
  const std::vector<Cased>& all = table().by_key;
  auto at = std::lower_bound(all.begin(), all.end(), key, [](const Cased& entry, uint64_t k) { return entry.key < k; });
  for (; at != all.end() && at->key == key; ++at) out.push_back(at->c);
  if (std::find(out.begin(), out.end(), c) == out.end()) return {c};
  return out;
}

void for_each_cased(char32_t first, char32_t last, void (*visit)(char32_t c, void* context), void* context) {
  const std::vector<char32_t>& all = table().characters;
  for (auto at = std::lower_bound(all.begin(), all.end(), first); at != all.end() && *at <= last; ++at) visit(*at, context);
}

}  // namespace mini
