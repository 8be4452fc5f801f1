// SPDX-License-Identifier: MIT
// _shared_memory: memory that several processes map, for multiprocessing.shared_memory and multiprocessing.sharedctypes.
//
// A Block is a bytearray whose bytes lie in the mapping and which is never resized, so memoryview, struct and slices work on it as on any
// bytearray. Views of a block that was closed find it empty.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/errors.h"
#include "runtime/gil.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/posix_calls.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

extern const Layout block_layout;

void unmap(ByteArray* block) {
  if (block->data) munmap(block->data, block->capacity);
  block->data = nullptr;
  block->length = block->capacity = 0;
}

void block_finalize(Object* self, Heap&) { unmap(static_cast<ByteArray*>(self)); }

// open(name, creates, size): (descriptor, size). A new one must not exist yet.
Value open_memory(Thread& t, Value* args, size_t) {
  std::string name;
  int64_t size;
  if (!fs_path(t, args[0], name) || !to_index(t, args[2], size)) return Value::raised();
  bool creates = TRY(truth(t, args[1])).is_true();
  int fd = shm_open(name.c_str(), O_RDWR | O_CLOEXEC | (creates ? O_CREAT | O_EXCL : 0), 0600);
  if (fd < 0) return raise_os_error(t, errno, name);
  int error = 0;
  struct stat status {};
  if (creates && ftruncate(fd, size) != 0) error = errno;
  if (!error && fstat(fd, &status) != 0) error = errno;
  if (error) {
    close(fd);
    if (creates) shm_unlink(name.c_str());
    return raise_os_error(t, error, name);
  }
  return Value::of_object(make_tuple(t, {Value::of_int(fd), Value::of_int(status.st_size)}));
}

Value unlink_memory(Thread& t, Value* args, size_t) {
  std::string name;
  if (!fs_path(t, args[0], name)) return Value::raised();
  return shm_unlink(name.c_str()) != 0 ? raise_os_error(t, errno, name) : Value::none();
}

Value map_memory(Thread& t, Value* args, size_t) {
  int fd;
  int64_t size;
  if (!int_argument(t, args[0], fd) || !to_index(t, args[1], size)) return Value::raised();
  if (size <= 0) return raise(t, ErrorType::ValueError, "cannot map an empty block");
  void* at = mmap(nullptr, static_cast<size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return raise_os_error(t, errno);
  auto* block = static_cast<ByteArray*>(allocate_object(t, native_type(t, block_layout)));
  block->length = block->capacity = static_cast<size_t>(size);
  block->data = static_cast<uint8_t*>(at);
  block->exports = 1;
  note_finalizer(block);
  return Value::of_object(block);
}

Value unmap_memory(Thread& t, Value* args, size_t) {
  if (!args[0].is_object() || type_of(args[0].object)->layout != &block_layout)
    return raise(t, ErrorType::TypeError, "a Block is expected, not {}", argument_type_name(t, args[0]));
  unmap(static_cast<ByteArray*>(args[0].object));
  return Value::none();
}

const Layout block_layout = {
    .name = "Block", .module = "_shared_memory", .kind = Kind::ByteArray, .size = sizeof(ByteArray), .flags = kNoInstantiation,
    .base = &bytearray_layout, .trace = nullptr, .finalize = block_finalize, .ops = bytearray_layout.ops,
    .methods = nullptr, .method_count = 0, .attributes = nullptr, .attribute_count = 0, .help = "Memory that processes share."};

const NativeRow kSharedMemoryFunctions[] = {
    {"open", open_memory, "(name, creates, size, /)", "A descriptor of the memory of that name, and its size."},
    {"unlink", unlink_memory, "(name, /)", "Take the name away: the memory goes when nobody maps it any more."},
    {"map", map_memory, "(fd, size, /)", "The memory behind a descriptor."},
    {"unmap", unmap_memory, "(block, /)", "Let go of the memory."},
};

Value shared_memory_setup(Thread& t, Module* m) {
  module_add_type(t, m, block_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule shared_memory_module;
const NativeModule shared_memory_module = {"_shared_memory", kSharedMemoryFunctions, std::size(kSharedMemoryFunctions), shared_memory_setup,
                                           "Memory that several processes map, for multiprocessing."};

}  // namespace mini
