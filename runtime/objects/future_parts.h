// SPDX-License-Identifier: MIT
// What future.cpp, task.cpp and gathering_future.cpp share among themselves.
#pragma once

#include "runtime/objects/future.h"

namespace mini {

void trace_future(Object* self, Marker& marker);

// A callable that does to a Task or GatheringFuture what its place in a callback list means: for loops that are not ours and
// for showing callbacks. Called with the future that is done; a Task's without arguments is its next step.
Value make_future_call(Thread& t, Value target, Object* exception = nullptr);
extern const Layout future_call_layout;

// GatheringFuture.cancel(self, msg=None)
Value gathering_cancel(Thread& t, Value* args, size_t argc);

}  // namespace mini
