// SPDX-License-Identifier: MIT
// posix_spawn, socket pairs and waitpid.
#include "runtime/exec/spawn_posix.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/clock.h"
#include "runtime/gil.h"

extern char** environ;

namespace mini {

namespace {

// What the child starts with: descriptor 3 is the socket, 0 is empty, nothing above 3 is open.
int prepare_files(posix_spawn_file_actions_t& actions, int socket) {
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  if (!(error = posix_spawn_file_actions_adddup2(&actions, socket, kWorkerFd)) &&
      !(error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)))
    error = posix_spawn_file_actions_addclosefrom_np(&actions, kWorkerFd + 1);
  if (error) posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Signals as a fresh process has them, whatever this thread blocks or ignores.
int prepare_signals(posix_spawnattr_t& attributes) {
  int error = posix_spawnattr_init(&attributes);
  if (error) return error;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return 0;
}

}  // namespace

SpawnedWorker spawn_worker(const std::string& executable, const std::vector<std::string>& arguments) {
  SpawnedWorker worker;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) {
    worker.error = errno;
    return worker;
  }
  std::string option = "--worker=" + std::to_string(kWorkerFd);
  std::vector<char*> argv{const_cast<char*>("mini"), option.data()};
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  worker.error = prepare_files(actions, ends[1]);
  if (!worker.error) {
    worker.error = prepare_signals(attributes);
    if (!worker.error) {
      const char* path = executable.empty() ? "/proc/self/exe" : executable.c_str();
      worker.error = posix_spawn(&worker.pid, path, &actions, &attributes, argv.data(), environ);
      posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  close(ends[1]);
  if (worker.error) close(ends[0]);
  else worker.fd = ends[0];
  return worker;
}

WorkerEnd wait_for_worker(int pid, double seconds, ReleaseGil&) {
  WorkerEnd end;
  int raw = 0;
  auto look = [&](int options) {
    int got = waitpid(pid, &raw, options);
    if (got != pid && !(got < 0 && errno == ECHILD)) return false;
    end.has_ended = true;
    end.status = got != pid ? 0 : WIFSIGNALED(raw) ? -WTERMSIG(raw) : WEXITSTATUS(raw);
    return true;
  };
  if (look(WNOHANG) || seconds == 0) return end;
  int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  int64_t deadline = system_clock().monotonic_ns() + static_cast<int64_t>(seconds < 0 ? 0 : seconds * 1e9);
  for (;;) {
    int64_t left = seconds < 0 ? 100000000 : deadline - system_clock().monotonic_ns();
    if (left <= 0) break;
    // Without pidfd (old kernels) short naps; with it, the wait ends with the process.
    pollfd p{descriptor, POLLIN, 0};
    int64_t nap = descriptor < 0 && left > 2000000 ? 2000000 : left;
    int ready = poll(&p, descriptor < 0 ? 0 : 1, static_cast<int>((nap + 999999) / 1000000));
    if (look(WNOHANG)) break;
    if (ready < 0 && errno == EINTR) break;   // a signal: the caller looks at it and comes back
  }
  if (descriptor >= 0) close(descriptor);
  return end;
}

}  // namespace mini
