// SPDX-License-Identifier: MIT
//
// Syntax errors as they are printed. The pictures are what CPython 3.11 prints for the same files.

#include "interp/diagnostics.h"

#include <gtest/gtest.h>

#include "interp/parser.h"

namespace mini {
namespace {

std::string printed_error(const std::string& text) {
  Source source("x.py", text);
  Arena arena;
  Diagnostics diagnostics;
  if (parse(source, arena, ParseMode::File, diagnostics).ok()) return "no error";
  return format_diagnostic(source, diagnostics.first());
}

struct Picture {
  const char* text;
  const char* printed;
};

const Picture kPictures[] = {
    {"x = 1 2",
     "  File \"x.py\", line 1\n    x = 1 2\n          ^\nSyntaxError: invalid syntax\n"},
    {"  x = 1",
     "  File \"x.py\", line 1\n    x = 1\nIndentationError: unexpected indent\n"},
    {"if x:\n    f(a b)\n",
     "  File \"x.py\", line 2\n    f(a b)\n      ^^^\nSyntaxError: invalid syntax. Perhaps you forgot a comma?\n"},
    {"x = (1,\n     2\ny = 3\n",
     "  File \"x.py\", line 1\n    x = (1,\n        ^\nSyntaxError: '(' was never closed\n"},
    {"def f():\n\treturn x!\n",
     "  File \"x.py\", line 2\n    return x!\n            ^\nSyntaxError: invalid syntax\n"},
    {"if 1:\n    x\n  y\n",
     "  File \"x.py\", line 3\n    y\n     ^\nIndentationError: unindent does not match any outer indentation level\n"},
    {"x =\n",
     "  File \"x.py\", line 1\n    x =\n       ^\nSyntaxError: invalid syntax\n"},
    {"f(a for a in b, c)",
     "  File \"x.py\", line 1\n    f(a for a in b, c)\n      ^^^^^^^^^^^^\nSyntaxError: Generator expression must be parenthesized\n"},
    {"x = 'abc\n",
     "  File \"x.py\", line 1\n    x = 'abc\n        ^\nSyntaxError: unterminated string literal (detected at line 1)\n"},
    {"print 'a'\n",
     "  File \"x.py\", line 1\n    print 'a'\n    ^^^^^^^^^\nSyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?\n"},
    {"if n > 1  # loud\n    x\n",
     "  File \"x.py\", line 1\n    if n > 1  # loud\n              ^^^^^^\nSyntaxError: expected ':'\n"},
};

TEST(Diagnostics, DrawsWhatCpythonDraws) {
  for (const Picture& picture : kPictures) EXPECT_EQ(printed_error(picture.text), picture.printed) << picture.text;
}

TEST(Diagnostics, CountsColumnsInCharacters) {
  EXPECT_EQ(printed_error("été = (é è)\n"),
            "  File \"x.py\", line 1\n    été = (é è)\n           ^^^\nSyntaxError: invalid syntax. Perhaps you forgot a comma?\n");
}

TEST(Diagnostics, KeepsTheFirstError) {
  Diagnostics diagnostics;
  diagnostics.syntax_error({0, 1}, "first");
  diagnostics.syntax_error({2, 3}, "second");
  EXPECT_EQ(diagnostics.first().message, "first");
}

TEST(Diagnostics, ErrorsInBytesHaveNoLine) {
  Source source("", "");
  Diagnostics diagnostics;
  Source::load("x.py", "\xff", source, diagnostics);
  EXPECT_EQ(format_diagnostic(source, diagnostics.first()),
            "  File \"x.py\"\nSyntaxError: Non-UTF-8 code starting with '\\xff' in file x.py on line 1, but no encoding declared; see "
            "https://peps.python.org/pep-0263/ for details\n");
}

TEST(Diagnostics, TellsThePlaceAsPythonDoes) {
  Source source("x.py", "a = 1\nf(é, b c)\n");
  Arena arena;
  Diagnostics diagnostics;
  parse(source, arena, ParseMode::File, diagnostics);
  DiagnosticPlace place = place_of(source, diagnostics.first());
  EXPECT_EQ(place.line, 2u);
  EXPECT_EQ(place.column, 6);
  EXPECT_EQ(place.end_line, 2u);
  EXPECT_EQ(place.end_column, 9);
  EXPECT_EQ(place.text, "f(é, b c)\n");
}

}  // namespace
}  // namespace mini
