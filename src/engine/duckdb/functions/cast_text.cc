#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "duckdb/common/types/uuid.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/cells.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/date_time.h"
#include "sql/runtime/number.h"
#include "sql/runtime/uuid.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"
#include "types/value_text.h"

// Casts to and from varchar and char, and those of uuid and ipaddress.

namespace pallas::engine {
namespace {

constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();
constexpr int kMaxShortTimestamp = 6;
constexpr int kMaxPackedTimestampTz = 3;
constexpr int kMaxPackedTimeTz = 9;
constexpr int64_t kMinutesPerHour = 60;

bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

// The first `length` code points.
std::string_view Prefix(std::string_view text, int64_t length) {
  if (static_cast<uint64_t>(length) >= text.size()) {
    return text;
  }
  int64_t points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (StartsCodePoint(text[i]) && ++points > length) {
      return text.substr(0, i);
    }
  }
  return text;
}

std::string_view StripBlanks(std::string_view text) {
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

// No other spelling in messages.
struct SameSpelling {};

// A loop that makes text of at most `length` code points by `append(value, std::string*)`. Messages
// about longer ones show the value as `show(value, std::string*)` has it, with the text after it.
template <typename A, typename Fn, typename Show = SameSpelling>
CastLoop EachText(int64_t length, Fn append, Show show = {}) {
  return [length, append, show](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count,
                                FailedRows* failed) {
    const scalar_loops_internal::Column<A> column(source, count);
    std::string text;
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (column.IsNull(row)) {
        duckdb::FlatVector::SetNull(target, row, true);
        continue;
      }
      text.clear();
      append(column[row], &text);
      if (Prefix(text, length).size() < text.size()) {
        if constexpr (!std::is_same_v<Show, SameSpelling>) {
          std::string shown;
          show(column[row], &shown);
          text = absl::StrCat(shown, " (", text, ")");
        }
        FailRow(target, row, failed,
                NamedError("INVALID_CAST_ARGUMENT",
                           absl::StrCat("Value ", text, " cannot be represented as varchar(",
                                        length, ")")));
      } else {
        scalar_loops_internal::Store(target, row, std::string_view(text));
      }
    }
  };
}

// The same for values in two parts.
template <typename Fn>
CastLoop EachLongTimeText(int64_t length, Fn append) {
  return [length, append](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count,
                          FailedRows* failed) {
    const Cells cells(source, count);
    std::string text;
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (cells[row].IsNull()) {
        duckdb::FlatVector::SetNull(target, row, true);
        continue;
      }
      text.clear();
      append(cells[row].Field(0).Get<int64_t>(), cells[row].Field(1).Get<int32_t>(), &text);
      if (Prefix(text, length).size() < text.size()) {
        FailRow(target, row, failed,
                NamedError("INVALID_CAST_ARGUMENT",
                           absl::StrCat("Value ", text, " cannot be represented as varchar(",
                                        length, ")")));
      } else {
        scalar_loops_internal::Store(target, row, std::string_view(text));
      }
    }
  };
}

void AppendTwoDigits(int64_t value, std::string* out) {
  out->push_back(static_cast<char>('0' + value / 10));
  out->push_back(static_cast<char>('0' + value % 10));
}

void AppendOffset(int minutes, std::string* out) {
  out->push_back(minutes < 0 ? '-' : '+');
  const int magnitude = std::abs(minutes);
  AppendTwoDigits(magnitude / kMinutesPerHour, out);
  out->push_back(':');
  AppendTwoDigits(magnitude % kMinutesPerHour, out);
}

void AppendZonedTime(const sql::ZonedTime& time, int precision, std::string* out) {
  AppendTime(time.picos, precision, out);
  AppendOffset(time.offset_minutes, out);
}

void AppendZonedTimestamp(const sql::ZonedTimestamp& value, int precision, std::string* out) {
  const sql::TimestampValue local = sql::LocalOf(value);
  AppendTimestamp(local.micros, local.picos, precision, out);
  absl::StrAppend(out, " ", ZoneName(value.zone_key));
}

void AppendYearMonthInterval(int64_t months, std::string* out) {
  constexpr int64_t kMonthsPerYear = 12;
  if (months < 0) {
    out->push_back('-');
    months = -months;
  }
  absl::StrAppend(out, months / kMonthsPerYear, "-", months % kMonthsPerYear);
}

void AppendDayTimeInterval(int64_t millis, std::string* out) {
  uint64_t rest = static_cast<uint64_t>(millis);
  if (millis < 0) {
    out->push_back('-');
    rest = uint64_t{0} - rest;
  }
  constexpr uint64_t kPerDay = sql::kMillisPerDay;
  absl::StrAppend(out, rest / kPerDay, " ");
  AppendTime(static_cast<int64_t>(rest % kPerDay) * sql::kPicosPerMilli, 3, out);
}

void AppendBigint(int64_t value, std::string* out) { absl::StrAppend(out, value); }

std::optional<CastLoop> TemporalToText(const Type& from, int64_t length) {
  const int precision = from.precision();
  switch (from.kind()) {
    case TypeKind::kTime:
      return EachText<int64_t>(length, [precision](int64_t picos, std::string* out) {
        AppendTime(picos, precision, out);
      });
    case TypeKind::kTimestamp:
      if (precision > kMaxShortTimestamp) {
        return EachLongTimeText(length,
                                [precision](int64_t micros, int32_t picos, std::string* out) {
                                  AppendTimestamp(micros, picos, precision, out);
                                });
      }
      return EachText<int64_t>(length, [precision](int64_t micros, std::string* out) {
        AppendTimestamp(micros, 0, precision, out);
      });
    case TypeKind::kTimestampTz: {
      const auto append = [precision](int64_t packed, int32_t picos, std::string* out) {
        AppendZonedTimestamp(
            {.millis = UnpackMillis(packed), .picos = picos, .zone_key = UnpackZoneKey(packed)},
            precision, out);
      };
      if (precision > kMaxPackedTimestampTz) {
        return EachLongTimeText(length, append);
      }
      return EachText<int64_t>(
          length, [append](int64_t packed, std::string* out) { append(packed, 0, out); });
    }
    case TypeKind::kTimeTz:
      if (precision > kMaxPackedTimeTz) {
        return EachLongTimeText(
            length, [precision](int64_t picos, int32_t offset, std::string* out) {
              AppendZonedTime({.picos = picos, .offset_minutes = offset}, precision, out);
            });
      }
      return EachText<int64_t>(length, [precision](int64_t packed, std::string* out) {
        AppendZonedTime(sql::UnpackTimeTz(packed), precision, out);
      });
    default:
      return std::nullopt;
  }
}

sql::Bytes16 BytesOf(duckdb::hugeint_t uuid) {
  sql::Bytes16 bytes{};
  duckdb::BaseUUID::ToBlob(uuid, bytes.data());
  return bytes;
}

sql::Bytes16 BytesOf(std::string_view address) {
  sql::Bytes16 bytes{};
  std::memcpy(bytes.data(), address.data(), std::min(bytes.size(), address.size()));
  return bytes;
}

std::string_view ViewOf(const sql::Bytes16& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<CastLoop> NumberToText(const Type& from, int64_t length) {
  switch (from.kind()) {
    case TypeKind::kReal:
      return EachText<float>(
          length, [](float value, std::string* out) { AppendTrinoReal(value, out); },
          [](float value, std::string* out) { AppendJavaFloat(value, out); });
    case TypeKind::kDouble:
      return EachText<double>(
          length, [](double value, std::string* out) { AppendTrinoDouble(value, out); },
          [](double value, std::string* out) { AppendJavaDouble(value, out); });
    case TypeKind::kDecimal:
      return WithDecimalCell(from.precision(), [&]<typename From>() {
        return EachText<From>(length, [scale = from.scale()](From cell, std::string* out) {
          const duckdb::hugeint_t halves = ToHugeint(WidenCell(cell));
          AppendDecimal(halves.upper, halves.lower, scale, out);
        });
      });
    default:
      if (!IsInteger(from)) {
        return std::nullopt;
      }
      return WithIntegerCell(from,
                             [&]<typename From>() { return EachText<From>(length, AppendBigint); });
  }
}

std::optional<CastLoop> OtherToText(const Type& from, int64_t length) {
  switch (from.kind()) {
    case TypeKind::kBoolean:
      return EachText<bool>(
          length, [](bool value, std::string* out) { out->append(value ? "true" : "false"); });
    case TypeKind::kDate:
      return EachText<int32_t>(
          length, [](int32_t days, std::string* out) { sql::AppendIsoDate(days, out); });
    case TypeKind::kIntervalYearMonth:
      return EachText<int32_t>(length, AppendYearMonthInterval);
    case TypeKind::kIntervalDayTime:
      return EachText<int64_t>(length, AppendDayTimeInterval);
    case TypeKind::kUuid:
      return EachText<duckdb::hugeint_t>(length, [](duckdb::hugeint_t uuid, std::string* out) {
        out->append(sql::UuidToText(BytesOf(uuid)));
      });
    case TypeKind::kIpAddress:
      return EachText<std::string_view>(length, [](std::string_view address, std::string* out) {
        out->append(sql::IpAddressToText(BytesOf(address)));
      });
    default:
      return std::nullopt;
  }
}

// char(n) is padded when it becomes varchar, unless the session says otherwise; texts are cut to
// the target's length.
std::optional<CastLoop> CharacterToText(const Type& from, const Type& to,
                                        const CastContext& context) {
  const bool strip = to.kind() == TypeKind::kChar;
  const int64_t length = to.length().value_or(kUnbounded);
  if (from.kind() == TypeKind::kVarchar || strip || !context.pads_char) {
    return EachCell<std::string_view>([length, strip](std::string_view text) {
      const std::string_view prefix = Prefix(text, length);
      return strip ? StripBlanks(prefix) : prefix;
    });
  }
  return EachCell<std::string_view>([length, padded = *from.length()](std::string_view text) {
    std::string result;
    AppendPadded(text, padded, &result);
    result.resize(Prefix(result, length).size());
    return result;
  });
}

std::optional<CastLoop> ToText(const Type& from, const Type& to, const CastContext& context) {
  if (IsCharacter(from)) {
    return CharacterToText(from, to, context);
  }
  if (to.kind() == TypeKind::kChar) {
    return std::nullopt;
  }
  const int64_t length = to.length().value_or(kUnbounded);
  if (auto loop = NumberToText(from, length)) {
    return loop;
  }
  if (auto loop = TemporalToText(from, length)) {
    return loop;
  }
  return OtherToText(from, length);
}

Int128 FromAbsl(absl::int128 value) {
  return FromHugeint({absl::Int128High64(value), absl::Int128Low64(value)});
}

std::optional<CastLoop> TextToNumber(const Type& to) {
  switch (to.kind()) {
    case TypeKind::kBoolean:
      return EachCell<std::string_view>(sql::CastTextToBoolean);
    case TypeKind::kReal:
      return EachCell<std::string_view>(sql::CastTextToReal);
    case TypeKind::kDouble:
      return EachCell<std::string_view>(sql::CastTextToDouble);
    case TypeKind::kDecimal:
      return WithDecimalCell(to.precision(), [&]<typename To>() {
        return EachCell<std::string_view>([to](std::string_view text) -> absl::StatusOr<To> {
          ASSIGN_OR_RETURN(const absl::int128 value,
                           sql::CastTextToDecimal(text, to.precision(), to.scale()));
          return NarrowCell<To>(FromAbsl(value));
        });
      });
    default:
      if (!IsInteger(to)) {
        return std::nullopt;
      }
      return WithIntegerCell(to, [&]<typename To>() {
        return EachCell<std::string_view>(
            [kind = to.kind()](std::string_view text) -> absl::StatusOr<To> {
              ASSIGN_OR_RETURN(const int64_t value, sql::CastTextToInteger(text, kind));
              return static_cast<To>(value);
            });
      });
  }
}

// Writes values in two parts: `read(text)` gives base and rest.
template <typename Fn>
CastLoop TextToLongTime(Fn read) {
  return [read](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count,
                FailedRows* failed) {
    const scalar_loops_internal::Column<std::string_view> column(source, count);
    auto& fields = duckdb::StructVector::GetEntries(target);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (column.IsNull(row)) {
        duckdb::FlatVector::SetNull(target, row, true);
        continue;
      }
      const auto value = read(column[row]);
      if (!value.ok()) {
        FailRow(target, row, failed, value.status());
        continue;
      }
      duckdb::FlatVector::GetData<int64_t>(*fields[0])[row] = value->first;
      duckdb::FlatVector::GetData<int32_t>(*fields[1])[row] = value->second;
    }
  };
}

using LongParts = std::pair<int64_t, int32_t>;

std::optional<CastLoop> TextToZoned(const Type& to, const CastContext& context) {
  const int precision = to.precision();
  const int zone = context.session_zone_key;
  if (to.kind() == TypeKind::kTimeTz) {
    const int offset = ZoneOffsetSeconds(zone, context.session_start) / 60;
    if (precision > kMaxPackedTimeTz) {
      return TextToLongTime([=](std::string_view text) -> absl::StatusOr<LongParts> {
        ASSIGN_OR_RETURN(const auto time, sql::CastTextToTimeTz(text, precision, offset));
        return LongParts(time.picos, time.offset_minutes);
      });
    }
    return EachCell<std::string_view>([=](std::string_view text) -> absl::StatusOr<int64_t> {
      ASSIGN_OR_RETURN(const auto time, sql::CastTextToTimeTz(text, precision, offset));
      return sql::PackTimeTz(time);
    });
  }
  if (precision > kMaxPackedTimestampTz) {
    return TextToLongTime([=](std::string_view text) -> absl::StatusOr<LongParts> {
      ASSIGN_OR_RETURN(const auto value, sql::CastTextToTimestampTz(text, precision, zone));
      return LongParts(PackTimestampTz(value.millis, value.zone_key), value.picos);
    });
  }
  return EachCell<std::string_view>([=](std::string_view text) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const auto value, sql::CastTextToTimestampTz(text, precision, zone));
    return PackTimestampTz(value.millis, value.zone_key);
  });
}

std::optional<CastLoop> TextToTemporal(const Type& to, const CastContext& context) {
  const int precision = to.precision();
  switch (to.kind()) {
    case TypeKind::kDate:
      return EachCell<std::string_view>([](std::string_view text) -> absl::StatusOr<int32_t> {
        ASSIGN_OR_RETURN(const int64_t days, sql::CastTextToDate(text));
        return static_cast<int32_t>(days);
      });
    case TypeKind::kTime:
      return EachCell<std::string_view>(
          [precision](std::string_view text) { return sql::CastTextToTime(text, precision); });
    case TypeKind::kTimestamp:
      if (precision > kMaxShortTimestamp) {
        return TextToLongTime([precision](std::string_view text) -> absl::StatusOr<LongParts> {
          ASSIGN_OR_RETURN(const auto value, sql::CastTextToTimestamp(text, precision));
          return LongParts(value.micros, value.picos);
        });
      }
      return EachCell<std::string_view>(
          [precision](std::string_view text) -> absl::StatusOr<int64_t> {
            ASSIGN_OR_RETURN(const auto value, sql::CastTextToTimestamp(text, precision));
            return value.micros;
          });
    case TypeKind::kTimeTz:
    case TypeKind::kTimestampTz:
      return TextToZoned(to, context);
    default:
      return std::nullopt;
  }
}

std::optional<CastLoop> TextToBytes16(const Type& to) {
  if (to.kind() == TypeKind::kUuid) {
    return EachCell<std::string_view>(
        [](std::string_view text) -> absl::StatusOr<duckdb::hugeint_t> {
          ASSIGN_OR_RETURN(const sql::Bytes16 bytes, sql::CastTextToUuid(text));
          return duckdb::BaseUUID::FromBlob(bytes.data());
        });
  }
  if (to.kind() == TypeKind::kIpAddress) {
    return EachCell<std::string_view>([](std::string_view text) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(const sql::Bytes16 bytes, sql::CastTextToIpAddress(text));
      return std::string(ViewOf(bytes));
    });
  }
  return std::nullopt;
}

std::optional<CastLoop> FromText(const Type& to, const CastContext& context) {
  if (auto loop = TextToNumber(to)) {
    return loop;
  }
  if (auto loop = TextToTemporal(to, context)) {
    return loop;
  }
  return TextToBytes16(to);
}

absl::StatusOr<std::string> AddressOfBytes(std::string_view bytes) {
  constexpr size_t kIpV4Size = 4;
  if (bytes.size() == sizeof(sql::Bytes16)) {
    return std::string(bytes);
  }
  if (bytes.size() == kIpV4Size) {
    std::string address(10, '\0');
    address.append("\xFF\xFF");
    return address.append(bytes);
  }
  return NamedError("INVALID_CAST_ARGUMENT",
                    absl::StrCat("Invalid IP address binary length: ", bytes.size()));
}

std::optional<CastLoop> BytesCast(const Type& from, const Type& to) {
  if (from.kind() == TypeKind::kVarchar && to.kind() == TypeKind::kVarbinary) {
    return EachCell<std::string_view>([](std::string_view text) { return text; });
  }
  if (from.kind() == TypeKind::kUuid && to.kind() == TypeKind::kVarbinary) {
    return EachCell<duckdb::hugeint_t>(
        [](duckdb::hugeint_t uuid) { return std::string(ViewOf(BytesOf(uuid))); });
  }
  if (from.kind() == TypeKind::kVarbinary && to.kind() == TypeKind::kUuid) {
    return EachCell<std::string_view>(
        [](std::string_view bytes) -> absl::StatusOr<duckdb::hugeint_t> {
          if (bytes.size() != sizeof(sql::Bytes16)) {
            return NamedError("INVALID_CAST_ARGUMENT",
                              absl::StrCat("Invalid UUID binary length: ", bytes.size()));
          }
          return duckdb::BaseUUID::FromBlob(BytesOf(bytes).data());
        });
  }
  if (from.kind() == TypeKind::kIpAddress && to.kind() == TypeKind::kVarbinary) {
    return EachCell<std::string_view>([](std::string_view address) { return address; });
  }
  if (from.kind() == TypeKind::kVarbinary && to.kind() == TypeKind::kIpAddress) {
    return EachCell<std::string_view>(AddressOfBytes);
  }
  return std::nullopt;
}

}  // namespace

std::optional<CastLoop> MakeTextCast(const Type& from, const Type& to, const CastContext& context) {
  if (IsCharacter(to)) {
    return ToText(from, to, context);
  }
  if (auto loop = BytesCast(from, to)) {
    return loop;
  }
  return IsCharacter(from) ? FromText(to, context) : std::nullopt;
}

}  // namespace pallas::engine
