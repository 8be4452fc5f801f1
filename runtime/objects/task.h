// SPDX-License-Identifier: MIT
// Task: drives a coroutine on an event loop.
//
// While a task is not done, exactly one of these is true: its next step is in the ready queue (`waiter` is null), it waits for
// `waiter` and is one of that future's callbacks, or it is running. A step resumes the coroutine once:
//
//   outcome                   | then
//   yielded a future          | the task becomes a callback of it
//   yielded None              | the next step is scheduled: `await asyncio.sleep(0)`
//   yielded something else    | the next step raises RuntimeError inside the coroutine
//   returned, raised          | the task is done
//
// The loop holds its tasks strongly until they are done.
#pragma once

#include <string>

#include "runtime/objects/future.h"

namespace mini {

struct Task : Future {
  Object* coroutine;
  Object* waiter;               // the future that it waits for, or null
  Object* task_context;         // null, ContextMap or Context; see context.h
  Str* name;                    // null: "Task-<number>"
  uint32_t number;
  uint32_t cancel_requests;
  uint32_t place;               // in the loop's WaitingTasks, from 1; 0: none
  Task* next_task;              // the loop's list of tasks that are not done
  Task* previous_task;
};

extern const Layout task_layout;

// `name` null: a numbered one. The first step is scheduled.
Value make_task(Thread& t, Object* loop, Value coroutine, Object* context, Value name = Value::none());
// One step; `exception` Empty: continue normally. Raised only for what must leave the loop (KeyboardInterrupt, SystemExit).
Value task_step(Thread& t, Task* task, Value exception);
Value task_wakeup(Thread& t, Task* task, Value future);
Value task_cancel(Thread& t, Task* task, Value message);   // -> Bool
Value task_name(Thread& t, Task* task);
std::string task_origin(Thread& t, const Task* task);      // where its coroutine was made: "x.py:9 in main", or empty
bool is_coroutine(Thread& t, Value v);                     // asyncio.iscoroutine

}  // namespace mini
