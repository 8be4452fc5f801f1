// SPDX-License-Identifier: MIT
// posix: processes, users, the machine, the environment.
#include <sched.h>
#include <signal.h>
#include <sys/times.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "runtime/exec/interpreter_family.h"
#include "runtime/modules/posix_calls.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/file.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/struct_sequence.h"
#include "runtime/objects/type.h"

extern char** environ;

namespace mini {

bool string_list(Thread& t, Value v, std::vector<std::string>& out) {
  for (Iteration it(t, v);;) {
    Value item = it.next();
    if (item.is_raised()) return false;
    if (item.is_empty()) return true;
    out.emplace_back();
    if (!fs_path(t, item, out.back())) return false;
  }
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (std::string& s : strings) out.push_back(s.data());
  out.push_back(nullptr);
  return out;
}
namespace {

#define FIELD(index, name) {name, struct_field<index>, nullptr, ""}
constexpr AttributeRow times_fields[] = {FIELD(0, "user"), FIELD(1, "system"), FIELD(2, "children_user"), FIELD(3, "children_system"),
                                         FIELD(4, "elapsed")};
constexpr AttributeRow uname_fields[] = {FIELD(0, "sysname"), FIELD(1, "nodename"), FIELD(2, "release"), FIELD(3, "version"),
                                         FIELD(4, "machine")};
constexpr AttributeRow statvfs_fields[] = {FIELD(0, "f_bsize"), FIELD(1, "f_frsize"), FIELD(2, "f_blocks"), FIELD(3, "f_bfree"),
                                           FIELD(4, "f_bavail"), FIELD(5, "f_files"), FIELD(6, "f_ffree"), FIELD(7, "f_favail"),
                                           FIELD(8, "f_flag"), FIELD(9, "f_namemax")};
#undef FIELD
const Layout statvfs_layout = {.name = "statvfs_result", .module = "os", MINI_STRUCT_LAYOUT(statvfs_fields)};
const Layout times_layout = {.name = "times_result", .module = "posix", MINI_STRUCT_LAYOUT(times_fields)};
const Layout uname_layout = {.name = "uname_result", .module = "posix", MINI_STRUCT_LAYOUT(uname_fields)};

Value number(int64_t n) { return Value::of_int(n); }
Value text(Thread& t, std::string_view s) { return str_value(make_str(t, s)); }

Value posix_getpid(Thread&, Value*, size_t) { return number(getpid()); }
Value posix_getppid(Thread&, Value*, size_t) { return number(getppid()); }
Value posix_getuid(Thread&, Value*, size_t) { return number(getuid()); }
Value posix_geteuid(Thread&, Value*, size_t) { return number(geteuid()); }
Value posix_getgid(Thread&, Value*, size_t) { return number(getgid()); }
Value posix_getegid(Thread&, Value*, size_t) { return number(getegid()); }
Value posix_getpgrp(Thread&, Value*, size_t) { return number(getpgrp()); }

Value posix_getpgid(Thread& t, Value* args, size_t) {
  int pid;
  if (!int_argument(t, args[0], pid)) return Value::raised();
  pid_t group = getpgid(pid);
  return group < 0 ? raise_os_error(t, errno) : number(group);
}

Value posix_setsid(Thread& t, Value*, size_t) { return setsid() < 0 ? raise_os_error(t, errno) : Value::none(); }

Value posix_kill(Thread& t, Value* args, size_t) {
  int pid, signal_number;
  if (!int_argument(t, args[0], pid) || !int_argument(t, args[1], signal_number)) return Value::raised();
  if (kill(pid, signal_number) < 0) return raise_os_error(t, errno);
  // A signal to oneself is handled before kill() returns, as in CPython.
  return t.poll().is_raised() ? Value::raised() : Value::none();
}

}  // namespace

// Why this process must not be copied, or an empty text.
std::string why_no_fork(Thread& t) {
  const Interpreter& i = *t.interpreter;
  size_t count = 0;
  for (Thread* other = i.threads; other; other = other->next_thread) ++count;
  if (count > 1) return fmt::format("{} threads run, and the copy would keep locks that nobody will ever release; start a new process instead", count);
  if (i.family && i.family->members.size() > 1) return "there are several interpreters, and the copy would have threads in none but this one";
  return "";
}

void after_fork(Thread& t) {
  t.native_thread_id = static_cast<uint64_t>(syscall(SYS_gettid));
  t.interpreter->gil->after_fork();
}

namespace {

Value posix_fork(Thread& t, Value*, size_t) {
  if (std::string why = why_no_fork(t); !why.empty()) return raise(t, ErrorType::RuntimeError, "cannot fork: {}", why);
  pid_t pid = fork();
  if (pid < 0) return raise_os_error(t, errno);
  if (pid == 0) after_fork(t);
  return number(pid);
}

Value posix_killpg(Thread& t, Value* args, size_t) {
  int group, signal_number;
  if (!int_argument(t, args[0], group) || !int_argument(t, args[1], signal_number)) return Value::raised();
  if (killpg(group, signal_number) < 0) return raise_os_error(t, errno);
  return t.poll().is_raised() ? Value::raised() : Value::none();
}

Value posix_exit(Thread& t, Value* args, size_t) {
  int status;
  if (!int_argument(t, args[0], status)) return Value::raised();
  _exit(status);
}

Value posix_abort(Thread&, Value*, size_t) { abort(); }

Value posix_system(Thread& t, Value* args, size_t) {
  std::string command;
  if (!fs_path(t, args[0], command)) return Value::raised();
  int status;
  flush_regular_files(*t.interpreter);
  {
    ReleaseGil released(t, BlockReason::Process);
    status = system(command.c_str());
  }
  return number(status);
}

Value posix_waitpid(Thread& t, Value* args, size_t) {
  int pid, options, status = 0, error;
  if (!int_argument(t, args[0], pid) || !int_argument(t, args[1], options)) return Value::raised();
  int64_t child = outside_gil(t, BlockReason::Process, error, [&] { return waitpid(pid, &status, options); });
  if (child == -2) return Value::raised();
  if (child < 0) return raise_os_error(t, error);
  return Value::of_object(make_tuple(t, {number(child), number(status)}));
}

Value posix_wait(Thread& t, Value*, size_t) {
  Value wait_args[2] = {number(-1), number(0)};
  return posix_waitpid(t, wait_args, 2);
}

template <int which>
Value posix_wait_status(Thread& t, Value* args, size_t) {
  int status;
  if (!int_argument(t, args[0], status)) return Value::raised();
  switch (which) {
    case 0: return Value::of_bool(WIFEXITED(status));
    case 1: return number(WEXITSTATUS(status));
    case 2: return Value::of_bool(WIFSIGNALED(status));
    case 3: return number(WTERMSIG(status));
    case 4: return Value::of_bool(WIFSTOPPED(status));
    case 5: return number(WSTOPSIG(status));
    default: return Value::of_bool(WCOREDUMP(status));
  }
}

Value posix_waitstatus_to_exitcode(Thread& t, Value* args, size_t) {
  int status;
  if (!int_argument(t, args[0], status)) return Value::raised();
  if (WIFEXITED(status)) return number(WEXITSTATUS(status));
  if (WIFSIGNALED(status)) return number(-WTERMSIG(status));
  if (WIFSTOPPED(status)) return raise(t, ErrorType::ValueError, "process stopped by delivery of signal {}", WSTOPSIG(status));
  return raise(t, ErrorType::ValueError, "invalid wait status: {}", status);
}

Value posix_execv(Thread& t, Value* args, size_t) {
  PathArgument path;
  std::vector<std::string> strings;
  if (!path_argument(t, args[0], "execv", path) || !string_list(t, args[1], strings)) return Value::raised();
  if (strings.empty()) return raise(t, ErrorType::ValueError, "execv() arg 2 must not be empty");
  flush_open_files(*t.interpreter);
  execv(path.path.c_str(), pointers(strings).data());
  return raise_os_error(t, errno);
}

Value posix_execve(Thread& t, Value* args, size_t) {
  PathArgument path;
  std::vector<std::string> strings, variables;
  if (!path_argument(t, args[0], "execve", path) || !string_list(t, args[1], strings)) return Value::raised();
  if (strings.empty()) return raise(t, ErrorType::ValueError, "execve: argv must not be empty");
  for (Iteration it(t, args[2]);;) {
    Value key = TRY(it.next());
    if (key.is_empty()) break;
    std::string name, value;
    if (!fs_path(t, key, name) || !fs_path(t, TRY(get_item(t, args[2], key)), value)) return Value::raised();
    variables.push_back(name + "=" + value);
  }
  flush_open_files(*t.interpreter);
  execve(path.path.c_str(), pointers(strings).data(), pointers(variables).data());
  return raise_os_error(t, errno);
}

// --- The machine ---

Value posix_cpu_count(Thread&, Value*, size_t) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? Value::none() : number(count);
}

Value posix_sched_getaffinity(Thread& t, Value* args, size_t) {
  int pid;
  cpu_set_t mask;
  if (!int_argument(t, args[0], pid)) return Value::raised();
  if (sched_getaffinity(pid, sizeof mask, &mask) < 0) return raise_os_error(t, errno);
  Set* set = make_set(t);
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &mask)) TRY(set_add_item(t, set, number(i)));
  }
  return Value::of_object(set);
}

Value posix_sched_setaffinity(Thread& t, Value* args, size_t) {
  int pid, cpu;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (!int_argument(t, args[0], pid)) return Value::raised();
  for (Iteration it(t, args[1]);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) break;
    if (!int_argument(t, item, cpu)) return Value::raised();
    if (cpu < 0) return raise(t, ErrorType::ValueError, "negative CPU number");
    if (cpu < CPU_SETSIZE) CPU_SET(cpu, &mask);
  }
  return sched_setaffinity(pid, sizeof mask, &mask) < 0 ? raise_os_error(t, errno) : Value::none();
}

Value posix_sched_yield(Thread& t, Value*, size_t) {
  ReleaseGil released(t, BlockReason::Native);
  sched_yield();
  return Value::none();
}

Value posix_nice(Thread& t, Value* args, size_t) {
  int increment;
  if (!int_argument(t, args[0], increment)) return Value::raised();
  errno = 0;
  int priority = nice(increment);
  return priority == -1 && errno ? raise_os_error(t, errno) : number(priority);
}

Value posix_getloadavg(Thread& t, Value*, size_t) {
  double load[3];
  if (getloadavg(load, 3) != 3) return raise(t, ErrorType::OSError, "Load averages are unobtainable");
  return Value::of_object(make_tuple(t, {Value::of_float(load[0]), Value::of_float(load[1]), Value::of_float(load[2])}));
}

Value posix_times(Thread& t, Value*, size_t) {
  tms parts;
  clock_t elapsed = times(&parts);
  auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  auto seconds = [&](clock_t c) { return Value::of_float(static_cast<double>(c) / ticks); };
  return make_struct(t, times_layout, {seconds(parts.tms_utime), seconds(parts.tms_stime), seconds(parts.tms_cutime), seconds(parts.tms_cstime),
                                       seconds(elapsed)});
}

Value posix_uname(Thread& t, Value*, size_t) {
  utsname names;
  if (uname(&names) < 0) return raise_os_error(t, errno);
  return make_struct(t, uname_layout, {text(t, names.sysname), text(t, names.nodename), text(t, names.release), text(t, names.version),
                                       text(t, names.machine)});
}

// Through the interpreter's source of chance, so that --seed repeats it.
Value posix_urandom(Thread& t, Value* args, size_t) {
  int64_t count;
  if (!to_index(t, args[0], count)) return Value::raised();
  if (count < 0) return raise(t, ErrorType::ValueError, "negative argument not allowed");
  if (!t.heap->can_allocate(static_cast<size_t>(count))) return raise_memory(t);
  Bytes* bytes = make_bytes(t, nullptr, static_cast<size_t>(count));
  t.interpreter->random->fill(bytes->data, bytes->length);
  return Value::of_object(bytes);
}

Value posix_strerror(Thread& t, Value* args, size_t) {
  int code;
  return int_argument(t, args[0], code) ? text(t, strerror(code)) : Value::raised();
}

Value posix_sysconf(Thread& t, Value* args, size_t) {
  struct Name { const char* name; int value; };
  constexpr Name kNames[] = {{"SC_PAGE_SIZE", _SC_PAGE_SIZE}, {"SC_PAGESIZE", _SC_PAGESIZE}, {"SC_NPROCESSORS_ONLN", _SC_NPROCESSORS_ONLN},
                             {"SC_NPROCESSORS_CONF", _SC_NPROCESSORS_CONF}, {"SC_PHYS_PAGES", _SC_PHYS_PAGES},
                             {"SC_AVPHYS_PAGES", _SC_AVPHYS_PAGES}, {"SC_CLK_TCK", _SC_CLK_TCK}, {"SC_OPEN_MAX", _SC_OPEN_MAX},
                             {"SC_ARG_MAX", _SC_ARG_MAX}};
  int which = -1;
  if (is_kind(args[0], Kind::Str)) {
    for (const Name& row : kNames) {
      if (equals(as<Str>(args[0]), row.name)) which = row.value;
    }
    if (which < 0) return raise(t, ErrorType::ValueError, "unrecognized configuration name");
  } else if (!int_argument(t, args[0], which)) {
    return Value::raised();
  }
  errno = 0;
  long value = sysconf(which);
  return value == -1 && errno ? raise_os_error(t, errno) : number(value);
}

Value posix_confstr(Thread& t, Value* args, size_t) {
  struct Name { const char* name; int value; };
  constexpr Name kNames[] = {{"CS_PATH", _CS_PATH}, {"CS_GNU_LIBC_VERSION", _CS_GNU_LIBC_VERSION},
                             {"CS_GNU_LIBPTHREAD_VERSION", _CS_GNU_LIBPTHREAD_VERSION}};
  int which = -1;
  if (is_kind(args[0], Kind::Str)) {
    for (const Name& row : kNames) {
      if (equals(as<Str>(args[0]), row.name)) which = row.value;
    }
    if (which < 0) return raise(t, ErrorType::ValueError, "unrecognized configuration name");
  } else if (!int_argument(t, args[0], which)) {
    return Value::raised();
  }
  errno = 0;
  size_t length = confstr(which, nullptr, 0);
  if (length == 0) return errno ? raise_os_error(t, errno) : Value::none();
  std::string found(length, '\0');
  confstr(which, found.data(), length);
  found.resize(length - 1);
  return text(t, found);
}

Value posix_statvfs(Thread& t, Value* args, size_t) {
  PathArgument p;
  if (!path_argument(t, args[0], "statvfs", p, true)) return Value::raised();
  struct statvfs info;
  int error;
  int64_t result = outside_gil(t, BlockReason::FileIo, error, [&] {
    return p.is_descriptor() ? fstatvfs(p.descriptor, &info) : statvfs(p.path.c_str(), &info);
  });
  if (result < 0) return result == -2 ? Value::raised() : raise_for_path(t, error, p);
  auto count = [](auto n) { return number(static_cast<int64_t>(n)); };
  return make_struct(t, statvfs_layout, {count(info.f_bsize), count(info.f_frsize), count(info.f_blocks), count(info.f_bfree),
                                         count(info.f_bavail), count(info.f_files), count(info.f_ffree), count(info.f_favail),
                                         count(info.f_flag), count(info.f_namemax)});
}

Value posix_chown(Thread& t, Value* args, size_t) {
  PathArgument p;
  int user, group;
  if (!path_argument(t, args[0], "chown", p, true) || !int_argument(t, args[1], user) || !int_argument(t, args[2], group)) {
    return Value::raised();
  }
  int error;
  int64_t result = outside_gil(t, BlockReason::FileIo, error, [&] {
    auto uid = static_cast<uid_t>(user);
    auto gid = static_cast<gid_t>(group);
    return p.is_descriptor() ? fchown(p.descriptor, uid, gid) : chown(p.path.c_str(), uid, gid);
  });
  if (result < 0) return result == -2 ? Value::raised() : raise_for_path(t, error, p);
  return Value::none();
}

// --- The environment ---

// Other threads may read it in getenv of a library: the system offers nothing better.
Value posix_putenv(Thread& t, Value* args, size_t) {
  std::string name, value;
  if (!fs_path(t, args[0], name) || !fs_path(t, args[1], value)) return Value::raised();
  if (name.empty() || name.find('=') != std::string::npos) return raise(t, ErrorType::ValueError, "illegal environment variable name");
  return setenv(name.c_str(), value.c_str(), 1) < 0 ? raise_os_error(t, errno) : Value::none();
}

Value posix_unsetenv(Thread& t, Value* args, size_t) {
  std::string name;
  if (!fs_path(t, args[0], name)) return Value::raised();
  return unsetenv(name.c_str()) < 0 ? raise_os_error(t, errno) : Value::none();
}

constexpr NativeRow kRows[] = {
    {"getpid", posix_getpid, "()", "Number of this process."},
    {"getppid", posix_getppid, "()", "Number of the parent process."},
    {"getuid", posix_getuid, "()", "Number of the user."},
    {"geteuid", posix_geteuid, "()", "Number of the effective user."},
    {"getgid", posix_getgid, "()", "Number of the group."},
    {"getegid", posix_getegid, "()", "Number of the effective group."},
    {"getpgrp", posix_getpgrp, "()", "Number of the process group."},
    {"getpgid", posix_getpgid, "(pid)", "Process group of a process."},
    {"setsid", posix_setsid, "()", "Begins a new session."},
    {"kill", posix_kill, "(pid, signal, /)", "Sends a signal to a process."},
    {"killpg", posix_killpg, "(pgid, signal, /)", "Sends a signal to a process group."},
    {"_exit", posix_exit, "(status)", "Ends the process at once."},
    {"abort", posix_abort, "()", "Ends the process with SIGABRT."},
    {"system", posix_system, "(command)", "Runs a command in a shell and gives its wait status."},
    {"waitpid", posix_waitpid, "(pid, options, /)", "Waits for a child: (pid, status)."},
    {"wait", posix_wait, "()", "Waits for any child: (pid, status)."},
    {"WIFEXITED", posix_wait_status<0>, "(status)", "Did it exit?"},
    {"WEXITSTATUS", posix_wait_status<1>, "(status)", "Its exit status."},
    {"WIFSIGNALED", posix_wait_status<2>, "(status)", "Did a signal end it?"},
    {"WTERMSIG", posix_wait_status<3>, "(status)", "The signal that ended it."},
    {"WIFSTOPPED", posix_wait_status<4>, "(status)", "Is it stopped?"},
    {"WSTOPSIG", posix_wait_status<5>, "(status)", "The signal that stopped it."},
    {"WCOREDUMP", posix_wait_status<6>, "(status, /)", "Did it leave a core file?"},
    {"waitstatus_to_exitcode", posix_waitstatus_to_exitcode, "(status)", "Exit status, or minus the signal."},
    {"fork", posix_fork, "()", "Copies this process, while one thread runs: 0 in the copy, the copy's pid here."},
    {"execv", posix_execv, "(path, argv, /)", "Becomes another program."},
    {"execve", posix_execve, "(path, argv, env)", "Becomes another program with this environment."},
    {"cpu_count", posix_cpu_count, "()", "Number of processors."},
    {"sched_getaffinity", posix_sched_getaffinity, "(pid, /)", "Processors that a process may use."},
    {"sched_setaffinity", posix_sched_setaffinity, "(pid, mask, /)", "Sets the processors that a process may use."},
    {"sched_yield", posix_sched_yield, "()", "Lets others run."},
    {"nice", posix_nice, "(increment, /)", "Changes the priority and gives the new one."},
    {"getloadavg", posix_getloadavg, "()", "Load of the last 1, 5 and 15 minutes."},
    {"times", posix_times, "()", "Processor times of this process."},
    {"uname", posix_uname, "()", "Names of the system."},
    {"urandom", posix_urandom, "(size, /)", "Random bytes."},
    {"getrandom", posix_urandom, "(size, flags=0)", "Random bytes."},
    {"strerror", posix_strerror, "(code, /)", "Text of an error number."},
    {"sysconf", posix_sysconf, "(name, /)", "A limit of the system."},
    {"confstr", posix_confstr, "(name, /)", "A text that describes the system."},
    {"statvfs", posix_statvfs, "(path)", "Size and free space of a file system."},
    {"chown", posix_chown, "(path, uid, gid)", "Changes owner and group."},
    {"putenv", posix_putenv, "(name, value, /)", "Sets an environment variable."},
    {"unsetenv", posix_unsetenv, "(name, /)", "Removes an environment variable."},
};

}  // namespace

std::span<const NativeRow> posix_process_rows() { return kRows; }

Value add_posix_process_names(Thread& t, Module* m) {
  Dict* variables = make_dict(t);
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view row = *entry;
    size_t equals_at = row.find('=', 1);
    if (equals_at == std::string_view::npos) continue;
    Value name = fs_name(t, row.substr(0, equals_at));
    if (TRY(dict_get_item(t, variables, name)).is_empty()) TRY(dict_set_item(t, variables, name, fs_name(t, row.substr(equals_at + 1))));
  }
  module_set(t, m, "environ", Value::of_object(variables));
  struct Number { const char* name; int value; };
  constexpr Number kNumbers[] = {{"WNOHANG", WNOHANG}, {"WUNTRACED", WUNTRACED}, {"WCONTINUED", WCONTINUED}, {"EX_OK", 0}, {"EX_USAGE", 64},
                                 {"EX_SOFTWARE", 70}, {"EX_NOINPUT", 66}, {"P_PID", 1}, {"P_ALL", 0}};
  for (const Number& row : kNumbers) module_set(t, m, row.name, number(row.value));
  module_add_type(t, m, times_layout);
  module_add_type(t, m, uname_layout);
  module_add_type(t, m, statvfs_layout);
  return Value::none();
}

}  // namespace mini
