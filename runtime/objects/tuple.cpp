// SPDX-License-Identifier: MIT
// tuple: immutable, its items lie right behind the object. The hash is CPython's, a variant of xxHash, so sets of tuples
// iterate in CPython's order.
#include "runtime/objects/sequence.h"

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/range.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Tuple* tuple_part(Thread& t, Tuple* tuple, int64_t start, int64_t count) {
  if (count == static_cast<int64_t>(tuple->length) && tuple->exact == Kind::Tuple) return tuple;
  return make_tuple(t, tuple->items + start, static_cast<size_t>(count));
}

namespace {

Tuple* new_tuple(Thread& t, Type* type, size_t length) {
  Tuple* tuple;
  if (type == types(t).tuple) {
    tuple = t.heap->make<Tuple>(type->root_shape, length * sizeof(Value));
    tuple->items = reinterpret_cast<Value*>(tuple + 1);
  } else {
    void* items;
    tuple = static_cast<Tuple*>(allocate_object(t, type, length * sizeof(Value), &items));
    tuple->items = static_cast<Value*>(items);
  }
  tuple->length = length;
  return tuple;
}

}  // namespace

Tuple* make_tuple(Thread& t, size_t length) {
  if (length == 0 && t.interpreter->empty_tuple) return t.interpreter->empty_tuple;
  Tuple* tuple = new_tuple(t, types(t).tuple, length);
  for (size_t i = 0; i < length; ++i) tuple->items[i] = Value::none();
  return tuple;
}

Tuple* make_tuple(Thread& t, const Value* items, size_t length) {
  if (length == 0) return make_tuple(t, size_t{0});
  Tuple* tuple = new_tuple(t, types(t).tuple, length);
  copy_values(items, length, tuple->items);
  return tuple;
}

Tuple* make_tuple(Thread& t, const Sequence* source) {
  size_t length = source->length;
  if (length == 0) return make_tuple(t, size_t{0});
  Tuple* tuple = new_tuple(t, types(t).tuple, length);
  memcpy(static_cast<void*>(tuple->items), source->items, length * sizeof(Value));
  return tuple;
}

Tuple* make_tuple(Thread& t, std::initializer_list<Value> items) { return make_tuple(t, items.begin(), items.size()); }

Value to_tuple(Thread& t, Value iterable) {
  if (is_exact(iterable, Kind::Tuple)) return iterable;
  if (is_exact(iterable, Kind::List)) return Value::of_object(make_tuple(t, as<Sequence>(iterable)));
  Value list = TRY(to_list(t, iterable));
  return Value::of_object(make_tuple(t, as<Sequence>(list)));
}

namespace {

void tuple_trace(Object* self, Marker& marker) {
  auto tuple = static_cast<Tuple*>(self);
  marker.mark(tuple->items, tuple->length);
}

Value tuple_repr(Thread& t, Value self) {
  auto tuple = as<Tuple>(self);
  if (tuple->length == 0) return str_value(make_str(t, "()"));
  ReprGuard guard(t, tuple);
  if (guard.is_recursive()) return str_value(make_str(t, "(...)"));
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  std::string out = "(";
  if (!append_items(t, out, tuple)) return Value::raised();
  return str_value(make_str(t, out + (tuple->length == 1 ? ",)" : ")")));
}

Value tuple_hash(Thread& t, Value self) {
  constexpr uint64_t kPrime1 = 11400714785074694791u, kPrime2 = 14029467366897019727u, kPrime5 = 2870177450012600261u;
  auto tuple = as<Tuple>(self);
  if (t.native_stack_is_low()) return raise_recursion(t);
  uint64_t hash = kPrime5;
  for (uint64_t i = 1; i < tuple->length; ++i)   // what is asked next is read from memory meanwhile
    if (tuple->items[i].is_object()) __builtin_prefetch(tuple->items[i].object);
  for (uint64_t i = 0; i < tuple->length; ++i) {
    int64_t lane;
    Value item = tuple->items[i];
    if (item.is_int()) lane = hash_int64(item.integer);
    else if (is_exact(item, Kind::Str) && as<Str>(item)->hash) lane = static_cast<int64_t>(as<Str>(item)->hash);
    else if (!hash_value(t, item, lane)) return Value::raised();
    hash += static_cast<uint64_t>(lane) * kPrime2;
    hash = (hash << 31 | hash >> 33) * kPrime1;
    if ((i & 4095) == 4095) TRY(t.poll_signals());
  }
  hash += tuple->length ^ (kPrime5 ^ 3527539u);
  return Value::of_int(hash == ~uint64_t{0} ? 1546275796 : static_cast<int64_t>(hash));
}

Value tuple_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_kind(a, Kind::Tuple) || !is_kind(b, Kind::Tuple)) return t.interpreter->not_implemented;
  return sequence_compare(t, op, a, b);
}

Value tuple_truth(Thread&, Value self) { return Value::of_bool(as<Tuple>(self)->length != 0); }
Value tuple_length(Thread&, Value self) { return Value::of_int(as<Tuple>(self)->length); }

Value tuple_get_slice(Thread& t, Value self, const Slice* slice) {
  auto tuple = as<Tuple>(self);
  int64_t start, stop, step, count;
  if (!slice_indices(t, slice, tuple->length, start, stop, step, count)) return Value::raised();
  if (step == 1) return Value::of_object(tuple_part(t, tuple, start, count));
  Tuple* result = make_tuple(t, static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) store(result, result->items[i], tuple->items[start + i * step]);
  return Value::of_object(result);
}

Value tuple_get_item(Thread& t, Value self, Value key) {
  if (is_kind(key, Kind::Slice)) return tuple_get_slice(t, self, as<Slice>(key));
  auto tuple = as<Tuple>(self);
  int64_t i;
  if (!sequence_position(t, key, tuple->length, "tuple", i)) return Value::raised();
  if (static_cast<uint64_t>(i) >= tuple->length) return raise_text(t, ErrorType::IndexError, "tuple index out of range");
  return tuple->items[i];
}

Value tuple_concatenate(Thread& t, Value a, Value b) {
  auto x = as<Tuple>(a);
  auto y = as<Tuple>(b);
  if (x->length == 0 && is_exact(b, Kind::Tuple)) return b;
  if (y->length == 0 && is_exact(a, Kind::Tuple)) return a;
  if (!t.heap->can_allocate((x->length + y->length) * sizeof(Value))) return raise_memory(t);
  Tuple* result = make_tuple(t, static_cast<size_t>(x->length + y->length));
  memcpy(static_cast<void*>(result->items), x->items, x->length * sizeof(Value));
  memcpy(static_cast<void*>(result->items + x->length), y->items, y->length * sizeof(Value));
  return Value::of_object(result);
}

Value tuple_repeat(Thread& t, Value self, Value count) {
  auto tuple = as<Tuple>(self);
  int64_t times, total;
  if (!repeat_count(t, count, times)) return Value::raised();
  if (times == 1 && is_exact(self, Kind::Tuple)) return self;
  if (__builtin_mul_overflow(times, static_cast<int64_t>(tuple->length), &total) || total > INT64_MAX / 16 ||
      !t.heap->can_allocate(total * sizeof(Value)))
    return raise_memory(t);
  Tuple* result = make_tuple(t, static_cast<size_t>(total));
  TRY(interruptibly_if_long(t, static_cast<size_t>(total) * sizeof(Value), [&] {
    for (int64_t i = 0; i < total; i += tuple->length)
      memcpy(static_cast<void*>(result->items + i), tuple->items, tuple->length * sizeof(Value));
  }));
  return Value::of_object(result);
}

Value tuple_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add && is_kind(a, Kind::Tuple)) {
    if (is_kind(b, Kind::Tuple)) return tuple_concatenate(t, a, b);
    return raise(t, ErrorType::TypeError, "can only concatenate tuple (not \"{}\") to tuple", type_name(t, b));
  }
  if (op == BinaryOp::Mul) return is_kind(a, Kind::Tuple) ? tuple_repeat(t, a, b) : tuple_repeat(t, b, a);
  return t.interpreter->not_implemented;
}

struct TupleIterator : Object {
  Tuple* tuple;       // null: exhausted
  uint64_t position;
};

void tuple_iterator_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<TupleIterator*>(self)->tuple); }

Value tuple_iterator_next(Thread&, Value self) {
  auto it = as<TupleIterator>(self);
  if (!it->tuple) return Value::empty();
  if (it->position < it->tuple->length) return it->tuple->items[it->position++];
  it->tuple = nullptr;
  return Value::empty();
}

Value tuple_iterator_hint(Thread&, Value* args, size_t) {
  auto it = as<TupleIterator>(args[0]);
  return Value::of_int(it->tuple ? it->tuple->length - it->position : 0);
}

Value tuple_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<TupleIterator>(args[0]);
  if (!it->tuple) return reduced_iterator(t, "iter", {Value::of_object(make_tuple(t, size_t{0}))});
  return reduced_iterator(t, "iter", {Value::of_object(it->tuple)}, Value::of_int(static_cast<int64_t>(it->position)));
}

Value tuple_iterator_setstate(Thread& t, Value* args, size_t) {
  auto it = as<TupleIterator>(args[0]);
  int64_t position;
  if (!position_argument(t, args[1], 0, it->tuple ? static_cast<int64_t>(it->tuple->length) : 0, position)) return Value::raised();
  it->position = static_cast<uint64_t>(position);
  return Value::none();
}

const NativeRow kTupleIteratorMethods[] = {
    {"__reduce__", tuple_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", tuple_iterator_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__length_hint__", tuple_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

const Layout tuple_iterator_layout = {
    .name = "tuple_iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(TupleIterator), .flags = kNoInstantiation,
    .trace = tuple_iterator_trace, .ops = {.iterate = iterate_self, .next = tuple_iterator_next},
    .methods = kTupleIteratorMethods, .method_count = std::size(kTupleIteratorMethods)};

Value tuple_iterate(Thread& t, Value self) {
  auto it = t.heap->make<TupleIterator>(native_type(t, tuple_iterator_layout)->root_shape);
  it->tuple = as<Tuple>(self);
  it->position = 0;
  return Value::of_object(it);
}

Value tuple_new(Thread& t, Value* args, size_t) {
  auto type = as<Type>(args[0]);
  Value items = args[1].is_empty() ? Value::of_object(make_tuple(t, size_t{0})) : TRY(to_tuple(t, args[1]));
  if (type == types(t).tuple) return items;
  auto source = as<Tuple>(items);
  Tuple* tuple = new_tuple(t, type, source->length);
  memcpy(static_cast<void*>(tuple->items), source->items, source->length * sizeof(Value));
  return Value::of_object(tuple);
}

Value tuple_index(Thread& t, Value* args, size_t) {
  Value found = TRY(sequence_find(t, args));
  return found.is_empty() ? raise_text(t, ErrorType::ValueError, "tuple.index(x): x not in tuple") : found;
}

Value tuple_getnewargs(Thread& t, Value* args, size_t) {
  auto tuple = as<Tuple>(args[0]);
  return Value::of_object(make_tuple(t, {Value::of_object(make_tuple(t, tuple))}));
}

const NativeRow kTupleMethods[] = {
    {"__new__", tuple_new, "(cls, iterable=(), /)", "Built-in immutable sequence.", Binding::Static},
    {"count", sequence_count, "(self, value, /)", "Return number of occurrences of value."},
    {"index", tuple_index, "(self, value, start=0, stop=9223372036854775807, /)",
     "Return first index of value.\n\nRaises ValueError if the value is not present."},
    {"__getnewargs__", tuple_getnewargs, "(self, /)", ""},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
};

}  // namespace

const Layout tuple_layout = {
    .name = "tuple", .module = "builtins", .kind = Kind::Tuple, .size = sizeof(Tuple), .flags = kSubclassable, .trace = tuple_trace,
    .ops = {.repr = tuple_repr, .hash = tuple_hash, .compare = tuple_compare, .truth = tuple_truth, .length = tuple_length,
            .contains = sequence_contains, .get_item = tuple_get_item, .iterate = tuple_iterate, .binary = tuple_binary},
    .methods = kTupleMethods, .method_count = std::size(kTupleMethods),
    .help = "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is "
            "specified the tuple is initialized from iterable's items.\n\nIf the argument is a tuple, the return value is the same object."};

}  // namespace mini
