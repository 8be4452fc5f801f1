// SPDX-License-Identifier: MIT
// set and frozenset. The order in which a set iterates depends on probing, on when the table grows and on how results are put
// together. All three follow CPython step by step, so that scripts print the same; change none of them for taste.
//
// Comparing items may run script code that changes the set. A search remembers the table and begins again when it changed;
// loops over a table take position and table from the set in every round.
#include "runtime/objects/set.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/dict_views.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/sequence.h"
#include "runtime/shape.h"

namespace mini {

namespace {

constexpr uint64_t kSmallestTable = 8;
constexpr uint64_t kLinearProbes = 9;
constexpr int64_t kDeletedHash = -1;

bool is_any_set(Value v) { return is_kind(v, Kind::Set) || is_kind(v, Kind::FrozenSet); }

// --- The table ---

// Where a hash may stand: runs of places, then a jump. Visit returns true to stop.
template <class Visit>
inline void probe(SetEntry* table, uint64_t mask, int64_t hash, Visit visit) {
  uint64_t perturb = static_cast<uint64_t>(hash);
  uint64_t i = perturb & mask;
  for (;;) {
    uint64_t run = i + kLinearProbes <= mask ? kLinearProbes : 0;
    for (uint64_t k = 0; k <= run; ++k)
      if (visit(table[i + k])) return;
    perturb >>= 5;
    i = (i * 5 + 1 + perturb) & mask;
  }
}

void insert_clean(SetEntry* table, uint64_t mask, Value key, int64_t hash) {
  probe(table, mask, hash, [&](SetEntry& entry) {
    if (!entry.key.is_empty()) return false;
    entry.key = key;
    entry.hash = hash;
    return true;
  });
}

// Large tables are filled by copies of their beginning, which the processor moves faster than single entries.
void clear_table(SetEntry* table, uint64_t places) {
  constexpr uint64_t kPattern = 128;
  uint64_t few = std::min(places, kPattern);
  for (uint64_t i = 0; i < few; ++i) table[i] = {Value::empty(), 0};
  for (uint64_t i = few; i < places; i += kPattern) memcpy(static_cast<void*>(table + i), table, kPattern * sizeof(SetEntry));
}

// Set in the flags of a set that may have objects as items: others need no tracing.
constexpr uint8_t kHoldsObjects = kFrozenBySelf;

// The eight places made with the object. `extra` is their distance from the object's start.
SetEntry* inside_table(Set* s) { return reinterpret_cast<SetEntry*>(reinterpret_cast<char*>(s) + s->extra); }

void free_table(Set* s, Heap& heap) {
  if (s->table == inside_table(s)) return;
  heap.give_buffer(s->table, (s->mask + 1) * sizeof(SetEntry));
}

// Moves the live items to a table for more than `at_least`; drops deleted places. False after raising MemoryError.
bool resize(Thread& t, Set* s, uint64_t at_least) {
  uint64_t places = kSmallestTable;
  while (places <= at_least) places <<= 1;
  SetEntry copy[kSmallestTable];
  SetEntry* old = s->table;
  uint64_t old_mask = s->mask;
  SetEntry* table = inside_table(s);
  if (places == kSmallestTable) {
    if (old == table) {
      if (s->fill == s->used) return true;
      memcpy(static_cast<void*>(copy), old, sizeof copy);
      old = copy;
    }
  } else {
    uint64_t bytes = places * sizeof(SetEntry);
    table = t.heap->can_allocate(bytes) ? static_cast<SetEntry*>(t.heap->take_buffer(bytes)) : nullptr;
    if (!table) {
      (void)raise_memory(t);
      return false;
    }
    s->flags |= kHasFinalizer;
  }
  clear_table(table, places);
  for (uint64_t i = 0; i <= old_mask; ++i)
    if (!old[i].key.is_empty()) insert_clean(table, places - 1, old[i].key, old[i].hash);
  if (old != copy) free_table(s, *t.heap);
  s->table = table;
  s->mask = places - 1;
  s->fill = s->used;
  return true;
}

bool grow(Thread& t, Set* s) { return resize(t, s, s->used > 50000 ? s->used * 2 : s->used * 4); }

enum class Found : uint8_t { No, Yes, Raised };

// Searches; `place` is the item's entry, or the one where it would go: the last deleted one on the way, else the free one.
Found find(Thread& t, Set* s, Value key, int64_t hash, SetEntry** place) {
  for (;;) {
    Found found = Found::No;
    bool again = false;
    SetEntry* deleted = nullptr;
    SetEntry* table = s->table;
    probe(table, s->mask, hash, [&](SetEntry& entry) {
      if (entry.key.is_empty()) {
        if (entry.hash == kDeletedHash) {
          deleted = &entry;
          return false;
        }
        *place = deleted ? deleted : &entry;
        return true;
      }
      if (entry.hash != hash) return false;
      Value stored = entry.key;
      int same = quick_equal(stored, key);
      if (same < 0) {
        Value result = equal_values(t, stored, key);
        if (result.is_raised()) {
          found = Found::Raised;
          return true;
        }
        if (s->table != table || !entry.key.is_same(stored)) return again = true;
        same = result.is_true();
      }
      if (!same) return false;
      found = Found::Yes;
      *place = &entry;
      return true;
    });
    if (!again) return found;
  }
}

Value add_hashed(Thread& t, Set* s, Value key, int64_t hash) {
  SetEntry* place;
  switch (find(t, s, key, hash, &place)) {
    case Found::Yes: return Value::none();
    case Found::Raised: return Value::raised();
    case Found::No: break;
  }
  bool was_deleted = place->hash == kDeletedHash;
  store(s, place->key, key);
  if (key.is_object()) s->flags |= kHoldsObjects;
  place->hash = hash;
  ++s->used;
  if (was_deleted) return Value::none();
  ++s->fill;
  if (s->fill * 5 >= s->mask * 3 && !grow(t, s)) return Value::raised();
  return Value::none();
}

Value contains_hashed(Thread& t, Set* s, Value key, int64_t hash) {
  SetEntry* place;
  Found found = find(t, s, key, hash, &place);
  return found == Found::Raised ? Value::raised() : Value::of_bool(found == Found::Yes);
}

Value discard_hashed(Thread& t, Set* s, Value key, int64_t hash) {
  SetEntry* place;
  Found found = find(t, s, key, hash, &place);
  if (found == Found::Raised) return Value::raised();
  if (found == Found::No) return Value::of_bool(false);
  place->key = Value::empty();
  place->hash = kDeletedHash;
  --s->used;
  return Value::of_bool(true);
}

// The next live entry from `position` on; it is copied, so that the set may change.
bool next_entry(const Set* s, uint64_t& position, SetEntry& out) {
  while (position <= s->mask) {
    out = s->table[position++];
    if (!out.key.is_empty()) return true;
  }
  return false;
}

Set* new_set(Thread& t, Type* type) {
  void* table;
  Set* s;
  if (type == types(t).set || type == types(t).frozenset) {
    s = t.heap->make<Set>(type->root_shape, kSmallestTable * sizeof(SetEntry));
    table = s + 1;
  } else {
    s = static_cast<Set*>(allocate_object(t, type, kSmallestTable * sizeof(SetEntry), &table));
  }
  s->table = static_cast<SetEntry*>(table);
  s->extra = static_cast<uint32_t>(static_cast<char*>(table) - reinterpret_cast<char*>(s));
  s->mask = kSmallestTable - 1;
  s->fill = s->used = s->finger = 0;
  s->hash = -1;
  clear_table(s->table, kSmallestTable);
  return s;
}

void clear(Thread& t, Set* s) {
  free_table(s, *t.heap);
  s->table = inside_table(s);
  s->mask = kSmallestTable - 1;
  s->fill = s->used = 0;
  clear_table(s->table, kSmallestTable);
}

Set* new_of_base_type(Thread& t, const Set* like) { return make_set(t, like->kind == Kind::FrozenSet); }

Value merge_set(Thread& t, Set* s, Set* other) {
  if (other == s || other->used == 0) return Value::none();
  if ((s->fill + other->used) * 5 >= s->mask * 3 && !resize(t, s, (s->used + other->used) * 2)) return Value::raised();
  if (s->fill == 0) {
    s->flags |= other->flags & kHoldsObjects;
    if (s->mask == other->mask && other->fill == other->used) {
      memcpy(static_cast<void*>(s->table), other->table, (s->mask + 1) * sizeof(SetEntry));
    } else {
      for (uint64_t i = 0; i <= other->mask; ++i)
        if (!other->table[i].key.is_empty()) insert_clean(s->table, s->mask, other->table[i].key, other->table[i].hash);
    }
    s->fill = s->used = other->used;
    note_write(s);
    return Value::none();
  }
  SetEntry entry;
  for (uint64_t i = 0; next_entry(other, i, entry);) TRY(add_hashed(t, s, entry.key, entry.hash));
  return Value::none();
}

Value merge_dict(Thread& t, Set* s, Dict* d) {
  if ((s->fill + d->count) * 5 >= s->mask * 3 && !resize(t, s, (s->used + d->count) * 2)) return Value::raised();
  for (uint32_t i = 0; i < d->used; ++i)
    if (!d->entries[i].key.is_empty()) TRY(add_hashed(t, s, d->entries[i].key, static_cast<int64_t>(d->entries[i].hash)));
  return Value::none();
}

}  // namespace

// --- Access from native code ---

Set* make_set(Thread& t, bool is_frozen) { return new_set(t, is_frozen ? types(t).frozenset : types(t).set); }

Value set_add_item(Thread& t, Set* s, Value v) {
  int64_t hash;
  if (!hash_value(t, v, hash)) return Value::raised();
  return add_hashed(t, s, v, hash);
}

Value set_contains_item(Thread& t, Set* s, Value v) {
  int64_t hash;
  if (!hash_value(t, v, hash)) return Value::raised();
  return contains_hashed(t, s, v, hash);
}

Value set_discard_item(Thread& t, Set* s, Value v) {
  int64_t hash;
  if (!hash_value(t, v, hash)) return Value::raised();
  return discard_hashed(t, s, v, hash);
}

Value set_update_with(Thread& t, Set* s, Value iterable) {
  if (is_any_set(iterable)) return merge_set(t, s, as<Set>(iterable));
  if (is_exact(iterable, Kind::Dict)) return merge_dict(t, s, as<Dict>(iterable));
  for (Iteration it(t, iterable);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::none();
    TRY(set_add_item(t, s, item));
  }
}

Set* set_copy(Thread& t, const Set* s) {
  Set* copy = new_of_base_type(t, s);
  (void)merge_set(t, copy, const_cast<Set*>(s));
  return copy;
}

namespace {

// --- Set algebra ---

// A set of the items of any iterable, or the set itself.
Value as_set(Thread& t, Value v) {
  if (is_any_set(v)) return v;
  Set* s = make_set(t);
  TRY(set_update_with(t, s, v));
  return Value::of_object(s);
}

Value set_intersection(Thread& t, Set* s, Value other) {
  if (other.is_object() && other.object == s) return Value::of_object(set_copy(t, s));
  Set* result = new_of_base_type(t, s);
  if (is_any_set(other)) {
    Set* walked = as<Set>(other);
    if (walked->used > s->used) std::swap(walked, s);
    SetEntry entry;
    for (uint64_t i = 0; next_entry(walked, i, entry);)
      if (TRY(contains_hashed(t, s, entry.key, entry.hash)).is_true()) TRY(add_hashed(t, result, entry.key, entry.hash));
    return Value::of_object(result);
  }
  for (Iteration it(t, other);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_object(result);
    int64_t hash;
    if (!hash_value(t, item, hash)) return Value::raised();
    if (TRY(contains_hashed(t, s, item, hash)).is_true()) TRY(add_hashed(t, result, item, hash));
  }
}

Value discard_all(Thread& t, Set* s, Value other) {
  if (other.is_object() && other.object == s) {
    clear(t, s);
    return Value::none();
  }
  if (is_any_set(other)) {
    if (as<Set>(other)->used >> 3 > s->used) other = TRY(set_intersection(t, s, other));
    SetEntry entry;
    for (uint64_t i = 0; next_entry(as<Set>(other), i, entry);) TRY(discard_hashed(t, s, entry.key, entry.hash));
  } else {
    for (Iteration it(t, other);;) {
      Value item = TRY(it.next());
      if (item.is_empty()) break;
      TRY(set_discard_item(t, s, item));
    }
  }
  if (s->fill - s->used > s->mask / 4 && !grow(t, s)) return Value::raised();
  return Value::none();
}

Value set_difference(Thread& t, Set* s, Value other) {
  bool is_dict = is_exact(other, Kind::Dict);
  uint64_t other_count = is_dict ? as<Dict>(other)->count : is_any_set(other) ? as<Set>(other)->used : 0;
  if ((!is_dict && !is_any_set(other)) || s->used >> 2 > other_count) {
    Set* copy = set_copy(t, s);
    TRY(discard_all(t, copy, other));
    return Value::of_object(copy);
  }
  Set* result = new_of_base_type(t, s);
  SetEntry entry;
  for (uint64_t i = 0; next_entry(s, i, entry);) {
    bool is_there = is_dict ? !TRY(dict_get_item(t, as<Dict>(other), entry.key)).is_empty()
                            : TRY(contains_hashed(t, as<Set>(other), entry.key, entry.hash)).is_true();
    if (!is_there) TRY(add_hashed(t, result, entry.key, entry.hash));
  }
  return Value::of_object(result);
}

Value toggle(Thread& t, Set* s, Value key, int64_t hash) {
  if (TRY(discard_hashed(t, s, key, hash)).is_true()) return Value::none();
  return add_hashed(t, s, key, hash);
}

Value toggle_all(Thread& t, Set* s, Value other) {
  if (other.is_object() && other.object == s) {
    clear(t, s);
    return Value::none();
  }
  if (is_exact(other, Kind::Dict)) {
    auto d = as<Dict>(other);
    for (uint32_t i = 0; i < d->used; ++i)
      if (!d->entries[i].key.is_empty()) TRY(toggle(t, s, d->entries[i].key, static_cast<int64_t>(d->entries[i].hash)));
    return Value::none();
  }
  Value source = TRY(as_set(t, other));
  SetEntry entry;
  for (uint64_t i = 0; next_entry(as<Set>(source), i, entry);) TRY(toggle(t, s, entry.key, entry.hash));
  return Value::none();
}

Value symmetric_difference(Thread& t, Set* s, Value other) {
  Set* result = new_of_base_type(t, s);
  TRY(set_update_with(t, result, other));
  TRY(toggle_all(t, result, Value::of_object(s)));
  return Value::of_object(result);
}

Value is_subset(Thread& t, Set* s, Set* other) {
  if (s->used > other->used) return Value::of_bool(false);
  SetEntry entry;
  for (uint64_t i = 0; next_entry(s, i, entry);)
    if (!TRY(contains_hashed(t, other, entry.key, entry.hash)).is_true()) return Value::of_bool(false);
  return Value::of_bool(true);
}

// --- Entries of TypeOps ---

void set_trace(Object* self, Marker& marker) {
  auto s = static_cast<Set*>(self);
  if (!(s->flags & kHoldsObjects)) return;
  marker.count_places(s->mask + 1);
  for (uint64_t i = 0; i <= s->mask; ++i) marker.mark(s->table[i].key);
}

void set_finalize(Object* self, Heap& heap) { free_table(static_cast<Set*>(self), heap); }

Value set_repr(Thread& t, Value self) {
  auto s = as<Set>(self);
  std::string name = type_name(t, self);
  ReprGuard guard(t, s);
  if (guard.is_recursive()) return str_value(make_str(t, name + "(...)"));
  if (s->used == 0) return str_value(make_str(t, name + "()"));
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  Value items = TRY(to_list(t, self));
  std::string out = is_exact(self, Kind::Set) ? "{" : name + "({";
  if (!append_items(t, out, as<List>(items))) return Value::raised();
  return str_value(make_str(t, out + (is_exact(self, Kind::Set) ? "}" : "})")));
}

uint64_t shuffle_bits(uint64_t h) { return ((h ^ 89869747u) ^ (h << 16)) * 3644798167u; }

Value frozenset_hash(Thread&, Value self) {
  auto s = as<Set>(self);
  if (s->hash != -1) return Value::of_int(s->hash);
  uint64_t hash = 0;
  for (uint64_t i = 0; i <= s->mask; ++i)
    if (!s->table[i].key.is_empty()) hash ^= shuffle_bits(s->table[i].hash);
  hash ^= (s->used + 1) * 1927868237u;
  hash ^= (hash >> 11) ^ (hash >> 25);
  hash = hash * 69069u + 907133923u;
  if (hash == ~uint64_t{0}) hash = 590923713u;
  s->hash = static_cast<int64_t>(hash);
  return Value::of_int(s->hash);
}

Value sets_equal(Thread& t, Set* a, Set* b) {
  if (a->used != b->used || (a->hash != -1 && b->hash != -1 && a->hash != b->hash)) return Value::of_bool(false);
  return is_subset(t, a, b);
}

Value set_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_any_set(a) || !is_any_set(b)) return t.interpreter->not_implemented;
  auto x = as<Set>(a);
  auto y = as<Set>(b);
  if (t.native_stack_is_low()) return raise_recursion(t, " in comparison");
  switch (op) {
    case CompareOp::Eq: return sets_equal(t, x, y);
    case CompareOp::Ne: return Value::of_bool(!TRY(sets_equal(t, x, y)).is_true());
    case CompareOp::Le: return is_subset(t, x, y);
    case CompareOp::Ge: return is_subset(t, y, x);
    case CompareOp::Lt: return x->used < y->used ? is_subset(t, x, y) : Value::of_bool(false);
    case CompareOp::Gt: return x->used > y->used ? is_subset(t, y, x) : Value::of_bool(false);
  }
  return Value::none();
}

Value set_truth(Thread&, Value self) { return Value::of_bool(as<Set>(self)->used != 0); }
Value set_length(Thread&, Value self) { return Value::of_int(as<Set>(self)->used); }

// A set cannot be an item, but asking for one looks for the equal frozenset.
Value frozen_twin(Thread& t, Value key) {
  if (!is_kind(key, Kind::Set) || !exception_matches(t, ErrorType::TypeError)) return Value::raised();
  (void)take_exception(t);
  Set* twin = make_set(t, true);
  TRY(merge_set(t, twin, as<Set>(key)));
  return Value::of_object(twin);
}

Value set_contains(Thread& t, Value self, Value key) {
  Value found = set_contains_item(t, as<Set>(self), key);
  if (MINI_LIKELY(!found.is_raised())) return found;
  return set_contains_item(t, as<Set>(self), TRY(frozen_twin(t, key)));
}

// Views of a dict have their own operators, which come second.
Value set_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (!is_any_set(a) || !is_any_set(b)) return t.interpreter->not_implemented;
  auto s = as<Set>(a);
  switch (op) {
    case BinaryOp::And: return set_intersection(t, s, b);
    case BinaryOp::Sub: return set_difference(t, s, b);
    case BinaryOp::Xor: return symmetric_difference(t, s, b);
    case BinaryOp::Or: {
      Set* result = set_copy(t, s);
      TRY(merge_set(t, result, as<Set>(b)));
      return Value::of_object(result);
    }
    default: return t.interpreter->not_implemented;
  }
}

// s takes over the table of `source`, which nobody else knows and which is empty afterwards.
Value take_items(Thread& t, Set* s, Value source_value) {
  auto source = as<Set>(source_value);
  clear(t, s);
  if (source->table == inside_table(source)) {
    memcpy(static_cast<void*>(s->table), source->table, kSmallestTable * sizeof(SetEntry));
  } else {
    s->table = source->table;
    s->mask = source->mask;
    s->flags |= kHasFinalizer;
    source->table = inside_table(source);
    source->mask = kSmallestTable - 1;
  }
  s->fill = source->fill;
  s->used = source->used;
  clear(t, source);
  return Value::none();
}

Value set_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (!is_kind(a, Kind::Set) || !is_any_set(b)) return t.interpreter->not_implemented;
  auto s = as<Set>(a);
  switch (op) {
    case BinaryOp::And: TRY(take_items(t, s, TRY(set_intersection(t, s, b)))); return a;
    case BinaryOp::Or: TRY(merge_set(t, s, as<Set>(b))); return a;
    case BinaryOp::Sub: TRY(discard_all(t, s, b)); return a;
    case BinaryOp::Xor: TRY(toggle_all(t, s, b)); return a;
    default: return t.interpreter->not_implemented;
  }
}

// --- Iterator ---

struct SetIterator : Object {
  Set* set;            // null: exhausted
  uint64_t position, size, remaining;
};

void set_iterator_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<SetIterator*>(self)->set); }

Value set_iterator_next(Thread& t, Value self) {
  auto it = as<SetIterator>(self);
  Set* s = it->set;
  if (!s) return Value::empty();
  if (s->used != it->size) {
    it->size = UINT64_MAX;   // and it stays broken
    return raise_text(t, ErrorType::RuntimeError, "Set changed size during iteration");
  }
  SetEntry entry;
  if (next_entry(s, it->position, entry)) {
    --it->remaining;
    return entry.key;
  }
  it->set = nullptr;
  return Value::empty();
}

Value set_iterator_hint(Thread&, Value* args, size_t) {
  auto it = as<SetIterator>(args[0]);
  return Value::of_int(it->set && it->set->used == it->size ? it->remaining : 0);
}

// As an iterator over a list of what is left; the iterator itself stays where it is.
Value set_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<SetIterator>(args[0]);
  auto copy = t.heap->make<SetIterator>(it->shape);
  copy->set = it->set;
  copy->position = it->position;
  copy->size = it->size;
  copy->remaining = it->remaining;
  return reduced_iterator(t, "iter", {TRY(to_list(t, Value::of_object(copy)))});
}

const NativeRow kSetIteratorMethods[] = {
    {"__reduce__", set_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__length_hint__", set_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

const Layout set_iterator_layout = {
    .name = "set_iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(SetIterator), .flags = kNoInstantiation,
    .trace = set_iterator_trace, .ops = {.iterate = iterate_self, .next = set_iterator_next},
    .methods = kSetIteratorMethods, .method_count = std::size(kSetIteratorMethods)};

Value set_iterate(Thread& t, Value self) {
  auto it = t.heap->make<SetIterator>(native_type(t, set_iterator_layout)->root_shape);
  it->set = as<Set>(self);
  it->position = 0;
  it->size = it->remaining = as<Set>(self)->used;
  return Value::of_object(it);
}

// --- Methods ---

Value set_new(Thread& t, Value* args, size_t) { return Value::of_object(new_set(t, as<Type>(args[0]))); }

Value set_init(Thread& t, Value* args, size_t) {
  auto s = as<Set>(args[0]);
  clear(t, s);
  return args[1].is_empty() ? Value::none() : set_update_with(t, s, args[1]);
}

Value frozenset_new(Thread& t, Value* args, size_t) {
  auto type = as<Type>(args[0]);
  if (type == types(t).frozenset && is_exact(args[1], Kind::FrozenSet)) return args[1];
  Set* s = new_set(t, type);
  if (!args[1].is_empty()) TRY(set_update_with(t, s, args[1]));
  return Value::of_object(s);
}

Value set_add(Thread& t, Value* args, size_t) { return set_add_item(t, as<Set>(args[0]), args[1]); }

Value set_clear(Thread& t, Value* args, size_t) {
  clear(t, as<Set>(args[0]));
  return Value::none();
}

Value set_copy_method(Thread& t, Value* args, size_t) {
  if (is_exact(args[0], Kind::FrozenSet)) return args[0];
  return Value::of_object(set_copy(t, as<Set>(args[0])));
}

Value discard_or_twin(Thread& t, Set* s, Value key) {
  Value was_there = set_discard_item(t, s, key);
  return was_there.is_raised() ? set_discard_item(t, s, TRY(frozen_twin(t, key))) : was_there;
}

Value set_discard(Thread& t, Value* args, size_t) {
  TRY(discard_or_twin(t, as<Set>(args[0]), args[1]));
  return Value::none();
}

Value set_remove(Thread& t, Value* args, size_t) {
  if (TRY(discard_or_twin(t, as<Set>(args[0]), args[1])).is_true()) return Value::none();
  return raise_with_argument(t, ErrorType::KeyError, args[1]);
}

Value set_pop(Thread& t, Value* args, size_t) {
  auto s = as<Set>(args[0]);
  if (s->used == 0) return raise_with_argument(t, ErrorType::KeyError, str_value(make_str(t, "pop from an empty set")));
  uint64_t i = s->finger & s->mask;
  while (s->table[i].key.is_empty()) i = i == s->mask ? 0 : i + 1;
  Value key = s->table[i].key;
  s->table[i] = {Value::empty(), kDeletedHash};
  --s->used;
  s->finger = i + 1;
  return key;
}

Value set_union_method(Thread& t, Value* args, size_t argc) {
  Set* result = set_copy(t, as<Set>(args[0]));
  for (size_t i = 1; i < argc; ++i)
    if (!args[i].is_same(args[0])) TRY(set_update_with(t, result, args[i]));
  return Value::of_object(result);
}

Value set_update_method(Thread& t, Value* args, size_t argc) {
  for (size_t i = 1; i < argc; ++i) TRY(set_update_with(t, as<Set>(args[0]), args[i]));
  return Value::none();
}

Value set_intersection_method(Thread& t, Value* args, size_t argc) {
  if (argc == 1) return Value::of_object(set_copy(t, as<Set>(args[0])));
  Value result = args[0];
  for (size_t i = 1; i < argc; ++i) result = TRY(set_intersection(t, as<Set>(result), args[i]));
  return result;
}

Value set_intersection_update(Thread& t, Value* args, size_t argc) {
  Value result = TRY(set_intersection_method(t, args, argc));
  return take_items(t, as<Set>(args[0]), result);
}

Value set_difference_method(Thread& t, Value* args, size_t argc) {
  if (argc == 1) return Value::of_object(set_copy(t, as<Set>(args[0])));
  Value result = TRY(set_difference(t, as<Set>(args[0]), args[1]));
  for (size_t i = 2; i < argc; ++i) TRY(discard_all(t, as<Set>(result), args[i]));
  return result;
}

Value set_difference_update(Thread& t, Value* args, size_t argc) {
  for (size_t i = 1; i < argc; ++i) TRY(discard_all(t, as<Set>(args[0]), args[i]));
  return Value::none();
}

Value set_symmetric_difference(Thread& t, Value* args, size_t) { return symmetric_difference(t, as<Set>(args[0]), args[1]); }
Value set_symmetric_difference_update(Thread& t, Value* args, size_t) { return toggle_all(t, as<Set>(args[0]), args[1]); }

Value set_isdisjoint(Thread& t, Value* args, size_t) {
  auto s = as<Set>(args[0]);
  if (args[0].is_same(args[1])) return Value::of_bool(s->used == 0);
  if (is_any_set(args[1])) {
    Set* walked = as<Set>(args[1]);
    if (walked->used > s->used) std::swap(walked, s);
    SetEntry entry;
    for (uint64_t i = 0; next_entry(walked, i, entry);)
      if (TRY(contains_hashed(t, s, entry.key, entry.hash)).is_true()) return Value::of_bool(false);
    return Value::of_bool(true);
  }
  for (Iteration it(t, args[1]);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_bool(true);
    if (TRY(set_contains_item(t, s, item)).is_true()) return Value::of_bool(false);
  }
}

Value set_issubset(Thread& t, Value* args, size_t) {
  Value other = TRY(as_set(t, args[1]));
  return is_subset(t, as<Set>(args[0]), as<Set>(other));
}

Value set_issuperset(Thread& t, Value* args, size_t) {
  auto s = as<Set>(args[0]);
  if (is_any_set(args[1])) return is_subset(t, as<Set>(args[1]), s);
  for (Iteration it(t, args[1]);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_bool(true);
    if (!TRY(set_contains_item(t, s, item)).is_true()) return Value::of_bool(false);
  }
}

Value set_sizeof(Thread&, Value* args, size_t) {
  auto s = as<Set>(args[0]);
  return Value::of_int(sizeof(Set) + kSmallestTable * sizeof(SetEntry) + (s->table == inside_table(s) ? 0 : (s->mask + 1) * sizeof(SetEntry)));
}

#define MINI_SHARED_SET_ROWS                                                                                                      \
  {"copy", set_copy_method, "(self, /)", "Return a shallow copy of a set."},                                                      \
  {"difference", set_difference_method, "(self, /, *others)", "Return the difference of two or more sets as a new set."},         \
  {"intersection", set_intersection_method, "(self, /, *others)", "Return the intersection of two sets as a new set."},           \
  {"isdisjoint", set_isdisjoint, "(self, other, /)", "Return True if two sets have a null intersection."},                        \
  {"issubset", set_issubset, "(self, other, /)", "Report whether another set contains this set."},                                \
  {"issuperset", set_issuperset, "(self, other, /)", "Report whether this set contains another set."},                            \
  {"symmetric_difference", set_symmetric_difference, "(self, other, /)", "Return the symmetric difference of two sets as a new set."}, \
  {"union", set_union_method, "(self, /, *others)", "Return the union of sets as a new set."},                                    \
  {"__sizeof__", set_sizeof, "(self, /)", "S.__sizeof__() -> size of S in memory, in bytes"},                                     \
  {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class}

const NativeRow kSetMethods[] = {
    {"__new__", set_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", set_init, "(self, iterable=(), /)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"add", set_add, "(self, object, /)", "Add an element to a set.\n\nThis has no effect if the element is already present."},
    {"clear", set_clear, "(self, /)", "Remove all elements from this set."},
    {"difference_update", set_difference_update, "(self, /, *others)", "Remove all elements of another set from this set."},
    {"discard", set_discard, "(self, object, /)",
     "Remove an element from a set if it is a member.\n\nUnlike set.remove(), the discard() method does not raise\nan exception when an "
     "element is missing from the set."},
    {"intersection_update", set_intersection_update, "(self, /, *others)", "Update a set with the intersection of itself and another."},
    {"pop", set_pop, "(self, /)", "Remove and return an arbitrary set element.\nRaises KeyError if the set is empty."},
    {"remove", set_remove, "(self, object, /)",
     "Remove an element from a set; it must be a member.\n\nIf the element is not a member, raise a KeyError."},
    {"symmetric_difference_update", set_symmetric_difference_update, "(self, other, /)",
     "Update a set with the symmetric difference of itself and another."},
    {"update", set_update_method, "(self, /, *others)", "Update a set with the union of itself and others."},
    MINI_SHARED_SET_ROWS,
};

const NativeRow kFrozenSetMethods[] = {
    {"__new__", frozenset_new, "(cls, iterable=(), /)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    MINI_SHARED_SET_ROWS,
};
#undef MINI_SHARED_SET_ROWS

}  // namespace

const Layout set_layout = {
    .name = "set", .module = "builtins", .kind = Kind::Set, .size = sizeof(Set), .flags = kSubclassable, .trace = set_trace,
    .finalize = set_finalize,
    .ops = {.repr = set_repr, .compare = set_compare, .truth = set_truth, .length = set_length,
            .contains = set_contains, .iterate = set_iterate, .binary = set_binary, .inplace = set_inplace},
    .methods = kSetMethods, .method_count = std::size(kSetMethods),
    .help = "set() -> new empty set object\nset(iterable) -> new set object\n\nBuild an unordered collection of unique elements."};

const Layout frozenset_layout = {
    .name = "frozenset", .module = "builtins", .kind = Kind::FrozenSet, .size = sizeof(Set), .flags = kSubclassable, .trace = set_trace,
    .finalize = set_finalize,
    .ops = {.repr = set_repr, .hash = frozenset_hash, .compare = set_compare, .truth = set_truth, .length = set_length,
            .contains = set_contains, .iterate = set_iterate, .binary = set_binary},
    .methods = kFrozenSetMethods, .method_count = std::size(kFrozenSetMethods),
    .help = "frozenset() -> empty frozenset object\nfrozenset(iterable) -> frozenset object\n\nBuild an immutable unordered collection of "
            "unique elements."};

}  // namespace mini
