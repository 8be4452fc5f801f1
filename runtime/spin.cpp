// SPDX-License-Identifier: MIT
// How many processors there are for this process.
#include "runtime/spin.h"

#include <sched.h>

namespace mini {

bool can_spin() {
  static const bool answer = [] {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) > 1;
  }();
  return answer;
}

}  // namespace mini
