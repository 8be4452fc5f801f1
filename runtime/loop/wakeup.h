// SPDX-License-Identifier: MIT
// Wakeup: ends another thread's wait in a poller. A pipe whose reading end the loop watches while it waits.
//
// Threads that hold the GIL append to the loop's ready queue like anyone else; the queue is guarded by the GIL. What they need on top is
// to end the loop's wait, if it waits. `signal` may also be called without the GIL; a signal handler writes to `write_fd`.
#pragma once

namespace mini {

class Wakeup {
 public:
  Wakeup() = default;
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  bool is_open() const { return read_fd_ >= 0; }
  int open();                              // 0, or an errno value
  int read_fd() const { return read_fd_; }
  int write_fd() const { return write_fd_; }
  void signal();
  void drain();

 private:
  int read_fd_ = -1;
  int write_fd_ = -1;
};

}  // namespace mini
