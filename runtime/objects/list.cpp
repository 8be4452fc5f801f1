// SPDX-License-Identifier: MIT
// list: a growable array of Values. Items are malloc'd, but those of a list made with known items lie right behind the object
// until it grows (kListItemsInside), which spares small lists a malloc.
//
// Any call that may run script code (comparing, showing, iterating something foreign) may change the list: length and items are
// read again after it. Sorting is in sort.cpp.
#include "runtime/objects/sequence.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/list_inl.h"
#include "runtime/objects/range.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

constexpr size_t kMostItemsInside = 16;

// Moves the items to where the buffer begins.
void close_front(List* list) {
  uint64_t front = list->front();
  if (front == 0) return;
  memmove(static_cast<void*>(list->items - front), list->items, list->length * sizeof(Value));
  list->items -= front;
  list->capacity += front;
  list->extra = 0;
}

// The first `count` places become free; what was in them was moved or is gone.
void leave_front(List* list, uint64_t count) {
  list->items += count;
  list->capacity -= count;
  list->length -= count;
  list->extra += static_cast<uint32_t>(2 * count);
}

// May items be taken away by moving those in front of them? Not if they lie in the object.
bool can_leave_front(const List* list, uint64_t count) {
  constexpr uint64_t kMost = INT32_MAX;
  return list->extra != kListItemsInside && list->front() + count < kMost;
}

// Gives the list room for exactly `capacity` items (at least its length).
void set_capacity(Thread& t, List* list, uint64_t capacity) {
  if (list->extra != kListItemsInside) close_front(list);
  if (capacity == list->capacity) return;
  bool was_inside = list->extra == kListItemsInside;
  size_t before = was_inside ? 0 : list->capacity * sizeof(Value);
  if (capacity == 0) {
    if (!was_inside) t.heap->give_buffer(list->items, before);
    list->items = nullptr;
  } else {
    void* items = t.heap->resize_buffer(was_inside ? nullptr : list->items, before, capacity * sizeof(Value));
    if (was_inside) memcpy(items, static_cast<void*>(list->items), list->length * sizeof(Value));
    list->items = static_cast<Value*>(items);
  }
  list->extra = 0;
  list->capacity = capacity;
  note_finalizer(list);
}

// Room for `wanted` items with some to spare. False after raising MemoryError.
bool reserve(Thread& t, List* list, uint64_t wanted) {
  if (wanted <= list->capacity) return true;
  if (list->extra > kListItemsInside) {
    close_front(list);
    if (wanted <= list->capacity) return true;
  }
  if (wanted > INT64_MAX / sizeof(Value) || !t.heap->can_allocate(wanted * sizeof(Value))) {
    (void)raise_memory(t);
    return false;
  }
  uint64_t spare = wanted < 65536 ? wanted >> 2 : wanted >> 3;
  uint64_t capacity = (wanted + spare + 3) & ~uint64_t{3};
  // A list that was empty gets what was asked for: `list(x)` and `[] + x` rarely grow further.
  if (list->capacity == 0 && wanted > 4) capacity = wanted;
  set_capacity(t, list, capacity);
  return true;
}

void shrink(Thread& t, List* list) {
  uint64_t places = list->capacity + list->front();
  if (places > 16 && list->length < places / 2) set_capacity(t, list, list->length + list->length / 8);
}

List* new_list(Thread& t, Type* type) {
  auto list = type == types(t).list ? t.heap->make<List>(type->root_shape) : static_cast<List*>(allocate_object(t, type));
  list->length = list->capacity = 0;
  list->items = nullptr;
  list->extra = 0;
  return list;
}

}  // namespace

List* list_part(Thread& t, List* list, int64_t start, int64_t count) {
  List* result = make_list(t, static_cast<size_t>(count));
  if (count > 0) memcpy(static_cast<void*>(result->items), list->items + start, static_cast<size_t>(count) * sizeof(Value));
  result->length = static_cast<uint64_t>(count);
  return result;
}

void give_list_items(Heap& heap, List* list) {
  if (list->extra == kListItemsInside || !list->items) return;
  heap.give_buffer(list->items - list->front(), (list->capacity + list->front()) * sizeof(Value));
}

List* make_list(Thread& t, size_t capacity) {
  if (capacity == 0 || capacity > kMostItemsInside) {
    List* list = new_list(t, types(t).list);
    if (capacity) set_capacity(t, list, capacity);
    return list;
  }
  auto list = t.heap->make<List>(types(t).list->root_shape, capacity * sizeof(Value));
  list->items = reinterpret_cast<Value*>(list + 1);
  list->length = 0;
  list->capacity = capacity;
  list->extra = kListItemsInside;
  return list;
}

List* make_list(Thread& t, const Value* items, size_t length) {
  List* list = make_list(t, length);
  copy_values(items, length, list->items);
  list->length = length;
  return list;
}

List* make_list(Thread& t, const Sequence* source) {
  size_t length = source->length;
  List* list = make_list(t, length);
  if (length) memcpy(static_cast<void*>(list->items), source->items, length * sizeof(Value));
  list->length = length;
  return list;
}

void list_push(Thread& t, List* list, Value v) {
  if (MINI_UNLIKELY(list->length == list->capacity) && list->front() > list->length / 2) close_front(list);
  if (MINI_UNLIKELY(list->length == list->capacity))
    set_capacity(t, list, list->length < 65536 ? std::max<uint64_t>(4, (list->length + (list->length >> 2) + 4) & ~uint64_t{3})
                                               : list->length + (list->length >> 3));
  store_last(list, v);
}

Value list_append(Thread& t, Value* args, size_t) {
  list_push(t, as<List>(args[0]), args[1]);
  return Value::none();
}

namespace {

Value extend_with_items(Thread& t, List* list, Value source) {
  uint64_t count = as<Sequence>(source)->length;
  if (!reserve(t, list, list->length + count)) return Value::raised();
  if (count) memcpy(static_cast<void*>(list->items + list->length), as<Sequence>(source)->items, count * sizeof(Value));
  list->length += count;
  note_write(list);
  return Value::none();
}

Value extend_with_range(Thread& t, List* list, const Range* range) {
  if (static_cast<uint64_t>(range->length) > INT64_MAX / 32 - list->length) return raise_memory(t);
  if (!reserve(t, list, list->length + range->length)) return Value::raised();
  uint64_t value = range->start;
  for (int64_t i = 0; i < range->length; ++i, value += range->step) {
    list->items[list->length++] = Value::of_int(value);
    bool must_look = (i & 0xffff) == 0xffff && (t.attention.load(std::memory_order_relaxed) & kSignal);
    if (MINI_LIKELY(!must_look)) continue;
    TRY(t.poll());
    if (!reserve(t, list, list->length + static_cast<uint64_t>(range->length - i - 1))) return Value::raised();   // a handler may have changed it
  }
  return Value::none();
}

}  // namespace

Value list_extend_with(Thread& t, List* list, Value iterable) {
  if (is_exact(iterable, Kind::List) || is_exact(iterable, Kind::Tuple)) return extend_with_items(t, list, iterable);
  if (is_exact(iterable, Kind::Range) && !as<Range>(iterable)->is_big) return extend_with_range(t, list, as<Range>(iterable));
  if (is_exact(iterable, Kind::Range)) TRY(length_of(t, iterable));   // a longer one than can be counted is refused at once
  Iteration it(t, iterable);
  if (it.has_failed()) return Value::raised();
  auto hint = static_cast<uint64_t>(TRY(length_hint_of(t, iterable, Value::of_int(0))).integer);
  if (list->length && hint > INT64_MAX - list->length) hint = 0;   // it cannot be true
  if (hint > INT64_MAX / 32 - list->length) return raise_memory(t);
  if (hint && !reserve(t, list, list->length + hint)) return Value::raised();
  TRY(it.give([&](const Value& item) {
    if (MINI_LIKELY(list->length < list->capacity)) store(list, list->items[list->length++], item);
    else list_push(t, list, item);
    return true;
  }));
  shrink(t, list);
  return Value::none();
}

Value to_list(Thread& t, Value iterable) {
  if (is_exact(iterable, Kind::List) || is_exact(iterable, Kind::Tuple))
    return Value::of_object(make_list(t, as<Sequence>(iterable)));
  List* list = make_list(t);
  TRY(list_extend_with(t, list, iterable));
  return Value::of_object(list);
}

namespace {

void list_trace(Object* self, Marker& marker) {
  auto list = static_cast<List*>(self);
  marker.mark(list->items, list->length);
}

void list_finalize(Object* self, Heap& heap) {
  give_list_items(heap, static_cast<List*>(self));
}

Value list_repr(Thread& t, Value self) {
  auto list = as<List>(self);
  if (list->length == 0) return str_value(make_str(t, "[]"));
  ReprGuard guard(t, list);
  if (guard.is_recursive()) return str_value(make_str(t, "[...]"));
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  std::string out = "[";
  if (!append_items(t, out, list)) return Value::raised();
  return str_value(make_str(t, out + "]"));
}

Value list_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_kind(a, Kind::List) || !is_kind(b, Kind::List)) return t.interpreter->not_implemented;
  return sequence_compare(t, op, a, b);
}

Value list_truth(Thread&, Value self) { return Value::of_bool(as<List>(self)->length != 0); }
Value list_length(Thread&, Value self) { return Value::of_int(as<List>(self)->length); }

Value list_get_slice(Thread& t, List* list, const Slice* slice) {
  int64_t start, stop, step;
  if (!slice_unpack(t, slice, start, stop, step)) return Value::raised();
  int64_t count = slice_adjust(list->length, start, stop, step);   // the length after __index__ methods ran
  if (step == 1) return Value::of_object(list_part(t, list, start, count));
  List* result = make_list(t, static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) result->items[i] = list->items[start + i * step];
  result->length = count;
  return Value::of_object(result);
}

Value list_get_item(Thread& t, Value self, Value key) {
  auto list = as<List>(self);
  if (is_kind(key, Kind::Slice)) return list_get_slice(t, list, as<Slice>(key));
  int64_t i;
  if (!sequence_position(t, key, list->length, "list", i)) return Value::raised();
  if (static_cast<uint64_t>(i) >= list->length) return raise_text(t, ErrorType::IndexError, "list index out of range");
  return list->items[i];
}

// Takes list[start:stop] out; the shorter side moves.
Value remove_items(Thread& t, List* list, int64_t start, int64_t stop) {
  int64_t count = stop - start, behind = static_cast<int64_t>(list->length) - stop;
  items_moved(list);
  if (start < behind && can_leave_front(list, static_cast<uint64_t>(count))) {
    if (start) memmove(static_cast<void*>(list->items + count), list->items, static_cast<size_t>(start) * sizeof(Value));
    leave_front(list, static_cast<uint64_t>(count));
  } else {
    if (behind) memmove(static_cast<void*>(list->items + start), list->items + stop, static_cast<size_t>(behind) * sizeof(Value));
    list->length -= static_cast<uint64_t>(count);
  }
  shrink(t, list);
  return Value::none();
}

// A new buffer with as many free places in front as there are items, for who inserts there again and again.
bool open_front(Thread& t, List* list) {
  uint64_t front = list->length, places = front + list->length + list->length / 8;
  if (!t.heap->can_allocate(places * sizeof(Value))) return false;
  auto buffer = static_cast<Value*>(t.heap->take_buffer(places * sizeof(Value)));
  if (!buffer) return false;
  memcpy(static_cast<void*>(buffer + front), list->items, list->length * sizeof(Value));
  give_list_items(*t.heap, list);
  list->items = buffer + front;
  list->capacity = places - front;
  list->extra = static_cast<uint32_t>(2 * front);
  return true;
}

// Inserts before item number `index` by moving those in front of it. False: nothing was done.
bool insert_from_front(Thread& t, List* list, uint64_t index, Value v) {
  constexpr uint64_t kWorthWhile = 64, kMost = INT32_MAX / 2;
  if (list->front() == 0) {
    if (list->extra == kListItemsInside || list->length < kWorthWhile || list->length > kMost || !open_front(t, list)) return false;
  }
  --list->items;
  ++list->capacity;
  ++list->length;
  list->extra -= 2;
  memmove(static_cast<void*>(list->items), list->items + 1, index * sizeof(Value));
  store(list, list->items[index], v);
  return true;
}

// list[start:stop] = items[0..count): the room changes by count - (stop - start).
Value replace_items(Thread& t, List* list, int64_t start, int64_t stop, const Value* items, int64_t count) {
  if (count == 0) return remove_items(t, list, start, stop);
  int64_t length = list->length;
  int64_t new_length = length - (stop - start) + count;
  if (!reserve(t, list, new_length)) return Value::raised();
  if (length > stop) memmove(static_cast<void*>(list->items + start + count), list->items + stop, (length - stop) * sizeof(Value));
  if (count) memcpy(static_cast<void*>(list->items + start), items, count * sizeof(Value));
  list->length = new_length;
  note_write(list);
  shrink(t, list);
  return Value::none();
}

Value delete_extended_slice(Thread& t, List* list, int64_t start, int64_t step, int64_t count) {
  if (count == 0) return Value::none();
  items_moved(list);
  if (step < 0) {
    start += step * (count - 1);
    step = -step;
  }
  int64_t to = start, next_deleted = start, left = count;
  for (int64_t from = start; from < static_cast<int64_t>(list->length); ++from) {
    if (left && from == next_deleted) {
      next_deleted += step;
      --left;
    } else {
      list->items[to++] = list->items[from];
    }
  }
  list->length = to;
  shrink(t, list);
  return Value::none();
}

Value list_set_slice(Thread& t, List* list, const Slice* slice, Value value) {
  int64_t start, stop, step;
  if (!slice_unpack(t, slice, start, stop, step)) return Value::raised();
  int64_t count = slice_adjust(list->length, start, stop, step);   // the length after __index__ methods ran
  if (value.is_empty()) {
    if (step == 1) return replace_items(t, list, start, start + count, nullptr, 0);
    return delete_extended_slice(t, list, start, step, count);
  }
  Value source = TRY(to_sequence(t, value, step == 1 ? "can only assign an iterable" : "must assign iterable to extended slice"));
  // Iterating `value` may have changed this list.
  if (source.object == list) source = TRY(to_list(t, source));
  auto items = as<Sequence>(source);
  int64_t length = list->length;
  if (step == 1) {
    start = std::min(start, length);
    stop = std::max(start, std::min(stop, length));
    return replace_items(t, list, start, stop, items->items, items->length);
  }
  if (items->length != static_cast<uint64_t>(count))
    return raise(t, ErrorType::ValueError, "attempt to assign sequence of size {} to extended slice of size {}", items->length, count);
  for (int64_t i = 0; i < count; ++i)
    if (start + i * step < length) store(list, list->items[start + i * step], items->items[i]);
  return Value::none();
}

Value list_set_item(Thread& t, Value self, Value key, Value value) {
  auto list = as<List>(self);
  if (is_kind(key, Kind::Slice)) return list_set_slice(t, list, as<Slice>(key), value);
  int64_t i;
  if (!sequence_position(t, key, list->length, "list", i)) return Value::raised();
  if (static_cast<uint64_t>(i) >= list->length) return raise_text(t, ErrorType::IndexError, "list assignment index out of range");
  if (value.is_empty()) return replace_items(t, list, i, i + 1, nullptr, 0);
  store(list, list->items[i], value);
  return Value::none();
}

// --- Operators ---

Value list_concatenate(Thread& t, const List* a, const List* b) {
  if (!t.heap->can_allocate((a->length + b->length) * sizeof(Value))) return raise_memory(t);
  List* result = make_list(t, static_cast<size_t>(a->length + b->length));
  if (a->length) memcpy(static_cast<void*>(result->items), a->items, a->length * sizeof(Value));
  if (b->length) memcpy(static_cast<void*>(result->items + a->length), b->items, b->length * sizeof(Value));
  result->length = a->length + b->length;
  return Value::of_object(result);
}

// Fills items[0 .. total) with rounds of its first `length` ones.
void repeat_items(Value* items, int64_t length, int64_t total) {
  if (length == 1) {   // several at once, which the compiler turns into wide stores
    const Value one = items[0], four[4] = {one, one, one, one};
    int64_t filled = 0;
    for (; filled + 4 <= total; filled += 4) memcpy(static_cast<void*>(items + filled), four, sizeof four);
    std::fill(items + filled, items + total, one);
  } else if (length) {
    for (int64_t filled = length; filled < total;) {
      int64_t part = std::min(filled, total - filled);
      memcpy(static_cast<void*>(items + filled), items, static_cast<size_t>(part) * sizeof(Value));
      filled += part;
    }
  }
}

// Repeats the items of `list` in place until they fill `times` rounds.
Value repeat_in_place(Thread& t, List* list, Value count) {
  int64_t times, total, length = list->length;
  if (!repeat_count(t, count, times)) return Value::raised();
  if (__builtin_mul_overflow(times, length, &total)) return raise_memory(t);
  if (!reserve(t, list, total)) return Value::raised();
  repeat_items(list->items, length, total);
  list->length = total;
  shrink(t, list);
  return Value::none();
}

Value list_repeat(Thread& t, Value self, Value count) {
  auto list = as<List>(self);
  int64_t times, total;
  if (!repeat_count(t, count, times)) return Value::raised();
  if (__builtin_mul_overflow(times, static_cast<int64_t>(list->length), &total) || total > INT64_MAX / 16 ||
      !t.heap->can_allocate(total * sizeof(Value)))
    return raise_memory(t);
  if (total == 0) return Value::of_object(make_list(t));
  List* result = make_list(t, static_cast<size_t>(total));
  memcpy(static_cast<void*>(result->items), list->items, list->length * sizeof(Value));
  int64_t length = static_cast<int64_t>(list->length);
  result->length = list->length;
  TRY(interruptibly_if_long(t, static_cast<size_t>(total) * sizeof(Value), [&] { repeat_items(result->items, length, total); }));
  result->length = static_cast<uint64_t>(total);
  return Value::of_object(result);
}

Value list_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add && is_kind(a, Kind::List)) {
    if (is_kind(b, Kind::List)) return list_concatenate(t, as<List>(a), as<List>(b));
    return raise(t, ErrorType::TypeError, "can only concatenate list (not \"{}\") to list", type_name(t, b));
  }
  if (op == BinaryOp::Mul) return is_kind(a, Kind::List) ? list_repeat(t, a, b) : list_repeat(t, b, a);
  return t.interpreter->not_implemented;
}

Value list_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add) {
    TRY(list_extend_with(t, as<List>(a), b));
    return a;
  }
  if (op == BinaryOp::Mul) {
    TRY(repeat_in_place(t, as<List>(a), b));
    return a;
  }
  return t.interpreter->not_implemented;
}

// --- Iterating ---

void list_iterator_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<ListIterator*>(self)->list); }

Value list_iterate(Thread& t, Value self) {
  auto it = t.heap->make<ListIterator>(native_type(t, list_iterator_layout)->root_shape);
  it->list = as<List>(self);
  it->position = 0;
  return Value::of_object(it);
}

Value list_iterator_next(Thread&, Value self) {
  auto it = as<ListIterator>(self);
  if (!it->list) return Value::empty();
  if (it->position < it->list->length) return it->list->items[it->position++];
  it->list = nullptr;
  return Value::empty();
}

Value list_iterator_hint(Thread&, Value* args, size_t) {
  auto it = as<ListIterator>(args[0]);
  return Value::of_int(it->list && it->list->length > it->position ? it->list->length - it->position : 0);
}

// At its end an iterator is taken apart like one over an empty list.
Value list_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<ListIterator>(args[0]);
  if (!it->list) return reduced_iterator(t, "iter", {Value::of_object(make_list(t))});
  return reduced_iterator(t, "iter", {Value::of_object(it->list)}, Value::of_int(static_cast<int64_t>(it->position)));
}

Value list_iterator_setstate(Thread& t, Value* args, size_t) {
  auto it = as<ListIterator>(args[0]);
  int64_t position;
  if (!position_argument(t, args[1], 0, it->list ? static_cast<int64_t>(it->list->length) : 0, position)) return Value::raised();
  it->position = static_cast<uint64_t>(position);
  return Value::none();
}

const NativeRow kListIteratorMethods[] = {
    {"__reduce__", list_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", list_iterator_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__length_hint__", list_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

// Backwards: position counts down from the last item to -1.
void list_reverse_iterator_trace(Object* self, Marker& marker) { list_iterator_trace(self, marker); }

Value list_reverse_iterator_next(Thread&, Value self) {
  auto it = as<ListIterator>(self);
  if (!it->list) return Value::empty();
  if (it->position < it->list->length) return it->list->items[it->position--];
  it->list = nullptr;
  return Value::empty();
}

Value list_reverse_iterator_hint(Thread&, Value* args, size_t) {
  auto it = as<ListIterator>(args[0]);
  return Value::of_int(it->list && it->position < it->list->length ? it->position + 1 : 0);
}

Value list_reverse_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<ListIterator>(args[0]);
  if (!it->list || it->position >= it->list->length) return reduced_iterator(t, "iter", {Value::of_object(make_list(t))});
  return reduced_iterator(t, "reversed", {Value::of_object(it->list)}, Value::of_int(static_cast<int64_t>(it->position)));
}

// The position may become -1, which is beyond every list.
Value list_reverse_iterator_setstate(Thread& t, Value* args, size_t) {
  auto it = as<ListIterator>(args[0]);
  int64_t position;
  if (!position_argument(t, args[1], -1, it->list ? static_cast<int64_t>(it->list->length) - 1 : -1, position)) return Value::raised();
  it->position = static_cast<uint64_t>(position);
  return Value::none();
}

const NativeRow kListReverseIteratorMethods[] = {
    {"__reduce__", list_reverse_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", list_reverse_iterator_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__length_hint__", list_reverse_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

const Layout list_reverse_iterator_layout = {
    .name = "list_reverseiterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(ListIterator), .flags = kNoInstantiation,
    .trace = list_reverse_iterator_trace, .ops = {.iterate = iterate_self, .next = list_reverse_iterator_next},
    .methods = kListReverseIteratorMethods, .method_count = std::size(kListReverseIteratorMethods)};

Value list_reversed(Thread& t, Value* args, size_t) {
  auto it = t.heap->make<ListIterator>(native_type(t, list_reverse_iterator_layout)->root_shape);
  it->list = as<List>(args[0]);
  it->position = it->list->length - 1;
  return Value::of_object(it);
}

// --- Methods ---

Value list_new(Thread& t, Value* args, size_t) { return Value::of_object(new_list(t, as<Type>(args[0]))); }

Value list_clear(Thread& t, Value* args, size_t) {
  auto list = as<List>(args[0]);
  list->length = 0;
  set_capacity(t, list, 0);
  return Value::none();
}

Value list_init(Thread& t, Value* args, size_t) {
  TRY(list_clear(t, args, 1));
  return args[1].is_empty() ? Value::none() : list_extend_with(t, as<List>(args[0]), args[1]);
}

Value list_copy(Thread& t, Value* args, size_t) {
  return Value::of_object(make_list(t, as<Sequence>(args[0])));
}

Value list_extend(Thread& t, Value* args, size_t) { return list_extend_with(t, as<List>(args[0]), args[1]); }

Value list_index(Thread& t, Value* args, size_t) {
  Value found = TRY(sequence_find(t, args));
  if (!found.is_empty()) return found;
  std::string text;
  if (!append_repr(t, text, args[1])) return raise_without_text(t, ErrorType::ValueError);
  return raise(t, ErrorType::ValueError, "{} is not in list", text);
}

Value list_insert(Thread& t, Value* args, size_t) {
  auto list = as<List>(args[0]);
  int64_t i;
  if (!to_index(t, args[1], i)) return Value::raised();
  int64_t length = list->length;
  if (i < 0) i = std::max<int64_t>(0, i + length);
  i = std::min(i, length);
  if (i < length / 2 && insert_from_front(t, list, static_cast<uint64_t>(i), args[2])) return Value::none();
  return replace_items(t, list, i, i, &args[2], 1);
}

Value list_pop(Thread& t, Value* args, size_t) {
  auto list = as<List>(args[0]);
  int64_t i = -1;
  if (!args[1].is_empty() && !to_index(t, args[1], i)) return Value::raised();
  int64_t length = list->length;
  if (length == 0) return raise_text(t, ErrorType::IndexError, "pop from empty list");
  if (i < 0) i += length;
  if (i < 0 || i >= length) return raise_text(t, ErrorType::IndexError, "pop index out of range");
  Value item = list->items[i];
  if (i + 1 < length) {
    (void)remove_items(t, list, i, i + 1);
    return item;
  }
  list->length = length - 1;
  if (MINI_UNLIKELY(list->length < list->capacity / 2)) shrink(t, list);
  return item;
}

Value list_remove(Thread& t, Value* args, size_t) {
  auto list = as<List>(args[0]);
  for (uint64_t i = 0; i < list->length; ++i) {
    if (!TRY(contained_equal(t, list->items[i], args[1])).is_true()) continue;
    if (i >= list->length) return Value::none();
    return replace_items(t, list, i, i + 1, nullptr, 0);
  }
  return raise_text(t, ErrorType::ValueError, "list.remove(x): x not in list");
}

Value list_reverse(Thread&, Value* args, size_t) {
  auto list = as<List>(args[0]);
  items_moved(list);
  std::reverse(list->items, list->items + list->length);
  return Value::none();
}

Value list_sort(Thread& t, Value* args, size_t) {
  bool reverse = false;
  if (!args[2].is_empty()) {
    int64_t n;
    if (!to_index(t, args[2], n)) return Value::raised();
    reverse = n != 0;
  }
  return sort_list(t, as<List>(args[0]), args[1].is_empty() ? Value::none() : args[1], reverse);
}

Value list_sizeof(Thread&, Value* args, size_t) {
  auto list = as<List>(args[0]);
  return Value::of_int(sizeof(List) + list->capacity * sizeof(Value));
}

const NativeRow kListMethods[] = {
    {"__new__", list_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", list_init, "(self, iterable=(), /)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"append", list_append, "(self, object, /)", "Append object to the end of the list."},
    {"clear", list_clear, "(self, /)", "Remove all items from list."},
    {"copy", list_copy, "(self, /)", "Return a shallow copy of the list."},
    {"count", sequence_count, "(self, value, /)", "Return number of occurrences of value."},
    {"extend", list_extend, "(self, iterable, /)", "Extend list by appending elements from the iterable."},
    {"index", list_index, "(self, value, start=0, stop=9223372036854775807, /)",
     "Return first index of value.\n\nRaises ValueError if the value is not present."},
    {"insert", list_insert, "(self, index, object, /)", "Insert object before index."},
    {"pop", list_pop, "(self, index=-1, /)",
     "Remove and return item at index (default last).\n\nRaises IndexError if list is empty or index is out of range."},
    {"remove", list_remove, "(self, value, /)", "Remove first occurrence of value.\n\nRaises ValueError if the value is not present."},
    {"reverse", list_reverse, "(self, /)", "Reverse *IN PLACE*."},
    {"sort", list_sort, "(self, /, *, key=None, reverse=False)", "Sort the list in ascending order and return None."},
    {"__reversed__", list_reversed, "(self, /)", "Return a reverse iterator over the list."},
    {"__sizeof__", list_sizeof, "(self, /)", "Return the size of the list in memory, in bytes."},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
};

}  // namespace

const Layout list_iterator_layout = {
    .name = "list_iterator", .module = "builtins", .kind = Kind::ListIterator, .size = sizeof(ListIterator), .flags = kNoInstantiation,
    .trace = list_iterator_trace, .ops = {.iterate = iterate_self, .next = list_iterator_next},
    .methods = kListIteratorMethods, .method_count = std::size(kListIteratorMethods)};

const Layout list_layout = {
    .name = "list", .module = "builtins", .kind = Kind::List, .size = sizeof(List), .flags = kSubclassable, .trace = list_trace,
    .finalize = list_finalize,
    .ops = {.repr = list_repr, .compare = list_compare, .truth = list_truth, .length = list_length,
            .contains = sequence_contains, .get_item = list_get_item, .set_item = list_set_item, .iterate = list_iterate,
            .binary = list_binary, .inplace = list_inplace},
    .methods = kListMethods, .method_count = std::size(kListMethods),
    .help = "Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an "
            "iterable if specified."};

}  // namespace mini
