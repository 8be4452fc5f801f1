// SPDX-License-Identifier: MIT
// greenlet: functions with a call stack of their own, between which a program switches by hand, however deep the calls are.
//
// A greenlet has two stacks: frames and registers for script calls, like a thread, and a native stack, because natives may lie between
// script calls. Switching exchanges the part of Thread that says where the stacks are (ThreadStacks) and changes the native stack
// with swapcontext. The GIL is held throughout; a greenlet belongs to the thread that made it.
//
//   a greenlet is | means                               | next
//   Unborn        | has a function, no stack yet        | Running, Dead
//   Running       | its stack is the thread's           | Suspended, Dead
//   Suspended     | called switch() of another one      | Running
//   Dead          | its function ended                  | -
//
// What a function returns or raises goes to the greenlet's parent. The collector finds the values of suspended stacks through the greenlet
// object: frames precisely, the native stack conservatively.
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <unordered_map>
#include <vector>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/native_stack.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"
#include "runtime/stack_marking.h"

namespace mini {
namespace {

constexpr size_t kNativeBytes = 256 << 10;
constexpr size_t kScriptBytes = 512 << 10;    // of frames, and as much of registers
constexpr size_t kGuardBytes = 4096;
constexpr size_t kMappedBytes = kGuardBytes + kNativeBytes + 2 * kScriptBytes;
constexpr size_t kMostSpare = 32;

// The part of a Thread that describes its stacks and what hangs on them.
struct ThreadStacks {
  Frame *frame = nullptr, *frames = nullptr, *frames_limit = nullptr;
  Value *registers = nullptr, *registers_limit = nullptr;
  const char *native_limit = nullptr, *native_base = nullptr;
  Value exception = Value::empty(), handled = Value::empty();
  Value settled = Value::empty(), settled_traceback = Value::empty(), context = Value::empty();
  uint32_t native_depth = 0;
  ValueList* value_lists = nullptr;
  ReprGuard* repr_guards = nullptr;
  uint64_t active_throw = 0;
};

void take_from(ThreadStacks& s, const Thread& t) {
  s = {t.frame, t.frames, t.frames_limit, t.registers, t.registers_limit, t.native_stack_limit, t.native_stack_base, t.exception,
       t.handled, t.settled, t.settled_traceback, t.context, t.native_depth, t.value_lists, t.repr_guards, t.active_throw};
}

void give_to(const ThreadStacks& s, Thread& t) {
  t.frame = s.frame;
  t.frames = s.frames;
  t.frames_limit = s.frames_limit;
  t.registers = s.registers;
  t.registers_limit = s.registers_limit;
  t.native_stack_limit = s.native_limit;
  t.native_stack_base = s.native_base;
  t.exception = s.exception;
  t.handled = s.handled;
  t.settled = s.settled;
  t.settled_traceback = s.settled_traceback;
  t.context = s.context;
  t.native_depth = s.native_depth;
  t.value_lists = s.value_lists;
  t.repr_guards = s.repr_guards;
  t.active_throw = s.active_throw;
}

enum class GreenletState : uint8_t { Unborn, Running, Suspended, Dead };

// malloc'd: what a started greenlet has.
struct Stack {
  ucontext_t context;
  char* memory = nullptr;          // null: the thread's own stack
  ThreadStacks saved;              // while suspended
  const char* native_top = nullptr;   // the lowest address that may hold a value, while suspended
  uint64_t collections = 0;           // that had been when it was suspended
};

struct Greenlet : Object {
  GreenletState state;
  uint64_t thread_id;
  Value run;                       // Empty once started
  Greenlet* parent;                // null: a thread's first one
  Stack* stack;
  Value incoming;                  // what the switch() that resumes it gives; Raised: `thrown`
  Value thrown;
};

extern const Layout greenlet_layout;

struct GreenletModule {
  std::unordered_map<uint64_t, Greenlet*> current;   // by thread
  Type* exit_type = nullptr;
  Type* error_type = nullptr;
  std::vector<char*> spare;        // mapped stacks of dead greenlets
  Stack* ended = nullptr;          // of the greenlet that has just ended: freed from another stack
};

constexpr const char* kState = "greenlet";

GreenletModule& module_of(Thread& t) {
  void*& state = t.interpreter->module_state[kState];
  if (!state) {
    auto* made = new GreenletModule;
    state = made;
    t.heap->add_root([made](Marker& marker) {
      for (auto& [id, greenlet] : made->current) marker.mark(greenlet);
      marker.mark_pointer(made->exit_type);
      marker.mark_pointer(made->error_type);
    });
  }
  return *static_cast<GreenletModule*>(state);
}

Greenlet* greenlet_of(Value v) { return as<Greenlet>(v); }
bool is_alive(const Greenlet* g) { return g->state == GreenletState::Running || g->state == GreenletState::Suspended; }

void init_greenlet(Greenlet* g, Thread& t, GreenletState state) {
  g->state = state;
  g->thread_id = t.id;
  g->run = g->incoming = g->thrown = Value::empty();
  g->parent = nullptr;
  g->stack = nullptr;
  note_finalizer(g);
}

// The running greenlet of the thread; its first one is made when somebody asks.
Greenlet* current(Thread& t) {
  GreenletModule& m = module_of(t);
  auto found = m.current.find(t.id);
  if (found != m.current.end()) return found->second;
  std::erase_if(m.current, [&](auto& entry) {
    for (Thread* other = t.interpreter->threads; other; other = other->next_thread) {
      if (other->id == entry.first) return false;
    }
    return true;
  });
  auto g = make_native<Greenlet>(t, greenlet_layout);
  init_greenlet(g, t, GreenletState::Running);
  g->stack = new Stack;
  m.current[t.id] = g;
  return g;
}

Value raise_greenlet_error(Thread& t, std::string_view text) {
  return raise_value(t, TRY(call(t, Value::of_object(module_of(t).error_type), {str_value(make_str(t, text))})));
}

void free_stack(GreenletModule& m, Stack* stack) {
  if (!stack) return;
  if (stack->memory && m.spare.size() < kMostSpare) m.spare.push_back(stack->memory);
  else if (stack->memory) munmap(stack->memory, kMappedBytes);
  delete stack;
}

Value make_stack(Thread& t, Greenlet* g) {
  GreenletModule& m = module_of(t);
  char* memory;
  if (!m.spare.empty()) {
    memory = m.spare.back();
    m.spare.pop_back();
    madvise(memory + kMappedBytes - kScriptBytes, kScriptBytes, MADV_DONTNEED);   // the registers of the one before
  } else {
    void* mapped = mmap(nullptr, kMappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return raise_memory(t);
    memory = static_cast<char*>(mapped);
    mprotect(memory, kGuardBytes, PROT_NONE);
  }
  auto stack = new Stack;
  stack->memory = memory;
  ThreadStacks& s = stack->saved;
  s.native_limit = memory + kGuardBytes + kNativeBytes / 4;
  s.native_base = memory + kGuardBytes + kNativeBytes;
  s.frames = reinterpret_cast<Frame*>(memory + kGuardBytes + kNativeBytes);
  s.frames_limit = s.frames + kScriptBytes / sizeof(Frame);
  s.registers = reinterpret_cast<Value*>(memory + kGuardBytes + kNativeBytes + kScriptBytes);
  s.registers_limit = s.registers + kScriptBytes / sizeof(Value);
  stack->native_top = s.native_base;
  stack->collections = t.heap->stats().collections + t.heap->stats().small_collections;
  g->stack = stack;
  return Value::none();
}

// What a resumed greenlet was given.
Value take_incoming(Thread& t, Greenlet* g) {
  Value v = g->incoming;
  g->incoming = Value::empty();
  if (!v.is_raised()) return v;
  Value thrown = g->thrown;
  g->thrown = Value::empty();
  return raise_value(t, thrown);
}

uint64_t collections(Thread& t) { return t.heap->stats().collections + t.heap->stats().small_collections; }

// Exchanges the stacks; returns when somebody switches back. Not inlined: what its callers keep lies above its frame address.
[[gnu::noinline]] void exchange(Thread& t, Greenlet* from, Greenlet* to) {
  take_from(from->stack->saved, t);
  from->stack->native_top = static_cast<const char*>(__builtin_frame_address(0)) - 64;
  if (from->state == GreenletState::Running) from->state = GreenletState::Suspended;
  from->stack->collections = collections(t);
  note_write(from);
  to->state = GreenletState::Running;
  give_to(to->stack->saved, t);
  if (to->stack->collections != collections(t)) wipe_free_registers(t);
  module_of(t).current[t.id] = to;
  swapcontext(&from->stack->context, &to->stack->context);
}

void greenlet_main();

[[gnu::noinline]] void begin_at_main(Stack& stack) {
  getcontext(&stack.context);
  stack.context.uc_stack.ss_sp = stack.memory + kGuardBytes;
  stack.context.uc_stack.ss_size = kNativeBytes;
  stack.context.uc_link = nullptr;
  makecontext(&stack.context, greenlet_main, 0);
}

Value after_exchange(Thread& t, Greenlet* self) {
  GreenletModule& m = module_of(t);
  free_stack(m, m.ended);
  m.ended = nullptr;
  return take_incoming(t, self);
}

// Goes on in `target`, which has its stack and its incoming value.
Value enter(Thread& t, Greenlet* target) {
  Greenlet* self = current(t);
  if (target == self) return take_incoming(t, self);
  if (target->state == GreenletState::Unborn) {
    TRY(make_stack(t, target));
    begin_at_main(*target->stack);
  }
  SpilledRegisters registers;
  spill_registers(registers);
  exchange(t, self, target);
  return after_exchange(t, self);
}

bool is_exit(Thread& t, Value exception) { return is_subtype(type_of(t, exception), module_of(t).exit_type); }

// The greenlet that gets what was meant for `g`: the nearest that is not dead.
Greenlet* receiver_of(Greenlet* g) {
  while (g->state == GreenletState::Dead && g->parent) g = g->parent;
  return g;
}

// The function has ended: its result or exception goes to the parent.
[[noreturn]] void end_greenlet(Thread& t, Greenlet* g, Value result) {
  Value thrown = Value::empty();
  if (result.is_raised()) {
    thrown = take_exception(t);
    if (is_exit(t, thrown)) result = thrown;
  }
  g->state = GreenletState::Dead;
  Greenlet* receiver = receiver_of(g);
  if (receiver->state == GreenletState::Unborn) {
    // A parent that has not begun: it begins with the result as its argument, or dies of the exception.
    if (result.is_raised()) {
      receiver->state = GreenletState::Dead;
      receiver = receiver_of(receiver);
    } else if (make_stack(t, receiver).is_raised()) {
      result = Value::raised();
      thrown = take_exception(t);
      receiver->state = GreenletState::Dead;
      receiver = receiver_of(receiver);
    } else {
      begin_at_main(*receiver->stack);
      result = Value::of_object(make_tuple(t, {Value::of_object(make_tuple(t, {result})), Value::none()}));
    }
  }
  receiver->incoming = result;
  receiver->thrown = thrown;
  note_write(receiver);
  module_of(t).ended = g->stack;
  exchange(t, g, receiver);
  __builtin_unreachable();
}

Value call_run(Thread& t, Greenlet* g) {
  Value given = TRY(take_incoming(t, g));   // (args, kwargs)
  auto args = as<Tuple>(as<Tuple>(given)->items[0]);
  Value keywords = as<Tuple>(given)->items[1];
  Value run = g->run;
  g->run = Value::empty();
  if (keywords.is_none()) return call(t, run, args->items, args->length);
  ValueList all(t);
  for (size_t i = 0; i < args->length; ++i) all.push(args->items[i]);
  List* names = make_list(t);
  for (DictCursor c(as<Dict>(keywords)); c.next();) {
    list_push(t, names, c.entry->key);
    all.push(c.entry->value);
  }
  return call(t, run, all.data(), args->length, make_tuple(t, names));
}

void greenlet_main() {
  Thread& t = *current_thread();
  Greenlet* self = current(t);
  GreenletModule& m = module_of(t);
  free_stack(m, m.ended);
  m.ended = nullptr;
  end_greenlet(t, self, call_run(t, self));
}

Value check_thread(Thread& t, const Greenlet* g) {
  return g->thread_id == t.id ? Value::none() : raise_greenlet_error(t, "cannot switch to a different thread");
}

// args: self, kwargs, then the positional arguments.
Value greenlet_switch(Thread& t, Value* args, size_t argc) {
  Greenlet* target = receiver_of(greenlet_of(args[0]));
  TRY(check_thread(t, target));
  bool has_keywords = as<Dict>(args[1])->count > 0;
  size_t count = argc - 2;
  Value packed = Value::of_object(make_tuple(t, args + 2, count));
  if (target->state == GreenletState::Unborn) {
    if (target->run.is_empty()) target->run = TRY(get_attribute(t, Value::of_object(target), intern(t, "run")));
    target->incoming = Value::of_object(make_tuple(t, {packed, has_keywords ? args[1] : Value::none()}));
  } else if (has_keywords) {
    target->incoming = count == 0 ? args[1] : Value::of_object(make_tuple(t, {packed, args[1]}));
  } else {
    target->incoming = count == 1 ? args[2] : packed;
  }
  note_write(target);
  return enter(t, target);
}

Value throw_into(Thread& t, Greenlet* g, Value exception) {
  Greenlet* target = receiver_of(g);
  TRY(check_thread(t, target));
  while (target->state == GreenletState::Unborn) {   // dies before it begins
    target->state = GreenletState::Dead;
    if (is_exit(t, exception)) {
      target = receiver_of(target);
      target->incoming = exception;
      note_write(target);
      return enter(t, target);
    }
    target = receiver_of(target);
  }
  target->incoming = Value::raised();
  target->thrown = exception;
  note_write(target);
  return enter(t, target);
}

// throw(self, type=GreenletExit, value=None, traceback=None)
Value greenlet_throw(Thread& t, Value* args, size_t) {
  Value thrown[3] = {args[1].is_empty() ? Value::of_object(module_of(t).exit_type) : args[1], args[2], args[3]};
  Value exception = TRY(thrown_exception(t, thrown));
  Greenlet* g = greenlet_of(args[0]);
  if (g->state == GreenletState::Dead && is_exit(t, exception)) return exception;
  return throw_into(t, g, exception);
}

Value greenlet_new(Thread& t, Value* args, size_t) {
  auto g = static_cast<Greenlet*>(allocate_object(t, as<Type>(args[0])));
  init_greenlet(g, t, GreenletState::Unborn);
  g->parent = nullptr;
  Greenlet* parent = current(t);
  g->parent = parent;
  t.heap->watch_del(g);
  return Value::of_object(g);
}

Value set_parent(Thread& t, Value self, Value v) {
  if (!v.is_object() || !is_subtype(type_of(t, v), native_type(t, greenlet_layout)))
    return raise(t, ErrorType::TypeError, "GreenletChecker: Expected any type of greenlet, not {}", type_name(t, v));
  for (Greenlet* g = greenlet_of(v); g; g = g->parent) {
    if (g == self.object) return raise_text(t, ErrorType::ValueError, "cyclic parent chain");
  }
  if (greenlet_of(v)->thread_id != greenlet_of(self)->thread_id)
    return raise_text(t, ErrorType::ValueError, "parent cannot be on a different thread");
  greenlet_of(self)->parent = greenlet_of(v);
  note_write(self.object);
  return Value::none();
}

// __init__(self, run=None, parent=None)
Value greenlet_init(Thread& t, Value* args, size_t) {
  if (!args[1].is_empty() && !args[1].is_none()) store(args[0].object, greenlet_of(args[0])->run, args[1]);
  if (!args[2].is_empty() && !args[2].is_none()) TRY(set_parent(t, args[0], args[2]));
  return Value::none();
}

Value get_parent(Thread&, Value self) {
  Greenlet* parent = greenlet_of(self)->parent;
  return parent ? Value::of_object(parent) : Value::none();
}

Value get_dead(Thread&, Value self) { return Value::of_bool(greenlet_of(self)->state == GreenletState::Dead); }
Value greenlet_truth(Thread&, Value self) { return Value::of_bool(is_alive(greenlet_of(self))); }

Value get_run(Thread& t, Value self) {
  Greenlet* g = greenlet_of(self);
  if (g->state == GreenletState::Unborn && !g->run.is_empty()) return g->run;
  return raise_text(t, ErrorType::AttributeError, "run");
}

Value set_run(Thread& t, Value self, Value v) {
  if (greenlet_of(self)->state != GreenletState::Unborn) return raise_text(t, ErrorType::AttributeError, "run cannot be set after the start of the greenlet");
  store(self.object, greenlet_of(self)->run, v);
  return Value::none();
}

Value get_frame(Thread& t, Value self) {
  Greenlet* g = greenlet_of(self);
  if (g->state != GreenletState::Suspended) return Value::none();
  return make_frame_object(t, g->stack->saved.frame);
}

Value greenlet_repr(Thread& t, Value self) {
  constexpr const char* states[] = {"pending", "current active started", "suspended active started", "dead"};
  Greenlet* g = greenlet_of(self);
  return str_value(make_str(t, fmt::format("<{} object at {:#x} (otid={:#x}) {}{}>", "greenlet.greenlet", reinterpret_cast<uintptr_t>(g), g->thread_id,
                                           states[static_cast<int>(g->state)], g->parent ? "" : " main")));
}

// Nobody can switch to it any more: GreenletExit is raised in it, so that its `finally` blocks run.
Value greenlet_del(Thread& t, Value* args, size_t) {
  Greenlet* g = greenlet_of(args[0]);
  if (g->state != GreenletState::Suspended || g->thread_id != t.id || g->parent == nullptr) return Value::none();
  g->parent = current(t);
  Value exception = TRY(call(t, Value::of_object(module_of(t).exit_type)));
  return throw_into(t, g, exception);
}

void greenlet_trace(Object* o, Marker& marker) {
  auto g = static_cast<Greenlet*>(o);
  marker.mark(g->run);
  marker.mark_pointer(g->parent);
  marker.mark(g->incoming);
  marker.mark(g->thrown);
  if (g->state != GreenletState::Suspended) return;
  const ThreadStacks& s = g->stack->saved;
  for (Value v : {s.exception, s.handled, s.settled, s.settled_traceback, s.context}) marker.mark(v);
  mark_frame_chain(s.frame, marker);
  mark_native_stack(*type_of(o)->interpreter->heap, marker, g->stack->native_top, s.native_base);
}

void greenlet_finalize(Object* o, Heap&) {
  auto g = static_cast<Greenlet*>(o);
  if (!g->stack || g->state == GreenletState::Dead) return;   // a dead one's stack went when it ended
  if (g->stack->memory) munmap(g->stack->memory, kMappedBytes);
  delete g->stack;
}

constexpr NativeRow greenlet_methods[] = {
    {"__new__", greenlet_new, "(cls, *args, **kwargs)", "", Binding::Static},
    {"__init__", greenlet_init, "(self, run=None, parent=None)", "A greenlet for run; its parent is the running one."},
    {"__del__", greenlet_del, "(self)", ""},
    {"switch", greenlet_switch, "(self, *args, **kwargs)", "Goes on in this greenlet; returns what somebody switches back with."},
    {"throw", greenlet_throw, "(self, typ=GreenletExit, val=None, tb=None, /)", "Goes on in this greenlet by raising there."},
};
constexpr AttributeRow greenlet_attributes[] = {
    {"parent", get_parent, set_parent, "Who gets the result."},
    {"dead", get_dead, nullptr, "Has it ended?"},
    {"run", get_run, set_run, "The function, until it begins."},
    {"gr_frame", get_frame, nullptr, "Where it is suspended, or None."},
};

const Layout greenlet_layout = {
    .name = "greenlet", .module = "greenlet", .kind = Kind::Native, .size = sizeof(Greenlet), .flags = kSubclassable, .base = nullptr,
    .trace = greenlet_trace, .finalize = greenlet_finalize, .ops = {.repr = greenlet_repr, .truth = greenlet_truth},
    .methods = greenlet_methods, .method_count = std::size(greenlet_methods),
    .attributes = greenlet_attributes, .attribute_count = std::size(greenlet_attributes),
    .help = "A function with a call stack of its own."};

Value greenlet_getcurrent(Thread& t, Value*, size_t) { return Value::of_object(current(t)); }

constexpr NativeRow greenlet_functions[] = {
    {"getcurrent", greenlet_getcurrent, "()", "The greenlet that runs."},
};

Value add_exception(Thread& t, Module* m, const char* name, ErrorType base, Type*& out) {
  Dict* attributes = make_dict(t);
  dict_set(t, attributes, names(t).module, str_value(intern(t, "greenlet")));
  Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, base))});
  Value made = TRY(make_class(t, types(t).type, intern(t, name), bases, attributes, nullptr));
  out = as<Type>(made);
  module_set(t, m, name, made);
  return Value::none();
}

Value greenlet_setup(Thread& t, Module* m) {
  GreenletModule& state = module_of(t);
  TRY(add_exception(t, m, "GreenletExit", ErrorType::BaseException, state.exit_type));
  TRY(add_exception(t, m, "error", ErrorType::Exception, state.error_type));
  module_add_type(t, m, greenlet_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule greenlet_module;
const NativeModule greenlet_module = {"greenlet", greenlet_functions, std::size(greenlet_functions), greenlet_setup,
                                      "Functions with call stacks of their own, between which a program switches by hand."};

}  // namespace mini
