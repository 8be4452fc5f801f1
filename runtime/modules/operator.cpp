// SPDX-License-Identifier: MIT
// operator: the operators of the language as functions, and the callables itemgetter, attrgetter, methodcaller.
#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

template <BinaryOp Op>
Value operator_binary(Thread& t, Value* args, size_t) { return binary_operation(t, Op, args[0], args[1]); }
template <BinaryOp Op>
Value operator_inplace(Thread& t, Value* args, size_t) { return inplace_operation(t, Op, args[0], args[1]); }
template <CompareOp Op>
Value operator_compare(Thread& t, Value* args, size_t) { return compare_values(t, Op, args[0], args[1]); }
template <UnaryOp Op>
Value operator_unary(Thread& t, Value* args, size_t) { return unary_operation(t, Op, args[0]); }

Value operator_not(Thread& t, Value* args, size_t) { return Value::of_bool(!TRY(truth(t, args[0])).is_true()); }
Value operator_truth(Thread& t, Value* args, size_t) { return truth(t, args[0]); }
Value operator_is(Thread&, Value* args, size_t) { return Value::of_bool(args[0].is_same(args[1])); }
Value operator_is_not(Thread&, Value* args, size_t) { return Value::of_bool(!args[0].is_same(args[1])); }
Value operator_contains(Thread& t, Value* args, size_t) { return contains(t, args[0], args[1]); }
Value operator_getitem(Thread& t, Value* args, size_t) { return get_item(t, args[0], args[1]); }
Value operator_index(Thread& t, Value* args, size_t) { return to_integer(t, args[0]); }

Value operator_setitem(Thread& t, Value* args, size_t) {
  TRY(set_item(t, args[0], args[1], args[2]));
  return Value::none();
}

Value operator_delitem(Thread& t, Value* args, size_t) {
  TRY(set_item(t, args[0], args[1], Value::empty()));
  return Value::none();
}

// Concatenation is for sequences only: numbers must not be added by it.
bool is_sequence(Thread& t, Value v) { return type_of(t, v)->ops.get_item && !is_kind(v, Kind::Dict); }

Value operator_concat(Thread& t, Value* args, size_t) {
  if (!is_sequence(t, args[0])) return raise(t, ErrorType::TypeError, "'{}' object can't be concatenated", type_name(t, args[0]));
  Value v = binary_operation(t, BinaryOp::Add, args[0], args[1]);
  // A range is a sequence, but nothing adds ranges.
  bool is_range = v.is_raised() && is_kind(args[0], Kind::Range) && exception_matches(t, ErrorType::TypeError);
  if (!is_range) return v;
  (void)take_exception(t);
  return raise(t, ErrorType::TypeError, "'{}' object can't be concatenated", type_name(t, args[0]));
}

Value operator_iconcat(Thread& t, Value* args, size_t) {
  if (!is_sequence(t, args[0])) return raise(t, ErrorType::TypeError, "'{}' object can't be concatenated", type_name(t, args[0]));
  return inplace_operation(t, BinaryOp::Add, args[0], args[1]);
}

// An iterator over what is searched; whatever is wrong with getting one is told in these words.
Value search_iterator(Thread& t, Value container) {
  Value iterator = get_iterator(t, container);
  if (!iterator.is_raised() || !exception_matches(t, ErrorType::TypeError)) return iterator;
  (void)take_exception(t);
  return raise(t, ErrorType::TypeError, "argument of type '{}' is not iterable", type_name(t, container));
}

Value operator_count_of(Thread& t, Value* args, size_t) {
  int64_t count = 0;
  for (Iteration it(t, TRY(search_iterator(t, args[0])));;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::of_int(count);
    count += TRY(contained_equal(t, item, args[1])).is_true();
  }
}

Value operator_index_of(Thread& t, Value* args, size_t) {
  int64_t position = 0;
  for (Iteration it(t, TRY(search_iterator(t, args[0])));; ++position) {
    Value item = TRY(it.next());
    if (item.is_empty()) return raise_text(t, ErrorType::ValueError, "sequence.index(x): x not in sequence");
    if (TRY(contained_equal(t, item, args[1])).is_true()) return Value::of_int(position);
  }
}

Value operator_length_hint(Thread& t, Value* args, size_t) {
  Value fallback = args[1].is_empty() ? Value::of_int(0) : args[1];
  if (!is_integer(fallback))
    return raise(t, ErrorType::TypeError, "'{}' object cannot be interpreted as an integer", type_name(t, fallback));
  int64_t n;
  return to_index(t, fallback, n) ? length_hint_of(t, args[0], Value::of_int(n)) : Value::raised();
}

// operator.call(obj, *args, **kwargs): args[0] = obj, args[1] = keywords.
Value operator_call(Thread& t, Value* args, size_t argc) {
  auto keywords = as<Dict>(args[1]);
  if (keywords->count == 0) return call(t, args[0], args + 2, argc - 2);
  ValueList values(t);
  for (size_t i = 2; i < argc; ++i) values.push(args[i]);
  Tuple* keyword_names = make_tuple(t, static_cast<size_t>(keywords->count));
  size_t i = 0;
  for (DictCursor c(keywords); c.next();) {
    store(keyword_names, keyword_names->items[i++], c.entry->key);
    values.push(c.entry->value);
  }
  return call(t, args[0], values.data(), argc - 2, keyword_names);
}

// --- itemgetter and attrgetter: what they get, one or several ---

struct Getter : Object {
  Tuple* wanted;       // items; or for attributes a tuple of names for each dotted path
  Tuple* shown;        // the arguments, for repr
};

void getter_trace(Object* self, Marker& marker) {
  marker.mark_pointer(static_cast<Getter*>(self)->wanted);
  marker.mark_pointer(static_cast<Getter*>(self)->shown);
}

Value make_getter(Thread& t, Value cls, Tuple* wanted, Tuple* shown) {
  auto g = static_cast<Getter*>(allocate_object(t, as<Type>(cls)));
  g->wanted = wanted;
  g->shown = shown;
  return Value::of_object(g);
}

Value getter_repr(Thread& t, Value self) {
  ReprGuard guard(t, self.object);
  std::string out = std::string("operator.") + short_type_name(t, self) + "(";
  if (guard.is_recursive()) return str_value(make_str(t, out + "...)"));
  if (!append_items(t, out, as<Getter>(self)->shown)) return Value::raised();
  return str_value(make_str(t, out + ")"));
}

Value itemgetter_new(Thread& t, Value* args, size_t argc) {
  if (argc < 2) return raise_text(t, ErrorType::TypeError, "itemgetter expected 1 argument, got 0");
  Tuple* wanted = make_tuple(t, args + 1, argc - 1);
  return make_getter(t, args[0], wanted, wanted);
}

// False after raising.
bool takes_one(Thread& t, Value self, size_t argc, Tuple* keyword_names) {
  if (argc == 1 && !keyword_names) return true;
  if (keyword_names) (void)raise(t, ErrorType::TypeError, "{}() takes no keyword arguments", short_type_name(t, self));
  else (void)raise(t, ErrorType::TypeError, "{} expected 1 argument, got {}", short_type_name(t, self), argc);
  return false;
}

Value itemgetter_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  if (!takes_one(t, self, argc, keyword_names)) return Value::raised();
  auto wanted = as<Getter>(self)->wanted;
  if (wanted->length == 1) {
    Value key = wanted->items[0];
    bool is_plain = key.is_int() && (is_exact(args[0], Kind::Tuple) || is_exact(args[0], Kind::List));
    if (is_plain && static_cast<uint64_t>(key.integer) < as<Sequence>(args[0])->length) return as<Sequence>(args[0])->items[key.integer];
    return get_item(t, args[0], key);
  }
  Tuple* result = make_tuple(t, static_cast<size_t>(wanted->length));
  for (uint64_t i = 0; i < wanted->length; ++i) store(result, result->items[i], TRY(get_item(t, args[0], wanted->items[i])));
  return Value::of_object(result);
}

// "a.b.c" as a tuple of interned names.
Value split_path(Thread& t, Value path) {
  if (!is_kind(path, Kind::Str)) return raise_text(t, ErrorType::TypeError, "attribute name must be a string");
  std::string text = to_utf8(as<Str>(path));
  List* parts = make_list(t);
  for (size_t begin = 0; begin <= text.size();) {
    size_t dot = std::min(text.find('.', begin), text.size());
    list_push(t, parts, str_value(intern(t, std::string_view(text).substr(begin, dot - begin))));
    begin = dot + 1;
  }
  return Value::of_object(make_tuple(t, parts));
}

Value attrgetter_new(Thread& t, Value* args, size_t argc) {
  if (argc < 2) return raise_text(t, ErrorType::TypeError, "attrgetter expected 1 argument, got 0");
  Tuple* wanted = make_tuple(t, argc - 1);
  for (size_t i = 1; i < argc; ++i) store(wanted, wanted->items[i - 1], TRY(split_path(t, args[i])));
  return make_getter(t, args[0], wanted, make_tuple(t, args + 1, argc - 1));
}

Value walk_path(Thread& t, Value v, const Tuple* path) {
  for (uint64_t i = 0; i < path->length; ++i) v = TRY(get_attribute(t, v, as<Str>(path->items[i])));
  return v;
}

Value attrgetter_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  if (!takes_one(t, self, argc, keyword_names)) return Value::raised();
  auto wanted = as<Getter>(self)->wanted;
  if (wanted->length == 1) return walk_path(t, args[0], as<Tuple>(wanted->items[0]));
  Tuple* result = make_tuple(t, static_cast<size_t>(wanted->length));
  for (uint64_t i = 0; i < wanted->length; ++i) store(result, result->items[i], TRY(walk_path(t, args[0], as<Tuple>(wanted->items[i]))));
  return Value::of_object(result);
}

Value getter_reduce(Thread& t, Value* args, size_t) {
  Value cls = Value::of_object(type_of(t, args[0]));
  return Value::of_object(make_tuple(t, {cls, Value::of_object(as<Getter>(args[0])->shown)}));
}

const NativeRow kItemgetterMethods[] = {
    {"__new__", itemgetter_new, "(cls, /, *items)",
     "Return a callable object that fetches the given item(s) from its operand.\nAfter f = itemgetter(2), the call f(r) returns r[2].\nAfter "
     "g = itemgetter(2, 5, 3), the call g(r) returns (r[2], r[5], r[3])",
     Binding::Static},
    {"__reduce__", getter_reduce, "(self, /)", "Return state information for pickling"},
};
const NativeRow kAttrgetterMethods[] = {
    {"__new__", attrgetter_new, "(cls, /, *attrs)",
     "Return a callable object that fetches the given attribute(s) from its operand.\nAfter f = attrgetter('name'), the call f(r) returns "
     "r.name.",
     Binding::Static},
    {"__reduce__", getter_reduce, "(self, /)", "Return state information for pickling"},
};

const Layout itemgetter_layout = {
    .name = "itemgetter", .module = "operator", .kind = Kind::Native, .size = sizeof(Getter), .trace = getter_trace,
    .ops = {.repr = getter_repr, .call = itemgetter_call}, .methods = kItemgetterMethods, .method_count = std::size(kItemgetterMethods),
    .help = kItemgetterMethods[0].help};
const Layout attrgetter_layout = {
    .name = "attrgetter", .module = "operator", .kind = Kind::Native, .size = sizeof(Getter), .trace = getter_trace,
    .ops = {.repr = getter_repr, .call = attrgetter_call}, .methods = kAttrgetterMethods, .method_count = std::size(kAttrgetterMethods),
    .help = kAttrgetterMethods[0].help};

// --- methodcaller ---

struct MethodCaller : Object {
  Str* name;
  Tuple* args;         // positional values, then one for each keyword
  Tuple* keyword_names;
};

void methodcaller_trace(Object* self, Marker& marker) {
  auto m = static_cast<MethodCaller*>(self);
  marker.mark_pointer(m->name);
  marker.mark_pointer(m->args);
  marker.mark_pointer(m->keyword_names);
}

// args: cls, keywords, then the positional ones.
Value methodcaller_new(Thread& t, Value* args, size_t argc) {
  if (argc < 3) return raise_text(t, ErrorType::TypeError, "methodcaller needs at least one argument, the method name");
  if (!is_kind(args[2], Kind::Str)) return raise_text(t, ErrorType::TypeError, "method name must be a string");
  auto keywords = as<Dict>(args[1]);
  ValueList values(t);
  for (size_t i = 3; i < argc; ++i) values.push(args[i]);
  Tuple* keyword_names = make_tuple(t, static_cast<size_t>(keywords->count));
  size_t i = 0;
  for (DictCursor c(keywords); c.next();) {
    store(keyword_names, keyword_names->items[i++], c.entry->key);
    values.push(c.entry->value);
  }
  Tuple* all = make_tuple(t, values.data(), values.size());
  Str* name = intern(t, as<Str>(args[2]));
  auto m = static_cast<MethodCaller*>(allocate_object(t, as<Type>(args[0])));
  m->name = name;
  m->args = all;
  m->keyword_names = keyword_names;
  return Value::of_object(m);
}

Value methodcaller_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  if (!takes_one(t, self, argc, keyword_names)) return Value::raised();
  auto m = as<MethodCaller>(self);
  Value method = TRY(get_attribute(t, args[0], m->name));
  uint64_t named = m->keyword_names->length;
  return call(t, method, m->args->items, m->args->length - named, named ? m->keyword_names : nullptr);
}

Value methodcaller_repr(Thread& t, Value self) {
  auto m = as<MethodCaller>(self);
  std::string out = "operator.methodcaller(";
  if (!append_repr(t, out, str_value(m->name))) return Value::raised();
  uint64_t positional = m->args->length - m->keyword_names->length;
  for (uint64_t i = 0; i < m->args->length; ++i) {
    out += ", ";
    if (i >= positional) out += to_utf8(as<Str>(m->keyword_names->items[i - positional])) + "=";
    if (!append_repr(t, out, m->args->items[i])) return Value::raised();
  }
  return str_value(make_str(t, out + ")"));
}

// (class, (name, args...)), or with keywords (partial of the class with name and keywords, args).
Value methodcaller_reduce(Thread& t, Value* args, size_t) {
  auto m = as<MethodCaller>(args[0]);
  Value cls = Value::of_object(type_of(t, args[0]));
  uint64_t named = m->keyword_names ? m->keyword_names->length : 0, positional = m->args->length - named;
  ValueList plain(t);
  if (!named) plain.push(str_value(m->name));
  for (uint64_t i = 0; i < positional; ++i) plain.push(m->args->items[i]);
  Value arguments = Value::of_object(make_tuple(t, plain.data(), plain.size()));
  if (!named) return Value::of_object(make_tuple(t, {cls, arguments}));
  Value partial = TRY(get_attribute(t, TRY(import_module(t, "functools")), "partial"));
  ValueList given(t);
  given.push(cls);
  given.push(str_value(m->name));
  for (uint64_t i = 0; i < named; ++i) given.push(m->args->items[positional + i]);
  Value made = TRY(call(t, partial, given.data(), 2, m->keyword_names));
  return Value::of_object(make_tuple(t, {made, arguments}));
}

const NativeRow kMethodcallerMethods[] = {
    {"__new__", methodcaller_new, "(cls, /, *args, **kwargs)",
     "Return a callable object that calls the given method on its operand.\nAfter f = methodcaller('name'), the call f(r) returns r.name().",
     Binding::Static},
    {"__reduce__", methodcaller_reduce, "(self, /)", "Return state information for pickling"},
};

const Layout methodcaller_layout = {
    .name = "methodcaller", .module = "operator", .kind = Kind::Native, .size = sizeof(MethodCaller), .trace = methodcaller_trace,
    .ops = {.repr = methodcaller_repr, .call = methodcaller_call}, .methods = kMethodcallerMethods,
    .method_count = std::size(kMethodcallerMethods), .help = kMethodcallerMethods[0].help};

constexpr const char* kTwo = "(a, b, /)";
constexpr const char* kOne = "(a, /)";

const NativeRow kFunctions[] = {
    {"lt", operator_compare<CompareOp::Lt>, kTwo, "Same as a < b."},
    {"le", operator_compare<CompareOp::Le>, kTwo, "Same as a <= b."},
    {"eq", operator_compare<CompareOp::Eq>, kTwo, "Same as a == b."},
    {"ne", operator_compare<CompareOp::Ne>, kTwo, "Same as a != b."},
    {"gt", operator_compare<CompareOp::Gt>, kTwo, "Same as a > b."},
    {"ge", operator_compare<CompareOp::Ge>, kTwo, "Same as a >= b."},
    {"not_", operator_not, kOne, "Same as not a."},
    {"truth", operator_truth, kOne, "Return True if a is true, False otherwise."},
    {"is_", operator_is, kTwo, "Same as a is b."},
    {"is_not", operator_is_not, kTwo, "Same as a is not b."},
    {"abs", operator_unary<UnaryOp::Abs>, kOne, "Same as abs(a)."},
    {"add", operator_binary<BinaryOp::Add>, kTwo, "Same as a + b."},
    {"and_", operator_binary<BinaryOp::And>, kTwo, "Same as a & b."},
    {"floordiv", operator_binary<BinaryOp::FloorDiv>, kTwo, "Same as a // b."},
    {"index", operator_index, kOne, "Same as a.__index__()"},
    {"inv", operator_unary<UnaryOp::Invert>, kOne, "Same as ~a."},
    {"invert", operator_unary<UnaryOp::Invert>, kOne, "Same as ~a."},
    {"lshift", operator_binary<BinaryOp::LShift>, kTwo, "Same as a << b."},
    {"mod", operator_binary<BinaryOp::Mod>, kTwo, "Same as a % b."},
    {"mul", operator_binary<BinaryOp::Mul>, kTwo, "Same as a * b."},
    {"matmul", operator_binary<BinaryOp::MatMul>, kTwo, "Same as a @ b."},
    {"neg", operator_unary<UnaryOp::Neg>, kOne, "Same as -a."},
    {"or_", operator_binary<BinaryOp::Or>, kTwo, "Same as a | b."},
    {"pos", operator_unary<UnaryOp::Pos>, kOne, "Same as +a."},
    {"pow", operator_binary<BinaryOp::Pow>, kTwo, "Same as a ** b."},
    {"rshift", operator_binary<BinaryOp::RShift>, kTwo, "Same as a >> b."},
    {"sub", operator_binary<BinaryOp::Sub>, kTwo, "Same as a - b."},
    {"truediv", operator_binary<BinaryOp::TrueDiv>, kTwo, "Same as a / b."},
    {"xor", operator_binary<BinaryOp::Xor>, kTwo, "Same as a ^ b."},
    {"concat", operator_concat, kTwo, "Same as a + b, for a and b sequences."},
    {"contains", operator_contains, kTwo, "Same as b in a (note reversed operands)."},
    {"countOf", operator_count_of, kTwo, "Return the number of items in a which are, or which equal, b."},
    {"delitem", operator_delitem, kTwo, "Same as del a[b]."},
    {"getitem", operator_getitem, kTwo, "Same as a[b]."},
    {"indexOf", operator_index_of, kTwo, "Return the first index of b in a."},
    {"setitem", operator_setitem, "(a, b, c, /)", "Same as a[b] = c."},
    {"length_hint", operator_length_hint, "(obj, default=0, /)",
     "Return an estimate of the number of items in obj.\n\nThis is useful for presizing containers when building from an iterable."},
    {"call", operator_call, "(obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs)."},
    {"iadd", operator_inplace<BinaryOp::Add>, kTwo, "Same as a += b."},
    {"iand", operator_inplace<BinaryOp::And>, kTwo, "Same as a &= b."},
    {"iconcat", operator_iconcat, kTwo, "Same as a += b, for a and b sequences."},
    {"ifloordiv", operator_inplace<BinaryOp::FloorDiv>, kTwo, "Same as a //= b."},
    {"ilshift", operator_inplace<BinaryOp::LShift>, kTwo, "Same as a <<= b."},
    {"imod", operator_inplace<BinaryOp::Mod>, kTwo, "Same as a %= b."},
    {"imul", operator_inplace<BinaryOp::Mul>, kTwo, "Same as a *= b."},
    {"imatmul", operator_inplace<BinaryOp::MatMul>, kTwo, "Same as a @= b."},
    {"ior", operator_inplace<BinaryOp::Or>, kTwo, "Same as a |= b."},
    {"ipow", operator_inplace<BinaryOp::Pow>, kTwo, "Same as a **= b."},
    {"irshift", operator_inplace<BinaryOp::RShift>, kTwo, "Same as a >>= b."},
    {"isub", operator_inplace<BinaryOp::Sub>, kTwo, "Same as a -= b."},
    {"itruediv", operator_inplace<BinaryOp::TrueDiv>, kTwo, "Same as a /= b."},
    {"ixor", operator_inplace<BinaryOp::Xor>, kTwo, "Same as a ^= b."},
};

// operator.__add__ and the like are the same functions.
Value setup(Thread& t, Module* m) {
  for (const Layout* layout : {&itemgetter_layout, &attrgetter_layout, &methodcaller_layout}) module_add_type(t, m, *layout);
  for (const NativeRow& row : kFunctions) {
    std::string_view name = row.name;
    bool has_no_special = name == "truth" || name == "is_" || name == "is_not" || name == "countOf" || name == "indexOf" || name == "length_hint";
    if (has_no_special) continue;
    while (name.ends_with('_')) name.remove_suffix(1);
    Value function = dict_get(m->namespace_, intern(t, row.name));
    if (!function.is_empty()) dict_set(t, m->namespace_, intern(t, "__" + std::string(name) + "__"), function);
  }
  return Value::none();
}

}  // namespace

extern const NativeModule operator_module;
const NativeModule operator_module = {
    .name = "operator", .functions = kFunctions, .function_count = std::size(kFunctions), .setup = setup, .help = "Operator interface."};

}  // namespace mini
