// SPDX-License-Identifier: MIT
// The global interpreter lock: which thread may touch script values.
//
// Fair mode (default) is a scheduler: a thread that gave the GIL up by itself last time is interactive, one that was forced
// off at the end of its slice is CPU-bound; an interactive waiter takes over from a CPU-bound holder at the next
// attention check, equals wait for the switch interval, a budget keeps frequent releasers from starving the rest, and the
// releaser hands over to one chosen waiter. Classic mode is CPython's algorithm: timed wait, drop request, forced switch.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/thread.h"

namespace mini {

enum class GilMode : uint8_t { Fair, Classic };

// Why a thread blocks: what timelines, statistics and deadlock reports print.
enum class BlockReason : uint8_t { Sleep, FileIo, SocketIo, Poll, Lock, Join, Process, Native };

struct GilStats {
  uint64_t takes, waits, forced_switches, voluntary_switches;
  uint64_t wait_ns, hold_ns, longest_wait_ns;
};

class Gil {
 public:
  explicit Gil(Interpreter& interpreter);
  ~Gil();
  void take(Thread& t);                     // blocks; on return `t` is the current thread and runs
  void give(Thread& t, bool is_voluntary);  // publishes the native stack first (see ReleaseGil)
  void yield_to_waiter(Thread& t);          // at an attention check: gives and takes again
  void set_switch_interval(double seconds);
  double switch_interval() const;
  void set_mode(GilMode mode);
  GilMode mode() const;
  GilStats stats() const;
  Thread* holder() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Native code blocks only inside such a scope: the GIL is given up at its beginning and taken again at its end. No
// Value is read or written inside. Functions that block take a ReleaseGil& as proof.
class ReleaseGil {
 public:
  ReleaseGil(Thread& t, BlockReason reason);
  ~ReleaseGil();
  ReleaseGil(const ReleaseGil&) = delete;

 private:
  Thread& thread_;
};

}  // namespace mini
