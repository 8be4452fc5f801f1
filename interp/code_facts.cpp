// SPDX-License-Identifier: MIT
// What the runtime asks about code without knowing opcodes: which globals it names, and whether code that came from outside
// is well formed. The check sees to it that no operand points outside its code object; it does not prove what
// registers hold, so code is accepted from trusted peers only (docs/internals/processes.md).
#include <algorithm>
#include <string>

#include "interp/disasm.h"
#include "interp/opcode.h"
#include "interp/validate.h"
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
    bool names_global = op == Op::LOAD_GLOBAL || op == Op::LOAD_NAME || op == Op::STORE_GLOBAL;
    if (names_global && code->caches[i.b].name) visit(code->caches[i.b].name);
  }
}

uint32_t live_registers(const Code* code, const Instruction* ip) {
  if (ip <= code->instructions.data()) return code->register_count;
  const Instruction& in = ip[-1];
  // Temporaries are a stack: behind the callee, its arguments and their names there is nothing.
  uint32_t own;
  switch (static_cast<Op>(in.op)) {
    case Op::CALL: own = 1 + in.b; break;
    case Op::CALL_METHOD: case Op::CALL_KEYWORDS: own = 2 + in.b; break;
    case Op::CALL_METHOD_KEYWORDS: own = 3 + in.b; break;
    case Op::CALL_STAR: case Op::CALL_SUPER: own = 3; break;
    default: return code->register_count;
  }
  uint32_t behind = in.a / kRegisterScale + own;
  return behind < code->register_count ? behind : code->register_count;
}

void empty_dead_registers(const Code* code, const Instruction* ip, Value* registers) {
  const Instruction* begin = code->instructions.data();
  const Instruction* at = ip < begin + code->instructions.size() && static_cast<Op>(ip->op) == Op::DELEGATE ? ip : ip - 1;
  if (at < begin || static_cast<Op>(at->op) != Op::DELEGATE) return;
  // The register of what is sent is the newest temporary; that of the result is going to be written, and only a variable's old
  // value could still be read, when the wait ends with an exception.
  std::fill(registers + at->c / kRegisterScale + 1, registers + code->register_count, Value::none());
  uint32_t result = at->a / kRegisterScale;
  bool is_cell = std::find(code->cell_registers.begin(), code->cell_registers.end(), result) != code->cell_registers.end();
  bool is_needed = at->a == at->b;   // what is awaited lies there
  if (result >= code->variable_names.size() && !is_cell && !is_needed) registers[result] = Value::none();
}

std::string check_code(const Code* code) { return validate(*code); }

std::string code_text(const Code* code, bool with_nested) { return disassemble(*code, with_nested); }

std::string instruction_text(const Code* code, uint32_t index) { return disassemble_instruction(*code, index); }

}  // namespace mini
