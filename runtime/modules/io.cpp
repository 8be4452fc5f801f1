// SPDX-License-Identifier: MIT
// io and _io: the names of the file types; the work is in runtime/objects/file*.cpp.
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/file.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

Value io_text_encoding(Thread& t, Value* args, size_t) {
  return args[0].is_none() ? str_value(make_str(t, "locale")) : args[0];
}

Value io_open_code(Thread& t, Value* args, size_t) {
  Value open_args[8] = {args[0], str_value(make_str(t, "rb"))};
  for (int i = 2; i < 8; ++i) open_args[i] = Value::empty();
  return file_open(t, open_args, 8);
}

// What few programs use is written in Mini.
Value io_getattr(Thread& t, Value* args, size_t) {
  bool is_name = is_kind(args[0], Kind::Str);
  if (is_name && (equals(as<Str>(args[0]), "BufferedRWPair") || equals(as<Str>(args[0]), "IncrementalNewlineDecoder")))
    return get_attribute(t, TRY(import_module(t, "_io_pairs")), as<Str>(args[0]));
  return raise(t, ErrorType::AttributeError, "module 'io' has no attribute '{}'", is_name ? to_utf8(as<Str>(args[0])) : "?");
}

constexpr NativeRow io_functions[] = {
    {"__getattr__", io_getattr, "(name, /)", "Parts of the module that are loaded when they are used."},
    {"open", file_open, "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
     "Opens a file."},
    {"open_code", io_open_code, "(path)", "Opens a file with program text."},
    {"text_encoding", io_text_encoding, "(encoding, stacklevel=2, /)", "The encoding, or 'locale' for None."},
};

Value io_setup(Thread& t, Module* m) {
  for (const Layout* layout : {&io_base_layout, &raw_io_base_layout, &buffered_io_base_layout, &text_io_base_layout, &file_io_layout,
                               &buffered_reader_layout, &buffered_writer_layout, &buffered_random_layout, &text_io_wrapper_layout,
                               &bytes_io_layout, &string_io_layout}) {
    module_add_type(t, m, *layout);
  }
  module_set(t, m, "UnsupportedOperation", Value::of_object(unsupported_operation_type(t)));
  module_set(t, m, "BlockingIOError", Value::of_object(error_type(t, ErrorType::BlockingIOError)));
  module_set(t, m, "DEFAULT_BUFFER_SIZE", Value::of_int(8192));
  module_set(t, m, "SEEK_SET", Value::of_int(0));
  module_set(t, m, "SEEK_CUR", Value::of_int(1));
  module_set(t, m, "SEEK_END", Value::of_int(2));
  return Value::none();
}

}  // namespace

extern const NativeModule io_module;
const NativeModule io_module = {"io", io_functions, std::size(io_functions), io_setup, "Files and streams."};
extern const NativeModule _io_module;
const NativeModule _io_module = {"_io", io_functions, std::size(io_functions), io_setup, "Files and streams."};

}  // namespace mini
