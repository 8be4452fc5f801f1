// SPDX-License-Identifier: MIT
// Threads of an interpreter: their stacks, their place in the interpreter's list, what they do at an attention check.
#include "runtime/thread.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/profiler.h"
#include "runtime/signals.h"

namespace mini {
namespace {

constexpr size_t kMainStackBytes = size_t{64} << 20;    // of registers, and as much of frames
constexpr size_t kOtherStackBytes = size_t{16} << 20;
constexpr size_t kLeastStackBytes = size_t{1} << 20;
constexpr size_t kMainShare = 32, kOtherShare = 128;    // where address space is limited, a stack takes this part of it at most
constexpr size_t kNativeReserve = 256 << 10;            // native stack that stays free for natives that do not look

constexpr size_t kSpareStacks = 64;                     // of threads that ended, kept for new ones
constexpr size_t kSpareKept = 16 << 10;

thread_local Thread* current = nullptr;

// As the process began: all stacks of a kind are of one size, for others use them again.
size_t limit_of_address_space() {
  static const size_t found = [] {
    rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : static_cast<size_t>(limit.rlim_cur);
  }();
  return found;
}

size_t stack_bytes(bool is_main) {
  size_t share = limit_of_address_space() / (is_main ? kMainShare : kOtherShare) & ~(kLeastStackBytes - 1);
  return std::clamp(share, kLeastStackBytes, is_main ? kMainStackBytes : kOtherStackBytes);
}

// Address space only: pages come when they are touched.
void* reserve(size_t bytes) {
  void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

}  // namespace

Thread* current_thread() { return current; }
void set_current_thread(Thread* t) { current = t; }

Thread::Thread(Interpreter& i) : interpreter(&i), heap(i.heap.get()) {
  is_main = i.main_thread == nullptr;
  id = i.next_thread_id++;
  size_t bytes = stack_bytes(is_main);
  if (!is_main && i.spare_stacks.size() >= 2) {
    registers = static_cast<Value*>(i.spare_stacks.back());
    i.spare_stacks.pop_back();
    frames = static_cast<Frame*>(i.spare_stacks.back());
    i.spare_stacks.pop_back();
  } else {
    registers = static_cast<Value*>(reserve(bytes));
    frames = static_cast<Frame*>(reserve(bytes));
  }
  if (!is_valid()) return;
  registers_limit = registers + bytes / sizeof(Value);
  frames_limit = frames + bytes / sizeof(Frame);
  if (is_main) i.main_thread = this;
  else recursion_limit = i.main_thread->recursion_limit;
  next_thread = i.threads;
  if (next_thread) next_thread->previous_thread = this;
  i.threads = this;
  ++i.thread_count;
  is_linked = true;
  i.gil->attach(*this);
  if (!is_main) return;
  if (const Thread* host = i.options.host) bind_as_guest(*host, static_cast<const char*>(__builtin_frame_address(0)));
  else bind_to_os_thread();
}

Thread::~Thread() {
  if (is_main) release_signals(*this);
  if (is_linked) unlink();
  if (gil_state) Gil::detach(*this);
  if (registers) munmap(static_cast<void*>(registers), stack_bytes(is_main));
  if (frames) munmap(static_cast<void*>(frames), stack_bytes(is_main));
  if (is_main) {
    for (void* stack : interpreter->spare_stacks) munmap(stack, stack_bytes(false));
    interpreter->spare_stacks.clear();
  }
  if (current == this) current = nullptr;
}

void Thread::unlink() {
  (previous_thread ? previous_thread->next_thread : interpreter->threads) = next_thread;
  if (next_thread) next_thread->previous_thread = previous_thread;
  next_thread = previous_thread = nullptr;
  is_linked = false;
  --interpreter->thread_count;
  if (is_main || interpreter->spare_stacks.size() >= kSpareStacks) return;
  // The next thread gets the stacks: without our values, which the collector no longer keeps alive, and empty but for the
  // first few pages, as the others go back to the system.
  memset(static_cast<void*>(registers), 0, kSpareKept);
  for (void* stack : {static_cast<void*>(frames), static_cast<void*>(registers)}) {
    madvise(static_cast<char*>(stack) + kSpareKept, stack_bytes(false) - kSpareKept, MADV_DONTNEED);
    interpreter->spare_stacks.push_back(stack);
  }
  frames = nullptr;
  registers = nullptr;
}

void Thread::bind_to_os_thread(size_t stack_bytes) {
  native_thread_id = static_cast<uint64_t>(syscall(SYS_gettid));
  current = this;
  if (stack_bytes) {
    // The system keeps a little above us (thread-local storage) and a guard page below.
    native_stack_base = static_cast<const char*>(__builtin_frame_address(0)) + 256;
    native_stack_limit = native_stack_base - stack_bytes + (64 << 10) + (stack_bytes > 4 * kNativeReserve ? kNativeReserve : stack_bytes / 4);
    return;
  }
  pthread_attr_t attributes;
  void* low = nullptr;
  size_t size = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
  }
  if (size == 0) {
    // Unknown: trust what is below us for a modest depth.
    native_stack_base = static_cast<const char*>(__builtin_frame_address(0));
    native_stack_limit = native_stack_base - (512 << 10);
  } else {
    native_stack_base = static_cast<const char*>(low) + size;
    size_t reserve_bytes = size > 4 * kNativeReserve ? kNativeReserve : size / 4;
    native_stack_limit = static_cast<const char*>(low) + reserve_bytes;
  }
}

void Thread::bind_as_guest(const Thread& host, const char* base) {
  native_thread_id = host.native_thread_id;
  native_stack_base = base;
  native_stack_limit = host.native_stack_limit;
  native_stack_top = nullptr;
  spilled_registers = nullptr;
  current = this;
}

Value Thread::serve_attention() {
  uint32_t bits = attention.load(std::memory_order_acquire);
  if (bits & kEveryCheck) {
    ++attention_checks;
    SchedHook* hook = interpreter->sched_hook;
    bool is_due = hook ? hook->should_switch() : attention_checks % interpreter->options.switch_every == 0;
    if (is_due) interpreter->gil->yield_to_waiter(*this, true);
  }
  if (MINI_UNLIKELY(profiler)) profiler_check(*this);
  if (MINI_UNLIKELY(bits & kLoopBlocked)) note_slow_place();
  if (bits & kWantGil) interpreter->gil->yield_to_waiter(*this);
  if (bits & kCollect) {
    attention.fetch_and(~kCollect);
    heap->run_pending(*this);
  }
  if ((bits & kSignal) && handles_signals(*this)) TRY(run_signal_handlers(*this));
  if (bits & kAsyncException) {
    attention.fetch_and(~kAsyncException);
    Value due = async_exception;
    async_exception = Value::empty();
    if (!due.is_empty()) return raise_value(*this, due);
  }
  if (bits & kTerminate) return raise_no_arguments(*this, ErrorType::SystemExit);
  if (bits & kInterrupt) {
    attention.fetch_and(~kInterrupt);
    return raise_no_arguments(*this, ErrorType::KeyboardInterrupt);
  }
  if (bits & kMemoryLimit) {
    attention.fetch_and(~kMemoryLimit);
    return raise_memory(*this);
  }
  return Value::none();
}

}  // namespace mini
