// SPDX-License-Identifier: MIT
// --stats: what the collector and the GIL did, as a table on stderr when the program has ended.
#pragma once

#include <cstdint>
#include <string>

namespace mini {

struct Interpreter;

// Times in milliseconds, memory in kilobytes. `run_ns` is how long the program ran. The caller holds the GIL.
std::string stats_report(Interpreter& interpreter, uint64_t run_ns);

}  // namespace mini
