// SPDX-License-Identifier: MIT
// The native part of asyncio.StreamReader: what came and was not read, and who waits for more.
#pragma once

#include "runtime/object.h"

namespace mini {

extern const Layout stream_reader_layout;

}  // namespace mini
