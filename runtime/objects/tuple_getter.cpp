// SPDX-License-Identifier: MIT
// See tuple_getter.h. Scripts know the type as _collections._tuplegetter.
#include "runtime/objects/tuple_getter.h"

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

void tuplegetter_trace(Object* self, Marker& marker) { marker.mark(static_cast<TupleGetter*>(self)->doc); }

Value tuplegetter_new(Thread& t, Value* args, size_t) {
  int64_t index;
  if (!to_index(t, args[1], index)) return Value::raised();
  auto g = static_cast<TupleGetter*>(allocate_object(t, as<Type>(args[0])));
  g->index = static_cast<uint64_t>(index);
  g->doc = args[2];
  return Value::of_object(g);
}

Value tuplegetter_get(Thread& t, Value self, Value instance, Value) {
  if (instance.is_empty() || instance.is_none()) return self;
  auto g = as<TupleGetter>(self);
  if (!is_kind(instance, Kind::Tuple))
    return raise(t, ErrorType::TypeError, "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object", g->index,
                 type_name(t, instance));
  if (g->index >= as<Tuple>(instance)->length) return raise_text(t, ErrorType::IndexError, "tuple index out of range");
  return as<Tuple>(instance)->items[g->index];
}

Value tuplegetter_set(Thread& t, Value, Value, Value) { return raise_text(t, ErrorType::AttributeError, "can't set attribute"); }
Value tuplegetter_get_doc(Thread&, Value self) { return as<TupleGetter>(self)->doc; }

Value tuplegetter_set_doc(Thread&, Value self, Value v) {
  store(self.object, as<TupleGetter>(self)->doc, v.is_empty() ? Value::none() : v);
  return Value::none();
}

Value tuplegetter_reduce(Thread& t, Value* args, size_t) {
  auto g = as<TupleGetter>(args[0]);
  Tuple* parts = make_tuple(t, {Value::of_int(static_cast<int64_t>(g->index)), g->doc});
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(g)), Value::of_object(parts)}));
}
const NativeRow kTupleGetterMethods[] = {
    {"__new__", tuplegetter_new, "(cls, index, doc, /)", "", Binding::Static},
    {"__reduce__", tuplegetter_reduce, "(self, /)", "For copying and sending."},
};
const AttributeRow kTupleGetterAttributes[] = {
    {"__doc__", tuplegetter_get_doc, tuplegetter_set_doc, ""},
};

}  // namespace

const Layout tuplegetter_layout = {
    .name = "_tuplegetter", .module = "collections", .kind = Kind::Native, .size = sizeof(TupleGetter), .trace = tuplegetter_trace,
    .ops = {.descriptor_get = tuplegetter_get, .descriptor_set = tuplegetter_set}, .methods = kTupleGetterMethods,
    .method_count = std::size(kTupleGetterMethods), .attributes = kTupleGetterAttributes, .attribute_count = std::size(kTupleGetterAttributes)};

}  // namespace mini
