// SPDX-License-Identifier: MIT
//
// The examples of docs/language.md are programs, and the comments behind their lines are what they print: each block runs here
// as it stands, and its output must be its comments, in order.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/subprocess.h"

namespace mini::test {
namespace {

std::vector<std::string> python_blocks(const std::string& page) {
  std::ifstream file(std::string(MINI_SOURCE_DIR) + "/docs/" + page);
  std::vector<std::string> blocks;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```python") {
      blocks.emplace_back();
      is_inside = true;
    } else if (line == "```") {
      is_inside = false;
    } else if (is_inside) {
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

std::string without_outer_spaces(const std::string& text) {
  size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// What stands behind the last "  # " of each line, or the printed lines themselves (`marker` empty); one a line.
std::string joined_lines(const std::string& text, const std::string& marker) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    size_t at = marker.empty() ? 0 : line.rfind(marker);
    if (at != std::string::npos) result += without_outer_spaces(line.substr(at + marker.size())) + "\n";
  }
  return result;
}

TEST(LanguagePage, ExamplesPrintWhatTheySay) {
  std::vector<std::string> blocks = python_blocks("language.md");
  EXPECT_GT(blocks.size(), 5u);
  std::string script = testing::TempDir() + "language_example_" + std::to_string(getpid()) + ".mini";
  for (const std::string& block : blocks) {
    std::ofstream(script) << block;
    Outcome outcome = run({.arguments = {MINI_BINARY, script}});
    EXPECT_EQ(outcome.ending(), "exit status 0") << block << outcome.errors;
    EXPECT_EQ(joined_lines(outcome.output, ""), joined_lines(block, "  # ")) << block;
  }
  std::filesystem::remove(script);
}

}  // namespace
}  // namespace mini::test
