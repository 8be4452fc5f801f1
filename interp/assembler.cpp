// SPDX-License-Identifier: MIT
// See assembler.h. A 16-bit jump that does not reach its target becomes three instructions,
//
//     JUMP_IF_LT a, b, +1      (its plain, forward form)
//     JUMP +1
//     JUMP target              (or JUMP_BACK, which serves attention)
//
// so no opcode needs an inverse. Rewriting moves code apart, so places are computed again until nothing changes.

#include "interp/assembler.h"

#include <algorithm>


namespace mini {

namespace {

constexpr uint32_t kNone = ~0u;
constexpr uint32_t kManyCaches = 60000;

bool has_short_jump(Op op) { return op_info(op).c == Operand::J; }

// The form of a loop jump that goes forward.
Op forward_form(Op op) {
  switch (op) {
#define MINI_FORM(name) case Op::LOOP_IF_##name: return Op::JUMP_IF_##name;
    MINI_FORM(TRUE) MINI_FORM(FALSE)
    MINI_FORM(LT) MINI_FORM(LE) MINI_FORM(EQ) MINI_FORM(NE) MINI_FORM(GT) MINI_FORM(GE)
    MINI_FORM(LT_INT) MINI_FORM(LE_INT) MINI_FORM(EQ_INT) MINI_FORM(NE_INT) MINI_FORM(GT_INT) MINI_FORM(GE_INT)
#undef MINI_FORM
    default: return op;
  }
}

}  // namespace

void Assembler::emit(Op op, Span span, uint32_t a, uint32_t b, uint32_t c, uint8_t x) {
  items_.push_back({op, x, false, a, b, c, kNone, span});
}

void Assembler::emit_jump(Op op, Span span, Label target, uint32_t a, uint32_t b, uint8_t x) {
  items_.push_back({op, x, false, a, b, 0, target.number, span});
}

void Assembler::emit_prologue(Op op, Span span, uint32_t a) { prologue_.push_back({op, 0, false, a, 0, 0, kNone, span}); }

Label Assembler::make_label() {
  labels_.push_back(kNone);
  return {static_cast<uint32_t>(labels_.size() - 1)};
}

void Assembler::bind(Label label) { labels_[label.number] = position(); }

void Assembler::close(Region& region) {
  if (region.open_at != kNone && region.open_at < position()) region.segments.push_back({region.open_at, position()});
  region.open_at = kNone;
}

void Assembler::record(const Region& region) {
  if (can_raise(region)) regions_.push_back(region);
}

bool Assembler::can_raise(const Region& region) const {
  for (auto [begin, end] : region.segments)
    for (uint32_t i = begin; i < end; ++i)
      if (op_info(items_[i].op).flags & kOpRaises) return true;
  return false;
}

uint32_t Assembler::constant(const std::string& key, Value value) {
  if (!key.empty()) {
    auto [it, is_new] = constant_numbers_.emplace(key, static_cast<uint32_t>(constants_.size()));
    if (!is_new) return it->second;
  }
  constants_.push_back(value);
  return static_cast<uint32_t>(constants_.size() - 1);
}

uint32_t Assembler::name_constant(Str* name) {
  auto [it, is_new] = name_numbers_.emplace(name, static_cast<uint32_t>(constants_.size()));
  if (is_new) constants_.push_back(Value::of_object(reinterpret_cast<Object*>(name)));
  return it->second;
}

uint32_t Assembler::cache(Str* name, bool shared, uint8_t sort) {
  InlineCache fresh{};
  fresh.name = name;
  if (!shared && caches_.size() < kManyCaches) {
    caches_.push_back(fresh);
    return static_cast<uint32_t>(caches_.size() - 1);
  }
  uint64_t key = reinterpret_cast<uint64_t>(name) * 8 + sort;
  auto [it, is_new] = shared_caches_.emplace(key, static_cast<uint32_t>(caches_.size()));
  if (is_new) caches_.push_back(fresh);
  return it->second;
}

// A jump to a JUMP goes to where that one goes.
void Assembler::thread_jumps() {
  for (Item& item : items_) {
    if (item.label == kNone || (op_info(item.op).flags & kOpJumps) == 0) continue;
    for (int hops = 0; hops < 8; ++hops) {
      uint32_t target = labels_[item.label];
      if (target >= items_.size() || items_[target].op != Op::JUMP || items_[target].label == item.label) break;
      // Only forward jumps: the way back is left to instructions that serve attention.
      if (&items_[target] < &item) break;
      item.label = items_[target].label;
    }
  }
}

void Assembler::place() {
  positions_.assign(items_.size() + 1, 0);
  for (bool has_changed = true; has_changed;) {
    uint32_t position = 0;
    for (size_t i = 0; i < items_.size(); ++i) {
      positions_[i] = position;
      position += items_[i].is_long ? 3 : 1;
    }
    positions_[items_.size()] = position;
    has_changed = false;
    for (size_t i = 0; i < items_.size(); ++i) {
      Item& item = items_[i];
      if (item.is_long || item.label == kNone || !has_short_jump(item.op)) continue;
      int64_t distance = int64_t(positions_[labels_[item.label]]) - (int64_t(positions_[i]) + 1);
      if (distance >= INT16_MIN && distance <= INT16_MAX) continue;
      item.is_long = true;
      has_changed = true;
    }
  }
}

bool Assembler::encode_operand(Operand kind, uint32_t value, uint16_t& out) {
  if (kind == Operand::None) return true;
  if (is_register(kind)) {
    if (value >= kMaxRegisters) return false;
    out = static_cast<uint16_t>(value * kRegisterScale);
    return true;
  }
  if (kind == Operand::IMM || kind == Operand::J) {
    int32_t number = static_cast<int32_t>(value);
    if (number < INT16_MIN || number > INT16_MAX) return false;
    out = static_cast<uint16_t>(number);
    return true;
  }
  out = static_cast<uint16_t>(value);
  return value <= UINT16_MAX;
}

bool Assembler::encode(const Item& item, Code& code) {
  const OpInfo& info = op_info(item.op);
  Instruction instruction{};
  instruction.op = static_cast<uint8_t>(item.op);
  instruction.x = item.x;
  uint16_t operand = 0;
  if (!encode_operand(info.a, item.a, operand)) return false;
  instruction.a = operand;
  int32_t here = static_cast<int32_t>(code.instructions.size());
  int32_t distance = item.label == kNone ? 0 : static_cast<int32_t>(positions_[labels_[item.label]]) - (here + 1);
  if (info.b >= Operand::WIDE_K) {
    instruction.wide = info.b == Operand::WIDE_J ? static_cast<uint32_t>(distance) : item.b;
    code.instructions.push_back(instruction);
    return true;
  }
  operand = 0;
  if (!encode_operand(info.b, item.b, operand)) return false;
  instruction.b = operand;
  operand = 0;
  uint32_t last = info.c == Operand::J ? static_cast<uint32_t>(item.is_long ? 1 : distance) : item.c;
  if (!encode_operand(info.c, last, operand)) return false;
  instruction.c = operand;
  if (!item.is_long) {
    code.instructions.push_back(instruction);
    return true;
  }
  instruction.op = static_cast<uint8_t>(forward_form(item.op));
  Instruction skip{}, jump{};
  skip.op = static_cast<uint8_t>(Op::JUMP);
  skip.signed_wide = 1;
  jump.signed_wide = distance - 2;
  jump.op = static_cast<uint8_t>(jump.signed_wide < 0 ? Op::JUMP_BACK : Op::JUMP);
  code.instructions.insert(code.instructions.end(), {instruction, skip, jump});
  return true;
}

SourceRange Assembler::range_of(Span span) {
  LineRange lines = source_.range(span, checked_line_);
  auto column = [&](uint32_t line, uint32_t bytes) -> uint16_t {
    if (line != checked_line_) {
      checked_line_ = line;
      std::string_view text = source_.line_text(line);
      is_ascii_line_ = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
    }
    if (bytes > 4 * 65535) return 65535;
    if (!is_ascii_line_) bytes = count_characters(source_.line_text(line).substr(0, bytes));
    return static_cast<uint16_t>(std::min(bytes, 65535u));
  };
  return {lines.line, lines.end_line, column(lines.line, lines.column), column(lines.end_line, lines.end_column)};
}

void Assembler::place_inline_ranges(Code& code, uint32_t shift) {
  for (const InlineRange& items : inline_ranges_) {
    InlineRange range = {positions_[items.begin + shift], positions_[items.end + shift], positions_[items.call + shift], items.constant};
    Code* shown = as<Code>(constants_[items.constant]);
    shown->ranges.assign(code.ranges.begin() + range.begin, code.ranges.begin() + range.end);
    shown->instructions.resize(shown->ranges.size(), {static_cast<uint8_t>(Op::RETURN_NONE), 0, 0, {{0, 0}}});
    code.inline_ranges.push_back(range);
  }
  std::sort(code.inline_ranges.begin(), code.inline_ranges.end(), [](const InlineRange& left, const InlineRange& right) {
    return left.begin != right.begin ? left.begin < right.begin : left.end > right.end;
  });
}

bool Assembler::finish(Code& code) {
  uint32_t shift = static_cast<uint32_t>(prologue_.size());
  items_.insert(items_.begin(), prologue_.begin(), prologue_.end());
  for (uint32_t& label : labels_)
    if (label != kNone) label += shift;
  thread_jumps();
  place();
  Span last_span{kNone, kNone};
  SourceRange last_range{};
  code.instructions.reserve(positions_.back());
  code.ranges.reserve(positions_.back());
  for (const Item& item : items_) {
    if (!encode(item, code)) return false;
    if (item.span.begin != last_span.begin || item.span.end != last_span.end) {
      last_span = item.span;
      last_range = range_of(item.span);
    }
    code.ranges.resize(code.instructions.size(), last_range);
  }
  for (const Region& region : regions_)
    for (auto [begin, end] : region.segments)
      code.handlers.push_back({positions_[begin + shift], positions_[end + shift], positions_[labels_[region.handler.number]],
                               region.exception_register});
  place_inline_ranges(code, shift);
  if (caches_.size() > 65536) return false;
  code.constants = std::move(constants_);
  code.caches = std::move(caches_);
  return true;
}

}  // namespace mini
