// SPDX-License-Identifier: MIT
// Importing: native modules, then `x.mini` and `x.py` (or packages) on sys.path, then the library that is built in.
#pragma once

#include "runtime/object.h"

namespace mini {

// The import statement. `fromlist`: None or a tuple of names; with None the top package is the result, else the last module.
Value import_name(Thread& t, Str* name, Dict* globals, Value fromlist, int level);
// `from module import name`: an attribute, else a submodule.
Value import_from(Thread& t, Value module, Str* name);
// `from module import *` into `target`.
Value import_star(Thread& t, Value module, Dict* target);

}  // namespace mini
