// SPDX-License-Identifier: MIT
// What operators and protocols do with str: repr, comparison, indexing, slicing, `in`, `+`, `*`, iteration; and how any
// value becomes text (to_str, to_repr).

#include <cstring>
#include <iterator>
#include <utility>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interruptible.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iterators.h"
#include "runtime/objects/range.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/text_search.h"
#include "runtime/objects/type.h"
#include "runtime/objects/unicode.h"
#include "runtime/shape.h"

namespace mini {

namespace {

constexpr char kHex[] = "0123456789abcdef";

void add_escape(StrBuilder& out, char32_t c) {
  char text[12] = {'\\', c < 0x100 ? 'x' : c < 0x10000 ? 'u' : 'U'};
  int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  for (int i = 0; i < digits; ++i) text[2 + i] = kHex[c >> (4 * (digits - 1 - i)) & 15];
  out.add_latin1({text, static_cast<size_t>(2 + digits)});
}

bool contains_char(const Str* s, char32_t c) {
  if (!s->is_wide()) return std::memchr(s->data, static_cast<int>(c), s->length) != nullptr;
  for (size_t i = 0; i < s->length; ++i) {
    if (s->wide()[i] == c) return true;
  }
  return false;
}

bool is_plain_ascii(const Str* s, char quote) {
  for (size_t i = 0; i < s->length; ++i) {
    uint8_t c = s->narrow()[i];
    if (c < 32 || c == 127 || c == '\\' || c == quote) return false;
  }
  return true;
}

}  // namespace

Str* str_repr_text(Thread& t, const Str* s) {
  char quote = contains_char(s, '\'') && !contains_char(s, '"') ? '"' : '\'';
  if (s->is_ascii() && is_plain_ascii(s, quote)) {
    Str* out = allocate_str(t, s->length + 2, kStrAscii);
    if (out == nullptr) return nullptr;
    uint8_t* chars = narrow_chars(out);
    chars[0] = chars[s->length + 1] = static_cast<uint8_t>(quote);
    std::memcpy(chars + 1, s->data, s->length);
    return out;
  }
  StrBuilder out;
  out.reserve(s->length + 8);
  out.add(static_cast<char32_t>(quote));
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    switch (c) {
      case '\n': out.add_latin1("\\n"); break;
      case '\r': out.add_latin1("\\r"); break;
      case '\t': out.add_latin1("\\t"); break;
      case '\\': out.add_latin1("\\\\"); break;
      default:
        if (c == static_cast<char32_t>(quote)) out.add('\\');
        if (unicode_is_printable(c)) out.add(c);
        else add_escape(out, c);
    }
  }
  out.add(static_cast<char32_t>(quote));
  return out.finish(t);
}

Str* escape_non_ascii(Thread& t, Str* s) {
  if (s->is_ascii()) return s;
  StrBuilder out;
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    if (c < 128) out.add(c);
    else add_escape(out, c);
  }
  return out.finish(t);
}

Value str_repr(Thread& t, Value self) {
  Str* s = str_repr_text(t, as<Str>(self));
  return s == nullptr ? Value::raised() : str_value(s);
}

Value str_str(Thread& t, Value self) { return str_of_type(t, types(t).str, as<Str>(self)); }
Value str_hash(Thread&, Value self) { return Value::of_int(static_cast<int64_t>(hash_str(as<Str>(self)))); }
Value str_truth(Thread&, Value self) { return Value::of_bool(as<Str>(self)->length != 0); }
Value str_length(Thread&, Value self) { return Value::of_int(static_cast<int64_t>(as<Str>(self)->length)); }

Value str_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_kind(a, Kind::Str) || !is_kind(b, Kind::Str)) return t.interpreter->not_implemented;
  const Str* x = as<Str>(a);
  const Str* y = as<Str>(b);
  switch (op) {
    case CompareOp::Eq: return Value::of_bool(equals(x, y));
    case CompareOp::Ne: return Value::of_bool(!equals(x, y));
    case CompareOp::Lt: return Value::of_bool(compare_str(x, y) < 0);
    case CompareOp::Le: return Value::of_bool(compare_str(x, y) <= 0);
    case CompareOp::Gt: return Value::of_bool(compare_str(x, y) > 0);
    case CompareOp::Ge: return Value::of_bool(compare_str(x, y) >= 0);
  }
  MINI_UNREACHABLE();
}

Value str_contains(Thread& t, Value self, Value item) {
  if (!is_kind(item, Kind::Str)) {
    return raise(t, ErrorType::TypeError, "'in <string>' requires string as left operand, not {}", type_name(t, item));
  }
  const Str *s = as<Str>(self), *sought = as<Str>(item);
  int64_t at = -1;
  TRY(interruptibly_if_long(t, s->is_wide() ? 0 : s->length, [&] { at = find_text(s, sought, 0, s->length); }));
  return Value::of_bool(at >= 0);
}

namespace {

// s[start:stop:step] with step other than 1.
Str* stepped_slice(Thread& t, const Str* s, int64_t start, int64_t step, int64_t count) {
  if (count == 0) return t.interpreter->empty_str;
  if (s->is_wide()) {
    std::u32string chars(static_cast<size_t>(count), U'\0');
    for (int64_t i = 0; i < count; ++i) chars[static_cast<size_t>(i)] = s->wide()[start + i * step];
    return make_str_wide(t, chars.data(), chars.size());
  }
  std::string chars(static_cast<size_t>(count), '\0');
  for (int64_t i = 0; i < count; ++i) chars[static_cast<size_t>(i)] = static_cast<char>(s->narrow()[start + i * step]);
  return make_str_latin1(t, reinterpret_cast<const uint8_t*>(chars.data()), chars.size());
}

Str* repeat(Thread& t, Str* s, int64_t count) {
  if (count <= 0 || s->length == 0) return t.interpreter->empty_str;
  if (count == 1) return as<Str>(str_of_type(t, types(t).str, s));
  size_t length;
  if (__builtin_mul_overflow(s->length, static_cast<size_t>(count), &length) || length > static_cast<size_t>(INT64_MAX)) {
    (void)raise_text(t, ErrorType::OverflowError, "repeated string is too long");
    return nullptr;
  }
  Str* out = allocate_str(t, length, s->extra & (kStrWide | kStrAscii));
  if (out == nullptr) return nullptr;
  auto fill = [&] {
    if (s->is_wide()) {
      for (size_t i = 0; i < length; i += s->length) std::memcpy(wide_chars(out) + i, s->wide(), s->length * sizeof(char32_t));
    } else if (s->length == 1) {
      std::memset(narrow_chars(out), s->narrow()[0], length);
    } else {
      for (size_t i = 0; i < length; i += s->length) std::memcpy(narrow_chars(out) + i, s->narrow(), s->length);
    }
  };
  return interruptibly_if_long(t, length, fill).is_none() ? out : nullptr;
}

Value str_or_raised(Str* s) { return s == nullptr ? Value::raised() : str_value(s); }

}  // namespace

Value str_get_item(Thread& t, Value self, Value key) {
  Str* s = as<Str>(self);
  if (is_kind(key, Kind::Slice)) {
    int64_t start, stop, step, count;
    if (!slice_indices(t, as<Slice>(key), static_cast<int64_t>(s->length), start, stop, step, count)) return Value::raised();
    if (step == 1) return str_or_raised(substring(t, s, static_cast<size_t>(start), static_cast<size_t>(start + count)));
    return str_or_raised(stepped_slice(t, s, start, step, count));
  }
  if (!is_integer(key) && type_of(t, key)->ops.index == nullptr) {
    return raise(t, ErrorType::TypeError, "string indices must be integers, not '{}'", type_name(t, key));
  }
  int64_t i;
  if (!to_position(t, key, i)) return Value::raised();
  int64_t length = static_cast<int64_t>(s->length);
  if (i < 0) i += length;
  if (i < 0 || i >= length) return raise(t, ErrorType::IndexError, "string index out of range");
  return str_value(make_str_char(t, s->at(static_cast<size_t>(i))));
}

Value str_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add) {
    if (!is_kind(a, Kind::Str) || !is_kind(b, Kind::Str)) return t.interpreter->not_implemented;
    return str_or_raised(concatenate(t, as<Str>(a), as<Str>(b)));
  }
  if (op == BinaryOp::Mul) {
    if (!is_kind(a, Kind::Str)) std::swap(a, b);
    if (!is_integer(b) && type_of(t, b)->ops.index == nullptr) return t.interpreter->not_implemented;
    int64_t count;
    if (!to_length(t, b, count)) return Value::raised();
    return str_or_raised(repeat(t, as<Str>(a), count));
  }
  if (op == BinaryOp::Mod && is_kind(a, Kind::Str)) return format_percent(t, as<Str>(a), b);
  return t.interpreter->not_implemented;
}

namespace {

struct StrIterator : Object {
  Str* text;              // null at the end
  uint64_t position;
};

void str_iterator_trace(Object* self, Marker& marker) { marker.mark(static_cast<StrIterator*>(self)->text); }
Value str_iterator_iterate(Thread&, Value self) { return self; }

Value str_iterator_next(Thread& t, Value self) {
  StrIterator* it = as<StrIterator>(self);
  if (it->text == nullptr) return Value::empty();
  if (it->position >= it->text->length) {
    it->text = nullptr;
    return Value::empty();
  }
  return str_value(make_str_char(t, it->text->at(it->position++)));
}

Value str_iterator_length_hint(Thread&, Value* args, size_t) {
  StrIterator* it = as<StrIterator>(args[0]);
  return Value::of_int(it->text == nullptr ? 0 : static_cast<int64_t>(it->text->length - it->position));
}

Value str_iterator_reduce(Thread& t, Value* args, size_t) {
  StrIterator* it = as<StrIterator>(args[0]);
  if (it->text == nullptr) return reduced_iterator(t, "iter", {str_value(make_str(t, ""))});
  return reduced_iterator(t, "iter", {str_value(it->text)}, Value::of_int(static_cast<int64_t>(it->position)));
}

Value str_iterator_setstate(Thread& t, Value* args, size_t) {
  StrIterator* it = as<StrIterator>(args[0]);
  int64_t position;
  if (!position_argument(t, args[1], 0, it->text ? static_cast<int64_t>(it->text->length) : 0, position)) return Value::raised();
  it->position = static_cast<uint64_t>(position);
  return Value::none();
}

const NativeRow kIteratorMethods[] = {
    {"__reduce__", str_iterator_reduce, "(self, /)", "Return state information for pickling."},
    {"__setstate__", str_iterator_setstate, "(self, state, /)", "Set state information for unpickling."},
    {"__length_hint__", str_iterator_length_hint, "(self, /)", "How many characters are left."},
};

constexpr Layout iterator_layout(const char* name) {
  return {.name = name, .module = "builtins", .kind = Kind::Native, .size = sizeof(StrIterator), .flags = kNoInstantiation,
          .base = nullptr, .trace = str_iterator_trace, .finalize = nullptr,
          .ops = {.iterate = str_iterator_iterate, .next = str_iterator_next},
          .methods = kIteratorMethods, .method_count = std::size(kIteratorMethods),
          .attributes = nullptr, .attribute_count = 0, .help = "Walks over the characters of a str."};
}
const Layout str_iterator_layout = iterator_layout("str_iterator");
const Layout str_ascii_iterator_layout = iterator_layout("str_ascii_iterator");

}  // namespace

Value str_iterate(Thread& t, Value self) {
  const Layout& layout = as<Str>(self)->is_ascii() ? str_ascii_iterator_layout : str_iterator_layout;
  StrIterator* it = t.heap->make<StrIterator>(native_type(t, layout)->root_shape);
  it->text = as<Str>(self);
  it->position = 0;
  return Value::of_object(it);
}

namespace {

Str* checked_text(Thread& t, Value result, const char* method) {
  if (result.is_raised()) return nullptr;
  if (is_kind(result, Kind::Str)) return as<Str>(result);
  (void)raise(t, ErrorType::TypeError, "{} returned non-string (type {})", method, type_name(t, result));
  return nullptr;
}

}  // namespace

Str* to_str(Thread& t, Value v) {
  if (is_exact(v, Kind::Str)) return as<Str>(v);
  if (v.is_int()) return int_to_str(t, v);
  if (v.is_float()) return make_str(t, double_repr(v.number));
  if (t.native_stack_is_low()) {
    (void)raise_recursion(t, " while getting the str of an object");
    return nullptr;
  }
  Type* type = type_of(t, v);
  if (type->ops.str == nullptr) return checked_text(t, type->ops.repr(t, v), "__str__");
  return checked_text(t, type->ops.str(t, v), "__str__");
}

Str* to_repr(Thread& t, Value v) {
  if (is_exact(v, Kind::Str)) return str_repr_text(t, as<Str>(v));
  if (v.is_int()) return int_to_str(t, v);
  if (v.is_float()) return make_str(t, double_repr(v.number));
  if (t.native_stack_is_low()) {
    (void)raise_recursion(t, " while getting the repr of an object");
    return nullptr;
  }
  return checked_text(t, type_of(t, v)->ops.repr(t, v), "__repr__");
}

}  // namespace mini
