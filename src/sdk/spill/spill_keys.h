#ifndef PALLAS_SDK_SPILL_SPILL_KEYS_H_
#define PALLAS_SDK_SPILL_SPILL_KEYS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pallas::sdk {

// Where blocks are spilled to (protocol section 12.1). Pure functions.

inline constexpr char kDefaultSpillPrefix[] = "athena-federation-spill";

// The place of one split, below which its blocks lie; `split_id` is fresh for each split.
std::string SplitSpillKey(std::string_view prefix, std::string_view query_id,
                          std::string_view split_id);

// The key of a split's block `number`, counted from 0 in the order of its rows.
std::string BlockSpillKey(std::string_view split_key, int64_t number);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_SPILL_SPILL_KEYS_H_
