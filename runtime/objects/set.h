// SPDX-License-Identifier: MIT
// set and frozenset: CPython's open-addressing table with linear probes, so that sets of numbers iterate in CPython's order.
#pragma once

#include "runtime/object.h"

namespace mini {

struct SetEntry {
  Value key;          // Empty: free; a deleted place has hash -1 and an Empty key
  int64_t hash;
};

struct Set : Object {
  SetEntry* table;
  uint64_t mask;
  uint64_t fill;      // used plus deleted
  uint64_t used;
  int64_t hash;       // frozenset only; -1: not computed
};

extern const Layout set_layout, frozenset_layout;

Set* make_set(Thread& t, bool is_frozen = false);
Value set_add_item(Thread& t, Set* s, Value v);          // None or Raised
Value set_contains_item(Thread& t, Set* s, Value v);     // Bool or Raised
Value set_update_with(Thread& t, Set* s, Value iterable);   // None or Raised

}  // namespace mini
