// SPDX-License-Identifier: MIT
// list and tuple from native code: growing, items inside the object, extending, sorting, positions.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "runtime/objects/dict.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

class ListObjects : public WithInterpreter {
 protected:
  List* numbers(std::initializer_list<int64_t> values) {
    List* list = make_list(t);
    for (int64_t v : values) list_push(t, list, Value::of_int(v));
    return list;
  }
  std::string text(List* list) { return shown(Value::of_object(list)); }
};

TEST_F(ListObjects, KeepsItemsInsideTheObjectUntilItGrows) {
  Value items[3] = {Value::of_int(1), Value::of_int(2), Value::of_int(3)};
  List* list = make_list(t, items, 3);
  EXPECT_EQ(list->extra, kListItemsInside);
  list_push(t, list, Value::of_int(4));
  EXPECT_EQ(list->extra, 0u);
  EXPECT_EQ(text(list), "[1, 2, 3, 4]");
}

TEST_F(ListObjects, GrowsToManyItems) {
  List* list = make_list(t);
  for (int64_t i = 0; i < 100000; ++i) list_push(t, list, Value::of_int(i));
  ASSERT_EQ(list->length, 100000u);
  EXPECT_EQ(list->items[99999].integer, 99999);
  EXPECT_LT(list->capacity, 130000u);
}

TEST_F(ListObjects, ExtendsItself) {
  List* list = numbers({1, 2});
  ASSERT_TRUE(list_extend_with(t, list, Value::of_object(list)).is_none());
  EXPECT_EQ(text(list), "[1, 2, 1, 2]");
}

TEST_F(ListObjects, SortsLikeTheStandardLibrary) {
  std::mt19937 chance(1);
  for (size_t n : {0, 1, 2, 5, 63, 64, 65, 130, 1000, 20000}) {
    List* list = make_list(t);
    std::vector<int64_t> expected;
    for (size_t i = 0; i < n; ++i) {
      int64_t v = static_cast<int64_t>(chance() % (n + 1)) - 5;
      expected.push_back(v);
      list_push(t, list, Value::of_int(v));
    }
    std::sort(expected.begin(), expected.end());
    ASSERT_TRUE(sort_list(t, list, Value::none(), false).is_none());
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(list->items[i].integer, expected[i]);
    ASSERT_TRUE(sort_list(t, list, Value::none(), true).is_none());
    for (size_t i = 0; i < n; ++i) ASSERT_EQ(list->items[i].integer, expected[n - 1 - i]);
  }
}

TEST_F(ListObjects, SortsPairsStably) {
  std::mt19937 chance(2);
  List* list = make_list(t);
  for (int64_t i = 0; i < 3000; ++i)
    list_push(t, list, Value::of_object(make_tuple(t, {Value::of_float(chance() % 7), Value::of_int(i)})));
  ASSERT_TRUE(sort_list(t, list, Value::none(), false).is_none());
  for (size_t i = 1; i < 3000; ++i) {
    auto a = as<Tuple>(list->items[i - 1]), b = as<Tuple>(list->items[i]);
    bool in_order = a->items[0].number < b->items[0].number ||
                    (a->items[0].number == b->items[0].number && a->items[1].integer < b->items[1].integer);
    ASSERT_TRUE(in_order) << i;
  }
}

TEST_F(ListObjects, KeepsItsItemsWhenSortingRaises) {
  List* list = numbers({3, 1});
  list_push(t, list, str_value(make_str(t, "x")));
  EXPECT_TRUE(sort_list(t, list, Value::none(), false).is_raised());
  EXPECT_TRUE(exception_matches(t, ErrorType::TypeError));
  (void)take_exception(t);
  EXPECT_EQ(list->length, 3u);
}

TEST_F(ListObjects, ShowsItself) {
  List* list = numbers({1});
  list_push(t, list, Value::of_object(list));
  EXPECT_EQ(text(list), "[1, [...]]");
}

TEST_F(ListObjects, IterationSeesItemsAddedMeanwhile) {
  List* list = numbers({1, 2});
  int64_t sum = 0;
  for (Iteration it(t, Value::of_object(list));;) {
    Value item = it.next();
    if (item.is_empty()) break;
    sum += item.integer;
    if (list->length < 4) list_push(t, list, Value::of_int(10));
  }
  EXPECT_EQ(sum, 23);
}

TEST_F(ListObjects, SurvivesCollections) {
  List* list = make_list(t);
  t.heap->set_stress(true);
  for (int64_t i = 0; i < 50; ++i) list_push(t, list, str_value(make_str(t, std::to_string(i) + " text")));
  t.heap->set_stress(false);
  EXPECT_EQ(to_utf8(as<Str>(list->items[49])), "49 text");
}

TEST_F(ListObjects, TuplesHashAsInCPython) {
  Value one = Value::of_object(make_tuple(t, {Value::of_int(1), Value::of_int(2), Value::of_int(3)}));
  int64_t hash;
  ASSERT_TRUE(hash_value(t, one, hash));
  EXPECT_EQ(hash, 529344067295497451);
  ASSERT_TRUE(hash_value(t, Value::of_object(make_tuple(t, size_t{0})), hash));
  EXPECT_EQ(hash, 5740354900026072187);
}

}  // namespace
}  // namespace mini
