// SPDX-License-Identifier: MIT
// Filling the builtins namespace.
#include "runtime/builtins/builtins.h"

#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/str.h"

namespace mini {

namespace {

void add_functions(Thread& t, std::span<const NativeRow> rows) {
  Value module = str_value(intern(t, "builtins"));
  for (const NativeRow& row : rows) {
    NativeFunction* function = make_native_function(t, row, nullptr, module);
    dict_set(t, t.interpreter->builtins, intern(t, row.name), Value::of_object(function));
  }
}

void add_type(Thread& t, const Layout& layout) {
  dict_set(t, t.interpreter->builtins, intern(t, layout.name), Value::of_object(native_type(t, layout)));
}

}  // namespace

Value setup_builtins(Thread& t) {
  for (auto rows : {number_functions(), text_functions(), container_functions(), attribute_functions(), code_functions(), help_functions(), file_functions(),
                    class_functions()})
    add_functions(t, rows);
  for (const Layout* layout : {&enumerate_layout, &zip_layout, &map_layout, &filter_layout, &reversed_layout}) add_type(t, *layout);
  Dict* builtins = t.interpreter->builtins;
  dict_set(t, builtins, intern(t, "NotImplemented"), t.interpreter->not_implemented);
  dict_set(t, builtins, intern(t, "Ellipsis"), t.interpreter->ellipsis);
  dict_set(t, builtins, intern(t, "__debug__"), Value::of_bool(true));
  // Resuming a generator is done by the VM itself.
  Dict* generator = types(t).generator->attributes;
  set_native_door(as<NativeFunction>(dict_get(builtins, intern(t, "next"))), NativeDoor::BuiltinNext);
  set_native_door(as<NativeFunction>(dict_get(generator, intern(t, "__next__"))), NativeDoor::GeneratorNext);
  set_native_door(as<NativeFunction>(dict_get(generator, intern(t, "send"))), NativeDoor::GeneratorSend);
  return Value::none();
}

}  // namespace mini
