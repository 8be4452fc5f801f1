// SPDX-License-Identifier: MIT
// The bytecode validator: what the VM takes for granted about a Code, checked. Debug builds run it over everything the
// compiler makes, and code that comes in over the wire format is checked with it too.
#pragma once

#include <string>

#include "runtime/code.h"

namespace mini {

// An empty text when `code` (without the code nested in it) is sound, else what is wrong with it.
std::string validate(const Code& code);

}  // namespace mini
