// SPDX-License-Identifier: MIT
// What bytes, bytearray and memoryview share. Methods that bytes and bytearray have in common are written once: they read
// `self` through a view and make a result of self's own type.
#pragma once

#include <string>
#include <string_view>

#include "runtime/objects/bytes.h"
#include "runtime/object.h"

namespace mini {

// A memoryview looks at its source's memory anew at each access, so a bytearray may be resized under it; what lies
// beyond the end then is an error. Only a view in a `with` block is certainly in use (of others nobody knows before a collection whether
// they are), so it alone forbids resizing. Items are `item_size` bytes, `stride` bytes apart.
struct MemoryView : Object {
  Value source;              // bytes or bytearray; Empty once released
  int64_t offset;            // of the first item, in bytes
  int64_t length;            // items
  int64_t stride;            // bytes; negative when reversed
  uint32_t item_size;
  char format;
  bool is_readonly;
  bool is_holding;           // in a `with` block: counted in the source's exports
  int64_t hash;              // -1: not computed
};

inline bool is_bytes(Value v) { return is_kind(v, Kind::Bytes); }
inline bool is_bytearray(Value v) { return is_kind(v, Kind::ByteArray); }
inline std::string_view own_view(Value self) {
  if (is_bytes(self)) return {reinterpret_cast<const char*>(as<Bytes>(self)->data), as<Bytes>(self)->length};
  return {reinterpret_cast<const char*>(as<ByteArray>(self)->data), as<ByteArray>(self)->length};
}
bool is_memoryview(Value v);
// hex(sep, bytes_per_sep) of any bytes.
Value hex_text(Thread& t, std::string_view view, Value separator, Value group);
// All bytes of a view, copied in order, also when they are not contiguous. False after raising.
bool memoryview_bytes(Thread& t, MemoryView* view, std::string& out);
// A bytes or bytearray, like `self`.
Value make_like(Thread& t, Value self, std::string_view data);
Value bytes_of_type(Thread& t, Type* cls, std::string_view data);
// The bytes that a source of bytes() or bytearray() stands for: encoded text, zeros, a buffer, an iterable of ints.
bool gather_bytes(Thread& t, Value source, Value encoding, Value errors, bool for_bytearray, std::string& out);
// A number from 0 to 255. False after raising.
bool read_byte(Thread& t, Value v, uint8_t& out, const char* message = "byte must be in range(0, 256)");
// False after raising BufferError: somebody works with the memory, so it must stay where it is.
bool can_resize(Thread& t, const ByteArray* array);
bool bytearray_resize(Thread& t, ByteArray* array, size_t length);
// A bytearray marks every single quote, as one between double quotes too.
std::string bytes_repr_text(std::string_view data, bool for_bytearray = false);
Value bytes_percent(Thread& t, Value format, Value args);

Value bytes_compare(Thread& t, CompareOp op, Value a, Value b);
Value bytes_truth(Thread& t, Value self);
Value bytes_length(Thread& t, Value self);
Value bytes_contains(Thread& t, Value self, Value item);
Value bytes_get_item(Thread& t, Value self, Value key);
Value bytes_iterate(Thread& t, Value self);
Value bytes_binary(Thread& t, BinaryOp op, Value a, Value b);

#define MINI_BYTES_NATIVE(name) Value bytes_##name(Thread& t, Value* args, size_t argc);
#define MINI_BYTES_METHODS(X) \
  X(capitalize) X(center) X(count) X(decode) X(endswith) X(expandtabs) X(find) X(fromhex) X(hex) X(index) X(isalnum) \
  X(isalpha) X(isascii) X(isdigit) X(islower) X(isspace) X(istitle) X(isupper) X(join) X(ljust) X(lower) X(lstrip) \
  X(maketrans) X(partition) X(removeprefix) X(removesuffix) X(replace) X(rfind) X(rindex) X(rjust) X(rpartition) \
  X(rsplit) X(rstrip) X(split) X(splitlines) X(startswith) X(strip) X(swapcase) X(title) X(translate) X(upper) X(zfill)
MINI_BYTES_METHODS(MINI_BYTES_NATIVE)
#undef MINI_BYTES_NATIVE

// The rows of both types' tables.
#define MINI_BYTES_ROWS \
    {"capitalize", bytes_capitalize, "(self, /)", "First byte in upper case, the rest in lower case."}, \
    {"center", bytes_center, "(self, width, fillchar=b' ', /)", "Padded on both sides to a width."}, \
    {"count", bytes_count, "(self, sub, start=None, end=None, /)", "How often sub occurs, without overlaps."}, \
    {"decode", bytes_decode, "(self, /, encoding='utf-8', errors='strict')", "The text that the bytes encode."}, \
    {"endswith", bytes_endswith, "(self, suffix, start=None, end=None, /)", "Whether the bytes end with a suffix."}, \
    {"expandtabs", bytes_expandtabs, "(self, /, tabsize=8)", "Tabs replaced by spaces."}, \
    {"find", bytes_find, "(self, sub, start=None, end=None, /)", "Lowest position of sub, or -1."}, \
    {"fromhex", bytes_fromhex, "(cls, string, /)", "Bytes from pairs of hexadecimal digits.", Binding::Class}, \
    {"hex", bytes_hex, "(self, /, sep=None, bytes_per_sep=1)", "Hexadecimal digits of the bytes."}, \
    {"index", bytes_index, "(self, sub, start=None, end=None, /)", "Lowest position of sub; ValueError when absent."}, \
    {"isalnum", bytes_isalnum, "(self, /)", "Whether all bytes are ASCII letters or digits."}, \
    {"isalpha", bytes_isalpha, "(self, /)", "Whether all bytes are ASCII letters."}, \
    {"isascii", bytes_isascii, "(self, /)", "Whether all bytes are ASCII."}, \
    {"isdigit", bytes_isdigit, "(self, /)", "Whether all bytes are ASCII digits."}, \
    {"islower", bytes_islower, "(self, /)", "Whether all ASCII letters are lower case."}, \
    {"isspace", bytes_isspace, "(self, /)", "Whether all bytes are white space."}, \
    {"istitle", bytes_istitle, "(self, /)", "Whether words begin with capitals."}, \
    {"isupper", bytes_isupper, "(self, /)", "Whether all ASCII letters are upper case."}, \
    {"join", bytes_join, "(self, iterable_of_bytes, /)", "The bytes of an iterable with these between them."}, \
    {"ljust", bytes_ljust, "(self, width, fillchar=b' ', /)", "Padded on the right to a width."}, \
    {"lower", bytes_lower, "(self, /)", "In lower case."}, \
    {"lstrip", bytes_lstrip, "(self, bytes=None, /)", "Without leading white space (or bytes)."}, \
    {"maketrans", bytes_maketrans, "(frm, to, /)", "A table for translate().", Binding::Static}, \
    {"partition", bytes_partition, "(self, sep, /)", "Bytes before sep, sep, and bytes after it."}, \
    {"removeprefix", bytes_removeprefix, "(self, prefix, /)", "Without the prefix, if it is there."}, \
    {"removesuffix", bytes_removesuffix, "(self, suffix, /)", "Without the suffix, if it is there."}, \
    {"replace", bytes_replace, "(self, old, new, count=-1, /)", "Occurrences of old replaced by new."}, \
    {"rfind", bytes_rfind, "(self, sub, start=None, end=None, /)", "Highest position of sub, or -1."}, \
    {"rindex", bytes_rindex, "(self, sub, start=None, end=None, /)", "Highest position of sub; ValueError when absent."}, \
    {"rjust", bytes_rjust, "(self, width, fillchar=b' ', /)", "Padded on the left to a width."}, \
    {"rpartition", bytes_rpartition, "(self, sep, /)", "As partition(), at the last sep."}, \
    {"rsplit", bytes_rsplit, "(self, /, sep=None, maxsplit=-1)", "As split(), counting cuts from the end."}, \
    {"rstrip", bytes_rstrip, "(self, bytes=None, /)", "Without trailing white space (or bytes)."}, \
    {"split", bytes_split, "(self, /, sep=None, maxsplit=-1)", "The parts between separators."}, \
    {"splitlines", bytes_splitlines, "(self, /, keepends=False)", "The lines."}, \
    {"startswith", bytes_startswith, "(self, prefix, start=None, end=None, /)", "Whether the bytes begin with a prefix."}, \
    {"strip", bytes_strip, "(self, bytes=None, /)", "Without white space (or bytes) at both ends."}, \
    {"swapcase", bytes_swapcase, "(self, /)", "Lower case for upper case and the other way round."}, \
    {"title", bytes_title, "(self, /)", "Words beginning with capitals."}, \
    {"translate", bytes_translate, "(self, table, /, delete=b'')", "Each byte replaced as the table says."}, \
    {"upper", bytes_upper, "(self, /)", "In upper case."}, \
    {"zfill", bytes_zfill, "(self, width, /)", "Padded with zeros behind the sign."}

}  // namespace mini
