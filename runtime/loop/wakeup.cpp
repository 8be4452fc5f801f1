// SPDX-License-Identifier: MIT
#include "runtime/loop/wakeup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace mini {

Wakeup::~Wakeup() {
  if (read_fd_ >= 0) close(read_fd_);
  if (write_fd_ >= 0) close(write_fd_);
}

int Wakeup::open() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  read_fd_ = fds[0];
  write_fd_ = fds[1];
  return 0;
}

void Wakeup::signal() {
  char byte = 0;
  if (write_fd_ >= 0 && write(write_fd_, &byte, 1) < 0) return;   // full: it is signalled already
}

void Wakeup::drain() {
  char bytes[256];
  while (read_fd_ >= 0 && read(read_fd_, bytes, sizeof bytes) == static_cast<long>(sizeof bytes)) continue;
}

}  // namespace mini
