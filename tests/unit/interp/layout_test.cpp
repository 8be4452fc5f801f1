// SPDX-License-Identifier: MIT
//
// NEWLINE, INDENT and DEDENT, brackets, and the words that are keywords only sometimes.

#include "interp/layout.h"

#include <gtest/gtest.h>

#include "interp/parser.h"

namespace mini {
namespace {

// All tokens in one line: those made by the filter by their names, all others by their text.
std::string laid_out(const std::string& text) {
  Source source("x.py", text);
  Diagnostics diagnostics;
  LaidOutTokens result;
  bool is_good = lay_out(source, result, diagnostics);
  std::string out;
  for (const Token& token : result.tokens) {
    std::string word(source.text_of(token.span));
    bool is_special = word.empty() || token.kind == TokenKind::MATCH || token.kind == TokenKind::CASE || token.kind == TokenKind::WITH_LPAREN;
    out += (out.empty() ? "" : " ") + (is_special ? std::string(token_name(token.kind)) : word);
  }
  if (!is_good) out += std::string(" ") + diagnostic_kind_name(diagnostics.first().kind) + ": " + diagnostics.first().message;
  return out;
}

TEST(Layout, Blocks) {
  EXPECT_EQ(laid_out("if a:\n  b\n  if c:\n      d\ne\n"), "if a : NEWLINE INDENT b NEWLINE if c : NEWLINE INDENT d NEWLINE DEDENT DEDENT e NEWLINE END");
  EXPECT_EQ(laid_out("if a:\n  b"), "if a : NEWLINE INDENT b NEWLINE DEDENT END");
  EXPECT_EQ(laid_out(""), "END");
}

TEST(Layout, BlankAndCommentLinesDoNotCount) {
  EXPECT_EQ(laid_out("\n  # c\nif a:\n\n    # d\n  b\n# e\n\n  c\n   \n"), "if a : NEWLINE INDENT b NEWLINE c NEWLINE DEDENT END");
}

TEST(Layout, BracketsJoinLines) { EXPECT_EQ(laid_out("a = (b,\n # c\nd[\n  e])\nf"), "a = ( b , d [ e ] ) NEWLINE f NEWLINE END"); }

TEST(Layout, FormFeedStartsTheCountAgain) { EXPECT_EQ(laid_out("if a:\n  b\n    \f  c\n"), "if a : NEWLINE INDENT b NEWLINE c NEWLINE DEDENT END"); }

TEST(Layout, Tabs) {
  EXPECT_EQ(laid_out("if a:\n\tb\n\tc\n"), "if a : NEWLINE INDENT b NEWLINE c NEWLINE DEDENT END");
  EXPECT_EQ(laid_out("if a:\n\tb\n        c\n"), "if a : NEWLINE INDENT b NEWLINE TabError: inconsistent use of tabs and spaces in indentation");
  EXPECT_EQ(laid_out("if a:\n        if b:\n\tc\n"), "if a : NEWLINE INDENT if b : NEWLINE TabError: inconsistent use of tabs and spaces in indentation");
}

TEST(Layout, WrongDedent) {
  EXPECT_EQ(laid_out("if a:\n    b\n  c\n"), "if a : NEWLINE INDENT b NEWLINE IndentationError: unindent does not match any outer indentation level");
}

TEST(Layout, Brackets) {
  EXPECT_EQ(laid_out("a)"), "a SyntaxError: unmatched ')'");
  EXPECT_EQ(laid_out("(a]"), "( a SyntaxError: closing parenthesis ']' does not match opening parenthesis '('");
  EXPECT_EQ(laid_out("{\na)"), "{ a SyntaxError: closing parenthesis ')' does not match opening parenthesis '{' on line 1");
}

TEST(Layout, MatchIsAKeywordOnlyInFrontOfABlock) {
  EXPECT_EQ(laid_out("match x:\n  case 1: case\n  case case: match\nmatch = case\n"),
            "MATCH x : NEWLINE INDENT CASE 1 : case NEWLINE CASE case : match NEWLINE DEDENT match = case NEWLINE END");
  EXPECT_EQ(laid_out("match(x)\nmatch[x]\nmatch: int\nmatch.x\nmatch -x"),
            "match ( x ) NEWLINE match [ x ] NEWLINE match : int NEWLINE match . x NEWLINE match - x NEWLINE END");
  EXPECT_EQ(laid_out("match (x):\n  case y:\n    case = 1\n"),
            "MATCH ( x ) : NEWLINE INDENT CASE y : NEWLINE INDENT case = 1 NEWLINE DEDENT DEDENT END");
}

TEST(Layout, ParenthesisOfWithItems) {
  EXPECT_EQ(laid_out("with (a as b):\n  c"), "with WITH_LPAREN a as b ) : NEWLINE INDENT c NEWLINE DEDENT END");
  EXPECT_EQ(laid_out("with (a) as b: c"), "with ( a ) as b : c NEWLINE END");
  EXPECT_EQ(laid_out("with (a, b)[0]: c"), "with ( a , b ) [ 0 ] : c NEWLINE END");
}

TEST(Layout, DumpShowsPlaces) {
  EXPECT_EQ(dump_tokens(Source("x.py", "if é:\n  x = 'a'\n")),
            "1:0-1:2 IF if\n1:3-1:5 NAME é\n1:5-1:6 COLON :\n1:6-1:6 NEWLINE\n2:1-2:1 INDENT\n2:2-2:3 NAME x\n2:4-2:5 EQUAL =\n"
            "2:6-2:9 STRING 'a'\n2:9-2:9 NEWLINE\n3:0-3:0 DEDENT\n3:0-3:0 END\n");
}

}  // namespace
}  // namespace mini
