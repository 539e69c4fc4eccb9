#ifndef PALLAS_CLI_DEMO_LAKE_LOADER_H_
#define PALLAS_CLI_DEMO_LAKE_LOADER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cli/demo/tpch_tables.h"

#include "sdk/request_context.h"
#include "storage/locations.h"

namespace pallas::cli {

// Puts a table as one Parquet file under `location` (s3://bucket/prefix/), unless that of this
// scale is there; files of other scales go. Returns the bytes written; 0: it was there.
absl::StatusOr<int64_t> LoadIntoLake(const sdk::RequestContext& context,
                                     const storage::Locations& locations, std::string_view location,
                                     const TpchTable& table, TpchGenerator& generator);

// CREATE EXTERNAL TABLE for a table at `location`, in the session's database.
std::string LakeTableStatement(const TpchTable& table, std::string_view location);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_LAKE_LOADER_H_
