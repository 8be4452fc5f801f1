// SPDX-License-Identifier: MIT
// The three doors from the runtime up to the VM and the compiler: call, resume, compile. They are declared here and
// defined in interp/, so that runtime/ never includes interp/.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "runtime/object.h"

namespace mini {

struct Function;
struct Generator;
struct Instruction;

// Calls any callable. args[0..argc) are positional, then one value for each name in `keyword_names` (null: none).
// `args` must stay readable during the call and is not changed.
Value call(Thread& t, Value callee, const Value* args, size_t argc, Tuple* keyword_names = nullptr);
inline Value call(Thread& t, Value callee, std::initializer_list<Value> args = {}) {
  return call(t, callee, args.begin(), args.size());
}
// obj.name(args...) without making a bound method. AttributeError when there is none.
Value call_method(Thread& t, Value receiver, Str* interned_name, std::initializer_list<Value> args = {});
// The special method `name` looked up on the class of `receiver`, called with it. Empty when there is none.
Value call_special(Thread& t, Value receiver, Str* interned_name, std::initializer_list<Value> args = {});

enum class Outcome : uint8_t { Returned, Yielded, Raised };
struct Resumption {
  Outcome outcome;
  Value value;       // returned or yielded value; for Raised the exception is on the thread
};
// Continues a generator or coroutine at its innermost suspended frame: `sent` becomes the value of its yield.
Resumption resume(Thread& t, Generator* generator, Value sent);
// Who takes what a generator yields while the generator runs on, without a switch between the two. `take` runs no script code; on false the
// generator waits, and the item is `declined`.
struct Taker {
  Value declined;
  bool (*take)(Taker* taker, const Value& item);
};
// As resume() with None again and again, until the generator ends or the taker declines an item, which is then the value.
Resumption resume_for(Thread& t, Generator* generator, Taker& taker);
// The same, but raises `exception` (an exception object) at that point.
Resumption resume_raising(Thread& t, Generator* generator, Value exception);
// The same for throw(type, value, traceback), absent ones Empty: an object that the generator delegates to gets them as they are.
Resumption resume_throwing(Thread& t, Generator* generator, const Value* thrown);

// Exec is File for code that may run with separate locals (`exec`, `compile`): names go through LOAD_NAME. So do Eval and Single.
// Prompt is Single for source that may be unfinished: then the SyntaxError says "incomplete input".
enum class CompileMode : uint8_t { File, Eval, Single, Prompt, Exec };
// Text of a str is UTF-8 whatever its first lines say; bytes may name their encoding. Where the error in a program is shown depends
// on it as well, and on whether the program is the file that is run.
enum class SourceForm : uint8_t { Text, Bytes, File };
// Source text to a Code object. On errors raises SyntaxError (with position attributes) on `t`.
Value compile(Thread& t, std::string_view text, std::string_view file_name, CompileMode mode, SourceForm form = SourceForm::Text);
// The tree of source text as a str: calls of node classes with their fields and positions. Raises SyntaxError like compile().
Value tree_text(Thread& t, std::string_view text, std::string_view file_name, CompileMode mode);
// Runs a module's, class body's or eval's code with these namespaces.
Value run_code(Thread& t, Code* code, Dict* globals, Dict* locals);

// What the wire format must know of code (interp/code_facts.cpp).
uint32_t opcode_fingerprint();                 // the same exactly when opcodes.def is the same
std::string check_code(const Code* code);      // what is wrong with code from outside; empty: nothing
// The names that `code`, without the code nested in it, reads from its globals or binds there.
void visit_global_names(const Code* code, const std::function<void(Str*)>& visit);

// Which registers were written whichever way led to the instruction of this number: only these are sure to hold the function's own values.
std::vector<bool> written_registers(const Code* code, uint32_t instruction);

// How many of the registers are in use at a call that is under way, its arguments included; all of them at other instructions. `ip` is behind it.
uint32_t live_registers(const Code* code, const Instruction* ip);
// Empties those that no instruction reads any more, where a generator waits for what it delegates to.
void empty_dead_registers(const Code* code, const Instruction* ip, Value* registers);

// What the dis module prints (interp/code_facts.cpp).
std::string code_text(const Code* code, bool with_nested);
std::string instruction_text(const Code* code, uint32_t index);   // "ADD_INT a, b, 1"

// The same with everything that class bodies need: a namespace that is no plain dict (else Empty), and the function whose closure it uses.
Value run_code_in(Thread& t, Code* code, Dict* globals, Dict* locals, Value locals_value, Function* function);

}  // namespace mini
