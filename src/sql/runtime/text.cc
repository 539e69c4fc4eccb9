#include "sql/runtime/text.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "unicode/locid.h"
#include "unicode/normalizer2.h"
#include "unicode/uchar.h"
#include "unicode/unistr.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::sql {
namespace {

constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
// Cells of the table that the distance of two texts may take.
constexpr int64_t kMaxLevenshteinCells = 1'000'000;

absl::Status InvalidArgument(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

// The code point in front of `end`.
std::string_view LastCodePoint(std::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && !StartsCodePoint(text[start])) {
    --start;
  }
  return text.substr(start);
}

// Drops code points at the ends while `drop` says so.
template <typename Fn>
std::string_view TrimWhile(std::string_view text, Ends ends, Fn drop) {
  if (ends != Ends::kRight) {
    while (!text.empty() && drop(FirstCodePoint(text))) {
      text.remove_prefix(std::min(CodePointSize(text.front()), text.size()));
    }
  }
  if (ends != Ends::kLeft) {
    while (!text.empty()) {
      const std::string_view last = LastCodePoint(text);
      if (!drop(FirstCodePoint(last))) {
        break;
      }
      text.remove_suffix(last.size());
    }
  }
  return text;
}

template <typename Map>
void AppendMapped(std::string_view text, Map map, std::string* out) {
  while (!text.empty()) {
    AppendCodePoint(map(FirstCodePoint(text)), out);
    text.remove_prefix(std::min(CodePointSize(text.front()), text.size()));
  }
}

absl::Status CheckTextSize(size_t bytes) {
  return bytes <= kMaxTextBytes
             ? absl::OkStatus()
             : NamedError("GENERIC_INSUFFICIENT_RESOURCES",
                          absl::StrCat("A text of ", bytes, " bytes is longer than the ",
                                       kMaxTextBytes, " that are supported"),
                          absl::StatusCode::kResourceExhausted);
}

absl::Status CheckPadding(int64_t length, std::string_view padding, std::string_view what) {
  if (length < 0 || length > kMaxInt) {
    return InvalidArgument(absl::StrCat("Target length must be in the range [0..", kMaxInt, "]"));
  }
  return padding.empty() ? InvalidArgument(absl::StrCat("Padding ", what, " must not be empty"))
                         : absl::OkStatus();
}

int64_t PositionFromStart(std::string_view text, std::string_view search, int64_t instance) {
  size_t found = 0;
  for (int64_t i = 0; i < instance; ++i) {
    found = text.find(search, i == 0 ? 0 : found + 1);
    if (found == std::string_view::npos) {
      return 0;
    }
  }
  return CountCodePoints(text.substr(0, found)) + 1;
}

int64_t PositionFromEnd(std::string_view text, std::string_view search, uint64_t instance) {
  size_t found = text.size();
  for (uint64_t i = 0; i < instance; ++i) {
    if (found == 0) {
      return 0;
    }
    found = text.rfind(search, found - 1);
    if (found == std::string_view::npos) {
      return 0;
    }
  }
  return CountCodePoints(text.substr(0, found)) + 1;
}

absl::Status CheckDelimiters(std::string_view entry, std::string_view key_value) {
  if (entry.empty()) {
    return InvalidArgument("entryDelimiter is empty");
  }
  if (key_value.empty()) {
    return InvalidArgument("keyValueDelimiter is empty");
  }
  if (entry == key_value) {
    return InvalidArgument("entryDelimiter and keyValueDelimiter must not be the same");
  }
  return absl::OkStatus();
}

// The code of a letter in Soundex.
absl::StatusOr<char> SoundexDigit(char16_t letter) {
  constexpr std::string_view kDigits = "01230120022455012623010202";
  const int index = static_cast<int>(letter) - 'A';
  if (index < 0 || index >= static_cast<int>(kDigits.size())) {
    std::string shown;
    AppendCodePoint(letter, &shown);
    return InvalidArgument(
        absl::StrCat("The character is not mapped: ", shown, " (index=", index, ")"));
  }
  return kDigits[static_cast<size_t>(index)];
}

const icu::Normalizer2* NormalizerOf(std::string_view form) {
  UErrorCode status = U_ZERO_ERROR;
  if (form == "NFC") {
    return icu::Normalizer2::getNFCInstance(status);
  }
  if (form == "NFD") {
    return icu::Normalizer2::getNFDInstance(status);
  }
  if (form == "NFKC") {
    return icu::Normalizer2::getNFKCInstance(status);
  }
  return form == "NFKD" ? icu::Normalizer2::getNFKDInstance(status) : nullptr;
}

icu::UnicodeString ToUnicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

}  // namespace

size_t CodePointSize(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) {
    return 1;
  }
  return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
}

int64_t CountCodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), StartsCodePoint);
}

int32_t FirstCodePoint(std::string_view text) {
  const auto byte = [text](size_t i) {
    return i < text.size() ? static_cast<int32_t>(static_cast<unsigned char>(text[i]) & 0x3FU) : 0;
  };
  switch (CodePointSize(text.front())) {
    case 1:
      return static_cast<unsigned char>(text.front());
    case 2:
      return ((byte(0) & 0x1F) << 6) | byte(1);
    case 3:
      return ((byte(0) & 0x0F) << 12) | (byte(1) << 6) | byte(2);
    default:
      return ((byte(0) & 0x07) << 18) | (byte(1) << 12) | (byte(2) << 6) | byte(3);
  }
}

std::vector<int32_t> CodePointsOf(std::string_view text) {
  std::vector<int32_t> points;
  points.reserve(text.size());
  while (!text.empty()) {
    points.push_back(FirstCodePoint(text));
    text.remove_prefix(std::min(CodePointSize(text.front()), text.size()));
  }
  return points;
}

void AppendCodePoint(int32_t code_point, std::string* out) {
  const auto tail = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | ((code_point >> shift) & 0x3F)));
  };
  if (code_point < 0x80) {
    out->push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (code_point >> 6)));
    tail(0);
  } else if (code_point < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (code_point >> 12)));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xF0 | (code_point >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::optional<size_t> CodePointOffset(std::string_view text, int64_t index) {
  size_t offset = 0;
  for (int64_t i = 0; i < index; ++i) {
    if (offset >= text.size()) {
      return std::nullopt;
    }
    offset = std::min(offset + CodePointSize(text[offset]), text.size());
  }
  return offset;
}

absl::StatusOr<std::string> Chr(int64_t code_point) {
  if (code_point < 0 || code_point > kMaxCodePoint ||
      U_IS_SURROGATE(static_cast<uint32_t>(code_point))) {
    return InvalidArgument(absl::StrCat("Not a valid Unicode code point: ", code_point));
  }
  std::string text;
  AppendCodePoint(static_cast<int32_t>(code_point), &text);
  return text;
}

absl::StatusOr<int32_t> CodePoint(std::string_view text) {
  if (CountCodePoints(text) != 1) {
    return InvalidArgument("Input string must be a single character string");
  }
  return FirstCodePoint(text);
}

std::string_view Substring(std::string_view text, int64_t start) {
  return Substring(text, start, kMaxInt);
}

std::string_view Substring(std::string_view text, int64_t start, int64_t length) {
  if (start == 0 || length <= 0) {
    return {};
  }
  if (start < 0) {
    const int64_t points = CountCodePoints(text);
    if (start < -points) {
      return {};
    }
    start += points + 1;
  }
  const std::optional<size_t> from = CodePointOffset(text, start - 1);
  if (!from.has_value()) {
    return {};
  }
  text.remove_prefix(*from);
  return text.substr(0, CodePointOffset(text, length).value_or(text.size()));
}

void AppendLower(std::string_view text, std::string* out) {
  if (IsAscii(text)) {
    for (const char c : text) {
      out->push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
    }
    return;
  }
  AppendMapped(text, [](int32_t point) { return u_tolower(point); }, out);
}

void AppendUpper(std::string_view text, std::string* out) {
  if (IsAscii(text)) {
    for (const char c : text) {
      out->push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c);
    }
    return;
  }
  AppendMapped(text, [](int32_t point) { return u_toupper(point); }, out);
}

void AppendReversed(std::string_view text, std::string* out) {
  while (!text.empty()) {
    const std::string_view last = LastCodePoint(text);
    out->append(last);
    text.remove_suffix(last.size());
  }
}

absl::Status CheckReplacedSize(std::string_view text, std::string_view search,
                               std::string_view replacement) {
  // At most: a place in front of each byte and at the end, or texts beside each other.
  const size_t most = search.empty() ? text.size() + 1 : text.size() / search.size();
  if (text.size() + most * replacement.size() <= kMaxTextBytes) {
    return absl::OkStatus();
  }
  size_t places = search.empty() ? static_cast<size_t>(CountCodePoints(text)) + 1 : 0;
  if (!search.empty()) {
    for (size_t found = text.find(search); found != std::string_view::npos;
         found = text.find(search, found + search.size())) {
      ++places;
    }
  }
  return CheckTextSize(text.size() + places * replacement.size() - places * search.size());
}

void AppendReplaced(std::string_view text, std::string_view search, std::string_view replacement,
                    std::string* out) {
  if (search.empty()) {
    out->append(replacement);
    while (!text.empty()) {
      const size_t size = std::min(CodePointSize(text.front()), text.size());
      absl::StrAppend(out, text.substr(0, size), replacement);
      text.remove_prefix(size);
    }
    return;
  }
  for (size_t found = text.find(search); found != std::string_view::npos;
       found = text.find(search)) {
    absl::StrAppend(out, text.substr(0, found), replacement);
    text.remove_prefix(found + search.size());
  }
  out->append(text);
}

void AppendTranslated(std::string_view text, std::string_view from, std::string_view to,
                      std::string* out) {
  const std::vector<int32_t> sources = CodePointsOf(from);
  const std::vector<int32_t> targets = CodePointsOf(to);
  std::unordered_map<int32_t, std::optional<int32_t>> mapping;
  for (size_t i = 0; i < sources.size(); ++i) {
    mapping.try_emplace(sources[i],
                        i < targets.size() ? std::optional<int32_t>(targets[i]) : std::nullopt);
  }
  for (const int32_t point : CodePointsOf(text)) {
    const auto found = mapping.find(point);
    if (found == mapping.end()) {
      AppendCodePoint(point, out);
    } else if (found->second.has_value()) {
      AppendCodePoint(*found->second, out);
    }
  }
}

std::string_view Trim(std::string_view text, Ends ends) {
  return TrimWhile(text, ends, [](int32_t point) { return u_isWhitespace(point) != 0; });
}

std::string_view Trim(std::string_view text, std::string_view characters, Ends ends) {
  const std::vector<int32_t> points = CodePointsOf(characters);
  return TrimWhile(text, ends, [&points](int32_t point) {
    return std::find(points.begin(), points.end(), point) != points.end();
  });
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

absl::StatusOr<std::string> Pad(std::string_view text, int64_t length, std::string_view padding,
                                Ends end) {
  absl::Status valid = CheckPadding(length, padding, "string");
  if (!valid.ok()) {
    return valid;
  }
  const int64_t size = CountCodePoints(text);
  if (size >= length) {
    return std::string(text.substr(0, CodePointOffset(text, length).value_or(text.size())));
  }
  const int64_t padding_size = CountCodePoints(padding);
  RETURN_IF_ERROR(CheckTextSize(text.size() + static_cast<size_t>((length - size) / padding_size) *
                                                  padding.size()));
  std::string fill;
  for (int64_t i = 0; i < (length - size) / padding_size; ++i) {
    fill.append(padding);
  }
  fill.append(padding.substr(
      0, CodePointOffset(padding, (length - size) % padding_size).value_or(padding.size())));
  return end == Ends::kLeft ? absl::StrCat(fill, text) : absl::StrCat(text, fill);
}

absl::StatusOr<std::string> PadBytes(std::string_view bytes, int64_t length,
                                     std::string_view padding, Ends end) {
  absl::Status valid = CheckPadding(length, padding, "bytes");
  if (!valid.ok()) {
    return valid;
  }
  const auto wanted = static_cast<size_t>(length);
  if (bytes.size() >= wanted) {
    return std::string(bytes.substr(0, wanted));
  }
  RETURN_IF_ERROR(CheckTextSize(wanted));
  std::string fill;
  fill.reserve(wanted - bytes.size());
  while (fill.size() < wanted - bytes.size()) {
    fill.append(padding.substr(0, wanted - bytes.size() - fill.size()));
  }
  return end == Ends::kLeft ? absl::StrCat(fill, bytes) : absl::StrCat(bytes, fill);
}

absl::StatusOr<int64_t> Position(std::string_view text, std::string_view search, int64_t instance) {
  if (instance == 0) {
    return InvalidArgument("'instance' must be a positive or negative number.");
  }
  if (search.empty()) {
    return 1;
  }
  return instance > 0
             ? PositionFromStart(text, search, instance)
             : PositionFromEnd(text, search, uint64_t{0} - static_cast<uint64_t>(instance));
}

absl::StatusOr<std::vector<std::string_view>> Split(std::string_view text,
                                                    std::string_view delimiter,
                                                    std::optional<int64_t> limit) {
  if (limit.has_value() && *limit <= 0) {
    return InvalidArgument("Limit must be positive");
  }
  if (limit.has_value() && *limit > kMaxInt) {
    return InvalidArgument("Limit is too large");
  }
  if (delimiter.empty()) {
    return InvalidArgument("The delimiter may not be the empty string");
  }
  std::vector<std::string_view> parts;
  const auto most = static_cast<size_t>(limit.value_or(kMaxInt));
  while (parts.size() + 1 < most) {
    const size_t found = text.find(delimiter);
    if (found == std::string_view::npos) {
      break;
    }
    parts.push_back(text.substr(0, found));
    text.remove_prefix(found + delimiter.size());
  }
  parts.push_back(text);
  return parts;
}

absl::StatusOr<std::optional<std::string_view>> SplitPart(std::string_view text,
                                                          std::string_view delimiter,
                                                          int64_t index) {
  if (index <= 0) {
    return InvalidArgument("Index must be greater than zero");
  }
  if (delimiter.empty()) {
    const std::optional<size_t> start = CodePointOffset(text, index - 1);
    if (!start.has_value() || *start >= text.size()) {
      return std::nullopt;
    }
    return text.substr(*start, CodePointSize(text[*start]));
  }
  for (int64_t i = 1; i < index; ++i) {
    const size_t found = text.find(delimiter);
    if (found == std::string_view::npos) {
      return std::nullopt;
    }
    text.remove_prefix(found + delimiter.size());
  }
  return text.substr(0, text.find(delimiter));
}

absl::StatusOr<std::vector<TextEntry>> SplitEntries(std::string_view text,
                                                    std::string_view entry_delimiter,
                                                    std::string_view key_value_delimiter,
                                                    bool multiple) {
  absl::Status valid = CheckDelimiters(entry_delimiter, key_value_delimiter);
  if (!valid.ok()) {
    return valid;
  }
  std::vector<TextEntry> entries;
  std::unordered_set<std::string_view> keys;
  while (!text.empty()) {
    const size_t end = text.find(entry_delimiter);
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + entry_delimiter.size());
    const size_t key_end = pair.find(key_value_delimiter);
    const std::string_view value = key_end == std::string_view::npos
                                       ? std::string_view()
                                       : pair.substr(key_end + key_value_delimiter.size());
    if (key_end == std::string_view::npos ||
        value.find(key_value_delimiter) != std::string_view::npos) {
      return InvalidArgument(
          absl::StrCat("Key-value delimiter must appear exactly once in each entry. Bad input: ",
                       multiple ? "" : "'", pair, multiple ? "" : "'"));
    }
    const std::string_view key = pair.substr(0, key_end);
    if (!keys.insert(key).second && !multiple) {
      return InvalidArgument(absl::StrCat("Duplicate keys (", key, ") are not allowed"));
    }
    entries.emplace_back(key, value);
  }
  return entries;
}

absl::StatusOr<int64_t> LevenshteinDistance(std::string_view left, std::string_view right) {
  std::vector<int32_t> longer = CodePointsOf(left);
  std::vector<int32_t> shorter = CodePointsOf(right);
  if (longer.size() < shorter.size()) {
    std::swap(longer, shorter);
  }
  if (shorter.empty()) {
    return static_cast<int64_t>(longer.size());
  }
  if (static_cast<int64_t>(longer.size() * (shorter.size() - 1)) > kMaxLevenshteinCells) {
    return InvalidArgument("The combined inputs for Levenshtein distance are too large");
  }
  // row[j]: from the part of `longer` seen so far to the first j code points of `shorter`.
  std::vector<int64_t> row(shorter.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) {
    row[j] = static_cast<int64_t>(j);
  }
  for (size_t i = 0; i < longer.size(); ++i) {
    int64_t diagonal = row[0];
    row[0] = static_cast<int64_t>(i) + 1;
    for (size_t j = 1; j < row.size(); ++j) {
      const int64_t changed = diagonal + (longer[i] == shorter[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

absl::StatusOr<int64_t> HammingDistance(std::string_view left, std::string_view right) {
  const auto is_ascii = [](std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) >= 0x80U; });
  };
  if (left.size() == right.size() && is_ascii(left) && is_ascii(right)) {
    int64_t distance = 0;
    for (size_t i = 0; i < left.size(); ++i) {
      distance += left[i] == right[i] ? 0 : 1;
    }
    return distance;
  }
  const std::vector<int32_t> a = CodePointsOf(left);
  const std::vector<int32_t> b = CodePointsOf(right);
  if (a.size() != b.size()) {
    return InvalidArgument(
        "The input strings to hamming_distance function must have the same length");
  }
  int64_t distance = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    distance += a[i] == b[i] ? 0 : 1;
  }
  return distance;
}

absl::StatusOr<bool> LuhnCheck(std::string_view digits) {
  int64_t sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    if (c < '0' || c > '9') {
      return InvalidArgument("Input contains non-digit character");
    }
    const int digit = c - '0';
    const int doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += i % 2 == 0 ? digit : doubled;
  }
  return !digits.empty() && sum % 10 == 0;
}

std::string ToUtf16Hex(std::string_view text) {
  const icu::UnicodeString units =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  std::string out;
  for (int32_t i = 0; i < units.length(); ++i) {
    absl::StrAppendFormat(&out, "%04X", static_cast<unsigned>(units[i]));
  }
  return out;
}

absl::StatusOr<std::string> Soundex(std::string_view text) {
  constexpr size_t kCodeLength = 4;
  icu::UnicodeString letters;
  const icu::UnicodeString all = ToUnicode(text);
  for (int32_t i = 0; i < all.length(); ++i) {
    if (u_isalpha(all[i]) != 0) {
      letters.append(all[i]);
    }
  }
  letters.toUpper(icu::Locale::getEnglish());
  std::string code;
  char last = '0';
  for (int32_t i = 0; i < letters.length() && code.size() < kCodeLength; ++i) {
    const char16_t letter = letters[i];
    if (i > 0 && (letter == u'H' || letter == u'W')) {
      continue;
    }
    const absl::StatusOr<char> digit = SoundexDigit(letter);
    if (!digit.ok()) {
      return digit.status();
    }
    if (i == 0) {
      code.push_back(static_cast<char>(letter));
    } else if (*digit != '0' && *digit != last) {
      code.push_back(*digit);
    }
    last = *digit;
  }
  if (!code.empty()) {
    code.resize(kCodeLength, '0');
  }
  return code;
}

absl::StatusOr<std::string> Normalize(std::string_view text, std::string_view form) {
  const icu::Normalizer2* normalizer = NormalizerOf(form);
  if (normalizer == nullptr) {
    return InvalidArgument("Normalization form must be one of [NFD, NFC, NFKD, NFKC]");
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString normalized = normalizer->normalize(ToUnicode(text), status);
  if (U_FAILURE(status) != 0) {
    return InvalidArgument("Text cannot be normalized");
  }
  std::string result;
  normalized.toUTF8String(result);
  return result;
}

}  // namespace pallas::sql
