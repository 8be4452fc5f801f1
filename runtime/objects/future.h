// SPDX-License-Identifier: MIT
// Future: a result that will be there later. Task (task.h) and the future that gather() returns are Futures too.
//
//   state      | `value` holds                                     | `spare` holds
//   Pending    | the message of a cancellation that is requested   | -
//   Cancelled  | the message (None: none)                          | the CancelledError to raise, or null
//   Finished   | the result                                        | the message of a cancellation that was survived, or null
//   Finished   | the exception (kFutureHasException)               | its traceback when it was set, or null; a tuple of that and
//              |                                                   | the message when a cancellation was survived
//
// A future leaves Pending once. Then its callbacks are scheduled on its loop, each with `call_soon`. A single callback that runs in no
// context of its own is kept inline; most futures have one such, and only while they are Pending, so `spare` has the same place. A
// callback is a script callable, a Task that waits, or a GatheringFuture.
//
// `await future` in a script: the VM's DELEGATE asks future_is_done; a done future gives its result at once
// (future_take_result), else the VM sets `kFutureIsAwaited` (future_mark_awaited) and yields the future itself to whoever
// resumed the coroutine, normally the Task, which clears the flag and adds itself as a callback.
#pragma once

#include <functional>

#include "runtime/object.h"

namespace mini {

struct List;

enum class FutureState : uint8_t { Pending, Cancelled, Finished };

enum FutureFlags : uint32_t {       // in Object::extra, above the two bits of the state
  kFutureStateMask = 3,
  kFutureHasException = 4,
  kFutureIsAwaited = 8,             // _asyncio_future_blocking
  kFutureIsUnretrieved = 16,        // nobody asked for the exception yet
  kFutureIsTask = 32,
  kFutureIsGathering = 64,
  kTaskMustCancel = 128,            // the next step raises CancelledError
  kTaskIsQuiet = 256,               // no message when it is destroyed while pending
  kTaskWaitedAgain = 1024,          // since WaitingTasks looked at it last
  kTaskIsPacked = 2048,             // WaitingTasks had its frames packed
  kFutureHasMany = 4096,            // `callbacks` is a list
  kFutureNotOurs = 512,             // a third party's attribute `_asyncio_future_blocking` was set to None
};

struct Future : Object {
  Object* loop;                     // null: __init__ was not called
  Value value;
  union {
    Object* callbacks;              // Pending: null: none; the only one; or, with kFutureHasMany, a list: callback, context, callback ...
    Object* spare;                  // later
  };
};
static_assert(sizeof(Future) == 48, "many live at once");

// What gather() returns.
struct GatheringFuture : Future {
  Tuple* children;
  uint32_t finished_count;
  uint32_t child_count;             // different ones
  bool returns_exceptions;
  bool is_cancel_requested;
};

extern const Layout future_layout, gathering_future_layout, future_iterator_layout;

inline FutureState future_state(const Future* f) { return static_cast<FutureState>(f->extra & kFutureStateMask); }
inline bool future_is_done(const Future* f) { return f->extra & kFutureStateMask; }
inline bool future_has_exception(const Future* f) { return f->extra & kFutureHasException; }
inline void future_mark_awaited(Future* f) { f->extra |= kFutureIsAwaited; }
inline bool is_future(Value v) { return is_kind(v, Kind::Future); }
// It has an exception that nobody asked for yet.
inline bool future_is_unretrieved(const Object* o) { return o->kind == Kind::Future && o->extra & kFutureIsUnretrieved; }
// A Future, Task or GatheringFuture itself: its methods are not overridden by a script class.
bool is_plain_future(const Object* o);
bool future_has_callbacks(const Future* f);
// Calls back with each callback and the context (or null) that it runs in.
void for_each_callback(const Future* f, const std::function<void(Value callback, Object* context)>& visit);
// Empty: none.
Value first_callback(const Future* f);

Future* make_future(Thread& t, Object* loop);
void init_future(Future* f, Object* loop);                 // every field; state Pending
// The result, or Raised with the exception or CancelledError; marks the exception as retrieved.
Value future_take_result(Thread& t, Future* f);
Value future_exception(Thread& t, Future* f);              // future.exception()
// These change the state of a future that is Pending and schedule its callbacks. None, or Raised.
Value future_set_result(Thread& t, Future* f, Value result);
Value future_set_exception(Thread& t, Future* f, Value exception);
// `error`: the CancelledError to raise later; null: it is made then.
Value future_set_cancelled(Thread& t, Future* f, Value message, Object* error = nullptr);
// future.cancel(msg) of whatever kind it is -> Bool.
Value future_cancel(Thread& t, Future* f, Value message);
// Calls `callback` when the future is done (at the loop's next turn if it is already). `context` is kept, see context.h.
Value future_add_callback(Thread& t, Future* f, Value callback, Object* context);
Value make_cancelled_error(Thread& t, Future* f);          // the exception object; Raised if that fails
bool is_cancelled_error(Thread& t, Value exception);

// asyncio.ensure_future; `loop` null: the default one, and only asked for when needed.
Value ensure_future(Thread& t, Value awaitable, Object* loop);
Value gather(Thread& t, const Value* awaitables, size_t count, bool returns_exceptions);
Value gather_child_done(Thread& t, GatheringFuture* outer, Future* child);

}  // namespace mini
