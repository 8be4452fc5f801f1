// SPDX-License-Identifier: MIT
// The descriptor behind a field of a named tuple: gives one item of the tuple. The VM's attribute access knows it.
#pragma once

#include "runtime/object.h"

namespace mini {

struct TupleGetter : Object {
  uint64_t index;
  Value doc;
};

extern const Layout tuplegetter_layout;

}  // namespace mini
