// SPDX-License-Identifier: MIT
// Errors that no caller can catch: those of __del__ methods and of callbacks of weak references.
#pragma once

#include "runtime/object.h"

namespace mini {

// Hands the exception in flight to sys.unraisablehook; `object` is the function that raised it.
void report_unraisable_in(Thread& t, Value object);

}  // namespace mini
