// SPDX-License-Identifier: MIT
// "Did you mean": the name that an exception should perhaps have said, for the text of uncaught exceptions.
#pragma once

#include <string>

#include "runtime/value.h"

namespace mini {

struct Thread;

// For an AttributeError or NameError that knows its name; empty when nothing is near enough. Leaves the exception in flight alone.
std::string suggestion_for(Thread& t, Value exception);

}  // namespace mini
