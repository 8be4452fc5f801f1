// SPDX-License-Identifier: MIT
// Lookup through the method resolution order, and what happens to caches when a class changes.
#include "runtime/objects/type.h"

#include <algorithm>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/shape.h"

namespace mini {

Type* type_of_tag(Thread& t, Tag tag) { return t.interpreter->tag_shapes[static_cast<int>(tag)]->type; }

const char* type_name(Thread& t, Value v) { return type_name(type_of(t, v)); }
const char* argument_type_name(Thread& t, Value v) { return v.is_none() ? "None" : type_name(t, v); }

namespace {

// Classes that CPython writes in Python, so messages show them without their module.
bool is_plain_module(std::string_view module) {
  return module == "builtins" || module == "threading" || module.starts_with("asyncio") || module == "concurrent.futures";
}

// And the other way round: classes of the library that CPython writes in C show their module.
bool is_shown_with_module(const Type* type) {
  if (!(type->type_flags & kTypeIsScript)) return false;
  Value module = dict_get(type->attributes, type->interpreter->names.module);
  if (!is_kind(module, Kind::Str)) return false;
  if (equals(as<Str>(module), "datetime")) return true;
  return equals(as<Str>(module), "weakref") && (equals(type->name, "ProxyType") || equals(type->name, "CallableProxyType"));
}

}  // namespace

// Names are ASCII nearly always; others are kept in UTF-8 by the interpreter for messages.
const char* type_name(Type* type) {
  if (type->utf8_name) return type->utf8_name;
  std::string name;
  if (is_shown_with_module(type)) {
    name = to_utf8(as<Str>(dict_get(type->attributes, type->interpreter->names.module))) + "." + to_utf8(type->name);
  } else if (type->type_flags & (kTypeIsScript | kTypeIsException)) {
    name = to_utf8(type->name);
  } else {
    if (is_plain_module(type->layout->module)) return type->layout->name;
    name = std::string(type->layout->module) + "." + type->layout->name;
  }
  type->utf8_name = strdup(name.c_str());
  return type->utf8_name;
}

const char* short_type_name(Type* type) {
  bool is_native = !(type->type_flags & (kTypeIsScript | kTypeIsException));
  if (is_native) return type->layout->name;
  const char* name = type_name(type);
  return is_shown_with_module(type) ? strchr(name, '.') + 1 : name;
}

const char* short_type_name(Thread& t, Value v) { return short_type_name(type_of(t, v)); }

Type* Type::metatype() const { return shape->type; }

Value type_lookup(Type* type, Str* interned, Type** owner) {
  constexpr size_t kPlaces = 1024;
  Interpreter& interpreter = *type->interpreter;
  auto& cache = interpreter.lookup_cache;
  if (MINI_UNLIKELY(cache.empty())) cache.resize(kPlaces, {nullptr, nullptr, Value::empty(), nullptr, 0});
  size_t place = ((reinterpret_cast<uintptr_t>(type) >> 5) ^ (reinterpret_cast<uintptr_t>(interned) >> 4)) % kPlaces;
  auto& entry = cache[place];
  if (entry.type != type || entry.name != interned || entry.generation != interpreter.lookup_generation) {
    entry = {type, interned, Value::empty(), nullptr, interpreter.lookup_generation};
    for (uint64_t i = 0; i < type->mro->length; ++i) {
      auto holder = as<Type>(type->mro->items[i]);
      Value v = dict_get(holder->attributes, interned);
      if (v.is_empty()) continue;
      entry.value = v;
      entry.owner = holder;
      break;
    }
  }
  if (owner) *owner = entry.owner;
  return entry.value;
}

Value type_lookup(Type* type, Str* interned) { return type_lookup(type, interned, nullptr); }

Type* seen_type(Thread& t, Value v) {
  Type* type = type_of(t, v);
  return type == types(t).bound_native ? types(t).native_function : type;
}

bool is_subtype(Type* type, Type* base) {
  if (type == base) return true;
  for (uint64_t i = 0; i < type->mro->length; ++i)
    if (type->mro->items[i].object == base) return true;
  return false;
}

bool is_plain_instance_of(Value v, Type* type) {
  Thread& t = *current_thread();
  return is_subtype(type_of(t, v), type);
}

// --- Changing classes ---

namespace {

// Inline caches that depend on `type` or a subclass forget what they know.
void clear_caches_of(Type* type) {
  for (Code* code = type->interpreter->all_code; code; code = code->next_code)
    for (InlineCache& cache : code->caches)
      for (CacheEntry* entry : {static_cast<CacheEntry*>(&cache), &cache.other})
        if (entry->shape && is_subtype(entry->shape->type, type)) entry->shape = nullptr;
}

template <class F>
void for_each_subclass(Type* type, F visit) {
  visit(type);
  for (Type* sub : *type->subclasses) for_each_subclass(sub, visit);
}

bool is_plain_data(Value v) {
  return !v.is_object() || (!v.object->shape->type->ops.descriptor_get && !v.object->shape->type->ops.descriptor_set);
}

}  // namespace

void type_changed(Type* type, const Str* name) {
  bool is_special = is_special_name(name);
  type->interpreter->forget_lookups();
  bool has_caches = false;
  for_each_subclass(type, [&](Type* sub) {
    has_caches |= (sub->type_flags & kTypeHasCaches) != 0;
    sub->type_flags &= ~kTypeHasCaches;
    if (is_special && (sub->type_flags & kTypeIsScript)) resolve_ops(sub);
  });
  if (has_caches) clear_caches_of(type);
}

constexpr uint32_t kTypeIsSealed = 1u << 20;   // beside TypeFlags

void seal_type(Type* type) { type->type_flags |= kTypeIsSealed; }

Value set_type_attribute(Thread& t, Type* type, Str* name, Value v) {
  if (!(type->type_flags & kTypeIsScript) || type->type_flags & kTypeIsSealed)
    return raise(t, ErrorType::TypeError, "cannot set {} attribute of immutable type '{}'", to_utf8(to_repr(t, str_value(name))), type_name(type));
  name = intern(t, name);
  Value old = dict_get(type->attributes, name);
  if (v.is_empty()) {
    if (old.is_empty())
      return raise(t, ErrorType::AttributeError, "type object '{}' has no attribute '{}'", type_name(type), to_utf8(name));
    dict_delete(t, type->attributes, name);
    type_changed(type, name);
    return Value::none();
  }
  dict_set(t, type->attributes, name, v);
  // Caches read plain class data through the dict entry, so replacing data by data leaves them right.
  if (!old.is_empty() && is_plain_data(old) && is_plain_data(v)) t.interpreter->forget_lookups();
  else type_changed(type, name);
  return Value::none();
}

// --- C3 linearisation (https://docs.python.org/3/howto/mro.html) ---

namespace {

bool is_in_tail(Value candidate, const std::vector<std::vector<Value>>& sequences) {
  for (auto& s : sequences)
    for (size_t i = 1; i < s.size(); ++i)
      if (s[i].is_same(candidate)) return true;
  return false;
}

}  // namespace

// The order, or empty when the bases contradict each other.
bool linearise(Type* self, Tuple* bases, std::vector<Value>& order) {
  std::vector<std::vector<Value>> sequences;
  for (uint64_t i = 0; i < bases->length; ++i) {
    Tuple* mro = as<Type>(bases->items[i])->mro;
    sequences.emplace_back(mro->items, mro->items + mro->length);
  }
  sequences.emplace_back(bases->items, bases->items + bases->length);
  order = {Value::of_object(self)};
  for (;;) {
    std::erase_if(sequences, [](auto& s) { return s.empty(); });
    if (sequences.empty()) return true;
    Value next = Value::empty();
    for (auto& s : sequences) {
      if (is_in_tail(s[0], sequences)) continue;
      next = s[0];
      break;
    }
    if (next.is_empty()) {
      order.clear();
      for (auto& s : sequences)
        if (std::none_of(order.begin(), order.end(), [&](Value v) { return v.is_same(s[0]); })) order.push_back(s[0]);
      return false;
    }
    order.push_back(next);
    for (auto& s : sequences)
      if (s[0].is_same(next)) s.erase(s.begin());
  }
}

// --- What the collector asks ---

void forget_dead_dicts(Interpreter& interpreter) {
  for (InlineCache* cache : interpreter.young_builtin_caches)
    if (cache->kind == CacheKind::Builtin && interpreter.heap->is_dying(cache->object)) cache->kind = CacheKind::None;
  interpreter.young_builtin_caches.clear();
}

void prune_dead_types_and_code(Interpreter& interpreter) {
  interpreter.forget_lookups();
  interpreter.young_builtin_caches.clear();
  auto is_dead = [&](Object* o) { return interpreter.heap->is_dying(o); };
  for (Code** link = &interpreter.all_code; *link;) {
    Code* code = *link;
    if (is_dead(code)) {
      *link = code->next_code;
      continue;
    }
    for (InlineCache& cache : code->caches) {
      for (CacheEntry* entry : {static_cast<CacheEntry*>(&cache), &cache.other})
        if (entry->shape && is_dead(entry->shape->type)) entry->shape = nullptr;
      if (cache.kind == CacheKind::Builtin) cache.kind = CacheKind::None;   // names a dict by address
    }
    link = &code->next_code;
  }
  std::erase_if(interpreter.all_types, is_dead);
  for (Type* type : interpreter.all_types) std::erase_if(*type->subclasses, is_dead);
}

namespace {

void trace_shapes(Shape* shape, Marker& marker) {
  marker.mark_pointer(shape->name);
  for (auto& [name, child] : shape->children) trace_shapes(child, marker);
}

void type_trace(Object* self, Marker& marker) {
  auto type = static_cast<Type*>(self);
  marker.mark_pointer(type->name);
  marker.mark_pointer(type->qualified_name);
  marker.mark_pointer(type->bases);
  marker.mark_pointer(type->mro);
  marker.mark_pointer(type->attributes);
  marker.mark(type->init_function);
  if (type->root_shape) trace_shapes(type->root_shape, marker);
}

void type_finalize(Object* self, Heap&) {
  auto type = static_cast<Type*>(self);
  free_shapes(type->root_shape);
  type->root_shape = nullptr;
  delete type->subclasses;
  free(type->utf8_name);
}

Value type_repr(Thread& t, Value self) {
  auto type = as<Type>(self);
  Value module = type_module(t, type);
  std::string name = to_utf8(type->qualified_name);
  if (is_kind(module, Kind::Str) && !equals(as<Str>(module), "builtins")) name = to_utf8(as<Str>(module)) + "." + name;
  return str_value(make_str(t, "<class '" + name + "'>"));
}

// type(x): the class of x; type(name, bases, dict): a new class; cls(...): an instance.
Value type_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  auto type = as<Type>(self);
  size_t given = argc + (keyword_names ? keyword_names->length : 0);
  if (type == types(t).type) {
    if (given == 1 && !keyword_names) return Value::of_object(seen_type(t, args[0]));
    if (argc != 3 && argc != 1 + 0) return raise(t, ErrorType::TypeError, "type() takes 1 or 3 arguments");
  }
  return instantiate(t, type, args, argc, keyword_names);
}

Value type_get_name(Thread&, Value self) { return str_value(as<Type>(self)->name); }
Value type_set_name(Thread& t, Value self, Value v) {
  if (!is_kind(v, Kind::Str))
    return raise(t, ErrorType::TypeError, "can only assign string to {}.__name__, not '{}'", type_name(as<Type>(self)), type_name(t, v));
  auto type = as<Type>(self);
  type->name = as<Str>(v);
  free(type->utf8_name);
  type->utf8_name = nullptr;
  return Value::none();
}
Value type_get_qualname(Thread&, Value self) { return str_value(as<Type>(self)->qualified_name); }
Value type_set_qualname(Thread& t, Value self, Value v) {
  if (!is_kind(v, Kind::Str))
    return raise(t, ErrorType::TypeError, "can only assign string to {}.__qualname__, not '{}'", type_name(as<Type>(self)), type_name(t, v));
  as<Type>(self)->qualified_name = as<Str>(v);
  return Value::none();
}
Value type_get_bases(Thread&, Value self) { return Value::of_object(as<Type>(self)->bases); }
Value type_get_base(Thread&, Value self) {
  Tuple* bases = as<Type>(self)->bases;
  return bases->length ? Value::of_object(solid_base(bases)) : Value::none();
}
Value type_get_mro(Thread&, Value self) { return Value::of_object(as<Type>(self)->mro); }
Value type_get_dict(Thread& t, Value self) { return make_mapping_proxy(t, Value::of_object(as<Type>(self)->attributes)); }
Value type_get_module(Thread& t, Value self) { return type_module(t, as<Type>(self)); }
Value type_set_module(Thread& t, Value self, Value v) { return set_type_attribute(t, as<Type>(self), names(t).module, v); }
Value type_get_doc(Thread& t, Value self) {
  Value v = dict_get(as<Type>(self)->attributes, names(t).doc);
  // In a native type the entry may be the attribute of its instances.
  if (v.is_object() && v.object->shape->type->layout == &attribute_descriptor_layout) {
    const char* help = as<Type>(self)->layout->help;
    return help && help[0] ? str_value(make_str(t, help)) : Value::none();
  }
  if (v.is_object() && v.object->shape->type->ops.descriptor_get)
    return v.object->shape->type->ops.descriptor_get(t, v, Value::empty(), self);
  return v.is_empty() ? Value::none() : v;
}
Value type_set_doc(Thread& t, Value self, Value v) { return set_type_attribute(t, as<Type>(self), names(t).doc, v); }
Value type_get_annotations(Thread& t, Value self) {
  auto type = as<Type>(self);
  Value v = dict_get(type->attributes, names(t).annotations);
  if (!v.is_empty()) return v;
  if (!(type->type_flags & kTypeIsScript))
    return raise(t, ErrorType::AttributeError, "type object '{}' has no attribute '__annotations__'", type_name(type));
  v = Value::of_object(make_dict(t));
  dict_set(t, type->attributes, names(t).annotations, v);
  return v;
}
Value type_set_annotations(Thread& t, Value self, Value v) { return set_type_attribute(t, as<Type>(self), names(t).annotations, v); }
Value type_get_abstract(Thread& t, Value self) {
  Value v = dict_get(as<Type>(self)->attributes, names(t).abstractmethods);
  return v.is_empty() ? raise(t, ErrorType::AttributeError, "__abstractmethods__") : v;
}
Value type_set_abstract(Thread& t, Value self, Value v) {
  auto type = as<Type>(self);
  Value count = TRY(v.is_empty() ? Value::of_bool(false) : truth(t, v));
  if (count.is_true()) type->type_flags |= kTypeAbstract;
  else type->type_flags &= ~kTypeAbstract;
  dict_set(t, type->attributes, names(t).abstractmethods, v);
  return Value::none();
}

Value type_mro_method(Thread& t, Value* args, size_t) {
  auto type = as<Type>(args[0]);
  return Value::of_object(make_list(t, type->mro));
}

Value type_subclasses(Thread& t, Value* args, size_t) {
  List* list = make_list(t);
  for (Type* sub : *as<Type>(args[0])->subclasses) list_push(t, list, Value::of_object(sub));
  return Value::of_object(list);
}

Value type_instancecheck(Thread& t, Value* args, size_t) {
  return Value::of_bool(is_subtype(type_of(t, args[1]), as<Type>(args[0])));
}

Value type_subclasscheck(Thread& t, Value* args, size_t) {
  if (!is_type_object(args[1])) return raise(t, ErrorType::TypeError, "issubclass() arg 1 must be a class");
  return Value::of_bool(is_subtype(as<Type>(args[1]), as<Type>(args[0])));
}

Value type_prepare(Thread& t, Value*, size_t) { return Value::of_object(make_dict(t)); }

// function(winner, name, bases, namespace, **keywords)
Value call_with_keywords(Thread& t, Value function, Type* winner, const Value* parts, Dict* keywords) {
  ValueList args(t);
  args.push(Value::of_object(winner));
  for (int i = 0; i < 3; ++i) args.push(parts[i]);
  Tuple* keyword_names = keywords->count ? make_tuple(t, keywords->count) : nullptr;
  size_t n = 0;
  for (DictCursor c(keywords); c.next();) {
    keyword_names->items[n++] = c.entry->key;
    args.push(c.entry->value);
  }
  return call(t, function, args.data(), 4, keyword_names);
}

// type.__new__(metatype, name, bases, namespace, **keywords)
Value type_new(Thread& t, Value* args, size_t argc) {
  // args: metatype, keywords dict, then the positional ones
  auto metatype = as<Type>(args[0]);
  auto keywords = as<Dict>(args[1]);
  if (argc == 3 && metatype == types(t).type && keywords->count) return raise_text(t, ErrorType::TypeError, "type() takes no keyword arguments");
  if (argc != 5) return raise(t, ErrorType::TypeError, "type.__new__() takes exactly 3 arguments ({} given)", argc - 2);
  if (!is_kind(args[2], Kind::Str))
    return raise(t, ErrorType::TypeError, "type.__new__() argument 1 must be str, not {}", argument_type_name(t, args[2]));
  if (!is_kind(args[3], Kind::Tuple))
    return raise(t, ErrorType::TypeError, "type.__new__() argument 2 must be tuple, not {}", argument_type_name(t, args[3]));
  if (!is_kind(args[4], Kind::Dict))
    return raise(t, ErrorType::TypeError, "type.__new__() argument 3 must be dict, not {}", argument_type_name(t, args[4]));
  Type* winner = most_derived_metatype(t, metatype, as<Tuple>(args[3]));
  if (!winner) return Value::raised();
  if (winner != metatype) {   // a base's metaclass makes its classes in its own way
    Type* owner = nullptr;
    (void)type_lookup(winner, names(t).new_, &owner);
    if (owner != types(t).type) return call_with_keywords(t, TRY(get_attribute(t, Value::of_object(winner), names(t).new_)), winner, args + 2, keywords);
  }
  if (!check_encodable(t, as<Str>(args[2]))) return Value::raised();
  return make_class(t, metatype, as<Str>(args[2]), as<Tuple>(args[3]), dict_copy(t, as<Dict>(args[4])), keywords);
}

Value type_init(Thread&, Value*, size_t) { return Value::none(); }

Value type_or(Thread& t, BinaryOp op, Value a, Value b) {
  return op == BinaryOp::Or ? make_union_type(t, a, b) : t.interpreter->not_implemented;
}

const NativeRow kTypeMethods[] = {
    {"__new__", type_new, "(metatype, /, *args, **keywords)", "Make a class from a name, bases and a namespace.", Binding::Static},
    {"__init__", type_init, "(self, /, *args, **keywords)", ""},
    {"mro", type_mro_method, "(self, /)", "Return a type's method resolution order."},
    {"__subclasses__", type_subclasses, "(self, /)", "Return a list of immediate subclasses."},
    {"__instancecheck__", type_instancecheck, "(self, instance, /)", "Check if an object is an instance."},
    {"__subclasscheck__", type_subclasscheck, "(self, subclass, /)", "Check if a class is a subclass."},
    {"__prepare__", type_prepare, "(cls, /, *args, **keywords)", "Used for the class statement.", Binding::Class},
};

const AttributeRow kTypeAttributes[] = {
    {"__name__", type_get_name, type_set_name, ""},
    {"__qualname__", type_get_qualname, type_set_qualname, ""},
    {"__bases__", type_get_bases, set_bases, ""},
    {"__base__", type_get_base, nullptr, ""},
    {"__mro__", type_get_mro, nullptr, ""},
    {"__dict__", type_get_dict, nullptr, ""},
    {"__module__", type_get_module, type_set_module, ""},
    {"__doc__", type_get_doc, type_set_doc, ""},
    {"__annotations__", type_get_annotations, type_set_annotations, ""},
    {"__abstractmethods__", type_get_abstract, type_set_abstract, ""},
};

}  // namespace

const Layout type_layout = {
    .name = "type", .module = "builtins", .kind = Kind::Type, .size = sizeof(Type), .flags = kSubclassable, .base = &object_layout,
    .trace = type_trace, .finalize = type_finalize,
    .ops = {.repr = type_repr, .call = type_call, .get_attribute = type_get_attribute, .set_attribute = type_set_attribute_slot,
            .binary = type_or},
    .methods = kTypeMethods, .method_count = std::size(kTypeMethods),
    .attributes = kTypeAttributes, .attribute_count = std::size(kTypeAttributes),
    .help = "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type"};

}  // namespace mini
