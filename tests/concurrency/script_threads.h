// SPDX-License-Identifier: MIT
// Threads for tests: each runs a C++ function with the GIL of an interpreter, as a script's thread would.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "tests/concurrency/fake_clock.h"

namespace mini {

class ScriptThreads {
 public:
  ScriptThreads(Interpreter& interpreter, FakeClock* clock = nullptr) : interpreter_(interpreter), clock_(clock) {
    // The caller holds the GIL that the others will wait for: the clock must know that somebody is awake.
    if (clock_) clock_->register_thread();
  }
  ~ScriptThreads() { join(); }

  // Called with the GIL held. The thread waits for the GIL until the caller gives it up.
  void start(std::function<void(Thread&)> body) {
    auto* t = new Thread(interpreter_);
    std::atomic<bool> is_registered = false;
    threads_.emplace_back([this, t, body, &is_registered] {
      if (clock_) clock_->register_thread();
      is_registered = true;
      is_registered.notify_one();
      t->bind_to_os_thread();
      Gil& gil = *interpreter_.gil;
      gil.take(*t);
      body(*t);
      t->unlink();
      gil.give(*t, true);
      if (clock_) clock_->unregister_thread();
      delete t;
    });
    is_registered.wait(false);
  }

  // Gives the GIL up until all have ended. No thread is started afterwards.
  void join() {
    if (is_joined_) return;
    is_joined_ = true;
    ReleaseGil released(*interpreter_.main_thread, BlockReason::Join);
    if (clock_) clock_->unregister_thread();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  Interpreter& interpreter_;
  FakeClock* clock_;
  std::vector<std::thread> threads_;
  bool is_joined_ = false;
};

}  // namespace mini
