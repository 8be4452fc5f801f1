// SPDX-License-Identifier: MIT
// _queue: SimpleQueue, an unbounded first-in first-out queue, and Empty. A ring of Values and a WaitList, guarded by the GIL.
#include <cstdlib>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/lock.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

struct SimpleQueue : Object {
  Value* items;            // malloc'd ring
  size_t first, count, capacity;
  WaitList waiters;
};

SimpleQueue* queue_of(Value v) { return as<SimpleQueue>(v); }

Value queue_new(Thread& t, Value* args, size_t) {
  auto* q = static_cast<SimpleQueue*>(allocate_object(t, as<Type>(args[0])));
  note_finalizer(q);
  q->items = nullptr;
  q->first = q->count = q->capacity = 0;
  q->waiters = {};
  return Value::of_object(q);
}

void queue_trace(Object* o, Marker& marker) {
  auto* q = static_cast<SimpleQueue*>(o);
  for (size_t i = 0; i < q->count; ++i) marker.mark(q->items[(q->first + i) & (q->capacity - 1)]);
}

void queue_finalize(Object* o, Heap& heap) {
  auto* q = static_cast<SimpleQueue*>(o);
  heap.account(-static_cast<ptrdiff_t>(q->capacity * sizeof(Value)));
  std::free(q->items);
}

void grow(Thread& t, SimpleQueue* q) {
  size_t capacity = q->capacity ? q->capacity * 2 : 8;
  auto* items = static_cast<Value*>(std::malloc(capacity * sizeof(Value)));
  for (size_t i = 0; i < q->count; ++i) items[i] = q->items[(q->first + i) & (q->capacity - 1)];
  std::free(q->items);
  t.heap->account(static_cast<ptrdiff_t>((capacity - q->capacity) * sizeof(Value)));
  q->items = items;
  q->first = 0;
  q->capacity = capacity;
}

Value queue_put(Thread& t, Value* args, size_t) {
  SimpleQueue* q = queue_of(args[0]);
  if (q->count == q->capacity) grow(t, q);
  store(q, q->items[(q->first + q->count++) & (q->capacity - 1)], args[1]);
  if (!q->waiters.is_empty()) wake_one(q->waiters);
  return Value::none();
}

Value raise_queue_empty(Thread& t) {
  Value module = TRY(import_module(t, "_queue"));
  return raise_value(t, TRY(call(t, TRY(get_attribute(t, module, "Empty")))));
}

Value queue_get(Thread& t, Value* args, size_t) {
  SimpleQueue* q = queue_of(args[0]);
  bool is_blocking = args[1].is_empty() || TRY(truth(t, args[1])).is_true();
  int64_t deadline = kNever;
  if (q->count == 0 && is_blocking) {
    if (!wait_deadline(t, args[2], deadline)) return Value::raised();
    bool is_negative = deadline == 0 && TRY(compare_values(t, CompareOp::Lt, args[2], Value::of_int(0))).is_true();
    if (is_negative) return raise(t, ErrorType::ValueError, "'timeout' must be a non-negative number");
  }
  while (q->count == 0) {
    if (!is_blocking || deadline == 0) return raise_queue_empty(t);
    ParkOutcome outcome = park(t, q->waiters, {BlockReason::Wait, q}, deadline);
    if (outcome == ParkOutcome::Raised) return Value::raised();
    if (outcome == ParkOutcome::TimedOut && q->count == 0) return raise_queue_empty(t);
  }
  Value item = q->items[q->first];
  q->items[q->first] = Value::none();
  q->first = (q->first + 1) & (q->capacity - 1);
  --q->count;
  return item;
}

Value queue_get_nowait(Thread& t, Value* args, size_t) {
  Value get_args[3] = {args[0], Value::of_bool(false), Value::empty()};
  return queue_get(t, get_args, 3);
}

Value queue_empty(Thread&, Value* args, size_t) { return Value::of_bool(queue_of(args[0])->count == 0); }
Value queue_qsize(Thread&, Value* args, size_t) { return Value::of_int(static_cast<int64_t>(queue_of(args[0])->count)); }

constexpr NativeRow queue_methods[] = {
    {"__new__", queue_new, "(cls)", "", Binding::Static},
    {"put", queue_put, "(self, item, block=True, timeout=None)", "Adds an item; never waits."},
    {"put_nowait", queue_put, "(self, item)", "Adds an item."},
    {"get", queue_get, "(self, block=True, timeout=None)", "Takes the oldest item; waits for one."},
    {"get_nowait", queue_get_nowait, "(self)", "Takes the oldest item, or raises Empty."},
    {"empty", queue_empty, "(self)", "Is there no item?"},
    {"qsize", queue_qsize, "(self)", "Number of items."},
};

const Layout simple_queue_layout = {
    .name = "SimpleQueue", .module = "_queue", .kind = Kind::Native, .size = sizeof(SimpleQueue), .flags = kSubclassable,
    .base = nullptr, .trace = queue_trace, .finalize = queue_finalize, .ops = {},
    .methods = queue_methods, .method_count = std::size(queue_methods), .attributes = nullptr, .attribute_count = 0,
    .help = "An unbounded queue between threads."};

Value queue_setup(Thread& t, Module* m) {
  module_add_type(t, m, simple_queue_layout);
  Dict* attributes = make_dict(t);
  dict_set(t, attributes, names(t).module, str_value(intern(t, "_queue")));
  Tuple* bases = make_tuple(t, {Value::of_object(error_type(t, ErrorType::Exception))});
  module_set(t, m, "Empty", TRY(make_class(t, types(t).type, intern(t, "Empty"), bases, attributes, nullptr)));
  return Value::none();
}

}  // namespace

extern const NativeModule _queue_module;
const NativeModule _queue_module = {"_queue", nullptr, 0, queue_setup, "The native part of queue."};

}  // namespace mini
