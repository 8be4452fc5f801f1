// SPDX-License-Identifier: MIT
// _interpreters: further interpreters in this process, calls into them and queues between them. What scripts see of it is
// concurrent.interpreters, which is written in Mini.
//
// A call: the caller packs function and arguments in the wire format, goes into the other interpreter with its own OS thread, has a
// TaskServer there serve the message, comes back with bytes and unpacks them. Definitions of the script's functions and
// classes go to each interpreter once, as they do to worker processes.
#include <unordered_map>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/exec/interpreter_family.h"
#include "runtime/exec/shared_queue.h"
#include "runtime/exec/task_server.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// What a caller knows of an interpreter that it calls.
struct Callee {
  WirePeer peer;
  WireInbox inbox{false, nullptr};
};

// One interpreter's part: as a caller, and as one that is called.
struct Crossing {
  WireTable table;
  std::unordered_map<int64_t, Callee> callees;
  std::unordered_map<int64_t, TaskServer> servers;   // by the caller's number
};

constexpr const char* kCrossingState = "interpreters.crossing";

Crossing& crossing_of(Interpreter& i) {
  void*& state = i.module_state[kCrossingState];
  if (!state) {
    auto* made = new Crossing;
    made->table.share_large_bytes();
    state = made;
    i.heap->add_root([made](Marker& marker) {
      made->table.trace(marker);
      for (auto& [id, callee] : made->callees) callee.inbox.trace(marker);
      for (auto& [id, server] : made->servers) server.trace(marker);
    });
    i.at_close.push_back([](Interpreter& closing) { delete static_cast<Crossing*>(closing.module_state[kCrossingState]); });
  }
  return *static_cast<Crossing*>(state);
}

struct PackedCall : Object {
  Parcel* parcel;
};

extern const Layout packed_call_layout;

void packed_call_finalize(Object* self, Heap& heap) {
  Parcel* parcel = static_cast<PackedCall*>(self)->parcel;
  heap.account(-static_cast<ptrdiff_t>(parcel->payload.size()));
  delete parcel;
}

Value interpreters_pack(Thread& t, Value* args, size_t) {
  Value task[3] = {args[0], args[1], args[2].is_empty() ? Value::none() : args[2]};
  static constexpr const char* kLabels[3] = {"the function", "args", "kwargs"};
  auto parcel = std::make_unique<Parcel>();
  if (!crossing_of(*t.interpreter).table.encode(t, task, kLabels, 3, *parcel)) return Value::raised();
  auto* packed = static_cast<PackedCall*>(allocate_object(t, native_type(t, packed_call_layout)));
  note_finalizer(packed);
  t.heap->account(static_cast<ptrdiff_t>(parcel->payload.size()));
  packed->parcel = parcel.release();
  return Value::of_object(packed);
}

// Null after raising.
std::shared_ptr<FamilyMember> required_member(Thread& t, Value number) {
  int64_t id;
  if (!to_index(t, number, id)) return nullptr;
  auto member = find_member(t, id);
  if (!member) (void)raise(t, ErrorType::LookupError, "unrecognized interpreter ID {}", id);
  return member;
}

// In the other interpreter.
TaskAnswer serve(Thread& guest, int64_t caller, std::string_view message, const SharedBuffers& buffers) {
  TaskServer& server = crossing_of(*guest.interpreter).servers[caller];
  server.share_large_bytes();
  Value result = server.call(guest, message, &buffers);
  flush_standard_output(guest);
  return server.pack(guest, result);
}

// (is_error, value, text)
Value unpack(Thread& t, Callee& callee, TaskAnswer& answer) {
  if (answer.lost_definitions) callee.peer.forget();
  Value parts[2] = {Value::none(), Value::none()};
  bool is_error = answer.is_error;
  if (!callee.inbox.decode(t, answer.message, parts, is_error ? 2 : 1, &answer.buffers)) {
    is_error = true;
    parts[0] = take_exception(t);
    parts[1] = Value::none();
  }
  return Value::of_object(make_tuple(t, {Value::of_bool(is_error), parts[0], parts[1]}));
}

Value interpreters_call(Thread& t, Value* args, size_t) {
  auto member = required_member(t, args[0]);
  if (!member) return Value::raised();
  if (!args[1].is_object() || type_of(args[1].object)->layout != &packed_call_layout)
    return raise(t, ErrorType::TypeError, "call() argument 2 must be a PackedCall, not {}", argument_type_name(t, args[1]));
  if (!claim_member(t, *member)) return raise(t, ErrorType::RuntimeError, "interpreter already running");
  Callee& callee = crossing_of(*t.interpreter).callees[member->id];
  const Parcel& parcel = *static_cast<PackedCall*>(args[1].object)->parcel;
  std::string message = callee.peer.assemble(parcel);
  TaskAnswer answer;
  int64_t caller = t.interpreter->family_id;
  visit(t, *member, [&](Thread& guest) { answer = serve(guest, caller, message, parcel.buffers); });
  release_member(t, *member);
  return unpack(t, callee, answer);
}

Value interpreters_create(Thread& t, Value* args, size_t) {
  int64_t limit = 0;
  if (!args[0].is_empty() && !args[0].is_none() && !to_index(t, args[0], limit)) return Value::raised();
  if (limit < 0) return raise(t, ErrorType::ValueError, "memory_limit must not be negative");
  return Value::of_int(make_member(t, static_cast<size_t>(limit)));
}

Value interpreters_list_all(Thread& t, Value*, size_t) {
  List* ids = make_list(t);
  for (int64_t id : member_ids(t)) list_push(t, ids, Value::of_int(id));
  return Value::of_object(ids);
}

Value interpreters_current(Thread& t, Value*, size_t) { return Value::of_int(t.interpreter->family_id); }

Value interpreters_is_running(Thread& t, Value* args, size_t) {
  auto member = required_member(t, args[0]);
  if (!member) return Value::raised();
  std::lock_guard guard(family_of(t).mutex);
  return Value::of_bool(member->state == FamilyMember::Running);
}

Value interpreters_interrupt(Thread& t, Value* args, size_t) {
  auto member = required_member(t, args[0]);
  return member ? Value::of_bool(interrupt_member(t, *member)) : Value::raised();
}

// False: it runs, or is being closed by somebody else.
Value interpreters_close(Thread& t, Value* args, size_t) {
  auto member = required_member(t, args[0]);
  if (!member) return Value::raised();
  bool is_forced = !args[1].is_empty() && TRY(truth(t, args[1])).is_true();
  int64_t id = member->id;
  CloseOutcome outcome = close_member(t, std::move(member), is_forced);
  if (outcome == CloseOutcome::Raised) return Value::raised();
  if (outcome == CloseOutcome::Closed) {
    crossing_of(*t.interpreter).callees.erase(id);
  }
  return Value::of_bool(outcome == CloseOutcome::Closed);
}

// --- Queues ---

Value queue_create(Thread& t, Value* args, size_t) {
  int64_t max_size = 0;
  if (!args[0].is_empty() && !to_index(t, args[0], max_size)) return Value::raised();
  InterpreterFamily& family = family_of(t);
  auto queue = std::make_shared<SharedQueue>();
  queue->max_size = max_size;
  std::lock_guard guard(family.mutex);
  queue->id = family.next_queue_id++;
  family.queues.emplace(queue->id, queue);
  return Value::of_int(queue->id);
}

std::shared_ptr<SharedQueue> required_queue(Thread& t, Value number) {
  int64_t id;
  if (!to_index(t, number, id)) return nullptr;
  InterpreterFamily& family = family_of(t);
  {
    std::lock_guard guard(family.mutex);
    auto it = family.queues.find(id);
    if (it != family.queues.end()) return it->second;
  }
  (void)raise(t, ErrorType::LookupError, "queue {} not found", id);
  return nullptr;
}

Value queue_destroy(Thread& t, Value* args, size_t) {
  auto queue = required_queue(t, args[0]);
  if (!queue) return Value::raised();
  InterpreterFamily& family = family_of(t);
  std::lock_guard guard(family.mutex);
  family.queues.erase(queue->id);
  return Value::none();
}

Value queue_list(Thread& t, Value*, size_t) {
  std::vector<int64_t> found;
  {
    InterpreterFamily& family = family_of(t);
    std::lock_guard guard(family.mutex);
    for (auto& [id, queue] : family.queues) found.push_back(id);
  }
  List* ids = make_list(t);
  for (int64_t id : found) list_push(t, ids, Value::of_int(id));
  return Value::of_object(ids);
}

// False: it stayed full until the deadline.
Value queue_put_item(Thread& t, Value* args, size_t) {
  auto queue = required_queue(t, args[0]);
  int64_t deadline;
  if (!queue || !wait_deadline(t, args[2], deadline)) return Value::raised();
  QueueItem item;
  if (!wire_dumps(t, args[1], WireStyle::ByValue, item.message, &item.buffers)) return Value::raised();
  QueueOutcome outcome = queue_put(t, *queue, std::move(item), deadline);
  return outcome == QueueOutcome::Raised ? Value::raised() : Value::of_bool(outcome == QueueOutcome::Done);
}

// (value,), or None when nothing came until the deadline.
Value queue_get_item(Thread& t, Value* args, size_t) {
  auto queue = required_queue(t, args[0]);
  int64_t deadline;
  if (!queue || !wait_deadline(t, args[1], deadline)) return Value::raised();
  QueueItem got;
  QueueOutcome outcome = queue_get(t, *queue, got, deadline);
  if (outcome == QueueOutcome::Raised) return Value::raised();
  if (outcome == QueueOutcome::TimedOut) return Value::none();
  Value item = TRY(wire_loads(t, got.message, &got.buffers));
  return Value::of_object(make_tuple(t, {item}));
}

// (number of items, bound)
Value queue_state(Thread& t, Value* args, size_t) {
  auto queue = required_queue(t, args[0]);
  if (!queue) return Value::raised();
  size_t count;
  {
    std::lock_guard guard(queue->mutex);
    count = queue->items.size();
  }
  return Value::of_object(make_tuple(t, {Value::of_int(static_cast<int64_t>(count)), Value::of_int(queue->max_size)}));
}

const Layout packed_call_layout = {
    .name = "PackedCall", .module = "_interpreters", .kind = Kind::Native, .size = sizeof(PackedCall), .flags = kNoInstantiation,
    .base = nullptr, .trace = nullptr, .finalize = packed_call_finalize, .ops = {},
    .methods = nullptr, .method_count = 0, .attributes = nullptr, .attribute_count = 0, .help = "A call, packed."};

Value interpreters_setup(Thread& t, Module* m) {
  module_add_type(t, m, packed_call_layout);
  return Value::none();
}

const NativeRow kInterpretersFunctions[] = {
    {"create", interpreters_create, "(memory_limit=0, /)", "Make an interpreter; return its number."},
    {"list_all", interpreters_list_all, "()", "The numbers of all interpreters."},
    {"current", interpreters_current, "()", "The number of the interpreter that asks."},
    {"is_running", interpreters_is_running, "(id, /)", "Does somebody run code in it?"},
    {"pack", interpreters_pack, "(function, args, kwargs=None, /)", "Pack a call; TypeError names what cannot travel."},
    {"call", interpreters_call, "(id, packed, /)", "Run a packed call there; return (is_error, value, traceback text)."},
    {"interrupt", interpreters_interrupt, "(id, /)", "Raise KeyboardInterrupt in what it runs; False when it runs nothing."},
    {"close", interpreters_close, "(id, is_forced=False, /)", "End an interpreter; False while it runs and is not forced."},
    {"queue_create", queue_create, "(maxsize=0, /)", "Make a queue; return its number."},
    {"queue_destroy", queue_destroy, "(id, /)", "Let go of a queue and what is in it."},
    {"queue_list", queue_list, "()", "The numbers of all queues."},
    {"queue_put", queue_put_item, "(id, obj, timeout=None, /)", "Put an object into a queue; False when it stays full."},
    {"queue_get", queue_get_item, "(id, timeout=None, /)", "(object,) from a queue; None when it stays empty."},
    {"queue_state", queue_state, "(id, /)", "(number of items, bound) of a queue."},
};

}  // namespace

extern const NativeModule interpreters_module;
const NativeModule interpreters_module = {"_interpreters", kInterpretersFunctions, std::size(kInterpretersFunctions), interpreters_setup,
                                          "Interpreters of this process, for concurrent.interpreters."};

}  // namespace mini
