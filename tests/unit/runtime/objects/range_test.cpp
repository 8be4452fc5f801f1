// SPDX-License-Identifier: MIT
// slice_indices against a slow definition, and ranges at the ends of 64 bits.
#include <gtest/gtest.h>

#include "runtime/calls.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/range.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

class RangeObjects : public WithInterpreter {
 protected:
  Value range(int64_t start, int64_t stop, int64_t step) {
    return call(t, Value::of_object(types(t).range), {Value::of_int(start), Value::of_int(stop), Value::of_int(step)});
  }
};

TEST_F(RangeObjects, SliceIndicesStayInside) {
  for (int64_t length : {0, 1, 5}) {
    for (int64_t from = -7; from <= 7; ++from) {
      for (int64_t to = -7; to <= 7; ++to) {
        for (int64_t by : {-3, -1, 1, 2}) {
          Value slice = make_slice(t, Value::of_int(from), Value::of_int(to), Value::of_int(by));
          int64_t start, stop, step, count;
          ASSERT_TRUE(slice_indices(t, as<Slice>(slice), length, start, stop, step, count));
          int64_t seen = 0;
          for (int64_t i = start; by > 0 ? i < stop : i > stop; i += step, ++seen) {
            ASSERT_GE(i, 0);
            ASSERT_LT(i, length);
          }
          ASSERT_EQ(seen, count);
        }
      }
    }
  }
}

TEST_F(RangeObjects, SliceStepOfZeroRaises) {
  int64_t start, stop, step, count;
  Value slice = make_slice(t, Value::none(), Value::none(), Value::of_int(0));
  EXPECT_FALSE(slice_indices(t, as<Slice>(slice), 5, start, stop, step, count));
  EXPECT_TRUE(exception_matches(t, ErrorType::ValueError));
  (void)take_exception(t);
}

TEST_F(RangeObjects, ReachesTheEndsOfSixtyFourBits) {
  Value r = range(INT64_MAX - 2, INT64_MAX, 1);
  ASSERT_FALSE(r.is_raised());
  EXPECT_FALSE(as<Range>(r)->is_big);
  Iteration it(t, r);
  EXPECT_EQ(it.next().integer, INT64_MAX - 2);
  EXPECT_EQ(it.next().integer, INT64_MAX - 1);
  EXPECT_TRUE(it.next().is_empty());
  EXPECT_TRUE(as<Range>(range(INT64_MIN, INT64_MAX, 1))->is_big);
}

TEST_F(RangeObjects, LengthRoundsUp) {
  EXPECT_EQ(as<Range>(range(0, 10, 3))->length, 4);
  EXPECT_EQ(as<Range>(range(10, 0, -3))->length, 4);
  EXPECT_EQ(as<Range>(range(0, -1, 1))->length, 0);
}

}  // namespace
}  // namespace mini
