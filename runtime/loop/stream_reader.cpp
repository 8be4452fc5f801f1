// SPDX-License-Identifier: MIT
// _asyncio._StreamReader: what asyncio.StreamReader (runtime/lib/asyncio/streams.mini) does without waiting. The coroutines that wait
// are written in Mini: they ask one of the `_take` methods, which give bytes, or None when more must come first.
//
// What was received and not read yet lies in one of two places:
//
//   `chunk`    one bytes object, as the transport gave it: a message that came whole is handed on without a copy
//   `buffer`   a bytearray, once a second piece came before the first was read, or a script asked for `_buffer`
//
// `begin` bytes of it are read already. Everything here is guarded by the GIL.
#include "runtime/loop/stream_reader.h"

#include <cstring>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/loop/event_loop.h"
#include "runtime/objects/async_state.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/future.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

constexpr int64_t kDefaultLimit = 1 << 16;

enum ReaderFlags : uint32_t {   // in Object::extra
  kReaderAtEof = 1,
  kReaderPaused = 2,            // the transport was told to stop reading
  kReaderBufferSeen = 4,        // a script has the bytearray: `begin` stays 0
};

struct StreamReader : Object {
  int64_t limit;
  Object* loop;                 // these four: null for None
  Object* waiter;               // the future that the reading coroutine awaits
  Object* exception;
  Object* transport;
  Bytes* chunk;                 // null: none; then `buffer` holds what came
  ByteArray* buffer;            // null: nothing came
  uint64_t begin;
  uint64_t searched;            // from `begin`: no separator begins before
};

StreamReader* self_reader(Value v) { return as<StreamReader>(v); }
Value none_if_null(Object* o) { return o ? Value::of_object(o) : Value::none(); }
Object* null_if_none(Value v) { return v.is_object() ? v.object : nullptr; }

void trace_reader(Object* self, Marker& marker) {
  auto r = static_cast<StreamReader*>(self);
  for (Object* o : {r->loop, r->waiter, r->exception, r->transport}) marker.mark(o);
  marker.mark_pointer(r->chunk);
  marker.mark_pointer(r->buffer);
}

std::string_view unread(const StreamReader* r) {
  if (r->chunk) return std::string_view(reinterpret_cast<const char*>(r->chunk->data), r->chunk->length).substr(r->begin);
  if (!r->buffer) return {};
  return std::string_view(reinterpret_cast<const char*>(r->buffer->data), r->buffer->length).substr(std::min(r->begin, r->buffer->length));
}

// --- Filling and emptying ---

// Removes what is read already from the front of the bytearray. False after raising.
bool compact(Thread& t, StreamReader* r) {
  if (r->begin == 0) return true;
  if (!can_resize(t, r->buffer)) return false;
  size_t rest = r->buffer->length - r->begin;
  std::memmove(r->buffer->data, r->buffer->data + r->begin, rest);
  r->begin = 0;
  return bytearray_resize(t, r->buffer, rest);
}

// Moves everything unread into the bytearray. False after raising.
bool use_buffer(Thread& t, StreamReader* r) {
  if (!r->buffer) {
    r->buffer = make_bytearray(t, nullptr, 0);
    note_write(r);
  }
  if (!r->chunk) return true;
  std::string_view rest = unread(r);
  if (!bytearray_resize(t, r->buffer, rest.size())) return false;
  std::memcpy(r->buffer->data, rest.data(), rest.size());
  r->chunk = nullptr;
  r->begin = 0;
  return true;
}

bool append(Thread& t, StreamReader* r, Value data, std::string_view view) {
  bool is_first = unread(r).empty() && !(r->extra & kReaderBufferSeen);
  if (is_first && is_exact(data, Kind::Bytes)) {
    r->chunk = as<Bytes>(data);
    r->begin = r->searched = 0;
    note_write(r);
    return true;
  }
  if (!use_buffer(t, r)) return false;
  size_t before = r->buffer->length;
  if (!bytearray_resize(t, r->buffer, before + view.size())) return false;
  std::memcpy(r->buffer->data + before, view.data(), view.size());
  return true;
}

// Forgets the first `count` unread bytes. False after raising.
bool drop(Thread& t, StreamReader* r, size_t count) {
  size_t rest = unread(r).size() - count;
  r->searched = 0;
  r->begin += count;
  if (r->chunk) {
    if (rest == 0) r->chunk = nullptr, r->begin = 0;
    return true;
  }
  if (!r->buffer) return true;
  bool is_seen = r->extra & kReaderBufferSeen;
  if (is_seen || rest == 0 || r->begin > r->buffer->length / 2) {
    if (!compact(t, r)) return false;
  }
  if (rest == 0 && !is_seen) r->buffer = nullptr;   // an idle connection keeps no memory
  return true;
}

Value resume_transport(Thread& t, StreamReader* r) {
  r->extra &= ~kReaderPaused;
  return call_method(t, none_if_null(r->transport), intern(t, "resume_reading"));
}

Value maybe_resume_transport(Thread& t, StreamReader* r) {
  bool must_resume = (r->extra & kReaderPaused) && static_cast<int64_t>(unread(r).size()) <= r->limit;
  return must_resume ? resume_transport(t, r) : Value::none();
}

// The first `count` unread bytes; the transport may go on.
Value take(Thread& t, StreamReader* r, size_t count) {
  std::string_view view = unread(r);
  count = std::min(count, view.size());
  bool is_whole = r->chunk && r->begin == 0 && count == r->chunk->length;
  Bytes* data = is_whole ? r->chunk : make_bytes(t, unread(r).substr(0, count));
  if (!drop(t, r, count)) return Value::raised();
  if (MINI_UNLIKELY(r->extra & kReaderPaused)) TRY(maybe_resume_transport(t, r));
  return Value::of_object(data);
}

Value wake_waiter(Thread& t, StreamReader* r) {
  Object* waiter = r->waiter;
  if (!waiter) return Value::none();
  r->waiter = nullptr;
  if (is_plain_future(waiter)) {
    auto future = static_cast<Future*>(waiter);
    if (future_state(future) == FutureState::Cancelled) return Value::none();
    return future_is_done(future) ? raise_invalid_state(t, "invalid state") : future_set_result(t, future, Value::none());
  }
  if (TRY(truth(t, TRY(call_method(t, Value::of_object(waiter), intern(t, "cancelled"))))).is_true()) return Value::none();
  return call_method(t, Value::of_object(waiter), intern(t, "set_result"), {Value::none()});
}

Value raise_incomplete(Thread& t, StreamReader* r, Value expected) {
  Value partial = TRY(take(t, r, unread(r).size()));
  Value type = TRY(asyncio_function(t, "exceptions", "IncompleteReadError"));
  return raise_value(t, TRY(call(t, type, {partial, expected})));
}

Value raise_overrun(Thread& t, const char* text, size_t consumed) {
  Value type = TRY(asyncio_function(t, "exceptions", "LimitOverrunError"));
  Value message = str_value(make_str(t, text));
  return raise_value(t, TRY(call(t, type, {message, Value::of_int(static_cast<int64_t>(consumed))})));
}

// --- Methods ---

// __init__(self, limit=65536, loop=None)
Value reader_init(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  int64_t limit = kDefaultLimit;
  if (!args[1].is_empty() && !to_index(t, args[1], limit)) return Value::raised();
  if (limit <= 0) return raise_text(t, ErrorType::ValueError, "Limit cannot be <= 0");
  bool has_loop = args[2].is_object();
  Value loop = has_loop ? args[2] : TRY(default_event_loop(t));
  r->limit = limit;
  r->loop = loop.object;
  note_write(r);
  return Value::none();
}

Value reader_new(Thread& t, Value* args, size_t) {
  auto r = static_cast<StreamReader*>(allocate_object(t, as<Type>(args[0])));
  r->extra = 0;
  r->limit = kDefaultLimit;
  r->loop = r->waiter = r->exception = r->transport = nullptr;
  r->chunk = nullptr;
  r->buffer = nullptr;
  r->begin = r->searched = 0;
  return Value::of_object(r);
}

Value reader_exception(Thread&, Value* args, size_t) { return none_if_null(self_reader(args[0])->exception); }

Value reader_set_exception(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  r->exception = null_if_none(args[1]);
  note_write(r);
  if (!r->waiter) return Value::none();
  Value waiter = Value::of_object(r->waiter);
  r->waiter = nullptr;
  if (TRY(truth(t, TRY(call_method(t, waiter, intern(t, "cancelled"))))).is_true()) return Value::none();
  return call_method(t, waiter, intern(t, "set_exception"), {args[1]});
}

Value reader_set_transport(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  if (r->transport) return raise_text(t, ErrorType::AssertionError, "Transport already set");
  r->transport = null_if_none(args[1]);
  note_write(r);
  return Value::none();
}

Value reader_feed_eof(Thread& t, Value* args, size_t) {
  self_reader(args[0])->extra |= kReaderAtEof;
  return wake_waiter(t, self_reader(args[0]));
}

Value reader_at_eof(Thread&, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  return Value::of_bool((r->extra & kReaderAtEof) && unread(r).empty());
}

// More than twice the limit is unread: the transport is to stop.
Value pause_transport(Thread& t, StreamReader* r) {
  Value paused = call_method(t, Value::of_object(r->transport), intern(t, "pause_reading"));
  if (!paused.is_raised()) {
    r->extra |= kReaderPaused;
    return Value::none();
  }
  if (!exception_matches(t, ErrorType::NotImplementedError)) return paused;
  (void)take_exception(t);
  r->transport = nullptr;   // it cannot be paused
  return Value::none();
}

Value reader_feed_data(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  if (r->extra & kReaderAtEof) return raise_text(t, ErrorType::AssertionError, "feed_data after feed_eof");
  std::string_view view;
  if (!bytes_view(args[1], view)) {
    if (!TRY(truth(t, args[1])).is_true()) return Value::none();
    if (!require_bytes(t, args[1], view)) return Value::raised();
  }
  if (view.empty()) return Value::none();
  if (!append(t, r, args[1], view)) return Value::raised();
  TRY(wake_waiter(t, r));
  bool is_too_much = static_cast<int64_t>(unread(r).size()) - r->limit > r->limit;
  return is_too_much && r->transport && !(r->extra & kReaderPaused) ? pause_transport(t, r) : Value::none();
}

Value reader_maybe_resume_transport(Thread& t, Value* args, size_t) { return maybe_resume_transport(t, self_reader(args[0])); }

// _begin_wait(self, caller): the future that is done when something happens.
Value reader_begin_wait(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  if (r->waiter)
    return raise(t, ErrorType::RuntimeError, "{}() called while another coroutine is already waiting for incoming data", to_utf8(as<Str>(args[1])));
  if (r->extra & kReaderPaused) TRY(resume_transport(t, r));
  bool is_ours = is_event_loop(r->loop) && !loop_state(r->loop).has_own_timers;
  Value future = is_ours ? Value::of_object(make_future(t, r->loop)) : TRY(call_method(t, none_if_null(r->loop), intern(t, "create_future")));
  r->waiter = future.object;
  note_write(r);
  return future;
}

// What stands before a `_take` method's first answer.
bool may_begin(Thread& t, StreamReader* r, bool is_first) {
  if (is_first) r->searched = 0;
  if (!r->exception || (!is_first && !unread(r).empty())) return true;
  (void)raise_value(t, Value::of_object(r->exception));
  return false;
}

// _take_until(self, separator, is_first): everything up to and with the separator; None: not there yet.
Value reader_take_until(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  std::string_view separator;
  if (!require_bytes(t, args[1], separator) || !may_begin(t, r, args[2].is_true())) return Value::raised();
  std::string_view view = unread(r);
  if (view.size() - std::min(r->searched, view.size()) >= separator.size()) {
    size_t found = view.find(separator, r->searched);
    if (MINI_LIKELY(found != std::string_view::npos)) {
      if (static_cast<int64_t>(found) > r->limit) return raise_overrun(t, "Separator is found, but chunk is longer than limit", found);
      return take(t, r, found + separator.size());
    }
    r->searched = view.size() + 1 - separator.size();
    if (static_cast<int64_t>(r->searched) > r->limit)
      return raise_overrun(t, "Separator is not found, and chunk exceed the limit", r->searched);
  }
  return r->extra & kReaderAtEof ? raise_incomplete(t, r, Value::none()) : Value::none();
}

// _take_some(self, n, is_first): up to n bytes, at least one unless the stream ended; None: nothing is there.
Value reader_take_some(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  int64_t count;
  if (!to_index(t, args[1], count) || !may_begin(t, r, args[2].is_true())) return Value::raised();
  if (count == 0) return Value::of_object(make_bytes(t, "", 0));
  if (unread(r).empty() && !(r->extra & kReaderAtEof)) return Value::none();
  return take(t, r, static_cast<size_t>(count));
}

// _take_exactly(self, n, is_first): n bytes; None: not there yet.
Value reader_take_exactly(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  int64_t count;
  if (!to_index(t, args[1], count) || !may_begin(t, r, args[2].is_true())) return Value::raised();
  if (static_cast<int64_t>(unread(r).size()) >= count) return take(t, r, static_cast<size_t>(count));
  return r->extra & kReaderAtEof ? raise_incomplete(t, r, args[1]) : Value::none();
}

// _drop_overrun(self, count): a line was too long: `count` bytes that hold no end of a line go, and the end if it follows; else everything.
Value reader_drop_overrun(Thread& t, Value* args, size_t) {
  StreamReader* r = self_reader(args[0]);
  int64_t count;
  if (!to_index(t, args[1], count)) return Value::raised();
  size_t size = unread(r).size(), end = static_cast<size_t>(count);
  bool is_ended = end < size && unread(r)[end] == '\n';
  if (!drop(t, r, is_ended ? end + 1 : size)) return Value::raised();
  return maybe_resume_transport(t, r);
}

// --- Attributes ---

Value get_buffer(Thread& t, Value self) {
  StreamReader* r = self_reader(self);
  if (!use_buffer(t, r) || !compact(t, r)) return Value::raised();
  r->extra |= kReaderBufferSeen;
  return Value::of_object(r->buffer);
}
Value set_buffer(Thread& t, Value self, Value v) {
  StreamReader* r = self_reader(self);
  if (!is_exact(v, Kind::ByteArray)) return raise(t, ErrorType::TypeError, "a bytearray is expected, not {}", type_name(t, v));
  r->chunk = nullptr;
  r->buffer = as<ByteArray>(v);
  r->begin = r->searched = 0;
  r->extra |= kReaderBufferSeen;
  note_write(r);
  return Value::none();
}

template <ReaderFlags flag>
Value get_flag(Thread&, Value self) { return Value::of_bool(self_reader(self)->extra & flag); }
template <ReaderFlags flag>
Value set_flag(Thread& t, Value self, Value v) {
  uint32_t& flags = self_reader(self)->extra;
  flags = TRY(truth(t, v)).is_true() ? flags | flag : flags & ~flag;
  return Value::none();
}

template <Object* StreamReader::*field>
Value get_object(Thread&, Value self) { return none_if_null(self_reader(self)->*field); }
template <Object* StreamReader::*field>
Value set_object(Thread&, Value self, Value v) {
  self_reader(self)->*field = null_if_none(v);
  note_write(self.object);
  return Value::none();
}

Value get_limit(Thread&, Value self) { return Value::of_int(self_reader(self)->limit); }
Value set_limit(Thread& t, Value self, Value v) {
  int64_t limit;
  if (!to_index(t, v, limit)) return Value::raised();
  self_reader(self)->limit = limit;
  return Value::none();
}

Value get_size(Thread&, Value self) { return Value::of_int(static_cast<int64_t>(unread(self_reader(self)).size())); }

constexpr NativeRow reader_methods[] = {
    {"__new__", reader_new, "(cls, *args, **kwargs)", "A new reader.", Binding::Static},
    {"__init__", reader_init, "(self, limit=65536, loop=None)", "Stops the transport while more than twice the limit is unread."},
    {"exception", reader_exception, "(self)", "What set_exception was given, or None."},
    {"set_exception", reader_set_exception, "(self, exc)", "Makes reading raise."},
    {"set_transport", reader_set_transport, "(self, transport)", "The transport that is told to pause and to go on."},
    {"feed_data", reader_feed_data, "(self, data)", "Adds bytes that came, and wakes who waits for them."},
    {"feed_eof", reader_feed_eof, "(self)", "Nothing more will come."},
    {"at_eof", reader_at_eof, "(self)", "True when everything was read and nothing more will come."},
    {"_maybe_resume_transport", reader_maybe_resume_transport, "(self)", "Lets the transport go on when little is unread."},
    {"_begin_wait", reader_begin_wait, "(self, caller, /)", "A future that is done when something comes."},
    {"_take_until", reader_take_until, "(self, separator, is_first, /)", "Bytes up to and with the separator, or None."},
    {"_take_some", reader_take_some, "(self, n, is_first, /)", "Up to n bytes, or None."},
    {"_take_exactly", reader_take_exactly, "(self, n, is_first, /)", "n bytes, or None."},
    {"_drop_overrun", reader_drop_overrun, "(self, count, /)", "Forgets a line that is too long."},
};

constexpr AttributeRow reader_attributes[] = {
    {"_buffer", get_buffer, set_buffer, "What came and was not read, as a bytearray."},
    {"_size", get_size, nullptr, "How many bytes came and were not read."},
    {"_eof", get_flag<kReaderAtEof>, set_flag<kReaderAtEof>, "Nothing more will come."},
    {"_paused", get_flag<kReaderPaused>, set_flag<kReaderPaused>, "The transport was told to stop reading."},
    {"_limit", get_limit, set_limit, "How much readline() and readuntil() take."},
    {"_loop", get_object<&StreamReader::loop>, set_object<&StreamReader::loop>, "The loop."},
    {"_waiter", get_object<&StreamReader::waiter>, set_object<&StreamReader::waiter>, "What the reading coroutine awaits, or None."},
    {"_exception", get_object<&StreamReader::exception>, set_object<&StreamReader::exception>, "What reading raises, or None."},
    {"_transport", get_object<&StreamReader::transport>, set_object<&StreamReader::transport>, "The transport, or None."},
};

}  // namespace

const Layout stream_reader_layout = {
    .name = "_StreamReader", .module = "_asyncio", .kind = Kind::Native, .size = sizeof(StreamReader), .flags = kSubclassable,
    .base = nullptr, .trace = trace_reader, .ops = {},
    .methods = reader_methods, .method_count = std::size(reader_methods),
    .attributes = reader_attributes, .attribute_count = std::size(reader_attributes),
    .help = "What a StreamReader does without waiting."};

}  // namespace mini
