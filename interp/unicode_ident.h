// SPDX-License-Identifier: MIT
#pragma once

// Which characters an identifier may hold, and its normal form: XID_Start, XID_Continue and NFKC, as Python uses them.

#include <cstdint>
#include <string>
#include <string_view>

namespace mini {

bool is_identifier_start(int32_t code_point);
bool is_identifier_continue(int32_t code_point);

// How many bytes at the front of `utf8` form an identifier; less than the whole when a character does not belong.
size_t identifier_length(std::string_view utf8);

// The NFKC form, under which names are compared.
std::string normalize_identifier(std::string_view utf8);

// The character at the front of valid UTF-8, and how many bytes it takes.
int32_t decode_character(std::string_view utf8, size_t& length);

bool is_printable(int32_t code_point);

}  // namespace mini
