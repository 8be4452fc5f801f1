// SPDX-License-Identifier: MIT
// gc: the collector as scripts see it. Mini's two generations are not CPython's three, so numbers about those are nominal.
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {
namespace {

bool& is_disabled(Thread& t) {
  // The heap's own counter nests and is used by natives too; this is the script's switch.
  return reinterpret_cast<bool&>(t.interpreter->module_state["gc.disabled"]);
}

Value gc_collect(Thread& t, Value*, size_t) {
  uint64_t before = t.heap->stats().objects_live;
  bool was_disabled = is_disabled(t);
  if (was_disabled) t.heap->enable();
  t.heap->collect();
  if (was_disabled) t.heap->disable();
  uint64_t after = t.heap->stats().objects_live;
  t.heap->run_pending(t);   // __del__ and the callbacks of weak references, before the caller goes on
  return Value::of_int(before > after ? static_cast<int64_t>(before - after) : 0);
}

Value gc_enable(Thread& t, Value*, size_t) {
  if (is_disabled(t)) t.heap->enable();
  is_disabled(t) = false;
  return Value::none();
}

Value gc_disable(Thread& t, Value*, size_t) {
  if (!is_disabled(t)) t.heap->disable();
  is_disabled(t) = true;
  return Value::none();
}

Value gc_isenabled(Thread& t, Value*, size_t) { return Value::of_bool(!is_disabled(t)); }

Value gc_get_objects(Thread& t, Value*, size_t) {
  List* all = make_list(t);
  t.heap->disable();
  t.heap->for_each_object([&](Object* o) {
    if (o == all || o->kind == Kind::Free) return;
    bool is_container = o->kind == Kind::Instance || (o->kind >= Kind::List && o->kind <= Kind::FrozenSet) ||
                        o->kind == Kind::Function || o->kind == Kind::Module || o->kind == Kind::Type;
    if (is_container) list_push(t, all, Value::of_object(o));
  });
  t.heap->enable();
  return Value::of_object(all);
}

Value gc_get_stats(Thread& t, Value*, size_t) {
  const HeapStats& stats = t.heap->stats();
  Dict* row = make_dict(t);
  auto add = [&](const char* name, uint64_t n) { dict_set(t, row, intern(t, name), Value::of_int(static_cast<int64_t>(n))); };
  add("collections", stats.collections);
  add("small_collections", stats.small_collections);
  add("collected", stats.allocations > stats.objects_live ? stats.allocations - stats.objects_live : 0);
  add("uncollectable", 0);
  add("objects", stats.objects_live);
  add("bytes", stats.bytes_live);
  add("pause_total_ns", stats.pause_total_ns);
  add("pause_max_ns", stats.pause_max_ns);
  Value rows[1] = {Value::of_object(row)};
  return Value::of_object(make_list(t, rows, 1));
}

Value gc_get_threshold(Thread& t, Value*, size_t) {
  return Value::of_object(make_tuple(t, {Value::of_int(700), Value::of_int(10), Value::of_int(10)}));
}

Value gc_get_count(Thread& t, Value*, size_t) {
  return Value::of_object(make_tuple(t, {Value::of_int(0), Value::of_int(0), Value::of_int(0)}));
}

Value gc_nothing(Thread&, Value*, size_t) { return Value::none(); }
Value gc_zero(Thread&, Value*, size_t) { return Value::of_int(0); }

Value gc_is_tracked(Thread&, Value* args, size_t) {
  if (!args[0].is_object()) return Value::of_bool(false);
  Kind kind = args[0].object->kind;
  return Value::of_bool(kind != Kind::Str && kind != Kind::Bytes && kind != Kind::Int && kind != Kind::Float);
}

constexpr NativeRow gc_functions[] = {
    {"collect", gc_collect, "(generation=2)", "Collects now and gives the number of objects that died."},
    {"enable", gc_enable, "()", "Collects by itself again."},
    {"disable", gc_disable, "()", "No collection by itself."},
    {"isenabled", gc_isenabled, "()", "Does it collect by itself?"},
    {"get_objects", gc_get_objects, "(generation=None)", "A list of the containers that live."},
    {"get_stats", gc_get_stats, "()", "Numbers about collections."},
    {"get_threshold", gc_get_threshold, "()", "Nominal."},
    {"set_threshold", gc_nothing, "(threshold0, *args)", "Nominal."},
    {"get_count", gc_get_count, "()", "Nominal."},
    {"freeze", gc_nothing, "()", "Does nothing."},
    {"unfreeze", gc_nothing, "()", "Does nothing."},
    {"get_freeze_count", gc_zero, "()", "0."},
    {"get_debug", gc_zero, "()", "0."},
    {"set_debug", gc_nothing, "(flags, /)", "Does nothing."},
    {"is_tracked", gc_is_tracked, "(obj, /)", "Can the object refer to others?"},
};

Value gc_setup(Thread& t, Module* m) {
  module_set(t, m, "garbage", Value::of_object(make_list(t)));
  module_set(t, m, "callbacks", Value::of_object(make_list(t)));
  module_set(t, m, "DEBUG_STATS", Value::of_int(1));
  module_set(t, m, "DEBUG_LEAK", Value::of_int(38));
  return Value::none();
}

}  // namespace

extern const NativeModule gc_module;
const NativeModule gc_module = {"gc", gc_functions, std::size(gc_functions), gc_setup, "The collector."};

}  // namespace mini
