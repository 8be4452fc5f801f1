// SPDX-License-Identifier: MIT
// The Poller on Linux. The epoll descriptor is made when the first descriptor is watched: a loop that only runs timers and callbacks
// costs no descriptor.
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "runtime/loop/poller.h"

namespace mini {

namespace {

constexpr int kMaxEvents = 1024;

timespec to_timespec(int64_t ns) { return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)}; }

class EpollPoller final : public Poller {
 public:
  ~EpollPoller() override {
    if (epoll_ >= 0) close(epoll_);
  }

  int watch(int fd, uint8_t flags) override {
    if (epoll_ < 0 && (epoll_ = epoll_create1(EPOLL_CLOEXEC)) < 0) return errno;
    if (static_cast<size_t>(fd) >= watched_.size()) watched_.resize(static_cast<size_t>(fd) + 1);
    uint8_t& known = watched_[static_cast<size_t>(fd)];
    if (flags == 0) {
      if (known == 0) return 0;
      known = 0;
      --count_;
      // A closed descriptor has left the epoll set by itself.
      return epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr) == 0 || errno == EBADF || errno == ENOENT ? 0 : errno;
    }
    epoll_event event{};
    event.events = (flags & kPollRead ? EPOLLIN : 0u) | (flags & kPollWrite ? EPOLLOUT : 0u);
    event.data.fd = fd;
    int operation = known == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    int failed = epoll_ctl(epoll_, operation, fd, &event);
    // The number may have been closed and reused behind our back.
    if (failed && errno == ENOENT) failed = epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    else if (failed && errno == EEXIST) failed = epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
    if (failed) return errno;
    count_ += known == 0;
    known = flags;
    return 0;
  }

  int poll_now(std::vector<PollEvent>& out) override {
    if (count_ == 0) return 0;
    int count = epoll_wait(epoll_, events_, kMaxEvents, 0);
    return take(count, out);
  }

  int wait(ReleaseGil&, int64_t timeout_ns, std::vector<PollEvent>& out) override {
    timespec timeout = to_timespec(std::max<int64_t>(timeout_ns, 0));
    const timespec* limit = timeout_ns < 0 ? nullptr : &timeout;
    int count = -1;
    if (has_nanoseconds_) {
      count = epoll_pwait2(epoll_, events_, kMaxEvents, limit, nullptr);
      has_nanoseconds_ = !(count < 0 && errno == ENOSYS);
    }
    if (!has_nanoseconds_) {
      int64_t ms = timeout_ns < 0 ? -1 : std::min<int64_t>((timeout_ns + 999'999) / 1'000'000, 1 << 30);
      count = epoll_wait(epoll_, events_, kMaxEvents, static_cast<int>(ms));
    }
    return take(count, out);
  }

  const char* name() const override { return "epoll"; }

 private:
  int take(int count, std::vector<PollEvent>& out) {
    if (count < 0) return errno;
    for (int i = 0; i < count; ++i) {
      uint32_t happened = events_[i].events;
      uint8_t flags = 0;
      if (happened & ~static_cast<uint32_t>(EPOLLIN)) flags |= kPollWrite;
      if (happened & ~static_cast<uint32_t>(EPOLLOUT)) flags |= kPollRead;
      out.push_back({events_[i].data.fd, flags});
    }
    return 0;
  }

  int epoll_ = -1;
  bool has_nanoseconds_ = true;
  std::vector<uint8_t> watched_;   // flags, by descriptor; 0: not watched
  size_t count_ = 0;               // of those that are
  epoll_event events_[kMaxEvents];
};

}  // namespace

std::unique_ptr<Poller> make_poller() { return std::make_unique<EpollPoller>(); }

}  // namespace mini
