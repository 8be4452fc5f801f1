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
            "code <module>(), line 1: 4 registers, module\n"
            "    1     0  LOAD_CONST r4, 'd'\n"
            "          1  LOAD_INT r5, 1\n");
}

TEST_F(Disasm, UnknownOpcodesAreNamedByNumber) {
  std::string printed = code("x = 2.5\n");
  EXPECT_NE(printed.find("LOAD_CONST r0, 2.5"), std::string::npos);
  EXPECT_NE(printed.find("STORE_GLOBAL r0, x"), std::string::npos);
}

}  // namespace
}  // namespace mini
