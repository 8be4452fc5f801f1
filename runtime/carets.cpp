// SPDX-License-Identifier: MIT
// Finds the operator that the marked text is about. The text is one expression that compiled, so a scan for tokens outside brackets is
// enough: the operator that binds least (the last of several equal ones, the first for **) is the one that was at work, unless
// something that binds less still (a comparison, a keyword, a comma) makes the whole another kind of expression.
#include "runtime/carets.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace mini {

namespace {

struct Anchor {
  size_t begin, end;   // of the marked operator; equal: none
};

bool is_name_char(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

size_t skip_string(std::string_view s, size_t i) {
  char quote = s[i];
  bool is_triple = s.substr(i).starts_with(std::string(3, quote));
  i += is_triple ? 3 : 1;
  for (; i < s.size(); ++i) {
    if (s[i] == '\\') ++i;
    else if (s[i] == quote && (!is_triple || s.substr(i).starts_with(std::string(3, quote)))) return i + (is_triple ? 3 : 1);
  }
  return s.size();
}

size_t skip_brackets(std::string_view s, size_t i) {
  int depth = 0;
  while (i < s.size()) {
    char c = s[i];
    if (c == '"' || c == '\'') {
      i = skip_string(s, i);
      continue;
    }
    if (strchr("([{", c)) ++depth;
    if (strchr(")]}", c) && --depth == 0) return i + 1;
    ++i;
  }
  return i;
}

// How tightly a binary operator binds; 0: the text there is none.
int binding(std::string_view op) {
  if (op == "|") return 1;
  if (op == "^") return 2;
  if (op == "&") return 3;
  if (op == "<<" || op == ">>") return 4;
  if (op == "+" || op == "-") return 5;
  if (op == "*" || op == "/" || op == "//" || op == "%" || op == "@") return 6;
  return op == "**" ? 7 : 0;
}

std::string_view operator_at(std::string_view s, size_t i) {
  for (std::string_view two : {"**", "//", "<<", ">>", "<=", ">=", "==", "!=", ":="})
    if (s.substr(i).starts_with(two)) return two;
  return s.substr(i, 1);
}

bool is_keyword_of_looser_expression(std::string_view word) {
  // A whole statement is marked without an operator as well.
  for (std::string_view keyword : {"and", "or", "not", "in", "is", "if", "else", "lambda", "for", "yield", "raise", "return", "assert", "del", "import",
                                   "from", "with", "while", "class", "def", "async"})
    if (word == keyword) return true;
  return false;
}

// Is s[begin, end), which stands in brackets, an operand and not the inside of a tuple or of a generator expression?
bool is_grouped(std::string_view s, size_t begin, size_t end) {
  bool is_empty = true, in_parameters = false;
  for (size_t i = begin; i < end;) {
    char c = s[i];
    if (c != ' ') is_empty = false;
    if (c == ',' && !in_parameters) return false;
    if (c == ':') in_parameters = false;
    if (strchr("([{", c)) {
      i = skip_brackets(s, i);
    } else if (c == '"' || c == '\'') {
      i = skip_string(s, i);
    } else if (is_name_char(c)) {
      size_t word = i;
      while (i < end && is_name_char(s[i])) ++i;
      if (s.substr(word, i - word) == "lambda") in_parameters = true;
      if (s.substr(word, i - word) == "for") return false;
    } else {
      ++i;
    }
  }
  return !is_empty;
}

struct Extent {
  size_t begin, end;
};

// Where the expression in s[begin, end) begins and ends: blanks and brackets around all of it are not part of it.
Extent extent_of(std::string_view s, size_t begin, size_t end) {
  for (;;) {
    while (begin < end && s[begin] == ' ') ++begin;
    while (begin < end && s[end - 1] == ' ') --end;
    bool is_in_brackets = end > begin && s[begin] == '(' && skip_brackets(s, begin) == end && is_grouped(s, begin + 1, end - 1);
    if (!is_in_brackets) return {begin, end};
    ++begin;
    --end;
  }
}

// The last pair of brackets outside others, which ends the text. The mark begins behind the container and ends one behind the index.
Anchor find_subscript(std::string_view s, size_t last_open) {
  if (s.empty() || s.back() != ']' || last_open == 0 || last_open == std::string_view::npos) return {0, 0};
  return {extent_of(s, 0, last_open).end, extent_of(s, last_open + 1, s.size() - 1).end + 1};
}

// The mark is the first thing behind the left operand, be it a bracket, and the character behind that unless it is a blank.
Anchor mark_operator(std::string_view s, size_t at) {
  size_t left = extent_of(s, 0, at).end;
  size_t right_operand = extent_of(s, at + operator_at(s, at).size(), s.size()).begin;
  while (left < s.size() && s[left] == ' ') ++left;
  bool is_wide = left + 1 < right_operand && s[left + 1] != ' ';
  return {left, left + 1 + is_wide};
}

// Where the name or number that begins at `i` ends. A number takes its point and the sign of its exponent along.
size_t skip_word(std::string_view s, size_t i) {
  bool is_number = isdigit(static_cast<unsigned char>(s[i]));
  bool is_hexadecimal = s.substr(i).starts_with("0x");
  auto goes_on = [&](size_t at) {
    if (is_name_char(s[at])) return true;
    bool is_sign = (s[at] == '+' || s[at] == '-') && (s[at - 1] | 32) == 'e' && !is_hexadecimal;
    return is_number && (s[at] == '.' || is_sign);
  };
  while (i < s.size() && goes_on(i)) ++i;
  return i;
}

// Goes over the text token by token and keeps the operator that is the likeliest so far.
class AnchorFinder {
 public:
  explicit AnchorFinder(std::string_view text) : s_(text) {}

  Anchor find() {
    while (i_ < s_.size())
      if (!step()) return {0, 0};
    if (best_ != kNone) return mark_operator(s_, best_);
    return is_prefixed_ ? Anchor{0, 0} : find_subscript(s_, last_open_);
  }

 private:
  static constexpr size_t kNone = std::string_view::npos;

  // False: the text is an expression without an operator to mark.
  bool step() {
    char c = s_[i_];
    if (c == ' ' || c == '\t' || c == '.') return ++i_, true;
    if (c == '"' || c == '\'') return step_over(skip_string(s_, i_));
    if (strchr("([{", c)) {
      last_open_ = after_operand_ && c == '[' ? i_ : kNone;
      return step_over(skip_brackets(s_, i_));
    }
    return is_name_char(c) ? step_over_word() : step_over_operator();
  }

  bool step_over(size_t end) {
    i_ = end;
    after_operand_ = true;
    return true;
  }

  bool step_over_word() {
    std::string_view word = s_.substr(i_, skip_word(s_, i_) - i_);
    i_ += word.size();
    if (is_keyword_of_looser_expression(word)) return false;
    if (word == "await") is_prefixed_ = true;
    else after_operand_ = true;
    return true;
  }

  bool step_over_operator() {
    std::string_view op = operator_at(s_, i_);
    int how = binding(op);
    if (how == 0 && op != "~") return false;
    if (!after_operand_) is_prefixed_ = is_prefixed_ || best_ == kNone;
    else take(how);
    after_operand_ = false;
    i_ += op.size();
    return true;
  }

  // A power binds tighter than the prefix before it, and the first of several is the last to be worked out.
  void take(int how) {
    bool is_prefix_looser = is_prefixed_ && best_ == kNone && how == 7;
    bool is_better = how == 7 ? how < best_binding_ : how <= best_binding_;
    if (is_prefix_looser || !is_better) return;
    best_ = i_;
    best_binding_ = how;
  }

  std::string_view s_;
  size_t i_ = 0;
  size_t best_ = kNone;        // the operator
  size_t last_open_ = kNone;   // the bracket of a subscript
  int best_binding_ = 8;
  bool after_operand_ = false;
  bool is_prefixed_ = false;
};

// As many copies as the text has characters.
std::string marks(std::string_view text, char mark) {
  return std::string(static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; })), mark);
}

}  // namespace

size_t byte_of_column(std::string_view line, size_t column) {
  size_t at = 0;
  for (size_t seen = 0; at < line.size(); ++at) {
    if ((static_cast<unsigned char>(line[at]) & 0xc0) == 0x80) continue;
    if (seen++ == column) break;
  }
  return at;
}

std::string caret_line(std::string_view line, size_t indent, size_t begin, size_t end, bool is_whole_range) {
  size_t text_end = line.find_last_not_of(" \t\r\f\n") + 1;
  if (begin < indent || end <= begin || end > line.size()) return "";
  std::string_view marked = line.substr(begin, end - begin);
  Anchor anchor = is_whole_range ? AnchorFinder(marked).find() : Anchor{0, 0};
  std::string margin = marks(line.substr(indent, begin - indent), ' ');
  if (anchor.end > anchor.begin)
    return margin + marks(marked.substr(0, anchor.begin), '~') + marks(marked.substr(anchor.begin, anchor.end - anchor.begin), '^') +
           marks(marked.substr(anchor.end), '~');
  return begin <= indent && end >= text_end ? "" : margin + marks(marked, '^');
}

}  // namespace mini
