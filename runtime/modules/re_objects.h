// SPDX-License-Identifier: MIT
// The objects of the module re: Pattern and Match, and what their files share.
#pragma once

#include "runtime/modules/re_engine.h"
#include "runtime/object.h"

namespace mini {

struct Dict;

struct RePattern : Object {
  Value pattern;            // str or bytes, as given
  Dict* group_index;        // name -> number
  ReEngine* engine;
  bool is_text;
};

struct ReMatch : Object {
  Value string;             // as given
  Value characters;         // the str or bytes that the spans are positions of
  RePattern* pattern;
  int64_t begin, end;       // pos and endpos
  size_t* spans;            // behind the object: begin and end of each group, SIZE_MAX where it took no part
};

extern const Layout re_pattern_layout, re_match_layout, re_scanner_layout, re_iterator_layout;

// A compiled pattern, or Raised.
Value make_pattern(Thread& t, Value pattern, uint32_t flags);

Value make_match(Thread& t, RePattern* pattern, Value string, Value characters, int64_t begin, int64_t end, const size_t* spans);
// A part of the characters; `fallback` for a span that took no part.
Value slice_of(Thread& t, Value characters, const size_t* span, Value fallback);
// The result of expanding a template: a str or bytes without groups, or a tuple of such and group numbers.
Value expand_template(Thread& t, Value parts, Value characters, bool is_text, const size_t* spans);
// re._template(pattern, text).
Value compile_template(Thread& t, RePattern* pattern, Value text);

}  // namespace mini
