// SPDX-License-Identifier: MIT
// weakref.ref. The heap clears `target` when a collection finds the object dead, and queues the callback.
#include "runtime/objects/weakref.h"

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value target_of(Value self) {
  Object* target = as<WeakReference>(self)->target;
  return target ? Value::of_object(target) : Value::none();
}

bool takes_references(Value v) {
  if (!v.is_object()) return false;
  Type* type = type_of(v.object);
  if (native_takes_references(type->layout)) return true;
  return type->type_flags & kTypeIsScript && !type_lookup(type, names(*current_thread()).weakref).is_empty();
}

Value reference_new(Thread& t, Value* args, size_t) {
  if (!takes_references(args[1]))
    return raise(t, ErrorType::TypeError, "cannot create weak reference to '{}' object", type_name(t, args[1]));
  // Without a callback and for the class itself there is one reference, which everybody gets.
  bool is_shared = (args[2].is_empty() || args[2].is_none()) && !(as<Type>(args[0])->type_flags & kTypeIsScript);
  if (is_shared)
    if (WeakReference* known = t.heap->shared_weak(args[1].object); known && known->target == args[1].object) return Value::of_object(known);
  auto r = static_cast<WeakReference*>(allocate_object(t, as<Type>(args[0])));
  r->target = args[1].object;
  r->callback = args[2].is_empty() ? Value::none() : args[2];
  r->hash = -1;
  t.heap->watch_weak(r);
  if (is_shared) t.heap->shared_weak(args[1].object) = r;
  return Value::of_object(r);
}

Value reference_init(Thread&, Value*, size_t) { return Value::none(); }

Value reference_call(Thread& t, Value self, Value*, size_t argc, Tuple* keyword_names) {
  if (argc || keyword_names) return raise(t, ErrorType::TypeError, "weakref expected at most 0 arguments, got {}", argc);
  return target_of(self);
}

Value reference_hash(Thread& t, Value self) {
  auto r = as<WeakReference>(self);
  if (r->hash != -1) return Value::of_int(r->hash);
  if (!r->target) return raise(t, ErrorType::TypeError, "weak object has gone away");
  int64_t hash;
  if (!hash_value(t, Value::of_object(r->target), hash)) return Value::raised();
  r->hash = hash;
  return Value::of_int(hash);
}

// Living targets are compared; references to the dead are equal only to themselves.
Value reference_compare(Thread& t, CompareOp op, Value a, Value b) {
  bool are_references = a.is_object() && b.is_object() && type_of(a.object)->layout == &weak_reference_layout &&
                        type_of(b.object)->layout == &weak_reference_layout;
  if (!are_references || (op != CompareOp::Eq && op != CompareOp::Ne)) return t.interpreter->not_implemented;
  if (!as<WeakReference>(a)->target || !as<WeakReference>(b)->target) return Value::of_bool(a.is_same(b) == (op == CompareOp::Eq));
  return compare_values(t, op, target_of(a), target_of(b));
}

Value reference_repr(Thread& t, Value self) {
  Value target = target_of(self);
  if (target.is_none()) return str_value(make_str(t, fmt::format("<weakref at 0x{:x}; dead>", self.bits)));
  return str_value(make_str(t, fmt::format("<weakref at 0x{:x}; to '{}' at 0x{:x}>", self.bits, type_name(t, target), target.bits)));
}

void reference_trace(Object* self, Marker& marker) { marker.mark(static_cast<WeakReference*>(self)->callback); }

Value reference_callback(Thread&, Value self) {
  return as<WeakReference>(self)->target ? as<WeakReference>(self)->callback : Value::none();
}

const NativeRow kMethods[] = {
    {"__new__", reference_new, "(cls, object, callback=None, /)", "A reference that does not keep the object alive.", Binding::Static},
    {"__init__", reference_init, "(self, object, callback=None, /)", ""},
};
const AttributeRow kAttributes[] = {{"__callback__", reference_callback, nullptr, "called when the object dies"}};

}  // namespace

// As CPython: plain values and the built-in containers take no weak references.
bool native_takes_references(const Layout* layout) {
  switch (layout->kind) {
    case Kind::Str: case Kind::Int: case Kind::Float: case Kind::Bytes: case Kind::ByteArray: case Kind::List: case Kind::Tuple:
    case Kind::Dict: case Kind::Range: case Kind::Slice: case Kind::Cell: case Kind::Exception: case Kind::Instance:
      return false;
    default: return true;
  }
}

const Layout weak_reference_layout = {
    .name = "ReferenceType", .module = "weakref", .kind = Kind::Native, .size = sizeof(WeakReference), .flags = kSubclassable,
    .base = nullptr, .trace = reference_trace, .finalize = nullptr,
    .ops = {.repr = reference_repr, .hash = reference_hash, .compare = reference_compare, .call = reference_call},
    .methods = kMethods, .method_count = std::size(kMethods), .attributes = kAttributes, .attribute_count = std::size(kAttributes),
    .help = "A reference that does not keep its object alive."};

}  // namespace mini
