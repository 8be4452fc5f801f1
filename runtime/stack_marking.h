// SPDX-License-Identifier: MIT
// Marking stacks that are not a thread's own at the moment: those of suspended greenlets. Defined in collector.cpp.
#pragma once

namespace mini {

class Heap;
class Marker;
struct Frame;
struct Thread;

// All frames from the innermost one outwards, with their registers.
void mark_frame_chain(Frame* innermost, Marker& marker);
// Every word of [from, to) that may be a pointer to an object.
void mark_native_stack(Heap& heap, Marker& marker, const char* from, const char* to);

// Empties the registers above the innermost frame. What is there after a call is stale, and a later frame begins with it, so it must not
// outlive a collection.
void wipe_free_registers(Thread& t);

}  // namespace mini
