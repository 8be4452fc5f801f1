// SPDX-License-Identifier: MIT
// A test fixture that brings an interpreter up, and short ways to make values and read texts back.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/str.h"

namespace mini {

class WithInterpreter : public testing::Test {
 protected:
  WithInterpreter() : interpreter_(std::make_unique<Interpreter>(Options{})), t(*interpreter_->main_thread) {}

  Value str(std::string_view text) { return str_value(make_str(t, text)); }
  Value number(std::string_view text) { return parse_int(t, text, 10); }
  std::string shown(Value v) {
    if (v.is_raised()) return "raised: " + to_utf8(to_str(t, take_exception(t)));
    if (v.is_empty()) return "empty";
    return to_utf8(to_repr(t, v));
  }
  std::string formatted(Value v, std::string_view spec) {
    Value text = format_value(t, v, make_str(t, spec));
    return text.is_raised() ? shown(text) : to_utf8(as<Str>(text));
  }

 private:
  std::unique_ptr<Interpreter> interpreter_;

 protected:
  Thread& t;
};

}  // namespace mini
