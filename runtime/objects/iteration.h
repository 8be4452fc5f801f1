// SPDX-License-Identifier: MIT
// Iterating from native code. Lists, tuples, ranges and dicts are walked without an iterator object; everything else through
// its iterator. Lives on the native stack.
//
//   for (Iteration it(t, iterable); ;) {
//     Value item = TRY(it.next());
//     if (item.is_empty()) break;
//   }
#pragma once

#include "runtime/object.h"

namespace mini {

class Iteration {
 public:
  Iteration(Thread& t, Value iterable);
  Value next();                     // item; Empty at the end; Raised (also when `iterable` is not iterable)
  // What len() or __length_hint__ promises, else `fallback`. May raise: then next() is Raised.
  size_t length_hint(size_t fallback = 0);

 private:
  Thread& thread_;
  Value source_;
  int64_t position_;
  uint8_t mode_;
};

// iter(v) and next(v) as objects; next gives Empty at the end.
Value get_iterator(Thread& t, Value iterable);
Value iterator_next(Thread& t, Value iterator);

// Keeps repr and comparison of self-containing objects finite: true when `o` is already being shown on this thread.
class ReprGuard {
 public:
  ReprGuard(Thread& t, Object* o);
  ~ReprGuard();
  bool is_recursive() const { return is_recursive_; }

 private:
  Thread& thread_;
  Object* object_;
  bool is_recursive_;
};

}  // namespace mini
