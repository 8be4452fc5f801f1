// SPDX-License-Identifier: MIT
#pragma once

// Code that is valid and yet cannot be meant: `x is 1`, an assert of a tuple, a literal that is called. Each is a SyntaxWarning,
// which the caller raises when the program has turned out to be good.

#include <string>
#include <vector>

#include "interp/ast.h"

namespace mini {

struct Doubt {
  Span span;
  std::string text;
};

class Doubts {
 public:
  void look_at(const ast::Expr* expr);
  void look_at(const ast::Assert* statement);
  const std::vector<Doubt>& found() const { return found_; }

 private:
  void look_at_compare(const ast::Compare* compare);
  void look_at_call(const ast::Call* call);
  void look_at_subscript(const ast::Subscript* subscript);

  std::vector<Doubt> found_;
};

}  // namespace mini
