// SPDX-License-Identifier: MIT
// _subprocess: starting programs with posix_spawn and waiting for them; subprocess and asyncio.subprocess are written on top of it.
//
// Another user, group or umask needs system calls between fork and exec: then the process is copied, and the copy makes nothing but
// system calls. A preexec_fn runs script code in the copy, so it is only allowed while one thread runs: a copy of a process with
// threads keeps locks that nobody will release. The GIL is given up while a program is started and waited for.
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "runtime/calls.h"
#include "runtime/clock.h"
#include "runtime/exec/spawn_posix.h"
#include "runtime/modules/posix_calls.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

extern char** environ;

namespace mini {
namespace {

constexpr int kFirstFree = 3;   // descriptors below are standard input, output and error

struct Program {
  std::vector<std::string> candidates;        // paths to try, in order
  std::vector<std::string> arguments, variables;
  bool has_variables = false;
  std::string folder;
  int standard[3];                            // -1: inherited
  std::vector<int> passed;
  bool closes_others, starts_session;
  int group;                                  // -1: the same
};

// What the program is to be besides: needs a copy of this process.
struct Identity {
  int64_t user = -1, group = -1, umask = -1;  // -1: the same
  bool has_groups = false;
  std::vector<gid_t> groups;
  Value preexec = Value::none();
};

// Descriptors that a program would inherit although it should not.
std::vector<int> open_descriptors() {
  std::vector<int> all;
  DIR* folder = opendir("/proc/self/fd");
  if (!folder) return all;
  while (dirent* entry = readdir(folder)) {
    int fd = atoi(entry->d_name);
    if (fd >= kFirstFree && fd != dirfd(folder)) all.push_back(fd);
  }
  closedir(folder);
  return all;
}

// What happens between the two programs; its calls return 0 or an error number.
class Actions {
 public:
  Actions() { posix_spawn_file_actions_init(&actions_); }
  ~Actions() {
    posix_spawn_file_actions_destroy(&actions_);
    for (int fd : copies_) close(fd);
  }
  int prepare(const Program& program) {
    int error = 0;
    for (int target = 0; target < kFirstFree && !error; ++target) {
      int from = program.standard[target];
      if (from < 0) continue;
      // A low descriptor could be overwritten before its turn comes: use a copy further up.
      if (from < kFirstFree && from != target) {
        from = fcntl(from, F_DUPFD_CLOEXEC, kFirstFree);
        if (from < 0) return errno;
        copies_.push_back(from);
      }
      error = posix_spawn_file_actions_adddup2(&actions_, from, target);
    }
    for (size_t i = 0; i < program.passed.size() && !error; ++i)
      error = posix_spawn_file_actions_adddup2(&actions_, program.passed[i], program.passed[i]);   // no longer closed by exec
    if (!error && program.closes_others) error = close_others(program);
    if (!error && !program.folder.empty()) error = posix_spawn_file_actions_addchdir_np(&actions_, program.folder.c_str());
    return error;
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  int close_others(const Program& program) {
    if (program.passed.empty()) return posix_spawn_file_actions_addclosefrom_np(&actions_, kFirstFree);
    for (int fd : open_descriptors()) {
      if (std::find(program.passed.begin(), program.passed.end(), fd) != program.passed.end()) continue;
      if (int error = posix_spawn_file_actions_addclose(&actions_, fd)) return error;
    }
    return 0;
  }
  posix_spawn_file_actions_t actions_;
  std::vector<int> copies_;
};

class Attributes {
 public:
  Attributes(const Program& program, bool is_main_thread, bool restores_signals) {
    posix_spawnattr_init(&attributes_);
    short flags = 0;
    sigset_t signals;
    sigemptyset(&signals);
    if (!is_main_thread) {   // our threads block every signal: the new program must not
      posix_spawnattr_setsigmask(&attributes_, &signals);
      flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (restores_signals) {
      sigaddset(&signals, SIGPIPE);
      sigaddset(&signals, SIGXFSZ);
      posix_spawnattr_setsigdefault(&attributes_, &signals);
      flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (program.starts_session) flags |= POSIX_SPAWN_SETSID;
    if (program.group >= 0) {
      posix_spawnattr_setpgroup(&attributes_, program.group);
      flags |= POSIX_SPAWN_SETPGROUP;
    }
    posix_spawnattr_setflags(&attributes_, flags);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// 0 and the pid, or the error number that says most: "permission denied" rather than "not there".
int start_first(Program& program, const Actions& actions, const Attributes& attributes, pid_t& pid) {
  std::vector<char*> arguments = pointers(program.arguments), variables = pointers(program.variables);
  int best = ENOENT;
  for (const std::string& path : program.candidates) {
    int error = posix_spawn(&pid, path.c_str(), actions.get(), attributes.get(), arguments.data(),
                            program.has_variables ? variables.data() : environ);
    if (!error) return 0;
    if (error != ENOENT && error != ENOTDIR) best = error;
  }
  return best;
}

// --- By a copy of this process ---

// In the copy. Only system calls: memory was taken before.
void close_but(const std::vector<int>& kept) {
  int from = kFirstFree;
  for (int fd : kept) {
    if (fd > from) syscall(SYS_close_range, from, fd - 1, 0);
    if (fd >= from) from = fd + 1;
  }
  syscall(SYS_close_range, from, ~0u, 0);
}

bool become(const Program& program, const Identity& identity, int* standard, bool restores_signals) {
  for (int target = 0; target < kFirstFree; ++target)
    if (standard[target] >= 0 && standard[target] < kFirstFree && standard[target] != target)
      if ((standard[target] = fcntl(standard[target], F_DUPFD_CLOEXEC, kFirstFree)) < 0) return false;
  for (int target = 0; target < kFirstFree; ++target) {
    if (standard[target] < 0) continue;
    if (standard[target] == target ? fcntl(target, F_SETFD, 0) != 0 : dup2(standard[target], target) < 0) return false;
  }
  for (int fd : program.passed)
    if (fcntl(fd, F_SETFD, 0) != 0) return false;
  if (!program.folder.empty() && chdir(program.folder.c_str()) != 0) return false;
  if (identity.umask >= 0) umask(static_cast<mode_t>(identity.umask));
  if (restores_signals) {
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
  }
  if (program.starts_session && setsid() < 0) return false;
  if (program.group >= 0 && setpgid(0, program.group) != 0) return false;
  if (identity.has_groups && setgroups(identity.groups.size(), identity.groups.data()) != 0) return false;
  if (identity.group >= 0 && setregid(static_cast<gid_t>(identity.group), static_cast<gid_t>(identity.group)) != 0) return false;
  return identity.user < 0 || setreuid(static_cast<uid_t>(identity.user), static_cast<uid_t>(identity.user)) == 0;
}

constexpr int kPreexecFailed = -1;   // in place of an error number

// Becomes the first candidate that exists, or reports why not.
[[noreturn]] void run_copy(Thread& t, Program& program, const Identity& identity, bool is_main_thread, bool restores_signals, int report,
                           std::vector<int>& kept, std::vector<char*>& arguments, std::vector<char*>& variables) {
  int error = 0;
  if (!is_main_thread) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
  }
  if (!become(program, identity, program.standard, restores_signals)) error = errno;
  if (!error && !identity.preexec.is_none()) {
    after_fork(t);
    if (call(t, identity.preexec, {}).is_raised()) error = kPreexecFailed;
  }
  if (!error && program.closes_others) close_but(kept);
  int best = ENOENT;
  for (const std::string& path : program.candidates) {
    if (error) break;
    execve(path.c_str(), arguments.data(), program.has_variables ? variables.data() : environ);
    if (errno != ENOENT && errno != ENOTDIR) best = errno;
  }
  if (!error) error = best;
  (void)!write(report, &error, sizeof error);
  _exit(255);
}

// 0 and the pid, or an error number. With a preexec_fn under the GIL, else without.
int start_by_copy(Thread& t, Program& program, const Identity& identity, bool restores_signals, pid_t& pid) {
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return errno;
  std::vector<char*> arguments = pointers(program.arguments), variables = pointers(program.variables);
  std::vector<int> kept = program.passed;
  kept.push_back(report[1]);
  std::sort(kept.begin(), kept.end());
  pid = fork();
  if (pid == 0) run_copy(t, program, identity, t.is_main, restores_signals, report[1], kept, arguments, variables);
  int error = pid < 0 ? errno : 0, reported = 0;
  close(report[1]);
  if (!error) {
    ssize_t n;
    do n = read(report[0], &reported, sizeof reported);
    while (n < 0 && errno == EINTR);
    if (n == sizeof reported) {
      error = reported;
      waitpid(pid, nullptr, 0);
    }
  }
  close(report[0]);
  return error;
}

bool integers_of(Thread& t, Value v, std::vector<int>& out) {
  for (Iteration it(t, v);;) {
    Value item = it.next();
    if (item.is_raised()) return false;
    if (item.is_empty()) return true;
    out.emplace_back();
    if (!int_argument(t, item, out.back())) return false;
  }
}

// (user, group, extra groups, umask, preexec_fn); -1 or None: as it is.
bool identity_of(Thread& t, Value v, Identity& out) {
  const Tuple* parts = as<Tuple>(v);
  if (!to_index(t, parts->items[0], out.user) || !to_index(t, parts->items[1], out.group) || !to_index(t, parts->items[3], out.umask)) return false;
  std::vector<int> groups;
  out.has_groups = !parts->items[2].is_none();
  if (out.has_groups && !integers_of(t, parts->items[2], groups)) return false;
  for (int group : groups) out.groups.push_back(static_cast<gid_t>(group));
  out.preexec = parts->items[4];
  if (out.preexec.is_none()) return true;
  std::string why = why_no_fork(t);
  if (why.empty()) return true;
  (void)raise(t, ErrorType::RuntimeError, "preexec_fn needs a copy of this process: {}", why);
  return false;
}

// spawn(candidates, argv, env, cwd, standard, pass_fds, close_fds, restore_signals, start_new_session, process_group)
Value spawn(Thread& t, Value* args, size_t) {
  Program program;
  std::vector<int> standard;
  if (!string_list(t, args[0], program.candidates) || !string_list(t, args[1], program.arguments)) return Value::raised();
  program.has_variables = !args[2].is_none();
  if (program.has_variables && !string_list(t, args[2], program.variables)) return Value::raised();
  if (!args[3].is_none() && !fs_path(t, args[3], program.folder)) return Value::raised();
  if (!integers_of(t, args[4], standard) || !integers_of(t, args[5], program.passed)) return Value::raised();
  if (standard.size() != kFirstFree) return raise(t, ErrorType::ValueError, "three descriptors are expected, not {}", standard.size());
  std::copy(standard.begin(), standard.end(), program.standard);
  program.closes_others = TRY(truth(t, args[6])).is_true();
  bool restores_signals = TRY(truth(t, args[7])).is_true();
  program.starts_session = TRY(truth(t, args[8])).is_true();
  if (!int_argument(t, args[9], program.group)) return Value::raised();

  pid_t pid = -1;
  int error;
  bool is_folder_missing = false;
  if (is_kind(args[10], Kind::Tuple)) {
    Identity identity;
    if (!identity_of(t, args[10], identity)) return Value::raised();
    if (identity.preexec.is_none()) {
      ReleaseGil released(t, BlockReason::Process);
      error = start_by_copy(t, program, identity, restores_signals, pid);
    } else {
      error = start_by_copy(t, program, identity, restores_signals, pid);
    }
    if (error == kPreexecFailed) return Value::none();
    is_folder_missing = error && !program.folder.empty() && access(program.folder.c_str(), X_OK) != 0;
  } else {
    ReleaseGil released(t, BlockReason::Process);
    Actions actions;
    Attributes attributes(program, t.is_main, restores_signals);
    error = actions.prepare(program);
    if (!error) error = start_first(program, actions, attributes, pid);
    is_folder_missing = error && !program.folder.empty() && access(program.folder.c_str(), X_OK) != 0;
  }
  if (!error) return Value::of_int(pid);
  PathArgument blamed;
  blamed.value = is_folder_missing ? args[3] : TRY(get_item(t, args[0], Value::of_int(-1)));
  return raise_for_path(t, error, blamed);
}

// wait(pid, seconds): the exit status, or minus the signal; None when it still runs after that time.
Value wait(Thread& t, Value* args, size_t) {
  int pid;
  double seconds;
  if (!int_argument(t, args[0], pid) || !to_double(t, args[1], seconds)) return Value::raised();
  Clock& clock = *t.interpreter->clock;
  int64_t deadline = seconds < 0 ? kNever : clock.monotonic_ns() + static_cast<int64_t>(seconds * 1e9);
  for (;;) {
    WorkerEnd end;
    {
      ReleaseGil released(t, BlockReason::Process);
      end = wait_for_worker(pid, seconds, released);
    }
    if (end.has_ended) return Value::of_int(end.status);
    TRY(t.poll());   // a signal ended the wait
    if (deadline == kNever) continue;
    int64_t left = deadline - clock.monotonic_ns();
    if (left <= 0) return Value::none();
    seconds = static_cast<double>(left) / 1e9;
  }
}

// A descriptor that is readable when the process has ended.
Value pidfd_open(Thread& t, Value* args, size_t) {
  int pid;
  if (!int_argument(t, args[0], pid)) return Value::raised();
  int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  return fd < 0 ? raise_os_error(t, errno) : Value::of_int(fd);
}

constexpr NativeRow kRows[] = {
    {"spawn", spawn,
     "(candidates, argv, env, cwd, standard, pass_fds, close_fds, restore_signals, start_new_session, process_group, identity=None, /)",
     "Starts the first of the candidates that exists; gives its pid, or None when preexec_fn failed."},
    {"wait", wait, "(pid, seconds, /)", "Exit status, or minus the signal; None when it still runs after so many seconds (-1: for ever)."},
    {"pidfd_open", pidfd_open, "(pid, /)", "A descriptor that becomes readable when the process ends."},
};

}  // namespace

extern const NativeModule subprocess_native_module;
const NativeModule subprocess_native_module = {"_subprocess", kRows, std::size(kRows), nullptr, "Starts programs; use subprocess."};

}  // namespace mini
