// SPDX-License-Identifier: MIT
// Generators, coroutines and asynchronous generators: one struct, one state machine.
//
//   state      | means                                     | next
//   Created    | frame ready, nothing ran yet              | Running, Closed
//   Running    | its frame is linked on some thread        | Suspended, Closed
//   Suspended  | waits at a yield or in a delegate         | Running, Closed
//   Closed     | returned, raised or was closed            | -
//
// The frame and its registers lie behind the object. A generator that delegates (`yield from`, `await`) to another one
// stays linked in front of it: `root` is the generator that was resumed from outside, and root->innermost the one that runs or
// waits at the far end. Resuming the root goes straight to the innermost frame; a yield there goes straight to root's
// resumer. So a switch costs the same however deep the chain is.
#pragma once

#include "runtime/frame.h"
#include "runtime/object.h"

namespace mini {

enum class GeneratorState : uint8_t { Created, Running, Suspended, Closed };

struct Generator : Object {
  GeneratorState state;
  bool is_delegate;            // its resumer is another generator's DELEGATE
  bool was_awaited;            // asynchronous generators: the first-iteration hook was called
  bool is_stepping;            // asynchronous: an asend(), athrow() or aclose() is under way
  bool is_ended;               // asynchronous generators: aclose() or their end was seen
  bool yielded_itself;         // a root: what it gave last came from a YIELD of its own, not from something it awaits
  uint32_t chain_length;       // a root: how many lie between it and the innermost: a long chain counts as deep calls
  uint32_t throw_mark;         // number of the last throw() that found it in the chain (Thread::active_throw)
  Generator* root;             // outermost generator of the chain; itself when it is the root
  Generator* innermost;        // only valid in a root
  Frame* frame;                // behind the object; null once closed
  Str *name, *qualified_name;
  ObjectOrEmpty own_handled;   // exception being handled inside while suspended; Empty: none of its own
  ObjectOrEmpty delegate;      // foreign iterator that it delegates to, Empty otherwise (for throw and close)
  Code* code;                  // kept for repr after closing
  CodePlace created_at;        // for reports of coroutines
  union {
    Object* finalizer_hook;    // asynchronous generators; null: none
    const Instruction* loop_exit;   // generators: FOR_LOOP's next instruction in the resumer, for the end
  };
};

extern const Layout generator_layout, coroutine_layout, async_generator_layout;

// A new generator of the kind that the code asks for, with room for the code's registers.
Generator* make_generator(Thread& t, Function* function, Code* code);
// A coroutine that runs: it goes on where `frame`, an awaited one on the thread's stack, is. Its links to others are not set.
Generator* adopt_frame(Thread& t, const Frame* frame);
inline bool is_generator_like(Value v) {
  return v.is_object() && v.object->kind >= Kind::Generator && v.object->kind <= Kind::AsyncGenerator;
}
// Marks what a generator of any kind reaches.
void trace_generator(Object* o, Marker& marker);
// The exception object that throw(type[, value[, traceback]]) means; args[0..3), absent ones Empty.
Value thrown_exception(Thread& t, const Value* args);
// What is due when nothing reaches a generator any more: its `finally` blocks, a warning that it was never awaited.
bool generator_has_finalizer(Object* generator);
Value generator_del(Thread& t, Value* args, size_t argc);
// What `await` does with the object of __anext__() or asend(): runs the asynchronous generator until it gives an item (Returned), awaits
// something (Yielded) or raises. The StopIteration that next() would wrap the item in is never made. False: `v` is something else, or
// one that is used up.
struct Resumption;
bool await_async_step(Thread& t, Value v, Value sent, Resumption& out);
// generator.throw / close for natives.
Value generator_close(Thread& t, Generator* g);

}  // namespace mini
