// SPDX-License-Identifier: MIT
#include "interp/doubts.h"

namespace mini {

using namespace ast;

namespace {

// The type of a value whose expression shows it, or null.
const char* type_of_literal(const Expr* expr) {
  switch (expr->kind) {
    case ExprKind::Tuple: return "tuple";
    case ExprKind::List:
    case ExprKind::ListComp: return "list";
    case ExprKind::Dict:
    case ExprKind::DictComp: return "dict";
    case ExprKind::Set:
    case ExprKind::SetComp: return "set";
    case ExprKind::GeneratorExp: return "generator";
    case ExprKind::Lambda: return "function";
    case ExprKind::JoinedStr:
    case ExprKind::FormattedValue: return "str";
    case ExprKind::Constant: break;
    default: return nullptr;
  }
  switch (as<Constant>(expr)->constant) {
    case ConstantKind::None: return "NoneType";
    case ConstantKind::True:
    case ConstantKind::False: return "bool";
    case ConstantKind::Ellipsis: return "ellipsis";
    case ConstantKind::Int:
    case ConstantKind::BigInt: return "int";
    case ConstantKind::Float: return "float";
    case ConstantKind::Str: return "str";
    case ConstantKind::Bytes: return "bytes";
  }
  return nullptr;
}

bool is_constant_of(const Expr* expr, std::initializer_list<ConstantKind> kinds) {
  if (!is<Constant>(expr)) return false;
  for (ConstantKind kind : kinds)
    if (as<Constant>(expr)->constant == kind) return true;
  return false;
}

// Equal values need not be identical. A tuple of constants is one constant, and so is a number with its sign.
bool has_no_identity(const Expr* expr) {
  if (is<UnaryOp>(expr)) return is<Constant>(as<UnaryOp>(expr)->operand) && as<UnaryOp>(expr)->op != UnaryOperator::Not;
  if (is<Tuple>(expr)) {
    for (const Expr* item : as<Tuple>(expr)->elts)
      if (!is<Constant>(item) && !has_no_identity(item)) return false;
    return true;
  }
  return is<Constant>(expr) && !is_constant_of(expr, {ConstantKind::None, ConstantKind::True, ConstantKind::False, ConstantKind::Ellipsis});
}

bool is_any_of(const Expr* expr, std::initializer_list<ExprKind> kinds) {
  for (ExprKind kind : kinds)
    if (expr->kind == kind) return true;
  return false;
}

std::string missed_comma(const char* type, const char* problem) {
  return std::string("'") + type + "' object is not " + problem + "; perhaps you missed a comma?";
}

}  // namespace

void Doubts::look_at(const Expr* expr) {
  if (is<Compare>(expr)) look_at_compare(as<Compare>(expr));
  else if (is<Call>(expr)) look_at_call(as<Call>(expr));
  else if (is<Subscript>(expr) && as<Subscript>(expr)->context == ExprContext::Load) look_at_subscript(as<Subscript>(expr));
}

void Doubts::look_at(const Assert* statement) {
  bool is_full_tuple = is<Tuple>(statement->test) && !as<Tuple>(statement->test)->elts.empty();
  if (is_full_tuple) found_.push_back({statement->span, "assertion is always true, perhaps remove parentheses?"});
}

void Doubts::look_at_compare(const Compare* compare) {
  const Expr* left = compare->left;
  for (uint32_t i = 0; i < compare->ops.count; ++i) {
    const Expr* right = compare->comparators[i];
    CompareOperator op = compare->ops[i];
    bool is_identity = op == CompareOperator::Is || op == CompareOperator::IsNot;
    if (is_identity && (has_no_identity(left) || has_no_identity(right))) {
      bool is_negated = op == CompareOperator::IsNot;
      found_.push_back({compare->span, is_negated ? "\"is not\" with a literal. Did you mean \"!=\"?" : "\"is\" with a literal. Did you mean \"==\"?"});
      return;
    }
    left = right;
  }
}

void Doubts::look_at_call(const Call* call) {
  if (is<Lambda>(call->func)) return;
  if (const char* type = type_of_literal(call->func)) found_.push_back({call->span, missed_comma(type, "callable")});
}

void Doubts::look_at_subscript(const Subscript* subscript) {
  const Expr* value = subscript->value;
  bool has_no_items = is_any_of(value, {ExprKind::Set, ExprKind::SetComp, ExprKind::GeneratorExp, ExprKind::Lambda}) ||
                      is_constant_of(value, {ConstantKind::None, ConstantKind::Ellipsis, ConstantKind::True, ConstantKind::False, ConstantKind::Int,
                                             ConstantKind::BigInt, ConstantKind::Float});
  if (has_no_items) {
    found_.push_back({subscript->span, missed_comma(type_of_literal(value), "subscriptable")});
    return;
  }
  const char* index = type_of_literal(subscript->slice);
  bool is_number = is_constant_of(subscript->slice, {ConstantKind::Int, ConstantKind::BigInt, ConstantKind::True, ConstantKind::False});
  bool is_sequence = is_any_of(value, {ExprKind::Tuple, ExprKind::List, ExprKind::ListComp, ExprKind::JoinedStr, ExprKind::FormattedValue}) ||
                     is_constant_of(value, {ConstantKind::Str, ConstantKind::Bytes});
  if (index == nullptr || is_number || !is_sequence) return;
  found_.push_back({subscript->span, std::string(type_of_literal(value)) + " indices must be integers or slices, not " + index + "; perhaps you missed a comma?"});
}

}  // namespace mini
