// SPDX-License-Identifier: MIT
#include "interp/layout.h"

#include <string>

namespace mini {

namespace {

constexpr size_t kMaxIndents = 100;   // CPython's limit
constexpr size_t kMaxBrackets = 200;  // CPython's limit
constexpr uint32_t kTabWidth = 8;

// The width of leading blanks counted twice, with tabs to 8 columns and with tabs of one. Two lines compare reliably only
// when both counts agree on which is deeper.
struct Indent {
  uint32_t columns = 0;
  uint32_t alternative = 0;
};

class Layout {
 public:
  Layout(const Source& source, const char* text, uint32_t base, bool is_fragment, LaidOutTokens& out, Diagnostics& diagnostics)
      : source_(source), lexer_(source, text, base, diagnostics), diagnostics_(diagnostics), out_(out), is_fragment_(is_fragment) {}

  bool run();

 private:
  bool handle(const Token& token);
  bool begin_line(const Token& token);
  bool indent_to(Indent indent, const Token& token);
  bool dedent_to(Indent indent, const Token& token);
  bool open_bracket(const Token& token);
  bool close_bracket(const Token& token);
  bool end_text(const Token& token);
  bool fail_tabs(const Token& token);
  bool fail_token();
  bool fail_with(TextProblem problem, DiagnosticKind kind, Span span, const char* message);
  void note_open_bracket();
  Indent measure(uint32_t from) const;
  Span line_end_span(const Token& token) const;
  void emit(TokenKind kind, Span span) { out_.tokens.push_back({kind, span}); }

  const Source& source_;
  Lexer lexer_;
  Diagnostics& diagnostics_;
  LaidOutTokens& out_;
  bool is_fragment_;
  bool is_at_line_start_ = true;
  uint32_t line_start_ = 0;  // where the blanks before the next line's first token begin
  std::vector<Indent> indents_ = {{}};
  std::vector<Token> brackets_;
};

char bracket_character(TokenKind kind) { return *token_spelling(kind); }

bool brackets_match(TokenKind open, TokenKind close) {
  return (open == TokenKind::LPAREN && close == TokenKind::RPAREN) || (open == TokenKind::LSQB && close == TokenKind::RSQB) ||
         (open == TokenKind::LBRACE && close == TokenKind::RBRACE);
}

bool is_opening(TokenKind kind) {
  return kind == TokenKind::LPAREN || kind == TokenKind::LSQB || kind == TokenKind::LBRACE || kind == TokenKind::WITH_LPAREN;
}

bool is_closing(TokenKind kind) { return kind == TokenKind::RPAREN || kind == TokenKind::RSQB || kind == TokenKind::RBRACE; }

bool Layout::run() {
  Token token;
  do {
    bool is_good = lexer_.next(token) ? handle(token) : fail_token();
    if (is_good) continue;
    note_open_bracket();
    return false;
  } while (token.kind != TokenKind::END);
  return true;
}

// The blanks before a token count even if there is none. A backslash among them is found first.
bool Layout::fail_token() {
  Diagnostic error = diagnostics_.first();
  if (!is_at_line_start_ || is_fragment_ || error.problem != TextProblem::None) return false;
  diagnostics_.clear();
  return begin_line({TokenKind::STRAY, {lexer_.start(), lexer_.start()}}) && diagnostics_.add(std::move(error));
}

void Layout::note_open_bracket() {
  if (brackets_.empty()) return;
  out_.has_unclosed = true;
  out_.unclosed = brackets_.back();
}

bool Layout::handle(const Token& token) {
  if (token.kind == TokenKind::END) return end_text(token);
  if (token.kind == TokenKind::NEWLINE) {
    if (!is_at_line_start_ && !is_fragment_ && brackets_.empty()) {
      emit(TokenKind::NEWLINE, line_end_span(token));
      is_at_line_start_ = true;
    }
    if (brackets_.empty()) line_start_ = token.span.end;
    return true;
  }
  if (is_at_line_start_ && !is_fragment_ && !begin_line(token)) return false;
  is_at_line_start_ = false;
  if (is_opening(token.kind) && !open_bracket(token)) return false;
  if (is_closing(token.kind) && !close_bracket(token)) return false;
  emit(token.kind, token.span);
  return true;
}

// A line end is an empty place, or the comment in front of it: what an error there points at.
Span Layout::line_end_span(const Token& token) const {
  uint32_t begin = out_.tokens.back().span.end;
  while (begin < token.span.begin && source_.text()[begin] == ' ') ++begin;
  bool is_comment = begin < token.span.begin && source_.text()[begin] == '#';
  return {is_comment ? begin : token.span.begin, token.span.begin};
}

Indent Layout::measure(uint32_t from) const {
  Indent indent;
  for (const char* at = source_.begin() + from;; ++at) {
    if (*at == ' ') {
      ++indent.columns;
      ++indent.alternative;
    } else if (*at == '\t') {
      indent.columns = (indent.columns / kTabWidth + 1) * kTabWidth;
      ++indent.alternative;
    } else if (*at == '\f') {
      indent = {};
    } else {
      return indent;
    }
  }
}

bool Layout::begin_line(const Token& token) {
  Indent indent = measure(line_start_);
  const Indent& current = indents_.back();
  if (indent.columns > current.columns) return indent_to(indent, token);
  if (indent.columns < current.columns) return dedent_to(indent, token);
  return indent.alternative == current.alternative || fail_tabs(token);
}

bool Layout::indent_to(Indent indent, const Token& token) {
  if (indent.alternative <= indents_.back().alternative) return fail_tabs(token);
  if (indents_.size() >= kMaxIndents) {
    return fail_with(TextProblem::TooDeep, DiagnosticKind::IndentationError, token.span, "too many levels of indentation");
  }
  indents_.push_back(indent);
  emit(TokenKind::INDENT, {token.span.begin - 1, token.span.begin - 1});
  return true;
}

bool Layout::dedent_to(Indent indent, const Token& token) {
  size_t before = indents_.size();
  while (indents_.back().columns > indent.columns) indents_.pop_back();
  if (indents_.back().columns != indent.columns) {
    uint32_t line = source_.line_at(token.span.begin);
    uint32_t end = source_.line_start(line) + static_cast<uint32_t>(source_.line_text(line).size());
    return fail_with(TextProblem::Dedent, DiagnosticKind::IndentationError, {end, end},
                     "unindent does not match any outer indentation level");
  }
  if (indent.alternative != indents_.back().alternative) return fail_tabs(token);
  for (size_t level = indents_.size(); level < before; ++level) emit(TokenKind::DEDENT, {token.span.begin, token.span.begin});
  return true;
}

bool Layout::fail_tabs(const Token& token) {
  uint32_t place = source_.line_start(source_.line_at(token.span.begin));
  return fail_with(TextProblem::Tabs, DiagnosticKind::TabError, {place, place}, "inconsistent use of tabs and spaces in indentation");
}

bool Layout::fail_with(TextProblem problem, DiagnosticKind kind, Span span, const char* message) {
  Diagnostic error;
  error.kind = kind;
  error.span = span;
  error.message = message;
  error.problem = problem;
  return diagnostics_.add(std::move(error));
}

bool Layout::open_bracket(const Token& token) {
  if (brackets_.size() >= kMaxBrackets) return diagnostics_.syntax_error({token.span.begin, token.span.begin}, "too many nested parentheses");
  brackets_.push_back(token);
  return true;
}

bool Layout::close_bracket(const Token& token) {
  Span place = {token.span.begin, token.span.begin};
  std::string close(1, bracket_character(token.kind));
  if (brackets_.empty()) return diagnostics_.syntax_error(place, "unmatched '" + close + "'");
  Token open = brackets_.back();
  brackets_.pop_back();
  if (brackets_match(open.kind, token.kind)) return true;
  uint32_t open_line = source_.line_at(open.span.begin);
  std::string message = "closing parenthesis '" + close + "' does not match opening parenthesis '" + bracket_character(open.kind) + "'";
  if (open_line != source_.line_at(token.span.begin)) message += " on line " + std::to_string(open_line);
  return diagnostics_.syntax_error(place, message);
}

bool Layout::end_text(const Token& token) {
  if (!brackets_.empty()) {
    note_open_bracket();
  } else if (!is_fragment_) {
    if (!is_at_line_start_) emit(TokenKind::NEWLINE, line_end_span(token));
    for (; indents_.size() > 1; indents_.pop_back()) emit(TokenKind::DEDENT, token.span);
  }
  emit(TokenKind::END, token.span);
  return true;
}

// Decides about `match`, `case` and `with (` once all tokens of the text are known.
class SoftKeywords {
 public:
  SoftKeywords(const Source& source, std::vector<Token>& tokens) : source_(source), tokens_(tokens) {}

  void run();

 private:
  TokenKind kind(size_t at) const { return at < tokens_.size() ? tokens_[at].kind : TokenKind::END; }
  bool is_word(size_t at, std::string_view word) const { return kind(at) == TokenKind::NAME && source_.text_of(tokens_[at].span) == word; }
  bool is_match_line(size_t at) const;
  bool is_with_items(size_t at) const;
  void begin_line(size_t at);

  const Source& source_;
  std::vector<Token>& tokens_;
  std::vector<bool> blocks_ = {false};  // per open block: is it the body of a match statement
  bool is_after_match_ = false;         // the line just read was a `match` line
};

// No expression statement ends in a colon, so a line that begins with `match` and ends in one is a match statement. Without
// the colon it still is one, and an error, when the next token cannot go on after a name.
bool SoftKeywords::is_match_line(size_t at) const {
  TokenKind next = kind(at + 1);
  if (next == TokenKind::COLON || next == TokenKind::NEWLINE || next == TokenKind::EQUAL || next == TokenKind::DOT) return false;
  size_t end = at + 1;
  while (kind(end) != TokenKind::NEWLINE && kind(end) != TokenKind::END) ++end;
  if (kind(end - 1) == TokenKind::COLON) return true;
  return next == TokenKind::NAME || next == TokenKind::NUMBER || next == TokenKind::STRING;
}

// `with (`: the parenthesis holds items when it reaches up to the colon, or to a line end where the colon is missing. What it holds may still turn out to be one
// expression, such as a generator; the grammar sorts that out.
bool SoftKeywords::is_with_items(size_t at) const {
  int depth = 0;
  for (; at < tokens_.size(); ++at) {
    if (is_opening(kind(at))) ++depth;
    if (is_closing(kind(at)) && --depth == 0) return kind(at + 1) == TokenKind::COLON || kind(at + 1) == TokenKind::NEWLINE;
    if (kind(at) == TokenKind::NEWLINE) return false;
  }
  return false;
}

void SoftKeywords::begin_line(size_t at) {
  is_after_match_ = is_word(at, "match") && is_match_line(at);
  if (is_after_match_) tokens_[at].kind = TokenKind::MATCH;
  if (blocks_.back() && is_word(at, "case")) tokens_[at].kind = TokenKind::CASE;
}

void SoftKeywords::run() {
  bool is_line_start = true;
  for (size_t at = 0; at < tokens_.size(); ++at) {
    switch (kind(at)) {
      case TokenKind::INDENT:
        blocks_.push_back(is_after_match_);
        is_line_start = true;
        break;
      case TokenKind::DEDENT:
        if (blocks_.size() > 1) blocks_.pop_back();
        is_line_start = true;
        break;
      case TokenKind::NEWLINE:
      case TokenKind::START_FILE:
      case TokenKind::START_SINGLE:
        is_line_start = true;
        break;
      default:
        if (is_line_start) begin_line(at);
        is_line_start = false;
        if (kind(at) == TokenKind::WITH && kind(at + 1) == TokenKind::LPAREN && is_with_items(at + 1)) tokens_[at + 1].kind = TokenKind::WITH_LPAREN;
    }
  }
}

}  // namespace

bool lay_out(const Source& source, LaidOutTokens& out, Diagnostics& diagnostics) {
  bool is_good = Layout(source, source.begin(), 0, false, out, diagnostics).run();
  SoftKeywords(source, out.tokens).run();
  return is_good;
}

bool lay_out_fragment(const Source& source, Span fragment, LaidOutTokens& out, Diagnostics& diagnostics) {
  std::string text(source.text_of(fragment));
  return Layout(source, text.c_str(), fragment.begin, true, out, diagnostics).run();
}

}  // namespace mini
