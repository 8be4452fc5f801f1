// SPDX-License-Identifier: MIT
// set and frozenset: methods, operators, iteration. The order in which a set iterates depends on its table (set_table.h) and on
// how results are put together. Both follow CPython step by step, so that scripts print the same; change neither for taste.
#include "runtime/objects/set.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/dict_views.h"
#include "runtime/objects/hash_inl.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set_table.h"
#include "runtime/shape.h"

namespace mini {

namespace {

bool is_any_set(Value v) { return is_kind(v, Kind::Set) || is_kind(v, Kind::FrozenSet); }

Set* new_set(Thread& t, Type* type) {
  void* inside;
  Set* s;
  if (type == types(t).set || type == types(t).frozenset) {
    s = t.heap->make<Set>(type->root_shape, inside_table_bytes());
    inside = s + 1;
  } else {
    s = static_cast<Set*>(allocate_object(t, type, inside_table_bytes(), &inside));
  }
  init_table(s, static_cast<Value*>(inside));
  s->hash = -1;
  return s;
}

Set* new_of_base_type(Thread& t, const Set* like) { return make_set(t, like->kind == Kind::FrozenSet); }

Value merge_set(Thread& t, Set* s, Set* other) { return set_add_all(t, s, other) ? Value::none() : Value::raised(); }

Value merge_dict(Thread& t, Set* s, Dict* d) {
  if (!set_reserve(t, s, d->count)) return Value::raised();
  for (uint32_t i = 0; i < d->used; ++i)
    if (!d->entries[i].key.is_empty()) TRY(set_add_hashed(t, s, d->entries[i].key, static_cast<int64_t>(d->entries[i].hash)));
  return Value::none();
}

}  // namespace

// --- Access from native code ---

Set* make_set(Thread& t, bool is_frozen) { return new_set(t, is_frozen ? types(t).frozenset : types(t).set); }

Value set_add_item(Thread& t, Set* s, Value v) {
  if (has_plain_hash(v) && set_add_plain(t, s, v)) return Value::none();
  int64_t hash;
  if (!hash_of(t, v, hash)) return Value::raised();
  return set_add_hashed(t, s, v, hash);
}

Value set_contains_item(Thread& t, Set* s, Value v) {
  int64_t hash;
  if (!hash_of(t, v, hash)) return Value::raised();
  return set_contains_hashed(t, s, v, hash);
}

Value set_discard_item(Thread& t, Set* s, Value v) {
  int64_t hash;
  if (!hash_of(t, v, hash)) return Value::raised();
  return set_discard_hashed(t, s, v, hash);
}

Value set_update_with(Thread& t, Set* s, Value iterable) {
  if (is_any_set(iterable)) return merge_set(t, s, as<Set>(iterable));
  if (is_exact(iterable, Kind::Dict)) return merge_dict(t, s, as<Dict>(iterable));
  for (Iteration it(t, iterable);;) {
    Value item = TRY(it.give([&](const Value& v) { return has_plain_hash(v) && set_add_plain(t, s, v); }));
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
    return set_add_shared(t, result, walked, s, true) ? Value::of_object(result) : Value::raised();
  }
  for (Iteration it(t, other);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_object(result);
    int64_t hash;
    if (!hash_of(t, item, hash)) return Value::raised();
    if (TRY(set_contains_hashed(t, s, item, hash)).is_true()) TRY(set_add_other(t, result, item, hash));
  }
}

Value discard_all(Thread& t, Set* s, Value other) {
  if (other.is_object() && other.object == s) {
    set_clear_table(t, s);
    return Value::none();
  }
  if (is_any_set(other)) {
    if (as<Set>(other)->used >> 3 > s->used) other = TRY(set_intersection(t, s, other));
    SetItem item;
    for (uint64_t i = 0; next_item(as<Set>(other), i, item);) TRY(set_discard_hashed(t, s, item.key, item.hash));
  } else {
    for (Iteration it(t, other);;) {
      Value item = TRY(it.next());
      if (item.is_empty()) break;
      TRY(set_discard_item(t, s, item));
    }
  }
  if (s->fill - s->used > s->mask / 4 && !set_grow(t, s)) return Value::raised();
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
  if (!is_dict) return set_add_shared(t, result, s, as<Set>(other), false) ? Value::of_object(result) : Value::raised();
  SetItem item;
  for (uint64_t i = 0; next_item(s, i, item);)
    if (TRY(dict_get_item(t, as<Dict>(other), item.key)).is_empty()) TRY(set_add_other(t, result, item.key, item.hash));
  return Value::of_object(result);
}

Value toggle(Thread& t, Set* s, Value key, int64_t hash) {
  if (TRY(set_discard_hashed(t, s, key, hash)).is_true()) return Value::none();
  return set_add_hashed(t, s, key, hash);
}

Value toggle_all(Thread& t, Set* s, Value other) {
  if (other.is_object() && other.object == s) {
    set_clear_table(t, s);
    return Value::none();
  }
  if (is_exact(other, Kind::Dict)) {
    auto d = as<Dict>(other);
    for (uint32_t i = 0; i < d->used; ++i)
      if (!d->entries[i].key.is_empty()) TRY(toggle(t, s, d->entries[i].key, static_cast<int64_t>(d->entries[i].hash)));
    return Value::none();
  }
  Value source = TRY(as_set(t, other));
  return set_toggle_all(t, s, as<Set>(source)) ? Value::none() : Value::raised();
}

Value symmetric_difference(Thread& t, Set* s, Value other) {
  Set* result = new_of_base_type(t, s);
  TRY(set_update_with(t, result, other));
  TRY(toggle_all(t, result, Value::of_object(s)));
  return Value::of_object(result);
}

Value is_subset(Thread& t, Set* s, Set* other) {
  if (s->used > other->used) return Value::of_bool(false);
  SetItem item;
  for (uint64_t i = 0; next_item(s, i, item);)
    if (!TRY(set_contains_hashed(t, other, item.key, item.hash)).is_true()) return Value::of_bool(false);
  return Value::of_bool(true);
}

// --- Entries of TypeOps ---

void set_trace(Object* self, Marker& marker) {
  auto s = static_cast<Set*>(self);
  if (!(s->flags & kSetHoldsObjects)) return;
  marker.mark(s->table, s->mask + 1);
}

void set_finalize(Object* self, Heap& heap) { set_free_table(static_cast<Set*>(self), heap); }

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
    if (!s->table[i].is_empty()) hash ^= shuffle_bits(static_cast<uint64_t>(set_hash_at(s, i)));
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

Value set_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (!is_kind(a, Kind::Set) || !is_any_set(b)) return t.interpreter->not_implemented;
  auto s = as<Set>(a);
  switch (op) {
    case BinaryOp::And: set_take_table(t, s, as<Set>(TRY(set_intersection(t, s, b)))); return a;
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
  SetItem item;
  if (next_item(s, it->position, item)) {
    --it->remaining;
    return item.key;
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
  set_clear_table(t, s);
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
  set_clear_table(t, as<Set>(args[0]));
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
  while (s->table[i].is_empty()) i = i == s->mask ? 0 : i + 1;
  Value key = s->table[i];
  s->table[i].tag = Tag::Empty;
  s->table[i].integer = kDeletedPlace;
  --s->used;
  s->finger = static_cast<uint32_t>(i + 1);
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
  set_take_table(t, as<Set>(args[0]), as<Set>(result));
  return Value::none();
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
    SetItem item;
    for (uint64_t i = 0; next_item(walked, i, item);)
      if (TRY(set_contains_hashed(t, s, item.key, item.hash)).is_true()) return Value::of_bool(false);
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
  return Value::of_int(sizeof(Set) + inside_table_bytes() + (is_inside(s) ? 0 : set_table_bytes(s)));
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
