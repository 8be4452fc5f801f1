// SPDX-License-Identifier: MIT
//
// The part of AstBuilder that makes statements and parameters. A statement's span ends with its last statement inside,
// not with the line.
#include <algorithm>

#include "interp/ast_builder.h"

namespace mini {

using namespace ast;

namespace {

uint32_t end_of(const Stmts* body) { return body->back()->span.end; }

Expr* node_or_null(Operand operand) { return operand.node; }

// The end of the last part that is there.
uint32_t end_of_last(std::initializer_list<const Stmts*> parts) {
  uint32_t end = 0;
  for (const Stmts* part : parts) {
    if (part != nullptr) end = end_of(part);
  }
  return end;
}

}  // namespace

uint32_t AstBuilder::depth_of(const Stmts* body) {
  uint32_t depth = 0;
  if (body == nullptr) return depth;
  for (const Stmt* stmt : *body) depth = std::max<uint32_t>(depth, stmt->depth);
  return depth;
}

uint32_t AstBuilder::depth_of(const Arguments* params) {
  uint32_t depth = 0;
  auto look_at = [&](const Arg* arg) { depth = std::max(depth, arg == nullptr ? 0 : depth_of(arg->annotation)); };
  for (const auto& list : {params->posonlyargs, params->args, params->kwonlyargs}) {
    for (const Arg* arg : list) look_at(arg);
  }
  look_at(params->vararg);
  look_at(params->kwarg);
  for (const Expr* value : params->kw_defaults) depth = std::max(depth, depth_of(value));
  for (const Expr* value : params->defaults) depth = std::max(depth, depth_of(value));
  return depth;
}

// ---- The root

void AstBuilder::reject(const Token* token) {
  if (rejected_ == nullptr) rejected_ = token;
}

void AstBuilder::finish_module(Stmts* body) { module_ = arena_.make(Module{ModuleKind::Module, seq(body), nullptr}); }

void AstBuilder::finish_interactive(Stmts* body, bool is_compound) {
  has_compound_ = is_compound;
  module_ = arena_.make(Module{ModuleKind::Interactive, seq(body), nullptr});
}

void AstBuilder::finish_expression(Operand value) {
  module_ = arena_.make(Module{ModuleKind::Expression, {nullptr, 0}, value.node});
}

Stmts* AstBuilder::append_all(Stmts* list, Stmts* more) {
  for (Stmt* stmt : *more) append(list, stmt);
  return list;
}

// ---- Simple statements

Stmt* AstBuilder::expression_statement(Operand value) {
  return make_stmt<ExprStmt>({value.begin, value.end}, depth_of(value.node), value.node);
}

Stmt* AstBuilder::assign(Operands* chain) {
  Operand value = chain->back();
  uint32_t depth = depth_of(chain);
  Operands targets = {chain->items, chain->count - 1, chain->count - 1};
  for (const Operand& target : targets) {
    bool is_bare_yield = (is<Yield>(target.node) || is<YieldFrom>(target.node)) && !target.node->is_parenthesized;
    if (is_bare_yield) fail(target.node->span, "assignment to yield expression not possible");
    if (Expr* invalid = invalid_target(target.node, TargetUse::Assign)) {
      fail_assign_target(target.node, invalid, value.node, targets.count == 1);
    } else {
      to_target(target.node, TargetUse::Assign);
    }
  }
  return make_stmt<Assign>({chain->items[0].begin, value.end}, depth, nodes_of(&targets), value.node);
}

Stmt* AstBuilder::augmented_assign(Operand target, Operator op, Operand value) {
  bool is_simple = is<Name>(target.node) || is<Attribute>(target.node) || is<Subscript>(target.node);
  if (!is_simple) {
    fail(target.node->span, std::string("'") + expression_name(target.node) + "' is an illegal expression for augmented assignment");
  }
  set_context(target.node, ExprContext::Store);
  uint32_t depth = std::max(depth_of(target.node), depth_of(value.node));
  return make_stmt<AugAssign>({target.begin, value.end}, depth, target.node, op, value.node);
}

Stmt* AstBuilder::annotated_assign(Operand target, Operand annotation, Operand value) {
  Expr* node = target.node;
  bool is_target = is<Name>(node) || is<Attribute>(node) || is<Subscript>(node);
  if (is<Tuple>(node) || is<List>(node)) {
    bool is_bare = is<Tuple>(node) && !node->is_parenthesized;
    Span span = is_bare ? as<Tuple>(node)->elts[0]->span : node->span;
    fail(span, std::string("only single target (not ") + expression_name(node) + ") can be annotated");
  } else if (!is_target) {
    fail(node->span, "illegal target for annotation");
  }
  set_context(node, ExprContext::Store);
  uint32_t end = value.node != nullptr ? value.end : annotation.end;
  uint32_t depth = std::max({depth_of(node), depth_of(annotation.node), depth_of(value.node)});
  bool is_simple = is<Name>(node) && !node->is_parenthesized;
  return make_stmt<AnnAssign>({target.begin, end}, depth, node, annotation.node, value.node, is_simple);
}

Stmt* AstBuilder::pass(const Token* token) { return make_stmt<Pass>(token->span, 0); }

Stmt* AstBuilder::break_(const Token* token) { return make_stmt<Break>(token->span, 0); }

Stmt* AstBuilder::continue_(const Token* token) { return make_stmt<Continue>(token->span, 0); }

Stmt* AstBuilder::return_(const Token* token, Operand value) {
  uint32_t end = value.node == nullptr ? token->span.end : value.end;
  return make_stmt<Return>({token->span.begin, end}, depth_of(value.node), value.node);
}

Stmt* AstBuilder::raise(const Token* token, Operand exc, Operand cause) {
  uint32_t end = exc.node == nullptr ? token->span.end : cause.node == nullptr ? exc.end : cause.end;
  uint32_t depth = std::max(depth_of(exc.node), depth_of(cause.node));
  return make_stmt<Raise>({token->span.begin, end}, depth, exc.node, cause.node);
}

// `del a, b` deletes two targets, `del (a, b)` one tuple.
Stmt* AstBuilder::del(const Token* token, Operand targets) {
  Span span = {token->span.begin, targets.end};
  Seq<Expr*> nodes = arena_.copy(&targets.node, 1);
  if (is<Tuple>(targets.node) && !targets.node->is_parenthesized) nodes = as<Tuple>(targets.node)->elts;
  for (Expr* node : nodes) to_target(node, TargetUse::Del);
  return make_stmt<Delete>(span, depth_of(targets.node), nodes);
}

Stmt* AstBuilder::assert_(const Token* token, Operand test, Operand msg) {
  uint32_t end = msg.node == nullptr ? test.end : msg.end;
  uint32_t depth = std::max(depth_of(test.node), depth_of(msg.node));
  return make_stmt<Assert>({token->span.begin, end}, depth, test.node, msg.node);
}

Stmt* AstBuilder::global(const Token* token, Growing<const Token*>* names) {
  auto* identifiers = empty_list<Identifier>();
  for (const Token* name : *names) append(identifiers, identifier(name));
  return make_stmt<Global>({token->span.begin, names->back()->span.end}, 0, seq(identifiers));
}

Stmt* AstBuilder::nonlocal(const Token* token, Growing<const Token*>* names) {
  auto* identifiers = empty_list<Identifier>();
  for (const Token* name : *names) append(identifiers, identifier(name));
  return make_stmt<Nonlocal>({token->span.begin, names->back()->span.end}, 0, seq(identifiers));
}

// ---- Imports

DottedName AstBuilder::dotted(const Token* name) { return {identifier(name), name->span.begin, name->span.end}; }

DottedName AstBuilder::longer_dotted(DottedName left, const Token* name) {
  std::string spelling = std::string(left.name.view()) + "." + std::string(identifier(name).view());
  return {arena_.intern(spelling), left.begin, name->span.end};
}

Alias* AstBuilder::alias(DottedName name, const Token* asname) {
  uint32_t end = asname == nullptr ? name.end : asname->span.end;
  return arena_.make(Alias{{name.begin, end}, name.name, asname == nullptr ? Identifier{nullptr, 0} : identifier(asname)});
}

Alias* AstBuilder::alias_star(const Token* star) { return arena_.make(Alias{star->span, arena_.intern("*"), {nullptr, 0}}); }

Growing<Alias*>* AstBuilder::fail_trailing_comma(Growing<Alias*>* names, const Token* comma) {
  fail({comma->span.end, comma->span.end}, "trailing comma not allowed without surrounding parentheses");
  return names;
}

Stmt* AstBuilder::import(const Token* token, Growing<Alias*>* names) {
  return make_stmt<Import>({token->span.begin, names->back()->span.end}, 0, seq(names));
}

Stmt* AstBuilder::import_from(const Token* token, uint32_t level, DottedName module, Growing<Alias*>* names, const Token* close) {
  uint32_t end = close == nullptr ? names->back()->span.end : close->span.end;
  return make_stmt<ImportFrom>({token->span.begin, end}, 0, module.name, seq(names), level);
}

// ---- Compound statements

// Each elif is an If alone in the else branch of the one before it.
Stmt* AstBuilder::if_(const Token* token, Operand test, Stmts* body, Growing<ElifClause>* elifs, Stmts* orelse) {
  uint32_t end = orelse != nullptr ? end_of(orelse) : elifs->count > 0 ? end_of(elifs->back().body) : end_of(body);
  Seq<Stmt*> rest = seq(orelse);
  uint32_t depth = depth_of(orelse);
  for (uint32_t i = elifs->count; i-- > 0;) {
    const ElifClause& clause = elifs->items[i];
    depth = std::max({depth, depth_of(clause.test.node), depth_of(clause.body)});
    Stmt* node = make_stmt<If>({clause.keyword->span.begin, end}, depth, node_or_null(clause.test), seq(clause.body), rest);
    rest = arena_.copy(&node, 1);
    depth = node->depth;
  }
  depth = std::max({depth, depth_of(test.node), depth_of(body)});
  return make_stmt<If>({token->span.begin, end}, depth, test.node, seq(body), rest);
}

Stmt* AstBuilder::while_(const Token* token, Operand test, Stmts* body, Stmts* orelse) {
  uint32_t depth = std::max({depth_of(test.node), depth_of(body), depth_of(orelse)});
  return make_stmt<While>({token->span.begin, end_of_last({body, orelse})}, depth, test.node, seq(body), seq(orelse));
}

Stmt* AstBuilder::for_(const Token* token, Operand target, Operand iter, Stmts* body, Stmts* orelse) {
  uint32_t depth = std::max({depth_of(target.node), depth_of(iter.node), depth_of(body), depth_of(orelse)});
  Expr* node = to_target(target.node, TargetUse::For);
  Span span = {token->span.begin, end_of_last({body, orelse})};
  return make_stmt<For>(span, depth, node, iter.node, seq(body), seq(orelse), false);
}

ExceptHandler* AstBuilder::handler(const Token* token, const Token* star, Operand type, const Token* name, Stmts* body) {
  Identifier id = name == nullptr ? Identifier{nullptr, 0} : identifier(name);
  return arena_.make(ExceptHandler{{token->span.begin, end_of(body)}, type.node, id, seq(body), star != nullptr});
}

Stmt* AstBuilder::try_(const Token* token, Stmts* body, Growing<ExceptHandler*>* handlers, Stmts* orelse, Stmts* finalbody) {
  uint32_t depth = std::max({depth_of(body), depth_of(orelse), depth_of(finalbody)});
  uint32_t end = end_of(body);
  bool is_star = handlers != nullptr && handlers->items[0]->is_star;
  for (ExceptHandler* handler : handlers == nullptr ? Growing<ExceptHandler*>{nullptr, 0, 0} : *handlers) {
    Span keyword = {handler->span.begin, handler->span.begin + 6};
    if (handler->is_star != is_star) fail(keyword, "cannot have both 'except' and 'except*' on the same 'try'");
    depth = std::max(depth, depth_of(handler->type));
    for (const Stmt* stmt : handler->body) depth = std::max<uint32_t>(depth, stmt->depth);
    end = handler->span.end;
  }
  end = std::max(end, end_of_last({orelse, finalbody}));
  return make_stmt<Try>({token->span.begin, end}, depth + 1, seq(body), seq(handlers), seq(orelse), seq(finalbody), is_star);
}

WithItem* AstBuilder::with_item(Operand value, Operand target) {
  Expr* node = target.node == nullptr ? nullptr : to_target(target.node, TargetUse::Assign);
  return arena_.make(WithItem{value.node, node});
}

Stmt* AstBuilder::with(const Token* token, Growing<WithItem*>* items, Stmts* body) {
  uint32_t depth = depth_of(body);
  for (const WithItem* item : *items) depth = std::max({depth, depth_of(item->context_expr), depth_of(item->optional_vars)});
  return make_stmt<With>({token->span.begin, end_of(body)}, depth, seq(items), seq(body), false);
}

WithElement AstBuilder::with_element_as(Operand value, Operand target) {
  return {value, to_target(target.node, TargetUse::Assign), false};
}

// What stands in the parentheses is one expression, such as `(x for x in y)`, `(a := b)` or `(*a, b)`.
Expr* AstBuilder::with_as_expression(const Token* open, Growing<WithElement>* elements, const Token* comma, const Token* close) {
  if (elements == nullptr) return empty_tuple(open, close).node;
  Operands* items = empty_list<Operand>();
  for (const WithElement& element : *elements) {
    bool is_bare_generator = element.is_only_expression && (elements->count > 1 || comma != nullptr);
    if (element.target != nullptr || is_bare_generator) fail(element.value.node->span, "invalid syntax");
    append(items, element.value);
  }
  Operand value = parenthesized(open, items, comma, close);
  if (elements->items[0].is_only_expression) value.node->span = {open->span.begin, close->span.end};
  return value.node;
}

Stmt* AstBuilder::with_parenthesized(const Token* token, const Token* open, Growing<WithElement>* elements, const Token* comma,
                                     const Token* close, Stmts* body) {
  bool is_expression = elements == nullptr;
  auto* items = empty_list<WithItem*>();
  for (const WithElement& element : elements == nullptr ? Growing<WithElement>{nullptr, 0, 0} : *elements) {
    const Expr* node = element.value.node;
    bool is_loose = is<Starred>(node) || (is<NamedExpr>(node) && !node->is_parenthesized);
    is_expression = is_expression || element.is_only_expression || is_loose;
    append(items, arena_.make(WithItem{element.value.node, element.target}));
  }
  if (is_expression) items = list_of(arena_.make(WithItem{with_as_expression(open, elements, comma, close), nullptr}));
  return with(token, items, body);
}

Stmt* AstBuilder::function(const Token* token, const Token* name, Arguments* params, Operand returns, Stmts* body) {
  uint32_t depth = std::max({depth_of(params), depth_of(returns.node), depth_of(body)});
  Seq<Expr*> no_decorators = {nullptr, 0};
  Identifier id = identifier(name);
  return make_stmt<FunctionDef>({token->span.begin, end_of(body)}, depth, id, params, seq(body), no_decorators, returns.node, false);
}

Stmt* AstBuilder::class_(const Token* token, const Token* name, Growing<Argument>* args, const Token* close, Stmts* body) {
  Seq<Expr*> bases = {nullptr, 0}, no_decorators = {nullptr, 0};
  Seq<Keyword*> keywords = {nullptr, 0};
  if (args != nullptr) {
    for (const Argument& argument : *args) {
      if (argument.kind == ArgumentKind::Generator) fail({argument.begin, argument.end}, "invalid syntax");
    }
    check_arguments(args, close);
    split_arguments(args, bases, keywords);
  }
  uint32_t depth = std::max(depth_of(args), depth_of(body));
  Identifier id = identifier(name);
  return make_stmt<ClassDef>({token->span.begin, end_of(body)}, depth, id, bases, keywords, seq(body), no_decorators);
}

Stmt* AstBuilder::async(const Token* token, Stmt* stmt) {
  stmt->span.begin = token->span.begin;
  if (is<FunctionDef>(stmt)) as<FunctionDef>(stmt)->is_async = true;
  if (is<For>(stmt)) as<For>(stmt)->is_async = true;
  if (is<With>(stmt)) as<With>(stmt)->is_async = true;
  return stmt;
}

Stmt* AstBuilder::decorate(Operands* decorators, Stmt* stmt) {
  stmt->depth = std::max(stmt->depth, depth_over(depth_of(decorators)));
  if (is<FunctionDef>(stmt)) {
    as<FunctionDef>(stmt)->decorator_list = nodes_of(decorators);
  } else {
    as<ClassDef>(stmt)->decorator_list = nodes_of(decorators);
  }
  return stmt;
}

// ---- Parameters

Parameter AstBuilder::parameter(ParameterKind kind, const Token* token, Operand annotation, Operand default_value) {
  bool is_named = kind != ParameterKind::Slash && kind != ParameterKind::BareStar;
  Arg* arg = nullptr;
  if (is_named) {
    uint32_t end = annotation.node == nullptr ? token->span.end : annotation.end;
    Identifier id = identifier(token);
    arg = arena_.make(Arg{{token->span.begin, end}, id, annotation.node});
  }
  return {kind, arg, default_value.node, token};
}

// `*args` and `**kwargs`: messages point at the star.
Parameter AstBuilder::starred_parameter(ParameterKind kind, const Token* star, const Token* name, Operand annotation) {
  Parameter item = parameter(kind, name, annotation, absent());
  item.token = star;
  return item;
}

// The order of parameters: plain ones, at most one `/` after some of them, at most one star, then `**` last.
void AstBuilder::check_parameters(Growing<Parameter>* items) {
  bool has_slash = false, has_star = false, has_default = false;
  for (uint32_t i = 0; i < items->count; ++i) {
    const Parameter& item = items->items[i];
    Span span = item.token->span;
    bool is_star = item.kind == ParameterKind::Star || item.kind == ParameterKind::BareStar;
    if (i > 0 && items->items[i - 1].kind == ParameterKind::DoubleStar) fail(span, "arguments cannot follow var-keyword argument");
    if (item.kind == ParameterKind::Slash) {
      if (i == 0) fail(span, items->count == 1 ? "invalid syntax" : "at least one argument must precede /");
      if (has_slash) fail(span, "/ may appear only once");
      if (has_star) fail(span, "/ must be ahead of *");
      has_slash = true;
    } else if (is_star) {
      if (has_star) fail(span, "* argument may appear only once");
      bool is_last = i + 1 == items->count || items->items[i + 1].kind == ParameterKind::DoubleStar;
      if (item.kind == ParameterKind::BareStar && is_last) fail(span, "named arguments must follow bare *");
      has_star = true;
    } else if (item.kind == ParameterKind::Plain && !has_star) {
      if (has_default && item.default_value == nullptr) fail(span, "non-default argument follows default argument");
      has_default = has_default || item.default_value != nullptr;
    }
  }
}

Arguments* AstBuilder::parameters(Growing<Parameter>* items) {
  auto* posonly = empty_list<Arg*>();
  auto* plain = empty_list<Arg*>();
  auto* kwonly = empty_list<Arg*>();
  auto* defaults = empty_list<Expr*>();
  auto* kw_defaults = empty_list<Expr*>();
  Arg* vararg = nullptr;
  Arg* kwarg = nullptr;
  bool has_star = false;
  if (items != nullptr) check_parameters(items);
  for (const Parameter& item : items == nullptr ? Growing<Parameter>{nullptr, 0, 0} : *items) {
    switch (item.kind) {
      case ParameterKind::Slash: std::swap(posonly, plain); break;
      case ParameterKind::BareStar: has_star = true; break;
      case ParameterKind::Star: has_star = true; vararg = item.arg; break;
      case ParameterKind::DoubleStar: kwarg = item.arg; break;
      case ParameterKind::Plain:
        append(has_star ? kwonly : plain, item.arg);
        if (has_star) append(kw_defaults, item.default_value);
        if (!has_star && item.default_value != nullptr) append(defaults, item.default_value);
        break;
    }
  }
  return arena_.make(Arguments{seq(posonly), seq(plain), vararg, seq(kwonly), seq(kw_defaults), kwarg, seq(defaults)});
}

}  // namespace mini
