// SPDX-License-Identifier: MIT
// See interruptible.h. GMP is the one library that allocates in such work: its functions for memory are ours, note what is allocated, and
// put off leaving while malloc is at work.
#include "runtime/interruptible.h"

#include <gmp.h>

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"

namespace mini {
namespace {

constexpr uint32_t kEnding = kSignal | kAsyncException | kTerminate | kInterrupt;
enum class End { Done, Interrupted, NoMemory };

struct Work {
  sigjmp_buf exit;
  Thread* thread;
  volatile bool is_in_malloc = false;
  volatile bool is_left_late = false;   // a signal came while malloc was at work
  volatile int signal = 0;              // what came
  volatile bool stays = false;          // too many blocks to remember: nothing leaves it any more
  size_t count = 0;
  void* blocks[500];                    // what GMP has got and not given back
};

// Of this OS thread; read by its signal handlers.
constinit thread_local std::atomic<Work*> current_work{nullptr};

bool is_due(const Work& work) { return work.thread->attention.load(std::memory_order_relaxed) & kEnding; }

// The system blocks a signal while its handler runs, and nobody returned from it.
void allow_signal(int number) {
  if (number == 0) return;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

[[noreturn]] void leave(Work& work, End end) {
  current_work.store(nullptr, std::memory_order_relaxed);
  siglongjmp(work.exit, static_cast<int>(end));
}

// While one of these is alive the handler only notes that it came.
class InMalloc {
 public:
  InMalloc() : work_(current_work.load(std::memory_order_relaxed)) {
    if (work_) work_->is_in_malloc = true;
  }
  // Not a destructor, because it may leave.
  void* end(void* block) {
    if (!work_) return block;
    if (!block) leave(*work_, End::NoMemory);
    end();
    return block;
  }
  void end() {
    if (!work_) return;
    work_->is_in_malloc = false;
    if (work_->is_left_late && !work_->stays) leave(*work_, End::Interrupted);
  }
  void add(void* block) {
    if (!work_ || !block) return;
    if (work_->count == std::size(work_->blocks)) work_->stays = true;
    else work_->blocks[work_->count++] = block;
  }
  // By number: the block may be freed already.
  void remove(uintptr_t block) {
    for (size_t i = work_ ? work_->count : 0; i-- > 0;) {   // the last ones go first
      if (reinterpret_cast<uintptr_t>(work_->blocks[i]) != block) continue;
      work_->blocks[i] = work_->blocks[--work_->count];
      return;
    }
  }
  bool has_work() const { return work_ != nullptr; }

 private:
  Work* work_;
};

void* checked(void* block, const InMalloc& guard) {
  if (block || guard.has_work()) return block;
  std::fputs("mini: no memory for a big integer\n", stderr);
  std::abort();
}

void* gmp_allocate(size_t size) {
  InMalloc guard;
  void* block = checked(std::malloc(size), guard);
  guard.add(block);
  return guard.end(block);
}

void gmp_free(void* block, size_t) {
  InMalloc guard;
  guard.remove(reinterpret_cast<uintptr_t>(block));
  std::free(block);
  guard.end();
}

void* gmp_reallocate(void* block, size_t, size_t size) {
  InMalloc guard;
  volatile uintptr_t old = reinterpret_cast<uintptr_t>(block);   // a number; the compiler would warn of the pointer's use behind realloc()
  void* moved = checked(std::realloc(block, size), guard);
  if (moved) {
    guard.remove(old);
    guard.add(moved);
  }
  return guard.end(moved);
}

// Holds no local that changes between the two returns of sigsetjmp.
[[gnu::noinline]] End attempt(Work& work, void (*function)(void*), void* data) {
  int end = sigsetjmp(work.exit, 0);
  if (end) return static_cast<End>(end);
  current_work.store(&work, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!work.stays && is_due(work)) leave(work, End::Interrupted);   // it came just before
  function(data);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  current_work.store(nullptr, std::memory_order_relaxed);
  return End::Done;
}

[[gnu::noinline]] End attempt_and_clean(Thread& t, void (*function)(void*), void* data, bool stays) {
  Work work;
  work.thread = &t;
  work.stays = stays;
  End end = attempt(work, function, data);
  if (end != End::Done) {
    allow_signal(work.signal);
    while (work.count > 0) std::free(work.blocks[--work.count]);
  }
  return end;
}

// GMP asks us for memory from now on. What it got before is malloc's too.
bool watch_gmp_memory() {
  mp_set_memory_functions(gmp_allocate, gmp_reallocate, gmp_free);
  return true;
}

}  // namespace

Value run_interruptibly(Thread& t, void (*work)(void*), void* data, bool gives_gil) {
  [[maybe_unused]] static const bool is_watched = watch_gmp_memory();
  End end = End::Interrupted;
  for (int i = 0; end == End::Interrupted; ++i) {
    if (gives_gil) {
      ReleaseGil released(t, BlockReason::Native);
      end = attempt_and_clean(t, work, data, i > 0);
    } else {
      end = attempt_and_clean(t, work, data, i > 0);
    }
    if (end == End::Interrupted) TRY(t.poll_signals());
  }
  return end == End::NoMemory ? raise_memory(t) : Value::none();
}

void leave_interrupted_work(int signal) {
  Work* work = current_work.load(std::memory_order_relaxed);
  if (!work || work->stays || !is_due(*work)) return;
  work->signal = signal;
  if (work->is_in_malloc) work->is_left_late = true;
  else leave(*work, End::Interrupted);
}

}  // namespace mini
