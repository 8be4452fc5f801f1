// SPDX-License-Identifier: MIT
// atexit: functions that run, last one first, when the interpreter ends and all other threads are joined. The list lives in the
// module's namespace; run_exit_functions is called by the interpreter's end.
#include "runtime/modules/atexit.h"

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

List* functions_of(Thread& t) {
  Value module = dict_get(t.interpreter->modules, intern(t, "atexit"));
  if (!is_kind(module, Kind::Module)) return nullptr;
  Value list = dict_get(as<Module>(module)->namespace_, intern(t, "_functions"));
  return is_kind(list, Kind::List) ? as<List>(list) : nullptr;
}

// args: the function, kwargs, then the positional arguments.
Value atexit_register(Thread& t, Value* args, size_t argc) {
  if (List* all = functions_of(t)) {
    Tuple* entry = make_tuple(t, {args[0], Value::of_object(make_tuple(t, args + 2, argc - 2)), args[1]});
    list_push(t, all, Value::of_object(entry));
  }
  return args[0];
}

Value atexit_unregister(Thread& t, Value* args, size_t) {
  List* all = functions_of(t);
  if (!all) return Value::none();
  List* kept = make_list(t);
  for (size_t i = 0; i < all->length; ++i) {
    Value entry = all->items[i];
    Value same = TRY(equal_values(t, as<Tuple>(entry)->items[0], args[0]));
    if (!same.is_true()) list_push(t, kept, entry);
  }
  Value module = dict_get(t.interpreter->modules, intern(t, "atexit"));
  module_set(t, as<Module>(module), "_functions", Value::of_object(kept));
  return Value::none();
}

Value atexit_clear(Thread& t, Value*, size_t) {
  if (List* all = functions_of(t)) all->length = 0;
  return Value::none();
}

Value atexit_run(Thread& t, Value*, size_t) {
  run_exit_functions(t);
  return Value::none();
}

Value atexit_ncallbacks(Thread& t, Value*, size_t) {
  List* all = functions_of(t);
  return Value::of_int(all ? static_cast<int64_t>(all->length) : 0);
}

constexpr NativeRow atexit_functions[] = {
    {"register", atexit_register, "(func, /, *args, **kwargs)", "Calls func when the interpreter ends."},
    {"unregister", atexit_unregister, "(func, /)", "Forgets a function."},
    {"_clear", atexit_clear, "()", "Forgets all functions."},
    {"_run_exitfuncs", atexit_run, "()", "Calls all functions now."},
    {"_ncallbacks", atexit_ncallbacks, "()", "How many functions are registered."},
};

Value atexit_setup(Thread& t, Module* m) {
  module_set(t, m, "_functions", Value::of_object(make_list(t)));
  return Value::none();
}

}  // namespace

void run_exit_functions(Thread& t) {
  while (List* all = functions_of(t)) {
    if (all->length == 0) return;
    auto* entry = as<Tuple>(all->items[all->length - 1]);
    --all->length;
    auto* positional = as<Tuple>(entry->items[1]);
    auto* keywords = as<Dict>(entry->items[2]);
    ValueList arguments(t);
    for (size_t i = 0; i < positional->length; ++i) arguments.push(positional->items[i]);
    List* names = make_list(t);
    for (DictCursor c(keywords); c.next();) {
      list_push(t, names, c.entry->key);
      arguments.push(c.entry->value);
    }
    Tuple* keyword_names = names->length ? make_tuple(t, names) : nullptr;
    Value result = call(t, entry->items[0], arguments.data(), positional->length, keyword_names);
    if (result.is_raised()) report_unraisable(t, "Exception ignored in atexit callback");
  }
}

extern const NativeModule atexit_module;
const NativeModule atexit_module = {"atexit", atexit_functions, std::size(atexit_functions), atexit_setup,
                                    "Functions that run when the interpreter ends."};

}  // namespace mini
