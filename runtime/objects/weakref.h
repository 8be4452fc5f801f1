// SPDX-License-Identifier: MIT
// weakref.ref: points at an object without keeping it alive. The heap clears `target` when the object dies.
#pragma once

#include "runtime/object.h"

namespace mini {

struct WeakReference : Object {
  Object* target;       // null: dead
  Value callback;       // None: no callback
  int64_t hash;         // of the target, kept once asked; -1: unknown
};

extern const Layout weak_reference_layout;

}  // namespace mini
