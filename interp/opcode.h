// SPDX-License-Identifier: MIT
// What is derived from opcodes.def: the enum, names, operand kinds and flags of each opcode.
#pragma once

#include <cstdint>

namespace mini {

// In the x of GET_AWAITABLE.
inline constexpr int kAwaitsCall = 4;

enum class Op : uint8_t {
#define MINI_OP(name, a, b, c, flags) name,
#include "interp/opcodes.def"
#undef MINI_OP
};

inline constexpr int kOpCount = 0
#define MINI_OP(name, a, b, c, flags) +1
#include "interp/opcodes.def"
#undef MINI_OP
    ;
static_assert(kOpCount <= 256);

enum class Operand : uint8_t { None, W, R, RW, FIRST, K, N, CACHE, COUNT, IMM, J, WIDE_K, WIDE_N, WIDE_IMM, WIDE_J };

enum OpFlags : uint8_t { kOpRaises = 1, kOpJumps = 2, kOpEnds = 4, kOpCalls = 8, kOpSuspends = 16 };

struct OpInfo {
  const char* name;
  Operand a, b, c;
  uint8_t flags;
};

namespace op_detail {
using enum Operand;
inline constexpr Operand _ = None;
inline constexpr uint8_t RAISES = kOpRaises, JUMPS = kOpJumps, ENDS = kOpEnds, CALLS = kOpCalls, SUSPENDS = kOpSuspends;
inline constexpr OpInfo kOpInfos[] = {
#define MINI_OP(name, a, b, c, flags) {#name, a, b, c, flags},
#include "interp/opcodes.def"
#undef MINI_OP
};
}  // namespace op_detail

inline constexpr const OpInfo& op_info(Op op) { return op_detail::kOpInfos[static_cast<int>(op)]; }
// Is an operand of this kind stored scaled by kRegisterScale?
inline constexpr bool is_register(Operand kind) {
  return kind == Operand::W || kind == Operand::R || kind == Operand::RW || kind == Operand::FIRST;
}

}  // namespace mini
