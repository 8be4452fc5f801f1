// SPDX-License-Identifier: MIT
// IOBase, RawIOBase, BufferedIOBase, TextIOBase: what every file-like class can do by calling its own read, write and readline,
// so that a script class that defines one or two of them is a whole file. Also the helpers of file_parts.h.
#include <cstdlib>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/gil.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/file_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/range.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

FileGuard::FileGuard(Thread& t, FileUse& use) : use_(use), is_held_(false) {
  while (use.owner) {
    if (use.owner == &t) {
      (void)raise(t, ErrorType::RuntimeError, "reentrant call inside a file object");
      return;
    }
    if (park(t, use.waiters, {BlockReason::FileIo}) == ParkOutcome::Raised) return;
  }
  use.owner = &t;
  is_held_ = true;
}

FileGuard::~FileGuard() {
  if (!is_held_) return;
  use_.owner = nullptr;
  if (!use_.waiters.is_empty()) wake_one(use_.waiters);
}

void window_reserve(ByteWindow& w, size_t more) {
  if (w.begin == w.end) w.begin = w.end = 0;
  if (w.end + more <= w.capacity) return;
  size_t kept = w.size();
  if (kept + more <= w.capacity) {
    std::memmove(w.data, w.data + w.begin, kept);
  } else {
    size_t capacity = w.capacity ? w.capacity * 2 : kFileBufferSize;
    while (capacity < kept + more) capacity *= 2;
    auto* data = static_cast<uint8_t*>(std::malloc(capacity));
    if (kept) std::memcpy(data, w.data + w.begin, kept);
    std::free(w.data);
    w.data = data;
    w.capacity = capacity;
  }
  w.begin = 0;
  w.end = kept;
}

void window_append(ByteWindow& w, const void* bytes, size_t count) {
  if (count == 0) return;
  window_reserve(w, count);
  std::memcpy(w.data + w.end, bytes, count);
  w.end += count;
}

void window_free(ByteWindow& w) {
  std::free(w.data);
  w = {};
}

bool size_argument(Thread& t, Value v, size_t& out, size_t rest) {
  out = rest;
  if (v.is_empty() || v.is_none()) return true;
  int64_t n;
  bool may_be_index = is_integer(v) || (v.is_object() && type_of(t, v)->ops.index);
  if (!may_be_index) {
    (void)raise(t, ErrorType::TypeError, "argument should be integer or None, not '{}'", type_name(t, v));
    return false;
  }
  if (!to_length(t, v, n)) return false;
  if (n >= 0) out = static_cast<size_t>(n);
  return true;
}

Value raise_closed(Thread& t, std::string_view text) { return raise_text(t, ErrorType::ValueError, text); }

Value call_named(Thread& t, Value object, const char* name, std::initializer_list<Value> args) {
  return call_method(t, object, intern(t, name), args);
}

Value new_io_object(Thread& t, Type* type) {
  Object* o = allocate_object(t, type);
  size_t size = type->layout->size;
  if (type->slots_offset) size = std::min<size_t>(size, type->slots_offset);   // the attribute store is set up
  if (size > sizeof(Object)) std::memset(reinterpret_cast<char*>(o) + sizeof(Object), 0, size - sizeof(Object));
  return Value::of_object(o);
}

Type* unsupported_operation_type(Thread& t) {
  void*& made = t.interpreter->module_state["io.UnsupportedOperation"];
  if (!made) {
    t.interpreter->heap->add_root([&i = *t.interpreter](Marker& marker) {
      auto found = i.module_state.find("io.UnsupportedOperation");
      if (found != i.module_state.end()) marker.mark(static_cast<Object*>(found->second));
    });
    Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, ErrorType::OSError)),
                                  Value::of_object(error_type(t, ErrorType::ValueError))});
    Dict* attributes = make_dict(t);
    dict_set(t, attributes, names(t).module, str_value(intern(t, "io")));
    Value type = make_class(t, types(t).type, intern(t, "UnsupportedOperation"), bases, attributes, nullptr);
    if (type.is_raised()) {
      (void)take_exception(t);
      return error_type(t, ErrorType::OSError);
    }
    t.interpreter->module_state["io.UnsupportedOperation"] = type.object;
  }
  return static_cast<Type*>(t.interpreter->module_state["io.UnsupportedOperation"]);
}

Value raise_unsupported(Thread& t, std::string_view text) {
  Value exception = TRY(call(t, Value::of_object(unsupported_operation_type(t)), {str_value(make_str(t, text))}));
  return raise_value(t, exception);
}

Value io_self(Thread& t, Value self) {
  TRY(require_open(t, self));
  return self;
}

Value io_true(Thread&, Value*, size_t) { return Value::of_bool(true); }
Value io_false(Thread&, Value*, size_t) { return Value::of_bool(false); }
Value io_new(Thread& t, Value* args, size_t) { return new_io_object(t, as<Type>(args[0])); }

Value io_next(Thread& t, Value self) {
  Value line = TRY(call_named(t, self, "readline"));
  Value has_text = TRY(truth(t, line));
  return has_text.is_true() ? line : Value::empty();
}

Value io_closed_get(Thread&, Value self) { return Value::of_bool(as<IoBase>(self)->is_closed); }

Value require_open(Thread& t, Value self) {
  Value closed = TRY(get_attribute(t, self, "closed"));
  if (TRY(truth(t, closed)).is_true()) return raise_closed(t);
  return Value::none();
}

namespace {

Value io_close(Thread& t, Value* args, size_t) {
  IoBase* f = as<IoBase>(args[0]);
  if (f->is_closed) return Value::none();
  Value flushed = call_named(t, args[0], "flush");
  f->is_closed = true;
  TRY(flushed);
  return Value::none();
}

Value io_flush(Thread& t, Value* args, size_t) { return require_open(t, args[0]); }

Value io_isatty(Thread& t, Value* args, size_t) {
  TRY(require_open(t, args[0]));
  return Value::of_bool(false);
}

Value io_capability(Thread& t, Value* args, size_t) {
  TRY(require_open(t, args[0]));
  return Value::of_bool(false);
}

Value io_fileno(Thread& t, Value*, size_t) { return raise_unsupported(t, "fileno"); }
Value io_seek(Thread& t, Value*, size_t) { return raise_unsupported(t, "seek"); }
Value io_truncate(Thread& t, Value*, size_t) { return raise_unsupported(t, "truncate"); }
Value io_tell(Thread& t, Value* args, size_t) { return call_named(t, args[0], "seek", {Value::of_int(0), Value::of_int(1)}); }

Value io_enter(Thread& t, Value* args, size_t) {
  TRY(require_open(t, args[0]));
  return args[0];
}

Value io_exit(Thread& t, Value* args, size_t) {
  TRY(call_named(t, args[0], "close"));
  return Value::none();
}

// By single bytes: only for classes that define read() and nothing better.
Value io_readline(Thread& t, Value* args, size_t) {
  size_t limit;
  if (!size_argument(t, args[1], limit)) return Value::raised();
  std::string line;
  while (line.size() < limit && (line.empty() || line.back() != '\n')) {
    Value piece = TRY(call_named(t, args[0], "read", {Value::of_int(1)}));
    std::string_view bytes;
    if (!bytes_view(piece, bytes)) {
      return raise(t, ErrorType::OSError, "read() should have returned a bytes object, not '{}'", type_name(t, piece));
    }
    if (bytes.empty()) break;
    line += bytes;
  }
  return Value::of_object(make_bytes(t, line));
}

// RawIOBase.read over a script's readinto.
Value raw_read(Thread& t, Value* args, size_t) {
  size_t count;
  if (!size_argument(t, args[1], count)) return Value::raised();
  if (count == SIZE_MAX) return call_named(t, args[0], "readall");
  if (!t.heap->can_allocate(count)) return raise_memory(t);
  ByteArray* room = make_bytearray(t, std::string(count, '\0').data(), count);
  Value got = TRY(call_named(t, args[0], "readinto", {Value::of_object(room)}));
  if (got.is_none()) return got;
  int64_t n;
  if (!to_index(t, got, n)) return Value::raised();
  if (n < 0 || static_cast<uint64_t>(n) > room->length) return raise(t, ErrorType::ValueError, "readinto returned {} outside buffer size {}", n, room->length);
  return Value::of_object(make_bytes(t, room->data, static_cast<size_t>(n)));
}

Value raw_readall(Thread& t, Value* args, size_t) {
  std::string all;
  for (;;) {
    Value piece = TRY(call_named(t, args[0], "read", {Value::of_int(kFileBufferSize)}));
    std::string_view bytes;
    if (piece.is_none()) break;
    if (!require_bytes(t, piece, bytes)) return Value::raised();
    if (bytes.empty()) break;
    all += bytes;
  }
  return Value::of_object(make_bytes(t, all));
}

// BufferedIOBase.readinto over a script's read.
Value buffered_readinto(Thread& t, Value* args, size_t) {
  Value length = TRY(length_of(t, args[1]));
  Value piece = TRY(call_named(t, args[0], "read", {length}));
  std::string_view bytes;
  if (!require_bytes(t, piece, bytes)) return Value::raised();
  Value part = make_slice(t, Value::of_int(0), Value::of_int(static_cast<int64_t>(bytes.size())), Value::none());
  TRY(set_item(t, args[1], part, piece));
  return Value::of_int(static_cast<int64_t>(bytes.size()));
}

Value unsupported_read(Thread& t, Value*, size_t) { return raise_unsupported(t, "read"); }
Value unsupported_read1(Thread& t, Value*, size_t) { return raise_unsupported(t, "read1"); }
Value unsupported_write(Thread& t, Value*, size_t) { return raise_unsupported(t, "write"); }
Value unsupported_readline(Thread& t, Value*, size_t) { return raise_unsupported(t, "readline"); }
Value unsupported_detach(Thread& t, Value*, size_t) { return raise_unsupported(t, "detach"); }
Value none_get(Thread&, Value) { return Value::none(); }

}  // namespace

Value io_readlines(Thread& t, Value* args, size_t) {
  size_t hint;
  if (!size_argument(t, args[1], hint)) return Value::raised();
  if (hint == 0) hint = SIZE_MAX;
  List* lines = make_list(t);
  size_t total = 0;
  for (Iteration it(t, args[0]);;) {
    Value line = TRY(it.next());
    if (line.is_empty()) break;
    list_push(t, lines, line);
    if (hint == SIZE_MAX) continue;
    total += static_cast<size_t>(TRY(length_of(t, line)).integer);
    if (total >= hint) break;
  }
  return Value::of_object(lines);
}

Value io_writelines(Thread& t, Value* args, size_t) {
  TRY(require_open(t, args[0]));
  for (Iteration it(t, args[1]);;) {
    Value line = TRY(it.next());
    if (line.is_empty()) return Value::none();
    TRY(call_method(t, args[0], names(t).write, {line}));
  }
}

static constexpr NativeRow io_base_methods[] = {
    {"__new__", io_new, "(cls, *args, **kwargs)", "Makes an open file-like object.", Binding::Static},
    {"close", io_close, "(self, /)", "Flushes and closes."},
    {"flush", io_flush, "(self, /)", "Writes what is buffered."},
    {"isatty", io_isatty, "(self, /)", "Is it a terminal?"},
    {"readable", io_capability, "(self, /)", "Can it be read?"},
    {"writable", io_capability, "(self, /)", "Can it be written?"},
    {"seekable", io_capability, "(self, /)", "Can its position be set?"},
    {"fileno", io_fileno, "(self, /)", "The descriptor."},
    {"seek", io_seek, "(self, offset, whence=0, /)", "Sets the position."},
    {"tell", io_tell, "(self, /)", "The position."},
    {"truncate", io_truncate, "(self, pos=None, /)", "Cuts or extends the file."},
    {"readline", io_readline, "(self, size=-1, /)", "One line with its end."},
    {"readlines", io_readlines, "(self, hint=-1, /)", "A list of lines."},
    {"writelines", io_writelines, "(self, lines, /)", "Writes each item."},
    {"__enter__", io_enter, "(self, /)", ""},
    {"__exit__", io_exit, "(self, *args)", "Closes."},
};
static constexpr AttributeRow io_base_attributes[] = {{"closed", io_closed_get, nullptr, "Was it closed?"}};

static constexpr NativeRow raw_io_base_methods[] = {
    {"read", raw_read, "(self, size=-1, /)", "Up to size bytes; one system call."},
    {"readall", raw_readall, "(self, /)", "Bytes to the end."},
};
static constexpr NativeRow buffered_io_base_methods[] = {
    {"read", unsupported_read, "(self, *args)", "Bytes; all without a size."},
    {"read1", unsupported_read1, "(self, *args)", "Bytes from at most one system call."},
    {"readinto", buffered_readinto, "(self, buffer, /)", "Reads into a buffer and gives the count."},
    {"readinto1", buffered_readinto, "(self, buffer, /)", "As readinto, with one system call."},
    {"write", unsupported_write, "(self, *args)", "Writes bytes and gives their number."},
    {"detach", unsupported_detach, "(self, /)", "Gives the raw file away."},
};
static constexpr NativeRow text_io_base_methods[] = {
    {"read", unsupported_read, "(self, *args)", "Text; all without a size."},
    {"readline", unsupported_readline, "(self, *args)", "One line with its end."},
    {"write", unsupported_write, "(self, *args)", "Writes text and gives its length."},
    {"detach", unsupported_detach, "(self, /)", "Gives the buffer away."},
};
static constexpr AttributeRow text_io_base_attributes[] = {
    {"encoding", none_get, nullptr, "Name of the encoding."},
    {"errors", none_get, nullptr, "What happens on errors of encoding."},
    {"newlines", none_get, nullptr, "Ends of lines seen so far."},
};

const Layout io_base_layout = {
    .name = "IOBase", .module = "io", .kind = Kind::Native, .size = sizeof(IoBase), .flags = kSubclassable,
    .base = nullptr, .trace = nullptr, .finalize = nullptr, .ops = {.iterate = io_self, .next = io_next},
    .methods = io_base_methods, .method_count = std::size(io_base_methods),
    .attributes = io_base_attributes, .attribute_count = std::size(io_base_attributes),
    .help = "What all file-like classes share."};
const Layout raw_io_base_layout = {
    .name = "RawIOBase", .module = "io", .kind = Kind::Native, .size = sizeof(IoBase), .flags = kSubclassable,
    .base = &io_base_layout, .trace = nullptr, .finalize = nullptr, .ops = {},
    .methods = raw_io_base_methods, .method_count = std::size(raw_io_base_methods),
    .attributes = nullptr, .attribute_count = 0, .help = "Base of unbuffered binary files."};
const Layout buffered_io_base_layout = {
    .name = "BufferedIOBase", .module = "io", .kind = Kind::Native, .size = sizeof(IoBase), .flags = kSubclassable,
    .base = &io_base_layout, .trace = nullptr, .finalize = nullptr, .ops = {},
    .methods = buffered_io_base_methods, .method_count = std::size(buffered_io_base_methods),
    .attributes = nullptr, .attribute_count = 0, .help = "Base of buffered binary files."};
const Layout text_io_base_layout = {
    .name = "TextIOBase", .module = "io", .kind = Kind::Native, .size = sizeof(IoBase), .flags = kSubclassable,
    .base = &io_base_layout, .trace = nullptr, .finalize = nullptr, .ops = {},
    .methods = text_io_base_methods, .method_count = std::size(text_io_base_methods),
    .attributes = text_io_base_attributes, .attribute_count = std::size(text_io_base_attributes),
    .help = "Base of text files."};

}  // namespace mini
