// SPDX-License-Identifier: MIT
#include "runtime/exec/interpreter_family.h"

#include <chrono>

#include "runtime/exec/shared_queue.h"
#include "runtime/gil.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/signals.h"

namespace mini {

namespace {

// Leaves the guest: nobody runs as its main thread, and there is no stack to scan for it.
void leave(Thread& guest, Thread& host) {
  guest.interpreter->gil->give(guest, true);
  guest.native_stack_base = nullptr;
  set_current_thread(&host);
}

// Below the frame of `visit`, so that every value that `work` has on the stack lies below the guest's base.
[[gnu::noinline]] void run_as_guest(Thread& host, Interpreter& interpreter, const std::function<void(Thread& guest)>& work) {
  Thread& guest = *interpreter.main_thread;
  guest.bind_as_guest(host, static_cast<const char*>(__builtin_frame_address(0)));
  host.visiting = &guest;
  interpreter.gil->take(guest);
  work(guest);
  host.visiting = nullptr;
  leave(guest, host);
}

// Ends what is left when the first interpreter of a family ends. What cannot be stopped is left to the end of the process.
void close_others(Interpreter& closing) {
  if (!closing.family || closing.family_id != 0) return;
  Thread& t = *closing.main_thread;
  for (int64_t id : member_ids(t)) {
    auto member = find_member(t, id);
    if (!member || !member->owned) continue;
    if (close_member(t, member, true) != CloseOutcome::Closed) (void)member->owned.release();
  }
  closing.family = nullptr;
}

Options options_for(Thread& t, size_t memory_limit) {
  const Interpreter& i = *t.interpreter;
  Options options = i.options;
  options.ends_process = false;
  options.is_interactive = false;
  options.memory_limit = memory_limit;
  options.host = &t;
  Value path = dict_get(i.sys->namespace_, intern(t, "path"));
  if (!is_kind(path, Kind::List)) return options;
  options.search_path.clear();
  for (uint64_t k = 0; k < as<List>(path)->length; ++k)
    if (is_kind(as<List>(path)->items[k], Kind::Str)) options.search_path.push_back(to_utf8(as<Str>(as<List>(path)->items[k])));
  return options;
}

}  // namespace

InterpreterFamily& family_of(Thread& t) {
  Interpreter& i = *t.interpreter;
  if (!i.family) {
    i.family = std::make_shared<InterpreterFamily>();
    auto first = std::make_shared<FamilyMember>();
    first->state = FamilyMember::Running;
    first->interpreter = &i;
    i.family->members.emplace(0, std::move(first));
    i.at_close.push_back(close_others);
  }
  return *i.family;
}

std::shared_ptr<FamilyMember> find_member(Thread& t, int64_t id) {
  InterpreterFamily& family = family_of(t);
  std::lock_guard guard(family.mutex);
  auto it = family.members.find(id);
  return it == family.members.end() ? nullptr : it->second;
}

std::vector<int64_t> member_ids(Thread& t) {
  InterpreterFamily& family = family_of(t);
  std::lock_guard guard(family.mutex);
  std::vector<int64_t> ids;
  for (auto& [id, member] : family.members) ids.push_back(id);
  return ids;
}

int64_t make_member(Thread& t, size_t memory_limit) {
  InterpreterFamily& family = family_of(t);
  Options options = options_for(t, memory_limit);
  auto member = std::make_shared<FamilyMember>();
  {
    ReleaseGil released(t, BlockReason::Native);
    member->owned = std::make_unique<Interpreter>(std::move(options));
    member->interpreter = member->owned.get();
    member->owned->options.host = nullptr;
    leave(*member->owned->main_thread, t);
  }
  std::lock_guard guard(family.mutex);
  member->id = family.next_id++;
  member->owned->family = t.interpreter->family;
  member->owned->family_id = member->id;
  family.members.emplace(member->id, member);
  return member->id;
}

bool claim_member(Thread& t, FamilyMember& member) {
  std::lock_guard guard(family_of(t).mutex);
  if (member.state != FamilyMember::Idle) return false;
  member.state = FamilyMember::Running;
  return true;
}

void release_member(Thread& t, FamilyMember& member) {
  InterpreterFamily& family = family_of(t);
  std::lock_guard guard(family.mutex);
  // An interrupt that came too late is not for the next visitor.
  member.interpreter->main_thread->attention.fetch_and(~(kInterrupt | kTerminate));
  member.state = FamilyMember::Idle;
  family.became_idle.notify_all();
}

void visit(Thread& t, FamilyMember& member, const std::function<void(Thread& guest)>& work) {
  ReleaseGil released(t, BlockReason::Native);
  run_as_guest(t, *member.interpreter, work);
}

namespace {

// With the mutex: while it is held, a running member does not go away.
void ask_member(FamilyMember& member, Attention what) {
  Thread& t = *member.interpreter->main_thread;
  t.attention.fetch_or(what);
  Gil::poke(t);
  nudge(t);
  if (Thread* guest = t.visiting.load()) {   // it is in another interpreter itself, which has to end first
    guest->attention.fetch_or(kInterrupt);
    Gil::poke(*guest);
  }
}

}  // namespace

bool interrupt_member(Thread& t, FamilyMember& member) {
  std::lock_guard guard(family_of(t).mutex);
  if (member.state != FamilyMember::Running || !member.owned) return false;
  ask_member(member, kInterrupt);
  return true;
}

void interrupt_family(Thread& t) {
  InterpreterFamily* family = t.interpreter->family.get();
  if (!family) return;
  std::lock_guard guard(family->mutex);
  for (auto& [id, member] : family->members)
    if (member->state == FamilyMember::Running && member->owned && member->interpreter != t.interpreter) ask_member(*member, kInterrupt);
}

namespace {

// Asks again and again, since what is asked may be caught: false after a second without an answer, so that the caller can look
// at its own attention.
bool wait_until_stopped(InterpreterFamily& family, FamilyMember& member, ReleaseGil&) {
  std::unique_lock lock(family.mutex);
  for (int round = 0; round < 100 && member.state == FamilyMember::Running; ++round) {
    ask_member(member, kTerminate);
    family.became_idle.wait_for(lock, std::chrono::milliseconds(10));
  }
  if (member.state != FamilyMember::Idle) return false;
  member.state = FamilyMember::Closing;
  return true;
}

// SystemExit, once, for all threads of the guest but its main one.
void stop_threads(Thread& guest) {
  for (Thread* other = guest.interpreter->threads; other; other = other->next_thread) {
    if (other == &guest) continue;
    other->async_exception = Value::of_object(error_type(guest, ErrorType::SystemExit));
    other->attention.fetch_or(kAsyncException);
    Gil::poke(*other);
    nudge(*other);
  }
}

}  // namespace

CloseOutcome close_member(Thread& t, std::shared_ptr<FamilyMember> member, bool is_forced) {
  InterpreterFamily& family = family_of(t);
  bool was_stopped = false;
  {
    std::unique_lock lock(family.mutex);
    if (member->state == FamilyMember::Closing || !member->owned) return CloseOutcome::IsRunning;
    if (member->state == FamilyMember::Running && !is_forced) return CloseOutcome::IsRunning;
    if (member->state == FamilyMember::Idle) member->state = FamilyMember::Closing;
  }
  constexpr int kMostRounds = 60;
  for (int round = 0; member->state != FamilyMember::Closing; ++round) {
    bool has_stopped;
    {
      ReleaseGil released(t, BlockReason::Join);
      has_stopped = wait_until_stopped(family, *member, released);
    }
    was_stopped = true;
    if (has_stopped) break;
    if (round == kMostRounds || t.interpreter->is_closing) return CloseOutcome::IsRunning;
    if (t.poll().is_raised()) return CloseOutcome::Raised;
  }
  visit(t, *member, [&](Thread& guest) {
    if (was_stopped || is_forced) stop_threads(guest);
    (void)finish(guest, Value::none());
  });
  {
    std::lock_guard guard(family.mutex);
    family.members.erase(member->id);
  }
  ReleaseGil released(t, BlockReason::Native);
  Thread& guest = *member->owned->main_thread;
  guest.bind_as_guest(t, static_cast<const char*>(__builtin_frame_address(0)));
  member->owned = nullptr;
  set_current_thread(&t);
  return CloseOutcome::Closed;
}

}  // namespace mini
