// SPDX-License-Identifier: MIT
// The format specification mini-language: [[fill]align][sign][z][#][0][width][grouping][.precision][type].
#pragma once

#include <string>

#include "runtime/objects/str.h"

namespace mini {

struct FormatSpec {
  char32_t fill = ' ';
  char align = 0;            // '<' '>' '=' '^'
  char sign = 0;             // '+' '-' ' ' or 0
  bool no_negative_zero = false;
  bool alternate = false;
  int64_t width = -1;
  char grouping = 0;         // ',' '_' or 0
  int64_t precision = -1;
  char32_t type = 0;         // 0: none given
};

// A number ready for padding: sign, prefix, whole digits (grouped later), and the rest.
struct NumberParts {
  bool is_negative = false;
  std::string_view prefix, digits, rest;   // ASCII
};

// format(self, spec) for the values of one type; subclasses too. `spec` is not empty.
Value format_str_value(Thread& t, Value self, Str* spec);
Value format_int_value(Thread& t, Value self, Str* spec);
Value format_float_value(Thread& t, Value self, Str* spec);

// The decimal number in s[position:...]: advances `position`. -1: no digits; -2: too large.
int64_t read_spec_number(const Str* s, size_t& position, size_t end);

}  // namespace mini
