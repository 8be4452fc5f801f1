// SPDX-License-Identifier: MIT
// Upper, lower and title case of str, and the questions about its characters (isalpha, isupper ...).
//
// ASCII text takes a loop over bytes. Everything else goes character by character through Unicode's full mappings,
// where one character may become three.

#include <array>
#include <cstring>

#include "runtime/interruptible.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/unicode.h"

namespace mini {

namespace {

Str* self_of(Value* args) { return as<Str>(args[0]); }
Value str_or_raised(Str* s) { return s == nullptr ? Value::raised() : str_value(s); }

uint8_t ascii_upper(uint8_t c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
uint8_t ascii_lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
bool is_ascii_letter(uint8_t c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

// Applies map(character, position) to ASCII text.
template <class Map>
Value map_ascii(Thread& t, const Str* s, Map map) {
  if (s->length <= 1) {
    if (s->length == 0) return str_value(t.interpreter->empty_str);
    return str_value(make_str_char(t, map(s->narrow()[0], size_t{0})));
  }
  Str* out = allocate_str(t, s->length, kStrAscii);
  if (out == nullptr) return Value::raised();
  uint8_t* to = narrow_chars(out);
  TRY(interruptibly_if_long(t, s->length, [=, from = s->narrow(), length = s->length] {
    for (size_t i = 0; i < length; ++i) to[i] = map(from[i], i);
  }));
  return str_value(out);
}

// Capital sigma at the end of a word has a lower-case form of its own.
bool is_final_sigma(const Str* s, size_t at) {
  size_t i = at;
  while (i > 0 && unicode_is_case_ignorable(s->at(i - 1))) --i;
  if (i == 0 || !unicode_is_cased(s->at(i - 1))) return false;
  for (i = at + 1; i < s->length && unicode_is_case_ignorable(s->at(i)); ++i) {
  }
  return i == s->length || !unicode_is_cased(s->at(i));
}

int lower_at(const Str* s, size_t i, char32_t (&out)[3]) {
  constexpr char32_t kCapitalSigma = 0x3A3;
  if (s->at(i) != kCapitalSigma) return unicode_to_lower(s->at(i), out);
  out[0] = is_final_sigma(s, i) ? 0x3C2 : 0x3C3;
  return 1;
}

// map(position, out) gives one to three characters for each one.
template <class Map>
Value map_text(Thread& t, const Str* s, Map map) {
  StrBuilder out;
  char32_t mapped[3];
  for (size_t i = 0; i < s->length; ++i) {
    if ((i & 4095) == 4095) TRY(t.poll());
    int count = map(i, mapped);
    for (int k = 0; k < count; ++k) out.add(mapped[k]);
  }
  return str_or_raised(out.finish(t));
}

// What ASCII characters are, as a bit for each question that texts are often asked.
enum AsciiClass : uint8_t { kAlpha = 1, kDigit = 2, kSpace = 4, kUpper = 8, kLower = 16, kPrintable = 32, kIdentifier = 64 };
constexpr std::array<uint8_t, 128> kAsciiClasses = [] {
  std::array<uint8_t, 128> classes{};
  for (int c = 0; c < 128; ++c) {
    bool is_upper = c >= 'A' && c <= 'Z', is_lower = c >= 'a' && c <= 'z', is_digit = c >= '0' && c <= '9';
    bool is_space = c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F);
    bool is_word = is_upper || is_lower || is_digit || c == '_';
    classes[static_cast<size_t>(c)] = static_cast<uint8_t>((is_upper || is_lower ? kAlpha : 0) | (is_digit ? kDigit : 0) | (is_space ? kSpace : 0) |
                                                           (is_upper ? kUpper : 0) | (is_lower ? kLower : 0) |
                                                           (c >= 32 && c < 127 ? kPrintable : 0) | (is_word ? kIdentifier : 0));
  }
  return classes;
}();

// Do all characters (at least one) satisfy the predicate? Those of an ASCII text do if they are of one of the classes.
template <class Predicate>
Value all_are(Thread& t, const Str* s, int classes, Predicate predicate) {
  bool are_all = s->length != 0;
  TRY(interruptibly_if_long(t, s->length, [&] {
    if (s->is_ascii()) {
      for (size_t i = 0; are_all && i < s->length; ++i) are_all = kAsciiClasses[s->narrow()[i]] & classes;
    } else {
      for (size_t i = 0; are_all && i < s->length; ++i) are_all = predicate(s->at(i));
    }
  }));
  return Value::of_bool(are_all);
}

// Is there a letter of one case, and none of the other?
Value ascii_case_is(const Str* s, int wanted, int other) {
  int found = 0;
  for (size_t i = 0; i < s->length; ++i) found |= kAsciiClasses[s->narrow()[i]];
  return Value::of_bool((found & wanted) && !(found & other));
}

}  // namespace

Value str_upper(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  if (s->is_ascii()) return map_ascii(t, s, [](uint8_t c, size_t) { return ascii_upper(c); });
  return map_text(t, s, [s](size_t i, char32_t (&out)[3]) { return unicode_to_upper(s->at(i), out); });
}

Value str_lower(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  if (s->is_ascii()) return map_ascii(t, s, [](uint8_t c, size_t) { return ascii_lower(c); });
  return map_text(t, s, [s](size_t i, char32_t (&out)[3]) { return lower_at(s, i, out); });
}

Value str_casefold(Thread& t, Value* args, size_t argc) {
  Str* s = self_of(args);
  if (s->is_ascii()) return str_lower(t, args, argc);
  return map_text(t, s, [s](size_t i, char32_t (&out)[3]) { return unicode_to_folded(s->at(i), out); });
}

Value str_capitalize(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  if (s->is_ascii()) return map_ascii(t, s, [](uint8_t c, size_t i) { return i == 0 ? ascii_upper(c) : ascii_lower(c); });
  return map_text(t, s, [s](size_t i, char32_t (&out)[3]) {
    return i == 0 ? unicode_to_title(s->at(i), out) : lower_at(s, i, out);
  });
}

Value str_title(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  bool follows_letter = false;
  if (s->is_ascii()) {
    return map_ascii(t, s, [&](uint8_t c, size_t) {
      uint8_t mapped = follows_letter ? ascii_lower(c) : ascii_upper(c);
      follows_letter = is_ascii_letter(c);
      return mapped;
    });
  }
  return map_text(t, s, [&](size_t i, char32_t (&out)[3]) {
    int count = follows_letter ? lower_at(s, i, out) : unicode_to_title(s->at(i), out);
    follows_letter = unicode_is_cased(s->at(i));
    return count;
  });
}

Value str_swapcase(Thread& t, Value* args, size_t) {
  Str* s = self_of(args);
  if (s->is_ascii()) {
    return map_ascii(t, s, [](uint8_t c, size_t) { return is_ascii_letter(c) ? static_cast<uint8_t>(c ^ 32) : c; });
  }
  return map_text(t, s, [s](size_t i, char32_t (&out)[3]) {
    char32_t c = s->at(i);
    if (unicode_is_upper(c)) return lower_at(s, i, out);
    if (unicode_is_lower(c)) return unicode_to_upper(c, out);
    out[0] = c;
    return 1;
  });
}

Value str_isascii(Thread&, Value* args, size_t) { return Value::of_bool(self_of(args)->is_ascii()); }
Value str_isalpha(Thread& t, Value* args, size_t) { return all_are(t, self_of(args), kAlpha, unicode_is_alpha); }
Value str_isdecimal(Thread& t, Value* args, size_t) { return all_are(t, self_of(args), kDigit, unicode_is_decimal); }
Value str_isdigit(Thread& t, Value* args, size_t) { return all_are(t, self_of(args), kDigit, unicode_is_digit); }
Value str_isnumeric(Thread& t, Value* args, size_t) { return all_are(t, self_of(args), kDigit, unicode_is_numeric); }
Value str_isspace(Thread& t, Value* args, size_t) { return all_are(t, self_of(args), kSpace, unicode_is_space); }
Value str_isalnum(Thread& t, Value* args, size_t) {
  return all_are(t, self_of(args), kAlpha | kDigit, [](char32_t c) { return unicode_is_alpha(c) || unicode_is_numeric(c); });
}

Value str_isprintable(Thread& t, Value* args, size_t) {
  if (self_of(args)->length == 0) return Value::of_bool(true);
  return all_are(t, self_of(args), kPrintable, unicode_is_printable);
}

Value str_isidentifier(Thread& t, Value* args, size_t) {
  const Str* s = self_of(args);
  if (s->length == 0 || !unicode_is_identifier_start(s->at(0))) return Value::of_bool(false);
  return all_are(t, s, kIdentifier, unicode_is_identifier_part);
}

Value str_islower(Thread&, Value* args, size_t) {
  const Str* s = self_of(args);
  if (s->is_ascii()) return ascii_case_is(s, kLower, kUpper);
  bool has_cased = false;
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    if (unicode_is_upper(c) || unicode_is_title(c)) return Value::of_bool(false);
    has_cased = has_cased || unicode_is_lower(c);
  }
  return Value::of_bool(has_cased);
}

Value str_isupper(Thread&, Value* args, size_t) {
  const Str* s = self_of(args);
  if (s->is_ascii()) return ascii_case_is(s, kUpper, kLower);
  bool has_cased = false;
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    if (unicode_is_lower(c) || unicode_is_title(c)) return Value::of_bool(false);
    has_cased = has_cased || unicode_is_upper(c);
  }
  return Value::of_bool(has_cased);
}

Value str_istitle(Thread&, Value* args, size_t) {
  const Str* s = self_of(args);
  bool has_cased = false, follows_cased = false;
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    bool is_capital = unicode_is_upper(c) || unicode_is_title(c);
    if (is_capital == follows_cased && (is_capital || unicode_is_lower(c))) return Value::of_bool(false);
    follows_cased = is_capital || unicode_is_lower(c);
    has_cased = has_cased || follows_cased;
  }
  return Value::of_bool(has_cased);
}

}  // namespace mini
