// SPDX-License-Identifier: MIT
// MINI_ASSERT: a claim about our own code. It is checked in debug builds and costs nothing in release
// builds. Script errors and failures of the system are never reported this way.
#pragma once

namespace mini {
[[noreturn]] void assertion_failed(const char* file, int line, const char* condition, const char* sentence);
}

#if MINI_DEBUG
#define MINI_ASSERT(condition, sentence) \
  ((condition) ? (void)0 : ::mini::assertion_failed(__FILE__, __LINE__, #condition, sentence))
#define MINI_UNREACHABLE() ::mini::assertion_failed(__FILE__, __LINE__, "unreachable", "this line is never reached")
#else
#define MINI_ASSERT(condition, sentence) ((void)0)
#define MINI_UNREACHABLE() __builtin_unreachable()
#endif
