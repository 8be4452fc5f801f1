// SPDX-License-Identifier: MIT
// What the two files of the itertools module share. itertools_combine.cpp has the combinatoric types, itertools.cpp all others
// and the module itself.
#pragma once

#include "runtime/heap.h"
#include "runtime/objects/type.h"
#include "runtime/thread.h"

namespace mini {

extern const Layout product_layout, permutations_layout, combinations_layout, combinations_with_replacement_layout;

// Is there memory for so many values?
inline bool has_room_for_places(Thread& t, int64_t n) { return n < (int64_t{1} << 40) && t.heap->can_allocate(n * sizeof(Value)); }

// A new object for `__new__`: args[0] is the class.
template <class T>
T* new_object(Thread& t, Value cls) {
  return static_cast<T*>(allocate_object(t, as<Type>(cls)));
}

}  // namespace mini
