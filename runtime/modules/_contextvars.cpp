// SPDX-License-Identifier: MIT
// _contextvars: context variables. The types are in runtime/objects/context.cpp.
#include "runtime/interpreter.h"
#include "runtime/objects/context.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value copy_context_row(Thread& t, Value*, size_t) { return Value::of_object(copy_context(t)); }

constexpr NativeRow functions[] = {
    {"copy_context", copy_context_row, "()", "A copy of the current context."},
};

Value missing_repr(Thread& t, Value) { return str_value(make_str(t, "<Token.MISSING>")); }

const Layout missing_layout = {
    .name = "Token.MISSING", .module = "_contextvars", .kind = Kind::Native, .size = sizeof(Object), .flags = kNoInstantiation,
    .ops = {.repr = missing_repr}, .help = "Token.old_value of a variable that had no value."};

Value setup(Thread& t, Module* m) {
  module_add_type(t, m, context_layout);
  module_add_type(t, m, context_variable_layout);
  Type* token = module_add_type(t, m, context_token_layout);
  dict_set(t, token->attributes, intern(t, "MISSING"), Value::of_object(make_native<Object>(t, missing_layout)));
  return Value::none();
}

}  // namespace

extern const NativeModule contextvars_module;
const NativeModule contextvars_module = {
    .name = "_contextvars", .functions = functions, .function_count = std::size(functions), .setup = setup,
    .help = "Context variables."};

}  // namespace mini
