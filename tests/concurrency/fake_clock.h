// SPDX-License-Identifier: MIT
// A clock that stands still until every registered thread sleeps, and then jumps to the earliest deadline among them; or until a
// test says `advance`. No test that uses it ever sleeps. Threads that are not registered (the GIL's ticker) sleep by the same time
// but do not make it jump.
#pragma once

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <mutex>
#include <set>
#include <thread>

#include "runtime/clock.h"

namespace mini {

class FakeClock final : public Clock {
 public:
  int64_t monotonic_ns() override {
    std::lock_guard guard(mutex_);
    return now_;
  }
  int64_t wall_ns() override { return monotonic_ns(); }

  void register_thread() {
    std::lock_guard guard(mutex_);
    registered_.insert(std::this_thread::get_id());
  }
  void unregister_thread() {
    std::lock_guard guard(mutex_);
    registered_.erase(std::this_thread::get_id());
    jump_if_idle();
  }
  // Time passes while the caller, who holds the GIL, works. Returns when all threads whose deadline that was have looked at the
  // time and sleep again, which they do because the caller has the GIL.
  void advance(int64_t ns) {
    std::unique_lock guard(mutex_);
    now_ += ns;
    wake_due(true);
    changed_.wait(guard, [&] { return awake_.empty(); });
  }

  void wait(std::atomic<uint32_t>& word, uint32_t expected, int64_t deadline_ns) override {
    std::unique_lock guard(mutex_);
    bool is_registered = registered_.contains(std::this_thread::get_id());
    if (awake_.erase(std::this_thread::get_id())) changed_.notify_all();
    if (word.load() != expected || deadline_ns <= now_) return;
    sleepers_.push_back({&word, deadline_ns, false, is_registered, std::this_thread::get_id()});
    auto self = std::prev(sleepers_.end());
    jump_if_idle();
    changed_.wait(guard, [&] { return self->is_woken; });
    sleepers_.erase(self);
  }

  void wake(std::atomic<uint32_t>& word) override {
    std::lock_guard guard(mutex_);
    for (Sleeper& s : sleepers_) {
      if (s.word == &word) s.is_woken = true;
    }
    changed_.notify_all();
  }

 private:
  struct Sleeper {
    std::atomic<uint32_t>* word;
    int64_t deadline;
    bool is_woken, is_registered;
    std::thread::id id;
  };

  void wake_due(bool while_caller_works) {
    for (Sleeper& s : sleepers_) {
      if (s.is_woken || s.deadline > now_) continue;
      s.is_woken = true;
      if (while_caller_works || !s.is_registered) awake_.insert(s.id);
    }
    changed_.notify_all();
  }

  void jump_if_idle() {
    size_t asleep = 0;
    int64_t earliest = kNever;
    for (const Sleeper& s : sleepers_) {
      if (s.is_woken || !s.is_registered) continue;
      ++asleep;
      earliest = s.deadline < earliest ? s.deadline : earliest;
    }
    if (asleep == 0 || asleep < registered_.size()) return;
    if (earliest == kNever) {
      std::fprintf(stderr, "fake clock: every thread waits for ever\n");
      std::abort();
    }
    now_ = earliest;
    wake_due(false);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t now_ = 1'000'000'000;
  std::list<Sleeper> sleepers_;
  std::set<std::thread::id> registered_;
  std::set<std::thread::id> awake_;   // woken by a deadline, and have not slept since
};

}  // namespace mini
