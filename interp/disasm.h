// SPDX-License-Identifier: MIT
// The disassembler: code as text, for --dump=code, the `dis` module and the tests.
#pragma once

#include <string>

#include "runtime/code.h"

namespace mini {

// The whole of `code`, then, `with_nested`, every code nested in it.
std::string disassemble(const Code& code, bool with_nested = true);
// One instruction without its number: "ADD_INT a, b, 1".
std::string disassemble_instruction(const Code& code, uint32_t index);

}  // namespace mini
