// SPDX-License-Identifier: MIT
// Programs run through the C++ interface: calls and their windows, recursion, attention. These suites run in the build with switch
// dispatch too. What programs print is the script tests' matter; here it is what a host sees.
#include "interp/vm.h"

#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/sequence.h"
#include "tests/unit/interp/with_programs.h"

namespace mini {
namespace {

class VmCalls : public WithPrograms {};

TEST_F(VmCalls, ANativeCallsAScriptFunction) {
  run("def f(a, b=2, *rest, c=3, **more): return (a, b, rest, c, more)");
  Value f = global("f");
  EXPECT_EQ(shown(call(t, f, {Value::of_int(1)})), "(1, 2, (), 3, {})");
  Value args[] = {Value::of_int(1), Value::of_int(5), Value::of_int(6), Value::of_int(7), Value::of_int(8)};
  Tuple* keyword_names = make_tuple(t, {str_value(intern(t, "c")), str_value(intern(t, "d"))});
  EXPECT_EQ(shown(call(t, f, args, 3, keyword_names)), "(1, 5, (6,), 7, {'d': 8})");
  EXPECT_EQ(shown(call(t, f, {})), "TypeError: f() missing 1 required positional argument: 'a'");
}

TEST_F(VmCalls, TheCallersArgumentsStayAsTheyWere) {
  run("def f(a, b):\n  a = b = None\n  return a");
  Value args[] = {Value::of_int(1), Value::of_int(2)};
  EXPECT_EQ(shown(call(t, global("f"), args, 2)), "None");
  EXPECT_EQ(args[0].integer, 1);
  EXPECT_EQ(args[1].integer, 2);
}

TEST_F(VmCalls, ACallLeavesNothingOnTheThread) {
  run("def f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nf(15)");
  EXPECT_EQ(t.frame, nullptr);
  EXPECT_TRUE(t.exception.is_empty());
  EXPECT_TRUE(t.handled.is_empty() || t.handled.is_none());
  EXPECT_EQ(shown(call(t, global("f"), {Value::of_int(10)})), "55");
  EXPECT_EQ(t.frame, nullptr);
}

TEST_F(VmCalls, MethodsAndSpecialMethodsByName) {
  run("class C:\n  def m(self, x): return ('m', x)\n  def __len__(self): return 7\nc = C()");
  EXPECT_EQ(shown(call_method(t, global("c"), intern(t, "m"), {Value::of_int(1)})), "('m', 1)");
  EXPECT_EQ(shown(call_method(t, global("c"), intern(t, "nope"))), "AttributeError: 'C' object has no attribute 'nope'");
  EXPECT_EQ(shown(call_special(t, global("c"), intern(t, "__len__"))), "7");
  EXPECT_TRUE(call_special(t, global("c"), intern(t, "__iter__")).is_empty());
}

// The callee's window begins at the caller's outgoing arguments: what is above them must not disturb the caller.
TEST_F(VmCalls, WindowsOverlapOnlyInTheArguments) {
  run(R"(
def leaf(a, b, c):
    x, y, z = a + 1, b + 1, c + 1
    a = b = c = None
    return x * 100 + y * 10 + z
def node(a, b):
    p, q = a * 2, b * 3
    r = leaf(p, leaf(a, b, p), q) + leaf(q, p, a)
    return p, q, r, a, b
)");
  EXPECT_EQ(result("node(1, 2)"), "(2, 6, 3379, 1, 2)");
}

TEST_F(VmCalls, AFunctionWithManyRegistersCallsAndReturns) {
  std::string text = "def wide(n):\n";
  for (int i = 0; i < 300; ++i) text += "  v" + std::to_string(i) + " = n + " + std::to_string(i) + "\n";
  text += "  if n > 0: return wide(n - 1) + v299\n  return v0 + v299\n";
  run(text);
  EXPECT_EQ(result("wide(3)"), "1202");
}

TEST_F(VmCalls, ScriptsCallNativesThatCallScripts) {
  run("def key(x): return sorted([-x, 0], key=lambda y: -y)[0]");
  EXPECT_EQ(result("sorted([3, -1, 2], key=key)"), "[3, 2, -1]");
  EXPECT_EQ(result("list(map(lambda x: max([x, 2], key=lambda y: -y), [1, 3]))"), "[1, 2]");
}

class VmRecursion : public WithPrograms {};

TEST_F(VmRecursion, ScriptCallsEndAtTheLimitAndNotBefore) {
  run("def depth(n): return 0 if n == 0 else 1 + depth(n - 1)");
  t.recursion_limit = 50;
  EXPECT_EQ(result("depth(45)"), "45");
  EXPECT_EQ(result("depth(50)"), "RecursionError: maximum recursion depth exceeded");
  EXPECT_EQ(result("depth(45)"), "45");
  t.recursion_limit = 20000;
  EXPECT_EQ(result("depth(19000)"), "19000");
}

TEST_F(VmRecursion, AnEndlessRecursionCanBeCaught) {
  run(R"(
def endless(): return endless()
def f():
    try: endless()
    except RecursionError as e: return str(e)
)");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(result("f()"), "'maximum recursion depth exceeded'");
  EXPECT_EQ(t.frame, nullptr);
}

TEST_F(VmRecursion, RecursionThroughNativesIsBoundedByTheNativeStack) {
  run("class R:\n  def __repr__(self): return repr([self])\n");
  t.recursion_limit = 1000000;
  EXPECT_EQ(result("repr(R())").substr(0, 15), "RecursionError:");
  run("x = []\nfor _ in range(1000000): x = [x]");
  EXPECT_EQ(result("x == [x]").substr(0, 15), "RecursionError:");
}

class VmAttention : public WithPrograms {
 protected:
  // A ValueError that comes from outside.
  void interrupt() {
    t.async_exception = Value::of_object(error_type(t, ErrorType::ValueError));
    t.attention.fetch_or(kAsyncException);
  }
};

TEST_F(VmAttention, EveryKindOfLoopLooks) {
  for (const char* loop : {"while True: pass", "for x in iter(int, 1): pass", "while 1:\n  continue",
                           "i = 0\nwhile i < 10 ** 18: i += 1", "for i in range(10 ** 18): pass", "[0 for i in iter(int, 1)]"}) {
    interrupt();
    EXPECT_EQ(shown(execute(loop)), "ValueError: ") << loop;
    EXPECT_EQ(t.frame, nullptr);
  }
}

TEST_F(VmAttention, ACallLooks) {
  run("def f():\n  return 1\ndef g():\n  f()\n  return 2");
  interrupt();
  EXPECT_EQ(result("g()"), "ValueError: ");
  EXPECT_EQ(result("g()"), "2");
}

TEST_F(VmAttention, WhatComesFromOutsideCanBeCaughtWhereItCame) {
  run("import _thread\nlog = []\ndef f():\n  try:\n    _thread._raise_in(_thread.get_ident(), ValueError)\n    while True: pass\n"
      "  except ValueError:\n    return 'caught'\n  finally:\n    log.append('finally')");
  EXPECT_EQ(result("f(), log"), "('caught', ['finally'])");
}

TEST_F(VmAttention, ALoopThatBeginsItsTryIsInsideOfIt) {
  run("import _thread\ndef f(raise_in, me):\n  raise_in(me, ValueError)\n  try:\n    while True: pass\n  except ValueError as e:\n"
      "    return e.__traceback__.tb_lineno");
  EXPECT_EQ(result("f(_thread._raise_in, _thread.get_ident())"), "5");
  run("def g():\n  while True: pass\ndef h(raise_in, me):\n  raise_in(me, ValueError)\n  g()");
  ASSERT_TRUE(eval("h(_thread._raise_in, _thread.get_ident())").is_raised());
  const Traceback* innermost = as<Exception>(t.exception)->traceback;
  while (innermost->next) innermost = innermost->next;
  EXPECT_EQ(traceback_range(innermost).line, 2u);
  (void)take_exception(t);
}

TEST_F(VmAttention, AFinalizerRunsAtTheNextCheck) {
  run("log = []\nclass C:\n  def __del__(self): log.append(1)\ndef make():\n  for _ in range(20): C()\nmake()");
  t.heap->collect();
  EXPECT_TRUE(t.needs_attention());
  run("for _ in range(3): pass");
  EXPECT_FALSE(t.needs_attention());
  EXPECT_EQ(result("len(log) > 10"), "True");
}

class UnwindPrograms : public WithPrograms {
 protected:
  // The traceback's lines and functions, innermost last.
  std::string trace(std::string_view text) {
    if (!execute(text).is_raised()) return "nothing was raised";
    Value e = take_exception(t);
    std::string out;
    for (Traceback* tb = as<Exception>(e)->traceback; tb; tb = tb->next) {
      out += to_utf8(tb->code->name) + ":" + std::to_string(tb->code->ranges[tb->instruction].line) + " ";
    }
    return out + type_name(t, e);
  }
};

TEST_F(UnwindPrograms, EachFrameGetsItsEntry) {
  EXPECT_EQ(trace("def f(x):\n  return 1 / x\ndef g():\n  return f(0)\ng()"), "<module>:5 g:4 f:2 ZeroDivisionError");
}

TEST_F(UnwindPrograms, FramesBetweenNativesAreThereToo) {
  EXPECT_EQ(trace("def key(x):\n  raise KeyError(x)\nsorted([1], key=key)"), "<module>:3 key:2 KeyError");
}

TEST_F(UnwindPrograms, ACaughtExceptionLeavesTheThreadClean) {
  run("def f():\n  try: raise ValueError\n  except ValueError: return 1");
  EXPECT_EQ(result("f()"), "1");
  EXPECT_TRUE(t.exception.is_empty());
  EXPECT_EQ(result("__import__('sys').exc_info()"), "(None, None, None)");
}

TEST_F(UnwindPrograms, FinallyRunsInnermostFirstOnEveryWayOut) {
  run(R"(
def f(how):
    log = []
    def body():
        for i in range(2):
            try:
                try:
                    if how == 'return': return 'returned'
                    if how == 'break': break
                    if how == 'continue': continue
                    if how == 'raise': raise ValueError('v')
                finally:
                    log.append('inner')
            finally:
                log.append('outer')
        return 'end'
    try: got = body()
    except ValueError as e: got = repr(e)
    return got, log
)");
  EXPECT_EQ(result("f('return')"), "('returned', ['inner', 'outer'])");
  EXPECT_EQ(result("f('break')"), "('end', ['inner', 'outer'])");
  EXPECT_EQ(result("f('continue')"), "('end', ['inner', 'outer', 'inner', 'outer'])");
  EXPECT_EQ(result("f('raise')"), "(\"ValueError('v')\", ['inner', 'outer'])");
}

TEST_F(UnwindPrograms, TheExceptionBeingHandledIsTheContextOfANewOne) {
  run("def f():\n  try: 1 / 0\n  except ZeroDivisionError: {}['k']");
  ASSERT_TRUE(eval("f()").is_raised());
  Value e = take_exception(t);
  EXPECT_STREQ(type_name(t, e), "KeyError");
  EXPECT_STREQ(type_name(t, as<Exception>(e)->context), "ZeroDivisionError");
}

class FrameChains : public WithPrograms {};

TEST_F(FrameChains, RunCodeUsesTheNamespacesItIsGiven) {
  Value code = compile(t, "x = y + 1\nz = len([x])", "<test>", CompileMode::Exec);
  ASSERT_FALSE(code.is_raised());
  Dict *globals = make_dict(t), *locals = make_dict(t);
  dict_set(t, globals, intern(t, "y"), Value::of_int(4));
  dict_set(t, globals, intern(t, "__builtins__"), Value::of_object(interpreter_.builtins));
  EXPECT_FALSE(run_code(t, as<Code>(code), globals, locals).is_raised());
  EXPECT_EQ(shown(Value::of_object(locals)), "{'x': 5, 'z': 1}");
}

TEST_F(FrameChains, TwoInterpretersInOneThreadDoNotMeet) {
  run("x = 'first'");
  Interpreter other{Options{}};
  Thread& u = *other.main_thread;
  Value code = compile(u, "x", "<test>", CompileMode::Eval);
  ASSERT_FALSE(code.is_raised());
  EXPECT_TRUE(run_code(u, as<Code>(code), other.main_globals, other.main_globals).is_raised());
  EXPECT_TRUE(exception_matches(u, ErrorType::NameError));
  (void)take_exception(u);
  set_current_thread(&t);
  EXPECT_EQ(result("x"), "'first'");
}

}  // namespace
}  // namespace mini
