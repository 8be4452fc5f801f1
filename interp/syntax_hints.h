// SPDX-License-Identifier: MIT
#pragma once

// Finds the words for a token that the grammar could not take. The grammar only knows that it stopped; here its automaton,
// without values, tries what the text around that token would have been, and the first rule that fits gives the message.
// The rules and their order are CPython's.

#include <cstddef>
#include <string>
#include <vector>

#include "interp/diagnostics.h"
#include "interp/layout.h"

namespace mini {

// `laid_out` begins with a START token; `rejected` is the index of the token that did not fit. `prefix` comes before the
// message ("f-string: ").
void explain_rejection(const Source& source, const LaidOutTokens& laid_out, size_t rejected, const std::string& prefix, Diagnostics& diagnostics);

}  // namespace mini
