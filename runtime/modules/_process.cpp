// SPDX-License-Identifier: MIT
// _process: worker processes as concurrent.futures and multiprocessing use them. A Hub starts workers, sends them parcels
// and waits for what comes back; which worker gets what, and when, is decided in Mini (concurrent/futures/_workers.mini).
//
// Any thread may call any method; only `wait` gives up the GIL, and one thread at a time should be in it.
#include <csignal>
#include <unordered_map>
#include <vector>

#include "runtime/calls.h"
#include "runtime/exec/channel.h"
#include "runtime/exec/spawn_posix.h"
#include "runtime/exec/worker_wire.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

// What a hub knows of the worker at the other end of a channel.
struct Remote {
  WirePeer peer;
  WireInbox inbox{false, nullptr};
};

struct HubState {
  HubState() { table.share_large_bytes(); }
  ChannelHub hub;
  WireTable table;
  std::unordered_map<uint32_t, Remote> remotes;
};

struct Hub : Object {
  HubState* state;
};

struct ParcelObject : Object {
  Parcel* parcel;
};

extern const Layout hub_layout, parcel_layout;

HubState& state_of(Value self) { return *as<Hub>(self)->state; }

Value hub_new(Thread& t, Value* args, size_t) {
  auto hub = static_cast<Hub*>(allocate_object(t, as<Type>(args[0])));
  hub->state = nullptr;
  note_finalizer(hub);
  hub->state = new HubState;
  return Value::of_object(hub);
}

void hub_trace(Object* self, Marker& marker) {
  HubState* state = static_cast<Hub*>(self)->state;
  if (!state) return;
  state->table.trace(marker);
  for (auto& [id, remote] : state->remotes) remote.inbox.trace(marker);
}

void hub_finalize(Object* self, Heap&) { delete static_cast<Hub*>(self)->state; }

// The options that a worker's interpreter shares with ours.
std::vector<std::string> worker_options(const Options& o) {
  std::vector<std::string> options;
  if (o.gil_mode == GilMode::Classic) options.push_back("--gil=classic");
  if (o.gc_stress) options.push_back("--gc=stress");
  if (o.has_seed) options.push_back("--seed=" + std::to_string(o.seed));
  return options;
}

// What a worker must know before its first task: where to find modules, argv, the name of the script.
Value set_up_message(Thread& t, HubState& state, uint32_t channel) {
  Interpreter& i = *t.interpreter;
  Value parts[3] = {dict_get(i.sys->namespace_, intern(t, "path")), dict_get(i.sys->namespace_, intern(t, "argv")),
                    i.main_globals ? dict_get(i.main_globals, names(t).file) : Value::none()};
  for (Value& v : parts)
    if (v.is_empty()) v = Value::none();
  WireTable plain;
  Parcel parcel;
  if (!plain.encode(t, parts, nullptr, 3, parcel)) return Value::raised();
  state.hub.send(channel, PacketKind::Setup, 0, WirePeer().assemble(parcel));
  return Value::none();
}

Value hub_start(Thread& t, Value* args, size_t) {
  HubState& state = state_of(args[0]);
  SpawnedWorker worker;
  {
    std::string executable = t.interpreter->options.executable;
    std::vector<std::string> options = worker_options(t.interpreter->options);
    ReleaseGil released(t, BlockReason::Process);
    worker = spawn_worker(executable, options);
  }
  if (worker.error) return raise_os_error(t, worker.error);
  uint32_t channel = state.hub.add(worker.fd);
  state.remotes[channel];
  TRY(set_up_message(t, state, channel));
  return Value::of_object(make_tuple(t, {Value::of_int(channel), Value::of_int(worker.pid)}));
}

// A worker that is there already, behind a socket. Takes the descriptor over.
Value hub_attach(Thread& t, Value* args, size_t) {
  HubState& state = state_of(args[0]);
  int64_t fd;
  if (!to_index(t, args[1], fd)) return Value::raised();
  uint32_t channel = state.hub.add(static_cast<int>(fd));
  state.remotes[channel];
  TRY(set_up_message(t, state, channel));
  return Value::of_int(channel);
}

Value hub_encode(Thread& t, Value* args, size_t) {
  Value task[3] = {args[1], args[2], args[3].is_empty() ? Value::none() : args[3]};
  static constexpr const char* kLabels[3] = {"the function", "args", "kwargs"};
  auto parcel = std::make_unique<Parcel>();
  if (!state_of(args[0]).table.encode(t, task, kLabels, 3, *parcel)) return Value::raised();
  auto o = static_cast<ParcelObject*>(allocate_object(t, native_type(t, parcel_layout)));
  note_finalizer(o);
  t.heap->account(static_cast<ptrdiff_t>(parcel->payload.size()));
  o->parcel = parcel.release();
  return Value::of_object(o);
}

Value hub_send(Thread& t, Value* args, size_t) {
  HubState& state = state_of(args[0]);
  int64_t channel, number;
  if (!to_index(t, args[1], channel) || !to_index(t, args[2], number)) return Value::raised();
  if (!args[3].is_object() || type_of(args[3].object)->layout != &parcel_layout)
    return raise(t, ErrorType::TypeError, "send() argument 3 must be a Parcel, not {}", argument_type_name(t, args[3]));
  auto it = state.remotes.find(static_cast<uint32_t>(channel));
  if (it == state.remotes.end()) return Value::of_bool(false);
  bool ends_with_it = !args[4].is_empty() && args[4].is_true();
  const Parcel& parcel = *static_cast<ParcelObject*>(args[3].object)->parcel;
  std::string message = it->second.peer.assemble(parcel);
  PacketKind kind = ends_with_it ? PacketKind::Run : PacketKind::Task;
  return Value::of_bool(state.hub.send(it->first, kind, static_cast<uint64_t>(number), message, parcel.buffers));
}

// (channel, kind, number, value, text) of what arrived. What cannot be decoded is an error of that task.
Value event_of(Thread& t, HubState& state, Packet& packet) {
  Value parts[2] = {Value::none(), Value::none()};
  const char* kind = packet.kind == PacketKind::Closed ? "closed" : packet.kind == PacketKind::Error ? "error" : "result";
  auto it = state.remotes.find(packet.channel);
  if (packet.kind == PacketKind::Closed) {
    state.remotes.erase(packet.channel);
  } else if (it == state.remotes.end()) {
    return Value::none();
  } else if (packet.kind == PacketKind::Forget) {
    it->second.peer.forget();
    return Value::none();
  } else if (!it->second.inbox.decode(t, packet.message, parts, packet.kind == PacketKind::Error ? 2 : 1, &packet.buffers)) {
    kind = "error";
    parts[0] = take_exception(t);
    parts[1] = Value::none();
  }
  return Value::of_object(make_tuple(t, {Value::of_int(packet.channel), str_value(intern(t, kind)),
                                         Value::of_int(static_cast<int64_t>(packet.number)), parts[0], parts[1]}));
}

Value hub_wait(Thread& t, Value* args, size_t) {
  HubState& state = state_of(args[0]);
  int milliseconds = -1;
  if (!args[1].is_empty() && !args[1].is_none()) {
    double seconds;
    if (!to_double(t, args[1], seconds)) return Value::raised();
    milliseconds = seconds <= 0 ? 0 : seconds > 1e6 ? 1000000000 : static_cast<int>(seconds * 1000 + 0.999);
  }
  std::vector<Packet> packets;
  {
    ReleaseGil released(t, BlockReason::Process);
    state.hub.wait(milliseconds, packets, released);
  }
  TRY(t.poll());
  List* events = make_list(t, packets.size());
  for (Packet& packet : packets) {
    Value event = TRY(event_of(t, state, packet));
    if (!event.is_none()) list_push(t, events, event);
  }
  return Value::of_object(events);
}

Value hub_wake(Thread&, Value* args, size_t) {
  state_of(args[0]).hub.wake();
  return Value::none();
}

Value hub_close(Thread& t, Value* args, size_t) {
  int64_t channel;
  if (!to_index(t, args[1], channel)) return Value::raised();
  state_of(args[0]).hub.close(static_cast<uint32_t>(channel));
  state_of(args[0]).remotes.erase(static_cast<uint32_t>(channel));
  return Value::none();
}

void parcel_finalize(Object* self, Heap& heap) {
  Parcel* parcel = static_cast<ParcelObject*>(self)->parcel;
  heap.account(-static_cast<ptrdiff_t>(parcel->payload.size()));
  delete parcel;
}

// The exit status of a child, minus the number of the signal that killed it, or None while it runs.
Value process_reap(Thread& t, Value* args, size_t) {
  int64_t pid;
  double seconds = -1;
  if (!to_index(t, args[0], pid)) return Value::raised();
  if (!args[1].is_empty() && !args[1].is_none() && !to_double(t, args[1], seconds)) return Value::raised();
  for (;;) {
    WorkerEnd end;
    {
      ReleaseGil released(t, BlockReason::Process);
      end = wait_for_worker(static_cast<int>(pid), seconds, released);
    }
    if (end.has_ended) return Value::of_int(end.status);
    TRY(t.poll());
    if (seconds >= 0) return Value::none();
  }
}

Value process_kill(Thread& t, Value* args, size_t) {
  int64_t pid, number;
  if (!to_index(t, args[0], pid) || !to_index(t, args[1], number)) return Value::raised();
  if (kill(static_cast<pid_t>(pid), static_cast<int>(number))) return raise_os_error(t, errno);
  return Value::none();
}

const NativeRow kHubMethods[] = {
    {"__new__", hub_new, "(cls, /)", "A place to start workers from and to talk to them.", Binding::Static},
    {"start", hub_start, "(self, /)", "Start a worker process; return its channel and pid."},
    {"attach", hub_attach, "(self, fd, /)", "Talk to a worker that is at the other end of a socket; return its channel."},
    {"encode", hub_encode, "(self, function, args, kwargs=None, /)", "Pack a call; TypeError names what cannot travel."},
    {"send", hub_send, "(self, channel, number, parcel, is_last=False, /)", "Send a call to a worker; False when it is gone."},
    {"wait", hub_wait, "(self, timeout=None, /)", "Wait for answers: a list of (channel, kind, number, value, text)."},
    {"wake", hub_wake, "(self, /)", "End the wait of another thread."},
    {"close", hub_close, "(self, channel, /)", "Close a channel: its worker ends."},
};

const Layout hub_layout = {
    .name = "Hub", .module = "_process", .kind = Kind::Native, .size = sizeof(Hub), .flags = 0, .base = nullptr,
    .trace = hub_trace, .finalize = hub_finalize, .ops = {},
    .methods = kHubMethods, .method_count = std::size(kHubMethods), .attributes = nullptr, .attribute_count = 0,
    .help = "Worker processes and the channels to them."};

const Layout parcel_layout = {
    .name = "Parcel", .module = "_process", .kind = Kind::Native, .size = sizeof(ParcelObject), .flags = kNoInstantiation,
    .base = nullptr, .trace = nullptr, .finalize = parcel_finalize, .ops = {},
    .methods = nullptr, .method_count = 0, .attributes = nullptr, .attribute_count = 0, .help = "A call, packed."};

Value process_setup(Thread& t, Module* m) {
  module_add_type(t, m, hub_layout);
  module_add_type(t, m, parcel_layout);
  return Value::none();
}

const NativeRow kProcessFunctions[] = {
    {"reap", process_reap, "(pid, timeout=None, /)", "Exit status of a child (negative: signal), or None while it runs."},
    {"kill", process_kill, "(pid, signal, /)", "Send a signal to a process."},
};

}  // namespace

extern const NativeModule process_module;
const NativeModule process_module = {"_process", kProcessFunctions, std::size(kProcessFunctions), process_setup,
                                     "Worker processes, for concurrent.futures and multiprocessing."};

}  // namespace mini
