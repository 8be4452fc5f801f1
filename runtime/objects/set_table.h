// SPDX-License-Identifier: MIT
// The table of a set: keys in open addressing, in CPython's order of probing and growth, step by step, so that scripts print
// the same; change none of that for taste. Methods and operators are in set.cpp.
//
// A place is Empty or holds a key. Hashes of ints and strs cost nothing to ask for, so a table keeps hashes only once it has held
// another key: they lie behind the keys, in the same buffer. A search for an int or a str in a table without hashes compares
// words and runs no script code. Any other comparison may change the set: a search remembers the table and begins again when it
// changed; loops over a table take position and table from the set in every round.
#pragma once

#include "runtime/objects/hash.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

inline constexpr uint64_t kSmallestSetTable = 8;
inline constexpr int64_t kDeletedPlace = 1;          // `integer` of an Empty key; 0: the place is free

// Set in the flags of a set that may have objects as items: others need no tracing.
inline constexpr uint8_t kSetHoldsObjects = kFrozenBySelf;

inline int64_t* set_hashes(const Set* s) { return reinterpret_cast<int64_t*>(s->table + s->mask + 1); }
inline bool has_plain_hash(Value v) { return v.is_int() || is_exact(v, Kind::Str); }
inline int64_t plain_hash(Value v) { return v.is_int() ? hash_int64(v.integer) : static_cast<int64_t>(static_cast<Str*>(v.object)->hash); }
// Of the key in a place that is not Empty.
inline int64_t set_hash_at(const Set* s, uint64_t place) {
  return s->keeps_hashes ? set_hashes(s)[place] : plain_hash(s->table[place]);
}

struct SetItem {
  Value key;
  int64_t hash;
};

// The next item from `position` on; it is copied, so that the set may change.
inline bool next_item(const Set* s, uint64_t& position, SetItem& out) {
  while (position <= s->mask) {
    uint64_t place = position++;
    if (s->table[place].is_empty()) continue;
    out.key = s->table[place];
    out.hash = set_hash_at(s, place);
    return true;
  }
  return false;
}

// Whether the places made with the object are still enough.
inline bool is_inside(const Set* s) { return s->mask == kSmallestSetTable - 1; }
void init_table(Set* s, Value* inside);                // of a new object; `inside` are the places made with it
size_t inside_table_bytes();                           // what these take
Value set_add_hashed(Thread& t, Set* s, Value key, int64_t hash);        // None or Raised
// Adds an int or a str without running script code. False: nothing was done, because there are other keys, or no memory.
bool set_add_plain(Thread& t, Set* s, Value key);
Value set_contains_hashed(Thread& t, Set* s, Value key, int64_t hash);   // Bool or Raised
Value set_discard_hashed(Thread& t, Set* s, Value key, int64_t hash);    // Bool or Raised
// As set_add_hashed, for a key that the caller took out of another set, in which all keys differ; the set has lost none.
Value set_add_other(Thread& t, Set* s, Value key, int64_t hash);
// Adds all items of another set. False after raising.
bool set_add_all(Thread& t, Set* s, Set* other);
// Adds those items of `walked`, which may change meanwhile, that are in `other`, or those that are not, to `result`, which has none of them. False
// after raising.
bool set_add_shared(Thread& t, Set* result, Set* walked, Set* other, bool wanted);
// Discards the items of `other` from a set, which must be another one, or adds those that are not there. False after raising.
bool set_toggle_all(Thread& t, Set* s, Set* other);
bool set_grow(Thread& t, Set* s);                      // to what its items need; drops deleted places; false after raising MemoryError
bool set_reserve(Thread& t, Set* s, uint64_t more);    // for that many further items; false after raising MemoryError
void set_clear_table(Thread& t, Set* s);
void set_free_table(Set* s, Heap& heap);
void set_take_table(Thread& t, Set* s, Set* source);   // `source`, which nobody else knows, is empty afterwards

}  // namespace mini
