// SPDX-License-Identifier: MIT
// Part of UnitCompiler: assignment of every kind, its targets, and `del`. See compiler.h for the rules.

#include <fmt/core.h>

#include "interp/compile_parts.h"
#include "interp/compiler.h"
#include "runtime/interpreter.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"

namespace mini {

using namespace ast;

void UnitCompiler::assign(const Assign* s) {
  if (s->targets.count == 1) {
    const Expr* target = s->targets[0];
    if (std::optional<Register> local = local_register(target)) {
      into_local(s->value, *local);
      bound_.add(symbol_of(as<Name>(target)->id)->binding->flow_index);
      return;
    }
    if (assign_tuples(s)) return;
  }
  Value folded;
  if (constant(s->value, folded)) {
    for (Expr* target : s->targets) {
      Temporaries temporaries(*this);
      std::optional<Register> local = local_register(target);
      Register value = local ? *local : take_temporary();
      expr(s->value, value);
      store(target, value);
    }
    return;
  }
  bool is_safe = !unit_->has_walrus && s->targets.count == 1;
  // With several targets the first could rebind the local that holds the value.
  Register value = is_safe ? operand(s->value) : slot(s->value);
  for (Expr* target : s->targets) store(target, value);
}

const Seq<Expr*>* display_items(const Expr* e) {
  if (is<ast::Tuple>(e)) return &as<ast::Tuple>(e)->elts;
  if (is<ast::List>(e)) return &as<ast::List>(e)->elts;
  return nullptr;
}

// `a, b = b, a` without making a tuple.
bool UnitCompiler::assign_tuples(const Assign* s) {
  const Seq<Expr*>* targets = display_items(s->targets[0]);
  const Seq<Expr*>* values = is<ast::Tuple>(s->value) ? display_items(s->value) : nullptr;
  if (!targets || !values || targets->count != values->count || values->empty() || values->count > 16) return false;
  if (has_star(*targets) || has_star(*values)) return false;
  auto is_target = [&](Register r) {
    for (Expr* target : *targets)
      if (local_register(target) == std::optional<Register>(r)) return true;
    return false;
  };
  // Does this target live in a register that no target before it names, all of which are such locals?
  auto stands_alone = [&](uint32_t i) {
    std::optional<Register> local = local_register((*targets)[i]);
    for (uint32_t k = 0; k < i && local; ++k) {
      std::optional<Register> other = local_register((*targets)[k]);
      if (!other || *other == *local) return false;
    }
    return local.has_value();
  };
  constexpr Register kConstant = ~0u;
  std::vector<Register> sources;
  Value folded;
  for (uint32_t i = 0; i < values->count; ++i) {
    const Expr* value = (*values)[i];
    std::optional<Register> local = local_register(value);
    if (constant(value, folded)) {
      sources.push_back(kConstant);
    } else if (local && !unit_->has_walrus && !is_target(*local)) {
      sources.push_back(operand(value));
    } else if (i + 1 == values->count && stands_alone(i)) {
      // Nothing is read after the last value, so it goes straight to its local.
      sources.push_back(*local_register((*targets)[i]));
      into_local(value, sources.back());
      bound_.add(symbol_of(as<Name>((*targets)[i])->id)->binding->flow_index);
    } else {
      sources.push_back(slot(value));
    }
  }
  for (uint32_t i = 0; i < targets->count; ++i) {
    Temporaries temporaries(*this);
    const Expr* target = (*targets)[i];
    std::optional<Register> local = local_register(target);
    if (sources[i] == kConstant && local) {
      into_local((*values)[i], *local);
      bound_.add(symbol_of(as<Name>(target)->id)->binding->flow_index);
    } else if (sources[i] == kConstant) {
      store(target, slot((*values)[i]));
    } else if (!local || *local != sources[i]) {
      store(target, sources[i]);
    }
  }
  return true;
}

Span UnitCompiler::attribute_span(const Attribute* e, Span whole) {
  // An attribute on a later line than its object: errors point at the attribute.
  if (c_.source.line_at(whole.begin) == c_.source.line_at(e->attr_span.begin)) return whole;
  return {e->attr_span.begin, whole.end};
}

void UnitCompiler::store(const Expr* target, Register source) {
  At at(*this, target->span);
  switch (target->kind) {
    case ExprKind::Name: return store_name(as<Name>(target)->id, source);
    case ExprKind::Attribute: {
      Temporaries temporaries(*this);
      auto* attribute = as<Attribute>(target);
      Register object = operand(attribute->value);
      span_ = attribute_span(attribute, target->span);
      return emit(Op::SET_ATTR, object, source, attribute_cache(attribute->attr));
    }
    case ExprKind::Subscript: {
      Temporaries temporaries(*this);
      auto* subscript = as<Subscript>(target);
      Register object = operand_before(subscript->value, {subscript->slice});
      Register key = operand(subscript->slice);
      return emit(Op::SET_ITEM, object, key, source);
    }
    case ExprKind::Tuple: return unpack(target, as<ast::Tuple>(target)->elts, source);
    case ExprKind::List: return unpack(target, as<ast::List>(target)->elts, source);
    case ExprKind::Starred: return error(target->span, "starred assignment target must be in a list or tuple");
    default: return error(target->span, "cannot assign to expression");
  }
}

// When the targets are locals in neighbouring registers, the items go straight there.
bool UnitCompiler::unpack_into_locals(Seq<Expr*> items, Register source) {
  std::optional<Register> first = items.empty() ? std::nullopt : local_register(items[0]);
  if (!first) return false;
  for (uint32_t i = 1; i < items.count; ++i)
    if (local_register(items[i]) != std::optional<Register>(*first + i)) return false;
  emit(Op::UNPACK, *first, source, items.count);
  for (Expr* item : items) bound_.add(symbol_of(as<Name>(item)->id)->binding->flow_index);
  return true;
}

void UnitCompiler::unpack(const Expr* target, Seq<Expr*> items, Register source) {
  if (unpack_into_locals(items, source)) return;
  Temporaries temporaries(*this);
  uint32_t star = items.count;
  for (uint32_t i = 0; i < items.count; ++i) {
    if (!is<Starred>(items[i])) continue;
    if (star < items.count) return error(target->span, "multiple starred expressions in assignment");
    star = i;
  }
  Register first = items.empty() ? take_temporary() : take_temporaries(items.count);
  if (star == items.count) {
    emit(Op::UNPACK, first, source, items.count);
  } else {
    uint32_t after = items.count - star - 1;
    if (star > 255 || after > 255) return error(target->span, "too many expressions in star-unpacking assignment");
    emit(Op::UNPACK_STAR, first, source, star, static_cast<uint8_t>(after));
  }
  for (uint32_t i = 0; i < items.count; ++i) store(i == star ? as<Starred>(items[i])->value : items[i], first + i);
}

void UnitCompiler::aug_assign(const AugAssign* s) {
  switch (s->target->kind) {
    case ExprKind::Name: {
      Identifier name = as<Name>(s->target)->id;
      if (std::optional<Register> local = local_register(s->target)) {
        Register left = *local;
        {
          At at(*this, s->target->span);
          check_bound(symbol_of(name)->binding);
        }
        if (unit_->has_walrus && contains_walrus(s->value)) {
          left = take_temporary();
          emit(Op::MOVE, left, *local);
        }
        return binary_op(s->op, s->value, left, *local, 1);
      }
      Register value = take_temporary();
      {
        At at(*this, s->target->span);
        load_name(name, value);
      }
      binary_op(s->op, s->value, value, value, 1);
      At at(*this, s->target->span);
      return store_name(name, value);
    }
    case ExprKind::Attribute: {
      auto* attribute = as<Attribute>(s->target);
      Register object = operand_before(attribute->value, {s->value});
      Register value = take_temporary();
      Span span = attribute_span(attribute, s->target->span);
      {
        At at(*this, span);
        emit(Op::GET_ATTR, value, object, attribute_cache(attribute->attr));
      }
      binary_op(s->op, s->value, value, value, 1);
      At at(*this, span);
      return emit(Op::SET_ATTR, object, value, attribute_cache(attribute->attr));
    }
    default: {
      auto* subscript = as<Subscript>(s->target);
      Register object = operand_before(subscript->value, {subscript->slice, s->value});
      Register key = operand_before(subscript->slice, {s->value});
      Register value = take_temporary();
      {
        At at(*this, s->target->span);
        emit(Op::GET_ITEM, value, object, key);
      }
      binary_op(s->op, s->value, value, value, 1);
      At at(*this, s->target->span);
      return emit(Op::SET_ITEM, object, key, value);
    }
  }
}

void UnitCompiler::ann_assign(const AnnAssign* s) {
  if (s->value) {
    if (std::optional<Register> local = local_register(s->target)) {
      into_local(s->value, *local);
      bound_.add(symbol_of(as<Name>(s->target)->id)->binding->flow_index);
    } else {
      Register value = unit_->has_walrus ? slot(s->value) : operand(s->value);
      store(s->target, value);
    }
  }
  bool is_kept = s->is_simple && is<Name>(s->target);
  if (!scope_->is_function()) {
    if (is_kept) {
      Register value = take_temporary();
      annotation(s->annotation, value);
      Register dict = take_temporary();
      load_namespace_name("__annotations__", dict);
      Register key = take_temporary();
      load_str(key, mangled_str(as<Name>(s->target)->id));
      emit(Op::SET_ITEM, dict, key, value);
    } else if (!c_.scopes.has_future_annotations()) {
      discard(s->annotation);
    }
  }
  if (s->value || is<Name>(s->target)) return;
  // `a.b: int` and `a[i]: int` evaluate their parts.
  if (is<Attribute>(s->target)) return discard(as<Attribute>(s->target)->value);
  discard(as<Subscript>(s->target)->value);
  discard(as<Subscript>(s->target)->slice);
}

void UnitCompiler::delete_target(const Expr* target) {
  Temporaries temporaries(*this);
  At at(*this, target->span);
  switch (target->kind) {
    case ExprKind::Name: return delete_name(as<Name>(target)->id);
    case ExprKind::Attribute: {
      auto* attribute = as<Attribute>(target);
      Register object = operand(attribute->value);
      span_ = attribute_span(attribute, target->span);
      return emit(Op::DELETE_ATTR, object, assembler_.name_constant(mangled_str(attribute->attr)));
    }
    case ExprKind::Subscript: {
      auto* subscript = as<Subscript>(target);
      Register object = operand_before(subscript->value, {subscript->slice});
      return emit(Op::DELETE_ITEM, object, operand(subscript->slice));
    }
    default:
      if (const Seq<Expr*>* items = display_items(target))
        for (Expr* item : *items) delete_target(item);
      return;
  }
}

}  // namespace mini
