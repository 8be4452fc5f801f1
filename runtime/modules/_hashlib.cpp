// SPDX-License-Identifier: MIT
// _hashlib: the hashes of OpenSSL, and key derivation. Large input is hashed outside of the GIL.
#if MINI_WITH_OPENSSL
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#endif

#include <algorithm>
#include <string>
#include <vector>

#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/native_lock.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

#if MINI_WITH_OPENSSL

struct Algorithm {
  const char* name;       // Python's
  const char* openssl;
};
constexpr Algorithm kAlgorithms[] = {
    {"md5", "MD5"}, {"sha1", "SHA1"}, {"sha224", "SHA224"}, {"sha256", "SHA256"}, {"sha384", "SHA384"}, {"sha512", "SHA512"},
    {"sha512_224", "SHA512-224"}, {"sha512_256", "SHA512-256"}, {"sha3_224", "SHA3-224"}, {"sha3_256", "SHA3-256"},
    {"sha3_384", "SHA3-384"}, {"sha3_512", "SHA3-512"}, {"shake_128", "SHAKE128"}, {"shake_256", "SHAKE256"},
    {"ripemd160", "RIPEMD160"}, {"sm3", "SM3"}, {"md5-sha1", "MD5-SHA1"},
};

// OpenSSL's functions, and the digests that it has. The library is loaded on first use: linking it would make every start of the program wait for it.
struct OpenSsl {
#define MINI_OPENSSL(name) decltype(&::name) name = nullptr;
#include "runtime/modules/openssl.def"
#undef MINI_OPENSSL
  bool is_complete = false;
  EVP_MD* digests[std::size(kAlgorithms)] = {};   // null: not in this library
};

OpenSsl load_openssl() {
  OpenSsl out;
  void* library = dlopen(fmt::format("libcrypto.so.{}", OPENSSL_VERSION_MAJOR).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return out;
  out.is_complete = true;
#define MINI_OPENSSL(name) \
  out.name = reinterpret_cast<decltype(&::name)>(dlsym(library, #name)); \
  out.is_complete = out.is_complete && out.name;
#include "runtime/modules/openssl.def"
#undef MINI_OPENSSL
  if (!out.is_complete) return out;
  for (size_t i = 0; i < std::size(kAlgorithms); ++i) out.digests[i] = out.EVP_MD_fetch(nullptr, kAlgorithms[i].openssl, nullptr);
  out.ERR_clear_error();
  return out;
}

// The same for the whole process.
const OpenSsl& openssl() {
  static const OpenSsl loaded = load_openssl();
  return loaded;
}

struct Hash : Object {
  const Algorithm* algorithm;
  EVP_MD_CTX* context;
  std::mutex* mutex;
};

extern const Layout hash_layout, hash_xof_layout;

Hash* hash_of(Value v) { return as<Hash>(v); }

// What OpenSSL complains about: "[library] reason".
Value raise_openssl(Thread& t) {
  unsigned long code = openssl().ERR_peek_last_error();
  const char* library = openssl().ERR_lib_error_string(code);
  const char* reason = openssl().ERR_reason_error_string(code);
  std::string text = !code ? "no reason supplied" : fmt::format("[{}] {}", library ? library : "?", reason ? reason : "unknown error");
  openssl().ERR_clear_error();
  return raise_text(t, ErrorType::ValueError, text);
}

const Algorithm* find_algorithm(std::string_view name) {
  auto same = [&](const char* known) {
    std::string_view other = known;
    return std::equal(name.begin(), name.end(), other.begin(), other.end(), [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == (b >= 'A' && b <= 'Z' ? b | 0x20 : b);
    });
  };
  for (const Algorithm& known : kAlgorithms)
    if (same(known.name) || same(known.openssl)) return &known;
  return nullptr;
}

// The digest of a name as scripts give it. Null after raising.
const EVP_MD* find_digest(Thread& t, std::string_view name, const Algorithm*& algorithm) {
  algorithm = find_algorithm(name);
  const EVP_MD* digest = algorithm ? openssl().digests[algorithm - kAlgorithms] : nullptr;
  if (!digest) (void)raise_text(t, ErrorType::ValueError, "[digital envelope routines] unsupported");
  return digest;
}

// --- Hash objects ---

Value make_hash(Thread& t, const Layout& layout, const Algorithm* algorithm) {
  auto h = make_native<Hash>(t, layout);
  note_finalizer(h);
  h->algorithm = algorithm;
  h->context = openssl().EVP_MD_CTX_new();
  h->mutex = new std::mutex;
  return h->context ? Value::of_object(h) : raise_memory(t);
}

void hash_finalize(Object* self, Heap&) {
  openssl().EVP_MD_CTX_free(static_cast<Hash*>(self)->context);
  delete static_cast<Hash*>(self)->mutex;
}

bool read_input(Thread& t, Value v, std::string_view& out) {
  if (is_kind(v, Kind::Str)) return (void)raise_text(t, ErrorType::TypeError, "Strings must be encoded before hashing"), false;
  if (!bytes_view(v, out) && !is_memoryview(v)) return (void)raise_text(t, ErrorType::TypeError, "object supporting the buffer API required"), false;
  return require_bytes(t, v, out);
}

constexpr size_t kPiece = 8 << 20;   // so much takes some milliseconds, after which Ctrl-C is looked for

Value update(Thread& t, Hash* h, Value data) {
  std::string_view view;
  if (!read_input(t, data, view)) return Value::raised();
  NativeLock lock(t, *h->mutex);
  bool is_done;
  if (view.size() < kReleaseFromBytes) {
    is_done = openssl().EVP_DigestUpdate(h->context, view.data(), view.size());
  } else {
    std::string copy;
    if (!is_bytes(data)) view = copy = view;   // another thread may change it
    is_done = true;
    for (size_t at = 0; at < view.size() && is_done; at += kPiece) {
      std::string_view piece = view.substr(at, kPiece);
      {
        ReleaseGil released(t, BlockReason::Native);
        is_done = openssl().EVP_DigestUpdate(h->context, piece.data(), piece.size());
      }
      TRY(t.poll());
    }
  }
  return is_done ? Value::none() : raise_openssl(t);
}

Value hash_update(Thread& t, Value* args, size_t) { return update(t, hash_of(args[0]), args[1]); }

Value hash_copy(Thread& t, Value* args, size_t) {
  Hash* h = hash_of(args[0]);
  Value made = TRY(make_hash(t, *type_of(h)->layout, h->algorithm));
  NativeLock lock(t, *h->mutex);
  return openssl().EVP_MD_CTX_copy(hash_of(made)->context, h->context) ? made : raise_openssl(t);
}

// The digest so far; `length` is for hashes of any length, -1 for the others.
Value digest_bytes(Thread& t, Hash* h, int64_t length, std::string& out) {
  EVP_MD_CTX* copy = openssl().EVP_MD_CTX_new();
  bool is_done;
  {
    NativeLock lock(t, *h->mutex);
    is_done = copy && openssl().EVP_MD_CTX_copy(copy, h->context);
  }
  out.resize(length < 0 ? static_cast<size_t>(openssl().EVP_MD_get_size(openssl().EVP_MD_CTX_get0_md(h->context))) : static_cast<size_t>(length));
  auto bytes = reinterpret_cast<unsigned char*>(out.data());
  if (is_done && length < 0) is_done = openssl().EVP_DigestFinal(copy, bytes, nullptr);
  else if (is_done && length > 0) is_done = openssl().EVP_DigestFinalXOF(copy, bytes, out.size());
  openssl().EVP_MD_CTX_free(copy);
  return is_done ? Value::none() : raise_openssl(t);
}

Value hex_digits(Thread& t, std::string_view bytes) { return hex_text(t, bytes, Value::empty(), Value::empty()); }

Value hash_digest(Thread& t, Value* args, size_t) {
  std::string bytes;
  TRY(digest_bytes(t, hash_of(args[0]), -1, bytes));
  return Value::of_object(make_bytes(t, bytes));
}

Value hash_hexdigest(Thread& t, Value* args, size_t) {
  std::string bytes;
  TRY(digest_bytes(t, hash_of(args[0]), -1, bytes));
  return hex_digits(t, bytes);
}

Value xof_bytes(Thread& t, Value* args, std::string& out) {
  int64_t length;
  if (!to_index(t, args[1], length)) return Value::raised();
  if (length < 0) return raise_text(t, ErrorType::ValueError, "length must be non-negative");
  if (!t.heap->can_allocate(static_cast<size_t>(length))) return raise_memory(t);
  return digest_bytes(t, hash_of(args[0]), length, out);
}

Value xof_digest(Thread& t, Value* args, size_t) {
  std::string bytes;
  TRY(xof_bytes(t, args, bytes));
  return Value::of_object(make_bytes(t, bytes));
}

Value xof_hexdigest(Thread& t, Value* args, size_t) {
  std::string bytes;
  TRY(xof_bytes(t, args, bytes));
  return hex_digits(t, bytes);
}

Value hash_repr(Thread& t, Value self) {
  return str_value(make_str(t, fmt::format("<{} {} object @ 0x{:x}>", hash_of(self)->algorithm->name, type_name(t, self), self.bits)));
}

bool is_xof(Value self) { return type_of(self.object)->layout == &hash_xof_layout; }
Value get_name(Thread& t, Value self) { return str_value(make_str(t, hash_of(self)->algorithm->name)); }
Value get_block_size(Thread&, Value self) { return Value::of_int(openssl().EVP_MD_get_block_size(openssl().EVP_MD_CTX_get0_md(hash_of(self)->context))); }
Value get_digest_size(Thread&, Value self) { return Value::of_int(is_xof(self) ? 0 : openssl().EVP_MD_get_size(openssl().EVP_MD_CTX_get0_md(hash_of(self)->context))); }

const NativeRow kHashMethods[] = {
    {"copy", hash_copy, "(self, /)", "A copy of the hash object."},
    {"digest", hash_digest, "(self, /)", "The digest of the data so far as bytes."},
    {"hexdigest", hash_hexdigest, "(self, /)", "The digest of the data so far as hexadecimal digits."},
    {"update", hash_update, "(self, obj, /)", "Adds data."},
};

const NativeRow kXofMethods[] = {
    {"digest", xof_digest, "(self, /, length)", "`length` bytes of the digest of the data so far."},
    {"hexdigest", xof_hexdigest, "(self, /, length)", "`length` bytes of the digest as hexadecimal digits."},
};

const AttributeRow kHashAttributes[] = {
    {"block_size", get_block_size, nullptr, "The size of the blocks that the algorithm works on."},
    {"digest_size", get_digest_size, nullptr, "The size of the digest in bytes."},
    {"name", get_name, nullptr, "The algorithm."},
};

const Layout hash_layout = {
    .name = "HASH", .module = "_hashlib", .kind = Kind::Native, .size = sizeof(Hash), .flags = kNoInstantiation, .base = nullptr,
    .trace = nullptr, .finalize = hash_finalize, .ops = {.repr = hash_repr}, .methods = kHashMethods,
    .method_count = std::size(kHashMethods), .attributes = kHashAttributes, .attribute_count = std::size(kHashAttributes),
    .help = "A hash represents the object used to calculate a checksum of a string of information."};

const Layout hash_xof_layout = {
    .name = "HASHXOF", .module = "_hashlib", .kind = Kind::Native, .size = sizeof(Hash), .flags = kNoInstantiation,
    .base = &hash_layout, .trace = nullptr, .finalize = hash_finalize, .ops = {.repr = hash_repr}, .methods = kXofMethods,
    .method_count = std::size(kXofMethods), .attributes = nullptr, .attribute_count = 0,
    .help = "A hash whose digest has any length."};

// --- Functions ---

Value hashlib_new(Thread& t, Value* args, size_t) {
  if (!is_kind(args[0], Kind::Str)) return raise_text(t, ErrorType::TypeError, "name must be a string");
  const Algorithm* algorithm;
  const EVP_MD* digest = find_digest(t, to_utf8(as<Str>(args[0])), algorithm);
  if (!digest) return Value::raised();
  bool has_any_length = openssl().EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF;
  Value made = make_hash(t, has_any_length ? hash_xof_layout : hash_layout, algorithm);
  bool is_done = !made.is_raised() && openssl().EVP_DigestInit_ex(hash_of(made)->context, digest, nullptr);
  if (made.is_raised()) return made;
  if (!is_done) return raise_openssl(t);
  if (!args[1].is_empty()) TRY(update(t, hash_of(made), args[1]));
  return made;
}

Value hashlib_available(Thread& t, Value*, size_t) {
  List* names = make_list(t);
  for (size_t i = 0; i < std::size(kAlgorithms); ++i)
    if (openssl().digests[i]) list_push(t, names, str_value(make_str(t, kAlgorithms[i].name)));
  return Value::of_object(names);
}

constexpr int64_t kIntMax = INT32_MAX;

Value pbkdf2_hmac(Thread& t, Value* args, size_t) {
  std::string_view password, salt;
  int64_t iterations, length;
  if (!is_kind(args[0], Kind::Str))
    return raise(t, ErrorType::TypeError, "pbkdf2_hmac() argument 'hash_name' must be str, not {}", argument_type_name(t, args[0]));
  if (!require_bytes(t, args[1], password) || !require_bytes(t, args[2], salt) || !to_index(t, args[3], iterations)) return Value::raised();
  const Algorithm* algorithm;
  const EVP_MD* digest = find_digest(t, to_utf8(as<Str>(args[0])), algorithm);
  if (!digest) return Value::raised();
  length = openssl().EVP_MD_get_size(digest);
  const char* wrong = nullptr;
  bool has_length = args[4].is_empty() || args[4].is_none() || to_index(t, args[4], length);
  if (!has_length) return Value::raised();
  if (password.size() > kIntMax) wrong = "password is too long.";
  else if (salt.size() > kIntMax) wrong = "salt is too long.";
  else if (iterations < 1) wrong = "iteration value must be greater than 0.";
  else if (iterations > kIntMax) wrong = "iteration value is too great.";
  else if (length < 1) wrong = "key length must be greater than 0.";
  else if (length > kIntMax) wrong = "key length is too great.";
  if (wrong) return raise_text(t, ErrorType::ValueError, wrong);
  std::string key(static_cast<size_t>(length), '\0'), password_copy(password), salt_copy(salt);
  int is_done;
  {
    ReleaseGil released(t, BlockReason::Native);
    is_done = openssl().PKCS5_PBKDF2_HMAC(password_copy.data(), static_cast<int>(password_copy.size()),
                                reinterpret_cast<const unsigned char*>(salt_copy.data()), static_cast<int>(salt_copy.size()),
                                static_cast<int>(iterations), digest, static_cast<int>(length), reinterpret_cast<unsigned char*>(key.data()));
  }
  return is_done ? Value::of_object(make_bytes(t, key)) : raise_openssl(t);
}

bool read_unsigned(Thread& t, Value v, const char* name, uint64_t& out) {
  int64_t n;
  if (!is_integer(v)) return (void)raise(t, ErrorType::TypeError, "{} is required and must be an unsigned int", name), false;
  if (!fits_int64(v, n) || n < 0) return (void)raise(t, ErrorType::TypeError, "{} is required and must be an unsigned int", name), false;
  out = static_cast<uint64_t>(n);
  return true;
}

// scrypt(password, salt, n, r, p, maxmem, dklen)
Value scrypt(Thread& t, Value* args, size_t) {
  std::string_view password, salt;
  uint64_t n, r, p;
  int64_t memory, length;
  if (!require_bytes(t, args[0], password)) return Value::raised();
  if (args[1].is_none()) return raise_text(t, ErrorType::TypeError, "salt is required");
  if (!require_bytes(t, args[1], salt) || !read_unsigned(t, args[2], "n", n)) return Value::raised();
  if (n < 2 || (n & (n - 1))) return raise_text(t, ErrorType::ValueError, "n must be a power of 2.");
  if (!read_unsigned(t, args[3], "r", r) || !read_unsigned(t, args[4], "p", p)) return Value::raised();
  if (!to_index(t, args[5], memory) || !to_index(t, args[6], length)) return Value::raised();
  if (memory < 0 || memory > kIntMax)
    return raise(t, ErrorType::ValueError, "maxmem must be positive and smaller than {}", kIntMax);
  if (length < 1 || length > kIntMax)
    return raise(t, ErrorType::ValueError, "dklen must be greater than 0 and smaller than {}", kIntMax);
  std::string key(static_cast<size_t>(length), '\0'), password_copy(password), salt_copy(salt);
  int is_done;
  {
    ReleaseGil released(t, BlockReason::Native);
    is_done = openssl().EVP_PBE_scrypt(password_copy.data(), password_copy.size(), reinterpret_cast<const unsigned char*>(salt_copy.data()),
                             salt_copy.size(), n, r, p, static_cast<uint64_t>(memory), reinterpret_cast<unsigned char*>(key.data()), key.size());
  }
  return is_done ? Value::of_object(make_bytes(t, key)) : raise_openssl(t);
}

// Takes the same time wherever the two differ.
Value compare_digest(Thread& t, Value* args, size_t) {
  std::string_view a, b;
  if (is_kind(args[0], Kind::Str) && is_kind(args[1], Kind::Str)) {
    auto x = as<Str>(args[0]), y = as<Str>(args[1]);
    if (!x->is_ascii() || !y->is_ascii())
      return raise_text(t, ErrorType::TypeError, "comparing strings with non-ASCII characters is not supported");
    a = {reinterpret_cast<const char*>(x->narrow()), x->length};
    b = {reinterpret_cast<const char*>(y->narrow()), y->length};
  } else {
    if (!bytes_view(args[0], a) && !bytes_view(args[1], b))
      return raise(t, ErrorType::TypeError, "unsupported operand types(s) or combination of types: '{}' and '{}'", type_name(t, args[0]), type_name(t, args[1]));
    if (!require_bytes(t, args[0], a) || !require_bytes(t, args[1], b)) return Value::raised();
  }
  bool same_length = a.size() == b.size();
  bool is_same = openssl().CRYPTO_memcmp(same_length ? a.data() : b.data(), b.data(), b.size()) == 0;
  return Value::of_bool(same_length && is_same);
}

const NativeRow kFunctions[] = {
    {"available", hashlib_available, "()", "Names of the algorithms that OpenSSL has here."},
    {"compare_digest", compare_digest, "(a, b, /)", "Whether a and b are equal, in a time that tells nothing about where they differ."},
    {"new", hashlib_new, "(name, string=b'', /)", "A hash object of the algorithm."},
    {"pbkdf2_hmac", pbkdf2_hmac, "(hash_name, password, salt, iterations, dklen=None)", "Password based key derivation function 2 with HMAC."},
    {"scrypt", scrypt, "(password, salt, n, r, p, maxmem, dklen, /)", "scrypt, a password based key derivation function."},
};
constexpr size_t kFunctionCount = std::size(kFunctions);

Value hashlib_setup(Thread& t, Module* m) {
  if (!openssl().is_complete) return raise_text(t, ErrorType::ImportError, "hashlib needs OpenSSL's libcrypto, which cannot be loaded (libssl3)");
  module_add_type(t, m, hash_layout);
  module_add_type(t, m, hash_xof_layout);
  return Value::none();
}

#else

constexpr const NativeRow* kFunctions = nullptr;
constexpr size_t kFunctionCount = 0;

Value hashlib_setup(Thread& t, Module*) {
  return raise_text(t, ErrorType::ImportError, "hashlib needs OpenSSL, and this mini was built without it (libssl-dev)");
}

#endif

}  // namespace

extern const NativeModule hashlib_module;
const NativeModule hashlib_module = {"_hashlib", kFunctions, kFunctionCount, hashlib_setup, "The hashes of OpenSSL."};

}  // namespace mini
