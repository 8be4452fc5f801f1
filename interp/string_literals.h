// SPDX-License-Identifier: MIT
#pragma once

// What stands between the quotes of a string literal: taking a token apart and decoding its escapes.

#include <string>
#include <string_view>

#include "interp/diagnostics.h"

namespace mini {

// One STRING token taken apart. `body` is the span between the quotes.
struct StringLiteral {
  bool is_raw = false;
  bool is_bytes = false;
  bool is_format = false;
  bool has_u_prefix = false;
  Span token = {};
  Span body = {};
};

StringLiteral split_string_literal(const Source& source, Span token);

// Appends the meaning of `body` to `out`: as UTF-8, where a lone surrogate becomes its three generalised UTF-8 bytes. Errors
// point at `token`. False after an error.
bool decode_string(std::string_view body, bool is_raw, Span token, std::string& out, Diagnostics& diagnostics);
bool decode_bytes(std::string_view body, bool is_raw, Span token, std::string& out, Diagnostics& diagnostics);

}  // namespace mini
