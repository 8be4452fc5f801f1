// SPDX-License-Identifier: MIT
#include "runtime/loop/watchdog.h"

#include <gtest/gtest.h>

#include "runtime/clock.h"
#include "runtime/interpreter.h"

namespace mini {
namespace {

// However long the helper thread takes to look.
void wait_for_attention(const Thread& t) {
  std::atomic<uint32_t> never = 0;
  while (!(t.attention.load() & kLoopBlocked)) system_clock().wait(never, 0, system_clock().monotonic_ns() + 1'000'000);
}

TEST(Watchdog, MarksACallbackThatTakesTooLong) {
  Interpreter i{Options()};
  Thread& t = *i.main_thread;
  WatchedLoop loop;
  loop.limit_ns = kNever;
  watch_loop(t, loop);
  loop.begin_callback();
  EXPECT_FALSE(loop.end_callback());
  loop.limit_ns = 1'000'000;
  loop.begin_callback();
  wait_for_attention(t);
  EXPECT_TRUE(loop.end_callback());
  loop.limit_ns = kNever;
  loop.begin_callback();
  EXPECT_FALSE(loop.end_callback());   // the next one is innocent
  unwatch_loop(loop);
  EXPECT_FALSE(t.attention.load() & kLoopBlocked);
}

}  // namespace
}  // namespace mini
