// SPDX-License-Identifier: MIT
// What several of UnitCompiler's files share beside the class itself.
#pragma once

#include "interp/ast.h"
#include "interp/opcode.h"
#include "runtime/calls.h"

namespace mini {

// Displays and calls with more items are built piece by piece.
inline constexpr uint32_t kMaxDisplay = 64;
inline constexpr uint32_t kMostGatheredPairs = 16;   // behind an unpacking, as CPython

inline constexpr Op kNoOp = Op::MOVE;

// What a binary operator becomes: an instruction, its form with a small int, and the operation for folding.
struct OperatorCodes {
  Op op, int_op;   // int_op kNoOp: no form with a small int
  BinaryOp operation;
};
OperatorCodes codes_of(ast::Operator op);

bool has_star(Seq<ast::Expr*> items);
// The items of a tuple or list display; null for anything else.
const Seq<ast::Expr*>* display_items(const ast::Expr* e);

}  // namespace mini
