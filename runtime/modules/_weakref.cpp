// SPDX-License-Identifier: MIT
// _weakref: the type of weak references; the rest of weakref is written in Mini.
#include "runtime/interpreter.h"
#include "runtime/objects/module.h"
#include "runtime/objects/weakref.h"

namespace mini {

namespace {

Value weakref_setup(Thread& t, Module* m) {
  module_set(t, m, "ref", Value::of_object(native_type(t, weak_reference_layout)));
  return Value::none();
}

}  // namespace

extern const NativeModule weakref_module;
const NativeModule weakref_module = {"_weakref", nullptr, 0, weakref_setup, "Weak references."};

}  // namespace mini
