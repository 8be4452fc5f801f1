// SPDX-License-Identifier: MIT
// Named tuples of the system modules: sys.version_info, os.stat_result, time.struct_time. A tuple with a Layout of its own whose
// attributes are the fields, in order. Fields beyond the tuple's length are attributes only; they hold no objects but what the
// heap reaches otherwise, except that `struct_trace` marks them too.
//
//   constexpr AttributeRow fields[] = {{"user", struct_field<0>, nullptr, ""}, {"system", struct_field<1>, nullptr, ""}};
//   const Layout times_layout = {.name = "times_result", .module = "posix", MINI_STRUCT_LAYOUT(fields)};
#pragma once

#include <iterator>

#include "runtime/object.h"
#include "runtime/objects/sequence.h"

namespace mini {

template <size_t index>
Value struct_field(Thread&, Value self) { return as<Tuple>(self)->items[index]; }

Value struct_repr(Thread& t, Value self);
void struct_trace(Object* self, Marker& marker);

#define MINI_STRUCT_LAYOUT(fields)                                                                                    \
  .kind = Kind::Tuple, .size = sizeof(Tuple), .flags = 0, .base = &tuple_layout, .trace = struct_trace,               \
  .finalize = nullptr, .ops = {.repr = struct_repr}, .methods = nullptr, .method_count = 0, .attributes = fields,     \
  .attribute_count = std::size(fields), .help = ""

// `count` values for the fields, `visible` of which are items of the tuple.
Value make_struct(Thread& t, const Layout& layout, const Value* values, size_t count, size_t visible);
inline Value make_struct(Thread& t, const Layout& layout, std::initializer_list<Value> values) {
  return make_struct(t, layout, values.begin(), values.size(), values.size());
}

}  // namespace mini
