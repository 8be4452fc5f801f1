// SPDX-License-Identifier: MIT
// WaitingTasks: the tasks of a loop that began to wait last. Those that have been there for long have their coroutines' frames packed.
//
// A ring of places with a hand, as for pages of memory: a task that begins to wait and has no place takes the one under the hand, whose task
// is packed if it still waits; one that has waited anew since the hand came by last gets another chance. So tasks that take turns are never
// packed while they are fewer than the places, and a wait costs them one flag. The ring grows when much of what it packs soon runs again.
// It keeps nothing alive: a task that is done gives its place up. Guarded by the GIL.
#pragma once

#include <cstddef>
#include <vector>

namespace mini {

struct Task;
struct Thread;

class WaitingTasks {
 public:
  // The task, which has no place, has begun to wait.
  void note(Thread& t, Task* task);
  // The task is done.
  void forget(Task* task);

 private:
  void advance();
  std::vector<Task*> places_;    // null: free
  size_t hand_ = 0;
  size_t returned_ = 0;          // tasks that were packed and ran again, in this round of the hand
};

}  // namespace mini
