// SPDX-License-Identifier: MIT
// The views that dict.keys(), values() and items() give, and dict iterators.
#pragma once

#include "runtime/objects/dict.h"

namespace mini {

enum class DictPart : uint8_t { Keys, Values, Items };

Value make_dict_view(Thread& t, Dict* d, DictPart part);
Value make_dict_iterator(Thread& t, Dict* d, DictPart part, bool is_reversed);
// What an entry shows in a view; a new tuple for items.
Value dict_part(Thread& t, const DictEntry& entry, DictPart part);
// The dict whose entries a plain dict or a view of one gives in their order, and what of them. Null: v is something else.
Dict* dict_in_order(Value v, DictPart& part);
// Is v a keys or items view? They behave as sets.
bool is_set_like_view(Value v);

}  // namespace mini
