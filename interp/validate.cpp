// SPDX-License-Identifier: MIT
// See validate.h. Everything is derived from the operand kinds of opcodes.def; only the number of registers behind a FIRST
// operand has to be said here, opcode by opcode.

#include "interp/validate.h"

#include <fmt/core.h>

#include "interp/opcode.h"
#include "runtime/objects/str.h"

namespace mini {

namespace {

struct Checker {
  const Code& code;
  std::string problem;

  bool fail(size_t index, std::string what) {
    if (problem.empty()) problem = fmt::format("instruction {} ({}): {}", index, op_info(op_at(index)).name, what);
    return false;
  }
  Op op_at(size_t index) const { return static_cast<Op>(code.instructions[index].op); }

  // How many registers, counted from `operand` (0: a, 1: b, 2: c), a FIRST operand stands for.
  uint32_t registers_from(const Instruction& i, int operand) const {
    switch (static_cast<Op>(i.op)) {
      case Op::LOAD_METHOD: case Op::SPLIT_GROUP: case Op::LOAD_SPECIAL: case Op::GET_SLICE: return 2;
      case Op::LOAD_SUPER_METHOD: return operand == 0 ? 2 : 3;
      case Op::LOAD_SUPER_ATTR: case Op::BUILD_SLICE: case Op::EXCEPTION_INFO: case Op::GET_ITER: case Op::FOR_LOOP:
      case Op::CALL_STAR: case Op::CALL_SUPER: case Op::MATCH_CLASS: return 3;
      case Op::UNPACK: return i.c;
      case Op::UNPACK_STAR: return i.c + 1u + i.x;
      case Op::CALL: return 1u + i.b;
      case Op::CALL_METHOD: case Op::CALL_KEYWORDS: return 2u + i.b;
      case Op::CALL_METHOD_KEYWORDS: return 3u + i.b;
      case Op::MAKE_FUNCTION: return i.x & 4 ? 3 : i.x & 2 ? 2 : i.x & 1;
      case Op::BUILD_LIST: case Op::BUILD_TUPLE: case Op::BUILD_SET: case Op::BUILD_STRING: return i.c;
      case Op::BUILD_DICT: return 2u * i.c;
      default: return 1;
    }
  }

  bool check_register(size_t index, uint16_t operand, uint32_t count) {
    if (operand % kRegisterScale != 0) return fail(index, "register operand is not scaled");
    uint32_t last = operand / kRegisterScale + (count ? count - 1 : 0);
    if (count && last >= code.register_count) return fail(index, fmt::format("register r{} of {}", last, code.register_count));
    return true;
  }

  bool check_jump(size_t index, int64_t distance) {
    int64_t target = static_cast<int64_t>(index) + 1 + distance;
    if (target < 0 || target >= static_cast<int64_t>(code.instructions.size())) return fail(index, fmt::format("jump to {}", target));
    return true;
  }

  bool check_constant(size_t index, uint32_t number, bool is_name) {
    if (number >= code.constants.size()) return fail(index, fmt::format("constant {} of {}", number, code.constants.size()));
    if (is_name && !is_kind(code.constants[number], Kind::Str)) return fail(index, "a name that is no str");
    return true;
  }

  bool check_operand(size_t index, Operand kind, uint16_t value, int which) {
    switch (kind) {
      case Operand::W: case Operand::R: case Operand::RW: return check_register(index, value, 1);
      case Operand::FIRST: return check_register(index, value, registers_from(code.instructions[index], which));
      case Operand::K: return check_constant(index, value, false);
      case Operand::N: return check_constant(index, value, true);
      case Operand::CACHE:
        if (value >= code.caches.size()) return fail(index, fmt::format("cache {} of {}", value, code.caches.size()));
        if (!code.caches[value].name) return fail(index, "a cache without a name");
        return true;
      case Operand::J: return check_jump(index, static_cast<int16_t>(value));
      default: return true;
    }
  }

  bool check(size_t index) {
    const Instruction& i = code.instructions[index];
    if (i.op >= kOpCount) {
      problem = fmt::format("instruction {}: opcode {}", index, i.op);
      return false;
    }
    const OpInfo& info = op_info(op_at(index));
    if (!check_operand(index, info.a, i.a, 0)) return false;
    switch (info.b) {
      case Operand::WIDE_K: return check_constant(index, i.wide, false);
      case Operand::WIDE_N: return check_constant(index, i.wide, true);
      case Operand::WIDE_J: return check_jump(index, i.signed_wide);
      case Operand::WIDE_IMM: return true;
      default: break;
    }
    return check_operand(index, info.b, i.b, 1) && check_operand(index, info.c, i.c, 2);
  }

  void check_handlers() {
    for (const ExceptionRange& range : code.handlers) {
      size_t end = code.instructions.size();
      if (range.begin >= range.end || range.end > end || range.handler >= end || range.exception_register >= code.register_count) {
        problem = fmt::format("exception range {}..{} -> {}", range.begin, range.end, range.handler);
        return;
      }
    }
  }

  void check_inline_ranges() {
    for (const InlineRange& range : code.inline_ranges) {
      bool is_sound = range.begin <= range.end && range.end <= code.instructions.size() && range.call < code.instructions.size() &&
                      range.constant < code.constants.size() && is_kind(code.constants[range.constant], Kind::Code);
      if (!is_sound) problem = fmt::format("inline range {}..{}", range.begin, range.end);
    }
  }

  void check_names() {
    if (code.register_count > kMaxRegisters) problem = fmt::format("{} registers", code.register_count);
    else if (code.parameter_count() > code.register_count || code.variable_names.size() > code.register_count) problem = "more names than registers";
    else if (code.parameter_count() > code.variable_names.size()) problem = "parameters without a name";
    else if (code.cell_names.size() != code.cell_registers.size()) problem = "cells without a register";
    else if (code.free_names.size() != code.captures.size()) problem = "captures without a name";
    else if (code.ranges.size() != code.instructions.size()) problem = "instructions without a range";
    for (uint32_t cell : code.cell_registers)
      if (cell >= code.register_count) problem = "a cell in no register";
  }
};

}  // namespace

std::string validate(const Code& code) {
  Checker checker{code, {}};
  checker.check_names();
  if (!checker.problem.empty()) return checker.problem;
  if (code.instructions.empty()) return "no instructions";
  for (size_t i = 0; i < code.instructions.size(); ++i)
    if (!checker.check(i)) return checker.problem;
  if (!(op_info(static_cast<Op>(code.instructions.back().op)).flags & kOpEnds)) return "runs off its end";
  checker.check_handlers();
  checker.check_inline_ranges();
  return checker.problem;
}

}  // namespace mini
