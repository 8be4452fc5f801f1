// SPDX-License-Identifier: MIT
// Part of UnitCompiler: expressions and conditions. See compiler.h for the rules. Constants, calls and comprehensions have files
// of their own.

#include <algorithm>
#include <cctype>

#include <fmt/core.h>

#include "interp/compile_parts.h"
#include "interp/compiler.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

using namespace ast;

OperatorCodes codes_of(Operator op) {
  switch (op) {
    case Operator::Add: return {Op::ADD, Op::ADD_INT, BinaryOp::Add};
    case Operator::Sub: return {Op::SUB, Op::SUB_INT, BinaryOp::Sub};
    case Operator::Mult: return {Op::MUL, Op::MUL_INT, BinaryOp::Mul};
    case Operator::MatMult: return {Op::MATMUL, kNoOp, BinaryOp::MatMul};
    case Operator::Div: return {Op::TRUEDIV, kNoOp, BinaryOp::TrueDiv};
    case Operator::Mod: return {Op::MOD, Op::MOD_INT, BinaryOp::Mod};
    case Operator::Pow: return {Op::POW, kNoOp, BinaryOp::Pow};
    case Operator::LShift: return {Op::LSHIFT, Op::LSHIFT_INT, BinaryOp::LShift};
    case Operator::RShift: return {Op::RSHIFT, Op::RSHIFT_INT, BinaryOp::RShift};
    case Operator::BitOr: return {Op::OR, kNoOp, BinaryOp::Or};
    case Operator::BitXor: return {Op::XOR, kNoOp, BinaryOp::Xor};
    case Operator::BitAnd: return {Op::AND, Op::AND_INT, BinaryOp::And};
    case Operator::FloorDiv: return {Op::FLOORDIV, Op::FLOORDIV_INT, BinaryOp::FloorDiv};
  }
  return {};
}

bool has_star(Seq<Expr*> items) {
  return std::any_of(items.begin(), items.end(), [](Expr* item) { return is<Starred>(item); });
}

namespace {

Op offset(Op op, int by) { return static_cast<Op>(static_cast<int>(op) + by); }

// Position of an ordering comparison among LT, LE, EQ, NE, GT, GE; -1 for `is` and `in`.
int comparison_number(CompareOperator op) {
  switch (op) {
    case CompareOperator::Lt: return 0;
    case CompareOperator::LtE: return 1;
    case CompareOperator::Eq: return 2;
    case CompareOperator::NotEq: return 3;
    case CompareOperator::Gt: return 4;
    case CompareOperator::GtE: return 5;
    default: return -1;
  }
}

}  // namespace

// ---- Entry points ----

void UnitCompiler::expr(const Expr* e, Register target) {
  if (!is_reachable_ || !has_room(e->span)) return;
  Temporaries temporaries(*this);
  At at(*this, e->span);
  expr_inner(e, target);
}

void UnitCompiler::expr_inner(const Expr* e, Register target) {
  Value folded;
  if (constant(e, folded)) return load_value(target, folded);
  switch (e->kind) {
    case ExprKind::BoolOp: return bool_op(as<BoolOp>(e), target);
    case ExprKind::NamedExpr: return named_expr(as<NamedExpr>(e), target);
    case ExprKind::BinOp: return binary(as<BinOp>(e), target);
    case ExprKind::UnaryOp: return unary(as<ast::UnaryOp>(e), target);
    case ExprKind::Lambda: return lambda(as<Lambda>(e), target);
    case ExprKind::IfExp: return conditional(as<IfExp>(e), target);
    case ExprKind::Dict: return display_dict(as<ast::Dict>(e), target);
    case ExprKind::Set: return display_set(as<ast::Set>(e)->elts, target);
    case ExprKind::ListComp: case ExprKind::SetComp: case ExprKind::DictComp: return comprehension(e, target);
    case ExprKind::GeneratorExp: return generator_expr(as<ElementComp>(e), target);
    case ExprKind::Await: {
      const Expr* value = as<Await>(e)->value;
      return await_value(operand(value), target, is<Call>(value) ? kAwaitsCall : 0);
    }
    case ExprKind::Yield: return yield_expr(as<Yield>(e), target);
    case ExprKind::YieldFrom: return yield_from(as<YieldFrom>(e), target);
    case ExprKind::Compare: return compare(as<Compare>(e), target);
    case ExprKind::Call: return call(as<Call>(e), target);
    case ExprKind::FormattedValue: return formatted_value(as<FormattedValue>(e), target);
    case ExprKind::JoinedStr: return joined_str(as<JoinedStr>(e)->values, target);
    case ExprKind::Constant: return;   // folded above
    case ExprKind::Attribute: return attribute(as<Attribute>(e), target);
    case ExprKind::Subscript: return subscript(as<Subscript>(e), target);
    case ExprKind::Starred: return error(e->span, "can't use starred expression here");
    case ExprKind::Name: return load_name(as<Name>(e)->id, target);
    case ExprKind::List: return display_list(as<ast::List>(e)->elts, target, false);
    case ExprKind::Tuple: return display_list(as<ast::Tuple>(e)->elts, target, true);
    case ExprKind::Slice: return slice(as<ast::Slice>(e), target);
  }
}

const Symbol* UnitCompiler::written_local(const Expr* e) {
  if (!is<NamedExpr>(e)) return nullptr;
  Symbol* symbol = symbol_of(as<Name>(as<NamedExpr>(e)->target)->id);
  return is_local(symbol) && !symbol->binding->is_captured ? symbol->binding : nullptr;
}

// For a value that the next instruction reads, before any other expression is evaluated.
UnitCompiler::Register UnitCompiler::operand(const Expr* e) {
  if (std::optional<Register> local = local_register(e)) {
    At at(*this, e->span);
    check_bound(symbol_of(as<Name>(e)->id)->binding);
    return *local;
  }
  if (const Symbol* written = written_local(e)) {
    At at(*this, e->span);
    into_local(as<NamedExpr>(e)->value, written->register_number);
    bound_.add(written->flow_index);
    return written->register_number;
  }
  return slot(e);
}

// For a value that is read only after the `later` expressions are evaluated.
UnitCompiler::Register UnitCompiler::operand_before(const Expr* e, std::initializer_list<const Expr*> later) {
  if (unit_->has_walrus && (local_register(e) || written_local(e)))
    for (const Expr* other : later)
      if (contains_walrus(other)) return slot(e);
  return operand(e);
}

UnitCompiler::Register UnitCompiler::slot(const Expr* e) {
  Register r = take_temporary();
  expr(e, r);
  return r;
}

void UnitCompiler::discard(const Expr* e) {
  Value folded;
  if (constant(e, folded)) return;
  Temporaries temporaries(*this);
  if (local_register(e)) operand(e);
  else slot(e);
}

// Is the target written by the last instruction only?
bool UnitCompiler::writes_once(const Expr* e) {
  switch (e->kind) {
    case ExprKind::Constant: case ExprKind::Name: case ExprKind::BinOp: case ExprKind::UnaryOp: case ExprKind::Lambda:
    case ExprKind::GeneratorExp: case ExprKind::Await: case ExprKind::Yield: case ExprKind::YieldFrom: case ExprKind::Call:
    case ExprKind::FormattedValue: case ExprKind::Attribute: case ExprKind::Subscript: case ExprKind::Slice: case ExprKind::JoinedStr:
      return true;
    case ExprKind::Compare: return as<Compare>(e)->ops.count == 1;
    case ExprKind::Tuple: return true;
    case ExprKind::List: {
      Seq<Expr*> items = as<ast::List>(e)->elts;
      Value folded;
      if (has_star(items) || items.count > kMaxDisplay) return false;
      return items.count <= 2 || !constant_tuple(items, folded);
    }
    case ExprKind::Dict: {
      auto* dict = as<ast::Dict>(e);
      return dict->values.count <= kMaxDisplay / 2 && std::all_of(dict->keys.begin(), dict->keys.end(), [](Expr* key) { return key; });
    }
    case ExprKind::Set: return as<ast::Set>(e)->elts.count <= kMaxDisplay && !has_star(as<ast::Set>(e)->elts);
    default: return false;
  }
}

void UnitCompiler::into_local(const Expr* e, Register local) {
  if (!is_reachable_) return;
  Temporaries temporaries(*this);
  if (writes_once(e)) {
    expr(e, local);
  } else if (is<IfExp>(e)) {
    auto* branch = as<IfExp>(e);
    At at(*this, e->span);
    Label otherwise = make_label(), end = make_label();
    jump_if(branch->test, otherwise, false);
    into_local(branch->body, local);
    jump(end);
    bind(otherwise);
    into_local(branch->orelse, local);
    bind(end);
  } else {
    Register r = slot(e);
    At at(*this, e->span);
    emit(Op::MOVE, local, r);
  }
}

// ---- Operators ----

void UnitCompiler::binary(const BinOp* e, Register target) {
  Register left = operand_before(e->left, {e->right});
  binary_op(e->op, e->right, left, target, 0);
}

// x: 1 for the augmented form.
void UnitCompiler::binary_op(Operator op, const Expr* right, Register left, Register target, uint8_t x) {
  OperatorCodes codes = codes_of(op);
  int32_t number;
  if (codes.int_op != kNoOp && small_int(right, number)) return emit(codes.int_op, target, left, static_cast<uint32_t>(number), x);
  Register r = operand(right);
  emit(codes.op, target, left, r, x);
}

void UnitCompiler::unary(const ast::UnaryOp* e, Register target) {
  Register r = operand(e->operand);
  switch (e->op) {
    case UnaryOperator::Invert: return emit(Op::INVERT, target, r);
    case UnaryOperator::Not: return emit(Op::NOT, target, r);
    case UnaryOperator::UAdd: return emit(Op::POS, target, r);
    case UnaryOperator::USub: return emit(Op::NEG, target, r);
  }
}

void UnitCompiler::bool_op(const BoolOp* e, Register target) {
  Label end = make_label();
  for (uint32_t i = 0; i + 1 < e->values.count; ++i) {
    Label next = make_label();
    bool is_and = e->op == BoolOperator::And;
    bool_operand(e->values[i], target, is_and ? next : end, is_and ? end : next, is_and);
    bind(next);
  }
  expr(e->values[e->values.count - 1], target);
  bind(end);
}

// R[target] = e; then to `if_true` or `if_false`, one of which (the one for `falls_when`) stands right behind. A nested `and` or
// `or` goes where its value leads at once: nothing is asked for its truth twice.
void UnitCompiler::bool_operand(const Expr* e, Register target, Label if_true, Label if_false, bool falls_when) {
  if (!is<BoolOp>(e)) {
    expr(e, target);
    return falls_when ? branch(Op::JUMP_IF_FALSE, if_false, target) : branch(Op::JUMP_IF_TRUE, if_true, target);
  }
  auto* nested = as<BoolOp>(e);
  bool is_and = nested->op == BoolOperator::And;
  for (uint32_t i = 0; i + 1 < nested->values.count; ++i) {
    Label next = make_label();
    bool_operand(nested->values[i], target, is_and ? next : if_true, is_and ? if_false : next, is_and);
    bind(next);
  }
  bool_operand(nested->values[nested->values.count - 1], target, if_true, if_false, falls_when);
}

void UnitCompiler::conditional(const IfExp* e, Register target) {
  At at(*this, e->span);
  Label otherwise = make_label(), end = make_label();
  jump_if(e->test, otherwise, false);
  expr(e->body, target);
  jump(end);
  bind(otherwise);
  expr(e->orelse, target);
  bind(end);
}

void UnitCompiler::named_expr(const NamedExpr* e, Register target) {
  if (const Symbol* written = written_local(e)) {
    into_local(e->value, written->register_number);
    bound_.add(written->flow_index);
    return emit(Op::MOVE, target, written->register_number);
  }
  expr(e->value, target);
  At at(*this, e->target->span);
  store_name(as<Name>(e->target)->id, target);
}

void UnitCompiler::compare_op(CompareOperator op, Register target, Register left, Register right) {
  if (int number = comparison_number(op); number >= 0) return emit(offset(Op::LT, number), target, left, right);
  switch (op) {
    case CompareOperator::Is: return emit(Op::IS, target, left, right);
    case CompareOperator::IsNot: return emit(Op::IS_NOT, target, left, right);
    case CompareOperator::In: return emit(Op::CONTAINS, target, left, right);
    default: return emit(Op::NOT_IN, target, left, right);
  }
}

namespace {

bool is_membership(CompareOperator op) { return op == CompareOperator::In || op == CompareOperator::NotIn; }

}  // namespace

void UnitCompiler::compare(const Compare* e, Register target) {
  Label end = make_label();
  uint32_t count = e->ops.count;
  bool has_later = false;
  for (uint32_t i = 0; i < count && unit_->has_walrus; ++i) has_later |= contains_walrus(e->comparators[i]);
  Register left = has_later ? slot(e->left) : operand(e->left);
  for (uint32_t i = 0; i < count; ++i) {
    const Expr* comparator = e->comparators[i];
    bool is_last = i + 1 == count;
    Register right = is_membership(e->ops[i]) && is_last ? iterable(comparator) : has_later && !is_last ? slot(comparator) : operand(comparator);
    compare_op(e->ops[i], target, left, right);
    if (!is_last) branch(Op::JUMP_IF_FALSE, end, target);
    left = right;
  }
  bind(end);
}

// ---- Conditions ----

void UnitCompiler::jump_if(const Expr* e, Label label, bool when, bool is_back) {
  if (!is_reachable_) return;
  // A test that cannot tell its truth is an error of the statement or expression that asks, which is where the code stands now.
  bool known;
  if (constant_truth(e, known)) {
    if (known == when) is_back ? jump_back(label) : jump(label);
    return;
  }
  if (is<ast::UnaryOp>(e) && as<ast::UnaryOp>(e)->op == UnaryOperator::Not) return jump_if(as<ast::UnaryOp>(e)->operand, label, !when, is_back);
  if (is<BoolOp>(e)) return jump_if_bool_op(as<BoolOp>(e), label, when, is_back);
  if (is<Compare>(e)) return jump_if_compare(as<Compare>(e), label, when, is_back);
  if (is<IfExp>(e)) {
    auto* branch = as<IfExp>(e);
    Label otherwise = make_label(), end = make_label();
    jump_if(branch->test, otherwise, false);
    jump_if(branch->body, label, when, is_back);
    jump(end);
    bind(otherwise);
    jump_if(branch->orelse, label, when, is_back);
    bind(end);
    return;
  }
  Temporaries temporaries(*this);
  jump_if_register(operand(e), label, when, is_back);
}

void UnitCompiler::jump_if_register(Register r, Label label, bool when, bool is_back) {
  if (is_back) branch_back(when ? Op::LOOP_IF_TRUE : Op::LOOP_IF_FALSE, label, r);
  else branch(when ? Op::JUMP_IF_TRUE : Op::JUMP_IF_FALSE, label, r);
}

void UnitCompiler::jump_if_bool_op(const BoolOp* e, Label label, bool when, bool is_back) {
  // `and` is decided by the first false value, `or` by the first true one.
  bool deciding = e->op == BoolOperator::Or;
  uint32_t last = e->values.count - 1;
  if (when == deciding) {
    for (Expr* value : e->values) jump_if(value, label, when, is_back);
    return;
  }
  Label skip = make_label();
  for (uint32_t i = 0; i < last; ++i) jump_if(e->values[i], skip, deciding);
  jump_if(e->values[last], label, when, is_back);
  bind(skip);
}

void UnitCompiler::jump_if_compare(const Compare* e, Label label, bool when, bool is_back) {
  Temporaries temporaries(*this);
  At at(*this, e->span);
  uint32_t last = e->ops.count - 1;
  bool has_later = false;
  for (uint32_t i = 0; i <= last && unit_->has_walrus; ++i) has_later |= contains_walrus(e->comparators[i]);
  Register left = has_later ? slot(e->left) : operand(e->left);
  Label skip = make_label();
  for (uint32_t i = 0; i <= last; ++i) {
    const Expr* comparator = e->comparators[i];
    int32_t number;
    bool is_none = is<Constant>(comparator) && as<Constant>(comparator)->constant == ConstantKind::None;
    bool is_identity = e->ops[i] == CompareOperator::Is || e->ops[i] == CompareOperator::IsNot;
    bool needs_register = i < last || !((comparison_number(e->ops[i]) >= 0 && small_int(comparator, number)) || (is_none && is_identity));
    Register right = 0;
    if (needs_register) right = is_membership(e->ops[i]) && i == last ? iterable(comparator) : has_later && i < last ? slot(comparator) : operand(comparator);
    const Expr* fused = needs_register ? nullptr : comparator;
    if (i == last) jump_if_comparison(e->ops[i], left, fused, right, label, when, is_back);
    else if (when) jump_if_comparison(e->ops[i], left, fused, right, skip, false, false);
    else jump_if_comparison(e->ops[i], left, fused, right, label, false, is_back);
    left = right;
  }
  bind(skip);
}

// `fused`: a small int or None that becomes part of the instruction; else `right` holds the value.
void UnitCompiler::jump_if_comparison(CompareOperator op, Register left, const Expr* fused, Register right, Label label, bool when, bool is_back) {
  int number = comparison_number(op);
  int32_t small = 0;
  bool has_small = fused && number >= 0 && small_int(fused, small);
  uint32_t second = has_small ? static_cast<uint32_t>(small) : right;
  if (is_back && (number < 0 || !when)) {
    // No opcode of this form serves attention: jump over a JUMP_BACK.
    Label skip = make_label();
    jump_if_comparison(op, left, fused, right, skip, !when, false);
    jump_back(label);
    return bind(skip);
  }
  if (number >= 0) {
    if (is_back) return branch_back(offset(has_small ? Op::LOOP_IF_LT_INT : Op::LOOP_IF_LT, number), label, left, second);
    Op first = when ? (has_small ? Op::JUMP_IF_LT_INT : Op::JUMP_IF_LT) : (has_small ? Op::JUMP_UNLESS_LT_INT : Op::JUMP_UNLESS_LT);
    return branch(offset(first, number), label, left, second);
  }
  switch (op) {
    case CompareOperator::Is:
      if (fused) return branch(when ? Op::JUMP_IF_NONE : Op::JUMP_IF_NOT_NONE, label, left);
      return branch(when ? Op::JUMP_IF_IS : Op::JUMP_IF_IS_NOT, label, left, second);
    case CompareOperator::IsNot:
      if (fused) return branch(when ? Op::JUMP_IF_NOT_NONE : Op::JUMP_IF_NONE, label, left);
      return branch(when ? Op::JUMP_IF_IS_NOT : Op::JUMP_IF_IS, label, left, second);
    case CompareOperator::In: return branch(when ? Op::JUMP_IF_IN : Op::JUMP_IF_NOT_IN, label, left, second);
    default: return branch(when ? Op::JUMP_IF_NOT_IN : Op::JUMP_IF_IN, label, left, second);
  }
}

// ---- Attributes and items ----

void UnitCompiler::attribute(const Attribute* e, Register target) {
  if (is_super_call(e->value)) {
    Register base = take_temporaries(3);
    super_operands(base, e->value->span);
    At at(*this, attribute_span(e, e->span));
    return emit(Op::LOAD_SUPER_ATTR, target, base, attribute_cache(e->attr));
  }
  Register object = operand(e->value);
  At at(*this, attribute_span(e, e->span));
  emit(Op::GET_ATTR, target, object, attribute_cache(e->attr));
}

void UnitCompiler::subscript(const Subscript* e, Register target) {
  Register object = operand_before(e->value, {e->slice});
  int32_t number;
  if (small_int(e->slice, number)) return emit(Op::GET_ITEM_INT, target, object, static_cast<uint32_t>(number));
  if (!is<ast::Slice>(e->slice) || as<ast::Slice>(e->slice)->step) return emit(Op::GET_ITEM, target, object, operand(e->slice));
  auto slice = as<ast::Slice>(e->slice);
  emit(Op::GET_SLICE, target, object, slice_parts({slice->lower, slice->upper}));
}

// The parts in registers side by side; None for those that are left out.
UnitCompiler::Register UnitCompiler::slice_parts(std::initializer_list<const Expr*> parts) {
  Register first = next_temporary_;
  for (const Expr* part : parts) {
    if (part) slot(part);
    else emit(Op::LOAD_NONE, take_temporary());
  }
  return first;
}

void UnitCompiler::slice(const ast::Slice* e, Register target) {
  emit(Op::BUILD_SLICE, target, slice_parts({e->lower, e->upper, e->step}));
}

// ---- Displays ----

void UnitCompiler::append_all(Seq<Expr*> items, uint32_t from, Register list) {
  for (uint32_t i = from; i < items.count; ++i) {
    Temporaries temporaries(*this);
    if (is<Starred>(items[i])) emit(Op::LIST_EXTEND, list, operand(as<Starred>(items[i])->value));
    else emit(Op::LIST_APPEND, list, operand(items[i]));
  }
}

void UnitCompiler::display_list(Seq<Expr*> items, Register target, bool as_tuple) {
  Temporaries temporaries(*this);
  Value folded;
  if (!as_tuple && items.count > 2 && constant_tuple(items, folded)) {
    Register r = take_temporary();
    emit(Op::BUILD_LIST, target, r, 0);
    load_value(r, folded);
    return emit(Op::LIST_EXTEND, target, r);
  }
  // A tuple with `*` or very many items begins as a list.
  uint32_t plain = 0;
  while (plain < items.count && plain < kMaxDisplay && !is<Starred>(items[plain])) ++plain;
  bool is_whole = plain == items.count;
  Register list = as_tuple && !is_whole ? take_temporary() : target;
  {
    Temporaries inner(*this);
    Register first = next_temporary_;
    for (uint32_t i = 0; i < plain; ++i) slot(items[i]);
    emit(as_tuple && is_whole ? Op::BUILD_TUPLE : Op::BUILD_LIST, list, plain ? first : list, plain);
  }
  if (is_whole) return;
  append_all(items, plain, list);
  if (as_tuple) emit(Op::LIST_TO_TUPLE, target, list);
}

namespace {

// A letter, digit or underscore: CPython keeps one string of each, but another than the one it interns.
bool is_single_name_character(Value v) {
  if (!is_exact(v, Kind::Str) || as<Str>(v)->length != 1 || !as<Str>(v)->is_ascii()) return false;
  uint8_t c = *as<Str>(v)->narrow();
  return std::isalnum(c) || c == '_';
}

// The frozenset of constant items; null when one is not hashable. CPython makes it again from the items as they lie in the first one,
// and once more when interning replaces one of them: the order of sets whose items collide depends on that.
mini::Set* constant_set(Thread& t, Value items) {
  auto given = as<Sequence>(items);
  int rounds = std::any_of(given->items, given->items + given->length, is_single_name_character) ? 3 : 2;
  mini::Set* made = nullptr;
  for (; rounds > 0 && !items.is_raised(); --rounds) {
    made = make_set(t, true);
    if (set_update_with(t, made, items).is_raised()) break;
    items = to_tuple(t, Value::of_object(made));
  }
  if (rounds == 0) return made;
  (void)take_exception(t);
  return nullptr;
}

}  // namespace

void UnitCompiler::display_set(Seq<Expr*> items, Register target) {
  // Several constants become one frozenset whose items are then added: the set's order depends on that detour.
  Value folded;
  if (items.count > 2 && constant_tuple(items, folded)) {
    if (mini::Set* constant = constant_set(t_, folded)) {
      Temporaries temporaries(*this);
      Register r = take_temporary();
      emit(Op::BUILD_SET, target, r, 0);
      load_value(r, Value::of_object(constant));
      return emit(Op::SET_UPDATE, target, r);
    }
  }
  uint32_t plain = 0;
  while (plain < items.count && plain < kMaxDisplay && !is<Starred>(items[plain])) ++plain;
  {
    Temporaries inner(*this);
    Register first = next_temporary_;
    for (uint32_t i = 0; i < plain; ++i) slot(items[i]);
    emit(Op::BUILD_SET, target, plain ? first : target, plain);
  }
  for (uint32_t i = plain; i < items.count; ++i) {
    Temporaries inner(*this);
    if (is<Starred>(items[i])) emit(Op::SET_UPDATE, target, operand(as<Starred>(items[i])->value));
    else emit(Op::SET_ADD, target, operand(items[i]));
  }
}

void UnitCompiler::display_dict(const ast::Dict* e, Register target) {
  uint32_t plain = 0;
  while (plain < e->values.count && plain < kMaxDisplay / 2 && e->keys[plain]) ++plain;
  {
    Temporaries inner(*this);
    Register first = next_temporary_;
    for (uint32_t i = 0; i < plain; ++i) {
      slot(e->keys[i]);
      slot(e->values[i]);
    }
    emit(Op::BUILD_DICT, target, plain ? first : target, plain);
  }
  for (uint32_t i = plain; i < e->values.count;) {
    Temporaries inner(*this);
    uint32_t pairs = 0;
    while (i + pairs < e->values.count && pairs < kMostGatheredPairs && e->keys[i + pairs]) ++pairs;
    if (pairs == 0) {
      emit(Op::DICT_UPDATE, target, operand(e->values[i++]));
    } else if (pairs == 1) {
      Register key = operand_before(e->keys[i], {e->values[i]});
      emit(Op::DICT_ADD, target, key, operand(e->values[i++]));
    } else {   // all are evaluated before the first is hashed
      Register first = next_temporary_;
      for (; pairs > 0; --pairs, ++i) {
        slot(e->keys[i]);
        slot(e->values[i]);
      }
      emit(Op::BUILD_DICT, first, first, (next_temporary_ - first) / 2);
      emit(Op::DICT_UPDATE, target, first);
    }
  }
}

// What a loop or the last `in` of a chain goes through: a display of constants is made once.
UnitCompiler::Register UnitCompiler::iterable(const Expr* e) {
  Value folded;
  if (is<ast::List>(e) && constant_tuple(as<ast::List>(e)->elts, folded)) {
    Register r = take_temporary();
    At at(*this, e->span);
    load_value(r, folded);
    return r;
  }
  if (is<ast::Set>(e) && constant_tuple(as<ast::Set>(e)->elts, folded)) {
    mini::Set* set = constant_set(t_, folded);
    if (!set) return operand(e);
    Register r = take_temporary();
    At at(*this, e->span);
    load_value(r, Value::of_object(set));
    return r;
  }
  return operand(e);
}

// ---- f-strings ----

void UnitCompiler::joined_str(Seq<Expr*> values, Register target) {
  if (values.empty()) return load_str(target, t_.interpreter->empty_str);
  if (values.count == 1) return expr(values[0], target);
  Register first = next_temporary_;
  uint32_t count = 0;
  for (Expr* value : values) {
    if (count == kMaxDisplay) {
      emit(Op::BUILD_STRING, first, first, count);
      next_temporary_ = first + 1;
      count = 1;
    }
    slot(value);
    ++count;
  }
  emit(Op::BUILD_STRING, target, first, count);
}

void UnitCompiler::formatted_value(const FormattedValue* e, Register target) {
  uint8_t conversion = e->conversion == Conversion::None ? 0 : static_cast<uint8_t>(e->conversion);
  if (!e->format_spec) return emit(Op::FORMAT_VALUE, target, operand(e->value), 0, conversion);
  Register value = operand_before(e->value, {e->format_spec});
  emit(Op::FORMAT_SPEC, target, value, operand(e->format_spec), conversion);
}

// ---- Generators and coroutines ----

void UnitCompiler::await_value(Register awaitable, Register target, uint8_t x) {
  bool is_call = x & kAwaitsCall;   // its result is read by nobody else
  Register iterator = is_call ? awaitable : take_temporary();
  Register sent = take_temporary();
  emit(Op::GET_AWAITABLE, iterator, awaitable, 0, x);
  emit(Op::LOAD_NONE, sent);
  emit(Op::DELEGATE, target, iterator, sent);
}

void UnitCompiler::yield_expr(const Yield* e, Register target) {
  Register value;
  if (e->value) {
    value = operand(e->value);
  } else {
    value = take_temporary();
    emit(Op::LOAD_NONE, value);
  }
  emit(Op::YIELD, target, value);
}

void UnitCompiler::yield_from(const YieldFrom* e, Register target) {
  Register source = operand(e->value);
  Register iterator = take_temporary();
  Register sent = take_temporary();
  emit(Op::GET_YIELD_FROM, iterator, source);
  emit(Op::LOAD_NONE, sent);
  emit(Op::DELEGATE, target, iterator, sent);
}

}  // namespace mini
