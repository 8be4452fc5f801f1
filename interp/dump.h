// SPDX-License-Identifier: MIT
//
// --dump=STAGE: prints one stage of a program instead of running it.
#pragma once

#include <string>

#include "interp/command_line.h"
#include "runtime/thread.h"

namespace mini {

// Prints the stage of this text on stdout; a syntax error goes to stderr as when the program is run. Returns the exit status.
int dump_program(Thread& t, DumpStage stage, const std::string& name, const std::string& bytes);

}  // namespace mini
