// SPDX-License-Identifier: MIT
#include "runtime/shape.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/interpreter.h"
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

Dict* own_dict(Object* o) { return as<Dict>(attribute_store(o)->slots[0]); }

// The child of the root that stands for dictionary mode; its name is null, which no attribute has.
Shape* dictionary_shape(Type* type) {
  for (auto& [name, shape] : type->root_shape->children)
    if (!name) return shape;
  auto shape = new Shape{type, type->root_shape, nullptr, 1, true, Kind::Free, Kind::Free, {}, {}};
  type->root_shape->children.emplace_back(nullptr, shape);
  return shape;
}

}  // namespace

void reserve_slots(Thread& t, Object* o, AttributeStore* store, uint32_t count) {
  if (count <= store->capacity) return;
  uint32_t capacity = std::max(count, store->capacity * 2 + 2);
  auto slots = static_cast<Value*>(malloc(capacity * sizeof(Value)));
  std::copy_n(store->slots, std::min(store->capacity, o->shape->count), slots);
  if (store->is_outside) {
    free(store->slots);
    t.heap->account(-static_cast<ptrdiff_t>(store->capacity * sizeof(Value)));
  }
  t.heap->account(static_cast<ptrdiff_t>(capacity * sizeof(Value)));
  *store = {slots, capacity, 1};
  o->flags |= kHasFinalizer;
}

Value get_own_attribute(Object* o, Str* interned) {
  AttributeStore* store = attribute_store(o);
  if (!store) return Value::empty();
  if (o->shape->is_dictionary) return dict_get(own_dict(o), interned);
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
  dict_set(t, attribute_dict(t, o), interned, v);
}

bool delete_own_attribute(Thread& t, Object* o, Str* interned) {
  if (get_own_attribute(o, interned).is_empty()) return false;
  return dict_delete(t, attribute_dict(t, o), interned);
}

Dict* attribute_dict(Thread& t, Object* o) {
  if (o->shape->is_dictionary) return own_dict(o);
  AttributeStore* store_of_o = attribute_store(o);
  Dict* d = make_dict(t, o->shape->count);
  std::vector<Str*> names(o->shape->count);
  for (Shape* s = o->shape; s->parent; s = s->parent) names[s->count - 1] = s->name;
  for (uint32_t i = 0; i < names.size(); ++i) dict_set(t, d, names[i], store_of_o->slots[i]);
  replace_attribute_dict(t, o, d);
  return d;
}

void replace_attribute_dict(Thread& t, Object* o, Dict* d) {
  AttributeStore* mine = attribute_store(o);
  reserve_slots(t, o, mine, 1);
  store(o, mine->slots[0], Value::of_object(d));
  o->shape = dictionary_shape(o->shape->type);
}

}  // namespace mini
