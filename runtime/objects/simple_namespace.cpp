// SPDX-License-Identifier: MIT
// types.SimpleNamespace, which sys.implementation is one of. The attributes live in the object's own attribute store, as those of any
// instance do; this file shows, compares and fills them. GIL held.
#include "runtime/objects/simple_namespace.h"

#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

struct SimpleNamespace : Object {
  AttributeStore store;
};

bool is_namespace(Thread& t, Value v) { return is_subtype(type_of(t, v), native_type(t, simple_namespace_layout)); }

Value attributes_of(Thread& t, Value self) { return get_attribute(t, self, names(t).dict); }

Value namespace_new(Thread& t, Value* args, size_t) { return Value::of_object(allocate_object(t, as<Type>(args[0]))); }

// args: self, keywords dict, then the positional ones.
Value namespace_init(Thread& t, Value* args, size_t argc) {
  if (argc > 2) return raise(t, ErrorType::TypeError, "no positional arguments expected");
  for (DictCursor c(as<Dict>(args[1])); c.next();) TRY(set_attribute(t, args[0], as<Str>(c.entry->key), c.entry->value));
  return Value::none();
}

Value namespace_repr(Thread& t, Value self) {
  std::string name = type_of(t, self) == native_type(t, simple_namespace_layout) ? "namespace" : type_name(t, self);
  ReprGuard guard(t, self.object);
  if (guard.is_recursive()) return str_value(make_str(t, name + "(...)"));
  Value attributes = TRY(attributes_of(t, self));
  if (!is_kind(attributes, Kind::Dict)) return raise(t, ErrorType::TypeError, "attribute values not found");
  std::string text;
  for (DictCursor c(as<Dict>(attributes)); c.next();) {
    if (!is_kind(c.entry->key, Kind::Str) || as<Str>(c.entry->key)->length == 0) continue;
    std::string key = to_utf8(as<Str>(c.entry->key));
    Str* shown = to_repr(t, c.entry->value);
    if (!shown) return Value::raised();
    text += (text.empty() ? "" : ", ") + key + "=" + to_utf8(shown);
  }
  Str* whole = make_str(t, name + "(" + text + ")");
  return whole ? str_value(whole) : Value::raised();
}

Value namespace_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_namespace(t, a) || !is_namespace(t, b)) return t.interpreter->not_implemented;
  Value left = TRY(attributes_of(t, a)), right = TRY(attributes_of(t, b));
  return compare_values(t, op, left, right);
}

const NativeRow kMethods[] = {
    {"__new__", namespace_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", namespace_init, "(self, /, *args, **kwargs)", ""},
};

}  // namespace

Value make_simple_namespace(Thread& t) { return make_instance(t, native_type(t, simple_namespace_layout)); }

const Layout simple_namespace_layout = {
    .name = "SimpleNamespace", .module = "types", .kind = Kind::Native, .size = sizeof(SimpleNamespace),
    .flags = kSubclassable | kHasAttributes,
    .ops = {.repr = namespace_repr, .compare = namespace_compare},
    .methods = kMethods, .method_count = std::size(kMethods),
    .help = "A simple attribute-based namespace.\n\nSimpleNamespace(**kwargs)"};

}  // namespace mini
