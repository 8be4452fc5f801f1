// SPDX-License-Identifier: MIT
// Equality as containers compare: identity first, then ==. The inline part decides numbers and strings without a call.
#pragma once

#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

inline int quick_equal_tuples(const Sequence* a, const Sequence* b);

// 1: equal; 0: different; -1: only equal_values can tell.
inline int quick_equal(Value a, Value b) {
  if (a.is_same(b)) return 1;
  if (a.tag != Tag::Object && b.tag != Tag::Object) {
    if (a.tag == b.tag) return a.is_float() && a.number == b.number;
    if (a.is_none() || b.is_none()) return 0;
    return -1;
  }
  if (is_exact(a, Kind::Str) && is_exact(b, Kind::Str)) return equals(as<Str>(a), as<Str>(b));
  if (is_exact(a, Kind::Tuple) && is_exact(b, Kind::Tuple)) return quick_equal_tuples(as<Sequence>(a), as<Sequence>(b));
  return -1;
}

// Tuples of plain things, as they are used for keys; tuples inside them have to be compared in full.
inline int quick_equal_tuples(const Sequence* a, const Sequence* b) {
  if (a->length != b->length) return 0;
  for (uint64_t i = 0; i < a->length; ++i) {
    Value x = a->items[i], y = b->items[i];
    if (is_exact(x, Kind::Tuple)) return -1;
    int same = quick_equal(x, y);
    if (same != 1) return same;
  }
  return 1;
}

// Puts two numbers in order. False: they are not both ints, nor both floats.
inline bool order_plain(CompareOp op, Value a, Value b, bool& out) {
  auto decide = [op](auto x, auto y) {
    switch (op) {
      case CompareOp::Lt: return x < y;
      case CompareOp::Le: return x <= y;
      case CompareOp::Eq: return x == y;
      case CompareOp::Ne: return x != y;
      case CompareOp::Gt: return x > y;
      case CompareOp::Ge: return x >= y;
    }
    return false;
  };
  if (a.is_int() && b.is_int()) out = decide(a.integer, b.integer);
  else if (a.is_float() && b.is_float()) out = decide(a.number, b.number);
  else return false;
  return true;
}

// Bool or Raised.
inline Value contained_equal(Thread& t, Value a, Value b) {
  int quick = quick_equal(a, b);
  if (MINI_LIKELY(quick >= 0)) return Value::of_bool(quick);
  return equal_values(t, a, b);
}

}  // namespace mini
