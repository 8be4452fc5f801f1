// SPDX-License-Identifier: MIT
// slice: what `x[a:b:c]` hands to __getitem__, and the arithmetic of clamping it to a sequence's length.
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Value make_slice(Thread& t, Value start, Value stop, Value step) {
  auto s = t.heap->make<Slice>(types(t).slice->root_shape);
  s->start = start;
  s->stop = stop;
  s->step = step;
  return Value::of_object(s);
}

namespace {

bool bound(Thread& t, Value v, int64_t fallback, int64_t& out) {
  if (MINI_LIKELY(v.is_int())) {
    out = v.integer;
    return true;
  }
  if (v.is_none()) {
    out = fallback;
    return true;
  }
  if (!is_integer(v) && !type_of(t, v)->ops.index) {
    (void)raise_text(t, ErrorType::TypeError, "slice indices must be integers or None or have an __index__ method");
    return false;
  }
  return to_index_clamped(t, v, out);
}

int64_t clamp(int64_t position, int64_t length, int64_t lowest, int64_t highest) {
  if (position < 0) position += length;
  return position < lowest ? lowest : position > highest ? highest : position;
}

}  // namespace

bool slice_unpack(Thread& t, const Slice* s, int64_t& start, int64_t& stop, int64_t& step) {
  if (!bound(t, s->step, 1, step)) return false;
  if (step == 0) {
    (void)raise_text(t, ErrorType::ValueError, "slice step cannot be zero");
    return false;
  }
  if (step == INT64_MIN) step = -INT64_MAX;   // so that -step exists
  return bound(t, s->start, step < 0 ? INT64_MAX : 0, start) && bound(t, s->stop, step < 0 ? INT64_MIN : INT64_MAX, stop);
}

int64_t slice_adjust(int64_t length, int64_t& start, int64_t& stop, int64_t step) {
  int64_t lowest = step < 0 ? -1 : 0, highest = step < 0 ? length - 1 : length;
  start = clamp(start, length, lowest, highest);
  // INT64_MIN stands for "before the first item"; adding the length to it cannot reach a valid position.
  stop = clamp(stop, length, lowest, highest);
  if (step > 0) return start < stop ? (stop - start - 1) / step + 1 : 0;
  return stop < start ? (start - stop - 1) / -step + 1 : 0;
}

bool slice_indices(Thread& t, const Slice* s, int64_t length, int64_t& start, int64_t& stop, int64_t& step, int64_t& count) {
  if (!slice_unpack(t, s, start, stop, step)) return false;
  count = slice_adjust(length, start, stop, step);
  return true;
}

namespace {

void slice_trace(Object* self, Marker& marker) {
  auto s = static_cast<Slice*>(self);
  marker.mark(s->start);
  marker.mark(s->stop);
  marker.mark(s->step);
}

Value slice_repr(Thread& t, Value self) {
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  auto s = as<Slice>(self);
  std::string out = "slice(";
  if (!append_repr(t, out, s->start)) return Value::raised();
  out += ", ";
  if (!append_repr(t, out, s->stop)) return Value::raised();
  out += ", ";
  if (!append_repr(t, out, s->step)) return Value::raised();
  return str_value(make_str(t, out + ")"));
}

Tuple* parts(Thread& t, Value slice) {
  auto s = as<Slice>(slice);
  return make_tuple(t, {s->start, s->stop, s->step});
}

Value slice_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_kind(a, Kind::Slice) || !is_kind(b, Kind::Slice)) return t.interpreter->not_implemented;
  return sequence_compare(t, op, Value::of_object(parts(t, a)), Value::of_object(parts(t, b)));
}

Value slice_new(Thread& t, Value* args, size_t argc) {
  Value none = Value::none();
  switch (argc - 1) {
    case 0: return raise_text(t, ErrorType::TypeError, "slice expected at least 1 argument, got 0");
    case 1: return make_slice(t, none, args[1], none);
    case 2: return make_slice(t, args[1], args[2], none);
    case 3: return make_slice(t, args[1], args[2], args[3]);
    default: return raise(t, ErrorType::TypeError, "slice expected at most 3 arguments, got {}", argc - 1);
  }
}

Value bound_to_integer(Thread& t, Value v) {
  if (!is_integer(v) && !type_of(t, v)->ops.index)
    return raise_text(t, ErrorType::TypeError, "slice indices must be integers or None or have an __index__ method");
  return to_integer(t, v);
}

// The same arithmetic for lengths or bounds beyond 64 bits, with int objects.
Value big_bound(Thread& t, Value v, Value fallback, Value length, Value lowest, Value highest) {
  if (v.is_none()) return fallback;
  v = TRY(bound_to_integer(t, v));
  if (TRY(number_compare(t, CompareOp::Lt, v, Value::of_int(0))).is_true()) v = TRY(int_binary(t, BinaryOp::Add, v, length));
  if (TRY(number_compare(t, CompareOp::Lt, v, lowest)).is_true()) return lowest;
  return TRY(number_compare(t, CompareOp::Gt, v, highest)).is_true() ? highest : v;
}

Value big_indices(Thread& t, const Slice* s, Value length) {
  Value step = s->step.is_none() ? Value::of_int(1) : TRY(bound_to_integer(t, s->step));
  if (step.is_int() && step.integer == 0) return raise_text(t, ErrorType::ValueError, "slice step cannot be zero");
  bool is_down = TRY(number_compare(t, CompareOp::Lt, step, Value::of_int(0))).is_true();
  Value lowest = Value::of_int(is_down ? -1 : 0);
  Value highest = is_down ? TRY(int_binary(t, BinaryOp::Sub, length, Value::of_int(1))) : length;
  Value start = TRY(big_bound(t, s->start, is_down ? highest : lowest, length, lowest, highest));
  Value stop = TRY(big_bound(t, s->stop, is_down ? lowest : highest, length, lowest, highest));
  return Value::of_object(make_tuple(t, {start, stop, step}));
}

Value slice_indices_method(Thread& t, Value* args, size_t) {
  Value length = TRY(to_integer(t, args[1]));
  if (TRY(number_compare(t, CompareOp::Lt, length, Value::of_int(0))).is_true())
    return raise_text(t, ErrorType::ValueError, "length should not be negative");
  auto s = as<Slice>(args[0]);
  bool is_small = length.is_int() && (s->step.is_none() || s->step.is_int());
  if (!is_small) return big_indices(t, s, length);
  int64_t start, stop, step, count;
  if (!slice_indices(t, s, length.integer, start, stop, step, count)) return Value::raised();
  return Value::of_object(make_tuple(t, {Value::of_int(start), Value::of_int(stop), Value::of_int(step)}));
}

Value slice_get_start(Thread&, Value self) { return as<Slice>(self)->start; }
Value slice_get_stop(Thread&, Value self) { return as<Slice>(self)->stop; }
Value slice_get_step(Thread&, Value self) { return as<Slice>(self)->step; }

Value slice_refuse(Thread& t, Value, Value) { return raise_text(t, ErrorType::AttributeError, "readonly attribute"); }

const NativeRow kSliceMethods[] = {
    {"__new__", slice_new, "(cls, /, *args)", "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.", Binding::Static},
    {"indices", slice_indices_method, "(self, len, /)",
     "Assuming a sequence of length len, calculate the start and stop\nindices, and the stride length of the extended slice described "
     "by\nS. Out of bounds indices are clipped in a manner consistent with the\nhandling of normal slices."},
};

const AttributeRow kSliceAttributes[] = {
    {"start", slice_get_start, slice_refuse, ""},
    {"stop", slice_get_stop, slice_refuse, ""},
    {"step", slice_get_step, slice_refuse, ""},
};

}  // namespace

const Layout slice_layout = {
    .name = "slice", .module = "builtins", .kind = Kind::Slice, .size = sizeof(Slice), .trace = slice_trace,
    .ops = {.repr = slice_repr, .compare = slice_compare},
    .methods = kSliceMethods, .method_count = std::size(kSliceMethods),
    .attributes = kSliceAttributes, .attribute_count = std::size(kSliceAttributes),
    .help = "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.  This is used for extended slicing (e.g. a[0:10:2])."};

}  // namespace mini
