// SPDX-License-Identifier: MIT
// Who gets the GIL, under a fake clock: nothing here sleeps or depends on the speed of the machine.
#include <gtest/gtest.h>

#include <string>

#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/parking.h"
#include "tests/concurrency/fake_clock.h"
#include "tests/concurrency/script_threads.h"

namespace mini {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

Options with_clock(FakeClock& clock, GilMode mode = GilMode::Fair) {
  Options options;
  options.clock = &clock;
  options.gil_mode = mode;
  return options;
}

// Makes the calling thread CPU-bound: it is forced off at the end of a slice.
void use_up_slice(Thread& t, FakeClock& clock) {
  uint64_t before = t.interpreter->gil->stats().forced_switches;
  while (t.interpreter->gil->stats().forced_switches == before) {
    clock.advance(kMillisecond);
    (void)t.poll();
  }
}

TEST(FairGil, EqualsWaitForTheEndOfTheSlice) {
  FakeClock clock;
  Interpreter i(with_clock(clock));
  std::string log;
  bool stop = false;
  int present = 0;
  ScriptThreads threads(i, &clock);
  for (char name : {'a', 'b'}) {
    threads.start([&, name](Thread& t) {
      ++present;
      while (present < 2) {   // however late the system starts the other one
        clock.advance(kMillisecond);
        (void)t.poll();
      }
      use_up_slice(t, clock);
      for (int step = 0; !stop && log.size() < 60; ++step) {
        log += name;
        clock.advance(kMillisecond);
        (void)t.poll();
      }
      stop = true;
    });
  }
  threads.join();
  // Five milliseconds each in turn: no run is shorter, but for the ends.
  size_t run = 1;
  std::vector<size_t> runs;
  for (size_t n = 1; n < log.size(); ++n) {
    if (log[n] == log[n - 1]) { ++run; continue; }
    runs.push_back(run);
    run = 1;
  }
  ASSERT_GE(runs.size(), 3u) << log;
  for (size_t n = 1; n < runs.size(); ++n) EXPECT_EQ(runs[n], 5u) << log;
}

TEST(FairGil, InteractiveThreadOvertakesAtTheNextCheck) {
  FakeClock clock;
  Interpreter i(with_clock(clock));
  ScriptThreads threads(i, &clock);
  bool is_ready = false, is_outside = false, has_overtaken = false;
  std::atomic<bool> goes = false;
  threads.start([&](Thread& t) {
    use_up_slice(t, clock);
    is_ready = true;
    while (!is_outside) {
      clock.advance(kMillisecond);
      (void)t.poll();
    }
    goes = true;
    goes.notify_one();
    // Time stands still from here: only overtaking lets the other thread in.
    while (!has_overtaken) (void)t.poll();
  });
  threads.start([&](Thread& t) {
    while (!is_ready) {
      clock.advance(kMillisecond);
      (void)t.poll();
    }
    is_outside = true;
    {
      ReleaseGil released(t, BlockReason::SocketIo);
      goes.wait(false);
    }
    has_overtaken = true;
  });
  threads.join();
  EXPECT_TRUE(has_overtaken);
}

TEST(FairGil, BudgetLeavesTimeToCpuBoundThreads) {
  FakeClock clock;
  Interpreter i(with_clock(clock));
  ScriptThreads threads(i, &clock);
  constexpr int64_t kStep = 100'000;
  int64_t hog_time = 0, greedy_time = 0;
  threads.start([&](Thread& t) {
    use_up_slice(t, clock);
    while (hog_time + greedy_time < 400 * kMillisecond) {
      clock.advance(kStep);
      hog_time += kStep;
      (void)t.poll();
    }
  });
  threads.start([&](Thread& t) {
    while (hog_time == 0) {
      clock.advance(kMillisecond);
      (void)t.poll();
    }
    while (hog_time + greedy_time < 400 * kMillisecond) {
      { ReleaseGil released(t, BlockReason::SocketIo); }
      clock.advance(kStep);
      greedy_time += kStep;
      (void)t.poll();
    }
  });
  threads.join();
  EXPECT_GE(hog_time * 100, 33 * (hog_time + greedy_time)) << hog_time << " of " << hog_time + greedy_time;
}

TEST(FairGil, ParkedThreadsTakeTurns) {
  FakeClock clock;
  Interpreter i(with_clock(clock));
  ScriptThreads threads(i, &clock);
  WaitList lists[2];
  int turn = 0;
  std::string log;
  for (int me : {0, 1}) {
    threads.start([&, me](Thread& t) {
      for (int n = 0; n < 20; ++n) {
        while (turn != me) ASSERT_EQ(park(t, lists[me], {BlockReason::Wait}), ParkOutcome::Woken);
        log += static_cast<char>('0' + me);
        turn = 1 - me;
        wake_one(lists[1 - me]);
      }
    });
  }
  threads.join();
  EXPECT_EQ(log, "0101010101010101010101010101010101010101");
}

TEST(ClassicGil, WaiterGetsItAfterOneInterval) {
  FakeClock clock;
  Interpreter i(with_clock(clock, GilMode::Classic));
  ScriptThreads threads(i, &clock);
  int64_t began = 0, taken = 0;
  bool is_done = false;
  threads.start([&](Thread& t) {
    began = clock.monotonic_ns();
    while (!is_done) {
      {
        // Only when the other one waits does time go on.
        while (i.gil->waiting_count() == 0 && !is_done) std::this_thread::yield();
      }
      clock.advance(kMillisecond);
      (void)t.poll();
    }
  });
  threads.start([&](Thread&) {
    taken = clock.monotonic_ns();
    is_done = true;
  });
  threads.join();
  EXPECT_GE(taken, began);
  EXPECT_LE(taken - began, 50 * kMillisecond);
}

TEST(GilSchedule, EverySeedKeepsALockedCounterExact) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    auto hook = seeded_sched_hook(seed, 3);
    Options options;
    options.sched_hook = hook.get();
    Interpreter i(options);
    ScriptThreads threads(i);
    bool is_locked = false;
    WaitList waiters;
    int counter = 0;
    for (int n = 0; n < 3; ++n) {
      threads.start([&](Thread& t) {
        for (int round = 0; round < 50; ++round) {
          while (is_locked) ASSERT_EQ(park(t, waiters, {BlockReason::Lock}), ParkOutcome::Woken);
          is_locked = true;
          int seen = counter;
          (void)t.poll();
          counter = seen + 1;
          (void)t.poll();
          is_locked = false;
          wake_one(waiters);
        }
      });
    }
    threads.join();
    ASSERT_EQ(counter, 150) << "seed " << seed << ": repeat with --gtest_filter=GilSchedule.* and this seed alone";
  }
}

TEST(GilSchedule, SwitchEveryGivesWayAtEachCheck) {
  Options options;
  options.switch_every = 1;
  Interpreter i(options);
  ScriptThreads threads(i);
  std::string log;
  int present = 0;
  for (char name : {'a', 'b'}) {
    threads.start([&, name](Thread& t) {
      ++present;
      while (present < 2) (void)t.poll();
      for (int n = 0; n < 10; ++n) {
        log += name;
        (void)t.poll();
      }
    });
  }
  threads.join();
  EXPECT_TRUE(log.find("ababababab") != std::string::npos || log.find("bababababa") != std::string::npos) << log;
}

}  // namespace
}  // namespace mini
