// SPDX-License-Identifier: MIT
// _signal: masks of signals and waiting for them, the second half of module signal: pthread_sigmask, sigpending, sigwait and its
// relatives. A signal that is waited for here is taken from the system and never reaches a handler. The wait gives the GIL up.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>

#include "runtime/calls.h"
#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/struct_sequence.h"
#include "runtime/objects/type.h"
#include "runtime/parking.h"
#include "runtime/signals.h"

namespace mini {
namespace {

#define FIELD(index, name) {name, struct_field<index>, nullptr, ""}
constexpr AttributeRow siginfo_fields[] = {FIELD(0, "si_signo"), FIELD(1, "si_code"), FIELD(2, "si_errno"), FIELD(3, "si_pid"),
                                           FIELD(4, "si_uid"), FIELD(5, "si_status"), FIELD(6, "si_band")};
#undef FIELD
const Layout siginfo_layout = {.name = "struct_siginfo", .module = "signal", MINI_STRUCT_LAYOUT(siginfo_fields)};

// The signals that an iterable gives; false after raising.
bool read_set(Thread& t, Value iterable, sigset_t& out) {
  sigemptyset(&out);
  Iteration it(t, iterable);
  if (it.has_failed()) return false;
  for (;;) {
    Value item = it.next();
    if (item.is_raised()) return false;
    if (item.is_empty()) return true;
    int64_t number;
    if (!to_index(t, item, number)) return false;
    if (number < 1 || number >= kSignalCount) return (void)raise(t, ErrorType::ValueError, "signal number {} out of range [1; {}]", number, kSignalCount - 1), false;
    sigaddset(&out, static_cast<int>(number));
  }
}

Value make_set_of(Thread& t, const sigset_t& signals) {
  Set* all = make_set(t);
  for (int n = 1; n < kSignalCount; ++n) {
    if (sigismember(&signals, n) == 1) TRY(set_add_item(t, all, Value::of_int(n)));
  }
  return Value::of_object(all);
}

// pthread_sigmask(how, mask): the mask before, as a set of numbers.
Value signal_pthread_sigmask(Thread& t, Value* args, size_t) {
  int64_t how;
  sigset_t wanted, before;
  if (!to_index(t, args[0], how) || !read_set(t, args[1], wanted)) return Value::raised();
  if (int error = pthread_sigmask(static_cast<int>(how), &wanted, &before)) return raise_os_error(t, error);
  TRY(t.poll());   // what was held back may have arrived
  return make_set_of(t, before);
}

Value signal_sigpending(Thread& t, Value*, size_t) {
  sigset_t pending;
  sigpending(&pending);
  return make_set_of(t, pending);
}

// Waits for one of the signals; None when the time is over.
Value wait_for(Thread& t, Value iterable, int64_t deadline_ns, siginfo_t& info) {
  sigset_t wanted;
  if (!read_set(t, iterable, wanted)) return Value::raised();
  for (;;) {
    int number;
    if (deadline_ns == kNever) {
      ReleaseGil released(t, BlockReason::Wait);
      number = sigwaitinfo(&wanted, &info);
    } else {
      int64_t left = std::max<int64_t>(deadline_ns - t.interpreter->clock->monotonic_ns(), 0);
      timespec limit = {static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
      ReleaseGil released(t, BlockReason::Wait);
      number = sigtimedwait(&wanted, &info, &limit);
    }
    int error = errno;
    if (number > 0) return Value::of_int(number);
    TRY(t.poll());
    if (error == EAGAIN) return Value::none();
    if (error != EINTR) return raise_os_error(t, error);
  }
}

Value siginfo_value(Thread& t, const siginfo_t& info) {
  auto n = [](int64_t i) { return Value::of_int(i); };
  Value values[7] = {n(info.si_signo), n(info.si_code), n(info.si_errno), n(info.si_pid), n(info.si_uid), n(info.si_status), n(info.si_band)};
  return make_struct(t, siginfo_layout, values, 7, 7);
}

Value signal_sigwait(Thread& t, Value* args, size_t) {
  siginfo_t info;
  return wait_for(t, args[0], kNever, info);
}

Value signal_sigwaitinfo(Thread& t, Value* args, size_t) {
  siginfo_t info;
  TRY(wait_for(t, args[0], kNever, info));
  return siginfo_value(t, info);
}

Value signal_sigtimedwait(Thread& t, Value* args, size_t) {
  double seconds;
  siginfo_t info;
  if (!to_double(t, args[1], seconds)) return Value::raised();
  if (std::isnan(seconds)) return raise(t, ErrorType::ValueError, "Invalid value NaN (not a number)");
  if (seconds < 0) return raise_text(t, ErrorType::ValueError, "timeout must be non-negative");
  Value got = TRY(wait_for(t, args[0], deadline_after(t, seconds), info));
  return got.is_none() ? got : siginfo_value(t, info);
}

// pidfd_send_signal(pidfd, signalnum, siginfo=None, flags=0)
Value signal_pidfd_send_signal(Thread& t, Value* args, size_t) {
  int64_t fd, number, flags = 0;
  if (!to_index(t, args[0], fd) || !to_index(t, args[1], number)) return Value::raised();
  if (!args[2].is_empty() && !args[2].is_none()) return raise_text(t, ErrorType::TypeError, "siginfo must be None");
  if (!args[3].is_empty() && !to_index(t, args[3], flags)) return Value::raised();
  return syscall(SYS_pidfd_send_signal, static_cast<int>(fd), static_cast<int>(number), nullptr, static_cast<unsigned>(flags)) < 0
             ? raise_os_error(t, errno)
             : Value::none();
}

constexpr NativeRow functions[] = {
    {"pidfd_send_signal", signal_pidfd_send_signal, "(pidfd, signalnum, siginfo=None, flags=0, /)", "Sends a signal to the process of a descriptor."},
    {"pthread_sigmask", signal_pthread_sigmask, "(how, mask, /)", "Changes which signals this thread holds back; gives what it held back before."},
    {"sigpending", signal_sigpending, "()", "The signals that arrived and are held back."},
    {"sigwait", signal_sigwait, "(sigset, /)", "Waits for one of the signals and takes it."},
    {"sigwaitinfo", signal_sigwaitinfo, "(sigset, /)", "The same; tells more about the signal."},
    {"sigtimedwait", signal_sigtimedwait, "(sigset, timeout, /)", "The same, for some time at most: else None."},
};

Value setup(Thread& t, Module* m) {
  module_add_type(t, m, siginfo_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule signal_waiting_module;
const NativeModule signal_waiting_module = {"_signal", functions, std::size(functions), setup, "Masks of signals, and waiting for them."};

}  // namespace mini
