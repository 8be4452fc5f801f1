// SPDX-License-Identifier: MIT
// _functools: the parts of functools that are worth native speed: reduce, partial, cmp_to_key and the wrapper that lru_cache
// makes. The rest is functools.mini.
#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

Value functools_reduce(Thread& t, Value* args, size_t) {
  Value total = args[2];
  Value source = args[1];
  if (!is_iterable(t, source))
    return raise_text(t, ErrorType::TypeError, "reduce() arg 2 must support iteration");
  Iteration it(t, source);
  for (;;) {
    Value item = it.next();
    if (item.is_raised() || item.is_empty()) {
      if (item.is_raised()) return item;
      break;
    }
    total = total.is_empty() ? item : TRY(call(t, args[0], {total, item}));
  }
  return total.is_empty() ? raise_text(t, ErrorType::TypeError, "reduce() of empty iterable with no initial value") : total;
}

// --- partial ---

struct Partial : Object {
  Value function;
  Tuple* args;
  Dict* keywords;
  AttributeStore store;
};

extern const Layout partial_layout;

void partial_trace(Object* self, Marker& marker) {
  auto p = static_cast<Partial*>(self);
  marker.mark(p->function);
  marker.mark_pointer(p->args);
  marker.mark_pointer(p->keywords);
}

bool is_partial(Value v) { return v.is_object() && type_of(v.object)->layout == &partial_layout; }

// args: cls, keywords, then function and its first arguments. A partial of a partial is one partial.
Value partial_new(Thread& t, Value* args, size_t argc) {
  if (argc < 3) return raise_text(t, ErrorType::TypeError, "type 'partial' takes at least one argument");
  Value function = args[2];
  if (!is_callable(t, function)) return raise_text(t, ErrorType::TypeError, "the first argument must be callable");
  ValueList values(t);
  Dict* keywords = make_dict(t);
  Value keywords_value = Value::of_object(keywords);
  bool is_bare = is_partial(function) && is_exact(function, Kind::Native) && function.object->shape->count == 0;
  if (is_bare && !function.object->shape->is_dictionary) {
    auto inner = as<Partial>(function);
    for (uint64_t i = 0; i < inner->args->length; ++i) values.push(inner->args->items[i]);
    TRY(dict_update_with(t, keywords, Value::of_object(inner->keywords)));
    function = inner->function;
  }
  for (size_t i = 3; i < argc; ++i) values.push(args[i]);
  TRY(dict_update_with(t, as<Dict>(keywords_value), args[1]));
  Tuple* all = make_tuple(t, values.data(), values.size());
  auto p = static_cast<Partial*>(allocate_object(t, as<Type>(args[0])));
  p->function = function;
  p->args = all;
  p->keywords = keywords;
  return Value::of_object(p);
}

Value partial_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  auto p = as<Partial>(self);
  size_t named = keyword_names ? keyword_names->length : 0;
  if (p->keywords->count == 0 && p->args->length + argc + named <= 16) {
    Value values[16];
    size_t n = 0;
    for (uint64_t i = 0; i < p->args->length; ++i) values[n++] = p->args->items[i];
    for (size_t i = 0; i < argc + named; ++i) values[n++] = args[i];
    return call(t, p->function, values, p->args->length + argc, keyword_names);
  }
  ValueList values(t);
  for (uint64_t i = 0; i < p->args->length; ++i) values.push(p->args->items[i]);
  for (size_t i = 0; i < argc; ++i) values.push(args[i]);
  size_t positional = values.size();
  Dict* keywords = dict_copy(t, p->keywords);
  for (size_t i = 0; i < named; ++i) TRY(dict_set_item(t, keywords, keyword_names->items[i], args[argc + i]));
  Tuple* all_names = make_tuple(t, static_cast<size_t>(keywords->count));
  size_t n = 0;
  for (DictCursor c(keywords); c.next();) {
    store(all_names, all_names->items[n++], c.entry->key);
    values.push(c.entry->value);
  }
  return call(t, p->function, values.data(), positional, n ? all_names : nullptr);
}

Value partial_repr(Thread& t, Value self) {
  ReprGuard guard(t, self.object);
  auto p = as<Partial>(self);
  std::string name = is_exact(self, Kind::Native) ? "functools.partial" : short_type_name(t, self);
  if (guard.is_recursive()) return str_value(make_str(t, name + "(...)"));
  std::string out = name + "(";
  if (!append_repr(t, out, p->function)) return Value::raised();
  for (uint64_t i = 0; i < p->args->length; ++i) {
    out += ", ";
    if (!append_repr(t, out, p->args->items[i])) return Value::raised();
  }
  for (DictCursor c(p->keywords); c.next();) {
    Str* key = to_str(t, c.entry->key);
    if (!key) return Value::raised();
    out += ", " + to_utf8(key) + "=";
    if (!append_repr(t, out, c.entry->value)) return Value::raised();
  }
  return str_value(make_str(t, out + ")"));
}

Value partial_get_func(Thread&, Value self) { return as<Partial>(self)->function; }
Value partial_get_args(Thread&, Value self) { return Value::of_object(as<Partial>(self)->args); }
Value partial_get_keywords(Thread&, Value self) { return Value::of_object(as<Partial>(self)->keywords); }

// copy and pickle make a bare partial of the function and then set everything by __setstate__.
Value partial_reduce(Thread& t, Value* args, size_t) {
  auto p = as<Partial>(args[0]);
  Value own = p->shape->count || p->shape->is_dictionary ? Value::of_object(attribute_dict(t, p)) : Value::none();
  Value function = Value::of_object(make_tuple(t, {p->function}));
  Value state = Value::of_object(make_tuple(t, {p->function, Value::of_object(p->args), Value::of_object(p->keywords), own}));
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(t, args[0])), function, state}));
}

Value partial_set_state(Thread& t, Value* args, size_t) {
  auto p = as<Partial>(args[0]);
  auto state = is_kind(args[1], Kind::Tuple) ? as<Tuple>(args[1]) : nullptr;
  bool is_valid = state && state->length == 4 && is_callable(t, state->items[0]) && is_kind(state->items[1], Kind::Tuple) &&
                  (is_kind(state->items[2], Kind::Dict) || state->items[2].is_none());
  if (!is_valid) return raise_text(t, ErrorType::TypeError, "invalid partial state");
  Tuple* positional = is_exact(state->items[1], Kind::Tuple) ? as<Tuple>(state->items[1]) : as<Tuple>(TRY(to_tuple(t, state->items[1])));
  Dict* keywords = state->items[2].is_none() ? make_dict(t) : dict_copy(t, as<Dict>(state->items[2]));
  note_write(p);
  p->function = state->items[0];
  p->args = positional;
  p->keywords = keywords;
  if (is_kind(state->items[3], Kind::Dict)) replace_attribute_dict(t, p, as<Dict>(state->items[3]));
  return Value::none();
}

const NativeRow kPartialMethods[] = {
    {"__new__", partial_new, "(cls, /, *args, **keywords)",
     "partial(func, *args, **keywords) - new function with partial application\n    of the given arguments and keywords.\n", Binding::Static},
    {"__reduce__", partial_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", partial_set_state, "(self, state, /)", ""},
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585", Binding::Class},
};
const AttributeRow kPartialAttributes[] = {
    {"func", partial_get_func, nullptr, "function object to use in future partial calls"},
    {"args", partial_get_args, nullptr, "tuple of arguments to future partial calls"},
    {"keywords", partial_get_keywords, nullptr, "dictionary of keyword arguments to future partial calls"},
};

const Layout partial_layout = {
    .name = "partial", .module = "functools", .kind = Kind::Native, .size = sizeof(Partial), .flags = kSubclassable | kHasAttributes,
    .trace = partial_trace, .ops = {.repr = partial_repr, .call = partial_call},
    .methods = kPartialMethods, .method_count = std::size(kPartialMethods),
    .attributes = kPartialAttributes, .attribute_count = std::size(kPartialAttributes), .help = kPartialMethods[0].help};

// --- cmp_to_key ---

struct CompareKey : Object {
  Value compare, object;    // object Empty: the factory itself
};

extern const Layout compare_key_layout;

void compare_key_trace(Object* self, Marker& marker) {
  marker.mark(static_cast<CompareKey*>(self)->compare);
  marker.mark(static_cast<CompareKey*>(self)->object);
}

Value make_compare_key(Thread& t, Value compare, Value object) {
  auto k = t.heap->make<CompareKey>(native_type(t, compare_key_layout)->root_shape);
  k->compare = compare;
  k->object = object;
  return Value::of_object(k);
}

Value compare_key_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  size_t given = argc + (keyword_names ? keyword_names->length : 0);
  if (given != 1) return raise(t, ErrorType::TypeError, "K() missing required argument 'obj' (pos 1)");
  return make_compare_key(t, as<CompareKey>(self)->compare, args[0]);
}

Value compare_key_compare(Thread& t, CompareOp op, Value a, Value b) {
  bool is_key = b.is_object() && type_of(b.object)->layout == &compare_key_layout;
  if (!is_key || as<CompareKey>(b)->object.is_empty())
    return raise_text(t, ErrorType::TypeError, "other argument must be K instance");
  Value result = TRY(call(t, as<CompareKey>(a)->compare, {as<CompareKey>(a)->object, as<CompareKey>(b)->object}));
  return compare_values(t, op, result, Value::of_int(0));
}

Value compare_key_get_obj(Thread&, Value self) {
  Value v = as<CompareKey>(self)->object;
  return v.is_empty() ? Value::none() : v;
}

const AttributeRow kCompareKeyAttributes[] = {
    {"obj", compare_key_get_obj, nullptr, "Value wrapped by a key function."},
};

const Layout compare_key_layout = {
    .name = "KeyWrapper", .module = "functools", .kind = Kind::Native, .size = sizeof(CompareKey), .flags = kNoInstantiation,
    .trace = compare_key_trace, .ops = {.compare = compare_key_compare, .call = compare_key_call},
    .attributes = kCompareKeyAttributes, .attribute_count = std::size(kCompareKeyAttributes)};

Value functools_cmp_to_key(Thread& t, Value* args, size_t) { return make_compare_key(t, args[0], Value::empty()); }

// --- lru_cache ---
// A dict in order of use: a hit moves its entry to the end, and the first entry is the one to drop.

struct Cache : Object {
  Value function, info_type;
  Dict* results;
  int64_t limit;            // -1: none
  int64_t hits, misses;
  bool is_typed;
  AttributeStore store;
};

void cache_trace(Object* self, Marker& marker) {
  auto c = static_cast<Cache*>(self);
  marker.mark(c->function);
  marker.mark(c->info_type);
  marker.mark_pointer(c->results);
}

Value cache_new(Thread& t, Value* args, size_t) {
  if (!is_callable(t, args[1])) return raise_text(t, ErrorType::TypeError, "the first argument must be callable");
  int64_t limit = -1;
  if (!args[2].is_none()) {
    if (!is_integer(args[2]) && !type_of(t, args[2])->ops.index)
      return raise_text(t, ErrorType::TypeError, "maxsize should be integer or None");
    if (!to_index(t, args[2], limit)) return Value::raised();
    limit = std::max<int64_t>(limit, 0);
  }
  bool is_typed = TRY(truth(t, args[3])).is_true();
  Dict* results = make_dict(t);
  auto c = static_cast<Cache*>(allocate_object(t, as<Type>(args[0])));
  c->function = args[1];
  c->info_type = args[4];
  c->results = results;
  c->limit = limit;
  c->hits = c->misses = 0;
  c->is_typed = is_typed;
  return Value::of_object(c);
}

// What stands for a call in the dict: a single int or str itself, else a tuple of everything.
Value call_key(Thread& t, Cache* c, const Value* args, size_t argc, Tuple* keyword_names) {
  bool is_plain = !keyword_names && !c->is_typed;
  if (is_plain && argc == 1 && (args[0].is_int() || is_exact(args[0], Kind::Str))) return args[0];
  if (is_plain) return Value::of_object(make_tuple(t, args, argc));
  ValueList parts(t);
  size_t named = keyword_names ? keyword_names->length : 0;
  for (size_t i = 0; i < argc; ++i) parts.push(args[i]);
  if (named) parts.push(t.interpreter->ellipsis);   // keeps positional and named apart
  for (size_t i = 0; i < named; ++i) {
    parts.push(keyword_names->items[i]);
    parts.push(args[argc + i]);
  }
  if (c->is_typed)
    for (size_t i = 0; i < argc + named; ++i) parts.push(Value::of_object(type_of(t, args[i])));
  // The keyed forms are wrapped once more, so that no positional call has an equal key.
  Value key = Value::of_object(make_tuple(t, parts.data(), parts.size()));
  return Value::of_object(make_tuple(t, {t.interpreter->not_implemented, key}));
}

Value cache_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  auto c = as<Cache>(self);
  if (t.native_stack_is_low()) return raise_recursion(t);
  if (c->limit == 0) {
    ++c->misses;
    return call(t, c->function, args, argc, keyword_names);
  }
  Value key = TRY(call_key(t, c, args, argc, keyword_names));
  Value known = TRY(dict_get_item(t, c->results, key));
  if (!known.is_empty()) {
    ++c->hits;
    if (c->limit > 0) {
      Value moved = TRY(dict_delete_item(t, c->results, key));
      if (moved.is_true()) TRY(dict_set_item(t, c->results, key, known));
    }
    return known;
  }
  ++c->misses;
  Value result = TRY(call(t, c->function, args, argc, keyword_names));
  bool is_full = c->limit > 0 && static_cast<int64_t>(c->results->count) >= c->limit;
  // The call may have stored this very key; then nothing has to go.
  if (is_full && TRY(dict_get_item(t, c->results, key)).is_empty()) {
    int64_t oldest = dict_first(c->results);
    if (oldest >= 0) TRY(dict_delete_item(t, c->results, c->results->entries[oldest].key));
  }
  TRY(dict_set_item(t, c->results, key, result));
  return result;
}

Value cache_descriptor_get(Thread& t, Value self, Value instance, Value) {
  return instance.is_empty() || instance.is_none() ? self : make_bound_method(t, self, instance);
}

Value cache_info(Thread& t, Value* args, size_t) {
  auto c = as<Cache>(args[0]);
  Value limit = c->limit < 0 ? Value::none() : Value::of_int(c->limit);
  return call(t, c->info_type, {Value::of_int(c->hits), Value::of_int(c->misses), limit, Value::of_int(static_cast<int64_t>(c->results->count))});
}

Value cache_clear(Thread& t, Value* args, size_t) {
  auto c = as<Cache>(args[0]);
  dict_clear(t, c->results);
  c->hits = c->misses = 0;
  return Value::none();
}

Value cache_self(Thread&, Value* args, size_t) { return args[0]; }

const NativeRow kCacheMethods[] = {
    {"__new__", cache_new, "(cls, user_function, maxsize, typed, cache_info_type)", "Create a cached callable that wraps another function.",
     Binding::Static},
    {"cache_info", cache_info, "(self, /)", "Report cache statistics"},
    {"cache_clear", cache_clear, "(self, /)", "Clear the cache and cache statistics"},
    {"__copy__", cache_self, "(self, /)", ""},
    {"__deepcopy__", cache_self, "(self, memo, /)", ""},
};

const Layout cache_layout = {
    .name = "_lru_cache_wrapper", .module = "functools", .kind = Kind::Native, .size = sizeof(Cache), .flags = kHasAttributes,
    .trace = cache_trace, .ops = {.call = cache_call, .descriptor_get = cache_descriptor_get},
    .methods = kCacheMethods, .method_count = std::size(kCacheMethods), .help = kCacheMethods[0].help};

Value functools_seal(Thread& t, Value* args, size_t) {
  if (!is_type_object(args[0])) return raise(t, ErrorType::TypeError, "seal() argument must be a class, not {}", type_name(t, args[0]));
  seal_type(as<Type>(args[0]));
  return Value::none();
}

const NativeRow kFunctions[] = {
    {"reduce", functools_reduce, "(function, iterable, initial=None, /)",
     "Apply a function of two arguments cumulatively to the items of a sequence\nor iterable, from left to right, so as to reduce the "
     "iterable to a single\nvalue."},
    {"_seal", functools_seal, "(cls, /)", "Let no attribute of a class of the library be set any more, as if it were native."},
    {"cmp_to_key", functools_cmp_to_key, "(mycmp)", "Convert a cmp= function into a key= function."},
};

Value setup(Thread& t, Module* m) {
  module_add_type(t, m, partial_layout);
  module_add_type(t, m, cache_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule functools_native_module;
const NativeModule functools_native_module = {
    .name = "_functools", .functions = kFunctions, .function_count = std::size(kFunctions), .setup = setup,
    .help = "Tools that operate on functions."};

}  // namespace mini
