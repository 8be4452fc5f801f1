// SPDX-License-Identifier: MIT
// Part of UnitCompiler: calls. Plain calls and method calls put their arguments into the window of the callee; calls with
// stars, or with too many arguments, gather a list and a dict first; `super()` finds its class and object in the method.

#include <algorithm>

#include "interp/compile_parts.h"
#include "interp/compiler.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

using namespace ast;

namespace {

constexpr uint32_t kMaxArguments = 250;   // of a call that is no star call

}  // namespace

bool UnitCompiler::needs_star_call(Seq<Expr*> args, Seq<Keyword*> keywords, uint32_t already) const {
  if (has_star(args) || already + args.count + keywords.count > kMaxArguments) return true;
  return std::any_of(keywords.begin(), keywords.end(), [](Keyword* keyword) { return !keyword->name; });
}

void UnitCompiler::call(const Call* e, Register target) {
  if (is_super_call(e)) {
    Register base = take_temporaries(3);
    super_operands(base, e->span);
    return emit(Op::CALL_SUPER, base, 0, target);
  }
  if (is<Attribute>(e->func) && !needs_star_call(e->args, e->keywords, 0)) return method_call(e, as<Attribute>(e->func), target);
  Register callee = take_base(target);
  expr(e->func, callee);
  call_with(callee, e->args, e->keywords, 0, target, false);
}

void UnitCompiler::method_call(const Call* e, const Attribute* method, Register target) {
  Register base = take_base(target);
  {
    At at(*this, method->span);
    if (is_super_call(method->value)) {
      take_temporary();   // the receiver
      Temporaries inner(*this);
      Register operands = take_temporaries(3);
      super_operands(operands, method->value->span);
      span_ = attribute_span(method, method->span);
      emit(Op::LOAD_SUPER_METHOD, base, operands, attribute_cache(method->attr));
    } else {
      Register object = base;
      if (local_register(method->value)) object = operand(method->value);
      else expr(method->value, base);
      take_temporary();   // the receiver
      span_ = attribute_span(method, method->span);
      emit(Op::LOAD_METHOD, base, object, attribute_cache(method->attr));
    }
  }
  At at(*this, attribute_span(method, e->span));
  call_with(base, e->args, e->keywords, 0, target, true);
}

// The callee (and the receiver of a method) and `already` arguments lie in the newest temporaries.
void UnitCompiler::call_with(Register callee, Seq<Expr*> args, Seq<Keyword*> keywords, uint32_t already, Register target, bool is_method) {
  if (!is_method && needs_star_call(args, keywords, already)) return star_call(callee, args, keywords, already, target);
  for (Expr* arg : args) slot(arg);
  uint32_t count = already + args.count + keywords.count;
  if (keywords.empty()) return emit(is_method ? Op::CALL_METHOD : Op::CALL, callee, count, target);
  std::vector<Value> names;
  std::string key = "k:";
  for (Keyword* keyword : keywords) {
    slot(keyword->value);
    names.push_back(str_value(str_of(keyword->name)));
    key += fmt::format("{};", names.back().bits);
  }
  auto [it, is_new] = c_.texts.emplace(std::move(key), Value::none());
  if (is_new) it->second = Value::of_object(make_tuple(t_, names.data(), names.size()));
  load_value(take_temporary(), it->second);
  emit(is_method ? Op::CALL_METHOD_KEYWORDS : Op::CALL_KEYWORDS, callee, count, target);
}

void UnitCompiler::star_call(Register callee, Seq<Expr*> args, Seq<Keyword*> keywords, uint32_t already, Register target) {
  bool is_any_iterable = star_arguments(callee, args, already);
  next_temporary_ = callee + 2;
  star_keywords(callee, keywords);
  emit(Op::CALL_STAR, callee, 0, target, is_any_iterable);
}

// The positional arguments as one value behind the callee. True: as any iterable; false: as a list or tuple.
bool UnitCompiler::star_arguments(Register callee, Seq<Expr*> args, uint32_t already) {
  Register list = callee + 1;
  if (!already) take_temporary();
  if (!already && args.count == 1 && is<Starred>(args[0])) {
    expr(as<Starred>(args[0])->value, list);
    return true;
  }
  if (!already && args.empty()) {
    load_value(list, Value::of_object(t_.interpreter->empty_tuple));
    return false;
  }
  uint32_t plain = 0;
  next_temporary_ = list + already;
  Register first = next_temporary_;
  while (plain < args.count && plain < kMaxDisplay && !is<Starred>(args[plain])) slot(args[plain++]);
  emit(Op::BUILD_LIST, list, already ? list : first, already + plain);
  next_temporary_ = list + 1;
  append_all(args, plain, list);
  return false;
}

// R[dict] gets the named keywords [begin, end), made into a dict of their own.
void UnitCompiler::append_named(Seq<Keyword*> keywords, uint32_t begin, uint32_t end, Register dict) {
  Temporaries temporaries(*this);
  Register first = next_temporary_;
  for (uint32_t i = begin; i < end; ++i) {
    load_str(take_temporary(), str_of(keywords[i]->name));
    slot(keywords[i]->value);
  }
  emit(Op::BUILD_DICT, dict, end > begin ? first : dict, end - begin);
}

void UnitCompiler::star_keywords(Register callee, Seq<Keyword*> keywords) {
  Register dict = take_temporary();
  if (keywords.empty()) return emit(Op::LOAD_EMPTY, dict);
  auto end_of_group = [&](uint32_t begin) {
    uint32_t end = begin;
    while (end < keywords.count && end - begin < kMaxDisplay / 2 && keywords[end]->name) ++end;
    return end;
  };
  uint32_t i = end_of_group(0);
  append_named(keywords, 0, i, dict);
  while (i < keywords.count) {
    Temporaries temporaries(*this);
    Register more;
    if (keywords[i]->name) {
      more = take_temporary();
      uint32_t end = end_of_group(i);
      append_named(keywords, i, end, more);
      i = end;
    } else {
      more = operand(keywords[i++]->value);
    }
    emit(Op::DICT_MERGE, dict, more, callee);
  }
}

// ---- super() ----

const Symbol* UnitCompiler::class_symbol() const {
  for (Symbol* symbol : scope_->symbols)
    if (symbol->name.view() == "__class__") return symbol->reach == Reach::Free || symbol->reach == Reach::Local ? symbol : nullptr;
  return nullptr;
}

// `super()` without arguments in a method: needs the method's class and its first argument.
bool UnitCompiler::is_super_call(const Expr* e) {
  if (!is<Call>(e)) return false;
  auto* call = as<Call>(e);
  if (!is<Name>(call->func) || as<Name>(call->func)->id.view() != "super" || !call->args.empty() || !call->keywords.empty()) return false;
  if (!arguments_ || arguments_->posonlyargs.count + arguments_->args.count == 0) return false;
  return symbol_of(as<Name>(call->func)->id)->reach == Reach::Global && class_symbol();
}

// For the call `super()`: R[base] = what `super` means, R[base+1] = __class__, R[base+2] = first argument.
void UnitCompiler::super_operands(Register base, Span call) {
  At at(*this, call);
  const Symbol* cell = class_symbol();
  emit(Op::LOAD_GLOBAL, base, assembler_.cache(intern(t_, "super"), true, 0));
  if (cell->reach == Reach::Free) emit(Op::LOAD_FREE, base + 1, free_number(cell->binding), name_number(cell->name));
  else load_name(cell->name, base + 1);
  const Arg* first = arguments_->posonlyargs.count ? arguments_->posonlyargs[0] : arguments_->args[0];
  Symbol* self = unit_->find(c_.scopes.mangle(unit_, first->name));
  if (self->is_captured) return emit(Op::LOAD_CELL, base + 2, self->register_number, name_number(self->name));
  check_bound(self);
  emit(Op::MOVE, base + 2, self->register_number);
}

}  // namespace mini
