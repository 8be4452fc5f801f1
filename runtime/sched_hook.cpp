// SPDX-License-Identifier: MIT
// The seeded scheduler hook. Its generator is its own, so that a script that draws random numbers does not change the
// schedule.
#include "runtime/sched_hook.h"

#include "runtime/rand.h"

namespace mini {
namespace {

class SeededSchedHook final : public SchedHook {
 public:
  SeededSchedHook(uint64_t seed, uint32_t switch_one_in) : random_(seeded_random(seed)), switch_one_in_(switch_one_in) {}
  size_t choose_waiter(size_t count) override { return draw() % count; }
  bool should_switch() override { return draw() % switch_one_in_ == 0; }

 private:
  uint64_t draw() {
    uint64_t n;
    random_->fill(&n, sizeof n);
    return n >> 8;
  }
  std::unique_ptr<RandomSource> random_;
  uint32_t switch_one_in_;
};

}  // namespace

std::unique_ptr<SchedHook> seeded_sched_hook(uint64_t seed, uint32_t switch_one_in) {
  return std::make_unique<SeededSchedHook>(seed, switch_one_in);
}

}  // namespace mini
