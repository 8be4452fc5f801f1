// SPDX-License-Identifier: MIT
// The views that dict.keys(), values() and items() give, and dict iterators.
#pragma once

#include "runtime/object.h"

namespace mini {

enum class DictPart : uint8_t { Keys, Values, Items };

Value make_dict_view(Thread& t, Dict* d, DictPart part);
Value make_dict_iterator(Thread& t, Dict* d, DictPart part, bool is_reversed);
// Is v a keys or items view? They behave as sets.
bool is_set_like_view(Value v);

}  // namespace mini
