// SPDX-License-Identifier: MIT
// dict: compact and ordered. One malloc'd block holds the entries in insertion order, then the index table, an open-addressing
// table of entry numbers. Views and iterators are in dict_views.cpp.
//
// Comparing keys may run script code that changes the very dict being searched. A search therefore remembers the entries'
// address and `keys_version`, and begins again when either changed. Strings and small numbers never get there.
#include "runtime/objects/dict.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict_views.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/hash_inl.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

// --- Hashing ---

bool hash_value(Thread& t, Value v, int64_t& out) {
  switch (v.tag) {
    case Tag::Int:
    case Tag::Bool: out = hash_int64(v.integer); return true;
    case Tag::Float: out = hash_double(v.number); return true;
    case Tag::None: out = kNoneHash; return true;
    default: break;
  }
  if (MINI_LIKELY(is_exact(v, Kind::Str))) {
    uint64_t known = as<Str>(v)->hash;
    out = static_cast<int64_t>(MINI_LIKELY(known != 0) ? known : hash_str(as<Str>(v)));
    return true;
  }
  auto hash = type_of(v.object)->ops.hash;
  if (!hash) {
    (void)raise_unhashable(t, v);
    return false;
  }
  Value result = hash(t, v);
  if (result.is_raised()) return false;
  MINI_ASSERT(result.is_int(), "the hash entry of a type gives an int");
  out = result.integer == -1 ? -2 : result.integer;
  return true;
}

// --- The table ---

namespace {

constexpr int64_t kFree = -1;       // in the index: never used
constexpr int64_t kDeleted = -2;    // in the index: was used
constexpr uint32_t kSmallestBits = 3;

uint32_t entries_for(uint32_t bits) { return static_cast<uint32_t>((uint64_t{2} << bits) / 3); }
size_t index_width(uint32_t bits) { return bits <= 7 ? 1 : bits <= 15 ? 2 : 4; }
size_t block_bytes(uint32_t bits) { return entries_for(bits) * sizeof(DictEntry) + (index_width(bits) << bits); }

inline int64_t index_at(const Dict* d, uint64_t place) {
  if (d->table_bits <= 7) return static_cast<const int8_t*>(d->index)[place];
  if (d->table_bits <= 15) return static_cast<const int16_t*>(d->index)[place];
  return static_cast<const int32_t*>(d->index)[place];
}

inline void set_index(Dict* d, uint64_t place, int64_t entry) {
  if (d->table_bits <= 7) static_cast<int8_t*>(d->index)[place] = static_cast<int8_t>(entry);
  else if (d->table_bits <= 15) static_cast<int16_t*>(d->index)[place] = static_cast<int16_t>(entry);
  else static_cast<int32_t*>(d->index)[place] = static_cast<int32_t>(entry);
}

// The places that a hash visits, in order.
struct Probe {
  uint64_t place, perturb, mask;
  Probe(uint64_t hash, uint32_t bits) : perturb(hash), mask((uint64_t{1} << bits) - 1) { place = hash & mask; }
  void advance() {
    perturb >>= 5;
    place = (place * 5 + perturb + 1) & mask;
  }
};

void insert_index(Dict* d, uint64_t hash, int64_t entry) {
  Probe probe(hash, d->table_bits);
  while (index_at(d, probe.place) >= 0) probe.advance();
  set_index(d, probe.place, entry);
}

// The place in the index that holds this entry number.
uint64_t place_of(const Dict* d, int64_t entry) {
  Probe probe(d->entries[entry].hash, d->table_bits);
  while (index_at(d, probe.place) != entry) probe.advance();
  return probe.place;
}

Heap& heap_of(Dict* d) { return *type_of(d)->interpreter->heap; }

// The smallest table, behind a dict that was made for a few items. It stays unused once the dict has outgrown it.
DictEntry* inside_block(Dict* d) { return reinterpret_cast<DictEntry*>(d + 1); }
bool owns_block(Dict* d) { return d->entries && d->entries != inside_block(d); }

void free_block(Dict* d) {
  if (owns_block(d)) heap_of(d).give_buffer(d->entries, block_bytes(d->table_bits));
}

void reset(Dict* d) {
  d->entries = nullptr;
  d->index = nullptr;
  d->count = 0;
  d->used = d->capacity = d->table_bits = 0;
  d->extra = 0;
}

// An empty table of the smallest size.
void use_inside_block(Dict* d) {
  d->entries = inside_block(d);
  d->capacity = entries_for(kSmallestBits);
  d->table_bits = kSmallestBits;
  d->index = d->entries + d->capacity;
  memset(d->index, 0xff, size_t{1} << kSmallestBits);
}

// A new block with room for `wanted` live entries; deleted ones are dropped.
void rebuild(Dict* d, uint64_t wanted) {
  uint32_t bits = kSmallestBits;
  while (entries_for(bits) < wanted) ++bits;
  auto block = static_cast<char*>(heap_of(d).take_buffer(block_bytes(bits)));
  auto entries = reinterpret_cast<DictEntry*>(block);
  uint32_t used = 0;
  for (uint32_t i = 0; i < d->used; ++i)
    if (!d->entries[i].key.is_empty()) entries[used++] = d->entries[i];
  free_block(d);
  if (used != d->used) forget_growth(d, d->young_from);
  d->entries = entries;
  d->capacity = entries_for(bits);
  d->used = used;
  d->extra = 0;
  d->table_bits = bits;
  d->index = block + d->capacity * sizeof(DictEntry);
  memset(d->index, 0xff, index_width(bits) << bits);
  for (uint32_t i = 0; i < used; ++i) insert_index(d, entries[i].hash, i);
  note_finalizer(d);
}

void add_entry(Dict* d, Value key, uint64_t hash, Value v) {
  if (MINI_UNLIKELY(d->used == d->capacity)) rebuild(d, d->count < 4 ? 5 : d->count * 2);
  DictEntry& entry = d->entries[d->used];
  entry.key = key;
  entry.value = v;
  entry.hash = hash;
  if (MINI_UNLIKELY(d->mark != 0) && (is_young(key) || is_young(v))) remember_growth(d, d->young_from, d->used);
  insert_index(d, hash, d->used++);
  ++d->count;
  ++d->keys_version;
}

void remove_entry(Dict* d, int64_t i) {
  set_index(d, place_of(d, i), kDeleted);
  d->entries[i].key = Value::empty();
  d->entries[i].value = Value::empty();
  if (i == d->extra) ++d->extra;
  --d->count;
  ++d->keys_version;
}

enum class Match : uint8_t { No, Yes, Unsure };

// What one entry says about a key, given that it stands where the key may stand: No means "look further".
inline Match meets_int(const DictEntry& e, Value key, uint64_t hash) {
  if (e.key.is_int()) return e.key.integer == key.integer ? Match::Yes : Match::No;
  return e.hash == hash ? Match::Unsure : Match::No;
}
inline Match meets_str(const DictEntry& e, Value key, uint64_t hash) {
  if (e.key.is_same(key)) return Match::Yes;
  if (MINI_LIKELY(e.hash != hash)) return Match::No;
  if (!is_exact(e.key, Kind::Str)) return Match::Unsure;
  return equals(static_cast<Str*>(e.key.object), static_cast<Str*>(key.object)) ? Match::Yes : Match::No;
}

// Walks the places of a hash in an index of one width, until an entry is not No.
template <class Index, class Meets>
inline Match walk(const Dict* d, Value key, uint64_t hash, int64_t& entry, Meets meets) {
  auto index = static_cast<const Index*>(d->index);
  for (Probe probe(hash, d->table_bits);; probe.advance()) {
    int64_t i = index[probe.place];
    if (i < 0) {
      if (i == kFree) return Match::No;
      continue;
    }
    Match match = meets(d->entries[i], key, hash);
    if (match == Match::No) continue;
    entry = i;
    return match;
  }
}
template <class Meets>
inline Match walk_any_width(const Dict* d, Value key, uint64_t hash, int64_t& entry, Meets meets) {
  if (d->count == 0) return Match::No;
  if (d->table_bits <= 7) return walk<int8_t>(d, key, hash, entry, meets);
  if (d->table_bits <= 15) return walk<int16_t>(d, key, hash, entry, meets);
  return walk<int32_t>(d, key, hash, entry, meets);
}

int64_t find_str(const Dict* d, const Str* key, uint64_t hash) {
  int64_t i;
  Match match = walk_any_width(d, Value::of_object(key), hash, i, [](const DictEntry& e, Value wanted, uint64_t h) {
    if (e.key.is_same(wanted)) return Match::Yes;
    bool is_equal = e.hash == h && is_kind(e.key, Kind::Str) && equals(as<Str>(e.key), as<Str>(wanted));
    return is_equal ? Match::Yes : Match::No;
  });
  return match == Match::Yes ? i : -1;
}

enum class Found : uint8_t { No, Yes, Raised };

// Searches any key; `entry` is its number.
Found find_any(Thread& t, Dict* d, Value key, uint64_t hash, int64_t& entry) {
again:
  if (d->count == 0) return Found::No;
  for (Probe probe(hash, d->table_bits);; probe.advance()) {
    int64_t i = index_at(d, probe.place);
    if (i == kFree) return Found::No;
    if (i < 0) continue;
    Value stored = d->entries[i].key;
    if (stored.is_same(key)) {
      entry = i;
      return Found::Yes;
    }
    if (d->entries[i].hash != hash) continue;
    int same = quick_equal(stored, key);
    if (MINI_UNLIKELY(same < 0)) {
      const DictEntry* entries = d->entries;
      uint32_t version = d->keys_version;
      Value result = equal_values(t, stored, key);
      if (result.is_raised()) return Found::Raised;
      if (d->entries != entries || d->keys_version != version) goto again;
      same = result.is_true();
    }
    if (same) {
      entry = i;
      return Found::Yes;
    }
  }
}

// Ints and strs compare without running script code, unless they meet another kind of key with the same hash.
inline Found find(Thread& t, Dict* d, Value key, uint64_t hash, int64_t& entry) {
  Match match = Match::Unsure;
  if (key.is_int()) match = walk_any_width(d, key, hash, entry, meets_int);
  else if (is_exact(key, Kind::Str)) match = walk_any_width(d, key, hash, entry, meets_str);
  if (MINI_UNLIKELY(match == Match::Unsure)) return find_any(t, d, key, hash, entry);
  return match == Match::Yes ? Found::Yes : Found::No;
}

// The entry where a search would begin, if its key is the very same: mostly the search is over then. Null: it has to be made.
inline DictEntry* at_first_place(const Dict* d, const Value& key, uint64_t hash) {
  if (d->count == 0) return nullptr;
  int64_t i = index_at(d, hash & ((uint64_t{1} << d->table_bits) - 1));
  return i >= 0 && d->entries[i].key.is_same(key) ? &d->entries[i] : nullptr;
}

bool raise_too_large(Thread& t, uint64_t wanted) {
  if (wanted < (uint64_t{1} << 30)) return false;
  (void)raise_memory(t);
  return true;
}

}  // namespace

// --- Access from native code ---

Dict* make_dict_of(Thread& t, Type* type) {
  auto d = type == types(t).dict ? t.heap->make<Dict>(type->root_shape) : static_cast<Dict*>(allocate_object(t, type));
  reset(d);
  d->keys_version = 0;
  return d;
}

Dict* make_dict(Thread& t, size_t expected) {
  bool has_few = expected && expected <= entries_for(kSmallestBits);
  Dict* d = has_few ? t.heap->make<Dict>(types(t).dict->root_shape, block_bytes(kSmallestBits)) : make_dict_of(t, types(t).dict);
  if (has_few) {
    reset(d);
    d->keys_version = 0;
    use_inside_block(d);
  } else if (expected) rebuild(d, std::min<size_t>(expected, size_t{1} << 28));
  return d;
}

Value dict_get(const Dict* d, const Str* interned) {
  int64_t i = find_str(d, interned, hash_str(interned));
  return i < 0 ? Value::empty() : d->entries[i].value;
}

int64_t dict_find(const Dict* d, const Str* key) { return find_str(d, key, hash_str(key)); }

void dict_set(Thread&, Dict* d, const Str* key, Value v) {
  uint64_t hash = hash_str(key);
  int64_t i = find_str(d, key, hash);
  if (i >= 0) store(d, d->entries[i].value, v);
  else add_entry(d, str_value(key), hash, v);
}

bool dict_delete(Thread&, Dict* d, const Str* key) {
  int64_t i = find_str(d, key, hash_str(key));
  if (i >= 0) remove_entry(d, i);
  return i >= 0;
}

Value dict_get_item(Thread& t, Dict* d, Value key) {
  int64_t hash, i;
  if (!hash_of(t, key, hash)) return Value::raised();
  if (const DictEntry* entry = at_first_place(d, key, static_cast<uint64_t>(hash))) return entry->value;
  switch (find(t, d, key, hash, i)) {
    case Found::No: return Value::empty();
    case Found::Yes: return d->entries[i].value;
    case Found::Raised: break;
  }
  return Value::raised();
}

namespace {

Value set_hashed(Thread& t, Dict* d, Value key, uint64_t hash, Value v) {
  int64_t i;
  switch (find(t, d, key, hash, i)) {
    case Found::Yes: store(d, d->entries[i].value, v); return Value::none();
    case Found::Raised: return Value::raised();
    case Found::No: break;
  }
  if (MINI_UNLIKELY(d->used == d->capacity) && raise_too_large(t, d->count * 2)) return Value::raised();
  add_entry(d, key, hash, v);
  return Value::none();
}

// Looks for an int or a str without running script code; Unsure for other keys as well.
Match find_plain(Thread& t, const Dict* d, Value key, int64_t& hash, int64_t& entry) {
  if (!key.is_int() && !is_exact(key, Kind::Str)) return Match::Unsure;
  (void)hash_of(t, key, hash);
  auto bits = static_cast<uint64_t>(hash);
  return key.is_int() ? walk_any_width(d, key, bits, entry, meets_int) : walk_any_width(d, key, bits, entry, meets_str);
}

// Sets an int or a str as a key without running script code or growing. False: nothing was done.
bool set_plain(Thread& t, Dict* d, Value key, Value v) {
  int64_t hash, i;
  if (d->used == d->capacity) return false;
  Match match = find_plain(t, d, key, hash, i);
  if (match == Match::Yes) store(d, d->entries[i].value, v);
  else if (match == Match::No) add_entry(d, key, static_cast<uint64_t>(hash), v);
  return match != Match::Unsure;
}

}  // namespace

Value dict_set_item(Thread& t, Dict* d, Value key, Value v) {
  int64_t hash;
  if (!hash_of(t, key, hash)) return Value::raised();
  if (DictEntry* entry = at_first_place(d, key, static_cast<uint64_t>(hash))) {
    store(d, entry->value, v);
    return Value::none();
  }
  return set_hashed(t, d, key, hash, v);
}

Value* dict_find_plain(Thread& t, Dict* d, Value key) {
  int64_t hash, i;
  return find_plain(t, d, key, hash, i) == Match::Yes ? &d->entries[i].value : nullptr;
}

Value dict_set_pairs(Thread& t, Dict* d, const Value* pairs, size_t count) {
  for (const Value* end = pairs + 2 * count; pairs < end; pairs += 2)
    if (!set_plain(t, d, pairs[0], pairs[1])) TRY(dict_set_item(t, d, pairs[0], pairs[1]));
  return Value::none();
}

Value dict_delete_item(Thread& t, Dict* d, Value key) {
  int64_t hash, i;
  if (!hash_of(t, key, hash)) return Value::raised();
  switch (find(t, d, key, hash, i)) {
    case Found::No: return Value::of_bool(false);
    case Found::Yes: remove_entry(d, i); return Value::of_bool(true);
    case Found::Raised: break;
  }
  return Value::raised();
}

void dict_clear(Thread&, Dict* d) {
  free_block(d);
  reset(d);
  ++d->keys_version;
}

int64_t dict_first(Dict* d) {
  if (d->count == 0) return -1;
  while (d->entries[d->extra].key.is_empty()) ++d->extra;
  return d->extra;
}

namespace {

// Copies entries into an empty dict; no key is compared.
void copy_entries(Dict* to, const Dict* from) {
  if (from->count == 0) return;
  if (from->count == from->used && from->count > from->capacity / 3) {   // without gaps the whole block is copied as it is
    size_t bytes = block_bytes(from->table_bits);
    void* block = heap_of(to).take_buffer(bytes);
    memcpy(block, static_cast<const void*>(from->entries), bytes);
    free_block(to);
    to->entries = static_cast<DictEntry*>(block);
    to->capacity = from->capacity;
    to->used = to->count = from->count;
    to->table_bits = from->table_bits;
    to->index = reinterpret_cast<char*>(to->entries + to->capacity);
    to->extra = 0;
    note_finalizer(to);
    ++to->keys_version;
    note_write(to);
    return;
  }
  rebuild(to, std::max<uint64_t>(from->count, 5));
  for (DictCursor c(from); c.next();) {
    to->entries[to->used] = *c.entry;
    insert_index(to, c.entry->hash, to->used++);
  }
  to->count = from->count;
  ++to->keys_version;
}

Value merge(Thread& t, Dict* d, Dict* source) {
  if (source == d || source->count == 0) return Value::none();
  if (d->count == 0) {
    if (d->entries) dict_clear(t, d);
    copy_entries(d, source);
    return Value::none();
  }
  uint64_t expected = source->count;
  for (uint32_t i = 0; i < source->used; ++i) {
    if (source->entries[i].key.is_empty()) continue;
    DictEntry entry = source->entries[i];
    TRY(set_hashed(t, d, entry.key, entry.hash, entry.value));
    if (source->count != expected) return raise_text(t, ErrorType::RuntimeError, "dict mutated during update");
  }
  return Value::none();
}

Value update_from_keys(Thread& t, Dict* d, Value source, Value keys_method) {
  Value keys = TRY(call(t, keys_method));
  for (Iteration it(t, keys);;) {
    Value key = TRY(it.next());
    if (key.is_empty()) return Value::none();
    Value v = TRY(get_item(t, source, key));
    TRY(dict_set_item(t, d, key, v));
  }
}

Value update_from_pairs(Thread& t, Dict* d, Value source) {
  Value iterator = TRY(get_iterator(t, source));
  auto next_pair = type_of(t, iterator)->ops.next_pair;   // those of zip() and the like need no tuples
  int64_t number = 0;
  auto take = [&](const Value& v) {
    bool is_pair = is_exact(v, Kind::Tuple) && as<Tuple>(v)->length == 2;
    if (!is_pair || !set_plain(t, d, as<Tuple>(v)->items[0], as<Tuple>(v)->items[1])) return false;
    ++number;
    return true;
  };
  for (Iteration it(t, iterator);; ++number) {
    Value direct[2];
    Value done = next_pair ? end_on_stop_iteration(t, next_pair(t, iterator, direct)) : Value::of_bool(false);
    if (TRY(done).is_none()) {
      TRY(dict_set_pairs(t, d, direct, 1));
      continue;
    }
    Value item = done.is_empty() ? done : TRY(it.give(take));
    if (item.is_empty()) return Value::none();
    if (!is_exact(item, Kind::Tuple) && !is_exact(item, Kind::List))
      item = TRY(to_sequence(t, item, fmt::format("cannot convert dictionary update sequence element #{} to a sequence", number)));
    auto s = as<Sequence>(item);
    if (s->length != 2)
      return raise(t, ErrorType::ValueError, "dictionary update sequence element #{} has length {}; 2 is required", number, s->length);
    TRY(dict_set_item(t, d, s->items[0], s->items[1]));
  }
}

}  // namespace

Value dict_update_with(Thread& t, Dict* d, Value source) {
  if (is_exact(source, Kind::Dict)) return merge(t, d, as<Dict>(source));
  bool is_plain = is_kind(source, Kind::Dict) && type_of(source.object)->ops.iterate == dict_layout.ops.iterate;
  if (is_plain && !(type_of(source.object)->type_flags & kTypeHasGetattr)) return merge(t, d, as<Dict>(source));
  Value keys = TRY(get_attribute_or_empty(t, source, names(t).keys));
  if (is_plain && !keys.is_empty()) return merge(t, d, as<Dict>(source));
  return keys.is_empty() ? update_from_pairs(t, d, source) : update_from_keys(t, d, source, keys);
}

Dict* dict_copy(Thread& t, Dict* d) {
  Dict* copy = make_dict(t);
  copy_entries(copy, d);
  return copy;
}

void dict_mark_entries(const Dict* d, Marker& marker, uint32_t from) {
  marker.count_places(2 * (d->used - from));
  for (uint32_t i = from; i < d->used; ++i) {
    const DictEntry& later = d->entries[std::min<uint32_t>(i + Marker::kAhead, d->used - 1)];
    marker.mark_with_prefetch(d->entries[i].key, later.key);
    marker.mark_with_prefetch(d->entries[i].value, later.value);
  }
}

// --- The script's view ---

namespace {

void dict_trace(Object* self, Marker& marker) { dict_mark_entries(static_cast<Dict*>(self), marker, 0); }

void dict_finalize(Object* self, Heap& heap) {
  auto d = static_cast<Dict*>(self);
  if (owns_block(d)) heap.give_buffer(d->entries, block_bytes(d->table_bits));
}

Value dict_repr(Thread& t, Value self) {
  auto d = as<Dict>(self);
  if (d->count == 0) return str_value(make_str(t, "{}"));
  ReprGuard guard(t, d);
  if (guard.is_recursive()) return str_value(make_str(t, "{...}"));
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  std::string out = "{";
  for (uint32_t i = 0; i < d->used; ++i) {
    if (d->entries[i].key.is_empty()) continue;
    Value v = d->entries[i].value;
    if (out.size() > 1) out += ", ";
    if (!append_repr(t, out, d->entries[i].key)) return Value::raised();
    out += ": ";
    if (!append_repr(t, out, v)) return Value::raised();
    if ((i & 1023) == 1023) TRY(t.poll_signals());
  }
  return str_value(make_str(t, out + "}"));
}

// 1: equal; 0: not; -1: raised.
Value dicts_equal(Thread& t, Dict* a, Dict* b) {
  if (a->count != b->count) return Value::of_bool(false);
  if (t.native_stack_is_low()) return raise_recursion(t, " in comparison");
  for (uint32_t i = 0; i < a->used; ++i) {
    if (a->entries[i].key.is_empty()) continue;
    DictEntry entry = a->entries[i];
    int64_t other;
    switch (find(t, b, entry.key, entry.hash, other)) {
      case Found::No: return Value::of_bool(false);
      case Found::Raised: return Value::raised();
      case Found::Yes: break;
    }
    if (!TRY(contained_equal(t, entry.value, b->entries[other].value)).is_true()) return Value::of_bool(false);
    if ((i & 4095) == 4095) TRY(t.poll_signals());
  }
  return Value::of_bool(true);
}

Value dict_compare(Thread& t, CompareOp op, Value a, Value b) {
  if ((op != CompareOp::Eq && op != CompareOp::Ne) || !is_kind(a, Kind::Dict) || !is_kind(b, Kind::Dict))
    return t.interpreter->not_implemented;
  Value same = TRY(dicts_equal(t, as<Dict>(a), as<Dict>(b)));
  return Value::of_bool(same.is_true() == (op == CompareOp::Eq));
}

Value dict_truth(Thread&, Value self) { return Value::of_bool(as<Dict>(self)->count != 0); }
Value dict_length(Thread&, Value self) { return Value::of_int(as<Dict>(self)->count); }

Value dict_contains(Thread& t, Value self, Value key) {
  return Value::of_bool(!TRY(dict_get_item(t, as<Dict>(self), key)).is_empty());
}

Value dict_subscript(Thread& t, Value self, Value key) {
  Value v = TRY(dict_get_item(t, as<Dict>(self), key));
  if (MINI_LIKELY(!v.is_empty())) return v;
  if (!is_exact(self, Kind::Dict)) {
    Value made = TRY(call_special(t, self, names(t).missing, {key}));
    if (!made.is_empty()) return made;
  }
  return raise_with_argument(t, ErrorType::KeyError, key);
}

Value dict_store_subscript(Thread& t, Value self, Value key, Value v) {
  auto d = as<Dict>(self);
  if (!v.is_empty()) return dict_set_item(t, d, key, v);
  if (TRY(dict_delete_item(t, d, key)).is_true()) return Value::none();
  return raise_with_argument(t, ErrorType::KeyError, key);
}

Value dict_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op != BinaryOp::Or || !is_kind(a, Kind::Dict) || !is_kind(b, Kind::Dict)) return t.interpreter->not_implemented;
  Dict* result = dict_copy(t, as<Dict>(a));
  TRY(dict_update_with(t, result, b));
  return Value::of_object(result);
}

Value dict_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (op != BinaryOp::Or) return t.interpreter->not_implemented;
  TRY(dict_update_with(t, as<Dict>(a), b));
  return a;
}

Value dict_new(Thread& t, Value* args, size_t) { return Value::of_object(make_dict_of(t, as<Type>(args[0]))); }

// update(self, **keywords, *args) as the binder lays it out.
Value update_with_arguments(Thread& t, Value* args, size_t argc, const char* name) {
  auto d = as<Dict>(args[0]);
  if (argc > 3) return raise(t, ErrorType::TypeError, "{} expected at most 1 argument, got {}", name, argc - 2);
  if (argc == 3) TRY(dict_update_with(t, d, args[2]));
  return is_kind(args[1], Kind::Dict) ? merge(t, d, as<Dict>(args[1])) : Value::none();
}

Value dict_init(Thread& t, Value* args, size_t argc) { return update_with_arguments(t, args, argc, "dict"); }
Value dict_update(Thread& t, Value* args, size_t argc) { return update_with_arguments(t, args, argc, "update"); }

Value dict_clear_method(Thread& t, Value* args, size_t) {
  dict_clear(t, as<Dict>(args[0]));
  return Value::none();
}

Value dict_copy_method(Thread& t, Value* args, size_t) { return Value::of_object(dict_copy(t, as<Dict>(args[0]))); }

Value dict_fromkeys(Thread& t, Value* args, size_t) {
  Value made = TRY(call(t, args[0]));
  Value v = args[2].is_empty() ? Value::none() : args[2];
  auto take = [&](const Value& key) { return is_exact(made, Kind::Dict) && set_plain(t, as<Dict>(made), key, v); };
  for (Iteration it(t, args[1]);;) {
    Value key = TRY(it.give(take));
    if (key.is_empty()) return made;
    TRY(is_exact(made, Kind::Dict) ? dict_set_item(t, as<Dict>(made), key, v) : set_item(t, made, key, v));
  }
}

Value dict_get_method(Thread& t, Value* args, size_t) {
  Value v = TRY(dict_get_item(t, as<Dict>(args[0]), args[1]));
  if (!v.is_empty()) return v;
  return args[2].is_empty() ? Value::none() : args[2];
}

Value dict_setdefault(Thread& t, Value* args, size_t) {
  auto d = as<Dict>(args[0]);
  int64_t hash, i;
  if (!hash_value(t, args[1], hash)) return Value::raised();
  switch (find(t, d, args[1], hash, i)) {
    case Found::Yes: return d->entries[i].value;
    case Found::Raised: return Value::raised();
    case Found::No: break;
  }
  Value v = args[2].is_empty() ? Value::none() : args[2];
  add_entry(d, args[1], hash, v);
  return v;
}

Value dict_pop(Thread& t, Value* args, size_t) {
  auto d = as<Dict>(args[0]);
  int64_t hash, i;
  if (d->count == 0) return args[2].is_empty() ? raise_with_argument(t, ErrorType::KeyError, args[1]) : args[2];   // whatever the key is
  if (!hash_value(t, args[1], hash)) return Value::raised();
  switch (find(t, d, args[1], hash, i)) {
    case Found::No: return args[2].is_empty() ? raise_with_argument(t, ErrorType::KeyError, args[1]) : args[2];
    case Found::Raised: return Value::raised();
    case Found::Yes: break;
  }
  Value v = d->entries[i].value;
  remove_entry(d, i);
  return v;
}

Value dict_popitem(Thread& t, Value* args, size_t) {
  auto d = as<Dict>(args[0]);
  if (d->count == 0)
    return raise_with_argument(t, ErrorType::KeyError, str_value(make_str(t, "popitem(): dictionary is empty")));
  while (d->entries[d->used - 1].key.is_empty()) --d->used;
  d->extra = std::min(d->extra, d->used);
  DictEntry entry = d->entries[d->used - 1];
  Tuple* pair = make_tuple(t, {entry.key, entry.value});
  remove_entry(d, d->used - 1);
  --d->used;
  d->extra = std::min(d->extra, d->used);
  return Value::of_object(pair);
}

Value dict_keys(Thread& t, Value* args, size_t) { return make_dict_view(t, as<Dict>(args[0]), DictPart::Keys); }
Value dict_values(Thread& t, Value* args, size_t) { return make_dict_view(t, as<Dict>(args[0]), DictPart::Values); }
Value dict_items(Thread& t, Value* args, size_t) { return make_dict_view(t, as<Dict>(args[0]), DictPart::Items); }
Value dict_iterate(Thread& t, Value self) { return make_dict_iterator(t, as<Dict>(self), DictPart::Keys, false); }
Value dict_reversed(Thread& t, Value* args, size_t) { return make_dict_iterator(t, as<Dict>(args[0]), DictPart::Keys, true); }

Value dict_sizeof(Thread&, Value* args, size_t) {
  auto d = as<Dict>(args[0]);
  return Value::of_int(sizeof(Dict) + (d->entries ? block_bytes(d->table_bits) : 0));
}

const NativeRow kDictMethods[] = {
    {"__new__", dict_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", dict_init, "(self, /, *args, **kwargs)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"clear", dict_clear_method, "(self, /)", "D.clear() -> None.  Remove all items from D."},
    {"copy", dict_copy_method, "(self, /)", "D.copy() -> a shallow copy of D"},
    {"fromkeys", dict_fromkeys, "(type, iterable, value=None, /)", "Create a new dictionary with keys from iterable and values set to value.",
     Binding::Class},
    {"get", dict_get_method, "(self, key, default=None, /)", "Return the value for key if key is in the dictionary, else default."},
    {"items", dict_items, "(self, /)", "D.items() -> a set-like object providing a view on D's items"},
    {"keys", dict_keys, "(self, /)", "D.keys() -> a set-like object providing a view on D's keys"},
    {"pop", dict_pop, "(self, key, default=None, /)",
     "D.pop(k[,d]) -> v, remove specified key and return the corresponding value.\n\nIf the key is not found, return the default if "
     "given; otherwise,\nraise a KeyError."},
    {"popitem", dict_popitem, "(self, /)",
     "Remove and return a (key, value) pair as a 2-tuple.\n\nPairs are returned in LIFO (last-in, first-out) order.\nRaises KeyError "
     "if the dict is empty."},
    {"setdefault", dict_setdefault, "(self, key, default=None, /)",
     "Insert key with a value of default if key is not in the dictionary.\n\nReturn the value for key if key is in the dictionary, else default."},
    {"update", dict_update, "(self, /, *args, **kwargs)",
     "D.update([E, ]**F) -> None.  Update D from dict/iterable E and F."},
    {"values", dict_values, "(self, /)", "D.values() -> an object providing a view on D's values"},
    {"__reversed__", dict_reversed, "(self, /)", "Return a reverse iterator over the dict keys."},
    {"__sizeof__", dict_sizeof, "(self, /)", "D.__sizeof__() -> size of D in memory, in bytes"},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
};

}  // namespace

const Layout dict_layout = {
    .name = "dict", .module = "builtins", .kind = Kind::Dict, .size = sizeof(Dict), .flags = kSubclassable, .trace = dict_trace,
    .finalize = dict_finalize,
    .ops = {.repr = dict_repr, .compare = dict_compare, .truth = dict_truth, .length = dict_length,
            .contains = dict_contains, .get_item = dict_subscript, .set_item = dict_store_subscript, .iterate = dict_iterate,
            .binary = dict_binary, .inplace = dict_inplace},
    .methods = kDictMethods, .method_count = std::size(kDictMethods),
    .help = "dict() -> new empty dictionary\ndict(mapping) -> new dictionary initialized from a mapping object's\n    (key, value) "
            "pairs\ndict(iterable) -> new dictionary initialized as if via:\n    d = {}\n    for k, v in iterable:\n        d[k] = "
            "v\ndict(**kwargs) -> new dictionary initialized with the name=value pairs\n    in the keyword argument list.  For "
            "example:  dict(one=1, two=2)"};

}  // namespace mini
