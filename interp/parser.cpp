// SPDX-License-Identifier: MIT
#include "interp/parser.h"

#include <algorithm>

#include "interp/ast_builder.h"
#include "interp/grammar_driver.h"
#include "interp/layout.h"
#include "interp/syntax_hints.h"

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
    if (build.rejected() == nullptr) {
      if (build.diagnostics().has_error()) return false;
      continue;
    }
    build.diagnostics().clear();
    explain_rejection(build.source(), laid_out, at, build.prefix(), build.diagnostics());
    return false;
  }
  return build.module() != nullptr;
}

// The tokens end where the layout failed. A mistake before that place is the one to report when the layout's error yields,
// and an indent out of nowhere always is.
void prefer_earlier_error(const Source& source, Arena& arena, const LaidOutTokens& laid_out, Diagnostics& diagnostics) {
  Diagnostics earlier;
  AstBuilder build(source, arena, earlier, "");
  run_grammar(build, laid_out);
  if (!earlier.has_error()) return;
  bool is_stray_indent = earlier.first().kind == DiagnosticKind::IndentationError && earlier.first().message.starts_with("unexpected");
  if (diagnostics.first().yields_to_grammar || is_stray_indent) diagnostics = earlier;
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
  if (!lay_out_fragment(source_, fragment, laid_out, diagnostics_)) return absent();
  laid_out.tokens.insert(laid_out.tokens.end() - 1, Token{TokenKind::RPAREN, {fragment.end, fragment.end}});
  AstBuilder inner(source_, arena_, diagnostics_, "f-string: ");
  if (!run_grammar(inner, laid_out)) return absent();
  return whole(inner.module()->expression);
}

ParseResult parse(const Source& source, Arena& arena, ParseMode mode, Diagnostics& diagnostics) {
  ParseResult result;
  LaidOutTokens laid_out;
  laid_out.tokens.push_back({start_of(mode), {0, 0}});
  if (!lay_out(source, laid_out, diagnostics)) {
    prefer_earlier_error(source, arena, laid_out, diagnostics);
    result.status = diagnostics.first().is_unfinished ? ParseStatus::Incomplete : ParseStatus::Error;
    return result;
  }
  AstBuilder build(source, arena, diagnostics, "");
  bool is_good = run_grammar(build, laid_out);
  if (!is_good) {
    result.status = is_incomplete(source, build, laid_out) ? ParseStatus::Incomplete : ParseStatus::Error;
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
