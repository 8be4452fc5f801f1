// SPDX-License-Identifier: MIT
// Names of characters: what `\N{...}` and unicodedata know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mini {

// The character of a name or alias, without regard to case; -1: there is none.
int32_t unicode_find_name(std::string_view name);
// The characters of a name in upper case that stands for several, or of an alias; empty: there is none.
std::u32string unicode_find_sequence(std::string_view name);
// The name of a character; empty: it has none.
std::string unicode_name(char32_t c);

}  // namespace mini
