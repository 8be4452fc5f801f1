// SPDX-License-Identifier: MIT
// Files. A BinaryFile is a descriptor with one buffer that holds either bytes read ahead or bytes not written yet; it serves
// FileIO (no buffer), BufferedReader, BufferedWriter and BufferedRandom alike. A TextFile decodes and encodes
// straight from and to the buffer of its BinaryFile, so text costs no second copy; over any other object with
// read() and write() it keeps a window of its own.
//
// Every system call happens in a ReleaseGil scope. Another thread could use the same file meanwhile, so each operation
// holds the file's FileUse; a second thread parks, the same thread again is a RuntimeError.
//
// Files that nobody closed are flushed and closed when they are collected, or at exit (flush_open_files).
#pragma once

#include <string>
#include <string_view>

#include "runtime/object.h"
#include "runtime/parking.h"

namespace mini {

struct FileUse {
  Thread* owner;
  WaitList waiters;
};

// Bytes [begin, end) of a malloc'd area.
struct ByteWindow {
  uint8_t* data;
  size_t begin, end, capacity;
  size_t size() const { return end - begin; }
};

struct IoBase : Object {           // what all file-like types begin with
  bool is_closed;
};

struct BinaryFile : IoBase {
  bool is_readable, is_writable, is_appending, closes_descriptor, is_raw, is_seekable;
  int descriptor;
  FileUse use;
  ByteWindow input;                // read ahead; empty while output is not
  ByteWindow output;
  size_t buffer_size;
  Value raw;                       // the object below when it is not a descriptor of ours; Empty: none
  Value name;                      // path or descriptor number
  const char* mode;                // "rb", "wb", "rb+" ...
  BinaryFile* next_open;           // open files of the interpreter
  BinaryFile** link;               // what points at this one in that list; null: not in it
  AttributeStore store;            // file.anything = ...
};

enum class TextEncoding : uint8_t { Utf8, Ascii, Latin1 };
enum class NewlineMode : uint8_t { Universal, Untranslated, LineFeed, Return, ReturnLineFeed };   // None '' \n \r \r\n

struct TextFile : IoBase {
  TextEncoding encoding;
  NewlineMode newline;
  bool is_line_buffered, writes_through, is_strict, skips_mark;
  bool is_iterating;               // next() gave a line: tell() would be slow to answer and is refused until the end
  uint8_t seen_newlines;           // 1: \r, 2: \n, 4: \r\n
  uint8_t incomplete;              // bytes at the end of the window that begin a character
  BinaryFile* file;                // the buffer when it is one of ours, else null
  Value buffer;                    // the object below; None once detached
  ByteWindow window;               // bytes read ahead from a foreign buffer
  FileUse use;
  Str* encoding_name;
  Str* errors;
  Str* mode;                       // null: none
  AttributeStore store;
};

extern const Layout io_base_layout, raw_io_base_layout, buffered_io_base_layout, text_io_base_layout;
extern const Layout file_io_layout, buffered_reader_layout, buffered_writer_layout, buffered_random_layout,
    text_io_wrapper_layout, bytes_io_layout, string_io_layout;

// open() with its arguments in the order of the builtin's signature: (file, mode='r', buffering=-1, encoding=None,
// errors=None, newline=None, closefd=True, opener=None).
Value file_open(Thread& t, Value* args, size_t argc);

// Writes text to any object with a write method; the fast way of print(). None or Raised.
Value write_text(Thread& t, Value file, Str* text);
Value flush_file(Thread& t, Value file);
// One line without its newline from sys.stdin's object, as input() wants it. Empty at the end of the file.
Value read_line(Thread& t, Value file);

// A text file over an open descriptor, for sys.stdin and the like. `errors`: "strict", "surrogateescape", "backslashreplace".
Value make_standard_stream(Thread& t, int descriptor, const char* name, const char* mode, const char* errors);
BinaryFile* make_binary_file(Thread& t, const Layout& layout, int descriptor, const char* mode, Value name,
                             bool closes_descriptor, size_t buffer_size);
TextFile* make_text_file(Thread& t, Value buffer, TextEncoding encoding, Str* encoding_name, Str* errors, NewlineMode newline,
                         bool is_line_buffered);
// At exit: writes what every open file still holds; errors are dropped, but for a closed pipe nothing is lost silently.
void flush_open_files(Interpreter& interpreter);
// Writes what forgotten files hold. CPython closes a file when its last reference goes, so programs rely on `open(p, "w").write(x)`
// being on the disk in the next line; a collected heap knows too late. So whatever looks at files by name calls this first.
void flush_regular_files(Interpreter& interpreter);
// Name of an encoding as scripts write it; false when it is none of ours.
bool find_text_encoding(std::string_view name, TextEncoding& out, bool& has_mark);
// io.UnsupportedOperation (both OSError and ValueError).
Type* unsupported_operation_type(Thread& t);
Value raise_unsupported(Thread& t, std::string_view text);

}  // namespace mini
