// SPDX-License-Identifier: MIT
#include "runtime/objects/hash.h"
#include "runtime/objects/int.h"

#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

class IntObjects : public WithInterpreter {
 protected:
  std::string binary(BinaryOp op, std::string_view a, std::string_view b) { return shown(int_binary(t, op, number(a), number(b))); }
};

TEST_F(IntObjects, OverflowBecomesBigAndComesBack) {
  EXPECT_EQ(binary(BinaryOp::Add, "9223372036854775807", "1"), "9223372036854775808");
  EXPECT_EQ(binary(BinaryOp::Mul, "-9223372036854775808", "-1"), "9223372036854775808");
  Value big = number("9223372036854775808");
  EXPECT_TRUE(big.is_object());
  EXPECT_TRUE(int_binary(t, BinaryOp::Sub, big, Value::of_int(1)).is_int());
  EXPECT_EQ(binary(BinaryOp::FloorDiv, "-9223372036854775808", "-1"), "9223372036854775808");
  EXPECT_EQ(binary(BinaryOp::Mod, "-9223372036854775808", "-1"), "0");
}

TEST_F(IntObjects, DivisionRoundsDown) {
  EXPECT_EQ(binary(BinaryOp::FloorDiv, "-7", "2"), "-4");
  EXPECT_EQ(binary(BinaryOp::Mod, "-7", "2"), "1");
  EXPECT_EQ(binary(BinaryOp::Mod, "7", "-2"), "-1");
  EXPECT_EQ(binary(BinaryOp::DivMod, "-100000000000000000000", "7"), "(-14285714285714285715, 5)");
}

TEST_F(IntObjects, TrueDivisionIsCorrectlyRounded) {
  EXPECT_EQ(binary(BinaryOp::TrueDiv, "9007199254740993", "1"), "9007199254740992.0");
  EXPECT_EQ(binary(BinaryOp::TrueDiv, "9007199254740995", "1"), "9007199254740996.0");
  EXPECT_EQ(binary(BinaryOp::TrueDiv, "100000000000000000000", "3"), "3.333333333333333e+19");
  EXPECT_EQ(binary(BinaryOp::TrueDiv, "1", "0"), "raised: division by zero");
}

TEST_F(IntObjects, NegativeNumbersAreTwosComplement) {
  EXPECT_EQ(binary(BinaryOp::And, "-1", "18446744073709551616"), "18446744073709551616");
  EXPECT_EQ(binary(BinaryOp::Or, "-18446744073709551616", "1"), "-18446744073709551615");
  EXPECT_EQ(binary(BinaryOp::RShift, "-18446744073709551617", "64"), "-2");
  EXPECT_EQ(binary(BinaryOp::LShift, "1", "-1"), "raised: negative shift count");
}

TEST_F(IntObjects, HostileSizesEndQuickly) {
  EXPECT_EQ(binary(BinaryOp::Pow, "10", "100000000000"), "raised: ");
  EXPECT_EQ(binary(BinaryOp::LShift, "1", "100000000000000"), "raised: ");
  EXPECT_EQ(binary(BinaryOp::Pow, "-1", "100000000000000000000001"), "-1");
}

TEST_F(IntObjects, TextInAllBases) {
  EXPECT_EQ(int_to_text(number("-1267650600228229401496703205376"), 16), "-10000000000000000000000000");
  EXPECT_EQ(int_to_text(Value::of_int(INT64_MIN), 10), "-9223372036854775808");
  EXPECT_EQ(int_to_text(number("1267650600228229401496703205376"), 36), "3ewfdnca0n6ld1ggvfgg");
  EXPECT_EQ(shown(parse_int(t, "0x_ff", 0)), "255");
  EXPECT_EQ(shown(parse_int(t, " 1_0 ", 10)), "10");
  for (const char* bad : {"", "_1", "1_", "1__0", "0b2", "12a"}) EXPECT_EQ(shown(parse_int(t, bad, 0)), "empty") << bad;
  EXPECT_EQ(shown(parse_int(t, "012", 0)), "empty");
}

TEST_F(IntObjects, EqualNumbersHashAlike) {
  EXPECT_EQ(hash_int64(1), hash_double(1.0));
  EXPECT_EQ(hash_int64(-1), -2);
  EXPECT_EQ(hash_int64((int64_t{1} << 61) - 1), 0);
}

TEST_F(IntObjects, ComparesWithFloatsExactly) {
  Value big = number("9007199254740993");
  EXPECT_TRUE(number_compare(t, CompareOp::Gt, big, Value::of_float(9007199254740992.0)).is_true());
  EXPECT_TRUE(number_compare(t, CompareOp::Eq, number("100000000000000000000"), Value::of_float(1e20)).is_true());
  EXPECT_TRUE(number_compare(t, CompareOp::Lt, number("100000000000000000000000"), Value::of_float(1e23 * 1.0000000000000002)).is_true());
}

TEST_F(IntObjects, PowersModuloANumber) {
  EXPECT_EQ(shown(int_pow_mod(t, Value::of_int(3), Value::of_int(200), Value::of_int(1000007))), shown(int_binary(t, BinaryOp::Mod, int_binary(t, BinaryOp::Pow, Value::of_int(3), Value::of_int(200)), Value::of_int(1000007))));
  EXPECT_EQ(shown(int_pow_mod(t, Value::of_int(3), Value::of_int(-1), Value::of_int(7))), "5");
  EXPECT_EQ(shown(int_pow_mod(t, Value::of_int(2), Value::of_int(-1), Value::of_int(4))), "raised: base is not invertible for the given modulus");
}

}  // namespace
}  // namespace mini
