// SPDX-License-Identifier: MIT
// Native functions: reading signatures once, when the function object is made, and binding arguments to them at each call.
#include <cstring>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

constexpr uint32_t kFewParameters = 8;

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// Splits "(self, index=-1, /)" at the commas outside brackets and quotes.
std::vector<std::string_view> split_parameters(std::string_view text) {
  text = text.substr(1, text.rfind(')') - 1);
  std::vector<std::string_view> parts;
  int depth = 0;
  char quote = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    char c = i < text.size() ? text[i] : ',';
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    }
    if ((c != ',' || depth || quote) && i < text.size()) continue;
    if (auto part = trim(text.substr(begin, i - begin)); !part.empty()) parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

void read_signature(Thread& t, NativeFunction* f, std::string_view signature) {
  std::vector<NativeParameter> list;
  auto form = NativeParameter::Positional;
  for (std::string_view part : split_parameters(signature)) {
    if (part == "/") {
      for (auto& p : list) p.form = NativeParameter::PositionalOnly;
      continue;
    }
    if (part == "*") {
      form = NativeParameter::KeywordOnly;
      continue;
    }
    if (part.starts_with("**")) {
      f->has_var_keywords = true;
      continue;
    }
    if (part.starts_with("*")) {
      f->has_var_args = true;
      form = NativeParameter::KeywordOnly;
      continue;
    }
    size_t equals_at = part.find('=');
    std::string_view name = trim(part.substr(0, equals_at));
    list.push_back({intern(t, name), form, equals_at == std::string_view::npos});
  }
  f->parameter_count = static_cast<uint32_t>(list.size());
  f->parameters = new NativeParameter[list.size() + 1];
  for (size_t i = 0; i < list.size(); ++i) {
    f->parameters[i] = list[i];
    f->required_count += list[i].is_required && list[i].form != NativeParameter::KeywordOnly;
    f->positional_count += list[i].form != NativeParameter::KeywordOnly;
    f->positional_only_count += list[i].form == NativeParameter::PositionalOnly;
  }
  bool can_be_plain = !f->has_var_keywords && f->positional_count == f->parameter_count;
  f->plain_count = can_be_plain ? f->parameter_count : kNeverPlain;
}

bool is_new(NativeFunction* f) {
  return f->owner && f->row->binding == Binding::Static && equals(f->name, "__new__");
}

// The nearest class, going down the bases that give the layout, whose __new__ is native.
Type* nearest_with_native_new(Thread& t, Type* type) {
  for (;;) {
    Type* owner = nullptr;
    (void)type_lookup(type, names(t).new_, &owner);
    if (!owner || !(owner->type_flags & kTypeIsScript) || !type->bases->length) return type;
    type = solid_base(type->bases);
  }
}

// X.__new__(cls, ...) makes an object of the struct of X, so cls must be a class whose own objects are made by that function. False
// after raising.
bool check_class_argument(Thread& t, NativeFunction* f, const Value* args, size_t argc) {
  bool is_type = argc > 0 && is_type_object(args[0]);
  if (MINI_LIKELY(is_type && as<Type>(args[0])->layout == f->owner->layout)) return true;
  const char* maker = type_name(f->owner);
  if (argc == 0) return (void)raise(t, ErrorType::TypeError, "{}.__new__(): not enough arguments", maker), false;
  if (!is_type) return (void)raise(t, ErrorType::TypeError, "{}.__new__(X): X is not a type object ({})", maker, type_name(t, args[0])), false;
  Type* type = as<Type>(args[0]);
  if (!is_subtype(type, f->owner)) {
    const char* wanted = type_name(type);
    return (void)raise(t, ErrorType::TypeError, "{}.__new__({}): {} is not a subtype of {}", maker, wanted, wanted, maker), false;
  }
  Type* native = nearest_with_native_new(t, type);
  Type* owner = nullptr;
  (void)type_lookup(native, names(t).new_, &owner);
  if (owner == f->owner) return true;
  return (void)raise(t, ErrorType::TypeError, "{}.__new__({}) is not safe, use {}.__new__()", maker, type_name(type), type_name(native)), false;
}

// A class with an __init__ of its own may be called with keywords that only that one knows: they pass by a __new__ without keywords.
bool has_own_init(Thread& t, Value type) {
  Type* owner = nullptr;
  Value init = type_lookup(as<Type>(type), names(t).init, &owner);
  return !init.is_empty() && owner && owner->type_flags & kTypeIsScript;
}

// __new__ and __init__ appear under the name of their type.
bool makes_objects(NativeFunction* f) { return f->owner && (equals(f->name, "__new__") || equals(f->name, "__init__")); }

// "list.append" for methods, "len" for built-in functions, "math.sqrt" for those of modules: how messages name them.
std::string message_name(NativeFunction* f) {
  if (makes_objects(f)) return short_type_name(f->owner);
  std::string name = to_utf8(f->name);
  bool has_module = !f->owner && is_kind(f->module, Kind::Str) && !equals(as<Str>(f->module), "builtins");
  if (has_module) return to_utf8(as<Str>(f->module)) + "." + name;
  return f->owner ? fmt::format("{}.{}", short_type_name(f->owner), name) : name;
}

const char* plural(size_t n) { return n == 1 ? "" : "s"; }

// How CPython checks the arguments of a special method that stands for a type's slot, and so words what is wrong with them.
enum class SlotForm : uint8_t { NoSlot, Counted, Unpacked };
struct SlotRule {
  const char* name;
  SlotForm form;
};
const SlotRule kSlotRules[] = {
#define MINI_SLOT(name, form) {"__" #name "__", SlotForm::form},
#include "runtime/objects/slot_methods.def"
#undef MINI_SLOT
};

SlotForm slot_form(std::string_view name, const Layout* layout) {
  if (!name.starts_with("__")) return SlotForm::NoSlot;
  Kind kind = layout->kind;
  // These types have quicker methods in place of the slots' own.
  bool is_item = name == "__getitem__", is_test = name == "__contains__";
  if ((kind == Kind::Dict && (is_item || is_test)) || (kind == Kind::List && is_item)) return SlotForm::NoSlot;
  if ((kind == Kind::Set || kind == Kind::FrozenSet) && is_test) return SlotForm::NoSlot;
  bool repeats = kind == Kind::Str || kind == Kind::Bytes || kind == Kind::ByteArray || kind == Kind::List || kind == Kind::Tuple;
  if (repeats && (name == "__mul__" || name == "__rmul__" || name == "__imul__")) return SlotForm::Unpacked;
  for (const SlotRule& rule : kSlotRules)
    if (name == rule.name) return rule.form;
  return SlotForm::NoSlot;
}

Value raise_slot_count(Thread& t, NativeFunction* f, size_t given) {
  size_t least = f->required_count - 1, most = f->positional_count - 1;
  if (static_cast<SlotForm>(f->slot_form) == SlotForm::Counted)
    return raise(t, ErrorType::TypeError, "expected {} argument{}, got {}", least, plural(least), given);
  if (least == most) return raise(t, ErrorType::TypeError, " expected {} argument{}, got {}", least, plural(least), given);
  size_t bound = given < least ? least : most;
  return raise(t, ErrorType::TypeError, " expected at {} {} argument{}, got {}", given < least ? "least" : "most", bound, plural(bound), given);
}

// How CPython words wrong arguments of a function that reads them in an older way.
enum class CountWords : uint8_t { Unpack, Format, Require, Name };
struct ArgumentWords {
  const char* owner;
  const char* name;
  CountWords count;
  bool names_itself;
};
const ArgumentWords kArgumentWords[] = {
#define MINI_WORDS(owner, name, count, names_itself) {#owner, #name, CountWords::count, names_itself},
#include "runtime/objects/argument_words.def"
#undef MINI_WORDS
};

// Null for most functions.
const ArgumentWords* find_words(NativeFunction* f) {
  for (const ArgumentWords& words : kArgumentWords) {
    if (!equals(f->name, words.name)) continue;
    if (f->owner ? std::string_view(f->owner->layout->name) == words.owner : is_kind(f->module, Kind::Str) && equals(as<Str>(f->module), words.owner))
      return &words;
  }
  return nullptr;
}

// Those that check the count of their positional arguments themselves, whatever keywords they take besides.
bool counts_alone(NativeFunction* f) {
  return f->owner ? makes_objects(f) && f->owner->layout->module == std::string_view("builtins") && equals(f->owner->name, "reversed")
                  : equals(f->name, "sorted");
}

Value raise_old_count(Thread& t, NativeFunction* f, CountWords words, size_t least, size_t most, size_t given) {
  if (words == CountWords::Require) return raise(t, ErrorType::TypeError, "{} requires {} to {} arguments", message_name(f), least, most);
  const char* which = least == most ? "exactly" : given < least ? "at least" : "at most";
  size_t bound = given < least ? least : most;
  if (words == CountWords::Name)
    return raise(t, ErrorType::TypeError, "{} expected {}{} argument{}, got {}", message_name(f), least == most ? "" : fmt::format("{} ", which), bound, plural(bound), given);
  return raise(t, ErrorType::TypeError, "{}() takes {} {} argument{} ({} given)", to_utf8(f->name), which, bound, plural(bound), given);
}

// CPython words this differently for functions without, with one and with several positional-only parameters.
Value raise_argument_count(Thread& t, NativeFunction* f, size_t given) {
  bool is_method = f->owner && f->row->binding != Binding::Static;
  size_t hidden = is_method || f->makes_objects ? 1 : 0;   // self or cls is not counted
  size_t least = f->required_count - std::min<size_t>(hidden, f->required_count);
  size_t most = f->positional_count - std::min<size_t>(hidden, f->positional_count);
  if (given < hidden) {
    if (f->slot_form)
      return raise(t, ErrorType::TypeError, "descriptor '{}' of '{}' object needs an argument", to_utf8(f->name), type_name(f->owner));
    if (is_method)
      return raise(t, ErrorType::TypeError, "unbound method {}() needs an argument", message_name(f));
    return raise(t, ErrorType::TypeError, "{}.__new__(): not enough arguments", type_name(f->owner));
  }
  given -= hidden;
  if (f->slot_form) return raise_slot_count(t, f, given);
  bool only_positional = f->positional_only_count == f->positional_count && f->positional_count == f->parameter_count;
  std::string name = message_name(f);
  const ArgumentWords* words = find_words(f);
  if (words && words->count != CountWords::Unpack) return raise_old_count(t, f, words->count, least, most, given);
  if (counts_alone(f)) return raise(t, ErrorType::TypeError, "{} expected {} argument{}, got {}", to_utf8(f->owner ? f->owner->name : f->name), least, plural(least), given);
  if (only_positional && most == 0) return raise(t, ErrorType::TypeError, "{}() takes no arguments ({} given)", name, given);
  if (only_positional && most == 1 && least == 1)
    return raise(t, ErrorType::TypeError, "{}() takes exactly one argument ({} given)", name, given);
  std::string short_name = to_utf8(f->name);
  if (makes_objects(f)) short_name = short_type_name(f->owner);
  if (only_positional) {
    if (least == most)
      return raise(t, ErrorType::TypeError, "{} expected {} argument{}, got {}", short_name, least, plural(least), given);
    bool is_few = given < least;
    size_t bound = is_few ? least : most;
    return raise(t, ErrorType::TypeError, "{} expected at {} {} argument{}, got {}", short_name, is_few ? "least" : "most", bound,
                 plural(bound), given);
  }
  size_t all = f->parameter_count - hidden;
  if (given > all)
    return raise(t, ErrorType::TypeError, "{}() takes at most {} argument{} ({} given)", short_name, all, plural(all), given);
  if (most == 0) return raise(t, ErrorType::TypeError, "{}() takes no positional arguments", short_name);
  // The least that must be positional: others may come by keyword.
  bool is_few = given < least;
  const char* bound = least == most ? "exactly" : is_few ? "at least" : "at most";
  size_t limit = is_few ? least : most;
  return raise(t, ErrorType::TypeError, "{}() takes {} {} positional argument{} ({} given)", short_name, bound, limit, plural(limit), given);
}

// Those that count their keyword arguments before they look at the names.
bool reads_keywords_by_format(NativeFunction* f) {
  std::string name = f->makes_objects ? short_type_name(f->owner) : f->owner ? "" : to_utf8(f->name);
  return name == "min" || name == "max" || name == "zip" || name == "product";
}

// The function that complains about keywords: sorted() leaves them to list.sort().
std::string keyword_taker(NativeFunction* f) { return !f->owner && equals(f->name, "sorted") ? "sort" : to_utf8(f->name); }

// Positional and keyword arguments together are more than there are parameters.
Value raise_too_many(Thread& t, NativeFunction* f, size_t argc, size_t keyword_count) {
  size_t hidden = f->owner && f->row->binding != Binding::Static ? 1 : makes_objects(f) ? 1 : 0;
  size_t all = f->parameter_count - hidden, positional = argc - std::min(argc, hidden);
  if (counts_alone(f)) {
    if (positional != f->required_count - hidden) return raise_argument_count(t, f, argc);
    all -= positional;
    positional = 0;
  }
  std::string name = makes_objects(f) ? short_type_name(f->owner) : keyword_taker(f);
  return raise(t, ErrorType::TypeError, "{}() takes at most {} {}argument{} ({} given)", name, all, positional ? "" : "keyword ", plural(all),
               positional + keyword_count);
}

Value raise_keywords(Thread& t, NativeFunction* f) {
  const ArgumentWords* words = find_words(f);
  bool is_short = f->slot_form || (words && words->names_itself);
  return raise(t, ErrorType::TypeError, "{}{}() takes no keyword arguments", f->slot_form ? "wrapper " : "",
               is_short ? to_utf8(f->name) : message_name(f));
}

// A keyword argument that has no parameter, or one that a positional argument has taken.
Value raise_wrong_keyword(Thread& t, NativeFunction* f, Str* name, int parameter) {
  std::string called = makes_objects(f) ? short_type_name(f->owner) : keyword_taker(f);
  if (parameter >= 0)
    return raise(t, ErrorType::TypeError, "argument for {}() given by name ('{}') and position ({})", called, to_utf8(name),
                 parameter + 1 - (f->owner ? 1 : 0));
  if (called == "zip_longest") return raise_text(t, ErrorType::TypeError, "zip_longest() got an unexpected keyword argument");
  return raise(t, ErrorType::TypeError, "'{}' is an invalid keyword argument for {}()", to_utf8(name), called);
}

Value raise_wrong_keywords(Thread& t, NativeFunction* f, Str* name, size_t given, size_t keyword_count) {
  size_t keyword_only = f->parameter_count - f->positional_count;
  std::string called = f->owner ? short_type_name(f->owner) : to_utf8(f->name);
  bool needs_one = equals(f->name, "min") || equals(f->name, "max");
  if (given == 0 && needs_one) return raise(t, ErrorType::TypeError, "{} expected at least 1 argument, got 0", called);
  if (keyword_count <= keyword_only) return raise_wrong_keyword(t, f, name, -1);
  return raise(t, ErrorType::TypeError, "{}() takes at most {} keyword argument{} ({} given)", called, keyword_only, plural(keyword_only), keyword_count);
}

Value raise_missing(Thread& t, NativeFunction* f, size_t i, size_t given) {
  if (f->parameters[i].form == NativeParameter::PositionalOnly) return raise_argument_count(t, f, given);
  std::string name = makes_objects(f) ? short_type_name(f->owner) : to_utf8(f->name);
  size_t hidden = f->owner ? 1 : 0;
  if (f->parameters[i].form == NativeParameter::KeywordOnly)
    return raise(t, ErrorType::TypeError, "{}() missing required keyword-only argument: '{}'", name, to_utf8(f->parameters[i].name));
  return raise(t, ErrorType::TypeError, "{}() missing required argument '{}' (pos {})", name, to_utf8(f->parameters[i].name), i + 1 - hidden);
}

bool receiver_fits(Thread& t, NativeFunction* f, Value receiver) {
  if (!f->owner || f->row->binding != Binding::Plain) return true;
  Type* type = type_of(t, receiver);
  return type == f->owner || is_subtype(type, f->owner);
}

Value raise_cannot_bind(Thread& t, NativeFunction* f, Value receiver) {
  return raise(t, ErrorType::TypeError, "descriptor '{}' for '{}' objects doesn't apply to a '{}' object", to_utf8(f->name),
               type_name(f->owner), type_name(t, receiver));
}

Value raise_wrong_receiver(Thread& t, NativeFunction* f, Value receiver) {
  if (!f->slot_form) return raise_cannot_bind(t, f, receiver);
  return raise(t, ErrorType::TypeError, "descriptor '{}' requires a '{}' object but received a '{}'", to_utf8(f->name), type_name(f->owner),
               type_name(t, receiver));
}

int find_parameter(NativeFunction* f, Str* name) {
  for (uint32_t i = f->positional_only_count; i < f->parameter_count; ++i)
    if (f->parameters[i].name == name || equals(f->parameters[i].name, name)) return static_cast<int>(i);
  return -1;
}

Type* type_for(const NativeFunction& f) {
  const BuiltinTypes& builtin = type_of(&f)->interpreter->types;
  if (!f.owner || f.row->binding != Binding::Plain) return builtin.native_function;
  std::string name = to_utf8(f.name);
  bool is_slot = name == "__init__" || name == "__call__" || slot_form(name, f.owner->layout) != SlotForm::NoSlot;
  return is_slot ? builtin.wrapper_descriptor : builtin.method_descriptor;
}

}  // namespace

void set_slot_form(NativeFunction* f) {
  bool is_method = f->owner && f->row->binding == Binding::Plain && !f->has_var_args && !f->has_var_keywords;
  f->slot_form = is_method ? static_cast<uint8_t>(slot_form(to_utf8(f->name), f->owner->layout)) : 0;
  f->shape = type_for(*f)->root_shape;
}

NativeFunction* make_native_function(Thread& t, const NativeRow& row, Type* owner, Value module_name) {
  t.heap->disable();   // names are interned while the object is half made
  auto f = t.heap->make<NativeFunction>(types(t).native_function->root_shape);
  f->function = row.function;
  f->row = &row;
  f->owner = owner;
  f->self = Value::empty();
  f->module = module_name;
  f->data = nullptr;
  f->parameters = nullptr;
  f->parameter_count = f->required_count = f->positional_count = f->positional_only_count = 0;
  f->has_var_args = f->has_var_keywords = false;
  f->plain_count = kNeverPlain;
  f->door = static_cast<uint8_t>(NativeDoor::None);
  f->name = intern(t, row.name);
  f->makes_objects = is_new(f);
  note_finalizer(f);
  read_signature(t, f, row.signature);
  set_slot_form(f);
  t.heap->enable();
  return f;
}

void set_native_door(NativeFunction* f, NativeDoor door) {
  f->door = static_cast<uint8_t>(door);
  f->plain_count = kNeverPlain;
}

namespace {

// Positional arguments for a function without **keywords, too few or too many for its parameters.
Value call_positional(Thread& t, NativeFunction* f, const Value* args, size_t argc) {
  if (argc >= f->plain_count) {   // the rest goes to *args, where it stands already
    if (!f->has_var_args && argc > f->plain_count) return raise_argument_count(t, f, argc);
    t.callee = f;
    return f->function(t, const_cast<Value*>(args), argc);
  }
  Value bound[kFewParameters];
  copy_values(args, argc, bound);
  for (size_t i = argc; i < f->parameter_count; ++i) {
    if (f->parameters[i].is_required) return raise_missing(t, f, i, argc);
    bound[i] = Value::empty();
  }
  t.callee = f;
  return f->function(t, bound, f->parameter_count);
}

// Whether a bound method takes positional arguments only, and counts them by CPython's quickest rules.
bool is_told_by_receiver(Thread& t, NativeFunction* f, Value self) {
  if (!f->owner || f->slot_form || f->row->binding != Binding::Plain || type_of(t, self) == f->owner || !receiver_fits(t, f, self)) return false;
  return f->positional_only_count == f->parameter_count && !f->has_var_keywords && !find_words(f);
}

// A method that was bound before it was called: CPython words what is wrong with its arguments with the receiver's class, not the owner's.
Value raise_for_receiver(Thread& t, NativeFunction* f, Value self, size_t given, bool has_keywords) {
  std::string name = fmt::format("{}.{}", short_type_name(type_of(t, self)), to_utf8(f->name));
  if (has_keywords) return raise(t, ErrorType::TypeError, "{}() takes no keyword arguments", name);
  if (f->parameter_count == 1) return raise(t, ErrorType::TypeError, "{}() takes no arguments ({} given)", name, given);
  return raise(t, ErrorType::TypeError, "{}() takes exactly one argument ({} given)", name, given);
}

}  // namespace

bool is_method_for(Thread& t, Value function, Value receiver) {
  if (is_kind(function, Kind::Function)) return true;
  if (!is_kind(function, Kind::NativeFunction)) return false;
  auto f = as<NativeFunction>(function);
  return f->owner && f->row->binding == Binding::Plain && receiver_fits(t, f, receiver);
}

Value call_bound_native(Thread& t, NativeFunction* f, const Value* args, size_t argc, Tuple* keyword_names) {
  bool has_fixed_count = f->required_count == f->parameter_count && f->parameter_count <= 2 && !f->has_var_args;
  if (MINI_UNLIKELY(keyword_names || (has_fixed_count && argc != f->parameter_count)) && is_told_by_receiver(t, f, args[0]))
    return raise_for_receiver(t, f, args[0], argc - 1, keyword_names);
  return call_native(t, f, args, argc, keyword_names);
}

// Lays the arguments out as the signature says: parameters, then the **keywords dict, then what *args takes.
Value call_native(Thread& t, NativeFunction* f, const Value* args, size_t argc, Tuple* keyword_names) {
  if (MINI_UNLIKELY(t.native_stack_is_low())) return raise_recursion(t, " while calling a Python object");
  if (MINI_UNLIKELY(f->makes_objects)) {
    if (!check_class_argument(t, f, args, argc)) return Value::raised();
  } else if (argc == 0 ? f->owner && f->required_count > 0 && (!keyword_names || f->row->binding == Binding::Plain) : !receiver_fits(t, f, args[0]))
    return argc == 0 ? raise_argument_count(t, f, 0) : raise_wrong_receiver(t, f, args[0]);
  size_t keyword_count = keyword_names ? keyword_names->length : 0;
  if (keyword_count == 0 && f->plain_count <= kFewParameters) return call_positional(t, f, args, argc);
  if (MINI_UNLIKELY(keyword_count && f->positional_only_count == f->parameter_count && !f->has_var_keywords)) {
    if (f->makes_objects && has_own_init(t, args[0])) return call_native(t, f, args, argc, nullptr);
    return raise_keywords(t, f);
  }
  size_t fixed = f->parameter_count;
  bool is_closed = !f->has_var_args && !f->has_var_keywords;
  if (MINI_UNLIKELY(keyword_count && is_closed && argc + keyword_count > fixed)) return raise_too_many(t, f, argc, keyword_count);
  size_t rest = argc > f->positional_count ? argc - f->positional_count : 0;
  if (rest && !f->has_var_args) return raise_argument_count(t, f, argc);
  size_t total = fixed + f->has_var_keywords + rest;
  constexpr size_t kOnStack = 16;
  Value on_stack[kOnStack];
  ValueList on_heap(t);
  Value* bound = on_stack;
  if (total > kOnStack) {
    on_heap.resize(total);
    bound = on_heap.data();
  }
  size_t taken = std::min<size_t>(argc, f->positional_count);
  std::copy_n(args, taken, bound);
  std::fill(bound + taken, bound + fixed, Value::empty());
  std::copy_n(args + taken, rest, bound + fixed + f->has_var_keywords);
  Dict* others = nullptr;
  if (f->has_var_keywords) {
    others = make_dict(t);
    bound[fixed] = Value::of_object(others);
  }
  Str* wrong = nullptr;   // the first keyword that cannot be used; a missing argument is told of before it
  int wrong_parameter = -1;
  for (size_t k = 0; k < keyword_count; ++k) {
    Str* name = as<Str>(keyword_names->items[k]);
    int i = find_parameter(f, name);
    if (i >= 0 && bound[i].is_empty()) {
      bound[i] = args[argc + k];
    } else if (i < 0 && others) {
      dict_set(t, others, intern(t, name), args[argc + k]);
    } else if (!wrong) {
      wrong = name;
      wrong_parameter = i;
    }
  }
  for (size_t i = taken; i < fixed; ++i)
    if (bound[i].is_empty() && f->parameters[i].is_required) return raise_missing(t, f, i, argc);
  if (MINI_UNLIKELY(wrong)) {
    return reads_keywords_by_format(f) ? raise_wrong_keywords(t, f, wrong, argc, keyword_count) : raise_wrong_keyword(t, f, wrong, wrong_parameter);
  }
  t.callee = f;
  return f->function(t, bound, total);
}

namespace {

void native_function_trace(Object* self, Marker& marker) {
  auto f = static_cast<NativeFunction*>(self);
  marker.mark_pointer(f->name);
  marker.mark_pointer(f->owner);
  marker.mark(f->self);
  marker.mark(f->module);
  for (uint32_t i = 0; i < f->parameter_count; ++i) marker.mark_pointer(f->parameters[i].name);
}

void native_function_finalize(Object* self, Heap&) { delete[] static_cast<NativeFunction*>(self)->parameters; }

Value native_function_repr(Thread& t, Value self) {
  auto f = as<NativeFunction>(self);
  std::string name = to_utf8(f->name);
  if (!f->owner) return str_value(make_str(t, fmt::format("<built-in function {}>", name)));
  bool is_slot = type_of(f) == types(t).wrapper_descriptor;
  return str_value(make_str(t, fmt::format("<{} '{}' of '{}' objects>", is_slot ? "slot wrapper" : "method", name, type_name(f->owner))));
}

Value native_function_call(Thread& t, Value self, Value* args, size_t argc, Tuple* keyword_names) {
  return call_native(t, as<NativeFunction>(self), args, argc, keyword_names);
}

Value native_function_get(Thread& t, Value self, Value instance, Value) {
  auto f = as<NativeFunction>(self);
  if (instance.is_empty()) return self;
  return receiver_fits(t, f, instance) ? make_bound_method(t, self, instance) : raise_cannot_bind(t, f, instance);
}

Value native_function_name(Thread&, Value self) { return str_value(as<NativeFunction>(self)->name); }
Value native_function_qualname(Thread& t, Value self) {
  auto f = as<NativeFunction>(self);
  return f->owner ? str_value(make_str(t, fmt::format("{}.{}", short_type_name(f->owner), to_utf8(f->name)))) : str_value(f->name);
}
// Operators share one row for all types: what each does follows from its name.
std::string operator_help(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kWhole[] = {
      {"__eq__", "Return self==value."}, {"__ne__", "Return self!=value."}, {"__lt__", "Return self<value."}, {"__le__", "Return self<=value."},
      {"__gt__", "Return self>value."},  {"__ge__", "Return self>=value."}, {"__neg__", "-self"},             {"__pos__", "+self"},
      {"__invert__", "~self"},           {"__abs__", "abs(self)"}};
  static constexpr std::pair<std::string_view, std::string_view> kBinary[] = {
      {"add", "+"}, {"sub", "-"}, {"mul", "*"}, {"matmul", "@"}, {"truediv", "/"}, {"floordiv", "//"}, {"mod", "%"}, {"lshift", "<<"}, {"rshift", ">>"},
      {"and", "&"}, {"or", "|"}, {"xor", "^"}};
  for (auto& [whole, help] : kWhole)
    if (name == whole) return std::string(help);
  if (!name.starts_with("__") || !name.ends_with("__")) return "";
  std::string_view inner = name.substr(2, name.size() - 4);
  for (auto& [word, sign] : kBinary) {
    if (inner == word) return fmt::format("Return self{}value.", sign);
    if (!inner.ends_with(word) || inner.size() != word.size() + 1) continue;
    if (inner[0] == 'r') return fmt::format("Return value{}self.", sign);
    if (inner[0] == 'i') return fmt::format("Implement self{}=value.", sign);
  }
  return "";
}

Value native_function_doc(Thread& t, Value self) {
  auto f = as<NativeFunction>(self);
  bool is_shared = f->owner && !equals(f->name, f->row->name);   // one row for several names
  std::string text = is_shared || f->slot_form ? operator_help(to_utf8(f->name)) : "";
  if (!text.empty()) return str_value(make_str(t, text));
  return f->row->help[0] ? str_value(make_str(t, f->row->help)) : Value::none();
}
Value native_function_module(Thread&, Value self) { return as<NativeFunction>(self)->module; }
Value native_function_self(Thread&, Value self) {
  Value v = as<NativeFunction>(self)->self;
  return v.is_empty() ? Value::none() : v;
}
Value native_function_signature(Thread& t, Value self) {
  std::string text = as<NativeFunction>(self)->row->signature;
  return str_value(make_str(t, text));
}
Value native_function_objclass(Thread& t, Value self) {
  auto f = as<NativeFunction>(self);
  return f->owner ? Value::of_object(f->owner) : raise_no_attribute(t, self, intern(t, "__objclass__"));
}

const AttributeRow kNativeFunctionAttributes[] = {
    {"__name__", native_function_name, nullptr, ""},
    {"__qualname__", native_function_qualname, nullptr, ""},
    {"__doc__", native_function_doc, nullptr, ""},
    {"__module__", native_function_module, nullptr, ""},
    {"__self__", native_function_self, nullptr, ""},
    {"__text_signature__", native_function_signature, nullptr, ""},
    {"__objclass__", native_function_objclass, nullptr, ""},
};

}  // namespace

namespace {

constexpr Layout native_layout(const char* name, bool is_method) {
  return {.name = name, .module = "builtins", .kind = Kind::NativeFunction, .size = sizeof(NativeFunction), .flags = kNoInstantiation,
          .trace = native_function_trace, .finalize = native_function_finalize,
          .ops = {.repr = native_function_repr, .call = native_function_call, .descriptor_get = is_method ? native_function_get : nullptr},
          .attributes = kNativeFunctionAttributes, .attribute_count = std::size(kNativeFunctionAttributes)};
}

}  // namespace

const Layout native_function_layout = native_layout("builtin_function_or_method", false);
const Layout method_descriptor_layout = native_layout("method_descriptor", true);
const Layout wrapper_descriptor_layout = native_layout("wrapper_descriptor", true);

}  // namespace mini
