// SPDX-License-Identifier: MIT
// The line of carets that a traceback shows under a source line: `~~^~~` marks an operator or a subscript in its expression, and nothing
// is shown when everything on the line would be marked alike. A leaf: plain text in and out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mini {

// Marks line[begin, end), in bytes; `indent` is where the line's text begins. Empty when nothing is to be shown. A range of which the
// line is only the first part has no operator to point at: `is_whole_range` false.
std::string caret_line(std::string_view line, size_t indent, size_t begin, size_t end, bool is_whole_range);

// Where the character in a 0-based column of a line begins, in bytes; the line's end for columns behind it.
size_t byte_of_column(std::string_view line, size_t column);

}  // namespace mini
