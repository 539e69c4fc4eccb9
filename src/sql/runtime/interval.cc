#include "sql/runtime/interval.h"

#include <iterator>
#include <span>

#include "absl/strings/ascii.h"

#include "sql/runtime/calendar.h"

namespace pallas::sql {
namespace {

// More digits cannot be in range.
constexpr size_t kMaxDigits = 18;
constexpr size_t kMillisDigits = 3;

// Digits at the front of `rest`.
std::optional<int64_t> TakeNumber(std::string_view& rest) {
  size_t count = 0;
  int64_t value = 0;
  while (count < rest.size() && absl::ascii_isdigit(static_cast<unsigned char>(rest[count]))) {
    if (count == kMaxDigits) {
      return std::nullopt;
    }
    value = value * 10 + (rest[count] - '0');
    ++count;
  }
  if (count == 0) {
    return std::nullopt;
  }
  rest.remove_prefix(count);
  return value;
}

// `.789` as milliseconds; digits after the third are dropped.
std::optional<int64_t> TakeMillis(std::string_view& rest) {
  if (rest.empty() || rest[0] != '.') {
    return 0;
  }
  rest.remove_prefix(1);
  int64_t millis = 0;
  size_t count = 0;
  while (count < rest.size() && absl::ascii_isdigit(static_cast<unsigned char>(rest[count]))) {
    if (count < kMillisDigits) {
      millis = millis * 10 + (rest[count] - '0');
    }
    ++count;
  }
  if (count == 0) {
    return std::nullopt;
  }
  rest.remove_prefix(count);
  for (; count < kMillisDigits; ++count) {
    millis *= 10;
  }
  return millis;
}

bool AddProduct(int64_t count, int64_t unit, int64_t* total) {
  int64_t product = 0;
  return !__builtin_mul_overflow(count, unit, &product) &&
         !__builtin_add_overflow(*total, product, total);
}

struct Field {
  IntervalUnit unit;
  int64_t size;    // in months or milliseconds
  char separator;  // before it
};

constexpr Field kYearMonthFields[] = {{IntervalUnit::kYear, 12, 0}, {IntervalUnit::kMonth, 1, '-'}};
constexpr Field kDayTimeFields[] = {{IntervalUnit::kDay, kMillisPerDay, 0},
                                    {IntervalUnit::kHour, 3'600'000, ' '},
                                    {IntervalUnit::kMinute, 60'000, ':'},
                                    {IntervalUnit::kSecond, kMillisPerSecond, ':'}};

// Takes one field and adds it to `total`.
bool TakeField(std::string_view& rest, const Field& field, int64_t* total) {
  const std::optional<int64_t> count = TakeNumber(rest);
  if (!count || !AddProduct(*count, field.size, total)) {
    return false;
  }
  if (field.unit != IntervalUnit::kSecond) {
    return true;
  }
  const std::optional<int64_t> millis = TakeMillis(rest);
  return millis && AddProduct(*millis, 1, total);
}

std::optional<int64_t> ParseFields(std::string_view rest, std::span<const Field> fields,
                                   IntervalUnit from, IntervalUnit to) {
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative) {
    rest.remove_prefix(1);
  }
  int64_t total = 0;
  bool first = true;
  for (const Field& field : fields) {
    if (field.unit < from || field.unit > to) {
      continue;
    }
    if (!first && rest.empty()) {
      break;
    }
    if (!first && rest[0] != field.separator) {
      return std::nullopt;
    }
    rest.remove_prefix(first ? 0 : 1);
    first = false;
    if (!TakeField(rest, field, &total)) {
      return std::nullopt;
    }
  }
  if (first || !rest.empty()) {
    return std::nullopt;
  }
  return negative ? -total : total;
}

}  // namespace

std::optional<IntervalUnit> ParseIntervalUnit(std::string_view name) {
  static constexpr std::string_view kNames[] = {"year", "month",  "week",  "day",
                                                "hour", "minute", "second"};
  for (int i = 0; i < static_cast<int>(std::size(kNames)); ++i) {
    if (name == kNames[i]) {
      return static_cast<IntervalUnit>(i);
    }
  }
  return std::nullopt;
}

std::optional<int64_t> ParseYearMonthInterval(std::string_view text, IntervalUnit from,
                                              IntervalUnit to) {
  const std::optional<int64_t> months = ParseFields(text, kYearMonthFields, from, to);
  if (months && (*months > INT32_MAX || *months < INT32_MIN)) {
    return std::nullopt;
  }
  return months;
}

std::optional<int64_t> ParseDayTimeInterval(std::string_view text, IntervalUnit from,
                                            IntervalUnit to) {
  if (from == IntervalUnit::kWeek) {
    static constexpr Field kWeekField[] = {{IntervalUnit::kWeek, 7 * kMillisPerDay, 0}};
    return ParseFields(text, kWeekField, from, to);
  }
  return ParseFields(text, kDayTimeFields, from, to);
}

}  // namespace pallas::sql
