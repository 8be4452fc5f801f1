// SPDX-License-Identifier: MIT
// bisect: binary search in a sorted list, and insertion that keeps it sorted.
#include "runtime/calls.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

Value is_less(Thread& t, Value a, Value b) {
  if (a.is_int() && b.is_int()) return Value::of_bool(a.integer < b.integer);
  if (a.is_float() && b.is_float()) return Value::of_bool(a.number < b.number);
  Value result = TRY(compare_values(t, CompareOp::Lt, a, b));
  return result.is_bool() ? result : truth(t, result);
}

// args: a, x, lo, hi, key. `x` is compared with key(item). Right: behind equal items; left: before them.
Value search(Thread& t, Value* args, Value x, bool is_right) {
  int64_t low = 0, high = -1;
  if (!args[2].is_empty() && !to_index(t, args[2], low)) return Value::raised();
  if (!args[3].is_empty() && !args[3].is_none() && !to_index(t, args[3], high)) return Value::raised();
  if (low < 0) return raise_text(t, ErrorType::ValueError, "lo must be non-negative");
  if (high == -1) {
    if (is_kind(args[0], Kind::Dict)) return raise(t, ErrorType::TypeError, "{} is not a sequence", type_name(t, args[0]));
    high = TRY(length_of(t, args[0])).integer;
  }
  if (low < high && !type_of(t, args[0])->ops.get_item)
    return raise(t, ErrorType::TypeError, "'{}' object does not support indexing", type_name(t, args[0]));
  bool has_key = !args[4].is_empty() && !args[4].is_none();
  while (low < high) {
    int64_t middle = low + (high - low) / 2;
    bool is_list = is_exact(args[0], Kind::List) && middle < static_cast<int64_t>(as<List>(args[0])->length);
    Value item = is_list ? as<List>(args[0])->items[middle] : TRY(get_item(t, args[0], Value::of_int(middle)));
    if (has_key) item = TRY(call(t, args[4], &item, 1));
    bool goes_left = is_right ? TRY(is_less(t, x, item)).is_true() : !TRY(is_less(t, item, x)).is_true();
    if (goes_left) high = middle;
    else low = middle + 1;
  }
  return Value::of_int(low);
}

Value insort(Thread& t, Value* args, bool is_right) {
  bool has_key = !args[4].is_empty() && !args[4].is_none();
  Value x = has_key ? TRY(call(t, args[4], &args[1], 1)) : args[1];
  Value position = TRY(search(t, args, x, is_right));
  TRY(call_method(t, args[0], intern(t, "insert"), {position, args[1]}));
  return Value::none();
}

Value bisect_right(Thread& t, Value* args, size_t) { return search(t, args, args[1], true); }
Value bisect_left(Thread& t, Value* args, size_t) { return search(t, args, args[1], false); }
Value insort_right(Thread& t, Value* args, size_t) { return insort(t, args, true); }
Value insort_left(Thread& t, Value* args, size_t) { return insort(t, args, false); }

constexpr const char* kParameters = "(a, x, lo=0, hi=None, *, key=None)";

const NativeRow kFunctions[] = {
    {"bisect_right", bisect_right, kParameters, "Return the index where to insert item x in list a, assuming a is sorted."},
    {"bisect_left", bisect_left, kParameters, "Return the index where to insert item x in list a, assuming a is sorted."},
    {"insort_right", insort_right, kParameters, "Insert item x in list a, and keep it sorted assuming a is sorted."},
    {"insort_left", insort_left, kParameters, "Insert item x in list a, and keep it sorted assuming a is sorted."},
};

Value setup(Thread& t, Module* m) {
  module_set(t, m, "bisect", dict_get(m->namespace_, intern(t, "bisect_right")));
  module_set(t, m, "insort", dict_get(m->namespace_, intern(t, "insort_right")));
  return Value::none();
}

}  // namespace

extern const NativeModule bisect_module;
const NativeModule bisect_module = {
    .name = "bisect", .functions = kFunctions, .function_count = std::size(kFunctions), .setup = setup, .help = "Bisection algorithms."};

}  // namespace mini
