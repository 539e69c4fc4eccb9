#ifndef PALLAS_TYPES_TIME_ZONE_H_
#define PALLAS_TYPES_TIME_ZONE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Time zones by key, as the connector protocol numbers them (section 9.5): 0 is UTC, 1-1680 fixed
// offsets, 1681-2228 regions; regions younger than that table have keys of our own above it.

namespace pallas {

inline constexpr int kUtcZoneKey = 0;

// The key of a zone name in any case, or of an offset ("+05:30"); with the protocol's
// normalisation. An error: "Time zone not supported: <name>".
absl::StatusOr<int> ZoneKeyOf(std::string_view name);

// The canonical name of a key: "UTC", "+05:30", "America/New_York". REQUIRES: a valid key.
const std::string& ZoneName(int key);

// Seconds east of UTC in zone `key` at that instant.
int ZoneOffsetSeconds(int key, int64_t epoch_seconds);

// The instant of a wall-clock time (as if it were UTC, in seconds) in zone `key`, by Java's rules:
// in a gap the time moves forward by its length, in an overlap the earlier offset is taken.
int64_t LocalToEpochSeconds(int key, int64_t local_seconds);

}  // namespace pallas

#endif  // PALLAS_TYPES_TIME_ZONE_H_
