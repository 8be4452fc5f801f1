// SPDX-License-Identifier: MIT
// _random: the Mersenne Twister (MT19937) behind the random module. Same seed, same numbers as CPython: seeding, the 53-bit
// floats and the order of 32-bit words in large integers all follow it.
//
// SHA-512 is here because a str seed goes through it.
#include <cstring>
#include <vector>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int_limbs.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/rand.h"
#include "runtime/shape.h"

namespace mini {

namespace {

constexpr int kWords = 624;

struct Random : Object {
  uint32_t state[kWords];
  uint32_t position;      // next word; kWords: make new ones
};

void seed_word(Random* r, uint32_t s) {
  r->state[0] = s;
  for (uint32_t i = 1; i < kWords; ++i) r->state[i] = 1812433253u * (r->state[i - 1] ^ (r->state[i - 1] >> 30)) + i;
  r->position = kWords;
}

void seed_words(Random* r, const uint32_t* key, size_t length) {
  uint32_t* state = r->state;
  seed_word(r, 19650218u);
  uint32_t i = 1;
  auto wrap = [&] {
    if (++i < kWords) return;
    state[0] = state[kWords - 1];
    i = 1;
  };
  size_t j = 0;
  for (size_t k = std::max<size_t>(kWords, length); k; --k) {
    state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1664525u)) + key[j] + static_cast<uint32_t>(j);
    wrap();
    if (++j >= length) j = 0;
  }
  for (size_t k = kWords - 1; k; --k) {
    state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1566083941u)) - i;
    wrap();
  }
  state[0] = 0x80000000u;
}

void refill(Random* r) {
  uint32_t* state = r->state;
  for (int i = 0; i < kWords; ++i) {
    uint32_t y = (state[i] & 0x80000000u) | (state[(i + 1) % kWords] & 0x7fffffffu);
    state[i] = state[(i + 397) % kWords] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
  }
  r->position = 0;
}

uint32_t next_word(Random* r) {
  if (r->position >= kWords) refill(r);
  uint32_t y = r->state[r->position++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

// --- Words and int objects ---

// The value of words, least significant first.
Value int_of_words(Thread& t, const std::vector<uint32_t>& words) {
  std::vector<Limb> limbs((words.size() + 1) / 2);
  for (size_t i = 0; i < words.size(); ++i) limbs[i / 2] |= static_cast<Limb>(words[i]) << i % 2 * 32;
  return make_int(t, limbs.data(), limbs.size(), false);
}

// The words of |v|, least significant first; at least one.
std::vector<uint32_t> words_of(Value v) {
  IntOperand n(v);
  std::vector<uint32_t> words;
  for (size_t i = 0; i < n->length; ++i) {
    words.push_back(static_cast<uint32_t>(n->limbs[i]));
    words.push_back(static_cast<uint32_t>(n->limbs[i] >> 32));
  }
  while (words.size() > 1 && words.back() == 0) words.pop_back();
  if (words.empty()) words.push_back(0);
  return words;
}

// --- Methods ---

Random* self_of(Value v) { return as<Random>(v); }

void seed_by_chance(Thread& t, Random* r) {
  uint32_t key[kWords];
  t.interpreter->random->fill(key, sizeof key);
  seed_words(r, key, kWords);
}

Value random_new(Thread& t, Value* args, size_t) {
  auto r = static_cast<Random*>(allocate_object(t, as<Type>(args[0])));
  r->position = kWords;
  seed_by_chance(t, r);
  return Value::of_object(r);
}

Value random_seed(Thread& t, Value* args, size_t) {
  Value seed = args[1];
  if (seed.is_empty() || seed.is_none()) {
    seed_by_chance(t, self_of(args[0]));
    return Value::none();
  }
  if (!is_integer(seed)) {
    int64_t hash;
    if (!hash_value(t, seed, hash)) return Value::raised();
    seed = make_int_u64(t, static_cast<uint64_t>(hash));
  }
  std::vector<uint32_t> words = words_of(seed);
  seed_words(self_of(args[0]), words.data(), words.size());
  return Value::none();
}

// args: self, then what Random() got: a seed, if any.
Value random_init(Thread& t, Value* args, size_t argc) {
  Value values[2] = {args[0], argc > 2 ? args[2] : Value::empty()};
  return random_seed(t, values, 2);
}

Value random_random(Thread&, Value* args, size_t) {
  auto r = self_of(args[0]);
  uint32_t a = next_word(r) >> 5, b = next_word(r) >> 6;
  return Value::of_float((a * 67108864.0 + b) * (1.0 / 9007199254740992.0));
}

Value random_bits(Thread& t, Random* r, int64_t count) {
  if (count == 0) return Value::of_int(0);
  if (count <= 32) return Value::of_int(next_word(r) >> (32 - count));
  if (count <= 63) {
    uint64_t low = next_word(r);
    return Value::of_int(static_cast<int64_t>(low | static_cast<uint64_t>(next_word(r) >> (64 - count)) << 32));
  }
  if (!t.heap->can_allocate(count / 8)) return raise_memory(t);
  std::vector<uint32_t> words;
  for (; count > 0; count -= 32) words.push_back(count >= 32 ? next_word(r) : next_word(r) >> (32 - count));
  return int_of_words(t, words);
}

Value random_getrandbits(Thread& t, Value* args, size_t) {
  int64_t count;
  if (!to_small_index(t, args[1], count)) return Value::raised();
  if (count < 0) return raise_text(t, ErrorType::ValueError, "number of bits must be non-negative");
  return random_bits(t, self_of(args[0]), count);
}

// An int in [0, n), by drawing as many bits as n has until the number is below n.
Value random_randbelow(Thread& t, Value* args, size_t) {
  auto r = self_of(args[0]);
  int64_t n;
  if (fits_int64(args[1], n)) {
    if (n <= 0) return Value::of_int(0);
    int64_t bits = 64 - __builtin_clzll(static_cast<uint64_t>(n));
    for (;;) {
      Value v = TRY(random_bits(t, r, bits));
      if (v.integer < n) return v;
    }
  }
  std::vector<uint32_t> words = words_of(args[1]);
  int64_t bits = static_cast<int64_t>(words.size()) * 32 - __builtin_clz(words.back());
  for (;;) {
    Value v = TRY(random_bits(t, r, bits));
    if (TRY(number_compare(t, CompareOp::Lt, v, args[1])).is_true()) return v;
  }
}

Value random_getstate(Thread& t, Value* args, size_t) {
  auto r = self_of(args[0]);
  Tuple* state = make_tuple(t, size_t{kWords + 1});
  for (int i = 0; i < kWords; ++i) state->items[i] = Value::of_int(r->state[i]);
  state->items[kWords] = Value::of_int(r->position);
  return Value::of_object(state);
}

Value random_setstate(Thread& t, Value* args, size_t) {
  if (!is_kind(args[1], Kind::Tuple)) return raise_text(t, ErrorType::TypeError, "state vector must be a tuple");
  auto state = as<Tuple>(args[1]);
  if (state->length != kWords + 1) return raise_text(t, ErrorType::ValueError, "state vector is the wrong size");
  uint32_t words[kWords];
  for (int i = 0; i < kWords; ++i) {
    int64_t word;
    if (!to_index(t, state->items[i], word)) return Value::raised();
    words[i] = static_cast<uint32_t>(word);
  }
  int64_t position;
  if (!to_index(t, state->items[kWords], position)) return Value::raised();
  if (position < 0 || position > kWords) return raise_text(t, ErrorType::ValueError, "invalid state");
  memcpy(self_of(args[0])->state, words, sizeof words);
  self_of(args[0])->position = static_cast<uint32_t>(position);
  return Value::none();
}

const NativeRow kRandomMethods[] = {
    {"__new__", random_new, "(cls, /, *args, **kwargs)", "Create and return a new object.  See help(type) for accurate signature.", Binding::Static},
    {"__init__", random_init, "(self, /, *args, **kwargs)", "Initialize self.  See help(type(self)) for accurate signature."},
    {"random", random_random, "(self, /)", "random() -> x in the interval [0, 1)."},
    {"seed", random_seed, "(self, n=None, /)",
     "seed([n]) -> None.\n\nDefaults to use urandom and falls back to a combination\nof the current time and the process identifier."},
    {"getrandbits", random_getrandbits, "(self, k, /)", "getrandbits(k) -> x.  Generates an int with k random bits."},
    {"_randbelow", random_randbelow, "(self, n, /)", "An int in the range [0, n). Gives 0 if n is not positive."},
    {"getstate", random_getstate, "(self, /)", "getstate() -> tuple containing the current state."},
    {"setstate", random_setstate, "(self, state, /)", "setstate(state) -> None.  Restores generator state."},
};

const Layout random_layout = {
    .name = "Random", .module = "_random", .kind = Kind::Native, .size = sizeof(Random), .flags = kSubclassable,
    .methods = kRandomMethods, .method_count = std::size(kRandomMethods), .help = "Random() -> create a random number generator with its "
    "own internal state."};

// --- SHA-512 ---

constexpr uint64_t kSha512[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019,
    0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3,
    0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
    0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb,
    0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207,
    0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a,
    0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

uint64_t turn(uint64_t x, int n) { return x >> n | x << (64 - n); }

void sha512_block(uint64_t hash[8], const uint8_t* block) {
  uint64_t w[80], v[8];
  for (int i = 0; i < 16; ++i) {
    w[i] = 0;
    for (int k = 0; k < 8; ++k) w[i] = w[i] << 8 | block[8 * i + k];
  }
  for (int i = 16; i < 80; ++i) {
    uint64_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (turn(a, 1) ^ turn(a, 8) ^ a >> 7) + w[i - 7] + (turn(b, 19) ^ turn(b, 61) ^ b >> 6);
  }
  memcpy(v, hash, sizeof v);
  for (int i = 0; i < 80; ++i) {
    uint64_t a = v[0], e = v[4];
    uint64_t first = v[7] + (turn(e, 14) ^ turn(e, 18) ^ turn(e, 41)) + ((e & v[5]) ^ (~e & v[6])) + kSha512[i] + w[i];
    uint64_t second = (turn(a, 28) ^ turn(a, 34) ^ turn(a, 39)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
    for (int k = 7; k > 0; --k) v[k] = v[k - 1];
    v[4] += first;
    v[0] = first + second;
  }
  for (int i = 0; i < 8; ++i) hash[i] += v[i];
}

std::string sha512(std::string data) {
  uint64_t hash[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                      0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
  uint64_t bits = data.size() * 8;
  data += '\x80';
  while (data.size() % 128 != 120) data += '\0';
  for (int shift = 56; shift >= 0; shift -= 8) data += static_cast<char>(bits >> shift);
  for (size_t i = 0; i < data.size(); i += 128) sha512_block(hash, reinterpret_cast<const uint8_t*>(data.data()) + i);
  std::string digest;
  for (uint64_t word : hash)
    for (int shift = 56; shift >= 0; shift -= 8) digest += static_cast<char>(word >> shift);
  return digest;
}

// The int that a text stands for as a seed: its bytes and their SHA-512 digest, most significant first.
Value random_text_seed(Thread& t, Value* args, size_t) {
  std::string data;
  std::string_view view;
  if (is_kind(args[0], Kind::Str)) data = to_utf8(as<Str>(args[0]));
  else if (require_bytes(t, args[0], view)) data = view;
  else return Value::raised();
  data += sha512(data);
  return make_int_of_bytes(t, data, false);
}

const NativeRow kFunctions[] = {
    {"text_seed", random_text_seed, "(text, /)", "The int that a str or bytes seed stands for."},
};

Value setup(Thread& t, Module* m) {
  module_add_type(t, m, random_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule random_native_module;
const NativeModule random_native_module = {
    .name = "_random", .functions = kFunctions, .function_count = std::size(kFunctions), .setup = setup,
    .help = "Module implements the Mersenne Twister random number generator."};

}  // namespace mini
