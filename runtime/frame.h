// SPDX-License-Identifier: MIT
// Frame: one activation of script code. Plain data.
//
// A thread keeps frames of plain calls in one array and their registers in one contiguous stack of reserved address
// space, so neither ever moves; the callee's register window starts at the caller's outgoing arguments. A generator or
// coroutine owns its frame and registers, and resuming it links that frame in front of the resumer's: nothing is copied. Only a
// coroutine that waits for long has its frame packed meanwhile (objects/packed_frames.h).
#pragma once

#include "runtime/code.h"

namespace mini {

struct Function;
struct Generator;

enum FrameFlags : uint32_t {
  kFrameEntry = 1,         // returning leaves run(): the caller is native
  kFrameConstructor = 2,   // __init__ called by a class: its result must be None and is dropped
  kFrameForLoop = 4,       // a generator resumed by FOR_LOOP: its end makes the loop fall through
  kFrameHeap = 8,          // owned by a generator
  kFrameNextBuiltin = 16,  // a generator resumed by next() or send(): its end raises StopIteration in the resumer
  kFrameAwaited = 32,      // a coroutine that was called to be awaited at once: a generator is made of it when it has to wait
  kFrameProfiled = 64,     // its end is told to the thread's profiler
  kFrameObserved = 128,    // a frame object looks at it (objects/frame_object.h)
  kFrameOperator = 256,    // a method for an operator: when it returns NotImplemented, the other operand is asked
  kFrameInplace = 512,     // ... that of an augmented assignment, like __iadd__
  kFrameComparison = 1024, // ... that of a comparison
  kFrameHandlesSame = 2048, // a generator's: it handles the very exception that its resumer handles too
  kFrameTaken = 4096,      // a generator whose `result` is the `declined` of a Taker (calls.h)
  kFrameOperatorShift = 16,   // the operator's number stands above
};

// An instruction that ran. The code is not kept alive by it: a reader looks for it among the code that lives (thread_report.h).
struct CodePlace {
  const Code* code;
  const Instruction* ip;
};

struct Frame {
  const Instruction* ip;      // next instruction; saved before anything that can raise, call, collect or suspend
  Value* registers;
  Code* code;
  Function* function;         // null for modules, class bodies and exec
  Dict* globals;
  Frame* previous;            // who continues when this frame returns or yields; null at the bottom of the thread
  Value* result;              // where the caller wants the result
  Generator* generator;       // the owner, or null
  union {
    Dict* locals;             // namespace of class bodies and exec; null for modules. Set only where code_flags has kCodeUsesNamespace
    size_t buffer_bytes;      // a coroutine's: how large the buffer is that the frame and its registers lie in
  };
  Value locals_value;         // that namespace when it is no plain dict (a metaclass's __prepare__); else Empty
  ObjectOrEmpty entry_handled;   // a generator: the exception that its resumer handles; awaited: what was handled; a constructor: the instance
  Frame* next_frame;          // a generator's frame: the free frame and register above its resumer
  Value* next_registers;
  uint32_t flags;             // FrameFlags
  uint32_t depth;             // script calls below this one
};

}  // namespace mini
