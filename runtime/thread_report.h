// SPDX-License-Identifier: MIT
// What the threads of an interpreter do, in words: their stacks and what each waits for (SIGQUIT), and the text of a DeadlockError.
//
// The caller holds the GIL. Everything is read from the threads' own records, and no script code runs, so a report can be made wherever
// signals are handled.
#pragma once

#include <string>

#include "runtime/frame.h"
#include "runtime/thread.h"

namespace mini {

struct Interpreter;

// "file.py:12 in name", the file without its folder.
std::string place_text(const Code* code, const Instruction* ip);
std::string place_text(const Frame* frame);
// Empty when the code is gone.
std::string place_text(const Interpreter& interpreter, CodePlace place);
// The place of an instruction in the code that lives; its code is null: in none.
CodePlace place_of(const Interpreter& interpreter, const Instruction* ip);
// Its file and line; false when the code is gone.
bool find_place(const Interpreter& interpreter, CodePlace place, Str*& file, uint32_t& line);
// Is it a module that is built into the binary? Reports name the script's own line.
bool is_library(const Code* code);
// The innermost call of the script under way; null when there is none.
const Frame* script_frame(const Thread& t);
// 'name' of a threading.Thread; "thread 3" without one.
std::string thread_name(const Thread& t);

// All stacks, innermost call first, what each thread waits for, event loops with their tasks. `holder` had the GIL (null: nobody).
std::string thread_report(Interpreter& interpreter, const Thread* holder);
// The same, to stderr.
void print_thread_report(Interpreter& interpreter, const Thread* holder);
// Every thread is parked without a deadline: who waits for what, and who has it.
std::string deadlock_report(Interpreter& interpreter);

}  // namespace mini
