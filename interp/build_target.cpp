// SPDX-License-Identifier: MIT
//
// The part of AstBuilder that turns expressions into assignment targets, and says what cannot be one.
#include "interp/ast_builder.h"

namespace mini {

using namespace ast;

const char* expression_name(const Expr* expr) {
  switch (expr->kind) {
    case ExprKind::Attribute: return "attribute";
    case ExprKind::Subscript: return "subscript";
    case ExprKind::Starred: return "starred";
    case ExprKind::Name: return "name";
    case ExprKind::List: return "list";
    case ExprKind::Tuple: return "tuple";
    case ExprKind::Lambda: return "lambda";
    case ExprKind::Call: return "function call";
    case ExprKind::BoolOp:
    case ExprKind::BinOp:
    case ExprKind::UnaryOp: return "expression";
    case ExprKind::GeneratorExp: return "generator expression";
    case ExprKind::Yield:
    case ExprKind::YieldFrom: return "yield expression";
    case ExprKind::Await: return "await expression";
    case ExprKind::ListComp: return "list comprehension";
    case ExprKind::SetComp: return "set comprehension";
    case ExprKind::DictComp: return "dict comprehension";
    case ExprKind::Dict: return "dict literal";
    case ExprKind::Set: return "set display";
    case ExprKind::JoinedStr:
    case ExprKind::FormattedValue: return "f-string expression";
    case ExprKind::Compare: return "comparison";
    case ExprKind::IfExp: return "conditional expression";
    case ExprKind::NamedExpr: return "named expression";
    case ExprKind::Slice: return "slice";
    case ExprKind::Constant: break;
  }
  switch (as<Constant>(expr)->constant) {
    case ConstantKind::None: return "None";
    case ConstantKind::True: return "True";
    case ConstantKind::False: return "False";
    case ConstantKind::Ellipsis: return "ellipsis";
    default: return "literal";
  }
}

Expr* invalid_target(Expr* expr, TargetUse use) {
  switch (expr->kind) {
    case ExprKind::Name:
    case ExprKind::Attribute:
    case ExprKind::Subscript:
      return nullptr;
    case ExprKind::Starred:
      return use == TargetUse::Del ? expr : invalid_target(as<Starred>(expr)->value, use);
    case ExprKind::List:
      for (Expr* item : as<List>(expr)->elts) {
        if (Expr* invalid = invalid_target(item, use)) return invalid;
      }
      return nullptr;
    case ExprKind::Tuple:
      for (Expr* item : as<Tuple>(expr)->elts) {
        if (Expr* invalid = invalid_target(item, use)) return invalid;
      }
      return nullptr;
    default:
      return expr;
  }
}

void AstBuilder::set_context(Expr* expr, ExprContext context) {
  switch (expr->kind) {
    case ExprKind::Name:
      as<Name>(expr)->context = context;
      break;
    case ExprKind::Attribute:
      as<Attribute>(expr)->context = context;
      break;
    case ExprKind::Subscript:
      as<Subscript>(expr)->context = context;
      break;
    case ExprKind::Starred:
      as<Starred>(expr)->context = context;
      set_context(as<Starred>(expr)->value, context);
      break;
    case ExprKind::List:
      as<List>(expr)->context = context;
      for (Expr* item : as<List>(expr)->elts) set_context(item, context);
      break;
    case ExprKind::Tuple:
      as<Tuple>(expr)->context = context;
      for (Expr* item : as<Tuple>(expr)->elts) set_context(item, context);
      break;
    default:
      break;
  }
}

Expr* AstBuilder::to_target(Expr* expr, TargetUse use) {
  if (Expr* invalid = invalid_target(expr, use)) {
    fail(invalid->span, std::string(use == TargetUse::Del ? "cannot delete " : "cannot assign to ") + expression_name(invalid));
    return expr;
  }
  set_context(expr, use == TargetUse::Del ? ExprContext::Del : ExprContext::Store);
  return expr;
}

namespace {

// The leftmost operand, which decides what a reader of `x + 1 = y` may have meant.
const Expr* leftmost(const Expr* expr) {
  for (;;) {
    const Expr* left = is<BinOp>(expr)      ? as<BinOp>(expr)->left
                       : is<Call>(expr)      ? as<Call>(expr)->func
                       : is<Attribute>(expr) ? as<Attribute>(expr)->value
                       : is<Subscript>(expr) ? as<Subscript>(expr)->value
                                             : nullptr;
    if (left == nullptr || expr->is_parenthesized) return expr;
    expr = left;
  }
}

bool is_singleton(const Expr* expr) {
  if (!is<Constant>(expr)) return false;
  ConstantKind kind = as<Constant>(expr)->constant;
  return kind == ConstantKind::None || kind == ConstantKind::True || kind == ConstantKind::False;
}

// No looser than bitwise or, so that a `==` behind it would have compared it.
bool is_tight(const Expr* expr) {
  if (expr->is_parenthesized) return true;
  switch (expr->kind) {
    case ExprKind::UnaryOp: return as<UnaryOp>(expr)->op != UnaryOperator::Not;
    case ExprKind::BoolOp:
    case ExprKind::Compare:
    case ExprKind::IfExp:
    case ExprKind::Lambda:
    case ExprKind::NamedExpr:
    case ExprKind::Starred:
    case ExprKind::Yield:
    case ExprKind::YieldFrom: return false;
    default: return true;
  }
}

// The operand that stands first in `expr`, as tight as bitwise or; null when it begins with a looser prefix.
const Expr* leading_operand(const Expr* expr) {
  while (!is_tight(expr)) {
    if (is<Compare>(expr)) {
      expr = as<Compare>(expr)->left;
    } else if (is<BoolOp>(expr)) {
      expr = as<BoolOp>(expr)->values[0];
    } else if (is<IfExp>(expr)) {
      expr = as<IfExp>(expr)->body;
    } else {
      return nullptr;
    }
  }
  if (is<Tuple>(expr) && !expr->is_parenthesized) return leading_operand(as<Tuple>(expr)->elts[0]);
  return expr;
}

}  // namespace

// With a single `=` the writer may have meant a comparison, and Python says so when both sides could be compared.
void AstBuilder::fail_assign_target(Expr* target, Expr* invalid, Expr* value, bool is_only_target) {
  Expr* last = is<Tuple>(target) && !target->is_parenthesized ? as<Tuple>(target)->elts.back() : target;
  const Expr* first = leftmost(last);
  const Expr* operand = leading_operand(value);
  bool is_comparable = is_only_target && is_tight(last) && operand != nullptr && !is<List>(first) && !is<Tuple>(first) &&
                       !is<GeneratorExp>(first) && !is_singleton(first);
  if (!is_comparable) {
    fail(invalid->span, std::string("cannot assign to ") + expression_name(invalid));
  } else if (is<Name>(last)) {
    fail({last->span.begin, operand->span.end}, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
  } else {
    fail(last->span, std::string("cannot assign to ") + expression_name(last) + " here. Maybe you meant '==' instead of '='?");
  }
}

}  // namespace mini
