// SPDX-License-Identifier: MIT
// Poller: waits until descriptors are ready. One for each loop; epoll on Linux.
//
// A watched descriptor is reported as long as it is ready (level-triggered). Only `wait` may block, and it takes the ReleaseGil scope
// as proof that the GIL is given up; `poll_now` never blocks. No Value is touched here.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace mini {

class ReleaseGil;

enum PollFlags : uint8_t { kPollRead = 1, kPollWrite = 2 };

struct PollEvent {
  int fd;
  uint8_t flags;             // PollFlags; errors and hang-ups count as both
};

class Poller {
 public:
  virtual ~Poller() = default;
  // Watches `fd` for exactly these events; 0 ends it. 0, or an errno value.
  virtual int watch(int fd, uint8_t flags) = 0;
  // What is ready now. 0, or an errno value.
  virtual int poll_now(std::vector<PollEvent>& out) = 0;
  // Waits until something is ready, a signal arrives or `timeout_ns` have passed (negative: no limit). 0, or an
  // errno value (EINTR included).
  virtual int wait(ReleaseGil& proof, int64_t timeout_ns, std::vector<PollEvent>& out) = 0;
  virtual const char* name() const = 0;
};

std::unique_ptr<Poller> make_poller();
std::unique_ptr<Poller> make_libuv_poller();   // null where Mini was built without libuv
bool has_libuv();

}  // namespace mini
