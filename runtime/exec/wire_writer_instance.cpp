// SPDX-License-Identifier: MIT
// Writing instances and exceptions, by the rules that copy and pickle have: __reduce_ex__ or __reduce__ where a class has
// its own, a function registered with copyreg, else the class with its state: __getnewargs__, __getstate__ or the attributes,
// and for subclasses of list, str ... the built-in part.
#include <algorithm>

#include "runtime/calls.h"
#include "runtime/exec/wire_writer.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

void collect_attributes(Thread& t, Object* o, ValueList& out) {
  AttributeStore* store = attribute_store(o);
  if (!store) return;
  if (o->shape->is_dictionary) {
    for (Dict* d : {attribute_dict(t, o), member_dict(o)}) {
      if (!d) continue;
      for (DictCursor c(d); c.next();) {
        out.push(c.entry->key);
        out.push(c.entry->value);
      }
    }
    return;
  }
  out.resize(o->shape->count * 2);
  for (Shape* s = o->shape; s->parent; s = s->parent) {
    out[(s->count - 1) * 2] = str_value(s->name);
    out[(s->count - 1) * 2 + 1] = store->slots[s->count - 1];
  }
  for (size_t i = out.size(); i > 0; i -= 2) {   // slots of attributes that were never set
    if (!out[i - 1].is_empty()) continue;
    for (size_t j = i; j < out.size(); ++j) out[j - 2] = out[j];
    out.pop();
    out.pop();
  }
}

// Does the class, or a base other than object and the built-in exceptions, define this method?
bool WireWriter::overrides(Type* type, Str* name, Value* method) {
  Type* owner = nullptr;
  Value found = type_lookup(type, name, &owner);
  bool is_builtin_exception = owner && owner->layout->kind == Kind::Exception && !(owner->type_flags & kTypeIsScript);
  if (found.is_empty() || owner == types(t_).object || is_builtin_exception) return false;
  if (method) *method = found;
  return true;
}

// The result of the object's own or a registered reducer; Empty when it has none. False after raising.
bool WireWriter::reduce(Object* o, Value& reduced) {
  reduced = Value::empty();
  Value v = Value::of_object(o);
  Type* type = type_of(o);
  Value copyreg = dict_get(t_.interpreter->modules, intern(t_, "copyreg"));
  if (is_kind(copyreg, Kind::Module)) {
    Value table = dict_get(as<Module>(copyreg)->namespace_, intern(t_, "dispatch_table"));
    Value reducer = is_kind(table, Kind::Dict) ? dict_get_item(t_, as<Dict>(table), Value::of_object(type)) : Value::empty();
    if (!reducer.is_empty()) reduced = reducer.is_raised() ? reducer : call(t_, reducer, {v});
    if (!reduced.is_empty()) return !reduced.is_raised();
  }
  if (overrides(type, names(t_).reduce_ex)) reduced = call_method(t_, v, names(t_).reduce_ex, {Value::of_int(4)});
  else if (overrides(type, names(t_).reduce)) reduced = call_method(t_, v, names(t_).reduce);
  if (!reduced.is_empty() || type->type_flags & kTypeIsScript || o->kind == Kind::Exception) return !reduced.is_raised();
  // Types of the library that know nothing of this: copyreg has a few words on some of them.
  copyreg = import_module(t_, "copyreg");
  if (copyreg.is_raised()) return false;
  reduced = call_method(t_, copyreg, intern(t_, "_reduce_native"), {v});
  if (reduced.is_none()) reduced = Value::empty();
  return !reduced.is_raised();
}

namespace {

// Layouts whose native part an instance can leave and take up again.
bool has_plain_layout(Type* type) {
  const Layout* l = type->layout;
  return l == &object_layout || l == &int__layout || l == &float__layout || l == &str_layout || l == &bytes_layout ||
         l == &bytearray_layout || l == &tuple_layout || l == &list_layout || l == &dict_layout || l == &set_layout ||
         l == &frozenset_layout;
}

}  // namespace

// Callables of native types that know their own name, as lru_cache makes them: one and the same for every message.
bool WireWriter::write_named_native(Value v, bool& done) {
  Value path = get_attribute_or_empty(t_, v, names(t_).qualname);
  if (path.is_raised()) return false;
  if (!is_kind(path, Kind::Str)) return true;
  Value module = get_attribute_or_empty(t_, v, names(t_).module);
  if (module.is_raised()) return false;
  bool is_main = is_kind(module, Kind::Str) && equals(as<Str>(module), "__main__");
  return write_by_name(v, module, path, is_main, done);
}

bool WireWriter::write_instance(Object* o) {
  Value v = Value::of_object(o);
  Type* type = type_of(o);
  if (std::find(open_classes_.begin(), open_classes_.end(), type) != open_classes_.end() && has_plain_layout(type))
    return write_plain_instance(o, true);
  if (type->layout == &unsendable_layout) {
    out_.op(WireOp::Unsendable);
    out_.text(unsendable_message(v));
    return true;
  }
  if (is_kind(v, Kind::Generator) || is_kind(v, Kind::Coroutine) ||
      is_kind(v, Kind::AsyncGenerator) || is_kind(v, Kind::Traceback))
    return fail_unsendable(v);
  bool is_named = false;
  if (o->kind == Kind::Native && !write_named_native(v, is_named)) return false;
  if (is_named) return true;
  Value reduced;
  if (!reduce(o, reduced)) return false;
  if (!reduced.is_empty()) {
    kept_.push(reduced);
    return write_reduced(o, reduced);
  }
  if (o->kind == Kind::Exception) return write_exception(static_cast<Exception*>(o));
  bool is_bare_object = type == types(t_).object;
  if (!(type->type_flags & kTypeIsScript) && !is_bare_object) return fail_unsendable(v);
  if (!has_plain_layout(type)) return fail_unsendable(v);
  return write_plain_instance(o, false);
}

// class, flags, [payload], [arguments of __new__], state. `is_raw`: leave the class's own methods alone.
bool WireWriter::write_plain_instance(Object* o, bool is_raw) {
  Value v = Value::of_object(o);
  Type* type = type_of(o);
  Value arguments = Value::empty(), keywords = Value::empty(), state = Value::empty();
  uint8_t flags = type->layout == &object_layout ? 0 : kWirePayload;
  if (!is_raw && overrides(type, names(t_).getnewargs_ex)) {
    Value both = call_method(t_, v, names(t_).getnewargs_ex);
    if (both.is_raised()) return false;
    if (!is_kind(both, Kind::Tuple) || as<Tuple>(both)->length != 2 || !is_kind(as<Tuple>(both)->items[0], Kind::Tuple) ||
        !is_kind(as<Tuple>(both)->items[1], Kind::Dict)) {
      (void)raise(t_, ErrorType::TypeError, "__getnewargs_ex__ should return a tuple of a tuple and a dict, not '{}'", type_name(t_, both));
      return false;
    }
    kept_.push(both);
    arguments = as<Tuple>(both)->items[0];
    keywords = as<Tuple>(both)->items[1];
    flags |= kWireNewArguments | kWireNewKeywords;
  } else if (!is_raw && overrides(type, names(t_).getnewargs)) {
    arguments = call_method(t_, v, names(t_).getnewargs);
    if (arguments.is_raised()) return false;
    if (!is_kind(arguments, Kind::Tuple)) {
      (void)raise(t_, ErrorType::TypeError, "__getnewargs__ should return a tuple, not '{}'", type_name(t_, arguments));
      return false;
    }
    kept_.push(arguments);
    flags |= kWireNewArguments;
  }
  // What __new__ rebuilds of an immutable value needs no payload.
  if (flags & kWireNewArguments && o->kind != Kind::List && o->kind != Kind::Dict && o->kind != Kind::Set && o->kind != Kind::ByteArray)
    flags &= ~kWirePayload;
  if (!is_raw && overrides(type, names(t_).getstate)) {
    state = call_method(t_, v, names(t_).getstate);
    if (state.is_raised()) return false;
    kept_.push(state);
  } else if (!is_raw && overrides(type, names(t_).setstate)) {
    ValueList pairs(t_);
    collect_attributes(t_, o, pairs);
    Dict* d = make_dict(t_);
    for (size_t i = 0; i < pairs.size(); i += 2) dict_set(t_, d, as<Str>(pairs[i]), pairs[i + 1]);
    state = pairs.size() ? Value::of_object(d) : Value::none();
    kept_.push(state);
  }
  flags |= state.is_empty() ? kWireAttributes : state.is_none() ? 0 : kWireState;
  out_.op(WireOp::Instance);
  if (!write(Value::of_object(type))) return false;
  out_.u8(flags);
  if (flags & kWireNewArguments && !write(arguments)) return false;
  if (flags & kWireNewKeywords && !write(keywords)) return false;
  if (flags & kWirePayload && !write_payload(o)) return false;
  if (flags & kWireState) return write(state);
  return !(flags & kWireAttributes) || write_attributes(o);
}

// The built-in part. Its own value takes a number that nothing refers to.
bool WireWriter::write_payload(Object* o) {
  out_.u8(static_cast<uint8_t>(o->kind));
  switch (o->kind) {
    case Kind::Int: {
      int64_t n;
      ++next_number_;
      if (fits_int64(Value::of_object(o), n)) { --next_number_; out_.op(WireOp::Int); out_.integer(n); return true; }
      write_big_int(Value::of_object(o));
      return true;
    }
    case Kind::Float: return write(Value::of_float(static_cast<FloatObject*>(o)->number));
    case Kind::Str: ++next_number_; write_str(static_cast<Str*>(o)); return true;
    case Kind::Bytes:
      ++next_number_;
      out_.op(WireOp::Bytes);
      out_.text({reinterpret_cast<char*>(static_cast<Bytes*>(o)->data), static_cast<Bytes*>(o)->length});
      return true;
    case Kind::ByteArray:
      ++next_number_;
      out_.op(WireOp::Bytes);
      out_.text({reinterpret_cast<char*>(static_cast<ByteArray*>(o)->data), static_cast<ByteArray*>(o)->length});
      return true;
    case Kind::Tuple:
    case Kind::List:
      ++next_number_;
      return write_items(WireOp::Tuple, o);
    case Kind::Dict: return write_dict_items(static_cast<Dict*>(o));
    case Kind::Set:
    case Kind::FrozenSet:
      ++next_number_;
      out_.op(WireOp::FrozenSet);
      return write_set_items(o);
    default: return fail_unsendable(Value::of_object(o));
  }
}

bool WireWriter::write_attributes(Object* o) {
  ValueList pairs(t_);
  collect_attributes(t_, o, pairs);
  return write_pairs(pairs, Step::Attribute);
}

// (callable, arguments[, state[, items[, pairs]]]), or the name of a global.
bool WireWriter::write_reduced(Object* o, Value reduced) {
  Value v = Value::of_object(o);
  if (is_kind(reduced, Kind::Str)) {
    Value module = get_attribute_or_empty(t_, v, names(t_).module);
    if (module.is_raised()) return false;
    bool is_main = module.is_empty() || (is_kind(module, Kind::Str) && equals(as<Str>(module), "__main__"));
    bool done;
    if (!write_by_name(v, module, reduced, is_main, done)) return false;
    return done || raise_not_found(v, module, reduced);
  }
  auto parts = as<Tuple>(reduced);
  if (!is_kind(reduced, Kind::Tuple) || parts->length < 2 || parts->length > 6) {
    (void)raise(t_, ErrorType::TypeError, "__reduce__ must return a string or tuple");
    return false;
  }
  if (!is_kind(parts->items[1], Kind::Tuple)) {
    (void)raise(t_, ErrorType::TypeError, "second item of the tuple returned by __reduce__ must be a tuple, not {}",
                type_name(t_, parts->items[1]));
    return false;
  }
  auto part = [&](uint64_t i) { return i < parts->length ? parts->items[i] : Value::none(); };
  ValueList items(t_), pairs(t_);
  for (int which = 3; which <= 4; ++which) {
    if (part(which).is_none()) continue;
    ValueList& list = which == 3 ? items : pairs;
    for (Iteration it(t_, part(which));;) {
      Value item = it.next();
      if (item.is_raised()) return false;
      if (item.is_empty()) break;
      kept_.push(item);
      if (which == 3) { list.push(item); continue; }
      if (!is_kind(item, Kind::Tuple) || as<Tuple>(item)->length != 2) {
        (void)raise(t_, ErrorType::TypeError, "fifth item of the tuple returned by __reduce__ must yield pairs");
        return false;
      }
      list.push(as<Tuple>(item)->items[0]);
      list.push(as<Tuple>(item)->items[1]);
    }
  }
  out_.op(WireOp::Reduce);
  if (!write(parts->items[0]) || !write(parts->items[1]) || !write(part(2)) || !write(part(5))) return false;
  out_.number(items.size());
  for (Value item : items)
    if (!write(item)) return false;
  return write_pairs(pairs, Step::Key);
}

// Exceptions are rebuilt without running their __init__, so one with unusual parameters arrives as well.
bool WireWriter::write_exception(Exception* e) {
  out_.op(WireOp::Exception);
  bool has_cause = !e->cause.is_none(), has_context = !e->context.is_none();
  if (!write(Value::of_object(type_of(e))) || !write_step_items(Value::of_object(e->args), Step::Attribute, "args")) return false;
  out_.u8(static_cast<uint8_t>(has_cause | has_context << 1 | e->suppress_context << 2));
  if (has_cause && !write_step_items(e->cause, Step::Attribute, "__cause__")) return false;
  if (has_context && !write_step_items(e->context, Step::Attribute, "__context__")) return false;
  return write_attributes(e);
}

}  // namespace mini
