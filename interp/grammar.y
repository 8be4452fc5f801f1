// SPDX-License-Identifier: MIT
//
// The grammar of Mini, which is that of Python 3.11, for the Lemon parser generator. It gives shape and precedence only:
// every action is one call to the AstBuilder, which makes the node and checks what a grammar with one token of lookahead
// cannot say. Where Python's own grammar is narrower (assignment targets, the order of arguments and parameters), this
// one reads any expression and the builder rejects what does not fit, with Python's message.
//
// Values are raw pointers and small structs because Lemon copies them as bytes. `Operand` is an expression together with
// the text it covers, parentheses included.

// The tokens in the order of tokens.def; the static_asserts at the end of this file check it.
%token NEWLINE INDENT DEDENT NAME NUMBER STRING FALSE NONE TRUE AND AS ASSERT ASYNC AWAIT BREAK CLASS CONTINUE DEF DEL ELIF
  ELSE EXCEPT FINALLY FOR FROM GLOBAL IF IMPORT IN IS LAMBDA NONLOCAL NOT OR PASS RAISE RETURN TRY WHILE WITH YIELD MATCH CASE
  PLUS MINUS STAR DOUBLESTAR SLASH DOUBLESLASH PERCENT AT LEFTSHIFT RIGHTSHIFT AMPER BAR CARET TILDE COLONEQUAL LESS GREATER
  LESSEQUAL GREATEREQUAL EQUALEQUAL NOTEQUAL ARROW EQUAL PLUSEQUAL MINUSEQUAL STAREQUAL SLASHEQUAL DOUBLESLASHEQUAL PERCENTEQUAL
  ATEQUAL AMPEREQUAL BAREQUAL CARETEQUAL LEFTSHIFTEQUAL RIGHTSHIFTEQUAL DOUBLESTAREQUAL LPAREN RPAREN LSQB RSQB LBRACE RBRACE
  COMMA COLON DOT SEMI ELLIPSIS WITH_LPAREN STRAY START_FILE START_EVAL START_SINGLE START_PART.

%name Grammar
%token_prefix TOKEN_
%token_type {const Token*}
%default_type {Operand}
%extra_context {AstBuilder* build}

// Room for the deepest tree that the builder lets through; see kMaxTreeDepth in ast.h. More is an error, never a crash.
%stack_size 16000
%stack_overflow { build->fail_too_deep(); }
%syntax_error { build->reject(TOKEN); }

%include {
#include <cstdlib>
#include <vector>

#include "interp/ast_builder.h"
#include "interp/grammar_driver.h"
#include "runtime/heap.h"

// The driver stops at the first error.
#define YYNOERRORRECOVERY 1

using namespace mini;
using namespace mini::ast;
}

// Operators from loosest to tightest. Comparisons stand between NOT and BAR; they chain, so they have rules of their own.
%left OR.
%left AND.
%right NOT.
%left BAR.
%left CARET.
%left AMPER.
%left LEFTSHIFT RIGHTSHIFT.
%left PLUS MINUS.
%left STAR SLASH DOUBLESLASH PERCENT AT.
%right UNARY.
%right DOUBLESTAR.

%start_symbol input
input ::= START_FILE stmts(B). { build->finish_module(B); }
input ::= START_EVAL exprs(B) newlines. { build->finish_expression(B); }
input ::= START_SINGLE. { build->finish_interactive(nullptr, false); }
input ::= START_SINGLE simple_line(B). { build->finish_interactive(B, false); }
input ::= START_SINGLE compound(B). { build->finish_interactive(build->list_of(B), true); }

// A part of a wrong text, for mistakes.cpp.
input ::= START_PART star_exprs(B). { build->finish_expression(B); }

newlines ::= .
newlines ::= newlines NEWLINE.

// ---- Statements ------------------------------------------------------------------------------------------------------

%type stmts {Stmts*}
stmts(A) ::= . { A = build->empty_list<Stmt*>(); }
stmts(A) ::= stmts(B) simple_line(C). { A = build->append_all(B, C); }
stmts(A) ::= stmts(B) compound(C). { A = build->append(B, C); }

// The body of a compound statement: on the same line, or an indented block.
%type block {Stmts*}
block(A) ::= simple_line(B). { A = B; }
block(A) ::= NEWLINE INDENT stmts(B) DEDENT. { A = B; }

%type simple_line {Stmts*}
simple_line(A) ::= simple_list(B) NEWLINE. { A = B; }
simple_line(A) ::= simple_list(B) SEMI NEWLINE. { A = B; }

%type simple_list {Stmts*}
simple_list(A) ::= simple(B). { A = build->list_of(B); }
simple_list(A) ::= simple_list(B) SEMI simple(C). { A = build->append(B, C); }

%type simple {Stmt*}
simple(A) ::= value(B). { A = build->expression_statement(B); }
simple(A) ::= assign_chain(B). { A = build->assign(B); }
simple(A) ::= star_exprs(B) augmented(C) value(D). { A = build->augmented_assign(B, C, D); }
simple(A) ::= star_exprs(B) COLON expr(C). { A = build->annotated_assign(B, C, build->absent()); }
simple(A) ::= star_exprs(B) COLON expr(C) EQUAL value(D). { A = build->annotated_assign(B, C, D); }
simple(A) ::= PASS(T). { A = build->pass(T); }
simple(A) ::= BREAK(T). { A = build->break_(T); }
simple(A) ::= CONTINUE(T). { A = build->continue_(T); }
simple(A) ::= RETURN(T). { A = build->return_(T, build->absent()); }
simple(A) ::= RETURN(T) star_exprs(B). { A = build->return_(T, B); }
simple(A) ::= RAISE(T). { A = build->raise(T, build->absent(), build->absent()); }
simple(A) ::= RAISE(T) expr(B). { A = build->raise(T, B, build->absent()); }
simple(A) ::= RAISE(T) expr(B) FROM expr(C). { A = build->raise(T, B, C); }
simple(A) ::= DEL(T) star_exprs(B). { A = build->del(T, B); }
simple(A) ::= ASSERT(T) expr(B). { A = build->assert_(T, B, build->absent()); }
simple(A) ::= ASSERT(T) expr(B) COMMA expr(C). { A = build->assert_(T, B, C); }
simple(A) ::= GLOBAL(T) names(B). { A = build->global(T, B); }
simple(A) ::= NONLOCAL(T) names(B). { A = build->nonlocal(T, B); }
simple(A) ::= IMPORT(T) dotted_aliases(B). { A = build->import(T, B); }

// The right side of an assignment, which is also what an expression statement may be.
value(A) ::= star_exprs(B). { A = B; }
value(A) ::= yield_expr(B). { A = B; }

%type assign_chain {Operands*}
assign_chain(A) ::= value(B) EQUAL value(C). { A = build->append(build->list_of(B), C); }
assign_chain(A) ::= assign_chain(B) EQUAL value(C). { A = build->append(B, C); }

%type augmented {Operator}
augmented(A) ::= PLUSEQUAL. { A = Operator::Add; }
augmented(A) ::= MINUSEQUAL. { A = Operator::Sub; }
augmented(A) ::= STAREQUAL. { A = Operator::Mult; }
augmented(A) ::= ATEQUAL. { A = Operator::MatMult; }
augmented(A) ::= SLASHEQUAL. { A = Operator::Div; }
augmented(A) ::= PERCENTEQUAL. { A = Operator::Mod; }
augmented(A) ::= AMPEREQUAL. { A = Operator::BitAnd; }
augmented(A) ::= BAREQUAL. { A = Operator::BitOr; }
augmented(A) ::= CARETEQUAL. { A = Operator::BitXor; }
augmented(A) ::= LEFTSHIFTEQUAL. { A = Operator::LShift; }
augmented(A) ::= RIGHTSHIFTEQUAL. { A = Operator::RShift; }
augmented(A) ::= DOUBLESTAREQUAL. { A = Operator::Pow; }
augmented(A) ::= DOUBLESLASHEQUAL. { A = Operator::FloorDiv; }

%type names {Growing<const Token*>*}
names(A) ::= NAME(B). { A = build->list_of(B); }
names(A) ::= names(B) COMMA NAME(C). { A = build->append(B, C); }

// ---- Imports

%type dotted {DottedName}
dotted(A) ::= NAME(B). { A = build->dotted(B); }
dotted(A) ::= dotted(B) DOT NAME(C). { A = build->longer_dotted(B, C); }

%type dotted_alias {Alias*}
dotted_alias(A) ::= dotted(B). { A = build->alias(B, nullptr); }
dotted_alias(A) ::= dotted(B) AS NAME(C). { A = build->alias(B, C); }

%type dotted_aliases {Growing<Alias*>*}
dotted_aliases(A) ::= dotted_alias(B). { A = build->list_of(B); }
dotted_aliases(A) ::= dotted_aliases(B) COMMA dotted_alias(C). { A = build->append(B, C); }

simple(A) ::= FROM(T) dotted(B) IMPORT from_names(C). { A = build->import_from(T, 0, B, C, nullptr); }
simple(A) ::= FROM(T) dots(L) dotted(B) IMPORT from_names(C). { A = build->import_from(T, L, B, C, nullptr); }
simple(A) ::= FROM(T) dots(L) IMPORT from_names(C). { A = build->import_from(T, L, build->no_module(), C, nullptr); }
simple(A) ::= FROM(T) dotted(B) IMPORT LPAREN from_list(C) RPAREN(E). { A = build->import_from(T, 0, B, C, E); }
simple(A) ::= FROM(T) dots(L) dotted(B) IMPORT LPAREN from_list(C) RPAREN(E). { A = build->import_from(T, L, B, C, E); }
simple(A) ::= FROM(T) dots(L) IMPORT LPAREN from_list(C) RPAREN(E). { A = build->import_from(T, L, build->no_module(), C, E); }

%type dots {uint32_t}
dots(A) ::= DOT. { A = 1; }
dots(A) ::= ELLIPSIS. { A = 3; }
dots(A) ::= dots(B) DOT. { A = B + 1; }
dots(A) ::= dots(B) ELLIPSIS. { A = B + 3; }

%type from_names {Growing<Alias*>*}
from_names(A) ::= STAR(T). { A = build->list_of(build->alias_star(T)); }
from_names(A) ::= from_aliases(B). { A = B; }
from_names(A) ::= from_aliases(B) COMMA(T). { A = build->fail_trailing_comma(B, T); }

%type from_list {Growing<Alias*>*}
from_list(A) ::= from_aliases(B). { A = B; }
from_list(A) ::= from_aliases(B) COMMA. { A = B; }

%type from_aliases {Growing<Alias*>*}
from_aliases(A) ::= from_alias(B). { A = build->list_of(B); }
from_aliases(A) ::= from_aliases(B) COMMA from_alias(C). { A = build->append(B, C); }

%type from_alias {Alias*}
from_alias(A) ::= NAME(B). { A = build->alias(build->dotted(B), nullptr); }
from_alias(A) ::= NAME(B) AS NAME(C). { A = build->alias(build->dotted(B), C); }

// ---- Compound statements

%type compound {Stmt*}
compound(A) ::= if_stmt(B). { A = B; }
compound(A) ::= while_stmt(B). { A = B; }
compound(A) ::= for_stmt(B). { A = B; }
compound(A) ::= try_stmt(B). { A = B; }
compound(A) ::= with_stmt(B). { A = B; }
compound(A) ::= function(B). { A = B; }
compound(A) ::= class(B). { A = B; }
compound(A) ::= match_stmt(B). { A = B; }
compound(A) ::= ASYNC(T) for_stmt(B). { A = build->async(T, B); }
compound(A) ::= ASYNC(T) with_stmt(B). { A = build->async(T, B); }
compound(A) ::= ASYNC(T) function(B). { A = build->async(T, B); }
compound(A) ::= decorators(B) function(C). { A = build->decorate(B, C); }
compound(A) ::= decorators(B) class(C). { A = build->decorate(B, C); }
compound(A) ::= decorators(B) ASYNC(T) function(C). { A = build->decorate(B, build->async(T, C)); }

%type if_stmt {Stmt*}
if_stmt(A) ::= IF(T) named(B) COLON block(C) elifs(D) else_part(E). { A = build->if_(T, B, C, D, E); }

%type elifs {Growing<ElifClause>*}
elifs(A) ::= . { A = build->empty_list<ElifClause>(); }
elifs(A) ::= elifs(B) ELIF(T) named(C) COLON block(D). { A = build->append(B, ElifClause{T, C, D}); }

%type else_part {Stmts*}
else_part(A) ::= . { A = nullptr; }
else_part(A) ::= ELSE COLON block(B). { A = B; }

%type while_stmt {Stmt*}
while_stmt(A) ::= WHILE(T) named(B) COLON block(C) else_part(D). { A = build->while_(T, B, C, D); }

%type for_stmt {Stmt*}
for_stmt(A) ::= FOR(T) targets(B) IN star_exprs(C) COLON block(D) else_part(E). { A = build->for_(T, B, C, D, E); }

%type try_stmt {Stmt*}
try_stmt(A) ::= TRY(T) COLON block(B) handlers(C) else_part(D) finally_part(E). { A = build->try_(T, B, C, D, E); }
try_stmt(A) ::= TRY(T) COLON block(B) FINALLY COLON block(C). { A = build->try_(T, B, nullptr, nullptr, C); }

%type finally_part {Stmts*}
finally_part(A) ::= . { A = nullptr; }
finally_part(A) ::= FINALLY COLON block(B). { A = B; }

%type handlers {Growing<ExceptHandler*>*}
handlers(A) ::= handler(B). { A = build->list_of(B); }
handlers(A) ::= handlers(B) handler(C). { A = build->append(B, C); }

%type handler {ExceptHandler*}
handler(A) ::= EXCEPT(T) COLON block(B). { A = build->handler(T, nullptr, build->absent(), nullptr, B); }
handler(A) ::= EXCEPT(T) expr(B) COLON block(C). { A = build->handler(T, nullptr, B, nullptr, C); }
handler(A) ::= EXCEPT(T) expr(B) AS NAME(N) COLON block(C). { A = build->handler(T, nullptr, B, N, C); }
handler(A) ::= EXCEPT(T) STAR(S) expr(B) COLON block(C). { A = build->handler(T, S, B, nullptr, C); }
handler(A) ::= EXCEPT(T) STAR(S) expr(B) AS NAME(N) COLON block(C). { A = build->handler(T, S, B, N, C); }

%type with_stmt {Stmt*}
with_stmt(A) ::= WITH(T) with_items(B) COLON block(C). { A = build->with(T, B, C); }
with_stmt(A) ::= WITH(T) WITH_LPAREN(O) with_elements(B) RPAREN(E) COLON block(C). {
  A = build->with_parenthesized(T, O, B, nullptr, E, C);
}
with_stmt(A) ::= WITH(T) WITH_LPAREN(O) with_elements(B) COMMA(M) RPAREN(E) COLON block(C). {
  A = build->with_parenthesized(T, O, B, M, E, C);
}
with_stmt(A) ::= WITH(T) WITH_LPAREN(O) RPAREN(E) COLON block(C). {
  A = build->with_parenthesized(T, O, nullptr, nullptr, E, C);
}

with_stmt(A) ::= WITH(T) WITH_LPAREN(O) yield_expr(B) RPAREN(E) COLON block(C). {
  A = build->with(T, build->list_of(build->with_item(build->parenthesized_yield(O, B, E), build->absent())), C);
}

%type with_items {Growing<WithItem*>*}
with_items(A) ::= with_item(B). { A = build->list_of(B); }
with_items(A) ::= with_items(B) COMMA with_item(C). { A = build->append(B, C); }

%type with_item {WithItem*}
with_item(A) ::= expr(B). { A = build->with_item(B, build->absent()); }
with_item(A) ::= expr(B) AS target(C). { A = build->with_item(B, C); }

%type with_elements {Growing<WithElement>*}
with_elements(A) ::= with_element(B). { A = build->list_of(B); }
with_elements(A) ::= with_elements(B) COMMA with_element(C). { A = build->append(B, C); }

%type with_element {WithElement}
with_element(A) ::= star_named(B). { A = build->with_element(B, false); }
with_element(A) ::= star_named(B) clauses(C). { A = build->with_element(build->generator(nullptr, B, C, nullptr), true); }
with_element(A) ::= expr(B) AS target(C). { A = build->with_element_as(B, C); }

%type decorators {Operands*}
decorators(A) ::= AT named(B) NEWLINE. { A = build->list_of(B); }
decorators(A) ::= decorators(B) AT named(C) NEWLINE. { A = build->append(B, C); }

%type function {Stmt*}
function(A) ::= DEF(T) NAME(N) LPAREN params(P) RPAREN returns(R) COLON block(B). { A = build->function(T, N, P, R, B); }

returns(A) ::= . { A = build->absent(); }
returns(A) ::= ARROW expr(B). { A = B; }

%type class {Stmt*}
class(A) ::= CLASS(T) NAME(N) COLON block(B). { A = build->class_(T, N, nullptr, nullptr, B); }
class(A) ::= CLASS(T) NAME(N) LPAREN args(P) RPAREN(E) COLON block(B). { A = build->class_(T, N, P, E, B); }

// ---- Parameters ------------------------------------------------------------------------------------------------------

%type params {Arguments*}
params(A) ::= . { A = build->parameters(nullptr); }
params(A) ::= param_list(B). { A = build->parameters(B); }
params(A) ::= param_list(B) COMMA. { A = build->parameters(B); }

%type param_list {Growing<Parameter>*}
param_list(A) ::= param(B). { A = build->list_of(B); }
param_list(A) ::= param_list(B) COMMA param(C). { A = build->append(B, C); }

%type param {Parameter}
param(A) ::= NAME(N) annotation(B) default(C). { A = build->parameter(ParameterKind::Plain, N, B, C); }
param(A) ::= SLASH(T). { A = build->parameter(ParameterKind::Slash, T, build->absent(), build->absent()); }
param(A) ::= STAR(T). { A = build->parameter(ParameterKind::BareStar, T, build->absent(), build->absent()); }
param(A) ::= STAR(T) NAME(N). { A = build->starred_parameter(ParameterKind::Star, T, N, build->absent()); }
param(A) ::= STAR(T) NAME(N) COLON star_expr(B). { A = build->starred_parameter(ParameterKind::Star, T, N, B); }
param(A) ::= DOUBLESTAR(T) NAME(N) annotation(B). { A = build->starred_parameter(ParameterKind::DoubleStar, T, N, B); }

annotation(A) ::= . { A = build->absent(); }
annotation(A) ::= COLON expr(B). { A = B; }

default(A) ::= . { A = build->absent(); }
default(A) ::= EQUAL expr(B). { A = B; }

%type lambda_params {Arguments*}
lambda_params(A) ::= . { A = build->parameters(nullptr); }
lambda_params(A) ::= lambda_list(B). { A = build->parameters(B); }
lambda_params(A) ::= lambda_list(B) COMMA. { A = build->parameters(B); }

%type lambda_list {Growing<Parameter>*}
lambda_list(A) ::= lambda_param(B). { A = build->list_of(B); }
lambda_list(A) ::= lambda_list(B) COMMA lambda_param(C). { A = build->append(B, C); }

%type lambda_param {Parameter}
lambda_param(A) ::= NAME(N) default(C). { A = build->parameter(ParameterKind::Plain, N, build->absent(), C); }
lambda_param(A) ::= SLASH(T). { A = build->parameter(ParameterKind::Slash, T, build->absent(), build->absent()); }
lambda_param(A) ::= STAR(T). { A = build->parameter(ParameterKind::BareStar, T, build->absent(), build->absent()); }
lambda_param(A) ::= STAR(T) NAME(N). { A = build->starred_parameter(ParameterKind::Star, T, N, build->absent()); }
lambda_param(A) ::= DOUBLESTAR(T) NAME(N). { A = build->starred_parameter(ParameterKind::DoubleStar, T, N, build->absent()); }

// ---- Expressions -----------------------------------------------------------------------------------------------------

// `a`, `a, b`, `*a, b`: what stands on the right of `=`, after return, in a for statement.
star_exprs(A) ::= star_expr(B). { A = B; }
star_exprs(A) ::= star_expr(B) COMMA(T). { A = build->bare_tuple_to(build->list_of(B), T); }
star_exprs(A) ::= star_items(B). { A = build->bare_tuple(B); }
star_exprs(A) ::= star_items(B) COMMA(T). { A = build->bare_tuple_to(B, T); }

%type star_items {Operands*}
star_items(A) ::= star_expr(B) COMMA star_expr(C). { A = build->append(build->list_of(B), C); }
star_items(A) ::= star_items(B) COMMA star_expr(C). { A = build->append(B, C); }

star_expr(A) ::= expr(B). { A = B; }
star_expr(A) ::= STAR(T) bitor(B). { A = build->starred(T, B); }

// The same without stars: eval() takes no `*a, b`.
exprs(A) ::= expr(B). { A = B; }
exprs(A) ::= expr(B) COMMA(T). { A = build->bare_tuple_to(build->list_of(B), T); }
exprs(A) ::= expr_items(B). { A = build->bare_tuple(B); }
exprs(A) ::= expr_items(B) COMMA(T). { A = build->bare_tuple_to(B, T); }

%type expr_items {Operands*}
expr_items(A) ::= expr(B) COMMA expr(C). { A = build->append(build->list_of(B), C); }
expr_items(A) ::= expr_items(B) COMMA expr(C). { A = build->append(B, C); }

// What a for clause assigns to. Bitwise-or is the loosest operator here, or the `in` would be taken for a comparison.
targets(A) ::= target(B). { A = B; }
targets(A) ::= target(B) COMMA(T). { A = build->bare_tuple_to(build->list_of(B), T); }
targets(A) ::= target_items(B). { A = build->bare_tuple(B); }
targets(A) ::= target_items(B) COMMA(T). { A = build->bare_tuple_to(B, T); }

%type target_items {Operands*}
target_items(A) ::= target(B) COMMA target(C). { A = build->append(build->list_of(B), C); }
target_items(A) ::= target_items(B) COMMA target(C). { A = build->append(B, C); }

target(A) ::= bitor(B). { A = B; }
target(A) ::= STAR(T) bitor(B). { A = build->starred(T, B); }

// Where `:=` may stand without parentheses of its own.
named(A) ::= expr(B). { A = B; }
named(A) ::= expr(B) COLONEQUAL expr(C). { A = build->walrus(B, C); }

star_named(A) ::= named(B). { A = B; }
star_named(A) ::= STAR(T) bitor(B). { A = build->starred(T, B); }

%type items {Operands*}
items(A) ::= star_named(B). { A = build->list_of(B); }
items(A) ::= items(B) COMMA star_named(C). { A = build->append(B, C); }

yield_expr(A) ::= YIELD(T). { A = build->yield_nothing(T); }
yield_expr(A) ::= YIELD(T) star_exprs(B). { A = build->yield(T, B); }
yield_expr(A) ::= YIELD(T) FROM expr(B). { A = build->yield_from(T, B); }

expr(A) ::= disjunction(B). { A = B; }
expr(A) ::= disjunction(B) IF disjunction(C) ELSE expr(D). { A = build->conditional(B, C, D); }
expr(A) ::= LAMBDA(T) lambda_params(P) COLON expr(B). { A = build->lambda(T, P, B); }

disjunction(A) ::= comparison(B). { A = B; }
disjunction(A) ::= disjunction(B) OR disjunction(C). { A = build->boolean(B, BoolOperator::Or, C); }
disjunction(A) ::= disjunction(B) AND disjunction(C). { A = build->boolean(B, BoolOperator::And, C); }
disjunction(A) ::= NOT(T) disjunction(B). { A = build->unary(T, UnaryOperator::Not, B); }

comparison(A) ::= bitor(B). { A = B; }
comparison(A) ::= comparison(B) comparator(C) bitor(D). { A = build->compare(B, C, D); }

%type comparator {CompareOperator}
comparator(A) ::= EQUALEQUAL. { A = CompareOperator::Eq; }
comparator(A) ::= NOTEQUAL. { A = CompareOperator::NotEq; }
comparator(A) ::= LESS. { A = CompareOperator::Lt; }
comparator(A) ::= LESSEQUAL. { A = CompareOperator::LtE; }
comparator(A) ::= GREATER. { A = CompareOperator::Gt; }
comparator(A) ::= GREATEREQUAL. { A = CompareOperator::GtE; }
comparator(A) ::= IS. { A = CompareOperator::Is; }
comparator(A) ::= IS NOT. { A = CompareOperator::IsNot; }
comparator(A) ::= IN. { A = CompareOperator::In; }
comparator(A) ::= NOT IN. { A = CompareOperator::NotIn; }

bitor(A) ::= bitor(B) BAR bitor(C). { A = build->binary(B, Operator::BitOr, C); }
bitor(A) ::= bitor(B) CARET bitor(C). { A = build->binary(B, Operator::BitXor, C); }
bitor(A) ::= bitor(B) AMPER bitor(C). { A = build->binary(B, Operator::BitAnd, C); }
bitor(A) ::= bitor(B) LEFTSHIFT bitor(C). { A = build->binary(B, Operator::LShift, C); }
bitor(A) ::= bitor(B) RIGHTSHIFT bitor(C). { A = build->binary(B, Operator::RShift, C); }
bitor(A) ::= bitor(B) PLUS bitor(C). { A = build->binary(B, Operator::Add, C); }
bitor(A) ::= bitor(B) MINUS bitor(C). { A = build->binary(B, Operator::Sub, C); }
bitor(A) ::= bitor(B) STAR bitor(C). { A = build->binary(B, Operator::Mult, C); }
bitor(A) ::= bitor(B) SLASH bitor(C). { A = build->binary(B, Operator::Div, C); }
bitor(A) ::= bitor(B) DOUBLESLASH bitor(C). { A = build->binary(B, Operator::FloorDiv, C); }
bitor(A) ::= bitor(B) PERCENT bitor(C). { A = build->binary(B, Operator::Mod, C); }
bitor(A) ::= bitor(B) AT bitor(C). { A = build->binary(B, Operator::MatMult, C); }
bitor(A) ::= PLUS(T) bitor(B). [UNARY] { A = build->unary(T, UnaryOperator::UAdd, B); }
bitor(A) ::= MINUS(T) bitor(B). [UNARY] { A = build->unary(T, UnaryOperator::USub, B); }
bitor(A) ::= TILDE(T) bitor(B). [UNARY] { A = build->unary(T, UnaryOperator::Invert, B); }
bitor(A) ::= bitor(B) DOUBLESTAR bitor(C). { A = build->binary(B, Operator::Pow, C); }
bitor(A) ::= primary(B). { A = B; }
bitor(A) ::= AWAIT(T) primary(B). { A = build->await(T, B); }

primary(A) ::= atom(B). { A = B; }
primary(A) ::= primary(B) DOT NAME(C). { A = build->attribute(B, C); }
primary(A) ::= primary(B) LSQB slices(C) RSQB(E). { A = build->subscript(B, C, E); }
primary(A) ::= primary(B) LPAREN(O) RPAREN(E). { A = build->call(B, O, nullptr, E, false); }
primary(A) ::= primary(B) LPAREN(O) arg_list(C) RPAREN(E). { A = build->call(B, O, C, E, false); }
primary(A) ::= primary(B) LPAREN(O) arg_list(C) COMMA RPAREN(E). { A = build->call(B, O, C, E, true); }

slices(A) ::= slice(B). { A = build->slice_single(B); }
slices(A) ::= slice_list(B) COMMA slice(C). { A = build->bare_tuple(build->append(B, C)); }
slices(A) ::= slice_list(B) COMMA(T). { A = build->bare_tuple_to(B, T); }

%type slice_list {Operands*}
slice_list(A) ::= slice(B). { A = build->list_of(B); }
slice_list(A) ::= slice_list(B) COMMA slice(C). { A = build->append(B, C); }

slice(A) ::= named(B). { A = B; }
slice(A) ::= STAR(T) expr(B). { A = build->starred(T, B); }
slice(A) ::= bound(B) COLON(T) bound(C). { A = build->slice(B, T, C, nullptr, build->absent()); }
slice(A) ::= bound(B) COLON(T) bound(C) COLON(U) bound(D). { A = build->slice(B, T, C, U, D); }

bound(A) ::= . { A = build->absent(); }
bound(A) ::= expr(B). { A = B; }

// ---- Call arguments

%type args {Growing<Argument>*}
args(A) ::= . { A = nullptr; }
args(A) ::= arg_list(B). { A = B; }
args(A) ::= arg_list(B) COMMA. { A = B; }

%type arg_list {Growing<Argument>*}
arg_list(A) ::= arg(B). { A = build->list_of(B); }
arg_list(A) ::= arg_list(B) COMMA arg(C). { A = build->append(B, C); }

%type arg {Argument}
arg(A) ::= arg_value(B). { A = build->argument(ArgumentKind::Positional, nullptr, B); }
arg(A) ::= STAR(T) expr(B). { A = build->argument(ArgumentKind::Unpacked, T, B); }
arg(A) ::= DOUBLESTAR(T) expr(B). { A = build->argument(ArgumentKind::DoubleUnpacked, T, B); }
arg(A) ::= expr(B) EQUAL(T) expr(C). { A = build->named_argument(B, T, C); }
arg(A) ::= arg_value(B) clauses(C). { A = build->generator_argument(B, C); }
arg(A) ::= expr(B) EQUAL(T) expr(C) clauses. { A = build->fail_named_generator(B, T, C); }
arg(A) ::= STAR(T) expr(B) clauses. { A = build->fail_starred_generator(T, B); }

arg_value(A) ::= expr(B). { A = B; }
arg_value(A) ::= expr(B) COLONEQUAL(T) expr(C). { A = build->walrus_argument(B, T, C); }

// ---- Comprehensions

%type clauses {Clauses*}
clauses(A) ::= clause(B). { A = build->list_of(B); }
clauses(A) ::= clauses(B) clause(C). { A = build->append(B, C); }

%type clause {Comprehension*}
clause(A) ::= FOR targets(B) IN disjunction(C) conditions(D). { A = build->clause(B, C, D, false); }
clause(A) ::= ASYNC FOR targets(B) IN disjunction(C) conditions(D). { A = build->clause(B, C, D, true); }

%type conditions {Operands*}
conditions(A) ::= . { A = build->empty_list<Operand>(); }
conditions(A) ::= conditions(B) IF disjunction(C). { A = build->append(B, C); }

// ---- Atoms

atom(A) ::= NAME(T). { A = build->name(T); }
atom(A) ::= NUMBER(T). { A = build->number(T); }
atom(A) ::= strings(B). { A = build->strings(B); }
atom(A) ::= NONE(T). { A = build->constant(T, ConstantKind::None); }
atom(A) ::= TRUE(T). { A = build->constant(T, ConstantKind::True); }
atom(A) ::= FALSE(T). { A = build->constant(T, ConstantKind::False); }
atom(A) ::= ELLIPSIS(T). { A = build->constant(T, ConstantKind::Ellipsis); }

%type strings {StringRun}
strings(A) ::= STRING(T). { A = build->string_run(T); }
strings(A) ::= strings(B) STRING. { A = build->longer_run(B); }

atom(A) ::= LPAREN(O) RPAREN(E). { A = build->empty_tuple(O, E); }
atom(A) ::= LPAREN(O) yield_expr(B) RPAREN(E). { A = build->parenthesized_yield(O, B, E); }
atom(A) ::= LPAREN(O) items(B) RPAREN(E). { A = build->parenthesized(O, B, nullptr, E); }
atom(A) ::= LPAREN(O) items(B) COMMA(C) RPAREN(E). { A = build->parenthesized(O, B, C, E); }
atom(A) ::= LPAREN(O) star_named(B) clauses(C) RPAREN(E). { A = build->generator(O, B, C, E); }

atom(A) ::= LSQB(O) RSQB(E). { A = build->list_display(O, nullptr, E); }
atom(A) ::= LSQB(O) items(B) RSQB(E). { A = build->list_display(O, B, E); }
atom(A) ::= LSQB(O) items(B) COMMA RSQB(E). { A = build->list_display(O, B, E); }
atom(A) ::= LSQB(O) star_named(B) clauses(C) RSQB(E). { A = build->list_comprehension(O, B, C, E); }

atom(A) ::= LBRACE(O) items(B) RBRACE(E). { A = build->set_display(O, B, E); }
atom(A) ::= LBRACE(O) items(B) COMMA RBRACE(E). { A = build->set_display(O, B, E); }
atom(A) ::= LBRACE(O) star_named(B) clauses(C) RBRACE(E). { A = build->set_comprehension(O, B, C, E); }

atom(A) ::= LBRACE(O) RBRACE(E). { A = build->dict_display(O, nullptr, E); }
atom(A) ::= LBRACE(O) entries(B) RBRACE(E). { A = build->dict_display(O, B, E); }
atom(A) ::= LBRACE(O) entries(B) COMMA RBRACE(E). { A = build->dict_display(O, B, E); }
atom(A) ::= LBRACE(O) entry(B) clauses(C) RBRACE(E). { A = build->dict_comprehension(O, B, C, E); }

// Only to say what is wrong with `[a, b for a, b in c]`.
atom(A) ::= LSQB items(B) COMMA star_named(C) clauses RSQB. { A = build->fail_bare_target(B, C.end); }
atom(A) ::= LBRACE items(B) COMMA star_named(C) clauses RBRACE. { A = build->fail_bare_target(B, C.end); }
atom(A) ::= LSQB items(B) COMMA(T) clauses RSQB. { A = build->fail_bare_target(B, T->span.end); }
atom(A) ::= LBRACE items(B) COMMA(T) clauses RBRACE. { A = build->fail_bare_target(B, T->span.end); }

%type entries {Growing<DictEntry>*}
entries(A) ::= entry(B). { A = build->list_of(B); }
entries(A) ::= entries(B) COMMA entry(C). { A = build->append(B, C); }

%type entry {DictEntry}
entry(A) ::= expr(B) COLON expr(C). { A = build->dict_entry(B, C); }
entry(A) ::= DOUBLESTAR(T) bitor(B). { A = build->dict_unpacking(T, B); }

// ---- Patterns --------------------------------------------------------------------------------------------------------

// MATCH and CASE are keywords only where the layout filter says so.
%type match_stmt {Stmt*}
match_stmt(A) ::= MATCH(T) subject(B) COLON NEWLINE INDENT cases(C) DEDENT. { A = build->match(T, B, C); }

subject(A) ::= items(B). { A = build->match_subject(B, nullptr); }
subject(A) ::= items(B) COMMA(T). { A = build->match_subject(B, T); }

%type cases {Growing<MatchCase*>*}
cases(A) ::= case(B). { A = build->list_of(B); }
cases(A) ::= cases(B) case(C). { A = build->append(B, C); }

%type case {MatchCase*}
case(A) ::= CASE patterns(B) guard(C) COLON block(D). { A = build->match_case(B, C, D); }

guard(A) ::= . { A = build->absent(); }
guard(A) ::= IF named(B). { A = B; }

%type patterns {PatternOperand}
patterns(A) ::= pattern_items(B). { A = build->open_sequence(B, nullptr); }
patterns(A) ::= pattern_items(B) COMMA(T). { A = build->open_sequence(B, T); }

%type pattern_items {PatternOperands*}
pattern_items(A) ::= pattern_item(B). { A = build->list_of(B); }
pattern_items(A) ::= pattern_items(B) COMMA pattern_item(C). { A = build->append(B, C); }

%type pattern_item {PatternOperand}
pattern_item(A) ::= pattern(B). { A = B; }
pattern_item(A) ::= STAR(T) NAME(N). { A = build->star_pattern(T, N); }

%type pattern {PatternOperand}
pattern(A) ::= or_pattern(B). { A = B; }
pattern(A) ::= or_pattern(B) AS NAME(N). { A = build->as_pattern(B, N); }

%type or_pattern {PatternOperand}
or_pattern(A) ::= closed_pattern(B). { A = B; }
or_pattern(A) ::= or_pattern(B) BAR closed_pattern(C). { A = build->or_pattern(B, C); }

%type closed_pattern {PatternOperand}
closed_pattern(A) ::= NAME(N). { A = build->capture(N); }
closed_pattern(A) ::= pattern_literal(B). { A = build->value_pattern(B); }
closed_pattern(A) ::= pattern_constant(B). { A = build->singleton_pattern(B); }
closed_pattern(A) ::= dotted_value(B). { A = build->value_pattern(B); }
closed_pattern(A) ::= LPAREN(O) RPAREN(E). { A = build->sequence_pattern(O, nullptr, E); }
closed_pattern(A) ::= LPAREN(O) pattern_items(B) RPAREN(E). { A = build->group_pattern(O, B, nullptr, E); }
closed_pattern(A) ::= LPAREN(O) pattern_items(B) COMMA(T) RPAREN(E). { A = build->group_pattern(O, B, T, E); }
closed_pattern(A) ::= LSQB(O) RSQB(E). { A = build->sequence_pattern(O, nullptr, E); }
closed_pattern(A) ::= LSQB(O) pattern_items(B) RSQB(E). { A = build->sequence_pattern(O, B, E); }
closed_pattern(A) ::= LSQB(O) pattern_items(B) COMMA RSQB(E). { A = build->sequence_pattern(O, B, E); }
closed_pattern(A) ::= LBRACE(O) RBRACE(E). { A = build->mapping_pattern(O, nullptr, E); }
closed_pattern(A) ::= LBRACE(O) mapping_entries(B) RBRACE(E). { A = build->mapping_pattern(O, B, E); }
closed_pattern(A) ::= LBRACE(O) mapping_entries(B) COMMA RBRACE(E). { A = build->mapping_pattern(O, B, E); }
closed_pattern(A) ::= class_name(B) LPAREN RPAREN(E). { A = build->class_pattern(B, nullptr, E); }
closed_pattern(A) ::= class_name(B) LPAREN class_args(C) RPAREN(E). { A = build->class_pattern(B, C, E); }
closed_pattern(A) ::= class_name(B) LPAREN class_args(C) COMMA RPAREN(E). { A = build->class_pattern(B, C, E); }

class_name(A) ::= NAME(N). { A = build->name(N); }
class_name(A) ::= dotted_value(B). { A = B; }

dotted_value(A) ::= NAME(N) DOT NAME(C). { A = build->attribute(build->name(N), C); }
dotted_value(A) ::= dotted_value(B) DOT NAME(C). { A = build->attribute(B, C); }

pattern_literal(A) ::= signed_number(B). { A = B; }
pattern_literal(A) ::= signed_number(B) PLUS NUMBER(T). { A = build->fail_complex_literal(B, T); }
pattern_literal(A) ::= signed_number(B) MINUS NUMBER(T). { A = build->fail_complex_literal(B, T); }
pattern_literal(A) ::= strings(B). { A = build->strings(B); }

signed_number(A) ::= NUMBER(T). { A = build->number(T); }
signed_number(A) ::= MINUS(T) NUMBER(N). { A = build->unary(T, UnaryOperator::USub, build->number(N)); }

pattern_constant(A) ::= NONE(T). { A = build->constant(T, ConstantKind::None); }
pattern_constant(A) ::= TRUE(T). { A = build->constant(T, ConstantKind::True); }
pattern_constant(A) ::= FALSE(T). { A = build->constant(T, ConstantKind::False); }

%type mapping_entries {Growing<MappingEntry>*}
mapping_entries(A) ::= mapping_entry(B). { A = build->list_of(B); }
mapping_entries(A) ::= mapping_entries(B) COMMA mapping_entry(C). { A = build->append(B, C); }

%type mapping_entry {MappingEntry}
mapping_entry(A) ::= mapping_key(B) COLON pattern(C). { A = build->mapping_entry(B, C); }
mapping_entry(A) ::= DOUBLESTAR NAME(N). { A = build->mapping_rest(N); }

mapping_key(A) ::= pattern_literal(B). { A = B; }
mapping_key(A) ::= pattern_constant(B). { A = B; }
mapping_key(A) ::= dotted_value(B). { A = B; }

%type class_args {Growing<ClassArgument>*}
class_args(A) ::= class_arg(B). { A = build->list_of(B); }
class_args(A) ::= class_args(B) COMMA class_arg(C). { A = build->append(B, C); }

%type class_arg {ClassArgument}
class_arg(A) ::= pattern(B). { A = ClassArgument{nullptr, B}; }
class_arg(A) ::= NAME(N) EQUAL pattern(B). { A = ClassArgument{N, B}; }

// ---- The driver ------------------------------------------------------------------------------------------------------

%code {
// tokens.def and the %token line agree on every number. Lemon has a macro TOKEN of its own, whose use is over here.
#undef TOKEN
#define TOKEN(name, spelling) static_assert(static_cast<int>(TokenKind::name) == TOKEN_##name);
#define TOKEN_END 0
#include "interp/tokens.def"
#undef TOKEN_END
#undef TOKEN

namespace mini {

GrammarDriver::GrammarDriver(AstBuilder& builder) : parser_(GrammarAlloc(must_malloc, &builder)) {}

GrammarDriver::~GrammarDriver() { GrammarFree(parser_, std::free); }

void GrammarDriver::push(const Token* token) { Grammar(parser_, static_cast<int>(token->kind), token); }

}  // namespace mini
}
