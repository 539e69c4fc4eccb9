#ifndef PALLAS_LAKE_PARTITION_VALUE_H_
#define PALLAS_LAKE_PARTITION_VALUE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sdk/model/value.h"
#include "types/type.h"

// Partition values as the text that metastores and folder names (`key=value`) hold.

namespace pallas::lake {

// The text that stands for NULL.
inline constexpr char kNullPartition[] = "__HIVE_DEFAULT_PARTITION__";

// OK if a partition key can have `type`; else NOT_SUPPORTED.
absl::Status CheckPartitionKeyType(std::string_view key, const Type& type);

// The value of `text` in the form of the scan-side Arrow type; nullopt is NULL. An error
// (HIVE_INVALID_PARTITION_VALUE) names text, type and key. REQUIRES: CheckPartitionKeyType is OK.
absl::StatusOr<std::optional<sdk::Value>> ParsePartitionValue(std::string_view key,
                                                              const Type& type,
                                                              std::string_view text);

// A key or value as part of a folder name, as Hive escapes it (`%3A` for a colon), and back. A
// percent sign without two digits stands for itself.
std::string EscapePathName(std::string_view text);
std::string UnescapePathName(std::string_view text);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_PARTITION_VALUE_H_
