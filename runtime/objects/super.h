// SPDX-License-Identifier: MIT
// super objects, and the lookup behind them, which the VM also uses without making one.
#pragma once

#include "runtime/object.h"

namespace mini {

struct Super : Object {
  Type* cls;      // lookup starts behind this class
  Value self;     // instance or class; Empty: unbound
};

Value make_super(Thread& t, Type* cls, Value self);
// None, or Raised when `self` is no instance or subclass of `cls`.
Value check_super(Thread& t, Value cls, Value self);
// The raw attribute behind `after` in the order of self's class (given in `start_of`); Empty when absent.
Value super_lookup(Thread& t, Type* after, Value self, Str* name, Type** start_of);

}  // namespace mini
