// SPDX-License-Identifier: MIT
// The tree of a regular expression in Python's syntax: what the parser makes (re_syntax.cpp) and what is translated to
// PCRE2's syntax (re_translate.cpp). The parser is Mini's own so that errors have Python's texts and positions.
//
// Nodes live in the ReSyntax that made them and hold no Values. Flags that a group turns on or off stand at the
// group; whoever walks the tree carries the flags in effect.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "runtime/object.h"

namespace mini {

enum ReFlag : uint32_t {
  kReTemplate = 1, kReIgnoreCase = 2, kReLocale = 4, kReMultiline = 8, kReDotAll = 16, kReUnicode = 32, kReVerbose = 64,
  kReDebug = 128, kReAscii = 256,
};
inline constexpr uint32_t kReTypeFlags = kReAscii | kReLocale | kReUnicode;
inline constexpr uint32_t kReUnlimited = UINT32_MAX;

enum class ReKind : uint8_t {
  Literal,         // value
  Any,             // .
  Set,             // set, is_negated
  At,              // value: one of ^ $ A Z b B
  Group,           // value: group number, 0 for one that captures nothing; added and removed flags; child 0
  Sequence,        // children
  Branch,          // children
  Repeat,          // child 0, low to high times, mode
  Look,            // child 0, is_behind, is_negated
  Reference,       // value: group number
  Conditional,     // value: group number; child 0, perhaps child 1
  Atomic,          // child 0
};

enum class ReRepeatMode : uint8_t { Greedy, Lazy, Possessive };

// One part of a set: a range of characters, or a category when `category` is one of d D s S w W.
struct ReSetItem {
  char32_t first, last;
  char category;
};

struct ReNode {
  ReKind kind;
  ReRepeatMode mode = ReRepeatMode::Greedy;
  bool is_negated = false;
  bool is_behind = false;
  uint32_t value = 0;
  uint32_t low = 0, high = 0;
  uint32_t added_flags = 0, removed_flags = 0;
  std::vector<ReSetItem> set;
  std::vector<ReNode*> children;
};

struct ReSyntax {
  ReNode* root = nullptr;
  uint32_t flags = 0;
  uint32_t group_count = 0;                                      // without group 0
  std::vector<std::pair<std::u32string, uint32_t>> names;        // in the order of definition
  std::vector<uint32_t> closing_order;                           // group numbers as their parentheses close
  bool repeats_groups = false;                                   // a capturing group stands inside a repetition
  std::deque<ReNode> nodes;

  ReNode* make(ReKind kind, uint32_t value = 0) {
    nodes.push_back({});
    nodes.back().kind = kind;
    nodes.back().value = value;
    return &nodes.back();
  }
};

// Parses `text`, the characters of `pattern` (a str, or bytes taken as Latin-1). False after raising re.error or another
// exception.
bool parse_pattern(Thread& t, Value pattern, std::u32string_view text, bool is_text, uint32_t flags, ReSyntax& out);
// Raises re.error(message, pattern, position); a negative position is left out, and the pattern with it.
Value raise_pattern_error(Thread& t, std::string_view message, Value pattern, int64_t position);

}  // namespace mini
