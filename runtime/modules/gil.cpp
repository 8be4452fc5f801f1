// SPDX-License-Identifier: MIT
// gil: what the global interpreter lock does, in numbers. Importing it begins the measuring of times, which costs two clock reads at
// each release; counts are always there.
#include "runtime/gil.h"

#include <cmath>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/thread_report.h"

namespace mini {
namespace {

Value text(Thread& t, std::string_view s) { return str_value(make_str(t, s)); }

const char* mode_name(GilMode mode) { return mode == GilMode::Fair ? "fair" : "classic"; }

Dict* stats_dict(Thread& t, const GilStats& stats) {
  Dict* d = make_dict(t);
  auto count = [&](const char* name, uint64_t n) { dict_set(t, d, intern(t, name), Value::of_int(static_cast<int64_t>(n))); };
  auto seconds = [&](const char* name, uint64_t ns) { dict_set(t, d, intern(t, name), Value::of_float(static_cast<double>(ns) / 1e9)); };
  count("takes", stats.takes);
  count("waits", stats.waits);
  count("forced_switches", stats.forced_switches);
  count("voluntary_switches", stats.voluntary_switches);
  seconds("wait_time", stats.wait_ns);
  seconds("hold_time", stats.hold_ns);
  seconds("longest_wait", stats.longest_wait_ns);
  // ((upper limit in seconds, count), ...) without the empty places.
  auto histogram = [&](const char* name, const GilHistogram& times) {
    List* rows = make_list(t);
    for (size_t i = 0; i < kGilBuckets; ++i) {
      if (times.counts[i] == 0) continue;
      double limit = i + 1 < kGilBuckets ? static_cast<double>(uint64_t{1} << i) * 1e-6 : HUGE_VAL;
      list_push(t, rows, Value::of_object(make_tuple(t, {Value::of_float(limit), Value::of_int(static_cast<int64_t>(times.counts[i]))})));
    }
    dict_set(t, d, intern(t, name), Value::of_object(rows));
  };
  histogram("wait_histogram", stats.wait_times);
  histogram("hold_histogram", stats.hold_times);
  return d;
}

Value gil_stats(Thread& t, Value*, size_t) {
  Gil& gil = *t.interpreter->gil;
  Dict* all = stats_dict(t, gil.stats());
  dict_set(t, all, intern(t, "mode"), text(t, mode_name(gil.mode())));
  dict_set(t, all, intern(t, "switch_interval"), Value::of_float(gil.switch_interval()));
  dict_set(t, all, intern(t, "holder"), Value::of_int(static_cast<int64_t>(t.id)));
  List* waiters = make_list(t);
  List* threads = make_list(t);
  for (const GilThreadStats& row : gil.thread_stats()) {
    Dict* d = stats_dict(t, row.stats);
    dict_set(t, d, intern(t, "thread"), Value::of_int(static_cast<int64_t>(row.thread_id)));
    dict_set(t, d, intern(t, "is_interactive"), Value::of_bool(row.is_interactive));
    list_push(t, threads, Value::of_object(d));
    if (row.is_waiting) list_push(t, waiters, Value::of_int(static_cast<int64_t>(row.thread_id)));
  }
  dict_set(t, all, intern(t, "waiters"), Value::of_object(waiters));
  dict_set(t, all, intern(t, "threads"), Value::of_object(threads));
  return Value::of_object(all);
}

Value gil_mode(Thread& t, Value*, size_t) { return text(t, mode_name(t.interpreter->gil->mode())); }

Value gil_set_mode(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "mode must be str, not {}", type_name(t, args[0]));
  bool is_fair = equals(as<Str>(args[0]), "fair");
  if (!is_fair && !equals(as<Str>(args[0]), "classic")) return raise(t, ErrorType::ValueError, "mode must be 'fair' or 'classic'");
  if (t.interpreter->threads->next_thread) return raise(t, ErrorType::RuntimeError, "the mode cannot change while other threads run");
  t.interpreter->gil->set_mode(is_fair ? GilMode::Fair : GilMode::Classic);
  return Value::none();
}

Value gil_report(Thread& t, Value*, size_t) { return text(t, thread_report(*t.interpreter, &t)); }

constexpr NativeRow gil_functions[] = {
    {"report", gil_report, "()", "What every thread does and waits for, with its stack, as text; SIGQUIT prints the same."},
    {"stats", gil_stats, "()", "Counts and times of the GIL, in all and for each thread."},
    {"mode", gil_mode, "()", "'fair' or 'classic'."},
    {"set_mode", gil_set_mode, "(mode, /)", "Changes the mode; only while there is one thread."},
};

Value gil_setup(Thread& t, Module*) {
  t.interpreter->gil->start_measuring();
  return Value::none();
}

}  // namespace

extern const NativeModule gil_module;
const NativeModule gil_module = {"gil", gil_functions, std::size(gil_functions), gil_setup, "What the global interpreter lock does."};

}  // namespace mini
