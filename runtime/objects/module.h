// SPDX-License-Identifier: MIT
// Module objects, and how native modules are declared: one file ending in one table, plus one row in modules/modules.def.
#pragma once

#include <string_view>

#include "runtime/object.h"

namespace mini {

struct Module : Object {
  Dict* namespace_;
  Str* name;
};

extern const Layout module_layout;

// What a native module's file exports as `name_module`.
struct NativeModule {
  const char* name;
  const NativeRow* functions; size_t function_count;
  // Adds constants and types; Raised when it fails. May be null.
  Value (*setup)(Thread& t, Module* m);
  const char* help;
};

Module* make_module(Thread& t, Str* name);
void module_set(Thread& t, Module* m, const char* name, Value v);
// Adds a type of the module under its own name.
Type* module_add_type(Thread& t, Module* m, const Layout& layout);

}  // namespace mini
