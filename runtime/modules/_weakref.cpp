// SPDX-License-Identifier: MIT
// _weakref: the type of weak references; the rest of weakref is written in Mini.
#include "runtime/interpreter.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/objects/weakref.h"

namespace mini {

namespace {

Value references_to(Thread& t, Value* args, size_t) {
  List* found = make_list(t);
  t.heap->disable();
  if (args[0].is_object())
    t.heap->for_each_weak([&](WeakReference* r) {
      if (r->target == args[0].object) list_push(t, found, Value::of_object(r));
    });
  t.heap->enable();
  return Value::of_object(found);
}

// What is written in Mini stands in weakref.
Value weakref_getattr(Thread& t, Value* args, size_t) {
  if (is_kind(args[0], Kind::Str))
    for (const char* name : {"proxy", "getweakrefs", "getweakrefcount", "ProxyType", "CallableProxyType"})
      if (equals(as<Str>(args[0]), name)) return get_attribute(t, TRY(import_module(t, "weakref")), name);
  return raise(t, ErrorType::AttributeError, "module '_weakref' has no attribute '{}'", is_kind(args[0], Kind::Str) ? to_utf8(as<Str>(args[0])) : "?");
}

const NativeRow kFunctions[] = {
    {"__getattr__", weakref_getattr, "(name, /)", "What is written in Mini."},
    {"_references_to", references_to, "(object, /)", "The weak references to an object, the oldest first."},
};

Value weakref_setup(Thread& t, Module* m) {
  module_set(t, m, "ref", Value::of_object(native_type(t, weak_reference_layout)));
  module_set(t, m, "ReferenceType", Value::of_object(native_type(t, weak_reference_layout)));
  return Value::none();
}

}  // namespace

extern const NativeModule weakref_module;
const NativeModule weakref_module = {"_weakref", kFunctions, std::size(kFunctions), weakref_setup, "Weak references."};

}  // namespace mini
