// SPDX-License-Identifier: MIT
//
// The program `mini`: does what the command line says and ends with the right status.
//
//   0        the script ended            1        an uncaught exception, a syntax error
//   2        bad usage, no such file     N        sys.exit(N)
//   128 + n  signal n: the process really dies of it, so that a shell sees a killed program
//
// A closed standard output ends the script with BrokenPipeError, or quietly when only the last flush meets it.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <string>

#include "interp/command_line.h"
#include "interp/dump.h"
#include "interp/repl.h"
#include "interp/stats_report.h"
#include "interp/vm_counts.h"
#include "runtime/errors.h"
#include "runtime/exec/worker.h"
#include "runtime/interpreter.h"
#include "runtime/signals.h"

namespace mini {
namespace {

namespace fs = std::filesystem;

// What is run, after the file system was asked: a text, a file or a module.
struct Program {
  RunMode mode;
  std::string name;       // file path, module name, or how the text is called in tracebacks
  std::string text;
  std::string search_path;  // sys.path[0]
  std::string argv0;
};

std::string executable_path() {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<size_t>(length)) : "mini";
}

// Reads all of `fd` as the program's text; false after saying why not.
bool read_text(int fd, Program& program) {
  char buffer[65536];
  while (true) {
    ssize_t count = read(fd, buffer, sizeof buffer);
    if (count > 0) program.text.append(buffer, static_cast<size_t>(count));
    if (count == 0) return true;
    if (count < 0 && errno != EINTR) {
      fprintf(stderr, "mini: can't read '%s': [Errno %d] %s\n", program.name.c_str(), errno, strerror(errno));
      return false;
    }
  }
}

// A folder is run by the __main__ in it. Empty when there is none.
std::string main_file_of_folder(const std::string& folder) {
  for (const char* name : {"/__main__.mini", "/__main__.py"}) {
    std::error_code ignored;
    if (fs::is_regular_file(folder + name, ignored)) return folder + name;
  }
  return "";
}

// As written, behind the current folder where it is relative: what __file__ and tracebacks show.
std::string full_path(const std::string& path) {
  std::error_code error;
  fs::path result = fs::absolute(path, error);
  return error ? path : result.string();
}

std::string absolute_path(const std::string& path) {
  std::error_code error;
  fs::path result = fs::absolute(path, error);
  return error ? path : result.lexically_normal().string();
}

// The folder a script's imports are looked up in first: where the file really is, links followed.
std::string script_folder(const std::string& file) {
  std::error_code error;
  fs::path real = fs::canonical(file, error);
  return error ? "" : real.parent_path().string();
}

// Finds the file to run. Returns the exit status when there is none, after saying why; else 0.
int find_file(Program& program) {
  std::string given = program.name;
  struct stat status;
  int error = stat(given.c_str(), &status) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(status.st_mode)) {
    program.name = main_file_of_folder(given);
    program.search_path = given;
    if (!program.name.empty()) return 0;
    fprintf(stderr, "mini: can't find '__main__' module in '%s'\n", absolute_path(given).c_str());
    return 1;
  }
  if (error == 0 && access(given.c_str(), R_OK) != 0) error = errno;
  if (error != 0) {
    fprintf(stderr, "mini: can't open file '%s': [Errno %d] %s\n", absolute_path(given).c_str(), error, strerror(error));
    return 2;
  }
  program.search_path = script_folder(given);
  program.name = full_path(given);
  return 0;
}

int find_program(const CommandLine& line, Program& program) {
  program = {line.mode, line.program, "", "", line.program};
  switch (line.mode) {
    case RunMode::File:
      return find_file(program);
    case RunMode::Text:
      program.name = "<string>";
      program.argv0 = "-c";
      program.text = line.program + "\n";
      return 0;
    case RunMode::Module:
      program.argv0 = "-m";
      program.search_path = fs::current_path().string();
      return 0;
    default:
      program.name = "<stdin>";
      return 0;
  }
}

// An environment variable that holds a list.
std::vector<std::string> listed_in(const char* variable, char separator) {
  std::vector<std::string> all;
  const char* given = getenv(variable);
  std::istringstream rest(given ? given : "");
  for (std::string part; std::getline(rest, part, separator);)
    if (!part.empty()) all.push_back(part);
  return all;
}

// PYTHONWARNINGS, and then what -W says, which weighs more.
std::vector<std::string> warning_options(const CommandLine& line) {
  std::vector<std::string> all;
  if (!line.ignores_environment) all = listed_in("PYTHONWARNINGS", ',');
  all.insert(all.end(), line.warnings.begin(), line.warnings.end());
  return all;
}

Options make_options(const CommandLine& line, const Program& program) {
  Options options;
  options.executable = executable_path();
  options.program = "mini";
  options.arguments = line.arguments;
  options.arguments.insert(options.arguments.begin(), program.argv0);
  options.search_path = {program.search_path};
  if (!line.ignores_environment)
    for (const std::string& folder : listed_in("PYTHONPATH", ':')) options.search_path.push_back(std::filesystem::absolute(folder));
  options.warning_options = warning_options(line);
  options.gil_mode = line.has_classic_gil ? GilMode::Classic : GilMode::Fair;
  options.switch_interval = line.switch_interval;
  options.switch_every = line.switch_every;
  options.gc_stress = line.has_gc_stress;
  options.reports_deadlocks = !line.hangs_on_deadlock;
  if (line.has_virtual_clock) options.clock = &virtual_clock();
  options.has_seed = line.has_seed;
  options.seed = line.seed;
  options.is_interactive = line.is_interactive;
#if !MINI_DEBUG
  options.ends_process = true;
#endif
  return options;
}

bool wants_prompt(const CommandLine& line) {
  return line.mode == RunMode::Prompt && (line.is_interactive || isatty(STDIN_FILENO));
}

Value run_program(Thread& t, const Program& program) {
  switch (program.mode) {
    case RunMode::File:
      return run_main_file(t, program.name);
    case RunMode::Module:
      return run_main_module(t, program.name);
    default:
      return run_main_text(t, program.text, program.name);
  }
}

// The program, then the prompt where one is wanted: -i shows the traceback first and goes on. Returns the exit status.
int run(const CommandLine& line, const Program& program) {
  Interpreter interpreter(make_options(line, program));
  Thread& t = *interpreter.main_thread;
  install_signals(t);
  if (line.mode == RunMode::Worker) return run_worker_process(interpreter, line.worker_fd);
  if (line.dump != DumpStage::None) return dump_program(t, line.dump, program.name, program.text);
  auto counts = line.prints_stats ? std::make_unique<VmCounts>() : nullptr;
  if (counts) {
    interpreter.vm_counts = counts.get();
    interpreter.heap->count_types();
  }
  int64_t began = interpreter.clock->monotonic_ns();
  bool is_prompt = wants_prompt(line);
  Value outcome = is_prompt ? Value::none() : run_program(t, program);
  if (line.is_interactive && !is_prompt && outcome.is_raised()) {
    print_exception(t, take_exception(t));
    outcome = Value::none();
  }
  if (is_prompt || line.is_interactive) outcome = run_prompt(t, is_prompt && isatty(STDIN_FILENO));
  int status = finish(t, outcome);
  if (line.prints_stats) {
    fputs(stats_report(interpreter, static_cast<uint64_t>(interpreter.clock->monotonic_ns() - began)).c_str(), stderr);
    interpreter.vm_counts = nullptr;
  }
  return status;
}

// Dies of the signal when the status says so: a shell then stops its script, as it does for any interrupted program.
int exit_with(int status) {
  fflush(nullptr);
  if (status == 128 + SIGINT || status == 128 + SIGTERM) {
    signal(status - 128, SIG_DFL);
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, nullptr);
    kill(getpid(), status - 128);
  }
  return status;
}

// Descriptors 0 to 2 exist from here on: a file that the script opens never becomes its own standard output.
void open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)!open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
  }
}

int main_with(const CommandLine& line) {
  switch (line.mode) {
    case RunMode::Help:
    case RunMode::Version:
      fputs(line.message.c_str(), stdout);
      return 0;
    case RunMode::BadUsage:
      fputs(line.message.c_str(), stderr);
      return 2;
    default:
      break;
  }
  Program program;
  if (int status = find_program(line, program); status != 0) return status;
  bool reads_stdin = line.mode == RunMode::Stdin || (line.mode == RunMode::Prompt && !wants_prompt(line));
  bool reads_file = line.mode == RunMode::File && line.dump != DumpStage::None;
  if (reads_stdin && !read_text(STDIN_FILENO, program)) return 2;
  if (reads_file) {
    int fd = open(program.name.c_str(), O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && read_text(fd, program);
    if (fd >= 0) close(fd);
    if (!is_read) return 2;
  }
  return run(line, program);
}

}  // namespace
}  // namespace mini

// Tables of a megabyte or two come and go with every collection: they are kept rather than mapped anew each time.
static void keep_freed_memory() {
#ifdef M_MMAP_THRESHOLD
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

int main(int argc, char** argv) {
  keep_freed_memory();
  signal(SIGPIPE, SIG_IGN);
  mini::open_standard_descriptors();
  try {
    return mini::exit_with(mini::main_with(mini::parse_command_line({argv + 1, argv + argc})));
  } catch (const std::bad_alloc&) {   // where no script runs that could handle it
    fputs("MemoryError\n", stderr);
    return 1;
  }
}
