// SPDX-License-Identifier: MIT
// printf-style formatting: format % args for str, bytes and bytearray. A bytes format is handled as Latin-1 text, and its
// result taken back; what differs (%s, %c, the texts of a few errors) asks is_bytes_.

#include <charconv>
#include <climits>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

struct Conversion {
  bool left = false, plus = false, blank = false, alternate = false, zero = false;
  int64_t width = 0;
  int64_t precision = -1;
  char32_t code = 0;
  size_t position = 0;   // of the code
};

class PercentFormatter {
 public:
  PercentFormatter(Thread& t, Str* format, Value args, bool is_bytes)
      : thread_(t), format_(format), args_(args), is_bytes_(is_bytes) {
    if (is_kind(args, Kind::Tuple)) {
      length_ = static_cast<int64_t>(as<Tuple>(args)->length);
    } else {
      length_ = 1;
      is_single_ = true;
      bool is_text = is_kind(args, Kind::Str) || (is_bytes && (mini::is_bytes(args) || is_bytearray(args)));
      if (!is_text && type_of(t, args)->ops.get_item != nullptr) mapping_ = args;
    }
  }

  Str* run() {
    size_t length = format_->length;
    while (position_ < length) {
      size_t start = position_;
      position_ = next_mark();
      out_.add(format_, start, position_);
      if (position_ == length) break;
      ++position_;
      if (position_ < length && format_->at(position_) == '%') {
        out_.add('%');
        ++position_;
        continue;
      }
      if (!convert_plain() && !convert_next()) return nullptr;
    }
    if (next_ < length_ && mapping_.is_empty()) {
      (void)raise(thread_, ErrorType::TypeError, "not all arguments converted during {} formatting", is_bytes_ ? "bytes" : "string");
      return nullptr;
    }
    return out_.finish(thread_);
  }

 private:
  // Where the next % stands, or the end.
  size_t next_mark() const {
    size_t left = format_->length - position_;
    if (!format_->is_wide()) {
      auto mark = static_cast<const uint8_t*>(std::memchr(format_->narrow() + position_, '%', left));
      return mark ? static_cast<size_t>(mark - format_->narrow()) : format_->length;
    }
    size_t i = position_;
    while (i < format_->length && format_->at(i) != '%') ++i;
    return i;
  }

  // %s of a str and %d of a small int, bare. False: something else, and nothing was done.
  bool convert_plain() {
    if (position_ == format_->length || next_ >= length_ || is_bytes_) return false;
    char32_t code = format_->at(position_);
    Value v = is_single_ ? args_ : as<Tuple>(args_)->items[next_];
    if (code == 's' && is_exact(v, Kind::Str)) {
      out_.add(as<Str>(v));
    } else if (code == 'd' && v.is_int()) {
      char digits[24];
      out_.add_latin1({digits, static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, v.integer).ptr - digits)});
    } else {
      return false;
    }
    ++position_;
    ++next_;
    return true;
  }

  template <class... Args>
  bool fail(ErrorType type, fmt::format_string<Args...> text, Args&&... args) {
    (void)raise(thread_, type, text, std::forward<Args>(args)...);
    return false;
  }

  bool take_argument(Value& out) {
    if (next_ >= length_) return fail(ErrorType::TypeError, "not enough arguments for format string");
    out = is_single_ ? args_ : as<Tuple>(args_)->items[next_];
    ++next_;
    return true;
  }

  // The next character of the conversion. False after raising.
  bool take(char32_t& c) {
    if (position_ >= format_->length) return fail(ErrorType::ValueError, "incomplete format");
    c = format_->at(position_++);
    return true;
  }

  // `%(key)`: the value under the key becomes the only argument.
  bool take_key() {
    if (mapping_.is_empty()) return fail(ErrorType::TypeError, "format requires a mapping");
    size_t start = position_;
    for (int level = 1; level > 0;) {
      if (position_ >= format_->length) return fail(ErrorType::ValueError, "incomplete format key");
      char32_t c = format_->at(position_++);
      level += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    Str* text = substring(thread_, format_, start, position_ - 1);
    Value key = is_bytes_ ? Value::of_object(make_bytes(thread_, text->data, text->length)) : str_value(text);
    Value found = get_item(thread_, mapping_, key);
    if (found.is_raised()) return false;
    args_ = found;
    is_single_ = true;
    length_ = 1;
    next_ = 0;
    return true;
  }

  // A number after `first`, or `*`. -1 with `first` untouched when there is none.
  bool take_number(char32_t& c, int64_t limit, bool is_precision, int64_t& out) {
    if (c == '*') {
      Value v;
      if (!take_argument(v)) return false;
      if (!is_integer(v)) return fail(ErrorType::TypeError, "* wants int");
      if (!fits_int64(v, out) || (is_precision && (out > INT_MAX || out < INT_MIN))) {
        return fail(ErrorType::OverflowError, "Python int too large to convert to C {}", is_precision ? "int" : "ssize_t");
      }
      return take(c);
    }
    while (c >= '0' && c <= '9') {
      if (out > (limit - static_cast<int64_t>(c - '0')) / 10) return fail(ErrorType::ValueError, "{} too big", is_precision ? "precision" : "width");
      out = out * 10 + static_cast<int64_t>(c - '0');
      if (!take(c)) return false;
    }
    return true;
  }

  bool read_conversion(Conversion& spec) {
    char32_t c;
    if (!take(c)) return false;
    if (c == '(' && (!take_key() || !take(c))) return false;
    for (bool is_flag = true; is_flag;) {
      switch (c) {
        case '-': spec.left = true; break;
        case '+': spec.plus = true; break;
        case ' ': spec.blank = true; break;
        case '#': spec.alternate = true; break;
        case '0': spec.zero = true; break;
        default: is_flag = false;
      }
      if (is_flag && !take(c)) return false;
    }
    if (!take_number(c, INT64_MAX, false, spec.width)) return false;
    if (spec.width < 0) {
      spec.left = true;
      spec.width = spec.width == INT64_MIN ? INT64_MAX : -spec.width;
    }
    if (c == '.') {
      spec.precision = 0;
      if (!take(c) || !take_number(c, INT_MAX, true, spec.precision)) return false;
      if (spec.precision < 0) spec.precision = 0;
    }
    if ((c == 'h' || c == 'l' || c == 'L') && !take(c)) return false;
    spec.code = c;
    spec.position = position_ - 1;
    return true;
  }

  bool convert_next() {
    Conversion spec;
    Value v;
    if (!read_conversion(spec) || !take_argument(v)) return false;
    if (spec.width > (1 << 20) && !thread_.heap->can_allocate(static_cast<size_t>(spec.width))) {
      (void)raise_memory(thread_);
      return false;
    }
    switch (spec.code) {
      case 's': case 'r': case 'a': return convert_text(spec, v);
      case 'b': if (is_bytes_) return convert_text(spec, v); break;
      case 'd': case 'i': case 'u': case 'o': case 'x': case 'X': return convert_integer(spec, v);
      case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': return convert_float(spec, v);
      case 'c': return convert_character(spec, v);
      default: break;
    }
    bool is_shown = spec.code > 31 && spec.code < 128;
    std::string shown = is_shown ? std::string(1, static_cast<char>(spec.code)) : "?";
    return fail(ErrorType::ValueError, "unsupported format character '{}' ({:#x}) at index {}", shown, static_cast<uint32_t>(spec.code), spec.position);
  }

  bool put_padded(const Conversion& spec, const Str* s, size_t length) {
    size_t missing = spec.width > static_cast<int64_t>(length) ? static_cast<size_t>(spec.width) - length : 0;
    if (!spec.left) out_.fill(' ', missing);
    out_.add(s, 0, length);
    if (spec.left) out_.fill(' ', missing);
    return true;
  }

  bool convert_text(const Conversion& spec, Value v) {
    Str* s;
    if (is_bytes_ && (spec.code == 's' || spec.code == 'b')) {
      s = bytes_argument(v);
    } else if (spec.code == 's') {
      s = to_str(thread_, v);
    } else {
      s = to_repr(thread_, v);
      if (s != nullptr && (spec.code == 'a' || is_bytes_)) s = escape_non_ascii(thread_, s);
    }
    if (s == nullptr) return false;
    size_t length = s->length;
    if (spec.precision >= 0 && static_cast<size_t>(spec.precision) < length) length = static_cast<size_t>(spec.precision);
    return put_padded(spec, s, length);
  }

  // What %s of a bytes format takes, as Latin-1 text. Null after raising.
  Str* bytes_argument(Value v) {
    std::string_view view;
    if (!mini::is_bytes(v) && !is_bytearray(v)) {
      Value made = call_special(thread_, v, names(thread_).bytes);
      if (made.is_raised()) return nullptr;
      if (!made.is_empty()) v = made;
    }
    if (!bytes_view(v, view)) {
      fail(ErrorType::TypeError, "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'", type_name(thread_, v));
      return nullptr;
    }
    return make_str_latin1(thread_, reinterpret_cast<const uint8_t*>(view.data()), view.size());
  }

  bool convert_character(const Conversion& spec, Value v) {
    int64_t limit = is_bytes_ ? 255 : static_cast<int64_t>(kMaxCodePoint);
    if (is_integer(v) || (is_kind(v, Kind::Native) || is_kind(v, Kind::Instance))) {
      if (type_of(thread_, v)->ops.index != nullptr) {
        int64_t code;
        Value number = to_integer(thread_, v);
        if (number.is_raised()) return false;
        if (!fits_int64(number, code) || code < 0 || code > limit) {
          return is_bytes_ ? fail(ErrorType::OverflowError, "%c arg not in range(256)") : fail(ErrorType::OverflowError, "%c arg not in range(0x110000)");
        }
        return put_padded(spec, make_str_char(thread_, static_cast<char32_t>(code)), 1);
      }
    }
    if (is_bytes_) {
      if ((mini::is_bytes(v) || is_bytearray(v)) && own_view(v).size() == 1) {
        return put_padded(spec, make_str_char(thread_, static_cast<uint8_t>(own_view(v)[0])), 1);
      }
      return fail(ErrorType::TypeError, "%c requires an integer in range(256) or a single byte");
    }
    if (is_kind(v, Kind::Str) && as<Str>(v)->length == 1) return put_padded(spec, as<Str>(v), 1);
    return fail(ErrorType::TypeError, "%c requires int or char");
  }

  // Sign and prefix before zeros, spaces outside of them.
  bool put_number(const Conversion& spec, std::string_view text, std::string_view prefix) {
    char sign = 0;
    if (text[0] == '-') {
      sign = '-';
      text.remove_prefix(1);
    } else if (spec.plus || spec.blank) {
      sign = spec.plus ? '+' : ' ';
    }
    int64_t length = static_cast<int64_t>(text.size() + prefix.size()) + (sign != 0);
    size_t missing = spec.width > length ? static_cast<size_t>(spec.width - length) : 0;
    if (!spec.left && !spec.zero) out_.fill(' ', missing);
    if (sign != 0) out_.add(static_cast<char32_t>(sign));
    out_.add_latin1(prefix);
    if (!spec.left && spec.zero) out_.fill('0', missing);
    out_.add_latin1(text);
    if (spec.left) out_.fill(' ', missing);
    return true;
  }

  bool convert_float(const Conversion& spec, Value v) {
    double d;
    if (is_bytes_ && !is_floating(v) && !is_integer(v) && type_of(thread_, v)->ops.index == nullptr &&
        type_lookup(type_of(thread_, v), names(thread_).float_).is_empty()) {
      return fail(ErrorType::TypeError, "float argument required, not {}", type_name(thread_, v));
    }
    if (!to_double(thread_, v, d)) return false;
    int64_t precision = spec.precision < 0 ? 6 : spec.precision;
    if (precision > (1 << 20) && !thread_.heap->can_allocate(static_cast<size_t>(precision))) {
      (void)raise_memory(thread_);
      return false;
    }
    return put_number(spec, format_double(d, static_cast<char>(spec.code), static_cast<int>(precision), spec.alternate, false), {});
  }

  bool raise_wrong_type(const Conversion& spec, Value v, bool wants_integer) {
    char code = static_cast<char>(spec.code);
    if (is_bytes_ && (code == 'i' || code == 'u')) code = 'd';
    return fail(ErrorType::TypeError, "%{} format: {} is required, not {}", code, wants_integer ? "an integer" : "a real number", type_name(thread_, v));
  }

  bool convert_integer(const Conversion& spec, Value v) {
    bool wants_integer = spec.code == 'o' || spec.code == 'x' || spec.code == 'X';
    Value number = v;
    if (!is_integer(v)) {
      number = integer_argument(v, wants_integer);
      if (number.is_raised()) {
        if (!exception_matches(thread_, ErrorType::TypeError)) return false;
        (void)take_exception(thread_);
        number = Value::empty();
      }
      if (number.is_empty()) return raise_wrong_type(spec, v, wants_integer);
    }
    std::string text;
    if (wants_integer) text = int_to_text(number, spec.code == 'o' ? 8 : 16);
    else if (!int_decimal_text(thread_, number, text)) return false;
    size_t sign = text[0] == '-';
    if (spec.precision > static_cast<int64_t>(text.size() - sign)) {
      if (!thread_.heap->can_allocate(static_cast<size_t>(spec.precision))) {
        (void)raise_memory(thread_);
        return false;
      }
      text.insert(sign, static_cast<size_t>(spec.precision) - (text.size() - sign), '0');
    }
    std::string prefix;
    if (spec.alternate && wants_integer) prefix = {'0', static_cast<char>(spec.code)};
    if (spec.code == 'X') {
      for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 32) : c;
    }
    return put_number(spec, text, prefix);
  }

  // The int for %d (anything that int() takes but text) or %x (only __index__); Empty when v is no number.
  Value integer_argument(Value v, bool wants_integer) {
    if (v.is_float() && !wants_integer) return float_to_int(thread_, v.number);
    Type* type = type_of(thread_, v);
    if (wants_integer) return type->ops.index != nullptr ? to_integer(thread_, v) : Value::empty();
    bool is_number = type->ops.index != nullptr || !type_lookup(type, names(thread_).int_).is_empty() || !type_lookup(type, names(thread_).float_).is_empty();
    return is_number ? int_from_value(thread_, v) : Value::empty();
  }

  Thread& thread_;
  Str* format_;
  Value args_;
  bool is_bytes_;
  bool is_single_ = false;
  int64_t length_ = 0;   // arguments in all
  int64_t next_ = 0;
  Value mapping_ = Value::empty();
  size_t position_ = 0;
  StrBuilder out_;
};

}  // namespace

Value format_percent(Thread& t, Str* format, Value args) {
  Str* s = PercentFormatter(t, format, args, false).run();
  return s == nullptr ? Value::raised() : str_value(s);
}

Value bytes_percent(Thread& t, Value format, Value args) {
  std::string_view view = own_view(format);
  Str* text = make_str_latin1(t, reinterpret_cast<const uint8_t*>(view.data()), view.size());
  Str* s = PercentFormatter(t, text, args, true).run();
  if (s == nullptr) return Value::raised();
  return make_like(t, format, {reinterpret_cast<const char*>(s->narrow()), s->length});
}

}  // namespace mini
