// SPDX-License-Identifier: MIT
// The body of make_native (interpreter.h).
#pragma once

#include "runtime/interpreter.h"
#include "runtime/objects/type.h"

namespace mini {

template <class T>
T* make_native(Thread& t, const Layout& layout, size_t extra) {
  return static_cast<T*>(allocate_object(t, native_type(t, layout), extra));
}

}  // namespace mini
