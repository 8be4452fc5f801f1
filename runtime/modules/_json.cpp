// SPDX-License-Identifier: MIT
// _json: scanning and writing JSON text. The classes and the keyword arguments are in json/*.mini.
//
// The scanner works on the characters of the str in place; the hooks of json.loads are called as values are complete.
// Depth is bounded by the native stack: text or data that nests too deeply raises RecursionError.
#include <cmath>
#include <string>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

// --- Scanning ---

struct DecodeOptions {
  bool is_strict;
  Value object_hook, object_pairs_hook, parse_float, parse_int, parse_constant;   // None: the plain thing
  Value fail;          // fail(message, text, position) makes the exception
};

template <class Char>
class Scanner {
 public:
  Scanner(Thread& t, Str* text, const DecodeOptions& options)
      : t_(t), text_(text), chars_(static_cast<const Char*>(text->data)), length_(text->length), options_(options) {}

  // The value that begins exactly at `at`; `at` moves behind it.
  Value value(size_t& at);

 private:
  Value fail(const char* message, size_t at);
  Value object(size_t& at);
  Value array(size_t& at);
  Value string(size_t& at);              // behind the opening quote
  Value escaped_string(size_t begin, size_t& at);
  Value number(size_t& at);
  Value word(size_t& at, const char* text, Value v);
  Value constant(size_t& at, const char* text, double d);
  bool hex4(size_t at, char32_t& out) const;
  void skip_space(size_t& at) const {
    while (at < length_ && (chars_[at] == ' ' || chars_[at] == '\n' || chars_[at] == '\r' || chars_[at] == '\t')) ++at;
  }
  bool starts(size_t at, const char* text) const {
    for (; *text; ++text, ++at)
      if (at >= length_ || chars_[at] != static_cast<Char>(*text)) return false;
    return true;
  }

  Thread& t_;
  Str* text_;
  const Char* chars_;
  size_t length_;
  const DecodeOptions& options_;
};

template <class Char>
Value Scanner<Char>::fail(const char* message, size_t at) {
  Value e = TRY(call(t_, options_.fail, {str_value(make_str(t_, message)), str_value(text_), Value::of_int(static_cast<int64_t>(at))}));
  return raise_value(t_, e);
}

template <class Char>
Value Scanner<Char>::word(size_t& at, const char* text, Value v) {
  if (!starts(at, text)) return fail("Expecting value", at);
  at += strlen(text);
  return v;
}

template <class Char>
Value Scanner<Char>::constant(size_t& at, const char* text, double d) {
  if (!starts(at, text)) return fail("Expecting value", at);
  at += strlen(text);
  if (options_.parse_constant.is_none()) return Value::of_float(d);
  return call(t_, options_.parse_constant, {str_value(make_str(t_, text))});
}

template <class Char>
Value Scanner<Char>::value(size_t& at) {
  if (at >= length_) return fail("Expecting value", at);
  if (t_.native_stack_is_low()) {
    return raise_recursion(t_, fmt::format(" while decoding a JSON {} from a unicode string", chars_[at] == '[' ? "array" : "object"));
  }
  switch (chars_[at]) {
    case '"': return string(++at);
    case '{': return object(++at);
    case '[': return array(++at);
    case 'n': return word(at, "null", Value::none());
    case 't': return word(at, "true", Value::of_bool(true));
    case 'f': return word(at, "false", Value::of_bool(false));
    case 'N': return constant(at, "NaN", NAN);
    case 'I': return constant(at, "Infinity", INFINITY);
    case '-':
      if (at + 1 < length_ && chars_[at + 1] == 'I') return constant(at, "-Infinity", -INFINITY);
      return number(at);
    default: return number(at);
  }
}

template <class Char>
Value Scanner<Char>::object(size_t& at) {
  bool wants_pairs = !options_.object_pairs_hook.is_none();
  Dict* dict = wants_pairs ? nullptr : make_dict(t_);
  List* pairs = wants_pairs ? make_list(t_) : nullptr;
  skip_space(at);
  if (at < length_ && chars_[at] == '}') {
    ++at;
  } else {
    for (;;) {
      if (at >= length_ || chars_[at] != '"') return fail("Expecting property name enclosed in double quotes", at);
      Value key = TRY(string(++at));
      skip_space(at);
      if (at >= length_ || chars_[at] != ':') return fail("Expecting ':' delimiter", at);
      skip_space(++at);
      Value v = TRY(value(at));
      if (wants_pairs) list_push(t_, pairs, Value::of_object(make_tuple(t_, {key, v})));
      else dict_set(t_, dict, intern(t_, as<Str>(key)), v);
      skip_space(at);
      if (at < length_ && chars_[at] == '}') { ++at; break; }
      if (at >= length_ || chars_[at] != ',') return fail("Expecting ',' delimiter", at);
      skip_space(++at);
    }
  }
  TRY(t_.poll());
  if (wants_pairs) return call(t_, options_.object_pairs_hook, {Value::of_object(pairs)});
  if (options_.object_hook.is_none()) return Value::of_object(dict);
  return call(t_, options_.object_hook, {Value::of_object(dict)});
}

template <class Char>
Value Scanner<Char>::array(size_t& at) {
  List* list = make_list(t_);
  skip_space(at);
  if (at < length_ && chars_[at] == ']') {
    ++at;
    return Value::of_object(list);
  }
  for (;;) {
    Value v = TRY(value(at));
    list_push(t_, list, v);
    skip_space(at);
    if (at < length_ && chars_[at] == ']') { ++at; return Value::of_object(list); }
    if (at >= length_ || chars_[at] != ',') return fail("Expecting ',' delimiter", at);
    skip_space(++at);
  }
}

template <class Char>
Value Scanner<Char>::string(size_t& at) {
  size_t begin = at;
  for (; at < length_; ++at) {
    Char c = chars_[at];
    if (c == '"') {
      Str* s = substring(t_, text_, begin, at);
      ++at;
      return str_value(s);
    }
    if (c == '\\') return escaped_string(begin, at);
    if (c < 0x20 && options_.is_strict) return fail("Invalid control character at", at);
  }
  return fail("Unterminated string starting at", begin - 1);
}

template <class Char>
bool Scanner<Char>::hex4(size_t at, char32_t& out) const {
  if (at + 4 > length_) return false;
  out = 0;
  for (size_t i = at; i < at + 4; ++i) {
    auto c = static_cast<char32_t>(chars_[i]);
    char32_t digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
    if (digit == 99) return false;
    out = out * 16 + digit;
  }
  return true;
}

// A string with backslashes: `at` is at the first one.
template <class Char>
Value Scanner<Char>::escaped_string(size_t begin, size_t& at) {
  std::u32string out(chars_ + begin, chars_ + at);
  while (at < length_) {
    char32_t c = static_cast<char32_t>(chars_[at++]);
    if (c == '"') return str_value(make_str_wide(t_, out.data(), out.size()));
    if (c < 0x20 && options_.is_strict) return fail("Invalid control character at", at - 1);
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (at >= length_) break;
    c = static_cast<char32_t>(chars_[at++]);
    switch (c) {
      case '"': case '\\': case '/': out.push_back(c); continue;
      case 'b': out.push_back('\b'); continue;
      case 'f': out.push_back('\f'); continue;
      case 'n': out.push_back('\n'); continue;
      case 'r': out.push_back('\r'); continue;
      case 't': out.push_back('\t'); continue;
      case 'u': break;
      default: return fail("Invalid \\escape", at - 2);
    }
    char32_t low;
    if (!hex4(at, c)) return fail("Invalid \\uXXXX escape", at - 1);
    at += 4;
    bool is_pair = c >= 0xD800 && c < 0xDC00 && at + 1 < length_ && chars_[at] == '\\' && chars_[at + 1] == 'u' &&
                   hex4(at + 2, low) && low >= 0xDC00 && low < 0xE000;
    if (is_pair) {
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    }
    out.push_back(c);
  }
  return fail("Unterminated string starting at", begin - 1);
}

template <class Char>
Value Scanner<Char>::number(size_t& at) {
  size_t i = at;
  auto is_digit = [&](size_t n) { return n < length_ && chars_[n] >= '0' && chars_[n] <= '9'; };
  if (i < length_ && chars_[i] == '-') ++i;
  if (!is_digit(i)) return fail("Expecting value", at);
  if (chars_[i] == '0') ++i;
  else while (is_digit(i)) ++i;
  bool is_float = false;
  if (i < length_ && chars_[i] == '.' && is_digit(i + 1)) {
    is_float = true;
    for (++i; is_digit(i);) ++i;
  }
  if (i < length_ && (chars_[i] == 'e' || chars_[i] == 'E')) {
    size_t e = i + 1;
    if (e < length_ && (chars_[e] == '+' || chars_[e] == '-')) ++e;
    if (is_digit(e)) {
      is_float = true;
      for (i = e; is_digit(i);) ++i;
    }
  }
  std::string text(chars_ + at, chars_ + i);
  at = i;
  Value hook = is_float ? options_.parse_float : options_.parse_int;
  if (!hook.is_none()) return call(t_, hook, {str_value(make_str(t_, text))});
  if (!is_float) {
    if (text.size() < 18) return Value::of_int(strtoll(text.c_str(), nullptr, 10));
    return call(t_, Value::of_object(types(t_).int_), {str_value(make_str(t_, text))});   // with the limit on digits
  }
  double d = 0;
  (void)parse_double(text, d);
  return Value::of_float(d);
}

// decode(text, start, strict, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant, fail) -> (value, end)
Value json_decode(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "first argument must be a string, not {}", type_name(t, args[0]));
  int64_t start;
  if (!to_index(t, args[1], start)) return Value::raised();
  auto text = as<Str>(args[0]);
  if (start < 0) return raise(t, ErrorType::ValueError, "idx cannot be negative");
  bool is_strict = TRY(truth(t, args[2])).is_true();
  DecodeOptions options{is_strict, args[3], args[4], args[5], args[6], args[7], args[8]};
  auto at = static_cast<size_t>(start);
  Value v = TRY(text->is_wide() ? Scanner<char32_t>(t, text, options).value(at) : Scanner<uint8_t>(t, text, options).value(at));
  return Value::of_object(make_tuple(t, {v, Value::of_int(static_cast<int64_t>(at))}));
}

// --- Writing ---

// The text so far: one byte a character until a wider one comes.
class Text {
 public:
  void add(char32_t c) {
    if (is_wide_) wide_.push_back(c);
    else if (c < 256) narrow_.push_back(static_cast<char>(c));
    else { widen(); wide_.push_back(c); }
  }
  void add(std::string_view ascii) {
    if (!is_wide_) narrow_ += ascii;
    else for (char c : ascii) wide_.push_back(static_cast<unsigned char>(c));
  }
  void add(const Str* s) {
    if (s->is_ascii() && !is_wide_) narrow_.append(reinterpret_cast<const char*>(s->narrow()), s->length);
    else for (size_t i = 0; i < s->length; ++i) add(s->at(i));
  }
  Str* finish(Thread& t) const {
    if (is_wide_) return make_str_wide(t, wide_.data(), wide_.size());
    return make_str_latin1(t, reinterpret_cast<const uint8_t*>(narrow_.data()), narrow_.size());
  }

 private:
  void widen() {
    is_wide_ = true;
    wide_.reserve(narrow_.capacity());
    for (char c : narrow_) wide_.push_back(static_cast<unsigned char>(c));
    narrow_.clear();
  }
  std::string narrow_;
  std::u32string wide_;
  bool is_wide_ = false;
};

struct EncodeOptions {
  bool skips_keys, is_ascii, checks_circles, allows_nan, sorts_keys;
  Str* indent;            // null: one line
  Str* item_separator;
  Str* key_separator;
  Value fallback;         // default(obj)
};

class Encoder {
 public:
  Encoder(Thread& t, const EncodeOptions& options) : t_(t), options_(options), open_(t) {}
  Value value(Value v, size_t depth);
  Str* finish() const { return text_.finish(t_); }

 private:
  void string(const Str* s);
  Value number(double d);
  Value array(Value v, size_t depth);
  Value object(Value v, size_t depth);
  Value key(Value k, bool& is_skipped);
  Value enter(Value v);
  void new_line(size_t depth);
  void unicode_escape(char32_t c);

  Thread& t_;
  const EncodeOptions& options_;
  Text text_;
  ValueList open_;        // containers being written, innermost last
};

void Encoder::unicode_escape(char32_t c) { text_.add(fmt::format("\\u{:04x}", static_cast<uint32_t>(c))); }

void Encoder::string(const Str* s) {
  text_.add("\"");
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    switch (c) {
      case '"': text_.add("\\\""); continue;
      case '\\': text_.add("\\\\"); continue;
      case '\n': text_.add("\\n"); continue;
      case '\r': text_.add("\\r"); continue;
      case '\t': text_.add("\\t"); continue;
      case '\b': text_.add("\\b"); continue;
      case '\f': text_.add("\\f"); continue;
      default: break;
    }
    if (c < 0x20) unicode_escape(c);
    else if (c < 0x7f || !options_.is_ascii) text_.add(c);
    else if (c == 0x7f) text_.add(c);
    else if (c < 0x10000) unicode_escape(c);
    else {
      unicode_escape(0xD800 + ((c - 0x10000) >> 10));
      unicode_escape(0xDC00 + ((c - 0x10000) & 0x3ff));
    }
  }
  text_.add("\"");
}

Value Encoder::number(double d) {
  if (std::isfinite(d)) {
    text_.add(double_repr(d));
    return Value::none();
  }
  if (!options_.allows_nan) return raise(t_, ErrorType::ValueError, "Out of range float values are not JSON compliant");
  text_.add(std::isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
  return Value::none();
}

void Encoder::new_line(size_t depth) {
  if (!options_.indent) return;
  text_.add("\n");
  for (size_t i = 0; i < depth; ++i) text_.add(options_.indent);
}

Value Encoder::enter(Value v) {
  if (options_.checks_circles)
    for (Value other : open_)
      if (other.is_same(v)) return raise(t_, ErrorType::ValueError, "Circular reference detected");
  open_.push(v);
  return Value::none();
}

Value Encoder::array(Value v, size_t depth) {
  auto s = static_cast<Sequence*>(v.object);
  if (!s->length) { text_.add("[]"); return Value::none(); }
  TRY(enter(v));
  text_.add("[");
  for (uint64_t i = 0; i < s->length; ++i) {
    if (i) text_.add(options_.item_separator);
    new_line(depth + 1);
    TRY(value(s->items[i], depth + 1));
    if ((i & 255) == 255) TRY(t_.poll_signals());
  }
  new_line(depth);
  text_.add("]");
  open_.pop();
  return Value::none();
}

Value Encoder::key(Value k, bool& is_skipped) {
  is_skipped = false;
  if (is_kind(k, Kind::Str)) {
    string(as<Str>(k));
    return Value::none();
  }
  if (is_floating(k)) {
    text_.add("\"");
    TRY(number(float_value(k)));
    text_.add("\"");
  } else if (k.is_bool()) {
    text_.add(k.is_true() ? "\"true\"" : "\"false\"");
  } else if (k.is_none()) {
    text_.add("\"null\"");
  } else if (is_integer(k)) {
    text_.add("\"" + int_to_text(k) + "\"");
  } else if (options_.skips_keys) {
    is_skipped = true;
  } else {
    return raise(t_, ErrorType::TypeError, "keys must be str, int, float, bool or None, not {}", type_name(t_, k));
  }
  return Value::none();
}

Value Encoder::object(Value v, size_t depth) {
  if (!as<Dict>(v)->count) { text_.add("{}"); return Value::none(); }
  TRY(enter(v));
  ValueList items(t_);
  bool is_plain = type_of(v.object) == types(t_).dict;
  Value list = is_plain ? Value::empty() : TRY(call_method(t_, v, names(t_).items));
  if (is_plain) {
    for (DictCursor c(as<Dict>(v)); c.next();) items.push(Value::of_object(make_tuple(t_, {c.entry->key, c.entry->value})));
  } else {
    for (Iteration it(t_, list);;) {
      Value item = TRY(it.next());
      if (item.is_empty()) break;
      items.push(item);
    }
  }
  if (options_.sorts_keys) {
    List* sorted = make_list(t_, items.data(), items.size());
    TRY(sort_list(t_, sorted, Value::none(), false));
    for (size_t i = 0; i < items.size(); ++i) items[i] = sorted->items[i];
  }
  text_.add("{");
  bool is_first = true;
  for (Value item : items) {
    if (!is_kind(item, Kind::Tuple) || as<Tuple>(item)->length != 2)
      return raise(t_, ErrorType::ValueError, "items must return 2-tuples");
    Value k = as<Tuple>(item)->items[0];
    bool is_kept = is_kind(k, Kind::Str) || is_floating(k) || is_integer(k) || k.is_none() || !options_.skips_keys;
    if (!is_kept) continue;
    if (!is_first) text_.add(options_.item_separator);
    is_first = false;
    new_line(depth + 1);
    bool is_skipped;
    TRY(key(k, is_skipped));
    text_.add(options_.key_separator);
    TRY(value(as<Tuple>(item)->items[1], depth + 1));
  }
  new_line(depth);
  text_.add("}");
  open_.pop();
  return Value::none();
}

Value Encoder::value(Value v, size_t depth) {
  if (t_.native_stack_is_low()) return raise_recursion(t_, " while encoding a JSON object");
  if (v.is_none()) { text_.add("null"); return v; }
  if (v.is_bool()) { text_.add(v.is_true() ? "true" : "false"); return v; }
  if (is_integer(v)) { text_.add(int_to_text(v)); return Value::none(); }
  if (is_floating(v)) return number(float_value(v));
  if (is_kind(v, Kind::Str)) { string(as<Str>(v)); return Value::none(); }
  if (is_kind(v, Kind::List) || is_kind(v, Kind::Tuple)) return array(v, depth);
  if (is_kind(v, Kind::Dict)) return object(v, depth);
  TRY(t_.poll());
  TRY(enter(v));
  Value replaced = TRY(call(t_, options_.fallback, {v}));
  TRY(value(replaced, depth));
  open_.pop();
  return Value::none();
}

// encode(obj, skipkeys, ensure_ascii, check_circular, allow_nan, sort_keys, indent, item_separator, key_separator, default)
Value json_encode(Thread& t, Value* args, size_t) {
  bool flags[5];
  for (int i = 0; i < 5; ++i) flags[i] = TRY(truth(t, args[i + 1])).is_true();
  for (int i : {8, 7})
    if (!is_kind(args[i], Kind::Str))
      return raise(t, ErrorType::TypeError, "make_encoder() argument {} must be str, not {}", i == 8 ? 5 : 6, argument_type_name(t, args[i]));
  EncodeOptions options{flags[0], flags[1], flags[2], flags[3], flags[4],
                        is_kind(args[6], Kind::Str) ? as<Str>(args[6]) : nullptr, as<Str>(args[7]), as<Str>(args[8]), args[9]};
  Encoder encoder(t, options);
  TRY(encoder.value(args[0], 0));
  return str_value(encoder.finish());
}

Value json_quote(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "first argument must be a string, not {}", type_name(t, args[0]));
  EncodeOptions options{false, TRY(truth(t, args[1])).is_true(), false, true, false, nullptr, nullptr, nullptr, Value::none()};
  Encoder encoder(t, options);
  TRY(encoder.value(args[0], 0));
  return str_value(encoder.finish());
}

const NativeRow kFunctions[] = {
    {"decode", json_decode,
     "(text, start, strict, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant, fail, /)",
     "The JSON value at `start`, and where it ends."},
    {"encode", json_encode,
     "(obj, skipkeys, ensure_ascii, check_circular, allow_nan, sort_keys, indent, item_separator, key_separator, default, /)",
     "The object as JSON text."},
    {"quote", json_quote, "(text, ensure_ascii, /)", "A str as a JSON string."},
};

}  // namespace

extern const NativeModule json_module;
const NativeModule json_module = {"_json", kFunctions, std::size(kFunctions), nullptr, "Scanning and writing JSON."};

}  // namespace mini
