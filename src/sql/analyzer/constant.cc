#include "sql/analyzer/constant.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/numeric/int128.h"

#include "sql/runtime/calendar.h"
#include "sql/runtime/json.h"
#include "sql/runtime/number.h"
#include "sql/runtime/uuid.h"
#include "types/arrow_mapping.h"

namespace pallas::sql {
namespace {

constexpr int kMaxShortTimestamp = 6;
constexpr int kMaxShortTimestampTz = 3;
constexpr int kMaxShortTimeTz = 9;
constexpr int kMaxShortDecimal = 18;

int64_t CodePoints(std::string_view text) {
  int64_t count = 0;
  for (const char c : text) {
    count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  }
  return count;
}

template <typename T, typename MakeConstant>
std::optional<ConstantValue> IfOk(const absl::StatusOr<T>& value, MakeConstant make) {
  return value.ok() ? std::optional<ConstantValue>(make(*value)) : std::nullopt;
}

template <typename T>
std::optional<ConstantValue> IfOk(const absl::StatusOr<T>& value) {
  return IfOk(value, [](const T& v) { return ConstantValue(v); });
}

std::string_view WithoutPadding(std::string_view text) {
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

// Text that fits the length of `type`; longer text is cut by a cast at run time.
std::optional<ConstantValue> TextConstant(std::string_view text, const Type& type) {
  if (type.kind() == TypeKind::kChar) {
    text = WithoutPadding(text);
  }
  if (const std::optional<int64_t> length = type.length(); length && CodePoints(text) > *length) {
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<ConstantValue> TemporalFromText(std::string_view text, const Type& type, int zone) {
  const int precision = type.precision();
  switch (type.kind()) {
    case TypeKind::kDate:
      return IfOk(CastTextToDate(text));
    case TypeKind::kTime:
      return IfOk(CastTextToTime(text, precision));
    case TypeKind::kTimestamp:
      return IfOk(CastTextToTimestamp(text, precision),
                  [&](const TimestampValue& value) { return TimestampConstant(value, precision); });
    case TypeKind::kTimestampTz:
      return IfOk(CastTextToTimestampTz(text, precision, zone), [&](const ZonedTimestamp& value) {
        return ZonedTimestampConstant(value, precision);
      });
    default:
      return std::nullopt;
  }
}

double DecimalToDouble(absl::int128 value, const Type& from) {
  if (from.precision() <= kMaxShortDecimal) {
    return static_cast<double>(static_cast<int64_t>(value)) /
           static_cast<double>(static_cast<int64_t>(PowerOfTen(from.scale())));
  }
  return CastTextToDouble(DecimalToText(value, from.scale())).value_or(std::nan(""));
}

std::optional<ConstantValue> FromDecimal(absl::int128 value, const Type& from, const Type& to) {
  switch (to.kind()) {
    case TypeKind::kDecimal: {
      const std::optional<absl::int128> rescaled =
          RescaleDecimal(value, from.scale(), to.scale(), to.precision());
      return rescaled ? std::optional<ConstantValue>(*rescaled) : std::nullopt;
    }
    case TypeKind::kDouble:
      return DecimalToDouble(value, from);
    case TypeKind::kReal:
      return IfOk(CastTextToReal(DecimalToText(value, from.scale())),
                  [](float real) { return ConstantValue(static_cast<double>(real)); });
    default:
      return std::nullopt;
  }
}

std::optional<ConstantValue> FromInteger(int64_t value, const Type& to) {
  if (IsInteger(to)) {
    return value < MinInteger(to.kind()) || value > MaxInteger(to.kind())
               ? std::nullopt
               : std::optional<ConstantValue>(value);
  }
  switch (to.kind()) {
    case TypeKind::kDecimal: {
      const std::optional<absl::int128> scaled =
          RescaleDecimal(value, 0, to.scale(), to.precision());
      return scaled ? std::optional<ConstantValue>(*scaled) : std::nullopt;
    }
    case TypeKind::kDouble:
      return static_cast<double>(value);
    case TypeKind::kReal:
      return static_cast<double>(static_cast<float>(value));
    default:
      return std::nullopt;
  }
}

TimestampValue TimestampOf(const ConstantValue& value, const Type& from) {
  if (from.kind() == TypeKind::kDate) {
    return {std::get<int64_t>(value) * kMicrosPerDay, 0};
  }
  if (from.precision() <= kMaxShortTimestamp) {
    return {std::get<int64_t>(value), 0};
  }
  const LongTime& time = std::get<LongTime>(value);
  return {time.base, time.rest};
}

ZonedTimestamp ZonedTimestampOf(const ConstantValue& value, const Type& from) {
  if (from.precision() <= kMaxShortTimestampTz) {
    const int64_t packed = std::get<int64_t>(value);
    return {UnpackMillis(packed), 0, UnpackZoneKey(packed)};
  }
  const LongTime& time = std::get<LongTime>(value);
  return {UnpackMillis(time.base), time.rest, UnpackZoneKey(time.base)};
}

std::optional<ConstantValue> FromTimestamp(const TimestampValue& value, const Type& to,
                                           std::optional<int> zone) {
  switch (to.kind()) {
    case TypeKind::kTimestamp:
      return TimestampConstant(RoundTimestamp(value, to.precision()), to.precision());
    case TypeKind::kTimestampTz:
      if (!zone) {
        return std::nullopt;
      }
      return ZonedTimestampConstant(RoundZonedTimestamp(AtZone(value, *zone), to.precision()),
                                    to.precision());
    case TypeKind::kDate:
      return FloorDivide(value.micros, kMicrosPerDay);
    default:
      return std::nullopt;
  }
}

std::optional<ConstantValue> FromTemporal(const ConstantValue& value, const Type& from,
                                          const Type& to, std::optional<int> zone) {
  switch (from.kind()) {
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
      return FromTimestamp(TimestampOf(value, from), to, zone);
    case TypeKind::kTimestampTz:
      if (to.kind() == TypeKind::kTimestampTz) {
        return ZonedTimestampConstant(
            RoundZonedTimestamp(ZonedTimestampOf(value, from), to.precision()), to.precision());
      }
      return std::nullopt;
    case TypeKind::kTime:
      if (to.kind() == TypeKind::kTime) {
        return RoundTime(std::get<int64_t>(value), to.precision());
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

ConstantValue TimestampConstant(const TimestampValue& value, int precision) {
  if (precision <= kMaxShortTimestamp) {
    return value.micros;
  }
  return LongTime{value.micros, value.picos};
}

ConstantValue ZonedTimestampConstant(const ZonedTimestamp& value, int precision) {
  const int64_t packed = PackTimestampTz(value.millis, value.zone_key);
  if (precision <= kMaxShortTimestampTz) {
    return packed;
  }
  return LongTime{packed, value.picos};
}

ConstantValue ZonedTimeConstant(const ZonedTime& value, int precision) {
  if (precision <= kMaxShortTimeTz) {
    return PackTimeTz(value);
  }
  return LongTime{value.picos, value.offset_minutes};
}

std::optional<ConstantValue> ConstantFromText(std::string_view text, const Type& type,
                                              int session_zone_key) {
  const auto bytes = [](const Bytes16& value) {
    return ConstantValue(std::string(value.begin(), value.end()));
  };
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return IfOk(CastTextToBoolean(text));
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
      return IfOk(CastTextToInteger(text, type.kind()));
    case TypeKind::kReal:
      return IfOk(CastTextToReal(text),
                  [](float value) { return ConstantValue(static_cast<double>(value)); });
    case TypeKind::kDouble:
      return IfOk(CastTextToDouble(text));
    case TypeKind::kDecimal:
      return IfOk(CastTextToDecimal(text, type.precision(), type.scale()));
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return TextConstant(text, type);
    case TypeKind::kVarbinary:
      return std::string(text);
    case TypeKind::kUuid:
      return IfOk(CastTextToUuid(text), bytes);
    case TypeKind::kIpAddress:
      return IfOk(CastTextToIpAddress(text), bytes);
    default:
      return TemporalFromText(text, type, session_zone_key);
  }
}

std::optional<ConstantValue> ConvertConstant(const ConstantValue& value, const Type& from,
                                             const Type& to, std::optional<int> session_zone_key) {
  if (std::holds_alternative<std::monostate>(value)) {
    return value;
  }
  if (IsInteger(from)) {
    return FromInteger(std::get<int64_t>(value), to);
  }
  switch (from.kind()) {
    case TypeKind::kDecimal:
      return FromDecimal(std::get<absl::int128>(value), from, to);
    case TypeKind::kReal:
      return to.kind() == TypeKind::kDouble ? std::optional(value) : std::nullopt;
    case TypeKind::kDouble:
      return to.kind() == TypeKind::kReal ? std::optional<ConstantValue>(static_cast<double>(
                                                static_cast<float>(std::get<double>(value))))
                                          : std::nullopt;
    case TypeKind::kVarchar:
      if (to.kind() == TypeKind::kTimestampTz && !session_zone_key) {
        return std::nullopt;
      }
      return ConstantFromText(std::get<std::string>(value), to, session_zone_key.value_or(0));
    case TypeKind::kChar:
      return to.kind() == TypeKind::kChar ? TextConstant(std::get<std::string>(value), to)
                                          : std::nullopt;
    default:
      return FromTemporal(value, from, to, session_zone_key);
  }
}

}  // namespace pallas::sql
