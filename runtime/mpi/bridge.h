// SPDX-License-Identifier: MIT
// What mini finds in the loadable module mini_mpi.so: sessions between the first rank and the others, as sockets.
//
// A library of its own, so that mini itself does not load MPI with every start; plain C, so that it may be built with any compiler.
#pragma once

extern "C" {

struct MiniMpi {
  // Joins the MPI world and starts the thread that talks to it. 0, or an error number.
  int (*start)(int* rank, int* size);
  // On the first rank: a new session with another one, as a connected socket. -1 while the session before is not over yet.
  int (*open)(int rank);
  // On the others: a descriptor from which the sockets of new sessions are read, as ints; its end is the end of the run.
  int (*sessions)();
  // Leaves the MPI world. On the first rank this ends the others' sessions first.
  void (*stop)();
};

const MiniMpi* mini_mpi();

}
