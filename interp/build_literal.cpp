// SPDX-License-Identifier: MIT
//
// The part of AstBuilder that gives literals their values.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "interp/ast_builder.h"
#include "interp/fstring.h"
#include "interp/string_literals.h"

namespace mini {

using namespace ast;

namespace {

constexpr size_t kMaxDecimalDigits = 4300;  // CPython's limit: reading more takes quadratic time

std::string without_underscores(std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (c != '_') digits += c;
  }
  return digits;
}

uint8_t base_of(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  switch (digits[1] | 0x20) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 10;
  }
}

double parse_float(const std::string& digits) {
  double value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) return std::strtod(digits.c_str(), nullptr);
  return value;
}

}  // namespace

Operand AstBuilder::constant(const Token* token, ConstantKind kind) { return whole(string_constant(token->span, kind, {}, false)); }

Constant* AstBuilder::string_constant(Span span, ConstantKind kind, std::string_view value, bool has_u_prefix) {
  Constant node = {{ExprKind::Constant, false, 1, span}, kind, 0, has_u_prefix, {0}, arena_.text(value)};
  return arena_.make(node);
}

Operand AstBuilder::number(const Token* token) {
  std::string digits = without_underscores(text_of(token));
  Constant* node = string_constant(token->span, ConstantKind::Int, {}, false);
  uint8_t base = base_of(digits);
  if (base == 10 && digits.find_first_of(".eE") != std::string::npos) {
    node->constant = ConstantKind::Float;
    node->number = parse_float(digits);
    return whole(node);
  }
  std::string_view plain = std::string_view(digits).substr(base == 10 ? 0 : 2);
  plain.remove_prefix(std::min(plain.find_first_not_of('0'), plain.size() - 1));
  auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), node->integer, base);
  if (error == std::errc()) return whole(node);
  if (base == 10 && plain.size() > kMaxDecimalDigits) {
    fail(token->span, "Exceeds the limit (4300 digits) for integer string conversion: value has " + std::to_string(plain.size()) +
                          " digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer "
                          "literals to avoid decimal conversion limits.");
  }
  node->constant = ConstantKind::BigInt;
  node->base = base;
  node->text = arena_.text(plain);
  return whole(node);
}

Operand AstBuilder::strings(StringRun run) {
  Span span = {run.first->span.begin, run.first[run.count - 1].span.end};
  std::vector<StringLiteral> literals;
  bool has_format = false, has_bytes = false, has_text = false;
  for (uint32_t i = 0; i < run.count; ++i) {
    literals.push_back(split_string_literal(source_, run.first[i].span));
    has_format = has_format || literals.back().is_format;
    (literals.back().is_bytes ? has_bytes : has_text) = true;
  }
  if (has_bytes && has_text) fail_mixed(literals, span);
  bool has_u_prefix = literals.front().has_u_prefix;
  if (has_format) return whole(read_fstring(*this, literals, span));
  std::string value;
  for (const StringLiteral& literal : literals) {
    auto decode = literal.is_bytes ? decode_bytes : decode_string;
    if (!decode(source_.text_of(literal.body), literal.is_raw, literal.token, value, diagnostics_)) break;
  }
  return whole(string_constant(span, has_bytes ? ConstantKind::Bytes : ConstantKind::Str, value, has_u_prefix));
}

// The literals before the first of the other sort are read first, as CPython does: they may have mistakes of their own.
void AstBuilder::fail_mixed(std::vector<StringLiteral>& literals, Span span) {
  auto other = std::find_if(literals.begin(), literals.end(), [&](const StringLiteral& literal) { return literal.is_bytes != literals[0].is_bytes; });
  std::vector<StringLiteral> alike(literals.begin(), other);
  std::string ignored;
  auto decode = [&](const StringLiteral& literal) {
    auto read = literal.is_bytes ? decode_bytes : decode_string;
    read(source_.text_of(literal.body), literal.is_raw, literal.token, ignored, diagnostics_);
  };
  if (alike[0].is_bytes) std::for_each(alike.begin(), alike.end(), decode);
  else read_fstring(*this, alike, span);
  if (!other->is_format) decode(*other);
  fail(span, "cannot mix bytes and nonbytes literals");
}

Expr* AstBuilder::formatted_value(Span span, Operand value, Conversion conversion, Expr* format_spec) {
  uint32_t depth = std::max(depth_of(value.node), depth_of(format_spec));
  return make_expr<FormattedValue>(span, depth, value.node, conversion, format_spec);
}

Expr* AstBuilder::joined_string(Span span, const std::vector<Expr*>& values) {
  uint32_t depth = 0;
  for (const Expr* value : values) depth = std::max(depth, depth_of(value));
  return make_expr<JoinedStr>(span, depth, arena_.copy(values));
}

}  // namespace mini
