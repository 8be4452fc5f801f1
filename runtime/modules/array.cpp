// SPDX-License-Identifier: MIT
// array: the module around the type, which is in objects/array.cpp because bytes-like objects know it.
#include "runtime/objects/array.h"

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"

namespace mini {

namespace {

Value array_setup(Thread& t, Module* m) {
  Value type = Value::of_object(module_add_type(t, m, array_layout));
  module_set(t, m, "ArrayType", type);
  module_set(t, m, "typecodes", str_value(make_str(t, "bBuhHiIlLqQfd")));
  return Value::none();
}

}  // namespace

extern const NativeModule array_module;
const NativeModule array_module = {"array", nullptr, 0, array_setup, "Arrays of numbers of one machine type."};

}  // namespace mini
