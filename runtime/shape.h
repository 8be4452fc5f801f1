// SPDX-License-Identifier: MIT
// Shape: a hidden class. It maps attribute names to slot numbers for all objects that got the same attributes in
// the same order, and names their Type. Adding an attribute moves an object along a transition to a child shape.
//
// Objects whose `__dict__` was asked for, that lost an attribute or that have very many attributes switch to
// dictionary mode: their shape says so, slot 0 holds a Dict with everything but the members (names in __slots__ and the like),
// which are in a Dict in slot 1.
//
// A Type owns its shapes and frees them when it dies. Names are interned, so they compare by pointer.
#pragma once

#include <vector>

#include "runtime/object.h"

namespace mini {

inline constexpr uint32_t kNoSlot = UINT32_MAX;
inline constexpr uint32_t kMaxShapeSlots = 128;   // beyond: dictionary mode

struct Shape {
  Type* type;
  Shape* parent;                 // null for the root
  Str* name;                     // the attribute that this shape adds
  uint32_t count;                // attributes in all
  bool is_dictionary;
  Kind kind, exact;              // of objects with this shape; Free until the first is made
  std::vector<Str*> names;                         // of the slots, in order; empty in dictionary mode
  std::vector<std::pair<Str*, Shape*>> children;   // transitions

  // The slot of an interned name, or kNoSlot.
  uint32_t find(Str* interned) const;
  // The shape after adding `interned`; made on first use.
  Shape* child(Str* interned);
};

Shape* make_root_shape(Type* type);
void free_shapes(Shape* root);

// Raw attribute access on an object's own store: no descriptors, no class. Empty when absent.
Value get_own_attribute(Object* o, Str* interned);
void set_own_attribute(Thread& t, Object* o, Str* interned, Value v);
bool delete_own_attribute(Thread& t, Object* o, Str* interned);
// The live `__dict__`; switches the object to dictionary mode.
Dict* attribute_dict(Thread& t, Object* o);
// Makes `d` the object's `__dict__` (assignment to `__dict__`). `keep`: with what it has now.
void replace_attribute_dict(Thread& t, Object* o, Dict* d, bool keep = false);
// Makes `type`, whose attribute store is at the same place, the object's class.
void move_to_class(Object* o, Type* type);
// The members of an object in dictionary mode; null: none.
Dict* member_dict(Object* o);
// Room for at least `count` slots; what is there is kept.
void reserve_slots(Thread& t, Object* o, AttributeStore* store, uint32_t count);
AttributeStore* attribute_store(Object* o);   // null when the object takes no attributes

inline Type* type_of(const Object* o) { return o->shape->type; }
Type* type_of_tag(Thread& t, Tag tag);        // of ints, None ...
inline Type* type_of(Thread& t, Value v) { return MINI_LIKELY(v.is_object()) ? v.object->shape->type : type_of_tag(t, v.tag); }

void set_kinds(Shape* shape);   // from its type

inline void set_header(Object* o, Shape* shape) {
  o->shape = shape;
  o->mark = 0;
  o->flags = 0;
  o->extra = 0;
  if (MINI_LIKELY(shape != nullptr)) {
    if (MINI_UNLIKELY(shape->kind == Kind::Free)) set_kinds(shape);
    o->kind = shape->kind;
    o->exact = shape->exact;
  } else {
    o->kind = o->exact = Kind::Type;   // the first types, before any shape exists
  }
}

}  // namespace mini
