// SPDX-License-Identifier: MIT
// array.array: numbers of one machine type side by side. Its beginning is a ByteArray's, `length` and `capacity` counting bytes,
// so that everything which looks at bytes-like objects looks at arrays too.
#pragma once

#include "runtime/objects/bytes.h"

namespace mini {

struct Array : ByteArray {
  char typecode;
  uint8_t item_size;
};

extern const Layout array_layout;

bool is_array(Value v);
// A new empty array; `typecode` is valid.
Array* make_array(Thread& t, Type* type, char typecode);
// Sets the length in bytes. False after raising.
bool array_resize(Thread& t, Array* array, size_t length);
// Bytes of an item; 0: there is no such typecode.
uint8_t array_item_size(char typecode);

}  // namespace mini
