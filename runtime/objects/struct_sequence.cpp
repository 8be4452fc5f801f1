// SPDX-License-Identifier: MIT
#include "runtime/objects/struct_sequence.h"

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

void struct_trace(Object* self, Marker& marker) {
  auto* s = static_cast<Tuple*>(self);
  size_t count = type_of(s)->layout->attribute_count;
  marker.mark(s->items, count > s->length ? count : s->length);
}

Value make_struct(Thread& t, const Layout& layout, const Value* values, size_t count, size_t visible) {
  void* room;
  size_t all = layout.attribute_count > count ? layout.attribute_count : count;
  auto* s = static_cast<Tuple*>(allocate_object(t, native_type(t, layout), all * sizeof(Value), &room));
  s->length = visible;
  s->items = static_cast<Value*>(room);
  for (size_t i = 0; i < all; ++i) store(s, s->items[i], i < count ? values[i] : Value::none());
  return Value::of_object(s);
}

Value struct_repr(Thread& t, Value self) {
  auto* s = as<Tuple>(self);
  const Layout* layout = type_of(s)->layout;
  std::string_view module = layout->module;
  std::string text = module == "builtins" ? fmt::format("{}(", layout->name) : fmt::format("{}.{}(", module, layout->name);
  for (size_t i = 0; i < s->length; ++i) {
    Str* shown = to_repr(t, s->items[i]);
    if (!shown) return Value::raised();
    text += fmt::format("{}{}={}", i ? ", " : "", layout->attributes[i].name, to_utf8(shown));
  }
  return str_value(make_str(t, text + ")"));
}

}  // namespace mini
