// SPDX-License-Identifier: MIT
// The methods that bytes and bytearray share. Letters and spaces are ASCII's. Results have the type of `self`; callbacks into
// script code (an __index__ of an argument) come before self's memory is looked at.

#include <algorithm>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/text_search.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alpha(char c) { return is_upper(c) || is_lower(c); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char to_upper(char c) { return is_lower(c) ? static_cast<char>(c - 32) : c; }
char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }

template <class Map>
Value map_bytes(Thread& t, Value self, Map map) {
  std::string out(own_view(self));
  for (size_t i = 0; i < out.size(); ++i) out[i] = map(out[i], i);
  return make_like(t, self, out);
}

template <class Predicate>
Value all_are(Value self, Predicate predicate) {
  std::string_view view = own_view(self);
  return Value::of_bool(!view.empty() && std::all_of(view.begin(), view.end(), predicate));
}

// What a search looks for: a bytes-like object or one byte. False after raising.
bool read_sought(Thread& t, Value v, char& byte, std::string_view& out) {
  if (bytes_view(v, out)) return true;
  if (!is_integer(v) && type_of(t, v)->ops.index == nullptr) {
    (void)raise(t, ErrorType::TypeError, "argument should be integer or bytes-like object, not '{}'", type_name(t, v));
    return false;
  }
  uint8_t n;
  if (!read_byte(t, v, n)) return false;
  byte = static_cast<char>(n);
  out = {&byte, 1};
  return true;
}

// Runs `work`, which reads bytes. Where it is long, Ctrl-C ends it; not where a handler could change what is read.
template <class Work> Value on_bytes(Thread& t, std::initializer_list<Value> operands, Work&& work) {
  bool is_fixed = std::all_of(operands.begin(), operands.end(), [](Value v) { return !v.is_object() || is_bytes(v); });
  if (is_fixed) return interruptibly_if_long(t, own_view(*operands.begin()).size(), work);
  work();
  return Value::none();
}

using Search = int64_t (*)(std::string_view, std::string_view, size_t, size_t);

Value search(Thread& t, Value* args, Search function, bool raises) {
  char byte;
  std::string_view sought;
  int64_t begin, end;
  if (!clamp_range(t, args[2], args[3], own_view(args[0]).size(), begin, end)) return Value::raised();
  if (!read_sought(t, args[1], byte, sought)) return Value::raised();
  int64_t at = -1;
  if (begin <= end)
    TRY(on_bytes(t, {args[0], args[1]}, [&] { at = function(own_view(args[0]), sought, static_cast<size_t>(begin), static_cast<size_t>(end)); }));
  if (at < 0 && raises) return raise(t, ErrorType::ValueError, "subsection not found");
  return Value::of_int(at);
}

bool has_affix(std::string_view view, std::string_view affix, int64_t begin, int64_t end, bool at_end) {
  if (end - begin < static_cast<int64_t>(affix.size())) return false;
  size_t at = at_end ? static_cast<size_t>(end) - affix.size() : static_cast<size_t>(begin);
  return view.substr(at, affix.size()) == affix;
}

Value test_affix(Thread& t, Value* args, bool at_end) {
  int64_t begin, end;
  std::string_view view = own_view(args[0]), affix;
  if (!clamp_range(t, args[2], args[3], view.size(), begin, end)) return Value::raised();
  if (bytes_view(args[1], affix)) return Value::of_bool(has_affix(view, affix, begin, end, at_end));
  if (!is_kind(args[1], Kind::Tuple)) {
    return raise(t, ErrorType::TypeError, "{} first arg must be bytes or a tuple of bytes, not {}", at_end ? "endswith" : "startswith",
                 type_name(t, args[1]));
  }
  Tuple* choices = as<Tuple>(args[1]);
  for (size_t i = 0; i < choices->length; ++i) {
    if (!require_bytes(t, choices->items[i], affix)) return Value::raised();
    if (has_affix(view, affix, begin, end, at_end)) return Value::of_bool(true);
  }
  return Value::of_bool(false);
}

Value strip(Thread& t, Value* args, bool left, bool right) {
  bool in_set[256] = {};
  std::string_view chars = " \t\n\v\f\r";
  if (!args[1].is_empty() && !args[1].is_none() && !require_bytes(t, args[1], chars)) return Value::raised();
  for (char c : chars) in_set[static_cast<uint8_t>(c)] = true;
  std::string_view view = own_view(args[0]);
  while (left && !view.empty() && in_set[static_cast<uint8_t>(view.front())]) view.remove_prefix(1);
  while (right && !view.empty() && in_set[static_cast<uint8_t>(view.back())]) view.remove_suffix(1);
  if (is_exact(args[0], Kind::Bytes) && view.size() == own_view(args[0]).size()) return args[0];
  return make_like(t, args[0], view);
}

// args: self, width, fillchar. False after raising.
bool read_padding(Thread& t, Value* args, const char* name, size_t& missing, char& fill) {
  int64_t width;
  if (!to_index(t, args[1], width)) return false;
  fill = ' ';
  if (!args[2].is_empty()) {
    if ((!is_bytes(args[2]) && !is_bytearray(args[2])) || own_view(args[2]).size() != 1) {
      (void)raise(t, ErrorType::TypeError, "{}() argument 2 must be a byte string of length 1, not {}", name, argument_type_name(t, args[2]));
      return false;
    }
    fill = own_view(args[2])[0];
  }
  int64_t length = static_cast<int64_t>(own_view(args[0]).size());
  missing = width > length ? static_cast<size_t>(width - length) : 0;
  return missing == 0 || bytes_have_room(t, static_cast<size_t>(width), is_bytearray(args[0]));
}

Value pad(Thread& t, Value self, size_t left, size_t right, char fill) {
  std::string out(left, fill);
  out.append(own_view(self)).append(right, fill);
  return make_like(t, self, out);
}

bool read_limit(Thread& t, Value v, size_t& limit) {
  limit = SIZE_MAX;
  if (v.is_empty()) return true;
  int64_t n;
  if (!to_index(t, v, n)) return false;
  if (n >= 0) limit = static_cast<size_t>(n);
  return true;
}

// Cuts `view` from the left or from the right; an empty separator stands for white space.
std::vector<std::string_view> cut(std::string_view view, std::string_view separator, size_t limit, bool from_right) {
  std::vector<std::string_view> parts;
  if (separator.empty()) {
    while (true) {
      while (!view.empty() && is_space(from_right ? view.back() : view.front())) from_right ? view.remove_suffix(1) : view.remove_prefix(1);
      if (view.empty()) break;
      size_t length = 0;
      if (parts.size() >= limit) {
        parts.push_back(view);   // the rest as it stands, with the spaces at its far end
        break;
      }
      while (length < view.size() && !is_space(from_right ? view[view.size() - 1 - length] : view[length])) ++length;
      parts.push_back(from_right ? view.substr(view.size() - length) : view.substr(0, length));
      from_right ? view.remove_suffix(length) : view.remove_prefix(length);
    }
  } else {
    while (parts.size() < limit) {
      int64_t at = from_right ? rfind_bytes(view, separator, 0, view.size()) : find_bytes(view, separator, 0, view.size());
      if (at < 0) break;
      size_t cut_at = static_cast<size_t>(at);
      parts.push_back(from_right ? view.substr(cut_at + separator.size()) : view.substr(0, cut_at));
      if (from_right) view = view.substr(0, cut_at);
      else view.remove_prefix(cut_at + separator.size());
    }
    parts.push_back(view);
  }
  if (from_right) std::reverse(parts.begin(), parts.end());
  return parts;
}

Value split(Thread& t, Value* args, bool from_right) {
  std::string_view separator;
  size_t limit;
  bool at_spaces = args[1].is_empty() || args[1].is_none();
  if (!read_limit(t, args[2], limit)) return Value::raised();   // CPython looks at the separator last
  if (!at_spaces && !require_bytes(t, args[1], separator)) return Value::raised();
  if (!at_spaces && separator.empty()) return raise(t, ErrorType::ValueError, "empty separator");
  List* list = make_list(t);
  for (std::string_view part : cut(own_view(args[0]), separator, limit, from_right)) list_push(t, list, make_like(t, args[0], part));
  return Value::of_object(list);
}

Value partition(Thread& t, Value* args, bool from_right) {
  std::string_view view = own_view(args[0]), separator;
  if (!require_bytes(t, args[1], separator)) return Value::raised();
  if (separator.empty()) return raise(t, ErrorType::ValueError, "empty separator");
  int64_t at = (from_right ? rfind_bytes : find_bytes)(view, separator, 0, view.size());
  std::string_view parts[3];
  if (at < 0) {
    parts[from_right ? 2 : 0] = view;
  } else {
    size_t cut_at = static_cast<size_t>(at);
    parts[0] = view.substr(0, cut_at);
    parts[1] = separator;
    parts[2] = view.substr(cut_at + separator.size());
  }
  Value first = make_like(t, args[0], parts[0]), second = make_like(t, args[0], parts[1]), third = make_like(t, args[0], parts[2]);
  if (at < 0 && is_bytes(args[0])) (from_right ? third : first) = args[0];   // itself, also of a derived class
  return Value::of_object(make_tuple(t, {first, second, third}));
}

Value remove_affix(Thread& t, Value* args, bool at_end) {
  std::string_view view = own_view(args[0]), affix;
  if (!require_bytes(t, args[1], affix)) return Value::raised();
  if (!has_affix(view, affix, 0, static_cast<int64_t>(view.size()), at_end)) return make_like(t, args[0], view);
  return make_like(t, args[0], at_end ? view.substr(0, view.size() - affix.size()) : view.substr(affix.size()));
}

}  // namespace

Value bytes_upper(Thread& t, Value* args, size_t) { return map_bytes(t, args[0], [](char c, size_t) { return to_upper(c); }); }
Value bytes_lower(Thread& t, Value* args, size_t) { return map_bytes(t, args[0], [](char c, size_t) { return to_lower(c); }); }
Value bytes_swapcase(Thread& t, Value* args, size_t) {
  return map_bytes(t, args[0], [](char c, size_t) { return is_upper(c) ? to_lower(c) : to_upper(c); });
}
Value bytes_capitalize(Thread& t, Value* args, size_t) {
  return map_bytes(t, args[0], [](char c, size_t i) { return i == 0 ? to_upper(c) : to_lower(c); });
}
Value bytes_title(Thread& t, Value* args, size_t) {
  bool follows_letter = false;
  return map_bytes(t, args[0], [&](char c, size_t) {
    char mapped = follows_letter ? to_lower(c) : to_upper(c);
    follows_letter = is_alpha(c);
    return mapped;
  });
}

Value bytes_isalnum(Thread&, Value* args, size_t) { return all_are(args[0], [](char c) { return is_alpha(c) || is_digit(c); }); }
Value bytes_isalpha(Thread&, Value* args, size_t) { return all_are(args[0], is_alpha); }
Value bytes_isdigit(Thread&, Value* args, size_t) { return all_are(args[0], is_digit); }
Value bytes_isspace(Thread&, Value* args, size_t) { return all_are(args[0], is_space); }
Value bytes_isascii(Thread&, Value* args, size_t) {
  std::string_view view = own_view(args[0]);
  return Value::of_bool(is_ascii_chars(reinterpret_cast<const uint8_t*>(view.data()), view.size()));
}
Value bytes_islower(Thread&, Value* args, size_t) {
  std::string_view view = own_view(args[0]);
  return Value::of_bool(std::none_of(view.begin(), view.end(), is_upper) && std::any_of(view.begin(), view.end(), is_lower));
}
Value bytes_isupper(Thread&, Value* args, size_t) {
  std::string_view view = own_view(args[0]);
  return Value::of_bool(std::none_of(view.begin(), view.end(), is_lower) && std::any_of(view.begin(), view.end(), is_upper));
}
Value bytes_istitle(Thread&, Value* args, size_t) {
  bool follows_letter = false, has_letter = false;
  for (char c : own_view(args[0])) {
    if (is_alpha(c) && is_upper(c) == follows_letter) return Value::of_bool(false);
    follows_letter = is_alpha(c);
    has_letter = has_letter || follows_letter;
  }
  return Value::of_bool(has_letter);
}

Value bytes_find(Thread& t, Value* args, size_t) { return search(t, args, find_bytes, false); }
Value bytes_rfind(Thread& t, Value* args, size_t) { return search(t, args, rfind_bytes, false); }
Value bytes_index(Thread& t, Value* args, size_t) { return search(t, args, find_bytes, true); }
Value bytes_rindex(Thread& t, Value* args, size_t) { return search(t, args, rfind_bytes, true); }

Value bytes_count(Thread& t, Value* args, size_t) {
  char byte;
  std::string_view sought;
  int64_t begin, end;
  if (!clamp_range(t, args[2], args[3], own_view(args[0]).size(), begin, end)) return Value::raised();
  if (!read_sought(t, args[1], byte, sought)) return Value::raised();
  if (begin > end) return Value::of_int(0);
  size_t count = 0;
  TRY(on_bytes(t, {args[0], args[1]}, [&] { count = count_bytes(own_view(args[0]), sought, static_cast<size_t>(begin), static_cast<size_t>(end)); }));
  return Value::of_int(static_cast<int64_t>(count));
}

Value bytes_startswith(Thread& t, Value* args, size_t) { return test_affix(t, args, false); }
Value bytes_endswith(Thread& t, Value* args, size_t) { return test_affix(t, args, true); }
Value bytes_removeprefix(Thread& t, Value* args, size_t) { return remove_affix(t, args, false); }
Value bytes_removesuffix(Thread& t, Value* args, size_t) { return remove_affix(t, args, true); }
Value bytes_strip(Thread& t, Value* args, size_t) { return strip(t, args, true, true); }
Value bytes_lstrip(Thread& t, Value* args, size_t) { return strip(t, args, true, false); }
Value bytes_rstrip(Thread& t, Value* args, size_t) { return strip(t, args, false, true); }
Value bytes_split(Thread& t, Value* args, size_t) { return split(t, args, false); }
Value bytes_rsplit(Thread& t, Value* args, size_t) { return split(t, args, true); }
Value bytes_partition(Thread& t, Value* args, size_t) { return partition(t, args, false); }
Value bytes_rpartition(Thread& t, Value* args, size_t) { return partition(t, args, true); }

Value bytes_center(Thread& t, Value* args, size_t) {
  size_t missing;
  char fill;
  if (!read_padding(t, args, "center", missing, fill)) return Value::raised();
  size_t left = missing / 2 + (missing & (missing + own_view(args[0]).size()) & 1);
  return pad(t, args[0], left, missing - left, fill);
}

Value bytes_ljust(Thread& t, Value* args, size_t) {
  size_t missing;
  char fill;
  return read_padding(t, args, "ljust", missing, fill) ? pad(t, args[0], 0, missing, fill) : Value::raised();
}

Value bytes_rjust(Thread& t, Value* args, size_t) {
  size_t missing;
  char fill;
  return read_padding(t, args, "rjust", missing, fill) ? pad(t, args[0], missing, 0, fill) : Value::raised();
}

Value bytes_zfill(Thread& t, Value* args, size_t) {
  int64_t width;
  if (!to_index(t, args[1], width)) return Value::raised();
  std::string out(own_view(args[0]));
  if (width > static_cast<int64_t>(out.size())) {
    size_t missing = static_cast<size_t>(width) - out.size();
    if (!bytes_have_room(t, static_cast<size_t>(width), is_bytearray(args[0]))) return Value::raised();
    bool has_sign = !out.empty() && (out[0] == '-' || out[0] == '+');
    out.insert(has_sign ? 1 : 0, missing, '0');
  }
  return make_like(t, args[0], out);
}

Value bytes_expandtabs(Thread& t, Value* args, size_t) {
  int64_t tab_size = 8, column = 0;
  if (!args[1].is_empty() && !to_small_index(t, args[1], tab_size)) return Value::raised();
  std::string out;
  for (char c : own_view(args[0])) {
    if (c == '\t') {
      if (tab_size <= 0) continue;
      int64_t spaces = tab_size - column % tab_size;
      if (!t.heap->can_allocate(static_cast<size_t>(spaces) + out.size())) return raise_memory(t);
      out.append(static_cast<size_t>(spaces), ' ');
      column += spaces;
    } else {
      out.push_back(c);
      column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
  }
  return make_like(t, args[0], out);
}

Value bytes_splitlines(Thread& t, Value* args, size_t) {
  int64_t keep = 0;
  if (!args[1].is_empty() && !to_small_index(t, args[1], keep)) return Value::raised();
  List* list = make_list(t);
  std::string view(own_view(args[0]));
  for (size_t begin = 0; begin < view.size();) {
    size_t end = view.find_first_of("\r\n", begin);
    if (end == std::string::npos) end = view.size();
    size_t after = end;
    if (after < view.size()) after += view[end] == '\r' && end + 1 < view.size() && view[end + 1] == '\n' ? 2 : 1;
    list_push(t, list, make_like(t, args[0], std::string_view(view).substr(begin, (keep ? after : end) - begin)));
    begin = after;
  }
  return Value::of_object(list);
}

Value bytes_replace(Thread& t, Value* args, size_t) {
  std::string_view from, to;
  int64_t limit = -1;
  if (!require_bytes(t, args[1], from) || !require_bytes(t, args[2], to)) return Value::raised();
  if (!args[3].is_empty() && !to_index(t, args[3], limit)) return Value::raised();
  if (!require_bytes(t, args[1], from) || !require_bytes(t, args[2], to)) return Value::raised();   // what ran may have moved them
  std::string_view view = own_view(args[0]);
  size_t count = 0;
  TRY(on_bytes(t, {args[0], args[1]}, [&] { count = count_bytes(view, from, 0, view.size(), limit < 0 ? SIZE_MAX : static_cast<size_t>(limit)); }));
  size_t grown;
  if (to.size() > from.size() && (__builtin_mul_overflow(count, to.size() - from.size(), &grown) || !t.heap->can_allocate(grown))) {
    return raise_memory(t);
  }
  size_t length = view.size() - count * from.size() + count * to.size();
  if (!bytes_have_room(t, length, is_bytearray(args[0]))) return Value::raised();
  Bytes* out = make_bytes(t, nullptr, length);
  TRY(on_bytes(t, {args[0], args[1], args[2]}, [&] {
    uint8_t* put = out->data;
    size_t position = 0;
    for (size_t i = 0; i < count; ++i) {
      size_t at = from.empty() ? i : static_cast<size_t>(find_bytes(view, from, position, view.size()));
      put = std::copy_n(view.data() + position, at - position, put);
      put = std::copy_n(to.data(), to.size(), put);
      position = at + from.size();
    }
    std::copy(view.begin() + static_cast<ptrdiff_t>(position), view.end(), put);
  }));
  return is_bytes(args[0]) ? Value::of_object(out) : make_like(t, args[0], own_view(Value::of_object(out)));
}

Value bytes_join(Thread& t, Value* args, size_t) {
  Value source = args[1];
  if (!is_exact(source, Kind::List) && !is_exact(source, Kind::Tuple)) source = TRY(to_sequence(t, source, "can only join an iterable"));
  Sequence* parts = as<Sequence>(source);
  std::string_view separator = own_view(args[0]);
  std::string out;
  for (size_t i = 0; i < parts->length; ++i) {
    std::string_view part;
    if (!bytes_view(parts->items[i], part)) {
      return raise(t, ErrorType::TypeError, "sequence item {}: expected a bytes-like object, {} found", i, type_name(t, parts->items[i]));
    }
    if (i != 0) out.append(separator);
    if (!t.heap->can_allocate(out.size() + part.size())) return raise_memory(t);
    out.append(part);
  }
  return make_like(t, args[0], out);
}

Value bytes_maketrans(Thread& t, Value* args, size_t) {
  std::string_view from, to;
  if (!require_bytes(t, args[0], from) || !require_bytes(t, args[1], to)) return Value::raised();
  if (from.size() != to.size()) return raise(t, ErrorType::ValueError, "maketrans arguments must have same length");
  char table[256];
  for (int i = 0; i < 256; ++i) table[i] = static_cast<char>(i);
  for (size_t i = 0; i < from.size(); ++i) table[static_cast<uint8_t>(from[i])] = to[i];
  return Value::of_object(make_bytes(t, table, sizeof table));
}

Value bytes_translate(Thread& t, Value* args, size_t) {
  std::string_view table, removed;
  bool has_table = !args[1].is_none();
  if (has_table && !require_bytes(t, args[1], table)) return Value::raised();
  if (has_table && table.size() != 256) return raise(t, ErrorType::ValueError, "translation table must be 256 characters long");
  if (!args[2].is_empty() && !require_bytes(t, args[2], removed)) return Value::raised();
  bool is_removed[256] = {};
  for (char c : removed) is_removed[static_cast<uint8_t>(c)] = true;
  if (has_table && removed.empty() && is_bytes(args[0]) && is_bytes(args[1])) {
    std::string_view view = own_view(args[0]);
    Bytes* translated = make_bytes(t, nullptr, view.size());
    TRY(interruptibly_if_long(t, view.size(), [&] {
      for (size_t i = 0; i < view.size(); ++i) translated->data[i] = static_cast<uint8_t>(table[static_cast<uint8_t>(view[i])]);
    }));
    return Value::of_object(translated);
  }
  std::string out;
  for (char c : own_view(args[0])) {
    uint8_t byte = static_cast<uint8_t>(c);
    if (!is_removed[byte]) out.push_back(has_table ? table[byte] : c);
  }
  return make_like(t, args[0], out);
}

Value bytes_decode(Thread& t, Value* args, size_t) {
  return decode_with(t, own_view(args[0]), args[1], args[2], "decode");
}

Value hex_text(Thread& t, std::string_view view, Value separator_value, Value group_value) {
  int64_t group = 1;
  char separator = 0;
  if (!group_value.is_empty() && !to_small_index(t, group_value, group)) return Value::raised();
  if (!separator_value.is_empty()) {
    std::string scratch;
    std::string_view text;
    if (is_kind(separator_value, Kind::Str)) text = utf8_view(as<Str>(separator_value), scratch);
    if (TRY(length_of(t, separator_value)).integer != 1) return raise(t, ErrorType::ValueError, "sep must be length 1.");
    if (!is_kind(separator_value, Kind::Str) && !bytes_view(separator_value, text)) return raise(t, ErrorType::TypeError, "sep must be str or bytes.");
    if (static_cast<uint8_t>(text[0]) >= 128) return raise(t, ErrorType::ValueError, "sep must be ASCII.");
    separator = text[0];
  }
  std::string out;
  uint64_t size = static_cast<uint64_t>(group < 0 ? -group : group);
  for (size_t i = 0; i < view.size(); ++i) {
    // Groups are counted from the right when `group` is positive.
    if (separator != 0 && size != 0 && i != 0 && (group > 0 ? view.size() - i : i) % size == 0) out.push_back(separator);
    uint8_t byte = static_cast<uint8_t>(view[i]);
    out.push_back("0123456789abcdef"[byte >> 4]);
    out.push_back("0123456789abcdef"[byte & 15]);
  }
  return str_value(make_str(t, out));
}

Value bytes_hex(Thread& t, Value* args, size_t) { return hex_text(t, own_view(args[0]), args[1], args[2]); }

namespace {

int hex_value(char32_t c) {
  if (c >= '0' && c <= '9') return static_cast<int>(c - '0');
  char32_t lower = c | 32;
  return c < 128 && lower >= 'a' && lower <= 'f' ? static_cast<int>(lower - 'a' + 10) : -1;
}

}  // namespace

Value bytes_fromhex(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "fromhex() argument must be str, not {}", argument_type_name(t, args[1]));
  const Str* s = as<Str>(args[1]);
  std::string out;
  for (size_t i = 0; i < s->length && !s->is_ascii(); ++i)
    if (s->at(i) >= 128) return raise(t, ErrorType::ValueError, "non-hexadecimal number found in fromhex() arg at position {}", i);
  for (size_t i = 0; i < s->length;) {
    if (s->at(i) < 128 && is_space(static_cast<char>(s->at(i)))) {
      ++i;
      continue;
    }
    int high = hex_value(s->at(i)), low = i + 1 < s->length ? hex_value(s->at(i + 1)) : -1;
    if (high < 0 || low < 0) {
      return raise(t, ErrorType::ValueError, "non-hexadecimal number found in fromhex() arg at position {}", high < 0 ? i : i + 1);
    }
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
    if ((i & 0x1FFF) < 2) TRY(t.poll());
  }
  Type* cls = as<Type>(args[0]);
  if (cls == types(t).bytearray) return Value::of_object(make_bytearray(t, out.data(), out.size()));
  Value made = Value::of_object(make_bytes(t, out));
  return cls == types(t).bytes ? made : call(t, args[0], {made});
}

}  // namespace mini
