// SPDX-License-Identifier: MIT
// Raising script exceptions from native code, and asking about the one in flight.
//
// `return raise(t, ErrorType::TypeError, "'{}' object is not callable", type_name(t, v));`
//
// The list of exception types is errors.def. Message texts are CPython's and stand where they are raised, so that a
// search for a message finds the code that raises it; texts raised from several places are functions here.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "runtime/object.h"

namespace mini {

enum class ErrorType : uint8_t {
#define MINI_ERROR(name, base) name,
#include "runtime/errors.def"
#undef MINI_ERROR
};

Value raise_text(Thread& t, ErrorType type, std::string_view message);   // always returns Raised
template <class... Args>
Value raise(Thread& t, ErrorType type, fmt::format_string<Args...> text, Args&&... args) {
  return raise_text(t, type, fmt::format(text, std::forward<Args>(args)...));
}
Value raise_value(Thread& t, Value exception);             // an exception object (or class: instantiated)
Value raise_no_arguments(Thread& t, ErrorType type);       // `StopIteration` and the like without args
Value raise_without_text(Thread& t, ErrorType type);       // in place of the error of a repr() that its text needed; CPython loses it too
Value raise_with_argument(Thread& t, ErrorType type, Value argument);   // KeyError(key), StopIteration(value)
Value raise_os_error(Thread& t, int error_number, std::string_view path = {});   // the right OSError subclass

Value raise_not_callable(Thread& t, Value v);
Value raise_unhashable(Thread& t, Value v);
Value raise_no_attribute(Thread& t, Value v, Str* name);
Value raise_recursion(Thread& t, std::string_view where = {});   // "maximum recursion depth exceeded" + where
Value raise_memory(Thread& t);
Value raise_bad_operand(Thread& t, UnaryOp op, Value a);
Value raise_no_item_assignment(Thread& t, Value object, Value key, bool is_deletion);
Value raise_cannot_concatenate(Thread& t, Value sequence, Value other);
Value raise_unsupported_operands(Thread& t, const char* op, Value a, Value b);

Type* error_type(Thread& t, ErrorType type);
// Is the exception in flight an instance of this type?
bool exception_matches(Thread& t, ErrorType type);
bool is_instance_of_error(Thread& t, Value exception, ErrorType type);
// Takes the exception in flight off the thread.
Value take_exception(Thread& t);
// Prints a traceback of `exception` to stderr as the interpreter does for an uncaught one.
void print_exception(Thread& t, Value exception);
// The same text, without printing.
std::string format_exception(Thread& t, Value exception);
// An error that cannot be passed on (in a finaliser or callback): sys.unraisablehook.
void report_unraisable(Thread& t, std::string_view where);

}  // namespace mini
