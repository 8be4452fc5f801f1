// SPDX-License-Identifier: MIT
// Views of a dict and their iterators: dict_keys, dict_values, dict_items, each with a forward and a reverse iterator.
//
// An iterator notes how many entries the dict has and raises RuntimeError once that changes. Keys and items views behave
// as sets: comparing, & | - ^ (which give a set), isdisjoint.
#include "runtime/objects/dict_views.h"

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/shape.h"

namespace mini {

Value make_mapping_proxy(Thread& t, Value mapping);   // class_parts.h, which is private to the class system

Value dict_part(Thread& t, const DictEntry& entry, DictPart part) {
  switch (part) {
    case DictPart::Keys: return entry.key;
    case DictPart::Values: return entry.value;
    case DictPart::Items: return Value::of_object(make_tuple(t, {entry.key, entry.value}));
  }
  return Value::none();
}

namespace {

struct DictView : Object {
  Dict* dict;
};

struct DictIterator : Object {
  Dict* dict;             // null: exhausted
  int64_t position;       // next entry to look at
  uint64_t size;          // of the dict when the iterator was made; UINT64_MAX after it changed
  uint64_t remaining;
  uint64_t used;          // of the dict when the iterator was made: grows when a key comes or moves to the end
  DictPart part;
  bool is_reversed;
};

extern const Layout* const kViewLayouts[3];
extern const Layout* const kIteratorLayouts[3];
extern const Layout* const kReverseIteratorLayouts[3];

DictPart part_of(const Object* view) {
  const Layout* layout = type_of(view)->layout;
  return layout == kViewLayouts[0] ? DictPart::Keys : layout == kViewLayouts[1] ? DictPart::Values : DictPart::Items;
}

Dict* dict_of(Value view) { return as<DictView>(view)->dict; }

// --- Iterators ---

void dict_iterator_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<DictIterator*>(self)->dict); }

// Moves to the next entry. None: `entry` is it; Empty at the end, or Raised.
Value advance(Thread& t, DictIterator* it, const DictEntry*& entry) {
  Dict* d = it->dict;
  if (!d) return Value::empty();
  bool watches_order = type_of(d)->layout->flags & kWatchesOrder;
  if (d->count != it->size || (watches_order && d->used != it->used)) {
    it->size = UINT64_MAX;   // and it stays broken
    if (!watches_order) return raise_text(t, ErrorType::RuntimeError, "dictionary changed size during iteration");
    return raise(t, ErrorType::RuntimeError, "OrderedDict {} during iteration", d->count == 0 ? "changed size" : "mutated");
  }
  int64_t step = it->is_reversed ? -1 : 1;
  for (int64_t i = it->position; i >= 0 && i < static_cast<int64_t>(d->used); i += step) {
    if (d->entries[i].key.is_empty()) continue;
    if (it->remaining == 0) {
      it->dict = nullptr;
      return raise_text(t, ErrorType::RuntimeError, "dictionary keys changed during iteration");
    }
    --it->remaining;
    it->position = i + step;
    entry = &d->entries[i];
    return Value::none();
  }
  it->dict = nullptr;
  return Value::empty();
}

Value dict_iterator_next(Thread& t, Value self) {
  const DictEntry* entry;
  Value v = advance(t, as<DictIterator>(self), entry);
  return v.is_none() ? dict_part(t, *entry, as<DictIterator>(self)->part) : v;
}

Value item_iterator_next_pair(Thread& t, Value self, Value* out) {
  const DictEntry* entry;
  Value v = advance(t, as<DictIterator>(self), entry);
  if (!v.is_none()) return v;
  out[0] = entry->key;
  out[1] = entry->value;
  return v;
}

Value dict_iterator_hint(Thread&, Value* args, size_t) {
  auto it = as<DictIterator>(args[0]);
  return Value::of_int(it->dict && it->dict->count == it->size ? it->remaining : 0);
}

// As an iterator over a list of what is left; the iterator itself stays where it is.
Value dict_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<DictIterator>(args[0]);
  auto copy = t.heap->make<DictIterator>(it->shape);
  copy->dict = it->dict;
  copy->position = it->position;
  copy->size = it->size;
  copy->remaining = it->remaining;
  copy->used = it->used;
  copy->part = it->part;
  copy->is_reversed = it->is_reversed;
  return reduced_iterator(t, "iter", {TRY(to_list(t, Value::of_object(copy)))});
}

const NativeRow kDictIteratorMethods[] = {
    {"__reduce__", dict_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__length_hint__", dict_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

constexpr Layout iterator_layout(const char* name, Value (*next_pair)(Thread&, Value, Value*) = nullptr) {
  return {.name = name, .module = "builtins", .kind = Kind::Native, .size = sizeof(DictIterator), .flags = kNoInstantiation,
          .trace = dict_iterator_trace, .ops = {.iterate = iterate_self, .next = dict_iterator_next, .next_pair = next_pair},
          .methods = kDictIteratorMethods, .method_count = std::size(kDictIteratorMethods)};
}

const Layout key_iterator_layout = iterator_layout("dict_keyiterator");
const Layout value_iterator_layout = iterator_layout("dict_valueiterator");
const Layout item_iterator_layout = iterator_layout("dict_itemiterator", item_iterator_next_pair);
const Layout reverse_key_iterator_layout = iterator_layout("dict_reversekeyiterator");
const Layout reverse_value_iterator_layout = iterator_layout("dict_reversevalueiterator");
const Layout reverse_item_iterator_layout = iterator_layout("dict_reverseitemiterator", item_iterator_next_pair);

const Layout* const kIteratorLayouts[3] = {&key_iterator_layout, &value_iterator_layout, &item_iterator_layout};
const Layout* const kReverseIteratorLayouts[3] = {&reverse_key_iterator_layout, &reverse_value_iterator_layout,
                                                  &reverse_item_iterator_layout};

// --- Views ---

void view_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<DictView*>(self)->dict); }

Value view_repr(Thread& t, Value self) {
  ReprGuard guard(t, self.object);
  if (guard.is_recursive()) return str_value(make_str(t, "..."));
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  Value items = TRY(to_list(t, self));
  std::string out = std::string(type_name(t, self)) + "([";
  if (!append_items(t, out, as<List>(items))) return Value::raised();
  return str_value(make_str(t, out + "])"));
}

Value view_length(Thread&, Value self) { return Value::of_int(dict_of(self)->count); }
Value view_iterate(Thread& t, Value self) { return make_dict_iterator(t, dict_of(self), part_of(self.object), false); }
Value view_reversed(Thread& t, Value* args, size_t) { return make_dict_iterator(t, dict_of(args[0]), part_of(args[0].object), true); }

Value keys_contains(Thread& t, Value self, Value key) {
  return Value::of_bool(!TRY(dict_get_item(t, dict_of(self), key)).is_empty());
}

Value items_contains(Thread& t, Value self, Value item) {
  if (!is_kind(item, Kind::Tuple) || as<Tuple>(item)->length != 2) return Value::of_bool(false);
  Value found = TRY(dict_get_item(t, dict_of(self), as<Tuple>(item)->items[0]));
  return found.is_empty() ? Value::of_bool(false) : contained_equal(t, found, as<Tuple>(item)->items[1]);
}

bool is_any_set(Value v) { return is_kind(v, Kind::Set) || is_kind(v, Kind::FrozenSet); }

// Is every item of `a` in `b`?
Value is_contained_in(Thread& t, Value a, Value b) {
  for (Iteration it(t, a);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_bool(true);
    if (!TRY(contains(t, b, item)).is_true()) return Value::of_bool(false);
  }
}

Value view_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_set_like_view(a) || (!is_any_set(b) && !is_set_like_view(b))) return t.interpreter->not_implemented;
  int64_t x = TRY(length_of(t, a)).integer, y = TRY(length_of(t, b)).integer;
  switch (op) {
    case CompareOp::Eq: return x == y ? is_contained_in(t, a, b) : Value::of_bool(false);
    case CompareOp::Ne: return x == y ? Value::of_bool(!TRY(is_contained_in(t, a, b)).is_true()) : Value::of_bool(true);
    case CompareOp::Lt: return x < y ? is_contained_in(t, a, b) : Value::of_bool(false);
    case CompareOp::Le: return x <= y ? is_contained_in(t, a, b) : Value::of_bool(false);
    case CompareOp::Gt: return x > y ? is_contained_in(t, b, a) : Value::of_bool(false);
    case CompareOp::Ge: return x >= y ? is_contained_in(t, b, a) : Value::of_bool(false);
  }
  return Value::none();
}

// The set of a's items, then changed in place by the set method that belongs to the operator.
Value set_operation(Thread& t, Value a, Value b, const char* method) {
  Set* result = make_set(t);
  TRY(set_update_with(t, result, a));
  TRY(call_method(t, Value::of_object(result), intern(t, method), {b}));
  return Value::of_object(result);
}

// a & b keeps the order in which CPython finds the common items: the shorter side is walked.
Value view_intersection(Thread& t, Value a, Value b) {
  if (is_set_like_view(b) && TRY(length_of(t, b)).integer > TRY(length_of(t, a)).integer) std::swap(a, b);
  if (is_kind(b, Kind::Set) && b.object->exact == Kind::Set && is_set_like_view(a) && as<Set>(b)->used >= dict_of(a)->count)
    return call_method(t, b, intern(t, "intersection"), {a});
  Set* result = make_set(t);
  for (Iteration it(t, b);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_object(result);
    if (TRY(contains(t, a, item)).is_true()) TRY(set_add_item(t, result, item));
  }
}

Value view_binary(Thread& t, BinaryOp op, Value a, Value b) {
  switch (op) {
    case BinaryOp::And: return is_set_like_view(a) ? view_intersection(t, a, b) : view_intersection(t, b, a);
    case BinaryOp::Or: return set_operation(t, a, b, "update");
    case BinaryOp::Sub: return set_operation(t, a, b, "difference_update");
    case BinaryOp::Xor: return set_operation(t, a, b, "symmetric_difference_update");
    default: return t.interpreter->not_implemented;
  }
}

Value view_isdisjoint(Thread& t, Value* args, size_t) {
  Value self = args[0], other = args[1];
  if (is_any_set(other) || is_set_like_view(other))
    if (TRY(length_of(t, other)).integer > TRY(length_of(t, self)).integer) std::swap(self, other);
  for (Iteration it(t, other);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_bool(true);
    if (TRY(contains(t, self, item)).is_true()) return Value::of_bool(false);
  }
}

Value view_get_mapping(Thread& t, Value self) { return make_mapping_proxy(t, Value::of_object(dict_of(self))); }

const NativeRow kSetLikeMethods[] = {
    {"isdisjoint", view_isdisjoint, "(self, other, /)", "Return True if the view and the given iterable have a null intersection."},
    {"__reversed__", view_reversed, "(self, /)", "Return a reverse iterator over the dict view."},
};
const NativeRow kValuesMethods[] = {
    {"__reversed__", view_reversed, "(self, /)", "Return a reverse iterator over the dict values."},
};
const AttributeRow kViewAttributes[] = {
    {"mapping", view_get_mapping, nullptr, "dictionary that this view refers to"},
};

constexpr Layout set_like_layout(const char* name, Value (*contains)(Thread&, Value, Value)) {
  return {.name = name, .module = "builtins", .kind = Kind::Native, .size = sizeof(DictView), .flags = kNoInstantiation, .trace = view_trace,
          .ops = {.repr = view_repr, .compare = view_compare, .length = view_length, .contains = contains,
                  .iterate = view_iterate, .binary = view_binary},
          .methods = kSetLikeMethods, .method_count = std::size(kSetLikeMethods),
          .attributes = kViewAttributes, .attribute_count = std::size(kViewAttributes)};
}

const Layout keys_layout = set_like_layout("dict_keys", keys_contains);
const Layout items_layout = set_like_layout("dict_items", items_contains);
const Layout values_layout = {
    .name = "dict_values", .module = "builtins", .kind = Kind::Native, .size = sizeof(DictView), .flags = kNoInstantiation, .trace = view_trace,
    .ops = {.repr = view_repr, .length = view_length, .iterate = view_iterate},
    .methods = kValuesMethods, .method_count = std::size(kValuesMethods),
    .attributes = kViewAttributes, .attribute_count = std::size(kViewAttributes)};

const Layout* const kViewLayouts[3] = {&keys_layout, &values_layout, &items_layout};

}  // namespace

Dict* dict_in_order(Value v, DictPart& part) {
  part = DictPart::Keys;
  if (is_exact(v, Kind::Dict)) return as<Dict>(v);
  if (!is_kind(v, Kind::Native)) return nullptr;
  const Layout* layout = type_of(v.object)->layout;
  for (DictPart p : {DictPart::Keys, DictPart::Values, DictPart::Items}) {
    if (layout != kViewLayouts[static_cast<int>(p)]) continue;
    Dict* d = dict_of(v);
    part = p;
    return d->exact == Kind::Dict ? d : nullptr;
  }
  return nullptr;
}

bool is_set_like_view(Value v) {
  if (!v.is_object() || v.object->kind != Kind::Native) return false;
  const Layout* layout = type_of(v.object)->layout;
  return layout == &keys_layout || layout == &items_layout;
}

Value make_dict_view(Thread& t, Dict* d, DictPart part) {
  auto view = t.heap->make<DictView>(native_type(t, *kViewLayouts[static_cast<int>(part)])->root_shape);
  view->dict = d;
  return Value::of_object(view);
}

Value make_dict_iterator(Thread& t, Dict* d, DictPart part, bool is_reversed) {
  const Layout* layout = (is_reversed ? kReverseIteratorLayouts : kIteratorLayouts)[static_cast<int>(part)];
  auto it = t.heap->make<DictIterator>(native_type(t, *layout)->root_shape);
  it->dict = d;
  it->part = part;
  it->is_reversed = is_reversed;
  it->size = it->remaining = d->count;
  it->used = d->used;
  it->position = is_reversed ? static_cast<int64_t>(d->used) - 1 : d->extra;
  return Value::of_object(it);
}

}  // namespace mini
