// SPDX-License-Identifier: MIT
// Assembler: gathers one unit's instructions, constants, inline caches, labels and protected regions, and finally encodes
// them into a Code.
//
// Operands are given plain here (register numbers, not byte offsets; a label instead of a distance). finish() resolves
// labels, threads jumps to jumps, rewrites 16-bit jumps that do not reach, scales registers and turns spans into
// line ranges. The code must not exist while script code runs: constants lie in plain vectors, so the caller has the
// heap disabled.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "interp/opcode.h"
#include "interp/source.h"
#include "runtime/code.h"

namespace mini {

// A place in the code that jumps name before or after it is known.
struct Label {
  uint32_t number = ~0u;
};

// Instructions that an exception handler protects; it may have holes where clean-up code of the handler itself stands.
struct Region {
  Label handler;
  uint32_t exception_register = 0;
  std::vector<std::pair<uint32_t, uint32_t>> segments;
  uint32_t open_at = ~0u;   // start of the running segment, or ~0
};

class Assembler {
 public:
  explicit Assembler(const Source& source) : source_(source) {}

  // Operands in the order of opcodes.def; a WIDE_ operand is `b`. IMM operands are given as their int's bits.
  void emit(Op op, Span span, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0, uint8_t x = 0);
  // For opcodes with a J or WIDE_J operand; `b` is the middle operand of those with 16-bit jumps.
  void emit_jump(Op op, Span span, Label target, uint32_t a = 0, uint32_t b = 0, uint8_t x = 0);
  // Instructions in front of everything else, in this order.
  void emit_prologue(Op op, Span span, uint32_t a = 0);

  Label make_label();
  void bind(Label label);

  void open(Region& region) { region.open_at = position(); }
  void close(Region& region);
  // Records a region, unless nothing in it can raise; inner regions are recorded before outer ones.
  void record(const Region& region);
  // Can anything in the region raise?
  bool can_raise(const Region& region) const;

  // The items [begin, end) show as a call, made by the item `call`, in tracebacks; the constant is the Code that is shown.
  void add_inline_range(uint32_t begin, uint32_t end, uint32_t call, uint32_t constant) { inline_ranges_.push_back({begin, end, call, constant}); }

  // `key` makes equal constants one; an empty key is always new.
  uint32_t constant(const std::string& key, Value value);
  Value constant_at(uint32_t index) const { return constants_[index]; }
  uint32_t name_constant(Str* name);
  // A new cache entry, or, `shared`, the one for this name and `sort`. When a unit has very many, all are shared.
  uint32_t cache(Str* name, bool shared, uint8_t sort);

  uint32_t position() const { return static_cast<uint32_t>(items_.size()); }
  // Encodes everything into `code` (instructions, constants, caches, ranges, handlers). False when an operand does not fit.
  bool finish(Code& code);

 private:
  struct Item {
    Op op;
    uint8_t x;
    bool is_long;      // a 16-bit jump that goes through a wide one
    uint32_t a, b, c;
    uint32_t label;    // ~0: none
    Span span;
  };

  void thread_jumps();
  void place_inline_ranges(Code& code, uint32_t shift);
  void place();
  bool encode(const Item& item, Code& code);
  bool encode_operand(Operand kind, uint32_t value, uint16_t& out);
  SourceRange range_of(Span span);

  const Source& source_;
  std::vector<Item> items_, prologue_;
  std::vector<uint32_t> labels_;      // item numbers
  std::vector<uint32_t> positions_;   // instruction number of each item, and of the end
  std::vector<Region> regions_;
  std::vector<InlineRange> inline_ranges_;   // in items
  std::vector<Value> constants_;
  std::vector<InlineCache> caches_;
  std::unordered_map<std::string, uint32_t> constant_numbers_;
  std::unordered_map<Str*, uint32_t> name_numbers_;
  std::unordered_map<uint64_t, uint32_t> shared_caches_;
  uint32_t checked_line_ = 0;         // is_ascii_line_ tells about this line
  bool is_ascii_line_ = false;
};

}  // namespace mini
