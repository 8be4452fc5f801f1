// SPDX-License-Identifier: MIT
// The compiler: a resolved tree to Code.
//
// One UnitCompiler makes one Code: of a module, a class body, a function, a lambda or a generator expression. Its member
// functions stand in the files compile_*.cpp, each with one theme.
//
// Registers: parameters first, then the other local names, then temporaries as a stack (`next_temporary_`). An expression is
// compiled
//   - by `operand` into any register: a bound local is its own operand, nothing is moved;
//   - by `expr` into a given one. The target may be a local's register only for a `writes_once` expression, because an
//     instruction writes nothing when it raises; everything else gets a temporary and a MOVE.
// A local used as an operand must not be rebound before the instruction that reads it, so `operand_before` copies it when
// a later operand holds a `:=`.
//
// Flow: `bound_` is the set of locals that are certainly bound here, so that only doubtful loads get a CHECK_BOUND. Forward
// jumps carry it to their label. At the head of a loop and in a handler names that the loop or the protected body
// deletes are taken out, which makes one pass enough. After code that never continues (`is_reachable_` false) nothing is
// emitted until a label that was jumped to.
//
// Clean-up: `blocks_` lists what a break, continue or return has to leave; finally bodies are compiled once for each way
// out. While such clean-up code is emitted, the regions of the blocks it leaves are closed.
//
// The caller holds the GIL and keeps the heap from collecting.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "interp/assembler.h"
#include "interp/ast.h"
#include "interp/diagnostics.h"
#include "interp/scopes.h"
#include "runtime/calls.h"
#include "runtime/code.h"

namespace mini {

// Compiles a whole module. Null after recording a diagnostic.
Code* compile_tree(Thread& t, const Source& source, const ast::Module& module, const Scopes& scopes, CompileMode mode,
                   Diagnostics& diagnostics);

// What all units of one compilation share.
struct Compilation {
  Thread& t;
  const Source& source;
  const Scopes& scopes;
  Diagnostics& diagnostics;
  bool uses_namespace;       // names of the module go through LOAD_NAME
  bool is_interactive;
  Str* file_name;
  std::unordered_map<const char*, Str*> names;                // by Identifier
  std::unordered_map<std::string, Value> texts;               // str and bytes constants
  std::unordered_map<const void*, Code*> nested;              // by node: a finally body is compiled more than once
};

// Locals that are certainly bound, by Symbol::flow_index.
class FlowSet {
 public:
  void add(uint32_t i) {
    if (i / 64 >= words_.size()) words_.resize(i / 64 + 1);
    words_[i / 64] |= uint64_t{1} << (i % 64);
  }
  void remove(uint32_t i) {
    if (i / 64 < words_.size()) words_[i / 64] &= ~(uint64_t{1} << (i % 64));
  }
  bool has(uint32_t i) const { return i / 64 < words_.size() && (words_[i / 64] >> (i % 64) & 1); }
  void intersect(const FlowSet& other);

 private:
  std::vector<uint64_t> words_;
};

class UnitCompiler {
 public:
  UnitCompiler(Compilation& compilation, UnitCompiler* outer, Scope* scope, Str* name);
  Code* compile_module(const ast::Module& module);
  Code* compile_function(const ast::FunctionDef* def);
  Code* compile_lambda(const ast::Lambda* lambda);
  Code* compile_class(const ast::ClassDef* def);
  Code* compile_generator(const ast::ElementComp* generator);

 private:
  using Expr = ast::Expr;
  using Stmt = ast::Stmt;
  using Register = uint32_t;

  // ---- compile_func.cpp: units, registers, flow, emission ----

  // Frees, at its end, the temporaries that were taken since it began.
  struct Temporaries {
    explicit Temporaries(UnitCompiler& u) : unit(u), mark(u.next_temporary_) {}
    ~Temporaries() { unit.next_temporary_ = mark; }
    Temporaries(const Temporaries&) = delete;
    UnitCompiler& unit;
    Register mark;
  };
  // Emitted instructions get this span until its end.
  struct At {
    At(UnitCompiler& u, Span span) : unit(u), saved(u.span_) { u.span_ = span; }
    ~At() { unit.span_ = saved; }
    At(const At&) = delete;
    UnitCompiler& unit;
    Span saved;
  };

  enum class BlockKind : uint8_t { Loop, Protected, Finally, Handler, With };
  // Something that break, continue and return leave.
  struct Block {
    BlockKind kind;
    Label break_label, continue_label;     // Loop
    Region* region = nullptr;              // closed while the clean-up is emitted
    const ast::Try* finally = nullptr;     // Finally
    Register saved = 0;                    // Handler: for LEAVE_HANDLER
    Identifier name = {};             // Handler: bound by `as`, or none
    Register exit = 0;                     // With: the exit method pair
    bool is_async = false;                 // With
    Span span = {};                        // With: of the statement
  };

  void start_unit();
  void assign_registers();
  Code* finish_unit(uint32_t flags);
  std::vector<Capture> captures_of(const Scope* scope) const;
  void emit_initial_state();
  void error(Span span, std::string message);
  bool has_room(Span span);

  Register take_temporary();
  Register take_temporaries(uint32_t count);
  // A register for the first of several slots: the target itself when it is the newest temporary.
  Register take_base(Register target);
  bool is_newest(Register r) const { return r + 1 == next_temporary_ && r >= first_temporary_; }

  void emit(Op op, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0, uint8_t x = 0);
  Label make_label();
  void bind(Label label);
  void jump(Label label);
  void jump_back(Label label);
  // A conditional forward jump.
  void branch(Op op, Label label, Register a, uint32_t b = 0);
  // A conditional jump backwards, by an opcode that serves attention.
  void branch_back(Op op, Label label, Register a, uint32_t b = 0, uint8_t x = 0);

  Str* str_of(Identifier name);
  Str* mangled_str(Identifier name) { return str_of(c_.scopes.mangle(scope_, name)); }
  uint32_t name_number(Identifier mangled);
  uint32_t attribute_cache(Identifier name);
  uint32_t constant_number(Value v);
  void load_value(Register target, Value v);
  void load_str(Register target, Str* s) { load_value(target, Value::of_object(reinterpret_cast<Object*>(s))); }

  Symbol* symbol_of(Identifier name);
  bool is_local(const Symbol* symbol) const { return symbol->reach == Reach::Local; }
  // The register of a name that lives in one without a cell, or nothing.
  std::optional<Register> local_register(const Expr* e);
  void check_bound(const Symbol* binding);
  void load_name(Identifier name, Register target);
  void store_name(Identifier name, Register source);
  void delete_name(Identifier name);
  void load_namespace_name(std::string_view name, Register target);
  void store_namespace_name(std::string_view name, Register source);
  uint32_t free_number(const Symbol* binding) const;

  // Functions, classes, lambdas, generator expressions
  void function_def(const ast::FunctionDef* def);
  void class_def(const ast::ClassDef* def);
  void lambda(const ast::Lambda* e, Register target);
  void generator_expr(const ast::ElementComp* e, Register target);
  void make_function(Code* code, Register target, Register operands, uint32_t present);
  // Default values and annotations into three registers from `base` on; tells which are there.
  uint32_t function_operands(const ast::Arguments* args, const Expr* returns, Register base);
  void default_values(Seq<Expr*> values, Register target);
  bool keyword_defaults(const ast::Arguments* args, Register target);
  bool annotations(const ast::Arguments* args, const Expr* returns, Register target);
  void annotation(const Expr* e, Register target);
  // The code of a nested unit; `compile` makes it when no usable one is there.
  template <class Compile> Code* nested(const void* node, Str* name, Compile compile);
  void apply_decorators(Seq<Expr*> decorators, Register first);
  void set_parameters(Code& code, const ast::Arguments* args);
  void class_prologue(const ast::ClassDef* def);
  Str* docstring_of(Seq<Stmt*> body);

  // ---- Expressions: compile_expr, compile_constant, compile_call, compile_comprehension ----

  void expr(const Expr* e, Register target);
  void expr_inner(const Expr* e, Register target);
  Register operand(const Expr* e);
  Register operand_before(const Expr* e, std::initializer_list<const Expr*> later);
  Register slot(const Expr* e);            // a new temporary with the value
  void discard(const Expr* e);             // for its effects
  bool writes_once(const Expr* e);
  void into_local(const Expr* e, Register local);   // any expression into a local's register

  const Symbol* written_local(const Expr* e);   // the local that a `:=` writes, when it lives in a plain register
  bool constant(const Expr* e, Value& out);
  bool constant_binary(const ast::BinOp* e, Value& out);
  bool constant_unary(const ast::UnaryOp* e, Value& out);
  bool constant_tuple(Seq<Expr*> items, Value& out);
  Value literal(const ast::Constant* e);
  bool small_int(const Expr* e, int32_t& out);
  bool constant_truth(const Expr* e, bool& out);

  void binary(const ast::BinOp* e, Register target);
  void binary_op(ast::Operator op, const Expr* right, Register left, Register target, uint8_t x);
  void unary(const ast::UnaryOp* e, Register target);
  void bool_op(const ast::BoolOp* e, Register target);
  void bool_operand(const Expr* e, Register target, Label if_true, Label if_false, bool falls_when);
  void conditional(const ast::IfExp* e, Register target);
  void named_expr(const ast::NamedExpr* e, Register target);
  void compare(const ast::Compare* e, Register target);
  void compare_op(ast::CompareOperator op, Register target, Register left, Register right);
  void attribute(const ast::Attribute* e, Register target);
  void subscript(const ast::Subscript* e, Register target);
  Register slice_parts(std::initializer_list<const ast::Expr*> parts);
  void slice(const ast::Slice* e, Register target);
  void display_list(Seq<Expr*> items, Register target, bool as_tuple);
  void display_set(Seq<Expr*> items, Register target);
  void display_dict(const ast::Dict* e, Register target);
  void append_all(Seq<Expr*> items, uint32_t from, Register list);
  void joined_str(Seq<Expr*> values, Register target);
  void formatted_value(const ast::FormattedValue* e, Register target);
  Register iterable(const Expr* e);        // operand of a loop or `in`: constant displays become constants
  void await_value(Register awaitable, Register target, uint8_t x);
  void yield_expr(const ast::Yield* e, Register target);
  void yield_from(const ast::YieldFrom* e, Register target);

  void call(const ast::Call* e, Register target);
  void method_call(const ast::Call* e, const ast::Attribute* method, Register target);
  void star_call(Register callee, Seq<Expr*> args, Seq<ast::Keyword*> keywords, uint32_t already, Register target);
  void call_with(Register callee, Seq<Expr*> args, Seq<ast::Keyword*> keywords, uint32_t already, Register target, bool is_method);
  bool needs_star_call(Seq<Expr*> args, Seq<ast::Keyword*> keywords, uint32_t already) const;
  bool star_arguments(Register callee, Seq<Expr*> args, uint32_t already);
  void star_keywords(Register callee, Seq<ast::Keyword*> keywords);
  bool is_super_call(const Expr* e);
  void super_operands(Register base, Span call);
  const Symbol* class_symbol() const;      // what `__class__` means in this scope, or null

  void comprehension(const Expr* e, Register target);
  Code* inline_code(const Expr* e);
  std::string inner_prefix() const;
  struct ComprehensionShape {
    ast::ExprKind kind;
    const Expr* element;
    const Expr* value;       // of a dict comprehension
    Seq<ast::Comprehension*> generators;
    Register result;
    Span span;
  };
  void enter_comprehension(const Scope* scope, const ComprehensionShape& shape);
  void start_loop_body(Label test, Label body);
  void comprehension_loop(const ComprehensionShape& shape, uint32_t index, Register source, bool is_iterator);
  void comprehension_element(const ComprehensionShape& shape);

  // Jumps to `label` if truth(e) is `when`, else continues.
  void jump_if(const Expr* e, Label label, bool when, bool is_back = false);
  void jump_if_register(Register r, Label label, bool when, bool is_back);
  void jump_if_bool_op(const ast::BoolOp* e, Label label, bool when, bool is_back);
  void jump_if_compare(const ast::Compare* e, Label label, bool when, bool is_back);
  void jump_if_comparison(ast::CompareOperator op, Register left, const Expr* right, Register right_register, Label label, bool when, bool is_back);
  void append_named(Seq<ast::Keyword*> keywords, uint32_t begin, uint32_t end, Register dict);

  // ---- Statements: compile_stmt, compile_assign, compile_try ----

  void body(Seq<Stmt*> statements);
  void stmt(const Stmt* s);
  void stmt_inner(const Stmt* s);
  void assign(const ast::Assign* s);
  bool assign_tuples(const ast::Assign* s);
  void aug_assign(const ast::AugAssign* s);
  void ann_assign(const ast::AnnAssign* s);
  void store(const Expr* target, Register source);
  void unpack(const Expr* target, Seq<Expr*> items, Register source);
  bool unpack_into_locals(Seq<Expr*> items, Register source);
  void delete_target(const Expr* target);
  Span attribute_span(const ast::Attribute* e, Span whole);

  void for_stmt(const ast::For* s);
  void async_for(const ast::For* s);
  // R[item] = the next of the asynchronous iterator; jumps to `end` when there is none.
  void async_step(Register iterator, Register item, Label end);
  void while_stmt(const ast::While* s);
  void if_stmt(const ast::If* s);
  void return_stmt(const ast::Return* s);
  void return_value(const Expr* value);
  void leave_loop(bool is_break);
  void with_stmt(const ast::With* s, uint32_t index);
  void with_handler(const Block& with, Region& region, Register saved, const FlowSet& before);
  void call_exit(Register base, bool is_async, std::optional<Register> exception);
  void try_stmt(const ast::Try* s);
  void try_finally(const ast::Try* s);
  void try_except(const ast::Try* s);
  void protected_body(Seq<Stmt*> statements, Region& region);
  void try_star(const ast::Try* s);
  void except_clauses(const ast::Try* s, Register saved, Register exception, Label end);
  void star_clause(const ast::ExceptHandler* handler, Register rest, Register raised);
  void named_handler_body(const ast::ExceptHandler* handler, Register saved, Register exception, Label end);
  void forget_name(Identifier name);
  void raise_stmt(const ast::Raise* s);
  void assert_stmt(const ast::Assert* s);
  void import_stmt(const ast::Import* s);
  void import_from(const ast::ImportFrom* s);
  void expr_stmt(const ast::ExprStmt* s);

  // Emits the clean-up of all blocks above `depth`, then `then`, with the regions of those blocks closed.
  template <class Then> void unwind_to(size_t depth, Then then);
  void clean_up(const Block& block);
  void start_handler(Region& region, const FlowSet& state);
  // The clean-up path of a handler: LEAVE_HANDLER, then the exception goes on.
  void leave_and_reraise(Region& region, Register saved, const FlowSet& state, Identifier name = {});
  // `bound_` without the names that these statements may delete.
  FlowSet without_deletions(std::initializer_list<Seq<Stmt*>> bodies, const ast::Try* handlers = nullptr);
  void remove_deleted(Seq<Stmt*> statements, FlowSet& set);
  void remove_deleted(const Stmt* s, FlowSet& set);
  void remove_deleted_target(const Expr* target, FlowSet& set);
  void remove_name(Identifier name, FlowSet& set);

  // ---- compile_match.cpp ----

  struct PatternCapture { Identifier name; Register source; };
  struct PatternState {
    Label fail;
    std::vector<PatternCapture> captures;
    bool may_be_irrefutable;
  };
  void match_stmt(const ast::Match* s);
  void pattern(const ast::Pattern* p, Register subject, PatternState& state);
  void value_pattern(const ast::MatchValue* p, Register subject, PatternState& state);
  void singleton_pattern(const ast::MatchSingleton* p, Register subject, PatternState& state);
  void sequence_pattern(const ast::MatchSequence* p, Register subject, PatternState& state);
  void sequence_items(const ast::MatchSequence* p, uint32_t star, Register subject, PatternState& state);
  void mapping_pattern(const ast::MatchMapping* p, Register subject, PatternState& state);
  void class_pattern(const ast::MatchClass* p, Register subject, PatternState& state);
  void as_pattern(const ast::MatchAs* p, Register subject, PatternState& state);
  void or_pattern(const ast::MatchOr* p, Register subject, PatternState& state);
  void inner_pattern(const ast::Pattern* p, Register subject, PatternState& state);
  void capture(Identifier name, Register source, Span span, PatternState& state);

  Compilation& c_;
  Thread& t_;
  UnitCompiler* outer_;
  Scope* unit_;                 // whose code this is
  Scope* scope_;                // where names are looked up now: the unit, or a comprehension in it
  Str* name_;
  Str* qualified_name_ = nullptr;
  Str* inline_name_ = nullptr;       // qualified name of the comprehension that is compiled in place just now
  Assembler assembler_;
  Span span_ = {};
  Register first_temporary_ = 0, next_temporary_ = 0, register_count_ = 0;
  bool is_reachable_ = true;
  bool has_too_many_registers_ = false;
  FlowSet bound_;
  std::vector<std::optional<FlowSet>> label_states_;   // by label; set once it was jumped to
  std::vector<Block> blocks_;
  std::vector<bool> needs_empty_;    // by flow index: a local that may be read unbound
  const ast::Arguments* arguments_ = nullptr;
};

}  // namespace mini
