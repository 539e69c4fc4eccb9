#include "connectors/redis/cell_decoder.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "arrow/builder.h"
#include "arrow/type.h"
#include "arrow/util/decimal.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/model/table.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"
#include "types/time_zone.h"
#include "types/type.h"

namespace pallas::redis {
namespace {

constexpr int64_t kMillisPerSecond = 1000;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerMinute = 60;

template <typename T>
bool ParseNumber(std::string_view text, T& value) {
  // A plus is Java's, too; from_chars does not know it.
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  return error == std::errc() && stop == end;
}

// Collects the digits of a decimal with `scale` of them after the point, rounded half up.
class DecimalDigits {
 public:
  explicit DecimalDigits(int scale) : scale_(scale) {}

  // False: it is neither a digit nor the one point, or there are too many digits.
  bool Add(char character) {
    if (character == '.' && fraction_ < 0) {
      fraction_ = 0;
      return true;
    }
    const auto digit = static_cast<unsigned>(character - '0');
    if (digit > 9) {
      return false;
    }
    has_digits_ = true;
    if (fraction_ >= scale_) {
      round_up_ = fraction_ == scale_ ? digit >= 5 : round_up_;
      ++fraction_;
      return true;
    }
    fraction_ += fraction_ >= 0 ? 1 : 0;
    return Append(digit);
  }

  std::optional<arrow::Decimal128> Finish() {
    for (int i = std::max(fraction_, 0); i < scale_; ++i) {
      if (!Append(0)) {
        return std::nullopt;
      }
    }
    value_ += round_up_ ? 1 : 0;
    return has_digits_
               ? std::optional(arrow::Decimal128(static_cast<int64_t>(absl::Uint128High64(value_)),
                                                 absl::Uint128Low64(value_)))
               : std::nullopt;
  }

 private:
  bool Append(unsigned digit) {
    constexpr auto kLimit = absl::MakeUint128(0x4B3B4CA85A86C47A, 0x098A224000000000);  // 10^38
    const bool fits = value_ < kLimit / 10;
    value_ = value_ * 10 + digit;
    return fits;
  }

  const int scale_;
  absl::uint128 value_ = 0;
  int fraction_ = -1;  // digits after the point; -1 before it
  bool has_digits_ = false;
  bool round_up_ = false;
};

// The unscaled value of a decimal text; nullopt: it is none, or has more digits than the type.
std::optional<arrow::Decimal128> ParseDecimal(std::string_view text, int precision, int scale) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  DecimalDigits digits(scale);
  const bool good =
      std::all_of(text.begin(), text.end(), [&](char character) { return digits.Add(character); });
  std::optional<arrow::Decimal128> value = good ? digits.Finish() : std::nullopt;
  if (!value || !value->FitsInPrecision(precision)) {
    return std::nullopt;
  }
  if (negative) {
    value->Negate();
  }
  return value;
}

bool ParseBool(std::string_view text, bool& value) {
  value = absl::EqualsIgnoreCase(text, "true") || text == "1";
  return value || absl::EqualsIgnoreCase(text, "false") || text == "0";
}

// A time in so many units a second, rounded half up to `digits` of a second.
int64_t ToUnits(const DateTime& time, int64_t units_per_second, int digits) {
  int64_t steps_per_second = 1;
  for (int i = 0; i < digits; ++i) {
    steps_per_second *= 10;
  }
  const int64_t nanos_per_step = kNanosPerSecond / steps_per_second;
  const int64_t steps = (time.nanos + nanos_per_step / 2) / nanos_per_step;
  const int64_t offset = time.offset_minutes.value_or(0) * kSecondsPerMinute;
  return (time.seconds - offset) * units_per_second + steps * (units_per_second / steps_per_second);
}

size_t NumCharacters(std::string_view text) {
  constexpr unsigned char kContinuation = 0x80;
  constexpr unsigned char kContinuationMask = 0xC0;
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & kContinuationMask) != kContinuation;
  }));
}

bool HasValues(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return true;
    default:
      return false;
  }
}

bool IsZoned(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIMESTAMP &&
         !static_cast<const arrow::TimestampType&>(type).timezone().empty();
}

// The pattern of column `name`; empty: none.
std::string_view PatternOf(std::string_view name, std::string_view mapping) {
  for (const std::string_view item : absl::StrSplit(mapping, ',', absl::SkipEmpty())) {
    const size_t equals = item.find('=');
    if (equals != std::string_view::npos && absl::EqualsIgnoreCase(item.substr(0, equals), name)) {
      return item.substr(equals + 1);
    }
  }
  return "";
}

}  // namespace

// One function for each form of cell.
struct CellDecoder::Functions {
  template <typename Builder, typename T>
  static absl::StatusOr<bool> Put(CellDecoder& decoder, T value) {
    RETURN_IF_ERROR(static_cast<Builder&>(*decoder.builder_).Append(value));
    return true;
  }

  template <typename Builder>
  static absl::StatusOr<bool> Number(CellDecoder& decoder, std::string_view text) {
    typename Builder::value_type value = 0;
    return ParseNumber(text, value) ? Put<Builder>(decoder, value) : false;
  }

  static absl::StatusOr<bool> Bool(CellDecoder& decoder, std::string_view text) {
    bool value = false;
    return ParseBool(text, value) ? Put<arrow::BooleanBuilder>(decoder, value) : false;
  }

  static absl::StatusOr<bool> Decimal(CellDecoder& decoder, std::string_view text) {
    const auto value = ParseDecimal(text, decoder.precision_, decoder.scale_);
    return value ? Put<arrow::Decimal128Builder>(decoder, *value) : false;
  }

  static absl::StatusOr<bool> Text(CellDecoder& decoder, std::string_view text) {
    if (text.size() > decoder.max_characters_ && NumCharacters(text) > decoder.max_characters_) {
      return false;
    }
    return Put<arrow::StringBuilder>(decoder, text);
  }

  static absl::StatusOr<bool> Bytes(CellDecoder& decoder, std::string_view text) {
    return Put<arrow::BinaryBuilder>(decoder, text);
  }

  static absl::StatusOr<bool> Date(CellDecoder& decoder, std::string_view text) {
    const auto day = ParseDate(text);
    return day ? Put<arrow::Date32Builder>(decoder, *day) : false;
  }

  static std::optional<DateTime> Time(const CellDecoder& decoder, std::string_view text) {
    return decoder.pattern_ ? decoder.pattern_->Read(text) : ParseIsoDateTime(text);
  }

  static absl::StatusOr<bool> Millis(CellDecoder& decoder, std::string_view text) {
    const auto time = Time(decoder, text);
    return time ? Put<arrow::Date64Builder>(decoder,
                                            ToUnits(*time, kMillisPerSecond, decoder.precision_))
                : false;
  }

  static absl::StatusOr<bool> Micros(CellDecoder& decoder, std::string_view text) {
    const auto time = Time(decoder, text);
    return time ? Put<arrow::TimestampBuilder>(decoder,
                                               ToUnits(*time, kMicrosPerSecond, decoder.precision_))
                : false;
  }

  // The key of the zone of an offset.
  static absl::StatusOr<int> ZoneKey(const DateTime& time) {
    const int32_t minutes = time.offset_minutes.value_or(0);
    if (minutes == 0) {
      return kUtcZoneKey;
    }
    const int32_t size = std::abs(minutes);
    const auto two_digits = [](int32_t value) {
      return absl::StrCat(value < 10 ? "0" : "", value);
    };
    return ZoneKeyOf(
        absl::StrCat(minutes < 0 ? "-" : "+", two_digits(size / 60), ":", two_digits(size % 60)));
  }

  static absl::StatusOr<bool> ZonedMillis(CellDecoder& decoder, std::string_view text) {
    const auto time = Time(decoder, text);
    const absl::StatusOr<int> zone = time ? ZoneKey(*time) : 0;
    if (!time || !zone.ok()) {
      return false;
    }
    return Put<arrow::TimestampBuilder>(
        decoder, PackTimestampTz(ToUnits(*time, kMillisPerSecond, decoder.precision_), *zone));
  }

  static AppendFunction For(const arrow::DataType& type) {
    switch (type.id()) {
      case arrow::Type::BOOL:
        return Bool;
      case arrow::Type::INT8:
        return Number<arrow::Int8Builder>;
      case arrow::Type::INT16:
        return Number<arrow::Int16Builder>;
      case arrow::Type::INT32:
        return Number<arrow::Int32Builder>;
      case arrow::Type::INT64:
        return Number<arrow::Int64Builder>;
      case arrow::Type::FLOAT:
        return Number<arrow::FloatBuilder>;
      case arrow::Type::DOUBLE:
        return Number<arrow::DoubleBuilder>;
      case arrow::Type::DECIMAL128:
        return Decimal;
      case arrow::Type::STRING:
        return Text;
      case arrow::Type::BINARY:
        return Bytes;
      case arrow::Type::DATE32:
        return Date;
      case arrow::Type::DATE64:
        return Millis;
      case arrow::Type::TIMESTAMP: {
        const auto unit = static_cast<const arrow::TimestampType&>(type).unit();
        if (unit == arrow::TimeUnit::MILLI && IsZoned(type)) {
          return ZonedMillis;
        }
        // With a zone these are instants.
        return unit == arrow::TimeUnit::MICRO ? Micros : nullptr;
      }
      default:
        return nullptr;
    }
  }
};

absl::Status CellDecoder::Check(const arrow::Field& field, std::string_view date_time_mapping) {
  const std::string where = absl::StrCat("column '", field.name(), "': ");
  ASSIGN_OR_RETURN(const Type type, sdk::ColumnType(field));
  if (!HasValues(type.kind()) || Functions::For(*field.type()) == nullptr) {
    return absl::UnimplementedError(absl::StrCat(where, "values of Redis cannot become ",
                                                 type.ToString(), "; declare it as varchar"));
  }
  const std::string_view pattern = PatternOf(field.name(), date_time_mapping);
  if (pattern.empty()) {
    return absl::OkStatus();
  }
  const auto parsed = DateTimePattern::Parse(pattern);
  return parsed.ok() ? absl::OkStatus() : Annotate(parsed.status(), where);
}

absl::StatusOr<CellDecoder> CellDecoder::Make(const arrow::Field& field,
                                              std::string_view date_time_mapping,
                                              arrow::ArrayBuilder& builder) {
  CellDecoder decoder;
  decoder.append_ = Functions::For(*field.type());
  decoder.builder_ = &builder;
  ASSIGN_OR_RETURN(const Type type, sdk::ColumnType(field));
  if (type.kind() == TypeKind::kDecimal || IsTemporal(type)) {
    decoder.precision_ = type.kind() == TypeKind::kDate ? 0 : type.precision();
    decoder.scale_ = type.kind() == TypeKind::kDecimal ? type.scale() : 0;
  }
  const std::optional<int64_t> length =
      type.kind() == TypeKind::kVarchar ? type.length() : std::nullopt;
  decoder.max_characters_ =
      static_cast<size_t>(length.value_or(std::numeric_limits<int64_t>::max()));
  if (const std::string_view pattern = PatternOf(field.name(), date_time_mapping);
      !pattern.empty()) {
    ASSIGN_OR_RETURN(decoder.pattern_, DateTimePattern::Parse(pattern));
  }
  return decoder;
}

absl::Status CellDecoder::AppendNull() {
  RETURN_IF_ERROR(builder_->AppendNull());
  return absl::OkStatus();
}

}  // namespace pallas::redis
