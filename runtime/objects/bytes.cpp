// SPDX-License-Identifier: MIT
// bytes: making them, views of bytes-like objects, operators, the type. Methods that bytearray has too are in
// bytes_methods.cpp.

#include <cstring>
#include <iterator>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/objects/array.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterator_state.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/text_search.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

void fill_bytes(Bytes* bytes, uint8_t* room, const void* data, size_t length) {
  bytes->length = length;
  bytes->hash = -1;
  bytes->data = room;
  if (data != nullptr && length != 0) std::memcpy(room, data, length);
  room[length] = 0;
}

}  // namespace

Bytes* make_bytes(Thread& t, const void* data, size_t length) {
  Bytes* bytes = t.heap->make<Bytes>(types(t).bytes->root_shape, length + 1);
  fill_bytes(bytes, reinterpret_cast<uint8_t*>(bytes + 1), data, length);
  return bytes;
}

Bytes* make_bytes(Thread& t, std::string_view data) { return make_bytes(t, data.data(), data.size()); }

Value bytes_of_type(Thread& t, Type* cls, std::string_view data) {
  if (cls == types(t).bytes) return Value::of_object(make_bytes(t, data));
  void* room = nullptr;
  Bytes* bytes = static_cast<Bytes*>(allocate_object(t, cls, data.size() + 1, &room));
  fill_bytes(bytes, static_cast<uint8_t*>(room), data.data(), data.size());
  return Value::of_object(bytes);
}

Value make_like(Thread& t, Value self, std::string_view data) {
  if (is_bytearray(self)) return Value::of_object(make_bytearray(t, data.data(), data.size()));
  return Value::of_object(make_bytes(t, data));
}

bool is_memoryview(Value v) { return is_kind(v, Kind::Native) && type_of(v.object)->layout == &memoryview_layout; }

bool writable_view(Value v, uint8_t*& data, size_t& length) {
  if (is_bytearray(v) || is_array(v)) {
    data = as<ByteArray>(v)->data;
    length = as<ByteArray>(v)->length;
    return true;
  }
  std::string_view view;
  if (!is_memoryview(v) || as<MemoryView>(v)->is_readonly || !bytes_view(v, view)) return false;
  data = reinterpret_cast<uint8_t*>(const_cast<char*>(view.data()));
  length = view.size();
  return true;
}

bool bytes_view(Value v, std::string_view& out) {
  if (is_bytes(v) || is_bytearray(v) || is_array(v)) {
    out = own_view(v);
    return true;
  }
  if (!is_memoryview(v)) return false;
  MemoryView* view = as<MemoryView>(v);
  if (view->source.is_empty() || (view->stride != view->item_size && view->length > 1)) return false;
  std::string_view all = own_view(view->source);
  size_t begin = static_cast<size_t>(view->offset), size = static_cast<size_t>(view->length) * view->item_size;
  if (begin > all.size() || all.size() - begin < size) return false;
  out = all.substr(begin, size);
  return true;
}

bool require_bytes(Thread& t, Value v, std::string_view& out) {
  if (bytes_view(v, out)) return true;
  if (is_memoryview(v)) {
    if (as<MemoryView>(v)->source.is_empty()) {
      (void)raise(t, ErrorType::ValueError, "operation forbidden on released memoryview object");
    } else {
      (void)raise(t, ErrorType::BufferError, "memoryview: underlying buffer is not C-contiguous");
    }
    return false;
  }
  (void)raise(t, ErrorType::TypeError, "a bytes-like object is required, not '{}'", type_name(t, v));
  return false;
}

bool read_byte(Thread& t, Value v, uint8_t& out, const char* message) {
  int64_t n;
  if (!to_index_clamped(t, v, n)) return false;
  if (n < 0 || n > 255) {
    (void)raise(t, ErrorType::ValueError, "{}", message);
    return false;
  }
  out = static_cast<uint8_t>(n);
  return true;
}

bool bytes_have_room(Thread& t, size_t length, bool for_bytearray) {
  constexpr size_t kHeader = 33;   // of CPython's bytes objects, which must fit as well
  bool is_too_large = !for_bytearray && length > static_cast<size_t>(INT64_MAX) - kHeader;
  if (is_too_large) (void)raise_text(t, ErrorType::OverflowError, "byte string is too large");
  else if (!t.heap->can_allocate(length)) (void)raise_memory(t);
  else return true;
  return false;
}

namespace {

bool check_text_arguments(Thread& t, Value source, Value encoding, Value errors, const char* type) {
  const char* names[] = {"encoding", "errors"};
  Value given[] = {encoding, errors};
  for (int i = 0; i < 2; ++i) {
    if (given[i].is_empty()) continue;
    if (!is_kind(given[i], Kind::Str)) {
      (void)raise(t, ErrorType::TypeError, "{}() argument '{}' must be str, not {}", type, names[i], argument_type_name(t, given[i]));
      return false;
    }
  }
  for (int i = 0; i < 2; ++i) {
    if (!given[i].is_empty() && !is_kind(source, Kind::Str)) {
      (void)raise(t, ErrorType::TypeError, "{} without a string argument", names[i]);
      return false;
    }
  }
  return true;
}

bool gather_zeros(Thread& t, Value source, bool for_bytearray, std::string& out) {
  int64_t count;
  if (!to_length(t, source, count)) return false;
  if (count < 0) {
    (void)raise(t, ErrorType::ValueError, "negative count");
    return false;
  }
  if (!bytes_have_room(t, static_cast<size_t>(count), for_bytearray)) return false;
  out.assign(static_cast<size_t>(count), '\0');
  return true;
}

bool gather_items(Thread& t, Value source, bool for_bytearray, std::string& out) {
  if (!is_iterable(t, source)) {
    (void)raise(t, ErrorType::TypeError, "cannot convert '{}' object to {}", type_name(t, source), for_bytearray ? "bytearray" : "bytes");
    return false;
  }
  const char* message = for_bytearray ? "byte must be in range(0, 256)" : "bytes must be in range(0, 256)";
  Iteration it(t, source);
  if (it.has_failed() && exception_matches(t, ErrorType::TypeError)) {   // whatever was wrong
    (void)take_exception(t);
    (void)raise(t, ErrorType::TypeError, "cannot convert '{}' object to {}", type_name(t, source), for_bytearray ? "bytearray" : "bytes");
    return false;
  }
  if (it.has_failed() || (!for_bytearray && length_hint_of(t, source, Value::of_int(0)).is_raised())) return false;
  for (;;) {
    Value item = it.next();
    if (item.is_raised()) return false;
    if (item.is_empty()) return true;
    uint8_t byte;
    if (!read_byte(t, item, byte, message)) return false;
    out.push_back(static_cast<char>(byte));
    if ((out.size() & 0xFFF) == 0 && t.poll().is_raised()) return false;
  }
}

}  // namespace

bool gather_bytes(Thread& t, Value source, Value encoding, Value errors, bool for_bytearray, std::string& out) {
  if (!check_text_arguments(t, source, encoding, errors, for_bytearray ? "bytearray" : "bytes")) return false;
  if (source.is_empty()) return true;
  if (is_kind(source, Kind::Str)) {
    if (encoding.is_empty()) {
      (void)raise(t, ErrorType::TypeError, "string argument without an encoding");
      return false;
    }
    std::string encoding_scratch, errors_scratch;
    std::string_view encoding_name, handler;
    const char* function = for_bytearray ? "bytearray" : "bytes";
    if (!read_codec_name(t, encoding, function, "encoding", "utf-8", encoding_scratch, encoding_name)) return false;
    if (!read_codec_name(t, errors, function, "errors", "strict", errors_scratch, handler)) return false;
    return encode_into(t, as<Str>(source), encoding_name, handler, out);
  }
  std::string_view view;
  if (bytes_view(source, view)) {
    out = view;
    return true;
  }
  if (is_memoryview(source)) return memoryview_bytes(t, as<MemoryView>(source), out);
  if (type_of(t, source)->ops.index != nullptr) {
    if (gather_zeros(t, source, for_bytearray, out)) return true;
    if (!exception_matches(t, ErrorType::TypeError)) return false;
    (void)take_exception(t);   // an __index__ that cannot tell: then perhaps it can be iterated over
  }
  return gather_items(t, source, for_bytearray, out);
}

std::string bytes_repr_text(std::string_view data, bool for_bytearray) {
  char quote = data.find('\'') != std::string_view::npos && data.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out = {'b', quote};
  for (char c : data) {
    uint8_t byte = static_cast<uint8_t>(c);
    if (c == quote || c == '\\' || (for_bytearray && c == '\'')) out.append({'\\', c});
    else if (c == '\t') out.append("\\t");
    else if (c == '\n') out.append("\\n");
    else if (c == '\r') out.append("\\r");
    else if (byte >= 32 && byte < 127) out.push_back(c);
    else out.append({'\\', 'x', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
  }
  out.push_back(quote);
  return out;
}

Value bytes_truth(Thread&, Value self) { return Value::of_bool(!own_view(self).empty()); }
Value bytes_length(Thread&, Value self) { return Value::of_int(static_cast<int64_t>(own_view(self).size())); }

Value bytes_compare(Thread& t, CompareOp op, Value a, Value b) {
  std::string_view x, y;
  if (!bytes_view(a, x) || !bytes_view(b, y)) return t.interpreter->not_implemented;
  if ((is_bytes(a) && is_array(b)) || (is_array(a) && is_bytes(b))) return t.interpreter->not_implemented;   // only a bytearray equals an array
  int order = x.compare(y);
  switch (op) {
    case CompareOp::Eq: return Value::of_bool(order == 0);
    case CompareOp::Ne: return Value::of_bool(order != 0);
    case CompareOp::Lt: return Value::of_bool(order < 0);
    case CompareOp::Le: return Value::of_bool(order <= 0);
    case CompareOp::Gt: return Value::of_bool(order > 0);
    case CompareOp::Ge: return Value::of_bool(order >= 0);
  }
  MINI_UNREACHABLE();
}

Value bytes_contains(Thread& t, Value self, Value item) {
  std::string_view view = own_view(self), sought;
  if (bytes_view(item, sought)) {
    int64_t at = -1;
    auto find = [&] { at = find_bytes(view, sought, 0, view.size()); };
    if (is_bytes(self) && is_bytes(item)) TRY(interruptibly_if_long(t, view.size(), find));   // nobody changes those
    else find();
    return Value::of_bool(at >= 0);
  }
  if (!is_integer(item) && type_of(t, item)->ops.index == nullptr) {
    return raise(t, ErrorType::TypeError, "a bytes-like object is required, not '{}'", type_name(t, item));
  }
  uint8_t byte;
  if (!read_byte(t, item, byte)) return Value::raised();
  view = own_view(self);
  return Value::of_bool(view.find(static_cast<char>(byte)) != std::string_view::npos);
}

Value bytes_get_item(Thread& t, Value self, Value key) {
  bool is_array = is_bytearray(self);
  if (is_kind(key, Kind::Slice)) {
    int64_t start, stop, step, count;
    if (!slice_indices(t, as<Slice>(key), static_cast<int64_t>(own_view(self).size()), start, stop, step, count)) return Value::raised();
    std::string_view view = own_view(self);
    if (step == 1) {
      if (!is_array && is_exact(self, Kind::Bytes) && count == static_cast<int64_t>(view.size())) return self;
      return make_like(t, self, view.substr(static_cast<size_t>(start), static_cast<size_t>(count)));
    }
    std::string out(static_cast<size_t>(count), '\0');
    for (int64_t i = 0; i < count; ++i) out[static_cast<size_t>(i)] = view[static_cast<size_t>(start + i * step)];
    return make_like(t, self, out);
  }
  if (!is_integer(key) && type_of(t, key)->ops.index == nullptr) {
    return raise(t, ErrorType::TypeError, "{} indices must be integers or slices, not {}", is_array ? "bytearray" : "byte", type_name(t, key));
  }
  int64_t i;
  if (!to_position(t, key, i)) return Value::raised();
  std::string_view view = own_view(self);
  int64_t length = static_cast<int64_t>(view.size());
  if (i < 0) i += length;
  if (i < 0 || i >= length) return raise(t, ErrorType::IndexError, "{}index out of range", is_array ? "bytearray " : "");
  return Value::of_int(static_cast<uint8_t>(view[static_cast<size_t>(i)]));
}

namespace {

Value repeat_bytes(Thread& t, Value self, Value times) {
  int64_t count;
  if (!to_length(t, times, count)) return Value::raised();
  std::string_view view = own_view(self);
  if (count < 0 || view.empty()) count = 0;
  size_t total;
  bool is_too_long = __builtin_mul_overflow(view.size(), static_cast<size_t>(count), &total) || total > static_cast<size_t>(INT64_MAX);
  if (is_too_long && is_bytes(self)) return raise_text(t, ErrorType::OverflowError, "repeated bytes are too long");
  if (is_too_long || !t.heap->can_allocate(total)) return raise_memory(t);
  if (is_bytes(self)) {
    Bytes* result = make_bytes(t, nullptr, total);
    TRY(interruptibly_if_long(t, total, [&] {
      if (view.size() == 1) memset(result->data, view[0], total);
      else for (size_t i = 0; i < total; i += view.size()) memcpy(result->data + i, view.data(), view.size());
    }));
    return Value::of_object(result);
  }
  std::string out;
  out.reserve(total);
  if (view.size() == 1) out.assign(total, view[0]);
  else for (int64_t i = 0; i < count; ++i) out.append(view);
  return make_like(t, self, out);
}

}  // namespace

Value bytes_binary(Thread& t, BinaryOp op, Value a, Value b) {
  bool a_is_ours = is_bytes(a) || is_bytearray(a);
  if (op == BinaryOp::Add) {
    std::string_view x, y;
    if (!a_is_ours || !bytes_view(a, x) || !bytes_view(b, y)) return t.interpreter->not_implemented;
    if (!t.heap->can_allocate(x.size() + y.size())) return raise_memory(t);
    std::string out(x);
    out.append(y);
    return make_like(t, a, out);
  }
  if (op == BinaryOp::Mul) {
    if (!a_is_ours) std::swap(a, b);
    if (!is_integer(b) && type_of(t, b)->ops.index == nullptr) return t.interpreter->not_implemented;
    return repeat_bytes(t, a, b);
  }
  if (op == BinaryOp::Mod && a_is_ours) return bytes_percent(t, a, b);
  return t.interpreter->not_implemented;
}

namespace {

struct BytesIterator : Object {
  Value source;            // Empty at the end
  uint64_t position;
};

void bytes_iterator_trace(Object* self, Marker& marker) { marker.mark(static_cast<BytesIterator*>(self)->source); }
Value bytes_iterator_iterate(Thread&, Value self) { return self; }

Value bytes_iterator_next(Thread&, Value self) {
  BytesIterator* it = as<BytesIterator>(self);
  if (it->source.is_empty()) return Value::empty();
  std::string_view view = own_view(it->source);
  if (it->position >= view.size()) {
    store(it, it->source, Value::empty());
    return Value::empty();
  }
  return Value::of_int(static_cast<uint8_t>(view[it->position++]));
}

Value bytes_iterator_length_hint(Thread&, Value* args, size_t) {
  BytesIterator* it = as<BytesIterator>(args[0]);
  size_t length = it->source.is_empty() ? 0 : own_view(it->source).size();
  return Value::of_int(length > it->position ? static_cast<int64_t>(length - it->position) : 0);
}

Value bytes_iterator_reduce(Thread& t, Value* args, size_t) {
  BytesIterator* it = as<BytesIterator>(args[0]);
  if (it->source.is_empty()) return reduced_iterator(t, Value::of_object(t.interpreter->empty_tuple));
  return reduced_iterator(t, it->source, Value::of_int(static_cast<int64_t>(it->position)));
}

Value bytes_iterator_setstate(Thread& t, Value* args, size_t) {
  BytesIterator* it = as<BytesIterator>(args[0]);
  int64_t length = it->source.is_empty() ? 0 : static_cast<int64_t>(own_view(it->source).size()), position;
  if (!given_position(t, args[1], 0, length, position)) return Value::raised();
  it->position = static_cast<uint64_t>(position);
  return Value::none();
}

const NativeRow kIteratorMethods[] = {
    {"__reduce__", bytes_iterator_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", bytes_iterator_setstate, "(self, state, /)", kSetStateHelp},
    {"__length_hint__", bytes_iterator_length_hint, "(self, /)", "How many bytes are left."},
};

constexpr Layout iterator_layout(const char* name) {
  return {.name = name, .module = "builtins", .kind = Kind::Native, .size = sizeof(BytesIterator), .flags = kNoInstantiation,
          .base = nullptr, .trace = bytes_iterator_trace, .finalize = nullptr,
          .ops = {.iterate = bytes_iterator_iterate, .next = bytes_iterator_next},
          .methods = kIteratorMethods, .method_count = std::size(kIteratorMethods),
          .attributes = nullptr, .attribute_count = 0, .help = "Walks over bytes as ints."};
}
const Layout bytes_iterator_layout = iterator_layout("bytes_iterator");
const Layout bytearray_iterator_layout = iterator_layout("bytearray_iterator");

}  // namespace

Value bytes_iterate(Thread& t, Value self) {
  const Layout& layout = is_bytes(self) ? bytes_iterator_layout : bytearray_iterator_layout;
  BytesIterator* it = t.heap->make<BytesIterator>(native_type(t, layout)->root_shape);
  it->source = self;
  it->position = 0;
  return Value::of_object(it);
}

namespace {

Value bytes_new(Thread& t, Value* args, size_t) {
  Type* cls = as<Type>(args[0]);
  Value source = args[1];
  bool is_plain = args[2].is_empty() && args[3].is_empty() && cls == types(t).bytes;
  if (is_plain && is_exact(source, Kind::Bytes)) return source;
  if (!source.is_empty() && !is_exact(source, Kind::Str) && args[2].is_empty() && args[3].is_empty()) {
    Value made = is_exact(source, Kind::Bytes) ? Value::empty() : TRY(call_special(t, source, names(t).bytes));
    if (!made.is_empty()) {
      if (!is_bytes(made)) return raise(t, ErrorType::TypeError, "__bytes__ returned non-bytes (type {})", type_name(t, made));
      return cls == types(t).bytes ? made : bytes_of_type(t, cls, own_view(made));
    }
  }
  std::string out;
  if (!gather_bytes(t, source, args[2], args[3], false, out)) return Value::raised();
  return bytes_of_type(t, cls, out);
}

Value bytes_repr(Thread& t, Value self) { return str_value(make_str(t, bytes_repr_text(own_view(self)))); }

Value bytes_hash(Thread&, Value self) {
  Bytes* bytes = as<Bytes>(self);
  if (bytes->hash == -1) bytes->hash = hash_bytes(bytes->data, bytes->length);
  return Value::of_int(bytes->hash);
}

Value bytes_bytes(Thread& t, Value* args, size_t) {
  return is_exact(args[0], Kind::Bytes) ? args[0] : Value::of_object(make_bytes(t, own_view(args[0])));
}

Value bytes_getnewargs(Thread& t, Value* args, size_t) {
  return Value::of_object(make_tuple(t, {Value::of_object(make_bytes(t, own_view(args[0])))}));
}

Value bytes_sizeof(Thread&, Value* args, size_t) {
  return Value::of_int(static_cast<int64_t>(sizeof(Bytes) + 1 + own_view(args[0]).size()));
}

const NativeRow kBytesMethods[] = {
    {"__new__", bytes_new, "(cls, source=b'', encoding='utf-8', errors='strict')", "Make bytes.", Binding::Static},
    {"__bytes__", bytes_bytes, "(self, /)", "The bytes themselves."},
    {"__getnewargs__", bytes_getnewargs, "(self, /)", "Arguments that make equal bytes."},
    {"__sizeof__", bytes_sizeof, "(self, /)", "Size in memory, in bytes."},
    MINI_BYTES_ROWS,
};

}  // namespace

const Layout bytes_layout = {
    .name = "bytes", .module = "builtins", .kind = Kind::Bytes, .size = sizeof(Bytes), .flags = kSubclassable,
    .base = nullptr, .trace = nullptr, .finalize = bytes_finalize,
    .ops = {.repr = bytes_repr, .str = bytes_repr, .hash = bytes_hash, .compare = bytes_compare, .truth = bytes_truth,
            .length = bytes_length, .contains = bytes_contains, .get_item = bytes_get_item, .iterate = bytes_iterate,
            .binary = bytes_binary},
    .methods = kBytesMethods, .method_count = std::size(kBytesMethods), .attributes = nullptr, .attribute_count = 0,
    .help = "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(int) -> zeros"};

}  // namespace mini
