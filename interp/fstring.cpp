// SPDX-License-Identifier: MIT
#include "interp/fstring.h"

#include <algorithm>
#include <string>

namespace mini {

using namespace ast;

namespace {

constexpr size_t kMaxFieldBrackets = 200;  // CPython's limit
constexpr int kMaxSpecDepth = 2;           // a format spec may hold fields, whose specs may not

// The pieces of one JoinedStr under way: neighbouring text is one Constant.
struct Parts {
  std::string text;
  std::vector<Expr*> values;
};

class FStringReader {
 public:
  FStringReader(AstBuilder& build, Span run, bool has_u_prefix) : build_(build), run_(run), has_u_prefix_(has_u_prefix), text_(build.source().text()) {}

  bool add(const StringLiteral& literal, Parts& parts);
  Expr* finish(Parts& parts);

 private:
  bool is_at_end() const { return at_ >= end_; }
  char peek() const { return is_at_end() ? '\0' : text_[at_]; }
  bool read(Parts& parts, int depth);
  bool read_text(Parts& parts, int depth);
  bool read_field(Parts& parts, int depth);
  bool read_spec(Expr*& spec, int depth);
  bool find_expression_end(uint32_t field);
  bool step_through_expression(std::string& brackets, std::string& quote, bool& is_done);
  bool close_bracket(std::string& brackets);
  bool fail(uint32_t from, std::string message);
  void flush(Parts& parts);

  AstBuilder& build_;
  Span run_;
  bool has_u_prefix_;
  std::string_view text_;  // of the whole source
  uint32_t at_ = 0;
  uint32_t end_ = 0;
  StringLiteral literal_;
};

bool FStringReader::fail(uint32_t from, std::string message) {
  return build_.fail({from, std::max(from + 1, std::min(at_, end_))}, "f-string" + message);
}

void FStringReader::flush(Parts& parts) {
  if (parts.text.empty()) return;
  parts.values.push_back(build_.string_constant(run_, ConstantKind::Str, parts.text, has_u_prefix_));
  parts.text.clear();
}

Expr* FStringReader::finish(Parts& parts) {
  flush(parts);
  return build_.joined_string(run_, parts.values);
}

bool FStringReader::add(const StringLiteral& literal, Parts& parts) {
  literal_ = literal;
  at_ = literal.body.begin;
  end_ = literal.body.end;
  if (!literal.is_format) return decode_string(text_.substr(at_, end_ - at_), literal.is_raw, literal.token, parts.text, build_.diagnostics());
  return read(parts, 0);
}

bool FStringReader::read(Parts& parts, int depth) {
  while (!is_at_end()) {
    if (!read_text(parts, depth)) return false;
    if (is_at_end() || peek() == '}') return true;
    if (!read_field(parts, depth)) return false;
  }
  return true;
}

// Text up to the next field, with `{{` and `}}` halved; inside a format spec, up to its closing brace.
bool FStringReader::read_text(Parts& parts, int depth) {
  uint32_t start = at_;
  auto decode = [&](uint32_t stop) {
    return decode_string(text_.substr(start, stop - start), literal_.is_raw, literal_.token, parts.text, build_.diagnostics());
  };
  while (!is_at_end()) {
    char c = text_[at_];
    if (c == '\\' && !literal_.is_raw && at_ + 1 < end_ && text_[at_ + 1] != '{' && text_[at_ + 1] != '}') {
      bool is_named = text_[at_ + 1] == 'N' && at_ + 2 < end_ && text_[at_ + 2] == '{';
      at_ += 2;
      while (is_named && !is_at_end() && text_[at_] != '}') ++at_;
      if (is_named && !is_at_end()) ++at_;
    } else if ((c == '{' || c == '}') && depth == 0 && at_ + 1 < end_ && text_[at_ + 1] == c) {
      if (!decode(at_ + 1)) return false;
      at_ += 2;
      start = at_;
    } else if (c == '}' && depth == 0) {
      return fail(at_, ": single '}' is not allowed");
    } else if (c == '{' || c == '}') {
      break;
    } else {
      ++at_;
    }
  }
  return decode(at_);
}

bool FStringReader::close_bracket(std::string& brackets) {
  char close = peek();
  if (brackets.empty()) return fail(at_, std::string(": unmatched '") + close + "'");
  char open = brackets.back();
  brackets.pop_back();
  bool is_pair = (open == '(' && close == ')') || (open == '[' && close == ']') || (open == '{' && close == '}');
  if (is_pair) return true;
  return fail(at_, std::string(": closing parenthesis '") + close + "' does not match opening parenthesis '" + open + "'");
}

// One step over the text of an expression. `quote` is that of the string being stepped through, or empty.
bool FStringReader::step_through_expression(std::string& brackets, std::string& quote, bool& is_done) {
  char c = peek();
  std::string_view rest = text_.substr(at_, end_ - at_);
  if (c == '\\') return fail(at_, " expression part cannot include a backslash");
  if (!quote.empty()) {
    at_ += rest.starts_with(quote) ? static_cast<uint32_t>(quote.size()) : 1;
    if (rest.starts_with(quote)) quote.clear();
    return true;
  }
  if (c == '\'' || c == '"') {
    quote = rest.starts_with(std::string(3, c)) ? std::string(3, c) : std::string(1, c);
    at_ += static_cast<uint32_t>(quote.size());
    return true;
  }
  if (c == '#') return fail(at_, " expression part cannot include '#'");
  if (c == '(' || c == '[' || c == '{') {
    if (brackets.size() >= kMaxFieldBrackets) return fail(at_, ": too many nested parenthesis");
    brackets += c;
  } else if (brackets.empty() && std::string_view("!:}=<>").find(c) != std::string_view::npos) {
    bool is_comparison = c != ':' && c != '}' && rest.size() > 1 && rest[1] == '=';
    is_done = !is_comparison && c != '<' && c != '>';
    at_ += is_comparison ? 2 : is_done ? 0 : 1;
    return true;
  } else if ((c == ')' || c == ']' || c == '}') && !close_bracket(brackets)) {
    return false;
  }
  ++at_;
  return true;
}

bool FStringReader::find_expression_end(uint32_t field) {
  std::string brackets, quote;
  bool is_done = false;
  while (!is_at_end() && !is_done) {
    if (!step_through_expression(brackets, quote, is_done)) return false;
  }
  if (!quote.empty()) return fail(field, ": unterminated string");
  if (!brackets.empty()) return fail(field, std::string(": unmatched '") + brackets.back() + "'");
  return !is_at_end() || fail(field, ": expecting '}'");
}

bool FStringReader::read_spec(Expr*& spec, int depth) {
  Parts parts;
  if (!read(parts, depth + 1)) return false;
  spec = finish(parts);
  return true;
}

// `{expression=!r:spec}`, where all but the expression may be missing.
bool FStringReader::read_field(Parts& parts, int depth) {
  uint32_t field = at_;
  if (depth >= kMaxSpecDepth) return fail(field, ": expressions nested too deeply");
  uint32_t start = ++at_;
  if (!find_expression_end(field)) return false;
  uint32_t stop = at_;
  bool is_empty = text_.substr(start, stop - start).find_first_not_of(" \t\n\f\r") == std::string_view::npos;
  if (is_empty && peek() != '}') return fail(field, std::string(": expression required before '") + peek() + "'");
  if (is_empty) return fail(field, ": empty expression not allowed");
  Operand value = build_.parse_fragment({start, stop});
  if (value.node == nullptr) return false;

  bool is_debug = peek() == '=';
  std::string debug_text;
  if (is_debug) {
    ++at_;
    while (!is_at_end() && std::string_view(" \t\n\f\r").find(peek()) != std::string_view::npos) ++at_;
    decode_string(text_.substr(start, at_ - start), true, literal_.token, debug_text, build_.diagnostics());
  }
  Conversion conversion = Conversion::None;
  if (peek() == '!') {
    ++at_;
    if (is_at_end()) return fail(field, ": expecting '}'");
    char letter = text_[at_++];
    if (letter != 's' && letter != 'r' && letter != 'a') return fail(field, ": invalid conversion character: expected 's', 'r', or 'a'");
    conversion = static_cast<Conversion>(letter);
  }
  Expr* spec = nullptr;
  if (peek() == ':') {
    ++at_;
    if (is_at_end()) return fail(field, ": expecting '}'");
    if (!read_spec(spec, depth)) return false;
  }
  if (peek() != '}') return fail(field, ": expecting '}'");
  ++at_;
  parts.text += debug_text;
  if (is_debug && conversion == Conversion::None && spec == nullptr) conversion = Conversion::Repr;
  flush(parts);
  parts.values.push_back(build_.formatted_value(run_, value, conversion, spec));
  return true;
}

}  // namespace

Expr* read_fstring(AstBuilder& build, const std::vector<StringLiteral>& literals, Span span) {
  FStringReader reader(build, span, literals.front().has_u_prefix);
  Parts parts;
  for (const StringLiteral& literal : literals) {
    if (literal.is_bytes || !reader.add(literal, parts)) break;
  }
  return reader.finish(parts);
}

}  // namespace mini
