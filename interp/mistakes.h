// SPDX-License-Identifier: MIT
#pragma once

// Says what is wrong with a program that the parser refused. Wrong text is read a second time by the grammar of
// mistakes_grammar.cpp, which knows what people write by accident, as CPython does: first without its mistakes, to learn how far
// the text makes sense, then with them. What a token could not be made of counts as a mistake when the matcher gets to that
// place, or when nothing before it had a cause of its own.

#include <string>

#include "interp/diagnostics.h"
#include "interp/layout.h"
#include "interp/peg.h"

namespace mini {

const Peg& mistakes_grammar();

// `laid_out` begins with a START token. Text that the tokens could not be made of to the end comes with the error that
// stopped them, else `token_error` is null. True when a mistake was found; it is then in `diagnostics`.
bool explain_mistake(const Source& source, const LaidOutTokens& laid_out, const Diagnostic* token_error, Diagnostics& diagnostics);

// The same for the expression in a field of an f-string, which is shown alone and in parentheses.
bool explain_fragment_mistake(const Source& source, Span fragment, Diagnostics& diagnostics);

}  // namespace mini
