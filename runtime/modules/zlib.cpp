// SPDX-License-Identifier: MIT
// zlib: compression and checksums. Streams and large buffers are worked on outside of the GIL.
//
// A decompressor keeps what it could not use: `unconsumed_tail` when the output was limited, `unused_data` behind the end.
#if MINI_WITH_ZLIB
#include <zlib.h>
#endif

#include <algorithm>
#include <string>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/interruptible.h"
#include "runtime/modules/native_lock.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

#if MINI_WITH_ZLIB

constexpr int64_t kDefaultBuffer = 16384;
constexpr size_t kChunk = 64 << 10;
// Output after which Ctrl-C is looked for. Compressed bytes may stand for a thousand times as many, which take that much longer.
constexpr size_t kCompressedPiece = 8 << 10, kPlainPiece = 1 << 20;

Value raise_zlib_text(Thread& t, std::string_view message) {
  Value error = TRY(get_attribute(t, TRY(import_module(t, "zlib")), "error"));
  return raise_value(t, TRY(call(t, error, {str_value(make_str(t, message))})));
}

// "Error -3 while decompressing data: incorrect header check"
Value raise_zlib(Thread& t, const z_stream& stream, int code, const char* doing) {
  const char* detail = code == Z_VERSION_ERROR ? "library version mismatch" : stream.msg;
  if (!detail) {
    if (code == Z_BUF_ERROR) detail = "incomplete or truncated stream";
    else if (code == Z_STREAM_ERROR) detail = "inconsistent stream state";
    else if (code == Z_DATA_ERROR) detail = "invalid input data";
  }
  return raise_zlib_text(t, detail ? fmt::format("Error {} {}: {}", code, doing, detail) : fmt::format("Error {} {}", code, doing));
}

// Bytes that no other thread changes meanwhile.
bool read_input(Thread& t, Value v, std::string& copy, std::string_view& out) {
  if (!require_bytes(t, v, out)) return false;
  if (!is_bytes(v)) out = copy = out;
  return true;
}

bool read_int(Thread& t, Value v, int fallback, int& out) {
  int64_t n = fallback;
  if (!v.is_empty() && !to_index(t, v, n)) return false;
  if (n != static_cast<int>(n)) return (void)raise_text(t, ErrorType::OverflowError, "Python int too large to convert to C int"), false;
  out = static_cast<int>(n);
  return true;
}

void set_input(z_stream& stream, std::string_view input) {
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(std::min<size_t>(input.size(), UINT32_MAX));
}

// Runs `step` over all of the input until it stops to fill its output. `limit`: at most so many bytes of output.
// `input` is left with what was not used. The last result of `step` is returned. Where stops() says so, it stops after a `piece` of output.
template <class Step, class Stops>
int pump(z_stream& stream, std::string_view& input, std::string& out, size_t limit, size_t piece, Step step, Stops stops) {
  int result = Z_OK;
  do {
    set_input(stream, input);
    uInt given = stream.avail_in;
    do {
      size_t filled = out.size(), room = std::min({std::max(kChunk, filled), limit - filled, piece});
      out.resize(filled + room);
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
      stream.avail_out = static_cast<uInt>(room);
      result = step(input.size() == given);
      out.resize(filled + room - stream.avail_out);
      bool has_failed = result == Z_STREAM_ERROR || result == Z_NEED_DICT || result == Z_DATA_ERROR || result == Z_MEM_ERROR;
      bool has_more = stream.avail_out == 0 || input.size() > given - stream.avail_in;
      if (has_failed || (has_more && stops())) {
        input.remove_prefix(given - stream.avail_in);
        return result;
      }
    } while (stream.avail_out == 0 && out.size() < limit && result != Z_STREAM_END);
    input.remove_prefix(given - stream.avail_in);
  } while (!input.empty() && result != Z_STREAM_END && out.size() < limit);
  return result;
}

// All of the input outside of the GIL; Raised when Ctrl-C ended it.
template <class Step>
Value pump_all(Thread& t, z_stream& stream, std::string_view input, std::string& out, size_t piece, int& result, Step step) {
  bool is_stopped;
  do {
    is_stopped = false;
    {
      ReleaseGil released(t, BlockReason::Native);
      result = pump(stream, input, out, SIZE_MAX, piece, step, [&] { return is_stopped = t.needs_attention(); });
    }
    TRY(t.poll());
  } while (is_stopped && (result == Z_OK || result == Z_BUF_ERROR));
  return Value::none();
}

// --- Whole buffers ---

Value zlib_compress(Thread& t, Value* args, size_t) {
  std::string copy, out;
  std::string_view input;
  int level, bits;
  if (!read_input(t, args[0], copy, input) || !read_int(t, args[1], Z_DEFAULT_COMPRESSION, level) || !read_int(t, args[2], MAX_WBITS, bits))
    return Value::raised();
  z_stream stream{};
  int result = deflateInit2(&stream, level, Z_DEFLATED, bits, MAX_MEM_LEVEL > 8 ? 8 : MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
  if (result == Z_MEM_ERROR) return raise_text(t, ErrorType::MemoryError, "Out of memory while compressing data");
  if (result == Z_STREAM_ERROR) return raise_zlib_text(t, "Bad compression level");
  if (result != Z_OK) return raise_zlib(t, stream, result, "while compressing data");
  auto step = [&](bool is_last) { return deflate(&stream, is_last ? Z_FINISH : Z_NO_FLUSH); };
  size_t piece = level == Z_NO_COMPRESSION ? SIZE_MAX : kCompressedPiece;   // stored blocks are as long as there is room; copying is quick
  if (pump_all(t, stream, input, out, piece, result, step).is_raised()) {
    deflateEnd(&stream);
    return Value::raised();
  }
  if (result != Z_STREAM_END) {
    Value raised = raise_zlib(t, stream, result, "while compressing data");
    deflateEnd(&stream);
    return raised;
  }
  deflateEnd(&stream);
  return Value::of_object(make_bytes(t, out));
}

Value zlib_decompress(Thread& t, Value* args, size_t) {
  std::string copy, out;
  std::string_view input;
  int bits;
  int64_t size = kDefaultBuffer;
  if (!read_input(t, args[0], copy, input) || !read_int(t, args[1], MAX_WBITS, bits)) return Value::raised();
  if (!args[2].is_empty() && !to_index(t, args[2], size)) return Value::raised();
  if (size < 0) return raise_text(t, ErrorType::ValueError, "bufsize must be non-negative");
  z_stream stream{};
  int result = inflateInit2(&stream, bits);
  if (result == Z_MEM_ERROR) return raise_text(t, ErrorType::MemoryError, "Out of memory while decompressing data");
  if (result != Z_OK) {
    Value raised = raise_zlib(t, stream, result, "while preparing to decompress data");
    inflateEnd(&stream);
    return raised;
  }
  if (pump_all(t, stream, input, out, kPlainPiece, result, [&](bool) { return inflate(&stream, Z_SYNC_FLUSH); }).is_raised()) {
    inflateEnd(&stream);
    return Value::raised();
  }
  Value made = Value::none();
  if (result == Z_MEM_ERROR) made = raise_text(t, ErrorType::MemoryError, "Out of memory while decompressing data");
  else if (result == Z_OK || result == Z_BUF_ERROR) made = raise_zlib(t, stream, Z_BUF_ERROR, "while decompressing data");
  else if (result != Z_STREAM_END) made = raise_zlib(t, stream, result, "while decompressing data");
  inflateEnd(&stream);
  return made.is_raised() ? made : Value::of_object(make_bytes(t, out));
}

// --- Streams ---

struct Stream : Object {
  z_stream* stream;
  std::mutex* mutex;
  bool is_compressor, is_open;
  bool is_at_end;
  Value unused_data, unconsumed_tail, dictionary;   // bytes; the dictionary is None when there is none
};

// A stream takes all of its input at once: nobody could tell how much of it was taken before Ctrl-C.
template <class Step> int pump_stream(Stream* s, std::string_view& input, std::string& out, size_t limit, Step step) {
  return pump(*s->stream, input, out, limit, SIZE_MAX, step, [] { return false; });
}

extern const Layout compress_layout, decompress_layout;

Stream* stream_of(Value v) { return as<Stream>(v); }

Stream* make_stream(Thread& t, const Layout& layout) {
  Value nothing = Value::of_object(make_bytes(t, ""));
  auto s = make_native<Stream>(t, layout);
  note_finalizer(s);
  s->stream = new z_stream{};
  s->mutex = new std::mutex;
  s->is_compressor = &layout == &compress_layout;
  s->is_open = s->is_at_end = false;
  s->unused_data = s->unconsumed_tail = nothing;
  s->dictionary = Value::none();
  return s;
}

void close_stream(Stream* s) {
  if (s->is_open) s->is_compressor ? deflateEnd(s->stream) : inflateEnd(s->stream);
  s->is_open = false;
}

void stream_finalize(Object* self, Heap&) {
  auto s = static_cast<Stream*>(self);
  close_stream(s);
  delete s->stream;
  delete s->mutex;
}

void stream_trace(Object* self, Marker& marker) {
  auto s = static_cast<Stream*>(self);
  marker.mark(s->unused_data);
  marker.mark(s->unconsumed_tail);
  marker.mark(s->dictionary);
}

Value raise_init(Thread& t, int result, const z_stream& stream, const char* kind) {
  if (result == Z_MEM_ERROR) return raise(t, ErrorType::MemoryError, "Can't allocate memory for {} object", kind);
  if (result == Z_STREAM_ERROR) return raise_text(t, ErrorType::ValueError, "Invalid initialization option");
  return raise_zlib(t, stream, result, fmt::format("while creating {} object", kind).c_str());
}

Value zlib_compressobj(Thread& t, Value* args, size_t) {
  int level, method, bits, memory, strategy;
  std::string dictionary;
  std::string_view view;
  if (!read_int(t, args[0], Z_DEFAULT_COMPRESSION, level) || !read_int(t, args[1], Z_DEFLATED, method) ||
      !read_int(t, args[2], MAX_WBITS, bits) || !read_int(t, args[3], 8, memory) || !read_int(t, args[4], Z_DEFAULT_STRATEGY, strategy))
    return Value::raised();
  bool has_dictionary = !args[5].is_empty() && !args[5].is_none();
  if (has_dictionary && !read_input(t, args[5], dictionary, view)) return Value::raised();
  Stream* s = make_stream(t, compress_layout);
  int result = deflateInit2(s->stream, level, method, bits, memory, strategy);
  if (result != Z_OK) return raise_init(t, result, *s->stream, "compression");
  s->is_open = true;
  if (!has_dictionary) return Value::of_object(s);
  result = deflateSetDictionary(s->stream, reinterpret_cast<const Bytef*>(view.data()), static_cast<uInt>(view.size()));
  if (result == Z_OK) return Value::of_object(s);
  if (result == Z_STREAM_ERROR) return raise_text(t, ErrorType::ValueError, "Invalid dictionary");
  return raise_text(t, ErrorType::ValueError, "deflateSetDictionary()");
}

bool set_dictionary(Thread& t, Stream* s) {
  std::string_view view;
  bytes_view(s->dictionary, view);
  int result = inflateSetDictionary(s->stream, reinterpret_cast<const Bytef*>(view.data()), static_cast<uInt>(view.size()));
  if (result != Z_OK) (void)raise_zlib(t, *s->stream, result, "while setting zdict");
  return result == Z_OK;
}

Value zlib_decompressobj(Thread& t, Value* args, size_t) {
  int bits;
  std::string_view view;
  if (!read_int(t, args[0], MAX_WBITS, bits)) return Value::raised();
  bool has_dictionary = !args[1].is_empty();
  if (has_dictionary && !bytes_view(args[1], view)) return raise_text(t, ErrorType::TypeError, "zdict argument must support the buffer protocol");
  Stream* s = make_stream(t, decompress_layout);
  if (has_dictionary) s->dictionary = Value::of_object(make_bytes(t, view));
  int result = inflateInit2(s->stream, bits);
  if (result != Z_OK) return raise_init(t, result, *s->stream, "decompression");
  s->is_open = true;
  if (has_dictionary && bits < 0 && !set_dictionary(t, s)) return Value::raised();   // a raw stream does not ask for it
  return Value::of_object(s);
}

Value compress_compress(Thread& t, Value* args, size_t) {
  Stream* s = stream_of(args[0]);
  std::string copy, out;
  std::string_view input;
  int result;
  if (!read_input(t, args[1], copy, input)) return Value::raised();
  NativeLock lock(t, *s->mutex);
  {
    ReleaseGil released(t, BlockReason::Native);
    result = pump_stream(s, input, out, SIZE_MAX, [&](bool) { return deflate(s->stream, Z_NO_FLUSH); });
  }
  if (result == Z_STREAM_ERROR) return raise_zlib(t, *s->stream, result, "while compressing data");
  return Value::of_object(make_bytes(t, out));
}

Value compress_flush(Thread& t, Value* args, size_t) {
  Stream* s = stream_of(args[0]);
  int mode, result;
  std::string out;
  std::string_view nothing;
  if (!read_int(t, args[1], Z_FINISH, mode)) return Value::raised();
  if (mode == Z_NO_FLUSH) return Value::of_object(make_bytes(t, ""));
  NativeLock lock(t, *s->mutex);
  {
    ReleaseGil released(t, BlockReason::Native);
    result = pump_stream(s, nothing, out, SIZE_MAX, [&](bool) { return deflate(s->stream, mode); });
  }
  if (result == Z_STREAM_ERROR) return raise_zlib(t, *s->stream, result, "while flushing");
  if (result == Z_STREAM_END && mode == Z_FINISH) close_stream(s);
  else if (result != Z_OK && result != Z_BUF_ERROR) return raise_zlib(t, *s->stream, result, "while flushing");
  return Value::of_object(make_bytes(t, out));
}

size_t length_of_tail(const Stream* s) {
  std::string_view tail;
  return bytes_view(s->unconsumed_tail, tail) ? tail.size() : 0;
}

// Keeps what lies behind the end, or what a limited output left over.
void keep_rest(Thread& t, Stream* s, std::string_view input, bool is_at_end) {
  Value rest = Value::of_object(make_bytes(t, input));
  if (is_at_end) {
    std::string_view before;
    bytes_view(s->unused_data, before);
    if (!input.empty()) s->unused_data = Value::of_object(make_bytes(t, std::string(before) + std::string(input)));
    if (length_of_tail(s)) s->unconsumed_tail = rest;    // as CPython: what is left shows in both
  } else {
    s->unconsumed_tail = rest;
  }
}

// Raised, or the result of zlib.
Value inflate_all(Thread& t, Stream* s, std::string_view& input, std::string& out, size_t limit, int flush, int& result) {
  for (;;) {
    {
      ReleaseGil released(t, BlockReason::Native);
      result = pump_stream(s, input, out, limit, [&](bool) { return inflate(s->stream, flush); });
    }
    if (result != Z_NEED_DICT || s->dictionary.is_none()) return Value::none();
    if (!set_dictionary(t, s)) return Value::raised();
  }
}

Value decompress_decompress(Thread& t, Value* args, size_t) {
  Stream* s = stream_of(args[0]);
  std::string copy, out;
  std::string_view input;
  int64_t limit = 0;
  int result;
  if (!read_input(t, args[1], copy, input)) return Value::raised();
  if (!args[2].is_empty() && !to_index(t, args[2], limit)) return Value::raised();
  if (limit < 0) return raise_text(t, ErrorType::ValueError, "max_length must be non-negative");
  NativeLock lock(t, *s->mutex);
  if (s->is_at_end) {
    keep_rest(t, s, input, true);
    return Value::of_object(make_bytes(t, ""));
  }
  TRY(inflate_all(t, s, input, out, limit ? static_cast<size_t>(limit) : SIZE_MAX, Z_SYNC_FLUSH, result));
  if (result == Z_STREAM_END) s->is_at_end = true;
  else if (result != Z_OK && result != Z_BUF_ERROR) {
    keep_rest(t, s, input, false);
    return raise_zlib(t, *s->stream, result, "while decompressing data");
  }
  keep_rest(t, s, input, s->is_at_end);
  return Value::of_object(make_bytes(t, out));
}

Value decompress_flush(Thread& t, Value* args, size_t) {
  Stream* s = stream_of(args[0]);
  int64_t length = kDefaultBuffer;
  std::string out;
  int result;
  if (!args[1].is_empty() && !to_index(t, args[1], length)) return Value::raised();
  if (length <= 0) return raise_text(t, ErrorType::ValueError, "length must be greater than zero");
  NativeLock lock(t, *s->mutex);
  if (s->is_at_end) return Value::of_object(make_bytes(t, ""));
  std::string_view tail;
  bytes_view(s->unconsumed_tail, tail);
  std::string kept(tail);
  std::string_view input = kept;
  TRY(inflate_all(t, s, input, out, SIZE_MAX, Z_FINISH, result));
  s->is_at_end = result == Z_STREAM_END;
  keep_rest(t, s, input, s->is_at_end);
  return Value::of_object(make_bytes(t, out));
}

Value stream_copy(Thread& t, Value* args, size_t) {
  Stream* s = stream_of(args[0]);
  NativeLock lock(t, *s->mutex);
  if (s->is_compressor && !s->is_open) return raise_text(t, ErrorType::ValueError, "Inconsistent stream state");
  Stream* copy = make_stream(t, *type_of(s)->layout);
  int result = s->is_compressor ? deflateCopy(copy->stream, s->stream) : inflateCopy(copy->stream, s->stream);
  if (result == Z_STREAM_ERROR) return raise_text(t, ErrorType::ValueError, "Inconsistent stream state");
  if (result == Z_MEM_ERROR) return raise_text(t, ErrorType::MemoryError, "Can't allocate memory for compression object");
  copy->is_open = true;
  copy->is_at_end = s->is_at_end;
  copy->unused_data = s->unused_data;
  copy->unconsumed_tail = s->unconsumed_tail;
  copy->dictionary = s->dictionary;
  return Value::of_object(copy);
}

Value get_eof(Thread&, Value self) { return Value::of_bool(stream_of(self)->is_at_end); }
Value get_unused_data(Thread&, Value self) { return stream_of(self)->unused_data; }
Value get_unconsumed_tail(Thread&, Value self) { return stream_of(self)->unconsumed_tail; }

const NativeRow kCompressMethods[] = {
    {"__copy__", stream_copy, "(self, /)", "A copy of the compressor."},
    {"__deepcopy__", stream_copy, "(self, memo, /)", "A copy of the compressor."},
    {"compress", compress_compress, "(self, data, /)", "Takes data; gives what of the compressed data is complete."},
    {"copy", stream_copy, "(self, /)", "A copy of the compressor."},
    {"flush", compress_flush, "(self, mode=4, /)", "The rest of the compressed data."},
};

const NativeRow kDecompressMethods[] = {
    {"__copy__", stream_copy, "(self, /)", "A copy of the decompressor."},
    {"__deepcopy__", stream_copy, "(self, memo, /)", "A copy of the decompressor."},
    {"copy", stream_copy, "(self, /)", "A copy of the decompressor."},
    {"decompress", decompress_decompress, "(self, data, /, max_length=0)", "Takes compressed data; gives data."},
    {"flush", decompress_flush, "(self, length=16384, /)", "The rest of the data."},
};

const AttributeRow kDecompressAttributes[] = {
    {"eof", get_eof, nullptr, "Whether the end of the stream was reached."},
    {"unconsumed_tail", get_unconsumed_tail, nullptr, "Input that was not used because of max_length."},
    {"unused_data", get_unused_data, nullptr, "Input behind the end of the stream."},
};

const Layout compress_layout = {
    .name = "Compress", .module = "zlib", .kind = Kind::Native, .size = sizeof(Stream), .flags = kNoInstantiation, .base = nullptr,
    .trace = stream_trace, .finalize = stream_finalize, .ops = {}, .methods = kCompressMethods, .method_count = std::size(kCompressMethods),
    .attributes = nullptr, .attribute_count = 0, .help = "Compresses data piece by piece."};

const Layout decompress_layout = {
    .name = "Decompress", .module = "zlib", .kind = Kind::Native, .size = sizeof(Stream), .flags = kNoInstantiation, .base = nullptr,
    .trace = stream_trace, .finalize = stream_finalize, .ops = {}, .methods = kDecompressMethods, .method_count = std::size(kDecompressMethods),
    .attributes = kDecompressAttributes, .attribute_count = std::size(kDecompressAttributes), .help = "Decompresses data piece by piece."};

// --- Checksums ---

using Checksum = uLong (*)(uLong, const Bytef*, z_size_t);

Value checksum(Thread& t, Value* args, uint32_t start, Checksum function) {
  std::string copy;
  std::string_view view;
  if (!require_bytes(t, args[0], view)) return Value::raised();
  if (!args[1].is_empty()) {
    Value low = TRY(binary_operation(t, BinaryOp::And, TRY(to_integer(t, args[1])), Value::of_int(0xFFFFFFFF)));
    start = static_cast<uint32_t>(low.integer);
  }
  uLong sum;
  if (view.size() < kReleaseFromBytes) {
    sum = function(start, reinterpret_cast<const Bytef*>(view.data()), view.size());
    if (!view.data()) sum = start;
  } else {
    if (!is_bytes(args[0])) view = copy = view;
    sum = start;
    TRY(interruptibly_without_gil(t, [&] { sum = function(start, reinterpret_cast<const Bytef*>(view.data()), view.size()); }));
  }
  return Value::of_int(static_cast<int64_t>(sum & 0xFFFFFFFF));
}

Value zlib_crc32(Thread& t, Value* args, size_t) { return checksum(t, args, 0, crc32_z); }
Value zlib_adler32(Thread& t, Value* args, size_t) { return checksum(t, args, 1, adler32_z); }

const NativeRow kFunctions[] = {
    {"adler32", zlib_adler32, "(data, value=1, /)", "The Adler-32 checksum of data."},
    {"compress", zlib_compress, "(data, /, level=-1, wbits=15)", "The data, compressed."},
    {"compressobj", zlib_compressobj, "(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=None)", "A compressor for data in pieces."},
    {"crc32", zlib_crc32, "(data, value=0, /)", "The CRC-32 checksum of data."},
    {"decompress", zlib_decompress, "(data, /, wbits=15, bufsize=16384)", "The data, decompressed."},
    {"decompressobj", zlib_decompressobj, "(wbits=15, zdict=b'')", "A decompressor for data in pieces."},
};
constexpr size_t kFunctionCount = std::size(kFunctions);

struct Constant {
  const char* name;
  int value;
};
constexpr Constant kConstants[] = {
    {"DEFLATED", Z_DEFLATED}, {"DEF_BUF_SIZE", kDefaultBuffer}, {"DEF_MEM_LEVEL", 8}, {"MAX_WBITS", MAX_WBITS},
    {"Z_BEST_COMPRESSION", Z_BEST_COMPRESSION}, {"Z_BEST_SPEED", Z_BEST_SPEED}, {"Z_BLOCK", Z_BLOCK},
    {"Z_DEFAULT_COMPRESSION", Z_DEFAULT_COMPRESSION}, {"Z_DEFAULT_STRATEGY", Z_DEFAULT_STRATEGY}, {"Z_FILTERED", Z_FILTERED},
    {"Z_FINISH", Z_FINISH}, {"Z_FIXED", Z_FIXED}, {"Z_FULL_FLUSH", Z_FULL_FLUSH}, {"Z_HUFFMAN_ONLY", Z_HUFFMAN_ONLY},
    {"Z_NO_COMPRESSION", Z_NO_COMPRESSION}, {"Z_NO_FLUSH", Z_NO_FLUSH}, {"Z_PARTIAL_FLUSH", Z_PARTIAL_FLUSH}, {"Z_RLE", Z_RLE},
    {"Z_SYNC_FLUSH", Z_SYNC_FLUSH}, {"Z_TREES", Z_TREES},
};

Value zlib_setup(Thread& t, Module* m) {
  for (const Constant& constant : kConstants) module_set(t, m, constant.name, Value::of_int(constant.value));
  module_set(t, m, "ZLIB_VERSION", str_value(make_str(t, ZLIB_VERSION)));
  module_set(t, m, "ZLIB_RUNTIME_VERSION", str_value(make_str(t, zlibVersion())));
  Dict* attributes = make_dict(t);
  dict_set(t, attributes, names(t).module, str_value(intern(t, "zlib")));
  Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, ErrorType::Exception))});
  module_set(t, m, "error", TRY(make_class(t, types(t).type, intern(t, "error"), bases, attributes, nullptr)));
  return Value::none();
}

#else

constexpr const NativeRow* kFunctions = nullptr;
constexpr size_t kFunctionCount = 0;

Value zlib_setup(Thread& t, Module*) {
  return raise_text(t, ErrorType::ImportError, "zlib needs the library zlib, and this mini was built without it (zlib1g-dev)");
}

#endif

}  // namespace

extern const NativeModule zlib_module;
const NativeModule zlib_module = {"zlib", kFunctions, kFunctionCount, zlib_setup, "Compression with zlib."};

}  // namespace mini
