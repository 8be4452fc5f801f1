// SPDX-License-Identifier: MIT
//
// The library modules that are written in Mini (runtime/lib/**/*.mini), as they were when the binary was built.
//
// The table is generated at build time (scripts/cmake/embed_lib.cmake) and sorted by file path. It is constant data, so
// any thread may read it without the GIL. A name is dotted ("asyncio.queues"); a folder with `__init__.mini` is a package.
#pragma once

#include <span>
#include <string_view>

namespace mini {

struct EmbeddedModule {
  std::string_view name;
  std::string_view text;  // text.data()[text.size()] is a NUL, as the scanner wants it
  bool is_package;
};

std::span<const EmbeddedModule> embedded_modules();

}  // namespace mini
