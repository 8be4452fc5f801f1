// SPDX-License-Identifier: MIT
// Binary files: FileIO, BufferedReader, BufferedWriter, BufferedRandom. One struct, BinaryFile, and one set of functions; the
// four types differ in which rows they show. The buffer holds bytes read ahead or bytes to write, never both.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/gil.h"
#include "runtime/objects/file_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/path.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

struct FileRegistry {
  BinaryFile* first = nullptr;
};

FileRegistry& registry_of(Interpreter& i) {
  void*& state = i.module_state["files"];
  if (!state) {
    state = new FileRegistry;
    i.at_close.push_back([](Interpreter& closing) {
      flush_open_files(closing);
      auto* registry = static_cast<FileRegistry*>(closing.module_state["files"]);
      for (BinaryFile* f = registry->first; f; f = f->next_open) f->link = nullptr;
      registry->first = nullptr;
    });
  }
  return *static_cast<FileRegistry*>(state);
}

void register_file(Thread& t, BinaryFile* f) {
  FileRegistry& registry = registry_of(*t.interpreter);
  f->next_open = registry.first;
  if (f->next_open) f->next_open->link = &f->next_open;
  f->link = &registry.first;
  registry.first = f;
}

void unregister_file(BinaryFile* f) {
  if (!f->link) return;
  *f->link = f->next_open;
  if (f->next_open) f->next_open->link = f->link;
  f->link = nullptr;
}

// Without the interpreter: for finalisers and exit. Errors have nobody to go to.
void write_out_quietly(BinaryFile* f) {
  while (f->descriptor >= 0 && f->output.size() > 0) {
    ssize_t n = write(f->descriptor, f->output.data + f->output.begin, f->output.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    f->output.begin += static_cast<size_t>(n);
  }
  f->output.begin = f->output.end = 0;
}

BinaryFile* self_of(Value v) { return as<BinaryFile>(v); }

bool is_foreign(const BinaryFile* f) { return !f->raw.is_empty(); }

// After a system call that failed: true to try again.
bool should_retry(Thread& t, int error, bool& raised) {
  raised = true;
  if (error == EINTR) {
    raised = t.poll().is_raised();
    return !raised;
  }
  (void)raise_os_error(t, error);
  return false;
}

ssize_t foreign_read(Thread& t, BinaryFile* f, void* to, size_t count) {
  Value piece = call_named(t, f->raw, "read", {Value::of_int(static_cast<int64_t>(count))});
  if (piece.is_raised()) return -1;
  if (piece.is_none()) return kWouldBlock;
  std::string_view bytes;
  if (!require_bytes(t, piece, bytes)) return -1;
  size_t n = bytes.size() < count ? bytes.size() : count;
  std::memcpy(to, bytes.data(), n);
  return static_cast<ssize_t>(n);
}

bool foreign_write(Thread& t, BinaryFile* f, const void* from, size_t count) {
  const auto* p = static_cast<const char*>(from);
  while (count > 0) {
    Value n = call_method(t, f->raw, names(t).write, {Value::of_object(make_bytes(t, p, count))});
    if (n.is_raised()) return false;
    if (n.is_none()) break;
    int64_t written;
    if (!to_index(t, n, written)) return false;
    if (written < 0 || static_cast<uint64_t>(written) > count) {
      (void)raise(t, ErrorType::OSError, "raw write() returned invalid length {} (should have been between 0 and {})", written, count);
      return false;
    }
    p += written;
    count -= static_cast<size_t>(written);
  }
  return true;
}

}  // namespace

bool is_binary_file(Value v) {
  if (!v.is_object() || v.object->kind != Kind::Native) return false;
  const Layout* layout = type_of(v.object)->layout;
  return layout == &buffered_reader_layout || layout == &buffered_writer_layout || layout == &buffered_random_layout ||
         layout == &file_io_layout;
}

ssize_t binary_low_read(Thread& t, BinaryFile* f, void* to, size_t count) {
  if (is_foreign(f)) return foreign_read(t, f, to, count);
  int fd = f->descriptor;
  for (;;) {
    ssize_t n;
    int error;
    {
      ReleaseGil released(t, BlockReason::FileIo);
      n = read(fd, to, count);
      error = errno;
    }
    if (n >= 0) return n;
    if (error == EAGAIN) return kWouldBlock;
    bool raised;
    if (!should_retry(t, error, raised)) return -1;
  }
}

bool binary_low_write(Thread& t, BinaryFile* f, const void* from, size_t count) {
  if (is_foreign(f)) return foreign_write(t, f, from, count);
  const auto* p = static_cast<const char*>(from);
  int fd = f->descriptor;
  while (count > 0) {
    ssize_t n;
    int error;
    {
      ReleaseGil released(t, BlockReason::FileIo);
      n = write(fd, p, count);
      error = errno;
    }
    if (n >= 0) {
      p += n;
      count -= static_cast<size_t>(n);
      continue;
    }
    bool raised;
    if (!should_retry(t, error, raised)) return false;
  }
  return true;
}

bool binary_low_seek(Thread& t, BinaryFile* f, int64_t offset, int whence, int64_t& position) {
  if (is_foreign(f)) {
    Value v = call_named(t, f->raw, "seek", {Value::of_int(offset), Value::of_int(whence)});
    return !v.is_raised() && to_index(t, v, position);
  }
  position = lseek(f->descriptor, offset, whence);
  if (position >= 0) return true;
  (void)raise_os_error(t, errno);
  return false;
}

ssize_t binary_fill(Thread& t, BinaryFile* f) {
  window_reserve(f->input, f->buffer_size ? f->buffer_size : kFileBufferSize);
  size_t room = f->input.capacity - f->input.end;
  ssize_t n = binary_low_read(t, f, f->input.data + f->input.end, room);
  if (n > 0) f->input.end += static_cast<size_t>(n);
  return n == kWouldBlock ? 0 : n;
}

bool binary_flush(Thread& t, BinaryFile* f) {
  size_t count = f->output.size();
  if (count == 0) return true;
  bool done = binary_low_write(t, f, f->output.data + f->output.begin, count);
  // What could not be written is dropped: trying again at close would raise a second time.
  f->output.begin = f->output.end = 0;
  return done;
}

bool binary_write(Thread& t, BinaryFile* f, const void* from, size_t count) {
  if (f->input.size() > 0) {
    int64_t position;
    if (!binary_low_seek(t, f, -static_cast<int64_t>(f->input.size()), SEEK_CUR, position)) return false;
  }
  f->input.begin = f->input.end = 0;
  if (f->is_raw) return binary_low_write(t, f, from, count);
  if (f->output.size() + count > f->buffer_size) {
    if (!binary_flush(t, f)) return false;
    if (count >= f->buffer_size) return binary_low_write(t, f, from, count);
  }
  window_append(f->output, from, count);
  return true;
}

bool binary_tell(Thread& t, BinaryFile* f, int64_t& position) {
  if (!binary_low_seek(t, f, 0, SEEK_CUR, position)) return false;
  position += static_cast<int64_t>(f->output.size()) - static_cast<int64_t>(f->input.size());
  return true;
}

bool binary_seek(Thread& t, BinaryFile* f, int64_t offset, int whence, int64_t& position) {
  if (!binary_flush(t, f)) return false;
  if (whence == SEEK_CUR) offset -= static_cast<int64_t>(f->input.size());
  if (!binary_low_seek(t, f, offset, whence, position)) return false;
  f->input.begin = f->input.end = 0;
  return true;
}

bool binary_read_rest(Thread& t, BinaryFile* f, std::string& out) {
  out.assign(reinterpret_cast<char*>(f->input.data) + f->input.begin, f->input.size());
  f->input.begin = f->input.end = 0;
  size_t step = kFileBufferSize;
  if (!is_foreign(f)) {
    struct stat info;
    off_t position = lseek(f->descriptor, 0, SEEK_CUR);
    if (position >= 0 && fstat(f->descriptor, &info) == 0 && info.st_size > position) {
      step = static_cast<size_t>(info.st_size - position) + 1;
    }
  }
  for (;;) {
    size_t before = out.size();
    out.resize(before + step);
    ssize_t n = binary_low_read(t, f, out.data() + before, step);
    out.resize(before + (n > 0 ? static_cast<size_t>(n) : 0));
    if (n == -1) return false;
    if (n <= 0) return true;
    if (out.size() > step) step = out.size() < (1 << 20) ? out.size() : 1 << 20;
  }
}

Value binary_close(Thread& t, BinaryFile* f) {
  if (f->is_closed) return Value::none();
  FileGuard guard(t, f->use);
  if (!guard.is_held()) return Value::raised();
  if (f->is_closed) return Value::none();
  bool flushed = binary_flush(t, f);
  Value failure = flushed ? Value::empty() : take_exception(t);
  f->is_closed = true;
  unregister_file(f);
  window_free(f->input);
  window_free(f->output);
  if (is_foreign(f)) {
    Value closed = call_method(t, f->raw, names(t).close);
    if (closed.is_raised() && flushed) return Value::raised();
    if (closed.is_raised()) (void)take_exception(t);
  } else if (f->closes_descriptor && f->descriptor >= 0) {
    int fd = f->descriptor;
    f->descriptor = -1;
    int result, error;
    {
      ReleaseGil released(t, BlockReason::FileIo);
      result = close(fd);
      error = errno;
    }
    if (result < 0 && error != EINTR && flushed) return raise_os_error(t, error);
  }
  f->descriptor = -1;
  if (!flushed) return raise_value(t, failure);
  return Value::none();
}

BinaryFile* make_binary_file(Thread& t, const Layout& layout, int descriptor, const char* mode, Value name,
                             bool closes_descriptor, size_t buffer_size) {
  auto* f = as<BinaryFile>(new_io_object(t, native_type(t, layout)));
  note_finalizer(f);
  f->descriptor = descriptor;
  f->mode = mode;
  f->name = name;
  f->raw = Value::empty();
  f->closes_descriptor = closes_descriptor;
  f->is_raw = &layout == &file_io_layout;
  f->buffer_size = buffer_size;
  bool has_plus = std::strchr(mode, '+') != nullptr;
  f->is_readable = has_plus || mode[0] == 'r';
  f->is_writable = has_plus || mode[0] != 'r';
  f->is_appending = mode[0] == 'a';
  f->is_seekable = lseek(descriptor, 0, SEEK_CUR) >= 0;
  register_file(t, f);
  return f;
}

void flush_open_files(Interpreter& interpreter) {
  for (BinaryFile* f = registry_of(interpreter).first; f; f = f->next_open) write_out_quietly(f);
}

void flush_regular_files(Interpreter& interpreter) {
  for (BinaryFile* f = registry_of(interpreter).first; f; f = f->next_open) {
    if (f->output.size() > 0 && f->is_seekable && !f->use.owner && f->closes_descriptor) write_out_quietly(f);
  }
}

namespace {

void binary_trace(Object* o, Marker& marker) {
  auto* f = static_cast<BinaryFile*>(o);
  marker.mark(f->raw);
  marker.mark(f->name);
}

void binary_finalize(Object* o, Heap&) {
  auto* f = static_cast<BinaryFile*>(o);
  unregister_file(f);
  if (!f->is_closed) {
    write_out_quietly(f);
    if (f->closes_descriptor && f->descriptor >= 0) close(f->descriptor);
  }
  std::free(f->input.data);
  std::free(f->output.data);
}

// What each operation begins with: an open file that can do it, held for this thread.
#define MINI_FILE_BEGIN(capability, refusal, closed_text)            \
  BinaryFile* f = self_of(args[0]);                                  \
  const char* when_closed = f->is_raw ? "I/O operation on closed file" : closed_text; \
  if (f->is_closed) return raise_closed(t, when_closed);             \
  if (!f->capability) return raise_unsupported(t, refusal);          \
  FileGuard guard(t, f->use);                                        \
  if (!guard.is_held()) return Value::raised();                      \
  if (f->is_closed) return raise_closed(t, when_closed)

Value take_input(Thread& t, BinaryFile* f, size_t count) {
  Bytes* result = make_bytes(t, f->input.data + f->input.begin, count);
  f->input.begin += count;
  return Value::of_object(result);
}

Value binary_read(Thread& t, Value* args, size_t) {
  size_t count;
  if (!size_argument(t, args[1], count)) return Value::raised();
  MINI_FILE_BEGIN(is_readable, "read", "read of closed file");
  if (!binary_flush(t, f)) return Value::raised();
  if (count == SIZE_MAX) {
    std::string all;
    if (!binary_read_rest(t, f, all)) return Value::raised();
    return Value::of_object(make_bytes(t, all));
  }
  if (count > f->input.size() && !t.heap->can_allocate(count)) return raise_memory(t);
  while (f->input.size() < count) {
    window_reserve(f->input, count - f->input.size());
    ssize_t n = binary_fill(t, f);
    if (n < 0) return Value::raised();
    if (n == 0) break;
  }
  return take_input(t, f, count < f->input.size() ? count : f->input.size());
}

Value binary_read1(Thread& t, Value* args, size_t) {
  size_t count;
  if (!size_argument(t, args[1], count, kFileBufferSize)) return Value::raised();
  MINI_FILE_BEGIN(is_readable, "read1", "read of closed file");
  if (!binary_flush(t, f)) return Value::raised();
  if (f->input.size() == 0 && count > 0 && binary_fill(t, f) < 0) return Value::raised();
  return take_input(t, f, count < f->input.size() ? count : f->input.size());
}

Value binary_peek(Thread& t, Value* args, size_t) {
  MINI_FILE_BEGIN(is_readable, "peek", "peek of closed file");
  if (!binary_flush(t, f)) return Value::raised();
  if (f->input.size() == 0 && binary_fill(t, f) < 0) return Value::raised();
  return Value::of_object(make_bytes(t, f->input.data + f->input.begin, f->input.size()));
}

Value binary_readline(Thread& t, Value* args, size_t) {
  size_t limit;
  if (!size_argument(t, args[1], limit)) return Value::raised();
  MINI_FILE_BEGIN(is_readable, "read", "readline of closed file");
  if (!binary_flush(t, f)) return Value::raised();
  size_t seen = 0;
  for (;;) {
    size_t reach = limit < f->input.size() ? limit : f->input.size();
    const uint8_t* from = f->input.data + f->input.begin;
    if (const void* end = reach > seen ? std::memchr(from + seen, '\n', reach - seen) : nullptr) {
      return take_input(t, f, static_cast<size_t>(static_cast<const uint8_t*>(end) - from) + 1);
    }
    if (reach == limit) return take_input(t, f, reach);
    seen = reach;
    ssize_t n = binary_fill(t, f);
    if (n < 0) return Value::raised();
    if (n == 0) return take_input(t, f, f->input.size());
  }
}

Value binary_next(Thread& t, Value self) {
  if (type_of(self.object) != native_type(t, *type_of(self.object)->layout)) return io_next(t, self);
  BinaryFile* file = self_of(self);
  if (!file->is_readable && !file->is_raw) return raise_unsupported(t, "read");   // whether it is closed or not
  Value args[2] = {self, Value::empty()};
  Value line = TRY(binary_readline(t, args, 2));
  return as<Bytes>(line)->length ? line : Value::empty();
}

// Copies into any buffer object through its slices, so a buffer that shrinks meanwhile is its own affair.
Value fill_buffer(Thread& t, Value buffer, Value bytes) {
  auto count = static_cast<int64_t>(as<Bytes>(bytes)->length);
  Value part = make_slice(t, Value::of_int(0), Value::of_int(count), Value::none());
  TRY(set_item(t, buffer, part, bytes));
  return Value::of_int(count);
}

Value check_buffer(Thread& t, Value buffer) {
  std::string_view view;
  if (bytes_view(buffer, view) && !is_kind(buffer, Kind::Bytes)) return Value::of_int(static_cast<int64_t>(view.size()));
  return raise(t, ErrorType::TypeError, "readinto() argument must be read-write bytes-like object, not {}", argument_type_name(t, buffer));
}

// None, or what readinto() says of a file that is closed.
Value check_readinto(Thread& t, BinaryFile* f) {
  if (!f->is_closed) return Value::none();
  return raise_closed(t, f->is_raw ? "I/O operation on closed file" : "readinto of closed file");
}

Value binary_readinto(Thread& t, Value* args, size_t) {
  TRY(check_readinto(t, self_of(args[0])));
  Value count = TRY(check_buffer(t, args[1]));
  Value read_args[2] = {args[0], count};
  return fill_buffer(t, args[1], TRY(binary_read(t, read_args, 2)));
}

Value binary_readinto1(Thread& t, Value* args, size_t) {
  TRY(check_readinto(t, self_of(args[0])));
  Value count = TRY(check_buffer(t, args[1]));
  Value read_args[2] = {args[0], count};
  return fill_buffer(t, args[1], TRY(binary_read1(t, read_args, 2)));
}

Value binary_write_method(Thread& t, Value* args, size_t) {
  MINI_FILE_BEGIN(is_writable, "write", "write to closed file");
  std::string_view bytes;
  if (!require_bytes(t, args[1], bytes)) return Value::raised();
  PinnedBytes pinned(args[1]);
  if (!binary_write(t, f, bytes.data(), bytes.size())) return Value::raised();
  return Value::of_int(static_cast<int64_t>(bytes.size()));
}

Value binary_flush_method(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  bool is_reader = !f->is_writable && !f->is_raw;
  if (f->is_closed) return raise_closed(t, f->is_raw ? "I/O operation on closed file" : is_reader ? "I/O operation on closed file." : "flush of closed file");
  FileGuard guard(t, f->use);
  if (!guard.is_held() || !binary_flush(t, f)) return Value::raised();
  if (is_foreign(f)) TRY(call_method(t, f->raw, names(t).flush));
  return Value::none();
}

Value binary_seek_method(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  if (f->is_closed) return raise_closed(t, f->is_raw ? "I/O operation on closed file" : "seek of closed file");
  int64_t offset, whence = SEEK_SET, position;
  if (!to_index(t, args[1], offset)) return Value::raised();
  if (!args[2].is_empty() && !to_index(t, args[2], whence)) return Value::raised();
  if (whence < 0 || whence > 2) {
    return raise(t, ErrorType::ValueError, "whence value {} unsupported", whence);
  }
  if (!f->is_raw && !f->is_seekable && !is_foreign(f)) return raise_unsupported(t, "File or stream is not seekable.");
  FileGuard guard(t, f->use);
  if (!guard.is_held() || !binary_seek(t, f, offset, static_cast<int>(whence), position)) return Value::raised();
  return Value::of_int(position);
}

Value binary_tell_method(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  if (f->is_closed) return raise_closed(t, "I/O operation on closed file");
  FileGuard guard(t, f->use);
  int64_t position;
  if (!guard.is_held() || !binary_tell(t, f, position)) return Value::raised();
  return Value::of_int(position);
}

Value binary_truncate(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  if (f->is_closed) return raise_closed(t, f->is_raw ? "I/O operation on closed file" : "truncate of closed file");
  if (!f->is_writable) return raise_unsupported(t, f->is_raw ? "File not open for writing" : "truncate");
  FileGuard guard(t, f->use);
  int64_t size;
  if (!guard.is_held() || !binary_flush(t, f)) return Value::raised();
  if (args[1].is_empty() || args[1].is_none()) {
    if (!binary_tell(t, f, size)) return Value::raised();
  } else if (!to_index(t, args[1], size)) {
    return Value::raised();
  }
  if (is_foreign(f)) return call_named(t, f->raw, "truncate", {Value::of_int(size)});
  if (ftruncate(f->descriptor, size) < 0) return raise_os_error(t, errno);
  return Value::of_int(size);
}

Value binary_close_method(Thread& t, Value* args, size_t) { return binary_close(t, self_of(args[0])); }

Value binary_fileno(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  if (is_foreign(f)) return call_named(t, f->raw, "fileno");
  if (f->is_closed) return raise_closed(t, "I/O operation on closed file");
  return Value::of_int(f->descriptor);
}

Value binary_isatty(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  if (is_foreign(f)) return call_named(t, f->raw, "isatty");
  if (f->is_closed) return raise_closed(t, "I/O operation on closed file");
  return Value::of_bool(isatty(f->descriptor));
}

// A buffer for one direction knows without looking that it cannot do the other.
Value capability(Thread& t, BinaryFile* f, bool has_it) {
  if (!has_it && !f->is_raw) return Value::of_bool(false);
  return f->is_closed ? raise_closed(t, "I/O operation on closed file") : Value::of_bool(has_it);
}

Value binary_readable(Thread& t, Value* args, size_t) { return capability(t, self_of(args[0]), self_of(args[0])->is_readable); }
Value binary_writable(Thread& t, Value* args, size_t) { return capability(t, self_of(args[0]), self_of(args[0])->is_writable); }

Value binary_seekable(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  if (is_foreign(f)) return call_named(t, f->raw, "seekable");
  if (f->is_closed) return raise_closed(t, "I/O operation on closed file");
  return Value::of_bool(f->is_seekable);
}

// A FileIO over the descriptor of a buffered file, made when somebody asks. The buffered file keeps the descriptor.
Value binary_raw(Thread& t, Value self) {
  BinaryFile* f = self_of(self);
  if (is_foreign(f)) return f->raw;
  const char* mode = std::strcmp(f->mode, "rb+") == 0 ? "rb+" : f->mode;
  return Value::of_object(make_binary_file(t, file_io_layout, f->descriptor, mode, f->name, false, 0));
}

Value binary_detach(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  FileGuard guard(t, f->use);
  if (!guard.is_held() || !binary_flush(t, f)) return Value::raised();
  Value raw = TRY(binary_raw(t, args[0]));
  if (is_binary_file(raw) && !is_foreign(f)) self_of(raw)->closes_descriptor = f->closes_descriptor;
  f->closes_descriptor = false;
  f->is_closed = true;
  unregister_file(f);
  return raw;
}

Value binary_name(Thread& t, Value self) {
  BinaryFile* f = self_of(self);
  if (is_foreign(f)) return get_attribute(t, f->raw, "name");
  return f->name;
}

Value binary_mode(Thread& t, Value self) {
  BinaryFile* f = self_of(self);
  if (is_foreign(f)) return get_attribute(t, f->raw, "mode");
  return str_value(make_str(t, f->mode));
}

Value binary_closed(Thread& t, Value self) {
  BinaryFile* f = self_of(self);
  if (!f->is_closed && is_foreign(f)) return get_attribute(t, f->raw, "closed");
  return Value::of_bool(f->is_closed);
}

Value binary_closefd(Thread&, Value self) { return Value::of_bool(self_of(self)->closes_descriptor); }

Value binary_repr(Thread& t, Value self) {
  BinaryFile* f = self_of(self);
  std::string class_name = fmt::format("_io.{}", short_type_name(t, self));
  if (f->is_raw && f->is_closed) return str_value(make_str(t, fmt::format("<{} [closed]>", class_name)));
  Value name = binary_name(t, self);
  if (name.is_raised()) {
    (void)take_exception(t);
    return str_value(make_str(t, fmt::format("<{}>", class_name)));
  }
  Str* shown = to_repr(t, name);
  if (!shown) return Value::raised();
  if (!f->is_raw) return str_value(make_str(t, fmt::format("<{} name={}>", class_name, to_utf8(shown))));
  return str_value(make_str(t, fmt::format("<{} name={} mode='{}' closefd={}>", class_name, to_utf8(shown), f->mode,
                                           f->closes_descriptor ? "True" : "False")));
}

// FileIO(file, mode, closefd, opener), through the same door as open().
Value file_io_init(Thread& t, Value* args, size_t) {
  std::string mode = "r";
  if (!args[2].is_empty()) {
    if (!is_kind(args[2], Kind::Str)) return raise(t, ErrorType::TypeError, "FileIO() argument 'mode' must be str, not {}", argument_type_name(t, args[2]));
    mode = to_utf8(as<Str>(args[2]));
  }
  if (mode.find('b') == std::string::npos) mode += 'b';
  Value open_args[8] = {args[1], str_value(make_str(t, mode)), Value::of_int(0), Value::empty(), Value::empty(), Value::empty(),
                        args[3], args[4]};
  Value opened = TRY(file_open(t, open_args, 8));
  BinaryFile* from = self_of(opened);
  BinaryFile* f = self_of(args[0]);
  f->descriptor = from->descriptor;
  f->mode = from->mode;
  f->name = from->name;
  f->raw = Value::empty();
  f->is_readable = from->is_readable;
  f->is_writable = from->is_writable;
  f->is_appending = from->is_appending;
  f->is_seekable = from->is_seekable;
  f->closes_descriptor = from->closes_descriptor;
  f->is_raw = true;
  note_finalizer(f);
  from->closes_descriptor = false;
  unregister_file(from);
  from->is_closed = true;
  register_file(t, f);
  return Value::none();
}

Value wrap_raw(Thread& t, Value* args, bool is_readable, bool is_writable) {
  BinaryFile* f = self_of(args[0]);
  int64_t size = kFileBufferSize;
  if (!args[2].is_empty() && !to_index(t, args[2], size)) return Value::raised();
  if (size <= 0) return raise(t, ErrorType::ValueError, "buffer size must be strictly positive");
  const char* needed = is_readable ? "readable" : "writable";
  Value able = TRY(call_named(t, args[1], needed));
  if (!TRY(truth(t, able)).is_true()) {
    return raise(t, ErrorType::OSError, "File or stream is not {}.", needed);
  }
  note_finalizer(f);
  f->descriptor = -1;
  f->raw = args[1];
  f->name = Value::none();
  f->mode = is_readable ? (is_writable ? "rb+" : "rb") : "wb";
  f->is_readable = is_readable;
  f->is_writable = is_writable;
  f->is_seekable = true;
  f->buffer_size = static_cast<size_t>(size);
  // A file of ours is used through its descriptor; it stays the owner.
  if (is_binary_file(args[1]) && self_of(args[1])->is_raw && !is_foreign(self_of(args[1]))) {
    BinaryFile* raw = self_of(args[1]);
    f->descriptor = raw->descriptor;
    f->closes_descriptor = raw->closes_descriptor;
    raw->closes_descriptor = false;
    f->name = raw->name;
    f->is_seekable = raw->is_seekable;
    f->raw = Value::empty();
  }
  register_file(t, f);
  return Value::none();
}

Value reader_init(Thread& t, Value* args, size_t) { return wrap_raw(t, args, true, false); }
Value writer_init(Thread& t, Value* args, size_t) { return wrap_raw(t, args, false, true); }
Value random_init(Thread& t, Value* args, size_t) { return wrap_raw(t, args, true, true); }

Value binary_new(Thread& t, Value* args, size_t) {
  Value v = new_io_object(t, as<Type>(args[0]));
  BinaryFile* f = self_of(v);
  f->descriptor = -1;
  f->raw = Value::empty();
  f->name = Value::none();
  f->mode = "rb";
  f->is_raw = f->shape->type->layout == &file_io_layout;
  return v;
}

constexpr const char* kNewSignature = "(cls, *args, **kwargs)";

// FileIO reads with single system calls.
Value file_io_read(Thread& t, Value* args, size_t argc) {
  size_t count;
  if (!size_argument(t, args[1], count)) return Value::raised();
  if (count == SIZE_MAX) return binary_read(t, args, argc);
  BinaryFile* f = self_of(args[0]);
  if (f->is_closed) return raise_closed(t, "I/O operation on closed file");
  if (!f->is_readable) return raise_unsupported(t, "File not open for reading");
  if (!t.heap->can_allocate(count)) return raise_memory(t);
  std::string bytes(count, '\0');
  ssize_t n = binary_low_read(t, f, bytes.data(), count);
  if (n == kWouldBlock) return Value::none();
  if (n < 0) return Value::raised();
  return Value::of_object(make_bytes(t, bytes.data(), static_cast<size_t>(n)));
}

Value file_io_readall(Thread& t, Value* args, size_t) {
  Value read_args[2] = {args[0], Value::empty()};
  return binary_read(t, read_args, 2);
}

Value file_io_write(Thread& t, Value* args, size_t) {
  BinaryFile* f = self_of(args[0]);
  if (f->is_closed) return raise_closed(t, "I/O operation on closed file");
  if (!f->is_writable) return raise_unsupported(t, "File not open for writing");
  std::string_view bytes;
  if (!require_bytes(t, args[1], bytes)) return Value::raised();
  PinnedBytes pinned(args[1]);
  for (;;) {
    ssize_t n;
    int error;
    {
      ReleaseGil released(t, BlockReason::FileIo);
      n = write(f->descriptor, bytes.data(), bytes.size());
      error = errno;
    }
    if (n >= 0) return Value::of_int(n);
    if (error == EAGAIN) return Value::none();
    bool raised;
    if (!should_retry(t, error, raised)) return Value::raised();
  }
}

constexpr NativeRow file_io_methods[] = {
    {"__new__", binary_new, kNewSignature, "", Binding::Static},
    {"__init__", file_io_init, "(self, file, mode='r', closefd=True, opener=None)", "Opens a file without a buffer."},
    {"read", file_io_read, "(self, size=-1, /)", "Up to size bytes with one system call; all without a size."},
    {"readall", file_io_readall, "(self, /)", "Bytes to the end."},
    {"readinto", binary_readinto1, "(self, buffer, /)", "Reads into a buffer and gives the count."},
    {"readline", binary_readline, "(self, size=-1, /)", "One line with its end."},
    {"write", file_io_write, "(self, b, /)", "Writes with one system call and gives the count."},
    {"seek", binary_seek_method, "(self, pos, whence=0, /)", "Sets the position."},
    {"tell", binary_tell_method, "(self, /)", "The position."},
    {"truncate", binary_truncate, "(self, size=None, /)", "Cuts or extends the file."},
    {"close", binary_close_method, "(self, /)", "Closes."},
    {"fileno", binary_fileno, "(self, /)", "The descriptor."},
    {"isatty", binary_isatty, "(self, /)", "Is it a terminal?"},
    {"readable", binary_readable, "(self, /)", "Can it be read?"},
    {"writable", binary_writable, "(self, /)", "Can it be written?"},
    {"seekable", binary_seekable, "(self, /)", "Can its position be set?"},
};

#define MINI_READER_ROWS                                                                                 \
  {"read", binary_read, "(self, size=-1, /)", "Bytes; all without a size."},                             \
  {"read1", binary_read1, "(self, size=-1, /)", "Bytes from at most one system call."},                  \
  {"peek", binary_peek, "(self, size=0, /)", "Bytes that come next, without taking them."},              \
  {"readinto", binary_readinto, "(self, buffer, /)", "Reads into a buffer and gives the count."},        \
  {"readinto1", binary_readinto1, "(self, buffer, /)", "As readinto, with one system call."},            \
  {"readline", binary_readline, "(self, size=-1, /)", "One line with its end."}
#define MINI_BUFFERED_ROWS                                                                               \
  {"__new__", binary_new, kNewSignature, "", Binding::Static},                                           \
  {"flush", binary_flush_method, "(self, /)", "Writes what is buffered."},                                  \
  {"seek", binary_seek_method, "(self, target, whence=0, /)", "Sets the position."},                     \
  {"tell", binary_tell_method, "(self, /)", "The position."},                                               \
  {"truncate", binary_truncate, "(self, pos=None, /)", "Cuts or extends the file."},                     \
  {"close", binary_close_method, "(self, /)", "Writes what is buffered and closes."},                       \
  {"detach", binary_detach, "(self, /)", "Gives the raw file away."},                                       \
  {"fileno", binary_fileno, "(self, /)", "The descriptor."},                                                \
  {"isatty", binary_isatty, "(self, /)", "Is it a terminal?"},                                              \
  {"readable", binary_readable, "(self, /)", "Can it be read?"},                                            \
  {"writable", binary_writable, "(self, /)", "Can it be written?"},                                         \
  {"seekable", binary_seekable, "(self, /)", "Can its position be set?"}

constexpr NativeRow reader_methods[] = {
    {"__init__", reader_init, "(self, raw, buffer_size=8192)", "Reads ahead from a raw file."}, MINI_READER_ROWS,
    MINI_BUFFERED_ROWS};
constexpr NativeRow writer_methods[] = {
    {"__init__", writer_init, "(self, raw, buffer_size=8192)", "Gathers writes to a raw file."},
    {"write", binary_write_method, "(self, buffer, /)", "Writes bytes and gives their number."}, MINI_BUFFERED_ROWS};
constexpr NativeRow random_methods[] = {
    {"__init__", random_init, "(self, raw, buffer_size=8192)", "Reads and writes a raw file."}, MINI_READER_ROWS,
    {"write", binary_write_method, "(self, buffer, /)", "Writes bytes and gives their number."}, MINI_BUFFERED_ROWS};

constexpr AttributeRow binary_attributes[] = {
    {"name", binary_name, nullptr, "Path, or number of the descriptor."},
    {"mode", binary_mode, nullptr, "How it was opened."},
    {"raw", binary_raw, nullptr, "The file below the buffer."},
    {"closed", binary_closed, nullptr, "Was it closed?"},
};
constexpr AttributeRow file_io_attributes[] = {
    {"name", binary_name, nullptr, "Path, or number of the descriptor."},
    {"mode", binary_mode, nullptr, "How it was opened."},
    {"closefd", binary_closefd, nullptr, "Does closing the file close the descriptor?"},
};

}  // namespace

const Layout file_io_layout = {
    .name = "FileIO", .module = "_io", .kind = Kind::Native, .size = sizeof(BinaryFile), .flags = kSubclassable | kHasAttributes,
    .base = &raw_io_base_layout, .trace = binary_trace, .finalize = binary_finalize,
    .ops = {.repr = binary_repr, .iterate = io_self, .next = binary_next},
    .methods = file_io_methods, .method_count = std::size(file_io_methods),
    .attributes = file_io_attributes, .attribute_count = std::size(file_io_attributes),
    .help = "A file without a buffer."};

#define MINI_BUFFERED_LAYOUT(identifier, class_name, rows, text)                                                        \
  const Layout identifier = {                                                                                          \
      .name = class_name, .module = "_io", .kind = Kind::Native, .size = sizeof(BinaryFile), .flags = kSubclassable | kHasAttributes,    \
      .base = &buffered_io_base_layout, .trace = binary_trace, .finalize = binary_finalize,                             \
      .ops = {.repr = binary_repr, .iterate = io_self, .next = binary_next},                                            \
      .methods = rows, .method_count = std::size(rows),                                                                 \
      .attributes = binary_attributes, .attribute_count = std::size(binary_attributes), .help = text}
MINI_BUFFERED_LAYOUT(buffered_reader_layout, "BufferedReader", reader_methods, "A binary file open for reading.");
MINI_BUFFERED_LAYOUT(buffered_writer_layout, "BufferedWriter", writer_methods, "A binary file open for writing.");
MINI_BUFFERED_LAYOUT(buffered_random_layout, "BufferedRandom", random_methods, "A binary file open for both.");

}  // namespace mini
