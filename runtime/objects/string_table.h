// SPDX-License-Identifier: MIT
// The table of interned strings of one interpreter: open addressing, linear probes, at most two thirds full.
//
// Interned strings live as long as the interpreter: the heap calls `trace` as a root. Entries are found by text, so
// looking a name up from a string_view allocates nothing when it is already there. GIL held.
#pragma once

#include <string_view>
#include <vector>

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/str.h"

namespace mini {

struct Interpreter::StringTable {
  std::vector<Str*> places = std::vector<Str*>(1024);
  size_t count = 0;

  // The place of an equal string, or the free place where it belongs.
  Str** find(uint64_t hash, const Str* s);
  Str** find_ascii(uint64_t hash, std::string_view ascii);
  void insert(Str** place, Str* s);
  void grow();
  std::vector<Str*> young;   // put in since the last collection
  void trace(Marker& marker) {
    for (Str* s : marker.is_small() ? young : places) marker.mark(s);
    young.clear();
  }
};

}  // namespace mini
