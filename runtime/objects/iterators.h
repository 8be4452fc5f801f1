// SPDX-License-Identifier: MIT
// The iterator types that are built-in functions as well: enumerate, zip, map, filter, reversed.
#pragma once

#include <initializer_list>

#include "runtime/object.h"

namespace mini {

extern const Layout enumerate_layout, zip_layout, map_layout, filter_layout, reversed_layout;

// What an iterator's __reduce__ gives: (a built-in function, its arguments, and with a state that as well).
Value reduced_iterator(Thread& t, const char* maker, std::initializer_list<Value> arguments, Value state = Value::empty());
// The position that a __setstate__ got, at most `limit` and at least `least`; false after raising.
bool position_argument(Thread& t, Value v, int64_t least, int64_t limit, int64_t& out);

// iter(callable, sentinel).
Value make_callable_iterator(Thread& t, Value callable, Value sentinel);

}  // namespace mini
