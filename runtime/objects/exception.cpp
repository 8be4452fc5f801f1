// SPDX-License-Identifier: MIT
// Exception classes, tracebacks, and the text of an uncaught exception. One struct serves all exception classes; what some add (OSError.errno,
// StopIteration.value ...) are members, which exception_create.cpp sets.
#include "runtime/objects/exception.h"

#include <cstring>

#include "runtime/calls.h"
#include "runtime/frame.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/exception_parts.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

bool is_a(Thread& t, Value e, ErrorType type) { return is_subtype(type_of(t, e), t.interpreter->error_types[static_cast<int>(type)]); }

void exception_trace(Object* o, Marker& marker) {
  auto e = static_cast<Exception*>(o);
  marker.mark_pointer(e->args);
  marker.mark(e->cause);
  marker.mark(e->context);
  marker.mark_pointer(e->traceback);
}

// A field; None as well where it was never set.
Value get_text(Thread& t, Value self, const char* name) {
  Value v = get_own_attribute(self.object, intern(t, name));
  return v.is_empty() ? Value::none() : v;
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
  if (object.is_none() || !fits_int64(start_value, start) || !fits_int64(end_value, end)) return str_value(t.interpreter->empty_str);
  bool is_translate = is_a(t, self, ErrorType::UnicodeTranslateError);
  Str* e = to_str(t, encoding);
  Str* r = e ? to_str(t, reason) : nullptr;
  if (!r) return Value::raised();
  bool is_decode = is_a(t, self, ErrorType::UnicodeDecodeError);
  std::string opening = is_translate ? "can't translate" : fmt::format("'{}' codec can't {}", to_utf8(e), is_decode ? "decode" : "encode");
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
    return str_value(make_str(t, fmt::format("{} {} in position {}: {}", opening, shown, start, to_utf8(r))));
  }
  return str_value(make_str(t, fmt::format("{} {} in position {}-{}: {}", opening, is_decode ? "bytes" : "characters", start, end - 1,
                                           to_utf8(r))));
}

bool has_unicode_fields(Thread& t, Value self) {
  return is_a(t, self, ErrorType::UnicodeDecodeError) || is_a(t, self, ErrorType::UnicodeEncodeError) || is_a(t, self, ErrorType::UnicodeTranslateError);
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
    if (!number.is_none() && !text.is_none()) return os_error_str(t, self);
  }
  if (has_unicode_fields(t, self)) return unicode_error_str(t, self);
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

Value exception_setstate(Thread& t, Value* args, size_t) {
  if (args[1].is_none()) return Value::none();
  if (!is_kind(args[1], Kind::Dict)) return raise_text(t, ErrorType::TypeError, "state is not a dictionary");
  for (DictCursor c(as<Dict>(args[1])); c.next();) TRY(set_attribute(t, args[0], as<Str>(c.entry->key), c.entry->value));
  return Value::none();
}

}  // namespace

const NativeRow kExceptionMethods[6] = {
    {"__new__", exception_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", exception_init, "(self, /, *args, **kwargs)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"with_traceback", with_traceback, "(self, tb, /)", "Set self.__traceback__ to tb and return self."},
    {"add_note", add_note, "(self, note, /)", "Add a note to the exception."},
    {"__reduce__", exception_reduce, "(self, /)", "Helper for pickle."},
    {"__setstate__", exception_setstate, "(self, state, /)", "Set the attributes."},
};

namespace {

const AttributeRow kExceptionAttributes[] = {
    {"args", get_args, set_args, ""},
    {"__cause__", get_cause, set_cause, "exception cause"},
    {"__context__", get_context, set_context, "exception context"},
    {"__traceback__", get_traceback, set_traceback, ""},
    {"__suppress_context__", get_suppress, set_suppress, ""},
};

}  // namespace

SourceRange traceback_range(const Traceback* tb) {
  const Code* code = tb->code;
  if (tb->instruction < code->ranges.size()) return code->ranges[tb->instruction];
  return {code->first_line, code->first_line, UINT16_MAX, UINT16_MAX};
}

const Layout base_exception_layout = {
    .name = "BaseException", .module = "builtins", .kind = Kind::Exception, .size = sizeof(Exception), .flags = kSubclassable | kHasAttributes,
    .trace = exception_trace, .ops = {.repr = exception_repr, .str = exception_str},
    .methods = kExceptionMethods, .method_count = std::size(kExceptionMethods),
    .attributes = kExceptionAttributes, .attribute_count = std::size(kExceptionAttributes),
    .help = "Common base class for all exceptions"};

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
  const char* help[std::size(kErrors)] = {};
#define MINI_ERROR_HELP(name, text) help[static_cast<int>(ErrorType::name)] = text;
#include "runtime/error_help.def"
#undef MINI_ERROR_HELP
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
    dict_delete(t, i.error_types[n]->attributes, i.names.module);   // that of the layout
    if (static_cast<ErrorType>(n) != ErrorType::ExceptionGroup) dict_delete(t, i.error_types[n]->attributes, i.names.weakref);
    if (help[n]) dict_set(t, i.error_types[n]->attributes, i.names.doc, str_value(make_str(t, help[n])));
    add_exception_fields(t, static_cast<ErrorType>(n), i.error_types[n]);
    if (static_cast<ErrorType>(n) == ErrorType::BaseExceptionGroup) add_group_methods(t, i.error_types[n]);
  }
}

}  // namespace mini
