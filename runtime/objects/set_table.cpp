// SPDX-License-Identifier: MIT
// Searching, filling and growing the table of a set; the invariants are in set_table.h.
#include "runtime/objects/set_table.h"

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/hash_inl.h"

namespace mini {

namespace {

constexpr uint64_t kLinearProbes = 9;
constexpr uint64_t kNowhere = ~uint64_t{0};
constexpr uint64_t kAhead = 8;   // places; strs whose hashes are asked for soon are read from memory early

// Where a hash may stand: runs of places, then a jump. Visit returns true to stop.
template <class Visit>
inline void probe(uint64_t mask, int64_t hash, Visit visit) {
  uint64_t perturb = static_cast<uint64_t>(hash);
  uint64_t i = perturb & mask;
  for (;;) {
    uint64_t run = i + kLinearProbes <= mask ? kLinearProbes : 0;
    for (uint64_t k = 0; k <= run; ++k)
      if (visit(i + k)) return;
    perturb >>= 5;
    i = (i * 5 + 1 + perturb) & mask;
  }
}

size_t table_bytes(uint64_t places, bool keeps_hashes) { return places * (sizeof(Value) + (keeps_hashes ? sizeof(int64_t) : 0)); }

// Several places at once, which the compiler turns into wide stores.
void clear_places(Value* table, uint64_t places) {
  const Value free = Value::empty(), four[4] = {free, free, free, free};
  for (uint64_t i = 0; i < places; i += 4) memcpy(static_cast<void*>(table + i), four, sizeof four);
}

// `extra` is the distance of the places made with the object from its start.
Value* inside_table(Set* s) { return reinterpret_cast<Value*>(reinterpret_cast<char*>(s) + s->extra); }

void insert_clean(Set* s, Value key, int64_t hash) {
  probe(s->mask, hash, [&](uint64_t place) {
    if (!s->table[place].is_empty()) return false;
    s->table[place] = key;
    if (s->keeps_hashes) set_hashes(s)[place] = hash;
    return true;
  });
}

uint64_t places_for(uint64_t at_least) {
  uint64_t places = kSmallestSetTable;
  while (places <= at_least) places <<= 1;
  return places;
}

// Memory for a table, which is not cleared; null after raising MemoryError. The smallest one is the set's own.
Value* take_table(Thread& t, Set* s, uint64_t places, bool keeps_hashes) {
  if (places == kSmallestSetTable) return inside_table(s);
  size_t bytes = table_bytes(places, keeps_hashes);
  auto table = t.heap->can_allocate(bytes) ? static_cast<Value*>(t.heap->take_buffer(bytes)) : nullptr;
  if (table) note_finalizer(s);
  else (void)raise_memory(t);
  return table;
}

// Moves the items to a table for more than `at_least`.
bool resize(Thread& t, Set* s, uint64_t at_least) {
  uint64_t places = places_for(at_least);
  Set old = *s;
  Value copy[kSmallestSetTable + kSmallestSetTable / 2];
  if (places == kSmallestSetTable && s->table == inside_table(s)) {
    if (s->fill == s->used) return true;
    memcpy(static_cast<void*>(copy), s->table, sizeof copy);
    old.table = copy;
  }
  Value* table = take_table(t, s, places, s->keeps_hashes);
  if (!table) return false;
  s->table = table;
  s->mask = places - 1;
  s->fill = s->used;
  clear_places(table, places);
  for (uint64_t i = 0; i <= old.mask; ++i) {
    if (!s->keeps_hashes && i + kAhead <= old.mask && old.table[i + kAhead].is_object()) __builtin_prefetch(old.table[i + kAhead].object);
    if (!old.table[i].is_empty()) insert_clean(s, old.table[i], set_hash_at(&old, i));
  }
  if (old.table != copy && old.table != inside_table(s)) t.heap->give_buffer(old.table, set_table_bytes(&old));
  return true;
}

// From now on hashes are kept beside the keys.
bool keep_hashes(Thread& t, Set* s) {
  Value* table = take_table(t, s, s->mask + 1, true);
  if (!table) return false;
  if (table != s->table) memcpy(static_cast<void*>(table), s->table, table_bytes(s->mask + 1, false));
  for (uint64_t i = 0; i <= s->mask; ++i)
    if (!table[i].is_empty()) reinterpret_cast<int64_t*>(table + s->mask + 1)[i] = plain_hash(table[i]);
  if (table != s->table) set_free_table(s, *t.heap);
  s->table = table;
  s->keeps_hashes = true;
  return true;
}

enum class Found : uint8_t { No, Yes, Raised };

// A search that compares words only. `place` is the item's, or the one where it would go: the last deleted one on the way, else
// the free one.
template <class IsSame>
inline Found find_plain(const Set* s, int64_t hash, IsSame is_same, uint64_t& place) {
  const Value* table = s->table;
  uint64_t deleted = kNowhere;
  Found found = Found::No;
  probe(s->mask, hash, [&](uint64_t i) {
    const Value& key = table[i];
    if (is_same(key)) {
      found = Found::Yes;
      place = i;
      return true;
    }
    if (!key.is_empty()) return false;
    if (key.integer == kDeletedPlace) {
      deleted = i;
      return false;
    }
    place = deleted == kNowhere ? i : deleted;
    return true;
  });
  return found;
}

Found find_any(Thread& t, Set* s, Value key, int64_t hash, uint64_t& place) {
  for (;;) {
    Found found = Found::No;
    bool again = false;
    uint64_t deleted = kNowhere;
    Value* table = s->table;
    probe(s->mask, hash, [&](uint64_t i) {
      Value stored = table[i];
      if (stored.is_empty()) {
        if (stored.integer == kDeletedPlace) {
          deleted = i;
          return false;
        }
        place = deleted == kNowhere ? i : deleted;
        return true;
      }
      if (set_hash_at(s, i) != hash) return false;
      int same = quick_equal(stored, key);
      if (same < 0) {
        Value result = equal_values(t, stored, key);
        if (result.is_raised()) {
          found = Found::Raised;
          return true;
        }
        if (s->table != table || !table[i].is_same(stored)) return again = true;
        same = result.is_true();
      }
      if (!same) return false;
      found = Found::Yes;
      place = i;
      return true;
    });
    if (found == Found::No && !again && !table[place].is_empty()) continue;   // a comparison filled the place
    if (!again) return found;
  }
}

// In a table without hashes.
inline Found find_int(const Set* s, Value key, int64_t hash, uint64_t& place) {
  return find_plain(s, hash, [&](const Value& stored) { return stored.is_int() && stored.integer == key.integer; }, place);
}

inline Found find(Thread& t, Set* s, Value key, int64_t hash, uint64_t& place) {
  if (!s->keeps_hashes) {
    if (key.is_int()) return find_int(s, key, hash, place);
    if (is_exact(key, Kind::Str)) {
      auto text = static_cast<Str*>(key.object);
      return find_plain(s, hash, [&](const Value& stored) {
        if (!stored.is_object()) return false;   // else it is a str
        auto other = static_cast<Str*>(stored.object);
        return other == text || (static_cast<int64_t>(other->hash) == hash && equals(other, text));
      }, place);
    }
  }
  return find_any(t, s, key, hash, place);
}

// Puts a new key into a place that `find` gave.
Value fill_place(Thread& t, Set* s, uint64_t place, Value key, int64_t hash) {
  if (MINI_UNLIKELY(!s->keeps_hashes && !has_plain_hash(key)) && !keep_hashes(t, s)) return Value::raised();
  bool was_deleted = s->table[place].integer == kDeletedPlace;
  store(s, s->table[place], key);
  if (key.is_object()) s->flags |= kSetHoldsObjects;
  if (s->keeps_hashes) set_hashes(s)[place] = hash;
  ++s->used;
  if (was_deleted) return Value::none();
  ++s->fill;
  if (s->fill * 5 >= s->mask * 3 && !set_grow(t, s)) return Value::raised();
  return Value::none();
}

// Adds an int to a table without hashes that has room: find_plain() and fill_place() in one.
void add_int(Set* s, Value key) {
  Value* table = s->table;
  Value* deleted = nullptr;
  probe(s->mask, hash_int64(key.integer), [&](uint64_t i) {
    Value& at = table[i];
    if (at.is_int() && at.integer == key.integer) return true;
    if (!at.is_empty()) return false;
    if (at.integer == kDeletedPlace) {
      deleted = &at;
      return false;
    }
    s->fill += deleted == nullptr;
    *(deleted ? deleted : &at) = key;
    ++s->used;
    return true;
  });
}

// The items of `other`, which has no deleted places, become those of an empty set, place by place.
bool copy_table(Thread& t, Set* s, const Set* other) {
  Value* table = take_table(t, s, other->mask + 1, other->keeps_hashes);
  if (!table) return false;
  if (s->table != table) set_free_table(s, *t.heap);
  s->table = table;
  s->mask = other->mask;
  s->keeps_hashes = other->keeps_hashes;
  memcpy(static_cast<void*>(table), other->table, set_table_bytes(other));
  s->fill = s->used = other->used;
  s->flags |= other->flags & kSetHoldsObjects;
  note_write(s);
  return true;
}

}  // namespace

size_t set_table_bytes(const Set* s) { return table_bytes(s->mask + 1, s->keeps_hashes); }
size_t inside_table_bytes() { return table_bytes(kSmallestSetTable, true); }

void init_table(Set* s, Value* inside) {
  s->table = inside;
  s->extra = static_cast<uint32_t>(reinterpret_cast<char*>(inside) - reinterpret_cast<char*>(s));
  s->mask = kSmallestSetTable - 1;
  s->fill = s->used = 0;
  s->finger = 0;
  s->keeps_hashes = false;
  clear_places(s->table, kSmallestSetTable);
}

Value set_add_hashed(Thread& t, Set* s, Value key, int64_t hash) {
  uint64_t place;
  switch (find(t, s, key, hash, place)) {
    case Found::Yes: return Value::none();
    case Found::Raised: return Value::raised();
    case Found::No: break;
  }
  return fill_place(t, s, place, key, hash);
}

bool set_add_plain(Thread& t, Set* s, Value key) {
  bool grows = (s->fill + 1) * 5 >= s->mask * 3;
  if (s->keeps_hashes || grows) return false;
  if (key.is_int()) {
    add_int(s, key);
    return true;
  }
  int64_t hash;
  (void)hash_of(t, key, hash);
  uint64_t place;
  return find(t, s, key, hash, place) == Found::Yes || !fill_place(t, s, place, key, hash).is_raised();
}

Value set_add_other(Thread& t, Set* s, Value key, int64_t hash) {
  if (s->keeps_hashes || !has_plain_hash(key)) return set_add_hashed(t, s, key, hash);
  uint64_t place = 0;
  probe(s->mask, hash, [&](uint64_t i) {
    place = i;
    return s->table[i].is_empty();
  });
  return fill_place(t, s, place, key, hash);
}

Value set_contains_hashed(Thread& t, Set* s, Value key, int64_t hash) {
  uint64_t place;
  Found found = find(t, s, key, hash, place);
  return found == Found::Raised ? Value::raised() : Value::of_bool(found == Found::Yes);
}

Value set_discard_hashed(Thread& t, Set* s, Value key, int64_t hash) {
  uint64_t place;
  Found found = find(t, s, key, hash, place);
  if (found == Found::Raised) return Value::raised();
  if (found == Found::No) return Value::of_bool(false);
  s->table[place].tag = Tag::Empty;
  s->table[place].integer = kDeletedPlace;
  --s->used;
  return Value::of_bool(true);
}

bool set_grow(Thread& t, Set* s) { return resize(t, s, s->used > 50000 ? s->used * 2 : s->used * 4); }

bool set_reserve(Thread& t, Set* s, uint64_t more) {
  return (s->fill + more) * 5 < s->mask * 3 || resize(t, s, (s->used + more) * 2);
}

bool set_add_shared(Thread& t, Set* result, Set* walked, Set* other, bool wanted) {
  SetItem item;
  for (uint64_t i = 0; next_item(walked, i, item);) {
    uint64_t place;
    if (item.key.is_int() && !other->keeps_hashes) {
      if ((find_int(other, item.key, item.hash, place) == Found::Yes) != wanted) continue;
    } else {
      Found found = find(t, other, item.key, item.hash, place);
      if (found == Found::Raised) return false;
      if ((found == Found::Yes) != wanted) continue;
    }
    if (set_add_other(t, result, item.key, item.hash).is_raised()) return false;
  }
  return true;
}

bool set_toggle_all(Thread& t, Set* s, Set* other) {
  SetItem item;
  for (uint64_t i = 0; next_item(other, i, item);) {
    uint64_t place;
    bool is_plain = item.key.is_int() && !s->keeps_hashes;
    Found found = is_plain ? find_int(s, item.key, item.hash, place) : find(t, s, item.key, item.hash, place);
    if (found == Found::Raised) return false;
    if (found == Found::Yes) {
      s->table[place].tag = Tag::Empty;
      s->table[place].integer = kDeletedPlace;
      --s->used;
    } else if ((is_plain ? fill_place(t, s, place, item.key, item.hash) : set_add_hashed(t, s, item.key, item.hash)).is_raised()) {
      return false;
    }
  }
  return true;
}

bool set_add_all(Thread& t, Set* s, Set* other) {
  if (other == s || other->used == 0) return true;
  bool is_copy = s->fill == 0 && other->fill == other->used;
  bool is_enough = (s->fill + other->used) * 5 < s->mask * 3;
  if (is_copy && (is_enough ? s->mask + 1 : places_for(other->used * 2)) == other->mask + 1) return copy_table(t, s, other);
  if (!set_reserve(t, s, other->used)) return false;
  SetItem item;
  if (s->fill == 0) {   // items of a set differ: no key is compared
    if (other->keeps_hashes && !s->keeps_hashes && !keep_hashes(t, s)) return false;
    for (uint64_t i = 0; next_item(other, i, item);) insert_clean(s, item.key, item.hash);
    s->fill = s->used = other->used;
    s->flags |= other->flags & kSetHoldsObjects;
    note_write(s);
    return true;
  }
  for (uint64_t i = 0; next_item(other, i, item);) {
    if (item.key.is_int() && !s->keeps_hashes) add_int(s, item.key);
    else if (set_add_hashed(t, s, item.key, item.hash).is_raised()) return false;
  }
  return true;
}

void set_clear_table(Thread& t, Set* s) {
  set_free_table(s, *t.heap);
  s->table = inside_table(s);
  s->mask = kSmallestSetTable - 1;
  s->fill = s->used = 0;
  s->keeps_hashes = false;
  clear_places(s->table, kSmallestSetTable);
}

void set_free_table(Set* s, Heap& heap) {
  if (s->table != inside_table(s)) heap.give_buffer(s->table, set_table_bytes(s));
}

void set_take_table(Thread& t, Set* s, Set* source) {
  set_clear_table(t, s);
  s->keeps_hashes = source->keeps_hashes;
  if (source->table == inside_table(source)) {
    memcpy(static_cast<void*>(s->table), source->table, inside_table_bytes());
  } else {
    s->table = source->table;
    s->mask = source->mask;
    note_finalizer(s);
    source->table = inside_table(source);
    source->mask = kSmallestSetTable - 1;
  }
  s->fill = source->fill;
  s->used = source->used;
  s->flags |= source->flags & kSetHoldsObjects;
  note_write(s);
  source->keeps_hashes = false;
  set_clear_table(t, source);
}

}  // namespace mini
