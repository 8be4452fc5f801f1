// SPDX-License-Identifier: MIT
// time. Every reading goes through the interpreter's Clock; sleeping parks the thread, so Ctrl-C ends it at once.
#include <time.h>

#include <cerrno>
#include <cmath>

#include "runtime/clock.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/struct_sequence.h"
#include "runtime/objects/type.h"
#include "runtime/parking.h"
#include "runtime/calls.h"

namespace mini {
namespace {

#define FIELD(index, name) {name, struct_field<index>, nullptr, ""}
constexpr AttributeRow time_fields[] = {FIELD(0, "tm_year"), FIELD(1, "tm_mon"), FIELD(2, "tm_mday"), FIELD(3, "tm_hour"),
                                        FIELD(4, "tm_min"), FIELD(5, "tm_sec"), FIELD(6, "tm_wday"), FIELD(7, "tm_yday"),
                                        FIELD(8, "tm_isdst"), FIELD(9, "tm_zone"), FIELD(10, "tm_gmtoff")};
constexpr AttributeRow info_fields[] = {FIELD(0, "implementation"), FIELD(1, "monotonic"), FIELD(2, "adjustable"), FIELD(3, "resolution")};
#undef FIELD

Value struct_time_new(Thread& t, Value* args, size_t);
Value struct_time_reduce(Thread& t, Value* args, size_t);
constexpr NativeRow struct_time_methods[] = {
    {"__new__", struct_time_new, "(cls, sequence, dict=None)", "From a sequence of 9 to 11 items.", Binding::Static},
    {"__reduce__", struct_time_reduce, "(self, /)", "For copying."},
};
const Layout struct_time_layout = {
    .name = "struct_time", .module = "time", .kind = Kind::Tuple, .size = sizeof(Tuple), .flags = 0, .base = &tuple_layout,
    .trace = struct_trace, .finalize = nullptr, .ops = {.repr = struct_repr},
    .methods = struct_time_methods, .method_count = std::size(struct_time_methods),
    .attributes = time_fields, .attribute_count = std::size(time_fields), .help = "A broken-down time."};
const Layout clock_info_layout = {.name = "clock_info", .module = "time", MINI_STRUCT_LAYOUT(info_fields)};

Value struct_time_new(Thread& t, Value* args, size_t) {
  if (!is_iterable(t, args[1])) return raise_text(t, ErrorType::TypeError, "constructor requires a sequence");
  Value items = TRY(to_tuple(t, args[1]));
  auto* s = as<Tuple>(items);
  if (!args[2].is_empty() && !args[2].is_none() && !is_kind(args[2], Kind::Dict))
    return raise_text(t, ErrorType::TypeError, "time.struct_time() takes a dict as second arg, if any");
  if (s->length < 9) return raise(t, ErrorType::TypeError, "time.struct_time() takes an at least 9-sequence ({}-sequence given)", s->length);
  if (s->length > 11) return raise(t, ErrorType::TypeError, "time.struct_time() takes an at most 11-sequence ({}-sequence given)", s->length);
  Value values[11];
  std::copy_n(s->items, s->length, values);
  for (size_t i = s->length; i < 11; ++i) {   // fields that are no items may come by name
    Value named = is_kind(args[2], Kind::Dict) ? dict_get(as<Dict>(args[2]), intern(t, time_fields[i].name)) : Value::empty();
    values[i] = named.is_empty() ? Value::none() : named;
  }
  return make_struct(t, struct_time_layout, values, 11, 9);
}

// (class, (the items, the fields behind them)).
Value struct_time_reduce(Thread& t, Value* args, size_t) {
  auto s = as<Tuple>(args[0]);
  Dict* named = make_dict(t);
  for (size_t i = 9; i < 11; ++i) dict_set(t, named, intern(t, time_fields[i].name), s->items[i]);
  Value arguments = Value::of_object(make_tuple(t, {Value::of_object(make_tuple(t, s->items, 9)), Value::of_object(named)}));
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(s)), arguments}));
}

Value seconds(int64_t ns) { return Value::of_float(static_cast<double>(ns) / 1e9); }
Clock& clock_of(Thread& t) { return *t.interpreter->clock; }

Value time_time(Thread& t, Value*, size_t) { return seconds(clock_of(t).wall_ns()); }
Value time_time_ns(Thread& t, Value*, size_t) { return Value::of_int(clock_of(t).wall_ns()); }
Value time_monotonic(Thread& t, Value*, size_t) { return seconds(clock_of(t).monotonic_ns()); }
Value time_monotonic_ns(Thread& t, Value*, size_t) { return Value::of_int(clock_of(t).monotonic_ns()); }
Value time_process_time(Thread& t, Value*, size_t) { return seconds(clock_of(t).process_cpu_ns()); }
Value time_process_time_ns(Thread& t, Value*, size_t) { return Value::of_int(clock_of(t).process_cpu_ns()); }
Value time_thread_time(Thread& t, Value*, size_t) { return seconds(clock_of(t).thread_cpu_ns()); }
Value time_thread_time_ns(Thread& t, Value*, size_t) { return Value::of_int(clock_of(t).thread_cpu_ns()); }

Value time_sleep(Thread& t, Value* args, size_t) {
  double wanted;
  if (is_integer(args[0])) {
    int64_t whole;
    if (!fits_int64(args[0], whole) || whole > INT64_MAX / 1000000000) {
      return raise(t, ErrorType::OverflowError, "timestamp too large to convert to C _PyTime_t");
    }
    wanted = static_cast<double>(whole);
  } else if (is_floating(args[0])) {
    wanted = float_value(args[0]);
    if (std::isnan(wanted)) return raise(t, ErrorType::ValueError, "Invalid value NaN (not a number)");
    if (wanted > 9.2e9) return raise(t, ErrorType::OverflowError, "timestamp too large to convert to C _PyTime_t");
  } else {
    int64_t whole;
    if (!to_index(t, args[0], whole)) return Value::raised();
    wanted = static_cast<double>(whole);
  }
  if (wanted < 0) return raise(t, ErrorType::ValueError, "sleep length must be non-negative");
  return sleep_until(t, deadline_after(t, wanted));
}

// Seconds since 1970 from an argument; now when absent.
bool timestamp(Thread& t, Value v, time_t& out) {
  if (v.is_empty() || v.is_none()) {
    out = static_cast<time_t>(clock_of(t).wall_ns() / 1000000000);
    return true;
  }
  if (is_floating(v)) {
    double d = float_value(v);
    if (std::isnan(d)) {
      (void)raise(t, ErrorType::ValueError, "Invalid value NaN (not a number)");
      return false;
    }
    if (std::fabs(d) > 9e18) {
      (void)raise(t, ErrorType::OverflowError, "timestamp out of range for platform time_t");
      return false;
    }
    out = static_cast<time_t>(std::floor(d));
    return true;
  }
  int64_t n;
  if (is_integer(v) && !fits_int64(v, n)) {
    (void)raise(t, ErrorType::OverflowError, "timestamp out of range for platform time_t");
    return false;
  }
  if (!to_index(t, v, n)) return false;
  out = n;
  return true;
}

Value make_time(Thread& t, const tm& parts) {
  auto n = [](int64_t i) { return Value::of_int(i); };
  Value values[11] = {n(parts.tm_year + int64_t{1900}), n(parts.tm_mon + 1), n(parts.tm_mday), n(parts.tm_hour), n(parts.tm_min),
                      n(parts.tm_sec), n((parts.tm_wday + 6) % 7), n(parts.tm_yday + 1), n(parts.tm_isdst),
                      str_value(make_str(t, parts.tm_zone ? parts.tm_zone : "UTC")), n(parts.tm_gmtoff)};
  return make_struct(t, struct_time_layout, values, 11, 9);
}

Value time_localtime(Thread& t, Value* args, size_t) {
  time_t when;
  tm parts;
  if (!timestamp(t, args[0], when)) return Value::raised();
  if (!localtime_r(&when, &parts)) return raise_os_error(t, errno);
  return make_time(t, parts);
}

Value time_gmtime(Thread& t, Value* args, size_t) {
  time_t when;
  tm parts;
  if (!timestamp(t, args[0], when)) return Value::raised();
  if (!gmtime_r(&when, &parts)) return raise_os_error(t, errno);
  return make_time(t, parts);
}

// The parts of a struct_time or a tuple of nine; those of now when absent. `function` names the caller for messages.
bool time_parts(Thread& t, Value v, tm& out, const char* function) {
  out = {};
  if (v.is_empty()) {
    time_t now = static_cast<time_t>(clock_of(t).wall_ns() / 1000000000);
    localtime_r(&now, &out);
    return true;
  }
  if (!is_kind(v, Kind::Tuple)) {
    (void)raise(t, ErrorType::TypeError, "Tuple or struct_time argument required");
    return false;
  }
  auto* s = as<Tuple>(v);
  if (s->length != 9) {
    (void)raise(t, ErrorType::TypeError, "{}(): illegal time tuple argument", function);
    return false;
  }
  int64_t n[9];
  for (int i = 0; i < 9; ++i) {
    if (!to_index(t, s->items[i], n[i])) return false;
    if (n[i] > INT32_MAX || n[i] < INT32_MIN) {
      (void)raise(t, ErrorType::OverflowError, "signed integer is {} than {}imum", n[i] > 0 ? "greater" : "less", n[i] > 0 ? "max" : "min");
      return false;
    }
  }
  out.tm_year = static_cast<int>(n[0] - 1900);
  out.tm_mon = static_cast<int>(n[1] - 1);
  out.tm_mday = static_cast<int>(n[2]);
  out.tm_hour = static_cast<int>(n[3]);
  out.tm_min = static_cast<int>(n[4]);
  out.tm_sec = static_cast<int>(n[5]);
  out.tm_wday = static_cast<int>((n[6] + 1) % 7);
  out.tm_yday = static_cast<int>(n[7] - 1);
  out.tm_isdst = static_cast<int>(n[8]);
  if (type_of(s) == native_type(t, struct_time_layout)) {
    int64_t offset;
    if (s->items[10].is_int() && fits_int64(s->items[10], offset)) out.tm_gmtoff = offset;
  }
  return true;
}

// The checks of CPython: zero counts as the first for month, day and day of the year.
bool check_parts(Thread& t, tm& parts) {
  const char* complaint = nullptr;
  if (parts.tm_mon == -1) parts.tm_mon = 0;
  else if (parts.tm_mon < 0 || parts.tm_mon > 11) complaint = "month out of range";
  if (parts.tm_mday == 0) parts.tm_mday = 1;
  else if (!complaint && (parts.tm_mday < 0 || parts.tm_mday > 31)) complaint = "day of month out of range";
  if (!complaint && (parts.tm_hour < 0 || parts.tm_hour > 23)) complaint = "hour out of range";
  if (!complaint && (parts.tm_min < 0 || parts.tm_min > 59)) complaint = "minute out of range";
  if (!complaint && (parts.tm_sec < 0 || parts.tm_sec > 61)) complaint = "seconds out of range";
  if (!complaint && parts.tm_wday < 0) complaint = "day of week out of range";
  if (parts.tm_yday == -1) parts.tm_yday = 0;
  else if (!complaint && (parts.tm_yday < 0 || parts.tm_yday > 365)) complaint = "day of year out of range";
  if (!complaint) return true;
  (void)raise_text(t, ErrorType::ValueError, complaint);
  return false;
}

Value time_mktime(Thread& t, Value* args, size_t) {
  tm parts;
  if (!time_parts(t, args[0], parts, "mktime")) return Value::raised();
  parts.tm_wday = -1;
  time_t when = mktime(&parts);
  if (when == -1 && parts.tm_wday == -1) return raise(t, ErrorType::OverflowError, "mktime argument out of range");
  return Value::of_float(static_cast<double>(when));
}

Value as_text(Thread& t, const tm& parts) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return str_value(make_str(t, fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}", kDays[parts.tm_wday], kMonths[parts.tm_mon], parts.tm_mday,
                                           parts.tm_hour, parts.tm_min, parts.tm_sec, parts.tm_year + 1900)));
}

Value time_asctime(Thread& t, Value* args, size_t) {
  tm parts;
  if (!time_parts(t, args[0], parts, "asctime") || !check_parts(t, parts)) return Value::raised();
  return as_text(t, parts);
}

Value time_ctime(Thread& t, Value* args, size_t) {
  time_t when;
  tm parts;
  if (!timestamp(t, args[0], when)) return Value::raised();
  if (!localtime_r(&when, &parts)) return raise_os_error(t, errno);
  return as_text(t, parts);
}

Value time_strftime(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "strftime() argument 1 must be str, not {}", argument_type_name(t, args[0]));
  tm parts;
  if (!time_parts(t, args[1], parts, "strftime") || !check_parts(t, parts)) return Value::raised();
  parts.tm_isdst = parts.tm_isdst < -1 ? -1 : parts.tm_isdst > 1 ? 1 : parts.tm_isdst;
  std::string zone;
  if (is_kind(args[1], Kind::Tuple) && type_of(args[1].object) == native_type(t, struct_time_layout)) {
    Value name = as<Tuple>(args[1])->items[9];
    if (is_kind(name, Kind::Str)) zone = to_utf8(as<Str>(name));
  }
  if (zone.empty()) {
    tzset();
    zone = tzname[parts.tm_isdst > 0];
  }
  parts.tm_zone = zone.c_str();
  std::string format = to_utf8(as<Str>(args[0]));
  if (format.empty()) return str_value(t.interpreter->empty_str);
  // strftime cannot tell "no room" from "no text": a guard character makes the text never empty.
  format += '!';
  std::string out(256 + format.size() * 8, '\0');
  size_t length = 0;
  while ((length = strftime(out.data(), out.size(), format.c_str(), &parts)) == 0 && out.size() < (1 << 24)) out.resize(out.size() * 4);
  return str_value(make_str(t, std::string_view(out.data(), length ? length - 1 : 0)));
}

Value time_strptime(Thread& t, Value* args, size_t) {
  Value module = TRY(import_module(t, "_strptime"));
  Value function = TRY(get_attribute(t, module, "parse"));
  Value format = args[1].is_empty() ? str_value(make_str(t, "%a %b %d %H:%M:%S %Y")) : args[1];
  Value parts = TRY(call(t, function, {args[0], format}));
  Value new_args[3] = {Value::none(), parts, Value::empty()};
  return struct_time_new(t, new_args, 3);
}

Value time_get_clock_info(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "get_clock_info() argument 1 must be str, not {}", argument_type_name(t, args[0]));
  std::string name = to_utf8(as<Str>(args[0]));
  struct Info { const char *name, *implementation; bool is_monotonic, is_adjustable; };
  constexpr Info kInfos[] = {{"time", "clock_gettime(CLOCK_REALTIME)", false, true},
                             {"monotonic", "clock_gettime(CLOCK_MONOTONIC)", true, false},
                             {"perf_counter", "clock_gettime(CLOCK_MONOTONIC)", true, false},
                             {"process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", true, false},
                             {"thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", true, false}};
  for (const Info& info : kInfos) {
    if (name != info.name) continue;
    return make_struct(t, clock_info_layout, {str_value(make_str(t, info.implementation)), Value::of_bool(info.is_monotonic),
                                              Value::of_bool(info.is_adjustable), Value::of_float(1e-9)});
  }
  return raise(t, ErrorType::ValueError, "unknown clock");
}

bool clock_argument(Thread& t, Value v, clockid_t& out) {
  int64_t id;
  if (!to_index(t, v, id)) return false;
  out = static_cast<clockid_t>(id);
  return true;
}

Value time_clock_gettime_ns(Thread& t, Value* args, size_t) {
  clockid_t id;
  if (!clock_argument(t, args[0], id)) return Value::raised();
  switch (id) {
    case CLOCK_REALTIME: return Value::of_int(clock_of(t).wall_ns());
    case CLOCK_PROCESS_CPUTIME_ID: return Value::of_int(clock_of(t).process_cpu_ns());
    case CLOCK_THREAD_CPUTIME_ID: return Value::of_int(clock_of(t).thread_cpu_ns());
    case CLOCK_MONOTONIC: return Value::of_int(clock_of(t).monotonic_ns());
    default: return raise_os_error(t, EINVAL);
  }
}

Value time_clock_gettime(Thread& t, Value* args, size_t argc) {
  Value ns = TRY(time_clock_gettime_ns(t, args, argc));
  return seconds(ns.integer);
}

void set_zone(Thread& t, Module* m) {
  tzset();
  module_set(t, m, "timezone", Value::of_int(timezone));
  module_set(t, m, "altzone", Value::of_int(daylight ? timezone - 3600 : timezone));
  module_set(t, m, "daylight", Value::of_int(daylight));
  module_set(t, m, "tzname", Value::of_object(make_tuple(t, {str_value(make_str(t, tzname[0])), str_value(make_str(t, tzname[1]))})));
}

Value time_tzset(Thread& t, Value*, size_t) {
  Value module = dict_get(t.interpreter->modules, intern(t, "time"));
  if (is_kind(module, Kind::Module)) set_zone(t, as<Module>(module));
  return Value::none();
}

constexpr NativeRow time_functions[] = {
    {"time", time_time, "()", "Seconds since 1970."},
    {"time_ns", time_time_ns, "()", "Nanoseconds since 1970."},
    {"monotonic", time_monotonic, "()", "Seconds of a clock that never goes back."},
    {"monotonic_ns", time_monotonic_ns, "()", "Nanoseconds of that clock."},
    {"perf_counter", time_monotonic, "()", "Seconds, for measuring."},
    {"perf_counter_ns", time_monotonic_ns, "()", "Nanoseconds, for measuring."},
    {"process_time", time_process_time, "()", "Processor time of the process in seconds."},
    {"process_time_ns", time_process_time_ns, "()", "Processor time of the process in nanoseconds."},
    {"thread_time", time_thread_time, "()", "Processor time of this thread in seconds."},
    {"thread_time_ns", time_thread_time_ns, "()", "Processor time of this thread in nanoseconds."},
    {"sleep", time_sleep, "(seconds, /)", "Waits; other threads run meanwhile."},
    {"localtime", time_localtime, "(seconds=None, /)", "Local time as parts."},
    {"gmtime", time_gmtime, "(seconds=None, /)", "UTC as parts."},
    {"mktime", time_mktime, "(tuple, /)", "Seconds since 1970 from parts of local time."},
    {"asctime", time_asctime, "(tuple=None, /)", "Parts as 'Sat Jun 06 16:26:11 1998'."},
    {"ctime", time_ctime, "(seconds=None, /)", "Seconds as such a text."},
    {"strftime", time_strftime, "(format, tuple=None, /)", "Parts as text."},
    {"strptime", time_strptime, "(string, format='%a %b %d %H:%M:%S %Y', /)", "Text as parts."},
    {"get_clock_info", time_get_clock_info, "(name, /)", "Facts about a clock."},
    {"clock_gettime", time_clock_gettime, "(clk_id, /)", "Seconds of a clock."},
    {"clock_gettime_ns", time_clock_gettime_ns, "(clk_id, /)", "Nanoseconds of a clock."},
    {"tzset", time_tzset, "()", "Reads the time zone from the environment again."},
};

Value time_setup(Thread& t, Module* m) {
  Type* struct_time = module_add_type(t, m, struct_time_layout);
  auto count = [&](const char* name, int64_t n) { dict_set(t, struct_time->attributes, intern(t, name), Value::of_int(n)); };
  count("n_fields", 11);
  count("n_sequence_fields", 9);
  count("n_unnamed_fields", 0);
  set_zone(t, m);
  module_set(t, m, "_STRUCT_TM_ITEMS", Value::of_int(11));
  module_set(t, m, "CLOCK_REALTIME", Value::of_int(CLOCK_REALTIME));
  module_set(t, m, "CLOCK_MONOTONIC", Value::of_int(CLOCK_MONOTONIC));
  module_set(t, m, "CLOCK_PROCESS_CPUTIME_ID", Value::of_int(CLOCK_PROCESS_CPUTIME_ID));
  module_set(t, m, "CLOCK_THREAD_CPUTIME_ID", Value::of_int(CLOCK_THREAD_CPUTIME_ID));
  return Value::none();
}

}  // namespace

extern const NativeModule time_module;
const NativeModule time_module = {"time", time_functions, std::size(time_functions), time_setup, "Clocks, sleeping, dates."};

}  // namespace mini
