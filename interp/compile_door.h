// SPDX-License-Identifier: MIT
// From text to Code in one call, for those in interp/ who have a Source: the prompt, --dump and the tests. The runtime uses
// compile() of runtime/calls.h, which stands here too.
#pragma once

#include <string>

#include "interp/diagnostics.h"
#include "interp/parser.h"
#include "interp/source.h"
#include "runtime/calls.h"

namespace mini {

// Code, or Raised with a SyntaxError (or RecursionError) on the thread.
Value compile_source(Thread& t, const Source& source, CompileMode mode);
// The same for a tree that is parsed already.
Value compile_module(Thread& t, const Source& source, Arena& arena, const ast::Module& module, CompileMode mode);
// Raises what the diagnostic says, with the attributes that CPython's SyntaxError has.
Value raise_diagnostic(Thread& t, const Source& source, const Diagnostic& diagnostic);

// Text for --dump=scopes and --dump=code. Empty, with the diagnostic recorded, when the source is wrong.
std::string dump_scopes(const Source& source, Diagnostics& diagnostics);
std::string dump_code(Thread& t, const Source& source, Diagnostics& diagnostics);

}  // namespace mini
