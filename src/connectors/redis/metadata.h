#ifndef PALLAS_CONNECTORS_REDIS_METADATA_H_
#define PALLAS_CONNECTORS_REDIS_METADATA_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "connectors/redis/connection_pool.h"
#include "connectors/redis/options.h"
#include "connectors/redis/source_table.h"
#include "sdk/connector.h"
#include "sdk/metadata/table_definitions.h"
#include "sdk/model/table.h"
#include "sdk/request_context.h"

namespace pallas::redis {

// The tables: those of the configuration, and those that table definitions describe; one of the
// configuration hides a definition of its name. Borrows its arguments. Thread-safe.
class Metadata {
 public:
  // `definitions` may be null.
  Metadata(const RedisOptions& options, ConnectionPool& pool, sdk::TableDefinitions* definitions)
      : options_(options), pool_(pool), definitions_(definitions) {}

  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                       const sdk::PageRequest& page) const;
  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& context,
                                                       const std::string& database,
                                                       const sdk::PageRequest& page) const;
  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& context,
                                      const sdk::TableName& name) const;

  // How to reach a table's server, also where the password stands in its definition. References
  // are left as they are.
  absl::StatusOr<ServerOptions> ServerOf(const sdk::RequestContext& context,
                                         const SourceTable& source) const;

  // The sorted sets that hold the keys of a table, and how many each has. REQUIRES: KeyMode::kZset.
  absl::StatusOr<std::map<std::string, int64_t>> FindSets(const sdk::RequestContext& context,
                                                          const SourceTable& source) const;

  // Estimates out of a bounded sample, kept for a while.
  absl::StatusOr<sdk::Statistics> GetStatistics(const sdk::RequestContext& context,
                                                const sdk::Table& table) const;

 private:
  struct Estimate {
    double rows = 0;
    absl::Time made;
    std::string of;  // all that the table is made from
  };

  const sdk::TableDefinition* FindConfigured(const sdk::TableName& name) const;
  absl::StatusOr<double> EstimateRows(const sdk::RequestContext& context,
                                      const SourceTable& source) const;

  const RedisOptions& options_;
  ConnectionPool& pool_;
  sdk::TableDefinitions* const definitions_;
  mutable std::mutex mutex_;
  mutable std::map<sdk::TableName, Estimate> estimates_;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_METADATA_H_
