// SPDX-License-Identifier: MIT
// Long native work that Ctrl-C ends at once, wherever it stands.
//
// GMP's products, a fill of gigabytes or a search through them look at no attention word. They need not: while such work runs, the C
// handler of a signal leaves it by siglongjmp, the script's handlers run, and if none of them raised, the work begins again (the second
// time nothing leaves it, so that a timer which ticks often cannot keep it from ending).
//
// What may run so: only code that computes, from memory that nobody changes into memory that nobody sees before the end. It makes
// no object, takes no lock, has no destructor to run and polls nothing. GMP's own temporaries are known and freed; memory that GMP does
// not get ends the work with MemoryError instead of the process.
#pragma once

#include <cstddef>
#include <type_traits>

#include "runtime/thread.h"

namespace mini {

// Work on fewer bytes than this takes some milliseconds at most and is not worth the preparation.
inline constexpr size_t kLongBytes = size_t{1} << 20;

// Runs work(data). None; Raised when a signal's handler raised, or when GMP had no memory. `gives_gil`: other threads run meanwhile.
Value run_interruptibly(Thread& t, void (*work)(void*), void* data, bool gives_gil);

template <class Work> Value interruptibly(Thread& t, Work&& work) {
  return run_interruptibly(t, [](void* data) { (*static_cast<std::remove_reference_t<Work>*>(data))(); }, &work, false);
}
template <class Work> Value interruptibly_without_gil(Thread& t, Work&& work) {
  return run_interruptibly(t, [](void* data) { (*static_cast<std::remove_reference_t<Work>*>(data))(); }, &work, true);
}
// The same, directly when the work is on few bytes.
template <class Work> Value interruptibly_if_long(Thread& t, size_t bytes, Work&& work) {
  if (bytes >= kLongBytes) return interruptibly(t, work);
  work();
  return Value::none();
}

// For C handlers of signals, as their last step: leaves the work of this OS thread if what arrived concerns it.
void leave_interrupted_work(int signal);

}  // namespace mini
