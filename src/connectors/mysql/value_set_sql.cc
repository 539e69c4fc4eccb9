#include "connectors/mysql/value_set_sql.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"

#include "base/check.h"
#include "connectors/mysql/connection.h"
#include "simdjson.h"
#include "types/value_text.h"

namespace pallas::mysql {
namespace {

using sdk::Range;
using sdk::Value;
using sdk::ValueSet;

// More ranges than this are sent as their span.
constexpr size_t kMaxRanges = 1000;
// Up to so many texts are compared by their bytes as well, which makes the answer exact.
constexpr size_t kMaxExactTexts = 100;
// A longer condition is not sent.
constexpr size_t kMaxConditionBytes = size_t{256} * 1024;

constexpr int64_t kMinDay = -719528;  // 0000-01-01
constexpr int64_t kMaxDay = 2932896;  // 9999-12-31
constexpr int64_t kMicrosPerMilli = 1000;
constexpr int64_t kMicrosPerDay = int64_t{86'400} * 1'000'000;

// A bound as the server can say it, or on which side of all the server's values it lies.
struct BoundText {
  enum class Place { kAmong, kBelowAll, kAboveAll };
  Place place = Place::kAmong;
  std::string sql;
};

// REQUIRES: range.IsSingleValue().
const Value& SingleValue(const Range& range) {
  CHECK(range.low.has_value());
  return range.low->value;
}

BoundText DoubleBound(double value) {
  // The server has neither NaN, the greatest of all values here, nor infinities.
  if (std::isnan(value) || (std::isinf(value) && value > 0)) {
    return {BoundText::Place::kAboveAll, ""};
  }
  if (std::isinf(value)) {
    return {BoundText::Place::kBelowAll, ""};
  }
  // With an exponent, or the literal would be a decimal.
  return {BoundText::Place::kAmong, absl::StrFormat("%.16e", value)};
}

BoundText DayBound(int64_t day, std::string_view literal, int64_t micros_of_day) {
  if (day < kMinDay) {
    return {BoundText::Place::kBelowAll, ""};
  }
  if (day > kMaxDay) {
    return {BoundText::Place::kAboveAll, ""};
  }
  std::string text;
  if (literal == "DATE") {
    AppendDate(day, &text);
  } else {
    const int digits = micros_of_day % 1'000'000 == 0 ? 0 : 6;
    AppendTimestamp(day * kMicrosPerDay + micros_of_day, 0, digits, &text);
  }
  return {BoundText::Place::kAmong, absl::StrCat(literal, "'", text, "'")};
}

BoundText MicrosBound(int64_t micros) {
  int64_t day = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    day -= 1;
    rest += kMicrosPerDay;
  }
  return DayBound(day, "TIMESTAMP", rest);
}

std::string BytesLiteral(std::string_view bytes) {
  return simdjson::validate_utf8(bytes) ? absl::StrCat("_binary", QuoteText(bytes))
                                        : QuoteBytes(bytes);
}

BoundText NumberBound(const arrow::DataType& type, const Value& value) {
  if (const auto* decimal = std::get_if<absl::int128>(&value)) {
    std::string text;
    AppendDecimal(absl::Int128High64(*decimal), absl::Int128Low64(*decimal),
                  static_cast<const arrow::Decimal128Type&>(type).scale(), &text);
    return {BoundText::Place::kAmong, std::move(text)};
  }
  return {BoundText::Place::kAmong, absl::StrCat(std::get<int64_t>(value))};
}

BoundText ToBound(const SourceColumn& column, const arrow::DataType& type, const Value& value) {
  switch (column.mapping.filter) {
    case FilterKind::kFloat:
    case FilterKind::kDouble:
      return DoubleBound(std::get<double>(value));
    case FilterKind::kDate:
      return DayBound(std::get<int64_t>(value), "DATE", 0);
    case FilterKind::kDateTime: {
      const int64_t ticks = std::get<int64_t>(value);
      int64_t micros = ticks;
      if (type.id() == arrow::Type::DATE64 &&
          __builtin_mul_overflow(ticks, kMicrosPerMilli, &micros)) {
        return {ticks < 0 ? BoundText::Place::kBelowAll : BoundText::Place::kAboveAll, ""};
      }
      return MicrosBound(micros);
    }
    case FilterKind::kText:
      return {BoundText::Place::kAmong, BytesLiteral(std::get<std::string>(value))};
    case FilterKind::kBinary:
      return {BoundText::Place::kAmong, QuoteBytes(std::get<std::string>(value))};
    default:
      return NumberBound(type, value);
  }
}

// One range; nullopt if no value of the server can lie in it.
std::optional<std::string> RangeSql(const SourceColumn& column, const arrow::DataType& type,
                                    const Range& range) {
  const std::string compared = ComparedExpression(column);
  std::vector<std::string> parts;
  if (range.low) {
    const BoundText low = ToBound(column, type, range.low->value);
    if (low.place == BoundText::Place::kAboveAll) {
      return std::nullopt;
    }
    if (low.place == BoundText::Place::kAmong) {
      parts.push_back(absl::StrCat(compared, range.low->inclusive ? " >= " : " > ", low.sql));
    }
  }
  if (range.high) {
    const BoundText high = ToBound(column, type, range.high->value);
    if (high.place == BoundText::Place::kBelowAll) {
      return std::nullopt;
    }
    if (high.place == BoundText::Place::kAmong) {
      parts.push_back(absl::StrCat(compared, range.high->inclusive ? " <= " : " < ", high.sql));
    }
  }
  if (parts.empty()) {
    parts.push_back(absl::StrCat(column.quoted, " IS NOT NULL"));
  }
  return absl::StrCat("(", absl::StrJoin(parts, " AND "), ")");
}

// Whether the column can hold the value at all. A server that looks up a time in an index cuts it
// to the digits of the column first, and would find a row for a value between two of them.
bool CanHold(const SourceColumn& column, const arrow::DataType& type, const Value& value) {
  if (column.mapping.filter != FilterKind::kDateTime) {
    return true;
  }
  int64_t step = 1;  // in the unit of the value
  const int digits_of_unit = type.id() == arrow::Type::DATE64 ? 3 : 6;
  for (int digit = column.mapping.fraction_digits; digit < digits_of_unit; ++digit) {
    step *= 10;
  }
  return std::get<int64_t>(value) % step == 0;
}

// Ranges and single values as alternatives.
std::vector<std::string> Alternatives(const SourceColumn& column, const arrow::DataType& type,
                                      const std::vector<Range>& ranges) {
  std::vector<std::string> alternatives;
  std::vector<std::string> singles;
  for (const Range& range : ranges) {
    if (range.IsSingleValue()) {
      const BoundText value = ToBound(column, type, SingleValue(range));
      if (value.place == BoundText::Place::kAmong && CanHold(column, type, SingleValue(range))) {
        singles.push_back(value.sql);
      }
    } else if (auto sql = RangeSql(column, type, range)) {
      alternatives.push_back(*std::move(sql));
    }
  }
  const std::string compared = ComparedExpression(column);
  if (singles.size() == 1) {
    alternatives.push_back(absl::StrCat("(", compared, " = ", singles[0], ")"));
  } else if (!singles.empty()) {
    alternatives.push_back(absl::StrCat("(", compared, " IN (", absl::StrJoin(singles, ","), "))"));
  }
  return alternatives;
}

// Every kind of set as ranges, whose complement of listed values is what lies between them.
std::vector<Range> ToRanges(const ValueSet& set) {
  switch (set.kind()) {
    case ValueSet::Kind::kSortedRanges:
      return set.ranges();
    case ValueSet::Kind::kAllOrNone:
      return set.DiscreteValues() ? std::vector<Range>() : std::vector<Range>{Range::All()};
    case ValueSet::Kind::kEquatable:
      break;
  }
  std::vector<Range> ranges;
  if (const auto listed = set.DiscreteValues()) {
    ranges.reserve(listed->size());
    for (const Value& value : *listed) {
      ranges.push_back(Range::Equal(value));
    }
    return ranges;
  }
  Range rest;
  for (const Value& value : set.values()) {
    rest.high = sdk::Bound{value, false};
    ranges.push_back(rest);
    rest = Range::GreaterThan(value);
  }
  ranges.push_back(rest);
  return ranges;
}

// MY-7: a bound in milliseconds on a column with microseconds stands for the whole millisecond.
std::vector<Range> MillisToMicros(std::vector<Range> ranges) {
  const auto micros = [](const sdk::Bound& bound, bool next_milli) {
    int64_t result = 0;
    const int64_t millis = std::get<int64_t>(bound.value);
    if (__builtin_add_overflow(millis, next_milli ? 1 : 0, &result) ||
        __builtin_mul_overflow(result, kMicrosPerMilli, &result)) {
      return millis < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    }
    return result;
  };
  for (Range& range : ranges) {
    if (range.low) {
      range.low = sdk::Bound{micros(*range.low, !range.low->inclusive), true};
    }
    if (range.high) {
      range.high = sdk::Bound{micros(*range.high, range.high->inclusive), false};
    }
  }
  return ranges;
}

bool AllSingle(const std::vector<Range>& ranges) {
  return std::all_of(ranges.begin(), ranges.end(),
                     [](const Range& range) { return range.IsSingleValue(); });
}

std::string Join(const std::vector<std::string>& alternatives) {
  if (alternatives.empty()) {
    return "(1 = 0)";  // JDBC-9
  }
  return alternatives.size() == 1 ? alternatives[0]
                                  : absl::StrCat("(", absl::StrJoin(alternatives, " OR "), ")");
}

Condition FlagCondition(const SourceColumn& column, const ValueSet& set) {
  const bool yes = set.Contains(Value(true));
  const bool no = set.Contains(Value(false));
  const bool null = set.Contains(std::nullopt);
  std::vector<std::string> alternatives;
  if (null) {
    alternatives.push_back(absl::StrCat("(", column.quoted, " IS NULL)"));
  }
  if (yes && no) {
    alternatives.push_back(absl::StrCat("(", column.quoted, " IS NOT NULL)"));
  } else if (yes || no) {
    // The value 2 is true as well, so `= 1` would lose it.
    alternatives.push_back(absl::StrCat("(", column.quoted, yes ? " <> 0)" : " = 0)"));
  }
  return Condition::Exact(Join(alternatives));
}

// Texts equal by bytes are equal by every collation: the plain condition, which an index can serve,
// finds all of them, and the one on bytes drops the rest.
std::string TextEqualsSql(const SourceColumn& column, const std::vector<Range>& ranges,
                          bool by_bytes) {
  std::vector<std::string> texts;
  std::vector<std::string> bytes;
  texts.reserve(ranges.size());
  bytes.reserve(ranges.size());
  for (const Range& range : ranges) {
    const auto& text = std::get<std::string>(SingleValue(range));
    texts.push_back(QuoteText(text));
    bytes.push_back(BytesLiteral(text));
  }
  const auto condition = [](std::string_view left, const std::vector<std::string>& values) {
    return values.size() == 1 ? absl::StrCat(left, " = ", values[0])
                              : absl::StrCat(left, " IN (", absl::StrJoin(values, ","), ")");
  };
  if (!by_bytes) {
    return absl::StrCat("(", condition(column.quoted, texts), ")");
  }
  return absl::StrCat("(", condition(column.quoted, texts), " AND ",
                      condition(ComparedExpression(column), bytes), ")");
}

// Whether the column itself can be compared with all of the single values.
bool AllComparable(const SourceColumn& column, const std::vector<Range>& ranges) {
  return std::all_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    const auto& text = std::get<std::string>(SingleValue(range));
    return simdjson::validate_utf8(text) && IsComparable(column.mapping, text);
  });
}

// What the column's own rules say about the ranges, NULL aside.
Condition RangesCondition(const SourceColumn& column, const ValueSet& set,
                          const std::vector<Range>& ranges) {
  const arrow::DataType& type = *set.type();
  const bool is_text = column.mapping.filter == FilterKind::kText;
  if (is_text && !ranges.empty() && AllSingle(ranges) && AllComparable(column, ranges)) {
    const bool by_bytes = ranges.size() <= kMaxExactTexts;
    const std::string sql = TextEqualsSql(column, ranges, by_bytes);
    return by_bytes ? Condition::Exact(sql)
                    : Condition::Inexact(sql, "many texts: they are compared by the collation");
  }
  const bool is_date =
      column.mapping.filter == FilterKind::kDate || column.mapping.filter == FilterKind::kDateTime;
  if (is_date && type.id() == arrow::Type::DATE64 &&
      column.mapping.type->id() != arrow::Type::DATE64) {
    return Condition::Inexact(
        Join(Alternatives(column, *column.mapping.type, MillisToMicros(ranges))),
        "the column is finer than a millisecond");
  }
  std::string sql = Join(Alternatives(column, type, ranges));
  if (is_date && !AllSingle(ranges)) {
    return Condition::Inexact(std::move(sql), "zero dates are NULL for the engine only");
  }
  return Condition::Exact(std::move(sql));
}

std::vector<Range> Span(const std::vector<Range>& ranges) {
  return {Range{ranges.front().low, ranges.back().high}};
}

bool HasTypeOf(const SourceColumn& column, const ValueSet& set) {
  return set.type()->Equals(*column.mapping.type) ||
         (column.mapping.filter == FilterKind::kDateTime &&
          set.type()->id() == arrow::Type::DATE64);
}

}  // namespace

std::string ComparedExpression(const SourceColumn& column) {
  switch (column.mapping.filter) {
    case FilterKind::kYear:
      // A year compared with a number below 100 would take that for a year, too.
      return absl::StrCat("CAST(", column.quoted, " AS SIGNED)");
    case FilterKind::kBit:
      return absl::StrCat("(", column.quoted, " + 0)");
    case FilterKind::kFloat:
      return absl::StrCat("CAST(", column.quoted, " AS DOUBLE)");
    case FilterKind::kText:
      // MY-3: neither the collation nor a _bin one, which ignores spaces at the end, is our order.
      return absl::StrCat("CAST(CONVERT(", column.quoted, " USING utf8mb4) AS BINARY)");
    default:
      return column.quoted;
  }
}

Condition ColumnCondition(const SourceColumn& column, const ValueSet& set) {
  if (set.IsAll()) {
    return Condition::Exact("");  // JDBC-10
  }
  if (column.mapping.filter == FilterKind::kNone) {
    return Condition::None("the type of the column is not compared by the server as by the engine");
  }
  if (!HasTypeOf(column, set)) {
    return Condition::None("the values are of another type than the column");
  }
  if (set.IsNone()) {
    return Condition::Exact("(1 = 0)");
  }
  const bool null_allowed = set.Contains(std::nullopt);
  if (null_allowed && IsLossy(column.mapping.filter)) {
    return Condition::None("the server does not know which values are NULL for the engine");
  }
  if (column.mapping.filter == FilterKind::kFlag || column.mapping.filter == FilterKind::kBitFlag) {
    return FlagCondition(column, set);
  }
  std::vector<Range> ranges = ToRanges(set);
  bool span_only = ranges.size() > kMaxRanges;
  if (span_only) {
    ranges = Span(ranges);
  }
  Condition condition = RangesCondition(column, set, ranges);
  if (condition.sql.size() > kMaxConditionBytes && ranges.size() > 1) {
    span_only = true;
    condition = RangesCondition(column, set, Span(ranges));
  }
  if (condition.sql.size() > kMaxConditionBytes) {
    return Condition::None("the values are too long to be sent");
  }
  if (span_only) {
    condition.support = {sdk::Support::kInexact, "many values: only their span is sent"};
  }
  if (null_allowed) {
    // Without ranges only NULL is left.
    const std::string is_null = absl::StrCat("(", column.quoted, " IS NULL)");
    condition.sql =
        ranges.empty() ? is_null : absl::StrCat("(", is_null, " OR ", condition.sql, ")");
  }
  return condition;
}

}  // namespace pallas::mysql
