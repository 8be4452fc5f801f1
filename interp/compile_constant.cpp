// SPDX-License-Identifier: MIT
// Part of UnitCompiler: literals and constant folding. What folding would make much larger stays as it is, and what would
// raise is left for the program to raise.

#include <algorithm>

#include "interp/compile_parts.h"
#include "interp/compiler.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

using namespace ast;

namespace {

// Text with lone surrogates (three bytes beginning ED A0..BF) is decoded here; make_str takes all other text.
bool has_surrogates(std::string_view text) {
  for (size_t i = text.find('\xED'); i != text.npos; i = text.find('\xED', i + 1))
    if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xA0) return true;
  return false;
}

std::u32string decode(std::string_view text) {
  std::u32string out;
  for (size_t i = 0; i < text.size();) {
    unsigned char lead = static_cast<unsigned char>(text[i]);
    int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t c = more == 0 ? lead : lead & (0x3F >> more);
    for (int k = 1; k <= more && i + static_cast<size_t>(k) < text.size(); ++k) c = c << 6 | (static_cast<unsigned char>(text[i + static_cast<size_t>(k)]) & 0x3F);
    out.push_back(c);
    i += static_cast<size_t>(more) + 1;
  }
  return out;
}

bool is_name_like(std::string_view text) {
  return text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

Value str_constant(Thread& t, std::string_view text) {
  if (has_surrogates(text)) {
    std::u32string wide = decode(text);
    return str_value(make_str_wide(t, wide.data(), wide.size()));
  }
  return str_value(is_name_like(text) ? intern(t, text) : make_str(t, text));
}

uint64_t bit_length(Value v) {
  return is_integer(v) ? std::max<uint64_t>(int_magnitude_bits(v), 1) : 1;
}

// Would folding this make a constant much larger than its operands? The limits are CPython's.
bool is_too_large_to_fold(Operator op, Value left, Value right) {
  auto length = [](Value v) -> uint64_t {
    if (is_kind(v, Kind::Str)) return as<Str>(v)->length;
    if (is_kind(v, Kind::Bytes)) return as<Bytes>(v)->length;
    if (is_kind(v, Kind::Tuple)) return as<mini::Tuple>(v)->length * 16;
    return 0;
  };
  switch (op) {
    case Operator::Mult: {
      if (is_integer(left) && is_integer(right)) return bit_length(left) + bit_length(right) > 128;
      Value count = is_integer(left) ? left : right;
      uint64_t size = std::max(length(left), length(right));
      if (!size || !count.is_int()) return is_kind(count, Kind::Int);
      return count.integer > 0 && static_cast<uint64_t>(count.integer) > 4096 / size;
    }
    case Operator::Pow:
      if (!is_integer(left) || !is_integer(right)) return false;
      return !right.is_int() || (right.integer > 0 && bit_length(left) > 128 / static_cast<uint64_t>(right.integer));
    case Operator::LShift:
      return is_integer(right) && (!right.is_int() || (right.integer > 0 && (right.integer > 128 || bit_length(left) > 128 - static_cast<uint64_t>(right.integer))));
    case Operator::Mod: return is_kind(left, Kind::Str) || is_kind(left, Kind::Bytes);
    default: return false;
  }
}

}  // namespace

Value UnitCompiler::literal(const Constant* e) {
  switch (e->constant) {
    case ConstantKind::None: return Value::none();
    case ConstantKind::True: return Value::of_bool(true);
    case ConstantKind::False: return Value::of_bool(false);
    case ConstantKind::Ellipsis: return t_.interpreter->ellipsis;
    case ConstantKind::Int: return Value::of_int(e->integer);
    case ConstantKind::Float: return Value::of_float(e->number);
    default: break;
  }
  const char* prefix = e->constant == ConstantKind::Str ? "s" : e->constant == ConstantKind::Bytes ? "b" : "i";
  std::string key = fmt::format("{}{}:{}", prefix, e->base, e->text.view());
  auto [it, is_new] = c_.texts.emplace(std::move(key), Value::none());
  if (!is_new) return it->second;
  Value v;
  if (e->constant == ConstantKind::Str) v = str_constant(t_, e->text.view());
  else if (e->constant == ConstantKind::Bytes) v = Value::of_object(make_bytes(t_, e->text.view()));
  else v = parse_int(t_, e->text.view(), e->base);
  if (v.is_raised()) {
    Value exception = take_exception(t_);
    Str* text = to_str(t_, exception);
    error(e->span, text ? to_utf8(text) : "integer literal too large");
    v = Value::of_int(0);
  }
  return it->second = v;
}

bool UnitCompiler::constant(const Expr* e, Value& out) {
  switch (e->kind) {
    case ExprKind::Constant: out = literal(as<Constant>(e)); return true;
    case ExprKind::Name:
      if (as<Name>(e)->id.view() != "__debug__") return false;
      out = Value::of_bool(true);
      return true;
    case ExprKind::UnaryOp: return constant_unary(as<ast::UnaryOp>(e), out);
    case ExprKind::BinOp: return constant_binary(as<BinOp>(e), out);
    case ExprKind::Tuple: return constant_tuple(as<ast::Tuple>(e)->elts, out);
    default: return false;
  }
}

bool UnitCompiler::constant_unary(const ast::UnaryOp* e, Value& out) {
  Value operand;
  if (!constant(e->operand, operand)) return false;
  Value result = Value::none();
  switch (e->op) {
    case UnaryOperator::Not: {
      result = truth(t_, operand);
      if (result.is_bool()) result = Value::of_bool(!result.integer);
      break;
    }
    case UnaryOperator::USub: result = unary_operation(t_, mini::UnaryOp::Neg, operand); break;
    case UnaryOperator::UAdd: result = unary_operation(t_, mini::UnaryOp::Pos, operand); break;
    case UnaryOperator::Invert: result = unary_operation(t_, mini::UnaryOp::Invert, operand); break;
  }
  if (result.is_raised()) {
    (void)take_exception(t_);
    return false;
  }
  out = result;
  return true;
}

bool UnitCompiler::constant_binary(const BinOp* e, Value& out) {
  Value left, right;
  if (!constant(e->right, right) || !constant(e->left, left)) return false;
  if (is_too_large_to_fold(e->op, left, right)) return false;
  Value result = binary_operation(t_, codes_of(e->op).operation, left, right);
  if (result.is_raised()) {
    (void)take_exception(t_);
    return false;
  }
  out = result;
  return true;
}

bool UnitCompiler::constant_tuple(Seq<Expr*> items, Value& out) {
  std::vector<Value> values(items.count);
  for (uint32_t i = 0; i < items.count; ++i)
    if (!constant(items[i], values[i])) return false;
  std::string key = "t:";
  for (Value v : values) key += fmt::format("{}.{};", static_cast<uint64_t>(v.tag), v.bits);
  auto [it, is_new] = c_.texts.emplace(std::move(key), Value::none());
  if (is_new) it->second = Value::of_object(make_tuple(t_, values.data(), values.size()));
  out = it->second;
  return true;
}

bool UnitCompiler::small_int(const Expr* e, int32_t& out) {
  if (!is<Constant>(e) && !is<ast::UnaryOp>(e) && !is<BinOp>(e)) return false;
  Value v;
  if (!constant(e, v) || !v.is_int() || v.integer < INT16_MIN || v.integer > INT16_MAX) return false;
  out = static_cast<int32_t>(v.integer);
  return true;
}

bool UnitCompiler::constant_truth(const Expr* e, bool& out) {
  Value v;
  if (!constant(e, v)) return false;
  out = truth(t_, v).is_true();
  return true;
}

}  // namespace mini
