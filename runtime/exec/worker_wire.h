// SPDX-License-Identifier: MIT
// What crosses from one interpreter to another: any value as bytes, and back. See docs/internals/processes.md.
//
// Two styles. ByName is pickle's: functions and classes travel as "module.name" and must be found there. ByValue is what
// workers get: whatever the script itself made travels with all that it needs, so a worker never runs the main script.
//
// ByValue in one picture. The script's namespace is mirrored on the receiving side, name by name, on demand:
//   - a function or class that `__main__` knows by name travels as that name, plus a *definition* of the name;
//   - a function by value brings its code, defaults and cells, and needs definitions of the globals its code names;
//   - a class that no name leads to gets an origin, a number that stays with it on both sides;
//   - definitions go once to each receiver, and again when the sender has bound the name to something else.
// WireTable keeps a sender's definitions, WirePeer what one receiver already has, WireInbox what a receiver got.
//
// Nothing here knows of processes: a worker may as well be another interpreter. The GIL is held throughout.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/exec/wire_format.h"
#include "runtime/object.h"
#include "runtime/objects/shared_bytes.h"

namespace mini {

enum class WireStyle : uint8_t { ByValue, ByName };

// One state of one definition. Immutable, shared by the parcels that need it.
struct WireDefinition {
  uint32_t slot;            // which global or class
  uint64_t serial;          // which state of it
  std::string bytes;        // kind, key, value: as it stands in a message
};
using WireNeeds = std::vector<std::shared_ptr<const WireDefinition>>;

// An encoded value, ready for any receiver.
struct Parcel {
  std::string payload;
  WireNeeds needs;
  SharedBuffers buffers;    // large bytes that are not in the payload: see WireTable::share_large_bytes
};

class WireTable {
 public:
  explicit WireTable(WireStyle style = WireStyle::ByValue) : style_(style) {}
  void trace(Marker& marker);
  WireStyle style() const { return style_; }
  // The receivers are interpreters of this process: large bytes travel as `Parcel::buffers`, without a copy.
  void share_large_bytes() { shares_bytes_ = true; }

  // Values one after another. `labels` name them in messages about what cannot travel. False after raising.
  bool encode(Thread& t, const Value* values, const char* const* labels, size_t count, Parcel& out);
  bool encode(Thread& t, Value v, Parcel& out);
  // The other side defined this name itself: no need to send it back as long as it keeps this value.
  void note_known_global(Str* name, Value v);
  void note_known_class(Type* type);

 private:
  friend class WireWriter;
  struct Slot {
    WireDefinitionKind kind;
    Dict* space;              // Global: the namespace
    Str* name;
    Value value;              // what the bytes describe
    std::shared_ptr<const WireDefinition> current;   // null: known to the other side
    std::vector<uint32_t> needs;                     // slots that this one leans on
    uint64_t visit;
    bool is_known = false;                           // the other side defined it: never sent back
  };
  struct GlobalKey {
    const void* space;
    const void* name;
    bool operator==(const GlobalKey&) const = default;
  };
  struct GlobalKeyHash {
    size_t operator()(const GlobalKey& k) const {
      return std::hash<const void*>()(k.space) * 31 + std::hash<const void*>()(k.name);
    }
  };
  // The slot of a global or class, encoded when it is new or was bound again. False after raising.
  bool need_global(Thread& t, Dict* space, Str* name, Value v, uint32_t& slot);
  bool need_class(Thread& t, Type* type, uint32_t& slot);
  bool encode_slot(Thread& t, uint32_t slot);
  bool gather(Thread& t, const std::vector<uint32_t>& direct, WireNeeds& out);
  uint32_t space_number(Dict* space);

  WireStyle style_;
  bool shares_bytes_ = false;
  std::vector<Slot> slots_;
  std::unordered_map<GlobalKey, uint32_t, GlobalKeyHash> globals_;
  std::unordered_map<const Type*, uint32_t> classes_;
  std::vector<Dict*> spaces_;               // namespaces that are neither __main__ nor a module
  uint64_t next_serial_ = 1;
  uint64_t visit_ = 0;
};

// What one receiver has got from a table.
class WirePeer {
 public:
  // The whole message for this receiver: the definitions that it lacks, then the payload.
  std::string assemble(const Parcel& parcel);
  // It lost its state, or may have: everything will be sent again.
  void forget() { sent_.clear(); }

 private:
  std::vector<uint64_t> sent_;              // by slot: serial
};

// What a receiver knows. `mirror`: names of the sender's `__main__` are set here even when they exist (a worker);
// otherwise only when they are absent (the one who gave the work).
class WireInbox {
 public:
  WireInbox(bool mirror, WireTable* replies) : is_mirror_(mirror), replies_(replies) {}
  void trace(Marker& marker);
  // The `count` values of a message into `out`. False after raising ValueError (bad bytes) or whatever rebuilding raised.
  bool decode(Thread& t, std::string_view message, Value* out, size_t count, const SharedBuffers* buffers = nullptr);

 private:
  friend class WireReader;
  bool is_mirror_;
  WireTable* replies_;                      // the table of the other direction, or null
  std::unordered_map<uint64_t, Dict*> spaces_;   // by the sender's number
};

// One value, standing alone. Raised / false after raising.
bool wire_dumps(Thread& t, Value v, WireStyle style, std::string& out, SharedBuffers* buffers = nullptr);
Value wire_loads(Thread& t, std::string_view message, const SharedBuffers* buffers = nullptr);

// Classes that no name leads to are known on both sides by their origin.
uint64_t wire_class_origin(Thread& t, Type* type);
Type* wire_class_by_origin(Thread& t, uint64_t origin);      // null: never seen here
void wire_adopt_class(Thread& t, Type* type, uint64_t origin);

// "module.name" of a value's type as CPython prints it in "cannot pickle '...' object".
std::string wire_type_name(Thread& t, Value v);

extern const Layout unsendable_layout;
// Stands for a global that could not travel: any use of it raises TypeError with this message.
Value make_unsendable(Thread& t, std::string_view message);
std::string unsendable_message(Value v);

}  // namespace mini
