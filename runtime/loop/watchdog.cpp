// SPDX-License-Identifier: MIT
#include "runtime/loop/watchdog.h"

#include <pthread.h>
#include <signal.h>

#include <mutex>

#include "runtime/clock.h"
#include "runtime/thread.h"

namespace mini {

namespace {

constexpr int64_t kTick = 20'000'000;
constexpr size_t kStackBytes = 128 << 10;

// Of the process; never freed, because the helper thread looks at it to the end.
struct Watchdog {
  std::mutex mutex;
  WatchedLoop* first = nullptr;
  std::atomic<uint32_t> word{0};   // raised to wake the helper thread while it has nothing to watch
  bool is_started = false;

  void look(WatchedLoop& loop, int64_t now) {
    uint64_t number = loop.callback.load(std::memory_order_relaxed);
    bool is_running = number & 1;
    if (!is_running || number != loop.seen_callback) {
      loop.seen_callback = number;
      loop.seen_ns = now;
      return;
    }
    bool is_known = loop.slow_callback.load(std::memory_order_relaxed) == number;
    if (is_known || now - loop.seen_ns < loop.limit_ns.load(std::memory_order_relaxed)) return;
    loop.slow_since_ns = loop.seen_ns;
    loop.slow_callback = number;
    loop.thread->attention.fetch_or(kLoopBlocked);
  }

  [[noreturn]] void run() {
    Clock& clock = system_clock();
    for (;;) {
      uint32_t before = word.load();
      int64_t now = clock.monotonic_ns();
      bool is_idle;
      {
        std::lock_guard guard(mutex);
        is_idle = first == nullptr;
        for (WatchedLoop* loop = first; loop; loop = loop->next) look(*loop, now);
      }
      clock.wait(word, before, is_idle ? kNever : now + kTick);
    }
  }

  void forget_helper() {
    new (&mutex) std::mutex;   // the helper may have held it
    is_started = false;
  }

  // Without the helper thread (no memory, a limit) loops run unwatched.
  void start() {
    if (is_started) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread;
    auto main = [](void* self) -> void* { static_cast<Watchdog*>(self)->run(); };
    is_started = pthread_create(&thread, &attributes, main, this) == 0;
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
};

Watchdog& watchdog() {
  static Watchdog& one = [] () -> Watchdog& {
    pthread_atfork(nullptr, nullptr, [] { watchdog().forget_helper(); });   // a copy of the process does not have it
    return *new Watchdog;
  }();
  return one;
}

}  // namespace

void watch_loop(Thread& t, WatchedLoop& loop) {
  Watchdog& w = watchdog();
  bool was_idle;
  {
    std::lock_guard guard(w.mutex);
    loop.thread = &t;
    was_idle = w.first == nullptr;
    loop.next = w.first;
    w.first = &loop;
    w.start();
  }
  if (!was_idle) return;
  w.word.fetch_add(1);
  system_clock().wake(w.word);
}

void unwatch_loop(WatchedLoop& loop) {
  Watchdog& w = watchdog();
  std::lock_guard guard(w.mutex);
  WatchedLoop** link = &w.first;
  while (*link && *link != &loop) link = &(*link)->next;
  if (*link) *link = loop.next;
  loop.thread->attention.fetch_and(~kLoopBlocked);
}

}  // namespace mini
