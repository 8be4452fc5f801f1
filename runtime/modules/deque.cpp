// SPDX-License-Identifier: MIT
// deque: a ring buffer that grows by doubling, so both ends and indexing take constant time.
//
// Comparing, showing or iterating may run script code that changes the deque; loops ask for the item by position each time,
// and those that CPython guards raise "deque mutated during iteration".
#include "runtime/modules/deque.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterator_state.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

Deque* deque_of(Value v) { return as<Deque>(v); }
bool is_deque(Value v) { return v.is_object() && v.object->kind == Kind::Native && type_of(v.object)->layout == &deque_layout; }
Value& item_at(Deque* d, uint64_t i) { return d->items[(d->head + i) & (d->capacity - 1)]; }

Deque* new_deque(Thread& t, Type* type) {
  auto d = static_cast<Deque*>(allocate_object(t, type));
  d->items = nullptr;
  d->capacity = d->head = d->length = d->version = 0;
  d->limit = -1;
  return d;
}

constexpr uint64_t kLeastCapacity = 8;

// To another power of two that is large enough.
void resize(Thread& t, Deque* d, uint64_t capacity) {
  auto items = static_cast<Value*>(must_malloc(capacity * sizeof(Value)));
  for (uint64_t i = 0; i < d->length; ++i) items[i] = item_at(d, i);
  free(d->items);
  t.heap->account(static_cast<ptrdiff_t>((capacity - d->capacity) * sizeof(Value)));
  d->items = items;
  d->capacity = capacity;
  d->head = 0;
  note_finalizer(d);
}

void clear(Thread& t, Deque* d) {
  t.heap->account(-static_cast<ptrdiff_t>(d->capacity * sizeof(Value)));
  free(d->items);
  d->items = nullptr;
  d->capacity = d->head = d->length = 0;
  ++d->version;
}

Value pop_front(Deque* d) {
  Value v = item_at(d, 0);
  d->head = (d->head + 1) & (d->capacity - 1);
  --d->length;
  ++d->version;
  return v;
}

Value pop_back(Deque* d) {
  Value v = item_at(d, --d->length);
  ++d->version;
  return v;
}

// With a limit, the item at the other end goes.
void push_back(Thread& t, Deque* d, Value v) {
  if (d->limit == 0) return;
  if (d->limit > 0 && d->length == static_cast<uint64_t>(d->limit)) (void)pop_front(d);
  if (d->length == d->capacity) resize(t, d, std::max(kLeastCapacity, d->capacity * 2));
  store(d, item_at(d, d->length++), v);
  ++d->version;
}

void push_front(Thread& t, Deque* d, Value v) {
  if (d->limit == 0) return;
  if (d->limit > 0 && d->length == static_cast<uint64_t>(d->limit)) (void)pop_back(d);
  if (d->length == d->capacity) resize(t, d, std::max(kLeastCapacity, d->capacity * 2));
  d->head = (d->head - 1) & (d->capacity - 1);
  ++d->length;
  store(d, item_at(d, 0), v);
  ++d->version;
}

Value extend(Thread& t, Deque* d, Value iterable, bool to_front) {
  if (iterable.is_object() && iterable.object == d) iterable = TRY(to_list(t, iterable));
  Iteration it(t, iterable);
  TRY(it.give([&](const Value& item) {
    if (to_front) push_front(t, d, item);
    else push_back(t, d, item);
    return true;
  }));
  return Value::none();
}

// Positive: to the right.
void rotate(Deque* d, int64_t n) {
  int64_t length = static_cast<int64_t>(d->length);
  if (length <= 1) return;
  n %= length;
  if (n > length / 2) n -= length;
  if (n < -length / 2) n += length;
  for (; n > 0; --n) {
    Value v = item_at(d, d->length - 1);
    d->head = (d->head - 1) & (d->capacity - 1);
    item_at(d, 0) = v;
  }
  for (; n < 0; ++n) {
    Value v = item_at(d, 0);
    d->head = (d->head + 1) & (d->capacity - 1);
    item_at(d, d->length - 1) = v;
  }
  ++d->version;
}

void remove_at(Deque* d, uint64_t i) {
  rotate(d, -static_cast<int64_t>(i));
  (void)pop_front(d);
  rotate(d, static_cast<int64_t>(i));
}

Deque* copy_of(Thread& t, Deque* d) {
  Deque* copy = new_deque(t, native_type(t, deque_layout));
  copy->limit = d->limit;
  if (d->length == 0) return copy;
  resize(t, copy, std::bit_ceil(std::max<uint64_t>(d->length, kLeastCapacity)));
  for (uint64_t i = 0; i < d->length; ++i) store(copy, copy->items[i], item_at(d, i));
  copy->length = d->length;
  return copy;
}

// --- Entries of TypeOps ---

void deque_trace(Object* self, Marker& marker) {
  auto d = static_cast<Deque*>(self);
  for (uint64_t i = 0; i < d->length; ++i) marker.mark(item_at(d, i));
}

void deque_finalize(Object* self, Heap& heap) {
  heap.account(-static_cast<ptrdiff_t>(static_cast<Deque*>(self)->capacity * sizeof(Value)));
  free(static_cast<Deque*>(self)->items);
}

Value deque_repr(Thread& t, Value self) {
  ReprGuard guard(t, self.object);
  if (guard.is_recursive()) return str_value(make_str(t, "[...]"));
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  Value items = TRY(to_list(t, self));
  std::string out = std::string(short_type_name(t, self)) + "([";
  if (!append_items(t, out, as<List>(items))) return Value::raised();
  out += "]";
  if (deque_of(self)->limit >= 0) out += fmt::format(", maxlen={}", deque_of(self)->limit);
  return str_value(make_str(t, out + ")"));
}

Value deque_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_deque(a) || !is_deque(b)) return t.interpreter->not_implemented;
  Value x = TRY(to_list(t, a));
  return sequence_compare(t, op, x, TRY(to_list(t, b)));
}

Value deque_truth(Thread&, Value self) { return Value::of_bool(deque_of(self)->length != 0); }
Value deque_length(Thread&, Value self) { return Value::of_int(static_cast<int64_t>(deque_of(self)->length)); }

Value raise_mutated(Thread& t) { return raise_text(t, ErrorType::RuntimeError, "deque mutated during iteration"); }

// The first position in [begin, end) whose item equals v; Empty when there is none.
Value find(Thread& t, Deque* d, Value v, uint64_t begin, uint64_t end) {
  uint64_t version = d->version;
  for (uint64_t i = begin; i < end && i < d->length; ++i) {
    Value same = TRY(contained_equal(t, item_at(d, i), v));
    if (same.is_true()) return Value::of_int(static_cast<int64_t>(i));
    if ((i & 4095) == 4095) TRY(t.poll_signals());
    if (d->version != version) return raise_mutated(t);
  }
  return Value::empty();
}

Value deque_contains(Thread& t, Value self, Value v) { return Value::of_bool(!TRY(find(t, deque_of(self), v, 0, UINT64_MAX)).is_empty()); }

bool position(Thread& t, Deque* d, Value key, int64_t& out) {
  if (!is_integer(key) && !type_of(t, key)->ops.index) {
    (void)raise(t, ErrorType::TypeError, "sequence index must be integer, not '{}'", type_name(t, key));
    return false;
  }
  if (!sequence_position(t, key, d->length, "deque", out)) return false;
  if (static_cast<uint64_t>(out) < d->length) return true;
  (void)raise_text(t, ErrorType::IndexError, "deque index out of range");
  return false;
}

Value deque_get_item(Thread& t, Value self, Value key) {
  int64_t i;
  if (!position(t, deque_of(self), key, i)) return Value::raised();
  return item_at(deque_of(self), i);
}

Value deque_set_item(Thread& t, Value self, Value key, Value v) {
  int64_t i;
  if (!position(t, deque_of(self), key, i)) return Value::raised();
  if (v.is_empty()) remove_at(deque_of(self), i);
  else store(self.object, item_at(deque_of(self), i), v);
  return Value::none();
}

struct DequeIterator : Object {
  Deque* deque;          // null: exhausted
  uint64_t position, version;
  bool is_reversed;
};

void deque_iterator_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<DequeIterator*>(self)->deque); }

Value deque_iterator_next(Thread& t, Value self) {
  auto it = as<DequeIterator>(self);
  Deque* d = it->deque;
  if (!d) return Value::empty();
  if (d->version != it->version) {
    it->deque = nullptr;
    return raise_mutated(t);
  }
  if (it->position >= d->length) {
    it->deque = nullptr;
    return Value::empty();
  }
  uint64_t i = it->position++;
  return item_at(d, it->is_reversed ? d->length - 1 - i : i);
}

Value deque_iterator_hint(Thread&, Value* args, size_t) {
  auto it = as<DequeIterator>(args[0]);
  return Value::of_int(it->deque ? static_cast<int64_t>(it->deque->length - it->position) : 0);
}

Value deque_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<DequeIterator>(args[0]);
  if (!it->deque) return reduced_object(t, args[0], {Value::of_object(t.interpreter->empty_tuple)});
  return reduced_object(t, args[0], {Value::of_object(it->deque), Value::of_int(static_cast<int64_t>(it->position))});
}

Value deque_iterator_new(Thread& t, Value* args, size_t);

const NativeRow kDequeIteratorMethods[] = {
    {"__new__", deque_iterator_new, "(cls, /, *args, **kwargs)", "An iterator over a deque, which may begin behind its first item.", Binding::Static},
    {"__reduce__", deque_iterator_reduce, "(self, /)", kReduceHelp},
    {"__length_hint__", deque_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

constexpr Layout iterator_layout(const char* name) {
  return {.name = name, .module = "_collections", .kind = Kind::Native, .size = sizeof(DequeIterator),
          .trace = deque_iterator_trace, .ops = {.iterate = iterate_self, .next = deque_iterator_next},
          .methods = kDequeIteratorMethods, .method_count = std::size(kDequeIteratorMethods)};
}

const Layout deque_iterator_layout = iterator_layout("_deque_iterator");
const Layout deque_reverse_iterator_layout = iterator_layout("_deque_reverse_iterator");

Value make_iterator(Thread& t, Value self, const Layout& layout) {
  auto it = t.heap->make<DequeIterator>(native_type(t, layout)->root_shape);
  it->deque = deque_of(self);
  it->position = 0;
  it->version = deque_of(self)->version;
  it->is_reversed = &layout == &deque_reverse_iterator_layout;
  return Value::of_object(it);
}

// Keywords are taken and mean nothing, as in CPython.
Value deque_iterator_new(Thread& t, Value* args, size_t argc) {
  const Value* given = args + 2;
  size_t count = argc - 2;
  if (count == 0) return raise_text(t, ErrorType::TypeError, "function takes at least 1 argument (0 given)");
  if (count > 2) return raise(t, ErrorType::TypeError, "function takes at most 2 arguments ({} given)", count);
  if (!is_deque(given[0])) return raise(t, ErrorType::TypeError, "argument 1 must be collections.deque, not {}", argument_type_name(t, given[0]));
  int64_t position = 0;
  if (count == 2 && !to_index(t, given[1], position)) return Value::raised();
  Value made = make_iterator(t, given[0], *as<Type>(args[0])->layout);
  as<DequeIterator>(made)->position = std::clamp<int64_t>(position, 0, static_cast<int64_t>(deque_of(given[0])->length));
  return made;
}

Value deque_iterate(Thread& t, Value self) { return make_iterator(t, self, deque_iterator_layout); }
Value deque_reversed(Thread& t, Value* args, size_t) { return make_iterator(t, args[0], deque_reverse_iterator_layout); }

Value repeat_in_place(Thread& t, Deque* d, Value count) {
  int64_t times, total;
  if (!repeat_count(t, count, times)) return Value::raised();
  if (times == 0) {
    clear(t, d);
    return Value::none();
  }
  int64_t length = static_cast<int64_t>(d->length);
  if (length == 0) return Value::none();
  if (d->limit >= 0) times = std::min(times, (d->limit - 1) / length + 1);   // what comes before falls out at the front again
  if (__builtin_mul_overflow(times, length, &total) || total > INT64_MAX / 32 || !t.heap->can_allocate(total * sizeof(Value))) return raise_memory(t);
  ValueList items(t);
  for (int64_t i = 0; i < length; ++i) items.push(item_at(d, i));
  for (int64_t i = 1; i < times; ++i)
    for (Value v : items) push_back(t, d, v);
  return Value::none();
}

Value deque_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add && is_deque(a)) {
    if (!is_deque(b)) return raise(t, ErrorType::TypeError, "can only concatenate deque (not \"{}\") to deque", type_name(t, b));
    Deque* result = copy_of(t, deque_of(a));
    TRY(extend(t, result, b, false));
    return Value::of_object(result);
  }
  if (op == BinaryOp::Mul && (is_deque(a) || is_deque(b))) {
    Deque* result = copy_of(t, deque_of(is_deque(a) ? a : b));
    TRY(repeat_in_place(t, result, is_deque(a) ? b : a));
    return Value::of_object(result);
  }
  return t.interpreter->not_implemented;
}

Value deque_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add) TRY(extend(t, deque_of(a), b, false));
  else if (op == BinaryOp::Mul) TRY(repeat_in_place(t, deque_of(a), b));
  else return t.interpreter->not_implemented;
  return a;
}

// --- Methods ---

Value deque_new(Thread& t, Value* args, size_t) { return Value::of_object(new_deque(t, as<Type>(args[0]))); }

Value deque_init(Thread& t, Value* args, size_t) {
  auto d = deque_of(args[0]);
  int64_t limit = -1;
  if (!args[2].is_empty() && !args[2].is_none()) {
    if (!is_integer(args[2])) return raise_text(t, ErrorType::TypeError, "an integer is required");
    if (!to_index(t, args[2], limit)) return Value::raised();
    if (limit < 0) return raise_text(t, ErrorType::ValueError, "maxlen must be non-negative");
  }
  clear(t, d);
  d->limit = limit;
  return args[1].is_empty() ? Value::none() : extend(t, d, args[1], false);
}

Value deque_append(Thread& t, Value* args, size_t) {
  push_back(t, deque_of(args[0]), args[1]);
  return Value::none();
}

Value deque_appendleft(Thread& t, Value* args, size_t) {
  push_front(t, deque_of(args[0]), args[1]);
  return Value::none();
}

Value deque_clear(Thread& t, Value* args, size_t) {
  clear(t, deque_of(args[0]));
  return Value::none();
}

Value deque_copy(Thread& t, Value* args, size_t) {
  auto d = deque_of(args[0]);
  if (!(type_of(d)->type_flags & kTypeIsScript)) return Value::of_object(copy_of(t, d));
  Value cls = Value::of_object(type_of(d));
  return d->limit < 0 ? call(t, cls, {args[0]}) : call(t, cls, {args[0], Value::of_int(d->limit)});
}

Value deque_count(Thread& t, Value* args, size_t) {
  auto d = deque_of(args[0]);
  int64_t count = 0;
  uint64_t version = d->version;
  for (uint64_t i = 0; i < d->length; ++i) {
    count += TRY(contained_equal(t, item_at(d, i), args[1])).is_true();
    if ((i & 4095) == 4095) TRY(t.poll_signals());
    if (d->version != version) return raise_mutated(t);
  }
  return Value::of_int(count);
}

Value deque_extend(Thread& t, Value* args, size_t) { return extend(t, deque_of(args[0]), args[1], false); }
Value deque_extendleft(Thread& t, Value* args, size_t) { return extend(t, deque_of(args[0]), args[1], true); }

Value deque_index(Thread& t, Value* args, size_t) {
  auto d = deque_of(args[0]);
  int64_t begin, end;
  if (!search_bound(t, args[2], 0, d->length, begin)) return Value::raised();
  if (!search_bound(t, args[3], INT64_MAX, d->length, end)) return Value::raised();
  Value found = TRY(find(t, d, args[1], begin, end));
  if (!found.is_empty()) return found;
  std::string text;
  if (!append_repr(t, text, args[1])) return raise_without_text(t, ErrorType::ValueError);
  return raise(t, ErrorType::ValueError, "{} is not in deque", text);
}

Value deque_insert(Thread& t, Value* args, size_t) {
  auto d = deque_of(args[0]);
  int64_t i, length = static_cast<int64_t>(d->length);
  if (!to_index(t, args[1], i)) return Value::raised();
  if (d->limit == length) return raise_text(t, ErrorType::IndexError, "deque already at its maximum size");
  if (i < 0) i = std::max<int64_t>(0, i + length);
  i = std::min(i, length);
  rotate(d, -i);
  push_front(t, d, args[2]);
  rotate(d, i);
  return Value::none();
}

Value deque_pop(Thread& t, Value* args, size_t) {
  if (deque_of(args[0])->length == 0) return raise_text(t, ErrorType::IndexError, "pop from an empty deque");
  return pop_back(deque_of(args[0]));
}

Value deque_popleft(Thread& t, Value* args, size_t) {
  if (deque_of(args[0])->length == 0) return raise_text(t, ErrorType::IndexError, "pop from an empty deque");
  return pop_front(deque_of(args[0]));
}

Value deque_remove(Thread& t, Value* args, size_t) {
  auto d = deque_of(args[0]);
  uint64_t length = d->length;
  Value found = find(t, d, args[1], 0, UINT64_MAX);
  if (found.is_raised()) {
    if (d->length == length || !exception_matches(t, ErrorType::RuntimeError)) return found;
    (void)take_exception(t);
    return raise_text(t, ErrorType::IndexError, "deque mutated during iteration");
  }
  if (found.is_empty()) {
    std::string text;
    if (!append_repr(t, text, args[1])) return raise_without_text(t, ErrorType::ValueError);
    return raise(t, ErrorType::ValueError, "{} is not in deque", text);
  }
  if (d->length != length) return raise_text(t, ErrorType::IndexError, "deque mutated during iteration");
  remove_at(d, found.integer);
  return Value::none();
}

Value deque_reverse(Thread&, Value* args, size_t) {
  auto d = deque_of(args[0]);
  for (uint64_t i = 0; i < d->length / 2; ++i) std::swap(item_at(d, i), item_at(d, d->length - 1 - i));
  return Value::none();
}

Value deque_rotate(Thread& t, Value* args, size_t) {
  int64_t n = 1;
  if (!args[1].is_empty() && !to_index(t, args[1], n)) return Value::raised();
  rotate(deque_of(args[0]), n);
  return Value::none();
}

// Called by name these want an index that fits, and say so in other words than `d[i]` does.
Value deque_getitem_method(Thread& t, Value* args, size_t) {
  int64_t i;
  if (!to_length(t, args[1], i)) return Value::raised();
  return deque_get_item(t, args[0], Value::of_int(i));
}

Value deque_setitem_method(Thread& t, Value* args, size_t) {
  int64_t i;
  if (!to_length(t, args[1], i)) return Value::raised();
  return deque_set_item(t, args[0], Value::of_int(i), args[2]);
}

Value deque_delitem_method(Thread& t, Value* args, size_t) {
  int64_t i;
  if (!to_length(t, args[1], i)) return Value::raised();
  return deque_set_item(t, args[0], Value::of_int(i), Value::empty());
}

Value deque_get_maxlen(Thread&, Value self) { return deque_of(self)->limit < 0 ? Value::none() : Value::of_int(deque_of(self)->limit); }

const NativeRow kDequeMethods[] = {
    {"__new__", deque_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", deque_init, "(self, iterable=(), maxlen=None)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"append", deque_append, "(self, item, /)", "Add an element to the right side of the deque."},
    {"appendleft", deque_appendleft, "(self, item, /)", "Add an element to the left side of the deque."},
    {"clear", deque_clear, "(self, /)", "Remove all elements from the deque."},
    {"copy", deque_copy, "(self, /)", "Return a shallow copy of a deque."},
    {"__copy__", deque_copy, "(self, /)", "Return a shallow copy of a deque."},
    {"count", deque_count, "(self, value, /)", "D.count(value) -- return number of occurrences of value"},
    {"extend", deque_extend, "(self, iterable, /)", "Extend the right side of the deque with elements from the iterable"},
    {"extendleft", deque_extendleft, "(self, iterable, /)", "Extend the left side of the deque with elements from the iterable"},
    {"index", deque_index, "(self, value, start=0, stop=9223372036854775807, /)",
     "D.index(value, [start, [stop]]) -- return first index of value.\nRaises ValueError if the value is not present."},
    {"insert", deque_insert, "(self, index, object, /)", "D.insert(index, object) -- insert object before index"},
    {"__getitem__", deque_getitem_method, "(self, key, /)", "Return self[key]."},
    {"__setitem__", deque_setitem_method, "(self, key, value, /)", "Set self[key] to value."},
    {"__delitem__", deque_delitem_method, "(self, key, /)", "Delete self[key]."},
    {"pop", deque_pop, "(self, /)", "Remove and return the rightmost element."},
    {"popleft", deque_popleft, "(self, /)", "Remove and return the leftmost element."},
    {"remove", deque_remove, "(self, value, /)", "D.remove(value) -- remove first occurrence of value."},
    {"reverse", deque_reverse, "(self, /)", "D.reverse() -- reverse *IN PLACE*"},
    {"rotate", deque_rotate, "(self, n=1, /)", "Rotate the deque n steps to the right (default n=1).  If n is negative, rotates left."},
    {"__reversed__", deque_reversed, "(self, /)", "D.__reversed__() -- return a reverse iterator over the deque"},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
};

const AttributeRow kDequeAttributes[] = {
    {"maxlen", deque_get_maxlen, nullptr, "maximum size of a deque or None if unbounded"},
};

}  // namespace

const Layout deque_layout = {
    .name = "deque", .module = "collections", .kind = Kind::Native, .size = sizeof(Deque), .flags = kSubclassable, .trace = deque_trace,
    .finalize = deque_finalize,
    .ops = {.repr = deque_repr, .compare = deque_compare, .truth = deque_truth, .length = deque_length, .contains = deque_contains,
            .get_item = deque_get_item, .set_item = deque_set_item, .iterate = deque_iterate, .binary = deque_binary,
            .inplace = deque_inplace},
    .methods = kDequeMethods, .method_count = std::size(kDequeMethods),
    .attributes = kDequeAttributes, .attribute_count = std::size(kDequeAttributes),
    .help = "deque([iterable[, maxlen]]) --> deque object\n\nA list-like sequence optimized for data accesses near its endpoints."};

}  // namespace mini
