// SPDX-License-Identifier: MIT
// What the files of module _socket share: _socket.cpp and socket_messages.cpp.
#pragma once

#include <sys/socket.h>

#include <cerrno>

#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/object.h"
#include "runtime/thread.h"

namespace mini {

inline constexpr int64_t kBlocking = -1;

struct Socket : Object {
  int fd;                  // -1: closed
  int family, type, protocol;
  int64_t timeout_ns;      // kBlocking, or 0 (never wait), or how long
};

inline Socket* self_socket(Value v) { return as<Socket>(v); }

struct Address {
  sockaddr_storage storage;
  socklen_t length;
  sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&storage); }
};

// An int argument; false after raising.
bool socket_int_argument(Thread& t, Value v, int& out);
// An optional argument of flags; `failed` after raising.
int socket_flags(Thread& t, Value v, bool& failed);
// What a script gives as an address of the socket's family -> None. `method` is for messages.
Value socket_parse_address(Thread& t, const Socket* s, Value v, const char* method, Address& out);
Value socket_format_address(Thread& t, const sockaddr* address, socklen_t length);

// When a call that waits from now on must end.
int64_t socket_deadline(Thread& t, const Socket* s);
// Waits until the socket is ready; None, or Raised (timed out, a signal handler raised).
Value socket_wait_ready(Thread& t, const Socket* s, short events, int64_t deadline_ns);

inline bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// Runs `attempt` (a non-blocking system call that gives -1 and errno) until it succeeds; its result, or Raised.
template <class Attempt>
Value socket_retry(Thread& t, const Socket* s, short events, Attempt attempt) {
  int64_t deadline = 0;
  bool has_deadline = false;
  for (;;) {
    ssize_t result = attempt();
    if (MINI_LIKELY(result >= 0)) return Value::of_int(result);
    int error = errno;
    if (error == EINTR) {
      TRY(t.poll());
      continue;
    }
    if (!would_block(error) || s->timeout_ns == 0) return raise_os_error(t, error);
    if (!has_deadline) deadline = socket_deadline(t, s);
    has_deadline = true;
    TRY(socket_wait_ready(t, s, events, deadline));
  }
}

// Methods and functions in socket_messages.cpp.
Value socket_sendmsg(Thread& t, Value* args, size_t argc);
Value socket_recvmsg(Thread& t, Value* args, size_t argc);
Value socket_recvmsg_into(Thread& t, Value* args, size_t argc);
Value cmsg_length_row(Thread& t, Value* args, size_t argc);
Value cmsg_space_row(Thread& t, Value* args, size_t argc);

}  // namespace mini
