// SPDX-License-Identifier: MIT
//
// libedit does the editing. Its way of reading a key is replaced by ours (read_key), because only we know how to wait
// without the GIL and how to stop on Ctrl-C. libedit keeps pointers to itself and to our Terminal, which thus never moves.

#include "interp/line_editor.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace mini {
namespace {

constexpr int kHistoryLength = 10000;
constexpr int kIndent = 4;

// How many bytes follow the first byte of a UTF-8 character.
int continuation_count(unsigned char first) {
  if (first >= 0xf0) return 3;
  if (first >= 0xe0) return 2;
  return first >= 0xc0 ? 1 : 0;
}

std::string common_prefix(const std::vector<std::string>& words) {
  std::string prefix = words[0];
  for (const std::string& word : words) {
    auto differs = std::mismatch(prefix.begin(), prefix.end(), word.begin(), word.end()).first;
    prefix.erase(differs, prefix.end());
  }
  return prefix;
}

}  // namespace

struct LineEditor::Terminal {
  Terminal(std::string file, const Waiter& wait);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  static Terminal& of(EditLine* editor);
  static char* prompt_text(EditLine* editor) { return of(editor).prompt.data(); }
  static int read_key(EditLine* editor, wchar_t* key);
  static unsigned char complete(EditLine* editor, int key);
  void show(const std::vector<std::string>& words);
  void remember(const char* line);

  std::string history_file;
  const Waiter& waiter;
  Completer completer;
  std::string prompt;
  bool was_interrupted = false;
  EditLine* editor = nullptr;
  History* history = nullptr;
  HistEvent event{};
};

LineEditor::Terminal::Terminal(std::string file, const Waiter& wait) : history_file(std::move(file)), waiter(wait) {
  setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");  // text is UTF-8 whatever the environment forgot to say
  editor = el_init("mini", stdin, stdout, stderr);
  if (editor == nullptr) return;
  history = history_init();
  ::history(history, &event, H_SETSIZE, kHistoryLength);
  ::history(history, &event, H_SETUNIQUE, 1);
  if (!history_file.empty()) ::history(history, &event, H_LOAD, history_file.c_str());

  el_set(editor, EL_CLIENTDATA, this);
  el_set(editor, EL_PROMPT, &prompt_text);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_SIGNAL, 0);
  el_set(editor, EL_HIST, ::history, history);
  el_set(editor, EL_GETCFN, &read_key);
  el_set(editor, EL_ADDFN, "mini-complete", "Complete the word, or indent", &complete);
  el_set(editor, EL_BIND, "^I", "mini-complete", nullptr);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(editor, EL_BIND, "\033[1;5C", "em-next-word", nullptr);
  el_set(editor, EL_BIND, "\033[1;5D", "ed-prev-word", nullptr);
  el_set(editor, EL_BIND, "\033[3~", "ed-delete-next-char", nullptr);
  el_source(editor, nullptr);  // the user's own ~/.editrc
}

LineEditor::Terminal::~Terminal() {
  if (history != nullptr) history_end(history);
  if (editor != nullptr) el_end(editor);
}

LineEditor::Terminal& LineEditor::Terminal::of(EditLine* editor) {
  void* data = nullptr;
  el_get(editor, EL_CLIENTDATA, &data);
  return *static_cast<Terminal*>(data);
}

// One character for libedit: 1 when there is one, 0 at the end of input, -1 when the line is given up.
int LineEditor::Terminal::read_key(EditLine* editor, wchar_t* key) {
  Terminal& self = of(editor);
  unsigned char bytes[4];
  int wanted = 1;
  for (int got = 0; got < wanted;) {
    if (!self.waiter(STDIN_FILENO)) {
      self.was_interrupted = true;
      return -1;
    }
    ssize_t count = ::read(STDIN_FILENO, bytes + got, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return static_cast<int>(count);
    if (got++ == 0) wanted = 1 + continuation_count(bytes[0]);
  }
  wchar_t code = wanted == 1 ? bytes[0] : bytes[0] & (0x7f >> wanted);
  for (int i = 1; i < wanted; ++i) code = (code << 6) | (bytes[i] & 0x3f);
  *key = code;
  return 1;
}

// Tab: indents where a line starts, else completes the word as far as it is certain, else shows what is possible.
unsigned char LineEditor::Terminal::complete(EditLine* editor, int) {
  Terminal& self = of(editor);
  const LineInfo* info = el_line(editor);
  std::string_view before(info->buffer, static_cast<size_t>(info->cursor - info->buffer));
  if (before.find_first_not_of(" \t") == std::string_view::npos) {
    el_insertstr(editor, std::string(kIndent - before.size() % kIndent, ' ').c_str());
    return CC_REFRESH;
  }
  if (!self.completer) return CC_ERROR;
  size_t start = before.size();
  std::vector<std::string> words = self.completer(before, start);
  if (words.empty()) return CC_ERROR;
  std::string prefix = common_prefix(words);
  if (prefix.size() > before.size() - start) {
    el_insertstr(editor, prefix.c_str() + (before.size() - start));
    return CC_REFRESH;
  }
  if (words.size() == 1) return CC_NORM;
  self.show(words);
  return CC_REDISPLAY;
}

void LineEditor::Terminal::show(const std::vector<std::string>& words) {
  size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size() + 2);
  size_t per_line = std::max<size_t>(1, 78 / width);
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    text += i % per_line == 0 ? "\n" : std::string(width - words[i - 1].size(), ' ');
    text += words[i];
  }
  text += "\n";
  fputs(text.c_str(), stdout);
  fflush(stdout);
}

// Saved at once, so that history survives a crash and is shared with the next prompt.
void LineEditor::Terminal::remember(const char* line) {
  if (strspn(line, " \t\r\n") == strlen(line)) return;
  ::history(history, &event, H_ENTER, line);
  if (!history_file.empty()) ::history(history, &event, H_SAVE, history_file.c_str());
}

LineEditor::LineEditor(std::string history_file, Waiter waiter) : waiter_(std::move(waiter)) {
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return;
  terminal_ = std::make_unique<Terminal>(std::move(history_file), waiter_);
  if (terminal_->editor == nullptr) terminal_.reset();
}

LineEditor::~LineEditor() = default;

void LineEditor::set_completer(Completer completer) {
  if (terminal_) terminal_->completer = std::move(completer);
}

LineResult LineEditor::read(const std::string& prompt, std::string& line) {
  line.clear();
  if (!terminal_) return read_plain(prompt, line);
  terminal_->prompt = prompt;
  terminal_->was_interrupted = false;
  int count = 0;
  const char* text = el_gets(terminal_->editor, &count);
  if (terminal_->was_interrupted) {
    el_set(terminal_->editor, EL_UNBUFFERED, 0);
    return LineResult::Interrupted;
  }
  if (text == nullptr || count <= 0) return LineResult::End;
  terminal_->remember(text);
  line.assign(text, static_cast<size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return LineResult::Line;
}

// As Python does without a terminal: the prompt goes to stderr, and the last line may lack its newline.
LineResult LineEditor::read_plain(const std::string& prompt, std::string& line) {
  fputs(prompt.c_str(), stderr);
  size_t end;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    if (!waiter_(STDIN_FILENO)) {
      buffer_.clear();
      return LineResult::Interrupted;
    }
    char bytes[4096];
    ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      line.swap(buffer_);
      buffer_.clear();
      return line.empty() ? LineResult::End : LineResult::Line;
    }
    buffer_.append(bytes, static_cast<size_t>(count));
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return LineResult::Line;
}

std::string default_history_file() {
  if (const char* file = getenv("MINI_HISTORY")) return file;
  if (const char* folder = getenv("XDG_STATE_HOME"); folder != nullptr && *folder != '\0') {
    std::string own = std::string(folder) + "/mini";
    mkdir(own.c_str(), 0700);
    return own + "/history";
  }
  const char* home = getenv("HOME");
  return home == nullptr ? "" : std::string(home) + "/.mini_history";
}

}  // namespace mini
