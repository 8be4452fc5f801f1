// SPDX-License-Identifier: MIT
// Waiting for words in memory that several processes map, and the lock that everything else there is made of.
//
//   lock word | means
//   0         | free
//   pid       | that process has it; with kLockHasWaiters, others sleep on the word
//   kLeft     | a process ended by itself without releasing it: it stays taken until somebody releases it
//
// A waiter that has slept for a while looks whether the holder was killed, and then takes the lock over: what a killed process held is not
// lost for the others. Sleepers wake up now and then by themselves, because the one that was woken may be killed before it acts.
// The GIL is held by callers and given up while they wait; Ctrl-C ends a wait at once.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/thread.h"

namespace mini {

using SharedWord = std::atomic<uint32_t>;
static_assert(SharedWord::is_always_lock_free, "processes share the word itself");

inline constexpr uint32_t kLockHasWaiters = uint32_t{1} << 31;
inline constexpr uint32_t kLeft = kLockHasWaiters - 1;

// timeout=None or seconds, as a time of the system's clock; kNever, or 0: do not wait. False after raising.
bool process_deadline(Thread& t, Value timeout, int64_t& deadline_ns);
// acquire(block, timeout) likewise.
bool process_deadline(Thread& t, Value block, Value timeout, int64_t& deadline_ns);
// Sleeps while `word` holds `expected`, a quarter of a second or until the deadline at most. True: the deadline has passed.
Value wait_for_word(Thread& t, SharedWord& word, uint32_t expected, int64_t deadline_ns);
void wake_waiters(SharedWord& word, int count);

bool process_was_killed(uint32_t pid);
uint32_t own_pid();

enum class Taken : uint8_t { No, Yes, FromKilled, Raised };
// No: not before the deadline.
Taken take_process_lock(Thread& t, SharedWord& word, int64_t deadline_ns);
void free_process_lock(SharedWord& word);
inline uint32_t lock_holder(const SharedWord& word) { return word.load(std::memory_order_relaxed) & ~kLockHasWaiters; }

}  // namespace mini
