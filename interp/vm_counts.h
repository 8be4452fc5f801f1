// SPDX-License-Identifier: MIT
// What the VM counts for `--stats`: instructions, pairs of them, and inline caches that did not know the answer.
//
// The counting loop is a second copy of vm.cpp (vm_counted.cpp). A run without counts executes none of its instructions.
#pragma once

#include <cstdint>

#include "interp/opcode.h"
#include "interp/vm.h"

namespace mini {

struct VmCounts {
  uint64_t instructions[kOpCount] = {};
  uint64_t pairs[kOpCount][kOpCount] = {};   // [first][second]
  uint64_t misses[kOpCount] = {};            // of the instruction's inline cache
  uint8_t previous = 0;
};

Outcome run_counted(Thread& t, Entry entry);

}  // namespace mini
