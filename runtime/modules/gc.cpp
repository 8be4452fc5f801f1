// SPDX-License-Identifier: MIT
// gc: the collector as scripts see it. Mini's two generations are not CPython's three, so numbers about those are nominal.
#include <algorithm>
#include <vector>

#include "runtime/calls.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {
namespace {

// The switch and the numbers that scripts set, 0 at first. (The heap's own counter of `disable` nests and is used by natives too.)
int64_t& setting(Thread& t, const char* name) { return reinterpret_cast<int64_t&>(t.interpreter->module_state[name]); }
bool is_disabled(Thread& t) { return setting(t, "gc.disabled") != 0; }

constexpr const char* kThresholds[3] = {"gc.threshold0", "gc.threshold1", "gc.threshold2"};
constexpr int64_t kFirstThresholds[3] = {700, 10, 10};   // what is kept is the difference to these

// gc.callbacks: each is called with "start" or "stop" and a dict.
void run_callbacks(Thread& t, const char* phase, int64_t generation, int64_t collected) {
  Value gc = dict_get(t.interpreter->modules, intern(t, "gc"));
  Value callbacks = is_kind(gc, Kind::Module) ? dict_get(as<Module>(gc)->namespace_, intern(t, "callbacks")) : Value::empty();
  if (!is_kind(callbacks, Kind::List)) return;
  for (uint64_t i = 0; i < as<List>(callbacks)->length; ++i) {
    Dict* info = make_dict(t);
    dict_set(t, info, intern(t, "generation"), Value::of_int(generation));
    dict_set(t, info, intern(t, "collected"), Value::of_int(collected));
    dict_set(t, info, intern(t, "uncollectable"), Value::of_int(0));
    if (call(t, as<List>(callbacks)->items[i], {str_value(intern(t, phase)), Value::of_object(info)}).is_raised())
      report_unraisable(t, "gc callback");
  }
}

Value gc_collect(Thread& t, Value* args, size_t) {
  int64_t generation = 2;
  if (!args[0].is_empty() && !to_index(t, args[0], generation)) return Value::raised();
  if (generation < 0 || generation > 2) return raise_text(t, ErrorType::ValueError, "invalid generation");
  run_callbacks(t, "start", generation, 0);
  uint64_t before = t.heap->stats().objects_live;
  bool was_disabled = is_disabled(t);
  if (was_disabled) t.heap->enable();
  t.heap->collect_for_script();
  if (was_disabled) t.heap->disable();
  uint64_t after = t.heap->stats().objects_live;
  t.heap->run_pending(t);   // __del__ and the callbacks of weak references, before the caller goes on
  int64_t collected = before > after ? static_cast<int64_t>(before - after) : 0;
  run_callbacks(t, "stop", generation, collected);
  return Value::of_int(collected);
}

Value gc_enable(Thread& t, Value*, size_t) {
  if (is_disabled(t)) t.heap->enable();
  setting(t, "gc.disabled") = 0;
  return Value::none();
}

Value gc_disable(Thread& t, Value*, size_t) {
  if (!is_disabled(t)) t.heap->disable();
  setting(t, "gc.disabled") = 1;
  return Value::none();
}

Value gc_isenabled(Thread& t, Value*, size_t) { return Value::of_bool(!is_disabled(t)); }

bool is_container(const Object* o) {
  switch (o->kind) {
    case Kind::List: case Kind::Tuple: case Kind::Dict: case Kind::Set: case Kind::FrozenSet: case Kind::Function: case Kind::Module:
    case Kind::Type: case Kind::Cell: case Kind::BoundMethod: case Kind::Property: case Kind::StaticMethod: case Kind::ClassMethod:
    case Kind::Exception: case Kind::Generator: case Kind::Coroutine: case Kind::AsyncGenerator: case Kind::Instance:
      return o->shape && o->shape->type->layout != &object_layout ? true : o->shape && o->shape->type->type_flags & kTypeIsScript;
    case Kind::Native: return o->shape && o->shape->type->layout->trace;
    default: return o->shape && o->shape->type->type_flags & kTypeIsScript;
  }
}

// A script gets the object.
Value shown(Thread& t, Object* o) {
  if (o->kind == Kind::Coroutine) reveal(t, static_cast<Generator*>(o));
  return Value::of_object(o);
}

Value gc_get_objects(Thread& t, Value* args, size_t) {
  if (!args[0].is_empty() && !args[0].is_none()) {
    int64_t generation;
    if (!is_integer(args[0]) && !type_of(t, args[0])->ops.index)
      return raise(t, ErrorType::TypeError, "argument should be integer or None, not '{}'", type_name(t, args[0]));
    if (!to_index(t, args[0], generation)) return Value::raised();
    if (generation < 0) return raise_text(t, ErrorType::ValueError, "generation parameter cannot be negative");
    if (generation > 2)
      return raise_text(t, ErrorType::ValueError, "generation parameter must be less than the number of available generations (3)");
  }
  List* all = make_list(t);
  t.heap->disable();
  t.heap->for_each_object([&](Object* o) {
    if (o != all && o->kind != Kind::Free && is_container(o)) list_push(t, all, shown(t, o));
  });
  t.heap->enable();
  return Value::of_object(all);
}

// The values that an object refers to, as far as a script may see them.
void push_referents(Thread& t, Value v, List* out) {
  if (!v.is_object()) return;
  if (is_kind(v, Kind::List) || is_kind(v, Kind::Tuple)) {
    bool is_list = is_kind(v, Kind::List);
    uint64_t length = is_list ? as<List>(v)->length : as<Tuple>(v)->length;
    for (uint64_t i = length; i-- > 0;) list_push(t, out, is_list ? as<List>(v)->items[i] : as<Tuple>(v)->items[i]);
    return;
  }
  if (is_kind(v, Kind::Dict)) {
    for (DictCursor c(as<Dict>(v)); c.next();) {
      if (!is_kind(c.entry->key, Kind::Str)) list_push(t, out, c.entry->key);
      list_push(t, out, c.entry->value);
    }
    return;
  }
  if (!is_container(v.object)) return;
  std::vector<Object*> found;
  t.heap->referents_of(v.object, found);
  for (Object* o : found)
    if (o->shape) list_push(t, out, shown(t, o));
}

Value gc_get_referents(Thread& t, Value* args, size_t argc) {
  List* out = make_list(t);
  t.heap->disable();
  for (size_t i = 0; i < argc; ++i) push_referents(t, args[i], out);
  t.heap->enable();
  return Value::of_object(out);
}

Value gc_get_referrers(Thread& t, Value* args, size_t argc) {
  List* out = make_list(t);
  t.heap->disable();
  std::vector<Object*> found;
  t.heap->for_each_object([&](Object* o) {
    if (o->kind == Kind::Free || o == out || !is_container(o)) return;
    t.heap->referents_of(o, found);
    bool refers = std::any_of(found.begin(), found.end(), [&](Object* to) {
      return std::any_of(args, args + argc, [&](Value v) { return v.is_object() && v.object == to; });
    });
    if (refers) list_push(t, out, shown(t, o));
  });
  t.heap->enable();
  return Value::of_object(out);
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
  add("bytes_outside", stats.bytes_outside);
  add("pause_total_ns", stats.pause_total_ns);
  add("pause_max_ns", stats.pause_max_ns);
  Value rows[1] = {Value::of_object(row)};
  return Value::of_object(make_list(t, rows, 1));
}

Value gc_get_threshold(Thread& t, Value*, size_t) {
  Tuple* all = make_tuple(t, size_t{3});
  for (size_t i = 0; i < 3; ++i) all->items[i] = Value::of_int(setting(t, kThresholds[i]) + kFirstThresholds[i]);
  return Value::of_object(all);
}

Value gc_set_threshold(Thread& t, Value* args, size_t) {
  int64_t given[3];
  size_t count = 0;
  for (; count < 3 && !args[count].is_empty(); ++count)
    if (!to_index(t, args[count], given[count])) return Value::raised();
  for (size_t i = 0; i < count; ++i) setting(t, kThresholds[i]) = given[i] - kFirstThresholds[i];
  return Value::none();
}

Value gc_get_count(Thread& t, Value*, size_t) {
  return Value::of_object(make_tuple(t, {Value::of_int(0), Value::of_int(0), Value::of_int(0)}));
}

Value gc_get_debug(Thread& t, Value*, size_t) { return Value::of_int(setting(t, "gc.debug")); }
Value gc_set_debug(Thread& t, Value* args, size_t) { return to_index(t, args[0], setting(t, "gc.debug")) ? Value::none() : Value::raised(); }

Value gc_nothing(Thread&, Value*, size_t) { return Value::none(); }
Value gc_zero(Thread&, Value*, size_t) { return Value::of_int(0); }
Value gc_is_finalized(Thread&, Value*, size_t) { return Value::of_bool(false); }

// As CPython, a dict of nothing but plain values is left alone.
Value gc_is_tracked(Thread&, Value* args, size_t) {
  if (!args[0].is_object()) return Value::of_bool(false);
  if (!is_kind(args[0], Kind::Dict)) return Value::of_bool(is_container(args[0].object));
  for (DictCursor c(as<Dict>(args[0])); c.next();)
    for (Value v : {c.entry->key, c.entry->value})
      if (v.is_object() && is_container(v.object)) return Value::of_bool(true);
  return Value::of_bool(false);
}

constexpr NativeRow gc_functions[] = {
    {"collect", gc_collect, "(generation=2)", "Collects now and gives the number of objects that died."},
    {"enable", gc_enable, "()", "Collects by itself again."},
    {"disable", gc_disable, "()", "No collection by itself."},
    {"isenabled", gc_isenabled, "()", "Does it collect by itself?"},
    {"get_objects", gc_get_objects, "(generation=None)", "A list of the containers that live."},
    {"get_stats", gc_get_stats, "()", "Numbers about collections."},
    {"get_threshold", gc_get_threshold, "()", "Nominal."},
    {"set_threshold", gc_set_threshold, "(threshold0, threshold1=..., threshold2=..., /)", "Nominal."},
    {"get_referents", gc_get_referents, "(*objs)", "A list of the objects that these refer to directly."},
    {"get_referrers", gc_get_referrers, "(*objs)", "A list of the objects that refer directly to any of these."},
    {"is_finalized", gc_is_finalized, "(obj, /)", "False: a finalizer runs when the object dies for good."},
    {"get_count", gc_get_count, "()", "Nominal."},
    {"freeze", gc_nothing, "()", "Does nothing."},
    {"unfreeze", gc_nothing, "()", "Does nothing."},
    {"get_freeze_count", gc_zero, "()", "0."},
    {"get_debug", gc_get_debug, "()", "Nominal."},
    {"set_debug", gc_set_debug, "(flags, /)", "Nominal."},
    {"is_tracked", gc_is_tracked, "(obj, /)", "Can the object refer to others?"},
};

Value gc_setup(Thread& t, Module* m) {
  module_set(t, m, "garbage", Value::of_object(make_list(t)));
  module_set(t, m, "callbacks", Value::of_object(make_list(t)));
  const struct { const char* name; int64_t value; } flags[] = {
      {"DEBUG_STATS", 1}, {"DEBUG_COLLECTABLE", 2}, {"DEBUG_UNCOLLECTABLE", 4}, {"DEBUG_SAVEALL", 32}, {"DEBUG_LEAK", 38}};
  for (auto& flag : flags) module_set(t, m, flag.name, Value::of_int(flag.value));
  return Value::none();
}

}  // namespace

extern const NativeModule gc_module;
const NativeModule gc_module = {"gc", gc_functions, std::size(gc_functions), gc_setup, "The collector."};

}  // namespace mini
