#ifndef PALLAS_SQL_RUNTIME_DATE_TIME_H_
#define PALLAS_SQL_RUNTIME_DATE_TIME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Times and timestamps: their parts, rounding, zones, and reading them from text as Trino's casts
// and literals do. Pure functions, any thread, no allocation unless a zone name or an error needs
// it.

namespace pallas::sql {

// timestamp(p): local time. For p <= 6 `picos` is 0 and `micros` the physical value.
struct TimestampValue {
  int64_t micros = 0;  // since 1970-01-01 00:00
  int32_t picos = 0;   // of the micro, 0-999,999

  bool operator==(const TimestampValue&) const = default;
};

// timestamp(p) with time zone: an instant and the zone to show it in.
struct ZonedTimestamp {
  int64_t millis = 0;  // since 1970-01-01 00:00 UTC
  int32_t picos = 0;   // of the milli, 0-999,999,999
  int zone_key = 0;

  bool operator==(const ZonedTimestamp&) const = default;
};

// time(p) with time zone: the clock at that offset.
struct ZonedTime {
  int64_t picos = 0;  // of the day, local
  int offset_minutes = 0;

  bool operator==(const ZonedTime&) const = default;
};

// The physical form of time(p <= 9) with time zone: UTC nanoseconds of the day << 11, offset + 840.
int64_t PackTimeTz(const ZonedTime& time);
ZonedTime UnpackTimeTz(int64_t packed);

// Rounding to `precision` digits, half up. Times wrap around midnight.
int64_t RoundTime(int64_t picos_of_day, int precision);
TimestampValue RoundTimestamp(TimestampValue value, int precision);
ZonedTimestamp RoundZonedTimestamp(ZonedTimestamp value, int precision);

// The instant that a local time names in a zone (Java's rules in gaps and overlaps), and back.
ZonedTimestamp AtZone(TimestampValue local, int zone_key);
TimestampValue LocalOf(const ZonedTimestamp& value);

// "+05:30", and the zone of that offset; an error beyond 14 hours.
std::string OffsetText(int64_t minutes);
absl::StatusOr<int> ZoneKeyOfOffset(int64_t minutes);

// As casts to text write a date: unlike AppendDate() without a sign before years above 9999.
void AppendIsoDate(int64_t epoch_day, std::string* out);

// What a text says before any rounding.
struct TimestampText {
  int64_t epoch_seconds = 0;  // local
  int64_t fraction = 0;
  int digits = 0;         // of the fraction
  std::string_view zone;  // a part of the text; empty: none
};

struct TimeText {
  int64_t seconds = 0;  // of the day
  int64_t fraction = 0;
  int digits = 0;
  std::optional<int> offset_minutes;
};

// `2020-5-10`, `2020-05-10 1:02`, `2020-05-10 01:02:03.456 Europe/Vienna`; years of four digits or
// more, with or without a sign. nullopt: not of that form, or no such date.
std::optional<TimestampText> ScanTimestamp(std::string_view text);
// `1:02`, `01:02:03.456`, `01:02:03.456 +05:30`.
std::optional<TimeText> ScanTime(std::string_view text);

// At most 12 digits.
TimestampValue ToTimestamp(const TimestampText& text, int precision);
int64_t ToTime(const TimeText& text, int precision);
// nullopt: no such zone. `default_zone` is for texts without one.
std::optional<ZonedTimestamp> ToZonedTimestamp(const TimestampText& text, int precision,
                                               int default_zone);
ZonedTime ToZonedTime(const TimeText& text, int precision, int default_offset_minutes);

// `2020-05-10`, also with fewer digits; blanks around it do not count.
std::optional<int64_t> ParseDate(std::string_view text);

// CAST(text AS ...). INVALID_CAST_ARGUMENT "Value cannot be cast to date: ...". Blanks around the
// text do not count.
absl::StatusOr<int64_t> CastTextToDate(std::string_view text);
absl::StatusOr<int64_t> CastTextToTime(std::string_view text, int precision);
absl::StatusOr<ZonedTime> CastTextToTimeTz(std::string_view text, int precision,
                                           int session_offset_minutes);
absl::StatusOr<TimestampValue> CastTextToTimestamp(std::string_view text, int precision);
absl::StatusOr<ZonedTimestamp> CastTextToTimestampTz(std::string_view text, int precision,
                                                     int session_zone_key);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_DATE_TIME_H_
