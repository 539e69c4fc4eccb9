#ifndef PALLAS_CONNECTORS_REDIS_RECORD_READER_H_
#define PALLAS_CONNECTORS_REDIS_RECORD_READER_H_

#include <memory>

#include "absl/status/statusor.h"

#include "connectors/redis/connection_pool.h"
#include "connectors/redis/metadata.h"
#include "connectors/redis/options.h"
#include "sdk/connector.h"

namespace pallas::redis {

// What a reader borrows from its connector.
struct ReaderEnvironment {
  const RedisOptions& options;
  ConnectionPool& pool;
  const Metadata& metadata;
};

// Opens a session and reads the keys of `split` and their values, pipelined: while replies are
// read, the commands for the next keys are on their way. The number of commands ahead follows the
// size of the values, so that neither side holds much.
absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadSplit(
    const sdk::RequestContext& context, ReaderEnvironment environment, const sdk::Table& table,
    const sdk::Scan& scan, const sdk::Split& split);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_RECORD_READER_H_
