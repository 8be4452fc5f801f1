// SPDX-License-Identifier: MIT
// The iterator types that are built-in functions as well: enumerate, zip, map, filter, reversed.
#pragma once

#include "runtime/object.h"

namespace mini {

extern const Layout enumerate_layout, zip_layout, map_layout, filter_layout, reversed_layout;

// iter(callable, sentinel).
Value make_callable_iterator(Thread& t, Value callable, Value sentinel);

}  // namespace mini
