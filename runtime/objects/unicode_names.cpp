// SPDX-License-Identifier: MIT
// Names of characters. The table in unicode_names.def holds each name as what differs from the one before; it is unpacked on first
// use, once for the process, into two sorted lists. It is part of the binary (350 KB) because no C++ library on Debian
// has the names, and `\N{...}` must work wherever a program runs.
#include "runtime/objects/unicode_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace mini {

namespace {

struct NameRange {
  char32_t first, last;
  const char* prefix;
};

#include "runtime/objects/unicode_names.def"

struct Name {
  char32_t c;
  uint32_t begin, length;    // in `text`
};

struct NameTable {
  std::string text;
  std::vector<Name> by_character;
  std::vector<uint32_t> by_name;       // positions in by_character, then (from its size on) in others
  std::vector<Name> others;            // aliases; named sequences have several characters and are not here
  const Name& entry(uint32_t i) const { return i < by_character.size() ? by_character[i] : others[i - by_character.size()]; }
  std::string_view name(const Name& n) const { return std::string_view(text).substr(n.begin, n.length); }
};

char32_t read_hex(const char*& p) {
  char32_t c = 0;
  for (; (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'F'); ++p) c = c * 16 + static_cast<char32_t>(*p <= '9' ? *p - '0' : *p - 'A' + 10);
  return c;
}

void unpack_names(NameTable& table) {
  char32_t c = 0;
  std::string name;
  for (const char* p = kNames; *p; ++p) {
    bool has_number = *p < 'a';
    c = has_number ? read_hex(p) : c + 1;
    size_t shared = static_cast<size_t>(*p++ - 'a');
    if (shared >= 10) shared = 10 + 2 * (shared - 10);
    name.resize(shared);
    while (*p != '\n') name += *p++;
    table.by_character.push_back({c, static_cast<uint32_t>(table.text.size()), static_cast<uint32_t>(name.size())});
    table.text += name;
  }
}

void unpack_aliases(NameTable& table) {
  for (const char* p = kOtherNames; *p; ++p) {
    char32_t c = read_hex(p);
    bool is_sequence = *p == ' ';
    while (*p++ != '=') {}
    const char* begin = p;
    while (*p != '\n') ++p;
    if (is_sequence) continue;
    table.others.push_back({c, static_cast<uint32_t>(table.text.size()), static_cast<uint32_t>(p - begin)});
    table.text.append(begin, p);
  }
}

NameTable make_table() {
  NameTable table;
  table.text.reserve(900'000);
  unpack_names(table);
  unpack_aliases(table);
  for (uint32_t i = 0; i < table.by_character.size() + table.others.size(); ++i) table.by_name.push_back(i);
  std::sort(table.by_name.begin(), table.by_name.end(),
            [&](uint32_t a, uint32_t b) { return table.name(table.entry(a)) < table.name(table.entry(b)); });
  return table;
}

const NameTable& table() {
  static const NameTable made = make_table();
  return made;
}

// --- Hangul: a syllable's name is the names of its parts ---

constexpr char32_t kHangulBase = 0xAC00;
constexpr const char* kLeading[] = {"G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"};
constexpr const char* kVowels[] = {"A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU", "YI", "I"};
constexpr const char* kTrailing[] = {"", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H"};

// The longest part that the text begins with; its number, or -1.
template <size_t N> int longest(const char* const (&parts)[N], std::string_view& text) {
  int best = -1;
  size_t best_length = 0;
  for (size_t i = 0; i < N; ++i) {
    std::string_view part = parts[i];
    if (text.starts_with(part) && (best < 0 || part.size() > best_length)) best = static_cast<int>(i), best_length = part.size();
  }
  text.remove_prefix(best_length);
  return best;
}

int32_t find_hangul(std::string_view text) {
  int l = longest(kLeading, text), v = longest(kVowels, text), t = longest(kTrailing, text);
  if (l < 0 || v < 0 || t < 0 || !text.empty()) return -1;
  return static_cast<int32_t>(kHangulBase) + (l * 21 + v) * 28 + t;
}

int32_t find_in_ranges(std::string_view name) {
  for (const NameRange& range : kRanges) {
    std::string_view text = name;
    if (!text.starts_with(range.prefix)) continue;
    text.remove_prefix(std::string_view(range.prefix).size());
    if (range.first == kHangulBase) return find_hangul(text);
    if (text.size() < 4 || text.size() > 5) continue;
    std::string digits(text);
    const char* p = digits.c_str();
    char32_t c = read_hex(p);
    if (*p == 0 && c >= range.first && c <= range.last) return static_cast<int32_t>(c);
  }
  return -1;
}

}  // namespace

int32_t unicode_find_name(std::string_view given) {
  std::string name(given);
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  const NameTable& all = table();
  auto at = std::lower_bound(all.by_name.begin(), all.by_name.end(), name,
                             [&](uint32_t i, const std::string& sought) { return all.name(all.entry(i)) < sought; });
  if (at != all.by_name.end() && all.name(all.entry(*at)) == name) return static_cast<int32_t>(all.entry(*at).c);
  return find_in_ranges(given);
}

std::u32string unicode_find_sequence(std::string_view name) {
  std::u32string found;
  for (const char* p = kOtherNames; *p; ++p) {
    const char* begin = p;
    while (*p != '=') ++p;
    const char* text = ++p;
    while (*p != '\n') ++p;
    if (std::string_view(text, static_cast<size_t>(p - text)) != name) continue;
    for (found.push_back(read_hex(begin)); *begin == ' ';) found.push_back(read_hex(++begin));
    return found;
  }
  return found;
}

std::string unicode_name(char32_t c) {
  for (const NameRange& range : kRanges) {
    if (c < range.first || c > range.last) continue;
    if (range.first != kHangulBase) return fmt::format("{}{:X}", range.prefix, static_cast<uint32_t>(c));
    uint32_t i = c - kHangulBase;
    return fmt::format("{}{}{}{}", range.prefix, kLeading[i / 588], kVowels[i / 28 % 21], kTrailing[i % 28]);
  }
  const std::vector<Name>& all = table().by_character;
  auto at = std::lower_bound(all.begin(), all.end(), c, [](const Name& n, char32_t sought) { return n.c < sought; });
  return at != all.end() && at->c == c ? std::string(table().name(*at)) : std::string();
}

}  // namespace mini
