// SPDX-License-Identifier: MIT
// str.format and str.format_map: literal text and replacement fields, `{name.attribute[item]!conversion:spec}`, where a
// spec may hold fields of its own, two levels deep.

#include "runtime/errors.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/format_spec.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

bool fail(Thread& t, std::string_view text) {
  (void)raise_text(t, ErrorType::ValueError, text);
  return false;
}

struct Field {
  size_t name_begin, name_end;
  size_t spec_begin, spec_end;
  char32_t conversion = 0;
  bool spec_has_fields = false;
};

class Formatter {
 public:
  // `args` null: format_map, where positional fields are errors.
  Formatter(Thread& t, Str* text, const Value* args, size_t argc, Value mapping)
      : thread_(t), text_(text), args_(args), argc_(argc), mapping_(mapping) {}

  Str* run() {
    StrBuilder out;
    if (!build(out, 0, text_->length, 2)) return nullptr;
    return out.finish(thread_);
  }

 private:
  enum class Numbering : uint8_t { Unknown, Automatic, Manual };

  char32_t at(size_t i) const { return text_->at(i); }

  bool build(StrBuilder& out, size_t begin, size_t end, int depth) {
    if (depth == 0) return fail(thread_, "Max string recursion exceeded");
    for (size_t i = begin; i < end;) {
      size_t start = i;
      while (i < end && at(i) != '{' && at(i) != '}') ++i;
      out.add(text_, start, i);
      if (i == end) break;
      char32_t c = at(i++);
      if (i < end && at(i) == c) {
        out.add(c);
        ++i;
        continue;
      }
      if (c == '}') return fail(thread_, "Single '}' encountered in format string");
      if (i == end) return fail(thread_, "Single '{' encountered in format string");
      Field field;
      if (!read_field(i, end, field) || !render(out, field, depth)) return false;
    }
    return true;
  }

  // Reads the field whose `{` was just passed; leaves `i` behind its `}`.
  bool read_field(size_t& i, size_t end, Field& field) {
    field.name_begin = i;
    field.spec_begin = field.spec_end = i;
    char32_t c = 0;
    for (bool is_done = false; !is_done && i < end;) {
      c = at(i++);
      if (c == '{') return fail(thread_, "unexpected '{' in field name");
      if (c == '[') {
        while (i < end && at(i) != ']') ++i;
      } else {
        is_done = c == '}' || c == ':' || c == '!';
      }
    }
    field.name_end = i - 1;
    if (c == '}') return true;
    if (c != '!' && c != ':') return fail(thread_, "expected '}' before end of string");
    if (c == '!') {
      if (i >= end) return fail(thread_, "end of string while looking for conversion specifier");
      field.conversion = at(i++);
      if (i < end) {
        c = at(i++);
        if (c == '}') return true;
        if (c != ':') return fail(thread_, "expected ':' after conversion specifier");
      }
    }
    field.spec_begin = i;
    for (int level = 1; i < end;) {
      c = at(i++);
      if (c == '{') {
        field.spec_has_fields = true;
        ++level;
      } else if (c == '}' && --level == 0) {
        field.spec_end = i - 1;
        return true;
      }
    }
    return fail(thread_, "unmatched '{' in format spec");
  }

  bool render(StrBuilder& out, const Field& field, int depth) {
    Value value = field_value(field.name_begin, field.name_end);
    if (value.is_raised()) return false;
    if (field.conversion != 0) {
      Str* converted = convert(value, field.conversion);
      if (converted == nullptr) return false;
      value = str_value(converted);
    }
    Str* spec = thread_.interpreter->empty_str;
    if (field.spec_has_fields) {
      StrBuilder spec_text;
      if (!build(spec_text, field.spec_begin, field.spec_end, depth - 1)) return false;
      spec = spec_text.finish(thread_);
    } else if (field.spec_end > field.spec_begin) {
      spec = substring(thread_, text_, field.spec_begin, field.spec_end);
    }
    if (spec->length == 0 && is_exact(value, Kind::Str)) {
      out.add(as<Str>(value));
      return true;
    }
    Value formatted = format_value(thread_, value, spec);
    if (formatted.is_raised()) return false;
    out.add(as<Str>(formatted));
    return true;
  }

  Str* convert(Value value, char32_t conversion) {
    switch (conversion) {
      case 'r': return to_repr(thread_, value);
      case 's': return to_str(thread_, value);
      case 'a': {
        Str* s = to_repr(thread_, value);
        return s == nullptr ? nullptr : escape_non_ascii(thread_, s);
      }
      default: break;
    }
    if (conversion > 32 && conversion < 127) {
      (void)raise(thread_, ErrorType::ValueError, "Unknown conversion specifier {}", static_cast<char>(conversion));
    } else {
      (void)raise(thread_, ErrorType::ValueError, "Unknown conversion specifier \\x{:x}", static_cast<uint32_t>(conversion));
    }
    return nullptr;
  }

  // The number that text_[begin:end] is, -1 when it is none, -2 after raising.
  int64_t number_of(size_t begin, size_t end) {
    size_t i = begin;
    int64_t n = read_spec_number(text_, i, end);
    if (n == -2) {
      fail(thread_, "Too many decimal digits in format string");
      return -2;
    }
    return i == end ? n : -1;
  }

  bool check_numbering(bool is_automatic) {
    Numbering wanted = is_automatic ? Numbering::Automatic : Numbering::Manual;
    if (numbering_ == Numbering::Unknown) numbering_ = wanted;
    if (numbering_ == wanted) return true;
    return fail(thread_, is_automatic ? "cannot switch from manual field specification to automatic field numbering"
                                      : "cannot switch from automatic field numbering to manual field specification");
  }

  Value field_value(size_t begin, size_t end) {
    size_t i = begin;
    while (i < end && at(i) != '.' && at(i) != '[') ++i;
    Value value = TRY(first_value(begin, i));
    while (i < end) {
      char32_t c = at(i++);
      size_t start = i;
      if (c == '.') {
        while (i < end && at(i) != '.' && at(i) != '[') ++i;
        if (i == start) return raise_empty();
        value = TRY(get_attribute(thread_, value, intern(thread_, substring(thread_, text_, start, i))));
      } else if (c == '[') {
        while (i < end && at(i) != ']') ++i;
        if (i == end) return raise(thread_, ErrorType::ValueError, "Missing ']' in format string");
        if (i == start) return raise_empty();
        int64_t n = number_of(start, i);
        if (n == -2) return Value::raised();
        value = TRY(get_item(thread_, value, n >= 0 ? Value::of_int(n) : str_value(substring(thread_, text_, start, i))));
        ++i;
      } else {
        return raise(thread_, ErrorType::ValueError, "Only '.' or '[' may follow ']' in format field specifier");
      }
    }
    return value;
  }

  Value raise_empty() { return raise(thread_, ErrorType::ValueError, "Empty attribute in format string"); }

  // The argument that the first part of a field's name stands for.
  Value first_value(size_t begin, size_t end) {
    int64_t n = number_of(begin, end);
    if (n == -2) return Value::raised();
    bool is_automatic = begin == end;
    if (n < 0 && !is_automatic) {
      Str* key = substring(thread_, text_, begin, end);
      if (is_exact(mapping_, Kind::Dict)) {
        Value found = TRY(dict_get_item(thread_, as<Dict>(mapping_), str_value(key)));
        return found.is_empty() ? raise_with_argument(thread_, ErrorType::KeyError, str_value(key)) : found;
      }
      if (mapping_.is_empty()) return raise_with_argument(thread_, ErrorType::KeyError, str_value(key));
      return get_item(thread_, mapping_, str_value(key));
    }
    if (!check_numbering(is_automatic)) return Value::raised();
    if (is_automatic) n = next_++;
    if (args_ == nullptr) return raise(thread_, ErrorType::ValueError, "Format string contains positional fields");
    if (static_cast<uint64_t>(n) >= argc_) {
      return raise(thread_, ErrorType::IndexError, "Replacement index {} out of range for positional args tuple", n);
    }
    return args_[n];
  }

  Thread& thread_;
  Str* text_;
  const Value* args_;
  size_t argc_;
  Value mapping_;
  Numbering numbering_ = Numbering::Unknown;
  int64_t next_ = 0;
};

}  // namespace

namespace {

// A text without braces is its own result, also one of a derived class.
bool has_braces(const Str* s) {
  for (uint64_t i = 0; i < s->length; ++i)
    if (s->at(i) == '{' || s->at(i) == '}') return true;
  return false;
}

}  // namespace

Value str_format(Thread& t, Value* args, size_t argc) {
  static constexpr size_t kFixed = 2;   // self and the keyword dict come first
  size_t count = argc > kFixed ? argc - kFixed : 0;
  if (!has_braces(as<Str>(args[0]))) return args[0];
  Str* s = Formatter(t, as<Str>(args[0]), args + kFixed, count, args[1]).run();
  return s == nullptr ? Value::raised() : str_value(s);
}

Value str_format_map(Thread& t, Value* args, size_t) {
  Str* s = Formatter(t, as<Str>(args[0]), nullptr, 0, args[1]).run();
  return s == nullptr ? Value::raised() : str_value(s);
}

}  // namespace mini
