// SPDX-License-Identifier: MIT
// Part of UnitCompiler: leaving blocks, try, raise, with, and names that a block may unbind. See compiler.h for the rules.
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

#include "interp/compile_parts.h"
#include "interp/compiler.h"
#include "runtime/interpreter.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {

using namespace ast;

namespace {

constexpr uint8_t kEnter = 0, kExit = 1;         // LOAD_SPECIAL's x; the asynchronous ones are 2 more
constexpr uint8_t kAsync = 2;

}  // namespace

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
    {
      At at(*this, value->span);
      jump_if(conditional->test, otherwise, false);
    }
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

namespace {

// The comparison that the condition of a jump ends with, or null: an AssertionError stands at it, as in CPython.
const Expr* last_comparison(const Expr* test) {
  const Expr* last = nullptr;
  auto look_at = [&](const Expr* part) {
    if (const Expr* found = last_comparison(part)) last = found;
  };
  if (is<Compare>(test)) return test;
  if (is<ast::UnaryOp>(test) && as<ast::UnaryOp>(test)->op == UnaryOperator::Not) look_at(as<ast::UnaryOp>(test)->operand);
  if (is<BoolOp>(test))
    for (const Expr* value : as<BoolOp>(test)->values) look_at(value);
  if (is<IfExp>(test))
    for (const Expr* part : {as<IfExp>(test)->test, as<IfExp>(test)->body, as<IfExp>(test)->orelse}) look_at(part);
  return last;
}

}  // namespace

void UnitCompiler::assert_stmt(const Assert* s) {
  Label end = make_label();
  jump_if(s->test, end, true);
  const Expr* comparison = last_comparison(s->test);
  At at(*this, comparison ? comparison->span : s->span);
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
  if (is_async) await_value(base, base, 2 + kAwaitsCall);
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
    if (s->is_async) await_value(value, value, 1 + kAwaitsCall);
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

}  // namespace mini
