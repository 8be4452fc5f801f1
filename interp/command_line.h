// SPDX-License-Identifier: MIT
//
// The command line of `mini`, as data: what to run and how. Like Python's, options end at the first thing that names a
// program (FILE, `-`, -c TEXT, -m MODULE); everything behind it belongs to the script and is not looked at.
//
// Only parsing: nothing here runs, opens or prints a file. Bad usage comes back as a message for stderr.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mini {

enum class RunMode : uint8_t {
  Prompt,   // no program named: the prompt, or standard input when that is no terminal
  Stdin,    // `-`
  File,     // FILE
  Text,     // -c TEXT
  Module,   // -m MODULE
  Help,     // -h: `message` is the help text
  Version,  // -V: `message` is the version
  Worker,   // --worker=FD: serve a process pool on this descriptor (internal)
  BadUsage  // `message` says what is wrong
};

enum class DumpStage : uint8_t { None, Tokens, Ast, Scopes, Code };

struct CommandLine {
  RunMode mode = RunMode::Prompt;
  std::string program;                 // the file, text or module name
  std::vector<std::string> arguments;  // what follows it
  std::string message;

  std::vector<std::string> warnings;   // -W, in order
  DumpStage dump = DumpStage::None;
  bool ignores_environment = false;    // -E, -I: no PYTHONPATH, no PYTHONWARNINGS
  bool is_interactive = false;         // -i: the prompt after the program
  bool has_classic_gil = false;
  bool has_gc_stress = false;
  bool has_virtual_clock = false;
  bool hangs_on_deadlock = false;
  bool has_seed = false;
  bool prints_stats = false;
  uint64_t seed = 0;
  double switch_interval = 0.005;
  uint64_t switch_every = 0;
  int worker_fd = -1;
};

CommandLine parse_command_line(const std::vector<std::string>& arguments);

// The candidate that `word` is probably a slip of, or empty.
std::string closest_word(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace mini
