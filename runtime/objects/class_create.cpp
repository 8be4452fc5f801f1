// SPDX-License-Identifier: MIT
// Making classes (from the class statement, type() and the tables of built-in types) and instances; and `object` itself.
#include <algorithm>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

// --- Instances ---

Object* allocate_object(Thread& t, Type* type, size_t extra, void** extra_bytes) {
  size_t size = type->layout->size;
  uint32_t inline_slots = 0;
  if (type->slots_offset) {
    inline_slots = type->expected_slots;
    size = std::max<size_t>(size, type->slots_offset + sizeof(AttributeStore));
  }
  size_t slots_at = (size + 15) & ~size_t{15};
  size_t extra_at = slots_at + inline_slots * sizeof(Value);
  auto o = static_cast<Object*>(t.heap->allocate(extra_at + extra, type->root_shape));
  if (type->slots_offset)
    *attribute_store(o) = {reinterpret_cast<Value*>(reinterpret_cast<char*>(o) + slots_at), inline_slots, 0};
  if (extra_bytes) *extra_bytes = reinterpret_cast<char*>(o) + extra_at;
  if (type->type_flags & kTypeHasDel) {
    o->flags |= kHasDel;
    t.heap->watch_del(o);
  }
  return o;
}

Value make_instance(Thread& t, Type* type) { return Value::of_object(allocate_object(t, type)); }

namespace {

Value raise_abstract(Thread& t, Type* type) {
  Value names_of = TRY(to_list(t, dict_get(type->attributes, names(t).abstractmethods)));
  auto list = as<List>(names_of);
  TRY(sort_list(t, list, Value::none(), false));
  std::string joined;
  for (uint64_t i = 0; i < list->length; ++i) joined += (i ? ", " : "") + to_utf8(as<Str>(list->items[i]));
  return raise(t, ErrorType::TypeError, "Can't instantiate abstract class {} with abstract method{} {}", type_name(type),
               list->length > 1 ? "s" : "", joined);
}

// object.__new__ refuses arguments unless one of __new__ and __init__ is the script's own.
Value object_new(Thread& t, Value* args, size_t argc) {
  auto type = as<Type>(args[0]);
  bool has_arguments = argc > 2 || as<Dict>(args[1])->count;
  if (has_arguments) {
    Type* owner_of_new = nullptr;
    Type* owner_of_init = nullptr;
    (void)type_lookup(type, names(t).new_, &owner_of_new);
    (void)type_lookup(type, names(t).init, &owner_of_init);
    if (owner_of_new != types(t).object)
      return raise(t, ErrorType::TypeError, "object.__new__() takes exactly one argument (the type to instantiate)");
    if (owner_of_init == types(t).object) return raise(t, ErrorType::TypeError, "{}() takes no arguments", type_name(type));
  }
  if (type->type_flags & kTypeAbstract) return raise_abstract(t, type);
  if (type->layout != &object_layout)
    return raise(t, ErrorType::TypeError, "object.__new__({}) is not safe, use {}.__new__()", type_name(type), type->layout->name);
  return make_instance(t, type);
}

Value object_init(Thread& t, Value* args, size_t argc) {
  bool has_arguments = argc > 2 || as<Dict>(args[1])->count;
  if (!has_arguments) return Value::none();
  Type* type = type_of(t, args[0]);
  Type* owner_of_new = nullptr;
  Type* owner_of_init = nullptr;
  (void)type_lookup(type, names(t).new_, &owner_of_new);
  (void)type_lookup(type, names(t).init, &owner_of_init);
  if (owner_of_init != types(t).object)
    return raise(t, ErrorType::TypeError, "object.__init__() takes exactly one argument (the instance to initialize)");
  if (owner_of_new == types(t).object)
    return raise(t, ErrorType::TypeError, "{}.__init__() takes exactly one argument (the instance to initialize)", type_name(type));
  return Value::none();
}

}  // namespace

namespace {

// Containers and numbers take no keywords, but leave those alone that are meant for a script's own __new__ or __init__.
bool ignores_keywords(const Type* type, Value method, Type* owner_of_other) {
  if (!is_kind(method, Kind::NativeFunction) || !(owner_of_other->type_flags & kTypeIsScript)) return false;
  Kind kind = type->layout->kind;
  return kind == Kind::List || kind == Kind::Set || kind == Kind::Tuple || kind == Kind::FrozenSet || kind == Kind::Float;
}

}  // namespace

// cls(...): __new__, then __init__ when the result is an instance of cls.
Value instantiate(Thread& t, Type* type, Value* args, size_t argc, Tuple* keyword_names) {
  if (type->layout->flags & kNoInstantiation && !(type->type_flags & kTypeIsScript))
    return raise(t, ErrorType::TypeError, "cannot create '{}' instances", type_name(type));
  if (type->type_flags & kTypeAbstract && type->layout == &object_layout) return raise_abstract(t, type);
  size_t total = argc + (keyword_names ? keyword_names->length : 0);
  ValueList all(t);
  all.push(Value::of_object(type));
  for (size_t i = 0; i < total; ++i) all.push(args[i]);
  Value o;
  Type* init_owner = nullptr;
  Value init = type_lookup(type, names(t).init, &init_owner);
  bool has_init = init_owner && init_owner != types(t).object;
  if (type->type_flags & kTypePlainNew && (has_init || total == 0)) {
    o = make_instance(t, type);
  } else {
    Value new_method = TRY(get_attribute(t, Value::of_object(type), names(t).new_));
    bool drops = keyword_names && init_owner && ignores_keywords(type, new_method, init_owner);
    o = TRY(call(t, new_method, all.data(), argc + 1, drops ? nullptr : keyword_names));
    if (!is_subtype(type_of(t, o), type)) return o;
    init = type_lookup(type_of(t, o), names(t).init, &init_owner);
    has_init = init_owner && init_owner != types(t).object;
    if (!has_init) return o;
  }
  if (!has_init) return o;
  Value result;
  if (is_kind(init, Kind::Function) || is_kind(init, Kind::NativeFunction)) {
    all[0] = o;
    Type* new_owner = type;
    if (keyword_names) (void)type_lookup(type, names(t).new_, &new_owner);
    bool drops = keyword_names && new_owner && ignores_keywords(type, init, new_owner);
    result = TRY(call(t, init, all.data(), argc + 1, drops ? nullptr : keyword_names));
  } else {
    const TypeOps& ops = type_of(t, init)->ops;
    Value bound = ops.descriptor_get ? TRY(ops.descriptor_get(t, init, o, Value::of_object(type_of(t, o)))) : init;
    result = TRY(call(t, bound, all.data() + 1, argc, keyword_names));
  }
  if (!result.is_none()) return raise(t, ErrorType::TypeError, "__init__() should return None, not '{}'", type_name(t, result));
  return o;
}

namespace {

// The native behind `v`, also when it is wrapped in a staticmethod as every __new__ is; else null.
NativeFunction* as_native(Value v) {
  if (is_kind(v, Kind::StaticMethod)) v = as<MethodWrapper>(v)->function;
  return is_kind(v, Kind::NativeFunction) ? as<NativeFunction>(v) : nullptr;
}

Making find_making(Thread& t, Type* type) {
  bool is_ordinary = type != types(t).type && type->shape->type->ops.call == types(t).type->ops.call &&
                     !(type->layout->flags & kNoInstantiation && !(type->type_flags & kTypeIsScript)) && !(type->type_flags & kTypeAbstract);
  if (!is_ordinary) return Making::Slow;
  Type* init_owner = nullptr;
  Value init = type_lookup(type, names(t).init, &init_owner);
  bool has_init = init_owner && init_owner != types(t).object;
  bool is_script_init = is_kind(init, Kind::Function);
  type->native_init = as_native(init);
  if (has_init && !is_script_init && !type->native_init) return Making::Slow;
  if (is_script_init) type->init_function = init;
  if (type->type_flags & kTypePlainNew) return !has_init ? Making::Plain : is_script_init ? Making::Init : Making::Slow;
  type->native_new = as_native(type_lookup(type, names(t).new_));
  if (!type->native_new) return Making::Slow;
  return !has_init ? Making::Native : is_script_init ? Making::NativeScript : Making::NativeInit;
}

}  // namespace

Making making_of(Thread& t, Type* type) {
  uint32_t generation = t.interpreter->lookup_generation;
  if (MINI_UNLIKELY(type->making_generation != generation)) {
    type->making = find_making(t, type);
    type->making_generation = generation;
  }
  return type->type_flags & kTypeAbstract ? Making::Slow : type->making;
}

// --- Classes ---

Value type_module(Thread& t, Type* type) {
  Value v = dict_get(type->attributes, names(t).module);
  // In a native type the entry may be the attribute of its instances, as that of functions.
  bool is_for_instances = !(type->type_flags & kTypeIsScript) && !is_kind(v, Kind::Str);
  if (!v.is_empty() && !is_for_instances) return v;
  return str_value(intern(t, type->layout->module ? type->layout->module : "builtins"));
}

Type* solid_base(Tuple* bases) {
  auto depth = [](const Layout* layout) {
    int n = layout == &object_layout ? 0 : 1;
    for (; layout->base; layout = layout->base) ++n;
    return n;
  };
  Type* best = as<Type>(bases->items[0]);
  for (uint64_t i = 1; i < bases->length; ++i) {
    Type* other = as<Type>(bases->items[i]);
    if (depth(other->layout) > depth(best->layout)) best = other;
  }
  return best;
}

namespace {

bool derives_from(const Layout* layout, const Layout* base) {
  if (base == &object_layout) return true;
  for (; layout; layout = layout->base)
    if (layout == base) return true;
  return false;
}

Type* allocate_type(Thread& t, Type* metatype) {
  Type* type;
  if (metatype) {
    type = static_cast<Type*>(allocate_object(t, metatype));
  } else {
    type = static_cast<Type*>(t.heap->allocate(sizeof(Type), nullptr));
  }
  type->layout = nullptr;
  type->name = type->qualified_name = nullptr;
  type->bases = type->mro = nullptr;
  type->attributes = nullptr;
  type->root_shape = nullptr;
  type->ops = {};
  type->type_flags = type->slots_offset = type->expected_slots = 0;
  type->subclasses = new std::vector<Type*>;
  type->interpreter = t.interpreter;
  type->utf8_name = nullptr;
  type->init_function = Value::empty();
  type->making = Making::Slow;
  type->making_generation = 0;
  type->native_new = type->native_init = nullptr;
  type->flags |= kHasFinalizer;
  t.interpreter->all_types.push_back(type);
  return type;
}

Value check_bases(Thread& t, Tuple* bases) {
  for (uint64_t i = 0; i < bases->length; ++i) {
    if (!is_type_object(bases->items[i])) {
      return raise_text(t, ErrorType::TypeError, "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                                                 "metaclasses of all its bases");
    }
    auto base = as<Type>(bases->items[i]);
    if (!(base->type_flags & kTypeIsScript) && !(base->layout->flags & kSubclassable))
      return raise(t, ErrorType::TypeError, "type '{}' is not an acceptable base type", type_name(base));
    for (uint64_t j = 0; j < i; ++j)
      if (bases->items[j].is_same(bases->items[i])) return raise(t, ErrorType::TypeError, "duplicate base class {}", type_name(base));
  }
  Type* solid = solid_base(bases);
  for (uint64_t i = 0; i < bases->length; ++i)
    if (!derives_from(solid->layout, as<Type>(bases->items[i])->layout))
      return raise(t, ErrorType::TypeError, "multiple bases have instance lay-out conflict");
  return Value::none();
}

// The most derived metaclass of the bases. Null after raising.
Type* winning_metatype(Thread& t, Type* metatype, Tuple* bases) {
  for (uint64_t i = 0; i < bases->length; ++i) {
    Type* other = type_of(t, bases->items[i]);
    if (is_subtype(metatype, other)) continue;
    if (!is_subtype(other, metatype)) {
      (void)raise(t, ErrorType::TypeError,
                  "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases");
      return nullptr;
    }
    metatype = other;
  }
  return metatype;
}

std::string base_names(Tuple* bases) {
  std::string text;
  for (uint64_t i = 0; i < bases->length; ++i) text += (i ? ", " : "") + std::string(type_name(as<Type>(bases->items[i])));
  return text;
}

// `__slots__`: each name becomes a member descriptor, and without `__dict__` other attributes are refused.
Value add_slots(Thread& t, Type* type, Value slots) {
  ValueList list(t);
  if (is_kind(slots, Kind::Str)) list.push(slots);
  else
    for (Iteration it(t, slots);;) {
      Value item = TRY(it.next());
      if (item.is_empty()) break;
      list.push(item);
    }
  bool has_dict = false;
  std::vector<Str*> sorted;
  for (Value name : list) {
    if (!is_kind(name, Kind::Str))
      return raise(t, ErrorType::TypeError, "__slots__ items must be strings, not '{}'", type_name(t, name));
    Str* text = intern(t, as<Str>(name));
    if (text == names(t).dict) {
      has_dict = true;
      continue;
    }
    if (text == names(t).weakref) continue;
    std::string utf8 = to_utf8(text);
    if (utf8.size() > 2 && utf8[0] == '_' && utf8[1] == '_' && !utf8.ends_with("__")) {
      std::string owner = to_utf8(type->name);
      owner.erase(0, owner.find_first_not_of('_'));
      text = intern(t, "_" + owner + utf8);
    }
    if (dict_find(type->attributes, text) >= 0)
      return raise(t, ErrorType::ValueError, "'{}' in __slots__ conflicts with class variable", utf8);
    sorted.push_back(text);
  }
  std::sort(sorted.begin(), sorted.end(), [](Str* a, Str* b) { return to_utf8(a) < to_utf8(b); });
  for (Str* text : sorted)
    if (dict_find(type->attributes, text) < 0) dict_set(t, type->attributes, text, make_member_descriptor(t, text, type));
  bool bases_have_dict = false;
  for (uint64_t i = 1; i < type->mro->length; ++i) {
    auto base = as<Type>(type->mro->items[i]);
    if (base == types(t).object) continue;
    if ((base->type_flags & kTypeIsScript && !(base->type_flags & kTypeHasSlotsOnly)) || base->layout->flags & kHasAttributes) bases_have_dict = true;
  }
  if (!has_dict && !bases_have_dict) type->type_flags |= kTypeHasSlotsOnly;
  return Value::none();
}

Value wrap_implicit_methods(Thread& t, Dict* attributes) {
  auto wrap = [&](Str* name, const Layout& layout) {
    Value v = dict_get(attributes, name);
    if (!is_kind(v, Kind::Function)) return;
    Type* wrapper_type = native_type(t, layout);
    auto w = static_cast<MethodWrapper*>(allocate_object(t, wrapper_type));
    w->function = v;
    dict_set(t, attributes, name, Value::of_object(w));
  };
  wrap(names(t).new_, static_method_layout);
  wrap(names(t).init_subclass, class_method_layout);
  wrap(names(t).class_getitem, class_method_layout);
  return Value::none();
}

Value call_set_names(Thread& t, Type* type) {
  ValueList pairs(t);
  for (DictCursor c(type->attributes); c.next();) {
    pairs.push(c.entry->key);
    pairs.push(c.entry->value);
  }
  for (size_t i = 0; i < pairs.size(); i += 2) {
    Value v = pairs[i + 1];
    if (!v.is_object() || type_lookup(type_of(t, v), names(t).set_name).is_empty()) continue;
    Value result = call_special(t, v, names(t).set_name, {Value::of_object(type), pairs[i]});
    if (!result.is_raised()) continue;
    // As CPython 3.11: the error arrives wrapped in a RuntimeError.
    Value cause = take_exception(t);
    (void)raise(t, ErrorType::RuntimeError, "Error calling __set_name__ on '{}' instance '{}' in '{}'", type_name(t, v),
                to_utf8(as<Str>(pairs[i])), type_name(type));
    Value wrapped = take_exception(t);
    as<Exception>(wrapped)->cause = cause;
    as<Exception>(wrapped)->suppress_context = true;
    return raise_value(t, wrapped);
  }
  return Value::none();
}

// super(cls, cls).__init_subclass__(**keywords)
Value call_init_subclass(Thread& t, Type* type, Dict* keywords) {
  for (uint64_t i = 1; i < type->mro->length; ++i) {
    auto base = as<Type>(type->mro->items[i]);
    Value method = dict_get(base->attributes, names(t).init_subclass);
    if (method.is_empty()) continue;
    const TypeOps& ops = type_of(t, method)->ops;
    Value bound = ops.descriptor_get ? TRY(ops.descriptor_get(t, method, Value::empty(), Value::of_object(type))) : method;
    ValueList args(t);
    Tuple* keyword_names = nullptr;
    if (keywords && keywords->count) {
      keyword_names = make_tuple(t, keywords->count);
      size_t n = 0;
      for (DictCursor c(keywords); c.next();) {
        keyword_names->items[n++] = c.entry->key;
        args.push(c.entry->value);
      }
    }
    TRY(call(t, bound, args.data(), 0, keyword_names));
    return Value::none();
  }
  return Value::none();
}

const AttributeRow kInstanceDict = {"__dict__", instance_get_dict, instance_set_dict, "dictionary for instance variables (if defined)"};
const AttributeRow kInstanceWeakRefs = {"__weakref__", instance_get_weak_references, nullptr, "list of weak references to the object (if defined)"};

// `__dict__` and `__weakref__`, where no base has them. Instances of int, tuple and bytes are of no fixed size and have no place
// for weak references; with __slots__ there is one where a slot says so.
void add_instance_rows(Thread& t, Type* type, bool has_slots) {
  auto add = [&](Str* name, const AttributeRow& row) {
    if (type_lookup(type, name).is_empty()) dict_set(t, type->attributes, name, make_attribute_descriptor(t, row, type));
  };
  if (!(type->type_flags & kTypeHasSlotsOnly)) add(names(t).dict, kInstanceDict);
  Kind kind = type->layout->kind;
  bool is_sized = kind == Kind::Int || kind == Kind::Tuple || kind == Kind::Bytes;
  bool is_script = t.frame != nullptr;   // the built-in exceptions are made before any script runs
  if (!has_slots && !is_sized && is_script) add(names(t).weakref, kInstanceWeakRefs);
}

void add_special_attributes(Thread& t, Type* type) {
  Dict* d = type->attributes;
  if (dict_find(d, names(t).doc) < 0) dict_set(t, d, names(t).doc, Value::none());
  if (dict_find(d, names(t).eq) >= 0 && dict_find(d, names(t).hash) < 0) dict_set(t, d, names(t).hash, Value::none());
  Value cell = dict_get(d, names(t).classcell);
  if (is_kind(cell, Kind::Cell)) {
    store(cell.object, as<Cell>(cell)->value, Value::of_object(type));
    dict_delete(t, d, names(t).classcell);
  }
}

}  // namespace

namespace {

// What a metaclass's mro() gave: classes whose native parts the instances have, so that their methods find what they look for.
Value check_custom_order(Thread& t, Type* type, Tuple* order) {
  for (uint64_t i = 0; i < order->length; ++i) {
    if (!is_type_object(order->items[i]))
      return raise(t, ErrorType::TypeError, "mro() returned a non-class ('{}')", type_name(t, order->items[i]));
    auto entry = as<Type>(order->items[i]);
    bool fits = entry->layout == &object_layout;
    for (const Layout* layout = type->layout; layout && !fits; layout = layout->base) fits = layout == entry->layout;
    if (!fits) return raise(t, ErrorType::TypeError, "mro() returned base with unsuitable layout ('{}')", type_name(entry));
  }
  return Value::none();
}

}  // namespace

Value make_class_unhooked(Thread& t, Type* metatype, Str* name, Tuple* bases, Dict* attributes) {
  if (bases->length == 0) bases = make_tuple(t, {Value::of_object(types(t).object)});
  TRY(check_bases(t, bases));
  metatype = winning_metatype(t, metatype, bases);
  if (!metatype) return Value::raised();
  Type* base = solid_base(bases);
  Type* type = allocate_type(t, metatype);
  type->name = intern(t, name);
  type->qualified_name = type->name;
  type->bases = bases;
  type->layout = base->layout;
  type->type_flags = kTypeIsScript | (base->type_flags & kTypeIsException);
  type->attributes = attributes;
  type->mro = t.interpreter->empty_tuple;
  auto order = linearise(type, bases);
  if (order.empty())
    return raise(t, ErrorType::TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases {}", base_names(bases));
  type->mro = make_tuple(t, order.data(), order.size());
  type->slots_offset = base->slots_offset ? base->slots_offset : (base->layout->size + 7) & ~7u;
  type->expected_slots = base->type_flags & kTypeIsScript ? base->expected_slots : 2;
  type->root_shape = make_root_shape(type);
  Value qualified = dict_get(attributes, names(t).qualname);
  if (!qualified.is_empty()) {
    if (!is_kind(qualified, Kind::Str))
      return raise(t, ErrorType::TypeError, "type __qualname__ must be a str, not {}", type_name(t, qualified));
    type->qualified_name = as<Str>(qualified);
    dict_delete(t, attributes, names(t).qualname);
  }
  if (dict_find(attributes, names(t).module) < 0 && t.frame)
    if (Value module = dict_get(t.frame->globals, names(t).name); !module.is_empty()) dict_set(t, attributes, names(t).module, module);
  TRY(wrap_implicit_methods(t, attributes));
  Value slots = dict_get(attributes, names(t).slots);
  if (!slots.is_empty()) TRY(add_slots(t, type, slots));
  add_instance_rows(t, type, !slots.is_empty());
  add_special_attributes(t, type);
  if (metatype != types(t).type) {
    Value mro_method = type_lookup(metatype, names(t).mro_plain);
    if (is_kind(mro_method, Kind::Function)) {
      Value custom = TRY(call(t, mro_method, {Value::of_object(type)}));
      Value order_given = TRY(to_tuple(t, custom));
      TRY(check_custom_order(t, type, as<Tuple>(order_given)));
      type->mro = as<Tuple>(order_given);
    }
  }
  t.interpreter->forget_lookups();
  for (uint64_t i = 0; i < bases->length; ++i) as<Type>(bases->items[i])->subclasses->push_back(type);
  resolve_ops(type);
  return Value::of_object(type);
}

Value make_class(Thread& t, Type* metatype, Str* name, Tuple* bases, Dict* attributes, Dict* keywords) {
  Value made = TRY(make_class_unhooked(t, metatype, name, bases, attributes));
  TRY(call_set_names(t, as<Type>(made)));
  TRY(call_init_subclass(t, as<Type>(made), keywords));
  return made;
}

// --- Built-in types from their tables ---

namespace {

void add_rows(Thread& t, Type* type) {
  const Layout& layout = *type->layout;
  for (size_t i = 0; i < layout.method_count; ++i) {
    const NativeRow& row = layout.methods[i];
    NativeFunction* f = make_native_function(t, row, type, Value::none());
    Value v = Value::of_object(f);
    if (row.binding != Binding::Plain) {
      auto w = static_cast<MethodWrapper*>(
          allocate_object(t, native_type(t, row.binding == Binding::Static ? static_method_layout : class_method_layout)));
      w->function = v;
      v = Value::of_object(w);
    }
    dict_set(t, type->attributes, intern(t, row.name), v);
  }
  for (size_t i = 0; i < layout.attribute_count; ++i)
    dict_set(t, type->attributes, intern(t, layout.attributes[i].name), make_attribute_descriptor(t, layout.attributes[i], type));
  bool is_first_with_attributes = layout.flags & kHasAttributes && !(layout.base && layout.base->flags & kHasAttributes);
  if (is_first_with_attributes && dict_find(type->attributes, names(t).dict) < 0)
    dict_set(t, type->attributes, names(t).dict, make_attribute_descriptor(t, kInstanceDict, type));
}

// Offset of the AttributeStore that the struct of a built-in with attributes ends in.
uint32_t native_store_offset(const Layout& layout) {
  return layout.flags & kHasAttributes ? static_cast<uint32_t>(layout.size - sizeof(AttributeStore)) : 0;
}

}  // namespace

// Made in two steps, because the first types are made before dicts, strs and functions have types of their own.
Type* declare_native_type(Thread& t, const Layout& layout) {
  Type* type = allocate_type(t, nullptr);
  type->layout = &layout;
  t.interpreter->native_types.emplace(&layout, type);
  type->slots_offset = native_store_offset(layout);
  if (type->slots_offset == 0 && layout.base) type->slots_offset = native_store_offset(*layout.base);
  type->root_shape = make_root_shape(type);
  return type;
}

void complete_native_type(Thread& t, Type* type) {
  const Layout& layout = *type->layout;
  Interpreter& i = *t.interpreter;
  type->shape = i.types.type->root_shape;
  type->kind = Kind::Type;
  type->exact = Kind::Type;
  type->name = intern(t, layout.name);
  type->qualified_name = type->name;
  Type* base = &layout == &object_layout ? nullptr : native_type(t, layout.base ? *layout.base : object_layout);
  type->bases = base ? make_tuple(t, {Value::of_object(base)}) : i.empty_tuple;
  std::vector<Value> order{Value::of_object(type)};
  if (base) order.insert(order.end(), base->mro->items, base->mro->items + base->mro->length);
  type->mro = make_tuple(t, order.data(), order.size());
  type->attributes = make_dict(t);
  type->ops = layout.ops;
  if (base) {
    auto mine = reinterpret_cast<void**>(&type->ops);
    auto theirs = reinterpret_cast<void* const*>(&base->ops);
    for (size_t n = 0; n < sizeof(TypeOps) / sizeof(void*); ++n)
      if (!mine[n]) mine[n] = theirs[n];
    if (layout.ops.compare && !layout.ops.hash) type->ops.hash = nullptr;
    base->subclasses->push_back(type);
  }
  if (layout.base && layout.base->kind == layout.kind && layout.kind != Kind::Native && layout.kind != Kind::Exception)
    type->type_flags |= kTypeRefinesNative;
  if (layout.help && layout.help[0]) dict_set(t, type->attributes, names(t).doc, str_value(make_str(t, layout.help)));
  else dict_set(t, type->attributes, names(t).doc, Value::none());
  add_rows(t, type);
  expose_ops(t, type);
  i.forget_lookups();
}

Type* native_type(Interpreter& interpreter, const Layout& layout) {
  auto it = interpreter.native_types.find(&layout);
  if (it != interpreter.native_types.end()) return it->second;
  Thread& t = *current_thread();
  t.heap->disable();
  Type* type = declare_native_type(t, layout);
  complete_native_type(t, type);
  t.heap->enable();
  return type;
}

// --- object ---

namespace {

Value object_repr(Thread& t, Value self) {
  Type* type = type_of(t, self);
  Value module = type_module(t, type);
  std::string name = to_utf8(type->qualified_name);
  if (is_kind(module, Kind::Str) && !equals(as<Str>(module), "builtins")) name = to_utf8(as<Str>(module)) + "." + name;
  return str_value(make_str(t, fmt::format("<{} object at 0x{:x}>", name, self.bits)));
}
Value object_str(Thread& t, Value self) { return type_of(t, self)->ops.repr(t, self); }
Value object_hash(Thread&, Value self) {
  uint64_t bits = self.bits;
  return Value::of_int(static_cast<int64_t>(bits >> 4 | bits << 60));
}
Value object_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (op == CompareOp::Eq && a.is_same(b)) return Value::of_bool(true);
  if (op == CompareOp::Ne) {   // the opposite of what == says
    Value v = TRY(type_of(t, a)->ops.compare(t, CompareOp::Eq, a, b));
    if (v.is_same(t.interpreter->not_implemented)) return v;
    v = TRY(truth(t, v));
    return Value::of_bool(!v.is_true());
  }
  return t.interpreter->not_implemented;
}

Value object_get_class(Thread& t, Value self) { return Value::of_object(type_of(t, self)); }

// obj.__class__ = Other: only between script classes of the same layout.
Value object_set_class(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::TypeError, "can't delete __class__ attribute");
  if (!is_type_object(v))
    return raise(t, ErrorType::TypeError, "__class__ must be set to a class, not '{}' object", type_name(t, v));
  Type* from = type_of(t, self);
  auto to = as<Type>(v);
  if (!self.is_object() || !(from->type_flags & kTypeIsScript) || !(to->type_flags & kTypeIsScript))
    return raise(t, ErrorType::TypeError, "__class__ assignment only supported for mutable types or ModuleType subclasses");
  if (from->layout != to->layout || from->slots_offset != to->slots_offset)
    return raise(t, ErrorType::TypeError, "__class__ assignment: '{}' object layout differs from '{}'", type_name(to), type_name(from));
  Object* o = self.object;
  if (o->shape->is_dictionary) {
    Dict* d = attribute_dict(t, o);
    o->shape = to->root_shape;
    replace_attribute_dict(t, o, d);
    return Value::none();
  }
  std::vector<Str*> order(o->shape->count);
  for (Shape* s = o->shape; s->parent; s = s->parent) order[s->count - 1] = s->name;
  Shape* shape = to->root_shape;
  for (Str* name : order) shape = shape->child(name);
  o->shape = shape;
  return Value::none();
}

}  // namespace

// The references are kept elsewhere; none of them stands for all.
Value instance_get_weak_references(Thread&, Value) { return Value::none(); }

// `__dict__` is an entry of the first class in a line whose instances have attributes of their own, not of object.
Value instance_get_dict(Thread& t, Value self) {
  if (!self.is_object() || !attribute_store(self.object) || self.object->shape->type->type_flags & kTypeHasSlotsOnly)
    return raise_no_attribute(t, self, names(t).dict);
  return Value::of_object(attribute_dict(t, self.object));
}

Value instance_set_dict(Thread& t, Value self, Value v) {
  if (!self.is_object() || !attribute_store(self.object)) return raise_no_attribute(t, self, names(t).dict);
  if (v.is_empty() && !(type_of(t, self)->type_flags & kTypeIsScript)) return raise_text(t, ErrorType::TypeError, "cannot delete __dict__");
  if (v.is_empty()) v = Value::of_object(make_dict(t));   // `del x.__dict__` leaves an empty one
  if (!is_kind(v, Kind::Dict))
    return raise(t, ErrorType::TypeError, "__dict__ must be set to a dictionary, not a '{}'", type_name(t, v));
  replace_attribute_dict(t, self.object, as<Dict>(v));
  return Value::none();
}

namespace {

Value object_format(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "__format__() argument must be str, not {}", type_name(t, args[1]));
  if (as<Str>(args[1])->length)
    return raise(t, ErrorType::TypeError, "unsupported format string passed to {}.__format__", type_name(t, args[0]));
  Str* s = to_str(t, args[0]);
  return s ? str_value(s) : Value::raised();
}

Value object_dir(Thread& t, Value* args, size_t) {
  Dict* all = make_dict(t);
  Type* type = type_of(t, args[0]);
  if (args[0].is_object() && attribute_store(args[0].object) && !(type->type_flags & kTypeHasSlotsOnly)) {
    Value own = get_attribute_or_empty(t, args[0], names(t).dict);
    if (is_kind(own, Kind::Dict)) TRY(dict_update_with(t, all, own));
  }
  for (uint64_t i = type->mro->length; i-- > 0;) TRY(dict_update_with(t, all, Value::of_object(as<Type>(type->mro->items[i])->attributes)));
  Value list = TRY(to_list(t, Value::of_object(all)));
  TRY(sort_list(t, as<List>(list), Value::none(), false));
  return list;
}

Value object_init_subclass(Thread& t, Value* args, size_t) {
  if (as<Dict>(args[1])->count) return raise(t, ErrorType::TypeError, "{}.__init_subclass__() takes no keyword arguments", type_name(as<Type>(args[0])));
  return Value::none();
}

Value object_subclasshook(Thread& t, Value*, size_t) { return t.interpreter->not_implemented; }

Value object_getstate(Thread& t, Value* args, size_t) {
  Value module = TRY(import_module(t, "copyreg"));
  Value f = TRY(get_attribute(t, module, "_default_state"));
  return call(t, f, {args[0]});
}

Value object_sizeof(Thread& t, Value* args, size_t) { return Value::of_int(type_of(t, args[0])->layout->size); }

// copyreg's protocol, as far as copying and sending need it: (class, state).
Value object_reduce(Thread& t, Value* args, size_t) {
  Value module = TRY(import_module(t, "copyreg"));
  Value f = TRY(get_attribute(t, module, "_reduce_object"));
  return call(t, f, {args[0]});
}

const NativeRow kObjectMethods[] = {
    {"__new__", object_new, "(cls, /, *args, **kwargs)", "Create and return a new object.", Binding::Static},
    {"__init__", object_init, "(self, /, *args, **kwargs)", "Initialize self."},
    {"__format__", object_format, "(self, format_spec, /)", "Default object formatter."},
    {"__dir__", object_dir, "(self, /)", "Default dir() implementation."},
    {"__init_subclass__", object_init_subclass, "(cls, /, **kwargs)", "This method is called when a class is subclassed.", Binding::Class},
    {"__subclasshook__", object_subclasshook, "(cls, subclass, /)", "Abstract classes can override this to customize issubclass().", Binding::Class},
    {"__sizeof__", object_sizeof, "(self, /)", "Size of object in memory, in bytes."},
    {"__getstate__", object_getstate, "(self, /)", "Helper for copying."},
    {"__reduce__", object_reduce, "(self, /)", "Helper for copying."},
    {"__reduce_ex__", object_reduce, "(self, protocol, /)", "Helper for copying."},
};

const AttributeRow kObjectAttributes[] = {
    {"__class__", object_get_class, object_set_class, "the object's class"},
};

Value none_repr(Thread& t, Value) { return str_value(intern(t, "None")); }
Value none_truth(Thread&, Value) { return Value::of_bool(false); }
Value none_hash(Thread&, Value) { return Value::of_int(0xfca86420); }
Value none_new(Thread&, Value*, size_t) { return Value::none(); }
Value none_or(Thread& t, BinaryOp op, Value a, Value b) {
  return op == BinaryOp::Or ? make_union_type(t, a, b) : t.interpreter->not_implemented;
}
Value not_implemented_repr(Thread& t, Value) { return str_value(intern(t, "NotImplemented")); }
Value not_implemented_truth(Thread&, Value) { return Value::of_bool(true); }
Value not_implemented_new(Thread& t, Value*, size_t) { return t.interpreter->not_implemented; }
Value ellipsis_repr(Thread& t, Value) { return str_value(intern(t, "Ellipsis")); }
Value ellipsis_new(Thread& t, Value*, size_t) { return t.interpreter->ellipsis; }

const NativeRow kNoneMethods[] = {{"__new__", none_new, "(cls, /)", "", Binding::Static}};
const NativeRow kNotImplementedMethods[] = {{"__new__", not_implemented_new, "(cls, /)", "", Binding::Static}};
const NativeRow kEllipsisMethods[] = {{"__new__", ellipsis_new, "(cls, /)", "", Binding::Static}};

}  // namespace

const Layout object_layout = {
    .name = "object", .module = "builtins", .kind = Kind::Instance, .size = sizeof(Object), .flags = kSubclassable,
    .ops = {.repr = object_repr, .str = object_str, .hash = object_hash, .compare = object_compare,
            .get_attribute = generic_get_attribute, .set_attribute = generic_set_attribute},
    .methods = kObjectMethods, .method_count = std::size(kObjectMethods),
    .attributes = kObjectAttributes, .attribute_count = std::size(kObjectAttributes),
    .help = "The base class of the class hierarchy."};

const Layout none_layout = {
    .name = "NoneType", .module = "builtins", .kind = Kind::Native, .size = sizeof(Object),
    .ops = {.repr = none_repr, .hash = none_hash, .truth = none_truth, .binary = none_or},
    .methods = kNoneMethods, .method_count = 1};

const Layout not_implemented_layout = {
    .name = "NotImplementedType", .module = "builtins", .kind = Kind::Native, .size = sizeof(Object),
    .ops = {.repr = not_implemented_repr, .truth = not_implemented_truth},
    .methods = kNotImplementedMethods, .method_count = 1};

const Layout ellipsis_layout = {
    .name = "ellipsis", .module = "builtins", .kind = Kind::Native, .size = sizeof(Object), .ops = {.repr = ellipsis_repr},
    .methods = kEllipsisMethods, .method_count = 1};

}  // namespace mini
