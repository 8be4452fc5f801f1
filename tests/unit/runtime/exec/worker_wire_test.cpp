// SPDX-License-Identifier: MIT
#include "runtime/exec/worker_wire.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

class WireTest : public ::testing::Test {
 protected:
  WireTest() : interpreter_(Options{}), t_(*interpreter_.main_thread) {}

  // The value of an expression; `setup` runs before it in the same namespace.
  Value eval(const char* expression, const char* setup = "") {
    Value module = compile(t_, setup, "<setup>", CompileMode::File);
    if (module.is_raised()) return module;
    Value done = run_code(t_, as<Code>(module), interpreter_.main_globals, interpreter_.main_globals);
    if (done.is_raised()) return done;
    Value code = compile(t_, expression, "<test>", CompileMode::Eval);
    if (code.is_raised()) return code;
    return run_code(t_, as<Code>(code), interpreter_.main_globals, interpreter_.main_globals);
  }
  std::string text(Value v) {
    if (v.is_raised()) {
      Value e = take_exception(t_);
      return std::string(type_name(t_, e)) + ": " + to_utf8(to_str(t_, e));
    }
    return to_utf8(to_repr(t_, v));
  }
  std::string bytes_of(Value v, WireStyle style = WireStyle::ByValue) {
    std::string bytes;
    EXPECT_FALSE(v.is_raised()) << text(v);
    EXPECT_TRUE(wire_dumps(t_, v, style, bytes)) << text(Value::raised());
    return bytes;
  }
  // repr of what arrives.
  std::string round_trip(const char* expression, const char* setup = "") {
    Value v = eval(expression, setup);
    if (v.is_raised()) return text(v);
    return text(wire_loads(t_, bytes_of(v)));
  }
  std::string refusal(const char* expression, const char* setup = "") {
    std::string bytes;
    Value v = eval(expression, setup);
    if (v.is_raised()) return text(v);
    return wire_dumps(t_, v, WireStyle::ByValue, bytes) ? "it was taken" : text(Value::raised());
  }

  Interpreter interpreter_;
  Thread& t_;
};

class WireValues : public WireTest {};

TEST_F(WireValues, EveryPlainValueComesBackAsItWas) {
  const char* values[] = {
      "None", "True", "False", "Ellipsis", "NotImplemented", "0", "-1", "9223372036854775807", "-9223372036854775808",
      "123456789012345678901234567890", "-123456789012345678901234567890", "0.1", "-0.0", "inf", "nan", "''", "'abc'",
      "'\\xe9'", "'\\u20ac\\U0001f600'", "'\\ud800'", "b''", "b'a\\x00b'", "bytearray(b'xyz')", "[]", "[1, [2, [3]]]", "()",
      "(1,)", "{}", "{'a': 1, 2: (3,), None: []}", "set()", "{1, 2, 3}", "frozenset({'a'})", "range(0, 10)",
      "range(5, 1, -2)", "range(0, 100000000000000000000)", "slice(1, None, 2)", "<class 'int'>", "<class 'ValueError'>",
      "<built-in function len>"};
  for (const char* value : values) {
    std::string expression = value;
    if (expression == "inf" || expression == "nan") expression = "float('" + expression + "')";
    if (expression == "<class 'int'>") expression = "int";
    if (expression == "<class 'ValueError'>") expression = "ValueError";
    if (expression == "<built-in function len>") expression = "len";
    EXPECT_EQ(round_trip(expression.c_str()), text(eval(expression.c_str())));
  }
}

TEST_F(WireValues, SharedReferencesAndCyclesKeepTheirShape) {
  Value v = wire_loads(t_, bytes_of(eval("x", "a = [1]\nx = [a, a, (a,)]\nx.append(x)")));
  ASSERT_FALSE(v.is_raised()) << text(v);
  dict_set(t_, interpreter_.main_globals, intern(t_, "y"), v);
  EXPECT_EQ(text(eval("(y[0] is y[1], y[2][0] is y[0], y[3] is y, len(y))")), "(True, True, True, 4)");
}

TEST_F(WireValues, ExceptionsBringArgumentsAttributesNotesCauseAndContext) {
  Value v = wire_loads(t_, bytes_of(eval("e", R"(
e = KeyError('k', 2)
e.extra = [1]
e.add_note('note')
e.__cause__ = ValueError('cause')
e.__context__ = TypeError('context')
)")));
  ASSERT_FALSE(v.is_raised()) << text(v);
  dict_set(t_, interpreter_.main_globals, intern(t_, "y"), v);
  EXPECT_EQ(text(eval("(y, y.extra, y.__notes__, y.__cause__, y.__context__, y.__suppress_context__)")),
            "(KeyError('k', 2), [1], ['note'], ValueError('cause'), TypeError('context'), True)");
}

TEST_F(WireValues, InstancesFollowTheRulesOfPickle) {
  const char* setup = R"(
class Plain:
    def __init__(self, a): self.a = a
    def __repr__(self): return f'Plain({self.a})'
class Stateful(Plain):
    def __getstate__(self): return ('state', self.a)
    def __setstate__(self, state): self.a = state[1] * 2
class Reduced(Plain):
    def __reduce__(self): return (Reduced, (self.a + 1,))
class Ints(list):
    pass
ints = Ints([1, 2])
ints.name = 'n'
class Small(int):
    pass
)";
  EXPECT_EQ(round_trip("[Plain(1), Stateful(2), Reduced(3)]", setup), "[Plain(1), Plain(4), Plain(4)]");
  EXPECT_EQ(round_trip("[ints, Small(7)]", setup), "[[1, 2], 7]");
}

TEST_F(WireValues, ALambdaWithCellsAndDefaultsStillComputes) {
  Value f = wire_loads(t_, bytes_of(eval("make(3)", "def make(n):\n  return lambda x, y=5, *, z=7: x + y + z + n + base\nbase = 100")));
  ASSERT_FALSE(f.is_raised()) << text(f);
  EXPECT_EQ(text(call(t_, f, {Value::of_int(1)})), "116");
}

TEST_F(WireValues, ALocalClassIsOneClassForAllMessages) {
  Value made = eval("make()", "def make():\n  class Local:\n    def f(self): return __class__.__name__\n  return Local()");
  Value a = wire_loads(t_, bytes_of(made)), b = wire_loads(t_, bytes_of(made));
  ASSERT_FALSE(a.is_raised() || b.is_raised()) << text(a);
  EXPECT_EQ(type_of(a.object), type_of(b.object));
  EXPECT_EQ(text(call_method(t_, a, intern(t_, "f"))), "'Local'");
}

TEST_F(WireValues, WhatCannotTravelIsNamedWithItsPath) {
  EXPECT_EQ(refusal("[1, {'x': (i for i in ())}]"),
            "TypeError: cannot pickle 'generator' object (cannot send it to another process: at [1]['x'])");
  EXPECT_EQ(refusal("(i for i in ())"), "TypeError: cannot pickle 'generator' object");
}

TEST_F(WireValues, ANestedListThatIsTooDeepRaises) {
  EXPECT_NE(refusal("x", "x = []\nfor i in range(1000000): x = [x]").find("RecursionError"), std::string::npos);
}

// --- Bytes that are wrong ---

class WireBytes : public WireTest {
 protected:
  const char* sample_setup_ = R"(
class Point:
    kind = 'point'
    def __init__(self, x): self.x = x
    def scaled(self, by=2): return [self.x * by for _ in range(OTHER)]
OTHER = 3
def outer(n):
    def inner(x, *rest, key=None, **more):
        try:
            return helper(x) + n
        finally:
            pass
    return inner
def helper(x): return OTHER * x
shared = ['text', 'te\u20act', 10 ** 30, 1.5, b'bytes', {1, 2}, frozenset((3,)), range(9), slice(1), KeyError('x')]
)";
  // A message with this payload and no definitions raises, and takes no more memory than its own length suggests.
  void expect_refused_cheaply(std::string_view payload) {
    WireOut body;
    body.number(0);
    body.text(payload);
    uint64_t before = t_.heap->stats().bytes_since;
    uint64_t collections = t_.heap->stats().collections;
    Value v = wire_loads(t_, wire_seal(body.bytes));
    EXPECT_TRUE(v.is_raised()) << text(v);
    if (v.is_raised()) (void)take_exception(t_);
    EXPECT_EQ(t_.heap->stats().collections, collections);
    EXPECT_LT(t_.heap->stats().bytes_since - before, 64 * payload.size() + 20'000);
  }
  std::string sample() { return bytes_of(eval("[outer(5), Point(4), Point(4).scaled, shared, shared, int, len]", sample_setup_)); }
};

TEST_F(WireBytes, EveryTruncationIsAnError) {
  std::string whole = sample();
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_TRUE(wire_loads(t_, std::string_view(whole).substr(0, length)).is_raised());
    (void)take_exception(t_);
  }
}

TEST_F(WireBytes, EveryAlteredByteIsAnError) {
  std::string whole = sample();
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string altered = whole;
    altered[i] = static_cast<char>(altered[i] ^ 0x41);
    EXPECT_TRUE(wire_loads(t_, altered).is_raised()) << i;
    (void)take_exception(t_);
  }
}

// Behind a right checksum anything may stand. It is only decoded, not used: what it says to call is never more than the
// classes of the sample.
TEST_F(WireBytes, HostileBytesBehindARightChecksumNeverCrash) {
  std::string whole = sample();
  std::string body = whole.substr(kWireHeaderSize);
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string hostile = body;
    int changes = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < changes; ++i) {
      size_t at = random() % hostile.size();
      switch (random() % 4) {
        case 0: hostile[at] = static_cast<char>(random()); break;
        case 1: hostile.erase(at, random() % 8); break;
        case 2: hostile.insert(at, hostile.substr(random() % hostile.size(), random() % 16)); break;
        case 3: hostile.replace(at, 1, "\xff\xff\xff\xff\x7f"); break;
      }
      if (hostile.empty()) break;
    }
    if (wire_loads(t_, wire_seal(hostile)).is_raised()) (void)take_exception(t_);
  }
  EXPECT_EQ(round_trip("[1, 2]"), "[1, 2]");
}

TEST_F(WireBytes, AClaimOfManyItemsAllocatesNothing) {
  for (WireOp op : {WireOp::Str, WireOp::WideStr, WireOp::Bytes, WireOp::ByteArray, WireOp::Tuple, WireOp::List, WireOp::Set,
                    WireOp::FrozenSet, WireOp::Dict}) {
    for (uint64_t count : {uint64_t{1} << 20, uint64_t{1} << 40, uint64_t{1} << 62, UINT64_MAX}) {
      WireOut payload;
      payload.op(op);
      payload.number(count);
      expect_refused_cheaply(payload.bytes);
    }
  }
}

// Each list claims as many items as bytes follow, which one list alone might have.
TEST_F(WireBytes, NestedClaimsAreCountedTogether) {
  WireOut payload;
  for (uint64_t left = 60'000; left > 6; left -= 4) {
    payload.op(WireOp::List);
    payload.number(left - 6);
  }
  expect_refused_cheaply(payload.bytes);
}

TEST_F(WireBytes, ReferencesToNothingAreRefused) {
  WireOut ref;
  ref.op(WireOp::Ref);
  ref.number(7);
  expect_refused_cheaply(ref.bytes);
}

TEST_F(WireBytes, AnotherVersionIsRefused) {
  std::string whole = bytes_of(Value::none());
  whole[3] = 99;
  EXPECT_EQ(text(wire_loads(t_, whole)), "ValueError: bad wire data: another version of the format");
}

// --- Definitions go once to each receiver ---

class WireDefinitions : public WireTest {};

TEST_F(WireDefinitions, AreSentOnceAndAgainWhenTheNameIsBoundAgain) {
  Value f = eval("f", "N = 1\ndef f(): return N");
  ASSERT_FALSE(f.is_raised()) << text(f);
  WireTable table;
  WirePeer peer, other;
  Parcel first, second, third;
  ASSERT_TRUE(table.encode(t_, f, first));
  ASSERT_TRUE(table.encode(t_, f, second));
  size_t with_definitions = peer.assemble(first).size();
  EXPECT_GT(with_definitions, peer.assemble(second).size());
  EXPECT_EQ(other.assemble(second).size(), with_definitions);
  ASSERT_FALSE(eval("f", "N = 12345678").is_raised());
  ASSERT_TRUE(table.encode(t_, f, third));
  size_t rebound = peer.assemble(third).size();
  EXPECT_GT(rebound, peer.assemble(second).size());
  EXPECT_LT(rebound, with_definitions);
}

TEST_F(WireDefinitions, AGlobalThatCannotTravelRaisesOnlyWhenItIsUsed) {
  Value f = eval("f", "g = (i for i in ())\ndef f(use):\n  return next(g) if use else 'fine'");
  ASSERT_FALSE(f.is_raised()) << text(f);
  std::string message = bytes_of(f);
  Interpreter other{Options{}};
  // The message is for another interpreter; here it is only looked at.
  EXPECT_NE(message.find("cannot pickle 'generator' object"), std::string::npos);
}

}  // namespace
}  // namespace mini
