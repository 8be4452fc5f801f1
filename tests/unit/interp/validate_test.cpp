// SPDX-License-Identifier: MIT
// The validator: sound code passes, and each kind of damage is named.

#include "interp/validate.h"

#include "interp/opcode.h"
#include "runtime/objects/function.h"
#include "runtime/objects/str.h"
#include "tests/unit/interp/compile_support.h"

namespace mini {
namespace {

class Validate : public CompileTest {
 protected:
  Code* compiled() {
    Value v = compile(thread(), "x = f(1)\nwhile x < 3: x = x.a\n", "test", CompileMode::File);
    return as<Code>(v);
  }
  static size_t index_of(const Code& code, Op op) {
    for (size_t i = 0; i < code.instructions.size(); ++i)
      if (code.instructions[i].op == static_cast<uint8_t>(op)) return i;
    ADD_FAILURE() << "no such instruction";
    return 0;
  }
};

TEST_F(Validate, CompiledCodeIsSound) { EXPECT_EQ(validate(*compiled()), ""); }

TEST_F(Validate, Registers) {
  Code* code = compiled();
  code->instructions[index_of(*code, Op::CALL)].b = 900;
  EXPECT_NE(validate(*code).find("(CALL): register r"), std::string::npos);
  code = compiled();
  code->instructions[index_of(*code, Op::CALL)].a += 3;
  EXPECT_NE(validate(*code).find("register operand is not scaled"), std::string::npos);
}

TEST_F(Validate, Jumps) {
  Code* code = compiled();
  code->instructions[index_of(*code, Op::LOOP_IF_LT_INT)].c = static_cast<uint16_t>(-1000);
  EXPECT_NE(validate(*code).find("(LOOP_IF_LT_INT): jump to -"), std::string::npos);
}

TEST_F(Validate, Names) {
  Code* code = compiled();
  code->instructions[index_of(*code, Op::LOAD_GLOBAL)].b = 77;
  EXPECT_NE(validate(*code).find("(LOAD_GLOBAL): cache 77 of"), std::string::npos);
}

TEST_F(Validate, Ends) {
  Code* code = compiled();
  code->instructions.pop_back();
  code->ranges.pop_back();
  EXPECT_NE(validate(*code), "");
  code->instructions.clear();
  code->ranges.clear();
  EXPECT_EQ(validate(*code), "no instructions");
}

TEST_F(Validate, HandlersAndOpcodes) {
  Code* code = compiled();
  code->handlers.push_back({3, 2, 0, 0});
  EXPECT_EQ(validate(*code), "exception range 3..2 -> 0");
  code = compiled();
  code->instructions[0].op = 255;
  EXPECT_EQ(validate(*code), "instruction 0: opcode 255");
}

}  // namespace
}  // namespace mini
