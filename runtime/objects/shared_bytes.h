// SPDX-License-Identifier: MIT
// Large bytes that several interpreters read without a copy. The memory stays where it was made: in a large cell of one interpreter's heap,
// its home. There a pin keeps the object alive while anybody elsewhere holds the memory; elsewhere a bytes object points to it and
// lets go of it when it dies. If the home ends first, the cell goes to the last holder, who frees it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/objects/bytes.h"

namespace mini {

struct Interpreter;

// Shared by pointers from several heaps, and by messages on their way; changes under nobody's GIL.
struct SharedBytes {
  const uint8_t* data;
  size_t length;
  void* cell = nullptr;      // to be freed with this: the home has ended
  std::shared_ptr<const std::string> message;   // the memory is part of a message that was received: there is no home
  ~SharedBytes();
};
using SharedBuffers = std::vector<std::shared_ptr<SharedBytes>>;

// Below this a copy is cheaper.
inline constexpr size_t kLeastShared = size_t{64} << 10;

// Null when they are not worth it, or no plain bytes.
std::shared_ptr<SharedBytes> share_bytes(Thread& t, Bytes* bytes);
Bytes* make_shared_bytes(Thread& t, std::shared_ptr<SharedBytes> shared);

}  // namespace mini
