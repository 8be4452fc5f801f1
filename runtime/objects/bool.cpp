// SPDX-License-Identifier: MIT
// bool: a subclass of int whose two instances are tagged values. Arithmetic is int's; only text and making differ.

#include <iterator>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value bool_new(Thread& t, Value* args, size_t) {
  return args[1].is_empty() ? Value::of_bool(false) : truth(t, args[1]);
}

Value bool_repr(Thread& t, Value self) { return str_value(intern(t, self.integer ? "True" : "False")); }

const NativeRow kBoolMethods[] = {
    {"__new__", bool_new, "(cls, x=False, /)", "The truth value of x.", Binding::Static},
};

}  // namespace

const Layout bool__layout = {
    .name = "bool", .module = "builtins", .kind = Kind::Int, .size = sizeof(BigInt), .flags = 0, .base = &int__layout,
    .trace = nullptr, .finalize = nullptr,
    .ops = {.repr = bool_repr, .binary = int_binary},
    .methods = kBoolMethods, .method_count = std::size(kBoolMethods), .attributes = nullptr, .attribute_count = 0,
    .help = "bool(x) -> bool\n\nReturns True when the argument x is true, False otherwise."};

}  // namespace mini
