// SPDX-License-Identifier: MIT
// The interpreters of one process that know of each other: one that was made by a program, and all that it and they made since.
//
// Each has its own heap, GIL, types, modules and threads; nothing of one may be touched by another. What they share is here, under a
// mutex, and holds no script value. An interpreter does not own an OS thread: whoever runs code in it goes there with the OS thread that
// it has (`visit`), as the guest's main thread, while its own GIL is free for others. So a call costs no switch between OS threads, and
// threads that visit different interpreters compute at the same time.
//
//   a member is | means                                       | next
//   Idle        | nobody is in it                             | Running, Closing
//   Running     | an OS thread runs as its main thread        | Idle
//   Closing     | its threads and exit functions come to an end | gone
//
// Number 0 is the first interpreter, which belongs to the program and is always Running.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/interpreter.h"

namespace mini {

struct SharedQueue;   // shared_queue.h

struct FamilyMember {
  enum State : uint8_t { Idle, Running, Closing };
  int64_t id = 0;
  State state = Idle;
  Interpreter* interpreter = nullptr;
  std::unique_ptr<Interpreter> owned;    // null for the first one
};

struct InterpreterFamily {
  std::mutex mutex;                      // guards all of this; never held while a GIL is taken
  std::condition_variable became_idle;
  int64_t next_id = 1;
  std::map<int64_t, std::shared_ptr<FamilyMember>> members;
  int64_t next_queue_id = 0;
  std::map<int64_t, std::shared_ptr<SharedQueue>> queues;
};

// The family of the running interpreter.
InterpreterFamily& family_of(Thread& t);
std::shared_ptr<FamilyMember> find_member(Thread& t, int64_t id);   // null: none of that number
std::vector<int64_t> member_ids(Thread& t);

// A new member. Its number, or -1 when the system has no address space for one more.
int64_t make_member(Thread& t, size_t memory_limit);

// Claims a member for a visit: false when somebody else is in it or it is being closed.
bool claim_member(Thread& t, FamilyMember& member);
void release_member(Thread& t, FamilyMember& member);
// Runs `work` as the main thread of a claimed member, on the calling OS thread, without the caller's GIL. `work` touches
// values of the guest only.
void visit(Thread& t, FamilyMember& member, const std::function<void(Thread& guest)>& work);

// KeyboardInterrupt in what the member runs, if it runs anything.
bool interrupt_member(Thread& t, FamilyMember& member);
// The same for all members but the caller's own: Ctrl-C reaches every interpreter, as it reaches every process of a group.
void interrupt_family(Thread& t);

enum class CloseOutcome : uint8_t { Closed, IsRunning, Raised };
// Ends a member: its exit functions run, its threads are joined, its memory is given back. One that runs is left alone, or with
// `is_forced` stopped first: SystemExit at every attention check until it has left.
CloseOutcome close_member(Thread& t, std::shared_ptr<FamilyMember> member, bool is_forced);

}  // namespace mini
