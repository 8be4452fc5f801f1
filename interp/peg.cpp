// SPDX-License-Identifier: MIT
#include "interp/peg.h"

#include <algorithm>
#include <map>

#include "runtime/assert.h"

namespace mini {

namespace {

constexpr int32_t kFailed = -1;
constexpr int32_t kGiveUp = -2;   // and no other alternative of the rule may be tried
constexpr int32_t kUnknown = -3;  // nothing is remembered
// A program so deeply nested that it needs more of the native stack, or one that needs more steps, gets the plain message.
constexpr ptrdiff_t kMaxStack = 1536 * 1024;
constexpr int64_t kMaxSteps = 40'000'000;

bool is_word(std::string_view name, std::string_view word) {
  return word.ends_with("...") ? word.substr(0, word.size() - 3).starts_with(name) : name == word;
}

const char* native_stack_top() { return static_cast<const char*>(__builtin_frame_address(0)); }

void require([[maybe_unused]] bool is_met, [[maybe_unused]] const char* sentence) { MINI_ASSERT(is_met, sentence); }

bool is_space(char c) { return c == ' ' || c == '\n'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class PegReader {
 public:
  PegReader(std::string_view text, Peg& peg) : text_(text), peg_(peg) { find_tokens(); }

  void run() {
    for (skip_blanks(); !is_at_end(); skip_blanks()) read_rule();
    for (const PegRule& rule : peg_.rules) require(rule.body != 0, "every rule of the grammar is defined");
  }

 private:
  bool is_at_end() const { return at_ >= text_.size(); }
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void find_tokens() {
#define TOKEN(name, spelling)                              \
  kinds_.emplace(#name, TokenKind::name);                  \
  if (TokenKind::name != TokenKind::WITH_LPAREN) spellings_.emplace(spelling, TokenKind::name);
#include "interp/tokens.def"
#undef TOKEN
    peg_.nodes.push_back({PegKind::Cut});   // number 0 means none
  }

  void skip_blanks() {
    while (!is_at_end() && is_space(peek())) ++at_;
  }

  bool take(std::string_view what) {
    skip_blanks();
    bool is_there = text_.substr(at_).starts_with(what);
    if (is_there) at_ += what.size();
    return is_there;
  }

  std::string_view word() {
    size_t start = at_;
    while (is_letter(peek())) ++at_;
    return text_.substr(start, at_ - start);
  }

  std::string_view up_to(char end) {
    size_t start = at_;
    at_ = text_.find(end, at_);
    require(at_ != std::string_view::npos, "what is opened in the grammar is closed");
    return text_.substr(start, at_++ - start);
  }

  uint16_t rule(std::string_view name) {
    auto [place, is_new] = rules_.try_emplace(std::string(name), static_cast<uint16_t>(peg_.rules.size()));
    if (is_new) peg_.rules.push_back({std::string(name), 0, -1, name.starts_with("wrong_"), false});
    return place->second;
  }

  uint16_t add(PegNode node) {
    peg_.nodes.push_back(std::move(node));
    return static_cast<uint16_t>(peg_.nodes.size() - 1);
  }

  void read_rule() {
    uint16_t index = rule(word());
    if (take("memo")) peg_.rules[index].memo = static_cast<int16_t>(peg_.memo_count++);
    if (take("plain")) peg_.rules[index].is_plain = true;
    require(take(":"), "a rule's name is followed by a colon");
    uint16_t body = read_choice();
    peg_.rules[index].body = body;
  }

  uint16_t read_choice() {
    PegNode node = {PegKind::Choice};
    take("|");
    do node.children.push_back(read_sequence());
    while (take("|"));
    return add(std::move(node));
  }

  // A word and a colon begin the next rule.
  bool is_rule_start() {
    size_t start = at_;
    skip_blanks();
    word();
    skip_blanks();
    if (take("memo") || take("plain")) skip_blanks();
    bool is_start = at_ > start && peek() == ':';
    at_ = start;
    return is_start;
  }

  bool is_sequence_end() {
    skip_blanks();
    return is_at_end() || peek() == '|' || peek() == ')' || (is_letter(peek()) && is_rule_start());
  }

  uint16_t read_sequence() {
    PegNode node = {PegKind::Sequence};
    while (!is_sequence_end()) node.children.push_back(peek() == '{' ? read_complaint() : read_item());
    return add(std::move(node));
  }

  uint16_t read_complaint() {
    ++at_;
    std::string_view text = up_to('}');
    size_t colon = text.find(": ");
    PegComplaint complaint = {std::string(text.substr(0, colon)), colon == text.npos ? "" : std::string(text.substr(colon + 2))};
    peg_.complaints.push_back(std::move(complaint));
    return add({PegKind::Complain, -1, static_cast<uint16_t>(peg_.complaints.size() - 1), {}});
  }

  uint16_t read_item() {
    int8_t capture = -1;
    if ((peek() == 'a' || peek() == 'b') && peek(1) == '=') {
      capture = static_cast<int8_t>(peek() - 'a');
      at_ += 2;
    }
    uint16_t index = read_repeated();
    if (capture < 0) return index;
    return add({PegKind::Sequence, capture, 0, {index}});
  }

  uint16_t read_repeated() {
    if (take("~")) return add({PegKind::Cut});
    if (take("&&")) return add({PegKind::Must, -1, 0, {read_primary()}});
    if (take("&")) return add({PegKind::And, -1, 0, {read_primary()}});
    if (take("!")) return add({PegKind::Not, -1, 0, {read_primary()}});
    uint16_t item = read_primary();
    if (peek() == '?') return ++at_, add({PegKind::Optional, -1, 0, {item}});
    if (peek() == '*') return ++at_, add({PegKind::Star, -1, 0, {item}});
    if (peek() == '+') return ++at_, add({PegKind::Plus, -1, 0, {item}});
    if (peek() != '.') return item;
    ++at_;
    uint16_t repeated = read_primary();
    require(peek() == '+', "a separator is followed by an item and a plus");
    ++at_;
    return add({PegKind::List, -1, 0, {item, repeated}});
  }

  uint16_t read_primary() {
    skip_blanks();
    if (take("(")) {
      uint16_t inner = read_choice();
      require(take(")"), "a group of the grammar is closed");
      return inner;
    }
    if (peek() == '\'') {
      ++at_;
      return add({PegKind::Token, -1, static_cast<uint16_t>(spellings_.at(std::string(up_to('\'')))), {}});
    }
    if (peek() == '"') {
      ++at_;
      peg_.words.emplace_back(up_to('"'));
      return add({PegKind::Word, -1, static_cast<uint16_t>(peg_.words.size() - 1), {}});
    }
    std::string_view name = word();
    auto token = kinds_.find(name);
    if (token != kinds_.end()) return add({PegKind::Token, -1, static_cast<uint16_t>(token->second), {}});
    return add({PegKind::Rule, -1, rule(name), {}});
  }

  std::string_view text_;
  Peg& peg_;
  size_t at_ = 0;
  std::map<std::string, TokenKind, std::less<>> kinds_, spellings_;
  std::map<std::string, uint16_t, std::less<>> rules_;
};

}  // namespace

Peg read_peg(std::string_view text) {
  Peg peg;
  PegReader(text, peg).run();
  return peg;
}

uint16_t Peg::rule_named(std::string_view name) const {
  auto place = std::find_if(rules.begin(), rules.end(), [&](const PegRule& rule) { return rule.name == name; });
  require(place != rules.end(), "the rule exists");
  return static_cast<uint16_t>(place - rules.begin());
}

int32_t PegMatcher::run(uint16_t rule, bool with_complaints) {
  has_complaints_ = with_complaints;
  stack_base_ = native_stack_top();
  for (auto& place : memo_) place.clear();
  return match_rule(peg_.rules[rule], 0);
}

int32_t PegMatcher::stop() {
  is_stopped_ = true;
  return kFailed;
}

bool PegMatcher::look(int32_t at) {
  if (at < fetched_) return true;
  fetched_ = at + 1;
  memo_.resize(static_cast<size_t>(fetched_));
  if (!fetch(at)) is_stopped_ = true;
  return !is_stopped_;
}

int32_t PegMatcher::match(const PegNode& node, int32_t at) {
  if (is_stopped_) return kFailed;
  const auto child = [&](size_t index) -> const PegNode& { return peg_.nodes[node.children[index]]; };
  switch (node.kind) {
    case PegKind::Token: return look(at) && kind(at) == static_cast<TokenKind>(node.value) ? at + 1 : kFailed;
    case PegKind::Word: return look(at) && kind(at) == TokenKind::NAME && is_word(text(at), peg_.words[node.value]) ? at + 1 : kFailed;
    case PegKind::Rule: return match_rule(peg_.rules[node.value], at);
    case PegKind::Sequence: return match_sequence(node, at);
    case PegKind::Choice: return match_choice(node, at);
    case PegKind::Star:
    case PegKind::Plus: return match_repeated(node, at);
    case PegKind::List: return match_list(node, at);
    case PegKind::Cut:
    case PegKind::Complain: return at;  // the sequence around them sees to these
    case PegKind::Optional: {
      int32_t end = match(child(0), at);
      return is_stopped_ ? kFailed : end < 0 ? at : end;
    }
    case PegKind::And: return match(child(0), at) >= 0 && !is_stopped_ ? at : kFailed;
    case PegKind::Not: return match(child(0), at) < 0 && !is_stopped_ ? at : kFailed;
    case PegKind::Must: {
      int32_t end = match(child(0), at);
      if (end >= 0 || is_stopped_) return end;
      complain_missing(static_cast<TokenKind>(child(0).value), at);
      return stop();
    }
  }
  return kFailed;
}

int32_t PegMatcher::match_rule(const PegRule& rule, int32_t at) {
  if (is_stopped_ || (rule.is_wrong && !has_complaints_)) return kFailed;
  if (stack_base_ - native_stack_top() > kMaxStack || ++steps_ > kMaxSteps) return stop();
  if (rule.memo >= 0) {
    if (!look(at)) return kFailed;
    auto& place = memo_[static_cast<size_t>(at)];
    if (place.empty()) place.assign(peg_.memo_count, kUnknown);
    if (place[static_cast<size_t>(rule.memo)] != kUnknown) return place[static_cast<size_t>(rule.memo)];
  }
  bool had_complaints = has_complaints_;
  has_complaints_ = had_complaints && !rule.is_plain;
  int32_t end = std::max(match(peg_.nodes[rule.body], at), kFailed);
  has_complaints_ = had_complaints;
  if (end >= 0 && !accept(rule, {at, end})) return stop();
  if (rule.memo >= 0) memo_[static_cast<size_t>(at)][static_cast<size_t>(rule.memo)] = end;
  return end;
}

int32_t PegMatcher::match_sequence(const PegNode& node, int32_t at) {
  PegRange captures[2];
  bool is_cut = false;
  for (uint16_t index : node.children) {
    const PegNode& child = peg_.nodes[index];
    if (child.kind == PegKind::Complain) {
      return complain(peg_.complaints[child.value], captures, at) ? stop() : kGiveUp;
    }
    int32_t end = match(child, at);
    if (end < 0) return is_cut ? kGiveUp : kFailed;
    if (child.capture >= 0) captures[child.capture] = {at, end};
    is_cut = is_cut || child.kind == PegKind::Cut;
    at = end;
  }
  return at;
}

int32_t PegMatcher::match_choice(const PegNode& node, int32_t at) {
  for (uint16_t index : node.children) {
    int32_t end = match(peg_.nodes[index], at);
    if (end >= 0) return end;
    if (end == kGiveUp || is_stopped_) return kFailed;
  }
  return kFailed;
}

int32_t PegMatcher::match_repeated(const PegNode& node, int32_t at) {
  const PegNode& item = peg_.nodes[node.children[0]];
  int32_t end = at;
  for (int32_t next; (next = match(item, end)) > end;) end = next;
  if (is_stopped_) return kFailed;
  return end == at && node.kind == PegKind::Plus ? kFailed : end;
}

int32_t PegMatcher::match_list(const PegNode& node, int32_t at) {
  const PegNode& separator = peg_.nodes[node.children[0]];
  const PegNode& item = peg_.nodes[node.children[1]];
  int32_t end = match(item, at);
  while (end >= 0) {
    int32_t next = match(separator, end);
    if (next >= 0) next = match(item, next);
    if (next < 0) break;
    end = next;
  }
  return is_stopped_ ? kFailed : end;
}

}  // namespace mini
