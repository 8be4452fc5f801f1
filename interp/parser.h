// SPDX-License-Identifier: MIT
#pragma once

// The front door of the front end: text in, tree out. parse() drives the scanner, the layout filter and the generated
// parser over one Source. It keeps no state of its own and needs no GIL; the tree lives in the caller's arena.

#include <string>

#include "interp/arena.h"
#include "interp/ast.h"
#include "interp/diagnostics.h"
#include "interp/source.h"

namespace mini {

enum class ParseMode : uint8_t {
  File,    // a whole module
  Eval,    // one expression, as for eval()
  Single,  // one statement at the prompt
};

enum class ParseStatus : uint8_t {
  Ok,
  Error,       // diagnostics.first() says what is wrong
  Incomplete,  // wrong only because it ends here: an open bracket, string or block (diagnostics hold the error too)
};

struct ParseResult {
  ParseStatus status = ParseStatus::Error;
  ast::Module* module = nullptr;  // set when Ok

  bool ok() const { return status == ParseStatus::Ok; }
};

ParseResult parse(const Source& source, Arena& arena, ParseMode mode, Diagnostics& diagnostics);

// The laid-out tokens, one line each: `1:0-1:3 NAME 'abc'`. A syntax error of the scanner ends the list with its message.
std::string dump_tokens(const Source& source);

}  // namespace mini
