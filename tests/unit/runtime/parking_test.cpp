// SPDX-License-Identifier: MIT
#include "runtime/parking.h"

#include <gtest/gtest.h>

#include <string>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "tests/concurrency/fake_clock.h"
#include "tests/concurrency/script_threads.h"

namespace mini {
namespace {

struct Fixture {
  FakeClock clock;
  Interpreter interpreter;
  ScriptThreads threads;
  Fixture() : interpreter(options(clock)), threads(interpreter, &clock) {}
  static Options options(FakeClock& clock) {
    Options options;
    options.clock = &clock;
    return options;
  }
};

TEST(Parking, TimesOutAtTheDeadline) {
  Fixture f;
  f.threads.start([&](Thread& t) {
    WaitList list;
    int64_t began = f.clock.monotonic_ns();
    EXPECT_EQ(park(t, list, {BlockReason::Wait}, deadline_after(t, 2.5)), ParkOutcome::TimedOut);
    EXPECT_EQ(f.clock.monotonic_ns() - began, 2'500'000'000);
    EXPECT_TRUE(list.is_empty());
  });
  f.threads.join();
}

TEST(Parking, WhenAllAreParkedForEverItIsADeadlock) {
  Options options;
  options.reports_deadlocks = true;
  Interpreter i(options);
  Thread& t = *i.main_thread;
  WaitList list;
  EXPECT_EQ(park(t, list, {BlockReason::Wait}), ParkOutcome::Raised);
  EXPECT_TRUE(exception_matches(t, ErrorType::DeadlockError));
  (void)take_exception(t);
  EXPECT_TRUE(list.is_empty());
  EXPECT_EQ(i.parked_count, 0u);
  // With a deadline it is none.
  EXPECT_EQ(park(t, list, {BlockReason::Wait}, deadline_after(t, 0.001)), ParkOutcome::TimedOut);
}

TEST(Parking, AVirtualClockJumpsWhenAllAreParked) {
  Options options;
  options.clock = &virtual_clock();
  Interpreter i(options);
  Thread& t = *i.main_thread;
  int64_t before = virtual_clock().monotonic_ns();
  constexpr int64_t kDay = INT64_C(86'400'000'000'000);
  EXPECT_FALSE(sleep_until(t, before + kDay).is_raised());
  EXPECT_GE(virtual_clock().monotonic_ns(), before + kDay);
}

TEST(Parking, SleepersWakeInOrderOfTheirDeadlines) {
  Fixture f;
  std::string log;
  for (int seconds : {3, 1, 2}) {
    f.threads.start([&, seconds](Thread& t) {
      (void)sleep_until(t, 1'000'000'000 + seconds * INT64_C(1'000'000'000));
      log += static_cast<char>('0' + seconds);
    });
  }
  f.threads.join();
  EXPECT_EQ(log, "123");
}

TEST(Parking, WakesTheOneThatWaitsLongest) {
  Fixture f;
  WaitList list;
  std::string log;
  int parked = 0;
  for (char name : {'a', 'b', 'c'}) {
    f.threads.start([&, name](Thread& t) {
      while (parked != name - 'a') (void)sleep_until(t, f.clock.monotonic_ns() + 1000);
      ++parked;
      EXPECT_EQ(park(t, list, {BlockReason::Wait}), ParkOutcome::Woken);
      log += name;
      wake_one(list);
    });
  }
  f.threads.start([&](Thread& t) {
    while (parked != 3) (void)sleep_until(t, f.clock.monotonic_ns() + 1000);
    wake_one(list);
  });
  f.threads.join();
  EXPECT_EQ(log, "abc");
}

TEST(Parking, WakeBetweenEnrolmentAndWaitIsNotLost) {
  Fixture f;
  f.threads.start([&](Thread& t) {
    WaitList list;
    Enrolment enrolment(t, list);
    EXPECT_EQ(wake_one(list), &t);
    EXPECT_EQ(enrolment.wait({BlockReason::Wait}, kNever), ParkOutcome::Woken);
  });
  f.threads.join();
}

TEST(Parking, UnusedWakeOfAnEnrolmentGoesToTheNext) {
  Fixture f;
  WaitList list;
  bool has_enrolled = false;
  f.threads.start([&](Thread& t) {
    {
      Enrolment enrolment(t, list);
      has_enrolled = true;
      (void)sleep_until(t, f.clock.monotonic_ns() + 1'000'000);
      wake_one(list);
    }
    EXPECT_TRUE(list.is_empty());
  });
  f.threads.start([&](Thread& t) {
    while (!has_enrolled) (void)sleep_until(t, f.clock.monotonic_ns() + 1000);
    EXPECT_EQ(park(t, list, {BlockReason::Wait}), ParkOutcome::Woken);
  });
  f.threads.join();
}

TEST(Parking, DeadlineStaysInsideTheClock) {
  Fixture f;
  Thread& t = *f.interpreter.main_thread;
  EXPECT_EQ(deadline_after(t, 1e300), kNever);
  EXPECT_EQ(deadline_after(t, 1), f.clock.monotonic_ns() + 1'000'000'000);
}

}  // namespace
}  // namespace mini
