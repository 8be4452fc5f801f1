// SPDX-License-Identifier: MIT
// signal: handlers for signals. They run on the main thread at its next attention check (signals.h).
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/calls.h"
#include "runtime/parking.h"
#include "runtime/signals.h"

namespace mini {
namespace {

bool signal_number(Thread& t, Value v, int& out) {
  int64_t n;
  if (!to_index(t, v, n)) return false;
  if (n < 1 || n >= kSignalCount) {
    (void)raise(t, ErrorType::ValueError, "signal number out of range");
    return false;
  }
  out = static_cast<int>(n);
  return true;
}

Value module_value(Thread& t, const char* name) {
  Value module = dict_get(t.interpreter->modules, intern(t, "signal"));
  return is_kind(module, Kind::Module) ? dict_get(as<Module>(module)->namespace_, intern(t, name)) : Value::none();
}

// SIGINT before anybody set a handler.
Value default_int_handler(Thread& t, Value*, size_t) { return raise_no_arguments(t, ErrorType::KeyboardInterrupt); }

Value as_enum(Thread& t, int64_t n) { return TRY(call(t, TRY(get_attribute(t, TRY(import_module(t, "_signal_enums")), "handler")), {Value::of_int(n)})); }

// The handler as scripts see it.
Value shown_handler(Thread& t, int number) {
  Value handler = signal_handler(t, number);
  if (handler.is_object()) return handler;
  if (handler.is_int()) return as_enum(t, handler.integer);
  if (number == SIGINT) return module_value(t, "default_int_handler");
  if (number == SIGQUIT && handles_signals(t)) return as_enum(t, 0);   // ours, which a script need not know (thread_report.h)
  struct sigaction now;
  if (sigaction(number, nullptr, &now) < 0) return Value::none();
  if (now.sa_handler == SIG_IGN) return as_enum(t, 1);
  return now.sa_handler == SIG_DFL ? as_enum(t, 0) : Value::none();
}

Value signal_signal(Thread& t, Value* args, size_t) {
  int number;
  if (!t.is_main || !handles_signals(t)) {
    return raise(t, ErrorType::ValueError, "signal only works in main thread of the main interpreter");
  }
  if (!signal_number(t, args[0], number)) return Value::raised();
  Value handler = args[1];
  int64_t plain;
  bool is_number = is_integer(handler) && fits_int64(handler, plain) && (plain == 0 || plain == 1);
  if (!is_number && !is_callable(t, handler)) {
    return raise(t, ErrorType::TypeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
  }
  Value old = TRY(shown_handler(t, number));
  TRY(t.poll());
  TRY(set_signal_handler(t, number, is_number ? Value::of_int(plain) : handler));
  return old;
}

Value signal_getsignal(Thread& t, Value* args, size_t) {
  int number;
  return signal_number(t, args[0], number) ? shown_handler(t, number) : Value::raised();
}

Value signal_raise_signal(Thread& t, Value* args, size_t) {
  int number;
  if (!signal_number(t, args[0], number)) return Value::raised();
  // To the process: other threads than the main one block all signals.
  if (kill(getpid(), number) < 0) return raise_os_error(t, errno);
  return t.poll().is_raised() ? Value::raised() : Value::none();
}

Value signal_alarm(Thread& t, Value* args, size_t) {
  int64_t seconds;
  if (!to_index(t, args[0], seconds)) return Value::raised();
  return Value::of_int(alarm(static_cast<unsigned>(seconds)));
}

timeval to_timeval(double seconds) {
  double whole = std::floor(seconds);
  return {static_cast<time_t>(whole), static_cast<suseconds_t>((seconds - whole) * 1e6)};
}

Value from_timer(Thread& t, const itimerval& timer) {
  auto seconds = [](const timeval& time) { return Value::of_float(static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec)); };
  return Value::of_object(make_tuple(t, {seconds(timer.it_value), seconds(timer.it_interval)}));
}

Value signal_setitimer(Thread& t, Value* args, size_t) {
  int64_t which;
  double seconds, interval = 0;
  if (!to_index(t, args[0], which) || !to_double(t, args[1], seconds)) return Value::raised();
  if (!args[2].is_empty() && !to_double(t, args[2], interval)) return Value::raised();
  itimerval wanted{to_timeval(interval), to_timeval(seconds)}, old;
  // Less than the system's least unit is not "off".
  if (seconds > 0 && wanted.it_value.tv_sec == 0 && wanted.it_value.tv_usec == 0) wanted.it_value.tv_usec = 1;
  if (setitimer(static_cast<__itimer_which>(which), &wanted, &old) < 0) return raise_os_error(t, errno);
  return from_timer(t, old);
}

Value signal_getitimer(Thread& t, Value* args, size_t) {
  int64_t which;
  itimerval now;
  if (!to_index(t, args[0], which)) return Value::raised();
  if (getitimer(static_cast<__itimer_which>(which), &now) < 0) return raise_os_error(t, errno);
  return from_timer(t, now);
}

// Sleeps until any signal came and its handler ran.
Value signal_pause(Thread& t, Value*, size_t) {
  {
    ReleaseGil released(t, BlockReason::Wait);
    pause();
  }
  return t.poll().is_raised() ? Value::raised() : Value::none();
}

Value signal_set_wakeup_fd(Thread& t, Value* args, size_t) {
  int64_t fd;
  if (!t.is_main || !handles_signals(t)) {
    return raise(t, ErrorType::ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
  }
  if (!to_index(t, args[0], fd)) return Value::raised();
  return Value::of_int(set_signal_wakeup_fd(static_cast<int>(fd)));
}

Value signal_siginterrupt(Thread& t, Value* args, size_t) {
  int number;
  if (!signal_number(t, args[0], number)) return Value::raised();
  return Value::none();
}

Value signal_strsignal(Thread& t, Value* args, size_t) {
  int number;
  if (!signal_number(t, args[0], number)) return Value::raised();
  const char* text = strsignal(number);
  return text ? str_value(make_str(t, text)) : Value::none();
}

Value signal_valid_signals(Thread& t, Value*, size_t) {
  Set* all = make_set(t);
  for (int n = 1; n < kSignalCount; ++n) {
    if (n == 32 || n == 33) continue;   // the C library's own
    TRY(set_add_item(t, all, Value::of_int(n)));
  }
  return Value::of_object(all);
}

Value signal_pthread_kill(Thread& t, Value* args, size_t) {
  int number;
  int64_t id;
  if (!to_index(t, args[0], id) || !signal_number(t, args[1], number)) return Value::raised();
  for (Thread* other = t.interpreter->threads; other; other = other->next_thread) {
    if (static_cast<int64_t>(other->id) != id) continue;
    if (kill(getpid(), number) < 0) return raise_os_error(t, errno);
    return t.poll().is_raised() ? Value::raised() : Value::none();
  }
  return raise_os_error(t, ESRCH);
}

constexpr NativeRow signal_functions[] = {
    {"signal", signal_signal, "(signalnum, handler, /)", "Sets the handler of a signal and gives the old one."},
    {"getsignal", signal_getsignal, "(signalnum, /)", "The handler of a signal."},
    {"raise_signal", signal_raise_signal, "(signalnum, /)", "Sends a signal to this process."},
    {"alarm", signal_alarm, "(seconds, /)", "SIGALRM in so many seconds; gives what was left."},
    {"setitimer", signal_setitimer, "(which, seconds, interval=0.0, /)", "Sets a timer that sends signals."},
    {"getitimer", signal_getitimer, "(which, /)", "What is left of a timer."},
    {"pause", signal_pause, "()", "Sleeps until a signal comes."},
    {"set_wakeup_fd", signal_set_wakeup_fd, "(fd, /, *, warn_on_full_buffer=True)", "Writes the number of each signal to fd."},
    {"siginterrupt", signal_siginterrupt, "(signalnum, flag, /)", "System calls are always interrupted."},
    {"strsignal", signal_strsignal, "(signalnum, /)", "What a signal means."},
    {"valid_signals", signal_valid_signals, "()", "All signals."},
    {"pthread_kill", signal_pthread_kill, "(thread_id, signalnum, /)", "Sends a signal to the process of a thread."},
    {"default_int_handler", default_int_handler, "(signalnum, frame, /)", "Raises KeyboardInterrupt."},
};

Value signal_setup(Thread& t, Module* m) {
  module_set(t, m, "ITIMER_REAL", Value::of_int(ITIMER_REAL));
  module_set(t, m, "ITIMER_VIRTUAL", Value::of_int(ITIMER_VIRTUAL));
  module_set(t, m, "ITIMER_PROF", Value::of_int(ITIMER_PROF));
  module_set(t, m, "NSIG", Value::of_int(kSignalCount));
  module_set(t, m, "ItimerError", Value::of_object(error_type(t, ErrorType::OSError)));
  // The numbers are members of an IntEnum, as in CPython: signal.SIGINT shows its name.
  Value enums = TRY(import_module(t, "_signal_enums"));
  for (const char* list : {"_signals", "_handlers"}) {
    Value names = TRY(get_attribute(t, enums, list));
    auto* d = as<Dict>(names);
    for (DictCursor c(d); c.next();) dict_set(t, m->namespace_, as<Str>(c.entry->key), c.entry->value);
  }
  module_set(t, m, "Signals", TRY(get_attribute(t, enums, "Signals")));
  module_set(t, m, "Handlers", TRY(get_attribute(t, enums, "Handlers")));
  Value waiting = TRY(get_attribute(t, enums, "_waiting"));
  for (DictCursor c(as<Dict>(waiting)); c.next();) dict_set(t, m->namespace_, as<Str>(c.entry->key), c.entry->value);
  return Value::none();
}

}  // namespace

extern const NativeModule signal_module;
const NativeModule signal_module = {"signal", signal_functions, std::size(signal_functions), signal_setup, "Handlers for signals."};

}  // namespace mini
