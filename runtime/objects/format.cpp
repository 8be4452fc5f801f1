// SPDX-License-Identifier: MIT
// format(): reading a specification and applying it to str, int and float. Fields of str.format are in str_format.cpp,
// printf-style formatting in percent.cpp.

#include <algorithm>
#include <climits>
#include <cmath>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/objects/format_spec.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"
#include "runtime/objects/unicode.h"

namespace mini {

int64_t read_spec_number(const Str* s, size_t& position, size_t end) {
  int64_t value = -1;
  for (; position < end; ++position) {
    int digit = unicode_decimal(s->at(position));
    if (digit < 0) break;
    if (value < 0) value = 0;
    if (value > (INT64_MAX - digit) / 10) return -2;
    value = value * 10 + digit;
  }
  return value;
}

namespace {

bool is_alignment(char32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

bool fail(Thread& t, std::string_view text) {
  (void)raise_text(t, ErrorType::ValueError, text);
  return false;
}

// A format code as messages show it.
std::string shown_code(char32_t c) {
  if (c > 32 && c < 128) return std::string(1, static_cast<char>(c));
  return fmt::format("\\x{:x}", static_cast<uint32_t>(c));
}

Value raise_unknown_code(Thread& t, char32_t code, Value self) {
  return raise(t, ErrorType::ValueError, "Unknown format code '{}' for object of type '{}'", shown_code(code), type_name(t, self));
}

class SpecReader {
 public:
  SpecReader(Thread& t, const Str* text, Value self) : thread_(t), text_(text), self_(self) {}

  // False after raising ValueError.
  bool read(FormatSpec& spec, char32_t default_type, char default_align) {
    spec.type = default_type;
    spec.align = default_align;
    bool has_fill = false, has_align = false;
    if (left() >= 2 && is_alignment(text_->at(position_ + 1))) {
      spec.fill = text_->at(position_);
      spec.align = static_cast<char>(text_->at(position_ + 1));
      has_fill = has_align = true;
      position_ += 2;
    } else if (left() >= 1 && is_alignment(text_->at(position_))) {
      spec.align = static_cast<char>(text_->at(position_++));
      has_align = true;
    }
    if (peek() == ' ' || peek() == '+' || peek() == '-') spec.sign = static_cast<char>(text_->at(position_++));
    spec.no_negative_zero = take('z');
    spec.alternate = take('#');
    if (!has_fill && take('0')) {
      spec.fill = '0';
      if (!has_align && default_align == '>') spec.align = '=';
    }
    return read_width(spec) && read_type(spec);
  }

 private:
  size_t left() const { return text_->length - position_; }
  char32_t peek() const { return position_ < text_->length ? text_->at(position_) : 0; }
  bool take(char32_t c) {
    if (left() == 0 || peek() != c) return false;
    ++position_;
    return true;
  }

  bool read_width(FormatSpec& spec) {
    spec.width = read_spec_number(text_, position_, text_->length);
    if (spec.width == -2) return fail(thread_, "Too many decimal digits in format string");
    if (take(',')) spec.grouping = ',';
    if (take('_')) {
      if (spec.grouping != 0) return fail(thread_, "Cannot specify both ',' and '_'.");
      spec.grouping = '_';
    }
    if (peek() == ',' && spec.grouping == '_') return fail(thread_, "Cannot specify both ',' and '_'.");
    if (!take('.')) return true;
    spec.precision = read_spec_number(text_, position_, text_->length);
    if (spec.precision == -2) return fail(thread_, "Too many decimal digits in format string");
    return spec.precision >= 0 || fail(thread_, "Format specifier missing precision");
  }

  bool read_type(FormatSpec& spec) {
    if (left() > 1) {
      return fail(thread_, fmt::format("Invalid format specifier '{}' for object of type '{}'", to_utf8(text_), type_name(thread_, self_)));
    }
    if (left() == 1) spec.type = peek();
    if (spec.grouping == 0) return true;
    switch (spec.type) {
      case 'd': case 'e': case 'f': case 'g': case 'E': case 'G': case 'F': case '%': case 0: return true;
      case 'b': case 'o': case 'x': case 'X':
        if (spec.grouping == '_') return true;
        break;
      default: break;
    }
    return fail(thread_, fmt::format("Cannot specify '{}' with '{}'.", spec.grouping, shown_code(spec.type)));
  }

  Thread& thread_;
  const Str* text_;
  Value self_;
  size_t position_ = 0;
};

// Inserts `separator` between groups counted from the right, with zeros in front up to `minimum` characters.
std::string group_digits(std::string_view digits, int64_t group, char separator, int64_t minimum) {
  std::string reversed;
  int64_t left = static_cast<int64_t>(digits.size());
  bool needs_separator = false;
  while (true) {
    int64_t take = std::max<int64_t>({left, minimum, 1});
    if (separator != 0) take = std::min(take, group);
    if (needs_separator) reversed.push_back(separator);
    int64_t own = std::min(left, take);
    for (int64_t i = 0; i < own; ++i) reversed.push_back(digits[static_cast<size_t>(left - 1 - i)]);
    reversed.append(static_cast<size_t>(take - own), '0');
    needs_separator = true;
    left -= own;
    minimum -= take;
    if (left <= 0 && minimum <= 0) break;
    --minimum;
  }
  return {reversed.rbegin(), reversed.rend()};
}

bool has_room(Thread& t, int64_t characters) {
  if (characters < (1 << 20) || t.heap->can_allocate(static_cast<size_t>(characters))) return true;
  (void)raise_memory(t);
  return false;
}

// Pads a number on both sides, or behind its head, as align says.
Str* pad_number(Thread& t, const FormatSpec& spec, std::string_view head, std::string_view digits, std::string_view rest) {
  int64_t missing = std::max<int64_t>(spec.width - static_cast<int64_t>(head.size() + digits.size() + rest.size()), 0);
  int64_t before = spec.align == '>' ? missing : spec.align == '^' ? missing / 2 : 0;
  int64_t inside = spec.align == '=' ? missing : 0;
  size_t length = static_cast<size_t>(missing) + head.size() + digits.size() + rest.size();
  if (spec.fill < 128 && length > 1) {   // one character is shared
    Str* s = allocate_str(t, length, kStrAscii);
    if (s == nullptr) return nullptr;
    uint8_t* at = narrow_chars(s);
    auto put = [&](std::string_view text) { for (char c : text) *at++ = static_cast<uint8_t>(c); };
    auto fill = [&](int64_t count) { for (; count > 0; --count) *at++ = static_cast<uint8_t>(spec.fill); };
    fill(before), put(head), fill(inside), put(digits), put(rest), fill(missing - before - inside);
    return s;
  }
  StrBuilder out;
  out.fill(spec.fill, static_cast<size_t>(before));
  out.add_latin1(head);
  out.fill(spec.fill, static_cast<size_t>(inside));
  out.add_latin1(digits);
  out.add_latin1(rest);
  out.fill(spec.fill, static_cast<size_t>(missing - before - inside));
  return out.finish(t);
}

Value render_number(Thread& t, const FormatSpec& spec, const NumberParts& parts, int group) {
  if (!has_room(t, spec.width)) return Value::raised();
  char text[4];
  size_t sign = parts.is_negative || spec.sign == '+' || spec.sign == ' ';
  text[0] = parts.is_negative ? '-' : spec.sign;
  std::copy(parts.prefix.begin(), parts.prefix.end(), text + sign);
  std::string_view head(text, sign + parts.prefix.size());
  int64_t fixed = static_cast<int64_t>(head.size() + parts.rest.size());
  bool fills_zeros = spec.fill == '0' && spec.align == '=';
  bool is_grouped = !parts.digits.empty() && (spec.grouping != 0 || fills_zeros);
  std::string grouped;
  if (is_grouped) grouped = group_digits(parts.digits, group, spec.grouping, fills_zeros ? spec.width - fixed : 0);
  Str* s = pad_number(t, spec, head, is_grouped ? grouped : parts.digits, parts.rest);
  return s == nullptr ? Value::raised() : str_value(s);
}

// format(65, "c")
Value format_character(Thread& t, const FormatSpec& spec, Value self) {
  if (spec.sign != 0) return raise(t, ErrorType::ValueError, "Sign not allowed with integer format specifier 'c'");
  if (spec.alternate) return raise(t, ErrorType::ValueError, "Alternate form (#) not allowed with integer format specifier 'c'");
  int64_t code;
  if (!fits_int64(self, code)) return raise(t, ErrorType::OverflowError, "Python int too large to convert to C long");
  if (code < 0 || code > kMaxCodePoint) return raise(t, ErrorType::OverflowError, "%c arg not in range(0x110000)");
  if (!has_room(t, spec.width)) return Value::raised();
  StrBuilder out;
  size_t missing = spec.width > 1 ? static_cast<size_t>(spec.width - 1) : 0;
  size_t before = spec.align == '>' || spec.align == '=' ? missing : spec.align == '^' ? missing / 2 : 0;
  out.fill(spec.fill, before);
  out.add(static_cast<char32_t>(code));
  out.fill(spec.fill, missing - before);
  return str_value(out.finish(t));
}

Value format_as_float(Thread& t, const FormatSpec& spec, double d) {
  char32_t type = spec.type;
  bool adds_zero = type == 0, is_percent = type == '%';
  if (type == 0) type = 'r';
  if (type == 'n') type = 'g';
  if (is_percent) {
    type = 'f';
    d *= 100;
  }
  int64_t precision = spec.precision;
  if (precision > INT_MAX) return raise(t, ErrorType::ValueError, "precision too big");
  if (!has_room(t, precision)) return Value::raised();
  if (precision < 0) precision = type == 'r' ? 0 : 6;
  else if (type == 'r') type = 'g';
  std::string text = format_double(d, static_cast<char>(type), static_cast<int>(precision), spec.alternate, adds_zero);
  NumberParts parts;
  size_t begin = text[0] == '-';
  parts.is_negative = begin == 1;
  if (spec.no_negative_zero && parts.is_negative && text.find_first_not_of("0.", 1) == std::string::npos) parts.is_negative = false;
  if (spec.no_negative_zero && parts.is_negative && (type | 0x20) == 'e' && text.find_first_of("123456789") > text.find_first_of("eE")) {
    parts.is_negative = false;
  }
  size_t end = begin;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  if (is_percent) text.push_back('%');
  parts.digits = std::string_view(text).substr(begin, end - begin);
  parts.rest = std::string_view(text).substr(end);
  return render_number(t, spec, parts, 3);
}

}  // namespace

Value format_str_value(Thread& t, Value self, Str* spec_text) {
  FormatSpec spec;
  if (!SpecReader(t, spec_text, self).read(spec, 's', '<')) return Value::raised();
  if (spec.type != 's') return raise_unknown_code(t, spec.type, self);
  if (spec.sign == ' ') return raise(t, ErrorType::ValueError, "Space not allowed in string format specifier");
  if (spec.sign != 0) return raise(t, ErrorType::ValueError, "Sign not allowed in string format specifier");
  if (spec.no_negative_zero) return raise(t, ErrorType::ValueError, "Negative zero coercion (z) not allowed in string format specifier");
  if (spec.alternate) return raise(t, ErrorType::ValueError, "Alternate form (#) not allowed in string format specifier");
  if (spec.align == '=') return raise(t, ErrorType::ValueError, "'=' alignment not allowed in string format specifier");
  const Str* s = as<Str>(self);
  size_t length = spec.precision >= 0 ? std::min(s->length, static_cast<size_t>(spec.precision)) : s->length;
  if (!has_room(t, spec.width)) return Value::raised();
  size_t missing = spec.width > static_cast<int64_t>(length) ? static_cast<size_t>(spec.width) - length : 0;
  if (missing == 0) return str_value(substring(t, as<Str>(self), 0, length));
  size_t before = spec.align == '>' ? missing : spec.align == '^' ? missing / 2 : 0;
  StrBuilder out;
  out.fill(spec.fill, before);
  out.add(s, 0, length);
  out.fill(spec.fill, missing - before);
  return str_value(out.finish(t));
}

Value format_int_value(Thread& t, Value self, Str* spec_text) {
  FormatSpec spec;
  if (!SpecReader(t, spec_text, self).read(spec, 'd', '>')) return Value::raised();
  int base = 10;
  switch (spec.type) {
    case 'b': base = 2; break;
    case 'o': base = 8; break;
    case 'x': case 'X': base = 16; break;
    case 'c': case 'd': case 'n': break;
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case '%': {
      double d;
      if (!to_double(t, self, d)) return Value::raised();
      return format_as_float(t, spec, d);
    }
    default: return raise_unknown_code(t, spec.type, self);
  }
  if (spec.precision >= 0) return raise(t, ErrorType::ValueError, "Precision not allowed in integer format specifier");
  if (spec.no_negative_zero) return raise(t, ErrorType::ValueError, "Negative zero coercion (z) not allowed in integer format specifier");
  if (spec.type == 'c') return format_character(t, spec, self);
  NumberParts parts;
  std::string digits;
  if (base != 10) digits = int_to_text(self, base);
  else if (!int_decimal_text(t, self, digits)) return Value::raised();
  if (spec.type == 'X') {
    for (char& c : digits) c = c >= 'a' ? static_cast<char>(c - 32) : c;
  }
  parts.is_negative = digits[0] == '-';
  parts.digits = std::string_view(digits).substr(parts.is_negative);
  const char prefix[] = {'0', static_cast<char>(spec.type)};
  if (spec.alternate && base != 10) parts.prefix = {prefix, sizeof prefix};
  return render_number(t, spec, parts, base == 10 ? 3 : 4);
}

Value format_float_value(Thread& t, Value self, Str* spec_text) {
  FormatSpec spec;
  if (!SpecReader(t, spec_text, self).read(spec, 0, '>')) return Value::raised();
  switch (spec.type) {
    case 0: case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'n': case '%': break;
    default: return raise_unknown_code(t, spec.type, self);
  }
  return format_as_float(t, spec, float_value(self));
}

Value format_value(Thread& t, Value v, Str* spec) {
  bool is_plain = spec->length == 0;
  if (v.is_int()) {
    if (!is_plain) return format_int_value(t, v, spec);
  } else if (v.is_float()) {
    if (!is_plain) return format_float_value(t, v, spec);
  } else if (is_exact(v, Kind::Str)) {
    if (!is_plain) return format_str_value(t, v, spec);
  } else if (v.is_bool() || is_exact(v, Kind::Int)) {
    if (!is_plain) return format_int_value(t, v, spec);
  } else {
    Value result = TRY(call_special(t, v, names(t).format, {str_value(spec)}));
    if (is_kind(result, Kind::Str)) return result;
    if (result.is_empty()) {
      return raise(t, ErrorType::TypeError, "Type {} doesn't define __format__", type_name(t, v));
    }
    return raise(t, ErrorType::TypeError, "__format__ must return a str, not {}", type_name(t, result));
  }
  Str* s = to_str(t, v);
  return s == nullptr ? Value::raised() : str_value(s);
}

}  // namespace mini
