// SPDX-License-Identifier: MIT
//
// See repl.h. The Prompt object is the session: where lines come from, where names live.

#include "interp/repl.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>

#include "interp/arena.h"
#include "interp/line_editor.h"
#include "interp/parser.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {
namespace {

constexpr const char* kFileName = "<stdin>";

bool is_word_char(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_' || static_cast<unsigned char>(c) >= 128; }

class Prompt {
 public:
  explicit Prompt(Thread& t);

  // One statement, read and run. False when the session ends.
  bool step();
  void print_banner();

 private:
  bool read_statement(std::string& text);
  bool run_statement(const std::string& text);
  bool wait_for_input(int fd);
  void report();
  std::string prompt_text(const char* name, const char* fallback);
  std::vector<std::string> complete(std::string_view line, size_t& start);
  void add_matching_keys(const Dict* dict, std::string_view prefix, std::set<std::string>& words);
  void add_attributes(const std::string& path, std::string_view prefix, std::set<std::string>& words);

  Thread& t_;
  LineEditor editor_;
};

Prompt::Prompt(Thread& t)
    : t_(t), editor_(default_history_file(), [this](int fd) { return wait_for_input(fd); }) {
  editor_.set_completer([this](std::string_view line, size_t& start) { return complete(line, start); });
  Module* sys = t.interpreter->sys;
  module_set(t, sys, "ps1", str_value(make_str(t, ">>> ")));
  module_set(t, sys, "ps2", str_value(make_str(t, "... ")));
}

void Prompt::print_banner() {
  fputs("Mini " MINI_VERSION " (Python 3.11). Ctrl-D leaves, `help(name)` explains.\n", stderr);
}

// Waits without the GIL, so that the script's threads run on. A signal makes ppoll return; its handler may raise
// KeyboardInterrupt, which gives up the line. SIGINT stays blocked outside ppoll, so that none comes in between.
bool Prompt::wait_for_input(int fd) {
  sigset_t interrupt, previous;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  pthread_sigmask(SIG_BLOCK, &interrupt, &previous);
  bool is_ready = false;
  bool is_interrupted = false;
  while (!is_ready && !is_interrupted) {
    if (!t_.needs_attention()) {
      ReleaseGil released(t_, BlockReason::FileIo);
      pollfd input{fd, POLLIN, 0};
      is_ready = ppoll(&input, 1, nullptr, &previous) > 0;
    }
    is_interrupted = t_.poll().is_raised();
  }
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  if (is_interrupted) (void)take_exception(t_);
  return !is_interrupted;
}

std::string Prompt::prompt_text(const char* name, const char* fallback) {
  Value v = dict_get(t_.interpreter->sys->namespace_, intern(t_, name));
  if (v.is_empty()) return fallback;
  Str* text = to_str(t_, v);
  if (text != nullptr) return to_utf8(text);
  report();
  return fallback;
}

// False at the end of the input. An interrupted statement comes back empty.
bool Prompt::read_statement(std::string& text) {
  text.clear();
  std::string line;
  while (true) {
    std::string prompt = text.empty() ? prompt_text("ps1", ">>> ") : prompt_text("ps2", "... ");
    LineResult result = editor_.read(prompt, line);
    if (result == LineResult::Interrupted) {
      fputs("\nKeyboardInterrupt\n", stderr);
      text.clear();
      return true;
    }
    if (result == LineResult::End) return !text.empty();
    text += line + "\n";
    if (statement_state(text) == StatementState::Complete) return true;
  }
}

bool Prompt::step() {
  std::string text;
  if (!read_statement(text)) return false;
  if (text.find_first_not_of(" \t\r\n\f") == std::string::npos) return true;
  return run_statement(text);
}

// False when SystemExit is in flight: the session ends with it.
bool Prompt::run_statement(const std::string& text) {
  Value code = compile(t_, text, kFileName, CompileMode::Single);
  Value result = code;
  if (!code.is_raised()) {
    Dict* globals = t_.interpreter->main_globals;
    result = run_code(t_, static_cast<Code*>(code.object), globals, globals);
  }
  if (result.is_raised()) {
    if (exception_matches(t_, ErrorType::SystemExit)) return false;
    report();
  }
  fflush(stdout);
  return true;
}

// Prints the exception in flight by sys.excepthook's rules and keeps it as sys.last_value.
void Prompt::report() {
  Value exception = take_exception(t_);
  module_set(t_, t_.interpreter->sys, "last_value", exception);
  print_exception(t_, exception);
}

void Prompt::add_matching_keys(const Dict* dict, std::string_view prefix, std::set<std::string>& words) {
  for (DictCursor cursor(dict); cursor.next();) {
    if (!is_kind(cursor.entry->key, Kind::Str)) continue;
    std::string key = to_utf8(static_cast<Str*>(cursor.entry->key.object));
    bool is_hidden = key[0] == '_' && prefix.empty();
    if (!is_hidden && key.compare(0, prefix.size(), prefix) == 0) words.insert(key);
  }
}

// The attributes of what the dotted `path` names. Attribute access may run script code; its errors are dropped.
void Prompt::add_attributes(const std::string& path, std::string_view prefix, std::set<std::string>& words) {
  Dict* globals = t_.interpreter->main_globals;
  Value code = compile(t_, "dir(" + path + ")", kFileName, CompileMode::Eval);
  Value result = code.is_raised() ? code : run_code(t_, static_cast<Code*>(code.object), globals, globals);
  if (result.is_raised()) {
    (void)take_exception(t_);
    return;
  }
  if (!is_kind(result, Kind::List)) return;
  const List* list = static_cast<List*>(result.object);
  for (size_t i = 0; i < list->length; ++i) {
    if (!is_kind(list->items[i], Kind::Str)) continue;
    std::string name = to_utf8(static_cast<Str*>(list->items[i].object));
    bool is_hidden = name[0] == '_' && prefix.empty();
    if (!is_hidden && name.compare(0, prefix.size(), prefix) == 0) words.insert(name);
  }
}

std::vector<std::string> Prompt::complete(std::string_view line, size_t& start) {
  start = line.size();
  while (start > 0 && is_word_char(line[start - 1])) --start;
  std::string_view prefix = line.substr(start);
  std::set<std::string> words;
  if (start > 0 && line[start - 1] == '.') {
    size_t begin = start - 1;
    while (begin > 0 && (is_word_char(line[begin - 1]) || line[begin - 1] == '.')) --begin;
    if (begin < start - 1) add_attributes(std::string(line.substr(begin, start - 1 - begin)), prefix, words);
  } else {
    add_matching_keys(t_.interpreter->main_globals, prefix, words);
    add_matching_keys(t_.interpreter->builtins, prefix, words);
  }
  return {words.begin(), words.end()};
}

}  // namespace

StatementState statement_state(const std::string& text) {
  Arena arena;
  Diagnostics diagnostics;
  Source source(kFileName, "");
  // Without its last newline: to the parser a blank last line is one that the user left empty, which ends a block.
  std::string_view lines = text;
  if (lines.ends_with('\n')) lines.remove_suffix(1);
  if (!Source::load(kFileName, lines, source, diagnostics)) return StatementState::Complete;
  ParseResult result = parse(source, arena, ParseMode::Single, diagnostics);
  return result.status == ParseStatus::Incomplete ? StatementState::Incomplete : StatementState::Complete;
}

Value run_prompt(Thread& t, bool prints_banner) {
  Prompt prompt(t);
  if (prints_banner) prompt.print_banner();
  while (prompt.step()) {
  }
  if (t.exception.is_empty()) {
    fputs("\n", stderr);
    return Value::none();
  }
  return Value::raised();
}

}  // namespace mini
