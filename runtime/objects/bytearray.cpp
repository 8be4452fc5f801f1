// SPDX-License-Identifier: MIT
// bytearray: bytes that can change. The memory is malloc'd and reported to the heap; it grows by an eighth, so appending
// is linear. Methods that bytes has too are in bytes_methods.cpp.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/int_parts.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

void clear_fields(ByteArray* array) {
  array->length = array->capacity = 0;
  array->data = nullptr;
  array->exports = 0;
  note_finalizer(array);
}

void bytearray_finalize(Object* self, Heap& heap) {
  ByteArray* array = static_cast<ByteArray*>(self);
  std::free(array->data);
  heap.account(-static_cast<ptrdiff_t>(array->capacity));
}

Value raise_existing_exports(Thread& t) { return raise_text(t, ErrorType::BufferError, "Existing exports of data: object cannot be re-sized"); }

ByteArray* self_of(Value* args) { return as<ByteArray>(args[0]); }

}  // namespace

bool can_resize(Thread& t, const ByteArray* array) {
  if (array->exports == 0) return true;
  bool is_array = type_of(array)->layout != &bytearray_layout;
  if (is_array) (void)raise_text(t, ErrorType::BufferError, "cannot resize an array that is exporting buffers");
  else (void)raise_existing_exports(t);
  return false;
}

bool bytearray_resize(Thread& t, ByteArray* array, size_t length) {
  if (length != array->length && !can_resize(t, array)) return false;
  if (length > array->capacity || length < array->capacity / 4) {
    size_t capacity = length + (length > array->capacity ? length / 8 + 8 : 0);
    if (!t.heap->can_allocate(capacity)) {
      (void)raise_memory(t);
      return false;
    }
    uint8_t* data = static_cast<uint8_t*>(std::realloc(array->data, capacity + 1));
    if (data == nullptr) {
      (void)raise_memory(t);
      return false;
    }
    t.heap->account(static_cast<ptrdiff_t>(capacity) - static_cast<ptrdiff_t>(array->capacity));
    array->data = data;
    array->capacity = capacity;
  }
  array->length = length;
  if (array->data != nullptr) array->data[length] = 0;
  return true;
}

ByteArray* make_bytearray(Thread& t, const void* data, size_t length) {
  ByteArray* array = t.heap->make<ByteArray>(types(t).bytearray->root_shape);
  clear_fields(array);
  if (!bytearray_resize(t, array, length)) return array;
  if (length != 0 && data != nullptr) std::memcpy(array->data, data, length);
  else if (length != 0) std::memset(array->data, 0, length);
  return array;
}

namespace {

Value bytearray_new(Thread& t, Value* args, size_t) {
  ByteArray* array = static_cast<ByteArray*>(allocate_object(t, as<Type>(args[0])));
  clear_fields(array);
  return Value::of_object(array);
}

// Replaces [begin, end) by other bytes, which must not lie in the array itself.
bool replace_range(Thread& t, ByteArray* array, size_t begin, size_t end, std::string_view data) {
  size_t tail = array->length - end, length = begin + data.size() + tail;
  if (data.size() > end - begin) {
    if (!bytearray_resize(t, array, length)) return false;
    std::memmove(array->data + begin + data.size(), array->data + end, tail);
  } else {
    if (data.size() < end - begin && !can_resize(t, array)) return false;
    if (tail != 0) std::memmove(array->data + begin + data.size(), array->data + end, tail);
    if (!bytearray_resize(t, array, length)) return false;
  }
  if (!data.empty()) std::memcpy(array->data + begin, data.data(), data.size());
  return true;
}

Value bytearray_init(Thread& t, Value* args, size_t) {
  std::string data;
  if (!gather_bytes(t, args[1], args[2], args[3], true, data)) return Value::raised();
  return replace_range(t, self_of(args), 0, self_of(args)->length, data) ? Value::none() : Value::raised();
}

Value bytearray_repr(Thread& t, Value self) {
  std::string out = type_name(t, self);
  out.append("(").append(bytes_repr_text(own_view(self), true)).append(")");
  return str_value(make_str(t, out));
}

// The bytes that a slice is replaced by. False after raising.
bool read_replacement(Thread& t, Value value, std::string& out) {
  std::string_view view;
  if (bytes_view(value, view)) {
    out = view;
    return true;
  }
  if (is_kind(value, Kind::Str) || is_number(t, value)) {
    (void)raise(t, ErrorType::TypeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)");
    return false;
  }
  return gather_bytes(t, value, Value::empty(), Value::empty(), true, out);
}

Value set_slice(Thread& t, ByteArray* array, Slice* slice, Value value) {
  std::string data;
  int64_t start, stop, step;
  if (!slice_unpack(t, slice, start, stop, step)) return Value::raised();
  if (!value.is_empty() && !read_replacement(t, value, data)) return Value::raised();
  int64_t count = slice_adjust(static_cast<int64_t>(array->length), start, stop, step);
  if (step == 1) {
    size_t begin = static_cast<size_t>(start), end = static_cast<size_t>(start + count);
    return replace_range(t, array, begin, end, data) ? Value::none() : Value::raised();
  }
  if (!value.is_empty() && !data.empty()) {   // assigning nothing deletes
    if (static_cast<int64_t>(data.size()) != count) {
      return raise(t, ErrorType::ValueError, "attempt to assign bytes of size {} to extended slice of size {}", data.size(), count);
    }
    for (int64_t i = 0; i < count; ++i) array->data[start + i * step] = static_cast<uint8_t>(data[static_cast<size_t>(i)]);
    return Value::none();
  }
  std::string kept;
  int64_t low = step > 0 ? start : start + (count - 1) * step, stride = step > 0 ? step : -step;
  for (int64_t i = 0; i < static_cast<int64_t>(array->length); ++i) {
    bool is_removed = count > 0 && i >= low && (i - low) % stride == 0 && (i - low) / stride < count;
    if (!is_removed) kept.push_back(static_cast<char>(array->data[i]));
  }
  return replace_range(t, array, 0, array->length, kept) ? Value::none() : Value::raised();
}

Value bytearray_set_item(Thread& t, Value self, Value key, Value value) {
  ByteArray* array = as<ByteArray>(self);
  if (is_kind(key, Kind::Slice)) return set_slice(t, array, as<Slice>(key), value);
  if (!is_integer(key) && type_of(t, key)->ops.index == nullptr) {
    return raise(t, ErrorType::TypeError, "bytearray indices must be integers or slices, not {}", type_name(t, key));
  }
  int64_t i;
  uint8_t byte = 0;
  if (!to_position(t, key, i)) return Value::raised();
  if (!value.is_empty() && !read_byte(t, value, byte)) return Value::raised();
  int64_t length = static_cast<int64_t>(array->length);
  if (i < 0) i += length;
  if (i < 0 || i >= length) return raise(t, ErrorType::IndexError, "bytearray index out of range");
  if (value.is_empty()) {
    return replace_range(t, array, static_cast<size_t>(i), static_cast<size_t>(i) + 1, {}) ? Value::none() : Value::raised();
  }
  array->data[i] = byte;
  return Value::none();
}

bool append_all(Thread& t, ByteArray* array, std::string_view data) {
  size_t old = array->length;
  bool is_own = !data.empty() && data.data() >= reinterpret_cast<char*>(array->data) && data.data() < reinterpret_cast<char*>(array->data) + old;
  std::string copy;
  if (is_own) {
    copy = data;
    data = copy;
  }
  if (!bytearray_resize(t, array, old + data.size())) return false;
  if (!data.empty()) std::memcpy(array->data + old, data.data(), data.size());
  return true;
}

Value bytearray_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add) {
    std::string_view view;
    if (!bytes_view(b, view)) {
      return raise(t, ErrorType::TypeError, "can't concat {} to {}", type_name(t, b), type_name(t, a));
    }
    // The array reads itself while it grows: CPython takes that for an export.
    if (a.is_same(b) && !view.empty()) return raise_existing_exports(t);
    return append_all(t, as<ByteArray>(a), view) ? a : Value::raised();
  }
  if (op == BinaryOp::Mul) {
    if (!is_integer(b) && type_of(t, b)->ops.index == nullptr) return t.interpreter->not_implemented;
    Value made = TRY(bytes_binary(t, op, a, b));
    std::string data(own_view(made));
    return replace_range(t, as<ByteArray>(a), 0, as<ByteArray>(a)->length, data) ? a : Value::raised();
  }
  return t.interpreter->not_implemented;
}

Value bytearray_append(Thread& t, Value* args, size_t) {
  uint8_t byte;
  if (!read_byte(t, args[1], byte)) return Value::raised();
  ByteArray* array = self_of(args);
  if (!bytearray_resize(t, array, array->length + 1)) return Value::raised();
  array->data[array->length - 1] = byte;
  return Value::none();
}

Value bytearray_clear(Thread& t, Value* args, size_t) {
  return bytearray_resize(t, self_of(args), 0) ? Value::none() : Value::raised();
}

Value bytearray_copy(Thread& t, Value* args, size_t) {
  return Value::of_object(make_bytearray(t, self_of(args)->data, self_of(args)->length));
}

Value bytearray_extend(Thread& t, Value* args, size_t) {
  std::string_view view;
  if (bytes_view(args[1], view)) return append_all(t, self_of(args), view) ? Value::none() : Value::raised();
  if (is_integer(args[1]) || !is_iterable(t, args[1])) {
    return raise(t, ErrorType::TypeError, "can't extend bytearray with {}", type_name(t, args[1]));
  }
  Value items = TRY(to_list(t, args[1]));
  std::string data;
  for (size_t i = 0; i < as<List>(items)->length; ++i) {
    uint8_t byte;
    if (!read_byte(t, as<List>(items)->items[i], byte)) return Value::raised();
    data.push_back(static_cast<char>(byte));
  }
  return append_all(t, self_of(args), data) ? Value::none() : Value::raised();
}

Value bytearray_insert(Thread& t, Value* args, size_t) {
  int64_t at;
  uint8_t byte;
  if (!to_index(t, args[1], at) || !read_byte(t, args[2], byte)) return Value::raised();
  ByteArray* array = self_of(args);
  int64_t length = static_cast<int64_t>(array->length);
  at = std::clamp<int64_t>(at < 0 ? at + length : at, 0, length);
  char c = static_cast<char>(byte);
  return replace_range(t, array, static_cast<size_t>(at), static_cast<size_t>(at), {&c, 1}) ? Value::none() : Value::raised();
}

Value bytearray_pop(Thread& t, Value* args, size_t) {
  int64_t at = -1;
  if (!args[1].is_empty() && !to_index(t, args[1], at)) return Value::raised();
  ByteArray* array = self_of(args);
  int64_t length = static_cast<int64_t>(array->length);
  if (length == 0) return raise(t, ErrorType::IndexError, "pop from empty bytearray");
  if (at < 0) at += length;
  if (at < 0 || at >= length) return raise(t, ErrorType::IndexError, "pop index out of range");
  uint8_t byte = array->data[at];
  if (!replace_range(t, array, static_cast<size_t>(at), static_cast<size_t>(at) + 1, {})) return Value::raised();
  return Value::of_int(byte);
}

Value bytearray_remove(Thread& t, Value* args, size_t) {
  uint8_t byte;
  if (!read_byte(t, args[1], byte)) return Value::raised();
  ByteArray* array = self_of(args);
  size_t at = own_view(args[0]).find(static_cast<char>(byte));
  if (at == std::string_view::npos) return raise(t, ErrorType::ValueError, "value not found in bytearray");
  return replace_range(t, array, at, at + 1, {}) ? Value::none() : Value::raised();
}

Value bytearray_reverse(Thread&, Value* args, size_t) {
  std::reverse(self_of(args)->data, self_of(args)->data + self_of(args)->length);
  return Value::none();
}

Value bytearray_sizeof(Thread&, Value* args, size_t) {
  return Value::of_int(static_cast<int64_t>(sizeof(ByteArray) + self_of(args)->capacity));
}

const NativeRow kBytearrayMethods[] = {
    {"__new__", bytearray_new, "(cls, *args, **kwargs)", "Make an empty bytearray.", Binding::Static},
    {"__init__", bytearray_init, "(self, source=b'', encoding='utf-8', errors='strict')", "Fill with bytes."},
    {"__sizeof__", bytearray_sizeof, "(self, /)", "Size in memory, in bytes."},
    {"append", bytearray_append, "(self, item, /)", "Add one byte at the end."},
    {"clear", bytearray_clear, "(self, /)", "Remove all bytes."},
    {"copy", bytearray_copy, "(self, /)", "An equal bytearray."},
    {"extend", bytearray_extend, "(self, iterable_of_ints, /)", "Add bytes at the end."},
    {"insert", bytearray_insert, "(self, index, item, /)", "Put one byte before a position."},
    {"pop", bytearray_pop, "(self, index=-1, /)", "Remove a byte and return it."},
    {"remove", bytearray_remove, "(self, value, /)", "Remove the first occurrence of a byte."},
    {"reverse", bytearray_reverse, "(self, /)", "Reverse in place."},
    MINI_BYTES_ROWS,
};

}  // namespace

const Layout bytearray_layout = {
    .name = "bytearray", .module = "builtins", .kind = Kind::ByteArray, .size = sizeof(ByteArray), .flags = kSubclassable,
    .base = nullptr, .trace = nullptr, .finalize = bytearray_finalize,
    .ops = {.repr = bytearray_repr, .str = bytearray_repr, .compare = bytes_compare, .truth = bytes_truth,
            .length = bytes_length, .contains = bytes_contains, .get_item = bytes_get_item, .set_item = bytearray_set_item,
            .iterate = bytes_iterate, .binary = bytes_binary, .inplace = bytearray_inplace},
    .methods = kBytearrayMethods, .method_count = std::size(kBytearrayMethods), .attributes = nullptr, .attribute_count = 0,
    .help = "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> bytearray\nbytearray(int) -> zeros"};

}  // namespace mini
