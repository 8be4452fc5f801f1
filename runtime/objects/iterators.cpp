// SPDX-License-Identifier: MIT
// enumerate, zip, map, filter, reversed, iter(callable, sentinel), and the iterator of classes with only __getitem__.
//
// Each holds its source's iterator and asks it for one item at a time. The iterators of the containers stand beside their
// containers.
#include "runtime/objects/iterators.h"

#include <algorithm>
#include <cstdint>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Value reduced_iterator(Thread& t, const char* maker, std::initializer_list<Value> arguments, Value state) {
  Value function = dict_get(t.interpreter->builtins, intern(t, maker));
  Value packed = Value::of_object(make_tuple(t, arguments));
  if (state.is_empty()) return Value::of_object(make_tuple(t, {function, packed}));
  return Value::of_object(make_tuple(t, {function, packed, state}));
}

bool position_argument(Thread& t, Value v, int64_t least, int64_t limit, int64_t& out) {
  if (!is_integer(v)) {
    (void)raise_text(t, ErrorType::TypeError, "an integer is required");
    return false;
  }
  if (!to_index_clamped(t, v, out)) return false;
  out = std::clamp(out, least, limit);
  return true;
}

namespace {

// A new object of `layout` or, for a script subclass, of that class.
template <class T>
T* new_iterator(Thread& t, Type* type) {
  return static_cast<T*>(allocate_object(t, type));
}

// --- iterator: source[0], source[1] ... ---

struct SequenceIterator : Object {
  Value source;        // Empty: exhausted
  int64_t position;
  bool is_reversed;
};

void sequence_iterator_trace(Object* self, Marker& marker) { marker.mark(static_cast<SequenceIterator*>(self)->source); }

Value sequence_iterator_next(Thread& t, Value self) {
  auto it = as<SequenceIterator>(self);
  if (it->source.is_empty() || it->position < 0) return Value::empty();
  Value item = get_item(t, it->source, Value::of_int(it->position));
  if (!item.is_raised()) {
    it->position += it->is_reversed ? -1 : 1;
    return item;
  }
  if (!exception_matches(t, ErrorType::IndexError) && !exception_matches(t, ErrorType::StopIteration)) return item;
  (void)take_exception(t);
  it->source = Value::empty();
  return Value::empty();
}

Value sequence_iterator_hint(Thread& t, Value* args, size_t) {
  auto it = as<SequenceIterator>(args[0]);
  if (it->source.is_empty()) return Value::of_int(0);
  if (it->is_reversed) return Value::of_int(it->position + 1);
  if (!type_of(t, it->source)->ops.length) return t.interpreter->not_implemented;
  Value length = TRY(length_of(t, it->source));
  return Value::of_int(std::max<int64_t>(length.integer - it->position, 0));
}

Value sequence_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<SequenceIterator>(args[0]);
  if (it->source.is_empty() || it->position < 0) return reduced_iterator(t, "iter", {Value::of_object(make_tuple(t, size_t{0}))});
  return reduced_iterator(t, it->is_reversed ? "reversed" : "iter", {it->source}, Value::of_int(it->position));
}

Value sequence_iterator_setstate(Thread& t, Value* args, size_t) {
  auto it = as<SequenceIterator>(args[0]);
  int64_t limit = INT64_MAX;
  if (it->is_reversed && !it->source.is_empty()) limit = TRY(length_of(t, it->source)).integer - 1;
  return position_argument(t, args[1], it->is_reversed ? -1 : 0, limit, it->position) ? Value::none() : Value::raised();
}

const NativeRow kSequenceIteratorMethods[] = {
    {"__reduce__", sequence_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", sequence_iterator_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__length_hint__", sequence_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

const Layout sequence_iterator_layout = {
    .name = "iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(SequenceIterator), .flags = kNoInstantiation,
    .trace = sequence_iterator_trace, .ops = {.iterate = iterate_self, .next = sequence_iterator_next},
    .methods = kSequenceIteratorMethods, .method_count = std::size(kSequenceIteratorMethods)};

// --- reversed ---

Value reversed_new(Thread& t, Value* args, size_t) {
  Value source = args[1];
  Type* owner = nullptr;
  Value method = type_lookup(type_of(t, source), names(t).reversed, &owner);
  if (method.is_none()) return raise(t, ErrorType::TypeError, "'{}' object is not reversible", type_name(t, source));
  if (!method.is_empty()) return call_special(t, source, names(t).reversed);
  Type* type = type_of(t, source);
  bool is_script_sequence = (type->type_flags & kTypeIsScript) && type->ops.get_item;   // without a length, complains about that
  if (!type->ops.get_item || (!type->ops.length && !is_script_sequence) || is_kind(source, Kind::Dict))
    return raise(t, ErrorType::TypeError, "'{}' object is not reversible", type_name(t, source));
  Value length = TRY(length_of(t, source));
  auto it = new_iterator<SequenceIterator>(t, as<Type>(args[0]));
  it->source = source;
  it->position = length.integer - 1;
  it->is_reversed = true;
  return Value::of_object(it);
}

const NativeRow kReversedMethods[] = {
    {"__reduce__", sequence_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", sequence_iterator_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__new__", reversed_new, "(cls, sequence, /)", "Return a reverse iterator over the values of the given sequence.", Binding::Static},
    {"__length_hint__", sequence_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

// --- enumerate ---

struct Enumerate : Object {
  Value iterator, number;
};

void enumerate_trace(Object* self, Marker& marker) {
  marker.mark(static_cast<Enumerate*>(self)->iterator);
  marker.mark(static_cast<Enumerate*>(self)->number);
}

Value enumerate_new(Thread& t, Value* args, size_t) {
  if (args[1].is_empty()) return raise_text(t, ErrorType::TypeError, "enumerate() missing required argument 'iterable'");
  Value number = Value::of_int(0);
  if (!args[2].is_empty()) number = TRY(to_integer(t, args[2]));
  Value iterator = TRY(get_iterator(t, args[1]));
  auto it = new_iterator<Enumerate>(t, as<Type>(args[0]));
  it->iterator = iterator;
  it->number = number;
  return Value::of_object(it);
}

Value enumerate_next_pair(Thread& t, Value self, Value* out) {
  auto it = as<Enumerate>(self);
  Value item = TRY(iterator_step(t, it->iterator));
  if (item.is_empty()) return item;
  Value number = it->number;
  int64_t next;
  if (number.is_int() && !__builtin_add_overflow(number.integer, 1, &next)) it->number = Value::of_int(next);
  else store(it, it->number, TRY(int_binary(t, BinaryOp::Add, number, Value::of_int(1))));
  out[0] = number;
  out[1] = item;
  return Value::none();
}

Value enumerate_next(Thread& t, Value self) {
  Value pair[2];
  Value v = TRY(enumerate_next_pair(t, self, pair));
  return v.is_empty() ? v : Value::of_object(make_tuple(t, pair, 2));
}

// The iterators below are taken apart into their class and what it is called with, so that a derived class stays what it is.
Value reduced_object(Thread& t, Value self, Value arguments) {
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(t, self)), arguments}));
}

Value enumerate_reduce(Thread& t, Value* args, size_t) {
  auto it = as<Enumerate>(args[0]);
  return reduced_object(t, args[0], Value::of_object(make_tuple(t, {it->iterator, it->number})));
}

const NativeRow kEnumerateMethods[] = {
    {"__reduce__", enumerate_reduce, "(self, /)", "Return state information for pickling."},
    {"__new__", enumerate_new, "(cls, iterable=None, start=0)", "Return an enumerate object.", Binding::Static},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
};

// --- zip, map: several iterators in a tuple ---

struct Zip : Object {
  Tuple* iterators;
  bool is_strict;
};

void zip_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<Zip*>(self)->iterators); }

// The iterators of args[0..count). An argument that is not iterable raises with zip's own text when `is_zip`.
Value iterators_of(Thread& t, Value* args, size_t count, bool is_zip) {
  Tuple* iterators = make_tuple(t, count);
  for (size_t i = 0; i < count; ++i) {
    Value it = get_iterator(t, args[i]);
    if (it.is_raised() && is_zip && exception_matches(t, ErrorType::TypeError)) {
      Value exception = take_exception(t);
      if (type_of(t, args[i])->ops.iterate) return raise_value(t, exception);
      return raise(t, ErrorType::TypeError, "'{}' object is not iterable", type_name(t, args[i]));
    }
    store(iterators, iterators->items[i], TRY(it));
  }
  return Value::of_object(iterators);
}

Value zip_new(Thread& t, Value* args, size_t argc) {
  bool is_strict = !args[1].is_empty() && TRY(truth(t, args[1])).is_true();
  Value iterators = TRY(iterators_of(t, args + 2, argc - 2, true));
  auto it = new_iterator<Zip>(t, as<Type>(args[0]));
  it->iterators = as<Tuple>(iterators);
  it->is_strict = is_strict;
  return Value::of_object(it);
}

Value raise_zip_length(Thread& t, size_t argument, const char* comparison) {
  return raise(t, ErrorType::ValueError, "zip() argument {} is {} than argument{}{}", argument + 1, comparison,
               argument == 1 ? " " : "s 1-", argument);
}

// A strict zip whose iterator number `ended` has no more items: the others must be at their end as well.
Value zip_end(Thread& t, Zip* it, size_t ended) {
  if (!it->is_strict) return Value::empty();
  if (ended > 0) return raise_zip_length(t, ended, "shorter");
  for (size_t i = 1; i < it->iterators->length; ++i) {
    Value item = TRY(iterator_next(t, it->iterators->items[i]));
    if (!item.is_empty()) return raise_zip_length(t, i, "longer");
  }
  return Value::empty();
}

Value zip_next(Thread& t, Value self) {
  auto it = as<Zip>(self);
  size_t count = it->iterators->length;
  if (count == 0) return Value::empty();
  Tuple* result = make_tuple(t, count);
  for (size_t i = 0; i < count; ++i) {
    Value item = it->is_strict ? iterator_next(t, it->iterators->items[i]) : iterator_step(t, it->iterators->items[i]);
    if (TRY(item).is_empty()) return zip_end(t, it, i);
    store(result, result->items[i], item);
  }
  return Value::of_object(result);
}

Value zip_next_pair(Thread& t, Value self, Value* out) {
  auto it = as<Zip>(self);
  if (it->iterators->length != 2 || it->is_strict) return Value::of_bool(false);
  Value first = TRY(iterator_step(t, it->iterators->items[0]));
  if (first.is_empty()) return first;
  Value second = TRY(iterator_step(t, it->iterators->items[1]));
  if (second.is_empty()) return second;
  out[0] = first;
  out[1] = second;
  return Value::none();
}

Value zip_reduce(Thread& t, Value* args, size_t) {
  auto it = as<Zip>(args[0]);
  Value reduced = reduced_object(t, args[0], Value::of_object(it->iterators));
  if (!it->is_strict) return reduced;
  return Value::of_object(make_tuple(t, {as<Tuple>(reduced)->items[0], as<Tuple>(reduced)->items[1], Value::of_bool(true)}));
}

Value zip_setstate(Thread& t, Value* args, size_t) {
  as<Zip>(args[0])->is_strict = TRY(truth(t, args[1])).is_true();
  return Value::none();
}

const NativeRow kZipMethods[] = {
    {"__reduce__", zip_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", zip_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__new__", zip_new, "(cls, /, *iterables, strict=False)",
     "The zip object yields n-length tuples, where n is the number of iterables\npassed as positional arguments to zip().", Binding::Static},
};

struct Map : Object {
  Value function;
  Tuple* iterators;
};

void map_trace(Object* self, Marker& marker) {
  marker.mark(static_cast<Map*>(self)->function);
  marker.mark_pointer(static_cast<Map*>(self)->iterators);
}

Value map_new(Thread& t, Value* args, size_t argc) {
  if (argc < 3) return raise_text(t, ErrorType::TypeError, "map() must have at least two arguments.");
  Value iterators = TRY(iterators_of(t, args + 2, argc - 2, false));
  auto it = new_iterator<Map>(t, as<Type>(args[0]));
  it->function = args[1];
  it->iterators = as<Tuple>(iterators);
  return Value::of_object(it);
}

Value map_next(Thread& t, Value self) {
  auto it = as<Map>(self);
  size_t count = it->iterators->length;
  if (MINI_LIKELY(count == 1)) {
    Value item = TRY(iterator_step(t, it->iterators->items[0]));
    return item.is_empty() ? item : call(t, it->function, &item, 1);
  }
  Tuple* arguments = make_tuple(t, count);
  for (size_t i = 0; i < count; ++i) {
    Value item = TRY(iterator_step(t, it->iterators->items[i]));
    if (item.is_empty()) return item;
    store(arguments, arguments->items[i], item);
  }
  return call(t, it->function, arguments->items, count);
}

Value map_reduce(Thread& t, Value* args, size_t) {
  auto it = as<Map>(args[0]);
  Tuple* parts = make_tuple(t, it->iterators->length + 1);
  store(parts, parts->items[0], it->function);
  for (uint64_t i = 0; i < it->iterators->length; ++i) store(parts, parts->items[i + 1], it->iterators->items[i]);
  return reduced_object(t, args[0], Value::of_object(parts));
}

const NativeRow kMapMethods[] = {
    {"__reduce__", map_reduce, "(self, /)", "Return state information for pickling."},
    {"__new__", map_new, "(cls, /, *args)",
     "Make an iterator that computes the function using arguments from\neach of the iterables.  Stops when the shortest iterable is "
     "exhausted.",
     Binding::Static},
};

// --- filter ---

struct Filter : Object {
  Value function, iterator;
};

void filter_trace(Object* self, Marker& marker) {
  marker.mark(static_cast<Filter*>(self)->function);
  marker.mark(static_cast<Filter*>(self)->iterator);
}

Value filter_new(Thread& t, Value* args, size_t) {
  Value iterator = TRY(get_iterator(t, args[2]));
  auto it = new_iterator<Filter>(t, as<Type>(args[0]));
  it->function = args[1];
  it->iterator = iterator;
  return Value::of_object(it);
}

Value filter_next(Thread& t, Value self) {
  auto it = as<Filter>(self);
  bool is_plain = it->function.is_none() || it->function.is_same(Value::of_object(types(t).bool_));
  for (uint32_t steps = 1;; ++steps) {
    Value item = TRY(iterator_step(t, it->iterator));
    if (item.is_empty()) return item;
    Value verdict = is_plain ? item : TRY(call(t, it->function, &item, 1));
    if (TRY(truth(t, verdict)).is_true()) return item;
    if ((steps & 1023) == 0) TRY(t.poll());
  }
}

Value filter_reduce(Thread& t, Value* args, size_t) {
  auto it = as<Filter>(args[0]);
  return reduced_object(t, args[0], Value::of_object(make_tuple(t, {it->function, it->iterator})));
}

const NativeRow kFilterMethods[] = {
    {"__reduce__", filter_reduce, "(self, /)", "Return state information for pickling."},
    {"__new__", filter_new, "(cls, function, iterable, /)",
     "Return an iterator yielding those items of iterable for which function(item)\nis true. If function is None, return the items that "
     "are true.",
     Binding::Static},
};

// --- callable_iterator ---

struct CallableIterator : Object {
  Value callable, sentinel;   // callable Empty: exhausted
};

void callable_iterator_trace(Object* self, Marker& marker) {
  marker.mark(static_cast<CallableIterator*>(self)->callable);
  marker.mark(static_cast<CallableIterator*>(self)->sentinel);
}

Value callable_iterator_next(Thread& t, Value self) {
  auto it = as<CallableIterator>(self);
  if (it->callable.is_empty()) return Value::empty();
  Value item = call(t, it->callable);
  if (item.is_raised()) {
    if (!exception_matches(t, ErrorType::StopIteration)) return item;
    (void)take_exception(t);
    it->callable = Value::empty();
    return Value::empty();
  }
  if (!TRY(equal_values(t, item, it->sentinel)).is_true()) return item;
  it->callable = Value::empty();
  return Value::empty();
}

Value callable_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<CallableIterator>(args[0]);
  if (it->callable.is_empty()) return reduced_iterator(t, "iter", {Value::of_object(make_tuple(t, size_t{0}))});
  return reduced_iterator(t, "iter", {it->callable, it->sentinel});
}

const NativeRow kCallableIteratorMethods[] = {
    {"__reduce__", callable_iterator_reduce, "(self, /)", "Return state information for pickling."},
};

const Layout callable_iterator_layout = {
    .name = "callable_iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(CallableIterator), .flags = kNoInstantiation,
    .trace = callable_iterator_trace, .ops = {.iterate = iterate_self, .next = callable_iterator_next},
    .methods = kCallableIteratorMethods, .method_count = std::size(kCallableIteratorMethods)};

}  // namespace

Value make_sequence_iterator(Thread& t, Value source) {
  auto it = t.heap->make<SequenceIterator>(native_type(t, sequence_iterator_layout)->root_shape);
  it->source = source;
  it->position = 0;
  it->is_reversed = false;
  return Value::of_object(it);
}

Value make_callable_iterator(Thread& t, Value callable, Value sentinel) {
  auto it = t.heap->make<CallableIterator>(native_type(t, callable_iterator_layout)->root_shape);
  it->callable = callable;
  it->sentinel = sentinel;
  return Value::of_object(it);
}

const Layout reversed_layout = {
    .name = "reversed", .module = "builtins", .kind = Kind::Native, .size = sizeof(SequenceIterator), .flags = kSubclassable,
    .trace = sequence_iterator_trace, .ops = {.iterate = iterate_self, .next = sequence_iterator_next},
    .methods = kReversedMethods, .method_count = std::size(kReversedMethods),
    .help = "Return a reverse iterator over the values of the given sequence."};

const Layout enumerate_layout = {
    .name = "enumerate", .module = "builtins", .kind = Kind::Native, .size = sizeof(Enumerate), .flags = kSubclassable, .trace = enumerate_trace,
    .ops = {.iterate = iterate_self, .next = enumerate_next, .next_pair = enumerate_next_pair}, .methods = kEnumerateMethods, .method_count = std::size(kEnumerateMethods),
    .help = "Return an enumerate object.\n\n  iterable\n    an object supporting iteration\n\nThe enumerate object yields pairs containing a "
            "count (from start, which\ndefaults to zero) and a value yielded by the iterable argument."};

const Layout zip_layout = {
    .name = "zip", .module = "builtins", .kind = Kind::Native, .size = sizeof(Zip), .flags = kSubclassable, .trace = zip_trace,
    .ops = {.iterate = iterate_self, .next = zip_next, .next_pair = zip_next_pair}, .methods = kZipMethods, .method_count = std::size(kZipMethods),
    .help = "zip(*iterables, strict=False) --> Yield tuples until an input is exhausted."};

const Layout map_layout = {
    .name = "map", .module = "builtins", .kind = Kind::Native, .size = sizeof(Map), .flags = kSubclassable, .trace = map_trace,
    .ops = {.iterate = iterate_self, .next = map_next}, .methods = kMapMethods, .method_count = std::size(kMapMethods),
    .help = "map(func, *iterables) --> map object"};

const Layout filter_layout = {
    .name = "filter", .module = "builtins", .kind = Kind::Native, .size = sizeof(Filter), .flags = kSubclassable, .trace = filter_trace,
    .ops = {.iterate = iterate_self, .next = filter_next}, .methods = kFilterMethods, .method_count = std::size(kFilterMethods),
    .help = "filter(function or None, iterable) --> filter object"};

}  // namespace mini
