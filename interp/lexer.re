// SPDX-License-Identifier: MIT
//
// re2c input of the scanner; lexer.h says what it does. The rules only find where a token ends; what a token means (the
// value of a number, the characters of a string) is decided later, by the syntax tree's builder.
//
// The trap of sentinel scanning: a rule that loops must not step over the NUL at the end. Every character class below
// therefore leaves NUL out, and a backslash never takes a NUL with it.
#include "interp/lexer.h"

#include <cstdio>
#include <cstring>

#include "interp/unicode_ident.h"

namespace mini {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name_character(char c) {
  return is_digit(c) || c == '_' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// `1if x else 2`: a keyword that may follow a number may do so without a blank. Those of two letters are not read to their
// end, as in CPython.
bool starts_with_operator_word(const char* text) {
  for (const char* word : {"and", "else", "for", "not", "or"}) {
    size_t length = std::strlen(word);
    if (std::strncmp(text, word, length) == 0) return !is_name_character(text[length]);
  }
  return text[0] == 'i' && (text[1] == 'f' || text[1] == 'n' || text[1] == 's');
}

std::string code_point_name(int32_t code_point) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "U+%04X", static_cast<unsigned>(code_point));
  return digits;
}

}  // namespace

const char* token_name(TokenKind kind) {
  static constexpr const char* kNames[] = {
#define TOKEN(name, spelling) #name,
#include "interp/tokens.def"
#undef TOKEN
  };
  return kNames[static_cast<int>(kind)];
}

const char* token_spelling(TokenKind kind) {
  static constexpr const char* kSpellings[] = {
#define TOKEN(name, spelling) spelling,
#include "interp/tokens.def"
#undef TOKEN
  };
  return kSpellings[static_cast<int>(kind)];
}

Lexer::Lexer(const Source& source, const char* text, uint32_t base, Diagnostics& diagnostics)
    : source_(source), text_(text), base_(base), diagnostics_(diagnostics), start_(text), cursor_(text) {}

bool Lexer::fail_at(const char* place, std::string message) {
  return diagnostics_.syntax_error({offset_of(place), offset_of(place)}, std::move(message));
}

bool Lexer::finish(Token& token, TokenKind kind) {
  token = {kind, {offset_of(start_), offset_of(cursor_)}};
  return true;
}

// The rule took every byte above ASCII along; now the characters are looked at.
bool Lexer::finish_name(Token& token) {
  std::string_view name(start_, static_cast<size_t>(cursor_ - start_));
  size_t length = identifier_length(name);
  if (length == name.size()) return finish(token, TokenKind::NAME);
  cursor_ = start_ + length;
  return fail_character();
}

bool Lexer::fail_character() {
  size_t length = 0;
  int32_t code_point = decode_character(cursor_, length);
  if (!is_printable(code_point)) return fail_at(cursor_, "invalid non-printable character " + code_point_name(code_point));
  return fail_at(cursor_, "invalid character '" + std::string(cursor_, length) + "' (" + code_point_name(code_point) + ")");
}

bool Lexer::finish_number(Token& token, const char* what) {
  bool has_bare_exponent = (*cursor_ | 0x20) == 'e' && (cursor_[1] == '+' || cursor_[1] == '-');
  if (has_bare_exponent) return fail_at(cursor_ + 1, std::string("invalid ") + what + " literal");
  if (*cursor_ == 'j' || *cursor_ == 'J') {
    if (is_name_character(cursor_[1])) return fail_at(cursor_, "invalid imaginary literal");
    return diagnostics_.syntax_error({offset_of(start_), offset_of(cursor_ + 1)}, "complex numbers are not supported");
  }
  bool is_bad = is_name_character(*cursor_) && !starts_with_operator_word(cursor_);
  if (!is_bad) return finish(token, TokenKind::NUMBER);
  bool is_digit_missing = *cursor_ == '_' && cursor_[-1] != '.';
  return fail_at(is_digit_missing ? cursor_ : cursor_ - 1, std::string("invalid ") + what + " literal");
}

// A digit too large for its base comes next.
bool Lexer::has_wrong_digit() const { return is_digit(*cursor_) || (*cursor_ == '_' && is_digit(cursor_[1])); }

// `0x`, `0o` or `0b` and then no digit of that base, or one too large after good ones.
bool Lexer::fail_prefixed_number() {
  char base = static_cast<char>(start_[1] | 0x20);
  const char* what = base == 'x' ? "hexadecimal" : base == 'o' ? "octal" : "binary";
  if (base != 'x' && has_wrong_digit()) {
    if (*cursor_ == '_') ++cursor_;
    return fail_at(cursor_, std::string("invalid digit '") + *cursor_ + "' in " + what + " literal");
  }
  return fail_at(*cursor_ == '_' ? cursor_ : cursor_ - 1, std::string("invalid ") + what + " literal");
}

bool Lexer::fail_leading_zeros() {
  if (*cursor_ == '_') return fail_at(cursor_, "invalid decimal literal");
  const char* zeros_end = start_;
  while (*zeros_end == '0' || *zeros_end == '_') ++zeros_end;
  Diagnostic error;
  error.message = "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers";
  error.span = {offset_of(start_), offset_of(zeros_end)};
  error.has_byte_columns = true;
  return diagnostics_.add(std::move(error));
}

bool Lexer::fail_string(bool is_triple) {
  uint32_t line = source_.line_at(offset_of(cursor_));
  if (line > 1 && source_.line_start(line) == source_.size()) --line;
  Diagnostic error;
  error.message = std::string("unterminated ") + (is_triple ? "triple-quoted " : "") + "string literal (detected at line " + std::to_string(line) + ")";
  error.span = {offset_of(start_), offset_of(start_)};
  error.is_unfinished = is_triple;
  return diagnostics_.add(std::move(error));
}

// The cursor stands after the opening quote. A backslash guards the next character, whatever the prefix says.
bool Lexer::finish_string(Token& token) {
  char quote = cursor_[-1];
  bool is_triple = cursor_[0] == quote && cursor_[1] == quote;
  if (is_triple) cursor_ += 2;
  while (*cursor_ != '\0') {
    if (*cursor_ == '\\' && cursor_[1] != '\0') {
      cursor_ += cursor_[1] == '\r' && cursor_[2] == '\n' ? 3 : 2;
    } else if (*cursor_ == quote && (!is_triple || (cursor_[1] == quote && cursor_[2] == quote))) {
      cursor_ += is_triple ? 3 : 1;
      return finish(token, TokenKind::STRING);
    } else if (!is_triple && (*cursor_ == '\n' || *cursor_ == '\r')) {
      break;
    } else {
      ++cursor_;
    }
  }
  return fail_string(is_triple);
}

bool Lexer::fail_joined_line() {
  Diagnostic error;
  error.span = {offset_of(cursor_), offset_of(cursor_)};
  error.is_unfinished = *cursor_ == '\0';
  error.problem = error.is_unfinished ? TextProblem::JoinedEnd : TextProblem::JoinedLine;
  error.message = error.is_unfinished ? "unexpected EOF while parsing" : "unexpected character after line continuation character";
  return diagnostics_.add(std::move(error));
}

bool Lexer::next(Token& token) {
  const char* marker = nullptr;
  for (;;) {
    start_ = cursor_;
    /*!re2c
      re2c:define:YYCTYPE = "unsigned char";
      re2c:define:YYCURSOR = cursor_;
      re2c:define:YYMARKER = marker;
      re2c:yyfill:enable = 0;

      digits       = [0-9] ("_"? [0-9])*;
      exponent     = [eE] [+-]? digits;
      float        = (digits? "." digits | digits ".") exponent? | digits exponent;
      decimal      = [1-9] ("_"? [0-9])* | "0" ("_"? "0")*;
      hexadecimal  = "0" [xX] ("_"? [0-9a-fA-F])+;
      octal        = "0" [oO] ("_"? [0-7])+;
      binary       = "0" [bB] ("_"? [01])+;
      name         = [a-zA-Z_\x80-\xff] [a-zA-Z0-9_\x80-\xff]*;
      prefix       = [bB] [rR]? | [rR] [bBfF]? | [uU] | [fF] [rR]?;

      [ \t\f]+                { continue; }
      "#" [^\x00\r\n]*        { continue; }
      "\\" ("\r"? "\n" | "\r")  { if (*cursor_ != '\0') continue; return fail_joined_line(); }
      "\\"                    { return fail_joined_line(); }
      "\r"? "\n" | "\r"       { return finish(token, TokenKind::NEWLINE); }
      "\x00"                  { cursor_ = start_; return finish(token, TokenKind::END); }

      prefix? ['"]            { return finish_string(token); }

      decimal                 { return finish_number(token, "decimal"); }
      float                   { return finish_number(token, "decimal"); }
      hexadecimal             { return finish_number(token, "hexadecimal"); }
      octal                   { return has_wrong_digit() ? fail_prefixed_number() : finish_number(token, "octal"); }
      binary                  { return has_wrong_digit() ? fail_prefixed_number() : finish_number(token, "binary"); }
      "0" [xXoObB]            { return fail_prefixed_number(); }
      "0" ("_"? [0-9])+       { return fail_leading_zeros(); }

      "False"        { return finish(token, TokenKind::FALSE); }
      "None"         { return finish(token, TokenKind::NONE); }
      "True"         { return finish(token, TokenKind::TRUE); }
      "and"          { return finish(token, TokenKind::AND); }
      "as"           { return finish(token, TokenKind::AS); }
      "assert"       { return finish(token, TokenKind::ASSERT); }
      "async"        { return finish(token, TokenKind::ASYNC); }
      "await"        { return finish(token, TokenKind::AWAIT); }
      "break"        { return finish(token, TokenKind::BREAK); }
      "class"        { return finish(token, TokenKind::CLASS); }
      "continue"     { return finish(token, TokenKind::CONTINUE); }
      "def"          { return finish(token, TokenKind::DEF); }
      "del"          { return finish(token, TokenKind::DEL); }
      "elif"         { return finish(token, TokenKind::ELIF); }
      "else"         { return finish(token, TokenKind::ELSE); }
      "except"       { return finish(token, TokenKind::EXCEPT); }
      "finally"      { return finish(token, TokenKind::FINALLY); }
      "for"          { return finish(token, TokenKind::FOR); }
      "from"         { return finish(token, TokenKind::FROM); }
      "global"       { return finish(token, TokenKind::GLOBAL); }
      "if"           { return finish(token, TokenKind::IF); }
      "import"       { return finish(token, TokenKind::IMPORT); }
      "in"           { return finish(token, TokenKind::IN); }
      "is"           { return finish(token, TokenKind::IS); }
      "lambda"       { return finish(token, TokenKind::LAMBDA); }
      "nonlocal"     { return finish(token, TokenKind::NONLOCAL); }
      "not"          { return finish(token, TokenKind::NOT); }
      "or"           { return finish(token, TokenKind::OR); }
      "pass"         { return finish(token, TokenKind::PASS); }
      "raise"        { return finish(token, TokenKind::RAISE); }
      "return"       { return finish(token, TokenKind::RETURN); }
      "try"          { return finish(token, TokenKind::TRY); }
      "while"        { return finish(token, TokenKind::WHILE); }
      "with"         { return finish(token, TokenKind::WITH); }
      "yield"        { return finish(token, TokenKind::YIELD); }
      name                    { return finish_name(token); }

      "+"            { return finish(token, TokenKind::PLUS); }
      "-"            { return finish(token, TokenKind::MINUS); }
      "*"            { return finish(token, TokenKind::STAR); }
      "**"           { return finish(token, TokenKind::DOUBLESTAR); }
      "/"            { return finish(token, TokenKind::SLASH); }
      "//"           { return finish(token, TokenKind::DOUBLESLASH); }
      "%"            { return finish(token, TokenKind::PERCENT); }
      "@"            { return finish(token, TokenKind::AT); }
      "<<"           { return finish(token, TokenKind::LEFTSHIFT); }
      ">>"           { return finish(token, TokenKind::RIGHTSHIFT); }
      "&"            { return finish(token, TokenKind::AMPER); }
      "|"            { return finish(token, TokenKind::BAR); }
      "^"            { return finish(token, TokenKind::CARET); }
      "~"            { return finish(token, TokenKind::TILDE); }
      ":="           { return finish(token, TokenKind::COLONEQUAL); }
      "<"            { return finish(token, TokenKind::LESS); }
      ">"            { return finish(token, TokenKind::GREATER); }
      "<="           { return finish(token, TokenKind::LESSEQUAL); }
      ">="           { return finish(token, TokenKind::GREATEREQUAL); }
      "=="           { return finish(token, TokenKind::EQUALEQUAL); }
      "!="           { return finish(token, TokenKind::NOTEQUAL); }
      "->"           { return finish(token, TokenKind::ARROW); }
      "="            { return finish(token, TokenKind::EQUAL); }
      "+="           { return finish(token, TokenKind::PLUSEQUAL); }
      "-="           { return finish(token, TokenKind::MINUSEQUAL); }
      "*="           { return finish(token, TokenKind::STAREQUAL); }
      "/="           { return finish(token, TokenKind::SLASHEQUAL); }
      "//="          { return finish(token, TokenKind::DOUBLESLASHEQUAL); }
      "%="           { return finish(token, TokenKind::PERCENTEQUAL); }
      "@="           { return finish(token, TokenKind::ATEQUAL); }
      "&="           { return finish(token, TokenKind::AMPEREQUAL); }
      "|="           { return finish(token, TokenKind::BAREQUAL); }
      "^="           { return finish(token, TokenKind::CARETEQUAL); }
      "<<="          { return finish(token, TokenKind::LEFTSHIFTEQUAL); }
      ">>="          { return finish(token, TokenKind::RIGHTSHIFTEQUAL); }
      "**="          { return finish(token, TokenKind::DOUBLESTAREQUAL); }
      "("            { return finish(token, TokenKind::LPAREN); }
      ")"            { return finish(token, TokenKind::RPAREN); }
      "["            { return finish(token, TokenKind::LSQB); }
      "]"            { return finish(token, TokenKind::RSQB); }
      "{"            { return finish(token, TokenKind::LBRACE); }
      "}"            { return finish(token, TokenKind::RBRACE); }
      ","            { return finish(token, TokenKind::COMMA); }
      ":"            { return finish(token, TokenKind::COLON); }
      "."            { return finish(token, TokenKind::DOT); }
      ";"            { return finish(token, TokenKind::SEMI); }
      "..."          { return finish(token, TokenKind::ELLIPSIS); }
      "<>"                    { return finish(token, TokenKind::STRAY); }
      [$?!`]                  { return finish(token, TokenKind::STRAY); }
      *                       { cursor_ = start_; return fail_character(); }
    */
  }
}

}  // namespace mini
