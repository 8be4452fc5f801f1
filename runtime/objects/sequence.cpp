// SPDX-License-Identifier: MIT
// What list and tuple share: positions, searching, comparing, showing.
//
// Comparing an item or showing it may run script code that changes the very list being walked. So each loop reads length
// and items again in every round and keeps no pointer across such a call.
#include "runtime/objects/sequence.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/range.h"
#include "runtime/shape.h"

namespace mini {

Value to_sequence(Thread& t, Value iterable, std::string_view message) {
  if (is_exact(iterable, Kind::List) || is_exact(iterable, Kind::Tuple)) return iterable;
  Value iterator = get_iterator(t, iterable);
  if (iterator.is_raised()) {
    if (!exception_matches(t, ErrorType::TypeError)) return iterator;
    (void)take_exception(t);
    return raise_text(t, ErrorType::TypeError, message);
  }
  return to_list(t, is_kind(iterable, Kind::List) || is_kind(iterable, Kind::Tuple) ? iterable : iterator);
}

bool sequence_position(Thread& t, Value key, const uint64_t& length, const char* type, int64_t& out) {
  if (MINI_LIKELY(key.is_int() || key.is_bool())) {
    out = key.integer;
  } else if (is_integer(key) || type_of(t, key)->ops.index) {
    Value n = is_integer(key) ? key : to_integer(t, key);
    if (n.is_raised()) return false;
    if (!fits_int64(n, out)) {
      (void)raise(t, ErrorType::IndexError, "cannot fit '{}' into an index-sized integer", type_name(t, key));
      return false;
    }
  } else {
    (void)raise(t, ErrorType::TypeError, "{} indices must be integers or slices, not {}", type, type_name(t, key));
    return false;
  }
  if (out < 0) out += static_cast<int64_t>(length);
  return true;
}

namespace {

Value compare_lengths(CompareOp op, uint64_t a, uint64_t b) {
  switch (op) {
    case CompareOp::Lt: return Value::of_bool(a < b);
    case CompareOp::Le: return Value::of_bool(a <= b);
    case CompareOp::Eq: return Value::of_bool(a == b);
    case CompareOp::Ne: return Value::of_bool(a != b);
    case CompareOp::Gt: return Value::of_bool(a > b);
    case CompareOp::Ge: return Value::of_bool(a >= b);
  }
  return Value::none();
}

}  // namespace

// How many items at the start are the very same, looked at in blocks as bytes. At most so many that it takes no long time.
static uint64_t same_from_start(const Sequence* a, const Sequence* b) {
  constexpr uint64_t kBlock = 8, kMost = uint64_t{1} << 20;
  uint64_t common = std::min({a->length, b->length, kMost}), i = 0;
  while (i + kBlock <= common && memcmp(static_cast<const void*>(a->items + i), b->items + i, kBlock * sizeof(Value)) == 0) i += kBlock;
  while (i < common && a->items[i].is_same(b->items[i])) ++i;
  return i;
}

Value sequence_compare(Thread& t, CompareOp op, Value a_value, Value b_value) {
  auto a = as<Sequence>(a_value);
  auto b = as<Sequence>(b_value);
  bool is_equality = op == CompareOp::Eq || op == CompareOp::Ne;
  if (is_equality && a->length != b->length) return Value::of_bool(op == CompareOp::Ne);
  if (t.native_stack_is_low()) return raise_recursion(t, " in comparison");
  for (uint64_t i = same_from_start(a, b); i < a->length && i < b->length; ++i) {
    Value x = a->items[i], y = b->items[i];
    Value same = TRY(contained_equal(t, x, y));
    if (same.is_true()) {
      if ((i & 4095) == 4095) TRY(t.poll_signals());
      continue;
    }
    if (is_equality) return Value::of_bool(op == CompareOp::Ne);
    bool is_so;
    if (order_plain(op, x, y, is_so)) return Value::of_bool(is_so);
    if (i < a->length && i < b->length) return compare_values(t, op, a->items[i], b->items[i]);   // == may have put others there
  }
  return compare_lengths(op, a->length, b->length);
}

Value sequence_contains(Thread& t, Value self, Value item) {
  auto s = as<Sequence>(self);
  for (uint64_t i = 0; i < s->length; ++i) {
    if (TRY(contained_equal(t, s->items[i], item)).is_true()) return Value::of_bool(true);
    if ((i & 4095) == 4095) TRY(t.poll_signals());
  }
  return Value::of_bool(false);
}

Value sequence_count(Thread& t, Value* args, size_t) {
  auto s = as<Sequence>(args[0]);
  int64_t count = 0;
  for (uint64_t i = 0; i < s->length; ++i) {
    count += TRY(contained_equal(t, s->items[i], args[1])).is_true();
    if ((i & 4095) == 4095) TRY(t.poll_signals());
  }
  return Value::of_int(count);
}

bool search_bound(Thread& t, Value v, int64_t fallback, uint64_t length, int64_t& out) {
  out = fallback;
  if (!v.is_empty()) {
    if (!is_integer(v) && !type_of(t, v)->ops.index) {
      (void)raise_text(t, ErrorType::TypeError, "slice indices must be integers or have an __index__ method");
      return false;
    }
    if (!to_index_clamped(t, v, out)) return false;
  }
  if (out < 0) out = std::max<int64_t>(out + static_cast<int64_t>(length), 0);
  return true;
}

Value sequence_find(Thread& t, Value* args) {
  auto s = as<Sequence>(args[0]);
  int64_t start, stop;
  if (!search_bound(t, args[2], 0, s->length, start)) return Value::raised();
  if (!search_bound(t, args[3], INT64_MAX, s->length, stop)) return Value::raised();
  for (int64_t i = start; i < stop && i < static_cast<int64_t>(s->length); ++i) {
    if (TRY(contained_equal(t, s->items[i], args[1])).is_true()) return Value::of_int(i);
    if ((i & 4095) == 4095) TRY(t.poll_signals());
  }
  return Value::empty();
}

bool repeat_count(Thread& t, Value count, int64_t& out) {
  if (count.is_int() || count.is_bool()) {
    out = count.integer;
  } else if (is_integer(count) || type_of(t, count)->ops.index) {
    Value n = is_integer(count) ? count : to_integer(t, count);
    if (n.is_raised()) return false;
    if (!fits_int64(n, out)) {
      (void)raise(t, ErrorType::OverflowError, "cannot fit '{}' into an index-sized integer", type_name(t, count));
      return false;
    }
  } else {
    (void)raise(t, ErrorType::TypeError, "can't multiply sequence by non-int of type '{}'", type_name(t, count));
    return false;
  }
  out = std::max<int64_t>(out, 0);
  return true;
}

bool append_repr(Thread& t, std::string& out, Value v) {
  if (v.is_int()) {
    fmt::format_int text(v.integer);
    out.append(text.data(), text.size());
    return true;
  }
  if (v.is_float()) {
    out += double_repr(v.number);
    return true;
  }
  Str* text = to_repr(t, v);
  if (!text) return false;
  std::string scratch;
  out += utf8_view(text, scratch);
  return true;
}

bool append_items(Thread& t, std::string& out, const Sequence* s) {
  for (uint64_t i = 0; i < s->length; ++i) {
    if (i) out += ", ";
    if (!append_repr(t, out, s->items[i])) return false;
    if ((i & 1023) == 1023 && t.poll_signals().is_raised()) return false;
  }
  return true;
}

}  // namespace mini
