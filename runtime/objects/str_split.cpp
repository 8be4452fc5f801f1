// SPDX-License-Identifier: MIT
// Taking str apart and putting it together: split, rsplit, splitlines, partition, join.

#include <algorithm>
#include <cstring>

#include "runtime/errors.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/text_search.h"
#include "runtime/objects/type.h"
#include "runtime/objects/unicode.h"

namespace mini {

namespace {

// maxsplit: how many cuts at most. False after raising.
bool read_limit(Thread& t, Value v, size_t& limit) {
  limit = SIZE_MAX;
  if (v.is_empty()) return true;
  int64_t n;
  if (!to_index(t, v, n)) return false;
  if (n >= 0) limit = static_cast<size_t>(n);
  return true;
}

// The pieces of s on their way to a list, which is made when their number is known or they are many.
class Pieces {
 public:
  Pieces(Thread& t, Str* s) : t_(t), s_(s) {}
  size_t count() const { return list_ ? list_->length : count_; }
  // Adds s[begin:end]. False after raising.
  bool add(size_t begin, size_t end) {
    Str* part = substring(t_, s_, begin, end);
    if (part == nullptr) return false;
    if ((count() & 4095) == 4095 && t_.poll_signals().is_raised()) return false;
    if (!list_ && count_ == kFew) list_ = make_list(t_, few_, count_);
    if (list_) list_push(t_, list_, str_value(part));
    else few_[count_++] = str_value(part);
    return true;
  }
  Value list() { return Value::of_object(list_ ? list_ : make_list(t_, few_, count_)); }
  Value reversed_list() {
    auto list = as<List>(this->list());
    std::reverse(list->items, list->items + list->length);
    return Value::of_object(list);
  }

 private:
  static constexpr size_t kFew = 16;
  Thread& t_;
  Str* s_;
  Value few_[kFew];
  size_t count_ = 0;
  List* list_ = nullptr;
};

// The next `wanted` from `at` on, or the end. Pieces mostly are short: a call of memchr for each takes longer than looking.
const uint8_t* next_byte(const uint8_t* at, const uint8_t* end, uint8_t wanted) {
  constexpr ptrdiff_t kNear = 16;
  for (const uint8_t* near = std::min(end, at + std::min(end - at, kNear)); at < near; ++at)
    if (*at == wanted) return at;
  auto found = static_cast<const uint8_t*>(std::memchr(at, wanted, static_cast<size_t>(end - at)));
  return found ? found : end;
}

// Splits narrow text at a narrow character.
Value split_at_byte(Thread& t, Str* s, uint8_t separator, size_t limit) {
  Pieces pieces(t, s);
  size_t begin = 0;
  while (pieces.count() < limit) {
    const uint8_t* text = s->narrow();
    size_t at = static_cast<size_t>(next_byte(text + begin, text + s->length, separator) - text);
    if (at == s->length) break;
    if (!pieces.add(begin, at)) return Value::raised();
    begin = at + 1;
  }
  return pieces.add(begin, s->length) ? pieces.list() : Value::raised();
}

bool is_space_at(const Str* s, size_t i) { return unicode_is_space(s->at(i)); }

// Where the run of spaces, or of other characters, ends that begins at `i`.
size_t run_end(const Str* s, size_t i, bool of_spaces) {
  if (s->is_ascii()) {
    const uint8_t* text = s->narrow();
    size_t length = s->length;
    if (of_spaces) {
      while (i < length && unicode_is_space(text[i])) ++i;
    } else {
      while (i < length && (text[i] > ' ' || !unicode_is_space(text[i]))) ++i;
    }
  } else {
    while (i < s->length && is_space_at(s, i) == of_spaces) ++i;
  }
  return i;
}

Value split_at_spaces(Thread& t, Str* s, size_t limit) {
  Pieces pieces(t, s);
  for (size_t i = run_end(s, 0, true); i < s->length; i = run_end(s, i, true)) {
    size_t begin = i;
    i = pieces.count() >= limit ? s->length : run_end(s, i, false);   // beyond the limit: the rest as it stands, with its last spaces
    if (!pieces.add(begin, i)) return Value::raised();
  }
  return pieces.list();
}

Value rsplit_at_spaces(Thread& t, Str* s, size_t limit) {
  Pieces pieces(t, s);
  size_t i = s->length, begin = 0;
  while (true) {
    while (i > begin && is_space_at(s, i - 1)) --i;
    if (i == begin) break;
    size_t end = i;
    if (pieces.count() >= limit) {
      i = begin;
    } else {
      while (i > begin && !is_space_at(s, i - 1)) --i;
    }
    if (!pieces.add(i, end)) return Value::raised();
  }
  return pieces.reversed_list();
}

// Reads the arguments that split and rsplit share; `separator` is null for spaces. False after raising.
bool read_split_arguments(Thread& t, Value* args, Str*& separator, size_t& limit) {
  separator = nullptr;
  if (!read_limit(t, args[2], limit)) return false;   // CPython looks at the separator last
  if (!args[1].is_empty() && !args[1].is_none()) {
    if (!is_kind(args[1], Kind::Str)) {
      (void)raise(t, ErrorType::TypeError, "must be str or None, not {}", type_name(t, args[1]));
      return false;
    }
    separator = as<Str>(args[1]);
  }
  if (separator == nullptr || separator->length != 0) return true;
  (void)raise(t, ErrorType::ValueError, "empty separator");
  return false;
}

Value raise_not_str(Thread& t, Value v) { return raise(t, ErrorType::TypeError, "must be str, not {}", type_name(t, v)); }

Value three_parts(Thread& t, Str* a, Str* b, Str* c) {
  if (a == nullptr || c == nullptr) return Value::raised();
  return Value::of_object(make_tuple(t, {str_value(a), str_value(b), str_value(c)}));
}

Value partition(Thread& t, Value* args, bool from_right) {
  if (!is_kind(args[1], Kind::Str)) return raise_not_str(t, args[1]);
  Str* s = as<Str>(args[0]);
  Str* separator = as<Str>(args[1]);
  if (separator->length == 0) return raise(t, ErrorType::ValueError, "empty separator");
  int64_t at = (from_right ? rfind_text : find_text)(s, separator, 0, s->length);
  Str* none = t.interpreter->empty_str;
  if (at < 0) return from_right ? three_parts(t, none, none, s) : three_parts(t, s, none, none);
  size_t cut = static_cast<size_t>(at);
  return three_parts(t, substring(t, s, 0, cut), separator, substring(t, s, cut + separator->length, s->length));
}

}  // namespace

Value str_split(Thread& t, Value* args, size_t) {
  Str* s = as<Str>(args[0]);
  Str* separator;
  size_t limit;
  if (!read_split_arguments(t, args, separator, limit)) return Value::raised();
  if (separator == nullptr) return split_at_spaces(t, s, limit);
  if (separator->length == 1 && !separator->is_wide() && !s->is_wide()) return split_at_byte(t, s, separator->narrow()[0], limit);
  Pieces pieces(t, s);
  size_t begin = 0;
  while (pieces.count() < limit) {
    int64_t at = find_text(s, separator, begin, s->length);
    if (at < 0) break;
    if (!pieces.add(begin, static_cast<size_t>(at))) return Value::raised();
    begin = static_cast<size_t>(at) + separator->length;
  }
  if (!pieces.add(begin, s->length)) return Value::raised();
  return pieces.list();
}

Value str_rsplit(Thread& t, Value* args, size_t) {
  Str* s = as<Str>(args[0]);
  Str* separator;
  size_t limit;
  if (!read_split_arguments(t, args, separator, limit)) return Value::raised();
  if (separator == nullptr) return rsplit_at_spaces(t, s, limit);
  Pieces pieces(t, s);
  size_t end = s->length;
  while (pieces.count() < limit) {
    int64_t at = rfind_text(s, separator, 0, end);
    if (at < 0) break;
    if (!pieces.add(static_cast<size_t>(at) + separator->length, end)) return Value::raised();
    end = static_cast<size_t>(at);
  }
  if (!pieces.add(0, end)) return Value::raised();
  return pieces.reversed_list();
}

Value str_splitlines(Thread& t, Value* args, size_t) {
  Str* s = as<Str>(args[0]);
  int64_t keep = 0;
  if (!args[1].is_empty() && !to_small_index(t, args[1], keep)) return Value::raised();
  Pieces pieces(t, s);
  for (size_t begin = 0; begin < s->length;) {
    size_t end = begin;
    while (end < s->length && !unicode_is_line_break(s->at(end))) ++end;
    size_t after = end;
    if (after < s->length) after += s->at(end) == '\r' && end + 1 < s->length && s->at(end + 1) == '\n' ? 2 : 1;
    if (!pieces.add(begin, keep ? after : end)) return Value::raised();
    begin = after;
  }
  return pieces.list();
}

Value str_partition(Thread& t, Value* args, size_t) { return partition(t, args, false); }
Value str_rpartition(Thread& t, Value* args, size_t) { return partition(t, args, true); }

namespace {

void copy_into(Str* out, size_t position, const Str* part) {
  if (!out->is_wide()) {
    std::copy_n(part->narrow(), part->length, narrow_chars(out) + position);
  } else if (part->is_wide()) {
    std::copy_n(part->wide(), part->length, wide_chars(out) + position);
  } else {
    std::copy_n(part->narrow(), part->length, wide_chars(out) + position);
  }
}

}  // namespace

Value str_join(Thread& t, Value* args, size_t) {
  Str* separator = as<Str>(args[0]);
  Value source = args[1];
  if (!is_exact(source, Kind::List) && !is_exact(source, Kind::Tuple)) source = TRY(to_sequence(t, source, "can only join an iterable"));
  Sequence* parts = as<Sequence>(source);
  if (parts->length == 0) return str_value(t.interpreter->empty_str);
  if (parts->length == 1 && is_exact(parts->items[0], Kind::Str)) return parts->items[0];
  size_t length = separator->length * (parts->length - 1);
  uint32_t all = parts->length > 1 ? separator->extra : uint32_t{kStrAscii}, any = parts->length > 1 ? separator->extra : 0;
  for (size_t i = 0; i < parts->length; ++i) {
    if (!is_kind(parts->items[i], Kind::Str)) {
      return raise(t, ErrorType::TypeError, "sequence item {}: expected str instance, {} found", i, type_name(t, parts->items[i]));
    }
    const Str* part = as<Str>(parts->items[i]);
    if (__builtin_add_overflow(length, part->length, &length)) return raise_memory(t);
    all &= part->extra;
    any |= part->extra;
  }
  if (length == 0) return str_value(t.interpreter->empty_str);
  Str* out = allocate_str(t, length, (any & kStrWide) | (all & kStrAscii));
  if (out == nullptr) return Value::raised();
  size_t position = 0;
  for (size_t i = 0; i < parts->length; ++i) {
    if (i != 0) {
      copy_into(out, position, separator);
      position += separator->length;
    }
    const Str* part = as<Str>(parts->items[i]);
    copy_into(out, position, part);
    position += part->length;
  }
  return str_value(out);
}

}  // namespace mini
