// SPDX-License-Identifier: MIT
// _heapq: the heap operations on a plain list. heapq.mini adds merge, nlargest and nsmallest.
//
// A comparison may run script code that changes the list; then RuntimeError "list changed size during iteration" is raised.
#include <cstring>

#include "runtime/interpreter.h"
#include "runtime/objects/equal_inl.h"
#include "runtime/objects/list_inl.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

namespace {

// Is a before b in the heap? Bool or Raised. A greatest-first heap asks the other way round.
Value is_before(Thread& t, Value a, Value b, bool is_max) {
  if (is_max) std::swap(a, b);
  if (a.is_int() && b.is_int()) return Value::of_bool(a.integer < b.integer);
  if (a.is_float() && b.is_float()) return Value::of_bool(a.number < b.number);
  Value result = TRY(compare_values(t, CompareOp::Lt, a, b));
  return result.is_bool() ? result : truth(t, result);
}

Value checked(Thread& t, List* heap, uint64_t length, Value result) {
  if (!result.is_raised() && heap->length != length) return raise_text(t, ErrorType::RuntimeError, "list changed size during iteration");
  return result;
}

// The item at `position` moves towards the root while it is before its parent.
Value sift_up(Thread& t, List* heap, uint64_t start, uint64_t position, bool is_max) {
  uint64_t length = heap->length;
  Value item = heap->items[position];
  while (position > start) {
    uint64_t parent = (position - 1) >> 1;
    Value above = heap->items[parent];
    if (!TRY(checked(t, heap, length, is_before(t, item, above, is_max))).is_true()) break;
    store(heap, heap->items[parent], item);
    store(heap, heap->items[position], above);
    position = parent;
  }
  return Value::none();
}

// The item at `position` goes down to a leaf along the first children, then up to its place: fewer comparisons.
Value sift_down(Thread& t, List* heap, uint64_t position, bool is_max) {
  uint64_t length = heap->length, start = position;
  items_moved(heap);
  while (2 * position + 1 < length) {
    uint64_t child = 2 * position + 1;
    if (child + 1 < length) {
      Value left_is_before = TRY(checked(t, heap, length, is_before(t, heap->items[child], heap->items[child + 1], is_max)));
      child += !left_is_before.is_true();
    }
    std::swap(heap->items[position], heap->items[child]);
    position = child;
  }
  return sift_up(t, heap, start, position, is_max);
}

// The heap argument as a List; null after raising.
List* heap_argument(Thread& t, Value v, const char* function) {
  if (is_kind(v, Kind::List)) return as<List>(v);
  bool is_only_one = strcmp(function, "heapify") == 0 || strcmp(function, "heappop") == 0;
  (void)raise(t, ErrorType::TypeError, "{}() argument {}must be list, not {}", function, is_only_one ? "" : "1 ", v.is_none() ? "None" : type_name(t, v));
  return nullptr;
}

Value heapify(Thread& t, Value* args, bool is_max) {
  List* heap = heap_argument(t, args[0], "heapify");
  if (!heap) return Value::raised();
  uint64_t length = heap->length;
  for (uint64_t i = length / 2; i-- > 0;) {
    TRY(sift_down(t, heap, i, is_max));
    if ((i & 4095) == 0) TRY(checked(t, heap, length, t.poll_signals()));
  }
  return Value::none();
}

Value heappop(Thread& t, Value* args, bool is_max) {
  List* heap = heap_argument(t, args[0], "heappop");
  if (!heap) return Value::raised();
  if (heap->length == 0) return raise_text(t, ErrorType::IndexError, "index out of range");
  Value last = heap->items[--heap->length];
  if (heap->length == 0) return last;
  Value first = heap->items[0];
  store(heap, heap->items[0], last);
  TRY(sift_down(t, heap, 0, is_max));
  return first;
}

Value heapreplace(Thread& t, Value* args, bool is_max) {
  List* heap = heap_argument(t, args[0], "heapreplace");
  if (!heap) return Value::raised();
  if (heap->length == 0) return raise_text(t, ErrorType::IndexError, "index out of range");
  Value first = heap->items[0];
  store(heap, heap->items[0], args[1]);
  TRY(sift_down(t, heap, 0, is_max));
  return first;
}

Value heapq_heappush(Thread& t, Value* args, size_t) {
  List* heap = heap_argument(t, args[0], "heappush");
  if (!heap) return Value::raised();
  list_push(t, heap, args[1]);
  return sift_up(t, heap, 0, heap->length - 1, false);
}

Value heapq_heappushpop(Thread& t, Value* args, size_t) {
  List* heap = heap_argument(t, args[0], "heappushpop");
  if (!heap) return Value::raised();
  if (heap->length == 0 || !TRY(is_before(t, heap->items[0], args[1], false)).is_true()) return args[1];
  if (heap->length == 0) return raise_text(t, ErrorType::IndexError, "index out of range");
  return heapreplace(t, args, false);
}

Value heapq_heapify(Thread& t, Value* args, size_t) { return heapify(t, args, false); }
Value heapq_heapify_max(Thread& t, Value* args, size_t) { return heapify(t, args, true); }
Value heapq_heappop(Thread& t, Value* args, size_t) { return heappop(t, args, false); }
Value heapq_heappop_max(Thread& t, Value* args, size_t) { return heappop(t, args, true); }
Value heapq_heapreplace(Thread& t, Value* args, size_t) { return heapreplace(t, args, false); }
Value heapq_heapreplace_max(Thread& t, Value* args, size_t) { return heapreplace(t, args, true); }

const NativeRow kFunctions[] = {
    {"heappush", heapq_heappush, "(heap, item, /)", "Push item onto heap, maintaining the heap invariant."},
    {"heappushpop", heapq_heappushpop, "(heap, item, /)",
     "Push item on the heap, then pop and return the smallest item from the heap."},
    {"heappop", heapq_heappop, "(heap, /)", "Pop the smallest item off the heap, maintaining the heap invariant."},
    {"heapreplace", heapq_heapreplace, "(heap, item, /)", "Pop and return the current smallest value, and add the new item."},
    {"heapify", heapq_heapify, "(heap, /)", "Transform list into a heap, in-place, in O(len(heap)) time."},
    {"_heappop_max", heapq_heappop_max, "(heap, /)", "Maxheap variant of heappop."},
    {"_heapreplace_max", heapq_heapreplace_max, "(heap, item, /)", "Maxheap variant of heapreplace."},
    {"_heapify_max", heapq_heapify_max, "(heap, /)", "Maxheap variant of heapify."},
};

}  // namespace

extern const NativeModule heapq_module;
const NativeModule heapq_module = {
    .name = "_heapq", .functions = kFunctions, .function_count = std::size(kFunctions), .help = "Heap queue algorithm (a.k.a. priority queue)."};

}  // namespace mini
