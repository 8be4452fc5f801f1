// SPDX-License-Identifier: MIT
// _shared_cells: pieces of memory that other processes can map, for the locks, values and queues of multiprocessing.
//
// A Cell is a bytearray that cannot be resized, in an arena: memory behind a descriptor without a name (memfd). Small cells of a process lie
// together in arenas, a large one has its own. A cell travels as its place, and who gets a place opens the descriptor through
// /proc/<pid>/fd, so nothing needs to be cleaned up when processes are killed; the price is that a place is of use only while the process that made
// it lives. Who has mapped an arena keeps it.
//
// A cell that never travelled is used again when its object is gone. Of one that did, nobody knows who has it; if it is small it stays. A
// large one goes when a number of others have gone after it, as its place may still be on the way.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "runtime/errors.h"
#include "runtime/exec/process_futex.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

constexpr size_t kLine = 64;                    // cells do not share cache lines
constexpr size_t kArenaBytes = 64 << 10;
constexpr size_t kLargestSmall = 4 << 10;
constexpr size_t kLingering = 16;               // large arenas whose places may be on the way

struct Arena {
  uint32_t pid;                          // whose descriptor it is
  int descriptor;                        // its number there
  uint64_t inode;
  size_t size;
  uint8_t* memory;
  bool is_made_here;
  size_t used = 0;                       // of one that small cells are taken from
  bool is_forked = false;                // a copy of this process has it too: nothing in it is used again
  Arena(uint32_t pid, int descriptor, uint64_t inode, size_t size, uint8_t* memory, bool is_made_here)
      : pid(pid), descriptor(descriptor), inode(inode), size(size), memory(memory), is_made_here(is_made_here) {}
  ~Arena() {
    munmap(memory, size);
    if (is_made_here) close(descriptor);
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
};

struct Free {
  std::shared_ptr<Arena> arena;
  size_t offset, size;
};

// Of the process: interpreters share it, each under a GIL of its own.
struct Cells {
  std::mutex mutex;
  std::shared_ptr<Arena> current;                    // small cells come from it
  std::vector<std::shared_ptr<Arena>> small;         // all of them, kept for ever
  std::vector<std::weak_ptr<Arena>> attached;        // of other processes, and large ones
  std::vector<Free> free;
  std::deque<std::shared_ptr<Arena>> lingering;
};

Cells& cells() {
  static Cells* of_process = new Cells;   // used by finalizers at the very end
  return *of_process;
}

struct Cell : ByteArray {
  std::shared_ptr<Arena>* arena;
  size_t offset;
  bool has_travelled;
};

extern const Layout cell_layout;

// `fd` is the descriptor here.
std::shared_ptr<Arena> map_arena(int fd, uint32_t pid, int descriptor, uint64_t inode, size_t size, bool is_made_here) {
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return nullptr;
  return std::make_shared<Arena>(pid, descriptor, inode, size, static_cast<uint8_t*>(at), is_made_here);
}

// Null with errno set.
std::shared_ptr<Arena> make_arena(size_t size) {
  int fd = memfd_create("mini-shared", MFD_CLOEXEC);
  if (fd < 0) return nullptr;
  struct stat status {};
  std::shared_ptr<Arena> made;
  if (ftruncate(fd, static_cast<off_t>(size)) == 0 && fstat(fd, &status) == 0) made = map_arena(fd, own_pid(), fd, status.st_ino, size, true);
  if (!made) {
    int error = errno;
    close(fd);
    errno = error;
  }
  return made;
}

Value make_cell(Thread& t, std::shared_ptr<Arena> arena, size_t offset, size_t size, bool has_travelled) {
  auto* cell = static_cast<Cell*>(allocate_object(t, native_type(t, cell_layout)));
  cell->length = cell->capacity = size;
  cell->data = arena->memory + offset;
  cell->exports = 1;
  cell->offset = offset;
  cell->has_travelled = has_travelled;
  cell->arena = new std::shared_ptr<Arena>(std::move(arena));
  note_finalizer(cell);
  return Value::of_object(cell);
}

bool is_small(const Arena& arena) { return arena.size == kArenaBytes; }

void cell_finalize(Object* self, Heap&) {
  auto* cell = static_cast<Cell*>(self);
  if (!cell->arena) return;
  Cells& all = cells();
  std::lock_guard guard(all.mutex);
  std::shared_ptr<Arena>& arena = *cell->arena;
  bool is_ours = arena->pid == own_pid();
  if (is_ours && is_small(*arena) && !cell->has_travelled && !arena->is_forked) {
    all.free.push_back({arena, cell->offset, (cell->length + kLine - 1) / kLine * kLine});
  } else if (is_ours && !is_small(*arena) && cell->has_travelled) {
    all.lingering.push_back(arena);
    if (all.lingering.size() > kLingering) all.lingering.pop_front();
  }
  delete cell->arena;
}

// A small piece of an arena of ours; false with errno set.
bool take_small(size_t size, std::shared_ptr<Arena>& arena, size_t& offset) {
  Cells& all = cells();
  std::lock_guard guard(all.mutex);
  for (size_t i = all.free.size(); i-- > 0;) {
    if (all.free[i].size != size || all.free[i].arena->is_forked || all.free[i].arena->pid != own_pid()) continue;
    arena = all.free[i].arena;
    offset = all.free[i].offset;
    all.free[i] = std::move(all.free.back());
    all.free.pop_back();
    memset(arena->memory + offset, 0, size);
    return true;
  }
  if (!all.current || all.current->pid != own_pid() || all.current->used + size > all.current->size) {
    all.current = make_arena(kArenaBytes);
    if (!all.current) return false;
    all.small.push_back(all.current);
  }
  arena = all.current;
  offset = arena->used;
  arena->used += size;
  return true;
}

// make(size): all zeros.
Value make(Thread& t, Value* args, size_t) {
  int64_t size;
  if (!to_index(t, args[0], size)) return Value::raised();
  if (size <= 0) return raise(t, ErrorType::ValueError, "a cell has a size");
  if (!t.heap->can_allocate(static_cast<size_t>(size))) return raise_memory(t);
  size_t rounded = (static_cast<size_t>(size) + kLine - 1) / kLine * kLine, offset = 0;
  std::shared_ptr<Arena> arena;
  if (rounded <= kLargestSmall) {
    if (!take_small(rounded, arena, offset)) return raise_os_error(t, errno);
  } else {
    arena = make_arena(std::max(rounded, kArenaBytes + kLine));
    if (!arena) return errno == ENOMEM ? raise_memory(t) : raise_os_error(t, errno);
    std::lock_guard guard(cells().mutex);
    cells().attached.push_back(arena);
  }
  return make_cell(t, std::move(arena), offset, static_cast<size_t>(size), false);
}

// place(): (pid, descriptor, inode, bytes of the arena, offset, size).
Value cell_place(Thread& t, Value* args, size_t) {
  auto* cell = as<Cell>(args[0]);
  cell->has_travelled = true;
  const Arena& arena = **cell->arena;
  Value parts[] = {Value::of_int(arena.pid), Value::of_int(arena.descriptor), Value::of_int(static_cast<int64_t>(arena.inode)),
                   Value::of_int(static_cast<int64_t>(arena.size)), Value::of_int(static_cast<int64_t>(cell->offset)),
                   Value::of_int(static_cast<int64_t>(cell->length))};
  return Value::of_object(make_tuple(t, parts, std::size(parts)));
}

bool is_arena(const Arena& arena, uint32_t pid, uint64_t inode) { return arena.pid == pid && arena.inode == inode; }

std::shared_ptr<Arena> known_arena(uint32_t pid, uint64_t inode) {
  Cells& all = cells();
  std::lock_guard guard(all.mutex);
  for (const auto& arena : all.small)
    if (is_arena(*arena, pid, inode)) return arena;
  std::shared_ptr<Arena> found;
  std::erase_if(all.attached, [&](const std::weak_ptr<Arena>& known) {
    std::shared_ptr<Arena> arena = known.lock();
    if (arena && is_arena(*arena, pid, inode)) found = arena;
    return !arena;
  });
  return found;
}

Value raise_owner_ended(Thread& t) { return raise_text(t, ErrorType::ConnectionRefusedError, "the process that owns this object has ended"); }

// attach(pid, descriptor, inode, bytes of the arena, offset, size): the cell at that place.
Value attach(Thread& t, Value* args, size_t) {
  int64_t n[6];
  for (int i = 0; i < 6; ++i)
    if (!to_index(t, args[i], n[i])) return Value::raised();
  auto pid = static_cast<uint32_t>(n[0]);
  auto inode = static_cast<uint64_t>(n[2]);
  auto bytes = static_cast<uint64_t>(n[3]), offset = static_cast<uint64_t>(n[4]), size = static_cast<uint64_t>(n[5]);
  if (size == 0 || size > bytes || offset > bytes - size || offset % kLine) return raise_text(t, ErrorType::ValueError, "no place of a cell");
  std::shared_ptr<Arena> arena = known_arena(pid, inode);
  if (!arena) {
    int fd = open(fmt::format("/proc/{}/fd/{}", pid, n[1]).c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return raise_owner_ended(t);
    struct stat status {};
    bool is_it = fstat(fd, &status) == 0 && status.st_ino == inode && S_ISREG(status.st_mode) && static_cast<uint64_t>(status.st_size) == bytes;
    if (is_it) arena = map_arena(fd, pid, static_cast<int>(n[1]), inode, bytes, false);
    close(fd);
    if (!is_it) return raise_owner_ended(t);
    if (!arena) return raise_memory(t);
    std::lock_guard guard(cells().mutex);
    cells().attached.push_back(arena);
  }
  if (arena->size != bytes) return raise_owner_ended(t);
  return make_cell(t, std::move(arena), offset, size, true);
}

// Both processes have all cells after a fork, so none is used again.
Value before_fork(Thread&, Value*, size_t) {
  Cells& all = cells();
  std::lock_guard guard(all.mutex);
  for (const auto& arena : all.small) arena->is_forked = true;
  all.free.clear();
  return Value::none();
}

constexpr NativeRow cell_methods[] = {
    {"place", cell_place, "(self)", "Where another process finds it."},
};

const Layout cell_layout = {
    .name = "Cell", .module = "_shared_cells", .kind = Kind::ByteArray, .size = sizeof(Cell), .flags = kNoInstantiation,
    .base = &bytearray_layout, .trace = nullptr, .finalize = cell_finalize, .ops = bytearray_layout.ops,
    .methods = cell_methods, .method_count = std::size(cell_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "Memory that processes share."};

const NativeRow kFunctions[] = {
    {"attach", attach, "(pid, descriptor, inode, bytes, offset, size, /)", "The cell at a place."},
    {"make", make, "(size, /)", "A new cell."},
    {"before_fork", before_fork, "()", "This process will be copied."},
};

Value shared_cells_setup(Thread& t, Module* m) {
  module_add_type(t, m, cell_layout);
  return Value::none();
}

}  // namespace

extern const NativeModule shared_cells_module;
const NativeModule shared_cells_module = {"_shared_cells", kFunctions, std::size(kFunctions), shared_cells_setup,
                                          "Pieces of memory that processes share, for multiprocessing."};

}  // namespace mini
