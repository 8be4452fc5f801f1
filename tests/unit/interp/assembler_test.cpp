// SPDX-License-Identifier: MIT
// The assembler: labels, far jumps, threaded jumps, regions and shared caches.

#include "interp/assembler.h"

#include "interp/disasm.h"
#include "interp/validate.h"
#include "runtime/objects/function.h"
#include "runtime/objects/str.h"
#include "tests/unit/interp/compile_support.h"

namespace mini {
namespace {

class AssemblerTest : public CompileTest {
 protected:
  // Finishes and gives the code; `registers` is what the instructions use.
  Code* finish(Assembler& assembler, uint32_t registers = 8) {
    Code* code = make_code(thread());
    code->register_count = registers;
    code->name = code->qualified_name = code->file_name = intern(thread(), "test");
    EXPECT_TRUE(assembler.finish(*code));
    return code;
  }
  static std::string listing(const Code& code) {
    std::string out;
    for (uint32_t i = 0; i < code.instructions.size(); ++i) out += disassemble_instruction(code, i) + "\n";
    return out;
  }
  Source source_{"test", "a = 1\n"};
};

TEST_F(AssemblerTest, LabelsBeforeAndAfter) {
  Assembler a(source_);
  Label start = a.make_label(), end = a.make_label();
  a.bind(start);
  a.emit_jump(Op::JUMP_IF_FALSE, {0, 1}, end, 2);
  a.emit_jump(Op::LOOP_IF_LT_INT, {0, 1}, start, 3, static_cast<uint32_t>(-4));
  a.bind(end);
  a.emit(Op::RETURN_NONE, {0, 1});
  Code* code = finish(a);
  EXPECT_EQ(listing(*code), "JUMP_IF_FALSE r2, -> 2\nLOOP_IF_LT_INT r3, -4, -> 0\nRETURN_NONE\n");
  EXPECT_EQ(validate(*code), "");
}

TEST_F(AssemblerTest, FarJumpsGoThroughAWideOne) {
  Assembler a(source_);
  Label start = a.make_label(), end = a.make_label();
  a.bind(start);
  a.emit_jump(Op::JUMP_UNLESS_LT, {0, 1}, end, 1, 2);
  for (int i = 0; i < 40000; ++i) a.emit(Op::LOAD_NONE, {0, 1}, 0);
  a.emit_jump(Op::LOOP_IF_EQ, {0, 1}, start, 1, 2);
  a.bind(end);
  a.emit(Op::RETURN_NONE, {0, 1});
  Code* code = finish(a);
  EXPECT_EQ(code->instructions.size(), 40007u);
  EXPECT_EQ(disassemble_instruction(*code, 0), "JUMP_UNLESS_LT r1, r2, -> 2");
  EXPECT_EQ(disassemble_instruction(*code, 1), "JUMP -> 3");
  EXPECT_EQ(disassemble_instruction(*code, 2), "JUMP -> 40006");
  EXPECT_EQ(disassemble_instruction(*code, 40003), "JUMP_IF_EQ r1, r2, -> 40005");
  EXPECT_EQ(disassemble_instruction(*code, 40004), "JUMP -> 40006");
  EXPECT_EQ(disassemble_instruction(*code, 40005), "JUMP_BACK -> 0");
  EXPECT_EQ(validate(*code), "");
}

TEST_F(AssemblerTest, JumpsToJumpsAreThreaded) {
  Assembler a(source_);
  Label middle = a.make_label(), end = a.make_label();
  a.emit_jump(Op::JUMP_IF_NONE, {0, 1}, middle, 0);
  a.emit(Op::LOAD_NONE, {0, 1}, 1);
  a.bind(middle);
  a.emit_jump(Op::JUMP, {0, 1}, end);
  a.emit(Op::LOAD_TRUE, {0, 1}, 1);
  a.bind(end);
  a.emit(Op::RETURN, {0, 1}, 1);
  EXPECT_EQ(listing(*finish(a)), "JUMP_IF_NONE r0, -> 4\nLOAD_NONE r1\nJUMP -> 4\nLOAD_TRUE r1\nRETURN r1\n");
}

TEST_F(AssemblerTest, PrologueMovesRangesAndLabels) {
  Assembler a(source_);
  Region region;
  region.handler = a.make_label();
  region.exception_register = 3;
  a.open(region);
  a.emit(Op::RAISE, {4, 5}, 1);
  a.close(region);
  a.record(region);
  a.bind(region.handler);
  a.emit(Op::RETURN_NONE, {0, 1});
  a.emit_prologue(Op::LOAD_EMPTY, {0, 0}, 2);
  Code* code = finish(a);
  EXPECT_EQ(listing(*code), "LOAD_EMPTY r2\nRAISE r1\nRETURN_NONE\n");
  ASSERT_EQ(code->handlers.size(), 1u);
  EXPECT_EQ(code->handlers[0].begin, 1u);
  EXPECT_EQ(code->handlers[0].end, 2u);
  EXPECT_EQ(code->handlers[0].handler, 2u);
  EXPECT_EQ(code->ranges[1].column, 4u);
}

TEST_F(AssemblerTest, RegionsThatCannotRaiseAreDropped) {
  Assembler a(source_);
  Region region;
  region.handler = a.make_label();
  a.open(region);
  a.emit(Op::LOAD_NONE, {0, 1}, 1);
  a.close(region);
  a.record(region);
  a.bind(region.handler);
  a.emit(Op::RETURN_NONE, {0, 1});
  EXPECT_TRUE(finish(a)->handlers.empty());
}

TEST_F(AssemblerTest, ConstantsAndCachesAreShared) {
  Assembler a(source_);
  Str* name = intern(thread(), "x");
  EXPECT_EQ(a.cache(name, true, 0), a.cache(name, true, 0));
  EXPECT_NE(a.cache(name, true, 0), a.cache(name, true, 1));
  EXPECT_NE(a.cache(name, false, 0), a.cache(name, false, 0));
  EXPECT_EQ(a.constant("i1", Value::of_int(1)), a.constant("i1", Value::of_int(1)));
  EXPECT_NE(a.constant("i1", Value::of_int(1)), a.constant("f1", Value::of_float(1)));
}

TEST_F(AssemblerTest, OperandsThatDoNotFit) {
  Assembler a(source_);
  a.emit(Op::ADD_INT, {0, 1}, 0, 1, 40000);
  Code* code = make_code(thread());
  EXPECT_FALSE(a.finish(*code));
}

TEST_F(AssemblerTest, ColumnsAreCharacters) {
  Source source("test", "é = 'ü' + x\n");
  Assembler a(source);
  a.emit(Op::RETURN_NONE, {static_cast<uint32_t>(source.text().find('x')), static_cast<uint32_t>(source.text().find('x') + 1)});
  Code* code = finish(a);
  EXPECT_EQ(code->ranges[0].line, 1u);
  EXPECT_EQ(code->ranges[0].column, 10u);
  EXPECT_EQ(code->ranges[0].end_column, 11u);
}

}  // namespace
}  // namespace mini
