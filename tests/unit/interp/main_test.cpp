// SPDX-License-Identifier: MIT
//
// The program from outside: what it runs, what it prints where, and how it ends.

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "tests/subprocess.h"

namespace mini::test {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, gone afterwards.
class Program : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "mini-main-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }

  Command command(std::vector<std::string> arguments, std::string input = "") {
    Command result;
    arguments.insert(arguments.begin(), MINI_BINARY);
    result.arguments = std::move(arguments);
    result.input = std::move(input);
    result.folder = folder_.string();
    result.environment = {"HOME=" + folder_.string(), "MINI_HISTORY="};
    return result;
  }

  Outcome mini(std::vector<std::string> arguments, std::string input = "") {
    return run(command(std::move(arguments), std::move(input)));
  }

  fs::path folder_;
};

std::string last_line(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

TEST_F(Program, RunsTextModuleFileAndStdin) {
  EXPECT_EQ(mini({"-c", "import sys; print(sys.argv)", "a", "-b"}).output, "['-c', 'a', '-b']\n");
  write("tool.mini", "import sys\nprint(__name__, sys.argv[1:])\n");
  EXPECT_EQ(mini({"-m", "tool", "x"}).output, "__main__ ['x']\n");
  EXPECT_EQ(mini({"tool.mini", "--", "y"}).output, "__main__ ['--', 'y']\n");
  EXPECT_EQ(mini({"-", "z"}, "import sys\nprint(sys.argv)").output, "['-', 'z']\n");
  EXPECT_EQ(mini({}, "print('from stdin')").output, "from stdin\n");
}

TEST_F(Program, ExitStatusIsTheScripts) {
  EXPECT_EQ(mini({"-c", "pass"}).exit_status, 0);
  EXPECT_EQ(mini({"-c", "import sys; sys.exit(7)"}).exit_status, 7);
  EXPECT_EQ(mini({"-c", "raise SystemExit"}).exit_status, 0);
  EXPECT_EQ(mini({"-c", "1/0"}).exit_status, 1);
  EXPECT_EQ(mini({"-c", "x = = 1"}).exit_status, 1);
  EXPECT_EQ(mini({"--nonsense"}).exit_status, 2);
}

TEST_F(Program, MissingFileIsNamed) {
  Outcome outcome = mini({"none.mini"});
  EXPECT_EQ(outcome.exit_status, 2);
  EXPECT_EQ(outcome.errors, "mini: can't open file '" + fs::canonical(folder_).string() +
                                "/none.mini': [Errno 2] No such file or directory\n");
}

TEST_F(Program, FolderRunsItsMain) {
  fs::create_directory(folder_ / "empty");
  Outcome outcome = mini({"empty"});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_NE(outcome.errors.find("can't find '__main__' module in '"), std::string::npos) << outcome.errors;
  write("app/__main__.mini", "import part\nprint(part.value)\n");
  write("app/part.mini", "value = 'part'\n");
  EXPECT_EQ(mini({"app"}).output, "part\n");
}

TEST_F(Program, ImportsComeFromTheScriptsFolder) {
  write("sub/main.mini", "import neighbour\nprint(neighbour.x)\n");
  write("sub/neighbour.mini", "x = 'mini'\n");
  write("sub/neighbour.py", "x = 'py'\n");
  EXPECT_EQ(mini({"sub/main.mini"}).output, "mini\n");
}

TEST_F(Program, TracebackGoesToStderr) {
  Outcome outcome = mini({"-c", "print('out'); 1/0"});
  EXPECT_EQ(outcome.output, "out\n");
  EXPECT_EQ(last_line(outcome.errors), "ZeroDivisionError: division by zero");
  EXPECT_EQ(outcome.errors.rfind("Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n", 0), 0u)
      << outcome.errors;
}

TEST_F(Program, SyntaxErrorShowsTheLine) {
  write("bad.mini", "x = 1\ny = (2 +\n");
  Outcome outcome = mini({"bad.mini"});
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_NE(outcome.errors.find("bad.mini\", line 2\n    y = (2 +\n        ^\nSyntaxError: '(' was never closed\n"),
            std::string::npos)
      << outcome.errors;
}

TEST_F(Program, InterruptEndsWithKeyboardInterrupt) {
  Outcome outcome = run_and_signal(command({"-c", "print('ready', flush=True)\nwhile True: pass"}), "ready", SIGINT);
  EXPECT_EQ(outcome.signal, SIGINT) << outcome.ending();
  EXPECT_EQ(last_line(outcome.errors), "KeyboardInterrupt");
}

TEST_F(Program, InterruptNamesTheLineThatRan) {
  Outcome outcome = run_and_signal(command({"-c", "print('ready', flush=True)\nwhile True:\n    pass"}), "ready", SIGINT);
  EXPECT_NE(outcome.errors.find("line 2, in <module>"), std::string::npos) << outcome.errors;
}

TEST_F(Program, InterruptWakesASleep) {
  Outcome outcome =
      run_and_signal(command({"-c", "import time\nprint('ready', flush=True)\ntime.sleep(1000)"}), "ready", SIGINT);
  EXPECT_EQ(outcome.signal, SIGINT) << outcome.ending();
  EXPECT_EQ(last_line(outcome.errors), "KeyboardInterrupt");
}

TEST_F(Program, InterruptCanBeCaught) {
  Outcome outcome = run_and_signal(
      command({"-c", "try:\n    print('ready', flush=True)\n    while True: pass\nexcept KeyboardInterrupt:\n    print('caught')"}),
      "ready", SIGINT);
  EXPECT_EQ(outcome.exit_status, 0) << outcome.ending() << outcome.errors;
  EXPECT_EQ(outcome.output, "ready\ncaught\n");
}

TEST_F(Program, ClosedStdoutEndsQuietly) {
  Command closed = command({"-c", "print('nobody reads this')"});
  closed.closes_stdout = true;
  Outcome outcome = run(closed);
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.errors.find("Traceback"), std::string::npos) << outcome.errors;
}

TEST_F(Program, EndlessOutputIntoAClosedPipeEnds) {
  Command closed = command({"-c", "while True: print('line')"});
  closed.closes_stdout = true;
  Outcome outcome = run(closed);
  EXPECT_FALSE(outcome.timed_out);
  EXPECT_EQ(outcome.signal, 0) << outcome.ending();
}

TEST_F(Program, StatsSayWhatTheCollectorAndTheGilDid) {
  Outcome outcome = mini({"--stats", "-c", "import gc\ngc.collect()"});
  for (const char* text : {"collections", "longest pause", "times taken", "fair"}) {
    EXPECT_NE(outcome.errors.find(text), std::string::npos) << text << "\n" << outcome.errors;
  }
  EXPECT_EQ(mini({"-c", "pass"}).errors, "");
}

TEST_F(Program, StatsCountInstructionsCachesAndObjects) {
  std::string text =
      "class Point:\n  def __init__(self): self.x = 1\n"
      "def f(n):\n  total = 0\n  for i in range(n): total += Point().x\n  return total\n"
      "f(7000)";
  Outcome outcome = mini({"--stats", "-c", text});
  const std::string& report = outcome.errors;
  auto number_behind = [&](const std::string& name) {
    size_t at = report.find(name);
    return at == std::string::npos ? -1 : atoll(report.c_str() + at + name.size());
  };
  EXPECT_GE(number_behind("  Point"), 7000) << report;
  EXPECT_EQ(number_behind("  FOR_LOOP"), 7001) << report;
  EXPECT_GE(number_behind("  calls"), 7001) << report;
  EXPECT_GE(number_behind("  SET_ATTR"), 6990) << report;   // hits of its cache
  EXPECT_NE(report.find("FOR_LOOP LOAD_GLOBAL"), std::string::npos) << report;
}

TEST_F(Program, FileNamesAreWhole) {
  write("where.mini", "print(__file__)\nprint((lambda: 0).__code__.co_filename)\n");
  std::string output = mini({"where.mini"}).output;
  EXPECT_EQ(output[0], '/') << output;
  std::string name = output.substr(0, output.find('\n') + 1);
  EXPECT_EQ(output, name + name);
}

TEST_F(Program, DumpsItsStages) {
  EXPECT_NE(mini({"--dump=tokens", "-c", "x = 1"}).output.find("NAME"), std::string::npos);
  EXPECT_NE(mini({"--dump=ast", "-c", "x = 1"}).output.find("Assign("), std::string::npos);
  EXPECT_NE(mini({"--dump=scopes", "-c", "def f(a): return a"}).output.find("f"), std::string::npos);
  EXPECT_NE(mini({"--dump=code", "-c", "x = 1"}).output.find("RETURN"), std::string::npos);
  EXPECT_EQ(mini({"--dump=ast", "-c", "x ="}).exit_status, 1);
}

TEST_F(Program, WarningsFollowTheEnvironmentAndTheCommandLine) {
  std::string text = "import sys, warnings\nprint(sys.warnoptions)\nwarnings.warn('old', DeprecationWarning)\nwarnings.warn('mine')";
  Command both = command({"-W", "error::UserWarning", "-W", "loud", "-c", text});
  both.environment.push_back("PYTHONWARNINGS=ignore::DeprecationWarning,,default:a:int");
  Outcome outcome = run(both);
  EXPECT_EQ(outcome.output, "['ignore::DeprecationWarning', 'default:a:int', 'error::UserWarning', 'loud']\n");
  EXPECT_EQ(outcome.exit_status, 1);
  EXPECT_EQ(outcome.errors.find("old"), std::string::npos) << outcome.errors;
  EXPECT_NE(outcome.errors.find("Invalid -W option ignored: invalid warning category: 'int'\n"), std::string::npos) << outcome.errors;
  EXPECT_NE(outcome.errors.find("Invalid -W option ignored: invalid action: 'loud'\n"), std::string::npos) << outcome.errors;
  EXPECT_EQ(last_line(outcome.errors), "UserWarning: mine");
}

TEST_F(Program, ModulesAreFoundInPythonPath) {
  write("lib/one.mini", "x = 1\n");
  write("other/two.py", "y = 2\n");
  write("main.mini", "import one, two, sys\nprint(one.x + two.y, [p.rsplit('/', 1)[-1] for p in sys.path[1:3]])\n");
  Command c = command({"main.mini"});
  c.environment.push_back("PYTHONPATH=lib:" + (folder_ / "other").string() + ":");
  EXPECT_EQ(run(c).output, "3 ['lib', 'other']\n");
  c.arguments.insert(c.arguments.begin() + 1, "-E");
  EXPECT_EQ(last_line(run(c).errors), "ModuleNotFoundError: No module named 'one'");
}

TEST_F(Program, HelpAndVersion) {
  Outcome help = mini({"-h"});
  EXPECT_EQ(help.exit_status, 0);
  EXPECT_NE(help.output.find("--dump"), std::string::npos);
  EXPECT_EQ(help.output.find("worker"), std::string::npos);
  EXPECT_EQ(mini({"-V"}).output.rfind("Mini ", 0), 0u);
}

}  // namespace
}  // namespace mini::test
