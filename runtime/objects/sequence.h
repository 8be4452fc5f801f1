// SPDX-License-Identifier: MIT
// list and tuple: both begin with a length and a pointer to items, so that fast paths read either alike.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "runtime/object.h"

namespace mini {

struct Sequence : Object {
  uint64_t length;
  Value* items;
};

struct Tuple : Sequence {};        // items lie behind the object; immutable

// Items are in a buffer, or lie behind the object (`extra` is then kListItemsInside). In a buffer there may be free places in
// front of the items as well (`extra` is then twice their number), so a list can be used as a queue.
struct List : Sequence {
  uint64_t capacity;               // from the first item on
  uint64_t young_from;             // while the heap has marked it kGrown: items before are old (list_inl.h)
  uint64_t front() const { return extra >> 1; }
};

inline constexpr uint32_t kListItemsInside = 1;

extern const Layout list_layout, tuple_layout;

Tuple* make_tuple(Thread& t, size_t length);                    // items None: fill before anyone sees it
Tuple* make_tuple(Thread& t, const Value* items, size_t length);
// A copy of a list or tuple. Not the same as passing its items: a list's items lie outside of it, and a list that nobody
// names any more may be collected while the tuple is allocated.
Tuple* make_tuple(Thread& t, const Sequence* source);
Tuple* make_tuple(Thread& t, std::initializer_list<Value> items);
List* make_list(Thread& t, size_t capacity = 0);                // empty
void give_list_items(Heap& heap, List* list);                   // back to the pool; the list is not changed
List* make_list(Thread& t, const Value* items, size_t length);
List* make_list(Thread& t, const Sequence* source);             // as make_tuple(source), for the same reason
List* list_part(Thread& t, List* list, int64_t start, int64_t count);      // list[start:start + count], which must be inside
Tuple* tuple_part(Thread& t, Tuple* tuple, int64_t start, int64_t count);  // the same; itself when that is all
void list_push(Thread& t, List* list, Value v);
Value list_append(Thread& t, Value* args, size_t argc);            // the method
                 // append; amortised constant
Value list_extend_with(Thread& t, List* list, Value iterable);  // None, or Raised
Value to_tuple(Thread& t, Value iterable);                      // a tuple of the items; itself if exact tuple
Value to_list(Thread& t, Value iterable);                       // a new list
Value sort_list(Thread& t, List* list, Value key, bool reverse);   // stable, in place

// --- What list and tuple share (sequence.cpp) ---
// The iterable itself when it is an exact list or tuple, else a new list of its items; a value that is not iterable raises
// TypeError(message).
Value to_sequence(Thread& t, Value iterable, std::string_view message);
// An index from a script as a position; a negative one counts from the end. `length` is read after __index__ ran.
// Not checked against the length. False after raising "list indices must be integers or slices, not str".
bool sequence_position(Thread& t, Value key, const uint64_t& length, const char* type, int64_t& out);
Value sequence_compare(Thread& t, CompareOp op, Value a, Value b);   // both Sequences, item by item
Value sequence_contains(Thread& t, Value self, Value item);
Value sequence_count(Thread& t, Value* args, size_t argc);
// A bound as index() takes it: any integer, huge ones clamped, negative ones counted from the end; Empty: `fallback`. False after raising.
bool search_bound(Thread& t, Value v, int64_t fallback, uint64_t length, int64_t& out);
// The position of args[1] between args[2] and args[3]; Empty when it is not there.
Value sequence_find(Thread& t, Value* args);
// How often `count` says to repeat, 0 for negative ones; false after raising.
bool repeat_count(Thread& t, Value count, int64_t& out);
// Appends repr(v) in UTF-8; false after raising.
bool append_repr(Thread& t, std::string& out, Value v);
// Appends "item, item, ..."; false after raising. The sequence may change meanwhile.
bool append_items(Thread& t, std::string& out, const Sequence* s);
// `list[int]`: types.GenericAlias. Also as a native for rows {"__class_getitem__", ..., Binding::Class}.
Value make_generic_alias(Thread& t, Value origin, Value arguments);
Value class_get_item(Thread& t, Value* args, size_t argc);

}  // namespace mini
