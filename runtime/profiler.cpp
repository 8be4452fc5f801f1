// SPDX-License-Identifier: MIT
#include "runtime/profiler.h"

#include "runtime/code.h"
#include "runtime/frame.h"
#include "runtime/interpreter.h"

namespace mini {

void Profiler::start(Thread& t) {
  thread = &t;
  t.profiler = this;
  t.attention.fetch_or(kProfile);
}

void Profiler::stop() {
  if (!thread) return;
  int64_t now = thread->interpreter->clock->monotonic_ns();
  while (!open.empty()) leave(now);
  thread->attention.fetch_and(~static_cast<uint32_t>(kProfile));
  thread->profiler = nullptr;
  thread = nullptr;
}

void Profiler::trace(Marker& marker) {
  for (auto& [code, entry] : entries) {
    marker.mark_pointer(code);
    for (auto& [caller, counts] : entry.callers) marker.mark_pointer(caller);
  }
  for (OpenCall& call : open) marker.mark_pointer(call.code);
}

void Profiler::enter(Frame* frame, int64_t now) {
  ProfileEntry& entry = entries[frame->code];
  ++entry.calls;
  if (entry.active++ == 0) ++entry.primitive_calls;
  Code* caller = open.empty() ? nullptr : open.back().code;
  CallCounts& from = entry.callers[caller];
  ++from.calls;
  if (entry.active == 1) ++from.primitive_calls;
  open.push_back({frame, frame->code, now, 0});
}

void Profiler::leave(int64_t now) {
  OpenCall call = open.back();
  open.pop_back();
  int64_t elapsed = now - call.start_ns, own = elapsed - call.children_ns;
  ProfileEntry& entry = entries[call.code];
  entry.own_ns += own;
  CallCounts& from = entry.callers[open.empty() ? nullptr : open.back().code];
  from.own_ns += own;
  if (--entry.active == 0) {
    entry.total_ns += elapsed;
    from.total_ns += elapsed;
  }
  if (!open.empty()) open.back().children_ns += elapsed;
}

// Frames of plain calls are known by their flag, which a call begins without; frames of generators come and go, so they
// are compared with the innermost open call.
void profiler_check(Thread& t) {
  Frame* frame = t.frame;
  if (!frame) return;
  Profiler& p = *t.profiler;
  bool is_new;
  if (frame->flags & kFrameHeap) is_new = p.open.empty() || p.open.back().frame != frame;
  else is_new = !(frame->flags & kFrameProfiled) && frame->ip <= frame->code->instructions.data() + 1;
  if (!is_new) return;
  frame->flags |= kFrameProfiled;
  p.enter(frame, t.interpreter->clock->monotonic_ns());
}

void profiler_sync(Thread& t) {
  Profiler& p = *t.profiler;
  int64_t now = 0;
  while (!p.open.empty()) {
    Frame* innermost = p.open.back().frame;
    for (Frame* f = t.frame; f; f = f->previous)
      if (f == innermost) return;
    if (!now) now = t.interpreter->clock->monotonic_ns();
    p.leave(now);
  }
}

}  // namespace mini
