// SPDX-License-Identifier: MIT
// _wire: the wire format for scripts. pickle is made of it (by name); by value it also takes what a script itself defines.
#include "runtime/exec/worker_wire.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/shared_bytes.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value wire_module_dumps(Thread& t, Value* args, size_t) {
  bool is_by_value = !args[1].is_empty() && TRY(truth(t, args[1])).is_true();
  std::string message;
  if (!wire_dumps(t, args[0], is_by_value ? WireStyle::ByValue : WireStyle::ByName, message)) return Value::raised();
  return Value::of_object(make_bytes(t, message));
}

Value wire_module_loads(Thread& t, Value* args, size_t) {
  std::string_view message;
  if (!require_bytes(t, args[0], message)) return Value::raised();
  if (is_kind(args[0], Kind::Bytes)) return wire_loads(t, message);
  return wire_loads(t, std::string(message));   // a copy: what is rebuilt may change a bytearray
}

// The same with large bytes beside the message: a tuple of the message and them, or only the message.
Value wire_module_dumps_parts(Thread& t, Value* args, size_t) {
  std::string message;
  SharedBuffers buffers;
  if (!wire_dumps(t, args[0], WireStyle::ByValue, message, &buffers)) return Value::raised();
  constexpr size_t kMostParts = 200;   // a ring of multiprocessing takes so many
  if (buffers.size() > kMostParts) {
    Value whole[2] = {args[0], Value::of_bool(true)};
    return wire_module_dumps(t, whole, 2);
  }
  Value made = Value::of_object(make_bytes(t, message));
  if (buffers.empty()) return made;
  Tuple* parts = make_tuple(t, buffers.size() + 1);
  store(parts, parts->items[0], made);
  for (size_t i = 0; i < buffers.size(); ++i) store(parts, parts->items[i + 1], Value::of_object(make_shared_bytes(t, buffers[i])));
  return Value::of_object(parts);
}

Value wire_module_loads_parts(Thread& t, Value* args, size_t argc) {
  if (!is_kind(args[0], Kind::Tuple)) return wire_module_loads(t, args, argc);
  auto* parts = as<Tuple>(args[0]);
  SharedBuffers buffers;
  for (size_t i = 0; i < parts->length; ++i) {
    if (!is_kind(parts->items[i], Kind::Bytes)) return raise_text(t, ErrorType::TypeError, "parts are bytes");
    if (i == 0) continue;
    std::shared_ptr<SharedBytes> shared = share_bytes(t, as<Bytes>(parts->items[i]));
    if (!shared) return raise_text(t, ErrorType::ValueError, "a part is too small to be one");
    buffers.push_back(std::move(shared));
  }
  auto* message = as<Bytes>(parts->items[0]);
  return wire_loads(t, {reinterpret_cast<const char*>(message->data), message->length}, &buffers);
}

// For tests: a body with a right header, so that wrong bodies get past the checksum.
Value wire_module_seal(Thread& t, Value* args, size_t) {
  std::string_view body;
  if (!require_bytes(t, args[0], body)) return Value::raised();
  return Value::of_object(make_bytes(t, wire_seal(body)));
}

Value wire_setup(Thread& t, Module* m) {
  module_add_type(t, m, unsendable_layout);
  module_set(t, m, "VERSION", Value::of_int(kWireVersion));
  module_set(t, m, "HEADER_SIZE", Value::of_int(kWireHeaderSize));
  return Value::none();
}

const NativeRow kWireFunctions[] = {
    {"dumps", wire_module_dumps, "(obj, /, by_value=False)", "The object as bytes of the wire format."},
    {"loads", wire_module_loads, "(data, /)", "The object that bytes of the wire format describe."},
    {"dumps_parts", wire_module_dumps_parts, "(obj, /)", "The object by value, large bytes beside the message if there are any."},
    {"loads_parts", wire_module_loads_parts, "(parts, /)", "The object that came as a message, or as one with large bytes beside it."},
    {"seal", wire_module_seal, "(body, /)", "A body with its header in front."},
};

}  // namespace

extern const NativeModule wire_module;
const NativeModule wire_module = {"_wire", kWireFunctions, std::size(kWireFunctions), wire_setup,
                                  "The format in which values travel between interpreters."};

}  // namespace mini
