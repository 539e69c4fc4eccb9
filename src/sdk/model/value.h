#ifndef PALLAS_SDK_MODEL_VALUE_H_
#define PALLAS_SDK_MODEL_VALUE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/numeric/int128.h"

namespace pallas::sdk {

// One non-null scalar in a value set or a constant; its Arrow type stands beside it.
//   bool         bool
//   int64        tinyint ... bigint, date32 (days), date64 (ms), timestamp[us] (us),
//                timestamp[ms, tz] (packed cell, decision D26)
//   double       float32 and float64
//   int128       decimal128, unscaled at the type's scale
//   string       utf8 (UTF-8) and binary (bytes)
using Value = std::variant<bool, int64_t, double, absl::int128, std::string>;

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_MODEL_VALUE_H_
