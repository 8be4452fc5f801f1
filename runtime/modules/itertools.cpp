// SPDX-License-Identifier: MIT
// itertools. Each type holds the iterators of its arguments and works one item at a time. The combinatoric types are in
// itertools_combine.cpp.
#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/itertools_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterator_state.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// Three values are enough for the state of most types; what they are is said at each.
struct Stepper : Object {
  Value a, b, c;
  int64_t count;
  bool flag;
};

void stepper_trace(Object* self, Marker& marker) {
  auto s = static_cast<Stepper*>(self);
  marker.mark(s->a);
  marker.mark(s->b);
  marker.mark(s->c);
}

Stepper* state(Value self) { return as<Stepper>(self); }

Value new_stepper(Thread& t, Value cls, Value a, Value b = Value::none(), Value c = Value::none(), int64_t count = 0) {
  auto s = new_object<Stepper>(t, cls);
  s->a = a;
  s->b = b;
  s->c = c;
  s->count = count;
  s->flag = false;
  return Value::of_object(s);
}

template <size_t N>
constexpr Layout stepper_layout(const char* name, Value (*next)(Thread&, Value), const NativeRow (&rows)[N],
                                Value (*repr)(Thread&, Value) = nullptr) {
  return {.name = name, .module = "itertools", .kind = Kind::Native, .size = sizeof(Stepper), .flags = kSubclassable, .trace = stepper_trace,
          .ops = {.repr = repr, .iterate = iterate_self, .next = next}, .methods = rows, .method_count = N, .help = rows[0].help};
}

bool is_given(Value v) { return !v.is_empty() && !v.is_none(); }

Value call_one(Thread& t, Value function, Value item) { return end_on_stop_iteration(t, call(t, function, &item, 1)); }

// --- count(start, step): a = next value, b = step ---

Value count_new(Thread& t, Value* args, size_t) {
  Value start = args[1].is_empty() ? Value::of_int(0) : args[1], step = args[2].is_empty() ? Value::of_int(1) : args[2];
  if (start.is_bool()) start = Value::of_int(start.is_true());
  if (!is_number(t, start) || !is_number(t, step))
    return raise_text(t, ErrorType::TypeError, "a number is required");
  return new_stepper(t, args[0], start, step);
}

Value count_next(Thread& t, Value self) {
  auto s = state(self);
  Value v = s->a;
  int64_t next;
  if (v.is_int() && s->b.is_int() && !__builtin_add_overflow(v.integer, s->b.integer, &next)) s->a = Value::of_int(next);
  else store(s, s->a, TRY(binary_operation(t, BinaryOp::Add, v, s->b)));
  return v;
}

Value count_repr(Thread& t, Value self) {
  auto s = state(self);
  std::string out = std::string(short_type_name(t, self)) + "(";
  if (!append_repr(t, out, s->a)) return Value::raised();
  if (!s->b.is_int() || s->b.integer != 1) {
    out += ", ";
    if (!append_repr(t, out, s->b)) return Value::raised();
  }
  return str_value(make_str(t, out + ")"));
}

Value count_reduce(Thread& t, Value* args, size_t) {
  auto s = state(args[0]);
  bool is_by_one = s->a.is_int() && s->b.is_int() && s->b.integer == 1;
  return is_by_one ? reduced_object(t, args[0], {s->a}) : reduced_object(t, args[0], {s->a, s->b});
}

const NativeRow kCountMethods[] = {
    {"__new__", count_new, "(cls, start=0, step=1)", "Return a count object whose .__next__() method returns consecutive values.",
     Binding::Static},
    {"__reduce__", count_reduce, "(self, /)", kReduceHelp},
};

// --- cycle(iterable): a = iterator or None, b = list of what was seen, count = position in it; flag: `a` gives again what was seen ---

Value cycle_new(Thread& t, Value* args, size_t) {
  Value iterator = TRY(get_iterator(t, args[1]));
  return new_stepper(t, args[0], iterator, Value::of_object(make_list(t)));
}

Value cycle_next(Thread& t, Value self) {
  auto s = state(self);
  auto seen = as<List>(s->b);
  if (!s->a.is_none()) {
    Value item = TRY(iterator_next(t, s->a));
    if (!item.is_empty()) {
      if (!s->flag) list_push(t, seen, item);
      return item;
    }
    s->a = Value::none();
  }
  if (seen->length == 0) return Value::empty();
  if (s->count >= static_cast<int64_t>(seen->length)) s->count = 0;
  return seen->items[s->count++];
}

// (class, (iterator,), (seen, False)); later the iterator goes on in a list that was seen already, and the flag says so.
Value cycle_reduce(Thread& t, Value* args, size_t) {
  auto s = state(args[0]);
  bool is_again = s->a.is_none() || s->flag;
  Value iterator = s->a;
  if (iterator.is_none()) {
    iterator = TRY(get_iterator(t, s->b));
    as<ListIterator>(iterator)->position = static_cast<uint64_t>(s->count);
  }
  return reduced_object(t, args[0], {iterator}, Value::of_object(make_tuple(t, {s->b, Value::of_bool(is_again)})));
}

Value cycle_setstate(Thread& t, Value* args, size_t) {
  bool is_right = is_kind(args[1], Kind::Tuple) && as<Tuple>(args[1])->length == 2 && is_kind(as<Tuple>(args[1])->items[0], Kind::List);
  if (!is_right) return raise_text(t, ErrorType::TypeError, "state is not a tuple");
  Value flag = TRY(truth(t, as<Tuple>(args[1])->items[1]));
  auto s = state(args[0]);
  store(s, s->b, TRY(to_list(t, as<Tuple>(args[1])->items[0])));
  s->flag = flag.is_true();
  return Value::none();
}

const NativeRow kCycleMethods[] = {
    {"__new__", cycle_new, "(cls, iterable, /)",
     "Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.", Binding::Static},
    {"__reduce__", cycle_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", cycle_setstate, "(self, state, /)", kSetStateHelp},
};

// --- repeat(object, times): a = object, count = how often still, -1: for ever ---

Value repeat_new(Thread& t, Value* args, size_t) {
  int64_t times = -1;
  if (!args[2].is_empty()) {
    if (!to_index(t, args[2], times)) return Value::raised();
    times = std::max<int64_t>(times, 0);
  }
  return new_stepper(t, args[0], args[1], Value::none(), Value::none(), times);
}

Value repeat_next(Thread&, Value self) {
  auto s = state(self);
  if (s->count == 0) return Value::empty();
  if (s->count > 0) --s->count;
  return s->a;
}

Value repeat_repr(Thread& t, Value self) {
  std::string out = std::string(short_type_name(t, self)) + "(";
  if (!append_repr(t, out, state(self)->a)) return Value::raised();
  if (state(self)->count >= 0) out += fmt::format(", {}", state(self)->count);
  return str_value(make_str(t, out + ")"));
}

Value repeat_hint(Thread& t, Value* args, size_t) {
  if (state(args[0])->count < 0) return raise_text(t, ErrorType::TypeError, "len() of unsized object");
  return Value::of_int(state(args[0])->count);
}

Value repeat_reduce(Thread& t, Value* args, size_t) {
  auto s = state(args[0]);
  return s->count < 0 ? reduced_object(t, args[0], {s->a}) : reduced_object(t, args[0], {s->a, Value::of_int(s->count)});
}

const NativeRow kRepeatMethods[] = {
    {"__new__", repeat_new, "(cls, object, times=None)",
     "repeat(object [,times]) -> create an iterator which returns the object\nfor the specified number of times.  If not specified, returns "
     "the object\nendlessly.",
     Binding::Static},
    {"__length_hint__", repeat_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
    {"__reduce__", repeat_reduce, "(self, /)", kReduceHelp},
};

// --- accumulate: a = iterator, b = function or None, c = total; Empty: none yet. flag: `initial` is due ---

Value accumulate_new(Thread& t, Value* args, size_t) {
  Value iterator = TRY(get_iterator(t, args[1]));
  bool has_initial = is_given(args[3]);
  Value made = new_stepper(t, args[0], iterator, args[2].is_empty() ? Value::none() : args[2], has_initial ? args[3] : Value::empty());
  state(made)->flag = has_initial;
  return made;
}

Value accumulate_next(Thread& t, Value self) {
  auto s = state(self);
  if (s->flag) {
    s->flag = false;
    return s->c;
  }
  Value item = TRY(iterator_next(t, s->a));
  if (item.is_empty()) return item;
  Value total = item;
  bool is_added = s->b.is_none() && add_plain(s->c, item, total);
  if (!is_added && !s->c.is_empty()) {
    total = s->b.is_none() ? TRY(binary_operation(t, BinaryOp::Add, s->c, item)) : TRY(end_on_stop_iteration(t, call(t, s->b, {s->c, item})));
    if (total.is_empty()) return total;
  }
  store(s, s->c, total);
  return total;
}

Value accumulate_reduce(Thread& t, Value* args, size_t) {
  auto s = state(args[0]);
  Value iterator = s->a;
  if (s->flag) {   // the initial value is still to come: it goes in front
    Value chain = TRY(get_attribute(t, TRY(import_module(t, "itertools")), "chain"));
    iterator = TRY(call(t, chain, {Value::of_object(make_tuple(t, {s->c})), s->a}));
  }
  bool has_total = !s->flag && !s->c.is_empty();
  return reduced_object(t, args[0], {iterator, s->b}, has_total ? s->c : Value::none());
}

Value accumulate_setstate(Thread&, Value* args, size_t) {
  store(args[0].object, state(args[0])->c, args[1].is_none() ? Value::empty() : args[1]);
  return Value::none();
}

const NativeRow kAccumulateMethods[] = {
    {"__new__", accumulate_new, "(cls, iterable, func=None, *, initial=None)", "Return series of accumulated sums (or other binary "
     "function results).", Binding::Static},
    {"__reduce__", accumulate_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", accumulate_setstate, "(self, state, /)", kSetStateHelp},
};

// --- chain: a = iterator over iterables (None: finished), b = iterator of the current one or None ---

Value chain_of(Thread& t, Value cls, Value iterables) { return new_stepper(t, cls, TRY(get_iterator(t, iterables))); }
Value chain_new(Thread& t, Value* args, size_t argc) { return chain_of(t, args[0], Value::of_object(make_tuple(t, args + 1, argc - 1))); }
Value chain_from_iterable(Thread& t, Value* args, size_t) { return chain_of(t, args[0], args[1]); }

Value chain_next(Thread& t, Value self) {
  auto s = state(self);
  while (!s->a.is_none()) {
    if (s->b.is_none()) {
      Value iterable = TRY(iterator_next(t, s->a));
      if (iterable.is_empty()) {
        s->a = Value::none();
        return iterable;
      }
      Value iterator = get_iterator(t, iterable);
      if (iterator.is_raised()) s->a = Value::none();     // what cannot be iterated ends the chain
      store(s, s->b, TRY(iterator));
    }
    Value item = TRY(iterator_next(t, s->b));
    if (!item.is_empty()) return item;
    s->b = Value::none();
    TRY(t.poll());
  }
  return Value::empty();
}

// (class, (), (iterator over the iterables[, current iterator])), or (class, ()) at the end.
Value chain_reduce(Thread& t, Value* args, size_t) {
  auto s = state(args[0]);
  if (s->a.is_none()) return reduced_object(t, args[0], {});
  return reduced_object(t, args[0], {}, Value::of_object(s->b.is_none() ? make_tuple(t, {s->a}) : make_tuple(t, {s->a, s->b})));
}

Value chain_setstate(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Tuple)) return raise_text(t, ErrorType::TypeError, "state is not a tuple");
  auto given = as<Tuple>(args[1]);
  if (given->length < 1 || given->length > 2) return raise(t, ErrorType::TypeError, "function takes {} argument{} ({} given)", given->length ? "at most 2" : "at least 1", given->length ? "s" : "", given->length);
  for (uint64_t i = 0; i < given->length; ++i)
    if (!type_of(t, given->items[i])->ops.next) return raise_text(t, ErrorType::TypeError, "Arguments must be iterators.");
  auto s = state(args[0]);
  store(s, s->a, given->items[0]);
  store(s, s->b, given->length == 2 ? given->items[1] : Value::none());
  return Value::none();
}

const NativeRow kChainMethods[] = {
    {"__new__", chain_new, "(cls, /, *iterables)",
     "Return a chain object whose .__next__() method returns elements from the\nfirst iterable until it is exhausted, then elements from "
     "the next\niterable, until all of the iterables are exhausted.",
     Binding::Static},
    {"from_iterable", chain_from_iterable, "(type, iterable, /)",
     "Alternative chain() constructor taking a single iterable argument that evaluates lazily.", Binding::Class},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
    {"__reduce__", chain_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", chain_setstate, "(self, state, /)", kSetStateHelp},
};

// --- compress(data, selectors): a, b = their iterators ---

Value compress_new(Thread& t, Value* args, size_t) {
  Value data = TRY(get_iterator(t, args[1]));
  return new_stepper(t, args[0], data, TRY(get_iterator(t, args[2])));
}

Value compress_next(Thread& t, Value self) {
  auto s = state(self);
  for (uint32_t steps = 1;; ++steps) {
    Value item = TRY(iterator_next(t, s->a));
    if (item.is_empty()) return item;
    Value selector = TRY(iterator_next(t, s->b));
    if (selector.is_empty()) return selector;
    if (TRY(truth(t, selector)).is_true()) return item;
    if ((steps & 1023) == 0) TRY(t.poll());
  }
}

// (class, (a, b)): for compress, filterfalse and starmap.
Value pair_reduce(Thread& t, Value* args, size_t) { return reduced_object(t, args[0], {state(args[0])->a, state(args[0])->b}); }

const NativeRow kCompressMethods[] = {
    {"__new__", compress_new, "(cls, data, selectors)", "Return data elements corresponding to true selector elements.", Binding::Static},
    {"__reduce__", pair_reduce, "(self, /)", kReduceHelp},
};

// --- dropwhile, takewhile, filterfalse: a = function, b = iterator; flag: dropping, or taking, is over ---

Value predicate_new(Thread& t, Value* args, size_t) {
  Value iterator = TRY(get_iterator(t, args[2]));
  return new_stepper(t, args[0], args[1], iterator);
}

Value dropwhile_next(Thread& t, Value self) {
  auto s = state(self);
  for (uint32_t steps = 1;; ++steps) {
    Value item = TRY(iterator_next(t, s->b));
    if (item.is_empty() || s->flag) return item;
    Value verdict = TRY(call_one(t, s->a, item));
    if (verdict.is_empty()) return verdict;
    if (!TRY(truth(t, verdict)).is_true()) {
      s->flag = true;
      return item;
    }
    if ((steps & 1023) == 0) TRY(t.poll());
  }
}

Value takewhile_next(Thread& t, Value self) {
  auto s = state(self);
  if (s->flag) return Value::empty();
  Value item = TRY(iterator_next(t, s->b));
  if (item.is_empty()) return item;
  Value verdict = TRY(call_one(t, s->a, item));
  if (verdict.is_empty()) return verdict;
  if (TRY(truth(t, verdict)).is_true()) return item;
  s->flag = true;
  return Value::empty();
}

Value filterfalse_next(Thread& t, Value self) {
  auto s = state(self);
  bool is_plain = s->a.is_none() || s->a.is_same(Value::of_object(types(t).bool_));
  for (uint32_t steps = 1;; ++steps) {
    Value item = TRY(iterator_next(t, s->b));
    if (item.is_empty()) return item;
    Value verdict = is_plain ? item : TRY(call_one(t, s->a, item));
    if (verdict.is_empty()) return verdict;
    if (!TRY(truth(t, verdict)).is_true()) return item;
    if ((steps & 1023) == 0) TRY(t.poll());
  }
}

Value while_reduce(Thread& t, Value* args, size_t) {
  auto s = state(args[0]);
  return reduced_object(t, args[0], {s->a, s->b}, Value::of_int(s->flag));
}

Value while_setstate(Thread& t, Value* args, size_t) {
  state(args[0])->flag = TRY(truth(t, args[1])).is_true();
  return Value::none();
}

const NativeRow kDropwhileMethods[] = {
    {"__new__", predicate_new, "(cls, predicate, iterable, /)", "Drop items from the iterable while predicate(item) is true.", Binding::Static},
    {"__reduce__", while_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", while_setstate, "(self, state, /)", kSetStateHelp},
};
const NativeRow kTakewhileMethods[] = {
    {"__new__", predicate_new, "(cls, predicate, iterable, /)",
     "Return successive entries from an iterable as long as the predicate evaluates to true for each entry.", Binding::Static},
    {"__reduce__", while_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", while_setstate, "(self, state, /)", kSetStateHelp},
};
const NativeRow kFilterfalseMethods[] = {
    {"__new__", predicate_new, "(cls, function, iterable, /)", "Return those items of iterable for which function(item) is false.",
     Binding::Static},
    {"__reduce__", pair_reduce, "(self, /)", kReduceHelp},
};

// --- starmap(function, iterable): a = function, b = iterator ---

Value starmap_next(Thread& t, Value self) {
  auto s = state(self);
  Value item = TRY(iterator_next(t, s->b));
  if (item.is_empty()) return item;
  Value arguments = TRY(to_tuple(t, item));
  return end_on_stop_iteration(t, call(t, s->a, as<Tuple>(arguments)->items, as<Tuple>(arguments)->length));
}

const NativeRow kStarmapMethods[] = {
    {"__new__", predicate_new, "(cls, function, iterable, /)",
     "Return an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence.",
     Binding::Static},
    {"__reduce__", pair_reduce, "(self, /)", kReduceHelp},
};

// --- islice: a = iterator (None: finished), count = position in it; b = next wanted, c = (stop, step) ---

struct Islice : Object {
  Value iterator;                       // None: finished
  int64_t position, next, stop, step;   // stop -1: none
};

void islice_trace(Object* self, Marker& marker) { marker.mark(static_cast<Islice*>(self)->iterator); }

// A bound of islice(); `fallback` for None. False after raising `message`.
bool islice_bound(Thread& t, Value v, int64_t fallback, int64_t least, const char* message, int64_t& out) {
  out = fallback;
  if (!is_given(v)) return true;
  bool is_good = is_integer(v) || type_of(t, v)->ops.index;
  if (is_good && !to_index(t, v, out)) {
    (void)take_exception(t);
    is_good = false;
  }
  if (is_good && out >= least) return true;
  (void)raise_text(t, ErrorType::ValueError, message);
  return false;
}

Value islice_new(Thread& t, Value* args, size_t argc) {
  constexpr const char* kStop = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
  constexpr const char* kBoth = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
  if (argc < 3) return raise(t, ErrorType::TypeError, "islice expected at least 2 arguments, got {}", argc - 1);
  if (argc > 5) return raise(t, ErrorType::TypeError, "islice expected at most 4 arguments, got {}", argc - 1);
  int64_t start = 0, stop = -1, step = 1;
  if (argc == 3) {
    if (!islice_bound(t, args[2], -1, INT64_MIN, kStop, stop)) return Value::raised();
    if (stop < 0 && is_given(args[2])) return raise_text(t, ErrorType::ValueError, stop == -1 ? kStop : kBoth);
  } else {
    if (!islice_bound(t, args[3], -1, INT64_MIN, kStop, stop)) return Value::raised();
    if (stop == -1 && is_given(args[3])) return raise_text(t, ErrorType::ValueError, kStop);
    if (!islice_bound(t, args[2], 0, 0, kBoth, start)) return Value::raised();
    if (stop < -1) return raise_text(t, ErrorType::ValueError, kBoth);
    if (argc == 5 && !islice_bound(t, args[4], 1, 1, "Step for islice() must be a positive integer or None.", step)) return Value::raised();
  }
  Value iterator = TRY(get_iterator(t, args[1]));
  auto s = new_object<Islice>(t, args[0]);
  s->iterator = iterator;
  s->position = 0;
  s->next = start;
  s->stop = stop;
  s->step = step;
  return Value::of_object(s);
}

Value islice_next(Thread& t, Value self) {
  auto s = as<Islice>(self);
  if (s->iterator.is_none()) return Value::empty();
  // Also when it ends, items up to `stop` are taken from the iterator.
  int64_t wanted = s->stop >= 0 ? std::min(s->next, s->stop) : s->next;
  while (s->position < wanted) {
    Value skipped = TRY(iterator_next(t, s->iterator));
    if (skipped.is_empty()) {
      s->iterator = Value::none();
      return skipped;
    }
    if ((++s->position & 1023) == 0) TRY(t.poll());
  }
  Value item = s->stop >= 0 && s->position >= s->stop ? Value::empty() : TRY(iterator_next(t, s->iterator));
  if (item.is_empty()) {
    s->iterator = Value::none();
    return item;
  }
  ++s->position;
  if (__builtin_add_overflow(s->next, s->step, &s->next)) s->next = INT64_MAX;
  return item;
}

// (class, (iterator, next wanted, stop, step), position).
Value islice_reduce(Thread& t, Value* args, size_t) {
  auto s = as<Islice>(args[0]);
  if (s->iterator.is_none()) return reduced_object(t, args[0], {TRY(get_iterator(t, Value::of_object(make_list(t)))), Value::of_int(0)}, Value::of_int(0));
  Value stop = s->stop < 0 ? Value::none() : Value::of_int(s->stop);
  return reduced_object(t, args[0], {s->iterator, Value::of_int(s->next), stop, Value::of_int(s->step)}, Value::of_int(s->position));
}

Value islice_setstate(Thread& t, Value* args, size_t) {
  return to_index(t, args[1], as<Islice>(args[0])->position) ? Value::none() : Value::raised();
}

const NativeRow kIsliceMethods[] = {
    {"__new__", islice_new, "(cls, /, *args)",
     "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\nReturn an iterator whose next() "
     "method returns selected values from an\niterable.",
     Binding::Static},
    {"__reduce__", islice_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", islice_setstate, "(self, state, /)", kSetStateHelp},
};

const Layout islice_layout = {
    .name = "islice", .module = "itertools", .kind = Kind::Native, .size = sizeof(Islice), .flags = kSubclassable, .trace = islice_trace,
    .ops = {.iterate = iterate_self, .next = islice_next}, .methods = kIsliceMethods, .method_count = std::size(kIsliceMethods),
    .help = kIsliceMethods[0].help};

// --- groupby ---

struct GroupBy : Object {
  Value iterator, key_function, target_key, current_key, current_value;   // Empty: none yet
  Object* current_group;   // the only group that may take items
};

struct Group : Object {
  GroupBy* parent;
  Value key;
};

void groupby_trace(Object* self, Marker& marker) {
  auto g = static_cast<GroupBy*>(self);
  for (Value v : {g->iterator, g->key_function, g->target_key, g->current_key, g->current_value}) marker.mark(v);
  marker.mark(g->current_group);
}

void group_trace(Object* self, Marker& marker) {
  marker.mark_pointer(static_cast<Group*>(self)->parent);
  marker.mark(static_cast<Group*>(self)->key);
}

Value groupby_new(Thread& t, Value* args, size_t) {
  Value iterator = TRY(get_iterator(t, args[1]));
  auto g = new_object<GroupBy>(t, args[0]);
  g->iterator = iterator;
  g->key_function = args[2].is_empty() ? Value::none() : args[2];
  g->target_key = g->current_key = g->current_value = Value::empty();
  g->current_group = nullptr;
  return Value::of_object(g);
}

// Takes the next item and its key. True; Empty at the end; Raised.
Value groupby_step(Thread& t, GroupBy* g) {
  Value item = TRY(iterator_next(t, g->iterator));
  if (item.is_empty()) return item;
  Value key = g->key_function.is_none() ? item : TRY(call_one(t, g->key_function, item));
  if (key.is_empty()) return key;
  store(g, g->current_value, item);
  store(g, g->current_key, key);
  return Value::of_bool(true);
}

Value group_next(Thread& t, Value self) {
  auto group = as<Group>(self);
  GroupBy* g = group->parent;
  if (g->current_group != group) return Value::empty();
  if (g->current_value.is_empty() && TRY(groupby_step(t, g)).is_empty()) return Value::empty();
  if (!TRY(equal_values(t, group->key, g->current_key)).is_true()) return Value::empty();
  Value item = g->current_value;
  g->current_value = Value::empty();
  return item;
}

const Layout group_layout = {
    .name = "_grouper", .module = "itertools", .kind = Kind::Native, .size = sizeof(Group), .flags = kNoInstantiation, .trace = group_trace,
    .ops = {.iterate = iterate_self, .next = group_next}};

Value groupby_next(Thread& t, Value self) {
  auto g = as<GroupBy>(self);
  g->current_group = nullptr;
  // Skip what is left of the group before.
  for (;;) {
    if (g->current_key.is_empty()) {
      // nothing was taken yet
    } else if (g->target_key.is_empty() || !TRY(equal_values(t, g->target_key, g->current_key)).is_true()) {
      break;
    }
    if (TRY(groupby_step(t, g)).is_empty()) return Value::empty();
  }
  store(g, g->target_key, g->current_key);
  auto group = t.heap->make<Group>(native_type(t, group_layout)->root_shape);
  group->parent = g;
  group->key = g->target_key;
  g->current_group = group;
  return Value::of_object(make_tuple(t, {g->current_key, Value::of_object(group)}));
}

// (class, (iterator, key function)[, (current value, key of the last group, current key)]).
Value groupby_reduce(Thread& t, Value* args, size_t) {
  auto g = as<GroupBy>(args[0]);
  bool has_begun = !g->target_key.is_empty() && !g->current_key.is_empty() && !g->current_value.is_empty();
  if (!has_begun) return reduced_object(t, args[0], {g->iterator, g->key_function});
  Value parts = Value::of_object(make_tuple(t, {g->current_value, g->target_key, g->current_key}));
  return reduced_object(t, args[0], {g->iterator, g->key_function}, parts);
}

Value groupby_setstate(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Tuple) || as<Tuple>(args[1])->length != 3) return raise_text(t, ErrorType::TypeError, "state is not a tuple");
  auto g = as<GroupBy>(args[0]);
  store(g, g->current_value, as<Tuple>(args[1])->items[0]);
  store(g, g->target_key, as<Tuple>(args[1])->items[1]);
  store(g, g->current_key, as<Tuple>(args[1])->items[2]);
  return Value::none();
}

const NativeRow kGroupbyMethods[] = {
    {"__new__", groupby_new, "(cls, iterable, key=None)", "make an iterator that returns consecutive keys and groups from the iterable",
     Binding::Static},
    {"__reduce__", groupby_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", groupby_setstate, "(self, state, /)", kSetStateHelp},
};

const Layout groupby_layout = {
    .name = "groupby", .module = "itertools", .kind = Kind::Native, .size = sizeof(GroupBy), .flags = kSubclassable, .trace = groupby_trace,
    .ops = {.iterate = iterate_self, .next = groupby_next}, .methods = kGroupbyMethods, .method_count = std::size(kGroupbyMethods),
    .help = kGroupbyMethods[0].help};

// --- tee: a chain of blocks that all copies walk; the last one asks the iterator ---

constexpr size_t kTeeBlock = 57;

struct TeeBlock : Object {
  Value iterator;
  TeeBlock* next;
  uint64_t count;
  bool is_running;
  Value items[kTeeBlock];
};

struct Tee : Object {
  TeeBlock* block;
  uint64_t position;
};

void tee_block_trace(Object* self, Marker& marker) {
  auto b = static_cast<TeeBlock*>(self);
  marker.mark(b->iterator);
  marker.mark_pointer(b->next);
  marker.mark(b->items, b->count);
}

const Layout tee_block_layout = {.name = "_tee_dataobject", .module = "itertools", .kind = Kind::Native, .size = sizeof(TeeBlock),
                                 .flags = kNoInstantiation, .trace = tee_block_trace};

void tee_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<Tee*>(self)->block); }

TeeBlock* make_tee_block(Thread& t, Value iterator) {
  auto b = t.heap->make<TeeBlock>(native_type(t, tee_block_layout)->root_shape);
  b->iterator = iterator;
  b->next = nullptr;
  b->count = 0;
  b->is_running = false;
  return b;
}

Value tee_next(Thread& t, Value self) {
  auto tee = as<Tee>(self);
  if (tee->position == kTeeBlock) {
    if (!tee->block->next) {
      TeeBlock* next = make_tee_block(t, tee->block->iterator);
      tee->block->next = next;
    }
    tee->block = tee->block->next;
    tee->position = 0;
  }
  TeeBlock* block = tee->block;
  if (tee->position < block->count) return block->items[tee->position++];
  if (block->is_running) return raise_text(t, ErrorType::RuntimeError, "cannot re-enter the tee iterator");
  block->is_running = true;
  Value item = iterator_next(t, block->iterator);
  block->is_running = false;
  if (item.is_raised() || item.is_empty()) return item;
  store(block, block->items[block->count++], item);
  ++tee->position;
  return item;
}

extern const Layout tee_layout;

Value make_tee(Thread& t, TeeBlock* block, uint64_t position) {
  auto tee = t.heap->make<Tee>(native_type(t, tee_layout)->root_shape);
  tee->block = block;
  tee->position = position;
  return Value::of_object(tee);
}

bool is_tee(Value v) { return v.is_object() && type_of(v.object)->layout == &tee_layout; }

// A tee object on any iterable; a copy of one that is a tee object.
Value tee_on(Thread& t, Value iterable) {
  if (is_tee(iterable)) return make_tee(t, as<Tee>(iterable)->block, as<Tee>(iterable)->position);
  Value iterator = TRY(get_iterator(t, iterable));
  if (is_tee(iterator)) return make_tee(t, as<Tee>(iterator)->block, as<Tee>(iterator)->position);
  return make_tee(t, make_tee_block(t, iterator), 0);
}

Value tee_new(Thread& t, Value* args, size_t) { return tee_on(t, args[1]); }
Value tee_copy(Thread& t, Value* args, size_t) { return tee_on(t, args[0]); }

const NativeRow kTeeMethods[] = {
    {"__new__", tee_new, "(cls, iterable, /)", "Iterator wrapped to make it copyable.", Binding::Static},
    {"__copy__", tee_copy, "(self, /)", "Returns an independent iterator."},
};

const Layout tee_layout = {
    .name = "_tee", .module = "itertools", .kind = Kind::Native, .size = sizeof(Tee), .trace = tee_trace,
    .ops = {.iterate = iterate_self, .next = tee_next}, .methods = kTeeMethods, .method_count = std::size(kTeeMethods)};

Value itertools_tee(Thread& t, Value* args, size_t) {
  int64_t n = 2;
  if (!args[1].is_empty() && !to_index(t, args[1], n)) return Value::raised();
  if (n < 0) return raise_text(t, ErrorType::ValueError, "n must be >= 0");
  if (!has_room_for_places(t, n)) return raise_memory(t);
  if (n == 0) return Value::of_object(make_tuple(t, size_t{0}));
  Value first = TRY(tee_on(t, args[0]));
  Tuple* result = make_tuple(t, static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) store(result, result->items[i], i ? TRY(tee_on(t, first)) : first);
  return Value::of_object(result);
}

// --- zip_longest: a = tuple of iterators (None: exhausted), b = fill value, count = how many still give items ---

// args: cls, fillvalue, then the iterables.
Value zip_longest_new(Thread& t, Value* args, size_t argc) {
  Tuple* iterators = make_tuple(t, argc - 2);
  for (size_t i = 2; i < argc; ++i) store(iterators, iterators->items[i - 2], TRY(get_iterator(t, args[i])));
  return new_stepper(t, args[0], Value::of_object(iterators), args[1].is_empty() ? Value::none() : args[1], Value::none(),
                     static_cast<int64_t>(argc) - 2);
}

Value zip_longest_next(Thread& t, Value self) {
  auto s = state(self);
  auto iterators = as<Tuple>(s->a);
  if (s->count == 0) return Value::empty();
  Tuple* result = make_tuple(t, static_cast<size_t>(iterators->length));
  for (uint64_t i = 0; i < iterators->length; ++i) {
    Value item = iterators->items[i].is_none() ? Value::empty() : iterator_next(t, iterators->items[i]);
    if (item.is_raised()) {
      s->count = 0;
      return item;
    }
    if (item.is_empty()) {
      if (!iterators->items[i].is_none()) {
        if (--s->count == 0) return item;
        store(iterators, iterators->items[i], Value::none());
      }
      item = s->b;
    }
    store(result, result->items[i], item);
  }
  return Value::of_object(result);
}

// (class, iterators, fill value); for those that are at their end stands an empty tuple.
Value zip_longest_reduce(Thread& t, Value* args, size_t) {
  auto s = state(args[0]);
  auto iterators = as<Tuple>(s->a);
  Tuple* shown = make_tuple(t, static_cast<size_t>(iterators->length));
  for (uint64_t i = 0; i < iterators->length; ++i)
    store(shown, shown->items[i], iterators->items[i].is_none() ? Value::of_object(t.interpreter->empty_tuple) : iterators->items[i]);
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(t, args[0])), Value::of_object(shown), s->b}));
}

Value zip_longest_setstate(Thread&, Value* args, size_t) {
  store(args[0].object, state(args[0])->b, args[1]);
  return Value::none();
}

const NativeRow kZipLongestMethods[] = {
    {"__new__", zip_longest_new, "(cls, /, *iterables, fillvalue=None)",
     "Return a zip_longest object whose .__next__() method returns a tuple where\nthe i-th element comes from the i-th iterable argument.",
     Binding::Static},
    {"__reduce__", zip_longest_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", zip_longest_setstate, "(self, state, /)", kSetStateHelp},
};

// --- pairwise: a = iterator (None: finished), b = item before; Empty: none yet ---

Value pairwise_new(Thread& t, Value* args, size_t) { return new_stepper(t, args[0], TRY(get_iterator(t, args[1])), Value::empty()); }

Value pairwise_next(Thread& t, Value self) {
  auto s = state(self);
  if (s->a.is_none()) return Value::empty();
  if (s->b.is_empty()) {
    Value first = TRY(iterator_next(t, s->a));
    if (first.is_empty()) {
      s->a = Value::none();
      return first;
    }
    store(s, s->b, first);
  }
  Value item = TRY(iterator_next(t, s->a));
  if (item.is_empty()) {
    s->a = Value::none();
    return item;
  }
  Value pair = Value::of_object(make_tuple(t, {s->b, item}));
  store(s, s->b, item);
  return pair;
}

const NativeRow kPairwiseMethods[] = {
    {"__new__", pairwise_new, "(cls, iterable, /)",
     "Return an iterator of overlapping pairs taken from the input iterator.\n\n    s -> (s0,s1), (s1,s2), (s2, s3), ...", Binding::Static},
};

const Layout count_layout = stepper_layout("count", count_next, kCountMethods, count_repr);
const Layout cycle_layout = stepper_layout("cycle", cycle_next, kCycleMethods);
const Layout repeat_layout = stepper_layout("repeat", repeat_next, kRepeatMethods, repeat_repr);
const Layout accumulate_layout = stepper_layout("accumulate", accumulate_next, kAccumulateMethods);
const Layout chain_layout = stepper_layout("chain", chain_next, kChainMethods);
const Layout compress_layout = stepper_layout("compress", compress_next, kCompressMethods);
const Layout dropwhile_layout = stepper_layout("dropwhile", dropwhile_next, kDropwhileMethods);
const Layout takewhile_layout = stepper_layout("takewhile", takewhile_next, kTakewhileMethods);
const Layout filterfalse_layout = stepper_layout("filterfalse", filterfalse_next, kFilterfalseMethods);
const Layout starmap_layout = stepper_layout("starmap", starmap_next, kStarmapMethods);
const Layout zip_longest_layout = stepper_layout("zip_longest", zip_longest_next, kZipLongestMethods);
const Layout pairwise_layout = stepper_layout("pairwise", pairwise_next, kPairwiseMethods);

const NativeRow kFunctions[] = {
    {"tee", itertools_tee, "(iterable, n=2, /)", "Returns a tuple of n independent iterators."},
};

Value setup(Thread& t, Module* m) {
  for (const Layout* layout :
       {&count_layout, &cycle_layout, &repeat_layout, &accumulate_layout, &chain_layout, &compress_layout, &dropwhile_layout,
        &takewhile_layout, &filterfalse_layout, &starmap_layout, &islice_layout, &groupby_layout, &tee_layout, &zip_longest_layout,
        &pairwise_layout, &product_layout, &permutations_layout, &combinations_layout, &combinations_with_replacement_layout})
    module_add_type(t, m, *layout);
  return Value::none();
}

}  // namespace

extern const NativeModule itertools_module;
const NativeModule itertools_module = {
    .name = "itertools", .functions = kFunctions, .function_count = std::size(kFunctions), .setup = setup,
    .help = "Functional tools for creating and using iterators."};

}  // namespace mini
