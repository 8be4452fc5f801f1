// SPDX-License-Identifier: MIT
#include "runtime/loop/poller.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/loop/wakeup.h"

namespace mini {
namespace {

TEST(Poller, ReportsWhatIsReadyAndNothingElse) {
  auto poller = make_poller();
  std::vector<PollEvent> events;
  EXPECT_EQ(poller->poll_now(events), 0);
  EXPECT_TRUE(events.empty());

  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  ASSERT_EQ(poller->watch(fds[0], kPollRead), 0);
  ASSERT_EQ(poller->poll_now(events), 0);
  EXPECT_TRUE(events.empty());

  ASSERT_EQ(write(fds[1], "x", 1), 1);
  ASSERT_EQ(poller->poll_now(events), 0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].fd, fds[0]);
  EXPECT_EQ(events[0].flags, kPollRead);

  events.clear();
  ASSERT_EQ(poller->watch(fds[0], kPollRead | kPollWrite), 0);
  ASSERT_EQ(poller->poll_now(events), 0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].flags, kPollRead | kPollWrite);

  events.clear();
  ASSERT_EQ(poller->watch(fds[0], 0), 0);
  ASSERT_EQ(poller->poll_now(events), 0);
  EXPECT_TRUE(events.empty());
  close(fds[0]);
  close(fds[1]);
}

TEST(Poller, TakesADescriptorNumberThatWasClosedAndOpenedAgain) {
  auto poller = make_poller();
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  int number = fds[0];
  ASSERT_EQ(poller->watch(number, kPollRead), 0);
  close(fds[0]);
  close(fds[1]);
  ASSERT_EQ(pipe(fds), 0);
  if (fds[0] != number) GTEST_SKIP() << "the system gave another number";
  EXPECT_EQ(poller->watch(number, kPollRead | kPollWrite), 0);
  EXPECT_EQ(poller->watch(number, 0), 0);
  close(fds[0]);
  close(fds[1]);
}

TEST(Poller, RefusesADescriptorThatIsNone) {
  auto poller = make_poller();
  EXPECT_NE(poller->watch(9999, kPollRead), 0);
  EXPECT_EQ(poller->watch(9999, 0), 0);
}

TEST(Wakeup, IsReadableOnceSignalledAndNotAfterDraining) {
  auto poller = make_poller();
  Wakeup wakeup;
  wakeup.signal();   // before it is open: nobody waits, nothing happens
  ASSERT_EQ(wakeup.open(), 0);
  ASSERT_EQ(poller->watch(wakeup.read_fd(), kPollRead), 0);
  std::vector<PollEvent> events;
  ASSERT_EQ(poller->poll_now(events), 0);
  EXPECT_TRUE(events.empty());
  for (int i = 0; i < 1000; ++i) wakeup.signal();
  ASSERT_EQ(poller->poll_now(events), 0);
  ASSERT_EQ(events.size(), 1u);
  wakeup.drain();
  events.clear();
  ASSERT_EQ(poller->poll_now(events), 0);
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace mini
