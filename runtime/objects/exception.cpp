// SPDX-License-Identifier: MIT
// Exception classes, tracebacks, and the text of an uncaught exception. One struct serves all exception classes; what some add (OSError.errno,
// StopIteration.value ...) are ordinary attributes that __init__ sets.
#include "runtime/objects/exception.h"

#include <cstring>

#include "runtime/calls.h"
#include "runtime/frame.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

Exception* make_exception(Thread& t, Type* type, Tuple* args) {
  auto e = static_cast<Exception*>(allocate_object(t, type));
  e->args = args;
  e->cause = e->context = Value::none();
  e->traceback = nullptr;
  e->suppress_context = false;
  return e;
}

namespace {

bool is_a(Thread& t, Value e, ErrorType type) { return is_subtype(type_of(t, e), t.interpreter->error_types[static_cast<int>(type)]); }

void exception_trace(Object* o, Marker& marker) {
  auto e = static_cast<Exception*>(o);
  marker.mark_pointer(e->args);
  marker.mark(e->cause);
  marker.mark(e->context);
  marker.mark_pointer(e->traceback);
}

void set_text(Thread& t, Value self, const char* name, Value v) { set_own_attribute(t, self.object, intern(t, name), v); }
Value get_text(Thread& t, Value self, const char* name) { return get_own_attribute(self.object, intern(t, name)); }

ErrorType os_error_type(int number) {
  switch (number) {
    case EAGAIN: case EALREADY: case EINPROGRESS: return ErrorType::BlockingIOError;
    case EPIPE: case ESHUTDOWN: return ErrorType::BrokenPipeError;
    case ECHILD: return ErrorType::ChildProcessError;
    case ECONNABORTED: return ErrorType::ConnectionAbortedError;
    case ECONNREFUSED: return ErrorType::ConnectionRefusedError;
    case ECONNRESET: return ErrorType::ConnectionResetError;
    case EEXIST: return ErrorType::FileExistsError;
    case ENOENT: return ErrorType::FileNotFoundError;
    case EISDIR: return ErrorType::IsADirectoryError;
    case ENOTDIR: return ErrorType::NotADirectoryError;
    case EINTR: return ErrorType::InterruptedError;
    case EACCES: case EPERM: return ErrorType::PermissionError;
    case ESRCH: return ErrorType::ProcessLookupError;
    case ETIMEDOUT: return ErrorType::TimeoutError;
    default: return ErrorType::OSError;
  }
}

// args[0] class, args[1] keywords, then positional ones.
Value exception_new(Thread& t, Value* args, size_t argc) {
  auto type = as<Type>(args[0]);
  Tuple* given = make_tuple(t, args + 2, argc - 2);
  bool is_os_error = type == t.interpreter->error_types[static_cast<int>(ErrorType::OSError)];
  if (is_os_error && given->length >= 2 && given->length <= 5 && given->items[0].is_int())
    type = t.interpreter->error_types[static_cast<int>(os_error_type(static_cast<int>(given->items[0].integer)))];
  Exception* e = make_exception(t, type, given);
  Value self = Value::of_object(e);
  if (is_a(t, self, ErrorType::BaseExceptionGroup)) {
    // What was given is checked here, because a group of Exceptions only becomes an ExceptionGroup by itself.
    if (given->length != 2 || !is_kind(given->items[0], Kind::Str))
      return given->length == 2 ? raise(t, ErrorType::TypeError, "argument 1 must be str, not {}", type_name(t, given->items[0]))
                                : raise(t, ErrorType::TypeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", given->length);
    if (!type_of(t, given->items[1])->ops.get_item || is_kind(given->items[1], Kind::Dict) || is_kind(given->items[1], Kind::Str))
      return raise(t, ErrorType::TypeError, "second argument (exceptions) must be a sequence");
    auto members = as<Tuple>(TRY(to_tuple(t, given->items[1])));
    if (members->length == 0) return raise(t, ErrorType::ValueError, "second argument (exceptions) must be a non-empty sequence");
    bool all_plain = true;
    for (uint64_t i = 0; i < members->length; ++i) {
      if (!is_exception(members->items[i]))
        return raise(t, ErrorType::ValueError, "Item {} of second argument (exceptions) is not an exception", i);
      all_plain &= is_a(t, members->items[i], ErrorType::Exception);
    }
    Type* base_group = t.interpreter->error_types[static_cast<int>(ErrorType::BaseExceptionGroup)];
    Type* group = t.interpreter->error_types[static_cast<int>(ErrorType::ExceptionGroup)];
    if (type == base_group && all_plain) {
      e = make_exception(t, group, given);
      self = Value::of_object(e);
    } else if (!all_plain && is_subtype(type, error_type(t, ErrorType::Exception))) {
      if (type == group) return raise(t, ErrorType::TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
      return raise(t, ErrorType::TypeError, "Cannot nest BaseExceptions in '{}'", type_name(type));
    }
    set_text(t, self, "message", given->items[0]);
    set_text(t, self, "exceptions", Value::of_object(members));
  }
  if (is_a(t, self, ErrorType::StopIteration)) set_text(t, self, "value", given->length ? given->items[0] : Value::none());
  if (is_a(t, self, ErrorType::SystemExit))
    set_text(t, self, "code", given->length == 0 ? Value::none() : given->length == 1 ? given->items[0] : Value::of_object(given));
  if (is_a(t, self, ErrorType::OSError) && given->length >= 2 && given->length <= 5) {
    set_text(t, self, "errno", given->items[0]);
    set_text(t, self, "strerror", given->items[1]);
    set_text(t, self, "filename", given->length > 2 ? given->items[2] : Value::none());
    if (given->length > 4) set_text(t, self, "filename2", given->items[4]);
    e->args = make_tuple(t, given->items, 2);
  } else if (is_a(t, self, ErrorType::OSError)) {
    for (const char* name : {"errno", "strerror", "filename"}) set_text(t, self, name, Value::none());
  }
  if (is_a(t, self, ErrorType::SyntaxError)) {
    const char* const fields[] = {"filename", "lineno", "offset", "text", "end_lineno", "end_offset"};
    set_text(t, self, "msg", given->length ? given->items[0] : Value::none());
    Value details = given->length == 2 ? TRY(to_tuple(t, given->items[1])) : Value::empty();
    for (size_t i = 0; i < 6; ++i)
      set_text(t, self, fields[i], is_kind(details, Kind::Tuple) && i < as<Tuple>(details)->length ? as<Tuple>(details)->items[i] : Value::none());
    set_text(t, self, "print_file_and_line", Value::none());
  }
  if (is_a(t, self, ErrorType::UnicodeDecodeError) || is_a(t, self, ErrorType::UnicodeEncodeError)) {
    const char* const fields[] = {"encoding", "object", "start", "end", "reason"};
    if (given->length != 5) return raise(t, ErrorType::TypeError, "function takes exactly 5 arguments ({} given)", given->length);
    for (size_t i = 0; i < 5; ++i) set_text(t, self, fields[i], given->items[i]);
  }
  auto keywords = as<Dict>(args[1]);
  if (is_a(t, self, ErrorType::ImportError)) {
    Value name = dict_get(keywords, names(t).name_plain);
    Value path = dict_get(keywords, intern(t, "path"));
    set_text(t, self, "msg", given->length == 1 ? given->items[0] : Value::none());
    set_text(t, self, "name", name.is_empty() ? Value::none() : name);
    set_text(t, self, "path", path.is_empty() ? Value::none() : path);
  } else if (is_a(t, self, ErrorType::NameError) || is_a(t, self, ErrorType::AttributeError)) {
    for (DictCursor c(keywords); c.next();) set_own_attribute(t, e, intern(t, as<Str>(c.entry->key)), c.entry->value);
  }
  return self;
}

Value exception_init(Thread& t, Value* args, size_t argc) {
  auto e = as<Exception>(args[0]);
  auto keywords = as<Dict>(args[1]);
  bool takes_keywords = is_a(t, args[0], ErrorType::ImportError) || is_a(t, args[0], ErrorType::NameError) || is_a(t, args[0], ErrorType::AttributeError);
  if (keywords->count && !takes_keywords)
    return raise(t, ErrorType::TypeError, "{}() takes no keyword arguments", type_name(t, args[0]));
  bool is_fixed = is_a(t, args[0], ErrorType::OSError) || is_a(t, args[0], ErrorType::BaseExceptionGroup);
  if (!is_fixed) {
    e->args = make_tuple(t, args + 2, argc - 2);
    if (is_a(t, args[0], ErrorType::StopIteration)) set_text(t, args[0], "value", argc > 2 ? args[2] : Value::none());
    if (is_a(t, args[0], ErrorType::SystemExit))
      set_text(t, args[0], "code", argc == 2 ? Value::none() : argc == 3 ? args[2] : Value::of_object(e->args));
  }
  return Value::none();
}

Value os_error_str(Thread& t, Value self) {
  Value number = get_text(t, self, "errno"), text = get_text(t, self, "strerror"), file = get_text(t, self, "filename");
  Str* a = to_str(t, number);
  Str* b = a ? to_str(t, text) : nullptr;
  if (!b) return Value::raised();
  std::string out = fmt::format("[Errno {}] {}", to_utf8(a), to_utf8(b));
  if (!file.is_none()) {
    Str* c = to_repr(t, file);
    if (!c) return Value::raised();
    out += ": " + to_utf8(c);
    Value second = get_text(t, self, "filename2");
    if (!second.is_empty() && !second.is_none()) {
      c = to_repr(t, second);
      if (!c) return Value::raised();
      out += " -> " + to_utf8(c);
    }
  }
  return str_value(make_str(t, out));
}

Value unicode_error_str(Thread& t, Value self) {
  Value object = get_text(t, self, "object"), encoding = get_text(t, self, "encoding"), reason = get_text(t, self, "reason");
  Value start_value = get_text(t, self, "start"), end_value = get_text(t, self, "end");
  int64_t start = 0, end = 0;
  if (object.is_empty() || !fits_int64(start_value, start) || !fits_int64(end_value, end)) return str_value(t.interpreter->empty_str);
  Str* e = to_str(t, encoding);
  Str* r = e ? to_str(t, reason) : nullptr;
  if (!r) return Value::raised();
  bool is_decode = is_a(t, self, ErrorType::UnicodeDecodeError);
  const char* verb = is_decode ? "decode" : "encode";
  if (end == start + 1) {
    Value item = TRY(get_item(t, object, start_value));
    std::string shown;
    if (is_decode) {
      shown = fmt::format("byte 0x{:02x}", static_cast<unsigned>(item.integer));
    } else {
      char32_t c = as<Str>(item)->at(0);
      shown = c <= 0xff ? fmt::format("character '\\x{:02x}'", static_cast<unsigned>(c))
              : c <= 0xffff ? fmt::format("character '\\u{:04x}'", static_cast<unsigned>(c))
                            : fmt::format("character '\\U{:08x}'", static_cast<unsigned>(c));
    }
    return str_value(make_str(t, fmt::format("'{}' codec can't {} {} in position {}: {}", to_utf8(e), verb, shown, start, to_utf8(r))));
  }
  return str_value(make_str(t, fmt::format("'{}' codec can't {} {} in position {}-{}: {}", to_utf8(e), verb, is_decode ? "bytes" : "characters",
                                           start, end - 1, to_utf8(r))));
}

Value exception_str(Thread& t, Value self) {
  auto e = as<Exception>(self);
  if (is_a(t, self, ErrorType::BaseExceptionGroup)) {
    Value members = get_text(t, self, "exceptions"), message = get_text(t, self, "message");
    if (is_kind(members, Kind::Tuple) && is_kind(message, Kind::Str)) {
      uint64_t n = as<Tuple>(members)->length;
      return str_value(make_str(t, fmt::format("{} ({} sub-exception{})", to_utf8(as<Str>(message)), n, n == 1 ? "" : "s")));
    }
  }
  if (is_a(t, self, ErrorType::KeyError) && e->args->length == 1) {
    Str* s = to_repr(t, e->args->items[0]);
    return s ? str_value(s) : Value::raised();
  }
  if (is_a(t, self, ErrorType::OSError)) {
    Value number = get_text(t, self, "errno"), text = get_text(t, self, "strerror");
    if (!number.is_empty() && !number.is_none() && !text.is_none()) return os_error_str(t, self);
  }
  if (is_a(t, self, ErrorType::UnicodeDecodeError) || is_a(t, self, ErrorType::UnicodeEncodeError)) return unicode_error_str(t, self);
  if (is_a(t, self, ErrorType::SyntaxError)) {
    Value msg = get_text(t, self, "msg"), file = get_text(t, self, "filename"), line = get_text(t, self, "lineno");
    Str* s = to_str(t, msg.is_empty() ? Value::none() : msg);
    if (!s) return Value::raised();
    if (is_kind(file, Kind::Str) && line.is_int()) {
      std::string name = to_utf8(as<Str>(file));
      return str_value(make_str(t, fmt::format("{} ({}, line {})", to_utf8(s), name.substr(name.rfind('/') + 1), line.integer)));
    }
    if (line.is_int()) return str_value(make_str(t, fmt::format("{} (line {})", to_utf8(s), line.integer)));
    if (is_kind(file, Kind::Str)) return str_value(make_str(t, fmt::format("{} ({})", to_utf8(s), to_utf8(as<Str>(file)))));
    return str_value(s);
  }
  if (is_a(t, self, ErrorType::ImportError)) {
    Value msg = get_text(t, self, "msg");
    if (is_kind(msg, Kind::Str)) return msg;
  }
  if (e->args->length == 0) return str_value(t.interpreter->empty_str);
  Str* s = to_str(t, e->args->length == 1 ? e->args->items[0] : Value::of_object(e->args));
  return s ? str_value(s) : Value::raised();
}

Value exception_repr(Thread& t, Value self) {
  auto e = as<Exception>(self);
  std::string text = to_utf8(type_of(t, self)->name);
  if (is_a(t, self, ErrorType::BaseExceptionGroup)) {
    Str* s = to_repr(t, Value::of_object(e->args));
    return s ? str_value(make_str(t, text + to_utf8(s))) : Value::raised();
  }
  if (e->args->length == 1) {
    Str* s = to_repr(t, e->args->items[0]);
    return s ? str_value(make_str(t, text + "(" + to_utf8(s) + ")")) : Value::raised();
  }
  Str* s = to_repr(t, Value::of_object(e->args));
  return s ? str_value(make_str(t, text + to_utf8(s))) : Value::raised();
}

Value get_args(Thread&, Value self) { return Value::of_object(as<Exception>(self)->args); }
Value set_args(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::TypeError, "args may not be deleted");
  as<Exception>(self)->args = as<Tuple>(TRY(to_tuple(t, v)));
  return Value::none();
}
Value get_cause(Thread&, Value self) { return as<Exception>(self)->cause; }
Value set_cause(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::TypeError, "__cause__ may not be deleted");
  if (!v.is_none() && !is_exception(v)) return raise(t, ErrorType::TypeError, "exception cause must be None or derive from BaseException");
  as<Exception>(self)->cause = v;
  as<Exception>(self)->suppress_context = true;
  return Value::none();
}
Value get_context(Thread&, Value self) { return as<Exception>(self)->context; }
Value set_context(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::TypeError, "__context__ may not be deleted");
  if (!v.is_none() && !is_exception(v)) return raise(t, ErrorType::TypeError, "exception context must be None or derive from BaseException");
  as<Exception>(self)->context = v;
  return Value::none();
}
Value get_traceback(Thread&, Value self) {
  auto e = as<Exception>(self);
  return e->traceback ? Value::of_object(e->traceback) : Value::none();
}
Value set_traceback(Thread& t, Value self, Value v) {
  if (v.is_empty()) return raise(t, ErrorType::TypeError, "__traceback__ may not be deleted");
  if (!v.is_none() && !is_kind(v, Kind::Traceback)) return raise(t, ErrorType::TypeError, "__traceback__ must be a traceback or None");
  as<Exception>(self)->traceback = v.is_none() ? nullptr : as<Traceback>(v);
  return Value::none();
}
Value get_suppress(Thread&, Value self) { return Value::of_bool(as<Exception>(self)->suppress_context); }
Value set_suppress(Thread& t, Value self, Value v) {
  if (!v.is_bool()) return raise(t, ErrorType::TypeError, "attribute value type must be bool");
  as<Exception>(self)->suppress_context = v.is_true();
  return Value::none();
}

Value with_traceback(Thread& t, Value* args, size_t) {
  TRY(set_traceback(t, args[0], args[1]));
  return args[0];
}

Value add_note(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "note must be a str, not '{}'", type_name(t, args[1]));
  Value notes = get_own_attribute(args[0].object, names(t).notes);
  if (notes.is_empty()) {
    notes = Value::of_object(make_list(t));
    set_own_attribute(t, args[0].object, names(t).notes, notes);
  }
  if (!is_kind(notes, Kind::List)) return raise(t, ErrorType::TypeError, "Cannot add note: __notes__ is not a list");
  list_push(t, as<List>(notes), args[1]);
  return Value::none();
}

Value exception_reduce(Thread& t, Value* args, size_t) {
  auto e = as<Exception>(args[0]);
  Value state = Value::none();
  if (e->shape->count || e->shape->is_dictionary) state = Value::of_object(dict_copy(t, attribute_dict(t, e)));
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(t, args[0])), Value::of_object(e->args), state}));
}

Value exception_setstate(Thread& t, Value* args, size_t) {
  if (args[1].is_none()) return Value::none();
  if (!is_kind(args[1], Kind::Dict)) return raise(t, ErrorType::TypeError, "state is not a dictionary");
  for (DictCursor c(as<Dict>(args[1])); c.next();) TRY(set_attribute(t, args[0], as<Str>(c.entry->key), c.entry->value));
  return Value::none();
}

const NativeRow kExceptionMethods[] = {
    {"__new__", exception_new, "(cls, /, *args, **kwargs)", "", Binding::Static},
    {"__init__", exception_init, "(self, /, *args, **kwargs)", ""},
    {"with_traceback", with_traceback, "(self, tb, /)", "Set self.__traceback__ to tb and return self."},
    {"add_note", add_note, "(self, note, /)", "Add a note to the exception."},
    {"__reduce__", exception_reduce, "(self, /)", ""},
    {"__setstate__", exception_setstate, "(self, state, /)", ""},
};

const AttributeRow kExceptionAttributes[] = {
    {"args", get_args, set_args, ""},
    {"__cause__", get_cause, set_cause, "exception cause"},
    {"__context__", get_context, set_context, "exception context"},
    {"__traceback__", get_traceback, set_traceback, ""},
    {"__suppress_context__", get_suppress, set_suppress, ""},
};

// --- traceback objects ---

void traceback_trace(Object* o, Marker& marker) {
  auto tb = static_cast<Traceback*>(o);
  marker.mark_pointer(tb->next);
  marker.mark_pointer(tb->code);
  marker.mark_pointer(tb->globals);
}
Value traceback_next(Thread&, Value self) {
  auto tb = as<Traceback>(self);
  return tb->next ? Value::of_object(tb->next) : Value::none();
}
Value traceback_set_next(Thread&, Value self, Value v) {
  as<Traceback>(self)->next = is_kind(v, Kind::Traceback) ? as<Traceback>(v) : nullptr;
  return Value::none();
}
const SourceRange& range_of(Value self) {
  static const SourceRange none{};
  auto tb = as<Traceback>(self);
  return tb->instruction < tb->code->ranges.size() ? tb->code->ranges[tb->instruction] : none;
}
Value traceback_line(Thread&, Value self) { return Value::of_int(range_of(self).line); }
Value traceback_last_instruction(Thread&, Value self) { return Value::of_int(as<Traceback>(self)->instruction); }
Value traceback_positions(Thread& t, Value self) {
  const SourceRange& r = range_of(self);
  return Value::of_object(make_tuple(t, {Value::of_int(r.line), Value::of_int(r.end_line), Value::of_int(r.column), Value::of_int(r.end_column)}));
}
Value traceback_frame(Thread& t, Value self) {
  auto tb = as<Traceback>(self);
  return make_past_frame_object(t, tb->code, tb->globals, range_of(self).line);
}

const AttributeRow kTracebackAttributes[] = {
    {"tb_next", traceback_next, traceback_set_next, ""}, {"tb_lineno", traceback_line, nullptr, ""}, {"tb_lasti", traceback_last_instruction, nullptr, ""},
    {"tb_frame", traceback_frame, nullptr, ""}, {"tb_positions", traceback_positions, nullptr, "line, end line, column, end column"},
};

}  // namespace

const Layout base_exception_layout = {
    .name = "BaseException", .module = "builtins", .kind = Kind::Exception, .size = sizeof(Exception), .flags = kSubclassable | kHasAttributes,
    .trace = exception_trace, .ops = {.repr = exception_repr, .str = exception_str},
    .methods = kExceptionMethods, .method_count = std::size(kExceptionMethods),
    .attributes = kExceptionAttributes, .attribute_count = std::size(kExceptionAttributes),
    .help = "Common base class for all exceptions"};

const Layout traceback_layout = {
    .name = "traceback", .module = "builtins", .kind = Kind::Traceback, .size = sizeof(Traceback), .flags = kNoInstantiation, .trace = traceback_trace,
    .attributes = kTracebackAttributes, .attribute_count = std::size(kTracebackAttributes)};

// --- The classes of errors.def ---

namespace {

struct ErrorRow {
  const char* name;
  ErrorType base;
};
const ErrorRow kErrors[] = {
#define MINI_ERROR(name, base) {#name, ErrorType::base},
#include "runtime/errors.def"
#undef MINI_ERROR
};

}  // namespace

void make_error_types(Thread& t) {
  Interpreter& i = *t.interpreter;
  i.error_types[0] = i.types.base_exception;
  i.types.base_exception->type_flags |= kTypeIsException;
  for (size_t n = 1; n < std::size(kErrors); ++n) {
    Type* base = i.error_types[static_cast<int>(kErrors[n].base)];
    Tuple* bases = make_tuple(t, {Value::of_object(base)});
    if (static_cast<ErrorType>(n) == ErrorType::ExceptionGroup)
      bases = make_tuple(t, {Value::of_object(base), Value::of_object(i.error_types[static_cast<int>(ErrorType::Exception)])});
    Dict* attributes = make_dict(t);
    dict_set(t, attributes, i.names.module, str_value(intern(t, "builtins")));
    Value type = make_class(t, i.types.type, intern(t, kErrors[n].name), bases, attributes, nullptr);
    i.error_types[n] = as<Type>(type);
    // Built in for everyone: immutable, and instances are "exact".
    i.error_types[n]->type_flags = (i.error_types[n]->type_flags & ~kTypeIsScript) | kTypeIsException;
    i.error_types[n]->utf8_name = nullptr;
    if (static_cast<ErrorType>(n) == ErrorType::BaseExceptionGroup) add_group_methods(t, i.error_types[n]);
  }
}

}  // namespace mini
