// SPDX-License-Identifier: MIT
// range: an arithmetic series that is never written out. Bounds and length of an ordinary one are 64-bit numbers; a range with
// larger bounds or length keeps int objects and goes through the ordinary int arithmetic (the big_ functions).
#include "runtime/objects/range.h"

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/sequence.h"
#include "runtime/shape.h"

namespace mini {

namespace {

Value number(int64_t n) { return Value::of_int(n); }
Value start_of(const Range* r) { return r->is_big ? r->big_start : number(r->start); }
Value stop_of(const Range* r) { return r->is_big ? r->big_stop : number(r->stop); }
Value step_of(const Range* r) { return r->is_big ? r->big_step : number(r->step); }

bool is_less(Thread& t, Value a, Value b) { return number_compare(t, CompareOp::Lt, a, b).is_true(); }

Value big_length(Thread& t, Value start, Value stop, Value step) {
  bool is_up = is_less(t, number(0), step);
  Value low = is_up ? start : stop, high = is_up ? stop : start;
  if (!is_less(t, low, high)) return number(0);
  Value stride = is_up ? step : TRY(int_binary(t, BinaryOp::Sub, number(0), step));
  Value gap = TRY(int_binary(t, BinaryOp::Sub, TRY(int_binary(t, BinaryOp::Sub, high, low)), number(1)));
  return int_binary(t, BinaryOp::Add, TRY(int_binary(t, BinaryOp::FloorDiv, gap, stride)), number(1));
}

Value length_value(Thread& t, const Range* r) {
  return r->is_big ? big_length(t, r->big_start, r->big_stop, r->big_step) : number(r->length);
}

// The length of a range with these bounds, or false when it does not fit.
bool small_length(int64_t start, int64_t stop, int64_t step, int64_t& out) {
  uint64_t gap, stride;
  if (step > 0) {
    gap = start < stop ? static_cast<uint64_t>(stop) - static_cast<uint64_t>(start) : 0;
    stride = step;
  } else {
    gap = stop < start ? static_cast<uint64_t>(start) - static_cast<uint64_t>(stop) : 0;
    stride = 0 - static_cast<uint64_t>(step);
  }
  uint64_t length = gap ? (gap - 1) / stride + 1 : 0;
  out = static_cast<int64_t>(length);
  return length <= INT64_MAX;
}

Value make_range(Thread& t, Value start, Value stop, Value step) {
  auto r = t.heap->make<Range>(types(t).range->root_shape);
  r->big_start = r->big_stop = r->big_step = Value::none();
  r->start = r->stop = r->length = 0;
  r->step = 1;
  r->is_big = false;
  bool is_small = start.is_int() && stop.is_int() && step.is_int() && small_length(start.integer, stop.integer, step.integer, r->length);
  if (is_small) {
    r->start = start.integer;
    r->stop = stop.integer;
    r->step = step.integer;
  } else {
    r->is_big = true;
    r->big_start = start;
    r->big_stop = stop;
    r->big_step = step;
  }
  return Value::of_object(r);
}

Value range_new(Thread& t, Value* args, size_t argc) {
  if (argc == 1) return raise_text(t, ErrorType::TypeError, "range expected at least 1 argument, got 0");
  if (argc > 4) return raise(t, ErrorType::TypeError, "range expected at most 3 arguments, got {}", argc - 1);
  if (argc == 2) return make_range(t, number(0), TRY(to_integer(t, args[1])), number(1));
  Value start = TRY(to_integer(t, args[1]));
  Value stop = TRY(to_integer(t, args[2]));
  Value step = argc == 4 ? TRY(to_integer(t, args[3])) : number(1);
  if (step.is_int() && step.integer == 0) return raise_text(t, ErrorType::ValueError, "range() arg 3 must not be zero");
  return make_range(t, start, stop, step);
}

void range_trace(Object* self, Marker& marker) {
  auto r = static_cast<Range*>(self);
  marker.mark(r->big_start);
  marker.mark(r->big_stop);
  marker.mark(r->big_step);
}

Value range_repr(Thread& t, Value self) {
  auto r = as<Range>(self);
  std::string out = "range(" + int_to_text(start_of(r)) + ", " + int_to_text(stop_of(r));
  if (!(r->is_big ? r->big_step.is_int() && r->big_step.integer == 1 : r->step == 1)) out += ", " + int_to_text(step_of(r));
  return str_value(make_str(t, out + ")"));
}

// (length, start, step) with None for what makes no difference: equal ranges have equal ones.
Value identity_tuple(Thread& t, const Range* r) {
  Value length = TRY(length_value(t, r));
  bool is_empty = length.is_int() && length.integer == 0;
  bool is_single = length.is_int() && length.integer == 1;
  return Value::of_object(make_tuple(
      t, {length, is_empty ? Value::none() : start_of(r), is_empty || is_single ? Value::none() : step_of(r)}));
}

Value range_hash(Thread& t, Value self) {
  int64_t hash;
  if (!hash_value(t, TRY(identity_tuple(t, as<Range>(self))), hash)) return Value::raised();
  return number(hash);
}

Value range_compare(Thread& t, CompareOp op, Value a, Value b) {
  if ((op != CompareOp::Eq && op != CompareOp::Ne) || !is_kind(a, Kind::Range) || !is_kind(b, Kind::Range))
    return t.interpreter->not_implemented;
  Value x = TRY(identity_tuple(t, as<Range>(a)));
  return sequence_compare(t, op, x, TRY(identity_tuple(t, as<Range>(b))));
}

Value range_truth(Thread& t, Value self) {
  Value length = TRY(length_value(t, as<Range>(self)));
  return Value::of_bool(!length.is_int() || length.integer != 0);
}

Value range_length(Thread& t, Value self) {
  Value length = TRY(length_value(t, as<Range>(self)));
  if (length.is_int()) return length;
  return raise_text(t, ErrorType::OverflowError, "Python int too large to convert to C ssize_t");
}

int64_t item_at(const Range* r, int64_t i) {
  return static_cast<int64_t>(static_cast<uint64_t>(r->start) + static_cast<uint64_t>(i) * static_cast<uint64_t>(r->step));
}

Value big_item_at(Thread& t, const Range* r, Value i) {
  return int_binary(t, BinaryOp::Add, start_of(r), TRY(int_binary(t, BinaryOp::Mul, i, step_of(r))));
}

// The position of an int in the range; Empty when it is not there.
Value position_of(Thread& t, const Range* r, Value v) {
  int64_t n;
  if (!r->is_big) {
    if (!fits_int64(v, n)) return Value::empty();
    bool is_inside = r->step > 0 ? n >= r->start && n < r->stop : n <= r->start && n > r->stop;
    if (!is_inside) return Value::empty();
    uint64_t gap = r->step > 0 ? static_cast<uint64_t>(n) - r->start : static_cast<uint64_t>(r->start) - n;
    uint64_t stride = r->step > 0 ? r->step : 0 - static_cast<uint64_t>(r->step);
    return gap % stride ? Value::empty() : number(static_cast<int64_t>(gap / stride));
  }
  bool is_up = is_less(t, number(0), r->big_step);
  bool is_inside = is_up ? !is_less(t, v, r->big_start) && is_less(t, v, r->big_stop)
                         : !is_less(t, r->big_start, v) && is_less(t, r->big_stop, v);
  if (!is_inside) return Value::empty();
  Value gap = TRY(int_binary(t, BinaryOp::Sub, v, r->big_start));
  Value rest = TRY(int_binary(t, BinaryOp::Mod, gap, r->big_step));
  if (!rest.is_int() || rest.integer != 0) return Value::empty();
  return int_binary(t, BinaryOp::FloorDiv, gap, r->big_step);
}

// Only ints and bools are located by arithmetic: anything else may define its own ==.
bool is_plain_int(Value v) { return v.is_int() || v.is_bool() || is_exact(v, Kind::Int); }

Value range_contains(Thread& t, Value self, Value item) {
  auto r = as<Range>(self);
  if (is_plain_int(item)) return Value::of_bool(!TRY(position_of(t, r, item)).is_empty());
  if (item.is_float() && !r->is_big) {
    bool is_integral = item.number >= -9.2e18 && item.number <= 9.2e18 && item.number == static_cast<double>(static_cast<int64_t>(item.number));
    if (is_integral) return Value::of_bool(!TRY(position_of(t, r, number(static_cast<int64_t>(item.number)))).is_empty());
  }
  if (item.is_none() || is_exact(item, Kind::Str)) return Value::of_bool(false);
  for (Iteration it(t, self);;) {
    Value v = TRY(it.next());
    if (v.is_empty()) return Value::of_bool(false);
    if (TRY(contained_equal(t, v, item)).is_true()) return Value::of_bool(true);
    TRY(t.poll());
  }
}

Value slice_part(Thread& t, Value v) {
  if (!is_integer(v) && !type_of(t, v)->ops.index)
    return raise_text(t, ErrorType::TypeError, "slice indices must be integers or None or have an __index__ method");
  return to_integer(t, v);
}

Value big_slice_bound(Thread& t, Value v, Value fallback, Value length, Value lowest, Value highest) {
  if (v.is_none()) return fallback;
  v = TRY(slice_part(t, v));
  if (is_less(t, v, number(0))) v = TRY(int_binary(t, BinaryOp::Add, v, length));
  return is_less(t, v, lowest) ? lowest : is_less(t, highest, v) ? highest : v;
}

Value big_range_slice(Thread& t, const Range* r, const Slice* s) {
  Value length = TRY(length_value(t, r));
  Value step = s->step.is_none() ? number(1) : TRY(slice_part(t, s->step));
  if (step.is_int() && step.integer == 0) return raise_text(t, ErrorType::ValueError, "slice step cannot be zero");
  bool is_down = is_less(t, step, number(0));
  Value lowest = number(is_down ? -1 : 0);
  Value highest = is_down ? TRY(int_binary(t, BinaryOp::Sub, length, number(1))) : length;
  Value start = TRY(big_slice_bound(t, s->start, is_down ? highest : lowest, length, lowest, highest));
  Value stop = TRY(big_slice_bound(t, s->stop, is_down ? lowest : highest, length, lowest, highest));
  Value first = TRY(big_item_at(t, r, start));
  Value last = TRY(big_item_at(t, r, stop));
  return make_range(t, first, last, TRY(int_binary(t, BinaryOp::Mul, step, step_of(r))));
}

Value range_get_slice(Thread& t, const Range* r, const Slice* s) {
  if (r->is_big || is_exact(s->step, Kind::Int)) return big_range_slice(t, r, s);   // the step must not be clamped
  int64_t start, stop, step, count, new_start, new_stop, new_step;
  if (!slice_indices(t, s, r->length, start, stop, step, count)) return Value::raised();
  bool overflows = __builtin_mul_overflow(start, r->step, &new_start) || __builtin_add_overflow(new_start, r->start, &new_start) ||
                   __builtin_mul_overflow(stop, r->step, &new_stop) || __builtin_add_overflow(new_stop, r->start, &new_stop) ||
                   __builtin_mul_overflow(step, r->step, &new_step);
  if (overflows) return big_range_slice(t, r, s);
  return make_range(t, number(new_start), number(new_stop), number(new_step));
}

Value range_get_item(Thread& t, Value self, Value key) {
  auto r = as<Range>(self);
  if (is_kind(key, Kind::Slice)) return range_get_slice(t, r, as<Slice>(key));
  if (!is_integer(key) && !type_of(t, key)->ops.index)
    return raise(t, ErrorType::TypeError, "range indices must be integers or slices, not {}", type_name(t, key));
  Value i = TRY(to_integer(t, key));
  Value length = TRY(length_value(t, r));
  if (is_less(t, i, number(0))) i = TRY(int_binary(t, BinaryOp::Add, i, length));
  if (is_less(t, i, number(0)) || !is_less(t, i, length)) return raise_text(t, ErrorType::IndexError, "range object index out of range");
  return r->is_big ? big_item_at(t, r, i) : number(item_at(r, i.integer));
}

// --- Iterators ---

struct RangeIterator : Object {
  int64_t value, step, remaining;
};

Value range_iterator_next(Thread&, Value self) {
  auto it = as<RangeIterator>(self);
  if (it->remaining <= 0) return Value::empty();
  --it->remaining;
  Value v = number(it->value);
  it->value = static_cast<int64_t>(static_cast<uint64_t>(it->value) + static_cast<uint64_t>(it->step));
  return v;
}

Value range_iterator_hint(Thread&, Value* args, size_t) { return number(as<RangeIterator>(args[0])->remaining); }

// What is left, as a range of its own.
Value range_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<RangeIterator>(args[0]);
  Value step = number(it->step), start = number(it->value);
  Value length = TRY(int_binary(t, BinaryOp::Mul, number(std::max<int64_t>(it->remaining, 0)), step));
  Value parts[3] = {start, TRY(int_binary(t, BinaryOp::Add, start, length)), step};
  return reduced_iterator(t, "iter", {TRY(call(t, Value::of_object(native_type(t, range_layout)), parts, 3))}, number(0));
}

Value range_iterator_setstate(Thread& t, Value* args, size_t) {
  auto it = as<RangeIterator>(args[0]);
  int64_t gone;
  if (!position_argument(t, args[1], 0, std::max<int64_t>(it->remaining, 0), gone)) return Value::raised();
  it->value = static_cast<int64_t>(static_cast<uint64_t>(it->value) + static_cast<uint64_t>(it->step) * static_cast<uint64_t>(gone));
  it->remaining -= gone;
  return Value::none();
}

const NativeRow kRangeIteratorMethods[] = {
    {"__reduce__", range_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", range_iterator_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__length_hint__", range_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

const Layout range_iterator_layout = {
    .name = "range_iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(RangeIterator), .flags = kNoInstantiation,
    .ops = {.iterate = iterate_self, .next = range_iterator_next},
    .methods = kRangeIteratorMethods, .method_count = std::size(kRangeIteratorMethods)};

struct BigRangeIterator : Object {
  Value value, step, remaining;
};

void big_range_iterator_trace(Object* self, Marker& marker) {
  auto it = static_cast<BigRangeIterator*>(self);
  marker.mark(it->value);
  marker.mark(it->step);
  marker.mark(it->remaining);
}

Value big_range_iterator_next(Thread& t, Value self) {
  auto it = as<BigRangeIterator>(self);
  if (it->remaining.is_int() && it->remaining.integer <= 0) return Value::empty();
  Value v = it->value;
  store(it, it->value, TRY(int_binary(t, BinaryOp::Add, v, it->step)));
  store(it, it->remaining, TRY(int_binary(t, BinaryOp::Sub, it->remaining, number(1))));
  return v;
}

Value big_range_iterator_hint(Thread&, Value* args, size_t) { return as<BigRangeIterator>(args[0])->remaining; }

Value big_range_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<BigRangeIterator>(args[0]);
  Value length = TRY(int_binary(t, BinaryOp::Mul, it->remaining, it->step));
  Value parts[3] = {it->value, TRY(int_binary(t, BinaryOp::Add, it->value, length)), it->step};
  return reduced_iterator(t, "iter", {TRY(call(t, Value::of_object(native_type(t, range_layout)), parts, 3))});
}

const NativeRow kBigRangeIteratorMethods[] = {
    {"__reduce__", big_range_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__length_hint__", big_range_iterator_hint, "(self, /)", "Private method returning an estimate of len(list(it))."},
};

const Layout big_range_iterator_layout = {
    .name = "longrange_iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(BigRangeIterator), .flags = kNoInstantiation,
    .trace = big_range_iterator_trace, .ops = {.iterate = iterate_self, .next = big_range_iterator_next},
    .methods = kBigRangeIteratorMethods, .method_count = std::size(kBigRangeIteratorMethods)};

Value make_iterator(Thread& t, int64_t start, int64_t step, int64_t length) {
  auto it = t.heap->make<RangeIterator>(native_type(t, range_iterator_layout)->root_shape);
  it->value = start;
  it->step = step;
  it->remaining = length;
  return Value::of_object(it);
}

Value make_big_iterator(Thread& t, Value start, Value step, Value length) {
  auto it = t.heap->make<BigRangeIterator>(native_type(t, big_range_iterator_layout)->root_shape);
  it->value = start;
  it->step = step;
  it->remaining = length;
  return Value::of_object(it);
}

Value range_iterate(Thread& t, Value self) {
  auto r = as<Range>(self);
  if (!r->is_big) return make_iterator(t, r->start, r->step, r->length);
  return make_big_iterator(t, r->big_start, r->big_step, TRY(length_value(t, r)));
}

Value range_reversed(Thread& t, Value* args, size_t) {
  auto r = as<Range>(args[0]);
  if (!r->is_big && r->step != INT64_MIN) return make_iterator(t, item_at(r, r->length - 1), -r->step, r->length);
  Value length = TRY(length_value(t, r));
  Value last = TRY(big_item_at(t, r, TRY(int_binary(t, BinaryOp::Sub, length, number(1)))));
  return make_big_iterator(t, last, TRY(int_binary(t, BinaryOp::Sub, number(0), step_of(r))), length);
}

// --- Methods ---

Value range_count(Thread& t, Value* args, size_t) {
  if (is_plain_int(args[1])) return number(!TRY(position_of(t, as<Range>(args[0]), args[1])).is_empty());
  int64_t count = 0;
  for (Iteration it(t, args[0]);;) {
    Value v = TRY(it.next());
    if (v.is_empty()) return number(count);
    count += TRY(contained_equal(t, v, args[1])).is_true();
    TRY(t.poll());
  }
}

Value range_index(Thread& t, Value* args, size_t) {
  if (is_plain_int(args[1])) {
    Value i = TRY(position_of(t, as<Range>(args[0]), args[1]));
    if (!i.is_empty()) return i;
    Str* shown = to_repr(t, args[1]);
    return shown ? raise(t, ErrorType::ValueError, "{} is not in range", to_utf8(shown)) : raise_without_text(t, ErrorType::ValueError);
  }
  int64_t position = 0;
  for (Iteration it(t, args[0]);; ++position) {
    Value v = TRY(it.next());
    if (v.is_empty()) return raise_text(t, ErrorType::ValueError, "sequence.index(x): x not in sequence");
    if (TRY(contained_equal(t, v, args[1])).is_true()) return number(position);
    TRY(t.poll());
  }
}

Value range_get_start(Thread&, Value self) { return start_of(as<Range>(self)); }
Value range_get_stop(Thread&, Value self) { return stop_of(as<Range>(self)); }
Value range_get_step(Thread&, Value self) { return step_of(as<Range>(self)); }

Value range_refuse(Thread& t, Value, Value) { return raise_text(t, ErrorType::AttributeError, "readonly attribute"); }

const NativeRow kRangeMethods[] = {
    {"__new__", range_new, "(cls, /, *args)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"count", range_count, "(self, value, /)", "rangeobject.count(value) -> integer -- return number of occurrences of value"},
    {"index", range_index, "(self, value, /)",
     "rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present."},
    {"__reversed__", range_reversed, "(self, /)", "Return a reverse iterator."},
};

const AttributeRow kRangeAttributes[] = {
    {"start", range_get_start, range_refuse, ""},
    {"stop", range_get_stop, range_refuse, ""},
    {"step", range_get_step, range_refuse, ""},
};

}  // namespace

const Layout range_layout = {
    .name = "range", .module = "builtins", .kind = Kind::Range, .size = sizeof(Range), .trace = range_trace,
    .ops = {.repr = range_repr, .hash = range_hash, .compare = range_compare, .truth = range_truth, .length = range_length,
            .contains = range_contains, .get_item = range_get_item, .iterate = range_iterate},
    .methods = kRangeMethods, .method_count = std::size(kRangeMethods),
    .attributes = kRangeAttributes, .attribute_count = std::size(kRangeAttributes),
    .help = "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nReturn an object that produces a sequence of "
            "integers from start (inclusive)\nto stop (exclusive) by step."};

}  // namespace mini
