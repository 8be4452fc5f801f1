// SPDX-License-Identifier: MIT
// Making classes (from the class statement, type() and the tables of built-in types) and instances.
#include <algorithm>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_parts.h"
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

Value raise_abstract(Thread& t, Type* type) {
  Value names_of = TRY(to_list(t, dict_get(type->attributes, names(t).abstractmethods)));
  auto list = as<List>(names_of);
  TRY(sort_list(t, list, Value::none(), false));
  std::string joined;
  for (uint64_t i = 0; i < list->length; ++i) joined += (i ? ", " : "") + to_utf8(as<Str>(list->items[i]));
  return raise(t, ErrorType::TypeError, "Can't instantiate abstract class {} with abstract method{} {}", type_name(type),
               list->length > 1 ? "s" : "", joined);
}

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
  size_t total = argc + (keyword_names ? keyword_names->length : 0);
  constexpr size_t kFew = 8;
  Value few[kFew + 1];
  ValueList many(t);
  if (total > kFew) many.resize(total + 1);
  Value* all = total > kFew ? many.data() : few;
  all[0] = Value::of_object(type);
  copy_values(args, total, all + 1);
  Value o;
  Type* init_owner = nullptr;
  Value init = type_lookup(type, names(t).init, &init_owner);
  bool has_init = init_owner && init_owner != types(t).object;
  bool is_abstract = type->type_flags & kTypeAbstract;   // which object.__new__ looks at
  if (type->type_flags & kTypePlainNew && (has_init || total == 0) && !is_abstract) {
    o = make_instance(t, type);
  } else {
    Value new_method = TRY(get_attribute(t, Value::of_object(type), names(t).new_));
    bool drops = keyword_names && init_owner && ignores_keywords(type, new_method, init_owner);
    o = TRY(call(t, new_method, all, argc + 1, drops ? nullptr : keyword_names));
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
    result = TRY(call(t, init, all, argc + 1, drops ? nullptr : keyword_names));
  } else {
    const TypeOps& ops = type_of(t, init)->ops;
    Value bound = ops.descriptor_get ? TRY(ops.descriptor_get(t, init, o, Value::of_object(type_of(t, o)))) : init;
    result = TRY(call(t, bound, all + 1, argc, keyword_names));
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
  bool keeps_arguments = type->native_new->function == exception_new && !(type->type_flags & kTypeHasErrorFields);
  if (keeps_arguments && is_script_init) return Making::ErrorScript;
  if (keeps_arguments && type->native_init && type->native_init->function == exception_init) return Making::Error;
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
  note_finalizer(type);
  t.interpreter->all_types.push_back(type);
  return type;
}

// Keeps the one of two that derives from the other; false when neither does.
bool take_wider(Type* type, Type*& widest) {
  if (!widest || is_subtype(type, widest)) widest = type;
  return is_subtype(widest, type);
}

// The class that gave the instances of `type` their struct or their last slots: as __slots__ of two classes have no common order, only
// one of several bases may have any.
Type* slots_owner(Type* type) {
  if (type->type_flags & kTypeAddsSlots || !type->bases->length) return type;
  if (!(type->type_flags & kTypeIsScript)) {
    Type* base = as<Type>(type->bases->items[0]);
    return base->layout->size == type->layout->size ? slots_owner(base) : type;
  }
  Type* widest = nullptr;
  for (uint64_t i = 0; i < type->bases->length; ++i) take_wider(slots_owner(as<Type>(type->bases->items[i])), widest);
  return widest;
}

// The base whose instances have the most: what CPython calls __base__.
Type* base_with_slots(Tuple* bases) {
  auto best = as<Type>(bases->items[0]);
  for (uint64_t i = 1; i < bases->length; ++i) {
    auto other = as<Type>(bases->items[i]);
    Type *mine = slots_owner(best), *its = slots_owner(other);
    if (its != mine && is_subtype(its, mine)) best = other;
  }
  return best;
}

// The most derived metaclass of the bases. Null after raising.
Type* winning_metatype(Thread& t, Type* metatype, Tuple* bases) {
  for (uint64_t i = 0; i < bases->length; ++i) {
    Type* other = type_of(t, bases->items[i]);
    if (is_subtype(metatype, other)) continue;
    Value entries = is_type_object(bases->items[i]) ? Value::empty() : get_attribute_or_empty(t, bases->items[i], names(t).mro_entries);
    if (!entries.is_empty()) {
      if (!entries.is_raised()) (void)raise_text(t, ErrorType::TypeError, "type() doesn't support MRO entry resolution; use types.new_class()");
      return nullptr;
    }
    if (!is_subtype(other, metatype)) {
      (void)raise(t, ErrorType::TypeError,
                  "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases");
      return nullptr;
    }
    metatype = other;
  }
  return metatype;
}

bool bases_have_dict(Thread& t, Type* type, uint64_t first) {
  for (uint64_t i = first; i < type->mro->length; ++i) {
    auto base = as<Type>(type->mro->items[i]);
    if (base == types(t).object) continue;
    if (dict_find(base->attributes, names(t).dict) >= 0) return true;
    if ((base->type_flags & kTypeIsScript && !(base->type_flags & kTypeHasSlotsOnly)) || base->layout->flags & kHasAttributes) return true;
  }
  return false;
}

bool takes_references(Thread& t, Type* type) {
  return native_takes_references(type->layout) || !type_lookup(type, names(t).weakref).is_empty();
}

// As CPython, whose objects of variable size have no room for weak references.
bool has_variable_size(const Type* type) {
  Kind kind = type->layout->kind;
  return kind == Kind::Int || kind == Kind::Tuple || kind == Kind::Bytes || kind == Kind::Type;
}

// `__dict__` and `__weakref__`, which the first class of a line that has them shows.
Value add_instance_attributes(Thread& t, Type* type, bool with_dict, bool with_weakref) {
  // A class may have put something of its own under these names.
  bool shows_dict = with_dict && !bases_have_dict(t, type, 1) && dict_find(type->attributes, names(t).dict) < 0;
  if (shows_dict) dict_set(t, type->attributes, names(t).dict, make_attribute_descriptor(t, kInstanceDict, type));
  if (with_weakref && !takes_references(t, type) && !has_variable_size(type))
    dict_set(t, type->attributes, names(t).weakref, make_attribute_descriptor(t, kInstanceWeakref, type));
  return Value::none();
}

// The names in `__slots__`, private ones mangled, in alphabetical order. Checked before the class has an order of bases: what its instances have
// already is what those of its __base__ have.
Value slot_names(Thread& t, Type* type, Value slots, ValueList& out, bool& has_dict, bool& has_weakref) {
  ValueList list(t);
  if (is_kind(slots, Kind::Str)) list.push(slots);
  else
    for (Iteration it(t, slots);;) {
      Value item = TRY(it.next());
      if (item.is_empty()) break;
      list.push(item);
    }
  if (list.size() && has_variable_size(type))
    return raise(t, ErrorType::TypeError, "nonempty __slots__ not supported for subtype of '{}'", type_name(solid_base(type->bases)));
  List* sorted = make_list(t);
  for (Value name : list) {
    if (!is_kind(name, Kind::Str))
      return raise(t, ErrorType::TypeError, "__slots__ items must be strings, not '{}'", type_name(t, name));
    if (!TRY(call_method(t, name, intern(t, "isidentifier"))).is_true()) return raise_text(t, ErrorType::TypeError, "__slots__ must be identifiers");
    Str* text = intern(t, as<Str>(name));
    bool& is_given = text == names(t).dict ? has_dict : has_weakref;
    if (text == names(t).dict || text == names(t).weakref) {
      if (is_given)
        return raise(t, ErrorType::TypeError, "{} slot disallowed: {}", to_utf8(text),
                     text == names(t).dict ? "we already got one" : "either we already got one, or __itemsize__ != 0");
      is_given = true;
      continue;
    }
    std::string utf8 = to_utf8(text);
    if (utf8.size() > 2 && utf8[0] == '_' && utf8[1] == '_' && !utf8.ends_with("__")) {
      std::string owner = to_utf8(type->name);
      owner.erase(0, owner.find_first_not_of('_'));
      text = intern(t, "_" + owner + utf8);
    }
    if (dict_find(type->attributes, text) >= 0)
      return raise(t, ErrorType::ValueError, "'{}' in __slots__ conflicts with class variable", utf8);
    list_push(t, sorted, str_value(text));
    type->type_flags |= kTypeAddsSlots;
  }
  TRY(sort_list(t, sorted, Value::none(), false));
  for (uint64_t i = 0; i < sorted->length; ++i) out.push(sorted->items[i]);
  return Value::none();
}

// `__slots__`: each name becomes a member descriptor, and without `__dict__` other attributes are refused.
Value add_slots(Thread& t, Type* type, ValueList& members, bool has_dict, bool has_weakref) {
  bool inherits_dict = bases_have_dict(t, type, 1), inherits_weakref = takes_references(t, type);
  has_dict |= inherits_dict;
  for (Value name : members) dict_set(t, type->attributes, as<Str>(name), make_member_descriptor(t, as<Str>(name), type));
  if (!has_dict) type->type_flags |= kTypeHasSlotsOnly;
  return add_instance_attributes(t, type, has_dict && !inherits_dict, has_weakref && !inherits_weakref);
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

void add_doc_and_hash(Thread& t, Type* type) {
  Dict* d = type->attributes;
  if (dict_find(d, names(t).doc) < 0) dict_set(t, d, names(t).doc, Value::none());
  if (dict_find(d, names(t).eq) >= 0 && dict_find(d, names(t).hash) < 0) dict_set(t, d, names(t).hash, Value::none());
}

void fill_class_cell(Thread& t, Type* type) {
  Dict* d = type->attributes;
  Value cell = dict_get(d, names(t).classcell);
  if (is_kind(cell, Kind::Cell)) {
    store(cell.object, as<Cell>(cell)->value, Value::of_object(type));
    dict_delete(t, d, names(t).classcell);
  }
}

}  // namespace

Value check_bases(Thread& t, Tuple* bases) {
  for (uint64_t i = 0; i < bases->length; ++i) {
    if (!is_type_object(bases->items[i])) {
      return raise_text(t, ErrorType::TypeError, "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                                                 "metaclasses of all its bases");
    }
    auto base = as<Type>(bases->items[i]);
    if (!(base->type_flags & kTypeIsScript) && !(base->layout->flags & kSubclassable))
      return raise(t, ErrorType::TypeError, "type '{}' is not an acceptable base type", type_name(base));
  }
  Type* solid = solid_base(bases);
  for (uint64_t i = 0; i < bases->length; ++i)
    if (!derives_from(solid->layout, as<Type>(bases->items[i])->layout))
      return raise(t, ErrorType::TypeError, "multiple bases have instance lay-out conflict");
  Type* widest = nullptr;
  for (uint64_t i = 0; i < bases->length; ++i)
    if (!take_wider(slots_owner(as<Type>(bases->items[i])), widest))
      return raise(t, ErrorType::TypeError, "multiple bases have instance lay-out conflict");
  return Value::none();
}

Value raise_no_order(Thread& t, Tuple* bases, const std::vector<Value>& heads) {
  for (uint64_t i = 0; i < bases->length; ++i)
    for (uint64_t j = 0; j < i; ++j)
      if (bases->items[j].is_same(bases->items[i]))
        return raise(t, ErrorType::TypeError, "duplicate base class {}", type_name(as<Type>(bases->items[i])));
  std::string text;
  for (Value head : heads) text += (text.empty() ? "" : ", ") + std::string(type_name(as<Type>(head)));
  return raise(t, ErrorType::TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases {}", text);
}

namespace {

// What a metaclass's mro() gave: classes whose native parts the instances have, so that their methods find what they look for.
Value check_custom_order(Thread& t, Type* type, Tuple* order) {
  for (uint64_t i = 0; i < order->length; ++i) {
    if (!is_type_object(order->items[i]))
      return raise(t, ErrorType::TypeError, "mro() returned a non-class ('{}')", type_name(t, order->items[i]));
    auto entry = as<Type>(order->items[i]);
    bool fits = entry->layout == &object_layout || derives_from(type->layout, entry->layout);
    if (!fits) return raise(t, ErrorType::TypeError, "mro() returned base with unsuitable layout ('{}')", type_name(entry));
  }
  return Value::none();
}

}  // namespace

Type* most_derived_metatype(Thread& t, Type* metatype, Tuple* bases) { return winning_metatype(t, metatype, bases); }

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
  for (uint64_t i = 0; i < bases->length; ++i) type->type_flags |= as<Type>(bases->items[i])->type_flags & kTypeHasErrorFields;
  type->attributes = attributes;
  type->mro = t.interpreter->empty_tuple;
  Value slots = dict_get(attributes, names(t).slots);
  ValueList members(t);
  Type* nearest = base_with_slots(bases);
  bool has_dict = bases_have_dict(t, nearest, 0), has_weakref = takes_references(t, nearest);
  if (!slots.is_empty()) TRY(slot_names(t, type, slots, members, has_dict, has_weakref));
  std::vector<Value> order;
  if (!linearise(type, bases, order)) return raise_no_order(t, bases, order);
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
  fill_class_cell(t, type);
  TRY(slots.is_empty() ? add_instance_attributes(t, type, true, true) : add_slots(t, type, members, has_dict, has_weakref));
  add_doc_and_hash(t, type);
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
  bool shows_dict = layout.flags & kHasAttributes && dict_find(type->attributes, names(t).dict) < 0;
  if (shows_dict) dict_set(t, type->attributes, names(t).dict, make_attribute_descriptor(t, kInstanceDict, type));
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
  auto& recent = interpreter.recent_native_types[reinterpret_cast<uintptr_t>(&layout) / 64 % std::size(interpreter.recent_native_types)];
  if (MINI_LIKELY(recent.first == &layout)) return recent.second;
  if (auto it = interpreter.native_types.find(&layout); it != interpreter.native_types.end()) {
    recent = *it;
    return it->second;
  }
  Thread& t = *current_thread();
  t.heap->disable();
  Type* type = declare_native_type(t, layout);
  complete_native_type(t, type);
  t.heap->enable();
  return type;
}

}  // namespace mini
