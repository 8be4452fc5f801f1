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

constexpr size_t kHeaderSize = 8 + 1 + 8;
constexpr uint64_t kMaxPacket = uint64_t{1} << 40;   // beyond: not one of ours
constexpr size_t kReadAtLeast = 64 * 1024;

bool parse_header(const char* bytes, Packet& packet, uint64_t& message_size) {
  uint64_t length;
  memcpy(&length, bytes, 8);
  uint8_t kind = static_cast<uint8_t>(bytes[8]);
  memcpy(&packet.number, bytes + 9, 8);
  if (length < 9 || length > kMaxPacket || kind >= static_cast<uint8_t>(PacketKind::Closed)) return false;
  packet.kind = static_cast<PacketKind>(kind);
  message_size = length - 9;
  return true;
}

// Room for a message of which only the length is known: grows with what arrives, not with what is claimed.
constexpr size_t kTrustedSize = size_t{16} << 20;

}  // namespace

std::string packet_header(PacketKind kind, uint64_t number, size_t message_size) {
  std::string header(kHeaderSize, '\0');
  uint64_t length = message_size + 9;
  memcpy(header.data(), &length, 8);
  header[8] = static_cast<char>(kind);
  memcpy(header.data() + 9, &number, 8);
  return header;
}

// --- The blocking end ---

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
    ssize_t n = recv(fd_, ahead_.data(), ahead_.size(), 0);
    ahead_.resize(n > 0 ? static_cast<size_t>(n) : 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
  }
  return true;
}

bool PacketStream::receive(Packet& out, ReleaseGil&) {
  char header[kHeaderSize];
  uint64_t size;
  if (!read_all(header, kHeaderSize) || !parse_header(header, out, size)) return false;
  out.message.clear();
  while (out.message.size() < size) {
    size_t before = out.message.size();
    size_t more = std::min<size_t>(size - before, std::max(kTrustedSize, before));
    out.message.resize(before + more);
    if (!read_all(out.message.data() + before, more)) return false;
  }
  return true;
}

bool PacketStream::send(PacketKind kind, uint64_t number, std::string_view message, ReleaseGil&) {
  std::string header = packet_header(kind, number, message.size());
  iovec parts[2] = {{header.data(), header.size()}, {const_cast<char*>(message.data()), message.size()}};
  msghdr whole{};
  whole.msg_iov = parts;
  whole.msg_iovlen = 2;
  while (whole.msg_iovlen) {
    ssize_t n = sendmsg(fd_, &whole, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    auto sent = static_cast<size_t>(n);
    while (whole.msg_iovlen && sent >= whole.msg_iov->iov_len) {
      sent -= whole.msg_iov->iov_len;
      ++whole.msg_iov;
      --whole.msg_iovlen;
    }
    if (!whole.msg_iovlen) break;
    whole.msg_iov->iov_base = static_cast<char*>(whole.msg_iov->iov_base) + sent;
    whole.msg_iov->iov_len -= sent;
  }
  return true;
}

// --- The hub ---

namespace {

struct Channel {
  int fd;
  uint32_t id;
  char header[kHeaderSize];
  size_t header_size = 0;        // bytes of the header that are here
  Packet packet;                   // being received
  uint64_t message_size = 0;
  size_t received = 0;           // bytes of the message that are here
  std::deque<std::string> out;
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
      std::string& front = c.out.front();
      ssize_t n = ::send(c.fd, front.data() + c.out_at, front.size() - c.out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
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
        if (!parse_header(c.header, c.packet, c.message_size)) return false;
        c.packet.channel = c.id;
        c.received = 0;
      }
      size_t n = std::min<size_t>(size, c.message_size - c.received);
      make_room(c, n);
      memcpy(c.packet.message.data() + c.received, bytes, n);
      bytes += n;
      size -= n;
      advance(c, n, out);
    }
    return true;
  }

  void make_room(Channel& c, size_t n) {
    if (c.packet.message.size() >= c.received + n) return;
    size_t room = std::max(c.received + n, std::max(kTrustedSize, c.received * 2));
    c.packet.message.resize(std::min<uint64_t>(room, c.message_size));
  }

  void advance(Channel& c, size_t n, std::vector<Packet>& out) {
    c.received += n;
    if (c.received < c.message_size) return;
    c.packet.message.resize(c.message_size);
    out.push_back(std::move(c.packet));
    c.packet = {};
    c.header_size = 0;
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
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
      if (n <= 0) return false;
      if (is_large) advance(c, static_cast<size_t>(n), out);
      else if (!take(c, buffer, static_cast<size_t>(n), out)) return false;
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

bool ChannelHub::send(uint32_t id, PacketKind kind, uint64_t number, std::string_view message) {
  std::lock_guard lock(impl_->mutex);
  auto it = impl_->channels.find(id);
  if (it == impl_->channels.end()) return false;
  Channel& c = *it->second;
  std::string header = packet_header(kind, number, message.size());
  size_t total = header.size() + message.size(), sent = 0;
  if (c.out.empty()) {
    iovec parts[2] = {{header.data(), header.size()}, {const_cast<char*>(message.data()), message.size()}};
    msghdr whole{};
    whole.msg_iov = parts;
    whole.msg_iovlen = 2;
    ssize_t n = sendmsg(c.fd, &whole, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return false;
    if (n > 0) sent = static_cast<size_t>(n);
  }
  if (sent == total) return true;
  if (sent < header.size()) {
    c.out.push_back(header.substr(sent));
    sent = header.size();
  }
  c.out.emplace_back(message.substr(sent - header.size()));
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
