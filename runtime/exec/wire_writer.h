// SPDX-License-Identifier: MIT
// The writing half of the wire format: one WireWriter fills one payload or one definition. Only worker_wire.cpp and the
// wire_writer files include this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/exec/worker_wire.h"
#include "runtime/exec/wire_format.h"
#include "runtime/heap.h"

namespace mini {

struct BoundMethod;
struct Exception;
struct Function;
struct NativeFunction;

// Object -> number, by address. Only ever grows; the objects are kept alive by who is being written, or by `kept`.
class WireSeen {
 public:
  WireSeen() : places_(64) {}
  // The number of `o`, or -1 after giving it `number`.
  int64_t find_or_add(const Object* o, uint32_t number);

 private:
  struct Place { const Object* object = nullptr; uint32_t number = 0; };
  static size_t hash(const Object* o) { return (reinterpret_cast<uintptr_t>(o) >> 4) * 0x9E3779B97F4A7C15u >> 20; }
  void grow();
  std::vector<Place> places_;
  size_t count_ = 0;
};

class WireWriter {
 public:
  WireWriter(Thread& t, WireTable& table) : t_(t), table_(table), kept_(t) {}
  // False after raising.
  bool write(Value v);

  // One step of the way from the root to the value being written: lives on the native stack, innermost first.
  struct Step {
    enum Kind : uint8_t { Label, Index, Key, Attribute, Global, Part } kind;
    const char* label;
    Value value;
    int64_t index;
    Step* previous;
    WireWriter& writer;
    Step(WireWriter& w, Kind k, const char* l, Value v = Value::none(), int64_t i = 0)
        : kind(k), label(l), value(v), index(i), previous(w.step_), writer(w) { w.step_ = this; }
    ~Step() { writer.step_ = previous; }
    Step(const Step&) = delete;
  };

  void share_large_bytes(SharedBuffers& buffers) { buffers_ = &buffers; }
  // The definition that this writer fills: its own name must not be used to describe it.
  void set_root(Dict* space, Str* name, Value v) { root_space_ = space; root_name_ = name; root_ = v; }
  WireOut& out() { return out_; }
  std::vector<uint32_t>& needs() { return needs_; }

 private:
  friend struct Step;
  bool is_by_value() const { return table_.style() == WireStyle::ByValue; }
  bool write_object(Object* o);
  void write_str(const Str* s);
  void write_big_int(Value n);
  bool write_items(WireOp op, Object* sequence);
  bool write_dict_items(Dict* d);
  bool write_set_items(Object* set);
  bool write_step_items(Value v, Step::Kind kind, const char* label);
  bool write_pairs(ValueList& pairs, Step::Kind kind);

  // Callables and classes: wire_writer_code.cpp.
  bool write_function(Function* f);
  bool write_function_body(Function* f);
  bool write_native_function(NativeFunction* f);
  bool write_code(Code* code);
  bool write_type(Type* type);
  bool write_class_body(Type* type);
  bool write_attribute_of(Value object, Str* name);
  // As a name that leads to exactly this object. `done` tells whether it was written. False after raising.
  bool write_by_name(Value v, Value module, Value path, bool is_main, bool& done);
  bool need_globals(Function* f, Dict* space);
  bool need(uint32_t slot);
  bool is_root_class(Type* type) const { return root_.is_object() && root_.object == reinterpret_cast<Object*>(type); }
  bool raise_not_found(Value v, Value module, Value path);

  // Instances and exceptions: wire_writer_instance.cpp.
  bool write_instance(Object* o);
  bool write_named_native(Value v, bool& done);
  bool write_plain_instance(Object* o, bool is_raw);
  bool write_reduced(Object* o, Value reduced);
  bool write_exception(Exception* e);
  bool write_payload(Object* o);
  bool write_attributes(Object* o);
  bool reduce(Object* o, Value& reduced);
  bool overrides(Type* type, Str* name, Value* method = nullptr);

  bool fail_unsendable(Value v);
  std::string path() const;

  Thread& t_;
  WireTable& table_;
  WireOut out_;
  WireSeen seen_;
  ValueList kept_;                 // temporaries, so that no address is used twice
  uint32_t next_number_ = 0;
  std::vector<uint32_t> needs_;
  std::vector<const Type*> open_classes_;   // being written by value: their instances inside go as they are
  Dict* root_space_ = nullptr;
  Str* root_name_ = nullptr;
  Value root_ = Value::empty();
  Step* step_ = nullptr;
  SharedBuffers* buffers_ = nullptr;   // null: bytes are copied into the message
};

// The attributes in an object's own store, as name, value, name, value ...
void collect_attributes(Thread& t, Object* o, ValueList& out);

}  // namespace mini
