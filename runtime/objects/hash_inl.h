// SPDX-License-Identifier: MIT
// hash_of: hash_value (dict.h) with the two commonest kinds of key decided without a call.
#pragma once

#include "runtime/objects/dict.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

// False after raising (unhashable).
inline bool hash_of(Thread& t, Value v, int64_t& out) {
  if (v.is_int()) {
    out = hash_int64(v.integer);
    return true;
  }
  if (is_exact(v, Kind::Str) && MINI_LIKELY(static_cast<Str*>(v.object)->hash != 0)) {
    out = static_cast<int64_t>(static_cast<Str*>(v.object)->hash);
    return true;
  }
  return hash_value(t, v, out);
}

}  // namespace mini
