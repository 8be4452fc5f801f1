// SPDX-License-Identifier: MIT
// The door from futures, tasks and handles to the event loop that runs them: declared here, defined in loop/event_loop.cpp, so
// that objects/ never includes loop/.
//
// A ReadyItem is one callback that waits for its turn. Only handles that a script holds are objects; a task's step, a wake-up and a
// future's callback are items without one, because nobody can see them. Each stands for exactly one `call_soon` of CPython,
// so callbacks run in the same order.
#pragma once

#include "runtime/object.h"

namespace mini {

struct Future;
struct Handle;
struct Task;

enum class ReadyKind : uint64_t {
  Handle,        // target: the Handle
  TaskStep,      // target: the Task; argument: an exception to raise in it, or null
  TaskWakeup,    // target: the Task; argument: the Future that it waited for
  GatherChild,   // target: the GatheringFuture; argument: the child that is done
  Callback,      // target: a callable; argument: the Future that it is called with; context: to run it in
};

struct ReadyItem {
  Object* target;
  Object* argument;
  Object* context;
  ReadyKind kind;
};

// loop.call_soon for an item, on any kind of loop. None, or Raised (the loop is closed ...).
Value schedule(Thread& t, Object* loop, ReadyItem item);
// Runs one item that is not a Handle. What it raises goes to the caller.
Value run_future_item(Thread& t, const ReadyItem& item);
// loop.create_task(coroutine).
Value loop_create_task(Thread& t, Object* loop, Value coroutine);

// The loop's list of tasks that are not done, and the one that is running.
void register_task(Thread& t, Task* task);
void unregister_task(Thread& t, Task* task);
// The task begins to wait, and has no place among those of its loop that wait.
void note_waiting(Thread& t, Task* task);
Value enter_task(Thread& t, Task* task);
void leave_task(Thread& t, Task* task);

}  // namespace mini
