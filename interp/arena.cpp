// SPDX-License-Identifier: MIT
#include "interp/arena.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace mini {

namespace {
constexpr size_t kChunkBytes = 32 * 1024;
constexpr size_t kFirstNames = 64;
}  // namespace

Arena::Arena() = default;
Arena::~Arena() = default;

void Arena::grow(size_t bytes) {
  size_t size = std::max(bytes, kChunkBytes);
  chunks_.push_back(std::make_unique_for_overwrite<char[]>(size));
  next_ = chunks_.back().get();
  limit_ = next_ + size;
}

void* Arena::allocate(size_t bytes, size_t alignment) {
  auto aligned = [&] { return (reinterpret_cast<uintptr_t>(next_) + alignment - 1) & ~(uintptr_t{alignment} - 1); };
  if (next_ == nullptr || aligned() + bytes > reinterpret_cast<uintptr_t>(limit_)) grow(bytes + alignment);
  char* place = reinterpret_cast<char*>(aligned());
  next_ = place + bytes;
  bytes_used_ += bytes;
  return place;
}

Text Arena::text(std::string_view value) {
  if (value.empty()) return {"", 0};
  char* place = static_cast<char*>(allocate(value.size(), 1));
  std::memcpy(place, value.data(), value.size());
  return {place, static_cast<uint32_t>(value.size())};
}

void Arena::grow_names() {
  std::vector<Identifier> old = std::move(names_);
  names_.assign(old.empty() ? kFirstNames : old.size() * 2, Identifier{nullptr, 0});
  size_t mask = names_.size() - 1;
  for (Identifier name : old) {
    if (!name) continue;
    size_t slot = std::hash<std::string_view>{}(name.view()) & mask;
    while (names_[slot]) slot = (slot + 1) & mask;
    names_[slot] = name;
  }
}

Identifier Arena::intern(std::string_view spelling) {
  if ((name_count_ + 1) * 2 > names_.size()) grow_names();
  size_t mask = names_.size() - 1;
  size_t slot = std::hash<std::string_view>{}(spelling) & mask;
  while (names_[slot]) {
    if (names_[slot].view() == spelling) return names_[slot];
    slot = (slot + 1) & mask;
  }
  Text copy = text(spelling);
  names_[slot] = Identifier{copy.data, copy.length};
  ++name_count_;
  return names_[slot];
}

}  // namespace mini
