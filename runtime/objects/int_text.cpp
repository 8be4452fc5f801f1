// SPDX-License-Identifier: MIT
// Text to int and int to text, in any base from 2 to 36.
//
// GMP converts. The number of decimal digits is limited all the same, as in CPython.

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int_limbs.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/unicode.h"

namespace mini {

namespace {

constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

constexpr auto kDigitValues = [] {
  std::array<uint8_t, 256> values;
  values.fill(99);
  for (uint8_t i = 0; i < 36; ++i) {
    auto c = static_cast<uint8_t>(kDigits[i]);
    values[c] = i;
    if (i >= 10) values[c - 'a' + 'A'] = i;
  }
  return values;
}();

double bits_of_digit(int base) { return base == 10 ? 3.3219280948873624 : std::log2(base); }

int power_of_two_base(int base) { return (base & (base - 1)) == 0 ? std::countr_zero(static_cast<unsigned>(base)) : 0; }

// The digits, as characters, of a base whose digits do not straddle limbs.
void append_even_digits(const LimbView& n, unsigned bits_each, std::string& out) {
  Limb mask = (Limb{1} << bits_each) - 1;
  unsigned each = kLimbBits / bits_each;
  unsigned leading = (static_cast<unsigned>(std::bit_width(n.limbs[n.length - 1])) + bits_each - 1) / bits_each;
  size_t begin = out.size();
  size_t count = (n.length - 1) * each + leading;
  out.reserve(begin + count + 3);   // a sign and a prefix may follow
  out.resize(begin + count);
  char* at = out.data() + out.size();
  for (size_t i = 0; i < n.length; ++i) {
    Limb limb = n.limbs[i];
    for (unsigned k = i + 1 == n.length ? leading : each; k-- > 0; limb >>= bits_each) *--at = kDigits[limb & mask];
  }
}

// Digits (as numbers, not characters) of n, most significant first. `t`: Ctrl-C ends it, unless there is none; false when that raised.
bool append_digits(Thread* t, const LimbView& n, int base, std::string& out) {
  LimbRoom copy(n.length + 1);   // GMP destroys what it converts
  if (!copy.is_ready()) return t && raise_memory(*t).is_none();
  size_t begin = out.size(), count = 0;
  out.resize(begin + mpn_sizeinbase(n.limbs, static_cast<mp_size_t>(n.length), base) + 1);
  auto convert = [&, to = reinterpret_cast<unsigned char*>(out.data()) + begin] {
    std::memcpy(*copy, n.limbs, n.length * sizeof(Limb));
    count = mpn_get_str(to, base, *copy, static_cast<mp_size_t>(n.length));
  };
  if (!t) convert();
  else if (compute(*t, n.length, convert).is_raised()) return false;
  out.resize(begin + count);
  size_t zeros = 0;
  while (zeros + 1 < count && out[begin + zeros] == 0) ++zeros;
  if (zeros) out.erase(begin, zeros);
  return true;
}

// The digits of |v| as characters. False when that raised, which it does not without a `t`.
bool magnitude_text(Thread* t, Value v, int base, std::string& out) {
  IntOperand n(v);
  if (t && !has_room(*t, n->length)) {
    (void)raise_memory(*t);
    return false;
  }
  if (unsigned bits_each = static_cast<unsigned>(power_of_two_base(base)); bits_each && kLimbBits % bits_each == 0) {
    append_even_digits(*n, bits_each, out);
    return true;
  }
  if (!append_digits(t, *n, base, out)) return false;
  if (base <= 10) {
    for (char& c : out) c = static_cast<char>(c + '0');
  } else {
    for (char& c : out) c = kDigits[static_cast<uint8_t>(c)];
  }
  return true;
}

bool integer_text(Thread* t, Value v, int base, std::string& out) {
  if (!v.is_object()) {
    char buffer[72];
    out.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, v.integer, base).ptr);
    return true;
  }
  if (is_zero_int(v)) {
    out = "0";
    return true;
  }
  out.clear();
  if (!magnitude_text(t, v, base, out)) return false;
  if (is_negative_int(v)) out.insert(out.begin(), '-');
  return true;
}

Value raise_too_many_digits(Thread& t, size_t digits) {
  if (digits == 0) {
    return raise(t, ErrorType::ValueError,
                 "Exceeds the limit ({} digits) for integer string conversion; use sys.set_int_max_str_digits() to "
                 "increase the limit", t.interpreter->max_str_digits);
  }
  return raise(t, ErrorType::ValueError,
               "Exceeds the limit ({} digits) for integer string conversion: value has {} digits; use "
               "sys.set_int_max_str_digits() to increase the limit", t.interpreter->max_str_digits, digits);
}

}  // namespace

std::string int_to_text(Value v, int base) {
  std::string out;
  integer_text(nullptr, v, base, out);
  return out;
}

bool int_decimal_text(Thread& t, Value v, std::string& out) {
  uint64_t limit = static_cast<uint64_t>(t.interpreter->max_str_digits);
  // A number of b bits has more than (b - 1) * 0.30 decimal digits.
  if (limit != 0 && v.is_object() && int_magnitude_bits(v) > 0 && (int_magnitude_bits(v) - 1) * 3 / 10 > limit) {
    (void)raise_too_many_digits(t, 0);
    return false;
  }
  if (!integer_text(&t, v, 10, out)) return false;
  if (limit != 0 && out.size() > limit && out.size() - (out[0] == '-') > limit) {
    (void)raise_too_many_digits(t, 0);
    return false;
  }
  return true;
}

Str* int_to_str(Thread& t, Value v) {
  if (!v.is_object()) {
    if (v.integer >= 0 && v.integer < 10) return make_str_char(t, static_cast<char32_t>('0' + v.integer));
    char buffer[24];
    char* end = std::to_chars(buffer, buffer + sizeof buffer, v.integer).ptr;
    size_t length = static_cast<size_t>(end - buffer);
    Str* s = allocate_str(t, length, kStrAscii);
    std::memcpy(narrow_chars(s), buffer, length);
    return s;
  }
  std::string text;
  if (!int_decimal_text(t, v, text)) return nullptr;
  Str* s = allocate_str(t, text.size(), kStrAscii);
  std::memcpy(narrow_chars(s), text.data(), text.size());
  return s;
}

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct Literal {
  bool is_negative = false;
  bool must_be_zero = false;   // base 0 and a leading zero: only zero may follow
  int base = 10;
  std::string_view digits;     // with underscores
};

// Strips spaces, sign and prefix. False when nothing that could be digits is left.
bool read_literal(std::string_view text, int base, Literal& out) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    out.is_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int prefix_base = 0;
  if (text.size() >= 2 && text[0] == '0') {
    char mark = static_cast<char>(text[1] | 0x20);
    prefix_base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
  }
  if (base == 0) {
    out.base = prefix_base != 0 ? prefix_base : 10;
    out.must_be_zero = prefix_base == 0 && !text.empty() && text[0] == '0';
  } else {
    out.base = base;
  }
  if (prefix_base != 0 && prefix_base == out.base) {
    text.remove_prefix(2);
    if (!text.empty() && text[0] == '_') text.remove_prefix(1);
  }
  out.digits = text;
  return !text.empty() && text[0] != '_' && text.back() != '_';
}

// The values of the digits, without underscores; false when a character is no digit of the base or two underscores meet.
bool clean_digits(const Literal& literal, std::string& out) {
  out.resize(literal.digits.size());
  char* to = out.data();
  for (size_t i = 0; i < literal.digits.size(); ++i) {
    char c = literal.digits[i];
    if (c == '_') {
      if (literal.digits[i - 1] == '_') return false;
      continue;
    }
    uint8_t value = kDigitValues[static_cast<uint8_t>(c)];
    if (value >= literal.base) return false;
    *to++ = static_cast<char>(value);
  }
  out.resize(static_cast<size_t>(to - out.data()));
  return true;
}

Value read_digits(Thread& t, std::string_view digits, int base, bool is_negative) {
  while (!digits.empty() && digits[0] == 0) digits.remove_prefix(1);
  if (digits.empty()) return Value::of_int(0);
  size_t room = static_cast<size_t>(static_cast<double>(digits.size()) * bits_of_digit(base) / kLimbBits) + 2;
  BigInt* big = new_big_int(t, room);
  if (!big) return Value::raised();
  mp_size_t length = 0;
  TRY(compute(t, room, [&] { length = mpn_set_str(big->limbs, reinterpret_cast<const unsigned char*>(digits.data()), digits.size(), base); }));
  return finish_int(t, big, static_cast<size_t>(length), is_negative);
}

}  // namespace

Value parse_int(Thread& t, std::string_view text, int base) {
  Literal literal;
  if (!read_literal(text, base, literal)) return Value::empty();
  if (literal.digits.size() <= 18 && literal.base == 10 && !literal.must_be_zero) {   // the common case, without copies
    int64_t value = 0;
    bool is_plain = true;
    for (char c : literal.digits) {
      if (c < '0' || c > '9') { is_plain = false; break; }
      value = value * 10 + (c - '0');
    }
    if (is_plain) return Value::of_int(literal.is_negative ? -value : value);
  }
  std::string digits;
  if (!clean_digits(literal, digits)) return Value::empty();
  if (literal.must_be_zero && digits.find_first_not_of('\0') != std::string::npos) return Value::empty();
  uint64_t limit = static_cast<uint64_t>(t.interpreter->max_str_digits);
  if (limit != 0 && digits.size() > limit && !power_of_two_base(literal.base)) return raise_too_many_digits(t, digits.size());
  return read_digits(t, digits, literal.base, literal.is_negative);
}

std::string numeric_ascii(const Str* s) {
  std::string out;
  out.reserve(s->length);
  for (size_t i = 0; i < s->length; ++i) {
    char32_t c = s->at(i);
    int digit;
    if (c < 128) out.push_back(static_cast<char>(c));
    else if (unicode_is_space(c)) out.push_back(' ');
    else if ((digit = unicode_decimal(c)) >= 0) out.push_back(static_cast<char>('0' + digit));
    else out.push_back('?');
  }
  return out;
}

Value int_from_text(Thread& t, Value v, int64_t base) {
  Value result = Value::empty();
  std::string scratch;
  std::string_view bytes;
  if (is_kind(v, Kind::Str)) {
    Str* s = as<Str>(v);
    if (!s->is_ascii()) scratch = numeric_ascii(s);
    std::string_view text = s->is_ascii() ? utf8_view(s, scratch) : std::string_view(scratch);
    result = parse_int(t, text, static_cast<int>(base));
  } else if (bytes_view(v, bytes)) {
    result = parse_int(t, bytes, static_cast<int>(base));
  } else {
    return Value::empty();
  }
  if (!result.is_empty()) return result;
  if (!is_kind(v, Kind::Str)) v = Value::of_object(make_bytes(t, bytes));   // shown as the bytes they are
  Str* shown = to_repr(t, v);
  if (shown == nullptr) return raise_without_text(t, ErrorType::ValueError);
  // CPython shows at most 200 characters of the text.
  if (shown->length > 200) shown = substring(t, shown, 0, 200);
  return raise(t, ErrorType::ValueError, "invalid literal for int() with base {}: {}", base, to_utf8(shown));
}

}  // namespace mini
