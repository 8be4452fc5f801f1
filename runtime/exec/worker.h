// SPDX-License-Identifier: MIT
// The worker's side: serves tasks that arrive as packets on a descriptor, until that is closed. Whose process it runs in does
// not matter here: a worker process calls it from its command line, an interpreter of its own calls it from a thread.
#pragma once

#include <atomic>

namespace mini {

struct Interpreter;
struct Thread;

// Returns the exit status. `fd` is closed at the end. Called on the interpreter's main thread. `is_busy`, if given, is true
// while a task runs.
int run_worker(Interpreter& interpreter, int fd, std::atomic<bool>* is_busy = nullptr);

// Serves tasks until the descriptor is closed; the interpreter goes on.
void serve_session(Thread& t, int fd);

// The same in a process of its own: dies of Ctrl-C without words, and when the other side goes away in the middle of a task.
int run_worker_process(Interpreter& interpreter, int fd);

}  // namespace mini
