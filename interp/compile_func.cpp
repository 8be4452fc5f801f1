// SPDX-License-Identifier: MIT
// Part of UnitCompiler: units and their registers, names, flow and emission; functions, classes, lambdas and generator
// expressions. See compiler.h for the rules.

#include <fmt/core.h>

#include "interp/compiler.h"
#include "interp/validate.h"
#include "runtime/assert.h"
#include "runtime/interpreter.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/thread.h"

namespace mini {

using namespace ast;

void FlowSet::intersect(const FlowSet& other) {
  if (words_.size() > other.words_.size()) words_.resize(other.words_.size());
  for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
}

Code* compile_tree(Thread& t, const Source& source, const ast::Module& module, const Scopes& scopes, CompileMode mode,
                   Diagnostics& diagnostics) {
  bool uses_namespace = mode == CompileMode::Exec || mode == CompileMode::Eval || mode == CompileMode::Single;
  Compilation compilation{t, source, scopes, diagnostics, uses_namespace, mode == CompileMode::Single,
                          make_str(t, source.name()), {}, {}, {}};
  Code* code = UnitCompiler(compilation, nullptr, scopes.root(), intern(t, "<module>")).compile_module(module);
  return diagnostics.has_error() ? nullptr : code;
}

// ---- Units ----

UnitCompiler::UnitCompiler(Compilation& compilation, UnitCompiler* outer, Scope* scope, Str* name)
    : c_(compilation), t_(compilation.t), outer_(outer), unit_(scope), scope_(scope), name_(name), assembler_(compilation.source) {
  qualified_name_ = name;
  if (!outer) return;
  // A function or class that its outer scope declares global keeps its plain name.
  if (scope->name) {
    Symbol* symbol = outer->symbol_of(scope->name);
    if (symbol && symbol->reach == Reach::Global) return;
  }
  qualified_name_ = intern(t_, outer->inner_prefix() + to_utf8(name));
}

// What stands before the names of what is defined here.
std::string UnitCompiler::inner_prefix() const {
  if (inline_name_) return to_utf8(inline_name_) + ".";
  switch (unit_->kind) {
    case ScopeKind::Module: return "";
    case ScopeKind::Class: case ScopeKind::Generator: return to_utf8(qualified_name_) + ".";
    default: return to_utf8(qualified_name_) + ".<locals>.";
  }
}

// Parameters and other locals get the first registers; Scope::bindings has them in that order.
void UnitCompiler::assign_registers() {
  if (unit_->kind == ScopeKind::Generator) take_temporary();   // the iterator that it is called with
  if (unit_->is_function())
    for (Symbol* symbol : unit_->bindings) {
      if (!symbol->is_bound_here()) continue;
      symbol->register_number = take_temporary();
      if (symbol->flags & kSymbolParameter) bound_.add(symbol->flow_index);
    }
  if (unit_->class_cell) unit_->class_cell->register_number = take_temporary();
  first_temporary_ = next_temporary_;
  needs_empty_.resize(unit_->flow_count);
}

void UnitCompiler::start_unit() {
  assign_registers();
  span_ = {unit_->span.begin, unit_->span.begin};
}

// The instructions that make registers what the body takes for granted. Known only after the body is compiled.
void UnitCompiler::emit_initial_state() {
  Span span{unit_->span.begin, unit_->span.begin};
  bool vm_fills = unit_->kind == ScopeKind::Generator || unit_->has_yield || unit_->is_async;
  auto initialise = [&](Symbol* symbol) {
    bool is_parameter = symbol->flags & kSymbolParameter;
    bool needs_empty = symbol->is_captured || unit_->reads_all_locals || (symbol->scope->is_function() && needs_empty_[symbol->flow_index]);
    if (!is_parameter && needs_empty && !vm_fills) assembler_.emit_prologue(Op::LOAD_EMPTY, span, symbol->register_number);
    if (symbol->is_captured) assembler_.emit_prologue(Op::MAKE_CELL, span, symbol->register_number);
  };
  if (unit_->is_function())
    for (Symbol* symbol : unit_->bindings)
      if (symbol->is_bound_here()) initialise(symbol);
  if (unit_->class_cell) initialise(unit_->class_cell);
}

std::vector<Capture> UnitCompiler::captures_of(const Scope* scope) const {
  std::vector<Capture> captures;
  for (Symbol* binding : scope->free) {
    if (binding->scope->unit == unit_) captures.push_back({true, binding->register_number});
    else captures.push_back({false, free_number(binding)});
  }
  return captures;
}

Code* UnitCompiler::finish_unit(uint32_t flags) {
  if (is_reachable_) emit(Op::RETURN_NONE);
  emit_initial_state();
  Code* code = make_code(t_);
  code->register_count = std::max(register_count_, 1u);
  code->first_line = c_.source.line_at(unit_->span.begin);
  code->name = name_;
  code->qualified_name = qualified_name_;
  code->file_name = c_.file_name;
  if (unit_->kind == ScopeKind::Generator) code->variable_names.push_back(intern(t_, ".0"));
  if (unit_->is_function())
    for (Symbol* symbol : unit_->bindings) {
      if (!symbol->is_bound_here()) continue;
      code->variable_names.push_back(str_of(symbol->name));
      if (!symbol->is_captured) continue;
      code->cell_names.push_back(str_of(symbol->name));
      code->cell_registers.push_back(symbol->register_number);
      flags |= kCodeHasCells;
    }
  if (unit_->class_cell) {
    code->cell_names.push_back(str_of(unit_->class_cell->name));
    code->cell_registers.push_back(unit_->class_cell->register_number);
    flags |= kCodeHasCells;
  }
  for (Symbol* binding : unit_->free) code->free_names.push_back(str_of(binding->name));
  if (outer_) code->captures = outer_->captures_of(unit_);
  if (outer_ && outer_->unit_->kind != ScopeKind::Module) flags |= kCodeNested;
  code->code_flags = flags;
  // After an error labels may be without a place.
  if (c_.diagnostics.has_error()) return code;
  if (!assembler_.finish(*code)) error(unit_->span, "program too large");
#ifdef MINI_DEBUG
  if (!c_.diagnostics.has_error()) {
    std::string problem = validate(*code);
    if (!problem.empty()) fmt::print(stderr, "code of {}: {}\n", to_utf8(qualified_name_), problem);
    MINI_ASSERT(problem.empty(), "the compiler made unsound code");
  }
#endif
  return code;
}

void UnitCompiler::error(Span span, std::string message) { c_.diagnostics.syntax_error(span, std::move(message)); }

// Is there native stack left for one more level of the tree?
bool UnitCompiler::has_room(Span span) {
  if (!t_.native_stack_is_low()) return true;
  c_.diagnostics.add(DiagnosticKind::RecursionError, span, "maximum recursion depth exceeded during compilation");
  return false;
}

Code* UnitCompiler::compile_module(const ast::Module& module) {
  start_unit();
  if (module.kind == ModuleKind::Expression) {
    At at(*this, module.expression->span);
    emit(Op::RETURN, operand(module.expression));
    is_reachable_ = false;
    return finish_unit(kCodeIsModule | kCodeUsesNamespace);
  }
  Str* doc = nullptr;
  if (module.kind == ModuleKind::Module) {
    doc = docstring_of(module.body);
    if (doc) {
      Temporaries temporaries(*this);
      At at(*this, module.body[0]->span);
      Register r = take_temporary();
      load_str(r, doc);
      store_namespace_name("__doc__", r);
    }
  }
  if (unit_->has_annotations) emit(Op::SETUP_ANNOTATIONS);
  body(module.body);
  Code* code = finish_unit(kCodeIsModule | (c_.uses_namespace ? uint32_t{kCodeUsesNamespace} : 0));
  code->docstring = doc;
  return code;
}

Str* UnitCompiler::docstring_of(Seq<Stmt*> statements) {
  if (statements.empty() || !is<ExprStmt>(statements[0])) return nullptr;
  const Expr* value = as<ExprStmt>(statements[0])->value;
  if (!is<Constant>(value) || as<Constant>(value)->constant != ConstantKind::Str) return nullptr;
  return reinterpret_cast<Str*>(literal(as<Constant>(value)).object);
}

// ---- Registers and emission ----

UnitCompiler::Register UnitCompiler::take_temporaries(uint32_t count) {
  Register first = next_temporary_;
  if (first + count > kMaxRegisters) {
    if (!has_too_many_registers_) error(span_, "too many local names or too complex expression (more than 4096 registers)");
    has_too_many_registers_ = true;
    return first < kMaxRegisters ? first : kMaxRegisters - 1;
  }
  next_temporary_ += count;
  register_count_ = std::max(register_count_, next_temporary_);
  return first;
}

UnitCompiler::Register UnitCompiler::take_temporary() { return take_temporaries(1); }

UnitCompiler::Register UnitCompiler::take_base(Register target) { return is_newest(target) ? target : take_temporary(); }

void UnitCompiler::emit(Op op, uint32_t a, uint32_t b, uint32_t c, uint8_t x) {
  if (!is_reachable_) return;
  assembler_.emit(op, span_, a, b, c, x);
  if (op_info(op).flags & kOpEnds) is_reachable_ = false;
}

Label UnitCompiler::make_label() {
  label_states_.emplace_back();
  return assembler_.make_label();
}

void UnitCompiler::bind(Label label) {
  assembler_.bind(label);
  std::optional<FlowSet>& state = label_states_[label.number];
  if (!state) return;
  if (is_reachable_) bound_.intersect(*state);
  else bound_ = std::move(*state);
  is_reachable_ = true;
}

void UnitCompiler::branch(Op op, Label label, Register a, uint32_t b) {
  if (!is_reachable_) return;
  std::optional<FlowSet>& state = label_states_[label.number];
  if (state) state->intersect(bound_);
  else state = bound_;
  assembler_.emit_jump(op, span_, label, a, b);
  if (op_info(op).flags & kOpEnds) is_reachable_ = false;
}

void UnitCompiler::jump(Label label) { branch(Op::JUMP, label, 0); }

void UnitCompiler::branch_back(Op op, Label label, Register a, uint32_t b, uint8_t x) {
  if (!is_reachable_) return;
  assembler_.emit_jump(op, span_, label, a, b, x);
  if (op_info(op).flags & kOpEnds) is_reachable_ = false;
}

void UnitCompiler::jump_back(Label label) { branch_back(Op::JUMP_BACK, label, 0); }

// ---- Constants and names ----

Str* UnitCompiler::str_of(Identifier name) {
  Str*& s = c_.names[name.text];
  if (!s) s = intern(t_, name.view());
  return s;
}

uint32_t UnitCompiler::name_number(Identifier mangled) { return assembler_.name_constant(str_of(mangled)); }

uint32_t UnitCompiler::attribute_cache(Identifier name) { return assembler_.cache(mangled_str(name), false, 0); }

namespace {

// Tells constants apart that compare equal: 1 and 1.0, 0.0 and -0.0. Empty: no way to share.
std::string constant_key(Value v) {
  switch (v.tag) {
    case Tag::Int: return fmt::format("i{}", v.integer);
    case Tag::Float: return fmt::format("f{}", v.bits);
    case Tag::Bool: return v.integer ? "T" : "F";
    case Tag::None: return "N";
    case Tag::Object: return fmt::format("o{}", static_cast<const void*>(v.object));
    default: return "";
  }
}

}  // namespace

uint32_t UnitCompiler::constant_number(Value v) {
  if (is_kind(v, Kind::Str) && as<Str>(v)->is_interned()) return assembler_.name_constant(as<Str>(v));
  return assembler_.constant(constant_key(v), v);
}

void UnitCompiler::load_value(Register target, Value v) {
  switch (v.tag) {
    case Tag::None: return emit(Op::LOAD_NONE, target);
    case Tag::Bool: return emit(v.integer ? Op::LOAD_TRUE : Op::LOAD_FALSE, target);
    case Tag::Int:
      if (v.integer >= INT32_MIN && v.integer <= INT32_MAX) return emit(Op::LOAD_INT, target, static_cast<uint32_t>(v.integer));
      break;
    default: break;
  }
  emit(Op::LOAD_CONST, target, constant_number(v));
}

Symbol* UnitCompiler::symbol_of(Identifier name) { return c_.scopes.lookup(scope_, name); }

std::optional<UnitCompiler::Register> UnitCompiler::local_register(const Expr* e) {
  if (!is<Name>(e)) return {};
  Symbol* symbol = symbol_of(as<Name>(e)->id);
  if (!symbol || !is_local(symbol) || symbol->binding->is_captured) return {};
  return symbol->binding->register_number;
}

void UnitCompiler::check_bound(const Symbol* binding) {
  if (!is_reachable_ || bound_.has(binding->flow_index)) return;
  emit(Op::CHECK_BOUND, binding->register_number, name_number(binding->name));
  // Past this point it is bound, or we are not here.
  bound_.add(binding->flow_index);
  needs_empty_[binding->flow_index] = true;
}

uint32_t UnitCompiler::free_number(const Symbol* binding) const {
  for (uint32_t i = 0; i < unit_->free.size(); ++i)
    if (unit_->free[i] == binding) return i;
  MINI_UNREACHABLE();
}

void UnitCompiler::load_name(Identifier name, Register target) {
  Symbol* symbol = symbol_of(name);
  if (name.view() == "__debug__") return emit(Op::LOAD_TRUE, target);
  switch (symbol->reach) {
    case Reach::Local: {
      const Symbol* binding = symbol->binding;
      if (binding->is_captured) return emit(Op::LOAD_CELL, target, binding->register_number, name_number(binding->name));
      check_bound(binding);
      if (target != binding->register_number) emit(Op::MOVE, target, binding->register_number);
      return;
    }
    case Reach::Free: {
      Op op = scope_->kind == ScopeKind::Class ? Op::LOAD_CLASS_FREE : Op::LOAD_FREE;
      return emit(op, target, free_number(symbol->binding), name_number(symbol->name));
    }
    case Reach::Global:
      return emit(Op::LOAD_GLOBAL, target, assembler_.cache(str_of(symbol->name), true, 0));
    case Reach::Namespace:
      if (scope_->kind == ScopeKind::Module && !c_.uses_namespace)
        return emit(Op::LOAD_GLOBAL, target, assembler_.cache(str_of(symbol->name), true, 0));
      return emit(Op::LOAD_NAME, target, assembler_.cache(str_of(symbol->name), true, 1));
  }
}

void UnitCompiler::store_name(Identifier name, Register source) {
  Symbol* symbol = symbol_of(name);
  switch (symbol->reach) {
    case Reach::Local: {
      const Symbol* binding = symbol->binding;
      if (binding->is_captured) return emit(Op::STORE_CELL, binding->register_number, source);
      if (source != binding->register_number) emit(Op::MOVE, binding->register_number, source);
      bound_.add(binding->flow_index);
      return;
    }
    case Reach::Free: return emit(Op::STORE_FREE, free_number(symbol->binding), source);
    case Reach::Global:
      return emit(Op::STORE_GLOBAL, source, assembler_.cache(str_of(symbol->name), true, 2));
    case Reach::Namespace:
      if (scope_->kind == ScopeKind::Module && !c_.uses_namespace)
        return emit(Op::STORE_GLOBAL, source, assembler_.cache(str_of(symbol->name), true, 2));
      return emit(Op::STORE_NAME, source, assembler_.cache(str_of(symbol->name), true, 3));
  }
}

void UnitCompiler::delete_name(Identifier name) {
  Symbol* symbol = symbol_of(name);
  switch (symbol->reach) {
    case Reach::Local: {
      const Symbol* binding = symbol->binding;
      if (binding->is_captured) return emit(Op::DELETE_CELL, binding->register_number, name_number(binding->name));
      check_bound(binding);
      emit(Op::LOAD_EMPTY, binding->register_number);
      bound_.remove(binding->flow_index);
      return;
    }
    case Reach::Free: return emit(Op::DELETE_FREE, free_number(symbol->binding), name_number(symbol->name));
    case Reach::Global: return emit(Op::DELETE_GLOBAL, 0, name_number(symbol->name));
    case Reach::Namespace:
      if (scope_->kind == ScopeKind::Module && !c_.uses_namespace) return emit(Op::DELETE_GLOBAL, 0, name_number(symbol->name));
      return emit(Op::DELETE_NAME, 0, name_number(symbol->name));
  }
}

// Names that the compiler itself uses in a class body or module: `__module__`, `__doc__` ...
void UnitCompiler::load_namespace_name(std::string_view name, Register target) {
  bool is_plain_module = unit_->kind == ScopeKind::Module && !c_.uses_namespace;
  Str* s = intern(t_, name);
  emit(is_plain_module ? Op::LOAD_GLOBAL : Op::LOAD_NAME, target, assembler_.cache(s, true, is_plain_module ? 0 : 1));
}

void UnitCompiler::store_namespace_name(std::string_view name, Register source) {
  bool is_plain_module = unit_->kind == ScopeKind::Module && !c_.uses_namespace;
  Str* s = intern(t_, name);
  emit(is_plain_module ? Op::STORE_GLOBAL : Op::STORE_NAME, source, assembler_.cache(s, true, is_plain_module ? 2 : 3));
}

// ---- Functions ----

template <class Compile> Code* UnitCompiler::nested(const void* node, Str* name, Compile compile) {
  Scope* scope = c_.scopes.of(node);
  Code*& known = c_.nested[node];
  if (known) {
    // Compiled before, for another copy of a finally body. The cells may lie in other registers there.
    std::vector<Capture> captures = captures_of(scope);
    bool is_usable = captures.size() == known->captures.size();
    for (size_t i = 0; is_usable && i < captures.size(); ++i)
      is_usable = captures[i].from_register == known->captures[i].from_register && captures[i].index == known->captures[i].index;
    if (is_usable) return known;
  }
  UnitCompiler inner(c_, this, scope, name);
  Code* code = compile(inner);
  c_.nested[node] = code;
  return code;
}

void UnitCompiler::set_parameters(Code& code, const Arguments* args) {
  code.positional_only_count = args->posonlyargs.count;
  code.positional_count = args->posonlyargs.count + args->args.count;
  code.keyword_only_count = args->kwonlyargs.count;
  if (args->vararg) code.code_flags |= kCodeVarArgs;
  if (args->kwarg) code.code_flags |= kCodeVarKeywords;
  constexpr uint32_t kNotSimple = kCodeVarArgs | kCodeVarKeywords | kCodeGenerator | kCodeCoroutine | kCodeAsyncGenerator;
  if (!args->kwonlyargs.count && !(code.code_flags & kNotSimple)) code.code_flags |= kCodeSimple;
}

Code* UnitCompiler::compile_function(const FunctionDef* def) {
  arguments_ = def->args;
  start_unit();
  if (!def->decorator_list.empty()) span_ = {def->decorator_list[0]->span.begin, def->decorator_list[0]->span.begin};
  body(def->body);
  uint32_t flags = 0;
  if (unit_->is_async) flags = unit_->has_yield ? kCodeAsyncGenerator : kCodeCoroutine;
  else if (unit_->has_yield) flags = kCodeGenerator;
  Code* code = finish_unit(flags);
  set_parameters(*code, def->args);
  code->docstring = docstring_of(def->body);
  if (!def->decorator_list.empty()) code->first_line = c_.source.line_at(def->decorator_list[0]->span.begin);
  return code;
}

Code* UnitCompiler::compile_lambda(const Lambda* lambda) {
  arguments_ = lambda->args;
  start_unit();
  At at(*this, lambda->body->span);
  return_value(lambda->body);
  Code* code = finish_unit(unit_->has_yield ? uint32_t{kCodeGenerator} : 0);
  set_parameters(*code, lambda->args);
  return code;
}

// The default values as a tuple, those of keyword-only parameters and the annotations as dicts, in three registers from
// `base` on. Tells which of them are there, as MAKE_FUNCTION's x.
uint32_t UnitCompiler::function_operands(const Arguments* args, const Expr* returns, Register base) {
  uint32_t present = 0;
  if (!args->defaults.empty()) {
    default_values(args->defaults, base);
    present |= 1;
  }
  if (keyword_defaults(args, base + 1)) present |= 2;
  if (annotations(args, returns, base + 2)) present |= 4;
  return present;
}

void UnitCompiler::default_values(Seq<Expr*> values, Register target) {
  Value tuple;
  if (constant_tuple(values, tuple)) return load_value(target, tuple);
  display_list(values, target, true);
}

bool UnitCompiler::keyword_defaults(const Arguments* args, Register target) {
  Temporaries temporaries(*this);
  Register first = next_temporary_;
  uint32_t count = 0;
  for (uint32_t i = 0; i < args->kwonlyargs.count; ++i) {
    if (!args->kw_defaults[i]) continue;
    load_str(take_temporary(), mangled_str(args->kwonlyargs[i]->name));
    slot(args->kw_defaults[i]);
    ++count;
  }
  if (count) emit(Op::BUILD_DICT, target, first, count);
  return count != 0;
}

void UnitCompiler::annotation(const Expr* e, Register target) {
  if (!c_.scopes.has_future_annotations()) return expr(e, target);
  // `from __future__ import annotations`: the text as it was written.
  load_str(target, make_str(t_, c_.source.text_of(e->span)));
}

bool UnitCompiler::annotations(const Arguments* args, const Expr* returns, Register target) {
  Temporaries temporaries(*this);
  Register first = next_temporary_;
  uint32_t count = 0;
  auto add = [&](Identifier name, const Expr* value) {
    if (!value) return;
    load_str(take_temporary(), mangled_str(name));
    Register r = take_temporary();
    // `*args: *Ts` gives the one item that iterating `Ts` yields.
    if (is<Starred>(value)) {
      Temporaries inner(*this);
      Register iterable = operand(as<Starred>(value)->value);
      emit(Op::UNPACK, r, iterable, 1);
    } else {
      annotation(value, r);
    }
    ++count;
  };
  for (Arg* arg : args->args) add(arg->name, arg->annotation);
  for (Arg* arg : args->posonlyargs) add(arg->name, arg->annotation);
  if (args->vararg) add(args->vararg->name, args->vararg->annotation);
  for (Arg* arg : args->kwonlyargs) add(arg->name, arg->annotation);
  if (args->kwarg) add(args->kwarg->name, args->kwarg->annotation);
  if (returns) {
    load_str(take_temporary(), intern(t_, "return"));
    annotation(returns, take_temporary());
    ++count;
  }
  if (count) emit(Op::BUILD_DICT, target, first, count);
  return count != 0;
}

void UnitCompiler::make_function(Code* code, Register target, Register operands, uint32_t present) {
  emit(Op::MAKE_FUNCTION, target, operands, constant_number(Value::of_object(code)), static_cast<uint8_t>(present));
}

void UnitCompiler::function_def(const FunctionDef* def) {
  Temporaries temporaries(*this);
  Register first = next_temporary_;
  for (Expr* decorator : def->decorator_list) slot(decorator);
  Register function = take_temporary();
  {
    Temporaries inner(*this);
    Register operands = take_temporaries(3);
    uint32_t present = function_operands(def->args, def->returns, operands);
    Code* code = nested(def, str_of(def->name), [&](UnitCompiler& unit) { return unit.compile_function(def); });
    make_function(code, function, operands, present);
  }
  apply_decorators(def->decorator_list, first);
  store_name(def->name, def->decorator_list.empty() ? function : first);
}

// Decorators lie from `first` on and what they decorate behind them: each is called with its neighbour.
void UnitCompiler::apply_decorators(Seq<Expr*> decorators, Register first) {
  for (uint32_t i = decorators.count; i-- > 0;) {
    At at(*this, decorators[i]->span);
    emit(Op::CALL, first + i, 1, first + i);
  }
}

void UnitCompiler::lambda(const Lambda* e, Register target) {
  Temporaries temporaries(*this);
  Register operands = take_temporaries(3);
  uint32_t present = function_operands(e->args, nullptr, operands);
  Code* code = nested(e, intern(t_, "<lambda>"), [&](UnitCompiler& unit) { return unit.compile_lambda(e); });
  make_function(code, target, operands, present);
}

// ---- Generator expressions ----

Code* UnitCompiler::compile_generator(const ElementComp* e) {
  start_unit();
  span_ = e->span;
  ComprehensionShape shape{e->kind, e->elt, nullptr, e->generators, 0, e->span};
  comprehension_loop(shape, 0, 0, true);
  Code* code = finish_unit(unit_->is_async ? kCodeAsyncGenerator : kCodeGenerator);
  code->positional_count = code->positional_only_count = 1;
  return code;
}

void UnitCompiler::generator_expr(const ElementComp* e, Register target) {
  Temporaries temporaries(*this);
  Register function = take_base(target);
  Code* code = nested(e, intern(t_, "<genexpr>"), [&](UnitCompiler& unit) { return unit.compile_generator(e); });
  make_function(code, function, 0, 0);
  Register iterator = take_temporary();
  const Comprehension* first = e->generators[0];
  Register source = iterable(first->iter);
  if (first->is_async) emit(Op::GET_ASYNC_ITER, iterator, source);
  else emit(Op::GET_ITER_OBJECT, iterator, source, 0, 1);
  emit(Op::CALL, function, 1, target);
}

// ---- Classes ----

void UnitCompiler::class_prologue(const ClassDef* def) {
  Temporaries temporaries(*this);
  Register r = take_temporary();
  load_namespace_name("__name__", r);
  store_namespace_name("__module__", r);
  load_str(r, qualified_name_);
  store_namespace_name("__qualname__", r);
  if (unit_->has_annotations) emit(Op::SETUP_ANNOTATIONS);
  if (Str* doc = docstring_of(def->body)) {
    At at(*this, def->body[0]->span);
    load_str(r, doc);
    store_namespace_name("__doc__", r);
  }
}

Code* UnitCompiler::compile_class(const ClassDef* def) {
  start_unit();
  Span start = def->decorator_list.empty() ? def->span : def->decorator_list[0]->span;
  span_ = {start.begin, start.begin};
  class_prologue(def);
  body(def->body);
  // `__class__` of the methods: type.__new__ fills the cell, and so that it finds it the body leaves it in its namespace.
  if (unit_->class_cell) store_namespace_name("__classcell__", unit_->class_cell->register_number);
  Code* code = finish_unit(kCodeUsesNamespace);
  code->first_line = c_.source.line_at(start.begin);
  return code;
}

void UnitCompiler::class_def(const ClassDef* def) {
  Temporaries temporaries(*this);
  Register first = next_temporary_;
  for (Expr* decorator : def->decorator_list) slot(decorator);
  Register callee = take_temporary();
  emit(Op::LOAD_BUILD_CLASS, callee);
  Code* code = nested(def, str_of(def->name), [&](UnitCompiler& unit) { return unit.compile_class(def); });
  make_function(code, take_temporary(), 0, 0);
  load_str(take_temporary(), str_of(def->name));
  call_with(callee, def->bases, def->keywords, 2, callee, false);
  apply_decorators(def->decorator_list, first);
  store_name(def->name, first);
}

}  // namespace mini
