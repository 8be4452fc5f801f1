// SPDX-License-Identifier: MIT
// Iterating from native code. Lists, tuples, ranges and dicts are walked without an iterator object; everything else through
// its iterator. Lives on the native stack.
//
//   for (Iteration it(t, iterable); ;) {
//     Value item = TRY(it.next());
//     if (item.is_empty()) break;
//   }
//
// A consumer that knows what to do with common items without running script code says so in give(): then a list is walked in a loop of
// its own, and a generator runs on without a switch for each item.
#pragma once

#include "runtime/calls.h"
#include "runtime/objects/dict_views.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"

namespace mini {

// iter(v) and next(v) as objects; next gives Empty at the end.
Value get_iterator(Thread& t, Value iterable);
// Whether get_iterator() has something to call.
bool is_iterable(Thread& t, Value v);
Value iterator_next(Thread& t, Value iterator);
// The same, but a StopIteration that script code raised stays raised, with what it carries: for iterators that pass it on.
Value iterator_step(Thread& t, Value iterator);
// For iterators that call a function: a StopIteration it raised ends them, so Raised becomes Empty.
Value end_on_stop_iteration(Thread& t, Value v);
Value raise_no_iterator(Thread& t, Value v);

inline Value iterator_step(Thread& t, Value iterator) {
  auto next = type_of(t, iterator)->ops.next;
  return MINI_LIKELY(next) ? next(t, iterator) : raise_no_iterator(t, iterator);
}

inline Value iterator_next(Thread& t, Value iterator) {
  Value item = iterator_step(t, iterator);
  return MINI_UNLIKELY(item.is_raised()) ? end_on_stop_iteration(t, item) : item;
}

class Iteration {
 public:
  Iteration(Thread& t, Value iterable);
  Value next();                     // item; Empty at the end; Raised (also when `iterable` is not iterable). Serves signals now and then
  // Hands item after item to take(item) until that declines one, by false: the declined item; Empty at the end; or Raised. `take` runs no
  // script code. Now and then signals are served.
  template <class Take>
  Value give(Take take);
  bool has_failed() const;          // `iterable` is not: its exception is raised already

 private:
  // What `source_` is: something walked directly, an iterator, or nothing because getting the iterator raised.
  enum Mode : uint8_t { kList, kTuple, kRange, kDict, kGenerator, kIterator, kRaised };

  template <class Take>
  Value give_sequence(Take& take);
  template <class Take>
  Value give_generator(Take& take);
  Resumption resume_generator(Taker& taker);
  Value next_in_dict();
  bool is_due() const { return (position_ & 4095) == 4095; }
  Value look_up();                  // serves what is to be served

  Thread& thread_;
  Value source_;
  int64_t position_;
  uint64_t size_;                   // of a dict when it began: it must not change
  uint64_t remaining_;              // items that the dict may still give
  DictPart part_;                   // ... of each
  Mode mode_;
};

template <class Take>
Value Iteration::give(Take take) {
  if (mode_ == kList || mode_ == kTuple) return give_sequence(take);
  if (mode_ == kGenerator) return give_generator(take);
  for (uint32_t steps = 1;; ++steps) {
    Value item = mode_ == kIterator ? iterator_next(thread_, source_) : next();
    if (item.is_empty() || item.is_raised() || !take(item)) return item;
    if ((steps & 4095) == 0 && look_up().is_raised()) return Value::raised();
  }
}

template <class Take>
Value Iteration::give_sequence(Take& take) {
  auto s = as<Sequence>(source_);
  while (static_cast<uint64_t>(position_) < s->length) {
    const Value& item = s->items[position_++];
    if (!take(item)) return item;
    if (is_due() && look_up().is_raised()) return Value::raised();
  }
  return Value::empty();
}

template <class Take>
Value Iteration::give_generator(Take& take) {
  struct Into : Taker {
    Take* function;
    bool has_declined = false;
  } into;
  into.function = &take;
  into.take = [](Taker* taker, const Value& item) {
    auto self = static_cast<Into*>(taker);
    self->has_declined = !(*self->function)(item);
    return !self->has_declined;
  };
  for (;;) {
    Resumption r = resume_generator(into);
    if (r.outcome == Outcome::Returned) return Value::empty();
    if (r.outcome == Outcome::Raised || into.has_declined || !take(r.value)) return r.value;   // else the item was not offered
  }
}

// The iterator of a list, at which the VM's loops look directly. `list` is null once it is exhausted.
struct ListIterator : Object {
  List* list;
  uint64_t position;
};
extern const Layout list_iterator_layout;

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
