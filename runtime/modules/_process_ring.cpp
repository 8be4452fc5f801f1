// SPDX-License-Identifier: MIT
// _process_ring: Ring, a queue of messages (bytes) in memory that processes share. multiprocessing.queues is written on top.
//
//   state | room for `size` bytes, used as a ring: length (8 bytes) message, length message ...
//
// A message may have large parts beside it, which so go from their object's memory into that of the receiver's object: the highest byte of the length is
// their number, and behind it come their lengths, the message and the parts.
//
// `written` and `read` count bytes from the beginning on. One process writes and one reads at a time, under a lock each. A message that
// fits is published in one step, and taken in one step. A longer one goes through the ring piece by piece, and its reader follows; `rest_to_write`
// and `rest_to_read` say how much of it is missing then. When the writer was killed meanwhile, whoever notices first, the next writer or the
// reader, ends the message: it is lost. When the reader was killed, the next one skips what is left of it.
#include <algorithm>
#include <atomic>
#include <climits>
#include <cstring>
#include <utility>
#include <vector>

#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/exec/process_futex.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

struct RingState {
  SharedWord write_lock;
  SharedWord put_signal;                 // goes up with every byte range that was published
  SharedWord getters_waiting;
  std::atomic<uint64_t> written;
  std::atomic<uint64_t> rest_to_write;
  std::atomic<uint64_t> lost_end;        // the message that ends there shall be dropped by its reader
  alignas(64) SharedWord read_lock;
  SharedWord take_signal;                // goes up with every byte range that was taken
  SharedWord putters_waiting;
  std::atomic<uint64_t> read;
  std::atomic<uint64_t> rest_to_read;
  alignas(64) SharedWord announced;      // messages that were put, some of which may still be on the way here
  SharedWord unfinished;                 // for task_done() and join()
  SharedWord joiners_waiting;
};

struct Ring : Object {
  Value cell;
  RingState* state;
  uint8_t* room;
  uint64_t size;
};

constexpr size_t kLengthBytes = sizeof(uint64_t);
constexpr unsigned kPartsShift = 56;
constexpr uint64_t kLengthMask = (uint64_t{1} << kPartsShift) - 1;
constexpr size_t kMostParts = 255;
constexpr uint64_t kPieces = 4;   // in the ring, so that writer and reader of a long message work at the same time

Ring& ring_of(Value* args) { return *as<Ring>(args[0]); }

void ring_trace(Object* self, Marker& marker) { marker.mark(static_cast<Ring*>(self)->cell); }

Value ring_new(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::ByteArray) || as<ByteArray>(args[1])->length < sizeof(RingState) + 64 || !as<ByteArray>(args[1])->exports)
    return raise_text(t, ErrorType::TypeError, "a cell is expected");
  auto* ring = static_cast<Ring*>(allocate_object(t, as<Type>(args[0])));
  auto* cell = as<ByteArray>(args[1]);
  ring->cell = args[1];
  ring->state = reinterpret_cast<RingState*>(cell->data);
  ring->room = cell->data + sizeof(RingState);
  ring->size = cell->length - sizeof(RingState);
  return Value::of_object(ring);
}

// A lock of the ring, for the length of a scope.
class Held {
 public:
  Held(Thread& t, SharedWord& word, int64_t deadline_ns) : word_(word), taken_(take_process_lock(t, word, deadline_ns)) {}
  ~Held() {
    if (is_taken()) free_process_lock(word_);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  bool is_taken() const { return taken_ == Taken::Yes || taken_ == Taken::FromKilled; }
  bool has_raised() const { return taken_ == Taken::Raised; }

 private:
  SharedWord& word_;
  Taken taken_;
};

void copy_in(Ring& ring, uint64_t at, const void* data, size_t count) {
  size_t begin = at % ring.size, first = std::min<size_t>(count, ring.size - begin);
  memcpy(ring.room + begin, data, first);
  memcpy(ring.room, static_cast<const uint8_t*>(data) + first, count - first);
}

void copy_out(const Ring& ring, uint64_t at, void* data, size_t count) {
  size_t begin = at % ring.size, first = std::min<size_t>(count, ring.size - begin);
  memcpy(data, ring.room + begin, first);
  memcpy(static_cast<uint8_t*>(data) + first, ring.room, count - first);
}

uint64_t free_bytes(const Ring& ring) { return ring.size - (ring.state->written.load() - ring.state->read.load()); }

void publish(RingState& state, uint64_t count) {
  state.written.fetch_add(count);
  state.put_signal.fetch_add(1);
  if (state.getters_waiting.load()) wake_waiters(state.put_signal, INT_MAX);
}

void take_away(RingState& state, uint64_t count) {
  state.read.fetch_add(count);
  state.take_signal.fetch_add(1);
  if (state.putters_waiting.load()) wake_waiters(state.take_signal, INT_MAX);
}

// Sleeps until `signal` is not `seen` any more, or the deadline. Bool (it has passed) or Raised.
Value wait_for_signal(Thread& t, SharedWord& signal, SharedWord& waiting, uint32_t seen, int64_t deadline_ns) {
  waiting.fetch_add(1);
  Value is_late = wait_for_word(t, signal, seen, deadline_ns);
  waiting.fetch_sub(1);
  return is_late;
}

// --- Putting; under write_lock ---

// So many bytes of a long message, or of what replaces one that is lost (data null).
Value put_pieces(Thread& t, Ring& ring, const uint8_t* data, uint64_t count) {
  RingState& state = *ring.state;
  while (count) {
    uint32_t seen = state.take_signal.load();
    uint64_t piece = std::min({count, free_bytes(ring), ring.size / kPieces});
    if (piece == 0) {
      TRY(wait_for_signal(t, state.take_signal, state.putters_waiting, seen, kNever));
      continue;
    }
    if (data) copy_in(ring, state.written.load(), data, piece), data += piece;
    count -= piece;
    state.rest_to_write.fetch_sub(piece);
    publish(state, piece);
  }
  return Value::none();
}

// What a killed process began is ended with whatever is in the room; its reader drops it.
Value end_lost_message(Thread& t, Ring& ring) {
  RingState& state = *ring.state;
  uint64_t rest = state.rest_to_write.load();
  if (!rest) return Value::none();
  state.lost_end = state.written.load() + rest;
  return put_pieces(t, ring, nullptr, rest);
}

using Segment = std::pair<const uint8_t*, uint64_t>;

Segment segment_of(Value bytes) { return {as<Bytes>(bytes)->data, as<Bytes>(bytes)->length}; }

// Word, then segments, of `length` bytes together, while readers take them away.
Value put_long(Thread& t, Ring& ring, uint64_t word, uint64_t length, const std::vector<Segment>& segments) {
  RingState& state = *ring.state;
  while (free_bytes(ring) < kLengthBytes) {
    uint32_t seen = state.take_signal.load();
    if (free_bytes(ring) < kLengthBytes) TRY(wait_for_signal(t, state.take_signal, state.putters_waiting, seen, kNever));
  }
  copy_in(ring, state.written.load(), &word, kLengthBytes);
  state.rest_to_write = length;
  publish(state, kLengthBytes);
  // A signal's handler that raises leaves a message that is lost.
  for (auto [data, count] : segments) TRY(put_pieces(t, ring, data, count));
  return Value::of_bool(true);
}

// One that fits. False when it does not block and there is no room.
Value put_short(Thread& t, Ring& ring, Segment message, bool blocks) {
  RingState& state = *ring.state;
  uint64_t length = message.second, needed = kLengthBytes + length;
  for (;;) {
    uint32_t seen = state.take_signal.load();
    if (free_bytes(ring) >= needed) break;
    if (!blocks) return Value::of_bool(false);
    TRY(wait_for_signal(t, state.take_signal, state.putters_waiting, seen, kNever));
  }
  uint64_t at = state.written.load();
  copy_in(ring, at, &length, kLengthBytes);
  copy_in(ring, at + kLengthBytes, message.first, length);
  publish(state, needed);
  return Value::of_bool(true);
}

// put(message, block): False when it does not block and there is no room. The message is bytes, or a tuple of bytes: message and parts.
Value ring_put(Thread& t, Value* args, size_t) {
  Ring& ring = ring_of(args);
  RingState& state = *ring.state;
  Value given[1] = {args[1]};
  const Value* parts = is_kind(args[1], Kind::Tuple) ? as<Tuple>(args[1])->items : given;
  size_t count = is_kind(args[1], Kind::Tuple) ? as<Tuple>(args[1])->length : 1;
  bool are_bytes = std::all_of(parts, parts + count, [](Value v) { return is_kind(v, Kind::Bytes); });
  if (!are_bytes || count == 0 || count > kMostParts + 1) return raise_text(t, ErrorType::TypeError, "a message is bytes, or a tuple of them");
  bool blocks = TRY(truth(t, args[2])).is_true();
  bool is_short = count == 1 && kLengthBytes + as<Bytes>(parts[0])->length <= ring.size;
  if (!is_short && !blocks) return Value::of_bool(false);
  constexpr int64_t kMoment = 2'000'000;   // while another process writes a message; one that waits for room takes longer
  Held held(t, state.write_lock, blocks ? kNever : system_clock().monotonic_ns() + kMoment);
  if (held.has_raised()) return Value::raised();
  if (!held.is_taken()) return Value::of_bool(false);
  if (state.rest_to_write.load()) {
    if (!blocks) return Value::of_bool(false);
    TRY(end_lost_message(t, ring));
  }
  if (is_short) return put_short(t, ring, segment_of(parts[0]), blocks);
  std::vector<uint64_t> lengths;
  std::vector<Segment> segments(1);
  for (size_t i = 0; i < count; ++i) {
    segments.push_back(segment_of(parts[i]));
    if (i > 0) lengths.push_back(segments.back().second);
  }
  segments[0] = {reinterpret_cast<const uint8_t*>(lengths.data()), lengths.size() * sizeof(uint64_t)};
  uint64_t total = 0;
  for (const Segment& segment : segments) total += segment.second;
  return put_long(t, ring, total | (count - 1) << kPartsShift, total, segments);
}

// --- Getting; under read_lock ---

// The writer of an unfinished message is gone, and nobody writes: ends the message in its place, as empty bytes. Bool: was it so?
bool end_for_killed_writer(Ring& ring) {
  RingState& state = *ring.state;
  uint32_t seen = state.write_lock.load();
  uint32_t holder = seen & ~kLockHasWaiters;
  if (holder && !process_was_killed(holder)) return false;
  if (!state.rest_to_write.load()) return false;
  if (!state.write_lock.compare_exchange_strong(seen, own_pid() | kLockHasWaiters)) return false;
  bool is_lost = state.rest_to_write.exchange(0) != 0;
  if (is_lost) {
    state.rest_to_read = 0;
    take_away(state, state.written.load() - state.read.load());
  }
  free_process_lock(state.write_lock);
  return is_lost;
}

// Waits until something is there to read. Bool: is it? Raised.
Value wait_for_bytes(Thread& t, Ring& ring, int64_t deadline_ns) {
  RingState& state = *ring.state;
  while (state.written.load() == state.read.load()) {
    uint32_t seen = state.put_signal.load();
    if (state.written.load() != state.read.load()) break;
    if (TRY(wait_for_signal(t, state.put_signal, state.getters_waiting, seen, deadline_ns)).is_true())
      return Value::of_bool(state.written.load() != state.read.load());
  }
  return Value::of_bool(true);
}

// So many bytes of what is left of a long message, to `data` or to nowhere. Bool: are they, or was it lost? Raised.
Value get_pieces(Thread& t, Ring& ring, uint8_t* data, uint64_t count) {
  RingState& state = *ring.state;
  while (count) {
    constexpr int64_t kLookAgain = 300'000'000;
    if (!TRY(wait_for_bytes(t, ring, system_clock().monotonic_ns() + kLookAgain)).is_true()) {
      if (end_for_killed_writer(ring)) return Value::of_bool(false);
      continue;
    }
    uint64_t piece = std::min({count, state.written.load() - state.read.load(), ring.size / kPieces});
    if (data) copy_out(ring, state.read.load(), data, piece), data += piece;
    count -= piece;
    state.rest_to_read.fetch_sub(piece);
    take_away(state, piece);
  }
  return Value::of_bool(true);
}

// A long message of which the length was read and is in rest_to_read. Bytes or a tuple; None: it was lost.
Value get_long(Thread& t, Ring& ring, size_t parts) {
  RingState& state = *ring.state;
  uint64_t lengths[kMostParts + 1], total = state.rest_to_read.load(), others = parts * sizeof(uint64_t);
  if (parts && !TRY(get_pieces(t, ring, reinterpret_cast<uint8_t*>(lengths + 1), others)).is_true()) return Value::none();
  for (size_t i = 1; i <= parts; ++i) others += lengths[i];
  if (others > total) return raise_text(t, ErrorType::OSError, "a message with parts that are longer than itself");
  lengths[0] = total - others;
  Tuple* made = make_tuple(t, parts + 1);
  for (size_t i = 0; i <= parts; ++i) {
    if (!t.heap->can_allocate(lengths[i])) return raise_memory(t);
    Bytes* part = make_bytes(t, nullptr, lengths[i]);
    store(made, made->items[i], Value::of_object(part));
    if (!TRY(get_pieces(t, ring, part->data, lengths[i])).is_true()) return Value::none();
  }
  if (state.lost_end.load() == state.read.load()) return Value::none();
  return parts ? Value::of_object(made) : made->items[0];
}

// get(block, timeout): a message, or None when there was none in time.
Value ring_get(Thread& t, Value* args, size_t) {
  Ring& ring = ring_of(args);
  RingState& state = *ring.state;
  int64_t deadline_ns;
  if (!process_deadline(t, args[1], args[2], deadline_ns)) return Value::raised();
  Held held(t, state.read_lock, deadline_ns);
  if (held.has_raised()) return Value::raised();
  if (!held.is_taken()) return Value::none();
  if (uint64_t rest = state.rest_to_read.load()) TRY(get_pieces(t, ring, nullptr, rest));   // of one that a killed process had begun to take
  while (TRY(wait_for_bytes(t, ring, deadline_ns)).is_true()) {
    uint64_t at = state.read.load(), word;
    copy_out(ring, at, &word, kLengthBytes);
    uint64_t length = word & kLengthMask;
    if (word == length && state.written.load() - at >= kLengthBytes + length) {
      if (!t.heap->can_allocate(length)) return raise_memory(t);
      Bytes* message = make_bytes(t, nullptr, length);
      copy_out(ring, at + kLengthBytes, message->data, length);
      state.announced.fetch_sub(1);
      take_away(state, kLengthBytes + length);
      return Value::of_object(message);
    }
    state.rest_to_read = length;
    take_away(state, kLengthBytes);
    Value message = TRY(get_long(t, ring, word >> kPartsShift));
    state.announced.fetch_sub(1);
    if (!message.is_none()) return message;
  }
  return Value::none();
}

// --- Counting ---

Value ring_announce(Thread&, Value* args, size_t) {
  RingState& state = *ring_of(args).state;
  state.announced.fetch_add(1);
  state.unfinished.fetch_add(1);
  return Value::none();
}

Value ring_count(Thread&, Value* args, size_t) {
  return Value::of_int(std::max<int64_t>(static_cast<int32_t>(ring_of(args).state->announced.load()), 0));
}

Value ring_is_empty(Thread&, Value* args, size_t) {
  RingState& state = *ring_of(args).state;
  return Value::of_bool(state.written.load() == state.read.load());
}

Value ring_task_done(Thread& t, Value* args, size_t) {
  RingState& state = *ring_of(args).state;
  uint32_t seen = state.unfinished.load();
  do {
    if (seen == 0) return raise_text(t, ErrorType::ValueError, "task_done() called too many times");
  } while (!state.unfinished.compare_exchange_weak(seen, seen - 1));
  if (seen == 1 && state.joiners_waiting.load()) wake_waiters(state.unfinished, INT_MAX);
  return Value::none();
}

Value ring_join(Thread& t, Value* args, size_t) {
  RingState& state = *ring_of(args).state;
  while (uint32_t seen = state.unfinished.load()) TRY(wait_for_signal(t, state.unfinished, state.joiners_waiting, seen, kNever));
  return Value::none();
}

constexpr NativeRow ring_methods[] = {
    {"__new__", ring_new, "(cls, cell)", "", Binding::Static},
    {"put", ring_put, "(self, message, block)", "Add a message; False when it does not block and there is no room."},
    {"get", ring_get, "(self, block=True, timeout=None)", "The oldest message, or None when there was none in time."},
    {"announce", ring_announce, "(self)", "Count a message that will be put."},
    {"count", ring_count, "(self)", "Messages that were announced and not taken."},
    {"is_empty", ring_is_empty, "(self)", "Is there nothing to get now?"},
    {"task_done", ring_task_done, "(self)", "One that was taken is finished."},
    {"join", ring_join, "(self)", "Wait until all that were announced are finished."},
};

const Layout ring_layout = {
    .name = "Ring", .module = "_process_ring", .kind = Kind::Native, .size = sizeof(Ring), .flags = 0,
    .base = nullptr, .trace = ring_trace, .finalize = nullptr, .ops = {},
    .methods = ring_methods, .method_count = std::size(ring_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "Messages between processes."};

Value process_ring_setup(Thread& t, Module* m) {
  module_add_type(t, m, ring_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule process_ring_module;
const NativeModule process_ring_module = {"_process_ring", nullptr, 0, process_ring_setup, "Queues between processes, for multiprocessing."};

}  // namespace mini
