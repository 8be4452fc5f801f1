// SPDX-License-Identifier: MIT
// Packets: the blocking end and the hub on epoll.
#include "runtime/exec/channel.h"

#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <mutex>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <unordered_map>

namespace mini {

namespace {

constexpr size_t kHeaderSize = 8 + 1 + 8 + 4;
constexpr uint32_t kMostBuffers = 1 << 16;
constexpr uint64_t kMaxPacket = uint64_t{1} << 40;   // beyond: not one of ours
constexpr size_t kReadAtLeast = 64 * 1024;

bool parse_header(const char* bytes, Packet& packet, uint64_t& message_size, uint32_t& buffer_count) {
  uint64_t length;
  memcpy(&length, bytes, 8);
  uint8_t kind = static_cast<uint8_t>(bytes[8]);
  memcpy(&packet.number, bytes + 9, 8);
  memcpy(&buffer_count, bytes + 17, 4);
  if (length < 13 || length > kMaxPacket || kind >= static_cast<uint8_t>(PacketKind::Closed) || buffer_count > kMostBuffers) return false;
  packet.kind = static_cast<PacketKind>(kind);
  message_size = length - 13;
  return message_size >= 8 * uint64_t{buffer_count};
}

// Room for a message of which only the length is known: memory is touched with what arrives, not with what is claimed.
constexpr size_t kTrustedSize = size_t{16} << 20;
constexpr size_t kReservedSize = size_t{1} << 30;

void grow(std::string& message, size_t size, uint64_t claimed) {
  if (message.capacity() < std::min<uint64_t>(claimed, kReservedSize)) message.reserve(std::min<uint64_t>(claimed, kReservedSize));
  message.resize(size);
}

// What arrived behind the header: sizes, message, buffers. The buffers stay where they are; all share the memory.
bool split_buffers(Packet& packet, uint32_t count) {
  if (count == 0) return true;
  auto all = std::make_shared<const std::string>(std::move(packet.message));
  std::vector<uint64_t> sizes(count);
  memcpy(sizes.data(), all->data(), 8 * size_t{count});
  size_t at = all->size(), begin = 8 * size_t{count};
  packet.buffers.resize(count);
  for (uint32_t i = count; i-- > 0;) {
    if (sizes[i] >= at - begin) return false;
    at -= sizes[i] + 1;
    auto shared = std::make_shared<SharedBytes>();
    shared->data = reinterpret_cast<const uint8_t*>(all->data()) + at;
    shared->length = sizes[i];
    shared->message = all;
    packet.buffers[i] = std::move(shared);
  }
  packet.message.assign(*all, begin, at - begin);
  return true;
}

}  // namespace

std::string packet_header(PacketKind kind, uint64_t number, size_t message_size, const SharedBuffers& buffers) {
  auto count = static_cast<uint32_t>(buffers.size());
  std::string header(kHeaderSize + 8 * buffers.size(), '\0');
  uint64_t length = 13 + 8 * uint64_t{count} + message_size;
  for (auto& buffer : buffers) length += buffer->length + 1;
  memcpy(header.data(), &length, 8);
  header[8] = static_cast<char>(kind);
  memcpy(header.data() + 9, &number, 8);
  memcpy(header.data() + 17, &count, 4);
  for (size_t i = 0; i < buffers.size(); ++i) {
    uint64_t size = buffers[i]->length;
    memcpy(header.data() + kHeaderSize + 8 * i, &size, 8);
  }
  return header;
}

// --- The blocking end ---

namespace {

// After a call that failed: there is nothing now, or no room.
bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

ssize_t PacketStream::receive_some(void* to, size_t size) {
  ssize_t n;
  // The next task usually comes as soon as the last answer was read.
  if (spinner_.wait([&] { return (n = recv(fd_, to, size, MSG_DONTWAIT)) >= 0 || !would_block(); })) return n;
  return recv(fd_, to, size, 0);
}

bool PacketStream::read_all(void* to, size_t size) {
  auto at = static_cast<char*>(to);
  while (size) {
    size_t have = ahead_.size() - ahead_at_;
    if (have) {
      size_t n = have < size ? have : size;
      memcpy(at, ahead_.data() + ahead_at_, n);
      ahead_at_ += n;
      at += n;
      size -= n;
      continue;
    }
    ahead_at_ = 0;
    if (size >= kReadAtLeast) {   // straight to its place
      ahead_.clear();
      ssize_t n = recv(fd_, at, size, 0);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      at += n;
      size -= static_cast<size_t>(n);
      continue;
    }
    ahead_.resize(kReadAtLeast);
    ssize_t n = receive_some(ahead_.data(), ahead_.size());
    ahead_.resize(n > 0 ? static_cast<size_t>(n) : 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
  }
  return true;
}

bool PacketStream::receive(Packet& out, ReleaseGil&) {
  char header[kHeaderSize];
  uint64_t size;
  uint32_t buffer_count;
  if (!read_all(header, kHeaderSize) || !parse_header(header, out, size, buffer_count)) return false;
  out.message.clear();
  out.buffers.clear();
  while (out.message.size() < size) {
    size_t before = out.message.size();
    size_t more = std::min<size_t>(size - before, kTrustedSize);
    grow(out.message, before + more, size);
    if (!read_all(out.message.data() + before, more)) return false;
  }
  return split_buffers(out, buffer_count);
}

namespace {

// The parts of a packet as they lie in memory. Each buffer is followed by a NUL, as bytes objects are.
std::vector<iovec> parts_of(const std::string& header, std::string_view message, const SharedBuffers& buffers) {
  std::vector<iovec> parts;
  auto add = [&](const void* at, size_t size) { parts.push_back({const_cast<void*>(at), size}); };
  add(header.data(), header.size());
  add(message.data(), message.size());
  for (auto& buffer : buffers) add(buffer->data, buffer->length + 1);
  return parts;
}

constexpr size_t kMostParts = 64;   // for one call

}  // namespace

bool PacketStream::send(PacketKind kind, uint64_t number, std::string_view message, ReleaseGil&, const SharedBuffers& buffers) {
  std::string header = packet_header(kind, number, message.size(), buffers);
  std::vector<iovec> parts = parts_of(header, message, buffers);
  for (size_t first = 0; first < parts.size();) {
    msghdr whole{};
    whole.msg_iov = &parts[first];
    whole.msg_iovlen = std::min(parts.size() - first, kMostParts);
    ssize_t n = sendmsg(fd_, &whole, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    auto sent = static_cast<size_t>(n);
    while (first < parts.size() && sent >= parts[first].iov_len) sent -= parts[first++].iov_len;
    if (first == parts.size()) break;
    parts[first].iov_base = static_cast<char*>(parts[first].iov_base) + sent;
    parts[first].iov_len -= sent;
  }
  return true;
}

// --- The hub ---

namespace {

// What waits to be sent: a text of its own, or a buffer that others see too.
struct Waiting {
  std::string text;
  std::shared_ptr<SharedBytes> buffer;
  std::string_view view() const {
    return buffer ? std::string_view(reinterpret_cast<const char*>(buffer->data), buffer->length + 1) : std::string_view(text);
  }
};

struct Channel {
  int fd;
  uint32_t id;
  char header[kHeaderSize];
  size_t header_size = 0;        // bytes of the header that are here
  Packet packet;                   // being received
  uint64_t message_size = 0;
  uint32_t buffer_count = 0;
  size_t received = 0;           // bytes of the message that are here
  std::deque<Waiting> out;
  size_t out_at = 0;             // bytes of out.front() that are sent
  bool wants_out = false;
};

}  // namespace

struct ChannelHub::Impl {
  std::mutex mutex;
  int epoll = -1, waker = -1;
  uint32_t next_id = 1;          // 0 is the waker
  std::unordered_map<uint32_t, std::unique_ptr<Channel>> channels;

  void watch(Channel& c, bool wants_out, int operation) {
    epoll_event event{};
    event.events = EPOLLIN | (wants_out ? EPOLLOUT : 0u);
    event.data.u32 = c.id;
    epoll_ctl(epoll, operation, c.fd, &event);
    c.wants_out = wants_out;
  }

  // Sends what waits; false when the channel is broken.
  bool flush(Channel& c) {
    while (!c.out.empty()) {
      std::string_view front = c.out.front().view();
      ssize_t n = ::send(c.fd, front.data() + c.out_at, front.size() - c.out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && would_block()) break;
      if (n < 0) return false;
      c.out_at += static_cast<size_t>(n);
      if (c.out_at < front.size()) continue;
      c.out.pop_front();
      c.out_at = 0;
    }
    if (c.wants_out == c.out.empty()) watch(c, !c.out.empty(), EPOLL_CTL_MOD);
    return true;
  }

  // Takes `size` bytes; false when they are no packet.
  bool take(Channel& c, const char* bytes, size_t size, std::vector<Packet>& out) {
    while (size) {
      if (c.header_size < kHeaderSize) {
        size_t n = std::min(size, kHeaderSize - c.header_size);
        memcpy(c.header + c.header_size, bytes, n);
        c.header_size += n;
        bytes += n;
        size -= n;
        if (c.header_size < kHeaderSize) break;
        if (!parse_header(c.header, c.packet, c.message_size, c.buffer_count)) return false;
        c.packet.channel = c.id;
        c.received = 0;
      }
      size_t n = std::min<size_t>(size, c.message_size - c.received);
      make_room(c, n);
      memcpy(c.packet.message.data() + c.received, bytes, n);
      bytes += n;
      size -= n;
      if (!advance(c, n, out)) return false;
    }
    return true;
  }

  void make_room(Channel& c, size_t n) {
    if (c.packet.message.size() >= c.received + n) return;
    grow(c.packet.message, std::min<uint64_t>(c.received + std::max(n, kTrustedSize), c.message_size), c.message_size);
  }

  // False when it is no packet after all.
  bool advance(Channel& c, size_t n, std::vector<Packet>& out) {
    c.received += n;
    if (c.received < c.message_size) return true;
    c.packet.message.resize(c.message_size);
    if (!split_buffers(c.packet, c.buffer_count)) return false;
    out.push_back(std::move(c.packet));
    c.packet = {};
    c.header_size = 0;
    return true;
  }

  // Reads all that is there; false at the end.
  bool receive(Channel& c, std::vector<Packet>& out) {
    char buffer[kReadAtLeast];
    for (;;) {
      bool is_large = c.header_size == kHeaderSize && c.message_size - c.received >= sizeof buffer;
      if (is_large) make_room(c, sizeof buffer);
      char* to = is_large ? c.packet.message.data() + c.received : buffer;
      size_t room = is_large ? c.packet.message.size() - c.received : sizeof buffer;
      ssize_t n = recv(c.fd, to, room, MSG_DONTWAIT);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && would_block()) return true;
      if (n <= 0) return false;
      if (is_large ? !advance(c, static_cast<size_t>(n), out) : !take(c, buffer, static_cast<size_t>(n), out)) return false;
      if (static_cast<size_t>(n) < room) return true;
    }
  }

  void drop(uint32_t id) {
    auto it = channels.find(id);
    if (it == channels.end()) return;
    epoll_ctl(epoll, EPOLL_CTL_DEL, it->second->fd, nullptr);
    ::close(it->second->fd);
    channels.erase(it);
  }
};

ChannelHub::ChannelHub() : impl_(std::make_unique<Impl>()) {
  impl_->epoll = epoll_create1(EPOLL_CLOEXEC);
  impl_->waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = 0;
  epoll_ctl(impl_->epoll, EPOLL_CTL_ADD, impl_->waker, &event);
}

ChannelHub::~ChannelHub() {
  for (auto& [id, channel] : impl_->channels) ::close(channel->fd);
  if (impl_->epoll >= 0) ::close(impl_->epoll);
  if (impl_->waker >= 0) ::close(impl_->waker);
}

uint32_t ChannelHub::add(int fd) {
  std::lock_guard lock(impl_->mutex);
  auto channel = std::make_unique<Channel>();
  channel->fd = fd;
  uint32_t id = channel->id = impl_->next_id++;
  impl_->watch(*channel, false, EPOLL_CTL_ADD);
  impl_->channels.emplace(id, std::move(channel));
  return id;
}

bool ChannelHub::send(uint32_t id, PacketKind kind, uint64_t number, std::string_view message, const SharedBuffers& buffers) {
  std::lock_guard lock(impl_->mutex);
  auto it = impl_->channels.find(id);
  if (it == impl_->channels.end()) return false;
  Channel& c = *it->second;
  std::string header = packet_header(kind, number, message.size(), buffers);
  std::vector<iovec> parts = parts_of(header, message, buffers);
  size_t sent = 0;
  if (c.out.empty()) {
    msghdr whole{};
    whole.msg_iov = parts.data();
    whole.msg_iovlen = std::min(parts.size(), kMostParts);
    ssize_t n = sendmsg(c.fd, &whole, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && !would_block() && errno != EINTR) return false;
    if (n > 0) sent = static_cast<size_t>(n);
  }
  size_t first = 0;
  while (first < parts.size() && sent >= parts[first].iov_len) sent -= parts[first++].iov_len;
  if (first == parts.size()) return true;
  bool is_first = c.out.empty();
  for (size_t i = first; i < parts.size(); ++i) {
    bool is_buffer = i >= 2;
    c.out.push_back({is_buffer ? "" : std::string(static_cast<char*>(parts[i].iov_base), parts[i].iov_len), is_buffer ? buffers[i - 2] : nullptr});
  }
  if (is_first) c.out_at = sent;
  if (!c.wants_out) impl_->watch(c, true, EPOLL_CTL_MOD);
  return true;
}

void ChannelHub::wait(int milliseconds, std::vector<Packet>& out, ReleaseGil&) {
  epoll_event events[64];
  int count = epoll_wait(impl_->epoll, events, 64, milliseconds);
  std::lock_guard lock(impl_->mutex);
  for (int i = 0; i < count; ++i) {
    uint32_t id = events[i].data.u32;
    if (id == 0) {
      uint64_t ignored;
      (void)!read(impl_->waker, &ignored, sizeof ignored);
      continue;
    }
    auto it = impl_->channels.find(id);
    if (it == impl_->channels.end()) continue;
    Channel& c = *it->second;
    bool is_open = true;
    if (events[i].events & EPOLLOUT) is_open = impl_->flush(c);
    if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) is_open &= impl_->receive(c, out);
    if (is_open) continue;
    Packet closed;
    closed.channel = id;
    out.push_back(std::move(closed));
    impl_->drop(id);
  }
}

void ChannelHub::wake() {
  uint64_t one = 1;
  (void)!write(impl_->waker, &one, sizeof one);
}

void ChannelHub::close(uint32_t id) {
  std::lock_guard lock(impl_->mutex);
  impl_->drop(id);
}

size_t ChannelHub::open_count() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->channels.size();
}

}  // namespace mini
