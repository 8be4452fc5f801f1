// SPDX-License-Identifier: MIT
// Code objects on the wire: everything in runtime/code.h but what inline caches have learnt. Instructions travel as they are,
// so both sides must have the same opcodes: the fingerprint of opcodes.def is part of every Code.
#pragma once

#include "runtime/code.h"
#include "runtime/exec/wire_format.h"
#include "runtime/heap.h"

namespace mini {

// Appends the plain part of `code` to `out`, and to `values` what the caller must write behind it: names and constants.
void code_to_wire(const Code* code, WireOut& out, ValueList& values);

// The reverse: reads the plain part and says how many values follow; then `finish` takes them. False after raising.
class CodeReader {
 public:
  CodeReader(Thread& t, WireIn& in) : t_(t), in_(in) {}
  bool read_plain();
  size_t value_count() const { return value_count_; }
  Code* finish(ValueList& values);        // null after raising: the code is checked before anyone can run it

 private:
  bool bad(const char* what);
  Thread& t_;
  WireIn& in_;
  Code* code_ = nullptr;
  size_t value_count_ = 0;
  size_t constants_ = 0, caches_ = 0, variables_ = 0, cells_ = 0, frees_ = 0;
};

// Names that `code` and the code nested in it read from their globals, as Strs, each once.
void collect_global_names(const Code* code, ValueList& out);

}  // namespace mini
