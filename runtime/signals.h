// SPDX-License-Identifier: MIT
// Signals: the C handler only notes the number, sets kSignal on the thread that handles signals and ends its park. Script
// handlers run later, at an attention check of that thread.
//
// What a signal does is a property of the process, so this is the one place with state outside an Interpreter: the first
// interpreter that asks gets the signals, the others of the process get none.
#pragma once

#include <csignal>

#include "runtime/object.h"

namespace mini {

// `t`, the main thread of its interpreter, gets the signals. SIGINT raises KeyboardInterrupt, SIGPIPE is ignored. No effect
// when another interpreter has them.
void install_signals(Thread& t);
// Gives them back; before the thread dies.
void release_signals(Thread& t);
bool handles_signals(const Thread& t);
// Did the script set a handler that may end a wait? asyncio.run's own one for Ctrl-C, which only cancels, does not count.
bool script_handles_signals(Thread& t);

// Catches signal `number` with the C handler. False when the system refuses.
bool catch_signal(int number);
// Back to the system's action: default or ignore.
bool set_signal_default(int number);
bool ignore_signal(int number);

// The script's handlers, by number: a callable, or an int for SIG_DFL (0) and SIG_IGN (1).
Value signal_handler(Thread& t, int number);
Value set_signal_handler(Thread& t, int number, Value handler);   // None or Raised
// Runs the handlers of all signals that arrived. None or Raised.
Value run_signal_handlers(Thread& t);
// The C handler writes the number of each signal to this descriptor too (event loops); -1: none. Gives the old one.
int set_signal_wakeup_fd(int fd);
// As if signal `number` had just arrived.
void note_signal(int number);
bool is_signal_pending(int number);

// Gets the OS thread of `t` out of a system call that blocks: the call returns EINTR and its caller looks at `attention`.
// Threads keep this signal open (it does nothing else, and nothing at all if a script handles or ignores it).
inline constexpr int kNudgeSignal = SIGURG;
void nudge(const Thread& t);

inline constexpr int kSignalCount = 65;

}  // namespace mini
