#include "connectors/dynamodb/native_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "connectors/dynamodb/number_text.h"
#include "nlohmann/json.hpp"
#include "sdk/model/table.h"

namespace pallas::dynamodb {
namespace {

constexpr int64_t kMillisPerDay = int64_t{24} * 3600 * 1000;
constexpr int kMaxDigits = 38;
// What DynamoDB's numbers reach, with a margin.
constexpr double kLargest = 1e125;
constexpr double kSmallest = 1e-129;

// One end of a range, made wider where the attribute's values are finer than the column's.
enum class End { kLow, kHigh };

AttributeLiteral NumberLiteral(std::string text) {
  return {AttributeType::kNumber, std::move(text)};
}

template <typename Float>
std::optional<AttributeLiteral> FloatLiteral(double value, End end) {
  constexpr Float kInfinity = std::numeric_limits<Float>::infinity();
  const Float wider =
      std::nextafter(static_cast<Float>(value), end == End::kLow ? -kInfinity : kInfinity);
  const double bound = static_cast<double>(wider);
  if (!(std::abs(bound) < kLargest)) {
    return std::nullopt;
  }
  if (std::abs(bound) < kSmallest) {
    return NumberLiteral(end == End::kLow ? "-1E-129" : "1E-129");
  }
  return NumberLiteral(absl::StrFormat("%.17g", bound));
}

// A column's values as attribute values, one type of column each.
class LiteralMaker {
 public:
  LiteralMaker(const SourceColumn& column, AttributeType natural)
      : type_(*column.field->type()), natural_(natural) {
    // A key is read without rounding: its values are few and known by name.
    rounds_ = !column.is_inferred && column.key_type == 0;
  }

  bool widens() const {
    switch (type_.id()) {
      case arrow::Type::FLOAT:
      case arrow::Type::DOUBLE:
      case arrow::Type::DATE32:
      case arrow::Type::DATE64:
      case arrow::Type::TIMESTAMP:
        return true;
      case arrow::Type::DECIMAL128:
        return rounds_;
      default:
        return false;
    }
  }

  // nullopt: the end stays open.
  std::optional<AttributeLiteral> Make(const sdk::Value& value, End end) const {
    switch (type_.id()) {
      case arrow::Type::BOOL:
        return AttributeLiteral{natural_, std::get<bool>(value) ? "true" : "false"};
      case arrow::Type::STRING:
        return AttributeLiteral{natural_, std::get<std::string>(value)};
      case arrow::Type::BINARY:
        return AttributeLiteral{natural_, absl::Base64Escape(std::get<std::string>(value))};
      case arrow::Type::FLOAT:
        return FloatLiteral<float>(std::get<double>(value), end);
      case arrow::Type::DOUBLE:
        return FloatLiteral<double>(std::get<double>(value), end);
      case arrow::Type::DECIMAL128:
        return Decimal(std::get<absl::int128>(value), end);
      case arrow::Type::DATE32:
        return Day(std::get<int64_t>(value), end);
      case arrow::Type::DATE64:
        return NumberLiteral(absl::StrCat(std::get<int64_t>(value) + (end == End::kLow ? -1 : 1)));
      case arrow::Type::TIMESTAMP:
        return Micros(std::get<int64_t>(value), end);
      default:
        return NumberLiteral(absl::StrCat(std::get<int64_t>(value)));
    }
  }

 private:
  std::optional<AttributeLiteral> Decimal(absl::int128 unscaled, End end) const {
    constexpr int kHalf = 5;  // of the last digit
    const int scale = static_cast<const arrow::Decimal128Type&>(type_).scale();
    if (!rounds_) {
      return NumberLiteral(DecimalText(unscaled, scale));
    }
    const absl::int128 limit = PowerOfTen(kMaxDigits - 1);
    if (unscaled >= limit || unscaled <= -limit) {
      return std::nullopt;
    }
    return NumberLiteral(
        DecimalText(unscaled * 10 + (end == End::kLow ? -kHalf : kHalf), scale + 1));
  }

  std::optional<AttributeLiteral> Day(int64_t day, End end) const {
    if (natural_ == AttributeType::kString) {
      std::optional<std::string> text = IsoDay(day);
      return text ? std::optional(AttributeLiteral{natural_, *std::move(text)}) : std::nullopt;
    }
    return NumberLiteral(absl::StrCat((end == End::kLow ? day : day + 1) * kMillisPerDay));
  }

  std::optional<AttributeLiteral> Micros(int64_t micros, End end) const {
    constexpr int64_t kMicrosPerMilli = 1000;
    return NumberLiteral(absl::StrCat(micros / kMicrosPerMilli + (end == End::kLow ? -1 : 1)));
  }

  const arrow::DataType& type_;
  const AttributeType natural_;
  bool rounds_ = false;
};

// An integer's open end as the next closed one.
void CloseIntegerEnds(const arrow::DataType& type, sdk::Range& range) {
  if (!arrow::is_integer(type.id())) {
    return;
  }
  if (range.low && !range.low->inclusive) {
    auto& low = std::get<int64_t>(range.low->value);
    if (low < std::numeric_limits<int64_t>::max()) {
      ++low;
      range.low->inclusive = true;
    }
  }
  if (range.high && !range.high->inclusive) {
    auto& high = std::get<int64_t>(range.high->value);
    if (high > std::numeric_limits<int64_t>::min()) {
      --high;
      range.high->inclusive = true;
    }
  }
}

NativeRange ToNativeRange(const LiteralMaker& maker, const sdk::Range& range) {
  NativeRange native;
  if (range.low) {
    native.low = maker.Make(range.low->value, End::kLow);
    native.low_inclusive = range.low->inclusive || maker.widens();
  }
  if (range.high) {
    native.high = maker.Make(range.high->value, End::kHigh);
    native.high_inclusive = range.high->inclusive || maker.widens();
  }
  return native;
}

// The conditions under which a column's values can be told to DynamoDB at all.
std::string Obstacle(const SourceColumn& column, const sdk::ValueSet& set,
                     const ValueOptions& options) {
  const AttributeType natural = NaturalType(column);
  if (!column.is_name_known) {
    return "the attribute's exact name is not known";
  }
  if (natural == AttributeType::kUnknown) {
    const bool is_moment = arrow::is_temporal(column.field->type()->id());
    return is_moment ? "the form of the attribute's dates is not known, or does not sort"
                     : "values of this type are not compared by DynamoDB";
  }
  if (!set.null_allowed()) {
    return "";
  }
  if (options.type_mismatch == TypeMismatch::kNull) {
    return "values of another type are NULL";
  }
  return arrow::is_temporal(column.field->type()->id()) ? "texts that are no dates are NULL" : "";
}

}  // namespace

std::string AttributeLiteral::ToJson() const {
  nlohmann::json json;
  if (type == AttributeType::kBool || type == AttributeType::kNull) {
    json[std::string(TypeName(type))] = text == "true";
  } else {
    json[std::string(TypeName(type))] = text;
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string AttributeLiteral::ToText() const {
  if (type == AttributeType::kNumber || type == AttributeType::kBool) {
    return text;
  }
  return absl::StrCat(type == AttributeType::kBinary ? "B'" : "'",
                      absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

std::optional<std::vector<AttributeLiteral>> NativeSet::Points() const {
  if (!IsUsable() || all || null_allowed) {
    return std::nullopt;
  }
  std::vector<AttributeLiteral> points;
  for (const NativeRange& range : ranges) {
    if (!range.IsPoint()) {
      return std::nullopt;
    }
    points.push_back(*range.low);
  }
  return points;
}

AttributeType NaturalType(const SourceColumn& column) {
  const absl::StatusOr<Type> type = sdk::ColumnType(*column.field);
  AttributeType natural = AttributeType::kUnknown;
  switch (column.field->type()->id()) {
    case arrow::Type::BOOL:
      natural = AttributeType::kBool;
      break;
    case arrow::Type::BINARY:
      natural = AttributeType::kBinary;
      break;
    case arrow::Type::STRING:
      // A UUID, say, has several texts.
      natural = type.ok() && type->kind() == TypeKind::kVarchar ? AttributeType::kString
                                                                : AttributeType::kUnknown;
      break;
    case arrow::Type::DATE32:
      if (column.pattern && column.pattern->is_iso_day()) {
        natural = AttributeType::kString;
        break;
      }
      [[fallthrough]];
    case arrow::Type::DATE64:
      natural = column.pattern && column.pattern->is_epoch_millis() ? AttributeType::kNumber
                                                                    : AttributeType::kUnknown;
      break;
    case arrow::Type::TIMESTAMP: {
      const bool has_zone =
          !static_cast<const arrow::TimestampType&>(*column.field->type()).timezone().empty();
      natural = !has_zone && column.pattern && column.pattern->is_epoch_millis()
                    ? AttributeType::kNumber
                    : AttributeType::kUnknown;
      break;
    }
    default:
      if (arrow::is_numeric(column.field->type()->id()) ||
          column.field->type()->id() == arrow::Type::DECIMAL128) {
        natural = AttributeType::kNumber;
      }
      break;
  }
  // A key has one type in all items; a column of another is compared by the engine.
  if (column.key_type != 0 && TypeName(natural) != std::string_view(&column.key_type, 1)) {
    return AttributeType::kUnknown;
  }
  return natural;
}

NativeSet ToNative(const SourceColumn& column, const sdk::ValueSet& set,
                   const ValueOptions& options) {
  NativeSet native;
  native.obstacle = Obstacle(column, set, options);
  native.null_allowed = set.null_allowed();
  if (!native.IsUsable()) {
    return native;
  }
  const LiteralMaker maker(column, NaturalType(column));
  native.is_exact = !maker.widens();
  if (column.field->type()->id() == arrow::Type::BOOL) {
    // DynamoDB knows no order of booleans.
    for (const bool flag : {false, true}) {
      if (set.Contains(flag)) {
        native.ranges.push_back(ToNativeRange(maker, sdk::Range::Equal(flag)));
      }
    }
    return native;
  }
  switch (set.kind()) {
    case sdk::ValueSet::Kind::kAllOrNone:
      native.all = set.all();
      return native;
    case sdk::ValueSet::Kind::kEquatable:
      if (!set.white_list()) {
        native.all = true;
        native.is_exact = set.values().empty();
        return native;
      }
      for (const sdk::Value& value : set.values()) {
        native.ranges.push_back(ToNativeRange(maker, sdk::Range::Equal(value)));
      }
      break;
    case sdk::ValueSet::Kind::kSortedRanges:
      for (sdk::Range range : set.ranges()) {
        CloseIntegerEnds(*column.field->type(), range);
        native.ranges.push_back(ToNativeRange(maker, range));
      }
      break;
  }
  const bool is_open = std::any_of(native.ranges.begin(), native.ranges.end(),
                                   [](const auto& range) { return !range.low && !range.high; });
  if (is_open) {
    native.ranges.clear();
    native.all = true;
  }
  return native;
}

NativeSet PrefixSet(const SourceColumn& column, std::string_view prefix) {
  NativeSet native;
  if (!column.is_name_known) {
    native.obstacle = "the attribute's exact name is not known";
  } else if (NaturalType(column) != AttributeType::kString ||
             column.field->type()->id() != arrow::Type::STRING) {
    native.obstacle = "the column is no text";
  } else {
    NativeRange range;
    range.low = AttributeLiteral{AttributeType::kString, std::string(prefix)};
    range.is_prefix = true;
    native.ranges.push_back(std::move(range));
    native.is_exact = true;
  }
  return native;
}

}  // namespace pallas::dynamodb
