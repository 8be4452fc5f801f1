// SPDX-License-Identifier: MIT
// Packing the frames of coroutines that wait, and unpacking them: see objects/packed_frames.h for what the buffer holds.
//
// Every frame of a chain that waits stands at a DELEGATE: the innermost will run it again, the others are behind it. So it is known which
// registers are in use: all below that of what is sent, which is the newest temporary, but for the one that gets the result and those that
// wait for a handler; and what is awaited is known, the next coroutine or the delegate of the innermost one.
//
// Who resumes a packed chain gets the root's frame only; the dropped coroutines go on as awaited frames on the thread's stack, as they began
// (op_become_coroutines), so that those which do not wait again need no object. Everybody else gets the whole chain (unpack_frames).
//
// A chain with anything unusual in it (generators, segments, frames that handle an exception or are looked at) stays as it is. Either
// direction takes all its memory before it changes anything.
#include <algorithm>
#include <vector>

#include "interp/opcode.h"
#include "interp/ops.h"
#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/function.h"
#include "runtime/objects/packed_frames.h"
#include "runtime/thread.h"

namespace mini {

namespace {

constexpr size_t kLongestChain = 64;   // longer ones are not packed

Value& register_at(Frame* f, uint16_t scaled) { return *reinterpret_cast<Value*>(reinterpret_cast<char*>(f->registers) + scaled); }

// The DELEGATE at which the frame waits; null: it waits elsewhere.
const Instruction* waiting_at(const Frame* f, bool is_innermost) {
  const Instruction* at = is_innermost ? f->ip : f->ip - 1;
  const Instruction* begin = f->code->instructions.data();
  bool is_inside = at >= begin && at < begin + f->code->instructions.size();
  return is_inside && static_cast<Op>(at->op) == Op::DELEGATE ? at : nullptr;
}

bool is_variable(const Code* code, uint32_t number) {
  const auto& cells = code->cell_registers;
  return number < code->variable_names.size() || std::find(cells.begin(), cells.end(), number) != cells.end();
}

struct Waiting {
  Frame* frame;
  uint32_t register_count;   // to be kept
  uint64_t skipped;          // those among the first 64 that nobody reads: a bit for each
  bool has_owner;

  void skip(uint32_t i) { skipped |= i < 64 ? uint64_t{1} << i : 0; }
  bool skips(uint32_t i) const { return i < 64 && skipped >> i & 1; }
  bool keeps(uint32_t i) const { return !frame->registers[i].is_empty() && !skips(i); }
};

// A `try` around the wait keeps two registers for its handler, which writes both before it reads them.
void skip_handlers(const Code* code, const Instruction* at, Waiting& out) {
  auto index = static_cast<uint32_t>(at - code->instructions.data());
  for (const ExceptionRange& range : code->handlers) {
    if (index < range.begin || index >= range.end) continue;
    const Instruction& enter = code->instructions[range.handler];
    uint32_t outside = enter.a / kRegisterScale, caught = enter.b / kRegisterScale;
    if (static_cast<Op>(enter.op) != Op::ENTER_HANDLER || caught != range.exception_register) continue;
    if (is_variable(code, outside) || is_variable(code, caught)) continue;
    out.skip(outside);
    out.skip(caught);
  }
}

// What is to be kept of a frame; false: it cannot be packed.
bool look_at(Frame* f, const Generator* root, bool is_innermost, Waiting& out) {
  Generator* g = f->generator;
  if (!f->function || f->function->code != f->code) return false;
  constexpr uint32_t kUnusual = kFrameHandlesSame | kFrameObserved | kFrameProfiled;
  if (!g || g->kind != Kind::Coroutine || g->root != root || g->is_watched || f->flags & kUnusual) return false;
  if (g != root && (!g->is_delegate || !f->entry_handled.is_empty())) return false;
  if (g->delegate.is_empty() == is_innermost) return false;
  const Instruction* at = waiting_at(f, is_innermost);
  if (!at) return false;
  uint32_t result = at->a / kRegisterScale, awaited = at->b / kRegisterScale;
  out.frame = f;
  out.has_owner = g != root && (!g->is_hidden || g->flags & kHasWeakReferences);
  out.skipped = 0;
  if (result != awaited && !is_variable(f->code, result)) out.skip(result);
  out.skip(awaited);
  skip_handlers(f->code, at, out);
  out.register_count = std::min<uint32_t>(at->c / kRegisterScale, f->code->register_count);
  while (out.register_count > 0 && !out.keeps(out.register_count - 1)) --out.register_count;
  return true;
}

size_t bytes_of(const Waiting& w) {
  size_t payloads = w.has_owner;
  for (uint32_t i = 0; i < w.register_count; ++i) payloads += w.keeps(i) && PackedFrame::has_payload(w.frame->registers[i].tag);
  return sizeof(PackedFrame) + PackedFrame::tag_room(w.register_count) + payloads * sizeof(uint64_t);
}

PackedFrame* write(const Waiting& w, PackedFrame* to) {
  Frame* f = w.frame;
  to->function = f->function;
  to->instruction = static_cast<uint32_t>(f->ip - f->code->instructions.data());
  to->register_count = static_cast<uint16_t>(w.register_count);
  to->has_owner = w.has_owner;
  uint64_t* payload = to->payloads();
  if (w.has_owner) *payload++ = reinterpret_cast<uint64_t>(f->generator);
  for (uint32_t i = 0; i < w.register_count; ++i) {
    Tag tag = w.keeps(i) ? f->registers[i].tag : Tag::Empty;
    to->tags()[i] = static_cast<uint8_t>(tag);
    if (PackedFrame::has_payload(tag)) *payload++ = f->registers[i].bits;
  }
  return reinterpret_cast<PackedFrame*>(payload);
}

// The frame of a chain that is packed goes, and with it the coroutine, unless a script may have that.
void leave_behind(Thread& t, const Waiting& w, bool is_root) {
  Generator* g = w.frame->generator;
  drop_frame(t, g);
  if (is_root || w.has_owner) return;
  g->state = GeneratorState::Closed;
  g->is_delegate = false;
  g->root = g->innermost = g;
  g->delegate = g->own_handled = Value::empty();
  t.heap->give_cell(g, sizeof(Generator));
}

}  // namespace

void pack_frames(Thread& t, Generator* root) {
  bool is_waiting = root->kind == Kind::Coroutine && root->state == GeneratorState::Suspended && !root->is_delegate && root->frame && !t.profiler;
  if (!is_waiting) return;
  Waiting chain[kLongestChain];   // the innermost first
  size_t count = 0, bytes = sizeof(Packed);
  Generator* leaf = root->innermost;
  for (Frame* f = leaf->frame;; f = f->previous) {
    if (count == kLongestChain || !look_at(f, root, count == 0, chain[count])) return;
    bytes += bytes_of(chain[count++]);
    if (f == root->frame) break;
  }
  auto p = static_cast<Packed*>(t.heap->take_buffer(bytes));
  p->bytes = static_cast<uint32_t>(bytes);
  p->count = static_cast<uint32_t>(count);
  bool drops_leaf = leaf != root && !chain[0].has_owner;
  p->delegate = drops_leaf ? leaf->delegate.object : nullptr;
  auto to = reinterpret_cast<PackedFrame*>(p + 1);
  for (size_t i = count; i-- > 0;) to = write(chain[i], to);
  for (size_t i = 0; i < count; ++i) leave_behind(t, chain[i], i + 1 == count);
  root->innermost = nullptr;
  root->packed = p;
  note_finalizer(root);
  note_write(root);
}

namespace {

// Buffers that go back when there is no memory for the rest.
class TakenFrames {
 public:
  explicit TakenFrames(Thread& t) : thread_(t) {}
  ~TakenFrames() {
    for (size_t i = 0; i < count_; ++i) thread_.heap->return_buffer(rooms_[i], frame_bytes(generators_[i]->code));
  }
  void take(Generator* g) {
    rooms_[count_] = thread_.heap->take_buffer(frame_bytes(g->code));
    generators_[count_++] = g;
  }
  // From here on they are their coroutines'.
  Frame* begin(size_t i, Function* function) {
    Frame* f = begin_frame(generators_[i], rooms_[i], function);
    f->buffer_bytes = frame_bytes(f->code);
    note_finalizer(generators_[i]);
    return f;
  }
  void keep() { count_ = 0; }

 private:
  Thread& thread_;
  size_t count_ = 0;
  void* rooms_[kLongestChain];
  Generator* generators_[kLongestChain];
};

void begin_created(Thread& t, Generator* g) {
  Packed* p = g->packed;
  size_t bytes = frame_bytes(g->code);
  Frame* f = begin_frame(g, t.heap->take_buffer(bytes), p->function);
  f->buffer_bytes = bytes;
  copy_values(p->arguments(), p->count, f->registers);
  std::fill_n(f->registers + p->count, g->code->register_count - p->count, Value::empty());
  t.heap->return_buffer(p, p->bytes);
  g->packed = nullptr;
  note_write(g);
}

// The coroutine of an inner frame that was dropped, as op_become_coroutines makes it.
Generator* make_hidden(Thread& t, const PackedFrame* f, Generator* root, const PackedFrame* outer) {
  Generator* g = new_generator(t, f->function, f->code(), 0);
  g->created_at = outer->code()->instructions.data() + outer->instruction;
  g->root = root;
  g->was_awaited = g->is_hidden = true;
  return g;
}

const PackedFrame* read(const PackedFrame* from, Frame* f) {
  f->ip += from->instruction;
  std::fill(f->registers + from->register_count, f->registers + f->code->register_count, Value::empty());
  return from->for_each_value([&](uint32_t i, const Value& v) { f->registers[i] = v; });
}

// `f` is awaited by the frame `outer`, which stands behind its DELEGATE.
void link_to(Frame* f, Frame* outer) {
  const Instruction& delegate = outer->ip[-1];
  f->previous = outer;
  f->result = &register_at(outer, delegate.a);
  register_at(outer, delegate.b) = Value::of_object(f->generator);
  register_at(outer, delegate.c) = Value::none();
}

}  // namespace

Packed* unpack_root(Thread& t, Generator* root) {
  Packed* p = root->packed;
  bool is_plain = p->count > 1 && root->own_handled.is_empty() && t.handled.is_empty() && !t.profiler;
  size_t registers = 0;
  for_each_frame(p, [&](const PackedFrame* f) {
    is_plain = is_plain && !f->has_owner;
    registers += f->code()->register_count;
    return f->for_each_value([](uint32_t, const Value&) {});
  });
  uint32_t depth = (t.frame ? t.frame->depth : 0) + p->count;
  bool has_room = depth <= t.recursion_limit && free_registers(t) + registers <= t.registers_limit && free_frame(t) + p->count < t.frames_limit;
  if (!is_plain || !has_room) return nullptr;
  TakenFrames frame(t);
  frame.take(root);
  const PackedFrame* from = first_frame(p);
  (void)read(from, frame.begin(0, from->function));
  frame.keep();
  root->innermost = root;
  root->chain_length() = 0;
  root->packed = nullptr;
  note_write(root);
  return p;
}

void push_packed(Thread& t, Packed* p, Value sent) {
  bool is_root = true;
  for_each_frame(p, [&](const PackedFrame* from) {
    if (is_root) {
      is_root = false;
      return from->for_each_value([](uint32_t, const Value&) {});
    }
    Frame* outer = t.frame;
    Frame* f = free_frame(t);
    f->registers = free_registers(t);
    f->code = from->code();
    f->ip = f->code->instructions.data();
    f->function = from->function;
    f->globals = from->function->globals;
    f->previous = outer;
    f->result = &register_at(outer, outer->ip[-1].a);
    f->entry_handled = t.handled;
    f->flags = kFrameAwaited;
    f->depth = outer->depth + 1;
    t.frame = f;
    return read(from, f);
  });
  register_at(t.frame, t.frame->ip->b) = Value::of_object(p->delegate);
  register_at(t.frame, t.frame->ip->c) = sent;
  t.heap->return_buffer(p, p->bytes);
}

void unpack_frames(Thread& t, Generator* g) {
  if (g->state == GeneratorState::Created) return begin_created(t, g);
  Generator* root = g->is_delegate ? g->root : g;
  Packed* p = root->packed;
  MINI_ASSERT(p, "a coroutine without a frame belongs to a packed chain");
  Generator* chain[kLongestChain];   // on the native stack, where the collector finds the new ones
  TakenFrames frames(t);
  size_t count = 0;
  const PackedFrame* outer = nullptr;
  for_each_frame(p, [&](const PackedFrame* f) {
    chain[count] = count == 0 ? root : f->has_owner ? f->owner() : make_hidden(t, f, root, outer);
    outer = f;
    ++count;
    return f->for_each_value([](uint32_t, const Value&) {});
  });
  for (size_t i = 0; i < count; ++i) frames.take(chain[i]);
  const PackedFrame* from = first_frame(p);
  for (size_t i = 0; i < count; ++i) {
    Generator* member = chain[i];
    bool is_new = i > 0 && !from->has_owner;
    Frame* f = frames.begin(i, from->function);
    from = read(from, f);
    if (i > 0) link_to(f, chain[i - 1]->frame);
    if (!is_new) continue;
    member->is_delegate = true;
    member->state = GeneratorState::Running;
    if (i + 1 == count && p->delegate) member->delegate = Value::of_object(p->delegate);
  }
  frames.keep();
  Generator* leaf = chain[count - 1];
  register_at(leaf->frame, leaf->frame->ip->b) = leaf->delegate;
  root->innermost = leaf;
  root->packed = nullptr;
  for (size_t i = 0; i < count; ++i) note_write(chain[i]);
  t.heap->return_buffer(p, p->bytes);
}

void unpack_frames_of(Thread& t, const Function* function) {
  std::vector<Generator*> roots;
  t.heap->disable();
  t.heap->for_each_object([&](Object* o) {
    if (o->kind != Kind::Coroutine) return;
    auto g = static_cast<Generator*>(o);
    if (!g->packed_chain()) return;
    bool runs_it = false;
    for_each_frame(g->packed, [&](const PackedFrame* f) {
      runs_it = runs_it || f->function == function;
      return f->for_each_value([](uint32_t, const Value&) {});
    });
    if (runs_it) roots.push_back(g);
  });
  for (Generator* root : roots) unpack_frames(t, root);
  t.heap->enable();
}

}  // namespace mini
