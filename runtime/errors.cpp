// SPDX-License-Identifier: MIT
// Raising, and the text of uncaught exceptions.
#include "runtime/errors.h"

#include <cstring>
#include <algorithm>
#include <fstream>
#include <set>

#include "runtime/calls.h"
#include "runtime/carets.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/function.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"
#include "runtime/suggestions.h"

namespace mini {

Type* error_type(Thread& t, ErrorType type) { return t.interpreter->error_types[static_cast<int>(type)]; }

namespace {

// Makes `exception` the one in flight; what is being handled now becomes its context.
Value set_in_flight(Thread& t, Value exception) {
  auto e = as<Exception>(exception);
  if (is_exception(t.handled) && !t.handled.is_same(exception)) {
    // The chain must stay free of cycles: cut it where the new exception already occurs in it. A script may have made a cycle
    // without it by hand; `slow` goes at half the pace, and meets `at` in there.
    Value slow = t.handled;
    bool moves_slow = false;
    for (Value at = t.handled; is_exception(at);) {
      Value next = as<Exception>(at)->context;
      if (next.is_same(exception)) {
        as<Exception>(at)->context = Value::none();
        break;
      }
      at = next;
      if (at.is_same(slow)) break;
      if (moves_slow) slow = as<Exception>(slow)->context;
      moves_slow = !moves_slow;
    }
    store(e, e->context, t.handled);
  }
  t.exception = exception;
  return Value::raised();
}

Value raise_new(Thread& t, ErrorType type, Tuple* args) {
  Exception* e = make_exception(t, error_type(t, type), args);
  Value self = Value::of_object(e);
  if (type == ErrorType::StopIteration) set_own_attribute(t, e, names(t).value, args->length ? args->items[0] : Value::none());
  if (type == ErrorType::SystemExit) set_own_attribute(t, e, intern(t, "code"), args->length ? args->items[0] : Value::none());
  return set_in_flight(t, self);
}

}  // namespace

Value raise_text(Thread& t, ErrorType type, std::string_view message) {
  Str* text = make_str(t, message);
  Value e = Value::of_object(error_type(t, type));
  if (type == ErrorType::ImportError || type == ErrorType::ModuleNotFoundError || type == ErrorType::OSError ||
      is_subtype(error_type(t, type), error_type(t, ErrorType::OSError)) || is_subtype(error_type(t, type), error_type(t, ErrorType::SyntaxError))) {
    // These have attributes of their own: made through their constructor.
    Value made = TRY(call(t, e, {str_value(text)}));
    return set_in_flight(t, made);
  }
  return raise_new(t, type, make_tuple(t, {str_value(text)}));
}

Value raise_value(Thread& t, Value exception) {
  if (is_exception_class(exception)) {
    Value cls = exception;
    exception = TRY(call(t, cls, {}));
    if (!is_exception(exception)) {
      Str* shown = to_repr(t, cls);
      Str* made = shown ? to_repr(t, Value::of_object(type_of(t, exception))) : nullptr;
      if (!made) return Value::raised();
      return raise(t, ErrorType::TypeError, "calling {} should have returned an instance of BaseException, not {}", to_utf8(shown),
                   to_utf8(made));
    }
  }
  if (!is_exception(exception)) return raise(t, ErrorType::TypeError, "exceptions must derive from BaseException");
  return set_in_flight(t, exception);
}

Value raise_no_arguments(Thread& t, ErrorType type) { return raise_new(t, type, t.interpreter->empty_tuple); }
Value raise_without_text(Thread& t, ErrorType type) {
  (void)take_exception(t);
  return raise_no_arguments(t, type);
}

Value raise_with_argument(Thread& t, ErrorType type, Value argument) { return raise_new(t, type, make_tuple(t, {argument})); }

Value raise_os_error(Thread& t, int error_number, std::string_view path) {
  Value number = Value::of_int(error_number);
  Value text = str_value(make_str(t, strerror(error_number)));
  Value cls = Value::of_object(error_type(t, ErrorType::OSError));
  Value e = !path.data() ? call(t, cls, {number, text}) : call(t, cls, {number, text, str_value(make_str(t, path))});
  return set_in_flight(t, TRY(e));
}

Value raise_not_callable(Thread& t, Value v) { return raise(t, ErrorType::TypeError, "'{}' object is not callable", type_name(t, v)); }
Value raise_unhashable(Thread& t, Value v) { return raise(t, ErrorType::TypeError, "unhashable type: '{}'", type_name(t, v)); }
Value raise_memory(Thread& t) { return raise_no_arguments(t, ErrorType::MemoryError); }

Value raise_recursion(Thread& t, std::string_view where) {
  return raise(t, ErrorType::RecursionError, "maximum recursion depth exceeded{}", where);
}

namespace {

void raise_no_module_attribute(Thread& t, Module* m, const std::string& text) {
  Value name = m->namespace_ ? dict_get(m->namespace_, names(t).name) : Value::empty();
  if (is_kind(name, Kind::Str)) (void)raise(t, ErrorType::AttributeError, "module '{}' has no attribute '{}'", to_utf8(as<Str>(name)), text);
  else (void)raise(t, ErrorType::AttributeError, "module has no attribute '{}'", text);
}

}  // namespace

Value raise_no_attribute(Thread& t, Value v, Str* name) {
  std::string text = to_utf8(name);
  if (is_type_object(v)) (void)raise(t, ErrorType::AttributeError, "type object '{}' has no attribute '{}'", to_utf8(as<Type>(v)->name), text);
  else if (is_kind(v, Kind::Module)) raise_no_module_attribute(t, as<Module>(v), text);
  else (void)raise(t, ErrorType::AttributeError, "'{}' object has no attribute '{}'", type_name(t, v), text);
  Value e = take_exception(t);
  set_own_attribute(t, e.object, names(t).name_plain, str_value(name));
  set_own_attribute(t, e.object, intern(t, "obj"), v);
  t.exception = e;
  return Value::raised();
}

bool is_instance_of_error(Thread& t, Value exception, ErrorType type) { return is_subtype(type_of(t, exception), error_type(t, type)); }

bool exception_matches(Thread& t, ErrorType type) { return is_exception(t.exception) && is_instance_of_error(t, t.exception, type); }

Value take_exception(Thread& t) {
  Value e = t.exception;
  t.exception = Value::empty();
  return e;
}

// --- Text of tracebacks ---

namespace {

std::string source_line(const std::string& file, uint32_t line) {
  std::ifstream in(file);
  std::string text;
  for (uint32_t i = 0; i < line; ++i)
    if (!std::getline(in, text)) return {};
  return text;
}

// The line, and carets under the range unless it covers the whole line.
void add_source(std::string& out, const std::string& file, const SourceRange& r) {
  std::string line = source_line(file, r.line);
  size_t indent = line.find_first_not_of(" \t\f");
  if (indent == std::string::npos) return;
  std::string shown = line.substr(indent);
  while (!shown.empty() && (shown.back() == '\r' || shown.back() == ' ')) shown.pop_back();
  out += "    " + shown + "\n";
  if (r.column == UINT16_MAX) return;
  size_t begin = byte_of_column(line, r.column);
  size_t end = r.end_line == r.line ? byte_of_column(line, r.end_column) : indent + shown.size();
  if (std::string carets = caret_line(line, indent, begin, end, r.end_line == r.line); !carets.empty()) out += "    " + carets + "\n";
}

void add_frame(std::string& out, Traceback* tb) {
  SourceRange r = traceback_range(tb);
  std::string file = to_utf8(tb->code->file_name);
  out += fmt::format("  File \"{}\", line {}, in {}\n", file, r.line, to_utf8(tb->code->name));
  add_source(out, file, r);
}

void add_traceback(std::string& out, Traceback* tb) {
  out += "Traceback (most recent call last):\n";
  int repeats = 0;
  Code* last_code = nullptr;
  uint32_t last_line = 0;
  auto flush = [&] {
    if (repeats > 3) out += fmt::format("  [Previous line repeated {} more time{}]\n", repeats - 3, repeats - 3 == 1 ? "" : "s");
  };
  for (; tb; tb = tb->next) {
    uint32_t line = traceback_range(tb).line;
    if (tb->code == last_code && line == last_line) {
      if (++repeats > 3) continue;
    } else {
      flush();
      repeats = 1;
      last_code = tb->code;
      last_line = line;
    }
    add_frame(out, tb);
  }
  flush();
}

Value attribute_or_none(Thread& t, Value e, const char* name) {
  Value v = get_attribute_or_empty(t, e, intern(t, name));
  if (v.is_raised()) (void)take_exception(t);
  return v.is_empty() || v.is_raised() ? Value::none() : v;
}

// The text with carets from column `begin` to `end`, which count from 1. Columns are what the exception says, also where tabs and wide
// characters make that another place: CPython shows the same.
void add_marked_text(std::string& out, std::string_view text, int64_t begin, int64_t end) {
  int64_t carets = end > 0 && end > begin ? end - begin : 1;
  size_t blanks = std::min(text.find_first_not_of(" \t\f"), text.size());
  text.remove_prefix(blanks);
  begin -= 1 + static_cast<int64_t>(blanks);
  auto length = static_cast<int64_t>(text.size() - text.ends_with('\n'));
  begin = std::min(begin, length);
  // Of several lines the one with the mark is shown, and those behind it.
  for (size_t end_of_line; (end_of_line = text.find('\n')) != text.npos && static_cast<int64_t>(end_of_line) < begin;) {
    text.remove_prefix(end_of_line + 1);
    begin -= static_cast<int64_t>(end_of_line) + 1;
  }
  out += "    " + std::string(text) + (text.ends_with('\n') ? "" : "\n");
  if (begin >= 0) out += "    " + std::string(static_cast<size_t>(begin), ' ') + std::string(static_cast<size_t>(carets), '^') + "\n";
}

// A SyntaxError shows the place in the source that it is about.
void add_syntax_location(Thread& t, std::string& out, Value e) {
  Value file = attribute_or_none(t, e, "filename"), line = attribute_or_none(t, e, "lineno"), text = attribute_or_none(t, e, "text");
  Value offset = attribute_or_none(t, e, "offset"), end_offset = attribute_or_none(t, e, "end_offset");
  Value end_line = attribute_or_none(t, e, "end_lineno");
  if (!line.is_int()) return;
  out += fmt::format("  File \"{}\", line {}\n", is_kind(file, Kind::Str) ? to_utf8(as<Str>(file)) : "<string>", line.integer);
  if (!is_kind(text, Kind::Str)) return;
  std::string source = to_utf8(as<Str>(text));
  int64_t begin = offset.is_int() ? offset.integer : -1, end = end_offset.is_int() ? end_offset.integer : -1;
  if (end_line.is_int() && end_line.integer > line.integer) end = static_cast<int64_t>(source.size());
  add_marked_text(out, source, begin, end);
}

std::string qualified_type_name(Thread& t, Value e) {
  Type* type = type_of(t, e);
  Value module = dict_get(type->attributes, names(t).module);
  std::string name = to_utf8(type->qualified_name);
  if (is_kind(module, Kind::Str) && !equals(as<Str>(module), "builtins") && !equals(as<Str>(module), "__main__"))
    name = to_utf8(as<Str>(module)) + "." + name;
  return name;
}

void add_last_line(Thread& t, std::string& out, Value e) {
  std::string name = qualified_type_name(t, e);
  Str* text;
  if (is_instance_of_error(t, e, ErrorType::SyntaxError)) {
    add_syntax_location(t, out, e);
    text = to_str(t, attribute_or_none(t, e, "msg"));
  } else {
    text = to_str(t, e);
  }
  if (!text) {
    (void)take_exception(t);
    out += name + ": <exception str() failed>\n";
    return;
  }
  std::string suggestion = suggestion_for(t, e);
  if (!suggestion.empty()) suggestion = ". Did you mean: '" + suggestion + "'?";
  out += (text->length ? name + ": " + to_utf8(text) : name) + suggestion + "\n";
  Value notes = get_own_attribute(e.object, names(t).notes);
  if (!is_kind(notes, Kind::List)) return;
  for (uint64_t i = 0; i < as<List>(notes)->length; ++i) {
    Str* note = to_str(t, as<List>(notes)->items[i]);
    if (note) out += to_utf8(note) + "\n";
    else (void)take_exception(t);
  }
}

constexpr int kMaxGroupWidth = 15, kMaxGroupDepth = 10;

// How deep in the boxes of exception groups a text stands.
struct Margin {
  int depth = 0;
  bool is_open = false;   // the box of the last member still wants its lower edge
  std::string blanks() const { return std::string(static_cast<size_t>(2 * depth), ' '); }
  void add(std::string& out, const std::string& text, const char* edge = "| ") const {
    for (size_t begin = 0; begin < text.size();) {
      size_t end = std::min(text.find('\n', begin), text.size());
      if (depth) out += blanks() + edge;
      out += text.substr(begin, end - begin) + "\n";
      begin = end + 1;
    }
  }
};

void add_exception(Thread& t, std::string& out, Value e, std::set<Object*>& seen, Margin& margin);

void add_members(Thread& t, std::string& out, Tuple* members, std::set<Object*>& seen, Margin& margin) {
  uint64_t shown = std::min<uint64_t>(members->length, kMaxGroupWidth);
  uint64_t hidden = members->length - shown, count = shown + (hidden > 0);
  margin.is_open = false;
  for (uint64_t i = 0; i < count; ++i) {
    bool is_last = i + 1 == count;
    if (is_last) margin.is_open = true;
    std::string title = i < shown ? std::to_string(i + 1) : "...";
    out += margin.blanks() + (i == 0 ? "+-" : "  ") + "+---------------- " + title + " ----------------\n";
    ++margin.depth;
    if (i < shown) add_exception(t, out, members->items[i], seen, margin);
    else margin.add(out, fmt::format("and {} more exception{}", hidden, hidden > 1 ? "s" : ""));
    if (is_last && margin.is_open) {   // else the box of a group inside closed this one as well
      out += margin.blanks() + "+------------------------------------\n";
      margin.is_open = false;
    }
    --margin.depth;
  }
}

void add_group(Thread& t, std::string& out, Value e, std::set<Object*>& seen, Margin& margin) {
  if (margin.depth > kMaxGroupDepth) return margin.add(out, fmt::format("... (max_group_depth is {})", kMaxGroupDepth));
  bool is_outermost = margin.depth == 0;
  margin.depth += is_outermost;
  std::string text;
  if (Traceback* tb = as<Exception>(e)->traceback) {
    std::string trace;
    add_traceback(trace, tb);
    size_t end_of_head = trace.find('\n') + 1;
    margin.add(out, "Exception Group " + trace.substr(0, end_of_head), is_outermost ? "+ " : "| ");
    text = trace.substr(end_of_head);
  }
  add_last_line(t, text, e);
  margin.add(out, text);
  Value members = attribute_or_none(t, e, "exceptions");
  if (is_kind(members, Kind::Tuple)) add_members(t, out, as<Tuple>(members), seen, margin);
  margin.depth -= is_outermost;
}

void add_exception(Thread& t, std::string& out, Value e, std::set<Object*>& seen, Margin& margin) {
  if (!seen.insert(e.object).second || t.native_stack_is_low()) return;
  auto exception = as<Exception>(e);
  if (is_exception(exception->cause)) {
    add_exception(t, out, exception->cause, seen, margin);
    margin.add(out, "\nThe above exception was the direct cause of the following exception:\n\n");
  } else if (is_exception(exception->context) && !exception->suppress_context) {
    add_exception(t, out, exception->context, seen, margin);
    margin.add(out, "\nDuring handling of the above exception, another exception occurred:\n\n");
  }
  if (is_instance_of_error(t, e, ErrorType::BaseExceptionGroup)) return add_group(t, out, e, seen, margin);
  std::string text;
  if (exception->traceback) add_traceback(text, exception->traceback);
  add_last_line(t, text, e);
  margin.add(out, text);
}

}  // namespace

std::string format_exception(Thread& t, Value exception) {
  std::string out;
  std::set<Object*> seen;
  Value in_flight = t.exception;
  Margin margin;
  add_exception(t, out, exception, seen, margin);
  t.exception = in_flight;
  return out;
}

namespace {

// To sys.stderr if there is one that works, else to the descriptor.
void write_error_text(Thread& t, const std::string& text) {
  if (t.interpreter->sys) {
    Value err = dict_get(t.interpreter->sys->namespace_, names(t).stderr);
    if (!err.is_empty() && !err.is_none()) {
      Value wrote = call_method(t, err, names(t).write, {str_value(make_str(t, text))});
      if (!wrote.is_raised()) {
        if (call_method(t, err, names(t).flush).is_raised()) (void)take_exception(t);
        return;
      }
      (void)take_exception(t);
    }
  }
  fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace

void print_exception(Thread& t, Value exception) { write_error_text(t, format_exception(t, exception)); }

void report_unraisable(Thread& t, std::string_view where) {
  Value e = take_exception(t);
  if (!is_exception(e)) return;
  write_error_text(t, fmt::format("Exception ignored in: {}\n", where) + format_exception(t, e));
}

}  // namespace mini
