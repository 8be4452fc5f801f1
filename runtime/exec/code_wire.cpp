// SPDX-License-Identifier: MIT
// Code objects as bytes and back.
#include "runtime/exec/code_wire.h"

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/str.h"

namespace mini {

namespace {

// The instructions' numbering, made of every row of opcodes.def, as interp/ knows it.
void write_ranges(const Code* code, WireOut& out) {
  uint32_t line = 0;
  out.number(code->ranges.size());
  for (const SourceRange& r : code->ranges) {
    out.integer(static_cast<int64_t>(r.line) - line);
    out.integer(static_cast<int64_t>(r.end_line) - r.line);
    out.number(r.column);
    out.number(r.end_column);
    line = r.line;
  }
}

void push_name(ValueList& values, Str* s) { values.push(s ? str_value(s) : Value::none()); }

}  // namespace

void code_to_wire(const Code* code, WireOut& out, ValueList& values) {
  out.number(opcode_fingerprint());
  out.number(code->instructions.size());
  out.fixed(code->instructions.data(), code->instructions.size() * sizeof(Instruction));
  write_ranges(code, out);
  out.number(code->handlers.size());
  for (const ExceptionRange& h : code->handlers)
    for (uint32_t n : {h.begin, h.end, h.handler, h.exception_register}) out.number(n);
  out.number(code->inline_ranges.size());
  for (const InlineRange& r : code->inline_ranges)
    for (uint32_t n : {r.begin, r.end, r.call, r.constant}) out.number(n);
  out.number(code->captures.size());
  for (const Capture& c : code->captures) out.number(static_cast<uint64_t>(c.index) << 1 | c.from_register);
  out.number(code->cell_registers.size());
  for (uint32_t r : code->cell_registers) out.number(r);
  for (uint32_t n : {code->register_count, code->positional_only_count, code->positional_count, code->keyword_only_count,
                     code->first_line, code->code_flags})
    out.number(n);
  out.number(code->constants.size());
  out.number(code->caches.size());
  out.number(code->variable_names.size());
  out.number(code->cell_names.size());
  out.number(code->free_names.size());
  for (Value v : code->constants) values.push(v);
  for (const InlineCache& cache : code->caches) push_name(values, cache.name);
  for (const std::vector<Str*>* list : {&code->variable_names, &code->cell_names, &code->free_names})
    for (Str* name : *list) push_name(values, name);
  for (Str* s : {code->name, code->qualified_name, code->file_name, code->docstring}) push_name(values, s);
}

bool CodeReader::bad(const char* what) {
  (void)raise(t_, ErrorType::ValueError, "bad wire data: {}", what);
  return false;
}

bool CodeReader::read_plain() {
  if (in_.number() != opcode_fingerprint()) return bad("code for another version of the interpreter");
  code_ = make_code(t_);
  code_->instructions.resize(in_.count(sizeof(Instruction)));
  in_.fixed(code_->instructions.data(), code_->instructions.size() * sizeof(Instruction));
  code_->ranges.resize(in_.count(4));
  int64_t line = 0;
  for (SourceRange& r : code_->ranges) {
    line += in_.integer();
    int64_t end_line = line + in_.integer();
    r = {static_cast<uint32_t>(line), static_cast<uint32_t>(end_line), 0, 0};
    r.column = static_cast<uint16_t>(in_.number());
    r.end_column = static_cast<uint16_t>(in_.number());
  }
  code_->handlers.resize(in_.count(4));
  for (ExceptionRange& h : code_->handlers) {
    uint32_t n[4];
    for (uint32_t& one : n) one = static_cast<uint32_t>(in_.number());
    h = {n[0], n[1], n[2], n[3]};
  }
  code_->inline_ranges.resize(in_.count(4));
  for (InlineRange& r : code_->inline_ranges) {
    uint32_t n[4];
    for (uint32_t& one : n) one = static_cast<uint32_t>(in_.number());
    r = {n[0], n[1], n[2], n[3]};
  }
  code_->captures.resize(in_.count());
  for (Capture& c : code_->captures) {
    uint64_t n = in_.number();
    c = {(n & 1) != 0, static_cast<uint32_t>(n >> 1)};
  }
  code_->cell_registers.resize(in_.count());
  for (uint32_t& r : code_->cell_registers) r = static_cast<uint32_t>(in_.number());
  for (uint32_t* n : {&code_->register_count, &code_->positional_only_count, &code_->positional_count,
                      &code_->keyword_only_count, &code_->first_line, &code_->code_flags})
    *n = static_cast<uint32_t>(in_.number());
  constants_ = in_.count();
  caches_ = in_.count();
  variables_ = in_.count();
  cells_ = in_.count();
  frees_ = in_.count();
  value_count_ = constants_ + caches_ + variables_ + cells_ + frees_ + 4;
  if (in_.is_short || value_count_ > in_.left()) return bad("a code object is cut short");
  return true;
}

Code* CodeReader::finish(ValueList& values) {
  size_t at = 0;
  bool is_good = true;
  auto name = [&](bool is_optional = false) -> Str* {
    Value v = values[at++];
    if (is_kind(v, Kind::Str) && type_of(v.object) == types(t_).str) return intern(t_, as<Str>(v));
    if (!v.is_none() || !is_optional) is_good = false;
    return nullptr;
  };
  for (size_t i = 0; i < constants_; ++i) code_->constants.push_back(values[at++]);
  for (size_t i = 0; i < caches_; ++i) {
    InlineCache cache{};
    cache.name = name(true);
    code_->caches.push_back(cache);
  }
  for (size_t i = 0; i < variables_; ++i) code_->variable_names.push_back(name());
  for (size_t i = 0; i < cells_; ++i) code_->cell_names.push_back(name());
  for (size_t i = 0; i < frees_; ++i) code_->free_names.push_back(name());
  code_->name = name();
  code_->qualified_name = name();
  code_->file_name = name();
  code_->docstring = name(true);
  if (!is_good) { bad("a code object with a name that is no str"); return nullptr; }
  std::string fault = check_code(code_);
  if (!fault.empty()) {
    (void)raise(t_, ErrorType::ValueError, "bad wire data: code that cannot be run: {}", fault);
    return nullptr;
  }
  return code_;
}

void collect_global_names(const Code* code, ValueList& out) {
  visit_global_names(code, [&](Str* name) {
    for (Value known : out)
      if (known.object == reinterpret_cast<Object*>(name)) return;
    out.push(str_value(name));
  });
  for (Value v : code->constants)
    if (is_kind(v, Kind::Code)) collect_global_names(as<Code>(v), out);
}

}  // namespace mini
