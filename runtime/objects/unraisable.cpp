// SPDX-License-Identifier: MIT
#include "runtime/objects/unraisable.h"

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"
#include "runtime/objects/struct_sequence.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

constexpr AttributeRow kFields[] = {
    {"exc_type", struct_field<0>, nullptr, "Exception type"},
    {"exc_value", struct_field<1>, nullptr, "Exception value"},
    {"exc_traceback", struct_field<2>, nullptr, "Exception traceback"},
    {"err_msg", struct_field<3>, nullptr, "Error message"},
    {"object", struct_field<4>, nullptr, "Object causing the exception"},
};
const Layout kArguments = {.name = "UnraisableHookArgs", .module = "builtins", MINI_STRUCT_LAYOUT(kFields)};

// The hook that a script has put in place of the built-in one; Empty: none.
Value own_hook(Thread& t) {
  if (!t.interpreter->sys) return Value::empty();
  Dict* sys = t.interpreter->sys->namespace_;
  Value hook = dict_get(sys, intern(t, "unraisablehook"));
  return hook.is_empty() || hook.is_same(dict_get(sys, intern(t, "__unraisablehook__"))) ? Value::empty() : hook;
}

}  // namespace

void report_unraisable_in(Thread& t, Value object) {
  Value e = take_exception(t);
  if (!is_exception(e)) return;
  if (Value hook = own_hook(t); !hook.is_empty()) {
    Traceback* tb = as<Exception>(e)->traceback;
    Value arguments = make_struct(t, kArguments, {Value::of_object(type_of(t, e)), e, tb ? Value::of_object(tb) : Value::none(), Value::none(), object});
    if (!call(t, hook, {arguments}).is_raised()) return;
    return report_unraisable(t, "sys.unraisablehook");
  }
  Str* shown = to_repr(t, object);
  if (!shown) (void)take_exception(t);
  t.exception = e;
  report_unraisable(t, shown ? to_utf8(shown) : "a finalizer");
}

}  // namespace mini
