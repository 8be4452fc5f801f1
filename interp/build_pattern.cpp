// SPDX-License-Identifier: MIT
//
// The part of AstBuilder that makes match statements and their patterns.
#include <algorithm>
#include <bit>

#include "interp/ast_builder.h"

namespace mini {

using namespace ast;

namespace {

constexpr Identifier kNoName = {nullptr, 0};

uint32_t depth_of(const Pattern* pattern) { return pattern == nullptr ? 0 : pattern->depth; }

uint32_t depth_of(const PatternOperands* items) {
  uint32_t depth = 0;
  if (items == nullptr) return depth;
  for (const PatternOperand& item : *items) depth = std::max<uint32_t>(depth, item.node->depth);
  return depth;
}

Seq<Pattern*> nodes_of(Arena& arena, const PatternOperands* items) {
  std::vector<Pattern*> nodes;
  if (items == nullptr) return {nullptr, 0};
  for (const PatternOperand& item : *items) nodes.push_back(item.node);
  return arena.copy(nodes);
}

uint32_t count_stars(const PatternOperands* items) {
  if (items == nullptr) return 0;
  return static_cast<uint32_t>(std::count_if(items->begin(), items->end(), [](const PatternOperand& item) { return is<MatchStar>(item.node); }));
}

}  // namespace

Stmt* AstBuilder::match(const Token* token, Operand subject, Growing<MatchCase*>* cases) {
  uint32_t depth = depth_of(subject.node);
  for (const MatchCase* match_case : *cases) {
    depth = std::max({depth, mini::depth_of(match_case->pattern), depth_of(match_case->guard)});
    for (const Stmt* stmt : match_case->body) depth = std::max<uint32_t>(depth, stmt->depth);
  }
  uint32_t end = cases->back()->body.back()->span.end;
  return make_stmt<Match>({token->span.begin, end}, depth + 1, subject.node, seq(cases));
}

Operand AstBuilder::match_subject(Operands* items, const Token* comma) {
  if (items->count == 1 && comma == nullptr) {
    if (is<Starred>(items->items[0].node)) fail(items->items[0].node->span, "invalid syntax");
    return items->items[0];
  }
  return comma == nullptr ? bare_tuple(items) : bare_tuple_to(items, comma);
}

MatchCase* AstBuilder::match_case(PatternOperand pattern, Operand guard, Stmts* body) {
  return arena_.make(MatchCase{pattern.node, guard.node, seq(body)});
}

PatternOperand AstBuilder::open_sequence(PatternOperands* items, const Token* comma) {
  PatternOperand first = items->items[0];
  if (items->count == 1 && comma == nullptr) {
    if (is<MatchStar>(first.node)) fail({first.end, first.end + 1}, "invalid syntax");
    return first;
  }
  Span span = {first.begin, comma == nullptr ? items->back().end : comma->span.end};
  if (count_stars(items) > 1) fail(span, "multiple starred names in sequence pattern");
  return whole(make_pattern<MatchSequence>(span, mini::depth_of(items), mini::nodes_of(arena_, items)));
}

PatternOperand AstBuilder::as_pattern(PatternOperand pattern, const Token* name) {
  if (text_of(name) == "_") fail(name->span, "cannot use '_' as a target");
  Span span = {pattern.begin, name->span.end};
  return whole(make_pattern<MatchAs>(span, mini::depth_of(pattern.node), pattern.node, identifier(name)));
}

// `a | b | c` is one node that takes in one alternative after the other; a parenthesised one stays a node of its own.
PatternOperand AstBuilder::or_pattern(PatternOperand left, PatternOperand right) {
  bool is_chain = is<MatchOr>(left.node) && left.begin == left.node->span.begin;
  if (!is_chain) {
    uint32_t depth = std::max(mini::depth_of(left.node), mini::depth_of(right.node));
    Pattern* both[] = {left.node, right.node};
    return whole(make_pattern<MatchOr>({left.begin, right.end}, depth, arena_.copy(both, 2)));
  }
  auto* chain = as<MatchOr>(left.node);
  Growing<Pattern*> patterns = {chain->patterns.items, chain->patterns.count, std::bit_ceil(chain->patterns.count)};
  append(&patterns, right.node);
  chain->patterns = seq(&patterns);
  chain->depth = std::max(chain->depth, depth_over(mini::depth_of(right.node)));
  chain->span.end = right.end;
  return whole(chain);
}

PatternOperand AstBuilder::capture(const Token* name) {
  Identifier id = text_of(name) == "_" ? kNoName : identifier(name);
  return whole(make_pattern<MatchAs>(name->span, 0, static_cast<Pattern*>(nullptr), id));
}

PatternOperand AstBuilder::star_pattern(const Token* star, const Token* name) {
  Identifier id = text_of(name) == "_" ? kNoName : identifier(name);
  return whole(make_pattern<MatchStar>({star->span.begin, name->span.end}, 0, id));
}

PatternOperand AstBuilder::value_pattern(Operand value) {
  if (is<JoinedStr>(value.node)) fail(value.node->span, "patterns may only match literals and attribute lookups");
  return whole(make_pattern<MatchValue>({value.begin, value.end}, depth_of(value.node), value.node));
}

PatternOperand AstBuilder::singleton_pattern(Operand constant) {
  return whole(make_pattern<MatchSingleton>({constant.begin, constant.end}, 0, as<Constant>(constant.node)->constant));
}

Operand AstBuilder::fail_complex_literal(Operand left, const Token* number) {
  fail(number->span, "imaginary number required in complex literal");
  return left;
}

PatternOperand AstBuilder::sequence_pattern(const Token* open, PatternOperands* items, const Token* close) {
  Span span = {open->span.begin, close->span.end};
  if (count_stars(items) > 1) fail(span, "multiple starred names in sequence pattern");
  return whole(make_pattern<MatchSequence>(span, mini::depth_of(items), mini::nodes_of(arena_, items)));
}

// `(p)` only groups; `(p,)` and `(p, q)` are sequences.
PatternOperand AstBuilder::group_pattern(const Token* open, PatternOperands* items, const Token* comma, const Token* close) {
  if (items->count > 1 || comma != nullptr) return sequence_pattern(open, items, close);
  Pattern* pattern = items->items[0].node;
  if (is<MatchStar>(pattern)) fail(close->span, "invalid syntax");
  return {pattern, open->span.begin, close->span.end};
}

PatternOperand AstBuilder::mapping_pattern(const Token* open, Growing<MappingEntry>* entries, const Token* close) {
  auto* keys = empty_list<Expr*>();
  auto* patterns = empty_list<Pattern*>();
  Identifier rest = kNoName;
  uint32_t depth = 0;
  for (const MappingEntry& entry : entries == nullptr ? Growing<MappingEntry>{nullptr, 0, 0} : *entries) {
    if (entry.rest != nullptr) {
      rest = identifier(entry.rest);
      const MappingEntry* next = &entry == &entries->back() ? nullptr : &entry + 1;
      if (next != nullptr) fail(next->rest != nullptr ? next->rest->span : next->key->span, "invalid syntax");  // nothing may follow it
      if (text_of(entry.rest) == "_") fail(entry.rest->span, "invalid syntax");
      continue;
    }
    if (is<JoinedStr>(entry.key)) fail(entry.key->span, "patterns may only match literals and attribute lookups");
    append(keys, entry.key);
    append(patterns, entry.pattern);
    depth = std::max({depth, depth_of(entry.key), mini::depth_of(entry.pattern)});
  }
  return whole(make_pattern<MatchMapping>({open->span.begin, close->span.end}, depth, seq(keys), seq(patterns), rest));
}

PatternOperand AstBuilder::class_pattern(Operand cls, Growing<ClassArgument>* args, const Token* close) {
  auto* positional = empty_list<Pattern*>();
  auto* names = empty_list<Identifier>();
  auto* named = empty_list<Pattern*>();
  uint32_t depth = depth_of(cls.node);
  for (const ClassArgument& argument : args == nullptr ? Growing<ClassArgument>{nullptr, 0, 0} : *args) {
    depth = std::max(depth, mini::depth_of(argument.pattern.node));
    if (argument.name == nullptr) {
      if (names->count > 0) fail({argument.pattern.begin, argument.pattern.end}, "positional patterns follow keyword patterns");
      append(positional, argument.pattern.node);
      continue;
    }
    Identifier id = identifier(argument.name);
    if (std::find(names->begin(), names->end(), id) != names->end()) {
      fail(argument.pattern.node->span, "attribute name repeated in class pattern: " + std::string(id.view()));
    }
    append(names, id);
    append(named, argument.pattern.node);
  }
  Span span = {cls.begin, close->span.end};
  return whole(make_pattern<MatchClass>(span, depth, cls.node, seq(positional), seq(names), seq(named)));
}

}  // namespace mini
