// SPDX-License-Identifier: MIT
// Frame objects are pictures: code, globals and line as they were when the object was made. Only f_locals looks at the call
// itself, and only while it is under way in the thread that asks; of a call that has ended it shows nothing.
//
// A function's variables live in registers. What locals() gives is a dict that the function keeps in a variable of the
// runtime's own (".locals", which the scopes add where locals() and the like are named): all calls in one activation give
// the same dict, brought up to date, so what exec() adds to it stays.
#include "runtime/objects/frame_object.h"

#include "runtime/frame.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

struct FrameObject : Object {
  Code* code;
  Dict* globals;
  Object* back;          // null: none, or not known
  const Frame* frame;    // compared with the calls under way, never followed
  uint32_t line;
  uint32_t instruction;
};

FrameObject* new_frame_object(Thread& t, Code* code, Dict* globals, uint32_t line) {
  auto f = t.heap->make<FrameObject>(native_type(t, frame_layout)->root_shape);
  f->code = code;
  f->globals = globals;
  f->back = nullptr;
  f->frame = nullptr;
  f->line = line;
  f->instruction = 0;
  return f;
}

void frame_trace(Object* o, Marker& marker) {
  auto f = static_cast<FrameObject*>(o);
  marker.mark_pointer(f->code);
  marker.mark_pointer(f->globals);
  marker.mark(f->back);
}

Value frame_code(Thread&, Value self) { return Value::of_object(as<FrameObject>(self)->code); }
Value frame_globals(Thread&, Value self) { return Value::of_object(as<FrameObject>(self)->globals); }
Value frame_line(Thread&, Value self) { return Value::of_int(as<FrameObject>(self)->line); }
Value frame_last_instruction(Thread&, Value self) { return Value::of_int(as<FrameObject>(self)->instruction); }
Value frame_back(Thread&, Value self) {
  Object* back = as<FrameObject>(self)->back;
  return back ? Value::of_object(back) : Value::none();
}
Value frame_variables(Thread& t, Value self) {
  auto picture = as<FrameObject>(self);
  if (picture->code->code_flags & kCodeIsModule && !(picture->code->code_flags & kCodeUsesNamespace))
    return Value::of_object(picture->globals);
  for (Frame* f = t.frame; f; f = f->previous)
    if (f == picture->frame && f->code == picture->code) return frame_locals(t, f);
  return Value::of_object(make_dict(t));
}

const AttributeRow kAttributes[] = {
    {"f_code", frame_code, nullptr, ""},
    {"f_globals", frame_globals, nullptr, ""},
    {"f_locals", frame_variables, nullptr, ""},
    {"f_lineno", frame_line, nullptr, ""},
    {"f_lasti", frame_last_instruction, nullptr, ""},
    {"f_back", frame_back, nullptr, ""},
};

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

Value make_frame_object(Thread& t, Frame* frame) {
  ValueList made(t);
  for (Frame* f = frame; f; f = f->previous) {
    auto at = static_cast<size_t>(f->ip - f->code->instructions.data());
    bool is_known = at && at - 1 < f->code->ranges.size();
    auto o = new_frame_object(t, f->code, f->globals, is_known ? f->code->ranges[at - 1].line : f->code->first_line);
    o->frame = f;
    o->instruction = static_cast<uint32_t>(at);
    if (made.size()) static_cast<FrameObject*>(made.back().object)->back = o;
    made.push(Value::of_object(o));
  }
  return made.size() ? made[0] : Value::none();
}

Value make_past_frame_object(Thread& t, Code* code, Dict* globals, uint32_t line) {
  return Value::of_object(new_frame_object(t, code, globals, line));
}

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

const Layout frame_layout = {
    .name = "frame", .module = "builtins", .kind = Kind::Native, .size = sizeof(FrameObject), .flags = kNoInstantiation, .trace = frame_trace,
    .attributes = kAttributes, .attribute_count = std::size(kAttributes)};

}  // namespace mini
