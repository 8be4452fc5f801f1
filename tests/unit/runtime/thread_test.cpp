// SPDX-License-Identifier: MIT
#include "runtime/thread.h"

#include <gtest/gtest.h>

#include <thread>

#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "tests/concurrency/script_threads.h"

namespace mini {
namespace {

TEST(Thread, MainThreadKnowsItsStack) {
  Interpreter i{Options{}};
  Thread& t = *i.main_thread;
  int here;
  EXPECT_TRUE(t.is_main);
  EXPECT_EQ(current_thread(), &t);
  EXPECT_LT(t.native_stack_limit, reinterpret_cast<char*>(&here));
  EXPECT_GT(t.native_stack_base, reinterpret_cast<char*>(&here));
  EXPECT_FALSE(t.native_stack_is_low());
  EXPECT_EQ(i.gil->holder(), &t);
}

TEST(Thread, StacksOfThreadsThatEndedAreUsedAgain) {
  Interpreter i{Options{}};
  Value* registers = nullptr;
  {
    ScriptThreads threads(i);
    threads.start([&](Thread& t) {
      int here;
      registers = t.registers;
      EXPECT_EQ(current_thread(), &t);
      EXPECT_LT(t.native_stack_limit, reinterpret_cast<char*>(&here));
      EXPECT_GT(t.native_stack_base, reinterpret_cast<char*>(&here));
    });
  }
  Thread next(i);
  EXPECT_EQ(next.registers, registers);
}

TEST(Thread, ListHoldsEveryThreadUntilItEnds) {
  Interpreter i{Options{}};
  {
    Thread other(i);
    EXPECT_EQ(i.threads, &other);
    EXPECT_EQ(other.next_thread, i.main_thread);
  }
  EXPECT_EQ(i.threads, i.main_thread);
  EXPECT_EQ(i.main_thread->next_thread, nullptr);
}

TEST(Thread, AsynchronousExceptionIsRaisedAtTheNextCheck) {
  Interpreter i{Options{}};
  Thread& t = *i.main_thread;
  EXPECT_FALSE(t.poll().is_raised());
  t.async_exception = Value::of_object(error_type(t, ErrorType::ValueError));
  t.attention.fetch_or(kAsyncException);
  EXPECT_TRUE(t.poll().is_raised());
  EXPECT_TRUE(exception_matches(t, ErrorType::ValueError));
  (void)take_exception(t);
  EXPECT_FALSE(t.poll().is_raised());
}

TEST(Thread, ReleasingPublishesTheStackAndTakingHidesIt) {
  Interpreter i{Options{}};
  Thread& t = *i.main_thread;
  EXPECT_EQ(t.native_stack_top, nullptr);
  {
    ReleaseGil released(t, BlockReason::Native);
    EXPECT_NE(t.native_stack_top, nullptr);
    EXPECT_LT(t.native_stack_top, reinterpret_cast<char*>(&released));
    EXPECT_EQ(t.blocked, BlockReason::Native);
    EXPECT_EQ(i.gil->holder(), nullptr);
  }
  EXPECT_EQ(t.native_stack_top, nullptr);
  EXPECT_EQ(t.blocked, BlockReason::None);
  EXPECT_EQ(i.gil->holder(), &t);
}

}  // namespace
}  // namespace mini
