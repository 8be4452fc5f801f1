// SPDX-License-Identifier: MIT
// bytes and bytearray.
#pragma once

#include <string_view>

#include "runtime/object.h"

namespace mini {

struct Bytes : Object {        // data behind the object; immutable; always followed by a NUL
  uint64_t length;
  int64_t hash;                // -1: not computed
  uint8_t* data;
};

struct ByteArray : Object {    // data malloc'd
  uint64_t length;
  uint64_t capacity;
  uint8_t* data;
  uint32_t exports;            // memoryviews that look at it: it must not be resized
};

extern const Layout bytes_layout, bytearray_layout, memoryview_layout;

// Whether a bytes or bytearray object of that length can be. False after raising OverflowError or MemoryError.
bool bytes_have_room(Thread& t, size_t length, bool for_bytearray = false);
Bytes* make_bytes(Thread& t, const void* data, size_t length);   // data null: uninitialised
Bytes* make_bytes(Thread& t, std::string_view data);
ByteArray* make_bytearray(Thread& t, const void* data, size_t length);
void bytes_finalize(Object* self, Heap& heap);   // shared_bytes.cpp
// A view of any bytes-like object. False (nothing raised) when v is none.
bool bytes_view(Value v, std::string_view& out);
// The memory of a bytes-like object that may be written to. False (nothing raised) when v is none.
bool writable_view(Value v, uint8_t*& data, size_t& length);
// As bytes_view, raising TypeError "a bytes-like object is required, not 'x'".
bool require_bytes(Thread& t, Value v, std::string_view& out);

}  // namespace mini
