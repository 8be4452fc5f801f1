// SPDX-License-Identifier: MIT
// SchedHook: the only door through which "who runs next" enters. Under a GIL a run's only free choices are which waiter takes
// the lock, whether a holder gives it up at an attention check, and (for tests) which ready callback goes first. A seeded
// hook makes all of them repeatable. It is called with the GIL held, or by the thread that is about to hand it over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace mini {

class SchedHook {
 public:
  virtual ~SchedHook() = default;
  // Which of `count` waiting threads (in order of arrival) gets the GIL.
  virtual size_t choose_waiter(size_t count) = 0;
  // At an attention check: should the holder give way now?
  virtual bool should_switch() = 0;
};

// Draws every choice from a generator seeded with `seed`; gives way at about one attention check in `switch_one_in`.
std::unique_ptr<SchedHook> seeded_sched_hook(uint64_t seed, uint32_t switch_one_in = 4);

}  // namespace mini
