// SPDX-License-Identifier: MIT
#include "runtime/exec/task_server.h"

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value call_task(Thread& t, const Value* task) {
  ValueList args(t), keyword_names(t);
  if (!is_kind(task[1], Kind::Tuple)) return raise(t, ErrorType::TypeError, "the arguments of a task must be a tuple");
  for (uint64_t i = 0; i < as<Tuple>(task[1])->length; ++i) args.push(as<Tuple>(task[1])->items[i]);
  size_t positional = args.size();
  if (is_kind(task[2], Kind::Dict))
    for (DictCursor c(as<Dict>(task[2])); c.next();) {
      keyword_names.push(c.entry->key);
      args.push(c.entry->value);
    }
  Tuple* names_tuple = keyword_names.size() ? make_tuple(t, keyword_names.data(), keyword_names.size()) : nullptr;
  return call(t, task[0], args.data(), positional, names_tuple);
}

}  // namespace

Value TaskServer::call(Thread& t, std::string_view message, const SharedBuffers* buffers) {
  Value task[3];
  is_decoded_ = inbox_.decode(t, message, task, 3, buffers);
  return is_decoded_ ? call_task(t, task) : Value::raised();
}

TaskAnswer TaskServer::pack(Thread& t, Value result) {
  Parcel parcel;
  const char* label = "the result";
  if (result.is_raised() || !table_.encode(t, &result, &label, 1, parcel)) return pack_error(t);
  return {false, false, peer_.assemble(parcel), std::move(parcel.buffers)};
}

TaskAnswer TaskServer::pack_error(Thread& t) {
  Value parts[2] = {take_exception(t), Value::none()};
  auto e = as<Exception>(parts[0]);
  parts[1] = str_value(make_str(t, format_exception(t, parts[0])));
  Parcel parcel;
  const char* labels[2] = {"the exception", ""};
  bool is_encoded = table_.encode(t, parts, labels, 2, parcel);
  if (!is_encoded) {       // without those that led to it
    (void)take_exception(t);
    e->cause = e->context = Value::none();
    parcel = {};
    is_encoded = table_.encode(t, parts, labels, 2, parcel);
  }
  if (!is_encoded) {       // as words
    (void)take_exception(t);
    Str* text = to_str(t, parts[0]);
    if (!text) (void)take_exception(t);
    std::string words = std::string(type_name(t, parts[0])) + (text && text->length ? ": " + to_utf8(text) : "");
    (void)raise(t, ErrorType::RuntimeError, "{}", words);
    parts[0] = take_exception(t);
    parcel = {};
    is_encoded = table_.encode(t, parts, labels, 2, parcel);
    if (!is_encoded) (void)take_exception(t);
  }
  return {true, !is_decoded_, peer_.assemble(parcel), std::move(parcel.buffers)};
}

void flush_standard_output(Thread& t) {
  for (Str* name : {names(t).stdout, names(t).stderr}) {
    Value stream = t.interpreter->sys ? dict_get(t.interpreter->sys->namespace_, name) : Value::empty();
    if (stream.is_empty() || stream.is_none()) continue;
    if (call_method(t, stream, names(t).flush).is_raised()) (void)take_exception(t);
  }
}

}  // namespace mini
