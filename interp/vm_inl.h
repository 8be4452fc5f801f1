// SPDX-License-Identifier: MIT
// What the handlers of vm.cpp say with a name: moving and testing values, reading caches.
#pragma once

#include "interp/opcode.h"
#include "runtime/code.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {

// Values are moved as two 8-byte halves: a 16-byte load right behind two 8-byte stores would wait for both to reach the cache.
[[gnu::always_inline]] inline void copy(Value& to, const Value& from) {
  uint64_t bits = from.bits;
  Tag tag = from.tag;
  to.bits = bits;
  to.tag = tag;
}
[[gnu::always_inline]] inline void put_int(Value& to, int64_t i) {
  to.tag = Tag::Int;
  to.integer = i;
}
[[gnu::always_inline]] inline void put_float(Value& to, double d) {
  to.tag = Tag::Float;
  to.number = d;
}
[[gnu::always_inline]] inline void put_bool(Value& to, bool b) {
  to.tag = Tag::Bool;
  to.integer = b;
}
[[gnu::always_inline]] inline bool both_ints(const Value& a, const Value& b) {
  return (static_cast<uint64_t>(a.tag) | static_cast<uint64_t>(b.tag)) == 0;
}
[[gnu::always_inline]] inline bool both_numbers(const Value& a, const Value& b) {
  return (static_cast<uint64_t>(a.tag) | static_cast<uint64_t>(b.tag)) <= 1;
}
// Bool, None and ints: false when the payload is 0.
[[gnu::always_inline]] inline bool is_plain_truth(const Value& v) { return v.tag <= Tag::None && v.tag != Tag::Float; }
[[gnu::always_inline]] inline double as_double(const Value& v) {
  return v.tag == Tag::Float ? v.number : static_cast<double>(v.integer);
}

constexpr bool is_equality(CompareOp op) { return op == CompareOp::Eq || op == CompareOp::Ne; }
[[gnu::always_inline]] inline bool both_texts(const Value& a, const Value& b) { return is_exact(a, Kind::Str) && is_exact(b, Kind::Str); }
[[gnu::always_inline]] inline bool same_text(const Value& a, const Value& b) {
  return a.object == b.object || equals(static_cast<Str*>(a.object), static_cast<Str*>(b.object));
}

// The value of the dict entry that a cache remembers, or null when another name stands there now.
[[gnu::always_inline]] inline Value* cached_value(Dict* d, const CacheEntry& entry, const Str* name) {
  if (MINI_UNLIKELY(entry.index >= d->used)) return nullptr;
  DictEntry& e = d->entries[entry.index];
  return MINI_LIKELY(e.key.object == name && e.key.is_object()) ? &e.value : nullptr;
}
// What a cache knows about objects like `o`, or null.
[[gnu::always_inline]] inline const CacheEntry* matching(const InlineCache& cache, const Object* o) {
  if (MINI_LIKELY(o->shape == cache.shape)) return &cache;
  return o->shape == cache.other.shape ? &cache.other : nullptr;
}
[[gnu::always_inline]] inline bool is_list_append(const Value& callee) {
  return callee.is_object() && callee.object->kind == Kind::NativeFunction && static_cast<NativeFunction*>(callee.object)->function == list_append;
}
[[gnu::always_inline]] inline Dict* namespace_of(const Value& module) { return static_cast<Module*>(module.object)->namespace_; }

inline int64_t floor_div(int64_t a, int64_t b) {
  int64_t q = a / b;
  return q - ((a % b != 0) & ((a ^ b) < 0));
}
inline int64_t floor_mod(int64_t a, int64_t b) {
  int64_t r = a % b;
  return r + (((r != 0) & ((r ^ b) < 0)) ? b : 0);
}

}  // namespace mini
