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

}  // namespace mini
