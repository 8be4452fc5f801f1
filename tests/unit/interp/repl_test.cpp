// SPDX-License-Identifier: MIT
//
// The prompt: when a statement is complete, and whole sessions through pipes (`mini -i`).

#include "interp/repl.h"

#include <gtest/gtest.h>

#include "tests/subprocess.h"

namespace mini::test {
namespace {

TEST(PromptState, SimpleStatementsRunAtOnce) {
  EXPECT_EQ(statement_state("x = 1\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("a; b\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("# comment\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("x = = 1\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("'unterminated\n"), StatementState::Complete);
}

TEST(PromptState, OpenTextAsksForMore) {
  EXPECT_EQ(statement_state("x = (1,\n"), StatementState::Incomplete);
  EXPECT_EQ(statement_state("x = (1,\n2)\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("x = '''a\n"), StatementState::Incomplete);
  EXPECT_EQ(statement_state("x = 1 + \\\n"), StatementState::Incomplete);
  EXPECT_EQ(statement_state("@decorator\n"), StatementState::Incomplete);
}

TEST(PromptState, BlocksEndWithAnEmptyLine) {
  EXPECT_EQ(statement_state("if x:\n"), StatementState::Incomplete);
  EXPECT_EQ(statement_state("if x:\n    y\n"), StatementState::Incomplete);
  EXPECT_EQ(statement_state("if x:\n    y\n\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("if x: y\n"), StatementState::Incomplete);
  EXPECT_EQ(statement_state("if x: y\n\n"), StatementState::Complete);
  EXPECT_EQ(statement_state("def f():\n    '''doc\n\n"), StatementState::Incomplete);
  EXPECT_EQ(statement_state("try:\n    x\n"), StatementState::Incomplete);
}

Outcome session(const std::string& input) {
  Command command;
  command.arguments = {MINI_BINARY, "-i"};
  command.input = input;
  command.environment = {"MINI_HISTORY="};
  return run(command);
}

TEST(PromptSession, PrintsValuesAndKeepsNames) {
  EXPECT_EQ(session("x = 20\nx + 1\n'text'\nNone\n_\n").output, "21\n'text'\n'text'\n");
  EXPECT_EQ(session("for i in range(2):\n    i\n\n").output, "0\n1\n");
  EXPECT_EQ(session("def f():\n    return 5\n\nf()\n").output, "5\n");
}

TEST(PromptSession, SurvivesErrors) {
  Outcome outcome = session("1/0\nx = = 1\nundefined\nprint('alive')\n");
  EXPECT_EQ(outcome.output, "alive\n");
  EXPECT_NE(outcome.errors.find("ZeroDivisionError: division by zero"), std::string::npos) << outcome.errors;
  EXPECT_NE(outcome.errors.find("SyntaxError: invalid syntax"), std::string::npos) << outcome.errors;
  EXPECT_NE(outcome.errors.find("NameError: name 'undefined' is not defined"), std::string::npos) << outcome.errors;
  EXPECT_EQ(outcome.exit_status, 0);
}

TEST(PromptSession, LeavesWithExit) {
  EXPECT_EQ(session("import sys\nsys.exit(5)\nprint('never')\n").exit_status, 5);
  EXPECT_EQ(session("exit()\nprint('never')\n").output, "");
}

TEST(PromptSession, FollowsAProgram) {
  Command command;
  command.arguments = {MINI_BINARY, "-i", "-c", "x = 41\n1/0"};
  command.input = "x + 1\n";
  command.environment = {"MINI_HISTORY="};
  EXPECT_EQ(run(command).output, "42\n");
}

}  // namespace
}  // namespace mini::test
