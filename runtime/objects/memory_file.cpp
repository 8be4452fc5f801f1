// SPDX-License-Identifier: MIT
// io.BytesIO and io.StringIO: files in memory. Never block, so never give the GIL up.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/file_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

// One struct for both: `unit` is the size of an element, a byte or a code point.
struct MemoryFile : IoBase {
  uint8_t* data;
  size_t length, capacity, position;   // in units; position may lie beyond length
  NewlineMode newline;
  uint8_t seen_newlines;               // as newlines_value takes them
  ByteArray* view;                     // null until getbuffer is called; from then on it owns `data`
  AttributeStore store;
};

MemoryFile* self_of(Value v) { return as<MemoryFile>(v); }
uint8_t* bytes_of(MemoryFile* f) { return f->data; }
char32_t* chars_of(MemoryFile* f) { return reinterpret_cast<char32_t*>(f->data); }

void memory_trace(Object* o, Marker& marker) { marker.mark_pointer(static_cast<MemoryFile*>(o)->view); }

void memory_finalize(Object* o, Heap& heap) {
  auto* f = static_cast<MemoryFile*>(o);
  if (f->view) return;                 // the view frees the data
  std::free(f->data);
  heap.account(-static_cast<ptrdiff_t>(f->capacity));
}

// The view may have been resized through memoryview.obj.
void follow_view(MemoryFile* f) {
  if (!f->view) return;
  f->data = f->view->data;
  f->capacity = f->view->capacity;
  f->length = std::min<size_t>(f->length, f->view->length);
}

void update_view(MemoryFile* f) {
  if (!f->view) return;
  f->view->data = f->data;
  f->view->capacity = f->capacity;
  f->view->length = f->length;
}

// False after raising BufferError: a view of the contents is in a `with` block.
bool can_change(Thread& t, const MemoryFile* f) { return !f->view || can_resize(t, f->view); }

// Room for `units` in all. False after raising MemoryError.
bool reserve(Thread& t, MemoryFile* f, size_t units, size_t unit) {
  if (units <= f->capacity) return true;
  size_t wanted = std::max(units, f->capacity + f->capacity / 2 + 64);
  if (units > (SIZE_MAX >> 4) || !t.heap->can_allocate(wanted * unit)) {
    (void)raise_memory(t);
    return false;
  }
  auto* grown = static_cast<uint8_t*>(std::realloc(f->data, wanted * unit + 1));
  if (!grown) {
    (void)raise_memory(t);
    return false;
  }
  t.heap->account(static_cast<ptrdiff_t>(wanted - f->capacity));
  f->data = grown;
  f->capacity = wanted;
  update_view(f);
  return true;
}

// Makes room for `count` units at the position, with zeros in a gap before it.
bool open_gap(Thread& t, MemoryFile* f, size_t count, size_t unit) {
  if (!reserve(t, f, f->position + count, unit)) return false;
  if (f->position > f->length) std::memset(f->data + f->length * unit, 0, (f->position - f->length) * unit);
  return true;
}

void wrote(MemoryFile* f, size_t count) {
  f->position += count;
  f->length = std::max(f->length, f->position);
  update_view(f);
}

size_t left(const MemoryFile* f) { return f->position < f->length ? f->length - f->position : 0; }

Value raise_memory_closed(Thread& t, Value self) {
  bool is_bytes = type_of(self.object)->layout == &bytes_io_layout;
  return raise_closed(t, is_bytes ? "I/O operation on closed file." : "I/O operation on closed file");
}

#define MINI_MEMORY_BEGIN()              \
  MemoryFile* f = self_of(args[0]);      \
  if (f->is_closed) return raise_memory_closed(t, args[0]); \
  follow_view(f)

Value memory_new(Thread& t, Value* args, size_t) {
  Value v = new_io_object(t, as<Type>(args[0]));
  note_finalizer(v.object);
  self_of(v)->newline = NewlineMode::LineFeed;
  return v;
}

Value memory_close(Thread& t, Value* args, size_t) {
  MemoryFile* f = self_of(args[0]);
  if (!can_change(t, f)) return Value::raised();
  follow_view(f);
  f->is_closed = true;
  std::free(f->data);
  t.heap->account(-static_cast<ptrdiff_t>(f->capacity));
  f->data = nullptr;
  f->length = f->capacity = f->position = 0;
  update_view(f);
  return Value::none();
}

Value memory_able(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  return Value::of_bool(true);
}

Value memory_isatty(Thread& t, Value* args, size_t) {
  if (self_of(args[0])->is_closed) return raise_closed(t);
  return Value::of_bool(false);
}

Value memory_flush(Thread& t, Value* args, size_t) {
  bool is_text = type_of(args[0].object)->layout == &string_io_layout;
  if (self_of(args[0])->is_closed && !is_text) return raise_memory_closed(t, args[0]);
  return Value::none();
}

Value memory_tell(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  return Value::of_int(static_cast<int64_t>(f->position));
}

Value memory_truncate(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  auto size = static_cast<int64_t>(f->position);
  if (!args[1].is_empty() && !args[1].is_none() && !to_length(t, args[1], size)) return Value::raised();
  if (size < 0) return raise(t, ErrorType::ValueError, "{} {}", type_of(args[0].object)->layout == &bytes_io_layout ? "negative size value" : "Negative size value", size);
  if (!can_change(t, f)) return Value::raised();
  f->length = std::min(f->length, static_cast<size_t>(size));
  update_view(f);
  return Value::of_int(size);
}

// --- BytesIO ---

Value take_bytes(Thread& t, MemoryFile* f, size_t count) {
  Bytes* result = make_bytes(t, bytes_of(f) + f->position, count);
  f->position += count;
  return Value::of_object(result);
}

Value bytes_io_write(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  std::string_view bytes;
  if (!require_bytes(t, args[1], bytes) || !can_change(t, f)) return Value::raised();
  if (bytes.empty()) return Value::of_int(0);
  if (!open_gap(t, f, bytes.size(), 1)) return Value::raised();
  std::memmove(bytes_of(f) + f->position, bytes.data(), bytes.size());
  wrote(f, bytes.size());
  return Value::of_int(static_cast<int64_t>(bytes.size()));
}

Value bytes_io_init(Thread& t, Value* args, size_t argc) {
  MemoryFile* f = self_of(args[0]);
  follow_view(f);
  f->is_closed = false;
  f->length = f->position = 0;
  update_view(f);
  if (args[1].is_empty() || args[1].is_none()) return Value::none();
  TRY(bytes_io_write(t, args, argc));
  f->position = 0;
  return Value::none();
}

Value bytes_io_read(Thread& t, Value* args, size_t) {
  size_t count;
  if (!size_argument(t, args[1], count)) return Value::raised();
  MINI_MEMORY_BEGIN();
  return take_bytes(t, f, std::min(count, left(f)));
}

size_t line_length(MemoryFile* f, size_t limit) {
  size_t reach = std::min(limit, left(f));
  const void* end = reach ? std::memchr(bytes_of(f) + f->position, '\n', reach) : nullptr;
  return end ? static_cast<size_t>(static_cast<const uint8_t*>(end) - bytes_of(f)) + 1 - f->position : reach;
}

Value bytes_io_readline(Thread& t, Value* args, size_t) {
  size_t limit;
  if (!size_argument(t, args[1], limit)) return Value::raised();
  MINI_MEMORY_BEGIN();
  return take_bytes(t, f, line_length(f, limit));
}

Value bytes_io_iterate(Thread&, Value self) { return self; }   // closed or not

Value bytes_io_next(Thread& t, Value self) {
  if (type_of(self.object) != native_type(t, bytes_io_layout)) return io_next(t, self);
  MemoryFile* f = self_of(self);
  if (f->is_closed) return raise_closed(t);
  follow_view(f);
  size_t length = line_length(f, SIZE_MAX);
  return length ? take_bytes(t, f, length) : Value::empty();
}

Value bytes_io_readinto(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  Value room = TRY(length_of(t, args[1]));
  size_t count = std::min(static_cast<size_t>(room.integer), left(f));
  Value bytes = take_bytes(t, f, count);
  Value part = make_slice(t, Value::of_int(0), Value::of_int(static_cast<int64_t>(count)), Value::none());
  TRY(set_item(t, args[1], part, bytes));
  return Value::of_int(static_cast<int64_t>(count));
}

Value bytes_io_getvalue(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  return Value::of_object(make_bytes(t, f->data ? f->data : reinterpret_cast<const uint8_t*>(""), f->length));
}

// The data move into a bytearray, so that the view can change them.
Value bytes_io_getbuffer(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  if (!f->view) {
    if (!reserve(t, f, std::max<size_t>(f->length, 1), 1)) return Value::raised();
    ByteArray* view = make_bytearray(t, nullptr, 0);
    std::free(view->data);
    t.heap->account(-static_cast<ptrdiff_t>(view->capacity));
    f->view = view;
    update_view(f);
  }
  return call(t, Value::of_object(types(t).memoryview), {Value::of_object(f->view)});
}

Value bytes_io_seek(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  int64_t offset, whence = 0;
  if (!to_index(t, args[1], offset)) return Value::raised();
  if (!args[2].is_empty() && !to_index(t, args[2], whence)) return Value::raised();
  if (whence == 0 && offset < 0) return raise(t, ErrorType::ValueError, "negative seek value {}", offset);
  if (whence < 0 || whence > 2) return raise(t, ErrorType::ValueError, "invalid whence ({}, should be 0, 1 or 2)", whence);
  int64_t base = whence == 0 ? 0 : static_cast<int64_t>(whence == 1 ? f->position : f->length);
  f->position = static_cast<size_t>(std::max<int64_t>(0, base + offset));
  return Value::of_int(static_cast<int64_t>(f->position));
}

// --- StringIO ---

Value take_text(Thread& t, MemoryFile* f, size_t count) {
  Str* text = make_str_wide(t, chars_of(f) + f->position, count);
  f->position += count;
  return str_value(text);
}

// Characters as they are stored: line ends translated as the newline argument says.
std::u32string stored_text(MemoryFile* f, Str* s) {
  std::u32string out;
  out.reserve(s->length);
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    if (c == '\r' && f->newline == NewlineMode::Universal) {
      if (i + 1 < s->length && s->at(i + 1) == '\n') ++i;
      out += U'\n';
    } else if (c == '\n' && f->newline == NewlineMode::Return) {
      out += U'\r';
    } else if (c == '\n' && f->newline == NewlineMode::ReturnLineFeed) {
      out += U"\r\n";
    } else {
      out += c;
    }
  }
  return out;
}

void note_newlines(MemoryFile* f, const Str* s) {
  if (f->newline != NewlineMode::Universal && f->newline != NewlineMode::Untranslated) return;
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    bool is_pair = c == '\r' && i + 1 < s->length && s->at(i + 1) == '\n';
    if (c == '\r') f->seen_newlines |= is_pair ? 4 : 1;
    if (c == '\n') f->seen_newlines |= 2;
    i += is_pair;
  }
}

bool put_text(Thread& t, MemoryFile* f, Str* s) {
  if (s->length == 0) return true;
  note_newlines(f, s);
  if (f->newline == NewlineMode::LineFeed || f->newline == NewlineMode::Untranslated) {
    if (!open_gap(t, f, s->length, sizeof(char32_t))) return false;
    char32_t* to = chars_of(f) + f->position;
    if (s->is_wide()) std::memcpy(to, s->wide(), s->length * sizeof(char32_t));
    else std::copy(s->narrow(), s->narrow() + s->length, to);
    wrote(f, s->length);
    return true;
  }
  std::u32string text = stored_text(f, s);
  if (!open_gap(t, f, text.size(), sizeof(char32_t))) return false;
  std::memcpy(chars_of(f) + f->position, text.data(), text.size() * sizeof(char32_t));
  wrote(f, text.size());
  return true;
}

Value string_io_write(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "string argument expected, got '{}'", type_name(t, args[1]));
  MINI_MEMORY_BEGIN();
  if (!put_text(t, f, as<Str>(args[1]))) return Value::raised();
  return Value::of_int(static_cast<int64_t>(as<Str>(args[1])->length));
}

Value string_io_init(Thread& t, Value* args, size_t) {
  MemoryFile* f = self_of(args[0]);
  f->is_closed = false;
  f->length = f->position = 0;
  f->seen_newlines = 0;
  TextEncoding encoding;
  bool has_mark;
  Str *encoding_name, *errors;
  Value newline = args[2].is_empty() ? str_value(make_str(t, "\n")) : args[2];
  if (!parse_text_arguments(t, Value::empty(), Value::empty(), newline, encoding, has_mark, encoding_name, errors, f->newline)) {
    bool is_other_text = is_kind(newline, Kind::Str) && exception_matches(t, ErrorType::ValueError);
    if (!is_other_text) return Value::raised();
    (void)take_exception(t);   // here, unlike in open(), CPython shows the repr
    return raise(t, ErrorType::ValueError, "illegal newline value: {}", to_utf8(to_repr(t, newline)));
  }
  if (args[1].is_empty() || args[1].is_none()) return Value::none();
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "initial_value must be str or None, not {}", type_name(t, args[1]));
  if (!put_text(t, f, as<Str>(args[1]))) return Value::raised();
  f->position = 0;
  return Value::none();
}

Value string_io_read(Thread& t, Value* args, size_t) {
  size_t count;
  if (!size_argument(t, args[1], count)) return Value::raised();
  MINI_MEMORY_BEGIN();
  return take_text(t, f, std::min(count, left(f)));
}

size_t text_line_length(MemoryFile* f, size_t limit) {
  size_t reach = std::min(limit, left(f));
  const char32_t* p = chars_of(f) + f->position;
  bool any_end = f->newline == NewlineMode::Untranslated;
  for (size_t i = 0; i < reach; ++i) {
    if (p[i] == '\n' && f->newline != NewlineMode::Return && f->newline != NewlineMode::ReturnLineFeed) return i + 1;
    if (p[i] != '\r') continue;
    bool is_pair = i + 1 < reach && p[i + 1] == '\n';
    if (f->newline == NewlineMode::Return) return i + 1;
    if (is_pair && (any_end || f->newline == NewlineMode::ReturnLineFeed)) return i + 2;
    if (any_end) return i + 1;
  }
  return reach;
}

Value string_io_readline(Thread& t, Value* args, size_t) {
  size_t limit;
  if (!size_argument(t, args[1], limit)) return Value::raised();
  MINI_MEMORY_BEGIN();
  return take_text(t, f, text_line_length(f, limit));
}

Value string_io_next(Thread& t, Value self) {
  if (type_of(self.object) != native_type(t, string_io_layout)) return io_next(t, self);
  MemoryFile* f = self_of(self);
  if (f->is_closed) return raise_memory_closed(t, self);
  size_t length = text_line_length(f, SIZE_MAX);
  return length ? take_text(t, f, length) : Value::empty();
}

Value string_io_getvalue(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  return str_value(make_str_wide(t, chars_of(f), f->length));
}

Value string_io_seek(Thread& t, Value* args, size_t) {
  MINI_MEMORY_BEGIN();
  int64_t offset, whence = 0;
  if (!to_index(t, args[1], offset)) return Value::raised();
  if (!args[2].is_empty() && !to_index(t, args[2], whence)) return Value::raised();
  if (whence < 0 || whence > 2) return raise(t, ErrorType::ValueError, "Invalid whence ({}, should be 0, 1 or 2)", whence);
  if (whence == 0 && offset < 0) return raise(t, ErrorType::ValueError, "Negative seek position {}", offset);
  if (whence != 0 && offset != 0) return raise(t, ErrorType::OSError, "Can't do nonzero cur-relative seeks");
  if (whence == 0) f->position = static_cast<size_t>(offset);
  if (whence == 2) f->position = f->length;
  return Value::of_int(static_cast<int64_t>(f->position));
}

// What kinds of line ends were met, as a text file tells it; only where they are translated or looked at.
Value string_io_newlines(Thread& t, Value self) {
  if (self_of(self)->is_closed) return raise_closed(t);
  return newlines_value(t, self_of(self)->seen_newlines);
}

Value string_io_line_buffering(Thread&, Value) { return Value::of_bool(false); }

#define MINI_MEMORY_ROWS                                                                        \
  {"__new__", memory_new, "(cls, *args, **kwargs)", "", Binding::Static},                       \
  {"close", memory_close, "(self, /)", "Closes and drops the contents."},                          \
  {"flush", memory_flush, "(self, /)", "Does nothing."},                                           \
  {"isatty", memory_isatty, "(self, /)", "False."},                                                \
  {"readable", memory_able, "(self, /)", "True."},                                                 \
  {"writable", memory_able, "(self, /)", "True."},                                                 \
  {"seekable", memory_able, "(self, /)", "True."},                                                 \
  {"tell", memory_tell, "(self, /)", "The position."},                                             \
  {"truncate", memory_truncate, "(self, pos=None, /)", "Cuts the contents."}

constexpr NativeRow bytes_io_methods[] = {
    MINI_MEMORY_ROWS,
    {"__init__", bytes_io_init, "(self, initial_bytes=b'')", "A binary file in memory."},
    {"read", bytes_io_read, "(self, size=-1, /)", "Bytes; all without a size."},
    {"read1", bytes_io_read, "(self, size=-1, /)", "Bytes; all without a size."},
    {"readline", bytes_io_readline, "(self, size=-1, /)", "One line with its end."},
    {"readinto", bytes_io_readinto, "(self, buffer, /)", "Reads into a buffer and gives the count."},
    {"readinto1", bytes_io_readinto, "(self, buffer, /)", "Reads into a buffer and gives the count."},
    {"write", bytes_io_write, "(self, b, /)", "Writes bytes and gives their number."},
    {"getvalue", bytes_io_getvalue, "(self, /)", "All contents."},
    {"getbuffer", bytes_io_getbuffer, "(self, /)", "A view of the contents."},
    {"seek", bytes_io_seek, "(self, pos, whence=0, /)", "Sets the position."},
};
constexpr NativeRow string_io_methods[] = {
    MINI_MEMORY_ROWS,
    {"__init__", string_io_init, "(self, initial_value='', newline='\\n')", "A text file in memory."},
    {"read", string_io_read, "(self, size=-1, /)", "Text; all without a size."},
    {"readline", string_io_readline, "(self, size=-1, /)", "One line with its end."},
    {"write", string_io_write, "(self, s, /)", "Writes text and gives its length."},
    {"getvalue", string_io_getvalue, "(self, /)", "All contents."},
    {"seek", string_io_seek, "(self, pos, whence=0, /)", "Sets the position."},
};
constexpr AttributeRow string_io_attributes[] = {
    {"line_buffering", string_io_line_buffering, nullptr, "False."},
    {"newlines", string_io_newlines, nullptr, "The line ends met so far."},
};

}  // namespace

const Layout bytes_io_layout = {
    .name = "BytesIO", .module = "_io", .kind = Kind::Native, .size = sizeof(MemoryFile), .flags = kSubclassable | kHasAttributes,
    .base = &buffered_io_base_layout, .trace = memory_trace, .finalize = memory_finalize,
    .ops = {.iterate = bytes_io_iterate, .next = bytes_io_next},
    .methods = bytes_io_methods, .method_count = std::size(bytes_io_methods),
    .attributes = nullptr, .attribute_count = 0, .help = "A binary file in memory."};
const Layout string_io_layout = {
    .name = "StringIO", .module = "_io", .kind = Kind::Native, .size = sizeof(MemoryFile), .flags = kSubclassable | kHasAttributes,
    .base = &text_io_base_layout, .trace = nullptr, .finalize = memory_finalize,
    .ops = {.iterate = io_self, .next = string_io_next},
    .methods = string_io_methods, .method_count = std::size(string_io_methods),
    .attributes = string_io_attributes, .attribute_count = std::size(string_io_attributes), .help = "A text file in memory."};

}  // namespace mini
