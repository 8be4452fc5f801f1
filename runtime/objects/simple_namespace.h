// SPDX-License-Identifier: MIT
// types.SimpleNamespace: an object that has the attributes it was made with and shows them.
#pragma once

#include "runtime/object.h"

namespace mini {

extern const Layout simple_namespace_layout;

Value make_simple_namespace(Thread& t);

}  // namespace mini
