// SPDX-License-Identifier: MIT
// TextIOWrapper: characters over a binary file. Decoding works on the window of bytes that the binary file read ahead (or on an own
// window over a foreign object), so position and bytes never disagree: tell() is a plain byte position.
//
// New bytes are checked as they come in, so that text that cannot be decoded raises at the first read of its block, as in CPython.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/objects/file_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

TextFile* self_of(Value v) { return as<TextFile>(v); }

// Bytes of a UTF-8 character by its first byte; 0: not a first byte.
size_t utf8_length(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return 2;
  if (lead < 0xF0) return 3;
  return lead < 0xF5 ? 4 : 0;
}

bool is_ascii_bytes(const uint8_t* p, size_t count) {
  for (; count >= 8; p += 8, count -= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    if (word & 0x8080808080808080) return false;
  }
  for (; count > 0; ++p, --count) {
    if (*p & 0x80) return false;
  }
  return true;
}

// Checks UTF-8. False when it is wrong; `incomplete` is the length of a cut character at the end.
bool check_utf8(const uint8_t* p, size_t count, uint8_t& incomplete) {
  const uint8_t* end = p + count;
  incomplete = 0;
  while (p < end) {
    if (*p < 0x80) {
      size_t step = static_cast<size_t>(end - p) < 64 ? static_cast<size_t>(end - p) : 64;
      if (is_ascii_bytes(p, step)) { p += step; continue; }
    }
    size_t length = utf8_length(*p);
    if (length == 0) return false;
    for (size_t i = 1; i < length; ++i) {
      if (p + i == end) { incomplete = static_cast<uint8_t>(i); return true; }
      uint8_t low = 0x80, high = 0xBF;
      if (i == 1 && *p == 0xE0) low = 0xA0;
      if (i == 1 && *p == 0xED) high = 0x9F;
      if (i == 1 && *p == 0xF0) low = 0x90;
      if (i == 1 && *p == 0xF4) high = 0x8F;
      if (p[i] < low || p[i] > high) return false;
    }
    p += length;
  }
  return true;
}

const char* encoding_text(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::Utf8: return "utf-8";
    case TextEncoding::Ascii: return "ascii";
    case TextEncoding::Latin1: return "latin-1";
  }
  return "utf-8";
}

// The slow way, for text with errors: bytes.decode.
Value decode_slowly(Thread& t, TextFile* f, const uint8_t* p, size_t count) {
  Value bytes = Value::of_object(make_bytes(t, p, count));
  return call_named(t, bytes, "decode", {str_value(make_str(t, encoding_text(f->encoding))), str_value(f->errors)});
}

// Bytes that are known to be complete characters.
Value decode(Thread& t, TextFile* f, const uint8_t* p, size_t count) {
  if (count == 0) return str_value(t.interpreter->empty_str);
  if (f->encoding == TextEncoding::Latin1 || is_ascii_bytes(p, count)) return str_value(make_str_latin1(t, p, count));
  if (f->encoding == TextEncoding::Utf8) {
    uint8_t incomplete;
    if (check_utf8(p, count, incomplete) && incomplete == 0) {
      return str_value(make_str(t, std::string_view(reinterpret_cast<const char*>(p), count)));
    }
  }
  return decode_slowly(t, f, p, count);
}

ByteWindow& window_of(TextFile* f) { return f->file ? f->file->input : f->window; }

// More bytes into the window. 1: some came, 0: end of file, -1: raised.
int fill(Thread& t, TextFile* f) {
  ByteWindow& w = window_of(f);
  size_t old_size = w.size();
  if (f->file) {
    ssize_t n = binary_fill(t, f->file);
    if (n < 0) return -1;
  } else {
    Value piece = call_named(t, f->buffer, "read1", {Value::of_int(kFileBufferSize)});
    if (piece.is_raised() && exception_matches(t, ErrorType::AttributeError)) {
      (void)take_exception(t);
      piece = call_named(t, f->buffer, "read", {Value::of_int(kFileBufferSize)});
    }
    if (piece.is_raised()) return -1;
    std::string_view bytes;
    if (!bytes_view(piece, bytes)) {
      (void)raise(t, ErrorType::TypeError, "underlying read1() should have returned a bytes-like object, not '{}'", type_name(t, piece));
      return -1;
    }
    window_append(w, bytes.data(), bytes.size());
  }
  bool is_end = w.size() == old_size;
  if (f->skips_mark && w.size() > 0) {
    f->skips_mark = false;
    if (w.size() >= 3 && std::memcmp(w.data + w.begin, "\xEF\xBB\xBF", 3) == 0) {
      w.begin += 3;
      old_size = 0;
    }
  }
  if (!f->is_strict || f->encoding == TextEncoding::Latin1) return !is_end;
  // Check what is new, with the beginning of a character that the last block ended in.
  size_t from = old_size - (f->incomplete < old_size ? f->incomplete : old_size);
  const uint8_t* p = w.data + w.begin;
  bool is_right = f->encoding == TextEncoding::Ascii ? is_ascii_bytes(p + from, w.size() - from)
                                                     : check_utf8(p + from, w.size() - from, f->incomplete);
  if (is_right && !(is_end && f->incomplete)) return !is_end;
  f->incomplete = 0;
  return decode_slowly(t, f, p, w.size()).is_raised() ? -1 : !is_end;
}

bool is_translating(const TextFile* f) { return f->newline == NewlineMode::Universal; }

// Turns \r\n and \r into \n, and notes what was seen.
void translate_newlines(TextFile* f, std::string& text) {
  if (text.find('\r') == std::string::npos) {
    if (!(f->seen_newlines & 2) && text.find('\n') != std::string::npos) f->seen_newlines |= 2;
    return;
  }
  size_t to = 0;
  for (size_t from = 0; from < text.size(); ++from) {
    char c = text[from];
    if (c == '\r') {
      bool is_pair = from + 1 < text.size() && text[from + 1] == '\n';
      f->seen_newlines |= is_pair ? 4 : 1;
      if (is_pair) ++from;
      c = '\n';
    } else if (c == '\n') {
      f->seen_newlines |= 2;
    }
    text[to++] = c;
  }
  text.resize(to);
}

Value decode_translated(Thread& t, TextFile* f, const uint8_t* p, size_t count) {
  if (!is_translating(f)) return decode(t, f, p, count);
  if (!std::memchr(p, '\r', count)) {
    if (!(f->seen_newlines & 2) && std::memchr(p, '\n', count)) f->seen_newlines |= 2;
    return decode(t, f, p, count);
  }
  std::string text(reinterpret_cast<const char*>(p), count);
  translate_newlines(f, text);
  return decode(t, f, reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// Where the line that starts at w.begin + `seen` ends, as a length from w.begin; 0: not in sight. `is_whole`: no more bytes.
size_t find_line_end(const TextFile* f, const ByteWindow& w, size_t seen, bool is_whole) {
  const uint8_t* p = w.data + w.begin;
  size_t count = w.size();
  if (seen >= count && !is_whole) return 0;
  auto find = [&](int c, size_t from) -> size_t {
    if (from >= count) return count;
    const void* at = std::memchr(p + from, c, count - from);
    return at ? static_cast<size_t>(static_cast<const uint8_t*>(at) - p) : count;
  };
  switch (f->newline) {
    case NewlineMode::LineFeed: {
      size_t at = find('\n', seen);
      return at < count ? at + 1 : 0;
    }
    case NewlineMode::Return: {
      size_t at = find('\r', seen);
      return at < count ? at + 1 : 0;
    }
    case NewlineMode::ReturnLineFeed: {
      for (size_t at = find('\r', seen ? seen - 1 : 0); at + 1 < count; at = find('\r', at + 1)) {
        if (p[at + 1] == '\n') return at + 2;
      }
      return 0;
    }
    case NewlineMode::Universal:
    case NewlineMode::Untranslated: {
      size_t from = seen ? seen - 1 : 0;   // a \r at the end of the last look may be half of \r\n
      size_t line_feed = find('\n', from);
      const void* at = std::memchr(p + from, '\r', (line_feed < count ? line_feed : count) - from);
      if (!at) return line_feed < count ? line_feed + 1 : 0;
      size_t carriage = static_cast<size_t>(static_cast<const uint8_t*>(at) - p);
      if (carriage + 1 < count) return p[carriage + 1] == '\n' ? carriage + 2 : carriage + 1;
      return is_whole ? count : 0;
    }
  }
  return 0;
}

// How many bytes of the window the first `wanted` characters take, translation counted. Sets `found` to the number of whole
// characters there are, when fewer. A \r at the end counts only when `is_whole`.
size_t bytes_of_characters(const TextFile* f, const ByteWindow& w, size_t wanted, bool is_whole, size_t& found) {
  const uint8_t* p = w.data + w.begin;
  size_t count = w.size(), at = 0;
  for (found = 0; found < wanted && at < count; ++found) {
    size_t length = 1;
    if (f->encoding == TextEncoding::Utf8 && p[at] >= 0x80) {
      length = utf8_length(p[at]);
      if (length == 0) length = 1;
      if (at + length > count) {
        if (!is_whole) break;
        length = count - at;
      }
    } else if (p[at] == '\r' && is_translating(f)) {
      if (at + 1 == count && !is_whole) break;
      if (at + 1 < count && p[at + 1] == '\n') length = 2;
    }
    at += length;
  }
  return at;
}

Value check_readable(Thread& t, TextFile* f) {
  if (f->is_closed || (f->file && f->file->is_closed)) return raise_closed(t);
  if (f->buffer.is_none()) return raise(t, ErrorType::ValueError, "underlying buffer has been detached");
  if (f->file && !f->file->is_readable) return raise_unsupported(t, "not readable");
  return Value::none();
}

// Holds the text file and the binary file below.
class TextGuard {
 public:
  TextGuard(Thread& t, TextFile* f) : guard_(t, f->file ? f->file->use : f->use) {}
  bool is_held() const { return guard_.is_held(); }

 private:
  FileGuard guard_;
};

Value read_line_from(Thread& t, TextFile* f, size_t limit) {
  TRY(check_readable(t, f));
  TextGuard guard(t, f);
  if (!guard.is_held()) return Value::raised();
  if (f->file && f->file->output.size() > 0 && !binary_flush(t, f->file)) return Value::raised();
  ByteWindow& w = window_of(f);
  size_t seen = 0;
  bool is_whole = false;
  for (;;) {
    size_t length = w.size() ? find_line_end(f, w, seen, is_whole) : 0;
    if (length == 0 && is_whole) length = w.size();
    if (limit != SIZE_MAX && (length || w.size() >= limit)) {
      // Cut to `limit` characters; a line of fewer bytes has fewer characters.
      size_t found;
      size_t reach = bytes_of_characters(f, w, limit, is_whole, found);
      if (found == limit && (length == 0 || reach < length)) length = reach;
    }
    if (length || is_whole) {
      Value line = TRY(decode_translated(t, f, w.data + w.begin, length));
      w.begin += length;
      return line;
    }
    seen = w.size();
    int state = fill(t, f);
    if (state < 0) return Value::raised();
    is_whole = state == 0;
  }
}

Value read_all(Thread& t, TextFile* f) {
  TextGuard guard(t, f);
  if (!guard.is_held()) return Value::raised();
  std::string text;
  if (f->file) {
    if (!binary_flush(t, f->file)) return Value::raised();
    if (!binary_read_rest(t, f->file, text)) return Value::raised();
  } else {
    Value rest = TRY(call_named(t, f->buffer, "read"));
    std::string_view bytes;
    if (!require_bytes(t, rest, bytes)) return Value::raised();
    text.assign(reinterpret_cast<char*>(f->window.data) + f->window.begin, f->window.size());
    f->window.begin = f->window.end = 0;
    text += bytes;
  }
  f->incomplete = 0;
  size_t skip = 0;
  if (f->skips_mark && text.size() >= 3 && text.compare(0, 3, "\xEF\xBB\xBF") == 0) skip = 3;
  f->skips_mark = false;
  return decode_translated(t, f, reinterpret_cast<const uint8_t*>(text.data()) + skip, text.size() - skip);
}

Value text_read(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  size_t wanted;
  if (!size_argument(t, args[1], wanted)) return Value::raised();
  TRY(check_readable(t, f));
  if (wanted == SIZE_MAX) return read_all(t, f);
  TextGuard guard(t, f);
  if (!guard.is_held()) return Value::raised();
  if (f->file && !binary_flush(t, f->file)) return Value::raised();
  ByteWindow& w = window_of(f);
  bool is_whole = false;
  for (;;) {
    size_t found;
    size_t reach = bytes_of_characters(f, w, wanted, is_whole, found);
    if (found == wanted || is_whole) {
      Value text = TRY(decode_translated(t, f, w.data + w.begin, reach));
      w.begin += reach;
      return text;
    }
    int state = fill(t, f);
    if (state < 0) return Value::raised();
    is_whole = state == 0;
  }
}

Value text_readline(Thread& t, Value* args, size_t) {
  size_t limit;
  if (!size_argument(t, args[1], limit)) return Value::raised();
  return read_line_from(t, self_of(args[0]), limit);
}

bool is_exact_text_file(Thread& t, Value v) {
  return v.is_object() && v.object->kind == Kind::Native && type_of(v.object) == native_type(t, text_io_wrapper_layout);
}

Value text_next(Thread& t, Value self) {
  if (!is_exact_text_file(t, self)) return io_next(t, self);
  Value line = TRY(read_line_from(t, self_of(self), SIZE_MAX));
  self_of(self)->is_iterating = as<Str>(line)->length != 0;
  return as<Str>(line)->length ? line : Value::empty();
}

// Text as bytes of the file. ASCII goes without a copy; `scratch` keeps anything else.
bool encode(Thread& t, TextFile* f, Str* text, std::string& scratch, std::string_view& out) {
  if (text->is_ascii()) {
    out = {reinterpret_cast<const char*>(text->narrow()), text->length};
  } else if (f->encoding == TextEncoding::Latin1 && !text->is_wide()) {
    out = {reinterpret_cast<const char*>(text->narrow()), text->length};
  } else {
    bool has_surrogate = f->encoding != TextEncoding::Utf8;
    if (text->is_wide()) {
      for (size_t i = 0; i < text->length && !has_surrogate; ++i) has_surrogate = (text->wide()[i] & 0xFFFFF800) == 0xD800;
    }
    if (!has_surrogate) {
      scratch = to_utf8(text);
    } else {
      Value bytes = call_named(t, str_value(text), "encode", {str_value(make_str(t, encoding_text(f->encoding))), str_value(f->errors)});
      if (bytes.is_raised()) return false;
      std::string_view view;
      bytes_view(bytes, view);
      scratch = view;
    }
    out = scratch;
  }
  bool translates = f->newline == NewlineMode::Return || f->newline == NewlineMode::ReturnLineFeed;
  if (translates && out.find('\n') != std::string_view::npos) {
    std::string translated;
    for (char c : out) {
      if (c != '\n') { translated += c; continue; }
      translated += f->newline == NewlineMode::Return ? "\r" : "\r\n";
    }
    scratch = std::move(translated);
    out = scratch;
  }
  return true;
}

Value check_writable(Thread& t, TextFile* f) {
  if (f->is_closed || (f->file && f->file->is_closed)) return raise_closed(t);
  if (f->buffer.is_none()) return raise(t, ErrorType::ValueError, "underlying buffer has been detached");
  if (f->file && !f->file->is_writable) return raise_unsupported(t, "not writable");
  return Value::none();
}

Value write_to(Thread& t, TextFile* f, Str* text) {
  TRY(check_writable(t, f));
  std::string scratch;
  std::string_view bytes;
  if (!encode(t, f, text, scratch, bytes)) return Value::raised();
  bool must_flush = f->writes_through ||
                    (f->is_line_buffered && bytes.find_first_of("\n\r") != std::string_view::npos);
  if (!f->file) {
    TRY(call_method(t, f->buffer, names(t).write, {Value::of_object(make_bytes(t, bytes))}));
    if (must_flush) TRY(call_method(t, f->buffer, names(t).flush));
    return Value::none();
  }
  FileGuard guard(t, f->file->use);
  if (!guard.is_held()) return Value::raised();
  // Text that was read ahead counts as read, as in CPython: the new text goes behind it.
  f->file->input.begin = f->file->input.end = 0;
  if (!binary_write(t, f->file, bytes.data(), bytes.size())) return Value::raised();
  if (must_flush && !binary_flush(t, f->file)) return Value::raised();
  return Value::none();
}

Value text_write(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "write() argument must be str, not {}", argument_type_name(t, args[1]));
  TRY(write_to(t, self_of(args[0]), as<Str>(args[1])));
  return Value::of_int(static_cast<int64_t>(as<Str>(args[1])->length));
}

Value text_flush(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  if (f->is_closed || (f->file && f->file->is_closed)) return raise_closed(t);
  if (!f->file) return f->buffer.is_none() ? Value::none() : call_method(t, f->buffer, names(t).flush);
  FileGuard guard(t, f->file->use);
  if (!guard.is_held() || !binary_flush(t, f->file)) return Value::raised();
  return Value::none();
}

Value text_close(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  if (f->is_closed || f->buffer.is_none()) return Value::none();
  f->is_closed = true;
  if (f->file) return binary_close(t, f->file);
  window_free(f->window);
  Value flushed = call_method(t, f->buffer, names(t).flush);
  if (flushed.is_raised()) {
    Value failure = take_exception(t);
    TRY(call_method(t, f->buffer, names(t).close));
    return raise_value(t, failure);
  }
  return call_method(t, f->buffer, names(t).close);
}

Value text_tell(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  if (f->is_closed || (f->file && f->file->is_closed)) return raise_closed(t);
  if (f->is_iterating) return raise(t, ErrorType::OSError, "telling position disabled by next() call");
  int64_t position;
  if (f->file) {
    if (!f->file->is_seekable) return raise_unsupported(t, "underlying stream is not seekable");
    FileGuard guard(t, f->file->use);
    if (!guard.is_held() || !binary_tell(t, f->file, position)) return Value::raised();
    return Value::of_int(position);
  }
  Value v = TRY(call_named(t, f->buffer, "tell"));
  if (!to_index(t, v, position)) return Value::raised();
  return Value::of_int(position - static_cast<int64_t>(f->window.size()));
}

Value text_seek(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  if (f->is_closed || (f->file && f->file->is_closed)) return raise_closed(t);
  int64_t offset, whence = SEEK_SET, position;
  if (!to_index(t, args[1], offset)) return Value::raised();
  if (!args[2].is_empty() && !to_index(t, args[2], whence)) return Value::raised();
  if (f->file && !f->file->is_seekable) return raise_unsupported(t, "underlying stream is not seekable");
  if (whence < 0 || whence > 2) return raise(t, ErrorType::ValueError, "invalid whence ({}, should be 0, 1 or 2)", whence);
  if (whence == SEEK_CUR && offset != 0) return raise_unsupported(t, "can't do nonzero cur-relative seeks");
  if (whence == SEEK_END && offset != 0) return raise_unsupported(t, "can't do nonzero end-relative seeks");
  if (whence == SEEK_SET && offset < 0) return raise(t, ErrorType::ValueError, "negative seek position {}", offset);
  if (whence == SEEK_CUR) return text_tell(t, args, 1);
  f->is_iterating = false;
  f->incomplete = 0;
  if (!f->file) {
    f->window.begin = f->window.end = 0;
    return call_named(t, f->buffer, "seek", {Value::of_int(offset), Value::of_int(whence)});
  }
  FileGuard guard(t, f->file->use);
  if (!guard.is_held() || !binary_seek(t, f->file, offset, static_cast<int>(whence), position)) return Value::raised();
  return Value::of_int(position);
}

Value text_truncate(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  Value flush_args[1] = {args[0]};
  TRY(text_flush(t, flush_args, 1));
  return call_named(t, f->buffer, "truncate", {args[1].is_empty() ? Value::none() : args[1]});
}

Value text_detach(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  TRY(text_flush(t, args, 1));
  Value buffer = f->buffer;
  f->buffer = Value::none();
  f->file = nullptr;
  return buffer;
}

Value through_buffer(Thread& t, Value self, const char* name) {
  TextFile* f = self_of(self);
  if (f->buffer.is_none()) return raise(t, ErrorType::ValueError, "underlying buffer has been detached");
  return call_named(t, f->buffer, name);
}

Value text_fileno(Thread& t, Value* args, size_t) { return through_buffer(t, args[0], "fileno"); }
Value text_isatty(Thread& t, Value* args, size_t) { return through_buffer(t, args[0], "isatty"); }
Value text_readable(Thread& t, Value* args, size_t) { return through_buffer(t, args[0], "readable"); }
Value text_writable(Thread& t, Value* args, size_t) { return through_buffer(t, args[0], "writable"); }
Value text_seekable(Thread& t, Value* args, size_t) { return through_buffer(t, args[0], "seekable"); }

bool parse_newline(Thread& t, Value v, NewlineMode& mode) {
  mode = NewlineMode::Universal;
  if (v.is_empty() || v.is_none()) return true;
  if (!is_kind(v, Kind::Str)) {
    (void)raise(t, ErrorType::TypeError, "newline must be str or None, not {}", type_name(t, v));
    return false;
  }
  std::string text = to_utf8(as<Str>(v));
  if (text.empty()) mode = NewlineMode::Untranslated;
  else if (text == "\n") mode = NewlineMode::LineFeed;
  else if (text == "\r") mode = NewlineMode::Return;
  else if (text == "\r\n") mode = NewlineMode::ReturnLineFeed;
  else {
    (void)raise(t, ErrorType::ValueError, "illegal newline value: {}", to_utf8(as<Str>(v)));
    return false;
  }
  return true;
}

}  // namespace

bool parse_text_arguments(Thread& t, Value encoding, Value errors, Value newline, TextEncoding& out, bool& has_mark,
                          Str*& encoding_name, Str*& error_name, NewlineMode& mode) {
  encoding_name = intern(t, "UTF-8");
  error_name = intern(t, "strict");
  out = TextEncoding::Utf8;
  has_mark = false;
  if (!encoding.is_empty() && !encoding.is_none()) {
    if (!is_kind(encoding, Kind::Str)) {
      (void)raise(t, ErrorType::TypeError, "open() argument 'encoding' must be str or None, not {}", type_name(t, encoding));
      return false;
    }
    encoding_name = as<Str>(encoding);
    std::string name = to_utf8(encoding_name);
    if (name == "locale") {
      encoding_name = intern(t, "UTF-8");
    } else if (!find_text_encoding(name, out, has_mark)) {
      (void)raise(t, ErrorType::LookupError, "unknown encoding: {}", name);
      return false;
    }
  }
  if (!errors.is_empty() && !errors.is_none()) {
    if (!is_kind(errors, Kind::Str)) {
      (void)raise(t, ErrorType::TypeError, "open() argument 'errors' must be str or None, not {}", type_name(t, errors));
      return false;
    }
    error_name = as<Str>(errors);
  }
  return parse_newline(t, newline, mode);
}

bool find_text_encoding(std::string_view name, TextEncoding& out, bool& has_mark) {
  std::string plain;
  for (char c : name) plain += c == '_' || c == ' ' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  has_mark = plain == "utf-8-sig";
  for (const char* alias : {"utf-8", "utf8", "u8", "utf", "cp65001", "utf-8-sig", "utf8-ucs4"}) {
    if (plain == alias) { out = TextEncoding::Utf8; return true; }
  }
  for (const char* alias : {"ascii", "us-ascii", "646", "ansi-x3.4-1968"}) {
    if (plain == alias) { out = TextEncoding::Ascii; return true; }
  }
  for (const char* alias : {"latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "cp819", "latin", "l1"}) {
    if (plain == alias) { out = TextEncoding::Latin1; return true; }
  }
  return false;
}

namespace {

void set_up(Thread& t, TextFile* f, Value buffer, TextEncoding encoding, Str* encoding_name, Str* errors, NewlineMode newline) {
  f->buffer = buffer;
  f->file = is_binary_file(buffer) ? as<BinaryFile>(buffer) : nullptr;
  f->encoding = encoding;
  f->encoding_name = encoding_name;
  f->errors = errors;
  f->is_strict = equals(errors, "strict");
  f->newline = newline;
  note_finalizer(f);
  (void)t;
}

Value text_init(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  TextEncoding encoding;
  bool has_mark;
  Str *encoding_name, *errors;
  NewlineMode newline;
  if (!parse_text_arguments(t, args[2], args[3], args[4], encoding, has_mark, encoding_name, errors, newline)) return Value::raised();
  set_up(t, f, args[1], encoding, encoding_name, errors, newline);
  f->skips_mark = has_mark;
  if (!args[5].is_empty()) f->is_line_buffered = TRY(truth(t, args[5])).is_true();
  if (!args[6].is_empty()) f->writes_through = TRY(truth(t, args[6])).is_true();
  return Value::none();
}

Value text_new(Thread& t, Value* args, size_t) {
  Value v = new_io_object(t, as<Type>(args[0]));
  TextFile* f = self_of(v);
  f->buffer = Value::none();
  f->encoding_name = f->errors = intern(t, "strict");
  return v;
}

Value text_reconfigure(Thread& t, Value* args, size_t) {
  TextFile* f = self_of(args[0]);
  TRY(text_flush(t, args, 1));
  TextEncoding encoding;
  bool has_mark;
  Str *encoding_name, *errors;
  NewlineMode newline;
  if (!parse_text_arguments(t, args[1], args[2], args[3], encoding, has_mark, encoding_name, errors, newline)) return Value::raised();
  bool has_encoding = !args[1].is_empty() && !args[1].is_none();
  if (has_encoding) {
    f->encoding = encoding;
    f->encoding_name = encoding_name;
    f->skips_mark = has_mark;
  }
  if (has_encoding || (!args[2].is_empty() && !args[2].is_none())) {
    f->errors = errors;
    f->is_strict = equals(errors, "strict");
  }
  if (!args[3].is_empty()) f->newline = newline;
  if (!args[4].is_empty() && !args[4].is_none()) f->is_line_buffered = TRY(truth(t, args[4])).is_true();
  if (!args[5].is_empty() && !args[5].is_none()) f->writes_through = TRY(truth(t, args[5])).is_true();
  return Value::none();
}

Value text_buffer_get(Thread& t, Value self) {
  if (self_of(self)->buffer.is_none()) return raise(t, ErrorType::ValueError, "underlying buffer has been detached");
  return self_of(self)->buffer;
}
Value text_encoding_get(Thread&, Value self) { return str_value(self_of(self)->encoding_name); }
Value text_errors_get(Thread&, Value self) { return str_value(self_of(self)->errors); }
Value text_line_buffering_get(Thread&, Value self) { return Value::of_bool(self_of(self)->is_line_buffered); }
Value text_write_through_get(Thread&, Value self) { return Value::of_bool(self_of(self)->writes_through); }

Value text_closed_get(Thread& t, Value self) {
  TextFile* f = self_of(self);
  if (f->is_closed || (f->file && f->file->is_closed)) return Value::of_bool(true);
  if (f->file || f->buffer.is_none()) return Value::of_bool(false);
  return get_attribute(t, f->buffer, "closed");
}

Value text_name_get(Thread& t, Value self) { return get_attribute(t, TRY(text_buffer_get(t, self)), "name"); }
Value text_mode_get(Thread& t, Value self) {
  if (self_of(self)->mode) return str_value(self_of(self)->mode);
  return raise_no_attribute(t, self, intern(t, "mode"));
}
Value text_mode_set(Thread&, Value self, Value v) {
  self_of(self)->mode = is_kind(v, Kind::Str) ? as<Str>(v) : nullptr;
  return Value::none();
}

Value text_newlines_get(Thread& t, Value self) { return newlines_value(t, self_of(self)->seen_newlines); }

}  // namespace

Value newlines_value(Thread& t, uint8_t seen) {
  static constexpr const char* kEnds[3] = {"\r", "\n", "\r\n"};
  std::vector<const char*> found;
  for (int i = 0; i < 3; ++i) {
    if (seen & (1 << i)) found.push_back(kEnds[i]);
  }
  if (found.empty()) return Value::none();
  if (found.size() == 1) return str_value(make_str(t, found[0]));
  Tuple* all = make_tuple(t, found.size());
  for (size_t i = 0; i < found.size(); ++i) store(all, all->items[i], str_value(make_str(t, found[i])));
  return Value::of_object(all);
}

namespace {

Value text_repr(Thread& t, Value self) {
  TextFile* f = self_of(self);
  std::string text = "<_io.TextIOWrapper";
  Value name = f->buffer.is_none() ? Value::empty() : get_attribute(t, f->buffer, "name");
  if (name.is_raised()) {
    (void)take_exception(t);
  } else if (!name.is_empty()) {
    Str* shown = to_repr(t, name);
    if (!shown) return Value::raised();
    text += " name=" + to_utf8(shown);
  }
  if (f->mode) text += " mode='" + to_utf8(f->mode) + "'";
  text += " encoding='" + to_utf8(f->encoding_name) + "'>";
  return str_value(make_str(t, text));
}

void text_trace(Object* o, Marker& marker) {
  auto* f = static_cast<TextFile*>(o);
  marker.mark(f->buffer);
  marker.mark_pointer(f->encoding_name);
  marker.mark_pointer(f->errors);
  marker.mark_pointer(f->mode);
}

void text_finalize(Object* o, Heap&) { window_free(static_cast<TextFile*>(o)->window); }

constexpr NativeRow text_methods[] = {
    {"__new__", text_new, "(cls, *args, **kwargs)", "", Binding::Static},
    {"__init__", text_init, "(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)",
     "Text over a binary file."},
    {"read", text_read, "(self, size=-1, /)", "Text; all without a size."},
    {"readline", text_readline, "(self, size=-1, /)", "One line with its end."},
    {"write", text_write, "(self, text, /)", "Writes text and gives its length."},
    {"flush", text_flush, "(self, /)", "Writes what is buffered."},
    {"close", text_close, "(self, /)", "Writes what is buffered and closes."},
    {"seek", text_seek, "(self, cookie, whence=0, /)", "Sets the position."},
    {"tell", text_tell, "(self, /)", "The position."},
    {"truncate", text_truncate, "(self, pos=None, /)", "Cuts or extends the file."},
    {"detach", text_detach, "(self, /)", "Gives the buffer away."},
    {"reconfigure", text_reconfigure, "(self, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
     "Changes settings."},
    {"fileno", text_fileno, "(self, /)", "The descriptor."},
    {"isatty", text_isatty, "(self, /)", "Is it a terminal?"},
    {"readable", text_readable, "(self, /)", "Can it be read?"},
    {"writable", text_writable, "(self, /)", "Can it be written?"},
    {"seekable", text_seekable, "(self, /)", "Can its position be set?"},
};
constexpr AttributeRow text_attributes[] = {
    {"buffer", text_buffer_get, nullptr, "The binary file below."},
    {"encoding", text_encoding_get, nullptr, "Name of the encoding."},
    {"errors", text_errors_get, nullptr, "What happens on errors of encoding."},
    {"line_buffering", text_line_buffering_get, nullptr, "Is every line flushed?"},
    {"write_through", text_write_through_get, nullptr, "Is every write flushed?"},
    {"closed", text_closed_get, nullptr, "Was it closed?"},
    {"name", text_name_get, nullptr, "Path, or number of the descriptor."},
    {"mode", text_mode_get, text_mode_set, "How it was opened."},
    {"newlines", text_newlines_get, nullptr, "Ends of lines seen so far."},
};

}  // namespace

const Layout text_io_wrapper_layout = {
    .name = "TextIOWrapper", .module = "_io", .kind = Kind::Native, .size = sizeof(TextFile), .flags = kSubclassable | kHasAttributes,
    .base = &text_io_base_layout, .trace = text_trace, .finalize = text_finalize,
    .ops = {.repr = text_repr, .iterate = io_self, .next = text_next},
    .methods = text_methods, .method_count = std::size(text_methods),
    .attributes = text_attributes, .attribute_count = std::size(text_attributes), .help = "Text over a binary file."};

TextFile* make_text_file(Thread& t, Value buffer, TextEncoding encoding, Str* encoding_name, Str* errors, NewlineMode newline,
                         bool is_line_buffered) {
  auto* f = as<TextFile>(new_io_object(t, native_type(t, text_io_wrapper_layout)));
  set_up(t, f, buffer, encoding, encoding_name, errors, newline);
  f->is_line_buffered = is_line_buffered;
  return f;
}

Value make_standard_stream(Thread& t, int descriptor, const char* name, const char* mode, const char* errors) {
  bool reads = mode[0] == 'r';
  Value shown_name = str_value(make_str(t, name));
  const Layout& layout = reads ? buffered_reader_layout : buffered_writer_layout;
  BinaryFile* binary = make_binary_file(t, layout, descriptor, reads ? "rb" : "wb", shown_name, false, kFileBufferSize);
  bool is_line_buffered = isatty(descriptor) || descriptor == STDERR_FILENO;
  NewlineMode newline = reads ? NewlineMode::Universal : NewlineMode::LineFeed;
  TextFile* f = make_text_file(t, Value::of_object(binary), TextEncoding::Utf8, intern(t, "utf-8"), intern(t, errors), newline,
                               is_line_buffered);
  f->mode = intern(t, mode);
  return Value::of_object(f);
}

Value write_text(Thread& t, Value file, Str* text) {
  if (is_exact_text_file(t, file)) return write_to(t, self_of(file), text);
  TRY(call_method(t, file, names(t).write, {str_value(text)}));
  return Value::none();
}

Value flush_file(Thread& t, Value file) {
  if (is_exact_text_file(t, file)) return text_flush(t, &file, 1);
  return call_method(t, file, names(t).flush);
}

Value read_line(Thread& t, Value file) {
  Value line = is_exact_text_file(t, file) ? TRY(read_line_from(t, self_of(file), SIZE_MAX)) : TRY(call_named(t, file, "readline"));
  if (!is_kind(line, Kind::Str)) return raise(t, ErrorType::TypeError, "object.readline() returned non-string");
  Str* s = as<Str>(line);
  if (s->length == 0) return Value::empty();
  if (s->at(s->length - 1) == '\n') s = substring(t, s, 0, s->length - 1);
  return str_value(s);
}

}  // namespace mini
