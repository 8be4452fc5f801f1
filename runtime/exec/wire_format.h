// SPDX-License-Identifier: MIT
// The bytes of the wire format: its opcodes, and the two ends that write and read plain numbers.
//
//   message     = "MiW" version checksum:u32 body
//   body        = count (definition)*  length payload
//   definition  = kind key length value        a global or a class that the payload leans on
//   payload     = value*
//   value       = opcode operands              numbers are LEB128, signed ones zigzag
//
// A value that lives on the heap gets the next number of its payload or definition when its opcode is written; kRef
// names it again, so shared references and cycles keep their shape. Lengths are checked against the bytes that are left
// before anything is allocated: a message can never ask for much more memory than it is long.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace mini {

inline constexpr char kWireMagic[3] = {'M', 'i', 'W'};
inline constexpr uint8_t kWireVersion = 1;
inline constexpr size_t kWireHeaderSize = 8;

enum class WireOp : uint8_t {
  None, True, False, Ellipsis, NotImplemented,
  Int,            // zigzag
  Float,          // 8 bytes
  // From here on, every value but Ref takes a number.
  Ref,            // number
  BigInt,         // sign, length, magnitude (big-endian)
  Str,            // length, Latin-1
  WideStr,        // length, UTF-32
  Bytes, ByteArray,            // length, bytes
  Tuple, List, Set, FrozenSet, // count, values
  Dict,           // count, pairs
  Range, Slice,   // start, stop, step
  BuiltinType,    // row of types.def
  Name,           // module, dotted path: anything that an import finds
  MainName,       // dotted path in the script's own namespace
  ClassById,      // origin
  Module,         // name
  Attribute,      // object, name
  Method,         // function, self
  Property,       // getter, setter, deleter, doc
  StaticMethod, ClassMethod,   // function
  Cell,           // is bound, value
  Code,           // code_wire.cpp
  Function,       // wire_writer.cpp, write_function
  Class,          // metaclass, name, bases, attributes
  Instance,       // class, WireInstanceFlags, payload, arguments, state
  Reduce,         // callable, arguments, flags, state, items, pairs
  Exception,      // class, arguments, flags, cause, context, attributes
  Unsendable,     // what was wrong with it
  SharedBytes,    // number of the buffer that travels beside the message: between interpreters of one process only
  Count,
};

enum WireInstanceFlags : uint8_t {
  kWireNewArguments = 1,   // __getnewargs__: a tuple
  kWireNewKeywords = 2,    // __getnewargs_ex__: a dict more
  kWireState = 4,          // one value for __setstate__
  kWireAttributes = 8,     // count, (name, value)*
  kWirePayload = 16,       // the built-in part of an instance of a subclass of list, str ...
};

enum class WireDefinitionKind : uint8_t { Global, Class };
enum class WireSpace : uint8_t { Main, Module, Other };

// Appends numbers and bytes to a string.
struct WireOut {
  std::string bytes;

  void op(WireOp o) { bytes.push_back(static_cast<char>(o)); }
  void u8(uint8_t n) { bytes.push_back(static_cast<char>(n)); }
  void number(uint64_t n) {
    while (n >= 0x80) {
      u8(static_cast<uint8_t>(n) | 0x80);
      n >>= 7;
    }
    u8(static_cast<uint8_t>(n));
  }
  void op_integer(WireOp o, int64_t n) {
    char buffer[11] = {static_cast<char>(o)};
    size_t length = 1;
    uint64_t rest = (static_cast<uint64_t>(n) << 1) ^ static_cast<uint64_t>(n >> 63);
    for (; rest >= 0x80; rest >>= 7) buffer[length++] = static_cast<char>(rest | 0x80);
    buffer[length++] = static_cast<char>(rest);
    bytes.append(buffer, length);
  }
  void integer(int64_t n) { number((static_cast<uint64_t>(n) << 1) ^ static_cast<uint64_t>(n >> 63)); }
  void fixed(const void* data, size_t length) { bytes.append(static_cast<const char*>(data), length); }
  void text(std::string_view s) { number(s.size()); bytes.append(s); }
};

// Reads them back. A read past the end sets `is_short` and gives zeros, so a reader may check once for several reads.
struct WireIn {
  const uint8_t* at;
  const uint8_t* end;
  bool is_short = false;

  explicit WireIn(std::string_view s)
      : at(reinterpret_cast<const uint8_t*>(s.data())), end(at + s.size()) {}
  size_t left() const { return static_cast<size_t>(end - at); }
  uint8_t u8() {
    if (at == end) { is_short = true; return 0; }
    return *at++;
  }
  uint64_t number() {
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t b = u8();
      n |= static_cast<uint64_t>(b & 0x7f) << shift;
      if (b < 0x80) return n;
    }
    is_short = true;   // more than ten bytes: no number
    return 0;
  }
  int64_t integer() {
    uint64_t n = number();
    return static_cast<int64_t>(n >> 1) ^ -static_cast<int64_t>(n & 1);
  }
  bool fixed(void* out, size_t length) {
    if (length == 0) return true;   // `out` may be null then
    if (length > left()) { is_short = true; memset(out, 0, length); return false; }
    memcpy(out, at, length);
    at += length;
    return true;
  }
  // `length` bytes in place; empty when there are not so many.
  std::string_view view(uint64_t length) {
    if (length > left()) { is_short = true; return {}; }
    std::string_view s(reinterpret_cast<const char*>(at), length);
    at += length;
    return s;
  }
  std::string_view text() { return view(number()); }
  // A count of things that take at least `least` bytes each; 0 and is_short when the message cannot hold them.
  uint64_t count(size_t least = 1) {
    uint64_t n = number();
    if (n > left() / least) { is_short = true; return 0; }
    return n;
  }
};

// A checksum against accidents, not against malice.
uint32_t wire_checksum(std::string_view bytes);
// Puts magic, version and checksum in front of a body.
std::string wire_seal(std::string_view body);

}  // namespace mini
