#include "lake/partition_value.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

#include "base/error_detail.h"
#include "simdjson.h"

namespace pallas::lake {
namespace {

constexpr int64_t kMillisPerSecond = 1000;
constexpr int kMillisDigits = 3;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

std::optional<sdk::Value> ParseBoolean(std::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower != "true" && lower != "false") {
    return std::nullopt;
  }
  return lower == "true";
}

std::optional<sdk::Value> ParseInteger(const Type& type, std::string_view text) {
  int64_t value = 0;
  // SimpleAtoi alone would also take blanks around the digits.
  if (text.empty() || absl::ascii_isspace(static_cast<unsigned char>(text.front())) ||
      !IsDigit(text.back()) || !absl::SimpleAtoi(text, &value)) {
    return std::nullopt;
  }
  const int bits = type.kind() == TypeKind::kTinyint    ? 8
                   : type.kind() == TypeKind::kSmallint ? 16
                   : type.kind() == TypeKind::kInteger  ? 32
                                                        : 64;
  const int64_t high = std::numeric_limits<int64_t>::max() >> (64 - bits);
  return value > high || value < -high - 1 ? std::nullopt : std::optional<sdk::Value>(value);
}

std::optional<sdk::Value> ParseFloating(const Type& type, std::string_view text) {
  double value = 0;
  if (text.empty() || absl::ascii_isspace(static_cast<unsigned char>(text.front())) ||
      absl::ascii_isspace(static_cast<unsigned char>(text.back())) ||
      !absl::SimpleAtod(text, &value)) {
    return std::nullopt;
  }
  return type.kind() == TypeKind::kReal ? static_cast<double>(static_cast<float>(value)) : value;
}

std::optional<sdk::Value> ParseDecimal(const Type& type, std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string fraction(point == std::string_view::npos ? "" : text.substr(point + 1));
  if ((!whole.empty() && !AllDigits(whole)) || (!fraction.empty() && !AllDigits(fraction)) ||
      (whole.empty() && fraction.empty())) {
    return std::nullopt;
  }
  while (!fraction.empty() && fraction.back() == '0') {
    fraction.pop_back();
  }
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  const auto scale = static_cast<size_t>(type.scale());
  if (fraction.size() > scale || whole.size() + scale > static_cast<size_t>(type.precision())) {
    return std::nullopt;
  }
  fraction.resize(scale, '0');
  absl::int128 unscaled = 0;
  for (const char digit : absl::StrCat(whole, fraction)) {
    unscaled = unscaled * 10 + (digit - '0');
  }
  return negative ? -unscaled : unscaled;
}

// Days since 1970-01-01 of `YYYY-MM-DD`.
std::optional<int64_t> ParseDays(std::string_view text) {
  constexpr size_t kLength = 10;
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != kLength || text[4] != '-' || text[7] != '-' || !AllDigits(text.substr(0, 4)) ||
      !AllDigits(text.substr(5, 2)) || !AllDigits(text.substr(8)) ||
      !absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(5, 2), &month) ||
      !absl::SimpleAtoi(text.substr(8), &day)) {
    return std::nullopt;
  }
  const absl::CivilDay civil(year, month, day);
  // A civil day normalises 31 April to 1 May.
  if (civil.month() != month || civil.day() != day) {
    return std::nullopt;
  }
  return civil - absl::CivilDay(1970, 1, 1);
}

// Milliseconds since 1970 of `YYYY-MM-DD[ HH:MM:SS[.fff]]`.
std::optional<int64_t> ParseMillis(std::string_view text) {
  constexpr size_t kDateLength = 10;
  constexpr size_t kSecondsLength = 8;
  const std::optional<int64_t> days = ParseDays(text.substr(0, kDateLength));
  if (!days) {
    return std::nullopt;
  }
  int64_t millis = *days * 24 * 60 * 60 * kMillisPerSecond;
  if (text.size() == kDateLength) {
    return millis;
  }
  std::string_view time = text.substr(kDateLength + 1);
  if (text[kDateLength] != ' ' || time.size() < kSecondsLength || time[2] != ':' ||
      time[5] != ':') {
    return std::nullopt;
  }
  int parts[] = {0, 0, 0};
  constexpr int kLimits[] = {24, 60, 60};
  for (size_t i = 0; i < 3; ++i) {
    const std::string_view part = time.substr(i * 3, 2);
    if (!AllDigits(part) || !absl::SimpleAtoi(part, &parts[i]) || parts[i] >= kLimits[i]) {
      return std::nullopt;
    }
  }
  millis += ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * kMillisPerSecond;
  std::string fraction(time.substr(kSecondsLength));
  if (fraction.empty()) {
    return millis;
  }
  fraction.erase(0, 1);
  if (time[kSecondsLength] != '.' || !AllDigits(fraction)) {
    return std::nullopt;
  }
  while (fraction.size() > kMillisDigits && fraction.back() == '0') {
    fraction.pop_back();
  }
  int more = 0;
  fraction.resize(std::max<size_t>(fraction.size(), kMillisDigits), '0');
  if (fraction.size() > kMillisDigits || !absl::SimpleAtoi(fraction, &more)) {
    return std::nullopt;
  }
  return millis + more;
}

std::optional<sdk::Value> ParseText(const Type& type, std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return std::nullopt;
  }
  if (type.kind() == TypeKind::kChar) {
    text = text.substr(0, text.find_last_not_of(' ') + 1);
  }
  // Code points: all bytes but those that continue one.
  const auto length = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  if (length > type.length().value_or(length)) {
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<sdk::Value> Parse(const Type& type, std::string_view text) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return ParseBoolean(text);
    case TypeKind::kReal:
    case TypeKind::kDouble:
      return ParseFloating(type, text);
    case TypeKind::kDecimal:
      return ParseDecimal(type, text);
    case TypeKind::kDate: {
      const std::optional<int64_t> days = ParseDays(text);
      return days ? std::optional<sdk::Value>(*days) : std::nullopt;
    }
    case TypeKind::kTimestamp: {
      const std::optional<int64_t> millis = ParseMillis(text);
      return millis ? std::optional<sdk::Value>(*millis) : std::nullopt;
    }
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return ParseText(type, text);
    default:
      return ParseInteger(type, text);
  }
}

}  // namespace

absl::Status CheckPartitionKeyType(std::string_view key, const Type& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kDate:
      return absl::OkStatus();
    case TypeKind::kTimestamp:
      if (type.precision() == kMillisDigits) {
        return absl::OkStatus();
      }
      [[fallthrough]];
    default:
      return NamedError(
          "NOT_SUPPORTED",
          absl::StrCat("Partition key '", key, "' has unsupported type ", type.ToString()),
          absl::StatusCode::kUnimplemented);
  }
}

absl::StatusOr<std::optional<sdk::Value>> ParsePartitionValue(std::string_view key,
                                                              const Type& type,
                                                              std::string_view text) {
  if (text == kNullPartition) {
    return std::optional<sdk::Value>();
  }
  std::optional<sdk::Value> value = Parse(type, text);
  if (!value) {
    return NamedError("HIVE_INVALID_PARTITION_VALUE",
                      absl::StrCat("Invalid partition value '", text, "' for ", type.ToString(),
                                   " partition key: ", key));
  }
  return value;
}

std::string EscapePathName(std::string_view text) {
  constexpr std::string_view kEscaped = "\"#%'*/:=?\\{[]^\x7f";
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || kEscaped.find(c) != std::string_view::npos) {
      absl::StrAppend(&out, "%",
                      absl::AsciiStrToUpper(
                          absl::StrCat(absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2))));
    } else {
      out += c;
    }
  }
  return out;
}

std::string UnescapePathName(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2])) &&
        absl::SimpleHexAtoi(text.substr(i + 1, 2), &code)) {
      out += static_cast<char>(code);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace pallas::lake
