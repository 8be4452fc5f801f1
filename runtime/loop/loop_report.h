// SPDX-License-Identifier: MIT
// What an event loop has before it, in words: its tasks as a tree (who awaits whom, where), ready callbacks, timers, watched
// descriptors. For asyncio.print_tasks, SIGQUIT and DeadlockError. No script code runs.
#pragma once

#include <string>

#include "runtime/object.h"

namespace mini {

// The tasks that are not done: those that nobody awaits, oldest first, below each what it awaits. Empty for loops that are not ours.
std::string task_tree(const Object* loop, const std::string& indent);
// The same with the ready queue, the timers and the descriptors.
std::string loop_report(const Object* loop);

}  // namespace mini
