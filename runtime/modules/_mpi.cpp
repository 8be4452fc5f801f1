// SPDX-License-Identifier: MIT
// _mpi: the ranks of an MPI run as workers, for mpi4py.futures. MPI itself is reached through mini_mpi.so (runtime/mpi/bridge.h), which
// lies beside the program and is loaded when this module is imported; without it the import fails with the reason.
#include <dlfcn.h>
#include <unistd.h>

#include "runtime/mpi/bridge.h"
#include "runtime/errors.h"
#include "runtime/exec/worker.h"
#include "runtime/gil.h"
#include "runtime/interpreter.h"
#include "runtime/modules/posix_calls.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"

namespace mini {
namespace {

constexpr const char* kMpiState = "_mpi.functions";

const MiniMpi& functions_of(Thread& t) { return *static_cast<const MiniMpi*>(t.interpreter->module_state[kMpiState]); }

Value mpi_start(Thread& t, Value*, size_t) {
  int rank = 0, size = 1, error;
  {
    ReleaseGil released(t, BlockReason::Native);
    error = functions_of(t).start(&rank, &size);
  }
  if (error) return raise_os_error(t, error);
  return Value::of_object(make_tuple(t, {Value::of_int(rank), Value::of_int(size)}));
}

// None while the session before is not over yet.
Value mpi_open(Thread& t, Value* args, size_t) {
  int rank;
  if (!int_argument(t, args[0], rank)) return Value::raised();
  int fd = functions_of(t).open(rank);
  return fd < 0 ? Value::none() : Value::of_int(fd);
}

// Serves one session after the other until the first rank says that there will be no more.
Value mpi_serve(Thread& t, Value*, size_t) {
  int sessions = functions_of(t).sessions();
  for (;;) {
    int fd = -1, error;
    int64_t n = outside_gil(t, BlockReason::Process, error, [&] { return read(sessions, &fd, sizeof fd); });
    if (n == -2) return Value::raised();
    if (n != sizeof fd) return Value::none();
    serve_session(t, fd);
  }
}

Value mpi_stop(Thread& t, Value*, size_t) {
  ReleaseGil released(t, BlockReason::Native);
  functions_of(t).stop();
  return Value::none();
}

// Runs a script as the main one: run(kind, name), kind being "file", "module" or "text".
Value mpi_run(Thread& t, Value* args, size_t) {
  std::string kind, name;
  if (!fs_path(t, args[0], kind) || !fs_path(t, args[1], name)) return Value::raised();
  if (kind == "module") return run_main_module(t, name);
  return kind == "text" ? run_main_text(t, name, "<string>") : run_main_file(t, name);
}

Value mpi_setup(Thread& t, Module*) {
  std::string path = t.interpreter->options.executable;
  path = path.substr(0, path.rfind('/') + 1) + "mini_mpi.so";
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);   // MPI looks for its own parts among the global names
  if (!library) return raise(t, ErrorType::ImportError, "this build of mini is without MPI ({}): install libopenmpi-dev and build again", dlerror());
  using Entry = const MiniMpi* (*)();
  auto entry = reinterpret_cast<Entry>(dlsym(library, "mini_mpi"));
  if (!entry) return raise(t, ErrorType::ImportError, "{} is of another version", path);
  t.interpreter->module_state[kMpiState] = const_cast<MiniMpi*>(entry());
  return Value::none();
}

const NativeRow kMpiFunctions[] = {
    {"start", mpi_start, "()", "Join the MPI world; return the rank of this process and their number."},
    {"open", mpi_open, "(rank, /)", "A socket to the worker of that rank; None while it is still busy with its last session."},
    {"serve", mpi_serve, "()", "Be a worker until the first rank has no more work."},
    {"stop", mpi_stop, "()", "Leave the MPI world."},
    {"run", mpi_run, "(kind, name, /)", "Run a file, module or text as __main__."},
};

}  // namespace

extern const NativeModule mpi_module;
const NativeModule mpi_module = {"_mpi", kMpiFunctions, std::size(kMpiFunctions), mpi_setup, "Ranks of MPI as workers, for mpi4py.futures."};

}  // namespace mini
