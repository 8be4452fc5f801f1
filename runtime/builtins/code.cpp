// SPDX-License-Identifier: MIT
// Built-in functions about code and namespaces: breakpoint compile eval exec exit globals __import__ locals quit.
#include "runtime/builtins/builtins.h"
#include "runtime/builtins/import.h"
#include "runtime/calls.h"
#include "runtime/code.h"
#include "runtime/frame.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value builtin_locals(Thread& t, Value*, size_t) { return frame_locals(t, t.frame); }
Value builtin_globals(Thread& t, Value*, size_t) { return Value::of_object(t.frame->globals); }

// --- compile, eval, exec ---

// Source text from a str or bytes-like object; false after raising.
bool source_text(Thread& t, Value v, const char* function, const char* expected, std::string& out) {
  std::string_view view;
  if (is_kind(v, Kind::Str)) {
    if (encode_text(t, as<Str>(v)).is_raised()) return false;   // lone surrogates
    out = to_utf8(as<Str>(v));
  } else if (bytes_view(v, view)) {
    out = view;
  } else {
    (void)raise(t, ErrorType::TypeError, "{}() arg 1 must be a {}", function, expected);
    return false;
  }
  if (out.find('\0') == std::string::npos) return true;
  (void)raise_text(t, ErrorType::ValueError, "source code string cannot contain null bytes");
  return false;
}

constexpr int64_t kAllowIncompleteInput = 0x4000;   // a flag of compile(), as codeop gives it

constexpr int64_t kOnlyTree = 0x400;   // a flag of compile(): ast.PyCF_ONLY_AST

// A tree of the ast module is compiled from its text; anything else is left as it is.
Value source_of_tree(Thread& t, Value v) {
  bool is_node = v.is_object() && !is_kind(v, Kind::Str) && !type_lookup(type_of(t, v), intern(t, "_fields")).is_empty();
  if (!is_node) return v;
  Value module = TRY(import_module(t, "ast"));
  Value f = TRY(get_attribute(t, module, "_source_for_compile"));
  return call(t, f, {v});
}

Value builtin_compile(Thread& t, Value* args, size_t) {
  if (is_kind(args[0], Kind::Code)) return args[0];
  args[0] = TRY(source_of_tree(t, args[0]));
  std::string text, scratch;
  if (!source_text(t, args[0], "compile", "string, bytes or AST object", text)) return Value::raised();
  std::string_view file_name;
  if (is_kind(args[1], Kind::Str)) file_name = utf8_view(as<Str>(args[1]), scratch);
  else if (!bytes_view(args[1], file_name))
    return raise(t, ErrorType::TypeError, "expected str, bytes or os.PathLike object, not {}", type_name(t, args[1]));
  if (!is_kind(args[2], Kind::Str))
    return raise(t, ErrorType::TypeError, "compile() argument 'mode' must be str, not {}", argument_type_name(t, args[2]));
  int64_t flags = 0;
  if (!args[3].is_empty() && !to_index(t, args[3], flags)) return Value::raised();
  std::string mode = to_utf8(as<Str>(args[2]));
  if (flags & kOnlyTree) {
    Value module = TRY(import_module(t, "ast"));
    Value parse = TRY(get_attribute(t, module, "parse"));
    return call(t, parse, {str_value(make_str(t, text)), str_value(make_str(t, file_name)), args[2]});
  }
  SourceForm form = is_kind(args[0], Kind::Str) ? SourceForm::Text : SourceForm::Bytes;
  if (mode == "exec") return compile(t, text, file_name, CompileMode::Exec, form);
  if (mode == "eval") return compile(t, text, file_name, CompileMode::Eval, form);
  if (mode == "single") return compile(t, text, file_name, flags & kAllowIncompleteInput ? CompileMode::Prompt : CompileMode::Single, form);
  return raise_text(t, ErrorType::ValueError, "compile() mode must be 'exec', 'eval' or 'single'");
}

bool is_plain_dict(Value v) { return is_exact(v, Kind::Dict); }

// Whether a value can serve as locals: anything that is subscripted.
bool is_mapping(Thread& t, Value v) {
  return is_kind(v, Kind::Dict) || (v.is_object() && !type_lookup(type_of(t, v), names(t).getitem).is_empty());
}

// Runs source or code with the namespaces that a script gave: eval() and exec().
Value run_source(Thread& t, Value source, Value globals, Value locals, const char* function, CompileMode mode) {
  bool is_eval = mode == CompileMode::Eval;
  bool has_globals = !globals.is_empty() && !globals.is_none(), has_locals = !locals.is_empty() && !locals.is_none();
  if (has_globals && !is_kind(globals, Kind::Dict)) {
    if (is_eval && is_mapping(t, globals))
      return raise_text(t, ErrorType::TypeError, "globals must be a real dict; try eval(expr, {}, mapping)");
    if (is_eval) return raise_text(t, ErrorType::TypeError, "globals must be a dict");
    return raise(t, ErrorType::TypeError, "exec() globals must be a dict, not {}", type_name(t, globals));
  }
  if (has_locals && !is_mapping(t, locals)) {
    if (is_eval) return raise_text(t, ErrorType::TypeError, "locals must be a mapping");
    return raise(t, ErrorType::TypeError, "locals must be a mapping or None, not {}", type_name(t, locals));
  }
  if (!has_locals) locals = has_globals ? globals : TRY(frame_locals(t, t.frame));
  if (!has_globals) globals = Value::of_object(t.frame->globals);
  if (dict_get(as<Dict>(globals), names(t).builtins).is_empty())
    dict_set(t, as<Dict>(globals), names(t).builtins, Value::of_object(t.interpreter->builtins));
  if (!is_kind(source, Kind::Code)) {
    std::string text;
    if (!source_text(t, source, function, "string, bytes or code object", text)) return Value::raised();
    if (is_eval) text.erase(0, text.find_first_not_of(" \t"));
    // With one dict for both, names may be looked up as a module's are, which is faster.
    bool is_module_like = mode == CompileMode::Exec && globals.is_same(locals) && is_plain_dict(locals);
    SourceForm form = is_kind(source, Kind::Str) ? SourceForm::Text : SourceForm::Bytes;
    source = TRY(compile(t, text, "<string>", is_module_like ? CompileMode::File : mode, form));
  } else if (!as<Code>(source)->free_names.empty()) {
    return raise(t, ErrorType::TypeError, "code object passed to {}() may not contain free variables", function);
  }
  if (is_plain_dict(locals)) return run_code(t, as<Code>(source), as<Dict>(globals), as<Dict>(locals));
  return run_code_in(t, as<Code>(source), as<Dict>(globals), is_kind(locals, Kind::Dict) ? as<Dict>(locals) : nullptr, locals, nullptr);
}

Value builtin_eval(Thread& t, Value* args, size_t) { return run_source(t, args[0], args[1], args[2], "eval", CompileMode::Eval); }

Value builtin_exec(Thread& t, Value* args, size_t) {
  TRY(run_source(t, args[0], args[1], args[2], "exec", CompileMode::Exec));
  return Value::none();
}

// --- __import__ ---

Value builtin_import(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise_text(t, ErrorType::TypeError, "module name must be a string");
  int64_t level = 0;
  if (!args[4].is_empty() && !to_index(t, args[4], level)) return Value::raised();
  if (level < 0) return raise_text(t, ErrorType::ValueError, "level must be >= 0");
  if (level > 0 && !args[1].is_empty() && !is_kind(args[1], Kind::Dict)) return raise_text(t, ErrorType::TypeError, "globals must be a dict");
  Dict* globals = is_kind(args[1], Kind::Dict) ? as<Dict>(args[1]) : nullptr;
  bool has_place = globals && (!dict_get(globals, names(t).package).is_empty() || !dict_get(globals, names(t).name).is_empty());
  if (level > 0 && !has_place) return raise_with_argument(t, ErrorType::KeyError, str_value(make_str(t, "'__name__' not in globals")));
  return import_name(t, as<Str>(args[0]), globals, args[3].is_empty() ? Value::none() : args[3], static_cast<int>(level));
}

// --- Others ---

// args: keywords dict, then the positional ones.
Value builtin_breakpoint(Thread& t, Value* args, size_t argc) {
  Value hook = t.interpreter->sys ? dict_get(t.interpreter->sys->namespace_, intern(t, "breakpointhook")) : Value::empty();
  if (hook.is_empty()) return Value::none();
  auto keywords = as<Dict>(args[0]);
  ValueList values(t);
  for (size_t i = 1; i < argc; ++i) values.push(args[i]);
  Tuple* keyword_names = make_tuple(t, static_cast<size_t>(keywords->count));
  size_t i = 0;
  for (DictCursor c(keywords); c.next();) {
    keyword_names->items[i++] = c.entry->key;
    values.push(c.entry->value);
  }
  return call(t, hook, values.data(), argc - 1, keywords->count ? keyword_names : nullptr);
}

Value builtin_exit(Thread& t, Value* args, size_t) {
  return raise_with_argument(t, ErrorType::SystemExit, args[0].is_empty() ? Value::none() : args[0]);
}

const NativeRow kCodeFunctions[] = {
    {"__import__", builtin_import, "(name, globals=None, locals=None, fromlist=(), level=0)",
     "Import a module.\n\nBecause this function is meant for use by the Python interpreter and not for\ngeneral use, it is better to use "
     "importlib.import_module() to programmatically\nimport a module."},
    {"breakpoint", builtin_breakpoint, "(*args, **kws)",
     "breakpoint(*args, **kws)\n\nCall sys.breakpointhook(*args, **kws).  sys.breakpointhook() must accept\nwhatever arguments are passed."},
    {"compile", builtin_compile, "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)",
     "Compile source into a code object that can be executed by exec() or eval()."},
    {"eval", builtin_eval, "(source, globals=None, locals=None, /)",
     "Evaluate the given source in the context of globals and locals.\n\nThe source may be a string representing an expression\nor a code "
     "object as returned by compile()."},
    {"exec", builtin_exec, "(source, globals=None, locals=None, /, *, closure=None)",
     "Execute the given source in the context of globals and locals.\n\nThe source may be a string representing one or more statements\nor "
     "a code object as returned by compile()."},
    {"exit", builtin_exit, "(code=None)", "Use exit() or Ctrl-D (i.e. EOF) to exit"},
    {"globals", builtin_globals, "()", "Return the dictionary containing the current scope's global variables."},
    {"locals", builtin_locals, "()", "Return a dictionary containing the current scope's local variables."},
    {"quit", builtin_exit, "(code=None)", "Use quit() or Ctrl-D (i.e. EOF) to exit"},
};

}  // namespace

std::span<const NativeRow> code_functions() { return kCodeFunctions; }

}  // namespace mini
