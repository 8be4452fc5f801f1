// SPDX-License-Identifier: MIT
#include "runtime/loop/ready_queue.h"

#include <gtest/gtest.h>

#include <string>

namespace mini {
namespace {

// Items are told apart by their `argument`, which the queue never follows.
ReadyItem item(int n) { return {nullptr, reinterpret_cast<Object*>(static_cast<uintptr_t>(n)), nullptr, ReadyKind::Callback}; }
int number(const ReadyItem& i) { return static_cast<int>(reinterpret_cast<uintptr_t>(i.argument)); }

TEST(ReadyQueue, GivesItemsInTheOrderTheyCame) {
  ReadyQueue queue;
  for (int i = 0; i < 100; ++i) queue.push(item(i));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(number(queue.pop()), i);
  EXPECT_TRUE(queue.is_empty());
}

TEST(ReadyQueue, KeepsTheOrderWhenItGrowsInTheMiddle) {
  ReadyQueue queue;
  int pushed = 0, popped = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 7; ++i) queue.push(item(pushed++));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(number(queue.pop()), popped++);
  }
  EXPECT_EQ(queue.size(), static_cast<size_t>(pushed - popped));
  while (!queue.is_empty()) EXPECT_EQ(number(queue.pop()), popped++);
}

TEST(ReadyQueue, GivesMemoryBackAfterACrowd) {
  ReadyQueue queue;
  for (int i = 0; i < 20000; ++i) queue.push(item(i));
  for (int i = 0; i < 19999; ++i) (void)queue.pop();
  queue.trim();
  EXPECT_EQ(number(queue.pop()), 19999);
  queue.clear();
  EXPECT_EQ(queue.size(), 0u);
  queue.push(item(5));
  EXPECT_EQ(number(queue[0]), 5);
}

}  // namespace
}  // namespace mini
