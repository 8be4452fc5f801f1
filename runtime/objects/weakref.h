// SPDX-License-Identifier: MIT
// weakref.ref as scripts see it. The struct is the heap's (heap.h).
#pragma once

#include "runtime/heap.h"

namespace mini {

extern const Layout weak_reference_layout;

}  // namespace mini
