// SPDX-License-Identifier: MIT
//
// Runs one program for a test: given arguments, text on stdin and a time limit, gives back what it printed and how it ended.
//
// The child gets its own process group, so that a child which hangs is killed together with everything it started.
// Waiting is done with poll on the pipes and a pidfd: no sleeping, no polling in intervals.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace mini::test {

struct Command {
  std::vector<std::string> arguments;          // arguments[0] is the program, found on PATH when it has no slash
  std::string input = {};                      // text on stdin, then end of file
  std::vector<std::string> environment = {};   // NAME=value, added to (or replacing in) this process's own
  std::string folder = {};                     // working folder; empty: this process's own
  std::chrono::milliseconds time_limit{20000};
  bool closes_stdout = false;                  // the reading end of stdout is closed before the program starts
};

struct Outcome {
  bool started = false;     // false: the program could not be run
  bool timed_out = false;   // it was killed at the time limit
  int exit_status = -1;     // exit status, or -1 when a signal ended it
  int signal = 0;           // the signal that ended it, or 0
  std::string output;
  std::string errors;

  std::string ending() const;  // "exit status 1", "signal 11 (Segmentation fault)", "killed at the time limit"
};

Outcome run(const Command& command);

// Starts `command`, sends `signal` to it as soon as it has printed `marker` on stdout, and waits for its end.
Outcome run_and_signal(const Command& command, const std::string& marker, int signal);

}  // namespace mini::test
