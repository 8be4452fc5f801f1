// SPDX-License-Identifier: MIT
// Built-in functions about containers and iteration: aiter all anext any iter len next sorted.
#include "runtime/builtins/builtins.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value builtin_len(Thread& t, Value* args, size_t) { return length_of(t, args[0]); }

// Looks for an item whose truth is `wanted`; gives `wanted` when there is one.
Value find_truth(Thread& t, Value iterable, bool wanted) {
  for (Iteration it(t, iterable);;) {
    Value item = TRY(it.give([&](const Value& v) { return v.is_none() ? wanted : (v.is_bool() || v.is_int()) && (v.integer != 0) != wanted; }));
    if (item.is_empty()) return Value::of_bool(!wanted);
    if (TRY(truth(t, item)).is_true() == wanted) return Value::of_bool(wanted);
  }
}

Value builtin_all(Thread& t, Value* args, size_t) { return find_truth(t, args[0], false); }
Value builtin_any(Thread& t, Value* args, size_t) { return find_truth(t, args[0], true); }

Value builtin_iter(Thread& t, Value* args, size_t) {
  if (args[1].is_empty()) return get_iterator(t, args[0]);
  if (!is_callable(t, args[0])) return raise_text(t, ErrorType::TypeError, "iter(v, w): v must be callable");
  return make_callable_iterator(t, args[0], args[1]);
}

Value builtin_next(Thread& t, Value* args, size_t) {
  auto next = type_of(t, args[0])->ops.next;
  if (!next) return raise(t, ErrorType::TypeError, "'{}' object is not an iterator", type_name(t, args[0]));
  Value item = next(t, args[0]);
  if (!args[1].is_empty()) item = end_on_stop_iteration(t, item);
  if (!item.is_empty()) return item;   // Raised too: StopIteration with a generator's value
  return args[1].is_empty() ? raise_no_arguments(t, ErrorType::StopIteration) : args[1];
}

Value builtin_sorted(Thread& t, Value* args, size_t) {
  Value list = TRY(to_list(t, args[0]));
  bool reverse = false;
  if (!args[2].is_empty()) {
    int64_t n;
    if (!to_small_index(t, args[2], n)) return Value::raised();
    reverse = n != 0;
  }
  TRY(sort_list(t, as<List>(list), args[1].is_empty() ? Value::none() : args[1], reverse));
  return list;
}

Value builtin_aiter(Thread& t, Value* args, size_t) {
  auto iterate = type_of(t, args[0])->ops.async_iterate;
  if (!iterate) return raise(t, ErrorType::TypeError, "'{}' object is not an async iterable", type_name(t, args[0]));
  Value iterator = TRY(iterate(t, args[0]));
  if (type_of(t, iterator)->ops.async_next) return iterator;
  return raise(t, ErrorType::TypeError, "aiter() returned not an async iterator of type '{}'", type_name(t, iterator));
}

// anext(it, default) is a coroutine that catches StopAsyncIteration: written in Mini.
Value builtin_anext(Thread& t, Value* args, size_t) {
  auto next = type_of(t, args[0])->ops.async_next;
  if (!next) return raise(t, ErrorType::TypeError, "'{}' object is not an async iterator", type_name(t, args[0]));
  if (args[1].is_empty()) return next(t, args[0]);
  Value helpers = TRY(import_module(t, "_builtin_helpers"));
  return call_method(t, helpers, intern(t, "anext_or"), {args[0], args[1]});
}

const NativeRow kContainerFunctions[] = {
    {"aiter", builtin_aiter, "(async_iterable, /)", "Return an AsyncIterator for an AsyncIterable object."},
    {"all", builtin_all, "(iterable, /)",
     "Return True if bool(x) is True for all values x in the iterable.\n\nIf the iterable is empty, return True."},
    {"anext", builtin_anext, "(aiterator, default=None, /)",
     "Return the next item from the async iterator.\n\nIf default is given and the async iterator is exhausted,\nit is returned instead of "
     "raising StopAsyncIteration."},
    {"any", builtin_any, "(iterable, /)",
     "Return True if bool(x) is True for any x in the iterable.\n\nIf the iterable is empty, return False."},
    {"iter", builtin_iter, "(object, sentinel=None, /)",
     "Get an iterator from an object.\n\nIn the first form, the argument must supply its own iterator, or be a sequence.\nIn the second "
     "form, the callable is called until it returns the sentinel."},
    {"len", builtin_len, "(obj, /)", "Return the number of items in a container."},
    {"next", builtin_next, "(iterator, default=None, /)",
     "Return the next item from the iterator.\n\nIf default is given and the iterator is exhausted,\nit is returned instead of raising "
     "StopIteration."},
    {"sorted", builtin_sorted, "(iterable, /, *, key=None, reverse=False)",
     "Return a new list containing all items from the iterable in ascending order.\n\nA custom key function can be supplied to customize "
     "the sort order, and the\nreverse flag can be set to request the result in descending order."},
};

}  // namespace

std::span<const NativeRow> container_functions() { return kContainerFunctions; }

}  // namespace mini
