// SPDX-License-Identifier: MIT
// Making exceptions: __new__ and __init__ of the built-in classes, and the fields that some of them have (exception_fields.def).
//
// As in CPython, OSError and the groups are filled by __new__, all others by __init__; so a class derived from one of those may have
// an __init__ with parameters of its own.
#include <cerrno>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/exception_parts.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
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

void set_field(Thread& t, Value self, const char* name, Value v) { set_own_attribute(t, self.object, intern(t, name), v); }
Value get_field(Thread& t, Value self, const char* name) {
  Value v = get_own_attribute(self.object, intern(t, name));
  return v.is_empty() ? Value::none() : v;
}

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


// --- OSError ---

// A class with an __init__ of its own, and no __new__, says by that what the arguments are.
bool is_filled_by_init(Thread& t, Type* type) {
  Type* new_owner = nullptr;
  Type* init_owner = nullptr;
  (void)type_lookup(type, names(t).new_, &new_owner);
  (void)type_lookup(type, names(t).init, &init_owner);
  return init_owner && init_owner->type_flags & kTypeIsScript && !(new_owner && new_owner->type_flags & kTypeIsScript);
}

void fill_os_error(Thread& t, Value self, Tuple* given) {
  auto e = as<Exception>(self);
  e->args = given;
  for (const char* name : {"errno", "strerror", "filename"}) set_field(t, self, name, Value::none());
  if (given->length < 2 || given->length > 5) return;
  set_field(t, self, "errno", given->items[0]);
  set_field(t, self, "strerror", given->items[1]);
  bool counts_characters = is_a(t, self, ErrorType::BlockingIOError) && given->length == 3 && is_integer(given->items[2]);
  if (counts_characters) {
    set_field(t, self, "characters_written", given->items[2]);
    return;
  }
  if (given->length == 2 || given->items[2].is_none()) return;
  set_field(t, self, "filename", given->items[2]);
  if (given->length > 4) set_field(t, self, "filename2", given->items[4]);
  e->args = make_tuple(t, given->items, 2);
}

// --- Exception groups ---

// The members of a group, checked. Raised when they are none.
Value checked_members(Thread& t, Tuple* given, bool& all_plain) {
  if (given->length != 2)
    return raise(t, ErrorType::TypeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", given->length);
  if (!is_kind(given->items[0], Kind::Str))
    return raise(t, ErrorType::TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not {}", argument_type_name(t, given->items[0]));
  Value list = given->items[1];
  if (!type_of(t, list)->ops.get_item || is_kind(list, Kind::Dict) || is_kind(list, Kind::Set))
    return raise_text(t, ErrorType::TypeError, "second argument (exceptions) must be a sequence");
  auto members = as<Tuple>(TRY(to_tuple(t, list)));
  if (members->length == 0) return raise_text(t, ErrorType::ValueError, "second argument (exceptions) must be a non-empty sequence");
  all_plain = true;
  for (uint64_t i = 0; i < members->length; ++i) {
    if (!is_exception(members->items[i]))
      return raise(t, ErrorType::ValueError, "Item {} of second argument (exceptions) is not an exception", i);
    all_plain &= is_a(t, members->items[i], ErrorType::Exception);
  }
  return Value::of_object(members);
}

// A group of Exceptions becomes an ExceptionGroup by itself.
Value new_group(Thread& t, Type* type, Tuple* given) {
  bool all_plain = false;
  Value members = TRY(checked_members(t, given, all_plain));
  Type* base_group = t.interpreter->error_types[static_cast<int>(ErrorType::BaseExceptionGroup)];
  Type* group = t.interpreter->error_types[static_cast<int>(ErrorType::ExceptionGroup)];
  if (type == base_group && all_plain) type = group;
  if (!all_plain && type == group) return raise_text(t, ErrorType::TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
  if (!all_plain && is_subtype(type, t.interpreter->error_types[static_cast<int>(ErrorType::Exception)]))
    return raise(t, ErrorType::TypeError, "Cannot nest BaseExceptions in '{}'", type_name(type));
  Value self = Value::of_object(make_exception(t, type, given));
  set_field(t, self, "message", given->items[0]);
  set_field(t, self, "exceptions", members);
  return self;
}

// --- What __init__ fills ---

Value init_syntax_error(Thread& t, Value self, Tuple* given) {
  const char* const fields[] = {"filename", "lineno", "offset", "text", "end_lineno", "end_offset"};
  if (given->length) set_field(t, self, "msg", given->items[0]);
  if (given->length != 2) return Value::none();
  auto details = as<Tuple>(TRY(to_tuple(t, given->items[1])));
  if (details->length < 4) return raise(t, ErrorType::TypeError, "function takes at least 4 arguments ({} given)", details->length);
  if (details->length > 6) return raise(t, ErrorType::TypeError, "function takes at most 6 arguments ({} given)", details->length);
  for (size_t i = 0; i < 6; ++i) set_field(t, self, fields[i], i < details->length ? details->items[i] : Value::none());
  if (details->length == 5) return raise_text(t, ErrorType::TypeError, "end_offset must be provided when end_lineno is provided");
  return Value::none();
}

Value init_unicode_error(Thread& t, Value self, Tuple* given) {
  bool is_translate = is_a(t, self, ErrorType::UnicodeTranslateError), is_decode = is_a(t, self, ErrorType::UnicodeDecodeError);
  const char* const fields[] = {"encoding", "object", "start", "end", "reason"};
  size_t first = is_translate ? 1 : 0, count = 5 - first;
  if (given->length != count)
    return raise(t, ErrorType::TypeError, "function takes exactly {} arguments ({} given)", count, given->length);
  for (size_t i = first; i < 5; ++i) {
    Value v = given->items[i - first];
    bool is_text = i == 0 || i == 4 || (i == 1 && !is_decode);
    int64_t number;
    std::string_view bytes;
    if (is_text && !is_kind(v, Kind::Str)) return raise(t, ErrorType::TypeError, "argument {} must be str, not {}", i - first + 1, argument_type_name(t, v));
    if ((i == 2 || i == 3) && !to_index(t, v, number)) return Value::raised();
    if (i == 1 && is_decode && !require_bytes(t, v, bytes)) return Value::raised();
  }
  for (size_t i = first; i < 5; ++i) {
    Value v = given->items[i - first];
    if (i == 1 && is_decode && !is_kind(v, Kind::Bytes)) {
      std::string_view bytes;
      (void)bytes_view(v, bytes);
      v = Value::of_object(make_bytes(t, bytes));
    }
    set_field(t, self, fields[i], v);
  }
  return Value::none();
}

// Keyword arguments that are fields: ImportError(name=, path=) and the like.
Value init_named_fields(Thread& t, Value self, Dict* keywords, std::initializer_list<const char*> allowed, const char* owner) {
  size_t most = allowed.size();
  if (keywords->count > most)
    return raise(t, ErrorType::TypeError, "{}() takes at most {} keyword argument{} ({} given)", owner, most, most == 1 ? "" : "s", keywords->count);
  for (DictCursor c(keywords); c.next();) {
    bool is_known = false;
    for (const char* name : allowed) is_known |= equals(as<Str>(c.entry->key), name);
    if (!is_known) return raise(t, ErrorType::TypeError, "'{}' is an invalid keyword argument for {}()", to_utf8(as<Str>(c.entry->key)), owner);
  }
  for (const char* name : allowed) {
    Value v = dict_get(keywords, intern(t, name));
    if (!v.is_empty()) set_field(t, self, name, v);
  }
  return Value::none();
}

}  // namespace

// args[0] class, args[1] keywords, then positional ones.
Value exception_new(Thread& t, Value* args, size_t argc) {
  auto type = as<Type>(args[0]);
  Tuple* given = make_tuple(t, args + 2, argc - 2);
  auto error = [&](ErrorType e) { return t.interpreter->error_types[static_cast<int>(e)]; };
  if (!(type->type_flags & kTypeHasErrorFields)) return Value::of_object(make_exception(t, type, given));
  if (is_subtype(type, error(ErrorType::BaseExceptionGroup))) return new_group(t, type, given);
  if (!is_subtype(type, error(ErrorType::OSError))) return Value::of_object(make_exception(t, type, given));
  if (is_filled_by_init(t, type)) return Value::of_object(make_exception(t, type, t.interpreter->empty_tuple));
  if (as<Dict>(args[1])->count) return raise(t, ErrorType::TypeError, "{}() takes no keyword arguments", type_name(type));
  if (type == error(ErrorType::OSError) && given->length >= 2 && given->length <= 5 && given->items[0].is_int())
    type = error(os_error_type(static_cast<int>(given->items[0].integer)));
  Value self = Value::of_object(make_exception(t, type, given));
  fill_os_error(t, self, given);
  return self;
}

Value exception_init(Thread& t, Value* args, size_t argc) {
  Value self = args[0];
  auto e = as<Exception>(self);
  auto keywords = as<Dict>(args[1]);
  if (!(type_of(t, self)->type_flags & kTypeHasErrorFields)) {
    if (keywords->count) return raise(t, ErrorType::TypeError, "{}() takes no keyword arguments", type_name(t, self));
    e->args = make_tuple(t, args + 2, argc - 2);
    return Value::none();
  }
  bool is_import = is_a(t, self, ErrorType::ImportError), is_name = is_a(t, self, ErrorType::NameError), is_attribute = is_a(t, self, ErrorType::AttributeError);
  if (keywords->count && !is_import && !is_name && !is_attribute)
    return raise(t, ErrorType::TypeError, "{}() takes no keyword arguments", type_name(t, self));
  if (is_a(t, self, ErrorType::BaseExceptionGroup)) return Value::none();
  Tuple* given = make_tuple(t, args + 2, argc - 2);
  if (is_a(t, self, ErrorType::OSError)) {
    if (is_filled_by_init(t, type_of(t, self))) fill_os_error(t, self, given);
    return Value::none();
  }
  e->args = given;
  if (is_a(t, self, ErrorType::StopIteration)) set_field(t, self, "value", given->length ? given->items[0] : Value::none());
  if (is_a(t, self, ErrorType::SystemExit))
    set_field(t, self, "code", given->length == 0 ? Value::none() : given->length == 1 ? given->items[0] : Value::of_object(given));
  if (is_a(t, self, ErrorType::SyntaxError)) return init_syntax_error(t, self, given);
  if (is_a(t, self, ErrorType::UnicodeError) && type_of(t, self)->mro->length > 1) {
    bool has_fields = is_a(t, self, ErrorType::UnicodeDecodeError) || is_a(t, self, ErrorType::UnicodeEncodeError) || is_a(t, self, ErrorType::UnicodeTranslateError);
    return has_fields ? init_unicode_error(t, self, given) : Value::none();
  }
  if (is_import) {
    set_field(t, self, "msg", given->length == 1 ? given->items[0] : Value::none());
    return init_named_fields(t, self, keywords, {"name", "path"}, "ImportError");
  }
  if (is_name) return init_named_fields(t, self, keywords, {"name"}, "NameError");
  return is_attribute ? init_named_fields(t, self, keywords, {"name", "obj"}, "AttributeError") : Value::none();
}

// (class, args[, attributes]). What __new__ took away from the args of an OSError is put back.
Value exception_reduce(Thread& t, Value* args, size_t) {
  auto e = as<Exception>(args[0]);
  Value cls = Value::of_object(type_of(t, args[0])), shown = Value::of_object(e->args);
  if (is_a(t, args[0], ErrorType::OSError) && e->args->length == 2) {
    Value file = get_field(t, args[0], "filename"), second = get_field(t, args[0], "filename2");
    const Value* a = e->args->items;
    if (!second.is_none()) shown = Value::of_object(make_tuple(t, {a[0], a[1], file, Value::none(), second}));
    else if (!file.is_none()) shown = Value::of_object(make_tuple(t, {a[0], a[1], file}));
  }
  Dict* state = dict_copy(t, attribute_dict(t, e));
  if (is_a(t, args[0], ErrorType::ImportError))
    for (const char* name : {"name", "path"})
      if (Value v = get_field(t, args[0], name); !v.is_none()) dict_set(t, state, intern(t, name), v);
  return Value::of_object(state->count ? make_tuple(t, {cls, shown, Value::of_object(state)}) : make_tuple(t, {cls, shown}));
}

void add_exception_fields(Thread& t, ErrorType error, Type* type) {
  static constexpr struct { ErrorType error; const char* name; } kFields[] = {
#define MINI_FIELD(error, name) {ErrorType::error, #name},
#include "runtime/objects/exception_fields.def"
#undef MINI_FIELD
  };
  bool has_fields = false;
  for (const auto& field : kFields) {
    if (field.error != error) continue;
    Value member = make_member_descriptor(t, intern(t, field.name), type);
    if (field.name != std::string_view("characters_written")) member.object->extra = kMemberAbsentIsNone;
    if (error == ErrorType::BaseExceptionGroup) member.object->extra |= kMemberReadOnly;
    dict_set(t, type->attributes, intern(t, field.name), member);
    has_fields = true;
    type->type_flags |= kTypeHasErrorFields;
  }
  // CPython's classes show these; they are one function each here.
  auto add = [&](const NativeRow& row) {
    Value v = Value::of_object(make_native_function(t, row, type, Value::none()));
    if (row.binding == Binding::Static) {
      auto w = static_cast<MethodWrapper*>(allocate_object(t, native_type(t, static_method_layout)));
      w->function = v;
      v = Value::of_object(w);
    }
    dict_set(t, type->attributes, intern(t, row.name), v);
  };
  add(kExceptionMethods[1]);
  bool has_own_new = error == ErrorType::OSError || error == ErrorType::BaseExceptionGroup || error == ErrorType::MemoryError ||
                     !has_fields;
  if (has_own_new) add(kExceptionMethods[0]);
  if (error == ErrorType::OSError || error == ErrorType::ImportError) add(kExceptionMethods[4]);
  type_changed(type, names(t).new_);
}

}  // namespace mini
