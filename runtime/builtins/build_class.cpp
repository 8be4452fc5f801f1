// SPDX-License-Identifier: MIT
// __build_class__: what the class statement calls. https://docs.python.org/3/reference/datamodel.html#customizing-class-creation
#include "runtime/builtins/builtins.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

// Bases that are no classes may name classes to stand in for them. The same tuple when nothing changes.
Value resolve_bases(Thread& t, Tuple* bases) {
  ValueList list(t);
  bool has_changed = false;
  for (uint64_t i = 0; i < bases->length; ++i) {
    Value base = bases->items[i];
    if (is_type_object(base)) {
      list.push(base);
      continue;
    }
    Value method = TRY(get_attribute_or_empty(t, base, names(t).mro_entries));
    if (method.is_empty()) {
      list.push(base);
      continue;
    }
    Value entries = TRY(call(t, method, {Value::of_object(bases)}));
    if (!is_kind(entries, Kind::Tuple)) return raise(t, ErrorType::TypeError, "__mro_entries__ must return a tuple");
    for (uint64_t k = 0; k < as<Tuple>(entries)->length; ++k) list.push(as<Tuple>(entries)->items[k]);
    has_changed = true;
  }
  return has_changed ? Value::of_object(make_tuple(t, list.data(), list.size())) : Value::of_object(bases);
}

// The metaclass: the one that is given, or the most derived one of the bases; anything callable will do.
Value choose_metaclass(Thread& t, Dict* keywords, Tuple* bases) {
  Value meta = dict_get(keywords, names(t).metaclass);
  if (!meta.is_empty()) dict_delete(t, keywords, names(t).metaclass);
  else meta = Value::of_object(bases->length ? type_of(t, bases->items[0]) : types(t).type);
  if (!is_type_object(meta)) return meta;
  auto winner = as<Type>(meta);
  for (uint64_t i = 0; i < bases->length; ++i) {
    Type* other = type_of(t, bases->items[i]);
    if (is_subtype(winner, other)) continue;
    if (!is_subtype(other, winner))
      return raise(t, ErrorType::TypeError,
                   "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases");
    winner = other;
  }
  return Value::of_object(winner);
}

Value prepare_namespace(Thread& t, Value meta, Str* name, Tuple* bases, Dict* keywords) {
  if (meta.is_object() && meta.object == types(t).type) return Value::of_object(make_dict(t));
  Value prepare = TRY(get_attribute_or_empty(t, meta, names(t).prepare));
  if (prepare.is_empty()) return Value::of_object(make_dict(t));
  ValueList args(t);
  args.push(str_value(name));
  args.push(Value::of_object(bases));
  Tuple* keyword_names = make_tuple(t, keywords->count);
  size_t n = 0;
  for (DictCursor c(keywords); c.next();) {
    keyword_names->items[n++] = c.entry->key;
    args.push(c.entry->value);
  }
  Value space = TRY(call(t, prepare, args.data(), 2, n ? keyword_names : nullptr));
  if (!type_of(t, space)->ops.get_item) {
    std::string shown = is_type_object(meta) ? type_of(t, meta) ? to_utf8(as<Type>(meta)->name) : "" : "<metaclass>";
    return raise(t, ErrorType::TypeError, "{}.__prepare__() must return a mapping, not {}", shown, type_name(t, space));
  }
  return space;
}

// args: function, name, the keywords dict, then the bases
Value builtin_build_class(Thread& t, Value* args, size_t argc) {
  if (!is_kind(args[0], Kind::Function)) return raise(t, ErrorType::TypeError, "__build_class__: func must be a function");
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "__build_class__: name is not a string");
  auto body = as<Function>(args[0]);
  auto name = as<Str>(args[1]);
  auto keywords = as<Dict>(args[2]);
  Tuple* given = make_tuple(t, args + 3, argc - 3);
  auto bases = as<Tuple>(TRY(resolve_bases(t, given)));
  Value meta = TRY(choose_metaclass(t, keywords, bases));
  Value space = TRY(prepare_namespace(t, meta, name, bases, keywords));
  bool is_dict = is_exact(space, Kind::Dict);
  TRY(run_code_in(t, body->code, body->globals, is_kind(space, Kind::Dict) ? as<Dict>(space) : nullptr, is_dict ? Value::empty() : space, body));
  if (bases != given) TRY(set_item(t, space, str_value(intern(t, "__orig_bases__")), Value::of_object(given)));
  Value cell = is_dict ? dict_get(as<Dict>(space), names(t).classcell) : Value::empty();
  ValueList all(t);
  all.push(args[1]);
  all.push(Value::of_object(bases));
  all.push(space);
  Tuple* keyword_names = make_tuple(t, keywords->count);
  size_t n = 0;
  for (DictCursor c(keywords); c.next();) {
    keyword_names->items[n++] = c.entry->key;
    all.push(c.entry->value);
  }
  Value made = TRY(call(t, meta, all.data(), 3, n ? keyword_names : nullptr));
  if (is_type_object(made) && is_kind(cell, Kind::Cell) && as<Cell>(cell)->value.is_empty())
    return raise(t, ErrorType::RuntimeError, "__class__ not set defining '{}' as {}. Was __classcell__ propagated to type.__new__?", to_utf8(name),
                 type_name(t, made));
  return made;
}

const NativeRow kClassFunctions[] = {
    {"__build_class__", builtin_build_class, "(func, name, /, *bases, **keywords)", "Internal helper function used by the class statement."},
};

}  // namespace

std::span<const NativeRow> class_functions() { return kClassFunctions; }

}  // namespace mini
