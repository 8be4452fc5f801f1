// SPDX-License-Identifier: MIT
// Packed: what is left of a coroutine's frame while there is none.
//
// A frame with all its registers is large, and most of it says nothing while the coroutine waits: where it continues, what its variables
// hold and the temporaries that are still read are a fraction. Two kinds of coroutines have such a rest in place of a frame:
//
//   state      | the buffer has                          | made by
//   Created    | the arguments                           | make_generator
//   Suspended  | each frame of the chain, the root first | pack_frames (interp/pack_frames.cpp), for tasks that wait for long
//
// A coroutine inside the chain that no script has (Generator::is_hidden) is dropped altogether and made anew with its frame. Values are kept
// as a byte for the tag and eight for the payload, which None and Empty do not have. The root owns the buffer.
#pragma once

#include "runtime/frame.h"
#include "runtime/objects/function.h"
#include "runtime/objects/generator.h"

namespace mini {

struct Packed {
  uint32_t bytes;
  uint32_t count;                // of arguments, or frames
  union {
    Function* function;          // Created
    Object* delegate;            // Suspended: what the innermost coroutine waits for, when that is dropped; else null
  };
  Value* arguments() { return reinterpret_cast<Value*>(this + 1); }
};

struct PackedFrame {
  Function* function;            // whose code is the frame's: who changes that unpacks first
  uint32_t instruction;          // the next one's number
  uint16_t register_count;       // so many are kept, from the first on
  uint16_t has_owner;            // the first payload is the coroutine, which a script may have

  Code* code() const { return function->code; }
  static constexpr size_t tag_room(size_t count) { return (count + 7) / 8 * 8; }
  uint8_t* tags() { return reinterpret_cast<uint8_t*>(this + 1); }
  const uint8_t* tags() const { return reinterpret_cast<const uint8_t*>(this + 1); }
  uint64_t* payloads() { return reinterpret_cast<uint64_t*>(tags() + tag_room(register_count)); }
  const uint64_t* payloads() const { return reinterpret_cast<const uint64_t*>(tags() + tag_room(register_count)); }
  static bool has_payload(Tag tag) { return tag != Tag::None && tag != Tag::Empty; }
  Generator* owner() const { return has_owner ? reinterpret_cast<Generator*>(*payloads()) : nullptr; }
  // Calls back with each value; returns where the next frame begins.
  template <class Visit> const PackedFrame* for_each_value(Visit visit) const {
    const uint64_t* payload = payloads() + has_owner;
    for (uint32_t i = 0; i < register_count; ++i) {
      Value v;
      v.tag = static_cast<Tag>(tags()[i]);
      v.bits = has_payload(v.tag) ? *payload++ : 0;
      visit(i, v);
    }
    return reinterpret_cast<const PackedFrame*>(payload);
  }
  // Objects that it refers to in registers, and its coroutine.
  template <class Visit> const PackedFrame* for_each_object(Visit visit) const {
    if (has_owner) visit(reinterpret_cast<Object*>(owner()));
    return for_each_value([&](uint32_t, const Value& v) {
      if (v.is_object()) visit(v.object);
    });
  }
};

inline const PackedFrame* first_frame(const Packed* p) { return reinterpret_cast<const PackedFrame*>(p + 1); }

// `visit` gets each frame, from the root on, and returns where the next one begins.
template <class Visit> void for_each_frame(const Packed* p, Visit visit) {
  const PackedFrame* f = first_frame(p);
  for (uint32_t i = 0; i < p->count; ++i) f = visit(f);
}

// The chain is about to be resumed: its root gets a frame, and push_packed puts the rest of the buffer, which it gives back, on the thread's
// stack once that frame is the current one. Null: nothing was done, it needs unpack_frames.
Packed* unpack_root(Thread& t, Generator* root);
void push_packed(Thread& t, Packed* p, Value sent);

// What makes coroutines and their frames, for who packs and unpacks them. The new one is Closed and has no frame; `room` bytes lie behind it.
Generator* new_generator(Thread& t, Function* function, Code* code, size_t room);
// A buffer for the coroutine's frame; and the frame in it, whose registers are uninitialised.
size_t frame_bytes(const Code* code);
Frame* begin_frame(Generator* g, void* room, Function* function);

}  // namespace mini
