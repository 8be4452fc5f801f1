// SPDX-License-Identifier: MIT
// Putting an item behind the last one of a list. A long list that grows is old soon, while what is put into it is young: the collector
// looks at the new items only. That holds as long as items do not move towards the front; who moves them calls items_moved().
#pragma once

#include "runtime/heap.h"
#include "runtime/objects/sequence.h"

namespace mini {

// There must be room.
inline void store_last(List* list, Value v) {
  uint64_t index = list->length++;
  Value& slot = list->items[index];
  slot.tag = v.tag;
  slot.bits = v.bits;
  if (MINI_UNLIKELY(list->mark != 0) && is_young(v) && !(list->flags & kRemembered) && (!(list->flags & kGrown) || index < list->young_from))
    remember_growth(list, list->young_from, index);
}

inline void items_moved(List* list) { forget_growth(list, list->young_from); }

}  // namespace mini
