// SPDX-License-Identifier: MIT
// _socket: sockets of the operating system. lib/socket.mini builds the class `socket.socket` on it.
//
// Every call is first tried without blocking. Only when it would block, and the socket is a blocking one, is the GIL given up,
// to wait in poll() until the descriptor is ready or the socket's timeout is over.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <linux/can.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string>

#include "runtime/calls.h"
#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/modules/socket_parts.h"
#include "runtime/parking.h"

namespace mini {

namespace {

constexpr size_t kStackBuffer = 64 << 10;
constexpr size_t kLargestReceive = 1 << 20;

struct SocketState {
  int64_t default_timeout_ns = kBlocking;
  Type* gai_error = nullptr;
};

SocketState& socket_state(Thread& t) {
  void*& kept = t.interpreter->module_state["_socket"];
  if (!kept) {
    kept = new SocketState;
    t.interpreter->at_close.push_back([](Interpreter& closing) {
      delete static_cast<SocketState*>(closing.module_state["_socket"]);
      closing.module_state.erase("_socket");
    });
  }
  return *static_cast<SocketState*>(kept);
}

bool is_given(Value v) { return !v.is_empty() && !v.is_none(); }

// --- Waiting ---

int poll_in_system(ReleaseGil&, pollfd& wanted, int64_t timeout_ns) {
  timespec limit = {static_cast<time_t>(timeout_ns / 1'000'000'000), static_cast<long>(timeout_ns % 1'000'000'000)};
  int count = ppoll(&wanted, 1, timeout_ns < 0 ? nullptr : &limit, nullptr);
  return count < 0 ? -errno : count;
}

}  // namespace

bool socket_int_argument(Thread& t, Value v, int& out) {
  int64_t wide;
  if (!to_index(t, v, wide)) return false;
  if (wide < INT32_MIN || wide > INT32_MAX) {
    (void)raise(t, ErrorType::OverflowError, "Python int too large to convert to C int");
    return false;
  }
  out = static_cast<int>(wide);
  return true;
}

int64_t socket_deadline(Thread& t, const Socket* s) {
  return s->timeout_ns < 0 ? kNever : t.interpreter->clock->monotonic_ns() + s->timeout_ns;
}

Value socket_wait_ready(Thread& t, const Socket* s, short events, int64_t deadline_ns) {
  for (;;) {
    int64_t left = deadline_ns == kNever ? -1 : deadline_ns - t.interpreter->clock->monotonic_ns();
    if (deadline_ns != kNever && left <= 0) return raise(t, ErrorType::TimeoutError, "timed out");
    pollfd wanted{s->fd, events, 0};
    int result;
    {
      ReleaseGil released(t, BlockReason::SocketIo);
      result = poll_in_system(released, wanted, left);
    }
    TRY(t.poll());
    if (result > 0) return Value::none();
    if (result < 0 && result != -EINTR) return raise_os_error(t, -result);
  }
}

namespace {

// --- Addresses ---

Value raise_gai_error(Thread& t, int code, int system_error) {
  if (code == EAI_SYSTEM) return raise_os_error(t, system_error);
  Value type = Value::of_object(socket_state(t).gai_error);
  return raise_value(t, TRY(call(t, type, {Value::of_int(code), str_value(make_str(t, gai_strerror(code)))})));
}

struct LookupResult {
  addrinfo* list = nullptr;
  int code = 0;
  int system_error = 0;
};

LookupResult look_up(const char* host, const char* service, const addrinfo& hints) {
  LookupResult result;
  result.code = getaddrinfo(host, service, &hints, &result.list);
  result.system_error = errno;
  return result;
}

// Numbers need no network and no waiting; names are looked up without the GIL.
LookupResult look_up_anywhere(Thread& t, const char* host, const char* service, addrinfo hints) {
  addrinfo numeric = hints;
  numeric.ai_flags |= AI_NUMERICHOST;
  LookupResult result = look_up(host, service, numeric);
  if (result.code == 0 || (hints.ai_flags & AI_NUMERICHOST)) return result;
  ReleaseGil released(t, BlockReason::SocketIo);
  return look_up(host, service, hints);
}

Value fill_inet(Thread& t, int family, const std::string& host, int port, Address& out) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_DGRAM;
  const char* node = host.c_str();
  if (host.empty()) {
    hints.ai_flags = AI_PASSIVE;
    node = nullptr;
  } else if (host == "<broadcast>" || host == "255.255.255.255") {
    node = "255.255.255.255";
  }
  LookupResult found = look_up_anywhere(t, node, node ? nullptr : "0", hints);
  if (found.code != 0) return raise_gai_error(t, found.code, found.system_error);
  memcpy(&out.storage, found.list->ai_addr, found.list->ai_addrlen);
  out.length = found.list->ai_addrlen;
  freeaddrinfo(found.list);
  if (family == AF_INET) reinterpret_cast<sockaddr_in*>(&out.storage)->sin_port = htons(static_cast<uint16_t>(port));
  else reinterpret_cast<sockaddr_in6*>(&out.storage)->sin6_port = htons(static_cast<uint16_t>(port));
  return Value::none();
}

Value parse_unix(Thread& t, Value v, Address& out) {
  std::string path;
  std::string_view bytes;
  if (is_kind(v, Kind::Str)) path = to_utf8(as<Str>(v));
  else if (require_bytes(t, v, bytes)) path = bytes;
  else return Value::raised();
  auto address = reinterpret_cast<sockaddr_un*>(&out.storage);
  bool is_abstract = !path.empty() && path[0] == 0;
  if (path.size() + !is_abstract > sizeof address->sun_path) return raise(t, ErrorType::OSError, "AF_UNIX path too long");
  memset(&out.storage, 0, sizeof out.storage);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path.data(), path.size());
  out.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + !is_abstract);
  return Value::none();
}

Value parse_inet(Thread& t, const Socket* s, Value v, const char* method, Address& out) {
  bool is_six = s->family == AF_INET6;
  const char* name = is_six ? "AF_INET6" : "AF_INET";
  if (!is_kind(v, Kind::Tuple))
    return raise(t, ErrorType::TypeError, "{}(): {} address must be tuple, not {}", method, name, type_name(t, v));
  auto tuple = as<Tuple>(v);
  if (tuple->length < 2 || tuple->length > (is_six ? 4u : 2u)) {
    if (is_six) return raise(t, ErrorType::TypeError, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])");
    return raise(t, ErrorType::TypeError, "AF_INET address must be a pair (host, port)");
  }
  std::string host;
  std::string_view bytes;
  if (is_kind(tuple->items[0], Kind::Str)) host = to_utf8(as<Str>(tuple->items[0]));
  else if (bytes_view(tuple->items[0], bytes)) host = bytes;
  else return raise(t, ErrorType::TypeError, "str, bytes or bytearray expected, not {}", type_name(t, tuple->items[0]));
  int port = 0;
  if (!socket_int_argument(t, tuple->items[1], port)) return Value::raised();
  if (port < 0 || port > 0xffff) return raise(t, ErrorType::OverflowError, "{}(): port must be 0-65535.", method);
  TRY(fill_inet(t, s->family, host, port, out));
  auto six = reinterpret_cast<sockaddr_in6*>(&out.storage);
  int number = 0;
  if (tuple->length > 2) {
    if (!socket_int_argument(t, tuple->items[2], number)) return Value::raised();
    six->sin6_flowinfo = htonl(static_cast<uint32_t>(number));
  }
  if (tuple->length > 3) {
    if (!socket_int_argument(t, tuple->items[3], number)) return Value::raised();
    six->sin6_scope_id = static_cast<uint32_t>(number);
  }
  return Value::none();
}

}  // namespace

Value socket_parse_address(Thread& t, const Socket* s, Value v, const char* method, Address& out) {
  switch (s->family) {
    case AF_UNIX: return parse_unix(t, v, out);
    case AF_INET:
    case AF_INET6: return parse_inet(t, s, v, method, out);
    default: return raise(t, ErrorType::OSError, "{}(): bad family", method);
  }
}

Value socket_format_address(Thread& t, const sockaddr* address, socklen_t length) {
  if (length == 0) return Value::none();
  char text[INET6_ADDRSTRLEN];
  switch (address->sa_family) {
    case AF_INET: {
      auto four = reinterpret_cast<const sockaddr_in*>(address);
      inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
      return Value::of_object(make_tuple(t, {str_value(make_str(t, text)), Value::of_int(ntohs(four->sin_port))}));
    }
    case AF_INET6: {
      auto six = reinterpret_cast<const sockaddr_in6*>(address);
      inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
      return Value::of_object(make_tuple(t, {str_value(make_str(t, text)), Value::of_int(ntohs(six->sin6_port)),
                                             Value::of_int(ntohl(six->sin6_flowinfo)), Value::of_int(six->sin6_scope_id)}));
    }
    case AF_UNIX: {
      auto local = reinterpret_cast<const sockaddr_un*>(address);
      size_t size = length - offsetof(sockaddr_un, sun_path);
      if (size == 0) return str_value(t.interpreter->empty_str);
      if (local->sun_path[0] == 0) return Value::of_object(make_bytes(t, local->sun_path, size));
      return str_value(make_str(t, std::string_view(local->sun_path, strnlen(local->sun_path, size))));
    }
    default: return Value::none();
  }
}

namespace {

// --- The type ---

void apply_timeout(Thread&, Socket* s, int64_t timeout_ns) {
  s->timeout_ns = timeout_ns;
  int flags = fcntl(s->fd, F_GETFL);
  int wanted = timeout_ns == kBlocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  if (flags >= 0 && wanted != flags) fcntl(s->fd, F_SETFL, wanted);
}

void finalize_socket(Object* self, Heap&) {
  auto s = static_cast<Socket*>(self);
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
}

Value socket_new(Thread& t, Value* args, size_t) {
  auto s = static_cast<Socket*>(allocate_object(t, as<Type>(args[0])));
  s->fd = -1;
  s->family = s->type = s->protocol = -1;
  s->timeout_ns = kBlocking;
  note_finalizer(s);
  return Value::of_object(s);
}

// What an existing descriptor is, for socket(fileno=fd).
Value detect(Thread& t, Socket* s) {
  Address address{};
  address.length = sizeof address.storage;
  if (getsockname(s->fd, address.pointer(), &address.length) != 0) {
    int error = errno;
    s->fd = -1;
    return raise_os_error(t, error);
  }
  socklen_t size = sizeof(int);
  if (s->family == -1) s->family = address.storage.ss_family;
  if (s->type == -1) getsockopt(s->fd, SOL_SOCKET, SO_TYPE, &s->type, &size);
  if (s->protocol == -1) getsockopt(s->fd, SOL_SOCKET, SO_PROTOCOL, &s->protocol, &size);
  return Value::none();
}

// __init__(self, family=-1, type=-1, proto=-1, fileno=None)
Value socket_init(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  if (s->fd >= 0) return Value::none();
  if (!args[1].is_empty() && !socket_int_argument(t, args[1], s->family)) return Value::raised();
  if (!args[2].is_empty() && !socket_int_argument(t, args[2], s->type)) return Value::raised();
  if (!args[3].is_empty() && !socket_int_argument(t, args[3], s->protocol)) return Value::raised();
  if (is_given(args[4])) {
    int fd;
    if (!socket_int_argument(t, args[4], fd)) return Value::raised();
    if (fd < 0) return raise(t, ErrorType::ValueError, "negative file descriptor");
    s->fd = fd;
    TRY(detect(t, s));
  } else {
    if (s->family == -1) s->family = AF_INET;
    if (s->type == -1) s->type = SOCK_STREAM;
    if (s->protocol == -1) s->protocol = 0;
    s->fd = ::socket(s->family, s->type | SOCK_CLOEXEC, s->protocol);
    if (s->fd < 0) return raise_os_error(t, errno);
  }
  bool never_waits = s->type & SOCK_NONBLOCK;
  s->type &= ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
  int64_t default_timeout = socket_state(t).default_timeout_ns;
  if (default_timeout != kBlocking) apply_timeout(t, s, default_timeout);
  else if (never_waits) apply_timeout(t, s, 0);
  return Value::none();
}

Value socket_fileno(Thread&, Value* args, size_t) { return Value::of_int(self_socket(args[0])->fd); }

Value socket_close(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  int fd = s->fd;
  s->fd = -1;
  if (fd >= 0 && close(fd) < 0 && errno != ECONNRESET) return raise_os_error(t, errno);
  return Value::none();
}

Value socket_detach(Thread&, Value* args, size_t) {
  int fd = self_socket(args[0])->fd;
  self_socket(args[0])->fd = -1;
  return Value::of_int(fd);
}

Value socket_shutdown(Thread& t, Value* args, size_t) {
  int how;
  if (!socket_int_argument(t, args[1], how)) return Value::raised();
  return shutdown(self_socket(args[0])->fd, how) < 0 ? raise_os_error(t, errno) : Value::none();
}

Value socket_bind(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  Address address;
  TRY(socket_parse_address(t, s, args[1], "bind", address));
  return bind(s->fd, address.pointer(), address.length) < 0 ? raise_os_error(t, errno) : Value::none();
}

Value socket_listen(Thread& t, Value* args, size_t) {
  int backlog = std::min(SOMAXCONN, 128);
  if (!args[1].is_empty() && !socket_int_argument(t, args[1], backlog)) return Value::raised();
  return listen(self_socket(args[0])->fd, std::max(backlog, 0)) < 0 ? raise_os_error(t, errno) : Value::none();
}

// Starts connecting without blocking, then waits. The errno value of the outcome, or Raised.
Value connect_to(Thread& t, Socket* s, Address& address) {
  if (s->timeout_ns == kBlocking) fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
  int error = connect(s->fd, address.pointer(), address.length) < 0 ? errno : 0;
  Value outcome = Value::of_int(error);
  if ((error == EINPROGRESS || error == EINTR || (error == EAGAIN && s->family == AF_UNIX)) && s->timeout_ns != 0) {
    Value waited = socket_wait_ready(t, s, POLLOUT, socket_deadline(t, s));
    socklen_t size = sizeof error;
    if (waited.is_raised()) outcome = waited;
    else if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0) outcome = Value::of_int(error);
    else outcome = Value::of_int(errno);
  }
  if (s->timeout_ns == kBlocking && s->fd >= 0) fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) & ~O_NONBLOCK);
  return outcome;
}

Value socket_connect(Thread& t, Value* args, size_t) {
  Address address;
  TRY(socket_parse_address(t, self_socket(args[0]), args[1], "connect", address));
  Value error = TRY(connect_to(t, self_socket(args[0]), address));
  return error.integer ? raise_os_error(t, static_cast<int>(error.integer)) : Value::none();
}

Value socket_connect_ex(Thread& t, Value* args, size_t) {
  Address address;
  TRY(socket_parse_address(t, self_socket(args[0]), args[1], "connect_ex", address));
  Value error = connect_to(t, self_socket(args[0]), address);
  if (!error.is_raised()) return error;
  if (!exception_matches(t, ErrorType::TimeoutError)) return error;
  (void)take_exception(t);
  return Value::of_int(EAGAIN);
}

// accept4 on a blocking descriptor would block: look first.
Value socket_accept(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  Address address{};
  auto attempt = [&]() -> ssize_t {
    pollfd wanted{s->fd, POLLIN, 0};
    if (s->timeout_ns == kBlocking && poll(&wanted, 1, 0) == 0) {
      errno = EAGAIN;
      return -1;
    }
    address.length = sizeof address.storage;
    return accept4(s->fd, address.pointer(), &address.length, SOCK_CLOEXEC);
  };
  Value fd = TRY(socket_retry(t, s, POLLIN, attempt));
  Value peer = TRY(socket_format_address(t, address.pointer(), address.length));
  return Value::of_object(make_tuple(t, {fd, peer}));
}

}  // namespace

int socket_flags(Thread& t, Value v, bool& failed) {
  int flags = 0;
  failed = !v.is_empty() && !socket_int_argument(t, v, flags);
  return flags;
}

namespace {

// A buffer that was used before: servers receive a little into a lot of room, again and again.
struct SpareBuffer {
  std::unique_ptr<char[]> bytes;
  size_t size = 0;
};
thread_local SpareBuffer spare_buffer;
constexpr size_t kLargestSpare = 256 << 10;

std::unique_ptr<char[]> take_spare_buffer(size_t size) {
  if (spare_buffer.bytes && spare_buffer.size >= size) return std::move(spare_buffer.bytes);
  return std::make_unique_for_overwrite<char[]>(size);
}

void give_spare_buffer(std::unique_ptr<char[]> bytes, size_t size) {
  if (size <= kLargestSpare && (!spare_buffer.bytes || spare_buffer.size < size)) spare_buffer = {std::move(bytes), size};
}

// Runs `receive(buffer, size)` with room for `wanted` bytes and gives what came as bytes.
template <class Receive>
Value receive_bytes(Thread& t, Socket* s, Value size, const char* method, Receive receive) {
  int64_t wanted;
  if (!to_index(t, size, wanted)) return Value::raised();
  if (wanted < 0) return raise(t, ErrorType::ValueError, "negative buffersize in {}", method);
  size_t room = std::min(static_cast<size_t>(wanted), kLargestReceive);
  char small[kStackBuffer];
  std::unique_ptr<char[]> large;
  if (room > sizeof small) large = take_spare_buffer(room);
  char* buffer = large ? large.get() : small;
  Value count = socket_retry(t, s, POLLIN, [&] { return receive(buffer, room); });
  Value data = count.is_raised() ? count : Value::of_object(make_bytes(t, buffer, static_cast<size_t>(count.integer)));
  if (large) give_spare_buffer(std::move(large), room);
  return data;
}

// recv(self, bufsize, flags=0)
Value socket_recv(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  bool failed;
  int flags = socket_flags(t, args[2], failed) | MSG_DONTWAIT;
  if (failed) return Value::raised();
  return receive_bytes(t, s, args[1], "recv", [&](char* buffer, size_t room) { return recv(s->fd, buffer, room, flags); });
}

// recvfrom(self, bufsize, flags=0)
Value socket_recvfrom(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  bool failed;
  int flags = socket_flags(t, args[2], failed) | MSG_DONTWAIT;
  if (failed) return Value::raised();
  Address address{};
  Value data = TRY(receive_bytes(t, s, args[1], "recvfrom", [&](char* buffer, size_t room) {
    address.length = sizeof address.storage;
    return recvfrom(s->fd, buffer, room, flags, address.pointer(), &address.length);
  }));
  Value peer = TRY(socket_format_address(t, address.pointer(), address.length));
  return Value::of_object(make_tuple(t, {data, peer}));
}

// A writable buffer's bytes; false after raising.
bool require_writable(Thread& t, Value v, std::string_view& out) {
  if (!require_bytes(t, v, out)) return false;
  if (!is_kind(v, Kind::Bytes)) return true;
  (void)raise(t, ErrorType::TypeError, "recv_into() argument 1 must be read-write bytes-like object, not bytes");
  return false;
}

// recv_into(self, buffer, nbytes=0, flags=0). Nothing runs between taking the view and filling it but non-blocking calls and waits;
// a bytearray that is resized meanwhile is looked at again.
Value receive_into(Thread& t, Value* args, Address* address, const char* method) {
  Socket* s = self_socket(args[0]);
  int64_t wanted = 0;
  if (!args[2].is_empty() && !to_index(t, args[2], wanted)) return Value::raised();
  if (wanted < 0) return raise(t, ErrorType::ValueError, "negative buffersize in {}", method);
  bool failed;
  int flags = socket_flags(t, args[3], failed) | MSG_DONTWAIT;
  if (failed) return Value::raised();
  std::string_view view;
  if (!require_writable(t, args[1], view)) return Value::raised();
  if (static_cast<size_t>(wanted) > view.size()) return raise(t, ErrorType::ValueError, "buffer too small for requested bytes");
  return socket_retry(t, s, POLLIN, [&]() -> ssize_t {
    if (!bytes_view(args[1], view)) view = {};
    size_t room = wanted ? std::min<size_t>(wanted, view.size()) : view.size();
    if (!address) return recv(s->fd, const_cast<char*>(view.data()), room, flags);
    address->length = sizeof address->storage;
    return recvfrom(s->fd, const_cast<char*>(view.data()), room, flags, address->pointer(), &address->length);
  });
}

Value socket_recv_into(Thread& t, Value* args, size_t) { return receive_into(t, args, nullptr, "recv_into"); }

Value socket_recvfrom_into(Thread& t, Value* args, size_t) {
  Address address{};
  Value count = TRY(receive_into(t, args, &address, "recvfrom_into"));
  Value peer = TRY(socket_format_address(t, address.pointer(), address.length));
  return Value::of_object(make_tuple(t, {count, peer}));
}

// Sends until everything is out (`sends_all`, or a blocking socket) or something is; the number of bytes.
Value send_bytes(Thread& t, Socket* s, Value data, int flags, bool sends_all) {
  std::string_view view;
  if (!require_bytes(t, data, view)) return Value::raised();
  size_t total = view.size(), sent = 0;
  for (;;) {
    Value count = TRY(socket_retry(t, s, POLLOUT, [&]() -> ssize_t {
      if (!bytes_view(data, view)) view = {};
      return send(s->fd, view.data() + std::min(sent, view.size()), view.size() - std::min(sent, view.size()),
                  flags | MSG_DONTWAIT | MSG_NOSIGNAL);
    }));
    sent += static_cast<size_t>(count.integer);
    if (sent >= total || (!sends_all && s->timeout_ns != kBlocking)) return Value::of_int(static_cast<int64_t>(sent));
    TRY(t.poll());
  }
}

Value socket_send(Thread& t, Value* args, size_t) {
  bool failed;
  int flags = socket_flags(t, args[2], failed);
  return failed ? Value::raised() : send_bytes(t, self_socket(args[0]), args[1], flags, false);
}

Value socket_sendall(Thread& t, Value* args, size_t) {
  bool failed;
  int flags = socket_flags(t, args[2], failed);
  if (failed) return Value::raised();
  TRY(send_bytes(t, self_socket(args[0]), args[1], flags, true));
  return Value::none();
}

// sendto(self, data, flags_or_address, address=<missing>)
Value socket_sendto(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  std::string_view view;
  if (!require_bytes(t, args[1], view)) return Value::raised();
  int flags = 0;
  Value destination = args[2];
  if (!args[3].is_empty()) {
    if (!socket_int_argument(t, args[2], flags)) return Value::raised();
    destination = args[3];
  }
  Address address;
  TRY(socket_parse_address(t, s, destination, "sendto", address));
  return socket_retry(t, s, POLLOUT, [&]() -> ssize_t {
    if (!bytes_view(args[1], view)) view = {};
    return sendto(s->fd, view.data(), view.size(), flags | MSG_DONTWAIT | MSG_NOSIGNAL, address.pointer(), address.length);
  });
}

template <int (*get)(int, sockaddr*, socklen_t*)>
Value socket_name(Thread& t, Value* args, size_t) {
  Address address{};
  address.length = sizeof address.storage;
  if (get(self_socket(args[0])->fd, address.pointer(), &address.length) < 0) return raise_os_error(t, errno);
  return socket_format_address(t, address.pointer(), address.length);
}

int get_own_name(int fd, sockaddr* address, socklen_t* length) { return getsockname(fd, address, length); }
int get_peer_name(int fd, sockaddr* address, socklen_t* length) { return getpeername(fd, address, length); }

// setsockopt(self, level, optname, value, optlen=<missing>)
Value socket_setsockopt(Thread& t, Value* args, size_t) {
  int level, option;
  if (!socket_int_argument(t, args[1], level) || !socket_int_argument(t, args[2], option)) return Value::raised();
  std::string_view bytes;
  int number = 0;
  const void* data = &number;
  socklen_t size = sizeof number;
  if (is_integer(args[3])) {
    if (!socket_int_argument(t, args[3], number)) return Value::raised();
  } else if (args[3].is_none() && !args[4].is_empty()) {
    int length;
    if (!socket_int_argument(t, args[4], length)) return Value::raised();
    data = nullptr;
    size = static_cast<socklen_t>(length);
  } else {
    if (!require_bytes(t, args[3], bytes)) return Value::raised();
    data = bytes.data();
    size = static_cast<socklen_t>(bytes.size());
  }
  return setsockopt(self_socket(args[0])->fd, level, option, data, size) < 0 ? raise_os_error(t, errno) : Value::none();
}

// getsockopt(self, level, optname, buflen=0)
Value socket_getsockopt(Thread& t, Value* args, size_t) {
  int level, option, length = 0;
  if (!socket_int_argument(t, args[1], level) || !socket_int_argument(t, args[2], option)) return Value::raised();
  if (!args[3].is_empty() && !socket_int_argument(t, args[3], length)) return Value::raised();
  if (length < 0 || length > 1024) return raise(t, ErrorType::OSError, "getsockopt buflen out of range");
  char buffer[1024];
  int number = 0;
  socklen_t size = length ? static_cast<socklen_t>(length) : sizeof number;
  void* target = length ? static_cast<void*>(buffer) : &number;
  if (getsockopt(self_socket(args[0])->fd, level, option, target, &size) < 0) return raise_os_error(t, errno);
  return length ? Value::of_object(make_bytes(t, buffer, size)) : Value::of_int(number);
}

// The nanoseconds of a timeout argument; Raised for what is none.
Value timeout_argument(Thread& t, Value v) {
  if (v.is_none()) return Value::of_int(kBlocking);
  double seconds;
  if (!to_double(t, v, seconds)) return Value::raised();
  if (std::isnan(seconds)) return raise(t, ErrorType::ValueError, "Invalid value NaN (not a number)");
  if (seconds < 0) return raise(t, ErrorType::ValueError, "Timeout value out of range");
  return Value::of_int(static_cast<int64_t>(std::ceil(std::min(seconds, 9e9) * 1e9)));
}

Value timeout_value(int64_t ns) { return ns == kBlocking ? Value::none() : Value::of_float(static_cast<double>(ns) / 1e9); }

Value socket_settimeout(Thread& t, Value* args, size_t) {
  Value ns = TRY(timeout_argument(t, args[1]));
  apply_timeout(t, self_socket(args[0]), ns.integer);
  return Value::none();
}

Value socket_setblocking(Thread& t, Value* args, size_t) {
  bool blocks = TRY(truth(t, args[1])).is_true();
  apply_timeout(t, self_socket(args[0]), blocks ? kBlocking : 0);
  return Value::none();
}

Value socket_gettimeout(Thread&, Value* args, size_t) { return timeout_value(self_socket(args[0])->timeout_ns); }
Value socket_getblocking(Thread&, Value* args, size_t) { return Value::of_bool(self_socket(args[0])->timeout_ns != 0); }
Value get_family(Thread&, Value self) { return Value::of_int(self_socket(self)->family); }
Value get_type(Thread&, Value self) { return Value::of_int(self_socket(self)->type); }
Value get_protocol(Thread&, Value self) { return Value::of_int(self_socket(self)->protocol); }
Value get_timeout(Thread&, Value self) { return timeout_value(self_socket(self)->timeout_ns); }

constexpr NativeRow socket_methods[] = {
    {"__new__", socket_new, "(cls, *args, **kwargs)", "A socket without a descriptor.", Binding::Static},
    {"__init__", socket_init, "(self, family=-1, type=-1, proto=-1, fileno=None)", "Opens the socket."},
    {"fileno", socket_fileno, "(self)", "The descriptor; -1 once closed."},
    {"close", socket_close, "(self)", "Closes the descriptor."},
    {"detach", socket_detach, "(self)", "Gives the descriptor away; the socket counts as closed."},
    {"shutdown", socket_shutdown, "(self, how, /)", "Ends reading, writing or both."},
    {"bind", socket_bind, "(self, address, /)", "Gives the socket an address."},
    {"listen", socket_listen, "(self, backlog=128, /)", "Accepts connections from now on."},
    {"connect", socket_connect, "(self, address, /)", "Connects to an address."},
    {"connect_ex", socket_connect_ex, "(self, address, /)", "connect() that returns the error number."},
    {"_accept", socket_accept, "(self)", "The next connection: (descriptor, address)."},
    {"recv", socket_recv, "(self, bufsize, flags=0, /)", "Up to bufsize bytes; b'' at the end."},
    {"recv_into", socket_recv_into, "(self, buffer, nbytes=0, flags=0)", "recv() into a buffer; the number of bytes."},
    {"recvfrom", socket_recvfrom, "(self, bufsize, flags=0, /)", "Bytes and the address that sent them."},
    {"recvfrom_into", socket_recvfrom_into, "(self, buffer, nbytes=0, flags=0)", "recvfrom() into a buffer."},
    {"send", socket_send, "(self, data, flags=0, /)", "Sends; the number of bytes that were sent."},
    {"sendall", socket_sendall, "(self, data, flags=0, /)", "Sends everything."},
    {"sendmsg", socket_sendmsg, "(self, buffers, ancdata=None, flags=0, address=None, /)",
     "Sends the buffers one after the other, and ancillary data: a list of (level, type, data)."},
    {"recvmsg", socket_recvmsg, "(self, bufsize, ancbufsize=0, flags=0, /)", "(data, ancillary data, flags, address)."},
    {"recvmsg_into", socket_recvmsg_into, "(self, buffers, ancbufsize=0, flags=0, /)",
     "(number of bytes, ancillary data, flags, address); the bytes fill the buffers."},
    {"sendto", socket_sendto, "(self, data, flags_or_address, address=None, /)", "Sends to an address."},
    {"getsockname", socket_name<get_own_name>, "(self)", "The socket's own address."},
    {"getpeername", socket_name<get_peer_name>, "(self)", "The other side's address."},
    {"setsockopt", socket_setsockopt, "(self, level, option, value, optlen=None, /)", "Sets an option."},
    {"getsockopt", socket_getsockopt, "(self, level, option, buflen=0, /)", "An option's value."},
    {"settimeout", socket_settimeout, "(self, timeout, /)", "Seconds that a call may wait; None: no limit, 0: never wait."},
    {"gettimeout", socket_gettimeout, "(self)", "The timeout."},
    {"setblocking", socket_setblocking, "(self, flag, /)", "settimeout(None) or settimeout(0)."},
    {"getblocking", socket_getblocking, "(self)", "False when calls never wait."},
};

constexpr AttributeRow socket_attributes[] = {
    {"family", get_family, nullptr, "The address family."},
    {"type", get_type, nullptr, "The socket type."},
    {"_family", get_family, nullptr, "The address family, as an int."},
    {"_type", get_type, nullptr, "The socket type, as an int."},
    {"proto", get_protocol, nullptr, "The protocol."},
    {"timeout", get_timeout, nullptr, "The timeout."},
};

const Layout socket_layout = {
    .name = "socket", .module = "_socket", .kind = Kind::Native, .size = sizeof(Socket), .flags = kSubclassable,
    .finalize = finalize_socket,
    .methods = socket_methods, .method_count = std::size(socket_methods),
    .attributes = socket_attributes, .attribute_count = std::size(socket_attributes),
    .help = "A socket of the operating system."};

// --- The module's functions ---

// socketpair(family=AF_UNIX, type=SOCK_STREAM, proto=0): two descriptors.
Value socketpair_row(Thread& t, Value* args, size_t) {
  int family = AF_UNIX, type = SOCK_STREAM, protocol = 0;
  if (is_given(args[0]) && !socket_int_argument(t, args[0], family)) return Value::raised();
  if (!args[1].is_empty() && !socket_int_argument(t, args[1], type)) return Value::raised();
  if (!args[2].is_empty() && !socket_int_argument(t, args[2], protocol)) return Value::raised();
  int fds[2];
  if (socketpair(family, type | SOCK_CLOEXEC, protocol, fds) < 0) return raise_os_error(t, errno);
  return Value::of_object(make_tuple(t, {Value::of_int(fds[0]), Value::of_int(fds[1])}));
}

// Text of a host or service argument; false after raising. None gives no text.
bool text_argument(Thread& t, Value v, std::string& out, bool& is_present) {
  is_present = is_given(v);
  if (!is_present) return true;
  std::string_view bytes;
  if (is_kind(v, Kind::Str)) out = to_utf8(as<Str>(v));
  else if (is_integer(v)) out = int_to_text(v);
  else if (bytes_view(v, bytes)) out = bytes;
  else return (void)raise(t, ErrorType::TypeError, "getaddrinfo() argument must be string or None"), false;
  return true;
}

// getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)
Value getaddrinfo_row(Thread& t, Value* args, size_t) {
  std::string host, service;
  bool has_host, has_service;
  if (!text_argument(t, args[0], host, has_host) || !text_argument(t, args[1], service, has_service)) return Value::raised();
  addrinfo hints{};
  int* fields[] = {&hints.ai_family, &hints.ai_socktype, &hints.ai_protocol, &hints.ai_flags};
  for (int i = 0; i < 4; ++i)
    if (!args[2 + i].is_empty() && !socket_int_argument(t, args[2 + i], *fields[i])) return Value::raised();
  LookupResult found = look_up_anywhere(t, has_host ? host.c_str() : nullptr, has_service ? service.c_str() : nullptr, hints);
  if (found.code != 0) return raise_gai_error(t, found.code, found.system_error);
  List* list = make_list(t);
  for (addrinfo* a = found.list; a; a = a->ai_next) {
    Value address = socket_format_address(t, a->ai_addr, a->ai_addrlen);
    Value name = str_value(make_str(t, a->ai_canonname ? a->ai_canonname : ""));
    Value entry = Value::of_object(make_tuple(t, {Value::of_int(a->ai_family), Value::of_int(a->ai_socktype),
                                                  Value::of_int(a->ai_protocol), name, address}));
    list_push(t, list, entry);
  }
  freeaddrinfo(found.list);
  return Value::of_object(list);
}

// getnameinfo(sockaddr, flags)
Value getnameinfo_row(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Tuple) || as<Tuple>(args[0])->length < 2)
    return raise(t, ErrorType::TypeError, "getnameinfo() argument 1 must be a tuple");
  Socket description{};
  Value host = as<Tuple>(args[0])->items[0];
  description.family = is_kind(host, Kind::Str) && to_utf8(as<Str>(host)).find(':') != std::string::npos ? AF_INET6 : AF_INET;
  int flags = 0;
  if (!socket_int_argument(t, args[1], flags)) return Value::raised();
  Address address;
  TRY(parse_inet(t, &description, args[0], "getnameinfo", address));
  char name[NI_MAXHOST], service[NI_MAXSERV];
  int code;
  {
    ReleaseGil released(t, BlockReason::SocketIo);
    code = getnameinfo(address.pointer(), address.length, name, sizeof name, service, sizeof service, flags);
  }
  if (code != 0) return raise_gai_error(t, code, errno);
  return Value::of_object(make_tuple(t, {str_value(make_str(t, name)), str_value(make_str(t, service))}));
}

Value gethostname_row(Thread& t, Value*, size_t) {
  char name[256];
  if (gethostname(name, sizeof name) < 0) return raise_os_error(t, errno);
  name[sizeof name - 1] = 0;
  return str_value(make_str(t, name));
}

Value gethostbyname_row(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "gethostbyname() argument 1 must be str, not {}", argument_type_name(t, args[0]));
  Address address;
  TRY(fill_inet(t, AF_INET, to_utf8(as<Str>(args[0])), 0, address));
  Value pair = TRY(socket_format_address(t, address.pointer(), address.length));
  return as<Tuple>(pair)->items[0];
}

Value inet_aton_row(Thread& t, Value* args, size_t) {
  in_addr out;
  if (!is_kind(args[0], Kind::Str) || !inet_aton(to_utf8(as<Str>(args[0])).c_str(), &out))
    return raise(t, ErrorType::OSError, "illegal IP address string passed to inet_aton");
  return Value::of_object(make_bytes(t, &out, sizeof out));
}

Value inet_ntoa_row(Thread& t, Value* args, size_t) {
  std::string_view packed;
  if (!require_bytes(t, args[0], packed)) return Value::raised();
  if (packed.size() != 4) return raise(t, ErrorType::OSError, "packed IP wrong length");
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, packed.data(), text, sizeof text);
  return str_value(make_str(t, text));
}

Value inet_pton_row(Thread& t, Value* args, size_t) {
  int family;
  if (!socket_int_argument(t, args[0], family)) return Value::raised();
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "inet_pton() argument 2 must be str, not {}", argument_type_name(t, args[1]));
  char out[16];
  int result = inet_pton(family, to_utf8(as<Str>(args[1])).c_str(), out);
  if (result < 0) return raise_os_error(t, errno);
  if (result == 0) return raise(t, ErrorType::OSError, "illegal IP address string passed to inet_pton");
  return Value::of_object(make_bytes(t, out, family == AF_INET ? 4 : 16));
}

Value inet_ntop_row(Thread& t, Value* args, size_t) {
  int family;
  std::string_view packed;
  if (!socket_int_argument(t, args[0], family) || !require_bytes(t, args[1], packed)) return Value::raised();
  if (family != AF_INET && family != AF_INET6) return raise(t, ErrorType::ValueError, "unknown address family {}", family);
  if (packed.size() != (family == AF_INET ? 4u : 16u)) return raise(t, ErrorType::ValueError, "invalid length of packed IP address string");
  char text[INET6_ADDRSTRLEN];
  inet_ntop(family, packed.data(), text, sizeof text);
  return str_value(make_str(t, text));
}

template <class Int, Int (*swap)(Int)>
Value swap_bytes(Thread& t, Value* args, size_t) {
  int64_t n;
  if (!to_index(t, args[0], n)) return Value::raised();
  if (n < 0 || n > static_cast<int64_t>(static_cast<Int>(-1)))
    return raise(t, ErrorType::OverflowError, "int larger than {} bits", sizeof(Int) * 8);
  return Value::of_int(swap(static_cast<Int>(n)));
}

uint16_t swap_short(uint16_t n) { return htons(n); }
uint32_t swap_long(uint32_t n) { return htonl(n); }

Value dup_row(Thread& t, Value* args, size_t) {
  int fd;
  if (!socket_int_argument(t, args[0], fd)) return Value::raised();
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? raise_os_error(t, errno) : Value::of_int(copy);
}

Value close_row(Thread& t, Value* args, size_t) {
  int fd;
  if (!socket_int_argument(t, args[0], fd)) return Value::raised();
  return close(fd) < 0 ? raise_os_error(t, errno) : Value::none();
}

Value getdefaulttimeout_row(Thread& t, Value*, size_t) { return timeout_value(socket_state(t).default_timeout_ns); }

Value setdefaulttimeout_row(Thread& t, Value* args, size_t) {
  Value ns = TRY(timeout_argument(t, args[0]));
  socket_state(t).default_timeout_ns = ns.integer;
  return Value::none();
}

constexpr NativeRow functions[] = {
    {"socketpair", socketpair_row, "(family=None, type=1, proto=0, /)", "Two connected descriptors."},
    {"getaddrinfo", getaddrinfo_row, "(host, port, family=0, type=0, proto=0, flags=0)", "All addresses of a host and service."},
    {"getnameinfo", getnameinfo_row, "(sockaddr, flags, /)", "The host and service names of an address."},
    {"gethostname", gethostname_row, "()", "The name of this machine."},
    {"gethostbyname", gethostbyname_row, "(host, /)", "The IPv4 address of a host."},
    {"inet_aton", inet_aton_row, "(text, /)", "An IPv4 address as 4 bytes."},
    {"inet_ntoa", inet_ntoa_row, "(packed, /)", "4 bytes as an IPv4 address."},
    {"inet_pton", inet_pton_row, "(family, text, /)", "An address as bytes."},
    {"inet_ntop", inet_ntop_row, "(family, packed, /)", "Bytes as an address."},
    {"htons", swap_bytes<uint16_t, swap_short>, "(n, /)", "16 bits from the machine's to the network's order."},
    {"ntohs", swap_bytes<uint16_t, swap_short>, "(n, /)", "16 bits from the network's to the machine's order."},
    {"htonl", swap_bytes<uint32_t, swap_long>, "(n, /)", "32 bits from the machine's to the network's order."},
    {"ntohl", swap_bytes<uint32_t, swap_long>, "(n, /)", "32 bits from the network's to the machine's order."},
    {"CMSG_LEN", cmsg_length_row, "(length, /)", "The size of ancillary data of `length` bytes, without padding behind it."},
    {"CMSG_SPACE", cmsg_space_row, "(length, /)", "The room that ancillary data of `length` bytes takes."},
    {"dup", dup_row, "(fd, /)", "A copy of a descriptor."},
    {"close", close_row, "(fd, /)", "Closes a descriptor."},
    {"getdefaulttimeout", getdefaulttimeout_row, "()", "The timeout of new sockets."},
    {"setdefaulttimeout", setdefaulttimeout_row, "(timeout, /)", "Sets the timeout of new sockets."},
};

struct Constant {
  const char* name;
  int64_t value;
};

constexpr Constant constants[] = {
#define MINI_CONSTANT(name) {#name, name},
#include "runtime/modules/socket_constants.def"
#undef MINI_CONSTANT
    {"INADDR_ANY", 0}, {"INADDR_BROADCAST", 0xffffffff}, {"INADDR_LOOPBACK", 0x7f000001}, {"INADDR_NONE", 0xffffffff},
    {"INADDR_UNSPEC_GROUP", 0xe0000000}, {"INADDR_ALLHOSTS_GROUP", 0xe0000001}, {"INADDR_MAX_LOCAL_GROUP", 0xe00000ff},
    {"IPPORT_RESERVED", 1024}, {"IPPORT_USERRESERVED", 5000}, {"SOL_UDP", IPPROTO_UDP}, {"UDPLITE_SEND_CSCOV", 10},
    {"UDPLITE_RECV_CSCOV", 11},
};

Value make_error(Thread& t, const char* name) {
  Dict* attributes = make_dict(t);
  dict_set(t, attributes, names(t).module, str_value(intern(t, "socket")));
  Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, ErrorType::OSError))});
  return make_class(t, types(t).type, intern(t, name), bases, attributes, nullptr);
}

Value setup(Thread& t, Module* m) {
  for (const Constant& c : constants) module_set(t, m, c.name, Value::of_int(c.value));
  Value os_error = Value::of_object(error_type(t, ErrorType::OSError));
  module_set(t, m, "error", os_error);
  module_set(t, m, "timeout", Value::of_object(error_type(t, ErrorType::TimeoutError)));
  Value gai_error = TRY(make_error(t, "gaierror"));
  socket_state(t).gai_error = as<Type>(gai_error);
  t.heap->add_root([type = as<Type>(gai_error)](Marker& marker) { marker.mark_pointer(type); });
  module_set(t, m, "gaierror", gai_error);
  module_set(t, m, "herror", TRY(make_error(t, "herror")));
  module_set(t, m, "has_ipv6", Value::of_bool(true));
  module_add_type(t, m, socket_layout);
  module_set(t, m, "SocketType", Value::of_object(native_type(t, socket_layout)));
  return Value::none();
}

}  // namespace

extern const NativeModule socket_module;
const NativeModule socket_module = {
    .name = "_socket", .functions = functions, .function_count = std::size(functions), .setup = setup,
    .help = "Sockets of the operating system."};

}  // namespace mini
