// SPDX-License-Identifier: MIT
// Frames as scripts see them (sys._getframe, tb_frame, gi_frame), and entries of tracebacks.
//
// A frame object looks at the running frame as long as that lasts. Frames of plain calls are used again at once, so a frame that somebody
// looks at carries kFrameObserved, and whoever leaves it calls `end_observed_frame`, which keeps what the object needs. An
// exception that leaves a frame keeps the locals in its traceback entry.
//
// What is kept: the namespace of modules, class bodies and exec; else a tuple of the frame's first registers, as they stand. Which of
// these hold a variable's value is known from the code (`written_registers` in calls.h).
#pragma once

#include "runtime/frame.h"
#include "runtime/object.h"

namespace mini {

struct Traceback;

extern const Layout frame_layout;

// The object for a frame under way of the thread `t`, always the same one; None for null.
Value make_frame_object(Thread& t, Frame* frame);
// The object for a generator's frame, running or not; None when it is closed.
Value make_generator_frame_object(Thread& t, Generator* g);
// The frame is about to be left.
void end_observed_frame(Thread& t, Frame* frame);
// What ran in `frame`, an awaited one, goes on as the generator: who looks at the frame looks at that.
void follow_frame(Thread& t, Frame* frame, Generator* g);
// What has to be kept of a frame's locals (see above).
Value keep_locals(Thread& t, Frame* frame);
// What locals() gives in a frame: its namespace, or the dict of the variables of a function that reads them all by name.
Value frame_locals(Thread& t, Frame* frame);
// A new entry for the instruction of this number; `next` is null.
Traceback* make_traceback(Thread& t, Code* code, Dict* globals, uint32_t instruction);

}  // namespace mini
