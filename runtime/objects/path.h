// SPDX-License-Identifier: MIT
// File names between scripts and the system: str in UTF-8 with undecodable bytes as lone surrogates U+DC80..U+DCFF.
#pragma once

#include <string>
#include <string_view>

#include "runtime/object.h"

namespace mini {

// The bytes of a str as a file name, environment variable or argument: lone surrogates become their bytes again.
std::string fs_encode(const Str* s);
// The bytes of a path argument: str, bytes or an object with __fspath__. False after raising; `what` is the start of the message
// ("" for the usual one), is_bytes tells whether results should be bytes too.
bool fs_path(Thread& t, Value v, std::string& out, bool* is_bytes = nullptr, const char* what = "");
// The name as str, or as bytes for callers that came with bytes.
Value fs_name(Thread& t, std::string_view bytes, bool as_bytes = false);
// os.fspath(v): a str or bytes; Raised otherwise.
Value fspath(Thread& t, Value v);

}  // namespace mini
