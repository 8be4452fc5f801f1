// SPDX-License-Identifier: MIT
// The loop of a worker: receive, have the task served, send. Only the end of the stream ends the loop.
#include "runtime/exec/worker.h"

#include <atomic>
#include <csignal>
#include <memory>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include "runtime/calls.h"
#include "runtime/exec/channel.h"
#include "runtime/exec/task_server.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

class Worker {
 public:
  Worker(Thread& t, int fd, std::atomic<bool>* is_busy) : t_(t), stream_(fd), is_busy_(is_busy) { server_.share_large_bytes(); }
  int run();
  // Until the other side has no more; the outcome of a task that is the last one. Empty: there was none such.
  Value serve();
  void trace(Marker& marker) { server_.trace(marker); }

 private:
  void set_up(const Packet& packet);
  void answer(uint64_t number, Value result);
  void set_busy(bool busy) { if (is_busy_) *is_busy_ = busy; }

  Thread& t_;
  PacketStream stream_;
  TaskServer server_;
  std::atomic<bool>* is_busy_;
};

// search path, argv, main file.
void Worker::set_up(const Packet& packet) {
  Value parts[3];
  if (!server_.inbox().decode(t_, packet.message, parts, 3)) { (void)take_exception(t_); return; }
  Module* sys = t_.interpreter->sys;
  if (sys && is_kind(parts[0], Kind::List)) module_set(t_, sys, "path", parts[0]);
  if (sys && is_kind(parts[1], Kind::List)) module_set(t_, sys, "argv", parts[1]);
  Dict* globals = t_.interpreter->main_globals;
  dict_set(t_, globals, names(t_).name, str_value(intern(t_, "__mp_main__")));
  if (is_kind(parts[2], Kind::Str)) dict_set(t_, globals, names(t_).file, parts[2]);
  Value main = dict_get(t_.interpreter->modules, names(t_).main);
  if (!main.is_empty()) dict_set(t_, t_.interpreter->modules, intern(t_, "__mp_main__"), main);
}

void Worker::answer(uint64_t number, Value result) {
  flush_standard_output(t_);
  TaskAnswer answer = server_.pack(t_, result);
  ReleaseGil released(t_, BlockReason::Process);
  if (answer.lost_definitions) stream_.send(PacketKind::Forget, 0, {}, released);
  stream_.send(answer.is_error ? PacketKind::Error : PacketKind::Result, number, answer.message, released, answer.buffers);
}

int Worker::run() {
  Value last = serve();
  return finish(t_, last.is_empty() ? Value::none() : last);
}

Value Worker::serve() {
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
    Value result = server_.call(t_, packet.message, &packet.buffers);
    if (packet.kind == PacketKind::Run) {
      set_busy(false);
      return result;
    }
    answer(packet.number, result);
    set_busy(false);
  }
  return Value::empty();
}

}  // namespace

namespace {

std::shared_ptr<Worker> make_worker(Thread& t, int fd, std::atomic<bool>* is_busy) {
  if (run_main_text(t, "", "<worker>").is_raised()) (void)take_exception(t);   // makes an empty __main__
  auto worker = std::make_shared<Worker>(t, fd, is_busy);
  t.heap->add_root([still = std::weak_ptr<Worker>(worker)](Marker& marker) {
    if (auto there = still.lock()) there->trace(marker);
  });
  return worker;
}

}  // namespace

int run_worker(Interpreter& interpreter, int fd, std::atomic<bool>* is_busy) {
  int status = make_worker(*interpreter.main_thread, fd, is_busy)->run();
  close(fd);
  return status;
}

void serve_session(Thread& t, int fd) {
  if (make_worker(t, fd, nullptr)->serve().is_raised()) (void)take_exception(t);
  close(fd);
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
