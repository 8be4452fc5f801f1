// SPDX-License-Identifier: MIT
// The virtual machine: runs the innermost frame of a thread until its entry frame is done.
#pragma once

#include "runtime/calls.h"
#include "runtime/frame.h"
#include "runtime/thread.h"

namespace mini {

enum class Entry : uint8_t { Run, Raise };   // Raise: begins by raising t.exception in the innermost frame

// Runs from t.frame on. Ends when the frame marked kFrameEntry returns, yields or is left by an exception; the value is then in
// that frame's result. No native recursion for script calls. A std::bad_alloc from native code is a MemoryError in the frame that called it.
Outcome run(Thread& t, Entry entry = Entry::Run);
// The loop itself, for run() alone.
Outcome run_loop(Thread& t, Entry entry);

}  // namespace mini
