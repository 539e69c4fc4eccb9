#ifndef PALLAS_TYPES_ARROW_MAPPING_H_
#define PALLAS_TYPES_ARROW_MAPPING_H_

#include <memory>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "types/type.h"

// The Arrow shapes of Trino types (decision table "Types"). There are two sides:
//
//   scan side    what connectors deliver (`sdk/`): the types of the connector protocol, section 9.1
//                of the protocol, plus timestamp[us] in process.
//   result side  what engines deliver in a ResultStream: every Trino type in its physical form
//                (time(p) as int64 picoseconds, timestamp(3) with time zone as packed int64,
//                timestamp(7-12) as struct<us: int64, picos: int32>, json as utf8, ...).
//
// Arrow types never imply Trino types on the result side; a ResultStream carries both.

namespace pallas {

// The Arrow type in which a connector delivers a column of `type`; an error for types that no
// connector delivers (time, intervals, ...).
absl::StatusOr<std::shared_ptr<arrow::DataType>> ToScanArrowType(const Type& type);

// The Trino type that a connector's Arrow column has by itself: date64 is timestamp(3),
// timestamp[us] timestamp(6), timestamp[ms, tz] timestamp(3) with time zone (cells packed, D26),
// utf8 varchar, and so on. An error for types outside the protocol names the type.
absl::StatusOr<Type> FromScanArrowType(const arrow::DataType& type);

// The physical Arrow type of a result column.
std::shared_ptr<arrow::DataType> ToResultArrowType(const Type& type);

// Instant and zone in 64 bits: (epoch millis << 12) | zone key, keys as on the wire (protocol 9.5).
constexpr int64_t PackTimestampTz(int64_t epoch_millis, int zone_key) {
  return static_cast<int64_t>(static_cast<uint64_t>(epoch_millis) << 12U) | zone_key;
}

constexpr int64_t UnpackMillis(int64_t packed) { return packed >> 12; }

constexpr int UnpackZoneKey(int64_t packed) { return static_cast<int>(packed & 0xFFF); }

}  // namespace pallas

#endif  // PALLAS_TYPES_ARROW_MAPPING_H_
