// SPDX-License-Identifier: MIT
// Resuming, suspending and delegating; and the `resume` doors.
//
// A chain A -> B -> C of generators, each delegating to the next, is linked through frame->previous (C's previous is B's frame). Only the
// root A was resumed from outside. Suspending notes the innermost generator in the root and leaves all other links alone, so
// the next resumption continues in C at once, and a yield in C goes to A's resumer at once.
//
//   resumer  <-previous-  A.frame  <-previous-  B.frame  <-previous-  C.frame       A.innermost = C; B.root = C.root = A
//
// A coroutine that is called to be awaited at once (`await f()`) needs no object as long as it does not wait: it runs in a frame on the
// thread's stack (kFrameAwaited), and its delegator is already behind its DELEGATE. When such a frame has to wait, it and all awaited
// frames below it become generators, and the chain looks as if it had always been one.
//
// A generator that had a chain of its own before somebody delegated to it keeps being the root of that part ("segment"); finding
// the real root walks over segments, of which there is nearly always one.
#include <algorithm>

#include "interp/generator_inl.h"
#include "interp/opcode.h"
#include "interp/ops.h"
#include "interp/vm.h"
#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/future.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/packed_frames.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

Generator* real_root(Generator* g) {
  g = g->root;
  while (g->is_delegate) g = g->frame->previous->generator->root;
  return g;
}

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::Coroutine: return "coroutine";
    case Kind::AsyncGenerator: return "async generator";
    default: return "generator";
  }
}
const char* kind_name(Generator* g) { return kind_name(g->kind); }

Value& register_at(Frame* f, uint16_t scaled) { return *reinterpret_cast<Value*>(reinterpret_cast<char*>(f->registers) + scaled); }

bool waits_in_delegate(Generator* leaf) { return !leaf->delegate.is_empty(); }

// Where the suspended instruction of `leaf` wants the value that is sent in.
void deliver(Generator* leaf, Value sent) {
  Frame* f = leaf->frame;
  if (waits_in_delegate(leaf)) register_at(f, f->ip->c) = sent;
  else register_at(f, f->ip[-1].a) = sent;
}

// What the suspended chain of `root` handles is divided: the part above its delegate `g` keeps what was handled when `g` was entered.
void part_handled(Generator* root, Generator* g) {
  Value above = Value::empty();
  for (Frame* f = g->frame; above.is_empty() && f->generator->is_delegate; f = f->previous) above = f->entry_handled;
  bool is_above = root->own_handled.is_same(above) && !(g->innermost->frame->flags & kFrameHandlesSame);
  g->own_handled = is_above ? Value::empty() : root->own_handled;
  root->own_handled = above;
}

// Takes a suspended delegate out of its chain, so that it can be resumed by itself; its delegator will run its DELEGATE again.
void detach(Thread& t, Generator* g) {
  Generator* root = real_root(g);
  Generator* leaf = root->innermost;
  Generator* old_root = g->root;
  for (Generator* x = leaf; x != g; x = x->frame->previous->generator)
    if (x->root == old_root) {
      x->root = g;
      note_write(x);
    }
  g->root = g;
  g->innermost = leaf;
  part_handled(root, g);
  Generator* parent = g->frame->previous->generator;
  parent->frame->ip -= 1;
  parent->delegate = Value::of_object(g);
  root->innermost = parent;
  g->is_delegate = false;
  g->state = GeneratorState::Suspended;
  reveal(t, g);
  for (Generator* changed : {g, parent, root}) note_write(changed);
}

// What was being handled when the chain of a running generator was entered. A delegate's Empty stands for its delegator's.
Value handled_outside(const Frame* frame) {
  while (frame->generator->is_delegate && frame->entry_handled.is_empty()) frame = frame->previous;
  return frame->entry_handled;
}

// Whether the running generator of the frame handles an exception itself, not only its resumer.
bool handles_own(Thread& t, const Frame* frame) {
  return is_exception(t.handled) && (!t.handled.is_same(handled_outside(frame)) || frame->flags & kFrameHandlesSame);
}

Value raise_already_running(Thread& t, Generator* g) { return raise(t, ErrorType::ValueError, "{} already executing", kind_name(g)); }

// Checks, and links the chain of `g` in front of the current frame. False after raising.
bool link(Thread& t, Generator* g, Value* result, uint32_t flags) {
  uint32_t depth = t.frame ? t.frame->depth + 1 : 1;
  if (MINI_UNLIKELY(depth > t.recursion_limit)) {
    (void)raise_recursion(t);
    return false;
  }
  Frame* f = g->frame;
  Frame* leaf = g->innermost->frame;
  leaf->next_frame = free_frame(t);
  leaf->next_registers = free_registers(t);
  leaf->depth = depth + g->chain_length();
  f->previous = t.frame;
  f->result = result;
  f->flags = kFrameHeap | flags | (f->flags & kFrameHandlesSame);
  f->entry_handled = t.handled;
  if (!g->own_handled.is_empty()) t.handled = g->own_handled;
  g->state = GeneratorState::Running;
  t.frame = leaf;
  return true;
}

// The delegator goes on where its delegate ended.
void pass_free_space(Frame* from, Frame* to) {
  to->next_frame = from->next_frame;
  to->next_registers = from->next_registers;
  to->depth = from->depth > 1 ? from->depth - 1 : 1;
}

inline void note_begun(Thread& t, Generator* g) {
  g->was_awaited = true;
  if (g->kind == Kind::Coroutine) --t.interpreter->unstarted_coroutines;
}

}  // namespace

Begun begin_resume(Thread& t, Generator* g, Value sent, Value* result, uint32_t flags) {
  if (t.frame && resumes_simply(t, g, t.frame)) {
    resume_simply(t, g, t.frame, sent, result, flags);
    return Begun::Pushed;
  }
  if (MINI_UNLIKELY(g->packed_chain() != nullptr)) {
    if (Packed* p = unpack_root(t, g)) {
      if (!link(t, g, result, flags)) MINI_UNREACHABLE();
      push_packed(t, p, sent);
      return Begun::Pushed;
    }
  }
  ensure_frame(t, g);
  if (MINI_UNLIKELY(g->is_delegate)) {
    if (real_root(g)->state == GeneratorState::Running) return (void)raise_already_running(t, g), Begun::Raised;
    detach(t, g);
  }
  switch (g->state) {
    case GeneratorState::Suspended: deliver(g->innermost, sent); break;
    case GeneratorState::Created:
      if (!sent.is_none()) {
        (void)raise(t, ErrorType::TypeError, "can't send non-None value to a just-started {}", kind_name(g));
        return Begun::Raised;
      }
      note_begun(t, g);
      break;
    case GeneratorState::Running: return (void)raise_already_running(t, g), Begun::Raised;
    case GeneratorState::Closed:
      if (g->kind == Kind::Coroutine) {
        (void)raise(t, ErrorType::RuntimeError, "cannot reuse already awaited coroutine");
        return Begun::Raised;
      }
      return Begun::Done;
  }
  return link(t, g, result, flags) ? Begun::Pushed : Begun::Raised;
}

// The resumer may be another one when the handler is left, with another exception in its hands or none.
Value op_enter_handler(Thread& t, Frame* frame, Value caught) {
  if (t.handled.is_empty()) return t.handled;   // then nothing is handled outside either
  Value outside = handled_outside(frame);
  if (!t.handled.is_same(outside)) return t.handled;
  if (caught.is_same(outside)) frame->flags |= kFrameHandlesSame;
  return Value::empty();
}

void op_leave_handler(Thread& t, Frame* frame, Value saved) {
  if (saved.is_empty()) frame->flags &= ~kFrameHandlesSame;
  t.handled = saved.is_empty() ? handled_outside(frame) : saved;
}

bool op_offer(const Thread& t, const Frame* frame, const Value& item) {
  if (MINI_UNLIKELY(t.profiler)) return false;
  const Frame* f = real_root(frame->generator)->frame;
  return f->flags & kFrameTaken && offer(f, item);
}

void suspend_chain(Thread& t, Frame* frame, Value v, bool& left) {
  Generator* leaf = frame->generator;
  Generator* root = real_root(leaf);
  Frame* f = root->frame;
  root->innermost = leaf;
  root->chain_length() = frame->depth - (f->previous ? f->previous->depth + 1 : 1);
  root->state = GeneratorState::Suspended;
  bool is_own = !t.handled.is_same(f->entry_handled) || (frame->flags | f->flags) & kFrameHandlesSame;
  root->own_handled = is_own ? t.handled : Value::empty();
  root->yielded_itself = leaf == root && !waits_in_delegate(leaf);
  note_write(leaf);   // its registers were written while it ran; who stops running is noted
  note_write(root);
  t.handled = f->entry_handled;
  *f->result = v;
  t.frame = f->previous;
  left = f->flags & kFrameEntry;
}

Begun finish_generator(Thread& t, Frame* frame, Value v, bool& left) {
  Generator* g = frame->generator;
  Frame* previous = frame->previous;
  const uint32_t flags = frame->flags;
  Value* const result = frame->result;
  g->state = GeneratorState::Closed;
  t.frame = previous;
  if (g->is_delegate) {
    g->is_delegate = false;
    pass_free_space(frame, previous);
    drop_frame(t, g);
    *result = v;
    return Begun::Done;
  }
  t.handled = frame->entry_handled;
  drop_frame(t, g);
  if (flags & kFrameForLoop) {
    previous->ip = g->loop_exit;
    return Begun::Done;
  }
  if (flags & kFrameNextBuiltin) {
    if (v.is_none()) (void)raise_no_arguments(t, ErrorType::StopIteration);
    else (void)raise_with_argument(t, ErrorType::StopIteration, v);
    return Begun::Raised;
  }
  *result = v;
  left = flags & kFrameEntry;
  return Begun::Done;
}

// PEP 479: a StopIteration that escapes would look like the end.
static void replace_escaping_stop(Thread& t, Kind kind) {
  bool is_stop = exception_matches(t, ErrorType::StopIteration);
  bool is_async_stop = kind == Kind::AsyncGenerator && exception_matches(t, ErrorType::StopAsyncIteration);
  if (!is_stop && !is_async_stop) return;
  Value cause = take_exception(t);
  (void)raise(t, ErrorType::RuntimeError, "{} raised {}", kind_name(kind), is_stop ? "StopIteration" : "StopAsyncIteration");
  auto e = as<Exception>(t.exception);
  e->cause = e->context = cause;
  e->suppress_context = true;
}

// A comprehension that awaits is a coroutine of its own in CPython, between this frame and what it delegates to; it handles nothing.
static bool stands_in_comprehension(const Frame* f) {
  auto index = static_cast<uint32_t>(f->ip - f->code->instructions.data()) - 1;
  return std::any_of(f->code->inline_ranges.begin(), f->code->inline_ranges.end(),
                     [&](const InlineRange& range) { return index >= range.begin && index < range.end; });
}

void close_generator_frame(Thread& t, Frame* frame) {
  Generator* g = frame->generator;
  Frame* previous = frame->previous;
  g->state = GeneratorState::Closed;
  bool was_delegate = g->is_delegate;
  if (was_delegate) {
    g->is_delegate = false;
    pass_free_space(frame, previous);
  } else {
    t.handled = frame->entry_handled;
    if (frame->flags & kFrameForLoop) previous->ip = g->loop_exit;
  }
  drop_frame(t, g);
  replace_escaping_stop(t, g->kind);
  if (was_delegate && t.active_throw && g->throw_mark == static_cast<uint32_t>(t.active_throw) && !stands_in_comprehension(previous)) op_forget_way(t, previous);
}

// CPython raises what leaves a delegate anew in its delegator when it was thrown into the chain. If that handles an exception, the one
// that flies loses the entries that its traceback got since it was thrown or caught last, and the context that it had.
void op_forget_way(Thread& t, Frame* delegator) {
  if (!handles_own(t, delegator)) return;
  auto e = as<Exception>(t.exception);
  bool is_settled = t.exception.is_same(t.settled) && t.settled_traceback.is_object();
  e->traceback = is_settled ? as<Traceback>(t.settled_traceback) : nullptr;
  note_write(e);
  (void)raise_value(t, take_exception(t));   // with what is handled here as its context
}

// --- DELEGATE: `yield from` and `await` ---

namespace {

Begun delegate_to_generator(Thread& t, Frame* frame, Generator* d, Value sent, Value* result) {
  ensure_frame(t, d);
  if (d->is_delegate) {
    if (d->kind == Kind::Coroutine) {
      (void)raise(t, ErrorType::RuntimeError, "coroutine is being awaited already");
      return Begun::Raised;
    }
    if (real_root(d)->state == GeneratorState::Running) return (void)raise_already_running(t, d), Begun::Raised;
    detach(t, d);
  }
  bool is_resumed = d->state == GeneratorState::Suspended;
  Generator* g = frame->generator;
  bool goes_on = g->delegate.is_object() && g->delegate.object == d;   // it was taken out of the chain meanwhile
  if (is_resumed && d->kind == Kind::Coroutine && !goes_on) {
    (void)raise(t, ErrorType::RuntimeError, "coroutine is being awaited already");
    return Begun::Raised;
  }
  g->delegate = Value::empty();
  switch (d->state) {
    case GeneratorState::Running: return (void)raise_already_running(t, d), Begun::Raised;
    case GeneratorState::Closed:
      if (d->kind == Kind::Coroutine) {
        (void)raise(t, ErrorType::RuntimeError, "cannot reuse already awaited coroutine");
        return Begun::Raised;
      }
      *result = Value::none();
      return Begun::Done;
    case GeneratorState::Created:
      if (!sent.is_none()) {
        (void)raise(t, ErrorType::TypeError, "can't send non-None value to a just-started {}", kind_name(d));
        return Begun::Raised;
      }
      d->root = g->root;
      note_begun(t, d);
      break;
    case GeneratorState::Suspended:
      deliver(d->innermost, sent);
      break;
  }
  if (frame->depth >= t.recursion_limit) {
    (void)raise_recursion(t);
    return Begun::Raised;
  }
  Frame* leaf = d->innermost->frame;
  leaf->next_frame = frame->next_frame;
  leaf->next_registers = frame->next_registers;
  leaf->depth = frame->depth + 1 + d->chain_length();
  d->is_delegate = true;
  note_write(g);
  note_write(d);
  d->state = GeneratorState::Running;
  d->frame->previous = frame;
  d->frame->result = result;
  d->frame->flags = kFrameHeap | (d->frame->flags & kFrameHandlesSame);
  bool is_outside = t.handled.is_empty() || t.handled.is_same(handled_outside(frame));
  d->frame->entry_handled = is_outside ? Value::empty() : t.handled;
  if (is_resumed && !d->own_handled.is_empty()) t.handled = d->own_handled;
  t.frame = leaf;
  return Begun::Pushed;
}

Begun delegate_to_future(Thread& t, Frame* frame, Value future, Value* result, Value& yielded) {
  Generator* g = frame->generator;
  auto f = as<Future>(future);
  if (future_is_done(f)) {
    g->delegate = Value::empty();
    Value v = future_take_result(t, f);
    if (v.is_raised()) return Begun::Raised;
    *result = v;
    return Begun::Done;
  }
  if (!g->delegate.is_empty() && f->extra & kFutureIsAwaited) {   // nobody took it
    g->delegate = Value::empty();
    (void)raise(t, ErrorType::RuntimeError, "await wasn't used with future");
    return Begun::Raised;
  }
  future_mark_awaited(f);
  g->delegate = future;
  yielded = future;
  return Begun::Done;
}

// What a foreign iterator gave: an item to yield, or its end with a value. Begun::Done with `yielded` set, Done, or Raised.
Begun after_foreign_step(Thread& t, Generator* g, Value iterator, Value v, Value* result, Value& yielded) {
  if (v.is_raised()) {
    g->delegate = Value::empty();
    if (!exception_matches(t, ErrorType::StopIteration)) return Begun::Raised;
    Value e = take_exception(t);
    Value returned = get_own_attribute(e.object, names(t).value);
    *result = returned.is_empty() ? Value::none() : returned;
    return Begun::Done;
  }
  if (v.is_empty()) {
    g->delegate = Value::empty();
    *result = Value::none();
    return Begun::Done;
  }
  g->delegate = iterator;
  yielded = v;
  return Begun::Done;
}

}  // namespace

Begun begin_delegate(Thread& t, Frame* frame, Value iterator, Value sent, Value* result, Value& yielded) {
  if (is_kind(iterator, Kind::Generator) || is_kind(iterator, Kind::Coroutine))
    return delegate_to_generator(t, frame, as<Generator>(iterator), sent, result);
  Type* type = type_of(t, iterator);
  auto next = type->ops.next;
  if (sent.is_none() && type->layout == &list_iterator_layout)   // the usual one, without the questions below
    return after_foreign_step(t, frame->generator, iterator, next(t, iterator), result, yielded);
  if (is_future(iterator)) return delegate_to_future(t, frame, iterator, result, yielded);
  Resumption step{Outcome::Raised, Value::none()};
  if (await_async_step(t, iterator, sent, step)) {
    Generator* g = frame->generator;
    bool is_waiting = step.outcome == Outcome::Yielded;
    g->delegate = is_waiting ? iterator : Value::empty();
    if (step.outcome == Outcome::Raised) return Begun::Raised;
    (is_waiting ? yielded : *result) = step.value;
    return Begun::Done;
  }
  // Not iterator_next, which drops the value of a StopIteration.
  Value v = sent.is_none() && next ? next(t, iterator) : call_method(t, iterator, names(t).send, {sent});
  return after_foreign_step(t, frame->generator, iterator, v, result, yielded);
}

// --- Awaited frames ---

Value op_await_done(Thread& t, Value v) {
  bool is_done = is_future(v) && future_is_done(as<Future>(v));
  return is_done ? future_take_result(t, as<Future>(v)) : Value::empty();
}

void op_leave_awaited(Thread& t) { replace_escaping_stop(t, Kind::Coroutine); }

namespace {

// Makes a coroutine of the lowest awaited frame, whose delegator has become one. `moved_by`: how far the delegator's registers have moved.
Generator* become_coroutine(Thread& t, Frame* old, ptrdiff_t moved_by) {
  Frame* below = old->previous;
  Generator* g = adopt_frame(t, old);
  Frame* f = g->frame;
  f->result = reinterpret_cast<Value*>(reinterpret_cast<char*>(f->result) + moved_by);
  g->is_delegate = true;
  g->root = below->generator->root;
  bool is_outside = old->entry_handled.is_empty() || old->entry_handled.is_same(handled_outside(below));
  f->entry_handled = is_outside ? Value::empty() : old->entry_handled;
  // What GET_AWAITABLE would have put there: the DELEGATE may run again.
  const Instruction& delegate = below->ip[-1];
  register_at(below, delegate.b) = Value::of_object(g);
  register_at(below, delegate.c) = Value::none();
  note_write(below->generator);
  follow_frame(t, old, g);
  return g;
}

}  // namespace

void op_become_coroutines(Thread& t) {
  std::vector<Frame*> frames;   // the innermost first
  Frame* base = t.frame;
  for (; base->flags & kFrameAwaited; base = base->previous) frames.push_back(base);
  ptrdiff_t moved_by = 0;
  for (size_t i = frames.size(); i-- > 0;) {
    Frame* old = frames[i];
    Frame* f = become_coroutine(t, old, moved_by)->frame;
    moved_by = reinterpret_cast<char*>(f->registers) - reinterpret_cast<char*>(old->registers);
    if (i > 0) {
      frames[i - 1]->previous = f;
      continue;
    }
    f->next_frame = base->next_frame;
    f->next_registers = base->next_registers;
    t.frame = f;
  }
}

Value op_get_yield_from(Thread& t, Value v) {
  Code* code = t.frame->code;
  if (is_kind(v, Kind::Coroutine)) {
    bool is_allowed = (code->code_flags & kCodeCoroutine) || (t.frame->generator && t.frame->generator->flags & kFrozenBySelf);
    if (!is_allowed) return raise(t, ErrorType::TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator");
    return v;
  }
  if (is_kind(v, Kind::Generator) || is_exact(v, Kind::Future)) return v;
  return get_iterator(t, v);
}

Value op_get_awaitable(Thread& t, Value v, int x) {
  int where = x & ~kAwaitsCall;
  if (is_kind(v, Kind::Coroutine) || is_kind(v, Kind::Future)) return v;
  if (is_kind(v, Kind::Generator) && v.object->flags & kFrozenBySelf) return v;   // made a coroutine by types.coroutine
  auto await = type_of(t, v)->ops.await;
  if (!await) {
    switch (where) {
      case 1: return raise(t, ErrorType::TypeError, "'async with' received an object from __aenter__ that does not implement __await__: {}", type_name(t, v));
      case 2: return raise(t, ErrorType::TypeError, "'async with' received an object from __aexit__ that does not implement __await__: {}", type_name(t, v));
      case 3: return raise(t, ErrorType::TypeError, "'async for' received an invalid object from __anext__: {}", type_name(t, v));
      default: return raise(t, ErrorType::TypeError, "object {} can't be used in 'await' expression", type_name(t, v));
    }
  }
  Value iterator = TRY(await(t, v));
  if (is_kind(iterator, Kind::Coroutine)) return raise(t, ErrorType::TypeError, "__await__() returned a coroutine");
  if (!type_of(t, iterator)->ops.next && !is_future(iterator))
    return raise(t, ErrorType::TypeError, "__await__() returned non-iterator of type '{}'", type_name(t, iterator));
  return iterator;
}

Value op_get_async_iter(Thread& t, Value v) {
  auto entry = type_of(t, v)->ops.async_iterate;
  if (!entry) return raise(t, ErrorType::TypeError, "'async for' requires an object with __aiter__ method, got {}", type_name(t, v));
  Value iterator = TRY(entry(t, v));
  if (!type_of(t, iterator)->ops.async_next)
    return raise(t, ErrorType::TypeError, "'async for' received an object from __aiter__ that does not implement __anext__: {}", type_name(t, iterator));
  return iterator;
}

Value op_get_async_next(Thread& t, Value v) {
  auto entry = type_of(t, v)->ops.async_next;
  if (!entry) return raise(t, ErrorType::TypeError, "'async for' requires an iterator with __anext__ method, got {}", type_name(t, v));
  return entry(t, v);
}

// --- The doors ---

namespace {

// What the loop has just written by halves is read by halves: see copy() in vm.cpp. The empty asm keeps the compiler from
// joining them.
[[gnu::always_inline]] inline Value read_by_halves(const Value& v) {
  Value copy;
  uint64_t bits = v.bits;
  asm("" : "+r"(bits));
  copy.tag = v.tag;
  copy.bits = bits;
  return copy;
}

Resumption run_linked(Thread& t, const Value& result, Entry entry) {
  switch (run(t, entry)) {
    case Outcome::Returned: return {Outcome::Returned, read_by_halves(result)};
    case Outcome::Yielded: return {Outcome::Yielded, read_by_halves(result)};
    case Outcome::Raised: break;
  }
  return {Outcome::Raised, Value::raised()};
}

const Resumption kRaised{Outcome::Raised, Value::raised()};

}  // namespace

static Resumption resume_into(Thread& t, Generator* g, Value sent, Value& result, uint32_t flags) {
  if (t.native_stack_is_low()) return (void)raise_recursion(t), kRaised;
  result = Value::none();
  switch (begin_resume(t, g, sent, &result, flags)) {
    case Begun::Done: return {Outcome::Returned, Value::none()};
    case Begun::Raised: return kRaised;
    case Begun::Pushed: break;
  }
  return run_linked(t, result, Entry::Run);
}

Resumption resume(Thread& t, Generator* g, Value sent) {
  Value result;
  return resume_into(t, g, sent, result, kFrameEntry);
}

Resumption resume_for(Thread& t, Generator* g, Taker& taker) {
  static_assert(offsetof(Taker, declined) == 0, "YIELD finds the taker at the frame's result");
  return resume_into(t, g, Value::none(), taker.declined, kFrameEntry | kFrameTaken);
}

namespace {

// The generator that `g` delegates to at the moment; null: none.
Generator* delegate_of(Generator* g) {
  Generator* x = g->innermost;
  if (x == g) return nullptr;
  while (x->frame->previous->generator != g) x = x->frame->previous->generator;
  return x;
}

bool is_generator_exit(Thread& t, Value thrown) {
  Type* exit = error_type(t, ErrorType::GeneratorExit);
  return is_type_object(thrown) ? is_subtype(as<Type>(thrown), exit) : is_subtype(type_of(t, thrown), exit);
}

// Closes what the innermost generator waits for. Raised when that failed.
Value close_delegate(Thread& t, Value delegate) {
  if (is_kind(delegate, Kind::Generator) || is_kind(delegate, Kind::Coroutine)) return generator_close(t, as<Generator>(delegate));
  Value method = get_attribute_or_empty(t, delegate, names(t).close);
  if (method.is_raised()) {
    report_unraisable(t, "Exception ignored");
    return Value::none();
  }
  return method.is_empty() ? Value::none() : call(t, method, {});
}

// What became of offering an exception to the delegate of a suspended generator.
enum class Offered : uint8_t { Yielded, Returned, Raised, Declined };

Offered offer_to_delegate(Thread& t, Generator* g, Generator* leaf, const Value* thrown, Value& yielded) {
  Value delegate = leaf->delegate;
  Value method = get_attribute_or_empty(t, delegate, names(t).throw_);
  if (method.is_raised()) return Offered::Raised;
  if (method.is_empty()) return Offered::Declined;
  size_t count = 1;
  while (count < 3 && !thrown[count].is_empty()) ++count;
  g->state = GeneratorState::Running;
  Value v = call(t, method, thrown, count);
  g->state = GeneratorState::Suspended;
  Value& target = register_at(leaf->frame, leaf->frame->ip->a);
  if (after_foreign_step(t, leaf, delegate, v, &target, yielded) == Begun::Raised) return Offered::Raised;
  return yielded.is_empty() ? Offered::Returned : Offered::Yielded;
}

}  // namespace

namespace {

// While an exception that was thrown goes through a chain of generators: its number, which the chain carries.
class ThrowScope {
 public:
  explicit ThrowScope(Thread& t) : thread_(t), before_(t.active_throw), settled_(t.settled), traceback_(t.settled_traceback) {
    t.active_throw = ++t.throw_count;
  }
  ~ThrowScope() {
    thread_.active_throw = before_;
    thread_.settled = settled_;
    thread_.settled_traceback = traceback_;
  }
  void mark_chain(Generator* root) {
    for (Generator* g = root->innermost;; g = g->frame->previous->generator) {
      g->throw_mark = static_cast<uint32_t>(thread_.active_throw);
      if (g == root) return;
    }
  }

 private:
  Thread& thread_;
  uint64_t before_;
  Value settled_, traceback_;
};

}  // namespace

void op_settle(Thread& t, Value exception) {
  Traceback* tb = as<Exception>(exception)->traceback;
  t.settled = exception;
  t.settled_traceback = tb ? Value::of_object(tb) : Value::empty();
}

Resumption resume_raising(Thread& t, Generator* g, Value exception) {
  Value thrown[3] = {exception, Value::empty(), Value::empty()};
  return resume_throwing(t, g, thrown);
}

// The order is PEP 380's: a delegate is closed before its delegator sees GeneratorExit, and gets any other exception itself. Delegates
// that are generators get it where they wait, the innermost first; what they do not handle unwinds through the chain.
Resumption resume_throwing(Thread& t, Generator* g, const Value* thrown) {
  if (t.native_stack_is_low()) return (void)raise_recursion(t), kRaised;
  ThrowScope scope(t);
  ensure_frame(t, g);
  if (g->is_delegate) {
    if (real_root(g)->state == GeneratorState::Running) return (void)raise_already_running(t, g), kRaised;
    detach(t, g);
  }
  if (g->state == GeneratorState::Running) return (void)raise_already_running(t, g), kRaised;
  Value exception = Value::empty();   // once known; a foreign delegate may get what was thrown unseen
  Value yielded = Value::empty();
  Entry entry = Entry::Raise;
  bool was_offered = false;   // `exception` is what a foreign delegate made of it
  if (g->state == GeneratorState::Suspended) {
    bool is_exit = is_generator_exit(t, thrown[0]);
    if (is_exit)
      if (Generator* d = delegate_of(g)) detach(t, d);
    Value delegate = g->innermost->delegate;
    if (!delegate.is_empty() && !is_future(delegate)) {
      if (is_exit) {
        g->state = GeneratorState::Running;
        if (close_delegate(t, delegate).is_raised()) exception = take_exception(t);
        g->state = GeneratorState::Suspended;
      } else {
        if (is_exception(thrown[0])) op_settle(t, thrown[0]);
        switch (offer_to_delegate(t, g, g->innermost, thrown, yielded)) {
          case Offered::Yielded: return {Outcome::Yielded, yielded};
          case Offered::Returned: entry = Entry::Run; break;
          case Offered::Raised: exception = take_exception(t); was_offered = true; break;
          case Offered::Declined: break;
        }
      }
    }
  }
  if (entry == Entry::Raise && exception.is_empty()) {
    exception = thrown_exception(t, thrown);
    if (exception.is_raised()) return kRaised;
  }
  switch (g->state) {
    case GeneratorState::Running: return (void)raise_already_running(t, g), kRaised;
    case GeneratorState::Closed:
      if (g->kind == Kind::Coroutine) return (void)raise(t, ErrorType::RuntimeError, "cannot reuse already awaited coroutine"), kRaised;
      t.exception = exception;
      return kRaised;
    case GeneratorState::Created: {
      note_begun(t, g);
      t.exception = exception;
      add_unstarted_traceback(t, g->frame);
      g->state = GeneratorState::Closed;
      drop_frame(t, g);
      replace_escaping_stop(t, g->kind);
      return kRaised;
    }
    case GeneratorState::Suspended: break;
  }
  scope.mark_chain(g);
  Generator* leaf = g->innermost;
  bool was_delegating = waits_in_delegate(leaf) || entry == Entry::Run;
  if (was_delegating) {
    leaf->delegate = Value::empty();
    leaf->frame->ip += 1;
  }
  Value result = Value::none();
  if (!link(t, g, &result, kFrameEntry)) return kRaised;
  if (entry == Entry::Raise) {
    if (!was_offered) op_settle(t, exception);
    // What the generator itself handles becomes its context.
    if (!was_offered && handles_own(t, leaf->frame)) (void)raise_value(t, exception);
    else t.exception = exception;
    if (was_offered && !stands_in_comprehension(leaf->frame)) op_forget_way(t, leaf->frame);
  }
  return run_linked(t, result, entry);
}

}  // namespace mini
