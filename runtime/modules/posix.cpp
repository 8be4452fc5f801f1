// SPDX-License-Identifier: MIT
// posix: the system calls behind os. Files and folders are in posix_files.cpp, processes and the machine in posix_process.cpp; this file
// has the module and what both share.
#include "runtime/calls.h"
#include "runtime/modules/posix_calls.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"

#include <cstring>

namespace mini {

bool path_argument(Thread& t, Value v, const char* function, PathArgument& out, bool allows_descriptor, const char* parameter) {
  out.value = v;
  if (allows_descriptor && is_integer(v)) return int_argument(t, v, out.descriptor);
  std::string what = fmt::format("{}: {} should be string, bytes{}", function, parameter,
                                 !allows_descriptor              ? " or os.PathLike"
                                 : std::strstr(function, "dir") == nullptr || std::strcmp(function, "chdir") == 0
                                     ? ", os.PathLike or integer"
                                     : ", os.PathLike, integer or None");
  if (!fs_path(t, v, out.path, &out.is_bytes, what.c_str())) return false;
  // Messages show the text of a path object.
  if (!is_kind(v, Kind::Str) && !is_kind(v, Kind::Bytes) && !v.is_none()) {
    out.value = out.is_bytes ? Value::of_object(make_bytes(t, out.path.data(), out.path.size())) : str_value(make_str(t, out.path));
  }
  return true;
}

bool int_argument(Thread& t, Value v, int& out) {
  int64_t n;
  if (!is_integer(v) && is_floating(v)) {
    (void)raise(t, ErrorType::TypeError, "'float' object cannot be interpreted as an integer");
    return false;
  }
  Value whole = to_integer(t, v);
  if (whole.is_raised()) return false;
  if (!fits_int64(whole, n)) {
    (void)raise(t, ErrorType::OverflowError, "Python int too large to convert to C int");
    return false;
  }
  if (n > INT32_MAX || n < INT32_MIN) {
    (void)raise_text(t, ErrorType::OverflowError, n > 0 ? "signed integer is greater than maximum" : "signed integer is less than minimum");
    return false;
  }
  out = static_cast<int>(n);
  return true;
}

namespace {

Value raise_with(Thread& t, std::initializer_list<Value> arguments) {
  return raise_value(t, TRY(call(t, Value::of_object(error_type(t, ErrorType::OSError)), arguments)));
}

}  // namespace

Value raise_for_path(Thread& t, int error, const PathArgument& path) {
  return raise_with(t, {Value::of_int(error), str_value(make_str(t, std::strerror(error))), path.value});
}

Value raise_for_paths(Thread& t, int error, const PathArgument& from, const PathArgument& to) {
  return raise_with(t, {Value::of_int(error), str_value(make_str(t, std::strerror(error))), from.value, Value::none(), to.value});
}

namespace {

void add_rows(Thread& t, Module* m, std::span<const NativeRow> rows) {
  Value module = str_value(m->name);
  for (const NativeRow& row : rows) module_set(t, m, row.name, Value::of_object(make_native_function(t, row, nullptr, module)));
}

Value posix_setup(Thread& t, Module* m) {
  add_rows(t, m, posix_file_rows());
  add_rows(t, m, posix_process_rows());
  module_set(t, m, "error", Value::of_object(error_type(t, ErrorType::OSError)));
  TRY(add_posix_file_names(t, m));
  return add_posix_process_names(t, m);
}

}  // namespace

extern const NativeModule posix_module;
const NativeModule posix_module = {"posix", nullptr, 0, posix_setup, "System calls; use os."};

}  // namespace mini
