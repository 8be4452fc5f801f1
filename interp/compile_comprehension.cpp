// SPDX-License-Identifier: MIT
// Part of UnitCompiler: comprehensions, which run in the frame around them: their variables are registers of their own.

#include <algorithm>
#include <utility>

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

namespace {

void collect_names(const Expr* target, std::vector<Identifier>& names) {
  if (is<Name>(target)) names.push_back(as<Name>(target)->id);
  else if (is<ast::Tuple>(target))
    for (Expr* item : as<ast::Tuple>(target)->elts) collect_names(item, names);
  else if (is<ast::List>(target))
    for (Expr* item : as<ast::List>(target)->elts) collect_names(item, names);
  else if (is<Starred>(target)) collect_names(as<Starred>(target)->value, names);
}

}  // namespace

// Registers for the loop variables. Only the first loop binds its own at once; those of inner loops may be asked for before.
void UnitCompiler::enter_comprehension(const Scope* scope, const ComprehensionShape& shape) {
  std::vector<Identifier> first;
  collect_names(shape.generators[0]->target, first);
  for (Symbol* symbol : scope->bindings) {
    if (!symbol->is_bound_here()) continue;
    symbol->register_number = take_temporary();
    bound_.remove(symbol->flow_index);
    bool is_first = std::any_of(first.begin(), first.end(), [&](Identifier name) { return c_.scopes.mangle(scope, name) == symbol->name; });
    if (symbol->is_captured || !is_first) emit(Op::LOAD_EMPTY, symbol->register_number);
    if (symbol->is_captured) emit(Op::MAKE_CELL, symbol->register_number);
  }
}

void UnitCompiler::comprehension(const Expr* e, Register target) {
  ComprehensionShape shape{e->kind, nullptr, nullptr, {}, target, e->span};
  if (is<DictComp>(e)) {
    shape.element = as<DictComp>(e)->key;
    shape.value = as<DictComp>(e)->value;
    shape.generators = as<DictComp>(e)->generators;
  } else {
    shape.element = as<ElementComp>(e)->elt;
    shape.generators = as<ElementComp>(e)->generators;
  }
  Register source = iterable(shape.generators[0]->iter);
  Scope* outer = scope_;
  scope_ = c_.scopes.of(e);
  enter_comprehension(scope_, shape);
  // The display is made after the first iterable is evaluated: that may be the target's old value.
  Op build = is<ListComp>(e) ? Op::BUILD_LIST : is<SetComp>(e) ? Op::BUILD_SET : Op::BUILD_DICT;
  uint32_t call = assembler_.position();
  emit(build, target, target, 0);
  Code* code = inline_code(e);
  Str* outer_name = std::exchange(inline_name_, code->qualified_name);
  comprehension_loop(shape, 0, source, false);
  inline_name_ = outer_name;
  // The iterator of the first loop is still made by the code around the comprehension.
  assembler_.add_inline_range(call + 2, assembler_.position(), call, assembler_.constant("", Value::of_object(code)));
  scope_ = outer;
}

// The Code that a traceback shows for a comprehension.
Code* UnitCompiler::inline_code(const Expr* e) {
  const char* name = is<ListComp>(e) ? "<listcomp>" : is<SetComp>(e) ? "<setcomp>" : "<dictcomp>";
  Code* code = make_code(t_);
  code->code_flags = kCodeInline;
  code->register_count = 1;
  code->first_line = c_.source.line_at(e->span.begin);
  code->name = intern(t_, name);
  code->qualified_name = intern(t_, inner_prefix() + name);
  code->file_name = c_.file_name;
  return code;
}

// Begins the body of a loop whose test stands behind it.
void UnitCompiler::start_loop_body(Label test, Label body) {
  bool was_reachable = is_reachable_;
  FlowSet state = bound_;
  jump(test);
  assembler_.bind(body);
  is_reachable_ = was_reachable;
  bound_ = std::move(state);
}

// The comparison that a test makes last, as it is written.
static const Expr* last_comparison(const Expr* e) {
  if (is<Compare>(e)) return e;
  if (is<ast::UnaryOp>(e) && as<ast::UnaryOp>(e)->op == UnaryOperator::Not) return last_comparison(as<ast::UnaryOp>(e)->operand);
  if (!is<BoolOp>(e)) return nullptr;
  const auto& values = as<BoolOp>(e)->values;
  for (uint32_t i = values.count; i-- > 0;)
    if (const Expr* found = last_comparison(values[i])) return found;
  return nullptr;
}

void UnitCompiler::comprehension_loop(const ComprehensionShape& shape, uint32_t index, Register source, bool is_iterator) {
  Temporaries temporaries(*this);
  const Comprehension* generator = shape.generators[index];
  Label next = make_label(), body = make_label(), end = make_label();
  Register iteration = generator->is_async ? take_temporary() : take_temporaries(3);
  std::optional<Register> local = local_register(generator->target);
  Register item = local ? *local : take_temporary();
  if (generator->is_async) {
    if (is_iterator) emit(Op::MOVE, iteration, source);
    else emit(Op::GET_ASYNC_ITER, iteration, source);
    assembler_.bind(body);
    async_step(iteration, item, end);
  } else {
    emit(Op::GET_ITER, iteration, source, 0, is_iterator);
    start_loop_body(next, body);
  }
  {
    At at(*this, generator->target->span);
    store(generator->target, item);
  }
  for (Expr* condition : generator->ifs) jump_if(condition, next, false);
  // In CPython what follows a comparison keeps its place.
  const Expr* compared = nullptr;
  for (Expr* condition : generator->ifs)
    if (const Expr* last = last_comparison(condition)) compared = last;
  {
    At at(*this, compared ? compared->span : span_);
    if (index + 1 < shape.generators.count) {
      Temporaries inner(*this);
      Register inner_source = iterable(shape.generators[index + 1]->iter);
      comprehension_loop(shape, index + 1, inner_source, false);
    } else {
      comprehension_element(shape);
    }
  }
  bind(next);
  if (generator->is_async) jump_back(body);
  else branch_back(Op::FOR_LOOP, body, iteration, item, is<ast::Tuple>(generator->target));
  bind(end);
}

void UnitCompiler::comprehension_element(const ComprehensionShape& shape) {
  Temporaries temporaries(*this);
  switch (shape.kind) {
    case ExprKind::ListComp: return emit(Op::LIST_APPEND, shape.result, operand(shape.element));
    case ExprKind::SetComp: return emit(Op::SET_ADD, shape.result, operand(shape.element));
    case ExprKind::DictComp: {
      Register key = operand_before(shape.element, {shape.value});
      return emit(Op::DICT_ADD, shape.result, key, operand(shape.value));
    }
    default: {
      Register value = operand(shape.element);
      return emit(Op::YIELD, take_temporary(), value);
    }
  }
}

}  // namespace mini
