// SPDX-License-Identifier: MIT
// Text to int and int to text, in any base from 2 to 36.
//
// Both ways work on chunks of digits: as many as fit one 60-bit digit of LibTomMath, so each pass over the number
// handles 18 decimal digits. Bases that are powers of two need one pass in all. The other bases are quadratic,
// which is why the interpreter limits the number of decimal digits, as CPython does.

#include <bit>
#include <charconv>
#include <cstring>
#include <vector>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/unicode.h"

namespace mini {

namespace {

constexpr char kDigits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr uint64_t kDigitBase = uint64_t{1} << MP_DIGIT_BIT;

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

int power_of_two_base(int base) { return (base & (base - 1)) == 0 ? std::countr_zero(static_cast<unsigned>(base)) : 0; }

// The largest power of `base` that fits a digit, and how many digits of `base` it stands for.
struct Chunk {
  explicit Chunk(int base) {
    while (power <= kDigitBase / static_cast<uint64_t>(base) - 1) {
      power *= static_cast<uint64_t>(base);
      ++digits;
    }
  }
  uint64_t power = 1;
  int digits = 0;
};

std::string big_to_bits(const mp_int& n, int bits_each) {
  std::string reversed;
  unsigned __int128 held = 0;
  int held_bits = 0;
  for (int i = 0; i < n.used; ++i) {
    held |= static_cast<unsigned __int128>(n.dp[i]) << held_bits;
    held_bits += MP_DIGIT_BIT;
    for (; held_bits >= bits_each; held_bits -= bits_each, held >>= bits_each) {
      reversed.push_back(kDigits[static_cast<uint64_t>(held) & ((1u << bits_each) - 1)]);
    }
  }
  reversed.push_back(kDigits[static_cast<uint64_t>(held)]);
  while (reversed.size() > 1 && reversed.back() == '0') reversed.pop_back();
  return {reversed.rbegin(), reversed.rend()};
}

// Divides the number by the chunk's power again and again. `t`, if any, is polled; false when that raised.
bool big_to_chunks(Thread* t, const mp_int& n, int base, std::string& out) {
  Chunk chunk(base);
  std::vector<uint64_t> rest(n.dp, n.dp + n.used);
  std::string reversed;
  while (!rest.empty()) {
    unsigned __int128 remainder = 0;
    for (size_t i = rest.size(); i-- > 0;) {
      unsigned __int128 part = remainder << MP_DIGIT_BIT | rest[i];
      rest[i] = static_cast<uint64_t>(part / chunk.power);
      remainder = part - static_cast<unsigned __int128>(rest[i]) * chunk.power;
    }
    while (!rest.empty() && rest.back() == 0) rest.pop_back();
    uint64_t left = static_cast<uint64_t>(remainder);
    for (int i = 0; i < chunk.digits && (left != 0 || !rest.empty()); ++i) {
      reversed.push_back(kDigits[left % static_cast<uint64_t>(base)]);
      left /= static_cast<uint64_t>(base);
    }
    if (t != nullptr && t->poll().is_raised()) return false;
  }
  out.assign(reversed.rbegin(), reversed.rend());
  return true;
}

bool integer_text(Thread* t, Value v, int base, std::string& out) {
  if (!v.is_object()) {
    char buffer[72];
    out.assign(buffer, std::to_chars(buffer, buffer + sizeof buffer, v.integer, base).ptr);
    return true;
  }
  const mp_int& n = static_cast<BigInt*>(v.object)->number;
  if (n.used == 0) {
    out = "0";
    return true;
  }
  if (int bits_each = power_of_two_base(base)) out = big_to_bits(n, bits_each);
  else if (!big_to_chunks(t, n, base, out)) return false;
  if (n.sign == MP_NEG) out.insert(out.begin(), '-');
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
  return make_str(t, text);
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

// Drops underscores; false when a character is no digit of the base or two underscores meet.
bool clean_digits(const Literal& literal, std::string& out) {
  out.reserve(literal.digits.size());
  for (size_t i = 0; i < literal.digits.size(); ++i) {
    char c = literal.digits[i];
    if (c == '_') {
      if (literal.digits[i - 1] == '_') return false;
      continue;
    }
    if (digit_value(c) >= literal.base) return false;
    out.push_back(c);
  }
  return true;
}

Value number_of_limbs(Thread& t, const std::vector<uint64_t>& limbs, bool is_negative) {
  IntScratch scratch;
  size_t used = limbs.size();
  while (used > 0 && limbs[used - 1] == 0) --used;
  if (mp_grow(*scratch, static_cast<int>(used) + 1) != MP_OKAY) return raise_memory(t);
  for (size_t i = 0; i < used; ++i) scratch.number.dp[i] = limbs[i];
  scratch.number.used = static_cast<int>(used);
  scratch.number.sign = is_negative && used != 0 ? MP_NEG : MP_ZPOS;
  return take_int(t, scratch);
}

Value parse_bits(Thread& t, const std::string& digits, int bits_each, bool is_negative) {
  std::vector<uint64_t> limbs;
  unsigned __int128 held = 0;
  int held_bits = 0;
  for (size_t i = digits.size(); i-- > 0;) {
    held |= static_cast<unsigned __int128>(digit_value(digits[i])) << held_bits;
    held_bits += bits_each;
    if (held_bits >= MP_DIGIT_BIT) {
      limbs.push_back(static_cast<uint64_t>(held) & MP_MASK);
      held >>= MP_DIGIT_BIT;
      held_bits -= MP_DIGIT_BIT;
    }
  }
  limbs.push_back(static_cast<uint64_t>(held) & MP_MASK);
  return number_of_limbs(t, limbs, is_negative);
}

Value parse_chunks(Thread& t, const std::string& digits, int base, bool is_negative) {
  Chunk chunk(base);
  std::vector<uint64_t> limbs;
  size_t position = 0;
  while (position < digits.size()) {
    // The first chunk takes the odd digits, so that all others are full.
    size_t take = (digits.size() - position) % static_cast<size_t>(chunk.digits);
    if (take == 0) take = static_cast<size_t>(chunk.digits);
    uint64_t value = 0, power = 1;
    for (size_t i = 0; i < take; ++i) {
      value = value * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit_value(digits[position + i]));
      power *= static_cast<uint64_t>(base);
    }
    position += take;
    unsigned __int128 carry = value;
    for (uint64_t& limb : limbs) {
      carry += static_cast<unsigned __int128>(limb) * power;
      limb = static_cast<uint64_t>(carry) & MP_MASK;
      carry >>= MP_DIGIT_BIT;
    }
    if (carry != 0) limbs.push_back(static_cast<uint64_t>(carry));
    TRY(t.poll());
  }
  return number_of_limbs(t, limbs, is_negative);
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
  if (literal.must_be_zero && digits.find_first_not_of('0') != std::string::npos) return Value::empty();
  if (int bits_each = power_of_two_base(literal.base)) return parse_bits(t, digits, bits_each, literal.is_negative);
  uint64_t limit = static_cast<uint64_t>(t.interpreter->max_str_digits);
  if (limit != 0 && digits.size() > limit) return raise_too_many_digits(t, digits.size());
  return parse_chunks(t, digits, literal.base, literal.is_negative);
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
  if (is_kind(v, Kind::ByteArray)) v = Value::of_object(make_bytes(t, bytes));   // shown as the bytes they are
  Str* shown = to_repr(t, v);
  if (shown == nullptr) return Value::raised();
  // CPython shows at most 200 characters of the text.
  if (shown->length > 200) shown = substring(t, shown, 0, 200);
  return raise(t, ErrorType::ValueError, "invalid literal for int() with base {}: {}", base, to_utf8(shown));
}

}  // namespace mini
