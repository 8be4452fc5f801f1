// SPDX-License-Identifier: MIT
// _blake2: BLAKE2b and BLAKE2s with keys, salts, any digest size and tree parameters (RFC 7693). OpenSSL 3.0 has only the plain
// forms, so the compression function is here, once for both widths of word.
#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/native_lock.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

struct Big {
  using Word = uint64_t;
  static constexpr const char* name = "blake2b";
  static constexpr int rounds = 12, rotations[4] = {32, 24, 16, 63};
  static constexpr Word start[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
  static constexpr uint64_t max_node_offset = UINT64_MAX;
};

struct Small {
  using Word = uint32_t;
  static constexpr const char* name = "blake2s";
  static constexpr int rounds = 10, rotations[4] = {16, 12, 8, 7};
  static constexpr Word start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  static constexpr uint64_t max_node_offset = (uint64_t{1} << 48) - 1;
};

// Which word of the message goes where in each round; rounds 10 and 11 are rounds 0 and 1 again.
constexpr uint8_t kOrder[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

template <class V> struct State {
  using Word = typename V::Word;
  static constexpr size_t block_size = 16 * sizeof(Word), max_digest = 8 * sizeof(Word), salt_size = 2 * sizeof(Word);

  Word hash[8];
  uint64_t counter[2] = {0, 0};    // bytes compressed
  uint8_t block[block_size];
  size_t filled = 0;
  uint8_t digest_size = max_digest;
  bool is_last_node = false;

  void compress(bool is_last);
  void update(std::string_view data);
  std::string digest() const;
};

template <class V> void State<V>::compress(bool is_last) {
  auto turn = [](Word x, int by) { return static_cast<Word>(x >> by | x << (8 * sizeof(Word) - static_cast<size_t>(by))); };
  Word m[16], v[16];
  memcpy(m, block, sizeof m);
  std::copy_n(hash, 8, v);
  std::copy_n(V::start, 8, v + 8);
  if constexpr (sizeof(Word) == 8) {
    v[12] ^= counter[0];
    v[13] ^= counter[1];
  } else {
    v[12] ^= static_cast<Word>(counter[0]);
    v[13] ^= static_cast<Word>(counter[0] >> 32);
  }
  if (is_last) v[14] = ~v[14];
  if (is_last && is_last_node) v[15] = ~v[15];
  auto mix = [&](int a, int b, int c, int d, Word x, Word y) {
    v[a] += v[b] + x;
    v[d] = turn(v[d] ^ v[a], V::rotations[0]);
    v[c] += v[d];
    v[b] = turn(v[b] ^ v[c], V::rotations[1]);
    v[a] += v[b] + y;
    v[d] = turn(v[d] ^ v[a], V::rotations[2]);
    v[c] += v[d];
    v[b] = turn(v[b] ^ v[c], V::rotations[3]);
  };
  for (int round = 0; round < V::rounds; ++round) {
    const uint8_t* order = kOrder[round % 10];
    for (int i = 0; i < 4; ++i) mix(i, 4 + i, 8 + i, 12 + i, m[order[2 * i]], m[order[2 * i + 1]]);
    for (int i = 0; i < 4; ++i) mix(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[order[8 + 2 * i]], m[order[9 + 2 * i]]);
  }
  for (int i = 0; i < 8; ++i) hash[i] ^= v[i] ^ v[i + 8];
}

// The last block stays in the buffer until it is known to be the last.
template <class V> void State<V>::update(std::string_view data) {
  while (!data.empty()) {
    if (filled == block_size) {
      counter[0] += block_size;
      counter[1] += counter[0] < block_size;
      compress(false);
      filled = 0;
    }
    size_t taken = std::min(data.size(), block_size - filled);
    memcpy(block + filled, data.data(), taken);
    filled += taken;
    data.remove_prefix(taken);
  }
}

template <class V> std::string State<V>::digest() const {
  State last = *this;
  last.counter[0] += filled;
  last.counter[1] += last.counter[0] < filled;
  memset(last.block + filled, 0, block_size - filled);
  last.compress(true);
  return {reinterpret_cast<const char*>(last.hash), digest_size};
}

template <class V> struct Blake : Object {
  State<V>* state;
  std::mutex* mutex;
};

template <class V> Blake<V>* blake_of(Value v) { return as<Blake<V>>(v); }

template <class V> Value update(Thread& t, Blake<V>* b, Value data) {
  std::string_view view;
  if (is_kind(data, Kind::Str)) return raise_text(t, ErrorType::TypeError, "Strings must be encoded before hashing");
  if (!bytes_view(data, view) && !is_memoryview(data)) return raise_text(t, ErrorType::TypeError, "object supporting the buffer API required");
  if (!require_bytes(t, data, view)) return Value::raised();
  NativeLock lock(t, *b->mutex);
  if (view.size() < kReleaseFromBytes) {
    b->state->update(view);
    return Value::none();
  }
  std::string copy;
  if (!is_bytes(data)) view = copy = view;   // another thread may change it
  ReleaseGil released(t, BlockReason::Native);
  b->state->update(view);
  return Value::none();
}

template <class V> Blake<V>* make_blake(Thread& t, Type* type) {
  auto b = static_cast<Blake<V>*>(allocate_object(t, type));
  note_finalizer(b);
  b->state = new State<V>;
  b->mutex = new std::mutex;
  return b;
}

template <class V> void blake_finalize(Object* self, Heap&) {
  delete static_cast<Blake<V>*>(self)->state;
  delete static_cast<Blake<V>*>(self)->mutex;
}

// --- Parameters ---

bool read_small(Thread& t, Value v, int64_t fallback, int64_t low, int64_t high, const char* message, int64_t& out) {
  out = fallback;
  if (!v.is_empty() && !to_index(t, v, out)) return false;
  if (out >= low && out <= high) return true;
  (void)raise_text(t, ErrorType::ValueError, message);
  return false;
}

bool read_bytes(Thread& t, Value v, const char* what, size_t limit, std::string& out) {
  std::string_view view;
  if (v.is_empty()) return true;
  if (!require_bytes(t, v, view)) return false;
  out = view;
  if (out.size() <= limit) return true;
  (void)raise(t, ErrorType::ValueError, "maximum {} length is {} bytes", what, limit);
  return false;
}

bool read_large(Thread& t, Value v, uint64_t limit, const char* name, uint64_t& out) {
  out = 0;
  if (v.is_empty()) return true;
  Value number = to_integer(t, v);
  if (number.is_raised()) return false;
  int64_t n;
  if (fits_int64(number, n)) {
    if (n < 0) return (void)raise_text(t, ErrorType::ValueError, "value must be positive"), false;
    out = static_cast<uint64_t>(n);
  } else {
    if (is_negative_int(number)) return (void)raise_text(t, ErrorType::ValueError, "value must be positive"), false;
    if (!fits_uint64(number, out)) return (void)raise_text(t, ErrorType::OverflowError, "int too big to convert"), false;
  }
  if (out <= limit) return true;
  (void)raise(t, ErrorType::OverflowError, "{} is too large", name);
  return false;
}

// new(cls, data, digest_size, key, salt, person, fanout, depth, leaf_size, node_offset, node_depth, inner_size, last_node, usedforsecurity)
template <class V> Value blake_new(Thread& t, Value* args, size_t) {
  using S = State<V>;
  constexpr auto limit = static_cast<int64_t>(S::max_digest);
  constexpr bool is_big = sizeof(typename V::Word) == 8;
  int64_t digest_size, fanout, depth, node_depth, inner_size;
  uint64_t leaf_size, node_offset;
  std::string key, salt, person;
  if (!read_small(t, args[2], limit, 1, limit, is_big ? "digest_size must be between 1 and 64 bytes" : "digest_size must be between 1 and 32 bytes", digest_size) ||
      !read_bytes(t, args[4], "salt", S::salt_size, salt) || !read_bytes(t, args[5], "person", S::salt_size, person) ||
      !read_small(t, args[6], 1, 0, 255, "fanout must be between 0 and 255", fanout) ||
      !read_small(t, args[7], 1, 1, 255, "depth must be between 1 and 255", depth) ||
      !read_large(t, args[8], UINT32_MAX, "leaf_size", leaf_size) || !read_large(t, args[9], V::max_node_offset, "node_offset", node_offset) ||
      !read_small(t, args[10], 0, 0, 255, "node_depth must be between 0 and 255", node_depth) ||
      !read_small(t, args[11], 0, 0, limit, is_big ? "inner_size must be between 0 and is 64" : "inner_size must be between 0 and is 32", inner_size) ||
      !read_bytes(t, args[3], "key", S::max_digest, key))
    return Value::raised();
  bool is_last_node = !args[12].is_empty() && TRY(truth(t, args[12])).is_true();

  // The parameter block, little-endian; node_depth and inner_size follow an offset of 8 or 6 bytes.
  uint8_t parameters[S::max_digest] = {};
  parameters[0] = static_cast<uint8_t>(digest_size);
  parameters[1] = static_cast<uint8_t>(key.size());
  parameters[2] = static_cast<uint8_t>(fanout);
  parameters[3] = static_cast<uint8_t>(depth);
  memcpy(parameters + 4, &leaf_size, 4);
  memcpy(parameters + 8, &node_offset, is_big ? 8 : 6);
  parameters[is_big ? 16 : 14] = static_cast<uint8_t>(node_depth);
  parameters[is_big ? 17 : 15] = static_cast<uint8_t>(inner_size);
  salt.copy(reinterpret_cast<char*>(parameters) + S::max_digest / 2, salt.size());
  person.copy(reinterpret_cast<char*>(parameters) + S::max_digest / 2 + S::salt_size, person.size());

  Blake<V>* b = make_blake<V>(t, as<Type>(args[0]));
  S& state = *b->state;
  typename V::Word words[8];
  memcpy(words, parameters, sizeof words);
  for (int i = 0; i < 8; ++i) state.hash[i] = V::start[i] ^ words[i];
  state.digest_size = static_cast<uint8_t>(digest_size);
  state.is_last_node = is_last_node;
  if (!key.empty()) {
    key.resize(S::block_size, '\0');
    state.update(key);
  }
  if (!args[1].is_empty()) TRY(update(t, b, args[1]));
  return Value::of_object(b);
}

// --- Methods ---

template <class V> Value blake_update(Thread& t, Value* args, size_t) { return update(t, blake_of<V>(args[0]), args[1]); }

template <class V> Value blake_copy(Thread& t, Value* args, size_t) {
  Blake<V>* copy = make_blake<V>(t, type_of(args[0].object));
  NativeLock lock(t, *blake_of<V>(args[0])->mutex);
  *copy->state = *blake_of<V>(args[0])->state;
  return Value::of_object(copy);
}

template <class V> std::string digest_of(Thread& t, Value v) {
  NativeLock lock(t, *blake_of<V>(v)->mutex);
  return blake_of<V>(v)->state->digest();
}

template <class V> Value blake_digest(Thread& t, Value* args, size_t) { return Value::of_object(make_bytes(t, digest_of<V>(t, args[0]))); }
template <class V> Value blake_hexdigest(Thread& t, Value* args, size_t) { return hex_text(t, digest_of<V>(t, args[0]), Value::empty(), Value::empty()); }
template <class V> Value get_name(Thread& t, Value) { return str_value(make_str(t, V::name)); }
template <class V> Value get_block_size(Thread&, Value) { return Value::of_int(State<V>::block_size); }
template <class V> Value get_digest_size(Thread&, Value self) { return Value::of_int(blake_of<V>(self)->state->digest_size); }

template <class V> const NativeRow kMethods[] = {
    {"__new__", blake_new<V>,
     "(cls, data=b'', /, *, digest_size=None, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, "
     "inner_size=0, last_node=False, usedforsecurity=True)",
     "A new hash object.", Binding::Static},
    {"copy", blake_copy<V>, "(self, /)", "A copy of the hash object."},
    {"digest", blake_digest<V>, "(self, /)", "The digest of the data so far as bytes."},
    {"hexdigest", blake_hexdigest<V>, "(self, /)", "The digest of the data so far as hexadecimal digits."},
    {"update", blake_update<V>, "(self, data, /)", "Adds data."},
};

template <class V> const AttributeRow kAttributes[] = {
    {"block_size", get_block_size<V>, nullptr, "The size of the blocks that the algorithm works on."},
    {"digest_size", get_digest_size<V>, nullptr, "The size of the digest in bytes."},
    {"name", get_name<V>, nullptr, "The algorithm."},
};

template <class V> const Layout blake_layout = {
    .name = sizeof(typename V::Word) == 8 ? "blake2b" : "blake2s", .module = "_blake2", .kind = Kind::Native,
    .size = sizeof(Blake<V>), .flags = kSubclassable, .base = nullptr, .trace = nullptr, .finalize = blake_finalize<V>, .ops = {},
    .methods = kMethods<V>, .method_count = std::size(kMethods<V>), .attributes = kAttributes<V>,
    .attribute_count = std::size(kAttributes<V>), .help = "A BLAKE2 hash object."};

template <class V> void add_type(Thread& t, Module* m) {
  Type* type = module_add_type(t, m, blake_layout<V>);
  auto set = [&](const char* name, size_t n) { dict_set(t, type->attributes, intern(t, name), Value::of_int(static_cast<int64_t>(n))); };
  set("SALT_SIZE", State<V>::salt_size);
  set("PERSON_SIZE", State<V>::salt_size);
  set("MAX_KEY_SIZE", State<V>::max_digest);
  set("MAX_DIGEST_SIZE", State<V>::max_digest);
}

Value blake2_setup(Thread& t, Module* m) {
  add_type<Big>(t, m);
  add_type<Small>(t, m);
  return Value::none();
}

}  // namespace

extern const NativeModule blake2_module;
const NativeModule blake2_module = {"_blake2", nullptr, 0, blake2_setup, "BLAKE2 hashes."};

}  // namespace mini
