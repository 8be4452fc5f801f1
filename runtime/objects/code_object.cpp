// SPDX-License-Identifier: MIT
// Code objects as scripts see them. Names and counts are CPython's; what stands in the instructions is Mini's own.
#include <algorithm>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

void code_trace(Object* o, Marker& marker) {
  auto c = static_cast<Code*>(o);
  marker.mark(c->constants.data(), c->constants.size());
  for (auto& cache : c->caches) marker.mark_pointer(cache.name);
  for (auto list : {&c->variable_names, &c->cell_names, &c->free_names})
    for (Str* s : *list) marker.mark_pointer(s);
  marker.mark_pointer(c->name);
  marker.mark_pointer(c->qualified_name);
  marker.mark_pointer(c->file_name);
  marker.mark_pointer(c->docstring);
}

void code_finalize(Object* o, Heap&) {
  auto c = static_cast<Code*>(o);
  c->instructions.~vector();
  c->constants.~vector();
  c->caches.~vector();
  c->ranges.~vector();
  c->handlers.~vector();
  c->inline_ranges.~vector();
  c->captures.~vector();
  c->variable_names.~vector();
  c->cell_names.~vector();
  c->free_names.~vector();
  c->cell_registers.~vector();
}

Value code_repr(Thread& t, Value self) {
  auto c = as<Code>(self);
  return str_value(make_str(t, fmt::format("<code object {} at 0x{:x}, file \"{}\", line {}>", to_utf8(c->name), self.bits,
                                           to_utf8(c->file_name), c->first_line)));
}
Value text_or_empty(Thread& t, Str* s) { return str_value(s ? s : t.interpreter->empty_str); }
Value code_name(Thread& t, Value self) { return text_or_empty(t, as<Code>(self)->name); }
Value code_qualname(Thread& t, Value self) { return text_or_empty(t, as<Code>(self)->qualified_name); }
Value code_filename(Thread& t, Value self) { return text_or_empty(t, as<Code>(self)->file_name); }
Value code_first_line(Thread&, Value self) { return Value::of_int(as<Code>(self)->first_line); }
Value code_argcount(Thread&, Value self) { return Value::of_int(as<Code>(self)->positional_count); }
Value code_positional_only(Thread&, Value self) { return Value::of_int(as<Code>(self)->positional_only_count); }
Value code_keyword_only(Thread&, Value self) { return Value::of_int(as<Code>(self)->keyword_only_count); }
Value code_flags(Thread&, Value self) {
  uint32_t mine = as<Code>(self)->code_flags;
  if (mine & (kCodeUsesNamespace | kCodeIsModule)) return Value::of_int(0);
  uint32_t flags = 3;   // OPTIMIZED | NEWLOCALS; then as inspect names them
  if (mine & kCodeVarArgs) flags |= 4;
  if (mine & kCodeVarKeywords) flags |= 8;
  if (mine & kCodeNested) flags |= 16;
  if (mine & kCodeGenerator) flags |= 32;
  if (mine & kCodeCoroutine) flags |= 128;
  if (mine & kCodeAsyncGenerator) flags |= 512;
  return Value::of_int(flags);
}
Value names_tuple(Thread& t, const std::vector<Str*>& list) {
  Tuple* tuple = make_tuple(t, list.size());
  for (size_t i = 0; i < list.size(); ++i) tuple->items[i] = str_value(list[i]);
  return Value::of_object(tuple);
}
// Without the variable in which the runtime keeps what locals() gives.
Value code_varnames(Thread& t, Value self) {
  std::vector<Str*> shown;
  for (Str* name : as<Code>(self)->variable_names)
    if (!equals(name, ".locals")) shown.push_back(name);
  return names_tuple(t, shown);
}
Value code_freevars(Thread& t, Value self) { return names_tuple(t, as<Code>(self)->free_names); }
Value code_cellvars(Thread& t, Value self) { return names_tuple(t, as<Code>(self)->cell_names); }
Value code_nlocals(Thread& t, Value self) { return Value::of_int(static_cast<int64_t>(as<Tuple>(code_varnames(t, self))->length)); }
Value code_consts(Thread& t, Value self) {
  auto& list = as<Code>(self)->constants;
  return Value::of_object(make_tuple(t, list.data(), list.size()));
}

// The names of globals and attributes, each once.
Value code_names(Thread& t, Value self) {
  ValueList found(t);
  for (const InlineCache& cache : as<Code>(self)->caches) {
    bool is_new = cache.name && std::none_of(found.begin(), found.end(), [&](Value v) { return v.object == cache.name; });
    if (is_new) found.push(str_value(cache.name));
  }
  return Value::of_object(make_tuple(t, found.data(), found.size()));
}

Value code_bytes(Thread& t, Value self) {
  const auto& list = as<Code>(self)->instructions;
  return Value::of_object(make_bytes(t, list.data(), list.size() * sizeof(Instruction)));
}
Value code_no_bytes(Thread& t, Value) { return Value::of_object(make_bytes(t, "", 0)); }
Value code_stack_size(Thread&, Value self) {
  auto c = as<Code>(self);
  return Value::of_int(static_cast<int64_t>(c->register_count) - static_cast<int64_t>(c->variable_names.size()));
}

// (first byte, byte behind, line) of each run of instructions of one line.
Value code_lines(Thread& t, Value* args, size_t) {
  auto c = as<Code>(args[0]);
  List* runs = make_list(t);
  for (size_t begin = 0; begin < c->ranges.size();) {
    size_t end = begin + 1;
    while (end < c->ranges.size() && c->ranges[end].line == c->ranges[begin].line) ++end;
    auto at = [](size_t i) { return Value::of_int(static_cast<int64_t>(i * sizeof(Instruction))); };
    list_push(t, runs, Value::of_object(make_tuple(t, {at(begin), at(end), Value::of_int(c->ranges[begin].line)})));
    begin = end;
  }
  return get_iterator(t, Value::of_object(runs));
}

// (line, end line, column, end column) of each instruction.
Value code_positions(Thread& t, Value* args, size_t) {
  List* all = make_list(t);
  for (const SourceRange& r : as<Code>(args[0])->ranges)
    list_push(t, all, Value::of_object(make_tuple(t, {Value::of_int(r.line), Value::of_int(r.end_line), Value::of_int(r.column), Value::of_int(r.end_column)})));
  return get_iterator(t, Value::of_object(all));
}

const NativeRow kCodeMethods[] = {
    {"co_lines", code_lines, "(self, /)", "The lines of the instructions, run by run."},
    {"co_positions", code_positions, "(self, /)", "The place in the source of each instruction."},
};

const AttributeRow kCodeAttributes[] = {
    {"co_name", code_name, readonly_member, ""}, {"co_qualname", code_qualname, readonly_member, ""}, {"co_filename", code_filename, readonly_member, ""},
    {"co_firstlineno", code_first_line, readonly_member, ""}, {"co_argcount", code_argcount, readonly_member, ""},
    {"co_posonlyargcount", code_positional_only, readonly_member, ""}, {"co_kwonlyargcount", code_keyword_only, readonly_member, ""},
    {"co_flags", code_flags, readonly_member, ""}, {"co_varnames", code_varnames, nullptr, ""}, {"co_freevars", code_freevars, nullptr, ""},
    {"co_cellvars", code_cellvars, nullptr, ""}, {"co_nlocals", code_nlocals, readonly_member, ""}, {"co_consts", code_consts, readonly_member, ""},
    {"co_names", code_names, readonly_member, ""}, {"co_code", code_bytes, nullptr, ""}, {"co_stacksize", code_stack_size, readonly_member, ""},
    {"co_linetable", code_no_bytes, readonly_member, ""}, {"co_lnotab", code_no_bytes, nullptr, ""}, {"co_exceptiontable", code_no_bytes, readonly_member, ""},
};

}  // namespace

Code* make_code(Thread& t) {
  auto raw = t.heap->allocate(sizeof(Code), types(t).code->root_shape);
  Object header = *static_cast<Object*>(raw);
  auto c = new (raw) Code();
  static_cast<Object&>(*c) = header;
  note_finalizer(c);
  c->next_code = t.interpreter->all_code;
  t.interpreter->all_code = c;
  return c;
}

const Layout code_layout = {
    .name = "code", .module = "builtins", .kind = Kind::Code, .size = sizeof(Code), .flags = kNoInstantiation, .trace = code_trace,
    .finalize = code_finalize, .ops = {.repr = code_repr},
    .methods = kCodeMethods, .method_count = std::size(kCodeMethods),
    .attributes = kCodeAttributes, .attribute_count = std::size(kCodeAttributes)};

}  // namespace mini
