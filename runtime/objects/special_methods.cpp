// SPDX-License-Identifier: MIT
// The bridge between TypeOps and special methods, in both directions:
// - a script class that defines `__add__` gets a TypeOps entry that looks it up and calls it (script_... functions);
// - a built-in type with a TypeOps entry gets the special methods as attributes (wrap_... functions).
// One table at the end says which names belong to which entry.
#include <cstddef>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

// --- From TypeOps entries to the methods of script classes ---

Value expect_type(Thread& t, Value v, bool is_ok, const char* what, const char* wanted) {
  if (v.is_raised() || is_ok) return v;
  return raise(t, ErrorType::TypeError, "{} returned non-{} (type {})", what, wanted, type_name(t, v));
}

Value script_repr(Thread& t, Value self) {
  return call_special(t, self, names(t).repr);   // repr() and str() say in their own names that it is no string
}
Value script_str(Thread& t, Value self) {
  Value v = call_special(t, self, names(t).str);
  return expect_type(t, v, is_kind(v, Kind::Str), "__str__", "string");
}
Value script_hash(Thread& t, Value self) {
  Value method = type_lookup(type_of(t, self), names(t).hash);
  if (method.is_none() || method.is_empty()) return raise_unhashable(t, self);
  Value v = TRY(call_special(t, self, names(t).hash));
  if (!is_integer(v)) return raise(t, ErrorType::TypeError, "__hash__ method should return an integer");
  int64_t n;
  if (fits_int64(v, n)) return Value::of_int(n == -1 ? -2 : n);
  int64_t folded;
  if (!hash_value(t, v, folded)) return Value::raised();
  return Value::of_int(folded);
}
Value script_truth(Thread& t, Value self) {
  Value v = TRY(call_special(t, self, names(t).boolean));
  if (!v.is_bool()) return raise(t, ErrorType::TypeError, "__bool__ should return bool, returned {}", type_name(t, v));
  return v;
}
Value script_length(Thread& t, Value self) {
  Value v = TRY(call_special(t, self, names(t).len));
  int64_t n;
  if (!to_length(t, v, n)) return Value::raised();
  if (n < 0) return raise(t, ErrorType::ValueError, "__len__() should return >= 0");
  return Value::of_int(n);
}
Value script_contains(Thread& t, Value self, Value item) {
  if (type_lookup(type_of(t, self), names(t).contains).is_none())
    return raise(t, ErrorType::TypeError, "'{}' object is not a container", type_name(t, self));
  Value v = TRY(call_special(t, self, names(t).contains, {item}));
  return truth(t, v);
}
Value script_get_item(Thread& t, Value self, Value key) { return call_special(t, self, names(t).getitem, {key}); }
Value script_set_item(Thread& t, Value self, Value key, Value value) {
  // A class that has only one of __setitem__ and __delitem__ inherits the other.
  Value method = type_lookup(type_of(t, self), value.is_empty() ? names(t).delitem : names(t).setitem);
  if (is_kind(method, Kind::NativeFunction) && as<NativeFunction>(method)->owner == types(t).dict)
    return dict_layout.ops.set_item(t, self, key, value);
  Value v = value.is_empty() ? call_special(t, self, names(t).delitem, {key}) : call_special(t, self, names(t).setitem, {key, value});
  if (v.is_empty()) return raise(t, ErrorType::AttributeError, "{}", value.is_empty() ? "__delitem__" : "__setitem__");   // it has the other one
  TRY(v);
  return Value::none();
}
Value script_iterate(Thread& t, Value self) {
  if (type_lookup(type_of(t, self), names(t).iter).is_none())
    return raise(t, ErrorType::TypeError, "'{}' object is not iterable", type_name(t, self));
  Value v = TRY(call_special(t, self, names(t).iter));
  if (!type_of(t, v)->ops.next)
    return raise(t, ErrorType::TypeError, "iter() returned non-iterator of type '{}'", type_name(t, v));
  return v;
}
// The end stays a raised StopIteration: `yield from` wants its value, next() the object itself.
Value script_next(Thread& t, Value self) { return call_special(t, self, names(t).next); }
Value script_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  Type* type = type_of(t, self);
  Value method = type_lookup(type, names(t).call);
  if (method.is_empty() || method.is_none()) return raise_not_callable(t, self);
  size_t total = argc + (keyword_names ? keyword_names->length : 0);
  if (is_kind(method, Kind::Function)) {
    ValueList all(t);
    all.push(self);
    for (size_t i = 0; i < total; ++i) all.push(args[i]);
    return call(t, method, all.data(), argc + 1, keyword_names);
  }
  const TypeOps& ops = type_of(t, method)->ops;
  Value bound = ops.descriptor_get ? TRY(ops.descriptor_get(t, method, self, Value::of_object(type))) : method;
  return call(t, bound, args, argc, keyword_names);
}
Value script_get_attribute(Thread& t, Value self, Str* name) {
  Value v = call_special(t, self, names(t).getattribute, {str_value(name)});
  bool is_absent = v.is_empty() || (v.is_raised() && exception_matches(t, ErrorType::AttributeError));
  if (!is_absent || type_lookup(type_of(t, self), names(t).getattr).is_empty()) return v;
  if (v.is_raised()) (void)take_exception(t);
  return call_special(t, self, names(t).getattr, {str_value(name)});
}
// Only __getattr__ is the script's: the common case needs no call for attributes that exist.
Value script_getattr_hook(Thread& t, Value self, Str* name) {
  Value v = type_of(t, self)->layout->kind == Kind::Type ? type_get_attribute(t, self, name) : generic_get_attribute(t, self, name);
  if (v.is_raised() && exception_matches(t, ErrorType::AttributeError)) {
    (void)take_exception(t);
    v = Value::empty();
  }
  return v.is_empty() ? call_special(t, self, names(t).getattr, {str_value(name)}) : v;
}
Value script_set_attribute(Thread& t, Value self, Str* name, Value value) {
  if (value.is_empty()) TRY(call_special(t, self, names(t).delattr, {str_value(name)}));
  else TRY(call_special(t, self, names(t).setattr, {str_value(name), value}));
  return Value::none();
}
Value script_descriptor_get(Thread& t, Value self, Value instance, Value owner) {
  return call_special(t, self, names(t).get, {instance.is_empty() ? Value::none() : instance, owner.is_empty() ? Value::none() : owner});
}
Value script_descriptor_set(Thread& t, Value self, Value instance, Value value) {
  Value v = value.is_empty() ? call_special(t, self, names(t).delete_, {instance}) : call_special(t, self, names(t).set, {instance, value});
  if (v.is_empty()) return raise(t, ErrorType::AttributeError, "{}", value.is_empty() ? "__delete__" : "__set__");
  TRY(v);
  return Value::none();
}
}  // namespace

Value script_compare(Thread& t, CompareOp op, Value a, Value b) {
  Value v = call_special(t, a, operator_names(t).compare[static_cast<int>(op)], {b});
  return v.is_empty() ? t.interpreter->not_implemented : v;
}

Value script_unary(Thread& t, UnaryOp op, Value self) {
  Value v = call_special(t, self, operator_names(t).unary[static_cast<int>(op)]);
  return v.is_empty() ? raise_bad_operand(t, op, self) : v;   // NotImplemented is an ordinary result here
}

namespace {

Value script_index(Thread& t, Value self) {
  Value v = TRY(call_special(t, self, names(t).index));
  return expect_type(t, v, is_integer(v), "__index__", "int");
}
Value script_await(Thread& t, Value self) {
  Value v = TRY(call_special(t, self, names(t).await));
  return expect_type(t, v, type_of(t, v)->ops.next != nullptr, "__await__()", "iterator");
}
Value script_async_iterate(Thread& t, Value self) { return call_special(t, self, names(t).aiter); }
Value script_async_next(Thread& t, Value self) { return call_special(t, self, names(t).anext); }

// --- From special methods of built-in types to their TypeOps entries ---

const TypeOps& native_ops(Thread& t) { return t.callee->owner->ops; }
int op_of(Thread& t) { return static_cast<int>(reinterpret_cast<intptr_t>(t.callee->data)); }

Value wrap_repr(Thread& t, Value* args, size_t) { return native_ops(t).repr(t, args[0]); }
Value wrap_str(Thread& t, Value* args, size_t) { return native_ops(t).str(t, args[0]); }
Value wrap_hash(Thread& t, Value* args, size_t) { return native_ops(t).hash(t, args[0]); }
// Operators and comparisons of int and float share their native functions; int's own methods know nothing of floats.
bool is_float_to_int(Type* owner, Value other) { return owner->layout->kind == Kind::Int && (other.is_float() || is_kind(other, Kind::Float)); }

Value wrap_compare(Thread& t, Value* args, size_t) {
  Type* owner = t.callee->owner;
  // bytes compare with any buffer, their own methods with bytes only.
  bool is_foreign = owner->layout->kind == Kind::Bytes && !is_kind(args[1], Kind::Bytes);
  if (is_float_to_int(owner, args[1]) || is_foreign) return t.interpreter->not_implemented;
  return native_ops(t).compare(t, static_cast<CompareOp>(op_of(t)), args[0], args[1]);
}
Value wrap_truth(Thread& t, Value* args, size_t) { return native_ops(t).truth(t, args[0]); }
Value wrap_length(Thread& t, Value* args, size_t) { return native_ops(t).length(t, args[0]); }
Value wrap_contains(Thread& t, Value* args, size_t) { return native_ops(t).contains(t, args[0], args[1]); }
Value wrap_get_item(Thread& t, Value* args, size_t) { return native_ops(t).get_item(t, args[0], args[1]); }
Value wrap_set_item(Thread& t, Value* args, size_t) { return native_ops(t).set_item(t, args[0], args[1], args[2]); }
Value wrap_delete_item(Thread& t, Value* args, size_t) { return native_ops(t).set_item(t, args[0], args[1], Value::empty()); }
Value wrap_iterate(Thread& t, Value* args, size_t) { return native_ops(t).iterate(t, args[0]); }
Value wrap_next(Thread& t, Value* args, size_t) {
  Value v = native_ops(t).next(t, args[0]);
  return v.is_empty() ? raise_no_arguments(t, ErrorType::StopIteration) : v;
}
// __call__(*args, **keywords): args[0] self, args[1] the keywords dict, then positional ones.
Value wrap_call(Thread& t, Value* args, size_t argc) {
  auto keywords = as<Dict>(args[1]);
  ValueList all(t);
  for (size_t i = 2; i < argc; ++i) all.push(args[i]);
  Tuple* keyword_names = nullptr;
  if (keywords->count) {
    keyword_names = make_tuple(t, keywords->count);
    size_t n = 0;
    for (DictCursor c(keywords); c.next();) {
      keyword_names->items[n++] = c.entry->key;
      all.push(c.entry->value);
    }
  }
  return type_of(t, args[0])->layout->ops.call ? native_ops(t).call(t, args[0], all.data(), argc - 2, keyword_names)
                                               : call(t, args[0], all.data(), argc - 2, keyword_names);
}
Value wrap_get_attribute(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str))
    return raise(t, ErrorType::TypeError, "attribute name must be string, not '{}'", type_name(t, args[1]));
  Str* name = intern(t, as<Str>(args[1]));
  Value v = native_ops(t).get_attribute(t, args[0], name);
  return v.is_empty() ? raise_no_attribute(t, args[0], name) : v;
}
Value wrap_set_attribute(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str))
    return raise(t, ErrorType::TypeError, "attribute name must be string, not '{}'", type_name(t, args[1]));
  return native_ops(t).set_attribute(t, args[0], intern(t, as<Str>(args[1])), args[2]);
}
Value wrap_delete_attribute(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str))
    return raise(t, ErrorType::TypeError, "attribute name must be string, not '{}'", type_name(t, args[1]));
  return native_ops(t).set_attribute(t, args[0], intern(t, as<Str>(args[1])), Value::empty());
}
Value wrap_descriptor_get(Thread& t, Value* args, size_t) {
  bool has_owner = !args[2].is_empty() && !args[2].is_none();
  if (args[1].is_none() && !has_owner) return raise(t, ErrorType::TypeError, "__get__(None, None) is invalid");
  return native_ops(t).descriptor_get(t, args[0], args[1].is_none() && has_owner ? Value::empty() : args[1],
                                      has_owner ? args[2] : Value::of_object(type_of(t, args[1])));
}
Value wrap_descriptor_set(Thread& t, Value* args, size_t) { return native_ops(t).descriptor_set(t, args[0], args[1], args[2]); }
Value wrap_descriptor_delete(Thread& t, Value* args, size_t) {
  return native_ops(t).descriptor_set(t, args[0], args[1], Value::empty());
}
Value wrap_unary(Thread& t, Value* args, size_t) { return native_ops(t).unary(t, static_cast<UnaryOp>(op_of(t)), args[0]); }
// Sequences concatenate and repeat through slots of their own, which say what they wanted; numbers answer NotImplemented.
Value checked_sequence_result(Thread& t, Type* owner, BinaryOp op, Value self, Value other, Value v) {
  if (!v.is_same(t.interpreter->not_implemented) || (op != BinaryOp::Add && op != BinaryOp::Mul)) return v;
  if (!is_sequence_layout(owner->layout)) return v;
  if (op == BinaryOp::Add) return raise_cannot_concatenate(t, self, other);
  return raise(t, ErrorType::TypeError, "'{}' object cannot be interpreted as an integer", type_name(t, other));
}
// Repeating through the method itself words a wrong count in its own way.
Value check_repetition(Thread& t, Type* owner, BinaryOp op, Value other) {
  if (op != BinaryOp::Mul || !is_row_layout(owner->layout) || is_integer(other) || type_of(t, other)->ops.index) return Value::none();
  return raise(t, ErrorType::TypeError, "'{}' object cannot be interpreted as an integer", type_name(t, other));
}

// __pow__ and __rpow__ with a modulus.
Value power_with_modulus(Thread& t, Type* owner, Value base, Value exponent, Value modulus) {
  if (owner->layout->kind == Kind::Float) return raise(t, ErrorType::TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
  bool are_integers = is_integer(base) && is_integer(exponent) && is_integer(modulus);
  return are_integers ? int_pow_mod(t, base, exponent, modulus) : t.interpreter->not_implemented;
}

bool has_modulus(BinaryOp op, const Value* args) { return op == BinaryOp::Pow && !args[2].is_empty() && !args[2].is_none(); }

Value wrap_binary(Thread& t, Value* args, size_t) {
  auto op = static_cast<BinaryOp>(op_of(t));
  Type* owner = t.callee->owner;
  if (has_modulus(op, args)) return power_with_modulus(t, owner, args[0], args[1], args[2]);
  if (is_float_to_int(owner, args[1])) return t.interpreter->not_implemented;
  TRY(check_repetition(t, owner, op, args[1]));
  return checked_sequence_result(t, owner, op, args[0], args[1], owner->ops.binary(t, op, args[0], args[1]));
}
Value wrap_reflected(Thread& t, Value* args, size_t) {
  auto op = static_cast<BinaryOp>(op_of(t));
  Type* owner = t.callee->owner;
  if (has_modulus(op, args)) return power_with_modulus(t, owner, args[1], args[0], args[2]);
  if (is_float_to_int(owner, args[1])) return t.interpreter->not_implemented;
  TRY(check_repetition(t, owner, op, args[1]));
  // A sequence repeats itself, also when the other operand is a sequence that can be an index.
  bool is_repetition = op == BinaryOp::Mul && is_row_layout(owner->layout);
  Value left = is_repetition ? args[0] : args[1], right = is_repetition ? args[1] : args[0];
  return checked_sequence_result(t, owner, op, args[0], args[1], owner->ops.binary(t, op, left, right));
}
// pow with a modulus, for which `binary` has no place: ints only.
Value power_modulo(Thread& t, Value base, Value exponent, Value modulus) {
  if (t.callee->owner->layout->kind == Kind::Float)
    return raise_text(t, ErrorType::TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
  bool are_ints = is_integer(base) && is_integer(exponent) && is_integer(modulus);
  return are_ints ? int_pow_mod(t, base, exponent, modulus) : t.interpreter->not_implemented;
}
bool has_modulus(const Value* args) { return !args[2].is_empty() && !args[2].is_none(); }
Value wrap_power(Thread& t, Value* args, size_t argc) {
  return has_modulus(args) ? power_modulo(t, args[0], args[1], args[2]) : wrap_binary(t, args, argc);
}
Value wrap_reflected_power(Thread& t, Value* args, size_t argc) {
  return has_modulus(args) ? power_modulo(t, args[1], args[0], args[2]) : wrap_reflected(t, args, argc);
}
Value wrap_inplace(Thread& t, Value* args, size_t) {
  auto op = static_cast<BinaryOp>(op_of(t));
  Type* owner = t.callee->owner;
  TRY(check_repetition(t, owner, op, args[1]));
  return checked_sequence_result(t, owner, op, args[0], args[1], owner->ops.inplace(t, op, args[0], args[1]));
}
Value wrap_index(Thread& t, Value* args, size_t) { return native_ops(t).index(t, args[0]); }
Value wrap_await(Thread& t, Value* args, size_t) { return native_ops(t).await(t, args[0]); }
Value wrap_async_iterate(Thread& t, Value* args, size_t) { return native_ops(t).async_iterate(t, args[0]); }
Value wrap_async_next(Thread& t, Value* args, size_t) { return native_ops(t).async_next(t, args[0]); }

// --- The table ---

struct SpecialMethod {
  size_t entry;           // offset in TypeOps
  void* script;           // the entry for script classes
  NativeRow row;          // the method of built-in types
};

#define ENTRY(field) offsetof(TypeOps, field), reinterpret_cast<void*>(script_##field)
const SpecialMethod kSpecialMethods[] = {
    {ENTRY(repr), {"__repr__", wrap_repr, "(self, /)", "Return repr(self)."}},
    {ENTRY(str), {"__str__", wrap_str, "(self, /)", "Return str(self)."}},
    {ENTRY(hash), {"__hash__", wrap_hash, "(self, /)", "Return hash(self)."}},
    {ENTRY(truth), {"__bool__", wrap_truth, "(self, /)", "True if self else False"}},
    {ENTRY(length), {"__len__", wrap_length, "(self, /)", "Return len(self)."}},
    {ENTRY(contains), {"__contains__", wrap_contains, "(self, key, /)", "Return key in self."}},
    {ENTRY(get_item), {"__getitem__", wrap_get_item, "(self, key, /)", "Return self[key]."}},
    {ENTRY(set_item), {"__setitem__", wrap_set_item, "(self, key, value, /)", "Set self[key] to value."}},
    {ENTRY(set_item), {"__delitem__", wrap_delete_item, "(self, key, /)", "Delete self[key]."}},
    {ENTRY(iterate), {"__iter__", wrap_iterate, "(self, /)", "Implement iter(self)."}},
    {ENTRY(next), {"__next__", wrap_next, "(self, /)", "Implement next(self)."}},
    {ENTRY(call), {"__call__", wrap_call, "(self, /, *args, **kwargs)", "Call self as a function."}},
    {ENTRY(get_attribute), {"__getattribute__", wrap_get_attribute, "(self, name, /)", "Return getattr(self, name)."}},
    {ENTRY(set_attribute), {"__setattr__", wrap_set_attribute, "(self, name, value, /)", "Implement setattr(self, name, value)."}},
    {ENTRY(set_attribute), {"__delattr__", wrap_delete_attribute, "(self, name, /)", "Implement delattr(self, name)."}},
    {ENTRY(descriptor_get), {"__get__", wrap_descriptor_get, "(self, instance, owner=None, /)", "Return an attribute of instance, which is of type owner."}},
    {ENTRY(descriptor_set), {"__set__", wrap_descriptor_set, "(self, instance, value, /)", "Set an attribute of instance to value."}},
    {ENTRY(descriptor_set), {"__delete__", wrap_descriptor_delete, "(self, instance, /)", "Delete an attribute of instance."}},
    {ENTRY(index), {"__index__", wrap_index, "(self, /)", "Return self converted to an integer, if self is suitable for use as an index into a list."}},
    {ENTRY(await), {"__await__", wrap_await, "(self, /)", "Return an iterator to be used in await expression."}},
    {ENTRY(async_iterate), {"__aiter__", wrap_async_iterate, "(self, /)", ""}},
    {ENTRY(async_next), {"__anext__", wrap_async_next, "(self, /)", ""}},
};

void*& entry_of(TypeOps& ops, size_t offset) { return *reinterpret_cast<void**>(reinterpret_cast<char*>(&ops) + offset); }

// Which special methods matter to a class: a bit for each row of kSpecialMethods, and one for each of these groups.
enum SpecialBit : unsigned { kFirstGroupBit = std::size(kSpecialMethods), kCompareBit = kFirstGroupBit, kUnaryBit, kBinaryBit, kInplaceBit, kGetattrBit, kDelBit };

constexpr uint64_t bit_of(unsigned number) { return uint64_t{1} << number; }

// From a special method's name to its bit; made once and only read after that.
const std::unordered_map<std::string_view, unsigned>& special_bits() {
  static const auto bits = [] {
    std::unordered_map<std::string_view, unsigned> made{{"__getattr__", kGetattrBit}, {"__del__", kDelBit}};
    for (unsigned i = 0; i < kFirstGroupBit; ++i) made.emplace(kSpecialMethods[i].row.name, i);
#define MINI_BINARY_OPERATOR(enumerator, name, symbol)  \
    made.emplace("__" #name "__", kBinaryBit);  \
    made.emplace("__r" #name "__", kBinaryBit); \
    made.emplace("__i" #name "__", kInplaceBit);
#define MINI_COMPARE_OPERATOR(enumerator, name, symbol, mirrored) made.emplace("__" #name "__", kCompareBit);
#define MINI_UNARY_OPERATOR(enumerator, name, symbol) made.emplace("__" #name "__", kUnaryBit);
#include "runtime/operators.def"
    made.erase("__idivmod__");
    return made;
  }();
  return bits;
}

// The special methods that the script classes in the order define.
uint64_t script_specials(Type* type) {
  uint64_t found = 0;
  for (uint64_t i = 0; i < type->mro->length; ++i) {
    auto holder = as<Type>(type->mro->items[i]);
    if (!(holder->type_flags & kTypeIsScript)) continue;
    for (DictCursor c(holder->attributes); c.next();) {
      if (!is_kind(c.entry->key, Kind::Str)) continue;
      auto name = as<Str>(c.entry->key);
      if (!is_special_name(name)) continue;
      auto at = special_bits().find({static_cast<const char*>(name->data), name->length});
      if (at != special_bits().end()) found |= bit_of(at->second);
    }
  }
  return found;
}

bool script_defines(uint64_t specials, const char* name) { return specials & bit_of(special_bits().at(name)); }

// The same for types without a kind of their own.
struct ShownOperators {
  std::string_view name;
  uint32_t plain, inplace;
};
const ShownOperators* shown_operators(const Layout* layout) {
  constexpr auto bit = [](BinaryOp op) { return 1u << static_cast<int>(op); };
  constexpr uint32_t kSets = bit(BinaryOp::Sub) | bit(BinaryOp::And) | bit(BinaryOp::Or) | bit(BinaryOp::Xor);
  constexpr uint32_t kRow = bit(BinaryOp::Add) | bit(BinaryOp::Mul), kOr = bit(BinaryOp::Or);
  static constexpr ShownOperators kShown[] = {{"deque", kRow, kRow}, {"array", kRow, kRow}, {"dict_keys", kSets, 0}, {"dict_items", kSets, 0},
                                              {"UnionType", kOr, 0}, {"GenericAlias", kOr, 0}, {"mappingproxy", kOr, 0}, {"NoneType", 0, 0}};
  for (const ShownOperators& row : kShown)
    if (row.name == layout->name) return &row;
  return nullptr;
}

}  // namespace

uint32_t supported_operators(const Layout* layout, bool is_inplace) {
  auto bit = [](BinaryOp op) { return 1u << static_cast<int>(op); };
  uint32_t sets = bit(BinaryOp::Sub) | bit(BinaryOp::And) | bit(BinaryOp::Or) | bit(BinaryOp::Xor);
  if (layout == &none_layout) return 0;   // None | int is the business of classes
  if (layout == &bool__layout) return is_inplace ? 0 : bit(BinaryOp::And) | bit(BinaryOp::Or) | bit(BinaryOp::Xor);
  std::string_view name = layout->name;
  if (name == "dict_keys" || name == "dict_items") return is_inplace ? 0 : sets;
  if (name == "mappingproxy" || name == "GenericAlias" || name == "UnionType") return is_inplace ? 0 : bit(BinaryOp::Or);
  switch (layout->kind) {
    case Kind::Int: case Kind::Float: return is_inplace ? 0 : ((1u << kBinaryOpCount) - 1) & ~bit(BinaryOp::MatMul) &
        (layout->kind == Kind::Float ? ~(bit(BinaryOp::LShift) | bit(BinaryOp::RShift) | bit(BinaryOp::And) | bit(BinaryOp::Or) | bit(BinaryOp::Xor)) : ~0u);
    case Kind::Str: case Kind::Bytes: return is_inplace ? 0 : bit(BinaryOp::Add) | bit(BinaryOp::Mul) | bit(BinaryOp::Mod);
    case Kind::ByteArray: return bit(BinaryOp::Add) | bit(BinaryOp::Mul) | (is_inplace ? 0 : bit(BinaryOp::Mod));
    case Kind::List: return bit(BinaryOp::Add) | bit(BinaryOp::Mul);
    case Kind::Tuple: return is_inplace ? 0 : bit(BinaryOp::Add) | bit(BinaryOp::Mul);
    case Kind::Dict: case Kind::Type: return bit(BinaryOp::Or);
    case Kind::Set: return sets;
    case Kind::FrozenSet: return is_inplace ? 0 : sets;
    case Kind::Native: if (const ShownOperators* shown = shown_operators(layout)) return is_inplace ? shown->inplace : shown->plain; [[fallthrough]];
    default: return is_inplace ? bit(BinaryOp::Add) | bit(BinaryOp::Mul) | sets : sets | bit(BinaryOp::Add) | bit(BinaryOp::Mul);
  }
}

namespace {

void expose(Thread& t, Type* type, const NativeRow& row, Str* name, intptr_t op) {
  if (dict_find(type->attributes, name) >= 0) return;
  NativeFunction* f = make_native_function(t, row, type, Value::none());
  f->name = name;
  f->data = reinterpret_cast<void*>(op);
  set_slot_form(f);
  dict_set(t, type->attributes, name, Value::of_object(f));
}

const NativeRow kCompareRow = {"__eq__", wrap_compare, "(self, value, /)", "Compare self with value."};
const NativeRow kUnaryRow = {"__neg__", wrap_unary, "(self, /)", "Apply a unary operator to self."};
const NativeRow kBinaryRow = {"__add__", wrap_binary, "(self, value, /)", "Apply a binary operator to self and value."};
const NativeRow kPowerRow = {"__pow__", wrap_power, "(self, value, mod=None, /)", "Return pow(self, value, mod)."};
const NativeRow kReflectedPowerRow = {"__rpow__", wrap_reflected_power, "(self, value, mod=None, /)", "Return pow(value, self, mod)."};
const NativeRow kReflectedRow = {"__radd__", wrap_reflected, "(self, value, /)", "Apply a binary operator to value and self."};
const NativeRow kInplaceRow = {"__iadd__", wrap_inplace, "(self, value, /)", "Apply an augmented assignment to self."};

}  // namespace

void* native_entry(Type* type, size_t offset) {
  for (uint64_t i = 0; i < type->mro->length; ++i) {
    auto holder = as<Type>(type->mro->items[i]);
    if (holder->type_flags & kTypeIsScript) continue;
    auto own = const_cast<TypeOps&>(holder->layout->ops);
    if (void* entry = *reinterpret_cast<void**>(reinterpret_cast<char*>(&own) + offset)) return entry;
    if (offset == offsetof(TypeOps, hash) && own.compare) return nullptr;   // comparing without hashing: unhashable
  }
  return nullptr;
}

bool is_special_name(const Str* name) {
  if (!name->is_ascii() || name->length < 5) return false;
  const uint8_t* text = name->narrow();
  return text[0] == '_' && text[1] == '_' && text[name->length - 1] == '_' && text[name->length - 2] == '_';
}

void resolve_ops(Type* type) {
  TypeOps& ops = type->ops;
  uint64_t specials = script_specials(type);
  for (auto& special : kSpecialMethods) entry_of(ops, special.entry) = native_entry(type, special.entry);
  for (unsigned i = 0; i < kFirstGroupBit; ++i)
    if (specials & bit_of(i)) entry_of(ops, kSpecialMethods[i].entry) = kSpecialMethods[i].script;
  auto inherit = [&](auto& field, size_t offset) { field = reinterpret_cast<std::remove_reference_t<decltype(field)>>(native_entry(type, offset)); };
  inherit(ops.compare, offsetof(TypeOps, compare));
  inherit(ops.unary, offsetof(TypeOps, unary));
  inherit(ops.binary, offsetof(TypeOps, binary));
  inherit(ops.inplace, offsetof(TypeOps, inplace));
  if (specials & bit_of(kCompareBit)) ops.compare = script_compare;
  if (specials & bit_of(kUnaryBit)) ops.unary = script_unary;
  if (specials & bit_of(kBinaryBit)) ops.binary = script_binary;
  if (specials & bit_of(kInplaceBit)) ops.inplace = script_inplace;
  // Containers are true by their length, so a script's __len__ decides for those derived from them.
  if (ops.length && script_defines(specials, "__len__") && !script_defines(specials, "__bool__") && native_entry(type, offsetof(TypeOps, length)))
    ops.truth = nullptr;
  bool has_getattribute = script_defines(specials, "__getattribute__");
  bool has_getattr = specials & bit_of(kGetattrBit);
  if (has_getattr && !has_getattribute) ops.get_attribute = script_getattr_hook;
  Thread& t = *current_thread();
  type->type_flags &= ~(kTypeHasGetattr | kTypeHasSetattr | kTypeHasDel | kTypePlainNew);
  if (has_getattr || has_getattribute) type->type_flags |= kTypeHasGetattr;
  if (script_defines(specials, "__setattr__") || script_defines(specials, "__delattr__")) type->type_flags |= kTypeHasSetattr;
  if (specials & bit_of(kDelBit)) type->type_flags |= kTypeHasDel;
  Type* owner = nullptr;
  (void)type_lookup(type, names(t).new_, &owner);
  if (owner == types(t).object && type->layout == &object_layout) type->type_flags |= kTypePlainNew;
  Value init = type_lookup(type, names(t).init, &owner);
  type->init_function = is_kind(init, Kind::Function) ? init : Value::empty();
}

void expose_ops(Thread& t, Type* type) {
  const OperatorNames& n = operator_names(t);
  auto& own = const_cast<TypeOps&>(type->layout->ops);
  for (auto& special : kSpecialMethods) {
    // What has a length is asked for that; its truth is the runtime's own short cut. (A range may be longer than its length can tell.)
    bool is_short_cut = special.entry == offsetof(TypeOps, truth) && own.length && type->layout->kind != Kind::Range;
    if (entry_of(own, special.entry) && !is_short_cut) expose(t, type, special.row, intern(t, special.row.name), 0);
  }
  if (own.compare)
    for (int i = 0; i < kCompareOpCount; ++i) expose(t, type, kCompareRow, n.compare[i], i);
  if (own.unary)
    for (int i = 0; i < kUnaryOpCount; ++i)
      if (type->layout->kind != Kind::Float || i != static_cast<int>(UnaryOp::Invert)) expose(t, type, kUnaryRow, n.unary[i], i);
  for (int i = 0; i < kBinaryOpCount; ++i) {
    if (own.binary && supported_operators(type->layout, false) >> i & 1) {
      expose(t, type, i == static_cast<int>(BinaryOp::Pow) ? kPowerRow : kBinaryRow, n.binary[i], i);
      bool is_row = is_sequence_layout(type->layout) || type->layout->kind == Kind::Native;
      bool is_concatenation = i == static_cast<int>(BinaryOp::Add) && is_row && own.length;
      if (!is_concatenation) expose(t, type, i == static_cast<int>(BinaryOp::Pow) ? kReflectedPowerRow : kReflectedRow, n.reflected[i], i);
    }
    if (own.inplace && n.inplace[i] && supported_operators(type->layout, true) >> i & 1)
      expose(t, type, kInplaceRow, n.inplace[i], i);
  }
  if (own.compare && !own.hash) dict_set(t, type->attributes, names(t).hash, Value::none());
}

}  // namespace mini
