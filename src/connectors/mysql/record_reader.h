#ifndef PALLAS_CONNECTORS_MYSQL_RECORD_READER_H_
#define PALLAS_CONNECTORS_MYSQL_RECORD_READER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/mysql/connection_pool.h"
#include "connectors/mysql/options.h"
#include "connectors/mysql/query_killer.h"
#include "connectors/mysql/source_table.h"
#include "sdk/connector.h"

namespace pallas::mysql {

// What a reader borrows from its connector.
struct ReaderEnvironment {
  const MySqlOptions& options;
  ConnectionPool& pool;
  QueryKiller& killer;
  sdk::DeadlineTimer& timer;
};

// Opens a session of its own and sends the SELECT of `split`.
absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadSplit(
    const sdk::RequestContext& context, ReaderEnvironment environment, const sdk::Table& table,
    const sdk::Scan& scan, const sdk::Split& split);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_RECORD_READER_H_
