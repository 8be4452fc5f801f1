// SPDX-License-Identifier: MIT
// The codecs of codecs.h. Each decoder and encoder handles valid input in a tight loop and hands every error to one place,
// which applies the handler or raises.

#include "runtime/objects/codecs.h"

#include <cstring>

#include "runtime/errors.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

enum class Handler : uint8_t { Strict, Ignore, Replace, BackslashReplace, SurrogateEscape, SurrogatePass, XmlCharRef, NameReplace, Unknown };

Handler find_handler(std::string_view name) {
  if (name == "strict") return Handler::Strict;
  if (name == "ignore") return Handler::Ignore;
  if (name == "replace") return Handler::Replace;
  if (name == "backslashreplace") return Handler::BackslashReplace;
  if (name == "surrogateescape") return Handler::SurrogateEscape;
  if (name == "surrogatepass") return Handler::SurrogatePass;
  if (name == "xmlcharrefreplace") return Handler::XmlCharRef;
  if (name == "namereplace") return Handler::NameReplace;
  return Handler::Unknown;
}

const char* codec_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::Ascii: return "ascii";
    case Encoding::Latin1: return "latin-1";
    case Encoding::Utf16: return "utf-16";
    case Encoding::Utf16Little: return "utf-16-le";
    case Encoding::Utf16Big: return "utf-16-be";
    case Encoding::Utf32: return "utf-32";
    case Encoding::Utf32Little: return "utf-32-le";
    case Encoding::Utf32Big: return "utf-32-be";
    default: return "utf-8";
  }
}

Value raise_unicode_error(Thread& t, ErrorType type, Encoding encoding, Value object, size_t begin, size_t end, const char* reason) {
  Value name = str_value(make_str(t, codec_name(encoding)));
  Value values[] = {name, object, Value::of_int(static_cast<int64_t>(begin)), Value::of_int(static_cast<int64_t>(end)),
                    str_value(make_str(t, reason))};
  Exception* e = make_exception(t, error_type(t, type), make_tuple(t, values, 5));
  const char* names[] = {"encoding", "object", "start", "end", "reason"};
  for (int i = 0; i < 5; ++i) (void)set_attribute(t, Value::of_object(e), intern(t, names[i]), values[i]);
  return raise_value(t, Value::of_object(e));
}

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

void append_hex_escape(std::string& out, char32_t c) {
  if (c < 0x100) out += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
  else if (c < 0x10000) out += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
  else out += fmt::format("\\U{:08x}", static_cast<uint32_t>(c));
}

// ---- decoding

class Decoder {
 public:
  Decoder(Thread& t, std::string_view data, Encoding encoding, std::string_view errors)
      : thread_(t), data_(data), encoding_(encoding), handler_name_(errors) {}

  Value run() {
    bool is_fine = true;
    switch (encoding_) {
      case Encoding::Utf8Bom:
        if (data_.substr(0, 3) == "\xEF\xBB\xBF") position_ = 3;
        [[fallthrough]];
      case Encoding::Utf8: is_fine = utf8(); break;
      case Encoding::Ascii: is_fine = ascii(); break;
      case Encoding::Latin1: return text(make_str_latin1(thread_, bytes(), data_.size()));
      case Encoding::Utf16: case Encoding::Utf16Little: case Encoding::Utf16Big: is_fine = utf16(); break;
      default: is_fine = utf32(); break;
    }
    return is_fine ? text(out_.finish(thread_)) : Value::raised();
  }

 private:
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(data_.data()); }
  Value text(Str* s) { return s == nullptr ? Value::raised() : str_value(s); }

  // Handles the bad bytes [position_, position_ + length). False after raising.
  bool error(size_t length, const char* reason) {
    size_t begin = position_, end = std::min(position_ + length, data_.size());
    Handler handler = find_handler(handler_name_);
    position_ = end;
    switch (handler) {
      case Handler::Ignore: return true;
      case Handler::Replace: out_.add(0xFFFD); return true;
      case Handler::BackslashReplace:
        for (size_t i = begin; i < end; ++i) out_.add_latin1(fmt::format("\\x{:02x}", bytes()[i]));
        return true;
      case Handler::SurrogateEscape: {
        size_t i = begin;
        for (; i < end && bytes()[i] >= 0x80; ++i) out_.add(0xDC00u + bytes()[i]);
        if (i != begin) {
          position_ = i;
          return true;
        }
        break;
      }
      case Handler::SurrogatePass:
        if (encoding_ == Encoding::Utf8 && begin + 2 < data_.size() && bytes()[begin] == 0xED && (bytes()[begin + 1] & 0xE0) == 0xA0 &&
            (bytes()[begin + 2] & 0xC0) == 0x80) {
          out_.add(0xD000u | (bytes()[begin + 1] & 0x3Fu) << 6 | (bytes()[begin + 2] & 0x3Fu));
          position_ = begin + 3;
          return true;
        }
        break;
      case Handler::Unknown:
        (void)raise(thread_, ErrorType::LookupError, "unknown error handler name '{}'", handler_name_);
        return false;
      case Handler::XmlCharRef:
      case Handler::NameReplace:
        (void)raise(thread_, ErrorType::TypeError, "don't know how to handle UnicodeDecodeError in error callback");
        return false;
      case Handler::Strict: break;
    }
    (void)raise_unicode_error(thread_, ErrorType::UnicodeDecodeError, encoding_ == Encoding::Utf8Bom ? Encoding::Utf8 : encoding_,
                              Value::of_object(make_bytes(thread_, data_)), begin, end, reason);
    return false;
  }

  bool ascii() {
    while (position_ < data_.size()) {
      uint8_t c = bytes()[position_];
      if (c < 128) {
        out_.add(c);
        ++position_;
      } else if (!error(1, "ordinal not in range(128)")) {
        return false;
      }
    }
    return true;
  }

  // How many bytes at p are a well-formed beginning of the sequence that the lead byte announces, at most `wanted`.
  static size_t good_prefix(const uint8_t* p, size_t left, size_t wanted) {
    uint8_t low = 0x80, high = 0xBF;
    if (p[0] == 0xE0) low = 0xA0;
    if (p[0] == 0xED) high = 0x9F;
    if (p[0] == 0xF0) low = 0x90;
    if (p[0] == 0xF4) high = 0x8F;
    size_t i = 1;
    for (; i < wanted && i < left; ++i) {
      if (p[i] < low || p[i] > high) break;
      low = 0x80;
      high = 0xBF;
    }
    return i;
  }

  bool utf8() {
    while (position_ < data_.size()) {
      const uint8_t* p = bytes() + position_;
      size_t left = data_.size() - position_;
      if (p[0] < 0x80) {
        size_t run = 1;
        while (run < left && p[run] < 0x80) ++run;
        out_.add_latin1(data_.substr(position_, run));
        position_ += run;
        continue;
      }
      size_t wanted = p[0] >= 0xC2 && p[0] <= 0xDF ? 2 : p[0] >= 0xE0 && p[0] <= 0xEF ? 3 : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4 : 0;
      if (wanted == 0) {
        if (!error(1, "invalid start byte")) return false;
        continue;
      }
      size_t good = good_prefix(p, left, wanted);
      if (good < wanted) {
        if (!error(good, good == left ? "unexpected end of data" : "invalid continuation byte")) return false;
        continue;
      }
      const uint8_t* q = p;
      out_.add(decode_lenient(q, p + wanted));
      position_ += wanted;
    }
    return true;
  }

  bool is_big_endian(size_t width) {
    if (encoding_ == Encoding::Utf16Big || encoding_ == Encoding::Utf32Big) return true;
    if (encoding_ != Encoding::Utf16 && encoding_ != Encoding::Utf32) return false;
    if (data_.size() < width) return false;
    char32_t mark = unit(width, false);
    if (mark == 0xFEFF) {
      position_ = width;
    } else if (mark == (width == 2 ? 0xFFFEu : 0xFFFE0000u)) {
      position_ = width;
      encoding_ = width == 2 ? Encoding::Utf16Big : Encoding::Utf32Big;
      return true;
    }
    encoding_ = width == 2 ? Encoding::Utf16Little : Encoding::Utf32Little;
    return false;
  }

  char32_t unit(size_t width, bool is_big, size_t offset = 0) {
    char32_t c = 0;
    for (size_t i = 0; i < width; ++i) c |= static_cast<char32_t>(bytes()[position_ + offset + i]) << 8 * (is_big ? width - 1 - i : i);
    return c;
  }

  bool utf16() {
    bool is_big = is_big_endian(2);
    while (position_ < data_.size()) {
      size_t left = data_.size() - position_;
      if (left < 2) {
        if (!error(1, "truncated data")) return false;
        continue;
      }
      char32_t c = unit(2, is_big);
      if (!is_surrogate(c)) {
        out_.add(c);
        position_ += 2;
        continue;
      }
      if (c >= 0xDC00) {
        if (!error(2, "illegal encoding")) return false;
      } else if (left < 4) {
        if (!error(left, "unexpected end of data")) return false;
      } else if (char32_t low = unit(2, is_big, 2); low < 0xDC00 || low > 0xDFFF) {
        if (!error(2, "illegal UTF-16 surrogate")) return false;
      } else {
        out_.add(0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF));
        position_ += 4;
      }
    }
    return true;
  }

  bool utf32() {
    bool is_big = is_big_endian(4);
    while (position_ < data_.size()) {
      if (data_.size() - position_ < 4) {
        if (!error(data_.size() - position_, "truncated data")) return false;
        continue;
      }
      char32_t c = unit(4, is_big);
      if (is_surrogate(c)) {
        if (!error(4, "code point in surrogate code point range(0xd800, 0xe000)")) return false;
      } else if (c > kMaxCodePoint) {
        if (!error(4, "code point not in range(0x110000)")) return false;
      } else {
        out_.add(c);
        position_ += 4;
      }
    }
    return true;
  }

  Thread& thread_;
  std::string_view data_;
  Encoding encoding_;
  std::string_view handler_name_;
  size_t position_ = 0;
  StrBuilder out_;
};

// ---- encoding

class Encoder {
 public:
  Encoder(Thread& t, Str* s, Encoding encoding, std::string_view errors, std::string& out)
      : thread_(t), text_(s), encoding_(encoding), handler_name_(errors), out_(out) {}

  bool run() {
    if (encoding_ == Encoding::Utf8Bom) out_ = "\xEF\xBB\xBF";
    if (encoding_ == Encoding::Utf16) put_unit(0xFEFF, 2);
    if (encoding_ == Encoding::Utf32) put_unit(0xFEFF, 4);
    while (position_ < text_->length) {
      char32_t c = text_->at(position_);
      if (can_encode(c)) {
        put(c);
        ++position_;
      } else if (!error()) {
        return false;
      }
    }
    return true;
  }

 private:
  bool can_encode(char32_t c) const {
    if (encoding_ == Encoding::Ascii) return c < 128;
    if (encoding_ == Encoding::Latin1) return c < 256;
    return !is_surrogate(c);
  }

  void put_unit(char32_t c, size_t width) {
    bool is_big = encoding_ == Encoding::Utf16Big || encoding_ == Encoding::Utf32Big;
    for (size_t i = 0; i < width; ++i) out_.push_back(static_cast<char>(c >> 8 * (is_big ? width - 1 - i : i)));
  }

  void put(char32_t c) {
    switch (encoding_) {
      case Encoding::Ascii: case Encoding::Latin1: out_.push_back(static_cast<char>(c)); break;
      case Encoding::Utf16: case Encoding::Utf16Little: case Encoding::Utf16Big:
        if (c < 0x10000) {
          put_unit(c, 2);
        } else {
          put_unit(0xD800 + ((c - 0x10000) >> 10), 2);
          put_unit(0xDC00 + ((c - 0x10000) & 0x3FF), 2);
        }
        break;
      case Encoding::Utf32: case Encoding::Utf32Little: case Encoding::Utf32Big: put_unit(c, 4); break;
      default: append_utf8(out_, c);
    }
  }

  const char* reason() const {
    if (encoding_ == Encoding::Ascii) return "ordinal not in range(128)";
    if (encoding_ == Encoding::Latin1) return "ordinal not in range(256)";
    return "surrogates not allowed";
  }

  // Handles the run of characters at position_ that cannot be encoded. False after raising.
  bool error() {
    size_t begin = position_, end = position_;
    while (end < text_->length && !can_encode(text_->at(end))) ++end;
    position_ = end;
    switch (find_handler(handler_name_)) {
      case Handler::Ignore: return true;
      case Handler::Replace:
        for (size_t i = begin; i < end; ++i) put('?');
        return true;
      case Handler::BackslashReplace: return put_each(begin, end, append_hex_escape);
      case Handler::XmlCharRef:
        return put_each(begin, end, [](std::string& out, char32_t c) { out += fmt::format("&#{};", static_cast<uint32_t>(c)); });
      case Handler::NameReplace: return put_each(begin, end, append_hex_escape);
      case Handler::SurrogateEscape:
        for (size_t i = begin; i < end; ++i) {
          char32_t c = text_->at(i);
          if (c < 0xDC80 || c > 0xDCFF) {
            position_ = i;
            return raise_error(i, end);
          }
          out_.push_back(static_cast<char>(c - 0xDC00));
        }
        return true;
      case Handler::SurrogatePass:
        if (encoding_ == Encoding::Ascii || encoding_ == Encoding::Latin1) break;
        for (size_t i = begin; i < end; ++i) put(text_->at(i));
        return true;
      case Handler::Unknown:
        (void)raise(thread_, ErrorType::LookupError, "unknown error handler name '{}'", handler_name_);
        return false;
      case Handler::Strict: break;
    }
    return raise_error(begin, end);
  }

  template <class Append>
  bool put_each(size_t begin, size_t end, Append append) {
    std::string replacement;
    for (size_t i = begin; i < end; ++i) append(replacement, text_->at(i));
    for (char c : replacement) put(static_cast<uint8_t>(c));
    return true;
  }

  bool raise_error(size_t begin, size_t end) {
    (void)raise_unicode_error(thread_, ErrorType::UnicodeEncodeError, encoding_ == Encoding::Utf8Bom ? Encoding::Utf8 : encoding_,
                              str_value(text_), begin, end, reason());
    return false;
  }

  Thread& thread_;
  Str* text_;
  Encoding encoding_;
  std::string_view handler_name_;
  std::string& out_;
  size_t position_ = 0;
};

Value raise_unknown_encoding(Thread& t, std::string_view name) {
  return raise(t, ErrorType::LookupError, "unknown encoding: {}", name);
}

}  // namespace

Encoding find_encoding(std::string_view name) {
  char plain[24];
  size_t length = 0;
  for (char c : name) {
    if (c == '-' || c == '_' || c == ' ' || c == '.') continue;
    if (length == sizeof plain) return Encoding::Unknown;
    plain[length++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  struct Alias { std::string_view name; Encoding encoding; };
  static constexpr Alias kAliases[] = {
      {"utf8", Encoding::Utf8}, {"u8", Encoding::Utf8}, {"utf", Encoding::Utf8}, {"cp65001", Encoding::Utf8},
      {"utf8ucs2", Encoding::Utf8}, {"utf8sig", Encoding::Utf8Bom}, {"ascii", Encoding::Ascii}, {"usascii", Encoding::Ascii},
      {"646", Encoding::Ascii}, {"us", Encoding::Ascii}, {"iso646us", Encoding::Ascii}, {"ansix341968", Encoding::Ascii},
      {"latin1", Encoding::Latin1}, {"latin", Encoding::Latin1}, {"l1", Encoding::Latin1}, {"iso88591", Encoding::Latin1},
      {"88591", Encoding::Latin1}, {"cp819", Encoding::Latin1}, {"iso885911987", Encoding::Latin1},
      {"utf16", Encoding::Utf16}, {"u16", Encoding::Utf16}, {"utf16le", Encoding::Utf16Little},
      {"utf16be", Encoding::Utf16Big}, {"utf32", Encoding::Utf32}, {"u32", Encoding::Utf32},
      {"utf32le", Encoding::Utf32Little}, {"utf32be", Encoding::Utf32Big},
  };
  for (const Alias& alias : kAliases) {
    if (alias.name == std::string_view(plain, length)) return alias.encoding;
  }
  return Encoding::Unknown;
}

Value decode_text(Thread& t, std::string_view data, std::string_view encoding, std::string_view errors) {
  Encoding found = find_encoding(encoding);
  if (found == Encoding::Unknown) return raise_unknown_encoding(t, encoding);
  if ((found == Encoding::Utf8 || found == Encoding::Ascii) && is_ascii_chars(reinterpret_cast<const uint8_t*>(data.data()), data.size())) {
    Str* s = make_str(t, data);
    return s == nullptr ? Value::raised() : str_value(s);
  }
  return Decoder(t, data, found, errors).run();
}

bool encode_into(Thread& t, Str* s, std::string_view encoding, std::string_view errors, std::string& out) {
  Encoding found = find_encoding(encoding);
  if (found == Encoding::Unknown) {
    (void)raise_unknown_encoding(t, encoding);
    return false;
  }
  return Encoder(t, s, found, errors, out).run();
}

Value encode_text(Thread& t, Str* s, std::string_view encoding, std::string_view errors) {
  Encoding found = find_encoding(encoding);
  if (s->is_ascii() && (found == Encoding::Utf8 || found == Encoding::Ascii || found == Encoding::Latin1)) {
    return Value::of_object(make_bytes(t, s->data, s->length));
  }
  if (found == Encoding::Latin1 && !s->is_wide()) return Value::of_object(make_bytes(t, s->data, s->length));
  std::string out;
  if (!encode_into(t, s, encoding, errors, out)) return Value::raised();
  return Value::of_object(make_bytes(t, out));
}

bool check_encodable(Thread& t, Str* s) {
  std::string ignored;
  return s->is_ascii() || encode_into(t, s, "utf-8", "strict", ignored);
}

bool read_codec_name(Thread& t, Value v, const char* function, const char* argument, std::string_view fallback, std::string& scratch,
               std::string_view& out) {
  out = fallback;
  if (v.is_empty()) return true;
  if (!is_kind(v, Kind::Str)) {
    (void)raise(t, ErrorType::TypeError, "{}() argument '{}' must be str, not {}", function, argument, argument_type_name(t, v));
    return false;
  }
  if (!check_encodable(t, as<Str>(v))) return false;
  out = utf8_view(as<Str>(v), scratch);
  if (out.find('\0') == std::string_view::npos) return true;
  (void)raise(t, ErrorType::ValueError, "embedded null character");
  return false;
}

Value decode_with(Thread& t, std::string_view data, Value encoding, Value errors, const char* function) {
  std::string encoding_scratch, errors_scratch;
  std::string_view encoding_name, errors_name;
  if (!read_codec_name(t, encoding, function, "encoding", "utf-8", encoding_scratch, encoding_name)) return Value::raised();
  if (!read_codec_name(t, errors, function, "errors", "strict", errors_scratch, errors_name)) return Value::raised();
  if (data.empty()) return str_value(t.interpreter->empty_str);   // nothing, by whatever codec
  return decode_text(t, data, encoding_name, errors_name);
}

Value encode_with(Thread& t, Str* s, Value encoding, Value errors, const char* function) {
  if (encoding.is_empty() && errors.is_empty() && s->is_ascii()) return Value::of_object(make_bytes(t, s->data, s->length));
  std::string encoding_scratch, errors_scratch;
  std::string_view encoding_name, errors_name;
  if (!read_codec_name(t, encoding, function, "encoding", "utf-8", encoding_scratch, encoding_name)) return Value::raised();
  if (!read_codec_name(t, errors, function, "errors", "strict", errors_scratch, errors_name)) return Value::raised();
  return encode_text(t, s, encoding_name, errors_name);
}

Value str_encode(Thread& t, Value* args, size_t) { return encode_with(t, as<Str>(args[0]), args[1], args[2], "encode"); }

}  // namespace mini
