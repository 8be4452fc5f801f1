// SPDX-License-Identifier: MIT
#pragma once

// Memory for everything a parse produces. Nodes are trivially copyable and never freed one by one: when the arena dies
// they are gone together, on success and after a syntax error alike. So the generated parser may keep raw
// pointers on its stack and drop them at any moment.
//
// The arena also interns identifiers: equal names share one pointer, so comparing two Identifiers compares pointers.
// An Arena belongs to one thread at a time; it needs no GIL.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mini {

// UTF-8 text owned by an arena (or by the program itself); not NUL-terminated.
struct Text {
  const char* data;
  uint32_t length;

  std::string_view view() const { return {data, length}; }
};

// An interned, NFKC-normalised name. A null `text` means "no name" (`from . import x`, a bare `except:`).
struct Identifier {
  const char* text;
  uint32_t length;

  std::string_view view() const { return {text, length}; }
  explicit operator bool() const { return text != nullptr; }
  friend bool operator==(Identifier a, Identifier b) { return a.text == b.text; }
};

// A finished sequence of nodes, pointers or plain values.
template <class T>
struct Seq {
  T* items;
  uint32_t count;

  T* begin() const { return items; }
  T* end() const { return items + count; }
  T& operator[](uint32_t index) const { return items[index]; }
  T& back() const { return items[count - 1]; }
  bool empty() const { return count == 0; }
};

class Arena {
 public:
  Arena();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(size_t bytes, size_t alignment = alignof(std::max_align_t));

  template <class T>
  T* make(T value) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T(value);
  }

  template <class T>
  Seq<T> copy(const T* items, size_t count);

  template <class T>
  Seq<T> copy(const std::vector<T>& items) {
    return copy(items.data(), items.size());
  }

  Text text(std::string_view value);
  // The one Identifier for this spelling. The caller has normalised it already.
  Identifier intern(std::string_view spelling);

  size_t bytes_used() const { return bytes_used_; }

 private:
  void grow(size_t bytes);
  void grow_names();

  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  char* limit_ = nullptr;
  size_t bytes_used_ = 0;
  std::vector<Identifier> names_;  // open addressing; a null text marks a free place
  size_t name_count_ = 0;
};

template <class T>
Seq<T> Arena::copy(const T* items, size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (count == 0) return {nullptr, 0};
  T* place = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
  for (size_t i = 0; i < count; ++i) new (place + i) T(items[i]);
  return {place, static_cast<uint32_t>(count)};
}

}  // namespace mini
