// SPDX-License-Identifier: MIT
// Text to bytes and back: utf-8, ascii, latin-1, utf-16 and utf-32, with Python's error handlers strict, ignore,
// replace, backslashreplace, surrogateescape, surrogatepass and xmlcharrefreplace.
#pragma once

#include <string>
#include <string_view>

#include "runtime/objects/str.h"

namespace mini {

enum class Encoding : uint8_t { Unknown, Utf8, Utf8Bom, Ascii, Latin1, Utf16, Utf16Little, Utf16Big, Utf32, Utf32Little, Utf32Big };

// By any alias; case, '-', '_' and spaces do not matter.
Encoding find_encoding(std::string_view name);

// Both raise UnicodeDecodeError or UnicodeEncodeError, LookupError for unknown names.
Value decode_text(Thread& t, std::string_view data, std::string_view encoding = "utf-8", std::string_view errors = "strict");   // -> str
Value encode_text(Thread& t, Str* s, std::string_view encoding = "utf-8", std::string_view errors = "strict");                  // -> bytes
bool encode_into(Thread& t, Str* s, std::string_view encoding, std::string_view errors, std::string& out);
// Whether the text can be UTF-8 at all. False after raising UnicodeEncodeError.
bool check_encodable(Thread& t, Str* s);
// The name of an encoding or of an error handler, an argument of `function`: its text, or `fallback` for Empty. False after raising.
bool read_codec_name(Thread& t, Value v, const char* function, const char* argument, std::string_view fallback, std::string& scratch,
                     std::string_view& out);
// The same with arguments as scripts give them: a str, or Empty for the default. `function` is for messages.
Value decode_with(Thread& t, std::string_view data, Value encoding, Value errors, const char* function);
Value encode_with(Thread& t, Str* s, Value encoding, Value errors, const char* function);

}  // namespace mini
