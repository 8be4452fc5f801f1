// SPDX-License-Identifier: MIT
// Generator objects: making them, and their script-visible methods. Running them is the VM's: calls.h has the doors.
#include "runtime/objects/generator.h"

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/function.h"
#include "runtime/objects/packed_frames.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Type* type_for(Thread& t, Code* code) {
  if (code->code_flags & kCodeAsyncGenerator) return types(t).async_generator;
  return code->code_flags & kCodeCoroutine ? types(t).coroutine : types(t).generator;
}

const char* kind_name(Value v) {
  switch (v.object->kind) {
    case Kind::Coroutine: return "coroutine";
    case Kind::AsyncGenerator: return "async generator";
    default: return "generator";
  }
}

}  // namespace

namespace {

// (name, qualified name) where the function does not have its code's.
Tuple* own_names(Thread& t, Function* f) {
  bool are_codes = f->name.object == f->code->name && f->qualified_name.object == f->code->qualified_name;
  return MINI_LIKELY(are_codes) ? nullptr : make_tuple(t, {f->name, f->qualified_name});
}

}  // namespace

Frame* begin_frame(Generator* g, void* room, Function* function) {
  auto f = static_cast<Frame*>(room);
  *f = {};
  f->ip = g->code->instructions.data();
  f->registers = reinterpret_cast<Value*>(f + 1);
  f->code = g->code;
  f->function = function;
  f->globals = function->globals;
  f->generator = g;
  f->flags = kFrameHeap;
  f->entry_handled = f->locals_value = Value::empty();
  return g->frame = f;
}

size_t frame_bytes(const Code* code) { return sizeof(Frame) + code->register_count * sizeof(Value); }

namespace {

Packed* pack_arguments(Thread& t, Function* function, const Value* arguments) {
  size_t count = function->code->parameter_count();
  size_t bytes = sizeof(Packed) + count * sizeof(Value);
  auto p = static_cast<Packed*>(t.heap->take_buffer(bytes));
  p->bytes = static_cast<uint32_t>(bytes);
  p->count = static_cast<uint32_t>(count);
  p->function = function;
  copy_values(arguments, count, p->arguments());
  return p;
}

}  // namespace

Generator* new_generator(Thread& t, Function* function, Code* code, size_t room) {
  Tuple* names = own_names(t, function);
  auto g = t.heap->make<Generator>(type_for(t, code)->root_shape, room);
  g->state = GeneratorState::Closed;
  g->is_delegate = g->yielded_itself = false;
  g->was_awaited = g->is_stepping = g->is_ended = g->is_hidden = g->is_watched = false;
  g->throw_mark = 0;
  g->root = g->innermost = g;
  g->frame = nullptr;
  g->names = names;
  g->own_handled = g->delegate = Value::empty();
  g->code = code;
  g->created_at = nullptr;
  g->finalizer_hook = nullptr;
  return g;
}

Generator* make_generator(Thread& t, Function* function, const Value* arguments) {
  Code* code = function->code;
  bool is_coroutine = code->code_flags & kCodeCoroutine;
  Generator* g = new_generator(t, function, code, is_coroutine ? 0 : frame_bytes(code));
  if (is_coroutine) {
    g->packed = pack_arguments(t, function, arguments);
    note_finalizer(g);
    ++t.interpreter->unstarted_coroutines;
  } else {
    Frame* f = begin_frame(g, g + 1, function);
    size_t count = code->parameter_count();
    copy_values(arguments, count, f->registers);
    std::fill_n(f->registers + count, code->register_count - count, Value::empty());
  }
  g->state = GeneratorState::Created;
  g->created_at = t.place().ip;
  g->flags |= function->flags & kFrozenBySelf;   // types.coroutine: it may be awaited
  if (g->kind != Kind::Generator || !code->handlers.empty()) t.heap->watch_generator(g);
  return g;
}

static Frame* take_frame(Thread& t, Generator* g, Function* function) {
  size_t bytes = frame_bytes(g->code);
  Frame* f = begin_frame(g, t.heap->take_buffer(bytes), function);
  f->buffer_bytes = bytes;
  note_finalizer(g);
  return f;
}

void drop_frame(Thread& t, Generator* g) {
  Frame* f = g->frame;
  g->frame = nullptr;
  if (g->kind != Kind::Coroutine) return;
  g->flags &= ~kNeedsFinalizing;
  if (f) return t.heap->return_buffer(f, f->buffer_bytes);
  if (Packed* p = g->packed) t.heap->return_buffer(p, p->bytes);
  g->packed = nullptr;
}

Generator* adopt_frame(Thread& t, const Frame* frame) {
  Generator* g = new_generator(t, frame->function, frame->code, 0);
  g->created_at = frame->previous->ip;
  Frame* f = take_frame(t, g, frame->function);
  f->ip = frame->ip;
  f->previous = frame->previous;
  f->result = frame->result;
  f->depth = frame->depth;
  copy_values(frame->registers, frame->code->register_count, f->registers);
  g->state = GeneratorState::Running;
  g->was_awaited = g->is_hidden = true;
  return g;
}

// As long as it is hidden, its root is what is asked whether it has something to do when nothing reaches it any more.
void reveal(Thread& t, Generator* g) {
  if (!g->is_hidden) return;
  g->is_hidden = false;
  if (!g->code->handlers.empty()) t.heap->watch_generator(g);
}

Str* generator_name(const Generator* g) { return g->names ? as<Str>(g->names->items[0]) : g->code->name; }
Str* generator_qualified_name(const Generator* g) { return g->names ? as<Str>(g->names->items[1]) : g->code->qualified_name; }

namespace {

void trace_packed(const Generator* g, Marker& marker) {
  Packed* p = g->packed;
  if (g->state == GeneratorState::Created) {
    marker.mark_pointer(p->function);
    marker.mark(p->arguments(), p->count);
    return;
  }
  marker.mark(p->delegate);
  for_each_frame(p, [&](const PackedFrame* f) {
    marker.mark_pointer(f->function);
    return f->for_each_object([&](Object* o) { marker.mark(o); });
  });
}

}  // namespace

void trace_generator(Object* o, Marker& marker) {
  auto g = static_cast<Generator*>(o);
  marker.mark_pointer(g->names);
  marker.mark(g->own_handled);
  marker.mark(g->delegate);
  if (g->kind == Kind::AsyncGenerator) marker.mark(g->finalizer_hook);
  marker.mark_pointer(g->code);
  marker.mark_pointer(g->root);
  if (g->state == GeneratorState::Closed) return;
  marker.mark_pointer(g->innermost);
  Frame* f = g->frame;
  if (!f) {
    if (g->packed) trace_packed(g, marker);
    return;
  }
  marker.mark_pointer(f->code);
  marker.mark_pointer(f->function);
  marker.mark_pointer(f->globals);
  marker.mark(f->entry_handled);
  if (g->state == GeneratorState::Suspended && marker.forgets()) empty_dead_registers(f->code, f->ip, f->registers);
  marker.mark(f->registers, f->code->register_count);
}

namespace {

Value generator_repr(Thread& t, Value self) {
  auto g = as<Generator>(self);
  return str_value(make_str(t, fmt::format("<{} object {} at 0x{:x}>", self.object->kind == Kind::AsyncGenerator ? "async_generator" : kind_name(self),
                                           to_utf8(generator_qualified_name(g)), self.bits)));
}

Value generator_iterate(Thread&, Value self) { return self; }

// The result of a resumption as send() gives it: a value, or StopIteration with the returned one.
Value as_send_result(Thread& t, Resumption r) {
  switch (r.outcome) {
    case Outcome::Yielded: return r.value;
    case Outcome::Raised: return Value::raised();
    case Outcome::Returned: break;
  }
  return r.value.is_none() ? raise_no_arguments(t, ErrorType::StopIteration) : raise_with_argument(t, ErrorType::StopIteration, r.value);
}

Value generator_next(Thread& t, Value self) {
  Resumption r = resume(t, as<Generator>(self), Value::none());
  switch (r.outcome) {
    case Outcome::Yielded: return r.value;
    case Outcome::Raised: return Value::raised();
    case Outcome::Returned: break;
  }
  if (r.value.is_none()) return Value::empty();
  return raise_with_argument(t, ErrorType::StopIteration, r.value);
}

Value generator_send(Thread& t, Value* args, size_t) { return as_send_result(t, resume(t, as<Generator>(args[0]), args[1])); }

}  // namespace

Value thrown_exception(Thread& t, const Value* args) {
  Value type = args[0], value = args[1], traceback = args[2];
  Value e;
  if (is_exception(type)) {
    if (!value.is_empty() && !value.is_none()) return raise(t, ErrorType::TypeError, "instance exception may not have a separate value");
    e = type;
  } else if (is_exception_class(type)) {
    if (is_exception(value) && is_subtype(type_of(t, value), as<Type>(type))) e = value;
    else if (value.is_empty() || value.is_none()) e = TRY(call(t, type, {}));
    else if (is_kind(value, Kind::Tuple)) e = TRY(call(t, type, as<Tuple>(value)->items, as<Tuple>(value)->length));
    else e = TRY(call(t, type, {value}));
  } else {
    return raise(t, ErrorType::TypeError, "exceptions must be classes or instances deriving from BaseException, not {}", type_name(t, type));
  }
  if (!is_exception(e)) {   // of a class whose __new__ makes something else
    Str* shown = to_repr(t, type);
    if (!shown) return Value::raised();
    return raise(t, ErrorType::TypeError, "calling {} should have returned an instance of BaseException, not {}", to_utf8(shown), type_name(t, e));
  }
  if (is_kind(traceback, Kind::Traceback)) as<Exception>(e)->traceback = as<Traceback>(traceback);
  else if (!traceback.is_empty() && !traceback.is_none()) return raise(t, ErrorType::TypeError, "throw() third argument must be a traceback object");
  return e;
}

namespace {

Value generator_throw(Thread& t, Value* args, size_t) {
  return as_send_result(t, resume_throwing(t, as<Generator>(args[0]), args + 1));
}

Value generator_close_method(Thread& t, Value* args, size_t) { return generator_close(t, as<Generator>(args[0])); }

Value get_name(Thread&, Value self) { return str_value(generator_name(as<Generator>(self))); }
Value get_qualname(Thread&, Value self) { return str_value(generator_qualified_name(as<Generator>(self))); }
Value set_names(Thread& t, Value self, Value name, Value qualified_name) {
  as<Generator>(self)->names = make_tuple(t, {name, qualified_name});
  note_write(self.object);
  return Value::none();
}
Value set_name(Thread& t, Value self, Value v) {
  if (!is_kind(v, Kind::Str)) return raise(t, ErrorType::TypeError, "__name__ must be set to a string object");
  return set_names(t, self, v, get_qualname(t, self));
}
Value set_qualname(Thread& t, Value self, Value v) {
  if (!is_kind(v, Kind::Str)) return raise(t, ErrorType::TypeError, "__qualname__ must be set to a string object");
  return set_names(t, self, get_name(t, self), v);
}
Value get_running(Thread&, Value self) { return Value::of_bool(as<Generator>(self)->state == GeneratorState::Running); }
Value get_suspended(Thread&, Value self) { return Value::of_bool(as<Generator>(self)->state == GeneratorState::Suspended); }
Value get_code(Thread&, Value self) { return Value::of_object(as<Generator>(self)->code); }
Value get_frame(Thread& t, Value self) { return make_generator_frame_object(t, as<Generator>(self)); }
// What it delegates to: the next generator of the chain, or a foreign iterator.
Value get_delegate(Thread& t, Value self) {
  auto g = as<Generator>(self);
  if (g->state != GeneratorState::Suspended && g->state != GeneratorState::Running) return Value::none();
  ensure_frame(t, g);
  if (!g->delegate.is_empty()) return g->delegate;
  Frame* end = g->root->innermost ? g->root->innermost->frame : nullptr;
  for (Frame* f = end; f && f->generator && f->generator != g; f = f->previous)
    if (f->previous && f->previous->generator == g && f->generator->is_delegate) {
      reveal(t, f->generator);
      return Value::of_object(f->generator);
    }
  return Value::none();
}

const AttributeRow kGeneratorAttributes[] = {
    {"__name__", get_name, set_name, ""}, {"__qualname__", get_qualname, set_qualname, ""}, {"gi_running", get_running, nullptr, ""},
    {"gi_suspended", get_suspended, nullptr, ""}, {"gi_code", get_code, nullptr, ""}, {"gi_frame", get_frame, nullptr, ""},
    {"gi_yieldfrom", get_delegate, nullptr, "object being iterated by yield from, or None"},
};
const NativeRow kGeneratorMethods[] = {
    {"send", generator_send, "(self, value, /)", "Resume the generator with a value and return the next yielded one."},
    {"throw", generator_throw, "(self, type, value=None, traceback=None, /)", "Raise an exception in the generator and return the next yielded value."},
    {"close", generator_close_method, "(self, /)", "Raise GeneratorExit inside the generator."},
    {"__del__", generator_del, "(self, /)", "Called when nothing reaches the generator any more."},
};

// --- coroutines ---

struct CoroutineWrapper : Object {   // what coroutine.__await__() gives
  Generator* coroutine;
};
void wrapper_trace(Object* o, Marker& marker) { marker.mark_pointer(static_cast<CoroutineWrapper*>(o)->coroutine); }
Value wrapper_next(Thread& t, Value self) { return generator_next(t, Value::of_object(as<CoroutineWrapper>(self)->coroutine)); }
Value wrapper_send(Thread& t, Value* args, size_t) { return as_send_result(t, resume(t, as<CoroutineWrapper>(args[0])->coroutine, args[1])); }
Value wrapper_throw(Thread& t, Value* args, size_t) {
  return as_send_result(t, resume_throwing(t, as<CoroutineWrapper>(args[0])->coroutine, args + 1));
}
Value wrapper_close(Thread& t, Value* args, size_t) { return generator_close(t, as<CoroutineWrapper>(args[0])->coroutine); }
const NativeRow kWrapperMethods[] = {
    {"send", wrapper_send, "(self, value, /)", ""},
    {"throw", wrapper_throw, "(self, type, value=None, traceback=None, /)", ""},
    {"close", wrapper_close, "(self, /)", ""},
};
const Layout coroutine_wrapper_layout = {
    .name = "coroutine_wrapper", .module = "builtins", .kind = Kind::Native, .size = sizeof(CoroutineWrapper), .flags = kNoInstantiation,
    .trace = wrapper_trace, .ops = {.iterate = generator_iterate, .next = wrapper_next},
    .methods = kWrapperMethods, .method_count = std::size(kWrapperMethods)};

Value coroutine_await(Thread& t, Value self) {
  auto w = t.heap->make<CoroutineWrapper>(native_type(t, coroutine_wrapper_layout)->root_shape);
  w->coroutine = as<Generator>(self);
  return Value::of_object(w);
}
// CPython's list of calls; Mini keeps the innermost one only, for its own reports.
Value get_origin(Thread&, Value) { return Value::none(); }

const AttributeRow kCoroutineAttributes[] = {
    {"__name__", get_name, set_name, ""}, {"__qualname__", get_qualname, set_qualname, ""}, {"cr_running", get_running, nullptr, ""},
    {"cr_suspended", get_suspended, nullptr, ""}, {"cr_code", get_code, nullptr, ""}, {"cr_frame", get_frame, nullptr, ""},
    {"cr_await", get_delegate, nullptr, "object being awaited on, or None"}, {"cr_origin", get_origin, nullptr, ""},
};

}  // namespace

bool generator_has_finalizer(Object* o) {
  auto g = static_cast<Generator*>(o);
  switch (g->state) {
    case GeneratorState::Created: return g->kind == Kind::Coroutine && !g->was_awaited;
    case GeneratorState::Running: return true;   // not yet, but later
    case GeneratorState::Suspended: return !g->code->handlers.empty() || (g->kind == Kind::AsyncGenerator && g->finalizer_hook);
    case GeneratorState::Closed: return false;
  }
  MINI_UNREACHABLE();
}

Value generator_del(Thread& t, Value* args, size_t) {
  auto g = as<Generator>(args[0]);
  if (g->state == GeneratorState::Created && g->kind == Kind::Coroutine && !g->was_awaited) {
    g->was_awaited = true;   // say it once
    --t.interpreter->unstarted_coroutines;
    Value warnings = TRY(import_module(t, "warnings"));
    return call(t, TRY(get_attribute(t, warnings, "_warn_unawaited_coroutine")), {args[0]});
  }
  if (g->state != GeneratorState::Suspended) return Value::none();
  if (g->kind == Kind::AsyncGenerator && g->finalizer_hook) return call(t, Value::of_object(g->finalizer_hook), {args[0]});
  return generator_close(t, g);
}

Value generator_close(Thread& t, Generator* g) {
  if (g->state == GeneratorState::Closed) return Value::none();
  if (g->state == GeneratorState::Created) {
    if (g->kind == Kind::Coroutine && !g->was_awaited) --t.interpreter->unstarted_coroutines;
    g->state = GeneratorState::Closed;
    drop_frame(t, g);
    return Value::none();
  }
  Exception* e = make_exception(t, error_type(t, ErrorType::GeneratorExit), t.interpreter->empty_tuple);
  Resumption r = resume_raising(t, g, Value::of_object(e));
  switch (r.outcome) {
    case Outcome::Returned: return Value::none();
    case Outcome::Yielded: return raise(t, ErrorType::RuntimeError, "{} ignored GeneratorExit", kind_name(Value::of_object(g)));
    case Outcome::Raised: break;
  }
  if (exception_matches(t, ErrorType::GeneratorExit) || exception_matches(t, ErrorType::StopIteration)) {
    (void)take_exception(t);
    return Value::none();
  }
  return Value::raised();
}

const Layout generator_layout = {
    .name = "generator", .module = "builtins", .kind = Kind::Generator, .size = sizeof(Generator), .flags = kNoInstantiation,
    .trace = trace_generator, .ops = {.repr = generator_repr, .iterate = generator_iterate, .next = generator_next},
    .methods = kGeneratorMethods, .method_count = std::size(kGeneratorMethods),
    .attributes = kGeneratorAttributes, .attribute_count = std::size(kGeneratorAttributes)};

static void finalize_coroutine(Object* o, Heap& heap) {
  auto g = static_cast<Generator*>(o);
  if (g->frame) heap.give_buffer(g->frame, g->frame->buffer_bytes);
  else if (g->packed) heap.give_buffer(g->packed, g->packed->bytes);
}

const Layout coroutine_layout = {
    .name = "coroutine", .module = "builtins", .kind = Kind::Coroutine, .size = sizeof(Generator), .flags = kNoInstantiation,
    .trace = trace_generator, .finalize = finalize_coroutine, .ops = {.repr = generator_repr, .await = coroutine_await},
    .methods = kGeneratorMethods, .method_count = std::size(kGeneratorMethods),
    .attributes = kCoroutineAttributes, .attribute_count = std::size(kCoroutineAttributes)};

}  // namespace mini
