// SPDX-License-Identifier: MIT
#include "interp/mistakes.h"

#include <algorithm>
#include <optional>

#include "interp/ast_builder.h"
#include "interp/grammar_driver.h"
#include "interp/token_places.h"
#include "runtime/assert.h"

namespace mini {

namespace {

bool is_virtual(TokenKind kind) { return kind == TokenKind::INDENT || kind == TokenKind::DEDENT || kind == TokenKind::END; }

bool is_start(TokenKind kind) { return kind == TokenKind::START_FILE || kind == TokenKind::START_EVAL || kind == TokenKind::START_SINGLE; }

bool is_opening(TokenKind kind) { return kind == TokenKind::LPAREN || kind == TokenKind::LSQB || kind == TokenKind::LBRACE; }

bool is_closing(TokenKind kind) { return kind == TokenKind::RPAREN || kind == TokenKind::RSQB || kind == TokenKind::RBRACE; }

class Explainer : public PegMatcher {
 public:
  Explainer(const Source& source, const LaidOutTokens& laid_out, const Diagnostic* token_error, Diagnostics& diagnostics)
      : PegMatcher(mistakes_grammar()), source_(source), laid_out_(laid_out), token_error_(token_error), diagnostics_(diagnostics) {
    for (const Token& token : laid_out.tokens) add_token(token);
  }

  bool run_on_program(TokenKind start);
  bool run_on_fragment();

 protected:
  bool fetch(int32_t index) override;
  TokenKind kind(int32_t index) const override { return tokens_[static_cast<size_t>(index)].kind; }
  std::string_view text(int32_t index) const override { return source_.text_of(tokens_[static_cast<size_t>(index)].span); }
  bool complain(const PegComplaint& complaint, const PegRange (&captures)[2], int32_t end) override;
  void complain_missing(TokenKind token, int32_t at) override;
  bool accept(const PegRule& rule, PegRange range) override;

 private:
  void add_token(Token token);
  bool run(const char* rule);
  void finish(int32_t last_of_first_run);
  int32_t token_count() const { return static_cast<int32_t>(tokens_.size()); }
  bool is_token_missing(int32_t index) const;
  bool is_at_end(int32_t index) const;
  Span span_of(int32_t index) const { return tokens_[static_cast<size_t>(index)].span; }
  const TokenPlaces& places() const { return places_; }
  uint32_t text_line(uint32_t line, int32_t before) const;
  TextPlace place_of_last() const;

  bool raise(DiagnosticKind kind, TextPlace place, std::string message, bool is_unfinished = false);
  bool raise_at(Span span, std::string message);
  bool raise_here(DiagnosticKind kind, const std::string& message);
  bool raise_token_error();
  bool raise_unclosed();
  void look_at_rest();

  ast::Expr* build(PegRange range);
  Span span_of(PegRange range);
  std::string with_kind(std::string message, PegRange range);
  bool complain_of_target(PegRange range, TargetUse use, const char* verb);
  bool complain_of_comma(PegRange a, PegRange b, int32_t end);
  bool complain_of_legacy(PegRange a, PegRange b);
  bool complain_of_loose_generator(PegRange args, PegRange clauses, const std::string& message);
  bool complain_of_mixed_arguments(PegRange args, std::string message);
  bool complain_of_missing_block(PegRange keyword, const std::string& owner);
  std::vector<PegRange> split_at_commas(PegRange range) const;

  const Source& source_;
  const LaidOutTokens& laid_out_;
  const Diagnostic* token_error_;
  Diagnostics& diagnostics_;
  TokenPlaces places_{source_};
  std::vector<Token> tokens_;   // without the START token; soft keywords are names again
  std::vector<int> depths_;     // brackets open after each token
  Arena arena_;                 // for the trees of parts of the text
  bool is_raised_by_token_ = false;
};

void Explainer::add_token(Token token) {
  if (is_start(token.kind)) return;
  if (token.kind == TokenKind::MATCH || token.kind == TokenKind::CASE) token.kind = TokenKind::NAME;
  if (token.kind == TokenKind::WITH_LPAREN) token.kind = TokenKind::LPAREN;
  tokens_.push_back(token);
  int depth = depths_.empty() ? 0 : depths_.back();
  depths_.push_back(depth + is_opening(token.kind) - is_closing(token.kind));
}

// ---- The run

bool Explainer::run_on_program(TokenKind start) {
  switch (start) {
    case TokenKind::START_EVAL: return run("eval");
    case TokenKind::START_SINGLE: return run("single");
    default: return run("file");
  }
}

bool Explainer::run_on_fragment() { return run("fragment"); }

bool Explainer::run(const char* rule_name) {
  uint16_t rule = mistakes_grammar().rule_named(rule_name);
  int32_t end = PegMatcher::run(rule, false);
  bool is_single = rule_name == std::string_view("single");
  if (end >= 0 && is_single && kind(end) != TokenKind::END) {
    return raise_here(DiagnosticKind::SyntaxError, "multiple statements found while compiling a single statement");
  }
  if (end >= 0) return false;
  int32_t last_of_first_run = last();
  if (!is_stopped()) PegMatcher::run(rule, true);
  finish(last_of_first_run);
  return diagnostics_.has_error();
}

// An error in what comes later in the text goes before one of the grammar, as long as the matcher has not been there.
void Explainer::finish(int32_t last_of_first_run) {
  if (is_raised_by_token_) return;
  if (diagnostics_.has_error()) {
    if (is_token_missing(last()) || kind(last()) != TokenKind::END) look_at_rest();
    return;
  }
  if (is_stopped()) return;   // too deep or too long to say more
  Token token = tokens_[static_cast<size_t>(last_of_first_run)];
  if (token.kind == TokenKind::INDENT || token.kind == TokenKind::DEDENT) {
    raise_here(DiagnosticKind::IndentationError, token.kind == TokenKind::INDENT ? "unexpected indent" : "unexpected unindent");
    return;
  }
  if (is_at_end(last_of_first_run)) {
    TextPlace place = places().at_end();
    place.column = place.end_column = 0;
    raise(DiagnosticKind::SyntaxError, place, "invalid syntax");
  } else {
    raise_at(token.span, "invalid syntax");
  }
  look_at_rest();
}

bool Explainer::is_token_missing(int32_t index) const {
  return index >= token_count() || (kind(index) == TokenKind::END && laid_out_.has_unclosed);
}

// The end of the text, or the line end that is made up for a last line without one.
bool Explainer::is_at_end(int32_t index) const {
  bool is_made_up = kind(index) == TokenKind::NEWLINE && source_.is_part() && span_of(index).end == source_.size();
  return is_made_up || kind(index) == TokenKind::END;
}

bool Explainer::fetch(int32_t index) {
  if (!is_token_missing(index)) return true;
  is_raised_by_token_ = true;
  raise_token_error();
  return false;
}

bool Explainer::raise_token_error() {
  bool is_at_end = token_error_ == nullptr || token_error_->problem == TextProblem::JoinedEnd;
  if (is_at_end && laid_out_.has_unclosed) return raise_unclosed();
  if (token_error_ == nullptr) return true;
  if (token_error_->problem == TextProblem::None) {
    diagnostics_.add(*token_error_);
    return true;
  }
  return raise(token_error_->kind, place_of_last(), token_error_->message, token_error_->is_unfinished);
}

bool Explainer::raise_unclosed() {
  const Token& open = laid_out_.unclosed;
  TextPlace place = places().of({open.span.begin, open.span.begin});
  place.end_column = 0;
  place.reached = places().at_end().line;
  return raise(DiagnosticKind::SyntaxError, place, std::string("'") + token_spelling(open.kind) + "' was never closed", true);
}

void Explainer::look_at_rest() {
  bool has_token_error = token_error_ != nullptr && token_error_->problem == TextProblem::None;
  bool is_open_before = laid_out_.has_unclosed && place_of_last().line > source_.line_at(laid_out_.unclosed.span.begin);
  if (!has_token_error && !is_open_before) return;
  diagnostics_.clear();
  if (has_token_error) diagnostics_.add(*token_error_);
  else raise_unclosed();
}

// ---- Raising

// Lines that a backslash or a string joins to `line` are shown with it. Tokens from `before` on have not been seen.
uint32_t Explainer::text_line(uint32_t line, int32_t before) const {
  for (int32_t at = std::min(before, token_count()); at-- > 0;) {
    uint32_t first = source_.line_at(span_of(at).begin);
    if (source_.line_at(span_of(at).end) < line) break;
    if (!is_virtual(kind(at))) line = std::min(line, first);
  }
  while (line > 1 && source_.line_text(line - 1).ends_with('\\')) --line;
  return line;
}

TextPlace Explainer::place_of_last() const {
  int32_t at = last();
  if (is_token_missing(at)) {
    if (token_error_ == nullptr) return places().at_end();
    return places().of_problem(*token_error_, text_line(source_.line_at(token_error_->span.begin), token_count()));
  }
  if (is_at_end(at)) return places().at_end();
  if (!is_virtual(kind(at))) return places().of(span_of(at));
  while (at + 1 < token_count() && is_virtual(kind(at + 1))) ++at;
  if (kind(at) == TokenKind::END) return places().at_end();
  return places().behind_blanks(span_of(at).begin + (kind(at) == TokenKind::INDENT));
}

bool Explainer::raise(DiagnosticKind kind, TextPlace place, std::string message, bool is_unfinished) {
  Diagnostic error;
  error.is_unfinished = is_unfinished;
  error.kind = kind;
  error.message = (source_.is_fragment() ? "f-string: " : "") + message;
  error.is_text_of_file = !source_.is_fragment() && !source_.is_part();
  if (place.reached <= place.line) place.text_line = text_line(place.line, last() + 1);
  error.place = places().shown(place);
  diagnostics_.add(std::move(error));
  return true;
}

bool Explainer::raise_at(Span span, std::string message) {
  TextPlace place = places().of(span);
  place.reached = place_of_last().reached;
  return raise(DiagnosticKind::SyntaxError, place, std::move(message));
}

bool Explainer::raise_here(DiagnosticKind kind, const std::string& message) { return raise(kind, place_of_last(), message); }

void Explainer::complain_missing(TokenKind token, int32_t at) {
  Span span = span_of(at);
  std::string message = std::string("expected '") + token_spelling(token) + "'";
  if (is_virtual(kind(at))) raise_here(DiagnosticKind::SyntaxError, message);
  else raise_at(span, message);
}

// ---- The complaints

bool Explainer::complain(const PegComplaint& complaint, const PegRange (&captures)[2], int32_t end) {
  const auto& [a, b] = captures;
  const std::string& what = complaint.kind;
  const std::string& message = complaint.message;
  if (what == "at a" || what == "annotated a") return raise_at(span_of(a), with_kind(message, a));
  if (what == "from a to b") return raise_at({span_of(a).begin, span_of(b).end}, with_kind(message, a));
  if (what == "here") return raise_here(DiagnosticKind::SyntaxError, message);
  if (what == "indent") return raise_here(DiagnosticKind::IndentationError, message);
  if (what == "block a") return complain_of_missing_block(a, message);
  if (what == "assign") return complain_of_target(a, TargetUse::Assign, "assign to");
  if (what == "for_target") return complain_of_target(a, TargetUse::For, "assign to");
  if (what == "delete") return complain_of_target(a, TargetUse::Del, "delete");
  if (what == "comma") return complain_of_comma(a, b, end);
  if (what == "legacy") return complain_of_legacy(a, b);
  if (what == "loose_generator") return complain_of_loose_generator(a, b, message);
  if (what == "mixed_arguments") return complain_of_mixed_arguments(a, message);
  if (what == "targets") return raise_at({span_of(a).begin, span_of(split_at_commas(b).back()).end}, message);
  if (what == "from a on") {
    TextPlace place = places().of({span_of(a).begin, span_of(last()).end});
    --place.end_column;
    place.reached = place_of_last().reached;
    return raise(DiagnosticKind::SyntaxError, place, message);
  }
  if (what == "missing_colon") {
    uint32_t last_character = span_of(a).end - 1;
    TextPlace place = places().of({last_character, last_character});
    place.column = place.end_column > 0 ? place.column : 0;
    place.end_column = 0;
    place.reached = place_of_last().reached;
    return raise(DiagnosticKind::SyntaxError, place, message);
  }
  if (what == "last_target") {
    int32_t target = b.begin;
    for (int32_t at = b.begin, depth = 0; at < b.end; ++at) {
      if (kind(at) == TokenKind::FOR && depth == 0) target = at + 1;
      depth += is_opening(kind(at)) - is_closing(kind(at));
    }
    int32_t target_end = target;
    for (int32_t depth = 0; target_end < b.end && (kind(target_end) != TokenKind::IN || depth > 0); ++target_end) {
      depth += is_opening(kind(target_end)) - is_closing(kind(target_end));
    }
    return raise_at({span_of(a).begin, span_of({target, target_end}).end}, message);
  }
  MINI_ASSERT(false, "every complaint of the grammar is known");
  return false;
}

// The tree of a part of the text that has matched, or null for what is no expression.
ast::Expr* Explainer::build(PegRange range) {
  Diagnostics ignored;
  AstBuilder builder(source_, arena_, ignored, "");
  GrammarDriver driver(builder);
  Token first = {TokenKind::START_PART, {}}, last = {TokenKind::END, {}};
  driver.push(&first);
  for (int32_t at = range.begin; at < range.end && !ignored.has_error(); ++at) driver.push(&tokens_[static_cast<size_t>(at)]);
  driver.push(&last);
  return builder.module() == nullptr || ignored.has_error() || builder.rejected() != nullptr ? nullptr : builder.module()->expression;
}

// Where the part's node is: without the parentheses of a group.
Span Explainer::span_of(PegRange range) {
  if (range.end <= range.begin) return span_of(last());
  Span span = {span_of(range.begin).begin, span_of(range.end - 1).end};
  bool may_be_group = kind(range.begin) == TokenKind::LPAREN && kind(range.end - 1) == TokenKind::RPAREN;
  const ast::Expr* tree = may_be_group ? build(range) : nullptr;
  return tree == nullptr ? span : tree->span;
}

std::string Explainer::with_kind(std::string message, PegRange range) {
  size_t place = message.find('%');
  if (place == std::string::npos) return message;
  if (message[place + 1] == 't') return message.replace(place, 2, text(range.begin));
  const ast::Expr* tree = build(range);
  return message.replace(place, 2, tree != nullptr ? expression_name(tree) : kind(range.begin) == TokenKind::YIELD ? "yield expression" : "named expression");
}

// What of `expr` cannot be a target. A for statement's target and what stands behind its `in` were matched as one expression.
ast::Expr* wrong_part(ast::Expr* expr, TargetUse use) {
  const Seq<ast::Expr*>* items = ast::is<ast::List>(expr) ? &ast::as<ast::List>(expr)->elts : ast::is<ast::Tuple>(expr) ? &ast::as<ast::Tuple>(expr)->elts : nullptr;
  if (items != nullptr) {
    for (ast::Expr* item : *items) {
      if (ast::Expr* wrong = wrong_part(item, use)) return wrong;
    }
    return nullptr;
  }
  if (ast::is<ast::Starred>(expr)) return use == TargetUse::Del ? expr : wrong_part(ast::as<ast::Starred>(expr)->value, use);
  if (ast::is<ast::Compare>(expr) && use == TargetUse::For) {
    auto* comparison = ast::as<ast::Compare>(expr);
    return comparison->ops[0] == ast::CompareOperator::In ? wrong_part(comparison->left, use) : nullptr;
  }
  return invalid_target(expr, use);
}

bool Explainer::complain_of_target(PegRange range, TargetUse use, const char* verb) {
  ast::Expr* tree = build(range);
  ast::Expr* wrong = tree == nullptr ? nullptr : wrong_part(tree, use);
  return wrong != nullptr && raise_at(wrong->span, std::string("cannot ") + verb + " " + expression_name(wrong));
}

bool is_legacy_name(std::string_view name) { return name == "print" || name == "exec"; }

bool Explainer::complain_of_comma(PegRange a, PegRange b, int32_t end) {
  bool is_legacy = a.end == a.begin + 1 && kind(a.begin) == TokenKind::NAME && is_legacy_name(text(a.begin));
  if (is_legacy || depths_[static_cast<size_t>(end - 1)] == 0) return false;
  return raise_at({span_of(a).begin, span_of(b).end}, "invalid syntax. Perhaps you forgot a comma?");
}

bool Explainer::complain_of_legacy(PegRange a, PegRange b) {
  std::string name(text(a.begin));
  if (!is_legacy_name(name)) return false;
  return raise_at({span_of(a).begin, span_of(b).end}, "Missing parentheses in call to '" + name + "'. Did you mean " + name + "(...)?");
}

std::vector<PegRange> Explainer::split_at_commas(PegRange range) const {
  std::vector<PegRange> parts;
  int32_t begin = range.begin;
  bool is_in_lambda = false;
  for (int32_t at = range.begin, depth = 0; at < range.end; ++at) {
    depth += is_opening(kind(at)) - is_closing(kind(at));
    if (depth > 0) continue;
    if (kind(at) == TokenKind::LAMBDA) is_in_lambda = true;
    if (kind(at) == TokenKind::COLON) is_in_lambda = false;
    if (kind(at) != TokenKind::COMMA || is_in_lambda) continue;
    parts.push_back({begin, at});
    begin = at + 1;
  }
  if (begin < range.end) parts.push_back({begin, range.end});
  return parts;
}

// `f(a, b for b in c)`. With one argument before it, the generator is that argument.
bool Explainer::complain_of_loose_generator(PegRange args, PegRange clauses, const std::string& message) {
  std::vector<PegRange> positional;
  for (PegRange part : split_at_commas(args)) {
    bool is_named = kind(part.begin) == TokenKind::DOUBLESTAR ||
                    (part.end > part.begin + 1 && kind(part.begin) == TokenKind::NAME && kind(part.begin + 1) == TokenKind::EQUAL);
    if (!is_named) positional.push_back(part);
  }
  return positional.size() > 1 && raise_at({span_of(positional.back()).begin, span_of(clauses).end}, message);
}

bool Explainer::complain_of_mixed_arguments(PegRange args, std::string message) {
  for (PegRange part : split_at_commas(args)) {
    if (kind(part.begin) != TokenKind::DOUBLESTAR) continue;
    message += " unpacking";
    break;
  }
  return raise_here(DiagnosticKind::SyntaxError, message);
}

bool Explainer::complain_of_missing_block(PegRange keyword, const std::string& owner) {
  uint32_t line = source_.line_at(span_of(keyword.begin).begin) + source_.first_line() - 1;
  return raise_here(DiagnosticKind::IndentationError, "expected an indented block after " + owner + " on line " + std::to_string(line));
}

// ---- Literals

// Strings and numbers are read as soon as the matcher has seen them. What is wrong in them is shown at the last token that it
// has looked at.
bool Explainer::accept(const PegRule& rule, PegRange range) {
  if (rule.name == "imaginary") return !raise_at(span_of(range.begin), "imaginary number required in complex literal");
  if (rule.name != "strings" && rule.name != "number") return true;
  Diagnostics found;
  AstBuilder builder(source_, arena_, found, "");
  const Token* first = &tokens_[static_cast<size_t>(range.begin)];
  if (rule.name == "number") builder.number(first);
  else builder.strings({first, static_cast<uint32_t>(range.end - range.begin)});
  if (!found.has_error()) return true;
  if (found.first().place) {
    diagnostics_.add(found.first());
  } else if (rule.name == "number") {
    TextPlace place = places().of(first->span);
    place.column = place.end_column = 0;
    place.reached = place_of_last().reached;
    raise(DiagnosticKind::SyntaxError, place, found.first().message);
  } else {
    raise_here(DiagnosticKind::SyntaxError, found.first().message);
  }
  return false;
}

}  // namespace

bool explain_mistake(const Source& source, const LaidOutTokens& laid_out, const Diagnostic* token_error, Diagnostics& diagnostics) {
  return Explainer(source, laid_out, token_error, diagnostics).run_on_program(laid_out.tokens.front().kind);
}

bool explain_fragment_mistake(const Source& source, Span fragment, Diagnostics& diagnostics) {
  Source alone = source.fragment(fragment);
  LaidOutTokens laid_out;
  laid_out.tokens.push_back({TokenKind::START_EVAL, {0, 0}});
  Diagnostics token_errors;
  bool is_good = lay_out(alone, laid_out, token_errors);
  Diagnostics found;
  if (!Explainer(alone, laid_out, is_good ? nullptr : &token_errors.first(), found).run_on_fragment()) return false;
  Diagnostic error = found.first();
  if (!error.place) error.place = place_of(alone, error);
  diagnostics.add(std::move(error));
  return true;
}

}  // namespace mini
