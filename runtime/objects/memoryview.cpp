// SPDX-License-Identifier: MIT
// memoryview: a window on the memory of bytes or bytearray, in one dimension, with slicing, casting to the native formats
// and writing through. See MemoryView in bytes_parts.h for how it lives with a bytearray that is resized.

#include <fmt/format.h>

#include <cstring>
#include <iterator>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/array.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/int.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

uint32_t size_of_format(char format) {
  switch (format) {
    case 'b': case 'B': case 'c': case '?': return 1;
    case 'h': case 'H': return 2;
    case 'i': case 'I': case 'f': return 4;
    case 'l': case 'L': case 'q': case 'Q': case 'n': case 'N': case 'd': case 'P': return 8;
    default: return 0;
  }
}

bool is_byte_format(char format) { return size_of_format(format) == 1 && format != '?'; }

MemoryView* make_view(Thread& t, const MemoryView& like) {
  MemoryView* view = t.heap->make<MemoryView>(types(t).memoryview->root_shape);
  view->source = like.source;
  view->offset = like.offset;
  view->length = like.length;
  view->stride = like.stride;
  view->item_size = like.item_size;
  view->format = like.format;
  view->is_readonly = like.is_readonly;
  view->is_holding = false;
  view->hash = -1;
  return view;
}

Value raise_released(Thread& t) {
  return raise(t, ErrorType::ValueError, "operation forbidden on released memoryview object");
}

bool check_open(Thread& t, const MemoryView* view) {
  if (!view->source.is_empty()) return true;
  (void)raise_released(t);
  return false;
}

// Address of an item; null after raising (released, or the source shrank).
uint8_t* item_address(Thread& t, const MemoryView* view, int64_t i) {
  if (!check_open(t, view)) return nullptr;
  std::string_view all = own_view(view->source);
  int64_t at = view->offset + i * view->stride;
  if (at < 0 || at + view->item_size > static_cast<int64_t>(all.size())) {
    (void)raise(t, ErrorType::IndexError, "index out of bounds on dimension 1");
    return nullptr;
  }
  return reinterpret_cast<uint8_t*>(const_cast<char*>(all.data())) + at;
}

template <class T>
T load(const uint8_t* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

Value unpack(Thread& t, const MemoryView* view, const uint8_t* p) {
  switch (view->format) {
    case 'b': return Value::of_int(load<int8_t>(p));
    case 'c': return Value::of_object(make_bytes(t, p, 1));
    case '?': return Value::of_bool(*p != 0);
    case 'h': return Value::of_int(load<int16_t>(p));
    case 'H': return Value::of_int(load<uint16_t>(p));
    case 'i': return Value::of_int(load<int32_t>(p));
    case 'I': return Value::of_int(load<uint32_t>(p));
    case 'l': case 'q': case 'n': return Value::of_int(load<int64_t>(p));
    case 'L': case 'Q': case 'N': case 'P': return make_int_u64(t, load<uint64_t>(p));
    case 'f': return Value::of_float(load<float>(p));
    case 'd': return Value::of_float(load<double>(p));
    case 'w': return raise_text(t, ErrorType::NotImplementedError, "memoryview: format w not supported");
    default: return Value::of_int(*p);
  }
}

// Writes an item of the view's format. False after raising.
bool pack(Thread& t, const MemoryView* view, uint8_t* p, Value v) {
  auto raise_type = [&] {
    (void)raise(t, ErrorType::TypeError, "memoryview: invalid type for format '{}'", view->format);
    return false;
  };
  auto raise_value_error = [&] {
    (void)raise(t, ErrorType::ValueError, "memoryview: invalid value for format '{}'", view->format);
    return false;
  };
  if (view->format == 'f' || view->format == 'd') {
    double d;
    if (!is_floating(v) && !is_integer(v)) return raise_type();
    if (!to_double(t, v, d)) return false;
    float narrow = static_cast<float>(d);
    if (view->format == 'f') std::memcpy(p, &narrow, sizeof narrow);
    else std::memcpy(p, &d, sizeof d);
    return true;
  }
  if (view->format == 'c') {
    if (!is_bytes(v)) return raise_type();
    if (own_view(v).size() != 1) return raise_value_error();
    *p = static_cast<uint8_t>(own_view(v)[0]);
    return true;
  }
  if (view->format == '?') {
    Value is_true = truth(t, v);
    if (is_true.is_raised()) return false;
    *p = is_true.is_true();
    return true;
  }
  if (!is_integer(v) && type_of(t, v)->ops.index == nullptr) return raise_type();
  Value number = to_integer(t, v);
  if (number.is_raised()) return false;
  bool is_signed = std::strchr("bhilqn", view->format) != nullptr;
  unsigned bits = view->item_size * 8;
  int64_t n;
  if (!fits_int64(number, n)) {
    if (is_signed || bits != 64) return raise_value_error();
    std::string text = int_to_text(number, 16);
    if (text[0] == '-' || text.size() > 16) return raise_value_error();
    n = static_cast<int64_t>(std::strtoull(text.c_str(), nullptr, 16));
  } else if (is_signed) {
    if (bits < 64 && (n < -(int64_t{1} << (bits - 1)) || n >= int64_t{1} << (bits - 1))) return raise_value_error();
  } else if (n < 0 || (bits < 64 && n >= int64_t{1} << bits)) {
    return raise_value_error();
  }
  std::memcpy(p, &n, view->item_size);
  return true;
}

Value memoryview_new(Thread& t, Value* args, size_t) {
  Value source = args[1];
  if (is_memoryview(source)) {
    if (!check_open(t, as<MemoryView>(source))) return Value::raised();
    return Value::of_object(make_view(t, *as<MemoryView>(source)));
  }
  if (!is_bytes(source) && !is_bytearray(source) && !is_array(source)) {
    return raise(t, ErrorType::TypeError, "memoryview: a bytes-like object is required, not '{}'", type_name(t, source));
  }
  MemoryView* view = t.heap->make<MemoryView>(types(t).memoryview->root_shape);
  view->source = source;
  view->offset = 0;
  view->length = static_cast<int64_t>(own_view(source).size());
  view->stride = view->item_size = is_array(source) ? as<Array>(source)->item_size : 1;
  view->length /= view->stride;
  view->format = is_array(source) ? as<Array>(source)->typecode : 'B';
  if (view->format == 'u') view->format = 'w';
  view->is_readonly = is_bytes(source);
  view->hash = -1;
  return Value::of_object(view);
}

void memoryview_trace(Object* self, Marker& marker) { marker.mark(static_cast<MemoryView*>(self)->source); }

Value memoryview_repr(Thread& t, Value self) {
  bool is_released = as<MemoryView>(self)->source.is_empty();
  return str_value(make_str(t, fmt::format("<{} at {}>", is_released ? "released memory" : "memory", fmt::ptr(self.object))));
}

Value memoryview_length(Thread& t, Value self) {
  if (!check_open(t, as<MemoryView>(self))) return Value::raised();
  return Value::of_int(as<MemoryView>(self)->length);
}

Value memoryview_truth(Thread& t, Value self) {
  if (!check_open(t, as<MemoryView>(self))) return Value::raised();
  return Value::of_bool(as<MemoryView>(self)->length != 0);
}

}  // namespace

bool memoryview_bytes(Thread& t, MemoryView* view, std::string& out) {
  if (!check_open(t, view)) return false;
  if (view->stride == view->item_size && view->length) {
    const uint8_t* first = item_address(t, view, 0);
    if (first == nullptr || item_address(t, view, view->length - 1) == nullptr) return false;
    out.assign(reinterpret_cast<const char*>(first), static_cast<size_t>(view->length) * view->item_size);
    return true;
  }
  for (int64_t i = 0; i < view->length; ++i) {
    const uint8_t* p = item_address(t, view, i);
    if (p == nullptr) return false;
    out.append(reinterpret_cast<const char*>(p), view->item_size);
  }
  return true;
}

namespace {

Value memoryview_hash(Thread& t, Value self) {
  MemoryView* view = as<MemoryView>(self);
  if (view->hash != -1) return Value::of_int(view->hash);
  if (!check_open(t, view)) return Value::raised();
  if (!view->is_readonly) return raise(t, ErrorType::ValueError, "cannot hash writable memoryview object");
  if (!is_byte_format(view->format)) return raise(t, ErrorType::ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
  std::string data;
  if (!memoryview_bytes(t, view, data)) return Value::raised();
  view->hash = hash_bytes(data.data(), data.size());
  return Value::of_int(view->hash);
}

Value memoryview_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (op != CompareOp::Eq && op != CompareOp::Ne) return t.interpreter->not_implemented;
  bool wants_equal = op == CompareOp::Eq;
  if (a.is_same(b)) return Value::of_bool(wants_equal);
  if (!is_memoryview(a)) std::swap(a, b);
  MemoryView* view = as<MemoryView>(a);
  if (view->source.is_empty()) return Value::of_bool(!wants_equal);
  std::string x, y;
  std::string_view other;
  MemoryView* other_view = is_memoryview(b) ? as<MemoryView>(b) : nullptr;
  if (other_view != nullptr && other_view->source.is_empty()) return Value::of_bool(!wants_equal);
  if (other_view != nullptr && other_view->format != view->format) {
    // Different formats: equal when the items are.
    bool is_equal = other_view->length == view->length;
    for (int64_t i = 0; is_equal && i < view->length; ++i) {
      const uint8_t* p = item_address(t, view, i);
      const uint8_t* q = item_address(t, other_view, i);
      if (p == nullptr || q == nullptr) return Value::raised();
      is_equal = TRY(equal_values(t, TRY(unpack(t, view, p)), TRY(unpack(t, other_view, q)))).is_true();
    }
    return Value::of_bool(is_equal == wants_equal);
  }
  if (!memoryview_bytes(t, view, x)) return Value::raised();
  if (other_view != nullptr) {
    if (!memoryview_bytes(t, other_view, y)) return Value::raised();
  } else {
    if (!bytes_view(b, other)) return t.interpreter->not_implemented;
    if (!is_byte_format(view->format)) return Value::of_bool(!wants_equal);
    y = other;
  }
  return Value::of_bool((x == y) == wants_equal);
}

bool read_key(Thread& t, const MemoryView* view, Value key, int64_t& i) {
  if (!check_open(t, view)) return false;
  if (!is_integer(key) && type_of(t, key)->ops.index == nullptr) {
    (void)raise(t, ErrorType::TypeError, "memoryview: invalid slice key");
    return false;
  }
  if (!to_position(t, key, i)) return false;
  if (i < 0) i += view->length;
  if (i >= 0 && i < view->length) return true;
  (void)raise(t, ErrorType::IndexError, "index out of bounds on dimension 1");
  return false;
}

Value sliced(Thread& t, MemoryView* view, Slice* slice) {
  int64_t start, stop, step, count;
  if (!check_open(t, view) || !slice_indices(t, slice, view->length, start, stop, step, count)) return Value::raised();
  MemoryView* part = make_view(t, *view);
  part->offset = view->offset + start * view->stride;
  part->length = count;
  part->stride = view->stride * step;
  return Value::of_object(part);
}

Value memoryview_get_item(Thread& t, Value self, Value key) {
  MemoryView* view = as<MemoryView>(self);
  if (is_kind(key, Kind::Slice)) return sliced(t, view, as<Slice>(key));
  int64_t i;
  if (!read_key(t, view, key, i)) return Value::raised();
  const uint8_t* p = item_address(t, view, i);
  return p == nullptr ? Value::raised() : unpack(t, view, p);
}

Value memoryview_set_item(Thread& t, Value self, Value key, Value value) {
  MemoryView* view = as<MemoryView>(self);
  if (!check_open(t, view)) return Value::raised();
  if (value.is_empty()) return raise(t, ErrorType::TypeError, "cannot delete memory");
  if (view->is_readonly) return raise(t, ErrorType::TypeError, "cannot modify read-only memory");
  if (!is_kind(key, Kind::Slice)) {
    int64_t i;
    if (!read_key(t, view, key, i)) return Value::raised();
    uint8_t* p = item_address(t, view, i);
    return p != nullptr && pack(t, view, p, value) ? Value::none() : Value::raised();
  }
  MemoryView* target = as<MemoryView>(TRY(sliced(t, view, as<Slice>(key))));
  std::string data;
  std::string_view bytes;
  if (is_memoryview(value)) {
    if (!memoryview_bytes(t, as<MemoryView>(value), data)) return Value::raised();
    if (as<MemoryView>(value)->format != view->format) {
      return raise(t, ErrorType::ValueError, "memoryview assignment: lvalue and rvalue have different structures");
    }
  } else if (bytes_view(value, bytes)) {
    data = bytes;
  } else {
    return raise(t, ErrorType::TypeError, "a bytes-like object is required, not '{}'", type_name(t, value));
  }
  if (static_cast<int64_t>(data.size()) != target->length * target->item_size) {
    return raise(t, ErrorType::ValueError, "memoryview assignment: lvalue and rvalue have different structures");
  }
  for (int64_t i = 0; i < target->length; ++i) {
    uint8_t* p = item_address(t, target, i);
    if (p == nullptr) return Value::raised();
    std::memcpy(p, data.data() + static_cast<size_t>(i) * target->item_size, target->item_size);
  }
  return Value::none();
}

struct MemoryIterator : Object {
  MemoryView* view;
  int64_t position;
};

void memory_iterator_trace(Object* self, Marker& marker) { marker.mark(static_cast<MemoryIterator*>(self)->view); }
Value memory_iterator_iterate(Thread&, Value self) { return self; }
Value memory_iterator_next(Thread& t, Value self) {
  MemoryIterator* it = as<MemoryIterator>(self);
  if (it->position >= it->view->length) return Value::empty();
  const uint8_t* p = item_address(t, it->view, it->position++);
  return p == nullptr ? Value::raised() : unpack(t, it->view, p);
}

const Layout memory_iterator_layout = {
    .name = "memory_iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(MemoryIterator),
    .flags = kNoInstantiation, .base = nullptr, .trace = memory_iterator_trace, .finalize = nullptr,
    .ops = {.iterate = memory_iterator_iterate, .next = memory_iterator_next}, .methods = nullptr, .method_count = 0,
    .attributes = nullptr, .attribute_count = 0, .help = "Walks over the items of a memoryview."};

Value memoryview_iterate(Thread& t, Value self) {
  if (!check_open(t, as<MemoryView>(self))) return Value::raised();
  MemoryIterator* it = t.heap->make<MemoryIterator>(native_type(t, memory_iterator_layout)->root_shape);
  it->view = as<MemoryView>(self);
  it->position = 0;
  return Value::of_object(it);
}

MemoryView* self_of(Value* args) { return as<MemoryView>(args[0]); }

Value memoryview_tobytes(Thread& t, Value* args, size_t) {
  std::string data;
  if (!memoryview_bytes(t, self_of(args), data)) return Value::raised();
  return Value::of_object(make_bytes(t, data));
}

Value memoryview_hex(Thread& t, Value* args, size_t) {
  std::string data;
  if (!memoryview_bytes(t, self_of(args), data)) return Value::raised();
  return hex_text(t, data, args[1], args[2]);
}

Value memoryview_tolist(Thread& t, Value* args, size_t) {
  MemoryView* view = self_of(args);
  if (!check_open(t, view)) return Value::raised();
  List* list = make_list(t, static_cast<size_t>(view->length));
  for (int64_t i = 0; i < view->length; ++i) {
    const uint8_t* p = item_address(t, view, i);
    if (p == nullptr) return Value::raised();
    list_push(t, list, TRY(unpack(t, view, p)));
  }
  return Value::of_object(list);
}

Value memoryview_toreadonly(Thread& t, Value* args, size_t) {
  if (!check_open(t, self_of(args))) return Value::raised();
  MemoryView* view = make_view(t, *self_of(args));
  view->is_readonly = true;
  return Value::of_object(view);
}

Value memoryview_release(Thread&, Value* args, size_t) {
  MemoryView* view = self_of(args);
  if (view->is_holding) --as<ByteArray>(view->source)->exports;
  view->is_holding = false;
  store(view, view->source, Value::empty());
  return Value::none();
}

Value memoryview_enter(Thread& t, Value* args, size_t) {
  MemoryView* view = self_of(args);
  if (!check_open(t, view)) return Value::raised();
  if (!is_bytes(view->source) && !view->is_holding) {
    ++as<ByteArray>(view->source)->exports;
    view->is_holding = true;
  }
  return args[0];
}

Value memoryview_cast(Thread& t, Value* args, size_t) {
  MemoryView* view = self_of(args);
  if (!check_open(t, view)) return Value::raised();
  if (!is_kind(args[1], Kind::Str)) {
    return raise(t, ErrorType::TypeError, "cast() argument 'format' must be str, not {}", argument_type_name(t, args[1]));
  }
  std::string format = to_utf8(as<Str>(args[1]));
  if (format.size() == 2 && format[0] == '@') format.erase(0, 1);
  uint32_t size = format.size() == 1 ? size_of_format(format[0]) : 0;
  if (size == 0) {
    return raise(t, ErrorType::ValueError, "memoryview: destination format must be a native single character format prefixed with an optional '@'");
  }
  if (view->stride != view->item_size) return raise(t, ErrorType::TypeError, "memoryview: casts are restricted to C-contiguous views");
  if (!is_byte_format(view->format) && !is_byte_format(format[0])) {
    return raise(t, ErrorType::TypeError, "memoryview: cannot cast between two non-byte formats");
  }
  int64_t bytes = view->length * view->item_size;
  if (bytes % size != 0) return raise(t, ErrorType::TypeError, "memoryview: length is not a multiple of itemsize");
  MemoryView* made = make_view(t, *view);
  made->format = format[0];
  made->item_size = size;
  made->stride = size;
  made->length = bytes / size;
  return Value::of_object(made);
}

Value get_obj(Thread& t, Value self) { return check_open(t, as<MemoryView>(self)) ? as<MemoryView>(self)->source : Value::raised(); }
Value get_nbytes(Thread& t, Value self) {
  MemoryView* view = as<MemoryView>(self);
  return check_open(t, view) ? Value::of_int(view->length * view->item_size) : Value::raised();
}
Value get_itemsize(Thread& t, Value self) {
  return check_open(t, as<MemoryView>(self)) ? Value::of_int(as<MemoryView>(self)->item_size) : Value::raised();
}
Value get_format(Thread& t, Value self) {
  return check_open(t, as<MemoryView>(self)) ? str_value(make_str_char(t, static_cast<uint8_t>(as<MemoryView>(self)->format))) : Value::raised();
}
Value get_readonly(Thread& t, Value self) {
  return check_open(t, as<MemoryView>(self)) ? Value::of_bool(as<MemoryView>(self)->is_readonly) : Value::raised();
}
Value get_ndim(Thread& t, Value self) { return check_open(t, as<MemoryView>(self)) ? Value::of_int(1) : Value::raised(); }
Value one_tuple(Thread& t, Value self, int64_t n) {
  return check_open(t, as<MemoryView>(self)) ? Value::of_object(make_tuple(t, {Value::of_int(n)})) : Value::raised();
}
Value get_shape(Thread& t, Value self) { return one_tuple(t, self, as<MemoryView>(self)->length); }
Value get_strides(Thread& t, Value self) { return one_tuple(t, self, as<MemoryView>(self)->stride); }
Value get_suboffsets(Thread& t, Value) { return Value::of_object(make_tuple(t, size_t{0})); }
Value get_contiguous(Thread& t, Value self) {
  MemoryView* view = as<MemoryView>(self);
  return check_open(t, view) ? Value::of_bool(view->length <= 1 || view->stride == view->item_size) : Value::raised();
}

const NativeRow kMemoryviewMethods[] = {
    {"__new__", memoryview_new, "(cls, object)", "A view of a bytes-like object.", Binding::Static},
    {"__enter__", memoryview_enter, "(self, /)", "The view itself."},
    {"__exit__", memoryview_release, "(self, /, *args)", "Release the view."},
    {"cast", memoryview_cast, "(self, /, format, shape=None)", "The same memory in another format."},
    {"hex", memoryview_hex, "(self, /, sep=None, bytes_per_sep=1)", "Hexadecimal digits of the bytes."},
    {"release", memoryview_release, "(self, /)", "Let go of the memory."},
    {"tobytes", memoryview_tobytes, "(self, /, order='C')", "The bytes as a bytes object."},
    {"tolist", memoryview_tolist, "(self, /)", "The items as a list."},
    {"toreadonly", memoryview_toreadonly, "(self, /)", "A view that cannot write."},
};

const AttributeRow kMemoryviewAttributes[] = {
    {"obj", get_obj, nullptr, "The object whose memory it is."},
    {"nbytes", get_nbytes, nullptr, "Size in bytes."},
    {"itemsize", get_itemsize, nullptr, "Size of an item in bytes."},
    {"format", get_format, nullptr, "The format of the items."},
    {"readonly", get_readonly, nullptr, "Whether writing is forbidden."},
    {"ndim", get_ndim, nullptr, "Number of dimensions: 1."},
    {"shape", get_shape, nullptr, "Length in each dimension."},
    {"strides", get_strides, nullptr, "Distance of items in each dimension, in bytes."},
    {"suboffsets", get_suboffsets, nullptr, "Always empty."},
    {"c_contiguous", get_contiguous, nullptr, "Whether the items lie side by side."},
    {"f_contiguous", get_contiguous, nullptr, "Whether the items lie side by side."},
    {"contiguous", get_contiguous, nullptr, "Whether the items lie side by side."},
};

}  // namespace

const Layout memoryview_layout = {
    .name = "memoryview", .module = "builtins", .kind = Kind::Native, .size = sizeof(MemoryView), .flags = 0,
    .base = nullptr, .trace = memoryview_trace, .finalize = nullptr,
    .ops = {.repr = memoryview_repr, .hash = memoryview_hash, .compare = memoryview_compare,
            .truth = memoryview_truth, .length = memoryview_length, .get_item = memoryview_get_item,
            .set_item = memoryview_set_item, .iterate = memoryview_iterate},
    .methods = kMemoryviewMethods, .method_count = std::size(kMemoryviewMethods),
    .attributes = kMemoryviewAttributes, .attribute_count = std::size(kMemoryviewAttributes),
    .help = "memoryview(object)\n--\n\nA view of the memory of a bytes-like object."};

}  // namespace mini
