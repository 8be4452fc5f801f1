// SPDX-License-Identifier: MIT
//
// The scanner alone: one token after the other, without blocks.

#include "interp/lexer.h"

#include <gtest/gtest.h>

#include "interp/unicode_ident.h"

namespace mini {
namespace {

// "NAME:x EQUAL:= NUMBER:1 ", or what is wrong.
std::string tokens_of(const std::string& text) {
  Source source("x.py", text);
  Diagnostics diagnostics;
  Lexer lexer(source, source.begin(), 0, diagnostics);
  std::string out;
  for (Token token;;) {
    if (!lexer.next(token)) return out + "error: " + diagnostics.first().message;
    if (token.kind == TokenKind::END) return out;
    out += token_name(token.kind);
    if (token.kind != TokenKind::NEWLINE) out += ":" + std::string(source.text_of(token.span));
    out += " ";
  }
}

TEST(Lexer, Operators) {
  EXPECT_EQ(tokens_of("a **= b // c -> d := e != f ... . @= >>= ~"),
            "NAME:a DOUBLESTAREQUAL:**= NAME:b DOUBLESLASH:// NAME:c ARROW:-> NAME:d COLONEQUAL::= NAME:e NOTEQUAL:!= NAME:f ELLIPSIS:... DOT:. "
            "ATEQUAL:@= RIGHTSHIFTEQUAL:>>= TILDE:~ ");
}

TEST(Lexer, KeywordsAreWholeWords) {
  EXPECT_EQ(tokens_of("if iffy None none match print"), "IF:if NAME:iffy NONE:None NAME:none NAME:match NAME:print ");
}

TEST(Lexer, Numbers) {
  EXPECT_EQ(tokens_of("0 00 1_000 0xFF_ff 0o17 0b1_0 1. .5 1e10 1_0.0_1E-5"),
            "NUMBER:0 NUMBER:00 NUMBER:1_000 NUMBER:0xFF_ff NUMBER:0o17 NUMBER:0b1_0 NUMBER:1. NUMBER:.5 NUMBER:1e10 NUMBER:1_0.0_1E-5 ");
  EXPECT_EQ(tokens_of("1if x else 2"), "NUMBER:1 IF:if NAME:x ELSE:else NUMBER:2 ");
  EXPECT_EQ(tokens_of("1..real"), "NUMBER:1. DOT:. NAME:real ");
  EXPECT_EQ(tokens_of("012.5"), "NUMBER:012.5 ");
}

TEST(Lexer, BadNumbers) {
  EXPECT_EQ(tokens_of("1__0"), "error: invalid decimal literal");
  EXPECT_EQ(tokens_of("1_"), "error: invalid decimal literal");
  EXPECT_EQ(tokens_of("1abc"), "error: invalid decimal literal");
  EXPECT_EQ(tokens_of("1.__class__"), "error: invalid decimal literal");
  EXPECT_EQ(tokens_of("0x"), "error: invalid hexadecimal literal");
  EXPECT_EQ(tokens_of("0xfg"), "error: invalid hexadecimal literal");
  EXPECT_EQ(tokens_of("0b12"), "error: invalid digit '2' in binary literal");
  EXPECT_EQ(tokens_of("0o7_8"), "error: invalid digit '8' in octal literal");
  EXPECT_EQ(tokens_of("0777"), "error: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers");
  EXPECT_EQ(tokens_of("1.5j"), "error: complex numbers are not supported");
}

TEST(Lexer, Strings) {
  EXPECT_EQ(tokens_of("'a' \"b\" '''c\n'd''' r'\\\\' f'{x}'"), "STRING:'a' STRING:\"b\" STRING:'''c\n'd''' STRING:r'\\\\' STRING:f'{x}' ");
  EXPECT_EQ(tokens_of("rb'x' Rb'x' BR'x' u'x' F'x' fR'x'"), "STRING:rb'x' STRING:Rb'x' STRING:BR'x' STRING:u'x' STRING:F'x' STRING:fR'x' ");
  EXPECT_EQ(tokens_of("'a\\\nb' 'a\\'b' r'\\''"), "STRING:'a\\\nb' STRING:'a\\'b' STRING:r'\\'' ");
  EXPECT_EQ(tokens_of("xy'a'"), "NAME:xy STRING:'a' ");
  EXPECT_EQ(tokens_of("'' \"\" '''''' \"\"\"\"\"\""), "STRING:'' STRING:\"\" STRING:'''''' STRING:\"\"\"\"\"\" ");
}

TEST(Lexer, UnterminatedStrings) {
  EXPECT_EQ(tokens_of("'abc\nx"), "error: unterminated string literal (detected at line 1)");
  EXPECT_EQ(tokens_of("'abc\\"), "error: unterminated string literal (detected at line 1)");
  EXPECT_EQ(tokens_of("'''abc\nx\n"), "error: unterminated triple-quoted string literal (detected at line 2)");
}

TEST(Lexer, LinesAndComments) {
  EXPECT_EQ(tokens_of("a # b\nc\r\nd\re"), "NAME:a NEWLINE NAME:c NEWLINE NAME:d NEWLINE NAME:e ");
  EXPECT_EQ(tokens_of("a \\\n b \\\r\n c"), "NAME:a NAME:b NAME:c ");
  EXPECT_EQ(tokens_of("a \\ b"), "NAME:a error: unexpected character after line continuation character");
  EXPECT_EQ(tokens_of("a \\"), "NAME:a error: unexpected EOF while parsing");
}

TEST(Lexer, UnicodeNames) {
  EXPECT_EQ(tokens_of("été Ω _x1 变量 a\u0301"), "NAME:été NAME:Ω NAME:_x1 NAME:变量 NAME:a\u0301 ");
  EXPECT_EQ(tokens_of("x = €"), "NAME:x EQUAL:= error: invalid character '€' (U+20AC)");
  EXPECT_EQ(tokens_of("a€b"), "error: invalid character '€' (U+20AC)");
  EXPECT_EQ(tokens_of("a\u200bb"), "error: invalid non-printable character U+200B");
  EXPECT_EQ(tokens_of("a \x01"), "NAME:a error: invalid non-printable character U+0001");
}

TEST(Lexer, NamesAreNormalised) {
  EXPECT_EQ(normalize_identifier("ﬁ"), "fi");
  EXPECT_EQ(normalize_identifier("e\u0301"), "é");
}

TEST(Lexer, StrayCharactersAreTokens) { EXPECT_EQ(tokens_of("a ? $b ! `"), "NAME:a STRAY:? STRAY:$ NAME:b STRAY:! STRAY:` "); }

TEST(Lexer, SurvivesEveryTruncation) {
  const std::string text = "def f(a='\\x41', *b): return f\"{a!r:>{10}}\" + r'''\\n''' \\\n  + 0x1F_e1 if a != 1.5e-3 else [été, ...]  # end\n";
  for (size_t length = 0; length <= text.size(); ++length) tokens_of(text.substr(0, length));
}

}  // namespace
}  // namespace mini
