// SPDX-License-Identifier: MIT
// Two passes. ScopeBuilder walks the tree once, in CPython's order, makes scopes and collects what happens to each
// name. Then every symbol is resolved from the outside in: found in its own scope, in an enclosing function, or global.
//
// Errors of the first kind (declarations) come before those of the second (misplaced statements), as CPython finds
// the former in its symbol table and the latter while compiling.

#include "interp/scopes.h"

#include <fmt/core.h>

#include <unordered_set>

namespace mini {

using namespace ast;

Symbol* Scope::find(Identifier mangled) const {
  auto it = by_name.find(mangled.text);
  return it == by_name.end() ? nullptr : it->second;
}

Identifier Scopes::mangle(const Scope* scope, Identifier name) const {
  if (!scope->private_class) return name;
  std::string_view text = name.view();
  if (!text.starts_with("__") || text.ends_with("__") || text.find('.') != text.npos) return name;
  std::string_view owner = scope->private_class.view();
  size_t underscores = owner.find_first_not_of('_');
  if (underscores == owner.npos) return name;
  return arena_.intern(fmt::format("_{}{}", owner.substr(underscores), text));
}

// What a break, continue or return would have to leave.
enum class Enclosing : uint8_t { Loop, StarHandler };

class ScopeBuilder {
 public:
  ScopeBuilder(Scopes& scopes, Diagnostics& diagnostics) : s_(scopes), diagnostics_(diagnostics) {}

  bool build(const Module& module, Span whole) {
    s_.root_ = enter(ScopeKind::Module, {}, &module, whole);
    read_future_imports(module);
    if (module.kind == ModuleKind::Expression) expr(module.expression);
    else body(module.body);
    leave();
    if (!diagnostics_.has_error()) resolve(s_.root_);
    if (diagnostics_.has_error()) diagnostics_.mark_without_arguments();
    else if (late_.has_error()) diagnostics_.add(late_.first());
    if (diagnostics_.has_error()) diagnostics_.mark_late();
    return !diagnostics_.has_error();
  }

 private:
  // ---- Scopes and symbols ----

  Scope* enter(ScopeKind kind, Identifier name, const void* node, Span span) {
    Scope& scope = s_.scopes_.emplace_back();
    scope.kind = kind;
    scope.name = name;
    scope.node = node;
    scope.span = span;
    scope.parent = scope_;
    scope.unit = kind == ScopeKind::Comprehension ? scope_->unit : &scope;
    scope.private_class = kind == ScopeKind::Class ? name : scope_ ? scope_->private_class : Identifier{};
    if (scope_) scope_->children.push_back(&scope);
    s_.by_node_[node] = &scope;
    scope_ = &scope;
    enclosing_stack_.push_back(std::move(enclosing_));
    enclosing_.clear();
    return scope_;
  }

  void leave() {
    scope_ = scope_->parent;
    enclosing_ = std::move(enclosing_stack_.back());
    enclosing_stack_.pop_back();
  }

  void error(Span span, std::string message) { diagnostics_.syntax_error(span, std::move(message)); }
  void late_error(Span span, std::string message) { late_.syntax_error(span, std::move(message)); }

  Symbol* symbol_in(Scope* scope, Identifier mangled) {
    Symbol*& place = scope->by_name[mangled.text];
    if (!place) {
      place = &s_.symbols_.emplace_back();
      *place = {};
      place->name = mangled;
      place->scope = scope;
      scope->symbols.push_back(place);
    }
    return place;
  }

  Symbol* add(Scope* scope, Identifier mangled, uint16_t flags) {
    Symbol* symbol = symbol_in(scope, mangled);
    bool was_bound = symbol->flags & (kSymbolAssigned | kSymbolParameter);
    symbol->flags |= flags;
    if (!was_bound && (flags & (kSymbolAssigned | kSymbolParameter))) scope->bindings.push_back(symbol);
    return symbol;
  }

  // All calls of locals() and the like in one function give the same dict: a variable of the runtime's own holds it.
  void keep_locals() {
    scope_->unit->reads_all_locals = true;
    if (scope_->unit->is_function()) add(scope_->unit, s_.arena_.intern(".locals"), kSymbolAssigned);
  }

  void use(Identifier name) {
    add(scope_, s_.mangle(scope_, name), kSymbolUsed);
    std::string_view text = name.view();
    if (text == "super" && scope_->is_function()) add(scope_, s_.arena_.intern("__class__"), kSymbolUsed);
    if (text == "dir") scope_->unit->reads_all_locals = true;
    if (text == "locals" || text == "vars" || text == "eval" || text == "exec") keep_locals();
  }

  void bind(Identifier name, Span span) {
    if (name.view() == "__debug__") late_error(span, "cannot assign to __debug__");
    uint16_t flags = kSymbolAssigned | kSymbolRebound;
    Identifier mangled = s_.mangle(scope_, name);
    if (is_iteration_target_) {
      Symbol* symbol = symbol_in(scope_, mangled);
      if (symbol->flags & (kSymbolGlobal | kSymbolNonlocal)) {
        error(span, fmt::format("comprehension inner loop cannot rebind assignment expression target '{}'", name.view()));
        return;
      }
      flags |= kSymbolIteration;
    }
    only_imported_.erase(add(scope_, mangled, flags));
  }

  // ---- Statements ----

  void body(Seq<Stmt*> statements) {
    for (Stmt* statement : statements) stmt(statement);
  }

  void loop_body(Seq<Stmt*> statements) {
    enclosing_.push_back(Enclosing::Loop);
    body(statements);
    enclosing_.pop_back();
  }

  void stmt(const Stmt* s) {
    switch (s->kind) {
      case StmtKind::FunctionDef: return function_def(as<FunctionDef>(s));
      case StmtKind::ClassDef: return class_def(as<ClassDef>(s));
      case StmtKind::Return: return return_stmt(as<Return>(s));
      case StmtKind::Delete:
        for (Expr* target : as<Delete>(s)->targets) expr(target);
        return;
      case StmtKind::Assign: {
        auto* assign = as<Assign>(s);
        for (Expr* target : assign->targets) expr(target);
        return expr(assign->value);
      }
      case StmtKind::AugAssign: {
        auto* assign = as<AugAssign>(s);
        augmented_ = assign->target;
        expr(assign->target);
        return expr(assign->value);
      }
      case StmtKind::AnnAssign: return annotated_assign(as<AnnAssign>(s));
      case StmtKind::For: {
        auto* loop = as<For>(s);
        if (loop->is_async) require_async(s->span, "async for");
        expr(loop->target);
        expr(loop->iter);
        loop_body(loop->body);
        return body(loop->orelse);
      }
      case StmtKind::While: {
        auto* loop = as<While>(s);
        expr(loop->test);
        loop_body(loop->body);
        return body(loop->orelse);
      }
      case StmtKind::If: {
        auto* branch = as<If>(s);
        expr(branch->test);
        body(branch->body);
        return body(branch->orelse);
      }
      case StmtKind::With: {
        auto* with = as<With>(s);
        if (with->is_async) require_async(s->span, "async with");
        for (WithItem* item : with->items) {
          expr(item->context_expr);
          expr(item->optional_vars);
        }
        return body(with->body);
      }
      case StmtKind::Match: return match_stmt(as<Match>(s));
      case StmtKind::Raise:
        expr(as<Raise>(s)->exc);
        return expr(as<Raise>(s)->cause);
      case StmtKind::Try: return try_stmt(as<Try>(s));
      case StmtKind::Assert:
        s_.doubts_.look_at(as<Assert>(s));
        expr(as<Assert>(s)->test);
        return expr(as<Assert>(s)->msg);
      case StmtKind::Import:
        for (Alias* alias : as<Import>(s)->names) import_alias(alias, s->span);
        return;
      case StmtKind::ImportFrom:
        if (is_future_import(s) && s->span.begin >= end_of_future_imports_) late_error(s->span, "from __future__ imports must occur at the beginning of the file");
        for (Alias* alias : as<ImportFrom>(s)->names) {
          if (alias->name.view() == "*") {
            if (scope_->kind != ScopeKind::Module) error(alias->span, "import * only allowed at module level");
          } else {
            import_alias(alias, s->span);
          }
        }
        return;
      case StmtKind::Global:
        for (Identifier name : as<Global>(s)->names) declare(name, s->span, kSymbolGlobal, "global");
        return;
      case StmtKind::Nonlocal:
        for (Identifier name : as<Nonlocal>(s)->names) declare(name, s->span, kSymbolNonlocal, "nonlocal");
        return;
      case StmtKind::ExprStmt: return expr(as<ExprStmt>(s)->value);
      case StmtKind::Pass: return;
      case StmtKind::Break: return leave_loop(s->span, "'break' outside loop");
      case StmtKind::Continue: return leave_loop(s->span, "'continue' not properly in loop");
    }
  }

  void function_def(const FunctionDef* def) {
    bind(def->name, def->span);
    defaults_and_annotations(def->args, def->returns);
    for (Expr* decorator : def->decorator_list) expr(decorator);
    Scope* scope = enter(ScopeKind::Function, def->name, def, def->span);
    scope->is_async = def->is_async;
    parameters(def->args);
    body(def->body);
    leave();
  }

  void class_def(const ClassDef* def) {
    bind(def->name, def->span);
    for (Expr* base : def->bases) expr(base);
    keywords(def->keywords, def->span);
    for (Expr* decorator : def->decorator_list) expr(decorator);
    enter(ScopeKind::Class, def->name, def, def->span);
    body(def->body);
    leave();
  }

  void defaults_and_annotations(const Arguments* args, const Expr* returns) {
    for (Expr* value : args->defaults) expr(value);
    for (Expr* value : args->kw_defaults) expr(value);
    for (Arg* arg : args->posonlyargs) expr(arg->annotation);
    for (Arg* arg : args->args) expr(arg->annotation);
    if (args->vararg) expr(args->vararg->annotation);
    for (Arg* arg : args->kwonlyargs) expr(arg->annotation);
    if (args->kwarg) expr(args->kwarg->annotation);
    expr(returns);
  }

  void parameter(const Arg* arg) {
    Identifier mangled = s_.mangle(scope_, arg->name);
    Symbol* symbol = scope_->find(mangled);
    if (symbol && (symbol->flags & kSymbolParameter)) {
      error(arg->span, fmt::format("duplicate argument '{}' in function definition", arg->name.view()));
      return;
    }
    if (arg->name.view() == "__debug__") late_error(scope_->span, "cannot assign to __debug__");
    add(scope_, mangled, kSymbolParameter);
  }

  // In the order of their registers.
  void parameters(const Arguments* args) {
    for (Arg* arg : args->posonlyargs) parameter(arg);
    for (Arg* arg : args->args) parameter(arg);
    for (Arg* arg : args->kwonlyargs) parameter(arg);
    if (args->vararg) parameter(args->vararg);
    if (args->kwarg) parameter(args->kwarg);
  }

  void return_stmt(const Return* s) {
    if (!scope_->is_function()) late_error(s->span, "'return' outside function");
    for (Enclosing outer : enclosing_)
      if (outer == Enclosing::StarHandler) late_error(s->value && is<Constant>(s->value) ? s->value->span : s->span, "'break', 'continue' and 'return' cannot appear in an except* block");
    if (s->value && scope_->is_async) returns_with_value_.push_back({scope_, s->span});
    expr(s->value);
  }

  void leave_loop(Span span, const char* message) {
    if (enclosing_.empty()) return late_error(span, message);
    if (enclosing_.back() == Enclosing::StarHandler)
      late_error(span, "'break', 'continue' and 'return' cannot appear in an except* block");
  }

  void require_async(Span span, const char* what) {
    if (scope_->kind != ScopeKind::Function || !scope_->is_async) late_error(span, fmt::format("'{}' outside async function", what));
  }

  void annotated_assign(const AnnAssign* s) {
    if (is<Name>(s->target)) {
      auto* target = as<Name>(s->target);
      Identifier mangled = s_.mangle(scope_, target->id);
      Symbol* symbol = symbol_in(scope_, mangled);
      if ((symbol->flags & (kSymbolGlobal | kSymbolNonlocal)) && scope_ != s_.root_ && s->is_simple) {
        error(s->span, fmt::format("annotated name '{}' can't be {}", target->id.view(),
                                   symbol->flags & kSymbolGlobal ? "global" : "nonlocal"));
        return;
      }
      if (s->is_simple) {
        bind(target->id, s->value ? target->span : s->span);
        symbol->flags |= kSymbolAnnotated;
      } else if (s->value) {
        bind(target->id, target->span);
      }
    } else {
      expr(s->target);
    }
    if (s->is_simple && !scope_->is_function()) scope_->has_annotations = true;
    expr(s->annotation);
    expr(s->value);
  }

  void declare(Identifier name, Span span, SymbolFlags flag, const char* word) {
    Identifier mangled = s_.mangle(scope_, name);
    Symbol* symbol = symbol_in(scope_, mangled);
    const char* problem = nullptr;
    if (symbol->flags & kSymbolParameter) problem = "name '{}' is parameter and {}";
    else if (symbol->flags & kSymbolUsed) problem = "name '{}' is used prior to {} declaration";
    else if (symbol->flags & kSymbolAnnotated) problem = "annotated name '{}' can't be {}";
    else if (symbol->flags & kSymbolAssigned && !only_imported_.contains(symbol)) problem = "name '{}' is assigned to before {} declaration";
    if (problem) return error(span, fmt::format(fmt::runtime(problem), name.view(), word));
    if (!directive_spans_.contains(symbol)) directive_spans_[symbol] = span;
    symbol->flags |= flag;
    if (flag == kSymbolGlobal) declared_global_.insert(mangled.text);
  }

  void import_alias(const Alias* alias, Span statement) {
    std::string_view name = alias->asname ? alias->asname.view() : alias->name.view();
    if (!alias->asname) name = name.substr(0, name.find('.'));
    Identifier id = s_.arena_.intern(name);
    Symbol* symbol = symbol_in(scope_, s_.mangle(scope_, id));
    bool was_bound_otherwise = symbol->flags & kSymbolAssigned && !only_imported_.contains(symbol);
    bind(id, statement);
    if (!was_bound_otherwise) only_imported_.insert(symbol);
  }

  void try_stmt(const Try* s) {
    body(s->body);
    for (uint32_t i = 0; i < s->handlers.count; ++i) {
      const ExceptHandler* handler = s->handlers[i];
      if (!handler->type && i + 1 < s->handlers.count) late_error(handler->span, "default 'except:' must be last");
      expr(handler->type);
      if (handler->name) {
        bind(handler->name, handler->span);
        scope_->unit->has_deletions = true;
      }
      if (s->is_star) enclosing_.push_back(Enclosing::StarHandler);
      body(handler->body);
      if (s->is_star) enclosing_.pop_back();
    }
    body(s->orelse);
    body(s->finalbody);
  }

  void match_stmt(const Match* s) {
    expr(s->subject);
    for (MatchCase* c : s->cases) {
      pattern(c->pattern);
      expr(c->guard);
      body(c->body);
    }
  }

  void pattern(const Pattern* p) {
    if (!p) return;
    switch (p->kind) {
      case PatternKind::MatchValue: return expr(as<MatchValue>(p)->value);
      case PatternKind::MatchSingleton: return;
      case PatternKind::MatchSequence:
        for (Pattern* item : as<MatchSequence>(p)->patterns) pattern(item);
        return;
      case PatternKind::MatchMapping: {
        auto* mapping = as<MatchMapping>(p);
        for (Expr* key : mapping->keys) expr(key);
        for (Pattern* item : mapping->patterns) pattern(item);
        if (mapping->rest) bind(mapping->rest, p->span);
        return;
      }
      case PatternKind::MatchClass: {
        auto* instance = as<MatchClass>(p);
        expr(instance->cls);
        for (Pattern* item : instance->patterns) pattern(item);
        for (Pattern* item : instance->kwd_patterns) pattern(item);
        return;
      }
      case PatternKind::MatchStar:
        if (as<MatchStar>(p)->name) bind(as<MatchStar>(p)->name, p->span);
        return;
      case PatternKind::MatchAs:
        pattern(as<MatchAs>(p)->pattern);
        if (as<MatchAs>(p)->name) bind(as<MatchAs>(p)->name, p->span);
        return;
      case PatternKind::MatchOr:
        for (Pattern* item : as<MatchOr>(p)->patterns) pattern(item);
        return;
    }
  }

  // ---- Expressions ----

  void all(Seq<Expr*> items) {
    for (Expr* item : items) expr(item);
  }

  void keywords(Seq<Keyword*> items, Span call) {
    for (uint32_t i = 0; i < items.count; ++i) {
      const Keyword* keyword = items[i];
      if (keyword->name) {
        if (keyword->name.view() == "__debug__") late_error(call, "cannot assign to __debug__");
        for (uint32_t k = 0; k < i && i < 300; ++k)
          if (items[k]->name == keyword->name)
            late_error(keyword->span, fmt::format("keyword argument repeated: {}", keyword->name.view()));
      }
      expr(keyword->value);
    }
  }

  void expr(const Expr* e) {
    if (!e) return;
    s_.doubts_.look_at(e);
    switch (e->kind) {
      case ExprKind::BoolOp: return all(as<BoolOp>(e)->values);
      case ExprKind::NamedExpr: return named_expr(as<NamedExpr>(e));
      case ExprKind::BinOp:
        expr(as<BinOp>(e)->left);
        return expr(as<BinOp>(e)->right);
      case ExprKind::UnaryOp: return expr(as<UnaryOp>(e)->operand);
      case ExprKind::Lambda: {
        auto* lambda = as<Lambda>(e);
        defaults_and_annotations(lambda->args, nullptr);
        enter(ScopeKind::Lambda, {}, e, e->span);
        parameters(lambda->args);
        expr(lambda->body);
        return leave();
      }
      case ExprKind::IfExp:
        expr(as<IfExp>(e)->test);
        expr(as<IfExp>(e)->body);
        return expr(as<IfExp>(e)->orelse);
      case ExprKind::Dict: {
        auto* dict = as<Dict>(e);
        for (uint32_t i = 0; i < dict->values.count; ++i) {
          expr(dict->keys[i]);
          expr(dict->values[i]);
        }
        return;
      }
      case ExprKind::Set: return all(as<Set>(e)->elts);
      case ExprKind::ListComp:
      case ExprKind::SetComp:
      case ExprKind::GeneratorExp: {
        auto* comp = as<ElementComp>(e);
        return comprehension(e, comp->elt, nullptr, comp->generators);
      }
      case ExprKind::DictComp: {
        auto* comp = as<DictComp>(e);
        return comprehension(e, comp->key, comp->value, comp->generators);
      }
      case ExprKind::Await: return await_expr(as<Await>(e));
      case ExprKind::Yield: return yield_expr(e, as<Yield>(e)->value, false);
      case ExprKind::YieldFrom: return yield_expr(e, as<YieldFrom>(e)->value, true);
      case ExprKind::Compare:
        expr(as<Compare>(e)->left);
        return all(as<Compare>(e)->comparators);
      case ExprKind::Call:
        expr(as<Call>(e)->func);
        all(as<Call>(e)->args);
        return keywords(as<Call>(e)->keywords, e->span);
      case ExprKind::FormattedValue:
        expr(as<FormattedValue>(e)->value);
        return expr(as<FormattedValue>(e)->format_spec);
      case ExprKind::JoinedStr: return all(as<JoinedStr>(e)->values);
      case ExprKind::Constant: return;
      case ExprKind::Attribute: {
        auto* attribute = as<Attribute>(e);
        std::string_view name = attribute->attr.view();
        // CPython lets augmented assignments and deletions through.
        if (attribute->context == ExprContext::Store && name == "__debug__" && e != augmented_) late_error(e->span, "cannot assign to __debug__");
        if (name == "_getframe" || name == "currentframe") scope_->unit->reads_all_locals = true;
        return expr(attribute->value);
      }
      case ExprKind::Subscript:
        expr(as<Subscript>(e)->value);
        return expr(as<Subscript>(e)->slice);
      case ExprKind::Starred: return expr(as<Starred>(e)->value);
      case ExprKind::Name: return name(as<Name>(e));
      case ExprKind::List: return all(as<List>(e)->elts);
      case ExprKind::Tuple: return all(as<ast::Tuple>(e)->elts);
      case ExprKind::Slice:
        expr(as<ast::Slice>(e)->lower);
        expr(as<ast::Slice>(e)->upper);
        return expr(as<ast::Slice>(e)->step);
    }
  }

  void name(const Name* e) {
    if (e->context == ExprContext::Load) return use(e->id);
    if (e->context == ExprContext::Del) {
      if (e->id.view() == "__debug__") late_error(e->span, "cannot delete __debug__");
      add(scope_, s_.mangle(scope_, e->id), kSymbolAssigned | kSymbolRebound);
      scope_->unit->has_deletions = true;
      return;
    }
    bind(e->id, e->span);
  }

  void named_expr(const NamedExpr* e) {
    scope_->unit->has_walrus = true;
    auto* target = as<Name>(e->target);
    if (iterable_depth_ > 0) {
      error(e->span, "assignment expression cannot be used in a comprehension iterable expression");
      return;
    }
    if (scope_->is_comprehension() && !bind_outside_comprehensions(target)) return;
    expr(e->value);
    bind(target->id, target->span);
  }

  // The target of `:=` in a comprehension belongs to the function around it.
  bool bind_outside_comprehensions(const Name* target) {
    for (Scope* outer = scope_; outer; outer = outer->parent) {
      Identifier mangled = s_.mangle(outer, target->id);
      if (outer->is_comprehension()) {
        Symbol* symbol = outer->find(mangled);
        if (symbol && (symbol->flags & kSymbolIteration)) {
          error(target->span, fmt::format("assignment expression cannot rebind comprehension iteration variable '{}'", target->id.view()));
          return false;
        }
        continue;
      }
      if (outer->kind == ScopeKind::Class) {
        error(target->span, "assignment expression within a comprehension cannot be used in a class body");
        return false;
      }
      Symbol* symbol = symbol_in(outer, mangled);
      bool is_global = outer->kind == ScopeKind::Module || (symbol->flags & kSymbolGlobal);
      add(scope_, mangled, is_global ? kSymbolGlobal : kSymbolNonlocal);
      if (outer->kind != ScopeKind::Module) {
        add(outer, mangled, kSymbolAssigned | kSymbolRebound);
        outer->unit->has_walrus = true;
      }
      return true;
    }
    return true;
  }

  void await_expr(const Await* e) {
    const Scope* scope = scope_;
    if (!scope->is_function()) late_error(e->span, "'await' outside function");
    else if (!scope->is_async && !scope->is_comprehension()) late_error(e->span, "'await' outside async function");
    if (scope_->is_comprehension()) scope_->is_async = true;
    expr(e->value);
  }

  void yield_expr(const Expr* e, const Expr* value, bool is_from) {
    if (scope_->is_comprehension()) {
      const char* kind = "generator expression";
      switch (static_cast<const Expr*>(scope_->node)->kind) {
        case ExprKind::ListComp: kind = "list comprehension"; break;
        case ExprKind::SetComp: kind = "set comprehension"; break;
        case ExprKind::DictComp: kind = "dict comprehension"; break;
        default: break;
      }
      error(e->span, fmt::format("'yield' inside {}", kind));
      return;
    }
    if (!scope_->is_function()) late_error(e->span, "'yield' outside function");
    else if (is_from && scope_->is_async) late_error(e->span, "'yield from' inside async function");
    scope_->has_yield = true;
    expr(value);
  }

  void comprehension(const Expr* e, const Expr* element, const Expr* value, Seq<Comprehension*> generators) {
    ++iterable_depth_;
    expr(generators[0]->iter);
    --iterable_depth_;
    bool is_generator = e->kind == ExprKind::GeneratorExp;
    uint32_t saved_depth = iterable_depth_;
    Scope* outer = scope_;
    Scope* scope = enter(is_generator ? ScopeKind::Generator : ScopeKind::Comprehension, {}, e, e->span);
    for (uint32_t i = 0; i < generators.count; ++i) {
      const Comprehension* generator = generators[i];
      if (generator->is_async) scope->is_async = true;
      bool saved = is_iteration_target_;
      is_iteration_target_ = true;
      expr(generator->target);
      is_iteration_target_ = saved;
      if (i > 0) {
        ++iterable_depth_;
        expr(generator->iter);
        --iterable_depth_;
      }
      all(generator->ifs);
    }
    expr(value);
    expr(element);
    iterable_depth_ = saved_depth;
    leave();
    if (scope->is_async && !is_generator) {
      if (outer->is_comprehension()) outer->is_async = true;
      else if (!outer->is_async || outer->kind != ScopeKind::Function)
        late_error(e->span, "asynchronous comprehension outside of an asynchronous function");
    }
  }

  // ---- `from __future__ import` ----

  static bool is_future_import(const Stmt* s) {
    if (!is<ImportFrom>(s) || as<ImportFrom>(s)->level > 0 || !as<ImportFrom>(s)->module) return false;
    return as<ImportFrom>(s)->module.view() == "__future__";
  }

  void future_error(Span span, std::string message) {
    Diagnostic error;
    error.span = span;
    error.message = std::move(message);
    error.has_end = false;
    diagnostics_.add(std::move(error));
  }

  void read_future_imports(const Module& module) {
    if (module.kind == ModuleKind::Expression) return;
    bool may_come = true;
    bool is_first = true;
    for (Stmt* s : module.body) {
      if (is_future_import(s)) {
        if (!may_come) return;   // its statement finds that out
        future_names(as<ImportFrom>(s));
        end_of_future_imports_ = s->span.end;
      } else {
        bool is_docstring = is_first && is<ExprStmt>(s) && is<Constant>(as<ExprStmt>(s)->value) &&
                            as<Constant>(as<ExprStmt>(s)->value)->constant == ConstantKind::Str;
        if (!is_docstring) may_come = false;
      }
      is_first = false;
    }
  }

  void future_names(const ImportFrom* s) {
    static constexpr std::string_view kKnown[] = {"nested_scopes", "generators", "division", "absolute_import", "with_statement",
                                                  "print_function", "unicode_literals", "barry_as_FLUFL", "generator_stop"};
    for (Alias* alias : s->names) {
      std::string_view name = alias->name.view();
      if (name == "annotations") {
        s_.has_future_annotations_ = true;
        continue;
      }
      bool is_known = false;
      for (std::string_view known : kKnown) is_known |= known == name;
      if (name == "braces") future_error(s->span, "not a chance");
      else if (!is_known) future_error(s->span, fmt::format("future feature {} is not defined", name));
    }
  }

  // ---- Resolution ----

  // Where a name that `scope` does not bind itself is bound, looking outwards from its parent; null: global.
  Symbol* find_binding(const Scope* scope, Identifier mangled) {
    bool is_class_cell = mangled.view() == "__class__";
    for (Scope* outer = scope->parent; outer && outer->kind != ScopeKind::Module; outer = outer->parent) {
      if (outer->kind == ScopeKind::Class) {
        if (is_class_cell) return class_cell(outer, mangled);
        continue;
      }
      Symbol* symbol = outer->find(mangled);
      if (!symbol) continue;
      if (symbol->is_bound_here()) return symbol;
      if (symbol->flags & kSymbolGlobal) return nullptr;
    }
    return nullptr;
  }

  Symbol* class_cell(Scope* scope, Identifier name) {
    if (!scope->class_cell) {
      Symbol& symbol = s_.symbols_.emplace_back();
      symbol = {};
      symbol.name = name;
      symbol.scope = scope;
      symbol.flags = kSymbolAssigned;
      symbol.reach = Reach::Local;
      symbol.is_captured = true;
      symbol.binding = &symbol;
      scope->class_cell = &symbol;
    }
    return scope->class_cell;
  }

  void reach_binding(Symbol* symbol, Symbol* binding) {
    symbol->binding = binding;
    Scope* home = binding->scope->unit;
    if (symbol->scope->unit == home) {
      symbol->reach = Reach::Local;
      return;
    }
    symbol->reach = Reach::Free;
    binding->is_captured = true;
    for (Scope* unit = symbol->scope->unit; unit != home; unit = unit->parent->unit) {
      bool is_known = false;
      for (Symbol* known : unit->free) is_known |= known == binding;
      if (!is_known) unit->free.push_back(binding);
    }
  }

  void resolve_symbol(Symbol* symbol) {
    Scope* scope = symbol->scope;
    Reach unbound = scope->is_function() ? Reach::Global : Reach::Namespace;
    if ((symbol->flags & kSymbolGlobal) && (symbol->flags & kSymbolNonlocal))
      return error(directive_spans_[symbol], fmt::format("name '{}' is nonlocal and global", symbol->name.view()));
    // A name that some function declares global is one for the module's own code as well: exec() with locals of its own
    // must bind it where that function looks.
    bool is_global_below = scope->kind == ScopeKind::Module && declared_global_.contains(symbol->name.text);
    if (symbol->flags & kSymbolGlobal || is_global_below) {
      symbol->reach = Reach::Global;
    } else if (symbol->flags & kSymbolNonlocal) {
      if (scope->kind == ScopeKind::Module) return error(directive_spans_[symbol], "nonlocal declaration not allowed at module level");
      Symbol* binding = find_binding(scope, symbol->name);
      if (!binding) return error(directive_spans_[symbol], fmt::format("no binding for nonlocal '{}' found", symbol->name.view()));
      reach_binding(symbol, binding);
    } else if (symbol->is_bound_here()) {
      symbol->reach = scope->is_function() ? Reach::Local : Reach::Namespace;
      symbol->binding = symbol;
      if (scope->is_function()) symbol->flow_index = scope->unit->flow_count++;
    } else if (Symbol* binding = find_binding(scope, symbol->name)) {
      reach_binding(symbol, binding);
    } else {
      symbol->reach = unbound;
    }
  }

  void resolve(Scope* scope) {
    for (size_t i = 0; i < scope->symbols.size(); ++i) {
      resolve_symbol(scope->symbols[i]);
      if (diagnostics_.has_error()) return;
    }
    for (auto& [owner, span] : returns_with_value_)
      if (owner == scope && scope->has_yield) late_error(span, "'return' with value in async generator");
    for (Scope* child : scope->children) {
      resolve(child);
      if (diagnostics_.has_error()) return;
    }
  }

  Scopes& s_;
  Diagnostics& diagnostics_;
  Diagnostics late_;
  Scope* scope_ = nullptr;
  const Expr* augmented_ = nullptr;   // the target of the augmented assignment that is being walked
  std::vector<Enclosing> enclosing_;
  std::vector<std::vector<Enclosing>> enclosing_stack_;
  std::vector<std::pair<Scope*, Span>> returns_with_value_;
  std::unordered_map<Symbol*, Span> directive_spans_;
  std::unordered_set<const char*> declared_global_;   // by mangled name, anywhere
  std::unordered_set<Symbol*> only_imported_;   // a `global` may still follow
  uint32_t end_of_future_imports_ = 0;
  bool is_iteration_target_ = false;
  uint32_t iterable_depth_ = 0;
};

bool Scopes::build(const Module& module, Span whole, Diagnostics& diagnostics) {
  return ScopeBuilder(*this, diagnostics).build(module, whole);
}

bool contains_walrus(const Expr* e) {
  if (!e) return false;
  auto any = [](Seq<Expr*> items) {
    for (Expr* item : items)
      if (contains_walrus(item)) return true;
    return false;
  };
  auto any_generator = [](Seq<Comprehension*> generators) {
    for (Comprehension* g : generators) {
      if (contains_walrus(g->iter)) return true;
      for (Expr* condition : g->ifs)
        if (contains_walrus(condition)) return true;
    }
    return false;
  };
  switch (e->kind) {
    case ExprKind::NamedExpr: return true;
    case ExprKind::Lambda: case ExprKind::Constant: case ExprKind::Name: return false;
    case ExprKind::BoolOp: return any(as<BoolOp>(e)->values);
    case ExprKind::BinOp: return contains_walrus(as<BinOp>(e)->left) || contains_walrus(as<BinOp>(e)->right);
    case ExprKind::UnaryOp: return contains_walrus(as<UnaryOp>(e)->operand);
    case ExprKind::IfExp:
      return contains_walrus(as<IfExp>(e)->test) || contains_walrus(as<IfExp>(e)->body) || contains_walrus(as<IfExp>(e)->orelse);
    case ExprKind::Dict: return any(as<Dict>(e)->keys) || any(as<Dict>(e)->values);
    case ExprKind::Set: return any(as<Set>(e)->elts);
    case ExprKind::ListComp: case ExprKind::SetComp: case ExprKind::GeneratorExp:
      return contains_walrus(as<ElementComp>(e)->elt) || any_generator(as<ElementComp>(e)->generators);
    case ExprKind::DictComp:
      return contains_walrus(as<DictComp>(e)->key) || contains_walrus(as<DictComp>(e)->value) || any_generator(as<DictComp>(e)->generators);
    case ExprKind::Await: return contains_walrus(as<Await>(e)->value);
    case ExprKind::Yield: return contains_walrus(as<Yield>(e)->value);
    case ExprKind::YieldFrom: return contains_walrus(as<YieldFrom>(e)->value);
    case ExprKind::Compare: return contains_walrus(as<Compare>(e)->left) || any(as<Compare>(e)->comparators);
    case ExprKind::Call: {
      auto* call = as<Call>(e);
      for (Keyword* keyword : call->keywords)
        if (contains_walrus(keyword->value)) return true;
      return contains_walrus(call->func) || any(call->args);
    }
    case ExprKind::FormattedValue: return contains_walrus(as<FormattedValue>(e)->value) || contains_walrus(as<FormattedValue>(e)->format_spec);
    case ExprKind::JoinedStr: return any(as<JoinedStr>(e)->values);
    case ExprKind::Attribute: return contains_walrus(as<Attribute>(e)->value);
    case ExprKind::Subscript: return contains_walrus(as<Subscript>(e)->value) || contains_walrus(as<Subscript>(e)->slice);
    case ExprKind::Starred: return contains_walrus(as<Starred>(e)->value);
    case ExprKind::List: return any(as<List>(e)->elts);
    case ExprKind::Tuple: return any(as<ast::Tuple>(e)->elts);
    case ExprKind::Slice:
      return contains_walrus(as<ast::Slice>(e)->lower) || contains_walrus(as<ast::Slice>(e)->upper) || contains_walrus(as<ast::Slice>(e)->step);
  }
  return false;
}

namespace {

std::string scope_title(const Scope& scope) {
  switch (scope.kind) {
    case ScopeKind::Module: return "module";
    case ScopeKind::Class: return fmt::format("class {}", scope.name.view());
    case ScopeKind::Function: return fmt::format("{}function {}", scope.is_async ? "async " : "", scope.name.view());
    case ScopeKind::Lambda: return "lambda";
    case ScopeKind::Comprehension: return scope.is_async ? "async comprehension" : "comprehension";
    case ScopeKind::Generator: return scope.is_async ? "async generator expression" : "generator expression";
  }
  return "";
}

std::string symbol_text(const Symbol& symbol) {
  std::string text(symbol.name.view());
  switch (symbol.reach) {
    case Reach::Local: text += symbol.binding->scope == symbol.scope ? ": local" : ": local of the unit"; break;
    case Reach::Free: text += ": free"; break;
    case Reach::Global: text += symbol.flags & kSymbolGlobal ? ": global, declared" : ": global"; break;
    case Reach::Namespace: text += ": namespace"; break;
  }
  if (symbol.binding == &symbol && symbol.is_captured) text += ", cell";
  if (symbol.flags & kSymbolParameter) text += ", parameter";
  if (symbol.flags & kSymbolNonlocal) text += ", nonlocal";
  if (symbol.flags & kSymbolIteration) text += ", iteration";
  if (symbol.flags & kSymbolAnnotated) text += ", annotated";
  return text;
}

void dump_scope(const Scope& scope, int depth, std::string& out) {
  std::string indent(static_cast<size_t>(depth) * 2, ' ');
  out += indent + scope_title(scope);
  if (scope.has_yield) out += ", generator";
  if (!scope.free.empty()) {
    out += ", captures";
    for (Symbol* symbol : scope.free) out += fmt::format(" {}", symbol->name.view());
  }
  out += '\n';
  for (Symbol* symbol : scope.symbols) out += fmt::format("{}  {}\n", indent, symbol_text(*symbol));
  if (scope.class_cell) out += fmt::format("{}  __class__: cell of the class\n", indent);
  for (Scope* child : scope.children) dump_scope(*child, depth + 1, out);
}

}  // namespace

std::string dump_scopes(const Scopes& scopes) {
  std::string out;
  dump_scope(*scopes.root(), 0, out);
  return out;
}

}  // namespace mini
