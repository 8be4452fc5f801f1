// SPDX-License-Identifier: MIT
// Built-in functions about numbers: abs bin divmod hash hex id max min oct pow round sum.
#include "runtime/builtins/builtins.h"
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

Value builtin_abs(Thread& t, Value* args, size_t) { return unary_operation(t, UnaryOp::Abs, args[0]); }
Value builtin_divmod(Thread& t, Value* args, size_t) { return binary_operation(t, BinaryOp::DivMod, args[0], args[1]); }

Value in_base(Thread& t, Value v, int base, const char* prefix) {
  std::string digits = int_to_text(TRY(to_integer(t, v)), base);
  digits.insert(digits[0] == '-' ? 1 : 0, prefix);
  return str_value(make_str(t, digits));
}

Value builtin_bin(Thread& t, Value* args, size_t) { return in_base(t, args[0], 2, "0b"); }
Value builtin_oct(Thread& t, Value* args, size_t) { return in_base(t, args[0], 8, "0o"); }
Value builtin_hex(Thread& t, Value* args, size_t) { return in_base(t, args[0], 16, "0x"); }

Value builtin_hash(Thread& t, Value* args, size_t) {
  int64_t hash;
  if (!hash_value(t, args[0], hash)) return Value::raised();
  return Value::of_int(hash);
}

// Objects: the address. Values without an object: payload and tag, kept apart from addresses by an odd number.
Value builtin_id(Thread& t, Value* args, size_t) {
  if (args[0].is_object()) return Value::of_int(static_cast<int64_t>(args[0].bits));
  return make_int_u64(t, (args[0].bits << 4) | (static_cast<uint64_t>(args[0].tag) << 1) | 1);
}

Value builtin_pow(Thread& t, Value* args, size_t) {
  if (args[2].is_empty() || args[2].is_none()) return binary_operation(t, BinaryOp::Pow, args[0], args[1]);
  if (is_integer(args[0]) && is_integer(args[1]) && is_integer(args[2])) return int_pow_mod(t, args[0], args[1], args[2]);
  bool is_script = type_of(t, args[0])->type_flags & kTypeIsScript;
  Value result = is_script ? TRY(call_special(t, args[0], intern(t, "__pow__"), {args[1], args[2]})) : Value::empty();
  if (!result.is_empty() && !result.is_same(t.interpreter->not_implemented)) return result;
  if (is_floating(args[0]) || is_floating(args[1]) || is_floating(args[2]))
    return raise_text(t, ErrorType::TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
  return raise(t, ErrorType::TypeError, "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'", type_name(t, args[0]),
               type_name(t, args[1]), type_name(t, args[2]));
}

Value builtin_round(Thread& t, Value* args, size_t) {
  bool has_digits = !args[1].is_empty() && !args[1].is_none();
  if (args[0].is_int() && !has_digits) return args[0];
  Value result = has_digits ? call_special(t, args[0], names(t).round, {args[1]}) : call_special(t, args[0], names(t).round);
  if (!result.is_empty()) return result;
  return raise(t, ErrorType::TypeError, "type {} doesn't define __round__ method", type_name(t, args[0]));
}

// --- sum ---

// The sum of a range is an arithmetic series: length * (first + last) / 2.
Value sum_of_range(Thread& t, const Range* r, Value start) {
  if (r->length == 0) return start;
  __int128 last = static_cast<__int128>(r->start) + static_cast<__int128>(r->length - 1) * r->step;
  __int128 ends = r->start + last;
  // One of the factors is even.
  __int128 length = r->length;
  if (length % 2 == 0) length /= 2;
  else ends /= 2;
  __int128 total;
  if (__builtin_mul_overflow(length, ends, &total)) return Value::empty();
  return binary_operation(t, BinaryOp::Add, start, make_int_i128(t, total));
}

// What cannot be iterated over is told of first.
Value refuse_texts(Thread& t, Value start, Value iterable) {
  if (!is_kind(start, Kind::Str) && !is_kind(start, Kind::Bytes) && !is_kind(start, Kind::ByteArray)) return Value::none();
  TRY(get_iterator(t, iterable));
  if (is_kind(start, Kind::Str)) return raise_text(t, ErrorType::TypeError, "sum() can't sum strings [use ''.join(seq) instead]");
  if (is_kind(start, Kind::Bytes)) return raise_text(t, ErrorType::TypeError, "sum() can't sum bytes [use b''.join(seq) instead]");
  return raise_text(t, ErrorType::TypeError, "sum() can't sum bytearray [use b''.join(seq) instead]");
}

Value builtin_sum(Thread& t, Value* args, size_t) {
  Value total = args[1].is_empty() ? Value::of_int(0) : args[1];
  TRY(refuse_texts(t, total, args[0]));
  if (is_exact(args[0], Kind::Range) && !as<Range>(args[0])->is_big && is_integer(total)) {
    Value result = TRY(sum_of_range(t, as<Range>(args[0]), total));
    if (!result.is_empty()) return result;
  }
  for (Iteration it(t, args[0]);;) {
    Value item = TRY(it.give([&](const Value& v) { return add_plain(total, v, total); }));
    if (item.is_empty()) return total;
    total = TRY(binary_operation(t, BinaryOp::Add, total, item));
  }
}

// --- min and max ---

// Is a better than b? Bool or Raised.
Value is_better(Thread& t, CompareOp op, Value a, Value b) {
  bool is_less = op == CompareOp::Lt;
  if (a.is_int() && b.is_int()) return Value::of_bool(is_less ? a.integer < b.integer : a.integer > b.integer);
  if (a.is_float() && b.is_float()) return Value::of_bool(is_less ? a.number < b.number : a.number > b.number);
  Value result = TRY(compare_values(t, op, a, b));
  return result.is_bool() ? result : truth(t, result);
}

// The best of what was looked at so far.
struct Best {
  Thread& t;
  CompareOp op;
  Value key_function;   // Empty: none
  Value chosen = Value::empty(), chosen_key = Value::empty();

  // Numbers that compare without a key. False: these are others.
  bool take(const Value& item) {
    if (!key_function.is_empty() || !(item.is_int() ? chosen.is_int() : item.is_float() && chosen.is_float())) return false;
    if (is_better(t, op, item, chosen).is_true()) chosen = chosen_key = item;
    return true;
  }

  Value look_at(Value item) {
    Value key = key_function.is_empty() ? item : TRY(call(t, key_function, &item, 1));
    if (!chosen.is_empty() && !TRY(is_better(t, op, key, chosen_key)).is_true()) return Value::none();
    chosen = item;
    chosen_key = key;
    return Value::none();
  }
};

// args: key, default, then the positional ones.
Value find_best(Thread& t, Value* args, size_t argc, CompareOp op, const char* name) {
  size_t count = argc - 2;
  bool has_key = !args[0].is_empty() && !args[0].is_none();
  if (count == 0) return raise(t, ErrorType::TypeError, "{} expected at least 1 argument, got 0", name);
  if (count > 1 && !args[1].is_empty())
    return raise(t, ErrorType::TypeError, "Cannot specify a default for {}() with multiple positional arguments", name);
  Best best{t, op, has_key ? args[0] : Value::empty()};
  if (count > 1) {
    for (size_t i = 2; i < argc; ++i) TRY(best.look_at(args[i]));
    return best.chosen;
  }
  for (Iteration it(t, args[2]);;) {
    Value item = TRY(it.give([&](const Value& v) { return best.take(v); }));
    if (item.is_empty()) break;
    TRY(best.look_at(item));
  }
  if (!best.chosen.is_empty()) return best.chosen;
  if (!args[1].is_empty()) return args[1];
  return raise(t, ErrorType::ValueError, "{}() arg is an empty sequence", name);
}

Value builtin_min(Thread& t, Value* args, size_t argc) { return find_best(t, args, argc, CompareOp::Lt, "min"); }
Value builtin_max(Thread& t, Value* args, size_t argc) { return find_best(t, args, argc, CompareOp::Gt, "max"); }

const NativeRow kNumberFunctions[] = {
    {"abs", builtin_abs, "(x, /)", "Return the absolute value of the argument."},
    {"bin", builtin_bin, "(number, /)", "Return the binary representation of an integer.\n\n   >>> bin(2796202)\n   '0b1010101010101010101010'"},
    {"divmod", builtin_divmod, "(x, y, /)", "Return the tuple (x//y, x%y).  Invariant: div*y + mod == x."},
    {"hash", builtin_hash, "(obj, /)",
     "Return the hash value for the given object.\n\nTwo objects that compare equal must also have the same hash value, but the\nreverse is "
     "not necessarily true."},
    {"hex", builtin_hex, "(number, /)", "Return the hexadecimal representation of an integer.\n\n   >>> hex(12648430)\n   '0xc0ffee'"},
    {"id", builtin_id, "(obj, /)", "Return the identity of an object.\n\nThis is guaranteed to be unique among simultaneously existing objects."},
    {"max", builtin_max, "(*args, key=None, default=None)",
     "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value"},
    {"min", builtin_min, "(*args, key=None, default=None)",
     "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value"},
    {"oct", builtin_oct, "(number, /)", "Return the octal representation of an integer.\n\n   >>> oct(342391)\n   '0o1234567'"},
    {"pow", builtin_pow, "(base, exp, mod=None)",
     "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments."},
    {"round", builtin_round, "(number, ndigits=None)",
     "Round a number to a given precision in decimal digits.\n\nThe return value is an integer if ndigits is omitted or None.  "
     "Otherwise\nthe return value has the same type as the number.  ndigits may be negative."},
    {"sum", builtin_sum, "(iterable, /, start=0)",
     "Return the sum of a 'start' value (default: 0) plus an iterable of numbers\n\nWhen the iterable is empty, return the start value."},
};

}  // namespace

std::span<const NativeRow> number_functions() { return kNumberFunctions; }

}  // namespace mini
