// SPDX-License-Identifier: MIT
// How str objects are made and kept: representation, interning, hash, equality, concatenation, UTF-8. What scripts can do
// with them is in str_ops.cpp and str_methods.cpp.
//
// Invariant: a str is wide only when one of its characters needs it, so two strings of different width differ.

#include "runtime/objects/str.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/errors.h"
#include "runtime/objects/hash.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/string_table.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

// A growable buffer that results of concatenation share: each str in it is a prefix. Only the str that ends
// where the used part ends can be extended in place, so no str ever changes.
struct StrBuffer : Object {
  uint64_t used, capacity;      // bytes
  uint8_t* data;                // malloc'd
};

void str_buffer_finalize(Object* self, Heap& heap) {
  StrBuffer* buffer = static_cast<StrBuffer*>(self);
  std::free(buffer->data);
  heap.account(-static_cast<ptrdiff_t>(buffer->capacity));
}

const Layout str_buffer_layout = {
    .name = "str_buffer", .module = "builtins", .kind = Kind::Native, .size = sizeof(StrBuffer),
    .flags = kNoInstantiation, .base = nullptr, .trace = nullptr, .finalize = str_buffer_finalize, .ops = {},
    .methods = nullptr, .method_count = 0, .attributes = nullptr, .attribute_count = 0,
    .help = "Shared room of concatenated strings."};

// Below this many bytes a concatenation copies: a buffer would cost more than it saves.
constexpr size_t kBufferMinimum = 256;

StrBuffer* make_buffer(Thread& t, size_t capacity) {
  Shape* shape = native_type(t, str_buffer_layout)->root_shape;
  uint8_t* data = static_cast<uint8_t*>(std::malloc(capacity));
  if (data == nullptr) return nullptr;
  StrBuffer* buffer = t.heap->make<StrBuffer>(shape);
  buffer->data = data;
  buffer->used = 0;
  buffer->capacity = capacity;
  note_finalizer(buffer);
  t.heap->account(static_cast<ptrdiff_t>(capacity));
  return buffer;
}

size_t char_size(const Str* s) { return s->is_wide() ? sizeof(char32_t) : 1; }

// Copies the characters of `s` to `out`, which holds characters of 1 or 4 bytes.
void copy_chars(void* out, bool out_is_wide, const Str* s) {
  if (out_is_wide == s->is_wide()) {
    std::memcpy(out, s->data, s->length * char_size(s));
    return;
  }
  char32_t* wide = static_cast<char32_t*>(out);
  for (size_t i = 0; i < s->length; ++i) wide[i] = s->narrow()[i];
}

uint32_t flags_for(const uint8_t* chars, size_t length) { return is_ascii_chars(chars, length) ? uint32_t{kStrAscii} : 0; }

Str* make_ascii(Thread& t, const char* chars, size_t length) {
  Str* s = allocate_str(t, length, kStrAscii);
  if (s != nullptr) std::memcpy(narrow_chars(s), chars, length);
  return s;
}

// The string of 0 or 1 ASCII characters that the interpreter keeps; null while it starts.
Str* cached_str(Thread& t, const uint8_t* chars, size_t length) {
  if (length == 0) return t.interpreter->empty_str;
  if (length == 1 && chars[0] < 128) return t.interpreter->ascii_strs[chars[0]];
  return nullptr;
}

Str* decode_utf8_text(Thread& t, std::string_view utf8) {
  const uint8_t* begin = reinterpret_cast<const uint8_t*>(utf8.data());
  const uint8_t* end = begin + utf8.size();
  size_t count = 0;
  char32_t highest = 0;
  for (const uint8_t* p = begin; p < end; ++count) {
    char32_t c = decode_lenient(p, end);
    if (c > highest) highest = c;
  }
  Str* s = allocate_str(t, count, highest > 255 ? uint32_t{kStrWide} : highest < 128 ? uint32_t{kStrAscii} : 0);
  if (s == nullptr) return nullptr;
  const uint8_t* p = begin;
  for (size_t i = 0; i < count; ++i) {
    char32_t c = decode_lenient(p, end);
    if (highest > 255) wide_chars(s)[i] = c;
    else narrow_chars(s)[i] = static_cast<uint8_t>(c);
  }
  return s;
}

}  // namespace

bool is_ascii_chars(const uint8_t* chars, size_t length) {
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    std::memcpy(&word, chars + i, 8);
    if (word & 0x8080808080808080u) return false;
  }
  for (; i < length; ++i) {
    if (chars[i] & 0x80) return false;
  }
  return true;
}

char32_t decode_lenient(const uint8_t*& p, const uint8_t* end) {
  uint8_t first = *p;
  size_t left = static_cast<size_t>(end - p);
  auto tail = [&](size_t i) { return i < left && (p[i] & 0xC0) == 0x80; };
  if (first < 0x80) { ++p; return first; }
  if (first >= 0xC2 && first < 0xE0 && tail(1)) {
    char32_t c = (first & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    p += 2;
    return c;
  }
  if (first >= 0xE0 && first < 0xF0 && tail(1) && tail(2)) {
    char32_t c = (first & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    if (c >= 0x800) { p += 3; return c; }
  }
  if (first >= 0xF0 && first < 0xF5 && tail(1) && tail(2) && tail(3)) {
    char32_t c = (first & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    if (c >= 0x10000 && c <= kMaxCodePoint) { p += 4; return c; }
  }
  ++p;
  return 0xDC00u + first;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

Str* allocate_str(Thread& t, size_t length, uint32_t flags) {
  size_t width = flags & kStrWide ? sizeof(char32_t) : 1;
  if (MINI_UNLIKELY(length > (size_t{1} << 20)) &&
      (length > PTRDIFF_MAX / sizeof(char32_t) || !t.heap->can_allocate(length * width))) {
    (void)raise_memory(t);
    return nullptr;
  }
  Str* s = t.heap->make<Str>(types(t).str->root_shape, length * width);
  s->extra = flags;
  s->hash = 0;
  s->length = length;
  s->data = s + 1;
  s->owner = nullptr;
  return s;
}

Str* make_str(Thread& t, std::string_view utf8) {
  const uint8_t* chars = reinterpret_cast<const uint8_t*>(utf8.data());
  if (!is_ascii_chars(chars, utf8.size())) return decode_utf8_text(t, utf8);
  if (utf8.size() <= 1) {
    if (Str* s = cached_str(t, chars, utf8.size())) return s;
  }
  return make_ascii(t, utf8.data(), utf8.size());
}

Str* make_str_latin1(Thread& t, const uint8_t* chars, size_t length) {
  if (length <= 1) {
    if (Str* s = cached_str(t, chars, length)) return s;
  }
  Str* s = allocate_str(t, length, flags_for(chars, length));
  if (s != nullptr) std::memcpy(narrow_chars(s), chars, length);
  return s;
}

Str* make_str_wide(Thread& t, const char32_t* chars, size_t length) {
  char32_t all = 0;
  for (size_t i = 0; i < length; ++i) all |= chars[i];
  if (all > 255) {
    Str* s = allocate_str(t, length, kStrWide);
    if (s != nullptr) std::memcpy(wide_chars(s), chars, length * sizeof(char32_t));
    return s;
  }
  if (length == 0) return make_str_latin1(t, nullptr, 0);
  if (length == 1) return make_str_char(t, chars[0]);
  Str* s = allocate_str(t, length, all < 128 ? uint32_t{kStrAscii} : 0);
  if (s == nullptr) return nullptr;
  uint8_t* out = narrow_chars(s);
  for (size_t i = 0; i < length; ++i) out[i] = static_cast<uint8_t>(chars[i]);
  return s;
}

Str* make_str_char(Thread& t, char32_t c) {
  if (c < 256) {
    uint8_t narrow = static_cast<uint8_t>(c);
    return make_str_latin1(t, &narrow, 1);
  }
  Str* s = allocate_str(t, 1, kStrWide);
  wide_chars(s)[0] = c;
  return s;
}

Str** Interpreter::StringTable::find(uint64_t hash, const Str* s) {
  for (size_t i = hash & (places.size() - 1);; i = (i + 1) & (places.size() - 1)) {
    Str* other = places[i];
    if (other == nullptr || (hash_str(other) == hash && equals(other, s))) return &places[i];
  }
}

Str** Interpreter::StringTable::find_ascii(uint64_t hash, std::string_view ascii) {
  for (size_t i = hash & (places.size() - 1);; i = (i + 1) & (places.size() - 1)) {
    Str* other = places[i];
    if (other == nullptr) return &places[i];
    if (hash_str(other) == hash && !other->is_wide() && std::string_view(static_cast<const char*>(other->data), other->length) == ascii) return &places[i];
  }
}

void Interpreter::StringTable::insert(Str** place, Str* s) {
  *place = s;
  s->extra |= kStrInterned;
  young.push_back(s);
  if (++count * 3 > places.size() * 2) grow();
}

void Interpreter::StringTable::grow() {
  std::vector<Str*> old(places.size() * 2);
  old.swap(places);
  for (Str* s : old) {
    if (s != nullptr) *find(hash_str(s), s) = s;
  }
}

namespace {

Interpreter::StringTable& string_table(Thread& t) {
  Interpreter& interpreter = *t.interpreter;
  if (!interpreter.interned) interpreter.interned = std::make_unique<Interpreter::StringTable>();
  return *interpreter.interned;
}

}  // namespace

Str* intern(Thread& t, std::string_view utf8) {
  const uint8_t* chars = reinterpret_cast<const uint8_t*>(utf8.data());
  if (!is_ascii_chars(chars, utf8.size())) return intern(t, make_str(t, utf8));
  Interpreter::StringTable& table = string_table(t);
  uint64_t hash = static_cast<uint64_t>(hash_bytes(utf8.data(), utf8.size()));
  Str** place = table.find_ascii(hash, utf8);
  if (*place != nullptr) return *place;
  Str* s = make_str(t, utf8);
  s->hash = hash;
  table.insert(place, s);
  return s;
}

Str* intern(Thread& t, Str* s) {
  if (s->is_interned()) return s;
  Interpreter::StringTable& table = string_table(t);
  Str** place = table.find(hash_str(s), s);
  if (*place != nullptr) return *place;
  // A subclass instance or a view of a big shared buffer must not stay alive for its text's sake.
  if (s->exact != Kind::Str || s->owner != nullptr) {
    uint64_t hash = s->hash;
    s = s->is_wide() ? make_str_wide(t, s->wide(), s->length) : make_str_latin1(t, s->narrow(), s->length);
    s->hash = hash;
  }
  table.insert(place, s);
  return s;
}

namespace {

// a + b right behind a in its buffer, when a ends where the buffer's used part ends and there is room.
bool extend_in_place(StrBuffer* buffer, const Str* a, const Str* b) {
  size_t width = char_size(a);
  const uint8_t* a_end = static_cast<const uint8_t*>(a->data) + a->length * width;
  size_t added = b->length * width;
  if (a_end != buffer->data + buffer->used || buffer->capacity - buffer->used < added) return false;
  copy_chars(buffer->data + buffer->used, a->is_wide(), b);
  buffer->used += added;
  return true;
}

bool has_buffer(Thread& t, const Str* s) {
  return s->owner != nullptr && s->owner->shape == native_type(t, str_buffer_layout)->root_shape;
}

Str* concatenate_in_buffer(Thread& t, Str* a, Str* b, uint32_t flags) {
  bool is_wide = flags & kStrWide;
  size_t length = a->length + b->length;
  bool is_growing = has_buffer(t, a);
  StrBuffer* buffer = is_growing ? static_cast<StrBuffer*>(a->owner) : nullptr;
  if (!is_growing || a->is_wide() != is_wide || !extend_in_place(buffer, a, b)) {
    size_t bytes = length * (is_wide ? sizeof(char32_t) : 1);
    // A first concatenation may be the only one; a second one promises more.
    size_t capacity = bytes + (is_growing ? bytes : bytes / 4);
    buffer = t.heap->can_allocate(capacity) ? make_buffer(t, capacity) : nullptr;
    if (buffer == nullptr) {
      (void)raise_memory(t);
      return nullptr;
    }
    copy_chars(buffer->data, is_wide, a);
    copy_chars(buffer->data + a->length * (is_wide ? sizeof(char32_t) : 1), is_wide, b);
    buffer->used = bytes;
  }
  Str* s = t.heap->make<Str>(types(t).str->root_shape);
  s->extra = flags;
  s->hash = 0;
  s->length = length;
  s->data = buffer->data;
  s->owner = buffer;
  return s;
}

Str* exact_str(Thread& t, Str* s) {
  return s->exact == Kind::Str ? s : as<Str>(str_of_type(t, types(t).str, s));
}

}  // namespace

Str* concatenate(Thread& t, Str* a, Str* b) {
  if (b->length == 0) return exact_str(t, a);
  if (a->length == 0) return exact_str(t, b);
  uint32_t flags = ((a->extra | b->extra) & kStrWide) | (a->extra & b->extra & kStrAscii);
  size_t length = a->length + b->length;
  size_t bytes = length * (flags & kStrWide ? sizeof(char32_t) : 1);
  if (bytes >= kBufferMinimum && a->length >= b->length) return concatenate_in_buffer(t, a, b, flags);
  Str* s = allocate_str(t, length, flags);
  if (s == nullptr) return nullptr;
  if (flags & kStrWide) {
    copy_chars(wide_chars(s), true, a);
    copy_chars(wide_chars(s) + a->length, true, b);
  } else {
    std::memcpy(narrow_chars(s), a->data, a->length);
    std::memcpy(narrow_chars(s) + a->length, b->data, b->length);
  }
  return s;
}

Str* concatenate_all(Thread& t, const Value* parts, size_t count) {
  size_t length = 0;
  uint32_t all = kStrAscii, any = 0;
  for (size_t i = 0; i < count; ++i) {
    const Str* part = as<Str>(parts[i]);
    length += part->length;
    all &= part->extra;
    any |= part->extra;
  }
  if (length == 0) return t.interpreter->empty_str;
  bool is_wide = any & kStrWide;
  Str* s = allocate_str(t, length, is_wide ? kStrWide : all);
  if (s == nullptr) return nullptr;
  size_t position = 0;
  for (size_t i = 0; i < count; ++i) {
    const Str* part = as<Str>(parts[i]);
    if (is_wide) copy_chars(wide_chars(s) + position, true, part);
    else std::memcpy(narrow_chars(s) + position, part->data, part->length);
    position += part->length;
  }
  return s;
}

Str* substring(Thread& t, Str* s, size_t begin, size_t end) {
  if (end <= begin) return t.interpreter->empty_str;
  if (begin == 0 && end == s->length) return exact_str(t, s);
  if (s->is_wide()) return make_str_wide(t, s->wide() + begin, end - begin);
  if (!s->is_ascii() || end - begin == 1) return make_str_latin1(t, s->narrow() + begin, end - begin);
  return make_ascii(t, reinterpret_cast<const char*>(s->narrow()) + begin, end - begin);
}

Value str_of_type(Thread& t, Type* cls, Str* s) {
  if (cls == types(t).str) {
    if (s->exact == Kind::Str) return str_value(s);
    Str* copy = t.heap->make<Str>(cls->root_shape);
    copy->extra = s->extra & (kStrWide | kStrAscii);
    copy->hash = s->hash;
    copy->length = s->length;
    copy->data = s->data;
    copy->owner = s->owner != nullptr ? s->owner : s;
    return str_value(copy);
  }
  size_t bytes = s->length * char_size(s);
  void* chars = nullptr;
  Str* made = static_cast<Str*>(allocate_object(t, cls, bytes, &chars));
  made->extra = s->extra & (kStrWide | kStrAscii);
  made->hash = s->hash;
  made->length = s->length;
  made->data = chars;
  made->owner = nullptr;
  std::memcpy(chars, s->data, bytes);
  return str_value(made);
}

std::string to_utf8(const Str* s) {
  if (s->is_ascii()) return std::string(reinterpret_cast<const char*>(s->narrow()), s->length);
  std::string out;
  out.reserve(s->length + s->length / 2);
  for (size_t i = 0; i < s->length; ++i) append_utf8(out, s->at(i));
  return out;
}

std::string_view utf8_view(const Str* s, std::string& scratch) {
  if (s->is_ascii()) return {reinterpret_cast<const char*>(s->narrow()), s->length};
  scratch = to_utf8(s);
  return scratch;
}

namespace {

// Most texts that are compared are short: a call of memcmp takes longer than their bytes.
inline bool same_bytes(const void* a, const void* b, size_t count) {
  auto x = static_cast<const char*>(a), y = static_cast<const char*>(b);
  auto same = [&](auto word, size_t at) {   // as many bytes as `word` has
    decltype(word) other;
    std::memcpy(&word, x + at, sizeof word);
    std::memcpy(&other, y + at, sizeof other);
    return word == other;
  };
  if (count > 16) return std::memcmp(a, b, count) == 0;
  if (count >= 8) return same(uint64_t{}, 0) && same(uint64_t{}, count - 8);
  if (count >= 4) return same(uint32_t{}, 0) && same(uint32_t{}, count - 4);
  return count == 0 || (x[0] == y[0] && x[count / 2] == y[count / 2] && x[count - 1] == y[count - 1]);
}

}  // namespace

bool equals(const Str* a, const Str* b) {
  if (a == b) return true;
  if (a->length != b->length || a->is_wide() != b->is_wide()) return false;
  if (a->hash != 0 && b->hash != 0 && a->hash != b->hash) return false;
  return same_bytes(a->data, b->data, a->length * char_size(a));
}

bool equals(const Str* a, std::string_view utf8) {
  if (a->is_ascii()) return a->length == utf8.size() && std::memcmp(a->data, utf8.data(), utf8.size()) == 0;
  if (a->length > utf8.size()) return false;
  return to_utf8(a) == utf8;
}

int compare_str(const Str* a, const Str* b) {
  size_t shorter = a->length < b->length ? a->length : b->length;
  if (!a->is_wide() && !b->is_wide()) {
    int order = std::memcmp(a->data, b->data, shorter);
    if (order != 0) return order;
  } else {
    for (size_t i = 0; i < shorter; ++i) {
      char32_t x = a->at(i), y = b->at(i);
      if (x != y) return x < y ? -1 : 1;
    }
  }
  return a->length < b->length ? -1 : a->length > b->length;
}

namespace {

// CPython hashes the bytes of its own representation, which has two bytes for each character when that is enough.
uint64_t hash_wide(const Str* s) {
  char32_t all = 0;
  for (size_t i = 0; i < s->length; ++i) all = s->wide()[i] > all ? s->wide()[i] : all;
  if (all > 0xFFFF) return static_cast<uint64_t>(hash_bytes(s->data, s->length * sizeof(char32_t)));
  std::u16string two_bytes(s->length, u'\0');
  for (size_t i = 0; i < s->length; ++i) two_bytes[i] = static_cast<char16_t>(s->wide()[i]);
  return static_cast<uint64_t>(hash_bytes(two_bytes.data(), two_bytes.size() * sizeof(char16_t)));
}

}  // namespace

uint64_t hash_str(const Str* s) {
  if (s->hash != 0) return s->hash;
  uint64_t hash = s->is_wide() ? hash_wide(s) : static_cast<uint64_t>(hash_bytes(s->data, s->length));
  const_cast<Str*>(s)->hash = hash;
  return hash;
}

void StrBuilder::widen() {
  is_wide_ = true;
  wide_.reserve(narrow_.size() * 2 + 16);
  for (char c : narrow_) wide_.push_back(static_cast<uint8_t>(c));
  narrow_.clear();
}

void StrBuilder::add(const Str* s, size_t begin, size_t end) {
  if (s->is_wide()) {
    if (!is_wide_) widen();
    wide_.append(s->wide() + begin, end - begin);
  } else {
    add_latin1({reinterpret_cast<const char*>(s->narrow()) + begin, end - begin});
  }
}

void StrBuilder::add_latin1(std::string_view chars) {
  if (!is_wide_) {
    narrow_.append(chars.data(), chars.data() + chars.size());
    return;
  }
  for (char c : chars) wide_.push_back(static_cast<uint8_t>(c));
}

void StrBuilder::add_utf8(std::string_view text) {
  const uint8_t* p = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* end = p + text.size();
  while (p < end) add(decode_lenient(p, end));
}

void StrBuilder::fill(char32_t c, size_t count) {
  if (c > 255 && !is_wide_) widen();
  if (is_wide_) wide_.append(count, c);
  else if (count) {
    size_t before = narrow_.size();
    narrow_.resize(before + count);
    std::memset(narrow_.data() + before, static_cast<int>(c), count);
  }
}

Str* StrBuilder::finish(Thread& t) {
  if (is_wide_) return make_str_wide(t, wide_.data(), wide_.size());
  return make_str_latin1(t, reinterpret_cast<const uint8_t*>(narrow_.data()), narrow_.size());
}

}  // namespace mini
