// SPDX-License-Identifier: MIT
//
// Runs every tests/scripts/<feature>/<case>.mini and tests/differences/<case>.mini under the built `mini`, each as its own
// GoogleTest case (Scripts<Feature>.<Case>, Differences.<Case>), and compares what happens with the comments in the file:
//
//   # expect: text           one printed line, in order (all lines of stdout; none given: nothing is compared)
//   # raises: Type: message  ends with an uncaught exception: exit status 1, this is the last line of stderr
//   # syntax error: message  the same for SyntaxError and its subclasses
//   # stderr: text           stderr contains these texts, in order
//   # exit: N                exit status
//   # args: a b              arguments of the script; # mini args: flags of mini; # stdin: one line of input
//   # python: same           python3 (3.11) must print the same and end the same; skipped where it is missing
//   # skip: text             not run when MINI_TEST_ARGS contains this text (a case too slow for --gc=stress)
//
// A file whose name starts with `_` is no case, and modules for tests to import are .py files, so that python3 finds them
// too. Each case runs in an empty folder of its own. Environment: MINI_TEST_ARGS, flags added to every run;
// MINI_TEST_PROGRAM, another `mini`; MINI_TEST_PYTHON, the python to use ("" for none); MINI_TEST_SECONDS. Python's answers are kept in the build folder by content.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/subprocess.h"

namespace mini::test {
namespace {

namespace fs = std::filesystem;

struct Expectations {
  std::vector<std::string> lines;
  std::vector<std::string> errors;
  std::vector<std::string> script_args;
  std::vector<std::string> mini_args;
  std::string input;
  std::string raises;
  std::string syntax_error;
  std::string skip;
  int exit_status = 0;
  bool same_as_python = false;
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string without_trailing_space(std::string text) {
  size_t end = text.find_last_not_of(" \t\r");
  text.resize(end == std::string::npos ? 0 : end + 1);
  return text;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(without_trailing_space(line));
  return lines;
}

std::string last_line(const std::string& text) {
  std::vector<std::string> lines = split_lines(text);
  return lines.empty() ? "" : lines.back();
}

// The text behind `# key:` in `line`; false when the line has no such comment.
bool find_comment(const std::string& line, const std::string& key, std::string& text) {
  size_t at = line.find("# " + key + ":");
  if (at == std::string::npos) return false;
  text = line.substr(at + key.size() + 3);
  if (!text.empty() && text[0] == ' ') text.erase(0, 1);
  text = without_trailing_space(text);
  return true;
}

Expectations parse_expectations(const std::string& source) {
  Expectations result;
  for (const std::string& line : split_lines(source)) {
    std::string text;
    if (find_comment(line, "expect", text)) result.lines.push_back(text);
    else if (find_comment(line, "raises", text)) result.raises = text;
    else if (find_comment(line, "syntax error", text)) result.syntax_error = text;
    else if (find_comment(line, "stderr", text)) result.errors.push_back(text);
    else if (find_comment(line, "mini args", text)) result.mini_args = split_words(text);
    else if (find_comment(line, "args", text)) result.script_args = split_words(text);
    else if (find_comment(line, "stdin", text)) result.input += text + "\n";
    else if (find_comment(line, "skip", text)) result.skip = text;
    else if (find_comment(line, "exit", text)) result.exit_status = std::stoi(text);
    else if (find_comment(line, "python", text)) result.same_as_python = text == "same";
  }
  if (!result.raises.empty() || !result.syntax_error.empty()) result.exit_status = 1;
  return result;
}

std::string environment(const char* name, const char* fallback) {
  const char* value = getenv(name);
  return value != nullptr ? value : fallback;
}

// An empty folder that disappears again.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "mini-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

Outcome run_script(const std::vector<std::string>& program, const fs::path& script, const Expectations& expected) {
  ScratchFolder folder;
  Command command;
  command.arguments = program;
  command.arguments.push_back(script.string());
  command.arguments.insert(command.arguments.end(), expected.script_args.begin(), expected.script_args.end());
  command.input = expected.input;
  command.folder = folder.path();
  command.environment = {"PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8", "LC_ALL=C.UTF-8", "PYTHONPATH="};
  command.time_limit = std::chrono::seconds(std::stoi(environment("MINI_TEST_SECONDS", "60")));
  return run(command);
}

// python3 when it is the version whose meaning Mini has, else empty. Asked once per process.
const std::string& python_program() {
  static const std::string found = [] {
    std::string wanted = environment("MINI_TEST_PYTHON", "1");
    std::vector<std::string> candidates = {wanted};
    if (wanted == "1") candidates = {"/usr/bin/python3.11", "python3.11", "/usr/bin/python3", "python3"};
    for (const std::string& candidate : candidates) {
      if (candidate.empty()) continue;
      Command command;
      command.arguments = {candidate, "-c", "import sys; print(sys.version_info[:2])"};
      if (run(command).output == "(3, 11)\n") return candidate;
    }
    return std::string();
  }();
  return found;
}

uint64_t content_hash(const std::string& text, uint64_t hash = 0xcbf29ce484222325) {
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

// A script's answer depends on its text and on the modules beside it.
std::string cache_key(const fs::path& script) {
  std::vector<fs::path> modules;
  for (const auto& entry : fs::recursive_directory_iterator(script.parent_path())) {
    if (entry.path().extension() == ".py") modules.push_back(entry.path());
  }
  std::sort(modules.begin(), modules.end());
  uint64_t hash = content_hash(read_file(script), content_hash(script.filename().string()));
  for (const fs::path& module : modules) hash = content_hash(read_file(module), hash);
  std::ostringstream text;
  text << std::hex << hash;
  return text.str();
}

// What python3 does with the script, from the cache or by running it.
Outcome python_outcome(const fs::path& script, const Expectations& expected) {
  fs::path folder = fs::path(MINI_BINARY_DIR) / "python_answers";
  fs::path kept = folder / cache_key(script);
  Outcome outcome;
  if (std::ifstream file(kept, std::ios::binary); file) {
    size_t output_size = 0;
    file >> outcome.exit_status >> outcome.signal >> output_size;
    file.get();
    std::string rest{std::istreambuf_iterator<char>(file), {}};
    outcome.started = true;
    outcome.output = rest.substr(0, output_size);
    outcome.errors = rest.substr(output_size);
    return outcome;
  }
  outcome = run_script({python_program()}, script, expected);
  if (!outcome.started || outcome.timed_out) return outcome;
  fs::create_directories(folder);
  fs::path unfinished = kept;
  unfinished += "." + std::to_string(getpid());
  std::ofstream(unfinished, std::ios::binary) << outcome.exit_status << ' ' << outcome.signal << ' '
                                              << outcome.output.size() << '\n' << outcome.output << outcome.errors;
  fs::rename(unfinished, kept);
  return outcome;
}

// "line 3: expected ..., printed ..." for the first difference; empty when the lists are equal.
std::string first_difference(const std::vector<std::string>& expected, const std::vector<std::string>& printed) {
  size_t count = std::max(expected.size(), printed.size());
  for (size_t i = 0; i < count; ++i) {
    std::string wanted = i < expected.size() ? expected[i] : "(nothing more)";
    std::string found = i < printed.size() ? printed[i] : "(nothing more)";
    if (wanted != found) {
      return "line " + std::to_string(i + 1) + " of stdout\n  expected: " + wanted + "\n  printed:  " + found + "\n";
    }
  }
  return "";
}

std::string missing_error_text(const Expectations& expected, const std::string& errors) {
  size_t at = 0;
  for (const std::string& text : expected.errors) {
    at = errors.find(text, at);
    if (at == std::string::npos) return "stderr does not contain (in order): " + text + "\n";
    at += text.size();
  }
  return "";
}

// Everything that `outcome` does otherwise than the file says; empty when all is well.
std::string complaints(const Expectations& expected, const Outcome& outcome) {
  std::string result;
  bool checks_lines = !expected.lines.empty() || !expected.same_as_python;
  if (checks_lines) result += first_difference(expected.lines, split_lines(outcome.output));
  if (outcome.timed_out || outcome.exit_status != expected.exit_status) {
    result += "expected exit status " + std::to_string(expected.exit_status) + ", was " + outcome.ending() + "\n";
  }
  std::string last = last_line(outcome.errors);
  if (!expected.raises.empty() && last != expected.raises) {
    result += "expected uncaught: " + expected.raises + "\n     stderr ends: " + last + "\n";
  }
  const std::string& message = expected.syntax_error;
  bool is_message = last == "SyntaxError: " + message || last == "IndentationError: " + message ||
                    last == "TabError: " + message || last == message;
  if (!message.empty() && !is_message) {
    result += "expected syntax error: " + message + "\n          stderr ends: " + last + "\n";
  }
  return result + missing_error_text(expected, outcome.errors);
}

std::string python_complaints(const fs::path& script, const Expectations& expected, const Outcome& outcome) {
  Outcome python = python_outcome(script, expected);
  std::string result;
  if (std::string wrong = complaints(expected, python); !wrong.empty()) {
    result += "python3 itself does not do what the file says:\n" + wrong;
  }
  result += first_difference(split_lines(python.output), split_lines(outcome.output));
  if (python.exit_status != outcome.exit_status) {
    result += "exit status: python3 " + python.ending() + ", mini " + outcome.ending() + "\n";
  }
  if (result.empty() && python.output != outcome.output) result = "stdout differs from python3's in white space\n";
  return result.empty() ? "" : "compared with python3: " + result;
}

std::string tail(const std::string& text, size_t limit) {
  return text.size() <= limit ? text : "..." + text.substr(text.size() - limit);
}

void check_script(const fs::path& script) {
  Expectations expected = parse_expectations(read_file(script));
  std::string extra = environment("MINI_TEST_ARGS", "");
  if (!expected.skip.empty() && extra.find(expected.skip) != std::string::npos) {
    GTEST_SKIP() << "skipped with " << extra;
  }
  std::vector<std::string> program = {environment("MINI_TEST_PROGRAM", MINI_BINARY)};
  for (const std::string& flag : split_words(extra)) program.push_back(flag);
  program.insert(program.end(), expected.mini_args.begin(), expected.mini_args.end());

  Outcome outcome = run_script(program, script, expected);
  std::string wrong = complaints(expected, outcome);
  if (expected.same_as_python && !python_program().empty()) wrong += python_complaints(script, expected, outcome);
  if (wrong.empty()) return;
  std::string replay;
  for (const std::string& word : program) replay += word + " ";
  ADD_FAILURE() << wrong << "stderr: " << tail(outcome.errors, 3000) << "\nreplay: " << replay << script.string();
}

class ScriptCase : public testing::Test {
 public:
  explicit ScriptCase(fs::path script) : script_(std::move(script)) {}
  void TestBody() override { check_script(script_); }

 private:
  fs::path script_;
};

std::string camel_case(const std::string& text) {
  std::string result;
  bool starts_word = true;
  for (char c : text) {
    bool is_letter = isalnum(static_cast<unsigned char>(c)) != 0;
    if (is_letter) result += starts_word ? static_cast<char>(toupper(static_cast<unsigned char>(c))) : c;
    starts_word = !is_letter;
  }
  return result;
}

// Cases lie in folders below `root`; a suite is called `prefix` and the folder.
void register_scripts(const fs::path& root, const std::string& prefix) {
  if (!fs::exists(root)) return;
  std::vector<fs::path> scripts;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    bool is_case = entry.path().extension() == ".mini" && entry.path().filename().string()[0] != '_';
    if (entry.is_regular_file() && is_case) scripts.push_back(entry.path());
  }
  std::sort(scripts.begin(), scripts.end());
  for (const fs::path& script : scripts) {
    std::string folder = fs::relative(script.parent_path(), root).string();
    std::string suite = prefix + camel_case(folder);
    std::string name = camel_case(script.stem().string());
    testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, script.c_str(), 1,
                          [script]() -> testing::Test* { return new ScriptCase(script); });
  }
}

}  // namespace
}  // namespace mini::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::filesystem::path tests = std::filesystem::path(MINI_SOURCE_DIR) / "tests";
  mini::test::register_scripts(tests / "scripts", "Scripts");
  mini::test::register_scripts(tests / "differences", "Differences");
  return RUN_ALL_TESTS();
}
