// SPDX-License-Identifier: MIT
// Calling: binding arguments, pushing frames, instantiating classes; and the `call` and `run_code` doors.
//
// begin_call never recurses into run() for script functions, methods, classes with a script __init__ and callable instances: it pushes a
// frame, and the loop goes on there. Natives run at once.
#include <algorithm>

#include "interp/opcode.h"
#include "interp/ops.h"
#include "interp/vm.h"
#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/super.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// --- Binding arguments to parameters ---

std::string function_name(Function* f) { return to_utf8(as<Str>(f->qualified_name)); }

// "'a'", "'a' and 'b'", "'a', 'b', and 'c'"
std::string list_names(const std::vector<std::string>& list) {
  std::string text;
  for (size_t i = 0; i < list.size(); ++i) {
    if (i) text += list.size() == 2 ? " and " : i + 1 == list.size() ? ", and " : ", ";
    text += "'" + list[i] + "'";
  }
  return text;
}

Value raise_missing(Thread& t, Function* f, const std::vector<std::string>& missing, const char* what) {
  return raise(t, ErrorType::TypeError, "{}() missing {} required {} argument{}: {}", function_name(f), missing.size(), what,
               missing.size() == 1 ? "" : "s", list_names(missing));
}

Value raise_too_many(Thread& t, Function* f, size_t given, const Value* bound) {
  Code* code = f->code;
  size_t defaults = f->defaults ? f->defaults->length : 0;
  size_t most = code->positional_count, least = most - std::min(defaults, most);
  size_t keyword_only_given = 0;
  for (uint32_t i = 0; i < code->keyword_only_count; ++i) keyword_only_given += !bound[most + i].is_empty();
  std::string takes = least == most ? fmt::format("{}", most) : fmt::format("from {} to {}", least, most);
  bool is_plural = least == most ? most != 1 : true;
  std::string got = fmt::format("{}", given);
  if (keyword_only_given)
    got = fmt::format("{} positional argument{} (and {} keyword-only argument{})", given, given == 1 ? "" : "s", keyword_only_given,
                      keyword_only_given == 1 ? "" : "s");
  return raise(t, ErrorType::TypeError, "{}() takes {} positional argument{} but {} {} given", function_name(f), takes, is_plural ? "s" : "", got,
               given == 1 && !keyword_only_given ? "was" : "were");
}

// The number of the parameter that may be given by this name; what lies behind the named ones means none.
size_t find_parameter(Code* code, Str* name) {
  size_t named = code->positional_count + code->keyword_only_count;
  size_t first = code->positional_only_count;
  for (size_t i = first; i < named; ++i)
    if (code->variable_names[i] == name) return i;
  if (name->is_interned()) return named;
  for (size_t i = first; i < named; ++i)
    if (equals(code->variable_names[i], name)) return i;
  return named;
}

Value bind_keywords(Thread& t, Function* f, Value* bound, const Value* values, Tuple* keyword_names, Dict* rest) {
  Code* code = f->code;
  size_t named = code->positional_count + code->keyword_only_count;
  for (uint64_t k = 0; k < keyword_names->length; ++k) {
    if (!is_kind(keyword_names->items[k], Kind::Str)) return raise(t, ErrorType::TypeError, "{}() keywords must be strings", function_name(f));
    Str* name = as<Str>(keyword_names->items[k]);
    size_t i = find_parameter(code, name);
    if (i < named) {
      if (!bound[i].is_empty()) return raise(t, ErrorType::TypeError, "{}() got multiple values for argument '{}'", function_name(f), to_utf8(name));
      bound[i] = values[k];
      continue;
    }
    if (rest) {
      dict_set(t, rest, intern(t, name), values[k]);
      continue;
    }
    std::vector<std::string> positional_only;
    for (uint32_t p = 0; p < code->positional_only_count; ++p)
      for (uint64_t n = 0; n < keyword_names->length; ++n)
        if (equals(code->variable_names[p], as<Str>(keyword_names->items[n]))) positional_only.push_back(to_utf8(code->variable_names[p]));
    if (!positional_only.empty()) {
      std::string joined;
      for (auto& s : positional_only) joined += (joined.empty() ? "" : ", ") + s;
      return raise(t, ErrorType::TypeError, "{}() got some positional-only arguments passed as keyword arguments: '{}'", function_name(f), joined);
    }
    return raise(t, ErrorType::TypeError, "{}() got an unexpected keyword argument '{}'", function_name(f), to_utf8(name));
  }
  return Value::none();
}

Value fill_defaults(Thread& t, Function* f, Value* bound) {
  Code* code = f->code;
  size_t defaults = f->defaults ? f->defaults->length : 0;
  size_t first_default = code->positional_count - std::min<size_t>(defaults, code->positional_count);
  std::vector<std::string> missing;
  for (size_t i = 0; i < code->positional_count; ++i) {
    if (!bound[i].is_empty()) continue;
    if (i >= first_default) bound[i] = f->defaults->items[i - first_default + (defaults - (code->positional_count - first_default))];
    else missing.push_back(to_utf8(code->variable_names[i]));
  }
  if (!missing.empty()) return raise_missing(t, f, missing, "positional");
  for (size_t i = code->positional_count; i < code->positional_count + code->keyword_only_count; ++i) {
    if (!bound[i].is_empty()) continue;
    Value v = f->keyword_defaults ? dict_get(f->keyword_defaults, code->variable_names[i]) : Value::empty();
    if (v.is_empty()) missing.push_back(to_utf8(code->variable_names[i]));
    bound[i] = v;
  }
  if (!missing.empty()) return raise_missing(t, f, missing, "keyword-only");
  return Value::none();
}

// Fills bound[0 .. parameter_count).
Value bind_arguments(Thread& t, Function* f, const Value* args, size_t argc, Tuple* keyword_names, Value* bound) {
  Code* code = f->code;
  size_t named = code->positional_count + code->keyword_only_count;
  size_t taken = std::min<size_t>(argc, code->positional_count);
  copy_values(args, taken, bound);
  std::fill(bound + taken, bound + code->parameter_count(), Value::empty());
  size_t at = named;
  if (code->code_flags & kCodeVarArgs) bound[at++] = Value::of_object(make_tuple(t, args + taken, argc - taken));
  Dict* rest = nullptr;
  if (code->code_flags & kCodeVarKeywords) {
    rest = make_dict(t, keyword_names ? keyword_names->length : 0);
    bound[at++] = Value::of_object(rest);
  }
  if (keyword_names) TRY(bind_keywords(t, f, bound, args + argc, keyword_names, rest));
  if (argc > taken && !(code->code_flags & kCodeVarArgs)) return raise_too_many(t, f, argc, bound);
  return fill_defaults(t, f, bound);
}

constexpr size_t kMaxOnStack = 64;

// A frame for `code` whose parameters stand in `window` already.
Begun push_window(Thread& t, Function* f, Value* window, Value* result, uint32_t flags) {
  Code* code = f->code;
  Frame* next = free_frame(t);
  uint32_t depth = t.frame ? t.frame->depth + 1 : 1;
  if (MINI_UNLIKELY(depth > t.recursion_limit || window + code->register_count > t.registers_limit || next + 1 >= t.frames_limit)) {
    (void)raise_recursion(t);
    return Begun::Raised;
  }
  next->ip = code->instructions.data();
  next->registers = window;
  next->code = code;
  next->function = f;
  next->globals = f->globals;
  next->previous = t.frame;
  next->result = result;
  next->flags = flags;
  next->depth = depth;
  if (code->code_flags & kCodeUsesNamespace) {
    next->locals = nullptr;
    next->locals_value = Value::empty();
  }
  t.frame = next;
  return Begun::Pushed;
}

// Is the call that begins in the current frame awaited, with nobody else to see the coroutine? (opcodes.def, GET_AWAITABLE)
bool is_awaited_at_once(const Thread& t, const Code* code, const Value* result) {
  if ((code->code_flags & (kCodeCoroutine | kCodeAsyncGenerator)) != kCodeCoroutine) return false;
  const Frame* f = t.frame;
  if (!f || !(f->flags & (kFrameHeap | kFrameAwaited)) || t.profiler) return false;
  const Instruction& next = *f->ip;
  return next.op == static_cast<uint8_t>(Op::GET_AWAITABLE) && (next.x & kAwaitsCall) &&
         reinterpret_cast<const char*>(result) == reinterpret_cast<const char*>(f->registers) + next.b;
}

constexpr int kAwaitLength = 3;   // GET_AWAITABLE, LOAD_NONE, DELEGATE

// The current frame is that of a coroutine which is awaited; what it returns goes where the DELEGATE wants it.
void note_awaited(Thread& t) {
  Frame* f = t.frame;
  Frame* delegator = f->previous;
  delegator->ip += kAwaitLength;
  MINI_ASSERT(delegator->ip[-1].op == static_cast<uint8_t>(Op::DELEGATE), "an await ends in DELEGATE");
  f->result = reinterpret_cast<Value*>(reinterpret_cast<char*>(delegator->registers) + delegator->ip[-1].a);
  f->entry_handled = t.handled;
}

bool makes_generator(Code* code) { return code->code_flags & (kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator); }

Begun make_generator_call(Thread& t, Function* f, const Value* bound, Value* result) {
  *result = Value::of_object(make_generator(t, f, bound));
  return Begun::Done;
}

// A frame, or a generator, for bound arguments. Those that `args` has at the end of the current window already become the callee's
// window where they stand.
Begun push_bound(Thread& t, Function* f, const Value* args, const Value* bound, Value* result, uint32_t flags) {
  Code* code = f->code;
  bool is_awaited = false;
  if (makes_generator(code)) {
    is_awaited = flags == 0 && is_awaited_at_once(t, code, result);
    if (!is_awaited) return make_generator_call(t, f, bound, result);
    flags = kFrameAwaited;
  }
  Frame* frame = t.frame;
  bool are_in_place = frame && !(frame->flags & kFrameHeap) && args >= frame->registers && args < frame->registers + frame->code->register_count;
  Value* window = are_in_place ? const_cast<Value*>(args) : free_registers(t);
  if (window + code->register_count > t.registers_limit) {
    (void)raise_recursion(t);
    return Begun::Raised;
  }
  if (window != bound) copy_values(bound, code->parameter_count(), window);
  Begun begun = push_window(t, f, window, result, flags);
  if (is_awaited && begun == Begun::Pushed) note_awaited(t);
  return begun;
}

}  // namespace

Begun push_function(Thread& t, Function* f, const Value* args, size_t argc, Tuple* keyword_names, Value* result, uint32_t flags) {
  Code* code = f->code;
  bool is_exact = argc == code->positional_count && !keyword_names && code->keyword_only_count == 0 &&
                  !(code->code_flags & (kCodeVarArgs | kCodeVarKeywords));
  if (is_exact) return push_bound(t, f, args, args, result, flags);
  Value on_stack[kMaxOnStack];
  if (MINI_LIKELY(code->parameter_count() <= kMaxOnStack)) {
    if (bind_arguments(t, f, args, argc, keyword_names, on_stack).is_raised()) return Begun::Raised;
    return push_bound(t, f, args, on_stack, result, flags);
  }
  ValueList on_heap(t);
  on_heap.resize(code->parameter_count());
  if (bind_arguments(t, f, args, argc, keyword_names, on_heap.data()).is_raised()) return Begun::Raised;
  return push_bound(t, f, args, on_heap.data(), result, flags);
}

namespace {

// Runs the script's __init__ of an instance, which is kept in the frame of __init__.
Begun begin_init(Thread& t, Type* type, Value instance, Value* args, size_t argc, Tuple* keyword_names, Value* result) {
  args[-1] = instance;
  Begun begun = push_function(t, as<Function>(type->init_function), args - 1, argc + 1, keyword_names, result, kFrameConstructor);
  if (begun == Begun::Pushed) {
    t.frame->entry_handled = instance;
    return begun;
  }
  if (begun == Begun::Done) {   // __init__ is a generator function
    (void)raise(t, ErrorType::TypeError, "__init__() should return None, not '{}'", type_name(t, *result));
    return Begun::Raised;
  }
  return begun;
}

// dict(), list() and set() of an iterable or nothing, without the tuple and the dict that their __new__ takes and ignores.
Begun make_container(Thread& t, Type* type, Value source, Value* result) {
  Value made, filled = Value::none();
  if (type == types(t).list) {
    made = Value::of_object(make_list(t));
    if (!source.is_empty()) filled = list_extend_with(t, as<List>(made), source);
  } else if (type == types(t).set) {
    made = Value::of_object(make_set(t));
    if (!source.is_empty()) filled = set_update_with(t, as<Set>(made), source);
  } else {
    made = Value::of_object(make_dict(t));
    if (!source.is_empty()) filled = dict_update_with(t, as<Dict>(made), source);
  }
  if (filled.is_raised()) return Begun::Raised;
  *result = made;
  return Begun::Done;
}

// An instance of a class; Slow ones go through the class's own call.
Begun begin_instance(Thread& t, Type* type, Making making, Value* args, size_t argc, Tuple* keyword_names, Value* result) {
  if (making == Making::Plain) {
    *result = make_instance(t, type);
    return Begun::Done;
  }
  if (making == Making::Init) return begin_init(t, type, make_instance(t, type), args, argc, keyword_names, result);
  if (making == Making::Error || making == Making::ErrorScript) {
    Value made = Value::of_object(make_exception(t, type, make_tuple(t, args, argc)));
    if (making == Making::ErrorScript) return begin_init(t, type, made, args, argc, keyword_names, result);
    *result = made;
    return Begun::Done;
  }
  if (argc <= 1 && !keyword_names && (type == types(t).dict || type == types(t).list || type == types(t).set))
    return make_container(t, type, argc ? args[0] : Value::empty(), result);
  args[-1] = Value::of_object(type);
  // These take no keywords, but leave those alone that are meant for a script's __init__.
  Kind kind = type->layout->kind;
  bool drops = making == Making::NativeScript && (kind == Kind::Tuple || kind == Kind::FrozenSet || kind == Kind::Float);
  Value made = call_native(t, type->native_new, args - 1, argc + 1, drops ? nullptr : keyword_names);
  bool is_done = made.is_raised() || making == Making::Native || !made.is_object() || !is_subtype(made.object->shape->type, type);
  if (is_done) return from_value(made, result);
  if (making == Making::NativeScript) return begin_init(t, type, made, args, argc, keyword_names, result);
  args[-1] = made;
  if (call_native(t, type->native_init, args - 1, argc + 1, keyword_names).is_raised()) return Begun::Raised;
  *result = made;
  return Begun::Done;
}

constexpr size_t kFewArguments = 8;

// Whether nothing but optional arguments is missing, and nothing has to be gathered.
bool lacks_optional_only(Thread& t, const NativeFunction* f, const Value* args, size_t argc) {
  bool is_candidate = argc > 0 && argc <= f->positional_count && argc < f->parameter_count && f->parameter_count <= kFewArguments &&
                      !f->has_var_keywords && !f->makes_objects && f->door == static_cast<uint8_t>(NativeDoor::None);
  if (!is_candidate || (f->owner && type_of(t, args[0]) != f->owner)) return false;
  for (size_t i = argc; i < f->parameter_count; ++i)
    if (f->parameters[i].is_required) return false;
  return true;
}

Begun begin_native(Thread& t, NativeFunction* f, Value* args, size_t argc, Tuple* keyword_names, Value* result, bool was_bound) {
  if (!keyword_names && lacks_optional_only(t, f, args, argc)) {
    Value all[kFewArguments];
    for (size_t i = 0; i < f->parameter_count; ++i) all[i] = i < argc ? args[i] : Value::empty();
    t.callee = f;
    return from_value(f->function(t, all, f->parameter_count), result);
  }
  switch (static_cast<NativeDoor>(f->door)) {
    case NativeDoor::None: break;
    case NativeDoor::GeneratorSend:
      if (argc == 2 && !keyword_names && is_kind(args[0], Kind::Generator)) {
        Begun begun = begin_resume(t, as<Generator>(args[0]), args[1], result, kFrameNextBuiltin);
        if (begun == Begun::Done) (void)raise_no_arguments(t, ErrorType::StopIteration);
        return begun == Begun::Done ? Begun::Raised : begun;
      }
      break;
    case NativeDoor::GeneratorNext:
    case NativeDoor::BuiltinNext:
      if (argc == 1 && !keyword_names && is_kind(args[0], Kind::Generator)) {
        Begun begun = begin_resume(t, as<Generator>(args[0]), Value::none(), result, kFrameNextBuiltin);
        if (begun == Begun::Done) (void)raise_no_arguments(t, ErrorType::StopIteration);
        return begun == Begun::Done ? Begun::Raised : begun;
      }
      break;
  }
  return from_value(was_bound ? call_bound_native(t, f, args, argc, keyword_names) : call_native(t, f, args, argc, keyword_names), result);
}

}  // namespace

Begun begin_call(Thread& t, Value callee, Value* args, size_t argc, Tuple* keyword_names, Value* result) {
  for (int hops = 0;; ++hops) {
    if (!callee.is_object()) {
      (void)raise_not_callable(t, callee);
      return Begun::Raised;
    }
    Object* o = callee.object;
    switch (o->kind) {
      case Kind::Function: return push_function(t, static_cast<Function*>(o), args, argc, keyword_names, result, 0);
      case Kind::NativeFunction: return begin_native(t, static_cast<NativeFunction*>(o), args, argc, keyword_names, result, hops > 0);
      case Kind::BoundMethod:
        if (hops > 100) break;
        // The slot in front of the arguments held the callee (or Empty) and is free now.
        *--args = static_cast<BoundMethod*>(o)->self;
        ++argc;
        callee = static_cast<BoundMethod*>(o)->function;
        if (is_kind(callee, Kind::BoundMethod) || !callee.is_object() || (callee.object->kind != Kind::Function && callee.object->kind != Kind::NativeFunction))
          return from_value(call(t, callee, args, argc, keyword_names), result);
        continue;
      case Kind::Type: {
        auto type = static_cast<Type*>(o);
        Making making = making_of(t, type);
        bool is_wrong = (making == Making::Plain && (argc || keyword_names)) || (making == Making::Error && keyword_names);
        if (making == Making::Slow || is_wrong) break;   // the class's own call knows what to say
        return begin_instance(t, type, making, args, argc, keyword_names, result);
      }
      default: {
        // An instance whose class defines __call__ as a plain function.
        Type* type = o->shape->type;
        if (!(type->type_flags & kTypeIsScript)) break;
        Value method = type_lookup(type, names(t).call);
        if (!is_kind(method, Kind::Function)) break;
        *--args = callee;
        return push_function(t, as<Function>(method), args, argc + 1, keyword_names, result, 0);
      }
    }
    auto slot = o->shape->type->ops.call;
    if (!slot) {
      (void)raise_not_callable(t, callee);
      return Begun::Raised;
    }
    if (t.native_stack_is_low()) {
      (void)raise_recursion(t, " while calling a Python object");
      return Begun::Raised;
    }
    return from_value(slot(t, callee, args, argc, keyword_names), result);
  }
}

namespace {

std::string callee_name(Thread& t, Value callee) {
  Value name = get_attribute_or_empty(t, callee, names(t).qualname);
  if (name.is_raised()) (void)take_exception(t);
  if (!is_kind(name, Kind::Str)) {
    Str* shown = to_str(t, callee);
    if (shown) return to_utf8(shown);
    (void)take_exception(t);
    return std::string(type_name(t, callee)) + " object";
  }
  std::string text = to_utf8(as<Str>(name)) + "()";
  Value module = get_attribute_or_empty(t, callee, names(t).module);
  if (module.is_raised()) (void)take_exception(t);
  if (is_kind(module, Kind::Str) && !equals(as<Str>(module), "builtins")) text = to_utf8(as<Str>(module)) + "." + text;
  return text;
}

}  // namespace

namespace {

// Null after raising: a keyword is no str.
Tuple* names_of_keywords(Thread& t, Dict* keywords) {
  Tuple* keyword_names = make_tuple(t, keywords->count);
  size_t n = 0;
  for (DictCursor c(keywords); c.next();) {
    if (!is_kind(c.entry->key, Kind::Str)) {
      (void)raise(t, ErrorType::TypeError, "keywords must be strings");
      return nullptr;
    }
    keyword_names->items[n++] = c.entry->key;
  }
  return keyword_names;
}

void lay_out_star_arguments(const Sequence* positional, const Dict* keywords, Value* out) {
  out = std::copy_n(positional->items, positional->length, out);
  if (!keywords) return;
  for (DictCursor c(keywords); c.next();) *out++ = c.entry->value;
}

}  // namespace

Begun begin_star_call(Thread& t, Value* parts, bool any_iterable, Value* result) {
  Value callee = parts[0], positional = parts[1], keywords = parts[2];
  if (any_iterable && !is_kind(positional, Kind::Tuple) && !is_kind(positional, Kind::List)) {
    if (!is_iterable(t, positional)) {
      (void)raise(t, ErrorType::TypeError, "{} argument after * must be an iterable, not {}", callee_name(t, callee), type_name(t, positional));
      return Begun::Raised;
    }
    positional = to_tuple(t, positional);
    if (positional.is_raised()) return Begun::Raised;
  }
  auto list = static_cast<Sequence*>(positional.object);
  auto named = is_kind(keywords, Kind::Dict) ? as<Dict>(keywords) : nullptr;
  Tuple* keyword_names = nullptr;
  if (named && named->count) {
    keyword_names = names_of_keywords(t, named);
    if (!keyword_names) return Begun::Raised;
  }
  size_t count = list->length + (keyword_names ? keyword_names->length : 0);
  if (MINI_LIKELY(count < kMaxOnStack)) {
    Value few[kMaxOnStack + 1];   // the first place stays free
    lay_out_star_arguments(list, keyword_names ? named : nullptr, few + 1);
    return begin_call(t, callee, few + 1, list->length, keyword_names, result);
  }
  ValueList all(t);
  all.resize(count + 1);
  lay_out_star_arguments(list, keyword_names ? named : nullptr, all.data() + 1);
  return begin_call(t, callee, all.data() + 1, list->length, keyword_names, result);
}

Begun begin_super(Thread& t, Value* parts, Value* result) {
  if (parts[0].is_object() && parts[0].object == types(t).super) {
    if (check_super(t, parts[1], parts[2]).is_raised()) return Begun::Raised;
    *result = make_super(t, as<Type>(parts[1]), parts[2]);
    return Begun::Done;
  }
  return begin_call(t, parts[0], parts + 1, 0, nullptr, result);
}

Value op_make_function(Thread& t, Frame* frame, Code* code, const Value* parts, int which) {
  Function* f = make_function(t, code, frame->globals);
  if (which & 1) f->defaults = as<Tuple>(parts[0]);
  if (which & 2) f->keyword_defaults = as<Dict>(parts[1]);
  if (which & 4) f->annotations = parts[2];
  for (size_t i = 0; i < code->captures.size(); ++i) {
    const Capture& capture = code->captures[i];
    f->closure[i] = capture.from_register ? as<Cell>(frame->registers[capture.index]) : frame->function->closure[capture.index];
  }
  return Value::of_object(f);
}

Value op_list_extend(Thread& t, Value list, Value source) {
  if (!is_iterable(t, source))
    return raise(t, ErrorType::TypeError, "Value after * must be an iterable, not {}", type_name(t, source));
  return list_extend_with(t, as<List>(list), source);
}

// dict.update for `**source`; with a callee it is a call's, where doubled keys raise.
Value op_dict_merge(Thread& t, Value dict, Value source, Value callee) {
  auto d = as<Dict>(dict);
  bool is_call = !callee.is_empty();
  if (!is_kind(source, Kind::Dict)) {
    Value keys = get_attribute_or_empty(t, source, names(t).keys);
    if (keys.is_raised()) return keys;
    if (keys.is_empty())
      return is_call ? raise(t, ErrorType::TypeError, "{} argument after ** must be a mapping, not {}", callee_name(t, callee), type_name(t, source))
                     : raise(t, ErrorType::TypeError, "'{}' object is not a mapping", type_name(t, source));
    Dict* plain = make_dict(t);
    TRY(dict_update_with(t, plain, source));
    source = Value::of_object(plain);
  }
  if (is_call)
    for (DictCursor c(as<Dict>(source)); c.next();) {
      if (!is_kind(c.entry->key, Kind::Str)) return raise(t, ErrorType::TypeError, "keywords must be strings");
      if (TRY(dict_get_item(t, d, c.entry->key)).is_empty()) continue;
      return raise(t, ErrorType::TypeError, "{} got multiple values for keyword argument '{}'", callee_name(t, callee), to_utf8(as<Str>(c.entry->key)));
    }
  return dict_update_with(t, d, source);
}

// --- The doors ---

namespace {

// Serves attention at the entry of the frame that was just pushed: a native loop that calls a script function again and again can
// then be interrupted, though neither has a jump backwards.
Entry attend_entry(Thread& t) {
  ++t.frame->ip;   // as if the first instruction ran: what is raised here belongs to its line
  if (t.serve_attention().is_raised()) return Entry::Raise;
  --t.frame->ip;
  return Entry::Run;
}

// Runs the frame that was just pushed until it is done.
Value run_pushed(Thread& t, const Value& result) {
  t.frame->flags |= kFrameEntry;
  switch (run(t, MINI_UNLIKELY(t.needs_attention()) ? attend_entry(t) : Entry::Run)) {
    case Outcome::Returned: return result;
    case Outcome::Yielded: MINI_UNREACHABLE();
    case Outcome::Raised: break;
  }
  return Value::raised();
}

}  // namespace

namespace {

Value outcome(Thread& t, Begun begun, Value& result) {
  switch (begun) {
    case Begun::Done: return result;
    case Begun::Raised: return Value::raised();
    case Begun::Pushed: break;
  }
  return run_pushed(t, result);
}

// `all` holds two free places and the arguments behind them.
Value call_laid_out(Thread& t, Value callee, Value* all, size_t argc, Tuple* keyword_names) {
  // Natives that resume generators have doors into the VM's loop, which a native caller must not take: it waits for what they return.
  if (is_kind(callee, Kind::BoundMethod) && is_kind(as<BoundMethod>(callee)->function, Kind::NativeFunction)) {
    all[1] = as<BoundMethod>(callee)->self;
    return call_bound_native(t, as<NativeFunction>(as<BoundMethod>(callee)->function), all + 1, argc + 1, keyword_names);
  }
  if (is_kind(callee, Kind::Native))
    if (auto slot = type_of(callee.object)->ops.call) return slot(t, callee, all + 2, argc, keyword_names);
  Value result = Value::none();
  Begun begun = begin_call(t, callee, all + 2, argc, keyword_names, &result);
  return outcome(t, begun, result);
}

Value call_with_many(Thread& t, Value callee, const Value* args, size_t argc, Tuple* keyword_names, size_t total) {
  ValueList all(t);
  all.resize(total + 2);
  copy_values(args, total, all.data() + 2);
  return call_laid_out(t, callee, all.data(), argc, keyword_names);
}

}  // namespace

Value call(Thread& t, Value callee, const Value* args, size_t argc, Tuple* keyword_names) {
  if (MINI_UNLIKELY(t.native_stack_is_low())) return raise_recursion(t, " while calling a Python object");
  if (is_kind(callee, Kind::Function)) {
    Value result = Value::none();
    Begun begun = push_function(t, as<Function>(callee), args, argc, keyword_names, &result, 0);
    return outcome(t, begun, result);
  }
  if (is_kind(callee, Kind::NativeFunction)) return call_native(t, as<NativeFunction>(callee), args, argc, keyword_names);
  constexpr size_t kOnStack = 8;
  size_t total = argc + (keyword_names ? keyword_names->length : 0);
  if (total > kOnStack) return call_with_many(t, callee, args, argc, keyword_names, total);
  Value all[kOnStack + 2];
  all[0] = all[1] = Value::empty();
  copy_values(args, total, all + 2);
  return call_laid_out(t, callee, all, argc, keyword_names);
}

Value call_method(Thread& t, Value receiver, Str* interned_name, std::initializer_list<Value> args) {
  Type* type = type_of(t, receiver);
  if (type->ops.get_attribute == generic_get_attribute) {
    Value in_class = type_lookup(type, interned_name);
    bool is_method = is_method_for(t, in_class, receiver);
    bool is_shadowed = receiver.is_object() && !get_own_attribute(receiver.object, interned_name).is_empty();
    if (is_method && !is_shadowed) {
      Value all[8];
      MINI_ASSERT(args.size() < 8, "call_method is for a few arguments");
      all[0] = receiver;
      std::copy(args.begin(), args.end(), all + 1);
      return call(t, in_class, all, args.size() + 1);
    }
  }
  Value method = TRY(get_attribute(t, receiver, interned_name));
  return call(t, method, args.begin(), args.size());
}

Value call_special(Thread& t, Value receiver, Str* interned_name, std::initializer_list<Value> args) {
  Type* type = type_of(t, receiver);
  Value method = type_lookup(type, interned_name);
  if (method.is_empty()) return method;
  if (is_kind(method, Kind::Function) || (is_kind(method, Kind::NativeFunction) && as<NativeFunction>(method)->owner)) {
    Value all[8];
    MINI_ASSERT(args.size() < 8, "call_special is for a few arguments");
    all[0] = receiver;
    std::copy(args.begin(), args.end(), all + 1);
    return call(t, method, all, args.size() + 1);
  }
  // A descriptor's own __get__ may be such a descriptor again, without end.
  if (t.native_stack_is_low()) return raise_recursion(t);
  const TypeOps& ops = type_of(t, method)->ops;
  Value bound = ops.descriptor_get ? TRY(ops.descriptor_get(t, method, receiver, Value::of_object(type))) : method;
  return call(t, bound, args.begin(), args.size());
}

Value run_code(Thread& t, Code* code, Dict* globals, Dict* locals) { return run_code_in(t, code, globals, locals, Value::empty(), nullptr); }

Value run_code_in(Thread& t, Code* code, Dict* globals, Dict* locals, Value locals_value, Function* function) {
  if (t.native_stack_is_low()) return raise_recursion(t);
  Frame* next = free_frame(t);
  Value* window = free_registers(t);
  uint32_t depth = t.frame ? t.frame->depth + 1 : 1;
  if (depth > t.recursion_limit || window + code->register_count > t.registers_limit || next + 1 >= t.frames_limit) return raise_recursion(t);
  Value result = Value::none();
  *next = {};
  next->ip = code->instructions.data();
  next->registers = window;
  next->code = code;
  next->function = function;
  next->globals = globals;
  next->locals = locals;
  next->locals_value = locals_value;
  next->previous = t.frame;
  next->result = &result;
  next->entry_handled = Value::empty();
  next->depth = depth;
  t.frame = next;
  return run_pushed(t, result);
}

}  // namespace mini
