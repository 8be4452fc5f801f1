// SPDX-License-Identifier: MIT
// What the files that make up file.h share: binary.cpp-level reading and writing for the text layer, guards, and the rows that
// all file-like types repeat.
#pragma once

#include <sys/types.h>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/file.h"
#include "runtime/objects/str.h"

namespace mini {

inline constexpr size_t kFileBufferSize = 8192;

// Holds a file for one operation. Not held: an exception is on the thread.
class FileGuard {
 public:
  FileGuard(Thread& t, FileUse& use);
  ~FileGuard();
  FileGuard(const FileGuard&) = delete;
  FileGuard& operator=(const FileGuard&) = delete;
  bool is_held() const { return is_held_; }

 private:
  FileUse& use_;
  bool is_held_;
};

// Keeps a bytearray from being resized while its bytes are used outside the GIL.
class PinnedBytes {
 public:
  explicit PinnedBytes(Value v) : array_(is_kind(v, Kind::ByteArray) ? as<ByteArray>(v) : nullptr) {
    if (array_) ++array_->exports;
  }
  ~PinnedBytes() {
    if (array_) --array_->exports;
  }
  PinnedBytes(const PinnedBytes&) = delete;
  PinnedBytes& operator=(const PinnedBytes&) = delete;

 private:
  ByteArray* array_;
};

void window_reserve(ByteWindow& w, size_t more);    // room for `more` bytes behind `end`
void window_append(ByteWindow& w, const void* bytes, size_t count);
void window_free(ByteWindow& w);

// The functions below need the file's FileUse. All give false (or -1) after raising.
inline constexpr ssize_t kWouldBlock = -2;
ssize_t binary_low_read(Thread& t, BinaryFile* f, void* to, size_t count);      // one read; kWouldBlock
bool binary_low_write(Thread& t, BinaryFile* f, const void* from, size_t count);
bool binary_low_seek(Thread& t, BinaryFile* f, int64_t offset, int whence, int64_t& position);
ssize_t binary_fill(Thread& t, BinaryFile* f);                                  // appends to f->input; 0: end of file
bool binary_flush(Thread& t, BinaryFile* f);
bool binary_write(Thread& t, BinaryFile* f, const void* from, size_t count);    // through the buffer
bool binary_tell(Thread& t, BinaryFile* f, int64_t& position);
bool binary_seek(Thread& t, BinaryFile* f, int64_t offset, int whence, int64_t& position);
bool binary_read_rest(Thread& t, BinaryFile* f, std::string& out);
Value binary_close(Thread& t, BinaryFile* f);
bool is_binary_file(Value v);

// Encoding, error handler and newline arguments of open() and TextIOWrapper(). False after raising.
bool parse_text_arguments(Thread& t, Value encoding, Value errors, Value newline, TextEncoding& out, bool& has_mark,
                          Str*& encoding_name, Str*& error_name, NewlineMode& mode);

// A size argument: absent, None or negative is `rest`. False after raising.
bool size_argument(Thread& t, Value v, size_t& out, size_t rest = SIZE_MAX);
Value raise_closed(Thread& t, std::string_view text = "I/O operation on closed file.");
// obj.flush(), obj.close() and the like of a foreign object.
Value call_named(Thread& t, Value object, const char* name, std::initializer_list<Value> args = {});

// Rows for any class that derives from IOBase.
Value io_self(Thread& t, Value self);               // __iter__: raises when it is closed
Value require_open(Thread& t, Value self);          // asks its attribute `closed`
Value io_next(Thread& t, Value self);
Value io_closed_get(Thread& t, Value self);
Value new_io_object(Thread& t, Type* type);         // fields zeroed behind the header, not closed
#define MINI_IO_NATIVE(name) Value name(Thread& t, Value* args, size_t argc)
MINI_IO_NATIVE(io_new); MINI_IO_NATIVE(io_true); MINI_IO_NATIVE(io_false); MINI_IO_NATIVE(io_readlines); MINI_IO_NATIVE(io_writelines);
#undef MINI_IO_NATIVE

// The `newlines` of text files: None, a str or a tuple for the kinds of line ends that were met (1: \r, 2: \n, 4: \r\n).
Value newlines_value(Thread& t, uint8_t seen);

}  // namespace mini
