// SPDX-License-Identifier: MIT
// The loop of a worker: receive, decode, call, encode, send.
//
// An error of the task is sent back with the text of its traceback. An answer that cannot travel becomes an error of its
// own; an exception that cannot is sent with less and less of itself. Only the end of the stream ends the loop.
#include "runtime/exec/worker.h"

#include <atomic>
#include <csignal>
#include <memory>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "runtime/calls.h"
#include "runtime/exec/channel.h"
#include "runtime/exec/worker_wire.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

class Worker {
 public:
  Worker(Thread& t, int fd, std::atomic<bool>* is_busy) : t_(t), stream_(fd), inbox_(true, &table_), is_busy_(is_busy) {}
  int run();
  void trace(Marker& marker) {
    table_.trace(marker);
    inbox_.trace(marker);
  }

 private:
  void set_up(const Packet& packet);
  Value serve(const Packet& packet);              // what the task returned; Raised
  void answer(uint64_t number, Value result);
  void answer_error(uint64_t number);
  bool send(PacketKind kind, uint64_t number, const Parcel& parcel);
  void flush_output();
  void set_busy(bool busy) { if (is_busy_) *is_busy_ = busy; }

  Thread& t_;
  PacketStream stream_;
  WireTable table_;
  WirePeer peer_;
  WireInbox inbox_;
  bool is_decoded_ = false;
  std::atomic<bool>* is_busy_;
};

Value call_task(Thread& t, const Value* task) {
  ValueList args(t), keyword_names(t);
  if (!is_kind(task[1], Kind::Tuple)) return raise(t, ErrorType::TypeError, "the arguments of a task must be a tuple");
  for (uint64_t i = 0; i < as<Tuple>(task[1])->length; ++i) args.push(as<Tuple>(task[1])->items[i]);
  size_t positional = args.size();
  if (is_kind(task[2], Kind::Dict))
    for (DictCursor c(as<Dict>(task[2])); c.next();) {
      keyword_names.push(c.entry->key);
      args.push(c.entry->value);
    }
  Tuple* names_tuple = keyword_names.size() ? make_tuple(t, keyword_names.data(), keyword_names.size()) : nullptr;
  return call(t, task[0], args.data(), positional, names_tuple);
}

// search path, argv, main file.
void Worker::set_up(const Packet& packet) {
  Value parts[3];
  if (!inbox_.decode(t_, packet.message, parts, 3)) { (void)take_exception(t_); return; }
  Module* sys = t_.interpreter->sys;
  if (sys && is_kind(parts[0], Kind::List)) module_set(t_, sys, "path", parts[0]);
  if (sys && is_kind(parts[1], Kind::List)) module_set(t_, sys, "argv", parts[1]);
  Dict* globals = t_.interpreter->main_globals;
  dict_set(t_, globals, names(t_).name, str_value(intern(t_, "__mp_main__")));
  if (is_kind(parts[2], Kind::Str)) dict_set(t_, globals, names(t_).file, parts[2]);
  Value main = dict_get(t_.interpreter->modules, names(t_).main);
  if (!main.is_empty()) dict_set(t_, t_.interpreter->modules, intern(t_, "__mp_main__"), main);
}

Value Worker::serve(const Packet& packet) {
  Value task[3];
  is_decoded_ = inbox_.decode(t_, packet.message, task, 3);
  return is_decoded_ ? call_task(t_, task) : Value::raised();
}

bool Worker::send(PacketKind kind, uint64_t number, const Parcel& parcel) {
  std::string message = peer_.assemble(parcel);
  ReleaseGil released(t_, BlockReason::Process);
  return stream_.send(kind, number, message, released);
}

void Worker::answer(uint64_t number, Value result) {
  Parcel parcel;
  const char* label = "the result";
  bool is_encoded = table_.encode(t_, &result, &label, 1, parcel);
  if (is_encoded) send(PacketKind::Result, number, parcel);
  else answer_error(number);
}

void Worker::answer_error(uint64_t number) {
  if (!is_decoded_) {   // some definitions may not have arrived
    ReleaseGil released(t_, BlockReason::Process);
    stream_.send(PacketKind::Forget, 0, {}, released);
  }
  Value parts[2] = {take_exception(t_), Value::none()};
  auto e = as<Exception>(parts[0]);
  parts[1] = str_value(make_str(t_, format_exception(t_, parts[0])));
  Parcel parcel;
  const char* labels[2] = {"the exception", ""};
  bool is_encoded = table_.encode(t_, parts, labels, 2, parcel);
  if (!is_encoded) {       // without those that led to it
    (void)take_exception(t_);
    e->cause = e->context = Value::none();
    parcel = {};
    is_encoded = table_.encode(t_, parts, labels, 2, parcel);
  }
  if (!is_encoded) {       // as words
    (void)take_exception(t_);
    Str* text = to_str(t_, parts[0]);
    if (!text) (void)take_exception(t_);
    std::string words = std::string(type_name(t_, parts[0])) + (text && text->length ? ": " + to_utf8(text) : "");
    (void)raise(t_, ErrorType::RuntimeError, "{}", words);
    parts[0] = take_exception(t_);
    parcel = {};
    is_encoded = table_.encode(t_, parts, labels, 2, parcel);
    if (!is_encoded) (void)take_exception(t_);
  }
  send(PacketKind::Error, number, parcel);
}

void Worker::flush_output() {
  for (Str* name : {names(t_).stdout, names(t_).stderr}) {
    Value stream = t_.interpreter->sys ? dict_get(t_.interpreter->sys->namespace_, name) : Value::empty();
    if (stream.is_empty() || stream.is_none()) continue;
    if (call_method(t_, stream, names(t_).flush).is_raised()) (void)take_exception(t_);
  }
}

int Worker::run() {
  for (Packet packet;;) {
    {
      ReleaseGil released(t_, BlockReason::Process);
      if (!stream_.receive(packet, released)) break;
    }
    if (packet.kind == PacketKind::Setup) {
      set_up(packet);
      continue;
    }
    if (packet.kind != PacketKind::Task && packet.kind != PacketKind::Run) continue;
    set_busy(true);
    Value result = serve(packet);
    if (packet.kind == PacketKind::Run) {
      set_busy(false);
      return finish(t_, result);
    }
    flush_output();
    if (result.is_raised()) answer_error(packet.number);
    else answer(packet.number, result);
    set_busy(false);
  }
  return finish(t_, Value::none());
}

}  // namespace

int run_worker(Interpreter& interpreter, int fd, std::atomic<bool>* is_busy) {
  Thread& t = *interpreter.main_thread;
  if (run_main_text(t, "", "<worker>").is_raised()) (void)take_exception(t);   // makes an empty __main__
  auto worker = std::make_shared<Worker>(t, fd, is_busy);
  interpreter.heap->add_root([worker](Marker& marker) { worker->trace(marker); });
  int status = worker->run();
  close(fd);
  return status;
}

namespace {

// Waits for the other side to go away. An executor closes a channel only when its worker has nothing to do, so a worker
// that is busy then has lost its master: nobody waits for what it computes.
void watch_master(int fd, std::shared_ptr<std::atomic<bool>> is_busy) {
  pollfd p{fd, POLLRDHUP, 0};
  while (poll(&p, 1, -1) < 0) {}
  for (int i = 0; i < 250; ++i) {   // what was sent just before may still be in the pipe
    if (*is_busy) _exit(1);
    poll(nullptr, 0, 20);
  }
}

}  // namespace

int run_worker_process(Interpreter& interpreter, int fd) {
  signal(SIGINT, SIG_DFL);
  auto is_busy = std::make_shared<std::atomic<bool>>(false);
  std::thread(watch_master, fd, is_busy).detach();
  return run_worker(interpreter, fd, is_busy.get());
}

}  // namespace mini
