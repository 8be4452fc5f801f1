// SPDX-License-Identifier: MIT
// The reading half of the wire format. It trusts nothing: every length is checked against the bytes that are left, every
// part against the kind that its place asks for, all elements together against the length of the message; what is wrong
// raises ValueError "bad wire data: ...". (Rebuilding objects may run what the bytes name, as in pickle.)
//
// Definitions are decoded on demand, before the payload: one that another leans on comes first, and a function or class
// whose own definition is still being decoded is given out as it stands, so they may name each other.
#include <algorithm>

#include "runtime/calls.h"
#include "runtime/exec/code_wire.h"
#include "runtime/exec/worker_wire.h"
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

class WireReader {
 public:
  WireReader(Thread& t, WireInbox& inbox, const SharedBuffers* buffers) : t_(t), inbox_(inbox), buffers_(buffers), shells_(t) {}
  bool read_message(std::string_view message, Value* out, size_t count);

 private:
  // One payload or definition: its bytes, and the values that have numbers.
  struct Scope {
    WireIn in;
    ValueList objects;
    int definition;           // -1: the payload
    Scope(Thread& t, std::string_view bytes, int d) : in(bytes), objects(t), definition(d) {}
  };
  struct Definition {
    WireDefinitionKind kind;
    Str* name = nullptr;      // Global
    Dict* space = nullptr;
    uint64_t origin = 0;      // Class
    std::string_view bytes;
    enum : uint8_t { Waiting, Busy, Done } state = Waiting;
  };

  Value bad(const char* what) { return raise(t_, ErrorType::ValueError, "bad wire data: {}", what); }
  Value read_definitions(WireIn& in);
  Value decode_definition(size_t i);
  Value finish_definition(Definition& d, Value v);
  Dict* space(uint64_t number);

  Value read(Scope& s);
  Value read_numbered(Scope& s, WireOp op);
  Value read_big_int(Scope& s);
  Value read_wide_str(Scope& s);
  Value read_sequence(Scope& s, WireOp op, size_t number);
  Value read_set(Scope& s, bool is_frozen, size_t number);
  Value read_dict_items(Scope& s, Dict* d);
  Value read_range(Scope& s);
  Value read_name(Scope& s);
  Value read_main_name(Scope& s);
  Value follow(Value v, std::string_view path, std::string_view whole);
  Value read_class_by_id(Scope& s);
  Value read_code(Scope& s);
  Value read_function(Scope& s, size_t number);
  Value read_class(Scope& s, size_t number);
  Value read_instance(Scope& s, size_t number);
  Value make_from_payload(Scope& s, Type* type, Value& payload);
  Value set_state(Value object, Value state);
  Value read_attributes(Scope& s, Object* o);
  Value read_reduce(Scope& s, size_t number);
  Value read_exception(Scope& s, size_t number);
  Value read_wrapper(Scope& s, WireOp op);

  // A count of values to come. No message can hold more values than bytes, whatever its parts claim.
  bool claim(Scope& s, size_t least, uint64_t& count) {
    count = s.in.count(least);
    claimed_ += count;
    return !s.in.is_short && claimed_ <= size_;
  }
  Value read_kind(Scope& s, Kind kind) {
    Value v = TRY(read(s));
    if (is_kind(v, kind)) return v;
    bool has_stayed = v.is_object() && type_of(v.object)->layout == &unsendable_layout;
    return has_stayed ? raise(t_, ErrorType::TypeError, "{}", unsendable_message(v)) : bad("a part of the wrong type");
  }
  Value read_kind_or_none(Scope& s, Kind kind) {
    Value v = TRY(read(s));
    return v.is_none() || is_kind(v, kind) ? v : bad("a part of the wrong type");
  }
  // Gives `v` its number, so that what follows may refer to it.
  void set_number(Scope& s, size_t number, Value v) {
    s.objects[number] = v;
    if (number == 0 && s.definition >= 0) shells_[static_cast<size_t>(s.definition)] = v;
  }

  Thread& t_;
  WireInbox& inbox_;
  const SharedBuffers* buffers_;
  std::vector<Definition> definitions_;
  ValueList shells_;          // by definition: what it makes, as soon as it exists
  uint64_t claimed_ = 0, size_ = 0;
};

// --- Messages and definitions ---

bool WireReader::read_message(std::string_view message, Value* out, size_t count) {
  size_ = message.size();
  uint32_t sum;
  if (message.size() < kWireHeaderSize || memcmp(message.data(), kWireMagic, 3)) { (void)bad("no message of this format"); return false; }
  if (static_cast<uint8_t>(message[3]) != kWireVersion) { (void)bad("another version of the format"); return false; }
  memcpy(&sum, message.data() + 4, 4);
  message.remove_prefix(kWireHeaderSize);
  if (sum != wire_checksum(message)) { (void)bad("the checksum does not match"); return false; }
  WireIn in(message);
  if (read_definitions(in).is_raised()) return false;
  std::string_view payload = in.text();
  if (in.is_short || in.left()) { (void)bad("a message of the wrong length"); return false; }
  for (size_t i = 0; i < definitions_.size(); ++i)
    if (definitions_[i].state == Definition::Waiting && decode_definition(i).is_raised()) return false;
  Scope scope(t_, payload, -1);
  ValueList results(t_);
  for (size_t i = 0; i < count; ++i) {
    results.push(read(scope));
    if (results.back().is_raised()) { results.pop(); return false; }
  }
  if (scope.in.left()) { (void)bad("bytes left over"); return false; }
  std::copy(results.begin(), results.end(), out);
  return true;
}

Dict* WireReader::space(uint64_t number) {
  Dict*& found = inbox_.spaces_[number];
  if (!found) {
    found = make_dict(t_);
    dict_set(t_, found, names(t_).name, str_value(names(t_).main));
  }
  return found;
}

Value WireReader::read_definitions(WireIn& in) {
  uint64_t count = in.count(3);
  for (uint64_t i = 0; i < count && !in.is_short; ++i) {
    Definition d;
    uint8_t kind = in.u8();
    if (kind == static_cast<uint8_t>(WireDefinitionKind::Global)) {
      d.kind = WireDefinitionKind::Global;
      uint8_t where = in.u8();
      bool is_main = where == static_cast<uint8_t>(WireSpace::Main);
      if (!is_main && where != static_cast<uint8_t>(WireSpace::Other)) return bad("a namespace of unknown kind");
      d.space = is_main ? t_.interpreter->main_globals : space(in.number());
      if (!d.space) return bad("an unknown namespace");
      d.name = intern(t_, in.text());
    } else if (kind == static_cast<uint8_t>(WireDefinitionKind::Class)) {
      d.kind = WireDefinitionKind::Class;
      in.fixed(&d.origin, 8);
    } else {
      return bad("a definition of unknown kind");
    }
    d.bytes = in.text();
    definitions_.push_back(d);
    shells_.push(Value::empty());
  }
  return in.is_short ? bad("definitions cut short") : Value::none();
}

Value WireReader::decode_definition(size_t i) {
  Definition& d = definitions_[i];   // the list is complete: it does not move
  if (d.state == Definition::Done) return shells_[i];
  if (d.state == Definition::Busy) {
    if (!shells_[i].is_empty()) return shells_[i];
    return bad("a definition that leans on itself");
  }
  if (t_.native_stack_is_low()) return raise_recursion(t_, " while unpickling an object");
  Value known = Value::empty();
  if (d.kind == WireDefinitionKind::Class) {
    if (Type* type = wire_class_by_origin(t_, d.origin)) known = Value::of_object(type);
  } else if (!inbox_.is_mirror_) {
    known = dict_get(d.space, d.name);
  }
  d.state = Definition::Busy;
  if (known.is_empty()) {
    Scope scope(t_, d.bytes, static_cast<int>(i));
    Value v = read(scope);
    if (!v.is_raised() && scope.in.left()) v = bad("bytes left over in a definition");
    if (!v.is_raised()) v = finish_definition(d, v);
    if (v.is_raised()) {
      d.state = Definition::Waiting;
      return v;
    }
    known = v;
  }
  shells_[i] = known;
  d.state = Definition::Done;
  return known;
}

Value WireReader::finish_definition(Definition& d, Value v) {
  if (d.kind == WireDefinitionKind::Class) {
    if (!is_kind(v, Kind::Type)) return bad("a class that is none");
    wire_adopt_class(t_, as<Type>(v), d.origin);
    if (inbox_.replies_) inbox_.replies_->note_known_class(as<Type>(v));
    return v;
  }
  dict_set(t_, d.space, d.name, v);
  if (inbox_.replies_ && d.space == t_.interpreter->main_globals) inbox_.replies_->note_known_global(d.name, v);
  return v;
}

// --- Values ---

Value WireReader::read(Scope& s) {
  auto op = static_cast<WireOp>(s.in.u8());
  if (s.in.is_short) return bad("cut short");
  switch (op) {
    case WireOp::None: return Value::none();
    case WireOp::True: return Value::of_bool(true);
    case WireOp::False: return Value::of_bool(false);
    case WireOp::Ellipsis: return t_.interpreter->ellipsis;
    case WireOp::NotImplemented: return t_.interpreter->not_implemented;
    case WireOp::Int: {
      int64_t n = s.in.integer();
      return s.in.is_short ? bad("a number cut short") : Value::of_int(n);
    }
    case WireOp::Float: {
      double d;
      return s.in.fixed(&d, 8) ? Value::of_float(d) : bad("a number cut short");
    }
    case WireOp::Ref: {
      uint64_t number = s.in.number();
      if (number >= s.objects.size()) return bad("a reference to nothing");
      Value v = s.objects[number];
      return v.is_empty() ? bad("a value that is needed to build itself") : v;
    }
    default: return read_numbered(s, op);
  }
}

Value WireReader::read_numbered(Scope& s, WireOp op) {
  if (op >= WireOp::Count) return bad("an unknown opcode");
  if (t_.native_stack_is_low()) return raise_recursion(t_, " while unpickling an object");
  size_t number = s.objects.size();
  s.objects.push(Value::empty());
  Value v = Value::empty();
  switch (op) {
    case WireOp::BigInt: v = read_big_int(s); break;
    case WireOp::Str: {
      std::string_view text = s.in.text();
      if (s.in.is_short) return bad("text cut short");
      v = str_value(make_str_latin1(t_, reinterpret_cast<const uint8_t*>(text.data()), text.size()));
      break;
    }
    case WireOp::WideStr: v = read_wide_str(s); break;
    case WireOp::Bytes:
    case WireOp::ByteArray: {
      std::string_view bytes = s.in.text();
      if (s.in.is_short) return bad("bytes cut short");
      if (op == WireOp::Bytes) v = Value::of_object(make_bytes(t_, bytes));
      else v = Value::of_object(make_bytearray(t_, bytes.data(), bytes.size()));
      break;
    }
    case WireOp::SharedBytes: {
      uint64_t index = s.in.number();
      if (!buffers_ || index >= buffers_->size()) return bad("a buffer that is not there");
      v = Value::of_object(make_shared_bytes(t_, (*buffers_)[index]));
      break;
    }
    case WireOp::Tuple:
    case WireOp::List: return read_sequence(s, op, number);
    case WireOp::Set:
    case WireOp::FrozenSet: return read_set(s, op == WireOp::FrozenSet, number);
    case WireOp::Dict: {
      Dict* d = make_dict(t_);
      set_number(s, number, Value::of_object(d));
      TRY(read_dict_items(s, d));
      return Value::of_object(d);
    }
    case WireOp::Range: v = read_range(s); break;
    case WireOp::Slice: {
      Value start = TRY(read(s)), stop = TRY(read(s)), step = TRY(read(s));
      v = make_slice(t_, start, stop, step);
      break;
    }
    case WireOp::BuiltinType: {
      uint8_t row = s.in.u8();
      if (row >= sizeof(BuiltinTypes) / sizeof(Type*)) return bad("an unknown built-in type");
      v = Value::of_object(reinterpret_cast<Type* const*>(&types(t_))[row]);
      break;
    }
    case WireOp::Name: v = read_name(s); break;
    case WireOp::MainName: v = read_main_name(s); break;
    case WireOp::ClassById: v = read_class_by_id(s); break;
    case WireOp::Module: {
      std::string name(s.in.text());
      if (s.in.is_short) return bad("text cut short");
      v = import_module(t_, name);
      break;
    }
    case WireOp::Attribute: {
      Str* name = intern(t_, s.in.text());
      Value object = TRY(read(s));
      v = get_attribute(t_, object, name);
      break;
    }
    case WireOp::Method: {
      Value function = TRY(read(s)), self = TRY(read(s));
      if (!is_callable(t_, function)) return bad("a method of something that cannot be called");
      v = make_bound_method(t_, function, self);
      break;
    }
    case WireOp::Property:
    case WireOp::StaticMethod:
    case WireOp::ClassMethod: v = read_wrapper(s, op); break;
    case WireOp::Cell: {
      Cell* cell = make_cell(t_, Value::empty());
      set_number(s, number, Value::of_object(cell));
      if (s.in.u8()) {
        Value content = TRY(read(s));
        store(cell, cell->value, content);
      }
      return Value::of_object(cell);
    }
    case WireOp::Code: v = read_code(s); break;
    case WireOp::Function: return read_function(s, number);
    case WireOp::Class: return read_class(s, number);
    case WireOp::Instance: return read_instance(s, number);
    case WireOp::Reduce: return read_reduce(s, number);
    case WireOp::Exception: return read_exception(s, number);
    case WireOp::Unsendable: {
      std::string_view text = s.in.text();
      v = make_unsendable(t_, text);
      break;
    }
    default: return bad("an opcode out of place");
  }
  if (v.is_raised()) return v;
  if (s.in.is_short) return bad("cut short");
  set_number(s, number, v);
  return v;
}

Value WireReader::read_big_int(Scope& s) {
  bool is_negative = s.in.u8();
  std::string_view magnitude = s.in.text();
  if (s.in.is_short) return bad("a number cut short");
  return make_int_of_bytes(t_, magnitude, is_negative);
}

Value WireReader::read_wide_str(Scope& s) {
  uint64_t length = s.in.count(4);
  std::string_view raw = s.in.view(length * 4);
  if (s.in.is_short) return bad("text cut short");
  std::u32string text(length, U'\0');
  memcpy(text.data(), raw.data(), raw.size());
  for (char32_t c : text)
    if (c > 0x10FFFF) return bad("a character beyond Unicode");
  return str_value(make_str_wide(t_, text.data(), text.size()));
}

Value WireReader::read_sequence(Scope& s, WireOp op, size_t number) {
  uint64_t count;
  if (!claim(s, 1, count)) return bad("more items than bytes");
  if (op == WireOp::List) {
    List* list = make_list(t_, count);
    set_number(s, number, Value::of_object(list));
    for (uint64_t i = 0; i < count; ++i) {
      Value item = TRY(read(s));
      list_push(t_, list, item);
      if ((i & 4095) == 4095) TRY(t_.poll_signals());
    }
    return Value::of_object(list);
  }
  Tuple* tuple = make_tuple(t_, count);
  set_number(s, number, Value::of_object(tuple));
  for (uint64_t i = 0; i < count; ++i) {
    Value item = TRY(read(s));
    store(tuple, tuple->items[i], item);
    if ((i & 4095) == 4095) TRY(t_.poll_signals());
  }
  return Value::of_object(tuple);
}

Value WireReader::read_set(Scope& s, bool is_frozen, size_t number) {
  uint64_t count;
  if (!claim(s, 1, count)) return bad("more items than bytes");
  Set* set = make_set(t_, is_frozen);
  set_number(s, number, Value::of_object(set));
  for (uint64_t i = 0; i < count; ++i) {
    Value item = TRY(read(s));
    TRY(set_add_item(t_, set, item));
  }
  return Value::of_object(set);
}

Value WireReader::read_dict_items(Scope& s, Dict* d) {
  uint64_t count;
  if (!claim(s, 2, count)) return bad("more items than bytes");
  for (uint64_t i = 0; i < count; ++i) {
    Value key = TRY(read(s)), value = TRY(read(s));
    if (is_exact(key, Kind::Str)) dict_set(t_, d, intern(t_, as<Str>(key)), value);
    else TRY(dict_set_item(t_, d, key, value));
    if ((i & 4095) == 4095) TRY(t_.poll_signals());
  }
  return Value::none();
}

Value WireReader::read_range(Scope& s) {
  Value part[3];
  for (Value& v : part) {
    v = TRY(read(s));
    if (!is_integer(v)) return bad("a range of something else than numbers");
  }
  return call(t_, Value::of_object(types(t_).range), {part[0], part[1], part[2]});
}

Value WireReader::read_wrapper(Scope& s, WireOp op) {
  if (op == WireOp::Property) {
    Value getter = TRY(read(s)), setter = TRY(read(s)), deleter = TRY(read(s)), doc = TRY(read(s));
    return call(t_, Value::of_object(types(t_).property), {getter, setter, deleter, doc});
  }
  Value function = TRY(read(s));
  return call(t_, Value::of_object(op == WireOp::StaticMethod ? types(t_).static_method : types(t_).class_method), {function});
}

// --- Names ---

Value WireReader::follow(Value v, std::string_view path, std::string_view whole) {
  while (!path.empty()) {
    size_t dot = std::min(path.find('.'), path.size());
    v = get_attribute_or_empty(t_, v, intern(t_, path.substr(0, dot)));
    if (v.is_raised()) return v;
    if (v.is_empty()) return raise(t_, ErrorType::AttributeError, "Can't get attribute '{}'", whole);
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return v;
}

Value WireReader::read_name(Scope& s) {
  std::string module(s.in.text()), path(s.in.text());
  if (s.in.is_short || path.empty()) return bad("a name cut short");
  if (module == "__main__") {
    size_t dot = std::min(path.find('.'), path.size());
    Value first = dict_get(t_.interpreter->main_globals, intern(t_, std::string_view(path).substr(0, dot)));
    if (first.is_empty()) return raise(t_, ErrorType::AttributeError, "Can't get attribute '{}' on <module '__main__'>", path);
    return follow(first, std::string_view(path).substr(std::min(dot + 1, path.size())), path);
  }
  Value found = TRY(import_module(t_, module));
  Value v = follow(found, path, path);
  return v;
}

Value WireReader::read_main_name(Scope& s) {
  std::string path(s.in.text());
  if (s.in.is_short || path.empty()) return bad("a name cut short");
  std::string_view first = std::string_view(path).substr(0, path.find('.'));
  Str* name = intern(t_, first);
  Value v = Value::empty();
  for (size_t i = 0; i < definitions_.size() && v.is_empty(); ++i) {
    const Definition& d = definitions_[i];
    if (d.kind == WireDefinitionKind::Global && d.name == name && d.space == t_.interpreter->main_globals)
      v = TRY(decode_definition(i));
  }
  if (v.is_empty()) v = dict_get(t_.interpreter->main_globals, name);
  if (v.is_empty()) return raise(t_, ErrorType::AttributeError, "Can't get attribute '{}' on <module '__main__'>", path);
  return follow(v, std::string_view(path).substr(std::min(first.size() + 1, path.size())), path);
}

Value WireReader::read_class_by_id(Scope& s) {
  uint64_t origin;
  if (!s.in.fixed(&origin, 8)) return bad("cut short");
  for (size_t i = 0; i < definitions_.size(); ++i)
    if (definitions_[i].kind == WireDefinitionKind::Class && definitions_[i].origin == origin) return decode_definition(i);
  Type* type = wire_class_by_origin(t_, origin);
  return type ? Value::of_object(type) : bad("a class that was never sent");
}

// --- Functions and classes ---

Value WireReader::read_code(Scope& s) {
  CodeReader reader(t_, s.in);
  if (!reader.read_plain()) return Value::raised();
  ValueList values(t_);
  for (size_t i = 0; i < reader.value_count(); ++i) {
    Value v = TRY(read(s));
    values.push(v);
  }
  Code* code = reader.finish(values);
  return code ? Value::of_object(code) : Value::raised();
}

Value WireReader::read_function(Scope& s, size_t number) {
  auto kind = static_cast<WireSpace>(s.in.u8());
  Dict* globals = t_.interpreter->main_globals;
  if (kind == WireSpace::Module) {
    std::string name(s.in.text());
    Value module = TRY(import_module(t_, name));
    if (!is_kind(module, Kind::Module)) return bad("a module that is none");
    globals = as<Module>(module)->namespace_;
  } else if (kind == WireSpace::Other) {
    globals = space(s.in.number());
  } else if (kind != WireSpace::Main) {
    return bad("a namespace of unknown kind");
  }
  if (!globals || s.in.is_short) return bad("an unknown namespace");
  Code* code = as<Code>(TRY(read_kind(s, Kind::Code)));
  if (s.in.count() != code->captures.size()) return bad("a function with the wrong number of cells");
  Function* f = make_function(t_, code, globals);
  for (uint32_t i = 0; i < f->closure_count; ++i) f->closure[i] = make_cell(t_, Value::empty());
  set_number(s, number, Value::of_object(f));
  for (uint32_t i = 0; i < f->closure_count; ++i) f->closure[i] = as<Cell>(TRY(read_kind(s, Kind::Cell)));
  f->name = TRY(read_kind(s, Kind::Str));
  f->qualified_name = TRY(read_kind(s, Kind::Str));
  f->module = TRY(read(s));
  f->doc = TRY(read(s));
  Value defaults = TRY(read_kind_or_none(s, Kind::Tuple));
  if (!defaults.is_none()) f->defaults = as<Tuple>(defaults);
  Value keyword_defaults = TRY(read_kind_or_none(s, Kind::Dict));
  if (!keyword_defaults.is_none()) f->keyword_defaults = as<Dict>(keyword_defaults);
  Dict* annotations = make_dict(t_);
  TRY(read_dict_items(s, annotations));
  f->annotations = annotations->count ? Value::of_object(annotations) : Value::none();
  TRY(read_attributes(s, f));
  return Value::of_object(f);
}

Value WireReader::read_class(Scope& s, size_t number) {
  Value metaclass = TRY(read_kind(s, Kind::Type));
  Value name = TRY(read_kind(s, Kind::Str)), qualified_name = TRY(read_kind(s, Kind::Str)), module = TRY(read(s));
  Value bases = TRY(read_kind(s, Kind::Tuple));
  if (!is_subtype(as<Type>(metaclass), types(t_).type)) return bad("a metaclass that is none");
  Dict* attributes = make_dict(t_);
  dict_set(t_, attributes, names(t_).qualname, qualified_name);
  if (!module.is_none()) dict_set(t_, attributes, names(t_).module, module);
  if (s.in.u8()) {
    Value slots = TRY(read(s));
    dict_set(t_, attributes, names(t_).slots, slots);
  }
  Value made = TRY(make_class_unhooked(t_, as<Type>(metaclass), as<Str>(name), as<Tuple>(bases), attributes));
  auto type = as<Type>(made);
  set_number(s, number, made);
  uint64_t count;
  if (!claim(s, 2, count)) return bad("more attributes than bytes");
  for (uint64_t i = 0; i < count; ++i) {
    Value key = TRY(read_kind(s, Kind::Str)), v = TRY(read(s));
    Str* attribute = intern(t_, as<Str>(key));
    if (attribute == names(t_).abstractmethods) TRY(set_attribute(t_, made, attribute, v));   // also a flag of the class
    else TRY(set_type_attribute(t_, type, attribute, v));
  }
  return made;
}

// --- Instances ---

Value WireReader::read_attributes(Scope& s, Object* o) {
  uint64_t count;
  if (!claim(s, 2, count)) return bad("more attributes than bytes");
  if (count && !attribute_store(o)) return bad("attributes of an object that has none");
  for (uint64_t i = 0; i < count; ++i) {
    Value key = TRY(read_kind(s, Kind::Str)), v = TRY(read(s));
    set_own_attribute(t_, o, intern(t_, as<Str>(key)), v);
  }
  return Value::none();
}

// The empty or immutable object of a subclass of a built-in, by the built-in's own __new__.
Value WireReader::make_from_payload(Scope& s, Type* type, Value& payload) {
  auto kind = static_cast<Kind>(s.in.u8());
  if (s.in.is_short || kind != type->layout->kind) return bad("an instance that does not fit its class");
  bool is_filled_later = kind == Kind::List || kind == Kind::Dict || kind == Kind::Set || kind == Kind::ByteArray;
  bool is_known = is_filled_later || kind == Kind::Int || kind == Kind::Float || kind == Kind::Str || kind == Kind::Bytes ||
                  kind == Kind::Tuple || kind == Kind::FrozenSet;
  if (!is_known) return bad("an instance of an unknown kind");
  Value make = TRY(get_attribute(t_, Value::of_object(native_type(t_, *type->layout)), names(t_).new_));
  if (is_filled_later) return call(t_, make, {Value::of_object(type)});
  payload = TRY(read(s));
  bool fits = kind == Kind::Int ? is_integer(payload) : kind == Kind::Float ? payload.is_float() : is_kind(payload, kind);
  if (!fits) return bad("an instance that does not fit its class");
  return call(t_, make, {Value::of_object(type), payload});
}

Value WireReader::read_instance(Scope& s, size_t number) {
  auto type = as<Type>(TRY(read_kind(s, Kind::Type)));
  uint8_t flags = s.in.u8();
  if (s.in.is_short) return bad("cut short");
  Value made = Value::empty(), payload = Value::empty();
  if (flags & kWireNewArguments) {
    Value arguments = TRY(read_kind(s, Kind::Tuple));
    Value keywords = flags & kWireNewKeywords ? TRY(read_kind(s, Kind::Dict)) : Value::empty();
    Value make = TRY(get_attribute(t_, Value::of_object(type), names(t_).new_));
    ValueList all(t_), keyword_names(t_);
    all.push(Value::of_object(type));
    for (uint64_t i = 0; i < as<Tuple>(arguments)->length; ++i) all.push(as<Tuple>(arguments)->items[i]);
    size_t positional = all.size();
    if (!keywords.is_empty())
      for (DictCursor c(as<Dict>(keywords)); c.next();) {
        if (!is_kind(c.entry->key, Kind::Str)) return bad("a keyword that is no str");
        keyword_names.push(c.entry->key);
        all.push(c.entry->value);
      }
    Tuple* names_tuple = keyword_names.size() ? make_tuple(t_, keyword_names.data(), keyword_names.size()) : nullptr;
    made = TRY(call(t_, make, all.data(), positional, names_tuple));
    if (flags & kWirePayload && (s.in.u8() != static_cast<uint8_t>(type->layout->kind) || !made.is_object() || made.object->kind != type->layout->kind))
      return bad("an instance that does not fit its class");
  } else if (flags & kWirePayload) {
    made = TRY(make_from_payload(s, type, payload));
  } else {
    if (type->layout != &object_layout) return bad("an instance that does not fit its class");
    made = make_instance(t_, type);
  }
  set_number(s, number, made);
  if (flags & kWirePayload && payload.is_empty() && made.is_object()) {
    Kind kind = made.object->kind;
    if (kind == Kind::Dict) {
      TRY(read_dict_items(s, as<Dict>(made)));
    } else {
      payload = TRY(read(s));
      if (kind == Kind::List && is_kind(payload, Kind::Tuple)) TRY(list_extend_with(t_, as<List>(made), payload));
      else if (kind == Kind::Set && is_kind(payload, Kind::FrozenSet)) TRY(set_update_with(t_, as<Set>(made), payload));
      else if (kind == Kind::ByteArray && is_kind(payload, Kind::Bytes)) TRY(call_method(t_, made, intern(t_, "extend"), {payload}));
      else return bad("an instance that does not fit its class");
    }
  }
  if (flags & kWireState) {
    Value state = TRY(read(s));
    TRY(set_state(made, state));
  } else if (flags & kWireAttributes) {
    if (made.is_object()) TRY(read_attributes(s, made.object));
    else if (s.in.number()) return bad("attributes of an object that has none");
  }
  return made;
}

// __setstate__, or the dict (or dict and slots) as attributes.
Value WireReader::set_state(Value object, Value state) {
  Type* owner = nullptr;
  Value method = type_lookup(type_of(t_, object), names(t_).setstate, &owner);
  if (!method.is_empty()) return call_method(t_, object, names(t_).setstate, {state});
  Value parts[2] = {state, Value::none()};
  if (is_kind(state, Kind::Tuple) && as<Tuple>(state)->length == 2) {
    parts[0] = as<Tuple>(state)->items[0];
    parts[1] = as<Tuple>(state)->items[1];
  }
  for (int i = 0; i < 2; ++i) {
    if (parts[i].is_none()) continue;
    if (!is_kind(parts[i], Kind::Dict)) return raise(t_, ErrorType::TypeError, "state is not a dictionary");
    ValueList pairs(t_);
    for (DictCursor c(as<Dict>(parts[i])); c.next();) {
      pairs.push(c.entry->key);
      pairs.push(c.entry->value);
    }
    bool is_direct = i == 0 && object.is_object() && !is_kind(object, Kind::Type) && attribute_store(object.object);
    for (size_t j = 0; j < pairs.size(); j += 2) {
      if (!is_kind(pairs[j], Kind::Str)) return raise(t_, ErrorType::TypeError, "attribute name must be string");
      Str* name = intern(t_, as<Str>(pairs[j]));
      if (is_direct) set_own_attribute(t_, object.object, name, pairs[j + 1]);
      else TRY(set_attribute(t_, object, name, pairs[j + 1]));
    }
  }
  return Value::none();
}

Value WireReader::read_reduce(Scope& s, size_t number) {
  Value callable = TRY(read(s));
  Value arguments = TRY(read_kind(s, Kind::Tuple));
  // The object must exist before its state is read: the state may refer to it.
  Value made = TRY(call(t_, callable, as<Tuple>(arguments)->items, as<Tuple>(arguments)->length));
  set_number(s, number, made);
  Value state = TRY(read(s)), setter = TRY(read(s));
  uint64_t count;
  if (!claim(s, 1, count)) return bad("more items than bytes");
  for (uint64_t i = 0; i < count; ++i) {
    Value item = TRY(read(s));
    if (is_exact(made, Kind::List)) list_push(t_, as<List>(made), item);
    else TRY(call_method(t_, made, intern(t_, "append"), {item}));
  }
  if (!claim(s, 2, count)) return bad("more items than bytes");
  for (uint64_t i = 0; i < count; ++i) {
    Value key = TRY(read(s)), value = TRY(read(s));
    TRY(set_item(t_, made, key, value));
  }
  if (!setter.is_none()) TRY(call(t_, setter, {made, state}));
  else if (!state.is_none()) TRY(set_state(made, state));
  return made;
}

Value WireReader::read_exception(Scope& s, size_t number) {
  auto type = as<Type>(TRY(read_kind(s, Kind::Type)));
  Value arguments = TRY(read_kind(s, Kind::Tuple));
  if (!is_subtype(type, types(t_).base_exception)) return bad("an exception of a class that is none");
  Exception* e = make_exception(t_, type, as<Tuple>(arguments));
  set_number(s, number, Value::of_object(e));
  uint8_t flags = s.in.u8();
  for (int which = 0; which < 2; ++which) {
    if (!(flags & 1 << which)) continue;
    Value other = TRY(read_kind(s, Kind::Exception));
    store(e, which ? e->context : e->cause, other);
  }
  e->suppress_context = flags & 4;
  TRY(read_attributes(s, e));
  return Value::of_object(e);
}

// --- The doors ---

void WireInbox::trace(Marker& marker) {
  for (auto& [number, space] : spaces_) marker.mark_pointer(space);
}

bool WireInbox::decode(Thread& t, std::string_view message, Value* out, size_t count, const SharedBuffers* buffers) {
  return WireReader(t, *this, buffers).read_message(message, out, count);
}

}  // namespace mini
