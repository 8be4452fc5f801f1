// SPDX-License-Identifier: MIT
// Part of UnitCompiler: the match statement. A pattern is compiled into tests that jump to `fail`. What it captures stays
// in temporaries and is bound only when the whole pattern has matched, before the guard.

#include <fmt/core.h>

#include "interp/compiler.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"

namespace mini {

using namespace ast;

namespace {

bool is_wildcard(const Pattern* p) { return is<MatchAs>(p) && !as<MatchAs>(p)->pattern && !as<MatchAs>(p)->name; }
bool is_star_wildcard(const Pattern* p) { return is<MatchStar>(p) && !as<MatchStar>(p)->name; }
bool is_irrefutable(const Pattern* p) { return is<MatchAs>(p) && !as<MatchAs>(p)->pattern; }

std::string unreachable_message(const Pattern* p) {
  Identifier name = as<MatchAs>(p)->name;
  if (!name) return "wildcard makes remaining patterns unreachable";
  return fmt::format("name capture '{}' makes remaining patterns unreachable", name.view());
}

}  // namespace

void UnitCompiler::match_stmt(const Match* s) {
  // A copy, because captures may rebind a local subject.
  Register subject = slot(s->subject);
  Label end = make_label();
  for (uint32_t i = 0; i < s->cases.count; ++i) {
    const MatchCase* c = s->cases[i];
    bool is_last = i + 1 == s->cases.count;
    if (!is_last && !c->guard && is_irrefutable(c->pattern)) return error(c->pattern->span, unreachable_message(c->pattern));
    Label next = make_label();
    PatternState state{next, {}, c->guard || is_last};
    {
      Temporaries temporaries(*this);
      pattern(c->pattern, subject, state);
      At at(*this, c->pattern->span);
      for (const PatternCapture& captured : state.captures) store_name(captured.name, captured.source);
    }
    if (c->guard) {
      At at(*this, c->pattern->span);
      jump_if(c->guard, next, false);
    }
    body(c->body);
    if (!is_last) jump(end);
    bind(next);
  }
  bind(end);
}

void UnitCompiler::pattern(const Pattern* p, Register subject, PatternState& state) {
  At at(*this, p->span);
  switch (p->kind) {
    case PatternKind::MatchValue: return value_pattern(as<MatchValue>(p), subject, state);
    case PatternKind::MatchSingleton: return singleton_pattern(as<MatchSingleton>(p), subject, state);
    case PatternKind::MatchSequence: return sequence_pattern(as<MatchSequence>(p), subject, state);
    case PatternKind::MatchMapping: return mapping_pattern(as<MatchMapping>(p), subject, state);
    case PatternKind::MatchClass: return class_pattern(as<MatchClass>(p), subject, state);
    case PatternKind::MatchStar: return capture(as<MatchStar>(p)->name, subject, p->span, state);
    case PatternKind::MatchAs: return as_pattern(as<MatchAs>(p), subject, state);
    case PatternKind::MatchOr: return or_pattern(as<MatchOr>(p), subject, state);
  }
}

// A part of a larger pattern, where a name or `_` is nothing unusual.
void UnitCompiler::inner_pattern(const Pattern* p, Register subject, PatternState& state) {
  bool saved = state.may_be_irrefutable;
  state.may_be_irrefutable = true;
  pattern(p, subject, state);
  state.may_be_irrefutable = saved;
}

void UnitCompiler::capture(Identifier name, Register source, Span span, PatternState& state) {
  if (!name) return;
  if (name.view() == "__debug__") return error(span, "cannot assign to __debug__");
  for (const PatternCapture& known : state.captures)
    if (known.name == name) return error(span, fmt::format("multiple assignments to name '{}' in pattern", name.view()));
  state.captures.push_back({name, source});
}

void UnitCompiler::value_pattern(const MatchValue* p, Register subject, PatternState& state) {
  Temporaries temporaries(*this);
  int32_t number;
  if (small_int(p->value, number)) return branch(Op::JUMP_UNLESS_EQ_INT, state.fail, subject, static_cast<uint32_t>(number));
  Register value = operand(p->value);
  branch(Op::JUMP_UNLESS_EQ, state.fail, subject, value);
}

void UnitCompiler::singleton_pattern(const MatchSingleton* p, Register subject, PatternState& state) {
  if (p->value == ConstantKind::None) return branch(Op::JUMP_IF_NOT_NONE, state.fail, subject);
  Temporaries temporaries(*this);
  Register value = take_temporary();
  emit(p->value == ConstantKind::True ? Op::LOAD_TRUE : Op::LOAD_FALSE, value);
  branch(Op::JUMP_IF_IS_NOT, state.fail, subject, value);
}

void UnitCompiler::sequence_pattern(const MatchSequence* p, Register subject, PatternState& state) {
  uint32_t count = p->patterns.count;
  uint32_t star = count;
  bool only_wildcards = true;
  for (uint32_t i = 0; i < count; ++i) {
    const Pattern* item = p->patterns[i];
    if (is<MatchStar>(item)) {
      if (star < count) return error(p->span, "multiple starred names in sequence pattern");
      star = i;
    }
    only_wildcards &= is_wildcard(item) || is_star_wildcard(item);
  }
  {
    Temporaries temporaries(*this);
    Register test = take_temporary();
    emit(Op::MATCH_SEQUENCE, test, subject);
    branch(Op::JUMP_IF_FALSE, state.fail, test);
    uint32_t least = star < count ? count - 1 : count;
    if (star == count || least > 0) {
      emit(Op::GET_LENGTH, test, subject);
      branch(star == count ? Op::JUMP_UNLESS_EQ_INT : Op::JUMP_UNLESS_GE_INT, state.fail, test, least);
    }
  }
  if (!only_wildcards) sequence_items(p, star, subject, state);
}

void UnitCompiler::sequence_items(const MatchSequence* p, uint32_t star, Register subject, PatternState& state) {
  uint32_t count = p->patterns.count;
  if (star < count && is_star_wildcard(p->patterns[star])) {
    // `[a, *_, z]`: only the items that are asked for.
    for (uint32_t i = 0; i < count; ++i) {
      const Pattern* item = p->patterns[i];
      if (i == star || is_wildcard(item)) continue;
      Register value = take_temporary();
      Register key = take_temporary();
      if (i < star) {
        emit(Op::GET_ITEM_INT, value, subject, i);
      } else {
        emit(Op::GET_LENGTH, key, subject);
        emit(Op::SUB_INT, key, key, count - i);
        emit(Op::GET_ITEM, value, subject, key);
      }
      inner_pattern(item, value, state);
    }
    return;
  }
  Register first = take_temporaries(count);
  if (star == count) {
    emit(Op::UNPACK, first, subject, count);
  } else {
    if (star > 255 || count - star - 1 > 255) return error(p->span, "too many expressions in star-unpacking sequence pattern");
    emit(Op::UNPACK_STAR, first, subject, star, static_cast<uint8_t>(count - star - 1));
  }
  for (uint32_t i = 0; i < count; ++i) inner_pattern(p->patterns[i], first + i, state);
}

void UnitCompiler::mapping_pattern(const MatchMapping* p, Register subject, PatternState& state) {
  uint32_t count = p->keys.count;
  Register keys = take_temporary();
  emit(Op::MATCH_MAPPING, keys, subject);
  branch(Op::JUMP_IF_FALSE, state.fail, keys);
  if (!count && !p->rest) return;
  if (count) {
    emit(Op::GET_LENGTH, keys, subject);
    branch(Op::JUMP_UNLESS_GE_INT, state.fail, keys, count);
  }
  std::vector<std::pair<Value, const Expr*>> seen;
  for (Expr* key : p->keys) {
    Value v;
    if (!constant(key, v)) continue;
    for (auto& [other, expr] : seen)
      if (equal_values(t_, other, v).is_true()) {   // 0 and False are one key
        Str* shown = to_repr(t_, v);
        return error(p->span, fmt::format("mapping pattern checks duplicate key ({})", shown ? to_utf8(shown) : "?"));
      }
    seen.push_back({v, key});
  }
  default_values(p->keys, keys);
  Register values = take_temporaries(count + 1);
  if (count) {
    emit(Op::MATCH_KEYS, values, subject, keys);
    branch(Op::JUMP_IF_NONE, state.fail, values);
    emit(Op::UNPACK, values, values, count);
    for (uint32_t i = 0; i < count; ++i) inner_pattern(p->patterns[i], values + i, state);
  }
  if (!p->rest) return;
  emit(Op::MATCH_REST, values + count, subject, keys);
  capture(p->rest, values + count, p->span, state);
}

void UnitCompiler::class_pattern(const MatchClass* p, Register subject, PatternState& state) {
  for (uint32_t i = 0; i < p->kwd_attrs.count; ++i)
    for (uint32_t k = i + 1; k < p->kwd_attrs.count; ++k)
      if (p->kwd_attrs[i] == p->kwd_attrs[k])
        return error(p->kwd_patterns[k]->span, fmt::format("attribute name repeated in class pattern: {}", p->kwd_attrs[k].view()));
  uint32_t count = p->patterns.count + p->kwd_patterns.count;
  Register values = take_temporaries(count + 1);
  {
    Temporaries temporaries(*this);
    Register operands = take_temporaries(3);
    expr(p->cls, operands);
    load_value(operands + 1, Value::of_int(p->patterns.count));
    std::vector<Value> names;
    for (Identifier name : p->kwd_attrs) names.push_back(str_value(str_of(name)));
    load_value(operands + 2, Value::of_object(make_tuple(t_, names.data(), names.size())));
    emit(Op::MATCH_CLASS, values, subject, operands);
    branch(Op::JUMP_IF_NONE, state.fail, values);
  }
  if (!count) return;
  emit(Op::UNPACK, values, values, count);
  for (uint32_t i = 0; i < count; ++i) {
    const Pattern* inner = i < p->patterns.count ? p->patterns[i] : p->kwd_patterns[i - p->patterns.count];
    if (!is_wildcard(inner)) inner_pattern(inner, values + i, state);
  }
}

void UnitCompiler::as_pattern(const MatchAs* p, Register subject, PatternState& state) {
  if (p->pattern) {
    pattern(p->pattern, subject, state);
  } else if (!state.may_be_irrefutable) {
    return error(p->span, unreachable_message(p));
  }
  capture(p->name, subject, p->span, state);
}

// Every alternative binds the same names; each leaves them in the same registers.
void UnitCompiler::or_pattern(const MatchOr* p, Register subject, PatternState& state) {
  Label done = make_label();
  std::vector<PatternCapture> shared;
  Label outer_fail = state.fail;
  for (uint32_t i = 0; i < p->patterns.count; ++i) {
    bool is_last = i + 1 == p->patterns.count;
    Label next = is_last ? outer_fail : make_label();
    PatternState alternative{next, {}, is_last && state.may_be_irrefutable};
    // What the first alternative captures is given registers below those that the others use.
    Register mark = next_temporary_;
    pattern(p->patterns[i], subject, alternative);
    if (i == 0) {
      for (PatternCapture captured : alternative.captures) {
        Register r = take_temporary();
        emit(Op::MOVE, r, captured.source);
        shared.push_back({captured.name, r});
      }
    } else {
      if (alternative.captures.size() != shared.size()) return error(p->patterns[i]->span, "alternative patterns bind different names");
      for (const PatternCapture& known : shared) {
        const PatternCapture* found = nullptr;
        for (const PatternCapture& captured : alternative.captures)
          if (captured.name == known.name) found = &captured;
        if (!found) return error(p->patterns[i]->span, "alternative patterns bind different names");
        emit(Op::MOVE, known.source, found->source);
      }
      next_temporary_ = mark;
    }
    if (!is_last) {
      jump(done);
      bind(next);
    }
  }
  bind(done);
  for (const PatternCapture& captured : shared) capture(captured.name, captured.source, p->span, state);
}

}  // namespace mini
