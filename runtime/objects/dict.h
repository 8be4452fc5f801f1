// SPDX-License-Identifier: MIT
// dict: compact and ordered. `entries` holds keys, values and hashes in insertion order; `index` is an open-addressing table
// of entry numbers. A deleted entry has an Empty key until the next compaction.
//
// Inline caches remember an entry's number and check that the key still stands there, so entries never move but by
// growth or compaction. `keys_version` changes whenever a key is added or removed. `extra` is the number of entries at the
// front that are known to be deleted.
#pragma once

#include "runtime/object.h"

namespace mini {

struct DictEntry {
  Value key;
  Value value;
  uint64_t hash;
};

struct Dict : Object {
  DictEntry* entries;
  void* index;             // int8_t, int16_t or int32_t by table size
  uint64_t count;          // live entries
  uint32_t used;           // entries in use, deleted ones included
  uint32_t capacity;       // of entries
  uint32_t table_bits;     // index table has 1 << table_bits places
  uint32_t keys_version;
  uint64_t young_from;     // while the heap has marked it kGrown: entries before are old
};

extern const Layout dict_layout;

Dict* make_dict(Thread& t, size_t expected = 0);
Dict* make_dict_of(Thread& t, Type* type);                       // an empty one of dict or a subclass
// Raw access by interned string: no script code runs, nothing is raised. Empty / -1 when absent.
Value dict_get(const Dict* d, const Str* interned);
int64_t dict_find(const Dict* d, const Str* key);               // entry number, or -1; any str
void dict_set(Thread& t, Dict* d, const Str* key, Value v);
bool dict_delete(Thread& t, Dict* d, const Str* key);
// The place of the value of an int or a str, looked for without running script code. Null: there is none, or only a comparison can tell.
Value* dict_find_plain(Thread& t, Dict* d, Value key);
// Access by any key: may run __hash__ and __eq__. get: Empty when absent.
Value dict_get_item(Thread& t, Dict* d, Value key);
Value dict_set_item(Thread& t, Dict* d, Value key, Value v);    // None or Raised
// d[pairs[0]] = pairs[1] and so on; None or Raised.
Value dict_set_pairs(Thread& t, Dict* d, const Value* pairs, size_t count);
Value dict_delete_item(Thread& t, Dict* d, Value key);          // True: was there; False; Raised
// d.update(mapping or iterable of pairs); None or Raised.
Value dict_update_with(Thread& t, Dict* d, Value source);
Dict* dict_copy(Thread& t, Dict* d);
void dict_clear(Thread& t, Dict* d);
// The oldest entry, in amortised constant time even for dicts used as queues. -1: empty.
int64_t dict_first(Dict* d);
// Iteration over live entries: for (DictCursor c(d); c.next();) c.entry->...   (d must not change meanwhile)
struct DictCursor {
  explicit DictCursor(const Dict* d) : dict(d) {}
  bool next() {
    while (position < dict->used) {
      entry = &dict->entries[position++];
      if (!entry->key.is_empty()) return true;
    }
    return false;
  }
  const Dict* dict;
  uint32_t position = 0;
  DictEntry* entry = nullptr;
};

// For the collector: marks what the entries from `from` on refer to.
void dict_mark_entries(const Dict* d, Marker& marker, uint32_t from);

// hash(v) as an int64; false after raising (unhashable).
bool hash_value(Thread& t, Value v, int64_t& out);

}  // namespace mini
