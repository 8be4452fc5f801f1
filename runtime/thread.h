// SPDX-License-Identifier: MIT
// Thread: the interpreter's state for one OS thread. Only its own OS thread touches it while holding the GIL; other
// threads may only set bits in `attention` and wake it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/frame.h"

namespace mini {

class ReprGuard;
class ValueList;
struct Interpreter;
struct NativeFunction;

// The one flag word that running code tests, at loop back-edges and function entry only. Natives that run long
// call `t.poll()`.
enum Attention : uint32_t {
  kWantGil = 1,         // another thread asks for the GIL
  kSignal = 2,          // a signal arrived (main thread)
  kCollect = 4,         // a collection left __del__ methods or weak reference callbacks to run
  kAsyncException = 8,  // somebody set `async_exception`
  kTerminate = 16,      // the interpreter is closing: SystemExit at every check, until what runs has ended
  kProfile = 64,        // calls are counted (profiler.h)
  kLoopBlocked = 512,   // a callback of the event loop takes long: note where (loop/watchdog.h)
  kEveryCheck = 32,     // tests: serve at every check, so that the scheduler hook or --switch-every decides each time
  kInterrupt = 128,     // raise KeyboardInterrupt, once
  kMemoryLimit = 256,   // the heap is beyond its limit: raise MemoryError, once
};

// Why a thread blocks: what timelines, statistics and deadlock reports print.
enum class BlockReason : uint8_t { None, Sleep, FileIo, SocketIo, Poll, Lock, Join, Wait, Process, Native };
const char* block_reason_name(BlockReason reason);

struct Thread {
  std::atomic<uint32_t> attention{0};
  Interpreter* interpreter;
  Heap* heap;
  Frame* frame = nullptr;              // innermost activation; exact whenever native code runs
  Value exception = Value::empty();    // in flight, whenever a function returned Raised
  Value handled = Value::empty();      // being handled: sys.exc_info(), bare raise, __context__
  NativeFunction* callee = nullptr;    // the native function being called
  Value dropped = Value::empty();      // where results go that nobody reads (of a script's __setitem__); never looked at
  uint32_t recursion_limit = 1000;
  uint32_t native_depth = 0;

  Frame* frames = nullptr;             // reserved arrays
  Frame* frames_limit = nullptr;
  Value* registers = nullptr;
  Value* registers_limit = nullptr;
  const char* native_stack_limit = nullptr;   // below this address: RecursionError
  const char* native_stack_base = nullptr;    // highest address, for scanning
  const char* native_stack_top = nullptr;     // published when the GIL is given up; null while running
  void* spilled_registers = nullptr;          // jmp_buf-like area, on the native stack

  ValueList* value_lists = nullptr;
  ReprGuard* repr_guards = nullptr;           // objects being shown, innermost first (objects/iteration.h)
  Value async_exception = Value::empty();
  uint64_t active_throw = 0;           // number of the generator.throw() under way, 0: none; see resume_throwing
  uint64_t throw_count = 0;
  Value settled = Value::empty();      // during a throw: what was thrown or caught last, with the traceback that it had then
  Value settled_traceback = Value::empty();
  Value thread_object = Value::empty();       // script-level threading.Thread, if any
  Value thread_handle = Value::empty();       // what join waits on, for threads that a script started
  Value context = Value::empty();             // contextvars
  Value asyncgen_firstiter = Value::empty();  // sys.set_asyncgen_hooks
  Value asyncgen_finalizer = Value::empty();
  void* running_loop = nullptr;               // asyncio: the loop that runs on this thread
  Value running_loop_object = Value::empty();
  uint64_t id = 0;                            // threading.get_ident()
  Thread* next_thread = nullptr;
  Thread* previous_thread = nullptr;
  void* gil_state = nullptr;                  // owned by gil.cpp
  uint64_t native_thread_id = 0;
  bool is_main = false;
  std::vector<Object*> observed_frames;       // objects of frames under way that somebody looks at
  struct Profiler* profiler = nullptr;        // counts this thread's calls; null: none
  bool is_daemon = false;
  bool is_linked = false;                     // in the interpreter's list
  BlockReason blocked = BlockReason::None;    // while it is outside or parked
  bool is_parked = false;                     // in a park that nobody has ended yet (parking.h)
  Object* waits_for = nullptr;                // while parked: the lock, queue or Thread object; alive, as whoever waits refers to it
  int64_t waits_until = 0;                    // while parked: the deadline
  std::string slow_place;                     // where the loop's callback was when it took too long; empty: it did not
  uint64_t attention_checks = 0;              // for --switch-every
  // While this thread's OS thread runs code of another interpreter: its thread there. See exec/interpreter_family.h.
  std::atomic<Thread*> visiting{nullptr};

  // Reserves the stacks, joins the interpreter's list and the GIL's. Under the GIL, but for the first thread, which
  // becomes the main one and is bound to the calling OS thread. `is_valid` tells whether the memory was there.
  explicit Thread(Interpreter& i);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  bool is_valid() const { return frames != nullptr && registers != nullptr; }
  // On the OS thread that will run it: bounds of the native stack, ids, current_thread(). `stack_bytes` is the size of the
  // native stack when the caller, near its beginning, knows it; 0: the system is asked, which takes microseconds.
  void bind_to_os_thread(size_t stack_bytes = 0);
  // Runs on the OS thread of `host`, a thread of another interpreter, with what is left of its native stack below `base`.
  void bind_as_guest(const Thread& host, const char* base);
  // Leaves the interpreter's list, under the GIL; afterwards the destructor may run without it.
  void unlink();

  // The loop's callback takes too long: notes where it is. In thread_report.cpp.
  void note_slow_place();
  // The call under way, for reports.
  CodePlace place() const { return frame ? CodePlace{frame->code, frame->ip} : CodePlace{}; }
  bool needs_attention() const { return attention.load(std::memory_order_relaxed) != 0; }
  // Serves attention requests: gives the GIL up when asked, runs signal handlers, collects. Raised when a handler
  // raised or an asynchronous exception is due, else None.
  Value serve_attention();
  // For natives that run long: serves attention if there is any.
  Value poll() { return needs_attention() ? serve_attention() : Value::none(); }
  // For natives that walk through containers, which other threads may change: serves what is urgent, but does not offer the GIL, so that
  // `list(d.items())` is one step as in CPython.
  Value poll_signals() {
    constexpr uint32_t kUrgent = kSignal | kAsyncException | kTerminate | kInterrupt | kMemoryLimit;
    return attention.load(std::memory_order_relaxed) & kUrgent ? serve_attention() : Value::none();
  }
  // True when the native stack is nearly used up; the caller then raises RecursionError.
  bool native_stack_is_low() const { return static_cast<const char*>(__builtin_frame_address(0)) < native_stack_limit; }
};

// The Thread of the calling OS thread, or null when it has none.
Thread* current_thread();
void set_current_thread(Thread* t);

}  // namespace mini
