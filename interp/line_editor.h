// SPDX-License-Identifier: MIT
//
// Reads lines for the prompt: with editing and history at a terminal (libedit), plainly where there is none.
//
// It knows nothing about the language. Waiting for a key is done by a function of the caller, which is the place to give
// the GIL up and to notice Ctrl-C; the editor itself neither holds nor needs the GIL.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mini {

enum class LineResult : uint8_t { Line, End, Interrupted };

class LineEditor {
 public:
  // Waits until `fd` has something to read; false when Ctrl-C came first.
  using Waiter = std::function<bool(int fd)>;
  // The whole words that the last word of the line may become; `start` is set to where that word begins.
  using Completer = std::function<std::vector<std::string>(std::string_view line, size_t& start)>;

  // `history_file` may be empty: nothing is kept then.
  LineEditor(std::string history_file, Waiter waiter);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  void set_completer(Completer completer);

  // Reads one line, without its newline, into `line`.
  LineResult read(const std::string& prompt, std::string& line);

 private:
  struct Terminal;
  LineResult read_plain(const std::string& prompt, std::string& line);

  Waiter waiter_;
  std::string buffer_;  // bytes read ahead, without a terminal
  std::unique_ptr<Terminal> terminal_;
};

// Where the prompt's history is kept: $MINI_HISTORY, else $XDG_STATE_HOME/mini/history, else ~/.mini_history.
std::string default_history_file();

}  // namespace mini
