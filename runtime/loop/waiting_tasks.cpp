// SPDX-License-Identifier: MIT
#include "runtime/loop/waiting_tasks.h"

#include "runtime/heap.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/task.h"
#include "runtime/thread.h"

namespace mini {

namespace {

constexpr size_t kFirstPlaces = 1024, kMostPlaces = 8192;
constexpr size_t kStressPlaces = 1;   // with --gc=stress nearly every task that waits is packed

// The task loses its place.
void pack(Thread& t, Task* task) {
  bool waits = task->waiter && !(task->waiter->kind == Kind::Future && future_is_done(static_cast<Future*>(task->waiter)));
  if (waits && task->coroutine->kind == Kind::Coroutine) {
    auto g = reinterpret_cast<Generator*>(task->coroutine);
    pack_frames(t, g);
    if (!g->frame) task->extra |= kTaskIsPacked;
  }
  task->place = 0;
}

}  // namespace

void WaitingTasks::advance() {
  if (++hand_ < places_.size()) return;
  bool may_grow = places_.size() >= kFirstPlaces && places_.size() < kMostPlaces;
  if (may_grow && returned_ > places_.size() / 2) places_.resize(places_.size() * 2);   // the hand goes on in the new ones
  else hand_ = 0;
  returned_ = 0;
}

void WaitingTasks::note(Thread& t, Task* task) {
  if (places_.empty()) places_.resize(t.heap->is_stress() ? kStressPlaces : kFirstPlaces);
  if (task->extra & kTaskIsPacked) ++returned_;
  for (;; advance()) {
    Task*& place = places_[hand_];
    if (place && place->extra & kTaskWaitedAgain) {
      place->extra &= ~kTaskWaitedAgain;
      continue;
    }
    if (place) pack(t, place);
    place = task;
    task->place = static_cast<uint32_t>(hand_) + 1;
    task->extra &= ~(kTaskIsPacked | kTaskWaitedAgain);
    return advance();
  }
}

void WaitingTasks::forget(Task* task) {
  if (task->place) places_[task->place - 1] = nullptr;
  task->place = 0;
}

}  // namespace mini
