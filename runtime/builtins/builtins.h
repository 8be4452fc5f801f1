// SPDX-License-Identifier: MIT
// The built-in functions, by theme: each file ends in the table of its functions. setup_builtins puts them, the iterator types
// that are functions as well (enumerate, zip, map, filter, reversed) and the constants into the builtins namespace; the other
// types and the exceptions are added by the interpreter.
#pragma once

#include <span>
#include <string_view>

#include "runtime/object.h"

namespace mini {

struct Frame;

Value setup_builtins(Thread& t);   // None or Raised

std::span<const NativeRow> number_functions();      // numbers.cpp
std::span<const NativeRow> text_functions();        // text.cpp
std::span<const NativeRow> container_functions();   // containers.cpp
std::span<const NativeRow> attribute_functions();   // attributes.cpp
std::span<const NativeRow> code_functions();        // code.cpp
std::span<const NativeRow> help_functions();        // help.cpp
std::span<const NativeRow> file_functions();        // files.cpp
std::span<const NativeRow> class_functions();       // build_class.cpp

// dir(v): a sorted list of names.
Value names_of(Thread& t, Value v);
// Writes text to sys.stdout, or another file-like object.
Value write_utf8(Thread& t, Value file, std::string_view utf8);
// sys.stdout; None when there is none, Raised when sys has lost it.
Value standard_output(Thread& t);

}  // namespace mini
