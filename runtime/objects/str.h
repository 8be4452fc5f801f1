// SPDX-License-Identifier: MIT
// str: immutable text. Characters are kept as Latin-1 (one byte each) or, when one of them is above U+00FF, as UTF-32, so indexing
// is a plain array access. Lone surrogates are allowed. `extra` holds StrFlags.
//
// The characters normally lie right behind the object. The result of a concatenation may instead share a growable
// buffer with its left operand (StrBuffer): that makes `s += x` in a loop linear without reference counts.
#pragma once

#include <string>
#include <string_view>

#include "runtime/object.h"

namespace mini {

enum StrFlags : uint32_t {
  kStrWide = 1,       // char32_t, else Latin-1
  kStrAscii = 2,      // every character below 128: the bytes are UTF-8 too
  kStrInterned = 4,   // in the interpreter's table: equal interned strings are the same object
};

struct Str : Object {
  uint64_t hash;      // CPython's hash for PYTHONHASHSEED=0 (SipHash-1-3); 0: not computed yet
  uint64_t length;    // code points
  const void* data;
  Object* owner;      // buffer that `data` points into, or null
  bool is_wide() const { return extra & kStrWide; }
  bool is_ascii() const { return extra & kStrAscii; }
  bool is_interned() const { return extra & kStrInterned; }
  const uint8_t* narrow() const { return static_cast<const uint8_t*>(data); }
  const char32_t* wide() const { return static_cast<const char32_t*>(data); }
  char32_t at(size_t i) const { return is_wide() ? wide()[i] : narrow()[i]; }
};

extern const Layout str_layout;

Str* make_str(Thread& t, std::string_view utf8);                  // invalid UTF-8 becomes lone surrogates (surrogateescape)
Str* make_str_latin1(Thread& t, const uint8_t* chars, size_t length);
Str* make_str_wide(Thread& t, const char32_t* chars, size_t length);   // narrows when it can
Str* make_str_char(Thread& t, char32_t c);
Str* intern(Thread& t, std::string_view utf8);
Str* intern(Thread& t, Str* s);                                   // s itself when it is the first of its text
Str* concatenate(Thread& t, Str* a, Str* b);                      // null after raising MemoryError
// All of `parts`, which are strs, in one: what an f-string does. Null after raising MemoryError.
Str* concatenate_all(Thread& t, const Value* parts, size_t count);
Str* substring(Thread& t, Str* s, size_t begin, size_t end);
std::string to_utf8(const Str* s);                                // lone surrogates as 3-byte sequences
// Text of an ASCII str without copying; of another one through `scratch`.
std::string_view utf8_view(const Str* s, std::string& scratch);
bool equals(const Str* a, const Str* b);
bool equals(const Str* a, std::string_view utf8);
int compare_str(const Str* a, const Str* b);                      // <0, 0, >0
uint64_t hash_str(const Str* s);                                  // computes and keeps it
// Makers of strings give null after raising MemoryError: then this is Raised.
inline Value str_value(const Str* s) { return s ? Value::of_object(s) : Value::raised(); }

// Text of any value as str() and repr() give it. Null after raising.
Str* to_str(Thread& t, Value v);
Str* to_repr(Thread& t, Value v);
// format(v, spec): __format__.
Value format_value(Thread& t, Value v, Str* spec);
// printf-style: format % args.
Value format_percent(Thread& t, Str* format, Value args);

}  // namespace mini
