// SPDX-License-Identifier: MIT
// Value: what a register, a list slot or an argument holds.
//
// A Value is 16 bytes: a tag that tells the kind, and a payload. None, booleans, 64-bit integers and
// doubles live in the value itself; everything else is a pointer to an Object on the heap. A Value is
// copied as plain data and travels in two machine registers. It owns nothing: the collector finds
// objects through registers, frames, other objects and (conservatively) native stacks.
//
// Two tags never reach a script: Empty ("nothing here": an unbound local, an absent optional argument, the
// end of an iteration) and Raised ("an exception was raised": it sits on the current Thread).
//
// The numbering is a contract with the VM's fast paths: Int is 0 and Float is 1, so that one OR of
// two tags tells "both ints" (0) and "both numbers" (at most 1).
#pragma once

#include <cstdint>
#include <cstring>

#define MINI_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define MINI_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

namespace mini {

struct Object;

enum class Tag : uint64_t { Int = 0, Float = 1, Bool = 2, None = 3, Object = 4, Empty = 5, Raised = 6 };

struct [[nodiscard]] Value {
  Tag tag;
  union {
    int64_t integer;
    double number;
    Object* object;
    uint64_t bits;
  };

  Value() = default;
  Value(const Value&) = default;
  // In two halves: a 16-byte load right behind two 8-byte stores would wait for both to reach the cache.
  Value& operator=(const Value& other) {
    uint64_t other_bits = other.bits;
    tag = other.tag;
    bits = other_bits;
    return *this;
  }

  static Value of_int(int64_t i) { Value v; v.tag = Tag::Int; v.integer = i; return v; }
  static Value of_float(double d) { Value v; v.tag = Tag::Float; v.number = d; return v; }
  static Value of_bool(bool b) { Value v; v.tag = Tag::Bool; v.integer = b; return v; }
  static Value of_object(const Object* o) { Value v; v.tag = Tag::Object; v.object = const_cast<Object*>(o); return v; }
  static Value none() { Value v; v.tag = Tag::None; v.integer = 0; return v; }
  static Value empty() { Value v; v.tag = Tag::Empty; v.integer = 0; return v; }
  static Value raised() { Value v; v.tag = Tag::Raised; v.integer = 0; return v; }

  bool is_int() const { return tag == Tag::Int; }
  bool is_float() const { return tag == Tag::Float; }
  bool is_bool() const { return tag == Tag::Bool; }
  bool is_none() const { return tag == Tag::None; }
  bool is_object() const { return tag == Tag::Object; }
  bool is_empty() const { return tag == Tag::Empty; }
  bool is_raised() const { return tag == Tag::Raised; }
  bool is_true() const { return tag == Tag::Bool && integer != 0; }   // exactly True, no truth test
  // Identity, the meaning of `is`: same tag and same payload.
  bool is_same(Value other) const { return tag == other.tag && bits == other.bits; }
};

static_assert(sizeof(Value) == 16);

// Values that may just have been written, so that a few are copied in halves as above. The places do not overlap.
// An object or Empty, in half the room of a Value.
struct ObjectOrEmpty {
  Object* object;
  ObjectOrEmpty& operator=(const Value& v) {
    object = v.is_object() ? v.object : nullptr;
    return *this;
  }
  operator Value() const { return object ? Value::of_object(object) : Value::empty(); }
  bool is_empty() const { return !object; }
  bool is_object() const { return object; }
  bool is_same(const Value& v) const { return object ? v.is_object() && v.object == object : v.is_empty(); }
};

inline void copy_values(const Value* from, size_t count, Value* to) {
  constexpr size_t kFew = 8;
  if (count > kFew) {
    memcpy(static_cast<void*>(to), from, count * sizeof(Value));
    return;
  }
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}

// Passes a raised exception on to the caller; otherwise yields the value. The only macro of the project
// that changes control flow. Works in functions that return Value (or anything constructible from one).
#define TRY(...)                                  \
  ({                                              \
    ::mini::Value mini_try_value_ = (__VA_ARGS__); \
    if (MINI_UNLIKELY(mini_try_value_.is_raised())) return ::mini::Value::raised(); \
    mini_try_value_;                              \
  })

}  // namespace mini
