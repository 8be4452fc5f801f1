// SPDX-License-Identifier: MIT
#include "runtime/objects/shared_bytes.h"

#include <cstdlib>

#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

struct Pin {
  Object* bytes;
  std::shared_ptr<SharedBytes> shared;
};
using Pins = std::vector<Pin>;

constexpr const char* kPins = "bytes.pins";

// Only the home hands the memory out, under its GIL: once it holds the last pointer, nobody can get another. Dropping that one, which
// comes before the memory is freed, is what orders the others' last reads before it.
bool is_released(const Pin& pin) { return pin.shared.use_count() == 1; }

void leave_to_holders(Interpreter& closing) {
  auto* pins = static_cast<Pins*>(closing.module_state[kPins]);
  for (Pin& pin : *pins)
    if (!is_released(pin)) pin.shared->cell = closing.heap->give_away(pin.bytes);
  delete pins;
  closing.module_state.erase(kPins);
}

Pins& pins_of(Interpreter& i) {
  void*& state = i.module_state[kPins];
  if (!state) {
    auto* made = new Pins;
    state = made;
    i.heap->add_root([&i](Marker& marker) {
      auto it = i.module_state.find(kPins);
      if (it == i.module_state.end()) return;
      auto* pins = static_cast<Pins*>(it->second);
      std::erase_if(*pins, is_released);
      for (Pin& pin : *pins) marker.mark(pin.bytes);
    });
    i.at_close.push_back(leave_to_holders);
  }
  return *static_cast<Pins*>(state);
}

// Behind a bytes object that points elsewhere. Only plain bytes point elsewhere, and only those have a finalizer.
std::shared_ptr<SharedBytes>& holder_of(Object* bytes) { return *reinterpret_cast<std::shared_ptr<SharedBytes>*>(static_cast<Bytes*>(bytes) + 1); }

bool points_elsewhere(Bytes* bytes) { return bytes->flags & kNeedsFinalizing && bytes->data != reinterpret_cast<uint8_t*>(bytes + 1); }

}  // namespace

SharedBytes::~SharedBytes() { std::free(cell); }

std::shared_ptr<SharedBytes> share_bytes(Thread& t, Bytes* bytes) {
  if (bytes->length < kLeastShared || type_of(bytes) != types(t).bytes) return nullptr;
  if (points_elsewhere(bytes)) return holder_of(bytes);
  Pins& pins = pins_of(*t.interpreter);
  for (Pin& pin : pins)
    if (pin.bytes == bytes) return pin.shared;
  auto shared = std::make_shared<SharedBytes>();
  shared->data = bytes->data;
  shared->length = bytes->length;
  pins.push_back({bytes, shared});
  return shared;
}

Bytes* make_shared_bytes(Thread& t, std::shared_ptr<SharedBytes> shared) {
  Bytes* bytes = t.heap->make<Bytes>(types(t).bytes->root_shape, sizeof shared);
  bytes->length = shared->length;
  bytes->hash = -1;
  bytes->data = const_cast<uint8_t*>(shared->data);
  note_finalizer(bytes);
  new (&holder_of(bytes)) std::shared_ptr<SharedBytes>(std::move(shared));
  return bytes;
}

void bytes_finalize(Object* self, Heap&) {
  if (points_elsewhere(static_cast<Bytes*>(self))) std::destroy_at(&holder_of(self));
}

}  // namespace mini
