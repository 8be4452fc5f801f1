// SPDX-License-Identifier: MIT
// Asynchronous generators: asend(), athrow() and aclose() give awaitables, each of which resumes the generator when it is itself resumed.
// What the generator awaits goes through to the event loop; what it yields ends the awaitable with StopIteration(item). PEP 525.
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

//   state   | means
//   Fresh   | not awaited yet
//   Running | awaited; the generator waits for something inside
//   Done    | gave its result
enum class StepState : uint8_t { Fresh, Running, Done };
enum class StepKind : uint8_t { Send, Throw, Close };

struct AsyncStep : Object {
  Generator* generator;
  Value sent;           // Send: the value; Throw: the exception
  StepKind step;
  StepState state;
};

extern const Layout async_step_layout;

void step_trace(Object* o, Marker& marker) {
  auto s = static_cast<AsyncStep*>(o);
  marker.mark_pointer(s->generator);
  marker.mark(s->sent);
}

Value call_first_hook(Thread& t, Generator* g);

Value make_step(Thread& t, Generator* g, StepKind kind, Value sent) {
  TRY(call_first_hook(t, g));
  auto s = t.heap->make<AsyncStep>(native_type(t, async_step_layout)->root_shape);
  s->generator = g;
  s->sent = sent;
  s->step = kind;
  s->state = StepState::Fresh;
  return Value::of_object(s);
}

// What a resumption of the generator means to whoever awaits the step.
Value finish_step(Thread& t, AsyncStep* s, Resumption r) {
  switch (r.outcome) {
    case Outcome::Yielded:
      if (!s->generator->yielded_itself) return r.value;   // the generator awaits: pass it outwards
      s->state = StepState::Done;
      if (s->step == StepKind::Close) return raise(t, ErrorType::RuntimeError, "async generator ignored GeneratorExit");
      return raise_with_argument(t, ErrorType::StopIteration, r.value);
    case Outcome::Returned:
      s->state = StepState::Done;
      if (s->step == StepKind::Close) return raise_no_arguments(t, ErrorType::StopIteration);
      return raise_no_arguments(t, ErrorType::StopAsyncIteration);
    case Outcome::Raised: break;
  }
  s->state = StepState::Done;
  bool is_expected = s->step == StepKind::Close &&
                     (exception_matches(t, ErrorType::GeneratorExit) || exception_matches(t, ErrorType::StopAsyncIteration));
  if (!is_expected) return Value::raised();
  (void)take_exception(t);
  return raise_no_arguments(t, ErrorType::StopIteration);
}

const char* step_name(AsyncStep* s) { return s->step == StepKind::Send ? "__anext__()/asend()" : s->step == StepKind::Throw ? "athrow()" : "aclose()"; }

// sys.set_asyncgen_hooks: an event loop wants to know of the generators that it has to close.
Value call_first_hook(Thread& t, Generator* g) {
  if (g->was_awaited) return Value::none();
  g->was_awaited = true;
  if (!t.asyncgen_finalizer.is_empty()) store(g, g->origin, t.asyncgen_finalizer);
  return t.asyncgen_firstiter.is_empty() ? Value::none() : call(t, t.asyncgen_firstiter, {Value::of_object(g)});
}

Value start_step(Thread& t, AsyncStep* s) {
  Generator* g = s->generator;
  if (g->state == GeneratorState::Running || (g->state == GeneratorState::Suspended && g->is_stepping)) {
    s->state = StepState::Done;
    const char* name = s->step == StepKind::Send ? "anext()" : s->step == StepKind::Throw ? "athrow()" : "aclose()";
    return raise(t, ErrorType::RuntimeError, "{}: asynchronous generator is already running", name);
  }
  s->state = StepState::Running;
  g->is_stepping = true;
  if (s->step == StepKind::Send) return finish_step(t, s, resume(t, g, s->sent));
  if (g->state == GeneratorState::Closed) {
    s->state = StepState::Done;
    if (s->step == StepKind::Close) return raise_no_arguments(t, ErrorType::StopIteration);
    return raise_value(t, s->sent);
  }
  if (s->step == StepKind::Close && g->state == GeneratorState::Created) {
    s->state = StepState::Done;
    TRY(generator_close(t, g));
    return raise_no_arguments(t, ErrorType::StopIteration);
  }
  Value e = s->sent;
  if (s->step == StepKind::Close) e = Value::of_object(make_exception(t, error_type(t, ErrorType::GeneratorExit), t.interpreter->empty_tuple));
  return finish_step(t, s, resume_raising(t, g, e));
}

Value advance(Thread& t, Value self, Value sent) {
  auto s = as<AsyncStep>(self);
  Value v;
  switch (s->state) {
    case StepState::Done: return raise(t, ErrorType::RuntimeError, "cannot reuse already awaited {}", step_name(s));
    case StepState::Fresh:
      if (!sent.is_none() && s->step == StepKind::Send) s->sent = sent;
      v = start_step(t, s);
      break;
    case StepState::Running: v = finish_step(t, s, resume(t, s->generator, sent)); break;
  }
  if (s->state == StepState::Done) s->generator->is_stepping = false;
  return v;
}

Value step_next(Thread& t, Value self) { return advance(t, self, Value::none()); }
Value step_send(Thread& t, Value* args, size_t) { return advance(t, args[0], args[1]); }

Value step_throw(Thread& t, Value* args, size_t) {
  auto s = as<AsyncStep>(args[0]);
  if (s->state == StepState::Done) return raise(t, ErrorType::RuntimeError, "cannot reuse already awaited {}", step_name(s));
  Value e = args[1];
  if (is_type_object(e)) e = TRY(call(t, e, {}));
  if (s->state == StepState::Fresh) {
    s->state = StepState::Running;
    s->generator->is_stepping = true;
  }
  Value v = finish_step(t, s, resume_raising(t, s->generator, e));
  if (s->state == StepState::Done) s->generator->is_stepping = false;
  return v;
}

Value step_close(Thread&, Value* args, size_t) {
  as<AsyncStep>(args[0])->state = StepState::Done;
  return Value::none();
}

Value step_self(Thread&, Value self) { return self; }

const NativeRow kStepMethods[] = {
    {"send", step_send, "(self, value, /)", ""},
    {"throw", step_throw, "(self, type, value=None, traceback=None, /)", ""},
    {"close", step_close, "(self, /)", ""},
};

const Layout async_step_layout = {
    .name = "async_generator_asend", .module = "builtins", .kind = Kind::Native, .size = sizeof(AsyncStep), .flags = kNoInstantiation,
    .trace = step_trace, .ops = {.iterate = step_self, .next = step_next, .await = step_self},
    .methods = kStepMethods, .method_count = std::size(kStepMethods)};

// --- The generator ---

Value async_iterate(Thread&, Value self) { return self; }
Value async_next(Thread& t, Value self) { return make_step(t, as<Generator>(self), StepKind::Send, Value::none()); }
Value asend(Thread& t, Value* args, size_t) { return make_step(t, as<Generator>(args[0]), StepKind::Send, args[1]); }
Value athrow(Thread& t, Value* args, size_t) {
  Value e = args[1];
  if (is_type_object(e)) e = args[2].is_empty() || args[2].is_none() ? TRY(call(t, e, {})) : is_exception(args[2]) ? args[2] : TRY(call(t, e, {args[2]}));
  return make_step(t, as<Generator>(args[0]), StepKind::Throw, e);
}
Value aclose(Thread& t, Value* args, size_t) { return make_step(t, as<Generator>(args[0]), StepKind::Close, Value::none()); }

Value get_name(Thread&, Value self) { return as<Generator>(self)->name; }
Value get_qualname(Thread&, Value self) { return as<Generator>(self)->qualified_name; }
Value get_running(Thread&, Value self) { return Value::of_bool(as<Generator>(self)->is_stepping); }
Value get_code(Thread&, Value self) { return Value::of_object(as<Generator>(self)->code); }
Value get_repr(Thread& t, Value self) {
  return str_value(make_str(t, fmt::format("<async_generator object {} at 0x{:x}>", to_utf8(as<Str>(as<Generator>(self)->qualified_name)), self.bits)));
}

Value get_frame(Thread& t, Value self) { return make_generator_frame_object(t, as<Generator>(self)); }

const AttributeRow kAttributes[] = {
    {"__name__", get_name, nullptr, ""}, {"__qualname__", get_qualname, nullptr, ""}, {"ag_running", get_running, nullptr, ""},
    {"ag_code", get_code, nullptr, ""}, {"ag_frame", get_frame, nullptr, ""},
};
const NativeRow kMethods[] = {
    {"asend", asend, "(self, value, /)", "Return an awaitable that resumes the generator with a value."},
    {"athrow", athrow, "(self, type, value=None, traceback=None, /)", "Return an awaitable that raises an exception in the generator."},
    {"aclose", aclose, "(self, /)", "Return an awaitable that closes the generator."},
    {"__del__", generator_del, "(self, /)", "Called when nothing reaches the generator any more."},
};

}  // namespace

const Layout async_generator_layout = {
    .name = "async_generator", .module = "builtins", .kind = Kind::AsyncGenerator, .size = sizeof(Generator), .flags = kNoInstantiation,
    .trace = trace_generator, .ops = {.repr = get_repr, .async_iterate = async_iterate, .async_next = async_next},
    .methods = kMethods, .method_count = std::size(kMethods), .attributes = kAttributes, .attribute_count = std::size(kAttributes)};

}  // namespace mini
