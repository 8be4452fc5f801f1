// SPDX-License-Identifier: MIT
// Starting worker processes on POSIX: posix_spawn of the same binary with one end of a socket pair, and their ends.
// Never fork: a forked copy of a threaded process keeps locks that nobody will ever release.
#pragma once

#include <string>
#include <vector>

namespace mini {

class ReleaseGil;

struct SpawnedWorker {
  int pid = -1;
  int fd = -1;       // our end, not inherited by anyone
  int error = 0;     // errno when it failed
};

// Descriptor number that a worker finds its end of the socket pair at.
inline constexpr int kWorkerFd = 3;

// `arguments` follow `--worker=3`. Standard input of the worker is empty; output and error are ours.
SpawnedWorker spawn_worker(const std::string& executable, const std::vector<std::string>& arguments);

// How a child ended: exit status, or minus the number of the signal that killed it.
struct WorkerEnd {
  bool has_ended = false;
  int status = 0;
};
WorkerEnd wait_for_worker(int pid, double seconds, ReleaseGil& proof);   // seconds < 0: for ever

}  // namespace mini
