// SPDX-License-Identifier: MIT
// EventLoop: runs callbacks, one after the other, when their turn, their time or their descriptor has come.
//
// One turn (`run_once`) does what CPython's _run_once does, in the same order:
//
//   1. cancelled timers leave the top of the heap
//   2. the poller is asked: without waiting when callbacks are ready (and not at all when no descriptor is watched),
//      else until the first timer is due; only then the GIL is given up
//   3. callbacks of ready descriptors, then timers that are due, join the ready queue
//   4. the callbacks that are in the queue now are called; what they schedule waits for the next turn
//
// Step 4 is the only place that calls callbacks. Everything here is guarded by the GIL. Another thread schedules by appending to
// the ready queue and, when the loop waits, ending its wait through `wakeup`.
#pragma once

#include <memory>
#include <vector>

#include "runtime/loop/poller.h"
#include "runtime/loop/ready_queue.h"
#include "runtime/loop/timers.h"
#include "runtime/loop/waiting_tasks.h"
#include "runtime/loop/wakeup.h"
#include "runtime/loop/watchdog.h"
#include "runtime/objects/handle.h"
#include "runtime/objects/task.h"
#include "runtime/parking.h"

namespace mini {

class Clock;

struct EventLoop;

// What runs when a descriptor is ready; null: not watched for that.
struct Watch {
  Handle* reader = nullptr;
  Handle* writer = nullptr;
};

class LoopState {
 public:
  LoopState(Clock& clock, std::unique_ptr<Poller> poller) : clock(clock), poller(std::move(poller)) {}

  double now() const;
  void trace(Marker& marker);
  void clear();                          // what close() drops
  // Watches a descriptor; the handle that was there before is cancelled. None, or Raised.
  Value add_watch(Thread& t, int fd, PollFlags which, Handle* handle);
  // True when it was watched.
  Value remove_watch(Thread& t, int fd, PollFlags which);
  // Moves timers that are due to the ready queue.
  void move_due_timers();
  // Steps 1 to 3 of a turn.
  Value gather_ready(Thread& t);
  // Runs on another thread: only call_soon_threadsafe may be called.
  bool is_foreign_to(const Thread& t) const { return thread_id != t.id && thread_id != 0; }
  // Ends the wait of the thread that runs the loop, if it waits.
  void wake() {
    if (MINI_UNLIKELY(is_waiting)) wakeup.signal();
    if (MINI_UNLIKELY(!sleepers.is_empty())) wake_one(sleepers);
  }

  Clock& clock;
  std::unique_ptr<Poller> poller;
  ReadyQueue ready;
  TimerHeap timers;
  Wakeup wakeup;
  WatchedLoop watched;                   // by the watchdog, while it runs
  WaitList sleepers;                     // the thread that waits while nothing is watched
  std::vector<Watch> watches;            // by descriptor
  size_t watched_count = 0;              // descriptors with a reader or writer
  Task* first_task = nullptr;            // tasks that are not done
  WaitingTasks waiting;                  // among those
  Task* current_task = nullptr;
  Object* current_handle = nullptr;      // in debug mode
  Value task_factory = Value::none();
  double slow_callback_duration = 0.1;
  uint64_t thread_id = 0;                // of the thread that runs it; 0: not running
  bool is_closed = false;
  bool is_stopping = false;
  bool is_debug = false;
  bool is_waiting = false;
  bool has_own_call_soon = false;        // a subclass overrides call_soon: everything must go through it
  bool has_own_create_task = false;
  bool has_own_timers = false;           // it overrides call_later, call_at, time or create_future

 private:
  Value wait_for_time(Thread& t, int64_t deadline_ns);
  Value wait_for_events(Thread& t, int64_t timeout_ns);
  Value take_events(Thread& t);
  void update_poller(int fd);
  Value find_lost(Thread& t);
  std::vector<PollEvent> events_;
  int64_t known_unstarted_ = 0;          // coroutines that were not begun when the collector was last asked for lost ones
  int searches_left_ = 0;                // twice for each reason: at first a register may still hold what is lost
  int64_t last_search_ns_ = 0;           // how long it took
  int64_t next_search_ns_ = 0;           // not before this time again
};

struct EventLoop : Object {
  LoopState* state;                      // malloc'd; null before __new__ has finished
};

extern const Layout event_loop_layout;

// Is it a loop of ours (or a subclass)?
bool is_event_loop(const Object* loop);
inline LoopState& loop_state(const Object* loop) { return *static_cast<const EventLoop*>(loop)->state; }

Value raise_loop_closed(Thread& t);
// A RuntimeWarning: `what` was used by a thread that does not run the loop. In debug mode some raise instead, as in CPython.
Value warn_wrong_thread(Thread& t, Object* loop, const char* what);
// One turn; Raised for what must leave the loop.
Value loop_run_once(Thread& t, EventLoop* loop);
Value loop_run_forever(Thread& t, EventLoop* loop);
Value loop_close(Thread& t, EventLoop* loop);

}  // namespace mini
