// SPDX-License-Identifier: MIT
// _struct: numbers and bytes in the layouts of C. A format is compiled into a list of fields once, and the functions of the module
// keep the compiled formats.
//
// Native formats ('@') have the machine's sizes and alignment, the others standard sizes and none.
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

static_assert(std::endian::native == std::endian::little);

// `count` values of one kind at an offset; for 's' and 'p' one value of `count` bytes.
struct Field {
  char code;
  uint32_t size;
  int64_t offset;
  int64_t count;
};

struct Format {
  std::vector<Field> fields;
  int64_t size = 0;
  int64_t values = 0;
  bool is_native = true;
  bool is_big_endian = false;
};

struct Struct : Object {
  Str* text;
  Format* format;      // null until __init__
};

extern const Layout struct_layout, unpack_iterator_layout;

Format& format_of(Value v) { return *as<Struct>(v)->format; }

Value raise_struct(Thread& t, std::string_view message) {
  Value error = TRY(get_attribute(t, TRY(import_module(t, "_struct")), "error"));
  return raise_value(t, TRY(call(t, error, {str_value(make_str(t, message))})));
}

// --- Formats ---

uint32_t size_of(char code, bool is_native) {
  switch (code) {
    case 'x': case 'c': case 'b': case 'B': case '?': case 's': case 'p': return 1;
    case 'h': case 'H': case 'e': return 2;
    case 'i': case 'I': case 'f': return 4;
    case 'l': case 'L': return is_native ? 8 : 4;
    case 'q': case 'Q': case 'd': return 8;
    case 'n': case 'N': case 'P': return is_native ? 8 : 0;
    default: return 0;
  }
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class FormatReader {
 public:
  FormatReader(Thread& t, std::string_view text, Format& out) : t_(t), text_(text), out_(out) {}
  bool run();

 private:
  bool fail(std::string_view message) { return (void)raise_struct(t_, message), false; }
  bool read_count(size_t& at, int64_t& out);
  bool add(char code, int64_t count);

  Thread& t_;
  std::string_view text_;
  Format& out_;
};

bool FormatReader::read_count(size_t& at, int64_t& out) {
  out = 0;
  for (; at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; ++at)
    if (__builtin_mul_overflow(out, 10, &out) || __builtin_add_overflow(out, text_[at] - '0', &out)) return fail("total struct size too long");
  return at < text_.size() || fail("repeat count given without format specifier");
}

bool FormatReader::add(char code, int64_t count) {
  uint32_t size = size_of(code, out_.is_native);
  if (size == 0) return fail("bad char in struct format");
  int64_t align = out_.is_native ? size : 1, bytes;
  int64_t padding = (align - out_.size % align) % align;
  if (__builtin_add_overflow(out_.size, padding, &out_.size)) return fail("total struct size too long");
  if (__builtin_mul_overflow(count, size, &bytes)) return fail("total struct size too long");
  int64_t offset = out_.size;
  if (__builtin_add_overflow(out_.size, bytes, &out_.size)) return fail("total struct size too long");
  if (code == 'x') return true;
  bool is_text = code == 's' || code == 'p';
  if (!is_text && count == 0) return true;
  out_.fields.push_back({code, size, offset, count});
  out_.values += is_text ? 1 : count;
  return true;
}

bool FormatReader::run() {
  size_t at = 0;
  if (text_.find('\0') != std::string_view::npos) return fail("embedded null character");
  if (!text_.empty() && std::strchr("@=<>!", text_[0])) {
    char order = text_[at++];
    out_.is_native = order == '@';
    out_.is_big_endian = order == '>' || order == '!';
  }
  while (at < text_.size()) {
    if (is_space(text_[at])) {
      ++at;
      continue;
    }
    int64_t count = 1;
    if (text_[at] >= '0' && text_[at] <= '9' && !read_count(at, count)) return false;
    if (!add(text_[at++], count)) return false;
  }
  return true;
}

Value struct_new(Thread& t, Value* args, size_t) {
  auto s = static_cast<Struct*>(allocate_object(t, as<Type>(args[0])));
  note_finalizer(s);
  s->text = t.interpreter->empty_str;
  s->format = new Format;
  return Value::of_object(s);
}

Value struct_init(Thread& t, Value* args, size_t) {
  Value source = args[1];
  std::string text;
  if (is_kind(source, Kind::Str)) {
    if (!encode_into(t, as<Str>(source), "ascii", "strict", text)) return Value::raised();
  } else if (is_bytes(source)) {
    text = own_view(source);
  } else {
    return raise(t, ErrorType::TypeError, "Struct() argument 1 must be a str or bytes object, not {}", type_name(t, source));
  }
  Format format;
  if (!FormatReader(t, text, format).run()) return Value::raised();
  as<Struct>(args[0])->text = make_str(t, text);
  format_of(args[0]) = std::move(format);
  return Value::none();
}

void struct_trace(Object* self, Marker& marker) { marker.mark_pointer(static_cast<Struct*>(self)->text); }
void struct_finalize(Object* self, Heap&) { delete static_cast<Struct*>(self)->format; }

// --- Values to bytes ---

void store_bits(const Format& format, uint64_t bits, uint32_t size, uint8_t* p) {
  if (!format.is_big_endian) memcpy(p, &bits, size);
  else for (uint32_t i = 0; i < size; ++i) p[size - 1 - i] = static_cast<uint8_t>(bits >> (8 * i));
}

uint64_t load_bits(const Format& format, const uint8_t* p, uint32_t size) {
  uint64_t bits = 0;
  if (!format.is_big_endian) memcpy(&bits, p, size);
  else for (uint32_t i = 0; i < size; ++i) bits = bits << 8 | p[i];
  return bits;
}

bool is_signed(char code) { return std::strchr("bhilqn", code) != nullptr; }

// What lies outside of 64 bits, and where the value has another width, outside of that.
Value raise_range(Thread& t, const Format& format, const Field& field, bool fits_64) {
  if (field.code == 'P') return raise_struct(t, "int too large to convert");
  if (format.is_big_endian && field.size == 8) return raise_struct(t, "int too large to convert");
  if (!fits_64) return raise_struct(t, "argument out of range");
  if (field.code == 'b') return raise_struct(t, "byte format requires -128 <= number <= 127");
  if (field.code == 'B') return raise_struct(t, "ubyte format requires 0 <= number <= 255");
  if (field.code == 'h' && !format.is_big_endian) return raise_struct(t, "short format requires -32768 <= number <= 32767");
  if (field.code == 'H' && !format.is_big_endian) return raise_struct(t, "ushort format requires 0 <= number <= 65535");
  int64_t bits = field.size * 8, low = is_signed(field.code) ? -(int64_t{1} << (bits - 1)) : 0;
  int64_t high = (int64_t{1} << (is_signed(field.code) ? bits - 1 : bits)) - 1;
  return raise_struct(t, fmt::format("'{}' format requires {} <= number <= {}", field.code, low, high));
}

Value pack_integer(Thread& t, const Format& format, const Field& field, Value v, uint8_t* p) {
  if (!is_integer(v) && !type_of(t, v)->ops.index) return raise_struct(t, "required argument is not an integer");
  Value number = TRY(to_integer(t, v));
  int64_t n;
  uint64_t bits;
  unsigned width = field.size * 8;
  bool is_small = field.size == 1 || (field.size == 2 && !format.is_big_endian);   // CPython has two ways to check
  if (fits_int64(number, n)) {
    bits = static_cast<uint64_t>(n);
    if (is_signed(field.code)) {
      if (width < 64 && (n < -(int64_t{1} << (width - 1)) || n >= int64_t{1} << (width - 1))) return raise_range(t, format, field, true);
    } else if (field.code != 'P') {
      if (n < 0) return raise_range(t, format, field, is_small);
      if (width < 64 && bits >> width) return raise_range(t, format, field, true);
    }
  } else {
    bool fits = fits_uint64(number, bits);
    bool takes = field.code == 'P' || (!is_signed(field.code) && width == 64);
    if (!fits || !takes) return raise_range(t, format, field, fits && !is_signed(field.code) && !is_small);
  }
  store_bits(format, bits, field.size, p);
  return Value::none();
}

// The half precision number nearest to d, ties to even. False when d is too large.
bool to_half(double d, uint16_t& out) {
  uint16_t sign = std::signbit(d) ? 0x8000 : 0;
  if (std::isnan(d)) return out = sign | 0x7E00, true;
  if (std::isinf(d)) return out = sign | 0x7C00, true;
  int exponent;
  double fraction = std::frexp(std::fabs(d), &exponent);    // [0.5, 1)
  if (fraction == 0) return out = sign, true;
  exponent = std::max(exponent - 1, -14);
  double scaled = std::nearbyint(std::ldexp(std::fabs(d), 10 - exponent));   // units of the last place
  if (scaled >= 2048) {
    scaled /= 2;
    ++exponent;
  }
  if (exponent > 15) return false;
  auto units = static_cast<uint32_t>(scaled);
  out = static_cast<uint16_t>(sign | (units < 1024 ? units : static_cast<uint32_t>(exponent + 15) << 10 | (units - 1024)));
  return true;
}

double from_half(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  double fraction = bits & 1023;
  double d = exponent == 31 ? (fraction != 0 ? NAN : INFINITY)
             : exponent    ? std::ldexp(fraction + 1024, exponent - 25)
                           : std::ldexp(fraction, -24);
  return bits & 0x8000 ? -d : d;
}

// An int that no float of the format can hold.
Value raise_too_large(Thread& t) { return raise_struct(t, "int too large to convert"); }

Value pack_float(Thread& t, const Format& format, const Field& field, Value v, uint8_t* p) {
  double d;
  if (!is_floating(v) && !is_integer(v) && !type_of(t, v)->ops.index && type_lookup(type_of(t, v), intern(t, "__float__")).is_empty())
    return raise_struct(t, "required argument is not a float");
  if (!to_double(t, v, d)) return is_integer(v) && exception_matches(t, ErrorType::OverflowError) ? raise_too_large(t) : Value::raised();
  if (field.code == 'd') {
    store_bits(format, std::bit_cast<uint64_t>(d), 8, p);
  } else if (field.code == 'f') {
    auto narrow = static_cast<float>(d);
    if (!format.is_native && std::isinf(narrow) && !std::isinf(d))
      return is_integer(v) ? raise_too_large(t) : raise_text(t, ErrorType::OverflowError, "float too large to pack with f format");
    store_bits(format, std::bit_cast<uint32_t>(narrow), 4, p);
  } else {
    uint16_t half;
    if (!to_half(d, half)) return is_integer(v) ? raise_too_large(t) : raise_text(t, ErrorType::OverflowError, "float too large to pack with e format");
    store_bits(format, half, 2, p);
  }
  return Value::none();
}

Value pack_text(Thread& t, const Field& field, Value v, uint8_t* p) {
  if (!is_bytes(v) && !is_bytearray(v)) return raise_struct(t, fmt::format("argument for '{}' must be a bytes object", field.code));
  std::string_view bytes = own_view(v);
  auto room = static_cast<size_t>(field.count);
  if (field.code == 'p') {
    if (room == 0) return Value::none();
    bytes = bytes.substr(0, room - 1);
    *p++ = static_cast<uint8_t>(std::min<size_t>(bytes.size(), 255));
  }
  bytes = bytes.substr(0, room);
  if (!bytes.empty()) memcpy(p, bytes.data(), bytes.size());
  return Value::none();
}

Value pack_one(Thread& t, const Format& format, const Field& field, Value v, uint8_t* p) {
  switch (field.code) {
    case 'c':
      if (!is_bytes(v) || own_view(v).size() != 1) return raise_struct(t, "char format requires a bytes object of length 1");
      *p = static_cast<uint8_t>(own_view(v)[0]);
      return Value::none();
    case '?': *p = TRY(truth(t, v)).is_true(); return Value::none();
    case 's': case 'p': return pack_text(t, field, v, p);
    case 'e': case 'f': case 'd': return pack_float(t, format, field, v, p);
    default: return pack_integer(t, format, field, v, p);
  }
}

// `out` is zeroed and has room.
Value pack_all(Thread& t, const Format& format, const Value* values, uint8_t* out) {
  for (const Field& field : format.fields) {
    bool is_text = field.code == 's' || field.code == 'p';
    for (int64_t i = 0; i < (is_text ? 1 : field.count); ++i) TRY(pack_one(t, format, field, *values++, out + field.offset + i * field.size));
  }
  return Value::none();
}

// --- Bytes to values ---

Value unpack_one(Thread& t, const Format& format, const Field& field, const uint8_t* p) {
  switch (field.code) {
    case 'c': return Value::of_object(make_bytes(t, p, 1));
    case '?': return Value::of_bool(*p != 0);
    case 's': return Value::of_object(make_bytes(t, p, static_cast<size_t>(field.count)));
    case 'p': {
      if (field.count == 0) return Value::of_object(make_bytes(t, ""));
      return Value::of_object(make_bytes(t, p + 1, std::min<size_t>(*p, static_cast<size_t>(field.count - 1))));
    }
    case 'd': return Value::of_float(std::bit_cast<double>(load_bits(format, p, 8)));
    case 'f': return Value::of_float(std::bit_cast<float>(static_cast<uint32_t>(load_bits(format, p, 4))));
    case 'e': return Value::of_float(from_half(static_cast<uint16_t>(load_bits(format, p, 2))));
    default: break;
  }
  uint64_t bits = load_bits(format, p, field.size);
  if (!is_signed(field.code)) return make_int_u64(t, bits);
  unsigned spare = 64 - field.size * 8;
  return Value::of_int(static_cast<int64_t>(bits << spare) >> spare);
}

Value unpack_all(Thread& t, const Format& format, const uint8_t* data) {
  Tuple* values = make_tuple(t, static_cast<size_t>(format.values));
  size_t n = 0;
  for (const Field& field : format.fields) {
    bool is_text = field.code == 's' || field.code == 'p';
    for (int64_t i = 0; i < (is_text ? 1 : field.count); ++i)
      store(values, values->items[n++], unpack_one(t, format, field, data + field.offset + i * field.size));
  }
  return Value::of_object(values);
}

const uint8_t* bytes_of(std::string_view view) { return reinterpret_cast<const uint8_t*>(view.data()); }

// --- Methods ---

Value struct_pack(Thread& t, Value* args, size_t argc) {
  const Format& format = format_of(args[0]);
  if (static_cast<int64_t>(argc) - 1 != format.values)
    return raise_struct(t, fmt::format("pack expected {} items for packing (got {})", format.values, argc - 1));
  if (!t.heap->can_allocate(static_cast<size_t>(format.size))) return raise_memory(t);
  Bytes* out = make_bytes(t, nullptr, static_cast<size_t>(format.size));
  memset(out->data, 0, static_cast<size_t>(format.size));
  TRY(pack_all(t, format, args + 1, out->data));
  return Value::of_object(out);
}

// Turns a negative offset into one from the front. Raised when it lies outside.
Value check_offset(Thread& t, const Format& format, bool packs, int64_t length, int64_t& offset) {
  if (offset < 0) {
    if (offset + format.size > 0)
      return raise_struct(t, fmt::format(packs ? fmt::runtime("no space to pack {} bytes at offset {}") : fmt::runtime("not enough data to unpack {} bytes at offset {}"),
                                         format.size, offset));
    if (offset + length < 0) return raise_struct(t, fmt::format("offset {} out of range for {}-byte buffer", offset, length));
    offset += length;
  }
  if (length - offset >= format.size) return Value::none();
  const char* function = packs ? "pack_into" : "unpack_from";
  return raise_struct(t, fmt::format("{} requires a buffer of at least {} bytes for {} {} bytes at offset {} (actual buffer size is {})", function,
                                     static_cast<uint64_t>(format.size) + static_cast<uint64_t>(offset), packs ? "packing" : "unpacking",
                                     format.size, offset, length));
}

Value struct_pack_into(Thread& t, Value* args, size_t argc) {
  const Format& format = format_of(args[0]);
  if (argc < 2) return raise_struct(t, "pack_into expected buffer argument");
  if (argc < 3) return raise_struct(t, "pack_into expected offset argument");
  if (static_cast<int64_t>(argc) - 3 != format.values)
    return raise_struct(t, fmt::format("pack_into expected {} items for packing (got {})", format.values, argc - 3));
  uint8_t* data;
  size_t length;
  int64_t offset;
  if (!writable_view(args[1], data, length))
    return raise(t, ErrorType::TypeError, "argument must be read-write bytes-like object, not {}", argument_type_name(t, args[1]));
  if (!to_index(t, args[2], offset)) return Value::raised();
  TRY(check_offset(t, format, true, static_cast<int64_t>(length), offset));
  std::string packed(static_cast<size_t>(format.size), '\0');
  TRY(pack_all(t, format, args + 3, reinterpret_cast<uint8_t*>(packed.data())));
  // Converting the values may have changed the buffer.
  if (!writable_view(args[1], data, length) || length < static_cast<size_t>(offset) + packed.size())
    return raise_struct(t, "the buffer changed while packing");
  if (!packed.empty()) memcpy(data + offset, packed.data(), packed.size());
  return Value::none();
}

Value struct_unpack(Thread& t, Value* args, size_t) {
  const Format& format = format_of(args[0]);
  std::string_view view;
  if (!require_bytes(t, args[1], view)) return Value::raised();
  if (static_cast<int64_t>(view.size()) != format.size) return raise_struct(t, fmt::format("unpack requires a buffer of {} bytes", format.size));
  return unpack_all(t, format, bytes_of(view));
}

Value struct_unpack_from(Thread& t, Value* args, size_t) {
  const Format& format = format_of(args[0]);
  std::string_view view;
  int64_t offset = 0;
  if (!args[2].is_empty() && !to_index(t, args[2], offset)) return Value::raised();
  if (!require_bytes(t, args[1], view)) return Value::raised();
  TRY(check_offset(t, format, false, static_cast<int64_t>(view.size()), offset));
  return unpack_all(t, format, bytes_of(view) + offset);
}

struct UnpackIterator : Object {
  Value source, buffer;     // the Struct; Empty buffer: exhausted
  int64_t position;
};

Value struct_iter_unpack(Thread& t, Value* args, size_t) {
  const Format& format = format_of(args[0]);
  std::string_view view;
  if (format.size == 0) return raise_struct(t, "cannot iteratively unpack with a struct of length 0");
  if (!require_bytes(t, args[1], view)) return Value::raised();
  if (static_cast<int64_t>(view.size()) % format.size)
    return raise_struct(t, fmt::format("iterative unpacking requires a buffer of a multiple of {} bytes", format.size));
  auto it = make_native<UnpackIterator>(t, unpack_iterator_layout);
  it->source = args[0];
  it->buffer = args[1];
  it->position = 0;
  return Value::of_object(it);
}

void unpack_iterator_trace(Object* self, Marker& marker) {
  marker.mark(static_cast<UnpackIterator*>(self)->source);
  marker.mark(static_cast<UnpackIterator*>(self)->buffer);
}

int64_t remaining(const UnpackIterator* it) {
  std::string_view view;
  if (it->buffer.is_empty() || !bytes_view(it->buffer, view)) return 0;
  return std::max<int64_t>(0, static_cast<int64_t>(view.size()) - it->position) / format_of(it->source).size;
}

Value unpack_iterator_next(Thread& t, Value self) {
  auto it = as<UnpackIterator>(self);
  if (remaining(it) == 0) {
    it->buffer = Value::empty();
    return Value::empty();
  }
  std::string_view view;
  bytes_view(it->buffer, view);
  const Format& format = format_of(it->source);
  it->position += format.size;
  return unpack_all(t, format, bytes_of(view) + it->position - format.size);
}

Value unpack_iterator_hint(Thread&, Value* args, size_t) { return Value::of_int(remaining(as<UnpackIterator>(args[0]))); }
Value get_format(Thread&, Value self) { return str_value(as<Struct>(self)->text); }
Value get_size(Thread&, Value self) { return Value::of_int(format_of(self).size); }

const NativeRow kIteratorMethods[] = {{"__length_hint__", unpack_iterator_hint, "(self, /)", "How many are left."}};

const Layout unpack_iterator_layout = {
    .name = "unpack_iterator", .module = "_struct", .kind = Kind::Native, .size = sizeof(UnpackIterator),
    .flags = kNoInstantiation, .base = nullptr, .trace = unpack_iterator_trace, .finalize = nullptr,
    .ops = {.iterate = iterate_self, .next = unpack_iterator_next}, .methods = kIteratorMethods,
    .method_count = std::size(kIteratorMethods), .attributes = nullptr, .attribute_count = 0, .help = "Unpacks one piece after another."};

const NativeRow kStructMethods[] = {
    {"__new__", struct_new, "(cls, /, *args, **kwargs)", "A compiled format.", Binding::Static},
    {"__init__", struct_init, "(self, /, format)", "Compile a format."},
    {"iter_unpack", struct_iter_unpack, "(self, buffer, /)", "An iterator over tuples unpacked from a buffer."},
    {"pack", struct_pack, "(self, /, *args)", "The values as bytes."},
    {"pack_into", struct_pack_into, "(self, /, *args)", "Write the values into a buffer at an offset."},
    {"unpack", struct_unpack, "(self, buffer, /)", "The values in a buffer of just this size."},
    {"unpack_from", struct_unpack_from, "(self, /, buffer, offset=0)", "The values in a buffer at an offset."},
};

const AttributeRow kStructAttributes[] = {
    {"format", get_format, nullptr, "The format as text."},
    {"size", get_size, nullptr, "The size of the packed values in bytes."},
};

const Layout struct_layout = {
    .name = "Struct", .module = "_struct", .kind = Kind::Native, .size = sizeof(Struct), .flags = kSubclassable,
    .base = nullptr, .trace = struct_trace, .finalize = struct_finalize, .ops = {}, .methods = kStructMethods,
    .method_count = std::size(kStructMethods), .attributes = kStructAttributes, .attribute_count = std::size(kStructAttributes),
    .help = "Struct(fmt) --> compiled struct object"};

// --- Functions: the methods, with formats that are kept ---

constexpr uint64_t kMostFormats = 100;

Dict* kept_formats(Thread& t) { return static_cast<Dict*>(t.interpreter->module_state["struct"]); }

// The Struct of a format.
Value compiled(Thread& t, Value format) {
  Dict* kept = kept_formats(t);
  Value known = TRY(dict_get_item(t, kept, format));
  if (!known.is_empty()) return known;
  Value args[2] = {Value::of_object(native_type(t, struct_layout)), format};
  Value made = TRY(struct_new(t, args, 1));
  args[0] = made;
  TRY(struct_init(t, args, 2));
  if (kept->count >= kMostFormats) dict_clear(t, kept);
  TRY(dict_set_item(t, kept, format, made));
  return made;
}

Value missing_format(Thread& t) { return raise_text(t, ErrorType::TypeError, "missing format argument"); }

// Calls a method with the format's Struct in place of the format.
template <NativeFn method> Value with_format(Thread& t, Value* args, size_t argc) {
  if (argc == 0) return missing_format(t);
  args[0] = TRY(compiled(t, args[0]));
  return method(t, args, argc);
}

Value function_calcsize(Thread& t, Value* args, size_t) { return get_size(t, TRY(compiled(t, args[0]))); }

Value function_clearcache(Thread& t, Value*, size_t) {
  dict_clear(t, kept_formats(t));
  return Value::none();
}

const NativeRow kFunctions[] = {
    {"_clearcache", function_clearcache, "()", "Forget the compiled formats."},
    {"calcsize", function_calcsize, "(format, /)", "Size in bytes of the values that the format describes."},
    {"iter_unpack", with_format<struct_iter_unpack>, "(format, buffer, /)", "An iterator over the tuples that a buffer holds one after the other."},
    {"pack", with_format<struct_pack>, "(*args)", "pack(format, v1, v2, ...): the values as bytes."},
    {"pack_into", with_format<struct_pack_into>, "(*args)", "pack_into(format, buffer, offset, v1, v2, ...): write the values into a buffer."},
    {"unpack", with_format<struct_unpack>, "(format, buffer, /)", "The values in a buffer of just the right size."},
    {"unpack_from", with_format<struct_unpack_from>, "(format, /, buffer, offset=0)", "The values in a buffer from an offset on."},
};

Value struct_setup(Thread& t, Module* m) {
  module_add_type(t, m, struct_layout);
  void*& kept = t.interpreter->module_state["struct"];
  if (!kept) {
    kept = make_dict(t);
    t.heap->add_root([&t_interpreter = *t.interpreter](Marker& marker) {
      marker.mark_pointer(static_cast<Dict*>(t_interpreter.module_state["struct"]));
    });
  }
  Dict* attributes = make_dict(t);
  dict_set(t, attributes, names(t).module, str_value(intern(t, "struct")));
  Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, ErrorType::Exception))});
  module_set(t, m, "error", TRY(make_class(t, types(t).type, intern(t, "error"), bases, attributes, nullptr)));
  return Value::none();
}

}  // namespace

extern const NativeModule struct_module;
const NativeModule struct_module = {"_struct", kFunctions, std::size(kFunctions), struct_setup, "Values in the layouts of C."};

}  // namespace mini
