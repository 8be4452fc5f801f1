// SPDX-License-Identifier: MIT
#pragma once

// The scanner: text in, one token at a time out. It knows the shape of every token and nothing about blocks or brackets;
// the layout filter builds those on top. Comments, blanks and joined lines (`\` at the line end) vanish here, and every
// physical line end that is left comes out as NEWLINE. Written in re2c; the text's trailing NUL is the sentinel.

#include <cstdint>
#include <string>

#include "interp/diagnostics.h"
#include "interp/source.h"

namespace mini {

enum class TokenKind : uint8_t {
#define TOKEN(name, spelling) name,
#include "interp/tokens.def"
#undef TOKEN
};

const char* token_name(TokenKind kind);      // "LPAREN"
const char* token_spelling(TokenKind kind);  // "("

struct Token {
  TokenKind kind = TokenKind::END;
  Span span = {};
};

class Lexer {
 public:
  // Scans `text`, which ends in NUL and is a copy of the source's bytes from offset `base` on; for a whole file that is the
  // source's own text and 0. Spans and messages are those of the source.
  Lexer(const Source& source, const char* text, uint32_t base, Diagnostics& diagnostics);

  // The next token, END for ever once the text is used up. False after an error, which is then in the diagnostics.
  bool next(Token& token);
  // Where the token begins that could not be scanned.
  uint32_t start() const { return offset_of(start_); }

 private:
  bool finish(Token& token, TokenKind kind);
  bool finish_name(Token& token);
  bool finish_number(Token& token, const char* what);
  bool finish_string(Token& token);
  bool fail_number(const char* message);
  bool has_wrong_digit() const;
  bool fail_prefixed_number();
  bool fail_leading_zeros();
  bool fail_string(bool is_triple);
  bool fail_character();
  bool fail_joined_line();
  bool fail_at(const char* place, std::string message);
  uint32_t offset_of(const char* place) const { return base_ + static_cast<uint32_t>(place - text_); }

  const Source& source_;
  const char* text_;
  uint32_t base_;
  Diagnostics& diagnostics_;
  const char* start_;   // of the token being scanned
  const char* cursor_;  // after it
};

}  // namespace mini
