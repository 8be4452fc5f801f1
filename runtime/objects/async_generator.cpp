// SPDX-License-Identifier: MIT
// Asynchronous generators: asend(), athrow() and aclose() give awaitables, each of which resumes the generator when it is itself resumed.
// What the generator awaits goes through to the event loop; what it yields ends the awaitable with StopIteration(item). PEP 525.
#include <algorithm>
#include <iterator>

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
  Value sent;           // Send: the value
  Value thrown[3];      // Throw: what athrow() was given
  StepKind step;
  StepState state;
};

extern const Layout async_step_layout;

void step_trace(Object* o, Marker& marker) {
  auto s = static_cast<AsyncStep*>(o);
  marker.mark_pointer(s->generator);
  marker.mark(s->sent);
  marker.mark(s->thrown, std::size(s->thrown));
}

Value call_first_hook(Thread& t, Generator* g);

Value make_step(Thread& t, Generator* g, StepKind kind, Value sent) {
  TRY(call_first_hook(t, g));
  auto s = t.heap->make<AsyncStep>(native_type(t, async_step_layout)->root_shape);
  s->generator = g;
  s->sent = sent;
  std::fill_n(s->thrown, std::size(s->thrown), Value::empty());
  s->step = kind;
  s->state = StepState::Fresh;
  return Value::of_object(s);
}

// sys.set_asyncgen_hooks: an event loop wants to know of the generators that it has to close.
Value call_first_hook(Thread& t, Generator* g) {
  if (g->was_awaited) return Value::none();
  g->was_awaited = true;
  if (t.asyncgen_finalizer.is_object()) {
    g->finalizer_hook = t.asyncgen_finalizer.object;
    note_write(g);
  }
  return t.asyncgen_firstiter.is_empty() ? Value::none() : call(t, t.asyncgen_firstiter, {Value::of_object(g)});
}

const char* step_name(AsyncStep* s) { return s->step == StepKind::Send ? "__anext__()/asend()" : "aclose()/athrow()"; }

// How a resumption looks to whoever awaits a step: what the generator awaits goes outwards, anything else ends the step.
Value pass_on(Thread& t, Generator* g, Resumption r) {
  if (r.outcome == Outcome::Yielded && !g->yielded_itself) return r.value;
  g->is_stepping = false;
  if (r.outcome == Outcome::Yielded)
    return r.value.is_none() ? raise_no_arguments(t, ErrorType::StopIteration) : raise_with_argument(t, ErrorType::StopIteration, r.value);
  if (r.outcome == Outcome::Returned) (void)raise_no_arguments(t, ErrorType::StopAsyncIteration);
  if (exception_matches(t, ErrorType::StopAsyncIteration) || exception_matches(t, ErrorType::GeneratorExit)) g->is_ended = true;
  return Value::raised();
}

// The same for aclose(): the end of the generator is what it is for.
Value pass_on_closing(Thread& t, AsyncStep* s, Resumption r) {
  Generator* g = s->generator;
  bool was_yield = r.outcome == Outcome::Yielded && g->yielded_itself;
  Value v = pass_on(t, g, r);
  if (!v.is_raised()) return v;
  s->state = StepState::Done;
  if (was_yield) {
    (void)take_exception(t);
    return raise(t, ErrorType::RuntimeError, "async generator ignored GeneratorExit");
  }
  if (!exception_matches(t, ErrorType::StopAsyncIteration) && !exception_matches(t, ErrorType::GeneratorExit)) return v;
  (void)take_exception(t);
  return raise_no_arguments(t, ErrorType::StopIteration);
}

// What throw() on the awaitable of aclose() gives. Other than a yield, nothing ends the awaitable.
Value pass_on_thrown(Thread& t, AsyncStep* s, Resumption r) {
  Generator* g = s->generator;
  if (r.outcome == Outcome::Yielded && !g->yielded_itself) return r.value;
  if (r.outcome == Outcome::Yielded) {
    g->is_stepping = false;
    s->state = StepState::Done;
    return raise(t, ErrorType::RuntimeError, "async generator ignored GeneratorExit");
  }
  bool is_end = r.outcome == Outcome::Returned || exception_matches(t, ErrorType::StopAsyncIteration) || exception_matches(t, ErrorType::GeneratorExit);
  if (!is_end) return Value::raised();
  if (r.outcome == Outcome::Raised) (void)take_exception(t);
  return raise_no_arguments(t, ErrorType::StopIteration);
}

Value raise_busy(Thread& t, const char* name) {
  return raise(t, ErrorType::RuntimeError, "{}: asynchronous generator is already running", name);
}

Resumption resume_for(Thread& t, AsyncStep* s, Value sent) {
  Generator* g = s->generator;
  if (s->state == StepState::Fresh) {
    if (sent.is_none()) sent = s->sent;
    s->state = StepState::Running;
  }
  g->is_stepping = true;
  return resume(t, g, sent);
}

Value advance_sending(Thread& t, AsyncStep* s, Value sent) {
  Generator* g = s->generator;
  if (s->state == StepState::Fresh && g->is_stepping) return raise_busy(t, "anext()");
  Value v = pass_on(t, g, resume_for(t, s, sent));
  if (v.is_raised()) s->state = StepState::Done;
  return v;
}

Value start_throwing(Thread& t, AsyncStep* s, Value sent) {
  Generator* g = s->generator;
  if (g->is_stepping) {
    s->state = StepState::Done;
    return raise_busy(t, s->step == StepKind::Throw ? "athrow()" : "aclose()");
  }
  if (g->is_ended) {
    s->state = StepState::Done;
    return raise_no_arguments(t, ErrorType::StopAsyncIteration);
  }
  if (!sent.is_none()) return raise(t, ErrorType::RuntimeError, "can't send non-None value to a just-started coroutine");
  s->state = StepState::Running;
  g->is_stepping = true;
  if (s->step == StepKind::Close) {
    g->is_ended = true;
    Exception* e = make_exception(t, error_type(t, ErrorType::GeneratorExit), t.interpreter->empty_tuple);
    return pass_on_closing(t, s, resume_raising(t, g, Value::of_object(e)));
  }
  Value v = pass_on(t, g, resume_throwing(t, g, s->thrown));
  if (v.is_raised()) s->state = StepState::Done;
  return v;
}

Value advance_throwing(Thread& t, AsyncStep* s, Value sent) {
  if (s->generator->state == GeneratorState::Closed) {
    s->state = StepState::Done;
    return raise_no_arguments(t, ErrorType::StopIteration);
  }
  if (s->state == StepState::Fresh) return start_throwing(t, s, sent);
  Resumption r = resume(t, s->generator, sent);
  return s->step == StepKind::Throw ? pass_on(t, s->generator, r) : pass_on_closing(t, s, r);
}

Value advance(Thread& t, Value self, Value sent) {
  auto s = as<AsyncStep>(self);
  if (s->state == StepState::Done) return raise(t, ErrorType::RuntimeError, "cannot reuse already awaited {}", step_name(s));
  return s->step == StepKind::Send ? advance_sending(t, s, sent) : advance_throwing(t, s, sent);
}

Value step_next(Thread& t, Value self) { return advance(t, self, Value::none()); }
Value step_send(Thread& t, Value* args, size_t) { return advance(t, args[0], args[1]); }

Value step_throw(Thread& t, Value* args, size_t) {
  auto s = as<AsyncStep>(args[0]);
  if (s->state == StepState::Done) return raise(t, ErrorType::RuntimeError, "cannot reuse already awaited {}", step_name(s));
  Resumption r = resume_throwing(t, s->generator, args + 1);
  if (s->step == StepKind::Close) return pass_on_thrown(t, s, r);
  Value v = pass_on(t, s->generator, r);
  if (v.is_raised() && s->step == StepKind::Send) s->state = StepState::Done;
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

}  // namespace

bool await_async_step(Thread& t, Value v, Value sent, Resumption& out) {
  auto s = as<AsyncStep>(v);
  bool is_step = v.is_object() && v.object->shape->type->layout == &async_step_layout;
  if (!is_step || s->step != StepKind::Send || s->state == StepState::Done || (s->state == StepState::Fresh && s->generator->is_stepping)) return false;
  out = resume_for(t, s, sent);
  Generator* g = s->generator;
  if (out.outcome == Outcome::Yielded && !g->yielded_itself) return true;
  s->state = StepState::Done;
  if (out.outcome == Outcome::Yielded) {
    g->is_stepping = false;
    out.outcome = Outcome::Returned;
  } else {
    (void)pass_on(t, g, out);
    out.outcome = Outcome::Raised;
  }
  return true;
}

namespace {

// --- The generator ---

Value async_iterate(Thread&, Value self) { return self; }
Value async_next(Thread& t, Value self) { return make_step(t, as<Generator>(self), StepKind::Send, Value::none()); }
Value asend(Thread& t, Value* args, size_t) { return make_step(t, as<Generator>(args[0]), StepKind::Send, args[1]); }
Value athrow(Thread& t, Value* args, size_t) {
  Value step = TRY(make_step(t, as<Generator>(args[0]), StepKind::Throw, Value::none()));
  std::copy_n(args + 1, 3, as<AsyncStep>(step)->thrown);
  return step;
}
Value aclose(Thread& t, Value* args, size_t) { return make_step(t, as<Generator>(args[0]), StepKind::Close, Value::none()); }

Value get_name(Thread&, Value self) { return str_value(generator_name(as<Generator>(self))); }
Value get_qualname(Thread&, Value self) { return str_value(generator_qualified_name(as<Generator>(self))); }
Value get_running(Thread&, Value self) { return Value::of_bool(as<Generator>(self)->is_stepping); }
Value get_code(Thread&, Value self) { return Value::of_object(as<Generator>(self)->code); }
Value get_repr(Thread& t, Value self) {
  return str_value(make_str(t, fmt::format("<async_generator object {} at 0x{:x}>", to_utf8(generator_qualified_name(as<Generator>(self))), self.bits)));
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
