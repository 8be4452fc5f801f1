// SPDX-License-Identifier: MIT
// The orders expected here are what CPython's heapq gives for the same moves.
#include "runtime/loop/timers.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace mini {
namespace {

// Timers outside of any interpreter: the heap only looks at `when` and the flags.
class Timers : public testing::Test {
 protected:
  TimerHandle* add(double when) {
    auto timer = std::make_unique<TimerHandle>();
    timer->extra = kHandleIsTimer;
    timer->when = when;
    all_.push_back(std::move(timer));
    heap_.push(all_.back().get());
    return all_.back().get();
  }
  void cancel(size_t i) {
    all_[i]->extra |= kHandleCancelled;
    heap_.count_cancelled();
  }
  size_t number_of(TimerHandle* timer) const {
    for (size_t i = 0; i < all_.size(); ++i)
      if (all_[i].get() == timer) return i;
    return all_.size();
  }

  std::vector<std::unique_ptr<TimerHandle>> all_;
  TimerHeap heap_;
};

TEST_F(Timers, ComeOutEarliestFirst) {
  for (double when : {5.0, 1.0, 4.0, 2.0, 3.0}) add(when);
  std::string order;
  while (!heap_.is_empty()) order += std::to_string(static_cast<int>(heap_.pop()->when));
  EXPECT_EQ(order, "12345");
}

TEST_F(Timers, WithEqualDeadlinesComeOutAsFromHeapq) {
  for (double when : {3, 1, 2, 1, 3, 2, 1, 2, 3, 1, 1, 2}) add(when);
  std::string order;
  while (!heap_.is_empty()) order += static_cast<char>('a' + number_of(heap_.pop()));
  EXPECT_EQ(order, "bgdjkclfhiae");
}

TEST_F(Timers, AreMarkedAsScheduledWhileTheyWait) {
  TimerHandle* timer = add(1);
  EXPECT_TRUE(timer->extra & kHandleScheduled);
  heap_.pop();
  EXPECT_FALSE(timer->extra & kHandleScheduled);
}

TEST_F(Timers, CancelledAtTheTopAreDropped) {
  for (int i = 0; i < 10; ++i) add(i);
  cancel(0);
  cancel(1);
  cancel(5);
  heap_.drop_cancelled();
  EXPECT_EQ(heap_.size(), 8u);
  EXPECT_EQ(heap_.first_deadline(), 2);
}

TEST_F(Timers, MostlyCancelledAreDroppedAllAtOnceAndKeepHeapqsOrder) {
  for (int i = 0; i < 150; ++i) add(i % 5);
  for (int i = 0; i < 150; ++i)
    if (i % 3 != 0) cancel(i);
  heap_.drop_cancelled();
  EXPECT_EQ(heap_.size(), 50u);
  EXPECT_FALSE(all_[1]->extra & kHandleScheduled);
  std::vector<size_t> order;
  while (!heap_.is_empty()) order.push_back(number_of(heap_.pop()));
  EXPECT_EQ(order, (std::vector<size_t>{75,  30, 0,   60,  135, 105, 15, 120, 90, 45, 96,  81,  141, 36,  66,  126, 6,
                                        111, 21, 51,  72,  87,  147, 132, 57, 117, 27, 102, 42, 12,  78,  3,   18,  108,
                                        33,  138, 123, 63, 93,  48,  84, 39,  24, 54, 144, 129, 69,  114, 9,   99}));
}

TEST_F(Timers, ManyHalfCancelledNeedNoQuadraticStep) {
  for (int i = 0; i < 100000; ++i) add((i * 7919) % 1000);
  for (int i = 0; i < 100000; i += 2) cancel(i);
  cancel(1);
  heap_.drop_cancelled();
  EXPECT_EQ(heap_.size(), 49999u);
  double last = -1;
  while (!heap_.is_empty()) {
    double when = heap_.pop()->when;
    ASSERT_LE(last, when);
    last = when;
  }
}

}  // namespace
}  // namespace mini
