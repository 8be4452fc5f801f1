// SPDX-License-Identifier: MIT
// deque: the double-ended queue of collections.
#pragma once

#include "runtime/object.h"

namespace mini {

// A ring: item i stands at items[(head + i) & (capacity - 1)].
struct Deque : Object {
  Value* items;          // malloc'd; null while empty
  uint64_t capacity;     // a power of two, or 0
  uint64_t head;
  uint64_t length;
  int64_t limit;         // maxlen; -1: none
  uint64_t version;      // changes with every change of length: iterators look at it
};

extern const Layout deque_layout;

}  // namespace mini
