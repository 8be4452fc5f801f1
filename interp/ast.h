// SPDX-License-Identifier: MIT
#pragma once

// The abstract syntax tree. It follows CPython 3.11's `ast` module node for node and field for field, so that
// Python's documentation of that module describes this tree too; the few differences are said at the node.
//
// Every node is a trivially copyable struct in an Arena and begins with its kind and its Span. Identifiers are interned
// in the same arena. The parser refuses programs whose tree is deeper than kMaxTreeDepth, so a pass may recurse over it
// without counting.

#include <cstdint>
#include <string>

#include "interp/arena.h"
#include "interp/source.h"

namespace mini::ast {

// The greatest number of nodes on a path from the root to a leaf. One level of a recursive pass may use up to about 2 KiB of
// C++ stack and still fit the 8 MiB of a main thread.
inline constexpr uint32_t kMaxTreeDepth = 3000;

enum class ExprKind : uint8_t {
  BoolOp, NamedExpr, BinOp, UnaryOp, Lambda, IfExp, Dict, Set, ListComp, SetComp, DictComp, GeneratorExp, Await, Yield,
  YieldFrom, Compare, Call, FormattedValue, JoinedStr, Constant, Attribute, Subscript, Starred, Name, List, Tuple, Slice,
};

enum class StmtKind : uint8_t {
  FunctionDef, ClassDef, Return, Delete, Assign, AugAssign, AnnAssign, For, While, If, With, Match, Raise, Try, Assert,
  Import, ImportFrom, Global, Nonlocal, ExprStmt, Pass, Break, Continue,
};

enum class PatternKind : uint8_t {
  MatchValue, MatchSingleton, MatchSequence, MatchMapping, MatchClass, MatchStar, MatchAs, MatchOr,
};

enum class ExprContext : uint8_t { Load, Store, Del };
enum class BoolOperator : uint8_t { And, Or };
enum class Operator : uint8_t {
  Add, Sub, Mult, MatMult, Div, Mod, Pow, LShift, RShift, BitOr, BitXor, BitAnd, FloorDiv,
};
enum class UnaryOperator : uint8_t { Invert, Not, UAdd, USub };
enum class CompareOperator : uint8_t { Eq, NotEq, Lt, LtE, Gt, GtE, Is, IsNot, In, NotIn };
enum class ConstantKind : uint8_t { None, True, False, Ellipsis, Int, BigInt, Float, Str, Bytes };
// The `!s`, `!r`, `!a` of a replacement field, by CPython's numbers.
enum class Conversion : int16_t { None = -1, Str = 's', Repr = 'r', Ascii = 'a' };
enum class ModuleKind : uint8_t { Module, Interactive, Expression };

struct Expr {
  ExprKind kind;
  // Written inside its own parentheses: `(a): int` declares no local, `(yield)` is an operand. The span does not include
  // them, but that of a parenthesised tuple or generator expression does, as in CPython.
  bool is_parenthesized;
  uint16_t depth;  // nodes on the longest way down to a leaf, this one included
  Span span;
};

struct Stmt {
  StmtKind kind;
  uint16_t depth;
  Span span;
};

struct Pattern {
  PatternKind kind;
  uint16_t depth;
  Span span;
};

// `as<Call>(expr)` for a node whose kind is known, `is<Call>(expr)` to ask. T may be any expression, statement or pattern.
template <class T, class Base>
T* as(Base* node) {
  return static_cast<T*>(node);
}
template <class T, class Base>
const T* as(const Base* node) {
  return static_cast<const T*>(node);
}
template <class T, class Base>
bool is(const Base* node) {
  return node->kind == T::kKind;
}

// ---- Parts shared by statements and expressions ---------------------------------------------------------------------

// One `for target in iter if a if b` of a comprehension.
struct Comprehension {
  Expr* target;
  Expr* iter;
  Seq<Expr*> ifs;
  bool is_async;
};

struct Arg {
  Span span;
  Identifier name;
  Expr* annotation;  // or null
};

struct Arguments {
  Seq<Arg*> posonlyargs;
  Seq<Arg*> args;
  Arg* vararg;  // or null
  Seq<Arg*> kwonlyargs;
  Seq<Expr*> kw_defaults;  // one per kwonlyargs; null where there is no default
  Arg* kwarg;              // or null
  Seq<Expr*> defaults;     // of the last parameters of posonlyargs + args
};

// `name=value` of a call or class; without a name it is `**value`.
struct Keyword {
  Span span;
  Identifier name;
  Expr* value;
};

struct Alias {
  Span span;
  Identifier name;    // dotted, as written: `a.b.c`; or `*`
  Identifier asname;  // or none
};

struct WithItem {
  Expr* context_expr;
  Expr* optional_vars;  // a target, or null
};

struct ExceptHandler {
  Span span;
  Expr* type;       // or null
  Identifier name;  // or none
  Seq<Stmt*> body;
  bool is_star;  // `except*`; the same for all handlers of a Try
};

struct MatchCase {
  Pattern* pattern;
  Expr* guard;  // or null
  Seq<Stmt*> body;
};

// ---- Statements -----------------------------------------------------------------------------------------------------

// `def` and `async def`. The span begins at `def` or `async`, not at the decorators.
struct FunctionDef : Stmt {
  static constexpr StmtKind kKind = StmtKind::FunctionDef;
  Identifier name;
  Arguments* args;
  Seq<Stmt*> body;
  Seq<Expr*> decorator_list;
  Expr* returns;  // or null
  bool is_async;
};

struct ClassDef : Stmt {
  static constexpr StmtKind kKind = StmtKind::ClassDef;
  Identifier name;
  Seq<Expr*> bases;
  Seq<Keyword*> keywords;
  Seq<Stmt*> body;
  Seq<Expr*> decorator_list;
};

struct Return : Stmt {
  static constexpr StmtKind kKind = StmtKind::Return;
  Expr* value;  // or null
};

struct Delete : Stmt {
  static constexpr StmtKind kKind = StmtKind::Delete;
  Seq<Expr*> targets;
};

struct Assign : Stmt {
  static constexpr StmtKind kKind = StmtKind::Assign;
  Seq<Expr*> targets;  // several for `a = b = value`
  Expr* value;
};

struct AugAssign : Stmt {
  static constexpr StmtKind kKind = StmtKind::AugAssign;
  Expr* target;
  Operator op;
  Expr* value;
};

struct AnnAssign : Stmt {
  static constexpr StmtKind kKind = StmtKind::AnnAssign;
  Expr* target;
  Expr* annotation;
  Expr* value;     // or null
  bool is_simple;  // a plain name without parentheses
};

struct For : Stmt {
  static constexpr StmtKind kKind = StmtKind::For;
  Expr* target;
  Expr* iter;
  Seq<Stmt*> body;
  Seq<Stmt*> orelse;
  bool is_async;
};

struct While : Stmt {
  static constexpr StmtKind kKind = StmtKind::While;
  Expr* test;
  Seq<Stmt*> body;
  Seq<Stmt*> orelse;
};

// `elif` is an If alone in the orelse of another, so every `elif` is one level of the tree.
struct If : Stmt {
  static constexpr StmtKind kKind = StmtKind::If;
  Expr* test;
  Seq<Stmt*> body;
  Seq<Stmt*> orelse;
};

struct With : Stmt {
  static constexpr StmtKind kKind = StmtKind::With;
  Seq<WithItem*> items;
  Seq<Stmt*> body;
  bool is_async;
};

struct Match : Stmt {
  static constexpr StmtKind kKind = StmtKind::Match;
  Expr* subject;
  Seq<MatchCase*> cases;
};

struct Raise : Stmt {
  static constexpr StmtKind kKind = StmtKind::Raise;
  Expr* exc;    // or null
  Expr* cause;  // or null
};

struct Try : Stmt {
  static constexpr StmtKind kKind = StmtKind::Try;
  Seq<Stmt*> body;
  Seq<ExceptHandler*> handlers;
  Seq<Stmt*> orelse;
  Seq<Stmt*> finalbody;
  bool is_star;  // the handlers are `except*`
};

struct Assert : Stmt {
  static constexpr StmtKind kKind = StmtKind::Assert;
  Expr* test;
  Expr* msg;  // or null
};

struct Import : Stmt {
  static constexpr StmtKind kKind = StmtKind::Import;
  Seq<Alias*> names;
};

struct ImportFrom : Stmt {
  static constexpr StmtKind kKind = StmtKind::ImportFrom;
  Identifier module;  // or none
  Seq<Alias*> names;
  uint32_t level;  // how many leading dots
};

struct Global : Stmt {
  static constexpr StmtKind kKind = StmtKind::Global;
  Seq<Identifier> names;
};

struct Nonlocal : Stmt {
  static constexpr StmtKind kKind = StmtKind::Nonlocal;
  Seq<Identifier> names;
};

// Python's `Expr` statement.
struct ExprStmt : Stmt {
  static constexpr StmtKind kKind = StmtKind::ExprStmt;
  Expr* value;
};

struct Pass : Stmt {
  static constexpr StmtKind kKind = StmtKind::Pass;
};

struct Break : Stmt {
  static constexpr StmtKind kKind = StmtKind::Break;
};

struct Continue : Stmt {
  static constexpr StmtKind kKind = StmtKind::Continue;
};

// ---- Expressions ----------------------------------------------------------------------------------------------------

// `a and b and c` is one node with three values.
struct BoolOp : Expr {
  static constexpr ExprKind kKind = ExprKind::BoolOp;
  BoolOperator op;
  Seq<Expr*> values;
};

// `target := value`; the target is a Name.
struct NamedExpr : Expr {
  static constexpr ExprKind kKind = ExprKind::NamedExpr;
  Expr* target;
  Expr* value;
};

struct BinOp : Expr {
  static constexpr ExprKind kKind = ExprKind::BinOp;
  Expr* left;
  Operator op;
  Expr* right;
};

struct UnaryOp : Expr {
  static constexpr ExprKind kKind = ExprKind::UnaryOp;
  UnaryOperator op;
  Expr* operand;
};

struct Lambda : Expr {
  static constexpr ExprKind kKind = ExprKind::Lambda;
  Arguments* args;
  Expr* body;
};

struct IfExp : Expr {
  static constexpr ExprKind kKind = ExprKind::IfExp;
  Expr* test;
  Expr* body;
  Expr* orelse;
};

struct Dict : Expr {
  static constexpr ExprKind kKind = ExprKind::Dict;
  Seq<Expr*> keys;  // a null key marks `**value`
  Seq<Expr*> values;
};

struct Set : Expr {
  static constexpr ExprKind kKind = ExprKind::Set;
  Seq<Expr*> elts;
};

// ListComp, SetComp and GeneratorExp have one layout, so a pass may treat them alike through this base.
struct ElementComp : Expr {
  Expr* elt;
  Seq<Comprehension*> generators;
};

struct ListComp : ElementComp {
  static constexpr ExprKind kKind = ExprKind::ListComp;
};

struct SetComp : ElementComp {
  static constexpr ExprKind kKind = ExprKind::SetComp;
};

struct GeneratorExp : ElementComp {
  static constexpr ExprKind kKind = ExprKind::GeneratorExp;
};

struct DictComp : Expr {
  static constexpr ExprKind kKind = ExprKind::DictComp;
  Expr* key;
  Expr* value;
  Seq<Comprehension*> generators;
};

struct Await : Expr {
  static constexpr ExprKind kKind = ExprKind::Await;
  Expr* value;
};

struct Yield : Expr {
  static constexpr ExprKind kKind = ExprKind::Yield;
  Expr* value;  // or null
};

struct YieldFrom : Expr {
  static constexpr ExprKind kKind = ExprKind::YieldFrom;
  Expr* value;
};

// `left ops[0] comparators[0] ops[1] comparators[1] ...`
struct Compare : Expr {
  static constexpr ExprKind kKind = ExprKind::Compare;
  Expr* left;
  Seq<CompareOperator> ops;
  Seq<Expr*> comparators;
};

struct Call : Expr {
  static constexpr ExprKind kKind = ExprKind::Call;
  Expr* func;
  Seq<Expr*> args;  // `*iterable` is a Starred
  Seq<Keyword*> keywords;
};

// One replacement field of an f-string.
struct FormattedValue : Expr {
  static constexpr ExprKind kKind = ExprKind::FormattedValue;
  Expr* value;
  Conversion conversion;
  Expr* format_spec;  // a JoinedStr, or null
};

// An f-string: a sequence of Str constants and FormattedValues.
struct JoinedStr : Expr {
  static constexpr ExprKind kKind = ExprKind::JoinedStr;
  Seq<Expr*> values;
};

struct Constant : Expr {
  static constexpr ExprKind kKind = ExprKind::Constant;
  ConstantKind constant;
  uint8_t base;          // BigInt: 2, 8, 10 or 16
  bool has_u_prefix;     // Str written with u''
  union {
    int64_t integer;     // Int
    double number;       // Float
  };
  // Str: UTF-8, where a lone surrogate is its three generalised UTF-8 bytes (WTF-8). Bytes: the bytes.
  // BigInt: the digits without prefix and underscores.
  Text text;
};

struct Attribute : Expr {
  static constexpr ExprKind kKind = ExprKind::Attribute;
  ExprContext context;
  Expr* value;
  Identifier attr;
  Span attr_span;
};

struct Subscript : Expr {
  static constexpr ExprKind kKind = ExprKind::Subscript;
  ExprContext context;
  Expr* value;
  Expr* slice;  // any expression; Slice, or a Tuple that holds Slices and Starreds
};

struct Starred : Expr {
  static constexpr ExprKind kKind = ExprKind::Starred;
  ExprContext context;
  Expr* value;
};

struct Name : Expr {
  static constexpr ExprKind kKind = ExprKind::Name;
  ExprContext context;
  Identifier id;
};

struct List : Expr {
  static constexpr ExprKind kKind = ExprKind::List;
  ExprContext context;
  Seq<Expr*> elts;
};

struct Tuple : Expr {
  static constexpr ExprKind kKind = ExprKind::Tuple;
  ExprContext context;
  Seq<Expr*> elts;
};

// `lower:upper:step`; each may be null. Occurs only inside Subscript.
struct Slice : Expr {
  static constexpr ExprKind kKind = ExprKind::Slice;
  Expr* lower;
  Expr* upper;
  Expr* step;
};

// ---- Patterns -------------------------------------------------------------------------------------------------------

struct MatchValue : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchValue;
  Expr* value;
};

struct MatchSingleton : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchSingleton;
  ConstantKind value;  // None, True or False
};

struct MatchSequence : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchSequence;
  Seq<Pattern*> patterns;
};

struct MatchMapping : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchMapping;
  Seq<Expr*> keys;
  Seq<Pattern*> patterns;
  Identifier rest;  // or none
};

struct MatchClass : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchClass;
  Expr* cls;
  Seq<Pattern*> patterns;
  Seq<Identifier> kwd_attrs;
  Seq<Pattern*> kwd_patterns;
};

struct MatchStar : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchStar;
  Identifier name;  // none for `*_`
};

// `pattern as name`; without a pattern a capture, without both the wildcard `_`.
struct MatchAs : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchAs;
  Pattern* pattern;  // or null
  Identifier name;   // or none
};

struct MatchOr : Pattern {
  static constexpr PatternKind kKind = PatternKind::MatchOr;
  Seq<Pattern*> patterns;
};

// ---- The root -------------------------------------------------------------------------------------------------------

// What a parse returns. A docstring is simply the first statement of a body, when that is an ExprStmt of a Str.
struct Module {
  ModuleKind kind;
  Seq<Stmt*> body;   // Module, Interactive
  Expr* expression;  // Expression
};

// The tree as CPython prints it: `ast.dump(tree, indent=2)`. With a source, the line and column attributes as well.
std::string dump_ast(const Module& module, const Source* positions = nullptr);

}  // namespace mini::ast
