// SPDX-License-Identifier: MIT
// Part of UnitCompiler: statements, branches, loops and imports. See compiler.h for the rules. Assignment and what leaves blocks
// (try, with, return) have files of their own.

#include <fmt/core.h>

#include "interp/compiler.h"
#include "runtime/interpreter.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {

using namespace ast;

namespace {

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
