// SPDX-License-Identifier: MIT
#include "runtime/spin.h"

#include <gtest/gtest.h>

namespace mini {
namespace {

TEST(Spinner, SeesAtOnceWhatIsThereAlready) {
  Spinner spinner;
  int looks = 0;
  EXPECT_TRUE(spinner.wait([&] { return ++looks == 1; }));
  EXPECT_EQ(looks, 1);
}

// How many of `count` waits that never end looked more than once.
int count_spins(Spinner& spinner, int count) {
  int spins = 0;
  for (int i = 0; i < count; ++i) {
    int looks = 0;
    EXPECT_FALSE(spinner.wait([&] { return ++looks < 0; }));
    spins += looks > 1;
  }
  return spins;
}

TEST(Spinner, TriesOneWaitInSixtyFour) {
  if (!can_spin()) GTEST_SKIP() << "one processor";
  Spinner spinner;
  EXPECT_EQ(count_spins(spinner, 640), 10);
}

TEST(Spinner, QuickWaitsEarnCreditThatLongOnesSpend) {
  if (!can_spin()) GTEST_SKIP() << "one processor";
  Spinner spinner;
  bool was_quick = false;
  for (int i = 0; i < 64; ++i) {
    int looks = 0;
    was_quick |= spinner.wait([&] { return ++looks == 3; });
  }
  EXPECT_TRUE(was_quick);
  EXPECT_EQ(count_spins(spinner, 8), 8);
  EXPECT_EQ(count_spins(spinner, 32), 0);
}

}  // namespace
}  // namespace mini
