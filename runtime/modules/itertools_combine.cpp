// SPDX-License-Identifier: MIT
// itertools: product, permutations, combinations, combinations_with_replacement.
//
// All four keep their pools of items, an array of positions and give a new tuple each time. They differ in how the positions
// advance: next_positions of each kind.
#include <algorithm>
#include <functional>
#include <vector>

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/itertools_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterator_state.h"
#include "runtime/objects/sequence.h"

namespace mini {

namespace {

constexpr ptrdiff_t kNoMore = -1;

struct Combiner : Object {
  Tuple* last;                        // what was given last, from which the next one is made; null: nothing yet
  Tuple* pools;                       // product: one for each place; the others: one pool
  std::vector<int64_t>* positions;    // into the pools, one for each place
  std::vector<int64_t>* cycles;       // permutations only
  bool is_started, is_finished;
};

Combiner* self_of(Value v) { return as<Combiner>(v); }

void combiner_trace(Object* self, Marker& marker) {
  marker.mark_pointer(static_cast<Combiner*>(self)->pools);
  marker.mark_pointer(static_cast<Combiner*>(self)->last);
}

void combiner_finalize(Object* self, Heap&) {
  delete static_cast<Combiner*>(self)->positions;
  delete static_cast<Combiner*>(self)->cycles;
}

Combiner* new_combiner(Thread& t, Value cls, Tuple* pools, size_t places) {
  auto c = new_object<Combiner>(t, cls);
  c->last = nullptr;
  c->pools = pools;
  c->positions = new std::vector<int64_t>(places, 0);
  c->cycles = new std::vector<int64_t>();
  c->is_started = c->is_finished = false;
  note_finalizer(c);
  return c;
}

const Tuple* pool_at(const Combiner* c, size_t place) {
  return as<Tuple>(c->pools->items[c->pools->length == 1 ? 0 : place]);
}

// The tuple for the positions, of which those before `first` are the same as for the last one.
Value current_tuple(Thread& t, Combiner* c, size_t first) {
  size_t places = c->positions->size();
  Tuple* result = c->last ? make_tuple(t, c->last->items, places) : make_tuple(t, places);
  const int64_t* positions = c->positions->data();
  for (size_t i = c->last ? first : 0; i < places; ++i) result->items[i] = pool_at(c, i)->items[positions[i]];
  c->last = result;
  return Value::of_object(result);
}

// The shared `next`: the first tuple as it stands, then one advance for each, which tells the first place that changed.
template <ptrdiff_t (*Advance)(Combiner*)>
Value combiner_next(Thread& t, Value self) {
  auto c = self_of(self);
  if (c->is_finished) return Value::empty();
  ptrdiff_t changed = 0;
  if (!c->is_started) c->is_started = true;
  else if ((changed = Advance(c)) == kNoMore) c->is_finished = true;
  return c->is_finished ? Value::empty() : current_tuple(t, c, static_cast<size_t>(changed));
}

// --- product ---

ptrdiff_t advance_product(Combiner* c) {
  auto& positions = *c->positions;
  for (size_t i = positions.size(); i-- > 0;) {
    if (++positions[i] < static_cast<int64_t>(pool_at(c, i)->length)) return static_cast<ptrdiff_t>(i);
    positions[i] = 0;
  }
  return kNoMore;
}

// args: cls, repeat, then the iterables.
Value product_new(Thread& t, Value* args, size_t argc) {
  int64_t repeat = 1;
  if (!args[1].is_empty() && !to_index(t, args[1], repeat)) return Value::raised();
  if (repeat < 0) return raise_text(t, ErrorType::ValueError, "repeat argument cannot be negative");
  int64_t count = static_cast<int64_t>(argc) - 2, places;
  if (__builtin_mul_overflow(count, repeat, &places) || !has_room_for_places(t, places))
    return raise_text(t, ErrorType::OverflowError, "repeat argument too large");
  ValueList pools(t);
  for (int64_t i = 0; repeat && i < count; ++i) pools.push(TRY(to_tuple(t, args[2 + i])));
  Tuple* all = make_tuple(t, static_cast<size_t>(places));
  for (int64_t i = 0; i < places; ++i) store(all, all->items[i], pools[i % count]);
  auto c = new_combiner(t, args[0], all, places);
  for (int64_t i = 0; i < places; ++i) c->is_finished |= as<Tuple>(all->items[i])->length == 0;
  return Value::of_object(c);
}

// --- permutations ---

ptrdiff_t advance_permutation(Combiner* c) {
  // `positions` shows the first r of a permutation of all n; the rest is kept behind them in `cycles`' second half.
  auto& cycles = *c->cycles;
  auto& positions = *c->positions;
  int64_t r = static_cast<int64_t>(positions.size()), n = static_cast<int64_t>(pool_at(c, 0)->length);
  int64_t* order = cycles.data() + r;   // all n positions
  for (int64_t i = r - 1; i >= 0; --i) {
    if (--cycles[i] == 0) {
      int64_t first = order[i];
      for (int64_t k = i; k < n - 1; ++k) order[k] = order[k + 1];
      order[n - 1] = first;
      cycles[i] = n - i;
    } else {
      std::swap(order[i], order[n - cycles[i]]);
      for (int64_t k = i; k < r; ++k) positions[k] = order[k];
      return i;
    }
  }
  return kNoMore;
}

bool size_argument(Thread& t, Value v, int64_t& out) {
  if (!to_index(t, v, out)) return false;
  if (out >= 0) return true;
  (void)raise_text(t, ErrorType::ValueError, "r must be non-negative");
  return false;
}

Value permutations_new(Thread& t, Value* args, size_t) {
  Value pool = TRY(to_tuple(t, args[1]));
  int64_t n = static_cast<int64_t>(as<Tuple>(pool)->length), r = n;
  if (!args[2].is_empty() && !args[2].is_none()) {
    if (!is_integer(args[2])) return raise_text(t, ErrorType::TypeError, "Expected int as r");
    if (!size_argument(t, args[2], r)) return Value::raised();
  }
  if (!has_room_for_places(t, r)) return raise_memory(t);
  auto c = new_combiner(t, args[0], make_tuple(t, {pool}), r > n ? 0 : r);
  if (r > n) {
    c->is_finished = true;
    return Value::of_object(c);
  }
  for (int64_t i = 0; i < r; ++i) c->cycles->push_back(n - i);
  for (int64_t i = 0; i < n; ++i) c->cycles->push_back(i);
  for (int64_t i = 0; i < r; ++i) (*c->positions)[i] = i;
  return Value::of_object(c);
}

// --- combinations ---

ptrdiff_t advance_combination(Combiner* c) {
  auto& positions = *c->positions;
  int64_t r = static_cast<int64_t>(positions.size()), n = static_cast<int64_t>(pool_at(c, 0)->length), i = r - 1;
  while (i >= 0 && positions[i] == i + n - r) --i;
  if (i < 0) return kNoMore;
  ++positions[i];
  for (int64_t k = i + 1; k < r; ++k) positions[k] = positions[k - 1] + 1;
  return i;
}

Value combinations_new(Thread& t, Value* args, size_t) {
  Value pool = TRY(to_tuple(t, args[1]));
  int64_t r, n = static_cast<int64_t>(as<Tuple>(pool)->length);
  if (!size_argument(t, args[2], r)) return Value::raised();
  if (!has_room_for_places(t, r)) return raise_memory(t);
  auto c = new_combiner(t, args[0], make_tuple(t, {pool}), r > n ? 0 : r);
  c->is_finished = r > n;
  for (size_t i = 0; i < c->positions->size(); ++i) (*c->positions)[i] = static_cast<int64_t>(i);
  return Value::of_object(c);
}

ptrdiff_t advance_with_replacement(Combiner* c) {
  auto& positions = *c->positions;
  int64_t r = static_cast<int64_t>(positions.size()), n = static_cast<int64_t>(pool_at(c, 0)->length), i = r - 1;
  while (i >= 0 && positions[i] == n - 1) --i;
  if (i < 0) return kNoMore;
  std::fill(positions.begin() + i, positions.end(), positions[i] + 1);
  return i;
}

Value with_replacement_new(Thread& t, Value* args, size_t) {
  Value pool = TRY(to_tuple(t, args[1]));
  int64_t r;
  if (!size_argument(t, args[2], r)) return Value::raised();
  if (!has_room_for_places(t, r)) return raise_memory(t);
  auto c = new_combiner(t, args[0], make_tuple(t, {pool}), r);
  c->is_finished = as<Tuple>(pool)->length == 0 && r > 0;
  return Value::of_object(c);
}

// --- Taking apart and putting together: (class, (pools or pool, r)[, positions]) ---

Value numbers(Thread& t, const int64_t* first, size_t count) {
  Tuple* result = make_tuple(t, count);
  for (size_t i = 0; i < count; ++i) result->items[i] = Value::of_int(first[i]);
  return Value::of_object(result);
}

// Writes a tuple of `count` ints to `out`, each brought into [0, most]. False after raising.
bool read_numbers(Thread& t, Value v, size_t count, int64_t* out, const std::function<int64_t(size_t)>& most) {
  if (!is_kind(v, Kind::Tuple) || as<Tuple>(v)->length != count) {
    (void)raise_text(t, ErrorType::ValueError, "invalid arguments");
    return false;
  }
  for (size_t i = 0; i < count; ++i) {
    int64_t n;
    if (!to_index(t, as<Tuple>(v)->items[i], n)) return false;
    out[i] = std::clamp<int64_t>(n, 0, most(i));
  }
  return true;
}

Value product_reduce(Thread& t, Value* args, size_t) {
  auto c = self_of(args[0]);
  if (c->is_finished) return reduced_object(t, args[0], {Value::of_object(t.interpreter->empty_tuple)});
  Value type = Value::of_object(type_of(t, args[0])), pools = Value::of_object(c->pools);
  if (!c->is_started) return Value::of_object(make_tuple(t, {type, pools}));
  return Value::of_object(make_tuple(t, {type, pools, numbers(t, c->positions->data(), c->positions->size())}));
}

Value choice_reduce(Thread& t, Value* args, size_t) {
  auto c = self_of(args[0]);
  size_t r = c->positions->size();
  Value places = Value::of_int(static_cast<int64_t>(r));
  if (c->is_finished) return reduced_object(t, args[0], {Value::of_object(t.interpreter->empty_tuple), places});
  if (!c->is_started) return reduced_object(t, args[0], {c->pools->items[0], places});
  Value positions = numbers(t, c->positions->data(), r);
  if (!c->cycles->empty()) {
    Value order = numbers(t, c->cycles->data() + r, c->cycles->size() - r);
    positions = Value::of_object(make_tuple(t, {order, numbers(t, c->cycles->data(), r)}));
  }
  return reduced_object(t, args[0], {c->pools->items[0], places}, positions);
}

Value positions_setstate(Thread& t, Value* args, size_t) {
  auto c = self_of(args[0]);
  auto last = [&](size_t i) { return static_cast<int64_t>(pool_at(c, i)->length) - 1; };
  if (!read_numbers(t, args[1], c->positions->size(), c->positions->data(), last)) return Value::raised();
  c->is_started = true;
  c->last = nullptr;
  return Value::none();
}

Value permutations_setstate(Thread& t, Value* args, size_t) {
  auto c = self_of(args[0]);
  size_t r = c->positions->size(), n = static_cast<size_t>(pool_at(c, 0)->length);
  if (!is_kind(args[1], Kind::Tuple) || as<Tuple>(args[1])->length != 2 || c->cycles->size() != r + n)
    return raise_text(t, ErrorType::ValueError, "invalid arguments");
  auto both = as<Tuple>(args[1]);
  if (!read_numbers(t, both->items[0], n, c->cycles->data() + r, [&](size_t) { return static_cast<int64_t>(n) - 1; }) ||
      !read_numbers(t, both->items[1], r, c->cycles->data(), [&](size_t i) { return static_cast<int64_t>(n - i); }))
    return Value::raised();
  for (size_t i = 0; i < r; ++i) {
    (*c->cycles)[i] = std::max<int64_t>((*c->cycles)[i], 1);
    (*c->positions)[i] = (*c->cycles)[r + i];
  }
  c->is_started = true;
  c->last = nullptr;
  return Value::none();
}

const NativeRow kProductMethods[] = {
    {"__new__", product_new, "(cls, /, *iterables, repeat=1)", "Cartesian product of input iterables.", Binding::Static},
    {"__reduce__", product_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", positions_setstate, "(self, state, /)", kSetStateHelp},
};
const NativeRow kPermutationsMethods[] = {
    {"__new__", permutations_new, "(cls, iterable, r=None)", "Return successive r-length permutations of elements in the iterable.",
     Binding::Static},
    {"__reduce__", choice_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", permutations_setstate, "(self, state, /)", kSetStateHelp},
};
const NativeRow kCombinationsMethods[] = {
    {"__new__", combinations_new, "(cls, iterable, r)", "Return successive r-length combinations of elements in the iterable.",
     Binding::Static},
    {"__reduce__", choice_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", positions_setstate, "(self, state, /)", kSetStateHelp},
};
const NativeRow kWithReplacementMethods[] = {
    {"__new__", with_replacement_new, "(cls, iterable, r)",
     "Return successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.",
     Binding::Static},
    {"__reduce__", choice_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", positions_setstate, "(self, state, /)", kSetStateHelp},
};

template <ptrdiff_t (*Advance)(Combiner*), size_t N>
constexpr Layout combiner_layout(const char* name, const NativeRow (&rows)[N]) {
  return {.name = name, .module = "itertools", .kind = Kind::Native, .size = sizeof(Combiner), .flags = kSubclassable,
          .trace = combiner_trace, .finalize = combiner_finalize, .ops = {.iterate = iterate_self, .next = combiner_next<Advance>},
          .methods = rows, .method_count = N, .help = rows[0].help};
}

}  // namespace

const Layout product_layout = combiner_layout<advance_product>("product", kProductMethods);
const Layout permutations_layout = combiner_layout<advance_permutation>("permutations", kPermutationsMethods);
const Layout combinations_layout = combiner_layout<advance_combination>("combinations", kCombinationsMethods);
const Layout combinations_with_replacement_layout =
    combiner_layout<advance_with_replacement>("combinations_with_replacement", kWithReplacementMethods);

}  // namespace mini
