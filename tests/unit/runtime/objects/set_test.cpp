// SPDX-License-Identifier: MIT
// set from native code: CPython's order, growth, deletion, hashes of frozensets.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "runtime/objects/dict.h"
#include "runtime/objects/set.h"
#include "runtime/objects/type.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

class SetObjects : public WithInterpreter {
 protected:
  Set* numbers(std::initializer_list<int64_t> values, bool is_frozen = false) {
    Set* s = make_set(t, is_frozen);
    for (int64_t v : values) EXPECT_TRUE(set_add_item(t, s, Value::of_int(v)).is_none());
    return s;
  }
  std::string text(Set* s) { return shown(Value::of_object(s)); }
};

TEST_F(SetObjects, IteratesInCPythonsOrder) {
  EXPECT_EQ(text(numbers({8, 0, 16, 24, 32})), "{0, 32, 8, 16, 24}");
  EXPECT_EQ(text(numbers({-1, -2})), "{-1, -2}");
  EXPECT_EQ(text(numbers({100, 7, 3, 64})), "{64, 3, 100, 7}");
}

TEST_F(SetObjects, AgreesWithAnotherSetUnderRandomUse) {
  std::mt19937 chance(4);
  std::set<int64_t> other;
  Set* s = make_set(t);
  for (int step = 0; step < 20000; ++step) {
    int64_t v = static_cast<int64_t>(chance() % 300) * 64;
    if (chance() % 2) {
      ASSERT_TRUE(set_add_item(t, s, Value::of_int(v)).is_none());
      other.insert(v);
    } else {
      EXPECT_EQ(set_discard_item(t, s, Value::of_int(v)).is_true(), other.erase(v) == 1);
    }
  }
  EXPECT_EQ(s->used, other.size());
  for (int64_t v : other) EXPECT_TRUE(set_contains_item(t, s, Value::of_int(v)).is_true());
}

TEST_F(SetObjects, FrozensetsHashAsInCPython) {
  int64_t hash;
  ASSERT_TRUE(hash_value(t, Value::of_object(numbers({1, 2, 3}, true)), hash));
  EXPECT_EQ(hash, -272375401224217160);
  ASSERT_TRUE(hash_value(t, Value::of_object(numbers({}, true)), hash));
  EXPECT_EQ(hash, 133146708735736);
}

TEST_F(SetObjects, SmallSetsNeedNoMalloc) {
  EXPECT_EQ(numbers({1, 2, 3, 4})->flags & kNeedsFinalizing, 0);
  EXPECT_NE(numbers({1, 2, 3, 4, 5, 6})->flags & kNeedsFinalizing, 0);
}

TEST_F(SetObjects, CopiesAndMergesAreEqual) {
  Set* a = numbers({5, 1, 9, 200});
  Set* b = set_copy(t, a);
  ASSERT_TRUE(set_update_with(t, b, Value::of_object(a)).is_none());
  EXPECT_TRUE(equal_values(t, Value::of_object(a), Value::of_object(b)).is_true());
}

}  // namespace
}  // namespace mini
