// SPDX-License-Identifier: MIT
// Profiler: counts and times the calls of script code on one thread. What the profile module stands on.
//
// It costs nothing while it is off. While a thread has one, its attention word is never zero (kProfile), so every function entry
// comes through `profiler_check`, which notes the call and sets kFrameProfiled; a return from a frame with flags takes
// the slow way and meets `profiler_sync`, as do raises and yields that leave frames behind. Native functions are not
// counted: their time belongs to the script function that calls them.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "runtime/heap.h"
#include "runtime/thread.h"

namespace mini {

struct CallCounts {
  uint64_t calls = 0;
  uint64_t primitive_calls = 0;   // not made by the function itself
  int64_t own_ns = 0, total_ns = 0;
};

struct ProfileEntry : CallCounts {
  uint32_t active = 0;            // calls under way
  std::unordered_map<Code*, CallCounts> callers;   // null: called from outside
};

struct Profiler {
  struct OpenCall {
    Frame* frame;
    Code* code;
    int64_t start_ns, children_ns;
  };
  std::unordered_map<Code*, ProfileEntry> entries;
  std::vector<OpenCall> open;     // outermost first
  Thread* thread = nullptr;       // where it is on; null: off

  void start(Thread& t);
  void stop();
  void trace(Marker& marker);

 private:
  friend void profiler_check(Thread& t);
  friend void profiler_sync(Thread& t);
  void enter(Frame* frame, int64_t now);
  void leave(int64_t now);
};

// At an attention check: did a call begin?
void profiler_check(Thread& t);
// Frames were left: ends the calls that are no longer under way.
void profiler_sync(Thread& t);

}  // namespace mini
