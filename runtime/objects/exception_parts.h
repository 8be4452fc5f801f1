// SPDX-License-Identifier: MIT
// What the files of exceptions share: exception_create.cpp makes them and fills their fields, exception.cpp shows them.
#pragma once

#include "runtime/errors.h"
#include "runtime/object.h"

namespace mini {

Value exception_new(Thread& t, Value* args, size_t argc);
Value exception_init(Thread& t, Value* args, size_t argc);
Value exception_reduce(Thread& t, Value* args, size_t argc);
// __new__, __init__, with_traceback, add_note, __reduce__, __setstate__
extern const NativeRow kExceptionMethods[6];
// The members of a class of errors.def, and its own __new__ and __init__ where they differ from those of its base.
void add_exception_fields(Thread& t, ErrorType error, Type* type);

}  // namespace mini
