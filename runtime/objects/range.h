// SPDX-License-Identifier: MIT
// range and slice. A range keeps 64-bit bounds; one with larger bounds keeps BigInts and takes slow paths.
#pragma once

#include "runtime/object.h"

namespace mini {

struct Range : Object {
  int64_t start, stop, step, length;    // valid when !is_big
  Value big_start, big_stop, big_step;  // valid when is_big
  bool is_big;
};

struct Slice : Object {
  Value start, stop, step;
};

extern const Layout range_layout, slice_layout;

Value make_slice(Thread& t, Value start, Value stop, Value step);
// The bounds of a slice, before they are fitted to a length: may run __index__. False after raising.
bool slice_unpack(Thread& t, const Slice* s, int64_t& start, int64_t& stop, int64_t& step);
// Fits unpacked bounds to a length; gives the number of items.
int64_t slice_adjust(int64_t length, int64_t& start, int64_t& stop, int64_t step);
// slice.indices for a sequence of this length, both steps in one: for sequences whose length cannot change. False after raising.
bool slice_indices(Thread& t, const Slice* s, int64_t length, int64_t& start, int64_t& stop, int64_t& step, int64_t& count);

}  // namespace mini
