// SPDX-License-Identifier: MIT
// Threads that import the same module. A module stands in sys.modules while its code still runs; another thread that finds it there
// waits until it is whole, as with the module locks of CPython's importlib. Two threads that would wait for each other's modules
// do not: whoever sees it takes the module as it is.
#pragma once

#include "runtime/objects/module.h"
#include "runtime/parking.h"

namespace mini {

// The module is being filled by this thread as long as this object lives; it lies on the thread's native stack.
class ModuleLock {
 public:
  ModuleLock(Thread& t, Module* module);
  ~ModuleLock();
  ModuleLock(const ModuleLock&) = delete;
  ModuleLock& operator=(const ModuleLock&) = delete;

 private:
  friend Value wait_until_filled(Thread& t, Module* module);
  friend struct ModuleLocks;
  Thread& thread_;
  Module* module_;
  ModuleLock* next_;
  WaitList waiters_;
};

// None once no other thread fills the module, or when waiting would never end. Raised: a signal handler raised meanwhile.
Value wait_until_filled(Thread& t, Module* module);

}  // namespace mini
