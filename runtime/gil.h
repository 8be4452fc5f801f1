// SPDX-License-Identifier: MIT
// The global interpreter lock: which thread may touch script values.
//
// Fair mode (default) is a scheduler: a thread that gave the GIL up by itself last time is interactive, one that was forced
// off at the end of its slice is CPU-bound; an interactive waiter takes over from a CPU-bound holder at the next
// attention check, equals wait for the switch interval, a budget keeps frequent releasers from starving the rest, and the
// releaser hands over to one chosen waiter. Classic mode is CPython's algorithm: timed wait, drop request, forced switch.
//
//   a thread is | it                                          | next
//   outside     | blocks in the system or runs native code    | waiting, running
//   waiting     | asked for the GIL                           | running
//   running     | holds the GIL                               | outside, waiting (at an attention check), parked
//   parked      | waits for another thread's unpark           | waiting
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/clock.h"
#include "runtime/native_stack.h"
#include "runtime/thread.h"

namespace mini {

enum class GilMode : uint8_t { Fair, Classic };

// Place 0 counts times below a microsecond, each further one those below the double, the last one all that are longer.
inline constexpr size_t kGilBuckets = 16;
struct GilHistogram {
  uint64_t counts[kGilBuckets];
  void add(int64_t ns);
  void add(const GilHistogram& other);
};

struct GilStats {
  uint64_t takes, waits, forced_switches, voluntary_switches;
  uint64_t wait_ns, hold_ns, longest_wait_ns;
  GilHistogram wait_times, hold_times;
  void add(const GilStats& other);
};
struct GilThreadStats {
  uint64_t thread_id;
  GilStats stats;
  bool is_interactive, is_waiting;
};

// What ended a park.
enum class ParkEnd : uint8_t { Unparked, DeadlinePassed, Poked };

class Gil {
 public:
  explicit Gil(Interpreter& interpreter);
  ~Gil();
  // Every Thread is attached for its whole life (its constructor and destructor do it).
  void attach(Thread& t);
  static void detach(Thread& t);           // may run without the GIL, even after the interpreter

  void take(Thread& t);                     // blocks; on return `t` is the current thread and runs
  void give(Thread& t, bool is_voluntary);  // the native stack is already published (see ReleaseGil)
  void yield_to_waiter(Thread& t, bool is_forced = false);   // at an attention check: gives and takes again, if due

  // Gives the GIL and blocks until another thread unparks `t`, the deadline passes or somebody pokes `t` (a signal).
  // Returns with the GIL. `keeps_class`: waiting for a script-level lock does not make a thread interactive, or
  // CPU-bound threads that contend for a lock would force each other off at every release.
  ParkEnd park(Thread& t, int64_t deadline_ns, bool keeps_class);
  void unpark(Thread& target);              // under the GIL; no effect unless `target` is parked
  // Makes a park of `target`, present or next, end early. Async-signal-safe, needs no GIL.
  static void poke(Thread& target);

  void set_switch_interval(double seconds);
  double switch_interval() const;
  void set_mode(GilMode mode);              // only while no other thread exists
  GilMode mode() const;
  // Hold and wait times are measured only when this was called, since that costs two clock reads at each release.
  void start_measuring();
  GilStats stats() const;
  std::vector<GilThreadStats> thread_stats() const;
  Thread* holder() const;
  size_t waiting_count() const;
  // In a forked child, whose only thread holds the GIL: the helper thread was not copied.
  void after_fork();
  // The interpreter ends: from now on only `closer` gets the GIL, every other thread that asks blocks for ever.
  void close(Thread& closer);

  struct Impl;   // gil_impl.h

 private:
  std::unique_ptr<Impl> impl_;
};

// Native code blocks only inside such a scope: the GIL is given up at its beginning and taken again at its end. No
// Value is read or written inside. Functions that block take a ReleaseGil& as proof.
class ReleaseGil {
 public:
  [[gnu::always_inline]] ReleaseGil(Thread& t, BlockReason reason) : thread_(t) {
    spill_registers(registers_);
    begin(reason);
  }
  ~ReleaseGil();
  ReleaseGil(const ReleaseGil&) = delete;
  ReleaseGil& operator=(const ReleaseGil&) = delete;

 private:
  void begin(BlockReason reason);
  Thread& thread_;
  SpilledRegisters registers_;
};

}  // namespace mini
