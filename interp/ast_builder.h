// SPDX-License-Identifier: MIT
#pragma once

// What the grammar's actions call: each function makes one node from its parts, with its span and depth, and checks the
// rules that the grammar is too wide for (assignment targets, argument order, parameter order). A violation goes to the
// diagnostics; the node is made all the same, and the parser stops before its next token.
//
// The generated parser moves its values with memcpy, so everything that crosses is trivially copyable: raw pointers into the
// arena, and the small structs below.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "interp/arena.h"
#include "interp/ast.h"
#include "interp/diagnostics.h"
#include "interp/lexer.h"
#include "interp/string_literals.h"

namespace mini {

// A list that still grows, in the arena.
template <class T>
struct Growing {
  T* items;
  uint32_t count;
  uint32_t capacity;

  T* begin() const { return items; }
  T* end() const { return items + count; }
  T& back() const { return items[count - 1]; }
};

// An expression and the text it takes up, parentheses included: those belong to the span of whatever is built around it,
// but not to its own.
struct Operand {
  ast::Expr* node;
  uint32_t begin;
  uint32_t end;
};

struct PatternOperand {
  ast::Pattern* node;
  uint32_t begin;
  uint32_t end;
};

struct DottedName {
  Identifier name;
  uint32_t begin;
  uint32_t end;
};

// The tokens of a joined string: "a" 'b'.
struct StringRun {
  const Token* first;
  uint32_t count;
};

struct DictEntry {
  Operand key;  // a null node for `**value`
  Operand value;
  const Token* stars;
};

enum class ArgumentKind : uint8_t { Positional, Generator, Named, Unpacked, DoubleUnpacked };

struct Argument {
  ArgumentKind kind;
  Operand name;  // Named only
  Operand value;
  uint32_t begin;
  uint32_t end;
};

enum class ParameterKind : uint8_t { Plain, Star, BareStar, DoubleStar, Slash };

struct Parameter {
  ParameterKind kind;
  ast::Arg* arg;              // null for `*` and `/`
  ast::Expr* default_value;   // or null
  const Token* token;         // its first: the name, star or slash
};

struct ElifClause {
  const Token* keyword;
  Operand test;
  Growing<ast::Stmt*>* body;
};

struct MappingEntry {
  ast::Expr* key;         // null for `**rest`
  ast::Pattern* pattern;  // null for `**rest`
  const Token* rest;
};

struct ClassArgument {
  const Token* name;  // null for a positional pattern
  PatternOperand pattern;
};

// One element of `with ( ... )`, which may turn out to be with-items or one parenthesised expression.
struct WithElement {
  Operand value;
  ast::Expr* target;  // or null
  bool is_only_expression;
};

using Operands = Growing<Operand>;
using Stmts = Growing<ast::Stmt*>;
using PatternOperands = Growing<PatternOperand>;
using Clauses = Growing<ast::Comprehension*>;

enum class TargetUse : uint8_t { Assign, For, Del };

class AstBuilder {
 public:
  // `prefix` comes before every message: "f-string: " for an expression inside one.
  AstBuilder(const Source& source, Arena& arena, Diagnostics& diagnostics, std::string prefix)
      : source_(source), arena_(arena), diagnostics_(diagnostics), prefix_(std::move(prefix)) {}

  ast::Module* module() const { return module_; }
  // The token that the grammar could not take; null when every token so far was good.
  const Token* rejected() const { return rejected_; }
  bool has_compound() const { return has_compound_; }

  // ---- Called by the parser itself
  void reject(const Token* token);
  void fail_too_deep();
  void finish_module(Stmts* body);
  void finish_interactive(Stmts* body, bool is_compound);
  void finish_expression(Operand value);

  // ---- Lists
  template <class T>
  Growing<T>* empty_list() {
    return arena_.make(Growing<T>{nullptr, 0, 0});
  }
  template <class T>
  Growing<T>* append(Growing<T>* list, T item);
  template <class T>
  Growing<T>* list_of(T item) {
    return append(empty_list<T>(), item);
  }
  Stmts* append_all(Stmts* list, Stmts* more);

  // ---- Expressions
  Operand name(const Token* token);
  Operand number(const Token* token);
  Operand strings(StringRun run);
  // For the reader of f-strings.
  ast::Constant* string_constant(Span span, ast::ConstantKind kind, std::string_view value, bool has_u_prefix);
  ast::Expr* formatted_value(Span span, Operand value, ast::Conversion conversion, ast::Expr* format_spec);
  ast::Expr* joined_string(Span span, const std::vector<ast::Expr*>& values);
  // Parses part of the text as the expression of a replacement field; a null node after an error.
  Operand parse_fragment(Span fragment);
  StringRun string_run(const Token* token) { return {token, 1}; }
  StringRun longer_run(StringRun run) { return {run.first, run.count + 1}; }
  Operand constant(const Token* token, ast::ConstantKind kind);
  Operand binary(Operand left, ast::Operator op, Operand right);
  Operand unary(const Token* token, ast::UnaryOperator op, Operand operand);
  Operand boolean(Operand left, ast::BoolOperator op, Operand right);
  Operand compare(Operand left, ast::CompareOperator op, Operand right);
  Operand conditional(Operand body, Operand test, Operand orelse);
  Operand lambda(const Token* token, ast::Arguments* params, Operand body);
  Operand walrus(Operand target, Operand value);
  Operand walrus_argument(Operand target, const Token* token, Operand value);
  Operand await(const Token* token, Operand value);
  Operand yield(const Token* token, Operand value);
  Operand yield_nothing(const Token* token);
  Operand yield_from(const Token* token, Operand value);
  Operand starred(const Token* star, Operand value);
  Operand attribute(Operand value, const Token* name);
  Operand subscript(Operand value, Operand slice, const Token* close);
  Operand slice(Operand lower, const Token* colon, Operand upper, const Token* second_colon, Operand step);
  Operand absent() { return {nullptr, 0, 0}; }
  Operand slice_single(Operand item);
  Operand call(Operand func, const Token* open, Growing<Argument>* args, const Token* close, bool has_trailing_comma);
  // `a, b` and `a,` without parentheses.
  Operand bare_tuple(Operands* items);
  Operand bare_tuple_to(Operands* items, const Token* comma);
  // `( ... )`: a group for one item without a comma, else a tuple.
  Operand parenthesized(const Token* open, Operands* items, const Token* comma, const Token* close);
  Operand parenthesized_yield(const Token* open, Operand value, const Token* close);
  Operand empty_tuple(const Token* open, const Token* close);
  Operand list_display(const Token* open, Operands* items, const Token* close);
  Operand set_display(const Token* open, Operands* items, const Token* close);
  Operand dict_display(const Token* open, Growing<DictEntry>* entries, const Token* close);
  Operand list_comprehension(const Token* open, Operand element, Clauses* clauses, const Token* close);
  Operand set_comprehension(const Token* open, Operand element, Clauses* clauses, const Token* close);
  Operand dict_comprehension(const Token* open, DictEntry entry, Clauses* clauses, const Token* close);
  Operand generator(const Token* open, Operand element, Clauses* clauses, const Token* close);
  Operand fail_bare_target(Operands* items, uint32_t end);
  Operand comprehension_over(Span span, ast::ExprKind kind, Operand element, Clauses* clauses);
  ast::Comprehension* clause(Operand target, Operand iter, Operands* conditions, bool is_async);
  Argument argument(ArgumentKind kind, const Token* star, Operand value);
  Argument named_argument(Operand name, const Token* equal, Operand value);
  Argument generator_argument(Operand element, Clauses* clauses);
  Argument fail_named_generator(Operand name, const Token* equal, Operand value);
  Argument fail_starred_generator(const Token* star, Operand value);
  DictEntry dict_entry(Operand key, Operand value) { return {key, value, nullptr}; }
  DictEntry dict_unpacking(const Token* stars, Operand value) { return {absent(), value, stars}; }

  // ---- Parameters
  Parameter parameter(ParameterKind kind, const Token* token, Operand annotation, Operand default_value);
  Parameter starred_parameter(ParameterKind kind, const Token* star, const Token* name, Operand annotation);
  ast::Arguments* parameters(Growing<Parameter>* items);

  // ---- Statements
  ast::Stmt* expression_statement(Operand value);
  ast::Stmt* assign(Operands* chain);
  ast::Stmt* augmented_assign(Operand target, ast::Operator op, Operand value);
  ast::Stmt* annotated_assign(Operand target, Operand annotation, Operand value);
  ast::Stmt* pass(const Token* token);
  ast::Stmt* break_(const Token* token);
  ast::Stmt* continue_(const Token* token);
  ast::Stmt* return_(const Token* token, Operand value);
  ast::Stmt* raise(const Token* token, Operand exc, Operand cause);
  ast::Stmt* del(const Token* token, Operand targets);
  ast::Stmt* assert_(const Token* token, Operand test, Operand msg);
  ast::Stmt* global(const Token* token, Growing<const Token*>* names);
  ast::Stmt* nonlocal(const Token* token, Growing<const Token*>* names);
  DottedName dotted(const Token* name);
  DottedName longer_dotted(DottedName left, const Token* name);
  ast::Alias* alias(DottedName name, const Token* asname);
  ast::Alias* alias_star(const Token* star);
  ast::Stmt* import(const Token* token, Growing<ast::Alias*>* names);
  ast::Stmt* import_from(const Token* token, uint32_t level, DottedName module, Growing<ast::Alias*>* names, const Token* close);
  DottedName no_module() { return {{nullptr, 0}, 0, 0}; }
  Growing<ast::Alias*>* fail_trailing_comma(Growing<ast::Alias*>* names, const Token* comma);

  ast::Stmt* if_(const Token* token, Operand test, Stmts* body, Growing<ElifClause>* elifs, Stmts* orelse);
  ast::Stmt* while_(const Token* token, Operand test, Stmts* body, Stmts* orelse);
  ast::Stmt* for_(const Token* token, Operand target, Operand iter, Stmts* body, Stmts* orelse);
  ast::Stmt* try_(const Token* token, Stmts* body, Growing<ast::ExceptHandler*>* handlers, Stmts* orelse, Stmts* finalbody);
  ast::ExceptHandler* handler(const Token* token, const Token* star, Operand type, const Token* name, Stmts* body);
  ast::WithItem* with_item(Operand value, Operand target);
  ast::Stmt* with(const Token* token, Growing<ast::WithItem*>* items, Stmts* body);
  WithElement with_element(Operand value, bool is_only_expression) { return {value, nullptr, is_only_expression}; }
  WithElement with_element_as(Operand value, Operand target);
  ast::Stmt* with_parenthesized(const Token* token, const Token* open, Growing<WithElement>* elements, const Token* comma, const Token* close,
                                Stmts* body);
  ast::Stmt* function(const Token* token, const Token* name, ast::Arguments* params, Operand returns, Stmts* body);
  ast::Stmt* class_(const Token* token, const Token* name, Growing<Argument>* args, const Token* close, Stmts* body);
  ast::Stmt* async(const Token* token, ast::Stmt* stmt);
  ast::Stmt* decorate(Operands* decorators, ast::Stmt* stmt);

  // ---- Patterns
  ast::Stmt* match(const Token* token, Operand subject, Growing<ast::MatchCase*>* cases);
  Operand match_subject(Operands* items, const Token* comma);
  ast::MatchCase* match_case(PatternOperand pattern, Operand guard, Stmts* body);
  PatternOperand open_sequence(PatternOperands* items, const Token* comma);
  PatternOperand as_pattern(PatternOperand pattern, const Token* name);
  PatternOperand or_pattern(PatternOperand left, PatternOperand right);
  PatternOperand capture(const Token* name);
  PatternOperand star_pattern(const Token* star, const Token* name);
  PatternOperand value_pattern(Operand value);
  PatternOperand singleton_pattern(Operand constant);
  PatternOperand group_pattern(const Token* open, PatternOperands* items, const Token* comma, const Token* close);
  PatternOperand sequence_pattern(const Token* open, PatternOperands* items, const Token* close);
  PatternOperand mapping_pattern(const Token* open, Growing<MappingEntry>* entries, const Token* close);
  PatternOperand class_pattern(Operand cls, Growing<ClassArgument>* args, const Token* close);
  Operand fail_complex_literal(Operand left, const Token* number);
  MappingEntry mapping_entry(Operand key, PatternOperand pattern) { return {key.node, pattern.node, nullptr}; }
  MappingEntry mapping_rest(const Token* name) { return {nullptr, nullptr, name}; }

  // ---- Used by the parts of the builder and by the parser's explanation of errors
  std::string_view text_of(const Token* token) const { return source_.text_of(token->span); }
  Identifier identifier(const Token* token);
  bool fail(Span span, const std::string& message) { return diagnostics_.syntax_error(span, prefix_ + message); }
  const std::string& prefix() const { return prefix_; }
  const Source& source() const { return source_; }
  Arena& arena() { return arena_; }
  Diagnostics& diagnostics() { return diagnostics_; }

 private:
  template <class T, class... Fields>
  T* make_expr(Span span, uint32_t depth_below, Fields... fields);
  template <class T, class... Fields>
  T* make_stmt(Span span, uint32_t depth_below, Fields... fields);
  template <class T, class... Fields>
  T* make_pattern(Span span, uint32_t depth_below, Fields... fields);
  uint16_t depth_over(uint32_t depth_below);

  static uint32_t depth_of(const ast::Expr* expr) { return expr == nullptr ? 0 : expr->depth; }
  static uint32_t depth_of(const Operands* items);
  static uint32_t depth_of(const Stmts* body);
  static uint32_t depth_of(const Clauses* clauses);
  static uint32_t depth_of(const ast::Arguments* params);
  static uint32_t depth_of(const Growing<Argument>* args);

  Operand whole(ast::Expr* node) { return {node, node->span.begin, node->span.end}; }
  PatternOperand whole(ast::Pattern* node) { return {node, node->span.begin, node->span.end}; }
  Seq<ast::Expr*> nodes_of(const Operands* items);
  template <class T>
  Seq<T> seq(const Growing<T>* list) {
    return list == nullptr ? Seq<T>{nullptr, 0} : Seq<T>{list->items, list->count};
  }

  ast::Expr* make_tuple(Span span, const Operands* items);
  ast::Expr* to_target(ast::Expr* expr, TargetUse use);
  void set_context(ast::Expr* expr, ast::ExprContext context);
  void fail_mixed(std::vector<StringLiteral>& literals, Span span);
  void check_comprehension_element(Operand element);
  void check_arguments(Growing<Argument>* args, const Token* close);
  void check_generators(Growing<Argument>* args, const Token* open, const Token* close, bool has_trailing_comma);
  void split_arguments(Growing<Argument>* args, Seq<ast::Expr*>& positional, Seq<ast::Keyword*>& keywords);
  void check_parameters(Growing<Parameter>* items);
  void fail_assign_target(ast::Expr* target, ast::Expr* invalid, ast::Expr* value, bool is_only_target);
  ast::Expr* with_as_expression(const Token* open, Growing<WithElement>* elements, const Token* comma, const Token* close);

  const Source& source_;
  Arena& arena_;
  Diagnostics& diagnostics_;
  std::string prefix_;
  ast::Module* module_ = nullptr;
  const Token* rejected_ = nullptr;
  bool has_compound_ = false;
};

// "cannot assign to %s": what Python calls an expression in its messages.
const char* expression_name(const ast::Expr* expr);

// The part of `expr` that cannot be a target, or null when all of it can.
ast::Expr* invalid_target(ast::Expr* expr, TargetUse use);

template <class T>
Growing<T>* AstBuilder::append(Growing<T>* list, T item) {
  if (list->count == list->capacity) {
    uint32_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
    T* items = static_cast<T*>(arena_.allocate(sizeof(T) * capacity, alignof(T)));
    for (uint32_t i = 0; i < list->count; ++i) items[i] = list->items[i];
    list->items = items;
    list->capacity = capacity;
  }
  list->items[list->count++] = item;
  return list;
}

template <class T, class... Fields>
T* AstBuilder::make_expr(Span span, uint32_t depth_below, Fields... fields) {
  return arena_.make(T{ast::Expr{T::kKind, false, depth_over(depth_below), span}, fields...});
}

template <class T, class... Fields>
T* AstBuilder::make_stmt(Span span, uint32_t depth_below, Fields... fields) {
  return arena_.make(T{ast::Stmt{T::kKind, depth_over(depth_below), span}, fields...});
}

template <class T, class... Fields>
T* AstBuilder::make_pattern(Span span, uint32_t depth_below, Fields... fields) {
  return arena_.make(T{ast::Pattern{T::kKind, depth_over(depth_below), span}, fields...});
}

}  // namespace mini
