#ifndef PALLAS_CONNECTORS_MYSQL_PASSTHROUGH_H_
#define PALLAS_CONNECTORS_MYSQL_PASSTHROUGH_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/mysql/connection_pool.h"
#include "connectors/mysql/options.h"
#include "connectors/mysql/source_table.h"
#include "sdk/model/scan.h"
#include "sdk/passthrough.h"

// Queries in the server's own SQL: `system.query(QUERY => '...')`. The text goes out as it is, as
// one split; sessions are read-only.

namespace pallas::mysql {

// The one argument of the function.
inline constexpr char kQueryArgument[] = "QUERY";

// The columns of the result of `query`, which the server prepares and does not run.
// INVALID_ARGUMENT for one that gives no rows, with parameters, or that the server refuses.
absl::StatusOr<sdk::Table> DescribeResult(const sdk::RequestContext& context, ConnectionPool& pool,
                                          const MySqlOptions& options, const std::string& query);

// The query that `table` is the result of; nullopt for a table of the server.
std::optional<std::string> PassthroughQuery(const sdk::Table& table);

// Nothing is pushed into such a query.
sdk::Pushdown PassthroughPushdown(const sdk::Scan& scan, std::string statement);

// What is sent, and the places of `columns` in the rows that come back.
struct PassthroughStatement {
  std::string sql;
  std::vector<size_t> places;
};

PassthroughStatement MakeStatement(const std::string& query, const SourceTable& table,
                                   const std::vector<SourceColumn>& columns);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_PASSTHROUGH_H_
