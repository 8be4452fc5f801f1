// SPDX-License-Identifier: MIT
#include "interp/parser.h"

#include <algorithm>

#include "interp/ast_builder.h"
#include "interp/grammar_driver.h"
#include "interp/layout.h"
#include "interp/mistakes.h"

namespace mini {

namespace {

TokenKind start_of(ParseMode mode) {
  switch (mode) {
    case ParseMode::File: return TokenKind::START_FILE;
    case ParseMode::Eval: return TokenKind::START_EVAL;
    case ParseMode::Single: return TokenKind::START_SINGLE;
  }
  return TokenKind::START_FILE;
}

// Runs the grammar over the tokens. True when it took them all and the builder had no objection.
bool run_grammar(AstBuilder& build, const LaidOutTokens& laid_out) {
  GrammarDriver driver(build);
  for (size_t at = 0; at < laid_out.tokens.size(); ++at) {
    driver.push(&laid_out.tokens[at]);
    if (build.diagnostics().has_error() || build.rejected() != nullptr) return false;
  }
  return build.module() != nullptr;
}

// The automaton knows that something is wrong, and the builder often what; the words and the place are found in a second
// reading, unless that sees nothing wrong.
void explain(const Source& source, const LaidOutTokens& laid_out, const AstBuilder& build, Diagnostics& diagnostics) {
  bool is_too_deep = diagnostics.has_error() && diagnostics.first().kind == DiagnosticKind::RecursionError;
  if (is_too_deep) return;
  if (build.rejected() != nullptr) diagnostics.clear();   // the builder may have seen half a statement
  Diagnostics explained;
  if (explain_mistake(source, laid_out, nullptr, explained)) {
    diagnostics = explained;
  } else if (diagnostics.has_error()) {
    diagnostics.mark_late();   // CPython's parser would have taken it
  } else {
    diagnostics.syntax_error(build.rejected() == nullptr ? Span{} : build.rejected()->span, "invalid syntax");
  }
}

void explain_token_error(const Source& source, const LaidOutTokens& laid_out, Diagnostics& diagnostics) {
  Diagnostics explained;
  if (explain_mistake(source, laid_out, &diagnostics.first(), explained)) diagnostics = explained;
}

bool ends_in_blank_line(const Source& source) {
  std::string_view text = source.text();
  size_t last = text.find_last_of("\r\n");
  return last != std::string_view::npos && text.find_first_not_of(" \t\f", last + 1) == std::string_view::npos;
}

// Would more lines help? An open bracket or string always; an unfinished block until a blank line ends it.
bool is_incomplete(const Source& source, const AstBuilder& build, const LaidOutTokens& laid_out) {
  bool is_at_end = build.rejected() != nullptr && build.rejected()->kind == TokenKind::END;
  return is_at_end && (laid_out.has_unclosed || !ends_in_blank_line(source));
}

}  // namespace

Operand AstBuilder::parse_fragment(Span fragment) {
  LaidOutTokens laid_out;
  laid_out.tokens = {{TokenKind::START_EVAL, {fragment.begin, fragment.begin}}, {TokenKind::LPAREN, {fragment.begin - 1, fragment.begin}}};
  Diagnostics found;
  AstBuilder inner(source_, arena_, found, "f-string: ");
  bool is_good = lay_out_fragment(source_, fragment, laid_out, found);
  if (is_good) {
    laid_out.tokens.insert(laid_out.tokens.end() - 1, Token{TokenKind::RPAREN, {fragment.end, fragment.end}});
    is_good = run_grammar(inner, laid_out);
  }
  if (is_good) return whole(inner.module()->expression);
  if (!explain_fragment_mistake(source_, fragment, diagnostics_)) {
    diagnostics_.add(found.has_error() ? found.first() : Diagnostic{.message = "f-string: invalid syntax", .span = fragment});
  }
  return absent();
}

ParseResult parse(const Source& source, Arena& arena, ParseMode mode, Diagnostics& diagnostics) {
  ParseResult result;
  LaidOutTokens laid_out;
  laid_out.tokens.push_back({start_of(mode), {0, 0}});
  if (!lay_out(source, laid_out, diagnostics)) {
    explain_token_error(source, laid_out, diagnostics);
    result.status = diagnostics.first().is_unfinished ? ParseStatus::Incomplete : ParseStatus::Error;
    return result;
  }
  AstBuilder build(source, arena, diagnostics, "");
  bool is_good = run_grammar(build, laid_out);
  if (!is_good) {
    result.status = is_incomplete(source, build, laid_out) ? ParseStatus::Incomplete : ParseStatus::Error;
    explain(source, laid_out, build, diagnostics);
    return result;
  }
  bool needs_blank_line = mode == ParseMode::Single && build.has_compound() && !ends_in_blank_line(source);
  result.status = needs_blank_line ? ParseStatus::Incomplete : ParseStatus::Ok;
  result.module = build.module();
  return result;
}

std::string dump_tokens(const Source& source) {
  LaidOutTokens laid_out;
  Diagnostics diagnostics;
  lay_out(source, laid_out, diagnostics);
  std::string out;
  for (const Token& token : laid_out.tokens) {
    LineRange range = source.range(token.span);
    out += std::to_string(range.line) + ":" + std::to_string(range.column) + "-" + std::to_string(range.end_line) + ":" +
           std::to_string(range.end_column) + " " + token_name(token.kind);
    if (token.kind != TokenKind::NEWLINE && token.span.begin < token.span.end) out += " " + std::string(source.text_of(token.span));
    out += "\n";
  }
  if (diagnostics.has_error()) out += diagnostics.first().message + "\n";
  return out;
}

}  // namespace mini
