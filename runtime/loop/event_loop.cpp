// SPDX-License-Identifier: MIT
#include "runtime/loop/event_loop.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/signals.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/context.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/future_parts.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

constexpr double kClockResolution = 1e-9;
constexpr double kLongestTime = 9e9;   // seconds that fit the clock
constexpr int64_t kQuickSearch = 5'000'000;   // ns: a loop that has work is not kept from it for longer
constexpr int64_t kSearchBurst = 10'000'000;  // ns of searching that may come at once, after a time without
constexpr int64_t kBeforeJump = 5'000'000;   // a virtual clock gives the world outside so long to answer


// Rounded up, so that a wait does not end just before its timer is due.
int64_t to_ns(double seconds) { return static_cast<int64_t>(std::ceil(std::clamp(seconds, 0.0, kLongestTime) * 1e9)); }

// The Handle of an item, made now if it has none: somebody is going to see it.
Handle* handle_of(Thread& t, EventLoop* loop, const ReadyItem& item) {
  switch (item.kind) {
    case ReadyKind::Handle: return static_cast<Handle*>(item.target);
    case ReadyKind::TaskStep: return make_handle(t, loop, make_future_call(t, Value::of_object(item.target), item.argument), nullptr, nullptr);
    case ReadyKind::TaskWakeup:
    case ReadyKind::GatherChild: {
      Tuple* args = make_tuple(t, {Value::of_object(item.argument)});
      return make_handle(t, loop, make_future_call(t, Value::of_object(item.target)), args, nullptr);
    }
    case ReadyKind::Callback:
      return make_handle(t, loop, Value::of_object(item.target), make_tuple(t, {Value::of_object(item.argument)}), item.context);
  }
  MINI_UNREACHABLE();
}

// A callback raised: KeyboardInterrupt and SystemExit leave the loop, all else goes to the exception handler.
Value callback_failed(Thread& t, EventLoop* loop, const ReadyItem& item) {
  if (exception_matches(t, ErrorType::KeyboardInterrupt) || exception_matches(t, ErrorType::SystemExit)) return Value::raised();
  Value error = take_exception(t);
  Value report = TRY(asyncio_function(t, "base_events", "_callback_failed"));
  return call(t, report, {Value::of_object(loop), Value::of_object(handle_of(t, loop, item)), error});
}

Value call_item(Thread& t, const ReadyItem& item) {
  return item.kind == ReadyKind::Handle ? run_handle(t, static_cast<Handle*>(item.target)) : run_future_item(t, item);
}

// In debug mode: the same, and a warning when it took long.
Value call_item_timed(Thread& t, EventLoop* loop, const ReadyItem& item) {
  LoopState& state = *loop->state;
  Handle* handle = handle_of(t, loop, item);
  state.current_handle = handle;
  double begin = state.now();
  Value result = call_item(t, item);
  double duration = state.now() - begin;
  state.current_handle = nullptr;
  if (result.is_raised() || duration < state.slow_callback_duration) return result;
  Value report = TRY(asyncio_function(t, "base_events", "_callback_was_slow"));
  Value place = str_value(make_str(t, t.slow_place));
  t.slow_place.clear();
  return call(t, report, {Value::of_object(handle), Value::of_float(duration), place});
}

// The watchdog saw that the callback took long. Not in debug mode, which measures each one.
Value report_slow(Thread& t, EventLoop* loop, const ReadyItem& item, uint64_t collecting_ns) {
  WatchedLoop& watched = loop->state->watched;
  double duration = static_cast<double>(system_clock().monotonic_ns() - watched.slow_since_ns) * 1e-9;
  bool is_collector = static_cast<double>(collecting_ns) * 1e-9 > duration / 2;
  Value place = str_value(make_str(t, is_collector ? "a collection of garbage" : t.slow_place));
  t.slow_place.clear();
  t.attention.fetch_and(~kLoopBlocked);
  Value report = TRY(asyncio_function(t, "base_events", "_callback_was_slow"));
  return call(t, report, {Value::of_object(handle_of(t, loop, item)), Value::of_float(duration), place});
}

// Step 4 of a turn: the one place that calls callbacks. Not inlined, so that nothing of them stays in a frame that lives on.
[[gnu::noinline]] Value run_batch(Thread& t, EventLoop* loop) {
  LoopState& state = *loop->state;
  for (size_t todo = state.ready.size(); todo > 0 && !state.ready.is_empty(); --todo) {
    ReadyItem item = state.ready.pop();
    if (item.kind == ReadyKind::Handle && static_cast<Handle*>(item.target)->is_cancelled()) continue;
    state.watched.begin_callback();
    uint64_t collecting = t.heap->stats().pause_total_ns;
    Value result = MINI_UNLIKELY(state.is_debug) ? call_item_timed(t, loop, item) : call_item(t, item);
    bool was_slow = state.watched.end_callback();
    if (MINI_UNLIKELY(result.is_raised())) TRY(callback_failed(t, loop, item));
    if (MINI_UNLIKELY(was_slow) && !state.is_debug) TRY(report_slow(t, loop, item, t.heap->stats().pause_total_ns - collecting));
  }
  return Value::none();
}

// loop.call_soon(callable, *args, context=context) for loops that are not ours.
Value schedule_elsewhere(Thread& t, Object* loop, ReadyItem item) {
  Value callback = Value::of_object(item.target);
  Object* context = item.context;
  if (item.kind != ReadyKind::Callback) {
    bool is_step = item.kind == ReadyKind::TaskStep;
    callback = make_future_call(t, callback, is_step ? item.argument : nullptr);
    if (is_step) item.argument = nullptr;
    context = nullptr;   // a task's step enters the task's own context
  }
  Value method = TRY(get_attribute(t, Value::of_object(loop), "call_soon"));
  Value args[3] = {callback};
  size_t argc = 1;
  if (item.argument) args[argc++] = Value::of_object(item.argument);
  args[argc] = Value::of_object(full_context(t, context));
  Value handle = TRY(call(t, method, args, argc, make_tuple(t, {str_value(intern(t, "context"))})));
  (void)handle;
  return Value::none();
}

}  // namespace

double LoopState::now() const { return static_cast<double>(clock.monotonic_ns()) * 1e-9; }

void LoopState::trace(Marker& marker) {
  ready.trace(marker);
  timers.trace(marker);
  for (const Watch& watch : watches) {
    marker.mark_pointer(watch.reader);
    marker.mark_pointer(watch.writer);
  }
  for (Task* task = first_task; task; task = task->next_task) marker.mark_pointer(task);
  marker.mark_pointer(current_task);
  marker.mark(current_handle);
  marker.mark(task_factory);
}

void LoopState::clear() {
  ready.clear();
  timers.clear();
  watches.clear();
  watched_count = 0;
  poller.reset();
}

void LoopState::move_due_timers() {
  if (timers.is_empty()) return;
  double end = now() + kClockResolution;
  while (!timers.is_empty() && timers.first_deadline() < end) {
    if (TimerHandle* timer = timers.pop()) ready.push({timer, nullptr, nullptr, ReadyKind::Handle});
  }
}

Value LoopState::take_events(Thread& t) {
  for (const PollEvent& event : events_) {
    if (event.fd == wakeup.read_fd()) {
      wakeup.drain();
      continue;
    }
    if (static_cast<size_t>(event.fd) >= watches.size()) continue;
    Watch watch = watches[event.fd];
    // A cancelled handle is still there when its owner forgot to remove it.
    auto take = [&](Handle* handle, PollFlags which) -> Value {
      if (!handle || !(event.flags & which)) return Value::none();
      if (handle->is_cancelled()) return remove_watch(t, event.fd, which);
      ready.push({handle, nullptr, nullptr, ReadyKind::Handle});
      return Value::none();
    };
    TRY(take(watch.reader, kPollRead));
    TRY(take(watch.writer, kPollWrite));
  }
  events_.clear();
  return Value::none();
}

// Nothing is watched: an ordinary park, which other threads, signals and the clock end.
Value LoopState::wait_for_time(Thread& t, int64_t deadline_ns) {
  return park(t, sleepers, {BlockReason::Poll}, deadline_ns) == ParkOutcome::Raised ? Value::raised() : Value::none();
}

// Waits in the poller without the GIL. Other threads and signals end the wait through `wakeup`.
Value LoopState::wait_for_events(Thread& t, int64_t timeout_ns) {
  if (!wakeup.is_open()) {
    int error = wakeup.open();
    if (!error) error = poller->watch(wakeup.read_fd(), kPollRead);
    if (error) return raise_os_error(t, error);
  }
  bool takes_signals = handles_signals(t);
  int outer_fd = takes_signals ? set_signal_wakeup_fd(wakeup.write_fd()) : -1;
  is_waiting = true;
  int64_t deadline = timeout_ns < 0 ? kNever : clock.monotonic_ns() + timeout_ns;
  if (clock.can_jump() && (timeout_ns < 0 || timeout_ns > kBeforeJump)) timeout_ns = kBeforeJump;
  int error = 0;
  // A signal that came before the exchange above has set its attention bit; one that comes later ends the wait.
  if (!(t.attention.load() & (kSignal | kAsyncException | kTerminate | kInterrupt))) {
    ReleaseGil released(t, BlockReason::Poll);
    error = poller->wait(released, timeout_ns, events_);
  }
  is_waiting = false;
  if (takes_signals) set_signal_wakeup_fd(outer_fd);
  if (error && error != EINTR) return raise_os_error(t, error);
  if (!error && events_.empty()) skip_idle_time(t, deadline);
  return t.poll();
}

// The loop is about to wait, or a future failed and looking does not take long: the time to look for mistakes that only the collector
// finds, coroutines that nobody awaits and exceptions that nobody asked for. At most a twentieth of the time goes into it.
Value LoopState::find_lost(Thread& t) {
  AsyncState& async = async_state(t);
  if (t.interpreter->unstarted_coroutines != known_unstarted_ || async.has_new_failure) searches_left_ = 2;
  if (searches_left_ == 0) return Value::none();
  int64_t begin = system_clock().monotonic_ns();
  if (begin < next_search_ns_) return Value::none();
  --searches_left_;
  async.has_new_failure = false;
  t.heap->collect_for_script();
  last_search_ns_ = system_clock().monotonic_ns() - begin;
  next_search_ns_ = std::max(next_search_ns_, begin - 20 * kSearchBurst) + 20 * last_search_ns_;
  Value reported = t.poll();
  known_unstarted_ = t.interpreter->unstarted_coroutines;
  return reported;
}

namespace {

// What callbacks left behind on the native stack: the collector would take it for values in use.
[[gnu::noinline]] void wipe_native_stack(const Thread& t) {
  if (t.native_stack_is_low()) return;
  char room[32 << 10];
  memset(room, 0, sizeof room);
  asm volatile("" : : "r"(room) : "memory");
}

}  // namespace

Value LoopState::gather_ready(Thread& t) {
  TRY(t.poll());
  timers.drop_cancelled();
  bool must_wait = ready.is_empty() && !is_stopping;
  if (must_wait && !timers.is_empty()) must_wait = timers.first_deadline() > now();
  bool is_due = (async_state(t).has_new_failure || searches_left_ > 0) && last_search_ns_ < kQuickSearch;
  if (must_wait || MINI_UNLIKELY(is_due)) {
    wipe_native_stack(t);
    TRY(find_lost(t));
    must_wait = must_wait && ready.is_empty() && !is_stopping;   // a finaliser may have scheduled something
  }
  if (watched_count > 0) {
    if (int error = poller->poll_now(events_); error && error != EINTR) return raise_os_error(t, error);
    bool has_timer = !timers.is_empty();
    if (must_wait && events_.empty())
      TRY(wait_for_events(t, has_timer ? to_ns(timers.first_deadline() - now()) : -1));
    TRY(take_events(t));
  } else if (must_wait) {
    TRY(wait_for_time(t, timers.is_empty() ? kNever : to_ns(timers.first_deadline())));
  }
  move_due_timers();
  return Value::none();
}

void LoopState::update_poller(int fd) {
  if (!poller) return;
  const Watch& watch = watches[fd];
  uint8_t flags = (watch.reader ? kPollRead : 0) | (watch.writer ? kPollWrite : 0);
  (void)poller->watch(fd, flags);   // the caller has checked the descriptor
}

Value LoopState::add_watch(Thread& t, int fd, PollFlags which, Handle* handle) {
  if (is_closed) return raise_loop_closed(t);
  if (fd < 0) return raise(t, ErrorType::ValueError, "Invalid file descriptor: {}", fd);
  if (static_cast<size_t>(fd) >= watches.size()) watches.resize(fd + 1);
  Watch& watch = watches[fd];
  uint8_t flags = (watch.reader ? kPollRead : 0) | (watch.writer ? kPollWrite : 0);
  if (!(flags & which)) {
    if (int error = poller->watch(fd, flags | which)) return raise_os_error(t, error);
  }
  if (flags == 0) ++watched_count;
  Handle*& place = which == kPollRead ? watch.reader : watch.writer;
  if (place) handle_cancel(place);
  place = handle;
  wake();   // a loop that parks does not look at the poller
  return Value::of_object(handle);
}

Value LoopState::remove_watch(Thread&, int fd, PollFlags which) {
  if (is_closed || fd < 0 || static_cast<size_t>(fd) >= watches.size()) return Value::of_bool(false);
  Watch& watch = watches[fd];
  Handle*& place = which == kPollRead ? watch.reader : watch.writer;
  if (!place) return Value::of_bool(false);
  handle_cancel(place);
  place = nullptr;
  if (!watch.reader && !watch.writer) --watched_count;
  update_poller(fd);
  return Value::of_bool(true);
}

bool is_event_loop(const Object* loop) {
  return loop->kind == Kind::Native && type_of(loop)->layout == &event_loop_layout;
}

Value raise_loop_closed(Thread& t) { return raise(t, ErrorType::RuntimeError, "Event loop is closed"); }

Value loop_run_once(Thread& t, EventLoop* loop) {
  TRY(loop->state->gather_ready(t));
  return run_batch(t, loop);
}

Value loop_run_forever(Thread& t, EventLoop* loop) {
  LoopState& state = *loop->state;
  if (state.is_closed) return raise_loop_closed(t);
  if (state.thread_id) return raise(t, ErrorType::RuntimeError, "This event loop is already running");
  if (t.running_loop_object.is_object())
    return raise(t, ErrorType::RuntimeError, "Cannot run the event loop while another loop is running");
  state.thread_id = t.id;
  t.running_loop_object = Value::of_object(loop);
  watch_loop(t, state.watched);
  Value result;
  do {
    result = loop_run_once(t, loop);
  } while (!result.is_raised() && !state.is_stopping);
  unwatch_loop(state.watched);
  state.is_stopping = false;
  state.thread_id = 0;
  t.running_loop_object = Value::empty();
  return result.is_raised() ? result : Value::none();
}

// Exceptions that nobody asked for are told before the loop is gone. Twice: at first a register may still hold a future.
static Value report_unretrieved(Thread& t) {
  for (int round = 0; round < 2 && t.heap->watches_any(future_is_unretrieved); ++round) {
    t.heap->collect_for_script();
    TRY(t.poll());
  }
  return Value::none();
}

Value loop_close(Thread& t, EventLoop* loop) {
  LoopState& state = *loop->state;
  if (state.thread_id) return raise(t, ErrorType::RuntimeError, "Cannot close a running event loop");
  if (state.is_closed) return Value::none();
  TRY(report_unretrieved(t));
  state.is_closed = true;
  state.clear();
  return Value::none();
}

// The doors of objects/schedule.h and objects/handle.h

Value warn_wrong_thread(Thread& t, Object* loop, const char* what) {
  Value warn = TRY(asyncio_function(t, "base_events", "_warn_wrong_thread"));
  return call(t, warn, {Value::of_object(loop), str_value(make_str(t, what))});
}

Value schedule(Thread& t, Object* loop, ReadyItem item) {
  if (MINI_UNLIKELY(!is_event_loop(loop))) return schedule_elsewhere(t, loop, item);
  LoopState& state = loop_state(loop);
  if (MINI_UNLIKELY(state.has_own_call_soon)) return schedule_elsewhere(t, loop, item);
  if (MINI_UNLIKELY(state.is_closed)) return raise_loop_closed(t);
  if (MINI_UNLIKELY(state.is_foreign_to(t))) TRY(warn_wrong_thread(t, loop, "a future or task of the loop"));
  if (MINI_UNLIKELY(item.context != nullptr)) item = {handle_of(t, static_cast<EventLoop*>(loop), item), nullptr, nullptr, ReadyKind::Handle};
  state.ready.push(item);
  state.wake();
  return Value::none();
}

void timer_was_cancelled(Handle* handle) {
  if (handle->loop && is_event_loop(handle->loop)) loop_state(handle->loop).timers.count_cancelled();
}

Value loop_create_task(Thread& t, Object* loop, Value coroutine) {
  bool is_ours = is_event_loop(loop) && !loop_state(loop).has_own_create_task && loop_state(loop).task_factory.is_none();
  if (!is_ours) return call_method(t, Value::of_object(loop), intern(t, "create_task"), {coroutine});
  if (loop_state(loop).is_closed) return raise_loop_closed(t);
  return make_task(t, loop, coroutine, context_snapshot(t));
}

void register_task(Thread& t, Task* task) {
  Task*& first = is_event_loop(task->loop) ? loop_state(task->loop).first_task : async_state(t).foreign_tasks;
  task->previous_task = nullptr;
  task->next_task = first;
  if (first) first->previous_task = task;
  first = task;
}

void note_waiting(Thread& t, Task* task) {
  if (MINI_LIKELY(is_event_loop(task->loop))) loop_state(task->loop).waiting.note(t, task);
}

void unregister_task(Thread& t, Task* task) {
  if (task->place) loop_state(task->loop).waiting.forget(task);
  Task*& first = is_event_loop(task->loop) ? loop_state(task->loop).first_task : async_state(t).foreign_tasks;
  if (task->previous_task) task->previous_task->next_task = task->next_task;
  else if (first == task) first = task->next_task;
  else return;   // it was never registered
  if (task->next_task) task->next_task->previous_task = task->previous_task;
  task->next_task = task->previous_task = nullptr;
}

Value enter_task(Thread& t, Task* task) {
  Value current;
  if (MINI_LIKELY(is_event_loop(task->loop))) {
    LoopState& state = loop_state(task->loop);
    if (MINI_LIKELY(!state.current_task)) {
      state.current_task = task;
      return Value::none();
    }
    current = Value::of_object(state.current_task);
  } else {
    Dict* running = async_state(t).foreign_current;
    current = TRY(dict_get_item(t, running, Value::of_object(task->loop)));
    if (current.is_empty()) return dict_set_item(t, running, Value::of_object(task->loop), Value::of_object(task));
  }
  Str* mine = to_repr(t, Value::of_object(task));
  if (!mine) return Value::raised();
  Str* other = to_repr(t, current);
  if (!other) return Value::raised();
  return raise(t, ErrorType::RuntimeError, "Cannot enter into task {} while another task {} is being executed.", to_utf8(mine),
               to_utf8(other));
}

void leave_task(Thread& t, Task* task) {
  if (MINI_LIKELY(is_event_loop(task->loop))) {
    loop_state(task->loop).current_task = nullptr;
    return;
  }
  Value saved = t.exception;
  if (dict_delete_item(t, async_state(t).foreign_current, Value::of_object(task->loop)).is_raised()) (void)take_exception(t);
  t.exception = saved;
}

}  // namespace mini
