// SPDX-License-Identifier: MIT
// dict from native code: order, deletion, entry numbers, versions, the first entry.
#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

#include "runtime/objects/dict.h"
#include "runtime/objects/sequence.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

class DictObjects : public WithInterpreter {
 protected:
  void put(Dict* d, int64_t key, int64_t v) { ASSERT_TRUE(dict_set_item(t, d, Value::of_int(key), Value::of_int(v)).is_none()); }
  int64_t at(Dict* d, int64_t key) {
    Value v = dict_get_item(t, d, Value::of_int(key));
    return v.is_empty() ? -1 : v.integer;
  }
  std::string keys(Dict* d) {
    std::string out;
    for (DictCursor c(d); c.next();) out += std::to_string(c.entry->key.integer) + " ";
    return out;
  }
};

TEST_F(DictObjects, KeepsTheOrderOfInsertion) {
  Dict* d = make_dict(t);
  for (int64_t k : {5, 3, 9, 3, 1}) put(d, k, k);
  EXPECT_EQ(keys(d), "5 3 9 1 ");
  EXPECT_TRUE(dict_delete_item(t, d, Value::of_int(3)).is_true());
  EXPECT_FALSE(dict_delete_item(t, d, Value::of_int(3)).is_true());
  put(d, 3, 0);
  EXPECT_EQ(keys(d), "5 9 1 3 ");
}

TEST_F(DictObjects, AgreesWithAnotherMapUnderRandomUse) {
  std::mt19937 chance(3);
  std::unordered_map<int64_t, int64_t> other;
  Dict* d = make_dict(t);
  for (int step = 0; step < 20000; ++step) {
    int64_t key = static_cast<int64_t>(chance() % 500) * 1024;
    if (chance() % 3) {
      put(d, key, step);
      other[key] = step;
    } else {
      EXPECT_EQ(dict_delete_item(t, d, Value::of_int(key)).is_true(), other.erase(key) == 1);
    }
  }
  EXPECT_EQ(d->count, other.size());
  for (auto& [key, v] : other) EXPECT_EQ(at(d, key), v);
}

TEST_F(DictObjects, EqualNumbersAreOneKey) {
  Dict* d = make_dict(t);
  put(d, 1, 10);
  EXPECT_EQ(dict_get_item(t, d, Value::of_float(1.0)).integer, 10);
  EXPECT_EQ(dict_get_item(t, d, Value::of_bool(true)).integer, 10);
}

TEST_F(DictObjects, FindsStringsThatAreNotInterned) {
  Dict* d = make_dict(t);
  dict_set(t, d, make_str(t, "some key"), Value::of_int(7));
  EXPECT_EQ(dict_get(d, intern(t, "some key")).integer, 7);
  EXPECT_EQ(dict_find(d, make_str(t, "some key")), 0);
  EXPECT_EQ(dict_find(d, make_str(t, "other")), -1);
}

TEST_F(DictObjects, VersionChangesWithKeysOnly) {
  Dict* d = make_dict(t);
  put(d, 1, 1);
  uint32_t version = d->keys_version;
  put(d, 1, 2);
  EXPECT_EQ(d->keys_version, version);
  put(d, 2, 2);
  EXPECT_NE(d->keys_version, version);
  version = d->keys_version;
  dict_clear(t, d);
  EXPECT_NE(d->keys_version, version);
}

TEST_F(DictObjects, WorksAsAQueue) {
  Dict* d = make_dict(t);
  for (int64_t i = 0; i < 1000; ++i) put(d, i, i);
  for (int64_t i = 0; i < 50000; ++i) {
    int64_t first = dict_first(d);
    ASSERT_EQ(d->entries[first].key.integer, i);
    ASSERT_TRUE(dict_delete_item(t, d, d->entries[first].key).is_true());
    put(d, i + 1000, 0);
  }
  EXPECT_EQ(d->count, 1000u);
  EXPECT_LT(d->capacity, 5000u);
}

TEST_F(DictObjects, UnhashableKeysRaise) {
  Dict* d = make_dict(t);
  EXPECT_TRUE(dict_get_item(t, d, Value::of_object(make_list(t))).is_raised());
  EXPECT_TRUE(exception_matches(t, ErrorType::TypeError));
  (void)take_exception(t);
}

TEST_F(DictObjects, CopiesDropDeletedEntries) {
  Dict* d = make_dict(t);
  for (int64_t i = 0; i < 100; ++i) put(d, i, i);
  for (int64_t i = 0; i < 90; ++i) (void)dict_delete_item(t, d, Value::of_int(i));
  Dict* copy = dict_copy(t, d);
  EXPECT_EQ(copy->used, 10u);
  EXPECT_EQ(keys(copy), keys(d));
}

}  // namespace
}  // namespace mini
