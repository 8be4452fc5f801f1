// SPDX-License-Identifier: MIT
//
// See subprocess.h. A child is a process group; three pipes carry its standard streams; a pidfd tells that it ended.

#include "tests/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <utility>

extern "C" char** environ;

namespace mini::test {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0) {
      read_end = ends[0];
      write_end = ends[1];
    }
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  static void close_end(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

std::vector<std::string> merged_environment(const std::vector<std::string>& changes) {
  std::map<std::string, std::string> variables;
  auto add = [&](const std::string& entry) {
    variables[entry.substr(0, entry.find('='))] = entry;
  };
  for (char** entry = environ; *entry != nullptr; ++entry) add(*entry);
  for (const std::string& change : changes) add(change);
  std::vector<std::string> result;
  for (auto& [name, entry] : variables) result.push_back(entry);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& text : strings) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// One running child and its streams. The destructor leaves nothing behind.
class Child {
 public:
  explicit Child(const Command& command) : input_(command.input) { start(command); }

  ~Child() {
    if (pid_ > 0 && !ended_) {
      kill(-pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    Pipe::close_end(pidfd_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool is_started() const { return pid_ > 0; }

  // Moves data until the child has ended, `marker` was printed (when not empty) or `deadline` passed.
  void pump(Clock::time_point deadline, const std::string& marker);

  void send(int signal) { kill(pid_, signal); }
  Outcome finish();

 private:
  void start(const Command& command);
  void spawn(const Command& command, posix_spawn_file_actions_t& actions);
  void write_input();
  static bool drain(int& fd, std::string& text);
  void reap(bool waits);

  pid_t pid_ = -1;
  int pidfd_ = -1;
  Pipe in_, out_, err_;
  std::string input_;
  size_t written_ = 0;
  bool ended_ = false;
  Outcome outcome_;
};

void Child::start(const Command& command) {
  if (command.closes_stdout) Pipe::close_end(out_.read_end);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in_.read_end, 0);
  posix_spawn_file_actions_adddup2(&actions, out_.write_end, 1);
  posix_spawn_file_actions_adddup2(&actions, err_.write_end, 2);
  if (!command.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
  spawn(command, actions);
  posix_spawn_file_actions_destroy(&actions);

  Pipe::close_end(in_.read_end);
  Pipe::close_end(out_.write_end);
  Pipe::close_end(err_.write_end);
  if (pid_ <= 0) return;
  outcome_.started = true;
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  for (int fd : {in_.write_end, out_.read_end, err_.read_end}) {
    if (fd >= 0) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  }
}

void Child::spawn(const Command& command, posix_spawn_file_actions_t& actions) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGINT);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  sigset_t mask;
  sigemptyset(&mask);
  posix_spawnattr_setsigmask(&attributes, &mask);

  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = merged_environment(command.environment);
  pid_t pid = -1;
  int error = posix_spawnp(&pid, arguments[0].c_str(), &actions, &attributes, pointers(arguments).data(),
                           pointers(environment).data());
  if (error == 0) pid_ = pid;
  posix_spawnattr_destroy(&attributes);
}

void Child::write_input() {
  ssize_t count = written_ < input_.size() ? write(in_.write_end, input_.data() + written_, input_.size() - written_) : 0;
  if (count > 0) written_ += static_cast<size_t>(count);
  bool is_broken = count < 0 && errno != EAGAIN && errno != EINTR;
  if (written_ == input_.size() || is_broken) Pipe::close_end(in_.write_end);
}

// Reads what is there; closes `fd` and returns false at the end of the stream.
bool Child::drain(int& fd, std::string& text) {
  char buffer[65536];
  while (fd >= 0) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count > 0) {
      text.append(buffer, static_cast<size_t>(count));
    } else if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      return true;
    } else {
      Pipe::close_end(fd);
    }
  }
  return false;
}

void Child::reap(bool waits) {
  int status = 0;
  if (ended_ || waitpid(pid_, &status, waits ? 0 : WNOHANG) != pid_) return;
  ended_ = true;
  if (WIFEXITED(status)) outcome_.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome_.signal = WTERMSIG(status);
}

void Child::pump(Clock::time_point deadline, const std::string& marker) {
  while (!ended_) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return;
    if (written_ == input_.size()) Pipe::close_end(in_.write_end);
    pollfd waits[] = {{pidfd_, POLLIN, 0}, {out_.read_end, POLLIN, 0}, {err_.read_end, POLLIN, 0}, {in_.write_end, POLLOUT, 0}};
    if (poll(waits, 4, static_cast<int>(left)) < 0 && errno != EINTR) return;
    if (waits[3].revents != 0) write_input();
    if (waits[0].revents != 0) reap(false);
    drain(out_.read_end, outcome_.output);
    drain(err_.read_end, outcome_.errors);
    if (!marker.empty() && outcome_.output.find(marker) != std::string::npos) return;
  }
}

Outcome Child::finish() {
  if (!ended_) {
    outcome_.timed_out = true;
    kill(-pid_, SIGKILL);
    reap(true);
  }
  drain(out_.read_end, outcome_.output);
  drain(err_.read_end, outcome_.errors);
  return std::move(outcome_);
}

}  // namespace

std::string Outcome::ending() const {
  if (!started) return "not started";
  if (timed_out) return "killed at the time limit";
  if (signal != 0) return "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  return "exit status " + std::to_string(exit_status);
}

Outcome run(const Command& command) { return run_and_signal(command, "", 0); }

Outcome run_and_signal(const Command& command, const std::string& marker, int signal) {
  ::signal(SIGPIPE, SIG_IGN);
  Child child(command);
  if (!child.is_started()) return {};
  auto deadline = Clock::now() + command.time_limit;
  if (!marker.empty()) {
    child.pump(deadline, marker);
    child.send(signal);
  }
  child.pump(deadline, "");
  return child.finish();
}

}  // namespace mini::test
