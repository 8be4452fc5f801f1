// SPDX-License-Identifier: MIT
// Bringing an Interpreter up and down. The order matters: the heap and GIL, the main thread, then the first types, which are declared
// before any name, dict or function of theirs can be made and completed afterwards.
#include "runtime/interpreter.h"

#include <unistd.h>

#include <cstring>

#include "runtime/builtins/builtins.h"
#include "runtime/calls.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/frame_object.h"
#include "runtime/objects/function.h"
#include "runtime/objects/generator.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/range.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/string_table.h"
#include "runtime/objects/super.h"
#include "runtime/shape.h"

namespace mini {

namespace {

struct BuiltinType {
  Type* BuiltinTypes::*field;
  const Layout* layout;
};
const BuiltinType kBuiltinTypes[] = {
#define MINI_TYPE(identifier) {&BuiltinTypes::identifier, &identifier##_layout},
#include "runtime/types.def"
#undef MINI_TYPE
};

void make_first_types(Thread& t) {
  Interpreter& i = *t.interpreter;
  for (auto& row : kBuiltinTypes) i.types.*row.field = declare_native_type(t, *row.layout);
  i.tag_shapes[static_cast<int>(Tag::Int)] = i.types.int_->root_shape;
  i.tag_shapes[static_cast<int>(Tag::Float)] = i.types.float_->root_shape;
  i.tag_shapes[static_cast<int>(Tag::Bool)] = i.types.bool_->root_shape;
  i.tag_shapes[static_cast<int>(Tag::None)] = i.types.none->root_shape;
  i.tag_shapes[static_cast<int>(Tag::Empty)] = i.types.none->root_shape;
  i.tag_shapes[static_cast<int>(Tag::Raised)] = i.types.none->root_shape;
}

void make_first_names(Thread& t) {
  Interpreter& i = *t.interpreter;
  i.interned = std::make_unique<Interpreter::StringTable>();
  i.empty_str = intern(t, "");
  for (int c = 0; c < 128; ++c) {
    char text = static_cast<char>(c);
    i.ascii_strs[c] = intern(t, std::string_view(&text, 1));
  }
#define MINI_NAME(identifier, text) i.names.identifier = intern(t, text);
#include "runtime/names.def"
#undef MINI_NAME
  OperatorNames& n = i.operator_names;
#define MINI_BINARY_OPERATOR(enumerator, name, symbol)                                      \
  n.binary[static_cast<int>(BinaryOp::enumerator)] = intern(t, "__" #name "__");    \
  n.reflected[static_cast<int>(BinaryOp::enumerator)] = intern(t, "__r" #name "__"); \
  n.inplace[static_cast<int>(BinaryOp::enumerator)] = intern(t, "__i" #name "__");
#define MINI_COMPARE_OPERATOR(enumerator, name, symbol, mirrored) n.compare[static_cast<int>(CompareOp::enumerator)] = intern(t, "__" #name "__");
#define MINI_UNARY_OPERATOR(enumerator, name, symbol) n.unary[static_cast<int>(UnaryOp::enumerator)] = intern(t, "__" #name "__");
#include "runtime/operators.def"
  n.inplace[static_cast<int>(BinaryOp::DivMod)] = nullptr;
  i.empty_tuple = static_cast<Tuple*>(t.heap->allocate(sizeof(Tuple), i.types.tuple->root_shape));
  i.empty_tuple->length = 0;
  i.empty_tuple->items = reinterpret_cast<Value*>(i.empty_tuple + 1);
}

void add_builtin_names(Thread& t) {
  Interpreter& i = *t.interpreter;
  auto add = [&](const char* name, Value v) { dict_set(t, i.builtins, intern(t, name), v); };
  for (Type* type : {i.types.object, i.types.type, i.types.int_, i.types.bool_, i.types.float_, i.types.str, i.types.bytes, i.types.bytearray,
                     i.types.memoryview, i.types.list, i.types.tuple, i.types.dict, i.types.set, i.types.frozenset, i.types.range, i.types.slice,
                     i.types.property, i.types.static_method, i.types.class_method, i.types.super})
    add(type->layout->name, Value::of_object(type));
#define MINI_ERROR(name, base) add(#name, Value::of_object(i.error_types[static_cast<int>(ErrorType::name)]));
#include "runtime/errors.def"
#undef MINI_ERROR
  add("EnvironmentError", Value::of_object(error_type(t, ErrorType::OSError)));
  add("IOError", Value::of_object(error_type(t, ErrorType::OSError)));
  add("None", Value::none());
  add("True", Value::of_bool(true));
  add("False", Value::of_bool(false));
  add("NotImplemented", i.not_implemented);
  add("Ellipsis", i.ellipsis);
  add("__debug__", Value::of_bool(true));
}

}  // namespace

void make_error_types(Thread& t);      // exception.cpp
Module* make_main_module(Thread& t);   // run_main.cpp

Interpreter::Interpreter(Options given) : options(std::move(given)), clock(options.clock ? options.clock : &system_clock()), sched_hook(options.sched_hook) {
  memset(static_cast<void*>(&names), 0, sizeof names);
  memset(error_types, 0, sizeof error_types);
  memset(tag_shapes, 0, sizeof tag_shapes);
  memset(ascii_strs, 0, sizeof ascii_strs);
  not_implemented = ellipsis = Value::none();
  empty_tuple = nullptr;
  empty_str = nullptr;
  heap = std::make_unique<Heap>(*this);
  gil = std::make_unique<Gil>(*this);
  random = options.has_seed ? seeded_random(options.seed) : system_random();
  heap->disable();
  heap->add_sweep_hook(prune_dead_types_and_code);
  heap->add_small_sweep_hook(forget_dead_dicts);
  auto t = new Thread(*this);
  gil->set_mode(options.gil_mode);
  gil->set_switch_interval(options.switch_interval);
  gil->take(*t);
  make_first_types(*t);
  make_first_names(*t);
  heap->add_root([this](Marker& marker) { interned->trace(marker); });
  for (auto& row : kBuiltinTypes) complete_native_type(*t, types.*row.field);
  not_implemented = Value::of_object(static_cast<Object*>(t->heap->allocate(sizeof(Object), types.not_implemented->root_shape)));
  ellipsis = Value::of_object(static_cast<Object*>(t->heap->allocate(sizeof(Object), types.ellipsis->root_shape)));
  modules = make_dict(*t);
  Module* builtins_module = make_module(*t, intern(*t, "builtins"));
  builtins = builtins_module->namespace_;
  dict_set(*t, modules, intern(*t, "builtins"), Value::of_object(builtins_module));
  make_error_types(*t);
  add_builtin_names(*t);
  bool is_up = !setup_builtins(*t).is_raised();
  if (is_up) {
    Value sys_module = import_module(*t, "sys");
    is_up = !sys_module.is_raised();
    if (is_up) sys = as<Module>(sys_module);
    if (is_up) make_main_module(*t);
  }
  if (!is_up) {
    fputs(format_exception(*t, take_exception(*t)).c_str(), stderr);
    abort();
  }
  heap->set_stress(options.gc_stress);
  heap->set_limit(options.memory_limit);
  heap->enable();
}

Interpreter::~Interpreter() {
  is_closing = true;
  gil->close(*main_thread);
  for (auto close : at_close) close(*this);
  Thread* t = main_thread;
  heap->disable();
  // Daemon threads that are left never get the GIL again, but one may be in a system call that fills a buffer of ours.
  if (threads != t || t->next_thread) (void)heap.release();
  delete t;
}

}  // namespace mini
