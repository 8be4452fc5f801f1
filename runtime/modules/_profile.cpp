// SPDX-License-Identifier: MIT
// _profile: the profiler for scripts. profile, cProfile and pstats are made of it.
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/profiler.h"

namespace mini {

namespace {

struct ProfilerObject : Object {
  Profiler* profiler;
};

Profiler& profiler_of(Value self) { return *as<ProfilerObject>(self)->profiler; }

Value profiler_new(Thread& t, Value* args, size_t) {
  auto o = static_cast<ProfilerObject*>(allocate_object(t, as<Type>(args[0])));
  o->profiler = new Profiler;
  note_finalizer(o);
  return Value::of_object(o);
}

void profiler_trace(Object* self, Marker& marker) { static_cast<ProfilerObject*>(self)->profiler->trace(marker); }

void profiler_finalize(Object* self, Heap&) {
  Profiler* profiler = static_cast<ProfilerObject*>(self)->profiler;
  profiler->stop();
  delete profiler;
}

Value profiler_enable(Thread& t, Value* args, size_t) {
  if (t.profiler == &profiler_of(args[0])) return Value::none();
  if (t.profiler) t.profiler->stop();   // one at a time: the last takes over
  if (profiler_of(args[0]).thread) return raise(t, ErrorType::ValueError, "this profiler is active in another thread");
  profiler_of(args[0]).start(t);
  return Value::none();
}

Value profiler_disable(Thread&, Value* args, size_t) {
  profiler_of(args[0]).stop();
  return Value::none();
}

Value profiler_clear(Thread&, Value* args, size_t) {
  profiler_of(args[0]).entries.clear();
  profiler_of(args[0]).open.clear();
  return Value::none();
}

Value key_of(Thread& t, const Code* code) {
  if (!code) return Value::none();
  return Value::of_object(make_tuple(t, {str_value(code->file_name), Value::of_int(code->first_line), str_value(code->name)}));
}

Value counts_of(Thread& t, const CallCounts& c) {
  return Value::of_object(make_tuple(t, {Value::of_int(static_cast<int64_t>(c.primitive_calls)), Value::of_int(static_cast<int64_t>(c.calls)),
                                         Value::of_float(static_cast<double>(c.own_ns) / 1e9),
                                         Value::of_float(static_cast<double>(c.total_ns) / 1e9)}));
}

// [(key, counts, [(caller's key or None, counts) ...]) ...]: a key is (file, line, name), counts are (primitive calls, calls, own
// time, time with callees).
Value profiler_stats(Thread& t, Value* args, size_t) {
  List* rows = make_list(t);
  for (auto& [code, entry] : profiler_of(args[0]).entries) {
    List* callers = make_list(t);
    for (auto& [caller, counts] : entry.callers)
      list_push(t, callers, Value::of_object(make_tuple(t, {key_of(t, caller), counts_of(t, counts)})));
    list_push(t, rows, Value::of_object(make_tuple(t, {key_of(t, code), counts_of(t, entry), Value::of_object(callers)})));
  }
  return Value::of_object(rows);
}

const NativeRow kProfilerMethods[] = {
    {"__new__", profiler_new, "(cls, /)", "Counts and times calls.", Binding::Static},
    {"enable", profiler_enable, "(self, /)", "Begin to count the calls of this thread."},
    {"disable", profiler_disable, "(self, /)", "Stop."},
    {"clear", profiler_clear, "(self, /)", "Forget what was counted."},
    {"stats", profiler_stats, "(self, /)", "What was counted, by function."},
};

const Layout profiler_layout = {
    .name = "Profiler", .module = "_profile", .kind = Kind::Native, .size = sizeof(ProfilerObject), .flags = 0, .base = nullptr,
    .trace = profiler_trace, .finalize = profiler_finalize, .ops = {},
    .methods = kProfilerMethods, .method_count = std::size(kProfilerMethods), .attributes = nullptr, .attribute_count = 0,
    .help = "Counts and times the calls of script functions on one thread."};

Value profile_setup(Thread& t, Module* m) {
  module_add_type(t, m, profiler_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule profile_module;
const NativeModule profile_module = {"_profile", nullptr, 0, profile_setup, "Counting and timing calls."};

}  // namespace mini
