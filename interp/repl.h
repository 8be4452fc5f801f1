// SPDX-License-Identifier: MIT
//
// The prompt: reads a statement, runs it in __main__, prints the value of an expression, and goes on whatever happens.
//
// Values are printed by sys.displayhook, which the compiler calls for expression statements in Single mode. Ctrl-C clears
// the statement being typed or interrupts the running one; end of input leaves. The caller holds the GIL; it is given
// up while waiting for a key.
#pragma once

#include "runtime/thread.h"

namespace mini {

enum class StatementState : uint8_t {
  Complete,    // run it (a syntax error counts: running shows it)
  Incomplete,  // ask for one more line
};

// Whether `text`, whole lines typed so far, is a statement to run. As in Python a block ends with an empty line.
StatementState statement_state(const std::string& text);

// Runs the prompt until the input ends or SystemExit is raised. Returns None, or Raised with SystemExit in flight.
Value run_prompt(Thread& t, bool prints_banner);

}  // namespace mini
