// SPDX-License-Identifier: MIT
#include "runtime/objects/str.h"

#include "runtime/objects/hash.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

using StrObjects = WithInterpreter;

TEST_F(StrObjects, WidthFollowsTheHighestCharacter) {
  EXPECT_TRUE(make_str(t, "abc")->is_ascii());
  EXPECT_FALSE(make_str(t, "é")->is_ascii());
  EXPECT_FALSE(make_str(t, "é")->is_wide());
  EXPECT_TRUE(make_str(t, "☃")->is_wide());
  const char32_t latin[] = {'a', 0xE9};
  EXPECT_FALSE(make_str_wide(t, latin, 2)->is_wide());
  EXPECT_TRUE(make_str_wide(t, latin, 1)->is_ascii());
  Str* mixed = make_str(t, "ab☃cd");
  EXPECT_TRUE(substring(t, mixed, 3, 5)->is_ascii());
}

TEST_F(StrObjects, Utf8GoesInAndOut) {
  for (const char* text : {"", "abc", "é", "☃", "a\xF0\x9F\x98\x80z", "\xED\xA0\x80"}) EXPECT_EQ(to_utf8(make_str(t, text)), text);
  EXPECT_EQ(make_str(t, "\xFFz")->at(0), 0xDCFFu);   // invalid bytes become lone surrogates
}

TEST_F(StrObjects, HashIsCPythonsWithSeedZero) {
  EXPECT_EQ(static_cast<int64_t>(hash_str(make_str(t, ""))), 0);
  EXPECT_EQ(hash_str(make_str(t, "abc")), static_cast<uint64_t>(hash_bytes("abc", 3)));
  EXPECT_NE(hash_str(make_str(t, "☃")), 0u);
}

TEST_F(StrObjects, EqualTextIsInternedOnce) {
  Str* a = intern(t, "some_name");
  EXPECT_EQ(a, intern(t, make_str(t, "some_name")));
  EXPECT_EQ(a, intern(t, concatenate(t, make_str(t, "some_"), make_str(t, "name"))));
  EXPECT_NE(a, intern(t, "some_other_name"));
  EXPECT_EQ(intern(t, "☃"), intern(t, make_str(t, "☃")));
}

TEST_F(StrObjects, ConcatenationSharesItsBuffer) {
  Str* s = make_str(t, std::string(300, 'a'));
  Str* piece = make_str(t, "xy");
  Str* first = concatenate(t, s, piece);
  Str* second = concatenate(t, first, piece);
  EXPECT_EQ(first->data, second->data);
  Str* fork = concatenate(t, first, make_str(t, "zz"));   // first no longer ends where the buffer does
  EXPECT_NE(fork->data, second->data);
  EXPECT_EQ(to_utf8(second), std::string(300, 'a') + "xyxy");
  EXPECT_EQ(to_utf8(fork), std::string(300, 'a') + "xyzz");
  EXPECT_EQ(to_utf8(concatenate(t, second, make_str(t, "☃"))), std::string(300, 'a') + "xyxy☃");
}

TEST_F(StrObjects, ComparesByCodePoint) {
  EXPECT_LT(compare_str(make_str(t, "a"), make_str(t, "b")), 0);
  EXPECT_LT(compare_str(make_str(t, "é"), make_str(t, "☃")), 0);
  EXPECT_GT(compare_str(make_str(t, "ab"), make_str(t, "a")), 0);
  EXPECT_TRUE(equals(make_str(t, "é☃"), "é☃"));
  EXPECT_FALSE(equals(make_str(t, "é"), "e"));
}

TEST_F(StrObjects, ReprEscapes) {
  EXPECT_EQ(shown(str("a'b")), "\"a'b\"");
  EXPECT_EQ(shown(str("\n\x7f\\")), "'\\n\\x7f\\\\'");
  EXPECT_EQ(shown(str("é\xC2\xA0☃")), "'é\\xa0☃'");
}

TEST_F(StrObjects, FStringPartsJoin) {
  Value parts[] = {str("a"), str("☃"), str(""), str("b")};
  EXPECT_EQ(to_utf8(concatenate_all(t, parts, 4)), "a☃b");
}

}  // namespace
}  // namespace mini
