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

TEST(ReadyQueue, GivesMemoryBackWhileACrowdPasses) {
  ReadyQueue queue;
  for (int i = 0; i < 20000; ++i) queue.push(item(i));
  size_t most = queue.piece_count();
  for (int i = 0; i < 10000; ++i) (void)queue.pop();
  EXPECT_LE(queue.piece_count(), most / 2 + 2);
  for (int i = 10000; i < 19999; ++i) (void)queue.pop();
  EXPECT_LE(queue.piece_count(), 2u);
  EXPECT_EQ(number(queue.pop()), 19999);
  queue.clear();
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(queue.piece_count(), 0u);
  queue.push(item(5));
  EXPECT_EQ(number(queue.pop()), 5);
}

TEST(ReadyQueue, VisitsInOrderAcrossPieces) {
  ReadyQueue queue;
  for (int i = 0; i < 1000; ++i) queue.push(item(i));
  for (int i = 0; i < 300; ++i) (void)queue.pop();
  int next = 300;
  queue.for_each([&](const ReadyItem& i) { EXPECT_EQ(number(i), next++); });
  EXPECT_EQ(next, 1000);
}

}  // namespace
}  // namespace mini
