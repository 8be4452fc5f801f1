// SPDX-License-Identifier: MIT
#include "runtime/objects/context.h"

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

bool is_full(const Object* kept) { return kept && kept->extra == kIsFullContext; }

ContextMap* map_of(Object* kept) {
  return is_full(kept) ? static_cast<Context*>(kept)->map : static_cast<ContextMap*>(kept);
}

Object* current(Thread& t) { return t.context.is_object() ? t.context.object : nullptr; }

ContextBinding* find_binding(ContextMap* map, const ContextVariable* variable) {
  if (!map) return nullptr;
  for (uint64_t i = 0; i < map->count; ++i)
    if (map->bindings[i].variable == variable) return &map->bindings[i];
  return nullptr;
}

ContextMap* make_map(Thread& t, uint64_t count) {
  auto map = make_native<ContextMap>(t, context_map_layout, count * sizeof(ContextBinding));
  map->count = count;
  map->bindings = reinterpret_cast<ContextBinding*>(map + 1);
  for (uint64_t i = 0; i < count; ++i) map->bindings[i] = {nullptr, Value::none()};
  return map;
}

ContextMap* with_binding(Thread& t, ContextMap* old, ContextVariable* variable, Value v) {
  uint64_t count = old ? old->count : 0;
  bool is_new = !find_binding(old, variable);
  ContextMap* map = make_map(t, count + is_new);
  for (uint64_t i = 0; i < count; ++i) map->bindings[i] = old->bindings[i];
  if (is_new) map->bindings[count] = {variable, v};
  else find_binding(map, variable)->value = v;
  return map;
}

ContextMap* without_binding(Thread& t, ContextMap* old, const ContextVariable* variable) {
  if (!find_binding(old, variable)) return old;
  if (old->count == 1) return nullptr;
  ContextMap* map = make_map(t, old->count - 1);
  uint64_t n = 0;
  for (uint64_t i = 0; i < old->count; ++i)
    if (old->bindings[i].variable != variable) map->bindings[n++] = old->bindings[i];
  return map;
}

Context* make_context(Thread& t, ContextMap* map) {
  auto context = make_native<Context>(t, context_layout);
  context->extra = kIsFullContext;
  context->map = map;
  context->is_entered = false;
  return context;
}

// The Context object that is current; a snapshot turns into one.
Context* current_full(Thread& t) {
  Object* kept = current(t);
  if (is_full(kept)) return static_cast<Context*>(kept);
  Context* context = make_context(t, map_of(kept));
  context->is_entered = true;
  t.context = Value::of_object(context);
  return context;
}

void trace_map(Object* self, Marker& marker) {
  auto map = static_cast<ContextMap*>(self);
  for (uint64_t i = 0; i < map->count; ++i) {
    marker.mark_pointer(map->bindings[i].variable);
    marker.mark(map->bindings[i].value);
  }
}

void trace_context(Object* self, Marker& marker) { marker.mark_pointer(static_cast<Context*>(self)->map); }

void trace_variable(Object* self, Marker& marker) {
  auto variable = static_cast<ContextVariable*>(self);
  marker.mark_pointer(variable->name);
  marker.mark(variable->default_value);
  marker.mark_pointer(variable->cached_map);
  marker.mark(variable->cached);
}

void trace_token(Object* self, Marker& marker) {
  auto token = static_cast<ContextToken*>(self);
  marker.mark_pointer(token->variable);
  marker.mark_pointer(token->context);
  marker.mark(token->old);
}

// Context

Context* self_context(Value v) { return as<Context>(v); }

Value context_new(Thread& t, Value*, size_t) { return Value::of_object(make_context(t, nullptr)); }

Value context_run(Thread& t, Value* args, size_t argc) {
  // args: self, callable, **kwargs, *args
  ContextScope scope(t);
  TRY(scope.enter(args[0].object));
  Dict* keywords = is_kind(args[2], Kind::Dict) && as<Dict>(args[2])->count ? as<Dict>(args[2]) : nullptr;
  Value result;
  if (!keywords) {
    result = call(t, args[1], args + 3, argc - 3);
  } else {
    ValueList values(t);
    for (size_t i = 3; i < argc; ++i) values.push(args[i]);
    Tuple* names = make_tuple(t, keywords->count);
    size_t n = 0;
    for (DictCursor c(keywords); c.next();) {
      names->items[n++] = c.entry->key;
      values.push(c.entry->value);
    }
    result = call(t, args[1], values.data(), argc - 3, names);
  }
  scope.leave();
  return result;
}

Value context_copy(Thread& t, Value* args, size_t) {
  return Value::of_object(make_context(t, self_context(args[0])->map));
}

bool require_variable(Thread& t, Value v) {
  if (v.is_object() && type_of(v.object)->layout == &context_variable_layout) return true;
  Str* text = to_repr(t, v);
  if (text) (void)raise(t, ErrorType::TypeError, "a ContextVar key was expected, got {}", to_utf8(text));
  return false;
}

Value context_lookup(Thread& t, Value* args, size_t) {
  if (!require_variable(t, args[1])) return Value::raised();
  ContextBinding* binding = find_binding(self_context(args[0])->map, as<ContextVariable>(args[1]));
  if (binding) return binding->value;
  return args[2].is_empty() ? Value::none() : args[2];
}

Value context_get_item(Thread& t, Value self, Value key) {
  if (!require_variable(t, key)) return Value::raised();
  ContextBinding* binding = find_binding(self_context(self)->map, as<ContextVariable>(key));
  return binding ? binding->value : raise_with_argument(t, ErrorType::KeyError, key);
}

Value context_contains(Thread& t, Value self, Value key) {
  if (!require_variable(t, key)) return Value::raised();
  return Value::of_bool(find_binding(self_context(self)->map, as<ContextVariable>(key)) != nullptr);
}

Value context_length(Thread&, Value self) {
  ContextMap* map = self_context(self)->map;
  return Value::of_int(map ? static_cast<int64_t>(map->count) : 0);
}

enum class Part { Keys, Values, Items };

template <Part part>
Value context_list(Thread& t, Value* args, size_t) {
  ContextMap* map = self_context(args[0])->map;
  List* list = make_list(t, map ? map->count : 0);
  for (uint64_t i = 0; map && i < map->count; ++i) {
    Value key = Value::of_object(map->bindings[i].variable);
    if (part == Part::Keys) list_push(t, list, key);
    else if (part == Part::Values) list_push(t, list, map->bindings[i].value);
    else list_push(t, list, Value::of_object(make_tuple(t, {key, map->bindings[i].value})));
  }
  return Value::of_object(list);
}

Value context_iterate(Thread& t, Value self) { return get_iterator(t, TRY(context_list<Part::Keys>(t, &self, 1))); }

Value context_compare(Thread& t, CompareOp op, Value a, Value b) {
  if ((op != CompareOp::Eq && op != CompareOp::Ne) || !is_context(a) || !is_context(b)) return t.interpreter->not_implemented;
  ContextMap* x = self_context(a)->map;
  ContextMap* y = self_context(b)->map;
  bool is_equal = (x ? x->count : 0) == (y ? y->count : 0);
  for (uint64_t i = 0; is_equal && x != y && x && i < x->count; ++i) {
    ContextBinding* other = find_binding(y, x->bindings[i].variable);
    is_equal = other && TRY(equal_values(t, x->bindings[i].value, other->value)).is_true();
  }
  return Value::of_bool(is_equal == (op == CompareOp::Eq));
}

constexpr NativeRow context_methods[] = {
    {"__new__", context_new, "(cls, /)", "A new, empty context.", Binding::Static},
    {"run", context_run, "(self, callable, /, *args, **kwargs)", "Calls callable(*args, **kwargs) inside this context."},
    {"copy", context_copy, "(self, /)", "A shallow copy."},
    {"get", context_lookup, "(self, key, default=None, /)", "The value of a variable, or default."},
    {"keys", context_list<Part::Keys>, "(self, /)", "The variables that have a value here."},
    {"values", context_list<Part::Values>, "(self, /)", "The values of all variables here."},
    {"items", context_list<Part::Items>, "(self, /)", "Pairs of variable and value."},
};

// ContextVar

Value variable_new(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "context variable name must be a str");
  auto variable = make_native<ContextVariable>(t, context_variable_layout);
  variable->name = as<Str>(args[1]);
  variable->default_value = args[2];
  variable->cached_map = nullptr;
  variable->cached = Value::empty();
  return Value::of_object(variable);
}

std::string describe_variable(Thread& t, ContextVariable* variable) {
  std::string text = "<ContextVar name=";
  if (Str* name = to_repr(t, str_value(variable->name))) text += to_utf8(name);
  if (!variable->default_value.is_empty())
    if (Str* s = to_repr(t, variable->default_value)) text += " default=" + to_utf8(s);
  return fmt::format("{} at {:#x}>", text, reinterpret_cast<uintptr_t>(variable));
}

Value variable_repr(Thread& t, Value self) {
  return str_value(make_str(t, describe_variable(t, as<ContextVariable>(self))));
}

Value variable_get(Thread& t, Value* args, size_t) {
  auto variable = as<ContextVariable>(args[0]);
  ContextMap* map = map_of(current(t));
  ContextBinding* binding = find_binding(map, variable);
  if (binding) return binding->value;
  if (!args[1].is_empty()) return args[1];
  if (!variable->default_value.is_empty()) return variable->default_value;
  return raise_with_argument(t, ErrorType::LookupError, args[0]);
}

Value variable_set(Thread& t, Value* args, size_t) { return context_set(t, as<ContextVariable>(args[0]), args[1]); }

Value token_repr(Thread& t, Value self) {
  auto token = as<ContextToken>(self);
  return str_value(make_str(t, fmt::format("<Token{} var={} at {:#x}>", token->is_used ? " used" : "",
                                           describe_variable(t, token->variable), reinterpret_cast<uintptr_t>(token))));
}

Value variable_reset(Thread& t, Value* args, size_t) {
  auto variable = as<ContextVariable>(args[0]);
  if (!args[1].is_object() || type_of(args[1].object)->layout != &context_token_layout)
    return raise(t, ErrorType::TypeError, "expected an instance of Token, got {}", to_utf8(to_repr(t, args[1])));
  auto token = as<ContextToken>(args[1]);
  auto describe = [&] { return to_utf8(as<Str>(token_repr(t, args[1]))); };
  if (token->is_used) return raise(t, ErrorType::RuntimeError, "{} has already been used once", describe());
  if (token->variable != variable) return raise(t, ErrorType::ValueError, "{} was created by a different ContextVar", describe());
  Object* now = current(t);
  if (now != token->context) return raise(t, ErrorType::ValueError, "{} was created in a different Context", describe());
  token->is_used = true;
  Context* context = token->context;
  if (token->old.is_empty()) context->map = without_binding(t, context->map, variable);
  else context->map = with_binding(t, context->map, variable, token->old);
  return Value::none();
}

Value variable_name(Thread&, Value self) { return str_value(as<ContextVariable>(self)->name); }
Value token_variable(Thread&, Value self) { return Value::of_object(as<ContextToken>(self)->variable); }

// Token.MISSING is the type object's own marker; Ellipsis-like singletons are overkill for it.
Value token_old_value(Thread& t, Value self) {
  auto token = as<ContextToken>(self);
  if (!token->old.is_empty()) return token->old;
  return get_attribute(t, Value::of_object(type_of(token)), "MISSING");
}

constexpr NativeRow variable_methods[] = {
    {"__new__", variable_new, "(cls, name, /, *, default=<none>)", "A new context variable.", Binding::Static},
    {"get", variable_get, "(self, default=None, /)", "The value in the current context, else default, else the variable's default."},
    {"set", variable_set, "(self, value, /)", "Binds the variable in the current context; returns a token for reset."},
    {"reset", variable_reset, "(self, token, /)", "Undoes the `set` that gave the token."},
};
constexpr AttributeRow variable_attributes[] = {{"name", variable_name, nullptr, "The variable's name."}};
constexpr AttributeRow token_attributes[] = {
    {"var", token_variable, nullptr, "The variable that was set."},
    {"old_value", token_old_value, nullptr, "Its value before, or Token.MISSING."},
};

}  // namespace

Object* context_snapshot(Thread& t) { return map_of(current(t)); }
Context* copy_context(Thread& t) { return make_context(t, map_of(current(t))); }

Context* full_context(Thread& t, Object* kept) {
  return is_full(kept) ? static_cast<Context*>(kept) : make_context(t, map_of(kept));
}

bool is_context(Value v) { return v.is_object() && v.object->kind == Kind::Native && type_of(v.object)->layout == &context_layout; }

Value context_get(Thread& t, ContextVariable* variable) {
  ContextMap* map = map_of(current(t));
  if (map && variable->cached_map == map && !variable->cached.is_empty()) return variable->cached;
  ContextBinding* binding = find_binding(map, variable);
  if (!binding) return variable->default_value;
  variable->cached_map = map;
  variable->cached = binding->value;
  return binding->value;
}

Value context_set(Thread& t, ContextVariable* variable, Value v) {
  Context* context = current_full(t);
  ContextBinding* binding = find_binding(context->map, variable);
  auto token = make_native<ContextToken>(t, context_token_layout);
  token->variable = variable;
  token->context = context;
  token->old = binding ? binding->value : Value::empty();
  token->is_used = false;
  context->map = with_binding(t, context->map, variable, v);
  return Value::of_object(token);
}

Value ContextScope::enter(Object* kept) {
  if (is_full(kept)) {
    auto context = static_cast<Context*>(kept);
    if (context->is_entered) {
      Str* text = to_repr(thread_, Value::of_object(kept));
      if (!text) return Value::raised();
      return raise(thread_, ErrorType::RuntimeError, "cannot enter context: {} is already entered", to_utf8(text));
    }
    context->is_entered = true;
  }
  outer_ = thread_.context;
  thread_.context = kept ? Value::of_object(kept) : Value::empty();
  return Value::none();
}

Object* ContextScope::leave() {
  Object* kept = current(thread_);
  if (is_full(kept)) static_cast<Context*>(kept)->is_entered = false;
  thread_.context = outer_;
  return kept;
}

const Layout context_map_layout = {
    .name = "ContextMap", .module = "_contextvars", .kind = Kind::Native, .size = sizeof(ContextMap),
    .flags = kNoInstantiation, .base = nullptr, .trace = trace_map, .finalize = nullptr, .ops = {},
    .methods = nullptr, .method_count = 0, .attributes = nullptr, .attribute_count = 0, .help = "The bindings of a context."};

const Layout context_layout = {
    .name = "Context", .module = "_contextvars", .kind = Kind::Native, .size = sizeof(Context), .flags = 0, .base = nullptr,
    .trace = trace_context, .finalize = nullptr,
    .ops = {.compare = context_compare, .length = context_length, .contains = context_contains, .get_item = context_get_item,
            .iterate = context_iterate},
    .methods = context_methods, .method_count = std::size(context_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "A mapping of context variables to their values."};

const Layout context_variable_layout = {
    .name = "ContextVar", .module = "_contextvars", .kind = Kind::Native, .size = sizeof(ContextVariable), .flags = 0,
    .base = nullptr, .trace = trace_variable, .finalize = nullptr, .ops = {.repr = variable_repr},
    .methods = variable_methods, .method_count = std::size(variable_methods),
    .attributes = variable_attributes, .attribute_count = std::size(variable_attributes),
    .help = "A variable whose value belongs to the current context."};

const Layout context_token_layout = {
    .name = "Token", .module = "_contextvars", .kind = Kind::Native, .size = sizeof(ContextToken), .flags = kNoInstantiation,
    .base = nullptr, .trace = trace_token, .finalize = nullptr, .ops = {.repr = token_repr},
    .methods = nullptr, .method_count = 0, .attributes = token_attributes, .attribute_count = std::size(token_attributes),
    .help = "What ContextVar.set returns, for ContextVar.reset."};

}  // namespace mini
