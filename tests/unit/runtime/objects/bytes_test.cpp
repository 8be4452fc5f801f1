// SPDX-License-Identifier: MIT
#include "runtime/objects/bytes.h"

#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/codecs.h"
#include "tests/unit/runtime/objects/with_interpreter.h"

namespace mini {
namespace {

using BytesObjects = WithInterpreter;

TEST_F(BytesObjects, AlwaysEndInNul) {
  Bytes* bytes = make_bytes(t, "ab");
  EXPECT_EQ(bytes->data[2], 0);
  EXPECT_EQ(shown(Value::of_object(bytes)), "b'ab'");
}

TEST_F(BytesObjects, ByteArraysGrow) {
  ByteArray* array = make_bytearray(t, "ab", 2);
  ASSERT_TRUE(bytearray_resize(t, array, 1000));
  EXPECT_EQ(array->length, 1000u);
  ASSERT_TRUE(bytearray_resize(t, array, 1));
  EXPECT_EQ(shown(Value::of_object(array)), "bytearray(b'a')");
}

TEST_F(BytesObjects, ViewsOfAllBytesLikeObjects) {
  std::string_view view;
  EXPECT_TRUE(bytes_view(Value::of_object(make_bytes(t, "ab")), view));
  EXPECT_EQ(view, "ab");
  EXPECT_TRUE(bytes_view(Value::of_object(make_bytearray(t, "cd", 2)), view));
  EXPECT_EQ(view, "cd");
  EXPECT_FALSE(bytes_view(str("ab"), view));
}

TEST_F(BytesObjects, EncodingNamesAreForgiving) {
  EXPECT_EQ(find_encoding("UTF_8"), Encoding::Utf8);
  EXPECT_EQ(find_encoding("Iso-8859-1"), Encoding::Latin1);
  EXPECT_EQ(find_encoding("klingon"), Encoding::Unknown);
}

TEST_F(BytesObjects, BadUtf8IsExplained) {
  EXPECT_EQ(shown(decode_text(t, "a\xE2\x82")), "raised: 'utf-8' codec can't decode bytes in position 1-2: unexpected end of data");
  EXPECT_EQ(shown(decode_text(t, "\xFFz", "utf-8", "backslashreplace")), "'\\\\xffz'");
}

}  // namespace
}  // namespace mini
