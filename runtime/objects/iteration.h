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

struct List;

class Iteration {
 public:
  Iteration(Thread& t, Value iterable);
  Value next();                     // item; Empty at the end; Raised (also when `iterable` is not iterable)
  bool has_failed() const;          // `iterable` is not: its exception is raised already
 private:
  Thread& thread_;
  Value source_;
  int64_t position_;
  uint64_t size_;                   // of a dict when it began: it must not change
  uint8_t mode_;
};

// The iterator of a list, at which the VM's loops look directly. `list` is null once it is exhausted.
struct ListIterator : Object {
  List* list;
  uint64_t position;
};
extern const Layout list_iterator_layout;

// iter(v) and next(v) as objects; next gives Empty at the end.
Value get_iterator(Thread& t, Value iterable);
Value iterator_next(Thread& t, Value iterator);
// The same, but a StopIteration that script code raised stays raised, with what it carries: for iterators that pass it on.
Value iterator_step(Thread& t, Value iterator);
// For iterators that call a function: a StopIteration it raised ends them, so Raised becomes Empty.
Value end_on_stop_iteration(Thread& t, Value v);
// The `iterate` entry of iterators: the iterator itself.
Value iterate_self(Thread& t, Value self);
// An iterator that calls source[0], source[1] ... until IndexError: for classes with only __getitem__, and reversed().
Value make_sequence_iterator(Thread& t, Value source);
// len(v), or what its __length_hint__ promises, else `fallback`. Raised when either fails with anything but a TypeError.
Value length_hint_of(Thread& t, Value v, Value fallback);

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
  ReprGuard* previous_;
};

}  // namespace mini
