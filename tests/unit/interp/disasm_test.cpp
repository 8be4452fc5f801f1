// SPDX-License-Identifier: MIT
// The disassembler: the whole of what it prints for one small program.

#include "interp/disasm.h"

#include "tests/unit/interp/compile_support.h"

namespace mini {
namespace {

using Disasm = CompileTest;

TEST_F(Disasm, HeadersNamesLinesAndRanges) {
  EXPECT_EQ(code("def f(a, /, b, *c, d=1, **e):\n"
                 "  try:\n"
                 "    return lambda: b\n"
                 "  except E:\n"
                 "    yield 'a\\'\\n' * a\n"),
            "code <module>(), line 1: 6 registers, module\n"
            "    1     0  LOAD_CONST r4, 'd'\n"
            "          1  LOAD_INT r5, 1\n"
            "          2  BUILD_DICT r2, r4, 1\n"
            "          3  MAKE_FUNCTION r0, r1, <code f> x=2\n"
            "          4  STORE_GLOBAL r0, f\n"
            "          5  RETURN_NONE\n"
            "\n"
            "code f(a, /, b, *c, d, **e), line 1: 11 registers, generator\n"
            "  cells: b\n"
            "    1     0  MAKE_CELL b\n"
            "    3     1  MAKE_FUNCTION r7, r8, <code f.<locals>.<lambda>>\n"
            "          2  RETURN r7\n"
            "    2     3  ENTER_HANDLER r5, r6\n"
            "    4     4  LOAD_GLOBAL r7, E\n"
            "          5  JUMP_UNLESS_MATCH r6, r7, -> 11\n"
            "    5     6  LOAD_CONST r10, 'a\\'\\n'\n"
            "          7  MUL r9, r10, a\n"
            "          8  YIELD r8, r9\n"
            "    4     9  LEAVE_HANDLER r5\n"
            "         10  JUMP -> 15\n"
            "    2    11  LEAVE_HANDLER r5\n"
            "         12  RERAISE r6\n"
            "         13  LEAVE_HANDLER r5\n"
            "         14  RERAISE r6\n"
            "    1    15  RETURN_NONE\n"
            "  1..2 -> 3, exception in r6\n"
            "  4..9 -> 13, exception in r6\n"
            "\n"
            "code f.<locals>.<lambda>(), line 3: 1 registers, simple, nested\n"
            "  free: b\n"
            "    3     0  LOAD_FREE r0, 0, b\n"
            "          1  RETURN r0\n");
}

TEST_F(Disasm, ConstantsAndNamesAreShown) {
  std::string printed = code("x = 2.5\n");
  EXPECT_NE(printed.find("LOAD_CONST r0, 2.5"), std::string::npos);
  EXPECT_NE(printed.find("STORE_GLOBAL r0, x"), std::string::npos);
}

}  // namespace
}  // namespace mini
