// SPDX-License-Identifier: MIT
// Candidates are what dir() says of the object, or the names that the raising function could have meant; the nearest one by edit
// distance wins when no more than a third of the characters differ. A letter in the other case counts half. Costs and limits are
// CPython's, so that both suggest the same.
#include "runtime/suggestions.h"

#include <algorithm>
#include <vector>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

namespace {

constexpr size_t kMaxCandidates = 750;
constexpr size_t kMaxLength = 40;
constexpr size_t kMoveCost = 2, kCaseCost = 1;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

size_t substitution_cost(char a, char b) { return a == b ? 0 : lower(a) == lower(b) ? kCaseCost : kMoveCost; }

// The cost of changing `a` into `b`; anything above `limit` when it is more than that.
size_t distance(std::string_view a, std::string_view b, size_t limit) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) a.remove_prefix(1), b.remove_prefix(1);
  while (!a.empty() && !b.empty() && a.back() == b.back()) a.remove_suffix(1), b.remove_suffix(1);
  if (a.empty() || b.empty()) return (a.size() + b.size()) * kMoveCost;
  if (a.size() > kMaxLength || b.size() > kMaxLength) return limit + 1;
  if (b.size() < a.size()) std::swap(a, b);
  if ((b.size() - a.size()) * kMoveCost > limit) return limit + 1;
  size_t row[kMaxLength];
  for (size_t i = 0; i < a.size(); ++i) row[i] = (i + 1) * kMoveCost;
  size_t result = 0;
  for (size_t j = 0; j < b.size(); ++j) {
    size_t above_left = j * kMoveCost, minimum = SIZE_MAX;
    result = above_left;
    for (size_t i = 0; i < a.size(); ++i) {
      size_t substituted = above_left + substitution_cost(b[j], a[i]);
      above_left = row[i];
      result = std::min(std::min(result, above_left) + kMoveCost, substituted);
      row[i] = result;
      minimum = std::min(minimum, result);
    }
    if (minimum > limit) return limit + 1;
  }
  return result;
}

std::string nearest(const std::string& name, const std::vector<std::string>& candidates) {
  if (candidates.size() >= kMaxCandidates) return "";
  std::string best;
  size_t best_distance = SIZE_MAX;
  for (const std::string& candidate : candidates) {
    if (candidate == name) continue;
    size_t limit = std::min((name.size() + candidate.size() + 3) * kMoveCost / 6, best_distance - 1);
    size_t cost = distance(name, candidate, limit);
    if (cost > limit) continue;
    best = candidate;
    best_distance = cost;
  }
  return best;
}

void add_name(std::vector<std::string>& list, Value v) {
  if (is_kind(v, Kind::Str)) list.push_back(to_utf8(as<Str>(v)));
}

std::vector<std::string> keys_of(Dict* dict) {
  std::vector<std::string> list;
  for (DictCursor cursor(dict); cursor.next();) add_name(list, cursor.entry->key);
  return list;
}

std::vector<std::string> attributes_of(Thread& t, Value object) {
  std::vector<std::string> list;
  Value dir = dict_get(t.interpreter->builtins, intern(t, "dir"));
  Value found = dir.is_empty() ? Value::none() : call(t, dir, {object});
  if (found.is_raised()) (void)take_exception(t);
  if (!is_kind(found, Kind::List)) return list;
  for (uint64_t i = 0; i < as<List>(found)->length; ++i) add_name(list, as<List>(found)->items[i]);
  return list;
}

std::string nearest_variable(Thread& t, const std::string& name, const Traceback* tb) {
  if (!tb) return "";
  while (tb->next) tb = tb->next;
  std::vector<std::string> locals;
  for (auto names : {&tb->code->variable_names, &tb->code->cell_names, &tb->code->free_names})
    for (Str* local : *names) locals.push_back(to_utf8(local));
  std::string found = nearest(name, locals);
  if (found.empty()) found = nearest(name, keys_of(tb->globals));
  if (found.empty()) found = nearest(name, keys_of(t.interpreter->builtins));
  return found;
}

}  // namespace

std::string suggestion_for(Thread& t, Value exception) {
  Type* type = type_of(t, exception);
  bool is_attribute = type == error_type(t, ErrorType::AttributeError);
  if (!is_attribute && type != error_type(t, ErrorType::NameError)) return "";
  Value name = get_own_attribute(exception.object, names(t).name_plain);
  if (!is_kind(name, Kind::Str)) return "";
  std::string wanted = to_utf8(as<Str>(name));
  if (!is_attribute) return nearest_variable(t, wanted, as<Exception>(exception)->traceback);
  Value object = get_own_attribute(exception.object, intern(t, "obj"));
  return object.is_empty() ? "" : nearest(wanted, attributes_of(t, object));
}

}  // namespace mini
