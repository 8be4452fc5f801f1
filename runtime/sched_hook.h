// SPDX-License-Identifier: MIT
// SchedHook: the only door through which "who runs next" enters. Under a GIL a run's only free choices are which waiter takes
// the lock, whether a holder gives it up at an attention check, and (for tests) which ready callback goes first. A seeded
// hook makes all of them repeatable.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mini {

class SchedHook {
 public:
  virtual ~SchedHook() = default;
  // Which of `count` waiting threads (in order of arrival) gets the GIL.
  virtual size_t choose_waiter(size_t count) = 0;
  // At an attention check: should the holder give way now?
  virtual bool should_switch() = 0;
};

}  // namespace mini
