// SPDX-License-Identifier: MIT
// The import system. A module is put into sys.modules before its code runs, and taken out again when that fails.
#include "runtime/builtins/import.h"

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "runtime/builtins/module_lock.h"
#include "runtime/calls.h"
#include "runtime/embedded_lib.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

#define MINI_MODULE(identifier, name) extern const NativeModule identifier##_module;
#include "runtime/modules/modules.def"
#undef MINI_MODULE

namespace {

const NativeModule* const kNativeModules[] = {
#define MINI_MODULE(identifier, name) &identifier##_module,
#include "runtime/modules/modules.def"
#undef MINI_MODULE
};

// Where a module's code comes from.
struct Found {
  enum Source { Nowhere, Native, File, Embedded, Namespace } source = Nowhere;
  const NativeModule* native = nullptr;
  std::string_view text;       // Embedded
  std::string path;            // File, and the name shown for Embedded
  bool is_package = false;
  std::vector<std::string> folders = {};   // of a package on disk; of a namespace package all its parts
};

bool is_file(const std::string& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0 && S_ISREG(s.st_mode);
}

bool find_in_folder(const std::string& folder, const std::string& name, Found& found) {
  std::string base = folder + "/" + name;
  for (const char* suffix : {".mini", ".py"}) {
    std::string init = base + "/__init__" + suffix;
    if (!is_file(init)) continue;
    found = {.source = Found::File, .path = init, .is_package = true, .folders = {base}};
    return true;
  }
  for (const char* suffix : {".mini", ".py"}) {
    if (!is_file(base + suffix)) continue;
    found = {.source = Found::File, .path = base + suffix};
    return true;
  }
  return false;
}

bool is_folder(const std::string& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

// Modules know their files by absolute paths, so that a traceback finds them wherever the program has gone.
std::string absolute_folder(std::string folder) {
  if (folder.starts_with('/')) return folder;
  while (folder.starts_with("./")) folder.erase(0, 2);
  char buffer[4096];
  std::string here = getcwd(buffer, sizeof buffer) ? buffer : ".";
  return folder.empty() || folder == "." ? here : here + "/" + folder;
}

// Folders of that name without an __init__ are the parts of a namespace package, which any real module further on the path precedes.
bool find_on_path(Value path, const std::string& name, Found& found, std::vector<std::string>& folders) {
  if (!is_kind(path, Kind::List)) return false;
  auto list = as<List>(path);
  for (uint64_t i = 0; i < list->length; ++i) {
    if (!is_kind(list->items[i], Kind::Str)) continue;
    std::string folder = absolute_folder(to_utf8(as<Str>(list->items[i])));
    if (find_in_folder(folder, name, found)) return true;
    std::string inner = folder + "/" + name;
    if (is_folder(inner)) folders.push_back(inner);
  }
  return false;
}

bool find_embedded(const std::string& full_name, Found& found) {
  for (auto& module : embedded_modules()) {
    if (module.name != full_name) continue;
    std::string file = "<mini>/" + full_name;
    for (char& c : file)
      if (c == '.') c = '/';
    found = {.source = Found::Embedded, .text = module.text, .path = file + (module.is_package ? "/__init__.mini" : ".mini"),
             .is_package = module.is_package};
    return true;
  }
  return false;
}

// CPython has these loaded, or built in, before a script begins, so that no file of the script's is found in their place.
bool is_always_there(std::string_view name) {
  constexpr std::string_view kNames[] = {"abc", "binascii", "codecs", "grp", "os", "posixpath", "pwd", "stat"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Found find_module(Thread& t, const std::string& full_name, Value parent) {
  Found found;
  if (parent.is_empty()) {
    for (auto native : kNativeModules)
      if (full_name == native->name) return {.source = Found::Native, .native = native};
    if (is_always_there(full_name) && find_embedded(full_name, found)) return found;
  }
  std::string last = full_name.substr(full_name.rfind('.') + 1);
  Value path;
  if (parent.is_empty()) {
    path = t.interpreter->sys ? dict_get(t.interpreter->sys->namespace_, intern(t, "path")) : Value::empty();
  } else {
    path = dict_get(as<Module>(parent)->namespace_, names(t).path);
  }
  std::vector<std::string> folders;
  if (find_on_path(path, last, found, folders)) return found;
  if (find_embedded(full_name, found)) return found;
  for (auto native : kNativeModules)
    if (full_name == native->name) return {.source = Found::Native, .native = native};
  if (!folders.empty()) return {.source = Found::Namespace, .is_package = true, .folders = folders};
  return found;
}

Value fill_native(Thread& t, Module* m, const NativeModule& native) {
  Value name = str_value(m->name);
  // Functions of these call themselves as in CPython, where a native module stands behind the one that is imported.
  for (const char* hidden : {"operator", "bisect"})
    if (std::string_view(hidden) == native.name) name = str_value(intern(t, std::string("_") + hidden));
  if (native.help && native.help[0]) module_set(t, m, "__doc__", str_value(make_str(t, native.help)));
  for (size_t i = 0; i < native.function_count; ++i)
    module_set(t, m, native.functions[i].name, Value::of_object(make_native_function(t, native.functions[i], nullptr, name)));
  return native.setup ? native.setup(t, m) : Value::none();
}

// File or Embedded.
std::string text_of(const Found& found) {
  if (found.source != Found::File) return std::string(found.text);
  std::ifstream in(found.path, std::ios::binary);
  std::stringstream buffer;
  buffer << in.rdbuf();
  return buffer.str();
}

Value fill_from_text(Thread& t, Module* m, const Found& found) {
  std::string text = text_of(found);
  module_set(t, m, "__file__", str_value(make_str(t, found.path)));
  module_set(t, m, "__builtins__", Value::of_object(t.interpreter->builtins));
  Value code = TRY(compile(t, text, found.path, CompileMode::File, SourceForm::Bytes));
  if (Str* doc = as<Code>(code)->docstring) module_set(t, m, "__doc__", str_value(doc));
  TRY(run_code(t, as<Code>(code), m->namespace_, m->namespace_));
  return Value::none();
}

// What the finders that a script put on sys.meta_path make of a name; Empty when there are none or none of them knows it. They come
// before the runtime's own search. The library that asks them is loaded without them.
Value load_by_finders(Thread& t, const std::string& full_name, Value parent) {
  if (!t.interpreter->sys || full_name.starts_with("importlib") || full_name == "types") return Value::empty();
  Value finders = dict_get(t.interpreter->sys->namespace_, intern(t, "meta_path"));
  if (!is_kind(finders, Kind::List) || as<List>(finders)->length == 0) return Value::empty();
  Value library = TRY(import_module(t, "importlib._finders"));
  Value f = TRY(get_attribute(t, library, "load"));
  Value path = parent.is_empty() ? Value::none() : dict_get(as<Module>(parent)->namespace_, names(t).path);
  Value module = TRY(call(t, f, {str_value(intern(t, full_name)), path.is_empty() ? Value::none() : path}));
  if (module.is_none()) return Value::empty();
  if (!parent.is_empty()) TRY(set_attribute(t, parent, intern(t, full_name.substr(full_name.rfind('.') + 1)), module));
  return module;
}

// Loads one module whose parent, if any, is loaded.
Value load(Thread& t, const std::string& full_name, Value parent) {
  Str* name = intern(t, full_name);
  if (Value made = load_by_finders(t, full_name, parent); !made.is_empty()) return made;
  Found found = find_module(t, full_name, parent);
  if (found.source == Found::Nowhere) {
    bool is_no_package = !parent.is_empty() && dict_get(as<Module>(parent)->namespace_, names(t).path).is_empty();
    std::string parent_name = full_name.substr(0, full_name.rfind('.'));
    std::string text = fmt::format("No module named '{}'", full_name);
    if (is_no_package) text += fmt::format("; '{}' is not a package", parent_name);
    (void)raise(t, ErrorType::ModuleNotFoundError, "{}", text);
    Value e = take_exception(t);
    TRY(set_attribute(t, e, names(t).name_plain, str_value(name)));
    return raise_value(t, e);
  }
  Module* m = make_module(t, name);
  Value package = found.is_package ? str_value(name) : str_value(intern(t, parent.is_empty() ? "" : full_name.substr(0, full_name.rfind('.'))));
  dict_set(t, m->namespace_, names(t).package, package);
  if (found.is_package) {
    List* path = make_list(t);
    for (const std::string& folder : found.folders) list_push(t, path, str_value(make_str(t, folder)));
    dict_set(t, m->namespace_, names(t).path, Value::of_object(path));
  }
  dict_set(t, t.interpreter->modules, name, Value::of_object(m));
  Value filled = Value::none();
  ModuleLock lock(t, m);
  if (found.source == Found::Native) filled = fill_native(t, m, *found.native);
  else if (found.source != Found::Namespace) filled = fill_from_text(t, m, found);
  if (filled.is_raised()) {
    dict_delete(t, t.interpreter->modules, name);
    return filled;
  }
  Value loaded = dict_get(t.interpreter->modules, name);   // a module may replace itself
  if (loaded.is_empty()) loaded = Value::of_object(m);
  if (!parent.is_empty()) TRY(set_attribute(t, parent, intern(t, full_name.substr(full_name.rfind('.') + 1)), loaded));
  return loaded;
}

// What sys.modules has; Empty: nothing. When another thread is still filling it, after that.
Value known_module(Thread& t, Str* name) {
  for (;;) {
    Value known = dict_get(t.interpreter->modules, name);
    if (!is_kind(known, Kind::Module)) return known;
    TRY(wait_until_filled(t, as<Module>(known)));
    // Another one, or none, when its code raised.
    if (known.is_same(dict_get(t.interpreter->modules, name))) return known;
  }
}

// The module of a dotted name, with all its parents loaded first.
Value load_all(Thread& t, const std::string& full_name) {
  Value known = TRY(known_module(t, intern(t, full_name)));
  if (known.is_none()) {
    return raise(t, ErrorType::ModuleNotFoundError, "import of {} halted; None in sys.modules", full_name);
  }
  if (!known.is_empty()) return known;
  size_t dot = full_name.rfind('.');
  Value parent = Value::empty();
  if (dot != std::string::npos) {
    parent = TRY(load_all(t, full_name.substr(0, dot)));
    known = TRY(known_module(t, intern(t, full_name)));   // the parent may have imported it
    if (!known.is_empty()) return known;
    if (!is_kind(parent, Kind::Module)) return raise(t, ErrorType::ModuleNotFoundError, "No module named '{}'", full_name);
  }
  return load(t, full_name, parent);
}

// The absolute name that `level` leading dots and a name mean in a module with these globals.
Value absolute_name(Thread& t, const std::string& name, Dict* globals, int level, std::string& out) {
  Value package = dict_get(globals, names(t).package);
  std::string base;
  if (is_kind(package, Kind::Str)) base = to_utf8(as<Str>(package));
  else if (Value own = dict_get(globals, names(t).name); is_kind(own, Kind::Str)) {
    base = to_utf8(as<Str>(own));
    if (dict_get(globals, names(t).path).is_empty()) {
      size_t dot = base.rfind('.');
      base = dot == std::string::npos ? "" : base.substr(0, dot);
    }
  }
  if (base.empty()) return raise(t, ErrorType::ImportError, "attempted relative import with no known parent package");
  for (int i = 1; i < level; ++i) {
    size_t dot = base.rfind('.');
    if (dot == std::string::npos) return raise(t, ErrorType::ImportError, "attempted relative import beyond top-level package");
    base.resize(dot);
  }
  out = name.empty() ? base : base + "." + name;
  return Value::none();
}

}  // namespace

Value import_module(Thread& t, std::string_view name) { return load_all(t, std::string(name)); }

Value find_module_text(Thread& t, const std::string& full_name, ModuleText& out) {
  size_t dot = full_name.rfind('.');
  Value parent = dot == std::string::npos ? Value::empty() : TRY(load_all(t, full_name.substr(0, dot)));
  if (!parent.is_empty() && !is_kind(parent, Kind::Module)) return Value::of_bool(false);
  Found found = find_module(t, full_name, parent);
  if (found.source != Found::File && found.source != Found::Embedded) return Value::of_bool(false);
  std::string package = dot == std::string::npos ? "" : full_name.substr(0, dot);
  out = {text_of(found), found.path, found.is_package ? full_name : package, found.is_package};
  return Value::of_bool(true);
}

namespace {

Value import_submodule(Thread& t, Value module, const std::string& full_name, Str* wanted) {
  Value have = TRY(get_attribute_or_empty(t, module, intern(t, wanted)));
  if (!have.is_empty()) return have;
  Value loaded = load_all(t, full_name + "." + to_utf8(wanted));
  if (!loaded.is_raised() || !exception_matches(t, ErrorType::ModuleNotFoundError)) return loaded;
  (void)take_exception(t);
  return Value::none();
}

// `from package import submodule` loads submodules that are no attributes yet.
Value import_submodules(Thread& t, Value module, const std::string& full_name, Value fromlist) {
  for (Iteration it(t, fromlist);;) {
    Value item = TRY(it.next());
    if (item.is_empty()) return module;
    if (!is_kind(item, Kind::Str)) return raise(t, ErrorType::TypeError, "Item in ``from list'' must be str, not {}", type_name(t, item));
    Str* wanted = intern(t, as<Str>(item));
    if (equals(wanted, "*")) {
      Value all = TRY(get_attribute_or_empty(t, module, names(t).all));
      if (is_kind(all, Kind::List) || is_kind(all, Kind::Tuple)) {
        auto list = static_cast<Sequence*>(all.object);
        for (uint64_t i = 0; i < list->length; ++i)
          if (is_kind(list->items[i], Kind::Str)) TRY(import_submodule(t, module, full_name, as<Str>(list->items[i])));
      }
      continue;
    }
    TRY(import_submodule(t, module, full_name, wanted));
  }
}

}  // namespace

Value import_name(Thread& t, Str* name, Dict* globals, Value fromlist, int level) {
  std::string full_name = to_utf8(name);
  if (level > 0) TRY(absolute_name(t, full_name, globals, level, full_name));
  else if (full_name.empty()) return raise(t, ErrorType::ValueError, "Empty module name");
  Value module = TRY(load_all(t, full_name));
  if (!TRY(truth(t, fromlist)).is_true()) {
    if (level > 0) return module;
    size_t dot = full_name.find('.');
    return dot == std::string::npos ? module : load_all(t, full_name.substr(0, dot));
  }
  if (!is_kind(module, Kind::Module) || dict_get(as<Module>(module)->namespace_, names(t).path).is_empty()) return module;
  return import_submodules(t, module, full_name, fromlist);
}

Value import_from(Thread& t, Value module, Str* name) {
  Value v = TRY(get_attribute_or_empty(t, module, name));
  if (!v.is_empty()) return v;
  Value own_name = TRY(get_attribute_or_empty(t, module, names(t).name));
  std::string shown = is_kind(own_name, Kind::Str) ? to_utf8(as<Str>(own_name)) : "<unknown module name>";
  if (is_kind(own_name, Kind::Str)) {
    v = dict_get(t.interpreter->modules, intern(t, shown + "." + to_utf8(name)));
    if (!v.is_empty()) return v;
  }
  Value file = is_kind(module, Kind::Module) ? dict_get(as<Module>(module)->namespace_, names(t).file) : Value::empty();
  std::string place = is_kind(file, Kind::Str) ? to_utf8(as<Str>(file)) : "unknown location";
  (void)raise(t, ErrorType::ImportError, "cannot import name '{}' from '{}' ({})", to_utf8(name), shown, place);
  Value e = take_exception(t);
  TRY(set_attribute(t, e, names(t).name_plain, own_name.is_empty() ? Value::none() : own_name));
  return raise_value(t, e);
}

namespace {

// Binds the names that a module lists. The list is asked for items by number, as any sequence can answer.
Value import_listed(Thread& t, Value module, Value list, Dict* target) {
  if (!type_of(t, list)->ops.get_item) return raise(t, ErrorType::TypeError, "'{}' object does not support indexing", type_name(t, list));
  for (int64_t i = 0;; ++i) {
    Value name = get_item(t, list, Value::of_int(i));
    if (name.is_raised()) {
      if (!exception_matches(t, ErrorType::IndexError)) return name;
      (void)take_exception(t);
      return Value::none();
    }
    if (!is_kind(name, Kind::Str)) {
      Value own_name = TRY(get_attribute(t, module, names(t).name));
      if (!is_kind(own_name, Kind::Str)) return raise(t, ErrorType::TypeError, "module __name__ must be a string, not {}", type_name(t, own_name));
      return raise(t, ErrorType::TypeError, "Item in {}.__all__ must be str, not {}", to_utf8(as<Str>(own_name)), type_name(t, name));
    }
    Value v = TRY(get_attribute(t, module, as<Str>(name)));
    dict_set(t, target, intern(t, as<Str>(name)), v);
  }
}

}  // namespace

Value import_star(Thread& t, Value module, Dict* target) {
  Value list = TRY(get_attribute_or_empty(t, module, names(t).all));
  if (!list.is_empty()) return import_listed(t, module, list, target);
  Value d = TRY(get_attribute(t, module, names(t).dict));
  ValueList pairs(t);
  for (DictCursor c(as<Dict>(d)); c.next();) {
    pairs.push(c.entry->key);
    pairs.push(c.entry->value);
  }
  for (size_t i = 0; i < pairs.size(); i += 2) {
    auto name = as<Str>(pairs[i]);
    if (name->length && name->at(0) != '_') dict_set(t, target, name, pairs[i + 1]);
  }
  return Value::none();
}

}  // namespace mini
