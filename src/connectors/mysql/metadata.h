#ifndef PALLAS_CONNECTORS_MYSQL_METADATA_H_
#define PALLAS_CONNECTORS_MYSQL_METADATA_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/mysql/connection_pool.h"
#include "connectors/mysql/options.h"
#include "sdk/connector.h"
#include "sdk/model/table.h"
#include "sdk/request_context.h"

namespace pallas::mysql {

// What the server says about its databases, tables and columns. Borrows its arguments. Thread-safe.
class Metadata {
 public:
  Metadata(const MySqlOptions& options, ConnectionPool& pool) : options_(options), pool_(pool) {}

  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                       const sdk::PageRequest& page) const;
  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& context,
                                                       const std::string& database,
                                                       const sdk::PageRequest& page) const;
  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& context,
                                      const sdk::TableName& name) const;
  absl::StatusOr<sdk::Statistics> GetStatistics(const sdk::RequestContext& context,
                                                const sdk::Table& table) const;

  // The names of the table's partitions in their order; none if it has none.
  absl::StatusOr<std::vector<std::string>> PartitionNames(const sdk::RequestContext& context,
                                                          const sdk::TableName& name) const;
  // The server's estimate; nullopt where it has none (a view).
  absl::StatusOr<std::optional<double>> EstimateRows(const sdk::RequestContext& context,
                                                     const sdk::TableName& name) const;
  // The first column of the primary key; nullopt if there is no primary key.
  absl::StatusOr<std::optional<std::string>> FirstKeyColumn(const sdk::RequestContext& context,
                                                            const sdk::TableName& name) const;

 private:
  const MySqlOptions& options_;
  ConnectionPool& pool_;
};

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_METADATA_H_
