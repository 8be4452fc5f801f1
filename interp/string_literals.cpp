// SPDX-License-Identifier: MIT
#include "interp/string_literals.h"

#include "runtime/objects/unicode_names.h"

namespace mini {

namespace {

int digit_value(char c, int base) {
  int value = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : base;
  return value < base ? value : -1;
}

// Surrogates included: what results is generalised UTF-8.
void append_character(std::string& out, uint32_t code_point) {
  auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

// Reads the text between the quotes and writes what it means.
class EscapeDecoder {
 public:
  EscapeDecoder(std::string_view body, bool is_bytes, Span token, std::string& out, Diagnostics& diagnostics)
      : body_(body), is_bytes_(is_bytes), token_(token), out_(out), diagnostics_(diagnostics) {}

  bool run(bool is_raw);

 private:
  bool is_at_end() const { return at_ >= body_.size(); }
  bool escape();
  bool simple_escape(char c);
  void octal_escape();
  bool hexadecimal_escape(size_t digits, const char* shape);
  bool named_escape();
  void line_end();
  bool fail_unicode(const char* reason);

  std::string_view body_;
  bool is_bytes_;
  Span token_;
  std::string& out_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  size_t escape_start_ = 0;
};

bool EscapeDecoder::run(bool is_raw) {
  while (!is_at_end()) {
    char c = body_[at_];
    if (c == '\\' && !is_raw) {
      if (!escape()) return false;
    } else if (c == '\r') {
      line_end();
      out_ += '\n';
    } else {
      out_ += c;
      ++at_;
    }
  }
  return true;
}

// Steps over one line end, whichever of the three it is.
void EscapeDecoder::line_end() { at_ += body_.substr(at_).starts_with("\r\n") ? 2 : 1; }

bool EscapeDecoder::escape() {
  escape_start_ = at_++;
  if (is_at_end()) {
    out_ += '\\';
    return true;
  }
  char c = body_[at_];
  if (c == '\n' || c == '\r') {
    line_end();
    return true;
  }
  if (digit_value(c, 8) >= 0) {
    octal_escape();
    return true;
  }
  ++at_;
  if (simple_escape(c)) return true;
  if (c == 'x') return hexadecimal_escape(2, "truncated \\xXX escape");
  if (c == 'u' && !is_bytes_) return hexadecimal_escape(4, "truncated \\uXXXX escape");
  if (c == 'U' && !is_bytes_) return hexadecimal_escape(8, "truncated \\UXXXXXXXX escape");
  if (c == 'N' && !is_bytes_) return named_escape();
  out_ += '\\';  // not an escape: both characters stay
  --at_;
  return true;
}

bool EscapeDecoder::simple_escape(char c) {
  constexpr std::string_view kLetters = "\\'\"abfnrtv";
  constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
  size_t index = kLetters.find(c);
  if (index == std::string_view::npos) return false;
  out_ += kMeanings[index];
  return true;
}

void EscapeDecoder::octal_escape() {
  uint32_t value = 0;
  for (int i = 0; i < 3 && !is_at_end() && digit_value(body_[at_], 8) >= 0; ++i) value = value * 8 + static_cast<uint32_t>(digit_value(body_[at_++], 8));
  if (is_bytes_) {
    out_ += static_cast<char>(value);
  } else {
    append_character(out_, value);
  }
}

bool EscapeDecoder::hexadecimal_escape(size_t digits, const char* shape) {
  uint32_t value = 0;
  for (size_t i = 0; i < digits; ++i) {
    int digit = is_at_end() ? -1 : digit_value(body_[at_], 16);
    if (digit < 0 && is_bytes_) return diagnostics_.syntax_error(token_, "(value error) invalid \\x escape at position " + std::to_string(escape_start_));
    if (digit < 0) return fail_unicode(shape);
    value = value * 16 + static_cast<uint32_t>(digit);
    ++at_;
  }
  if (value > 0x10FFFF) return fail_unicode("illegal Unicode character");
  if (is_bytes_) {
    out_ += static_cast<char>(value);
  } else {
    append_character(out_, value);
  }
  return true;
}

bool EscapeDecoder::named_escape() {
  bool has_brace = !is_at_end() && body_[at_] == '{';
  if (!has_brace) return fail_unicode("malformed \\N character escape");
  size_t start = ++at_;
  while (!is_at_end() && body_[at_] != '}') ++at_;
  if (is_at_end() || at_ == start) return fail_unicode("malformed \\N character escape");
  int32_t code_point = unicode_find_name(body_.substr(start, at_ - start));
  ++at_;
  if (code_point < 0) return fail_unicode("unknown Unicode character name");
  append_character(out_, static_cast<uint32_t>(code_point));
  return true;
}

// CPython counts positions in a form where every character above ASCII takes the ten of `\U0001F600`.
bool EscapeDecoder::fail_unicode(const char* reason) {
  auto position = [&](size_t offset) {
    size_t count = 0;
    for (char c : body_.substr(0, offset)) {
      unsigned char byte = static_cast<unsigned char>(c);
      count += byte < 0x80 ? 1 : byte >= 0xC0 ? 10 : 0;
    }
    return count;
  };
  return diagnostics_.syntax_error(token_, "(unicode error) 'unicodeescape' codec can't decode bytes in position " +
                                               std::to_string(position(escape_start_)) + "-" + std::to_string(position(at_) - 1) + ": " + reason);
}

}  // namespace

StringLiteral split_string_literal(const Source& source, Span token) {
  StringLiteral literal;
  literal.token = token;
  std::string_view text = source.text_of(token);
  size_t start = 0;
  for (; text[start] != '\'' && text[start] != '"'; ++start) {
    switch (text[start] | 0x20) {
      case 'r': literal.is_raw = true; break;
      case 'b': literal.is_bytes = true; break;
      case 'f': literal.is_format = true; break;
      default: literal.has_u_prefix = true; break;
    }
  }
  size_t quotes = text.size() - start >= 6 && text[start + 1] == text[start] && text[start + 2] == text[start] ? 3 : 1;
  literal.body = {token.begin + static_cast<uint32_t>(start + quotes), token.end - static_cast<uint32_t>(quotes)};
  return literal;
}

bool decode_string(std::string_view body, bool is_raw, Span token, std::string& out, Diagnostics& diagnostics) {
  return EscapeDecoder(body, false, token, out, diagnostics).run(is_raw);
}

bool decode_bytes(std::string_view body, bool is_raw, Span token, std::string& out, Diagnostics& diagnostics) {
  for (char c : body) {
    if (static_cast<unsigned char>(c) >= 0x80) return diagnostics.syntax_error(token, "bytes can only contain ASCII literal characters");
  }
  return EscapeDecoder(body, true, token, out, diagnostics).run(is_raw);
}

}  // namespace mini
