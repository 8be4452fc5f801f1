// SPDX-License-Identifier: MIT
#include "runtime/builtins/module_lock.h"

#include <algorithm>
#include <vector>

#include "runtime/interpreter.h"

namespace mini {

// What the threads of one interpreter fill and wait for.
struct ModuleLocks {
  struct Waiting {
    Thread* thread;
    Module* module;
  };
  ModuleLock* first = nullptr;
  std::vector<Waiting> waiting;

  ModuleLock* lock_of(const Module* module) const {
    ModuleLock* lock = first;
    while (lock && lock->module_ != module) lock = lock->next_;
    return lock;
  }

  // Does whoever fills the module wait, perhaps by way of others, for one that `t` fills?
  bool ends_at(const Thread& t, const Module* module) const {
    for (size_t steps = 0; steps <= waiting.size(); ++steps) {
      const ModuleLock* lock = lock_of(module);
      if (!lock) return false;
      if (&lock->thread_ == &t) return true;
      auto next = std::find_if(waiting.begin(), waiting.end(), [&](const Waiting& w) { return w.thread == &lock->thread_; });
      if (next == waiting.end()) return false;
      module = next->module;
    }
    return true;
  }
};

namespace {

constexpr const char* kState = "module locks";
constexpr uint32_t kIsBeingFilled = 1;   // in Module::extra: importing what is whole costs one test

ModuleLocks& locks_of(Thread& t) {
  void*& state = t.interpreter->module_state[kState];
  if (!state) {
    state = new ModuleLocks;
    t.interpreter->at_close.push_back([](Interpreter& closing) { delete static_cast<ModuleLocks*>(closing.module_state[kState]); });
  }
  return *static_cast<ModuleLocks*>(state);
}

}  // namespace

ModuleLock::ModuleLock(Thread& t, Module* module) : thread_(t), module_(module) {
  ModuleLocks& locks = locks_of(t);
  next_ = locks.first;
  locks.first = this;
  module->extra = kIsBeingFilled;
}

ModuleLock::~ModuleLock() {
  ModuleLock** link = &locks_of(thread_).first;
  while (*link != this) link = &(*link)->next_;
  *link = next_;
  module_->extra = 0;
  wake_all(waiters_);
}

Value wait_until_filled(Thread& t, Module* module) {
  if (MINI_LIKELY(module->extra != kIsBeingFilled)) return Value::none();
  ModuleLocks& locks = locks_of(t);
  for (;;) {
    ModuleLock* lock = locks.lock_of(module);
    if (!lock || locks.ends_at(t, module)) return Value::none();
    locks.waiting.push_back({&t, module});
    ParkOutcome outcome = park(t, lock->waiters_, {BlockReason::Lock});
    std::erase_if(locks.waiting, [&](const ModuleLocks::Waiting& w) { return w.thread == &t && w.module == module; });
    if (outcome == ParkOutcome::Raised) return Value::raised();
  }
}

}  // namespace mini
