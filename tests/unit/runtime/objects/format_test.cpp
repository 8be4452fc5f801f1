// SPDX-License-Identifier: MIT
#include "runtime/objects/format_spec.h"

#include "runtime/objects/sequence.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

using Formatting = WithInterpreter;

TEST_F(Formatting, Ints) {
  EXPECT_EQ(formatted(Value::of_int(1234567), ","), "1,234,567");
  EXPECT_EQ(formatted(Value::of_int(1234567), "016,"), "0,000,001,234,567");
  EXPECT_EQ(formatted(Value::of_int(-5), "*=+6d"), "-****5");
  EXPECT_EQ(formatted(Value::of_int(255), "#_X"), "0XFF");
  EXPECT_EQ(formatted(Value::of_int(65), "☃^5c"), "☃☃A☃☃");
  EXPECT_EQ(formatted(Value::of_int(1), "s"), "raised: Unknown format code 's' for object of type 'int'");
  EXPECT_EQ(formatted(Value::of_int(1), ",x"), "raised: Cannot specify ',' with 'x'.");
}

TEST_F(Formatting, Floats) {
  EXPECT_EQ(formatted(Value::of_float(1234.5), ",.2f"), "1,234.50");
  EXPECT_EQ(formatted(Value::of_float(-0.001), "z.1f"), "0.0");
  EXPECT_EQ(formatted(Value::of_float(0.5), ".0%"), "50%");
  EXPECT_EQ(formatted(Value::of_float(123.0), ".3"), "1.23e+02");
  EXPECT_EQ(formatted(Value::of_float(1e16), ""), "1e+16");
}

TEST_F(Formatting, Strs) {
  EXPECT_EQ(formatted(str("abc"), "^7.2"), "  ab   ");
  EXPECT_EQ(formatted(str("é"), "☃>3"), "☃☃é");
  EXPECT_EQ(formatted(str("a"), "=5"), "raised: '=' alignment not allowed in string format specifier");
}

TEST_F(Formatting, Percent) {
  Value args = Value::of_object(make_tuple(t, {Value::of_int(5), str("x"), Value::of_float(2.5)}));
  EXPECT_EQ(shown(format_percent(t, make_str(t, "%03d|%-3s|%.2e"), args)), "'005|x  |2.50e+00'");
  EXPECT_EQ(shown(format_percent(t, make_str(t, "%d"), str("x"))), "raised: %d format: a real number is required, not str");
}

}  // namespace
}  // namespace mini
