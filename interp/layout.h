// SPDX-License-Identifier: MIT
#pragma once

// The token filter between scanner and parser. It turns line ends and leading blanks into NEWLINE, INDENT and DEDENT,
// drops them inside brackets, and checks that brackets pair up. It also decides what needs more than the parser's one
// token of lookahead: whether `match` and `case` are keywords where they stand, and whether the parenthesis after
// `with` holds with-items.
//
// All tokens are made before parsing begins. As in CPython an error of this stage anywhere in the text goes before most errors
// of the grammar, but for those that wait until the parser gets there (see TextProblem): wrong indentation, for example.

#include <vector>

#include "interp/lexer.h"

namespace mini {

struct LaidOutTokens {
  std::vector<Token> tokens;  // the last one is END
  // The innermost bracket that is still open at the end, or where an error ended the tokens. The parser decides whether that or an earlier mistake
  // is the error to report.
  bool has_unclosed = false;
  Token unclosed = {};
};

// False when the diagnostics hold an error; `out` then has the tokens before it.
bool lay_out(const Source& source, LaidOutTokens& out, Diagnostics& diagnostics);

// The tokens of an expression inside an f-string, where line ends do not count.
bool lay_out_fragment(const Source& source, Span fragment, LaidOutTokens& out, Diagnostics& diagnostics);

}  // namespace mini
