// SPDX-License-Identifier: MIT
// Which registers a function has certainly written when it is at some instruction.
//
// Registers are not cleared at a call, so what a variable's register holds before the first assignment is somebody else's. Code that reads its
// own locals never meets that, but whoever looks at a frame from outside (f_locals) has to know. A pass over the instructions
// finds it: a register counts as written where every way there has written it; LOAD_EMPTY is such a writing too.
#include <vector>

#include "interp/opcode.h"
#include "runtime/calls.h"
#include "runtime/code.h"

namespace mini {

namespace {

using Words = std::vector<uint64_t>;

class WrittenRegisters {
 public:
  explicit WrittenRegisters(const Code& code)
      : code_(code), words_(code.register_count / 64 + 1), before_(code.instructions.size()), is_reached_(code.instructions.size()) {}

  Words before(uint32_t instruction) {
    if (instruction >= before_.size()) return Words(words_);
    Words first(words_);
    for (uint32_t r = 0; r < code_.parameter_count(); ++r) set(first, r);
    reach(0, first);
    while (!pending_.empty()) {
      uint32_t at = pending_.back();
      pending_.pop_back();
      step(at);
    }
    return is_reached_[instruction] ? before_[instruction] : Words(words_);
  }

 private:
  static void set(Words& words, uint32_t r) { if (r / 64 < words.size()) words[r / 64] |= uint64_t{1} << (r % 64); }

  // A way leads to instruction `at` on which `words` were written.
  void reach(uint32_t at, const Words& words) {
    if (at >= before_.size()) return;
    if (!is_reached_[at]) {
      is_reached_[at] = true;
      before_[at] = words;
      pending_.push_back(at);
      return;
    }
    bool is_changed = false;
    for (size_t i = 0; i < words_; ++i) {
      uint64_t both = before_[at][i] & words[i];
      is_changed |= both != before_[at][i];
      before_[at][i] = both;
    }
    if (is_changed) pending_.push_back(at);
  }

  void step(uint32_t at) {
    const Instruction& in = code_.instructions[at];
    Op op = static_cast<Op>(in.op);
    const OpInfo& info = op_info(op);
    for (const ExceptionRange& range : code_.handlers) {
      if (at < range.begin || at >= range.end) continue;
      Words caught = before_[at];
      set(caught, range.exception_register);
      reach(range.handler, caught);
    }
    Words after = before_[at];
    if (info.flags & kOpJumps) {
      auto jump = info.b == Operand::WIDE_J ? in.signed_wide : static_cast<int16_t>(in.c);
      Words jumped = after;
      if (op == Op::FOR_LOOP) set(jumped, in.b / kRegisterScale);
      reach(static_cast<uint32_t>(static_cast<int64_t>(at) + 1 + jump), jumped);
    } else {
      write(in, op, info, after);
    }
    if (!(info.flags & kOpEnds)) reach(at + 1, after);
  }

  static void write(const Instruction& in, Op op, const OpInfo& info, Words& words) {
    auto is_written = [](Operand kind) { return kind == Operand::W || kind == Operand::RW; };
    if (is_written(info.a)) set(words, in.a / kRegisterScale);
    if (is_written(info.b)) set(words, in.b / kRegisterScale);
    if (is_written(info.c)) set(words, in.c / kRegisterScale);
    uint32_t count = op == Op::UNPACK ? in.c : op == Op::UNPACK_STAR ? in.c + 1u + in.x : 0;
    for (uint32_t i = 0; i < count; ++i) set(words, in.a / kRegisterScale + i);
  }

  const Code& code_;
  size_t words_;
  std::vector<Words> before_;       // the registers written on every way to each instruction
  std::vector<bool> is_reached_;
  std::vector<uint32_t> pending_;
};

}  // namespace

std::vector<bool> written_registers(const Code* code, uint32_t instruction) {
  Words words = WrittenRegisters(*code).before(instruction);
  std::vector<bool> result(code->register_count);
  for (uint32_t r = 0; r < code->register_count; ++r) result[r] = words[r / 64] >> (r % 64) & 1;
  return result;
}

}  // namespace mini
