// SPDX-License-Identifier: MIT
// What script threads wait for each other with: Lock, RLock, Condition, Event, Semaphore. All are plain fields and a WaitList, guarded by
// the GIL; taking a free lock is a store.
//
// A released lock is free for whoever comes first, so that a thread in a loop of `with lock:` needs no switch for each round. A
// thread that was woken and came too late stands first in the list again and is then handed the lock directly.
#pragma once

#include "runtime/frame.h"
#include "runtime/object.h"
#include "runtime/parking.h"

namespace mini {

struct Lock : Object {
  bool is_locked;
  Thread* heir;            // the lock was handed to this waiter, which has not run yet
  uint64_t owner;          // id of the thread that took it, for reports
  CodePlace taken_at;      // for reports
  WaitList waiters;
};

struct RecursiveLock : Object {
  uint64_t owner;          // id of the thread that holds it; 0: free
  uint64_t count;
  Thread* heir;
  CodePlace taken_at;      // for reports
  WaitList waiters;
};

struct Condition : Object {
  Value lock;              // a Lock, an RLock or any object with their methods
  WaitList waiters;
  uint64_t waiting;
};

struct Event : Object {
  bool is_set;
  WaitList waiters;
};

struct Semaphore : Object {
  int64_t value;
  int64_t initial;         // bounded ones must not exceed it
  bool is_bounded;
  WaitList waiters;
};

extern const Layout lock_layout, recursive_lock_layout, condition_layout, event_layout, semaphore_layout,
    bounded_semaphore_layout;

// acquire(blocking, timeout) arguments as a deadline: 0 means try only. False after raising.
bool lock_deadline(Thread& t, Value blocking, Value timeout, int64_t& deadline_ns);
// timeout=None or a number, as wait() takes it.
bool wait_deadline(Thread& t, Value timeout, int64_t& deadline_ns);
Value lock_take(Thread& t, Lock* lock, int64_t deadline_ns);                      // Bool or Raised
void lock_free(Lock* lock);
Value recursive_lock_take(Thread& t, RecursiveLock* lock, int64_t deadline_ns);   // Bool or Raised
void recursive_lock_free(RecursiveLock* lock);
Lock* make_lock(Thread& t);

}  // namespace mini
