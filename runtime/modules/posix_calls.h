// SPDX-License-Identifier: MIT
// What the files of the posix module share: arguments, and system calls outside the GIL that try again after a signal.
#pragma once

#include <cerrno>
#include <span>
#include <string>
#include <vector>

#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/objects/path.h"

namespace mini {

// A path argument, or a descriptor where the function takes one.
struct PathArgument {
  std::string path;
  int descriptor = -1;
  bool is_bytes = false;
  Value value;                       // as it was given, for messages
  bool is_descriptor() const { return descriptor >= 0; }
};

// False after raising. `function` and `allowed` make the message: "stat: path should be string, bytes, os.PathLike or integer, not x".
bool path_argument(Thread& t, Value v, const char* function, PathArgument& out, bool allows_descriptor = false,
                   const char* parameter = "path");
// An int argument in the range of a C int; false after raising.
bool int_argument(Thread& t, Value v, int& out);
// The strings of an argument list, for starting a program; false after raising.
bool string_list(Thread& t, Value v, std::vector<std::string>& out);
// What exec and spawn take: pointers to the strings, and a null behind them.
std::vector<char*> pointers(std::vector<std::string>& strings);
Value raise_for_path(Thread& t, int error, const PathArgument& path);
Value raise_for_paths(Thread& t, int error, const PathArgument& from, const PathArgument& to);

// Calls `function` outside the GIL until a signal does not interrupt it. -1: failed with `error`; -2: a signal handler raised.
template <class Function>
int64_t outside_gil(Thread& t, BlockReason reason, int& error, Function function) {
  for (;;) {
    int64_t result;
    {
      ReleaseGil released(t, reason);
      result = static_cast<int64_t>(function());
      error = errno;
    }
    if (result >= 0 || error != EINTR) return result;
    if (t.poll().is_raised()) return -2;
  }
}

// Copying this process: only while one thread runs. Empty: it may be copied.
std::string why_no_fork(Thread& t);
void after_fork(Thread& t);                          // in the copy

std::span<const NativeRow> posix_file_rows();        // posix_files.cpp
std::span<const NativeRow> posix_process_rows();     // posix_process.cpp
Value add_posix_file_names(Thread& t, struct Module* m);
Value add_posix_process_names(Thread& t, struct Module* m);

}  // namespace mini
