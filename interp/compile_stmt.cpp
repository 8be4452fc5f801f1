// SPDX-License-Identifier: MIT
// Part of UnitCompiler: statements, assignment targets, loops, exception handling. See compiler.h for the rules.
//
// Exception handling. A handler begins with the exception object in a register. ENTER_HANDLER makes it the one being
// handled and keeps the previous one in `saved`; every way out passes LEAVE_HANDLER. The body of a handler is itself protected
// by a region whose handler only does that and passes the new exception on:
//
//     body                      region 1 -> H
//     JUMP end
//   H: ENTER_HANDLER saved, e
//     handlers                  region 2 -> C
//     LEAVE_HANDLER saved
//     JUMP end
//   C: LEAVE_HANDLER saved
//     RERAISE e
//   end:

#include <fmt/core.h>

#include "interp/compiler.h"
#include "runtime/interpreter.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {

using namespace ast;

namespace {

constexpr uint8_t kEnter = 0, kExit = 1;         // LOAD_SPECIAL's x; the asynchronous ones are 2 more
constexpr uint8_t kAsync = 2;
constexpr uint8_t kStopAsyncIteration = 1;       // LOAD_ASSERTION_ERROR's x

}  // namespace

void UnitCompiler::body(Seq<Stmt*> statements) {
  for (Stmt* s : statements) {
    if (!is_reachable_ || c_.diagnostics.has_error() || !has_room(s->span)) return;
    stmt(s);
  }
}

void UnitCompiler::stmt(const Stmt* s) {
  Temporaries temporaries(*this);
  At at(*this, s->span);
  stmt_inner(s);
}

void UnitCompiler::stmt_inner(const Stmt* s) {
  switch (s->kind) {
    case StmtKind::FunctionDef: return function_def(as<FunctionDef>(s));
    case StmtKind::ClassDef: return class_def(as<ClassDef>(s));
    case StmtKind::Return: return return_stmt(as<Return>(s));
    case StmtKind::Delete:
      for (Expr* target : as<Delete>(s)->targets) delete_target(target);
      return;
    case StmtKind::Assign: return assign(as<Assign>(s));
    case StmtKind::AugAssign: return aug_assign(as<AugAssign>(s));
    case StmtKind::AnnAssign: return ann_assign(as<AnnAssign>(s));
    case StmtKind::For: return as<For>(s)->is_async ? async_for(as<For>(s)) : for_stmt(as<For>(s));
    case StmtKind::While: return while_stmt(as<While>(s));
    case StmtKind::If: return if_stmt(as<If>(s));
    case StmtKind::With: return with_stmt(as<With>(s), 0);
    case StmtKind::Match: return match_stmt(as<Match>(s));
    case StmtKind::Raise: return raise_stmt(as<Raise>(s));
    case StmtKind::Try: return try_stmt(as<Try>(s));
    case StmtKind::Assert: return assert_stmt(as<Assert>(s));
    case StmtKind::Import: return import_stmt(as<Import>(s));
    case StmtKind::ImportFrom: return import_from(as<ImportFrom>(s));
    case StmtKind::Global: case StmtKind::Nonlocal: case StmtKind::Pass: return;
    case StmtKind::ExprStmt: return expr_stmt(as<ExprStmt>(s));
    case StmtKind::Break: return leave_loop(true);
    case StmtKind::Continue: return leave_loop(false);
  }
}

void UnitCompiler::expr_stmt(const ExprStmt* s) {
  if (!c_.is_interactive || unit_->kind != ScopeKind::Module) return discard(s->value);
  Register value = operand(s->value);
  emit(Op::DISPLAY, value);
}

// ---- Assignment ----

void UnitCompiler::assign(const Assign* s) {
  if (s->targets.count == 1) {
    const Expr* target = s->targets[0];
    if (std::optional<Register> local = local_register(target)) {
      into_local(s->value, *local);
      bound_.add(symbol_of(as<Name>(target)->id)->binding->flow_index);
      return;
    }
    if (assign_tuples(s)) return;
  }
  Value folded;
  if (constant(s->value, folded)) {
    for (Expr* target : s->targets) {
      Temporaries temporaries(*this);
      std::optional<Register> local = local_register(target);
      Register value = local ? *local : take_temporary();
      expr(s->value, value);
      store(target, value);
    }
    return;
  }
  bool is_safe = !unit_->has_walrus && s->targets.count == 1;
  // With several targets the first could rebind the local that holds the value.
  Register value = is_safe ? operand(s->value) : slot(s->value);
  for (Expr* target : s->targets) store(target, value);
}

namespace {

// The items of a tuple or list display; null for anything else.
const Seq<Expr*>* display_items(const Expr* e) {
  if (is<ast::Tuple>(e)) return &as<ast::Tuple>(e)->elts;
  if (is<ast::List>(e)) return &as<ast::List>(e)->elts;
  return nullptr;
}

bool has_star(const Seq<Expr*>& items) {
  for (Expr* item : items)
    if (is<Starred>(item)) return true;
  return false;
}

}  // namespace

// `a, b = b, a` without making a tuple.
bool UnitCompiler::assign_tuples(const Assign* s) {
  const Seq<Expr*>* targets = display_items(s->targets[0]);
  const Seq<Expr*>* values = is<ast::Tuple>(s->value) ? display_items(s->value) : nullptr;
  if (!targets || !values || targets->count != values->count || values->empty() || values->count > 16) return false;
  if (has_star(*targets) || has_star(*values)) return false;
  auto is_target = [&](Register r) {
    for (Expr* target : *targets)
      if (local_register(target) == std::optional<Register>(r)) return true;
    return false;
  };
  // Does this target live in a register that no target before it names, all of which are such locals?
  auto stands_alone = [&](uint32_t i) {
    std::optional<Register> local = local_register((*targets)[i]);
    for (uint32_t k = 0; k < i && local; ++k) {
      std::optional<Register> other = local_register((*targets)[k]);
      if (!other || *other == *local) return false;
    }
    return local.has_value();
  };
  constexpr Register kConstant = ~0u;
  std::vector<Register> sources;
  Value folded;
  for (uint32_t i = 0; i < values->count; ++i) {
    const Expr* value = (*values)[i];
    std::optional<Register> local = local_register(value);
    if (constant(value, folded)) {
      sources.push_back(kConstant);
    } else if (local && !unit_->has_walrus && !is_target(*local)) {
      sources.push_back(operand(value));
    } else if (i + 1 == values->count && stands_alone(i)) {
      // Nothing is read after the last value, so it goes straight to its local.
      sources.push_back(*local_register((*targets)[i]));
      into_local(value, sources.back());
      bound_.add(symbol_of(as<Name>((*targets)[i])->id)->binding->flow_index);
    } else {
      sources.push_back(slot(value));
    }
  }
  for (uint32_t i = 0; i < targets->count; ++i) {
    Temporaries temporaries(*this);
    const Expr* target = (*targets)[i];
    std::optional<Register> local = local_register(target);
    if (sources[i] == kConstant && local) {
      into_local((*values)[i], *local);
      bound_.add(symbol_of(as<Name>(target)->id)->binding->flow_index);
    } else if (sources[i] == kConstant) {
      store(target, slot((*values)[i]));
    } else if (!local || *local != sources[i]) {
      store(target, sources[i]);
    }
  }
  return true;
}

Span UnitCompiler::attribute_span(const Attribute* e, Span whole) {
  // An attribute on a later line than its object: errors point at the attribute.
  if (c_.source.line_at(whole.begin) == c_.source.line_at(e->attr_span.begin)) return whole;
  return {e->attr_span.begin, whole.end};
}

void UnitCompiler::store(const Expr* target, Register source) {
  At at(*this, target->span);
  switch (target->kind) {
    case ExprKind::Name: return store_name(as<Name>(target)->id, source);
    case ExprKind::Attribute: {
      Temporaries temporaries(*this);
      auto* attribute = as<Attribute>(target);
      Register object = operand(attribute->value);
      span_ = attribute_span(attribute, target->span);
      return emit(Op::SET_ATTR, object, source, attribute_cache(attribute->attr));
    }
    case ExprKind::Subscript: {
      Temporaries temporaries(*this);
      auto* subscript = as<Subscript>(target);
      Register object = operand_before(subscript->value, {subscript->slice});
      Register key = operand(subscript->slice);
      return emit(Op::SET_ITEM, object, key, source);
    }
    case ExprKind::Tuple: return unpack(target, as<ast::Tuple>(target)->elts, source);
    case ExprKind::List: return unpack(target, as<ast::List>(target)->elts, source);
    case ExprKind::Starred: return error(target->span, "starred assignment target must be in a list or tuple");
    default: return error(target->span, "cannot assign to expression");
  }
}

// When the targets are locals in neighbouring registers, the items go straight there.
bool UnitCompiler::unpack_into_locals(Seq<Expr*> items, Register source) {
  std::optional<Register> first = items.empty() ? std::nullopt : local_register(items[0]);
  if (!first) return false;
  for (uint32_t i = 1; i < items.count; ++i)
    if (local_register(items[i]) != std::optional<Register>(*first + i)) return false;
  emit(Op::UNPACK, *first, source, items.count);
  for (Expr* item : items) bound_.add(symbol_of(as<Name>(item)->id)->binding->flow_index);
  return true;
}

void UnitCompiler::unpack(const Expr* target, Seq<Expr*> items, Register source) {
  if (unpack_into_locals(items, source)) return;
  Temporaries temporaries(*this);
  uint32_t star = items.count;
  for (uint32_t i = 0; i < items.count; ++i) {
    if (!is<Starred>(items[i])) continue;
    if (star < items.count) return error(target->span, "multiple starred expressions in assignment");
    star = i;
  }
  Register first = items.empty() ? take_temporary() : take_temporaries(items.count);
  if (star == items.count) {
    emit(Op::UNPACK, first, source, items.count);
  } else {
    uint32_t after = items.count - star - 1;
    if (after > 255) return error(target->span, "too many expressions in star-unpacking assignment");
    emit(Op::UNPACK_STAR, first, source, star, static_cast<uint8_t>(after));
  }
  for (uint32_t i = 0; i < items.count; ++i) store(i == star ? as<Starred>(items[i])->value : items[i], first + i);
}

void UnitCompiler::aug_assign(const AugAssign* s) {
  switch (s->target->kind) {
    case ExprKind::Name: {
      Identifier name = as<Name>(s->target)->id;
      if (std::optional<Register> local = local_register(s->target)) {
        Register left = *local;
        {
          At at(*this, s->target->span);
          check_bound(symbol_of(name)->binding);
        }
        if (unit_->has_walrus && contains_walrus(s->value)) {
          left = take_temporary();
          emit(Op::MOVE, left, *local);
        }
        return binary_op(s->op, s->value, left, *local, 1);
      }
      Register value = take_temporary();
      {
        At at(*this, s->target->span);
        load_name(name, value);
      }
      binary_op(s->op, s->value, value, value, 1);
      At at(*this, s->target->span);
      return store_name(name, value);
    }
    case ExprKind::Attribute: {
      auto* attribute = as<Attribute>(s->target);
      Register object = operand_before(attribute->value, {s->value});
      Register value = take_temporary();
      Span span = attribute_span(attribute, s->target->span);
      {
        At at(*this, span);
        emit(Op::GET_ATTR, value, object, attribute_cache(attribute->attr));
      }
      binary_op(s->op, s->value, value, value, 1);
      At at(*this, span);
      return emit(Op::SET_ATTR, object, value, attribute_cache(attribute->attr));
    }
    default: {
      auto* subscript = as<Subscript>(s->target);
      Register object = operand_before(subscript->value, {subscript->slice, s->value});
      Register key = operand_before(subscript->slice, {s->value});
      Register value = take_temporary();
      {
        At at(*this, s->target->span);
        emit(Op::GET_ITEM, value, object, key);
      }
      binary_op(s->op, s->value, value, value, 1);
      At at(*this, s->target->span);
      return emit(Op::SET_ITEM, object, key, value);
    }
  }
}

void UnitCompiler::ann_assign(const AnnAssign* s) {
  if (s->value) {
    if (std::optional<Register> local = local_register(s->target)) {
      into_local(s->value, *local);
      bound_.add(symbol_of(as<Name>(s->target)->id)->binding->flow_index);
    } else {
      Register value = unit_->has_walrus ? slot(s->value) : operand(s->value);
      store(s->target, value);
    }
  }
  bool is_kept = s->is_simple && is<Name>(s->target);
  if (!scope_->is_function()) {
    if (is_kept) {
      Register value = take_temporary();
      annotation(s->annotation, value);
      Register dict = take_temporary();
      load_namespace_name("__annotations__", dict);
      Register key = take_temporary();
      load_str(key, mangled_str(as<Name>(s->target)->id));
      emit(Op::SET_ITEM, dict, key, value);
    } else if (!c_.scopes.has_future_annotations()) {
      discard(s->annotation);
    }
  }
  if (s->value || is<Name>(s->target)) return;
  // `a.b: int` and `a[i]: int` evaluate their parts.
  if (is<Attribute>(s->target)) return discard(as<Attribute>(s->target)->value);
  discard(as<Subscript>(s->target)->value);
  discard(as<Subscript>(s->target)->slice);
}

void UnitCompiler::delete_target(const Expr* target) {
  Temporaries temporaries(*this);
  At at(*this, target->span);
  switch (target->kind) {
    case ExprKind::Name: return delete_name(as<Name>(target)->id);
    case ExprKind::Attribute: {
      auto* attribute = as<Attribute>(target);
      Register object = operand(attribute->value);
      span_ = attribute_span(attribute, target->span);
      return emit(Op::DELETE_ATTR, object, assembler_.name_constant(mangled_str(attribute->attr)));
    }
    case ExprKind::Subscript: {
      auto* subscript = as<Subscript>(target);
      Register object = operand_before(subscript->value, {subscript->slice});
      return emit(Op::DELETE_ITEM, object, operand(subscript->slice));
    }
    default:
      if (const Seq<Expr*>* items = display_items(target))
        for (Expr* item : *items) delete_target(item);
      return;
  }
}

// ---- Branches and loops ----

void UnitCompiler::if_stmt(const If* s) {
  bool known;
  if (constant_truth(s->test, known)) return body(known ? s->body : s->orelse);
  if (s->orelse.empty() && s->body.count == 1 && !blocks_.empty() && blocks_.back().kind == BlockKind::Loop) {
    // `if x: break` is one conditional jump.
    if (is<Break>(s->body[0])) return jump_if(s->test, blocks_.back().break_label, true);
    if (is<Continue>(s->body[0])) return jump_if(s->test, blocks_.back().continue_label, true);
  }
  Label otherwise = make_label();
  jump_if(s->test, otherwise, false);
  body(s->body);
  if (s->orelse.empty()) return bind(otherwise);
  Label end = make_label();
  jump(end);
  bind(otherwise);
  body(s->orelse);
  bind(end);
}

void UnitCompiler::while_stmt(const While* s) {
  bool known = false;
  bool is_constant = constant_truth(s->test, known);
  if (is_constant && !known) return body(s->orelse);
  Label start = make_label(), next = make_label(), otherwise = make_label(), end = make_label();
  // Tested once before the loop, and again at its bottom.
  if (!is_constant) jump_if(s->test, otherwise, false);
  bound_ = without_deletions({s->body});
  assembler_.bind(start);
  Block block{BlockKind::Loop, end, next};
  blocks_.push_back(block);
  body(s->body);
  blocks_.pop_back();
  bind(next);
  if (is_constant) jump_back(start);
  else jump_if(s->test, start, true, true);
  bind(otherwise);
  body(s->orelse);
  bind(end);
}

void UnitCompiler::for_stmt(const For* s) {
  Label test = make_label(), start = make_label(), end = make_label();
  Register iteration = take_temporaries(3);
  {
    Temporaries temporaries(*this);
    Register source = iterable(s->iter);
    emit(Op::GET_ITER, iteration, source);
  }
  std::optional<Register> local = local_register(s->target);
  Register item = local ? *local : take_temporary();
  bound_ = without_deletions({s->body});
  start_loop_body(test, start);
  store(s->target, item);
  blocks_.push_back({BlockKind::Loop, end, test});
  body(s->body);
  blocks_.pop_back();
  bind(test);
  branch_back(Op::FOR_LOOP, start, iteration, item, is<ast::Tuple>(s->target));
  body(s->orelse);
  bind(end);
}

void UnitCompiler::async_step(Register iterator, Register item, Label end) {
  Temporaries temporaries(*this);
  Register awaitable = take_temporary();
  Register sent = take_temporary();
  Region region;
  region.handler = make_label();
  region.exception_register = awaitable;
  FlowSet state = bound_;
  Label done = make_label();
  assembler_.open(region);
  emit(Op::GET_ASYNC_NEXT, awaitable, iterator);
  emit(Op::GET_AWAITABLE, awaitable, awaitable, 0, 3);
  emit(Op::LOAD_NONE, sent);
  emit(Op::DELEGATE, item, awaitable, sent);
  assembler_.close(region);
  assembler_.record(region);
  jump(done);
  start_handler(region, state);
  Label other = make_label();
  emit(Op::LOAD_ASSERTION_ERROR, sent, 0, 0, kStopAsyncIteration);
  branch(Op::JUMP_UNLESS_MATCH, other, awaitable, sent);
  jump(end);
  bind(other);
  emit(Op::RERAISE, awaitable);
  bind(done);
}

void UnitCompiler::async_for(const For* s) {
  Label next = make_label(), start = make_label(), otherwise = make_label(), end = make_label();
  Register iterator = take_temporary();
  {
    Temporaries temporaries(*this);
    emit(Op::GET_ASYNC_ITER, iterator, operand(s->iter));
  }
  std::optional<Register> local = local_register(s->target);
  Register item = local ? *local : take_temporary();
  bound_ = without_deletions({s->body});
  assembler_.bind(start);
  async_step(iterator, item, otherwise);
  store(s->target, item);
  blocks_.push_back({BlockKind::Loop, end, next});
  body(s->body);
  blocks_.pop_back();
  bind(next);
  jump_back(start);
  bind(otherwise);
  body(s->orelse);
  bind(end);
}

// ---- Leaving blocks ----

// Emits the clean-up of all blocks above `depth`, then `then`. Code that cleans up after a block is not protected by it.
template <class Then> void UnitCompiler::unwind_to(size_t depth, Then then) {
  std::vector<Block> left(blocks_.begin() + static_cast<ptrdiff_t>(depth), blocks_.end());
  for (size_t i = left.size(); i-- > 0;) {
    blocks_.pop_back();
    if (left[i].region) assembler_.close(*left[i].region);
    clean_up(left[i]);
  }
  then();
  for (const Block& block : left) {
    blocks_.push_back(block);
    if (block.region) assembler_.open(*block.region);
  }
}

void UnitCompiler::clean_up(const Block& block) {
  Temporaries temporaries(*this);
  switch (block.kind) {
    case BlockKind::Loop: case BlockKind::Protected: return;
    case BlockKind::Finally: return body(block.finally->finalbody);
    case BlockKind::Handler:
      emit(Op::LEAVE_HANDLER, block.saved);
      if (block.name) forget_name(block.name);
      return;
    case BlockKind::With: {
      // In a copy, because the value that a return carries lies behind the method.
      At at(*this, block.span);
      Register base = take_temporaries(2);
      emit(Op::MOVE, base, block.exit);
      emit(Op::MOVE, base + 1, block.exit + 1);
      return call_exit(base, block.is_async, {});
    }
  }
}

void UnitCompiler::leave_loop(bool is_break) {
  size_t depth = blocks_.size();
  while (depth > 0 && blocks_[depth - 1].kind != BlockKind::Loop) --depth;
  if (depth == 0) return;   // reported by the scopes pass
  Label label = is_break ? blocks_[depth - 1].break_label : blocks_[depth - 1].continue_label;
  unwind_to(depth, [&] { jump(label); });
}

void UnitCompiler::return_stmt(const Return* s) {
  if (blocks_.empty()) {
    if (!s->value) return emit(Op::RETURN_NONE);
    return return_value(s->value);
  }
  bool is_none = !s->value || (is<Constant>(s->value) && as<Constant>(s->value)->constant == ConstantKind::None);
  Register value = 0;
  // Clean-up code may rebind a local, so the value is copied when there is any.
  bool runs_code = false;
  bool only_loops = true;
  for (const Block& block : blocks_) {
    runs_code |= block.kind == BlockKind::Finally || block.kind == BlockKind::With || block.name;
    only_loops &= block.kind == BlockKind::Loop;
  }
  if (only_loops) return is_none ? emit(Op::RETURN_NONE) : return_value(s->value);
  if (!is_none) value = runs_code ? slot(s->value) : operand(s->value);
  unwind_to(0, [&] { is_none ? emit(Op::RETURN_NONE) : emit(Op::RETURN, value); });
}

// Returns with nothing to clean up.
void UnitCompiler::return_value(const Expr* value) {
  if (is<Constant>(value) && as<Constant>(value)->constant == ConstantKind::None) return emit(Op::RETURN_NONE);
  if (is<IfExp>(value)) {
    auto* conditional = as<IfExp>(value);
    Label otherwise = make_label();
    jump_if(conditional->test, otherwise, false);
    return_value(conditional->body);
    bind(otherwise);
    return return_value(conditional->orelse);
  }
  Temporaries temporaries(*this);
  emit(Op::RETURN, operand(value));
}

// ---- Exceptions ----

// Begins the handler of a region that was closed and recorded.
void UnitCompiler::start_handler(Region& region, const FlowSet& state) {
  assembler_.bind(region.handler);
  is_reachable_ = assembler_.can_raise(region);
  bound_ = state;
}

void UnitCompiler::leave_and_reraise(Region& region, Register saved, const FlowSet& state, Identifier name) {
  assembler_.close(region);
  assembler_.record(region);
  start_handler(region, state);
  emit(Op::LEAVE_HANDLER, saved);
  if (name) forget_name(name);
  emit(Op::RERAISE, region.exception_register);
}

// `name = None; del name`: never an error, whatever the body did with the name.
void UnitCompiler::forget_name(Identifier name) {
  Symbol* symbol = symbol_of(name);
  if (is_local(symbol) && !symbol->binding->is_captured) {
    emit(Op::LOAD_EMPTY, symbol->binding->register_number);
    bound_.remove(symbol->binding->flow_index);
    return;
  }
  Temporaries temporaries(*this);
  Register none = take_temporary();
  emit(Op::LOAD_NONE, none);
  store_name(name, none);
  delete_name(name);
}

void UnitCompiler::try_stmt(const Try* s) {
  if (!s->finalbody.empty()) return try_finally(s);
  if (s->is_star) return try_star(s);
  try_except(s);
}

void UnitCompiler::try_finally(const Try* s) {
  Label end = make_label();
  Register saved = take_temporary();
  Register exception = take_temporary();
  FlowSet state = without_deletions({s->body, s->orelse}, s);
  Region region;
  region.handler = make_label();
  region.exception_register = exception;
  assembler_.open(region);
  Block block{BlockKind::Finally, {}, {}, &region};
  block.finally = s;
  blocks_.push_back(block);
  if (s->handlers.empty()) body(s->body);
  else if (s->is_star) try_star(s);
  else try_except(s);
  blocks_.pop_back();
  assembler_.close(region);
  assembler_.record(region);
  body(s->finalbody);
  jump(end);
  // The way of an exception: it is handled while the finally body runs, then goes on.
  start_handler(region, state);
  if (is_reachable_) {
    emit(Op::ENTER_HANDLER, saved, exception);
    Region cleanup;
    cleanup.handler = make_label();
    cleanup.exception_register = exception;
    FlowSet cleanup_state = without_deletions({s->finalbody});
    assembler_.open(cleanup);
    Block handler{BlockKind::Handler, {}, {}, &cleanup};
    handler.saved = saved;
    blocks_.push_back(handler);
    body(s->finalbody);
    blocks_.pop_back();
    assembler_.close(cleanup);
    emit(Op::LEAVE_HANDLER, saved);
    emit(Op::RERAISE, exception);
    leave_and_reraise(cleanup, saved, cleanup_state);
  }
  bind(end);
}

void UnitCompiler::protected_body(Seq<Stmt*> statements, Region& region) {
  assembler_.open(region);
  blocks_.push_back({BlockKind::Protected, {}, {}, &region});
  body(statements);
  blocks_.pop_back();
  assembler_.close(region);
  assembler_.record(region);
}

void UnitCompiler::try_except(const Try* s) {
  Label end = make_label();
  FlowSet state = without_deletions({s->body});
  Register saved = take_temporary();
  Register exception = take_temporary();
  Region region;
  region.handler = make_label();
  region.exception_register = exception;
  protected_body(s->body, region);
  body(s->orelse);
  jump(end);
  start_handler(region, state);
  if (is_reachable_) except_clauses(s, saved, exception, end);
  bind(end);
}

void UnitCompiler::except_clauses(const Try* s, Register saved, Register exception, Label end) {
  emit(Op::ENTER_HANDLER, saved, exception);
  Region cleanup;
  cleanup.handler = make_label();
  cleanup.exception_register = exception;
  FlowSet cleanup_state = without_deletions({}, s);
  assembler_.open(cleanup);
  for (ExceptHandler* handler : s->handlers) {
    Temporaries temporaries(*this);
    At at(*this, handler->span);
    Label next = make_label();
    if (handler->type) {
      Register type = operand(handler->type);
      branch(Op::JUMP_UNLESS_MATCH, next, exception, type);
    }
    if (handler->name) {
      // Its clean-up forgets the name too, so it has a region of its own.
      assembler_.close(cleanup);
      named_handler_body(handler, saved, exception, end);
    } else {
      Block block{BlockKind::Handler, {}, {}, &cleanup};
      block.saved = saved;
      blocks_.push_back(block);
      body(handler->body);
      blocks_.pop_back();
      assembler_.close(cleanup);
      emit(Op::LEAVE_HANDLER, saved);
      jump(end);
    }
    assembler_.open(cleanup);
    bind(next);
  }
  assembler_.close(cleanup);
  emit(Op::LEAVE_HANDLER, saved);
  emit(Op::RERAISE, exception);
  leave_and_reraise(cleanup, saved, cleanup_state);
}

void UnitCompiler::named_handler_body(const ExceptHandler* handler, Register saved, Register exception, Label end) {
  store_name(handler->name, exception);
  Region region;
  region.handler = make_label();
  region.exception_register = exception;
  FlowSet state = without_deletions({handler->body});
  assembler_.open(region);
  Block block{BlockKind::Handler, {}, {}, &region};
  block.saved = saved;
  block.name = handler->name;
  blocks_.push_back(block);
  body(handler->body);
  blocks_.pop_back();
  assembler_.close(region);
  emit(Op::LEAVE_HANDLER, saved);
  forget_name(handler->name);
  jump(end);
  leave_and_reraise(region, saved, state, handler->name);
}

// except*: each clause takes its part of the group; what is raised or left over is put together at the end.
void UnitCompiler::try_star(const Try* s) {
  Label end = make_label();
  FlowSet state = without_deletions({s->body});
  Register saved = take_temporary();
  Register exception = take_temporary();
  Region region;
  region.handler = make_label();
  region.exception_register = exception;
  protected_body(s->body, region);
  body(s->orelse);
  jump(end);
  start_handler(region, state);
  if (is_reachable_) {
    emit(Op::ENTER_HANDLER, saved, exception);
    Region cleanup;
    cleanup.handler = make_label();
    Register failure = take_temporary();
    cleanup.exception_register = failure;
    FlowSet cleanup_state = without_deletions({}, s);
    assembler_.open(cleanup);
    Register raised = take_temporary();
    Register rest = take_temporary();
    emit(Op::BUILD_LIST, raised, raised, 0);
    emit(Op::MOVE, rest, exception);
    for (ExceptHandler* handler : s->handlers) star_clause(handler, rest, raised);
    Label nothing_left = make_label(), done = make_label();
    branch(Op::JUMP_IF_NONE, nothing_left, rest);
    emit(Op::LIST_APPEND, raised, rest);
    bind(nothing_left);
    emit(Op::JOIN_GROUP, rest, raised, exception);
    assembler_.close(cleanup);
    emit(Op::LEAVE_HANDLER, saved);
    branch(Op::JUMP_IF_NONE, done, rest);
    emit(Op::RERAISE, rest);
    leave_and_reraise(cleanup, saved, cleanup_state);
    bind(done);
  }
  bind(end);
}

void UnitCompiler::star_clause(const ExceptHandler* handler, Register rest, Register raised) {
  Temporaries temporaries(*this);
  At at(*this, handler->span);
  Label next = make_label();
  Register match = take_temporaries(2);
  Register saved = take_temporary();
  Register type = operand(handler->type);
  emit(Op::SPLIT_GROUP, match, rest, type);
  emit(Op::MOVE, rest, match + 1);
  branch(Op::JUMP_IF_NONE, next, match);
  if (handler->name) store_name(handler->name, match);
  FlowSet state = without_deletions({handler->body});
  emit(Op::ENTER_HANDLER, saved, match);
  Region region;
  region.handler = make_label();
  region.exception_register = match;
  assembler_.open(region);
  Block block{BlockKind::Handler, {}, {}, &region};
  block.saved = saved;
  block.name = handler->name;
  blocks_.push_back(block);
  body(handler->body);
  blocks_.pop_back();
  assembler_.close(region);
  assembler_.record(region);
  emit(Op::LEAVE_HANDLER, saved);
  if (handler->name) forget_name(handler->name);
  jump(next);
  start_handler(region, state);
  emit(Op::LEAVE_HANDLER, saved);
  if (handler->name) forget_name(handler->name);
  emit(Op::LIST_APPEND, raised, match);
  bind(next);
}

void UnitCompiler::raise_stmt(const Raise* s) {
  if (!s->exc) return emit(Op::RAISE_AGAIN);
  if (!s->cause) return emit(Op::RAISE, operand(s->exc));
  Register exception = operand_before(s->exc, {s->cause});
  emit(Op::RAISE_FROM, exception, operand(s->cause));
}

void UnitCompiler::assert_stmt(const Assert* s) {
  Label end = make_label();
  jump_if(s->test, end, true);
  At at(*this, s->test->span);
  Register error_class = take_temporary();
  emit(Op::LOAD_ASSERTION_ERROR, error_class);
  if (s->msg) {
    slot(s->msg);
    emit(Op::CALL, error_class, 1, error_class);
  }
  emit(Op::RAISE, error_class);
  bind(end);
}

// ---- with ----

// Calls the exit method that lies in R[base], R[base+1], the newest temporaries, with the exception or three Nones; what it
// returns goes to R[base].
void UnitCompiler::call_exit(Register base, bool is_async, std::optional<Register> exception) {
  Temporaries temporaries(*this);
  Register arguments = take_temporaries(3);
  if (exception) {
    emit(Op::EXCEPTION_INFO, arguments, *exception);
  } else {
    for (Register i = 0; i < 3; ++i) emit(Op::LOAD_NONE, arguments + i);
  }
  emit(Op::CALL_METHOD, base, 3, base);
  if (is_async) await_value(base, base, 2);
}

void UnitCompiler::with_stmt(const With* s, uint32_t index) {
  if (index == s->items.count) return body(s->body);
  Temporaries temporaries(*this);
  const WithItem* item = s->items[index];
  uint8_t async = s->is_async ? kAsync : 0;
  Region region;
  region.handler = make_label();
  region.exception_register = take_temporary();
  Register saved = take_temporary();
  Register exit = take_temporaries(2);
  FlowSet before;
  Block block{BlockKind::With, {}, {}, &region};
  block.exit = exit;
  block.is_async = s->is_async;
  block.span = s->span;
  {
    Temporaries inner(*this);
    Register value = take_temporaries(2);
    Register manager = operand(item->context_expr);
    emit(Op::LOAD_SPECIAL, value, manager, 0, kEnter + async);
    emit(Op::LOAD_SPECIAL, exit, manager, 0, kExit + async);
    next_temporary_ = value + 2;
    emit(Op::CALL_METHOD, value, 0, value);
    if (s->is_async) await_value(value, value, 1);
    before = without_deletions({s->body});
    assembler_.open(region);
    blocks_.push_back(block);
    if (item->optional_vars) store(item->optional_vars, value);
  }
  with_stmt(s, index + 1);
  blocks_.pop_back();
  assembler_.close(region);
  assembler_.record(region);
  call_exit(exit, s->is_async, {});
  with_handler(block, region, saved, before);
}

void UnitCompiler::with_handler(const Block& with, Region& region, Register saved, const FlowSet& before) {
  Label end = make_label(), suppressed = make_label();
  jump(end);
  Register exception = region.exception_register;
  start_handler(region, before);
  if (is_reachable_) {
    emit(Op::ENTER_HANDLER, saved, exception);
    Region cleanup;
    cleanup.handler = make_label();
    cleanup.exception_register = exception;
    assembler_.open(cleanup);
    call_exit(with.exit, with.is_async, exception);
    branch(Op::JUMP_IF_TRUE, suppressed, with.exit);
    assembler_.close(cleanup);
    emit(Op::LEAVE_HANDLER, saved);
    emit(Op::RERAISE, exception);
    leave_and_reraise(cleanup, saved, before);
    bind(suppressed);
    emit(Op::LEAVE_HANDLER, saved);
  }
  bind(end);
}

// ---- Names that may become unbound ----

FlowSet UnitCompiler::without_deletions(std::initializer_list<Seq<Stmt*>> bodies, const Try* handlers) {
  FlowSet set = bound_;
  if (!unit_->has_deletions) return set;
  for (Seq<Stmt*> statements : bodies) remove_deleted(statements, set);
  if (handlers)
    for (ExceptHandler* handler : handlers->handlers) {
      if (handler->name) remove_name(handler->name, set);
      remove_deleted(handler->body, set);
    }
  return set;
}

void UnitCompiler::remove_name(Identifier name, FlowSet& set) {
  Symbol* symbol = symbol_of(name);
  if (is_local(symbol)) set.remove(symbol->binding->flow_index);
}

void UnitCompiler::remove_deleted_target(const Expr* target, FlowSet& set) {
  if (!target) return;
  if (is<Name>(target)) remove_name(as<Name>(target)->id, set);
  if (const Seq<Expr*>* items = display_items(target))
    for (Expr* item : *items) remove_deleted_target(item, set);
}

void UnitCompiler::remove_deleted(Seq<Stmt*> statements, FlowSet& set) {
  for (Stmt* s : statements) remove_deleted(s, set);
}

void UnitCompiler::remove_deleted(const Stmt* s, FlowSet& set) {
  switch (s->kind) {
    case StmtKind::Delete:
      for (Expr* target : as<Delete>(s)->targets) remove_deleted_target(target, set);
      return;
    case StmtKind::For:
      remove_deleted(as<For>(s)->body, set);
      return remove_deleted(as<For>(s)->orelse, set);
    case StmtKind::While:
      remove_deleted(as<While>(s)->body, set);
      return remove_deleted(as<While>(s)->orelse, set);
    case StmtKind::If:
      remove_deleted(as<If>(s)->body, set);
      return remove_deleted(as<If>(s)->orelse, set);
    case StmtKind::With: return remove_deleted(as<With>(s)->body, set);
    case StmtKind::Match:
      for (MatchCase* c : as<Match>(s)->cases) remove_deleted(c->body, set);
      return;
    case StmtKind::Try: {
      auto* inner = as<Try>(s);
      remove_deleted(inner->body, set);
      remove_deleted(inner->orelse, set);
      remove_deleted(inner->finalbody, set);
      for (ExceptHandler* handler : inner->handlers) {
        if (handler->name) remove_name(handler->name, set);
        remove_deleted(handler->body, set);
      }
      return;
    }
    default: return;
  }
}

// ---- Imports ----

void UnitCompiler::import_stmt(const Import* s) {
  for (Alias* alias : s->names) {
    Temporaries temporaries(*this);
    Register from = take_temporary();
    Register module = take_temporary();
    emit(Op::LOAD_NONE, from);
    emit(Op::IMPORT_NAME, module, from, assembler_.name_constant(intern(t_, alias->name.view())));
    std::string_view name = alias->name.view();
    if (!alias->asname) {
      store_name(c_.scopes.identifier(name.substr(0, name.find('.'))), module);
      continue;
    }
    // `import a.b.c as m` binds the innermost module.
    for (size_t dot = name.find('.'); dot != name.npos;) {
      size_t next = name.find('.', dot + 1);
      emit(Op::IMPORT_FROM, module, module, assembler_.name_constant(intern(t_, name.substr(dot + 1, next == name.npos ? next : next - dot - 1))));
      dot = next;
    }
    store_name(alias->asname, module);
  }
}

void UnitCompiler::import_from(const ImportFrom* s) {
  std::vector<Value> names;
  for (Alias* alias : s->names) names.push_back(str_value(str_of(alias->name)));
  if (s->level > 255) return error(s->span, "too many dots in a relative import");
  Register from = take_temporary();
  Register module = take_temporary();
  load_value(from, Value::of_object(make_tuple(t_, names.data(), names.size())));
  std::string_view name = s->module ? s->module.view() : std::string_view();
  emit(Op::IMPORT_NAME, module, from, assembler_.name_constant(intern(t_, name)), static_cast<uint8_t>(s->level));
  for (Alias* alias : s->names) {
    if (alias->name.view() == "*") return emit(Op::IMPORT_STAR, module);
    Temporaries temporaries(*this);
    Register value = take_temporary();
    emit(Op::IMPORT_FROM, value, module, name_number(alias->name));
    store_name(alias->asname ? alias->asname : alias->name, value);
  }
}

}  // namespace mini
