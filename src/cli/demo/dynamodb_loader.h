#ifndef PALLAS_CLI_DEMO_DYNAMODB_LOADER_H_
#define PALLAS_CLI_DEMO_DYNAMODB_LOADER_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "cli/demo/dynamodb_server.h"
#include "cli/demo/tpch_tables.h"

#include "sdk/request_context.h"

namespace pallas::cli {

// What DynamoDB Local is told; it takes any key.
inline constexpr char kDynamoDbRegion[] = "us-east-1";
inline constexpr char kDynamoDbAccessKey[] = "demo";

// Makes `table` and puts its rows as items (numbers as N, all else as S), unless those of this
// scale are there. The table's first key column is the partition key, the second the sort key.
// `progress` is told how many are written, on the calling thread. Returns how many; 0: they were
// there. REQUIRES: the server runs, started by its class.
absl::StatusOr<int64_t> LoadIntoDynamoDb(const sdk::RequestContext& context,
                                         const DynamoDbServer& server, const TpchTable& table,
                                         TpchGenerator& generator,
                                         const std::function<void(int64_t)>& progress);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_DYNAMODB_LOADER_H_
