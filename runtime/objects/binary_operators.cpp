// SPDX-License-Identifier: MIT
// Operators with two operands. Who is asked, and in which order, is what CPython's two sets of slots make of it:
//
//   1. numbers' slots: the left operand's, then the right one's (or the other way round when the right class derives from the left and brings a
//      method of its own). A class that defines `__add__` or `__radd__` has such a slot; for `+` and `*`, sequences have none.
//   2. sequences' slots, for `+` and `*`: built-in concatenation and repetition, which raise errors that tell what they wanted. A class inherits
//      them as long as it does not define the method itself.
//
// In-place operators ask the left operand's in-place slot before each step.
#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

const char* const kSymbols[] = {
#define MINI_BINARY_OPERATOR(enumerator, name, symbol) symbol,
#include "runtime/operators.def"
};

using BinaryEntry = Value (*)(Thread& t, BinaryOp op, Value a, Value b);

bool is_not_implemented(Thread& t, Value v) { return v.is_same(t.interpreter->not_implemented); }
bool is_script(const Type* type) { return type->type_flags & kTypeIsScript; }
bool joins_or_repeats(BinaryOp op) { return op == BinaryOp::Add || op == BinaryOp::Mul; }

int number_of(BinaryOp op) { return static_cast<int>(op); }
Str* plain_name(Thread& t, BinaryOp op) { return operator_names(t).binary[number_of(op)]; }
Str* reflected_name(Thread& t, BinaryOp op) { return operator_names(t).reflected[number_of(op)]; }
Str* inplace_name(Thread& t, BinaryOp op) { return operator_names(t).inplace[number_of(op)]; }

// A special method of a built-in type; other built-in functions are like a script's.
bool is_native_method(Value v) { return is_kind(v, Kind::NativeFunction) && as<NativeFunction>(v)->owner; }

// --- Numbers' slots ---

// How a class answers an operator: not at all, by a method that a script wrote, or by a built-in type's function.
struct NumberSlot {
  bool is_script = false;
  BinaryEntry native = nullptr;
  const Layout* layout = nullptr;   // of `native`

  bool is_set() const { return is_script || native; }
  bool is_same(const NumberSlot& other) const { return is_script == other.is_script && native == other.native; }
};

NumberSlot native_slot(Type* type, BinaryOp op) {
  if (joins_or_repeats(op) && is_row_layout(type->layout)) return {};
  return {false, reinterpret_cast<BinaryEntry>(native_entry(type, offsetof(TypeOps, binary))), type->layout};
}

NumberSlot number_slot(Thread& t, Type* type, BinaryOp op) {
  if (!is_script(type)) return native_slot(type, op);
  Value plain = type_lookup(type, plain_name(t, op));
  if (is_kind(plain, Kind::Function)) return {true};
  Value reflected = type_lookup(type, reflected_name(t, op));
  auto is_own = [](Value v) { return !v.is_empty() && !is_native_method(v); };
  if (is_own(plain) || is_own(reflected)) return {true};
  return plain.is_empty() && reflected.is_empty() ? NumberSlot{} : native_slot(type, op);
}

// A method's answer; NotImplemented when there is no such method.
Value answer_of(Thread& t, Value self, Str* name, Value other) {
  Value v = call_special(t, self, name, {other});
  return v.is_empty() ? t.interpreter->not_implemented : v;
}

// What a class with methods of its own does for either operand.
Value ask_methods(Thread& t, BinaryOp op, Value a, Value b, Type* ta, Type* tb, bool a_has_methods, bool b_has_methods) {
  Str* reflected = reflected_name(t, op);
  bool asks_b = ta != tb && b_has_methods;
  if (a_has_methods) {
    if (asks_b && is_subtype(tb, ta)) {
      Value own = type_lookup(tb, reflected);
      if (!own.is_empty() && !own.is_same(type_lookup(ta, reflected))) {
        Value v = answer_of(t, b, reflected, a);
        if (!is_not_implemented(t, v)) return v;
        asks_b = false;
      }
    }
    Value v = answer_of(t, a, plain_name(t, op), b);
    if (!is_not_implemented(t, v)) return v;
  }
  return asks_b ? answer_of(t, b, reflected, a) : t.interpreter->not_implemented;
}

// Ints and floats share their functions; int's own knows nothing of floats, so that a float's class is asked.
Value ask_native(Thread& t, const NumberSlot& slot, BinaryOp op, Value a, Value b) {
  if (slot.layout->kind == Kind::Int && (is_floating(a) || is_floating(b))) return t.interpreter->not_implemented;
  return slot.native(t, op, a, b);
}

// NotImplemented when neither operand's number slot knows how. One of the classes at least is a script's.
Value ask_slots(Thread& t, BinaryOp op, Value a, Value b) {
  Type* ta = type_of(t, a);
  Type* tb = type_of(t, b);
  NumberSlot left = number_slot(t, ta, op), right = ta == tb ? left : number_slot(t, tb, op);
  bool a_has_methods = left.is_script, b_has_methods = right.is_script;
  auto ask = [&](const NumberSlot& slot) {
    return slot.is_script ? ask_methods(t, op, a, b, ta, tb, a_has_methods, b_has_methods) : ask_native(t, slot, op, a, b);
  };
  bool asks_right = right.is_set() && !right.is_same(left);
  if (left.is_set()) {
    if (asks_right && is_subtype(tb, ta)) {
      Value v = ask(right);
      if (!is_not_implemented(t, v)) return v;
      asks_right = false;
    }
    Value v = ask(left);
    if (!is_not_implemented(t, v)) return v;
  }
  return asks_right ? ask(right) : t.interpreter->not_implemented;
}

// The same for two built-in types.
Value ask_natives(Thread& t, BinaryOp op, Value a, Value b, Type* ta, Type* tb) {
  BinaryEntry left = ta->ops.binary, right = tb->ops.binary;
  bool asks_right = right && right != left;
  if (asks_right && left && is_subtype(tb, ta)) {
    Value v = right(t, op, a, b);
    if (!is_not_implemented(t, v)) return v;
    asks_right = false;
  }
  if (left) {
    Value v = left(t, op, a, b);
    if (!is_not_implemented(t, v)) return v;
  }
  return asks_right ? right(t, op, a, b) : t.interpreter->not_implemented;
}

// --- Sequences' slots ---

// Whether a class has a built-in sequence's method of this name, and it alone.
bool keeps_native(Type* type, Str* name) { return !is_script(type) || is_native_method(type_lookup(type, name)); }
bool can_concatenate(Thread& t, Type* type) { return is_row_layout(type->layout) && keeps_native(type, plain_name(t, BinaryOp::Add)); }
bool can_repeat(Thread& t, Type* type) {
  return is_row_layout(type->layout) && keeps_native(type, plain_name(t, BinaryOp::Mul)) && keeps_native(type, reflected_name(t, BinaryOp::Mul));
}
bool changes_in_place(Thread& t, Type* type, BinaryOp op) {
  return is_row_layout(type->layout) && type->layout->ops.inplace && keeps_native(type, inplace_name(t, op));
}
// In `a *= b`, whatever has a length or is a script's counts as a sequence on the left, and then the right one is not asked.
bool counts_as_sequence(const Type* type) { return is_script(type) || type->layout->ops.length || is_row_layout(type->layout); }

// The native operators of a sequence; one that refines another (a time.struct_time is a tuple) may have them from there.
BinaryEntry row_operators(Type* type, bool is_inplace) {
  BinaryEntry own = is_inplace ? type->layout->ops.inplace : type->layout->ops.binary;
  return own ? own : reinterpret_cast<BinaryEntry>(native_entry(type, is_inplace ? offsetof(TypeOps, inplace) : offsetof(TypeOps, binary)));
}

Value concatenate_rows(Thread& t, Value a, Value b) {
  const Layout* layout = type_of(t, a)->layout;
  Value v = row_operators(type_of(t, a), false)(t, BinaryOp::Add, a, b);
  if (!is_not_implemented(t, v)) return v;
  return is_sequence_layout(layout) ? raise_cannot_concatenate(t, a, b) : raise_unsupported_operands(t, "+", a, b);
}

Value repeat_row(Thread& t, Value row, Value count, bool is_inplace) {
  int64_t n;
  if (!repeat_count(t, count, n)) return Value::raised();
  return row_operators(type_of(t, row), is_inplace)(t, BinaryOp::Mul, row, Value::of_int(n));
}

// Empty when neither operand is a sequence.
Value join_or_repeat(Thread& t, BinaryOp op, Value a, Value b) {
  Type* ta = type_of(t, a);
  if (op == BinaryOp::Add) return can_concatenate(t, ta) ? concatenate_rows(t, a, b) : Value::empty();
  if (op != BinaryOp::Mul) return Value::empty();
  if (can_repeat(t, ta)) return repeat_row(t, a, b, false);
  return can_repeat(t, type_of(t, b)) ? repeat_row(t, b, a, false) : Value::empty();
}

Value join_or_repeat_in_place(Thread& t, BinaryOp op, Value a, Value b) {
  Type* ta = type_of(t, a);
  if (joins_or_repeats(op) && changes_in_place(t, ta, op))
    return op == BinaryOp::Mul ? repeat_row(t, a, b, true) : ta->layout->ops.inplace(t, op, a, b);
  if (op == BinaryOp::Mul && counts_as_sequence(ta) && !can_repeat(t, ta)) return Value::empty();
  return join_or_repeat(t, op, a, b);
}

// The in-place slot of the left operand, whose class or whose partner's class is a script's.
Value ask_in_place(Thread& t, BinaryOp op, Value a, Value b) {
  Type* ta = type_of(t, a);
  bool is_row_here = joins_or_repeats(op) && is_row_layout(ta->layout);
  if (is_script(ta)) {
    Value method = type_lookup(ta, inplace_name(t, op));
    if (method.is_empty()) return t.interpreter->not_implemented;
    if (!is_native_method(method)) return answer_of(t, a, inplace_name(t, op), b);
    // A class that derives from a list has the list's `+=` among its numbers' slots as well.
    if (op == BinaryOp::Add) is_row_here = false;
  }
  auto native = reinterpret_cast<BinaryEntry>(native_entry(ta, offsetof(TypeOps, inplace)));
  return native && !is_row_here ? native(t, op, a, b) : t.interpreter->not_implemented;
}

bool have_rows(BinaryOp op, const Type* ta, const Type* tb) {
  return joins_or_repeats(op) && (is_row_layout(ta->layout) || (op == BinaryOp::Mul && is_row_layout(tb->layout)));
}

}  // namespace

bool is_sequence_layout(const Layout* layout) {
  Kind kind = layout->kind;
  return kind == Kind::Str || kind == Kind::Bytes || kind == Kind::ByteArray || kind == Kind::List || kind == Kind::Tuple;
}

bool is_row_layout(const Layout* layout) {
  if (is_sequence_layout(layout)) return true;
  if (layout->kind != Kind::Native || !layout->ops.binary || !layout->ops.get_item) return false;
  return supported_operators(layout, false) >> static_cast<int>(BinaryOp::Mul) & 1;
}

Value script_binary(Thread& t, BinaryOp op, Value a, Value b) { return ask_slots(t, op, a, b); }
Value script_inplace(Thread& t, BinaryOp op, Value a, Value b) { return ask_in_place(t, op, a, b); }

namespace {

// What is left when no number's slot has an answer.
Value finish(Thread& t, BinaryOp op, Value a, Value b) {
  Value v = have_rows(op, type_of(t, a), type_of(t, b)) ? join_or_repeat(t, op, a, b) : Value::empty();
  return v.is_empty() ? raise_unsupported_operands(t, kSymbols[number_of(op)], a, b) : v;
}

Value finish_in_place(Thread& t, BinaryOp op, Value a, Value b) {
  Value v = have_rows(op, type_of(t, a), type_of(t, b)) ? join_or_repeat_in_place(t, op, a, b) : Value::empty();
  if (!v.is_empty()) return v;
  std::string symbol = op == BinaryOp::Pow ? "**" : kSymbols[number_of(op)];
  return raise_unsupported_operands(t, (symbol + "=").c_str(), a, b);
}

}  // namespace

Value binary_operation(Thread& t, BinaryOp op, Value a, Value b) {
  Type* ta = type_of(t, a);
  Type* tb = type_of(t, b);
  bool asks_script = is_script(ta) || is_script(tb);
  if (asks_script || !have_rows(op, ta, tb)) {
    Value v = asks_script ? ask_slots(t, op, a, b) : ask_natives(t, op, a, b, ta, tb);
    if (!is_not_implemented(t, v)) return v;
  }
  return finish(t, op, a, b);
}

Value inplace_operation(Thread& t, BinaryOp op, Value a, Value b) {
  Type* ta = type_of(t, a);
  Type* tb = type_of(t, b);
  if (is_script(ta) || is_script(tb)) {
    Value v = ask_in_place(t, op, a, b);
    if (is_not_implemented(t, v)) v = ask_slots(t, op, a, b);
    if (!is_not_implemented(t, v)) return v;
  } else if (!have_rows(op, ta, tb)) {
    Value v = ta->ops.inplace ? ta->ops.inplace(t, op, a, b) : t.interpreter->not_implemented;
    if (is_not_implemented(t, v)) v = ask_natives(t, op, a, b, ta, tb);
    if (!is_not_implemented(t, v)) return v;
  }
  return finish_in_place(t, op, a, b);
}

Value binary_after_left(Thread& t, BinaryOp op, Value a, Value b, bool is_augmented, bool was_inplace) {
  Value v = t.interpreter->not_implemented;
  Type* tb = type_of(t, b);
  if (was_inplace) {
    v = ask_slots(t, op, a, b);
  } else if (type_of(t, a) != tb) {
    NumberSlot right = number_slot(t, tb, op);
    if (right.is_script) v = answer_of(t, b, reflected_name(t, op), a);
    else if (right.native) v = ask_native(t, right, op, a, b);
  }
  if (!is_not_implemented(t, v)) return v;
  return is_augmented ? finish_in_place(t, op, a, b) : finish(t, op, a, b);
}

// --- Errors ---

Value raise_unsupported_operands(Thread& t, const char* op, Value a, Value b) {
  bool is_print = is_kind(a, Kind::NativeFunction) && a.is_same(dict_get(t.interpreter->builtins, intern(t, "print")));
  if (is_print && std::string_view(op) == ">>")
    return raise(t, ErrorType::TypeError,
                 "unsupported operand type(s) for {}: '{}' and '{}'. Did you mean \"print(<message>, file=<output_stream>)\"?", op,
                 type_name(t, a), type_name(t, b));
  return raise(t, ErrorType::TypeError, "unsupported operand type(s) for {}: '{}' and '{}'", op, type_name(t, a), type_name(t, b));
}

// A sequence explains what it wanted of the other side.
Value raise_cannot_concatenate(Thread& t, Value a, Value b) {
  switch (a.object->kind) {
    case Kind::Str: return raise(t, ErrorType::TypeError, "can only concatenate str (not \"{}\") to str", type_name(t, b));
    case Kind::List: return raise(t, ErrorType::TypeError, "can only concatenate list (not \"{}\") to list", type_name(t, b));
    case Kind::Tuple: return raise(t, ErrorType::TypeError, "can only concatenate tuple (not \"{}\") to tuple", type_name(t, b));
    case Kind::Bytes: return raise(t, ErrorType::TypeError, "can't concat {} to {}", type_name(t, b), type_name(t, a));
    case Kind::ByteArray: return raise(t, ErrorType::TypeError, "can't concat {} to {}", type_name(t, b), type_name(t, a));
    default: MINI_UNREACHABLE();
  }
}

}  // namespace mini
