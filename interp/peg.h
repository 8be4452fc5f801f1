// SPDX-License-Identifier: MIT
#pragma once

// A parsing expression grammar, given as text, and a matcher that runs it over tokens. Only wrong programs meet it: where the
// automaton of grammar.y stops, this matcher tries alternatives in their written order, as CPython's parser does, and so finds
// the same words for a mistake. A match is a pair of token numbers; no tree is made.
//
// The notation, one rule after the other:
//
//     name:  a=NAME '=' (rule | !"word" NAME)* ','.item+ ~ tail? {at a: message}
//
// 'text' is a token by its spelling, UPPER one by its kind, "word" a name with that text and
// "word..." one that the text begins with; `&` and `!` look ahead, `&&'x'` must
// come, `sep.item+` is a list, `~` forbids the alternatives that follow. `name memo:` remembers what the rule found at a place.
// Alternatives of a rule start with `|`. A rule called `wrong_...` describes a mistake; it is skipped until complaints are asked for.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "interp/lexer.h"

namespace mini {

// What a `{...}` at the end of an alternative asks for.
struct PegComplaint {
  std::string kind;     // the word before the colon, or all of it: "at a", "here", "legacy"
  std::string message;  // behind the colon
};

enum class PegKind : uint8_t { Token, Word, Rule, Sequence, Choice, Optional, Star, Plus, List, And, Not, Cut, Must, Complain };

struct PegNode {
  PegKind kind;
  int8_t capture = -1;             // 0 for a=, 1 for b=
  uint16_t value = 0;              // a TokenKind, or an index of words, rules or complaints
  std::vector<uint16_t> children;  // of a List: separator, then item
};

struct PegRule {
  std::string name;
  uint16_t body = 0;
  int16_t memo = -1;  // its place among the remembered rules
  bool is_wrong = false;
  bool is_plain = false;  // matched without complaints, whatever else is asked for
};

struct Peg {
  std::vector<PegNode> nodes;
  std::vector<PegRule> rules;
  std::vector<std::string> words;
  std::vector<PegComplaint> complaints;
  size_t memo_count = 0;

  uint16_t rule_named(std::string_view name) const;
};

// Reads the notation above; a mistake in it is a bug and ends the program.
Peg read_peg(std::string_view text);

// A match in tokens, `end` not included.
struct PegRange {
  int32_t begin = 0;
  int32_t end = 0;
};

class PegMatcher {
 public:
  explicit PegMatcher(const Peg& peg) : peg_(peg) {}
  virtual ~PegMatcher() = default;

  // The token behind the match of a rule at token 0, or a negative number. False complaints come from a second run with
  // `with_complaints`, which forgets what the first remembered but not how far it looked.
  int32_t run(uint16_t rule, bool with_complaints);

 protected:
  // The token number `index`; called once for each, in order, as the matcher gets there. False ends the run.
  virtual bool fetch(int32_t index) = 0;
  virtual TokenKind kind(int32_t index) const = 0;
  virtual std::string_view text(int32_t index) const = 0;
  // Called for `{...}`; true when there was something to complain about, which ends the run.
  virtual bool complain(const PegComplaint& complaint, const PegRange (&captures)[2], int32_t end) = 0;
  virtual void complain_missing(TokenKind token, int32_t at) = 0;
  // Called when the rule has matched; false ends the run.
  virtual bool accept(const PegRule& rule, PegRange range) = 0;

  bool is_stopped() const { return is_stopped_; }
  // The last token that was looked at.
  int32_t last() const { return fetched_ - 1; }

 private:
  int32_t match(const PegNode& node, int32_t at);
  int32_t match_rule(const PegRule& rule, int32_t at);
  int32_t match_sequence(const PegNode& node, int32_t at);
  int32_t match_choice(const PegNode& node, int32_t at);
  int32_t match_repeated(const PegNode& node, int32_t at);
  int32_t match_list(const PegNode& node, int32_t at);
  bool look(int32_t at);
  int32_t stop();

  const Peg& peg_;
  std::vector<std::vector<int32_t>> memo_;  // per token and remembered rule: the end, or a negative number
  int32_t fetched_ = 0;
  const char* stack_base_ = nullptr;
  int64_t steps_ = 0;
  bool has_complaints_ = false;
  bool is_stopped_ = false;
};

}  // namespace mini
