// SPDX-License-Identifier: MIT
// What the runtime asks about code without knowing opcodes: which globals it names, and whether code that came from outside
// is well formed. The check sees to it that no operand points outside its code object; it does not prove what
// registers hold, so code is accepted from trusted peers only (docs/internals/processes.md).
#include <string>

#include "interp/opcode.h"
#include "runtime/calls.h"
#include "runtime/code.h"
#include "runtime/objects/str.h"

namespace mini {

uint32_t opcode_fingerprint() {
  uint32_t hash = 2166136261u;
  for (int i = 0; i < kOpCount; ++i) {
    const OpInfo& info = op_info(static_cast<Op>(i));
    for (const char* c = info.name; *c; ++c) hash = (hash ^ static_cast<uint8_t>(*c)) * 16777619u;
    for (uint32_t n : {static_cast<uint32_t>(info.a), static_cast<uint32_t>(info.b), static_cast<uint32_t>(info.c)})
      hash = (hash ^ n) * 16777619u;
  }
  return hash;
}

void visit_global_names(const Code* code, const std::function<void(Str*)>& visit) {
  for (const Instruction& i : code->instructions) {
    Op op = static_cast<Op>(i.op);
    if ((op == Op::LOAD_GLOBAL || op == Op::LOAD_NAME) && code->caches[i.b].name) visit(code->caches[i.b].name);
  }
}

namespace {

class Checker {
 public:
  explicit Checker(const Code* code) : code_(code) {}
  std::string run();

 private:
  bool is_register(uint32_t n) const { return n < code_->register_count; }
  bool operand(Operand kind, const Instruction& i, uint32_t value, size_t at);
  bool jump(int64_t offset, size_t at) const {
    int64_t target = static_cast<int64_t>(at) + 1 + offset;
    return target >= 0 && target < static_cast<int64_t>(code_->instructions.size());
  }
  bool constant(uint32_t n, bool is_name) const {
    return n < code_->constants.size() && (!is_name || is_kind(code_->constants[n], Kind::Str));
  }
  const Code* code_;
};

bool Checker::operand(Operand kind, const Instruction& i, uint32_t value, size_t at) {
  switch (kind) {
    case Operand::None:
    case Operand::COUNT:
    case Operand::IMM:
    case Operand::WIDE_IMM: return true;
    case Operand::W:
    case Operand::R:
    case Operand::RW:
    case Operand::FIRST: return value % kRegisterScale == 0 && is_register(value / kRegisterScale);
    case Operand::K: return constant(value, false);
    case Operand::N: return constant(value, true);
    case Operand::CACHE: return value < code_->caches.size() && code_->caches[value].name;
    case Operand::J: return jump(static_cast<int16_t>(value), at);
    case Operand::WIDE_K: return constant(i.wide, false);
    case Operand::WIDE_N: return constant(i.wide, true);
    case Operand::WIDE_J: return jump(i.signed_wide, at);
  }
  return false;
}

std::string Checker::run() {
  const Code& c = *code_;
  size_t count = c.instructions.size();
  if (!count || c.register_count > kMaxRegisters) return "no instructions or too many registers";
  if (c.ranges.size() != count) return "source ranges that do not match";
  if (c.positional_only_count > c.positional_count || c.positional_count > kMaxRegisters || c.keyword_only_count > kMaxRegisters ||
      c.parameter_count() > c.register_count || c.variable_names.size() > c.register_count ||
      c.parameter_count() > c.variable_names.size() || c.free_names.size() != c.captures.size())
    return "parameters that do not fit";
  for (uint32_t r : c.cell_registers)
    if (!is_register(r)) return "a cell outside the registers";
  for (const ExceptionRange& h : c.handlers)
    if (h.begin > h.end || h.end > count || h.handler >= count || !is_register(h.exception_register)) return "a handler outside the code";
  for (size_t at = 0; at < count; ++at) {
    const Instruction& i = c.instructions[at];
    if (i.op >= kOpCount) return "an unknown opcode";
    const OpInfo& info = op_info(static_cast<Op>(i.op));
    if (!operand(info.a, i, i.a, at) || !operand(info.b, i, i.b, at) || !operand(info.c, i, i.c, at))
      return std::string("an operand of ") + info.name + " out of range";
  }
  if (!(op_info(static_cast<Op>(c.instructions.back().op)).flags & kOpEnds)) return "an end that falls through";
  return {};
}

}  // namespace

std::string check_code(const Code* code) { return Checker(code).run(); }

}  // namespace mini
