// SPDX-License-Identifier: MIT
// Writing plain values: numbers, text, containers. Callables and classes are in wire_writer_code.cpp, instances in
// wire_writer_instance.cpp.
//
// Writing may run script code (__reduce__, __getstate__), which may change the containers being written: they are walked
// by position, read again at each step, and a change of size raises RuntimeError.
#include "runtime/exec/wire_writer.h"

#include "runtime/assert.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

int64_t WireSeen::find_or_add(const Object* o, uint32_t number) {
  size_t mask = places_.size() - 1;
  for (size_t i = hash(o) & mask;; i = (i + 1) & mask) {
    Place& place = places_[i];
    if (place.object == o) return place.number;
    if (place.object) continue;
    place = {o, number};
    if (++count_ * 2 > places_.size()) grow();
    return -1;
  }
}

void WireSeen::grow() {
  std::vector<Place> old(places_.size() * 2);
  old.swap(places_);
  size_t mask = places_.size() - 1;
  for (const Place& place : old) {
    if (!place.object) continue;
    size_t i = hash(place.object) & mask;
    while (places_[i].object) i = (i + 1) & mask;
    places_[i] = place;
  }
}

bool WireWriter::write(Value v) {
  switch (v.tag) {
    case Tag::Empty:   // an absent field of a property and the like
    case Tag::None: out_.op(WireOp::None); return true;
    case Tag::Bool: out_.op(v.is_true() ? WireOp::True : WireOp::False); return true;
    case Tag::Int: out_.op_integer(WireOp::Int, v.integer); return true;
    case Tag::Float: out_.op(WireOp::Float); out_.fixed(&v.number, 8); return true;
    case Tag::Object: return write_object(v.object);
    case Tag::Raised: break;
  }
  MINI_UNREACHABLE();
}

bool WireWriter::write_object(Object* o) {
  Value v = Value::of_object(o);
  if (v.is_same(t_.interpreter->ellipsis)) { out_.op(WireOp::Ellipsis); return true; }
  if (v.is_same(t_.interpreter->not_implemented)) { out_.op(WireOp::NotImplemented); return true; }
  int64_t known = seen_.find_or_add(o, next_number_);
  if (known >= 0) {
    out_.op(WireOp::Ref);
    out_.number(static_cast<uint64_t>(known));
    return true;
  }
  ++next_number_;
  if (t_.native_stack_is_low()) { (void)raise_recursion(t_, " while pickling an object"); return false; }
  BuiltinTypes& builtin = types(t_);
  Type* type = type_of(o);
  switch (o->kind) {
    case Kind::Str: if (type == builtin.str) { write_str(static_cast<Str*>(o)); return true; } break;
    case Kind::Int: if (type == builtin.int_) { write_big_int(Value::of_object(o)); return true; } break;
    case Kind::List: if (type == builtin.list) return write_items(WireOp::List, o); break;
    case Kind::Tuple: if (type == builtin.tuple) return write_items(WireOp::Tuple, o); break;
    case Kind::Dict:
      if (type == builtin.dict) { out_.op(WireOp::Dict); return write_dict_items(static_cast<Dict*>(o)); }
      break;
    case Kind::Set:
      if (type == builtin.set) { out_.op(WireOp::Set); return write_set_items(o); }
      break;
    case Kind::FrozenSet:
      if (type == builtin.frozenset) { out_.op(WireOp::FrozenSet); return write_set_items(o); }
      break;
    case Kind::Bytes:
      if (type != builtin.bytes) break;
      if (auto shared = buffers_ ? share_bytes(t_, static_cast<Bytes*>(o)) : nullptr) {
        out_.op(WireOp::SharedBytes);
        out_.number(buffers_->size());
        buffers_->push_back(std::move(shared));
        return true;
      }
      out_.op(WireOp::Bytes);
      out_.text({reinterpret_cast<char*>(static_cast<Bytes*>(o)->data), static_cast<Bytes*>(o)->length});
      return true;
    case Kind::ByteArray:
      if (type != builtin.bytearray) break;
      out_.op(WireOp::ByteArray);
      out_.text({reinterpret_cast<char*>(static_cast<ByteArray*>(o)->data), static_cast<ByteArray*>(o)->length});
      return true;
    case Kind::Range: {
      auto r = static_cast<Range*>(o);
      out_.op(WireOp::Range);
      if (r->is_big) return write(r->big_start) && write(r->big_stop) && write(r->big_step);
      return write(Value::of_int(r->start)) && write(Value::of_int(r->stop)) && write(Value::of_int(r->step));
    }
    case Kind::Slice: {
      auto s = static_cast<Slice*>(o);
      out_.op(WireOp::Slice);
      return write(s->start) && write(s->stop) && write(s->step);
    }
    case Kind::Type: return write_type(static_cast<Type*>(o));
    case Kind::Function: return write_function(static_cast<Function*>(o));
    case Kind::NativeFunction: return write_native_function(static_cast<NativeFunction*>(o));
    case Kind::BoundMethod: {
      auto method = static_cast<BoundMethod*>(o);
      if (is_kind(method->function, Kind::NativeFunction))
        return write_attribute_of(method->self, as<NativeFunction>(method->function)->name);
      out_.op(WireOp::Method);
      return write_step_items(method->function, Step::Attribute, "__func__") &&
             write_step_items(method->self, Step::Attribute, "__self__");
    }
    case Kind::Property: {
      auto p = static_cast<Property*>(o);
      if (!is_by_value() || type != builtin.property) break;
      out_.op(WireOp::Property);
      return write(p->getter) && write(p->setter) && write(p->deleter) && write(p->doc);
    }
    case Kind::StaticMethod:
    case Kind::ClassMethod:
      if (!is_by_value()) break;
      out_.op(o->kind == Kind::StaticMethod ? WireOp::StaticMethod : WireOp::ClassMethod);
      return write(static_cast<MethodWrapper*>(o)->function);
    case Kind::Cell: {
      if (!is_by_value()) break;
      Value content = static_cast<Cell*>(o)->value;
      out_.op(WireOp::Cell);
      out_.u8(!content.is_empty());
      return content.is_empty() || write(content);
    }
    case Kind::Code:
      if (!is_by_value()) break;
      return write_code(static_cast<Code*>(o));
    case Kind::Module:
      if (!is_by_value()) break;
      out_.op(WireOp::Module);
      out_.text(to_utf8(static_cast<Module*>(o)->name));
      return true;
    default: break;
  }
  return write_instance(o);
}

void WireWriter::write_str(const Str* s) {
  out_.op(s->is_wide() ? WireOp::WideStr : WireOp::Str);
  out_.number(s->length);
  out_.fixed(s->data, s->is_wide() ? s->length * 4 : s->length);
}

void WireWriter::write_big_int(Value n) {
  out_.op(WireOp::BigInt);
  out_.u8(is_negative_int(n) ? 1 : 0);
  out_.text(int_magnitude_bytes(n));
}

bool WireWriter::write_items(WireOp op, Object* sequence) {
  auto s = static_cast<Sequence*>(sequence);
  uint64_t count = s->length;
  out_.op(op);
  out_.number(count);
  for (uint64_t i = 0; i < count; ++i) {
    if (s->length != count) {
      (void)raise(t_, ErrorType::RuntimeError, "list changed size during iteration");
      return false;
    }
    if ((i & 4095) == 4095 && t_.poll_signals().is_raised()) return false;
    if (i >= s->length) continue;   // a handler made it shorter; told above
    Value item = s->items[i];
    if (!item.is_object()) {
      if (!write(item)) return false;
      continue;
    }
    Step step(*this, Step::Index, nullptr, Value::none(), static_cast<int64_t>(i));
    if (!write_object(item.object)) return false;
  }
  return true;
}

bool WireWriter::write_dict_items(Dict* d) {
  uint64_t count = d->count;
  uint32_t version = d->keys_version;
  out_.number(count);
  for (uint32_t i = 0; i < d->used; ++i) {
    Value key = d->entries[i].key, value = d->entries[i].value;
    if (key.is_empty()) continue;
    Step step(*this, Step::Key, nullptr, key);
    if (!write(key) || !write(value)) return false;
    if ((i & 4095) == 4095 && t_.poll_signals().is_raised()) return false;
    if (d->keys_version != version || d->count != count) {
      (void)raise(t_, ErrorType::RuntimeError, "dictionary changed size during iteration");
      return false;
    }
  }
  return true;
}

bool WireWriter::write_set_items(Object* set) {
  auto s = static_cast<Set*>(set);
  uint64_t count = s->used, mask = s->mask;
  out_.number(count);
  Step step(*this, Step::Part, "an item");
  for (uint64_t i = 0; count && i <= mask; ++i) {
    Value key = s->table[i];
    if (key.is_empty()) continue;
    if (!write(key)) return false;
    if (s->used != count || s->mask != mask) {
      (void)raise(t_, ErrorType::RuntimeError, "Set changed size during iteration");
      return false;
    }
  }
  return true;
}

bool WireWriter::write_step_items(Value v, Step::Kind kind, const char* label) {
  Step step(*this, kind, label);
  return write(v);
}

bool WireWriter::write_pairs(ValueList& pairs, Step::Kind kind) {
  out_.number(pairs.size() / 2);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    Step step(*this, kind, nullptr, pairs[i]);
    if (!write(pairs[i]) || !write(pairs[i + 1])) return false;
  }
  return true;
}

// --- What cannot travel ---

std::string wire_type_name(Thread& t, Value v) {
  Type* type = type_of(t, v);
  std::string name = to_utf8(type->name);
  if (type->type_flags & kTypeIsScript || !type->layout->module) return name;
  std::string_view module = type->layout->module;
  return module == "builtins" ? name : std::string(module) + "." + name;
}

namespace {

void append_step(Thread& t, const WireWriter::Step& step, std::string& path) {
  using Kind = WireWriter::Step::Kind;
  switch (step.kind) {
    case Kind::Label: path += step.label; return;
    case Kind::Index: path += "[" + std::to_string(step.index) + "]"; return;
    case Kind::Part: path += std::string(path.empty() ? "" : ", ") + step.label; return;
    case Kind::Global: path += "the global '" + to_utf8(as<Str>(step.value)) + "'"; return;
    case Kind::Attribute:
      path += ".";
      if (step.label) path += step.label;
      else if (is_kind(step.value, mini::Kind::Str)) path += to_utf8(as<Str>(step.value));
      return;
    case Kind::Key: break;
  }
  // A key of a built-in type is shown as itself: no script code runs while an error is being described.
  Value key = step.value;
  bool is_plain = !key.is_object() || type_of(key.object) == types(t).str || type_of(key.object) == types(t).bytes;
  Str* text = is_plain ? to_repr(t, key) : nullptr;
  path += "[" + (text ? to_utf8(text) : "<" + wire_type_name(t, key) + ">") + "]";
}

}  // namespace

std::string WireWriter::path() const {
  std::vector<const Step*> steps;
  for (const Step* s = step_; s; s = s->previous) steps.push_back(s);
  constexpr size_t kShown = 24;   // a path into a deep structure keeps its two ends
  std::string text;
  for (size_t i = steps.size(); i-- > 0;) {
    if (steps.size() > kShown && i == steps.size() - kShown / 2) {
      text += "...";
      i = kShown / 2;
      continue;
    }
    append_step(t_, *steps[i], text);
  }
  return text;
}

bool WireWriter::fail_unsendable(Value v) {
  std::string name = wire_type_name(t_, v);
  std::string where = path();
  if (!is_by_value() || where.empty()) (void)raise(t_, ErrorType::TypeError, "cannot pickle '{}' object", name);
  else (void)raise(t_, ErrorType::TypeError, "cannot pickle '{}' object (cannot send it to another process: at {})", name, where);
  return false;
}

}  // namespace mini
