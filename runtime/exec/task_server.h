// SPDX-License-Identifier: MIT
// The servant's side of calls from elsewhere: decodes a task, calls it, packs what came of it. A worker process has one for its
// master; an interpreter has one for each interpreter that calls it.
//
// An error of the task is packed with the text of its traceback. An answer that cannot travel becomes an error of its own; an exception
// that cannot is packed with less and less of itself. The GIL is held throughout.
#pragma once

#include <string>
#include <string_view>

#include "runtime/exec/worker_wire.h"

namespace mini {

struct TaskAnswer {
  bool is_error;             // exception, traceback text; else the result
  bool lost_definitions;     // the task could not be decoded: some of its definitions may not have arrived
  std::string message;
  SharedBuffers buffers;
};

class TaskServer {
 public:
  TaskServer() : inbox_(true, &table_) {}
  void share_large_bytes() { table_.share_large_bytes(); }
  void trace(Marker& marker) {
    table_.trace(marker);
    inbox_.trace(marker);
  }
  // What the task returned; Raised.
  Value call(Thread& t, std::string_view message, const SharedBuffers* buffers = nullptr);
  TaskAnswer pack(Thread& t, Value result);

  WireInbox& inbox() { return inbox_; }

 private:
  TaskAnswer pack_error(Thread& t);
  WireTable table_;
  WirePeer peer_;
  WireInbox inbox_;
  bool is_decoded_ = false;
};

// What a task printed must be out before its answer is.
void flush_standard_output(Thread& t);

}  // namespace mini
