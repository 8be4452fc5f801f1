// SPDX-License-Identifier: MIT
// Importing: native modules, then `x.mini` and `x.py` (or packages) on sys.path, then the library that is built in.
#pragma once

#include <string>

#include "runtime/object.h"

namespace mini {

// The import statement. `fromlist`: None or a tuple of names; with None the top package is the result, else the last module.
Value import_name(Thread& t, Str* name, Dict* globals, Value fromlist, int level);
// `from module import name`: an attribute, else a submodule.
Value import_from(Thread& t, Value module, Str* name);
// `from module import *` into `target`.
Value import_star(Thread& t, Value module, Dict* target);

// A module as text, for running it as the program.
struct ModuleText {
  std::string text;
  std::string path;
  std::string package;      // what `from . import` means in it
  bool is_package = false;  // then `text` is that of its __init__
};
// Imports the parents of a dotted name and finds its text. False: there is no such module, or it is native.
Value find_module_text(Thread& t, const std::string& full_name, ModuleText& out);

}  // namespace mini
