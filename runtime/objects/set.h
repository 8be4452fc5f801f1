// SPDX-License-Identifier: MIT
// set and frozenset: CPython's open-addressing table with linear probes, so that sets of numbers iterate in CPython's order.
// The table itself is in set_table.h.
#pragma once

#include "runtime/object.h"

namespace mini {

// A new set's eight places lie behind the object (behind the attributes in a subclass); a grown table is a buffer.
struct Set : Object {
  Value* table;        // one key for each place, then their hashes if `keeps_hashes`
  uint64_t mask;
  uint64_t fill;       // used plus deleted
  uint64_t used;
  int64_t hash;        // frozenset only; -1: not computed
  uint32_t finger;     // where pop() looks next
  bool keeps_hashes;   // else every item is an int or a str, which give their hash at once
};

extern const Layout set_layout, frozenset_layout;

Set* make_set(Thread& t, bool is_frozen = false);
Value set_add_item(Thread& t, Set* s, Value v);          // None or Raised
Value set_contains_item(Thread& t, Set* s, Value v);     // Bool or Raised
Value set_discard_item(Thread& t, Set* s, Value v);      // True: was there; False; Raised
Set* set_copy(Thread& t, const Set* s);
Value set_update_with(Thread& t, Set* s, Value iterable);   // None or Raised
size_t set_table_bytes(const Set* s);

}  // namespace mini
