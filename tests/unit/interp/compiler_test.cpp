// SPDX-License-Identifier: MIT
// The compiler, by what it prints: the instructions of the first function or class of each text.

#include "tests/unit/interp/compile_support.h"

namespace mini {
namespace {

using Compiler = CompileTest;

TEST_F(Compiler, OperandsAreLocals) {
  EXPECT_EQ(function("def f(a, b):\n  x = a + b * 2\n  return x\n"),
            "MUL_INT r3, b, 2\n"
            "ADD x, a, r3\n"
            "RETURN x\n");
}

TEST_F(Compiler, ConditionalReturnsTwice) {
  EXPECT_EQ(function("def f(n):\n  return n - 1 if n > 1 else -n\n"),
            "JUMP_UNLESS_GT_INT n, 1, -> 3\n"
            "SUB_INT r1, n, 1\n"
            "RETURN r1\n"
            "NEG r1, n\n"
            "RETURN r1\n");
}

TEST_F(Compiler, WalrusForcesACopy) {
  EXPECT_EQ(function("def f(a):\n  return a + (a := 3)\n"),
            "MOVE r2, a\n"
            "LOAD_INT a, 3\n"
            "ADD r1, r2, a\n"
            "RETURN r1\n");
}

TEST_F(Compiler, ConstantsFold) {
  EXPECT_EQ(function("def f(): return 2 ** 10 + 3, 'a' 'b', -1, (1, 2)\n"),
            "LOAD_CONST r0, (1027, 'ab', -1, (1, 2))\n"
            "RETURN r0\n");
  EXPECT_EQ(function("def f(x): return x + 1 << 100, 1 / 0\n"),
            "ADD_INT r3, x, 1\n"
            "LSHIFT_INT r2, r3, 100\n"
            "LOAD_INT r4, 1\n"
            "LOAD_INT r5, 0\n"
            "TRUEDIV r3, r4, r5\n"
            "BUILD_TUPLE r1, r2, 2\n"
            "RETURN r1\n");
  EXPECT_EQ(function("def f(x): return x in [1, 2] or 'a' * 10000\n"),
            "LOAD_CONST r2, (1, 2)\n"
            "CONTAINS r1, x, r2\n"
            "JUMP_IF_TRUE r1, -> 5\n"
            "LOAD_CONST r2, 'a'\n"
            "MUL_INT r1, r2, 10000\n"
            "RETURN r1\n");
}

TEST_F(Compiler, ChainsOfComparisons) {
  EXPECT_EQ(function("def f(a, b): return a < b < 10\n"),
            "LT r2, a, b\n"
            "JUMP_IF_FALSE r2, -> 4\n"
            "LOAD_INT r3, 10\n"
            "LT r2, b, r3\n"
            "RETURN r2\n");
  EXPECT_EQ(function("def f(a, b):\n  if not a < b <= 10: g()\n"),
            "JUMP_UNLESS_LT a, b, -> 2\n"
            "JUMP_IF_LE_INT b, 10, -> 4\n"
            "LOAD_GLOBAL r2, g\n"
            "CALL r2, 0, r2\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, FStrings) {
  EXPECT_EQ(function("def f(x):\n  return f'{x!r:>{x}}{x}.'\n"),
            "LOAD_CONST r4, '>'\n"
            "FORMAT_VALUE r5, x\n"
            "BUILD_STRING r3, r4, 2\n"
            "FORMAT_SPEC r2, x, r3 x=114\n"
            "FORMAT_VALUE r3, x\n"
            "LOAD_CONST r4, '.'\n"
            "BUILD_STRING r1, r2, 3\n"
            "RETURN r1\n");
}

TEST_F(Compiler, LongDisplaysAreBuiltPieceByPiece) {
  EXPECT_EQ(function("def f(x): return [*x, 1]\n"),
            "BUILD_LIST r1, r1, 0\n"
            "LIST_EXTEND r1, x\n"
            "LOAD_INT r2, 1\n"
            "LIST_APPEND r1, r2\n"
            "RETURN r1\n");
  EXPECT_EQ(function("def f(x): return (1, *x)\n"),
            "LOAD_INT r3, 1\n"
            "BUILD_LIST r2, r3, 1\n"
            "LIST_EXTEND r2, x\n"
            "LIST_TO_TUPLE r1, r2\n"
            "RETURN r1\n");
  EXPECT_EQ(function("def f(x): return {1: x, **x, 2: 3}\n"),
            "LOAD_INT r2, 1\n"
            "MOVE r3, x\n"
            "BUILD_DICT r1, r2, 1\n"
            "DICT_UPDATE r1, x\n"
            "LOAD_INT r2, 2\n"
            "LOAD_INT r3, 3\n"
            "DICT_ADD r1, r2, r3\n"
            "RETURN r1\n");
  EXPECT_EQ(function("def f(): return [1, 2, 3]\n"),
            "BUILD_LIST r0, r1, 0\n"
            "LOAD_CONST r1, (1, 2, 3)\n"
            "LIST_EXTEND r0, r1\n"
            "RETURN r0\n");
}

TEST_F(Compiler, ArgumentsGoToTheirSlots) {
  EXPECT_EQ(function("def f(o):\n  o.a.b(1, k=2).c = o[0]\n"),
            "GET_ITEM_INT r1, o, 0\n"
            "GET_ATTR r2, o, a\n"
            "LOAD_METHOD r2, r2, b\n"
            "LOAD_INT r4, 1\n"
            "LOAD_INT r5, 2\n"
            "LOAD_CONST r6, ('k',)\n"
            "CALL_METHOD_KEYWORDS r2, 2, r2\n"
            "SET_ATTR r2, r1, c\n"
            "RETURN_NONE\n");
  EXPECT_EQ(function("def f(g, x): return g(x, g(1), k=x)\n"),
            "MOVE r2, g\n"
            "MOVE r3, x\n"
            "MOVE r4, g\n"
            "LOAD_INT r5, 1\n"
            "CALL r4, 1, r4\n"
            "MOVE r5, x\n"
            "LOAD_CONST r6, ('k',)\n"
            "CALL_KEYWORDS r2, 3, r2\n"
            "RETURN r2\n");
}

TEST_F(Compiler, StarsAndKeywords) {
  EXPECT_EQ(function("def f(*a, **k):\n  return g(1, *a, x=2, **k)\n"),
            "LOAD_GLOBAL r2, g\n"
            "LOAD_INT r3, 1\n"
            "BUILD_LIST r3, r3, 1\n"
            "LIST_EXTEND r3, a\n"
            "LOAD_CONST r5, 'x'\n"
            "LOAD_INT r6, 2\n"
            "BUILD_DICT r4, r5, 1\n"
            "DICT_MERGE r4, k, r2\n"
            "CALL_STAR r2, 0, r2\n"
            "RETURN r2\n");
  EXPECT_EQ(function("def f(a): return a.m(*a)\n"),
            "GET_ATTR r1, a, m\n"
            "MOVE r2, a\n"
            "LOAD_EMPTY r3\n"
            "CALL_STAR r1, 0, r1 x=1\n"
            "RETURN r1\n");
}

TEST_F(Compiler, Super) {
  EXPECT_EQ(function("class A:\n  def f(self): return super().f(1) + super().x + super()\n"),
            "LOAD_EMPTY r0\n"
            "MAKE_CELL r0\n"
            "LOAD_NAME r1, __name__\n"
            "STORE_NAME r1, __module__\n"
            "LOAD_CONST r1, 'A'\n"
            "STORE_NAME r1, __qualname__\n"
            "MAKE_FUNCTION r1, r2, <code A.f>\n"
            "STORE_NAME r1, f\n"
            "STORE_NAME r0, __classcell__\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, LoopVariablesAreRegisters) {
  EXPECT_EQ(function("def f(y):\n  return [x * 2 for x in y if x]\n"),
            "BUILD_LIST r1, r1, 0\n"
            "GET_ITER r3, y\n"
            "JUMP -> 6\n"
            "JUMP_IF_FALSE r2, -> 6\n"
            "MUL_INT r6, r2, 2\n"
            "LIST_APPEND r1, r6\n"
            "FOR_LOOP r3, r2, -> 3\n"
            "RETURN r1\n");
}

TEST_F(Compiler, ClosuresGetACell) {
  EXPECT_EQ(function("def f(y):\n  return {x: lambda: x for x in y}\n"),
            "LOAD_EMPTY r2\n"
            "MAKE_CELL r2\n"
            "BUILD_DICT r1, r1, 0\n"
            "GET_ITER r3, y\n"
            "JUMP -> 9\n"
            "STORE_CELL r2, r6\n"
            "LOAD_CELL r7, r2, x\n"
            "MAKE_FUNCTION r8, r9, <code f.<locals>.<dictcomp>.<lambda>>\n"
            "DICT_ADD r1, r7, r8\n"
            "FOR_LOOP r3, r6, -> 5\n"
            "RETURN r1\n");
}

TEST_F(Compiler, GeneratorsAreFunctions) {
  EXPECT_EQ(function("def f(y):\n  return sum(x for x in y)\n"),
            "LOAD_GLOBAL r1, sum\n"
            "MAKE_FUNCTION r2, y, <code f.<locals>.<genexpr>>\n"
            "GET_ITER_OBJECT r3, y x=1\n"
            "CALL r2, 1, r2\n"
            "CALL r1, 1, r1\n"
            "RETURN r1\n");
}

TEST_F(Compiler, TuplesAreNotMade) {
  EXPECT_EQ(function("def f(a, b):\n  a, b = b, a + b\n  return a\n"),
            "MOVE r2, b\n"
            "ADD b, a, b\n"
            "MOVE a, r2\n"
            "RETURN a\n");
  EXPECT_EQ(function("def f(x):\n  a, b = x\n  c, *d = x\n"),
            "UNPACK a, x, 2\n"
            "UNPACK_STAR r5, x, 1\n"
            "MOVE c, r5\n"
            "MOVE d, r6\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, AugmentedAssignment) {
  EXPECT_EQ(function("def f(x, o):\n  x += 1\n  o.a -= x\n  o[x] *= 2\n"),
            "ADD_INT x, x, 1 x=1\n"
            "GET_ATTR r2, o, a\n"
            "SUB r2, r2, x x=1\n"
            "SET_ATTR o, r2, a\n"
            "GET_ITEM r2, o, x\n"
            "MUL_INT r2, r2, 2 x=1\n"
            "SET_ITEM o, x, r2\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, ForLoops) {
  EXPECT_EQ(function("def f(n):\n  s = 0\n  for i in range(n):\n    if i % 2: continue\n    s += i\n  return s\n"),
            "LOAD_INT s, 0\n"
            "LOAD_GLOBAL r6, range\n"
            "MOVE r7, n\n"
            "CALL r6, 1, r6\n"
            "GET_ITER r3, r6\n"
            "JUMP -> 9\n"
            "MOD_INT r6, i, 2\n"
            "JUMP_IF_TRUE r6, -> 9\n"
            "ADD s, s, i x=1\n"
            "FOR_LOOP r3, i, -> 6\n"
            "RETURN s\n");
}

TEST_F(Compiler, WhileLoops) {
  EXPECT_EQ(function("def f(n):\n  while n > 0 and n != 7:\n    n -= 1\n  else:\n    n = None\n"),
            "JUMP_UNLESS_GT_INT n, 0, -> 5\n"
            "JUMP_UNLESS_NE_INT n, 7, -> 5\n"
            "SUB_INT n, n, 1 x=1\n"
            "JUMP_UNLESS_GT_INT n, 0, -> 5\n"
            "LOOP_IF_NE_INT n, 7, -> 2\n"
            "LOAD_NONE n\n"
            "RETURN_NONE\n");
  EXPECT_EQ(function("def f():\n  while True: pass\n"),
            "JUMP_BACK -> 0\n");
  EXPECT_EQ(function("def f(x):\n  while x is not None: x = x.next\n"),
            "JUMP_IF_NONE x, -> 4\n"
            "GET_ATTR x, x, next\n"
            "JUMP_IF_NONE x, -> 4\n"
            "JUMP_BACK -> 1\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, ConditionsJump) {
  EXPECT_EQ(function("def f(x):\n  if not (x is None or x in (1, 2)): g()\n"),
            "JUMP_IF_NONE x, -> 5\n"
            "LOAD_CONST r1, (1, 2)\n"
            "JUMP_IF_IN x, r1, -> 5\n"
            "LOAD_GLOBAL r1, g\n"
            "CALL r1, 0, r1\n"
            "RETURN_NONE\n");
  EXPECT_EQ(function("def f():\n  if 0: g()\n  if __debug__: h()\n"),
            "LOAD_GLOBAL r0, h\n"
            "CALL r0, 0, r0\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, Deletion) {
  EXPECT_EQ(function("def f(x, o):\n  del x, o.a, o[1]\n"),
            "LOAD_EMPTY x\n"
            "DELETE_ATTR o, a\n"
            "LOAD_INT r2, 1\n"
            "DELETE_ITEM o, r2\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, DoubtfulLoadsAreChecked) {
  EXPECT_EQ(function("def f(c):\n  if c: x = 1\n  return x\n"),
            "LOAD_EMPTY x\n"
            "JUMP_IF_FALSE c, -> 3\n"
            "LOAD_INT x, 1\n"
            "CHECK_BOUND x, x\n"
            "RETURN x\n");
  EXPECT_EQ(function("def f(x):\n  del x\n  print(x)\n"),
            "LOAD_EMPTY x\n"
            "LOAD_GLOBAL r1, print\n"
            "CHECK_BOUND x, x\n"
            "MOVE r2, x\n"
            "CALL r1, 1, r1\n"
            "RETURN_NONE\n");
  EXPECT_EQ(function("def f():\n  for i in g(): pass\n  return i\n"),
            "LOAD_EMPTY i\n"
            "LOAD_GLOBAL r4, g\n"
            "CALL r4, 0, r4\n"
            "GET_ITER r1, r4\n"
            "JUMP -> 5\n"
            "FOR_LOOP r1, i, -> 5\n"
            "CHECK_BOUND i, i\n"
            "RETURN i\n");
}

TEST_F(Compiler, LocalsCallInitialisesAll) {
  EXPECT_EQ(function("def f():\n  print(locals())\n  y = 1\n"),
            "LOAD_EMPTY .locals\n"   // the one dict that every call of locals() gives
            "LOAD_EMPTY y\n"
            "LOAD_GLOBAL r2, print\n"
            "LOAD_GLOBAL r3, locals\n"
            "CALL r3, 0, r3\n"
            "CALL r2, 1, r2\n"
            "LOAD_INT y, 1\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, CellsAreMadeFirst) {
  EXPECT_EQ(function("def f(p):\n  x = 1\n  def g(): return x + p\n  return g\n"),
            "MAKE_CELL p\n"
            "LOAD_EMPTY x\n"
            "MAKE_CELL x\n"
            "LOAD_INT r3, 1\n"
            "STORE_CELL x, r3\n"
            "MAKE_FUNCTION r3, r4, <code f.<locals>.g>\n"
            "MOVE g, r3\n"
            "RETURN g\n");
}

TEST_F(Compiler, FinallyIsCopied) {
  EXPECT_EQ(function("def f(p):\n  try:\n    return g(p)\n  finally:\n    done()\n"),
            "LOAD_GLOBAL r3, g\n"
            "MOVE r4, p\n"
            "CALL r3, 1, r3\n"
            "LOAD_GLOBAL r4, done\n"
            "CALL r4, 0, r4\n"
            "RETURN r3\n"
            "ENTER_HANDLER r1, r2\n"
            "LOAD_GLOBAL r3, done\n"
            "CALL r3, 0, r3\n"
            "LEAVE_HANDLER r1\n"
            "RERAISE r2\n"
            "LEAVE_HANDLER r1\n"
            "RERAISE r2\n"
            "0..3 -> 6, exception in r2\n"
            "7..9 -> 11, exception in r2\n");
}

TEST_F(Compiler, NamesOfHandlersAreForgotten) {
  EXPECT_EQ(function("def f():\n  try: g()\n  except E as e: return e\n"),
            "LOAD_GLOBAL r3, g\n"
            "CALL r3, 0, r3\n"
            "JUMP -> 15\n"
            "ENTER_HANDLER r1, r2\n"
            "LOAD_GLOBAL r3, E\n"
            "JUMP_UNLESS_MATCH r2, r3, -> 11\n"
            "MOVE e, r2\n"
            "MOVE r4, e\n"
            "LEAVE_HANDLER r1\n"
            "LOAD_EMPTY e\n"
            "RETURN r4\n"
            "LEAVE_HANDLER r1\n"
            "RERAISE r2\n"
            "LEAVE_HANDLER r1\n"
            "RERAISE r2\n"
            "RETURN_NONE\n"
            "0..2 -> 3, exception in r2\n"
            "4..6 -> 13, exception in r2\n");
}

TEST_F(Compiler, With) {
  EXPECT_EQ(function("def f(p):\n  with p as q: h(q)\n"),
            "LOAD_SPECIAL r6, p\n"
            "LOAD_SPECIAL r4, p x=1\n"
            "CALL_METHOD r6, 0, r6\n"
            "MOVE q, r6\n"
            "LOAD_GLOBAL r6, h\n"
            "MOVE r7, q\n"
            "CALL r6, 1, r6\n"
            "LOAD_NONE r6\n"
            "LOAD_NONE r7\n"
            "LOAD_NONE r8\n"
            "CALL_METHOD r4, 3, r4\n"
            "JUMP -> 21\n"
            "ENTER_HANDLER r3, r2\n"
            "EXCEPTION_INFO r6, r2\n"
            "CALL_METHOD r4, 3, r4\n"
            "JUMP_IF_TRUE r4, -> 20\n"
            "LEAVE_HANDLER r3\n"
            "RERAISE r2\n"
            "LEAVE_HANDLER r3\n"
            "RERAISE r2\n"
            "LEAVE_HANDLER r3\n"
            "RETURN_NONE\n"
            "3..7 -> 12, exception in r2\n"
            "13..16 -> 18, exception in r2\n");
}

TEST_F(Compiler, UnreachableHandlersAreLeftOut) {
  EXPECT_EQ(function("def f():\n  try: x = 1\n  except E: g()\n  return x\n"),
            "LOAD_INT x, 1\n"
            "JUMP -> 2\n"
            "RETURN x\n");
}

TEST_F(Compiler, YieldAndDelegate) {
  EXPECT_EQ(function("def f(x):\n  y = yield x\n  yield from y\n"),
            "YIELD y, x\n"
            "GET_YIELD_FROM r3, y\n"
            "LOAD_NONE r4\n"
            "DELEGATE r2, r3, r4\n"
            "RETURN_NONE\n");
  EXPECT_EQ(function("async def f(x): return await x\n"),
            "GET_AWAITABLE r2, x\n"
            "LOAD_NONE r3\n"
            "DELEGATE r1, r2, r3\n"
            "RETURN r1\n");
}

TEST_F(Compiler, AsynchronousFor) {
  EXPECT_EQ(function("async def f(x):\n  async for i in x: await i\n"),
            "GET_ASYNC_ITER r2, x\n"
            "GET_ASYNC_NEXT r3, r2\n"
            "GET_AWAITABLE r3, r3 x=3\n"
            "LOAD_NONE r4\n"
            "DELEGATE i, r3, r4\n"
            "JUMP -> 10\n"
            "LOAD_ASSERTION_ERROR r4 x=1\n"
            "JUMP_UNLESS_MATCH r3, r4, -> 9\n"
            "JUMP -> 14\n"
            "RERAISE r3\n"
            "GET_AWAITABLE r4, i\n"
            "LOAD_NONE r5\n"
            "DELEGATE r3, r4, r5\n"
            "JUMP_BACK -> 1\n"
            "RETURN_NONE\n"
            "1..5 -> 6, exception in r3\n");
}

TEST_F(Compiler, PatternsBindAtTheEnd) {
  EXPECT_EQ(function("def f(x):\n  match x:\n    case [a, b]: return a\n    case {'k': v}: return v\n    case int(n) | float(n): return n\n    case _: pass\n"),
            "MOVE r5, x\n"
            "MATCH_SEQUENCE r6, r5\n"
            "JUMP_IF_FALSE r6, -> 9\n"
            "GET_LENGTH r6, r5\n"
            "JUMP_UNLESS_EQ_INT r6, 2, -> 9\n"
            "UNPACK r6, r5, 2\n"
            "MOVE a, r6\n"
            "MOVE b, r7\n"
            "RETURN a\n"
            "MATCH_MAPPING r6, r5\n"
            "JUMP_IF_FALSE r6, -> 19\n"
            "GET_LENGTH r6, r5\n"
            "JUMP_UNLESS_GE_INT r6, 1, -> 19\n"
            "LOAD_CONST r6, ('k',)\n"
            "MATCH_KEYS r7, r5, r6\n"
            "JUMP_IF_NONE r7, -> 19\n"
            "UNPACK r7, r7, 1\n"
            "MOVE v, r7\n"
            "RETURN v\n"
            "LOAD_GLOBAL r8, int\n"
            "LOAD_INT r9, 1\n"
            "LOAD_CONST r10, ()\n"
            "MATCH_CLASS r6, r5, r8\n"
            "JUMP_IF_NONE r6, -> 27\n"
            "UNPACK r6, r6, 1\n"
            "MOVE r8, r6\n"
            "JUMP -> 34\n"
            "LOAD_GLOBAL r11, float\n"
            "LOAD_INT r12, 1\n"
            "LOAD_CONST r13, ()\n"
            "MATCH_CLASS r9, r5, r11\n"
            "JUMP_IF_NONE r9, -> 36\n"
            "UNPACK r9, r9, 1\n"
            "MOVE r8, r9\n"
            "MOVE n, r8\n"
            "RETURN n\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, BodiesUseTheirNamespace) {
  EXPECT_EQ(function("class A:\n  x: int = 1\n  def m(self): return __class__\n"),
            "LOAD_EMPTY r0\n"
            "MAKE_CELL r0\n"
            "LOAD_NAME r1, __name__\n"
            "STORE_NAME r1, __module__\n"
            "LOAD_CONST r1, 'A'\n"
            "STORE_NAME r1, __qualname__\n"
            "SETUP_ANNOTATIONS\n"
            "LOAD_INT r1, 1\n"
            "STORE_NAME r1, x\n"
            "LOAD_NAME r2, int\n"
            "LOAD_NAME r3, __annotations__\n"
            "LOAD_CONST r4, 'x'\n"
            "SET_ITEM r3, r4, r2\n"
            "MAKE_FUNCTION r1, r2, <code A.m>\n"
            "STORE_NAME r1, m\n"
            "STORE_NAME r0, __classcell__\n"
            "RETURN_NONE\n");
}

TEST_F(Compiler, ErrorsOfTargets) {
  EXPECT_EQ(code("*a = 1\n"), "1:1-1:3 starred assignment target must be in a list or tuple");
  EXPECT_EQ(code("*a, *b = 1\n"), "1:1-1:7 multiple starred expressions in assignment");
  EXPECT_EQ(code("__debug__ = 1\n"), "1:1-1:10 cannot assign to __debug__");
  EXPECT_EQ(code("f(a=1, a=2)\n"), "1:8-1:11 keyword argument repeated: a");
  EXPECT_EQ(code("try: pass\nexcept: pass\nexcept E: pass\n"), "2:1-2:13 default 'except:' must be last");
}

TEST_F(Compiler, ErrorsOfPatterns) {
  EXPECT_EQ(code("match x:\n  case y: pass\n  case z: pass\n"), "2:8-2:9 name capture 'y' makes remaining patterns unreachable");
  EXPECT_EQ(code("match x:\n  case _: pass\n  case z: pass\n"), "2:8-2:9 wildcard makes remaining patterns unreachable");
  EXPECT_EQ(code("match x:\n  case (y, y): pass\n"), "2:12-2:13 multiple assignments to name 'y' in pattern");
  EXPECT_EQ(code("match x:\n  case (y, 1) | z: pass\n"), "2:17-2:18 alternative patterns bind different names");
  EXPECT_EQ(code("match x:\n  case {'a': 1, 'a': 2}: pass\n"), "2:8-2:24 mapping pattern checks duplicate key ('a')");
}

TEST_F(Compiler, ManyRegistersAreASyntaxError) {
  std::string text = "def f():\n";
  for (int i = 0; i < 5000; ++i) text += "  v" + std::to_string(i) + " = 0\n";
  EXPECT_NE(code(text).find("more than 4096 registers"), std::string::npos);
}

}  // namespace
}  // namespace mini
