// SPDX-License-Identifier: MIT
#pragma once

// The C++ face of the parser that Lemon generates from grammar.y.

#include <cstdint>
#include <vector>

#include "interp/ast_builder.h"

namespace mini {

// One run of the parser. The first token is one of the START kinds, the last one is END; each token must stay where it is
// until the run is over.
class GrammarDriver {
 public:
  explicit GrammarDriver(AstBuilder& builder);
  ~GrammarDriver();
  GrammarDriver(const GrammarDriver&) = delete;
  GrammarDriver& operator=(const GrammarDriver&) = delete;

  // A token that does not fit is handed to the builder's reject(). Lemon reduces by default actions before it notices, so
  // the builder may have complained by then about what is merely unfinished: the rejection is the mistake to report.
  void push(const Token* token);

 private:
  void* parser_;
};

// The same automaton without values: it only answers which tokens may come next. Copies are cheap, so a caller can try a
// token on a copy. This is what error messages are made from.
class Recognizer {
 public:
  Recognizer();

  // Takes the token; false, and no longer usable, when the grammar does not allow it here.
  bool shift(TokenKind token);
  bool would_shift(TokenKind token) const { return Recognizer(*this).shift(token); }

 private:
  std::vector<uint16_t> states_;
};

}  // namespace mini
