// SPDX-License-Identifier: MIT
// Slow paths of attributes, methods, names and class patterns: the full protocol, and filling the inline caches.
//
// What a cache may remember follows from the class: a change of a class clears every cache that depends on it (type.cpp), so a hit needs
// no more than the shape compare. Values of plain class data are read through the dict entry, which checks itself.
//
// A site remembers two shapes. What any site learned is also kept in one table by shape and name, from which a site that sees more
// shapes refills its cache.
#include "interp/ops.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/builtins/import.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/super.h"
#include "runtime/objects/tuple_getter.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// Every class that the answer was looked up in must clear caches when it changes.
void note_dependence(Type* type) {
  type->type_flags |= kTypeHasCaches;
}

// The entry of the shape before is kept beside the new one.
void make_room(InlineCache& cache, const Shape* shape) {
  if (cache.shape && cache.shape != shape) cache.other = cache;
}

void fill(InlineCache& cache, Object* o, CacheKind kind) {
  make_room(cache, o->shape);
  cache.shape = o->shape;
  cache.kind = kind;
  cache.store_offset = static_cast<uint16_t>(o->shape->type->slots_offset);
  note_dependence(o->shape->type);
}

constexpr size_t kSharedPlaces = 512;

Interpreter::SharedCache& shared_place(Thread& t, Shape* shape, Str* name, CacheUse use) {
  auto& shared = t.interpreter->shared_caches;
  if (MINI_UNLIKELY(shared.empty())) shared.resize(kSharedPlaces);
  size_t hash = (reinterpret_cast<uintptr_t>(shape) >> 4) ^ (reinterpret_cast<uintptr_t>(name) >> 3) ^ static_cast<size_t>(use);
  return shared[(hash ^ hash >> 9) % kSharedPlaces];
}

// Keeps what a site just learned about objects of `shape`.
void share(Thread& t, Shape* shape, const InlineCache& cache, CacheUse use) {
  if (cache.shape == shape) shared_place(t, shape, cache.name, use) = {cache, cache.name, use, t.interpreter->lookup_generation};
}

bool has_generic_get(Type* type) { return type->ops.get_attribute == generic_get_attribute; }

bool is_data_descriptor(Value v) { return v.is_object() && v.object->shape->type->ops.descriptor_set; }

// It answers before the object's own attributes do; one with __set__ alone does not.
bool is_overriding_getter(Value v) { return is_data_descriptor(v) && v.object->shape->type->ops.descriptor_get; }

// An entry of __slots__: reads and writes a slot like any other attribute.
bool is_member(Value v) { return v.object->shape->type->layout == &member_descriptor_layout; }

const AttributeRow* native_getter(Value v) {
  return v.object->shape->type->layout == &attribute_descriptor_layout ? as<AttributeDescriptor>(v)->row : nullptr;
}

void fill_get(Value object, InlineCache& cache) {
  Object* o = object.object;
  Type* type = o->shape->type;
  Type* owner = nullptr;
  Value in_class = type_lookup(type, cache.name, &owner);
  if (is_kind(in_class, Kind::Property) && in_class.object->exact == Kind::Property) {
    Value getter = as<Property>(in_class)->getter;
    if (!is_kind(getter, Kind::Function)) return;
    fill(cache, o, CacheKind::Property);
    cache.object = getter.object;
    return;
  }
  if (in_class.is_object() && type_of(in_class.object)->layout == &tuplegetter_layout && o->kind == Kind::Tuple) {
    fill(cache, o, CacheKind::TupleItem);
    cache.index = static_cast<uint32_t>(as<TupleGetter>(in_class)->index);
    return;
  }
  if (is_overriding_getter(in_class) && !is_member(in_class)) {
    if (auto get = native_getter(in_class)) {
      fill(cache, o, CacheKind::NativeAttribute);
      cache.row = get;
    }
    return;
  }
  if (AttributeStore* mine = attribute_store(o); mine && !o->shape->is_dictionary) {
    uint32_t slot = o->shape->find(cache.name);
    if (slot != kNoSlot) {
      fill(cache, o, CacheKind::Slot);
      cache.index = slot;
      return;
    }
  }
  if (o->shape->is_dictionary || in_class.is_empty()) return;
  bool binds = in_class.is_object() && in_class.object->shape->type->ops.descriptor_get;
  if (binds || !owner) return;
  int64_t index = dict_find(owner->attributes, cache.name);
  if (index < 0) return;
  fill(cache, o, CacheKind::ClassData);
  cache.object = owner->attributes;
  cache.index = static_cast<uint32_t>(index);
}

}  // namespace

bool op_refill(Thread& t, const Object* o, InlineCache& cache, CacheUse use) {
  if (cache.shape == o->shape || cache.other.shape == o->shape) return false;   // what is known did not help
  auto& shared = shared_place(t, o->shape, cache.name, use);
  bool is_right = shared.entry.shape == o->shape && shared.name == cache.name && shared.use == use &&
                  shared.generation == t.interpreter->lookup_generation;
  if (!is_right) return false;
  make_room(cache, o->shape);
  static_cast<CacheEntry&>(cache) = shared.entry;
  return true;
}

Value op_get_attr(Thread& t, Value object, InlineCache& cache) {
  if (object.is_object() && has_generic_get(type_of(t, object))) {
    fill_get(object, cache);
    share(t, object.object->shape, cache, CacheUse::Get);
  }
  if (is_kind(object, Kind::Module) && !(type_of(t, object)->type_flags & kTypeHasGetattr)) {
    Dict* d = as<Module>(object)->namespace_;
    int64_t index = dict_find(d, cache.name);
    if (index >= 0) {
      fill(cache, object.object, CacheKind::ModuleAttribute);
      cache.object = d;
      cache.index = static_cast<uint32_t>(index);
      return d->entries[index].value;
    }
  }
  Value v = type_of(t, object)->ops.get_attribute(t, object, cache.name);
  return v.is_empty() ? raise_no_attribute(t, object, cache.name) : v;
}

Value op_set_attr(Thread& t, Value object, Value v, InlineCache& cache) {
  Type* type = type_of(t, object);
  bool is_plain = object.is_object() && type->ops.set_attribute == generic_set_attribute && attribute_store(object.object) &&
                  !object.object->shape->is_dictionary;
  Value in_class = type_lookup(type, cache.name);
  bool is_in_slots = is_data_descriptor(in_class) && is_member(in_class) && !(in_class.object->extra & kMemberReadOnly);
  if (!is_plain || (!is_in_slots && (type->type_flags & kTypeHasSlotsOnly || is_data_descriptor(in_class))))
    return type->ops.set_attribute(t, object, cache.name, v);
  Object* o = object.object;
  Shape* before = o->shape;
  uint32_t slot = before->find(cache.name);
  set_own_attribute(t, o, cache.name, v);
  if (slot != kNoSlot) {
    fill(cache, o, CacheKind::Slot);
    cache.index = slot;
  } else if (!o->shape->is_dictionary) {
    make_room(cache, before);
    cache.shape = nullptr;
    fill(cache, o, CacheKind::SlotAdd);
    cache.shape = before;
    cache.next_shape = o->shape;
    cache.index = o->shape->count - 1;
  }
  share(t, before, cache, CacheUse::Set);
  return Value::none();
}

namespace {

bool is_builtin_wrapper(const Object* o, const Layout& layout) {
  const Type* type = o->shape->type;
  return type->layout == &layout && !(type->type_flags & kTypeIsScript);
}

// `Class.name` for a call, when it is a function, static method or class method that the metaclass does not hide.
bool load_class_method(Type* cls, Str* name, Value* out) {
  Value own = type_lookup(cls, name);
  if (!own.is_object() || !type_lookup(cls->shape->type, name).is_empty()) return false;
  out[0] = own;
  out[1] = Value::empty();
  if (is_kind(own, Kind::Function)) return true;
  bool is_static = is_builtin_wrapper(own.object, static_method_layout);
  if (!is_static && !is_builtin_wrapper(own.object, class_method_layout)) return false;
  out[0] = as<MethodWrapper>(own)->function;
  if (!is_static) out[1] = Value::of_object(cls);
  return is_kind(out[0], Kind::Function);
}

}  // namespace

Value op_load_method(Thread& t, Value object, InlineCache& cache, Value* out) {
  Type* type = type_of(t, object);
  if (type->ops.get_attribute == type_get_attribute && load_class_method(as<Type>(object), cache.name, out)) return Value::none();
  if (type->ops.get_attribute == generic_get_attribute) {
    Value in_class = type_lookup(type, cache.name);
    if (is_method_for(t, in_class, object)) {
      bool is_shadowed = object.is_object() && !get_own_attribute(object.object, cache.name).is_empty();
      if (!is_shadowed) {
        if (object.is_object() && !object.object->shape->is_dictionary) {
          fill(cache, object.object, CacheKind::Method);
          cache.object = in_class.object;
          share(t, object.object->shape, cache, CacheUse::Method);
        }
        out[1] = object;
        out[0] = in_class;
        return Value::none();
      }
    }
  }
  Value v = TRY(op_get_attr(t, object, cache));
  op_unbind(t, v, out);
  return Value::none();
}

void op_unbind(Thread& t, Value callee, Value* out) {
  out[0] = callee;
  out[1] = Value::empty();
  if (!is_exact(callee, Kind::BoundMethod)) return;
  auto bound = as<BoundMethod>(callee);
  bool is_script = is_kind(bound->function, Kind::Function);
  bool is_native = is_kind(bound->function, Kind::NativeFunction);
  // A native trusts that LOAD_METHOD gives it a receiver of its type.
  if (is_native && !(bound->flags & kReceiverFits)) {
    auto f = as<NativeFunction>(bound->function);
    is_native = f->owner && !f->makes_objects && is_subtype(type_of(t, bound->self), f->owner);
    if (is_native) bound->flags |= kReceiverFits;
  }
  if (!is_script && !is_native) return;
  out[0] = bound->function;
  out[1] = bound->self;
}

namespace {

// An error of `super()` itself. The instruction before, which loads what super() needs, stands for that call in the traceback.
Value check_super_call(Thread& t, const Value* parts) {
  Value checked = check_super(t, parts[1], parts[2]);
  if (checked.is_raised()) --t.frame->ip;
  return checked;
}

// The attribute behind super()'s class, unbound; `start` is the class of self.
Value lookup_super(Thread& t, const Value* parts, Str* name, Type** start) {
  TRY(check_super_call(t, parts));
  return super_lookup(t, as<Type>(parts[1]), parts[2], name, start);
}

bool is_builtin_super(Thread& t, Value v) { return v.is_object() && v.object == types(t).super; }

}  // namespace

Value op_load_super_method(Thread& t, const Value* parts, InlineCache& cache, Value* out) {
  if (is_builtin_super(t, parts[0]) && cache.name != names(t).class_) {
    Type* start = nullptr;
    Value self = parts[2];
    if (self.is_object() && self.object->shape == cache.shape && cache.kind == CacheKind::SuperMethod && parts[1].is_object() &&
        parts[1].object == cache.holder) {
      out[0] = Value::of_object(cache.object);
      out[1] = self;
      return Value::none();
    }
    Value v = TRY(lookup_super(t, parts, cache.name, &start));
    if (is_method_for(t, v, self) && !(is_type_object(self) && start == self.object)) {
      if (self.is_object() && start == type_of(t, self) && !is_type_object(self)) {
        fill(cache, self.object, CacheKind::SuperMethod);
        cache.object = v.object;
        cache.holder = parts[1].object;
      }
      out[0] = v;
      out[1] = self;
      return Value::none();
    }
  }
  Value v = TRY(op_load_super_attr(t, parts, cache));
  out[0] = v;
  out[1] = Value::empty();
  return Value::none();
}

Value op_load_super_attr(Thread& t, const Value* parts, InlineCache& cache) {
  Value made;
  if (is_builtin_super(t, parts[0])) {
    TRY(check_super_call(t, parts));
    made = make_super(t, as<Type>(parts[1]), parts[2]);
  } else {
    made = TRY(call(t, parts[0], {}));
  }
  return get_attribute(t, made, cache.name);
}

Value op_load_special(Thread& t, Value object, int which, Value* out) {
  Names& n = names(t);
  Str* const list[] = {n.enter, n.exit, n.aenter, n.aexit};
  Value method = type_lookup(type_of(t, object), list[which]);
  if (method.is_empty()) {
    bool is_async = which >= 2;
    bool misses_exit = which & 1;
    return raise(t, ErrorType::TypeError, "'{}' object does not support the {}context manager protocol{}", type_name(t, object),
                 is_async ? "asynchronous " : "", misses_exit ? fmt::format(" (missed __{}exit__ method)", is_async ? "a" : "") : "");
  }
  if (is_kind(method, Kind::Function) || is_kind(method, Kind::NativeFunction)) {
    out[0] = method;
    out[1] = object;
    return Value::none();
  }
  const TypeOps& ops = type_of(t, method)->ops;
  Value bound = ops.descriptor_get ? TRY(ops.descriptor_get(t, method, object, Value::of_object(type_of(t, object)))) : method;
  out[0] = bound;
  out[1] = Value::empty();
  return Value::none();
}

// --- Names ---

namespace {

Value raise_name(Thread& t, ErrorType type, std::string text, Str* name) {
  (void)raise(t, type, "{}", text);
  Value e = take_exception(t);
  set_own_attribute(t, e.object, names(t).name_plain, str_value(name));
  t.exception = e;
  return Value::raised();
}

Value raise_not_defined(Thread& t, Str* name) { return raise_name(t, ErrorType::NameError, fmt::format("name '{}' is not defined", to_utf8(name)), name); }

}  // namespace

Value raise_unbound_local(Thread& t, Str* name) {
  return raise_name(t, ErrorType::UnboundLocalError,
                    fmt::format("cannot access local variable '{}' where it is not associated with a value", to_utf8(name)), name);
}

Value raise_unbound_free(Thread& t, Str* name) {
  return raise_name(t, ErrorType::NameError,
                    fmt::format("cannot access free variable '{}' where it is not associated with a value in enclosing scope", to_utf8(name)), name);
}

Value op_load_global(Thread& t, Frame* frame, InlineCache& cache) {
  int64_t index = dict_find(frame->globals, cache.name);
  if (index >= 0) {
    cache.kind = CacheKind::Global;
    cache.index = static_cast<uint32_t>(index);
    return frame->globals->entries[index].value;
  }
  Dict* builtins = t.interpreter->builtins;
  Value custom = dict_get(frame->globals, names(t).builtins);
  if (is_kind(custom, Kind::Dict)) builtins = as<Dict>(custom);
  else if (is_kind(custom, Kind::Module)) builtins = as<Module>(custom)->namespace_;
  index = dict_find(builtins, cache.name);
  if (index < 0 && frame->globals->exact != Kind::Dict) {   // a derived class may have a __missing__
    Value v = get_item(t, Value::of_object(frame->globals), str_value(cache.name));
    if (!v.is_raised() || !exception_matches(t, ErrorType::KeyError)) return v;
    (void)take_exception(t);
  }
  if (index < 0) return raise_not_defined(t, cache.name);
  if (builtins == t.interpreter->builtins) {
    cache.kind = CacheKind::Builtin;
    cache.shape = nullptr;
    cache.object = frame->globals;
    cache.version = frame->globals->keys_version;
    cache.index = static_cast<uint32_t>(index);
    if (frame->globals->mark == 0) t.interpreter->young_builtin_caches.push_back(&cache);
  }
  return builtins->entries[index].value;
}

Value op_store_global(Thread& t, Frame* frame, InlineCache& cache, Value v) {
  dict_set(t, frame->globals, cache.name, v);
  int64_t index = dict_find(frame->globals, cache.name);
  cache.kind = CacheKind::Global;
  cache.index = static_cast<uint32_t>(index);
  return Value::none();
}

Value op_delete_global(Thread& t, Frame* frame, Str* name) {
  return dict_delete(t, frame->globals, name) ? Value::none() : raise_not_defined(t, name);
}

Value op_load_name(Thread& t, Frame* frame, InlineCache& cache) {
  if (!frame->locals_value.is_empty()) {
    Value v = get_item(t, frame->locals_value, str_value(cache.name));
    if (!v.is_raised()) return v;
    if (!exception_matches(t, ErrorType::KeyError)) return v;
    (void)take_exception(t);
  } else if (frame->locals) {
    Value v = dict_get(frame->locals, cache.name);
    if (!v.is_empty()) return v;
  }
  return op_load_global(t, frame, cache);
}

Value op_store_name(Thread& t, Frame* frame, Str* name, Value v) {
  if (!frame->locals_value.is_empty()) return set_item(t, frame->locals_value, str_value(name), v);
  dict_set(t, frame->locals ? frame->locals : frame->globals, name, v);
  return Value::none();
}

Value op_delete_name(Thread& t, Frame* frame, Str* name) {
  if (!frame->locals_value.is_empty()) {
    Value v = set_item(t, frame->locals_value, str_value(name), Value::empty());
    if (!v.is_raised() || !exception_matches(t, ErrorType::KeyError)) return v;
    (void)take_exception(t);
    return raise_not_defined(t, name);
  }
  return dict_delete(t, frame->locals ? frame->locals : frame->globals, name) ? Value::none() : raise_not_defined(t, name);
}

Value op_load_class_free(Thread& t, Frame* frame, uint32_t index, Str* name) {
  Value v = frame->locals ? dict_get(frame->locals, name) : Value::empty();
  if (!v.is_empty()) return v;
  v = frame->function->closure[index]->value;
  return v.is_empty() ? raise_unbound_free(t, name) : v;
}

Value op_setup_annotations(Thread& t, Frame* frame) {
  Dict* d = frame->locals ? frame->locals : frame->globals;
  if (dict_find(d, names(t).annotations) < 0) dict_set(t, d, names(t).annotations, Value::of_object(make_dict(t)));
  return Value::none();
}

Value op_import_name(Thread& t, Frame* frame, Str* name, Value fromlist, int level) {
  Value hook = dict_get(t.interpreter->builtins, names(t).import_);
  if (!is_kind(hook, Kind::NativeFunction) && !hook.is_empty())   // a script replaced __import__
    return call(t, hook, {str_value(name), Value::of_object(frame->globals), TRY(frame_locals(t, frame)), fromlist, Value::of_int(level)});
  return import_name(t, name, frame->globals, fromlist, level);
}

Value op_display(Thread& t, Value v) {
  Value hook = t.interpreter->sys ? dict_get(t.interpreter->sys->namespace_, names(t).displayhook) : Value::empty();
  if (hook.is_empty()) return raise(t, ErrorType::RuntimeError, "lost sys.displayhook");
  return call(t, hook, {v});
}

// --- Patterns ---

namespace {

enum PatternFlags : int64_t { kNoPattern = 0, kSequencePattern = 32, kMappingPattern = 64 };

// What a class is to patterns by itself: native ones are known, others say so as collections.abc and its register() note it.
int64_t own_pattern_flags(Thread& t, Type* type) {
  if (type->type_flags & kTypeIsScript) {
    Value flags = dict_get(type->attributes, intern(t, "__abc_tpflags__"));
    return flags.is_int() ? flags.integer : kNoPattern;
  }
  switch (type->layout->kind) {
    case Kind::List: case Kind::Tuple: case Kind::Range: return kSequencePattern;
    case Kind::Dict: return kMappingPattern;
    default: break;
  }
  std::string_view name = type->layout->name;
  if (name == "deque" || name == "array" || name == "memoryview") return kSequencePattern;
  return name == "mappingproxy" ? kMappingPattern : kNoPattern;
}

// The first class in the order of bases that says anything decides.
int64_t pattern_flags(Thread& t, Type* type) {
  for (uint64_t i = 0; i < type->mro->length; ++i)
    if (int64_t flags = own_pattern_flags(t, as<Type>(type->mro->items[i]))) return flags;
  return kNoPattern;
}

}  // namespace

bool op_is_sequence_pattern(Thread& t, Value v) {
  if (!v.is_object()) return false;
  if (v.object->exact == Kind::List || v.object->exact == Kind::Tuple) return true;
  return pattern_flags(t, type_of(t, v)) & kSequencePattern;
}

bool op_is_mapping_pattern(Thread& t, Value v) {
  if (!v.is_object()) return false;
  return v.object->exact == Kind::Dict || pattern_flags(t, type_of(t, v)) & kMappingPattern;
}

Value op_match_keys(Thread& t, Value subject, Value keys) {
  auto list = as<Tuple>(keys);
  Tuple* values = make_tuple(t, list->length);
  for (uint64_t i = 0; i < list->length; ++i) {
    for (uint64_t j = 0; j < i; ++j)
      if (TRY(equal_values(t, list->items[i], list->items[j])).is_true()) {
        Str* shown = to_repr(t, list->items[i]);
        if (!shown) return Value::raised();
        return raise(t, ErrorType::ValueError, "mapping pattern checks duplicate key ({})", to_utf8(shown));
      }
    Value v;
    if (is_exact(subject, Kind::Dict)) {
      v = TRY(dict_get_item(t, as<Dict>(subject), list->items[i]));
    } else {
      // .get(key, marker), so that __missing__ is not run
      Value marker = Value::of_object(values);
      v = TRY(call_method(t, subject, intern(t, "get"), {list->items[i], marker}));
      if (v.is_same(marker)) v = Value::empty();
    }
    if (v.is_empty()) return Value::none();
    values->items[i] = v;
  }
  return Value::of_object(values);
}

Value op_match_class(Thread& t, Value subject, const Value* parts) {
  Value cls = parts[0];
  int64_t positional = parts[1].integer;
  auto keywords = as<Tuple>(parts[2]);
  if (!is_type_object(cls)) return raise(t, ErrorType::TypeError, "called match pattern must be a type");
  if (!TRY(is_instance(t, subject, cls)).is_true()) return Value::none();
  auto type = as<Type>(cls);
  Tuple* found = make_tuple(t, static_cast<size_t>(positional) + keywords->length);
  if (positional > 0) {
    Value match_args = TRY(get_attribute_or_empty(t, cls, names(t).match_args));
    if (match_args.is_empty()) {
      bool matches_self = false;
      for (Type* base : {types(t).bool_, types(t).bytearray, types(t).bytes, types(t).dict, types(t).float_, types(t).frozenset, types(t).int_,
                         types(t).list, types(t).set, types(t).str, types(t).tuple})
        matches_self |= is_subtype(type, base);
      int64_t allowed = matches_self ? 1 : 0;
      if (positional > allowed)
        return raise(t, ErrorType::TypeError, "{}() accepts {} positional sub-pattern{} ({} given)", to_utf8(type->name), allowed,
                     allowed == 1 ? "" : "s", positional);
      found->items[0] = subject;
    } else {
      if (!is_kind(match_args, Kind::Tuple))
        return raise(t, ErrorType::TypeError, "{}.__match_args__ must be a tuple (got {})", to_utf8(type->name), type_name(t, match_args));
      auto list = as<Tuple>(match_args);
      if (positional > static_cast<int64_t>(list->length))
        return raise(t, ErrorType::TypeError, "{}() accepts {} positional sub-pattern{} ({} given)", to_utf8(type->name), list->length,
                     list->length == 1 ? "" : "s", positional);
      for (int64_t i = 0; i < positional; ++i) {
        if (!is_kind(list->items[i], Kind::Str))
          return raise(t, ErrorType::TypeError, "__match_args__ elements must be strings (got {})", type_name(t, list->items[i]));
        auto is_named = [&](Value other) { return equals(as<Str>(other), as<Str>(list->items[i])); };
        if (std::any_of(list->items, list->items + i, is_named) || std::any_of(keywords->items, keywords->items + keywords->length, is_named))
          return raise(t, ErrorType::TypeError, "{}() got multiple sub-patterns for attribute '{}'", to_utf8(type->name), to_utf8(as<Str>(list->items[i])));
        Value v = TRY(get_attribute_or_empty(t, subject, as<Str>(list->items[i])));
        if (v.is_empty()) return Value::none();
        found->items[i] = v;
      }
    }
  }
  for (uint64_t k = 0; k < keywords->length; ++k) {
    Value v = TRY(get_attribute_or_empty(t, subject, as<Str>(keywords->items[k])));
    if (v.is_empty()) return Value::none();
    found->items[static_cast<size_t>(positional) + k] = v;
  }
  return Value::of_object(found);
}

Value op_match_rest(Thread& t, Value subject, Value keys) {
  Dict* rest = make_dict(t);
  TRY(dict_update_with(t, rest, subject));
  auto list = as<Tuple>(keys);
  for (uint64_t i = 0; i < list->length; ++i) TRY(dict_delete_item(t, rest, list->items[i]));
  return Value::of_object(rest);
}

}  // namespace mini
