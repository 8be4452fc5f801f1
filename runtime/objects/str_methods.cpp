// SPDX-License-Identifier: MIT
// The remaining methods of str (searching, replacing, padding, stripping, translating), its constructor, and the table
// that ends the type.

#include <algorithm>
#include <cstring>
#include <iterator>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interruptible.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/format_spec.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/text_search.h"
#include "runtime/objects/type.h"
#include "runtime/objects/unicode.h"

namespace mini {

namespace {

Str* self_of(Value* args) { return as<Str>(args[0]); }
Value str_or_raised(Str* s) { return s == nullptr ? Value::raised() : str_value(s); }
bool is_str(Value v) { return is_kind(v, Kind::Str); }
Str* itself(Thread& t, Str* s) { return substring(t, s, 0, s->length); }   // exact, empty ones shared

bool clamp_position(Thread& t, Value v, size_t length, int64_t fallback, int64_t& out) {
  out = fallback;
  if (v.is_empty() || v.is_none()) return true;
  if (!is_integer(v) && type_of(t, v)->ops.index == nullptr) {
    (void)raise(t, ErrorType::TypeError, "slice indices must be integers or None or have an __index__ method");
    return false;
  }
  if (!to_index_clamped(t, v, out)) return false;
  if (out < 0) out = std::max<int64_t>(out + static_cast<int64_t>(length), 0);
  return true;
}

}  // namespace

bool clamp_range(Thread& t, Value begin, Value end, size_t length, int64_t& out_begin, int64_t& out_end) {
  int64_t size = static_cast<int64_t>(length);
  if (!clamp_position(t, begin, length, 0, out_begin) || !clamp_position(t, end, length, size, out_end)) return false;
  out_end = std::min(out_end, size);
  return true;
}

namespace {

// args: self, sub, start, end. False after raising.
bool read_search(Thread& t, Value* args, int64_t& begin, int64_t& end) {
  if (!clamp_range(t, args[2], args[3], self_of(args)->length, begin, end)) return false;
  if (is_str(args[1])) return true;
  (void)raise(t, ErrorType::TypeError, "must be str, not {}", type_name(t, args[1]));
  return false;
}

using Search = int64_t (*)(const Str*, const Str*, size_t, size_t);

Value search(Thread& t, Value* args, Search function, bool raises) {
  int64_t begin, end;
  if (!read_search(t, args, begin, end)) return Value::raised();
  const Str *s = self_of(args), *sought = as<Str>(args[1]);
  int64_t at = -1;
  if (begin <= end) {
    TRY(interruptibly_if_long(t, s->is_wide() ? 0 : s->length, [&] {   // in wide text the search allocates
      at = function(s, sought, static_cast<size_t>(begin), static_cast<size_t>(end));
    }));
  }
  if (at < 0 && raises) return raise(t, ErrorType::ValueError, "substring not found");
  return Value::of_int(at);
}

Value str_find(Thread& t, Value* args, size_t) { return search(t, args, find_text, false); }
Value str_rfind(Thread& t, Value* args, size_t) { return search(t, args, rfind_text, false); }
Value str_index(Thread& t, Value* args, size_t) { return search(t, args, find_text, true); }
Value str_rindex(Thread& t, Value* args, size_t) { return search(t, args, rfind_text, true); }

Value str_count(Thread& t, Value* args, size_t) {
  int64_t begin, end;
  if (!read_search(t, args, begin, end)) return Value::raised();
  if (begin > end) return Value::of_int(0);
  const Str *s = self_of(args), *sought = as<Str>(args[1]);
  size_t count = 0;
  TRY(interruptibly_if_long(t, s->is_wide() ? 0 : s->length, [&] {
    count = count_text(s, sought, static_cast<size_t>(begin), static_cast<size_t>(end));
  }));
  return Value::of_int(static_cast<int64_t>(count));
}

// Does s[begin:end] start (end) with `affix`?
bool matches_affix(const Str* s, const Str* affix, int64_t begin, int64_t end, bool at_end) {
  if (end - begin < static_cast<int64_t>(affix->length)) return false;
  size_t at = static_cast<size_t>(at_end ? end - static_cast<int64_t>(affix->length) : begin);
  if (!s->is_wide()) {
    return !affix->is_wide() && std::memcmp(s->narrow() + at, affix->data, affix->length) == 0;
  }
  for (size_t i = 0; i < affix->length; ++i) {
    if (s->at(at + i) != affix->at(i)) return false;
  }
  return true;
}

Value test_affix(Thread& t, Value* args, bool at_end) {
  const char* name = at_end ? "endswith" : "startswith";
  Str* s = self_of(args);
  int64_t begin, end;
  if (!clamp_range(t, args[2], args[3], s->length, begin, end)) return Value::raised();
  if (is_str(args[1])) return Value::of_bool(matches_affix(s, as<Str>(args[1]), begin, end, at_end));
  if (!is_kind(args[1], Kind::Tuple)) {
    return raise(t, ErrorType::TypeError, "{} first arg must be str or a tuple of str, not {}", name, type_name(t, args[1]));
  }
  Tuple* choices = as<Tuple>(args[1]);
  for (size_t i = 0; i < choices->length; ++i) {
    if (!is_str(choices->items[i])) {
      return raise(t, ErrorType::TypeError, "tuple for {} must only contain str, not {}", name, type_name(t, choices->items[i]));
    }
    if (matches_affix(s, as<Str>(choices->items[i]), begin, end, at_end)) return Value::of_bool(true);
  }
  return Value::of_bool(false);
}

Value str_startswith(Thread& t, Value* args, size_t) { return test_affix(t, args, false); }
Value str_endswith(Thread& t, Value* args, size_t) { return test_affix(t, args, true); }

Value remove_affix(Thread& t, Value* args, bool at_end) {
  Str* s = self_of(args);
  if (!is_str(args[1])) {
    return raise(t, ErrorType::TypeError, "{}() argument must be str, not {}", at_end ? "removesuffix" : "removeprefix", argument_type_name(t, args[1]));
  }
  Str* affix = as<Str>(args[1]);
  if (affix->length == 0 || !matches_affix(s, affix, 0, static_cast<int64_t>(s->length), at_end)) return str_or_raised(itself(t, s));
  if (at_end) return str_or_raised(substring(t, s, 0, s->length - affix->length));
  return str_or_raised(substring(t, s, affix->length, s->length));
}

Value str_removeprefix(Thread& t, Value* args, size_t) { return remove_affix(t, args, false); }
Value str_removesuffix(Thread& t, Value* args, size_t) { return remove_affix(t, args, true); }

// Which characters strip() takes away: spaces, or those of a str.
class StripSet {
 public:
  explicit StripSet(const Str* chars) : chars_(chars) {
    if (chars == nullptr) return;
    std::fill(std::begin(narrow_), std::end(narrow_), false);
    for (size_t i = 0; i < chars->length; ++i) {
      if (chars->at(i) < 256) narrow_[chars->at(i)] = true;
    }
  }
  bool has(char32_t c) const {
    if (chars_ == nullptr) return unicode_is_space(c);
    if (c < 256) return narrow_[c];
    for (size_t i = 0; i < chars_->length; ++i) {
      if (chars_->at(i) == c) return true;
    }
    return false;
  }

 private:
  const Str* chars_;
  bool narrow_[256];   // set only where there are characters
};

Value strip(Thread& t, Value* args, bool left, bool right, const char* name) {
  Str* s = self_of(args);
  const Str* chars = nullptr;
  if (!args[1].is_empty() && !args[1].is_none()) {
    if (!is_str(args[1])) return raise(t, ErrorType::TypeError, "{} arg must be None or str", name);
    chars = as<Str>(args[1]);
  }
  StripSet set(chars);
  size_t begin = 0, end = s->length;
  TRY(interruptibly_if_long(t, s->length, [&] {
    begin = 0, end = s->length;
    while (left && begin < end && set.has(s->at(begin))) ++begin;
    while (right && end > begin && set.has(s->at(end - 1))) --end;
  }));
  return str_or_raised(substring(t, s, begin, end));
}

Value str_strip(Thread& t, Value* args, size_t) { return strip(t, args, true, true, "strip"); }
Value str_lstrip(Thread& t, Value* args, size_t) { return strip(t, args, true, false, "lstrip"); }
Value str_rstrip(Thread& t, Value* args, size_t) { return strip(t, args, false, true, "rstrip"); }

// `left` and `right` fill characters around s.
Str* pad(Thread& t, Str* s, size_t left, size_t right, char32_t fill) {
  if (left == 0 && right == 0) return itself(t, s);
  size_t length = left + s->length + right;
  bool is_wide = s->is_wide() || fill > 255;
  Str* out = allocate_str(t, length, is_wide ? uint32_t{kStrWide} : fill < 128 ? s->extra & kStrAscii : 0);
  if (out == nullptr) return nullptr;
  if (is_wide) {
    char32_t* chars = wide_chars(out);
    std::fill_n(chars, left, fill);
    for (size_t i = 0; i < s->length; ++i) chars[left + i] = s->at(i);
    std::fill_n(chars + left + s->length, right, fill);
  } else {
    uint8_t* chars = narrow_chars(out);
    std::memset(chars, static_cast<int>(fill), left);
    std::memcpy(chars + left, s->data, s->length);
    std::memset(chars + left + s->length, static_cast<int>(fill), right);
  }
  return out;
}

// args: self, width, fillchar. False after raising; `missing` is how many characters to add.
bool read_padding(Thread& t, Value* args, size_t& missing, char32_t& fill) {
  int64_t width, length = static_cast<int64_t>(self_of(args)->length);
  if (!to_index(t, args[1], width)) return false;
  missing = width > length ? static_cast<size_t>(width - length) : 0;
  fill = ' ';
  if (args[2].is_empty()) return true;
  if (!is_str(args[2])) {
    (void)raise(t, ErrorType::TypeError, "The fill character must be a unicode character, not {}", type_name(t, args[2]));
    return false;
  }
  if (as<Str>(args[2])->length != 1) {
    (void)raise(t, ErrorType::TypeError, "The fill character must be exactly one character long");
    return false;
  }
  fill = as<Str>(args[2])->at(0);
  return true;
}

Value str_center(Thread& t, Value* args, size_t) {
  size_t missing;
  char32_t fill;
  if (!read_padding(t, args, missing, fill)) return Value::raised();
  size_t left = missing / 2 + (missing & (missing + self_of(args)->length) & 1);
  return str_or_raised(pad(t, self_of(args), left, missing - left, fill));
}

Value str_ljust(Thread& t, Value* args, size_t) {
  size_t missing;
  char32_t fill;
  if (!read_padding(t, args, missing, fill)) return Value::raised();
  return str_or_raised(pad(t, self_of(args), 0, missing, fill));
}

Value str_rjust(Thread& t, Value* args, size_t) {
  size_t missing;
  char32_t fill;
  if (!read_padding(t, args, missing, fill)) return Value::raised();
  return str_or_raised(pad(t, self_of(args), missing, 0, fill));
}

Value str_zfill(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  int64_t width, length = static_cast<int64_t>(s->length);
  if (!to_index(t, args[1], width)) return Value::raised();
  if (width <= length) return str_or_raised(itself(t, s));
  size_t missing = static_cast<size_t>(width - length);
  Str* out = pad(t, s, missing, 0, '0');
  if (out == nullptr || s->length == 0) return str_or_raised(out);
  char32_t first = s->at(0);
  if (first != '+' && first != '-') return str_value(out);
  if (out->is_wide()) std::swap(wide_chars(out)[0], wide_chars(out)[missing]);
  else std::swap(narrow_chars(out)[0], narrow_chars(out)[missing]);
  return str_value(out);
}

// text with `count` occurrences of `sought` replaced, to where there is room for it.
void write_replaced(std::string_view text, std::string_view sought, std::string_view put, size_t count, char* to) {
  size_t position = 0;
  for (size_t i = 0; i < count; ++i) {
    size_t at = sought.empty() ? i : static_cast<size_t>(find_bytes(text, sought, position, text.size()));
    to = std::copy_n(text.data() + position, at - position, to);
    to = std::copy_n(put.data(), put.size(), to);
    position = at + sought.size();
  }
  std::copy(text.begin() + static_cast<ptrdiff_t>(position), text.end(), to);
}

// Replacing when all three texts are narrow, which is nearly always.
Str* replace_narrow(Thread& t, const Str* s, const Str* from, const Str* to, size_t count) {
  std::string_view text = narrow_view(s), sought = narrow_view(from), put = narrow_view(to);
  size_t length = s->length - count * from->length + count * to->length;
  auto write = [&](void* room) { write_replaced(text, sought, put, count, static_cast<char*>(room)); };
  if (s->is_ascii() && to->is_ascii() && length > 1) {
    Str* out = allocate_str(t, length, kStrAscii);
    return out && interruptibly_if_long(t, length, [&] { write(narrow_chars(out)); }).is_none() ? out : nullptr;
  }
  std::string out(length, '\0');
  write(out.data());
  return make_str_latin1(t, reinterpret_cast<const uint8_t*>(out.data()), out.size());
}

bool is_ascii_character(const Str* s) { return s->length == 1 && s->is_ascii(); }

// One ASCII character for another, everywhere in an ASCII text.
Str* replace_character(Thread& t, Str* s, uint8_t from, uint8_t to) {
  if (!std::memchr(s->narrow(), from, s->length)) return itself(t, s);
  Str* out = allocate_str(t, s->length, kStrAscii);
  auto write = [&] { std::replace_copy(s->narrow(), s->narrow() + s->length, narrow_chars(out), from, to); };
  return out && interruptibly_if_long(t, s->length, write).is_none() ? out : nullptr;
}

Str* replace_text(Thread& t, Str* s, const Str* from, const Str* to, size_t limit) {
  if (limit == SIZE_MAX && s->is_ascii() && s->length > 1 && is_ascii_character(from) && is_ascii_character(to))
    return replace_character(t, s, from->narrow()[0], to->narrow()[0]);
  size_t count = 0;
  if (interruptibly_if_long(t, s->is_wide() ? 0 : s->length, [&] { count = count_text(s, from, 0, s->length, limit); }).is_raised()) return nullptr;
  if (count == 0) return itself(t, s);
  size_t grown;
  if (to->length > from->length &&
      (__builtin_mul_overflow(count, to->length - from->length, &grown) || !t.heap->can_allocate(grown))) {
    (void)raise_memory(t);
    return nullptr;
  }
  if (!s->is_wide() && !to->is_wide()) return replace_narrow(t, s, from, to, count);
  StrBuilder out;
  size_t position = 0;
  for (size_t i = 0; i < count; ++i) {
    size_t at = from->length == 0 ? i : static_cast<size_t>(find_text(s, from, position, s->length));
    out.add(s, position, at);
    out.add(to);
    position = at + from->length;
  }
  out.add(s, position, s->length);
  return out.finish(t);
}

Value str_replace(Thread& t, Value* args, size_t) {
  for (int i = 1; i <= 2; ++i) {
    if (!is_str(args[i])) return raise(t, ErrorType::TypeError, "replace() argument {} must be str, not {}", i, argument_type_name(t, args[i]));
  }
  int64_t limit = -1;
  if (!args[3].is_empty() && !to_index(t, args[3], limit)) return Value::raised();
  return str_or_raised(replace_text(t, self_of(args), as<Str>(args[1]), as<Str>(args[2]), limit < 0 ? SIZE_MAX : static_cast<size_t>(limit)));
}

Value str_expandtabs(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  int64_t tab_size = 8;
  if (!args[1].is_empty() && !to_small_index(t, args[1], tab_size)) return Value::raised();
  StrBuilder out;
  int64_t column = 0;
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    if (c == '\t') {
      if (tab_size <= 0) continue;
      int64_t spaces = tab_size - column % tab_size;
      if (!t.heap->can_allocate(static_cast<size_t>(spaces) + out.length())) return raise_memory(t);
      out.fill(' ', static_cast<size_t>(spaces));
      column += spaces;
    } else {
      out.add(c);
      column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
  }
  return str_or_raised(out.finish(t));
}

Value str_maketrans(Thread& t, Value* args, size_t) {
  Dict* table = make_dict(t);
  Value x = args[0], y = args[1], z = args[2];
  if (y.is_empty()) {
    if (!is_kind(x, Kind::Dict)) return raise(t, ErrorType::TypeError, "if you give only one argument to maketrans it must be a dict");
    for (DictCursor c(as<Dict>(x)); c.next();) {
      Value key = c.entry->key;
      if (is_str(key)) {
        if (as<Str>(key)->length != 1) return raise(t, ErrorType::ValueError, "string keys in translate table must be of length 1");
        key = Value::of_int(as<Str>(key)->at(0));
      } else if (!is_integer(key)) {
        return raise(t, ErrorType::TypeError, "keys in translate table must be strings or integers");
      }
      TRY(dict_set_item(t, table, key, c.entry->value));
    }
    return Value::of_object(table);
  }
  if (!is_str(y)) return raise(t, ErrorType::TypeError, "maketrans() argument 2 must be str, not {}", argument_type_name(t, y));
  if (!z.is_empty() && !is_str(z)) return raise(t, ErrorType::TypeError, "maketrans() argument 3 must be str, not {}", argument_type_name(t, z));
  if (!is_str(x)) return raise(t, ErrorType::TypeError, "first maketrans argument must be a string if there is a second argument");
  Str* from = as<Str>(x);
  Str* to = as<Str>(y);
  if (from->length != to->length) return raise(t, ErrorType::ValueError, "the first two maketrans arguments must have equal length");
  for (size_t i = 0; i < from->length; ++i) TRY(dict_set_item(t, table, Value::of_int(from->at(i)), Value::of_int(to->at(i))));
  for (size_t i = 0; !z.is_empty() && i < as<Str>(z)->length; ++i) {
    TRY(dict_set_item(t, table, Value::of_int(as<Str>(z)->at(i)), Value::none()));
  }
  return Value::of_object(table);
}

// What the table says about a character; Empty: keep it.
Value look_up_translation(Thread& t, Value table, char32_t c) {
  Value key = Value::of_int(c);
  if (is_exact(table, Kind::Dict)) return dict_get_item(t, as<Dict>(table), key);
  Value found = get_item(t, table, key);
  if (!found.is_raised() || !exception_matches(t, ErrorType::LookupError)) return found;
  (void)take_exception(t);
  return Value::empty();
}

Value str_translate(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  StrBuilder out;
  out.reserve(s->length);
  for (size_t i = 0; i < s->length; ++i) {
    if ((i & 4095) == 4095) TRY(t.poll());
    char32_t c = s->at(i);
    Value found = TRY(look_up_translation(t, args[1], c));
    if (found.is_empty()) {
      out.add(c);
    } else if (is_integer(found)) {
      int64_t code;
      if (!fits_int64(found, code) || code < 0 || code > kMaxCodePoint) {
        return raise(t, ErrorType::ValueError, "character mapping must be in range(0x110000)");
      }
      out.add(static_cast<char32_t>(code));
    } else if (is_str(found)) {
      out.add(as<Str>(found));
    } else if (!found.is_none()) {
      return raise(t, ErrorType::TypeError, "character mapping must return integer, None or str");
    }
  }
  return str_or_raised(out.finish(t));
}

Value str_format_method(Thread& t, Value* args, size_t) {
  if (!is_str(args[1])) return raise(t, ErrorType::TypeError, "__format__() argument must be str, not {}", argument_type_name(t, args[1]));
  if (as<Str>(args[1])->length != 0) return format_str_value(t, args[0], as<Str>(args[1]));
  Str* s = to_str(t, args[0]);
  return s && s->length == 0 ? str_value(t.interpreter->empty_str) : str_or_raised(s);
}

Value str_getnewargs(Thread& t, Value* args, size_t) {
  return Value::of_object(make_tuple(t, {str_of_type(t, types(t).str, self_of(args))}));
}

Value str_sizeof(Thread&, Value* args, size_t) {
  const Str* s = self_of(args);
  return Value::of_int(static_cast<int64_t>(sizeof(Str) + s->length * (s->is_wide() ? sizeof(char32_t) : 1)));
}

// False after raising.
bool is_decoding_name(Thread& t, Value v, const char* argument) {
  if (v.is_empty() || is_str(v)) return true;
  (void)raise(t, ErrorType::TypeError, "str() argument '{}' must be str, not {}", argument, argument_type_name(t, v));
  return false;
}

Value str_new(Thread& t, Value* args, size_t) {
  Type* cls = as<Type>(args[0]);
  Value source = args[1], encoding = args[2], errors = args[3];
  Value text = Value::none();
  if (source.is_empty()) {
    text = str_value(t.interpreter->empty_str);
  } else if (encoding.is_empty() && errors.is_empty()) {
    Str* s = to_str(t, source);
    if (s == nullptr) return Value::raised();
    text = str_value(s);
    if (cls == types(t).str) return text;
  } else {
    if (!is_decoding_name(t, encoding, "encoding") || !is_decoding_name(t, errors, "errors")) return Value::raised();
    if (is_str(source)) return raise(t, ErrorType::TypeError, "decoding str is not supported");
    std::string_view view;
    if (!bytes_view(source, view)) {
      return raise(t, ErrorType::TypeError, "decoding to str: need a bytes-like object, {} found", type_name(t, source));
    }
    text = TRY(decode_with(t, view, encoding, errors, "str"));
  }
  return str_of_type(t, cls, as<Str>(text));
}

const NativeRow kStrMethods[] = {
    {"__new__", str_new, "(cls, object='', encoding='utf-8', errors='strict')", "The text of an object.", Binding::Static},
    {"capitalize", str_capitalize, "(self, /)", "First character in title case, the rest in lower case."},
    {"casefold", str_casefold, "(self, /)", "Text for comparisons that ignore case."},
    {"center", str_center, "(self, width, fillchar=' ', /)", "Padded on both sides to a width."},
    {"count", str_count, "(self, sub, start=None, end=None, /)", "How often sub occurs, without overlaps."},
    {"encode", str_encode, "(self, /, encoding='utf-8', errors='strict')", "The text as bytes."},
    {"endswith", str_endswith, "(self, suffix, start=None, end=None, /)", "Whether the text ends with a suffix (or one of a tuple)."},
    {"expandtabs", str_expandtabs, "(self, /, tabsize=8)", "Tabs replaced by spaces."},
    {"find", str_find, "(self, sub, start=None, end=None, /)", "Lowest position of sub, or -1."},
    {"format", str_format, "(self, /, *args, **kwargs)", "Replacement fields in braces filled in."},
    {"format_map", str_format_map, "(self, mapping, /)", "format() with names looked up in a mapping."},
    {"index", str_index, "(self, sub, start=None, end=None, /)", "Lowest position of sub; ValueError when absent."},
    {"isalnum", str_isalnum, "(self, /)", "Whether all characters are letters or numbers."},
    {"isalpha", str_isalpha, "(self, /)", "Whether all characters are letters."},
    {"isascii", str_isascii, "(self, /)", "Whether all characters are ASCII."},
    {"isdecimal", str_isdecimal, "(self, /)", "Whether all characters are decimal digits."},
    {"isdigit", str_isdigit, "(self, /)", "Whether all characters are digits."},
    {"isidentifier", str_isidentifier, "(self, /)", "Whether the text could be a name."},
    {"islower", str_islower, "(self, /)", "Whether all cased characters are lower case."},
    {"isnumeric", str_isnumeric, "(self, /)", "Whether all characters are numeric."},
    {"isprintable", str_isprintable, "(self, /)", "Whether repr() would escape nothing."},
    {"isspace", str_isspace, "(self, /)", "Whether all characters are white space."},
    {"istitle", str_istitle, "(self, /)", "Whether words begin with capitals."},
    {"isupper", str_isupper, "(self, /)", "Whether all cased characters are upper case."},
    {"join", str_join, "(self, iterable, /)", "The strings of an iterable with this one between them."},
    {"ljust", str_ljust, "(self, width, fillchar=' ', /)", "Padded on the right to a width."},
    {"lower", str_lower, "(self, /)", "In lower case."},
    {"lstrip", str_lstrip, "(self, chars=None, /)", "Without leading white space (or chars)."},
    {"maketrans", str_maketrans, "(x, y=None, z=None, /)", "A table for translate().", Binding::Static},
    {"partition", str_partition, "(self, sep, /)", "Text before sep, sep, and text after it."},
    {"removeprefix", str_removeprefix, "(self, prefix, /)", "Without the prefix, if it is there."},
    {"removesuffix", str_removesuffix, "(self, suffix, /)", "Without the suffix, if it is there."},
    {"replace", str_replace, "(self, old, new, count=-1, /)", "Occurrences of old replaced by new."},
    {"rfind", str_rfind, "(self, sub, start=None, end=None, /)", "Highest position of sub, or -1."},
    {"rindex", str_rindex, "(self, sub, start=None, end=None, /)", "Highest position of sub; ValueError when absent."},
    {"rjust", str_rjust, "(self, width, fillchar=' ', /)", "Padded on the left to a width."},
    {"rpartition", str_rpartition, "(self, sep, /)", "As partition(), at the last sep."},
    {"rsplit", str_rsplit, "(self, /, sep=None, maxsplit=-1)", "As split(), counting cuts from the end."},
    {"rstrip", str_rstrip, "(self, chars=None, /)", "Without trailing white space (or chars)."},
    {"split", str_split, "(self, /, sep=None, maxsplit=-1)", "The parts between separators."},
    {"splitlines", str_splitlines, "(self, /, keepends=False)", "The lines."},
    {"startswith", str_startswith, "(self, prefix, start=None, end=None, /)", "Whether the text begins with a prefix (or one of a tuple)."},
    {"strip", str_strip, "(self, chars=None, /)", "Without white space (or chars) at both ends."},
    {"swapcase", str_swapcase, "(self, /)", "Lower case for upper case and the other way round."},
    {"title", str_title, "(self, /)", "Words beginning with capitals."},
    {"translate", str_translate, "(self, table, /)", "Each character replaced as the table says."},
    {"upper", str_upper, "(self, /)", "In upper case."},
    {"zfill", str_zfill, "(self, width, /)", "Padded with zeros behind the sign."},
    {"__format__", str_format_method, "(self, format_spec, /)", "Format as the specification says."},
    {"__getnewargs__", str_getnewargs, "(self, /)", "Arguments that make an equal str."},
    {"__sizeof__", str_sizeof, "(self, /)", "Size in memory, in bytes."},
};

void str_trace(Object* self, Marker& marker) { marker.mark(static_cast<Str*>(self)->owner); }

}  // namespace

const Layout str_layout = {
    .name = "str", .module = "builtins", .kind = Kind::Str, .size = sizeof(Str), .flags = kSubclassable, .base = nullptr,
    .trace = str_trace, .finalize = nullptr,
    .ops = {.repr = str_repr, .str = str_str, .hash = str_hash, .compare = str_compare, .truth = str_truth,
            .length = str_length, .contains = str_contains, .get_item = str_get_item, .iterate = str_iterate,
            .binary = str_binary},
    .methods = kStrMethods, .method_count = std::size(kStrMethods), .attributes = nullptr, .attribute_count = 0,
    .help = "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\nThe text of an object."};

}  // namespace mini
