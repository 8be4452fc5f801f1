// SPDX-License-Identifier: MIT
//
// The command line as data: which arguments are mini's own, which belong to the script, and what bad usage says.

#include "interp/command_line.h"

#include <gtest/gtest.h>

#include <sstream>

namespace mini {
namespace {

const char* mode_name(RunMode mode) {
  switch (mode) {
    case RunMode::Prompt: return "prompt";
    case RunMode::Stdin: return "stdin";
    case RunMode::File: return "file";
    case RunMode::Text: return "text";
    case RunMode::Module: return "module";
    case RunMode::Help: return "help";
    case RunMode::Version: return "version";
    case RunMode::Worker: return "worker";
    case RunMode::BadUsage: return "bad usage";
  }
  return "?";
}

// "file a.mini <-x> <y>": the mode, the program, then the script's arguments.
std::string parsed(const std::string& arguments) {
  std::istringstream stream(arguments);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  CommandLine line = parse_command_line(words);
  std::string text = mode_name(line.mode);
  if (line.mode == RunMode::BadUsage) return text + ": " + line.message.substr(0, line.message.find('\n'));
  if (!line.program.empty()) text += " " + line.program;
  for (const std::string& argument : line.arguments) text += " <" + argument + ">";
  return text;
}

TEST(CommandLine, OptionsEndAtTheProgram) {
  EXPECT_EQ(parsed(""), "prompt");
  EXPECT_EQ(parsed("-i"), "prompt");
  EXPECT_EQ(parsed("a.mini"), "file a.mini");
  EXPECT_EQ(parsed("a.mini -i --gc x"), "file a.mini <-i> <--gc> <x>");
  EXPECT_EQ(parsed("- a -b"), "stdin - <a> <-b>");
  EXPECT_EQ(parsed("--gc=stress --seed=5 a.mini b"), "file a.mini <b>");
  EXPECT_EQ(parsed("-- -odd.mini -x"), "file -odd.mini <-x>");
  EXPECT_EQ(parsed("-uB a.mini"), "file a.mini");
}

TEST(CommandLine, TextAndModuleTakeTheRest) {
  EXPECT_EQ(parsed("-c 1+1 -i a"), "text 1+1 <-i> <a>");
  EXPECT_EQ(parsed("-cpass a"), "text pass <a>");
  EXPECT_EQ(parsed("-ic pass a"), "text pass <a>");
  EXPECT_EQ(parsed("-c -1 -2"), "text -1 <-2>");
  EXPECT_EQ(parsed("-m dis -x"), "module dis <-x>");
  EXPECT_EQ(parsed("-mwhy"), "module why");
}

TEST(CommandLine, HelpAndVersionWin) {
  EXPECT_EQ(parsed("-h"), "help");
  EXPECT_EQ(parsed("--help a.mini"), "help a.mini");
  EXPECT_EQ(parsed("-V"), "version");
}

TEST(CommandLine, BadUsageSaysWhatWasMeant) {
  EXPECT_EQ(parsed("--gli=fair a"), "bad usage: mini: unknown option --gli; did you mean --gil?");
  EXPECT_EQ(parsed("--dmup=ast a"), "bad usage: mini: unknown option --dmup; did you mean --dump?");
  EXPECT_EQ(parsed("-z"), "bad usage: mini: unknown option -z");
  EXPECT_EQ(parsed("--gil=clasic a"),
            "bad usage: mini: --gil: unknown value 'clasic' (one of fair, classic); did you mean 'classic'?");
  EXPECT_EQ(parsed("--dump=q a"), "bad usage: mini: --dump: unknown value 'q' (one of tokens, ast, scopes, code)");
  EXPECT_EQ(parsed("-c"), "bad usage: mini: argument expected for the -c option");
  EXPECT_EQ(parsed("-m"), "bad usage: mini: argument expected for the -m option");
  EXPECT_EQ(parsed("-W"), "bad usage: mini: argument expected for the -W option");
  EXPECT_EQ(parsed("--seed=abc a").substr(0, 10), "bad usage:");
}

TEST(CommandLine, SwitchesAreRead) {
  CommandLine line = parse_command_line({"--gil=classic", "--gc=stress", "--seed=7", "--switch-interval=0.25",
                                         "--switch-every=3", "--dump=scopes", "--stats", "x"});
  EXPECT_TRUE(line.has_classic_gil);
  EXPECT_TRUE(line.has_gc_stress);
  EXPECT_TRUE(line.has_seed);
  EXPECT_EQ(line.seed, 7u);
  EXPECT_DOUBLE_EQ(line.switch_interval, 0.25);
  EXPECT_EQ(line.switch_every, 3u);
  EXPECT_EQ(line.dump, DumpStage::Scopes);
  EXPECT_TRUE(line.prints_stats);
}

TEST(CommandLine, WarningOptionsKeepTheirOrder) {
  CommandLine line = parse_command_line({"-W", "error::UserWarning", "-Wignore:c m", "a.mini", "-W", "x"});
  EXPECT_EQ(line.warnings, (std::vector<std::string>{"error::UserWarning", "ignore:c m"}));
  EXPECT_EQ(line.program, "a.mini");
  EXPECT_EQ(line.arguments, (std::vector<std::string>{"-W", "x"}));
}

TEST(CommandLine, ClosestWord) {
  EXPECT_EQ(closest_word("lenght", {"length", "width"}), "length");
  EXPECT_EQ(closest_word("xyz", {"length", "width"}), "");
}

}  // namespace
}  // namespace mini
