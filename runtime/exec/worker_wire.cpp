// SPDX-License-Identifier: MIT
// The tables beside the wire format: definitions of a sender, what its receivers have, origins of classes.
#include "runtime/exec/worker_wire.h"

#include <unistd.h>

#include <algorithm>

#include "runtime/calls.h"
#include "runtime/exec/wire_writer.h"
#include "runtime/interpreter.h"
#include "runtime/shape.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

// --- Bytes ---

uint32_t wire_checksum(std::string_view bytes) {
  uint64_t hash = 0x9E3779B97F4A7C15u ^ bytes.size(), word;
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    memcpy(&word, bytes.data() + i, 8);
    hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
    hash ^= hash >> 32;
  }
  word = 0;
  memcpy(&word, bytes.data() + i, bytes.size() - i);
  hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

namespace {

// Fills in the header of a message whose first kWireHeaderSize bytes were left free.
void seal_in_place(std::string& message) {
  uint32_t sum = wire_checksum(std::string_view(message).substr(kWireHeaderSize));
  memcpy(message.data(), kWireMagic, 3);
  message[3] = static_cast<char>(kWireVersion);
  memcpy(message.data() + 4, &sum, 4);
}

}  // namespace

std::string wire_seal(std::string_view body) {
  std::string message(kWireHeaderSize, '\0');
  message += body;
  seal_in_place(message);
  return message;
}

std::string WirePeer::assemble(const Parcel& parcel) {
  WireOut out;
  size_t size = kWireHeaderSize + 20 + parcel.payload.size();
  std::vector<const WireDefinition*> lacking;
  for (auto& definition : parcel.needs) {
    if (sent_.size() <= definition->slot) sent_.resize(definition->slot + 1);
    if (sent_[definition->slot] == definition->serial) continue;
    sent_[definition->slot] = definition->serial;
    lacking.push_back(definition.get());
    size += definition->bytes.size();
  }
  out.bytes.reserve(size);
  out.bytes.assign(kWireHeaderSize, '\0');
  out.number(lacking.size());
  for (auto definition : lacking) out.fixed(definition->bytes.data(), definition->bytes.size());
  out.text(parcel.payload);
  seal_in_place(out.bytes);
  return std::move(out.bytes);
}

// --- Classes by origin ---

namespace {

struct WireRegistry {
  std::unordered_map<const Type*, uint64_t> origins;
  std::unordered_map<uint64_t, Type*> types;
  uint64_t last = 0;
};

void close_registry(Interpreter& i) {
  auto it = i.module_state.find("wire");
  if (it == i.module_state.end()) return;
  delete static_cast<WireRegistry*>(it->second);
  i.module_state.erase(it);
}

WireRegistry& registry(Thread& t) {
  void*& state = t.interpreter->module_state["wire"];
  if (!state) {
    auto fresh = new WireRegistry;
    state = fresh;
    t.interpreter->at_close.push_back(close_registry);
    t.heap->add_root([interpreter = t.interpreter](Marker& marker) {
      auto it = interpreter->module_state.find("wire");
      if (it == interpreter->module_state.end()) return;
      for (auto& [origin, type] : static_cast<WireRegistry*>(it->second)->types) marker.mark_pointer(type);
    });
  }
  return *static_cast<WireRegistry*>(state);
}

}  // namespace

uint64_t wire_class_origin(Thread& t, Type* type) {
  WireRegistry& r = registry(t);
  auto it = r.origins.find(type);
  if (it != r.origins.end()) return it->second;
  // Different for each class of each interpreter of each process, and the same in every run with the same order of events.
  uint64_t origin = static_cast<uint64_t>(getpid()) << 32 ^ reinterpret_cast<uintptr_t>(t.interpreter) << 16;
  do origin = (origin + ++r.last) * 0x9E3779B97F4A7C15u;
  while (!origin || r.types.count(origin));
  wire_adopt_class(t, type, origin);
  return origin;
}

Type* wire_class_by_origin(Thread& t, uint64_t origin) {
  WireRegistry& r = registry(t);
  auto it = r.types.find(origin);
  return it == r.types.end() ? nullptr : it->second;
}

void wire_adopt_class(Thread& t, Type* type, uint64_t origin) {
  registry(t).origins[type] = origin;
  registry(t).types[origin] = type;
}

// --- A sender's definitions ---

void WireTable::trace(Marker& marker) {
  for (Slot& slot : slots_) {
    marker.mark_pointer(slot.space);
    marker.mark_pointer(slot.name);
    marker.mark(slot.value);
  }
  for (Dict* space : spaces_) marker.mark_pointer(space);
}

uint32_t WireTable::space_number(Dict* space) {
  auto it = std::find(spaces_.begin(), spaces_.end(), space);
  if (it == spaces_.end()) it = spaces_.insert(it, space);
  return static_cast<uint32_t>(it - spaces_.begin());
}

bool WireTable::need_global(Thread& t, Dict* space, Str* name, Value v, uint32_t& slot) {
  auto [it, is_new] = globals_.try_emplace({space, name}, static_cast<uint32_t>(slots_.size()));
  slot = it->second;
  if (!is_new) return true;    // `gather` looks whether it was bound again
  slots_.push_back({WireDefinitionKind::Global, space, name, v, nullptr, {}, 0});
  return encode_slot(t, slot);
}

bool WireTable::need_class(Thread& t, Type* type, uint32_t& slot) {
  auto [it, is_new] = classes_.try_emplace(type, static_cast<uint32_t>(slots_.size()));
  slot = it->second;
  if (!is_new) return true;
  slots_.push_back({WireDefinitionKind::Class, nullptr, nullptr, Value::of_object(type), nullptr, {}, 0});
  if (encode_slot(t, slot)) return true;
  classes_.erase(type);        // the slot stays behind, unused
  return false;
}

namespace {

// A global that cannot travel is no error as long as nobody uses it: it arrives as an object that says so. Only
// errors that say something about the value are kept so.
bool is_about_the_value(Thread& t) {
  return exception_matches(t, ErrorType::Exception) && !exception_matches(t, ErrorType::RecursionError) &&
         !exception_matches(t, ErrorType::MemoryError);
}

std::string message_of(Thread& t, Value exception) {
  Str* text = to_str(t, exception);
  if (text) return to_utf8(text);
  (void)take_exception(t);
  return type_name(t, exception);
}

}  // namespace

bool WireTable::encode_slot(Thread& t, uint32_t index) {
  if (t.native_stack_is_low()) { (void)raise_recursion(t, " while pickling an object"); return false; }
  Slot slot = slots_[index];   // a copy: encoding may add slots
  WireOut head;
  head.u8(static_cast<uint8_t>(slot.kind));
  if (slot.kind == WireDefinitionKind::Class) {
    uint64_t origin = wire_class_origin(t, as<Type>(slot.value));
    head.fixed(&origin, 8);
  } else {
    bool is_main = slot.space == t.interpreter->main_globals;
    head.u8(static_cast<uint8_t>(is_main ? WireSpace::Main : WireSpace::Other));
    if (!is_main) head.number(space_number(slot.space));
    head.text(to_utf8(slot.name));
  }
  WireWriter writer(t, *this);
  writer.set_root(slot.space, slot.name, slot.value);
  bool is_written;
  if (slot.kind == WireDefinitionKind::Global) {
    WireWriter::Step step(writer, WireWriter::Step::Global, nullptr, str_value(slot.name));
    is_written = writer.write(slot.value);
  } else {
    is_written = writer.write(slot.value);
  }
  std::string value = std::move(writer.out().bytes);
  if (!is_written) {
    if (slot.kind == WireDefinitionKind::Class || !is_about_the_value(t)) {
      if (slot.kind == WireDefinitionKind::Global) slots_[index].value = Value::empty();   // tried again next time
      return false;
    }
    WireOut excuse;
    excuse.op(WireOp::Unsendable);
    excuse.text(message_of(t, take_exception(t)));
    value = std::move(excuse.bytes);
    writer.needs().clear();
  }
  head.text(value);
  slots_[index].needs = std::move(writer.needs());
  slots_[index].current = std::make_shared<const WireDefinition>(WireDefinition{index, next_serial_++, std::move(head.bytes)});
  return true;
}

bool WireTable::gather(Thread& t, const std::vector<uint32_t>& direct, WireNeeds& out) {
  if (direct.empty()) return true;
  uint64_t visit = ++visit_;
  std::vector<uint32_t> open = direct;
  while (!open.empty()) {
    uint32_t index = open.back();
    open.pop_back();
    if (slots_[index].visit == visit) continue;
    slots_[index].visit = visit;
    if (slots_[index].is_known) continue;
    if (slots_[index].kind == WireDefinitionKind::Global) {
      Value now = dict_get(slots_[index].space, slots_[index].name);
      if (!now.is_empty() && (!now.is_same(slots_[index].value) || !slots_[index].current)) {
        slots_[index].value = now;
        if (!encode_slot(t, index)) return false;
      }
    }
    if (!slots_[index].current) continue;
    out.push_back(slots_[index].current);
    for (uint32_t next : slots_[index].needs) open.push_back(next);
  }
  return true;
}

void WireTable::note_known_global(Str* name, Value v) {
  Dict* space = current_thread()->interpreter->main_globals;
  auto [it, is_new] = globals_.try_emplace({space, name}, static_cast<uint32_t>(slots_.size()));
  if (is_new) slots_.push_back({WireDefinitionKind::Global, space, name, v, nullptr, {}, 0});
  slots_[it->second].value = v;
  slots_[it->second].is_known = true;
}

void WireTable::note_known_class(Type* type) {
  auto [it, is_new] = classes_.try_emplace(type, static_cast<uint32_t>(slots_.size()));
  if (is_new) slots_.push_back({WireDefinitionKind::Class, nullptr, nullptr, Value::of_object(type), nullptr, {}, 0});
  slots_[it->second].is_known = true;
}

bool WireTable::encode(Thread& t, const Value* values, const char* const* labels, size_t count, Parcel& out) {
  WireWriter writer(t, *this);
  if (shares_bytes_) writer.share_large_bytes(out.buffers);
  for (size_t i = 0; i < count; ++i) {
    WireWriter::Step step(writer, WireWriter::Step::Label, labels ? labels[i] : "");
    if (!writer.write(values[i])) return false;
  }
  if (!gather(t, writer.needs(), out.needs)) return false;
  out.payload = std::move(writer.out().bytes);
  return true;
}

bool WireTable::encode(Thread& t, Value v, Parcel& out) { return encode(t, &v, nullptr, 1, out); }

bool wire_dumps(Thread& t, Value v, WireStyle style, std::string& out, SharedBuffers* buffers) {
  WireTable table(style);
  if (buffers) table.share_large_bytes();
  ValueList kept(t);           // the table's values are the caller's or the script's: alive until we return
  kept.push(v);
  Parcel parcel;
  if (!table.encode(t, v, parcel)) return false;
  out = WirePeer().assemble(parcel);
  if (buffers) *buffers = std::move(parcel.buffers);
  return true;
}

Value wire_loads(Thread& t, std::string_view message, const SharedBuffers* buffers) {
  WireInbox inbox(false, nullptr);
  Value v = Value::empty();
  return inbox.decode(t, message, &v, 1, buffers) ? v : Value::raised();
}

// --- The stand-in for a global that could not travel ---

namespace {

struct Unsendable : Object {
  Str* message;
};

Value refuse(Thread& t, Value self) { return raise(t, ErrorType::TypeError, "{}", unsendable_message(self)); }
Value refuse_call(Thread& t, Value self, Value*, size_t, Tuple*) { return refuse(t, self); }
Value refuse_item(Thread& t, Value self, Value) { return refuse(t, self); }
Value refuse_set_item(Thread& t, Value self, Value, Value) { return refuse(t, self); }
Value refuse_set_attribute(Thread& t, Value self, Str*, Value) { return refuse(t, self); }
Value refuse_compare(Thread& t, CompareOp, Value a, Value b) {
  bool is_left = a.is_object() && type_of(a.object)->layout == &unsendable_layout;
  return refuse(t, is_left ? a : b);
}
Value refuse_binary(Thread& t, BinaryOp, Value a, Value b) { return refuse_compare(t, CompareOp::Eq, a, b); }
Value refuse_unary(Thread& t, UnaryOp, Value self) { return refuse(t, self); }
Value unsendable_repr(Thread& t, Value self) {
  return str_value(make_str(t, "<stayed behind: " + unsendable_message(self) + ">"));
}
Value unsendable_attribute(Thread& t, Value self, Str* name) {
  std::string text = to_utf8(name);   // what printing an error about it may ask
  if (text == "__class__" || text == "__repr__" || text == "__doc__") return generic_get_attribute(t, self, name);
  return refuse(t, self);
}
void unsendable_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<Unsendable*>(self)->message); }

}  // namespace

const Layout unsendable_layout = {
    .name = "Unsendable", .module = "_wire", .kind = Kind::Native, .size = sizeof(Unsendable), .flags = kNoInstantiation,
    .base = nullptr, .trace = unsendable_trace, .finalize = nullptr,
    .ops = {.repr = unsendable_repr, .str = unsendable_repr, .hash = refuse, .compare = refuse_compare, .truth = refuse,
            .length = refuse, .contains = refuse_item, .get_item = refuse_item, .set_item = refuse_set_item, .iterate = refuse,
            .next = refuse, .call = refuse_call, .get_attribute = unsendable_attribute, .set_attribute = refuse_set_attribute,
            .descriptor_get = nullptr, .descriptor_set = nullptr, .unary = refuse_unary, .binary = refuse_binary,
            .inplace = nullptr, .index = refuse, .await = refuse, .async_iterate = refuse, .async_next = refuse},
    .methods = nullptr, .method_count = 0, .attributes = nullptr, .attribute_count = 0,
    .help = "Stands for a global that could not be sent to this process."};

Value make_unsendable(Thread& t, std::string_view message) {
  Str* text = make_str(t, message);
  auto o = static_cast<Unsendable*>(allocate_object(t, native_type(t, unsendable_layout)));
  o->message = text;
  return Value::of_object(o);
}

std::string unsendable_message(Value v) { return to_utf8(static_cast<Unsendable*>(v.object)->message); }

}  // namespace mini
