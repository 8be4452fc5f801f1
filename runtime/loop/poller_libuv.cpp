// SPDX-License-Identifier: MIT
// A Poller on libuv, for the loops of module uvloop. A watched descriptor is a uv_poll_t, the time limit of a wait a uv_timer_t; uv_run
// does the waiting. libuv counts in milliseconds, and goes on waiting after a signal: what ends the wait then is the loop's wake-up pipe.
#include "runtime/loop/poller.h"

#if MINI_WITH_LIBUV

#include <uv.h>

#include <cerrno>
#include <unordered_map>

namespace mini {

namespace {

class LibuvPoller final : public Poller {
 public:
  LibuvPoller() {
    is_usable_ = uv_loop_init(&loop_) == 0;
    if (is_usable_) uv_timer_init(&loop_, &timer_);
  }

  ~LibuvPoller() override {
    if (!is_usable_) return;
    for (auto& [fd, handle] : handles_) close_handle(handle);
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);   // the handles' own callbacks free them
    uv_loop_close(&loop_);
  }

  int watch(int fd, uint8_t flags) override {
    if (!is_usable_) return ENOMEM;
    auto known = handles_.find(fd);
    if (flags == 0) {
      if (known == handles_.end()) return 0;
      close_handle(known->second);
      handles_.erase(known);
      return 0;
    }
    if (known == handles_.end()) {
      auto handle = new Watched{};
      handle->poller = this;
      handle->fd = fd;
      if (int error = uv_poll_init(&loop_, &handle->poll, fd)) {
        delete handle;
        return -error;   // libuv's error numbers are negative errno values
      }
      known = handles_.emplace(fd, handle).first;
    }
    int events = (flags & kPollRead ? UV_READABLE : 0) | (flags & kPollWrite ? UV_WRITABLE : 0);
    return -uv_poll_start(&known->second->poll, events, on_ready);
  }

  int poll_now(std::vector<PollEvent>& out) override {
    if (!is_usable_ || handles_.empty()) return 0;
    out_ = &out;
    uv_run(&loop_, UV_RUN_NOWAIT);
    return 0;
  }

  int wait(ReleaseGil&, int64_t timeout_ns, std::vector<PollEvent>& out) override {
    if (!is_usable_) return ENOMEM;
    out_ = &out;
    if (timeout_ns >= 0) {
      uv_update_time(&loop_);
      uv_timer_start(&timer_, [](uv_timer_t*) {}, static_cast<uint64_t>((timeout_ns + 999'999) / 1'000'000), 0);
    }
    uv_run(&loop_, UV_RUN_ONCE);
    uv_timer_stop(&timer_);
    return 0;
  }

  const char* name() const override { return "libuv"; }

 private:
  struct Watched {
    uv_poll_t poll;
    LibuvPoller* poller;
    int fd;
  };

  static void on_ready(uv_poll_t* poll, int status, int events) {
    auto handle = reinterpret_cast<Watched*>(poll);
    uint8_t flags = 0;
    if (status < 0 || (events & UV_READABLE)) flags |= kPollRead;    // an error counts as both
    if (status < 0 || (events & UV_WRITABLE)) flags |= kPollWrite;
    handle->poller->out_->push_back({handle->fd, flags});
  }

  static void close_handle(Watched* handle) {
    uv_poll_stop(&handle->poll);
    uv_close(reinterpret_cast<uv_handle_t*>(&handle->poll), [](uv_handle_t* closed) { delete reinterpret_cast<Watched*>(closed); });
  }

  uv_loop_t loop_;
  uv_timer_t timer_;
  bool is_usable_;
  std::unordered_map<int, Watched*> handles_;
  std::vector<PollEvent>* out_ = nullptr;
};

}  // namespace

std::unique_ptr<Poller> make_libuv_poller() { return std::make_unique<LibuvPoller>(); }
bool has_libuv() { return true; }

}  // namespace mini

#else

namespace mini {
std::unique_ptr<Poller> make_libuv_poller() { return nullptr; }
bool has_libuv() { return false; }
}  // namespace mini

#endif
