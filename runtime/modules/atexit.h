// SPDX-License-Identifier: MIT
// The end of the interpreter runs what atexit.register collected.
#pragma once

namespace mini {

struct Thread;

// Last registered first; errors are reported and do not stop the others.
void run_exit_functions(Thread& t);

}  // namespace mini
