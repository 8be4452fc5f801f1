// SPDX-License-Identifier: MIT
// A test fixture that compiles and runs small programs through the C++ interface, in the namespace of __main__.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

class WithPrograms : public testing::Test {
 protected:
  explicit WithPrograms(Options options = {}) : interpreter_(std::move(options)), t(*interpreter_.main_thread) {}

  // Runs statements. None, or Raised with the exception on the thread.
  Value execute(std::string_view text) {
    Value code = compile(t, text, "<test>", CompileMode::File);
    return code.is_raised() ? code : run_code(t, as<Code>(code), interpreter_.main_globals, interpreter_.main_globals);
  }
  // Runs statements that must not raise.
  void run(std::string_view text) {
    if (execute(text).is_raised()) ADD_FAILURE() << format_exception(t, take_exception(t));
  }
  Value eval(std::string_view text) {
    Value code = compile(t, text, "<test>", CompileMode::Eval);
    return code.is_raised() ? code : run_code(t, as<Code>(code), interpreter_.main_globals, interpreter_.main_globals);
  }
  // repr of a value, or "ValueError: text" of what was raised.
  std::string shown(Value v) {
    if (v.is_empty()) return "empty";
    if (!v.is_raised()) return to_utf8(to_repr(t, v));
    Value e = take_exception(t);
    return std::string(type_name(t, e)) + ": " + to_utf8(to_str(t, e));
  }
  std::string result(std::string_view expression) { return shown(eval(expression)); }
  std::string result_after(std::string_view statements, std::string_view expression) {
    run(statements);
    return result(expression);
  }
  Value global(std::string_view name) { return dict_get(interpreter_.main_globals, intern(t, name)); }

  Interpreter interpreter_;
  Thread& t;
};

}  // namespace mini
