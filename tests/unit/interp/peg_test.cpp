// SPDX-License-Identifier: MIT
//
// The matcher behind the explanations of syntax errors, on grammars of a few lines.

#include "interp/peg.h"

#include <gtest/gtest.h>

#include "interp/layout.h"

namespace mini {
namespace {

// Matches the whole of a text and writes down what the grammar complains about.
class Trial : public PegMatcher {
 public:
  Trial(const Peg& peg, const std::string& text) : PegMatcher(peg), source_("x.py", text) {
    Diagnostics diagnostics;
    lay_out(source_, laid_out_, diagnostics);
  }

  std::string found;

 protected:
  bool fetch(int32_t index) override { return index < static_cast<int32_t>(laid_out_.tokens.size()); }
  TokenKind kind(int32_t index) const override { return laid_out_.tokens[static_cast<size_t>(index)].kind; }
  std::string_view text(int32_t index) const override { return source_.text_of(laid_out_.tokens[static_cast<size_t>(index)].span); }
  bool complain(const PegComplaint& complaint, const PegRange (&captures)[2], int32_t) override {
    found += complaint.kind + "(" + std::to_string(captures[0].begin) + "-" + std::to_string(captures[0].end) + ")" + complaint.message;
    return complaint.kind != "perhaps";
  }
  void complain_missing(TokenKind token, int32_t at) override { found += std::string(token_spelling(token)) + "@" + std::to_string(at); }
  bool accept(const PegRule&, PegRange) override { return true; }

 private:
  Source source_;
  LaidOutTokens laid_out_;
};

// The end of the match, or what was complained about.
std::string match(const char* grammar, const std::string& text, bool with_complaints = false) {
  Peg peg = read_peg(grammar);
  Trial trial(peg, text);
  int32_t end = trial.run(0, with_complaints);
  return trial.found.empty() ? std::to_string(end) : trial.found;
}

TEST(Peg, TriesAlternativesInOrder) {
  EXPECT_EQ(match("start: NAME | NAME NUMBER", "a 1"), "1");
  EXPECT_EQ(match("start: NAME STRING | NAME NUMBER", "a 1"), "2");
  EXPECT_EQ(match("start: NUMBER | STRING", "a"), "-1");
}

TEST(Peg, Repeats) {
  EXPECT_EQ(match("start: NAME* NUMBER", "a b c 1"), "4");
  EXPECT_EQ(match("start: NAME+ NUMBER", "1"), "-1");
  EXPECT_EQ(match("start: NAME? NUMBER", "1"), "1");
  EXPECT_EQ(match("start: ','.NAME+ ','?", "a, b, c,"), "6");
}

TEST(Peg, LooksAhead) {
  EXPECT_EQ(match("start: !NUMBER NAME &NUMBER", "a 1"), "1");
  EXPECT_EQ(match("start: !NAME NAME", "a"), "-1");
  EXPECT_EQ(match("start: \"soft\" NAME", "soft x"), "2");
  EXPECT_EQ(match("start: \"match...\" NAME", "ma x"), "2");
}

TEST(Peg, CutForbidsWhatFollows) { EXPECT_EQ(match("start: NAME ~ NUMBER | NAME STRING", "a 's'"), "-1"); }

TEST(Peg, ComplainsWhenAsked) {
  const char* grammar = "start: wrong | NAME NUMBER\nwrong: a=NAME NUMBER {at a: text} | NAME";
  EXPECT_EQ(match(grammar, "a 1"), "at a(0-1)text");
  const char* guarded = "start: wrong_start | NAME NUMBER\nwrong_start: a=NAME NUMBER {at a: text}";
  EXPECT_EQ(match(guarded, "a 1"), "2");
  EXPECT_EQ(match(guarded, "a 1", true), "at a(0-1)text");
}

TEST(Peg, ComplaintThatComesToNothingEndsItsRule) {
  EXPECT_EQ(match("start: rule | NAME NUMBER STRING\nrule: NAME {perhaps} | NAME NUMBER", "a 1"), "perhaps(0-0)");
}

TEST(Peg, MissesWhatMustCome) { EXPECT_EQ(match("start: NAME &&':' NUMBER", "a 1"), ":@1"); }

TEST(Peg, RemembersMatches) {
  EXPECT_EQ(match("start: item STRING | item NUMBER\nitem memo: '(' item ')' | NAME", "((((((((((((((((((((a)))))))))))))))))))) 1"), "42");
}

}  // namespace
}  // namespace mini
