// SPDX-License-Identifier: MIT
// help(object): what the object is, how it is called, its help text and, for classes and modules, one line for each member.
#include "runtime/builtins/builtins.h"
#include "runtime/calls.h"
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

// An attribute's text; empty when it is absent, no str or raises.
std::string text_attribute(Thread& t, Value v, Str* name) {
  Value text = get_attribute_or_empty(t, v, name);
  if (text.is_raised()) (void)take_exception(t);
  return is_kind(text, Kind::Str) ? to_utf8(as<Str>(text)) : "";
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// The parameters of a script function as they were written, without defaults' values.
std::string parameters_of(const Code* code) {
  std::string out;
  auto add = [&](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  uint32_t i = 0;
  for (; i < code->positional_count; ++i) {
    add(to_utf8(code->variable_names[i]));
    if (i + 1 == code->positional_only_count) add("/");
  }
  uint32_t first_keyword = i, rest = i + code->keyword_only_count;
  if (code->code_flags & kCodeVarArgs) add("*" + to_utf8(code->variable_names[rest++]));
  else if (code->keyword_only_count) add("*");
  for (uint32_t k = 0; k < code->keyword_only_count; ++k) add(to_utf8(code->variable_names[first_keyword + k]));
  if (code->code_flags & kCodeVarKeywords) add("**" + to_utf8(code->variable_names[rest]));
  return "(" + out + ")";
}

std::string call_form(Thread& t, Value v) {
  std::string name = text_attribute(t, v, names(t).name);
  if (is_kind(v, Kind::BoundMethod)) return call_form(t, as<BoundMethod>(v)->function);
  if (is_kind(v, Kind::Function)) return name + parameters_of(as<Function>(v)->code);
  if (is_kind(v, Kind::NativeFunction)) return name + as<NativeFunction>(v)->row->signature;
  return name;
}

std::string indented(const std::string& text) {
  std::string out = "    ";
  for (char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out + "\n";
}

// One line for each public member of a class or module.
void append_members(Thread& t, std::string& out, Dict* members) {
  for (DictCursor c(members); c.next();) {
    if (!is_kind(c.entry->key, Kind::Str)) continue;
    std::string name = to_utf8(as<Str>(c.entry->key));
    if (name.starts_with("_")) continue;
    Value v = c.entry->value;
    std::string line = is_callable(t, v) && !is_type_object(v) ? call_form(t, v) : name;
    std::string help = first_line(text_attribute(t, v, names(t).doc));
    bool is_described = is_callable(t, v) && !help.empty();
    out += "    " + line + (is_described ? "  -  " + help : "") + "\n";
  }
}

bool is_script_class(Value v) { return is_type_object(v) && as<Type>(v)->type_flags & kTypeIsScript; }

// What a function of the library makes of it.
Value library_text(Thread& t, const char* function, Value v) {
  Value library = TRY(import_module(t, "_builtin_helpers"));
  return call(t, TRY(get_attribute(t, library, function)), {v});
}

Value builtin_help(Thread& t, Value* args, size_t) {
  Value file = TRY(standard_output(t));
  if (args[0].is_empty())
    return write_utf8(t, file, "Type help(object) for help about object: a function, class, module, or any value.\n");
  Value v = args[0];
  std::string out, doc = text_attribute(t, v, names(t).doc);
  if (is_kind(v, Kind::Module)) {
    out = "Help on module " + to_utf8(as<Module>(v)->name) + ":\n\n" + (doc.empty() ? "" : indented(doc) + "\n");
    append_members(t, out, as<Module>(v)->namespace_);
  } else if (is_script_class(v) || is_script_class(Value::of_object(type_of(t, v)))) {
    Value text = TRY(library_text(t, "class_help", v));
    if (is_kind(text, Kind::Str)) out = to_utf8(as<Str>(text));
  } else if (is_type_object(v)) {
    out = "Help on class " + text_attribute(t, v, names(t).name) + ":\n\n" + (doc.empty() ? "" : indented(doc) + "\n");
    append_members(t, out, as<Type>(v)->attributes);
  } else if (is_kind(v, Kind::Function) || is_kind(v, Kind::NativeFunction) || is_kind(v, Kind::BoundMethod)) {
    Value text = TRY(library_text(t, "function_help", v));
    if (is_kind(text, Kind::Str)) out = to_utf8(as<Str>(text));
  } else {
    out = std::string("Help on ") + short_type_name(t, v) + " object:\n\n" + (doc.empty() ? "" : indented(doc) + "\n");
    append_members(t, out, type_of(t, v)->attributes);
  }
  TRY(write_utf8(t, file, out));
  return Value::none();
}

const NativeRow kHelpFunctions[] = {
    {"help", builtin_help, "(object=None, /)", "Print help about an object."},
};

}  // namespace

std::span<const NativeRow> help_functions() { return kHelpFunctions; }

}  // namespace mini
