// SPDX-License-Identifier: MIT
// Packets over stream sockets: how an executor and its workers talk, whoever the workers are.
//
//   packet = length:u64 kind:u8 number:u64 buffers:u32 (size:u64)* message (buffer NUL)*
//
// `length` counts everything behind it; numbers are little-endian. Buffers are large bytes that go from their object's memory to the
// socket and are read into the memory that the receiver's object will have: no copy on either side.
//
// PacketStream is the worker's blocking end. ChannelHub is the executor's end of many channels: any thread sends, one thread
// waits for whatever arrives. The hub has a mutex of its own, because its waiter works without the GIL; nothing in it is a
// script value.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/objects/shared_bytes.h"
#include "runtime/spin.h"

namespace mini {

class ReleaseGil;

enum class PacketKind : uint8_t {
  Setup,          // search path, argv, main file: once, before anything else
  Task,           // callable, args, keywords: answered by Result or Error with the same number
  Run,            // the same, but the worker ends with it
  Result,         // value
  Error,          // exception, traceback text
  Forget,         // the receiver of definitions lost track of them: send all again
  Closed,         // made by the hub: the channel ended
};

struct Packet {
  uint32_t channel = 0;
  PacketKind kind = PacketKind::Closed;
  uint64_t number = 0;
  std::string message;
  SharedBuffers buffers;
};

std::string packet_header(PacketKind kind, uint64_t number, size_t message_size, const SharedBuffers& buffers = {});

class PacketStream {
 public:
  explicit PacketStream(int fd) : fd_(fd) {}
  // The next frame; false at the end of the stream or on an error.
  bool receive(Packet& out, ReleaseGil& proof);
  bool send(PacketKind kind, uint64_t number, std::string_view message, ReleaseGil& proof, const SharedBuffers& buffers = {});

 private:
  bool read_all(void* to, size_t size);
  ssize_t receive_some(void* to, size_t size);   // as recv()
  int fd_;
  std::string ahead_;       // read but not used yet
  size_t ahead_at_ = 0;
  Spinner spinner_;
};

class ChannelHub {
 public:
  ChannelHub();
  ~ChannelHub();
  // Takes the descriptor over.
  uint32_t add(int fd);
  // Sends at once as much as the socket takes, keeps the rest for the waiter. False when the channel is closed.
  bool send(uint32_t channel, PacketKind kind, uint64_t number, std::string_view message, const SharedBuffers& buffers = {});
  // Waits until something arrives, somebody calls `wake` or the deadline (milliseconds, -1: none) comes.
  void wait(int milliseconds, std::vector<Packet>& out, ReleaseGil& proof);
  void wake();
  void close(uint32_t channel);
  size_t open_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mini
