// SPDX-License-Identifier: MIT
// _wire: the wire format for scripts. pickle is made of it (by name); by value it also takes what a script itself defines.
#include "runtime/exec/worker_wire.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/module.h"
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
    {"seal", wire_module_seal, "(body, /)", "A body with its header in front."},
};

}  // namespace

extern const NativeModule wire_module;
const NativeModule wire_module = {"_wire", kWireFunctions, std::size(kWireFunctions), wire_setup,
                                  "The format in which values travel between interpreters."};

}  // namespace mini
