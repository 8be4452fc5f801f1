// SPDX-License-Identifier: MIT
// Writing what a script defines: functions with their code, cells and globals, and classes.
#include <algorithm>

#include "runtime/calls.h"
#include "runtime/exec/code_wire.h"
#include "runtime/exec/wire_writer.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// What a dotted path leads to from a namespace; Empty when it leads nowhere. Clears what a lookup may raise.
Value follow_path(Thread& t, Dict* space, std::string_view path) {
  Value v = Value::empty();
  for (bool is_first = true; !path.empty(); is_first = false) {
    size_t dot = std::min(path.find('.'), path.size());
    Str* part = intern(t, path.substr(0, dot));
    v = is_first ? dict_get(space, part) : get_attribute_or_empty(t, v, part);
    if (v.is_raised()) (void)take_exception(t);
    if (v.is_raised() || v.is_empty()) return Value::empty();
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return v;
}

// The namespace of a module that is imported, or null.
Dict* module_space(Thread& t, Str* name) {
  if (equals(name, "builtins")) return t.interpreter->builtins;
  Value module = t.interpreter->modules ? dict_get(t.interpreter->modules, intern(t, name)) : Value::empty();
  return is_kind(module, Kind::Module) ? as<Module>(module)->namespace_ : nullptr;
}

}  // namespace

bool WireWriter::need(uint32_t slot) {
  if (std::find(needs_.begin(), needs_.end(), slot) == needs_.end()) needs_.push_back(slot);
  return true;
}

bool WireWriter::write_by_name(Value v, Value module, Value path, bool is_main, bool& done) {
  done = false;
  if (!is_kind(path, Kind::Str)) return true;
  std::string text = to_utf8(as<Str>(path));
  if (text.empty() || text.find('<') != std::string::npos) return true;
  std::string first = text.substr(0, text.find('.'));
  bool is_mirrored = is_main && is_by_value();
  Dict* space = is_main ? t_.interpreter->main_globals : is_kind(module, Kind::Str) ? module_space(t_, as<Str>(module)) : nullptr;
  if (!space) return true;
  if (is_mirrored && root_space_ == space && root_name_ && equals(root_name_, first)) return true;   // it would name itself
  if (!follow_path(t_, space, text).is_same(v)) return true;
  done = true;
  if (!is_mirrored) {
    out_.op(WireOp::Name);
    out_.text(is_main ? "__main__" : to_utf8(as<Str>(module)));
    out_.text(text);
    return true;
  }
  uint32_t slot;
  Str* name = intern(t_, first);
  if (!table_.need_global(t_, space, name, dict_get(space, name), slot)) return false;
  out_.op(WireOp::MainName);
  out_.text(text);
  return need(slot);
}

// pickle's words for a function or class that its name does not lead to.
bool WireWriter::raise_not_found(Value v, Value module, Value path) {
  std::string where = is_kind(module, Kind::Str) ? to_utf8(as<Str>(module)) : "__main__";
  std::string name = is_kind(path, Kind::Str) ? to_utf8(as<Str>(path)) : "?";
  if (name.find("<locals>") != std::string::npos) {
    (void)raise(t_, ErrorType::AttributeError, "Can't pickle local object '{}'", name);
    return false;
  }
  Str* shown = to_repr(t_, v);
  if (!shown) return false;
  Dict* space = is_kind(module, Kind::Str) ? module_space(t_, as<Str>(module)) : nullptr;
  bool is_other = space && !follow_path(t_, space, name).is_empty();
  if (is_other) (void)raise(t_, ErrorType::ValueError, "Can't pickle {}: it's not the same object as {}.{}", to_utf8(shown), where, name);
  else (void)raise(t_, ErrorType::ValueError, "Can't pickle {}: attribute lookup {} on {} failed", to_utf8(shown), name, where);
  return false;
}

// --- Functions ---

bool WireWriter::write_function(Function* f) {
  Value v = Value::of_object(f);
  bool is_main = f->globals == t_.interpreter->main_globals || (is_kind(f->module, Kind::Str) && equals(as<Str>(f->module), "__main__"));
  bool done;
  if (!write_by_name(v, f->module, f->qualified_name, is_main, done)) return false;
  if (done) return true;
  if (!is_by_value()) return raise_not_found(v, f->module, f->qualified_name);
  return write_function_body(f);
}

namespace {

// Annotations are for reading; one that is more than a name or a class stays at home.
bool is_plain_annotation(Value v) { return !v.is_object() || is_kind(v, Kind::Str) || is_kind(v, Kind::Type); }

void plain_annotations(Value annotations, ValueList& out) {
  if (!is_kind(annotations, Kind::Dict)) return;
  for (DictCursor c(as<Dict>(annotations)); c.next();) {
    if (!is_plain_annotation(c.entry->value)) continue;
    out.push(c.entry->key);
    out.push(c.entry->value);
  }
}

Value value_or_none(Object* o) { return o ? Value::of_object(o) : Value::none(); }

}  // namespace

bool WireWriter::write_function_body(Function* f) {
  out_.op(WireOp::Function);
  bool is_in_module = is_kind(f->module, Kind::Str) && f->globals != t_.interpreter->main_globals &&
                      module_space(t_, as<Str>(f->module)) == f->globals;
  if (f->globals == t_.interpreter->main_globals) {
    out_.u8(static_cast<uint8_t>(WireSpace::Main));
  } else if (is_in_module) {
    out_.u8(static_cast<uint8_t>(WireSpace::Module));
    out_.text(to_utf8(as<Str>(f->module)));
  } else {
    out_.u8(static_cast<uint8_t>(WireSpace::Other));
    out_.number(table_.space_number(f->globals));
  }
  if (!write(Value::of_object(f->code))) return false;
  out_.number(f->closure_count);
  for (uint32_t i = 0; i < f->closure_count; ++i) {
    std::string label = ", the cell '" + (i < f->code->free_names.size() ? to_utf8(f->code->free_names[i]) : "?") + "'";
    if (!write_step_items(Value::of_object(f->closure[i]), Step::Label, label.c_str())) return false;
  }
  ValueList annotations(t_), attributes(t_);
  plain_annotations(f->annotations, annotations);
  collect_attributes(t_, f, attributes);
  return write(f->name) && write(f->qualified_name) && write(f->module) && write(f->doc) &&
         write_step_items(value_or_none(f->defaults), Step::Attribute, "__defaults__") &&
         write_step_items(value_or_none(f->keyword_defaults), Step::Attribute, "__kwdefaults__") &&
         write_pairs(annotations, Step::Key) && write_pairs(attributes, Step::Attribute) &&
         (is_in_module || need_globals(f, f->globals));
}

// Definitions of all globals that the code of `f`, nested code included, names.
bool WireWriter::need_globals(Function* f, Dict* space) {
  ValueList found(t_);
  collect_global_names(f->code, found);
  for (size_t i = 0; i < found.size(); ++i) {
    auto name = as<Str>(found[i]);
    Value v = dict_get(space, name);
    if (v.is_empty()) continue;
    uint32_t slot;
    if (!table_.need_global(t_, space, name, v, slot)) return false;
    if (!need(slot)) return false;
  }
  return true;
}

bool WireWriter::write_code(Code* code) {
  out_.op(WireOp::Code);
  ValueList values(t_);
  code_to_wire(code, out_, values);
  for (Value v : values)
    if (!write(v)) return false;
  return true;
}

// object.name, for methods of built-in types bound or not.
bool WireWriter::write_attribute_of(Value object, Str* name) {
  out_.op(WireOp::Attribute);
  out_.text(to_utf8(name));
  return write(object);
}

bool WireWriter::write_native_function(NativeFunction* f) {
  if (!f->self.is_empty() && !is_kind(f->self, Kind::Module)) return write_attribute_of(f->self, f->name);
  if (f->owner) return write_attribute_of(Value::of_object(f->owner), f->name);
  Value v = Value::of_object(f);
  Value module = is_kind(f->self, Kind::Module) ? str_value(as<Module>(f->self)->name) : f->module;
  if (!is_kind(module, Kind::Str)) module = str_value(intern(t_, "builtins"));
  bool done;
  if (!write_by_name(v, module, str_value(f->name), false, done)) return false;
  return done || raise_not_found(v, module, str_value(f->name));
}

// --- Classes ---

bool WireWriter::write_type(Type* type) {
  Value v = Value::of_object(type);
  auto builtin = reinterpret_cast<Type* const*>(&types(t_));
  for (size_t i = 0; i < sizeof(BuiltinTypes) / sizeof(Type*); ++i) {
    if (builtin[i] != type) continue;
    out_.op(WireOp::BuiltinType);
    out_.u8(static_cast<uint8_t>(i));
    return true;
  }
  Value module = get_attribute_or_empty(t_, v, names(t_).module);
  if (module.is_raised()) return false;
  bool is_main = is_kind(module, Kind::Str) && equals(as<Str>(module), "__main__");
  Value path = str_value(type->qualified_name);
  bool done;
  if (!write_by_name(v, module, path, is_main, done)) return false;
  if (done) return true;
  if (!(type->type_flags & kTypeIsScript) || !is_by_value()) return raise_not_found(v, module, path);
  if (is_root_class(type)) return write_class_body(type);
  uint32_t slot;
  if (!table_.need_class(t_, type, slot)) return false;
  uint64_t origin = wire_class_origin(t_, type);
  out_.op(WireOp::ClassById);
  out_.fixed(&origin, 8);
  return need(slot);
}

namespace {

// What making the class adds by itself, and what must not be carried over.
bool is_made_by_class(Thread& t, Str* name, Value v) {
  Names& n = names(t);
  if (name == n.dict || name == n.weakref || name == n.module || name == n.qualname || name == n.slots) return true;
  if (!v.is_object()) return false;
  std::string_view type = type_of(v.object)->layout->name;
  return type == "getset_descriptor" || type == "member_descriptor" || type == "attribute_descriptor";
}

}  // namespace

bool WireWriter::write_class_body(Type* type) {
  out_.op(WireOp::Class);
  open_classes_.push_back(type);
  Value module = dict_get(type->attributes, names(t_).module);
  Value slots = dict_get(type->attributes, names(t_).slots);
  if (!write(Value::of_object(type_of(type))) || !write(str_value(type->name)) || !write(str_value(type->qualified_name)) ||
      !write(module.is_empty() ? Value::none() : module) || !write(Value::of_object(type->bases)))
    return false;
  out_.u8(!slots.is_empty());
  if (!slots.is_empty() && !write(slots)) return false;
  ValueList pairs(t_);
  for (DictCursor c(type->attributes); c.next();) {
    auto name = as<Str>(c.entry->key);
    if (is_made_by_class(t_, name, c.entry->value)) continue;
    Value v = c.entry->value;
    if (name == names(t_).annotations && is_kind(v, Kind::Dict)) {
      ValueList plain(t_);
      plain_annotations(v, plain);
      Dict* kept = make_dict(t_);
      for (size_t i = 0; i < plain.size(); i += 2) dict_set(t_, kept, as<Str>(plain[i]), plain[i + 1]);
      kept_.push(v = Value::of_object(kept));
    }
    pairs.push(str_value(name));
    pairs.push(v);
  }
  if (!write_pairs(pairs, Step::Attribute)) return false;
  open_classes_.pop_back();
  return true;
}

}  // namespace mini
