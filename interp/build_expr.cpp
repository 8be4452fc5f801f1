// SPDX-License-Identifier: MIT
//
// The part of AstBuilder that makes expressions. Spans follow CPython: a node covers its operands with their parentheses,
// but not its own.
#include <algorithm>
#include <bit>

#include "interp/ast_builder.h"
#include "interp/unicode_ident.h"

namespace mini {

using namespace ast;

uint16_t AstBuilder::depth_over(uint32_t depth_below) {
  if (depth_below >= kMaxTreeDepth) {
    fail_too_deep();
    return static_cast<uint16_t>(kMaxTreeDepth);
  }
  return static_cast<uint16_t>(depth_below + 1);
}

void AstBuilder::fail_too_deep() {
  diagnostics_.add(DiagnosticKind::RecursionError, {}, "maximum recursion depth exceeded during compilation");
}

uint32_t AstBuilder::depth_of(const Operands* items) {
  uint32_t depth = 0;
  if (items == nullptr) return depth;
  for (const Operand& item : *items) depth = std::max(depth, depth_of(item.node));
  return depth;
}

uint32_t AstBuilder::depth_of(const Clauses* clauses) {
  uint32_t depth = 0;
  for (const Comprehension* clause : *clauses) {
    depth = std::max({depth, depth_of(clause->target), depth_of(clause->iter)});
    for (const Expr* condition : clause->ifs) depth = std::max(depth, depth_of(condition));
  }
  return depth;
}

uint32_t AstBuilder::depth_of(const Growing<Argument>* args) {
  uint32_t depth = 0;
  if (args == nullptr) return depth;
  for (const Argument& argument : *args) depth = std::max(depth, depth_of(argument.value.node));
  return depth;
}

Seq<Expr*> AstBuilder::nodes_of(const Operands* items) {
  if (items == nullptr || items->count == 0) return {nullptr, 0};
  auto* nodes = static_cast<Expr**>(arena_.allocate(sizeof(Expr*) * items->count, alignof(Expr*)));
  for (uint32_t i = 0; i < items->count; ++i) nodes[i] = items->items[i].node;
  return {nodes, items->count};
}

Identifier AstBuilder::identifier(const Token* token) {
  std::string_view spelling = text_of(token);
  bool is_ascii = std::all_of(spelling.begin(), spelling.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return is_ascii ? arena_.intern(spelling) : arena_.intern(normalize_identifier(spelling));
}

// ---- Operators

Operand AstBuilder::name(const Token* token) { return whole(make_expr<Name>(token->span, 0, ExprContext::Load, identifier(token))); }

Operand AstBuilder::binary(Operand left, Operator op, Operand right) {
  uint32_t depth = std::max(depth_of(left.node), depth_of(right.node));
  return whole(make_expr<BinOp>({left.begin, right.end}, depth, left.node, op, right.node));
}

Operand AstBuilder::unary(const Token* token, UnaryOperator op, Operand operand) {
  return whole(make_expr<UnaryOp>({token->span.begin, operand.end}, depth_of(operand.node), op, operand.node));
}

// `a or b or c` becomes one node: an unparenthesised left operand of the same operator takes the new value in. Its value
// list always is the last thing growing, so copying it is left to powers of two.
Operand AstBuilder::boolean(Operand left, BoolOperator op, Operand right) {
  auto* chain = is<BoolOp>(left.node) && !left.node->is_parenthesized ? as<BoolOp>(left.node) : nullptr;
  if (chain == nullptr || chain->op != op) {
    Seq<Expr*> values = arena_.copy(std::initializer_list<Expr*>{left.node, right.node}.begin(), 2);
    uint32_t depth = std::max(depth_of(left.node), depth_of(right.node));
    return whole(make_expr<BoolOp>({left.begin, right.end}, depth, op, values));
  }
  Growing<Expr*> values = {chain->values.items, chain->values.count, std::max(2u, std::bit_ceil(chain->values.count))};
  append(&values, right.node);
  chain->values = {values.items, values.count};
  chain->depth = std::max(chain->depth, depth_over(depth_of(right.node)));
  chain->span.end = right.end;
  return whole(chain);
}

Operand AstBuilder::compare(Operand left, CompareOperator op, Operand right) {
  auto* chain = is<Compare>(left.node) && !left.node->is_parenthesized ? as<Compare>(left.node) : nullptr;
  if (chain == nullptr) {
    uint32_t depth = std::max(depth_of(left.node), depth_of(right.node));
    return whole(make_expr<Compare>({left.begin, right.end}, depth, left.node, arena_.copy(&op, 1), arena_.copy(&right.node, 1)));
  }
  Growing<CompareOperator> ops = {chain->ops.items, chain->ops.count, std::bit_ceil(chain->ops.count)};
  Growing<Expr*> comparators = {chain->comparators.items, chain->comparators.count, std::bit_ceil(chain->comparators.count)};
  append(&ops, op);
  append(&comparators, right.node);
  chain->ops = {ops.items, ops.count};
  chain->comparators = {comparators.items, comparators.count};
  chain->depth = std::max(chain->depth, depth_over(depth_of(right.node)));
  chain->span.end = right.end;
  return whole(chain);
}

Operand AstBuilder::conditional(Operand body, Operand test, Operand orelse) {
  uint32_t depth = std::max({depth_of(body.node), depth_of(test.node), depth_of(orelse.node)});
  return whole(make_expr<IfExp>({body.begin, orelse.end}, depth, test.node, body.node, orelse.node));
}

Operand AstBuilder::lambda(const Token* token, Arguments* params, Operand body) {
  uint32_t depth = std::max(depth_of(params), depth_of(body.node));
  return whole(make_expr<Lambda>({token->span.begin, body.end}, depth, params, body.node));
}

Operand AstBuilder::walrus(Operand target, Operand value) {
  if (!is<Name>(target.node) || target.node->is_parenthesized) {
    fail(target.node->span, std::string("cannot use assignment expressions with ") + expression_name(target.node));
  }
  set_context(target.node, ExprContext::Store);
  uint32_t depth = std::max(depth_of(target.node), depth_of(value.node));
  return whole(make_expr<NamedExpr>({target.begin, value.end}, depth, target.node, value.node));
}

// CPython explains a wrong target everywhere but in a call.
Operand AstBuilder::walrus_argument(Operand target, const Token* token, Operand value) {
  if (!is<Name>(target.node) || target.node->is_parenthesized) fail(token->span, "invalid syntax");
  return walrus(target, value);
}

Operand AstBuilder::await(const Token* token, Operand value) {
  return whole(make_expr<Await>({token->span.begin, value.end}, depth_of(value.node), value.node));
}

Operand AstBuilder::yield(const Token* token, Operand value) {
  return whole(make_expr<Yield>({token->span.begin, value.end}, depth_of(value.node), value.node));
}

Operand AstBuilder::yield_nothing(const Token* token) { return whole(make_expr<Yield>(token->span, 0, static_cast<Expr*>(nullptr))); }

Operand AstBuilder::yield_from(const Token* token, Operand value) {
  return whole(make_expr<YieldFrom>({token->span.begin, value.end}, depth_of(value.node), value.node));
}

Operand AstBuilder::starred(const Token* star, Operand value) {
  return whole(make_expr<Starred>({star->span.begin, value.end}, depth_of(value.node), ExprContext::Load, value.node));
}

// ---- Primaries

Operand AstBuilder::attribute(Operand value, const Token* name) {
  Span span = {value.begin, name->span.end};
  return whole(make_expr<Attribute>(span, depth_of(value.node), ExprContext::Load, value.node, identifier(name), name->span));
}

Operand AstBuilder::subscript(Operand value, Operand slice, const Token* close) {
  uint32_t depth = std::max(depth_of(value.node), depth_of(slice.node));
  return whole(make_expr<Subscript>({value.begin, close->span.end}, depth, ExprContext::Load, value.node, slice.node));
}

// `x[*a]` means `x[(*a,)]`.
Operand AstBuilder::slice_single(Operand item) { return is<Starred>(item.node) ? bare_tuple(list_of(item)) : item; }

Operand AstBuilder::slice(Operand lower, const Token* colon, Operand upper, const Token* second_colon, Operand step) {
  uint32_t begin = lower.node != nullptr ? lower.begin : colon->span.begin;
  uint32_t end = colon->span.end;
  if (upper.node != nullptr) end = upper.end;
  if (second_colon != nullptr) end = second_colon->span.end;
  if (step.node != nullptr) end = step.end;
  uint32_t depth = std::max({depth_of(lower.node), depth_of(upper.node), depth_of(step.node)});
  return whole(make_expr<Slice>({begin, end}, depth, lower.node, upper.node, step.node));
}

// ---- Displays

Expr* AstBuilder::make_tuple(Span span, const Operands* items) {
  return make_expr<Tuple>(span, depth_of(items), ExprContext::Load, nodes_of(items));
}

Operand AstBuilder::bare_tuple(Operands* items) { return whole(make_tuple({items->items[0].begin, items->back().end}, items)); }

Operand AstBuilder::bare_tuple_to(Operands* items, const Token* comma) {
  return whole(make_tuple({items->items[0].begin, comma->span.end}, items));
}

Operand AstBuilder::parenthesized(const Token* open, Operands* items, const Token* comma, const Token* close) {
  Span span = {open->span.begin, close->span.end};
  Expr* node = items->items[0].node;
  if (items->count > 1 || comma != nullptr) {
    node = make_tuple(span, items);
  } else if (is<Starred>(node)) {
    fail(node->span, "cannot use starred expression here");
  }
  node->is_parenthesized = true;
  return {node, span.begin, span.end};
}

Operand AstBuilder::parenthesized_yield(const Token* open, Operand value, const Token* close) {
  value.node->is_parenthesized = true;
  return {value.node, open->span.begin, close->span.end};
}

Operand AstBuilder::empty_tuple(const Token* open, const Token* close) {
  Expr* node = make_tuple({open->span.begin, close->span.end}, nullptr);
  node->is_parenthesized = true;
  return whole(node);
}

Operand AstBuilder::list_display(const Token* open, Operands* items, const Token* close) {
  return whole(make_expr<List>({open->span.begin, close->span.end}, depth_of(items), ExprContext::Load, nodes_of(items)));
}

Operand AstBuilder::set_display(const Token* open, Operands* items, const Token* close) {
  return whole(make_expr<Set>({open->span.begin, close->span.end}, depth_of(items), nodes_of(items)));
}

Operand AstBuilder::dict_display(const Token* open, Growing<DictEntry>* entries, const Token* close) {
  Operands* keys = empty_list<Operand>();
  Operands* values = empty_list<Operand>();
  for (const DictEntry& entry : entries == nullptr ? Growing<DictEntry>{nullptr, 0, 0} : *entries) {
    append(keys, entry.key);
    append(values, entry.value);
  }
  uint32_t depth = std::max(depth_of(keys), depth_of(values));
  return whole(make_expr<Dict>({open->span.begin, close->span.end}, depth, nodes_of(keys), nodes_of(values)));
}

// ---- Comprehensions

Comprehension* AstBuilder::clause(Operand target, Operand iter, Operands* conditions, bool is_async) {
  return arena_.make(Comprehension{to_target(target.node, TargetUse::For), iter.node, nodes_of(conditions), is_async});
}

void AstBuilder::check_comprehension_element(Operand element) {
  if (is<Starred>(element.node)) fail(element.node->span, "iterable unpacking cannot be used in comprehension");
}

Operand AstBuilder::comprehension_over(Span span, ExprKind kind, Operand element, Clauses* clauses) {
  check_comprehension_element(element);
  uint32_t depth = std::max(depth_of(element.node), depth_of(clauses));
  ElementComp base = {{kind, false, depth_over(depth), span}, element.node, seq(clauses)};
  if (kind == ExprKind::ListComp) return whole(arena_.make(ListComp{base}));
  if (kind == ExprKind::SetComp) return whole(arena_.make(SetComp{base}));
  return whole(arena_.make(GeneratorExp{base}));
}

Operand AstBuilder::list_comprehension(const Token* open, Operand element, Clauses* clauses, const Token* close) {
  return comprehension_over({open->span.begin, close->span.end}, ExprKind::ListComp, element, clauses);
}

Operand AstBuilder::set_comprehension(const Token* open, Operand element, Clauses* clauses, const Token* close) {
  return comprehension_over({open->span.begin, close->span.end}, ExprKind::SetComp, element, clauses);
}

// Without brackets the caller sets the span later, to those of the `with` statement around it.
Operand AstBuilder::generator(const Token* open, Operand element, Clauses* clauses, const Token* close) {
  Span span = open == nullptr ? Span{element.begin, element.end} : Span{open->span.begin, close->span.end};
  return comprehension_over(span, ExprKind::GeneratorExp, element, clauses);
}

Operand AstBuilder::dict_comprehension(const Token* open, DictEntry entry, Clauses* clauses, const Token* close) {
  if (entry.stars != nullptr) {
    fail(entry.stars->span, "dict unpacking cannot be used in dict comprehension");
    entry.key = entry.value;
  }
  uint32_t depth = std::max({depth_of(entry.key.node), depth_of(entry.value.node), depth_of(clauses)});
  return whole(make_expr<DictComp>({open->span.begin, close->span.end}, depth, entry.key.node, entry.value.node, seq(clauses)));
}

Operand AstBuilder::fail_bare_target(Operands* items, uint32_t end) {
  fail({items->items[0].begin, end}, "did you forget parentheses around the comprehension target?");
  return items->items[0];
}

// ---- Calls

Argument AstBuilder::argument(ArgumentKind kind, const Token* star, Operand value) {
  uint32_t begin = star == nullptr ? value.begin : star->span.begin;
  if (kind == ArgumentKind::Unpacked) value = starred(star, value);
  return {kind, absent(), value, begin, value.end};
}

Argument AstBuilder::named_argument(Operand name, const Token* equal, Operand value) {
  Span span = {name.node->span.begin, equal->span.end};
  bool is_name = is<Name>(name.node) && !name.node->is_parenthesized;
  ConstantKind constant = is<Constant>(name.node) ? as<Constant>(name.node)->constant : ConstantKind::Int;
  if (constant == ConstantKind::True || constant == ConstantKind::False || constant == ConstantKind::None) {
    fail(span, std::string("cannot assign to ") + expression_name(name.node));
  } else if (!is_name) {
    fail(span, "expression cannot contain assignment, perhaps you meant \"==\"?");
  }
  return {ArgumentKind::Named, name, value, name.begin, value.end};
}

Argument AstBuilder::generator_argument(Operand element, Clauses* clauses) {
  const Comprehension* last = clauses->back();
  const Expr* last_part = last->ifs.empty() ? last->iter : last->ifs.back();
  Operand value = generator(nullptr, element, clauses, nullptr);
  value.node->span.end = last_part->span.end;
  return {ArgumentKind::Generator, absent(), value, element.begin, last_part->span.end};
}

Argument AstBuilder::fail_named_generator(Operand name, const Token* equal, Operand value) {
  fail({name.begin, equal->span.end}, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?");
  return {ArgumentKind::Named, name, value, name.begin, value.end};
}

Argument AstBuilder::fail_starred_generator(const Token* star, Operand value) {
  fail({star->span.begin, value.end}, "iterable unpacking cannot be used in comprehension");
  return argument(ArgumentKind::Unpacked, star, value);
}

// The order of arguments.
void AstBuilder::check_arguments(Growing<Argument>* args, const Token* close) {
  bool has_named = false, has_double = false;
  for (uint32_t i = 0; i < args->count; ++i) {
    const Argument& argument = args->items[i];
    if (argument.kind == ArgumentKind::Named) {
      has_named = true;
    } else if (argument.kind == ArgumentKind::DoubleUnpacked) {
      has_double = true;
    } else if (argument.kind == ArgumentKind::Unpacked) {
      if (has_double) fail({argument.begin, argument.begin + 1}, "iterable argument unpacking follows keyword argument unpacking");
    } else if (has_named || has_double) {
      fail(close->span, has_double ? "positional argument follows keyword argument unpacking" : "positional argument follows keyword argument");
    }
  }
}

// `f(x for x in y)`: the call's parentheses are the generator's own, when it is the only argument.
void AstBuilder::check_generators(Growing<Argument>* args, const Token* open, const Token* close, bool has_trailing_comma) {
  for (Argument& argument : *args) {
    if (argument.kind != ArgumentKind::Generator) continue;
    if (args->count > 1 || has_trailing_comma) fail({argument.begin, argument.end}, "Generator expression must be parenthesized");
    argument.value.node->span = {open->span.begin, close->span.end};
  }
}

void AstBuilder::split_arguments(Growing<Argument>* args, Seq<Expr*>& positional, Seq<Keyword*>& keywords) {
  Operands* values = empty_list<Operand>();
  auto* named = empty_list<Keyword*>();
  for (const Argument& argument : *args) {
    if (argument.kind == ArgumentKind::Named || argument.kind == ArgumentKind::DoubleUnpacked) {
      bool has_name = argument.kind == ArgumentKind::Named && is<Name>(argument.name.node);
      Identifier name = has_name ? as<Name>(argument.name.node)->id : Identifier{nullptr, 0};
      append(named, arena_.make(Keyword{{argument.begin, argument.end}, name, argument.value.node}));
    } else {
      append(values, argument.value);
    }
  }
  positional = nodes_of(values);
  keywords = seq(named);
}

Operand AstBuilder::call(Operand func, const Token* open, Growing<Argument>* args, const Token* close, bool has_trailing_comma) {
  Seq<Expr*> positional = {nullptr, 0};
  Seq<Keyword*> keywords = {nullptr, 0};
  if (args != nullptr) {
    check_generators(args, open, close, has_trailing_comma);
    check_arguments(args, close);
    split_arguments(args, positional, keywords);
  }
  uint32_t depth = std::max(depth_of(func.node), depth_of(args));
  return whole(make_expr<Call>({func.begin, close->span.end}, depth, func.node, positional, keywords));
}

}  // namespace mini
