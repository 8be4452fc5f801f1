// SPDX-License-Identifier: MIT
//
// Text and its coordinates: lines, columns, line ends, encodings.

#include "interp/source.h"

#include <gtest/gtest.h>

#include "interp/diagnostics.h"

namespace mini {
namespace {

// What load() makes of bytes: the text, or the error.
std::string loaded(std::string_view bytes) {
  Source source("", "");
  Diagnostics diagnostics;
  if (Source::load("<string>", bytes, source, diagnostics)) return std::string(source.text());
  return "error: " + diagnostics.first().message;
}

std::string range_text(const Source& source, Span span) {
  LineRange range = source.range(span);
  return std::to_string(range.line) + ":" + std::to_string(range.column) + "-" + std::to_string(range.end_line) + ":" + std::to_string(range.end_column);
}

TEST(Source, FindsLinesOfAllThreeLineEnds) {
  Source source("x.py", "one\ntwo\r\nthree\rfour");
  EXPECT_EQ(source.line_count(), 4u);
  EXPECT_EQ(source.line_text(1), "one");
  EXPECT_EQ(source.line_text(2), "two");
  EXPECT_EQ(source.line_text(3), "three");
  EXPECT_EQ(source.line_text(4), "four");
  EXPECT_EQ(source.line_text(5), "");
  EXPECT_EQ(source.line_at(0), 1u);
  EXPECT_EQ(source.line_at(9), 3u);
  EXPECT_EQ(source.line_at(source.size()), 4u);
}

TEST(Source, CountsColumnsInBytes) {
  Source source("x.py", "é = 1\nab = é + c\n");
  EXPECT_EQ(range_text(source, {0, 2}), "1:0-1:2");
  EXPECT_EQ(range_text(source, {12, 14}), "2:5-2:7");
  EXPECT_EQ(range_text(source, {0, 9}), "1:0-2:2");
  EXPECT_EQ(count_characters("é = 1"), 5u);
}

TEST(Source, SkipsTheByteOrderMark) { EXPECT_EQ(loaded("\xEF\xBB\xBFx = 1\n"), "x = 1\n"); }

TEST(Source, RefusesNulBytes) { EXPECT_EQ(loaded(std::string_view("x = 1\0", 6)), "error: source code cannot contain null bytes"); }

TEST(Source, RefusesBadUtf8) {
  EXPECT_EQ(loaded("x = '\xff'"), "error: (unicode error) 'utf-8' codec can't decode byte 0xff in position 5: invalid start byte");
  EXPECT_EQ(loaded("x = '\xc3'"), "error: (unicode error) 'utf-8' codec can't decode byte 0xc3 in position 5: invalid continuation byte");
  EXPECT_EQ(loaded("x\xe2"), "error: (unicode error) 'utf-8' codec can't decode byte 0xe2 in position 1: unexpected end of data");
  EXPECT_EQ(loaded("\xed\xa0\x80"), "error: (unicode error) 'utf-8' codec can't decode byte 0xed in position 0: invalid continuation byte");
  Source file("x.py", "");
  Diagnostics diagnostics;
  EXPECT_FALSE(Source::load("x.py", "x = 1\ny = '\xff'", file, diagnostics));
  EXPECT_EQ(diagnostics.first().message,
            "Non-UTF-8 code starting with '\\xff' in file x.py on line 2, but no encoding declared; see "
            "https://peps.python.org/pep-0263/ for details");
}

TEST(Source, ReadsCodingLines) {
  EXPECT_EQ(loaded("# -*- coding: latin-1 -*-\n'\xe9'"), "# -*- coding: latin-1 -*-\n'é'");
  EXPECT_EQ(loaded("#!/bin/sh\n# vim: set fileencoding=utf-8 :\n'é'"), "#!/bin/sh\n# vim: set fileencoding=utf-8 :\n'é'");
  EXPECT_EQ(loaded("# coding: ascii\n'\xe9'"), "error: (unicode error) 'ascii' codec can't decode byte 0xe9 in position 17: ordinal not in range(128)");
  EXPECT_EQ(loaded("# coding: klingon\n"), "error: unknown encoding: klingon");
  EXPECT_EQ(loaded("x = 1\n# coding: klingon\n"), "x = 1\n# coding: klingon\n");
}

}  // namespace
}  // namespace mini
