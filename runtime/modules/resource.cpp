// SPDX-License-Identifier: MIT
// resource: what the process and its children have used of the system, and the limits that the system sets.
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/struct_sequence.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

#define FIELD(index, name) {name, struct_field<index>, nullptr, ""}
constexpr AttributeRow usage_fields[] = {
    FIELD(0, "ru_utime"),   FIELD(1, "ru_stime"),  FIELD(2, "ru_maxrss"),  FIELD(3, "ru_ixrss"),  FIELD(4, "ru_idrss"),   FIELD(5, "ru_isrss"),
    FIELD(6, "ru_minflt"),  FIELD(7, "ru_majflt"), FIELD(8, "ru_nswap"),   FIELD(9, "ru_inblock"), FIELD(10, "ru_oublock"),
    FIELD(11, "ru_msgsnd"), FIELD(12, "ru_msgrcv"), FIELD(13, "ru_nsignals"), FIELD(14, "ru_nvcsw"), FIELD(15, "ru_nivcsw")};
#undef FIELD
const Layout usage_layout = {.name = "struct_rusage", .module = "resource", MINI_STRUCT_LAYOUT(usage_fields)};

struct Constant {
  const char* name;
  int64_t value;
};
constexpr Constant kConstants[] = {
#define ROW(name) {#name, static_cast<int64_t>(name)}
    ROW(RUSAGE_SELF), ROW(RUSAGE_CHILDREN), ROW(RLIMIT_AS), ROW(RLIMIT_CORE), ROW(RLIMIT_CPU), ROW(RLIMIT_DATA), ROW(RLIMIT_FSIZE),
    ROW(RLIMIT_MEMLOCK), ROW(RLIMIT_NOFILE), ROW(RLIMIT_NPROC), ROW(RLIMIT_RSS), ROW(RLIMIT_STACK),
#undef ROW
    {"RLIM_INFINITY", -1},
};

Value seconds(const timeval& v) { return Value::of_float(static_cast<double>(v.tv_sec) + static_cast<double>(v.tv_usec) * 1e-6); }

Value get_usage(Thread& t, Value* args, size_t) {
  int64_t who;
  if (!to_index(t, args[0], who)) return Value::raised();
  if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN) return raise_text(t, ErrorType::ValueError, "invalid who parameter");
  rusage u;
  if (getrusage(static_cast<int>(who), &u) != 0) return raise_os_error(t, errno);
  auto number = [](long v) { return Value::of_int(v); };
  return make_struct(t, usage_layout, {seconds(u.ru_utime), seconds(u.ru_stime), number(u.ru_maxrss), number(u.ru_ixrss), number(u.ru_idrss),
                                       number(u.ru_isrss), number(u.ru_minflt), number(u.ru_majflt), number(u.ru_nswap), number(u.ru_inblock),
                                       number(u.ru_oublock), number(u.ru_msgsnd), number(u.ru_msgrcv), number(u.ru_nsignals),
                                       number(u.ru_nvcsw), number(u.ru_nivcsw)});
}

// The number of a limit; false after raising.
bool limit_number(Thread& t, Value v, int& out) {
  int64_t number;
  if (!to_index(t, v, number)) return false;
  out = static_cast<int>(number);
  if (number >= 0 && number < RLIM_NLIMITS) return true;
  return (void)raise_text(t, ErrorType::ValueError, "invalid resource specified"), false;
}

Value get_limit(Thread& t, Value* args, size_t) {
  int which;
  rlimit limit;
  if (!limit_number(t, args[0], which)) return Value::raised();
  if (getrlimit(static_cast<__rlimit_resource_t>(which), &limit) != 0) return raise_os_error(t, errno);
  return Value::of_object(make_tuple(t, {Value::of_int(static_cast<int64_t>(limit.rlim_cur)), Value::of_int(static_cast<int64_t>(limit.rlim_max))}));
}

// A limit below what the process has reserved would let the next page of the native stack fail: what can be given back goes, and the
// stack gets its pages now.
__attribute__((noinline)) void prepare_for_less_space(Thread& t, size_t limit) {
  t.heap->fit_reservation(limit);
  auto here = static_cast<char*>(__builtin_frame_address(0));
  size_t below = static_cast<size_t>(here - t.native_stack_limit);
  auto pages = static_cast<volatile char*>(alloca(below));
  for (size_t at = below; at >= 4096; at -= 4096) pages[at - 4096] = 0;   // downwards, as a stack grows
}

Value set_limit(Thread& t, Value* args, size_t) {
  int which;
  if (!limit_number(t, args[0], which)) return Value::raised();
  Value given = TRY(to_tuple(t, args[1]));
  auto pair = as<Tuple>(given);
  if (pair->length != 2) return raise_text(t, ErrorType::ValueError, "expected a tuple of 2 integers");
  int64_t soft, hard;
  if (!to_index(t, pair->items[0], soft) || !to_index(t, pair->items[1], hard)) return Value::raised();
  if (which == RLIMIT_AS && soft >= 0) prepare_for_less_space(t, static_cast<size_t>(soft));
  rlimit limit = {static_cast<rlim_t>(soft), static_cast<rlim_t>(hard)};
  if (setrlimit(static_cast<__rlimit_resource_t>(which), &limit) == 0) return Value::none();
  if (errno == EINVAL) return raise_text(t, ErrorType::ValueError, "current limit exceeds maximum limit");
  if (errno == EPERM) return raise_text(t, ErrorType::ValueError, "not allowed to raise maximum limit");
  return raise_os_error(t, errno);
}

Value page_size(Thread&, Value*, size_t) { return Value::of_int(sysconf(_SC_PAGESIZE)); }

Value resource_setup(Thread& t, Module* m) {
  for (const Constant& constant : kConstants) module_set(t, m, constant.name, Value::of_int(constant.value));
  module_set(t, m, "error", Value::of_object(error_type(t, ErrorType::OSError)));
  module_add_type(t, m, usage_layout);
  return Value::none();
}

const NativeRow kFunctions[] = {
    {"getrusage", get_usage, "(who, /)", "What this process (RUSAGE_SELF) or its ended children (RUSAGE_CHILDREN) have used."},
    {"getrlimit", get_limit, "(resource, /)", "The soft and the hard limit of a resource."},
    {"setrlimit", set_limit, "(resource, limits, /)", "Set the soft and the hard limit of a resource."},
    {"getpagesize", page_size, "()", "The number of bytes in a page of memory."},
};

}  // namespace

extern const NativeModule resource_module;
const NativeModule resource_module = {"resource", kFunctions, std::size(kFunctions), resource_setup,
                                      "What the process has used of the system, and its limits."};

}  // namespace mini
