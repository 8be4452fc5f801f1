// SPDX-License-Identifier: MIT
// open(): checks the arguments in CPython's order, opens the descriptor outside the GIL and puts the file objects together.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/calls.h"
#include "runtime/gil.h"
#include "runtime/objects/file_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/path.h"
#include "runtime/objects/type.h"

namespace mini {
namespace {

struct OpenMode {
  char kind = 'r';        // r w a x
  bool has_plus = false, is_binary = false, is_text = false;
  const char* name() const {
    switch (kind) {
      case 'r': return has_plus ? "rb+" : "rb";
      case 'w': return has_plus ? "rb+" : "wb";
      case 'a': return has_plus ? "ab+" : "ab";
      default: return has_plus ? "xb+" : "xb";
    }
  }
  int flags() const {
    int access = has_plus ? O_RDWR : kind == 'r' ? O_RDONLY : O_WRONLY;
    switch (kind) {
      case 'r': return access;
      case 'w': return access | O_CREAT | O_TRUNC;
      case 'a': return access | O_CREAT | O_APPEND;
      default: return access | O_CREAT | O_EXCL;
    }
  }
};

bool parse_mode(Thread& t, Value v, OpenMode& out) {
  if (v.is_empty()) return true;
  if (!is_kind(v, Kind::Str)) {
    (void)raise(t, ErrorType::TypeError, "open() argument 'mode' must be str, not {}", argument_type_name(t, v));
    return false;
  }
  std::string text = to_utf8(as<Str>(v));
  int kinds = 0;
  bool is_wrong = false;
  std::string seen;
  for (char c : text) {
    if (seen.find(c) != std::string::npos) is_wrong = true;
    seen += c;
    switch (c) {
      case 'r': case 'w': case 'a': case 'x': out.kind = c; ++kinds; break;
      case '+': out.has_plus = true; break;
      case 'b': out.is_binary = true; break;
      case 't': out.is_text = true; break;
      default: is_wrong = true;
    }
  }
  const char* complaint = nullptr;
  if (is_wrong) {
    (void)raise(t, ErrorType::ValueError, "invalid mode: '{}'", text);
    return false;
  }
  if (out.is_binary && out.is_text) complaint = "can't have text and binary mode at once";
  else if (kinds > 1) complaint = "must have exactly one of create/read/write/append mode";
  else if (kinds == 0) complaint = out.has_plus ? "Must have exactly one of create/read/write/append mode and at most one plus"
                                                : "Must have exactly one of create/read/write/append mode and at most one plus";
  if (!complaint) return true;
  (void)raise_text(t, ErrorType::ValueError, complaint);
  return false;
}

bool is_given(Value v) { return !v.is_empty() && !v.is_none(); }

// The descriptor, or -1 after raising.
int open_path(Thread& t, Value file, const std::string& path, const OpenMode& mode, Value opener) {
  int flags = mode.flags() | O_CLOEXEC;
  if (is_given(opener)) {
    Value v = call(t, opener, {file, Value::of_int(flags)});
    int64_t fd;
    if (v.is_raised()) return -1;
    if (!is_integer(v)) {
      (void)raise(t, ErrorType::TypeError, "expected integer from opener");
      return -1;
    }
    if (!to_index(t, v, fd)) return -1;
    if (fd < 0) {
      (void)raise(t, ErrorType::ValueError, "opener returned {}", fd);
      return -1;
    }
    return static_cast<int>(fd);
  }
  flush_regular_files(*t.interpreter);
  for (bool has_collected = false;;) {
    int fd, error;
    bool is_directory = false;
    {
      ReleaseGil released(t, BlockReason::FileIo);
      fd = open(path.c_str(), flags, 0666);
      error = errno;
      struct stat info;
      if (fd >= 0 && fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        is_directory = true;
        close(fd);
      }
    }
    if (is_directory) error = EISDIR;
    else if (fd >= 0) return fd;
    if (error == EINTR) {
      if (t.poll().is_raised()) return -1;
      continue;
    }
    if (error == EMFILE && !has_collected) {
      // Files that nobody refers to any more keep their descriptors until a collection.
      has_collected = true;
      t.heap->collect();
      continue;
    }
    (void)raise_os_error(t, error, path);
    return -1;
  }
}

}  // namespace

Value file_open(Thread& t, Value* args, size_t) {
  OpenMode mode;
  std::string path;
  int64_t buffering = -1, descriptor = -1;
  bool is_descriptor = is_integer(args[0]);
  if (is_descriptor) {
    if (!to_index(t, args[0], descriptor)) return Value::raised();
  } else if (!fs_path(t, args[0], path)) {
    return Value::raised();
  }
  if (!parse_mode(t, args[1], mode)) return Value::raised();
  if (!args[2].is_empty() && !to_index(t, args[2], buffering)) return Value::raised();
  const char* complaint = nullptr;
  if (mode.is_binary && is_given(args[3])) complaint = "binary mode doesn't take an encoding argument";
  else if (mode.is_binary && is_given(args[4])) complaint = "binary mode doesn't take an errors argument";
  else if (mode.is_binary && is_given(args[5])) complaint = "binary mode doesn't take a newline argument";
  if (complaint) return raise_text(t, ErrorType::ValueError, complaint);

  TextEncoding encoding = TextEncoding::Utf8;
  bool has_mark = false;
  Str *encoding_name = nullptr, *errors = nullptr;
  NewlineMode newline = NewlineMode::Universal;
  if (!mode.is_binary &&
      !parse_text_arguments(t, args[3], args[4], args[5], encoding, has_mark, encoding_name, errors, newline)) {
    return Value::raised();
  }
  bool closes = args[6].is_empty() || TRY(truth(t, args[6])).is_true();
  if (!is_descriptor && !closes) return raise(t, ErrorType::ValueError, "Cannot use closefd=False with file name");
  if (!mode.is_binary && buffering == 0) return raise(t, ErrorType::ValueError, "can't have unbuffered text I/O");
  if (is_descriptor && descriptor < 0) return raise(t, ErrorType::ValueError, "negative file descriptor");

  auto fd = static_cast<int>(descriptor);
  if (!is_descriptor) {
    fd = open_path(t, args[0], path, mode, args[7]);
    if (fd < 0) return Value::raised();
  } else if (fcntl(fd, F_GETFD) < 0) {
    return raise_os_error(t, errno);
  }
  bool is_terminal = (buffering < 0 || buffering == 1) && isatty(fd);
  bool is_raw = buffering == 0;
  size_t size = buffering > 1 ? static_cast<size_t>(buffering) : kFileBufferSize;
  const Layout& layout = is_raw           ? file_io_layout
                         : mode.has_plus  ? buffered_random_layout
                         : mode.kind == 'r' ? buffered_reader_layout
                                            : buffered_writer_layout;
  BinaryFile* binary = make_binary_file(t, layout, fd, mode.name(), args[0], closes, size);
  if (mode.kind == 'a' && binary->is_seekable) lseek(fd, 0, SEEK_END);
  if (mode.is_binary) return Value::of_object(binary);

  bool is_line_buffered = buffering == 1 || (buffering < 0 && is_terminal);
  TextFile* text = make_text_file(t, Value::of_object(binary), encoding, encoding_name, errors, newline, is_line_buffered);
  text->skips_mark = has_mark;
  text->mode = args[1].is_empty() ? intern(t, "r") : as<Str>(args[1]);
  return Value::of_object(text);
}

}  // namespace mini
