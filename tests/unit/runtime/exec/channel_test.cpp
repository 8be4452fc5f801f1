// SPDX-License-Identifier: MIT
#include "runtime/exec/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
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

TEST_F(Channels, BuffersTravelBesideTheMessage) {
  ChannelHub hub;
  uint32_t id = hub.add(ends_[0]);
  std::string texts[] = {std::string(3'000'000, 'a') + '\0', std::string(100'000, 'b') + '\0'};
  SharedBuffers buffers;
  for (const std::string& text : texts) {   // followed by a NUL, as bytes are
    buffers.push_back(std::make_shared<SharedBytes>());
    buffers.back()->data = reinterpret_cast<const uint8_t*>(text.data());
    buffers.back()->length = text.size() - 1;
  }
  ASSERT_TRUE(hub.send(id, PacketKind::Task, 1, "two of them", buffers));
  ASSERT_TRUE(hub.send(id, PacketKind::Task, 2, "none"));
  std::thread worker([&] {
    PacketStream stream(ends_[1]);
    Packet packet;
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(stream.receive(packet, released_));
      ASSERT_TRUE(stream.send(PacketKind::Result, packet.number, packet.message, released_, packet.buffers));
    }
  });
  std::vector<Packet> packets;
  while (packets.size() < 2) hub.wait(1000, packets, released_);
  worker.join();
  EXPECT_EQ(packets[0].message, "two of them");
  ASSERT_EQ(packets[0].buffers.size(), 2u);
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(memcmp(packets[0].buffers[i]->data, texts[i].data(), texts[i].size()) == 0 && packets[0].buffers[i]->length == texts[i].size() - 1);
  EXPECT_EQ(packets[1].message, "none");
  EXPECT_TRUE(packets[1].buffers.empty());
  close(ends_[1]);
}

TEST_F(Channels, BuffersThatClaimMoreThanThereIsEndTheStream) {
  std::string header = packet_header(PacketKind::Task, 1, 16);
  uint32_t count = 1;
  uint64_t size = 1000;
  memcpy(header.data() + 17, &count, 4);
  std::string bytes = header + std::string(reinterpret_cast<char*>(&size), 8) + "12345678";
  ASSERT_EQ(write(ends_[0], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  PacketStream stream(ends_[1]);
  Packet packet;
  EXPECT_FALSE(stream.receive(packet, released_));
  close(ends_[0]);
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
