// SPDX-License-Identifier: MIT
// _collections: deque, and the types that need to be close to dict and tuple: defaultdict, OrderedDict, and the
// counting loop of Counter. The rest of collections is written in Mini.
#include <algorithm>
#include <cstdlib>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/deque.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/dict_views.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/tuple_getter.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// The dict's own functions, for types that add to it. Not `dict_layout.trace` in a table: that would be read before it is set.
void base_trace(Object* self, Marker& marker) { dict_layout.trace(self, marker); }
void base_finalize(Object* self, Heap& heap) { dict_layout.finalize(self, heap); }

// --- defaultdict ---

struct DefaultDict : Dict {
  Value factory;
};

void defaultdict_trace(Object* self, Marker& marker) {
  base_trace(self, marker);
  marker.mark(static_cast<DefaultDict*>(self)->factory);
}

Value defaultdict_new(Thread& t, Value* args, size_t) {
  auto d = static_cast<DefaultDict*>(make_dict_of(t, as<Type>(args[0])));
  d->factory = Value::none();
  return Value::of_object(d);
}

// args: self, keywords, then factory and what dict() takes.
Value defaultdict_init(Thread& t, Value* args, size_t argc) {
  auto d = as<DefaultDict>(args[0]);
  Value factory = argc > 2 ? args[2] : Value::none();
  if (!factory.is_none() && !is_callable(t, factory))
    return raise_text(t, ErrorType::TypeError, "first argument must be callable or None");
  if (argc > 4) return raise(t, ErrorType::TypeError, "dict expected at most 1 argument, got {}", argc - 3);
  store(d, d->factory, factory);
  if (argc == 4) TRY(dict_update_with(t, d, args[3]));
  return dict_update_with(t, d, args[1]);
}

Value defaultdict_missing(Thread& t, Value* args, size_t) {
  auto d = as<DefaultDict>(args[0]);
  if (d->factory.is_none()) return raise_with_argument(t, ErrorType::KeyError, args[1]);
  Value made = TRY(call(t, d->factory));
  TRY(is_exact(args[0], Kind::Instance) && !(type_of(d)->type_flags & kTypeIsScript) ? dict_set_item(t, d, args[1], made)
                                                                                     : set_item(t, args[0], args[1], made));
  return made;
}

Value defaultdict_copy(Thread& t, Value* args, size_t) {
  auto d = as<DefaultDict>(args[0]);
  return call(t, Value::of_object(type_of(d)), {d->factory, args[0]});
}

Value defaultdict_repr(Thread& t, Value self) {
  auto d = as<DefaultDict>(self);
  std::string out = std::string(short_type_name(t, self)) + "(";
  ReprGuard guard(t, d);
  if (guard.is_recursive()) return str_value(make_str(t, out + "...)"));
  if (!append_repr(t, out, d->factory)) return Value::raised();
  out += ", {";
  bool is_first = true;
  for (uint32_t i = 0; i < d->used; ++i) {
    DictEntry entry = d->entries[i];
    if (entry.key.is_empty()) continue;
    if (!is_first) out += ", ";
    is_first = false;
    if (!append_repr(t, out, entry.key)) return Value::raised();
    out += ": ";
    if (!append_repr(t, out, entry.value)) return Value::raised();
  }
  return str_value(make_str(t, out + "})"));
}

// a | b: a defaultdict with the factory of whichever side is one.
Value defaultdict_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op != BinaryOp::Or || !is_kind(a, Kind::Dict) || !is_kind(b, Kind::Dict)) return t.interpreter->not_implemented;
  bool left_is_default = type_of(a.object)->ops.repr == defaultdict_repr;
  Value like = left_is_default ? a : b;
  if (type_of(like.object)->layout->size != sizeof(DefaultDict)) return t.interpreter->not_implemented;
  Value result = TRY(call(t, Value::of_object(type_of(like.object)), {as<DefaultDict>(like)->factory, a}));
  TRY(dict_update_with(t, as<Dict>(result), b));
  return result;
}

Value defaultdict_get_factory(Thread&, Value self) { return as<DefaultDict>(self)->factory; }

Value defaultdict_set_factory(Thread&, Value self, Value v) {
  store(self.object, as<DefaultDict>(self)->factory, v.is_empty() ? Value::none() : v);
  return Value::none();
}

const NativeRow kDefaultDictMethods[] = {
    {"__new__", defaultdict_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", defaultdict_init, "(self, /, *args, **kwargs)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"__missing__", defaultdict_missing, "(self, key, /)",
     "__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n  if self.default_factory is None: raise KeyError((key,))\n  "
     "self[key] = value = self.default_factory()\n  return value"},
    {"copy", defaultdict_copy, "(self, /)", "D.copy() -> a shallow copy of D."},
    {"__copy__", defaultdict_copy, "(self, /)", "D.copy() -> a shallow copy of D."},
};
const AttributeRow kDefaultDictAttributes[] = {
    {"default_factory", defaultdict_get_factory, defaultdict_set_factory, "Factory for default value called by __missing__()."},
};

const Layout defaultdict_layout = {
    .name = "defaultdict", .module = "collections", .kind = Kind::Dict, .size = sizeof(DefaultDict), .flags = kSubclassable,
    .base = &dict_layout, .trace = defaultdict_trace, .finalize = base_finalize,
    .ops = {.repr = defaultdict_repr, .binary = defaultdict_binary}, .methods = kDefaultDictMethods,
    .method_count = std::size(kDefaultDictMethods), .attributes = kDefaultDictAttributes, .attribute_count = std::size(kDefaultDictAttributes),
    .help = "defaultdict(default_factory=None, /, [...]) --> dict with default factory"};

// --- OrderedDict ---

struct OrderedDict : Dict {
  AttributeStore store;
};

extern const Layout ordered_dict_layout;
bool is_ordered(Value v) { return is_kind(v, Kind::Dict) && is_subtype(type_of(v.object), native_type(*type_of(v.object)->interpreter, ordered_dict_layout)); }

Value ordered_dict_repr(Thread& t, Value self) {
  auto d = as<Dict>(self);
  std::string out = std::string(short_type_name(t, self)) + "(";
  ReprGuard guard(t, d);
  if (guard.is_recursive()) return str_value(make_str(t, "..."));
  if (d->count == 0) return str_value(make_str(t, out + ")"));
  out += "[";
  Value items = TRY(call_method(t, self, names(t).items));
  Value pairs = TRY(to_list(t, items));
  if (!append_items(t, out, as<List>(pairs))) return Value::raised();
  return str_value(make_str(t, out + "])"));
}

// Two OrderedDicts are equal when their items are, in the same order.
Value ordered_dict_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (op != CompareOp::Eq && op != CompareOp::Ne) return t.interpreter->not_implemented;
  Value same = TRY(dict_layout.ops.compare(t, CompareOp::Eq, a, b));
  if (!same.is_bool()) return same;
  if (same.is_true() && is_ordered(a) && is_ordered(b)) {
    Value x = TRY(to_list(t, a));
    same = TRY(sequence_compare(t, CompareOp::Eq, x, TRY(to_list(t, b))));
  }
  return Value::of_bool(same.is_true() == (op == CompareOp::Eq));
}

// args: self, key, last
Value ordered_dict_move_to_end(Thread& t, Value* args, size_t) {
  auto d = as<Dict>(args[0]);
  bool to_last = args[2].is_empty() || TRY(truth(t, args[2])).is_true();
  Value v = TRY(dict_get_item(t, d, args[1]));
  if (v.is_empty()) return raise_with_argument(t, ErrorType::KeyError, args[1]);
  if (to_last) {
    TRY(dict_delete_item(t, d, args[1]));
    return dict_set_item(t, d, args[1], v);
  }
  Dict* rest = dict_copy(t, d);
  TRY(dict_delete_item(t, rest, args[1]));
  dict_clear(t, d);
  TRY(dict_set_item(t, d, args[1], v));
  return dict_update_with(t, d, Value::of_object(rest));
}

// args: self, last
Value ordered_dict_popitem(Thread& t, Value* args, size_t) {
  auto d = as<Dict>(args[0]);
  if (d->count == 0) return raise_with_argument(t, ErrorType::KeyError, str_value(make_str(t, "dictionary is empty")));
  bool is_last = args[1].is_empty() || TRY(truth(t, args[1])).is_true();
  int64_t i = dict_first(d);
  if (is_last)
    for (i = d->used - 1; d->entries[i].key.is_empty();) --i;
  DictEntry entry = d->entries[i];
  Value pair = Value::of_object(make_tuple(t, {entry.key, entry.value}));
  TRY(dict_delete_item(t, d, entry.key));
  return pair;
}

Value ordered_dict_copy(Thread& t, Value* args, size_t) { return call(t, Value::of_object(type_of(args[0].object)), {args[0]}); }

Value ordered_dict_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op != BinaryOp::Or || !is_kind(a, Kind::Dict) || !is_kind(b, Kind::Dict)) return t.interpreter->not_implemented;
  Value like = is_ordered(a) ? a : b;
  Value result = TRY(call(t, Value::of_object(type_of(like.object)), {a}));
  TRY(dict_update_with(t, as<Dict>(result), b));
  return result;
}

// A class derived from OrderedDict sees what is put into it through its own __setitem__.
Value ordered_dict_put(Thread& t, Value self, Value key, Value v) {
  bool is_plain = type_of(self.object) == native_type(t, ordered_dict_layout);
  return is_plain ? dict_set_item(t, as<Dict>(self), key, v) : set_item(t, self, key, v);
}

Value put_pair(Thread& t, Value self, Value pair) {
  Value iterator = TRY(get_iterator(t, pair));
  Value both[2];
  for (int i = 0; i < 2; ++i) {
    both[i] = TRY(iterator_next(t, iterator));
    if (both[i].is_empty()) return raise(t, ErrorType::ValueError, "need more than {} value{} to unpack", i, i == 1 ? "" : "s");
  }
  if (!TRY(iterator_next(t, iterator)).is_empty()) return raise_text(t, ErrorType::ValueError, "too many values to unpack (expected 2)");
  return ordered_dict_put(t, self, both[0], both[1]);
}

Value put_pairs(Thread& t, Value self, Value pairs) {
  for (Iteration it(t, pairs);;) {
    Value pair = TRY(it.next());
    if (pair.is_empty()) return Value::none();
    TRY(put_pair(t, self, pair));
  }
}

Value ordered_dict_update_with(Thread& t, Value self, Value source) {
  if (is_exact(source, Kind::Dict)) return put_pairs(t, self, TRY(to_list(t, TRY(call_method(t, source, names(t).items)))));
  Value keys = TRY(get_attribute_or_empty(t, source, names(t).keys));
  if (keys.is_empty()) {
    Value items = TRY(get_attribute_or_empty(t, source, names(t).items));
    return put_pairs(t, self, items.is_empty() ? source : TRY(call(t, items)));
  }
  Value all = TRY(to_list(t, TRY(call(t, keys))));
  for (Iteration it(t, all);;) {
    Value key = TRY(it.next());
    if (key.is_empty()) return Value::none();
    TRY(ordered_dict_put(t, self, key, TRY(get_item(t, source, key))));
  }
}

// args: self, keywords, then the positional ones.
Value ordered_dict_init(Thread& t, Value* args, size_t argc) {
  if (argc > 3) return raise(t, ErrorType::TypeError, "expected at most 1 arguments, got {}", argc - 2);
  if (argc == 3) TRY(ordered_dict_update_with(t, args[0], args[2]));
  return is_kind(args[1], Kind::Dict) ? ordered_dict_update_with(t, args[0], args[1]) : Value::none();
}

Value ordered_dict_update(Thread& t, Value* args, size_t argc) {
  if (argc > 3) return raise(t, ErrorType::TypeError, "update() takes at most 1 positional argument ({} given)", argc - 2);
  return ordered_dict_init(t, args, argc);
}

Value ordered_dict_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (op != BinaryOp::Or) return t.interpreter->not_implemented;
  TRY(ordered_dict_update_with(t, a, b));
  return a;
}

const NativeRow kOrderedDictMethods[] = {
    {"__init__", ordered_dict_init, "(self, /, *args, **kwargs)", "Initialize self."},
    {"update", ordered_dict_update, "(self, /, *args, **kwargs)", "D.update([E, ]**F) -> None.  Update D from dict/iterable E and F."},
    {"move_to_end", ordered_dict_move_to_end, "(self, /, key, last=True)",
     "Move an existing element to the end (or beginning if last is false).\n\nRaise KeyError if the element does not exist."},
    {"popitem", ordered_dict_popitem, "(self, /, last=True)",
     "Remove and return a (key, value) pair from the dictionary.\n\nPairs are returned in LIFO order if last is true or FIFO order if false."},
    {"copy", ordered_dict_copy, "(self, /)", "od.copy() -> a shallow copy of od"},
    {"__copy__", ordered_dict_copy, "(self, /)", ""},
};

// A comparison of its own needs no hash: the dict's absence of one counts.
const Layout ordered_dict_layout = {
    .name = "OrderedDict", .module = "collections", .kind = Kind::Dict, .size = sizeof(OrderedDict), .flags = kSubclassable | kHasAttributes | kWatchesOrder,
    .base = &dict_layout, .trace = base_trace, .finalize = base_finalize,
    .ops = {.repr = ordered_dict_repr, .compare = ordered_dict_compare, .binary = ordered_dict_binary, .inplace = ordered_dict_inplace},
    .methods = kOrderedDictMethods, .method_count = std::size(kOrderedDictMethods), .help = "Dictionary that remembers insertion order"};

// --- Counter's loop ---

// mapping[item] = mapping.get(item, 0) + 1 for each item. A dict with its own `get` or `__setitem__` is asked through them.
Value count_elements(Thread& t, Value* args, size_t) {
  Value mapping = args[0];
  Type* type = type_of(t, mapping);
  auto is_inherited = [&](Str* name) { return type_lookup(type, name).is_same(type_lookup(types(t).dict, name)); };
  bool is_plain = is_kind(mapping, Kind::Dict) && is_inherited(names(t).setitem) && is_inherited(intern(t, "get"));
  Value get = is_plain ? Value::none() : TRY(get_attribute(t, mapping, "get"));
  auto count_plain = [&](const Value& item) {
    Value* count = is_plain ? dict_find_plain(t, as<Dict>(mapping), item) : nullptr;
    if (!count || !count->is_int() || count->integer == INT64_MAX) return false;
    ++count->integer;
    return true;
  };
  for (Iteration it(t, args[1]);;) {
    Value item = TRY(it.give(count_plain));
    if (item.is_empty()) return Value::none();
    Value count = is_plain ? TRY(dict_get_item(t, as<Dict>(mapping), item)) : TRY(call(t, get, {item, Value::of_int(0)}));
    count = TRY(binary_operation(t, BinaryOp::Add, count.is_empty() ? Value::of_int(0) : count, Value::of_int(1)));
    TRY(is_plain ? dict_set_item(t, as<Dict>(mapping), item, count) : set_item(t, mapping, item, count));
  }
}

const NativeRow kFunctions[] = {
    {"_count_elements", count_elements, "(mapping, iterable, /)", "Count elements in the iterable, updating the mapping"},
};

Value setup(Thread& t, Module* m) {
  for (const Layout* layout : {&deque_layout, &defaultdict_layout, &ordered_dict_layout, &tuplegetter_layout}) module_add_type(t, m, *layout);
  return Value::none();
}

}  // namespace

extern const NativeModule collections_native_module;
const NativeModule collections_native_module = {
    .name = "_collections", .functions = kFunctions, .function_count = std::size(kFunctions), .setup = setup,
    .help = "High performance data structures."};

}  // namespace mini
