// SPDX-License-Identifier: MIT
// Built-in functions about text: ascii chr format input ord print repr.
//
// print() gives one piece of text to a file that the interpreter provides, and piece by piece to a file-like object of a script
// (as CPython does: such an object may count or inspect the calls).
#include <vector>

#include <fmt/format.h>

#include "runtime/builtins/builtins.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/file.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Value standard_output(Thread& t) {
  Value file = t.interpreter->sys ? dict_get(t.interpreter->sys->namespace_, names(t).stdout) : Value::empty();
  return file.is_empty() ? raise_text(t, ErrorType::RuntimeError, "lost sys.stdout") : file;
}

Value write_utf8(Thread& t, Value file, std::string_view utf8) { return write_text(t, file, make_str(t, utf8)); }

namespace {

bool append_str(Thread& t, std::string& out, Value v) {
  if (v.is_int()) {
    fmt::format_int text(v.integer);
    out.append(text.data(), text.size());
    return true;
  }
  Str* text = is_exact(v, Kind::Str) ? as<Str>(v) : to_str(t, v);
  if (!text) return false;
  std::string scratch;
  out += utf8_view(text, scratch);
  return true;
}

bool is_script_object(Thread& t, Value v) { return type_of(t, v)->type_flags & kTypeIsScript; }

// The text between or behind the values. Null after raising.
Str* separator(Thread& t, Value v, const char* name, const char* fallback) {
  if (v.is_empty() || v.is_none()) return intern(t, fallback);
  if (is_kind(v, Kind::Str)) return as<Str>(v);
  (void)raise(t, ErrorType::TypeError, "{} must be None or a string, not {}", name, type_name(t, v));
  return nullptr;
}

Value print_pieces(Thread& t, Value file, const Value* values, size_t count, Str* between, Str* end) {
  for (size_t i = 0; i < count; ++i) {
    if (i) TRY(call_method(t, file, names(t).write, {str_value(between)}));
    Str* text = to_str(t, values[i]);
    if (!text) return Value::raised();
    TRY(call_method(t, file, names(t).write, {str_value(text)}));
  }
  return call_method(t, file, names(t).write, {str_value(end)});
}

// A file that cannot encode all of the text gets what comes before the value at fault. The pieces end at `ends`.
Value print_until_fault(Thread& t, Value file, std::string_view text, const std::vector<size_t>& ends) {
  (void)take_exception(t);
  size_t begin = 0;
  for (size_t end : ends) {
    TRY(write_utf8(t, file, text.substr(begin, end - begin)));
    begin = end;
  }
  return write_utf8(t, file, text.substr(begin));
}

Value print_at_once(Thread& t, Value file, const Value* values, size_t count, Str* between, Str* end) {
  std::string out;
  std::vector<size_t> ends;
  for (size_t i = 0; i < count; ++i) {
    if (i) {
      append_str(t, out, str_value(between));
      ends.push_back(out.size());
    }
    if (append_str(t, out, values[i])) continue;
    // What comes before the failing value is printed, as in CPython.
    Value exception = take_exception(t);
    TRY(write_utf8(t, file, out));
    return raise_value(t, exception);
  }
  append_str(t, out, str_value(end));
  Value written = write_utf8(t, file, out);
  return written.is_raised() && exception_matches(t, ErrorType::UnicodeEncodeError) ? print_until_fault(t, file, out, ends) : written;
}

// args: sep, end, file, flush, then the values.
Value builtin_print(Thread& t, Value* args, size_t argc) {
  Value file = args[2];
  if (file.is_empty() || file.is_none()) file = TRY(standard_output(t));
  if (file.is_none()) return file;
  Str* between = separator(t, args[0], "sep", " ");
  Str* end = between ? separator(t, args[1], "end", "\n") : nullptr;
  if (!end) return Value::raised();
  TRY((is_script_object(t, file) ? print_pieces : print_at_once)(t, file, args + 4, argc - 4, between, end));
  if (!args[3].is_empty() && TRY(truth(t, args[3])).is_true()) TRY(flush_file(t, file));
  return Value::none();
}

Value standard_stream(Thread& t, Str* name) {
  Value file = t.interpreter->sys ? dict_get(t.interpreter->sys->namespace_, name) : Value::empty();
  if (file.is_empty() || file.is_none()) return raise(t, ErrorType::RuntimeError, "input(): lost sys.{}", to_utf8(name));
  return file;
}

Value builtin_input(Thread& t, Value* args, size_t) {
  Value in = TRY(standard_stream(t, names(t).stdin));
  Value out = TRY(standard_stream(t, names(t).stdout));
  if (!args[0].is_empty()) {
    Str* prompt = to_str(t, args[0]);
    if (!prompt) return Value::raised();
    TRY(write_text(t, out, prompt));
  }
  TRY(flush_file(t, out));
  Value line = TRY(read_line(t, in));
  return line.is_empty() ? raise_text(t, ErrorType::EOFError, "EOF when reading a line") : line;
}

Value builtin_repr(Thread& t, Value* args, size_t) {
  Str* text = to_repr(t, args[0]);
  return text ? str_value(text) : Value::raised();
}

Value builtin_ascii(Thread& t, Value* args, size_t) {
  Str* text = to_repr(t, args[0]);
  if (!text) return Value::raised();
  if (text->is_ascii()) return str_value(text);
  std::string out;
  for (uint64_t i = 0; i < text->length; ++i) {
    uint32_t c = text->at(i);
    if (c < 0x80) out += static_cast<char>(c);
    else if (c < 0x100) out += fmt::format("\\x{:02x}", c);
    else if (c < 0x10000) out += fmt::format("\\u{:04x}", c);
    else out += fmt::format("\\U{:08x}", c);
  }
  return str_value(make_str(t, out));
}

Value builtin_chr(Thread& t, Value* args, size_t) {
  Value v = TRY(to_integer(t, args[0]));
  int64_t code;
  if (!fits_int64(v, code) || code > INT32_MAX || code < INT32_MIN)
    return raise_text(t, ErrorType::OverflowError, "Python int too large to convert to C int");
  if (code < 0 || code > 0x10ffff) return raise_text(t, ErrorType::ValueError, "chr() arg not in range(0x110000)");
  if (code < 128) return str_value(t.interpreter->ascii_strs[code]);
  return str_value(make_str_char(t, static_cast<char32_t>(code)));
}

Value builtin_ord(Thread& t, Value* args, size_t) {
  Value v = args[0];
  std::string_view bytes;
  if (is_kind(v, Kind::Str)) {
    auto text = as<Str>(v);
    if (text->length == 1) return Value::of_int(text->at(0));
    return raise(t, ErrorType::TypeError, "ord() expected a character, but string of length {} found", text->length);
  }
  if ((is_kind(v, Kind::Bytes) || is_kind(v, Kind::ByteArray)) && bytes_view(v, bytes)) {
    if (bytes.size() == 1) return Value::of_int(static_cast<uint8_t>(bytes[0]));
    return raise(t, ErrorType::TypeError, "ord() expected a character, but string of length {} found", bytes.size());
  }
  return raise(t, ErrorType::TypeError, "ord() expected string of length 1, but {} found", type_name(t, v));
}

Value builtin_format(Thread& t, Value* args, size_t) {
  if (args[1].is_empty()) return format_value(t, args[0], t.interpreter->empty_str);
  if (!is_kind(args[1], Kind::Str))
    return raise(t, ErrorType::TypeError, "format() argument 2 must be str, not {}", argument_type_name(t, args[1]));
  return format_value(t, args[0], as<Str>(args[1]));
}

const NativeRow kTextFunctions[] = {
    {"ascii", builtin_ascii, "(obj, /)", "Return an ASCII-only representation of an object."},
    {"chr", builtin_chr, "(i, /)", "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff."},
    {"format", builtin_format, "(value, format_spec='', /)", "Return type(value).__format__(value, format_spec)"},
    {"input", builtin_input, "(prompt='', /)",
     "Read a string from standard input.  The trailing newline is stripped.\n\nThe prompt string, if given, is printed to standard "
     "output without a\ntrailing newline before reading input."},
    {"ord", builtin_ord, "(c, /)", "Return the Unicode code point for a one-character string."},
    {"print", builtin_print, "(*args, sep=' ', end='\\n', file=None, flush=False)",
     "Prints the values to a stream, or to sys.stdout by default.\n\n  sep\n    string inserted between values, default a space.\n  end\n    "
     "string appended after the last value, default a newline.\n  file\n    a file-like object (stream); defaults to the current "
     "sys.stdout.\n  flush\n    whether to forcibly flush the stream."},
    {"repr", builtin_repr, "(obj, /)", "Return the canonical string representation of the object."},
};

}  // namespace

std::span<const NativeRow> text_functions() { return kTextFunctions; }

}  // namespace mini
