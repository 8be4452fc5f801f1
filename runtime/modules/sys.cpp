// SPDX-License-Identifier: MIT
// sys: the interpreter as scripts see it. Made while the interpreter comes up; its namespace is where print() looks for stdout.
#include <fcntl.h>
#include <unistd.h>

#include <cfloat>

#include "runtime/calls.h"
#include "runtime/code.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/file.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/simple_namespace.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/struct_sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

#define MINI_MODULE(identifier, name) extern const NativeModule identifier##_module;
#include "runtime/modules/modules.def"
#undef MINI_MODULE

namespace {

constexpr int kMajor = 3, kMinor = 11, kMicro = 7;   // of the language
constexpr const char* kVersion = "3.11.7 (Mini 0.1.0) [C++20]";

#define FIELD(index, name) {name, struct_field<index>, nullptr, ""}
constexpr AttributeRow version_fields[] = {FIELD(0, "major"), FIELD(1, "minor"), FIELD(2, "micro"), FIELD(3, "releaselevel"),
                                           FIELD(4, "serial")};
constexpr AttributeRow float_fields[] = {FIELD(0, "max"), FIELD(1, "max_exp"), FIELD(2, "max_10_exp"), FIELD(3, "min"),
                                         FIELD(4, "min_exp"), FIELD(5, "min_10_exp"), FIELD(6, "dig"), FIELD(7, "mant_dig"),
                                         FIELD(8, "epsilon"), FIELD(9, "radix"), FIELD(10, "rounds")};
constexpr AttributeRow int_fields[] = {FIELD(0, "bits_per_digit"), FIELD(1, "sizeof_digit"), FIELD(2, "default_max_str_digits"),
                                       FIELD(3, "str_digits_check_threshold")};
constexpr AttributeRow hash_fields[] = {FIELD(0, "width"), FIELD(1, "modulus"), FIELD(2, "inf"), FIELD(3, "nan"), FIELD(4, "imag"),
                                        FIELD(5, "algorithm"), FIELD(6, "hash_bits"), FIELD(7, "seed_bits"), FIELD(8, "cutoff")};
constexpr AttributeRow flags_fields[] = {
    FIELD(0, "debug"), FIELD(1, "inspect"), FIELD(2, "interactive"), FIELD(3, "optimize"), FIELD(4, "dont_write_bytecode"),
    FIELD(5, "no_user_site"), FIELD(6, "no_site"), FIELD(7, "ignore_environment"), FIELD(8, "verbose"), FIELD(9, "bytes_warning"),
    FIELD(10, "quiet"), FIELD(11, "hash_randomization"), FIELD(12, "isolated"), FIELD(13, "dev_mode"), FIELD(14, "utf8_mode"),
    FIELD(15, "warn_default_encoding"), FIELD(16, "safe_path"), FIELD(17, "int_max_str_digits")};
constexpr AttributeRow thread_fields[] = {FIELD(0, "name"), FIELD(1, "lock"), FIELD(2, "version")};
constexpr AttributeRow hooks_fields[] = {FIELD(0, "firstiter"), FIELD(1, "finalizer")};
#undef FIELD

const Layout asyncgen_hooks_layout = {.name = "asyncgen_hooks", .module = "builtins", MINI_STRUCT_LAYOUT(hooks_fields)};
const Layout version_layout = {.name = "version_info", .module = "sys", MINI_STRUCT_LAYOUT(version_fields)};
const Layout float_info_layout = {.name = "float_info", .module = "sys", MINI_STRUCT_LAYOUT(float_fields)};
const Layout int_info_layout = {.name = "int_info", .module = "sys", MINI_STRUCT_LAYOUT(int_fields)};
const Layout hash_info_layout = {.name = "hash_info", .module = "sys", MINI_STRUCT_LAYOUT(hash_fields)};
const Layout flags_layout = {.name = "flags", .module = "sys", MINI_STRUCT_LAYOUT(flags_fields)};
const Layout thread_info_layout = {.name = "thread_info", .module = "sys", MINI_STRUCT_LAYOUT(thread_fields)};

Value text(Thread& t, std::string_view s) { return str_value(make_str(t, s)); }
Value number(int64_t n) { return Value::of_int(n); }

Value sys_exit(Thread& t, Value* args, size_t) {
  if (args[0].is_empty() || args[0].is_none()) return raise_no_arguments(t, ErrorType::SystemExit);
  return raise_with_argument(t, ErrorType::SystemExit, args[0]);
}

Value sys_exc_info(Thread& t, Value*, size_t) {
  if (!is_exception(t.handled)) return Value::of_object(make_tuple(t, {Value::none(), Value::none(), Value::none()}));
  auto* e = as<Exception>(t.handled);
  Value traceback = e->traceback ? Value::of_object(e->traceback) : Value::none();
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(e)), t.handled, traceback}));
}

Value sys_exception(Thread& t, Value*, size_t) { return is_exception(t.handled) ? t.handled : Value::none(); }

Value sys_getrecursionlimit(Thread& t, Value*, size_t) { return number(t.recursion_limit); }

Value sys_setrecursionlimit(Thread& t, Value* args, size_t) {
  int64_t limit;
  if (!to_small_index(t, args[0], limit)) return Value::raised();
  if (limit < 1) return raise(t, ErrorType::ValueError, "recursion limit must be greater or equal than 1");
  if (limit > INT32_MAX) return raise(t, ErrorType::OverflowError, "Python int too large to convert to C int");
  uint32_t depth = t.frame ? t.frame->depth : 0;
  if (limit <= depth) {
    return raise(t, ErrorType::RecursionError, "cannot set the recursion limit to {} at the recursion depth {}: the limit is too low",
                 limit, depth);
  }
  for (Thread* other = t.interpreter->threads; other; other = other->next_thread) {
    other->recursion_limit = static_cast<uint32_t>(limit);
  }
  return Value::none();
}

Value sys_getswitchinterval(Thread& t, Value*, size_t) { return Value::of_float(t.interpreter->gil->switch_interval()); }

Value sys_setswitchinterval(Thread& t, Value* args, size_t) {
  double seconds;
  if (!to_double(t, args[0], seconds)) return Value::raised();
  if (!(seconds > 0)) return raise(t, ErrorType::ValueError, "switch interval must be strictly positive");
  t.interpreter->gil->set_switch_interval(seconds < 1e6 ? seconds : 1e6);
  return Value::none();
}

Value sys_intern(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "intern() argument must be str, not {}", argument_type_name(t, args[0]));
  if (!is_exact(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "can't intern {}", type_name(t, args[0]));
  return str_value(intern(t, as<Str>(args[0])));
}

// What an object takes, its own buffers included but not what it refers to.
int64_t size_of(Thread& t, Value v) {
  if (!v.is_object()) return sizeof(Value);
  auto size = static_cast<int64_t>(type_of(t, v)->layout->size);
  switch (v.object->kind) {
    case Kind::Str: return size + static_cast<int64_t>(as<Str>(v)->length * (as<Str>(v)->is_wide() ? 4 : 1));
    case Kind::Bytes: return size + static_cast<int64_t>(as<Sequence>(v)->length) + 1;
    case Kind::Tuple: return size + static_cast<int64_t>(as<Tuple>(v)->length * sizeof(Value));
    case Kind::List: return size + static_cast<int64_t>(as<List>(v)->capacity * sizeof(Value));
    case Kind::Dict: return size + static_cast<int64_t>(as<Dict>(v)->capacity * sizeof(DictEntry));
    case Kind::Set:
    case Kind::FrozenSet: return size + static_cast<int64_t>(set_table_bytes(as<Set>(v)));
    default: return size;
  }
}

Value sys_getsizeof(Thread& t, Value* args, size_t) {
  Value own = TRY(call_special(t, args[0], names(t).sizeof_));
  if (is_integer(own)) return own;
  return number(size_of(t, args[0]));
}

Value sys_displayhook(Thread& t, Value* args, size_t) {
  if (args[0].is_none()) return Value::none();
  dict_set(t, t.interpreter->builtins, names(t).underscore, Value::none());
  Str* shown = to_repr(t, args[0]);
  if (!shown) return Value::raised();
  Value out = dict_get(t.interpreter->sys->namespace_, names(t).stdout);
  if (out.is_empty()) return raise(t, ErrorType::RuntimeError, "lost sys.stdout");
  if (!out.is_none()) TRY(write_text(t, out, concatenate(t, shown, make_str(t, "\n"))));
  dict_set(t, t.interpreter->builtins, names(t).underscore, args[0]);
  return Value::none();
}

Value sys_excepthook(Thread& t, Value* args, size_t) {
  if (is_exception(args[1])) print_exception(t, args[1]);
  return Value::none();
}

// args.exc_value, args.object, args.err_msg.
Value sys_unraisablehook(Thread& t, Value* args, size_t) {
  Value exception = TRY(get_attribute(t, args[0], "exc_value"));
  Value message = TRY(get_attribute(t, args[0], "err_msg"));
  Value object = TRY(get_attribute(t, args[0], "object"));
  std::string line = is_kind(message, Kind::Str) ? to_utf8(as<Str>(message)) : "Exception ignored in";
  if (!object.is_none()) {
    Str* shown = to_repr(t, object);
    if (!shown) return Value::raised();
    line += ": " + to_utf8(shown);
  }
  Value err = dict_get(t.interpreter->sys->namespace_, names(t).stderr);
  if (!err.is_empty() && !err.is_none()) TRY(write_text(t, err, make_str(t, line + "\n")));
  if (is_exception(exception)) print_exception(t, exception);
  return Value::none();
}

Value sys_getdefaultencoding(Thread& t, Value*, size_t) { return text(t, "utf-8"); }
Value sys_getfilesystemencodeerrors(Thread& t, Value*, size_t) { return text(t, "surrogateescape"); }
Value sys_is_finalizing(Thread& t, Value*, size_t) { return Value::of_bool(t.interpreter->is_closing); }
Value sys_nothing(Thread&, Value*, size_t) { return Value::none(); }
Value sys_getallocatedblocks(Thread& t, Value*, size_t) { return number(static_cast<int64_t>(t.heap->stats().objects_live)); }
Value sys_get_int_max_str_digits(Thread& t, Value*, size_t) { return number(t.interpreter->max_str_digits); }

Value sys_set_int_max_str_digits(Thread& t, Value* args, size_t) {
  int64_t digits;
  if (!to_small_index(t, args[0], digits)) return Value::raised();
  if (digits != 0 && (digits < 640 || digits > INT32_MAX)) {
    return raise(t, ErrorType::ValueError, "maxdigits must be 0 or larger than 640");
  }
  t.interpreter->max_str_digits = static_cast<int>(digits);
  return Value::none();
}

// What the GIL did since the interpreter began, over all its threads; Mini's own.
Value sys_gil_stats(Thread& t, Value*, size_t) {
  GilStats stats = t.interpreter->gil->stats();
  Dict* result = make_dict(t);
  auto set = [&](const char* name, Value v) { dict_set(t, result, intern(t, name), v); };
  set("takes", number(static_cast<int64_t>(stats.takes)));
  set("waits", number(static_cast<int64_t>(stats.waits)));
  set("switches", number(static_cast<int64_t>(stats.forced_switches + stats.voluntary_switches)));
  set("forced_switches", number(static_cast<int64_t>(stats.forced_switches)));
  set("wait_seconds", Value::of_float(static_cast<double>(stats.wait_ns) * 1e-9));
  set("hold_seconds", Value::of_float(static_cast<double>(stats.hold_ns) * 1e-9));
  set("longest_wait_seconds", Value::of_float(static_cast<double>(stats.longest_wait_ns) * 1e-9));
  return Value::of_object(result);
}

Value sys_getframe(Thread& t, Value* args, size_t) {
  int64_t depth = 0;
  if (!args[0].is_empty() && !to_index(t, args[0], depth)) return Value::raised();
  Frame* frame = t.frame;
  for (; frame && depth > 0; --depth) frame = frame->previous;
  if (!frame) return raise(t, ErrorType::ValueError, "call stack is not deep enough");
  return make_frame_object(t, frame);
}

// The innermost frame of each thread, by its id.
Value sys_current_frames(Thread& t, Value*, size_t) {
  Dict* frames = make_dict(t);
  for (Thread* other = t.interpreter->threads; other; other = other->next_thread)
    if (other->frame) TRY(dict_set_item(t, frames, make_int_u64(t, other->id), make_frame_object(*other, other->frame)));
  return Value::of_object(frames);
}

bool set_hook(Thread& t, Value given, const char* name, Value& hook) {
  if (given.is_empty()) return true;
  if (given.is_none()) {
    hook = Value::empty();
    return true;
  }
  if (!is_callable(t, given)) {
    (void)raise(t, ErrorType::TypeError, "callable {} expected, got {}", name, type_name(t, given));
    return false;
  }
  hook = given;
  return true;
}

Value sys_set_asyncgen_hooks(Thread& t, Value* args, size_t) {
  Value firstiter = t.asyncgen_firstiter, finalizer = t.asyncgen_finalizer;
  if (!set_hook(t, args[1], "finalizer", finalizer) || !set_hook(t, args[0], "firstiter", firstiter)) return Value::raised();
  t.asyncgen_firstiter = firstiter;
  t.asyncgen_finalizer = finalizer;
  return Value::none();
}

Value sys_get_asyncgen_hooks(Thread& t, Value*, size_t) {
  auto shown = [](Value hook) { return hook.is_empty() ? Value::none() : hook; };
  return make_struct(t, asyncgen_hooks_layout, {shown(t.asyncgen_firstiter), shown(t.asyncgen_finalizer)});
}

constexpr NativeRow sys_functions[] = {
    {"_current_frames", sys_current_frames, "()", "The innermost frame of each thread, by its id."},
    {"_getframe", sys_getframe, "(depth=0, /)", "The call `depth` levels up: its code, globals and line."},
    {"exit", sys_exit, "(status=None, /)", "Raises SystemExit: ends the program with this status or message."},
    {"exc_info", sys_exc_info, "()", "(type, value, traceback) of the exception that is being handled."},
    {"exception", sys_exception, "()", "The exception that is being handled, or None."},
    {"getrecursionlimit", sys_getrecursionlimit, "()", "How deep calls may nest."},
    {"setrecursionlimit", sys_setrecursionlimit, "(limit, /)", "Sets how deep calls may nest."},
    {"getswitchinterval", sys_getswitchinterval, "()", "Seconds that a thread may keep the GIL while others want it."},
    {"setswitchinterval", sys_setswitchinterval, "(interval, /)", "Sets the switch interval, in seconds."},
    {"gil_stats", sys_gil_stats, "()", "How often the GIL was taken, waited for and handed on, as a dict."},
    {"intern", sys_intern, "(string, /)", "The one string of this text that is shared."},
    {"getsizeof", sys_getsizeof, "(object, default=None)", "Bytes that the object takes."},
    {"displayhook", sys_displayhook, "(object, /)", "Prints a value as the prompt does."},
    {"excepthook", sys_excepthook, "(exctype, value, traceback, /)", "Prints an uncaught exception."},
    {"unraisablehook", sys_unraisablehook, "(unraisable, /)", "Prints an exception that nobody can catch."},
    {"getdefaultencoding", sys_getdefaultencoding, "()", "'utf-8'."},
    {"getfilesystemencoding", sys_getdefaultencoding, "()", "'utf-8'."},
    {"getfilesystemencodeerrors", sys_getfilesystemencodeerrors, "()", "'surrogateescape'."},
    {"is_finalizing", sys_is_finalizing, "()", "Is the interpreter ending?"},
    {"getallocatedblocks", sys_getallocatedblocks, "()", "Number of live objects."},
    {"get_int_max_str_digits", sys_get_int_max_str_digits, "()", "Longest int that str() and int() convert; 0: any."},
    {"set_int_max_str_digits", sys_set_int_max_str_digits, "(maxdigits)", "Sets that limit."},
    {"gettrace", sys_nothing, "()", "None: use Mini's own trace."},
    {"getprofile", sys_nothing, "()", "None: use the profile module."},
    {"set_asyncgen_hooks", sys_set_asyncgen_hooks, "(firstiter=None, finalizer=None)", "What asynchronous generators call first and last."},
    {"get_asyncgen_hooks", sys_get_asyncgen_hooks, "()", "The hooks that are set for this thread."},
    {"audit", sys_nothing, "(event, *args)", "Does nothing."},
};

void add_numbers(Thread& t, Module* m) {
  Value version[5] = {number(kMajor), number(kMinor), number(kMicro), text(t, "final"), number(0)};
  module_set(t, m, "version_info", make_struct(t, version_layout, version, 5, 5));
  module_set(t, m, "version", text(t, kVersion));
  module_set(t, m, "hexversion", number(kMajor << 24 | kMinor << 16 | kMicro << 8 | 0xF0));
  module_set(t, m, "api_version", number(1013));
  module_set(t, m, "float_info",
             make_struct(t, float_info_layout,
                         {Value::of_float(DBL_MAX), number(DBL_MAX_EXP), number(DBL_MAX_10_EXP), Value::of_float(DBL_MIN),
                          number(DBL_MIN_EXP), number(DBL_MIN_10_EXP), number(DBL_DIG), number(DBL_MANT_DIG),
                          Value::of_float(DBL_EPSILON), number(FLT_RADIX), number(1)}));
  module_set(t, m, "int_info", make_struct(t, int_info_layout, {number(30), number(4), number(4300), number(640)}));
  module_set(t, m, "hash_info",
             make_struct(t, hash_info_layout, {number(64), number((int64_t{1} << 61) - 1), number(314159), number(0), number(1000003),
                                               text(t, "siphash13"), number(64), number(128), number(0)}));
  Value zero = number(0), no = Value::of_bool(false);
  module_set(t, m, "flags", make_struct(t, flags_layout, {zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, zero,
                                                          no, zero, zero, no, number(t.interpreter->max_str_digits)}));
  module_set(t, m, "thread_info", make_struct(t, thread_info_layout, {text(t, "pthread"), text(t, "gil"), Value::none()}));
  module_set(t, m, "maxsize", number(INT64_MAX));
  module_set(t, m, "maxunicode", number(0x10FFFF));
  module_set(t, m, "abiflags", text(t, ""));
  module_set(t, m, "_xoptions", Value::of_object(make_dict(t)));
  module_set(t, m, "byteorder", text(t, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big"));
  module_set(t, m, "platform", text(t, "linux"));
  module_set(t, m, "float_repr_style", text(t, "short"));
  module_set(t, m, "copyright", text(t, "Mini, under the MIT licence"));
}

Value add_implementation(Thread& t, Module* m) {
  Value implementation = make_simple_namespace(t);
  TRY(set_attribute(t, implementation, intern(t, "name"), text(t, "mini")));
  TRY(set_attribute(t, implementation, intern(t, "cache_tag"), Value::none()));
  TRY(set_attribute(t, implementation, intern(t, "version"), dict_get(m->namespace_, intern(t, "version_info"))));
  TRY(set_attribute(t, implementation, intern(t, "hexversion"), dict_get(m->namespace_, intern(t, "hexversion"))));
  module_set(t, m, "implementation", implementation);
  return Value::none();
}

void add_lists(Thread& t, Module* m) {
  const Options& options = t.interpreter->options;
  List* arguments = make_list(t);
  for (const std::string& argument : options.arguments) list_push(t, arguments, text(t, argument));
  module_set(t, m, "argv", Value::of_object(arguments));
  List* original = make_list(t);
  list_push(t, original, text(t, options.executable));
  for (const std::string& argument : options.arguments) list_push(t, original, text(t, argument));
  module_set(t, m, "orig_argv", Value::of_object(original));
  List* path = make_list(t);
  for (const std::string& folder : options.search_path) list_push(t, path, text(t, folder));
  module_set(t, m, "path", Value::of_object(path));
  module_set(t, m, "modules", Value::of_object(t.interpreter->modules));
  List* warnings = make_list(t);
  for (const std::string& option : options.warning_options) list_push(t, warnings, text(t, option));
  module_set(t, m, "warnoptions", Value::of_object(warnings));
  for (const char* name : {"meta_path", "path_hooks"}) module_set(t, m, name, Value::of_object(make_list(t)));
  module_set(t, m, "path_importer_cache", Value::of_object(make_dict(t)));
  std::vector<std::string_view> native = {"builtins"};
#define MINI_MODULE(identifier, name) native.push_back(name);
#include "runtime/modules/modules.def"
#undef MINI_MODULE
  Tuple* known = make_tuple(t, native.size());
  for (size_t i = 0; i < native.size(); ++i) store(known, known->items[i], text(t, native[i]));
  module_set(t, m, "builtin_module_names", Value::of_object(known));
}

void add_streams(Thread& t, Module* m) {
  struct Stream {
    const char *name, *own_name, *file_name, *mode, *errors;
    int descriptor;
  };
  constexpr Stream kStreams[] = {{"stdin", "__stdin__", "<stdin>", "r", "strict", STDIN_FILENO},
                                 {"stdout", "__stdout__", "<stdout>", "w", "strict", STDOUT_FILENO},
                                 {"stderr", "__stderr__", "<stderr>", "w", "backslashreplace", STDERR_FILENO}};
  for (const Stream& s : kStreams) {
    bool is_open = fcntl(s.descriptor, F_GETFD) >= 0;
    Value file = is_open ? make_standard_stream(t, s.descriptor, s.file_name, s.mode, s.errors) : Value::none();
    module_set(t, m, s.name, file);
    module_set(t, m, s.own_name, file);
  }
}

Value sys_setup(Thread& t, Module* m) {
  const Options& options = t.interpreter->options;
  add_numbers(t, m);
  TRY(add_implementation(t, m));
  add_lists(t, m);
  add_streams(t, m);
  module_set(t, m, "executable", text(t, options.executable));
  for (const char* name : {"prefix", "exec_prefix", "base_prefix", "base_exec_prefix"}) module_set(t, m, name, text(t, "/usr"));
  module_set(t, m, "platlibdir", text(t, "lib"));
  module_set(t, m, "dont_write_bytecode", Value::of_bool(true));
  module_set(t, m, "pycache_prefix", Value::none());
  for (const char* name : {"displayhook", "excepthook", "unraisablehook"}) {
    std::string own_name = std::string("__") + name + "__";
    module_set(t, m, own_name.c_str(), dict_get(m->namespace_, intern(t, name)));
  }
  return Value::none();
}

}  // namespace

extern const NativeModule sys_module = {"sys", sys_functions, std::size(sys_functions), sys_setup,
                                        "The interpreter: arguments, streams, limits, versions."};

}  // namespace mini
