// SPDX-License-Identifier: MIT
// Built-in functions about files: open.
#include "runtime/objects/file.h"

#include "runtime/builtins/builtins.h"

namespace mini {
namespace {

constexpr NativeRow kFunctions[] = {
    {"open", file_open, "(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
     "Opens a file and gives a file object."},
};

}  // namespace

std::span<const NativeRow> file_functions() { return kFunctions; }

}  // namespace mini
