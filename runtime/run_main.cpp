// SPDX-License-Identifier: MIT
// The program's beginning and end: running a text, file or module as __main__, and what happens when it is over.
//
// The end has Python's order: the uncaught exception is shown, threads that are no daemons are joined, atexit functions
// run, files are flushed. Each step happens even when the one before it failed. The caller holds the GIL throughout.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "runtime/builtins/import.h"
#include "runtime/calls.h"
#include "runtime/code.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/modules/atexit.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/file.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

// A new __main__ module; the interpreter begins with an empty one.
Module* make_main_module(Thread& t) {
  Interpreter& i = *t.interpreter;
  Module* m = make_module(t, names(t).main);
  dict_set(t, i.modules, names(t).main, Value::of_object(m));
  dict_set(t, m->namespace_, names(t).builtins, dict_get(i.modules, intern(t, "builtins")));
  module_set(t, m, "__cached__", Value::none());
  module_set(t, m, "__annotations__", Value::of_object(make_dict(t)));
  i.main_globals = m->namespace_;
  return m;
}

namespace {

constexpr int kStatusUncaught = 1;
constexpr int kStatusFlushFailed = 120;   // CPython's

Value sys_attribute(Thread& t, const char* name) {
  Module* sys = t.interpreter->sys;
  return sys == nullptr ? Value::empty() : dict_get(sys->namespace_, intern(t, name));
}

Value run_in_main(Thread& t, Module* m, std::string_view text, std::string_view file_name) {
  if (!file_name.starts_with('<')) module_set(t, m, "__file__", str_value(make_str(t, file_name)));
  Value code = TRY(compile(t, text, file_name, CompileMode::File, file_name == "<string>" ? SourceForm::Text : SourceForm::File));
  t.interpreter->main_code = as<Code>(code);
  if (Str* doc = as<Code>(code)->docstring) module_set(t, m, "__doc__", str_value(doc));
  return run_code(t, as<Code>(code), m->namespace_, m->namespace_);
}

Value raise_exit(Thread& t, const std::string& message) {
  return raise_with_argument(t, ErrorType::SystemExit, str_value(make_str(t, message)));
}

void set_first_argument(Thread& t, const std::string& path) {
  Value arguments = sys_attribute(t, "argv");
  if (!is_kind(arguments, Kind::List) || as<List>(arguments)->length == 0) return;
  auto* list = as<List>(arguments);
  Value first = str_value(make_str(t, path));
  store(list, list->items[0], first);
}

// The reader of our standard output is gone.
bool is_stdout_broken() {
  pollfd out{STDOUT_FILENO, 0, 0};
  return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

// SystemExit(code): None is 0, an int itself, anything else is printed and means 1.
int exit_status_of(Thread& t, Value exception) {
  const Tuple* args = as<Exception>(exception)->args;
  Value code = args->length == 0 ? Value::none() : args->length == 1 ? args->items[0] : Value::of_object(args);
  if (code.is_none()) return 0;
  if (code.is_int() || code.is_bool()) return static_cast<int>(code.integer & 0xff);
  Str* text = to_str(t, code);
  if (text == nullptr) (void)take_exception(t);
  std::string message = text == nullptr ? "" : to_utf8(text) + "\n";
  (void)!write(STDERR_FILENO, message.data(), message.size());
  return kStatusUncaught;
}

// sys.excepthook if the script put one there, else the traceback.
void show_uncaught(Thread& t, Value exception) {
  Value hook = sys_attribute(t, "excepthook");
  bool is_own = hook.is_empty() || hook.is_none() || hook.is_same(sys_attribute(t, "__excepthook__"));
  if (is_own) {
    print_exception(t, exception);
    return;
  }
  Traceback* traceback = as<Exception>(exception)->traceback;
  Value traceback_value = traceback == nullptr ? Value::none() : Value::of_object(traceback);
  Value shown = call(t, hook, {Value::of_object(type_of(t, exception)), exception, traceback_value});
  if (!shown.is_raised()) return;
  Value second = take_exception(t);
  if (is_instance_of_error(t, second, ErrorType::SystemExit)) return;
  print_exception(t, second);
  print_exception(t, exception);
}

// What the exception in flight means for the exit status; it is shown unless it asks to leave quietly.
int end_with_exception(Thread& t) {
  Value exception = take_exception(t);
  if (is_instance_of_error(t, exception, ErrorType::SystemExit)) return exit_status_of(t, exception);
  if (is_instance_of_error(t, exception, ErrorType::BrokenPipeError) && is_stdout_broken()) return kStatusUncaught;
  show_uncaught(t, exception);
  if (is_instance_of_error(t, exception, ErrorType::KeyboardInterrupt)) return 128 + SIGINT;
  return kStatusUncaught;
}

// threading._shutdown() waits for the threads that are no daemons; Ctrl-C ends the wait. The exit status, 0 as a rule.
int join_threads(Thread& t, bool is_deadlock_known) {
  Value threading = dict_get(t.interpreter->modules, intern(t, "threading"));
  if (!is_kind(threading, Kind::Module)) return 0;
  Value shutdown = dict_get(as<Module>(threading)->namespace_, intern(t, "_shutdown"));
  if (shutdown.is_empty() || !call(t, shutdown).is_raised()) return 0;
  if (exception_matches(t, ErrorType::DeadlockError)) {
    if (!is_deadlock_known) return end_with_exception(t);
    (void)take_exception(t);   // the same one once more
    return 0;
  }
  report_unraisable(t, "threading._shutdown");
  return 0;
}

// False when something written was lost. A reader that went away is not worth a word.
// A script may have closed its standard streams; what cannot be asked counts as open.
bool is_closed(Thread& t, Value stream) {
  Value closed = get_attribute_or_empty(t, stream, intern(t, "closed"));
  Value answer = closed.is_empty() || closed.is_raised() ? closed : truth(t, closed);
  if (answer.is_raised()) (void)take_exception(t);
  return answer.is_true();
}

bool flush_standard_streams(Thread& t) {
  bool is_flushed = true;
  for (Str* name : {names(t).stdout, names(t).stderr}) {
    Value stream = dict_get(t.interpreter->sys->namespace_, name);
    if (stream.is_empty() || stream.is_none() || is_closed(t, stream)) continue;
    if (!flush_file(t, stream).is_raised()) continue;
    is_flushed = false;
    if (exception_matches(t, ErrorType::BrokenPipeError)) (void)take_exception(t);
    else report_unraisable(t, "the flush of a standard stream at exit");
  }
  return is_flushed;
}

}  // namespace

Value run_main_text(Thread& t, std::string_view text, std::string_view file_name) {
  return run_in_main(t, make_main_module(t), text, file_name);
}

Value run_main_file(Thread& t, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  if (!file.is_open()) return raise_exit(t, fmt::format("{}: can't open file '{}'", t.interpreter->options.program, path));
  return run_main_text(t, bytes.str(), path);
}

namespace {

// A package of the dotted name cannot be imported.
Value raise_parent_missing(Thread& t, const std::string& name) {
  Str* why = to_str(t, take_exception(t));
  return raise_exit(t, fmt::format("{}: Error while finding module specification for '{}' (ModuleNotFoundError: {})", t.interpreter->options.program,
                                   name, why ? to_utf8(why) : ""));
}

// Its parent may be a module without modules of its own.
Value raise_not_found(Thread& t, const std::string& name) {
  const std::string& program = t.interpreter->options.program;
  size_t dot = name.rfind('.');
  Value parent = dot == std::string::npos ? Value::empty() : dict_get(t.interpreter->modules, intern(t, name.substr(0, dot)));
  bool is_package = !is_kind(parent, Kind::Module) || !dict_get(as<Module>(parent)->namespace_, names(t).path).is_empty();
  if (is_package) return raise_exit(t, fmt::format("{}: No module named {}", program, name));
  return raise_exit(t, fmt::format("{0}: Error while finding module specification for '{1}' (ModuleNotFoundError: __path__ attribute not found on "
                                   "'{2}' while trying to find '{1}')", program, name, name.substr(0, dot)));
}

}  // namespace

Value run_main_module(Thread& t, const std::string& name) {
  const std::string& program = t.interpreter->options.program;
  ModuleText found;
  Value is_found = find_module_text(t, name, found);
  if (is_found.is_raised() && !exception_matches(t, ErrorType::ModuleNotFoundError)) return is_found;
  if (is_found.is_raised()) return raise_parent_missing(t, name);
  if (!is_found.is_true()) return raise_not_found(t, name);
  if (found.is_package) {
    TRY(import_module(t, name));
    is_found = TRY(find_module_text(t, name + ".__main__", found));
    if (!is_found.is_true()) {
      return raise_exit(t, fmt::format("{0}: No module named {1}.__main__; '{1}' is a package and cannot be directly executed",
                                       program, name));
    }
  }
  set_first_argument(t, found.path);
  Module* m = make_main_module(t);
  dict_set(t, m->namespace_, names(t).package, str_value(intern(t, found.package)));
  return run_in_main(t, m, found.text, found.path);
}

int finish(Thread& t, Value outcome) {
  bool is_deadlock = outcome.is_raised() && exception_matches(t, ErrorType::DeadlockError);
  int status = outcome.is_raised() ? end_with_exception(t) : 0;
  int join_status = join_threads(t, is_deadlock);
  if (status == 0) status = join_status;
  run_exit_functions(t);
  t.heap->run_last_finalizers(t);
  // Daemon threads stop here: nobody but this thread gets the GIL any more.
  t.interpreter->gil->close(t);
  bool is_flushed = flush_standard_streams(t);
  flush_open_files(*t.interpreter);
  return is_flushed || status != 0 ? status : kStatusFlushFailed;
}

}  // namespace mini
