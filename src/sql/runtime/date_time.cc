#include "sql/runtime/date_time.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "base/error_detail.h"
#include "sql/runtime/calendar.h"
#include "types/time_zone.h"
#include "types/value_text.h"

namespace pallas::sql {
namespace {

constexpr int kOffsetBits = 11;
constexpr int64_t kOffsetMask = (1 << kOffsetBits) - 1;
constexpr int kOffsetBias = 840;  // the largest offset, too
constexpr int64_t kMinutesPerHour = 60;
constexpr int64_t kNanosPerMinute = 60'000'000'000;

constexpr int64_t kPowersOfTen[] = {1,
                                    10,
                                    100,
                                    1'000,
                                    10'000,
                                    100'000,
                                    1'000'000,
                                    10'000'000,
                                    100'000'000,
                                    1'000'000'000,
                                    10'000'000'000,
                                    100'000'000'000,
                                    1'000'000'000'000};

// To a multiple of `unit`, half up (toward later times), also below zero.
int64_t RoundToMultiple(int64_t value, int64_t unit) {
  return FloorDivide(value + unit / 2, unit) * unit;
}

}  // namespace

std::string OffsetText(int64_t minutes) {
  const int64_t magnitude = std::abs(minutes);
  return absl::StrFormat("%c%02d:%02d", minutes < 0 ? '-' : '+', magnitude / kMinutesPerHour,
                         magnitude % kMinutesPerHour);
}

absl::StatusOr<int> ZoneKeyOfOffset(int64_t minutes) {
  if (minutes < -kOffsetBias || minutes > kOffsetBias) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("Invalid offset minutes ", minutes));
  }
  return minutes == 0 ? kUtcZoneKey : ZoneKeyOf(OffsetText(minutes));
}

void AppendIsoDate(int64_t epoch_day, std::string* out) {
  const size_t start = out->size();
  AppendDate(epoch_day, out);
  if ((*out)[start] == '+') {
    out->erase(start, 1);
  }
}

int64_t PackTimeTz(const ZonedTime& time) {
  const int64_t nanos =
      FloorModulo(time.picos / kPicosPerNano - time.offset_minutes * kNanosPerMinute, kNanosPerDay);
  return (nanos << kOffsetBits) | (time.offset_minutes + kOffsetBias);
}

ZonedTime UnpackTimeTz(int64_t packed) {
  const int offset = static_cast<int>(packed & kOffsetMask) - kOffsetBias;
  const int64_t nanos =
      FloorModulo((packed >> kOffsetBits) + offset * kNanosPerMinute, kNanosPerDay);
  return {nanos * kPicosPerNano, offset};
}

int64_t RoundTime(int64_t picos_of_day, int precision) {
  return RoundToMultiple(picos_of_day, kPowersOfTen[12 - precision]) % kPicosPerDay;
}

TimestampValue RoundTimestamp(TimestampValue value, int precision) {
  if (precision >= 6) {
    const int64_t picos = RoundToMultiple(value.picos, kPowersOfTen[12 - precision]);
    return {value.micros + picos / kPicosPerMicro, static_cast<int32_t>(picos % kPicosPerMicro)};
  }
  // What lies below the micros cannot reach a half that the micros do not reach.
  return {RoundToMultiple(value.micros, kPowersOfTen[6 - precision]), 0};
}

ZonedTimestamp RoundZonedTimestamp(ZonedTimestamp value, int precision) {
  if (precision >= 3) {
    const int64_t picos = RoundToMultiple(value.picos, kPowersOfTen[12 - precision]);
    return {value.millis + picos / kPicosPerMilli, static_cast<int32_t>(picos % kPicosPerMilli),
            value.zone_key};
  }
  return {RoundToMultiple(value.millis, kPowersOfTen[3 - precision]), 0, value.zone_key};
}

ZonedTimestamp AtZone(TimestampValue local, int zone_key) {
  const int64_t local_seconds = FloorDivide(local.micros, kMicrosPerSecond);
  const int64_t micros_of_second = local.micros - local_seconds * kMicrosPerSecond;
  const int64_t seconds = LocalToEpochSeconds(zone_key, local_seconds);
  ZonedTimestamp result;
  result.millis = seconds * kMillisPerSecond + micros_of_second / kMicrosPerMilli;
  result.picos =
      static_cast<int32_t>(micros_of_second % kMicrosPerMilli * kPicosPerMicro + local.picos);
  result.zone_key = zone_key;
  return result;
}

TimestampValue LocalOf(const ZonedTimestamp& value) {
  const int64_t offset =
      ZoneOffsetSeconds(value.zone_key, FloorDivide(value.millis, kMillisPerSecond));
  const int64_t local_millis = value.millis + offset * kMillisPerSecond;
  return {local_millis * kMicrosPerMilli + value.picos / kPicosPerMicro,
          static_cast<int32_t>(value.picos % kPicosPerMicro)};
}

}  // namespace pallas::sql
