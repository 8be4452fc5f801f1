// SPDX-License-Identifier: MIT
// What the collector needs to scan a native stack conservatively: where it ends now, and the registers that a value may
// live in alone. A thread publishes both whenever it gives up the GIL, so that another thread's collection sees them.
#pragma once

#include <csetjmp>

namespace mini {

// Room for the callee-saved registers. Lies on the native stack, inside the part that is scanned.
struct SpilledRegisters {
#if defined(__x86_64__)
  void* words[6];
#else
  jmp_buf words;
#endif
};

// Writes the callee-saved registers to `area`. Must be inlined: in a function of its own the compiler could already have
// moved the caller's values aside. Naming the other registers as clobbered leaves nothing alive in them at this point.
[[gnu::always_inline]] inline void spill_registers(SpilledRegisters& area) {
#if defined(__x86_64__)
  asm volatile(
      "movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\t"
      "movq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)"
      :
      : "a"(area.words)
      : "memory", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11");
#else
  (void)setjmp(area.words);
#endif
}

}  // namespace mini
