// SPDX-License-Identifier: MIT
// select: waiting for several descriptors at once: select(), poll() and epoll(). Each looks without blocking first and gives the
// GIL up only to wait.
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <map>
#include <vector>

#include "runtime/calls.h"
#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/parking.h"

namespace mini {

namespace {

constexpr int kMaxEvents = 1024;

// The descriptor that `v` is or that its fileno() gives; false after raising.
bool descriptor_of(Thread& t, Value v, int& out) {
  int64_t number = -1;
  if (!is_integer(v)) {
    Value fileno = get_attribute_or_empty(t, v, intern(t, "fileno"));
    if (fileno.is_raised()) return false;
    if (fileno.is_empty()) return (void)raise(t, ErrorType::TypeError, "argument must be an int, or have a fileno() method."), false;
    v = call(t, fileno);
    if (v.is_raised()) return false;
    if (!is_integer(v)) return (void)raise(t, ErrorType::TypeError, "fileno() returned a non-integer"), false;
  }
  if (!fits_int64(v, number) || number < 0 || number > INT32_MAX)
    return (void)raise(t, ErrorType::ValueError, "file descriptor cannot be a negative integer ({})", number), false;
  out = static_cast<int>(number);
  return true;
}

// A time limit in seconds (None or absent: kNever) as a deadline; false after raising.
bool deadline_argument(Thread& t, Value v, double unit, int64_t& out) {
  out = kNever;
  if (v.is_empty() || v.is_none()) return true;
  double amount;
  if (!to_double(t, v, amount)) return false;
  if (std::isnan(amount)) return (void)raise(t, ErrorType::ValueError, "Invalid value NaN (not a number)"), false;
  out = deadline_after(t, amount * unit);
  return true;
}

bool is_given_number_negative(Thread& t, Value v) {
  double amount;
  return !v.is_empty() && !v.is_none() && to_double(t, v, amount) && amount < 0;
}

// Calls `look(timeout)` without waiting, then, while nothing is ready, again without the GIL until the deadline. `look` gives
// the count or a negative errno value.
template <class Look>
Value wait_until_ready(Thread& t, int64_t deadline_ns, Look look) {
  for (timespec now{0, 0};;) {
    int count = look(&now);
    if (count == 0) {
      int64_t left = deadline_ns == kNever ? -1 : deadline_ns - t.interpreter->clock->monotonic_ns();
      if (deadline_ns != kNever && left <= 0) return Value::of_int(0);
      timespec limit = {static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
      ReleaseGil released(t, BlockReason::Poll);
      count = look(left < 0 ? nullptr : &limit);
    }
    TRY(t.poll());
    if (count > 0) return Value::of_int(count);
    if (count < 0 && count != -EINTR) return raise_os_error(t, -count);
  }
}

Value wait_in_poll(Thread& t, std::vector<pollfd>& wanted, int64_t deadline_ns) {
  return wait_until_ready(t, deadline_ns, [&](const timespec* limit) {
    int count = ppoll(wanted.data(), wanted.size(), limit, nullptr);
    return count < 0 ? -errno : count;
  });
}

// select(rlist, wlist, xlist, timeout=None)
Value select_row(Thread& t, Value* args, size_t) {
  constexpr short events[] = {POLLIN, POLLOUT, POLLPRI};
  constexpr short answers[] = {POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI};
  ValueList objects(t);
  std::vector<pollfd> wanted;
  size_t ends[3];
  int64_t deadline;
  if (!deadline_argument(t, args[3], 1.0, deadline)) return Value::raised();
  if (is_given_number_negative(t, args[3])) return raise(t, ErrorType::ValueError, "timeout must be non-negative");
  for (int kind = 0; kind < 3; ++kind) {
    for (Iteration it(t, args[kind]);;) {
      Value item = TRY(it.next());
      if (item.is_empty()) break;
      int fd;
      if (!descriptor_of(t, item, fd)) return Value::raised();
      if (fd >= FD_SETSIZE) return raise_text(t, ErrorType::ValueError, "filedescriptor out of range in select()");
      objects.push(item);
      wanted.push_back({fd, events[kind], 0});
    }
    ends[kind] = wanted.size();
  }
  TRY(wait_in_poll(t, wanted, deadline));
  Tuple* result = make_tuple(t, 3);
  size_t i = 0;
  for (int kind = 0; kind < 3; ++kind) {
    List* ready = make_list(t);
    result->items[kind] = Value::of_object(ready);
    for (; i < ends[kind]; ++i) {
      if (wanted[i].revents & POLLNVAL) return raise_os_error(t, EBADF);
      if (wanted[i].revents & answers[kind]) list_push(t, ready, objects[i]);
    }
  }
  return Value::of_object(result);
}

// --- poll() ---

struct PollObject : Object {
  std::map<int, short>* wanted;
};

void finalize_poll(Object* self, Heap&) {
  delete static_cast<PollObject*>(self)->wanted;
  static_cast<PollObject*>(self)->wanted = nullptr;
}

bool mask_argument(Thread& t, Value v, int64_t fallback, int64_t& out) {
  out = fallback;
  return v.is_empty() || to_index(t, v, out);
}

// register(self, fd, eventmask=POLLIN | POLLPRI | POLLOUT)
Value poll_register(Thread& t, Value* args, size_t) {
  int fd;
  int64_t mask;
  if (!descriptor_of(t, args[1], fd) || !mask_argument(t, args[2], POLLIN | POLLPRI | POLLOUT, mask)) return Value::raised();
  (*as<PollObject>(args[0])->wanted)[fd] = static_cast<short>(mask);
  return Value::none();
}

Value poll_modify(Thread& t, Value* args, size_t) {
  int fd;
  int64_t mask;
  if (!descriptor_of(t, args[1], fd) || !mask_argument(t, args[2], 0, mask)) return Value::raised();
  auto known = as<PollObject>(args[0])->wanted->find(fd);
  if (known == as<PollObject>(args[0])->wanted->end()) return raise_os_error(t, ENOENT);
  known->second = static_cast<short>(mask);
  return Value::none();
}

Value poll_unregister(Thread& t, Value* args, size_t) {
  int fd;
  if (!descriptor_of(t, args[1], fd)) return Value::raised();
  if (as<PollObject>(args[0])->wanted->erase(fd)) return Value::none();
  return raise_with_argument(t, ErrorType::KeyError, Value::of_int(fd));
}

Value pair(Thread& t, int64_t a, int64_t b) { return Value::of_object(make_tuple(t, {Value::of_int(a), Value::of_int(b)})); }

// poll(self, timeout=None): milliseconds
Value poll_poll(Thread& t, Value* args, size_t) {
  int64_t deadline;
  if (!deadline_argument(t, args[1], 1e-3, deadline)) return Value::raised();
  if (is_given_number_negative(t, args[1])) deadline = kNever;
  std::vector<pollfd> wanted;
  for (auto& [fd, mask] : *as<PollObject>(args[0])->wanted) wanted.push_back({fd, mask, 0});
  TRY(wait_in_poll(t, wanted, deadline));
  List* ready = make_list(t);
  for (const pollfd& p : wanted)
    if (p.revents) list_push(t, ready, pair(t, p.fd, p.revents));
  return Value::of_object(ready);
}

constexpr NativeRow poll_methods[] = {
    {"register", poll_register, "(self, fd, eventmask=7, /)", "Watches a descriptor."},
    {"modify", poll_modify, "(self, fd, eventmask, /)", "Changes what a descriptor is watched for."},
    {"unregister", poll_unregister, "(self, fd, /)", "Ends watching a descriptor."},
    {"poll", poll_poll, "(self, timeout=None, /)", "Waits, in milliseconds; pairs of descriptor and events."},
};

const Layout poll_layout = {
    .name = "poll", .module = "select", .kind = Kind::Native, .size = sizeof(PollObject), .flags = kNoInstantiation,
    .finalize = finalize_poll, .methods = poll_methods, .method_count = std::size(poll_methods),
    .help = "Watches descriptors with poll()."};

Value poll_row(Thread& t, Value*, size_t) {
  auto made = make_native<PollObject>(t, poll_layout);
  made->wanted = new std::map<int, short>;
  note_finalizer(made);
  return Value::of_object(made);
}

// --- epoll() ---

struct EpollObject : Object {
  int fd;
};

void close_epoll(Object* self) {
  int& fd = static_cast<EpollObject*>(self)->fd;
  if (fd >= 0) close(fd);
  fd = -1;
}

void finalize_epoll(Object* self, Heap&) { close_epoll(self); }

Value epoll_new(Thread& t, Value* args, size_t) {
  auto made = static_cast<EpollObject*>(allocate_object(t, as<Type>(args[0])));
  note_finalizer(made);
  made->fd = epoll_create1(EPOLL_CLOEXEC);
  return made->fd < 0 ? raise_os_error(t, errno) : Value::of_object(made);
}

// fromfd(cls, fd): an epoll object for a descriptor of one.
Value epoll_fromfd(Thread& t, Value* args, size_t) {
  int fd;
  if (!descriptor_of(t, args[1], fd)) return Value::raised();
  auto made = static_cast<EpollObject*>(allocate_object(t, as<Type>(args[0])));
  note_finalizer(made);
  made->fd = fd;
  return Value::of_object(made);
}

Value epoll_control(Thread& t, Value self, int operation, Value target, Value mask_value) {
  int fd;
  int64_t mask;
  if (as<EpollObject>(self)->fd < 0) return raise(t, ErrorType::ValueError, "I/O operation on closed epoll object");
  if (!descriptor_of(t, target, fd) || !mask_argument(t, mask_value, EPOLLIN | EPOLLPRI | EPOLLOUT, mask)) return Value::raised();
  epoll_event event{};
  event.events = static_cast<uint32_t>(mask);
  event.data.fd = fd;
  return epoll_ctl(as<EpollObject>(self)->fd, operation, fd, &event) < 0 ? raise_os_error(t, errno) : Value::none();
}

Value epoll_register(Thread& t, Value* args, size_t) { return epoll_control(t, args[0], EPOLL_CTL_ADD, args[1], args[2]); }
Value epoll_modify(Thread& t, Value* args, size_t) { return epoll_control(t, args[0], EPOLL_CTL_MOD, args[1], args[2]); }
Value epoll_unregister(Thread& t, Value* args, size_t) { return epoll_control(t, args[0], EPOLL_CTL_DEL, args[1], Value::empty()); }

// poll(self, timeout=None, maxevents=-1): seconds
Value epoll_poll(Thread& t, Value* args, size_t) {
  int fd = as<EpollObject>(args[0])->fd;
  if (fd < 0) return raise(t, ErrorType::ValueError, "I/O operation on closed epoll object");
  int64_t deadline, limit = -1;
  if (!deadline_argument(t, args[1], 1.0, deadline) || !mask_argument(t, args[2], -1, limit)) return Value::raised();
  if (is_given_number_negative(t, args[1])) deadline = kNever;
  if (limit == 0 || limit < -1) return raise(t, ErrorType::ValueError, "maxevents must be greater than 0, got {}", limit);
  int room = static_cast<int>(limit < 0 ? kMaxEvents : std::min<int64_t>(limit, kMaxEvents));
  std::vector<epoll_event> events(room);
  Value count = TRY(wait_until_ready(t, deadline, [&](const timespec* left) {
    int64_t ms = left ? left->tv_sec * 1000 + (left->tv_nsec + 999'999) / 1'000'000 : -1;
    int result = epoll_wait(fd, events.data(), room, static_cast<int>(std::min<int64_t>(ms, INT32_MAX)));
    return result < 0 ? -errno : result;
  }));
  List* ready = make_list(t);
  for (int64_t i = 0; i < count.integer; ++i) list_push(t, ready, pair(t, events[i].data.fd, events[i].events));
  return Value::of_object(ready);
}

Value epoll_close(Thread&, Value* args, size_t) {
  close_epoll(args[0].object);
  return Value::none();
}

Value epoll_fileno(Thread&, Value* args, size_t) { return Value::of_int(as<EpollObject>(args[0])->fd); }
Value epoll_enter(Thread&, Value* args, size_t) { return args[0]; }
Value epoll_closed(Thread&, Value self) { return Value::of_bool(as<EpollObject>(self)->fd < 0); }

constexpr NativeRow epoll_methods[] = {
    {"__new__", epoll_new, "(cls, sizehint=-1, flags=0)", "A new epoll descriptor.", Binding::Static},
    {"fromfd", epoll_fromfd, "(cls, fd, /)", "An epoll object for an epoll descriptor.", Binding::Class},
    {"register", epoll_register, "(self, fd, eventmask=7)", "Watches a descriptor."},
    {"modify", epoll_modify, "(self, fd, eventmask)", "Changes what a descriptor is watched for."},
    {"unregister", epoll_unregister, "(self, fd)", "Ends watching a descriptor."},
    {"poll", epoll_poll, "(self, timeout=None, maxevents=-1)", "Waits, in seconds; pairs of descriptor and events."},
    {"close", epoll_close, "(self)", "Closes the epoll descriptor."},
    {"fileno", epoll_fileno, "(self)", "The epoll descriptor."},
    {"__enter__", epoll_enter, "(self)", "The object itself."},
    {"__exit__", epoll_close, "(self, *exc)", "Closes it."},
};
constexpr AttributeRow epoll_attributes[] = {{"closed", epoll_closed, nullptr, "True once closed."}};

const Layout epoll_layout = {
    .name = "epoll", .module = "select", .kind = Kind::Native, .size = sizeof(EpollObject), .flags = 0,
    .finalize = finalize_epoll, .methods = epoll_methods, .method_count = std::size(epoll_methods),
    .attributes = epoll_attributes, .attribute_count = std::size(epoll_attributes),
    .help = "Watches descriptors with epoll."};

constexpr NativeRow functions[] = {
    {"select", select_row, "(rlist, wlist, xlist, timeout=None, /)", "Waits for descriptors; three lists of those that are ready."},
    {"poll", poll_row, "()", "An object that watches descriptors with poll()."},
};

struct Constant {
  const char* name;
  int64_t value;
};
constexpr Constant constants[] = {
    {"POLLIN", POLLIN}, {"POLLPRI", POLLPRI}, {"POLLOUT", POLLOUT}, {"POLLERR", POLLERR}, {"POLLHUP", POLLHUP},
    {"POLLNVAL", POLLNVAL}, {"POLLRDHUP", 0x2000},
    {"EPOLLIN", EPOLLIN}, {"EPOLLPRI", EPOLLPRI}, {"EPOLLOUT", EPOLLOUT}, {"EPOLLERR", EPOLLERR}, {"EPOLLHUP", EPOLLHUP},
    {"EPOLLRDHUP", EPOLLRDHUP}, {"EPOLLET", static_cast<int64_t>(EPOLLET)}, {"EPOLLONESHOT", EPOLLONESHOT},
    {"EPOLLRDNORM", EPOLLRDNORM}, {"EPOLLRDBAND", EPOLLRDBAND}, {"EPOLLWRNORM", EPOLLWRNORM}, {"EPOLLWRBAND", EPOLLWRBAND},
    {"EPOLLMSG", EPOLLMSG}, {"POLLRDNORM", POLLRDNORM}, {"POLLRDBAND", POLLRDBAND}, {"POLLWRNORM", POLLWRNORM}, {"POLLWRBAND", POLLWRBAND},
    {"POLLMSG", 0x400}, {"EPOLLEXCLUSIVE", EPOLLEXCLUSIVE}, {"EPOLL_CLOEXEC", EPOLL_CLOEXEC}, {"PIPE_BUF", 4096},
};

Value setup(Thread& t, Module* m) {
  for (const Constant& c : constants) module_set(t, m, c.name, Value::of_int(c.value));
  module_set(t, m, "error", Value::of_object(error_type(t, ErrorType::OSError)));
  module_add_type(t, m, epoll_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule select_module;
const NativeModule select_module = {
    .name = "select", .functions = functions, .function_count = std::size(functions), .setup = setup,
    .help = "Waits for several descriptors at once."};

}  // namespace mini
