// SPDX-License-Identifier: MIT
// Exception groups: taking them apart by a condition, for except* and for the methods split and subgroup.
#pragma once

#include <functional>

#include "runtime/objects/exception.h"

namespace mini {

class ValueList;

bool is_exception_group(Thread& t, Value e);
// The tuple of its members.
Value group_members(Thread& t, Value group);
// A group like `group` with these members: what group.derive(members) makes, with its context, traceback and notes.
Value derive_group(Thread& t, Value group, ValueList& members);
// out[0]: the part that matches, out[1]: the rest, each None when there is nothing in it. `matches` gives a bool or Raised, and is
// asked about groups as a whole first. An exception that is no group counts as its own only member.
Value split_group(Thread& t, Value group, Value* out, const std::function<Value(Value)>& matches);
// Gives the class BaseExceptionGroup its methods.
void add_group_methods(Thread& t, Type* type);

}  // namespace mini
