// SPDX-License-Identifier: MIT
// The short ways in and out of a generator that nobody delegates to, that delegates to nobody and handles no exception: nearly
// every one. The loop takes them inline; everything else goes through ops_generator.cpp, which has the rules.
#pragma once

#include "interp/ops.h"
#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/objects/generator.h"
#include "runtime/thread.h"

namespace mini {

inline bool resumes_simply(const Thread& t, const Generator* g, const Frame* resumer) {
  return g->state == GeneratorState::Suspended && !g->is_delegate && g->innermost == g && g->delegate.is_empty() && g->own_handled.is_empty() &&
         resumer->depth < t.recursion_limit;
}

// Links the frame of `g` in front of `resumer`, the current one, as the frame that runs.
[[gnu::always_inline]] inline Frame* resume_simply(Thread& t, Generator* g, Frame* resumer, const Value& sent, Value* result, uint32_t flags) {
  Frame* f = g->frame;
  *reinterpret_cast<Value*>(reinterpret_cast<char*>(f->registers) + f->ip[-1].a) = sent;
  bool is_on_heap = resumer->flags & kFrameHeap;
  f->next_frame = is_on_heap ? resumer->next_frame : resumer + 1;
  f->next_registers = is_on_heap ? resumer->next_registers : resumer->registers + resumer->code->register_count;
  f->depth = resumer->depth + 1;
  f->previous = resumer;
  f->result = result;
  f->flags = kFrameHeap | flags;
  f->entry_handled = t.handled;
  g->state = GeneratorState::Running;
  t.frame = f;
  return f;
}

inline bool suspends_simply(const Thread& t, const Generator* g, const Frame* frame) {
  return g->root == g && !g->is_delegate && t.handled.is_same(frame->entry_handled) && !(frame->flags & kFrameHandlesSame) && !t.profiler;
}

// Whether the taker of what this frame yields takes the item, so that the generator goes on.
inline bool offer(const Frame* frame, const Value& item) {
  auto taker = reinterpret_cast<Taker*>(frame->result);
  return taker->take(taker, item);
}

// The generator of `frame`, which is the current one and whose ip is saved, waits; its resumer is the current frame again.
[[gnu::always_inline]] inline Frame* suspend_simply(Thread& t, Generator* g, Frame* frame) {
  g->innermost = g;
  g->chain_length() = 0;
  g->state = GeneratorState::Suspended;
  g->own_handled = Value::empty();
  g->yielded_itself = g->delegate.is_empty();
  note_write(g);   // its registers were written while it ran
  return t.frame = frame->previous;
}

}  // namespace mini
