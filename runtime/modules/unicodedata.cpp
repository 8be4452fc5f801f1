// SPDX-License-Identifier: MIT
// unicodedata: properties of characters, normal forms and names. utf8proc has most of the data; widths, numeric values and
// odd decompositions are tables of ours (objects/unicode_values.def), names are in objects/unicode_names.cpp.
#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"
#include "runtime/objects/unicode.h"
#include "runtime/objects/unicode_names.h"

namespace mini {

namespace {

struct WidthRange {
  char32_t first, last;
  const char* width;
};

struct NumberRange {
  char32_t first, last;
  int64_t numerator, denominator, step;
};

struct OddDecomposition {
  char32_t c;
  const char* text;
};

#include "runtime/objects/unicode_values.def"

template <class Range, size_t N> const Range* find_range(const Range (&ranges)[N], char32_t c) {
  auto found = std::lower_bound(std::begin(ranges), std::end(ranges), c, [](const Range& r, char32_t sought) { return r.last < sought; });
  return found != std::end(ranges) && found->first <= c ? found : nullptr;
}

// The one character of an argument. False after raising.
bool one_character(Thread& t, Value v, const char* where, char32_t& out) {
  if (is_kind(v, Kind::Str) && as<Str>(v)->length == 1) {
    out = as<Str>(v)->at(0);
    return true;
  }
  (void)raise(t, ErrorType::TypeError, "{} must be a unicode character, not {}", where, type_name(t, v));
  return false;
}

bool is_assigned(char32_t c) { return std::string_view(unicode_category(c)) != "Cn"; }
const utf8proc_property_t* property_of(char32_t c) { return utf8proc_get_property(is_assigned(c) ? static_cast<utf8proc_int32_t>(c) : 0x378); }
Value text_value(Thread& t, std::string_view text) { return str_value(make_str(t, text)); }

// --- Properties ---

Value category(Thread& t, Value* args, size_t) {
  char32_t c;
  return one_character(t, args[0], "category() argument", c) ? text_value(t, unicode_category(c)) : Value::raised();
}

Value bidirectional(Thread& t, Value* args, size_t) {
  static constexpr const char* kNames[] = {"", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET",
                                           "AN", "CS", "NSM", "BN", "B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"};
  char32_t c;
  if (!one_character(t, args[0], "bidirectional() argument", c)) return Value::raised();
  return text_value(t, is_assigned(c) ? kNames[property_of(c)->bidi_class] : "");
}

Value combining(Thread& t, Value* args, size_t) {
  char32_t c;
  if (!one_character(t, args[0], "combining() argument", c)) return Value::raised();
  return Value::of_int(is_assigned(c) ? property_of(c)->combining_class : 0);
}

Value mirrored(Thread& t, Value* args, size_t) {
  char32_t c;
  if (!one_character(t, args[0], "mirrored() argument", c)) return Value::raised();
  return Value::of_int(is_assigned(c) && property_of(c)->bidi_mirrored);
}

Value east_asian_width(Thread& t, Value* args, size_t) {
  char32_t c;
  if (!one_character(t, args[0], "east_asian_width() argument", c)) return Value::raised();
  const WidthRange* range = find_range(kWidths, c);
  return text_value(t, range ? range->width : "N");
}

// --- Numbers ---

Value no_number(Thread& t, Value fallback, const char* message) {
  return fallback.is_empty() ? raise_text(t, ErrorType::ValueError, message) : fallback;
}

Value decimal(Thread& t, Value* args, size_t) {
  char32_t c;
  if (!one_character(t, args[0], "decimal() argument 1", c)) return Value::raised();
  int digit = unicode_decimal(c);
  return digit >= 0 ? Value::of_int(digit) : no_number(t, args[1], "not a decimal");
}

Value numeric_value(char32_t c) {
  int digit = unicode_decimal(c);
  if (digit >= 0) return Value::of_float(digit);
  const NumberRange* range = find_range(kNumbers, c);
  if (!range) return Value::empty();
  return Value::of_float(static_cast<double>(range->numerator + range->step * (c - range->first)) / static_cast<double>(range->denominator));
}

Value digit(Thread& t, Value* args, size_t) {
  char32_t c;
  if (!one_character(t, args[0], "digit() argument 1", c)) return Value::raised();
  if (!unicode_is_digit(c)) return no_number(t, args[1], "not a digit");
  return Value::of_int(static_cast<int64_t>(numeric_value(c).number));
}

Value numeric(Thread& t, Value* args, size_t) {
  char32_t c;
  if (!one_character(t, args[0], "numeric() argument 1", c)) return Value::raised();
  Value value = numeric_value(c);
  return value.is_empty() ? no_number(t, args[1], "not a numeric character") : value;
}

// --- Normal forms ---

constexpr char32_t kHangulFirst = 0xAC00, kHangulLast = 0xD7A3;

void add_decomposed(char32_t c, bool is_compatible, std::u32string& out) {
  utf8proc_int32_t parts[32];
  int boundary = 0;
  int options = UTF8PROC_DECOMPOSE | (is_compatible ? UTF8PROC_COMPAT : 0);
  utf8proc_ssize_t count = -1;
  if (is_assigned(c)) count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, 32, static_cast<utf8proc_option_t>(options), &boundary);
  if (count < 0 || count > 32) out.push_back(c);
  else for (utf8proc_ssize_t i = 0; i < count; ++i) out.push_back(static_cast<char32_t>(parts[i]));
}

// Marks in the order of their classes, those of one class as they were.
void order_marks(std::u32string& text) {
  auto mark_class = [](char32_t c) { return c < 0x300 ? 0 : property_of(c)->combining_class; };
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && mark_class(text[end])) ++end;
    std::stable_sort(text.begin() + static_cast<ptrdiff_t>(i), text.begin() + static_cast<ptrdiff_t>(end),
                     [&](char32_t a, char32_t b) { return mark_class(a) < mark_class(b); });
    i = end + 1;
  }
}

void compose(std::u32string& text) {
  auto chars = reinterpret_cast<utf8proc_int32_t*>(text.data());
  auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  utf8proc_ssize_t length = utf8proc_normalize_utf32(chars, static_cast<utf8proc_ssize_t>(text.size()), options);
  if (length >= 0) text.resize(static_cast<size_t>(length));
}

struct Form {
  bool composes, is_compatible;
};

bool read_form(Thread& t, Value* args, const char* function, Form& out) {
  for (int i = 0; i < 2; ++i) {
    if (is_kind(args[i], Kind::Str)) continue;
    (void)raise(t, ErrorType::TypeError, "{}() argument {} must be str, not {}", function, i + 1, argument_type_name(t, args[i]));
    return false;
  }
  std::string name = to_utf8(as<Str>(args[0]));
  out = {name == "NFC" || name == "NFKC", name == "NFKC" || name == "NFKD"};
  if (as<Str>(args[1])->length == 0 || out.composes || out.is_compatible || name == "NFD") return true;
  (void)raise_text(t, ErrorType::ValueError, "invalid normalization form");
  return false;
}

Str* normalized(Thread& t, Str* text, Form form) {
  if (text->is_ascii()) return text;
  std::u32string out;
  for (uint64_t i = 0; i < text->length; ++i) add_decomposed(text->at(i), form.is_compatible, out);
  order_marks(out);
  if (form.composes) compose(out);
  return make_str_wide(t, out.data(), out.size());
}

Value normalize(Thread& t, Value* args, size_t) {
  Form form;
  return read_form(t, args, "normalize", form) ? str_value(normalized(t, as<Str>(args[1]), form)) : Value::raised();
}

Value is_normalized(Thread& t, Value* args, size_t) {
  Form form;
  if (!read_form(t, args, "is_normalized", form)) return Value::raised();
  auto text = as<Str>(args[1]);
  return Value::of_bool(equals(text, normalized(t, text, form)));
}

// The decomposition in one step. utf8proc decomposes fully: what stands before the last character is composed again.
std::string decomposition_text(char32_t c) {
  static constexpr const char* kTags[] = {"", "<font> ", "<noBreak> ", "<initial> ", "<medial> ", "<final> ", "<isolated> ", "<circle> ", "<super> ",
                                          "<sub> ", "<vertical> ", "<wide> ", "<narrow> ", "<small> ", "<square> ", "<fraction> ", "<compat> "};
  auto odd = std::lower_bound(std::begin(kOddDecompositions), std::end(kOddDecompositions), c,
                              [](const OddDecomposition& d, char32_t sought) { return d.c < sought; });
  if (odd != std::end(kOddDecompositions) && odd->c == c) return odd->text;
  if (!is_assigned(c) || (c >= kHangulFirst && c <= kHangulLast)) return {};
  uint16_t type = property_of(c)->decomp_type;
  std::u32string parts;
  add_decomposed(c, type != 0, parts);
  if (parts.size() == 1 && parts[0] == c) return {};
  if (type == 0 && parts.size() > 2) {
    std::u32string front = parts.substr(0, parts.size() - 1);
    compose(front);
    parts = front + parts.back();
  }
  std::string out = kTags[type];
  for (size_t i = 0; i < parts.size(); ++i) out += fmt::format("{}{:04X}", i ? " " : "", static_cast<uint32_t>(parts[i]));
  return out;
}

Value decomposition(Thread& t, Value* args, size_t) {
  char32_t c;
  return one_character(t, args[0], "decomposition() argument", c) ? text_value(t, decomposition_text(c)) : Value::raised();
}

// --- Names ---

constexpr size_t kLongestName = 256;

Value name(Thread& t, Value* args, size_t) {
  char32_t c;
  if (!one_character(t, args[0], "name() argument 1", c)) return Value::raised();
  std::string text = unicode_name(c);
  if (!text.empty()) return text_value(t, text);
  return args[1].is_empty() ? raise_text(t, ErrorType::ValueError, "no such name") : args[1];
}

Value lookup(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise(t, ErrorType::TypeError, "a bytes-like object is required, not '{}'", type_name(t, args[0]));
  std::string text = to_utf8(as<Str>(args[0]));
  if (text.size() > kLongestName) return raise_with_argument(t, ErrorType::KeyError, text_value(t, "name too long"));
  int32_t c = unicode_find_name(text);
  if (c >= 0) return str_value(make_str_char(t, static_cast<char32_t>(c)));
  std::string upper = text;
  for (char& letter : upper)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 32);
  std::u32string sequence = unicode_find_sequence(upper);
  if (!sequence.empty()) return str_value(make_str_wide(t, sequence.data(), sequence.size()));
  return raise_with_argument(t, ErrorType::KeyError, text_value(t, "undefined character name '" + text + "'"));
}

const NativeRow kFunctions[] = {
    {"bidirectional", bidirectional, "(chr, /)", "The bidirectional class; '' if there is none."},
    {"category", category, "(chr, /)", "The general category."},
    {"combining", combining, "(chr, /)", "The canonical combining class; 0 if there is none."},
    {"decimal", decimal, "(chr, default=None, /)", "The decimal value."},
    {"decomposition", decomposition, "(chr, /)", "The decomposition mapping; '' if there is none."},
    {"digit", digit, "(chr, default=None, /)", "The digit value."},
    {"east_asian_width", east_asian_width, "(chr, /)", "The East Asian width."},
    {"is_normalized", is_normalized, "(form, unistr, /)", "Whether text is in a normal form: NFC, NFKC, NFD or NFKD."},
    {"lookup", lookup, "(name, /)", "The character of a name."},
    {"mirrored", mirrored, "(chr, /)", "1 if the character is mirrored in bidirectional text, else 0."},
    {"name", name, "(chr, default=None, /)", "The name of a character."},
    {"normalize", normalize, "(form, unistr, /)", "The normal form of text: NFC, NFKC, NFD or NFKD."},
    {"numeric", numeric, "(chr, default=None, /)", "The numeric value as a float."},
};

Value unicodedata_setup(Thread& t, Module* m) {
  module_set(t, m, "unidata_version", text_value(t, "14.0.0"));
  return Value::none();
}

}  // namespace

extern const NativeModule unicodedata_module;
const NativeModule unicodedata_module = {"unicodedata", kFunctions, std::size(kFunctions), unicodedata_setup, "Properties of characters."};

}  // namespace mini
