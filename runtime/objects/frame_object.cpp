// SPDX-License-Identifier: MIT
// Frame objects and tracebacks.
//
// A function's variables live in registers. What locals() gives is a dict that the function keeps in a variable of the
// runtime's own (".locals", which the scopes add where locals() and the like are named): all calls in one activation give
// the same dict, brought up to date, so what exec() adds to it stays.
#include "runtime/objects/frame_object.h"

#include <algorithm>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

struct FrameObject : Object {
  Code* code;
  Dict* globals;
  Function* function;     // null for modules, class bodies and exec
  Frame* frame;           // null when it is over
  Thread* thread;         // of `frame`: it keeps the list of frames that are looked at
  Generator* generator;   // null, or whose frame it is
  Object* back;           // when it is over: null for none
  Value saved;            // when it is over: what was kept of the locals
  Dict* locals;           // what f_locals gave last
  uint32_t instruction;   // when it is over: the last one
};

namespace {

FrameObject* new_frame_object(Thread& t, Code* code, Dict* globals, Function* function) {
  auto o = t.heap->make<FrameObject>(native_type(t, frame_layout)->root_shape);
  o->code = code;
  o->globals = globals;
  o->function = function;
  o->frame = nullptr;
  o->thread = nullptr;
  o->generator = nullptr;
  o->back = nullptr;
  o->saved = Value::empty();
  o->locals = nullptr;
  o->instruction = 0;
  return o;
}

uint32_t instruction_of(const Frame* f) {
  auto at = static_cast<uint32_t>(f->ip - f->code->instructions.data());
  return at ? at - 1 : 0;
}

// The frame that the object looks at; null when it is over.
Frame* live_frame(FrameObject* o) { return o->generator ? o->generator->frame : o->frame; }

uint32_t last_instruction(FrameObject* o) {
  Frame* f = live_frame(o);
  return f ? instruction_of(f) : o->instruction;
}

void frame_trace(Object* self, Marker& marker) {
  auto o = static_cast<FrameObject*>(self);
  marker.mark_pointer(o->code);
  marker.mark_pointer(o->globals);
  marker.mark_pointer(o->function);
  marker.mark_pointer(o->generator);
  marker.mark(o->back);
  marker.mark(o->saved);
  marker.mark_pointer(o->locals);
}

FrameObject* find_observed(Thread& t, Frame* frame) {
  for (Object* o : t.observed_frames)
    if (static_cast<FrameObject*>(o)->frame == frame) return static_cast<FrameObject*>(o);
  return nullptr;
}

bool uses_namespace(const Code* code, const Function* function) {
  return code->code_flags & (kCodeUsesNamespace | kCodeIsModule) || !function;
}

// --- f_locals ---

struct LocalsReader {
  Thread& t;
  Dict* into;
  const Value* registers;
  size_t count;
  std::vector<bool> written;

  Value at(size_t i) const { return i < count && i < written.size() && written[i] ? registers[i] : Value::empty(); }
  void put(Str* name, Value v) {
    if (is_kind(v, Kind::Cell)) v = as<Cell>(v)->value;
    if (!name || name->length == 0 || name->at(0) == '.') return;   // the compiler's own
    if (!v.is_empty()) dict_set(t, into, name, v);
    else dict_delete(t, into, name);
  }
};

Value read_locals(Thread& t, FrameObject* o, const Value* registers, size_t count) {
  if (!o->locals) {
    Dict* made = make_dict(t);
    o->locals = made;
  }
  LocalsReader reader{t, o->locals, registers, count, written_registers(o->code, last_instruction(o))};
  Code* code = o->code;
  for (size_t i = 0; i < code->variable_names.size(); ++i) reader.put(code->variable_names[i], reader.at(i));
  for (size_t i = 0; i < code->cell_names.size(); ++i) {
    Value cell = reader.at(code->cell_registers[i]);
    reader.put(code->cell_names[i], is_kind(cell, Kind::Cell) ? cell : Value::empty());
  }
  for (size_t i = 0; o->function && i < code->free_names.size() && i < o->function->closure_count; ++i)
    reader.put(code->free_names[i], o->function->closure[i]->value);
  return Value::of_object(o->locals);
}

Value frame_get_locals(Thread& t, Value self) {
  auto o = as<FrameObject>(self);
  if (Frame* f = live_frame(o)) {
    if (uses_namespace(o->code, o->function)) return frame_locals(t, f);
    return read_locals(t, o, f->registers, o->code->register_count);
  }
  if (is_kind(o->saved, Kind::Tuple) && !uses_namespace(o->code, o->function))
    return read_locals(t, o, as<Tuple>(o->saved)->items, as<Tuple>(o->saved)->length);
  return o->saved.is_empty() ? Value::of_object(make_dict(t)) : o->saved;
}

// --- Other attributes ---

Value frame_code(Thread&, Value self) { return Value::of_object(as<FrameObject>(self)->code); }
Value frame_globals(Thread&, Value self) { return Value::of_object(as<FrameObject>(self)->globals); }
Value frame_builtins(Thread& t, Value self) {
  Value own = dict_get(as<FrameObject>(self)->globals, names(t).builtins);
  if (is_kind(own, Kind::Module)) return Value::of_object(as<Module>(own)->namespace_);
  return is_kind(own, Kind::Dict) ? own : Value::of_object(t.interpreter->builtins);
}
int64_t line_of(Code* code, uint32_t instruction) {
  return instruction < code->ranges.size() && code->ranges[instruction].line ? code->ranges[instruction].line : code->first_line;
}
Value frame_line(Thread&, Value self) {
  auto o = as<FrameObject>(self);
  bool has_begun = !o->generator || o->generator->state != GeneratorState::Created;
  return Value::of_int(has_begun ? line_of(o->code, last_instruction(o)) : o->code->first_line);
}
Value frame_last_instruction(Thread&, Value self) { return Value::of_int(last_instruction(as<FrameObject>(self))); }
Value frame_back(Thread& t, Value self) {
  auto o = as<FrameObject>(self);
  if (o->generator && o->generator->state != GeneratorState::Running) return Value::none();
  if (Frame* f = live_frame(o)) return make_frame_object(o->thread ? *o->thread : t, f->previous);
  if (o->back && o->back->kind == Kind::Traceback) return get_attribute(t, Value::of_object(o->back), "tb_frame");
  return o->back ? Value::of_object(o->back) : Value::none();
}
Value frame_no_trace(Thread&, Value) { return Value::none(); }
Value frame_trace_lines(Thread&, Value) { return Value::of_bool(true); }
Value frame_trace_opcodes(Thread&, Value) { return Value::of_bool(false); }

Value frame_repr(Thread& t, Value self) {
  auto o = as<FrameObject>(self);
  Str* file = to_repr(t, str_value(o->code->file_name));
  if (!file) return Value::raised();
  return str_value(make_str(t, fmt::format("<frame at 0x{:x}, file {}, line {}, code {}>", self.bits, to_utf8(file),
                                           frame_line(t, self).integer, to_utf8(o->code->name))));
}

Value frame_clear(Thread& t, Value* args, size_t) {
  auto o = as<FrameObject>(args[0]);
  if (o->generator && o->generator->state != GeneratorState::Running) {
    if (o->generator->frame) return generator_close(t, o->generator);
  } else if (live_frame(o)) {
    return raise(t, ErrorType::RuntimeError, "cannot clear an executing frame");
  }
  o->saved = Value::empty();
  o->locals = nullptr;
  return Value::none();
}

const NativeRow kFrameMethods[] = {{"clear", frame_clear, "(self, /)", "F.clear(): clear most references held by the frame"}};

const AttributeRow kFrameAttributes[] = {
    {"f_code", frame_code, nullptr, ""}, {"f_globals", frame_globals, nullptr, ""}, {"f_builtins", frame_builtins, nullptr, ""},
    {"f_locals", frame_get_locals, nullptr, ""}, {"f_lineno", frame_line, nullptr, ""}, {"f_lasti", frame_last_instruction, nullptr, ""},
    {"f_back", frame_back, nullptr, ""}, {"f_trace", frame_no_trace, nullptr, ""}, {"f_trace_lines", frame_trace_lines, nullptr, ""},
    {"f_trace_opcodes", frame_trace_opcodes, nullptr, ""},
};

// --- Tracebacks ---

void traceback_trace(Object* o, Marker& marker) {
  auto tb = static_cast<Traceback*>(o);
  marker.mark_pointer(tb->next);
  marker.mark_pointer(tb->code);
  marker.mark_pointer(tb->globals);
  marker.mark_pointer(tb->outer);
  marker.mark_pointer(tb->function);
  marker.mark(tb->saved);
  marker.mark(tb->frame_object);
}

SourceRange range_of(Value self) { return traceback_range(as<Traceback>(self)); }

Value traceback_next(Thread&, Value self) {
  auto tb = as<Traceback>(self);
  return tb->next ? Value::of_object(tb->next) : Value::none();
}

Value traceback_set_next(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise_text(t, ErrorType::TypeError, "can't delete tb_next attribute");
  if (!v.is_none() && !is_kind(v, Kind::Traceback)) return raise(t, ErrorType::TypeError, "expected traceback object, got '{}'", type_name(t, v));
  auto next = v.is_none() ? nullptr : as<Traceback>(v);
  for (Traceback* tb = next; tb; tb = tb->next)
    if (tb == self.object) return raise_text(t, ErrorType::ValueError, "traceback loop detected");
  as<Traceback>(self)->next = next;
  return Value::none();
}

Value traceback_line(Thread&, Value self) { return Value::of_int(range_of(self).line); }
Value traceback_last_instruction(Thread&, Value self) { return Value::of_int(as<Traceback>(self)->instruction); }
Value traceback_positions(Thread& t, Value self) {
  const SourceRange& r = range_of(self);
  return Value::of_object(make_tuple(t, {Value::of_int(r.line), Value::of_int(r.end_line), Value::of_int(r.column), Value::of_int(r.end_column)}));
}

// Is the frame of a handler that caught what the entry tells of still under way?
bool is_under_way(Thread& t, Traceback* tb) {
  for (Frame* f = t.frame; f; f = f->previous)
    if (f == tb->frame) return f->code == tb->code;
  return false;
}

Value traceback_frame(Thread& t, Value self) {
  auto tb = as<Traceback>(self);
  if (tb->frame_object) return Value::of_object(tb->frame_object);
  Value made;
  if (tb->saved.is_empty() && is_under_way(t, tb)) {
    made = make_frame_object(t, tb->frame);
  } else {
    auto o = new_frame_object(t, tb->code, tb->globals, tb->function);
    o->saved = tb->saved;
    o->back = tb->outer;
    o->instruction = tb->instruction;
    made = Value::of_object(o);
  }
  tb->frame_object = made.object;
  return made;
}

// TracebackType(next, frame, last instruction, line): the line follows from the instruction.
Value traceback_new(Thread& t, Value* args, size_t) {
  if (!args[1].is_none() && !is_kind(args[1], Kind::Traceback))
    return raise(t, ErrorType::TypeError, "expected traceback object or None, got '{}'", type_name(t, args[1]));
  if (!args[2].is_object() || type_of(args[2].object)->layout != &frame_layout)
    return raise(t, ErrorType::TypeError, "traceback() argument 'tb_frame' must be frame, not {}", argument_type_name(t, args[2]));
  auto o = as<FrameObject>(args[2]);
  uint32_t instruction = args[3].is_int() ? static_cast<uint32_t>(args[3].integer) : last_instruction(o);
  for (uint32_t i = 0; args[4].is_int() && i < o->code->ranges.size(); ++i) {
    if (o->code->ranges[i].line != args[4].integer || (instruction < o->code->ranges.size() && o->code->ranges[instruction].line == args[4].integer)) continue;
    instruction = i;
  }
  Traceback* tb = make_traceback(t, o->code, o->globals, instruction);
  tb->next = args[1].is_none() ? nullptr : as<Traceback>(args[1]);
  tb->frame_object = o;
  return Value::of_object(tb);
}

const NativeRow kTracebackMethods[] = {
    {"__new__", traceback_new, "(cls, tb_next, tb_frame, tb_lasti, tb_lineno)", "Create a new traceback object.", Binding::Static},
};

const AttributeRow kTracebackAttributes[] = {
    {"tb_next", traceback_next, traceback_set_next, ""}, {"tb_lineno", traceback_line, nullptr, ""}, {"tb_lasti", traceback_last_instruction, nullptr, ""},
    {"tb_frame", traceback_frame, nullptr, ""}, {"tb_positions", traceback_positions, nullptr, "line, end line, column, end column"},
};

}  // namespace

Value make_frame_object(Thread& t, Frame* frame) {
  if (!frame) return Value::none();
  if (frame->generator) return make_generator_frame_object(t, frame->generator);
  if (frame->flags & kFrameObserved)
    if (FrameObject* known = find_observed(t, frame)) return Value::of_object(known);
  auto o = new_frame_object(t, frame->code, frame->globals, frame->function);
  o->frame = frame;
  o->thread = &t;
  frame->flags |= kFrameObserved;
  t.observed_frames.push_back(o);
  return Value::of_object(o);
}

Value make_generator_frame_object(Thread& t, Generator* g) {
  ensure_frame(t, g);
  if (!g->frame) return Value::none();
  auto o = new_frame_object(t, g->code, g->frame->globals, g->frame->function);
  o->generator = g;
  g->is_watched = true;
  return Value::of_object(o);
}

void follow_frame(Thread& t, Frame* frame, Generator* g) {
  if (is_exception(t.handled))
    for (Traceback* tb = as<Exception>(t.handled)->traceback; tb; tb = tb->next)
      if (tb->frame == frame) tb->frame = g->frame;
  FrameObject* o = frame->flags & kFrameObserved ? find_observed(t, frame) : nullptr;
  if (!o) return;
  o->frame = nullptr;
  o->generator = g;
  g->is_watched = true;
  note_write(o);
  std::erase(t.observed_frames, static_cast<Object*>(o));
}

void end_observed_frame(Thread& t, Frame* frame) {
  FrameObject* o = find_observed(t, frame);
  if (!o) return;
  o->saved = keep_locals(t, frame);
  o->instruction = instruction_of(frame);
  Value back = make_frame_object(t, frame->previous);
  o->back = back.is_object() ? back.object : nullptr;
  o->frame = nullptr;
  std::erase(t.observed_frames, static_cast<Object*>(o));
}

namespace {

// Sets a function's variable, or removes it when it is unbound. The names of the runtime's own begin with a dot.
void copy_variable(Thread& t, Dict* d, Str* name, Value v) {
  if (!name || name->length == 0 || name->at(0) == '.') return;
  if (is_kind(v, Kind::Cell)) v = as<Cell>(v)->value;
  if (!v.is_empty()) dict_set(t, d, name, v);
  else dict_delete(t, d, name);
}

// The dict that this activation keeps, or a new one where it keeps none.
Dict* variables_of(Thread& t, Frame* frame) {
  Code* code = frame->code;
  Dict* d = nullptr;
  for (size_t i = code->variable_names.size(); i-- > 0;) {
    Str* name = code->variable_names[i];
    if (!name || !equals(name, ".locals")) continue;
    if (is_kind(frame->registers[i], Kind::Dict)) return as<Dict>(frame->registers[i]);
    d = make_dict(t);
    frame->registers[i] = Value::of_object(d);
    return d;
  }
  return make_dict(t);
}

}  // namespace

Value frame_locals(Thread& t, Frame* frame) {
  // A function's frame may still hold a namespace of whoever had its place before.
  if (frame->code->code_flags & (kCodeUsesNamespace | kCodeIsModule)) {
    if (!frame->locals_value.is_empty()) return frame->locals_value;
    return Value::of_object(frame->locals ? frame->locals : frame->globals);
  }
  if (!frame->function) return Value::of_object(frame->globals);
  Code* code = frame->code;
  Dict* d = variables_of(t, frame);
  for (size_t i = 0; i < code->variable_names.size(); ++i) copy_variable(t, d, code->variable_names[i], frame->registers[i]);
  for (size_t i = 0; i < code->cell_names.size(); ++i) {
    Value cell = frame->registers[code->cell_registers[i]];
    if (is_kind(cell, Kind::Cell)) copy_variable(t, d, code->cell_names[i], cell);
  }
  for (size_t i = 0; i < code->free_names.size() && i < frame->function->closure_count; ++i)
    copy_variable(t, d, code->free_names[i], frame->function->closure[i]->value);
  return Value::of_object(d);
}

Value keep_locals(Thread& t, Frame* frame) {
  Code* code = frame->code;
  if (uses_namespace(code, frame->function)) return frame_locals(t, frame);
  size_t count = code->variable_names.size();
  for (uint32_t r : code->cell_registers) count = std::max<size_t>(count, r + 1);
  return Value::of_object(make_tuple(t, frame->registers, count));
}

Traceback* make_traceback(Thread& t, Code* code, Dict* globals, uint32_t instruction) {
  auto tb = t.heap->make<Traceback>(types(t).traceback->root_shape);
  tb->next = nullptr;
  tb->code = code;
  tb->instruction = instruction;
  tb->globals = globals;
  tb->outer = nullptr;
  tb->frame = nullptr;
  tb->function = nullptr;
  tb->saved = Value::empty();
  tb->frame_object = nullptr;
  return tb;
}

const Layout traceback_layout = {
    .name = "traceback", .module = "builtins", .kind = Kind::Traceback, .size = sizeof(Traceback), .trace = traceback_trace,
    .methods = kTracebackMethods, .method_count = std::size(kTracebackMethods),
    .attributes = kTracebackAttributes, .attribute_count = std::size(kTracebackAttributes)};

const Layout frame_layout = {
    .name = "frame", .module = "builtins", .kind = Kind::Native, .size = sizeof(FrameObject), .flags = kNoInstantiation, .trace = frame_trace,
    .ops = {.repr = frame_repr}, .methods = kFrameMethods, .method_count = std::size(kFrameMethods),
    .attributes = kFrameAttributes, .attribute_count = std::size(kFrameAttributes)};

}  // namespace mini
