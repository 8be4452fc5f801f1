// SPDX-License-Identifier: MIT
#include "runtime/clock.h"

#include <gtest/gtest.h>

#include <thread>

#include "runtime/rand.h"
#include "runtime/sched_hook.h"

namespace mini {
namespace {

TEST(SystemClock, GoesForward) {
  Clock& clock = system_clock();
  int64_t first = clock.monotonic_ns();
  EXPECT_GE(clock.monotonic_ns(), first);
  EXPECT_GT(clock.wall_ns(), INT64_C(1'600'000'000'000'000'000));
  EXPECT_GT(clock.process_cpu_ns(), 0);
  EXPECT_GE(clock.thread_cpu_ns(), 0);
}

TEST(SystemClock, WaitEndsWhenTheWordDiffersOrTheDeadlineIsOver) {
  std::atomic<uint32_t> word = 1;
  system_clock().wait(word, 0, kNever);
  system_clock().wait(word, 1, system_clock().monotonic_ns() - 1);
  system_clock().wait(word, 1, -5);
  SUCCEED();
}

TEST(VirtualClock, JumpsForwardOnly) {
  Clock& clock = virtual_clock();
  constexpr int64_t kHour = INT64_C(3'600'000'000'000);
  int64_t before = clock.monotonic_ns(), wall = clock.wall_ns();
  EXPECT_TRUE(clock.can_jump());
  EXPECT_TRUE(clock.jump_to(before + kHour));
  EXPECT_GE(clock.monotonic_ns(), before + kHour);
  EXPECT_GE(clock.wall_ns(), wall + kHour / 2);
  clock.jump_to(before);
  EXPECT_GE(clock.monotonic_ns(), before + kHour);
  std::atomic<uint32_t> word = 0;
  clock.wait(word, 0, clock.monotonic_ns() - 1);   // over already
  EXPECT_FALSE(system_clock().can_jump());
  EXPECT_FALSE(system_clock().jump_to(before + kHour));
}

TEST(SystemClock, WakeEndsAWait) {
  std::atomic<uint32_t> word = 0;
  std::thread waiter([&] {
    while (word == 0) system_clock().wait(word, 0, kNever);
  });
  word = 1;
  system_clock().wake(word);
  waiter.join();
  EXPECT_EQ(word, 1u);
}

TEST(RandomSource, SeedRepeats) {
  uint8_t a[100], b[100], c[100];
  seeded_random(7)->fill(a, sizeof a);
  seeded_random(7)->fill(b, sizeof b);
  seeded_random(8)->fill(c, sizeof c);
  EXPECT_EQ(0, std::char_traits<char>::compare(reinterpret_cast<char*>(a), reinterpret_cast<char*>(b), sizeof a));
  EXPECT_NE(0, std::char_traits<char>::compare(reinterpret_cast<char*>(a), reinterpret_cast<char*>(c), sizeof a));
}

TEST(SchedHook, SeedRepeats) {
  auto a = seeded_sched_hook(3), b = seeded_sched_hook(3);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(a->choose_waiter(5), b->choose_waiter(5));
    EXPECT_EQ(a->should_switch(), b->should_switch());
  }
}

}  // namespace
}  // namespace mini
