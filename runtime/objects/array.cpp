// SPDX-License-Identifier: MIT
// The type array.array. Items are read and written with memcpy; what a typecode means is in array_load and array_store.
//
// Converting an item may run script code (__index__, __float__) that changes the array, so positions are checked after it.
#include "runtime/objects/array.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/iterator_state.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

bool is_array(Value v) { return is_kind(v, Kind::Native) && type_of(v.object)->layout == &array_layout; }

uint8_t array_item_size(char typecode) {
  switch (typecode) {
    case 'b': case 'B': return 1;
    case 'h': case 'H': return 2;
    case 'i': case 'I': case 'f': case 'u': return 4;
    case 'l': case 'L': case 'q': case 'Q': case 'd': return 8;
    default: return 0;
  }
}

Array* make_array(Thread& t, Type* type, char typecode) {
  auto a = static_cast<Array*>(allocate_object(t, type));
  note_finalizer(a);
  a->length = a->capacity = 0;
  a->data = nullptr;
  a->exports = 0;
  a->typecode = typecode;
  a->item_size = array_item_size(typecode);
  return a;
}

bool array_resize(Thread& t, Array* a, size_t length) {
  if (length != a->length && !can_resize(t, a)) return false;
  if (length > a->capacity) {
    size_t capacity = std::max<size_t>(length, a->length + a->length / 8 + 16);
    void* data = t.heap->can_allocate(capacity) ? realloc(a->data, capacity) : nullptr;
    if (!data) return (void)raise_memory(t), false;
    t.heap->account(static_cast<ptrdiff_t>(capacity - a->capacity));
    a->data = static_cast<uint8_t*>(data);
    a->capacity = capacity;
  }
  a->length = length;
  return true;
}

namespace {

Array* array_of(Value v) { return as<Array>(v); }
uint64_t count_of(const Array* a) { return a->length / a->item_size; }
uint8_t* item_at(const Array* a, uint64_t i) { return a->data + i * a->item_size; }

// --- Items ---

template <class T> T load(const uint8_t* p) {
  T value;
  memcpy(&value, p, sizeof value);
  return value;
}

Value array_load(Thread& t, const Array* a, uint64_t i) {
  const uint8_t* p = item_at(a, i);
  switch (a->typecode) {
    case 'b': return Value::of_int(load<int8_t>(p));
    case 'B': return Value::of_int(load<uint8_t>(p));
    case 'h': return Value::of_int(load<int16_t>(p));
    case 'H': return Value::of_int(load<uint16_t>(p));
    case 'i': return Value::of_int(load<int32_t>(p));
    case 'I': return Value::of_int(load<uint32_t>(p));
    case 'l': case 'q': return Value::of_int(load<int64_t>(p));
    case 'L': case 'Q': return make_int_u64(t, load<uint64_t>(p));
    case 'f': return Value::of_float(load<float>(p));
    case 'd': return Value::of_float(load<double>(p));
    default: return str_value(make_str_char(t, load<char32_t>(p)));
  }
}

// What CPython says when a number does not fit.
struct IntegerRange {
  char typecode;
  int64_t low;
  uint64_t high;
  const char* below;
  const char* above;
};
constexpr IntegerRange kRanges[] = {
    {'b', INT8_MIN, INT8_MAX, "signed char is less than minimum", "signed char is greater than maximum"},
    {'B', 0, UINT8_MAX, "unsigned byte integer is less than minimum", "unsigned byte integer is greater than maximum"},
    {'h', INT16_MIN, INT16_MAX, "signed short integer is less than minimum", "signed short integer is greater than maximum"},
    {'H', 0, UINT16_MAX, "unsigned short is less than minimum", "unsigned short is greater than maximum"},
    {'i', INT32_MIN, INT32_MAX, "signed integer is less than minimum", "signed integer is greater than maximum"},
    {'I', 0, UINT32_MAX, "can't convert negative value to unsigned int", "unsigned int is greater than maximum"},
    {'l', INT64_MIN, INT64_MAX, "Python int too large to convert to C long", "Python int too large to convert to C long"},
    {'L', 0, UINT64_MAX, "can't convert negative value to unsigned int", "Python int too large to convert to C unsigned long"},
    {'q', INT64_MIN, INT64_MAX, "int too big to convert", "int too big to convert"},
    {'Q', 0, UINT64_MAX, "can't convert negative int to unsigned", "int too big to convert"},
};

bool encode_integer(Thread& t, char typecode, Value v, uint64_t& out) {
  Value number = to_integer(t, v);
  if (number.is_raised()) return false;
  const IntegerRange& range = *std::find_if(std::begin(kRanges), std::end(kRanges), [&](const IntegerRange& r) { return r.typecode == typecode; });
  int64_t n;
  const char* wrong = nullptr;
  if (fits_int64(number, n)) {
    if (n < range.low) wrong = range.below;
    else if (n > 0 && static_cast<uint64_t>(n) > range.high) wrong = range.above;
    out = static_cast<uint64_t>(n);
  } else {
    if (is_negative_int(number)) wrong = range.below;
    else if (range.high != UINT64_MAX || !fits_uint64(number, out)) wrong = range.above;
  }
  if (wrong) (void)raise_text(t, ErrorType::OverflowError, wrong);
  return !wrong;
}

// An item's bytes. False after raising.
bool array_encode(Thread& t, const Array* a, Value v, uint8_t (&out)[8]) {
  if (a->typecode == 'u') {
    if (!is_kind(v, Kind::Str) || as<Str>(v)->length != 1) return (void)raise_text(t, ErrorType::TypeError, "array item must be unicode character"), false;
    char32_t c = as<Str>(v)->at(0);
    memcpy(out, &c, sizeof c);
    return true;
  }
  if (a->typecode == 'f' || a->typecode == 'd') {
    double d;
    if (!to_double(t, v, d)) return false;
    auto narrow = static_cast<float>(d);
    if (a->typecode == 'f') memcpy(out, &narrow, sizeof narrow);
    else memcpy(out, &d, sizeof d);
    return true;
  }
  uint64_t bits = 0;
  if (!encode_integer(t, a->typecode, v, bits)) return false;
  memcpy(out, &bits, sizeof bits);
  return true;
}

bool insert_bytes(Thread& t, Array* a, uint64_t at, const uint8_t* data, size_t size) {
  size_t tail = a->length - at * a->item_size;
  if (!array_resize(t, a, a->length + size)) return false;
  uint8_t* place = item_at(a, at);
  memmove(place + size, place, tail);
  if (size) memcpy(place, data, size);
  return true;
}

bool remove_items(Thread& t, Array* a, uint64_t at, uint64_t count) {
  if (count && !can_resize(t, a)) return false;
  size_t size = count * a->item_size;
  uint8_t* place = item_at(a, at);
  if (size) memmove(place, place + size, a->length - size - at * a->item_size);
  return array_resize(t, a, a->length - size);
}

Value append(Thread& t, Array* a, Value v) {
  uint8_t bytes[8];
  if (!array_encode(t, a, v, bytes) || !insert_bytes(t, a, count_of(a), bytes, a->item_size)) return Value::raised();
  return Value::none();
}

Value extend(Thread& t, Array* a, Value source) {
  if (is_array(source)) {
    if (array_of(source)->typecode != a->typecode) return raise_text(t, ErrorType::TypeError, "can only extend with array of same kind");
    std::string copy(own_view(source));
    return insert_bytes(t, a, count_of(a), reinterpret_cast<const uint8_t*>(copy.data()), copy.size()) ? Value::none() : Value::raised();
  }
  Iteration it(t, source);
  for (uint32_t steps = 1;; ++steps) {
    Value item = TRY(it.next());
    if (item.is_empty()) return Value::none();
    TRY(append(t, a, item));
    if ((steps & 4095) == 0) TRY(t.poll());
  }
}

Value add_bytes(Thread& t, Array* a, std::string_view bytes) {
  if (bytes.size() % a->item_size) return raise_text(t, ErrorType::ValueError, "bytes length not a multiple of item size");
  std::string copy(bytes);   // they may be the array's own
  return insert_bytes(t, a, count_of(a), reinterpret_cast<const uint8_t*>(copy.data()), copy.size()) ? Value::none() : Value::raised();
}

Value add_text(Thread& t, Array* a, Str* text) {
  std::u32string wide;
  for (uint64_t i = 0; i < text->length; ++i) wide.push_back(text->at(i));
  return insert_bytes(t, a, count_of(a), reinterpret_cast<const uint8_t*>(wide.data()), wide.size() * sizeof(char32_t)) ? Value::none()
                                                                                                               : Value::raised();
}

Str* text_of(Thread& t, const Array* a) {
  std::u32string wide(count_of(a), 0);
  if (a->length) memcpy(wide.data(), a->data, a->length);
  return make_str_wide(t, wide.data(), wide.size());
}

Array* copy_of(Thread& t, const Array* a) {
  Array* copy = make_array(t, native_type(t, array_layout), a->typecode);
  if (!array_resize(t, copy, a->length)) return nullptr;
  if (a->length) memcpy(copy->data, a->data, a->length);
  return copy;
}

// --- Making ---

Value fill(Thread& t, Array* a, Value source) {
  std::string_view bytes;
  if (is_kind(source, Kind::Str)) {
    if (a->typecode == 'u') return add_text(t, a, as<Str>(source));
    return raise(t, ErrorType::TypeError, "cannot use a str to initialize an array with typecode '{}'", a->typecode);
  }
  if (is_array(source)) {
    if (array_of(source)->typecode == 'u' && a->typecode != 'u')
      return raise(t, ErrorType::TypeError, "cannot use a unicode array to initialize an array with typecode '{}'", a->typecode);
    if (array_of(source)->typecode == a->typecode) return extend(t, a, source);
    for (uint64_t i = 0; i < count_of(array_of(source)); ++i) TRY(append(t, a, array_load(t, array_of(source), i)));
    return Value::none();
  }
  bool is_raw = (is_bytes(source) || is_bytearray(source)) && bytes_view(source, bytes);
  return is_raw ? add_bytes(t, a, bytes) : extend(t, a, source);
}

Value array_new(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str))
    return raise(t, ErrorType::TypeError, "array() argument 1 must be a unicode character, not {}", argument_type_name(t, args[1]));
  auto code = as<Str>(args[1]);
  if (code->length != 1) return raise_text(t, ErrorType::TypeError, "array() argument 1 must be a unicode character, not str");
  char32_t c = code->at(0);
  if (c > 127 || !array_item_size(static_cast<char>(c)))
    return raise_text(t, ErrorType::ValueError, "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
  Array* a = make_array(t, as<Type>(args[0]), static_cast<char>(c));
  if (!args[2].is_empty()) TRY(fill(t, a, args[2]));
  return Value::of_object(a);
}

void array_finalize(Object* self, Heap& heap) {
  heap.account(-static_cast<ptrdiff_t>(static_cast<Array*>(self)->capacity));
  free(static_cast<Array*>(self)->data);
}

// --- Entries of TypeOps ---

Value to_items(Thread& t, const Array* a) {
  List* list = make_list(t, count_of(a));
  for (uint64_t i = 0; i < count_of(a); ++i) list_push(t, list, array_load(t, a, i));
  return Value::of_object(list);
}

Value array_repr(Thread& t, Value self) {
  Array* a = array_of(self);
  StrBuilder out;
  Str* name = type_of(self.object)->name;
  out.add(name);
  out.add_utf8(fmt::format("('{}'", a->typecode));
  if (a->length) {
    out.add_utf8(", ");
    Value content = a->typecode == 'u' ? str_value(text_of(t, a)) : TRY(to_items(t, a));
    Str* text = to_repr(t, content);
    if (!text) return Value::raised();
    out.add(text);
  }
  out.add(')');
  return str_value(out.finish(t));
}

Value array_length(Thread&, Value self) { return Value::of_int(static_cast<int64_t>(count_of(array_of(self)))); }

Value array_compare(Thread& t, CompareOp op, Value a, Value b) {
  if (!is_array(a) || !is_array(b)) return t.interpreter->not_implemented;
  Array *x = array_of(a), *y = array_of(b);
  bool is_equality = op == CompareOp::Eq || op == CompareOp::Ne;
  if (is_equality && x->typecode == y->typecode && x->typecode != 'f' && x->typecode != 'd')
    return Value::of_bool((own_view(a) == own_view(b)) == (op == CompareOp::Eq));
  if (is_equality && count_of(x) != count_of(y)) return Value::of_bool(op == CompareOp::Ne);
  // Not as lists are compared: an item that is not equal to itself makes arrays unequal.
  for (uint64_t i = 0; i < count_of(x) && i < count_of(y); ++i) {
    Value left = array_load(t, x, i), right = array_load(t, y, i);
    if (TRY(compare_values(t, CompareOp::Eq, left, right)).is_true()) continue;
    return is_equality ? Value::of_bool(op == CompareOp::Ne) : compare_values(t, op, left, right);
  }
  return compare_values(t, op, array_length(t, a), array_length(t, b));
}

Value array_truth(Thread&, Value self) { return Value::of_bool(array_of(self)->length != 0); }

// The position of an equal item between begin and end; -1: none, -2 after raising.
int64_t find(Thread& t, Array* a, Value v, uint64_t begin, uint64_t end) {
  for (uint64_t i = begin; i < end && i < count_of(a); ++i) {
    Value same = equal_values(t, array_load(t, a, i), v);
    if (same.is_raised()) return -2;
    if (same.is_true()) return static_cast<int64_t>(i);
  }
  return -1;
}

Value array_contains(Thread& t, Value self, Value v) {
  int64_t at = find(t, array_of(self), v, 0, UINT64_MAX);
  return at == -2 ? Value::raised() : Value::of_bool(at >= 0);
}

bool position(Thread& t, Array* a, Value key, const char* out_of_range, int64_t& out) {
  if (!is_integer(key) && !type_of(t, key)->ops.index) return (void)raise_text(t, ErrorType::TypeError, "array indices must be integers"), false;
  if (!to_position(t, key, out)) return false;
  auto count = static_cast<int64_t>(count_of(a));
  if (out < 0) out += count;
  if (out >= 0 && out < count) return true;
  (void)raise_text(t, ErrorType::IndexError, out_of_range);
  return false;
}

// A plain index inside the array; without the division that counts the items.
bool is_inside(const Array* a, Value key) {
  constexpr int64_t kLimit = int64_t{1} << 48;
  return key.is_int() && key.integer >= 0 && key.integer < kLimit && static_cast<uint64_t>(key.integer) * a->item_size < a->length;
}

Value array_get_item(Thread& t, Value self, Value key) {
  Array* a = array_of(self);
  int64_t i;
  if (MINI_LIKELY(is_inside(a, key))) return array_load(t, a, static_cast<uint64_t>(key.integer));
  if (!is_kind(key, Kind::Slice)) return position(t, a, key, "array index out of range", i) ? array_load(t, a, static_cast<uint64_t>(i)) : Value::raised();
  int64_t start, stop, step, count;
  if (!slice_indices(t, as<Slice>(key), static_cast<int64_t>(count_of(a)), start, stop, step, count)) return Value::raised();
  Array* part = make_array(t, native_type(t, array_layout), a->typecode);
  if (!array_resize(t, part, static_cast<size_t>(count) * a->item_size)) return Value::raised();
  for (int64_t k = 0; k < count; ++k) memcpy(item_at(part, static_cast<uint64_t>(k)), item_at(a, static_cast<uint64_t>(start + k * step)), a->item_size);
  return Value::of_object(part);
}

// a[slice] = other, del a[slice] (then `bytes` is empty and is_deletion).
Value set_slice(Thread& t, Array* a, Slice* slice, std::string_view bytes, bool is_deletion) {
  int64_t start, stop, step, count;
  if (!slice_indices(t, slice, static_cast<int64_t>(count_of(a)), start, stop, step, count)) return Value::raised();
  auto given = static_cast<int64_t>(bytes.size() / a->item_size);
  if (step == 1) {
    if (given != count && !can_resize(t, a)) return Value::raised();
    if (given == count) {
      if (count) memcpy(item_at(a, static_cast<uint64_t>(start)), bytes.data(), bytes.size());
      return Value::none();
    }
    if (!remove_items(t, a, static_cast<uint64_t>(start), static_cast<uint64_t>(count))) return Value::raised();
    bool is_done = insert_bytes(t, a, static_cast<uint64_t>(start), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    return is_done ? Value::none() : Value::raised();
  }
  if (is_deletion) {
    if (step < 0) start += (count - 1) * step, step = -step;
    for (int64_t k = count; k-- > 0;)
      if (!remove_items(t, a, static_cast<uint64_t>(start + k * step), 1)) return Value::raised();
    return Value::none();
  }
  if (given != count)
    return raise(t, ErrorType::ValueError, "attempt to assign array of size {} to extended slice of size {}", given, count);
  for (int64_t k = 0; k < count; ++k) memcpy(item_at(a, static_cast<uint64_t>(start + k * step)), bytes.data() + k * a->item_size, a->item_size);
  return Value::none();
}

Value array_set_item(Thread& t, Value self, Value key, Value v) {
  Array* a = array_of(self);
  if (is_kind(key, Kind::Slice)) {
    if (v.is_empty()) return set_slice(t, a, as<Slice>(key), {}, true);
    if (!is_array(v)) return raise(t, ErrorType::TypeError, "can only assign array (not \"{}\") to array slice", type_name(t, v));
    if (array_of(v)->typecode != a->typecode) return raise_text(t, ErrorType::TypeError, "bad argument type for built-in operation");
    return set_slice(t, a, as<Slice>(key), std::string(own_view(v)), false);
  }
  if (a->typecode == 'd' && v.is_float() && is_inside(a, key)) {
    memcpy(item_at(a, static_cast<uint64_t>(key.integer)), &v.number, sizeof v.number);
    return Value::none();
  }
  int64_t i;
  uint8_t bytes[8];
  if (!v.is_empty() && !array_encode(t, a, v, bytes)) return Value::raised();
  if (!position(t, a, key, "array assignment index out of range", i)) return Value::raised();
  if (v.is_empty()) return remove_items(t, a, static_cast<uint64_t>(i), 1) ? Value::none() : Value::raised();
  memcpy(item_at(a, static_cast<uint64_t>(i)), bytes, a->item_size);
  return Value::none();
}

Value repeat(Thread& t, Array* a, Value count, Array* into) {
  int64_t times;
  size_t total, size = a->length;
  if (!repeat_count(t, count, times)) return Value::raised();
  if (__builtin_mul_overflow(size, static_cast<size_t>(times), &total) || total > SIZE_MAX / 4) return raise_memory(t);
  std::string once(reinterpret_cast<const char*>(a->data), size);
  if (!array_resize(t, into, total)) return Value::raised();
  for (size_t at = 0; at < total; at += size) memcpy(into->data + at, once.data(), size);
  return Value::of_object(into);
}

Value array_binary(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add && is_array(a)) {
    if (!is_array(b)) return raise(t, ErrorType::TypeError, "can only append array (not \"{}\") to array", type_name(t, b));
    if (array_of(a)->typecode != array_of(b)->typecode) return raise_text(t, ErrorType::TypeError, "bad argument type for built-in operation");
    Array* sum = copy_of(t, array_of(a));
    if (!sum) return Value::raised();
    TRY(extend(t, sum, b));
    return Value::of_object(sum);
  }
  if (op == BinaryOp::Mul && (is_array(a) || is_array(b))) {
    Array* source = array_of(is_array(a) ? a : b);
    return repeat(t, source, is_array(a) ? b : a, make_array(t, native_type(t, array_layout), source->typecode));
  }
  return t.interpreter->not_implemented;
}

Value array_inplace(Thread& t, BinaryOp op, Value a, Value b) {
  if (op == BinaryOp::Add) {
    if (!is_array(b)) return raise(t, ErrorType::TypeError, "can only extend with array (not \"{}\")", type_name(t, b));
    TRY(extend(t, array_of(a), b));
    return a;
  }
  return op == BinaryOp::Mul ? repeat(t, array_of(a), b, array_of(a)) : t.interpreter->not_implemented;
}

struct ArrayIterator : Object {
  Array* array;       // null: exhausted
  uint64_t position;
};

void array_iterator_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<ArrayIterator*>(self)->array); }

Value array_iterator_next(Thread& t, Value self) {
  auto it = as<ArrayIterator>(self);
  if (it->array && it->position < count_of(it->array)) return array_load(t, it->array, it->position++);
  it->array = nullptr;
  return Value::empty();
}

Value array_iterator_reduce(Thread& t, Value* args, size_t) {
  auto it = as<ArrayIterator>(args[0]);
  if (!it->array) return reduced_iterator(t, Value::of_object(make_list(t)));
  return reduced_iterator(t, Value::of_object(it->array), Value::of_int(static_cast<int64_t>(it->position)));
}

Value array_iterator_setstate(Thread& t, Value* args, size_t) {
  auto it = as<ArrayIterator>(args[0]);
  int64_t position;
  if (!given_position(t, args[1], 0, it->array ? static_cast<int64_t>(count_of(it->array)) : 0, position)) return Value::raised();
  it->position = static_cast<uint64_t>(position);
  return Value::none();
}

const NativeRow kArrayIteratorMethods[] = {
    {"__reduce__", array_iterator_reduce, "(self, /)", kReduceHelp},
    {"__setstate__", array_iterator_setstate, "(self, state, /)", kSetStateHelp},
};

const Layout array_iterator_layout = {
    .name = "arrayiterator", .module = "array", .kind = Kind::Native, .size = sizeof(ArrayIterator), .flags = kNoInstantiation,
    .base = nullptr, .trace = array_iterator_trace, .finalize = nullptr, .ops = {.iterate = iterate_self, .next = array_iterator_next},
    .methods = kArrayIteratorMethods, .method_count = std::size(kArrayIteratorMethods), .attributes = nullptr, .attribute_count = 0, .help = "Walks over the items of an array."};

Value array_iterate(Thread& t, Value self) {
  auto it = make_native<ArrayIterator>(t, array_iterator_layout);
  it->array = array_of(self);
  it->position = 0;
  return Value::of_object(it);
}

// --- Methods ---

Value array_append(Thread& t, Value* args, size_t) { return append(t, array_of(args[0]), args[1]); }
Value array_extend(Thread& t, Value* args, size_t) { return extend(t, array_of(args[0]), args[1]); }
Value array_tolist(Thread& t, Value* args, size_t) { return to_items(t, array_of(args[0])); }
Value array_tobytes(Thread& t, Value* args, size_t) { return Value::of_object(make_bytes(t, own_view(args[0]))); }

Value array_copy(Thread& t, Value* args, size_t) {
  Array* copy = copy_of(t, array_of(args[0]));
  return copy ? Value::of_object(copy) : Value::raised();
}

Value array_buffer_info(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  return Value::of_object(make_tuple(t, {Value::of_int(static_cast<int64_t>(reinterpret_cast<uintptr_t>(a->data))),
                                         Value::of_int(static_cast<int64_t>(count_of(a)))}));
}

Value array_byteswap(Thread&, Value* args, size_t) {
  Array* a = array_of(args[0]);
  for (uint64_t i = 0; i < count_of(a); ++i) std::reverse(item_at(a, i), item_at(a, i) + a->item_size);
  return Value::none();
}

Value array_count(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  int64_t found = 0, at = -1;
  while ((at = find(t, a, args[1], static_cast<uint64_t>(at + 1), UINT64_MAX)) >= 0) ++found;
  return at == -2 ? Value::raised() : Value::of_int(found);
}

Value array_index(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  int64_t begin = 0, end = INT64_MAX, count = static_cast<int64_t>(count_of(a));
  if (!args[2].is_empty() && !to_index_clamped(t, args[2], begin)) return Value::raised();
  if (!args[3].is_empty() && !to_index_clamped(t, args[3], end)) return Value::raised();
  if (begin < 0) begin = std::max<int64_t>(begin + count, 0);
  if (end < 0) end = std::max<int64_t>(end + count, 0);
  int64_t at = find(t, a, args[1], static_cast<uint64_t>(begin), static_cast<uint64_t>(end));
  if (at == -1) return raise_text(t, ErrorType::ValueError, "array.index(x): x not in array");
  return at == -2 ? Value::raised() : Value::of_int(at);
}

Value array_insert(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  int64_t at;
  uint8_t bytes[8];
  if (!to_index_clamped(t, args[1], at) || !array_encode(t, a, args[2], bytes)) return Value::raised();
  auto count = static_cast<int64_t>(count_of(a));
  if (at < 0) at = std::max<int64_t>(at + count, 0);
  return insert_bytes(t, a, static_cast<uint64_t>(std::min(at, count)), bytes, a->item_size) ? Value::none() : Value::raised();
}

Value array_pop(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  int64_t at = -1;
  if (!args[1].is_empty() && !to_index(t, args[1], at)) return Value::raised();
  if (!a->length) return raise_text(t, ErrorType::IndexError, "pop from empty array");
  auto count = static_cast<int64_t>(count_of(a));
  if (at < 0) at += count;
  if (at < 0 || at >= count) return raise_text(t, ErrorType::IndexError, "pop index out of range");
  Value item = array_load(t, a, static_cast<uint64_t>(at));
  return remove_items(t, a, static_cast<uint64_t>(at), 1) ? item : Value::raised();
}

Value array_remove(Thread& t, Value* args, size_t) {
  int64_t at = find(t, array_of(args[0]), args[1], 0, UINT64_MAX);
  if (at == -2) return Value::raised();
  if (at == -1) return raise_text(t, ErrorType::ValueError, "array.remove(x): x not in array");
  return remove_items(t, array_of(args[0]), static_cast<uint64_t>(at), 1) ? Value::none() : Value::raised();
}

Value array_reverse(Thread&, Value* args, size_t) {
  Array* a = array_of(args[0]);
  for (uint64_t i = 0, k = count_of(a); i + 1 < k; ++i) std::swap_ranges(item_at(a, i), item_at(a, i + 1), item_at(a, --k));
  return Value::none();
}

Value array_frombytes(Thread& t, Value* args, size_t) {
  std::string_view bytes;
  return require_bytes(t, args[1], bytes) ? add_bytes(t, array_of(args[0]), bytes) : Value::raised();
}

// All items, or none when one does not fit.
Value array_fromlist(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  if (!is_kind(args[1], Kind::List)) return raise_text(t, ErrorType::TypeError, "arg must be list");
  auto list = as<List>(args[1]);
  size_t length = a->length, count = list->length;
  for (size_t i = 0; i < count; ++i) {
    Value done = append(t, a, list->items[i]);
    if (!done.is_raised() && list->length == count) continue;
    (void)array_resize(t, a, length);
    if (done.is_raised()) return done;
    return raise_text(t, ErrorType::RuntimeError, "list changed size during iteration");
  }
  return Value::none();
}

Value array_fromunicode(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Str)) return raise(t, ErrorType::TypeError, "fromunicode() argument must be str, not {}", argument_type_name(t, args[1]));
  if (array_of(args[0])->typecode != 'u') return raise_text(t, ErrorType::ValueError, "fromunicode() may only be called on unicode type arrays");
  return add_text(t, array_of(args[0]), as<Str>(args[1]));
}

Value array_tounicode(Thread& t, Value* args, size_t) {
  if (array_of(args[0])->typecode != 'u') return raise_text(t, ErrorType::ValueError, "tounicode() may only be called on unicode type arrays");
  return str_value(text_of(t, array_of(args[0])));
}

Value array_fromfile(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  int64_t count;
  Value read = TRY(get_attribute(t, args[1], "read"));
  if (!to_length(t, args[2], count)) return Value::raised();
  if (count < 0) return raise_text(t, ErrorType::ValueError, "negative count");
  int64_t size;
  if (__builtin_mul_overflow(count, a->item_size, &size)) return raise_memory(t);
  Value data = TRY(call(t, read, {Value::of_int(size)}));
  if (!is_bytes(data)) return raise_text(t, ErrorType::TypeError, "read() didn't return bytes");
  TRY(add_bytes(t, a, own_view(data)));
  if (static_cast<int64_t>(own_view(data).size()) != size) return raise_text(t, ErrorType::EOFError, "read() didn't return enough bytes");
  return Value::none();
}

Value array_tofile(Thread& t, Value* args, size_t) {
  Value write = TRY(get_attribute(t, args[1], "write"));
  if (array_of(args[0])->length) TRY(call(t, write, {Value::of_object(make_bytes(t, own_view(args[0])))}));
  return Value::none();
}

Value get_typecode(Thread& t, Value self) { return str_value(make_str_char(t, static_cast<char32_t>(array_of(self)->typecode))); }

Value array_reduce(Thread& t, Value* args, size_t) {
  Array* a = array_of(args[0]);
  int64_t protocol;
  if (!to_index(t, args[1], protocol)) return Value::raised();
  Value content = protocol >= 3 ? Value::of_object(make_bytes(t, own_view(args[0]))) : TRY(to_items(t, a));
  Value parts = Value::of_object(make_tuple(t, {TRY(get_typecode(t, args[0])), content}));
  Value attributes = TRY(get_attribute_or_empty(t, args[0], intern(t, "__dict__")));
  return Value::of_object(make_tuple(t, {Value::of_object(type_of(args[0].object)), parts, attributes.is_empty() ? Value::none() : attributes}));
}

Value get_itemsize(Thread&, Value self) { return Value::of_int(array_of(self)->item_size); }

const NativeRow kArrayMethods[] = {
    {"__new__", array_new, "(cls, typecode, initializer=None, /)", "An array of one machine type.", Binding::Static},
    {"__copy__", array_copy, "(self, /)", "A copy of the array."},
    {"__deepcopy__", array_copy, "(self, memo, /)", "A copy of the array."},
    {"__reduce_ex__", array_reduce, "(self, protocol, /)", "For pickling."},
    {"append", array_append, "(self, v, /)", "Append a value at the end."},
    {"buffer_info", array_buffer_info, "(self, /)", "Address of the memory, and number of items."},
    {"byteswap", array_byteswap, "(self, /)", "Reverse the bytes of each item."},
    {"count", array_count, "(self, v, /)", "How often a value occurs."},
    {"extend", array_extend, "(self, bb, /)", "Append the items of an iterable."},
    {"frombytes", array_frombytes, "(self, buffer, /)", "Append items from their bytes."},
    {"fromfile", array_fromfile, "(self, f, n, /)", "Append n items read from a file."},
    {"fromlist", array_fromlist, "(self, list, /)", "Append the items of a list."},
    {"fromunicode", array_fromunicode, "(self, ustr, /)", "Append the characters of a str."},
    {"index", array_index, "(self, v, start=0, stop=sys.maxsize, /)", "The first position of a value."},
    {"insert", array_insert, "(self, i, v, /)", "Insert a value before a position."},
    {"pop", array_pop, "(self, i=-1, /)", "Remove an item and return it."},
    {"remove", array_remove, "(self, v, /)", "Remove the first occurrence of a value."},
    {"reverse", array_reverse, "(self, /)", "Reverse the order of the items."},
    {"tobytes", array_tobytes, "(self, /)", "The bytes of all items."},
    {"tofile", array_tofile, "(self, f, /)", "Write the bytes of all items to a file."},
    {"tolist", array_tolist, "(self, /)", "The items as a list."},
    {"tounicode", array_tounicode, "(self, /)", "The characters as a str."},
};

const AttributeRow kArrayAttributes[] = {
    {"itemsize", get_itemsize, nullptr, "The size of an item in bytes."},
    {"typecode", get_typecode, nullptr, "The letter that tells the type of the items."},
};

}  // namespace

const Layout array_layout = {
    .name = "array", .module = "array", .kind = Kind::Native, .size = sizeof(Array), .flags = kSubclassable, .base = nullptr,
    .trace = nullptr, .finalize = array_finalize,
    .ops = {.repr = array_repr, .hash = nullptr, .compare = array_compare, .truth = array_truth, .length = array_length,
            .contains = array_contains, .get_item = array_get_item, .set_item = array_set_item, .iterate = array_iterate,
            .binary = array_binary, .inplace = array_inplace},
    .methods = kArrayMethods, .method_count = std::size(kArrayMethods),
    .attributes = kArrayAttributes, .attribute_count = std::size(kArrayAttributes),
    .help = "array(typecode [, initializer]) -> array\n\nNumbers of one machine type, side by side."};

}  // namespace mini
