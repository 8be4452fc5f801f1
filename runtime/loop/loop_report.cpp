// SPDX-License-Identifier: MIT
// Who awaits whom: a task waits for a future. That is another task; or what gather() made, which knows its children; or a plain future
// that a callback of the children will set: asyncio.wait, wait_for and shield catch it in a closure, a TaskGroup keeps it.
#include "runtime/loop/loop_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/loop/event_loop.h"
#include "runtime/objects/function.h"
#include "runtime/objects/future.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/packed_frames.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/task.h"
#include "runtime/objects/type.h"
#include "runtime/thread_report.h"

namespace mini {

namespace {

constexpr size_t kMostRows = 200;   // of a list that is shown

std::string name_of(const Task* task) { return task->name ? to_utf8(task->name) : fmt::format("Task-{}", task->number); }

std::string callable_name(Value v) {
  if (is_kind(v, Kind::BoundMethod)) return callable_name(as<BoundMethod>(v)->function);
  if (is_kind(v, Kind::NativeFunction)) return to_utf8(as<NativeFunction>(v)->name);
  if (!is_kind(v, Kind::Function)) return v.is_object() ? type_of(v.object)->layout->name : "?";
  const Code* code = as<Function>(v)->code;
  std::string place = place_text(code, code->instructions.data());
  return to_utf8(code->qualified_name) + (is_library(code) ? "" : " (" + place.substr(0, place.find(" in ")) + ")");
}

// Where the frames of a chain are, the innermost first.
std::vector<CodePlace> places_of(const Generator* root) {
  std::vector<CodePlace> places;
  if (root->frame) {
    const Generator* last = root->innermost ? root->innermost : root;
    for (const Frame* f = last->frame; f; f = f->previous) {
      places.push_back({f->code, f->ip});
      if (f == root->frame) break;
    }
  } else if (root->packed && root->kind == Kind::Coroutine) {
    for_each_frame(root->packed, [&](const PackedFrame* f) {
      places.push_back({f->code(), f->code()->instructions.data() + f->instruction});
      return f->for_each_value([](uint32_t, const Value&) {});
    });
    std::reverse(places.begin(), places.end());
  }
  return places;
}

// The tasks of one loop and what is between them.
class TaskGraph {
 public:
  explicit TaskGraph(const LoopState& state) : state_(state) {
    for (const Task* task = state.first_task; task; task = task->next_task) tasks_.push_back(task);
    std::reverse(tasks_.begin(), tasks_.end());
    for (const Task* task : tasks_) note_callbacks(task);
    for (const Task* task : tasks_) {
      for (const Task* child : awaited_by(task)) has_parent_.insert(child);
    }
  }

  const std::vector<const Task*>& tasks() const { return tasks_; }

  std::string tree(const std::string& indent) {
    std::string text;
    for (const Task* task : tasks_) {
      if (!has_parent_.contains(task)) text += branch(task, indent);
    }
    // Tasks that await each other in a ring.
    for (const Task* task : tasks_) {
      if (!shown_.contains(task)) text += branch(task, indent);
    }
    return text;
  }

 private:
  void note_callback(const Task* task, Value callback) {
    auto leads_to = [&](Value v) {
      if (is_future(v)) awaited_through_[v.object].push_back(task);
    };
    if (is_kind(callback, Kind::Function)) {
      auto function = as<Function>(callback);
      for (uint32_t i = 0; i < function->closure_count; ++i) leads_to(function->closure[i]->value);
    } else if (is_kind(callback, Kind::BoundMethod) && is_kind(as<BoundMethod>(callback)->self, Kind::Instance)) {
      Value self = as<BoundMethod>(callback)->self;
      Thread& reader = *type_of(self.object)->interpreter->main_thread;
      Value waiter = generic_get_attribute(reader, self, intern(reader, "_on_completed_fut"));
      if (waiter.is_raised()) (void)take_exception(reader);
      else leads_to(waiter);
    }
  }

  void note_callbacks(const Task* task) {
    for_each_callback(task, [&](Value callback, Object*) { note_callback(task, callback); });
  }

  std::vector<const Task*> awaited_by(const Task* task) const {
    if (!task->waiter || task->waiter->kind != Kind::Future) return {};
    auto waiter = static_cast<const Future*>(task->waiter);
    if (waiter->extra & kFutureIsTask) return pending({waiter});
    if (waiter->extra & kFutureIsGathering) {
      std::vector<const Object*> children;
      const Tuple* all = static_cast<const GatheringFuture*>(waiter)->children;
      for (uint64_t i = 0; all && i < all->length; ++i) children.push_back(all->items[i].object);
      return pending(children);
    }
    auto found = awaited_through_.find(waiter);
    return found == awaited_through_.end() ? std::vector<const Task*>{} : found->second;
  }

  static std::vector<const Task*> pending(const std::vector<const Object*>& futures) {
    std::vector<const Task*> tasks;
    for (const Object* o : futures) {
      bool is_task = o->kind == Kind::Future && (o->extra & kFutureIsTask);
      if (is_task && !future_is_done(static_cast<const Future*>(o))) tasks.push_back(static_cast<const Task*>(o));
    }
    return tasks;
  }

  // What the task waits for, and where: "waits for Task-2 at x.py:9 in main".
  std::string doing(const Task* task) const {
    if (task == state_.current_task) return "runs";
    const Object* waiter = task->waiter;
    bool is_pending = waiter && (waiter->kind != Kind::Future || !future_is_done(static_cast<const Future*>(waiter)));
    std::string what = "is ready to run";
    std::vector<CodePlace> places;   // the innermost first
    const CodePlace* inner = nullptr;
    const CodePlace* library = nullptr;
    if (task->coroutine && is_generator_like(Value::of_object(task->coroutine))) {
      auto root = static_cast<const Generator*>(task->coroutine);
      if (root->state == GeneratorState::Created) return "has not begun";
      places = places_of(root);
      size_t i = 0;
      while (i + 1 < places.size() && is_library(places[i].code)) library = &places[i++];
      if (i < places.size()) inner = &places[i];
    }
    if (inner && is_library(inner->code)) {   // a task of a library coroutine: its own line says nothing to the reader
      library = inner;
      inner = nullptr;
    }
    if (is_pending && waiter->kind == Kind::Future) {
      auto future = static_cast<const Future*>(waiter);
      what = "waits for a future";
      if (future->extra & kFutureIsTask) what = "waits for " + name_of(static_cast<const Task*>(future));
      else if (future->extra & kFutureIsGathering) what = fmt::format("waits for gather of {}", static_cast<const GatheringFuture*>(future)->child_count);
      else if (library) what = "waits";
    } else if (is_pending) {
      what = "waits for a future of another kind";
    }
    if (library && is_pending) what += " in " + to_utf8(library->code->qualified_name);
    return inner ? what + " at " + place_text(inner->code, inner->ip) : what;
  }

  std::string branch(const Task* task, const std::string& indent) {
    if (shown_.size() >= kMostRows) return "";
    auto coroutine = task->coroutine && is_generator_like(Value::of_object(task->coroutine)) ? static_cast<const Generator*>(task->coroutine) : nullptr;
    std::string what = coroutine ? " " + to_utf8(coroutine->code->qualified_name) + "()" : "";
    bool is_again = !shown_.insert(task).second;
    std::string text = fmt::format("{}{}{} {}\n", indent, name_of(task), what, is_again ? "(see above)" : doing(task));
    if (is_again) return text;
    for (const Task* child : awaited_by(task)) text += branch(child, indent + "  ");
    return text;
  }

  const LoopState& state_;
  std::vector<const Task*> tasks_;
  std::map<const Object*, std::vector<const Task*>> awaited_through_;
  std::set<const Task*> has_parent_, shown_;
};

// "wakes Task-3", or the callback's name.
std::string handle_text(const Handle* handle) {
  if (is_future(handle->callback) && is_future(first_callback(as<Future>(handle->callback)))) {
    Value waiting = first_callback(as<Future>(handle->callback));
    if (as<Future>(waiting)->extra & kFutureIsTask) return "wakes " + name_of(as<Task>(waiting));
  }
  if (handle->args && handle->args->length > 0 && is_future(handle->args->items[0])) {
    Value waiting = first_callback(as<Future>(handle->args->items[0]));
    if (is_future(waiting) && (as<Future>(waiting)->extra & kFutureIsTask)) return "wakes " + name_of(as<Task>(waiting));
  }
  return "calls " + callable_name(handle->callback);
}

std::string item_text(const ReadyItem& item) {
  switch (item.kind) {
    case ReadyKind::Handle: return handle_text(static_cast<const Handle*>(item.target));
    case ReadyKind::TaskStep: return "a step of " + name_of(static_cast<const Task*>(item.target));
    case ReadyKind::TaskWakeup: return "wakes " + name_of(static_cast<const Task*>(item.target));
    case ReadyKind::GatherChild: return "a child of gather is done";
    case ReadyKind::Callback: return "calls " + callable_name(Value::of_object(item.target));
  }
  return "";
}

std::string descriptor_rows(const LoopState& state) {
  std::string text;
  for (size_t fd = 0; fd < state.watches.size(); ++fd) {
    const Watch& watch = state.watches[fd];
    if (watch.reader) text += fmt::format("    {} for reading, {}\n", fd, handle_text(watch.reader));
    if (watch.writer) text += fmt::format("    {} for writing, {}\n", fd, handle_text(watch.writer));
  }
  return text;
}

}  // namespace

std::string task_tree(const Object* loop, const std::string& indent) {
  return is_event_loop(loop) ? TaskGraph(loop_state(loop)).tree(indent) : "";
}

std::string loop_report(const Object* loop) {
  if (!is_event_loop(loop)) return "";
  const LoopState& state = loop_state(loop);
  TaskGraph graph(state);
  std::vector<TimerHandle*> timers = state.timers.in_order();
  std::string text = fmt::format("  tasks: {}\n", graph.tasks().size()) + graph.tree("    ");
  text += fmt::format("  ready: {}\n", state.ready.size());
  size_t shown = 0;
  state.ready.for_each([&](const ReadyItem& item) {
    if (shown++ < kMostRows) text += "    " + item_text(item) + "\n";
  });
  text += fmt::format("  timers: {}\n", timers.size());
  for (size_t i = 0; i < std::min(timers.size(), kMostRows); ++i)
    text += fmt::format("    in {:.3f} s, {}\n", timers[i]->when - state.now(), handle_text(timers[i]));
  text += fmt::format("  watched descriptors: {}\n", state.watched_count) + descriptor_rows(state);
  return text;
}

}  // namespace mini
