// SPDX-License-Identifier: MIT
// What the tests of the compiler share: one interpreter for each test, and texts compiled to printed code.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "interp/compile_door.h"
#include "interp/diagnostics.h"
#include "interp/source.h"
#include "runtime/interpreter.h"

namespace mini {

class CompileTest : public testing::Test {
 protected:
  Thread& thread() { return *interpreter_.main_thread; }

  // The printed code of a program, or its syntax error as "1:5-1:8 message".
  std::string code(const std::string& text) {
    Diagnostics diagnostics;
    Source source("test", text);
    std::string printed = dump_code(thread(), source, diagnostics);
    return diagnostics.has_error() ? error_text(source, diagnostics) : printed;
  }

  // Only the instructions of the first function, one a line, without numbers and lines, and its exception ranges.
  std::string function(const std::string& text) {
    std::string all = code(text);
    size_t start = all.find("\n\ncode ");
    if (start == std::string::npos) return all;
    std::string out;
    size_t end = all.find("\n\ncode ", start + 2);
    std::string part = all.substr(start + 2, end == std::string::npos ? end : end - start - 1);
    for (size_t at = part.find('\n') + 1; at < part.size();) {
      size_t line_end = part.find('\n', at);
      std::string line = part.substr(at, line_end - at);
      at = line_end == std::string::npos ? part.size() : line_end + 1;
      if (line.starts_with("  cells") || line.starts_with("  free")) continue;
      if (line.find("..") < 10) out += line.substr(2) + "\n";
      else if (line.size() > 13) out += line.substr(13) + "\n";
    }
    return out;
  }

  static std::string error_text(const Source& source, const Diagnostics& diagnostics) {
    DiagnosticPlace place = place_of(source, diagnostics.first());
    return std::to_string(place.line) + ":" + std::to_string(place.column) + "-" + std::to_string(place.end_line) + ":" +
           std::to_string(place.end_column) + " " + diagnostics.first().message;
  }

 private:
  Interpreter interpreter_{Options{}};
};

}  // namespace mini
