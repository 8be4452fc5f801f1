// SPDX-License-Identifier: MIT
// The type int: construction, methods, bytes conversion, rounding, and its table. Arithmetic is in int.cpp.

#include <algorithm>
#include <iterator>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/format_spec.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int_limbs.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value raise_not_a_number(Thread& t, Value v) {
  return raise(t, ErrorType::TypeError, "int() argument must be a string, a bytes-like object or a real number, not '{}'",
               type_name(t, v));
}

// The int that __int__ or __trunc__ gave, as a plain one.
Value checked_int(Thread& t, Value result, const char* method) {
  if (!is_integer(result)) return raise(t, ErrorType::TypeError, "{} returned non-int (type {})", method, type_name(t, result));
  return plain_int(t, result);
}

}  // namespace

Value int_from_value(Thread& t, Value v) {
  if (v.is_int() || v.is_bool()) return Value::of_int(v.integer);
  if (v.is_float()) return float_to_int(t, v.number);
  if (is_exact(v, Kind::Int)) return v;
  bool is_plain_text = is_exact(v, Kind::Str) || is_exact(v, Kind::Bytes) || is_exact(v, Kind::ByteArray);
  if (is_plain_text) return int_from_text(t, v, 10);
  Value result = TRY(call_special(t, v, names(t).int_));
  if (!result.is_empty()) return checked_int(t, result, "__int__");
  if (type_of(t, v)->ops.index != nullptr) return plain_int(t, TRY(to_integer(t, v)));
  result = TRY(call_special(t, v, names(t).trunc));
  if (result.is_empty()) {
    Value text = int_from_text(t, v, 10);
    return text.is_empty() ? raise_not_a_number(t, v) : text;
  }
  if (!is_integer(result) && type_of(t, result)->ops.index == nullptr) {
    return raise(t, ErrorType::TypeError, "__trunc__ returned non-Integral (type {})", type_name(t, result));
  }
  return plain_int(t, TRY(to_integer(t, result)));
}

namespace {

Value int_new(Thread& t, Value* args, size_t) {
  Type* cls = as<Type>(args[0]);
  Value source = args[1], base = args[2];
  if (base.is_empty()) {
    if (source.is_empty()) return int_of_type(t, cls, Value::of_int(0));
    return int_of_type(t, cls, TRY(int_from_value(t, source)));
  }
  if (source.is_empty()) return raise(t, ErrorType::TypeError, "int() missing string argument");
  int64_t base_number;
  if (!to_index_clamped(t, base, base_number)) return Value::raised();
  if (base_number != 0 && (base_number < 2 || base_number > 36)) {
    return raise(t, ErrorType::ValueError, "int() base must be >= 2 and <= 36, or 0");
  }
  Value result = TRY(int_from_text(t, source, base_number));
  if (result.is_empty()) return raise(t, ErrorType::TypeError, "int() can't convert non-string with explicit base");
  return int_of_type(t, cls, result);
}

Value int_repr(Thread& t, Value self) {
  Str* s = int_to_str(t, self);
  return s == nullptr ? Value::raised() : str_value(s);
}
Value int_hash(Thread&, Value self) { return Value::of_int(hash_integer(self)); }
Value int_truth(Thread&, Value self) { return Value::of_bool(self.is_bool() ? self.integer != 0 : !is_zero_int(self)); }
Value int_index(Thread& t, Value self) { return plain_int(t, self); }

Value int_unary(Thread& t, UnaryOp op, Value self) {
  switch (op) {
    case UnaryOp::Neg: return int_negate(t, self);
    case UnaryOp::Pos: return plain_int(t, self);
    case UnaryOp::Abs: return is_negative_int(self) ? int_negate(t, self) : plain_int(t, self);
    case UnaryOp::Invert: break;
  }
  if (!self.is_object()) return Value::of_int(~self.integer);
  return int_binary(t, BinaryOp::Sub, Value::of_int(-1), self);
}

// Only instances of subclasses have limbs outside.
void int_finalize(Object* self, Heap& heap) {
  BigInt* big = static_cast<BigInt*>(self);
  heap.give_buffer(big->limbs, std::max<size_t>(big->length(), 1) * sizeof(Limb));
}

Value int_itself(Thread& t, Value* args, size_t) { return plain_int(t, args[0]); }
Value int_get_itself(Thread& t, Value self) { return plain_int(t, self); }
Value int_get_zero(Thread&, Value) { return Value::of_int(0); }
Value int_get_one(Thread&, Value) { return Value::of_int(1); }
Value int_bit_length(Thread&, Value* args, size_t) { return Value::of_int(static_cast<int64_t>(int_magnitude_bits(args[0]))); }

Value int_bit_count(Thread&, Value* args, size_t) {
  IntOperand x(args[0]);
  return Value::of_int(x.is_zero() ? 0 : static_cast<int64_t>(mpn_popcount(x->limbs, static_cast<mp_size_t>(x->length))));
}

Value int_as_integer_ratio(Thread& t, Value* args, size_t) {
  return Value::of_object(make_tuple(t, {TRY(plain_int(t, args[0])), Value::of_int(1)}));
}

Value int_float(Thread& t, Value* args, size_t) {
  double d;
  if (!int_to_double(args[0], d)) return raise(t, ErrorType::OverflowError, "int too large to convert to float");
  return Value::of_float(d);
}

Value int_getnewargs(Thread& t, Value* args, size_t) {
  return Value::of_object(make_tuple(t, {TRY(plain_int(t, args[0]))}));
}

Value int_format_method(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) {
    return raise(t, ErrorType::TypeError, "__format__() argument must be str, not {}", argument_type_name(t, args[1]));
  }
  if (as<Str>(args[1])->length != 0) return format_int_value(t, args[0], as<Str>(args[1]));
  Str* s = to_str(t, args[0]);
  return s == nullptr ? Value::raised() : str_value(s);
}

Value int_sizeof(Thread&, Value* args, size_t) {
  return Value::of_int(24 + 4 * std::max<int64_t>(1, (static_cast<int64_t>(int_magnitude_bits(args[0])) + 29) / 30));
}

// The byte order that an argument names. False after raising.
bool read_byte_order(Thread& t, Value v, const char* function, bool& is_big) {
  is_big = true;
  if (v.is_empty()) return true;
  if (!is_kind(v, Kind::Str)) {
    (void)raise(t, ErrorType::TypeError, "{}() argument 'byteorder' must be str, not {}", function, argument_type_name(t, v));
    return false;
  }
  if (equals(as<Str>(v), "big")) return true;
  is_big = false;
  if (equals(as<Str>(v), "little")) return true;
  (void)raise(t, ErrorType::ValueError, "byteorder must be either 'little' or 'big'");
  return false;
}

// Byte `i` of the magnitude.
unsigned byte_of(const LimbView& x, size_t i) { return i / 8 < x.length ? (x.limbs[i / 8] >> i % 8 * 8) & 0xFF : 0; }

// Writes the two's complement of `x`, little end first. False when it does not fit.
bool write_bytes(const LimbView& x, uint64_t bits, bool is_signed, uint8_t* out, size_t length) {
  if (bits > length * 8) return false;
  unsigned carry = 1;
  for (size_t i = 0; i < length; ++i) {
    unsigned byte = byte_of(x, i);
    if (x.is_negative) {
      byte = (~byte & 0xFF) + carry;
      carry = byte >> 8;
    }
    out[i] = static_cast<uint8_t>(byte);
  }
  if (!is_signed || x.length == 0) return true;
  return length > 0 && (out[length - 1] >= 0x80) == x.is_negative;
}

Value int_to_bytes(Thread& t, Value* args, size_t) {
  int64_t length = 1;
  if (!args[1].is_empty() && !to_index(t, args[1], length)) return Value::raised();
  bool is_big, is_signed = false;
  if (!read_byte_order(t, args[2], "to_bytes", is_big)) return Value::raised();
  if (!args[3].is_empty()) is_signed = TRY(truth(t, args[3])).is_true();
  if (length < 0) return raise(t, ErrorType::ValueError, "length argument must be non-negative");
  if (is_negative_int(args[0]) && !is_signed) return raise(t, ErrorType::OverflowError, "can't convert negative int to unsigned");
  if (!bytes_have_room(t, static_cast<size_t>(length))) return Value::raised();
  Bytes* bytes = make_bytes(t, nullptr, static_cast<size_t>(length));
  IntOperand x(args[0]);
  if (!write_bytes(*x, int_magnitude_bits(args[0]), is_signed, bytes->data, bytes->length)) return raise(t, ErrorType::OverflowError, "int too big to convert");
  if (is_big) std::reverse(bytes->data, bytes->data + length);
  return Value::of_object(bytes);
}

// The int of bytes in two's complement, most significant first.
Value int_of_signed_bytes(Thread& t, std::string big_end) {
  if (big_end.empty() || static_cast<uint8_t>(big_end[0]) < 0x80) return make_int_of_bytes(t, big_end, false);
  for (char& c : big_end) c = static_cast<char>(~c);
  Value complement = TRY(make_int_of_bytes(t, big_end, false));
  return int_binary(t, BinaryOp::Sub, Value::of_int(-1), complement);
}

Value int_from_bytes(Thread& t, Value* args, size_t) {
  bool is_big, is_signed = false;
  if (!read_byte_order(t, args[2], "from_bytes", is_big)) return Value::raised();
  if (!args[3].is_empty()) is_signed = TRY(truth(t, args[3])).is_true();
  std::string_view view;
  Value source = args[1];
  if (!bytes_view(source, view)) {
    // Any iterable of small ints will do, as for bytes().
    if (is_integer(source) || is_floating(source) || is_kind(source, Kind::Str)) {
      return raise(t, ErrorType::TypeError, "cannot convert '{}' object to bytes", type_name(t, source));
    }
    source = TRY(call(t, Value::of_object(types(t).bytes), {source}));
    (void)bytes_view(source, view);
  }
  std::string reversed;
  if (!is_big) {
    reversed.assign(view.rbegin(), view.rend());
    view = reversed;
  }
  Value result = TRY(is_signed ? int_of_signed_bytes(t, std::string(view)) : make_int_of_bytes(t, view, false));
  if (as<Type>(args[0]) == types(t).int_) return result;
  return call(t, args[0], {result});
}

Value int_round_method(Thread& t, Value* args, size_t) {
  if (args[1].is_none()) TRY(to_integer(t, args[1]));   // only round() takes None
  return int_round(t, args[0], args[1].is_empty() ? Value::none() : args[1]);
}

const NativeRow kIntMethods[] = {
    {"__new__", int_new, "(cls, x=0, /, base=10)", "Make an int from a number or text.", Binding::Static},
    {"as_integer_ratio", int_as_integer_ratio, "(self, /)", "The int and 1."},
    {"bit_count", int_bit_count, "(self, /)", "How many bits of the absolute value are set."},
    {"bit_length", int_bit_length, "(self, /)", "How many bits the absolute value needs."},
    {"conjugate", int_itself, "(self, /)", "The int itself."},
    {"from_bytes", int_from_bytes, "(cls, bytes, byteorder='big', *, signed=False)", "The int that the bytes stand for.", Binding::Class},
    {"to_bytes", int_to_bytes, "(self, length=1, byteorder='big', *, signed=False)", "The bytes that stand for the int."},
    {"__ceil__", int_itself, "(self, /)", "The int itself."},
    {"__float__", int_float, "(self, /)", "float(self)"},
    {"__floor__", int_itself, "(self, /)", "The int itself."},
    {"__format__", int_format_method, "(self, format_spec, /)", "Format as the specification says."},
    {"__getnewargs__", int_getnewargs, "(self, /)", "Arguments that make an equal int."},
    {"__int__", int_itself, "(self, /)", "int(self)"},
    {"__round__", int_round_method, "(self, ndigits=None, /)", "round(self, ndigits)"},
    {"__sizeof__", int_sizeof, "(self, /)", "Size in memory, in bytes."},
    {"__trunc__", int_itself, "(self, /)", "The int itself."},
};

const AttributeRow kIntAttributes[] = {
    {"real", int_get_itself, nullptr, "The int itself."},
    {"imag", int_get_zero, nullptr, "Always 0."},
    {"numerator", int_get_itself, nullptr, "The int itself."},
    {"denominator", int_get_one, nullptr, "Always 1."},
};

}  // namespace

Value int_round(Thread& t, Value v, Value digits) {
  if (digits.is_none()) return plain_int(t, v);
  Value places = TRY(to_integer(t, digits));
  if (!is_negative_int(places)) return plain_int(t, v);
  int64_t count;
  // More decimal places than the number has: zero.
  if (!fits_int64(places, count) || static_cast<uint64_t>(-(count + 1)) > int_magnitude_bits(v) / 3 + 1) return Value::of_int(0);
  Value power = TRY(int_binary(t, BinaryOp::Pow, Value::of_int(10), Value::of_int(-count)));
  Value plain = TRY(plain_int(t, v));
  Value rest = TRY(int_binary(t, BinaryOp::Mod, plain, power));
  Value low = TRY(int_binary(t, BinaryOp::Sub, plain, rest));
  Value twice = TRY(int_binary(t, BinaryOp::Mul, rest, Value::of_int(2)));
  bool rounds_up;
  if (TRY(number_compare(t, CompareOp::Eq, twice, power)).is_true()) {
    Value quotient = TRY(int_binary(t, BinaryOp::FloorDiv, low, power));
    rounds_up = TRY(int_binary(t, BinaryOp::And, quotient, Value::of_int(1))).integer == 1;
  } else {
    rounds_up = TRY(number_compare(t, CompareOp::Gt, twice, power)).is_true();
  }
  return rounds_up ? int_binary(t, BinaryOp::Add, low, power) : low;
}

const Layout int__layout = {
    .name = "int", .module = "builtins", .kind = Kind::Int, .size = sizeof(BigInt), .flags = kSubclassable,
    .base = nullptr, .trace = nullptr, .finalize = int_finalize,
    .ops = {.repr = int_repr, .hash = int_hash, .compare = number_compare, .truth = int_truth,
            .unary = int_unary, .binary = int_binary, .index = int_index},
    .methods = kIntMethods, .method_count = std::size(kIntMethods),
    .attributes = kIntAttributes, .attribute_count = std::size(kIntAttributes),
    .help = "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer."};

}  // namespace mini
