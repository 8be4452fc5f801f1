// SPDX-License-Identifier: MIT
// What asyncio keeps for one interpreter: its exception types, cached shapes and counters. Made on first use.
#pragma once

#include <string_view>

#include "runtime/object.h"

namespace mini {

struct AsyncState {
  Type* cancelled_error = nullptr;       // asyncio.CancelledError
  Type* invalid_state_error = nullptr;   // asyncio.InvalidStateError
  Shape* future_shape = nullptr;
  Shape* task_shape = nullptr;
  Shape* handle_shape = nullptr;
  Shape* timer_handle_shape = nullptr;
  Shape* bare_yield_shape = nullptr;     // set by module _asyncio
  uint32_t next_task_number = 1;
  bool has_new_failure = false;          // a future got an exception, since the loop last looked for those that nobody asks for
  // Of loops that are not ours: loop -> task, and the tasks that are not done.
  Dict* foreign_current = nullptr;
  struct Task* foreign_tasks = nullptr;
  Value task_types = Value::empty();     // other libraries' tasks (asyncio._register_task): a list
};

AsyncState& async_state(Thread& t);
// The attribute `name` of module asyncio.`module`, for what is written in Mini.
Value asyncio_function(Thread& t, const char* module, const char* name);
// The loop that runs on this thread, else what the policy gives; Raised when there is none.
Value default_event_loop(Thread& t);

Value raise_invalid_state(Thread& t, std::string_view message);

}  // namespace mini
