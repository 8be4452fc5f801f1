// SPDX-License-Identifier: MIT
// Writes PCRE2 patterns. They are compiled with DOTALL and MULTILINE always on, and every construct below says itself what
// it means: `.` is any character and `\N` any but a newline, `^` and `$` work at each line, `\A`, `\Z` and `\z` do not.
// Letter case is written out as sets, since PCRE2's idea of it differs from Python's for some characters, but for ASCII
// letters where both agree.
#include "runtime/modules/re_translate.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/modules/re_case.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/unicode.h"

namespace mini {

namespace {

constexpr uint32_t kMaxCount = 65535;   // PCRE2's limit for a repetition
using Ranges = std::vector<std::pair<char32_t, char32_t>>;

class Translator {
 public:
  Translator(const ReSyntax& syntax, ReSubjectKind kind)
      : syntax_(syntax), kind_(kind),
        last_(kind == ReSubjectKind::Ascii ? 0x7F : kind == ReSubjectKind::Wide ? kMaxCodePoint : 0xFF) {}
  ReTranslation run() {
    uses_properties_ = needs_properties(syntax_.root, syntax_.flags);
    node(syntax_.root, syntax_.flags);
    return {std::move(out_), uses_properties_};
  }

 private:
  void node(const ReNode* n, uint32_t flags);
  void literal(char32_t c, uint32_t flags);
  void character(char32_t c);
  void at(char what, uint32_t flags);
  void boundary(bool is_negated, uint32_t flags);
  void set(const ReNode* n, uint32_t flags);
  void range(char32_t first, char32_t last);
  void ranges(Ranges all, bool is_negated, std::string_view categories);
  void category(char c, uint32_t flags, Ranges& out, std::string& categories);
  void repeat(const ReNode* n, uint32_t flags);
  bool is_caseless_run(const ReNode* n, uint32_t flags) const;
  void sequence(const ReNode* n, uint32_t flags);
  void quantifier(uint32_t low, uint32_t high, ReRepeatMode mode);
  void atom(const ReNode* n, uint32_t flags);
  bool needs_properties(const ReNode* n, uint32_t flags) const;
  static uint32_t inside(const ReNode* group, uint32_t flags) {
    if (group->added_flags & kReTypeFlags) flags &= ~kReTypeFlags;
    return (flags | group->added_flags) & ~group->removed_flags;
  }

  const ReSyntax& syntax_;
  ReSubjectKind kind_;
  char32_t last_;                 // the greatest character that the subject can hold
  bool uses_properties_ = false;
  int look_behinds_ = 0;          // around what is being written
  std::string out_;
};

// Does PCRE2 have to look Unicode properties up: for categories of wide text, and word boundaries above ASCII?
bool Translator::needs_properties(const ReNode* n, uint32_t flags) const {
  if (kind_ == ReSubjectKind::Ascii || kind_ == ReSubjectKind::Bytes) return false;
  if (n->kind == ReKind::Group) flags = inside(n, flags);
  if (flags & kReUnicode) {
    if (kind_ == ReSubjectKind::Wide) return true;
    if (n->kind == ReKind::At && (n->value == 'b' || n->value == 'B')) return true;
    if (n->kind == ReKind::Reference && (flags & kReIgnoreCase)) return true;
  }
  return std::any_of(n->children.begin(), n->children.end(), [&](const ReNode* child) { return needs_properties(child, flags); });
}

// --- Characters and sets ---

void Translator::character(char32_t c) {
  bool is_plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
  if (is_plain) out_ += static_cast<char>(c);
  else out_ += fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(c));
}

bool is_ascii_letter(char32_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

void Translator::literal(char32_t c, uint32_t flags) {
  Ranges all;
  if (!(flags & kReIgnoreCase)) {
    all = {{c, c}};
  } else if (!(flags & kReUnicode)) {
    all = {{c, c}};
    if (is_ascii_letter(c)) all.push_back({c ^ 0x20, c ^ 0x20});
  } else if (c < 0x80 && kind_ != ReSubjectKind::Wide) {   // no other variant is below U+0100
    all = {{c, c}};
    if (is_ascii_letter(c)) all.push_back({c ^ 0x20, c ^ 0x20});
  } else {
    for (char32_t variant : case_variants(c)) all.push_back({variant, variant});
  }
  if (all.size() == 2 && is_ascii_letter(c) && !uses_properties_ && kind_ != ReSubjectKind::Wide) {
    out_ += fmt::format("(?i:{})", static_cast<char>(c));
  } else if (all.size() == 1 && c <= last_) {
    character(c);
  } else {
    ranges(std::move(all), false, {});
  }
}

void Translator::range(char32_t first, char32_t last) {
  character(first);
  if (first == last) return;
  if (last > first + 1) out_ += '-';
  character(last);
}

// A set of PCRE2. One that is empty keeps its width of one character, which look-behinds need.
void Translator::ranges(Ranges all, bool is_negated, std::string_view categories) {
  std::sort(all.begin(), all.end());
  std::string before = std::move(out_);
  out_.clear();
  for (size_t i = 0; i < all.size();) {
    auto [first, last] = all[i++];
    while (i < all.size() && all[i].first <= last + 1) last = std::max(last, all[i++].second);
    if (first > last_) break;
    range(first, std::min(last, last_));
  }
  out_ += categories;
  std::string body = std::move(out_);
  out_ = std::move(before);
  if (body.empty()) out_ += is_negated ? "." : fmt::format("[^\\x{{0}}-\\x{{{:x}}}]", static_cast<uint32_t>(kind_ == ReSubjectKind::Wide ? kMaxCodePoint : 0xFF));
  else out_ += (is_negated ? "[^" : "[") + body + "]";
}

void add_complement(const Ranges& of, Ranges& out) {
  char32_t next = 0;
  for (auto [first, last] : of) {
    if (first > next) out.push_back({next, first - 1});
    next = last + 1;
  }
  out.push_back({next, kMaxCodePoint});
}

const Ranges& ascii_category(char c) {
  static const Ranges digits = {{'0', '9'}};
  static const Ranges spaces = {{'\t', '\r'}, {' ', ' '}};
  static const Ranges words = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  return c == 'd' ? digits : c == 's' ? spaces : words;
}

const Ranges& unicode_spaces() {
  static const Ranges spaces = {{'\t', '\r'}, {0x1C, ' '}, {0x85, 0x85}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A},
                                {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
  return spaces;
}

Ranges latin1_words() {
  Ranges out;
  for (char32_t c = 0; c < 0x100; ++c)
    if (c == '_' || unicode_is_alpha(c) || unicode_is_numeric(c)) out.push_back({c, c});
  return out;
}

// \d and the like, as ranges or, for wide text, as a category of PCRE2.
void Translator::category(char c, uint32_t flags, Ranges& out, std::string& categories) {
  char lower = static_cast<char>(c | 0x20);
  bool is_negated = c != lower;
  Ranges of;
  if (!(flags & kReUnicode)) {
    of = ascii_category(lower);
  } else if (lower == 's') {
    of = unicode_spaces();
  } else if (kind_ == ReSubjectKind::Wide) {
    categories += '\\';
    categories += c;
    return;
  } else {
    of = lower == 'd' ? ascii_category('d') : latin1_words();
  }
  if (is_negated) add_complement(of, out);
  else out.insert(out.end(), of.begin(), of.end());
}

void add_variants(char32_t first, char32_t last, uint32_t flags, Ranges& out) {
  if (!(flags & kReUnicode)) {
    for (char32_t c = std::max<char32_t>(first, 'A'); c <= std::min<char32_t>(last, 'z'); ++c)
      if (is_ascii_letter(c)) out.push_back({c ^ 0x20, c ^ 0x20});
    return;
  }
  auto visit = [](char32_t c, void* context) {
    for (char32_t variant : case_variants(c)) static_cast<Ranges*>(context)->push_back({variant, variant});
  };
  for_each_cased(first, last, visit, &out);
}

void Translator::set(const ReNode* n, uint32_t flags) {
  Ranges all;
  std::string categories;
  for (const ReSetItem& item : n->set) {
    if (item.category) {
      category(item.category, flags, all, categories);
      continue;
    }
    all.push_back({item.first, item.last});
    if (flags & kReIgnoreCase) add_variants(item.first, item.last, flags, all);
  }
  ranges(std::move(all), n->is_negated, categories);
}

// --- Positions ---

void Translator::boundary(bool is_negated, uint32_t flags) {
  if (!uses_properties_ || (flags & kReUnicode)) {
    // Python's \B never matches in an empty subject.
    out_ += is_negated ? "\\B(?!\\A\\z)" : "\\b";
    return;
  }
  const char* word = "[0-9A-Z_a-z]";
  if (is_negated) out_ += fmt::format("(?:(?<={0})(?={0})|(?<!{0})(?!{0})(?!\\A\\z))", word);
  else out_ += fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", word);
}

void Translator::at(char what, uint32_t flags) {
  switch (what) {
    case '^': out_ += flags & kReMultiline ? "^" : "\\A"; return;
    case '$': out_ += flags & kReMultiline ? "$" : "\\Z"; return;
    case 'A': out_ += "\\A"; return;
    case 'Z': out_ += "\\z"; return;
    default: boundary(what == 'B', flags); return;
  }
}

// --- Repetitions ---

void Translator::quantifier(uint32_t low, uint32_t high, ReRepeatMode mode) {
  if (low == 0 && high == kReUnlimited) out_ += '*';
  else if (low == 1 && high == kReUnlimited) out_ += '+';
  else if (low == 0 && high == 1) out_ += '?';
  else if (high == kReUnlimited) out_ += fmt::format("{{{},}}", low);
  else if (low == high) out_ += fmt::format("{{{}}}", low);
  else out_ += fmt::format("{{{},{}}}", low, high);
  if (mode == ReRepeatMode::Lazy) out_ += '?';
  else if (mode == ReRepeatMode::Possessive) out_ += '+';
}

// One thing that a quantifier can follow.
void Translator::atom(const ReNode* n, uint32_t flags) {
  bool is_one = n->kind == ReKind::Group || n->kind == ReKind::Atomic || n->kind == ReKind::Look || n->kind == ReKind::Any ||
                n->kind == ReKind::Set || n->kind == ReKind::Literal || n->kind == ReKind::Reference;
  if (!is_one) out_ += "(?:";
  node(n, flags);
  if (!is_one) out_ += ')';
}

bool captures(const ReNode* n) {
  if (n->kind == ReKind::Group && n->value) return true;
  return std::any_of(n->children.begin(), n->children.end(), captures);
}

// Does it only ever match nothing, like `\b`?
bool is_zero_width(const ReNode* n) {
  switch (n->kind) {
    case ReKind::At: case ReKind::Look: return true;
    case ReKind::Literal: case ReKind::Any: case ReKind::Set: case ReKind::Reference: return false;
    default: return std::all_of(n->children.begin(), n->children.end(), is_zero_width);
  }
}

void Translator::repeat(const ReNode* n, uint32_t flags) {
  const ReNode* item = n->children[0];
  if (look_behinds_ && n->low != n->high && is_zero_width(item)) {   // PCRE2 takes any open repetition for one of changing width
    bool is_lazy = n->mode == ReRepeatMode::Lazy;
    out_ += n->low == 0 && is_lazy ? "(?:|" : "(?:";
    node(item, flags);
    out_ += n->low == 0 && !is_lazy ? "|)" : ")";
    return;
  }
  if (n->high > kMaxCount && n->high != kReUnlimited && captures(item)) {   // a group can stand in the pattern only once
    atom(item, flags);
    quantifier(std::min(n->low, kMaxCount), kReUnlimited, n->mode);
    return;
  }
  if (n->low <= kMaxCount && (n->high <= kMaxCount || n->high == kReUnlimited)) {
    atom(item, flags);
    quantifier(n->low, n->high, n->mode);
    return;
  }
  // Counts beyond PCRE2's limit, in chunks. A chunk of the optional part is itself optional from its end, so any number fits.
  out_ += n->mode == ReRepeatMode::Possessive ? "(?>" : "(?:";
  uint32_t low = n->low, rest = n->high == kReUnlimited ? 0 : n->high - n->low;
  ReRepeatMode mode = n->mode == ReRepeatMode::Lazy ? n->mode : ReRepeatMode::Greedy;
  auto chunk = [&](uint32_t from, uint32_t to) {
    atom(item, flags);
    quantifier(from, to, mode);
  };
  for (; low > kMaxCount; low -= kMaxCount) chunk(kMaxCount, kMaxCount);
  chunk(low, n->high == kReUnlimited ? kReUnlimited : low);
  for (; rest > kMaxCount && out_.size() < (1u << 20); rest -= kMaxCount) chunk(0, kMaxCount);
  if (rest > kMaxCount) chunk(0, kReUnlimited);   // billions: as good as no limit
  else if (rest) chunk(0, rest);
  out_ += ')';
}

// A literal that `(?i:...)` means exactly as Python does, so that a word needs one such group and not a set for each letter.
bool Translator::is_caseless_run(const ReNode* n, uint32_t flags) const {
  if (n->kind != ReKind::Literal || !(flags & kReIgnoreCase) || n->value >= 0x80) return false;
  return !uses_properties_ && kind_ != ReSubjectKind::Wide;
}

void Translator::sequence(const ReNode* n, uint32_t flags) {
  bool is_run = false;
  for (const ReNode* child : n->children) {
    bool joins = is_caseless_run(child, flags);
    if (joins != is_run) out_ += joins ? "(?i:" : ")";
    is_run = joins;
    if (joins) character(child->value);
    else node(child, flags);
  }
  if (is_run) out_ += ')';
}

void Translator::node(const ReNode* n, uint32_t flags) {
  switch (n->kind) {
    case ReKind::Literal: return literal(n->value, flags);
    case ReKind::Any: out_ += flags & kReDotAll ? "." : "\\N"; return;
    case ReKind::Set: return set(n, flags);
    case ReKind::At: return at(static_cast<char>(n->value), flags);
    case ReKind::Group:
      out_ += n->value ? "(" : "(?:";
      node(n->children[0], inside(n, flags));
      out_ += ')';
      return;
    case ReKind::Sequence: return sequence(n, flags);
    case ReKind::Branch: {
      // A branch that is no group of its own must not run into what surrounds it.
      out_ += "(?:";
      for (size_t i = 0; i < n->children.size(); ++i) {
        if (i) out_ += '|';
        node(n->children[i], flags);
      }
      out_ += ')';
      return;
    }
    case ReKind::Repeat: return repeat(n, flags);
    case ReKind::Look:
      out_ += n->is_behind ? (n->is_negated ? "(?<!" : "(?<=") : (n->is_negated ? "(?!" : "(?=");
      look_behinds_ += n->is_behind;
      node(n->children[0], flags);
      look_behinds_ -= n->is_behind;
      out_ += ')';
      return;
    case ReKind::Reference:
      out_ += (flags & kReIgnoreCase ? "(?i:\\g{" : "(?:\\g{") + std::to_string(n->value) + "})";
      return;
    case ReKind::Conditional:
      out_ += fmt::format("(?({})", n->value);
      node(n->children[0], flags);
      if (n->children.size() > 1) {
        out_ += '|';
        node(n->children[1], flags);
      }
      out_ += ')';
      return;
    case ReKind::Atomic:
      out_ += "(?>";
      node(n->children[0], flags);
      out_ += ')';
      return;
  }
}

}  // namespace

ReTranslation translate_pattern(const ReSyntax& syntax, ReSubjectKind kind) { return Translator(syntax, kind).run(); }

}  // namespace mini
