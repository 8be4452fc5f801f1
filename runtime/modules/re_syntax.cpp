// SPDX-License-Identifier: MIT
// The parser of Python's regular expressions. One token of lookahead, a backslash and the character behind it being one
// token, as in CPython: that is what decides the positions in messages.
//
// Functions return null after raising. Nothing here depends on PCRE2.
#include "runtime/modules/re_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"
#include "runtime/objects/unicode.h"
#include "runtime/objects/unicode_names.h"

namespace mini {

namespace {

constexpr char32_t kEnd = 0xFFFFFFFF;
constexpr uint64_t kMaxWidth = kReUnlimited - 1;
constexpr int64_t kMaxGroups = 1073741823;

struct Width {
  uint64_t low, high;
};

// A character, or a backslash and the character behind it.
struct Token {
  char32_t c = kEnd;
  char32_t escaped = 0;
  bool is_end() const { return c == kEnd; }
  bool is_escape() const { return c == '\\'; }
  bool is(char32_t plain) const { return c == plain && !is_escape(); }
  int64_t length() const { return is_end() ? 0 : is_escape() ? 2 : 1; }
};

bool is_digit(Token k) { return k.c >= '0' && k.c <= '9'; }
bool is_octal(Token k) { return k.c >= '0' && k.c <= '7'; }
bool is_octal(char32_t c) { return c >= '0' && c <= '7'; }
bool is_ascii_letter(char32_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
int hex_value(char32_t c) {
  return c >= '0' && c <= '9' ? static_cast<int>(c - '0') : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? static_cast<int>((c | 0x20) - 'a' + 10) : -1;
}

uint32_t flag_of(char32_t c) {
  switch (c) {
    case 'i': return kReIgnoreCase;
    case 'L': return kReLocale;
    case 'm': return kReMultiline;
    case 's': return kReDotAll;
    case 'x': return kReVerbose;
    case 'a': return kReAscii;
    case 't': return kReTemplate;
    case 'u': return kReUnicode;
    default: return 0;
  }
}

class Parser {
 public:
  Parser(Thread& t, Value pattern, std::u32string_view text, bool is_text, ReSyntax& out)
      : t_(t), pattern_(pattern), text_(text), is_text_(is_text), out_(out) {}
  bool run();

 private:
  enum class Flags : uint8_t { Failed, Global, Scoped };

  // Reading.
  bool advance();
  bool take(Token& out) { out = next_; return advance(); }
  bool match(char32_t c, bool& found);
  int64_t tell() const { return static_cast<int64_t>(index_) - next_.length(); }
  bool take_until(char32_t terminator, const char* what, std::u32string& out);
  bool seek(size_t index) { index_ = index; return advance(); }

  // Failing.
  std::nullptr_t fail(std::string_view message, int64_t offset = 0);
  std::string shown(std::u32string_view text) const;
  std::string quoted(const std::u32string& text) const;

  // Parsing.
  ReNode* alternatives(bool is_verbose, int depth);
  ReNode* sequence(bool is_verbose, int depth, bool is_first);
  ReNode* literal(char32_t c) { return out_.make(ReKind::Literal, c); }
  ReNode* at(char what) { return out_.make(ReKind::At, static_cast<uint32_t>(what)); }
  ReNode* category(char32_t c);
  ReNode* escape(Token k);
  ReNode* numeric_escape(Token k);
  bool character_escape(Token k, bool& is_known, char32_t& out);
  bool hex_escape(char32_t letter, char32_t& out);
  bool named_escape(char32_t& out);
  bool set_escape(Token k, ReSetItem& out);
  bool set_item(Token k, ReSetItem& out);
  ReNode* set();
  bool repeat(ReNode* sequence, Token k);
  bool counts(int64_t here, uint64_t& low, uint64_t& high, bool& is_literal);
  bool digits(std::u32string& out);
  ReNode* group(ReNode* before, bool& is_verbose, int depth, bool is_first);
  ReNode* group_body(ReNode* node, const std::u32string* name, bool is_verbose, int depth, int64_t start);
  ReNode* look(char32_t c, bool is_verbose, int depth, int64_t start);
  ReNode* conditional(bool is_verbose, int depth, int64_t start);
  bool conditional_group(uint32_t& out);
  ReNode* named_reference();
  ReNode* comment(int64_t start);
  Flags flags(Token k, uint32_t& added, uint32_t& removed);
  bool removed_flags(uint32_t& removed);
  bool check_name(const std::u32string& name, int64_t offset);
  bool is_identifier(const std::u32string& name) const;
  bool open_group(const std::u32string* name, uint32_t& out);
  bool close(int64_t start);

  uint32_t find_name(const std::u32string& name) const;
  bool is_closed(uint32_t group) const { return group < widths_.size() && widths_[group].high != UINT64_MAX; }
  bool check_look_behind(uint32_t group);
  Width width(const ReNode* node) const;
  bool check_look_behinds(const ReNode* node);

  Thread& t_;
  Value pattern_;
  std::u32string_view text_;
  bool is_text_;
  ReSyntax& out_;
  size_t index_ = 0;
  Token next_;
  std::vector<Width> widths_{{0, UINT64_MAX}};     // of groups; high is UINT64_MAX while open
  int64_t look_behind_groups_ = -1;                // groups before the outermost look-behind, -1 outside of one
  std::map<uint32_t, int64_t> reference_positions_;
  int repeat_depth_ = 0;
};

// --- Reading and failing ---

bool Parser::advance() {
  next_ = {};
  if (index_ >= text_.size()) return true;
  next_.c = text_[index_++];
  if (next_.c != '\\') return true;
  if (index_ >= text_.size()) {
    (void)raise_pattern_error(t_, "bad escape (end of pattern)", pattern_, static_cast<int64_t>(text_.size()) - 1);
    return false;
  }
  next_.escaped = text_[index_++];
  return true;
}

bool Parser::match(char32_t c, bool& found) {
  found = next_.is(c);
  return !found || advance();
}

std::nullptr_t Parser::fail(std::string_view message, int64_t offset) {
  (void)raise_pattern_error(t_, message, pattern_, tell() - offset);
  return nullptr;
}

// Text in a message: of a bytes pattern, what is not ASCII is escaped.
std::string Parser::shown(std::u32string_view text) const {
  std::string out;
  for (char32_t c : text) {
    if (is_text_ || c < 128) append_utf8(out, c);
    else out += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
  }
  return out;
}

std::string Parser::quoted(const std::u32string& text) const {
  Str* repr = to_repr(t_, str_value(make_str_wide(t_, text.data(), text.size())));
  if (!repr) return {};
  std::string utf8 = to_utf8(repr);
  if (is_text_) return utf8;
  std::u32string wide;
  for (size_t i = 0; i < repr->length; ++i) wide.push_back(repr->at(i));
  return shown(wide);
}

bool Parser::take_until(char32_t terminator, const char* what, std::u32string& out) {
  for (;;) {
    Token k;
    if (!take(k)) return false;
    if (k.is_end()) {
      if (out.empty()) fail(fmt::format("missing {}", what));
      else fail(fmt::format("missing {}, unterminated name", static_cast<char>(terminator)), static_cast<int64_t>(out.size()));
      return false;
    }
    if (k.is(terminator)) {
      if (!out.empty()) return true;
      fail(fmt::format("missing {}", what), 1);
      return false;
    }
    out.push_back(k.c);
    if (k.is_escape()) out.push_back(k.escaped);
  }
}

// --- Escapes ---

ReNode* Parser::category(char32_t c) {
  ReNode* node = out_.make(ReKind::Set);
  node->set.push_back({0, 0, static_cast<char>(c)});
  return node;
}

bool is_category(char32_t c) { return c == 'd' || c == 'D' || c == 's' || c == 'S' || c == 'w' || c == 'W'; }

bool Parser::hex_escape(char32_t letter, char32_t& out) {
  int count = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
  std::u32string text = U"\\";
  text.push_back(letter);
  uint64_t value = 0;
  while (count > 0 && !next_.is_end() && hex_value(next_.c) >= 0) {
    value = value * 16 + static_cast<uint64_t>(hex_value(next_.c));
    text.push_back(next_.c);
    --count;
    if (!advance()) return false;
  }
  auto length = static_cast<int64_t>(text.size());
  if (count > 0) {
    fail(fmt::format("incomplete escape {}", shown(text)), length);
    return false;
  }
  if (value > kMaxCodePoint) {
    fail(fmt::format("bad escape {}", shown(text)), length);
    return false;
  }
  out = static_cast<char32_t>(value);
  return true;
}

bool Parser::named_escape(char32_t& out) {
  bool found;
  if (!match('{', found)) return false;
  if (!found) {
    fail("missing {");
    return false;
  }
  std::u32string name;
  if (!take_until('}', "character name", name)) return false;
  std::string utf8;
  for (char32_t c : name) append_utf8(utf8, c);
  int32_t code_point = unicode_find_name(utf8);
  if (code_point < 0) {
    fail(fmt::format("undefined character name {}", quoted(name)), static_cast<int64_t>(name.size()) + 4);
    return false;
  }
  out = static_cast<char32_t>(code_point);
  return true;
}

// The escapes that mean one character both inside and outside of sets. False after raising.
bool Parser::character_escape(Token k, bool& is_known, char32_t& out) {
  is_known = true;
  switch (k.escaped) {
    case 'a': out = '\a'; return true;
    case 'b': out = '\b'; return true;
    case 'f': out = '\f'; return true;
    case 'n': out = '\n'; return true;
    case 'r': out = '\r'; return true;
    case 't': out = '\t'; return true;
    case 'v': out = '\v'; return true;
    case '\\': out = '\\'; return true;
    case 'x': return hex_escape('x', out);
    default: break;
  }
  if (is_text_ && (k.escaped == 'u' || k.escaped == 'U')) return hex_escape(k.escaped, out);
  if (is_text_ && k.escaped == 'N') return named_escape(out);
  is_known = false;
  return true;
}

ReNode* Parser::escape(Token k) {
  char32_t c = k.escaped;
  if (is_category(c)) return category(c);
  if (c == 'A' || c == 'Z' || c == 'b' || c == 'B') return at(static_cast<char>(c));
  char32_t value;
  bool is_known;
  if (!character_escape(k, is_known, value)) return nullptr;
  if (is_known) return literal(value);
  if (c >= '0' && c <= '9') return numeric_escape(k);
  if (is_ascii_letter(c)) return fail(fmt::format("bad escape \\{}", static_cast<char>(c)), 2);
  return literal(c);
}

// An octal escape, or a reference to a group.
ReNode* Parser::numeric_escape(Token k) {
  char32_t first = k.escaped;
  uint32_t value = first - '0';
  if (first == '0') {
    for (int i = 0; i < 2 && is_octal(next_); ++i) {
      value = value * 8 + (next_.c - '0');
      if (!advance()) return nullptr;
    }
    return literal(value);
  }
  int64_t length = 2;
  if (is_digit(next_)) {
    char32_t second = next_.c;
    if (!advance()) return nullptr;
    ++length;
    if (is_octal(first) && is_octal(second) && is_octal(next_)) {
      uint32_t octal = (first - '0') * 64 + (second - '0') * 8 + (next_.c - '0');
      std::string text = fmt::format("\\{}{}{}", static_cast<char>(first), static_cast<char>(second), static_cast<char>(next_.c));
      if (!advance()) return nullptr;
      if (octal > 0377) return fail(fmt::format("octal escape value {} outside of range 0-0o377", text), 4);
      return literal(octal);
    }
    value = value * 10 + (second - '0');
  }
  if (value >= widths_.size()) return fail(fmt::format("invalid group reference {}", value), length - 1);
  if (!is_closed(value)) return fail("cannot refer to an open group", length);
  if (!check_look_behind(value)) return nullptr;
  return out_.make(ReKind::Reference, value);
}

// --- Sets ---

bool Parser::set_escape(Token k, ReSetItem& out) {
  char32_t c = k.escaped;
  if (is_category(c)) {
    out = {0, 0, static_cast<char>(c)};
    return true;
  }
  char32_t value = c;
  bool is_known;
  if (!character_escape(k, is_known, value)) return false;
  if (!is_known && is_octal(c)) {
    std::string text = fmt::format("\\{}", static_cast<char>(c));
    value = c - '0';
    for (int i = 0; i < 2 && is_octal(next_); ++i) {
      value = value * 8 + (next_.c - '0');
      text += static_cast<char>(next_.c);
      if (!advance()) return false;
    }
    if (value > 0377) {
      fail(fmt::format("octal escape value {} outside of range 0-0o377", text), static_cast<int64_t>(text.size()));
      return false;
    }
  } else if (!is_known && (is_ascii_letter(c) || (c >= '0' && c <= '9'))) {
    fail(fmt::format("bad escape \\{}", static_cast<char>(c)), 2);
    return false;
  }
  out = {value, value, 0};
  return true;
}

bool Parser::set_item(Token k, ReSetItem& out) {
  if (k.is_escape()) return set_escape(k, out);
  out = {k.c, k.c, 0};
  return true;
}

ReNode* Parser::set() {
  int64_t here = tell() - 1;
  ReNode* node = out_.make(ReKind::Set);
  if (!match('^', node->is_negated)) return nullptr;
  for (;;) {
    Token k;
    if (!take(k)) return nullptr;
    if (k.is_end()) return fail("unterminated character set", tell() - here);
    if (k.is(']') && !node->set.empty()) return node;
    ReSetItem item;
    if (!set_item(k, item)) return nullptr;
    bool is_range;
    if (!match('-', is_range)) return nullptr;
    if (!is_range) {
      node->set.push_back(item);
      continue;
    }
    Token that;
    if (!take(that)) return nullptr;
    if (that.is_end()) return fail("unterminated character set", tell() - here);
    if (that.is(']')) {
      node->set.push_back(item);
      node->set.push_back({'-', '-', 0});
      return node;
    }
    ReSetItem last;
    if (!set_item(that, last)) return nullptr;
    if (item.category || last.category || last.first < item.first) {
      auto text = [&](Token of) { return of.is_escape() ? shown(std::u32string{of.c, of.escaped}) : shown(std::u32string{of.c}); };
      return fail(fmt::format("bad character range {}-{}", text(k), text(that)), k.length() + 1 + that.length());
    }
    node->set.push_back({item.first, last.first, 0});
  }
}

// --- Repetitions ---

bool Parser::digits(std::u32string& out) {
  while (is_digit(next_)) {
    out.push_back(next_.c);
    if (!advance()) return false;
  }
  return true;
}

bool to_count(Thread& t, const std::u32string& digits, uint64_t& out) {
  out = 0;
  for (char32_t c : digits) {
    out = out * 10 + (c - '0');
    if (out < kReUnlimited) continue;
    (void)raise(t, ErrorType::OverflowError, "the repetition number is too large");
    return false;
  }
  return true;
}

// Behind '{'. Sets is_literal when it does not begin a repetition.
bool Parser::counts(int64_t here, uint64_t& low, uint64_t& high, bool& is_literal) {
  is_literal = next_.is('}');
  if (is_literal) return true;
  std::u32string low_digits, high_digits;
  bool found;
  if (!digits(low_digits) || !match(',', found)) return false;
  if (!found) high_digits = low_digits;
  else if (!digits(high_digits)) return false;
  if (!match('}', found)) return false;
  if (!found) {
    is_literal = true;
    return seek(static_cast<size_t>(here));
  }
  low = 0;
  high = kReUnlimited;
  if (!low_digits.empty() && !to_count(t_, low_digits, low)) return false;
  if (!high_digits.empty() && !to_count(t_, high_digits, high)) return false;
  if (high >= low) return true;
  fail("min repeat greater than max repeat", tell() - here);
  return false;
}

bool Parser::repeat(ReNode* sequence, Token k) {
  int64_t here = tell();
  uint64_t low = k.c == '+' ? 1 : 0;
  uint64_t high = k.c == '?' ? 1 : kReUnlimited;
  bool is_literal = false;
  if (k.c == '{' && !counts(here, low, high, is_literal)) return false;
  if (is_literal) {
    sequence->children.push_back(literal('{'));
    return true;
  }
  ReNode* item = sequence->children.empty() ? nullptr : sequence->children.back();
  if (!item || item->kind == ReKind::At) {
    fail("nothing to repeat", tell() - here + 1);
    return false;
  }
  if (item->kind == ReKind::Repeat) {
    fail("multiple repeat", tell() - here + 1);
    return false;
  }
  ReNode* node = out_.make(ReKind::Repeat);
  node->low = static_cast<uint32_t>(low);
  node->high = static_cast<uint32_t>(high);
  node->children.push_back(item);
  bool found;
  if (!match('?', found)) return false;
  if (found) {
    node->mode = ReRepeatMode::Lazy;
  } else {
    if (!match('+', found)) return false;
    if (found) node->mode = ReRepeatMode::Possessive;
  }
  sequence->children.back() = node;
  return true;
}

// --- Groups ---

bool Parser::is_identifier(const std::u32string& name) const {
  for (size_t i = 0; i < name.size(); ++i)
    if (!(i ? unicode_is_identifier_part(name[i]) : unicode_is_identifier_start(name[i]))) return false;
  return !name.empty();
}

bool Parser::check_name(const std::u32string& name, int64_t offset) {
  if (is_identifier(name)) return true;
  fail(fmt::format("bad character in group name {}", quoted(name)), static_cast<int64_t>(name.size()) + offset);
  return false;
}

uint32_t Parser::find_name(const std::u32string& name) const {
  for (auto& [known, number] : out_.names)
    if (known == name) return number;
  return 0;
}

bool Parser::check_look_behind(uint32_t group) {
  if (look_behind_groups_ < 0) return true;
  if (!is_closed(group)) {
    fail("cannot refer to an open group");
    return false;
  }
  if (static_cast<int64_t>(group) < look_behind_groups_) return true;
  fail("cannot refer to group defined in the same lookbehind subpattern");
  return false;
}

bool Parser::open_group(const std::u32string* name, uint32_t& out) {
  out = static_cast<uint32_t>(widths_.size());
  widths_.push_back({0, UINT64_MAX});
  if (!name) return true;
  if (uint32_t earlier = find_name(*name)) {
    fail(fmt::format("redefinition of group name {} as group {}; was group {}", quoted(*name), out, earlier),
         static_cast<int64_t>(name->size()) + 1);
    return false;
  }
  out_.names.emplace_back(*name, out);
  return true;
}

bool Parser::close(int64_t start) {
  bool found;
  if (!match(')', found)) return false;
  if (found) return true;
  fail("missing ), unterminated subpattern", tell() - start);
  return false;
}

ReNode* Parser::group_body(ReNode* node, const std::u32string* name, bool is_verbose, int depth, int64_t start) {
  bool captures = node->kind == ReKind::Group && node->value == 1;
  if (captures && !open_group(name, node->value)) return nullptr;
  is_verbose = (is_verbose || (node->added_flags & kReVerbose)) && !(node->removed_flags & kReVerbose);
  ReNode* body = alternatives(is_verbose, depth + 1);
  if (!body || !close(start)) return nullptr;
  node->children.push_back(body);
  if (captures) {
    widths_[node->value] = width(body);
    out_.closing_order.push_back(node->value);
  }
  return node;
}

ReNode* Parser::named_reference() {
  std::u32string name;
  if (!take_until(')', "group name", name) || !check_name(name, 1)) return nullptr;
  uint32_t number = find_name(name);
  auto length = static_cast<int64_t>(name.size());
  if (!number) return fail(fmt::format("unknown group name {}", quoted(name)), length + 1);
  if (!is_closed(number)) return fail("cannot refer to an open group", length + 1);
  if (!check_look_behind(number)) return nullptr;
  return out_.make(ReKind::Reference, number);
}

// A comment gives an empty sequence: it is no item, and what follows cannot repeat it.
ReNode* Parser::comment(int64_t start) {
  for (;;) {
    if (next_.is_end()) return fail("missing ), unterminated comment", tell() - start);
    Token k;
    if (!take(k)) return nullptr;
    if (k.is(')')) return out_.make(ReKind::Sequence);
  }
}

ReNode* Parser::look(char32_t c, bool is_verbose, int depth, int64_t start) {
  ReNode* node = out_.make(ReKind::Look);
  int64_t outer = look_behind_groups_;
  if (c == '<') {
    Token k;
    if (!take(k)) return nullptr;
    if (k.is_end()) return fail("unexpected end of pattern");
    if (!k.is('=') && !k.is('!')) {
      std::u32string text{k.c};
      if (k.is_escape()) text.push_back(k.escaped);
      return fail(fmt::format("unknown extension ?<{}", shown(text)), k.length() + 2);
    }
    c = k.c;
    node->is_behind = true;
    if (outer < 0) look_behind_groups_ = static_cast<int64_t>(widths_.size());
  }
  node->is_negated = c == '!';
  ReNode* body = alternatives(is_verbose, depth + 1);
  if (!body) return nullptr;
  look_behind_groups_ = outer;
  if (!close(start)) return nullptr;
  node->children.push_back(body);
  return node;
}

// The number or name in `(?(...)`.
bool Parser::conditional_group(uint32_t& out) {
  std::u32string name;
  if (!take_until(')', "group name", name)) return false;
  auto length = static_cast<int64_t>(name.size());
  if (is_identifier(name)) {
    out = find_name(name);
    if (!out) fail(fmt::format("unknown group name {}", quoted(name)), length + 1);
    return out != 0;
  }
  std::string utf8;
  for (char32_t c : name) append_utf8(utf8, c);
  Value number = parse_int(t_, utf8, 10);
  int64_t n = -1;
  if (number.is_raised()) return false;
  if (number.is_empty() || (fits_int64(number, n) && n < 0) || int_to_text(number)[0] == '-') {
    fail(fmt::format("bad character in group name {}", quoted(name)), length + 1);
    return false;
  }
  if (n == 0) {
    fail("bad group number", length + 1);
    return false;
  }
  if (n < 0 || n >= kMaxGroups) {
    fail(fmt::format("invalid group reference {}", int_to_text(number)), length + 1);
    return false;
  }
  out = static_cast<uint32_t>(n);
  reference_positions_.emplace(out, tell() - length - 1);
  return true;
}

ReNode* Parser::conditional(bool is_verbose, int depth, int64_t start) {
  ReNode* node = out_.make(ReKind::Conditional);
  if (!conditional_group(node->value) || !check_look_behind(node->value)) return nullptr;
  ReNode* yes = sequence(is_verbose, depth + 1, false);
  if (!yes) return nullptr;
  node->children.push_back(yes);
  bool found;
  if (!match('|', found)) return nullptr;
  if (found) {
    ReNode* no = sequence(is_verbose, depth + 1, false);
    if (!no) return nullptr;
    node->children.push_back(no);
    if (next_.is('|')) return fail("conditional backref with more than two branches");
  }
  return close(start) ? node : nullptr;
}

bool Parser::removed_flags(uint32_t& removed) {
  Token k;
  auto check = [&](const char* missing) {
    if (k.is_end()) {
      fail(missing);
      return false;
    }
    if (!k.is_escape() && flag_of(k.c)) return true;
    fail(!k.is_escape() && unicode_is_alpha(k.c) ? "unknown flag" : missing, k.length());
    return false;
  };
  if (!take(k) || !check("missing flag")) return false;
  for (;;) {
    uint32_t flag = flag_of(k.c);
    if (flag & kReTypeFlags) {
      fail("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
      return false;
    }
    removed |= flag;
    if (!take(k)) return false;
    if (k.is(':')) return true;
    if (!check("missing :")) return false;
  }
}

// `(?` was read, and `k` behind it: flags, and flags to turn off.
Parser::Flags Parser::flags(Token k, uint32_t& added, uint32_t& removed) {
  auto failed = [&](const char* message, int64_t offset = 0) {
    fail(message, offset);
    return Flags::Failed;
  };
  while (!k.is('-')) {
    uint32_t flag = flag_of(k.c);
    if (is_text_ && k.c == 'L') return failed("bad inline flags: cannot use 'L' flag with a str pattern");
    if (!is_text_ && k.c == 'u') return failed("bad inline flags: cannot use 'u' flag with a bytes pattern");
    added |= flag;
    if ((flag & kReTypeFlags) && (added & kReTypeFlags) != flag) return failed("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
    if (!take(k)) return Flags::Failed;
    if (k.is_end()) return failed("missing -, : or )");
    if (k.is(')')) {
      out_.flags |= added;
      return Flags::Global;
    }
    if (k.is(':') || k.is('-')) break;
    if (k.is_escape() || !flag_of(k.c))
      return failed(!k.is_escape() && unicode_is_alpha(k.c) ? "unknown flag" : "missing -, : or )", k.length());
  }
  if (added & kReTemplate) return failed("bad inline flags: cannot turn on global flag", 1);
  if (k.is(':')) return Flags::Scoped;
  if (!removed_flags(removed)) return Flags::Failed;
  if (removed & kReTemplate) return failed("bad inline flags: cannot turn off global flag", 1);
  if (added & removed) return failed("bad inline flags: flag turned on and off", 1);
  return Flags::Scoped;
}

// Behind '('. What is no item (a comment, global flags) comes back as an empty Sequence.
ReNode* Parser::group(ReNode* before, bool& is_verbose, int depth, bool is_first) {
  int64_t start = tell() - 1;
  ReNode* node = out_.make(ReKind::Group, 1);
  bool found;
  if (!match('?', found)) return nullptr;
  if (!found) return group_body(node, nullptr, is_verbose, depth, start);
  Token k;
  if (!take(k)) return nullptr;
  if (k.is_end()) return fail("unexpected end of pattern");
  node->value = 0;
  if (!k.is_escape()) switch (k.c) {
    case 'P': {
      if (!match('<', found)) return nullptr;
      if (found) {
        std::u32string name;
        if (!take_until('>', "group name", name) || !check_name(name, 1)) return nullptr;
        node->value = 1;
        return group_body(node, &name, is_verbose, depth, start);
      }
      if (!match('=', found)) return nullptr;
      if (found) return named_reference();
      if (!take(k)) return nullptr;
      if (k.is_end()) return fail("unexpected end of pattern");
      std::u32string text{k.c};
      if (k.is_escape()) text.push_back(k.escaped);
      return fail(fmt::format("unknown extension ?P{}", shown(text)), k.length() + 2);
    }
    case ':': return group_body(node, nullptr, is_verbose, depth, start);
    case '#': return comment(start);
    case '=': case '!': case '<': return look(k.c, is_verbose, depth, start);
    case '(': return conditional(is_verbose, depth, start);
    case '>': return group_body(out_.make(ReKind::Atomic), nullptr, is_verbose, depth, start);
    default: break;
  }
  if (k.is('-') || (!k.is_escape() && flag_of(k.c))) {
    switch (flags(k, node->added_flags, node->removed_flags)) {
      case Flags::Failed: return nullptr;
      case Flags::Scoped: return group_body(node, nullptr, is_verbose, depth, start);
      case Flags::Global: break;
    }
    if (!is_first || !before->children.empty()) return fail("global flags not at the start of the expression", tell() - start);
    is_verbose = out_.flags & kReVerbose;
    return out_.make(ReKind::Sequence);
  }
  std::u32string text{k.c};
  if (k.is_escape()) text.push_back(k.escaped);
  return fail(fmt::format("unknown extension ?{}", shown(text)), k.length() + 1);
}

// --- The whole ---

ReNode* Parser::sequence(bool is_verbose, int depth, bool is_first) {
  if (t_.native_stack_is_low() || depth > static_cast<int>(t_.recursion_limit)) {
    (void)raise_recursion(t_);
    return nullptr;
  }
  ReNode* out = out_.make(ReKind::Sequence);
  for (;;) {
    if (next_.is_end() || next_.is('|') || next_.is(')')) return out;
    Token k;
    if (!take(k)) return nullptr;
    if (is_verbose && !k.is_escape()) {
      if (k.c == ' ' || (k.c >= '\t' && k.c <= '\r')) continue;
      if (k.c == '#') {
        do {
          if (!take(k)) return nullptr;
        } while (!k.is_end() && !k.is('\n'));
        continue;
      }
    }
    ReNode* node = nullptr;
    switch (k.c) {
      case '\\': node = escape(k); break;
      case '[': node = set(); break;
      case '.': node = out_.make(ReKind::Any); break;
      case '^': case '$': node = at(static_cast<char>(k.c)); break;
      case '(': node = group(out, is_verbose, depth, is_first); break;
      case '*': case '+': case '?': case '{':
        if (!repeat(out, k)) return nullptr;
        continue;
      default: node = literal(k.c); break;
    }
    if (!node) return nullptr;
    if (node->kind != ReKind::Sequence) out->children.push_back(node);
  }
}

ReNode* Parser::alternatives(bool is_verbose, int depth) {
  ReNode* branch = nullptr;
  for (;;) {
    ReNode* item = sequence(is_verbose, depth + 1, depth == 0 && !branch);
    if (!item) return nullptr;
    bool found;
    if (!match('|', found)) return nullptr;
    if (!branch && !found) return item;
    if (!branch) branch = out_.make(ReKind::Branch);
    branch->children.push_back(item);
    if (!found) return branch;
    if (depth == 0) is_verbose = out_.flags & kReVerbose;
  }
}

// How many characters a node can match, as CPython reckons: what decides about look-behinds.
Width Parser::width(const ReNode* node) const {
  Width w{0, 0};
  auto add = [&](Width more) { w = {std::min(w.low + more.low, kMaxWidth), std::min(w.high + more.high, uint64_t{kReUnlimited})}; };
  switch (node->kind) {
    case ReKind::Literal: case ReKind::Any: case ReKind::Set: return {1, 1};
    case ReKind::At: case ReKind::Look: return w;
    case ReKind::Group: case ReKind::Atomic: return width(node->children[0]);
    case ReKind::Sequence:
      for (const ReNode* child : node->children) add(width(child));
      return w;
    case ReKind::Branch: case ReKind::Conditional:
      w = width(node->children[0]);
      for (const ReNode* child : node->children) {
        Width other = width(child);
        w = {std::min(w.low, other.low), std::max(w.high, other.high)};
      }
      if (node->kind == ReKind::Conditional && node->children.size() == 1) w.low = 0;
      return w;
    case ReKind::Repeat: {
      Width item = width(node->children[0]);
      if (node->high == kReUnlimited && item.high) item.high = kReUnlimited;
      else item.high = std::min(item.high * node->high, uint64_t{kReUnlimited});
      return {std::min(item.low * node->low, kMaxWidth), item.high};
    }
    case ReKind::Reference: return node->value < widths_.size() && is_closed(node->value) ? widths_[node->value] : w;
  }
  MINI_UNREACHABLE();
}

// Every look-behind must have one width; notes on the way whether groups are repeated.
bool Parser::check_look_behinds(const ReNode* node) {
  if (node->kind == ReKind::Group && node->value && repeat_depth_) out_.repeats_groups = true;
  if (node->kind == ReKind::Look && node->is_behind) {
    Width w = width(node->children[0]);
    if (w.low != w.high) {
      (void)raise_pattern_error(t_, "look-behind requires fixed-width pattern", Value::none(), -1);
      return false;
    }
  }
  repeat_depth_ += node->kind == ReKind::Repeat;
  for (const ReNode* child : node->children)
    if (!check_look_behinds(child)) return false;
  repeat_depth_ -= node->kind == ReKind::Repeat;
  return true;
}

bool fix_flags(Thread& t, bool is_text, uint32_t& flags) {
  const char* wrong = nullptr;
  if (is_text) {
    if (flags & kReLocale) wrong = "cannot use LOCALE flag with a str pattern";
    else if (!(flags & kReAscii)) flags |= kReUnicode;
    else if (flags & kReUnicode) wrong = "ASCII and UNICODE flags are incompatible";
  } else {
    if (flags & kReUnicode) wrong = "cannot use UNICODE flag with a bytes pattern";
    else if ((flags & kReLocale) && (flags & kReAscii)) wrong = "ASCII and LOCALE flags are incompatible";
  }
  if (wrong) (void)raise_text(t, ErrorType::ValueError, wrong);
  return !wrong;
}

bool Parser::run() {
  if (!advance()) return false;
  out_.root = alternatives(out_.flags & kReVerbose, 0);
  if (!out_.root || !fix_flags(t_, is_text_, out_.flags)) return false;
  if (!next_.is_end()) {
    fail("unbalanced parenthesis");
    return false;
  }
  for (auto [group, position] : reference_positions_) {
    if (group < widths_.size()) continue;
    (void)raise_pattern_error(t_, fmt::format("invalid group reference {}", group), pattern_, position);
    return false;
  }
  out_.group_count = static_cast<uint32_t>(widths_.size()) - 1;
  return check_look_behinds(out_.root);
}

}  // namespace

bool parse_pattern(Thread& t, Value pattern, std::u32string_view text, bool is_text, uint32_t flags, ReSyntax& out) {
  out.flags = flags;
  return Parser(t, pattern, text, is_text, out).run();
}

Value raise_pattern_error(Thread& t, std::string_view message, Value pattern, int64_t position) {
  Value error = TRY(get_attribute(t, TRY(import_module(t, "re")), "error"));
  Value text = str_value(make_str(t, message));
  if (position < 0) return raise_value(t, TRY(call(t, error, {text})));
  return raise_value(t, TRY(call(t, error, {text, pattern, Value::of_int(position)})));
}

}  // namespace mini
