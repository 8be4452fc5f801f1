// SPDX-License-Identifier: MIT
// Scopes, compared as printed text; and the errors that this pass finds, with CPython's texts and places.

#include "interp/scopes.h"

#include <gtest/gtest.h>

#include "interp/compile_door.h"
#include "interp/diagnostics.h"
#include "interp/source.h"

namespace mini {
namespace {

std::string scopes(const std::string& text) {
  Diagnostics diagnostics;
  Source source("test", text);
  std::string printed = dump_scopes(source, diagnostics);
  if (!diagnostics.has_error()) return printed;
  DiagnosticPlace place = place_of(source, diagnostics.first());
  return std::to_string(place.line) + ":" + std::to_string(place.column) + " " + diagnostics.first().message;
}

TEST(Scopes, LocalsParametersAndGlobals) {
  EXPECT_EQ(scopes("def f(a, *b):\n  c = a\n  print(c)\n"),
            "module\n"
            "  f: namespace\n"
            "  function f\n"
            "    a: local, parameter\n"
            "    b: local, parameter\n"
            "    c: local\n"
            "    print: global\n");
}

TEST(Scopes, ClosuresCapture) {
  EXPECT_EQ(scopes("def f():\n  x = 1\n  def g():\n    def h(): return x\n"),
            "module\n"
            "  f: namespace\n"
            "  function f\n"
            "    x: local, cell\n"
            "    g: local\n"
            "    function g, captures x\n"
            "      h: local\n"
            "      function h, captures x\n"
            "        x: free\n");
}

TEST(Scopes, ComprehensionsLiveInTheirUnit) {
  EXPECT_EQ(scopes("def f(y):\n  z = 1\n  return [x + z for x in y]\n"),
            "module\n"
            "  f: namespace\n"
            "  function f\n"
            "    y: local, parameter\n"
            "    z: local\n"
            "    comprehension\n"
            "      x: local, iteration\n"
            "      z: local of the unit\n");
}

TEST(Scopes, WalrusLeavesTheComprehension) {
  EXPECT_EQ(scopes("def f(y):\n  return [(n := x) for x in y]\n"),
            "module\n"
            "  f: namespace\n"
            "  function f\n"
            "    y: local, parameter\n"
            "    n: local\n"
            "    comprehension\n"
            "      x: local, iteration\n"
            "      n: local of the unit, nonlocal\n");
}

TEST(Scopes, ClassBodiesAreSkipped) {
  EXPECT_EQ(scopes("class A:\n  x = 1\n  def m(self): return x, super()\n"),
            "module\n"
            "  A: namespace\n"
            "  class A\n"
            "    x: namespace\n"
            "    m: namespace\n"
            "    __class__: cell of the class\n"
            "    function m, captures __class__\n"
            "      self: local, parameter\n"
            "      x: global\n"
            "      super: global\n"
            "      __class__: free\n");
}

TEST(Scopes, PrivateNamesAreMangled) {
  EXPECT_EQ(scopes("class _A:\n  def m(self, __x): return __x.__y__\n"),
            "module\n"
            "  _A: namespace\n"
            "  class _A\n"
            "    m: namespace\n"
            "    function m\n"
            "      self: local, parameter\n"
            "      _A__x: local, parameter\n");
}

TEST(Scopes, ErrorsOfDeclarations) {
  EXPECT_EQ(scopes("def f():\n  x = 1\n  global x\n"), "3:3 name 'x' is assigned to before global declaration");
  EXPECT_EQ(scopes("def f(x):\n  global x\n"), "2:3 name 'x' is parameter and global");
  EXPECT_EQ(scopes("def f():\n  print(x)\n  nonlocal x\n"), "3:3 name 'x' is used prior to nonlocal declaration");
  EXPECT_EQ(scopes("def f():\n  nonlocal x\n"), "2:3 no binding for nonlocal 'x' found");
  EXPECT_EQ(scopes("nonlocal x\n"), "1:1 nonlocal declaration not allowed at module level");
  EXPECT_EQ(scopes("def f():\n  global x\n  nonlocal x\n"), "2:3 name 'x' is nonlocal and global");
  EXPECT_EQ(scopes("def f(a, b, a): pass\n"), "1:13 duplicate argument 'a' in function definition");
  EXPECT_EQ(scopes("def f():\n  from os import *\n"), "2:18 import * only allowed at module level");
}

TEST(Scopes, ErrorsOfPlace) {
  EXPECT_EQ(scopes("return\n"), "1:1 'return' outside function");
  EXPECT_EQ(scopes("x = await y\n"), "1:5 'await' outside function");
  EXPECT_EQ(scopes("def f(): await y\n"), "1:10 'await' outside async function");
  EXPECT_EQ(scopes("class A:\n  yield\n"), "2:3 'yield' outside function");
  EXPECT_EQ(scopes("if x:\n  break\n"), "2:3 'break' outside loop");
  EXPECT_EQ(scopes("while x:\n  def f(): continue\n"), "2:12 'continue' not properly in loop");
  EXPECT_EQ(scopes("def f():\n  [x async for x in y]\n"), "2:3 asynchronous comprehension outside of an asynchronous function");
  EXPECT_EQ(scopes("async def f():\n  yield 1\n  return 2\n"), "3:3 'return' with value in async generator");
  EXPECT_EQ(scopes("[(yield) for x in y]\n"), "1:3 'yield' inside list comprehension");
  EXPECT_EQ(scopes("[(i := 1) for i in x]\n"), "1:3 assignment expression cannot rebind comprehension iteration variable 'i'");
  EXPECT_EQ(scopes("for x in y:\n  try: pass\n  except* E: break\n"),
            "3:14 'break', 'continue' and 'return' cannot appear in an except* block");
}

}  // namespace
}  // namespace mini
