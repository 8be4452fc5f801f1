// SPDX-License-Identifier: MIT
// The way into the loop of vm.cpp, or into the counting one.
//
// Here, and where the collector itself has no room, a C++ exception is caught: std::bad_alloc, which any native code may throw when the system
// gives no memory (see run_out_of_memory() in runtime/heap.h). What native code had begun is dropped on the way; the frame on top is the one
// that called it, because code that pushes an entry frame runs it in a run() of its own.
#include <new>

#include "interp/vm.h"
#include "interp/vm_counts.h"
#include "runtime/interpreter.h"

namespace mini {

Outcome run(Thread& t, Entry entry) {
  int disabled = t.heap->disabled_depth();
  for (;;) {
    try {
      return MINI_UNLIKELY(t.interpreter->vm_counts != nullptr) ? run_counted(t, entry) : run_loop(t, entry);
    } catch (const std::bad_alloc&) {
      t.heap->recover(disabled);
      (void)raise_memory(t);
      entry = Entry::Raise;
    }
  }
}

}  // namespace mini
