// SPDX-License-Identifier: MIT
#include "runtime/thread_report.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/loop/loop_report.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

uint32_t line_of(const Code* code, const Instruction* ip) {
  auto at = static_cast<size_t>(ip - code->instructions.data());
  return at > 0 && at - 1 < code->ranges.size() ? code->ranges[at - 1].line : code->first_line;
}

std::string without_folder(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool lives(const Interpreter& i, const Code* code) {
  for (const Code* c = i.all_code; c; c = c->next_code) {
    if (c == code) return true;
  }
  return false;
}

bool is_inside(const Code* code, const Instruction* ip) {
  const Instruction* begin = code->instructions.data();
  return ip >= begin && ip <= begin + code->instructions.size();
}

// The library's function that the script called, under way or not: "Queue.get"; empty when the script itself waits.
std::string library_call(const Thread& t) {
  const Frame* last = nullptr;
  for (const Frame* f = t.frame; f && is_library(f->code); f = f->previous) last = f;
  return last ? to_utf8(last->code->qualified_name) : "";
}

// Numbers locks in the order in which a report mentions them, and knows who has which.
class Relations {
 public:
  explicit Relations(Interpreter& i) : interpreter_(i) {}

  // What the parked thread waits for: "lock 1", "the end of 'worker'".
  std::string wanted(const Thread& t) {
    const Object* subject = t.waits_for;
    if (t.blocked == BlockReason::Sleep) return "a time";
    if (t.blocked == BlockReason::Poll) return "its event loop";
    if (!subject) return block_reason_name(t.blocked);
    if (const Thread* joined = thread_of(subject)) return "the end of " + thread_name(*joined);
    const Layout* layout = type_of(subject)->layout;
    if (layout == &lock_layout || layout == &recursive_lock_layout) return fmt::format("lock {}", number_of(subject));
    std::string name = layout->name;
    return (std::string("AEIOU").find(name[0]) == std::string::npos ? "a " : "an ") + name;
  }

  // The thread that could end the wait; null when that could be any.
  const Thread* owner_of(const Object* subject, CodePlace& place) const {
    if (!subject) return nullptr;
    if (const Thread* joined = thread_of(subject)) return joined;
    const Layout* layout = type_of(subject)->layout;
    uint64_t id = 0;
    if (layout == &lock_layout) {
      id = static_cast<const Lock*>(subject)->owner;
      place = static_cast<const Lock*>(subject)->taken_at;
    } else if (layout == &recursive_lock_layout) {
      id = static_cast<const RecursiveLock*>(subject)->owner;
      place = static_cast<const RecursiveLock*>(subject)->taken_at;
    }
    for (const Thread* t = interpreter_.threads; t; t = t->next_thread) {
      if (id && t->id == id) return t;
    }
    return nullptr;
  }

  // "    lock 1 was taken by 'first' at x.py:4 in f\n", or empty.
  std::string ownership(const Thread& t) {
    CodePlace place{};
    const Thread* owner = owner_of(t.waits_for, place);
    if (!place.code && !place.ip) return "";
    std::string where = place_text(interpreter_, place);
    if (!where.empty()) where = " at " + where;
    std::string who = owner ? thread_name(*owner) : "a thread that has ended";
    return fmt::format("    lock {} was taken by {}{}\n", number_of(t.waits_for), who, where);
  }

 private:
  const Thread* thread_of(const Object* thread_object) const {
    for (const Thread* t = interpreter_.threads; t; t = t->next_thread) {
      if (t->thread_object.is_object() && t->thread_object.object == thread_object) return t;
    }
    return nullptr;
  }

  size_t number_of(const Object* lock) {
    auto found = std::find(locks_.begin(), locks_.end(), lock);
    if (found == locks_.end()) found = locks_.insert(found, lock);
    return static_cast<size_t>(found - locks_.begin()) + 1;
  }

  Interpreter& interpreter_;
  std::vector<const Object*> locks_;
};

// Oldest first.
std::vector<const Thread*> threads_of(const Interpreter& i) {
  std::vector<const Thread*> all;
  for (const Thread* t = i.threads; t; t = t->next_thread) all.push_back(t);
  std::reverse(all.begin(), all.end());
  return all;
}

std::string waiting_line(const Thread& t, Relations& relations) {
  const Frame* frame = script_frame(t);
  if (!frame || is_library(frame->code)) return "waits for " + relations.wanted(t);
  std::string call = library_call(t);
  std::string where = " at " + place_text(frame);
  return fmt::format("waits for {}{}{}", relations.wanted(t), call.empty() ? "" : " in " + call, where);
}

// Main thread first, and behind each thread the one that it waits for: a cycle reads from top to bottom.
std::vector<const Thread*> in_order_of_waiting(const Interpreter& i, const Relations& relations) {
  std::vector<const Thread*> ordered;
  auto has = [&](const Thread* t) { return std::find(ordered.begin(), ordered.end(), t) != ordered.end(); };
  for (const Thread* t : threads_of(i)) {
    if (t->blocked == BlockReason::None) continue;   // it has just ended
    CodePlace place;
    for (const Thread* next = t; next && !has(next); next = relations.owner_of(next->waits_for, place)) ordered.push_back(next);
  }
  return ordered;
}

constexpr size_t kMostFrames = 100;   // of a stack that is shown

std::string stack_text(const Thread& t) {
  std::string text;
  size_t count = 0;
  for (const Frame* f = t.frame; f; f = f->previous) {
    if (++count > kMostFrames) return text + "  ...\n";
    text += fmt::format("  File \"{}\", line {} in {}\n", to_utf8(f->code->file_name), line_of(f->code, f->ip), to_utf8(f->code->qualified_name));
  }
  return text;
}

std::string activity(const Thread& t, const Thread* holder, Relations& relations) {
  if (&t == holder) return "has the GIL";
  if (t.is_parked) return "waits for " + relations.wanted(t);
  if (t.native_stack_top && t.blocked != BlockReason::None) return fmt::format("outside of the GIL: {}", block_reason_name(t.blocked));
  return "wants the GIL";
}

}  // namespace

std::string place_text(const Code* code, const Instruction* ip) {
  return fmt::format("{}:{} in {}", without_folder(to_utf8(code->file_name)), line_of(code, ip), to_utf8(code->name));
}

std::string place_text(const Interpreter& interpreter, CodePlace place) {
  bool is_known = lives(interpreter, place.code) && is_inside(place.code, place.ip);
  return is_known ? place_text(place.code, place.ip) : "";
}

CodePlace place_of(const Interpreter& interpreter, const Instruction* ip) {
  for (const Code* c = interpreter.all_code; c; c = c->next_code) {
    if (ip > c->instructions.data() && is_inside(c, ip)) return {c, ip};
  }
  return {nullptr, ip};
}

bool find_place(const Interpreter& interpreter, CodePlace place, Str*& file, uint32_t& line) {
  if (!lives(interpreter, place.code) || !is_inside(place.code, place.ip)) return false;
  file = place.code->file_name;
  line = line_of(place.code, place.ip);
  return true;
}

std::string place_text(const Frame* frame) { return place_text(frame->code, frame->ip); }

void Thread::note_slow_place() {
  attention.fetch_and(~kLoopBlocked);
  if (const Frame* f = script_frame(*this)) slow_place = place_text(f);
}

bool is_library(const Code* code) {
  const Str* name = code->file_name;
  return !name->is_wide() && name->length > 7 && memcmp(name->narrow(), "<mini>/", 7) == 0;
}

const Frame* script_frame(const Thread& t) {
  const Frame* f = t.frame;
  while (f && is_library(f->code)) f = f->previous;
  return f ? f : t.frame;
}

std::string thread_name(const Thread& t) {
  Thread& reader = *t.interpreter->main_thread;
  Value name = Value::empty();
  if (t.thread_object.is_object()) {
    name = generic_get_attribute(reader, t.thread_object, intern(reader, "_name"));
    if (name.is_raised()) (void)take_exception(reader);
  }
  if (is_kind(name, Kind::Str)) return to_utf8(as<Str>(name));
  return t.is_main ? "MainThread" : fmt::format("thread {}", t.id);
}

std::string thread_report(Interpreter& interpreter, const Thread* holder) {
  Relations relations(interpreter);
  std::string text;
  for (const Thread* t : threads_of(interpreter)) {
    text += fmt::format("{} (thread {}): {}\n{}", thread_name(*t), t->id, activity(*t, holder, relations), relations.ownership(*t));
    text += stack_text(*t);
    if (t->running_loop_object.is_object()) text += loop_report(t->running_loop_object.object);
  }
  return text;
}

void print_thread_report(Interpreter& interpreter, const Thread* holder) {
  std::string text = "--- All threads, innermost call first ---\n" + thread_report(interpreter, holder);
  for (size_t done = 0; done < text.size();) {
    ssize_t count = write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (count <= 0) return;
    done += static_cast<size_t>(count);
  }
}

std::string deadlock_report(Interpreter& interpreter) {
  Relations relations(interpreter);
  std::vector<const Thread*> threads = in_order_of_waiting(interpreter, relations);
  bool is_one_loop = threads.size() == 1 && threads[0]->blocked == BlockReason::Poll;
  std::string text = is_one_loop ? "nothing can wake the event loop any more: all its tasks wait\n"
                                 : "every thread waits for another one, so that none can go on\n";
  for (const Thread* t : threads) {
    if (!is_one_loop) text += fmt::format("  {} {}\n{}", thread_name(*t), waiting_line(*t, relations), relations.ownership(*t));
    if (t->running_loop_object.is_object()) text += task_tree(t->running_loop_object.object, "  ");
  }
  text.pop_back();
  return text;
}

}  // namespace mini
