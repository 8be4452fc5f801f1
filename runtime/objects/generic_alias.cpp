// SPDX-License-Identifier: MIT
// `list[int]`: types.GenericAlias, a class with arguments that nothing checks.
//
// An alias answers for its class: what is not about the alias itself is looked up there. A subscription of an alias with
// type variables among its arguments, at any depth, gives an alias with these replaced.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

extern const Layout generic_alias_layout;

namespace {

struct GenericAlias : Object {
  Value origin;
  Tuple* arguments;
  bool is_unpacked;      // *list[int], as an annotation of *args has it
};

void alias_trace(Object* self, Marker& marker) {
  auto alias = static_cast<GenericAlias*>(self);
  marker.mark(alias->origin);
  marker.mark_pointer(alias->arguments);
}

Value make_alias(Thread& t, Type* type, Value origin, Value arguments) {
  Value tuple = is_kind(arguments, Kind::Tuple) ? arguments : Value::of_object(make_tuple(t, {arguments}));
  auto alias = static_cast<GenericAlias*>(allocate_object(t, type));
  alias->origin = origin;
  alias->arguments = as<Tuple>(tuple);
  alias->is_unpacked = false;
  return Value::of_object(alias);
}

// A class by its qualified name, `...` as such, anything else by its repr.
bool append_argument(Thread& t, std::string& out, Value v) {
  if (v.is_same(t.interpreter->ellipsis)) {
    out += "...";
    return true;
  }
  if (is_type_object(v)) {
    Value module = get_attribute_or_empty(t, v, names(t).module);
    if (module.is_raised()) return false;
    if (is_kind(module, Kind::Str) && !equals(as<Str>(module), "builtins")) out += to_utf8(as<Str>(module)) + ".";
    out += to_utf8(as<Type>(v)->qualified_name);
    return true;
  }
  if (is_exact(v, Kind::List)) {
    out += "[";
    for (uint64_t i = 0; i < as<List>(v)->length; ++i) {
      if (i) out += ", ";
      if (!append_argument(t, out, as<List>(v)->items[i])) return false;
    }
    out += "]";
    return true;
  }
  return append_repr(t, out, v);
}

Value alias_repr(Thread& t, Value self) {
  if (t.native_stack_is_low()) return raise_recursion(t, " while getting the repr of an object");
  auto alias = as<GenericAlias>(self);
  std::string out = alias->is_unpacked ? "*" : "";
  if (!append_argument(t, out, alias->origin)) return Value::raised();
  out += "[";
  if (alias->arguments->length == 0) out += "()";
  for (uint64_t i = 0; i < alias->arguments->length; ++i) {
    if (i) out += ", ";
    if (!append_argument(t, out, alias->arguments->items[i])) return Value::raised();
  }
  return str_value(make_str(t, out + "]"));
}

Value alias_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  Value made = TRY(call(t, as<GenericAlias>(self)->origin, args, argc, keyword_names));
  // `__orig_class__` is a courtesy: objects that take no attributes do without it.
  if (is_kind(made, Kind::Instance) && set_attribute(t, made, intern(t, "__orig_class__"), self).is_raised())
    (void)take_exception(t);
  return made;
}

Value alias_hash(Thread& t, Value self) {
  int64_t a, b;
  auto alias = as<GenericAlias>(self);
  if (!hash_value(t, alias->origin, a) || !hash_value(t, Value::of_object(alias->arguments), b)) return Value::raised();
  return Value::of_int(a ^ b);
}

bool is_alias(Value v) { return v.is_object() && type_of(v.object)->layout == &generic_alias_layout; }

Value alias_compare(Thread& t, CompareOp op, Value a, Value b) {
  if ((op != CompareOp::Eq && op != CompareOp::Ne) || !is_alias(a) || !is_alias(b)) return t.interpreter->not_implemented;
  if (as<GenericAlias>(a)->is_unpacked != as<GenericAlias>(b)->is_unpacked) return Value::of_bool(op == CompareOp::Ne);
  Value same = TRY(equal_values(t, as<GenericAlias>(a)->origin, as<GenericAlias>(b)->origin));
  if (same.is_true())
    same = TRY(equal_values(t, Value::of_object(as<GenericAlias>(a)->arguments), Value::of_object(as<GenericAlias>(b)->arguments)));
  return Value::of_bool(same.is_true() == (op == CompareOp::Eq));
}

bool is_type_variable(Thread& t, Value v) { return v.is_object() && !is_type_object(v) && std::string_view(type_name(t, v)) == "TypeVar"; }

// The type variables inside one argument; none for most.
Tuple* parameters_of(Thread& t, Value v) {
  if (!v.is_object() || is_type_object(v)) return t.interpreter->empty_tuple;
  if (is_type_variable(t, v)) return make_tuple(t, {v});
  Value inner = get_attribute_or_empty(t, v, intern(t, "__parameters__"));
  if (inner.is_raised()) (void)take_exception(t);
  return is_kind(inner, Kind::Tuple) ? as<Tuple>(inner) : t.interpreter->empty_tuple;
}

uint64_t position_in(Tuple* list, Value v) {
  uint64_t i = 0;
  while (i < list->length && !list->items[i].is_same(v)) ++i;
  return i;
}

// One argument with the type variables replaced: `parameters[i]` becomes `given[i]`.
Value substitute(Thread& t, Value argument, Tuple* parameters, const Value* given) {
  Tuple* inner = parameters_of(t, argument);
  if (inner->length == 0) return argument;
  if (is_type_variable(t, argument)) return given[position_in(parameters, argument)];
  Tuple* key = make_tuple(t, inner);
  for (uint64_t i = 0; i < inner->length; ++i) store(key, key->items[i], given[position_in(parameters, inner->items[i])]);
  return get_item(t, argument, Value::of_object(key));
}

Tuple* alias_parameters(Thread& t, GenericAlias* alias) { return type_parameters(t, alias->arguments); }

Value alias_get_item(Thread& t, Value self, Value key) {
  auto alias = as<GenericAlias>(self);
  Value arguments = TRY(substitute_parameters(t, self, alias->arguments, key));
  return make_generic_alias(t, alias->origin, arguments);
}

// What an alias answers itself; the class answers for everything else.
const char* const kOwnNames[] = {"__origin__", "__args__", "__parameters__", "__unpacked__", "__typing_unpacked_tuple_args__",
                                 "__mro_entries__", "__copy__", "__deepcopy__"};

Value alias_get_attribute(Thread& t, Value self, Str* name) {
  std::string text = to_utf8(name);
  auto alias = as<GenericAlias>(self);
  if (text == "__origin__") return alias->origin;
  if (text == "__args__") return Value::of_object(alias->arguments);
  if (text == "__unpacked__") return Value::of_bool(alias->is_unpacked);
  if (text == "__parameters__") return Value::of_object(alias_parameters(t, alias));
  if (text == "__typing_unpacked_tuple_args__") return alias->is_unpacked ? Value::of_object(alias->arguments) : Value::none();
  bool is_own = text == "__class__" || text == "__mro_entries__" || text == "__reduce__" || text == "__reduce_ex__";
  if (is_own) return generic_get_attribute(t, self, name);
  return get_attribute(t, alias->origin, name);
}

// A star in front of an alias gives one item: the alias as unpacked.
Value alias_iterate(Thread& t, Value self) {
  Value made = make_generic_alias(t, as<GenericAlias>(self)->origin, Value::of_object(as<GenericAlias>(self)->arguments));
  as<GenericAlias>(made)->is_unpacked = true;
  return get_iterator(t, Value::of_object(make_tuple(t, {made})));
}

Value alias_refuse_instance(Thread& t, Value*, size_t) {
  return raise_text(t, ErrorType::TypeError, "isinstance() argument 2 cannot be a parameterized generic");
}
Value alias_refuse_subclass(Thread& t, Value*, size_t) {
  return raise_text(t, ErrorType::TypeError, "issubclass() argument 2 cannot be a parameterized generic");
}

Value alias_binary(Thread& t, BinaryOp op, Value a, Value b) {
  return op == BinaryOp::Or ? make_union_type(t, a, b) : t.interpreter->not_implemented;
}

Value alias_mro_entries(Thread& t, Value* args, size_t) { return Value::of_object(make_tuple(t, {as<GenericAlias>(args[0])->origin})); }

Value alias_dir(Thread& t, Value* args, size_t) {
  List* found = make_list(t);
  Value of_class = TRY(call(t, dict_get(t.interpreter->builtins, intern(t, "dir")), {as<GenericAlias>(args[0])->origin}));
  TRY(list_extend_with(t, found, of_class));
  for (const char* name : kOwnNames) list_push(t, found, str_value(intern(t, name)));
  return Value::of_object(found);
}

Value alias_new(Thread& t, Value* args, size_t) { return make_alias(t, as<Type>(args[0]), args[1], args[2]); }

const NativeRow kAliasMethods[] = {
    {"__new__", alias_new, "(cls, origin, args, /)", "A parameterised generic class.", Binding::Static},
    {"__dir__", alias_dir, "(self, /)", ""},
    {"__mro_entries__", alias_mro_entries, "(self, bases, /)", ""},
    {"__instancecheck__", alias_refuse_instance, "(self, instance, /)", ""},
    {"__subclasscheck__", alias_refuse_subclass, "(self, cls, /)", ""},
};

}  // namespace

const Layout generic_alias_layout = {
    .name = "GenericAlias", .module = "types", .kind = Kind::Native, .size = sizeof(GenericAlias), .flags = kSubclassable, .trace = alias_trace,
    .ops = {.repr = alias_repr, .hash = alias_hash, .compare = alias_compare, .get_item = alias_get_item, .iterate = alias_iterate, .call = alias_call,
            .get_attribute = alias_get_attribute, .binary = alias_binary},
    .methods = kAliasMethods, .method_count = std::size(kAliasMethods),
    .help = "Represent a PEP 585 generic type: list[int]."};

Tuple* type_parameters(Thread& t, Tuple* arguments) {
  List* found = make_list(t);
  auto add = [&](Value v) {
    for (uint64_t i = 0; i < found->length; ++i)
      if (found->items[i].is_same(v)) return;
    list_push(t, found, v);
  };
  for (uint64_t i = 0; i < arguments->length; ++i) {
    Tuple* inner = parameters_of(t, arguments->items[i]);
    for (uint64_t k = 0; k < inner->length; ++k) add(inner->items[k]);
  }
  return make_tuple(t, found);
}

Value substitute_parameters(Thread& t, Value self, Tuple* arguments, Value key) {
  Tuple* parameters = type_parameters(t, arguments);
  if (parameters->length == 0) {
    Str* shown = to_repr(t, self);
    if (!shown) return Value::raised();
    return raise(t, ErrorType::TypeError, "{} is not a generic class", to_utf8(shown));
  }
  Value one[1] = {key};
  const Value* given = is_kind(key, Kind::Tuple) ? as<Tuple>(key)->items : one;
  uint64_t count = is_kind(key, Kind::Tuple) ? as<Tuple>(key)->length : 1;
  if (count != parameters->length) {
    Str* shown = to_repr(t, self);
    if (!shown) return Value::raised();
    return raise(t, ErrorType::TypeError, "Too {} arguments for {}; actual {}, expected {}", count > parameters->length ? "many" : "few",
                 to_utf8(shown), count, parameters->length);
  }
  Tuple* replaced = make_tuple(t, arguments);
  for (uint64_t i = 0; i < replaced->length; ++i) {
    Value v = TRY(substitute(t, replaced->items[i], parameters, given));
    store(replaced, replaced->items[i], v);
  }
  return Value::of_object(replaced);
}

Value make_generic_alias(Thread& t, Value origin, Value arguments) {
  return make_alias(t, native_type(t, generic_alias_layout), origin, arguments);
}

Value class_get_item(Thread& t, Value* args, size_t) { return make_generic_alias(t, args[0], args[1]); }

}  // namespace mini
