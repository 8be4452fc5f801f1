// SPDX-License-Identifier: MIT
// Division of big integers of a few dozen digits, where LibTomMath's own spends most of its time on temporaries.
#pragma once

#include <tommath.h>

namespace mini {

// As mp_div: the quotient is rounded towards zero, the remainder has the sign of `a`. `b` is not zero; results and operands are
// different numbers.
mp_err divide_numbers(const mp_int* a, const mp_int* b, mp_int* quotient, mp_int* remainder);

}  // namespace mini
