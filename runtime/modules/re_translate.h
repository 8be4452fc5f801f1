// SPDX-License-Identifier: MIT
// From the tree of a pattern to the same pattern in PCRE2's syntax, for one kind of subject.
//
// A str is matched in place, in the form it has: Latin-1 text by PCRE2's 8-bit library (without UTF), wide text by its 32-bit
// library. So positions are code points everywhere and nothing is converted. A pattern is translated anew
// for each kind of subject it meets: characters that the subject cannot hold drop out, and categories become
// bitmaps where they can.
#pragma once

#include <string>

#include "runtime/modules/re_syntax.h"

namespace mini {

enum class ReSubjectKind : uint8_t { Ascii, Latin1, Wide, Bytes };
inline constexpr int kReSubjectKinds = 4;

struct ReTranslation {
  std::string text;              // ASCII only
  bool needs_properties = false; // compile with PCRE2_UCP
};

ReTranslation translate_pattern(const ReSyntax& syntax, ReSubjectKind kind);

}  // namespace mini
