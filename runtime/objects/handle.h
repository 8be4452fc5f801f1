// SPDX-License-Identifier: MIT
// Handle and TimerHandle: what call_soon and call_later return, to cancel the callback with.
#pragma once

#include "runtime/object.h"

namespace mini {

enum HandleFlags : uint32_t {   // in Object::extra
  kHandleCancelled = 1,
  kHandleScheduled = 2,         // a timer that lies in its loop's heap
  kHandleIsTimer = 4,
};

struct Handle : Object {
  Value callback;               // None once cancelled
  Tuple* args;                  // null: none
  Object* context;              // to run in: null, ContextMap or Context
  Object* loop;
  bool is_cancelled() const { return extra & kHandleCancelled; }
};

struct TimerHandle : Handle {
  double when;                  // in the loop's time, seconds
};

extern const Layout handle_layout, timer_handle_layout;

// args may be null; context null: a snapshot of the current one is not taken, pass context_snapshot(t).
Handle* make_handle(Thread& t, Object* loop, Value callback, Tuple* args, Object* context);
TimerHandle* make_timer_handle(Thread& t, Object* loop, double when, Value callback, Tuple* args, Object* context);
void handle_cancel(Handle* handle);
// Calls the callback in its context; what it raises goes to the caller.
Value run_handle(Thread& t, Handle* handle);
// Tells the loop that a scheduled timer was cancelled (loop/event_loop.cpp).
void timer_was_cancelled(Handle* handle);

}  // namespace mini
