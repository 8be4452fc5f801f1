// SPDX-License-Identifier: MIT
#include "runtime/objects/path.h"

#include "runtime/calls.h"
#include "runtime/errors.h"
#include "runtime/interpreter.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/codecs.h"
#include "runtime/objects/str.h"

namespace mini {

std::string fs_encode(const Str* s) {
  std::string text = to_utf8(s);
  if (s->is_ascii()) return text;
  // A lone surrogate U+DC80..U+DCFF is ED B2 80 .. ED B3 BF in this form.
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    auto lead = static_cast<uint8_t>(text[i]);
    if (lead == 0xED && i + 2 < text.size()) {
      uint32_t c = 0xD000 | (static_cast<uint8_t>(text[i + 1]) & 0x3Fu) << 6 | (static_cast<uint8_t>(text[i + 2]) & 0x3Fu);
      if (c >= 0xDC80 && c <= 0xDCFF) {
        out.push_back(static_cast<char>(c & 0xFF));
        i += 2;
        continue;
      }
    }
    out.push_back(text[i]);
  }
  return out;
}

Value fspath(Thread& t, Value v) {
  if (is_kind(v, Kind::Str) || is_kind(v, Kind::Bytes)) return v;
  Value path = TRY(call_special(t, v, names(t).fspath));
  if (path.is_empty()) {
    return raise(t, ErrorType::TypeError, "expected str, bytes or os.PathLike object, not {}", type_name(t, v));
  }
  if (is_kind(path, Kind::Str) || is_kind(path, Kind::Bytes)) return path;
  return raise(t, ErrorType::TypeError, "expected {}.__fspath__() to return str or bytes, not {}", type_name(t, v),
               type_name(t, path));
}

bool fs_path(Thread& t, Value v, std::string& out, bool* is_bytes, const char* what) {
  if (*what && !is_kind(v, Kind::Str) && !is_kind(v, Kind::Bytes)) {
    Value path = call_special(t, v, names(t).fspath);
    if (path.is_raised()) return false;
    if (path.is_empty()) {
      (void)raise_text(t, ErrorType::TypeError, fmt::format("{}, not {}", what, type_name(t, v)));
      return false;
    }
  }
  Value path = fspath(t, v);
  if (path.is_raised()) return false;
  if (is_bytes) *is_bytes = is_kind(path, Kind::Bytes);
  if (is_kind(path, Kind::Str)) {
    out.clear();
    if (!encode_into(t, as<Str>(path), "utf-8", "surrogateescape", out)) return false;
  } else {
    std::string_view view;
    bytes_view(path, view);
    out = view;
  }
  if (out.find('\0') == std::string::npos) return true;
  (void)raise_text(t, ErrorType::ValueError, "embedded null byte");
  return false;
}

Value fs_name(Thread& t, std::string_view bytes, bool as_bytes) {
  if (as_bytes) return Value::of_object(make_bytes(t, bytes));
  return str_value(make_str(t, bytes));
}

}  // namespace mini
