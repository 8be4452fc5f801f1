// SPDX-License-Identifier: MIT
#include "runtime/exec/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "runtime/gil.h"
#include "runtime/interpreter.h"

namespace mini {
namespace {

class Channels : public ::testing::Test {
 protected:
  Channels() : interpreter_(Options{}), released_(*interpreter_.main_thread, BlockReason::Native) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
  }
  Packet next(ChannelHub& hub) {
    std::vector<Packet> packets;
    while (packets.empty()) hub.wait(1000, packets, released_);
    return packets[0];
  }
  Interpreter interpreter_;
  ReleaseGil released_;
  int ends_[2];
};

TEST_F(Channels, APacketArrivesWholeAtEitherEnd) {
  ChannelHub hub;
  uint32_t id = hub.add(ends_[0]);
  PacketStream stream(ends_[1]);
  ASSERT_TRUE(hub.send(id, PacketKind::Task, 7, "hello"));
  Packet packet;
  ASSERT_TRUE(stream.receive(packet, released_));
  EXPECT_EQ(packet.number, 7u);
  EXPECT_EQ(packet.message, "hello");
  ASSERT_TRUE(stream.send(PacketKind::Result, 7, "world", released_));
  Packet answer = next(hub);
  EXPECT_EQ(answer.kind, PacketKind::Result);
  EXPECT_EQ(answer.message, "world");
  close(ends_[1]);
}

TEST_F(Channels, APacketLargerThanTheSocketGoesOutWhileTheHubWaits) {
  ChannelHub hub;
  uint32_t id = hub.add(ends_[0]);
  std::string large(5'000'000, 'x');
  ASSERT_TRUE(hub.send(id, PacketKind::Task, 1, large));
  std::thread worker([&] {
    Thread* none = nullptr;
    (void)none;
    PacketStream stream(ends_[1]);
    Packet packet;
    ASSERT_TRUE(stream.receive(packet, released_));
    ASSERT_TRUE(stream.send(PacketKind::Result, 1, packet.message, released_));
  });
  EXPECT_EQ(next(hub).message, large);
  worker.join();
  close(ends_[1]);
}

TEST_F(Channels, TheOtherSideGoingAwayIsAPacketToo) {
  ChannelHub hub;
  hub.add(ends_[0]);
  close(ends_[1]);
  EXPECT_EQ(next(hub).kind, PacketKind::Closed);
  EXPECT_EQ(hub.open_count(), 0u);
}

TEST_F(Channels, BytesThatAreNoPacketCloseTheChannel) {
  ChannelHub hub;
  hub.add(ends_[0]);
  std::string noise(64, '\xff');
  ASSERT_EQ(write(ends_[1], noise.data(), noise.size()), 64);
  EXPECT_EQ(next(hub).kind, PacketKind::Closed);
  close(ends_[1]);
}

TEST_F(Channels, WakeEndsTheWait) {
  ChannelHub hub;
  hub.wake();
  std::vector<Packet> packets;
  hub.wait(-1, packets, released_);
  EXPECT_TRUE(packets.empty());
  close(ends_[0]);
  close(ends_[1]);
}

}  // namespace
}  // namespace mini
