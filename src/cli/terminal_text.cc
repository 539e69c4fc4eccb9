#include "cli/terminal_text.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <utf8proc.h>

namespace pallas::cli {
namespace {

constexpr std::string_view kEllipsis = "…";

struct Character {
  int32_t code_point = -1;  // -1: a byte that is not UTF-8
  size_t bytes = 0;
  size_t cells = 0;
};

// The first character of `text`, which is not empty.
Character FirstOf(std::string_view text) {
  utf8proc_int32_t code_point = 0;
  const utf8proc_ssize_t bytes =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (bytes <= 0) {
    return {-1, 1, 1};
  }
  return {code_point, static_cast<size_t>(bytes),
          static_cast<size_t>(std::max(utf8proc_charwidth(code_point), 0))};
}

bool SteersTerminal(int32_t code_point) {
  const bool is_control = code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
  const bool is_separator = code_point == 0x2028 || code_point == 0x2029;
  const bool turns_direction = (code_point >= 0x202a && code_point <= 0x202e) ||
                               (code_point >= 0x2066 && code_point <= 0x2069);
  return is_control || is_separator || turns_direction;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = FirstOf(text);
    width += character.cells;
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = FirstOf(text);
    if (character.code_point == '\n') {
      out.append("\\n");
    } else if (character.code_point == '\r') {
      out.append("\\r");
    } else if (character.code_point == '\t') {
      out.append("\\t");
    } else if (character.code_point < 0) {
      absl::StrAppendFormat(&out, "\\x%02x", static_cast<unsigned char>(text[0]));
    } else if (SteersTerminal(character.code_point)) {
      absl::StrAppendFormat(&out, character.code_point < 0x80 ? "\\x%02x" : "\\u%04x",
                            character.code_point);
    } else {
      out.append(text.substr(0, character.bytes));
    }
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string_view PrefixOfWidth(std::string_view text, size_t width) {
  size_t bytes = 0;
  for (size_t cells = 0; bytes < text.size();) {
    const Character character = FirstOf(text.substr(bytes));
    cells += character.cells;
    if (cells > width) {
      break;
    }
    bytes += character.bytes;
  }
  return text.substr(0, bytes);
}

std::string CutToWidth(std::string_view text, size_t width) {
  const std::string_view whole = PrefixOfWidth(text, width);
  if (whole.size() == text.size()) {
    return std::string(text);
  }
  return absl::StrCat(PrefixOfWidth(text, width - 1), kEllipsis);
}

}  // namespace pallas::cli
