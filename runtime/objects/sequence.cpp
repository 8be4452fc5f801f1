// SPDX-License-Identifier: MIT
// What list and tuple share: positions, searching, comparing, showing; and `list[int]` (types.GenericAlias).
//
// Comparing an item or showing it may run script code that changes the very list being walked. So each loop reads length
// and items again in every round and keeps no pointer across such a call.
#include "runtime/objects/sequence.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/range.h"
#include "runtime/shape.h"

namespace mini {

Value make_union_type(Thread& t, Value a, Value b);   // X | Y: class_parts.h, which is private to the class system

Value to_sequence(Thread& t, Value iterable, std::string_view message) {
  if (is_exact(iterable, Kind::List) || is_exact(iterable, Kind::Tuple)) return iterable;
  Value iterator = get_iterator(t, iterable);
  if (iterator.is_raised()) {
    if (!exception_matches(t, ErrorType::TypeError)) return iterator;
    (void)take_exception(t);
    return raise_text(t, ErrorType::TypeError, message);
  }
  return to_list(t, is_kind(iterable, Kind::List) || is_kind(iterable, Kind::Tuple) ? iterable : iterator);
}

bool sequence_position(Thread& t, Value key, const uint64_t& length, const char* type, int64_t& out) {
  if (MINI_LIKELY(key.is_int() || key.is_bool())) {
    out = key.integer;
  } else if (is_integer(key) || type_of(t, key)->ops.index) {
    Value n = is_integer(key) ? key : to_integer(t, key);
    if (n.is_raised()) return false;
    if (!fits_int64(n, out)) {
      (void)raise(t, ErrorType::IndexError, "cannot fit '{}' into an index-sized integer", type_name(t, key));
      return false;
    }
  } else {
    (void)raise(t, ErrorType::TypeError, "{} indices must be integers or slices, not {}", type, type_name(t, key));
    return false;
  }
  if (out < 0) out += static_cast<int64_t>(length);
  return true;
}

namespace {

Value compare_lengths(CompareOp op, uint64_t a, uint64_t b) {
  switch (op) {
    case CompareOp::Lt: return Value::of_bool(a < b);
    case CompareOp::Le: return Value::of_bool(a <= b);
    case CompareOp::Eq: return Value::of_bool(a == b);
    case CompareOp::Ne: return Value::of_bool(a != b);
    case CompareOp::Gt: return Value::of_bool(a > b);
    case CompareOp::Ge: return Value::of_bool(a >= b);
  }
  return Value::none();
}

}  // namespace

Value sequence_compare(Thread& t, CompareOp op, Value a_value, Value b_value) {
  auto a = as<Sequence>(a_value);
  auto b = as<Sequence>(b_value);
  bool is_equality = op == CompareOp::Eq || op == CompareOp::Ne;
  if (is_equality && a->length != b->length) return Value::of_bool(op == CompareOp::Ne);
  if (t.native_stack_is_low()) return raise_recursion(t, " in comparison");
  for (uint64_t i = 0; i < a->length && i < b->length; ++i) {
    Value x = a->items[i], y = b->items[i];
    Value same = TRY(contained_equal(t, x, y));
    if (same.is_true()) {
      if ((i & 4095) == 4095) TRY(t.poll());
      continue;
    }
    if (is_equality) return Value::of_bool(op == CompareOp::Ne);
    return compare_values(t, op, x, y);
  }
  return compare_lengths(op, a->length, b->length);
}

Value sequence_contains(Thread& t, Value self, Value item) {
  auto s = as<Sequence>(self);
  for (uint64_t i = 0; i < s->length; ++i) {
    if (TRY(contained_equal(t, s->items[i], item)).is_true()) return Value::of_bool(true);
    if ((i & 4095) == 4095) TRY(t.poll());
  }
  return Value::of_bool(false);
}

Value sequence_count(Thread& t, Value* args, size_t) {
  auto s = as<Sequence>(args[0]);
  int64_t count = 0;
  for (uint64_t i = 0; i < s->length; ++i) {
    count += TRY(contained_equal(t, s->items[i], args[1])).is_true();
    if ((i & 4095) == 4095) TRY(t.poll());
  }
  return Value::of_int(count);
}

namespace {

// A bound as index() takes it: any integer, huge ones clamped.
bool search_bound(Thread& t, Value v, int64_t fallback, uint64_t length, int64_t& out) {
  out = fallback;
  if (!v.is_empty()) {
    if (!is_integer(v) && !type_of(t, v)->ops.index) {
      (void)raise_text(t, ErrorType::TypeError, "slice indices must be integers or have an __index__ method");
      return false;
    }
    if (!to_index_clamped(t, v, out)) return false;
  }
  if (out < 0) out = std::max<int64_t>(out + static_cast<int64_t>(length), 0);
  return true;
}

}  // namespace

Value sequence_find(Thread& t, Value* args) {
  auto s = as<Sequence>(args[0]);
  int64_t start, stop;
  if (!search_bound(t, args[2], 0, s->length, start)) return Value::raised();
  if (!search_bound(t, args[3], INT64_MAX, s->length, stop)) return Value::raised();
  for (int64_t i = start; i < stop && i < static_cast<int64_t>(s->length); ++i) {
    if (TRY(contained_equal(t, s->items[i], args[1])).is_true()) return Value::of_int(i);
    if ((i & 4095) == 4095) TRY(t.poll());
  }
  return Value::empty();
}

bool repeat_count(Thread& t, Value count, int64_t& out) {
  if (count.is_int() || count.is_bool()) {
    out = count.integer;
  } else if (is_integer(count) || type_of(t, count)->ops.index) {
    Value n = is_integer(count) ? count : to_integer(t, count);
    if (n.is_raised()) return false;
    if (!fits_int64(n, out)) {
      (void)raise(t, ErrorType::OverflowError, "cannot fit '{}' into an index-sized integer", type_name(t, count));
      return false;
    }
  } else {
    (void)raise(t, ErrorType::TypeError, "can't multiply sequence by non-int of type '{}'", type_name(t, count));
    return false;
  }
  out = std::max<int64_t>(out, 0);
  return true;
}

bool append_repr(Thread& t, std::string& out, Value v) {
  if (v.is_int()) {
    fmt::format_int text(v.integer);
    out.append(text.data(), text.size());
    return true;
  }
  if (v.is_float()) {
    out += double_repr(v.number);
    return true;
  }
  Str* text = to_repr(t, v);
  if (!text) return false;
  std::string scratch;
  out += utf8_view(text, scratch);
  return true;
}

bool append_items(Thread& t, std::string& out, const Sequence* s) {
  for (uint64_t i = 0; i < s->length; ++i) {
    if (i) out += ", ";
    if (!append_repr(t, out, s->items[i])) return false;
    if ((i & 1023) == 1023 && t.poll().is_raised()) return false;
  }
  return true;
}

bool has_own_method(Thread& t, Value b, std::string_view name) {
  if (!b.is_object() || !(type_of(b.object)->type_flags & kTypeIsScript)) return false;
  Type* owner = nullptr;
  Value found = type_lookup(type_of(b.object), intern(t, name), &owner);
  return !found.is_empty() && owner && (owner->type_flags & kTypeIsScript);
}

// --- types.GenericAlias ---

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

extern const Layout generic_alias_layout;

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

// Type variables among the arguments, each once: what a further subscription replaces.
Tuple* alias_parameters(Thread& t, GenericAlias* alias) {
  List* found = make_list(t);
  auto add = [&](Value v) {
    for (uint64_t i = 0; i < found->length; ++i)
      if (found->items[i].is_same(v)) return;
    list_push(t, found, v);
  };
  for (uint64_t i = 0; i < alias->arguments->length; ++i) {
    Value v = alias->arguments->items[i];
    if (!v.is_object() || is_type_object(v)) continue;
    if (std::string_view(type_name(t, v)) == "TypeVar") {
      add(v);
      continue;
    }
    Value inner = get_attribute_or_empty(t, v, intern(t, "__parameters__"));
    if (inner.is_raised()) (void)take_exception(t);
    if (is_kind(inner, Kind::Tuple))
      for (uint64_t k = 0; k < as<Tuple>(inner)->length; ++k) add(as<Tuple>(inner)->items[k]);
  }
  return make_tuple(t, found);
}

Value alias_get_item(Thread& t, Value self, Value key) {
  auto alias = as<GenericAlias>(self);
  Tuple* parameters = alias_parameters(t, alias);
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
  Tuple* arguments = make_tuple(t, alias->arguments);
  for (uint64_t i = 0; i < arguments->length; ++i)
    for (uint64_t k = 0; k < parameters->length; ++k)
      if (arguments->items[i].is_same(parameters->items[k])) store(arguments, arguments->items[i], given[k]);
  return make_generic_alias(t, alias->origin, Value::of_object(arguments));
}

Value alias_get_attribute(Thread& t, Value self, Str* name) {
  std::string text = to_utf8(name);
  auto alias = as<GenericAlias>(self);
  if (text == "__origin__") return alias->origin;
  if (text == "__args__") return Value::of_object(alias->arguments);
  if (text == "__unpacked__") return Value::of_bool(alias->is_unpacked);
  if (text == "__parameters__") return Value::of_object(alias_parameters(t, alias));
  bool is_own = text == "__class__" || text == "__mro_entries__" || text == "__repr__" || text == "__hash__" || text == "__eq__" ||
                text == "__reduce__" || text == "__reduce_ex__" || text == "__getitem__" || text == "__call__" || text == "__or__" || text == "__ror__";
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

Value alias_new(Thread& t, Value* args, size_t) { return make_generic_alias(t, args[1], args[2]); }

const NativeRow kAliasMethods[] = {
    {"__new__", alias_new, "(cls, origin, args, /)", "A parameterised generic class.", Binding::Static},
    {"__mro_entries__", alias_mro_entries, "(self, bases, /)", ""},
    {"__instancecheck__", alias_refuse_instance, "(self, instance, /)", ""},
    {"__subclasscheck__", alias_refuse_subclass, "(self, cls, /)", ""},
};

const Layout generic_alias_layout = {
    .name = "GenericAlias", .module = "types", .kind = Kind::Native, .size = sizeof(GenericAlias), .trace = alias_trace,
    .ops = {.repr = alias_repr, .hash = alias_hash, .compare = alias_compare, .get_item = alias_get_item, .iterate = alias_iterate, .call = alias_call,
            .get_attribute = alias_get_attribute, .binary = alias_binary},
    .methods = kAliasMethods, .method_count = std::size(kAliasMethods),
    .help = "Represent a PEP 585 generic type: list[int]."};

}  // namespace

Value make_generic_alias(Thread& t, Value origin, Value arguments) {
  Value tuple = is_kind(arguments, Kind::Tuple) ? arguments : Value::of_object(make_tuple(t, {arguments}));
  auto alias = t.heap->make<GenericAlias>(native_type(t, generic_alias_layout)->root_shape);
  alias->origin = origin;
  alias->arguments = as<Tuple>(tuple);
  alias->is_unpacked = false;
  return Value::of_object(alias);
}

Value class_get_item(Thread& t, Value* args, size_t) { return make_generic_alias(t, args[0], args[1]); }

}  // namespace mini
