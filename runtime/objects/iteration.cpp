// SPDX-License-Identifier: MIT
// Iterating from native code, and the guard that keeps showing self-containing objects finite.
#include "runtime/objects/iteration.h"

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Iteration::Iteration(Thread& t, Value iterable) : thread_(t), source_(iterable), position_(0), size_(0), remaining_(0), part_(DictPart::Keys), mode_(kIterator) {
  if (is_exact(iterable, Kind::List)) {
    mode_ = kList;
  } else if (is_exact(iterable, Kind::Tuple)) {
    mode_ = kTuple;
  } else if (is_exact(iterable, Kind::Range) && !as<Range>(iterable)->is_big) {
    mode_ = kRange;
  } else if (Dict* d = dict_in_order(iterable, part_)) {
    mode_ = kDict;
    source_ = Value::of_object(d);
    size_ = remaining_ = d->count;
  } else if (is_exact(iterable, Kind::Generator)) {
    mode_ = kGenerator;
  } else {
    source_ = get_iterator(t, iterable);
    if (source_.is_raised()) mode_ = kRaised;
  }
}

Value Iteration::next() {
  switch (mode_) {
    case kList:
    case kTuple: {
      auto s = as<Sequence>(source_);
      if (is_due() && look_up().is_raised()) return Value::raised();
      return static_cast<uint64_t>(position_) < s->length ? s->items[position_++] : Value::empty();
    }
    case kRange: {
      auto r = as<Range>(source_);
      if (position_ >= r->length) return Value::empty();
      if (is_due() && look_up().is_raised()) return Value::raised();
      return Value::of_int(static_cast<int64_t>(static_cast<uint64_t>(r->start) + static_cast<uint64_t>(position_++) * static_cast<uint64_t>(r->step)));
    }
    case kDict: return next_in_dict();
    case kGenerator:
    case kIterator: return iterator_next(thread_, source_);
    default: return Value::raised();
  }
}

Value Iteration::next_in_dict() {
  auto d = as<Dict>(source_);
  if (d->count != size_) return raise_text(thread_, ErrorType::RuntimeError, "dictionary changed size during iteration");
  while (position_ < static_cast<int64_t>(d->used)) {
    const DictEntry& entry = d->entries[position_++];
    if (entry.key.is_empty()) continue;
    if (remaining_-- == 0) return raise_text(thread_, ErrorType::RuntimeError, "dictionary keys changed during iteration");
    return dict_part(thread_, entry, part_);
  }
  return Value::empty();
}

Resumption Iteration::resume_generator(Taker& taker) { return resume_for(thread_, as<Generator>(source_), taker); }

// A range belongs to nobody else; a container may, and is to be walked through in one step, as in CPython.
Value Iteration::look_up() { return mode_ == kRange ? thread_.poll() : thread_.poll_signals(); }

bool Iteration::has_failed() const { return mode_ == kRaised; }

namespace {

// What a promise that raised a TypeError is worth: nothing. Raised for other exceptions.
Value forgive_type_error(Thread& t, Value promise) {
  if (!promise.is_raised() || !exception_matches(t, ErrorType::TypeError)) return promise;
  (void)take_exception(t);
  return Value::empty();
}

}  // namespace

Value length_hint_of(Thread& t, Value v, Value fallback) {
  const TypeOps& ops = type_of(t, v)->ops;
  Value length = ops.length ? TRY(forgive_type_error(t, length_of(t, v))) : Value::empty();
  if (!length.is_empty()) return length;
  bool has_hint = !type_lookup(type_of(t, v), names(t).length_hint).is_empty();
  length = has_hint ? forgive_type_error(t, call_special(t, v, names(t).length_hint)) : Value::empty();
  if (length.is_empty() || length.is_same(t.interpreter->not_implemented)) return fallback;
  if (length.is_raised()) return length;
  if (!is_integer(length)) return raise(t, ErrorType::TypeError, "__length_hint__ must be an integer, not {}", type_name(t, length));
  int64_t n;
  if (!to_index(t, length, n)) return Value::raised();
  return n < 0 ? raise_text(t, ErrorType::ValueError, "__length_hint__() should return >= 0") : Value::of_int(n);
}

// A native type without a length that is subscripted maps something, as matches of regular expressions do.
static bool is_indexable(Thread& t, Type* type, Value v) {
  bool has_items = type->ops.get_item && ((type->type_flags & kTypeIsScript) || type->ops.length);
  return has_items && !type_lookup(type, names(t).getitem).is_empty() && !is_kind(v, Kind::Dict);
}

bool is_iterable(Thread& t, Value v) {
  Type* type = type_of(t, v);
  return type->ops.iterate || is_indexable(t, type, v);
}

Value get_iterator(Thread& t, Value iterable) {
  Type* type = type_of(t, iterable);
  if (!type->ops.iterate) {
    if (is_indexable(t, type, iterable)) return make_sequence_iterator(t, iterable);
    return raise(t, ErrorType::TypeError, "'{}' object is not iterable", type_name(t, iterable));
  }
  Value iterator = TRY(type->ops.iterate(t, iterable));
  if (MINI_UNLIKELY(!type_of(t, iterator)->ops.next))
    return raise(t, ErrorType::TypeError, "iter() returned non-iterator of type '{}'", type_name(t, iterator));
  return iterator;
}

Value raise_no_iterator(Thread& t, Value v) { return raise(t, ErrorType::TypeError, "'{}' object is not an iterator", type_name(t, v)); }

Value end_on_stop_iteration(Thread& t, Value v) {
  if (MINI_LIKELY(!v.is_raised()) || !exception_matches(t, ErrorType::StopIteration)) return v;
  (void)take_exception(t);
  return Value::empty();
}

Value iterate_self(Thread&, Value self) { return self; }

ReprGuard::ReprGuard(Thread& t, Object* o) : thread_(t), object_(o), is_recursive_(false), previous_(t.repr_guards) {
  for (ReprGuard* guard = previous_; guard; guard = guard->previous_)
    if (guard->object_ == o) is_recursive_ = true;
  t.repr_guards = this;
}

ReprGuard::~ReprGuard() { thread_.repr_guards = previous_; }

}  // namespace mini
