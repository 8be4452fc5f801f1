// SPDX-License-Identifier: MIT
#include "runtime/shape.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

uint32_t Shape::find(Str* interned) const {
  for (uint32_t i = 0; i < names.size(); ++i)
    if (names[i] == interned) return i;
  return kNoSlot;
}

Shape* Shape::child(Str* interned) {
  for (auto& [name, shape] : children)
    if (name == interned) return shape;
  auto shape = new Shape{type, this, interned, count + 1, false, Kind::Free, Kind::Free, names, {}};
  shape->names.push_back(interned);
  children.emplace_back(interned, shape);
  type->expected_slots = std::max(type->expected_slots, std::min(count + 1, 16u));
  return shape;
}

Shape* make_root_shape(Type* type) { return new Shape{type, nullptr, nullptr, 0, false, Kind::Free, Kind::Free, {}, {}}; }

void free_shapes(Shape* root) {
  if (!root) return;
  for (auto& [name, shape] : root->children) free_shapes(shape);
  delete root;
}

AttributeStore* attribute_store(Object* o) {
  uint32_t offset = o->shape->type->slots_offset;
  return offset ? reinterpret_cast<AttributeStore*>(reinterpret_cast<char*>(o) + offset) : nullptr;
}

namespace {

constexpr uint32_t kDictionarySlots = 2;   // the `__dict__`, and the members: a Dict, or None while there are none

Dict* own_dict(Object* o) { return as<Dict>(attribute_store(o)->slots[0]); }

// Members (names in __slots__, the fields of exceptions) are attributes that the `__dict__` does not show.
bool is_member_name(Type* type, Str* interned) {
  Value v = type_lookup(type, interned);
  return v.is_object() && v.object->shape->type->layout == &member_descriptor_layout;
}

// The dict that has an attribute of an object in dictionary mode; null: its members have none yet.
Dict* home_of(Object* o, Str* interned) {
  if (!is_member_name(o->shape->type, interned)) return own_dict(o);
  Value members = attribute_store(o)->slots[1];
  return members.is_none() ? nullptr : as<Dict>(members);
}

Dict* members_of(Thread& t, Object* o) {
  Value& members = attribute_store(o)->slots[1];
  if (members.is_none()) {
    Value made = Value::of_object(make_dict(t));
    store(o, members, made);
  }
  return as<Dict>(members);
}

// The child of the root that stands for dictionary mode; its name is null, which no attribute has.
Shape* dictionary_shape(Type* type) {
  for (auto& [name, shape] : type->root_shape->children)
    if (!name) return shape;
  auto shape = new Shape{type, type->root_shape, nullptr, kDictionarySlots, true, Kind::Free, Kind::Free, {}, {}};
  type->root_shape->children.emplace_back(nullptr, shape);
  return shape;
}

}  // namespace

void reserve_slots(Thread& t, Object* o, AttributeStore* store, uint32_t count) {
  if (count <= store->capacity) return;
  uint32_t capacity = std::max(count, store->capacity * 2 + 2);
  auto slots = static_cast<Value*>(must_malloc(capacity * sizeof(Value)));
  std::copy_n(store->slots, std::min(store->capacity, o->shape->count), slots);
  if (store->is_outside) {
    free(store->slots);
    t.heap->account(-static_cast<ptrdiff_t>(store->capacity * sizeof(Value)));
  }
  t.heap->account(static_cast<ptrdiff_t>(capacity * sizeof(Value)));
  *store = {slots, capacity, 1};
  note_finalizer(o);
}

Value get_own_attribute(Object* o, Str* interned) {
  AttributeStore* store = attribute_store(o);
  if (!store) return Value::empty();
  if (o->shape->is_dictionary) {
    Dict* home = home_of(o, interned);
    return home ? dict_get(home, interned) : Value::empty();
  }
  uint32_t slot = o->shape->find(interned);
  return slot == kNoSlot ? Value::empty() : store->slots[slot];
}

void set_own_attribute(Thread& t, Object* o, Str* interned, Value v) {
  AttributeStore* mine = attribute_store(o);
  if (!o->shape->is_dictionary) {
    uint32_t slot = o->shape->find(interned);
    if (slot != kNoSlot) return store(o, mine->slots[slot], v);
    if (o->shape->count < kMaxShapeSlots) {
      Shape* next = o->shape->child(interned);
      reserve_slots(t, o, mine, next->count);
      store(o, mine->slots[next->count - 1], v);
      o->shape = next;
      return;
    }
  }
  Dict* d = attribute_dict(t, o);
  dict_set(t, is_member_name(o->shape->type, interned) ? members_of(t, o) : d, interned, v);
}

bool delete_own_attribute(Thread& t, Object* o, Str* interned) {
  if (get_own_attribute(o, interned).is_empty()) return false;
  (void)attribute_dict(t, o);
  return dict_delete(t, home_of(o, interned), interned);
}

Dict* attribute_dict(Thread& t, Object* o) {
  if (o->shape->is_dictionary) return own_dict(o);
  Dict* d = make_dict(t, o->shape->count);
  replace_attribute_dict(t, o, d, true);
  return d;
}

void move_to_class(Object* o, Type* type) {
  if (o->shape->is_dictionary) {
    o->shape = dictionary_shape(type);
    return;
  }
  Shape* shape = type->root_shape;
  for (Str* name : std::vector<Str*>(o->shape->names)) shape = shape->child(name);
  o->shape = shape;
}

Dict* member_dict(Object* o) {
  Value members = attribute_store(o)->slots[1];
  return o->shape->is_dictionary && !members.is_none() ? as<Dict>(members) : nullptr;
}

void replace_attribute_dict(Thread& t, Object* o, Dict* d, bool keep) {
  AttributeStore* mine = attribute_store(o);
  Value members = Value::none();
  if (o->shape->is_dictionary) {
    members = mine->slots[1];
  } else {
    for (uint32_t i = 0; i < o->shape->count; ++i) {
      Str* name = o->shape->names[i];
      bool is_member = is_member_name(o->shape->type, name);
      if (mine->slots[i].is_empty() || (!is_member && !keep)) continue;
      if (is_member && members.is_none()) members = Value::of_object(make_dict(t));
      dict_set(t, is_member ? as<Dict>(members) : d, name, mine->slots[i]);
    }
  }
  reserve_slots(t, o, mine, kDictionarySlots);
  store(o, mine->slots[0], Value::of_object(d));
  store(o, mine->slots[1], members);
  o->shape = dictionary_shape(o->shape->type);
}

}  // namespace mini
