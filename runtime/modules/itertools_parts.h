// SPDX-License-Identifier: MIT
// What the two files of the itertools module share. itertools_combine.cpp has the combinatoric types, itertools.cpp all others
// and the module itself.
#pragma once

#include "runtime/objects/type.h"

namespace mini {

extern const Layout product_layout, permutations_layout, combinations_layout, combinations_with_replacement_layout;

// A new object for `__new__`: args[0] is the class.
template <class T>
T* new_object(Thread& t, Value cls) {
  return static_cast<T*>(allocate_object(t, as<Type>(cls)));
}

}  // namespace mini
