// SPDX-License-Identifier: MIT
#pragma once

// Reads f-strings. The scanner takes an f-string for one token; its replacement fields are found here, in the text itself,
// and each expression runs through the scanner and the parser again with the spans of its true place.

#include <vector>

#include "interp/ast_builder.h"
#include "interp/string_literals.h"

namespace mini {

// The JoinedStr for a run of joined literals of which at least one is an f-string. `span` covers the run.
ast::Expr* read_fstring(AstBuilder& build, const std::vector<StringLiteral>& literals, Span span);

}  // namespace mini
