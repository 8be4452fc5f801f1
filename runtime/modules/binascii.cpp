// SPDX-License-Identifier: MIT
// _binascii: bytes as hexadecimal digits and base64 text, and checksums. The rest of binascii is in lib/binascii.mini.
#include <array>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value raise_binascii(Thread& t, std::string_view message) {
  Value error = TRY(get_attribute(t, TRY(import_module(t, "_binascii")), "Error"));
  return raise_value(t, TRY(call(t, error, {str_value(make_str(t, message))})));
}

// Bytes, or a str of ASCII characters. False after raising.
bool ascii_or_bytes(Thread& t, Value v, std::string_view& out) {
  if (is_kind(v, Kind::Str)) {
    if (!as<Str>(v)->is_ascii()) return (void)raise_text(t, ErrorType::ValueError, "string argument should contain only ASCII characters"), false;
    out = {reinterpret_cast<const char*>(as<Str>(v)->narrow()), as<Str>(v)->length};
    return true;
  }
  if (bytes_view(v, out)) return true;
  if (is_memoryview(v)) return require_bytes(t, v, out);
  (void)raise(t, ErrorType::TypeError, "argument should be bytes, buffer or ASCII string, not '{}'", type_name(t, v));
  return false;
}

// --- Hexadecimal ---

Value hexlify(Thread& t, Value* args, size_t) {
  std::string_view view;
  if (!require_bytes(t, args[0], view)) return Value::raised();
  Value text = TRY(hex_text(t, view, args[1], args[2]));
  auto s = as<Str>(text);
  return Value::of_object(make_bytes(t, s->narrow(), s->length));
}

int hex_digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

Value unhexlify(Thread& t, Value* args, size_t) {
  std::string_view view;
  if (!ascii_or_bytes(t, args[0], view)) return Value::raised();
  if (view.size() % 2) return raise_binascii(t, "Odd-length string");
  Bytes* out = make_bytes(t, nullptr, view.size() / 2);
  for (size_t i = 0; i < view.size(); i += 2) {
    int high = hex_digit(view[i]), low = hex_digit(view[i + 1]);
    if (high < 0 || low < 0) return raise_binascii(t, "Non-hexadecimal digit found");
    out->data[i / 2] = static_cast<uint8_t>(high << 4 | low);
  }
  return Value::of_object(out);
}

// --- Base64 ---

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> make_digits() {
  std::array<int8_t, 256> out{};
  for (auto& digit : out) digit = -1;
  for (int i = 0; i < 64; ++i) out[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
  return out;
}
constexpr std::array<int8_t, 256> kDigits = make_digits();

Value b2a_base64(Thread& t, Value* args, size_t) {
  std::string_view view;
  if (!require_bytes(t, args[0], view)) return Value::raised();
  bool has_newline = args[1].is_empty() || TRY(truth(t, args[1])).is_true();
  Bytes* out = make_bytes(t, nullptr, (view.size() + 2) / 3 * 4 + has_newline);
  uint8_t* p = out->data;
  auto byte = [&](size_t i) { return i < view.size() ? static_cast<uint8_t>(view[i]) : 0u; };
  for (size_t i = 0; i < view.size(); i += 3) {
    uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    *p++ = static_cast<uint8_t>(kAlphabet[bits >> 18]);
    *p++ = static_cast<uint8_t>(kAlphabet[bits >> 12 & 63]);
    *p++ = static_cast<uint8_t>(i + 1 < view.size() ? kAlphabet[bits >> 6 & 63] : '=');
    *p++ = static_cast<uint8_t>(i + 2 < view.size() ? kAlphabet[bits & 63] : '=');
  }
  if (has_newline) *p = '\n';
  return Value::of_object(out);
}

// Skips what is no base64 digit, unless it is to be strict, and stops behind the padding that completes a group.
Value decode_base64(Thread& t, std::string_view view, bool is_strict) {
  std::string out;
  out.reserve(view.size() / 4 * 3 + 3);
  if (is_strict && !view.empty() && view[0] == '=') return raise_binascii(t, "Leading padding not allowed");
  uint32_t bits = 0;
  int in_group = 0, padding = 0;
  bool had_padding = false;
  for (size_t i = 0; i < view.size(); ++i) {
    if (view[i] == '=') {
      had_padding = true;
      if (in_group >= 2 && in_group + ++padding >= 4) {
        if (is_strict && i + 1 < view.size()) return raise_binascii(t, "Excess data after padding");
        return Value::of_object(make_bytes(t, out));
      }
      continue;
    }
    int digit = kDigits[static_cast<uint8_t>(view[i])];
    if (digit < 0) {
      if (is_strict) return raise_binascii(t, "Only base64 data is allowed");
      continue;
    }
    if (is_strict && had_padding) return raise_binascii(t, "Discontinuous padding not allowed");
    padding = 0;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    in_group = (in_group + 1) % 4;
    if (in_group != 1) out += static_cast<char>(bits >> (in_group == 2 ? 4 : in_group == 3 ? 2 : 0));
  }
  if (in_group == 0) return Value::of_object(make_bytes(t, out));
  if (in_group == 1)
    return raise_binascii(t, fmt::format("Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
                                         out.size() / 3 * 4 + 1));
  return raise_binascii(t, "Incorrect padding");
}

Value a2b_base64(Thread& t, Value* args, size_t) {
  std::string_view view;
  if (!ascii_or_bytes(t, args[0], view)) return Value::raised();
  int64_t strict = 0;
  if (!args[1].is_empty() && !to_small_index(t, args[1], strict)) return Value::raised();
  bool is_strict = strict != 0;
  return decode_base64(t, view, is_strict);
}

// --- Checksums ---

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> out{};
  for (uint32_t n = 0; n < 256; ++n) {
    uint32_t c = n;
    for (int bit = 0; bit < 8; ++bit) c = c & 1 ? c >> 1 ^ 0xEDB88320 : c >> 1;
    out[n] = c;
  }
  return out;
}
constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

// An int's lowest 32 bits.
bool low_bits(Thread& t, Value v, uint32_t& out) {
  out = 0;
  if (v.is_empty()) return true;
  Value number = to_integer(t, v);
  if (number.is_raised()) return false;
  number = binary_operation(t, BinaryOp::And, number, Value::of_int(0xFFFFFFFF));
  int64_t n = 0;
  if (number.is_raised() || !fits_int64(number, n)) return false;
  out = static_cast<uint32_t>(n);
  return true;
}

Value crc32(Thread& t, Value* args, size_t) {
  std::string_view view;
  uint32_t crc;
  if (!require_bytes(t, args[0], view) || !low_bits(t, args[1], crc)) return Value::raised();
  crc = ~crc;
  for (char c : view) crc = kCrcTable[(crc ^ static_cast<uint8_t>(c)) & 0xFF] ^ crc >> 8;
  return Value::of_int(~crc);
}

// CRC-CCITT with the polynomial x^16 + x^12 + x^5 + 1, as BinHex has it.
Value crc_hqx(Thread& t, Value* args, size_t) {
  std::string_view view;
  uint32_t crc;
  if (!require_bytes(t, args[0], view) || !low_bits(t, args[1], crc)) return Value::raised();
  crc &= 0xFFFF;
  for (char c : view) {
    crc ^= static_cast<uint32_t>(static_cast<uint8_t>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xFFFF : crc << 1;
  }
  return Value::of_int(crc);
}

const NativeRow kFunctions[] = {
    {"a2b_base64", a2b_base64, "(data, /, *, strict_mode=False)", "Bytes from base64 text."},
    {"a2b_hex", unhexlify, "(hexstr, /)", "Bytes from hexadecimal digits."},
    {"b2a_base64", b2a_base64, "(data, /, *, newline=True)", "Base64 text of bytes."},
    {"b2a_hex", hexlify, "(data, sep=None, bytes_per_sep=1)", "Hexadecimal digits of bytes."},
    {"crc32", crc32, "(data, crc=0, /)", "CRC-32 of bytes."},
    {"crc_hqx", crc_hqx, "(data, crc, /)", "CRC-CCITT of bytes."},
    {"hexlify", hexlify, "(data, sep=None, bytes_per_sep=1)", "Hexadecimal digits of bytes."},
    {"unhexlify", unhexlify, "(hexstr, /)", "Bytes from hexadecimal digits."},
};

Value add_error(Thread& t, Module* m, const char* name, ErrorType base) {
  Dict* attributes = make_dict(t);
  dict_set(t, attributes, names(t).module, str_value(intern(t, "binascii")));
  Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, base))});
  module_set(t, m, name, TRY(make_class(t, types(t).type, intern(t, name), bases, attributes, nullptr)));
  return Value::none();
}

Value binascii_setup(Thread& t, Module* m) {
  // Messages name the module that scripts import.
  for (const NativeRow& row : kFunctions)
    as<NativeFunction>(dict_get(m->namespace_, intern(t, row.name)))->module = str_value(intern(t, "binascii"));
  TRY(add_error(t, m, "Error", ErrorType::ValueError));
  return add_error(t, m, "Incomplete", ErrorType::Exception);
}

}  // namespace

extern const NativeModule binascii_module;
const NativeModule binascii_module = {"_binascii", kFunctions, std::size(kFunctions), binascii_setup, "Bytes as text."};

}  // namespace mini
