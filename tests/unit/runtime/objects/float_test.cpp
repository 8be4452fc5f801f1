// SPDX-License-Identifier: MIT
#include <cmath>

#include "runtime/objects/int_parts.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

using FloatObjects = WithInterpreter;

TEST_F(FloatObjects, ReprIsShortestInPythonsForm) {
  EXPECT_EQ(double_repr(0.1), "0.1");
  EXPECT_EQ(double_repr(1e16), "1e+16");
  EXPECT_EQ(double_repr(1e15), "1000000000000000.0");
  EXPECT_EQ(double_repr(0.0001), "0.0001");
  EXPECT_EQ(double_repr(0.00001), "1e-05");
  EXPECT_EQ(double_repr(-0.0), "-0.0");
  EXPECT_EQ(double_repr(5e-324), "5e-324");
  EXPECT_EQ(double_repr(-INFINITY), "-inf");
}

TEST_F(FloatObjects, ParsesPythonsLiterals) {
  double d;
  EXPECT_TRUE(parse_double(" 1_0.5e1 ", d));
  EXPECT_EQ(d, 105.0);
  EXPECT_TRUE(parse_double("-Infinity", d));
  EXPECT_TRUE(std::isinf(d));
  EXPECT_TRUE(parse_double("1e400", d));
  EXPECT_TRUE(std::isinf(d));
  for (const char* bad : {"", ".", "1_", "_1", "1_.5", "0x10", "1e", "nanx", "1 2"}) EXPECT_FALSE(parse_double(bad, d)) << bad;
}

TEST_F(FloatObjects, RoundsHalfToEvenOnTheExactValue) {
  auto rounded = [&](double d, int places) { return shown(float_round(t, Value::of_float(d), Value::of_int(places))); };
  EXPECT_EQ(shown(float_round(t, Value::of_float(2.5), Value::none())), "2");
  EXPECT_EQ(rounded(2.675, 2), "2.67");
  EXPECT_EQ(rounded(25.0, -1), "20.0");
  EXPECT_EQ(rounded(35.0, -1), "40.0");
  EXPECT_EQ(rounded(1.7e308, -308), "raised: rounded value too large to represent");
}

TEST_F(FloatObjects, DivisionFollowsTheDivisorsSign) {
  auto binary = [&](BinaryOp op, double a, double b) { return shown(float_binary(t, op, Value::of_float(a), Value::of_float(b))); };
  EXPECT_EQ(binary(BinaryOp::Mod, -1.0, 3.0), "2.0");
  EXPECT_EQ(binary(BinaryOp::FloorDiv, -1.0, 3.0), "-1.0");
  EXPECT_EQ(binary(BinaryOp::Mod, 1.0, 0.0), "raised: float modulo");
  EXPECT_EQ(binary(BinaryOp::Pow, 0.0, -1.0), "raised: 0.0 cannot be raised to a negative power");
}

}  // namespace
}  // namespace mini
