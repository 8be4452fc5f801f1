// SPDX-License-Identifier: MIT
// list and tuple: both begin with a length and a pointer to items, so that fast paths read either alike.
#pragma once

#include <initializer_list>

#include "runtime/object.h"

namespace mini {

struct Sequence : Object {
  uint64_t length;
  Value* items;
};

struct Tuple : Sequence {};        // items lie behind the object; immutable

struct List : Sequence {           // items are malloc'd
  uint64_t capacity;
};

extern const Layout list_layout, tuple_layout;

Tuple* make_tuple(Thread& t, size_t length);                    // items None: fill before anyone sees it
Tuple* make_tuple(Thread& t, const Value* items, size_t length);
Tuple* make_tuple(Thread& t, std::initializer_list<Value> items);
List* make_list(Thread& t, size_t capacity = 0);                // empty
List* make_list(Thread& t, const Value* items, size_t length);
void list_push(Thread& t, List* list, Value v);                 // append; amortised constant
Value list_extend_with(Thread& t, List* list, Value iterable);  // None, or Raised
Value to_tuple(Thread& t, Value iterable);                      // a tuple of the items; itself if exact tuple
Value to_list(Thread& t, Value iterable);                       // a new list
Value sort_list(Thread& t, List* list, Value key, bool reverse);   // stable, in place

}  // namespace mini
