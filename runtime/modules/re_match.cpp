// SPDX-License-Identifier: MIT
// Match: where a pattern matched. Groups are cut out of the text when they are asked for.
#include <algorithm>

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/re_objects.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/int.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

#if MINI_WITH_PCRE2

Value slice_of(Thread& t, Value characters, const size_t* span, Value fallback) {
  if (span[0] == SIZE_MAX) return fallback;
  if (is_kind(characters, Kind::Str)) return str_value(substring(t, as<Str>(characters), span[0], span[1]));
  auto bytes = as<Bytes>(characters);
  return Value::of_object(make_bytes(t, bytes->data + span[0], span[1] - span[0]));
}

Value make_match(Thread& t, RePattern* pattern, Value string, Value characters, int64_t begin, int64_t end, const size_t* spans) {
  size_t count = 2 * pattern->engine->span_count();
  auto m = make_native<ReMatch>(t, re_match_layout, count * sizeof(size_t));
  m->string = string;
  m->characters = characters;
  m->pattern = pattern;
  m->begin = begin;
  m->end = end;
  m->spans = reinterpret_cast<size_t*>(m + 1);
  std::copy_n(spans, count, m->spans);
  return Value::of_object(m);
}

Value compile_template(Thread& t, RePattern* pattern, Value text) {
  Value function = TRY(get_attribute(t, TRY(import_module(t, "re")), "_template"));
  return call(t, function, {Value::of_object(pattern), text});
}

Value expand_template(Thread& t, Value parts, Value characters, bool is_text, const size_t* spans) {
  if (!is_kind(parts, Kind::Tuple)) return parts;
  auto all = as<Tuple>(parts);
  StrBuilder text;
  std::string bytes;
  for (uint64_t i = 0; i < all->length; ++i) {
    Value part = all->items[i];
    if (!part.is_int()) {
      if (is_text != is_kind(part, Kind::Str))
        return raise(t, ErrorType::TypeError, "sequence item {}: expected {}, {} found", i,
                     is_text ? "str instance" : "a bytes-like object", type_name(t, part));
      if (is_text) text.add(as<Str>(part));
      else bytes.append(reinterpret_cast<const char*>(as<Bytes>(part)->data), as<Bytes>(part)->length);
      continue;
    }
    const size_t* span = spans + 2 * part.integer;
    if (span[0] == SIZE_MAX) continue;
    if (is_text) text.add(as<Str>(characters), span[0], span[1]);
    else bytes.append(reinterpret_cast<const char*>(as<Bytes>(characters)->data) + span[0], span[1] - span[0]);
  }
  return is_text ? str_value(text.finish(t)) : Value::of_object(make_bytes(t, bytes));
}

namespace {

ReMatch* match_of(Value v) { return as<ReMatch>(v); }
size_t group_count(const ReMatch* m) { return m->pattern->engine->syntax().group_count; }
// The number of a group given by number or name. False after raising.
bool group_number(Thread& t, ReMatch* m, Value key, size_t& out) {
  int64_t n = -1;
  if (key.is_empty()) {
    n = 0;
  } else if (is_integer(key) || type_of(t, key)->ops.index) {
    Value number = to_integer(t, key);
    if (number.is_raised()) return false;
    if (!fits_int64(number, n)) n = -1;
  } else {
    Value number = dict_get_item(t, m->pattern->group_index, key);
    if (number.is_raised()) return false;
    if (number.is_int()) n = number.integer;
  }
  if (n >= 0 && static_cast<uint64_t>(n) <= group_count(m)) {
    out = static_cast<size_t>(n);
    return true;
  }
  (void)raise_text(t, ErrorType::IndexError, "no such group");
  return false;
}

Value group(Thread& t, ReMatch* m, Value key) {
  size_t n;
  if (!group_number(t, m, key, n)) return Value::raised();
  return slice_of(t, m->characters, m->spans + 2 * n, Value::none());
}

Value match_get_item(Thread& t, Value self, Value key) { return group(t, match_of(self), key); }

Value match_group(Thread& t, Value* args, size_t argc) {
  ReMatch* m = match_of(args[0]);
  if (argc <= 2) return group(t, m, argc == 2 ? args[1] : Value::empty());
  Tuple* groups = make_tuple(t, argc - 1);
  for (size_t i = 1; i < argc; ++i) store(groups, groups->items[i - 1], TRY(group(t, m, args[i])));
  return Value::of_object(groups);
}

Value match_groups(Thread& t, Value* args, size_t) {
  ReMatch* m = match_of(args[0]);
  Value fallback = args[1].is_empty() ? Value::none() : args[1];
  Tuple* groups = make_tuple(t, group_count(m));
  for (size_t i = 0; i < group_count(m); ++i) store(groups, groups->items[i], slice_of(t, m->characters, m->spans + 2 * (i + 1), fallback));
  return Value::of_object(groups);
}

Value match_groupdict(Thread& t, Value* args, size_t) {
  ReMatch* m = match_of(args[0]);
  Value fallback = args[1].is_empty() ? Value::none() : args[1];
  Dict* groups = make_dict(t);
  for (DictCursor c(m->pattern->group_index); c.next();) {
    Value part = slice_of(t, m->characters, m->spans + 2 * c.entry->value.integer, fallback);
    dict_set(t, groups, as<Str>(c.entry->key), part);
  }
  return Value::of_object(groups);
}

Value position(size_t n) { return Value::of_int(n == SIZE_MAX ? -1 : static_cast<int64_t>(n)); }
Value span(Thread& t, const size_t* span) { return Value::of_object(make_tuple(t, {position(span[0]), position(span[1])})); }

Value match_start(Thread& t, Value* args, size_t) {
  size_t n;
  return group_number(t, match_of(args[0]), args[1], n) ? position(match_of(args[0])->spans[2 * n]) : Value::raised();
}

Value match_end(Thread& t, Value* args, size_t) {
  size_t n;
  return group_number(t, match_of(args[0]), args[1], n) ? position(match_of(args[0])->spans[2 * n + 1]) : Value::raised();
}

Value match_span(Thread& t, Value* args, size_t) {
  size_t n;
  return group_number(t, match_of(args[0]), args[1], n) ? span(t, match_of(args[0])->spans + 2 * n) : Value::raised();
}

Value match_expand(Thread& t, Value* args, size_t) {
  ReMatch* m = match_of(args[0]);
  Value parts = TRY(compile_template(t, m->pattern, args[1]));
  Value text = TRY(expand_template(t, parts, m->characters, m->pattern->is_text, m->spans));
  if (!is_kind(m->string, Kind::ByteArray) || !is_kind(text, Kind::Bytes)) return text;
  return Value::of_object(make_bytearray(t, as<Bytes>(text)->data, as<Bytes>(text)->length));
}

Value match_self(Thread&, Value* args, size_t) { return args[0]; }

Value match_repr(Thread& t, Value self) {
  ReMatch* m = match_of(self);
  Str* text = to_repr(t, slice_of(t, m->characters, m->spans, Value::none()));
  if (!text) return Value::raised();
  StrBuilder out;
  out.add_utf8(fmt::format("<re.Match object; span=({}, {}), match=", m->spans[0], m->spans[1]));
  out.add(text);
  out.add('>');
  return str_value(out.finish(t));
}

// The group that closed last. PCRE2 does not tell, so it follows from the pattern: of the groups that took part the one whose
// parenthesis closes last, except that inside repetitions the one that ends last in the text goes first.
size_t last_group(const ReMatch* m) {
  const ReSyntax& syntax = m->pattern->engine->syntax();
  size_t best = 0;
  for (size_t i = syntax.closing_order.size(); i-- > 0;) {
    size_t n = syntax.closing_order[i];
    if (m->spans[2 * n] == SIZE_MAX) continue;
    if (!syntax.repeats_groups) return n;
    if (!best || m->spans[2 * n + 1] > m->spans[2 * best + 1]) best = n;
  }
  return best;
}

Value get_lastindex(Thread&, Value self) {
  size_t n = last_group(match_of(self));
  return n ? Value::of_int(static_cast<int64_t>(n)) : Value::none();
}

Value get_lastgroup(Thread&, Value self) {
  auto n = static_cast<int64_t>(last_group(match_of(self)));
  for (DictCursor c(match_of(self)->pattern->group_index); n && c.next();)
    if (c.entry->value.integer == n) return c.entry->key;
  return Value::none();
}

Value get_regs(Thread& t, Value self) {
  ReMatch* m = match_of(self);
  Tuple* all = make_tuple(t, group_count(m) + 1);
  for (size_t i = 0; i <= group_count(m); ++i) store(all, all->items[i], span(t, m->spans + 2 * i));
  return Value::of_object(all);
}

Value get_string(Thread&, Value self) { return match_of(self)->string; }
Value get_re(Thread&, Value self) { return Value::of_object(match_of(self)->pattern); }
Value get_pos(Thread&, Value self) { return Value::of_int(match_of(self)->begin); }
Value get_endpos(Thread&, Value self) { return Value::of_int(match_of(self)->end); }

void match_trace(Object* self, Marker& marker) {
  auto m = static_cast<ReMatch*>(self);
  marker.mark(m->string);
  marker.mark(m->characters);
  marker.mark(m->pattern);
}

const NativeRow kMatchMethods[] = {
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585.", Binding::Class},
    {"__copy__", match_self, "(self, /)", "The match itself: it cannot change."},
    {"__deepcopy__", match_self, "(self, memo, /)", "The match itself: it cannot change."},
    {"end", match_end, "(self, group=0, /)", "Where a group ends; -1 when it took no part."},
    {"expand", match_expand, "(self, /, template)", "The template with groups filled in, as sub() does."},
    {"group", match_group, "(self, /, *args)", "The text of one group, or a tuple of several."},
    {"groupdict", match_groupdict, "(self, /, default=None)", "Named groups as a dict."},
    {"groups", match_groups, "(self, /, default=None)", "All groups as a tuple."},
    {"span", match_span, "(self, group=0, /)", "Where a group begins and ends."},
    {"start", match_start, "(self, group=0, /)", "Where a group begins; -1 when it took no part."},
};

const AttributeRow kMatchAttributes[] = {
    {"endpos", get_endpos, nullptr, "Where the search had to end."},
    {"lastgroup", get_lastgroup, nullptr, "Name of the last group that matched."},
    {"lastindex", get_lastindex, nullptr, "Number of the last group that matched."},
    {"pos", get_pos, nullptr, "Where the search began."},
    {"re", get_re, nullptr, "The pattern."},
    {"regs", get_regs, nullptr, "Spans of all groups."},
    {"string", get_string, nullptr, "The text that was searched."},
};

}  // namespace

const Layout re_match_layout = {
    .name = "Match", .module = "re", .kind = Kind::Native, .size = sizeof(ReMatch), .flags = kNoInstantiation,
    .base = nullptr, .trace = match_trace, .finalize = nullptr, .ops = {.repr = match_repr, .get_item = match_get_item},
    .methods = kMatchMethods, .method_count = std::size(kMatchMethods),
    .attributes = kMatchAttributes, .attribute_count = std::size(kMatchAttributes),
    .help = "The result of re.match() and re.search().\nMatch objects always have a boolean value of True."};

#endif  // MINI_WITH_PCRE2

}  // namespace mini
