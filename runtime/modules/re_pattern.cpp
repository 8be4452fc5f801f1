// SPDX-License-Identifier: MIT
// Pattern: a compiled regular expression and everything that searches with it.
//
// All searches go through Search, which knows the text, how far it may look and where to go on: behind a match, and after an
// empty one only to a match that is not empty there.
#include <algorithm>
#include <vector>

#include "runtime/assert.h"
#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/heap.h"
#include "runtime/interpreter.h"
#include "runtime/modules/re_objects.h"
#include "runtime/objects/bytes_parts.h"
#include "runtime/objects/class_parts.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/function.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iteration.h"
#include "runtime/objects/sequence.h"
#include "runtime/objects/str_parts.h"
#include "runtime/objects/type.h"
#include "runtime/shape.h"

namespace mini {

#if MINI_WITH_PCRE2

namespace {

constexpr ptrdiff_t kEngineBytes = 8192;   // what a pattern roughly takes outside of the heap

RePattern* pattern_of(Value v) { return as<RePattern>(v); }

// --- Searching ---

struct Search {
  RePattern* pattern = nullptr;
  Value string = Value::none();       // as given
  ReSubject subject{ReSubjectKind::Ascii, nullptr, 0, Value::none(), {}};
  size_t begin = 0;                   // pos
  size_t next = 0;                    // where the next match may begin
  bool must_advance = false;          // it must not be empty there
  bool is_over = false;
  std::vector<size_t> spans;

  bool open(Thread& t, RePattern* p, Value text, Value from, Value to);
  // Goes to the next match. Raised after raising.
  ReOutcome find(Thread& t, ReMode mode);
  const size_t* span(size_t group = 0) const { return spans.data() + 2 * group; }
  Value slice(Thread& t, size_t from, size_t to) const {
    size_t range[2] = {from, to};
    return slice_of(t, subject.owner, range, Value::none());
  }
  Value match(Thread& t) const {
    return make_match(t, pattern, string, subject.owner, static_cast<int64_t>(begin), static_cast<int64_t>(subject.length), spans.data());
  }
};

bool read_position(Thread& t, Value v, size_t length, size_t fallback, size_t& out) {
  out = fallback;
  if (v.is_empty()) return true;
  int64_t n;
  if (!to_index_clamped(t, v, n)) return false;
  out = static_cast<size_t>(std::clamp<int64_t>(n, 0, static_cast<int64_t>(length)));
  return true;
}

// The characters of `text`: bytes that may change are copied.
bool read_subject(Thread& t, RePattern* p, Value text, ReSubject& out) {
  if (is_kind(text, Kind::Str)) {
    if (!p->is_text) return (void)raise_text(t, ErrorType::TypeError, "cannot use a bytes pattern on a string-like object"), false;
    auto s = as<Str>(text);
    out.kind = s->is_wide() ? ReSubjectKind::Wide : s->is_ascii() ? ReSubjectKind::Ascii : ReSubjectKind::Latin1;
    out.data = s->data;
    out.length = s->length;
    out.owner = text;
    return true;
  }
  std::string_view view;
  if (!bytes_view(text, view) && !is_memoryview(text))
    return (void)raise(t, ErrorType::TypeError, "expected string or bytes-like object, got '{}'", type_name(t, text)), false;
  if (!require_bytes(t, text, view)) return false;
  if (p->is_text) return (void)raise_text(t, ErrorType::TypeError, "cannot use a string pattern on a bytes-like object"), false;
  out.owner = is_bytes(text) ? text : Value::of_object(make_bytes(t, view));
  out.kind = ReSubjectKind::Bytes;
  out.data = as<Bytes>(out.owner)->data;
  out.length = as<Bytes>(out.owner)->length;
  return true;
}

bool Search::open(Thread& t, RePattern* p, Value text, Value from, Value to) {
  pattern = p;
  string = text;
  if (!read_subject(t, p, text, subject)) return false;
  size_t length = subject.length;
  if (!read_position(t, from, length, 0, begin) || !read_position(t, to, length, length, subject.length)) return false;
  next = begin;
  spans.resize(2 * p->engine->span_count());
  return true;
}

ReOutcome Search::find(Thread& t, ReMode mode) {
  if (is_over || next > subject.length) return ReOutcome::Failed;
  ReOutcome outcome = pattern->engine->match(t, subject, next, mode, must_advance, spans.data());
  if (outcome != ReOutcome::Matched) {
    is_over = outcome == ReOutcome::Failed;
    return outcome;
  }
  next = spans[1];
  must_advance = spans[0] == spans[1];
  return outcome;
}

Value find_once(Thread& t, Value* args, ReMode mode) {
  Search search;
  if (!search.open(t, pattern_of(args[0]), args[1], args[2], args[3])) return Value::raised();
  switch (search.find(t, mode)) {
    case ReOutcome::Matched: return search.match(t);
    case ReOutcome::Failed: return Value::none();
    case ReOutcome::Raised: return Value::raised();
  }
  MINI_UNREACHABLE();
}

Value pattern_match(Thread& t, Value* args, size_t) { return find_once(t, args, ReMode::Match); }
Value pattern_fullmatch(Thread& t, Value* args, size_t) { return find_once(t, args, ReMode::FullMatch); }
Value pattern_search(Thread& t, Value* args, size_t) { return find_once(t, args, ReMode::Search); }

// Calls for each match in turn; the callback returns Raised to stop with an error, Empty to stop, anything else to go on.
template <class Visit> Value for_each_match(Thread& t, Search& search, Visit visit) {
  for (uint32_t steps = 1;; ++steps) {
    ReOutcome outcome = search.find(t, ReMode::Search);
    if (outcome == ReOutcome::Raised) return Value::raised();
    if (outcome == ReOutcome::Failed) return Value::none();
    if (TRY(visit()).is_empty()) return Value::none();
    if ((steps & 1023) == 0) TRY(t.poll());
  }
}

Value empty_text(Thread& t, const RePattern* p) {
  return p->is_text ? str_value(t.interpreter->empty_str) : Value::of_object(make_bytes(t, ""));
}

Value pattern_findall(Thread& t, Value* args, size_t) {
  Search search;
  RePattern* p = pattern_of(args[0]);
  if (!search.open(t, p, args[1], args[2], args[3])) return Value::raised();
  List* found = make_list(t);
  size_t groups = p->engine->syntax().group_count;
  Value nothing = empty_text(t, p);
  TRY(for_each_match(t, search, [&]() -> Value {
    if (groups <= 1) {
      list_push(t, found, slice_of(t, search.subject.owner, search.span(groups), nothing));
      return Value::none();
    }
    Tuple* item = make_tuple(t, groups);
    for (size_t i = 0; i < groups; ++i) store(item, item->items[i], slice_of(t, search.subject.owner, search.span(i + 1), nothing));
    list_push(t, found, Value::of_object(item));
    return Value::none();
  }));
  return Value::of_object(found);
}

Value pattern_split(Thread& t, Value* args, size_t) {
  Search search;
  RePattern* p = pattern_of(args[0]);
  int64_t limit = 0, count = 0;
  if (!args[2].is_empty() && !to_index(t, args[2], limit)) return Value::raised();
  if (!search.open(t, p, args[1], Value::empty(), Value::empty())) return Value::raised();
  List* parts = make_list(t);
  size_t last = 0;
  auto visit = [&]() -> Value {
    list_push(t, parts, search.slice(t, last, search.spans[0]));
    for (size_t i = 1; i < p->engine->span_count(); ++i) list_push(t, parts, slice_of(t, search.subject.owner, search.span(i), Value::none()));
    last = search.spans[1];
    return ++count == limit ? Value::empty() : Value::none();
  };
  if (limit >= 0) TRY(for_each_match(t, search, visit));
  list_push(t, parts, search.slice(t, last, search.subject.length));
  return Value::of_object(parts);
}

// --- Substitution ---

// What replaces a match: fixed text, a template's parts, or a function.
struct Replacement {
  Value source;
  enum class Form : uint8_t { Text, Template, Function } form;
};

bool has_backslash(Value text) {
  std::string_view view;
  if (is_kind(text, Kind::Str)) {
    auto s = as<Str>(text);
    for (size_t i = 0; i < s->length; ++i)
      if (s->at(i) == '\\') return true;
    return false;
  }
  return !bytes_view(text, view) || view.find('\\') != std::string_view::npos;
}

bool read_replacement(Thread& t, RePattern* p, Value given, Replacement& out) {
  if (is_callable(t, given)) {
    out = {given, Replacement::Form::Function};
    return true;
  }
  out = {given, Replacement::Form::Text};
  if (!has_backslash(given)) return true;
  out.source = compile_template(t, p, given);
  if (out.source.is_raised()) return false;
  if (is_kind(out.source, Kind::Tuple)) out.form = Replacement::Form::Template;
  return true;
}

// Gathers the new text and counts pieces, which is what messages about a wrong one name.
class Output {
 public:
  Output(Thread& t, const Search& search) : t_(t), search_(search), is_text_(search.pattern->is_text) {}
  void copy(size_t from, size_t to) {
    if (from == to) return;
    ++pieces_;
    if (is_text_) text_.add(as<Str>(search_.subject.owner), from, to);
    else bytes_.append(static_cast<const char*>(search_.subject.data) + from, to - from);
  }
  Value add(Value piece) {
    std::string_view view;
    if (is_text_ && is_kind(piece, Kind::Str)) text_.add(as<Str>(piece));
    else if (!is_text_ && bytes_view(piece, view)) bytes_ += view;
    else return raise(t_, ErrorType::TypeError, "sequence item {}: expected {}, {} found", pieces_,
                      is_text_ ? "str instance" : "a bytes-like object", type_name(t_, piece));
    ++pieces_;
    return Value::none();
  }
  Value finish() { return is_text_ ? str_value(text_.finish(t_)) : Value::of_object(make_bytes(t_, bytes_)); }

 private:
  Thread& t_;
  const Search& search_;
  bool is_text_;
  StrBuilder text_;
  std::string bytes_;
  size_t pieces_ = 0;
};

Value replaced(Thread& t, const Search& search, const Replacement& replacement) {
  switch (replacement.form) {
    case Replacement::Form::Text: return replacement.source;
    case Replacement::Form::Template:
      return expand_template(t, replacement.source, search.subject.owner, search.pattern->is_text, search.spans.data());
    case Replacement::Form::Function: return call(t, replacement.source, {search.match(t)});
  }
  MINI_UNREACHABLE();
}

// (new text, number of replacements)
Value substitute(Thread& t, Value* args, Value& made, int64_t& count) {
  RePattern* p = pattern_of(args[0]);
  int64_t limit = 0;
  Replacement replacement;
  Search search;
  count = 0;
  if (!args[3].is_empty() && !to_index(t, args[3], limit)) return Value::raised();
  if (!read_replacement(t, p, args[1], replacement) || !search.open(t, p, args[2], Value::empty(), Value::empty())) return Value::raised();
  Output out(t, search);
  size_t last = 0;
  auto visit = [&]() -> Value {
    size_t begin = search.spans[0], end = search.spans[1];
    out.copy(last, begin);
    last = end;
    Value piece = TRY(replaced(t, search, replacement));
    if (!piece.is_none()) TRY(out.add(piece));
    return ++count == limit ? Value::empty() : Value::none();
  };
  if (limit >= 0) TRY(for_each_match(t, search, visit));
  if (count == 0 && is_exact(search.subject.owner, p->is_text ? Kind::Str : Kind::Bytes)) {
    made = search.subject.owner;
    return made;
  }
  out.copy(last, search.subject.length);
  made = out.finish();
  return made;
}

Value pattern_sub(Thread& t, Value* args, size_t) {
  Value made;
  int64_t count;
  return substitute(t, args, made, count);
}

Value pattern_subn(Thread& t, Value* args, size_t) {
  Value made;
  int64_t count;
  TRY(substitute(t, args, made, count));
  return Value::of_object(make_tuple(t, {made, Value::of_int(count)}));
}

// --- Scanners, and the iterator of finditer ---

struct ReScanner : Object {
  Search* search;
};

Value make_scanner(Thread& t, Value* args, const Layout& layout) {
  auto scanner = make_native<ReScanner>(t, layout);
  note_finalizer(scanner);
  scanner->search = new Search;
  return scanner->search->open(t, pattern_of(args[0]), args[1], args[2], args[3]) ? Value::of_object(scanner) : Value::raised();
}

void scanner_trace(Object* self, Marker& marker) {
  Search* search = static_cast<ReScanner*>(self)->search;
  if (search->pattern) marker.mark(search->pattern);
  marker.mark(search->string);
  marker.mark(search->subject.owner);
}

void scanner_finalize(Object* self, Heap&) { delete static_cast<ReScanner*>(self)->search; }

// Empty when there is no further match.
Value scan(Thread& t, Value self, ReMode mode) {
  Search* search = as<ReScanner>(self)->search;
  switch (search->find(t, mode)) {
    case ReOutcome::Matched: return search->match(t);
    case ReOutcome::Failed: return Value::empty();
    case ReOutcome::Raised: return Value::raised();
  }
  MINI_UNREACHABLE();
}

Value match_iterator_next(Thread& t, Value self) { return scan(t, self, ReMode::Search); }
Value none_at_end(Value v) { return v.is_empty() ? Value::none() : v; }
Value scanner_match(Thread& t, Value* args, size_t) { return none_at_end(scan(t, args[0], ReMode::Match)); }
Value scanner_search(Thread& t, Value* args, size_t) { return none_at_end(scan(t, args[0], ReMode::Search)); }
Value scanner_pattern(Thread&, Value self) { return Value::of_object(as<ReScanner>(self)->search->pattern); }
Value pattern_finditer(Thread& t, Value* args, size_t) { return make_scanner(t, args, re_iterator_layout); }
Value pattern_scanner(Thread& t, Value* args, size_t) { return make_scanner(t, args, re_scanner_layout); }

// --- The object ---

void pattern_trace(Object* self, Marker& marker) {
  auto p = static_cast<RePattern*>(self);
  marker.mark(p->pattern);
  marker.mark_pointer(p->group_index);
}

void pattern_finalize(Object* self, Heap& heap) {
  heap.account(-kEngineBytes);
  delete static_cast<RePattern*>(self)->engine;
}

uint32_t flags_of(Value self) { return pattern_of(self)->engine->syntax().flags; }

struct FlagName {
  const char* name;
  uint32_t flag;
};
constexpr FlagName kFlagNames[] = {
    {"re.TEMPLATE", kReTemplate}, {"re.IGNORECASE", kReIgnoreCase}, {"re.LOCALE", kReLocale}, {"re.MULTILINE", kReMultiline},
    {"re.DOTALL", kReDotAll}, {"re.UNICODE", kReUnicode}, {"re.VERBOSE", kReVerbose}, {"re.DEBUG", kReDebug}, {"re.ASCII", kReAscii},
};

Value pattern_repr(Thread& t, Value self) {
  RePattern* p = pattern_of(self);
  Str* text = to_repr(t, p->pattern);
  if (!text) return Value::raised();
  StrBuilder out;
  out.add_utf8("re.compile(");
  out.add(text, 0, std::min<uint64_t>(text->length, 200));
  uint32_t flags = flags_of(self);
  if (p->is_text && (flags & (kReLocale | kReUnicode | kReAscii)) == kReUnicode) flags &= ~kReUnicode;
  const char* separator = ", ";
  for (const FlagName& known : kFlagNames) {
    if (!(flags & known.flag)) continue;
    out.add_utf8(separator);
    out.add_utf8(known.name);
    flags &= ~known.flag;
    separator = "|";
  }
  if (flags) out.add_utf8(fmt::format("{}0x{:x}", separator, flags));
  out.add(')');
  return str_value(out.finish(t));
}

bool is_pattern(Value v) { return is_kind(v, Kind::Native) && type_of(v.object)->layout == &re_pattern_layout; }

Value pattern_compare(Thread& t, CompareOp op, Value a, Value b) {
  if ((op != CompareOp::Eq && op != CompareOp::Ne) || !is_pattern(a) || !is_pattern(b)) return t.interpreter->not_implemented;
  bool same = pattern_of(a)->is_text == pattern_of(b)->is_text && flags_of(a) == flags_of(b) &&
              TRY(equal_values(t, pattern_of(a)->pattern, pattern_of(b)->pattern)).is_true();
  return Value::of_bool(same == (op == CompareOp::Eq));
}

Value pattern_hash(Thread& t, Value self) {
  int64_t hash;
  if (!hash_value(t, pattern_of(self)->pattern, hash)) return Value::raised();
  hash ^= static_cast<int64_t>(flags_of(self)) << 8;
  return Value::of_int(hash == -1 ? -2 : hash);
}

Value pattern_self(Thread&, Value* args, size_t) { return args[0]; }
Value get_pattern(Thread&, Value self) { return pattern_of(self)->pattern; }
Value get_flags(Thread&, Value self) { return Value::of_int(flags_of(self)); }
Value get_groups(Thread&, Value self) { return Value::of_int(pattern_of(self)->engine->syntax().group_count); }
Value get_groupindex(Thread& t, Value self) { return make_mapping_proxy(t, Value::of_object(pattern_of(self)->group_index)); }

const NativeRow kPatternMethods[] = {
    {"__class_getitem__", class_get_item, "(cls, item, /)", "See PEP 585.", Binding::Class},
    {"__copy__", pattern_self, "(self, /)", "The pattern itself: it cannot change."},
    {"__deepcopy__", pattern_self, "(self, memo, /)", "The pattern itself: it cannot change."},
    {"findall", pattern_findall, "(self, /, string, pos=0, endpos=sys.maxsize)", "All matches that do not overlap, as a list."},
    {"finditer", pattern_finditer, "(self, /, string, pos=0, endpos=sys.maxsize)", "An iterator over matches that do not overlap."},
    {"fullmatch", pattern_fullmatch, "(self, /, string, pos=0, endpos=sys.maxsize)", "A match of the whole text, or None."},
    {"match", pattern_match, "(self, /, string, pos=0, endpos=sys.maxsize)", "A match at the beginning of the text, or None."},
    {"scanner", pattern_scanner, "(self, /, string, pos=0, endpos=sys.maxsize)", "Goes from match to match."},
    {"search", pattern_search, "(self, /, string, pos=0, endpos=sys.maxsize)", "The first match in the text, or None."},
    {"split", pattern_split, "(self, /, string, maxsplit=0)", "The parts of the text between matches."},
    {"sub", pattern_sub, "(self, /, repl, string, count=0)", "The text with matches replaced."},
    {"subn", pattern_subn, "(self, /, repl, string, count=0)", "The text with matches replaced, and how many there were."},
};

const AttributeRow kPatternAttributes[] = {
    {"flags", get_flags, nullptr, "The flags, those in the pattern included."},
    {"groupindex", get_groupindex, nullptr, "Numbers of named groups."},
    {"groups", get_groups, nullptr, "How many groups capture text."},
    {"pattern", get_pattern, nullptr, "The text of the pattern."},
};

const NativeRow kScannerMethods[] = {
    {"match", scanner_match, "(self, /)", "A match right behind the last one, or None."},
    {"search", scanner_search, "(self, /)", "The next match, or None."},
};

const AttributeRow kScannerAttributes[] = {{"pattern", scanner_pattern, nullptr, "The pattern."}};

}  // namespace

const Layout re_pattern_layout = {
    .name = "Pattern", .module = "re", .kind = Kind::Native, .size = sizeof(RePattern), .flags = kNoInstantiation,
    .base = nullptr, .trace = pattern_trace, .finalize = pattern_finalize,
    .ops = {.repr = pattern_repr, .hash = pattern_hash, .compare = pattern_compare},
    .methods = kPatternMethods, .method_count = std::size(kPatternMethods),
    .attributes = kPatternAttributes, .attribute_count = std::size(kPatternAttributes),
    .help = "Compiled regular expression object."};

const Layout re_scanner_layout = {
    .name = "SRE_Scanner", .module = "_sre", .kind = Kind::Native, .size = sizeof(ReScanner), .flags = kNoInstantiation,
    .base = nullptr, .trace = scanner_trace, .finalize = scanner_finalize, .ops = {},
    .methods = kScannerMethods, .method_count = std::size(kScannerMethods),
    .attributes = kScannerAttributes, .attribute_count = std::size(kScannerAttributes), .help = "Goes from match to match."};

const Layout re_iterator_layout = {
    .name = "callable_iterator", .module = "builtins", .kind = Kind::Native, .size = sizeof(ReScanner), .flags = kNoInstantiation,
    .base = nullptr, .trace = scanner_trace, .finalize = scanner_finalize,
    .ops = {.iterate = iterate_self, .next = match_iterator_next}, .methods = nullptr, .method_count = 0,
    .attributes = nullptr, .attribute_count = 0, .help = "Goes from match to match."};

Value make_pattern(Thread& t, Value pattern, uint32_t flags) {
  std::u32string text;
  std::string_view view;
  bool is_text = is_kind(pattern, Kind::Str);
  if (is_text) {
    for (size_t i = 0; i < as<Str>(pattern)->length; ++i) text.push_back(as<Str>(pattern)->at(i));
  } else if (bytes_view(pattern, view)) {
    for (char c : view) text.push_back(static_cast<unsigned char>(c));
  } else {
    return raise_text(t, ErrorType::TypeError, "first argument must be string or compiled pattern");
  }
  auto syntax = std::make_unique<ReSyntax>();
  if (!parse_pattern(t, pattern, text, is_text, flags, *syntax)) return Value::raised();
  Dict* names = make_dict(t);
  for (auto& [name, number] : syntax->names)
    dict_set(t, names, intern(t, make_str_wide(t, name.data(), name.size())), Value::of_int(number));
  auto p = make_native<RePattern>(t, re_pattern_layout);
  note_finalizer(p);
  p->pattern = pattern;
  p->group_index = names;
  p->is_text = is_text;
  p->engine = new ReEngine(std::move(syntax));
  t.heap->account(kEngineBytes);
  if (!p->engine->prepare(t, is_text ? ReSubjectKind::Ascii : ReSubjectKind::Bytes)) return Value::raised();
  return Value::of_object(p);
}

#endif  // MINI_WITH_PCRE2

}  // namespace mini
