#include "sql/runtime/like.h"

#include <optional>

#include "base/error_detail.h"
#include "sql/runtime/text.h"

namespace pallas::sql {
namespace {

constexpr int32_t kMaxUtf16Unit = 0xFFFF;

std::string_view TakeCodePoint(std::string_view& text) {
  const std::string_view point = text.substr(0, CodePointSize(text.front()));
  text.remove_prefix(point.size());
  return point;
}

// Matches one element of the pattern, which is not %, against the front of the text; both move on.
bool MatchOne(std::string_view& text, std::string_view& pattern, std::string_view escape) {
  if (text.empty()) {
    return false;
  }
  std::string_view wanted = TakeCodePoint(pattern);
  if (wanted == escape) {
    wanted = TakeCodePoint(pattern);
  } else if (wanted == "_") {
    TakeCodePoint(text);
    return true;
  }
  return TakeCodePoint(text) == wanted;
}

bool StartsWithWildcard(std::string_view pattern, std::string_view escape) {
  return pattern.starts_with('%') && escape != "%";
}

}  // namespace

absl::Status CheckLikePattern(std::string_view pattern, std::string_view escape) {
  if (CountCodePoints(escape) != 1 || FirstCodePoint(escape) > kMaxUtf16Unit) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character");
  }
  while (!pattern.empty()) {
    if (TakeCodePoint(pattern) != escape) {
      continue;
    }
    if (pattern.empty() ||
        (!pattern.starts_with('%') && !pattern.starts_with('_') && !pattern.starts_with(escape))) {
      return NamedError(
          "INVALID_FUNCTION_ARGUMENT",
          "Escape character must be followed by '%', '_' or the escape character itself");
    }
    TakeCodePoint(pattern);
  }
  return absl::OkStatus();
}

bool LikeWithEscape(std::string_view text, std::string_view pattern, std::string_view escape) {
  // Where to go on after a mismatch: the last % takes one code point more.
  std::optional<std::string_view> retry_pattern;
  std::string_view retry_text;
  while (true) {
    if (pattern.empty() && text.empty()) {
      return true;
    }
    if (StartsWithWildcard(pattern, escape)) {
      pattern.remove_prefix(1);
      if (pattern.empty()) {
        return true;
      }
      retry_pattern = pattern;
      retry_text = text;
      continue;
    }
    if (!pattern.empty() && MatchOne(text, pattern, escape)) {
      continue;
    }
    if (!retry_pattern.has_value() || retry_text.empty()) {
      return false;
    }
    TakeCodePoint(retry_text);
    text = retry_text;
    pattern = *retry_pattern;
  }
}

}  // namespace pallas::sql
