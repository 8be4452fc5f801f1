// SPDX-License-Identifier: MIT
// The slow paths that the VM loop calls by name. Each group stands in the file named above it. The current frame's ip is saved
// before any of them runs; they return Raised after raising.
#pragma once

#include "runtime/code.h"
#include "runtime/frame.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/generator.h"
#include "runtime/thread.h"

namespace mini {

enum class Begun : uint8_t { Done, Pushed, Raised };   // result written; a frame was pushed; raised
inline Begun from_value(Value v, Value* result) {
  if (v.is_raised()) return Begun::Raised;
  *result = v;
  return Begun::Done;
}

// --- ops_arith.cpp ---
// Operators: a method of a script class gets a frame, everything else is done at once.
Begun op_binary(Thread& t, BinaryOp op, Value a, Value b, bool is_augmented, Value* result);
Begun op_unary(Thread& t, UnaryOp op, Value a, Value* result);
Begun op_compare(Thread& t, CompareOp op, Value a, Value b, Value* result);
Begun op_get_item(Thread& t, Value object, Value key, Value* result);
Begun op_set_item(Thread& t, Value object, Value key, Value value);
// After a frame with kFrameOperator in `flags` returned NotImplemented to the instruction `in`.
Value op_ask_right(Thread& t, uint32_t flags, const Instruction& in, const Value* registers);
// truth of a comparison, for fused jumps: 1, 0, or -1 after raising.
int op_test(Thread& t, CompareOp op, Value a, Value b);
int op_truth(Thread& t, Value v);                 // 1, 0, -1
int op_contains(Thread& t, Value item, Value container);
Value op_build_string(Thread& t, const Value* parts, size_t count);
Value op_format(Thread& t, Value v, char conversion, Value spec);   // spec Empty: none

// --- ops_attr.cpp ---
// A site that saw another shape before: true when the cache now knows this one.
bool op_refill(Thread& t, const Object* o, InlineCache& cache, CacheUse use);
Value op_get_attr(Thread& t, Value object, InlineCache& cache);
Value op_set_attr(Thread& t, Value object, Value v, InlineCache& cache);
// out[0], out[1] = function and self, or value and Empty. None or Raised.
Value op_load_method(Thread& t, Value object, InlineCache& cache, Value* out);
// out[0], out[1] = function and self of a bound method, else the callee and Empty.
void op_unbind(Thread& t, Value callee, Value* out);
Value op_load_super_method(Thread& t, const Value* parts, InlineCache& cache, Value* out);
Value op_load_super_attr(Thread& t, const Value* parts, InlineCache& cache);
Value op_load_special(Thread& t, Value object, int which, Value* out);
Value op_load_global(Thread& t, Frame* frame, InlineCache& cache);
Value op_store_global(Thread& t, Frame* frame, InlineCache& cache, Value v);
Value op_delete_global(Thread& t, Frame* frame, Str* name);
Value op_load_name(Thread& t, Frame* frame, InlineCache& cache);
Value op_store_name(Thread& t, Frame* frame, Str* name, Value v);
Value op_delete_name(Thread& t, Frame* frame, Str* name);
Value op_load_class_free(Thread& t, Frame* frame, uint32_t index, Str* name);
Value op_setup_annotations(Thread& t, Frame* frame);
Value raise_unbound_local(Thread& t, Str* name);
Value raise_unbound_free(Thread& t, Str* name);
Value op_match_keys(Thread& t, Value subject, Value keys);
Value op_match_class(Thread& t, Value subject, const Value* parts);
Value op_match_rest(Thread& t, Value subject, Value keys);
Value op_import_name(Thread& t, Frame* frame, Str* name, Value fromlist, int level);
Value op_display(Thread& t, Value v);
bool op_is_sequence_pattern(Thread& t, Value v);
bool op_is_mapping_pattern(Thread& t, Value v);

// --- ops_call.cpp ---
// Calls `callee`; args[-1] may be overwritten. Natives run at once, script functions get a frame.
Begun begin_call(Thread& t, Value callee, Value* args, size_t argc, Tuple* keyword_names, Value* result);
// R[0] = callee, R[1] = positional iterable, R[2] = dict or Empty.
Begun begin_star_call(Thread& t, Value* parts, bool any_iterable, Value* result);
Begun begin_super(Thread& t, Value* parts, Value* result);
// A frame for `function` with its arguments bound; with `args` in place where they are the window already.
Begun push_function(Thread& t, Function* f, const Value* args, size_t argc, Tuple* keyword_names, Value* result, uint32_t flags);
Value op_make_function(Thread& t, Frame* frame, Code* code, const Value* parts, int which);
Value op_dict_merge(Thread& t, Value dict, Value source, Value callee);
Value op_list_extend(Thread& t, Value list, Value source);
// The first free register and frame above the current frame.
inline Value* free_registers(Thread& t) {
  Frame* f = t.frame;
  if (!f) return t.registers;
  return f->flags & kFrameHeap ? f->next_registers : f->registers + f->code->register_count;
}
inline Frame* free_frame(Thread& t) {
  Frame* f = t.frame;
  if (!f) return t.frames;
  return f->flags & kFrameHeap ? f->next_frame : f + 1;
}

// --- ops_iter.cpp ---
Value op_get_iter(Thread& t, Value iterable, Value* state, int mode);
Value op_get_iter_object(Thread& t, Value iterable, int mode);
// The next item of an iteration that is not one of the VM's fast kinds; Empty at the end.
Value op_iter_next(Thread& t, Value* state);
Value op_char_at(Thread& t, const Str* s, uint64_t i);
Value op_unpack(Thread& t, Value v, Value* out, size_t count);
Value op_unpack_star(Thread& t, Value v, Value* out, size_t before, size_t after);

// --- ops_generator.cpp ---
// Links a generator's frames in front of the current one. Done: it was closed, nothing to run (`result` untouched).
Begun begin_resume(Thread& t, Generator* g, Value sent, Value* result, uint32_t flags);
// A DELEGATE instruction on anything: Pushed: a generator runs; Done: `result` has what the delegate returned; Yielded ones go
// through `yielded`, which is Empty otherwise.
Begun begin_delegate(Thread& t, Frame* frame, Value iterator, Value sent, Value* result, Value& yielded);
// Offers what the chain that ends in `frame` yields to the taker that it was resumed for, if any. True: the chain goes on.
bool op_offer(const Thread& t, const Frame* frame, const Value& item);
// The chain that ends in `frame` gives `v` to whoever resumed its root. t.frame is the resumer's afterwards; Done: the loop goes on there;
// Raised is impossible. `left` is set when the resumer was native: then run() ends with Yielded.
void suspend_chain(Thread& t, Frame* frame, Value v, bool& left);
// A handler inside a generator: what was handled before it, Empty standing for whatever the resumer handles.
Value op_enter_handler(Thread& t, Frame* frame, Value caught);
void op_leave_handler(Thread& t, Frame* frame, Value saved);
// A generator's frame returns. The frame to continue in is t.frame. As above; Raised: StopIteration was raised in the resumer.
Begun finish_generator(Thread& t, Frame* frame, Value v, bool& left);
void close_generator_frame(Thread& t, Frame* frame);   // by an exception
// During a throw(): notes the traceback of what was thrown or caught; takes one back to that when it is raised anew on its way outwards.
void op_settle(Thread& t, Value exception);
void op_forget_way(Thread& t, Frame* delegator);
// Awaited frames (kFrameAwaited): what awaiting `v` gives at once; Empty: it has to wait.
Value op_await_done(Thread& t, Value v);
// Makes coroutines of the current frame and all awaited ones below it; t.frame is another one afterwards.
void op_become_coroutines(Thread& t);
// An exception leaves an awaited frame.
void op_leave_awaited(Thread& t);
Value op_get_yield_from(Thread& t, Value v);
Value op_get_awaitable(Thread& t, Value v, int where);
Value op_get_async_iter(Thread& t, Value v);
Value op_get_async_next(Thread& t, Value v);

// --- unwind.cpp ---
// Looks for a handler of t.exception from t.frame outwards. True: t.frame continues at its ip. False: the entry frame was left.
bool unwind(Thread& t, bool keep_traceback);
// The entry of a generator that an exception met before its first instruction: it marks no part of the line.
void add_unstarted_traceback(Thread& t, Frame* frame);
Value op_raise_from(Thread& t, Value exception, Value cause);
Value op_raise_again(Thread& t);
int op_exception_matches(Thread& t, Value exception, Value classes);   // 1, 0, -1
void op_exception_info(Thread& t, Value exception, Value* out);
Value op_split_group(Thread& t, Value group, Value classes, Value* out);
Value op_join_group(Thread& t, Value raised, Value original);

}  // namespace mini
