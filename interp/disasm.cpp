// SPDX-License-Identifier: MIT
// See disasm.h. Operands are printed by their kinds in opcodes.def: registers by the name of the local that lives in
// them or as r5, constants as their value, names and caches as the name, jumps as `-> 12`.

#include "interp/disasm.h"

#include <fmt/core.h>

#include "interp/opcode.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {

namespace {

std::string quoted(const Str* s) {
  std::string out = "'";
  for (char c : to_utf8(s)) {
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '\'' || c == '\\') out += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 32) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else out += c;
    if (out.size() > 60) return out + "'...";
  }
  return out + "'";
}

// A constant, written without calling anything: no thread is needed.
std::string constant_text(Value v) {
  switch (v.tag) {
    case Tag::Int: return fmt::format("{}", v.integer);
    case Tag::Float: return double_repr(v.number);
    case Tag::Bool: return v.integer ? "True" : "False";
    case Tag::None: return "None";
    case Tag::Object: break;
    default: return "?";
  }
  switch (v.object->kind) {
    case Kind::Str: return quoted(as<Str>(v));
    case Kind::Int: return int_to_text(v);
    case Kind::Code: return fmt::format("<code {}>", to_utf8(as<Code>(v)->qualified_name));
    case Kind::Bytes: return fmt::format("<{} bytes>", as<Bytes>(v)->length);
    case Kind::Tuple: {
      auto* tuple = as<Tuple>(v);
      std::string out = "(";
      for (uint64_t i = 0; i < tuple->length; ++i) {
        out += (i ? ", " : "") + constant_text(tuple->items[i]);
        if (out.size() > 80) return out + " ...)";
      }
      return out + (tuple->length == 1 ? ",)" : ")");
    }
    case Kind::FrozenSet: return "<frozenset>";
    default: return "<constant>";
  }
}

std::string register_text(const Code& code, uint32_t number) {
  if (number < code.variable_names.size()) return to_utf8(code.variable_names[number]);
  return fmt::format("r{}", number);
}

std::string name_text(const Code& code, uint32_t number) {
  if (number >= code.constants.size() || !is_kind(code.constants[number], Kind::Str)) return "?";
  return to_utf8(as<Str>(code.constants[number]));
}

std::string operand_text(const Code& code, Operand kind, uint32_t value, int64_t next) {
  switch (kind) {
    case Operand::None: return "";
    case Operand::W: case Operand::R: case Operand::RW: case Operand::FIRST: return register_text(code, value / kRegisterScale);
    case Operand::K: case Operand::WIDE_K: return value < code.constants.size() ? constant_text(code.constants[value]) : "?";
    case Operand::N: case Operand::WIDE_N: return name_text(code, value);
    case Operand::CACHE: return value < code.caches.size() && code.caches[value].name ? to_utf8(code.caches[value].name) : "?";
    case Operand::COUNT: return fmt::format("{}", value);
    case Operand::IMM: return fmt::format("{}", static_cast<int16_t>(value));
    case Operand::WIDE_IMM: return fmt::format("{}", static_cast<int32_t>(value));
    case Operand::J: return fmt::format("-> {}", next + static_cast<int16_t>(value));
    case Operand::WIDE_J: return fmt::format("-> {}", next + static_cast<int32_t>(value));
  }
  return "";
}

// "a, b, /, c, *args, d, **kw" from the registers' names.
std::string parameters_text(const Code& code) {
  std::string out;
  auto add = [&](std::string text) { out += (out.empty() ? "" : ", ") + text; };
  auto name = [&](uint32_t i) { return i < code.variable_names.size() ? to_utf8(code.variable_names[i]) : "?"; };
  bool has_star = code.code_flags & kCodeVarArgs;
  uint32_t keywords_end = code.positional_count + code.keyword_only_count;
  for (uint32_t i = 0; i < code.positional_count; ++i) {
    add(name(i));
    if (i + 1 == code.positional_only_count) add("/");
  }
  if (has_star) add("*" + name(keywords_end));
  else if (code.keyword_only_count) add("*");
  for (uint32_t i = code.positional_count; i < keywords_end; ++i) add(name(i));
  if (code.code_flags & kCodeVarKeywords) add("**" + name(keywords_end + has_star));
  return out;
}

std::string flags_text(uint32_t flags) {
  static constexpr std::pair<uint32_t, const char*> kNames[] = {
      {kCodeGenerator, "generator"}, {kCodeCoroutine, "coroutine"}, {kCodeAsyncGenerator, "async generator"},
      {kCodeUsesNamespace, "namespace"}, {kCodeIsModule, "module"}, {kCodeSimple, "simple"}, {kCodeNested, "nested"}};
  std::string out;
  for (auto [flag, name] : kNames)
    if (flags & flag) out += std::string(", ") + name;
  return out;
}

void names_line(const char* title, const std::vector<Str*>& names, std::string& out) {
  if (names.empty()) return;
  out += fmt::format("  {}:", title);
  for (Str* name : names) out += " " + to_utf8(name);
  out += '\n';
}

void disassemble_one(const Code& code, std::string& out) {
  out += fmt::format("code {}({}), line {}: {} registers{}\n", to_utf8(code.qualified_name), parameters_text(code), code.first_line,
                     code.register_count, flags_text(code.code_flags));
  names_line("cells", code.cell_names, out);
  names_line("free", code.free_names, out);
  uint32_t line = 0;
  for (uint32_t i = 0; i < code.instructions.size(); ++i) {
    uint32_t own_line = i < code.ranges.size() ? code.ranges[i].line : 0;
    std::string line_text = own_line != line ? fmt::format("{}", own_line) : "";
    line = own_line;
    out += fmt::format("{:>5} {:>5}  {}\n", line_text, i, disassemble_instruction(code, i));
  }
  for (const ExceptionRange& range : code.handlers)
    out += fmt::format("  {}..{} -> {}, exception in {}\n", range.begin, range.end, range.handler, register_text(code, range.exception_register));
}

}  // namespace

std::string disassemble_instruction(const Code& code, uint32_t index) {
  const Instruction& i = code.instructions[index];
  if (i.op >= kOpCount) return fmt::format("opcode {}", i.op);
  const OpInfo& info = op_info(static_cast<Op>(i.op));
  int64_t next = static_cast<int64_t>(index) + 1;
  std::string out = info.name;
  bool is_first = true;
  auto add = [&](Operand kind, uint32_t value) {
    std::string text = operand_text(code, kind, value, next);
    if (text.empty()) return;
    out += (is_first ? " " : ", ") + text;
    is_first = false;
  };
  add(info.a, i.a);
  if (info.b >= Operand::WIDE_K) {
    add(info.b, i.wide);
  } else {
    add(info.b, i.b);
    add(info.c, i.c);
  }
  if (i.x) out += fmt::format(" x={}", i.x);
  return out;
}

std::string disassemble(const Code& code, bool with_nested) {
  std::string out;
  disassemble_one(code, out);
  if (!with_nested) return out;
  for (Value v : code.constants)
    if (is_kind(v, Kind::Code) && !(as<Code>(v)->code_flags & kCodeInline)) out += "\n" + disassemble(*as<Code>(v));
  return out;
}

}  // namespace mini
