// SPDX-License-Identifier: MIT
// What the `__reduce__` and `__setstate__` of iterators share: by them copy and pickle take iterators apart.
#pragma once

#include <initializer_list>

#include "runtime/object.h"

namespace mini {

// (iter, (source,)) or, with a position, (iter, (source,), position): for iterators that `iter` makes.
Value reduced_iterator(Thread& t, Value source, Value position = Value::empty());
// (class of self, args[, state]): for those that their class makes.
Value reduced_object(Thread& t, Value self, std::initializer_list<Value> args, Value state = Value::empty());
// The position that `__setstate__` was given, brought into [least, most]; false after raising.
bool given_position(Thread& t, Value v, int64_t least, int64_t most, int64_t& out);

inline constexpr const char* kReduceHelp = "Return state information for pickling.";
inline constexpr const char* kSetStateHelp = "Set state information for unpickling.";

}  // namespace mini
