// SPDX-License-Identifier: MIT
// Which characters Python's IGNORECASE takes for equal.
#pragma once

#include <vector>

namespace mini {

// All characters that equal `c` without regard to case, `c` included, in ascending order.
std::vector<char32_t> case_variants(char32_t c);
// Calls for each character of [first, last] that has other variants, in ascending order.
void for_each_cased(char32_t first, char32_t last, void (*visit)(char32_t c, void* context), void* context);

}  // namespace mini
