// SPDX-License-Identifier: MIT
// The dispatch loop and nothing else.
//
// A handler does the fast path and calls one named function of ops.h for everything else. `ip` (already behind the
// current instruction), the register base and the frame are locals. Before anything that can raise, collect, call or suspend, SAVE()
// writes `ip` to the frame; whoever changes t.frame makes the loop RELOAD().
//
// Two builds share every handler: computed goto, and a plain switch.
#include "interp/vm.h"

#include <cmath>

#include "interp/generator_inl.h"
#include "interp/opcode.h"
#include "interp/ops.h"
#include "interp/vm_counts.h"
#include "interp/vm_inl.h"
#include "runtime/assert.h"
#include "runtime/builtins/import.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/list_inl.h"
#include "runtime/objects/module.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/objects/frame_object.h"
#include "runtime/profiler.h"
#include "runtime/shape.h"

namespace mini {

// vm_counted.cpp makes the same loop with counts.
#if MINI_COUNTING_VM
#define COUNT()                                            \
  do {                                                     \
    ++counts.instructions[IN.op];                          \
    ++counts.pairs[counts.previous][IN.op];                \
    counts.previous = IN.op;                               \
  } while (0)
#define MISS() (++counts.misses[IN.op])
Outcome run_counted(Thread& t, Entry entry) {
  VmCounts& counts = *t.interpreter->vm_counts;
#else
#define COUNT() (void)0
#define MISS() (void)0
Outcome run_loop(Thread& t, Entry entry) {
#endif
  Frame* frame = t.frame;
  const Instruction* ip = frame->ip;
  char* base = reinterpret_cast<char*>(frame->registers);
  InlineCache* caches = frame->code->caches.data();
  bool keep_traceback = false;
  Begun begun = Begun::Raised;
  Value slow;
  if (MINI_UNLIKELY(t.profiler)) profiler_check(t);

// The instruction being executed.
#define IN (ip[-1])
#define R(operand) (*reinterpret_cast<Value*>(base + (operand)))
#define K(number) (frame->code->constants[number])
#define SAVE() (frame->ip = ip)
// Goes on where `frame` was left.
#define GO_ON()                                       \
  do {                                                \
    ip = frame->ip;                                   \
    base = reinterpret_cast<char*>(frame->registers); \
    caches = frame->code->caches.data();              \
  } while (0)
#define RELOAD()      \
  do {                \
    frame = t.frame;  \
    GO_ON();          \
  } while (0)
#define RAISED_IF(condition)                       \
  do {                                             \
    if (MINI_UNLIKELY(condition)) goto raised;     \
  } while (0)
// R[a] = a slow function's result.
#define SLOW(expression)                   \
  do {                                     \
    SAVE();                                \
    slow = (expression);                   \
    RAISED_IF(slow.is_raised());           \
    copy(R(IN.a), slow);                  \
  } while (0)
// One that may push a frame for the result; ends the handler.
#define BEGIN(expression) \
  do {                    \
    SAVE();               \
    begun = (expression); \
    goto after_begin;     \
  } while (0)
// A slow function whose result does not matter.
#define SLOW_ONLY(expression)    \
  do {                           \
    SAVE();                      \
    slow = (expression);         \
    RAISED_IF(slow.is_raised()); \
  } while (0)
// The frame gets a coroutine of its own, and other registers.
#define BECOME_COROUTINES()                             \
  do {                                                  \
    SAVE();                                             \
    op_become_coroutines(t);                            \
    frame = t.frame;                                    \
    base = reinterpret_cast<char*>(frame->registers);   \
  } while (0)
// The attribute that a Slot cache remembers.
#define SLOT(o, cache) (reinterpret_cast<AttributeStore*>(reinterpret_cast<char*>(o) + (cache).store_offset)->slots[(cache).index])
#define ATTENTION()                                                \
  do {                                                             \
    if (MINI_UNLIKELY(t.needs_attention())) goto serve_attention;  \
  } while (0)

// Executes the instruction once more, now that its cache knows.
#define AGAIN() \
  do {          \
    --ip;       \
    NEXT();     \
  } while (0)

#if MINI_COMPUTED_GOTO
  static const void* const kLabels[] = {
#define MINI_OP(name, a, b, c, flags) &&op_##name,
#include "interp/opcodes.def"
#undef MINI_OP
  };
  const void* const* labels = kLabels;
  asm("" : "+r"(labels));   // keeps the table's address in a register
#define NEXT()                                    \
  do {                                            \
    ++ip;                                         \
    COUNT();                                      \
    goto* labels[IN.op];                          \
  } while (0)
#define CASE(name) op_##name
#define BEGIN_DISPATCH() NEXT();
#define END_DISPATCH()
#else
#define NEXT() goto dispatch
#define CASE(name) case Op::name
#define BEGIN_DISPATCH() \
  dispatch:              \
  ++ip;                  \
  COUNT();               \
  switch (static_cast<Op>(IN.op)) {
#define END_DISPATCH() }
#endif

  if (entry == Entry::Raise) goto raised;

  BEGIN_DISPATCH()

  // --- Loading and moving ---
  CASE(MOVE) : copy(R(IN.a), R(IN.b));
  NEXT();
  CASE(LOAD_CONST) : copy(R(IN.a), K(IN.wide));
  NEXT();
  CASE(LOAD_INT) : put_int(R(IN.a), IN.signed_wide);
  NEXT();
  CASE(LOAD_NONE) : copy(R(IN.a), Value::none());
  NEXT();
  CASE(LOAD_TRUE) : put_bool(R(IN.a), true);
  NEXT();
  CASE(LOAD_FALSE) : put_bool(R(IN.a), false);
  NEXT();
  CASE(LOAD_EMPTY) : copy(R(IN.a), Value::empty());
  NEXT();
  CASE(CHECK_BOUND) : if (MINI_UNLIKELY(R(IN.a).is_empty())) {
    SAVE();
    (void)raise_unbound_local(t, as<Str>(K(IN.wide)));
    goto raised;
  }
  NEXT();

  // --- Names ---
  CASE(MAKE_CELL) : SLOW(Value::of_object(make_cell(t, R(IN.a))));
  NEXT();
  CASE(LOAD_CELL) : {
    const Value& v = as<Cell>(R(IN.b))->value;
    if (MINI_UNLIKELY(v.is_empty())) {
      SAVE();
      (void)raise_unbound_local(t, as<Str>(K(IN.c)));
      goto raised;
    }
    copy(R(IN.a), v);
    NEXT();
  }
  CASE(STORE_CELL) : store(R(IN.a).object, as<Cell>(R(IN.a))->value, R(IN.b));
  NEXT();
  CASE(DELETE_CELL) : {
    Cell* cell = as<Cell>(R(IN.a));
    if (cell->value.is_empty()) {
      SAVE();
      (void)raise_unbound_local(t, as<Str>(K(IN.wide)));
      goto raised;
    }
    cell->value = Value::empty();
    NEXT();
  }
  CASE(LOAD_FREE) : {
    const Value& v = frame->function->closure[IN.b]->value;
    if (MINI_UNLIKELY(v.is_empty())) {
      SAVE();
      (void)raise_unbound_free(t, as<Str>(K(IN.c)));
      goto raised;
    }
    copy(R(IN.a), v);
    NEXT();
  }
  CASE(STORE_FREE) : {
    Cell* cell = frame->function->closure[IN.a];
    store(cell, cell->value, R(IN.b));
    NEXT();
  }
  CASE(DELETE_FREE) : {
    Cell* cell = frame->function->closure[IN.a];
    if (cell->value.is_empty()) {
      SAVE();
      (void)raise_unbound_free(t, as<Str>(K(IN.wide)));
      goto raised;
    }
    cell->value = Value::empty();
    NEXT();
  }
  CASE(LOAD_CLOSURE) : copy(R(IN.a), Value::of_object(frame->function->closure[IN.b]));
  NEXT();
  CASE(LOAD_CLASS_FREE) : SLOW(op_load_class_free(t, frame, IN.b, as<Str>(K(IN.c))));
  NEXT();
  CASE(LOAD_GLOBAL) : {
    InlineCache& cache = caches[IN.b];
    Dict* globals = frame->globals;
    if (MINI_LIKELY(cache.kind == CacheKind::Global)) {
      if (const Value* found = cached_value(globals, cache, cache.name)) {
        copy(R(IN.a), *found);
        NEXT();
      }
    } else if (MINI_LIKELY(cache.kind == CacheKind::Builtin && cache.object == globals && cache.version == globals->keys_version)) {
      if (const Value* found = cached_value(t.interpreter->builtins, cache, cache.name)) {
        copy(R(IN.a), *found);
        NEXT();
      }
    }
    MISS();
    SLOW(op_load_global(t, frame, cache));
    NEXT();
  }
  CASE(STORE_GLOBAL) : {
    InlineCache& cache = caches[IN.b];
    if (MINI_LIKELY(cache.kind == CacheKind::Global)) {
      if (Value* found = cached_value(frame->globals, cache, cache.name)) {
        store(frame->globals, *found, R(IN.a));
        NEXT();
      }
    }
    MISS();
    SLOW_ONLY(op_store_global(t, frame, cache, R(IN.a)));
    NEXT();
  }
  CASE(DELETE_GLOBAL) : SLOW_ONLY(op_delete_global(t, frame, as<Str>(K(IN.wide))));
  NEXT();
  CASE(LOAD_NAME) : SLOW(op_load_name(t, frame, caches[IN.b]));
  NEXT();
  CASE(STORE_NAME) : SLOW_ONLY(op_store_name(t, frame, caches[IN.b].name, R(IN.a)));
  NEXT();
  CASE(DELETE_NAME) : SLOW_ONLY(op_delete_name(t, frame, as<Str>(K(IN.wide))));
  NEXT();
  CASE(LOAD_LOCALS) : copy(R(IN.a), frame->locals_value.is_empty() ? Value::of_object(frame->locals ? frame->locals : frame->globals) : frame->locals_value);
  NEXT();
  CASE(SETUP_ANNOTATIONS) : SLOW_ONLY(op_setup_annotations(t, frame));
  NEXT();
  CASE(LOAD_ASSERTION_ERROR)
      : copy(R(IN.a), Value::of_object(error_type(t, IN.x ? ErrorType::StopAsyncIteration : ErrorType::AssertionError)));
  NEXT();
  CASE(LOAD_BUILD_CLASS) : {
    Value v = dict_get(t.interpreter->builtins, names(t).build_class);
    if (v.is_empty()) {
      SAVE();
      (void)raise(t, ErrorType::NameError, "__build_class__ not found");
      goto raised;
    }
    copy(R(IN.a), v);
    NEXT();
  }

  // --- Attributes and items ---
  CASE(GET_ATTR) : {
    const Value& v = R(IN.b);
    InlineCache& cache = caches[IN.c];
    const CacheEntry* entry = v.is_object() ? matching(cache, v.object) : nullptr;
    if (MINI_LIKELY(entry != nullptr)) {
      if (MINI_LIKELY(entry->kind == CacheKind::Slot)) {
        copy(R(IN.a), SLOT(v.object, *entry));
        NEXT();
      }
      if (entry->kind == CacheKind::Property) {
        SAVE();
        Value self = v;
        begun = push_function(t, static_cast<Function*>(entry->object), &self, 1, nullptr, &R(IN.a), 0);
        goto after_begin;
      }
      if (entry->kind == CacheKind::TupleItem && entry->index < static_cast<Sequence*>(v.object)->length) {
        copy(R(IN.a), static_cast<Sequence*>(v.object)->items[entry->index]);
        NEXT();
      }
      if (entry->kind == CacheKind::NativeAttribute) {
        SLOW(static_cast<const AttributeRow*>(entry->row)->get(t, v));
        NEXT();
      }
      if (entry->kind == CacheKind::ClassData || (entry->kind == CacheKind::ModuleAttribute && namespace_of(v) == entry->object)) {
        if (const Value* found = cached_value(static_cast<Dict*>(entry->object), *entry, cache.name)) {
          copy(R(IN.a), *found);
          NEXT();
        }
      }
    } else if (v.is_object() && op_refill(t, v.object, cache, CacheUse::Get)) {
      AGAIN();
    }
    MISS();
    SLOW(op_get_attr(t, v, cache));
    NEXT();
  }
  CASE(SET_ATTR) : {
    const Value& v = R(IN.a);
    InlineCache& cache = caches[IN.c];
    const CacheEntry* entry = v.is_object() ? matching(cache, v.object) : nullptr;
    if (MINI_LIKELY(entry != nullptr)) {
      if (MINI_LIKELY(entry->kind == CacheKind::Slot)) {
        store(v.object, SLOT(v.object, *entry), R(IN.b));
        NEXT();
      }
      auto mine = reinterpret_cast<AttributeStore*>(reinterpret_cast<char*>(v.object) + entry->store_offset);
      if (entry->kind == CacheKind::SlotAdd && entry->index < mine->capacity) {
        store(v.object, mine->slots[entry->index], R(IN.b));
        v.object->shape = entry->next_shape;
        NEXT();
      }
    } else if (v.is_object() && op_refill(t, v.object, cache, CacheUse::Set)) {
      AGAIN();
    }
    MISS();
    SLOW_ONLY(op_set_attr(t, v, R(IN.b), cache));
    NEXT();
  }
  CASE(DELETE_ATTR) : SLOW_ONLY(set_attribute(t, R(IN.a), as<Str>(K(IN.wide)), Value::empty()));
  NEXT();
  CASE(LOAD_METHOD) : {
    const Value& v = R(IN.b);
    InlineCache& cache = caches[IN.c];
    Value* out = &R(IN.a);
    const CacheEntry* entry = v.is_object() ? matching(cache, v.object) : nullptr;
    if (MINI_LIKELY(entry != nullptr)) {
      if (MINI_LIKELY(entry->kind == CacheKind::Method)) {
        copy(out[1], v);
        copy(out[0], Value::of_object(entry->object));
        NEXT();
      }
      if (entry->kind == CacheKind::ModuleAttribute && namespace_of(v) == entry->object) {
        if (const Value* found = cached_value(static_cast<Dict*>(entry->object), *entry, cache.name)) {
          op_unbind(t, *found, out);
          NEXT();
        }
      }
      if (entry->kind == CacheKind::Slot) {
        op_unbind(t, SLOT(v.object, *entry), out);
        NEXT();
      }
    } else if (v.is_object() && (op_refill(t, v.object, cache, CacheUse::Method) || op_refill(t, v.object, cache, CacheUse::Get))) {
      AGAIN();
    }
    MISS();
    SLOW_ONLY(op_load_method(t, v, cache, out));
    NEXT();
  }
  CASE(LOAD_SUPER_METHOD) : SLOW_ONLY(op_load_super_method(t, &R(IN.b), caches[IN.c], &R(IN.a)));
  NEXT();
  CASE(LOAD_SUPER_ATTR) : SLOW(op_load_super_attr(t, &R(IN.b), caches[IN.c]));
  NEXT();
  CASE(GET_ITEM) : {
    const Value& v = R(IN.b);
    const Value& key = R(IN.c);
    if (v.is_object()) {
      Object* o = v.object;
      if (key.is_int() && (o->exact == Kind::List || o->exact == Kind::Tuple)) {
        auto s = static_cast<Sequence*>(o);
        uint64_t i = static_cast<uint64_t>(key.integer);
        if (key.integer < 0) i += s->length;
        if (MINI_LIKELY(i < s->length)) {
          copy(R(IN.a), s->items[i]);
          NEXT();
        }
      } else if (key.is_int() && o->exact == Kind::Str) {
        auto s = static_cast<Str*>(o);
        uint64_t i = static_cast<uint64_t>(key.integer);
        if (key.integer < 0) i += s->length;
        if (MINI_LIKELY(i < s->length && s->is_ascii())) {
          copy(R(IN.a), Value::of_object(t.interpreter->ascii_strs[s->narrow()[i]]));
          NEXT();
        }
      } else if (o->exact == Kind::Dict) {
        SAVE();
        slow = dict_get_item(t, static_cast<Dict*>(o), key);
        RAISED_IF(slow.is_raised());
        if (MINI_LIKELY(!slow.is_empty())) {
          copy(R(IN.a), slow);
          NEXT();
        }
      }
    }
    BEGIN(op_get_item(t, v, key, &R(IN.a)));
  }
  CASE(GET_SLICE) : {
    const Value* parts = &R(IN.c);
    SLOW(get_slice(t, R(IN.b), parts[0], parts[1]));
    NEXT();
  }
  CASE(GET_ITEM_INT) : {
    const Value& v = R(IN.b);
    int64_t index = static_cast<int16_t>(IN.c);
    if (v.is_object() && (v.object->exact == Kind::List || v.object->exact == Kind::Tuple)) {
      auto s = static_cast<Sequence*>(v.object);
      uint64_t i = static_cast<uint64_t>(index < 0 ? index + static_cast<int64_t>(s->length) : index);
      if (MINI_LIKELY(i < s->length)) {
        copy(R(IN.a), s->items[i]);
        NEXT();
      }
    }
    BEGIN(op_get_item(t, v, Value::of_int(index), &R(IN.a)));
  }
  CASE(SET_ITEM) : {
    const Value& v = R(IN.a);
    const Value& key = R(IN.b);
    if (v.is_object()) {
      if (key.is_int() && v.object->exact == Kind::List) {
        auto s = static_cast<Sequence*>(v.object);
        uint64_t i = static_cast<uint64_t>(key.integer);
        if (key.integer < 0) i += s->length;
        if (MINI_LIKELY(i < s->length)) {
          store(s, s->items[i], R(IN.c));
          NEXT();
        }
      } else if (v.object->exact == Kind::Dict) {
        SLOW_ONLY(dict_set_item(t, as<Dict>(v), key, R(IN.c)));
        NEXT();
      }
    }
    BEGIN(op_set_item(t, v, key, R(IN.c)));
  }
  CASE(DELETE_ITEM) : SLOW_ONLY(set_item(t, R(IN.a), R(IN.b), Value::empty()));
  NEXT();
  CASE(BUILD_SLICE) : {
    Value* parts = &R(IN.b);
    SLOW(make_slice(t, parts[0], parts[1], parts[2]));
    NEXT();
  }

  // --- Arithmetic ---
#define ARITHMETIC(NAME, ENUM, BUILTIN, SYMBOL)                                  \
  CASE(NAME) : {                                                                 \
    const Value& x = R(IN.b);                                                    \
    const Value& y = R(IN.c);                                                    \
    if (both_ints(x, y)) {                                                       \
      int64_t z;                                                                 \
      if (MINI_LIKELY(!BUILTIN(x.integer, y.integer, &z))) {                     \
        put_int(R(IN.a), z);                                                     \
        NEXT();                                                                  \
      }                                                                          \
    } else if (x.is_float() && y.is_float()) {                                   \
      put_float(R(IN.a), x.number SYMBOL y.number);                              \
      NEXT();                                                                    \
    } else if (both_numbers(x, y)) {                                             \
      put_float(R(IN.a), as_double(x) SYMBOL as_double(y));                      \
      NEXT();                                                                    \
    }                                                                            \
    BEGIN(op_binary(t, BinaryOp::ENUM, x, y, IN.x, &R(IN.a)));                              \
  }
  ARITHMETIC(ADD, Add, __builtin_add_overflow, +)
  ARITHMETIC(SUB, Sub, __builtin_sub_overflow, -)
  ARITHMETIC(MUL, Mul, __builtin_mul_overflow, *)
#undef ARITHMETIC
  CASE(TRUEDIV) : {
    const Value& x = R(IN.b);
    const Value& y = R(IN.c);
    if (x.is_float() && y.is_float() && y.number != 0) {
      put_float(R(IN.a), x.number / y.number);
      NEXT();
    }
    if (both_numbers(x, y)) {
      constexpr int64_t kExact = int64_t{1} << 53;   // up to here int / int is one rounding
      bool is_exact = !both_ints(x, y) || (x.integer <= kExact && x.integer >= -kExact && y.integer <= kExact && y.integer >= -kExact);
      double q = as_double(y);
      if (MINI_LIKELY(is_exact && q != 0)) {
        put_float(R(IN.a), as_double(x) / q);
        NEXT();
      }
    }
    BEGIN(op_binary(t, BinaryOp::TrueDiv, x, y, IN.x, &R(IN.a)));
  }
  CASE(FLOORDIV) : {
    const Value& x = R(IN.b);
    const Value& y = R(IN.c);
    if (both_ints(x, y) && y.integer > 0) {
      put_int(R(IN.a), floor_div(x.integer, y.integer));
      NEXT();
    }
    BEGIN(op_binary(t, BinaryOp::FloorDiv, x, y, IN.x, &R(IN.a)));
  }
  CASE(MOD) : {
    const Value& x = R(IN.b);
    const Value& y = R(IN.c);
    if (both_ints(x, y) && y.integer > 0) {
      uint64_t either = static_cast<uint64_t>(x.integer | y.integer);
      if (either >> 32 == 0) put_int(R(IN.a), static_cast<uint32_t>(x.integer) % static_cast<uint32_t>(y.integer));
      else put_int(R(IN.a), floor_mod(x.integer, y.integer));
      NEXT();
    }
    BEGIN(op_binary(t, BinaryOp::Mod, x, y, IN.x, &R(IN.a)));
  }
  CASE(POW) : BEGIN(op_binary(t, BinaryOp::Pow, R(IN.b), R(IN.c), IN.x, &R(IN.a)));
  CASE(LSHIFT) : {
    const Value& x = R(IN.b);
    const Value& y = R(IN.c);
    if (both_ints(x, y) && static_cast<uint64_t>(y.integer) < 63) {
      int64_t z = static_cast<int64_t>(static_cast<uint64_t>(x.integer) << y.integer);
      if (z >> y.integer == x.integer) {
        put_int(R(IN.a), z);
        NEXT();
      }
    }
    BEGIN(op_binary(t, BinaryOp::LShift, x, y, IN.x, &R(IN.a)));
  }
  CASE(RSHIFT) : {
    const Value& x = R(IN.b);
    const Value& y = R(IN.c);
    if (both_ints(x, y) && static_cast<uint64_t>(y.integer) < 64) {
      put_int(R(IN.a), x.integer >> y.integer);
      NEXT();
    }
    BEGIN(op_binary(t, BinaryOp::RShift, x, y, IN.x, &R(IN.a)));
  }
#define BITWISE(NAME, ENUM, SYMBOL)                         \
  CASE(NAME) : {                                            \
    const Value& x = R(IN.b);                              \
    const Value& y = R(IN.c);                              \
    if (MINI_LIKELY(both_ints(x, y))) {                     \
      put_int(R(IN.a), x.integer SYMBOL y.integer);        \
      NEXT();                                               \
    }                                                       \
    BEGIN(op_binary(t, BinaryOp::ENUM, x, y, IN.x, &R(IN.a)));        \
  }
  BITWISE(AND, And, &)
  BITWISE(OR, Or, |)
  BITWISE(XOR, Xor, ^)
#undef BITWISE
  CASE(MATMUL) : BEGIN(op_binary(t, BinaryOp::MatMul, R(IN.b), R(IN.c), IN.x, &R(IN.a)));

#define IMMEDIATE static_cast<int64_t>(static_cast<int16_t>(IN.c))
#define CHECKED_INT(NAME, ENUM, BUILTIN, SYMBOL)                                                     \
  CASE(NAME) : {                                                                                     \
    const Value& x = R(IN.b);                                                                       \
    int64_t z;                                                                                       \
    if (MINI_LIKELY(x.is_int() && !BUILTIN(x.integer, IMMEDIATE, &z))) {                             \
      put_int(R(IN.a), z);                                                                          \
      NEXT();                                                                                        \
    }                                                                                                \
    if (x.is_float()) {                                                                              \
      put_float(R(IN.a), x.number SYMBOL static_cast<double>(IMMEDIATE));                           \
      NEXT();                                                                                        \
    }                                                                                                \
    BEGIN(op_binary(t, BinaryOp::ENUM, x, Value::of_int(IMMEDIATE), IN.x, &R(IN.a)));                          \
  }
  CHECKED_INT(ADD_INT, Add, __builtin_add_overflow, +)
  CHECKED_INT(SUB_INT, Sub, __builtin_sub_overflow, -)
  CHECKED_INT(MUL_INT, Mul, __builtin_mul_overflow, *)
#undef CHECKED_INT
  CASE(FLOORDIV_INT) : {
    const Value& x = R(IN.b);
    if (x.is_int() && IMMEDIATE > 0) {
      put_int(R(IN.a), floor_div(x.integer, IMMEDIATE));
      NEXT();
    }
    BEGIN(op_binary(t, BinaryOp::FloorDiv, x, Value::of_int(IMMEDIATE), IN.x, &R(IN.a)));
  }
  CASE(MOD_INT) : {
    const Value& x = R(IN.b);
    if (x.is_int() && IMMEDIATE > 0) {
      if (static_cast<uint64_t>(x.integer) >> 32 == 0)
        put_int(R(IN.a), static_cast<uint32_t>(x.integer) % static_cast<uint32_t>(IMMEDIATE));
      else
        put_int(R(IN.a), floor_mod(x.integer, IMMEDIATE));
      NEXT();
    }
    BEGIN(op_binary(t, BinaryOp::Mod, x, Value::of_int(IMMEDIATE), IN.x, &R(IN.a)));
  }
  CASE(LSHIFT_INT) : {
    const Value& x = R(IN.b);
    if (x.is_int() && static_cast<uint64_t>(IMMEDIATE) < 63) {
      int64_t z = static_cast<int64_t>(static_cast<uint64_t>(x.integer) << IMMEDIATE);
      if (z >> IMMEDIATE == x.integer) {
        put_int(R(IN.a), z);
        NEXT();
      }
    }
    BEGIN(op_binary(t, BinaryOp::LShift, x, Value::of_int(IMMEDIATE), IN.x, &R(IN.a)));
  }
  CASE(RSHIFT_INT) : {
    const Value& x = R(IN.b);
    if (x.is_int() && static_cast<uint64_t>(IMMEDIATE) < 64) {
      put_int(R(IN.a), x.integer >> IMMEDIATE);
      NEXT();
    }
    BEGIN(op_binary(t, BinaryOp::RShift, x, Value::of_int(IMMEDIATE), IN.x, &R(IN.a)));
  }
  CASE(AND_INT) : {
    const Value& x = R(IN.b);
    if (MINI_LIKELY(x.is_int())) {
      put_int(R(IN.a), x.integer & IMMEDIATE);
      NEXT();
    }
    BEGIN(op_binary(t, BinaryOp::And, x, Value::of_int(IMMEDIATE), IN.x, &R(IN.a)));
  }
  CASE(NEG) : {
    const Value& x = R(IN.b);
    if (x.is_int() && x.integer != INT64_MIN) {
      put_int(R(IN.a), -x.integer);
      NEXT();
    }
    if (x.is_float()) {
      put_float(R(IN.a), -x.number);
      NEXT();
    }
    BEGIN(op_unary(t, UnaryOp::Neg, x, &R(IN.a)));
  }
  CASE(POS) : BEGIN(op_unary(t, UnaryOp::Pos, R(IN.b), &R(IN.a)));
  CASE(INVERT) : BEGIN(op_unary(t, UnaryOp::Invert, R(IN.b), &R(IN.a)));
  CASE(NOT) : {
    const Value& x = R(IN.b);
    if (is_plain_truth(x)) {
      put_bool(R(IN.a), x.integer == 0);
      NEXT();
    }
    SAVE();
    int is_true = op_truth(t, x);
    RAISED_IF(is_true < 0);
    put_bool(R(IN.a), !is_true);
    NEXT();
  }

  // --- Comparison ---
#define COMPARE(NAME, ENUM, SYMBOL)                                        \
  CASE(NAME) : {                                                           \
    const Value& x = R(IN.b);                                             \
    const Value& y = R(IN.c);                                             \
    if (MINI_LIKELY(both_ints(x, y))) {                                    \
      put_bool(R(IN.a), x.integer SYMBOL y.integer);                      \
      NEXT();                                                              \
    }                                                                      \
    if (x.is_float() && y.is_float()) {                                    \
      put_bool(R(IN.a), x.number SYMBOL y.number);                        \
      NEXT();                                                              \
    }                                                                      \
    BEGIN(op_compare(t, CompareOp::ENUM, x, y, &R(IN.a)));                            \
  }
  COMPARE(LT, Lt, <)
  COMPARE(LE, Le, <=)
  COMPARE(EQ, Eq, ==)
  COMPARE(NE, Ne, !=)
  COMPARE(GT, Gt, >)
  COMPARE(GE, Ge, >=)
#undef COMPARE
  CASE(IS) : put_bool(R(IN.a), R(IN.b).is_same(R(IN.c)));
  NEXT();
  CASE(IS_NOT) : put_bool(R(IN.a), !R(IN.b).is_same(R(IN.c)));
  NEXT();
  CASE(CONTAINS) : {
    SAVE();
    int is_in = op_contains(t, R(IN.b), R(IN.c));
    RAISED_IF(is_in < 0);
    put_bool(R(IN.a), is_in);
    NEXT();
  }
  CASE(NOT_IN) : {
    SAVE();
    int is_in = op_contains(t, R(IN.b), R(IN.c));
    RAISED_IF(is_in < 0);
    put_bool(R(IN.a), !is_in);
    NEXT();
  }

  // --- Jumps ---
  CASE(JUMP) : ip += IN.signed_wide;
  NEXT();
  CASE(JUMP_BACK) : ip += IN.signed_wide;
  ATTENTION();
  NEXT();
#define TRUTH_JUMP(NAME, WANTED, AFTER)                                                        \
  CASE(NAME) : {                                                                               \
    const Value& x = R(IN.a);                                                                 \
    int is_true;                                                                               \
    if (MINI_LIKELY(is_plain_truth(x))) {                                                      \
      is_true = x.integer != 0;                                                                \
    } else {                                                                                   \
      SAVE();                                                                                  \
      is_true = op_truth(t, x);                                                                \
      RAISED_IF(is_true < 0);                                                                  \
    }                                                                                          \
    if (is_true == WANTED) {                                                                   \
      ip += IN.signed_wide;                                                                   \
      AFTER;                                                                                   \
    }                                                                                          \
    NEXT();                                                                                    \
  }
  TRUTH_JUMP(JUMP_IF_TRUE, 1, (void)0)
  TRUTH_JUMP(JUMP_IF_FALSE, 0, (void)0)
  TRUTH_JUMP(LOOP_IF_TRUE, 1, ATTENTION())
  TRUTH_JUMP(LOOP_IF_FALSE, 0, ATTENTION())
#undef TRUTH_JUMP
  CASE(JUMP_IF_NONE) : if (R(IN.a).is_none()) ip += IN.signed_wide;
  NEXT();
  CASE(JUMP_IF_NOT_NONE) : if (!R(IN.a).is_none()) ip += IN.signed_wide;
  NEXT();
  CASE(JUMP_IF_BOUND) : if (!R(IN.a).is_empty()) ip += IN.signed_wide;
  NEXT();

#define JUMP_OFFSET static_cast<int16_t>(IN.c)
#define FUSED(NAME, ENUM, SYMBOL, WANTED, AFTER)                                  \
  CASE(NAME) : {                                                                  \
    const Value& x = R(IN.a);                                                    \
    const Value& y = R(IN.b);                                                    \
    int is_true;                                                                  \
    if (MINI_LIKELY(both_ints(x, y))) {                                           \
      is_true = x.integer SYMBOL y.integer;                                       \
    } else if (x.is_float() && y.is_float()) {                                    \
      is_true = x.number SYMBOL y.number;                                         \
    } else if (is_equality(CompareOp::ENUM) && both_texts(x, y)) {                \
      is_true = same_text(x, y) == (CompareOp::ENUM == CompareOp::Eq);            \
    } else {                                                                      \
      SAVE();                                                                     \
      is_true = op_test(t, CompareOp::ENUM, x, y);                                \
      RAISED_IF(is_true < 0);                                                     \
    }                                                                             \
    if (is_true == WANTED) {                                                      \
      ip += JUMP_OFFSET;                                                          \
      AFTER;                                                                      \
    }                                                                             \
    NEXT();                                                                       \
  }
#define FUSED_INT(NAME, ENUM, SYMBOL, WANTED, AFTER)                              \
  CASE(NAME) : {                                                                  \
    const Value& x = R(IN.a);                                                    \
    int64_t y = static_cast<int16_t>(IN.b);                                      \
    int is_true;                                                                  \
    if (MINI_LIKELY(x.is_int())) {                                                \
      is_true = x.integer SYMBOL y;                                               \
    } else if (x.is_float()) {                                                    \
      is_true = x.number SYMBOL static_cast<double>(y);                           \
    } else {                                                                      \
      SAVE();                                                                     \
      is_true = op_test(t, CompareOp::ENUM, x, Value::of_int(y));                 \
      RAISED_IF(is_true < 0);                                                     \
    }                                                                             \
    if (is_true == WANTED) {                                                      \
      ip += JUMP_OFFSET;                                                          \
      AFTER;                                                                      \
    }                                                                             \
    NEXT();                                                                       \
  }
#define FUSED_FAMILY(NAME, ENUM, SYMBOL)                              \
  FUSED(JUMP_IF_##NAME, ENUM, SYMBOL, 1, (void)0)                     \
  FUSED(JUMP_UNLESS_##NAME, ENUM, SYMBOL, 0, (void)0)                 \
  FUSED(LOOP_IF_##NAME, ENUM, SYMBOL, 1, ATTENTION())                 \
  FUSED_INT(JUMP_IF_##NAME##_INT, ENUM, SYMBOL, 1, (void)0)           \
  FUSED_INT(JUMP_UNLESS_##NAME##_INT, ENUM, SYMBOL, 0, (void)0)       \
  FUSED_INT(LOOP_IF_##NAME##_INT, ENUM, SYMBOL, 1, ATTENTION())
  FUSED_FAMILY(LT, Lt, <)
  FUSED_FAMILY(LE, Le, <=)
  FUSED_FAMILY(EQ, Eq, ==)
  FUSED_FAMILY(NE, Ne, !=)
  FUSED_FAMILY(GT, Gt, >)
  FUSED_FAMILY(GE, Ge, >=)
#undef FUSED_FAMILY
#undef FUSED_INT
#undef FUSED
  CASE(JUMP_IF_IS) : if (R(IN.a).is_same(R(IN.b))) ip += JUMP_OFFSET;
  NEXT();
  CASE(JUMP_IF_IS_NOT) : if (!R(IN.a).is_same(R(IN.b))) ip += JUMP_OFFSET;
  NEXT();
  CASE(JUMP_IF_IN) : {
    SAVE();
    int is_in = op_contains(t, R(IN.a), R(IN.b));
    RAISED_IF(is_in < 0);
    if (is_in) ip += JUMP_OFFSET;
    NEXT();
  }
  CASE(JUMP_IF_NOT_IN) : {
    SAVE();
    int is_in = op_contains(t, R(IN.a), R(IN.b));
    RAISED_IF(is_in < 0);
    if (!is_in) ip += JUMP_OFFSET;
    NEXT();
  }

  // --- Iteration ---
  CASE(GET_ITER) : {
    Value v = R(IN.b);
    Value* state = &R(IN.a);
    if (v.is_object()) {
      Object* o = v.object;
      if (o->kind == Kind::Range && !static_cast<Range*>(o)->is_big) {
        auto r = static_cast<Range*>(o);
        put_int(state[0], r->start);
        put_int(state[1], r->length);
        put_int(state[2], r->step);
        NEXT();
      }
      if (o->exact == Kind::List || o->exact == Kind::Tuple || o->exact == Kind::Generator || o->exact == Kind::Str ||
          o->exact == Kind::Bytes) {
        copy(state[0], v);
        put_int(state[1], 0);
        NEXT();
      }
    }
    SAVE();
    slow = op_get_iter(t, v, state, IN.x);
    RAISED_IF(slow.is_raised());
    NEXT();
  }
  CASE(FOR_LOOP) : {
    Value* state = &R(IN.a);
    if (state[0].is_int()) {   // a range: current, remaining count, step
      if (state[1].integer > 0) {
        --state[1].integer;
        int64_t current = state[0].integer;
        // Wraps only behind the last item.
        state[0].integer = static_cast<int64_t>(static_cast<uint64_t>(current) + static_cast<uint64_t>(state[2].integer));
        put_int(R(IN.b), current);
        ip += JUMP_OFFSET;
        ATTENTION();
      }
      NEXT();
    }
    Object* o = state[0].object;
    if (o->exact == Kind::List || o->exact == Kind::Tuple) {
      auto s = static_cast<Sequence*>(o);
      uint64_t i = static_cast<uint64_t>(state[1].integer);
      if (i < s->length) {
        copy(R(IN.b), s->items[i]);
        state[1].integer = static_cast<int64_t>(i + 1);
        ip += JUMP_OFFSET;
        ATTENTION();
      } else {
        // An exhausted iterator stays exhausted, whatever the list does later.
        state[1].integer = INT64_MAX;
      }
      NEXT();
    }
    SAVE();
    if (o->exact == Kind::Str) {
      auto s = static_cast<Str*>(o);
      uint64_t i = static_cast<uint64_t>(state[1].integer);
      if (i == s->length) NEXT();
      copy(R(IN.b), MINI_LIKELY(s->is_ascii()) ? Value::of_object(t.interpreter->ascii_strs[s->narrow()[i]]) : op_char_at(t, s, i));
      state[1].integer = static_cast<int64_t>(i + 1);
      ip += JUMP_OFFSET;
      ATTENTION();
      NEXT();
    }
    if (o->exact == Kind::Bytes) {
      auto bytes = static_cast<Bytes*>(o);
      uint64_t i = static_cast<uint64_t>(state[1].integer);
      if (i == bytes->length) NEXT();
      put_int(R(IN.b), bytes->data[i]);
      state[1].integer = static_cast<int64_t>(i + 1);
      ip += JUMP_OFFSET;
      ATTENTION();
      NEXT();
    }
    if (o->kind == Kind::Generator) {
      frame->ip = ip + JUMP_OFFSET;
      auto g = static_cast<Generator*>(o);
      if (MINI_LIKELY(resumes_simply(t, g, frame))) {
        g->loop_exit = ip;
        frame = resume_simply(t, g, frame, Value::none(), &R(IN.b), kFrameForLoop);
        GO_ON();
        ATTENTION();
        NEXT();
      }
      begun = begin_resume(t, g, Value::none(), &R(IN.b), kFrameForLoop);
      if (MINI_LIKELY(begun == Begun::Pushed)) {
        g->loop_exit = ip;   // not before: it may be running for another loop
        RELOAD();
        ATTENTION();
        NEXT();
      }
      SAVE();
      RAISED_IF(begun == Begun::Raised);
      NEXT();
    }
    if (const Instruction* unpack = ip + JUMP_OFFSET; IN.x && unpack->op == static_cast<uint8_t>(Op::UNPACK) && unpack->c == 2) {
      if (auto next_pair = o->shape->type->ops.next_pair) {
        slow = end_on_stop_iteration(t, next_pair(t, state[0], &R(unpack->a)));
        if (slow.is_empty()) NEXT();
        RAISED_IF(slow.is_raised());
        if (MINI_LIKELY(slow.is_none())) {
          ip += JUMP_OFFSET + 1;
          ATTENTION();
          NEXT();
        }
      }
    }
    slow = op_iter_next(t, state);
    if (!slow.is_empty()) {
      RAISED_IF(slow.is_raised());
      copy(R(IN.b), slow);
      ip += JUMP_OFFSET;
      ATTENTION();
    }
    NEXT();
  }
  CASE(GET_ITER_OBJECT) : SLOW(op_get_iter_object(t, R(IN.b), IN.x));
  NEXT();
  CASE(UNPACK) : {
    Value v = R(IN.b);
    if (v.is_object() && (v.object->exact == Kind::Tuple || v.object->exact == Kind::List)) {
      auto s = static_cast<Sequence*>(v.object);
      if (s->length == IN.c) {
        Value* out = &R(IN.a);
        for (uint64_t i = 0; i < s->length; ++i) copy(out[i], s->items[i]);
        NEXT();
      }
    }
    SLOW_ONLY(op_unpack(t, v, &R(IN.a), IN.c));
    NEXT();
  }
  CASE(UNPACK_STAR) : SLOW_ONLY(op_unpack_star(t, R(IN.b), &R(IN.a), IN.c, IN.x));
  NEXT();

  // --- Calls ---
#define CALL_FAST(CALLEE, ARGS, ARGC)                                                                          \
  if (MINI_LIKELY((CALLEE).is_object())) {                                                                     \
    Object* o = (CALLEE).object;                                                                               \
    if (MINI_LIKELY(o->kind == Kind::Function)) {                                                              \
      auto f = static_cast<Function*>(o);                                                                      \
      Code* code = f->code;                                                                                    \
      Frame* next = frame + 1;                                                                                 \
      Value* window = (ARGS);                                                                                  \
      if (MINI_LIKELY(code->code_flags & kCodeSimple && code->positional_count == (ARGC) && !(frame->flags & kFrameHeap) && \
                      window + code->register_count <= t.registers_limit && next < t.frames_limit &&           \
                      frame->depth < t.recursion_limit)) {                                                     \
        SAVE();                                                                                                \
        next->registers = window;                                                                              \
        next->code = code;                                                                                     \
        next->function = f;                                                                                    \
        next->globals = f->globals;                                                                            \
        next->previous = frame;                                                                                \
        next->result = &R(IN.c);                                                                              \
        next->flags = 0;                                                                                       \
        next->depth = frame->depth + 1;                                                                        \
        t.frame = frame = next;                                                                                \
        ip = code->instructions.data();                                                                        \
        base = reinterpret_cast<char*>(window);                                                                \
        caches = code->caches.data();                                                                          \
        ATTENTION();                                                                                           \
        NEXT();                                                                                                \
      }                                                                                                        \
    }                                                                                                          \
  }
// A native that takes the arguments as they stand; CONDITION: its receiver, if it has one, is known to fit.
#define CALL_NATIVE(CALLEE, ARGS, ARGC, CONDITION)                                 \
  if ((CALLEE).is_object() && (CALLEE).object->kind == Kind::NativeFunction) {     \
    auto f = static_cast<NativeFunction*>((CALLEE).object);                        \
    if (MINI_LIKELY(f->plain_count == (ARGC) && (CONDITION))) {                    \
      SAVE();                                                                      \
      t.callee = f;                                                                \
      slow = f->function(t, ARGS, ARGC);                                           \
      RAISED_IF(slow.is_raised());                                                 \
      copy(R(IN.c), slow);                                                         \
      NEXT();                                                                      \
    }                                                                              \
  }
  CASE(CALL) : {
    Value& callee = R(IN.a);
    CALL_FAST(callee, &callee + 1, IN.b)
    CALL_NATIVE(callee, &callee + 1, IN.b, !f->owner)
    SAVE();
    begun = begin_call(t, callee, &callee + 1, IN.b, nullptr, &R(IN.c));
    goto after_begin;
  }
  CASE(CALL_METHOD) : {
    Value* callee = &R(IN.a);
    if (MINI_LIKELY(!callee[1].is_empty())) {
      CALL_FAST(callee[0], callee + 1, IN.b + 1u)
      if (IN.b == 1 && is_list_append(callee[0])) {   // the method that is called most of all
        auto list = static_cast<List*>(callee[1].object);
        if (MINI_LIKELY(list->length < list->capacity)) {
          store_last(list, callee[2]);
          R(IN.c) = Value::none();
          NEXT();
        }
      }
      CALL_NATIVE(callee[0], callee + 1, IN.b + 1u, true)
      SAVE();
      begun = begin_call(t, callee[0], callee + 1, IN.b + 1u, nullptr, &R(IN.c));
    } else {
      CALL_FAST(callee[0], callee + 2, IN.b)
      CALL_NATIVE(callee[0], callee + 2, IN.b, !f->owner)
      SAVE();
      begun = begin_call(t, callee[0], callee + 2, IN.b, nullptr, &R(IN.c));
    }
    goto after_begin;
  }
#undef CALL_FAST
#undef CALL_NATIVE
  CASE(CALL_KEYWORDS) : {
    Value* callee = &R(IN.a);
    SAVE();
    auto keyword_names = as<Tuple>(callee[IN.b + 1]);
    begun = begin_call(t, callee[0], callee + 1, IN.b - keyword_names->length, keyword_names, &R(IN.c));
    goto after_begin;
  }
  CASE(CALL_METHOD_KEYWORDS) : {
    Value* callee = &R(IN.a);
    SAVE();
    auto keyword_names = as<Tuple>(callee[IN.b + 2]);
    bool has_self = !callee[1].is_empty();
    begun = begin_call(t, callee[0], callee + (has_self ? 1 : 2), IN.b + has_self - keyword_names->length, keyword_names, &R(IN.c));
    goto after_begin;
  }
  CASE(CALL_STAR) : SAVE();
  begun = begin_star_call(t, &R(IN.a), IN.x, &R(IN.c));
  goto after_begin;
  CASE(CALL_SUPER) : SAVE();
  begun = begin_super(t, &R(IN.a), &R(IN.c));
  goto after_begin;

  CASE(RETURN) : {
    if (MINI_LIKELY((frame->flags & ~kFrameAwaited) == 0)) {
      const Value& v = R(IN.a);
      Value* result = frame->result;
      copy(*result, v);
      t.frame = frame = frame->previous;
      ip = frame->ip;
      base = reinterpret_cast<char*>(frame->registers);
      caches = frame->code->caches.data();
      NEXT();
    }
    slow = R(IN.a);
    goto special_return;
  }
  CASE(RETURN_NONE) : {
    if (MINI_LIKELY((frame->flags & ~kFrameAwaited) == 0)) {
      copy(*frame->result, Value::none());
      t.frame = frame = frame->previous;
      ip = frame->ip;
      base = reinterpret_cast<char*>(frame->registers);
      caches = frame->code->caches.data();
      NEXT();
    }
    slow = Value::none();
    goto special_return;
  }
  CASE(MAKE_FUNCTION) : SLOW(op_make_function(t, frame, as<Code>(K(IN.c)), &R(IN.b), IN.x));
  NEXT();

  // --- Building ---
  CASE(BUILD_LIST) : SLOW(Value::of_object(make_list(t, &R(IN.b), IN.c)));
  NEXT();
  CASE(BUILD_TUPLE) : SLOW(Value::of_object(make_tuple(t, &R(IN.b), IN.c)));
  NEXT();
  CASE(BUILD_SET) : {
    SAVE();
    Set* s = make_set(t);
    Value* items = &R(IN.b);
    for (size_t i = 0; i < IN.c; ++i) RAISED_IF(set_add_item(t, s, items[i]).is_raised());
    copy(R(IN.a), Value::of_object(s));
    NEXT();
  }
  CASE(BUILD_DICT) : {
    SAVE();
    Dict* d = make_dict(t, IN.c);
    RAISED_IF(dict_set_pairs(t, d, &R(IN.b), IN.c).is_raised());
    copy(R(IN.a), Value::of_object(d));
    NEXT();
  }
  CASE(BUILD_STRING) : SLOW(op_build_string(t, &R(IN.b), IN.c));
  NEXT();
  CASE(FORMAT_VALUE) : SLOW(op_format(t, R(IN.b), static_cast<char>(IN.x), Value::empty()));
  NEXT();
  CASE(FORMAT_SPEC) : SLOW(op_format(t, R(IN.b), static_cast<char>(IN.x), R(IN.c)));
  NEXT();
  CASE(LIST_APPEND) : {
    auto list = as<List>(R(IN.a));
    if (MINI_LIKELY(list->length < list->capacity)) {
      store_last(list, R(IN.b));
      NEXT();
    }
    SAVE();
    list_push(t, list, R(IN.b));
    NEXT();
  }
  CASE(SET_ADD) : SLOW_ONLY(set_add_item(t, as<Set>(R(IN.a)), R(IN.b)));
  NEXT();
  CASE(DICT_ADD) : SLOW_ONLY(dict_set_item(t, as<Dict>(R(IN.a)), R(IN.b), R(IN.c)));
  NEXT();
  CASE(LIST_EXTEND) : SLOW_ONLY(op_list_extend(t, R(IN.a), R(IN.b)));
  NEXT();
  CASE(SET_UPDATE) : SLOW_ONLY(set_update_with(t, as<Set>(R(IN.a)), R(IN.b)));
  NEXT();
  CASE(DICT_UPDATE) : SLOW_ONLY(op_dict_merge(t, R(IN.a), R(IN.b), Value::empty()));
  NEXT();
  CASE(DICT_MERGE) : SLOW_ONLY(op_dict_merge(t, R(IN.a), R(IN.b), R(IN.c)));
  NEXT();
  CASE(LIST_TO_TUPLE) : SLOW(to_tuple(t, R(IN.b)));
  NEXT();

  // --- Exceptions ---
  CASE(RAISE) : SAVE();
  (void)raise_value(t, R(IN.a));
  goto raised;
  CASE(RAISE_FROM) : SAVE();
  (void)op_raise_from(t, R(IN.a), R(IN.b));
  goto raised;
  CASE(RAISE_AGAIN) : SAVE();
  keep_traceback = op_raise_again(t).is_none();
  goto raised;
  CASE(RERAISE) : SAVE();
  t.exception = R(IN.a);
  keep_traceback = true;
  goto raised;
  CASE(ENTER_HANDLER) : {
    Value caught = R(IN.b);
    if (MINI_UNLIKELY(frame->flags & kFrameAwaited) && !t.handled.is_empty()) BECOME_COROUTINES();
    copy(R(IN.a), frame->generator ? op_enter_handler(t, frame, caught) : t.handled);
    t.handled = caught;
    NEXT();
  }
  CASE(LEAVE_HANDLER) : if (frame->generator) op_leave_handler(t, frame, R(IN.a));
  else t.handled = R(IN.a);
  NEXT();
  CASE(JUMP_UNLESS_MATCH) : {
    SAVE();
    int is_match = op_exception_matches(t, R(IN.a), R(IN.b));
    RAISED_IF(is_match < 0);
    if (!is_match) ip += JUMP_OFFSET;
    NEXT();
  }
  CASE(SPLIT_GROUP) : SLOW_ONLY(op_split_group(t, R(IN.b), R(IN.c), &R(IN.a)));
  NEXT();
  CASE(JOIN_GROUP) : SLOW(op_join_group(t, R(IN.b), R(IN.c)));
  NEXT();
  CASE(EXCEPTION_INFO) : op_exception_info(t, R(IN.b), &R(IN.a));
  NEXT();
  CASE(LOAD_SPECIAL) : SLOW_ONLY(op_load_special(t, R(IN.b), IN.x, &R(IN.a)));
  NEXT();

  // --- Generators and coroutines ---
  CASE(YIELD) : {
    SAVE();
    if (Generator* g = frame->generator; MINI_LIKELY(suspends_simply(t, g, frame))) {
      if (frame->flags & kFrameTaken && offer(frame, R(IN.b))) {
        R(IN.a) = Value::none();
        NEXT();
      }
      copy(*frame->result, R(IN.b));
      bool is_entry = frame->flags & kFrameEntry;
      frame = suspend_simply(t, g, frame);
      if (is_entry) return Outcome::Yielded;
      GO_ON();
      NEXT();
    }
    bool left = false;
    slow = R(IN.b);
    if (op_offer(t, frame, slow)) {
      R(IN.a) = Value::none();
      NEXT();
    }
    suspend_chain(t, frame, slow, left);
    if (MINI_UNLIKELY(t.profiler)) profiler_sync(t);
    if (left) return Outcome::Yielded;
    RELOAD();
    NEXT();
  }
  CASE(GET_YIELD_FROM) : SLOW(op_get_yield_from(t, R(IN.b)));
  NEXT();
  CASE(GET_AWAITABLE) : SLOW(op_get_awaitable(t, R(IN.b), IN.x));
  NEXT();
  CASE(DELEGATE) : {
    if (frame->flags & kFrameAwaited) {
      SLOW_ONLY(op_await_done(t, R(IN.b)));
      if (!slow.is_empty()) {
        copy(R(IN.a), slow);
        NEXT();
      }
      BECOME_COROUTINES();
    }
    SAVE();
    Value yielded = Value::empty();
    begun = begin_delegate(t, frame, R(IN.b), R(IN.c), &R(IN.a), yielded);
    if (!yielded.is_empty()) {
      frame->ip = &IN;   // runs again with what is sent in
      if (op_offer(t, frame, yielded)) {
        R(IN.c) = Value::none();
        GO_ON();
        NEXT();
      }
      bool left = false;
      suspend_chain(t, frame, yielded, left);
      if (MINI_UNLIKELY(t.profiler)) profiler_sync(t);
      if (left) return Outcome::Yielded;
      RELOAD();
      NEXT();
    }
    goto after_begin;
  }
  CASE(GET_ASYNC_ITER) : SLOW(op_get_async_iter(t, R(IN.b)));
  NEXT();
  CASE(GET_ASYNC_NEXT) : SLOW(op_get_async_next(t, R(IN.b)));
  NEXT();

  // --- Imports ---
  CASE(IMPORT_NAME) : SLOW(op_import_name(t, frame, as<Str>(K(IN.c)), R(IN.b), IN.x));
  NEXT();
  CASE(IMPORT_FROM) : SLOW(import_from(t, R(IN.b), as<Str>(K(IN.c))));
  NEXT();
  CASE(IMPORT_STAR) : SLOW_ONLY(import_star(t, R(IN.a), frame->locals ? frame->locals : frame->globals));
  NEXT();

  // --- Pattern matching ---
  CASE(MATCH_SEQUENCE) : put_bool(R(IN.a), op_is_sequence_pattern(t, R(IN.b)));
  NEXT();
  CASE(MATCH_MAPPING) : put_bool(R(IN.a), op_is_mapping_pattern(t, R(IN.b)));
  NEXT();
  CASE(MATCH_KEYS) : SLOW(op_match_keys(t, R(IN.b), R(IN.c)));
  NEXT();
  CASE(MATCH_CLASS) : SLOW(op_match_class(t, R(IN.b), &R(IN.c)));
  NEXT();
  CASE(MATCH_REST) : SLOW(op_match_rest(t, R(IN.b), R(IN.c)));
  NEXT();
  CASE(GET_LENGTH) : SLOW(length_of(t, R(IN.b)));
  NEXT();

  // --- The prompt ---
  CASE(DISPLAY) : SLOW_ONLY(op_display(t, R(IN.a)));
  NEXT();

  END_DISPATCH()

after_begin:   // a call began: go on here, in the pushed frame, or with an exception
  switch (begun) {
    case Begun::Done: NEXT();
    case Begun::Pushed:
      RELOAD();
      ATTENTION();
      NEXT();
    case Begun::Raised: goto raised;
  }
  MINI_UNREACHABLE();

special_return : {   // `slow` is returned from a frame with flags
  if (frame->flags & kFrameHeap) {
    bool left = false;
    begun = finish_generator(t, frame, slow, left);
    if (MINI_UNLIKELY(t.profiler)) profiler_sync(t);
    if (left) return Outcome::Returned;
    RELOAD();
    RAISED_IF(begun == Begun::Raised);
    NEXT();
  }
  if (frame->flags & kFrameConstructor) {
    if (MINI_UNLIKELY(!slow.is_none())) {
      SAVE();
      (void)raise(t, ErrorType::TypeError, "__init__() should return None, not '{}'", type_name(t, slow));
      goto raised;
    }
    slow = frame->entry_handled;   // the instance
  }
  if (MINI_UNLIKELY(frame->flags & kFrameObserved)) {
    SAVE();
    end_observed_frame(t, frame);
  }
  uint32_t flags = frame->flags;
  bool is_declined = flags & kFrameOperator && slow.is_same(t.interpreter->not_implemented);
  if (MINI_LIKELY(!is_declined)) copy(*frame->result, slow);
  t.frame = frame->previous;
  if (MINI_UNLIKELY(t.profiler)) profiler_sync(t);
  if (flags & kFrameEntry) return Outcome::Returned;
  RELOAD();
  if (MINI_UNLIKELY(is_declined)) SLOW(op_ask_right(t, flags, IN, frame->registers));
  NEXT();
}

serve_attention:
  frame->ip = ip + 1;   // what comes next is where a signal's exception is raised: it decides the line and the handler
  slow = t.serve_attention();
  RAISED_IF(slow.is_raised());
  NEXT();

raised:
  MINI_ASSERT(is_exception(t.exception), "Raised was returned without an exception");
  if (!unwind(t, keep_traceback)) return Outcome::Raised;
  keep_traceback = false;
  RELOAD();
  NEXT();

#undef COUNT
#undef MISS
#undef IN
#undef R
#undef K
#undef SAVE
#undef GO_ON
#undef RELOAD
#undef RAISED_IF
#undef SLOW
#undef SLOW_ONLY
#undef BEGIN
#undef BECOME_COROUTINES
#undef SLOT
#undef ATTENTION
#undef AGAIN
#undef NEXT
#undef CASE
#undef BEGIN_DISPATCH
#undef END_DISPATCH
#undef IMMEDIATE
#undef JUMP_OFFSET
}

}  // namespace mini
