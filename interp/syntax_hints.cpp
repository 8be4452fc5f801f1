// SPDX-License-Identifier: MIT
#include "interp/syntax_hints.h"

#include <algorithm>

#include "interp/grammar_driver.h"

namespace mini {

namespace {

// Probes look at every place an expression may start in the line; longer lines get the plain message.
constexpr size_t kMaxProbedTokens = 2000;

class Explainer {
 public:
  Explainer(const Source& source, const LaidOutTokens& laid_out, size_t rejected, const std::string& prefix, Diagnostics& diagnostics)
      : source_(source), laid_out_(laid_out), tokens_(laid_out.tokens), at_(rejected), prefix_(prefix), diagnostics_(diagnostics) {}

  void run();

 private:
  TokenKind kind(size_t index) const { return index < tokens_.size() ? tokens_[index].kind : TokenKind::END; }
  TokenKind previous() const { return at_ == 0 ? TokenKind::END : kind(at_ - 1); }
  std::string_view text(size_t index) const { return source_.text_of(tokens_[index].span); }
  Span from_to(size_t first, size_t last) const { return {tokens_[first].span.begin, tokens_[last].span.end}; }
  uint32_t line_of(size_t index) const { return source_.line_at(tokens_[index].span.begin); }
  bool would_take(TokenKind token) const { return before_.would_shift(token); }
  // The index after the longest text from `from` on that is what `start` asks for; `from` itself when there is none.
  size_t longest(TokenKind start, size_t from) const;
  size_t line_start(size_t index) const;

  void replay();
  bool report(Span span, const std::string& message, size_t looked_at);
  bool report_unclosed();
  bool explain_unclosed();
  bool explain_indentation();
  bool explain_missing_block();
  bool explain_try();
  bool explain_several_statements();
  bool explain_missing_colon();
  bool explain_except();
  bool explain_parameters();
  bool explain_dictionary();
  bool explain_expressions();
  bool explain_legacy(size_t start);
  bool explain_missing_comma(size_t start);
  bool explain_missing_else(size_t start);
  bool explain_assignment(size_t start);
  bool explain_statement_target();
  bool explain_for_target();
  bool explain_group();
  bool explain_pattern_target();
  size_t parameter_start() const;
  ast::Expr* build(TokenKind start, size_t from, size_t to);

  const Source& source_;
  const LaidOutTokens& laid_out_;
  const std::vector<Token>& tokens_;
  size_t at_;
  const std::string& prefix_;
  Diagnostics& diagnostics_;
  Arena arena_;  // for the trees of probes that need one
  Recognizer before_;                // just before the rejected token
  std::vector<bool> starts_;         // may an expression start at this token of the line
  std::vector<int> depths_;          // brackets open after this token of the line
  size_t first_ = 0;                 // where the line, and those two lists, begin
};

size_t Explainer::line_start(size_t index) const {
  while (index > 1) {
    TokenKind before = kind(index - 1);
    if (before == TokenKind::NEWLINE || before == TokenKind::INDENT || before == TokenKind::DEDENT) break;
    --index;
  }
  return index;
}

// Runs the automaton up to the rejected token and notes, for its line, where expressions may start.
void Explainer::replay() {
  first_ = line_start(at_);
  int depth = 0;
  for (size_t index = 0; index < at_; ++index) {
    if (index >= first_) {
      bool is_probed = at_ - first_ <= kMaxProbedTokens;
      bool is_target = index > 0 && kind(index - 1) == TokenKind::FOR;
      starts_.push_back(is_probed && (is_target || before_.would_shift(TokenKind::LAMBDA)));
      depth += kind(index) == TokenKind::LPAREN || kind(index) == TokenKind::LSQB || kind(index) == TokenKind::LBRACE || kind(index) == TokenKind::WITH_LPAREN;
      depth -= kind(index) == TokenKind::RPAREN || kind(index) == TokenKind::RSQB || kind(index) == TokenKind::RBRACE;
      depths_.push_back(depth);
    }
    before_.shift(kind(index));
  }
}

size_t Explainer::longest(TokenKind start, size_t from) const {
  Recognizer probe;
  probe.shift(start);
  size_t end = from;
  for (size_t index = from; index < tokens_.size() && index - from < kMaxProbedTokens && probe.shift(kind(index)); ++index) {
    if (probe.would_shift(TokenKind::END)) end = index + 1;
  }
  return end;
}

bool Explainer::report_unclosed() {
  const Token& open = laid_out_.unclosed;
  Diagnostic error;
  error.message = std::string("'") + token_spelling(open.kind) + "' was never closed";
  error.span = {open.span.begin, open.span.begin};
  error.is_unfinished = true;
  diagnostics_.add(std::move(error));
  return true;
}

// A bracket left open is the likelier mistake when the text went wrong on a later line, or when the end of the text had to be
// looked at to know that it did.
bool Explainer::report(Span span, const std::string& message, size_t looked_at) {
  bool is_unclosed = laid_out_.has_unclosed &&
                     (kind(looked_at) == TokenKind::END || source_.line_at(span.begin) > source_.line_at(laid_out_.unclosed.span.begin));
  if (is_unclosed) return report_unclosed();
  diagnostics_.syntax_error(span, prefix_ + message);
  return true;
}

bool Explainer::explain_unclosed() {
  if (!laid_out_.has_unclosed) return false;
  bool is_later = line_of(at_) > source_.line_at(laid_out_.unclosed.span.begin);
  return (kind(at_) == TokenKind::END || is_later) && report_unclosed();
}

bool Explainer::explain_indentation() {
  if (kind(at_) != TokenKind::INDENT && kind(at_) != TokenKind::DEDENT) return false;
  const char* message = kind(at_) == TokenKind::INDENT ? "unexpected indent" : "unexpected unindent";
  diagnostics_.add(DiagnosticKind::IndentationError, tokens_[at_].span, message);
  return true;
}

std::string block_owner(TokenKind keyword, bool is_star) {
  switch (keyword) {
    case TokenKind::DEF: return "function definition";
    case TokenKind::CLASS: return "class definition";
    default: return std::string("'") + token_spelling(keyword) + (is_star ? "*" : "") + "' statement";
  }
}

// After `header:` and a line end, anything but an indent.
bool Explainer::explain_missing_block() {
  bool is_after_header = at_ >= 2 && previous() == TokenKind::NEWLINE && kind(at_ - 2) == TokenKind::COLON && would_take(TokenKind::INDENT);
  if (!is_after_header) return false;
  size_t header = line_start(at_ - 1);
  if (kind(header) == TokenKind::ASYNC) ++header;
  bool is_star = kind(header) == TokenKind::EXCEPT && kind(header + 1) == TokenKind::STAR;
  std::string owner = block_owner(kind(header), is_star);
  std::string message = "expected an indented block after " + owner + " on line " + std::to_string(line_of(header));
  diagnostics_.add(DiagnosticKind::IndentationError, tokens_[at_].span, message);
  return true;
}

// After the block of a try only its handlers may come.
bool Explainer::explain_try() {
  bool is_after_try = would_take(TokenKind::EXCEPT) && would_take(TokenKind::FINALLY) && !would_take(TokenKind::ELSE) && !would_take(TokenKind::PASS);
  return is_after_try && report(tokens_[at_].span, "expected 'except' or 'finally' block", at_);
}

bool Explainer::explain_several_statements() {
  bool is_complete = kind(0) == TokenKind::START_SINGLE && at_ > 1 && would_take(TokenKind::END);
  return is_complete && report(tokens_[at_].span, "multiple statements found while compiling a single statement", at_);
}

// CPython asks for the colon of some statements whatever comes instead, and of the others only at the line end.
bool Explainer::explain_missing_colon() {
  if (previous() == TokenKind::NAME && at_ >= 2 && kind(at_ - 2) == TokenKind::DEF) return report(tokens_[at_].span, "expected '('", at_);
  if (!would_take(TokenKind::COLON) || depths_.empty() || depths_.back() > 0) return false;
  size_t header = kind(first_) == TokenKind::ASYNC ? first_ + 1 : first_;
  switch (kind(header)) {
    case TokenKind::TRY:
    case TokenKind::FINALLY:
    case TokenKind::ELSE:
      return at_ == header + 1 && report(tokens_[at_].span, "expected ':'", at_);
    case TokenKind::DEF:
      return kind(at_ - 1) == TokenKind::RPAREN && report(tokens_[at_].span, "expected ':'", at_);
    case TokenKind::IF:
    case TokenKind::ELIF:
    case TokenKind::WHILE:
    case TokenKind::FOR:
    case TokenKind::WITH:
    case TokenKind::CLASS:
    case TokenKind::EXCEPT:
    case TokenKind::MATCH:
    case TokenKind::CASE:
      return kind(at_) == TokenKind::NEWLINE && report(tokens_[at_].span, "expected ':'", at_);
    default:
      return false;
  }
}

bool Explainer::explain_except() {
  size_t header = first_;
  if (kind(header) != TokenKind::EXCEPT) return false;
  bool is_star = kind(header + 1) == TokenKind::STAR;
  size_t type = header + (is_star ? 2 : 1);
  if (is_star && at_ == type && (kind(at_) == TokenKind::COLON || kind(at_) == TokenKind::NEWLINE)) {
    return report(tokens_[at_].span, "expected one or more exception types", at_);
  }
  if (kind(at_) != TokenKind::COMMA || longest(TokenKind::START_EXPRESSION, type) != at_) return false;
  size_t end = longest(TokenKind::START_STAR_EXPRESSIONS, type);
  if (kind(end) == TokenKind::AS && kind(end + 1) == TokenKind::NAME) end += 2;
  return kind(end) == TokenKind::COLON && report(from_to(type, end - 1), "multiple exception types must be parenthesized", at_);
}

// Where the parameter that the rejected token belongs to begins.
size_t Explainer::parameter_start() const {
  int depth = 0;
  for (size_t index = at_; index-- > first_;) {
    TokenKind token = kind(index);
    if (token == TokenKind::RPAREN || token == TokenKind::RSQB || token == TokenKind::RBRACE) ++depth;
    bool is_edge = token == TokenKind::COMMA || token == TokenKind::LPAREN || token == TokenKind::LAMBDA;
    if (is_edge && depth == 0) return index + 1;
    if (token == TokenKind::LPAREN || token == TokenKind::LSQB || token == TokenKind::LBRACE) --depth;
  }
  return at_;
}

bool Explainer::explain_parameters() {
  Span span = tokens_[at_].span;
  bool is_in_list = would_take(TokenKind::SLASH) && would_take(TokenKind::DOUBLESTAR) && !would_take(TokenKind::NUMBER);
  if (kind(at_) == TokenKind::LPAREN && is_in_list) {
    size_t end = at_ + 1;
    while (kind(end) == TokenKind::NAME || kind(end) == TokenKind::COMMA) ++end;
    bool is_lambda = depths_.empty() || std::none_of(tokens_.begin() + static_cast<long>(first_), tokens_.begin() + static_cast<long>(at_),
                                                     [](const Token& token) { return token.kind == TokenKind::DEF; });
    const char* message = is_lambda ? "Lambda expression parameters cannot be parenthesized" : "Function parameters cannot be parenthesized";
    return kind(end) == TokenKind::RPAREN && kind(at_ + 1) == TokenKind::NAME && report(from_to(at_, end), message, at_);
  }
  if (kind(at_) == TokenKind::STAR && previous() == TokenKind::SLASH && would_take(TokenKind::COMMA) && !would_take(TokenKind::NUMBER)) {
    return report(span, "expected comma between / and *", at_);
  }
  // `=` is refused after `*args` and `**kwargs` only.
  size_t start = parameter_start();
  bool is_starred = kind(start) == TokenKind::STAR || kind(start) == TokenKind::DOUBLESTAR;
  Recognizer after_default = before_;
  bool could_go_on = would_take(TokenKind::COMMA) && after_default.shift(TokenKind::COMMA) && after_default.would_shift(TokenKind::SLASH);
  if (kind(at_) == TokenKind::EQUAL && is_starred && could_go_on) {
    bool is_double = kind(start) == TokenKind::DOUBLESTAR;
    return report(span, is_double ? "var-keyword argument cannot have default value" : "var-positional argument cannot have default value", at_);
  }
  // `a=` and then the next parameter: no value can begin with a comma.
  bool is_after_equal = previous() == TokenKind::EQUAL && (kind(at_) == TokenKind::RPAREN || kind(at_) == TokenKind::COMMA);
  Recognizer with_value = before_;
  bool is_parameter = is_after_equal && with_value.shift(TokenKind::NAME) && with_value.shift(TokenKind::COMMA) && with_value.would_shift(TokenKind::SLASH);
  return is_parameter && report(tokens_[at_ - 1].span, "expected default value expression", at_);
}

// `{1: 2, 3}`, `{1:}` and `{1: *a}`.
bool Explainer::explain_dictionary() {
  if (depths_.empty() || depths_.back() == 0) return false;
  size_t open = at_;
  for (int depth = 0; open > first_;) {
    --open;
    TokenKind token = kind(open);
    if (token == TokenKind::RPAREN || token == TokenKind::RSQB || token == TokenKind::RBRACE) ++depth;
    bool is_opening = token == TokenKind::LPAREN || token == TokenKind::LSQB || token == TokenKind::LBRACE || token == TokenKind::WITH_LPAREN;
    if (is_opening && depth-- == 0) break;
  }
  if (kind(open) != TokenKind::LBRACE) return false;
  if (previous() == TokenKind::COLON && would_take(TokenKind::LAMBDA)) {
    if (kind(at_) == TokenKind::RBRACE || kind(at_) == TokenKind::COMMA) {
      return report(tokens_[at_ - 1].span, "expression expected after dictionary key and ':'", at_);
    }
    size_t end = kind(at_) == TokenKind::STAR ? longest(TokenKind::START_BITOR, at_ + 1) : at_;
    return end > at_ + 1 && report(from_to(at_, end - 1), "cannot use a starred expression in a dictionary value", end);
  }
  // A key without a colon, after at least one full entry.
  bool wants_colon = would_take(TokenKind::COLON) && !would_take(TokenKind::COMMA) && !would_take(TokenKind::RBRACE);
  bool is_end = kind(at_) == TokenKind::RBRACE || kind(at_) == TokenKind::COMMA;
  Span place = {tokens_[at_ - 1].span.end - 1, tokens_[at_ - 1].span.end - 1};
  return wants_colon && is_end && report(place, "':' expected after dictionary key", at_);
}

// `print x`
bool Explainer::explain_legacy(size_t start) {
  bool is_statement = at_ == start + 1 && kind(start) == TokenKind::NAME && (text(start) == "print" || text(start) == "exec");
  if (!is_statement) return false;
  size_t end = longest(TokenKind::START_STAR_EXPRESSIONS, at_);
  std::string name(text(start));
  return end > at_ && report(from_to(start, end - 1), "Missing parentheses in call to '" + name + "'. Did you mean " + name + "(...)?", end);
}

// Two expressions side by side, inside brackets.
bool Explainer::explain_missing_comma(size_t start) {
  bool is_prefix_like = kind(start) == TokenKind::NAME && kind(start + 1) == TokenKind::STRING;
  bool is_soft = kind(start) == TokenKind::NAME && (text(start) == "match" || text(start) == "case" || text(start) == "_");
  if (is_prefix_like || is_soft || longest(TokenKind::START_DISJUNCTION, start) != at_) return false;
  size_t end = longest(TokenKind::START_EXPRESSION, at_);
  if (end == at_) return false;
  int depth = depths_.empty() ? 0 : depths_.back();
  return depth > 0 && report(from_to(start, end - 1), "invalid syntax. Perhaps you forgot a comma?", end);
}

// `a if b` and no `else`.
bool Explainer::explain_missing_else(size_t start) {
  size_t keyword = longest(TokenKind::START_DISJUNCTION, start);
  bool has_if = keyword > start && keyword + 1 < at_ && kind(keyword) == TokenKind::IF && longest(TokenKind::START_DISJUNCTION, keyword + 1) == at_;
  bool is_asked = has_if && kind(at_) != TokenKind::ELSE && kind(at_) != TokenKind::COLON;
  return is_asked && report(from_to(start, at_ - 1), "expected 'else' after 'if' expression", at_);
}

// `if a = b:` where `:=` or `==` was meant.
bool Explainer::explain_assignment(size_t start) {
  if (kind(at_) != TokenKind::EQUAL || !would_take(TokenKind::COLONEQUAL) || longest(TokenKind::START_BITOR, start) != at_) return false;
  size_t end = longest(TokenKind::START_BITOR, at_ + 1);
  if (end == at_ + 1 || kind(end) == TokenKind::EQUAL || kind(end) == TokenKind::COLONEQUAL) return false;
  if (kind(start) == TokenKind::NAME && at_ == start + 1) {
    return report(from_to(start, end - 1), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?", end);
  }
  const ast::Expr* target = build(TokenKind::START_BITOR, start, at_);
  if (target == nullptr) return false;
  bool is_excluded = kind(start) == TokenKind::NONE || kind(start) == TokenKind::TRUE || kind(start) == TokenKind::FALSE ||
                     ast::is<ast::List>(target) || ast::is<ast::Tuple>(target) || ast::is<ast::GeneratorExp>(target);
  std::string message = std::string("cannot assign to ") + expression_name(target) + " here. Maybe you meant '==' instead of '='?";
  return !is_excluded && report(target->span, message, end);
}

// The tree of a part of the text that is known to be good, or null.
ast::Expr* Explainer::build(TokenKind start, size_t from, size_t to) {
  Diagnostics ignored;
  AstBuilder builder(source_, arena_, ignored, "");
  GrammarDriver driver(builder);
  Token first = {start, {}}, last = {TokenKind::END, {}};
  driver.push(&first);
  for (size_t index = from; index < to && !ignored.has_error(); ++index) driver.push(&tokens_[index]);
  driver.push(&last);
  return builder.module() == nullptr || ignored.has_error() ? nullptr : builder.module()->expression;
}

bool begins_block(TokenKind kind) {
  constexpr TokenKind kHeaders[] = {TokenKind::IF,     TokenKind::ELIF, TokenKind::ELSE,  TokenKind::WHILE, TokenKind::FOR,   TokenKind::TRY,  TokenKind::EXCEPT,
                                    TokenKind::FINALLY, TokenKind::WITH, TokenKind::DEF,   TokenKind::CLASS, TokenKind::ASYNC, TokenKind::CASE};
  return std::find(std::begin(kHeaders), std::end(kHeaders), kind) != std::end(kHeaders);
}

// `f() =` or `f(): x` and then something wrong: the target is the first mistake.
bool Explainer::explain_statement_target() {
  size_t from = first_;
  bool is_header = begins_block(kind(first_));
  for (size_t index = first_; index < at_; ++index) {
    bool is_end = kind(index) == TokenKind::SEMI || (kind(index) == TokenKind::COLON && is_header);
    if (is_end && depths_[index - first_] == 0) from = index + 1;
  }
  size_t annotated = longest(TokenKind::START_EXPRESSION, from);
  if (annotated > from && annotated < at_ && kind(annotated) == TokenKind::COLON && longest(TokenKind::START_EXPRESSION, annotated + 1) > annotated + 1) {
    ast::Expr* target = build(TokenKind::START_EXPRESSION, from, annotated);
    bool is_list = target != nullptr && (ast::is<ast::List>(target) || ast::is<ast::Tuple>(target));
    bool is_target = target == nullptr || is_list || invalid_target(target, TargetUse::Assign) == nullptr;
    if (!is_target) return report(target->span, "illegal target for annotation", at_);
  }
  for (size_t end; (end = longest(TokenKind::START_STAR_EXPRESSIONS, from)) > from && end < at_ && kind(end) == TokenKind::EQUAL; from = end + 1) {
    ast::Expr* target = build(TokenKind::START_STAR_EXPRESSIONS, from, end);
    const ast::Expr* invalid = target == nullptr ? nullptr : invalid_target(target, TargetUse::Assign);
    if (invalid == nullptr) continue;
    size_t right = longest(TokenKind::START_BITOR, end + 1);
    bool is_comparable = right > end + 1 && kind(right) != TokenKind::EQUAL && longest(TokenKind::START_BITOR, from) == end;
    const char* hint = is_comparable ? " here. Maybe you meant '==' instead of '='?" : "";
    return report(invalid->span, std::string("cannot assign to ") + expression_name(invalid) + hint, at_);
  }
  return false;
}

// `for f():`
bool Explainer::explain_for_target() {
  size_t keyword = at_ - 1;
  while (keyword > first_ && kind(keyword) != TokenKind::FOR && kind(keyword) != TokenKind::IN) --keyword;
  if (kind(keyword) != TokenKind::FOR) return false;
  size_t end = longest(TokenKind::START_STAR_EXPRESSIONS, keyword + 1);
  ast::Expr* target = end >= at_ ? build(TokenKind::START_STAR_EXPRESSIONS, keyword + 1, end) : nullptr;
  if (target == nullptr || ast::is<ast::Compare>(target)) return false;
  const ast::Expr* invalid = invalid_target(target, TargetUse::For);
  return invalid != nullptr && report(invalid->span, std::string("cannot assign to ") + expression_name(invalid), at_);
}

// `(**a)`
bool Explainer::explain_group() {
  bool is_group = kind(at_) == TokenKind::DOUBLESTAR && previous() == TokenKind::LPAREN && would_take(TokenKind::YIELD);
  size_t end = is_group ? longest(TokenKind::START_EXPRESSION, at_ + 1) : at_;
  return end > at_ + 1 && kind(end) == TokenKind::RPAREN && report(tokens_[at_].span, "cannot use double starred expression here", end);
}

// `case x as 1:`
bool Explainer::explain_pattern_target() {
  bool is_target = kind(first_) == TokenKind::CASE && previous() == TokenKind::AS;
  size_t end = is_target ? longest(TokenKind::START_EXPRESSION, at_) : at_;
  return end > at_ && report(from_to(at_, end - 1), "invalid pattern target", end);
}

bool Explainer::explain_expressions() {
  for (size_t start = first_; start < at_; ++start) {
    if (!starts_[start - first_]) continue;
    if (explain_missing_comma(start) || explain_missing_else(start) || explain_legacy(start) || explain_assignment(start)) return true;
  }
  return false;
}

void Explainer::run() {
  replay();
  bool is_explained = explain_missing_block() || explain_unclosed() || explain_try() || explain_several_statements() || explain_indentation() ||
                      explain_statement_target() ||
                      explain_expressions() || explain_for_target() || explain_group() || explain_pattern_target() || explain_dictionary() ||
                      explain_parameters() || explain_except() || explain_missing_colon();
  if (!is_explained) report(tokens_[at_].span, "invalid syntax", at_);
}

}  // namespace

void explain_rejection(const Source& source, const LaidOutTokens& laid_out, size_t rejected, const std::string& prefix, Diagnostics& diagnostics) {
  Explainer(source, laid_out, rejected, prefix, diagnostics).run();
}

}  // namespace mini
