// SPDX-License-Identifier: MIT
// Generators, coroutines and asynchronous generators: one struct, one state machine.
//
//   state      | means                                     | next
//   Created    | frame ready, nothing ran yet              | Running, Closed
//   Running    | its frame is linked on some thread        | Suspended, Closed
//   Suspended  | waits at a yield or in a delegate         | Running, Closed
//   Closed     | returned, raised or was closed            | -
//
// The frame and its registers lie behind the object; those of a coroutine in a buffer, which is there from its first step to its end
// only: until then, and while it waits for long, `packed` has what is needed to make them (packed_frames.h). A generator that delegates (`yield from`, `await`) to another one
// stays linked in front of it: `root` is the generator that was resumed from outside, and root->innermost the one that runs or
// waits at the far end. Resuming the root goes straight to the innermost frame; a yield there goes straight to root's
// resumer. So a switch costs the same however deep the chain is.
#pragma once

#include "runtime/frame.h"
#include "runtime/object.h"

namespace mini {

struct Packed;

enum class GeneratorState : uint8_t { Created, Running, Suspended, Closed };

struct Generator : Object {
  GeneratorState state;
  bool is_delegate;            // its resumer is another generator's DELEGATE
  bool yielded_itself;         // a root: what it gave last came from a YIELD of its own, not from something it awaits
  bool was_awaited : 1;        // asynchronous generators: the first-iteration hook was called
  bool is_stepping : 1;        // asynchronous: an asend(), athrow() or aclose() is under way
  bool is_ended : 1;           // asynchronous generators: aclose() or their end was seen
  bool is_hidden : 1;          // no script has the object: made of an awaited frame, and may be made anew of a packed one
  bool is_watched : 1;         // a frame object looks at it: its frame is not packed
  uint32_t throw_mark;         // number of the last throw() that found it in the chain (Thread::active_throw)
  Generator* root;             // outermost generator of the chain; itself when it is the root
  Generator* innermost;        // only valid in a root; null while the chain is packed
  Frame* frame;                // null once closed, or packed
  Tuple* names;                // (name, qualified name); null: those of the code
  ObjectOrEmpty own_handled;   // exception being handled inside while suspended; Empty: none of its own
  ObjectOrEmpty delegate;      // foreign iterator that it delegates to, Empty otherwise (for throw and close)
  Code* code;                  // kept for repr after closing
  const Instruction* created_at;   // for reports of coroutines
  union {
    Object* finalizer_hook;    // asynchronous generators; null: none
    const Instruction* loop_exit;   // generators: FOR_LOOP's next instruction in the resumer, for the end
    Packed* packed;            // coroutines without a frame; null: closed, or a part of a packed chain
  };
  // Of a root whose chain is packed; else null.
  Packed* packed_chain() const { return !frame && state == GeneratorState::Suspended ? packed : nullptr; }
  // A root: how many lie between it and the innermost: a long chain counts as deep calls.
  uint32_t& chain_length() { return extra; }
};
static_assert(sizeof(Generator) == 96, "of coroutines, many live at once");

extern const Layout generator_layout, coroutine_layout, async_generator_layout;

// A new generator of the kind that the function's code asks for, with these values of its parameters.
Generator* make_generator(Thread& t, Function* function, const Value* arguments);
// A coroutine that runs: it goes on where `frame`, an awaited one on the thread's stack, is. Its links to others are not set.
Generator* adopt_frame(Thread& t, const Frame* frame);
// A coroutine without a frame gets one; for others there is nothing to do. Of a packed chain, all get theirs. (interp/pack_frames.cpp)
void unpack_frames(Thread& t, Generator* g);
inline void ensure_frame(Thread& t, Generator* g) {
  if (MINI_UNLIKELY(!g->frame) && g->state != GeneratorState::Closed) unpack_frames(t, g);
}
// The chain of a coroutine that waits, and is nobody's delegate, is packed if it can be.
void pack_frames(Thread& t, Generator* root);
// The function is about to get other code.
void unpack_frames_of(Thread& t, const Function* function);
// A script may get the object, or it leaves its chain: it is no longer hidden.
void reveal(Thread& t, Generator* g);
// The coroutine is over: its frame is.
void drop_frame(Thread& t, Generator* g);
Str* generator_name(const Generator* g);
Str* generator_qualified_name(const Generator* g);
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
