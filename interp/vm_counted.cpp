// SPDX-License-Identifier: MIT
// The loop of vm.cpp once more, with counts: run() comes here when the interpreter has a VmCounts.
#define MINI_COUNTING_VM 1
#include "interp/vm.cpp"
