// SPDX-License-Identifier: MIT
#include "runtime/signals.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/exec/interpreter_family.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/thread_report.h"

namespace mini {
namespace {

// Of the process: see the header.
std::atomic<Thread*> receiver{nullptr};
std::atomic<uint64_t> pending{0};   // bit n: signal n arrived
std::atomic<int> wakeup_fd{-1};
std::atomic<bool> is_interrupt_handled{false};   // by a handler of the script
std::atomic<const Thread*> holder_at_quit{nullptr};   // the thread that had the GIL when SIGQUIT came; only compared

struct SignalHandlers {
  Value handlers[kSignalCount];
};

SignalHandlers& handlers_of(Interpreter& i) {
  void*& state = i.module_state["signals"];
  if (!state) {
    auto* made = new SignalHandlers;
    for (Value& v : made->handlers) v = Value::empty();
    state = made;
    i.heap->add_root([made](Marker& marker) { marker.mark(made->handlers, kSignalCount); });
    i.at_close.push_back([](Interpreter& closing) {
      delete static_cast<SignalHandlers*>(closing.module_state["signals"]);
      closing.module_state.erase("signals");
    });
  }
  return *static_cast<SignalHandlers*>(state);
}

void send_to_os_thread(uint64_t native_id, int number) {
  (void)syscall(SYS_tgkill, getpid(), static_cast<pid_t>(native_id), number);
}

// The receiver's OS thread runs code of another interpreter: Ctrl-C ends that too, or the receiver would not see it for long. Which
// interpreter that is, only this OS thread can tell.
void interrupt_visit(Thread& receiver, int number) {
  Thread* guest = receiver.visiting.load();
  if (!guest || number != SIGINT || is_interrupt_handled) return;
  while (Thread* next = guest->visiting.load()) guest = next;
  if (current_thread() != guest && current_thread() != &receiver) return send_to_os_thread(receiver.native_thread_id, number);
  guest->attention.fetch_or(kInterrupt);
  Gil::poke(*guest);
}

void on_signal(int number) {
  int saved_errno = errno;
  note_signal(number);
  int fd = wakeup_fd.load(std::memory_order_relaxed);
  if (fd >= 0) {
    auto byte = static_cast<unsigned char>(number);
    [[maybe_unused]] ssize_t ignored = write(fd, &byte, 1);
  }
  errno = saved_errno;
  leave_interrupted_work(number);
}

bool set_action(int number, void (*action)(int)) {
  struct sigaction wanted {};
  wanted.sa_handler = action;
  sigemptyset(&wanted.sa_mask);
  return sigaction(number, &wanted, nullptr) == 0;   // no SA_RESTART: blocking calls return and look
}

}  // namespace

void note_signal(int number) {
  pending.fetch_or(uint64_t{1} << (number - 1));
  if (Thread* t = receiver.load()) {
    if (number == SIGQUIT) holder_at_quit = t->interpreter->gil->holder();
    t->attention.fetch_or(kSignal);
    Gil::poke(*t);
    interrupt_visit(*t, number);
  }
}

void nudge(const Thread& t) {
  struct sigaction now;
  if (sigaction(kNudgeSignal, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) set_action(kNudgeSignal, leave_interrupted_work);
  send_to_os_thread(t.native_thread_id, kNudgeSignal);
}

bool is_signal_pending(int number) { return pending.load() & (uint64_t{1} << (number - 1)); }

void install_signals(Thread& t) {
  Thread* nobody = nullptr;
  if (!receiver.compare_exchange_strong(nobody, &t)) return;
  ignore_signal(SIGPIPE);
  catch_signal(SIGQUIT);
  struct sigaction before;
  // A process that was started with SIGINT ignored (a job in the background) leaves it so.
  if (sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  catch_signal(SIGINT);
}

void release_signals(Thread& t) {
  Thread* self = &t;
  if (!receiver.compare_exchange_strong(self, nullptr)) return;
  set_signal_default(SIGINT);
  set_signal_default(SIGQUIT);
  pending = 0;
  is_interrupt_handled = false;
  wakeup_fd = -1;
}

bool script_handles_signals(Thread& t) {
  for (Value handler : handlers_of(*t.interpreter).handlers) {
    if (!handler.is_object() || is_kind(handler, Kind::NativeFunction)) continue;
    bool is_runner = is_kind(handler, Kind::Function) && equals(as<Function>(handler)->code->qualified_name, "Runner._catch_interrupts.<locals>.handler");
    if (!is_runner) return true;
  }
  return false;
}

bool handles_signals(const Thread& t) { return receiver.load() == &t; }
bool catch_signal(int number) { return set_action(number, on_signal); }
bool set_signal_default(int number) { return set_action(number, SIG_DFL); }
bool ignore_signal(int number) { return set_action(number, SIG_IGN); }
int set_signal_wakeup_fd(int fd) { return wakeup_fd.exchange(fd); }

Value signal_handler(Thread& t, int number) { return handlers_of(*t.interpreter).handlers[number]; }

Value set_signal_handler(Thread& t, int number, Value handler) {
  bool done;
  if (handler.is_int() && handler.integer == 0) done = set_signal_default(number);
  else if (handler.is_int()) done = ignore_signal(number);
  else done = catch_signal(number);
  if (!done) return raise_os_error(t, errno);
  if (number == SIGINT) is_interrupt_handled = true;
  handlers_of(*t.interpreter).handlers[number] = handler;
  return Value::none();
}

Value run_signal_handlers(Thread& t) {
  if (receiver.load() != &t) return Value::none();
  t.attention.fetch_and(~kSignal);
  uint64_t arrived = pending.exchange(0);
  for (int number = 1; arrived != 0; ++number, arrived >>= 1) {
    if (!(arrived & 1)) continue;
    Value handler = handlers_of(*t.interpreter).handlers[number];
    Value result = Value::none();
    if (handler.is_object()) result = call(t, handler, {Value::of_int(number), Value::none()});
    else if (number == SIGQUIT && handler.is_empty()) print_thread_report(*t.interpreter, holder_at_quit.load());
    else if (number == SIGINT && handler.is_empty()) {
      interrupt_family(t);
      result = raise_no_arguments(t, ErrorType::KeyboardInterrupt);
    }
    if (!result.is_raised()) continue;
    // The rest waits for the next check.
    if (arrived >> 1) {
      pending.fetch_or((arrived >> 1) << number);
      t.attention.fetch_or(kSignal);
    }
    return result;
  }
  return Value::none();
}

}  // namespace mini
