// SPDX-License-Identifier: MIT
// posix: files, folders and descriptors.
#include <dirent.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <cmath>

#include "runtime/modules/posix_calls.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/file_parts.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/struct_sequence.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

#define FIELD(index, name) {name, struct_field<index>, nullptr, ""}
// The times are whole seconds as items and floats as attributes.
constexpr AttributeRow stat_fields[] = {
    FIELD(0, "st_mode"),      FIELD(1, "st_ino"),        FIELD(2, "st_dev"),      FIELD(3, "st_nlink"), FIELD(4, "st_uid"),
    FIELD(5, "st_gid"),       FIELD(6, "st_size"),       FIELD(10, "st_atime"),   FIELD(11, "st_mtime"), FIELD(12, "st_ctime"),
    FIELD(13, "st_atime_ns"), FIELD(14, "st_mtime_ns"),  FIELD(15, "st_ctime_ns"), FIELD(16, "st_blksize"), FIELD(17, "st_blocks"),
    FIELD(18, "st_rdev")};
constexpr AttributeRow terminal_fields[] = {FIELD(0, "columns"), FIELD(1, "lines")};
#undef FIELD
const Layout stat_layout = {.name = "stat_result", .module = "os", MINI_STRUCT_LAYOUT(stat_fields)};
const Layout terminal_layout = {.name = "terminal_size", .module = "os", MINI_STRUCT_LAYOUT(terminal_fields)};

bool is_given(Value v) { return !v.is_empty() && !v.is_none(); }
Value number(int64_t n) { return Value::of_int(n); }

// Passes a result of outside_gil on: Raised for failures.
#define MINI_CHECK(result, error, raising)               \
  if ((result) == -2) return Value::raised();            \
  if ((result) < 0) return raising

// --- stat ---

Value make_stat(Thread& t, const struct stat& s) {
  auto ns = [](const timespec& time) { return number(time.tv_sec * INT64_C(1000000000) + time.tv_nsec); };
  auto seconds = [](const timespec& time) { return Value::of_float(static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec)); };
  Value values[19] = {number(s.st_mode), make_int_u64(t, s.st_ino), make_int_u64(t, s.st_dev), number(static_cast<int64_t>(s.st_nlink)),
                      number(s.st_uid), number(s.st_gid), number(s.st_size), number(s.st_atim.tv_sec), number(s.st_mtim.tv_sec),
                      number(s.st_ctim.tv_sec), seconds(s.st_atim), seconds(s.st_mtim), seconds(s.st_ctim), ns(s.st_atim), ns(s.st_mtim),
                      ns(s.st_ctim), number(s.st_blksize), number(s.st_blocks), number(static_cast<int64_t>(s.st_rdev))};
  return make_struct(t, stat_layout, values, 19, 10);
}

Value stat_of(Thread& t, const PathArgument& path, bool follows) {
  flush_regular_files(*t.interpreter);
  struct stat s;
  int error;
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] {
    if (path.is_descriptor()) return fstat(path.descriptor, &s);
    return follows ? stat(path.path.c_str(), &s) : lstat(path.path.c_str(), &s);
  });
  MINI_CHECK(r, error, raise_for_path(t, error, path));
  return make_stat(t, s);
}

Value posix_stat(Thread& t, Value* args, size_t) {
  PathArgument path;
  if (!path_argument(t, args[0], "stat", path, true)) return Value::raised();
  bool follows = args[2].is_empty() || TRY(truth(t, args[2])).is_true();
  return stat_of(t, path, follows);
}

Value posix_lstat(Thread& t, Value* args, size_t) {
  PathArgument path;
  if (!path_argument(t, args[0], "lstat", path)) return Value::raised();
  return stat_of(t, path, false);
}

Value posix_fstat(Thread& t, Value* args, size_t) {
  struct stat s;
  int fd, error;
  if (!int_argument(t, args[0], fd)) return Value::raised();
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] { return fstat(fd, &s); });
  MINI_CHECK(r, error, raise_os_error(t, error));
  return make_stat(t, s);
}

Value posix_access(Thread& t, Value* args, size_t) {
  PathArgument path;
  int mode, error;
  if (!path_argument(t, args[0], "access", path) || !int_argument(t, args[1], mode)) return Value::raised();
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] { return access(path.path.c_str(), mode); });
  if (r == -2) return Value::raised();
  return Value::of_bool(r == 0);
}

// Kind of a file by path, without exceptions: 0 none, 1 other, 2 file, 3 folder, 4 link. For os.path.
Value posix_kind(Thread& t, Value* args, size_t) {
  PathArgument path;
  if (!path_argument(t, args[0], "stat", path, true)) {
    // A name that cannot be one does not exist.
    if (!exception_matches(t, ErrorType::ValueError)) return Value::raised();
    (void)take_exception(t);
    return number(0);
  }
  bool follows = TRY(truth(t, args[1])).is_true();
  struct stat s;
  int error;
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] {
    if (path.is_descriptor()) return fstat(path.descriptor, &s);
    return follows ? stat(path.path.c_str(), &s) : lstat(path.path.c_str(), &s);
  });
  if (r == -2) return Value::raised();
  if (r < 0) return number(0);
  return number(S_ISREG(s.st_mode) ? 2 : S_ISDIR(s.st_mode) ? 3 : S_ISLNK(s.st_mode) ? 4 : 1);
}

// --- Calls with one path ---

template <class Function>
Value one_path(Thread& t, Value v, const char* name, Function function, bool allows_descriptor = false) {
  PathArgument path;
  int error;
  if (!path_argument(t, v, name, path, allows_descriptor)) return Value::raised();
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] { return function(path); });
  MINI_CHECK(r, error, raise_for_path(t, error, path));
  return Value::none();
}

template <class Function>
Value two_paths(Thread& t, Value* args, const char* name, Function function) {
  flush_regular_files(*t.interpreter);
  PathArgument from, to;
  int error;
  if (!path_argument(t, args[0], name, from, false, "src") || !path_argument(t, args[1], name, to, false, "dst")) return Value::raised();
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] { return function(from.path.c_str(), to.path.c_str()); });
  MINI_CHECK(r, error, raise_for_paths(t, error, from, to));
  return Value::none();
}

Value posix_chdir(Thread& t, Value* args, size_t) {
  return one_path(t, args[0], "chdir",
                  [](const PathArgument& p) { return p.is_descriptor() ? fchdir(p.descriptor) : chdir(p.path.c_str()); }, true);
}

Value posix_mkdir(Thread& t, Value* args, size_t) {
  int mode = 0777;
  if (!args[1].is_empty() && !int_argument(t, args[1], mode)) return Value::raised();
  return one_path(t, args[0], "mkdir", [mode](const PathArgument& p) { return mkdir(p.path.c_str(), static_cast<mode_t>(mode)); });
}

Value posix_rmdir(Thread& t, Value* args, size_t) {
  return one_path(t, args[0], "rmdir", [](const PathArgument& p) { return rmdir(p.path.c_str()); });
}

Value posix_remove(Thread& t, Value* args, size_t) {
  return one_path(t, args[0], "remove", [](const PathArgument& p) { return unlink(p.path.c_str()); });
}

Value posix_unlink(Thread& t, Value* args, size_t) {
  return one_path(t, args[0], "unlink", [](const PathArgument& p) { return unlink(p.path.c_str()); });
}

Value posix_chmod(Thread& t, Value* args, size_t) {
  int mode;
  if (!int_argument(t, args[1], mode)) return Value::raised();
  return one_path(t, args[0], "chmod", [mode](const PathArgument& p) {
    return p.is_descriptor() ? fchmod(p.descriptor, static_cast<mode_t>(mode)) : chmod(p.path.c_str(), static_cast<mode_t>(mode));
  }, true);
}

Value posix_truncate(Thread& t, Value* args, size_t) {
  int64_t size;
  if (!to_index(t, args[1], size)) return Value::raised();
  return one_path(t, args[0], "truncate", [size](const PathArgument& p) {
    return p.is_descriptor() ? ftruncate(p.descriptor, size) : truncate(p.path.c_str(), size);
  }, true);
}

Value posix_mkfifo(Thread& t, Value* args, size_t) {
  int mode = 0666;
  if (!args[1].is_empty() && !int_argument(t, args[1], mode)) return Value::raised();
  return one_path(t, args[0], "mkfifo", [mode](const PathArgument& p) { return mkfifo(p.path.c_str(), static_cast<mode_t>(mode)); });
}

Value posix_rename(Thread& t, Value* args, size_t) { return two_paths(t, args, "rename", rename); }
Value posix_replace(Thread& t, Value* args, size_t) { return two_paths(t, args, "replace", rename); }
Value posix_link(Thread& t, Value* args, size_t) { return two_paths(t, args, "link", link); }
Value posix_symlink(Thread& t, Value* args, size_t) { return two_paths(t, args, "symlink", symlink); }

Value posix_readlink(Thread& t, Value* args, size_t) {
  PathArgument path;
  if (!path_argument(t, args[0], "readlink", path)) return Value::raised();
  std::string target(PATH_MAX, '\0');
  int error;
  int64_t n = outside_gil(t, BlockReason::FileIo, error, [&] { return readlink(path.path.c_str(), target.data(), target.size()); });
  MINI_CHECK(n, error, raise_for_path(t, error, path));
  return fs_name(t, std::string_view(target).substr(0, static_cast<size_t>(n)), path.is_bytes);
}

// utime(path, times=None, *, ns=None).
Value posix_utime(Thread& t, Value* args, size_t) {
  timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
  if (is_given(args[1]) && is_given(args[2])) return raise(t, ErrorType::ValueError, "utime: you may specify either 'times' or 'ns' but not both");
  Value given = is_given(args[1]) ? args[1] : is_given(args[2]) ? args[2] : Value::none();
  if (!given.is_none()) {
    if (!is_kind(given, Kind::Tuple) || as<Tuple>(given)->length != 2) {
      return raise(t, ErrorType::TypeError, "utime: '{}' must be {}a tuple of two ints", is_given(args[1]) ? "times" : "ns", is_given(args[1]) ? "either " : "");
    }
    for (int i = 0; i < 2; ++i) {
      Value v = as<Tuple>(given)->items[i];
      int64_t whole;
      if (is_floating(v)) {
        double floor = std::floor(float_value(v));
        times[i] = {static_cast<time_t>(floor), static_cast<long>((float_value(v) - floor) * 1e9)};
      } else if (!to_index(t, v, whole)) {
        return Value::raised();
      } else if (is_given(args[1])) {
        times[i] = {whole, 0};
      } else {
        int64_t seconds = whole / 1000000000 - (whole % 1000000000 < 0);
        times[i] = {seconds, whole - seconds * 1000000000};
      }
    }
  }
  return one_path(t, args[0], "utime", [&](const PathArgument& p) {
    return p.is_descriptor() ? futimens(p.descriptor, times) : utimensat(AT_FDCWD, p.path.c_str(), times, 0);
  }, true);
}

Value posix_getcwd(Thread& t, Value*, size_t) {
  char buffer[PATH_MAX];
  if (!getcwd(buffer, sizeof buffer)) return raise_os_error(t, errno);
  return fs_name(t, buffer);
}

Value posix_getcwdb(Thread& t, Value*, size_t) {
  char buffer[PATH_MAX];
  if (!getcwd(buffer, sizeof buffer)) return raise_os_error(t, errno);
  return fs_name(t, buffer, true);
}

Value posix_umask(Thread& t, Value* args, size_t) {
  int mask;
  if (!int_argument(t, args[0], mask)) return Value::raised();
  return number(umask(static_cast<mode_t>(mask)));
}

// --- Folders ---

struct FolderEntry {
  std::string name;
  unsigned char type;
  ino_t number;
};

// All entries but "." and "..", outside the GIL. False after raising.
bool read_folder(Thread& t, const PathArgument& path, std::vector<FolderEntry>& entries) {
  int error = 0;
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&]() -> int {
    DIR* folder = path.is_descriptor() ? fdopendir(dup(path.descriptor)) : opendir(path.path.c_str());
    if (!folder) return -1;
    if (path.is_descriptor()) rewinddir(folder);
    while (dirent* entry = readdir(folder)) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type, entry->d_ino});
    }
    closedir(folder);
    return 0;
  });
  if (r == -1) (void)raise_for_path(t, error, path);
  return r == 0;
}

bool folder_argument(Thread& t, Value v, const char* function, PathArgument& path) {
  if (is_given(v)) return path_argument(t, v, function, path, true);
  path.path = ".";
  path.value = str_value(make_str(t, "."));
  return true;
}

Value posix_listdir(Thread& t, Value* args, size_t) {
  PathArgument path;
  std::vector<FolderEntry> entries;
  if (!folder_argument(t, args[0], "listdir", path) || !read_folder(t, path, entries)) return Value::raised();
  List* names = make_list(t, entries.size());
  for (const FolderEntry& entry : entries) list_push(t, names, fs_name(t, entry.name, path.is_bytes));
  return Value::of_object(names);
}

struct DirEntry : Object {
  Value name, path;
  unsigned char type;          // DT_*
  uint64_t number;
};

DirEntry* entry_of(Value v) { return as<DirEntry>(v); }

// The file type of an entry, S_IFMT bits; 0: it is gone. -1 after raising.
int64_t entry_type(Thread& t, DirEntry* entry, bool follows) {
  static constexpr std::pair<unsigned char, unsigned> kTypes[] = {{DT_REG, S_IFREG}, {DT_DIR, S_IFDIR}, {DT_LNK, S_IFLNK},
                                                                  {DT_FIFO, S_IFIFO}, {DT_SOCK, S_IFSOCK}, {DT_CHR, S_IFCHR}, {DT_BLK, S_IFBLK}};
  bool must_ask = entry->type == DT_UNKNOWN || (follows && entry->type == DT_LNK);
  if (!must_ask) {
    for (auto [type, bits] : kTypes) {
      if (type == entry->type) return bits;
    }
  }
  PathArgument path;
  if (!path_argument(t, entry->path, "stat", path)) return -1;
  struct stat s;
  int error;
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] { return follows ? stat(path.path.c_str(), &s) : lstat(path.path.c_str(), &s); });
  if (r == 0) return s.st_mode & S_IFMT;
  if (r == -1 && error == ENOENT) return 0;
  if (r == -1) (void)raise_for_path(t, error, path);
  return -1;
}

Value entry_is(Thread& t, Value* args, unsigned wanted) {
  bool follows = args[1].is_empty() || TRY(truth(t, args[1])).is_true();
  int64_t type = entry_type(t, entry_of(args[0]), follows);
  return type < 0 ? Value::raised() : Value::of_bool(type == wanted);
}

Value entry_is_dir(Thread& t, Value* args, size_t) { return entry_is(t, args, S_IFDIR); }
Value entry_is_file(Thread& t, Value* args, size_t) { return entry_is(t, args, S_IFREG); }

Value entry_is_symlink(Thread& t, Value* args, size_t) {
  int64_t type = entry_type(t, entry_of(args[0]), false);
  return type < 0 ? Value::raised() : Value::of_bool(type == S_IFLNK);
}

Value entry_stat(Thread& t, Value* args, size_t) {
  PathArgument path;
  if (!path_argument(t, entry_of(args[0])->path, "stat", path)) return Value::raised();
  return stat_of(t, path, args[1].is_empty() || TRY(truth(t, args[1])).is_true());
}

Value entry_inode(Thread& t, Value* args, size_t) { return make_int_u64(t, entry_of(args[0])->number); }
Value entry_fspath(Thread&, Value* args, size_t) { return entry_of(args[0])->path; }
Value entry_name(Thread&, Value self) { return entry_of(self)->name; }
Value entry_path(Thread&, Value self) { return entry_of(self)->path; }

Value entry_repr(Thread& t, Value self) {
  Str* name = to_repr(t, entry_of(self)->name);
  return name ? str_value(make_str(t, fmt::format("<DirEntry {}>", to_utf8(name)))) : Value::raised();
}

void entry_trace(Object* o, Marker& marker) {
  marker.mark(static_cast<DirEntry*>(o)->name);
  marker.mark(static_cast<DirEntry*>(o)->path);
}

constexpr NativeRow entry_methods[] = {
    {"is_dir", entry_is_dir, "(self, *, follow_symlinks=True)", "Is it a folder?"},
    {"is_file", entry_is_file, "(self, *, follow_symlinks=True)", "Is it a plain file?"},
    {"is_symlink", entry_is_symlink, "(self)", "Is it a symbolic link?"},
    {"stat", entry_stat, "(self, *, follow_symlinks=True)", "All facts about it."},
    {"inode", entry_inode, "(self)", "Its number."},
    {"__fspath__", entry_fspath, "(self)", ""},
};
constexpr AttributeRow entry_attributes[] = {
    {"name", entry_name, nullptr, "Name in its folder."},
    {"path", entry_path, nullptr, "Path: the scanned folder and the name."},
};
const Layout dir_entry_layout = {
    .name = "DirEntry", .module = "posix", .kind = Kind::Native, .size = sizeof(DirEntry), .flags = kNoInstantiation, .base = nullptr,
    .trace = entry_trace, .finalize = nullptr, .ops = {.repr = entry_repr},
    .methods = entry_methods, .method_count = std::size(entry_methods),
    .attributes = entry_attributes, .attribute_count = std::size(entry_attributes), .help = "A file found by scandir."};

struct ScandirIterator : Object {
  List* entries;
  size_t next;
};

Value scandir_self(Thread&, Value self) { return self; }
Value scandir_enter(Thread&, Value* args, size_t) { return args[0]; }

Value scandir_next(Thread&, Value self) {
  auto* it = as<ScandirIterator>(self);
  return it->next < it->entries->length ? it->entries->items[it->next++] : Value::empty();
}

Value scandir_close(Thread&, Value* args, size_t) {
  as<ScandirIterator>(args[0])->next = as<ScandirIterator>(args[0])->entries->length;
  return Value::none();
}

void scandir_trace(Object* o, Marker& marker) { marker.mark_pointer(static_cast<ScandirIterator*>(o)->entries); }

constexpr NativeRow scandir_methods[] = {
    {"close", scandir_close, "(self)", "Ends the iteration."},
    {"__enter__", scandir_enter, "(self)", ""},
    {"__exit__", scandir_close, "(self, *args)", ""},
};
const Layout scandir_layout = {
    .name = "ScandirIterator", .module = "posix", .kind = Kind::Native, .size = sizeof(ScandirIterator), .flags = kNoInstantiation,
    .base = nullptr, .trace = scandir_trace, .finalize = nullptr, .ops = {.iterate = scandir_self, .next = scandir_next},
    .methods = scandir_methods, .method_count = std::size(scandir_methods), .attributes = nullptr, .attribute_count = 0, .help = ""};

Value posix_scandir(Thread& t, Value* args, size_t) {
  PathArgument path;
  std::vector<FolderEntry> entries;
  if (!folder_argument(t, args[0], "scandir", path) || !read_folder(t, path, entries)) return Value::raised();
  std::string folder = path.path;
  if (!folder.empty() && folder.back() != '/') folder += '/';
  List* all = make_list(t, entries.size());
  for (const FolderEntry& entry : entries) {
    Value name = fs_name(t, entry.name, path.is_bytes);
    Value full = path.is_descriptor() ? name : fs_name(t, folder + entry.name, path.is_bytes);
    auto* e = t.heap->make<DirEntry>(native_type(t, dir_entry_layout)->root_shape);
    e->name = name;
    e->path = full;
    e->type = entry.type;
    e->number = entry.number;
    list_push(t, all, Value::of_object(e));
  }
  auto* it = t.heap->make<ScandirIterator>(native_type(t, scandir_layout)->root_shape);
  it->entries = all;
  it->next = 0;
  return Value::of_object(it);
}

// --- Descriptors ---

Value posix_open(Thread& t, Value* args, size_t) {
  PathArgument path;
  int flags, mode = 0777, error;
  if (!path_argument(t, args[0], "open", path) || !int_argument(t, args[1], flags)) return Value::raised();
  if (!args[2].is_empty() && !int_argument(t, args[2], mode)) return Value::raised();
  int64_t fd = outside_gil(t, BlockReason::FileIo, error, [&] { return open(path.path.c_str(), flags | O_CLOEXEC, mode); });
  MINI_CHECK(fd, error, raise_for_path(t, error, path));
  return number(fd);
}

Value posix_close(Thread& t, Value* args, size_t) {
  int fd;
  if (!int_argument(t, args[0], fd)) return Value::raised();
  int result, error;
  {
    ReleaseGil released(t, BlockReason::FileIo);
    result = close(fd);   // never again after EINTR: the descriptor is gone
    error = errno;
  }
  if (result < 0 && error != EINTR) return raise_os_error(t, error);
  return Value::none();
}

Value posix_closerange(Thread& t, Value* args, size_t) {
  int from, to;
  if (!int_argument(t, args[0], from) || !int_argument(t, args[1], to)) return Value::raised();
  for (int fd = from; fd < to; ++fd) close(fd);
  return Value::none();
}

Value posix_read(Thread& t, Value* args, size_t) {
  int fd, error;
  int64_t count;
  if (!int_argument(t, args[0], fd) || !to_index(t, args[1], count)) return Value::raised();
  if (count < 0) return raise_os_error(t, EINVAL);
  if (!t.heap->can_allocate(static_cast<size_t>(count))) return raise_memory(t);
  std::string bytes(static_cast<size_t>(count), '\0');
  int64_t n = outside_gil(t, BlockReason::FileIo, error, [&] { return read(fd, bytes.data(), bytes.size()); });
  MINI_CHECK(n, error, raise_os_error(t, error));
  return Value::of_object(make_bytes(t, bytes.data(), static_cast<size_t>(n)));
}

Value posix_pread(Thread& t, Value* args, size_t) {
  int fd, error;
  int64_t count, offset;
  if (!int_argument(t, args[0], fd) || !to_index(t, args[1], count) || !to_index(t, args[2], offset)) return Value::raised();
  if (count < 0) return raise_os_error(t, EINVAL);
  if (!t.heap->can_allocate(static_cast<size_t>(count))) return raise_memory(t);
  std::string bytes(static_cast<size_t>(count), '\0');
  int64_t n = outside_gil(t, BlockReason::FileIo, error, [&] { return pread(fd, bytes.data(), bytes.size(), offset); });
  MINI_CHECK(n, error, raise_os_error(t, error));
  return Value::of_object(make_bytes(t, bytes.data(), static_cast<size_t>(n)));
}

Value posix_write(Thread& t, Value* args, size_t) {
  int fd, error;
  std::string_view bytes;
  if (!int_argument(t, args[0], fd) || !require_bytes(t, args[1], bytes)) return Value::raised();
  PinnedBytes pinned(args[1]);
  int64_t n = outside_gil(t, BlockReason::FileIo, error, [&] { return write(fd, bytes.data(), bytes.size()); });
  MINI_CHECK(n, error, raise_os_error(t, error));
  return number(n);
}

Value posix_pwrite(Thread& t, Value* args, size_t) {
  int fd, error;
  int64_t offset;
  std::string_view bytes;
  if (!int_argument(t, args[0], fd) || !require_bytes(t, args[1], bytes) || !to_index(t, args[2], offset)) return Value::raised();
  PinnedBytes pinned(args[1]);
  int64_t n = outside_gil(t, BlockReason::FileIo, error, [&] { return pwrite(fd, bytes.data(), bytes.size(), offset); });
  MINI_CHECK(n, error, raise_os_error(t, error));
  return number(n);
}

Value posix_lseek(Thread& t, Value* args, size_t) {
  int fd, whence;
  int64_t offset;
  if (!int_argument(t, args[0], fd) || !to_index(t, args[1], offset) || !int_argument(t, args[2], whence)) return Value::raised();
  off_t position = lseek(fd, offset, whence);
  return position < 0 ? raise_os_error(t, errno) : number(position);
}

Value posix_ftruncate(Thread& t, Value* args, size_t) {
  int fd, error;
  int64_t size;
  if (!int_argument(t, args[0], fd) || !to_index(t, args[1], size)) return Value::raised();
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] { return ftruncate(fd, size); });
  MINI_CHECK(r, error, raise_os_error(t, error));
  return Value::none();
}

Value posix_fsync(Thread& t, Value* args, size_t) {
  int fd, error;
  if (!int_argument(t, args[0], fd)) return Value::raised();
  int64_t r = outside_gil(t, BlockReason::FileIo, error, [&] { return fsync(fd); });
  MINI_CHECK(r, error, raise_os_error(t, error));
  return Value::none();
}

Value make_pipe(Thread& t, int flags) {
  int fds[2];
  if (pipe2(fds, flags) < 0) return raise_os_error(t, errno);
  return Value::of_object(make_tuple(t, {number(fds[0]), number(fds[1])}));
}

Value posix_pipe(Thread& t, Value*, size_t) { return make_pipe(t, O_CLOEXEC); }

Value posix_pipe2(Thread& t, Value* args, size_t) {
  int flags;
  return int_argument(t, args[0], flags) ? make_pipe(t, flags) : Value::raised();
}

Value posix_dup(Thread& t, Value* args, size_t) {
  int fd;
  if (!int_argument(t, args[0], fd)) return Value::raised();
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? raise_os_error(t, errno) : number(copy);
}

Value posix_dup2(Thread& t, Value* args, size_t) {
  int fd, to;
  if (!int_argument(t, args[0], fd) || !int_argument(t, args[1], to)) return Value::raised();
  bool is_inheritable = args[2].is_empty() || TRY(truth(t, args[2])).is_true();
  int result = is_inheritable || fd == to ? dup2(fd, to) : dup3(fd, to, O_CLOEXEC);
  return result < 0 ? raise_os_error(t, errno) : number(result);
}

Value posix_isatty(Thread& t, Value* args, size_t) {
  int fd;
  return int_argument(t, args[0], fd) ? Value::of_bool(isatty(fd)) : Value::raised();
}

Value get_flag(Thread& t, Value v, int command, int flag, bool is_inverted) {
  int fd;
  if (!int_argument(t, v, fd)) return Value::raised();
  int flags = fcntl(fd, command);
  return flags < 0 ? raise_os_error(t, errno) : Value::of_bool(((flags & flag) != 0) != is_inverted);
}

Value set_flag(Thread& t, Value* args, int get, int set, int flag, bool is_inverted) {
  int fd;
  if (!int_argument(t, args[0], fd)) return Value::raised();
  bool is_on = TRY(truth(t, args[1])).is_true() != is_inverted;
  int flags = fcntl(fd, get);
  if (flags < 0 || fcntl(fd, set, is_on ? flags | flag : flags & ~flag) < 0) return raise_os_error(t, errno);
  return Value::none();
}

Value posix_get_inheritable(Thread& t, Value* args, size_t) { return get_flag(t, args[0], F_GETFD, FD_CLOEXEC, true); }
Value posix_set_inheritable(Thread& t, Value* args, size_t) { return set_flag(t, args, F_GETFD, F_SETFD, FD_CLOEXEC, true); }
Value posix_get_blocking(Thread& t, Value* args, size_t) { return get_flag(t, args[0], F_GETFL, O_NONBLOCK, true); }
Value posix_set_blocking(Thread& t, Value* args, size_t) { return set_flag(t, args, F_GETFL, F_SETFL, O_NONBLOCK, true); }

Value posix_get_terminal_size(Thread& t, Value* args, size_t) {
  int fd = STDOUT_FILENO;
  winsize size;
  if (!args[0].is_empty() && !int_argument(t, args[0], fd)) return Value::raised();
  if (ioctl(fd, TIOCGWINSZ, &size) < 0) return raise_os_error(t, errno);
  return make_struct(t, terminal_layout, {number(size.ws_col), number(size.ws_row)});
}

Value posix_fspath(Thread& t, Value* args, size_t) { return fspath(t, args[0]); }

// str to bytes and back with surrogateescape.
Value posix_fsencode(Thread& t, Value* args, size_t) {
  Value path = TRY(fspath(t, args[0]));
  return is_kind(path, Kind::Str) ? fs_name(t, fs_encode(as<Str>(path)), true) : path;
}

Value posix_fsdecode(Thread& t, Value* args, size_t) {
  Value path = TRY(fspath(t, args[0]));
  std::string_view bytes;
  return bytes_view(path, bytes) ? fs_name(t, bytes) : path;
}

constexpr NativeRow kRows[] = {
    {"stat", posix_stat, "(path, *, dir_fd=None, follow_symlinks=True)", "Facts about a file."},
    {"lstat", posix_lstat, "(path, *, dir_fd=None)", "Facts about a file or link."},
    {"fstat", posix_fstat, "(fd)", "Facts about an open file."},
    {"access", posix_access, "(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)", "May this process use the file?"},
    {"_kind", posix_kind, "(path, follow_symlinks, /)", "0 none, 1 other, 2 file, 3 folder, 4 link."},
    {"chdir", posix_chdir, "(path)", "Changes the working folder."},
    {"fchdir", posix_chdir, "(fd)", "Changes the working folder."},
    {"mkdir", posix_mkdir, "(path, mode=511, *, dir_fd=None)", "Makes a folder."},
    {"rmdir", posix_rmdir, "(path, *, dir_fd=None)", "Removes an empty folder."},
    {"remove", posix_remove, "(path, *, dir_fd=None)", "Removes a file."},
    {"unlink", posix_unlink, "(path, *, dir_fd=None)", "Removes a file."},
    {"chmod", posix_chmod, "(path, mode, *, dir_fd=None, follow_symlinks=True)", "Changes permissions."},
    {"fchmod", posix_chmod, "(fd, mode)", "Changes permissions."},
    {"truncate", posix_truncate, "(path, length)", "Cuts or extends a file."},
    {"ftruncate", posix_ftruncate, "(fd, length, /)", "Cuts or extends an open file."},
    {"mkfifo", posix_mkfifo, "(path, mode=438, *, dir_fd=None)", "Makes a named pipe."},
    {"rename", posix_rename, "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Renames a file."},
    {"replace", posix_replace, "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Renames a file over another."},
    {"link", posix_link, "(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)", "Makes a hard link."},
    {"symlink", posix_symlink, "(src, dst, target_is_directory=False, *, dir_fd=None)", "Makes a symbolic link."},
    {"readlink", posix_readlink, "(path, *, dir_fd=None)", "Where a symbolic link points."},
    {"utime", posix_utime, "(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)", "Sets the times of a file."},
    {"getcwd", posix_getcwd, "()", "The working folder."},
    {"getcwdb", posix_getcwdb, "()", "The working folder as bytes."},
    {"umask", posix_umask, "(mask, /)", "Sets the file mode mask and gives the old one."},
    {"listdir", posix_listdir, "(path=None)", "Names in a folder."},
    {"scandir", posix_scandir, "(path=None)", "Entries of a folder."},
    {"open", posix_open, "(path, flags, mode=511, *, dir_fd=None)", "Opens a file and gives the descriptor."},
    {"close", posix_close, "(fd)", "Closes a descriptor."},
    {"closerange", posix_closerange, "(fd_low, fd_high, /)", "Closes descriptors and ignores errors."},
    {"read", posix_read, "(fd, length, /)", "Up to length bytes."},
    {"pread", posix_pread, "(fd, length, offset, /)", "Up to length bytes from a place."},
    {"write", posix_write, "(fd, data, /)", "Writes bytes and gives their number."},
    {"pwrite", posix_pwrite, "(fd, buffer, offset, /)", "Writes bytes at a place."},
    {"lseek", posix_lseek, "(fd, position, whence, /)", "Sets the position."},
    {"fsync", posix_fsync, "(fd)", "Waits until the file is on the disk."},
    {"fdatasync", posix_fsync, "(fd)", "Waits until the file is on the disk."},
    {"pipe", posix_pipe, "()", "A pipe: reading end, writing end."},
    {"pipe2", posix_pipe2, "(flags, /)", "A pipe with flags."},
    {"dup", posix_dup, "(fd, /)", "A copy of a descriptor."},
    {"dup2", posix_dup2, "(fd, fd2, inheritable=True)", "Makes fd2 a copy of fd."},
    {"isatty", posix_isatty, "(fd, /)", "Is it a terminal?"},
    {"get_inheritable", posix_get_inheritable, "(fd, /)", "Do child processes get it?"},
    {"set_inheritable", posix_set_inheritable, "(fd, inheritable, /)", "Sets whether child processes get it."},
    {"get_blocking", posix_get_blocking, "(fd, /)", "Do reads and writes wait?"},
    {"set_blocking", posix_set_blocking, "(fd, blocking, /)", "Sets whether reads and writes wait."},
    {"get_terminal_size", posix_get_terminal_size, "(fd=1, /)", "Columns and lines of a terminal."},
    {"fspath", posix_fspath, "(path)", "A path object as str or bytes."},
    {"fsencode", posix_fsencode, "(filename)", "A path as bytes."},
    {"fsdecode", posix_fsdecode, "(filename)", "A path as str."},
};

}  // namespace

std::span<const NativeRow> posix_file_rows() { return kRows; }

Value add_posix_file_names(Thread& t, Module* m) {
  struct Number { const char* name; int64_t value; };
#define ROW(name) {#name, name}
  constexpr Number kNumbers[] = {ROW(O_RDONLY), ROW(O_WRONLY), ROW(O_RDWR), ROW(O_CREAT), ROW(O_EXCL), ROW(O_TRUNC), ROW(O_APPEND),
                                 ROW(O_NONBLOCK), ROW(O_NDELAY), ROW(O_SYNC), ROW(O_DSYNC), ROW(O_NOCTTY), ROW(O_CLOEXEC), ROW(O_DIRECTORY),
                                 ROW(O_NOFOLLOW), ROW(O_ACCMODE), ROW(F_OK), ROW(R_OK), ROW(W_OK), ROW(X_OK)};
#undef ROW
  for (const Number& row : kNumbers) module_set(t, m, row.name, Value::of_int(row.value));
  module_add_type(t, m, stat_layout);
  module_add_type(t, m, terminal_layout);
  module_add_type(t, m, dir_entry_layout);
  return Value::none();
}

}  // namespace mini
