// SPDX-License-Identifier: MIT
// What scripts see of calls under way: frame objects (sys._getframe, tb_frame), and the variables of a frame as a dict.
#pragma once

#include "runtime/object.h"

namespace mini {

struct Code;
struct Dict;
struct Frame;

extern const Layout frame_layout;

// What sys._getframe gives: a picture of a call under way and of those that lead to it. None for null.
Value make_frame_object(Thread& t, Frame* frame);
// The frame of a call that has ended, as tracebacks show it.
Value make_past_frame_object(Thread& t, Code* code, Dict* globals, uint32_t line);
// The variables of a frame as locals() shows them: its own namespace, or a dict of a function's variables.
Value frame_locals(Thread& t, Frame* frame);

}  // namespace mini
