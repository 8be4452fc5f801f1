// SPDX-License-Identifier: MIT
// mpi4py.futures under a real mpiexec with several ranks on this machine; skipped where Open MPI is not installed.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/subprocess.h"

namespace mini::test {
namespace {

class Mpi : public ::testing::Test {
 protected:
  void SetUp() override {
    bool has_bridge = std::filesystem::exists(std::filesystem::path(MINI_BINARY).parent_path() / "mini_mpi.so");
    if (!has_bridge || !run({.arguments = {"mpiexec", "--version"}}).started) GTEST_SKIP() << "Open MPI is not installed";
  }
  // Of the first rank, when `text` runs in four.
  Outcome run_in_ranks(const std::string& text, const std::string& ranks = "4") {
    std::string script = ::testing::TempDir() + "mini_mpi_test_" + std::to_string(getpid()) + ".py";
    std::ofstream(script) << text;
    return run({.arguments = {"mpiexec", "--oversubscribe", "-n", ranks, MINI_BINARY, "-m", "mpi4py.futures", script, "first", "second"},
                .environment = {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"}});
  }
};

TEST_F(Mpi, CallsGoToAllRanksAndTheirAnswersComeBack) {
  Outcome outcome = run_in_ranks(R"(
import os, sys, threading
from mpi4py.futures import MPIPoolExecutor, as_completed
offset = 10

def add(n):
    return n + offset

def pid(n):
    return os.getpid()

with MPIPoolExecutor() as pool:
    print(__name__, sys.argv[1:], pool.num_workers)
    print(list(pool.map(add, range(5))), list(pool.map(add, range(5), chunksize=2)))
    print(sorted(pool.map(lambda x: x * x, range(4), unordered=True)), list(pool.starmap(pow, [(2, 3), (3, 2)])))
    print(1 <= len(set(pool.map(pid, range(50)))) <= 3)
    large = bytes(range(256)) * 20_000
    print(pool.submit(lambda data: data[::-1], large).result() == large[::-1])
    try:
        pool.submit(lambda: 1 / 0).result()
    except ZeroDivisionError as error:
        print(error)
    print(pool.submit(add, threading.Lock()).exception())
with MPIPoolExecutor(1) as pool, MPIPoolExecutor(5) as rest:
    print(pool.num_workers, rest.num_workers, pool.submit(add, 1).result(), rest.submit(add, 2).result())
    try:
        MPIPoolExecutor()
    except RuntimeError as error:
        print(error)
)");
  EXPECT_EQ(outcome.exit_status, 0) << outcome.ending() << outcome.errors;
  EXPECT_EQ(outcome.output,
            "__main__ ['first', 'second'] 3\n"
            "[10, 11, 12, 13, 14] [10, 11, 12, 13, 14]\n"
            "[0, 1, 4, 9] [8, 9]\n"
            "True\n"
            "True\n"
            "division by zero\n"
            "cannot pickle '_thread.lock' object (cannot send it to another process: at args[0])\n"
            "1 2 11 12\n"
            "all MPI workers belong to other executors: shut one down first\n");
}

TEST_F(Mpi, TheScriptsExitStatusIsTheRuns) {
  EXPECT_EQ(run_in_ranks("import sys\nsys.exit(5)\n", "2").exit_status, 5);
}

TEST_F(Mpi, AsTheOnlyRankItUsesProcesses) {
  Outcome outcome = run_in_ranks("from mpi4py.futures import MPIPoolExecutor\nwith MPIPoolExecutor(2) as pool:\n    print(pool.submit(abs, -3).result())\n", "1");
  EXPECT_EQ(outcome.output, "3\n") << outcome.errors;
}

}  // namespace
}  // namespace mini::test
