// SPDX-License-Identifier: MIT
// Messages of sockets: sendmsg(), recvmsg() and recvmsg_into(). They take their bytes from many buffers or put them into many, and carry
// ancillary data, such as open descriptors. The rest of module _socket is in _socket.cpp.
//
// Each attempt asks anew where the buffers are: a socket that waits gives up the GIL, and a bytearray may be resized meanwhile.
#include <poll.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/modules/socket_parts.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

constexpr size_t kMostBuffers = 1024;   // IOV_MAX

// The items of an iterable, as a tuple; `complaint` when it is none.
Value items_of(Thread& t, Value iterable, const char* complaint) {
  if (!is_iterable(t, iterable)) return raise_text(t, ErrorType::TypeError, complaint);
  return to_tuple(t, iterable);
}

// --- Ancillary data ---

struct Ancillary {
  int level, type;
  Value data;
};

// One (level, type, data) of a script. False after raising.
bool read_ancillary(Thread& t, Value v, Ancillary& out) {
  constexpr const char* kWhat = "[sendmsg() ancillary data items]() argument must be";
  const TypeOps& ops = type_of(t, v)->ops;
  if (!ops.length || !ops.get_item) return (void)raise(t, ErrorType::TypeError, "{} 3-item sequence, not {}", kWhat, type_name(t, v)), false;
  Value parts = to_tuple(t, v);
  if (parts.is_raised()) return false;
  auto tuple = as<Tuple>(parts);
  if (tuple->length != 3) return (void)raise(t, ErrorType::TypeError, "{} sequence of length 3, not {}", kWhat, tuple->length), false;
  std::string_view view;
  out.data = tuple->items[2];
  return socket_int_argument(t, tuple->items[0], out.level) && socket_int_argument(t, tuple->items[1], out.type) &&
         require_bytes(t, out.data, view);
}

// All of them as the system wants them. False after raising.
bool write_ancillary(Thread& t, Value list, std::vector<char>& out) {
  if (list.is_empty() || list.is_none()) return true;
  Value items = items_of(t, list, "sendmsg() argument 2 must be an iterable");
  if (items.is_raised()) return false;
  auto tuple = as<Tuple>(items);
  for (uint64_t i = 0; i < tuple->length; ++i) {
    Ancillary item;
    if (!read_ancillary(t, tuple->items[i], item)) return false;
    std::string_view data;
    bytes_view(item.data, data);
    size_t at = out.size();
    out.resize(at + CMSG_SPACE(data.size()));
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(data.size());
    header.cmsg_level = item.level;
    header.cmsg_type = item.type;
    memcpy(out.data() + at, &header, sizeof header);
    memcpy(out.data() + at + CMSG_LEN(0), data.data(), data.size());
  }
  return true;
}

// What came, as a list of (level, type, bytes). What was cut off by lack of room is as long as what is there.
Value ancillary_list(Thread& t, msghdr& message) {
  List* list = make_list(t);
  const char* end = static_cast<const char*>(message.msg_control) + message.msg_controllen;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    auto data = reinterpret_cast<const char*>(CMSG_DATA(c));
    if (c->cmsg_len < CMSG_LEN(0) || data > end) break;
    size_t size = std::min(c->cmsg_len - CMSG_LEN(0), static_cast<size_t>(end - data));
    Value bytes = Value::of_object(make_bytes(t, data, size));
    list_push(t, list, Value::of_object(make_tuple(t, {Value::of_int(c->cmsg_level), Value::of_int(c->cmsg_type), bytes})));
  }
  return Value::of_object(list);
}

// --- Receiving ---

struct Received {
  Value count = Value::none(), ancillary = Value::none(), flags = Value::none(), address = Value::none();
};

// What recvmsg() and recvmsg_into() share: `place(buffers)` says where the bytes go.
template <class Place>
Value receive(Thread& t, Value* args, Place place, Received& out) {
  Socket* s = self_socket(args[0]);
  int64_t room = 0;
  if (!args[2].is_empty() && !to_index(t, args[2], room)) return Value::raised();
  bool failed;
  int flags = socket_flags(t, args[3], failed) | MSG_DONTWAIT;
  if (failed) return Value::raised();
  if (room < 0 || room > INT32_MAX) return raise_text(t, ErrorType::ValueError, "invalid ancillary data buffer length");
  std::vector<char> control(static_cast<size_t>(room));
  std::vector<iovec> buffers;
  Address address{};
  msghdr message{};
  out.count = TRY(socket_retry(t, s, POLLIN, [&]() -> ssize_t {
    place(buffers);
    message = {&address.storage, sizeof address.storage, buffers.data(), buffers.size(), control.empty() ? nullptr : control.data(),
               control.size(), 0};
    return recvmsg(s->fd, &message, flags);
  }));
  out.ancillary = TRY(ancillary_list(t, message));
  out.flags = Value::of_int(message.msg_flags);
  out.address = TRY(socket_format_address(t, address.pointer(), message.msg_namelen));
  return Value::none();
}

}  // namespace

// recvmsg(self, bufsize, ancbufsize=0, flags=0)
Value socket_recvmsg(Thread& t, Value* args, size_t) {
  int64_t size;
  if (!to_index(t, args[1], size)) return Value::raised();
  if (size < 0) return raise_text(t, ErrorType::ValueError, "negative buffer size in recvmsg()");
  if (!bytes_have_room(t, static_cast<size_t>(size))) return Value::raised();
  std::vector<char> data(static_cast<size_t>(size));
  Received got;
  TRY(receive(t, args, [&](std::vector<iovec>& buffers) { buffers.assign(1, {data.data(), data.size()}); }, got));
  Value bytes = Value::of_object(make_bytes(t, data.data(), static_cast<size_t>(got.count.integer)));
  return Value::of_object(make_tuple(t, {bytes, got.ancillary, got.flags, got.address}));
}

// recvmsg_into(self, buffers, ancbufsize=0, flags=0)
Value socket_recvmsg_into(Thread& t, Value* args, size_t) {
  Value items = TRY(items_of(t, args[1], "recvmsg_into() argument 1 must be an iterable"));
  auto tuple = as<Tuple>(items);
  if (tuple->length > kMostBuffers) return raise_text(t, ErrorType::OSError, "recvmsg_into() argument 1 is too long");
  uint8_t* data;
  size_t size;
  for (uint64_t i = 0; i < tuple->length; ++i)
    if (!writable_view(tuple->items[i], data, size))
      return raise_text(t, ErrorType::TypeError, "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers");
  auto place = [&](std::vector<iovec>& buffers) {
    buffers.clear();
    for (uint64_t i = 0; i < tuple->length; ++i)
      if (writable_view(tuple->items[i], data, size)) buffers.push_back({data, size});
  };
  Received got;
  TRY(receive(t, args, place, got));
  return Value::of_object(make_tuple(t, {got.count, got.ancillary, got.flags, got.address}));
}

// sendmsg(self, buffers, ancdata=None, flags=0, address=None)
Value socket_sendmsg(Thread& t, Value* args, size_t) {
  Socket* s = self_socket(args[0]);
  Value items = TRY(items_of(t, args[1], "sendmsg() argument 1 must be an iterable"));
  auto tuple = as<Tuple>(items);
  if (tuple->length > kMostBuffers) return raise_text(t, ErrorType::OSError, "sendmsg() argument 1 is too long");
  std::string_view view;
  for (uint64_t i = 0; i < tuple->length; ++i)
    if (!require_bytes(t, tuple->items[i], view)) return Value::raised();
  bool failed;
  int flags = socket_flags(t, args[3], failed) | MSG_DONTWAIT | MSG_NOSIGNAL;
  if (failed) return Value::raised();
  Address address{};
  bool has_address = !args[4].is_empty() && !args[4].is_none();
  if (has_address) TRY(socket_parse_address(t, s, args[4], "sendmsg", address));
  std::vector<char> control;
  if (!write_ancillary(t, args[2], control)) return Value::raised();
  std::vector<iovec> buffers;
  return socket_retry(t, s, POLLOUT, [&]() -> ssize_t {
    buffers.clear();
    for (uint64_t i = 0; i < tuple->length; ++i)
      if (bytes_view(tuple->items[i], view)) buffers.push_back({const_cast<char*>(view.data()), view.size()});
    msghdr message{has_address ? &address.storage : nullptr, has_address ? address.length : 0, buffers.data(), buffers.size(),
                   control.empty() ? nullptr : control.data(), control.size(), 0};
    return sendmsg(s->fd, &message, flags);
  });
}

namespace {

// The length of ancillary data; false after raising.
bool length_argument(Thread& t, Value v, const char* name, int64_t& out) {
  if (!to_index(t, v, out)) return false;
  if (out >= 0 && out <= INT32_MAX) return true;
  (void)raise(t, ErrorType::OverflowError, "{}() argument out of range", name);
  return false;
}

}  // namespace

Value cmsg_length_row(Thread& t, Value* args, size_t) {
  int64_t length;
  if (!length_argument(t, args[0], "CMSG_LEN", length)) return Value::raised();
  return Value::of_int(static_cast<int64_t>(CMSG_LEN(static_cast<size_t>(length))));
}

Value cmsg_space_row(Thread& t, Value* args, size_t) {
  int64_t length;
  if (!length_argument(t, args[0], "CMSG_SPACE", length)) return Value::raised();
  return Value::of_int(static_cast<int64_t>(CMSG_SPACE(static_cast<size_t>(length))));
}

}  // namespace mini
