// SPDX-License-Identifier: MIT
// A compiled pattern: the tree, and what PCRE2 made of it for each kind of subject and each way of matching, on first use.
//
// A match runs as machine code when PCRE2 has a JIT for the machine, at first without any look at the outside and with a limit
// on its steps. One that reaches the limit (catastrophic backtracking, or honest work on a very long text) begins again
// in a form that serves attention: Ctrl-C and other threads get their turn. All of it holds the GIL, as CPython does.
//
// While a match serves attention a script may use the same pattern: what a match works with is taken out of the engine
// and put back at the end.
#pragma once

#include <memory>
#include <string>

#include "runtime/modules/re_translate.h"

namespace mini {

enum class ReMode : uint8_t { Search, Match, FullMatch };
inline constexpr int kReModes = 3;

// The text that is searched. `owner` keeps the characters alive and is a str or bytes object.
struct ReSubject {
  ReSubjectKind kind;
  const void* data;
  size_t length;              // where the subject ends: `endpos` cuts it
  Value owner;
  std::u32string widened;     // for patterns that only the 32-bit library can hold
};

enum class ReOutcome : uint8_t { Matched, Failed, Raised };

class ReEngine {
 public:
  explicit ReEngine(std::unique_ptr<ReSyntax> syntax);
  ~ReEngine();
  ReEngine(const ReEngine&) = delete;
  ReEngine& operator=(const ReEngine&) = delete;

  const ReSyntax& syntax() const { return *syntax_; }
  size_t span_count() const { return syntax_->group_count + 1; }
  // Compiles for one kind of subject, so that errors show early. False after raising.
  bool prepare(Thread& t, ReSubjectKind kind);
  // Matches from `start` on. `spans` gets begin and end of the match and of each group, SIZE_MAX for one that took no part.
  // `not_empty`: a match must not be empty at `start`.
  ReOutcome match(Thread& t, ReSubject& subject, size_t start, ReMode mode, bool not_empty, size_t* spans);

 private:
  struct Program;
  struct Run;
  Program* program(Thread& t, ReSubjectKind kind, ReMode mode, bool is_polite);
  // `alone`: Ctrl-C on this thread ends a long match; null where callouts look for it.
  int run(Thread* alone, Run& run, Program& program, const ReSubject& subject, size_t start, bool not_empty, size_t* spans);
  ReOutcome match_politely(Thread& t, ReSubject& subject, size_t start, ReMode mode, bool not_empty, size_t* spans);
  template <class Width> Program* compile(Thread& t, const ReTranslation& translation, ReSubjectKind kind, ReMode mode, bool is_polite, bool& too_large);
  template <class Width> int run_with(Thread* alone, Run& run, Program& program, const void* data, size_t length, size_t start, bool not_empty, size_t* spans);

  std::unique_ptr<ReSyntax> syntax_;
  std::unique_ptr<Program> programs_[2][kReSubjectKinds][kReModes];   // quick ones, polite ones
  std::unique_ptr<Run> spare_run_;      // what a match works with, while none does
};

}  // namespace mini
