// SPDX-License-Identifier: MIT
// Waiting actively for what usually comes within microseconds. A thread that sleeps lets its processor go idle, and waking that
// one up costs more than most answers take: 20 to 50 microseconds on virtual machines.
//
// Every waiter has a Spinner, which remembers how its waits ended: those that came true in time earn credit, the others spend
// it, and without credit one wait in 64 finds out whether times have changed. So a thread that waits long hardly ever spins.
#pragma once

#include <cstdint>

#include "runtime/clock.h"

namespace mini {

// Has the process more than one processor? On one, whoever spins keeps away the thread that it waits for.
bool can_spin();

inline void relax_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

class Spinner {
 public:
  // Looks until `is_there()` holds; false when that took too long, or is not worth trying.
  template <class Condition>
  bool wait(Condition is_there) {
    if (is_there()) return true;
    if (!is_due()) return false;
    bool in_time = spin(is_there);
    if (in_time) credit_ = kMostCredit;
    else if (credit_) --credit_;
    return in_time;
  }

 private:
  static constexpr uint32_t kMostCredit = 8;
  static constexpr uint32_t kTriesOneIn = 64;
  static constexpr int64_t kLongest = 40'000;   // nanoseconds
  static constexpr int kLooks = 16;             // between two glances at the clock

  bool is_due() { return can_spin() && (credit_ || ++waits_ % kTriesOneIn == 0); }

  template <class Condition>
  bool spin(Condition is_there) {
    int64_t deadline = system_clock().monotonic_ns() + kLongest;
    do {
      for (int i = 0; i < kLooks; ++i) {
        relax_processor();
        if (is_there()) return true;
      }
    } while (system_clock().monotonic_ns() < deadline);
    return false;
  }

  uint32_t credit_ = 0, waits_ = 0;
};

}  // namespace mini
