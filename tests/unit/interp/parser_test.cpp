// SPDX-License-Identifier: MIT
//
// The whole syntax: every rule of the grammar against the tree that CPython 3.11 makes of the same text (ast.dump), the
// texts of the errors against CPython's, the limits, and input that is merely unfinished.

#include "interp/parser.h"

#include <gtest/gtest.h>

namespace mini {
namespace {

// The dump in one line, as ast.dump() prints it without an indent.
std::string one_line(const std::string& dump) {
  std::string out;
  for (size_t at = 0; at < dump.size(); ++at) {
    if (dump[at] != '\n') {
      out += dump[at];
      continue;
    }
    while (at + 1 < dump.size() && dump[at + 1] == ' ') ++at;
    if (out.back() == ',') out += ' ';
  }
  return out;
}

std::string tree_of(const std::string& text, ParseMode mode = ParseMode::File) {
  Source source("x.py", text);
  Arena arena;
  Diagnostics diagnostics;
  ParseResult result = parse(source, arena, mode, diagnostics);
  return result.ok() ? one_line(dump_ast(*result.module)) : format_diagnostic(source, diagnostics.first());
}

std::string error_of(const std::string& text, ParseMode mode = ParseMode::File) {
  Source source("x.py", text);
  Arena arena;
  Diagnostics diagnostics;
  if (parse(source, arena, mode, diagnostics).ok()) return "no error";
  return std::string(diagnostic_kind_name(diagnostics.first().kind)) + ": " + diagnostics.first().message;
}

struct Case {
  std::string text;
  const char* expected;
};

const Case kTrees[] = {
    {"x",
     "Expr(value=Name(id='x', ctx=Load()))"},
    {"x = 1",
     "Assign(targets=[Name(id='x', ctx=Store())], value=Constant(value=1))"},
    {"x = y = 1, 2",
     "Assign(targets=[Name(id='x', ctx=Store()), Name(id='y', ctx=Store())], value=Tuple(elts=[Constant(value=1), Constant(value=2)], ctx=Load()))"},
    {"x, = y",
     "Assign(targets=[Tuple(elts=[Name(id='x', ctx=Store())], ctx=Store())], value=Name(id='y', ctx=Load()))"},
    {"*a, b = c",
     "Assign(targets=[Tuple(elts=[Starred(value=Name(id='a', ctx=Store()), ctx=Store()), Name(id='b', ctx=Store())], ctx=Store())], value=Name(id='c', ctx=Load()))"},
    {"[a, (b, *c)] = d",
     "Assign(targets=[List(elts=[Name(id='a', ctx=Store()), Tuple(elts=[Name(id='b', ctx=Store()), Starred(value=Name(id='c', ctx=Store()), ctx=Store())], ctx=Store())], ctx=Store())], value=Name(id='d', ctx=Load()))"},
    {"a.b = c[0] = 1",
     "Assign(targets=[Attribute(value=Name(id='a', ctx=Load()), attr='b', ctx=Store()), Subscript(value=Name(id='c', ctx=Load()), slice=Constant(value=0), ctx=Store())], value=Constant(value=1))"},
    {"x += 1",
     "AugAssign(target=Name(id='x', ctx=Store()), op=Add(), value=Constant(value=1))"},
    {"x.y **= 2",
     "AugAssign(target=Attribute(value=Name(id='x', ctx=Load()), attr='y', ctx=Store()), op=Pow(), value=Constant(value=2))"},
    {"a[0] //= yield_",
     "AugAssign(target=Subscript(value=Name(id='a', ctx=Load()), slice=Constant(value=0), ctx=Store()), op=FloorDiv(), value=Name(id='yield_', ctx=Load()))"},
    {"x: int",
     "AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), simple=1)"},
    {"x: int = 1",
     "AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), value=Constant(value=1), simple=1)"},
    {"(x): int = 1",
     "AnnAssign(target=Name(id='x', ctx=Store()), annotation=Name(id='int', ctx=Load()), value=Constant(value=1), simple=0)"},
    {"a.b: str",
     "AnnAssign(target=Attribute(value=Name(id='a', ctx=Load()), attr='b', ctx=Store()), annotation=Name(id='str', ctx=Load()), simple=0)"},
    {"pass; break; continue",
     "Pass(), Break(), Continue()"},
    {"return",
     "Return()"},
    {"return 1, *a",
     "Return(value=Tuple(elts=[Constant(value=1), Starred(value=Name(id='a', ctx=Load()), ctx=Load())], ctx=Load()))"},
    {"raise",
     "Raise()"},
    {"raise A",
     "Raise(exc=Name(id='A', ctx=Load()))"},
    {"raise A from B",
     "Raise(exc=Name(id='A', ctx=Load()), cause=Name(id='B', ctx=Load()))"},
    {"del a, b.c, d[0]",
     "Delete(targets=[Name(id='a', ctx=Del()), Attribute(value=Name(id='b', ctx=Load()), attr='c', ctx=Del()), Subscript(value=Name(id='d', ctx=Load()), slice=Constant(value=0), ctx=Del())])"},
    {"del (a, b), [c]",
     "Delete(targets=[Tuple(elts=[Name(id='a', ctx=Del()), Name(id='b', ctx=Del())], ctx=Del()), List(elts=[Name(id='c', ctx=Del())], ctx=Del())])"},
    {"assert a",
     "Assert(test=Name(id='a', ctx=Load()))"},
    {"assert a, b",
     "Assert(test=Name(id='a', ctx=Load()), msg=Name(id='b', ctx=Load()))"},
    {"global a, b",
     "Global(names=['a', 'b'])"},
    {"nonlocal a",
     "Nonlocal(names=['a'])"},
    {"import a",
     "Import(names=[alias(name='a')])"},
    {"import a.b.c as d, e",
     "Import(names=[alias(name='a.b.c', asname='d'), alias(name='e')])"},
    {"from a import b",
     "ImportFrom(module='a', names=[alias(name='b')], level=0)"},
    {"from a.b import c as d, e",
     "ImportFrom(module='a.b', names=[alias(name='c', asname='d'), alias(name='e')], level=0)"},
    {"from . import a",
     "ImportFrom(names=[alias(name='a')], level=1)"},
    {"from ... import (a, b,)",
     "ImportFrom(names=[alias(name='a'), alias(name='b')], level=3)"},
    {"from ....a import *",
     "ImportFrom(module='a', names=[alias(name='*')], level=4)"},
    {"if a: b",
     "If(test=Name(id='a', ctx=Load()), body=[Expr(value=Name(id='b', ctx=Load()))], orelse=[])"},
    {"if a: b\nelif c: d\nelse: e",
     "If(test=Name(id='a', ctx=Load()), body=[Expr(value=Name(id='b', ctx=Load()))], orelse=[If(test=Name(id='c', ctx=Load()), body=[Expr(value=Name(id='d', ctx=Load()))], orelse=[Expr(value=Name(id='e', ctx=Load()))])])"},
    {"if a:\n  b\n  c\nelif d:\n  e\nelif f:\n  g",
     "If(test=Name(id='a', ctx=Load()), body=[Expr(value=Name(id='b', ctx=Load())), Expr(value=Name(id='c', ctx=Load()))], orelse=[If(test=Name(id='d', ctx=Load()), body=[Expr(value=Name(id='e', ctx=Load()))], orelse=[If(test=Name(id='f', ctx=Load()), body=[Expr(value=Name(id='g', ctx=Load()))], orelse=[])])])"},
    {"while a: b\nelse: c",
     "While(test=Name(id='a', ctx=Load()), body=[Expr(value=Name(id='b', ctx=Load()))], orelse=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"for a in b: c",
     "For(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), body=[Expr(value=Name(id='c', ctx=Load()))], orelse=[])"},
    {"for a, *b in c, d: e\nelse: f",
     "For(target=Tuple(elts=[Name(id='a', ctx=Store()), Starred(value=Name(id='b', ctx=Store()), ctx=Store())], ctx=Store()), iter=Tuple(elts=[Name(id='c', ctx=Load()), Name(id='d', ctx=Load())], ctx=Load()), body=[Expr(value=Name(id='e', ctx=Load()))], orelse=[Expr(value=Name(id='f', ctx=Load()))])"},
    {"try: a\nfinally: b",
     "Try(body=[Expr(value=Name(id='a', ctx=Load()))], handlers=[], orelse=[], finalbody=[Expr(value=Name(id='b', ctx=Load()))])"},
    {"try: a\nexcept: b",
     "Try(body=[Expr(value=Name(id='a', ctx=Load()))], handlers=[ExceptHandler(body=[Expr(value=Name(id='b', ctx=Load()))])], orelse=[], finalbody=[])"},
    {"try: a\nexcept B: c\nexcept (D, E) as f: g\nelse: h\nfinally: i",
     "Try(body=[Expr(value=Name(id='a', ctx=Load()))], handlers=[ExceptHandler(type=Name(id='B', ctx=Load()), body=[Expr(value=Name(id='c', ctx=Load()))]), ExceptHandler(type=Tuple(elts=[Name(id='D', ctx=Load()), Name(id='E', ctx=Load())], ctx=Load()), name='f', body=[Expr(value=Name(id='g', ctx=Load()))])], orelse=[Expr(value=Name(id='h', ctx=Load()))], finalbody=[Expr(value=Name(id='i', ctx=Load()))])"},
    {"try: a\nexcept* B as c: d",
     "TryStar(body=[Expr(value=Name(id='a', ctx=Load()))], handlers=[ExceptHandler(type=Name(id='B', ctx=Load()), name='c', body=[Expr(value=Name(id='d', ctx=Load()))])], orelse=[], finalbody=[])"},
    {"with a: b",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load()))], body=[Expr(value=Name(id='b', ctx=Load()))])"},
    {"with a as b, c as (d, e): f",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load()), optional_vars=Name(id='b', ctx=Store())), withitem(context_expr=Name(id='c', ctx=Load()), optional_vars=Tuple(elts=[Name(id='d', ctx=Store()), Name(id='e', ctx=Store())], ctx=Store()))], body=[Expr(value=Name(id='f', ctx=Load()))])"},
    {"with (a, b): c",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load())), withitem(context_expr=Name(id='b', ctx=Load()))], body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (a as b, c as d,): e",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load()), optional_vars=Name(id='b', ctx=Store())), withitem(context_expr=Name(id='c', ctx=Load()), optional_vars=Name(id='d', ctx=Store()))], body=[Expr(value=Name(id='e', ctx=Load()))])"},
    {"with (a): b",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load()))], body=[Expr(value=Name(id='b', ctx=Load()))])"},
    {"with (a), (b): c",
     "With(items=[withitem(context_expr=Name(id='a', ctx=Load())), withitem(context_expr=Name(id='b', ctx=Load()))], body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (a, b) as c: d",
     "With(items=[withitem(context_expr=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()), optional_vars=Name(id='c', ctx=Store()))], body=[Expr(value=Name(id='d', ctx=Load()))])"},
    {"with (yield): a",
     "With(items=[withitem(context_expr=Yield())], body=[Expr(value=Name(id='a', ctx=Load()))])"},
    {"with (a for a in b): c",
     "With(items=[withitem(context_expr=GeneratorExp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), ifs=[], is_async=0)]))], body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (a := b): c",
     "With(items=[withitem(context_expr=NamedExpr(target=Name(id='a', ctx=Store()), value=Name(id='b', ctx=Load())))], body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (*a, b): c",
     "With(items=[withitem(context_expr=Tuple(elts=[Starred(value=Name(id='a', ctx=Load()), ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()))], body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (a, b)[0]: c",
     "With(items=[withitem(context_expr=Subscript(value=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()), slice=Constant(value=0), ctx=Load()))], body=[Expr(value=Name(id='c', ctx=Load()))])"},
    {"with (): a",
     "With(items=[withitem(context_expr=Tuple(elts=[], ctx=Load()))], body=[Expr(value=Name(id='a', ctx=Load()))])"},
    {"def f(): pass",
     "FunctionDef(name='f', args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=[Pass()], decorator_list=[])"},
    {"def f(a, b=1, /, c: int = 2, *d: e, f, g=3, **h: i) -> j: pass",
     "FunctionDef(name='f', args=arguments(posonlyargs=[arg(arg='a'), arg(arg='b')], args=[arg(arg='c', annotation=Name(id='int', ctx=Load()))], vararg=arg(arg='d', annotation=Name(id='e', ctx=Load())), kwonlyargs=[arg(arg='f'), arg(arg='g')], kw_defaults=[None, Constant(value=3)], kwarg=arg(arg='h', annotation=Name(id='i', ctx=Load())), defaults=[Constant(value=1), Constant(value=2)]), body=[Pass()], decorator_list=[], returns=Name(id='j', ctx=Load()))"},
    {"def f(*, a): pass",
     "FunctionDef(name='f', args=arguments(posonlyargs=[], args=[], kwonlyargs=[arg(arg='a')], kw_defaults=[None], defaults=[]), body=[Pass()], decorator_list=[])"},
    {"def f(*a: *b): pass",
     "FunctionDef(name='f', args=arguments(posonlyargs=[], args=[], vararg=arg(arg='a', annotation=Starred(value=Name(id='b', ctx=Load()), ctx=Load())), kwonlyargs=[], kw_defaults=[], defaults=[]), body=[Pass()], decorator_list=[])"},
    {"async def f():\n  async with a as b: pass\n  async for c in d: pass\n  await e\n  return [f async for f in g]",
     "AsyncFunctionDef(name='f', args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=[AsyncWith(items=[withitem(context_expr=Name(id='a', ctx=Load()), optional_vars=Name(id='b', ctx=Store()))], body=[Pass()]), AsyncFor(target=Name(id='c', ctx=Store()), iter=Name(id='d', ctx=Load()), body=[Pass()], orelse=[]), Expr(value=Await(value=Name(id='e', ctx=Load()))), Return(value=ListComp(elt=Name(id='f', ctx=Load()), generators=[comprehension(target=Name(id='f', ctx=Store()), iter=Name(id='g', ctx=Load()), ifs=[], is_async=1)]))], decorator_list=[])"},
    {"class A: pass",
     "ClassDef(name='A', bases=[], keywords=[], body=[Pass()], decorator_list=[])"},
    {"class A(B, *C, metaclass=D, **E): pass",
     "ClassDef(name='A', bases=[Name(id='B', ctx=Load()), Starred(value=Name(id='C', ctx=Load()), ctx=Load())], keywords=[keyword(arg='metaclass', value=Name(id='D', ctx=Load())), keyword(value=Name(id='E', ctx=Load()))], body=[Pass()], decorator_list=[])"},
    {"@a\n@b.c(d)\ndef f(): pass",
     "FunctionDef(name='f', args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=[Pass()], decorator_list=[Name(id='a', ctx=Load()), Call(func=Attribute(value=Name(id='b', ctx=Load()), attr='c', ctx=Load()), args=[Name(id='d', ctx=Load())], keywords=[])])"},
    {"@a := b\nclass C: pass",
     "ClassDef(name='C', bases=[], keywords=[], body=[Pass()], decorator_list=[NamedExpr(target=Name(id='a', ctx=Store()), value=Name(id='b', ctx=Load()))])"},
    {"@a\nasync def f(): pass",
     "AsyncFunctionDef(name='f', args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=[Pass()], decorator_list=[Name(id='a', ctx=Load())])"},
    {"lambda: 0",
     "Expr(value=Lambda(args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=Constant(value=0)))"},
    {"lambda a, b=1, /, c=2, *d, e, f=3, **g: h",
     "Expr(value=Lambda(args=arguments(posonlyargs=[arg(arg='a'), arg(arg='b')], args=[arg(arg='c')], vararg=arg(arg='d'), kwonlyargs=[arg(arg='e'), arg(arg='f')], kw_defaults=[None, Constant(value=3)], kwarg=arg(arg='g'), defaults=[Constant(value=1), Constant(value=2)]), body=Name(id='h', ctx=Load())))"},
    {"a if b else c if d else e",
     "Expr(value=IfExp(test=Name(id='b', ctx=Load()), body=Name(id='a', ctx=Load()), orelse=IfExp(test=Name(id='d', ctx=Load()), body=Name(id='c', ctx=Load()), orelse=Name(id='e', ctx=Load()))))"},
    {"a or b or c and d and not e",
     "Expr(value=BoolOp(op=Or(), values=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load()), BoolOp(op=And(), values=[Name(id='c', ctx=Load()), Name(id='d', ctx=Load()), UnaryOp(op=Not(), operand=Name(id='e', ctx=Load()))])]))"},
    {"(a or b) or c",
     "Expr(value=BoolOp(op=Or(), values=[BoolOp(op=Or(), values=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())]), Name(id='c', ctx=Load())]))"},
    {"not not a",
     "Expr(value=UnaryOp(op=Not(), operand=UnaryOp(op=Not(), operand=Name(id='a', ctx=Load()))))"},
    {"a < b <= c != d is not e not in f in g is h == i > j >= k",
     "Expr(value=Compare(left=Name(id='a', ctx=Load()), ops=[Lt(), LtE(), NotEq(), IsNot(), NotIn(), In(), Is(), Eq(), Gt(), GtE()], comparators=[Name(id='b', ctx=Load()), Name(id='c', ctx=Load()), Name(id='d', ctx=Load()), Name(id='e', ctx=Load()), Name(id='f', ctx=Load()), Name(id='g', ctx=Load()), Name(id='h', ctx=Load()), Name(id='i', ctx=Load()), Name(id='j', ctx=Load()), Name(id='k', ctx=Load())]))"},
    {"(a < b) < c",
     "Expr(value=Compare(left=Compare(left=Name(id='a', ctx=Load()), ops=[Lt()], comparators=[Name(id='b', ctx=Load())]), ops=[Lt()], comparators=[Name(id='c', ctx=Load())]))"},
    {"a | b ^ c & d << e >> f + g - h * i / j // k % l @ m",
     "Expr(value=BinOp(left=Name(id='a', ctx=Load()), op=BitOr(), right=BinOp(left=Name(id='b', ctx=Load()), op=BitXor(), right=BinOp(left=Name(id='c', ctx=Load()), op=BitAnd(), right=BinOp(left=BinOp(left=Name(id='d', ctx=Load()), op=LShift(), right=Name(id='e', ctx=Load())), op=RShift(), right=BinOp(left=BinOp(left=Name(id='f', ctx=Load()), op=Add(), right=Name(id='g', ctx=Load())), op=Sub(), right=BinOp(left=BinOp(left=BinOp(left=BinOp(left=BinOp(left=Name(id='h', ctx=Load()), op=Mult(), right=Name(id='i', ctx=Load())), op=Div(), right=Name(id='j', ctx=Load())), op=FloorDiv(), right=Name(id='k', ctx=Load())), op=Mod(), right=Name(id='l', ctx=Load())), op=MatMult(), right=Name(id='m', ctx=Load()))))))))"},
    {"-a ** -b ** c",
     "Expr(value=UnaryOp(op=USub(), operand=BinOp(left=Name(id='a', ctx=Load()), op=Pow(), right=UnaryOp(op=USub(), operand=BinOp(left=Name(id='b', ctx=Load()), op=Pow(), right=Name(id='c', ctx=Load()))))))"},
    {"~+-a",
     "Expr(value=UnaryOp(op=Invert(), operand=UnaryOp(op=UAdd(), operand=UnaryOp(op=USub(), operand=Name(id='a', ctx=Load())))))"},
    {"await a ** b",
     "Expr(value=BinOp(left=Await(value=Name(id='a', ctx=Load())), op=Pow(), right=Name(id='b', ctx=Load())))"},
    {"a.b.c(d)[e].f",
     "Expr(value=Attribute(value=Subscript(value=Call(func=Attribute(value=Attribute(value=Name(id='a', ctx=Load()), attr='b', ctx=Load()), attr='c', ctx=Load()), args=[Name(id='d', ctx=Load())], keywords=[]), slice=Name(id='e', ctx=Load()), ctx=Load()), attr='f', ctx=Load()))"},
    {"f(a, *b, c=d, *e, **g, h=i)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[Name(id='a', ctx=Load()), Starred(value=Name(id='b', ctx=Load()), ctx=Load()), Starred(value=Name(id='e', ctx=Load()), ctx=Load())], keywords=[keyword(arg='c', value=Name(id='d', ctx=Load())), keyword(value=Name(id='g', ctx=Load())), keyword(arg='h', value=Name(id='i', ctx=Load()))]))"},
    {"f(a for a in b)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[GeneratorExp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), ifs=[], is_async=0)])], keywords=[]))"},
    {"f(a := b, c)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[NamedExpr(target=Name(id='a', ctx=Store()), value=Name(id='b', ctx=Load())), Name(id='c', ctx=Load())], keywords=[]))"},
    {"f((a for a in b), c)",
     "Expr(value=Call(func=Name(id='f', ctx=Load()), args=[GeneratorExp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), ifs=[], is_async=0)]), Name(id='c', ctx=Load())], keywords=[]))"},
    {"a[b]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=Name(id='b', ctx=Load()), ctx=Load()))"},
    {"a[b, c]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=Tuple(elts=[Name(id='b', ctx=Load()), Name(id='c', ctx=Load())], ctx=Load()), ctx=Load()))"},
    {"a[b,]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=Tuple(elts=[Name(id='b', ctx=Load())], ctx=Load()), ctx=Load()))"},
    {"a[:]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=Slice(), ctx=Load()))"},
    {"a[b:c:d, ::, 1:]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=Tuple(elts=[Slice(lower=Name(id='b', ctx=Load()), upper=Name(id='c', ctx=Load()), step=Name(id='d', ctx=Load())), Slice(), Slice(lower=Constant(value=1))], ctx=Load()), ctx=Load()))"},
    {"a[*b]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=Tuple(elts=[Starred(value=Name(id='b', ctx=Load()), ctx=Load())], ctx=Load()), ctx=Load()))"},
    {"a[*b, c]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=Tuple(elts=[Starred(value=Name(id='b', ctx=Load()), ctx=Load()), Name(id='c', ctx=Load())], ctx=Load()), ctx=Load()))"},
    {"a[b := c]",
     "Expr(value=Subscript(value=Name(id='a', ctx=Load()), slice=NamedExpr(target=Name(id='b', ctx=Store()), value=Name(id='c', ctx=Load())), ctx=Load()))"},
    {"()",
     "Expr(value=Tuple(elts=[], ctx=Load()))"},
    {"(a)",
     "Expr(value=Name(id='a', ctx=Load()))"},
    {"(a,)",
     "Expr(value=Tuple(elts=[Name(id='a', ctx=Load())], ctx=Load()))"},
    {"(a, *b)",
     "Expr(value=Tuple(elts=[Name(id='a', ctx=Load()), Starred(value=Name(id='b', ctx=Load()), ctx=Load())], ctx=Load()))"},
    {"[]",
     "Expr(value=List(elts=[], ctx=Load()))"},
    {"[a, *b]",
     "Expr(value=List(elts=[Name(id='a', ctx=Load()), Starred(value=Name(id='b', ctx=Load()), ctx=Load())], ctx=Load()))"},
    {"{a, *b}",
     "Expr(value=Set(elts=[Name(id='a', ctx=Load()), Starred(value=Name(id='b', ctx=Load()), ctx=Load())]))"},
    {"{}",
     "Expr(value=Dict(keys=[], values=[]))"},
    {"{a: b, **c, d: e,}",
     "Expr(value=Dict(keys=[Name(id='a', ctx=Load()), None, Name(id='d', ctx=Load())], values=[Name(id='b', ctx=Load()), Name(id='c', ctx=Load()), Name(id='e', ctx=Load())]))"},
    {"[a for b in c if d if e for f in g]",
     "Expr(value=ListComp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='b', ctx=Store()), iter=Name(id='c', ctx=Load()), ifs=[Name(id='d', ctx=Load()), Name(id='e', ctx=Load())], is_async=0), comprehension(target=Name(id='f', ctx=Store()), iter=Name(id='g', ctx=Load()), ifs=[], is_async=0)]))"},
    {"{a for b in c}",
     "Expr(value=SetComp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='b', ctx=Store()), iter=Name(id='c', ctx=Load()), ifs=[], is_async=0)]))"},
    {"{a: b for c, d in e}",
     "Expr(value=DictComp(key=Name(id='a', ctx=Load()), value=Name(id='b', ctx=Load()), generators=[comprehension(target=Tuple(elts=[Name(id='c', ctx=Store()), Name(id='d', ctx=Store())], ctx=Store()), iter=Name(id='e', ctx=Load()), ifs=[], is_async=0)]))"},
    {"(a async for b in c)",
     "Expr(value=GeneratorExp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='b', ctx=Store()), iter=Name(id='c', ctx=Load()), ifs=[], is_async=1)]))"},
    {"(a := b)",
     "Expr(value=NamedExpr(target=Name(id='a', ctx=Store()), value=Name(id='b', ctx=Load())))"},
    {"[a := 1, b := 2]",
     "Expr(value=List(elts=[NamedExpr(target=Name(id='a', ctx=Store()), value=Constant(value=1)), NamedExpr(target=Name(id='b', ctx=Store()), value=Constant(value=2))], ctx=Load()))"},
    {"{a := 1}",
     "Expr(value=Set(elts=[NamedExpr(target=Name(id='a', ctx=Store()), value=Constant(value=1))]))"},
    {"x = yield",
     "Assign(targets=[Name(id='x', ctx=Store())], value=Yield())"},
    {"x = yield a, b",
     "Assign(targets=[Name(id='x', ctx=Store())], value=Yield(value=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load())))"},
    {"x = yield from a",
     "Assign(targets=[Name(id='x', ctx=Store())], value=YieldFrom(value=Name(id='a', ctx=Load())))"},
    {"(yield a)",
     "Expr(value=Yield(value=Name(id='a', ctx=Load())))"},
    {"print",
     "Expr(value=Name(id='print', ctx=Load()))"},
    {"match = case = _ = 1",
     "Assign(targets=[Name(id='match', ctx=Store()), Name(id='case', ctx=Store()), Name(id='_', ctx=Store())], value=Constant(value=1))"},
    {"match.case[0](1)",
     "Expr(value=Call(func=Subscript(value=Attribute(value=Name(id='match', ctx=Load()), attr='case', ctx=Load()), slice=Constant(value=0), ctx=Load()), args=[Constant(value=1)], keywords=[]))"},
    {"match(a)",
     "Expr(value=Call(func=Name(id='match', ctx=Load()), args=[Name(id='a', ctx=Load())], keywords=[]))"},
    {"match[a:b]",
     "Expr(value=Subscript(value=Name(id='match', ctx=Load()), slice=Slice(lower=Name(id='a', ctx=Load()), upper=Name(id='b', ctx=Load())), ctx=Load()))"},
    {"match: int",
     "AnnAssign(target=Name(id='match', ctx=Store()), annotation=Name(id='int', ctx=Load()), simple=1)"},
    {"print(match, case)",
     "Expr(value=Call(func=Name(id='print', ctx=Load()), args=[Name(id='match', ctx=Load()), Name(id='case', ctx=Load())], keywords=[]))"},
    {"None, True, False, ...",
     "Expr(value=Tuple(elts=[Constant(value=None), Constant(value=True), Constant(value=False), Constant(value=Ellipsis)], ctx=Load()))"},
    {"1, 0, 0b101, 0o17, 0xFF, 1_000, 00",
     "Expr(value=Tuple(elts=[Constant(value=1), Constant(value=0), Constant(value=5), Constant(value=15), Constant(value=255), Constant(value=1000), Constant(value=0)], ctx=Load()))"},
    {"9223372036854775807, 9223372036854775808",
     "Expr(value=Tuple(elts=[Constant(value=9223372036854775807), Constant(value=9223372036854775808)], ctx=Load()))"},
    {"1.5, .5, 1., 1e10, 1E-5, 1_0.0_1e+1_0, 1e400",
     "Expr(value=Tuple(elts=[Constant(value=1.5), Constant(value=0.5), Constant(value=1.0), Constant(value=10000000000.0), Constant(value=1e-05), Constant(value=100100000000.0), Constant(value=inf)], ctx=Load()))"},
    {"'a', \"b\", '''c\nd''', \"\"\"e\"f\"\"\"",
     "Expr(value=Tuple(elts=[Constant(value='a'), Constant(value='b'), Constant(value='c\\nd'), Constant(value='e\"f')], ctx=Load()))"},
    {"'a' \"b\" r'\\n' u'c'",
     "Expr(value=Constant(value='ab\\\\nc'))"},
    {"u'a'",
     "Expr(value=Constant(value='a', kind='u'))"},
    {"b'a\\x00\\xff' rb'\\x' BR\"\\\\\"",
     "Expr(value=Constant(value=b'a\\x00\\xff\\\\x\\\\\\\\'))"},
    {"'\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\0\\101\\x41\\u00e9\\U0001F600\\\nx\\q'",
     "Expr(value=Constant(value='\\x07\\x08\\x0c\\n\\r\\t\\x0b\\\\\\'\"\\x00AAé😀x\\\\q'))"},
    {"'\\ud83d' 'é'",
     "Expr(value=Constant(value='\\ud83dé'))"},
    {"f''",
     "Expr(value=JoinedStr(values=[]))"},
    {"f'a'",
     "Expr(value=JoinedStr(values=[Constant(value='a')]))"},
    {"f'{a}'",
     "Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load()), conversion=-1)]))"},
    {"f'a{b!r:>{c}}d{{e}}' 'f' f\"{g=}\"",
     "Expr(value=JoinedStr(values=[Constant(value='a'), FormattedValue(value=Name(id='b', ctx=Load()), conversion=114, format_spec=JoinedStr(values=[Constant(value='>'), FormattedValue(value=Name(id='c', ctx=Load()), conversion=-1)])), Constant(value='d{e}fg='), FormattedValue(value=Name(id='g', ctx=Load()), conversion=114)]))"},
    {"f'{a:{b}.{c}}{d!s}{e!a}'",
     "Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load()), conversion=-1, format_spec=JoinedStr(values=[FormattedValue(value=Name(id='b', ctx=Load()), conversion=-1), Constant(value='.'), FormattedValue(value=Name(id='c', ctx=Load()), conversion=-1)])), FormattedValue(value=Name(id='d', ctx=Load()), conversion=115), FormattedValue(value=Name(id='e', ctx=Load()), conversion=97)]))"},
    {"f'{a = }{a=!s}{a=:x}'",
     "Expr(value=JoinedStr(values=[Constant(value='a = '), FormattedValue(value=Name(id='a', ctx=Load()), conversion=114), Constant(value='a='), FormattedValue(value=Name(id='a', ctx=Load()), conversion=115), Constant(value='a='), FormattedValue(value=Name(id='a', ctx=Load()), conversion=-1, format_spec=JoinedStr(values=[Constant(value='x')]))]))"},
    {"f'{a, b}{ {1: 2}[1] }{(lambda: 1)()}{a!=b}{a if b else c}'",
     "Expr(value=JoinedStr(values=[FormattedValue(value=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()), conversion=-1), FormattedValue(value=Subscript(value=Dict(keys=[Constant(value=1)], values=[Constant(value=2)]), slice=Constant(value=1), ctx=Load()), conversion=-1), FormattedValue(value=Call(func=Lambda(args=arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]), body=Constant(value=1)), args=[], keywords=[]), conversion=-1), FormattedValue(value=Compare(left=Name(id='a', ctx=Load()), ops=[NotEq()], comparators=[Name(id='b', ctx=Load())]), conversion=-1), FormattedValue(value=IfExp(test=Name(id='b', ctx=Load()), body=Name(id='a', ctx=Load()), orelse=Name(id='c', ctx=Load())), conversion=-1)]))"},
    {"f'{x:%H:%M}' rf'\\d{y}\\n'",
     "Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='x', ctx=Load()), conversion=-1, format_spec=JoinedStr(values=[Constant(value='%H:%M')])), Constant(value='\\\\d'), FormattedValue(value=Name(id='y', ctx=Load()), conversion=-1), Constant(value='\\\\n')]))"},
    {"f'{f\"{a}\"}'",
     "Expr(value=JoinedStr(values=[FormattedValue(value=JoinedStr(values=[FormattedValue(value=Name(id='a', ctx=Load()), conversion=-1)]), conversion=-1)]))"},
    {"f'{yield_}{[a for a in b]}{a[b:c]}'",
     "Expr(value=JoinedStr(values=[FormattedValue(value=Name(id='yield_', ctx=Load()), conversion=-1), FormattedValue(value=ListComp(elt=Name(id='a', ctx=Load()), generators=[comprehension(target=Name(id='a', ctx=Store()), iter=Name(id='b', ctx=Load()), ifs=[], is_async=0)]), conversion=-1), FormattedValue(value=Subscript(value=Name(id='a', ctx=Load()), slice=Slice(lower=Name(id='b', ctx=Load()), upper=Name(id='c', ctx=Load())), ctx=Load()), conversion=-1)]))"},
    {"ᵢdentifier = ſ",
     "Assign(targets=[Name(id='identifier', ctx=Store())], value=Name(id='s', ctx=Load()))"},
    {"été",
     "Expr(value=Name(id='été', ctx=Load()))"},
    {"if a:\n\tb\n\tc",
     "If(test=Name(id='a', ctx=Load()), body=[Expr(value=Name(id='b', ctx=Load())), Expr(value=Name(id='c', ctx=Load()))], orelse=[])"},
    {"x = (1,\n  2,  # comment\n\n  3)",
     "Assign(targets=[Name(id='x', ctx=Store())], value=Tuple(elts=[Constant(value=1), Constant(value=2), Constant(value=3)], ctx=Load()))"},
    {"x = 1 + \\\n  2",
     "Assign(targets=[Name(id='x', ctx=Store())], value=BinOp(left=Constant(value=1), op=Add(), right=Constant(value=2)))"},
    {"match a:\n  case 1 | -1.5 | 'a' 'b' | b'c' | None | True | False: pass\n  case b if c: pass",
     "Match(subject=Name(id='a', ctx=Load()), cases=[match_case(pattern=MatchOr(patterns=[MatchValue(value=Constant(value=1)), MatchValue(value=UnaryOp(op=USub(), operand=Constant(value=1.5))), MatchValue(value=Constant(value='ab')), MatchValue(value=Constant(value=b'c')), MatchSingleton(value=None), MatchSingleton(value=True), MatchSingleton(value=False)]), body=[Pass()]), match_case(pattern=MatchAs(name='b'), guard=Name(id='c', ctx=Load()), body=[Pass()])])"},
    {"match a, b:\n  case c, *d: pass\n  case e,: pass\n  case *_, f: pass",
     "Match(subject=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()), cases=[match_case(pattern=MatchSequence(patterns=[MatchAs(name='c'), MatchStar(name='d')]), body=[Pass()]), match_case(pattern=MatchSequence(patterns=[MatchAs(name='e')]), body=[Pass()]), match_case(pattern=MatchSequence(patterns=[MatchStar(), MatchAs(name='f')]), body=[Pass()])])"},
    {"match (a):\n  case [b, *c, _]: pass\n  case (d,): pass\n  case (e): pass\n  case (): pass\n  case []: pass",
     "Match(subject=Name(id='a', ctx=Load()), cases=[match_case(pattern=MatchSequence(patterns=[MatchAs(name='b'), MatchStar(name='c'), MatchAs()]), body=[Pass()]), match_case(pattern=MatchSequence(patterns=[MatchAs(name='d')]), body=[Pass()]), match_case(pattern=MatchAs(name='e'), body=[Pass()]), match_case(pattern=MatchSequence(patterns=[]), body=[Pass()]), match_case(pattern=MatchSequence(patterns=[]), body=[Pass()])])"},
    {"match a:\n  case {}: pass\n  case {'b': c, 1: _, d.e: f, -1: g, None: h, **i}: pass\n  case {**j,}: pass",
     "Match(subject=Name(id='a', ctx=Load()), cases=[match_case(pattern=MatchMapping(keys=[], patterns=[]), body=[Pass()]), match_case(pattern=MatchMapping(keys=[Constant(value='b'), Constant(value=1), Attribute(value=Name(id='d', ctx=Load()), attr='e', ctx=Load()), UnaryOp(op=USub(), operand=Constant(value=1)), Constant(value=None)], patterns=[MatchAs(name='c'), MatchAs(), MatchAs(name='f'), MatchAs(name='g'), MatchAs(name='h')], rest='i'), body=[Pass()]), match_case(pattern=MatchMapping(keys=[], patterns=[], rest='j'), body=[Pass()])])"},
    {"match a:\n  case A(): pass\n  case a.B(c, D(e), f=g, h=i): pass",
     "Match(subject=Name(id='a', ctx=Load()), cases=[match_case(pattern=MatchClass(cls=Name(id='A', ctx=Load()), patterns=[], kwd_attrs=[], kwd_patterns=[]), body=[Pass()]), match_case(pattern=MatchClass(cls=Attribute(value=Name(id='a', ctx=Load()), attr='B', ctx=Load()), patterns=[MatchAs(name='c'), MatchClass(cls=Name(id='D', ctx=Load()), patterns=[MatchAs(name='e')], kwd_attrs=[], kwd_patterns=[])], kwd_attrs=['f', 'h'], kwd_patterns=[MatchAs(name='g'), MatchAs(name='i')]), body=[Pass()])])"},
    {"match a:\n  case (b | c) as d: pass\n  case [e as f, (g | h)]: pass\n  case a.b.c: pass\n  case _: pass",
     "Match(subject=Name(id='a', ctx=Load()), cases=[match_case(pattern=MatchAs(pattern=MatchOr(patterns=[MatchAs(name='b'), MatchAs(name='c')]), name='d'), body=[Pass()]), match_case(pattern=MatchSequence(patterns=[MatchAs(pattern=MatchAs(name='e'), name='f'), MatchOr(patterns=[MatchAs(name='g'), MatchAs(name='h')])]), body=[Pass()]), match_case(pattern=MatchValue(value=Attribute(value=Attribute(value=Name(id='a', ctx=Load()), attr='b', ctx=Load()), attr='c', ctx=Load())), body=[Pass()]), match_case(pattern=MatchAs(), body=[Pass()])])"},
    {"match -a:\n  case b: pass",
     "Match(subject=UnaryOp(op=USub(), operand=Name(id='a', ctx=Load())), cases=[match_case(pattern=MatchAs(name='b'), body=[Pass()])])"},
    {"match *a, b:\n  case c: match = 1",
     "Match(subject=Tuple(elts=[Starred(value=Name(id='a', ctx=Load()), ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()), cases=[match_case(pattern=MatchAs(name='c'), body=[Assign(targets=[Name(id='match', ctx=Store())], value=Constant(value=1))])])"},
    {"match match:\n  case case: case\n  case _:\n    match case:\n      case 1: pass",
     "Match(subject=Name(id='match', ctx=Load()), cases=[match_case(pattern=MatchAs(name='case'), body=[Expr(value=Name(id='case', ctx=Load()))]), match_case(pattern=MatchAs(), body=[Match(subject=Name(id='case', ctx=Load()), cases=[match_case(pattern=MatchValue(value=Constant(value=1)), body=[Pass()])])])])"},
    {"match {}:\n  case x: pass",
     "Match(subject=Dict(keys=[], values=[]), cases=[match_case(pattern=MatchAs(name='x'), body=[Pass()])])"},
    {"match not a:\n  case x: pass",
     "Match(subject=UnaryOp(op=Not(), operand=Name(id='a', ctx=Load())), cases=[match_case(pattern=MatchAs(name='x'), body=[Pass()])])"},
    {"match(a)\nmatch (a, b):\n  case c: pass",
     "Expr(value=Call(func=Name(id='match', ctx=Load()), args=[Name(id='a', ctx=Load())], keywords=[])), Match(subject=Tuple(elts=[Name(id='a', ctx=Load()), Name(id='b', ctx=Load())], ctx=Load()), cases=[match_case(pattern=MatchAs(name='c'), body=[Pass()])])"},
};

TEST(Parser, MakesTheTreesOfCpython) {
  for (const Case& item : kTrees) {
    EXPECT_EQ(tree_of(item.text), "Module(body=[" + std::string(item.expected) + "], type_ignores=[])") << item.text;
  }
}

const Case kErrors[] = {
    {"x = 1abc", "SyntaxError: invalid decimal literal"},
    {"x = 1__0", "SyntaxError: invalid decimal literal"},
    {"0x", "SyntaxError: invalid hexadecimal literal"},
    {"0xg", "SyntaxError: invalid hexadecimal literal"},
    {"0b12", "SyntaxError: invalid digit '2' in binary literal"},
    {"0o8", "SyntaxError: invalid digit '8' in octal literal"},
    {"012", "SyntaxError: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers"},
    {"1e", "SyntaxError: invalid decimal literal"},
    {"1_", "SyntaxError: invalid decimal literal"},
    {"1.5_", "SyntaxError: invalid decimal literal"},
    {"x = 'abc", "SyntaxError: unterminated string literal (detected at line 1)"},
    {"x = 'abc\n", "SyntaxError: unterminated string literal (detected at line 1)"},
    {"x='''abc\nfoo", "SyntaxError: unterminated triple-quoted string literal (detected at line 2)"},
    {"x = €", "SyntaxError: invalid character '€' (U+20AC)"},
    {"x = a€b", "SyntaxError: invalid character '€' (U+20AC)"},
    {"x = ​1", "SyntaxError: invalid non-printable character U+200B"},
    {"x \\ y", "SyntaxError: unexpected character after line continuation character"},
    {"x = 1 \\", "SyntaxError: unexpected EOF while parsing"},
    {"(", "SyntaxError: '(' was never closed"},
    {"(1,\n2", "SyntaxError: '(' was never closed"},
    {"f(a b", "SyntaxError: '(' was never closed"},
    {"x = )", "SyntaxError: unmatched ')'"},
    {"(]", "SyntaxError: closing parenthesis ']' does not match opening parenthesis '('"},
    {"(\n]", "SyntaxError: closing parenthesis ']' does not match opening parenthesis '(' on line 1"},
    {"x = $", "SyntaxError: invalid syntax"},
    {"x = ?", "SyntaxError: invalid syntax"},
    {"a ! b", "SyntaxError: invalid syntax"},
    {"  x", "IndentationError: unexpected indent"},
    {"if 1:\nx", "IndentationError: expected an indented block after 'if' statement on line 1"},
    {"if 1:\n", "IndentationError: expected an indented block after 'if' statement on line 1"},
    {"if 1:", "IndentationError: expected an indented block after 'if' statement on line 1"},
    {"if 1:\n    x\n  y", "IndentationError: unindent does not match any outer indentation level"},
    {"if 1:\n\tx\n        y", "TabError: inconsistent use of tabs and spaces in indentation"},
    {"if 1:\n  x\n    y\n", "IndentationError: unexpected indent"},
    {"x =", "SyntaxError: invalid syntax"},
    {"x =\n", "SyntaxError: invalid syntax"},
    {"for", "SyntaxError: invalid syntax"},
    {"def f(", "SyntaxError: '(' was never closed"},
    {"def f():", "IndentationError: expected an indented block after function definition on line 1"},
    {"class A\n", "SyntaxError: expected ':'"},
    {"x = 'a' b", "SyntaxError: invalid syntax"},
    {"'\\xz'", "SyntaxError: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-1: truncated \\xXX escape"},
    {"b'é'", "SyntaxError: bytes can only contain ASCII literal characters"},
    {"'\\N{foo}'", "SyntaxError: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-6: unknown Unicode character name"},
    {"f'{'", "SyntaxError: f-string: expecting '}'"},
    {"f'}'", "SyntaxError: f-string: single '}' is not allowed"},
    {"f'{}'", "SyntaxError: f-string: empty expression not allowed"},
    {"f'{a b}'", "SyntaxError: f-string: invalid syntax. Perhaps you forgot a comma?"},
    {"f'{a'", "SyntaxError: f-string: expecting '}'"},
    {"f'{a!x}'", "SyntaxError: f-string: invalid conversion character: expected 's', 'r', or 'a'"},
    {"f'{a!}'", "SyntaxError: f-string: invalid conversion character: expected 's', 'r', or 'a'"},
    {"f'{a:{b:{c}}}'", "SyntaxError: f-string: expressions nested too deeply"},
    {"try:\n  pass\n", "SyntaxError: expected 'except' or 'finally' block"},
    {"try:\n  pass\nx=1", "SyntaxError: expected 'except' or 'finally' block"},
    {"print 1", "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"},
    {"1 = x", "SyntaxError: cannot assign to literal here. Maybe you meant '==' instead of '='?"},
    {"f() = 1", "SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?"},
    {"x + 1 += 2", "SyntaxError: 'expression' is an illegal expression for augmented assignment"},
    {"(a,b): int", "SyntaxError: only single target (not tuple) can be annotated"},
    {"a,b: int", "SyntaxError: only single target (not tuple) can be annotated"},
    {"[a]: int", "SyntaxError: only single target (not list) can be annotated"},
    {"f(a=1, 2)", "SyntaxError: positional argument follows keyword argument"},
    {"f(**a, *b)", "SyntaxError: iterable argument unpacking follows keyword argument unpacking"},
    {"f(x for x in y, 1)", "SyntaxError: Generator expression must be parenthesized"},
    {"f(a.b=1)", "SyntaxError: expression cannot contain assignment, perhaps you meant \"==\"?"},
    {"f(True=1)", "SyntaxError: cannot assign to True"},
    {"if x = 1: pass", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"if x\n", "SyntaxError: expected ':'"},
    {"while 1\n  pass", "SyntaxError: expected ':'"},
    {"x = {1:2, 3}", "SyntaxError: ':' expected after dictionary key"},
    {"x = {1:2, **3 for x in y}", "SyntaxError: invalid syntax"},
    {"[*a for a in b]", "SyntaxError: iterable unpacking cannot be used in comprehension"},
    {"import a.b as c.d", "SyntaxError: invalid syntax"},
    {"from a import b,", "SyntaxError: trailing comma not allowed without surrounding parentheses"},
    {"from a import", "SyntaxError: invalid syntax"},
    {"del f()", "SyntaxError: cannot delete function call"},
    {"del 1", "SyntaxError: cannot delete literal"},
    {"with a as f(): pass", "SyntaxError: cannot assign to function call"},
    {"a b", "SyntaxError: invalid syntax"},
    {"0777", "SyntaxError: leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers"},
    {"'\\u12'", "SyntaxError: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-3: truncated \\uXXXX escape"},
    {"'\\U00110000'", "SyntaxError: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-9: illegal Unicode character"},
    {"x = [1,2\ny = 3\n", "SyntaxError: '[' was never closed"},
    {"async x", "SyntaxError: invalid syntax"},
    {"None = 1", "SyntaxError: cannot assign to None"},
    {"x.None = 1", "SyntaxError: invalid syntax"},
    {"def f(a=1,b): pass", "SyntaxError: non-default argument follows default argument"},
    {"def f(*): pass", "SyntaxError: named arguments must follow bare *"},
    {"lambda *: 1", "SyntaxError: named arguments must follow bare *"},
    {"import", "SyntaxError: invalid syntax"},
    {"a := 1", "SyntaxError: invalid syntax"},
    {"(a.b := 1)", "SyntaxError: cannot use assignment expressions with attribute"},
    {"print(*a for a in b)", "SyntaxError: iterable unpacking cannot be used in comprehension"},
    {"yield = 1", "SyntaxError: assignment to yield expression not possible"},
    {"x = yield = 1", "SyntaxError: assignment to yield expression not possible"},
    {"pass = 1", "SyntaxError: invalid syntax"},
    {"if True:\n  1\n else:\n  2", "IndentationError: unindent does not match any outer indentation level"},
    {"\t1", "IndentationError: unexpected indent"},
    {"a = f() = 1", "SyntaxError: cannot assign to function call"},
    {"f() = a = 1", "SyntaxError: cannot assign to function call"},
    {"1, a = 2", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"a, 1 = 2", "SyntaxError: cannot assign to literal here. Maybe you meant '==' instead of '='?"},
    {"a, 1 = 2 = 3", "SyntaxError: cannot assign to literal"},
    {"(a, 1) = 2", "SyntaxError: cannot assign to literal"},
    {"[a, f()] = 2", "SyntaxError: cannot assign to function call"},
    {"a if b else c = 1", "SyntaxError: cannot assign to conditional expression"},
    {"not a = 1", "SyntaxError: cannot assign to expression"},
    {"a < b = 1", "SyntaxError: cannot assign to comparison"},
    {"a and b = 1", "SyntaxError: cannot assign to expression"},
    {"-a = 1", "SyntaxError: cannot assign to expression here. Maybe you meant '==' instead of '='?"},
    {"*a() = 1", "SyntaxError: cannot assign to function call"},
    {"lambda: x = 1", "SyntaxError: cannot assign to lambda"},
    {"f() = not x", "SyntaxError: cannot assign to function call"},
    {"f() = yield", "SyntaxError: cannot assign to function call"},
    {"f() = a < b", "SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?"},
    {"f() = x if y else z", "SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?"},
    {"[a].b() = 1", "SyntaxError: cannot assign to function call"},
    {"{} = 1", "SyntaxError: cannot assign to dict literal here. Maybe you meant '==' instead of '='?"},
    {"{1} = 1", "SyntaxError: cannot assign to set display here. Maybe you meant '==' instead of '='?"},
    {"{1:2} = 3", "SyntaxError: cannot assign to dict literal here. Maybe you meant '==' instead of '='?"},
    {"'a' = 1", "SyntaxError: cannot assign to literal here. Maybe you meant '==' instead of '='?"},
    {"f'{x}' = 1", "SyntaxError: cannot assign to f-string expression here. Maybe you meant '==' instead of '='?"},
    {"... = 1", "SyntaxError: cannot assign to ellipsis here. Maybe you meant '==' instead of '='?"},
    {"True = 1", "SyntaxError: cannot assign to True"},
    {"(x for x in y) = 1", "SyntaxError: cannot assign to generator expression"},
    {"[x for x in y] = 1", "SyntaxError: cannot assign to list comprehension here. Maybe you meant '==' instead of '='?"},
    {"(a + b) = 1", "SyntaxError: cannot assign to expression here. Maybe you meant '==' instead of '='?"},
    {"(f()) = 1", "SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?"},
    {"(a, b + c) = 1", "SyntaxError: cannot assign to expression"},
    {"await x = 1", "SyntaxError: cannot assign to await expression here. Maybe you meant '==' instead of '='?"},
    {"f() = *a", "SyntaxError: cannot assign to function call"},
    {"x = f() = *a, b", "SyntaxError: cannot assign to function call"},
    {"for f() in x: pass", "SyntaxError: cannot assign to function call"},
    {"for a + b in x: pass", "SyntaxError: cannot assign to expression"},
    {"for (a, f()) in x: pass", "SyntaxError: cannot assign to function call"},
    {"for 1 in x: pass", "SyntaxError: cannot assign to literal"},
    {"[x for f() in y]", "SyntaxError: cannot assign to function call"},
    {"[x for a, 1 in y]", "SyntaxError: cannot assign to literal"},
    {"for a, b += c", "SyntaxError: invalid syntax"},
    {"x + 1: int", "SyntaxError: illegal target for annotation"},
    {"f(): int", "SyntaxError: illegal target for annotation"},
    {"(a), b: int", "SyntaxError: only single target (not tuple) can be annotated"},
    {"x = 1 = 2", "SyntaxError: cannot assign to literal"},
    {"(yield) = 1", "SyntaxError: cannot assign to yield expression here. Maybe you meant '==' instead of '='?"},
    {"(yield x) += 1", "SyntaxError: 'yield expression' is an illegal expression for augmented assignment"},
    {"a, b += 1", "SyntaxError: 'tuple' is an illegal expression for augmented assignment"},
    {"[a] += 1", "SyntaxError: 'list' is an illegal expression for augmented assignment"},
    {"(a, b) += 1", "SyntaxError: 'tuple' is an illegal expression for augmented assignment"},
    {"f() += 1", "SyntaxError: 'function call' is an illegal expression for augmented assignment"},
    {"1 += 1", "SyntaxError: 'literal' is an illegal expression for augmented assignment"},
    {"*a += 1", "SyntaxError: 'starred' is an illegal expression for augmented assignment"},
    {"None += 1", "SyntaxError: 'None' is an illegal expression for augmented assignment"},
    {"del (a, f())", "SyntaxError: cannot delete function call"},
    {"del a + b", "SyntaxError: cannot delete expression"},
    {"del *a", "SyntaxError: cannot delete starred"},
    {"del a, *b", "SyntaxError: cannot delete starred"},
    {"del (*a, b)", "SyntaxError: cannot delete starred"},
    {"del None", "SyntaxError: cannot delete None"},
    {"with a as 1: pass", "SyntaxError: cannot assign to literal"},
    {"with a as (b, f()): pass", "SyntaxError: cannot assign to function call"},
    {"with (a as 1): pass", "SyntaxError: cannot assign to literal"},
    {"import a as 1", "SyntaxError: invalid syntax"},
    {"(a := 1) = 2", "SyntaxError: cannot assign to named expression here. Maybe you meant '==' instead of '='?"},
    {"((a) := 1)", "SyntaxError: cannot use assignment expressions with name"},
    {"f(a.b := 1)", "SyntaxError: invalid syntax"},
    {"f(**x, 1)", "SyntaxError: positional argument follows keyword argument unpacking"},
    {"f(a, b for b in c)", "SyntaxError: Generator expression must be parenthesized"},
    {"f(b for b in c, a)", "SyntaxError: Generator expression must be parenthesized"},
    {"f(b for b in c,)", "SyntaxError: Generator expression must be parenthesized"},
    {"f(a=b for b in c)", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"f((a)=1)", "SyntaxError: expression cannot contain assignment, perhaps you meant \"==\"?"},
    {"f(1=2)", "SyntaxError: expression cannot contain assignment, perhaps you meant \"==\"?"},
    {"f(a+b=1)", "SyntaxError: expression cannot contain assignment, perhaps you meant \"==\"?"},
    {"class A(x for x in y): pass", "SyntaxError: invalid syntax"},
    {"f(a b)", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"[a b]", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"(a b)", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"{a b}", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"{a: b c: d}", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"x = (1 2)", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"x = [1 2, 3", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"[a, b for b in c]", "SyntaxError: did you forget parentheses around the comprehension target?"},
    {"{a, b for b in c}", "SyntaxError: did you forget parentheses around the comprehension target?"},
    {"[a, for a in b]", "SyntaxError: did you forget parentheses around the comprehension target?"},
    {"{**a for a in b}", "SyntaxError: dict unpacking cannot be used in dict comprehension"},
    {"(a, b for b in c)", "SyntaxError: invalid syntax"},
    {"a = b c", "SyntaxError: invalid syntax"},
    {"if a b: pass", "SyntaxError: invalid syntax"},
    {"while (a b): pass", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"x = {1: 2, 3}", "SyntaxError: ':' expected after dictionary key"},
    {"x = {1:, 3}", "SyntaxError: expression expected after dictionary key and ':'"},
    {"x = {1: *a}", "SyntaxError: cannot use a starred expression in a dictionary value"},
    {"{1: *a, 2: 3}", "SyntaxError: cannot use a starred expression in a dictionary value"},
    {"{**a: 1}", "SyntaxError: invalid syntax"},
    {"print a, b", "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"},
    {"exec 'abc'", "SyntaxError: Missing parentheses in call to 'exec'. Did you mean exec(...)?"},
    {"print(a) b", "SyntaxError: invalid syntax"},
    {"if a = 1: pass", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"if a.b = 1: pass", "SyntaxError: cannot assign to attribute here. Maybe you meant '==' instead of '='?"},
    {"if f() = 1: pass", "SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?"},
    {"if 1 = 1: pass", "SyntaxError: cannot assign to literal here. Maybe you meant '==' instead of '='?"},
    {"while a = b: pass", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"(a = 1)", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"[a = 1]", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"{a = 1}", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"(a.b = 1)", "SyntaxError: cannot assign to attribute here. Maybe you meant '==' instead of '='?"},
    {"x = (a = 1)", "SyntaxError: invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
    {"assert a = 1", "SyntaxError: invalid syntax"},
    {"return a = 1", "SyntaxError: invalid syntax"},
    {"f(a, b = 1 2)", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"(a if b)", "SyntaxError: expected 'else' after 'if' expression"},
    {"x = a if b", "SyntaxError: expected 'else' after 'if' expression"},
    {"x = a if b c", "SyntaxError: expected 'else' after 'if' expression"},
    {"[a if b for c in d]", "SyntaxError: expected 'else' after 'if' expression"},
    {"for x in y z: pass", "SyntaxError: invalid syntax"},
    {"for x in y\n", "SyntaxError: expected ':'"},
    {"else x", "SyntaxError: invalid syntax"},
    {"try x", "SyntaxError: expected ':'"},
    {"try\n", "SyntaxError: expected ':'"},
    {"while x y: pass", "SyntaxError: invalid syntax"},
    {"def f x", "SyntaxError: expected '('"},
    {"def f() x: pass", "SyntaxError: expected ':'"},
    {"def f()\n", "SyntaxError: expected ':'"},
    {"with a b: pass", "SyntaxError: invalid syntax"},
    {"with a\n", "SyntaxError: expected ':'"},
    {"with (a, b)\n", "SyntaxError: expected ':'"},
    {"class A x: pass", "SyntaxError: invalid syntax"},
    {"class A(B)\n", "SyntaxError: expected ':'"},
    {"if x\n  y", "SyntaxError: expected ':'"},
    {"elif x:", "SyntaxError: invalid syntax"},
    {"if x: pass\nelif y\n", "SyntaxError: expected ':'"},
    {"if x: pass\nelse\n", "SyntaxError: expected ':'"},
    {"if x: pass\nelse y", "SyntaxError: expected ':'"},
    {"try: pass\nexcept\n", "SyntaxError: expected ':'"},
    {"try: pass\nexcept a\n", "SyntaxError: expected ':'"},
    {"try: pass\nexcept a, b: pass", "SyntaxError: multiple exception types must be parenthesized"},
    {"try: pass\nexcept a, b as c: pass", "SyntaxError: multiple exception types must be parenthesized"},
    {"try: pass\nexcept *a\n", "SyntaxError: expected ':'"},
    {"try: pass\nexcept *:\n  pass", "SyntaxError: expected one or more exception types"},
    {"try: pass\nexcept a as b.c: pass", "SyntaxError: invalid syntax"},
    {"try: pass\nfinally\n", "SyntaxError: expected ':'"},
    {"try: pass\nexcept a: pass\nexcept *b: pass", "SyntaxError: cannot have both 'except' and 'except*' on the same 'try'"},
    {"match x\n", "SyntaxError: expected ':'"},
    {"match x:\npass", "IndentationError: expected an indented block after 'match' statement on line 1"},
    {"match x:\n  case 1\n", "SyntaxError: expected ':'"},
    {"match x:\n  case 1:\n  pass", "IndentationError: expected an indented block after 'case' statement on line 2"},
    {"match x:\n  case a as _: pass", "SyntaxError: cannot use '_' as a target"},
    {"match x:\n  case a as b.c: pass", "SyntaxError: invalid syntax"},
    {"match x:\n  case A(b=1, c): pass", "SyntaxError: positional patterns follow keyword patterns"},
    {"match x:\n  case {**a, 'b': 1}: pass", "SyntaxError: invalid syntax"},
    {"match x: pass", "SyntaxError: invalid syntax"},
    {"lambda x y: 1", "SyntaxError: invalid syntax"},
    {"lambda", "SyntaxError: invalid syntax"},
    {"def f(a=): pass", "SyntaxError: expected default value expression"},
    {"def f(a b): pass", "SyntaxError: invalid syntax"},
    {"def f((a, b)): pass", "SyntaxError: Function parameters cannot be parenthesized"},
    {"def f(a, (b)): pass", "SyntaxError: Function parameters cannot be parenthesized"},
    {"lambda (a): 1", "SyntaxError: Lambda expression parameters cannot be parenthesized"},
    {"def f(*a=1): pass", "SyntaxError: var-positional argument cannot have default value"},
    {"def f(**k=1): pass", "SyntaxError: var-keyword argument cannot have default value"},
    {"def f(**k, a): pass", "SyntaxError: arguments cannot follow var-keyword argument"},
    {"def f(*a, *b): pass", "SyntaxError: * argument may appear only once"},
    {"def f(/): pass", "SyntaxError: invalid syntax"},
    {"def f(a, /, b, /): pass", "SyntaxError: / may appear only once"},
    {"def f(*a, /): pass", "SyntaxError: / must be ahead of *"},
    {"def f(*, **k): pass", "SyntaxError: named arguments must follow bare *"},
    {"def f(a, *): pass", "SyntaxError: named arguments must follow bare *"},
    {"lambda a=1, b: 1", "SyntaxError: non-default argument follows default argument"},
    {"def f(1): pass", "SyntaxError: invalid syntax"},
    {"f(a=)", "SyntaxError: invalid syntax"},
    {"f(a=, b)", "SyntaxError: invalid syntax"},
    {"f(**)", "SyntaxError: invalid syntax"},
    {"f(a, , b)", "SyntaxError: invalid syntax"},
    {"f(,)", "SyntaxError: invalid syntax"},
    {"(,)", "SyntaxError: invalid syntax"},
    {"[,]", "SyntaxError: invalid syntax"},
    {"{,}", "SyntaxError: invalid syntax"},
    {"[1,,2]", "SyntaxError: invalid syntax"},
    {"x = ,", "SyntaxError: invalid syntax"},
    {"x = 1 +", "SyntaxError: invalid syntax"},
    {"x = a.", "SyntaxError: invalid syntax"},
    {"x = a.1", "SyntaxError: invalid syntax"},
    {"x..y", "SyntaxError: invalid syntax"},
    {"a[", "SyntaxError: '[' was never closed"},
    {"a[]", "SyntaxError: invalid syntax"},
    {"a[1:2:3:4]", "SyntaxError: invalid syntax"},
    {"{1:2,3:4", "SyntaxError: '{' was never closed"},
    {"{1:}", "SyntaxError: expression expected after dictionary key and ':'"},
    {"{1}:", "SyntaxError: invalid syntax"},
    {"{1:2 3:4}", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"{1 2}", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"x = if", "SyntaxError: invalid syntax"},
    {"x = a if b else", "SyntaxError: invalid syntax"},
    {"not", "SyntaxError: invalid syntax"},
    {"not in x", "SyntaxError: invalid syntax"},
    {"a not b", "SyntaxError: invalid syntax"},
    {"a is", "SyntaxError: invalid syntax"},
    {"a < > b", "SyntaxError: invalid syntax"},
    {"a <> b", "SyntaxError: invalid syntax"},
    {"a == = b", "SyntaxError: invalid syntax"},
    {"a =! b", "SyntaxError: invalid syntax"},
    {"a++", "SyntaxError: invalid syntax"},
    {"a--", "SyntaxError: invalid syntax"},
    {"if", "SyntaxError: invalid syntax"},
    {"while", "SyntaxError: invalid syntax"},
    {"import a.", "SyntaxError: invalid syntax"},
    {"import a as", "SyntaxError: invalid syntax"},
    {"from . import", "SyntaxError: invalid syntax"},
    {"from a import (b", "SyntaxError: '(' was never closed"},
    {"from a import b c", "SyntaxError: invalid syntax"},
    {"from a import b as", "SyntaxError: invalid syntax"},
    {"from a import *, b", "SyntaxError: invalid syntax"},
    {"from a import (*)", "SyntaxError: invalid syntax"},
    {"from x.import y", "SyntaxError: invalid syntax"},
    {"global", "SyntaxError: invalid syntax"},
    {"global x.y", "SyntaxError: invalid syntax"},
    {"global x, ", "SyntaxError: invalid syntax"},
    {"nonlocal 1", "SyntaxError: invalid syntax"},
    {"raise x from", "SyntaxError: invalid syntax"},
    {"raise x, y", "SyntaxError: invalid syntax"},
    {"assert", "SyntaxError: invalid syntax"},
    {"assert x,", "SyntaxError: invalid syntax"},
    {"del", "SyntaxError: invalid syntax"},
    {"del x y", "SyntaxError: invalid syntax"},
    {"return return", "SyntaxError: invalid syntax"},
    {"yield from", "SyntaxError: invalid syntax"},
    {"await", "SyntaxError: invalid syntax"},
    {"async def", "SyntaxError: invalid syntax"},
    {"async def f()", "SyntaxError: expected ':'"},
    {"async with a", "SyntaxError: expected ':'"},
    {"async for x in y", "SyntaxError: expected ':'"},
    {"@", "SyntaxError: invalid syntax"},
    {"@a\n", "SyntaxError: invalid syntax"},
    {"@a\nx = 1", "SyntaxError: invalid syntax"},
    {"@a b\ndef f(): pass", "SyntaxError: invalid syntax"},
    {"pass x", "SyntaxError: invalid syntax"},
    {"break 1", "SyntaxError: invalid syntax"},
    {"continue;;", "SyntaxError: invalid syntax"},
    {"x;;y", "SyntaxError: invalid syntax"},
    {";", "SyntaxError: invalid syntax"},
    {"x = 1;; y", "SyntaxError: invalid syntax"},
    {"def", "SyntaxError: invalid syntax"},
    {"class", "SyntaxError: invalid syntax"},
    {"class 1", "SyntaxError: invalid syntax"},
    {"def 1", "SyntaxError: invalid syntax"},
    {"def f", "SyntaxError: expected '('"},
    {"x = yield from", "SyntaxError: invalid syntax"},
    {"print(a b)", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"f(a b, c d)", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"foo(1, 2 3)", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"[1 2 for x in y]", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"'a' 'b' c", "SyntaxError: invalid syntax"},
    {"x = 'a' b'c'", "SyntaxError: cannot mix bytes and nonbytes literals"},
    {"'abc' 1", "SyntaxError: invalid syntax"},
    {"f(x for)", "SyntaxError: invalid syntax"},
    {"[x for]", "SyntaxError: invalid syntax"},
    {"[x for x]", "SyntaxError: invalid syntax"},
    {"[x for x in]", "SyntaxError: invalid syntax"},
    {"[x for x y in z]", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"[for x in y]", "SyntaxError: invalid syntax"},
    {"{x: y for}", "SyntaxError: invalid syntax"},
    {"for in x", "SyntaxError: invalid syntax"},
    {"for x", "SyntaxError: invalid syntax"},
    {"for x y", "SyntaxError: invalid syntax"},
    {"for x in", "SyntaxError: invalid syntax"},
    {"for x in :", "SyntaxError: invalid syntax"},
    {"while :", "SyntaxError: invalid syntax"},
    {"if :", "SyntaxError: invalid syntax"},
    {"if x :: y", "SyntaxError: invalid syntax"},
    {"if x: else", "SyntaxError: invalid syntax"},
    {"with :", "SyntaxError: invalid syntax"},
    {"with a as", "SyntaxError: invalid syntax"},
    {"with a as :", "SyntaxError: invalid syntax"},
    {"with a, :", "SyntaxError: invalid syntax"},
    {"with (a, b:", "SyntaxError: invalid syntax"},
    {"x: ", "SyntaxError: invalid syntax"},
    {"x: = 1", "SyntaxError: invalid syntax"},
    {"x: int =", "SyntaxError: invalid syntax"},
    {"(x, y) : int", "SyntaxError: only single target (not tuple) can be annotated"},
    {"x += ", "SyntaxError: invalid syntax"},
    {"x + = 1", "SyntaxError: invalid syntax"},
    {"x -> y", "SyntaxError: invalid syntax"},
    {"x ? y : z", "SyntaxError: invalid syntax"},
    {"$x", "SyntaxError: invalid syntax"},
    {"`a`", "SyntaxError: invalid syntax"},
    {"a `b`", "SyntaxError: invalid syntax"},
    {"x = {'a' 1}", "SyntaxError: invalid syntax. Perhaps you forgot a comma?"},
    {"x = {a: 1, b}", "SyntaxError: ':' expected after dictionary key"},
    {"x = {a, b: 1}", "SyntaxError: invalid syntax"},
    {"x = {**a, b}", "SyntaxError: ':' expected after dictionary key"},
    {"{*a: 1}", "SyntaxError: invalid syntax"},
    {"{a: 1 for b in c, d: 2}", "SyntaxError: invalid syntax"},
    {"exec x", "SyntaxError: Missing parentheses in call to 'exec'. Did you mean exec(...)?"},
    {"print x if y else z", "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"},
    {"print x;y", "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?"},
    {"print(x) y", "SyntaxError: invalid syntax"},
    {"0b1_2", "SyntaxError: invalid digit '2' in binary literal"},
    {"x = 1.5e", "SyntaxError: invalid decimal literal"},
    {"x = 1_000_", "SyntaxError: invalid decimal literal"},
    {"f'{1#}'", "SyntaxError: f-string expression part cannot include '#'"},
    {"f'{a\\\\b}'", "SyntaxError: f-string expression part cannot include a backslash"},
    {"f'{*a}'", "SyntaxError: f-string: cannot use starred expression here"},
    {"f'{(a]}'", "SyntaxError: f-string: closing parenthesis ']' does not match opening parenthesis '('"},
    {"f'{a)}'", "SyntaxError: f-string: unmatched ')'"},
    {"f'{!r}'", "SyntaxError: f-string: expression required before '!'"},
    {"f\"{'a}\"", "SyntaxError: f-string: unterminated string"},
    {"if 1:\n  x\n y\n", "IndentationError: unindent does not match any outer indentation level"},
    {"while 1:\n\tx\n    \ty", "TabError: inconsistent use of tabs and spaces in indentation"},
    {"b'\\xz'", "SyntaxError: (value error) invalid \\x escape at position 0"},
    {"'\\N{'", "SyntaxError: (unicode error) 'unicodeescape' codec can't decode bytes in position 0-2: malformed \\N character escape"},
    {"def f(/, a): pass", "SyntaxError: at least one argument must precede /"},
    {"def f(a, /*, b): pass", "SyntaxError: expected comma between / and *"},
    {"3 * x + 15 =", "SyntaxError: cannot assign to expression"},
    {"C() = a -", "SyntaxError: cannot assign to function call here. Maybe you meant '==' instead of '='?"},
    {"for f(): pass", "SyntaxError: cannot assign to function call"},
    {"with (a as b)\n  pass", "SyntaxError: expected ':'"},
    {"with a:\npass", "IndentationError: expected an indented block after 'with' statement on line 1"},
    {"class A:\npass", "IndentationError: expected an indented block after class definition on line 1"},
    {"try:\npass", "IndentationError: expected an indented block after 'try' statement on line 1"},
    {"try: pass\nexcept*A:\npass", "IndentationError: expected an indented block after 'except*' statement on line 2"},
    {"for a in b:\npass", "IndentationError: expected an indented block after 'for' statement on line 1"},
    {"while 1:\npass", "IndentationError: expected an indented block after 'while' statement on line 1"},
    {"match x:\n  case 1 as 2: pass", "SyntaxError: invalid pattern target"},
    {"match x:\n  case 1+2: pass", "SyntaxError: imaginary number required in complex literal"},
    {"match x:\n  case f'a': pass", "SyntaxError: patterns may only match literals and attribute lookups"},
    {"(**a)", "SyntaxError: cannot use double starred expression here"},
    {"import a,", "SyntaxError: invalid syntax"},
    {std::string(201, '('), "SyntaxError: too many nested parentheses"},
};

TEST(Parser, SaysWhatCpythonSays) {
  for (const Case& item : kErrors) EXPECT_EQ(error_of(item.text), item.expected) << item.text;
}

// An error of the scanner comes before those of the grammar, wherever they are; one of the layout waits its turn.
TEST(Parser, ReportsErrorsInCpythonsOrder) {
  EXPECT_EQ(error_of("x = 1 2\ny = 'a\n"), "SyntaxError: unterminated string literal (detected at line 2)");
  EXPECT_EQ(error_of("x = 1 2\nif a:\n    b\n  c\n"), "SyntaxError: invalid syntax");
  EXPECT_EQ(error_of("  x = 1\ny = 'a\n"), "IndentationError: unexpected indent");
  EXPECT_EQ(error_of("x = (1,\ny = 2\n"), "SyntaxError: '(' was never closed");
  EXPECT_EQ(error_of("x = 1 2\ny = (\n"), "SyntaxError: invalid syntax");
}

TEST(Parser, DumpsAnIndentedTree) {
  Source source("x.py", "x = f(1)\n");
  Arena arena;
  Diagnostics diagnostics;
  ParseResult result = parse(source, arena, ParseMode::File, diagnostics);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(dump_ast(*result.module), R"(Module(
  body=[
    Assign(
      targets=[
        Name(id='x', ctx=Store())],
      value=Call(
        func=Name(id='f', ctx=Load()),
        args=[
          Constant(value=1)],
        keywords=[]))],
  type_ignores=[]))");
}

TEST(Parser, SpansIncludeTheParenthesesOfOperands) {
  Source source("x.py", "(a) + (b)\n");
  Arena arena;
  Diagnostics diagnostics;
  ParseResult result = parse(source, arena, ParseMode::File, diagnostics);
  ASSERT_TRUE(result.ok());
  auto* sum = ast::as<ast::BinOp>(ast::as<ast::ExprStmt>(result.module->body[0])->value);
  EXPECT_EQ(source.text_of(sum->span), "(a) + (b)");
  EXPECT_EQ(source.text_of(sum->left->span), "a");
  EXPECT_TRUE(sum->left->is_parenthesized);
  EXPECT_FALSE(sum->is_parenthesized);
}

TEST(Parser, SpansInsideFStringsAreThoseOfTheFile) {
  Source source("x.py", "f'a{bc + d:{e}}'\n");
  Arena arena;
  Diagnostics diagnostics;
  ParseResult result = parse(source, arena, ParseMode::File, diagnostics);
  ASSERT_TRUE(result.ok());
  auto* joined = ast::as<ast::JoinedStr>(ast::as<ast::ExprStmt>(result.module->body[0])->value);
  auto* field = ast::as<ast::FormattedValue>(joined->values[1]);
  EXPECT_EQ(source.text_of(field->value->span), "bc + d");
  auto* spec = ast::as<ast::JoinedStr>(field->format_spec);
  EXPECT_EQ(source.text_of(ast::as<ast::FormattedValue>(spec->values[0])->value->span), "e");
}

TEST(Parser, EqualNamesShareTheirText) {
  Source source("x.py", "ﬁ = fi\n");
  Arena arena;
  Diagnostics diagnostics;
  ParseResult result = parse(source, arena, ParseMode::File, diagnostics);
  ASSERT_TRUE(result.ok());
  auto* assign = ast::as<ast::Assign>(result.module->body[0]);
  EXPECT_EQ(ast::as<ast::Name>(assign->targets[0])->id, ast::as<ast::Name>(assign->value)->id);
}

TEST(Parser, EvalTakesOneExpression) {
  EXPECT_EQ(tree_of("1, 2\n\n", ParseMode::Eval), "Expression(body=Tuple(elts=[Constant(value=1), Constant(value=2)], ctx=Load()))");
  EXPECT_EQ(error_of("x = 1", ParseMode::Eval), "SyntaxError: invalid syntax");
  EXPECT_EQ(error_of("", ParseMode::Eval), "SyntaxError: invalid syntax");
}

TEST(Parser, SingleTakesOneStatement) {
  EXPECT_EQ(tree_of("x = 1; y", ParseMode::Single),
            "Interactive(body=[Assign(targets=[Name(id='x', ctx=Store())], value=Constant(value=1)), Expr(value=Name(id='y', ctx=Load()))])");
  EXPECT_EQ(error_of("x = 1\ny = 2\n", ParseMode::Single), "SyntaxError: multiple statements found while compiling a single statement");
}

// "ok", "wrong" or "more": what the prompt does with these lines.
std::string prompt_answer(const std::string& text) {
  Source source("<stdin>", text);
  Arena arena;
  Diagnostics diagnostics;
  switch (parse(source, arena, ParseMode::Single, diagnostics).status) {
    case ParseStatus::Ok: return "ok";
    case ParseStatus::Error: return "wrong";
    case ParseStatus::Incomplete: return "more";
  }
  return "?";
}

TEST(Parser, KnowsUnfinishedInput) {
  EXPECT_EQ(prompt_answer(""), "ok");
  EXPECT_EQ(prompt_answer("x = 1"), "ok");
  EXPECT_EQ(prompt_answer("x = (1,"), "more");
  EXPECT_EQ(prompt_answer("x = (1,\n"), "more");
  EXPECT_EQ(prompt_answer("x = '''a"), "more");
  EXPECT_EQ(prompt_answer("x = 1 + \\"), "more");
  EXPECT_EQ(prompt_answer("x = 1 +"), "wrong");
  EXPECT_EQ(prompt_answer("x = 'a"), "wrong");
  EXPECT_EQ(prompt_answer("x = (1 2,"), "wrong");
  EXPECT_EQ(prompt_answer("x = )"), "wrong");
}

TEST(Parser, BlocksAtThePromptEndWithABlankLine) {
  EXPECT_EQ(prompt_answer("if a:"), "more");
  EXPECT_EQ(prompt_answer("if a:\n  b"), "more");
  EXPECT_EQ(prompt_answer("if a:\n  b\n"), "ok");
  EXPECT_EQ(prompt_answer("if a:\n  b\nelse:"), "more");
  EXPECT_EQ(prompt_answer("if a:\n  b\nelse:\n  c\n"), "ok");
  EXPECT_EQ(prompt_answer("if a: b"), "more");
  EXPECT_EQ(prompt_answer("if a: b\n"), "ok");
  EXPECT_EQ(prompt_answer("if a:\n"), "wrong");
  EXPECT_EQ(prompt_answer("@a"), "more");
  EXPECT_EQ(prompt_answer("try:\n  a"), "more");
  EXPECT_EQ(prompt_answer("try:\n  a\n"), "wrong");
  EXPECT_EQ(prompt_answer("class A:\n  def f():\n    pass"), "more");
}

// `count` copies of `text`.
std::string repeat(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

constexpr const char* kTooDeep = "RecursionError: maximum recursion depth exceeded during compilation";

TEST(ParserLimits, NestingOfBrackets) {
  EXPECT_EQ(error_of(repeat("(", 200) + "a" + repeat(")", 200)), "no error");
  EXPECT_EQ(error_of(repeat("(", 201) + "a" + repeat(")", 201)), "SyntaxError: too many nested parentheses");
  EXPECT_EQ(error_of(repeat("[", 10000)), "SyntaxError: too many nested parentheses");
  EXPECT_EQ(error_of(repeat("f(", 100000)), "SyntaxError: too many nested parentheses");
}

TEST(ParserLimits, DepthOfTheTree) {
  EXPECT_EQ(error_of("a" + repeat(" + a", 2900)), "no error");
  EXPECT_EQ(error_of("a" + repeat(" + a", 50000)), kTooDeep);
  EXPECT_EQ(error_of(repeat("-", 2900) + "a"), "no error");
  for (const char* prefix : {"-", "not ", "lambda: ", "a if b else ", "a ** "}) EXPECT_EQ(error_of(repeat(prefix, 100000) + "a"), kTooDeep) << prefix;
  for (const char* suffix : {".b", "[0]", "()"}) EXPECT_EQ(error_of("a" + repeat(suffix, 100000)), kTooDeep) << suffix;
  EXPECT_EQ(error_of("if a: b\n" + repeat("elif a: b\n", 50000)), kTooDeep);
}

TEST(ParserLimits, FlatThingsMayBeLong) {
  EXPECT_EQ(error_of("a" + repeat(" and a", 50000)), "no error");
  EXPECT_EQ(error_of("a" + repeat(" < a", 50000)), "no error");
  EXPECT_EQ(error_of("x = [" + repeat("1, ", 300000) + "]"), "no error");
  EXPECT_EQ(error_of("x = '" + repeat("a", 1000000) + "'"), "no error");
  EXPECT_EQ(error_of(repeat("x = 1\n", 50000)), "no error");
  EXPECT_EQ(error_of("x = [" + repeat("1, ", 300000) + "1 2]").substr(0, 27), "SyntaxError: invalid syntax");
}

TEST(ParserLimits, NestingOfBlocks) {
  std::string good, bad;
  for (int depth = 0; depth < 120; ++depth) {
    if (depth < 99) good += repeat(" ", depth) + "if a:\n";
    bad += repeat(" ", depth) + "if a:\n";
  }
  EXPECT_EQ(error_of(good + repeat(" ", 99) + "b\n"), "no error");
  EXPECT_EQ(error_of(bad + repeat(" ", 120) + "b\n"), "IndentationError: too many levels of indentation");
}

TEST(ParserLimits, DigitsOfADecimalNumber) {
  EXPECT_EQ(error_of("x = " + repeat("9", 4300)), "no error");
  EXPECT_EQ(error_of("x = 0x" + repeat("f", 50000)), "no error");
  EXPECT_EQ(error_of("x = " + repeat("9", 4301)).substr(0, 30), "SyntaxError: Exceeds the limit");
}

// Every prefix of a text, and the text with each byte left out: errors of all kinds, and no crash.
TEST(ParserLimits, SurvivesEveryTruncation) {
  const std::string text =
      "@a.b(c=1)\nasync def f(x, /, y: int = 2, *z, k=3, **w) -> t:\n  with (a as b, c):\n    x[1:2, ...] = y = (yield)\n  try: pass\n  except* E as e: raise X from e\n"
      "  match a, b:\n    case {'k': [1, *_], **r} | C(p, q=2) if (n := r): print(f'{x!r:>{w}}{y=}')\n  return [i async for i in j if not k], {**d}, lambda *a: 0\n";
  EXPECT_EQ(error_of(text), "no error");
  for (size_t length = 0; length <= text.size(); ++length) {
    for (ParseMode mode : {ParseMode::File, ParseMode::Eval, ParseMode::Single}) error_of(text.substr(0, length), mode);
  }
  for (size_t skipped = 0; skipped < text.size(); ++skipped) error_of(text.substr(0, skipped) + text.substr(skipped + 1));
}

}  // namespace
}  // namespace mini
