// SPDX-License-Identifier: MIT
// Slow paths of arithmetic, comparison, truth and text building.
#include <cstring>

#include "interp/opcode.h"
#include "interp/ops.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

// An int whose operators no subclass has changed.
bool is_exact_int(Value v) { return v.is_int() || is_exact(v, Kind::Int); }

// --- Operators of script classes ---
//
// A method that is a plain function gets a frame in the running loop, not a loop of its own. Everything unusual (operands whose class
// derives from the other's, descriptors, classes derived from built-in ones) goes the general way.

Type* script_class_of(Value v) {
  bool is_plain = v.is_object() && v.object->kind == Kind::Instance;
  return is_plain && v.object->shape->type->type_flags & kTypeIsScript ? v.object->shape->type : nullptr;
}

Function* function_in(Type* type, Str* name) {
  Value method = type_lookup(type, name);
  return is_kind(method, Kind::Function) ? as<Function>(method) : nullptr;
}

Begun begin_method(Thread& t, Function* f, Value a, Value b, Value* result, uint32_t flags) {
  Value both[] = {a, b};
  return push_function(t, f, both, 2, nullptr, result, flags);
}

bool right_goes_first(Type* ta, Type* tb) { return ta != tb && is_subtype(tb, ta); }

// The method that is asked first; null: go the general way.
Function* first_binary(Thread& t, BinaryOp op, Type* ta, Type* tb, bool is_augmented, uint32_t& flags) {
  int n = static_cast<int>(op);
  flags = kFrameOperator | static_cast<uint32_t>(n) << kFrameOperatorShift;
  if (is_augmented && ta->ops.inplace == script_inplace && !type_lookup(ta, operator_names(t).inplace[n]).is_empty()) {
    flags |= kFrameInplace;
    return function_in(ta, operator_names(t).inplace[n]);
  }
  if (ta->ops.binary != script_binary || right_goes_first(ta, tb)) return nullptr;
  return function_in(ta, operator_names(t).binary[n]);
}

Value plain_binary(Thread& t, BinaryOp op, Value a, Value b, bool is_inplace) {
  bool a_plain = static_cast<uint64_t>(a.tag) <= static_cast<uint64_t>(Tag::Bool);
  bool b_plain = static_cast<uint64_t>(b.tag) <= static_cast<uint64_t>(Tag::Bool);
  if (a_plain && b_plain) {
    Value v = a.is_float() || b.is_float() ? float_binary(t, op, a, b) : int_binary(t, op, a, b);
    if (!v.is_same(t.interpreter->not_implemented)) return v;
  }
  if (op == BinaryOp::Add && is_exact(a, Kind::Str) && is_exact(b, Kind::Str)) {
    Str* s = concatenate(t, as<Str>(a), as<Str>(b));
    return s ? str_value(s) : Value::raised();
  }
  if (is_exact_int(a) && is_exact_int(b) && op != BinaryOp::MatMul) return int_binary(t, op, a, b);
  if (op == BinaryOp::Add && !is_inplace && ((is_exact(a, Kind::List) && is_exact(b, Kind::List)) || (is_exact(a, Kind::Tuple) && is_exact(b, Kind::Tuple))))
    return type_of(a.object)->ops.binary(t, op, a, b);
  return is_inplace ? inplace_operation(t, op, a, b) : binary_operation(t, op, a, b);
}

// Mostly the first characters tell.
int order_of(const Str* a, const Str* b) {
  bool have_first = a->length && b->length && !a->is_wide() && !b->is_wide();
  if (have_first && a->narrow()[0] != b->narrow()[0]) return a->narrow()[0] < b->narrow()[0] ? -1 : 1;
  return compare_str(a, b);
}

Value compare_strs(CompareOp op, const Str* a, const Str* b) {
  switch (op) {
    case CompareOp::Eq: return Value::of_bool(equals(a, b));
    case CompareOp::Ne: return Value::of_bool(!equals(a, b));
    case CompareOp::Lt: return Value::of_bool(order_of(a, b) < 0);
    case CompareOp::Le: return Value::of_bool(order_of(a, b) <= 0);
    case CompareOp::Gt: return Value::of_bool(order_of(a, b) > 0);
    case CompareOp::Ge: return Value::of_bool(order_of(a, b) >= 0);
  }
  return Value::none();
}

Value plain_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (is_exact(a, Kind::Str) && is_exact(b, Kind::Str)) return compare_strs(op, as<Str>(a), as<Str>(b));
  if (is_exact_int(a) && is_exact_int(b)) return number_compare(t, op, a, b);
  return compare_values(t, op, a, b);
}

}  // namespace

Begun op_binary(Thread& t, BinaryOp op, Value a, Value b, bool is_augmented, Value* result) {
  uint32_t flags;
  Type* ta = script_class_of(a);
  Function* f = ta ? first_binary(t, op, ta, type_of(t, b), is_augmented, flags) : nullptr;
  return f ? begin_method(t, f, a, b, result, flags) : from_value(plain_binary(t, op, a, b, is_augmented), result);
}

Begun op_unary(Thread& t, UnaryOp op, Value a, Value* result) {
  Type* type = script_class_of(a);
  Function* f = type && type->ops.unary == script_unary ? function_in(type, operator_names(t).unary[static_cast<int>(op)]) : nullptr;
  return f ? push_function(t, f, &a, 1, nullptr, result, 0) : from_value(unary_operation(t, op, a), result);
}

Begun op_compare(Thread& t, CompareOp op, Value a, Value b, Value* result) {
  int n = static_cast<int>(op);
  Type* ta = script_class_of(a);
  bool is_simple = ta && ta->ops.compare == script_compare && !right_goes_first(ta, type_of(t, b));
  Function* f = is_simple ? function_in(ta, operator_names(t).compare[n]) : nullptr;
  if (!f) return from_value(plain_compare(t, op, a, b), result);
  return begin_method(t, f, a, b, result, kFrameOperator | kFrameComparison | static_cast<uint32_t>(n) << kFrameOperatorShift);
}

Value op_ask_right(Thread& t, uint32_t flags, const Instruction& in, const Value* registers) {
  auto operand = [&](uint32_t offset) { return *reinterpret_cast<const Value*>(reinterpret_cast<const char*>(registers) + offset); };
  Value a = operand(in.b);
  Value b = op_info(static_cast<Op>(in.op)).c == Operand::IMM ? Value::of_int(static_cast<int16_t>(in.c)) : operand(in.c);
  uint32_t number = flags >> kFrameOperatorShift;
  if (flags & kFrameComparison) return compare_after_left(t, static_cast<CompareOp>(number), a, b, false);
  return binary_after_left(t, static_cast<BinaryOp>(number), a, b, in.x, flags & kFrameInplace);
}

Begun op_set_item(Thread& t, Value object, Value key, Value value) {
  Type* type = script_class_of(object);
  Function* f = type ? function_in(type, names(t).setitem) : nullptr;
  if (!f) return from_value(set_item(t, object, key, value), &t.dropped);
  Value args[] = {object, key, value};
  return push_function(t, f, args, 3, nullptr, &t.dropped, 0);
}

Begun op_get_item(Thread& t, Value object, Value key, Value* result) {
  Type* type = script_class_of(object);
  Function* f = type ? function_in(type, names(t).getitem) : nullptr;
  return f ? begin_method(t, f, object, key, result, 0) : from_value(get_item(t, object, key), result);
}

int op_test(Thread& t, CompareOp op, Value a, Value b) {
  Value v = plain_compare(t, op, a, b);
  if (v.is_bool()) return static_cast<int>(v.integer);
  return v.is_raised() ? -1 : op_truth(t, v);
}

int op_truth(Thread& t, Value v) {
  if (v.is_object()) {
    const TypeOps& ops = type_of(v.object)->ops;
    if (!ops.truth && !ops.length) return 1;
    if (v.object->exact == Kind::List || v.object->exact == Kind::Tuple) return static_cast<Sequence*>(v.object)->length != 0;
    if (v.object->exact == Kind::Str) return static_cast<Str*>(v.object)->length != 0;
  }
  Value answer = truth(t, v);
  return answer.is_raised() ? -1 : static_cast<int>(answer.integer);
}

static bool is_character(Value v) { return is_exact(v, Kind::Str) && as<Str>(v)->length == 1 && as<Str>(v)->is_ascii(); }

int op_contains(Thread& t, Value item, Value container) {
  Value v;
  if (is_exact(container, Kind::Set) || is_exact(container, Kind::FrozenSet)) {
    v = type_of(t, container)->ops.contains(t, container, item);
  } else if (is_character(item) && is_exact(container, Kind::Str) && !as<Str>(container)->is_wide()) {
    auto text = as<Str>(container);
    return std::memchr(text->narrow(), as<Str>(item)->narrow()[0], text->length) != nullptr;
  } else if (is_exact(container, Kind::Dict)) {
    v = dict_get_item(t, as<Dict>(container), item);
    return v.is_raised() ? -1 : !v.is_empty();
  } else {
    v = contains(t, container, item);
  }
  return v.is_raised() ? -1 : static_cast<int>(v.integer);
}

Value op_build_string(Thread& t, const Value* parts, size_t count) {
  size_t length = 0;
  bool is_wide = false, is_ascii = true;
  for (size_t i = 0; i < count; ++i) {
    auto s = as<Str>(parts[i]);
    length += s->length;
    is_wide |= s->is_wide();
    is_ascii &= s->is_ascii();
  }
  if (!is_wide) {
    uint8_t on_stack[256];
    std::string on_heap;
    uint8_t* at = on_stack;
    if (length > sizeof on_stack) {
      on_heap.resize(length);
      at = reinterpret_cast<uint8_t*>(on_heap.data());
    }
    uint8_t* begin = at;
    for (size_t i = 0; i < count; ++i) {
      auto s = as<Str>(parts[i]);
      memcpy(at, s->data, s->length);
      at += s->length;
    }
    return str_value(make_str_latin1(t, begin, length));
  }
  std::u32string text;
  text.reserve(length);
  for (size_t i = 0; i < count; ++i) {
    auto s = as<Str>(parts[i]);
    for (size_t n = 0; n < s->length; ++n) text.push_back(s->at(n));
  }
  return str_value(make_str_wide(t, text.data(), text.size()));
}

Value op_format(Thread& t, Value v, char conversion, Value spec) {
  Str* s = nullptr;
  switch (conversion) {
    case 's': s = to_str(t, v); break;
    case 'r': s = to_repr(t, v); break;
    case 'a': {
      Value ascii = dict_get(t.interpreter->builtins, intern(t, "ascii"));
      v = TRY(call(t, ascii, {v}));
      s = as<Str>(v);
      break;
    }
    default: break;
  }
  if (conversion) {
    if (!s) return Value::raised();
    v = str_value(s);
  }
  bool is_empty_spec = spec.is_empty() || as<Str>(spec)->length == 0;
  if (is_empty_spec && is_exact(v, Kind::Str)) return v;
  return format_value(t, v, is_empty_spec ? t.interpreter->empty_str : as<Str>(spec));
}

}  // namespace mini
